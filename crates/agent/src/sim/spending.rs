//! What a simulated agent spends and how long it takes: asked for and billed request by request, as a real
//! one's is.

use fanfold_core::{AgentCx, FailureKind, Price, Quote, Usage};

use super::faults::Patience;

/// The longest reply that a simulated request asks for.
const REPLY_TOKENS_MAX: u64 = 8_192;

/// An agent's work, as it would be if nothing came between.
pub(super) struct Work {
    pub usage: Usage,
    pub turns: u32,
    pub latency_ms: u64,
    pub price: Option<Price>,
}

/// Why an agent came to nothing.
type CutShort = (FailureKind, String);

impl Work {
    /// Does it: what it used, and why it ended before its time.
    pub async fn spend(self, cx: &AgentCx, patience: &mut Patience<'_>) -> (Usage, Result<(), CutShort>) {
        if !cx.purse.is_limited() {
            let ended = match self.latency_ms == 0 || patience.wait(self.latency_ms).await {
                true => Ok(()),
                false => Err(patience.timeout()),
            };
            let mut spent = Usage::default();
            (0..self.turns).for_each(|turn| spent += self.billed(self.share(turn)));
            return (spent, ended);
        }
        let mut spent = Usage::default();
        let mut rest_ms = self.latency_ms;
        for turn in 0..self.turns {
            let mut part = self.share(turn);
            let turn_ms = rest_ms / u64::from(self.turns - turn);
            rest_ms -= turn_ms;
            let mut wait_ms = turn_ms;
            loop {
                let quote = Quote {
                    turns: turn,
                    input_tokens: part.input_total(),
                    web_searches: part.web_searches,
                    output_tokens: part.output_tokens.max(REPLY_TOKENS_MAX),
                    price: self.price,
                };
                let granted = match cx.purse.reserve(quote).await {
                    Ok(granted) => granted,
                    Err(failure) => return (spent, Err((failure.kind, failure.message))),
                };
                if wait_ms > 0 && !patience.wait(std::mem::take(&mut wait_ms)).await {
                    return (spent, Err(patience.timeout()));
                }
                // What was cut off at its token limit is gone on with, as a real agent does it.
                let output_tokens = part.output_tokens.min(granted);
                let sent = self.billed(Usage { output_tokens, ..part });
                cx.purse.settle(sent);
                spent += sent;
                if output_tokens == part.output_tokens {
                    break;
                }
                let read = part.input_total();
                part = Usage {
                    output_tokens: part.output_tokens - output_tokens,
                    cache_read_tokens: read,
                    ..Usage::default()
                };
            }
        }
        (spent, Ok(()))
    }

    /// A model that has no price costs what the simulated one really costs.
    fn billed(&self, usage: Usage) -> Usage {
        match self.price {
            Some(_) => usage.priced(self.price),
            None => usage,
        }
    }

    /// One turn's part: the shares of all turns add up to the whole.
    fn share(&self, turn: u32) -> Usage {
        let (turns, turn) = (u64::from(self.turns.max(1)), u64::from(turn));
        let part = |total: u64| total * (turn + 1) / turns - total * turn / turns;
        let usage = self.usage;
        Usage {
            input_tokens: part(usage.input_tokens),
            output_tokens: part(usage.output_tokens),
            cache_read_tokens: part(usage.cache_read_tokens),
            cache_write_tokens: part(usage.cache_write_tokens),
            tool_calls: part(usage.tool_calls),
            web_searches: part(usage.web_searches),
            ..Usage::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_turns_add_up() {
        let usage = Usage { input_tokens: 1_003, output_tokens: 7, tool_calls: 2, ..Usage::default() };
        let work = Work { usage, turns: 5, latency_ms: 0, price: None };
        let mut total = Usage::default();
        (0..5).for_each(|turn| total += work.share(turn));
        assert_eq!(total, usage);
    }
}
