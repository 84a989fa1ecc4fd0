//! The only place that tries a turn again: classes, back-off, and when to give up.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use fanfold_core::{Halt, HaltKind};

use super::fault::Fault;
use super::gate::{Closed, Gate, Permit};
use crate::wire::{TurnCx, TurnError};

#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// How long passing faults are waited out before the run pauses.
    pub window: Duration,
    /// Tries of a request that keeps breaking while others to the same provider succeed.
    pub own_faults_max: u32,
    /// Replies to one request that broke in the middle, whoever else succeeds: each of them is paid.
    pub cut_max: u32,
    /// Tries of all agents together while the provider has never answered at all.
    pub unreachable_max: u32,
    /// Tries when what comes is no reply at all (a web page).
    pub garbage_max: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60 * 60),
            own_faults_max: 8,
            cut_max: 16,
            unreachable_max: 4,
            garbage_max: 3,
        }
    }
}

const BACKOFF_MS: u64 = 500;
const BACKOFF_MAX_MS: u64 = 30_000;

/// The tries of one turn.
pub(super) struct Tries<'a> {
    policy: RetryPolicy,
    gate: &'a Gate,
    cx: &'a TurnCx<'a>,
    provider: &'a str,
    base_url: &'a str,
    /// What the caller set: so many retries and no more.
    retries_max: Option<u32>,
    failed: u32,
    own_faults: u32,
    cut: u32,
    garbage: u32,
    first_fault_ms: Option<u64>,
    /// All waits that the provider asked for.
    asked: Duration,
    successes_before: u64,
    last: String,
}

impl<'a> Tries<'a> {
    pub fn new(
        policy: RetryPolicy,
        gate: &'a Gate,
        cx: &'a TurnCx<'a>,
        provider: &'a str,
        base_url: &'a str,
        retries_max: Option<u32>,
    ) -> Self {
        Self {
            policy,
            gate,
            cx,
            provider,
            base_url,
            retries_max,
            failed: 0,
            own_faults: 0,
            cut: 0,
            garbage: 0,
            first_fault_ms: None,
            asked: Duration::ZERO,
            successes_before: gate.successes(),
            last: String::new(),
        }
    }

    /// Waits for the provider's gate.
    pub async fn admit(&self) -> Result<Permit<'a>, TurnError> {
        let deadline_ms = self.first_fault_ms.map(|first| self.deadline_ms(first));
        match self.gate.admit(self.cx, deadline_ms, self.failed > 0).await {
            Ok(permit) => Ok(permit),
            Err(Closed::TooLong) => Err(self.outage()),
            Err(Closed::NobodyThere) => Err(self.nobody_there()),
        }
    }

    /// Returns once the turn may be tried again, or with the error that ends it. `was_cut`: the try broke in
    /// the middle of its answer.
    pub async fn after(&mut self, permit: Permit<'a>, fault: Fault, was_cut: bool) -> Result<(), TurnError> {
        let now_ms = self.cx.clock.elapsed_ms();
        let first_ms = *self.first_fault_ms.get_or_insert(now_ms);
        self.failed += 1;
        let mut own_wait = false;
        match fault {
            Fault::Stop(error) => return Err(error),
            Fault::Unreachable(why) => {
                self.last = why;
                let failures = self.gate.shut(permit, now_ms, &self.announce(), None, false);
                if !self.gate.has_answered() {
                    if failures >= self.policy.unreachable_max {
                        self.gate.surrender();
                        return Err(self.nobody_there());
                    }
                    // No other agent would fare better.
                    if self.is_spent() {
                        return Err(self.nobody_there());
                    }
                }
            }
            Fault::Busy { message, wait } => {
                self.last = message;
                if wait.is_some_and(|wait| wait > self.policy.window) {
                    return Err(self.outage());
                }
                self.asked += wait.unwrap_or_default();
                self.gate.shut(permit, now_ms, &self.announce(), wait, true);
            }
            Fault::Hiccup(why) => {
                self.own_faults += 1;
                self.cut += u32::from(was_cut);
                self.last = why;
                let others_succeed = self.gate.successes() > self.successes_before;
                if others_succeed && self.own_faults >= self.policy.own_faults_max {
                    return Err(TurnError::Failed(self.last.clone()));
                }
                if self.cut >= self.policy.cut_max {
                    return Err(outage(format!("{} replies in a row broke: {}", self.cut, self.last)));
                }
                own_wait = !permit.is_probing();
                self.fail_probe(permit, now_ms);
            }
            Fault::Garbage(why) => {
                self.garbage += 1;
                self.last = why;
                if self.garbage >= self.policy.garbage_max {
                    return Err(TurnError::Failed(self.last.clone()));
                }
                own_wait = !permit.is_probing();
                self.fail_probe(permit, now_ms);
            }
        }
        if self.is_spent() {
            return Err(TurnError::Failed(self.last.clone()));
        }
        if now_ms >= self.deadline_ms(first_ms) {
            return Err(self.outage());
        }
        self.cx.watch.waiting(self.announce());
        if own_wait {
            self.cx.clock.sleep(jitter(backoff(self.failed - 1))).await;
        }
        Ok(())
    }

    /// Gives the permit back; if others wait for this request, they wait for the next one.
    fn fail_probe(&self, permit: Permit<'a>, now_ms: u64) {
        if permit.is_probing() {
            self.gate.shut(permit, now_ms, &self.announce(), None, false);
        }
    }

    /// The caller's own count of retries is used up.
    fn is_spent(&self) -> bool {
        self.retries_max.is_some_and(|max| self.failed > max)
    }

    fn announce(&self) -> String {
        format!("{}: trying again", self.last)
    }

    /// The window, prolonged (at most doubled) by the waits that the provider itself asked for.
    fn deadline_ms(&self, first_fault_ms: u64) -> u64 {
        let patience = self.policy.window + self.asked.min(self.policy.window);
        first_fault_ms.saturating_add(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX))
    }

    fn outage(&self) -> TurnError {
        let minutes = self.policy.window.as_secs() / 60;
        outage(match self.last.as_str() {
            "" => format!("{} did not recover within {minutes} min", self.provider),
            last => format!("{} did not recover within {minutes} min: {last}", self.provider),
        })
    }

    fn nobody_there(&self) -> TurnError {
        let Self { provider, base_url, last, .. } = self;
        let mut message = format!("no model server answers for `{provider}` at {base_url}");
        if !last.is_empty() {
            message.push_str(": ");
            message.push_str(last);
        }
        let hint = format!("start it, or correct the base URL of `{provider}`");
        Halt { kind: HaltKind::Unreachable, message, hint }.into()
    }
}

fn outage(message: String) -> TurnError {
    let hint = "nothing is lost: resume the run when the provider is back".to_owned();
    Halt { kind: HaltKind::Outage, message, hint }.into()
}

/// The longest wait after `failures` earlier ones.
pub(super) fn backoff(failures: u32) -> u64 {
    BACKOFF_MS.saturating_mul(1 << failures.min(16)).min(BACKOFF_MAX_MS)
}

/// Full jitter: anything up to `max_ms`. Not reproducible on purpose: processes must not agree.
pub(super) fn jitter(max_ms: u64) -> u64 {
    RandomState::new().hash_one(max_ms) % (max_ms + 1)
}
