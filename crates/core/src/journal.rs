//! What must survive a crash, and the one rule that says which entry may follow which.
//!
//! [`Journal::apply`] is the only way this state changes: the engine calls it when it writes an entry and
//! when it reads one back, so a journal that could not have been written cannot be loaded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{CallKey, Failure, FailureKind, Limits, Outcome, Reply, RunStatus, Usage};

/// Version of the entries below; a journal of a later one is refused by name.
pub const JOURNAL_VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Entry {
    /// An attempt began; each resume appends another.
    Opened(Box<RunSettings>),
    /// A live call was admitted. Without a matching `Settled`, the attempt died in it.
    Called {
        key: CallKey,
        #[serde(flatten)]
        asked: Asked,
    },
    /// A request of a call that was let through, before it is sent. What it came to is in the next entry of
    /// the call; if there is none, nobody knows, and it counts as the worst case.
    Reserved {
        key: CallKey,
        /// Whole turns of the agent before it.
        turns: u32,
        /// Of the call up to now, in all attempts since it last settled.
        #[serde(default, skip_serializing_if = "Usage::is_zero")]
        spent: Usage,
        #[serde(default, skip_serializing_if = "Usage::is_zero")]
        worst: Usage,
    },
    Settled {
        key: CallKey,
        outcome: Outcome,
    },
    /// A settled outcome too large for a line: it lies in the blob of this name. Only on disk; a store
    /// hands it out as `Settled`.
    Stored {
        key: CallKey,
        blob: String,
    },
    /// `now()` answered this, in milliseconds since the Unix epoch.
    Now {
        ms: u64,
    },
    /// The attempt ended in good order.
    Closed {
        status: RunStatus,
    },
}

/// What a call was, for people and for `resume --plan`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    pub what: CallKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    #[default]
    Agent,
    Workflow,
    Timer,
    Oracle,
    Land,
    Ask,
}

/// What an attempt was started with. A resume takes the last one's, changed by its flags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSettings {
    pub journal_version: u32,
    pub key_version: u32,
    /// Version of fanfold that wrote it.
    pub product: String,
    pub run_id: String,
    pub workflow: String,
    /// From 1.
    pub attempt: u32,
    /// Digest of `script.js` as it runs in this attempt.
    pub script: String,
    /// Digest of `args.json`.
    pub args: String,
    /// `provider/model` of agents that name none.
    pub model: String,
    /// Temperature of chance: the seed of `random()`, and of the simulated model.
    pub seed: u64,
    pub simulated: bool,
    pub limits: Limits,
    pub cache: CacheRule,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What the front end needs to start the same backend again (policy, scenario, working directory, …).
    #[serde(default)]
    pub front: serde_json::Map<String, serde_json::Value>,
}

/// Which earlier results a resume may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheRule {
    /// Every call that was asked before, wherever it stands now.
    #[default]
    Content,
    /// Only the calls before the first one that changed.
    Prefix,
    /// None.
    Off,
}

/// The state that a sequence of entries amounts to.
#[derive(Debug, Default)]
pub struct Journal {
    settings: Option<RunSettings>,
    attempts: u32,
    closed: Option<RunStatus>,
    calls: HashMap<CallKey, CallState>,
    /// Keys of agents in the order in which they were first called: what [`CacheRule::Prefix`] compares with.
    order: Vec<CallKey>,
    settled: u64,
    usage: Usage,
    /// By attempts before the last one.
    lost_before: Usage,
    /// Of calls that belong to a phase.
    phase_usage: BTreeMap<Arc<str>, Usage>,
    nows: Vec<u64>,
    entries: u64,
}

#[derive(Debug)]
struct CallState {
    /// Attempt in which it was last called.
    attempt: u32,
    /// Called, and not settled since.
    is_open: bool,
    /// Its last request, unless it settled since.
    reserved: Option<Reservation>,
    /// Attempt in which that request was made.
    reserved_in: u32,
    phase: Option<Arc<str>>,
    /// What it last came to; stands until a later call has come to something.
    settled: Option<Settled>,
}

/// What a call that has not settled is known to have used, and may have used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Whole turns of the agent before the request.
    pub turns: u32,
    pub spent: Usage,
    pub worst: Usage,
}

