//! One journal entry as one line of JSON with its number and a checksum: `{"n":7,"crc":"…","entry":{…}}`.
//!
//! A line is whole when its checksum holds; a file is whole when its lines are numbered without a gap.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Entry;

/// What a file of lines amounts to.
#[derive(Debug, Default)]
pub struct Decoded {
    pub entries: Vec<Entry>,
    /// Bytes up to the end of the last whole line; what follows is a torn tail, to be cut.
    pub whole_bytes: u64,
    /// Bytes of the torn tail.
    pub torn_bytes: u64,
    /// Lines before the last whole one that are not whole themselves.
    pub damage: Vec<Damage>,
}

/// A line that cannot be what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} (byte {offset}): {what}")]
pub struct Damage {
    /// Counted from 1.
    pub line: usize,
    pub offset: u64,
    pub what: String,
}

#[derive(Deserialize)]
struct Line<'a> {
    n: u64,
    crc: &'a str,
    #[serde(borrow)]
    entry: &'a RawValue,
}

/// The line of the `n`th entry (from 0), with its newline.
pub fn encode(n: u64, entry: &Entry) -> Vec<u8> {
    let json = serde_json::to_vec(entry).expect("plain data always serializes");
    let mut line = format!("{{\"n\":{n},\"crc\":\"{:08x}\",\"entry\":", checksum(n, &json)).into_bytes();
    line.extend_from_slice(&json);
    line.extend_from_slice(b"}\n");
    line
}

/// Reads what [`encode`] wrote, however the file was cut or damaged.
pub fn decode(bytes: &[u8]) -> Decoded {
    let mut decoded = Decoded::default();
    let mut pending = Vec::new();
    let mut next_n = 0;
    let mut offset = 0;
    for (index, chunk) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match parse(chunk) {
            Ok((n, entry)) => {
                if n != next_n {
                    pending.push(Damage {
                        line: index + 1,
                        offset,
                        what: format!("it is entry {n}, but entry {next_n} should stand here"),
                    });
                }
                decoded.damage.append(&mut pending);
                decoded.entries.push(entry);
                next_n = n + 1;
                decoded.whole_bytes = offset + chunk.len() as u64;
            }
            Err(Unreadable::Torn(what)) => pending.push(Damage { line: index + 1, offset, what }),
            // Somebody wrote it and meant it: never a torn tail.
            Err(Unreadable::Unknown(what)) => {
                pending.push(Damage { line: index + 1, offset, what });
                decoded.damage.append(&mut pending);
            }
        }
        offset += chunk.len() as u64;
    }
    decoded.torn_bytes = offset - decoded.whole_bytes;
    decoded
}

enum Unreadable {
    /// Not what was written.
    Torn(String),
    /// What was written, by a later version.
    Unknown(String),
}

fn parse(chunk: &[u8]) -> Result<(u64, Entry), Unreadable> {
    let torn = |what: String| Unreadable::Torn(what);
    let Some(text) = chunk.strip_suffix(b"\n") else { return Err(torn("it has no end".into())) };
    let line: Line =
        serde_json::from_slice(text).map_err(|err| torn(format!("it is no journal line: {err}")))?;
    let json = line.entry.get().as_bytes();
    let found = format!("{:08x}", checksum(line.n, json));
    if found != line.crc {
        return Err(torn(format!("its checksum is {found}, not {}", line.crc)));
    }
    let entry = serde_json::from_slice(json)
        .map_err(|err| Unreadable::Unknown(format!("a later version wrote it: {err}")))?;
    Ok((line.n, entry))
}

fn checksum(n: u64, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&n.to_le_bytes());
    hasher.update(json);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(count: u64) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for n in 0..count {
            bytes.extend(encode(n, &Entry::Now { ms: n }));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_file_cut_anywhere_gives_every_whole_line_and_names_the_torn_tail() {
        let (bytes, ends) = file(5);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            let decoded = decode(&bytes[..cut]);
            assert_eq!(decoded.entries.len(), whole);
            assert_eq!(decoded.whole_bytes as usize, ends[whole]);
            assert_eq!(decoded.torn_bytes as usize, cut - ends[whole]);
            assert!(decoded.damage.is_empty());
        }
    }

    #[test]
    fn a_flipped_bit_in_the_middle_is_damage_with_its_place() {
        let (bytes, ends) = file(5);
        for at in ends[2]..ends[3] - 1 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let decoded = decode(&bytes);
            assert!(!decoded.damage.is_empty(), "flip at {at} went unseen");
            assert_eq!(decoded.damage[0].line, 3);
            assert!(decoded.entries.len() >= 3, "{:?}", decoded.damage);
        }
    }

    #[test]
    fn a_whole_line_of_an_unknown_kind_is_damage_even_at_the_end() {
        let (mut bytes, _) = file(2);
        let json = br#"{"type":"fromTheFuture"}"#;
        let crc = checksum(2, json);
        bytes.extend(format!("{{\"n\":2,\"crc\":\"{crc:08x}\",\"entry\":").bytes());
        bytes.extend_from_slice(json);
        bytes.extend_from_slice(b"}\n");
        let decoded = decode(&bytes);
        assert_eq!(decoded.damage.len(), 1, "{decoded:?}");
        assert!(decoded.damage[0].what.contains("later version"), "{}", decoded.damage[0]);
    }

    #[test]
    fn a_missing_line_is_damage_too() {
        let (bytes, ends) = file(4);
        let cut = [&bytes[..ends[1]], &bytes[ends[2]..]].concat();
        assert_eq!(decode(&cut).damage.len(), 1);
    }
}
