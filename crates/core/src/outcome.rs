//! What came back from a call: a reply, and what it used.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Price;

/// What the journal keeps of a call and the script awaits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub reply: Reply,
    #[serde(default, skip_serializing_if = "Usage::is_zero")]
    pub usage: Usage,
    /// Model turns taken; 0 for what is no agent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turns: u32,
    /// What an isolated agent changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply {
    /// Text, the object that satisfied the schema, a script to run, or `null` of a timer.
    Done(Value),
    Failed(Failure),
}

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The script asked for something that cannot be: bad options, an agent type that does not exist.
    BadCall,
    /// The reply never satisfied the schema.
    Schema,
    /// A token or dollar limit.
    Budget,
    /// The agent cap, or another count.
    Cap,
    /// The agent's own time limit.
    Timeout,
    /// The model declined.
    Refused,
    /// The provider called the request wrong (400).
    BadRequest,
    /// A provider's fault that retries did not cure.
    Provider,
    /// No final reply within the turns allowed.
    TurnLimit,
    /// The reply was cut off at its token limit.
    Truncated,
    /// The workspace could not be made ready.
    Workspace,
    /// The work touched what decides about it.
    Tampered,
    /// `verified()` ended, and its work did not land.
    NotLanded,
    /// The oracle could not be asked.
    Oracle,
    /// Nobody was there to answer a question.
    Unanswered,
    /// The simulated model was told to fail.
    Simulated,
    /// A person skipped or stopped it.
    Skipped,
    /// The script's own exception inside `parallel` or `pipeline`.
    Thrown,
}

/// How a failure reaches the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The promise resolves to `null`, and `failures()` says why.
    Null,
    /// The promise rejects.
    Throw,
}

/// Tokens of one or many replies, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input tokens billed at the full rate: neither read from nor written to the cache.
    pub input_tokens: u64,
    pub output_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub tool_calls: u64,
    /// By the provider's own web search, which it bills apart from tokens.
    #[serde(skip_serializing_if = "is_zero")]
    pub web_searches: u64,
    /// What the requests cost whose price is known, in millionths of a dollar, at the prices of their time.
    #[serde(skip_serializing_if = "is_zero")]
    pub usd_micros: u64,
    /// Requests whose price nobody knows.
    #[serde(skip_serializing_if = "is_zero")]
    pub unpriced: u64,
    /// Requests whose usage nobody reported. What is known of them is counted above.
    #[serde(skip_serializing_if = "is_zero")]
    pub unconfirmed: u64,
    /// What those may have used besides, at most: it counts against budgets.
    #[serde(skip_serializing_if = "is_zero")]
    pub unconfirmed_output_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub unconfirmed_usd_micros: u64,
}

/// The work of an isolated agent, as a commit of the run's own repository: it needs no workspace any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Patch {
    /// Has `base` as its only parent.
    pub commit: String,
    pub base: String,
    /// Files that differ from the base.
    pub files: u64,
    /// Unified, from `base`; cut in the middle where it is long, and says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff: String,
}

/// Whether the program finished. Says nothing about whether the work is right: see [`Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    Running,
    Completed,
    /// It finished, but agents died, were refused or cut short.
    Degraded,
    Failed,
    Stopped,
    Paused,
}

/// Whether the work passed its oracle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    #[default]
    Unverified,
}

impl Outcome {
    pub fn done(value: impl Into<Value>) -> Self {
        Self { reply: Reply::Done(value.into()), usage: Usage::default(), turns: 0, patch: None }
    }

    pub fn failed(kind: FailureKind, message: impl Into<String>) -> Self {
        let reply = Reply::Failed(Failure { kind, message: message.into() });
        Self { reply, usage: Usage::default(), turns: 0, patch: None }
    }

    pub fn with_usage(self, usage: Usage) -> Self {
        Self { usage, ..self }
    }
}

