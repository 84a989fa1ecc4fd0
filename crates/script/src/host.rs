//! A script as a machine without I/O: calls come out, completions go in, and in between nothing moves.
//!
//! Completions are settled one by one, each with everything that follows from it, so that a live batch and
//! a replay one by one make the same calls in the same order.

use std::collections::BTreeMap;
use std::rc::Rc;

use fanfold_core::{Diagnostic, Failure, FailureKind, Location, LogLevel, Meta};
use rquickjs::Runtime;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::parse;
use crate::program::{Launch, Program, Settled};
use crate::protocol::{Completion, End, Request, ScriptError, ScriptErrorKind, Settlement, Start};
use crate::shared::{OpenCall, Scope, Shared, Tally};
use crate::source;
use crate::watch::Stop;

/// The thread of a host needs a stack of at least this: what a script may use, and what the engine needs
/// to notice that it used it.
pub const THREAD_STACK_BYTES: usize = 64 << 20;

/// More than this and the engine silently checks nothing.
const SCRIPT_STACK_BYTES_MAX: usize = 16 << 20;

/// The collector starts at this share of the memory limit: cycles must not count as memory in use, and
/// collecting costs time that grows with what is alive.
const GC_SHARE: u64 = 2;

/// Jobs between two looks at the clock; the engine looks for itself while a job computes.
const JOBS_PER_LOOK: u32 = 256;

/// More promises that failed unseen than this are only counted.
const UNHANDLED_TOLD_MAX: usize = 10;

/// Called before each slice with its CPU limit in ms.
pub type Guard = Box<dyn FnMut(u64)>;

/// A started script and the ones that it runs in place.
pub struct Host {
    // Before the runtime that they live in: fields are dropped in this order.
    main: Option<Program>,
    nested: BTreeMap<u32, Program>,
    runtime: Option<Runtime>,
    shared: Rc<Shared>,
    guard: Option<Guard>,
    state: State,
}

/// What a script did up to its next wait.
#[derive(Debug)]
pub struct Idle {
    pub requests: Vec<Request>,
    /// `None` while it waits for calls.
    pub end: Option<End>,
}

enum State {
    Running,
    Returned,
    /// Answered again to whatever comes.
    Failed(ScriptError),
}

impl Host {
    /// Starts a parsed script and runs it to its first wait. The thread needs [`THREAD_STACK_BYTES`] of
    /// stack, and the process `TZ=UTC`: dates of scripts are those of its time zone.
    pub fn start(body: &str, file: &str, meta: &Meta, start: Start) -> (Host, Idle) {
        Self::start_guarded(body, file, meta, start, None)
    }

    /// Like [`Host::start`], with `guard` called before each slice.
    pub fn start_guarded(
        body: &str,
        file: &str,
        meta: &Meta,
        start: Start,
        guard: Option<Guard>,
    ) -> (Host, Idle) {
        let shared = Rc::new(Shared::new(&start));
        let mut host =
            Host { main: None, nested: BTreeMap::new(), runtime: None, shared, guard, state: State::Running };
        let launch = Launch { scope: None, body, file, meta, args: start.args.as_ref(), phase: None };
        let end = host.start_main(&launch);
        let idle = host.idle(end);
        (host, idle)
    }

    /// Settles promises in this order. What no longer waits for a completion ignores it.
    pub fn settle(&mut self, completions: Vec<Completion>, now_ms: u64) -> Idle {
        self.shared.now_ms.set(now_ms);
        let mut end = match &self.state {
            State::Failed(error) => Some(End::Failed(error.clone())),
            State::Running | State::Returned => None,
        };
        for completion in completions {
            if !matches!(self.state, State::Running) {
                break;
            }
            end = self.complete(completion);
        }
        self.idle(end)
    }

    fn idle(&self, end: Option<End>) -> Idle {
        Idle { requests: self.shared.take_requests(), end }
    }

    fn start_main(&mut self, launch: &Launch) -> Option<End> {
        let runtime = match self.new_runtime() {
            Ok(runtime) => runtime,
            Err(err) => return Some(self.fail(thrown(format!("the script engine could not start: {err}")))),
        };
        self.begin_slice();
        let started = Program::start(&runtime, launch, &self.shared);
        self.runtime = Some(runtime);
        match started {
            Ok(program) => self.main = Some(program),
            Err(error) => return Some(self.fail(error)),
        }
        self.follow(None)
    }

