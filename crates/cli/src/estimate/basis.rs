//! How an estimate was reached, in words.

use std::collections::BTreeMap;

use fanfold_agent::prices;
use fanfold_agent::sim::{Defaults, Guess};
use fanfold_core::Price;

use super::cut::Cut;
use super::reckon::{Prices, Tallied};
use super::show;
use crate::screen::text;

/// Estimates of earlier runs that are looked at.
const HELD_OF: usize = 7;

/// What the sentences are about.
pub struct Basis<'a> {
    pub prices: &'a Prices<'a>,
    pub counted: &'a [&'a Tallied<'a>],
    pub expected: &'a Tallied<'a>,
    pub all: &'a [Tallied<'a>],
    pub cuts: &'a [Cut],
}

impl Basis<'_> {
    pub fn sentences(&self, model: Option<&(String, String)>, unpriced: &[String]) -> Vec<String> {
        let mut said = vec![self.policies()];
        said.extend(self.left_out());
        said.extend(self.caps());
        said.extend(self.agents());
        said.extend(self.promises());
        said.push(match model {
            Some((name, origin)) => format!("agents that name no model are priced as {name} ({origin})"),
            None => {
                "no model is set, so there are no dollars: --model names one, --as compares several".into()
            }
        });
        let prices = self.prices.by_written.values().filter_map(|(_, price)| *price);
        if prices.into_iter().any(|price| price != Price::FREE) {
            said.push(format!(
                "published prices are those of {}; your settings can change them",
                prices::date()
            ));
        }
        said.extend(unpriced.iter().map(|name| show::no_price(name)));
        said.extend(self.windows());
        said
    }

    fn policies(&self) -> String {
        if let [only] = self.counted
            && only.run.is_the_same_under_all()
        {
            return "no agent is asked for data, so one dry run stands for every policy".into();
        }
        let names: Vec<String> = self.counted.iter().map(|one| format!("`{}`", one.run.policy)).collect();
        format!(
            "expected is the dry run under `{}`; low and high are the least and the most of {}",
            self.expected.run.policy,
            names.join(", ")
        )
    }

    fn left_out(&self) -> Option<String> {
        let is_counted =
            |one: &&Tallied<'_>| !self.counted.iter().any(|other| other.run.policy == one.run.policy);
        let names: Vec<String> =
            self.all.iter().filter(is_counted).map(|one| format!("`{}`", one.run.policy)).collect();
        (!names.is_empty()).then(|| format!("not counted, because the script crashes: {}", names.join(", ")))
    }

    /// Limits that somebody named and that ended dry runs, each with the policies that it ended.
    fn caps(&self) -> Vec<String> {
        let mut by_limit: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for cut in self.cuts.iter().filter(|cut| cut.is_named) {
            by_limit.entry(&cut.what).or_default().push(format!("`{}`", cut.policy));
        }
        let said = |(what, policies): (&str, Vec<String>)| {
            format!("the script {what} under {}: that is the upper end", policies.join(", "))
        };
        by_limit.into_iter().map(said).collect()
    }

    /// Which agents earlier runs are known of, and what is taken for the others.
    fn agents(&self) -> Vec<String> {
        let mut known: BTreeMap<String, u64> = BTreeMap::new();
        let (mut with, mut without) = (0u64, 0u64);
        for called in &self.expected.run.called {
            match self.prices.agents.known(&called.label, &called.model) {
                Some(past) => {
                    with += 1;
                    known.insert(crate::history::pattern(&called.label), past.seen);
                }
                None => without += 1,
            }
        }
        let mut said = Vec::new();
        if with > 0 {
            let kinds: Vec<String> =
                known.iter().take(4).map(|(pattern, seen)| format!("`{pattern}` ({seen})")).collect();
            let more = if known.len() > 4 { ", …" } else { "" };
            said.push(format!(
                "{} as in earlier runs of this workflow: {}{more}",
                text::plural(with, "agent"),
                kinds.join(", ")
            ));
        }
        if without > 0 {
            let turns = Guess::ALL.map(|guess| Defaults::TOOL_TURNS.guess(guess));
            let texts = Guess::ALL.map(|guess| Defaults::REPLIES.text(guess));
            let data = Guess::ALL.map(|guess| Defaults::REPLIES.data(1, guess));
            let whom = if with > 0 { format!("the other {without}") } else { "agents".into() };
            said.push(format!(
                "{whom} by assumption, as nothing is known of earlier runs: {}, {} or {} tool turns (low, expected, \
                 high) of {} tokens written and {} read; replies of {}, {} or {} tokens, or {}, {} or {} times a \
                 simulated reply to a schema",
                turns[0],
                turns[1],
                turns[2],
                Defaults::TOOL_TURNS.output_tokens,
                Defaults::TOOL_TURNS.input_tokens,
                texts[0],
                texts[1],
                texts[2],
                data[0],
                data[1],
                data[2],
            ));
        }
        said.push(format!(
            "prompts are counted as they are sent, with {} tokens of system prompt and tools; what came before in a \
             conversation is read from the cache",
            text::count(Defaults::SYSTEM_TOKENS)
        ));
        said
    }

    fn promises(&self) -> Vec<String> {
        let past = &self.prices.agents.past;
        let spent: Vec<String> = past
            .runs
            .iter()
            .rev()
            .take(3)
            .map(|run| match run.usd_micros {
                Some(micros) => show::dollars(micros),
                None => format!("{} tokens", text::count(run.tokens())),
            })
            .collect();
        let (held, of) = past.held(HELD_OF);
        let mut said = Vec::new();
        if !spent.is_empty() {
            said.push(format!("the last runs of this workflow used {}", spent.join(", ")));
        }
        if of > 0 {
            said.push(format!("of the last {of} estimates of this workflow {held} held"));
        }
        said
    }

    /// Prompts that do not fit.
    fn windows(&self) -> Vec<String> {
        let mut longest: BTreeMap<&str, u64> = BTreeMap::new();
        for called in self.counted.iter().flat_map(|one| &one.run.called) {
            let Some((model, _)) = self.prices.by_written.get(&called.model) else { continue };
            let longest = longest.entry(model).or_default();
            *longest = called.exchange.prompt_tokens.max(*longest);
        }
        let names = self.prices.pricing.names();
        let too_long = longest.into_iter().filter_map(|(model, tokens)| {
            let window = names.context_tokens(model)?;
            (tokens > window).then(|| {
                let (tokens, window) = (text::count(tokens), text::count(window));
                format!("a prompt of {tokens} tokens does not fit into {model}, which takes {window}")
            })
        });
        too_long.collect()
    }
}
