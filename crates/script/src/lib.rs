//! The only JavaScript: parsing, `meta`, the sandbox, the host.
//!
//! **Invariant:** a script reaches the world through the calls that its host hands out and nothing else;
//! this crate does no I/O of its own and needs no runtime.

pub mod confine;
pub mod frame;
pub mod host;
mod json;
mod natives;
mod options;
pub mod parse;
mod program;
pub mod protocol;
pub mod serve;
mod shared;
mod source;
mod watch;
mod web;

pub use host::{Host, Idle};
pub use serve::{serve, serve_on_thread};
