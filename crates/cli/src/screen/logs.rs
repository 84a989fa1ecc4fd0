//! `fanfold logs RUN [AGENT]`: what a run said, or what one of its agents did.

use fanfold_core::{AgentView, CallKey, Event, EventBody, LogLevel, RunView};

use super::show::short_ids;
use super::style::{Line, Tone};
use super::text;

/// Folds the events of a run into the lines of its log.
#[derive(Default)]
pub struct RunLog {
    view: RunView,
}

/// `AGENT` of a command line names no agent, or several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhichAgent {
    #[error("no agent `{asked}` in this run{}", .nearest.as_ref().map(|label| format!("; did you mean `{label}`?")).unwrap_or_default())]
    None { asked: String, nearest: Option<String> },
    #[error("`{asked}` fits several agents: {}; name one by its id", .ids.join(", "))]
    Several { asked: String, ids: Vec<String> },
}

/// Agents named in an error.
const SEVERAL_MAX: usize = 5;

impl RunLog {
    /// What `event` adds to the log.
    pub fn lines(&mut self, event: &Event) -> Vec<Line> {
        self.view.apply(event);
        match &event.body {
            EventBody::RunStarted { attempt, model, .. } => {
                let mut line = Line::of(Tone::Strong, &format!("attempt {attempt}"));
                line.push(Tone::Dim, &format!("  {}  {model}", text::timestamp(event.at)));
                if self.view.simulated {
                    line.push(Tone::Warn, "  SIMULATED");
                }
                vec![line]
            }
            EventBody::Log { level, message } => match level {
                LogLevel::Info => self.stamped(event, "log", Tone::Plain, message),
                LogLevel::Debug => self.stamped(event, "console", Tone::Dim, message),
                LogLevel::Warning => self.stamped(event, "warning", Tone::Warn, message),
            },
            EventBody::AgentEnded { agent, end } => match (&end.failure, self.view.agent(agent)) {
                (Some(failure), Some(agent)) => {
                    let message = format!("{}  {}: {}", agent.label, failure.kind.name(), failure.message);
                    self.stamped(event, "failed", Tone::Bad, &message)
                }
                _ => Vec::new(),
            },
            EventBody::PhaseStarted { title } => self.stamped(event, "phase", Tone::Accent, title),
            EventBody::BudgetWarned { .. } => match self.view.logs.last() {
                Some((_, message)) => self.stamped(event, "budget", Tone::Warn, &message.clone()),
                None => Vec::new(),
            },
            EventBody::RunPaused { reason } => self.stamped(event, "paused", Tone::Warn, reason),
            EventBody::RunResumed {} => self.stamped(event, "resumed", Tone::Plain, "goes on"),
            EventBody::RunEnded { status, error, .. } => {
                let (name, tone) = super::summary::status(*status);
                let mut message = name.to_owned();
                if let Some(error) = error {
                    message = format!("{name}: {error}");
                }
                self.stamped(event, "ended", tone, &message)
            }
            EventBody::OracleEnded { oracle, .. } => match super::verdict::line(&self.view, oracle) {
                Some(line) => {
                    let mut stamped = self.stamped(event, "oracle", Tone::Plain, " ");
                    stamped.iter_mut().for_each(|first| first.append(line.clone()));
                    stamped
                }
                None => Vec::new(),
            },
            EventBody::QuestionAsked { text, .. } => self.stamped(event, "asked", Tone::Accent, text),
            EventBody::QuestionAnswered { answer, .. } => {
                self.stamped(event, "answered", Tone::Plain, &answer.to_string())
            }
            EventBody::RunCreated { .. }
            | EventBody::OracleStarted { .. }
            | EventBody::PhaseEnded { .. }
            | EventBody::AgentQueued { .. }
            | EventBody::AgentStarted { .. }
            | EventBody::AgentProgress { .. }
            | EventBody::Other(_) => Vec::new(),
        }
    }

    /// Each line with the time since the attempt began.
    fn stamped(&self, event: &Event, what: &str, tone: Tone, message: &str) -> Vec<Line> {
        let since = text::duration(event.at.saturating_sub(self.view.started_at));
        let line = |text| Line::of(Tone::Dim, &format!("{since:>7}  {what:<8}")).and(tone, text);
        message.lines().map(line).collect()
    }
}

/// The agent that `asked` names: its id, a start of the id that no other has, or its label.
pub fn find_agent<'a>(view: &'a RunView, asked: &str) -> Result<&'a AgentView, WhichAgent> {
    if let Some(agent) = view.agent(&CallKey::from(asked)) {
        return Ok(agent);
    }
    let labelled: Vec<&AgentView> = view.agents.iter().filter(|agent| agent.label == asked).collect();
    let fitting = match labelled.is_empty() {
        true => view.agents.iter().filter(|agent| agent.key.as_str().starts_with(asked)).collect(),
        false => labelled,
    };
    match fitting[..] {
        [agent] => Ok(agent),
        [] => {
            let labels =
                view.agents.iter().map(|agent| (strsim::jaro_winkler(&agent.label, asked), &agent.label));
            let nearest = labels.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.8);
            Err(WhichAgent::None {
                asked: asked.to_owned(),
                nearest: nearest.map(|(_, label)| label.clone()),
            })
        }
        _ => {
            let keys: Vec<&CallKey> = view.agents.iter().map(|agent| &agent.key).collect();
            let ids = keys
                .iter()
                .zip(short_ids(&keys))
                .filter(|(key, _)| fitting.iter().any(|agent| agent.key == ***key));
            let ids = ids.map(|(_, id)| id.to_owned()).take(SEVERAL_MAX).collect();
            Err(WhichAgent::Several { asked: asked.to_owned(), ids })
        }
    }
}
