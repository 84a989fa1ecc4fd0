//! The inner stages: this program, run again by itself, on its way to becoming the confined command.

#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod confine;
mod enter;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod rules;
mod supervise;
#[cfg(target_os = "linux")]
mod syscalls;
#[cfg(target_os = "linux")]
mod tree;
#[cfg(target_os = "linux")]
mod view;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use crate::forward::{self, FORWARD};

pub(crate) const ENTER: &str = "__enter";
pub(crate) const INIT: &str = "__init";
pub(crate) const CONFINE: &str = "__confine";
pub(crate) const TRY: &str = "__try";

/// Where this program is shown inside.
pub(crate) const PROGRAM_INSIDE: &str = "/run/fanfold/program";

/// To be called before anything else, with the arguments after the program's name: runs the stage that they
/// name, if any. One thread only, so far; nothing may have been read from standard input.
pub fn main(args: &[String]) -> Option<ExitCode> {
    let (stage, words) = args.split_first()?;
    let ended = match stage.as_str() {
        ENTER => enter::main(),
        #[cfg(target_os = "linux")]
        INIT => init::main(words),
        #[cfg(target_os = "linux")]
        CONFINE => confine::main(words),
        #[cfg(target_os = "linux")]
        TRY => attempt::main(),
        #[cfg(target_os = "linux")]
        FORWARD => forward::main(words),
        _ => return None,
    };
    let problem = match ended {
        Ok(code) => return Some(ExitCode::from(code)),
        Err(problem) => problem,
    };
    let _ = writeln!(io::stderr(), "{problem}");
    match stage.as_str() {
        // No exit status of a command looks like this.
        ENTER => abort(),
        _ => Some(ExitCode::from(NOT_SET_UP)),
    }
}

/// What the inner stages end with when they fail. A command may end with it too: it is no success anyway.
const NOT_SET_UP: u8 = 125;

fn abort() -> ! {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // At worst there is a core file.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    std::process::abort()
}

/// Standard input without a buffer: what is not read is left to the next stage.
fn input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Says what was tried when it failed.
trait Tried<T> {
    fn tried(self, what: impl std::fmt::Display) -> Result<T, String>;
}

impl<T, E: std::fmt::Display> Tried<T> for Result<T, E> {
    fn tried(self, what: impl std::fmt::Display) -> Result<T, String> {
        self.map_err(|err| format!("{what}: {err}"))
    }
}
