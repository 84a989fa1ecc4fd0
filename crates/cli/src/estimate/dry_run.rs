//! A workflow run dry under one policy: nothing is asked, spent or written, and every call is seen.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fanfold_agent::sim::{
    Defaults, Exchange, Guess, Latency, Past, Policy, Scenario, SimBackend, SimConfig, SimOracle, Used,
};
use fanfold_agent::types::AgentType;
use fanfold_core::journal::JOURNAL_VERSION;
use fanfold_core::key::{KEY_VERSION, short_digest};
use fanfold_core::{
    AgentJob, CacheRule, CallKey, FailureKind, Location, Price, RunSettings, RunStatus, Usage,
};
use fanfold_engine::{Attempt, Control, EventLog, LoadedScript, RunClock, RunReport};
use fanfold_script::lint::{SeenCall, SeenRun};

use super::agents::Agents;
use super::pricing::Pricing;
use super::{Subject, files};
use crate::commands::backend::agent_types;
use crate::commands::launch::{self, Children, NestedWorkflows, Nowhere};
use crate::commands::proof::Proof;
use crate::commands::{block_on, host_place};
use crate::error::{CliError, ErrorKind, Result};

pub struct DryRun {
    pub policy: Policy,
    pub report: RunReport,
    /// Agents that ran, in the order in which they ended; not those that a budget refused.
    pub called: Vec<Called>,
    /// It was still going on when it was cut off.
    pub is_endless: bool,
    /// The workflows that it started.
    pub children: Children,
}

/// One agent of a dry run.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    pub key: CallKey,
    /// Or the start of its prompt.
    pub label: String,
    /// As the script gave it.
    pub given_label: Option<String>,
    pub phase: Option<String>,
    pub agent_type: Option<String>,
    /// Where the script made the call.
    pub site: Option<Location>,
    /// As the script wrote it; [`Defaults::MODEL`](fanfold_agent::sim::Defaults) where it wrote none.
    pub model: String,
    pub prompt: String,
    pub exchange: Exchange,
    /// It replies with text, not with data.
    pub is_text: bool,
    pub has_tools: bool,
    pub turns_max: Option<u32>,
}

impl DryRun {
    /// As the lint wants it.
    pub fn seen(&self) -> SeenRun {
        let call = |called: &Called| SeenCall {
            prompt: called.prompt.clone(),
            label: called.given_label.clone(),
            phase: called.phase.clone(),
            agent_type: called.agent_type.clone(),
            model: Some(called.model.clone()).filter(|model| model != Defaults::MODEL),
            site: called.site.clone(),
        };
        SeenRun { policy: self.policy.name().into(), calls: self.called.iter().map(call).collect() }
    }

    /// Policies choose data, and here was none to choose.
    pub fn is_the_same_under_all(&self) -> bool {
        self.is_whole() && self.called.iter().all(|called| called.is_text)
    }

    /// Every agent that the script would start under this policy is in it.
    pub fn is_whole(&self) -> bool {
        !self.is_endless && matches!(self.report.status, RunStatus::Completed | RunStatus::Degraded)
    }
}

/// A script that goes on for longer than this on the machine's own clock goes on for ever.
pub const REAL_TIME_MAX: Duration = Duration::from_secs(10);
/// Of virtual time: a poll that nobody ends.
const VIRTUAL_MS_MAX: u64 = 30 * 24 * 3_600_000;

