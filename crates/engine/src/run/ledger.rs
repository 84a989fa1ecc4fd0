//! What an attempt knows and counts: the journal's state, identities, usage, failures.

use std::collections::BTreeMap;

use fanfold_core::journal::Reservation;
use fanfold_core::{
    AgentCall, CacheRule, Call, CallKey, Cap, Failure, FailureKind, Isolation, Journal, Keys, Ledger, Limits,
    Location, Moment, Outcome, Patch, Reply, Resolved, Source, Verdict, WhyLive,
};

use super::{Identified, Scopes, Way, phase, title};
use crate::report::{AgentCounts, FailureReport, PlanItem};

pub(super) struct State {
    pub journal: Journal,
    pub ledger: Ledger,
    pub counts: AgentCounts,
    pub running: u64,
    pub failures: Vec<FailureReport>,
    pub patches: Vec<Patch>,
    pub plan: Vec<PlanItem>,
    pub warned: std::collections::HashSet<String>,
    pub thinking: Thought,
    /// Of the last tree that the oracle judged on the run's branch or in its workspace.
    last_judged: Option<bool>,
    /// Agents worked in the workspace since.
    unjudged_work: bool,
    /// The place of the last call that changed what an oracle without a commit is asked about: what it said
    /// before that is about another tree.
    last_work: u64,
    /// Of `verified()`: one did not land.
    not_landed: bool,
    keys: Keys,
    scopes: Scopes,
    cache: CacheRule,
    /// Agents identified so far: their place is what [`CacheRule::Prefix`] compares.
    identified: usize,
    prefix_broken: bool,
}

/// The time in which at least one question was open, by the run's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Thought {
    open: u64,
    since: u64,
    ms: u64,
}

impl Thought {
    pub fn begin(&mut self, now: u64) {
        if self.open == 0 {
            self.since = now;
        }
        self.open += 1;
    }

    pub fn end(&mut self, now: u64) {
        self.open -= 1;
        if self.open == 0 {
            self.ms += now.saturating_sub(self.since);
        }
    }

    pub fn ms(&self, now: u64) -> u64 {
        let open = if self.open > 0 { now.saturating_sub(self.since) } else { 0 };
        self.ms + open
    }
}

impl State {
    pub fn new(journal: Journal, limits: Limits, phases: &BTreeMap<String, Cap>, cache: CacheRule) -> Self {
        let mut ledger = Ledger::new(limits, phases);
        ledger.restore(journal.usage(), journal.phase_usage());
        Self {
            journal,
            ledger,
            counts: AgentCounts::default(),
            running: 0,
            failures: Vec::new(),
            patches: Vec::new(),
            plan: Vec::new(),
            warned: Default::default(),
            thinking: Thought::default(),
            last_judged: None,
            unjudged_work: false,
            last_work: 0,
            not_landed: false,
            keys: Keys::default(),
            scopes: Scopes::new(),
            cache,
            identified: 0,
            prefix_broken: false,
        }
    }

    /// Gives a call its key, and says whether an earlier outcome stands for it.
    pub fn identify(
        &mut self,
        seq: u32,
        scope: Option<u32>,
        site: Option<Location>,
        call: Call,
        resolved: Result<Resolved, String>,
    ) -> Box<Identified> {
        let (resolved, mut refusal) = match resolved {
            Ok(resolved) => (resolved, None),
            Err(message) => {
                let failure = Failure { kind: FailureKind::BadCall, message };
                (Resolved::default(), Some(failure))
            }
        };
        let scope = scope.and_then(|scope| self.scopes.get(&scope).cloned());
        let key = self.keys.next(scope.as_ref(), &call, &resolved);
        match &call {
            Call::Agent(_) if refusal.is_none() => refusal = self.ledger.count_agent().err(),
            Call::Workflow(_) => _ = self.scopes.insert(seq, key.clone()),
            Call::Agent(_) | Call::Timer(_) | Call::Oracle(_) | Call::Land(_) | Call::Ask(_) => (),
        }
        if matches!(call, Call::Agent(_)) && refusal.is_none() {
            self.prefix_broken |= self.journal.order().get(self.identified) != Some(&key);
            self.identified += 1;
        }
        let way = match refusal {
            Some(failure) => Way::Refused(failure),
            None => self.way(&key, &call),
        };
        Box::new(Identified { seq, key, site, call, resolved, way })
    }

    fn way(&self, key: &CallKey, call: &Call) -> Way {
        let may_recall = match self.cache {
            CacheRule::Content => true,
            CacheRule::Prefix => !self.prefix_broken,
            CacheRule::Off => false,
        };
        let stands = |order: u64| match call {
            Call::Agent(agent) => agent.cache,
            // Its key does not say which tree it was: a commit would.
            Call::Oracle(oracle) => oracle.patch.is_some() || order >= self.last_work,
            Call::Workflow(_) | Call::Timer(_) | Call::Land(_) | Call::Ask(_) => true,
        };
        match self.journal.recall(key) {
            Some(recalled) if may_recall && stands(recalled.order) => {
                Way::Recalled { outcome: Box::new(recalled.outcome.clone()), order: recalled.order }
            }
            _ => Way::Live {
                unfinished: self.journal.is_unfinished(key),
                why: self.journal.why_live(key).unwrap_or(WhyLive::NotCached),
            },
        }
    }

