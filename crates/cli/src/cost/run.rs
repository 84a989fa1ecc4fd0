//! What one run spent, agent by agent, as its journal tells: over all attempts.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use fanfold_core::{FailureKind, Limits, RunStatus, Usage, Verdict};
use fanfold_engine::FileStore;
use serde::Deserialize;

use super::lines::{self, SpentEntry};

#[derive(Debug, Default)]
pub struct RunSpending {
    pub workflow: String,
    pub simulated: bool,
    /// When its last attempt began, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    pub limits: Option<Limits>,
    pub verdict: Verdict,
    /// How its last attempt ended, if it did so in good order.
    pub closed: Option<RunStatus>,
    pub agents: Vec<AgentSpending>,
    /// Of the journal, to damage: what they cost is missing here.
    pub lost_lines: u64,
}

#[derive(Debug, Default)]
pub struct AgentSpending {
    pub label: String,
    pub phase: Option<String>,
    /// `provider/model`
    pub model: String,
    pub state: AgentEnding,
    pub used: Usage,
    /// The part of it that led to nothing: of attempts that failed, and of one that did not finish.
    pub in_vain: Usage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentEnding {
    #[default]
    Unfinished,
    Finished,
    Failed,
}

/// Of `result.json`.
#[derive(Deserialize)]
struct Judged {
    verdict: Verdict,
}

#[derive(Default)]
struct Fold {
    run: RunSpending,
    by_key: HashMap<String, usize>,
    open: HashMap<usize, Reserved>,
    /// Used up to where a budget ended an agent: in vain, unless it is gone on with.
    cut_off: HashMap<usize, Usage>,
}

#[derive(Clone, Copy)]
struct Reserved {
    spent: Usage,
    worst: Usage,
}

impl RunSpending {
    pub fn read(dir: &Path) -> io::Result<Self> {
        let mut fold = Fold::default();
        let lost = lines::read(dir, |entry| fold.apply(entry))?;
        let is_under_way = fold.run.closed.is_none() && FileStore::is_held(dir);
        let mut run = fold.end(is_under_way);
        run.lost_lines = lost;
        if run.closed.is_some()
            && let Ok(json) = std::fs::read(dir.join("result.json"))
            && let Ok(judged) = serde_json::from_slice::<Judged>(&json)
        {
            run.verdict = judged.verdict;
        }
        Ok(run)
    }

    /// Whether what its agents found is worth nothing.
    pub fn is_failed(&self) -> bool {
        self.verdict == Verdict::Failed || self.closed == Some(RunStatus::Failed)
    }

    pub fn used(&self) -> Usage {
        let mut used = Usage::default();
        self.agents.iter().for_each(|agent| used += agent.used);
        used
    }
}

impl Fold {
    fn apply(&mut self, entry: SpentEntry<'_>) {
        match entry {
            SpentEntry::Opened { workflow, simulated, at_ms, limits } => {
                workflow.clone_into(&mut self.run.workflow);
                self.run.simulated = simulated;
                self.run.at_ms = at_ms;
                self.run.limits = limits;
                self.run.closed = None;
            }
            SpentEntry::Called { key, label, phase, model } => match self.by_key.get(key) {
                Some(index) => self.run.agents[*index].state = AgentEnding::Unfinished,
                None => {
                    self.by_key.insert(key.to_owned(), self.run.agents.len());
                    self.run.agents.push(AgentSpending {
                        label: label.to_owned(),
                        phase: phase.map(str::to_owned),
                        model: model.to_owned(),
                        ..AgentSpending::default()
                    });
                }
            },
            SpentEntry::Reserved { key, spent, worst } => {
                let agent = self.agent(key);
                self.open.insert(agent, Reserved { spent, worst });
            }
            // Timers and the like, which are not in `by_key`.
            SpentEntry::Settled { key, usage, .. } if usage.is_zero() && !self.by_key.contains_key(key) => (),
            SpentEntry::Settled { key, failure, usage } => {
                let index = self.agent(key);
                self.open.remove(&index);
                let agent = &mut self.run.agents[index];
                agent.used += usage;
                let before = self.cut_off.remove(&index);
                match failure {
                    None => agent.state = AgentEnding::Finished,
                    Some(FailureKind::Budget) => {
                        agent.state = AgentEnding::Failed;
                        let mut cut_off = before.unwrap_or_default();
                        cut_off += usage;
                        self.cut_off.insert(index, cut_off);
                    }
                    Some(_) => {
                        agent.state = AgentEnding::Failed;
                        agent.in_vain += usage;
                        agent.in_vain += before.unwrap_or_default();
                    }
                }
            }
            SpentEntry::Closed(status) => self.run.closed = Some(status),
        }
    }

