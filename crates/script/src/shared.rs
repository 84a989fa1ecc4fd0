//! What all scripts of one run share: what they asked for, what is open, and what they may know of the run.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use fanfold_core::{Call, Failure, FailureKind, Location, LogLevel};
use rquickjs::{Function, Object, Persistent};
use serde::Serialize;

use crate::options::Options;
use crate::protocol::{Request, ScriptLimits, Start};
use crate::rejections::Rejections;
use crate::source;
use crate::watch::{Stop, Watch};

/// The `workflow()` call whose script is meant; `None` is the main script.
pub type Scope = Option<u32>;

pub struct Shared {
    pub limits: ScriptLimits,
    pub budget_tokens: Option<u64>,
    pub budget_usd_micros: Option<u64>,
    pub watch: Rc<Watch>,
    pub rejections: Rc<Rejections>,
    pub now_ms: Cell<u64>,
    pub options: RefCell<Options>,
    requests: RefCell<Vec<Request>>,
    next_seq: Cell<u32>,
    open: RefCell<HashMap<u32, OpenCall>>,
    /// Of each script.
    tallies: RefCell<HashMap<Scope, Tally>>,
    requests_weight: Cell<u64>,
    /// Where the last call of all was made.
    last_site: RefCell<Option<Rc<Location>>>,
    /// Where the engine first said that a limit was passed.
    stopped_at: RefCell<Option<Location>>,
    spent_tokens: Cell<u64>,
    spent_micros: Cell<u64>,
    recorded_nows: RefCell<VecDeque<u64>>,
    dice: Cell<u64>,
    failures: RefCell<HashMap<Scope, Vec<FailureEntry>>>,
    told: RefCell<HashSet<String>>,
}

/// The calls of one script.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many it waits for.
    pub open: u32,
    pub made: u32,
    pub timers_cleared: u32,
    /// Where it made the last.
    pub last_site: Option<Rc<Location>>,
}

/// A call that has not settled.
#[derive(Debug)]
pub struct OpenCall {
    pub scope: Scope,
    /// `None` once its script has ended.
    pub waiter: Option<Waiter>,
    pub site: Option<Rc<Location>>,
    /// What messages and `failures()` call it.
    pub title: String,
    /// The phase of an agent, or the one in which a workflow was started.
    pub phase: Option<String>,
}

/// What a call comes to is told to a function of the script's context.
#[derive(Debug)]
pub enum Waiter {
    Promise {
        resolve: Kept<Function<'static>>,
        follower: Option<Box<Follower>>,
    },
    /// What the timer does.
    Timer(Kept<Function<'static>>),
}

/// Of the promise of a call: `done(at, value, threw)` is to be told as well.
#[derive(Debug)]
pub struct Follower {
    pub promise: Kept<Object<'static>>,
    pub done: Kept<Function<'static>>,
    pub at: f64,
}

/// A value of a script's context. The context lives as long: see [`Shared::forget`].
pub type Kept<T> = Persistent<T>;

/// One of `failures()`.
#[derive(Clone, Debug, Serialize)]
struct FailureEntry {
    label: Option<String>,
    phase: Option<String>,
    kind: &'static str,
    message: String,
}

impl Shared {
    pub fn new(start: &Start) -> Self {
        Self {
            limits: start.limits,
            budget_tokens: start.budget_tokens,
            budget_usd_micros: start.budget_usd_micros,
            watch: Rc::default(),
            rejections: Rc::default(),
            now_ms: Cell::new(start.now_ms),
            options: RefCell::default(),
            requests: RefCell::default(),
            next_seq: Cell::new(0),
            open: RefCell::default(),
            tallies: RefCell::default(),
            requests_weight: Cell::new(0),
            last_site: RefCell::default(),
            stopped_at: RefCell::default(),
            spent_tokens: Cell::new(0),
            spent_micros: Cell::new(0),
            recorded_nows: RefCell::new(start.recorded_nows.iter().copied().collect()),
            dice: Cell::new(start.seed),
            failures: RefCell::default(),
            told: RefCell::default(),
        }
    }

