//! Whole agents against a scripted model, in a folder of their own.

mod conversation;
mod isolated;
mod resume;
mod tools;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, CallKey, Clock, Failure, Halt, NoLimit, Outcome, Progress, Reply,
    Usage,
};
use fanfold_testkit::TestClock;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{Models, NativeBackend, NativeConfig, ResolvedModel};
use crate::wire::{Bill, Block, Model, ModelLimits, Role, Stop, TurnCx, TurnError, TurnReply, TurnRequest};

/// Answers by script, and keeps what it was asked.
pub struct Scripted {
    replies: Mutex<VecDeque<Result<TurnReply, TurnError>>>,
    pub asked: Mutex<Vec<TurnRequest>>,
    limits: ModelLimits,
    /// How long each turn waits for the provider before it is answered.
    pub waits_ms: Mutex<u64>,
    /// How long each answer takes.
    pub slow_ms: Mutex<u64>,
    /// What each turn loses in tries that break.
    pub loses: Mutex<Usage>,
    /// Told when it is asked what its script does not answer.
    pub silent: tokio::sync::Notify,
}

impl Model for Scripted {
    fn turn<'a>(
        &'a self,
        request: &'a TurnRequest,
        cx: &'a TurnCx<'a>,
    ) -> BoxFuture<'a, Result<TurnReply, TurnError>> {
        let [waits_ms, slow_ms] = [&self.waits_ms, &self.slow_ms].map(|ms| *ms.lock().expect("no panic"));
        Box::pin(async move {
            let lost = *self.loses.lock().expect("no panic");
            if !lost.is_zero() {
                cx.watch.ended(Bill::Unknown(lost));
            }
            if waits_ms > 0 {
                cx.watch.waiting("down".into());
                cx.clock.sleep(waits_ms).await;
            }
            cx.watch.answering();
            if slow_ms > 0 {
                cx.clock.sleep(slow_ms).await;
            }
            self.asked.lock().expect("no panic").push(request.clone());
            let next = self.replies.lock().expect("no panic").pop_front();
            match next {
                Some(reply) => reply,
                // The script ends here: as a provider that never answers.
                None => {
                    self.silent.notify_one();
                    std::future::pending().await
                }
            }
        })
    }

    fn limits(&self, _model: &str) -> ModelLimits {
        self.limits
    }
}

struct OneModel(Arc<Scripted>);

impl Models for OneModel {
    fn resolve(&self, id: &str, _inherit: &str) -> Result<ResolvedModel, String> {
        let id = id.trim_start_matches("fake/").to_owned();
        if id == "nowhere" {
            return Err("there is no model `nowhere`, expected `fake/one`".into());
        }
        let name = format!("fake/{id}");
        Ok(ResolvedModel { model: self.0.clone(), name, id, price: None, warnings: Vec::new() })
    }
}

struct RealClock(Instant);

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        0
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).expect("not for so long")
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}

/// A workspace, a run's directory outside of it, and a model to be scripted.
pub struct World {
    _temp: tempfile::TempDir,
    pub workspace: PathBuf,
    pub run_dir: PathBuf,
    pub outside: PathBuf,
    pub model: Arc<Scripted>,
    pub progress: Arc<Mutex<Vec<Progress>>>,
}

impl World {
    pub fn new(replies: impl IntoIterator<Item = Result<TurnReply, TurnError>>) -> Self {
        Self::with_window(200_000, replies)
    }

