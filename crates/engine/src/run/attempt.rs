//! An attempt from its first entry to its last: the loop between a script and its calls.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fanfold_core::{
    Backend, Call, Entry, EventBody, IllegalEntry, Journal, LogLevel, RunSettings, RunStatus, Verdict,
};
use fanfold_script::protocol::{End, Request, ScriptError, ScriptErrorKind, ScriptLimits, Start, ToHost};
use serde_json::Value;

use tokio::sync::Semaphore;

use super::inflight::Inflight;
use super::ledger::State;
use super::{Done, Mode, Run, Stop, Way, Workflows};
use crate::control::{Reason, Wish};
use crate::host::HostLink;
use crate::report::{ErrorKind, ErrorReport, JournalReport, PlanItem, RunReport, UsageReport};
use crate::{Control, EventLog, JournalStore, LoadedScript, RunClock};

/// All that one attempt at a run needs.
pub struct Attempt {
    pub script: LoadedScript,
    pub args: Option<Value>,
    /// What the journal held when it was opened; empty for a new run.
    pub entries: Vec<Entry>,
    pub store: Arc<dyn JournalStore>,
    pub settings: RunSettings,
    pub script_limits: ScriptLimits,
    /// `None`: nothing but the journal is kept.
    pub run_dir: Option<PathBuf>,
    pub backend: Arc<dyn Backend>,
    pub workflows: Arc<dyn Workflows>,
    pub clock: RunClock,
    pub events: EventLog,
    pub control: Control,
}

/// How the loop ended.
enum Outcome {
    Script(End),
    Stopped(Stop),
}

impl Attempt {
    /// Runs the script to its end, journaled from first entry to last. `Err`: the journal's entries are
    /// not ones that a run could have written; nothing was done.
    pub async fn execute(self) -> Result<RunReport, IllegalEntry> {
        let (run, mut link, mut rest) = self.prepare(Mode::Live)?;
        let began_ms = run.clock.elapsed_ms();
        rest.announce(&run);
        let outcome = match run.append(Entry::Opened(Box::new(rest.settings.clone()))).await {
            Ok(()) => drive(&run, &mut link, &mut rest).await,
            Err(stop) => Outcome::Stopped(stop),
        };
        Ok(close(&run, rest, outcome, began_ms).await)
    }

    /// Lists what a resume would ask again, without asking: calls reached before their first new result.
    /// Nothing is written.
    pub async fn plan(self) -> Result<Vec<PlanItem>, IllegalEntry> {
        let (run, mut link, mut rest) = self.prepare(Mode::Plan)?;
        drive(&run, &mut link, &mut rest).await;
        Ok(std::mem::take(&mut run.state().plan))
    }

    fn prepare(self, mode: Mode) -> Result<(Run, HostLink, Rest), IllegalEntry> {
        let Attempt { script, args, entries, store, settings, script_limits, run_dir, .. } = self;
        let mut journal = Journal::default();
        for entry in &entries {
            journal.apply(entry)?;
        }
        let start = Start {
            args,
            seed: settings.seed,
            now_ms: self.clock.port().now_ms(),
            recorded_nows: journal.nows().to_vec(),
            budget_tokens: settings.limits.output_tokens,
            limits: ScriptLimits { items: settings.limits.items, ..script_limits },
        };
        let run = Run {
            mode,
            run_dir,
            store,
            backend: self.backend,
            workflows: self.workflows,
            clock: self.clock.port(),
            events: self.events,
            slots: Semaphore::new(settings.limits.concurrency as usize),
            replay: Default::default(),
            draining: AtomicBool::new(false),
            appending: AtomicU64::new(0),
            state: Mutex::new(State::new(journal, settings.limits, settings.cache)),
        };
        let phases = script.meta.phases.iter().map(|phase| phase.title.clone()).collect();
        let rest = Rest {
            settings,
            clock: self.clock,
            control: self.control,
            start: Some(start),
            phases,
            open_phases: Vec::new(),
        };
        Ok((run, script.link, rest))
    }
}

