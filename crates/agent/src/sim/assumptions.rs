//! What the numbers of a simulated run rest on where nothing better is known. Shown wherever they are.

use fanfold_core::Usage;

use super::draw::Spread;

/// The defaults, in one place.
pub struct Defaults;

impl Defaults {
    /// Half of the agents take longer; two thirds take between 22 s and 73 s.
    pub const LATENCY: Latency = Latency { median_ms: 40_000, sigma: 0.6 };
    pub const TOOL_TURNS: ToolTurns =
        ToolTurns { median: 4.0, sigma: 0.7, output_tokens: 160, input_tokens: 900 };
    /// The system prompt and the descriptions of the tools, which every agent is sent.
    /// Measured with a real tokenizer: about 1,300 with every tool.
    pub const SYSTEM_TOKENS: u64 = 1_300;
    pub const MODEL: &str = "simulated";
}

/// How long an agent takes: a log-normal distribution, of which `sigma` is the deviation of the logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    pub median_ms: u64,
    pub sigma: f64,
}

/// What an agent does before it replies: model turns that end in a tool call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolTurns {
    /// Turns of half of the agents; log-normal, as [`Latency`] is.
    pub median: f64,
    pub sigma: f64,
    /// What one turn writes: a remark, and the call.
    pub output_tokens: u64,
    /// What one turn adds to the context: the tool's result.
    pub input_tokens: u64,
}

impl Latency {
    pub(super) fn spread(self) -> Spread {
        Spread { median: self.median_ms as f64, sigma: self.sigma }
    }
}

impl ToolTurns {
    pub(super) fn spread(self) -> Spread {
        Spread { median: self.median, sigma: self.sigma }
    }

    /// Usage of an agent whose prompt and reply have this many tokens, after `turns` tool turns. Every turn reads
    /// from the cache what was there before it, and writes to the cache what the last one added.
    pub(super) fn usage(self, prompt_tokens: u64, reply_tokens: u64, turns: u64) -> Usage {
        let added = self.input_tokens + self.output_tokens;
        Usage {
            input_tokens: prompt_tokens,
            output_tokens: reply_tokens + turns * self.output_tokens,
            cache_read_tokens: turns * prompt_tokens + added * (turns * turns.saturating_sub(1) / 2),
            cache_write_tokens: turns * added,
            tool_calls: turns,
            ..Usage::default()
        }
    }
}

pub(super) fn in_words(latency: Latency, turns: ToolTurns) -> String {
    format!(
        "simulated: an agent takes {:.0} s and {:.0} tool turns (medians; log-normal, sigma {} and {}); a prompt \
         counts as written plus {} tokens of system prompt and tools, a reply as written; a tool turn writes {} \
         tokens and reads {}, what came before it is read from the cache",
        latency.median_ms as f64 / 1_000.0,
        turns.median,
        latency.sigma,
        turns.sigma,
        Defaults::SYSTEM_TOKENS,
        turns.output_tokens,
        turns.input_tokens,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_turn_reads_the_context_before_it_from_the_cache() {
        let turns = ToolTurns { median: 1.0, sigma: 0.0, output_tokens: 10, input_tokens: 90 };
        let usage = turns.usage(1_000, 5, 3);
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.tool_calls), (1_000, 35, 3));
        assert_eq!(usage.cache_read_tokens, 1_000 + 1_100 + 1_200);
        assert_eq!(usage.cache_write_tokens, 300);
    }
}
