//! A model server on a thread of its own, and how a project is told of it.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
#[cfg(target_os = "linux")]
use std::time::Duration;

use fanfold_testkit::{Answer, Bill, ModelServer, Seen};
use tokio::sync::oneshot;

use crate::project::until;

/// Stops when dropped.
pub struct Model {
    server: Arc<ModelServer>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Model {
    /// Asks `script` what to answer to each request.
    pub fn start(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (started, server) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("descriptors are free").block_on(async move {
                let server = Arc::new(ModelServer::start(script).await);
                started.send(server).expect("its test waits for it");
                // An error means that its test has ended.
                let _ = stopped.await;
            });
        });
        let server = server.recv().expect("the thread started");
        Self { server, stop: Some(stop), thread: Some(thread) }
    }

    /// Answers each task with `done: TASK`.
    pub fn obliging() -> Self {
        Self::start(|seen| done(&task(seen)))
    }

    pub fn settings(&self) -> String {
        settings(&self.url())
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn bill(&self) -> Bill {
        self.server.bill()
    }

    /// Requests so far.
    pub fn seen(&self) -> usize {
        self.server.seen()
    }

    pub fn wait_for(&self, count: usize) {
        until(&format!("{count} requests"), || self.seen() >= count);
    }

    /// How often each task was asked.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for seen in &self.bill().requests {
            *asked.entry(task(seen)).or_default() += 1;
        }
        asked
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Personal settings: a provider `test` at `url`, and its model as everybody's.
pub fn settings(url: &str) -> String {
    format!(
        "model = \"test/m-1\"\n\
         [providers.test]\n\
         wire = \"openai-chat\"\n\
         base_url = \"{url}/v1\"\n\
         free = true\n"
    )
}

/// The prompt of the agent that a request belongs to.
pub fn task(seen: &Seen) -> String {
    let messages = seen.body["messages"].as_array().expect("a conversation");
    let first = messages.iter().find(|message| message["role"] == "user").expect("it starts with a task");
    first["content"].as_str().or_else(|| first["content"][0]["text"].as_str()).expect("a text").to_owned()
}

pub fn done(task: &str) -> Answer {
    Answer::text(format!("done: {task}"))
}

/// Some milliseconds, at most `max`, that differ from request to request and not from test to test.
#[cfg(target_os = "linux")]
pub fn some_ms(seen: &Seen, max: u64) -> Duration {
    let mixed = (seen.nth as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    Duration::from_millis(mixed % max + 1)
}
