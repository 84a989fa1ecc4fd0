//! An attempt from its first entry to its last: made ready, driven, and reported.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use fanfold_core::budget::dollars;
use fanfold_core::{
    Backend, Cap, Entry, EventBody, IllegalEntry, Journal, LogLevel, Oracle, Person, RunSettings, RunStatus,
    Usage, Verdict,
};
use fanfold_script::protocol::{End, ScriptError, ScriptLimits, Start};
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use super::course::{Course, Ending, drive};
use super::ledger::State;
use super::{Mode, Run, Stop, Workflows};
use crate::control::Wish;
use crate::host::HostLink;
use crate::report::{BudgetReport, ErrorKind, ErrorReport, JournalReport, PlanItem, RunReport, UsageReport};
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
    /// Of this attempt, by the run's clock.
    pub time_limit_ms: Option<u64>,
    /// `None`: nothing but the journal is kept.
    pub run_dir: Option<PathBuf>,
    pub backend: Arc<dyn Backend>,
    pub workflows: Arc<dyn Workflows>,
    pub oracle: Arc<dyn Oracle>,
    pub person: Arc<dyn Person>,
    pub clock: RunClock,
    pub events: EventLog,
    pub control: Control,
}

impl Attempt {
    /// Runs the script to its end, journaled from first entry to last. `Err`: the journal's entries are
    /// not ones that a run could have written; nothing was done.
    pub async fn execute(self) -> Result<RunReport, IllegalEntry> {
        let (run, mut link, mut course) = self.prepare(Mode::Live)?;
        let began_ms = run.clock.elapsed_ms();
        course.announce(&run);
        let ending = match run.append(Entry::Opened(Box::new(course.settings.clone()))).await {
            Ok(()) => {
                let ending = drive(&run, &mut link, &mut course).await;
                judged(&run, &course, ending).await
            }
            Err(stop) => Ending::Stopped(stop),
        };
        Ok(close(&run, course, ending, began_ms).await)
    }

    /// Lists what a resume would ask again, without asking: calls reached before their first new result.
    /// Nothing is written.
    pub async fn plan(self) -> Result<Vec<PlanItem>, IllegalEntry> {
        let (run, mut link, mut course) = self.prepare(Mode::Plan)?;
        drive(&run, &mut link, &mut course).await;
        Ok(std::mem::take(&mut run.state().plan))
    }

    fn prepare(self, mode: Mode) -> Result<(Arc<Run>, HostLink, Course), IllegalEntry> {
        let Attempt { script, args, entries, store, mut settings, script_limits, run_dir, .. } = self;
        let mut journal = Journal::default();
        for entry in &entries {
            journal.apply(entry)?;
        }
        if settings.limits.cap_is_estimate {
            raise(&mut settings.limits.cap, journal.lost(), &self.events);
        }
        let start = Start {
            args,
            seed: settings.seed,
            now_ms: self.clock.port().now_ms(),
            recorded_nows: journal.nows().to_vec(),
            budget_tokens: settings.limits.cap.output_tokens,
            budget_usd_micros: settings.limits.cap.usd_micros,
            limits: ScriptLimits { items: settings.limits.items, ..script_limits },
        };
        let phases = script.meta.phases.iter();
        let phases = phases.filter_map(|phase| Some((phase.title.clone(), phase.limit?.cap()))).collect();
        let state = State::new(journal, settings.limits, &phases, settings.cache);
        let run = Arc::new(Run {
            mode,
            records_spending: !settings.simulated || state.ledger.is_limited(),
            run_dir,
            store,
            backend: self.backend,
            workflows: self.workflows,
            oracle: self.oracle,
            person: self.person,
            clock: self.clock.port(),
            events: self.events,
            slots: Semaphore::new(settings.limits.concurrency as usize),
            judges: Semaphore::new(JUDGES_MAX),
            budget_freed: Notify::new(),
            replay: Default::default(),
            draining: AtomicBool::new(false),
            busy: AtomicU64::new(0),
            state: Mutex::new(state),
        });
        let course = Course {
            settings,
            clock: self.clock,
            control: self.control,
            time_limit_ms: self.time_limit_ms,
            start,
            phases: script.meta.phases,
            open_phases: Vec::new(),
        };
        Ok((run, script.link, course))
    }
}

/// Oracles that run at once: they are whole builds and test runs.
const JUDGES_MAX: usize = 4;

/// So many times itself a cap that nobody named is raised at most.
const RAISE_MAX: u64 = 10;

