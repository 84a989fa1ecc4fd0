//! How long a script may compute: CPU time between two waits, and a stop that nothing takes back.

use std::cell::Cell;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Which limit ended the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Cpu,
    Memory,
}

/// Asked by the engine while a script computes. Once stopped it stays so, whatever the script catches.
#[derive(Debug, Default)]
pub struct Watch {
    slice: Cell<Duration>,
    /// `None` until the first look of a slice: most slices end before it, and the clock is a system call.
    deadline: Cell<Option<Duration>>,
    stop: Cell<Option<Stop>>,
}

impl Watch {
    pub fn begin_slice(&self, cpu_ms: u64) {
        self.slice.set(Duration::from_millis(cpu_ms));
        self.deadline.set(None);
    }

    /// Looks at the clock.
    pub fn is_over(&self) -> bool {
        if self.stop.get().is_none() {
            let now = thread_cpu();
            match self.deadline.get() {
                None => self.deadline.set(Some(now.saturating_add(self.slice.get()))),
                Some(deadline) if now > deadline => self.stop.set(Some(Stop::Cpu)),
                Some(_) => (),
            }
        }
        self.stop.get().is_some()
    }

    pub fn stop(&self, why: Stop) {
        if self.stop.get().is_none() {
            self.stop.set(Some(why));
        }
    }

    pub fn stopped(&self) -> Option<Stop> {
        self.stop.get()
    }
}

/// CPU time of this thread: wall time would punish a script for a busy machine.
fn thread_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("CPU time is never negative")
}
