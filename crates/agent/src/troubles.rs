//! What lies between an agent and its provider: waits, which do not count against its own time limit, and
//! leave to spend, with the bill of every request, of answers that broke too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fanfold_core::{AgentCx, Failure, Price, Progress, Quote, Usage};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::wire::{Bill, TurnWatch, Worst};

/// How often an agent with hardly any time left looks whether its provider is back.
const LOOK_AGAIN_MS: u64 = 1_000;

pub struct Troubles<'a> {
    cx: &'a AgentCx,
    /// Of the agent's model.
    price: Option<Price>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Waits that are over.
    waited_ms: u64,
    /// A wait that is not.
    waiting_since_ms: Option<u64>,
    /// Whole turns so far.
    turns: u32,
    /// Requests that broke, and are paid all the same.
    lost: Usage,
}

impl<'a> Troubles<'a> {
    pub fn new(cx: &'a AgentCx, price: Option<Price>) -> Self {
        Self { cx, price, state: Mutex::default() }
    }

    /// Turns that an attempt that died had taken, and what the last of them used.
    pub fn recalled(&self, turns: u32, last: Usage) {
        self.lock().turns = turns;
        // Nobody said what that turn used: it stays at the worst case.
        if last.unconfirmed == 0 {
            self.cx.purse.recalled(turns, last.priced(self.price));
        }
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

    fn reserve<'a>(&'a self, worst: Worst) -> BoxFuture<'a, Result<u64, Failure>> {
        let Worst { input_tokens, web_searches, output_tokens } = worst;
        let turns = self.lock().turns;
        let quote = Quote { turns, input_tokens, web_searches, output_tokens, price: self.price };
        Box::pin(async move {
            let mut leave = self.cx.purse.reserve(quote);
            if let Some(answer) = (&mut leave).now_or_never() {
                return answer;
            }
            let is_in_another_wait = self.lock().waiting_since_ms.is_some();
            self.waiting("others hold what is left of the budget".into());
            let answer = leave.await;
            if !is_in_another_wait {
                self.over();
            }
            answer
        })
    }

    fn ended(&self, bill: Bill) {
        match bill {
            Bill::Nothing => self.cx.purse.settle(Usage::default()),
            Bill::Reported(usage) => {
                self.lock().turns += 1;
                self.cx.purse.settle(usage.priced(self.price));
            }
            Bill::Estimated(known) => {
                self.lock().turns += 1;
                self.cx.purse.forfeit(known.priced(self.price));
            }
            Bill::Unknown(known) => {
                self.lock().lost += known;
                self.cx.purse.forfeit(known.priced(self.price));
            }
        }
    }
}