    fn new_runtime(&self) -> rquickjs::Result<Runtime> {
        let runtime = Runtime::new()?;
        let limits = &self.shared.limits;
        runtime.set_memory_limit(usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX));
        runtime.set_gc_threshold(usize::try_from(limits.memory_bytes / GC_SHARE).unwrap_or(usize::MAX));
        let stack_bytes = usize::try_from(limits.stack_bytes).unwrap_or(usize::MAX);
        runtime.set_max_stack_size(stack_bytes.clamp(1, SCRIPT_STACK_BYTES_MAX));
        let watch = Rc::clone(&self.shared.watch);
        runtime.set_interrupt_handler(Some(Box::new(move || watch.is_over())));
        let tracker = self.shared.rejections.tracker(&self.shared.watch);
        runtime.set_host_promise_rejection_tracker(Some(tracker));
        Ok(runtime)
    }

    fn begin_slice(&mut self) {
        let slice_cpu_ms = self.shared.limits.slice_cpu_ms;
        if let Some(guard) = &mut self.guard {
            guard(slice_cpu_ms);
        }
        self.shared.watch.begin_slice(slice_cpu_ms);
    }

    fn complete(&mut self, completion: Completion) -> Option<End> {
        let Completion { seq, with, output_tokens, usd_micros } = completion;
        self.shared.spend(output_tokens, usd_micros);
        let call = self.shared.close(seq)?;
        self.begin_slice();
        match with {
            Settlement::Value(value) => self.deliver(call, &Settled::Value(&value)),
            Settlement::Null(failure) => {
                let place = source::aside(call.site.as_deref());
                let message = format!("`{}` became null: {failure}{place}", call.title);
                self.shared.log(LogLevel::Warning, message);
                self.shared.failed(&call, &failure);
                self.deliver(call, &Settled::Value(RawValue::NULL))
            }
            Settlement::Throw(failure) => {
                self.shared.failed(&call, &failure);
                self.reject(call, &failure, true)
            }
            Settlement::Script { source, file, args } => self.nest(seq, call, &source, &file, args.as_ref()),
        }
    }

    /// Settles a call in the script that made it, and lets follow what follows.
    fn deliver(&mut self, call: OpenCall, settled: &Settled) -> Option<End> {
        // A script that ended in place may have left calls behind.
        let (program, waiter) = (self.program(call.scope)?, call.waiter?);
        match program.settle(waiter, settled) {
            Ok(()) => self.follow(call.scope),
            Err(error) => self.left(call.scope, error),
        }
    }

    fn reject(&mut self, call: OpenCall, failure: &Failure, listed: bool) -> Option<End> {
        let site = call.site.clone();
        self.deliver(call, &Settled::Throw { failure, listed, site: site.as_deref() })
    }

    fn nest(
        &mut self,
        seq: u32,
        call: OpenCall,
        text: &str,
        file: &str,
        args: Option<&Value>,
    ) -> Option<End> {
        let script = match parse::parse(text, file) {
            Ok(script) => script,
            Err(problems) => {
                return self.reject_workflow(call, refusal(&problems, text, file));
            }
        };
        for warning in &script.warnings {
            let place = warning.span.as_ref().map(|span| Location::of(file, text, span.start));
            self.shared
                .log(LogLevel::Warning, format!("{}{}", warning.message, source::aside(place.as_ref())));
        }
        let phase = call.phase.clone();
        let launch = Launch {
            scope: Some(seq),
            body: &script.body,
            file,
            meta: &script.meta,
            args,
            phase: phase.as_deref(),
        };
        let runtime = self.runtime.as_ref().expect("a script that made a call was started");
        // The call stays open until its script ends.
        self.shared.reopen(seq, call);
        let started = Program::start(runtime, &launch, &self.shared);
        match started {
            Ok(program) => {
                self.nested.insert(seq, program);
                self.follow(Some(seq))
            }
            Err(error) => self.left(Some(seq), error),
        }
    }

    /// Runs the jobs that are ready, then looks whether the script in which something happened has ended.
    fn follow(&mut self, scope: Scope) -> Option<End> {
        if let Err((culprit, error)) = self.run_jobs() {
            return self.left(culprit, error);
        }
        if self.shared.watch.stopped().is_some() {
            return Some(self.fail(thrown("stopped".into())));
        }
        let outcome = self.program(scope)?.outcome();
        match outcome {
            Some(Ok(result)) => self.returned(scope, result),
            Some(Err(error)) => self.left(scope, error),
            None if self.shared.tally(scope).open > 0 => None,
            None => self.left(scope, stuck(&self.shared, scope)),
        }
    }

    fn run_jobs(&self) -> Result<(), (Scope, ScriptError)> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        let watch = &self.shared.watch;
        let mut jobs = 0u32;
        loop {
            match runtime.execute_pending_job() {
                Ok(false) => return Ok(()),
                Ok(true) => (),
                // The script's own job threw where nobody could catch it.
                Err(job) => {
                    let programs = self.main.iter().map(|main| (None, main));
                    let mut programs =
                        programs.chain(self.nested.iter().map(|(seq, program)| (Some(*seq), program)));
                    // What an ended script left behind is nobody's.
                    if let Some((scope, program)) = programs.find(|(_, program)| program.owns(&job.0)) {
                        return Err((scope, program.thrown()));
                    }
                }
            }
            jobs = jobs.wrapping_add(1);
            if watch.stopped().is_some() || (jobs.is_multiple_of(JOBS_PER_LOOK) && watch.is_over()) {
                return Ok(());
            }
        }
    }

    fn program(&self, scope: Scope) -> Option<&Program> {
        match scope {
            None => self.main.as_ref(),
            Some(seq) => self.nested.get(&seq),
        }
    }

    fn returned(&mut self, scope: Scope, result: Box<RawValue>) -> Option<End> {
        self.warn_of_unhandled(scope);
        if self.shared.watch.stopped().is_some() {
            return Some(self.fail(thrown("stopped".into())));
        }
        let Some(seq) = scope else {
            self.state = State::Returned;
            return Some(End::Returned(result));
        };
        self.nested.remove(&seq);
        let call = self.shared.close(seq)?;
        self.deliver(call, &Settled::Value(&result))
    }

    /// An exception left the script, or it can go no further.
    fn left(&mut self, scope: Scope, error: ScriptError) -> Option<End> {
        self.warn_of_unhandled(scope);
        let Some(seq) = scope.filter(|_| self.shared.watch.stopped().is_none()) else {
            return Some(self.fail(error));
        };
        self.nested.remove(&seq);
        let call = self.shared.close(seq)?;
        let message = format!("{}{}", error.message, source::aside(error.location.as_ref()));
        self.reject_workflow(call, message)
    }

    /// A script is about to end: what it did not wait for is silent no longer.
    fn warn_of_unhandled(&self, scope: Scope) {
        let Some(program) = self.program(scope).filter(|_| self.shared.watch.stopped().is_none()) else {
            return;
        };
        let unhandled = program.unhandled();
        for message in unhandled.iter().take(UNHANDLED_TOLD_MAX) {
            self.shared.log(LogLevel::Warning, format!("nobody waited for a promise that failed: {message}"));
        }
        let more = unhandled.len().saturating_sub(UNHANDLED_TOLD_MAX);
        if more > 0 {
            self.shared.log(LogLevel::Warning, format!("nobody waited for {more} more promises that failed"));
        }
    }

    fn reject_workflow(&mut self, call: OpenCall, message: String) -> Option<End> {
        let message = format!("workflow `{}` failed: {message}", call.title);
        self.reject(call, &Failure { kind: FailureKind::Thrown, message }, false)
    }

    fn fail(&mut self, error: ScriptError) -> End {
        let error = match self.shared.watch.stopped() {
            None => error,
            Some(stop) => over_limit(stop, &self.shared, error.location),
        };
        self.state = State::Failed(error.clone());
        End::Failed(error)
    }
}

