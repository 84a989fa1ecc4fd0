//! A text in which ranges become white space of their own width.

use oxc_span::Span;

/// The original text, and a copy in which things are erased.
pub struct Blanks<'t> {
    text: &'t str,
    erased: Vec<u8>,
    /// What was erased, in the order in which it was.
    spans: Vec<Span>,
}

impl<'t> Blanks<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, erased: text.as_bytes().to_vec(), spans: Vec::new() }
    }

    pub fn into_text(self) -> String {
        String::from_utf8(self.erased).expect("whole characters are replaced by whole characters")
    }

    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Line ends stay; every other character becomes white space that is as wide, in bytes and in UTF-16.
    pub fn blank(&mut self, start: u32, end: u32) {
        self.spans.push(Span::new(start, end));
        for (at, ch) in self.text[start as usize..end as usize].char_indices() {
            let space: &[u8] = match (ch, ch.len_utf8()) {
                ('\n' | '\r' | '\u{2028}' | '\u{2029}', _) => continue,
                (_, 1) => b" ",
                (_, 2) => "\u{a0}".as_bytes(),
                (_, 3) => "\u{3000}".as_bytes(),
                (_, _) => "\u{a0}\u{a0}".as_bytes(),
            };
            let at = start as usize + at;
            self.erased[at..at + space.len()].copy_from_slice(space);
        }
    }

    /// Puts an ASCII character where an ASCII character was erased.
    pub fn put(&mut self, at: u32, byte: u8) {
        if self.text.as_bytes()[at as usize].is_ascii() {
            self.erased[at as usize] = byte;
        }
    }

    /// Puts it in place of the last character before `end`, as wide as that is.
    pub fn put_at_end(&mut self, end: u32, byte: u8) {
        let last = self.text[..end as usize].char_indices().next_back();
        let Some((at, _)) = last else { return };
        // Of a wide character all but one byte stay white space: ASCII space in their place.
        self.erased[at..end as usize].fill(b' ');
        self.erased[end as usize - 1] = byte;
    }

    pub fn has_line_end(&self, start: u32, end: u32) -> bool {
        self.text[start as usize..end as usize].contains(['\n', '\r', '\u{2028}', '\u{2029}'])
    }

    /// The last erased range, if it ends at `end`.
    pub fn last_ending_at(&self, end: u32) -> Option<Span> {
        self.spans.last().copied().filter(|span| span.end == end)
    }

    /// Where a `;` can stand in for the type that ended a statement: not in a line after the statement's.
    pub fn first_erased_word(&self, span: Span) -> Option<u32> {
        let from = self.skip_trivia(span.start as usize).0;
        let at = if from < span.end as usize { from } else { span.start as usize };
        self.text.as_bytes().get(at).filter(|byte| byte.is_ascii()).map(|_| at as u32)
    }

    /// Does a line end follow, and then something that goes on with an expression?
    pub fn could_continue_after(&self, end: u32) -> bool {
        let (next, crossed) = self.skip_trivia(end as usize);
        crossed
            && matches!(
                self.text.as_bytes().get(next),
                Some(b'(' | b'[' | b'`' | b'+' | b'-' | b'*' | b'/' | b'<' | b'.' | b',' | b'?')
            )
    }

    /// Where the `?` or `!` stands that follows a name (and, if it was computed, its `]`).
    pub fn find_mark(&self, end: u32) -> Option<u32> {
        let (mut at, _) = self.skip_trivia(end as usize);
        while self.text.as_bytes().get(at) == Some(&b']') {
            at = self.skip_trivia(at + 1).0;
        }
        matches!(self.text.as_bytes().get(at), Some(b'?' | b'!')).then_some(at as u32)
    }

    /// The end of the comma that follows, or `end` where none does.
    pub fn skip_comma(&self, end: u32) -> u32 {
        let (at, _) = self.skip_trivia(end as usize);
        if self.text.as_bytes().get(at) == Some(&b',') { at as u32 + 1 } else { end }
    }

    /// The words from `start` up to the first thing that is none, or `end`.
    pub fn words(&self, start: u32, end: u32) -> Vec<Span> {
        let bytes = self.text.as_bytes();
        let mut words = Vec::new();
        let mut at = self.skip_trivia(start as usize).0;
        while at < end as usize && bytes[at].is_ascii_alphabetic() {
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            words.push(Span::sized(at as u32, length as u32));
            at = self.skip_trivia(at + length).0;
        }
        words
    }

    /// Behind white space and comments, and whether a line ended on the way.
    fn skip_trivia(&self, from: usize) -> (usize, bool) {
        let mut at = from;
        let mut crossed = false;
        loop {
            let rest = &self.text[at..];
            let trimmed = rest.trim_start();
            let space = &rest[..rest.len() - trimmed.len()];
            crossed |= space.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
            at += space.len();
            let length = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                let length = trimmed.find("*/").map_or(trimmed.len(), |end| end + 2);
                crossed |= trimmed[..length].contains('\n');
                length
            } else {
                return (at, crossed);
            };
            at += length;
        }
    }
}
