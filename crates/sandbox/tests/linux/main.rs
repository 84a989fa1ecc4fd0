//! What a confined process can and cannot do on Linux, as root and as a plain user.
#![cfg(target_os = "linux")]

mod boundary;
mod escapes;
mod figures;
mod output;
#[path = "../support/mod.rs"]
mod support;
mod workspace;
