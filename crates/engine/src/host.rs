//! The engine's end of a script's host: a child process that can be killed, or a thread.

use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::PathBuf;
use std::process::Stdio;

use fanfold_core::{Diagnostic, Meta};
use fanfold_script::protocol::{
    End, FRAME_BYTES_MAX, FromHost, Request, ScriptError, ScriptErrorKind, ToHost, encode_frame,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

/// Where scripts run.
#[derive(Clone, Debug)]
pub enum HostPlace {
    /// A child process whose standard input and output speak frames: it can be killed whatever it does.
    Child { program: PathBuf, args: Vec<String> },
    /// A thread of this process, for tests and for hosts that trust the script to be interruptible.
    Thread,
}

/// A script that was parsed and checked in its host and has not started.
pub struct LoadedScript {
    pub source: String,
    pub file: String,
    pub meta: Meta,
    pub warnings: Vec<Diagnostic>,
    pub(crate) link: HostLink,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Never empty.
    #[error("{}", .0[0].message)]
    Refused(Vec<Diagnostic>),
    #[error(transparent)]
    Host(#[from] ScriptError),
    #[error("could not start the script host: {0}")]
    Io(#[from] io::Error),
}

impl LoadedScript {
    /// Parses and checks `source` in a fresh host. Nothing of it runs.
    pub async fn load(place: &HostPlace, source: String, file: String) -> Result<Self, LoadError> {
        let mut link = HostLink::open(place)?;
        match link.ask(&ToHost::Load { source: source.clone(), file: file.clone() }).await? {
            FromHost::Loaded { meta, warnings } => Ok(Self { source, file, meta: *meta, warnings, link }),
            FromHost::Refused { errors } => Err(LoadError::Refused(errors)),
            FromHost::Idle { .. } => Err(confused("an answer to a question that was not asked").into()),
        }
    }
}

pub(crate) struct HostLink {
    to: Box<dyn AsyncWrite + Send + Unpin>,
    from: Box<dyn AsyncRead + Send + Unpin>,
    child: Option<Child>,
}

impl HostLink {
    fn open(place: &HostPlace) -> io::Result<Self> {
        match place {
            HostPlace::Child { program, args } => {
                let mut child = Command::new(program)
                    .args(args)
                    .env_clear()
                    .env("TZ", "UTC")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .process_group(0) // Ctrl-C is the engine's to handle
                    .kill_on_drop(true)
                    .spawn()?;
                let to = Box::new(child.stdin.take().expect("piped"));
                let from = Box::new(child.stdout.take().expect("piped"));
                Ok(Self { to, from, child: Some(child) })
            }
            HostPlace::Thread => {
                let (ours, theirs) = StdUnixStream::pair()?;
                std::thread::Builder::new().name("script".into()).stack_size(32 << 20).spawn(move || {
                    // An error here is the other end hanging up, which ends the host as it should.
                    let _ = fanfold_script::serve_on_thread(&theirs, &theirs);
                })?;
                ours.set_nonblocking(true)?;
                let (from, to) = UnixStream::from_std(ours)?.into_split();
                Ok(Self { to: Box::new(to), from: Box::new(from), child: None })
            }
        }
    }

    /// Sends a question and waits for its answer; a host that dies over it is the script's fault.
    pub(crate) async fn ask(&mut self, question: &ToHost) -> Result<FromHost, ScriptError> {
        match self.exchange(question).await {
            Ok(answer) => Ok(answer),
            Err(err) => Err(self.death(err).await),
        }
    }

    pub(crate) async fn ask_idle(
        &mut self,
        question: &ToHost,
    ) -> Result<(Vec<Request>, Option<End>), ScriptError> {
        match self.ask(question).await? {
            FromHost::Idle { requests, end } => Ok((requests, end)),
            FromHost::Loaded { .. } | FromHost::Refused { .. } => {
                Err(confused("a script instead of its calls"))
            }
        }
    }

    async fn exchange(&mut self, question: &ToHost) -> io::Result<FromHost> {
        self.to.write_all(&encode_frame(question)?).await?;
        self.to.flush().await?;
        let length = self.from.read_u32_le().await?;
        if length > FRAME_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
        }
        let mut bytes = vec![0; length as usize];
        self.from.read_exact(&mut bytes).await?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    async fn death(&mut self, err: io::Error) -> ScriptError {
        use std::os::unix::process::ExitStatusExt;
        let status = match &mut self.child {
            Some(child) => {
                let _ = child.start_kill();
                child.wait().await.ok()
            }
            None => None,
        };
        let signal = status.and_then(|status| status.signal());
        let sigxcpu = rustix::process::Signal::XCPU.as_raw();
        let segv = rustix::process::Signal::SEGV.as_raw();
        let (kind, message, hint) = match signal {
            Some(signal) if signal == sigxcpu => (
                ScriptErrorKind::Cpu,
                "the script computed for too long inside one built-in that cannot be interrupted, and was killed".to_owned(),
                "look for `join`, `sort`, `replace` or `indexOf` on something huge",
            ),
            // How QuickJS ends when memory is short in the middle of a rejection.
            Some(signal) if signal == rustix::process::Signal::ABORT.as_raw() => (
                ScriptErrorKind::Memory,
                "the script used up its memory".to_owned(),
                "keep less at once, or allow more: script.memory_mb in the settings",
            ),
            Some(signal) if signal == segv => (
                ScriptErrorKind::HostDied,
                "the script host ran out of stack".to_owned(),
                "the script nests too deeply",
            ),
            _ => (
                ScriptErrorKind::HostDied,
                match signal {
                    Some(signal) => format!("the script host was killed by signal {signal}"),
                    None => format!("the script host went away: {err}"),
                },
                "what was settled is in the journal",
            ),
        };
        ScriptError { kind, message, location: None, hint: Some(hint.to_owned()) }
    }
}

fn confused(what: &str) -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::HostDied,
        message: format!("the script host answered {what}"),
        location: None,
        hint: None,
    }
}
