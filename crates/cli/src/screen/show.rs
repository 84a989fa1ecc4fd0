//! `fanfold show RUN`: all that is known of one run, for people and as JSON.

use fanfold_core::{
    AgentState, AgentView, CallKey, Counts, Failure, Judgement, Landing, LogLevel, OracleView, Patch,
    RunView, Usage, Verdict,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::cost;
use super::live::level_tone;
use super::panel::sign;
use super::ps::RunState;
use super::style::{Line, Tone};
use super::summary::{self, field};
use super::table::{Column, Table};
use super::text;
use crate::cost::RunCost;

/// What `show` knows of a run, as `--json` prints it.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    pub run_id: &'a str,
    pub workflow: &'a str,
    pub status: &'static str,
    pub verdict: Verdict,
    pub simulated: bool,
    pub error: Option<&'a str>,
    pub model: &'a str,
    pub attempt: u32,
    /// Output tokens.
    pub budget: Option<u64>,
    pub budget_usd_micros: Option<u64>,
    /// Milliseconds since the Unix epoch, of the last attempt.
    pub started_at: u64,
    pub duration_ms: u64,
    pub peak_concurrency: u64,
    pub usage: Usage,
    /// `None`: the journal cannot be read.
    pub cost: Option<&'a RunCost>,
    pub phases: Vec<ShownPhase<'a>>,
    pub agents: Vec<ShownAgent<'a>>,
    pub oracles: Vec<ShownOracle<'a>>,
    #[serde(skip)]
    verdicts: Vec<Line>,
    pub logs: Vec<ShownLog<'a>>,
    pub result: Option<&'a RawValue>,
    pub resume: Option<String>,
    pub run_dir: &'a str,
    /// Lines of the events file that could not be read.
    pub unreadable_lines: u64,
}

#[derive(Debug, Serialize)]
pub struct ShownPhase<'a> {
    pub title: &'a str,
    pub agents: u64,
    pub finished: u64,
    pub failed: u64,
    pub unfinished: u64,
}

#[derive(Debug, Serialize)]
pub struct ShownAgent<'a> {
    pub agent: &'a CallKey,
    pub label: &'a str,
    pub phase: Option<&'a str>,
    pub model: &'a str,
    pub state: &'static str,
    pub turns: u32,
    pub tool_calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<&'a Patch>,
    #[serde(skip)]
    sign: (&'static str, Tone),
}

/// A run of the oracle.
#[derive(Debug, Serialize)]
pub struct ShownOracle<'a> {
    pub oracle: &'a CallKey,
    pub label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<&'a Judgement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<&'a Landing>,
    pub duration_ms: u64,
}

impl<'a> ShownOracle<'a> {
    fn new(view: &'a OracleView) -> Self {
        let end = view.ended.as_ref();
        Self {
            oracle: &view.key,
            label: &view.label,
            judgement: end.and_then(|end| end.judgement.as_ref()),
            landing: end.and_then(|end| end.landing.as_ref()),
            duration_ms: end.map(|end| end.duration_ms).unwrap_or_default(),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ShownLog<'a> {
    pub level: LogLevel,
    pub message: &'a str,
}

/// What the events do not say.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    pub state: RunState,
    /// What the script returned.
    pub result: Option<&'a RawValue>,
    pub cost: Option<&'a RunCost>,
    pub unreadable_lines: u64,
}

/// Of the log, for people.
const LOGS_MAX: usize = 20;
/// Of the result, for people.
const RESULT_LINES_MAX: usize = 20;
const RESULT_COLUMNS: usize = 2_000;
/// Of an agent's id, for people; longer where that would be ambiguous.
const ID_MIN: usize = 6;

impl<'a> Shown<'a> {
    pub fn new(view: &'a RunView, beside: Beside<'a>) -> Self {
        let ended = view.ended.as_ref();
        let phases = view.phases.iter().map(|phase| {
            let Counts { queued, running, done, replayed, failed } = phase.counts;
            ShownPhase {
                title: &phase.title,
                agents: phase.counts.total(),
                finished: done + replayed,
                failed,
                unfinished: queued + running,
            }
        });
        Self {
            run_id: &view.run_id,
            workflow: &view.workflow,
            status: beside.state.name(),
            verdict: ended.map(|ended| ended.verdict).unwrap_or_default(),
            simulated: view.simulated,
            error: ended.and_then(|ended| ended.error.as_deref()),
            model: &view.model,
            attempt: view.attempt,
            budget: view.budget,
            budget_usd_micros: view.budget_usd_micros,
            started_at: view.started_at,
            duration_ms: match ended {
                Some(ended) => ended.duration_ms,
                None => view.last_at.saturating_sub(view.started_at),
            },
            peak_concurrency: view.peak,
            usage: view.usage,
            cost: beside.cost,
            phases: phases.collect(),
            agents: view.agents.iter().map(|agent| shown_agent(view, agent)).collect(),
            oracles: view.oracles.iter().map(ShownOracle::new).collect(),
            verdicts: view
                .oracles
                .iter()
                .filter_map(|oracle| super::verdict::line(view, &oracle.key))
                .collect(),
            logs: view.logs.iter().map(|(level, message)| ShownLog { level: *level, message }).collect(),
            result: beside.result,
            resume: summary::resume_command(view).filter(|_| beside.state != RunState::Held),
            run_dir: &view.run_dir,
            unreadable_lines: beside.unreadable_lines,
        }
    }

