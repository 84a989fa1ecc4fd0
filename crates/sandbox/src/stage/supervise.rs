//! Waiting for the command, and seeing to it that nothing of it outlives the engine, a kill, or its own end.

use std::io;
use std::process::ExitStatus;

use rustix::process::{Signal, getppid};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::Tried;
use crate::plan::Plan;
#[cfg(target_os = "linux")]
use crate::policy::Level;

/// From now on this process ends with the engine.
pub(super) fn die_with_engine(plan: &Plan) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    {
        let last = match plan.level {
            // The kernel ends the rest.
            Level::Full => Signal::KILL,
            Level::Reduced | Level::Off => Signal::TERM,
        };
        rustix::process::set_parent_process_death_signal(Some(last)).tried("cannot be tied to the engine")?;
    }
    let parent = getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    if u32::try_from(parent) != Ok(plan.engine_pid) {
        return Err("the engine has ended".into());
    }
    Ok(())
}

/// Runs a command that takes the rest with it when it dies; gives its exit status.
#[cfg(target_os = "linux")]
pub(super) fn one(command: Command) -> Result<u8, String> {
    on_runtime(command, |_| Ok(()))
}

/// Runs a command, and kills what it leaves behind; gives its exit status.
pub(super) fn tree(command: Command) -> Result<u8, String> {
    #[cfg(target_os = "linux")]
    {
        // Whatever loses its parent becomes a child of this process, and is found.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
            .tried("cannot adopt orphans")?;
        on_runtime(command, |_| super::tree::kill().tried("cannot kill what is left"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let mut command = command;
        command.process_group(0);
        on_runtime(command, |leader| {
            // An error means that nothing is left.
            let _ = leader.map(|leader| rustix::process::kill_process_group(leader, Signal::KILL));
            Ok(())
        })
    }
}

fn on_runtime(
    mut command: Command,
    clean: impl FnOnce(Option<rustix::process::Pid>) -> Result<(), String>,
) -> Result<u8, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    runtime.tried("no runtime")?.block_on(async move {
        let mut stop = signal(SignalKind::terminate()).tried("cannot listen to signals")?;
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(err) => return not_started(&command, &err),
        };
        let leader = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        let status = ended(&mut child, stop.recv()).await.tried("cannot wait")?;
        clean(leader)?;
        Ok(code(status))
    })
}

/// As a shell has it.
fn not_started(command: &Command, err: &io::Error) -> Result<u8, String> {
    use std::io::Write;
    let _ = writeln!(io::stderr(), "{}: {err}", command.as_std().get_program().display());
    Ok(if err.kind() == io::ErrorKind::NotFound { 127 } else { 126 })
}

async fn ended(child: &mut Child, stop: impl Future<Output = Option<()>>) -> io::Result<ExitStatus> {
    tokio::select! {
        status = child.wait() => return status,
        _ = stop => (),
    }
    child.start_kill()?;
    child.wait().await
}

fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(u8::MAX)
}
