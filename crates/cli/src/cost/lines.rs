//! The lines of a journal, read for what was spent: results are passed over, however large they are.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use fanfold_core::{CallKind, FailureKind, Limits, RunStatus, Usage};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// An entry of the journal with what matters here.
#[derive(Debug)]
pub enum SpentEntry<'a> {
    Opened {
        workflow: &'a str,
        simulated: bool,
        /// Milliseconds since the Unix epoch.
        at_ms: u64,
        limits: Option<Limits>,
    },
    Called {
        key: &'a str,
        label: &'a str,
        phase: Option<&'a str>,
        model: &'a str,
    },
    Reserved {
        key: &'a str,
        spent: Usage,
        worst: Usage,
    },
    Settled {
        key: &'a str,
        failure: Option<FailureKind>,
        usage: Usage,
    },
    Closed(RunStatus),
}

/// All kinds of entries in one, because a tagged enum would copy each before it knows its kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    key: Cow<'a, str>,
    what: Option<CallKind>,
    #[serde(borrow, default)]
    label: Cow<'a, str>,
    phase: Option<String>,
    #[serde(borrow, default)]
    model: Cow<'a, str>,
    #[serde(default)]
    spent: Usage,
    #[serde(default)]
    worst: Usage,
    outcome: Option<Outcome>,
    #[serde(borrow, default)]
    blob: Cow<'a, str>,
    status: Option<RunStatus>,
    #[serde(borrow, default)]
    workflow: Cow<'a, str>,
    #[serde(default)]
    simulated: bool,
    #[serde(default)]
    at_ms: u64,
    limits: Option<Limits>,
}

#[derive(Deserialize)]
struct Outcome {
    reply: Reply,
    #[serde(default)]
    usage: Usage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Reply {
    Done(IgnoredAny),
    Failed(Failed),
}

#[derive(Deserialize)]
struct Failed {
    kind: FailureKind,
}

/// Hands `each` the entries of the journal in `dir`, one by one. Returns how many lines were lost to damage; a
/// torn tail is none.
pub fn read(dir: &Path, mut each: impl FnMut(SpentEntry<'_>)) -> io::Result<u64> {
    let mut file = BufReader::with_capacity(256 << 10, File::open(dir.join("journal.jsonl"))?);
    let (mut bytes, mut next_n, mut lost, mut unreadable) = (Vec::new(), 0, 0u64, 0u64);
    while file.read_until(b'\n', &mut bytes)? > 0 {
        match whole(&bytes) {
            Some((n, json)) => {
                lost += unreadable.max(n.abs_diff(next_n));
                (next_n, unreadable) = (n + 1, 0);
                let is_known = serde_json::from_str(json).is_ok_and(|raw| hand_out(raw, dir, &mut each));
                lost += u64::from(!is_known);
            }
            None => unreadable += 1,
        }
        bytes.clear();
    }
    Ok(lost)
}

/// The number and the entry of a line whose checksum holds: `{"n":7,"crc":"…","entry":…}`, as it is always written.
fn whole(bytes: &[u8]) -> Option<(u64, &str)> {
    let text = str::from_utf8(bytes).ok()?;
    let (n, rest) = text.strip_prefix("{\"n\":")?.split_once(",\"crc\":\"")?;
    let (crc, rest) = rest.split_once("\",\"entry\":")?;
    let (n, json) = (n.parse::<u64>().ok()?, rest.strip_suffix("}\n")?);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&n.to_le_bytes());
    hasher.update(json.as_bytes());
    (u32::from_str_radix(crc, 16) == Ok(hasher.finalize())).then_some((n, json))
}

/// `false`: a later version wrote it, or it lies in a blob that is not there.
fn hand_out(raw: Raw<'_>, dir: &Path, each: &mut impl FnMut(SpentEntry<'_>)) -> bool {
    let key = &*raw.key;
    match &*raw.kind {
        "opened" => each(SpentEntry::Opened {
            workflow: &raw.workflow,
            simulated: raw.simulated,
            at_ms: raw.at_ms,
            limits: raw.limits,
        }),
        "called" if raw.what.unwrap_or_default() != CallKind::Agent => (),
        "called" => each(SpentEntry::Called {
            key,
            label: &raw.label,
            phase: raw.phase.as_deref(),
            model: &raw.model,
        }),
        "reserved" => each(SpentEntry::Reserved { key, spent: raw.spent, worst: raw.worst }),
        "settled" | "stored" => {
            let Some(Outcome { reply, usage }) = raw.outcome.or_else(|| stored(dir, &raw.blob)) else {
                return false;
            };
            let failure = match reply {
                Reply::Done(_) => None,
                Reply::Failed(failed) => Some(failed.kind),
            };
            each(SpentEntry::Settled { key, failure, usage });
        }
        "now" => (),
        "closed" => match raw.status {
            Some(status) => each(SpentEntry::Closed(status)),
            None => return false,
        },
        _ => return false,
    }
    true
}

