//! The simulated model: a backend that spends nothing, answers at once in real time, and is the same for the same seed.
//!
//! What an agent replies follows from the seed and its call's key, never from the order of calls; but for what
//! counts calls by its nature: the policy `nulls`, and `nth` and `times` of a scenario's rules, which count in the
//! order in which agents start.

mod assumptions;
mod document;
mod draw;
mod facts;
mod faults;
mod number;
mod oracle;
mod past;
mod pattern;
mod policy;
mod scenario;
mod solve;
mod spending;
mod strings;
mod text;
mod value;
mod workspace;
mod yaml;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::key::short_digest;
use fanfold_core::schema::nearest;
use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, FailureKind, Halt, Outcome, Price, Progress, Resolved, Usage,
    tokens,
};
use futures_util::future::BoxFuture;
use serde_json::Value;

pub use assumptions::{Defaults, Guess, Latency, Replies, ToolTurns};
pub use oracle::SimOracle;
pub use past::{Exchange, Past, Used};
pub use policy::{Policy, UnknownPolicy};
pub use scenario::{Scenario, ScenarioError};
pub use workspace::Edits;

use crate::isolation::OpenWorkspaces;
use draw::Draws;
use faults::{Patience, Weathered};
use scenario::{Rule, RuleCounts};
use spending::Work;
use value::Template;

/// How a simulation goes.
#[derive(Clone)]
pub struct SimConfig {
    pub seed: u64,
    pub policy: Policy,
    pub scenario: Option<Scenario>,
    pub latency: Latency,
    pub tool_turns: ToolTurns,
    /// Consulted before `latency` and instead of `tool_turns`.
    pub past: Option<Arc<dyn Past>>,
    /// Whether a scenario's `edit`s touch files.
    pub edits: Edits,
    /// Where `edit` writes, and `context` files are read. `None`: both are refused.
    pub workspace: Option<PathBuf>,
    /// For a scenario's edits by isolated agents. `None`: they are refused.
    pub workspaces: Option<OpenWorkspaces>,
    /// Real paths, relative to the workspace, for replies that name files; may be empty.
    pub files: Vec<String>,
    /// The model of calls that name none.
    pub model: String,
    /// What a call's model, as the script names it, would cost; `None`: nobody knows.
    pub price: Option<PriceOf>,
    /// Agent types besides the built-in ones: name to digest of the definition.
    pub agent_types: BTreeMap<String, String>,
}

/// Prices by model.
pub type PriceOf = Arc<dyn Fn(&str) -> Option<Price> + Send + Sync>;

/// Answers by scenario and policy.
pub struct SimBackend {
    config: SimConfig,
    templates: Templates,
    /// Agents started.
    started: AtomicU64,
    /// Of each rule of the scenario.
    counts: Vec<RuleCounts>,
}

/// By the schema's JSON text.
type Templates = Mutex<HashMap<Vec<u8>, Arc<SolvedSchema>>>;

struct SolvedSchema {
    template: Result<Template, String>,
    tokens: u64,
}

/// The agent types that are always there.
const BUILT_IN_TYPES: [&str; 3] = ["general-purpose", "Explore", "Plan"];

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            policy: Policy::default(),
            scenario: None,
            latency: Defaults::LATENCY,
            tool_turns: Defaults::TOOL_TURNS,
            past: None,
            edits: Edits::default(),
            workspace: None,
            workspaces: None,
            files: Vec::new(),
            model: Defaults::MODEL.into(),
            price: None,
            agent_types: BTreeMap::new(),
        }
    }
}

impl SimBackend {
    pub fn new(config: SimConfig) -> Self {
        let counts = config.scenario.as_ref().map(Scenario::counts).unwrap_or_default();
        Self { config, templates: Mutex::default(), started: AtomicU64::new(0), counts }
    }

    /// What the numbers of a simulated run rest on, in one line for a person.
    pub fn assumptions(&self) -> String {
        assumptions::in_words(self.config.latency, self.config.tool_turns)
    }

