//! The only model wire: providers, tools, the agent loop, the simulated model.
//!
//! **Invariant:** this crate never prints and never reads the environment or the home directory; what it
//! needs from there is handed in as plain data.

pub mod wire;
