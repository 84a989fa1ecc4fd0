//! A clock that tests drive.

use std::sync::{Arc, Mutex};

use fanfold_core::Clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// 2026-01-01T00:00:00Z.
const EPOCH_MS: u64 = 1_767_225_600_000;

/// Virtual time. Clones share it.
#[derive(Clone)]
pub struct TestClock {
    state: Arc<Mutex<State>>,
    auto: bool,
}

#[derive(Default)]
struct State {
    elapsed_ms: u64,
    slept: Vec<u64>,
    sleepers: Vec<(u64, oneshot::Sender<()>)>,
}

impl TestClock {
    /// Every sleep ends at once, and time has passed.
    pub fn auto() -> Self {
        Self { state: Arc::default(), auto: true }
    }

    /// Time stands still until [`TestClock::advance`].
    pub fn manual() -> Self {
        Self { state: Arc::default(), auto: false }
    }

    pub fn advance(&self, ms: u64) {
        let due: Vec<_> = {
            let mut state = self.state.lock().expect("no holder panics");
            state.elapsed_ms += ms;
            let now_ms = state.elapsed_ms;
            state.sleepers.extract_if(.., |(until_ms, _)| *until_ms <= now_ms).collect()
        };
        for (_, wake) in due {
            // Whoever slept may have been dropped.
            let _ = wake.send(());
        }
    }

    /// The lengths of all sleeps so far, in the order in which they began.
    pub fn slept(&self) -> Vec<u64> {
        self.state.lock().expect("no holder panics").slept.clone()
    }

    /// How many sleep now.
    pub fn sleepers(&self) -> usize {
        let mut state = self.state.lock().expect("no holder panics");
        state.sleepers.retain(|(_, wake)| !wake.is_closed());
        state.sleepers.len()
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        EPOCH_MS + self.elapsed_ms()
    }

    fn elapsed_ms(&self) -> u64 {
        self.state.lock().expect("no holder panics").elapsed_ms
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let mut state = self.state.lock().expect("no holder panics");
        state.slept.push(ms);
        let until_ms = state.elapsed_ms.saturating_add(ms);
        if self.auto {
            let clock = self.clone();
            return async move {
                // Others run first, as they would while one sleeps.
                tokio::task::yield_now().await;
                let mut state = clock.state.lock().expect("no holder panics");
                state.elapsed_ms = state.elapsed_ms.max(until_ms);
            }
            .boxed();
        }
        if ms == 0 {
            return async {}.boxed();
        }
        let (wake, woken) = oneshot::channel();
        state.sleepers.push((until_ms, wake));
        async move {
            // The clock is gone with its test.
            let _ = woken.await;
        }
        .boxed()
    }
}
