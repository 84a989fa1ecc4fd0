//! The tool `bash`: a command in a process group of its own, bounded in time and output.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use super::{Reach, ToolCx, descendants};

const TIMEOUT_MS: u64 = 120_000;
const TIMEOUT_MS_MAX: u64 = 600_000;
/// Kept of the start of the output, and as much of its end.
const HALF_BYTES_MAX: usize = 15_000;
/// How long what was written before the end is still read after it.
const DRAIN_MS: u64 = 500;

/// How commands run. `None` of it in a config means that there is no such tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BashConfig {
    /// The whole environment of commands. Names that look like keys of providers are left out.
    pub env: Vec<(String, String)>,
    /// The shell: it is called with `-c` and the command.
    pub shell: String,
}

impl Default for BashConfig {
    fn default() -> Self {
        let env = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("HOME", "/nonexistent"),
            ("LANG", "C.UTF-8"),
            ("TERM", "dumb"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { env, shell: "/bin/sh".into() }
    }
}

#[derive(Deserialize)]
pub(super) struct Input {
    command: String,
    #[serde(alias = "timeout")]
    timeout_ms: Option<u64>,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "command": {"type": "string"},
            "timeout_ms": {"type": "integer"}
        },
        "required": ["command"]
    })
}

/// How long a command with this input may run.
pub(super) fn timeout_ms(input: &Value) -> u64 {
    Input::deserialize(input).map_or(TIMEOUT_MS, |input| input.limit_ms())
}

impl Input {
    fn limit_ms(&self) -> u64 {
        self.timeout_ms.unwrap_or(TIMEOUT_MS).clamp(1, TIMEOUT_MS_MAX)
    }
}

pub(super) async fn run(input: Input, cx: &Arc<ToolCx>) -> Result<String, String> {
    let Some(config) = &cx.bash else { return Err("commands are not allowed in this run".into()) };
    cx.permissions.check_command(&input.command)?;
    let timeout_ms = input.limit_ms();

    let started = cx.clock.elapsed_ms();
    let (mut group, mut output) = start(config, &input.command, cx)?;
    let mut kept = Kept::default();
    let status = tokio::select! {
        status = wait(&mut group, &mut output, &mut kept, cx.reach) => Some(status?),
        () = cx.clock.sleep(timeout_ms) => None,
    };
    // What it left behind would run on unseen, and hold the pipe open.
    group.kill();
    if cx.reach == Reach::Descendants {
        if status.is_none() {
            // Its number may be another's once it has been reaped, which is done here for all.
            let _ = group.child.wait().await;
        }
        descendants::end().await?;
    }
    tokio::select! {
        () = kept.read_to_end(&mut output) => (),
        () = cx.clock.sleep(DRAIN_MS) => (),
    }
    let seconds = (cx.clock.elapsed_ms() - started) as f64 / 1_000.0;
    match status {
        Some(status) => Ok(format!("{} after {seconds:.1} s\n{}", ended(status), kept.text())),
        None => Err(format!("killed after its {timeout_ms} ms, with all that it started\n{}", kept.text())),
    }
}

fn start(config: &BashConfig, command: &str, cx: &ToolCx) -> Result<(Group, pipe::Receiver), String> {
    let root = cx.workspace.root();
    let failed = |err: std::io::Error| format!("cannot run `{}`: {err}", config.shell);

    let (reader, writer) = std::io::pipe().map_err(failed)?;
    let output = pipe::Receiver::from_owned_fd(reader.into()).map_err(failed)?;
    let mut process = Command::new(&config.shell);
    process
        .args(["-c", command])
        .current_dir(root)
        .env_clear()
        .envs(config.env.iter().filter(|(name, _)| !is_key(name)).map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(failed)?)
        .stderr(writer)
        .process_group(0)
        .kill_on_drop(true);
    let child = process.spawn().map_err(failed)?;
    Ok((Group { leader: child.id(), child }, output))
}

/// A key granted by mistake would be in the reach of whatever an agent runs.
fn is_key(name: &str) -> bool {
    let name = name.to_uppercase();
    name.ends_with("_API_KEY") || name.ends_with("_AUTH_TOKEN")
}

/// Reads while it runs: a full pipe would block it.
async fn wait(
    group: &mut Group,
    output: &mut pipe::Receiver,
    kept: &mut Kept,
    reach: Reach,
) -> Result<ExitStatus, String> {
    let leader = group.leader;
    let reaping = async {
        match reach {
            Reach::Group => std::future::pending().await,
            Reach::Descendants => descendants::reap_others(leader).await,
        }
    };
    let status = {
        let ended = async {
            tokio::select! {
                status = group.child.wait() => status,
                () = reaping => unreachable!("it never ends"),
            }
        };
        let mut ended = std::pin::pin!(ended);
        tokio::select! {
            status = &mut ended => status,
            () = kept.read_to_end(output) => ended.await,
        }
    };
    status.map_err(|err| format!("cannot wait for the command: {err}"))
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended".into(),
    }
}

/// A command and all that it started, as long as that stays in its process group.
struct Group {
    child: Child,
    leader: Option<u32>,
}

impl Group {
    fn kill(&mut self) {
        let leader = self.leader.take().and_then(|id| i32::try_from(id).ok());
        if let Some(leader) = leader.and_then(rustix::process::Pid::from_raw) {
            // An error means that none of it is left.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The start and the end of an output of any length.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    /// Safe to drop between two reads.
    async fn read_to_end(&mut self, from: &mut pipe::Receiver) {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            self.push(&buffer[..count]);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(HALF_BYTES_MAX - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(HALF_BYTES_MAX);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    fn text(mut self) -> String {
        let head = String::from_utf8_lossy(&self.head);
        let tail = String::from_utf8_lossy(self.tail.make_contiguous());
        match self.dropped {
            0 => format!("{head}{tail}"),
            dropped => format!("{head}\n[… {dropped} bytes left out …]\n{tail}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_start_and_the_end_are_kept() {
        let mut kept = Kept::default();
        for i in 0..20_000 {
            kept.push(format!("{i}\n").as_bytes());
        }
        let text = kept.text();
        assert!(text.len() < 2 * HALF_BYTES_MAX + 100);
        assert!(text.starts_with("0\n1\n") && text.ends_with("\n19999\n"));
        assert!(text.contains("bytes left out"));
    }

    #[test]
    fn keys_of_providers_are_never_granted() {
        assert!(is_key("ANTHROPIC_API_KEY") && is_key("anthropic_auth_token") && !is_key("PATH"));
    }
}
