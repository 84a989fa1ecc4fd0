//! The screen of a run where there is no terminal: a line for each thing that happened, within bounds.

use std::io::Write;

use fanfold_core::{AgentState, AgentView, CallKey, Event, EventBody, RunView, Source};

use super::live::level_tone;
use super::style::{Line, Style, Tone};
use super::summary::{self, Closing};
use super::{Screen, Ticks, text};

pub struct Plain<W: Write + Send> {
    out: W,
    style: Style,
    ticks: Ticks,
    view: RunView,
    /// Agents that ended well and have a line of their own.
    named: u64,
    /// Replayed agents that were told of.
    replayed_told: u64,
    told: Told,
}

/// The last line about many agents.
#[derive(Default)]
struct Told {
    at: u64,
    ended: u64,
}

/// Agents that get a line when they end well; failures always do.
const NAMED_MAX: u64 = 200;
/// Between two lines about many agents.
const TOLD_MS: u64 = 1_000;
/// After this, less than a step is worth a line, so that a reader sees that the run is alive.
const TOLD_SLOW_MS: u64 = 30_000;
/// A step is one of this many parts of the agents known.
const STEPS: u64 = 20;
const LABEL_COLUMNS: usize = 60;
const MESSAGE_COLUMNS: usize = 500;

impl<W: Write + Send> Plain<W> {
    pub fn new(out: W, style: Style, ticks: Ticks) -> Self {
        let (view, told) = (RunView::default(), Told::default());
        Self { out, style, ticks, view, named: 0, replayed_told: 0, told }
    }

    fn agent_ended(&mut self, key: &CallKey) {
        let Some(agent) = self.view.agent(key) else { return };
        match agent.state {
            AgentState::Failed => {
                let line = failed_line(&self.view, agent);
                self.say(line);
            }
            AgentState::Done if self.named < NAMED_MAX => {
                self.named += 1;
                let line = done_line(&self.view, agent);
                self.say(line);
                if self.named == NAMED_MAX {
                    self.say(Line::of(Tone::Dim, "further agents are counted; failures are shown"));
                    self.told = Told { at: (self.ticks)(), ended: self.view.counts.ended() };
                }
            }
            AgentState::Done | AgentState::Replayed | AgentState::Queued | AgentState::Running => self.tell(),
        }
    }

    /// A line about all agents, where it is time for one.
    fn tell(&mut self) {
        let counts = self.view.counts;
        let ended = counts.ended() - self.told.ended.min(counts.ended());
        if self.named < NAMED_MAX || ended == 0 {
            return;
        }
        let at = (self.ticks)();
        let since = at.saturating_sub(self.told.at);
        let step = ended >= (counts.total() / STEPS).max(1);
        if since >= TOLD_SLOW_MS || (step && since >= TOLD_MS) {
            self.told = Told { at, ended: counts.ended() };
            let mut line =
                Line::of(Tone::Plain, &format!("{} of {} agents ended", counts.ended(), counts.total()));
            if counts.failed > 0 {
                line.push(Tone::Bad, &format!(", {} failed", counts.failed));
            }
            let usage = self.view.usage;
            let (input, output) = (text::count(usage.input_total()), text::count(usage.output_tokens));
            line.push(Tone::Dim, &format!(", {} running, {input} in, {output} out", counts.running));
            self.say(line);
        }
    }

    fn say(&mut self, line: Line) {
        let replayed = self.view.counts.replayed - self.replayed_told.min(self.view.counts.replayed);
        if replayed > 0 {
            self.replayed_told = self.view.counts.replayed;
            let note = format!("{} taken from the journal", text::plural(replayed, "agent"));
            self.write(Line::of(Tone::Dim, &note));
        }
        self.write(line);
    }

    fn write(&mut self, line: Line) {
        let since = self.view.last_at.saturating_sub(self.view.started_at);
        let mut stamped = Line::of(Tone::Dim, &format!("{:>7}  ", text::duration(since)));
        stamped.append(line);
        let text = self.style.render([&stamped]);
        let _ = self.out.write_all(text.as_bytes());
    }

