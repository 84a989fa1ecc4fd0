//! What earlier agents took, for simulations that rest on it instead of the defaults.

use fanfold_core::{AgentJob, Usage};

use super::Latency;

/// Knows how agents of a workflow went before, and what to expect where it does not.
pub trait Past: Send + Sync {
    /// How long an agent takes; `None`: as the simulation's defaults say.
    fn latency(&self, job: &AgentJob) -> Option<Latency>;

    /// What an agent uses. Asked once of each, when its reply is known.
    fn used(&self, job: &AgentJob, exchange: Exchange) -> Used;
}

/// What an agent was sent, and what it said, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// With the system prompt, the tools and the schema.
    pub prompt_tokens: u64,
    /// As the simulated model wrote it; 0 where there was none.
    pub reply_tokens: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub usage: Usage,
    /// At least 1.
    pub turns: u64,
}
