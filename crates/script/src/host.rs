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
use crate::shared::{OpenCall, Scope, Shared};
use crate::source;
use crate::watch::Stop;

/// The thread of a host needs a stack of at least this: what a script may use, and what the engine needs
/// to notice that it used it.
pub const THREAD_STACK_BYTES: usize = 64 << 20;

/// More than this and the engine silently checks nothing.
const SCRIPT_STACK_BYTES_MAX: usize = 16 << 20;

/// The collector starts at this share of the memory limit: cycles must not count as memory in use, and
/// collecting costs time that grows with what is alive.
const GC_SHARE: u64 = 4;

/// Jobs between two looks at the clock; the engine looks for itself while a job computes.
const JOBS_PER_LOOK: u32 = 256;

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
        let Completion { seq, with, output_tokens } = completion;
        self.shared.spend(output_tokens);
        let call = self.shared.close(seq)?;
        self.begin_slice();
        match with {
            Settlement::Value(value) => self.deliver(call.scope, seq, &Settled::Value(&value)),
            Settlement::Null(failure) => {
                let place = source::aside(call.site.as_ref());
                let message = format!("`{}` became null: {failure}{place}", call.title);
                self.shared.log(LogLevel::Warning, message);
                self.shared.failed(&call, &failure);
                self.deliver(call.scope, seq, &Settled::Value(RawValue::NULL))
            }
            Settlement::Throw(failure) => {
                self.shared.failed(&call, &failure);
                let site = call.site.as_ref();
                self.deliver(call.scope, seq, &Settled::Throw { failure: &failure, listed: true, site })
            }
            Settlement::Script { source, file, args } => self.nest(seq, call, &source, &file, args.as_ref()),
        }
    }

    /// Settles call `seq` in the script that made it, and lets follow what follows.
    fn deliver(&mut self, scope: Scope, seq: u32, settled: &Settled) -> Option<End> {
        // A script that ended in place may have left calls behind.
        let program = self.program(scope)?;
        match program.settle(seq, settled) {
            Ok(()) => self.follow(scope),
            Err(error) => self.left(scope, error),
        }
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
                let message = refusal(&problems, text, file);
                return self.reject(seq, &call, message);
            }
        };
        for warning in &script.warnings {
            let place = warning.span.as_ref().map(|span| Location::of(file, text, span.start));
            self.shared
                .log(LogLevel::Warning, format!("{}{}", warning.message, source::aside(place.as_ref())));
        }
        let launch = Launch {
            scope: Some(seq),
            body: &script.body,
            file,
            meta: &script.meta,
            args,
            phase: call.phase.as_deref(),
        };
        let runtime = self.runtime.as_ref().expect("a script that made a call was started");
        let started = Program::start(runtime, &launch, &self.shared);
        // The call stays open until its script ends.
        self.shared.reopen(seq, call);
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
            None if self.shared.is_waiting(scope) => None,
            None => self.left(scope, stuck()),
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
                    let owner = self.nested.iter().find(|(_, program)| program.owns(&job.0));
                    let scope = owner.map(|(seq, _)| *seq);
                    if let Some(program) = self.program(scope) {
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
        if self.shared.watch.stopped().is_some() {
            return Some(self.fail(thrown("stopped".into())));
        }
        let Some(seq) = scope else {
            self.state = State::Returned;
            return Some(End::Returned(result));
        };
        self.nested.remove(&seq);
        let call = self.shared.close(seq)?;
        self.deliver(call.scope, seq, &Settled::Value(&result))
    }

    /// An exception left the script, or it can go no further.
    fn left(&mut self, scope: Scope, error: ScriptError) -> Option<End> {
        let Some(seq) = scope.filter(|_| self.shared.watch.stopped().is_none()) else {
            return Some(self.fail(error));
        };
        self.nested.remove(&seq);
        let call = self.shared.close(seq)?;
        let message = format!("{}{}", error.message, source::aside(error.location.as_ref()));
        self.reject(seq, &call, message)
    }

    /// Rejects a `workflow()` call.
    fn reject(&mut self, seq: u32, call: &OpenCall, message: String) -> Option<End> {
        let message = format!("workflow `{}` failed: {message}", call.title);
        let failure = Failure { kind: FailureKind::Thrown, message };
        self.deliver(
            call.scope,
            seq,
            &Settled::Throw { failure: &failure, listed: false, site: call.site.as_ref() },
        )
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

fn stuck() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Stuck,
        message: "the script waits for a promise that nothing can settle: no agent, workflow or timer is open"
            .into(),
        location: None,
        hint: Some(
            "look for a `new Promise(…)` whose resolve is never called, a timer that was cleared, or two promises that wait for each other"
                .into(),
        ),
    }
}

fn over_limit(stop: Stop, shared: &Shared, location: Option<Location>) -> ScriptError {
    let limits = &shared.limits;
    let (kind, message, hint) = match stop {
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