    fn log(&mut self, tone: Tone, message: &str) {
        for line in message.lines() {
            self.say(Line::of(tone, line));
        }
    }
}

impl<W: Write + Send> Screen for Plain<W> {
    fn event(&mut self, event: &Event) {
        self.view.apply(event);
        match &event.body {
            EventBody::RunStarted { attempt, model, concurrency, .. } => {
                (self.named, self.replayed_told, self.told) = (0, 0, Told::default());
                let mut line = Line::of(Tone::Strong, &self.view.workflow);
                if self.view.simulated {
                    line.push(Tone::Warn, "  SIMULATED");
                }
                let attempt = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
                line.push(
                    Tone::Dim,
                    &format!("  {}, {model}, {concurrency} at once{attempt}", self.view.run_id),
                );
                self.say(line);
            }
            EventBody::PhaseStarted { title } => self.say(Line::of(Tone::Accent, &format!("phase {title}"))),
            EventBody::AgentEnded { agent, .. } => self.agent_ended(agent),
            EventBody::Log { level, message } => self.log(level_tone(*level), message),
            EventBody::BudgetWarned { .. } => {
                if let Some((level, message)) = self.view.logs.last().cloned() {
                    self.log(level_tone(level), &message);
                }
            }
            EventBody::RunPaused { reason } => self.say(Line::of(Tone::Warn, &format!("paused: {reason}"))),
            EventBody::RunResumed {} => self.say(Line::of(Tone::Plain, "resumed")),
            // The run's verdict follows from them, and they were told of the first time.
            EventBody::OracleEnded { source: Source::Replayed, .. } => (),
            EventBody::OracleEnded { oracle, .. } => {
                if let Some(line) = super::verdict::line(&self.view, oracle) {
                    self.say(line);
                }
            }
            EventBody::QuestionAsked { text, .. } => self.log(Tone::Accent, &format!("question: {text}")),
            EventBody::QuestionAnswered { answer, .. } => {
                self.log(Tone::Dim, &format!("answered: {answer}"));
            }
            EventBody::OracleStarted { .. }
            | EventBody::RunCreated { .. }
            | EventBody::RunEnded { .. }
            | EventBody::PhaseEnded { .. }
            | EventBody::AgentQueued { .. }
            | EventBody::AgentStarted { .. }
            | EventBody::AgentProgress { .. }
            | EventBody::Other(_) => (),
        }
    }

    fn tick(&mut self) {
        self.tell();
        let _ = self.out.flush();
    }

    fn finish(&mut self, closing: &Closing) {
        let text = self.style.render(&summary::lines(&self.view, closing, usize::MAX));
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

fn done_line(view: &RunView, agent: &AgentView) -> Line {
    let mut line = named("done    ", Tone::Good, view, agent);
    let (input, output) = (text::count(agent.input_tokens), text::count(agent.output_tokens));
    let turns = text::plural(agent.turns.into(), "turn");
    let tools = match agent.tool_calls {
        0 => String::new(),
        calls => format!(", {}", text::plural(calls, "tool call")),
    };
    let time = text::duration(agent.duration_ms);
    line.push(Tone::Dim, &format!("  {time}, {turns}, {input} in, {output} out{tools}"));
    line
}

fn failed_line(view: &RunView, agent: &AgentView) -> Line {
    let mut line = named("FAILED  ", Tone::Bad, view, agent);
    if let Some(failure) = &agent.failure {
        line.push(Tone::Bad, &format!("  {}: ", failure.kind.name()));
        line.append(Line::of(Tone::Plain, &failure.message).clip(MESSAGE_COLUMNS));
    }
    line
}

fn named(what: &str, tone: Tone, view: &RunView, agent: &AgentView) -> Line {
    let mut line = Line::of(tone, what);
    line.append(Line::of(Tone::Plain, &agent.label).clip(LABEL_COLUMNS));
    if let Some(phase) = agent.phase {
        line.push(Tone::Dim, &format!(" ({})", view.phases[phase].title));
    }
    line
}
