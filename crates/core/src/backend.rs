//! The ports through which a run reaches the world: who does an agent's work, and what time it is.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{AgentCall, CallKey, Failure, Location, Outcome, Quote, Resolved, Usage};

/// Does agents' work: natively, simulated, through another program, on another machine.
///
/// Decorators (routing, limits) are backends around a backend.
pub trait Backend: Send + Sync {
    /// Finds out what decides this call's reply besides the call itself. Quick, and spends nothing.
    ///
    /// `Err` is the script's own mistake (an agent type or a model that does not exist), as a sentence
    /// that names what there is; the call rejects with it.
    fn resolve(&self, call: &AgentCall) -> Result<Resolved, String>;

    /// Does the work. Cancelled by drop: once the future is dropped, its processes are gone.
    ///
    /// What one agent can suffer is an [`Outcome`]; `Err` is what no other agent would survive either.
    fn run<'a>(&'a self, job: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>>;
}

/// One agent's work, as plain data.
#[derive(Clone, Debug)]
pub struct AgentJob {
    pub key: CallKey,
    pub call: AgentCall,
    pub resolved: Resolved,
    /// Where the script made the call, where that is known.
    pub site: Option<Location>,
    /// The run's directory: transcripts and workspaces go beneath it. `None`: nothing is to be kept.
    pub run_dir: Option<PathBuf>,
    /// An earlier attempt died in this call: its transcript may be gone on with.
    pub unfinished: bool,
}

/// What an agent is given besides its job.
pub struct AgentCx {
    pub clock: Arc<dyn Clock>,
    /// Best effort, for watchers only.
    pub progress: Box<dyn Fn(Progress) + Send + Sync>,
    pub purse: Arc<dyn Purse>,
}

/// What one agent may spend. Asked before every request to a model, told after it.
///
/// A request that is neither [settled](Purse::settle) nor [forfeited](Purse::forfeit) when the next one is
/// asked for, or when the agent ends, is forfeited: unknown outcomes count as fully spent.
pub trait Purse: Send + Sync {
    /// Whether anything is limited.
    fn is_limited(&self) -> bool;

    /// Sets the request's worst case aside; waits while others may give back what is missing. Resolves, once
    /// it is recorded, to the longest reply that may be asked for, in tokens. `Err`: there is too little left.
    fn reserve<'a>(&'a self, quote: Quote) -> BoxFuture<'a, Result<u64, Failure>>;

    /// The request came to its end and used this; the default for what was never billed.
    fn settle(&self, used: Usage);

    /// The request came to an end of which nobody knows what was billed. `known`: what was reported of it.
    fn forfeit(&self, known: Usage);

    /// Whole turns that are known of an attempt that died, and what the last of them used.
    fn recalled(&self, turns: u32, last: Usage);
}

/// Limits nothing and counts nothing: for agents outside a run.
pub struct NoLimit;

impl Purse for NoLimit {
    fn is_limited(&self) -> bool {
        false
    }

    fn reserve<'a>(&'a self, quote: Quote) -> BoxFuture<'a, Result<u64, Failure>> {
        Box::pin(std::future::ready(Ok(quote.output_tokens)))
    }

    fn settle(&self, _: Usage) {}

    fn forfeit(&self, _: Usage) {}

    fn recalled(&self, _: u32, _: Usage) {}
}

/// Something worth showing while an agent works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum Progress {
    /// A model turn ended; tokens are totals of this agent so far.
    Turn { turn: u32, input_tokens: u64, output_tokens: u64 },
    /// A tool was called; `brief` is one line (a path, a pattern, a command), at most 80 characters.
    Tool { name: String, brief: String },
    /// It waits: for the provider to recover, for a sibling's cache, …
    Waiting { why: String },
}

/// Why the whole run has to stop. The journal keeps everything; each can be resumed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Halt {
    pub kind: HaltKind,
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltKind {
    /// 401, 403: exit status 5.
    Credentials,
    /// No server there from the very first request: exit status 5.
    Unreachable,
    /// 402, a spend limit: paused, exit status 6.
    SpendLimit,
    /// Down for longer than the retry window: paused, exit status 6.
    Outage,
}

/// The time of a run: the machine's, or a simulated one in which waiting costs nothing.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch. May jump on a real machine: for timestamps only.
    fn now_ms(&self) -> u64;

    /// Milliseconds since the clock was made; never goes back. For durations.
    fn elapsed_ms(&self) -> u64;

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()>;
}
