//! The program: one binary, every door.

mod advise;
mod approval;
mod args;
mod builtin;
mod commands;
mod cost;
mod detect;
mod error;
mod estimate;
mod flags;
mod history;
mod library;
mod lint;
mod places;
mod run_index;
mod screen;
mod settings;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::error::Exit;
use crate::world::World;

/// How the engine starts this binary as the host of a script; no command for people.
const HOST: &str = "__script-host";

fn main() -> ExitCode {
    if let Some(ended) = inner() {
        return ended;
    }
    let flags = flags::Flags::parse();
    let json = flags.command.wants_json();
    match World::read().and_then(|world| commands::run(flags, world)) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            commands::tell_error(&error, json);
            ExitCode::from(error.exit().code())
        }
    }
}

/// What this binary is besides a command for people: the host of a script, a stage on the way into the
/// sandbox, an agent's hands in it, who asks a server there.
fn inner() -> Option<ExitCode> {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into()).collect();
    if words.first().is_some_and(|first| first == HOST) {
        return Some(host());
    }
    fanfold_sandbox::stage::main(&words)
        .or_else(|| fanfold_agent::hands::main(&words))
        .or_else(|| fanfold_oracle::stage::main(&words))
}

/// The whole life of a child process: frames on standard input, answers on standard output.
fn host() -> ExitCode {
    match fanfold_script::serve(std::io::stdin(), std::io::stdout()) {
        Ok(()) => ExitCode::from(Exit::Completed.code()),
        // The engine hung up in the middle of a frame; there is nobody to tell.
        Err(_) => ExitCode::from(Exit::Failed.code()),
    }
}
