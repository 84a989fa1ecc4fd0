//! The engine's side of an agent's hands: started at the first call, trusted with nothing, gone when dropped.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fanfold_sandbox::{Confined, Policy, Sandbox};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::{mpsc, oneshot};

use super::message::{self, ANSWER_BYTES_MAX, Answer, REQUEST_BYTES_MAX, Request, Setup, TEXT_BYTES_MAX};
use crate::tools::{self, Tool};

/// How often one agent's hands are started.
const STARTS_MAX: u32 = 3;
const START_MAX: Duration = Duration::from_secs(30);
/// Of what a sandbox that failed says about it.
const LAST_WORDS_BYTES_MAX: u64 = 2 << 10;
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);

/// How the hands of one agent are started.
#[derive(Clone, Debug)]
pub struct Launch {
    pub sandbox: Sandbox,
    pub policy: Policy,
    /// Ends in what [`main`](super::main) takes for hands.
    pub argv: Vec<String>,
    pub setup: Setup,
}

/// The hands of one agent, in a process of their own.
pub struct Process {
    launch: Launch,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    live: Option<Arc<Live>>,
    starts: u32,
    last_id: u64,
}

/// A process that was set up.
struct Live {
    requests: mpsc::UnboundedSender<Vec<u8>>,
    pending: Pending,
    /// Killed when this is dropped. Locked to be killed earlier.
    confined: tokio::sync::Mutex<Confined>,
}

/// Who waits for which answer. Cleared when none will come any more.
type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<String, String>>>>>;

/// Why a call of a tool came to nothing.
enum Broken {
    /// The process is gone, or says what no hands say.
    Died(String),
    /// It could not be started.
    NotStarted(String),
}

impl Process {
    pub fn new(launch: Launch) -> Self {
        Self { launch, state: tokio::sync::Mutex::default() }
    }

    /// `Err` is what the model is told. A process that died is started anew by the next call.
    pub(super) async fn call(&self, tool: Tool, input: &Value) -> Result<String, String> {
        let (live, id) = self.live().await?;
        let request = message::frame(&Request { id, tool, input: input.clone() });
        if request.len() > REQUEST_BYTES_MAX {
            return Err(format!("an input of {} bytes: send less at once", request.len()));
        }
        let patience = tools::patience(tool, input);
        let broken = match tokio::time::timeout(patience, live.ask(id, request)).await {
            Ok(Ok(result)) => return result,
            Ok(Err(broken)) => broken,
            Err(_) => Broken::Died(format!("no answer within {} s", patience.as_secs())),
        };
        Err(self.bury(&live, broken).await)
    }

    pub(super) async fn close(self) {
        if let Some(live) = self.state.into_inner().live {
            // That it cannot be killed means that it is dead.
            let _ = live.confined.lock().await.kill().await;
        }
    }

    /// The process, started if there is none, and the number of a new call.
    async fn live(&self) -> Result<(Arc<Live>, u64), String> {
        let mut state = self.state.lock().await;
        state.last_id += 1;
        let id = state.last_id;
        if let Some(live) = &state.live {
            return Ok((live.clone(), id));
        }
        if state.starts >= STARTS_MAX {
            return Err(format!(
                "the process that carries out tools has ended {STARTS_MAX} times, and is not started again: return what you have, and say so"
            ));
        }
        state.starts += 1;
        match Live::start(&self.launch).await {
            Ok(live) => {
                let live = Arc::new(live);
                state.live = Some(live.clone());
                Ok((live, id))
            }
            Err(broken) => Err(broken.told()),
        }
    }

    /// Forgets a broken process, unless another call has done so before. What the model is told of it.
    async fn bury(&self, live: &Arc<Live>, broken: Broken) -> String {
        {
            let mut state = self.state.lock().await;
            if state.live.as_ref().is_some_and(|current| Arc::ptr_eq(current, live)) {
                state.live = None;
            }
        }
        let _ = live.confined.lock().await.kill().await;
        broken.told()
    }
}

