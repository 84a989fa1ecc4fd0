//! The loop between a script and its calls: the script goes as far as it can, its calls are made, what
//! they came to is handed back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use fanfold_core::meta::Phase;
use fanfold_core::{Call, Entry, EventBody, Failure, FailureKind, LogLevel, Resolved, RunSettings};
use fanfold_script::protocol::{End, Request, ScriptError, ScriptErrorKind, Start, ToHost};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, select};
use tokio::sync::watch;

use super::inflight::Inflight;
use super::{Done, Mode, Run, Stop, Way};
use crate::control::{Reason, Wish};
use crate::host::HostLink;
use crate::report::{ErrorKind, ErrorReport, FailureReport};
use crate::{Control, RunClock};

/// How an attempt goes, beside its calls.
pub(super) struct Course {
    pub settings: RunSettings,
    pub clock: RunClock,
    pub control: Control,
    pub time_limit_ms: Option<u64>,
    pub start: Start,
    /// Declared in `meta`.
    pub phases: Vec<Phase>,
    pub open_phases: Vec<String>,
}

/// How the loop ended.
pub(super) enum Ending {
    Script(End),
    Stopped(Stop),
}

/// What steers the loop from outside.
struct Steering<'run> {
    run: &'run Run,
    wishes: watch::Receiver<Wish>,
    control: Control,
    /// By the run's clock, but for the time that a person thinks; and the wait for it.
    ends_ms: u64,
    time_limit: Option<BoxFuture<'static, ()>>,
}

/// Runs the script to its end, or until it is stopped.
///
/// Unconstrained: the loop has to know whether a call can go on, and the runtime's cooperative budget would
/// make calls seem to wait that do not. It still yields whenever nothing can happen.
pub(super) async fn drive(run: &Arc<Run>, link: &mut HostLink, course: &mut Course) -> Ending {
    let mut inflight = Inflight::default();
    let ending = tokio::task::unconstrained(go(run, link, course, &mut inflight)).await;
    // Whoever still runs is dropped with the loop: what its last turn cost is lost.
    let mut state = run.state();
    state.counts.unfinished = state.running;
    ending
}

async fn go<'run>(
    run: &'run Arc<Run>,
    link: &mut HostLink,
    course: &mut Course,
    inflight: &mut Inflight<'run>,
) -> Ending {
    let mut steering = Steering {
        run,
        wishes: course.control.watch(),
        control: course.control.clone(),
        ends_ms: run.clock.elapsed_ms().saturating_add(course.time_limit_ms.unwrap_or_default()),
        time_limit: course.time_limit_ms.map(|ms| run.clock.sleep(ms)),
    };
    if run.mode == Mode::Live && run.oracle.digest().is_some() {
        // Before anything is asked: without it no verdict is worth anything, and so is what agents cost.
        tokio::select! {
            biased;
            judged = run.baseline() => if let Err(stop) = judged {
                return Ending::Stopped(stop);
            },
            () = steering.changed(Wish::Run) => {
                steering.wish();
                return Ending::Stopped(steering.stop());
            }
        }
    }
    let mut question = ToHost::Start(course.start.clone());
    loop {
        let answer = {
            let mut asked = std::pin::pin!(inflight.during(link.ask_idle(&question)));
            tokio::select! {
                biased;
                answer = &mut asked => answer,
                // A script that computes for ever does not hear of a clean stop.
                stop = steering.now() => return Ending::Stopped(stop),
            }
        };
        let (requests, end) = match answer {
            Ok(idle) => idle,
            Err(error) => return Ending::Script(End::Failed(error)),
        };
        for request in requests {
            take(run, course, inflight, request);
        }
        if let Some(end) = end {
            return Ending::Script(end);
        }
        match next_batch(run, &course.clock, inflight, &mut steering).await {
            Ok(batch) if batch.is_empty() => return Ending::Script(End::Failed(stuck())),
            Ok(batch) => {
                let completions = batch.into_iter().map(|done| done.completion).collect();
                question = ToHost::Settle { completions, now_ms: run.clock.now_ms() };
            }
            Err(stop) => return Ending::Stopped(stop),
        }
    }
}

fn take<'run>(run: &'run Arc<Run>, course: &mut Course, inflight: &mut Inflight<'run>, request: Request) {
    match request {
        Request::Call { seq, scope, mut call, site } => {
            if let Call::Agent(agent) = &mut call
                && agent.model.is_none()
            {
                agent.model = course.model_of_phase(agent.phase.as_deref());
            }
            let resolved = match &call {
                Call::Agent(agent) => run.backend.resolve(agent),
                Call::Oracle(_) | Call::Land(_) => {
                    Ok(Resolved { oracle: run.oracle.digest(), ..Resolved::default() })
                }
                Call::Workflow(_) | Call::Timer(_) | Call::Ask(_) => Ok(Resolved::default()),
            };
            for warning in resolved.iter().flat_map(|resolved| &resolved.warnings) {
                run.warn_once(warning);
            }
            if let Call::Agent(agent) = &call
                && let Some(title) = &agent.phase
            {
                course.phase(run, title.clone());
            }
            let identified = run.state().identify(seq, scope, site, call, resolved);
            run.queued(&identified);
            match (&identified.way, &identified.call) {
                (Way::Refused(failure), _) => inflight.refuse(run.refused(&identified, failure.clone())),
                (Way::Recalled { .. }, _) => inflight.push(run.call(identified)),
                (Way::Live { .. }, Call::Timer(_)) => inflight.hold_back_timer(seq, run.call(identified)),
                (Way::Live { .. }, _) => inflight.hold_back(run.call(identified)),
            }
        }
        Request::Cancel { seq } => inflight.cancel(seq),
        Request::Phase { title } => course.phase(run, title),
        Request::Log { level, message } => run.events.emit(EventBody::Log { level, message }),
        Request::Now { ms } if run.mode == Mode::Live => run.note(Entry::Now { ms }),
        Request::Now { .. } => (),
        // Without a reason nothing went wrong: it was not to land.
        Request::Verified { label, phase, landed, why, is_listed, .. } if !landed && !why.is_empty() => {
            let failure = Failure { kind: FailureKind::NotLanded, message: why };
            let failure = FailureReport { agent: None, label, phase, failure };
            run.state().not_landed((!is_listed).then_some(failure), run.oracle.digest().is_some());
        }
        Request::Verified { .. } => (),
        Request::Thrown { phase, failure } => run.state().thrown(phase, failure),
    }
}

