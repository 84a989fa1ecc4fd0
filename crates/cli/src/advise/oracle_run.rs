//! Runs a check of the repository once, because a person said so: bounded in time and output, in a process group of
//! its own that is gone when it ends.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

/// Kept of the end of the output.
const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// How long what was written before the end is still read after it.
const DRAIN: Duration = Duration::from_millis(300);
const SUMMARY_CHARS_MAX: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OracleRun {
    pub command: String,
    pub directory: String,
    pub ended: Ended,
    pub duration_ms: u64,
    /// The line of its output that says most; empty where it said nothing.
    pub summary: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Passed,
    Failed,
    /// The shell did not find it, or may not run it.
    NotFound,
    TimedOut,
}

/// `Err`: it cannot be started, or somebody pressed Ctrl-C.
pub async fn run(
    command: &str,
    directory: &Path,
    shown: &str,
    limit: Duration,
    world: &World,
) -> Result<OracleRun> {
    let began = Instant::now();
    let (mut group, mut output) = start(command, directory, world)
        .map_err(|err| CliError::new(ErrorKind::File, format!("could not run `{command}`: {err}")))?;
    let mut tail = VecDeque::new();
    let status = tokio::select! {
        status = wait(&mut group.child, &mut output, &mut tail) => Some(status),
        () = tokio::time::sleep(limit) => None,
        () = stopped() => {
            let error = CliError::new(ErrorKind::NotApproved, format!("`{command}` was stopped"));
            return Err(error.hint("--no-run asks nothing and runs nothing"));
        }
    };
    group.kill();
    let _ = tokio::time::timeout(DRAIN, read(&mut output, &mut tail)).await;
    let ended = match status.map(|status| status.map(|status| status.code())) {
        None => Ended::TimedOut,
        Some(Ok(Some(0))) => Ended::Passed,
        Some(Ok(Some(126 | 127))) => Ended::NotFound,
        Some(Ok(Some(_) | None) | Err(_)) => Ended::Failed,
    };
    Ok(OracleRun {
        command: command.into(),
        directory: shown.into(),
        ended,
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        summary: summary(&String::from_utf8_lossy(tail.make_contiguous())),
    })
}

/// A command and all that it started, as long as that stays in its group.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    fn kill(&mut self) {
        if let Some(leader) = self.leader.take() {
            // An error means that none of it is left.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

fn start(command: &str, directory: &Path, world: &World) -> std::io::Result<(Group, pipe::Receiver)> {
    let (reader, writer) = std::io::pipe()?;
    let output = pipe::Receiver::from_owned_fd(reader.into())?;
    let child = Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(directory)
        .env_clear()
        .envs(world.env.iter().filter(|(name, _)| !is_key(name)))
        // Runners watch files, ask and draw unless they are told that nobody is there.
        .envs([("CI", "1"), ("NO_COLOR", "1"), ("TERM", "dumb")])
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    Ok((Group { child, leader }, output))
}

/// Tests need no key of a provider, and what they start should not have one.
fn is_key(name: &str) -> bool {
    let name = name.to_uppercase();
    name.ends_with("_API_KEY") || name.ends_with("_AUTH_TOKEN")
}

/// Reads while it runs: a full pipe would block it.
async fn wait(
    child: &mut Child,
    output: &mut pipe::Receiver,
    tail: &mut VecDeque<u8>,
) -> std::io::Result<std::process::ExitStatus> {
    let mut ended = std::pin::pin!(child.wait());
    tokio::select! {
        status = &mut ended => status,
        () = read(output, tail) => ended.await,
    }
}

async fn read(output: &mut pipe::Receiver, tail: &mut VecDeque<u8>) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = output.read(&mut buffer).await {
        tail.extend(&buffer[..count]);
        let over = tail.len().saturating_sub(OUTPUT_BYTES_MAX);
        tail.drain(..over);
    }
}

/// Its group does not get the terminal's Ctrl-C: that has to be passed on, by killing it.
async fn stopped() {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    let _ = futures_util::future::select_all(waits).await;
}