/// What the loop needs beside the run and its host.
struct Rest {
    settings: RunSettings,
    clock: RunClock,
    control: Control,
    start: Option<Start>,
    /// Declared in `meta`.
    phases: Vec<String>,
    open_phases: Vec<String>,
}

impl Rest {
    fn announce(&self, run: &Run) {
        let RunSettings { run_id, workflow, simulated, attempt, model, limits, .. } = &self.settings;
        let run_dir = run.run_dir.as_ref().map(|dir| dir.display().to_string()).unwrap_or_default();
        if *attempt == 1 {
            run.events.emit(EventBody::RunCreated {
                run_id: run_id.clone(),
                workflow: workflow.clone(),
                run_dir: run_dir.clone(),
                simulated: *simulated,
            });
        }
        run.events.emit(EventBody::RunStarted {
            run_id: run_id.clone(),
            workflow: workflow.clone(),
            run_dir,
            simulated: *simulated,
            attempt: *attempt,
            model: model.clone(),
            concurrency: limits.concurrency,
            budget: limits.output_tokens,
            phases: self.phases.clone(),
        });
    }

    fn phase(&mut self, run: &Run, title: String) {
        if !self.open_phases.contains(&title) {
            run.events.emit(EventBody::PhaseStarted { title: title.clone() });
            self.open_phases.push(title);
        }
    }
}

/// The loop: the script goes as far as it can, its calls are made, what they came to is handed back.
async fn drive(run: &Run, link: &mut HostLink, rest: &mut Rest) -> Outcome {
    let mut inflight = Inflight::default();
    let mut wishes = rest.control.watch();
    let mut question = ToHost::Start(rest.start.take().expect("driven once"));
    loop {
        let answer = {
            let mut asked = std::pin::pin!(inflight.during(link.ask_idle(&question)));
            tokio::select! {
                biased;
                answer = &mut asked => answer,
                // A script that computes for ever does not hear of a clean stop.
                () = wished(&mut wishes, |wish| matches!(wish, Wish::Now(_))) => return Outcome::Stopped(stopped(&wishes)),
            }
        };
        let (requests, end) = match answer {
            Ok(idle) => idle,
            Err(error) => return Outcome::Script(End::Failed(error)),
        };
        for request in requests {
            if let Err(stop) = take(run, rest, &mut inflight, request).await {
                return Outcome::Stopped(stop);
            }
        }
        if let Some(end) = end {
            return Outcome::Script(end);
        }
        match next_batch(run, rest, &mut inflight, &mut wishes).await {
            Ok(batch) if batch.is_empty() => return Outcome::Script(End::Failed(stuck())),
            Ok(batch) => {
                let completions = batch.into_iter().map(|done| done.completion).collect();
                question = ToHost::Settle { completions, now_ms: run.clock.now_ms() };
            }
            Err(stop) => return Outcome::Stopped(stop),
        }
    }
}

async fn take<'run>(
    run: &'run Run,
    rest: &mut Rest,
    inflight: &mut Inflight<'run>,
    request: Request,
) -> Result<(), Stop> {
    match request {
        Request::Call { seq, scope, call, site: _ } => {
            let resolved = match &call {
                Call::Agent(agent) => run.backend.resolve(agent),
                Call::Workflow(_) | Call::Timer(_) => Ok(Default::default()),
            };
            for warning in resolved.iter().flat_map(|resolved| &resolved.warnings) {
                run.warn_once(warning);
            }
            if let Call::Agent(agent) = &call
                && let Some(title) = &agent.phase
            {
                rest.phase(run, title.clone());
            }
            let identified = run.state().identify(seq, scope, call, resolved);
            run.queued(&identified);
            match identified.way {
                Way::Recalled { .. } | Way::Refused(_) => inflight.push(run.call(identified)),
                Way::Live { .. } => match identified.call {
                    Call::Timer(_) => inflight.hold_back_timer(seq, run.call(identified)),
                    Call::Agent(_) | Call::Workflow(_) => inflight.hold_back(run.call(identified)),
                },
            }
        }
        Request::Cancel { seq } => inflight.cancel(seq),
        Request::Phase { title } => rest.phase(run, title),
        Request::Log { level, message } => run.events.emit(EventBody::Log { level, message }),
        Request::Now { ms } if run.mode == Mode::Live => run.append(Entry::Now { ms }).await?,
        Request::Now { .. } => (),
        Request::Thrown { phase, failure } => run.state().thrown(phase, failure),
    }
    Ok(())
}