    pub fn with_window(
        context_tokens: u64,
        replies: impl IntoIterator<Item = Result<TurnReply, TurnError>>,
    ) -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let root = temp.path().canonicalize().expect("it is there");
        let [workspace, run_dir, outside] = ["ws", "run", "outside"].map(|name| root.join(name));
        for folder in [&workspace, &run_dir, &outside] {
            fs::create_dir(folder).expect("fresh");
        }
        let limits = ModelLimits { context_tokens, output_tokens_max: 1_000, web_search: false };
        let model = Scripted {
            replies: Mutex::new(replies.into_iter().collect()),
            asked: Mutex::default(),
            limits,
            waits_ms: Mutex::default(),
            slow_ms: Mutex::default(),
            loses: Mutex::default(),
            silent: tokio::sync::Notify::new(),
        };
        let model = Arc::new(model);
        Self { _temp: temp, workspace, run_dir, outside, model, progress: Arc::default() }
    }

    pub fn config(&self) -> NativeConfig {
        let models = Arc::new(OneModel(self.model.clone()));
        NativeConfig::new(models, "fake/one", self.workspace.clone())
    }

    pub fn backend(&self) -> NativeBackend {
        NativeBackend::new(self.config()).expect("a workspace")
    }

    pub fn script(&self, replies: impl IntoIterator<Item = Result<TurnReply, TurnError>>) {
        self.model.replies.lock().expect("no panic").extend(replies);
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().expect("beneath")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.workspace.join(path)).expect("there")
    }

    pub fn job(&self, backend: &NativeBackend, call: AgentCall) -> AgentJob {
        let resolved = backend.resolve(&call).expect("resolvable");
        let key = CallKey::new("0123456789abcdef", 0);
        AgentJob { key, call, resolved, site: None, run_dir: Some(self.run_dir.clone()), unfinished: false }
    }

    pub fn cx(&self) -> AgentCx {
        let progress = self.progress.clone();
        AgentCx {
            clock: Arc::new(RealClock(Instant::now())),
            progress: Box::new(move |what| progress.lock().expect("no panic").push(what)),
            purse: Arc::new(NoLimit),
        }
    }

    pub async fn run(&self, call: AgentCall) -> Outcome {
        self.try_run(call).await.expect("no halt")
    }

    pub async fn try_run(&self, call: AgentCall) -> Result<Outcome, Halt> {
        let backend = self.backend();
        backend.run(&self.job(&backend, call), &self.cx()).await
    }

    pub async fn try_run_at(&self, call: AgentCall, clock: TestClock) -> Result<Outcome, Halt> {
        let backend = self.backend();
        let cx = AgentCx { clock: Arc::new(clock), ..self.cx() };
        backend.run(&self.job(&backend, call), &cx).await
    }

    pub fn transcript(&self) -> PathBuf {
        crate::transcript::path(&self.run_dir, "0123456789abcdef.0")
    }

    pub fn requests(&self) -> Vec<TurnRequest> {
        self.model.asked.lock().expect("no panic").clone()
    }

    /// Results of tools in the last request, in order: the text, and whether it is an error.
    pub fn results(&self) -> Vec<(String, bool)> {
        let requests = self.requests();
        let last = requests.last().expect("asked").messages.last().expect("a message").clone();
        assert_eq!(last.role, Role::User);
        let result = |block| match block {
            Block::ToolResult { content, is_error, .. } => Some((content, is_error)),
            _ => None,
        };
        last.content.into_iter().filter_map(result).collect()
    }
}

pub fn done(outcome: Outcome) -> Value {
    match outcome.reply {
        Reply::Done(value) => value,
        Reply::Failed(failure) => panic!("{failure:?}"),
    }
}

pub fn failure(outcome: &Outcome) -> Failure {
    match &outcome.reply {
        Reply::Failed(failure) => failure.clone(),
        Reply::Done(value) => panic!("it did not fail: {value}"),
    }
}

pub const USAGE: Usage = Usage {
    input_tokens: 100,
    output_tokens: 10,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    tool_calls: 0,
    web_searches: 0,
    usd_micros: 0,
    unpriced: 0,
    unconfirmed: 0,
    unconfirmed_output_tokens: 0,
    unconfirmed_usd_micros: 0,
};

pub fn reply(content: Vec<Block>, stop: Stop) -> Result<TurnReply, TurnError> {
    Ok(TurnReply {
        content,
        stop,
        usage: USAGE,
        shortened: false,
        usage_estimated: false,
        model: "one".into(),
    })
}

pub fn says(text: &str) -> Result<TurnReply, TurnError> {
    reply(vec![Block::Text { text: text.into() }], Stop::EndTurn)
}

pub fn use_of(id: &str, name: &str, input: Value) -> Block {
    Block::ToolUse { id: id.into(), name: name.into(), input: Ok(input) }
}

pub fn calls<const N: usize>(calls: [(&str, Value); N]) -> Result<TurnReply, TurnError> {
    let blocks =
        calls.into_iter().enumerate().map(|(i, (name, input))| use_of(&format!("c{i}"), name, input));
    reply(blocks.collect(), Stop::ToolUse)
}

pub fn number_schema() -> Arc<Value> {
    Arc::new(json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}))
}

pub fn exists(path: impl AsRef<Path>) -> bool {
    path.as_ref().symlink_metadata().is_ok()
}
