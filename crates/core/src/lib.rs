//! What a run *is*: its vocabulary and its rules, as plain data.
//!
//! **Invariant:** nothing here does I/O, reads a clock, spawns or locks. Every rule is a function from
//! values to values, so every rule is tested without a runtime.

pub mod backend;
pub mod budget;
pub mod call;
pub mod diagnostic;
pub mod event;
pub mod journal;
pub mod key;
pub mod line;
pub mod meta;
pub mod oracle;
pub mod outcome;
pub mod price;
pub mod schema;
pub mod tokens;
pub mod view;

pub use backend::{AgentCx, AgentJob, Backend, Clock, Halt, HaltKind, NoLimit, Progress, Purse};
pub use budget::{Cap, Ledger, Limits, Quote};
pub use call::{
    AgentCall, AskCall, Call, Effort, Isolation, ItemCheck, LandCall, Moment, NewFile, OracleCall, TimerCall,
    WorkflowCall, WorkflowTarget,
};
pub use diagnostic::{Diagnostic, Location, Severity};
pub use event::{AgentEnd, Event, EventBody, LogLevel, Source};
pub use journal::{Asked, CacheRule, CallKind, Entry, IllegalEntry, Journal, RunSettings, WhyLive};
pub use key::{CallKey, Keys, Resolved};
pub use meta::Meta;
pub use oracle::{Judgement, Landing, NoOracle, Nobody, NotLanded, Oracle, Person, TestFailure};
pub use outcome::{Failure, FailureKind, Outcome, Patch, Reply, RunStatus, Usage, Verdict};
pub use price::Price;
pub use view::{
    AgentState, AgentView, Counts, Ended, OracleEnd, OracleView, PhaseState, PhaseView, QuestionView, RunView,
};
