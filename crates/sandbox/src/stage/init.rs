//! The first process of the outer PID namespace: whatever happens to its parent, all within dies.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Signal, set_parent_process_death_signal};

use super::view::View;
use super::{CONFINE, PROGRAM_INSIDE, Tried};
use crate::forward::FORWARD;
use crate::plan::Plan;
use crate::policy::{Network, PROXY_SOCKET};

/// Linux knows no lower limit of the process numbers of a namespace.
const PROCESSES_MIN: u64 = 301;

pub(super) fn words(plan: &Plan, view: &View, report: &OwnedFd) -> [String; 6] {
    // The first process of a namespace has to do this by itself: it would no longer be the first.
    let forwards = matches!(plan.policy.network, Network::Proxy { .. }) && !plan.policy.is_pid_1;
    [
        std::process::id().to_string(),
        plan.policy.limits.processes.max(PROCESSES_MIN).to_string(),
        view.words.as_raw_fd().to_string(),
        report.as_raw_fd().to_string(),
        plan.bwrap.display().to_string(),
        if forwards { FORWARD } else { CONFINE }.to_owned(),
    ]
}

pub(super) fn main(words: &[String]) -> Result<u8, String> {
    let [parent, processes, arguments, report, bwrap, next] = words else { return Err("no words".into()) };
    set_parent_process_death_signal(Some(Signal::KILL)).tried("cannot be tied to the supervisor")?;
    if !is_child_of(parent)? {
        return Err("the supervisor has ended".into());
    }
    // The limit that a process has of its own does not hold for root. Older kernels have only that one.
    let _ = fs::write("/proc/sys/kernel/pid_max", processes);

    let mut command = Command::new(bwrap);
    command.env_clear().args(["--args", arguments, "--json-status-fd", report]);
    command.arg("--");
    if next == FORWARD {
        command.args([PROGRAM_INSIDE, FORWARD, PROXY_SOCKET, "--"]);
    }
    command.args([PROGRAM_INSIDE, CONFINE]);
    Err(format!("cannot run {bwrap}: {}", command.exec()))
}

/// The numbers are those of the parent's namespace: this `/proc` belongs to it still.
fn is_child_of(parent: &str) -> Result<bool, String> {
    let status = fs::read_to_string("/proc/self/status").tried("/proc")?;
    Ok(status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|pid| pid.trim() == parent)))
}
