//! What an attempt knows and counts: the journal's state, identities, usage, failures.

use fanfold_core::{
    AgentCall, CacheRule, Call, CallKey, Failure, Journal, Kept, Keys, Ledger, Limits, Outcome, Reply,
    Resolved, Source, WhyLive,
};

use super::{Identified, Scopes, Way, failure_report};
use crate::report::{AgentCounts, FailureReport, PlanItem};

pub(super) struct State {
    pub journal: Journal,
    pub ledger: Ledger,
    pub counts: AgentCounts,
    pub running: u64,
    pub failures: Vec<FailureReport>,
    pub kept: Vec<Kept>,
    pub plan: Vec<PlanItem>,
    pub warned: std::collections::HashSet<String>,
    keys: Keys,
    scopes: Scopes,
    cache: CacheRule,
    /// Calls identified so far: their place is what [`CacheRule::Prefix`] compares.
    identified: usize,
    prefix_broken: bool,
    refusals: u64,
}

impl State {
    pub fn new(journal: Journal, limits: Limits, cache: CacheRule) -> Self {
        Self {
            journal,
            ledger: Ledger::new(limits),
            counts: AgentCounts::default(),
            running: 0,
            failures: Vec::new(),
            kept: Vec::new(),
            plan: Vec::new(),
            warned: Default::default(),
            keys: Keys::default(),
            scopes: Scopes::new(),
            cache,
            identified: 0,
            prefix_broken: false,
            refusals: 0,
        }
    }

    /// Gives a call its key, and says whether an earlier outcome stands for it.
    pub fn identify(
        &mut self,
        seq: u32,
        scope: Option<u32>,
        call: Call,
        resolved: Result<Resolved, String>,
    ) -> Box<Identified> {
        let (resolved, mut refusal) = match resolved {
            Ok(resolved) => (resolved, None),
            Err(message) => {
                let failure = Failure { kind: fanfold_core::FailureKind::BadCall, message };
                (Resolved::default(), Some(failure))
            }
        };
        let scope = scope.and_then(|scope| self.scopes.get(&scope).cloned());
        let key = self.keys.next(scope.as_ref(), &call, &resolved);
        match &call {
            Call::Agent(_) if refusal.is_none() => refusal = self.ledger.count_agent().err(),
            Call::Workflow(_) => _ = self.scopes.insert(seq, key.clone()),
            Call::Agent(_) | Call::Timer(_) => (),
        }
        let in_place = self.journal.order().get(self.identified) == Some(&key);
        self.identified += 1;
        self.prefix_broken |= !in_place;
        let way = match refusal {
            Some(failure) => Way::Refused(failure),
            None => self.way(&key, &call),
        };
        Box::new(Identified { seq, key, call, resolved, way })
    }

    fn way(&self, key: &CallKey, call: &Call) -> Way {
        let may_recall = match self.cache {
            CacheRule::Content => true,
            CacheRule::Prefix => !self.prefix_broken,
            CacheRule::Off => false,
        };
        let cached = !matches!(call, Call::Agent(agent) if !agent.cache);
        match self.journal.recall(key) {
            Some(recalled) if may_recall && cached => {
                Way::Recalled { outcome: recalled.outcome.clone(), order: recalled.order }
            }
            _ => Way::Live {
                unfinished: self.journal.is_unfinished(key),
                why: self.journal.why_live(key).unwrap_or(WhyLive::NotCached),
            },
        }
    }

    /// Counts a settled agent.
    pub fn book(&mut self, key: &CallKey, agent: &AgentCall, outcome: &Outcome, source: Source) {
        self.ledger.charge(outcome.usage);
        match (&outcome.reply, source) {
            (Reply::Done(_), Source::Live) => self.counts.completed += 1,
            (Reply::Done(_), Source::Replayed) => self.counts.replayed += 1,
            (Reply::Failed(failure), _) => {
                if failure.kind == fanfold_core::FailureKind::Skipped {
                    self.counts.skipped += 1;
                } else {
                    self.counts.failed += 1;
                }
                self.failures.push(failure_report(key, agent, failure));
            }
        }
        self.kept.extend(outcome.kept.clone());
    }

    /// An exception that the script swallowed, unless it only passes on what is listed already.
    pub fn thrown(&mut self, phase: Option<String>, failure: Failure) {
        let told = |listed: &FailureReport| failure.message.contains(&listed.failure.message);
        if !self.failures.iter().any(told) {
            self.failures.push(FailureReport { agent: None, label: String::new(), phase, failure });
        }
    }

    /// Refusals stand behind everything that is in the journal.
    pub fn next_refusal(&mut self) -> u64 {
        self.refusals += 1;
        u64::MAX / 2 + self.refusals
    }
}