/// The line that says most: of those that count tests, one with failures, else the one with most of them, else the
/// last; where none counts, the last line that says anything.
fn summary(output: &str) -> String {
    let expression = |text: &str| Regex::new(text).expect("a constant that the tests try");
    let escapes = expression(r"\x1b\[[0-9;?]*[ -/]*[@-~]");
    let counts = expression(
        r"(?i)\b(\d+) (?:tests?|examples?|passed|passing|failed|failing|failures?|errors?)\b|^(?:ok|fail)\s+\S+",
    );
    let failures =
        expression(r"(?i)\b([1-9]\d*) (?:tests? )?(?:failed|failing|failures?|errors?)\b|^fail\s+\S+");
    let plain = escapes.replace_all(output, "");
    let lines: Vec<&str> =
        plain.lines().map(str::trim).filter(|line| line.chars().any(char::is_alphanumeric)).collect();
    let weight = |line: &&&str| {
        let counted =
            counts.captures_iter(line).filter_map(|count| count.get(1)?.as_str().parse::<u64>().ok());
        (failures.is_match(line), counted.max().unwrap_or(0))
    };
    let found = lines.iter().filter(|line| counts.is_match(line)).max_by_key(weight).or(lines.last());
    found.map(|line| line.chars().take(SUMMARY_CHARS_MAX).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn ran(command: &str, limit: Duration) -> OracleRun {
        let made = MadeUp::new().var("PATH", "/usr/bin:/bin").var("SOME_API_KEY", "k");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(run(command, &made.project, ".", limit, &made.world)).expect("there is a shell")
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_passes_fails_or_is_not_there() {
        let passed = ran("echo 'test result: ok. 3 passed; 0 failed'; echo; echo bye", LONG);
        assert_eq!((passed.ended, &*passed.summary), (Ended::Passed, "test result: ok. 3 passed; 0 failed"));
        let failed = ran("printf '\\033[31m2 failed\\033[0m, 1 passed\\n' >&2; exit 3", LONG);
        assert_eq!((failed.ended, &*failed.summary), (Ended::Failed, "2 failed, 1 passed"));
        assert_eq!(ran("no-such-program-at-all", LONG).ended, Ended::NotFound);
        assert_eq!(ran("true", LONG).summary, "");
    }

    #[test]
    fn of_several_summaries_the_one_that_says_most_is_shown() {
        let suites = |middle: &str| {
            format!(
                "test result: ok. 3 passed; 0 failed\n{middle}\ntest result: ok. 0 passed; 0 failed\nbye\n"
            )
        };
        assert_eq!(summary(&suites("x")), "test result: ok. 3 passed; 0 failed");
        let failed = "test result: FAILED. 1 passed; 1 failed";
        assert_eq!(summary(&suites(failed)), failed);
        assert_eq!(summary("ok  \tm/a\t0.1s\nFAIL\tm/b\t0.2s\nok  \tm/c\t0.1s\n"), "FAIL\tm/b\t0.2s");
        assert_eq!(
            summary("==== 12 passed, 1 skipped in 0.30s ====\n"),
            "==== 12 passed, 1 skipped in 0.30s ===="
        );
    }

    #[test]
    fn it_has_no_key_and_nobody_to_ask() {
        let ran = ran("echo \"key=$SOME_API_KEY ci=$CI\"; cat", LONG);
        assert_eq!((ran.ended, &*ran.summary), (Ended::Passed, "key= ci=1"));
    }

    #[test]
    fn what_takes_too_long_is_killed_with_all_that_it_started() {
        let made = MadeUp::new();
        let mark = made.project.join("pid").display().to_string();
        let began = Instant::now();
        let late = ran(&format!("sleep 600 & echo $! > {mark}; wait"), Duration::from_millis(300));
        assert_eq!(late.ended, Ended::TimedOut);
        assert!(began.elapsed() < LONG);
        let pid =
            std::fs::read_to_string(mark).expect("it wrote it").trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.expect("a process");
        // Dead, or a zombie that nobody has waited for yet.
        let is_gone = || {
            rustix::process::test_kill_process(pid).is_err()
                || std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
                    .is_ok_and(|stat| stat.contains(") Z "))
        };
        while !is_gone() {
            assert!(began.elapsed() < LONG, "what it started lives on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_output_without_end_is_kept_to_its_end() {
        let ran = ran("yes 0123456789 | head -c 3000000; echo; echo 'Tests: 7 passed'", LONG);
        assert_eq!((ran.ended, &*ran.summary), (Ended::Passed, "Tests: 7 passed"));
    }
}