#[derive(Debug)]
struct Settled {
    outcome: Outcome,
    /// Dense from 0 in the order of settling.
    order: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEntry {
    #[error("{entry} before the run was opened")]
    NotOpened { entry: &'static str },
    #[error("{entry} after the run was closed")]
    AlreadyClosed { entry: &'static str },
    #[error("call {key} settled without being called, or twice")]
    NotCalled { key: CallKey },
    #[error("call {key} made while it was running")]
    AlreadyCalled { key: CallKey },
    #[error("the outcome of call {key} was not read from its blob")]
    Unresolved { key: CallKey },
    #[error("written by a later version (journal version {version}, this is {JOURNAL_VERSION})")]
    Later { version: u32 },
}

/// A call that an earlier attempt settled.
#[derive(Clone, Copy, Debug)]
pub struct Recalled<'a> {
    pub outcome: &'a Outcome,
    /// Its place in the order of settling.
    pub order: u64,
}

impl Journal {
    pub fn apply(&mut self, entry: &Entry) -> Result<(), IllegalEntry> {
        let name = entry.name();
        match entry {
            Entry::Opened(settings) => {
                if settings.journal_version > JOURNAL_VERSION {
                    return Err(IllegalEntry::Later { version: settings.journal_version });
                }
                self.settings = Some((**settings).clone());
                self.lost_before = self.lost();
                self.attempts += 1;
                self.closed = None;
            }
            _ if self.attempts == 0 => return Err(IllegalEntry::NotOpened { entry: name }),
            _ if self.closed.is_some() => return Err(IllegalEntry::AlreadyClosed { entry: name }),
            Entry::Called { key, asked } => match self.calls.get_mut(key) {
                None => {
                    let (attempt, phase) = (self.attempts, self.phase(asked.phase.as_deref()));
                    let state = CallState {
                        attempt,
                        is_open: true,
                        reserved: None,
                        reserved_in: 0,
                        phase,
                        settled: None,
                    };
                    self.calls.insert(key.clone(), state);
                    if asked.what == CallKind::Agent {
                        self.order.push(key.clone());
                    }
                }
                Some(state) if state.is_open && state.attempt == self.attempts => {
                    return Err(IllegalEntry::AlreadyCalled { key: key.clone() });
                }
                Some(state) => {
                    state.is_open = true;
                    state.attempt = self.attempts;
                    let whole = state.reserved.map(Reservation::whole).unwrap_or_default();
                    let before = state.phase.clone();
                    // An edited script may ask it in another phase, which pays from now on.
                    if before.as_deref() != asked.phase.as_deref() {
                        let now = self.phase(asked.phase.as_deref());
                        if let Some(of_phase) = before.and_then(|title| self.phase_usage.get_mut(&title)) {
                            *of_phase = of_phase.minus(whole);
                        }
                        if let Some(of_phase) = now.as_ref().and_then(|title| self.phase_usage.get_mut(title))
                        {
                            *of_phase += whole;
                        }
                        self.calls.get_mut(key).expect("looked at above").phase = now;
                    }
                }
            },
            Entry::Reserved { key, turns, spent, worst } => {
                let state = self.calls.get_mut(key).filter(|state| state.is_open);
                let state = state.ok_or_else(|| IllegalEntry::NotCalled { key: key.clone() })?;
                let reservation = Reservation { turns: *turns, spent: *spent, worst: *worst };
                let before = state.reserved.replace(reservation);
                state.reserved_in = self.attempts;
                let phase = state.phase.clone();
                self.count(phase, before, reservation.whole());
            }
            Entry::Settled { key, outcome } => {
                let state = self.calls.get_mut(key).filter(|state| state.is_open);
                let state = state.ok_or_else(|| IllegalEntry::NotCalled { key: key.clone() })?;
                state.is_open = false;
                state.settled = Some(Settled { outcome: outcome.clone(), order: self.settled });
                let (before, phase) = (state.reserved.take(), state.phase.clone());
                self.settled += 1;
                self.count(phase, before, outcome.usage);
            }
            Entry::Stored { key, .. } => return Err(IllegalEntry::Unresolved { key: key.clone() }),
            Entry::Now { ms } => self.nows.push(*ms),
            Entry::Closed { status } => self.closed = Some(*status),
        }
        self.entries += 1;
        Ok(())
    }

    /// The outcome of an earlier attempt, if it may stand: failures are asked again.
    pub fn recall(&self, key: &CallKey) -> Option<Recalled<'_>> {
        let settled = self.calls.get(key)?.settled.as_ref()?;
        match settled.outcome.reply {
            Reply::Done(_) => Some(Recalled { outcome: &settled.outcome, order: settled.order }),
            Reply::Failed(_) => None,
        }
    }

    /// Whether an attempt died in this call, or a budget ended it: what it did so far can be gone on with.
    pub fn is_unfinished(&self, key: &CallKey) -> bool {
        self.calls.get(key).is_some_and(|state| {
            let failure = match state.settled.as_ref().map(|settled| &settled.outcome.reply) {
                Some(Reply::Failed(failure)) => Some(failure.kind),
                Some(Reply::Done(_)) | None => None,
            };
            state.is_open || failure == Some(FailureKind::Budget)
        })
    }

    /// The last request of a call that an attempt died in.
    pub fn reservation(&self, key: &CallKey) -> Option<Reservation> {
        self.calls.get(key)?.reserved
    }

    /// What the requests that were under way whenever an attempt died have used at most: nobody knows.
    pub fn lost(&self) -> Usage {
        let mut lost = self.lost_before;
        let open = self.calls.values().filter(|state| state.is_open && state.reserved_in == self.attempts);
        open.filter_map(|state| state.reserved).for_each(|reserved| lost += reserved.worst);
        lost
    }

    /// What the calls of each phase used, in all attempts.
    pub fn phase_usage(&self) -> impl Iterator<Item = (&str, Usage)> {
        self.phase_usage.iter().map(|(title, usage)| (&**title, *usage))
    }

    fn phase(&mut self, title: Option<&str>) -> Option<Arc<str>> {
        let title = title?;
        if let Some((known, _)) = self.phase_usage.get_key_value(title) {
            return Some(known.clone());
        }
        let title: Arc<str> = title.into();
        self.phase_usage.insert(title.clone(), Usage::default());
        Some(title)
    }

    /// What a call used takes the place of what it was taken to have used before.
    fn count(&mut self, phase: Option<Arc<str>>, before: Option<Reservation>, now: Usage) {
        let before = before.map(Reservation::whole).unwrap_or_default();
        let of_phase = phase.and_then(|title| self.phase_usage.get_mut(&title));
        for total in std::iter::once(&mut self.usage).chain(of_phase) {
            *total = total.minus(before);
            *total += now;
        }
    }

    /// Settings of the last attempt.
    pub fn settings(&self) -> Option<&RunSettings> {
        self.settings.as_ref()
    }

    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How the last attempt ended, if it did so in good order.
    pub fn closed(&self) -> Option<RunStatus> {
        self.closed
    }

    /// Keys in the order of their first call.
    pub fn order(&self) -> &[CallKey] {
        &self.order
    }

    /// How many outcomes have settled; the next one's place in the order.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    /// What `now()` answered so far.
    pub fn nows(&self) -> &[u64] {
        &self.nows
    }

    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// What all attempts used, work that came to nothing included.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Why a call of this key would be asked again, or `None` when it would not.
    pub fn why_live(&self, key: &CallKey) -> Option<WhyLive> {
        let Some(state) = self.calls.get(key) else { return Some(WhyLive::New) };
        match state.settled.as_ref().map(|settled| &settled.outcome.reply) {
            Some(Reply::Done(_)) => None,
            _ if state.is_open => Some(WhyLive::Unfinished),
            Some(Reply::Failed(failure)) => Some(WhyLive::Failed(failure.clone())),
            None => Some(WhyLive::New),
        }
    }
}

/// Why a resume asks a call again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLive {
    /// Never asked before, or asked differently.
    New,
    /// The attempt died in it.
    Unfinished,
    Failed(Failure),
    /// The rule or the call's own `cache: false` says so.
    NotCached,
}

impl Reservation {
    /// As if all of the worst case had come.
    pub fn whole(self) -> Usage {
        let mut whole = self.spent;
        whole += self.worst;
        whole
    }
}

impl Entry {
    fn name(&self) -> &'static str {
        match self {
            Entry::Opened(_) => "opened",
            Entry::Called { .. } => "called",
            Entry::Reserved { .. } => "reserved",
            Entry::Settled { .. } => "settled",
            Entry::Stored { .. } => "stored",
            Entry::Now { .. } => "now",
            Entry::Closed { .. } => "closed",
        }
    }
}
