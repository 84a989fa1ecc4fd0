//! The terminal while the approval screen has it, and its way back, whatever ends the screen.

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use crate::screen::{Line, Style};

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
/// The alternate screen, without cursor and wrapping; pasted text comes in brackets.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h";
const LEAVE: &str = "\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

/// Raw mode and the alternate screen, for as long as it lives.
pub struct Raw {
    hook: Arc<Hook>,
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

impl Raw {
    /// Forgets what was typed until now.
    pub fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        let hook: Arc<Hook> = Arc::new(panic::take_hook());
        let before = Arc::clone(&hook);
        // A panic's message is for the screen that stays.
        panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
        let raw = Self { hook };
        say(ENTER)?;
        forget_typed()?;
        Ok(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
        // Hooks cannot be changed while one of them is at work.
        if !std::thread::panicking() {
            let hook = Arc::clone(&self.hook);
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// Writes `lines` over a screen of `columns` by `rows`, in one write.
pub fn draw(
    out: &mut impl Write,
    style: Style,
    lines: &[Line],
    columns: usize,
    rows: usize,
) -> io::Result<()> {
    let mut frame = String::from(BEGIN);
    frame.push_str("\x1b[H");
    for row in 0..rows {
        // Before the text: after a full row, the cursor is still on its last character.
        frame.push_str("\x1b[K");
        if let Some(line) = lines.get(row) {
            line.clone().clip(columns).render(style, &mut frame);
        }
        if row + 1 < rows {
            frame.push_str("\r\n");
        }
    }
    frame.push_str(END);
    out.write_all(frame.as_bytes())?;
    out.flush()
}

/// Twice does no harm.
fn restore() {
    let _ = say(LEAVE);
    let _ = disable_raw_mode();
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stderr();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn forget_typed() -> io::Result<()> {
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    while event::poll(Duration::ZERO)? {
        event::read()?;
    }
    Ok(())
}
