//! The state of a run as a watcher knows it: the fold that every screen draws.

use std::collections::HashMap;

use crate::budget::{about, dollars};
use crate::event::{LogLevel, Source};
use crate::{
    AgentEnd, CallKey, Event, EventBody, Failure, Judgement, Landing, Patch, Progress, RunStatus, Usage,
    Verdict,
};

#[derive(Clone, Debug, Default)]
pub struct RunView {
    pub run_id: String,
    pub workflow: String,
    pub run_dir: String,
    pub simulated: bool,
    pub model: String,
    pub attempt: u32,
    pub concurrency: u32,
    /// Output tokens that the run may use.
    pub budget: Option<u64>,
    /// Millionths of a dollar that it may spend.
    pub budget_usd_micros: Option<u64>,
    pub phases: Vec<PhaseView>,
    /// In the order in which they were queued.
    pub agents: Vec<AgentView>,
    by_key: HashMap<CallKey, usize>,
    /// Runs of the oracle, in the order in which they began; those for landing too.
    pub oracles: Vec<OracleView>,
    /// Patches that landed on the run's branch.
    pub landed: u64,
    pub questions: Vec<QuestionView>,
    pub counts: Counts,
    /// Most agents that ran at once.
    pub peak: u64,
    pub usage: Usage,
    pub logs: Vec<(LogLevel, String)>,
    /// Why it waits, while it is paused.
    pub paused: Option<String>,
    /// When the attempt began, in milliseconds since the Unix epoch; so are the other times.
    pub started_at: u64,
    pub last_at: u64,
    pub ended: Option<Ended>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    pub status: RunStatus,
    pub verdict: Verdict,
    pub error: Option<String>,
    pub duration_ms: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PhaseView {
    pub title: String,
    pub state: PhaseState,
    pub counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhaseState {
    #[default]
    Declared,
    Running,
    Ended,
}

/// Agents by state; their sum is the number of agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub queued: u64,
    pub running: u64,
    pub done: u64,
    pub replayed: u64,
    pub failed: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AgentView {
    pub key: CallKey,
    pub label: String,
    /// Index into [`RunView::phases`].
    pub phase: Option<usize>,
    pub model: String,
    pub state: AgentState,
    pub turns: u32,
    pub tool_calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// What it used in all, once it has ended.
    pub usage: Usage,
    /// What it does now, in one line.
    pub doing: String,
    /// Milliseconds since the Unix epoch; 0 while queued.
    pub started_at: u64,
    pub duration_ms: u64,
    pub failure: Option<Failure>,
    /// What it changed, if it was isolated.
    pub patch: Option<Patch>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OracleView {
    pub key: CallKey,
    pub label: String,
    /// Index into [`RunView::phases`].
    pub phase: Option<usize>,
    /// Milliseconds since the Unix epoch.
    pub started_at: u64,
    pub ended: Option<OracleEnd>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OracleEnd {
    pub source: Source,
    pub judgement: Option<Judgement>,
    pub landing: Option<Landing>,
    pub failure: Option<Failure>,
    pub duration_ms: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QuestionView {
    pub key: CallKey,
    pub text: String,
    pub options: Vec<String>,
    pub answer: Option<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentState {
    #[default]
    Queued,
    Running,
    Done,
    Replayed,
    Failed,
}

impl RunView {
    pub fn apply(&mut self, event: &Event) {
        self.last_at = self.last_at.max(event.at);
        match &event.body {
            EventBody::RunCreated { run_id, workflow, run_dir, simulated } => {
                *self = RunView {
                    run_id: run_id.clone(),
                    workflow: workflow.clone(),
                    run_dir: run_dir.clone(),
                    simulated: *simulated,
                    started_at: event.at,
                    last_at: event.at,
                    ..RunView::default()
                };
            }
            EventBody::RunStarted {
                run_id,
                workflow,
                run_dir,
                simulated,
                attempt,
                model,
                concurrency,
                phases,
                budget,
                budget_usd_micros,
            } => {
                // An attempt runs the whole script again; what earlier ones did comes back as replayed.
                *self = RunView {
                    run_id: run_id.clone(),
                    workflow: workflow.clone(),
                    run_dir: run_dir.clone(),
                    simulated: *simulated,
                    attempt: *attempt,
                    model: model.clone(),
                    concurrency: *concurrency,
                    budget: *budget,
                    budget_usd_micros: *budget_usd_micros,
                    started_at: event.at,
                    last_at: event.at,
                    ..RunView::default()
                };
                for title in phases {
                    self.phase(title);
                }
            }
            EventBody::RunPaused { reason } => self.paused = Some(reason.clone()),
            EventBody::RunResumed {} => self.paused = None,
            EventBody::BudgetWarned { scope, percent, spent, total, unit } => {
                let (spent, total) = match unit.as_str() {
                    "usd_micros" => (about(*spent), dollars(*total)),
                    _ => (spent.to_string(), format!("{total} output tokens")),
                };
                let message = format!("{percent}% of the budget of the {scope} is used: {spent} of {total}");
                self.logs.push((LogLevel::Warning, message));
            }
            EventBody::RunEnded { status, verdict, error, usage, duration_ms } => {
                self.usage = *usage;
                self.ended = Some(Ended {
                    status: *status,
                    verdict: *verdict,
                    error: error.clone(),
                    duration_ms: *duration_ms,
                });
            }
            EventBody::PhaseStarted { title } => {
                let phase = self.phase(title);
                self.phases[phase].state = PhaseState::Running;
            }
            EventBody::PhaseEnded { title } => {
                let phase = self.phase(title);
                self.phases[phase].state = PhaseState::Ended;
            }
            EventBody::AgentQueued { agent, label, phase, model } => {
                let phase = phase.as_ref().map(|title| self.phase(title));
                let view = AgentView {
                    key: agent.clone(),
                    label: label.clone(),
                    phase,
                    model: model.clone(),
                    state: AgentState::Queued,
                    turns: 0,
                    tool_calls: 0,
                    input_tokens: 0,
                    output_tokens: 0,
                    usage: Usage::default(),
                    doing: String::new(),
                    started_at: 0,
                    duration_ms: 0,
                    failure: None,
                    patch: None,
                };
                self.by_key.insert(agent.clone(), self.agents.len());
                self.agents.push(view);
                self.count(phase, AgentState::Queued, 1);
            }
            EventBody::AgentStarted { agent } => {
                self.set_state(agent, AgentState::Running);
                if let Some(view) = self.agent_mut(agent) {
                    view.started_at = event.at;
                }
            }
            EventBody::AgentProgress { agent, progress } => {
                if let Some(view) = self.agent_mut(agent) {
                    view.progress(progress);
                }
            }
            EventBody::AgentEnded { agent, end } => self.agent_ended(agent, end),
            EventBody::OracleStarted { oracle, label, phase } => {
                let phase = phase.as_ref().map(|title| self.phase(title));
                self.oracles.push(OracleView {
                    key: oracle.clone(),
                    label: label.clone(),
                    phase,
                    started_at: event.at,
                    ended: None,
                });
            }
            EventBody::OracleEnded { oracle, source, judgement, landing, failure, duration_ms } => {
                let end = OracleEnd {
                    source: *source,
                    judgement: judgement.as_deref().cloned(),
                    landing: landing.as_deref().cloned(),
                    failure: failure.clone(),
                    duration_ms: *duration_ms,
                };
                self.landed += u64::from(landing.as_ref().is_some_and(|landing| landing.landed));
                match self.oracles.iter_mut().rev().find(|view| view.key == *oracle) {
                    Some(view) => view.ended = Some(end),
                    None => self.oracles.push(OracleView {
                        key: oracle.clone(),
                        label: String::new(),
                        phase: None,
                        started_at: event.at,
                        ended: Some(end),
                    }),
                }
            }
            EventBody::QuestionAsked { question, text, options } => self.questions.push(QuestionView {
                key: question.clone(),
                text: text.clone(),
                options: options.clone(),
                answer: None,
            }),
            EventBody::QuestionAnswered { question, answer } => {
                if let Some(view) = self.questions.iter_mut().rev().find(|view| view.key == *question) {
                    view.answer = Some(answer.clone());
                }
            }
            EventBody::Log { level, message } => self.logs.push((*level, message.clone())),
            EventBody::Other(_) => (),
        }
    }

    pub fn agent(&self, key: &CallKey) -> Option<&AgentView> {
        self.by_key.get(key).map(|index| &self.agents[*index])
    }

    fn agent_mut(&mut self, key: &CallKey) -> Option<&mut AgentView> {
        self.by_key.get(key).map(|index| &mut self.agents[*index])
    }

    fn agent_ended(&mut self, key: &CallKey, end: &AgentEnd) {
        let state = match (&end.failure, end.source) {
            (Some(_), _) => AgentState::Failed,
            (None, Source::Live) => AgentState::Done,
            (None, Source::Replayed) => AgentState::Replayed,
        };
        self.set_state(key, state);
        self.usage += end.usage;
        if let Some(view) = self.agent_mut(key) {
            view.turns = end.turns;
            view.usage = end.usage;
            view.tool_calls = end.usage.tool_calls;
            view.input_tokens = end.usage.input_total();
            view.output_tokens = end.usage.output_tokens;
            view.duration_ms = end.duration_ms;
            view.failure = end.failure.clone();
            view.patch = end.patch.clone();
            view.doing.clear();
        }
    }

    fn set_state(&mut self, key: &CallKey, state: AgentState) {
        let Some(view) = self.agent_mut(key) else { return };
        let before = std::mem::replace(&mut view.state, state);
        let phase = view.phase;
        self.count(phase, before, -1);
        self.count(phase, state, 1);
        self.peak = self.peak.max(self.counts.running);
    }

    fn count(&mut self, phase: Option<usize>, state: AgentState, by: i64) {
        self.counts.add(state, by);
        if let Some(phase) = phase {
            self.phases[phase].counts.add(state, by);
        }
    }

    fn phase(&mut self, title: &str) -> usize {
        match self.phases.iter().position(|phase| phase.title == title) {
            Some(index) => index,
            None => {
                let phase = PhaseView {
                    title: title.to_owned(),
                    state: PhaseState::Declared,
                    counts: Counts::default(),
                };
                self.phases.push(phase);
                self.phases.len() - 1
            }
        }
    }
}

impl AgentView {
    fn progress(&mut self, progress: &Progress) {
        match progress {
            Progress::Turn { turn, input_tokens, output_tokens } => {
                self.turns = *turn;
                self.input_tokens = *input_tokens;
                self.output_tokens = *output_tokens;
            }
            Progress::Tool { name, brief } => {
                self.tool_calls += 1;
                self.doing = format!("{name} {brief}");
            }
            Progress::Waiting { why } => self.doing = why.clone(),
        }
    }
}

impl Counts {
    pub fn total(&self) -> u64 {
        self.queued + self.running + self.done + self.replayed + self.failed
    }

    /// Agents that need nothing more.
    pub fn ended(&self) -> u64 {
        self.done + self.replayed + self.failed
    }

    fn add(&mut self, state: AgentState, by: i64) {
        let count = match state {
            AgentState::Queued => &mut self.queued,
            AgentState::Running => &mut self.running,
            AgentState::Done => &mut self.done,
            AgentState::Replayed => &mut self.replayed,
            AgentState::Failed => &mut self.failed,
        };
        *count = count.saturating_add_signed(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_attempt_counts_its_agents_anew() {
        let key = CallKey::new("0123456789abcdef", 0);
        let agent = || key.clone();
        let started = |attempt| EventBody::RunStarted {
            run_id: "wf_abcdef".into(),
            workflow: "w".into(),
            run_dir: "/r".into(),
            simulated: true,
            attempt,
            model: "m".into(),
            concurrency: 1,
            phases: vec!["p".into()],
            budget: Some(10),
            budget_usd_micros: None,
        };
        let queued =
            || EventBody::AgentQueued { agent: agent(), label: "a".into(), phase: None, model: "m".into() };
        let ended = |source| {
            let usage = Usage { output_tokens: 5, ..Usage::default() };
            let end = AgentEnd { source, failure: None, usage, turns: 1, duration_ms: 1, patch: None };
            EventBody::AgentEnded { agent: agent(), end: Box::new(end) }
        };
        let created = EventBody::RunCreated {
            run_id: "wf_abcdef".into(),
            workflow: "w".into(),
            run_dir: "/r".into(),
            simulated: true,
        };
        let bodies = [
            created,
            started(1),
            queued(),
            EventBody::AgentStarted { agent: agent() },
            ended(Source::Live),
            started(2),
            queued(),
            ended(Source::Replayed),
        ];
        let mut view = RunView::default();
        for (seq, body) in bodies.into_iter().enumerate() {
            let seq = seq as u64;
            view.apply(&Event { seq, at: 100 * seq, body });
            if seq == 4 {
                assert_eq!((view.counts.done, view.peak, view.usage.output_tokens), (1, 1, 5));
            }
        }
        assert_eq!((view.counts.total(), view.counts.replayed, view.agents.len()), (1, 1, 1));
        assert_eq!(view.usage.output_tokens, 5, "paid for once");
        assert_eq!((view.run_id.as_str(), view.simulated, view.attempt), ("wf_abcdef", true, 2));
        assert_eq!(view.started_at, 500);
    }
}
