//! The history of one workflow: its kinds of agents, and its runs.

use serde::{Deserialize, Serialize};

use super::samples::{Kind, Sample, Samples};
use super::{Fact, Held};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PastRuns {
    /// For people who look into the file.
    pub workflow: String,
    kinds: Vec<PastKind>,
    /// The newest last.
    pub runs: Vec<Fact>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PastKind {
    pattern: String,
    model: String,
    /// Milliseconds since the Unix epoch.
    at_ms: u64,
    #[serde(flatten)]
    samples: Samples,
}

/// Kinds of agents kept of a workflow; the one that was not seen for longest goes.
const KINDS_MAX: usize = 200;
const RUNS_MAX: usize = 50;

impl PastRuns {
    pub(super) fn add(&mut self, fact: Fact, agents: Vec<(Kind, Sample)>) {
        let at_ms = fact.at_ms;
        for (Kind { pattern, model }, sample) in agents {
            let known = self.kinds.iter_mut().find(|kind| kind.pattern == pattern && kind.model == model);
            match known {
                Some(kind) => {
                    kind.samples.add(sample);
                    kind.at_ms = at_ms;
                }
                None => {
                    let mut samples = Samples::default();
                    samples.add(sample);
                    self.kinds.push(PastKind { pattern, model, at_ms, samples });
                }
            }
        }
        self.kinds.sort_by_key(|kind| std::cmp::Reverse(kind.at_ms));
        self.kinds.truncate(KINDS_MAX);
        // What was promised before the first attempt stays what was promised.
        let before = self.runs.iter().position(|run| run.run_id == fact.run_id);
        let before = before.map(|at| self.runs.remove(at));
        let estimate = fact.estimate.or(before.and_then(|before| before.estimate));
        self.runs.push(Fact { estimate, ..fact });
        let surplus = self.runs.len().saturating_sub(RUNS_MAX);
        self.runs.drain(..surplus);
    }

    /// Agents like this one on this model, if there were enough; else those on any model.
    pub fn agents(&self, pattern: &str, model: &str) -> Option<Samples> {
        let of_kind = || self.kinds.iter().filter(|kind| kind.pattern == pattern);
        let same = of_kind().find(|kind| kind.model == model).map(|kind| kind.samples.clone());
        same.filter(Samples::is_enough).or_else(|| {
            let mut all = Samples::default();
            for kind in of_kind() {
                all.seen += kind.samples.seen;
                all.kept.extend(&kind.samples.kept);
            }
            Some(all).filter(Samples::is_enough)
        })
    }

    /// How many of the last runs with an estimate, at most `of`, ended inside it; and how many those are.
    pub fn held(&self, of: usize) -> (usize, usize) {
        let judged = self.runs.iter().rev().filter_map(Fact::held).filter(|held| *held != Held::Unfinished);
        let last: Vec<Held> = judged.take(of).collect();
        (last.iter().filter(|held| **held == Held::Inside).count(), last.len())
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.runs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Promise, Span};
    use fanfold_core::{RunStatus, Usage};

    fn fact(run_id: &str, at_ms: u64, spent: u64, promised: Option<u64>) -> Fact {
        let span = |most| Span { least: 0, most: Some(most) };
        Fact {
            run_id: run_id.into(),
            at_ms,
            status: RunStatus::Completed,
            usage: Usage { output_tokens: spent, ..Usage::default() },
            usd_micros: None,
            duration_ms: 1,
            estimate: promised.map(|most| Promise { usd_micros: None, tokens: span(most) }),
        }
    }

    fn agents(pattern: &str, model: &str, outputs: &[u64]) -> Vec<(Kind, Sample)> {
        let kind = Kind { pattern: pattern.into(), model: model.into() };
        let sample = |output: &u64| Sample { turns: 1, output_tokens: *output, ..Sample::default() };
        outputs.iter().map(|output| (kind.clone(), sample(output))).collect()
    }

    #[test]
    fn agents_of_the_same_model_come_first_and_those_of_others_are_better_than_none() {
        let mut past = PastRuns::default();
        past.add(fact("a", 1, 1, None), agents("review:*", "p/one", &[10, 10, 10]));
        past.add(fact("b", 2, 1, None), agents("review:*", "p/two", &[40]));
        let seen = |model: &str| past.agents("review:*", model).map(|samples| samples.seen);
        assert_eq!(seen("p/one"), Some(3));
        assert_eq!(seen("p/two"), Some(4), "one alone is not enough");
        assert_eq!(past.agents("other", "p/one"), None);
    }

    #[test]
    fn a_resumed_run_is_one_run_with_its_first_estimate() {
        let mut past = PastRuns::default();
        past.add(fact("a", 1, 10, Some(100)), Vec::new());
        past.add(fact("b", 2, 10, Some(1)), Vec::new());
        past.add(fact("a", 3, 90, None), Vec::new());
        let runs: Vec<(&str, u64)> =
            past.runs.iter().map(|run| (run.run_id.as_str(), run.tokens())).collect();
        assert_eq!(runs, [("b", 10), ("a", 90)]);
        assert_eq!(past.held(7), (1, 2));
        assert_eq!(past.held(1), (1, 1));
    }

    #[test]
    fn the_history_is_bounded_and_forgets_what_was_not_seen_for_longest() {
        let mut past = PastRuns::default();
        for n in 0..300 {
            past.add(fact(&format!("r{n}"), n, 1, None), agents(&format!("kind {n}x"), "m", &[1, 1, 1]));
        }
        assert_eq!((past.runs.len(), past.kinds.len()), (RUNS_MAX, KINDS_MAX));
        assert!(past.agents("kind 299x", "m").is_some() && past.agents("kind 99x", "m").is_none());
        assert_eq!(past.runs[0].run_id, "r250");
    }
}
