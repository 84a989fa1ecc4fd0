//! The approval screen without its terminal: keys in, frames and an answer out.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::page;
use super::visible::{cells, line};
use super::{Answer, Proposal};
use crate::screen::text::{plural, width};
use crate::screen::{Line, Style, Tone};
use crate::settings::budget::{Amount, EXPECTED};

pub struct Asking<'a> {
    proposal: &'a Proposal,
    style: Style,
    view: View,
    mode: Mode,
    /// Row at the top of each view.
    tops: [usize; 3],
    /// Of what the last frame showed.
    page: Page,
    message: Option<String>,
    /// When the proposal was first on the screen.
    shown_at: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Proposal,
    Script,
    Diff,
}

#[derive(Debug, PartialEq, Eq)]
enum Mode {
    Keys,
    /// A budget is being typed.
    Budget(String),
    /// "Always?" was asked.
    Always,
}

/// What the screen wants next.
#[derive(Debug, PartialEq)]
pub enum Step {
    Stay,
    /// The editor gets the terminal; [`Asking::edited`] takes what comes of it.
    Edit,
    Done(Answer),
}

/// The lines of a view at a width, made once.
#[derive(Default)]
struct Page {
    of: Option<(View, usize)>,
    lines: Vec<Line>,
    /// Rows that the last frame had for them.
    room: usize,
}

/// A key that approves counts only when the proposal has been on the screen for so long: what was typed before,
/// for another program, approves nothing.
const SEEN_MS: u64 = 300;
/// Less than this shows no proposal.
const ROWS_MIN: usize = 7;
/// Rows for a view, whatever else there is.
const ROOM_MIN: usize = 3;
const COLUMNS_MIN: usize = 24;
/// The answer to a yes where no budget is named.
pub const NO_BUDGET: &str = "nothing bounds what this run may cost: name a budget first (b)";
const INPUT_MAX: usize = 40;

impl<'a> Asking<'a> {
    pub fn new(proposal: &'a Proposal, style: Style) -> Self {
        Self {
            proposal,
            style,
            view: View::Proposal,
            mode: Mode::Keys,
            tops: [0; 3],
            page: Page::default(),
            message: None,
            shown_at: None,
        }
    }

    /// A frame for a terminal of this size; never more lines than `rows`. To be called when it is drawn, at
    /// `at_ms` of any clock that goes forward.
    pub fn frame(&mut self, columns: usize, rows: usize, at_ms: u64) -> Vec<Line> {
        if rows < ROWS_MIN || columns < COLUMNS_MIN {
            self.shown_at = None;
            let small = format!("make this terminal larger than {COLUMNS_MIN} x {ROWS_MIN}; esc: no");
            return vec![Line::of(Tone::Warn, &small).clip(columns)];
        }
        let mut foot = self.foot(columns);
        foot.truncate(rows - ROOM_MIN - 2);
        let room = rows - 2 - foot.len();
        self.compose(columns);
        self.page.room = room;
        let most = self.page.lines.len().saturating_sub(room);
        let top = &mut self.tops[self.view as usize];
        *top = (*top).min(most);
        let (top, total) = (*top, self.page.lines.len());

        let mut frame = vec![self.head(columns)];
        frame.extend(self.page.lines.iter().skip(top).take(room).cloned());
        frame.resize_with(room + 1, Line::new);
        frame.push(self.status(top, total, room).clip(columns));
        frame.extend(foot);
        if self.view == View::Proposal {
            self.shown_at.get_or_insert(at_ms);
        }
        frame
    }

