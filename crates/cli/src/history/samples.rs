//! What single agents used: gathered from a run's events, kept as a sample that stays small, and guessed from.

use std::collections::HashMap;

use fanfold_agent::sim::Guess;
use fanfold_core::{CallKey, Event, EventBody, FailureKind, Source};
use serde::{Deserialize, Serialize};

use super::pattern;

/// One agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u64; 7]", into = "[u64; 7]")]
pub struct Sample {
    pub turns: u64,
    /// Neither read from nor written to the cache.
    pub input_tokens: u64,
    pub cache_read_tokens: u64,
    pub cache_write_tokens: u64,
    pub output_tokens: u64,
    pub tool_calls: u64,
    pub duration_ms: u64,
}

/// Agents of one kind on one model: a sample of them, in which newer ones are likelier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// How many there were.
    pub seen: u64,
    pub kept: Vec<Sample>,
}

/// What a kind of agent is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    pub pattern: String,
    pub model: String,
}

/// Gathers the agents of a run's last attempt that really worked.
#[derive(Default)]
pub struct Collector {
    asked: HashMap<CallKey, Kind>,
    done: Vec<(Kind, Sample)>,
}

/// Agents kept of a kind.
const KEPT_MAX: usize = 64;
/// A new agent takes an old one's place as if there had been no more than so many: 1 in 4 does.
const REMEMBERED: u64 = 256;
/// Fewer agents say too little of a kind.
const SEEN_MIN: usize = 3;
/// With fewer agents than these there are no tenths: the least and the most, and half as much again.
const TENTHS_MIN: usize = 10;

impl Collector {
    pub fn event(&mut self, event: &Event) {
        match &event.body {
            EventBody::RunStarted { .. } => *self = Self::default(),
            EventBody::AgentQueued { agent, label, model, .. } => {
                let kind = Kind { pattern: pattern(label), model: model.clone() };
                self.asked.insert(agent.clone(), kind);
            }
            EventBody::AgentEnded { agent, end } if end.source == Source::Live && end.turns > 0 => {
                // One that a person cut short says nothing of the next.
                // Who was cut short would make the next estimate, and with it the next cap, too small.
                let cut = end.failure.as_ref().is_some_and(|failure| failure.kind != FailureKind::Timeout);
                let Some(kind) = self.asked.remove(agent).filter(|_| !cut) else { return };
                let usage = end.usage;
                self.done.push((
                    kind,
                    Sample {
                        turns: end.turns.into(),
                        input_tokens: usage.input_tokens,
                        cache_read_tokens: usage.cache_read_tokens,
                        cache_write_tokens: usage.cache_write_tokens,
                        output_tokens: usage.output_tokens,
                        tool_calls: usage.tool_calls,
                        duration_ms: end.duration_ms,
                    },
                ));
            }
            _ => (),
        }
    }

    pub fn into_agents(self) -> Vec<(Kind, Sample)> {
        self.done
    }
}

