//! What its provider's troubles cost an agent: time, which does not count against its own limit, and tokens
//! of answers that broke.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fanfold_core::{AgentCx, Progress, Usage};

use crate::wire::TurnWatch;

/// How often an agent with hardly any time left looks whether its provider is back.
const LOOK_AGAIN_MS: u64 = 1_000;

pub struct Troubles<'a> {
    cx: &'a AgentCx,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Waits that are over.
    waited_ms: u64,
    /// A wait that is not.
    waiting_since_ms: Option<u64>,
    lost: Usage,
}

impl<'a> Troubles<'a> {
    pub fn new(cx: &'a AgentCx) -> Self {
        Self { cx, state: Mutex::default() }
    }

    /// Returns when the agent has had `limit_ms` for itself.
    pub async fn limit(&self, limit_ms: u64) {
        let clock = &self.cx.clock;
        let began_ms = clock.elapsed_ms();
        loop {
            let (waited_ms, is_waiting) = self.lock().waited(clock.elapsed_ms());
            let used_ms = clock.elapsed_ms().saturating_sub(began_ms).saturating_sub(waited_ms);
            match limit_ms.checked_sub(used_ms) {
                None | Some(0) => return,
                Some(left_ms) if is_waiting => clock.sleep(left_ms.max(LOOK_AGAIN_MS)).await,
                Some(left_ms) => clock.sleep(left_ms).await,
            }
        }
    }

    /// What broken answers used since this was last asked.
    pub fn take_lost(&self) -> Usage {
        std::mem::take(&mut self.lock().lost)
    }

    /// The turn is over, whatever became of it.
    pub fn over(&self) {
        let now_ms = self.cx.clock.elapsed_ms();
        let state = &mut *self.lock();
        if let Some(since_ms) = state.waiting_since_ms.take() {
            state.waited_ms += now_ms.saturating_sub(since_ms);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waited(&self, now_ms: u64) -> (u64, bool) {
        let now = self.waiting_since_ms.map(|since_ms| now_ms.saturating_sub(since_ms));
        (self.waited_ms + now.unwrap_or_default(), now.is_some())
    }
}

impl TurnWatch for Troubles<'_> {
    fn waiting(&self, why: String) {
        let now_ms = self.cx.clock.elapsed_ms();
        self.lock().waiting_since_ms.get_or_insert(now_ms);
        (self.cx.progress)(Progress::Waiting { why });
    }

    fn answering(&self) {
        self.over();
    }

    fn lost(&self, usage: Usage) {
        self.lock().lost += usage;
    }
}
