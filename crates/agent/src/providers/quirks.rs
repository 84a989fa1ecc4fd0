//! What a model does not take: known by its family, or learnt from the error that named it.
//!
//! Providers refuse optional parameters model by model (a temperature, a forced tool). Such a parameter
//! is a wish: leaving it out and asking again beats failing the agent.

use super::models::Family;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quirks {
    pub no_temperature: bool,
    pub no_effort: bool,
    /// `auto` is sent in place of a tool by name: the prompt has to say when to call it.
    pub no_forced_tool: bool,
    /// Chat Completions of gpt-5.6 and later take tools only with `reasoning_effort: "none"`.
    pub no_effort_beside_tools: bool,
    pub no_stream_options: bool,
    /// The other of `max_tokens` and `max_completion_tokens` than the one we would send.
    pub other_max_tokens: bool,
    /// The conversation before a thinking block has changed (it was trimmed): do not send such blocks.
    /// Of one conversation, so never remembered for the model.
    pub no_thinking: bool,
}

impl Quirks {
    /// Sources: the providers' migration guides (Claude 4.7, 5.1, 5.5; GPT-5, GPT-5.6).
    pub fn known(model: &str) -> Self {
        let Some(Family { name, version, .. }) = Family::of(model) else { return Self::default() };
        match name {
            "claude" => Self {
                no_temperature: version >= (4, 7),
                no_effort: version < (4, 5) || (version == (4, 5) && !model.contains("opus")),
                no_forced_tool: version >= (5, 1),
                ..Self::default()
            },
            "gpt" => Self {
                no_temperature: version >= (5, 0),
                no_effort: version < (5, 0),
                no_effort_beside_tools: version >= (5, 6),
                ..Self::default()
            },
            "o" => Self { no_temperature: true, ..Self::default() },
            _ => Self::default(),
        }
    }

    /// What the provider's refusal says should be left out besides; `None` if it names nothing that could.
    pub fn learn(self, message: &str) -> Option<Self> {
        let message = message.to_lowercase();
        let says = |word: &str| message.contains(word);
        let unsupported =
            ["unsupported", "not supported", "does not support", "unrecognized", "unknown", "extra inputs"]
                .into_iter()
                .any(says);
        let mut wiser = self;
        if says("reasoning_effort") && says("'none'") && says("tools") {
            wiser.no_effort_beside_tools = true;
        } else if says("thinking") && (says("bound to") || says("cannot be modified") || says("signature")) {
            wiser.no_thinking = true;
        } else if says("tool_choice") {
            wiser.no_forced_tool = true;
        } else if says("temperature") {
            wiser.no_temperature = true;
        } else if says("stream_options") {
            wiser.no_stream_options = true;
        } else if says("effort") || says("output_config") {
            wiser.no_effort = true;
        } else if unsupported && (says("max_tokens") || says("max_completion_tokens")) {
            wiser.other_max_tokens = true;
        }
        (wiser != self).then_some(wiser)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_names_a_wish_is_learnt_once() {
        let check = |message: &str, expect: Quirks| {
            assert_eq!(Quirks::default().learn(message), Some(expect), "{message}");
            assert_eq!(expect.learn(message), None, "{message}");
        };
        let none = Quirks::default();
        check(
            "tool_choice: type \"tool\" and \"any\" are not supported for this model.",
            Quirks { no_forced_tool: true, ..none },
        );
        check("`temperature` is deprecated for this model.", Quirks { no_temperature: true, ..none });
        check(
            "Function tools with reasoning_effort are not supported for gpt-6-sol in /v1/chat/completions. To \
             use function tools, use /v1/responses or set reasoning_effort to 'none'.",
            Quirks { no_effort_beside_tools: true, ..none },
        );
        check(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
             'max_completion_tokens' instead.",
            Quirks { other_max_tokens: true, ..none },
        );
        check(
            "Invalid signature in thinking block: bound to a different conversation",
            Quirks { no_thinking: true, ..none },
        );
        assert_eq!(none.learn("max_tokens: 900000 > 128000, which is the maximum"), None);
        assert_eq!(none.learn("messages: at least one message is required"), None);
    }

    #[test]
    fn families_are_known_before_they_complain() {
        assert!(Quirks::known("claude-opus-5-5").no_forced_tool);
        assert!(!Quirks::known("claude-sonnet-5").no_forced_tool);
        assert!(Quirks::known("claude-haiku-4-5-20251001").no_effort);
        assert!(Quirks::known("gpt-6-sol").no_effort_beside_tools);
        assert_eq!(Quirks::known("some-local-model"), Quirks::default());
    }
}
