//! What one run cost, by phase and by model, and what is left of its budget.

use std::collections::HashMap;

use fanfold_core::{Cap, Price};
use serde::Serialize;

use super::amount::{PriceOf, Spent};
use super::run::{AgentSpending, RunSpending};

/// Over all attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunCost {
    pub total: Spent,
    /// In the order in which they were first called. Agents of no phase are in `total` alone, unless there are
    /// phases.
    pub phases: Vec<Part>,
    pub models: Vec<Part>,
    /// `None` where nothing is limited.
    pub budget: Option<Budgeted>,
    /// Of the journal, to damage: what they cost is missing here.
    pub lost_lines: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `null`: agents of no phase.
    pub name: Option<String>,
    #[serde(flatten)]
    pub spent: Spent,
}

/// Caps of a run, each with what counts against it: the unconfirmed, and of requests under way what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Budgeted {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_micros: Option<OfCap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<OfCap>,
    /// Nobody named it: it is the upper end of the estimate.
    pub is_estimate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OfCap {
    pub total: u64,
    pub spent: u64,
    pub unused: u64,
}

impl RunCost {
    pub fn new(run: &RunSpending, price: PriceOf<'_>) -> Self {
        let mut total = Spent::default();
        for agent in &run.agents {
            total += spent(agent, run, price);
        }
        let has_phases = run.agents.iter().any(|agent| agent.phase.is_some());
        Self {
            total,
            phases: if has_phases { parts(run, price, |agent| agent.phase.as_deref()) } else { Vec::new() },
            models: parts(run, price, |agent| Some(&agent.model)),
            budget: Budgeted::of(run),
            lost_lines: run.lost_lines,
        }
    }
}

fn parts(run: &RunSpending, price: PriceOf<'_>, name: impl Fn(&AgentSpending) -> Option<&str>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at: HashMap<Option<&str>, usize> = HashMap::new();
    for agent in &run.agents {
        let name = name(agent);
        let index = *at.entry(name).or_insert_with(|| {
            parts.push(Part { name: name.map(str::to_owned), spent: Spent::default() });
            parts.len() - 1
        });
        parts[index].spent += spent(agent, run, price);
    }
    parts
}

fn spent(agent: &AgentSpending, run: &RunSpending, price: PriceOf<'_>) -> Spent {
    Spent::of(agent, run, price(&agent.model) == Some(Price::FREE))
}

impl Budgeted {
    fn of(run: &RunSpending) -> Option<Self> {
        let limits = run.limits?;
        let Cap { output_tokens, usd_micros } = limits.cap;
        let used = run.used();
        let of_cap = |total: u64, spent: u64| OfCap { total, spent, unused: total.saturating_sub(spent) };
        (!limits.cap.is_none()).then(|| Self {
            usd_micros: usd_micros.map(|total| of_cap(total, used.usd_micros_max())),
            output_tokens: output_tokens.map(|total| of_cap(total, used.output_tokens_max())),
            is_estimate: limits.cap_is_estimate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_core::{Limits, Usage};

    #[test]
    fn a_run_is_told_by_phase_and_model_with_what_its_budget_has_left() {
        let agent = |phase: Option<&str>, model: &str, usd_micros| AgentSpending {
            phase: phase.map(str::to_owned),
            model: model.into(),
            used: Usage { usd_micros, output_tokens: 5, ..Usage::default() },
            ..AgentSpending::default()
        };
        let cap = Cap { usd_micros: Some(1_000), output_tokens: None };
        let limits = Limits { cap, cap_is_estimate: true, ..Limits::default() };
        let mut run = RunSpending {
            limits: Some(limits),
            agents: vec![agent(Some("B"), "m", 10), agent(Some("A"), "n", 20), agent(None, "m", 30)],
            ..RunSpending::default()
        };
        run.agents[0].used.unconfirmed_usd_micros = 40;
        let cost = RunCost::new(&run, &|_| None);
        let names = |parts: &[Part]| -> Vec<(String, u64)> {
            let name = |part: &Part| part.name.clone().unwrap_or_default();
            parts.iter().map(|part| (name(part), part.spent.used.usd_micros)).collect()
        };
        assert_eq!(names(&cost.phases), [("B".into(), 10), ("A".into(), 20), (String::new(), 30)]);
        assert_eq!(names(&cost.models), [("m".into(), 40), ("n".into(), 20)]);
        let budget = cost.budget.expect("there is one");
        assert_eq!(budget.usd_micros, Some(OfCap { total: 1_000, spent: 100, unused: 900 }));
        assert_eq!((budget.output_tokens, budget.is_estimate), (None, true));

        run.limits = Some(Limits { cap: Cap::default(), ..limits });
        run.agents.truncate(1);
        run.agents[0].phase = None;
        let cost = RunCost::new(&run, &|_| None);
        assert_eq!((cost.budget, cost.phases), (None, Vec::new()));
    }
}