    fn digest_of_type(&self, name: &str) -> Result<String, String> {
        if let Some(digest) = self.config.agent_types.get(name) {
            return Ok(digest.clone());
        }
        if BUILT_IN_TYPES.contains(&name) {
            return Ok(short_digest(name.as_bytes()));
        }
        let others = self.config.agent_types.keys().map(String::as_str);
        let known: Vec<&str> = BUILT_IN_TYPES.into_iter().chain(others).collect();
        let meant =
            nearest(name, &known).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
        let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Err(format!("unknown agent type `{name}`{meant}, expected one of {list}"))
    }

    fn solved(&self, schema: &Value) -> Arc<SolvedSchema> {
        let text = serde_json::to_vec(schema).expect("plain data always serializes");
        let known = |templates: &HashMap<Vec<u8>, Arc<SolvedSchema>>| templates.get(&text).cloned();
        if let Some(solved) = known(&self.templates.lock().unwrap_or_else(PoisonError::into_inner)) {
            return solved;
        }
        let tokens = tokens::estimate(&String::from_utf8_lossy(&text));
        let template = Template::new(schema, self.config.policy, &self.config.files);
        let solved = Arc::new(SolvedSchema { template, tokens });
        self.templates.lock().unwrap_or_else(PoisonError::into_inner).insert(text, solved.clone());
        solved
    }

    async fn act(&self, job: &AgentJob, cx: &AgentCx, start: Start<'_>) -> Result<Outcome, Halt> {
        let rule = start.rule.map(|(rule, _)| rule);
        let unedited = BTreeMap::new();
        let edits = rule.map_or(&unedited, |rule| &rule.edits);
        let origin = workspace::origin(&self.config, job, edits);
        let mut draws = Draws::new(self.config.seed, job.key.as_str());
        let past = self.config.past.as_deref();
        let latency = past.and_then(|past| past.latency(job)).unwrap_or(self.config.latency);
        let drawn_ms = draws.spread(latency.spread());
        let mut turns = draws.spread(self.config.tool_turns.spread()) + 1;
        if let Some(max) = job.call.max_turns {
            turns = turns.min(u64::from(max.max(1)));
        }
        // A duration that nobody chose is no reason to run out of time.
        let drawn_ms = drawn_ms.min(job.call.timeout_ms.unwrap_or(u64::MAX));
        // Others get their turn even where no time is to pass. On the run's clock and on nothing else: an engine
        // that moves a virtual one takes whoever waits for the scheduler for idle, and time goes past it.
        let latency_ms = rule.and_then(|rule| rule.latency_ms).unwrap_or(drawn_ms).max(1);
        let schema = job.call.schema.as_deref().map(|schema| self.solved(schema));

        let mut patience = Patience::new(job, cx);
        let weathered = faults::weather(start.rule, job, latency_ms, &mut draws, &mut patience).await?;
        let (mut reply, latency_ms) = match weathered {
            Weathered::Ended(kind, message) => (Err((kind, message)), 0),
            Weathered::Through { further_turns } => {
                turns += further_turns;
                (self.reply(job, start, schema.as_deref(), &mut draws), latency_ms)
            }
        };

        let schema_tokens = schema.map_or(0, |schema| schema.tokens);
        let prompt_tokens = Defaults::SYSTEM_TOKENS + tokens::estimate(&job.call.prompt) + schema_tokens;
        let reply_tokens = match &reply {
            Ok(Value::String(text)) => tokens::estimate(text),
            Ok(value) => tokens::estimate(&value.to_string()),
            Err(_) => 0,
        };
        let drawn =
            || Used { usage: self.config.tool_turns.usage(prompt_tokens, reply_tokens, turns - 1), turns };
        let exchange = Exchange { prompt_tokens, reply_tokens };
        let Used { usage, turns } = past.map_or_else(drawn, |past| past.used(job, exchange));
        let usage = rule.map_or(usage, |rule| rule.usage.over(usage));
        let turns = u32::try_from(turns).unwrap_or(u32::MAX);
        let price = self.config.price.as_ref().and_then(|price| price(&job.resolved.model));
        let work = Work { usage, turns, latency_ms, price };
        let (usage, ended) = work.spend(cx, &mut patience).await;
        if let Err(cut_short) = ended {
            reply = Err(cut_short);
        }

        for path in edits.keys() {
            (cx.progress)(Progress::Tool { name: "edit".into(), brief: path.chars().take(80).collect() });
        }
        let mut patch = None;
        match workspace::edit(&self.config, job, origin, edits) {
            Ok(changed) => patch = changed,
            Err(problem) => {
                let whose = rule.map(|rule| format!("{rule} of the scenario: ")).unwrap_or_default();
                reply = Err((FailureKind::Workspace, format!("{whose}{problem}")));
            }
        }
        self.report(cx, turns, usage);
        let outcome = match reply {
            Ok(value) => Outcome::done(value),
            Err((kind, message)) => Outcome::failed(kind, message),
        };
        Ok(Outcome { usage, turns, patch, ..outcome })
    }

