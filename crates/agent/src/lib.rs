//! The only model wire: providers, tools, the agent loop, the simulated model.
//!
//! **Invariant:** this crate never prints and never reads the environment or the home directory; what it
//! needs from there is handed in as plain data.

pub mod context;
pub mod hands;
pub mod isolation;
pub mod native;
pub mod permissions;
pub mod prices;
pub mod providers;
mod shell;
pub mod sim;
mod structured;
pub mod tools;
pub mod transcript;
mod trim;
mod troubles;
mod turn_loop;
pub mod types;
pub mod wire;
