//! A running confined process: it and all that it started live no longer than the handle.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::error::Error;

/// How long the supervisor may take to kill what is left, before it is killed itself.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Dropping it kills the whole tree, within milliseconds; [`Confined::kill`] also waits until it is gone.
#[derive(Debug)]
pub struct Confined {
    pub(crate) supervisor: Child,
    /// Killed by the kernel with its supervisor; else the supervisor has to do it.
    pub(crate) dies_with_supervisor: bool,
    pub stdin: Option<pipe::Sender>,
    /// `None` where [`crate::Sandbox::run`] reads both streams as one.
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
}

impl Confined {
    /// Waits until the command has ended and nothing that it started is left. Gives its exit status, which is
    /// 128 and the signal's number for a command that was killed. Safe to drop and call again.
    pub async fn wait(&mut self) -> Result<i32, Error> {
        status(self.supervisor.wait().await?)
    }

    /// Kills the whole tree and waits until nothing of it is left.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.signal(Signal::TERM);
        if tokio::time::timeout(STOP_TIMEOUT, self.supervisor.wait()).await.is_err() {
            self.supervisor.kill().await?;
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        // There is no number any more once it has been waited for: no other process can be hit.
        let pid = self.supervisor.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // An error means that it has ended.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

impl Drop for Confined {
    fn drop(&mut self) {
        self.signal(if self.dies_with_supervisor { Signal::KILL } else { Signal::TERM });
    }
}

fn status(status: ExitStatus) -> Result<i32, Error> {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ok(code),
        // No command makes the supervisor end like this: it passes on exit statuses only.
        (None, Some(signal)) if signal == Signal::ABORT.as_raw() => {
            Err(Error::SetUp("a stage failed: see its last words on stderr".into()))
        }
        (None, signal) => Ok(128 + signal.unwrap_or(0)),
    }
}
