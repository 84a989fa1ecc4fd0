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
    deadline: Cell<Duration>,
    stop: Cell<Option<Stop>>,
}

impl Watch {
    pub fn begin_slice(&self, cpu_ms: u64) {
        self.deadline.set(thread_cpu().saturating_add(Duration::from_millis(cpu_ms)));
    }

    /// Looks at the clock.
    pub fn is_over(&self) -> bool {
        if self.stop.get().is_none() && thread_cpu() > self.deadline.get() {
            self.stop.set(Some(Stop::Cpu));
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
