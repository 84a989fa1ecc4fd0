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
    pub const REPLIES: Replies = Replies { text_median: 400.0, sigma: 0.8, data_times: 2 };
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

/// How long replies are, where the simulated one, which is short, says little about a real one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replies {
    /// Tokens of half of the replies without a schema; log-normal, as [`Latency`] is.
    pub text_median: f64,
    pub sigma: f64,
    /// A reply to a schema has so many times the tokens of the simulated one: from 1 to the square of it.
    pub data_times: u64,
}

/// How a quantity that varies from agent to agent is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A tenth of the agents takes less.
    Low,
    /// The mean: right for the sum of many.
    Expected,
    /// A tenth of the agents takes more.
    High,
}

impl Guess {
    pub const ALL: [Guess; 3] = [Guess::Low, Guess::Expected, Guess::High];

    fn log_normal(self, median: f64, sigma: f64) -> u64 {
        // Deviations from the median beyond which a tenth lies.
        const TENTH: f64 = 1.2816;
        let exponent = match self {
            Guess::Low => -TENTH * sigma,
            Guess::Expected => sigma * sigma / 2.0,
            Guess::High => TENTH * sigma,
        };
        (median * exponent.exp()).round() as u64
    }
}

impl Replies {
    /// Tokens of a reply without a schema.
    pub fn text(self, guess: Guess) -> u64 {
        guess.log_normal(self.text_median, self.sigma)
    }

    /// Tokens of a reply to a schema, of which the simulated one has `written`.
    pub fn data(self, written: u64, guess: Guess) -> u64 {
        match guess {
            Guess::Low => written,
            Guess::Expected => written.saturating_mul(self.data_times),
            Guess::High => written.saturating_mul(self.data_times).saturating_mul(self.data_times),
        }
    }
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

    /// Turns of one agent.
    pub fn guess(self, guess: Guess) -> u64 {
        guess.log_normal(self.median, self.sigma)
    }

    /// The requests of an agent, in order; their sum is its usage: see [`ToolTurns::usage`].
    pub fn requests(
        self,
        prompt_tokens: u64,
        reply_tokens: u64,
        turns: u64,
    ) -> impl Iterator<Item = Usage> + Clone {
        let added = self.input_tokens + self.output_tokens;
        (0..=turns).map(move |at| {
            let is_last = at == turns;
            Usage {
                input_tokens: if at == 0 { prompt_tokens } else { 0 },
                output_tokens: if is_last { reply_tokens } else { self.output_tokens },
                cache_read_tokens: at.checked_sub(1).map_or(0, |before| prompt_tokens + before * added),
                cache_write_tokens: if at == 0 { 0 } else { added },
                tool_calls: u64::from(!is_last),
                ..Usage::default()
            }
        })
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

    #[test]
    fn the_requests_of_an_agent_add_up_to_its_usage() {
        for turns in [0, 1, 7] {
            let mut sum = Usage::default();
            Defaults::TOOL_TURNS.requests(5_000, 300, turns).for_each(|request| sum += request);
            assert_eq!(sum, Defaults::TOOL_TURNS.usage(5_000, 300, turns), "{turns}");
        }
    }

    #[test]
    fn guesses_are_in_order_and_a_tenth_lies_beyond_each_end() {
        let turns = Guess::ALL.map(|guess| Defaults::TOOL_TURNS.guess(guess));
        assert_eq!(turns, [2, 5, 10]);
        let mut draws = super::super::draw::Draws::new(3, "a");
        let drawn: Vec<u64> = (0..5_000).map(|_| draws.spread(Defaults::TOOL_TURNS.spread())).collect();
        let above = drawn.iter().filter(|drawn| **drawn > turns[2]).count();
        assert!((300..700).contains(&above), "{above}");
        assert_eq!(Guess::ALL.map(|guess| Defaults::REPLIES.data(100, guess)), [100, 200, 400]);
    }
}
