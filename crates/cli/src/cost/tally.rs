//! Sums over many runs: each is added and forgotten.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::ValueEnum;
use fanfold_core::{Price, Verdict};
use serde::Serialize;

use super::amount::{Amount, PriceOf, Spent};
use super::run::{AgentSpending, RunSpending};
use crate::history::pattern;

/// What a row of the report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    #[default]
    Workflow,
    Model,
    /// Of each workflow
    Phase,
    /// Kinds of agents of each workflow: `review:a.rs` is one of `review:*`
    Label,
}

pub struct Tally<'a> {
    pub(super) by: By,
    pub(super) price: PriceOf<'a>,
    pub(super) groups: BTreeMap<Group, Counted>,
    pub(super) total: Counted,
    pub(super) verified: Results,
    pub(super) unverified: Results,
    /// By model; those that neither read from a cache nor wrote to one are not here.
    pub(super) cached: BTreeMap<String, Cached>,
    /// Models of which some requests have no price.
    pub(super) unpriced: BTreeSet<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub workflow: Option<String>,
    /// Model, phase or kind of agent; `None` where only the workflow counts, and for agents of no phase.
    pub name: Option<String>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Counted {
    pub runs: u64,
    pub spent: Spent,
}

/// What was paid for results, and how many there were.
#[derive(Clone, Copy, Default)]
pub(super) struct Results {
    pub runs: u64,
    pub count: u64,
    pub used: Amount,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Cached {
    pub read_tokens: u64,
    pub written_tokens: u64,
}

impl<'a> Tally<'a> {
    pub fn new(by: By, price: PriceOf<'a>) -> Self {
        Self {
            by,
            price,
            groups: BTreeMap::new(),
            total: Counted::default(),
            verified: Results::default(),
            unverified: Results::default(),
            cached: BTreeMap::new(),
            unpriced: BTreeSet::new(),
        }
    }

    pub fn add(&mut self, run: &RunSpending) {
        let mut groups: HashMap<Option<String>, Spent> = HashMap::new();
        let mut total = Spent::default();
        let mut free: HashMap<&str, bool> = HashMap::new();
        for agent in &run.agents {
            let price = |model: &&str| (self.price)(model) == Some(Price::FREE);
            let is_free = *free.entry(&agent.model).or_insert_with_key(price);
            let spent = Spent::of(agent, run, is_free);
            *groups.entry(self.name(agent)).or_default() += spent;
            total += spent;
            self.note_model(agent, &spent);
        }
        for (name, spent) in groups {
            let workflow = (self.by != By::Model).then(|| run.workflow.clone());
            *self.groups.entry(Group { workflow, name }).or_default() += Counted { runs: 1, spent };
        }
        self.total += Counted { runs: 1, spent: total };
        let (results, count) = match run.verdict {
            Verdict::Passed => (&mut self.verified, 1),
            Verdict::Failed => (&mut self.verified, 0),
            Verdict::Unverified => (&mut self.unverified, total.finished),
        };
        *results += Results { runs: 1, count, used: total.used };
    }

    /// Adds what another tally of the same kind counted.
    pub fn merge(&mut self, other: Self) {
        for (group, counted) in other.groups {
            *self.groups.entry(group).or_default() += counted;
        }
        self.total += other.total;
        self.verified += other.verified;
        self.unverified += other.unverified;
        for (model, Cached { read_tokens, written_tokens }) in other.cached {
            let cached = self.cached.entry(model).or_default();
            cached.read_tokens += read_tokens;
            cached.written_tokens += written_tokens;
        }
        self.unpriced.extend(other.unpriced);
    }

    fn name(&self, agent: &AgentSpending) -> Option<String> {
        match self.by {
            By::Workflow => None,
            By::Model => Some(agent.model.clone()),
            By::Phase => agent.phase.clone(),
            By::Label => Some(pattern(&agent.label)),
        }
    }

    fn note_model(&mut self, agent: &AgentSpending, spent: &Spent) {
        let Amount { cache_read_tokens, cache_write_tokens, unpriced_tokens, .. } = spent.used;
        if cache_read_tokens + cache_write_tokens > 0 {
            let cached = match self.cached.get_mut(&agent.model) {
                Some(cached) => cached,
                None => self.cached.entry(agent.model.clone()).or_default(),
            };
            cached.read_tokens += cache_read_tokens;
            cached.written_tokens += cache_write_tokens;
        }
        if unpriced_tokens > 0 && !self.unpriced.contains(&agent.model) {
            self.unpriced.insert(agent.model.clone());
        }
    }
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.spent += other.spent;
    }
}

impl std::ops::AddAssign for Results {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.count += other.count;
        self.used += other.used;
    }
}
