//! The only JavaScript: parsing, `meta`, the sandbox, the host.
//!
//! **Invariant:** a script reaches the world through the calls that its host hands out and nothing else;
//! this crate does no I/O of its own and needs no runtime.

pub mod confine;
mod engine_error;
pub mod frame;
pub mod host;
mod json;
pub mod lint;
mod natives;
mod options;
pub mod parse;
mod prelude;
mod program;
mod prompts;
pub mod protocol;
mod rejections;
pub mod serve;
mod shared;
mod source;
mod trace;
mod watch;
mod web;

pub use host::{Host, Idle};
pub use serve::{serve, serve_on_thread};
