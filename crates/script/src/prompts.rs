//! What the agents of `verified()` are told.

/// The text of this name, with `{{places}}` to be filled.
pub fn named(name: String) -> &'static str {
    match name.as_str() {
        "review" => include_str!("prompts/review.md"),
        "review.schema" => include_str!("prompts/review.schema.json"),
        "fix" => include_str!("prompts/fix.md"),
        "check" => include_str!("prompts/findings/check.md"),
        "oracle" => include_str!("prompts/findings/oracle.md"),
        "tampered" => include_str!("prompts/findings/tampered.md"),
        "proved" => include_str!("prompts/findings/proved.md"),
        "opinion" => include_str!("prompts/findings/opinion.md"),
        "conflict" => include_str!("prompts/findings/conflict.md"),
        "merged" => include_str!("prompts/findings/merged.md"),
        _ => "",
    }
}