/// A cap that nobody named is no promise to a person: what a crash lost is not taken out of it.
fn raise(cap: &mut Cap, lost: Usage, events: &EventLog) {
    if lost.is_zero() {
        return;
    }
    // The journal, which says what was lost, may have been written by anybody.
    let at_most = |lost: u64, cap: u64| lost.min(cap.saturating_mul(RAISE_MAX));
    cap.output_tokens =
        cap.output_tokens.map(|cap| cap.saturating_add(at_most(lost.output_tokens_max(), cap)));
    cap.usd_micros = cap.usd_micros.map(|cap| cap.saturating_add(at_most(lost.usd_micros_max(), cap)));
    let message = format!(
        "the estimate's cap is raised by what the requests under way may have cost when attempts died: {} output tokens, {}",
        lost.output_tokens_max(),
        dollars(lost.usd_micros_max())
    );
    events.emit(EventBody::Log { level: LogLevel::Warning, message });
}

/// What the script's agents left is judged once more, if nobody did. Whoever stops the run meanwhile stops that:
/// the script has its result, and the verdict is left open.
async fn judged(run: &Run, course: &Course, ending: Ending) -> Ending {
    let is_over = matches!(ending, Ending::Script(End::Returned(_)));
    if !is_over || run.oracle.digest().is_none() {
        return ending;
    }
    let mut wishes = course.control.watch();
    tokio::select! {
        judged = run.judge_the_end() => match judged {
            Ok(()) => ending,
            Err(stop) => Ending::Stopped(stop),
        },
        Ok(_) = wishes.wait_for(|wish| *wish != Wish::Run) => {
            let message = "stopped before the last verdict: fanfold resume asks for it".to_owned();
            run.events.emit(EventBody::Log { level: LogLevel::Warning, message });
            ending
        }
    }
}

/// Writes the last entry, tells the watchers and makes the report.
async fn close(run: &Run, course: Course, ending: Ending, began_ms: u64) -> RunReport {
    let is_cut_short = matches!(ending, Ending::Stopped(_));
    let (result, mut error) = match ending {
        Ending::Script(End::Returned(result)) => (Some(result), None),
        Ending::Script(End::Failed(error)) => (None, Some(script_error(error))),
        Ending::Stopped(Stop(error)) => (None, Some(error)),
    };
    let status = |error: &Option<ErrorReport>| match error.as_ref().map(|error| error.kind) {
        None if run.state().failures.is_empty() => RunStatus::Completed,
        None => RunStatus::Degraded,
        Some(ErrorKind::Script | ErrorKind::Oracle | ErrorKind::Credentials | ErrorKind::Unreachable) => {
            RunStatus::Failed
        }
        Some(ErrorKind::Stopped | ErrorKind::TimeLimit) => RunStatus::Stopped,
        Some(ErrorKind::SpendLimit | ErrorKind::Outage | ErrorKind::Journal) => RunStatus::Paused,
    };
    if error.as_ref().is_none_or(|error| error.kind != ErrorKind::Journal) {
        let closed = run.append(Entry::Closed { status: status(&error) }).await;
        let finished = run.store.finish().map_err(Stop::journal);
        if let Err(Stop(failed)) = closed.and(finished) {
            error = Some(failed);
        }
    }
    let status = status(&error);
    let duration_ms = run.clock.elapsed_ms().saturating_sub(began_ms);
    let (usage, counts, entries, failures, patches) = {
        let mut state = run.state();
        let (failures, patches) = (std::mem::take(&mut state.failures), std::mem::take(&mut state.patches));
        (state.journal.usage(), state.counts, state.journal.entries(), failures, patches)
    };
    for title in &course.open_phases {
        run.events.emit(EventBody::PhaseEnded { title: title.clone() });
    }
    let verdict = match run.state().verdict() {
        // Of what was done by then.
        Verdict::Passed if is_cut_short => Verdict::Unverified,
        verdict => verdict,
    };
    run.events.emit(EventBody::RunEnded {
        status,
        verdict,
        error: error.as_ref().map(|error| error.message.clone()),
        usage,
        duration_ms,
    });
    run.events.flush();
    RunReport {
        run_id: course.settings.run_id,
        workflow: course.settings.workflow,
        status,
        verdict,
        result,
        error,
        agents: counts,
        failures,
        patches,
        usage: UsageReport::new(usage, course.settings.simulated),
        budget: BudgetReport::of(course.settings.limits.cap, usage),
        journal: JournalReport { entries, syncs: run.store.syncs().count, sync_us: run.store.syncs().micros },
        duration_ms,
        run_dir: run.run_dir.as_ref().map(|dir| dir.display().to_string()).unwrap_or_default(),
    }
}

fn script_error(error: ScriptError) -> ErrorReport {
    let ScriptError { kind: _, message, location, hint } = error;
    ErrorReport { kind: ErrorKind::Script, message, hint, location }
}
