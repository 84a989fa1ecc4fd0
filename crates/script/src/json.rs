//! JSON as JavaScript writes it, made fit for Rust: strings there may hold half a character.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// What the engine's `JSON.stringify` wrote; `None` where it is nested too deeply to be read.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(&mend(text)).ok()
}

/// Like [`parse`], unread.
pub fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(mend(text).into_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Lone surrogates, which JavaScript writes as escapes, become U+FFFD. Pairs are never escaped there.
fn mend(text: &str) -> Cow<'_, str> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return text.into();
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let is_surrogate = escape.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("\\ud"))
            && escape
                .as_bytes()
                .get(3)
                .is_some_and(|digit| matches!(digit, b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'));
        let taken = if is_surrogate { 6 } else { 2 };
        mended.push_str(if is_surrogate { "\\ufffd" } else { &escape[..2] });
        rest = &escape[taken..];
    }
    mended.push_str(rest);
    mended.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_replaced_and_nothing_else_is() {
        assert_eq!(mend(r#""a\ud83dz""#), r#""a\ufffdz""#);
        assert_eq!(mend(r#""a\\ud83dz\n\u00e9""#), r#""a\\ud83dz\n\u00e9""#);
    }
}