/// One dry run a policy, each on a thread of its own.
pub fn all(
    subject: &Subject<'_>,
    agents: &Arc<Agents>,
    pricing: &Pricing,
    policies: &[Policy],
    scenario: Option<&Scenario>,
) -> Result<Vec<DryRun>> {
    let types = agent_types(subject.world)?;
    let own = types.iter().filter(|kind| !kind.is_built_in());
    let of_type = |kind: &AgentType| (kind.name.clone(), (kind.model.clone(), kind.turns_max));
    let by_type: ByType = types.iter().map(of_type).collect();
    let prices = pricing.clone();
    // A price that nobody knows stops a real run, and is told by the estimate: it is not to stop a dry one.
    let price = move |model: &str| Some(prices.price_of_written(model).unwrap_or(Price::FREE));
    let config = SimConfig {
        seed: subject.seed,
        price: Some(Arc::new(price)),
        scenario: scenario.cloned(),
        // Nothing is written: a scenario's edits have nowhere to go.
        workspace: Some(subject.world.cwd.clone()),
        files: files::some(&subject.world.cwd),
        agent_types: own.map(|kind| (kind.name.clone(), kind.digest.clone())).collect(),
        ..SimConfig::default()
    };
    let run = |policy: &Policy| {
        let config = SimConfig { policy: *policy, ..config.clone() };
        let recorder =
            Recorder { agents: agents.clone(), by_type: by_type.clone(), called: Mutex::default() };
        block_on(one(subject, Arc::new(recorder), config))
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = policies.iter().map(|policy| scope.spawn(move || run(policy))).collect();
        let ended = running.into_iter().map(|one| one.join());
        ended.map(|one| one.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// The same as [`all`] for policies that differ only in the data of replies: where no agent is asked for data, one
/// run stands for them all.
pub fn distinct(
    subject: &Subject<'_>,
    agents: &Arc<Agents>,
    pricing: &Pricing,
    policies: &[Policy],
) -> Result<Vec<DryRun>> {
    let Some((first, others)) = policies.split_first() else { return Ok(Vec::new()) };
    let mut runs = all(subject, agents, pricing, std::slice::from_ref(first), None)?;
    if !runs.iter().all(DryRun::is_the_same_under_all) {
        runs.extend(all(subject, agents, pricing, others, None)?);
    }
    Ok(runs)
}

async fn one(subject: &Subject<'_>, recorder: Arc<Recorder>, config: SimConfig) -> Result<DryRun> {
    let policy = config.policy;
    let (text, file) = (subject.workflow.text.clone(), subject.workflow.file.clone());
    let script = LoadedScript::load(&host_place()?, text, file).await.map_err(|err| {
        CliError::new(ErrorKind::Script, format!("the script could be loaded once, and not again: {err}"))
    })?;
    let backend = SimBackend::new(SimConfig { past: Some(recorder.clone()), ..config });
    let clock = RunClock::simulated();
    let control = Control::default();
    let minutes = subject.meta.limits.minutes.map(|minutes| (minutes * 60_000.0) as u64);
    let folder = subject.workflow.dir().map(Into::into);
    let workflows = NestedWorkflows::new(subject.world, folder).recorded(subject.children.clone());
    let workflows = Arc::new(workflows);
    let proof = Proof::of(subject.meta, subject.settings, &serde_json::Map::new());
    let has_oracle = proof.is_ok_and(|proof| proof.spec().is_some());
    let attempt = Attempt {
        settings: settings(&script, subject),
        script_limits: launch::script_limits(subject.settings),
        time_limit_ms: Some(minutes.unwrap_or(VIRTUAL_MS_MAX)),
        script,
        args: subject.args.cloned(),
        entries: Vec::new(),
        store: Arc::new(Nowhere),
        run_dir: None,
        oracle: Arc::new(SimOracle { policy, digest: has_oracle.then(|| "simulated".into()) }),
        person: Arc::new(fanfold_core::Nobody),
        backend: Arc::new(backend),
        workflows: workflows.clone(),
        events: EventLog::open(None, clock.port(), Box::new(|_| ())).expect("nothing is opened"),
        clock,
        control: control.clone(),
    };
    let mut is_endless = false;
    let report = {
        let mut run = std::pin::pin!(attempt.execute());
        loop {
            tokio::select! {
                report = &mut run => break report.expect("a new journal is empty"),
                () = tokio::time::sleep(subject.patience) => {
                    is_endless = true;
                    // Nothing that is simulated is worth waiting for.
                    control.interrupt();
                    control.interrupt();
                }
            }
        }
    };
    let mut called = std::mem::take(&mut *recorder.called.lock().unwrap_or_else(PoisonError::into_inner));
    let refused: HashSet<&CallKey> = report
        .failures
        .iter()
        .filter(|one| one.failure.kind == FailureKind::Budget)
        .filter_map(|one| one.agent.as_ref())
        .collect();
    called.retain(|one| !refused.contains(&one.key));
    Ok(DryRun { policy, report, called, is_endless, children: workflows.found() })
}

fn settings(script: &LoadedScript, subject: &Subject<'_>) -> RunSettings {
    RunSettings {
        journal_version: JOURNAL_VERSION,
        key_version: KEY_VERSION,
        product: env!("CARGO_PKG_VERSION").into(),
        run_id: "wf_dry-run".into(),
        workflow: script.meta.name.clone(),
        attempt: 1,
        script: short_digest(script.source.as_bytes()),
        args: String::new(),
        model: "sim".into(),
        seed: subject.seed,
        simulated: true,
        limits: subject.limits,
        cache: CacheRule::Content,
        at_ms: launch::now_ms(),
        front: Default::default(),
    }
}

/// The model and the turns that agent types give to calls that name none.
type ByType = BTreeMap<String, (Option<String>, Option<u32>)>;

/// Says what agents use, and keeps what they were asked.
struct Recorder {
    agents: Arc<Agents>,
    by_type: ByType,
    called: Mutex<Vec<Called>>,
}

impl Recorder {
    fn of_type(&self, job: &AgentJob) -> (String, Option<u32>) {
        let of_type = job.call.agent_type.as_ref().and_then(|name| self.by_type.get(name)).cloned();
        let (model, turns_max) = of_type.unwrap_or_default();
        let names_none = job.resolved.model == Defaults::MODEL;
        (model.filter(|_| names_none).unwrap_or_else(|| job.resolved.model.clone()), turns_max)
    }
}

impl Past for Recorder {
    fn latency(&self, job: &AgentJob) -> Option<Latency> {
        self.agents.latency(&job.call.title(), &self.of_type(job).0)
    }

    fn used(&self, job: &AgentJob, exchange: Exchange) -> Used {
        let call = &job.call;
        let (model, turns_max) = self.of_type(job);
        let called = Called {
            key: job.key.clone(),
            label: call.title(),
            given_label: call.label.clone(),
            phase: call.phase.clone(),
            agent_type: call.agent_type.clone(),
            site: job.site.clone(),
            model,
            prompt: call.prompt.clone(),
            exchange,
            is_text: call.schema.is_none(),
            has_tools: call.tools.as_ref().is_none_or(|tools| !tools.is_empty()),
            turns_max: call.max_turns.or(turns_max),
        };
        let requests = self.agents.requests(&called, Guess::Expected);
        self.called.lock().unwrap_or_else(PoisonError::into_inner).push(called);
        let turns = requests.len() as u64;
        let mut usage = Usage::default();
        requests.into_iter().for_each(|request| usage += request);
        Used { usage, turns }
    }
}
