//! What a script asks of the engine: every thing it can wait for is one [`Call`] on one path.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cap;

/// One request of a script whose promise the engine settles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Call {
    Agent(Box<AgentCall>),
    Workflow(WorkflowCall),
    Timer(TimerCall),
    Oracle(Box<OracleCall>),
    Land(Box<LandCall>),
    Ask(Box<AskCall>),
}

/// `agent(prompt, opts)`, decoded. Field names are the script's option names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentCall {
    pub prompt: String,
    /// For people: never part of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The group it is shown under, already resolved against `phase()`; never part of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// JSON Schema (draft 2020-12, object root) that the reply must satisfy; `None` means free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Arc<Value>>,
    /// `provider/model`, a bare id or an alias, as written; `None` and `inherit` mean the run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    #[serde(default)]
    pub isolation: Isolation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The only tools it may use; `None` means those of its agent type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disallowed_tools: Vec<String>,
    /// Time limit of the whole agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How long a model may send nothing before the turn is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall_ms: Option<u64>,
    /// How often a turn is tried again after a passing fault of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// `false`: asked again on every resume.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub cache: bool,
    /// Files attached to the prompt, as paths relative to the workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
    /// The commit from which an isolated agent goes on: a patch of this run, or where a merge stands. `None`:
    /// what has landed so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The script is handed `{value, patch}` instead of the value: of an agent that works for `verified()`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hands_over_patch: bool,
    /// What this agent may spend; never part of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Cap>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Isolation {
    /// The agent works in the run's own directory.
    #[default]
    Shared,
    /// The agent works in a fresh workspace: an overlay over a pinned checkout, or a git worktree.
    Worktree,
}

/// `workflow(nameOrRef, args)`: settles to the text of the script that is to run in place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowCall {
    pub target: WorkflowTarget,
    /// `Some(Null)` is `null`, `None` is `undefined`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub args: Option<Value>,
}

/// For fields where a `null` that is there means something else than no field.
pub fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkflowTarget {
    Name(String),
    ScriptPath(String),
}

/// `oracle()`, and the steps of `verified()` that it decides: settles to a [`Judgement`](crate::Judgement).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OracleCall {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The commit to judge. `None`: the run's branch if anything landed on it, else the workspace as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// Laid over the tree before it is judged: tests of reviewers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<NewFile>,
    pub moment: Moment,
    /// Instead of the oracle: a quick check of one item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<ItemCheck>,
}

/// Who asks the oracle, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Moment {
    /// The script, wherever it does.
    #[default]
    Asked,
    /// The engine, before anything changed.
    Start,
    /// The engine, when the script has ended and nothing judged what its agents left.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFile {
    /// Relative to the root of the repository.
    pub path: String,
    pub content: String,
}

/// A command that is given the item as its first argument (`"$1"`), never as part of its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemCheck {
    pub command: String,
    pub item: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// The last step of `verified()`: settles to a [`Landing`](crate::Landing).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LandCall {
    /// The commit whose change is to land.
    pub patch: String,
    /// First line of the commit's message.
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Of reviewers, shown to fail without the patch: they land with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<NewFile>,
    /// It may land without an oracle.
    #[serde(skip_serializing_if = "is_false")]
    pub on_opinions: bool,
}

/// `ask(question, {options, default})`: settles to the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AskCall {
    pub question: String,
    /// Empty: any text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}

/// `setTimeout`: settles to nothing after `ms` of the run's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerCall {
    pub ms: u64,
}

impl AgentCall {
    pub fn new(prompt: impl Into<String>) -> Self {
        Self { prompt: prompt.into(), cache: true, ..Self::default() }
    }

    /// What a person sees it called: its label, or the start of its prompt (at most 48 characters).
    pub fn title(&self) -> String {
        match &self.label {
            Some(label) => label.clone(),
            None => {
                let line = self.prompt.trim_start().lines().next().unwrap_or_default();
                let mut title: String = line.chars().take(48).collect();
                if title.len() < line.len() {
                    title.push('…');
                }
                title
            }
        }
    }
}

fn yes() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_true(value: &bool) -> bool {
    *value
}
