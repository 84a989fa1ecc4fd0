//! The person's hand on a running run: first a clean stop, then an immediate one.

use std::sync::Arc;

use tokio::sync::watch;

/// Cheap to clone; all clones steer the same run.
#[derive(Clone)]
pub struct Control(Arc<watch::Sender<Wish>>);

/// Only ever rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Run,
    /// Start nothing more; let what runs finish and be journaled.
    Drain(Reason),
    /// End now: running agents are dropped.
    Now(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Person,
    TimeLimit,
}

impl Default for Control {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Wish::Run)))
    }
}

impl Control {
    /// The first time: stop starting agents and finish cleanly. The second time: now.
    pub fn interrupt(&self) {
        self.0.send_modify(|wish| {
            *wish = match *wish {
                Wish::Run => Wish::Drain(Reason::Person),
                Wish::Drain(_) | Wish::Now(_) => Wish::Now(Reason::Person),
            }
        });
    }

    /// The run's time limit has passed.
    pub(crate) fn time_is_up(&self) {
        self.0.send_if_modified(|wish| {
            let runs = *wish == Wish::Run;
            if runs {
                *wish = Wish::Drain(Reason::TimeLimit);
            }
            runs
        });
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Wish> {
        self.0.subscribe()
    }
}
