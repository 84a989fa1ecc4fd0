//! The judge: what an oracle is, how its reports are read, when work passes, and the queue through which it lands.
//!
//! The verdict is the engine's: a report can only take away what the exit status gave, and what is judged is a
//! fresh tree in a sandbox of its own, with every protected path as it was.

mod court;
mod coverage;
mod http;
mod protect;
pub mod report;
mod spec;
pub mod stage;
mod verdict;

pub use court::{Court, Surroundings};
pub use protect::Protection;
pub use spec::{BadOracle, Check, Direction, Format, HttpRule, OracleSpec, ScoreRule};