impl Live {
    /// Starts the process and waits until it is set up.
    async fn start(launch: &Launch) -> Result<Self, Broken> {
        let not_started = |err: &dyn std::fmt::Display| Broken::NotStarted(err.to_string());
        let started = launch.sandbox.command(&launch.policy, &launch.argv);
        let mut confined = started.map_err(|err| not_started(&err))?;
        let (Some(mut input), Some(mut output)) = (confined.stdin.take(), confined.stdout.take()) else {
            return Err(not_started(&"its streams are taken"));
        };
        let setting_up = async {
            message::write(&mut input, &message::frame(&launch.setup)).await?;
            message::read::<Answer>(&mut output, ANSWER_BYTES_MAX).await
        };
        let why = match tokio::time::timeout(START_MAX, setting_up).await {
            Ok(Ok(Some(Answer { id: 0, result: Ok(_) }))) => {
                let (requests, waiting) = mpsc::unbounded_channel();
                let pending = Pending::default();
                tokio::spawn(converse(input, output, waiting, pending.clone()));
                return Ok(Self { requests, pending, confined: tokio::sync::Mutex::new(confined) });
            }
            Ok(Ok(Some(Answer { result: Err(why), .. }))) => bounded(why),
            Ok(Ok(Some(_) | None) | Err(_)) => last_words(&mut confined).await,
            Err(_) => format!("not ready within {} s", START_MAX.as_secs()),
        };
        let _ = confined.kill().await;
        Err(Broken::NotStarted(why))
    }

    async fn ask(&self, id: u64, request: Vec<u8>) -> Result<Result<String, String>, Broken> {
        let (answered, answer) = oneshot::channel();
        locked(&self.pending).insert(id, answered);
        // Told before the answer is looked for: a conversation that ended in between has cleared what waits.
        let is_heard = self.requests.send(request).is_ok();
        if !is_heard {
            locked(&self.pending).remove(&id);
        }
        match answer.await {
            Ok(result) => Ok(result.map(bounded).map_err(bounded)),
            Err(_) => Err(Broken::Died("it has ended".into())),
        }
    }
}

impl Broken {
    fn told(&self) -> String {
        match self {
            Broken::Died(why) => format!(
                "the process that carries out tools broke off ({why}). The next call starts it anew: look at what this one did before you repeat it"
            ),
            Broken::NotStarted(why) => {
                format!("the process that carries out tools could not be started: {why}")
            }
        }
    }
}

/// Everything that goes to and fro, until either side ends or an answer is none. Then nobody waits any more.
async fn converse(
    mut input: impl AsyncWrite + Unpin,
    mut output: impl AsyncRead + Unpin,
    mut requests: mpsc::UnboundedReceiver<Vec<u8>>,
    pending: Pending,
) {
    let sending = async {
        while let Some(request) = requests.recv().await {
            message::write(&mut input, &request).await?;
        }
        io::Result::Ok(())
    };
    let receiving = async {
        while let Some(Answer { id, result }) = message::read(&mut output, ANSWER_BYTES_MAX).await? {
            let Some(waiting) = locked(&pending).remove(&id) else {
                return Err(io::Error::other("an answer to nothing"));
            };
            // Whoever asked may have gone.
            let _ = waiting.send(result);
        }
        io::Result::Ok(())
    };
    tokio::select! {
        _ = sending => (),
        _ = receiving => (),
    }
    requests.close();
    locked(&pending).clear();
}

/// What a start that failed said, or that it said nothing.
async fn last_words(confined: &mut Confined) -> String {
    let mut words = Vec::new();
    if let Some(stderr) = confined.stderr.take() {
        let mut stderr = stderr.take(LAST_WORDS_BYTES_MAX);
        let _ = tokio::time::timeout(LAST_WORDS_MAX, stderr.read_to_end(&mut words)).await;
    }
    let words = String::from_utf8_lossy(&words);
    let words = words.trim();
    if words.is_empty() { "it ended at once".into() } else { words.to_owned() }
}

fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