impl Patch {
    pub fn without_diff(&self) -> Self {
        let Self { commit, base, files, diff: _ } = self;
        Self { commit: commit.clone(), base: base.clone(), files: *files, diff: String::new() }
    }
}

impl FailureKind {
    pub fn surface(self) -> Surface {
        use FailureKind::*;
        match self {
            BadCall | Schema | Budget | Cap | Oracle | Unanswered => Surface::Throw,
            Timeout | Refused | BadRequest | Provider | TurnLimit | Truncated | Workspace | Tampered
            | NotLanded | Simulated | Skipped | Thrown => Surface::Null,
        }
    }

    /// The name in `failures()` and in results: `snake_case`.
    pub fn name(self) -> &'static str {
        use FailureKind::*;
        match self {
            BadCall => "bad_call",
            Schema => "schema",
            Budget => "budget",
            Cap => "cap",
            Timeout => "timeout",
            Refused => "refused",
            BadRequest => "bad_request",
            Provider => "provider",
            TurnLimit => "turn_limit",
            Truncated => "truncated",
            Workspace => "workspace",
            Tampered => "tampered",
            NotLanded => "not_landed",
            Oracle => "oracle",
            Unanswered => "unanswered",
            Simulated => "simulated",
            Skipped => "skipped",
            Thrown => "thrown",
        }
    }

    /// Whether a limit that a person set was what ended it (exit status 3).
    pub fn is_limit(self) -> bool {
        matches!(self, FailureKind::Budget | FailureKind::Cap)
    }
}

impl Usage {
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// All input, cached or not.
    pub fn input_total(&self) -> u64 {
        self.input_tokens + self.cache_read_tokens + self.cache_write_tokens
    }

    /// What counts against a budget of output tokens: all that may have been used.
    pub fn output_tokens_max(&self) -> u64 {
        self.output_tokens.saturating_add(self.unconfirmed_output_tokens)
    }

    /// What counts against a budget in millionths of a dollar: all that may have been billed.
    pub fn usd_micros_max(&self) -> u64 {
        self.usd_micros.saturating_add(self.unconfirmed_usd_micros)
    }

    /// Millionths of a dollar; `None`: the price of some of it is not known.
    pub fn usd_micros(&self) -> Option<u64> {
        (self.unpriced == 0).then_some(self.usd_micros)
    }

    /// With what it costs at this price, as one request.
    pub fn priced(self, price: Option<Price>) -> Self {
        match price {
            Some(price) => Self { usd_micros: price.cost(&self), ..self },
            None => Self { unpriced: 1, ..self },
        }
    }

    /// What is left of it without `part`.
    pub fn minus(self, part: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_sub(part.input_tokens),
            output_tokens: self.output_tokens.saturating_sub(part.output_tokens),
            cache_read_tokens: self.cache_read_tokens.saturating_sub(part.cache_read_tokens),
            cache_write_tokens: self.cache_write_tokens.saturating_sub(part.cache_write_tokens),
            tool_calls: self.tool_calls.saturating_sub(part.tool_calls),
            web_searches: self.web_searches.saturating_sub(part.web_searches),
            usd_micros: self.usd_micros.saturating_sub(part.usd_micros),
            unpriced: self.unpriced.saturating_sub(part.unpriced),
            unconfirmed: self.unconfirmed.saturating_sub(part.unconfirmed),
            unconfirmed_output_tokens: self
                .unconfirmed_output_tokens
                .saturating_sub(part.unconfirmed_output_tokens),
            unconfirmed_usd_micros: self.unconfirmed_usd_micros.saturating_sub(part.unconfirmed_usd_micros),
        }
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.tool_calls += other.tool_calls;
        self.web_searches += other.web_searches;
        self.usd_micros += other.usd_micros;
        self.unpriced += other.unpriced;
        self.unconfirmed += other.unconfirmed;
        self.unconfirmed_output_tokens += other.unconfirmed_output_tokens;
        self.unconfirmed_usd_micros += other.unconfirmed_usd_micros;
    }
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
