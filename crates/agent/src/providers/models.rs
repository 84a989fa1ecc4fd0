//! What is known of model families by their ids: who serves them, how much fits, what they do not take.
//!
//! Ids change faster than releases of this program. How much fits is read from the table of prices where the
//! model is in it; all else goes by family and version, newer versions inherit, and what turns out wrong is
//! learnt from the provider's answer (see `quirks`).

use crate::prices::{self, Facts};
use crate::wire::ModelLimits;

/// Aliases that need no settings.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("fable", "anthropic/claude-fable-5-1"),
    ("opus", "anthropic/claude-opus-5-5"),
    ("sonnet", "anthropic/claude-sonnet-5-5"),
    ("haiku", "anthropic/claude-haiku-5-5"),
];

/// The provider that a bare id belongs to.
pub(super) fn home(model: &str) -> Option<&'static str> {
    let numbered_o = || {
        let mut chars = model.chars();
        chars.next() == Some('o') && chars.next().is_some_and(|digit| digit.is_ascii_digit())
    };
    if model.starts_with("claude-") {
        Some("anthropic")
    } else if model.starts_with("gpt-") || model.starts_with("chatgpt-") || numbered_o() {
        Some("openai")
    } else if model.starts_with("deepseek-") {
        Some("deepseek")
    } else {
        None
    }
}

/// How much fits. Conservative for what is unknown.
pub(super) fn limits(model: &str) -> ModelLimits {
    let family = limits_of_family(model);
    let known = published(model);
    let context_tokens = known.context_tokens.unwrap_or(family.context_tokens);
    // Some are said to answer with as much as they read: a request for all of it would leave no room to ask.
    let output_tokens_max =
        known.output_tokens_max.unwrap_or(family.output_tokens_max).min(context_tokens / 2);
    ModelLimits { context_tokens, output_tokens_max, ..family }
}

/// Of a bare id whose home is known, or of a router's `vendor/model`.
fn published(model: &str) -> Facts {
    match home(model) {
        Some(home) => prices::facts(&format!("{home}/{model}")),
        None => prices::facts(model),
    }
}

fn limits_of_family(model: &str) -> ModelLimits {
    let (context_tokens, output_tokens_max) = match Family::of(model) {
        Some(Family { name: "claude", version, .. }) => match version {
            (..=3, _) => (200_000, 8_192),
            (4, 0..=5) => (200_000, 32_000),
            (4, _) | (5.., _) => (1_000_000, 128_000),
        },
        Some(Family { name: "gpt", version, small, .. }) => match version {
            (..=3, _) => (16_385, 4_096),
            (4, 0) => (128_000, 16_384),
            (4, _) => (1_047_576, 32_768),
            (5, 0..=3) => (400_000, 128_000),
            _ if small => (400_000, 128_000),
            _ => (1_050_000, 128_000),
        },
        Some(Family { name: "o", .. }) => (200_000, 100_000),
        Some(Family { name: "deepseek", version: (4.., _), .. }) => (1_000_000, 384_000),
        Some(Family { name: "deepseek", .. }) => (128_000, 8_192),
        Some(Family { name: "gemini", .. }) => (1_048_576, 65_536),
        _ => (32_768, 4_096),
    };
    ModelLimits { context_tokens, output_tokens_max, web_search: false }
}

/// A model's family and version, read from its id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Family {
    pub name: &'static str,
    pub version: (u32, u32),
    /// A smaller sibling: mini, nano, luna.
    pub small: bool,
}

impl Family {
    /// Understands `claude-opus-5-5`, `claude-haiku-4-5-20251001`, `anthropic/claude-sonnet-5.5`,
    /// `claude-3-5-haiku-latest`, `gpt-5.6-terra`, `gpt-4o`, `o3-mini`, `deepseek-v4-pro`.
    pub fn of(model: &str) -> Option<Self> {
        let id = model.rsplit('/').next().unwrap_or(model);
        let name = ["claude", "gpt", "deepseek", "gemini"]
            .into_iter()
            .find(|name| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
            .or_else(|| (home(id) == Some("openai")).then_some("o"))?;
        // A date such as 20251001 is no version.
        let mut numbers = id
            .split(|ch: char| !ch.is_ascii_digit())
            .filter_map(|digits| digits.parse::<u32>().ok())
            .take_while(|number| *number < 1_000);
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let small = ["mini", "nano", "luna"].into_iter().any(|word| id.contains(word));
        Some(Self { name, version, small: small && name != "gemini" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_versions_are_read_from_ids() {
        let check = |id: &str, name: &str, version: (u32, u32)| {
            let family = Family::of(id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!((family.name, family.version), (name, version), "{id}");
        };
        check("claude-opus-5-5", "claude", (5, 5));
        check("claude-sonnet-5", "claude", (5, 0));
        check("claude-haiku-4-5-20251001", "claude", (4, 5));
        check("claude-sonnet-4-20250514", "claude", (4, 0));
        check("claude-3-5-haiku-latest", "claude", (3, 5));
        check("anthropic/claude-sonnet-5.5", "claude", (5, 5));
        check("gpt-5.6-terra", "gpt", (5, 6));
        check("gpt-4o", "gpt", (4, 0));
        check("o3-mini", "o", (3, 0));
        check("deepseek-v4-pro", "deepseek", (4, 0));
        assert_eq!(Family::of("qwen3-1.7b"), None);
        assert_eq!(Family::of("olmo-2"), None);
    }

    #[test]
    fn an_unknown_model_gets_small_limits_and_newer_versions_inherit() {
        assert_eq!(limits("qwen3-1.7b").context_tokens, 32_768);
        assert_eq!(limits("claude-opus-9").output_tokens_max, 128_000);
        assert_eq!(limits("claude-haiku-4-5").context_tokens, 200_000);
        assert_eq!(limits("gpt-9-luna").context_tokens, 400_000);
    }

    #[test]
    fn what_is_published_of_a_model_beats_what_its_family_suggests() {
        for (model, context_tokens, output_tokens_max) in [
            ("gpt-6-luna", 1_050_000, 128_000),
            ("claude-opus-4-5-20251101", 200_000, 64_000),
            ("anthropic/claude-opus-4.5", 200_000, 64_000),
            ("deepseek-v4-pro", 1_000_000, 393_216),
        ] {
            let limits = limits(model);
            let expected = (context_tokens, output_tokens_max);
            assert_eq!((limits.context_tokens, limits.output_tokens_max), expected, "{model}");
        }
    }

    #[test]
    fn a_reply_always_leaves_room_for_the_question() {
        for one in prices::PriceTable::default().models() {
            let (_, id) = one.model.split_once('/').expect("provider/model");
            let limits = limits(id);
            assert!(limits.output_tokens_max * 2 <= limits.context_tokens, "{id}: {limits:?}");
        }
    }

    #[test]
    fn the_aliases_have_a_price() {
        for (alias, model) in ALIASES {
            assert!(prices::PriceTable::default().find(model).is_some(), "{alias}: {model}");
        }
    }
}
