//! Asks a person, on a screen where there is one, and ends by a signal only when the terminal is as it was.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use signal_hook::consts::{SIGCONT, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use super::asking::{Asking, Step};
use super::prompt::Prompt;
use super::terminal::{Raw, draw};
use super::{Answer, Proposal, editor};
use crate::screen::{Style, terminal_size};
use crate::world::World;

/// Lives from the first question to the last. While it does, a signal ends the process as ever, but after the
/// terminal was restored; after it, whoever runs the work must take the signals.
pub struct Asker<'a> {
    world: &'a World,
    style: Style,
    signals: Signals,
}

/// How long a signal may wait.
const POLL: Duration = Duration::from_millis(100);

impl<'a> Asker<'a> {
    pub fn new(world: &'a World, style: Style) -> Self {
        Self { world, style, signals: Signals::watch() }
    }

    /// Blocks until there is an answer. A terminal that goes away says no.
    pub fn ask(&self, proposal: &Proposal) -> Answer {
        if self.world.can_redraw() {
            self.on_screen(proposal).unwrap_or(Answer::No)
        } else {
            let refresh = || {
                let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
            };
            let edit = |text: &str| self.edit(text, &proposal.file);
            let input: Box<dyn BufRead> = Box::new(io::stdin().lock());
            Prompt { proposal, style: self.style, input, out: io::stderr(), forget_typed: refresh, edit }
                .ask()
        }
    }

    fn on_screen(&self, proposal: &Proposal) -> io::Result<Answer> {
        let mut asking = Asking::new(proposal, self.style);
        let began = Instant::now();
        let mut raw = Some(self.enter()?);
        loop {
            let (columns, rows) = terminal_size();
            let (columns, rows) = (usize::from(columns), usize::from(rows));
            let frame = asking.frame(columns, rows, began.elapsed().as_millis() as u64);
            draw(&mut io::stderr(), self.style, &frame, columns, rows)?;
            let event = loop {
                if let Some(signal) = self.signals.seen() {
                    drop(raw.take());
                    self.signals.obey(signal);
                    raw = Some(self.enter()?);
                    break None;
                }
                if event::poll(POLL)? {
                    break Some(event::read()?);
                }
            };
            let step = match event {
                Some(Event::Key(key)) => asking.key(key, began.elapsed().as_millis() as u64),
                Some(Event::Paste(text)) => {
                    asking.paste(&text);
                    Step::Stay
                }
                Some(Event::Resize(..) | Event::FocusGained | Event::FocusLost | Event::Mouse(_)) | None => {
                    Step::Stay
                }
            };
            let step = match step {
                Step::Edit => {
                    drop(raw.take());
                    let edited = self.edit(&proposal.script, &proposal.file);
                    raw = Some(self.enter()?);
                    asking.edited(edited)
                }
                Step::Stay | Step::Done(_) => step,
            };
            if let Step::Done(answer) = step {
                drop(raw.take());
                self.signals.screen_is_gone();
                return Ok(answer);
            }
        }
    }

    fn enter(&self) -> io::Result<Raw> {
        self.signals.screen_is_up();
        Raw::enter().inspect_err(|_| self.signals.screen_is_gone())
    }

    /// A Ctrl-C in an editor is the editor's.
    fn edit(&self, text: &str, file: &str) -> Result<Option<String>, String> {
        self.signals.screen_is_up();
        let edited = editor::edit(text, file, self.world);
        self.signals.forget(SIGINT);
        self.signals.screen_is_gone();
        edited
    }
}

/// Signals that came while the screen was up.
struct Signals {
    seen: Arc<AtomicUsize>,
    /// Nothing is to be restored: a signal does what it always does.
    is_free: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

/// A terminal that went away is not among them: there is nothing to restore, and waiting for its keys would never
/// end, so that SIGHUP ends the program as ever.
const ENDING: [i32; 3] = [SIGINT, SIGTERM, SIGQUIT];

impl Signals {
    fn watch() -> Self {
        let (seen, is_free) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let mut registered = Vec::new();
        for signal in ENDING {
            let free = Arc::clone(&is_free);
            registered.extend(flag::register_conditional_default(signal, free));
            registered.extend(flag::register_usize(signal, Arc::clone(&seen), signal as usize));
        }
        // After a stop from outside, the shell has had the terminal.
        registered.extend(flag::register_usize(SIGCONT, Arc::clone(&seen), SIGCONT as usize));
        Self { seen, is_free, registered }
    }

    fn seen(&self) -> Option<i32> {
        match self.seen.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal as i32),
        }
    }

    /// With the terminal restored: what the signal does by default, which for most of them is the end.
    fn obey(&self, signal: i32) {
        self.forget(signal);
        if signal != SIGCONT {
            let _ = low_level::emulate_default_handler(signal);
        }
    }

    fn forget(&self, signal: i32) {
        let _ = self.seen.compare_exchange(signal as usize, 0, Ordering::SeqCst, Ordering::SeqCst);
    }

    fn screen_is_up(&self) {
        self.is_free.store(false, Ordering::SeqCst);
    }

    fn screen_is_gone(&self) {
        if let Some(signal) = self.seen() {
            self.obey(signal);
        }
        self.is_free.store(true, Ordering::SeqCst);
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}