fn stored(dir: &Path, blob: &str) -> Option<Outcome> {
    let is_name = !blob.is_empty() && blob.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let json = std::fs::read(dir.join("blobs").join(blob)).ok().filter(|_| is_name)?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_core::{Asked, CallKey, Entry, line};
    use serde_json::json;

    fn entries() -> Vec<Entry> {
        let entry = |json| serde_json::from_value(json).expect("an entry");
        let key = CallKey::new("0123456789abcdef", 0);
        let usage = json!({"input_tokens": 7, "output_tokens": 5, "usd_micros": 12});
        let large = "x".repeat(200);
        vec![
            entry(json!({
                "type": "opened", "journalVersion": 1, "keyVersion": 1, "product": "0", "runId": "wf_abcdef",
                "workflow": "two \"words\"", "attempt": 1, "script": "", "args": "", "model": "a/b", "seed": 1,
                "simulated": false, "cache": "content", "atMs": 9,
                "limits": {"concurrency": 1, "agents": 2, "items": 3, "usdMicros": 4},
            })),
            Entry::Now { ms: 1 },
            Entry::Called {
                key: key.clone(),
                asked: Asked { label: "l\u{e9}".into(), phase: Some("P".into()), ..Asked::default() },
            },
            entry(json!({"type": "reserved", "key": key, "turns": 0, "worst": usage})),
            entry(json!({"type": "settled", "key": key,
                         "outcome": {"reply": {"done": {"big": [large, null]}}, "usage": usage}})),
            entry(json!({"type": "called", "key": "1123456789abcdef.0", "what": "timer"})),
            entry(
                json!({"type": "settled", "key": "1123456789abcdef.0", "outcome": {"reply": {"done": null}}}),
            ),
            entry(json!({"type": "settled", "key": key,
                         "outcome": {"reply": {"failed": {"kind": "timeout", "message": ""}}}})),
            entry(json!({"type": "closed", "status": "completed"})),
        ]
    }

    fn seen(bytes: &[u8]) -> (Vec<String>, u64) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join("journal.jsonl"), bytes).expect("a new file");
        let mut seen = Vec::new();
        let lost = read(dir.path(), |entry| seen.push(format!("{entry:?}"))).expect("it is there");
        (seen, lost)
    }

    fn lines() -> Vec<Vec<u8>> {
        entries().iter().enumerate().map(|(n, entry)| line::encode(n as u64, entry)).collect()
    }

    #[test]
    fn what_the_engine_writes_is_read() {
        let (seen, lost) = seen(&lines().concat());
        assert_eq!((seen.len(), lost), (7, 0), "{seen:#?}");
        for (at, part) in [
            (0, r#"Opened { workflow: "two \"words\"", simulated: false, at_ms: 9"#),
            (0, "usd_micros: Some(4)"),
            (1, r#"label: "lé", phase: Some("P")"#),
            (2, "worst: Usage { input_tokens: 7"),
            (3, "failure: None, usage: Usage { input_tokens: 7"),
            (5, "failure: Some(Timeout)"),
            (6, "Closed(Completed)"),
        ] {
            assert!(seen[at].contains(part), "{part} is not in {}", seen[at]);
        }
    }

    #[test]
    fn a_flipped_byte_costs_its_line_and_a_torn_tail_nothing() {
        let lines = lines();
        let mut damaged = lines.concat();
        let at = lines[..4].concat().len() + lines[4].len() - 20;
        damaged[at] ^= 1;
        assert_eq!(seen(&damaged).1, 1);
        let without = [&lines[..3], &lines[5..]].concat().concat();
        assert_eq!(seen(&without), (seen(&without).0, 2), "two lines are gone");
        let torn = &lines.concat()[..lines.concat().len() - 9];
        assert_eq!((seen(torn).0.len(), seen(torn).1), (6, 0));
        assert_eq!(seen(b"\xff\xfe\n\n{}").1, 0, "no journal at all");
    }

    #[test]
    fn a_large_outcome_is_read_from_its_blob_and_missed_where_that_is_gone() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let stored = Entry::Stored { key: CallKey::new("0123456789abcdef", 0), blob: "b10b".into() };
        std::fs::write(dir.path().join("journal.jsonl"), line::encode(0, &stored)).expect("a new file");
        let read_it = || {
            let mut tokens = 0;
            let lost = read(dir.path(), |entry| match entry {
                SpentEntry::Settled { usage, .. } => tokens += usage.output_tokens,
                other => panic!("{other:?}"),
            });
            (tokens, lost.expect("it is there"))
        };
        assert_eq!(read_it(), (0, 1));
        std::fs::create_dir(dir.path().join("blobs")).expect("a new folder");
        let outcome = json!({"reply": {"done": "x".repeat(100)}, "usage": {"output_tokens": 3}}).to_string();
        std::fs::write(dir.path().join("blobs/b10b"), outcome).expect("a new file");
        assert_eq!(read_it(), (3, 0));
    }
}
