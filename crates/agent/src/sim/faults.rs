//! Trouble that a scenario asks for, weathered as real trouble is: passing faults are tried again after a wait,
//! an outage stops the run, the rest ends the agent. All waiting is on the run's clock.

use fanfold_core::{AgentCx, AgentJob, FailureKind, Halt, HaltKind, Progress};

use super::draw::Draws;
use super::scenario::{Fail, FaultKind, Rule};

/// How long a provider may be down before the run stops.
const OUTAGE_WINDOW_MS: u64 = 60 * 60 * 1_000;
/// The waits between tries double from the first to the last of these, and are then shortened at random.
const BACKOFF_MS: (u64, u64) = (1_000, 60_000);
/// What a provider that limits the rate asks one to wait.
const RETRY_AFTER_MS: u64 = 30_000;
/// How often a cut stream is asked for again, unless the call says otherwise.
const CUT_STREAM_RETRIES: u64 = 10;
/// Replies that may miss the schema.
const SCHEMA_ATTEMPTS: u64 = 5;

/// How it ended.
pub(super) enum Weathered {
    /// The agent goes on, after this many turns that came to nothing.
    Through {
        further_turns: u64,
    },
    Ended(FailureKind, String),
}

/// An agent's time limit, and what is left of it.
pub(super) struct Patience<'a> {
    cx: &'a AgentCx,
    limit_ms: Option<u64>,
    left_ms: u64,
}

impl<'a> Patience<'a> {
    pub fn new(job: &AgentJob, cx: &'a AgentCx) -> Self {
        let limit_ms = job.call.timeout_ms;
        Self { cx, limit_ms, left_ms: limit_ms.unwrap_or(u64::MAX) }
    }

    /// `false`: the agent's time was up before.
    pub async fn wait(&mut self, ms: u64) -> bool {
        let waited = ms.min(self.left_ms);
        if waited > 0 {
            self.cx.clock.sleep(waited).await;
        }
        self.left_ms -= waited;
        waited == ms
    }

    pub fn timeout(&self) -> (FailureKind, String) {
        let limit = self.limit_ms.map_or("its time limit".into(), |ms| format!("its time limit of {ms} ms"));
        (FailureKind::Timeout, format!("the agent reached {limit} (simulated)"))
    }
}

/// Goes through what the `fail` of `rule` asks for, if anything. The number beside the rule counts its calls.
pub(super) async fn weather(
    rule: Option<(&Rule, u64)>,
    job: &AgentJob,
    latency_ms: u64,
    draws: &mut Draws,
    patience: &mut Patience<'_>,
) -> Result<Weathered, Halt> {
    let through = Weathered::Through { further_turns: 0 };
    let Some((rule, nth)) = rule else { return Ok(through) };
    let Some(Fail { kind, times }) = rule.answer.fail else { return Ok(through) };
    let times = times.unwrap_or(u64::MAX);
    match kind {
        // Nothing that is tried again: `times` counts calls.
        FaultKind::Timeout | FaultKind::Refused if nth > times => Ok(through),
        FaultKind::Timeout => {
            let left = patience.limit_ms.map_or(latency_ms, |_| patience.left_ms);
            patience.wait(left).await;
            let (kind, message) = patience.timeout();
            Ok(Weathered::Ended(kind, format!("{message}, as {rule} of the scenario says")))
        }
        FaultKind::Refused => {
            patience.wait(latency_ms).await;
            let message = format!("the simulated model declined, as {rule} of the scenario says");
            Ok(Weathered::Ended(FailureKind::Refused, message))
        }
        FaultKind::BadJson => Ok(malformed(rule, job, times, latency_ms, patience).await),
        FaultKind::Overloaded | FaultKind::RateLimit | FaultKind::CutStream => {
            passing(rule, kind, times, job, latency_ms, draws, patience).await
        }
    }
}

async fn passing(
    rule: &Rule,
    kind: FaultKind,
    times: u64,
    job: &AgentJob,
    latency_ms: u64,
    draws: &mut Draws,
    patience: &mut Patience<'_>,
) -> Result<Weathered, Halt> {
    let own_limit = job.call.retries.map(u64::from);
    let retries_max = match kind {
        FaultKind::CutStream => own_limit.unwrap_or(CUT_STREAM_RETRIES),
        _ => own_limit.unwrap_or(u64::MAX),
    };
    let mut down_ms = 0;
    for tried in 0..times {
        if tried >= retries_max {
            let message = format!(
                "the provider failed {} times ({}), as {rule} of the scenario says",
                tried + 1,
                kind.name()
            );
            return Ok(Weathered::Ended(FailureKind::Provider, message));
        }
        if kind == FaultKind::CutStream && !patience.wait(latency_ms / 2).await {
            let (kind, message) = patience.timeout();
            return Ok(Weathered::Ended(kind, message));
        }
        let wait_ms = match kind {
            FaultKind::RateLimit => RETRY_AFTER_MS,
            _ => {
                let most = BACKOFF_MS.0.saturating_mul(1 << tried.min(16)).min(BACKOFF_MS.1);
                1 + (draws.unit() * most as f64) as u64
            }
        };
        down_ms += wait_ms;
        if down_ms > OUTAGE_WINDOW_MS {
            return Err(Halt {
                kind: HaltKind::Outage,
                message: format!(
                    "the simulated provider was down ({}) for longer than {} minutes, as {rule} of the scenario says",
                    kind.name(),
                    OUTAGE_WINDOW_MS / 60_000
                ),
                hint: "a `fail` without `times` never passes; give it a number to see the run recover".into(),
            });
        }
        (patience.cx.progress)(Progress::Waiting {
            why: format!("{} (simulated), {wait_ms} ms", kind.name()),
        });
        if !patience.wait(wait_ms).await {
            let (kind, message) = patience.timeout();
            return Ok(Weathered::Ended(kind, message));
        }
    }
    Ok(Weathered::Through { further_turns: 0 })
}

/// Replies that are no JSON, each answered with what is wrong with it.
async fn malformed(
    rule: &Rule,
    job: &AgentJob,
    times: u64,
    latency_ms: u64,
    patience: &mut Patience<'_>,
) -> Weathered {
    let attempts = times.min(SCHEMA_ATTEMPTS);
    for _ in 0..attempts {
        if !patience.wait(latency_ms / 4).await {
            let (kind, message) = patience.timeout();
            return Weathered::Ended(kind, message);
        }
    }
    if times < SCHEMA_ATTEMPTS {
        return Weathered::Through { further_turns: times };
    }
    let (kind, what) = match job.call.schema {
        Some(_) => (FailureKind::Schema, "the reply never satisfied the schema"),
        None => (FailureKind::TurnLimit, "no final reply was given"),
    };
    let last = "at the root: the reply is no JSON: EOF while parsing an object";
    let message =
        format!("{what} in {SCHEMA_ATTEMPTS} attempts, as {rule} of the scenario says; the last one: {last}");
    Weathered::Ended(kind, message)
}
