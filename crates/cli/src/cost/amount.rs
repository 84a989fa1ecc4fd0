//! Tokens and dollars of many agents, in which what has no price is never nothing.

use fanfold_core::{Price, Usage};
use serde::Serialize;

use super::run::{AgentEnding, AgentSpending, RunSpending};

/// What a `provider/model` costs now; `None`: nobody knows.
pub type PriceOf<'a> = &'a (dyn Fn(&str) -> Option<Price> + Sync);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "Told")]
pub struct Amount {
    /// Paid in full: neither read from the provider's cache nor written to it.
    pub input_tokens: u64,
    pub cache_read_tokens: u64,
    pub cache_write_tokens: u64,
    pub output_tokens: u64,
    /// Of what has a price, at the prices of its time.
    pub usd_micros: u64,
    /// Input and output of agents of whose requests some have no price.
    pub unpriced_tokens: u64,
    /// Requests whose usage nobody reported.
    pub unconfirmed: u64,
    /// What those may have cost besides, at most.
    pub unconfirmed_usd_micros: u64,
}

/// As programs read it.
#[derive(Serialize)]
struct Told {
    input_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    output_tokens: u64,
    /// `null`: nothing of it has a price.
    usd_micros: Option<u64>,
    unpriced_tokens: u64,
    unconfirmed: u64,
    unconfirmed_usd_micros: u64,
}

/// Agents and what they used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    pub agents: u64,
    pub finished: u64,
    pub failed: u64,
    pub unfinished: u64,
    pub used: Amount,
    /// The part of it that came to nothing: of agents that failed or did not finish, and of runs that failed.
    pub in_vain: Amount,
}

impl Amount {
    /// `is_free`: whether its model costs nothing. Tokens that cost nothing elsewhere were billed by somebody who
    /// did not say what.
    pub fn of(usage: Usage, is_free: bool) -> Self {
        let tokens = usage.input_total() + usage.output_tokens;
        let is_priced = usage.unpriced == 0 && (usage.usd_micros > 0 || is_free);
        Self {
            input_tokens: usage.input_tokens,
            cache_read_tokens: usage.cache_read_tokens,
            cache_write_tokens: usage.cache_write_tokens,
            output_tokens: usage.output_tokens,
            usd_micros: usage.usd_micros,
            unpriced_tokens: if is_priced { 0 } else { tokens },
            unconfirmed: usage.unconfirmed,
            unconfirmed_usd_micros: usage.unconfirmed_usd_micros,
        }
    }

    /// All input, cached or not.
    pub fn input_total(&self) -> u64 {
        self.input_tokens + self.cache_read_tokens + self.cache_write_tokens
    }

    pub fn tokens(&self) -> u64 {
        self.input_total() + self.output_tokens
    }

    /// Of what has a price; `None`: nothing of it has one.
    pub fn usd_micros(&self) -> Option<u64> {
        (self.usd_micros > 0 || self.unpriced_tokens == 0).then_some(self.usd_micros)
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.output_tokens += other.output_tokens;
        self.usd_micros += other.usd_micros;
        self.unpriced_tokens += other.unpriced_tokens;
        self.unconfirmed += other.unconfirmed;
        self.unconfirmed_usd_micros += other.unconfirmed_usd_micros;
    }
}

impl Spent {
    pub fn of(agent: &AgentSpending, run: &RunSpending, is_free: bool) -> Self {
        let is = |state| u64::from(agent.state == state);
        let in_vain = if run.is_failed() { agent.used } else { agent.in_vain };
        Self {
            agents: 1,
            finished: is(AgentEnding::Finished),
            failed: is(AgentEnding::Failed),
            unfinished: is(AgentEnding::Unfinished),
            used: Amount::of(agent.used, is_free),
            in_vain: Amount::of(in_vain, is_free),
        }
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.agents += other.agents;
        self.finished += other.finished;
        self.failed += other.failed;
        self.unfinished += other.unfinished;
        self.used += other.used;
        self.in_vain += other.in_vain;
    }
}

impl From<Amount> for Told {
    fn from(amount: Amount) -> Self {
        Self {
            input_tokens: amount.input_tokens,
            cache_read_tokens: amount.cache_read_tokens,
            cache_write_tokens: amount.cache_write_tokens,
            output_tokens: amount.output_tokens,
            usd_micros: amount.usd_micros(),
            unpriced_tokens: amount.unpriced_tokens,
            unconfirmed: amount.unconfirmed,
            unconfirmed_usd_micros: amount.unconfirmed_usd_micros,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_price_is_not_free() {
        let used = Usage { input_tokens: 30, output_tokens: 10, ..Usage::default() };
        let check = |usage: Usage, is_free, usd_micros, unpriced_tokens| {
            let amount = Amount::of(usage, is_free);
            assert_eq!(
                (amount.usd_micros(), amount.unpriced_tokens),
                (usd_micros, unpriced_tokens),
                "{usage:?}"
            );
            assert_eq!(
                serde_json::to_value(amount).expect("plain data")["usd_micros"],
                serde_json::json!(usd_micros)
            );
        };
        check(Usage { usd_micros: 5, ..used }, false, Some(5), 0);
        check(Usage { unpriced: 2, ..used }, false, None, 40);
        check(Usage { unpriced: 1, usd_micros: 5, ..used }, false, Some(5), 40);
        check(used, false, None, 40);
        check(used, true, Some(0), 0);
        check(Usage::default(), false, Some(0), 0);
    }
}