    pub fn key(&mut self, key: KeyEvent, at_ms: u64) -> Step {
        if key.kind == KeyEventKind::Release {
            return Step::Stay;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c' | 'd')) {
            return Step::Done(Answer::No);
        }
        self.message = None;
        match &mut self.mode {
            Mode::Budget(typed) => match key.code {
                KeyCode::Char(ch) if !control && typed.len() < INPUT_MAX && ch.is_ascii_graphic() => {
                    typed.push(ch)
                }
                KeyCode::Backspace => drop(typed.pop()),
                KeyCode::Esc => self.mode = Mode::Keys,
                KeyCode::Enter => return self.budget_typed(),
                _ => (),
            },
            Mode::Always => {
                self.mode = Mode::Keys;
                if let (KeyCode::Char('y'), Some(rule)) = (key.code, &self.proposal.offer) {
                    return Step::Done(Answer::RunAndRemember(rule.clone()));
                }
                self.message = Some("no rule was made".into());
            }
            Mode::Keys if control => (),
            Mode::Keys => return self.choose(key.code, at_ms),
        }
        Step::Stay
    }

    /// What the editor left: `None` when nothing was changed.
    pub fn edited(&mut self, edited: Result<Option<String>, String>) -> Step {
        // The terminal was the editor's: what was typed there approves nothing here.
        self.shown_at = None;
        match edited {
            Ok(Some(text)) => return Step::Done(Answer::Edit(text)),
            Ok(None) => self.message = Some("nothing was changed".into()),
            Err(why) => self.message = Some(why),
        }
        Step::Stay
    }

