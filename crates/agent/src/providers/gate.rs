//! One door per provider that all requests to it pass: while the provider is down or limits our rate,
//! one request probes and the others wait with it.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use super::retry::{backoff, jitter};
use crate::wire::TurnCx;

/// The width stops being limited once it has grown back to this.
const WIDTH_MAX: usize = 4_096;
/// Those that were shut out together start again within this time, not at one moment.
const SPREAD_MS: u64 = 1_000;
const CROWDED: &str = "the provider was busy: fewer requests at once";

#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    shut: Option<Shut>,
    in_flight: usize,
    /// Requests at once, after the provider was found busy: halved then, one more for each success.
    width: Option<usize>,
    /// It has answered anything at all since this process began.
    answered: bool,
    successes: u64,
    /// How often all who waited were told to give up.
    surrenders: u64,
}

/// Why a request may not be sent at all.
pub(super) enum Closed {
    /// The provider did not come back in time.
    TooLong,
    /// A sibling found out that no server is there.
    NobodyThere,
}

/// Nobody but one probe passes.
struct Shut {
    why: String,
    /// In the run's elapsed time: before that, not even the probe.
    until_ms: u64,
    failures: u32,
    probing: bool,
}

/// The right to send one request; given back by drop.
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    probe: bool,
}

impl Gate {
    /// Waits until a request may be sent, or `deadline_ms` (elapsed time of the run) has come. `told`: a wait
    /// of this turn has been told of already.
    pub async fn admit(
        &self,
        cx: &TurnCx<'_>,
        deadline_ms: Option<u64>,
        mut told: bool,
    ) -> Result<Permit<'_>, Closed> {
        let surrenders = self.lock().surrenders;
        let mut shut_out = false;
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Listens from here on, so that no change is missed between the look and the wait.
            changed.as_mut().enable();
            let (sleep_ms, why) = match self.look(cx.clock.elapsed_ms(), shut_out) {
                Look::Pass(permit) => return Ok(permit),
                Look::Spread => {
                    cx.clock.sleep(jitter(SPREAD_MS)).await;
                    shut_out = false;
                    continue;
                }
                Look::Shut { ms, why } => {
                    shut_out = true;
                    (ms, why)
                }
                Look::Crowded => (None, CROWDED.to_owned()),
            };
            if !std::mem::replace(&mut told, true) {
                cx.watch.waiting(why);
            }
            let left_ms = deadline_ms.map(|deadline| deadline.saturating_sub(cx.clock.elapsed_ms()));
            if left_ms == Some(0) {
                return Err(Closed::TooLong);
            }
            match sleep_ms {
                Some(ms) => {
                    let ms = left_ms.map_or(ms, |left| left.min(ms));
                    match select(cx.clock.sleep(ms), changed).await {
                        Either::Left(_) | Either::Right(_) => {}
                    }
                }
                // What is awaited has timers of its own.
                None => changed.await,
            }
            if self.lock().surrenders != surrenders {
                return Err(Closed::NobodyThere);
            }
        }
    }

    /// Nobody is there: all who wait give up, and whoever comes later begins anew.
    pub fn surrender(&self) {
        let mut state = self.lock();
        state.surrenders += 1;
        state.shut = None;
        drop(state);
        self.changed.notify_waiters();
    }

    fn look(&self, now_ms: u64, shut_out: bool) -> Look<'_> {
        let state = &mut *self.lock();
        let probe = match &mut state.shut {
            Some(shut) if shut.probing => return Look::Shut { ms: None, why: shut.why.clone() },
            Some(shut) if now_ms < shut.until_ms => {
                let ms = shut.until_ms - now_ms;
                return Look::Shut { ms: Some(ms), why: shut.why.clone() };
            }
            Some(shut) => {
                shut.probing = true;
                true
            }
            None if state.width.is_some_and(|width| state.in_flight >= width) => {
                return Look::Crowded;
            }
            // A thousand that waited together do not start together.
            None if shut_out => return Look::Spread,
            None => false,
        };
        state.in_flight += 1;
        Look::Pass(Permit { gate: self, probe })
    }

    /// The provider is busy or gone: shut the door for `wait`, and for longer each time a probe fails.
    /// Returns how many have failed in a row, whoever sent them.
    pub fn shut(
        &self,
        permit: Permit<'_>,
        now_ms: u64,
        why: &str,
        wait: Option<Duration>,
        narrow: bool,
    ) -> u32 {
        let state = &mut *self.lock();
        let asked_ms = wait.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let in_flight = state.in_flight;
        match &mut state.shut {
            // One of many that were under way when it shut: it only may know a later time.
            Some(shut) if !permit.probe => {
                shut.until_ms = shut.until_ms.max(now_ms.saturating_add(asked_ms));
                shut.failures
            }
            shut => {
                let failures = shut.as_ref().map_or(0, |shut| shut.failures);
                let until_ms = now_ms.saturating_add(asked_ms).saturating_add(jitter(backoff(failures)));
                *shut = Some(Shut { why: why.to_owned(), until_ms, failures: failures + 1, probing: false });
                if narrow && failures == 0 {
                    state.width = Some((in_flight / 2).max(1));
                }
                failures + 1
            }
        }
    }

    /// It has answered anything at all since this process began.
    pub fn has_answered(&self) -> bool {
        self.lock().answered
    }

    /// Replies that came through so far.
    pub fn successes(&self) -> u64 {
        self.lock().successes
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }
}

enum Look<'a> {
    Pass(Permit<'a>),
    /// It may pass, but not at the same moment as all others.
    Spread,
    /// For so long, or until the probe is back.
    Shut {
        ms: Option<u64>,
        why: String,
    },
    Crowded,
}

impl Permit<'_> {
    /// Somebody is there, whatever he says.
    pub fn reached(&self) {
        self.gate.lock().answered = true;
    }

    /// The provider began to answer: it is there again.
    pub fn answered(&self) {
        if self.probe && self.gate.lock().shut.take().is_some() {
            self.gate.changed.notify_waiters();
        }
    }

    /// Others wait for what becomes of this request.
    pub fn is_probing(&self) -> bool {
        self.probe && self.gate.lock().shut.is_some()
    }

    /// The whole reply came.
    pub fn succeeded(self) {
        let mut state = self.gate.lock();
        state.successes += 1;
        if let Some(width) = state.width {
            state.width = (width < WIDTH_MAX).then_some(width + 1);
            drop(state);
            self.gate.changed.notify_one();
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.in_flight -= 1;
        let width_limited = state.width.is_some();
        match &mut state.shut {
            Some(shut) if self.probe => {
                // It failed or was cancelled: another has to probe.
                shut.probing = false;
                drop(state);
                self.gate.changed.notify_waiters();
            }
            _ if width_limited => {
                drop(state);
                self.gate.changed.notify_one();
            }
            _ => {}
        }
    }
}