    pub fn take_requests(&self) -> Vec<Request> {
        self.requests_weight.set(0);
        let mut requests = self.requests.take();
        if self.watch.stopped() == Some(Stop::Memory) {
            // Of a script that asked for more than it may, the beginning tells enough.
            let mut bytes = 0;
            let shown = requests.iter().take_while(|request| {
                bytes += weight(request);
                bytes <= REQUESTS_OF_THE_END_BYTES_MAX
            });
            requests.truncate(shown.count());
        }
        requests
    }

    pub fn request(&self, request: Request) {
        self.weigh(weight(&request));
        if self.watch.stopped() != Some(Stop::Memory) {
            self.requests.borrow_mut().push(request);
        }
    }

    /// What waits to be taken counts as memory of the script.
    pub fn weigh(&self, bytes: usize) {
        let weight = self.requests_weight.get().saturating_add(bytes as u64);
        self.requests_weight.set(weight);
        if weight > self.limits.memory_bytes {
            self.watch.stop(Stop::Memory);
        }
    }

    /// Hands the call out and answers its `seq`.
    pub fn call(&self, call: Call, open: OpenCall) -> u32 {
        let seq = self.next_seq.get();
        self.next_seq.set(seq + 1);
        let site = open.site.as_deref().cloned();
        self.last_site.replace(open.site.clone());
        {
            let mut tallies = self.tallies.borrow_mut();
            let tally = tallies.entry(open.scope).or_default();
            tally.made += 1;
            tally.last_site.clone_from(&open.site);
        }
        self.request(Request::Call { seq, scope: open.scope, site, call });
        self.reopen(seq, open);
        seq
    }

    /// The call `seq`, which from now on nobody waits for; `None` when nobody did.
    pub fn close(&self, seq: u32) -> Option<OpenCall> {
        let open = self.open.borrow_mut().remove(&seq)?;
        if let Some(tally) = self.tallies.borrow_mut().get_mut(&open.scope) {
            tally.open -= 1;
        }
        Some(open)
    }

    pub fn reopen(&self, seq: u32, open: OpenCall) {
        self.tallies.borrow_mut().entry(open.scope).or_default().open += 1;
        self.open.borrow_mut().insert(seq, open);
    }

    /// Whether call `seq` still waits and nobody follows it yet: then `follower` does from now on.
    pub fn follow(&self, seq: u32, follower: Follower) -> bool {
        match self.open.borrow_mut().get_mut(&seq).and_then(|open| open.waiter.as_mut()) {
            Some(Waiter::Promise { follower: free @ None, .. }) => {
                *free = Some(Box::new(follower));
                true
            }
            Some(Waiter::Promise { follower: Some(_), .. } | Waiter::Timer(_)) | None => false,
        }
    }

    /// `clearTimeout`.
    pub fn cancel(&self, seq: u32) {
        let Some(open) = self.close(seq) else { return };
        self.tallies.borrow_mut().entry(open.scope).or_default().timers_cleared += 1;
        self.request(Request::Cancel { seq });
    }

    /// Lets go of everything that belongs to the context of a script that has ended.
    pub fn forget(&self, scope: Scope) {
        for open in self.open.borrow_mut().values_mut().filter(|open| open.scope == scope) {
            open.waiter = None;
        }
    }

    pub fn tally(&self, scope: Scope) -> Tally {
        self.tallies.borrow().get(&scope).cloned().unwrap_or_default()
    }

    /// Keeps the first place that is known.
    pub fn note_stop(&self, place: impl FnOnce() -> Option<Location>) {
        if self.watch.stopped().is_some() && self.stopped_at.borrow().is_none() {
            let place = place();
            self.stopped_at.replace(place);
        }
    }

    pub fn stopped_at(&self) -> Option<Location> {
        self.stopped_at.borrow().clone()
    }

    pub fn last_site(&self) -> Option<Location> {
        self.last_site.borrow().as_deref().cloned()
    }

