//! Starting confined processes, and running one to its end.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::process::Command;

use crate::confined::Confined;
use crate::error::{Error, Missing};
use crate::output::Output;
use crate::plan::Plan;
use crate::policy::{Level, Network, Policy, Root};
use crate::stage;

/// What a pipe holds without being asked for more.
const PIPE_BYTES: usize = 64 << 10;
/// How long what was written before the end is still read after it.
const DRAIN: Duration = Duration::from_millis(500);

/// Confines processes at one level. Cheap to clone.
///
/// A confined process dies with the *thread* that started it: start it from one that lives as long as the
/// engine, never from a pool.
#[derive(Clone, Debug)]
pub struct Sandbox {
    level: Level,
    program: PathBuf,
    bwrap: PathBuf,
}

/// A process that has ended, with all that it started.
#[derive(Clone, Debug)]
pub struct Ran {
    /// 128 and the number of the signal if the command was killed; `None` if its time was up.
    pub status: Option<i32>,
    /// Standard output and error in the order they were written: the start and the end of a long one.
    pub output: String,
    pub timed_out: bool,
    pub duration_ms: u64,
}

impl Ran {
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }
}

enum Streams {
    Apart,
    Together(io::PipeWriter),
}

impl Sandbox {
    /// `program` gives its arguments to [`stage::main`] first of all: usually this very binary. `bwrap` is
    /// where bubblewrap lies. Tries once whether this machine enforces the level, in about 20 ms.
    pub fn new(level: Level, program: &Path, bwrap: &Path) -> Result<Self, Missing> {
        let sandbox = Self { level, program: program.to_owned(), bwrap: bwrap.to_owned() };
        crate::missing::check(&sandbox)?;
        Ok(sandbox)
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// Where a confined process finds the program: for those that run it again, inside.
    pub fn program(&self) -> &Path {
        match self.level {
            Level::Full if cfg!(target_os = "linux") => Path::new(stage::PROGRAM_INSIDE),
            Level::Full | Level::Reduced | Level::Off => &self.program,
        }
    }

    /// Starts `argv` (its first word is looked up in the `PATH` of the policy), with pipes for its streams.
    pub fn command(&self, policy: &Policy, argv: &[String]) -> Result<Confined, Error> {
        self.start(policy, argv, Streams::Apart)
    }

    /// Runs `argv` until it ends or its time is up; then nothing of it is left. At most `output_bytes_max` of
    /// its output are kept, the start and the end of it, also when its time is up.
    pub async fn run(
        &self,
        policy: &Policy,
        argv: &[String],
        stdin: &[u8],
        timeout_ms: u64,
        output_bytes_max: usize,
    ) -> Result<Ran, Error> {
        let started = Instant::now();
        let (reader, writer) = io::pipe()?;
        let mut reader = pipe::Receiver::from_owned_fd(reader.into())?;
        let mut confined = self.start(policy, argv, Streams::Together(writer))?;
        let mut output = Output::new(output_bytes_max);

        let input = confined.stdin.take();
        let feed = async {
            if let Some(mut input) = input {
                // A command that reads no input is no error.
                let _ = input.write_all(stdin).await;
            }
            std::future::pending::<()>().await;
        };
        let ended = {
            let mut wait = std::pin::pin!(confined.wait());
            let to_end = async {
                tokio::select! {
                    ended = &mut wait => ended,
                    // Read while it runs: a full pipe would block it.
                    () = output.read_to_end(&mut reader) => wait.await,
                }
            };
            tokio::select! {
                ended = to_end => Some(ended),
                () = feed => None,
                () = tokio::time::sleep(Duration::from_millis(timeout_ms)) => None,
            }
        };
        if ended.is_none() {
            confined.kill().await?;
        }
        // Nobody holds the pipe any more.
        let _ = tokio::time::timeout(DRAIN, output.read_to_end(&mut reader)).await;
        let output = output.into_text();
        let status = match ended {
            Some(Err(Error::SetUp(_))) => return Err(Error::SetUp(output.trim().to_owned())),
            Some(ended) => Some(ended?),
            None => None,
        };
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Ran { status, output, timed_out: status.is_none(), duration_ms })
    }

    fn start(&self, policy: &Policy, argv: &[String], streams: Streams) -> Result<Confined, Error> {
        let (stdin, writer) = self.input(policy, argv)?;
        let mut command = Command::new(&self.program);
        command.arg(stage::ENTER).env_clear().current_dir("/").stdin(stdin).process_group(0);
        match streams {
            Streams::Apart => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
            Streams::Together(output) => command.stdout(output.try_clone()?).stderr(output),
        };
        let mut supervisor = command.spawn()?;
        Ok(Confined {
            stdin: Some(pipe::Sender::from_owned_fd(writer.into())?),
            stdout: supervisor.stdout.take(),
            stderr: supervisor.stderr.take(),
            supervisor,
            dies_with_supervisor: self.level == Level::Full,
        })
    }

    /// The standard input of the first stage, and the end of it that stays here. The plan is in it already.
    pub(crate) fn input(
        &self,
        policy: &Policy,
        argv: &[String],
    ) -> Result<(io::PipeReader, io::PipeWriter), Error> {
        self.check(policy)?;
        let plan = Plan {
            level: self.level,
            engine_pid: std::process::id(),
            program: self.program.clone(),
            bwrap: self.bwrap.clone(),
            policy: policy.clone(),
            argv: argv.to_vec(),
        };
        let bytes = plan.to_bytes()?;
        let (reader, mut writer) = io::pipe()?;
        if bytes.len() > PIPE_BYTES {
            #[cfg(target_os = "linux")]
            rustix::pipe::fcntl_setpipe_size(&writer, bytes.len()).map_err(io::Error::from)?;
            #[cfg(not(target_os = "linux"))]
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many arguments").into());
        }
        writer.write_all(&bytes)?;
        Ok((reader, writer))
    }

    fn check(&self, policy: &Policy) -> Result<(), Error> {
        let weak = self.level != Level::Full || !cfg!(target_os = "linux");
        match &policy.root {
            Root::Overlay { .. } if weak => {
                return Err(Error::NotAtThisLevel("this sandbox has no overlays"));
            }
            Root::Overlay { .. } | Root::Directory(_) => (),
        }
        match &policy.network {
            Network::Proxy { .. } if weak => {
                Err(Error::NotAtThisLevel("this sandbox cannot allow single hosts"))
            }
            Network::Proxy { .. } | Network::None | Network::Open => Ok(()),
        }
    }

    pub(crate) fn program_outside(&self) -> &Path {
        &self.program
    }

    pub(crate) fn bwrap(&self) -> &Path {
        &self.bwrap
    }
}
