//! What is wrong with a script, and where: rendered with a code frame by whoever shows it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable code of a lint rule (`FF012`); `None` for what no rule stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A lower-case fragment that names the value that was wrong.
    pub message: String,
    /// Byte range in the script's own text; `None` when it is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Range<usize>>,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// What to type instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// A place in a script, both counted from 1; columns in characters (UTF-16 code units, as JavaScript counts).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Diagnostic {
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: None,
            message: message.into(),
            span: None,
            note: None,
            help: None,
        }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    pub fn at(self, span: Range<usize>) -> Self {
        Self { span: Some(span), ..self }
    }

    /// Of a lint rule.
    pub fn code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl Location {
    /// The place of byte `offset` of `text`.
    pub fn of(file: &str, text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
        let column = before[line_start..].encode_utf16().count() as u32 + 1;
        Self { file: file.to_owned(), line, column }
    }

    /// The byte of `text` at this place, if there is one.
    pub fn offset_in(&self, text: &str) -> Option<usize> {
        let line_start = match self.line {
            0 => return None,
            1 => 0,
            line => text.match_indices('\n').nth(line as usize - 2)?.0 + 1,
        };
        let mut units = 1;
        for (at, ch) in text[line_start..].char_indices() {
            if units >= self.column || ch == '\n' {
                return Some(line_start + at);
            }
            units += ch.len_utf16() as u32;
        }
        Some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_javascript_counts_them() {
        let text = "a\n«😀»x\n";
        let at = text.find('x').expect("in there");
        let place = Location::of("f", text, at);
        assert_eq!((place.line, place.column), (2, 5));
        assert_eq!(place.offset_in(text), Some(at));
    }
}