    pub fn log(&self, level: LogLevel, message: String) {
        self.request(Request::Log { level, message });
    }

    /// Warns of one thing once a run, however many agents share it.
    pub fn warn_once(&self, about: &str, place: Option<&Location>) {
        if self.told.borrow_mut().insert(about.to_owned()) {
            self.log(LogLevel::Warning, format!("{about}{}", source::aside(place)));
        }
    }

    /// An agent came to nothing: logged with its place, listed for its script and the one that called it.
    pub fn failed(&self, call: &OpenCall, failure: &Failure) {
        self.list(
            call.scope,
            FailureEntry {
                label: Some(call.title.clone()),
                phase: call.phase.clone(),
                kind: failure.kind.name(),
                message: failure.message.clone(),
            },
        );
    }

    /// A thunk or stage threw: what it was is `null` now.
    pub fn thrown(&self, scope: Scope, phase: Option<String>, message: String) {
        self.list(
            scope,
            FailureEntry {
                label: None,
                phase: phase.clone(),
                kind: FailureKind::Thrown.name(),
                message: message.clone(),
            },
        );
        let failure = Failure { kind: FailureKind::Thrown, message };
        self.request(Request::Thrown { phase, failure });
    }

    fn list(&self, scope: Scope, entry: FailureEntry) {
        let mut failures = self.failures.borrow_mut();
        if scope.is_some() {
            failures.entry(None).or_default().push(entry.clone());
        }
        failures.entry(scope).or_default().push(entry);
    }

    /// `failures()` of a script, as JSON.
    pub fn failures_json(&self, scope: Scope) -> String {
        let failures = self.failures.borrow();
        serde_json::to_string(failures.get(&scope).map_or(&[][..], Vec::as_slice))
            .expect("plain data always serializes")
    }

    pub fn spent_tokens(&self) -> u64 {
        self.spent_tokens.get()
    }

    pub fn spent_micros(&self) -> u64 {
        self.spent_micros.get()
    }

    pub fn spend(&self, tokens: u64, usd_micros: u64) {
        self.spent_tokens.set(self.spent_tokens.get().saturating_add(tokens));
        self.spent_micros.set(self.spent_micros.get().saturating_add(usd_micros));
    }

    /// `now()`: what earlier attempts heard first, then the time of this message, to be journaled.
    pub fn now(&self) -> u64 {
        if let Some(recorded) = self.recorded_nows.borrow_mut().pop_front() {
            return recorded;
        }
        let ms = self.now_ms.get();
        self.request(Request::Now { ms });
        ms
    }

    /// `random()`: SplitMix64, 53 bits in [0, 1).
    pub fn random(&self) -> f64 {
        let state = self.dice.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.dice.set(state);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What is handed on of the requests of a script that passed its memory.
const REQUESTS_OF_THE_END_BYTES_MAX: usize = 1 << 20;

/// About how many bytes a request takes until it is taken, without what natives weigh themselves.
fn weight(request: &Request) -> usize {
    const BASE: usize = 256;
    BASE + match request {
        Request::Call { call: Call::Agent(agent), .. } => agent.prompt.len(),
        Request::Log { message, .. } => message.len(),
        Request::Phase { title } => title.len(),
        Request::Thrown { failure, .. } => 2 * failure.message.len(),
        Request::Verified { why, label, .. } => why.len() + label.len(),
        Request::Call { call: Call::Oracle(oracle), .. } => files_weight(&oracle.tests),
        Request::Call { call: Call::Land(land), .. } => files_weight(&land.tests),
        Request::Call { call: Call::Ask(ask), .. } => ask.question.len(),
        Request::Call { call: Call::Workflow(_) | Call::Timer(_), .. }
        | Request::Cancel { .. }
        | Request::Now { .. } => 0,
    }
}

fn files_weight(files: &[fanfold_core::NewFile]) -> usize {
    files.iter().map(|file| file.path.len() + file.content.len()).sum()
}
