//! The only JavaScript: parsing, `meta`, the sandbox, the host.
//!
//! **Invariant:** a script reaches the world through the calls that its host hands out and nothing else;
//! this crate does no I/O of its own and needs no runtime.

pub mod parse;
pub mod protocol;
