//! What a person sees of runs. Every screen draws a fold of the run's events and nothing else.

pub mod cost;
pub mod inline;
pub mod live;
pub mod logs;
pub mod panel;
pub mod plain;
pub mod ps;
pub mod record;
pub mod show;
pub mod style;
pub mod summary;
pub mod table;
#[cfg(test)]
pub mod tests;
pub mod text;
pub mod transcript;
mod verdict;

use std::io::Write;
use std::time::Instant;

use fanfold_core::Event;

use live::Live;
use plain::Plain;
pub use style::{Line, Style, Tone};
pub use summary::Closing;

/// Follows one run. Nothing here fails: a terminal that went away must not end a run.
pub trait Screen: Send {
    /// Takes note of an event; cheap, and seldom draws.
    fn event(&mut self, event: &Event);

    /// Draws what changed. Meant to be called about ten times a second; more often costs nothing.
    fn tick(&mut self);

    /// Replaces what moves by the summary.
    fn finish(&mut self, closing: &Closing);
}

/// Asks how large the terminal is: columns, rows.
pub type SizeOf = Box<dyn Fn() -> (u16, u16) + Send>;

/// Milliseconds of a clock that never goes back, from any start.
pub type Ticks = Box<dyn Fn() -> u64 + Send>;

/// The screen for `out`: one that redraws itself where `live`, else plain lines.
pub fn open(out: Box<dyn Write + Send>, live: bool, style: Style) -> Box<dyn Screen> {
    let began = Instant::now();
    let ticks: Ticks = Box::new(move || began.elapsed().as_millis() as u64);
    match live {
        true => Box::new(Live::new(out, style, Box::new(terminal_size), ticks)),
        false => Box::new(Plain::new(out, style, ticks)),
    }
}

/// Columns and rows of the controlling terminal; 80 by 24 where it does not say.
pub fn terminal_size() -> (u16, u16) {
    match crossterm::terminal::size() {
        Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
        _ => (80, 24),
    }
}