/// What the script is told next; empty when nothing can happen any more.
async fn next_batch(
    run: &Run,
    rest: &Rest,
    inflight: &mut Inflight<'_>,
    wishes: &mut tokio::sync::watch::Receiver<Wish>,
) -> Result<Vec<Done>, Stop> {
    loop {
        inflight.settle_ready();
        if let Some(stop) = inflight.take_stop() {
            return Err(stop);
        }
        if *wishes.borrow() != Wish::Run {
            return Err(drain(run, rest, inflight, wishes).await);
        }
        // Recalled before live, one by one: as it was the first time.
        if run.replay.release() {
            inflight.settle_ready();
            return Ok(inflight.take_replayed());
        }
        if inflight.begin_held_back() {
            continue;
        }
        let live = inflight.take_live();
        if !live.is_empty() {
            return Ok(live);
        }
        if run.mode == Mode::Plan || inflight.is_empty() {
            return Ok(Vec::new());
        }
        let disk_is_still = run.appending.load(Ordering::Relaxed) == 0;
        if rest.clock.is_virtual() && disk_is_still && rest.clock.advance() {
            continue;
        }
        run.events.flush();
        inflight.changed_or(wished(wishes, |wish| wish != Wish::Run)).await;
    }
}

/// Lets what runs finish, then says why the run stopped.
async fn drain(
    run: &Run,
    rest: &Rest,
    inflight: &mut Inflight<'_>,
    wishes: &mut tokio::sync::watch::Receiver<Wish>,
) -> Stop {
    run.draining.store(true, Ordering::Relaxed);
    let running = run.state().running;
    if running > 0 {
        let message =
            format!("stopping: waiting for {running} running agents; press Ctrl-C again to stop now");
        run.events.emit(EventBody::Log { level: LogLevel::Warning, message });
    }
    while run.state().running > 0 && !matches!(*wishes.borrow(), Wish::Now(_)) {
        if rest.clock.is_virtual() && run.appending.load(Ordering::Relaxed) == 0 {
            rest.clock.advance();
        }
        inflight.settle_ready();
        if let Some(stop) = inflight.take_stop() {
            return stop;
        }
        if run.state().running > 0 && !rest.clock.is_virtual() {
            run.events.flush();
            inflight.changed_or(wished(wishes, |wish| matches!(wish, Wish::Now(_)))).await;
        }
    }
    stopped(wishes)
}

async fn wished(wishes: &mut tokio::sync::watch::Receiver<Wish>, when: impl Fn(Wish) -> bool) {
    if wishes.wait_for(|wish| when(*wish)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn stopped(wishes: &tokio::sync::watch::Receiver<Wish>) -> Stop {
    let reason = match *wishes.borrow() {
        Wish::Run => Reason::Person,
        Wish::Drain(reason) | Wish::Now(reason) => reason,
    };
    let (kind, message) = match reason {
        Reason::Person => (ErrorKind::Stopped, "stopped by a person"),
        Reason::TimeLimit => (ErrorKind::TimeLimit, "the run's time limit has passed"),
    };
    Stop::Report(ErrorReport { kind, message: message.into(), hint: None, location: None })
}

fn stuck() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Stuck,
        message: "the script waits for something that can no longer happen".into(),
        location: None,
        hint: Some("look for a promise that nothing resolves".into()),
    }
}