/// What the script is told next; empty when nothing can happen any more.
async fn next_batch(
    run: &Run,
    clock: &RunClock,
    inflight: &mut Inflight<'_>,
    steering: &mut Steering<'_>,
) -> Result<Vec<Done>, Stop> {
    loop {
        inflight.settle_ready();
        if let Some(stop) = inflight.take_stop() {
            if stop.lets_others_finish() {
                drain(run, clock, inflight, steering).await;
            }
            return Err(stop);
        }
        if steering.wish() != Wish::Run {
            drain(run, clock, inflight, steering).await;
            return Err(inflight.take_stop().unwrap_or_else(|| steering.stop()));
        }
        // What was refused when it was asked comes first, the first time and on resume.
        let refused = inflight.take_refused();
        if !refused.is_empty() {
            return Ok(refused);
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
        if may_advance(run, clock) && clock.advance() {
            continue;
        }
        if inflight.is_empty() || run.mode == Mode::Plan {
            return Ok(Vec::new());
        }
        run.events.flush();
        inflight.woken_or(steering.changed(Wish::Run)).await;
    }
}

/// Starts nothing more, and lets what runs finish and be journaled; a second wish ends that too.
async fn drain(run: &Run, clock: &RunClock, inflight: &mut Inflight<'_>, steering: &mut Steering<'_>) {
    run.draining.store(true, Ordering::Relaxed);
    let running = run.state().running;
    if running > 0 && !steering.is_now() {
        let message =
            format!("stopping: waiting for {running} running agents; press Ctrl-C again to stop now");
        run.events.emit(EventBody::Log { level: LogLevel::Warning, message });
    }
    loop {
        inflight.settle_ready();
        if run.state().running == 0 || steering.is_now() {
            return;
        }
        if may_advance(run, clock) && clock.advance() {
            continue;
        }
        run.events.flush();
        let before = steering.wish();
        inflight.woken_or(steering.changed(before)).await;
    }
}

/// Virtual time stands still while the disk is busy: what comes of it may be earlier than the next deadline.
fn may_advance(run: &Run, clock: &RunClock) -> bool {
    clock.is_virtual() && run.busy.load(Ordering::Relaxed) == 0
}

impl Steering<'_> {
    fn wish(&mut self) -> Wish {
        if let Some(limit) = &mut self.time_limit
            && limit.now_or_never().is_some()
        {
            let now = self.run.clock.elapsed_ms();
            let ends_ms = self.ends_ms.saturating_add(self.run.state().thinking.ms(now));
            self.time_limit = match ends_ms.saturating_sub(now) {
                0 => None,
                left => Some(self.run.clock.sleep(left)),
            };
            if self.time_limit.is_none() {
                self.control.time_is_up();
            }
        }
        *self.wishes.borrow()
    }

    fn is_now(&mut self) -> bool {
        matches!(self.wish(), Wish::Now(_))
    }

    /// Resolves when the wish is no longer `from`, or the time limit passes.
    async fn changed(&mut self, from: Wish) {
        let Self { wishes, time_limit, .. } = self;
        let changed = std::pin::pin!(wished(wishes, |wish| wish != from));
        match time_limit {
            Some(limit) => _ = select(changed, limit).await,
            None => changed.await,
        }
    }

    async fn now(&mut self) -> Stop {
        wished(&mut self.wishes, |wish| matches!(wish, Wish::Now(_))).await;
        self.stop()
    }

    fn stop(&self) -> Stop {
        let reason = match *self.wishes.borrow() {
            Wish::Run => Reason::Person,
            Wish::Drain(reason) | Wish::Now(reason) => reason,
        };
        let (kind, message) = match reason {
            Reason::Person => (ErrorKind::Stopped, "stopped by a person"),
            Reason::TimeLimit => (ErrorKind::TimeLimit, "the run's time limit has passed"),
        };
        Stop(ErrorReport { kind, message: message.into(), hint: None, location: None })
    }
}

async fn wished(wishes: &mut watch::Receiver<Wish>, when: impl Fn(Wish) -> bool) {
    if wishes.wait_for(|wish| when(*wish)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn stuck() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Stuck,
        message: "the script waits for something that can no longer happen".into(),
        location: None,
        hint: Some("look for a promise that nothing resolves".into()),
    }
}

impl Course {
    pub fn announce(&self, run: &Run) {
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
            budget: limits.cap.output_tokens,
            budget_usd_micros: limits.cap.usd_micros,
            phases: self.phases.iter().map(|phase| phase.title.clone()).collect(),
        });
    }

    /// The model that `meta` gives to a phase's agents.
    fn model_of_phase(&self, title: Option<&str>) -> Option<String> {
        self.phases.iter().find(|phase| Some(phase.title.as_str()) == title)?.model.clone()
    }

    fn phase(&mut self, run: &Run, title: String) {
        if !self.open_phases.contains(&title) {
            run.events.emit(EventBody::PhaseStarted { title: title.clone() });
            self.open_phases.push(title);
        }
    }
}
