//! Agents with the same prompt prefix: the first one writes the provider's cache, its siblings wait for
//! its answer to begin and then read it, instead of all paying the full price at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use crate::wire::TurnCx;

/// A sibling waits no longer than this.
const WAIT_MS: u64 = 5_000;
/// How long providers keep a prefix that nobody reads.
const WARM_MS: u64 = 5 * 60 * 1_000;
const PREFIXES_MAX: usize = 1_024;

/// What a prefix is known by.
pub(super) type Digest = [u8; 32];

#[derive(Default)]
pub(super) struct CacheGate {
    prefixes: Mutex<HashMap<Digest, Prefix>>,
}

enum Prefix {
    /// Somebody has sent it and no answer has begun yet.
    Leading(Arc<Notify>),
    /// In the provider's cache, read at that time (elapsed time of the run).
    Warm { at_ms: u64 },
}

/// Held by whoever sends a prefix first; dropped without [`Lead::began`], another takes its place.
pub(super) struct Lead<'a> {
    gate: &'a CacheGate,
    prefix: Digest,
}

impl CacheGate {
    /// Returns at once for the first with this prefix, and when it is warm; else waits for the first.
    pub async fn enter(&self, prefix: Digest, cx: &TurnCx<'_>) -> Option<Lead<'_>> {
        let give_up_ms = cx.clock.elapsed_ms() + WAIT_MS;
        let mut told = false;
        loop {
            let now_ms = cx.clock.elapsed_ms();
            let leading = {
                let mut prefixes = self.lock();
                match prefixes.get_mut(&prefix) {
                    Some(Prefix::Warm { at_ms }) if now_ms.saturating_sub(*at_ms) < WARM_MS => {
                        *at_ms = now_ms;
                        return None;
                    }
                    Some(Prefix::Leading(_)) if now_ms >= give_up_ms => return None,
                    Some(Prefix::Leading(notify)) => notify.clone(),
                    Some(Prefix::Warm { .. }) | None => {
                        if prefixes.len() >= PREFIXES_MAX {
                            prefixes.retain(|_, prefix| match prefix {
                                Prefix::Leading(_) => true,
                                Prefix::Warm { at_ms } => now_ms.saturating_sub(*at_ms) < WARM_MS,
                            });
                        }
                        if prefixes.len() < PREFIXES_MAX {
                            prefixes.insert(prefix, Prefix::Leading(Arc::default()));
                            return Some(Lead { gate: self, prefix });
                        }
                        return None;
                    }
                }
            };
            let mut began = std::pin::pin!(leading.notified());
            began.as_mut().enable();
            if !self.is_led_by(&prefix, &leading) {
                continue;
            }
            if !std::mem::replace(&mut told, true) {
                cx.watch.waiting("a sibling's prompt to be cached".to_owned());
            }
            match select(cx.clock.sleep(give_up_ms - now_ms), began).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        }
    }

    fn is_led_by(&self, prefix: &Digest, leading: &Arc<Notify>) -> bool {
        matches!(self.lock().get(prefix), Some(Prefix::Leading(notify)) if Arc::ptr_eq(notify, leading))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Prefix>> {
        self.prefixes.lock().expect("no holder panics")
    }
}

impl Lead<'_> {
    /// The answer has begun: the prefix is in the cache.
    pub fn began(self, now_ms: u64) {
        let before = self.gate.lock().insert(self.prefix, Prefix::Warm { at_ms: now_ms });
        if let Some(Prefix::Leading(notify)) = before {
            notify.notify_waiters();
        }
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut prefixes = self.gate.lock();
        if let Some(Prefix::Leading(notify)) = prefixes.get(&self.prefix) {
            let notify = notify.clone();
            prefixes.remove(&self.prefix);
            drop(prefixes);
            notify.notify_waiters();
        }
    }
}
