//! The process that asks a server, run within the sandbox of the check: this program, run again.
//!
//! It starts the server and asks it, and is the only one that can tell the engine what came back: the server has
//! neither its streams nor, as it is the first process of its namespace, any way to stop it.

mod client;

use std::io::{self, Read, Write};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use fanfold_sandbox::Output;
use rustix::process::{Pid, Signal};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use crate::http::{Answer, Heard, Question};

/// How this binary is started to ask; no command for people.
pub const HTTP_CHECK: &str = "__http-check";

/// Kept of what a server prints.
const PRINTED_BYTES_MAX: usize = 64 << 10;
/// For what was printed before the end.
const DRAIN: Duration = Duration::from_millis(200);

/// To be called before anything else, with the arguments after the program's name: asks a server if they say so.
pub fn main(args: &[String]) -> Option<ExitCode> {
    if args.first().is_none_or(|first| first != HTTP_CHECK) {
        return None;
    }
    Some(match asked() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    })
}

fn asked() -> io::Result<()> {
    // The server is of the same user: it can neither trace this process nor open its descriptors.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    let question: Question = serde_json::from_slice(&input)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let heard = runtime.block_on(hear(&question));
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &heard)?;
    output.flush()
}

async fn hear(question: &Question) -> Heard {
    let mut printed = Output::new(PRINTED_BYTES_MAX);
    let answer = serve_and_ask(question, &mut printed).await;
    Heard { printed: printed.into_text(), answer }
}

async fn serve_and_ask(question: &Question, printed: &mut Output) -> Result<Answer, String> {
    // Only without a sandbox can there be one.
    if client::connect(&question.url).await.is_ok() {
        return Err(format!("another server answers at {}", question.url));
    }
    let not_started = |err: io::Error| format!("the server cannot be started: {err}");
    let (mut server, mut reader) = start(question).map_err(not_started)?;
    let asking = async {
        tokio::select! {
            biased;
            answer = client::ask(question) => answer,
            why = died(&mut server) => Err(why),
            () = read_on(printed, &mut reader) => Err("nothing was heard".into()),
        }
    };
    let answer = tokio::time::timeout(Duration::from_millis(question.timeout_ms), asking).await;
    stop(&mut server).await;
    let _ = tokio::time::timeout(DRAIN, printed.read_to_end(&mut reader)).await;
    answer.unwrap_or_else(|_| Err(format!("timed out after {} ms", question.timeout_ms)))
}

/// With one pipe for all that it prints: of our own streams it has none.
fn start(question: &Question) -> io::Result<(Child, pipe::Receiver)> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new("sh");
    command.arg("-c").arg(&question.start).current_dir(&question.folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    Ok((command.spawn()?, pipe::Receiver::from_owned_fd(reader.into())?))
}

/// Never of one that ended well: it may have left a server behind.
async fn died(server: &mut Child) -> String {
    match server.wait().await {
        Ok(status) if status.success() => std::future::pending().await,
        Ok(status) => format!("the server ended before it answered: {status}"),
        Err(err) => format!("the server cannot be waited for: {err}"),
    }
}

async fn read_on(printed: &mut Output, reader: &mut pipe::Receiver) {
    printed.read_to_end(reader).await;
    std::future::pending().await
}

/// What is left of it then ends with the sandbox.
async fn stop(server: &mut Child) {
    if rustix::process::getpid() == Pid::INIT {
        // `kill(-1)`: every process of the namespace but this one.
        let _ = rustix::process::kill_process_group(Pid::INIT, Signal::KILL);
    }
    let _ = server.kill().await;
}
