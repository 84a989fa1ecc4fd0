//! A small world for whole runs: a journal in memory that can die, a backend with a bill of its own.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, CacheRule, CallKey, Entry, Event, FailureKind, Halt, Limits,
    NoOracle, Nobody, Oracle, Outcome, Person, Resolved, RunSettings, Usage, WorkflowTarget,
};
use fanfold_engine::{
    Attempt, Control, EventLog, HostPlace, JournalStore, LoadedScript, PlanItem, RunClock, RunReport,
    Workflows,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Notify;

pub const META: &str = "export const meta = { name: 'test', description: 'a test' }\n";

/// Entries that outlive the attempts; after `die_after` of them the process is as good as dead.
#[derive(Default)]
pub struct Disk {
    entries: Mutex<Vec<Entry>>,
    die_after: AtomicU64,
    full_after: AtomicU64,
    full: AtomicBool,
    slow: AtomicBool,
    died: Notify,
}

impl Disk {
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().expect("no panic while held").clone()
    }

    /// Dies once it holds this many entries; 0: never.
    pub fn die_after(&self, entries: u64) {
        // An earlier death is forgotten.
        let _ = futures_util::FutureExt::now_or_never(self.died.notified());
        self.die_after.store(entries, Ordering::Relaxed);
    }

    pub fn fill(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// Takes this many entries more, then none.
    pub fn fill_after(&self, entries: u64) {
        self.full_after.store(entries, Ordering::Relaxed);
    }

    /// Entries are there only a moment later, as on a real disk.
    pub fn slow_down(&self) {
        self.slow.store(true, Ordering::Relaxed);
    }
}

struct MemoryStore(Arc<Disk>);

impl JournalStore for MemoryStore {
    fn append(&self, entry: &Entry) -> BoxFuture<'static, io::Result<()>> {
        let disk = &self.0;
        if disk.full.load(Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(io::ErrorKind::StorageFull.into())));
        }
        if disk.full_after.load(Ordering::Relaxed) > 0 && disk.full_after.fetch_sub(1, Ordering::Relaxed) == 1
        {
            disk.full.store(true, Ordering::Relaxed);
        }
        let mut entries = disk.entries.lock().expect("no panic while held");
        let limit = disk.die_after.load(Ordering::Relaxed);
        if limit > 0 && entries.len() as u64 >= limit {
            disk.died.notify_one();
            return Box::pin(std::future::pending());
        }
        entries.push(entry.clone());
        if disk.slow.load(Ordering::Relaxed) {
            return Box::pin(tokio::time::sleep(std::time::Duration::from_micros(200)).map(Ok));
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn finish(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Answers every prompt with `re: <prompt>` after a time drawn from seed and prompt; keeps a bill.
pub struct Biller {
    pub seed: u64,
    /// How often each prompt was paid for to the end.
    pub paid: Mutex<HashMap<String, u32>>,
    pub asked: AtomicU64,
    /// As the calls named them.
    pub models: Mutex<Vec<Option<String>>>,
    /// Milliseconds per prompt, where the test wants a certain one.
    pub durations: Durations,
    /// What becomes of a prompt other than an echo.
    pub replies: Replies,
}

/// Milliseconds by prompt; `None` is drawn.
type Durations = Box<dyn Fn(&str) -> Option<u64> + Send + Sync>;
/// By prompt and how often it was asked; `None` is an echo.
type Replies = Box<dyn Fn(&str, u32) -> Option<Result<Outcome, Halt>> + Send + Sync>;

impl Biller {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            paid: Mutex::default(),
            asked: AtomicU64::new(0),
            models: Mutex::default(),
            durations: Box::new(|_| None),
            replies: Box::new(|_, _| None),
        }
    }

    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    pub fn duration_ms(&self, prompt: &str) -> u64 {
        (self.durations)(prompt).unwrap_or_else(|| {
            let digest = fanfold_core::key::short_digest(format!("{} {prompt}", self.seed).as_bytes());
            1 + u64::from_str_radix(&digest, 16).expect("hex") % 5_000
        })
    }
}

impl Backend for Biller {
    fn resolve(&self, call: &AgentCall) -> Result<Resolved, String> {
        match call.agent_type.as_deref() {
            None => Ok(Resolved { model: "test/echo".into(), backend: "test".into(), ..Resolved::default() }),
            Some(other) => Err(format!("unknown agent type `{other}`; there are none here")),
        }
    }

