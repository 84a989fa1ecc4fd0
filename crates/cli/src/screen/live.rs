//! The screen of a run on a terminal: a panel that is redrawn in place, under the lines of the log.

use std::collections::{HashMap, VecDeque};
use std::io::Write;

use fanfold_core::{AgentState, CallKey, Event, EventBody, LogLevel, RunView, Source};

use super::inline::Inline;
use super::panel::{ENDED_MAX, Panel};
use super::style::{Line, Style, Tone};
use super::summary::{self, Closing};
use super::{Screen, SizeOf, Ticks};

pub struct Live<W: Write + Send> {
    terminal: Inline<W>,
    size_of: SizeOf,
    ticks: Ticks,
    view: RunView,
    /// With the number of the event that started it.
    running: HashMap<CallKey, u64>,
    /// Newest first.
    ended: VecDeque<CallKey>,
    /// Lines of the log since the last frame.
    above: VecDeque<Line>,
    above_lost: u64,
    /// When the last event came, by `ticks`.
    heard_at: u64,
    drawn: Option<Drawn>,
    changed: bool,
}

/// What the last frame was drawn for.
#[derive(Clone, Copy)]
struct Drawn {
    at: u64,
    size: (u16, u16),
}

/// Between two frames, whatever happens.
const FRAME_MS: u64 = 100;
/// Between two frames in which only the time changes.
const IDLE_FRAME_MS: u64 = 1_000;
/// Lines of the log printed with one frame.
const ABOVE_MAX: usize = 200;

impl<W: Write + Send> Live<W> {
    pub fn new(out: W, style: Style, size_of: SizeOf, ticks: Ticks) -> Self {
        Self {
            terminal: Inline::new(out, style),
            size_of,
            ticks,
            view: RunView::default(),
            running: HashMap::new(),
            ended: VecDeque::new(),
            above: VecDeque::new(),
            above_lost: 0,
            heard_at: 0,
            drawn: None,
            changed: false,
        }
    }

    fn draw(&mut self, at: u64, size: (u16, u16)) {
        let (columns, rows) = (usize::from(size.0), usize::from(size.1));
        let above = self.take_above();
        let mut running: Vec<(&CallKey, &u64)> = self.running.iter().collect();
        running.sort_unstable_by_key(|(_, started)| **started);
        let panel = Panel {
            view: &self.view,
            now: self.now(at),
            running: running.iter().filter_map(|(key, _)| self.view.agent(key)).collect(),
            ended: self.ended.iter().filter_map(|key| self.view.agent(key)).collect(),
        };
        self.terminal.draw(&above, panel.lines(columns, rows), columns);
        self.drawn = Some(Drawn { at, size });
        self.changed = false;
    }

    /// Whether a question waits for its answer: the terminal is the person's until then.
    fn is_asked(&self) -> bool {
        self.view.questions.iter().any(|question| question.answer.is_none()) && self.view.ended.is_none()
    }

    fn give_way(&mut self) {
        let columns = usize::from((self.size_of)().0);
        let text = self.terminal.style().render(&self.take_above());
        self.terminal.replace(&text, columns);
        self.drawn = None;
    }

    /// The run's time. A real one goes on between events; a virtual one stands still.
    fn now(&self, at: u64) -> u64 {
        let since = if self.view.simulated { 0 } else { at.saturating_sub(self.heard_at) };
        self.view.last_at + since
    }

    fn log(&mut self, tone: Tone, message: &str) {
        for line in message.lines() {
            self.note(Line::of(tone, line));
        }
    }

    fn note(&mut self, line: Line) {
        if self.above.len() == ABOVE_MAX {
            self.above.pop_front();
            self.above_lost += 1;
        }
        self.above.push_back(line);
    }

    fn take_above(&mut self) -> Vec<Line> {
        let lost = std::mem::take(&mut self.above_lost);
        let note = format!("… {lost} more lines of the log: fanfold logs {}", self.view.run_id);
        let note = (lost > 0).then(|| Line::of(Tone::Dim, &note));
        note.into_iter().chain(self.above.drain(..)).collect()
    }

    fn agent_ended(&mut self, key: &CallKey) {
        self.running.remove(key);
        match self.view.agent(key).map(|agent| agent.state) {
            // Hundreds of them come at once when a run is resumed; the header counts them.
            Some(AgentState::Replayed) | None => (),
            Some(_) => {
                self.ended.truncate(ENDED_MAX - 1);
                self.ended.push_front(key.clone());
            }
        }
    }
}

impl<W: Write + Send> Screen for Live<W> {
    fn event(&mut self, event: &Event) {
        self.view.apply(event);
        self.heard_at = (self.ticks)();
        self.changed = true;
        match &event.body {
            EventBody::RunCreated { .. } | EventBody::RunStarted { .. } => {
                self.running.clear();
                self.ended.clear();
            }
            EventBody::AgentStarted { agent } => {
                self.running.insert(agent.clone(), event.seq);
            }
            EventBody::AgentEnded { agent, .. } => self.agent_ended(agent),
            EventBody::Log { level, message } => self.log(level_tone(*level), message),
            EventBody::BudgetWarned { .. } => {
                if let Some((level, message)) = self.view.logs.last().cloned() {
                    self.log(level_tone(level), &message);
                }
            }
            EventBody::OracleEnded { source: Source::Replayed, .. } => (),
            EventBody::OracleEnded { oracle, .. } => {
                if let Some(line) = super::verdict::line(&self.view, oracle) {
                    self.note(line);
                }
            }
            EventBody::QuestionAsked { .. } => self.give_way(),
            EventBody::OracleStarted { .. }
            | EventBody::QuestionAnswered { .. }
            | EventBody::RunPaused { .. }
            | EventBody::RunResumed {}
            | EventBody::RunEnded { .. }
            | EventBody::PhaseStarted { .. }
            | EventBody::PhaseEnded { .. }
            | EventBody::AgentQueued { .. }
            | EventBody::AgentProgress { .. }
            | EventBody::Other(_) => (),
        }
    }

    fn tick(&mut self) {
        if self.is_asked() {
            return;
        }
        let at = (self.ticks)();
        let Some(drawn) = self.drawn else {
            // Nothing is shown of a run that has not begun.
            if self.changed {
                self.draw(at, (self.size_of)());
            }
            return;
        };
        let since = at.saturating_sub(drawn.at);
        if since < FRAME_MS {
            return;
        }
        let size = (self.size_of)();
        if self.changed || size != drawn.size || since >= IDLE_FRAME_MS {
            self.draw(at, size);
        }
    }

    fn finish(&mut self, closing: &Closing) {
        let columns = usize::from((self.size_of)().0);
        let style = self.terminal.style();
        let mut text = style.render(&self.take_above());
        text.push_str(&style.render(&summary::lines(&self.view, closing, columns)));
        self.terminal.replace(&text, columns);
        self.drawn = None;
        self.changed = false;
    }
}

pub fn level_tone(level: LogLevel) -> Tone {
    match level {
        LogLevel::Info => Tone::Plain,
        LogLevel::Debug => Tone::Dim,
        LogLevel::Warning => Tone::Warn,
    }
}
