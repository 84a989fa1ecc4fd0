//! What is refused before anything is parsed: too long, empty, or with characters that hide text.

use fanfold_core::Diagnostic;

use super::SOURCE_BYTES_MAX;

/// Characters shown at most: one is enough to refuse the script, a thousand hide the first.
const SHOWN_MAX: usize = 10;

pub fn check(source: &str) -> Result<(), Vec<Diagnostic>> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(vec![
            Diagnostic::error(format!(
                "the script has {} KiB, over the limit of {} KiB",
                source.len().div_ceil(1024),
                SOURCE_BYTES_MAX / 1024
            ))
            .help("pass data in with `--args @FILE` instead of writing it into the script"),
        ]);
    }
    if source.trim_matches(|ch: char| ch.is_whitespace() || ch == '\u{feff}').is_empty() {
        return Err(vec![Diagnostic::error("the script is empty").help(super::meta_literal::EXAMPLE)]);
    }
    let hidden: Vec<Diagnostic> = source
        .char_indices()
        .filter(|(_, ch)| hides_text(*ch))
        .take(SHOWN_MAX)
        .map(|(at, ch)| {
            Diagnostic::error(format!(
                "the character U+{:04X} ({}) hides text from whoever reads the script",
                ch as u32,
                kind_of(ch)
            ))
            .at(at..at + ch.len_utf8())
            .help(format!("delete it, or write it as `\\u{{{:x}}}` inside a string", ch as u32))
        })
        .collect();
    if hidden.is_empty() { Ok(()) } else { Err(hidden) }
}

/// C0 but tab, line feed and carriage return; DEL; C1; the embeddings, overrides and isolates of
/// bidirectional text. Joiners, as in emoji, are fine.
pub fn hides_text(ch: char) -> bool {
    match ch {
        '\t' | '\n' | '\r' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => ch.is_control(),
    }
}

fn kind_of(ch: char) -> &'static str {
    match ch {
        '\0' => "NUL",
        '\u{1b}' => "escape",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a change of text direction",
        _ => "a control character",
    }
}
