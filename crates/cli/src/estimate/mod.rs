//! What a run will take, before it is paid for: counted on dry runs, guessed from earlier runs, priced.

mod agents;
mod basis;
mod cut;
mod dry_run;
mod files;
mod pricing;
mod reckon;
pub mod show;

use std::sync::Arc;
use std::time::Duration;

use fanfold_agent::sim::{Policy, Scenario};
use fanfold_core::{Limits, Meta};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use dry_run::{DryRun, REAL_TIME_MAX};
pub use pricing::Pricing;
pub use reckon::{Elsewhere, cost, elsewhere};

use crate::commands::launch::Children;
use crate::error::Result;
use crate::history::{self, WorkflowId};
use crate::library::Workflow;
use crate::settings::Settings;
use crate::world::World;

/// The policies that an estimate rests on; the others show how a script bears failures.
pub const POLICIES: [Policy; 4] = [Policy::Typical, Policy::Negative, Policy::Empty, Policy::Wide];

/// A workflow that is to be run dry.
pub struct Subject<'a> {
    pub workflow: &'a Workflow,
    pub meta: &'a Meta,
    pub args: Option<&'a Value>,
    pub limits: Limits,
    pub settings: &'a Settings,
    pub world: &'a World,
    pub seed: u64,
    /// How long a dry run may go on by the machine's own clock before it counts as endless.
    pub patience: Duration,
    /// Texts of workflows that it starts, where they are not to be looked for.
    pub children: Children,
}

/// What a run takes, as ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of agents that name no model: `provider/model`. `None`: no model is set.
    pub model: Option<String>,
    #[serde(flatten)]
    pub amounts: Amounts,
    pub makespan_ms: Range,
    pub phases: Vec<Part>,
    pub models: Vec<Part>,
    /// Why there is no upper end, and what to type about it.
    pub unbounded: Option<String>,
    /// Models whose price nobody knows.
    pub unpriced: Vec<String>,
    /// How the numbers were reached, in sentences.
    pub basis: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    pub agents: Range,
    /// All input, from the cache or not.
    pub input_tokens: Range,
    /// The part of it that is read from the cache.
    pub cached_tokens: Range,
    pub output_tokens: Range,
    /// `None`: a price is not known.
    pub usd_micros: Option<Range>,
}

/// The share of a phase, or of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Empty for agents outside of all phases.
    pub name: String,
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// From the least to the most; `high: None`: there is no upper end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    pub low: u64,
    pub expected: u64,
    pub high: Option<u64>,
}

/// Estimates a run: a few milliseconds, no output, nothing kept. `Err`: an agent type or a model that does not
/// exist, or a script's host that could not be started.
///
/// Blocks this thread; the dry runs have threads of their own.
pub fn of(subject: &Subject<'_>, pricing: &Pricing) -> Result<(Estimate, Vec<DryRun>)> {
    let forecast = Arc::new(forecast(subject, pricing));
    let dry_runs = dry_run::distinct(subject, &forecast, pricing, &POLICIES)?;
    let estimate = reckon::reckon(subject, &forecast, pricing, &dry_runs);
    Ok((estimate, dry_runs))
}

/// Dry runs under `policies`, and the estimate where they are enough for one: [`POLICIES`] and no scenario,
/// whose story is not to be priced.
pub fn check(
    subject: &Subject<'_>,
    pricing: &Pricing,
    policies: &[Policy],
    scenario: Option<&Scenario>,
) -> Result<(Option<Estimate>, Vec<DryRun>, agents::Agents)> {
    let forecast = Arc::new(forecast(subject, pricing));
    let dry_runs = dry_run::all(subject, &forecast, pricing, policies, scenario)?;
    let is_enough = scenario.is_none() && POLICIES.iter().all(|policy| policies.contains(policy));
    let estimate = is_enough.then(|| reckon::reckon(subject, &forecast, pricing, &dry_runs));
    let forecast = Arc::into_inner(forecast).expect("the dry runs are over");
    Ok((estimate, dry_runs, forecast))
}

/// The history's name of a workflow.
pub fn workflow_id(workflow: &Workflow, meta: &Meta) -> WorkflowId {
    WorkflowId { name: meta.name.clone(), dir: workflow.dir().map(Into::into) }
}

fn forecast(subject: &Subject<'_>, pricing: &Pricing) -> agents::Agents {
    let past = history::read(subject.world, &workflow_id(subject.workflow, subject.meta));
    agents::Agents::new(past, pricing.names())
}
