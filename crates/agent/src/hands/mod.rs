//! What carries out an agent's tool calls: this process, or one of the agent's own in the sandbox.
//!
//! ```text
//! engine                                     hands (first of its PID namespace)
//!   Setup {workspace, rules, bash}  ------->   opens the workspace
//!   Request {id, tool, input}       ------->   runs the tool; after a command kills all that it left
//!                                   <-------   Answer {id, result}
//! ```
//!
//! Frames of JSON over standard input and output. The engine believes nothing of what comes back but that
//! it is a text for the model: sizes, times and restarts are limited on its side.

mod message;
mod process;
mod serve;

use std::sync::Arc;

use serde_json::Value;

pub use message::{Answer, Request, Setup};
pub use process::{Launch, Process};
pub use serve::{HANDS, main};

use crate::tools::{self, Tool, ToolCx, Web};

/// Of one agent.
pub enum Hands {
    /// The tools run in the engine's own process: nothing confines them.
    InProcess(Arc<ToolCx>),
    /// Started at the first call: an agent that calls no tool has none.
    Process(Box<Process>),
    /// What there was to work in has been handed over and removed.
    Gone,
}

impl Hands {
    /// Carries out one call. `Err` is what the model is told went wrong; both are bounded in size.
    /// Cancelled by drop: what it started is gone, at the latest when the hands are dropped too.
    pub async fn call(&self, tool: Tool, input: &Value, web: &Web) -> Result<String, String> {
        match (tool, self) {
            // The network is the engine's: hands have none.
            (Tool::WebFetch, _) => web.fetch(input).await,
            (Tool::WebSearch, _) => Err("web search is the provider's: it cannot be called from here".into()),
            (_, Hands::InProcess(cx)) => tools::run(tool, input, cx).await,
            (_, Hands::Process(process)) => process.call(tool, input).await,
            (_, Hands::Gone) => Err("the work is handed over already: return your result".into()),
        }
    }

    /// Nothing of them is left afterwards.
    pub async fn close(self) {
        match self {
            Hands::InProcess(_) | Hands::Gone => (),
            Hands::Process(process) => process.close().await,
        }
    }
}