    /// The agent of this key; one without a name where the line that called it is lost.
    fn agent(&mut self, key: &str) -> usize {
        match self.by_key.get(key) {
            Some(index) => *index,
            None => {
                self.by_key.insert(key.to_owned(), self.run.agents.len());
                self.run.agents.push(AgentSpending::default());
                self.run.agents.len() - 1
            }
        }
    }

    /// Of a run that is under way, requests that have not come back are neither lost nor in vain.
    fn end(mut self, is_under_way: bool) -> RunSpending {
        for (index, Reserved { spent, worst }) in self.open {
            let agent = &mut self.run.agents[index];
            agent.used += spent;
            if !is_under_way {
                agent.used += worst;
                agent.in_vain += spent;
                agent.in_vain += worst;
            }
        }
        for (index, usage) in self.cut_off {
            self.run.agents[index].in_vain += usage;
        }
        self.run
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn used(output_tokens: u64, usd_micros: u64) -> Usage {
        Usage { output_tokens, usd_micros, ..Usage::default() }
    }

    fn fold<'a>(entries: impl IntoIterator<Item = SpentEntry<'a>>) -> RunSpending {
        let mut fold = Fold::default();
        entries.into_iter().for_each(|entry| fold.apply(entry));
        fold.end(false)
    }

    fn called(key: &str) -> SpentEntry<'_> {
        SpentEntry::Called { key, label: key, phase: None, model: "a/b" }
    }

    fn settled(key: &str, failure: Option<FailureKind>, usage: Usage) -> SpentEntry<'_> {
        SpentEntry::Settled { key, failure, usage }
    }

    fn check(entries: Vec<SpentEntry<'_>>, state: AgentEnding, used: u64, in_vain: u64) {
        let run = fold(entries);
        let [agent] = &run.agents[..] else { panic!("{run:?}") };
        assert_eq!(
            (agent.state, agent.used.output_tokens, agent.in_vain.output_tokens),
            (state, used, in_vain)
        );
    }

    #[test]
    fn what_failed_was_in_vain_even_if_a_later_attempt_succeeded() {
        use AgentEnding::*;
        let failed = |usage| settled("a", Some(FailureKind::Timeout), usage);
        check(vec![called("a"), settled("a", None, used(5, 5))], Finished, 5, 0);
        check(vec![called("a"), failed(used(7, 7))], Failed, 7, 7);
        check(
            vec![called("a"), failed(used(7, 7)), called("a"), settled("a", None, used(5, 5))],
            Finished,
            12,
            7,
        );
    }

    #[test]
    fn what_a_budget_cut_off_is_in_vain_until_it_is_gone_on_with() {
        use AgentEnding::*;
        let cut_off = || vec![called("a"), settled("a", Some(FailureKind::Budget), used(7, 7))];
        check(cut_off(), Failed, 7, 7);
        let mut went_on = cut_off();
        went_on.extend([called("a"), settled("a", None, used(5, 5))]);
        check(went_on, Finished, 12, 0);
        let mut failed = cut_off();
        failed.extend([called("a"), settled("a", Some(FailureKind::Timeout), used(5, 5))]);
        check(failed, Failed, 12, 12);
    }

    #[test]
    fn a_request_that_nobody_heard_of_again_counts_as_the_worst_case_until_its_agent_settles() {
        let worst = Usage { unconfirmed: 1, unconfirmed_usd_micros: 90, ..Usage::default() };
        let died = || vec![called("a"), SpentEntry::Reserved { key: "a", spent: used(4, 4), worst }];
        let run = fold(died());
        assert_eq!((run.used().usd_micros, run.used().unconfirmed_usd_micros), (4, 90));
        assert_eq!(run.agents[0].in_vain, run.agents[0].used);
        let mut settled_later = died();
        settled_later.extend([called("a"), settled("a", None, used(9, 9))]);
        let run = fold(settled_later);
        assert_eq!((run.used(), run.agents[0].in_vain), (used(9, 9), Usage::default()));

        let mut running = Fold::default();
        died().into_iter().for_each(|entry| running.apply(entry));
        let run = running.end(true);
        assert_eq!((run.used(), run.agents[0].in_vain), (used(4, 4), Usage::default()), "it goes on");
    }

    #[test]
    fn an_agent_whose_call_is_lost_is_counted_without_a_name() {
        let run = fold([settled("timer", None, Usage::default()), settled("b", None, used(3, 3))]);
        assert_eq!((run.agents.len(), run.agents[0].label.as_str()), (1, ""));
    }
}
