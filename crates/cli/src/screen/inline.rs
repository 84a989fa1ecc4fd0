//! A block of lines at the end of the terminal's text that is redrawn in place; other lines scroll above it.
//!
//! The cursor is parked on the empty line below the block, and shown: whatever else writes there (the echo
//! of Ctrl-C, a panic) starts on a line of its own, and a process that is killed leaves a usable terminal.
//! It is hidden, and wrapping is off, only within a frame, and a frame is one write.

use std::io::Write;

use super::style::{Line, Style};

pub struct Inline<W: Write> {
    out: W,
    style: Style,
    /// Columns that each line of the block takes, as it stands on the terminal.
    standing: Vec<usize>,
}

const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
const END: &str = "\x1b[?25h\x1b[?2026l";
const WRAP_OFF: &str = "\x1b[?7l";
const WRAP_ON: &str = "\x1b[?7h";
const CLEAR_LINE_REST: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
/// Clears the block from its top. Not `CLEAR_BELOW` alone: from the screen's first cell, tmux keeps what it
/// clears in its history. Below a block there is always the cursor's line.
const CLEAR_BLOCK: &str = "\x1b[K\x1b[1B\x1b[J\x1b[1A";

impl<W: Write> Inline<W> {
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, standing: Vec::new() }
    }

    /// Prints `above`, which then stays, and draws `block` in place of the last one, on a terminal that is
    /// `columns` wide now.
    pub fn draw(&mut self, above: &[Line], block: Vec<Line>, columns: usize) {
        let mut frame = String::from(BEGIN);
        self.go_to_top(columns, &mut frame);
        if !above.is_empty() {
            // These may wrap, and clearing the rest of a line that is just full eats its last character.
            if !self.standing.is_empty() {
                frame.push_str(CLEAR_BLOCK);
            }
            for line in above {
                line.render(self.style, &mut frame);
                frame.push_str("\r\n");
            }
        }
        frame.push_str(WRAP_OFF);
        self.standing.clear();
        for line in block {
            let line = line.clip(columns.saturating_sub(1));
            self.standing.push(line.width());
            line.render(self.style, &mut frame);
            frame.push_str(CLEAR_LINE_REST);
            frame.push_str("\r\n");
        }
        frame.push_str(CLEAR_BELOW);
        frame.push_str(WRAP_ON);
        frame.push_str(END);
        self.write(&frame);
    }

    /// Takes the block away and leaves `text` in its place.
    pub fn replace(&mut self, text: &str, columns: usize) {
        let mut frame = String::from(BEGIN);
        self.go_to_top(columns, &mut frame);
        if !self.standing.is_empty() {
            frame.push_str(CLEAR_BLOCK);
        }
        self.standing.clear();
        frame.push_str(&text.replace('\n', "\r\n"));
        frame.push_str(END);
        self.write(&frame);
    }

    pub fn style(&self) -> Style {
        self.style
    }

    /// A terminal that became narrower has broken the lines that stood there, each into as many as it needs.
    fn go_to_top(&self, columns: usize, frame: &mut String) {
        let rows: usize = self.standing.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum();
        if rows > 0 {
            frame.push_str(&format!("\x1b[{rows}A"));
        }
        frame.push('\r');
    }

    fn write(&mut self, frame: &str) {
        // A terminal that went away is no reason to end a run.
        let _ = self.out.write_all(frame.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl<W: Write> Drop for Inline<W> {
    fn drop(&mut self) {
        if !self.standing.is_empty() {
            self.write(&format!("{WRAP_ON}{END}"));
        }
    }
}
