//! What tokens cost. Integers only: micro-dollars, each request rounded up, so that no sum of small ones is free.

use serde::{Deserialize, Serialize};

use crate::Usage;

/// Micro-dollars in a dollar; and tokens in the million that [`Rates`] are for.
pub const MILLION: u64 = 1_000_000;

/// Micro-dollars for one search where no price says another: ten dollars a thousand, as Anthropic bills.
pub const SEARCH: u64 = 10_000;

/// What a model's provider bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    #[serde(flatten)]
    pub rates: Rates,
    /// Of a request whose whole input is longer than so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<LongContext>,
    /// Of the provider's batch service, which fanfold does not use yet: for comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Rates>,
    /// Micro-dollars for one search by the provider's own web search; [`SEARCH`] where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<u64>,
}

/// Micro-dollars per million tokens: $0.27 a million is 270,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    pub input: u64,
    pub output: u64,
    /// Input that was read from the provider's cache.
    pub cache_read: u64,
    /// Input that was written to it.
    pub cache_write: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongContext {
    /// Tokens of input, cached or not, up to which the ordinary rates hold.
    pub above: u64,
    #[serde(flatten)]
    pub rates: Rates,
}

impl Price {
    /// A model that costs nothing: one's own machine.
    pub const FREE: Self = Self {
        rates: Rates { input: 0, output: 0, cache_read: 0, cache_write: 0 },
        long: None,
        batch: None,
        search: None,
    };

    /// Of one request, in micro-dollars.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let searches = usage.web_searches.saturating_mul(self.search.unwrap_or(SEARCH));
        self.rates_for(usage.input_total()).cost(usage).saturating_add(searches)
    }

    /// The most that one request can cost, in micro-dollars: all input at the dearest rate that input can have.
    pub fn worst(&self, input_tokens: u64, web_searches: u64, output_tokens: u64) -> u64 {
        self.worst_input(input_tokens, web_searches).saturating_add(scaled(
            u128::from(output_tokens) * u128::from(self.worst_output_rate(input_tokens)),
        ))
    }

    /// The share of [`Price::worst`] that a shorter reply does not save.
    pub fn worst_input(&self, input_tokens: u64, web_searches: u64) -> u64 {
        let dearest = |rates: Rates| rates.input.max(rates.cache_write).max(rates.cache_read);
        let rate = self.reachable(input_tokens).map(dearest).max().unwrap_or_default();
        let searches = web_searches.saturating_mul(self.search.unwrap_or(SEARCH));
        scaled(u128::from(input_tokens) * u128::from(rate)).saturating_add(searches)
    }

    /// Micro-dollars per million tokens of output, at most, after an input of at most `input_tokens`.
    pub fn worst_output_rate(&self, input_tokens: u64) -> u64 {
        self.reachable(input_tokens).map(|rates| rates.output).max().unwrap_or_default()
    }

    fn rates_for(&self, input_tokens: u64) -> Rates {
        match self.long {
            Some(long) if input_tokens > long.above => long.rates,
            _ => self.rates,
        }
    }

    /// The rates that a request of at most so many tokens may be billed at.
    fn reachable(&self, input_tokens: u64) -> impl Iterator<Item = Rates> {
        let long = self.long.filter(|long| input_tokens > long.above).map(|long| long.rates);
        std::iter::once(self.rates).chain(long)
    }
}

impl Rates {
    fn cost(&self, usage: &Usage) -> u64 {
        let part = |tokens: u64, rate: u64| u128::from(tokens) * u128::from(rate);
        scaled(
            part(usage.input_tokens, self.input)
                + part(usage.output_tokens, self.output)
                + part(usage.cache_read_tokens, self.cache_read)
                + part(usage.cache_write_tokens, self.cache_write),
        )
    }
}

/// Tokens times rates, as micro-dollars, rounded up.
fn scaled(tokens_times_rate: u128) -> u64 {
    u64::try_from(tokens_times_rate.div_ceil(u128::from(MILLION))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPUS: Price = Price {
        rates: Rates {
            input: 15_000_000,
            output: 75_000_000,
            cache_read: 1_500_000,
            cache_write: 18_750_000,
        },
        long: Some(LongContext {
            above: 200_000,
            rates: Rates {
                input: 30_000_000,
                output: 112_500_000,
                cache_read: 3_000_000,
                cache_write: 37_500_000,
            },
        }),
        batch: None,
        search: None,
    };

    #[test]
    fn a_request_costs_what_its_tokens_cost_rounded_up_once() {
        let usage = Usage { input_tokens: 1, output_tokens: 1, ..Usage::default() };
        assert_eq!(OPUS.cost(&usage), 90);
        let cheap = Price { rates: Rates { input: 270_000, ..Rates::default() }, ..Price::FREE };
        assert_eq!(cheap.cost(&Usage { input_tokens: 1, ..Usage::default() }), 1, "never nothing");
        assert_eq!(cheap.cost(&Usage { input_tokens: 2_000_000_000, ..Usage::default() }), 540 * MILLION);
    }

    #[test]
    fn a_long_context_is_billed_at_its_own_rates_cached_or_not() {
        let usage = Usage { input_tokens: 1, cache_read_tokens: 200_000, ..Usage::default() };
        assert_eq!(OPUS.cost(&usage), 30 + 600_000);
    }

    #[test]
    fn nothing_within_the_bounds_costs_more_than_the_worst_case() {
        for (input, written, read, output) in
            [(0, 0, 0, 1), (10, 0, 0, 0), (0, 199_999, 1, 7), (150_000, 50_001, 0, 9), (1, 2, 300_000, 4_096)]
        {
            let usage = Usage {
                input_tokens: input,
                cache_write_tokens: written,
                cache_read_tokens: read,
                output_tokens: output,
                ..Usage::default()
            };
            let usage = Usage { web_searches: 2, ..usage };
            let worst = OPUS.worst(usage.input_total(), 2, output);
            assert!(OPUS.cost(&usage) <= worst, "{usage:?}: {} > {worst}", OPUS.cost(&usage));
        }
    }
}