    /// For a terminal of this many columns.
    pub fn lines(&self, columns: usize) -> Vec<Line> {
        let mut lines = self.header();
        lines.extend(self.phase_lines(columns));
        lines.extend(self.cost_lines(columns));
        lines.extend(self.agent_lines(columns));
        lines.extend(self.failure_lines());
        lines.extend(self.patch_lines());
        lines.extend(section(self.verdicts.clone(), !self.verdicts.is_empty()));
        lines.extend(self.log_lines());
        lines.extend(self.result_lines());
        lines.push(Line::new());
        lines.extend(field("run", self.run_dir, Tone::Plain));
        if let Some(command) = &self.resume {
            lines.push(Line::of(Tone::Dim, "resume: ").and(Tone::Accent, command));
        }
        if self.unreadable_lines > 0 {
            let note =
                format!("{} of its events could not be read", text::plural(self.unreadable_lines, "line"));
            lines.push(Line::of(Tone::Warn, &note));
        }
        lines
    }

    fn header(&self) -> Vec<Line> {
        let verdict = match self.verdict {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Unverified => "unverified",
        };
        let mut title =
            Line::of(Tone::Strong, self.workflow).and(Tone::Dim, "  ").and(Tone::Dim, self.run_id);
        if self.simulated {
            title.push(Tone::Warn, "  SIMULATED");
        }
        let mut lines = vec![title];
        lines.extend(field("status", self.status, Tone::Strong));
        lines.extend(field("verdict", verdict, Tone::Plain));
        if let Some(error) = self.error {
            lines.extend(field("error", error, Tone::Bad));
        }
        let attempt = if self.attempt > 1 { format!(", attempt {}", self.attempt) } else { String::new() };
        lines.extend(field("model", &format!("{}{attempt}", self.model), Tone::Plain));
        let started = text::timestamp(self.started_at);
        let time = format!(
            "{}, from {started}, at most {} at once",
            text::duration(self.duration_ms),
            self.peak_concurrency
        );
        lines.extend(field("time", &time, Tone::Plain));
        let Usage { output_tokens, tool_calls, .. } = self.usage;
        let (input, calls) = (text::count(self.usage.input_total()), text::plural(tool_calls, "tool call"));
        let budget =
            self.budget.map(|budget| format!(" of {} allowed", text::count(budget))).unwrap_or_default();
        let tokens = format!("{input} in, {} out{budget}, {calls}", text::count(output_tokens));
        lines.extend(field("tokens", &tokens, Tone::Plain));
        lines
    }

    fn phase_lines(&self, columns: usize) -> Vec<Line> {
        let mut table = Table::new([
            Column::left("phase").at_most(40),
            Column::right("agents"),
            Column::right("finished"),
            Column::right("failed"),
            Column::right("unfinished"),
        ]);
        for phase in &self.phases {
            table.row([
                (Tone::Plain, phase.title.to_owned()),
                (Tone::Plain, phase.agents.to_string()),
                (Tone::Plain, phase.finished.to_string()),
                (if phase.failed > 0 { Tone::Bad } else { Tone::Dim }, phase.failed.to_string()),
                (Tone::Dim, phase.unfinished.to_string()),
            ]);
        }
        section(table.lines(columns), !table.is_empty())
    }

    fn cost_lines(&self, columns: usize) -> Vec<Line> {
        let lines = match self.cost {
            Some(cost) => cost::run_lines(cost, columns),
            None => vec![Line::of(Tone::Warn, "what it cost is not known: its journal cannot be read")],
        };
        let some = !lines.is_empty();
        section(lines, some)
    }

    fn agent_lines(&self, columns: usize) -> Vec<Line> {
        let mut table = Table::new([
            Column::left(""),
            Column::left("id").at_least(ID_MIN),
            Column::left("agent").at_most(48),
            Column::left("phase").at_most(20),
            Column::left("state").at_least(8),
            Column::left("model"),
            Column::right("turns"),
            Column::right("tools"),
            Column::right("tokens"),
            Column::right("time"),
        ]);
        let keys: Vec<&CallKey> = self.agents.iter().map(|agent| agent.agent).collect();
        for (agent, id) in self.agents.iter().zip(short_ids(&keys)) {
            let (glyph, tone) = agent.sign;
            table.row([
                (tone, glyph.to_owned()),
                (Tone::Dim, id.to_owned()),
                (Tone::Plain, agent.label.to_owned()),
                (Tone::Dim, agent.phase.unwrap_or_default().to_owned()),
                (tone, agent.state.to_owned()),
                (Tone::Dim, if agent.model == self.model { String::new() } else { agent.model.to_owned() }),
                (Tone::Plain, agent.turns.to_string()),
                (Tone::Plain, agent.tool_calls.to_string()),
                (Tone::Plain, text::count(agent.input_tokens + agent.output_tokens)),
                (Tone::Plain, text::duration(agent.duration_ms)),
            ]);
        }
        section(table.lines(columns), !table.is_empty())
    }