    fn run<'a>(&'a self, job: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.models.lock().expect("no panic while held").push(job.call.model.clone());
            let prompt = &job.call.prompt;
            cx.clock.sleep(self.duration_ms(prompt)).await;
            let times = {
                let mut paid = self.paid.lock().expect("no panic while held");
                let times = paid.entry(prompt.clone()).or_default();
                *times += 1;
                *times
            };
            let usage = Usage { input_tokens: 10, output_tokens: 5, ..Usage::default() };
            match (self.replies)(prompt, times) {
                Some(reply) => reply.map(|outcome| outcome.with_usage(usage)),
                None => Ok(Outcome::done(format!("re: {prompt}")).with_usage(usage)),
            }
        })
    }
}

pub fn failed(kind: FailureKind) -> Option<Result<Outcome, Halt>> {
    Some(Ok(Outcome::failed(kind, "told to fail")))
}

pub struct NoWorkflows;

impl Workflows for NoWorkflows {
    fn find(&self, target: &WorkflowTarget) -> Result<(String, String), String> {
        match target {
            WorkflowTarget::Name(name) if name == "child" => {
                let body = "const a = await agent('in child'); return { a, args }";
                Ok((format!("{META}{body}"), "child.js".into()))
            }
            other => Err(format!("no workflow {other:?}")),
        }
    }
}

/// One run over as many attempts as a test wants.
pub struct World<B = Biller> {
    pub disk: Arc<Disk>,
    pub backend: Arc<B>,
    pub limits: Limits,
    pub cache: CacheRule,
    pub control: Control,
    pub events: Arc<Mutex<Vec<Event>>>,
    pub args: Option<Value>,
    pub time_limit_ms: Option<u64>,
    pub meta: &'static str,
    pub oracle: Arc<dyn Oracle>,
    pub person: Arc<dyn Person>,
    attempts: u32,
}

impl<B: Backend + 'static> World<B> {
    pub fn new(backend: B) -> Self {
        Self {
            disk: Arc::default(),
            backend: Arc::new(backend),
            limits: Limits::default(),
            cache: CacheRule::Content,
            control: Control::default(),
            events: Arc::default(),
            args: None,
            time_limit_ms: None,
            meta: META,
            oracle: Arc::new(NoOracle),
            person: Arc::new(Nobody),
            attempts: 0,
        }
    }

    pub fn run(&mut self, body: &str) -> RunReport {
        self.run_or_die(body).expect("the disk was not told to die")
    }

    /// `None`: the process died, as the disk was told.
    pub fn run_or_die(&mut self, body: &str) -> Option<RunReport> {
        let disk = self.disk.clone();
        self.block_on(body, async move |attempt| {
            tokio::select! {
                biased;
                () = disk.died.notified() => None,
                report = attempt.execute() => Some(report.expect("a legal journal")),
            }
        })
    }

    pub fn plan(&mut self, body: &str) -> Vec<PlanItem> {
        self.block_on(body, async |attempt| attempt.plan().await.expect("a legal journal"))
    }

    fn block_on<T>(&mut self, body: &str, then: impl AsyncFnOnce(Attempt) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let source = format!("{}{body}", self.meta);
            let script =
                LoadedScript::load(&HostPlace::Thread, source, "test.js".into()).await.expect("loads");
            self.attempts += 1;
            let clock = RunClock::simulated();
            let seen = self.events.clone();
            let watcher =
                Box::new(move |event: &Event| seen.lock().expect("no panic while held").push(event.clone()));
            let attempt = Attempt {
                script,
                args: self.args.clone(),
                entries: self.disk.entries(),
                store: Arc::new(MemoryStore(self.disk.clone())),
                settings: self.settings(),
                script_limits: Default::default(),
                time_limit_ms: self.time_limit_ms,
                run_dir: None,
                backend: self.backend.clone(),
                workflows: Arc::new(NoWorkflows),
                oracle: self.oracle.clone(),
                person: self.person.clone(),
                events: EventLog::open(None, clock.port(), watcher).expect("no file"),
                clock,
                control: self.control.clone(),
            };
            then(attempt).await
        })
    }

    fn settings(&self) -> RunSettings {
        RunSettings {
            journal_version: 1,
            key_version: 1,
            product: "test".into(),
            run_id: "wf_test-1".into(),
            workflow: "test".into(),
            attempt: self.attempts,
            script: String::new(),
            args: String::new(),
            model: "test/echo".into(),
            seed: 7,
            simulated: true,
            limits: self.limits,
            cache: self.cache,
            at_ms: 0,
            front: Default::default(),
        }
    }
}

impl World {
    pub fn result(report: &RunReport) -> Value {
        let text = report.result.as_ref().unwrap_or_else(|| panic!("no result: {:?}", report.error)).get();
        serde_json::from_str(text).expect("JSON")
    }
}

/// Keys that the journal says are finished.
pub fn finished(entries: &[Entry]) -> Vec<CallKey> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Settled { key, .. } => Some(key.clone()),
            _ => None,
        })
        .collect()
}