    /// Something was pasted: into the budget's line, and nowhere else.
    pub fn paste(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Budget(typed) => {
                let room = INPUT_MAX.saturating_sub(typed.len());
                typed.extend(text.chars().filter(char::is_ascii_graphic).take(room));
            }
            Mode::Keys | Mode::Always => self.message = Some("what is pasted is no answer".into()),
        }
    }

    fn choose(&mut self, code: KeyCode, at_ms: u64) -> Step {
        let on_proposal = self.view == View::Proposal;
        match code {
            KeyCode::Enter | KeyCode::Char('y') if on_proposal => {
                let seen = self.shown_at.is_some_and(|shown| at_ms.saturating_sub(shown) >= SEEN_MS);
                match (seen, self.proposal.has_budget()) {
                    (true, true) => return Step::Done(Answer::Run),
                    (true, false) => self.message = Some(NO_BUDGET.into()),
                    (false, _) => {
                        self.message = Some("that was too quick to have been read: press it again".into())
                    }
                }
            }
            KeyCode::Char('a') if on_proposal && self.proposal.offer.is_some() => self.mode = Mode::Always,
            KeyCode::Char('b') => self.mode = Mode::Budget(String::new()),
            KeyCode::Char('o') if on_proposal => match &self.proposal.found_oracle {
                Some((command, _)) => return Step::Done(Answer::Oracle(command.clone())),
                None => self.message = Some("nothing was found that could judge: --oracle names it".into()),
            },
            KeyCode::Char('e') => return Step::Edit,
            KeyCode::Char('v') => self.turn(View::Script),
            KeyCode::Char('d') => match self.proposal.before {
                Some(_) => self.turn(View::Diff),
                None => self.message = Some("no version of this workflow was approved here before".into()),
            },
            KeyCode::Esc | KeyCode::Char('q') if !on_proposal => self.view = View::Proposal,
            KeyCode::Esc | KeyCode::Char('q' | 'n') => return Step::Done(Answer::No),
            _ => self.scroll(code),
        }
        Step::Stay
    }

    /// To another view, and from there back.
    fn turn(&mut self, view: View) {
        self.view = if self.view == view { View::Proposal } else { view };
    }

    fn scroll(&mut self, code: KeyCode) {
        let page = self.page.room.saturating_sub(1).max(1);
        let top = &mut self.tops[self.view as usize];
        *top = match code {
            KeyCode::Down | KeyCode::Char('j') => top.saturating_add(1),
            KeyCode::Up | KeyCode::Char('k') => top.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => top.saturating_add(page),
            KeyCode::PageUp => top.saturating_sub(page),
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => self.page.lines.len(),
            _ => *top,
        };
        *top = (*top).min(self.page.lines.len().saturating_sub(self.page.room));
    }

    fn budget_typed(&mut self) -> Step {
        let Mode::Budget(typed) = std::mem::replace(&mut self.mode, Mode::Keys) else {
            return Step::Stay;
        };
        match Amount::parse(&typed) {
            Some(amount) => return Step::Done(Answer::Budget(amount)),
            None if typed.is_empty() => (),
            None => {
                self.message = Some(format!("`{typed}` is no budget: type {EXPECTED}"));
                self.mode = Mode::Budget(typed);
            }
        }
        Step::Stay
    }

    fn compose(&mut self, columns: usize) {
        let (view, unicode) = (self.view, self.style.unicode);
        if self.page.of == Some((view, columns)) {
            return;
        }
        let lines = match view {
            View::Proposal => page::proposal(self.proposal, columns.min(page::COLUMNS_MAX), unicode),
            View::Script => page::script(self.proposal, columns, unicode),
            View::Diff => page::diff(self.proposal, columns, unicode).unwrap_or_default(),
        };
        self.page = Page { of: Some((view, columns)), lines, room: self.page.room };
    }

    fn head(&self, columns: usize) -> Line {
        let title = match self.view {
            View::Proposal => "may this run?",
            View::Script => "the script that will run",
            View::Diff => "what changed",
        };
        let mut head = Line::of(Tone::Accent, &format!("fanfold: {title}"));
        if self.view != View::Proposal {
            head.append(line(&cells(&format!("  {}", self.proposal.file), Tone::Dim, self.style.unicode)));
        }
        head.clip(columns)
    }

    fn status(&self, top: usize, total: usize, room: usize) -> Line {
        match (&self.mode, &self.message) {
            (Mode::Budget(typed), None) => Line::of(Tone::Accent, &format!("new budget: {typed}_")),
            (Mode::Always, _) => Line::of(Tone::Warn, "run, and never ask again for exactly this? y/n"),
            (_, Some(message)) => line(&cells(message, Tone::Warn, self.style.unicode)),
            (Mode::Keys, None) => {
                let below = total.saturating_sub(top + room) as u64;
                match (top, below) {
                    (0, 0) => Line::new(),
                    (_, 0) => Line::of(Tone::Dim, "the end"),
                    (_, below) => Line::of(Tone::Accent, &format!("{} more below", plural(below, "line"))),
                }
            }
        }
    }

    /// The keys, in as many rows as they need.
    fn foot(&self, columns: usize) -> Vec<Line> {
        let offer = self.proposal.offer.as_ref();
        let always = offer.map(|rule| format!("always up to {}", super::history::exact(&rule.budget)));
        let mut keys: Vec<(&str, &str)> = match (&self.mode, self.view) {
            (Mode::Budget(_), _) => {
                vec![("enter", "take it"), ("esc", "back"), ("$4, 500k", "or +$2 on top")]
            }
            (Mode::Always, _) => vec![("y", "yes"), ("n", "no")],
            // The first of these are seen on the smallest terminal.
            (Mode::Keys, View::Proposal) => vec![("enter", "run"), ("esc", "no"), ("v", "script")],
            (Mode::Keys, View::Script | View::Diff) => {
                vec![("esc", "back"), ("space", "page"), ("g G", "ends")]
            }
        };
        if self.mode == Mode::Keys {
            if self.proposal.before.is_some() && self.view != View::Diff {
                keys.push(("d", "diff"));
            }
            keys.extend([("e", "edit"), ("b", "budget")]);
            if self.view == View::Proposal && self.proposal.found_oracle.is_some() {
                keys.push(("o", "oracle"));
            }
            if self.view == View::Proposal {
                keys.extend(always.as_deref().map(|always| ("a", always)));
            }
        }
        let mut rows = vec![Line::new()];
        for (key, word) in keys {
            let last = rows.last_mut().expect("never empty");
            let needed = width(key) + 1 + width(word);
            if !last.is_empty() && last.width() + 3 + needed > columns {
                rows.push(Line::new());
            } else if !last.is_empty() {
                last.push(Tone::Plain, "   ");
            }
            let last = rows.last_mut().expect("never empty");
            last.push(Tone::Strong, key);
            last.push(Tone::Plain, &format!(" {word}"));
        }
        rows.into_iter().map(|row| row.clip(columns)).collect()
    }
}
