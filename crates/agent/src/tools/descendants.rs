//! What a command has started, wherever it went: reaped while the command runs, killed when it has ended.
//!
//! Only for a process that carries out commands and nothing else: every child it has is theirs.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions};

/// The kernel needs that long for the last of many processes, and no hostile one can make it wait for more.
const END_MAX: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(2);
const REAP: Duration = Duration::from_secs(1);

/// Makes this process the parent of what loses its own: nothing that a command starts leaves its tree.
pub(crate) fn adopt() {
    // As first of its PID namespace it is that already; elsewhere than on Linux groups have to do.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Whether all other processes that this one can see are its own descendants: it is the first of its PID
/// namespace.
fn is_first() -> bool {
    rustix::process::getpid() == Pid::INIT
}

/// Kills all descendants and waits until none is left. `Err`: some are, for the kernel does not let go of them.
pub(super) async fn end() -> Result<(), String> {
    let started = Instant::now();
    loop {
        kill();
        if !reap_any() {
            return Ok(());
        }
        if started.elapsed() > END_MAX {
            return Err("some of what the command started could not be killed".into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Reaps, as long as it is polled, whatever ends but `leader`, for which somebody else waits.
pub(super) async fn reap_others(leader: Option<u32>) {
    loop {
        tokio::time::sleep(REAP).await;
        for pid in children().into_iter().filter(|pid| Some(pid.as_raw_pid().unsigned_abs()) != leader) {
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

fn kill() {
    if is_first() {
        // `kill(-1)`: every process of the namespace but this one, at once, so that none can run away.
        let _ = rustix::process::kill_process_group(Pid::INIT, Signal::KILL);
        return;
    }
    for pid in children() {
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
}

/// Whether any child is left, ended ones being reaped.
fn reap_any() -> bool {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => (),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Those of every thread of this process. Empty where the kernel does not tell.
fn children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let lists =
        threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let pids: Vec<i32> = lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect();
    pids.into_iter().filter_map(Pid::from_raw).collect()
}
