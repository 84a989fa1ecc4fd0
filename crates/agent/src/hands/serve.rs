//! The process that carries out an agent's tool calls, from its first frame to the end of its input.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanfold_core::Clock;
use fanfold_sandbox::forward;
use futures_util::future::BoxFuture;
use tokio::net::unix::pipe;
use tokio::sync::{Mutex, RwLock};

use super::message::{self, Answer, REQUEST_BYTES_MAX, Request, Setup, TEXT_BYTES_MAX};
use crate::permissions::Permissions;
use crate::tools::{self, Reach, ToolCx, Workspace, descendants};

/// How this binary is started as hands; no command for people.
pub const HANDS: &str = "__hands";

/// Threads for file tools. Each agent has a process like this one.
const THREADS_MAX: usize = 8;
const THREAD_STACK_BYTES: usize = 1 << 20;
/// An idle process is to be small.
const THREAD_IDLE: Duration = Duration::from_secs(2);

/// To be called before anything else, with the arguments after the program's name: is the hands of an agent
/// if they say so, until the engine hangs up.
pub fn main(args: &[String]) -> Option<ExitCode> {
    if args.first().is_none_or(|first| first != HANDS) {
        return None;
    }
    // What a command starts can neither trace this process nor open its descriptors, and forge no answer.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    descendants::adopt();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(THREADS_MAX)
        .thread_stack_size(THREAD_STACK_BYTES)
        .thread_keep_alive(THREAD_IDLE)
        .build();
    let served = runtime.and_then(|runtime| {
        let served = runtime.block_on(serve_standard_streams());
        // A search on another thread has nobody left to tell.
        runtime.shutdown_background();
        served
    });
    Some(if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn serve_standard_streams() -> io::Result<()> {
    let own = |stream: &dyn AsFd| -> io::Result<OwnedFd> { stream.as_fd().try_clone_to_owned() };
    let mut input = pipe::Receiver::from_owned_fd(own(&io::stdin())?)?;
    let output = pipe::Sender::from_owned_fd(own(&io::stdout())?)?;
    serve(&mut input, output).await
}

async fn serve(input: &mut pipe::Receiver, output: pipe::Sender) -> io::Result<()> {
    let output = Arc::new(Mutex::new(output));
    let Some(setup) = message::read::<Setup>(input, REQUEST_BYTES_MAX).await? else { return Ok(()) };
    let cx = match cx(setup) {
        Ok(cx) => Arc::new(cx),
        Err(why) => return answer(&output, 0, Err(why)).await,
    };
    answer(&output, 0, Ok(String::new())).await?;

    // Calls that read run beside each other, the others alone: what a command left behind is known by that.
    let turn = Arc::new(RwLock::new(()));
    while let Some(Request { id, tool, input }) = message::read(input, REQUEST_BYTES_MAX).await? {
        let (cx, output) = (cx.clone(), output.clone());
        let work = async move { answer(&output, id, tools::run(tool, &input, &cx).await).await };
        if tool.only_reads() {
            let turn = turn.clone().read_owned().await;
            spawn(turn, work);
        } else {
            let turn = turn.clone().write_owned().await;
            spawn(turn, work);
        }
    }
    Ok(())
}

fn spawn(turn: impl Send + 'static, work: impl Future<Output = io::Result<()>> + Send + 'static) {
    // That nobody listens any more is seen at the end of the input.
    tokio::spawn(async move {
        let _ = work.await;
        drop(turn);
    });
}

async fn answer(output: &Mutex<pipe::Sender>, id: u64, result: Result<String, String>) -> io::Result<()> {
    let cut = |text: String| match text.len() {
        0..=TEXT_BYTES_MAX => text,
        bytes => format!("{}\n[… cut off, of {bytes} bytes]", tools::head(&text, TEXT_BYTES_MAX - 64)),
    };
    let frame = message::frame(&Answer { id, result: result.map(cut).map_err(cut) });
    message::write(&mut *output.lock().await, &frame).await
}

fn cx(setup: Setup) -> Result<ToolCx, String> {
    let Setup { workspace, rules, rules_root, mut bash, has_proxy } = setup;
    if has_proxy {
        let socket = Path::new(fanfold_sandbox::PROXY_SOCKET);
        forward::start(socket, forward::PORT).map_err(|err| format!("no way to the proxy: {err}"))?;
        bash.iter_mut().for_each(|bash| bash.env.extend(forward::environment(forward::PORT)));
    }
    let (permissions, _) = Permissions::new(&rules, &rules_root)?;
    let workspace = Workspace::open(&workspace)
        .map_err(|err| format!("the workspace {} cannot be opened: {err}", workspace.display()))?;
    Ok(ToolCx {
        workspace: Arc::new(workspace),
        permissions: Arc::new(permissions),
        bash: bash.map(Arc::new),
        clock: Arc::new(RealClock(Instant::now())),
        reach: Reach::Descendants,
    })
}

struct RealClock(Instant);

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}
