//! What a run came to: the document of `--json`, and the exit status.

use fanfold_core::{CallKey, Cap, Failure, Location, Patch, RunStatus, Usage, Verdict, WhyLive};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Serialize, Deserialize)]
pub struct RunReport {
    pub run_id: String,
    pub workflow: String,
    pub status: RunStatus,
    pub verdict: Verdict,
    /// What the script returned, as JSON.
    pub result: Option<Box<RawValue>>,
    pub error: Option<ErrorReport>,
    pub agents: AgentCounts,
    pub failures: Vec<FailureReport>,
    /// What isolated agents changed besides what landed, without the diffs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<Patch>,
    pub usage: UsageReport,
    /// The caps of the run and what is left of them; absent where nothing was limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetReport>,
    pub journal: JournalReport,
    /// By the run's clock: virtual time when simulated.
    pub duration_ms: u64,
    pub run_dir: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorReport {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The script threw, hung or broke a limit of its sandbox.
    Script,
    /// A person stopped the run.
    Stopped,
    /// The run's time limit passed.
    TimeLimit,
    /// The provider refused the credentials.
    Credentials,
    /// No model could be reached.
    Unreachable,
    SpendLimit,
    Outage,
    /// The oracle could not be asked.
    Oracle,
    /// The journal could not be written.
    Journal,
}

/// `started` counts agents that really ran in this process; `replayed` those taken from the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCounts {
    pub started: u64,
    pub completed: u64,
    pub replayed: u64,
    pub failed: u64,
    pub skipped: u64,
    /// Cut off by the end of the run: at most the last turn of each was paid and is lost.
    pub unfinished: u64,
    pub peak_concurrency: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// `None`: the script's own exception inside `parallel` or `pipeline`.
    pub agent: Option<CallKey>,
    pub label: String,
    pub phase: Option<String>,
    #[serde(flatten)]
    pub failure: Failure,
}

/// Totals of the run over all its attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsageReport {
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cache_read_tokens: u64,
    pub cache_write_tokens: u64,
    pub tool_calls: u64,
    /// `None`: some of it has no known price. Of a simulated run: what it would have cost.
    pub usd: Option<f64>,
    /// Requests whose usage nobody reported: what is known of them is in the numbers above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unconfirmed: u64,
    /// What those may have cost besides, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed_usd: Option<f64>,
    pub simulated: bool,
}

/// Caps of a run over all its attempts, and what is left of them. Dollars are millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetReport {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Left>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_micros: Option<Left>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub total: u64,
    pub unused: u64,
}

/// What keeping the run cost in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalReport {
    /// Of all attempts.
    pub entries: u64,
    pub syncs: u64,
    /// Time spent in syncs, in microseconds.
    pub sync_us: u64,
}

/// A call that a resume would make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    pub agent: CallKey,
    pub label: String,
    pub phase: Option<String>,
    pub model: String,
    pub why: WhyLive,
}

impl UsageReport {
    pub(crate) fn new(usage: Usage, simulated: bool) -> Self {
        let Usage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, tool_calls, .. } =
            usage;
        // A simulated model without a price costs what it really costs.
        let usd_micros = usage.usd_micros().or(simulated.then_some(usage.usd_micros));
        let usd = usd_micros.map(|micros| micros as f64 / 1e6);
        Self {
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_write_tokens,
            tool_calls,
            usd,
            unconfirmed: usage.unconfirmed,
            unconfirmed_usd: (usage.unconfirmed_usd_micros > 0)
                .then_some(usage.unconfirmed_usd_micros as f64 / 1e6),
            simulated,
        }
    }
}

impl BudgetReport {
    pub(crate) fn of(cap: Cap, used: Usage) -> Option<Self> {
        let left = |total: u64, spent: u64| Left { total, unused: total.saturating_sub(spent) };
        let report = Self {
            output_tokens: cap.output_tokens.map(|total| left(total, used.output_tokens_max())),
            usd_micros: cap.usd_micros.map(|total| left(total, used.usd_micros_max())),
        };
        (!cap.is_none()).then_some(report)
    }
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}
