//! What all scripts of one run share: what they asked for, what is open, and what they may know of the run.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use fanfold_core::{Call, Failure, FailureKind, Location, LogLevel};
use serde::Serialize;

use crate::options::Options;
use crate::protocol::{Request, ScriptLimits, Start};
use crate::source;
use crate::watch::Watch;

/// The `workflow()` call whose script is meant; `None` is the main script.
pub type Scope = Option<u32>;

pub struct Shared {
    pub limits: ScriptLimits,
    pub budget_tokens: Option<u64>,
    pub watch: Rc<Watch>,
    pub now_ms: Cell<u64>,
    pub options: RefCell<Options>,
    requests: RefCell<Vec<Request>>,
    next_seq: Cell<u32>,
    open: RefCell<HashMap<u32, OpenCall>>,
    /// How many of `open` each script waits for.
    open_counts: RefCell<HashMap<Scope, u32>>,
    spent_tokens: Cell<u64>,
    recorded_nows: RefCell<VecDeque<u64>>,
    dice: Cell<u64>,
    failures: RefCell<HashMap<Scope, Vec<FailureEntry>>>,
    told: RefCell<HashSet<String>>,
}

/// A call that has not settled.
#[derive(Debug)]
pub struct OpenCall {
    pub scope: Scope,
    pub site: Option<Location>,
    /// What messages and `failures()` call it.
    pub title: String,
    /// The phase of an agent, or the one in which a workflow was started.
    pub phase: Option<String>,
}

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
            watch: Rc::default(),
            now_ms: Cell::new(start.now_ms),
            options: RefCell::default(),
            requests: RefCell::default(),
            next_seq: Cell::new(0),
            open: RefCell::default(),
            open_counts: RefCell::default(),
            spent_tokens: Cell::new(0),
            recorded_nows: RefCell::new(start.recorded_nows.iter().copied().collect()),
            dice: Cell::new(start.seed),
            failures: RefCell::default(),
            told: RefCell::default(),
        }
    }

    pub fn take_requests(&self) -> Vec<Request> {
        self.requests.take()
    }

    pub fn request(&self, request: Request) {
        self.requests.borrow_mut().push(request);
    }

    /// Hands the call out and answers its `seq`.
    pub fn call(&self, call: Call, open: OpenCall) -> u32 {
        let seq = self.next_seq.get();
        self.next_seq.set(seq + 1);
        self.request(Request::Call { seq, scope: open.scope, site: open.site.clone(), call });
        self.reopen(seq, open);
        seq
    }

    /// The call `seq`, which from now on nobody waits for; `None` when nobody did.
    pub fn close(&self, seq: u32) -> Option<OpenCall> {
        let open = self.open.borrow_mut().remove(&seq)?;
        if let Some(count) = self.open_counts.borrow_mut().get_mut(&open.scope) {
            *count -= 1;
        }
        Some(open)
    }

    pub fn reopen(&self, seq: u32, open: OpenCall) {
        *self.open_counts.borrow_mut().entry(open.scope).or_default() += 1;
        self.open.borrow_mut().insert(seq, open);
    }

    /// Whether the script waits for a call that can still settle.
    pub fn is_waiting(&self, scope: Scope) -> bool {
        self.open_counts.borrow().get(&scope).is_some_and(|count| *count > 0)
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

    pub fn spend(&self, tokens: u64) {
        self.spent_tokens.set(self.spent_tokens.get().saturating_add(tokens));
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
