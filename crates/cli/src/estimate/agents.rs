//! What one agent of a dry run takes on a real model: from agents like it in earlier runs, else by the defaults.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_agent::sim::{Defaults, Guess, Latency};
use fanfold_core::Usage;

use super::dry_run::Called;
use super::pricing::Names;
use crate::history::{PastRuns, Sample, Samples, pattern};

/// By kind of label and model; `None`: too little is known.
type KnownByKind = HashMap<(String, String), Option<Arc<Known>>>;

pub struct Agents {
    pub past: PastRuns,
    names: Names,
    /// By pattern and model; looked up once each.
    known: Mutex<KnownByKind>,
}

/// Agents of a kind, as earlier runs had them.
pub struct Known {
    guesses: [Sample; 3],
    pub seen: u64,
    latency: Latency,
}

impl Agents {
    pub fn new(past: PastRuns, names: Names) -> Self {
        Self { past, names, known: Mutex::default() }
    }

    /// `model` is as the script wrote it.
    pub fn known(&self, label: &str, model: &str) -> Option<Arc<Known>> {
        if self.past.is_empty() {
            return None;
        }
        let key = (pattern(label), self.names.full(model));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |(pattern, model): &(String, String)| {
            self.past.agents(pattern, model).map(|samples| Arc::new(Known::of(&samples)))
        };
        known.entry(key).or_insert_with_key(found).clone()
    }

    pub fn latency(&self, label: &str, model: &str) -> Option<Latency> {
        self.known(label, model).map(|known| known.latency)
    }

    /// The requests of an agent, in order.
    pub fn requests(&self, called: &Called, guess: Guess) -> Vec<Usage> {
        match self.known(&called.label, &called.model) {
            Some(known) => known.requests(called.exchange.prompt_tokens, guess),
            None => by_default(called, guess),
        }
    }
}

fn by_default(called: &Called, guess: Guess) -> Vec<Usage> {
    let turns = if called.has_tools { Defaults::TOOL_TURNS.guess(guess) } else { 0 };
    let turns = turns.min(called.turns_max.map_or(u64::MAX, |max| u64::from(max.max(1)) - 1));
    let reply = match called.is_text {
        true => Defaults::REPLIES.text(guess),
        false => Defaults::REPLIES.data(called.exchange.reply_tokens, guess),
    };
    Defaults::TOOL_TURNS.requests(called.exchange.prompt_tokens, reply, turns).collect()
}

impl Known {
    fn of(samples: &Samples) -> Self {
        let (median_ms, spread) = samples.duration();
        // A tenth lies beyond 1.2816 deviations.
        let sigma = (spread as f64 / 1_000.0).ln() / 1.2816;
        Self {
            guesses: Guess::ALL.map(|guess| samples.guess(guess)),
            seen: samples.seen,
            latency: Latency { median_ms, sigma },
        }
    }

    /// Requests of one size: how they grew is not known. No less input than the prompt that is sent now.
    fn requests(&self, prompt_tokens: u64, guess: Guess) -> Vec<Usage> {
        let one = match guess {
            Guess::Low => self.guesses[0],
            Guess::Expected => self.guesses[1],
            Guess::High => self.guesses[2],
        };
        let missing = prompt_tokens.saturating_sub(one.input_total());
        let turns = one.turns.max(1);
        // The first request takes what cannot be shared evenly.
        let part = |whole: u64, at: u64| whole / turns + if at == 0 { whole % turns } else { 0 };
        let request = |at| Usage {
            input_tokens: part(one.input_tokens + missing, at),
            output_tokens: part(one.output_tokens, at),
            cache_read_tokens: part(one.cache_read_tokens, at),
            cache_write_tokens: part(one.cache_write_tokens, at),
            tool_calls: part(one.tool_calls, at),
            ..Usage::default()
        };
        (0..turns).map(request).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_agent::sim::Exchange;
    use fanfold_core::CallKey;

    fn called() -> Called {
        Called {
            key: CallKey::new("0123456789abcdef", 0),
            label: "review:a".into(),
            given_label: None,
            agent_type: None,
            site: None,
            phase: None,
            model: "m".into(),
            prompt: "p".into(),
            exchange: Exchange { prompt_tokens: 2_000, reply_tokens: 50 },
            is_text: true,
            has_tools: true,
            turns_max: None,
        }
    }

    fn sum(requests: Vec<Usage>) -> Usage {
        let mut sum = Usage::default();
        requests.into_iter().for_each(|one| sum += one);
        sum
    }

    #[test]
    fn without_history_turns_and_replies_are_the_defaults_within_what_the_call_allows() {
        let requests = |called: &Called| by_default(called, Guess::Expected);
        assert_eq!(requests(&called()).len(), 6);
        assert_eq!(requests(&Called { turns_max: Some(3), ..called() }).len(), 3);
        assert_eq!(requests(&Called { turns_max: Some(0), ..called() }).len(), 1);
        let alone = Called { has_tools: false, is_text: false, ..called() };
        let only = Usage { input_tokens: 2_000, output_tokens: 100, ..Usage::default() };
        assert_eq!(requests(&alone), [only]);
        assert_eq!(requests(&Called { has_tools: false, ..called() })[0].output_tokens, 551);
    }

    #[test]
    fn with_history_the_requests_add_up_to_what_such_agents_used() {
        let mut samples = Samples::default();
        let sample = Sample {
            turns: 3,
            input_tokens: 1_000,
            cache_read_tokens: 4_000,
            cache_write_tokens: 500,
            output_tokens: 700,
            tool_calls: 2,
            duration_ms: 9_000,
        };
        (0..12).for_each(|_| samples.add(sample));
        let known = Known::of(&samples);
        let requests = known.requests(2_000, Guess::Expected);
        assert_eq!(requests.len(), 3);
        let used = sum(requests);
        assert_eq!((used.input_total(), used.cache_read_tokens, used.output_tokens), (5_500, 4_000, 700));
        assert_eq!(sum(known.requests(9_000, Guess::Low)).input_total(), 9_000, "what is sent is billed");
        assert_eq!(known.latency.median_ms, 9_000);
    }
}
