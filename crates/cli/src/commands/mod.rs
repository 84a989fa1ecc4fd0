//! One file a command. Each reads flags, does its work and says how the process ends.

mod advise;
mod apply;
mod audit;
pub(crate) mod backend;
mod check;
mod confinement;
mod consent;
mod cost;
mod court;
mod demo;
mod doctor;
mod keep;
pub(crate) mod launch;
mod models;
mod network;
mod person;
pub mod proof;
mod resume;
mod run;
mod runs;

use std::io::Write;
use std::path::PathBuf;

use fanfold_engine::HostPlace;

use crate::error::{CliError, Exit, Result};
use crate::flags::{Color, Command, Flags};
use crate::screen::{Style, terminal_size};
use crate::world::{ColorChoice, Stream, World};

pub fn run(flags: Flags, world: World) -> Result<Exit> {
    let color = color_choice(flags.color);
    match flags.command {
        Command::Demo(flags) => demo::demo(&flags, world, color),
        Command::Run(flags) => run::run(flags, None, world, color),
        Command::Resume(flags) => resume::resume(flags, world, color),
        Command::Check(flags) => check::check(flags, world, color),
        Command::Advise(flags) => advise::advise(flags, world, color),
        Command::Ps(flags) => runs::ps(&flags, &world, color),
        Command::Show(flags) => runs::show(&flags, &world, color),
        Command::Apply(flags) => apply::apply(&flags, &world),
        Command::Cost(flags) => cost::cost(&flags, &world, color),
        Command::Logs(flags) => runs::logs(&flags, &world, color),
        Command::Save(flags) => keep::save(&flags, &world),
        Command::Workflows(flags) => keep::workflows(&flags, &world, color),
        Command::Models(flags) => models::models(&flags, &world, color),
        Command::Doctor(flags) => doctor::doctor(&flags, &world, color),
    }
}

/// To standard error, where everything goes that is no result; with `--json` the one document is the error.
pub fn tell_error(error: &CliError, json: bool) {
    tell(&error.to_string());
    if json {
        let document = serde_json::json!({"error": error, "exit_status": error.exit().code()});
        say(&serde_json::to_string_pretty(&document).expect("plain data always serializes"));
    }
}

/// One line (or more) for the person. A terminal that went away must not end anything.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The result, on standard output. A reader that hung up has what it wanted.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
    let _ = out.flush();
}

fn color_choice(color: Color) -> ColorChoice {
    match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
}

/// Columns for what is printed on standard output; where that is no terminal nothing is cut.
fn columns(world: &World) -> usize {
    if world.stdout_is_terminal { terminal_size().0.into() } else { usize::MAX }
}

fn style(world: &World, color: ColorChoice, stream: Stream) -> Style {
    Style { color: world.colour(color, stream), unicode: Style::is_unicode(|name| world.var(name)) }
}

/// Scripts run in a child process of this binary, which can be killed whatever they do.
pub(crate) fn host_place() -> Result<HostPlace> {
    let program = std::env::current_exe()
        .map_err(|err| CliError::io("find", &PathBuf::from("the program itself"), &err))?;
    Ok(HostPlace::Child { program, args: vec![crate::HOST.into()] })
}

/// The engine, the script's host and all connections are driven by one thread.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime needs an epoll descriptor and nothing else");
    runtime.block_on(work)
}