/// Writes the last entry, tells the watchers and makes the report.
async fn close(run: &Run, rest: Rest, outcome: Outcome, began_ms: u64) -> RunReport {
    let (result, mut error) = match outcome {
        Outcome::Script(End::Returned(result)) => (Some(result), None),
        Outcome::Script(End::Failed(error)) => (None, Some(script_error(error))),
        Outcome::Stopped(Stop::Report(error)) => (None, Some(error)),
    };
    let status = |error: &Option<ErrorReport>| match error.as_ref().map(|error| error.kind) {
        None if run.state().failures.is_empty() => RunStatus::Completed,
        None => RunStatus::Degraded,
        Some(ErrorKind::Script | ErrorKind::Credentials | ErrorKind::Unreachable) => RunStatus::Failed,
        Some(ErrorKind::Stopped | ErrorKind::TimeLimit) => RunStatus::Stopped,
        Some(ErrorKind::SpendLimit | ErrorKind::Outage | ErrorKind::Journal) => RunStatus::Paused,
    };
    if error.as_ref().is_none_or(|error| error.kind != ErrorKind::Journal) {
        let closed = run.append(Entry::Closed { status: status(&error) }).await;
        let finished = run.store.finish().map_err(Stop::journal);
        if let Err(Stop::Report(failed)) = closed.and(finished) {
            error = Some(failed);
        }
    }
    let status = status(&error);
    let duration_ms = run.clock.elapsed_ms().saturating_sub(began_ms);
    let (usage, counts, entries, failures, kept) = {
        let mut state = run.state();
        let (failures, kept) = (std::mem::take(&mut state.failures), std::mem::take(&mut state.kept));
        (state.journal.usage(), state.counts, state.journal.entries(), failures, kept)
    };
    for title in &rest.open_phases {
        run.events.emit(EventBody::PhaseEnded { title: title.clone() });
    }
    let verdict = Verdict::Unverified;
    run.events.emit(EventBody::RunEnded {
        status,
        verdict,
        error: error.as_ref().map(|error| error.message.clone()),
        usage,
        duration_ms,
    });
    run.events.flush();
    RunReport {
        run_id: rest.settings.run_id,
        workflow: rest.settings.workflow,
        status,
        verdict,
        result,
        error,
        agents: counts,
        failures,
        kept,
        usage: UsageReport::new(usage, rest.settings.simulated),
        journal: JournalReport { entries, syncs: run.store.syncs().count, sync_us: run.store.syncs().micros },
        duration_ms,
        run_dir: run.run_dir.as_ref().map(|dir| dir.display().to_string()).unwrap_or_default(),
    }
}

fn script_error(error: ScriptError) -> ErrorReport {
    let ScriptError { kind: _, message, location, hint } = error;
    ErrorReport { kind: ErrorKind::Script, message, hint, location }
}

impl Run {
    fn queued(&self, identified: &super::Identified) {
        if let Call::Agent(agent) = &identified.call {
            self.events.emit(EventBody::AgentQueued {
                agent: identified.key.clone(),
                label: agent.title(),
                phase: agent.phase.clone(),
                model: identified.resolved.model.clone(),
            });
        }
    }

    /// Counts a running agent for as long as the guard lives.
    pub(super) fn running(&self) -> Running<'_> {
        let mut state = self.state();
        state.running += 1;
        state.counts.started += 1;
        state.counts.peak_concurrency = state.counts.peak_concurrency.max(state.running);
        self.store.under_way(state.running);
        Running(self)
    }

    fn warn_once(&self, warning: &str) {
        if self.state().warned.insert(warning.to_owned()) {
            self.events.emit(EventBody::Log { level: LogLevel::Warning, message: warning.to_owned() });
        }
    }
}

pub(super) struct Running<'a>(&'a Run);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running -= 1;
        self.0.store.under_way(state.running);
    }
}
