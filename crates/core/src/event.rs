//! What a watcher sees. Every screen, file and wire format is a fold over [`Event`]s.
//!
//! Many and best effort, where the journal is few and durable. Field order is the order on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{CallKey, Failure, Judgement, Landing, Patch, Progress, RunStatus, Usage, Verdict};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Dense from 0 within a run; a gap means that events were dropped.
    pub seq: u64,
    /// Milliseconds since the Unix epoch, by the run's clock.
    pub at: u64,
    #[serde(flatten)]
    pub body: EventBody,
}

/// Grouped by the noun it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "snake_case")]
pub enum EventBody {
    #[serde(rename = "run.created")]
    RunCreated { run_id: String, workflow: String, run_dir: String, simulated: bool },
    #[serde(rename = "run.started")]
    RunStarted {
        run_id: String,
        workflow: String,
        run_dir: String,
        simulated: bool,
        attempt: u32,
        model: String,
        concurrency: u32,
        phases: Vec<String>,
        /// Output tokens that the run may use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget_usd_micros: Option<u64>,
    },
    #[serde(rename = "run.paused")]
    RunPaused { reason: String },
    #[serde(rename = "run.resumed")]
    RunResumed {},
    /// Always last.
    #[serde(rename = "run.ended")]
    RunEnded {
        status: RunStatus,
        verdict: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        usage: Usage,
        duration_ms: u64,
    },

    #[serde(rename = "phase.started")]
    PhaseStarted { title: String },
    #[serde(rename = "phase.ended")]
    PhaseEnded { title: String },

    #[serde(rename = "agent.queued")]
    AgentQueued {
        agent: CallKey,
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        model: String,
    },
    #[serde(rename = "agent.started")]
    AgentStarted { agent: CallKey },
    #[serde(rename = "agent.progress")]
    AgentProgress {
        agent: CallKey,
        #[serde(flatten)]
        progress: Progress,
    },
    #[serde(rename = "agent.ended")]
    AgentEnded {
        agent: CallKey,
        #[serde(flatten)]
        end: Box<AgentEnd>,
    },

    #[serde(rename = "oracle.started")]
    OracleStarted {
        oracle: CallKey,
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
    },
    #[serde(rename = "oracle.ended")]
    OracleEnded {
        oracle: CallKey,
        source: Source,
        /// `None`: it could not be asked, or a patch did not get as far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        judgement: Option<Box<Judgement>>,
        /// Of a patch that asked to land.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        landing: Option<Box<Landing>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
        duration_ms: u64,
    },

    #[serde(rename = "question.asked")]
    QuestionAsked {
        question: CallKey,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<String>,
    },
    #[serde(rename = "question.answered")]
    QuestionAnswered { question: CallKey, answer: Value },

    #[serde(rename = "log")]
    Log { level: LogLevel, message: String },
    /// Half, four fifths, nearly all of a cap is used up. `scope`: `run` or ``phase `TITLE` ``; `unit`:
    /// `output_tokens` or `usd_micros`.
    #[serde(rename = "budget.warned")]
    BudgetWarned { scope: String, percent: u32, spent: u64, total: u64, unit: String },

    /// A kind of a later version: kept, never fatal.
    #[serde(untagged)]
    Other(Value),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct AgentEnd {
    pub source: Source,
    /// `None`: it did its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "Usage::is_zero")]
    pub usage: Usage,
    #[serde(default)]
    pub turns: u32,
    pub duration_ms: u64,
    /// What an isolated agent changed, without its diff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Live,
    /// Taken from the journal.
    Replayed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// `log()` of the script.
    Info,
    /// `console.*` of the script.
    Debug,
    Warning,
}
