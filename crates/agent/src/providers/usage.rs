//! Token counts as providers report them, which may be missing, partial or nonsense.

use fanfold_core::Usage;
use serde_json::Value;

use super::prefix::estimate_block;
use crate::wire::Block;

/// A count above this is an error of the provider, not a count.
const TOKENS_MAX: f64 = 1e9;

/// What has been reported so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Billed at the full rate.
    pub input: Option<u64>,
    pub output: Option<u64>,
    pub cache_read: Option<u64>,
    pub cache_write: Option<u64>,
    pub web_searches: Option<u64>,
}

impl Counts {
    /// Takes what is reported anew of the input; a later report replaces an earlier one.
    pub fn take_input(&mut self, later: &Counts) {
        self.input = later.input.or(self.input);
        self.cache_read = later.cache_read.or(self.cache_read);
        self.cache_write = later.cache_write.or(self.cache_write);
    }

    /// Output only grows.
    pub fn take_output(&mut self, later: &Counts) {
        self.output = self.output.max(later.output);
        self.web_searches = self.web_searches.max(later.web_searches);
    }

    /// Estimates what is missing; `true` if anything was.
    pub fn settle(self, estimate_input: impl FnOnce() -> u64, content: &[Block]) -> (Usage, bool) {
        let estimate_output = || content.iter().map(estimate_block).sum();
        let usage = Usage {
            input_tokens: self.input.unwrap_or_else(estimate_input),
            output_tokens: self.output.unwrap_or_else(estimate_output),
            cache_read_tokens: self.cache_read.unwrap_or(0),
            cache_write_tokens: self.cache_write.unwrap_or(0),
            web_searches: self.web_searches.unwrap_or(0),
            ..Usage::default()
        };
        (usage, self.input.is_none() || self.output.is_none())
    }
}

/// A count of tokens; `None` for what is missing, negative, huge or no number.
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    let number = value?.as_f64()?;
    // The cast is exact: whole numbers below 1e9.
    (0.0..=TOKENS_MAX).contains(&number).then_some(number as u64)
}
