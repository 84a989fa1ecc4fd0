//! The two clocks of a run: the machine's, and a virtual one on which waiting costs nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fanfold_core::Clock;
use futures_util::future::BoxFuture;

/// The clock of one run. An engine advances a virtual one when nothing else can happen.
#[derive(Clone)]
pub enum RunClock {
    Real(Arc<RealClock>),
    Virtual(Arc<VirtualClock>),
}

pub struct RealClock {
    began: Instant,
}

/// Time that moves only when the engine says so, from one deadline to the next.
pub struct VirtualClock {
    state: Mutex<VirtualState>,
    epoch_ms: u64,
}

#[derive(Default)]
struct VirtualState {
    now_ms: u64,
    /// Handed out in order of deadline, then of asking.
    sleepers: BinaryHeap<Reverse<(u64, u64)>>,
    /// Whom to wake; `None` as long as a sleeper was not polled. A dropped one is not in here.
    wakers: HashMap<u64, Option<Waker>>,
    next_id: u64,
}

struct VirtualSleep {
    clock: Arc<VirtualClock>,
    id: u64,
    deadline_ms: u64,
}

impl RunClock {
    pub fn real() -> Self {
        RunClock::Real(Arc::new(RealClock { began: Instant::now() }))
    }

    pub fn simulated() -> Self {
        RunClock::Virtual(Arc::new(VirtualClock { state: Mutex::default(), epoch_ms: epoch_ms() }))
    }

    pub fn port(&self) -> Arc<dyn Clock> {
        match self {
            RunClock::Real(clock) => clock.clone(),
            RunClock::Virtual(clock) => Arc::new(VirtualPort(clock.clone())),
        }
    }

    /// Moves a virtual clock to its next deadline. `false`: nobody sleeps, or time moves by itself.
    pub(crate) fn advance(&self) -> bool {
        match self {
            RunClock::Real(_) => false,
            RunClock::Virtual(clock) => clock.advance(),
        }
    }

    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self, RunClock::Virtual(_))
    }
}

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        epoch_ms()
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}

/// A clock's port hands out sleeps that outlive the borrow, so it needs the `Arc`.
struct VirtualPort(Arc<VirtualClock>);

impl Clock for VirtualPort {
    fn now_ms(&self) -> u64 {
        self.0.epoch_ms + self.elapsed_ms()
    }

    fn elapsed_ms(&self) -> u64 {
        self.0.state().now_ms
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let mut state = self.0.state();
        let deadline_ms = state.now_ms.saturating_add(ms);
        let id = state.next_id;
        state.next_id += 1;
        state.sleepers.push(Reverse((deadline_ms, id)));
        state.wakers.insert(id, None);
        Box::pin(VirtualSleep { clock: self.0.clone(), id, deadline_ms })
    }
}

impl VirtualClock {
    fn state(&self) -> std::sync::MutexGuard<'_, VirtualState> {
        self.state.lock().expect("no panic while held")
    }

    fn advance(&self) -> bool {
        let mut state = self.state();
        let mut woken = Vec::new();
        while let Some(Reverse((deadline_ms, id))) = state.sleepers.peek().copied() {
            if !woken.is_empty() && deadline_ms > state.now_ms {
                break;
            }
            state.sleepers.pop();
            // The deadline of one that was dropped does not move time.
            if let Some(waker) = state.wakers.remove(&id) {
                state.now_ms = state.now_ms.max(deadline_ms);
                woken.push(waker);
            }
        }
        drop(state);
        let moved = !woken.is_empty();
        woken.into_iter().flatten().for_each(Waker::wake);
        moved
    }
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        if state.now_ms >= self.deadline_ms {
            return Poll::Ready(());
        }
        state.wakers.insert(self.id, Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        self.clock.state().wakers.remove(&self.id);
    }
}

fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn virtual_time_moves_from_deadline_to_deadline_and_skips_the_dropped() {
        let clock = RunClock::simulated();
        let port = clock.port();
        let mut long = port.sleep(100);
        let mut short = port.sleep(10);
        let mut dropped = port.sleep(50);
        for sleep in [&mut long, &mut short, &mut dropped] {
            assert!(sleep.now_or_never().is_none());
        }
        drop(dropped);
        assert!(clock.advance());
        assert_eq!(port.elapsed_ms(), 10);
        assert!((&mut short).now_or_never().is_some() && (&mut long).now_or_never().is_none());
        assert!(clock.advance());
        assert_eq!(port.elapsed_ms(), 100);
        assert!((&mut long).now_or_never().is_some());
        assert!(!clock.advance(), "nobody sleeps any more");
    }
}
