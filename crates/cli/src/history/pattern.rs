//! From an agent's label to the kind of agent that it was: `review:src/a.rs` is one of `review:*`.

/// Columns of a pattern; what is longer is one kind by its beginning.
const CHARS_MAX: usize = 48;
/// Words of a pattern. An agent without a label is called by the start of its prompt.
const WORDS_MAX: usize = 5;

/// The part of a label that is the same for all agents of a kind.
///
/// What follows the first `:`, `(`, `[` or `#` is the item. Before it, words in quotes or with the signs of a path
/// in them are items, and so is every number.
pub fn pattern(label: &str) -> String {
    let label = label.trim().trim_end_matches('…');
    let sign = label.char_indices().find(|(at, ch)| *at > 0 && matches!(ch, ':' | '(' | '[' | '#'));
    let stem = sign.map_or(label, |(at, _)| &label[..at]);
    let mut words: Vec<String> = Vec::new();
    for word in stem.split_whitespace() {
        let word = if is_item(word) { "*".into() } else { without_numbers(word) };
        if word != "*" || words.last().is_none_or(|last| last != "*") {
            words.push(word);
        }
    }
    if words.len() > WORDS_MAX {
        words.truncate(WORDS_MAX);
        words.push("*".into());
    }
    let mut pattern: String = words.join(" ").chars().take(CHARS_MAX).collect();
    if let Some((at, sign)) = sign {
        pattern.push(sign);
        pattern.push_str(if label[at + 1..].trim().is_empty() { "" } else { "*" });
    }
    pattern
}

fn is_item(word: &str) -> bool {
    let inner = word.trim_end_matches(['.', ',', ';', '!', '?', ':']);
    inner.contains('/')
        || inner.contains('.')
        || inner.starts_with(['`', '"', '\'', '“', '‘'])
        || (!inner.is_empty() && inner.chars().all(|ch| ch.is_ascii_digit()))
}

/// `batch-12b` as `batch-*b`.
fn without_numbers(word: &str) -> String {
    let mut out = String::new();
    for ch in word.chars() {
        match ch.is_ascii_digit() {
            true if out.ends_with('*') => (),
            true => out.push('*'),
            false => out.push(ch),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_in_labels_make_no_new_kind() {
        let cases = [
            ("review", "review"),
            ("review:src/a.rs", "review:*"),
            ("review: src/a.rs", "review:*"),
            ("review:", "review:"),
            ("verify:3:security", "verify:*"),
            ("fix (src/a.rs)", "fix(*"),
            ("claim #4", "claim#*"),
            ("Review src/net/http.rs", "Review *"),
            ("Review `main`", "Review *"),
            ("batch 3 of 10", "batch * of *"),
            ("batch-12", "batch-*"),
            ("round2 3", "round* *"),
            ("batch 3: the rest", "batch *:*"),
            ("日本語:一", "日本語:*"),
            ("", ""),
            (":x", ":x"),
        ];
        for (label, expected) in cases {
            assert_eq!(pattern(label), expected, "{label}");
        }
    }

    #[test]
    fn agents_that_are_called_by_their_prompt_are_of_one_kind_by_its_beginning() {
        let one = pattern("You are a careful reviewer of the file that is…");
        assert_eq!(one, "You are a careful reviewer *");
        assert_eq!(one, pattern("You are a careful reviewer who knows Rust well…"));
        assert!(pattern(&"x".repeat(500)).len() <= CHARS_MAX);
    }

    #[test]
    fn a_pattern_is_its_own() {
        for label in ["review:src/a.rs", "batch 3 of 10", "claim #4", "Review src/net/http.rs"] {
            let once = pattern(label);
            assert_eq!(pattern(&once), once, "{label}");
        }
    }
}