    /// In full: this is where they are looked up.
    fn failure_lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for agent in &self.agents {
            let Some(failure) = agent.failure else { continue };
            let mut line = Line::of(Tone::Bad, "✗ ").and(Tone::Plain, agent.label);
            if let Some(phase) = agent.phase {
                line.push(Tone::Dim, &format!(" ({phase})"));
            }
            line.push(Tone::Bad, &format!("  {}", failure.kind.name()));
            lines.push(line);
            lines.extend(
                failure.message.lines().map(|text| Line::of(Tone::Plain, "  ").and(Tone::Plain, text)),
            );
        }
        let some = !lines.is_empty();
        section(lines, some)
    }

    fn patch_lines(&self) -> Vec<Line> {
        let mut table =
            Table::new([Column::left("patch"), Column::right("files changed"), Column::left("by")]);
        for agent in &self.agents {
            let Some(patch) = agent.patch else { continue };
            table.row([
                (Tone::Plain, patch.commit.clone()),
                (Tone::Plain, patch.files.to_string()),
                (Tone::Dim, agent.label.to_owned()),
            ]);
        }
        // Paths are to be copied: never cut.
        section(table.lines(usize::MAX), !table.is_empty())
    }

    fn log_lines(&self) -> Vec<Line> {
        let hidden = self.logs.len().saturating_sub(LOGS_MAX);
        let mut lines = Vec::new();
        if hidden > 0 {
            let note = format!("… {hidden} earlier ones: fanfold logs {}", self.run_id);
            lines.push(Line::of(Tone::Dim, &note));
        }
        for log in &self.logs[hidden..] {
            lines.extend(log.message.lines().map(|text| Line::of(level_tone(log.level), text)));
        }
        let some = !lines.is_empty();
        section(lines, some)
    }

    fn result_lines(&self) -> Vec<Line> {
        let Some(result) = self.result else { return Vec::new() };
        let value: serde_json::Value = serde_json::from_str(result.get()).unwrap_or_default();
        let pretty = match value {
            serde_json::Value::String(text) => text,
            value => serde_json::to_string_pretty(&value).expect("JSON always serializes"),
        };
        let mut lines = vec![Line::of(Tone::Dim, "result")];
        lines.extend(
            pretty
                .lines()
                .take(RESULT_LINES_MAX)
                .map(|text| Line::of(Tone::Plain, text).clip(RESULT_COLUMNS)),
        );
        let hidden = pretty.lines().count().saturating_sub(RESULT_LINES_MAX);
        if hidden > 0 {
            let note = format!("… {hidden} more lines: fanfold show {} --json", self.run_id);
            lines.push(Line::of(Tone::Dim, &note));
        }
        section(lines, true)
    }
}

/// The shortest start of each key that no other key has, for typing.
pub fn short_ids<'a>(keys: &[&'a CallKey]) -> Vec<&'a str> {
    let mut sorted: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    sorted.sort_unstable();
    let common = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let short = |key: &&'a CallKey| {
        let key = key.as_str();
        let at = sorted.partition_point(|other| *other < key);
        let before = at.checked_sub(1).map_or(0, |before| common(sorted[before], key));
        let after = sorted.get(at + 1).map_or(0, |after| common(after, key));
        let end = (before.max(after) + 1).max(ID_MIN).min(key.len());
        key.get(..end).unwrap_or(key)
    };
    keys.iter().map(short).collect()
}

fn shown_agent<'a>(view: &'a RunView, agent: &'a AgentView) -> ShownAgent<'a> {
    ShownAgent {
        agent: &agent.key,
        label: &agent.label,
        phase: agent.phase.map(|phase| view.phases[phase].title.as_str()),
        model: &agent.model,
        state: match agent.state {
            AgentState::Queued => "queued",
            AgentState::Running => "running",
            AgentState::Done => "done",
            AgentState::Replayed => "replayed",
            AgentState::Failed => "failed",
        },
        turns: agent.turns,
        tool_calls: agent.tool_calls,
        input_tokens: agent.input_tokens,
        output_tokens: agent.output_tokens,
        duration_ms: agent.duration_ms,
        failure: agent.failure.as_ref(),
        patch: agent.patch.as_ref(),
        sign: sign(agent.state),
    }
}

fn section(mut lines: Vec<Line>, some: bool) -> Vec<Line> {
    if !some {
        return Vec::new();
    }
    lines.insert(0, Line::new());
    lines
}