    /// What the agent says in the end, by its rule and else by the policy.
    fn reply(
        &self,
        job: &AgentJob,
        start: Start<'_>,
        schema: Option<&SolvedSchema>,
        draws: &mut Draws,
    ) -> Result<Value, (FailureKind, String)> {
        let template = match schema.map(|solved| &solved.template) {
            None => None,
            Some(Ok(template)) => Some(template),
            Some(Err(problem)) if start.rule.is_none_or(|(rule, _)| rule.answer.reply.is_none()) => {
                let message = format!(
                    "the simulated model found no value for the schema: {problem}; a scenario's `reply` can give one"
                );
                return Err((FailureKind::Schema, message));
            }
            Some(Err(_)) => None,
        };
        if let Some((rule, _)) = start.rule {
            if rule.answer.is_null {
                return Err((FailureKind::Simulated, format!("{rule} of the scenario says `null`")));
            }
            if let Some(reply) = &rule.answer.reply {
                return scripted(rule, reply, job, template);
            }
        }
        if self.config.policy.ends_as_null(start.nth) {
            let message = format!("simulated: the policy `{}` ends this agent as `null`", self.config.policy);
            return Err((FailureKind::Simulated, message));
        }
        Ok(match template {
            Some(template) => template.draw(draws, &job.call.prompt, &self.config.files),
            None => text::reply(&job.call.prompt, draws).into(),
        })
    }

    fn report(&self, cx: &AgentCx, turn: u32, usage: Usage) {
        let (input_tokens, output_tokens) = (usage.input_total(), usage.output_tokens);
        (cx.progress)(Progress::Turn { turn, input_tokens, output_tokens });
    }
}

/// What depends on the order in which agents start.
#[derive(Clone, Copy)]
struct Start<'a> {
    /// From 1.
    nth: u64,
    /// The rule that answers, and the how-manieth of its calls this is.
    rule: Option<(&'a Rule, u64)>,
}

impl Backend for SimBackend {
    fn resolve(&self, call: &AgentCall) -> Result<Resolved, String> {
        let model = call.model.as_deref().filter(|model| *model != "inherit").unwrap_or(&self.config.model);
        Ok(Resolved {
            oracle: None,
            model: model.to_owned(),
            backend: "sim".into(),
            agent_type: call.agent_type.as_deref().map(|name| self.digest_of_type(name)).transpose()?,
            context: workspace::digests(self.config.workspace.as_deref(), call)?,
            warnings: Vec::new(),
        })
    }

    fn run<'a>(&'a self, job: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>> {
        // Counted here, not when first polled: the order of starts is the engine's, and deterministic.
        let nth = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        let rule = self.config.scenario.as_ref().and_then(|scenario| scenario.rule(job, &self.counts));
        Box::pin(self.act(job, cx, Start { nth, rule }))
    }
}

/// The reply that a rule gives, if the call can take it.
fn scripted(
    rule: &Rule,
    reply: &Value,
    job: &AgentJob,
    template: Option<&Template>,
) -> Result<Value, (FailureKind, String)> {
    let Some(schema) = job.call.schema.as_deref() else {
        // Without a schema an agent's reply is its final text.
        return Ok(if reply.is_string() { reply.clone() } else { reply.to_string().into() });
    };
    let checked = match template {
        Some(template) => template.validate(reply),
        None => fanfold_core::schema::Schema::compile(schema).and_then(|schema| schema.validate(reply)),
    };
    match checked {
        Ok(()) => Ok(reply.clone()),
        Err(violation) => {
            let message = format!(
                "the `reply` of {rule} of the scenario does not satisfy the schema of the call: {violation}"
            );
            Err((FailureKind::Schema, message))
        }
    }
}
