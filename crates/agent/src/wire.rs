//! One model turn as plain data, whatever the provider: what is sent, what comes back, what can go wrong.

use std::sync::Arc;
use std::time::Duration;

use fanfold_core::{Effort, Failure, Halt, Usage};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A model behind some wire.
pub trait Model: Send + Sync {
    /// One turn. Retries of passing faults are the model's own business ("one retry owner"); what comes
    /// back as an error is final for this agent, or for the whole run ([`TurnError::Halt`]).
    /// Cancelled by drop.
    fn turn<'a>(
        &'a self,
        request: &'a TurnRequest,
        cx: &'a TurnCx<'a>,
    ) -> BoxFuture<'a, Result<TurnReply, TurnError>>;

    /// Facts about `model` that the loop needs.
    fn limits(&self, model: &str) -> ModelLimits;
}

/// What a turn is given besides its request.
pub struct TurnCx<'a> {
    pub clock: &'a dyn fanfold_core::Clock,
    pub watch: &'a dyn TurnWatch,
}

/// Told what happens to a turn before its reply is there.
pub trait TurnWatch: Send + Sync {
    /// It has to wait (provider busy, a sibling's cache): `why` is one line for a person. The wait lasts until
    /// [`TurnWatch::answering`], over as many tries as it takes.
    fn waiting(&self, why: String);

    /// The provider has begun to answer.
    fn answering(&self);

    /// Asks for leave to send a request. Resolves to the longest reply that may be asked for; waits while
    /// others hold what is missing.
    fn reserve<'a>(&'a self, worst: Worst) -> BoxFuture<'a, Result<u64, Failure>>;

    /// What became of the request that leave was given for. Told nothing, it counts as fully spent.
    fn ended(&self, bill: Bill);
}

/// The most that one request can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worst {
    pub input_tokens: u64,
    pub web_searches: u64,
    pub output_tokens: u64,
}

/// What a provider bills for one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bill {
    /// It was never accepted.
    Nothing,
    /// For a whole reply.
    Reported(Usage),
    /// The reply is whole, and the provider did not say what it bills: our own count.
    Estimated(Usage),
    /// It broke. What is known of it, estimated where it did not come to that.
    Unknown(Usage),
}

#[derive(Clone, Debug)]
pub struct TurnRequest {
    /// The provider's own id, without the `provider/` prefix.
    pub model: String,
    /// Stable across the agents of a run, so that the provider's cache can hold it: shared by reference.
    pub system: Arc<str>,
    pub tools: Arc<Vec<ToolSpec>>,
    pub messages: Vec<Message>,
    pub tool_choice: ToolChoice,
    pub max_tokens: u64,
    pub temperature: Option<f64>,
    pub effort: Option<Effort>,
    /// `false`: neither cache marks nor waiting for a sibling's cache.
    pub prompt_caching: bool,
    /// The provider's own web search may be used.
    pub web_search: bool,
    pub retries: Option<u32>,
    pub stall: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    pub name: String,
    pub description: String,
    pub input_schema: Value,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum ToolChoice {
    #[default]
    Auto,
    /// Exactly this tool must be called.
    Tool(String),
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub content: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    User,
    Assistant,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        /// `Err`: what the model sent is no JSON; the raw text, to be shown to it.
        #[serde(with = "tool_input")]
        input: Result<Value, String>,
    },
    ToolResult {
        id: String,
        content: String,
        #[serde(default)]
        is_error: bool,
    },
    /// What the provider wants back verbatim on the next turn (thinking with its signature, its own
    /// search results): opaque to everyone else.
    Opaque {
        value: Value,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct TurnReply {
    pub content: Vec<Block>,
    pub stop: Stop,
    pub usage: Usage,
    /// It was asked for a shorter reply than was wanted: no more was left of a budget.
    pub shortened: bool,
    /// The provider did not report usage: `usage` is our own count.
    pub usage_estimated: bool,
    /// As the provider names the model that answered.
    pub model: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    EndTurn,
    ToolUse,
    MaxTokens,
    Refusal,
    /// The provider paused a long turn of its own tools: send the same again.
    PauseTurn,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TurnError {
    /// 400 and the like: sending it again cannot help.
    #[error("the provider refused the request: {0}")]
    BadRequest(String),
    /// The request does not fit the model's window: the loop may trim and try again.
    #[error("the context is too long for the model: {0}")]
    TooLong(String),
    /// The model or a content filter declined.
    #[error("the model declined: {0}")]
    Refused(String),
    /// A passing fault that retries did not cure.
    #[error("the provider failed: {0}")]
    Failed(String),
    /// Too little is left to send it.
    #[error(transparent)]
    Budget(Failure),
    #[error(transparent)]
    Halt(#[from] Halt),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelLimits {
    /// Tokens of input and output together.
    pub context_tokens: u64,
    /// Tokens of one reply.
    pub output_tokens_max: u64,
    pub web_search: bool,
}

mod tool_input {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Input {
        Json(Value),
        Malformed(String),
    }

    pub fn serialize<S: Serializer>(input: &Result<Value, String>, to: S) -> Result<S::Ok, S::Error> {
        match input {
            Ok(value) => Input::Json(value.clone()),
            Err(raw) => Input::Malformed(raw.clone()),
        }
        .serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Result<Value, String>, D::Error> {
        Ok(match Input::deserialize(from)? {
            Input::Json(value) => Ok(value),
            Input::Malformed(raw) => Err(raw),
        })
    }
}
