//! Server-sent events, as far as model providers use them: a stream of `data` payloads.
//!
//! Our own rather than a crate's because of what must not end a reply: bytes that are no UTF-8 (they
//! become U+FFFD), and a last event without its blank line (it still counts).

use std::borrow::Cow;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Turns bytes, cut anywhere, into payloads. Event names, ids, comments and unknown fields are skipped.
#[derive(Default)]
pub(super) struct Events {
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    started: bool,
}

impl Events {
    /// Calls `each` for every payload that `chunk` completes; its first error ends the work.
    pub fn push<E>(
        &mut self,
        mut chunk: &[u8],
        each: &mut impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_cr) && chunk[0] == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(chunk);
                return Ok(());
            };
            self.after_cr = chunk[end] == b'\r';
            if self.line.is_empty() {
                self.take_line(&chunk[..end], each)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&chunk[..end]);
                self.take_line(&line, each)?;
                line.clear();
                self.line = line;
            }
            chunk = &chunk[end + 1..];
        }
        Ok(())
    }

    /// The stream has ended: what is left counts as complete.
    pub fn finish<E>(&mut self, each: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.line);
        self.take_line(&line, each)?;
        self.dispatch(each)
    }

    fn take_line<E>(
        &mut self,
        mut line: &[u8],
        each: &mut impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(each);
        }
        let value = match line.strip_prefix(b"data") {
            Some([]) => &[][..],
            Some([b':', b' ', value @ ..]) | Some([b':', value @ ..]) => value,
            _ => return Ok(()),
        };
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    fn dispatch<E>(&mut self, each: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        let result = each(&String::from_utf8_lossy(&self.data));
        self.data.clear();
        result
    }
}

/// JSON in which every escaped half of a surrogate pair without its other half stands for U+FFFD.
/// Servers that cut their stream between the halves of an emoji send such JSON, which is none.
pub(super) fn mended(json: &str) -> Cow<'_, str> {
    let is_escape = |at: usize| json[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0;
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(at) = json[from..].find("\\u").map(|found| from + found) {
        from = at + 2;
        if !is_escape(at) {
            continue;
        }
        match unit(at) {
            Some(0xD800..0xDC00) if matches!(unit(at + 6), Some(0xDC00..0xE000)) => from = at + 12,
            Some(0xD800..0xE000) => {
                mended.push_str(&json[copied..at]);
                mended.push_str("\\ufffd");
                copied = at + 6;
                from = copied;
            }
            Some(_) | None => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[copied..]);
    Cow::Owned(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expect: &[&str]) {
        // Whole, and cut into single bytes.
        for size in [input.len().max(1), 1] {
            let mut events = Events::default();
            let mut seen = Vec::new();
            let mut each = |data: &str| {
                seen.push(data.to_owned());
                Ok::<(), ()>(())
            };
            for chunk in input.chunks(size) {
                events.push(chunk, &mut each).expect("never fails");
            }
            events.finish(&mut each).expect("never fails");
            assert_eq!(seen, expect, "{:?} by {size}", String::from_utf8_lossy(input));
        }
    }

    #[test]
    fn payloads_survive_every_way_to_end_a_line() {
        check(b"data: a\n\ndata:b\r\n\r\ndata: c\r\rdata: d\n\r\n", &["a", "b", "c", "d"]);
        check(b"data: one\ndata: two\n\n", &["one\ntwo"]);
        check(b"data\n\n", &[""]);
    }

    #[test]
    fn everything_but_data_is_skipped() {
        check(
            b"\xEF\xBB\xBF: hello\nevent: x\nid: 3\nretry: 5\nnonsense\ndatum: no\ndata: a\n\n\n\n",
            &["a"],
        );
    }

    #[test]
    fn a_last_event_without_its_blank_line_still_counts() {
        check(b"data: a\n\ndata: b", &["a", "b"]);
        check(b"data: a\n", &["a"]);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_stream() {
        check(b"data: a\xFFb\n\ndata: c\n\n", &["a\u{FFFD}b", "c"]);
    }

    #[test]
    fn a_line_of_ten_megabytes_and_a_flood_of_comments_pass() {
        let mut input = b": keep-alive\n".repeat(10_000);
        input.extend_from_slice(b"data: ");
        input.extend_from_slice(&vec![b'x'; 10 << 20]);
        input.extend_from_slice(b"\n\n");
        let mut sizes = Vec::new();
        let mut events = Events::default();
        for chunk in input.chunks(16 << 10) {
            let mut each = |data: &str| {
                sizes.push(data.len());
                Ok::<(), ()>(())
            };
            events.push(chunk, &mut each).expect("never fails");
        }
        assert_eq!(sizes, [10 << 20]);
    }

    #[test]
    fn half_a_surrogate_pair_does_not_spoil_an_event() {
        let cases = [
            (r#"{"a":"\ud83d"}"#, "\u{FFFD}"),
            (r#"{"a":"x\uDE00y"}"#, "x\u{FFFD}y"),
            (r#"{"a":"\ud83d\ude00"}"#, "😀"),
            (r#"{"a":"\\ud83d"}"#, "\\ud83d"),
            (r#"{"a":"\ud83d\u0041"}"#, "\u{FFFD}A"),
            (r#"{"a":"é"}"#, "é"),
        ];
        for (json, expect) in cases {
            let value: serde_json::Value = serde_json::from_str(&mended(json)).expect(json);
            assert_eq!(value["a"], expect, "{json}");
        }
    }
}
