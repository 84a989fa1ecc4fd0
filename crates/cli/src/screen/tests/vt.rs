//! A terminal for tests: understands exactly what the screens may write, and panics at anything else.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use unicode_width::UnicodeWidthChar;

/// Shares its state with its clones, so that one can be given away as a writer.
#[derive(Clone)]
pub struct Vt(Arc<Mutex<State>>);

struct State {
    columns: usize,
    rows: usize,
    /// All lines ever, the last `rows` of which are on the screen. A wide character is followed by `\0`.
    lines: Vec<Vec<char>>,
    /// Line and column; a column equal to the width means that the next character wraps.
    at: (usize, usize),
    wraps: bool,
    cursor_shown: bool,
    pending: Vec<u8>,
    bytes: usize,
}

impl Vt {
    pub fn new(columns: usize, rows: usize) -> Self {
        let state = State {
            columns,
            rows,
            lines: vec![Vec::new()],
            at: (0, 0),
            wraps: true,
            cursor_shown: true,
            pending: Vec::new(),
            bytes: 0,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub fn size(&self) -> (u16, u16) {
        let state = self.state();
        (state.columns as u16, state.rows as u16)
    }

    /// Everything that was ever shown and not drawn over, scrolled off or not.
    pub fn text(&self) -> String {
        let state = self.state();
        let lines = state.lines.iter().map(|line| line.iter().filter(|ch| **ch != '\0').collect::<String>());
        lines.map(|line| format!("{}\n", line.trim_end())).collect::<String>().trim_end().to_owned()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    /// Between two frames a terminal must be as it was found.
    pub fn is_clean(&self) -> bool {
        let state = self.state();
        state.wraps && state.cursor_shown && state.pending.is_empty() && state.at.1 == 0
    }

    /// Becomes narrower or wider, and breaks lines anew as terminals do that reflow.
    pub fn resize(&self, columns: usize, rows: usize) {
        let mut state = self.state();
        let mut lines = Vec::new();
        let mut row = 0;
        for (index, line) in state.lines.iter().enumerate() {
            if index == state.at.0 {
                row = lines.len();
            }
            let mut broken = vec![Vec::new()];
            for ch in line {
                let full = broken.last().is_some_and(|last: &Vec<char>| last.len() == columns);
                if full {
                    broken.push(Vec::new());
                }
                broken.last_mut().expect("never empty").push(*ch);
            }
            lines.extend(broken);
        }
        (state.lines, state.columns, state.rows) = (lines, columns, rows);
        state.at = (row, 0);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Vt {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        state.bytes += bytes.len();
        state.pending.extend_from_slice(bytes);
        let text =
            String::from_utf8(std::mem::take(&mut state.pending)).expect("whole characters in each write");
        let mut chars = text.chars();
        while let Some(ch) = chars.next() {
            match ch {
                '\x1b' => {
                    assert_eq!(chars.next(), Some('['), "an escape that is no CSI");
                    let mut parameters = String::new();
                    let last = loop {
                        match chars.next().expect("a whole sequence") {
                            ch @ ('0'..='9' | ';' | '?') => parameters.push(ch),
                            ch => break ch,
                        }
                    };
                    state.control(&parameters, last);
                }
                '\r' => state.at.1 = 0,
                '\n' => state.line_feed(),
                _ => state.put(ch),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl State {
    fn control(&mut self, parameters: &str, last: char) {
        match (parameters, last) {
            ("?2026", 'h' | 'l') => (),
            ("?25", 'h') => self.cursor_shown = true,
            ("?25", 'l') => self.cursor_shown = false,
            ("?7", 'h') => self.wraps = true,
            ("?7", 'l') => self.wraps = false,
            ("", 'K') => {
                let (row, column) = (self.at.0, self.at.1.min(self.columns - 1));
                self.lines[row].truncate(column);
            }
            ("", 'J') => {
                let (row, column) = self.at;
                self.lines.truncate(row + 1);
                self.lines[row].truncate(column);
            }
            ("", 'H') => self.at = (self.lines.len().saturating_sub(self.rows), 0),
            (up, 'A') => {
                let top = self.lines.len().saturating_sub(self.rows);
                let up: usize = up.parse().expect("a number of rows");
                self.at.0 = self.at.0.saturating_sub(up).max(top.min(self.at.0));
            }
            ("1", 'B') => {
                let bottom = self.lines.len().max(self.rows) - 1;
                self.at.0 = (self.at.0 + 1).min(bottom);
                let reached = self.lines.len().max(self.at.0 + 1);
                self.lines.resize(reached, Vec::new());
            }
            ("0" | "1" | "2" | "31" | "32" | "33" | "36", 'm') => (),
            other => panic!("a sequence that no screen may write: {other:?}"),
        }
    }

    fn line_feed(&mut self) {
        self.at.0 += 1;
        if self.at.0 == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn put(&mut self, ch: char) {
        let width = ch.width().unwrap_or_else(|| panic!("a control character: {ch:?}"));
        if self.at.1 + width > self.columns {
            assert!(self.wraps, "a line of the panel is too wide");
            self.line_feed();
            self.at.1 = 0;
        }
        let (row, column) = self.at;
        let line = &mut self.lines[row];
        if width == 0 {
            return;
        }
        line.resize(line.len().max(column + width), ' ');
        line[column] = ch;
        if width == 2 {
            line[column + 1] = '\0';
        }
        self.at.1 += width;
    }
}
