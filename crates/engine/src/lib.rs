//! What a run *does*: journal, budget, slots, replay and events around one script.
//!
//! The way of one call, from script to model and back, is `Run::call` in `run.rs`: down the page.
//!
//! **Invariant:** this crate knows no model, no provider and no tool; it reaches them through
//! [`fanfold_core::Backend`]. It never prints, and reads neither the environment nor the home directory.

mod clock;
mod control;
mod dir;
mod events;
mod host;
mod replay;
mod report;
mod run;
mod store;

pub use clock::RunClock;
pub use control::Control;
pub use dir::RunDir;
pub use events::EventLog;
pub use host::{HostPlace, LoadError, LoadedScript};
pub use report::{
    AgentCounts, ErrorKind, ErrorReport, FailureReport, JournalReport, PlanItem, RunReport, UsageReport,
};
pub use run::{Attempt, Workflows};
pub use store::{Durability, FileStore, JournalStore, OpenError, Opened, Syncs};