impl Samples {
    pub fn add(&mut self, sample: Sample) {
        if self.kept.len() < KEPT_MAX {
            self.kept.push(sample);
        } else {
            // A fixed sequence that looks random: the file is the same wherever it is written.
            let draw = (self.seen.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % self.seen.min(REMEMBERED);
            if let Some(old) = usize::try_from(draw).ok().and_then(|at| self.kept.get_mut(at)) {
                *old = sample;
            }
        }
        self.seen += 1;
    }

    pub fn is_enough(&self) -> bool {
        self.kept.len() >= SEEN_MIN
    }

    /// What an agent of this kind uses. The whole input and the output vary by themselves; which share of the
    /// input the cache takes is that of all.
    pub fn guess(&self, guess: Guess) -> Sample {
        let of = |part: fn(&Sample) -> u64| self.quantity(guess, part);
        let input_total = of(Sample::input_total);
        let sum = |part: fn(&Sample) -> u64| self.kept.iter().map(|one| u128::from(part(one))).sum::<u128>();
        let all = sum(Sample::input_total).max(1);
        let share = |part: fn(&Sample) -> u64| {
            u64::try_from(u128::from(input_total) * sum(part) / all).expect("no more than the whole")
        };
        let (read, written) = (share(|one| one.cache_read_tokens), share(|one| one.cache_write_tokens));
        Sample {
            turns: of(|one| one.turns).max(1),
            input_tokens: input_total - read - written,
            cache_read_tokens: read,
            cache_write_tokens: written,
            output_tokens: of(|one| one.output_tokens),
            tool_calls: of(|one| one.tool_calls),
            duration_ms: of(|one| one.duration_ms),
        }
    }

    /// `(median, spread)` of the durations: half takes longer, and a tenth takes `spread` thousandths of it.
    pub fn duration(&self) -> (u64, u64) {
        let mut all: Vec<u64> = self.kept.iter().map(|one| one.duration_ms).collect();
        all.sort_unstable();
        let median = all.get(all.len() / 2).copied().unwrap_or_default().max(1);
        (median, (self.guess(Guess::High).duration_ms.saturating_mul(1_000) / median).max(1_000))
    }

    fn quantity(&self, guess: Guess, part: fn(&Sample) -> u64) -> u64 {
        let mut all: Vec<u64> = self.kept.iter().map(part).collect();
        all.sort_unstable();
        let (Some(first), Some(last)) = (all.first().copied(), all.last().copied()) else { return 0 };
        let few = all.len() < TENTHS_MIN;
        match guess {
            Guess::Low if few => first * 2 / 3,
            Guess::Low => all[(all.len() - 1) / 10],
            Guess::Expected => {
                let sum: u128 = all.iter().copied().map(u128::from).sum();
                u64::try_from(sum.div_ceil(all.len() as u128)).unwrap_or(u64::MAX)
            }
            Guess::High if few => last.saturating_mul(3).div_ceil(2),
            Guess::High => all[(all.len() * 9).div_ceil(10).min(all.len() - 1)],
        }
    }
}

impl Sample {
    pub fn input_total(&self) -> u64 {
        self.input_tokens + self.cache_read_tokens + self.cache_write_tokens
    }
}

impl From<[u64; 7]> for Sample {
    fn from(
        [turns, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, tool_calls, duration_ms]: [u64; 7],
    ) -> Self {
        Self {
            turns,
            input_tokens,
            cache_read_tokens,
            cache_write_tokens,
            output_tokens,
            tool_calls,
            duration_ms,
        }
    }
}

impl From<Sample> for [u64; 7] {
    fn from(one: Sample) -> Self {
        [
            one.turns,
            one.input_tokens,
            one.cache_read_tokens,
            one.cache_write_tokens,
            one.output_tokens,
            one.tool_calls,
            one.duration_ms,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_core::{AgentEnd, Failure, Usage};

    fn of_output(output_tokens: u64) -> Sample {
        Sample { turns: 1, input_tokens: 100, cache_read_tokens: 300, output_tokens, ..Sample::default() }
    }

    fn samples(outputs: impl IntoIterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        outputs.into_iter().for_each(|output| samples.add(of_output(output)));
        samples
    }

    #[test]
    fn guesses_are_tenths_and_means_of_many_and_wide_of_few() {
        let outputs = |samples: &Samples| Guess::ALL.map(|guess| samples.guess(guess).output_tokens);
        assert_eq!(outputs(&samples(1..=20)), [2, 11, 19]);
        assert_eq!(outputs(&samples([30, 60, 90])), [20, 60, 135]);
        assert!(!samples([1, 2]).is_enough() && samples([1, 2, 3]).is_enough());
    }

    #[test]
    fn the_cache_takes_its_share_of_every_guess() {
        let few = samples([1, 2, 3]);
        let high = few.guess(Guess::High);
        assert_eq!((high.input_tokens, high.cache_read_tokens, high.input_total()), (150, 450, 600));
    }

    #[test]
    fn the_sample_stays_small_and_follows_what_is_new() {
        let mut many = samples(std::iter::repeat_n(10, 5_000));
        assert_eq!((many.seen, many.kept.len()), (5_000, KEPT_MAX));
        (0..1_000).for_each(|_| many.add(of_output(1_000)));
        assert!(many.guess(Guess::Expected).output_tokens > 900, "{:?}", many.guess(Guess::Expected));
    }

    #[test]
    fn a_half_of_the_durations_is_above_the_median_and_a_tenth_above_the_spread() {
        let mut samples = Samples::default();
        (1..=20).for_each(|n| samples.add(Sample { duration_ms: n * 100, ..Sample::default() }));
        assert_eq!(samples.duration(), (1_100, 1_727));
        assert_eq!(Samples::default().duration().0, 1);
    }

    #[test]
    fn agents_are_gathered_from_the_last_attempt_and_only_those_that_worked() {
        let key = |n| CallKey::new("0123456789abcdef", n);
        let queued = |n, label: &str| EventBody::AgentQueued {
            agent: key(n),
            label: label.into(),
            phase: None,
            model: "a/b".into(),
        };
        let ended = |n, source, turns, failure: Option<FailureKind>| {
            let usage = Usage { input_tokens: 7, output_tokens: 5, ..Usage::default() };
            let failure = failure.map(|kind| Failure { kind, message: String::new() });
            let end = AgentEnd { source, failure, usage, turns, duration_ms: 9, patch: None };
            EventBody::AgentEnded { agent: key(n), end: Box::new(end) }
        };
        let started = || EventBody::RunStarted {
            run_id: "wf_abcdef".into(),
            workflow: "w".into(),
            run_dir: String::new(),
            simulated: false,
            attempt: 1,
            model: "a/b".into(),
            concurrency: 1,
            phases: Vec::new(),
            budget: None,
            budget_usd_micros: None,
        };
        let bodies = [
            started(),
            queued(0, "old"),
            ended(0, Source::Live, 1, None),
            started(),
            queued(0, "old"),
            ended(0, Source::Replayed, 1, None),
            queued(1, "review:a"),
            ended(1, Source::Live, 2, None),
            queued(2, "review:b"),
            ended(2, Source::Live, 2, Some(FailureKind::Timeout)),
            queued(3, "skipped"),
            ended(3, Source::Live, 2, Some(FailureKind::Skipped)),
            queued(4, "refused"),
            ended(4, Source::Live, 0, Some(FailureKind::Budget)),
        ];
        let mut collector = Collector::default();
        for body in bodies {
            collector.event(&Event { seq: 0, at: 0, body });
        }
        let done = collector.into_agents();
        let patterns: Vec<&str> = done.iter().map(|(kind, _)| kind.pattern.as_str()).collect();
        assert_eq!(patterns, ["review:*", "review:*"]);
        assert_eq!((done[0].1.turns, done[0].1.input_tokens, done[0].1.duration_ms), (2, 7, 9));
    }
}