    /// Counts an agent that begins, and opens its tab.
    pub fn start(&mut self, key: &CallKey, agent: &AgentCall) {
        self.counts.started += 1;
        let base = self.journal.reservation(key).map(Reservation::whole).unwrap_or_default();
        self.ledger.open(key, agent.phase.as_deref(), agent.limit, base);
    }

    /// Whether the work passed: by the last tree that was judged, and by all that was to land.
    pub fn verdict(&self) -> Verdict {
        match self.last_judged {
            _ if self.not_landed => Verdict::Failed,
            Some(false) => Verdict::Failed,
            Some(true) if !self.unjudged_work => Verdict::Passed,
            Some(true) | None => Verdict::Unverified,
        }
    }

    /// Whether the oracle has judged what the run has come to.
    pub fn is_judged(&self) -> bool {
        self.last_judged.is_some() && !self.unjudged_work && self.counts.unfinished == 0
    }

    /// `verified()` ended, and its work did not land; `counts`: for the verdict, since something could judge it.
    pub fn not_landed(&mut self, failure: Option<FailureReport>, counts: bool) {
        self.not_landed |= counts;
        self.failures.extend(failure);
    }

    fn book_verdict(&mut self, asked: &Identified, outcome: &Outcome, order: u64) {
        if let Call::Agent(agent) = &asked.call {
            // One that failed may have changed files before it did.
            if agent.isolation == Isolation::Shared && !matches!(asked.way, Way::Refused(_)) {
                self.unjudged_work = true;
                self.last_work = self.last_work.max(order);
            }
            return;
        }
        let Reply::Done(value) = &outcome.reply else { return };
        let (judgement, is_the_run) = match &asked.call {
            Call::Oracle(oracle) if oracle.moment == Moment::Start => return,
            Call::Oracle(oracle) => (value, oracle.patch.is_none() && oracle.check.is_none()),
            Call::Land(_) => {
                let landed = value["landed"] == true;
                if landed {
                    self.last_work = self.last_work.max(order);
                }
                (&value["judgement"], landed)
            }
            Call::Agent(_) | Call::Workflow(_) | Call::Timer(_) | Call::Ask(_) => return,
        };
        if let (true, Some(passed)) = (is_the_run, judgement["passed"].as_bool()) {
            self.last_judged = Some(passed);
            self.unjudged_work = false;
        }
        let tampered: Vec<&str> =
            judgement["tampered"].as_array().into_iter().flatten().filter_map(|path| path.as_str()).collect();
        if !tampered.is_empty() {
            let message = format!("it touched what decides about it: {}", tampered.join(", "));
            self.failures.push(FailureReport {
                agent: None,
                label: title(&asked.call),
                phase: phase(&asked.call),
                failure: Failure { kind: FailureKind::Tampered, message },
            });
        }
    }

    /// Counts what a call came to. `order`: its place in the order of settling.
    pub fn book(&mut self, asked: &Identified, outcome: &Outcome, source: Source, order: u64) {
        let is_agent = matches!(asked.call, Call::Agent(_));
        self.book_verdict(asked, outcome, order);
        match (&outcome.reply, source) {
            (Reply::Done(_), Source::Live) => self.counts.completed += u64::from(is_agent),
            (Reply::Done(_), Source::Replayed) => self.counts.replayed += u64::from(is_agent),
            (Reply::Failed(failure), _) => {
                if failure.kind == FailureKind::Skipped {
                    self.counts.skipped += u64::from(is_agent);
                } else {
                    self.counts.failed += u64::from(is_agent);
                }
                self.failures.push(FailureReport {
                    agent: Some(asked.key.clone()),
                    label: title(&asked.call),
                    phase: phase(&asked.call),
                    failure: failure.clone(),
                });
            }
        }
        if let (Call::Agent(agent), Some(patch)) = (&asked.call, &outcome.patch)
            && !agent.hands_over_patch
        {
            self.patches.push(patch.without_diff());
        }
    }

    /// An exception that the script swallowed, and that no call stands for.
    pub fn thrown(&mut self, phase: Option<String>, failure: Failure) {
        self.failures.push(FailureReport { agent: None, label: String::new(), phase, failure });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_who_is_asked_two_things_at_once_thinks_once() {
        let mut thinking = Thought::default();
        thinking.begin(100);
        thinking.begin(150);
        thinking.end(200);
        assert_eq!(thinking.ms(230), 130, "one is still open");
        thinking.end(250);
        assert_eq!(thinking.ms(900), 150);
        thinking.begin(1_000);
        thinking.end(1_007);
        assert_eq!(thinking.ms(2_000), 157);
    }
}