fn thrown(message: String) -> ScriptError {
    ScriptError { kind: ScriptErrorKind::Thrown, message, location: None, hint: None }
}

fn stuck(shared: &Shared, scope: Scope) -> ScriptError {
    let Tally { made, timers_cleared, last_site, .. } = shared.tally(scope);
    let calls = match made - timers_cleared {
        0 => String::new(),
        1 => ", the one call that it made has ended".into(),
        n => format!(", the {n} calls that it made have ended"),
    };
    let (timers, hint) = match timers_cleared {
        0 => (
            String::new(),
            "look for a `new Promise(…)` whose resolve is never called, or two promises that wait for each other",
        ),
        1 => (", and its timer was cleared".into(), CLEARED_HINT),
        n => (format!(", and {n} timers were cleared"), CLEARED_HINT),
    };
    ScriptError {
        kind: ScriptErrorKind::Stuck,
        message: format!(
            "the script waits for a promise that nothing can settle: no agent, workflow or timer is open{calls}{timers}"
        ),
        hint: Some(match &last_site {
            Some(_) => format!("{hint}; marked is the last call that it made"),
            None => hint.into(),
        }),
        location: last_site.map(Rc::unwrap_or_clone),
    }
}

const CLEARED_HINT: &str = "a promise that waits for a cleared timer never resolves: resolve it where the timer is cleared; or look for a `new Promise(…)` whose resolve is never called";

fn over_limit(stop: Stop, shared: &Shared, location: Option<Location>) -> ScriptError {
    let limits = &shared.limits;
    let (kind, mut message, hint) = match stop {
        Stop::Cpu => (
            ScriptErrorKind::Cpu,
            format!(
                "the script computed for more than {} ms without waiting for anything",
                limits.slice_cpu_ms
            ),
            "look for a loop that never ends; heavy computing is an agent's work, not the script's",
        ),
        Stop::Memory => (
            ScriptErrorKind::Memory,
            format!("the script used more than its {} MiB of memory", limits.memory_bytes >> 20),
            "look for a list that grows without end; keep of each result only what is needed later",
        ),
    };
    let location = shared.stopped_at().or(location).or_else(|| {
        let last = shared.last_site()?;
        message += ", somewhere after this call";
        Some(last)
    });
    ScriptError { kind, message, location, hint: Some(hint.into()) }
}

/// Why a script that was to run in place cannot.
fn refusal(problems: &[Diagnostic], text: &str, file: &str) -> String {
    let Some(first) = problems.first() else { return "it is no script that can run".into() };
    let place = match &first.span {
        Some(span) => source::aside(Some(&Location::of(file, text, span.start))),
        None => format!(" ({file})"),
    };
    format!("{}{place}", first.message)
}
