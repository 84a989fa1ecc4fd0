//! The last resort against what cannot be interrupted: the kernel ends the process that hosts the script.
//!
//! Some built-ins of the engine loop in C without asking whether they should stop. In a process of its
//! own such a script is ended by its CPU limit. Process-wide: never for a host on a thread.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// How much longer than its slice a script may compute before the kernel ends the process: the engine's
/// own limit, which ends only the script, comes first.
const GRACE: Duration = Duration::from_secs(2);

/// What the process takes besides: the stacks of its threads are counted whole.
#[cfg(target_os = "linux")]
const OWN_BYTES: u64 = 512 << 20;

/// Makes this process fit to be killed: no core dumps, and it ends with its parent (Linux: with the
/// thread that started it).
pub fn confine_process() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // A limit that cannot be lowered leaves a core file at worst.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        // A parent that died before this line is noticed by the end of the input.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    }
}

/// The last resort against memory that the engine does not count: fragments between what it does. Where its
/// allocator gets no more, the engine says so to the script's host.
pub fn limit_memory(script_bytes: u64) {
    // macOS counts other things as data.
    #[cfg(target_os = "linux")]
    {
        let most = script_bytes.saturating_mul(3).saturating_add(OWN_BYTES);
        let own = getrlimit(Resource::Data).maximum;
        let most = own.map_or(most, |own| own.min(most));
        // Without this limit the machine's memory is the limit.
        let _ = setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = script_bytes;
}

/// The CPU limit of this process, raised from slice to slice.
#[derive(Debug)]
pub struct CpuLimit {
    maximum: Option<u64>,
    /// Until then the limit is high enough for another slice.
    fits_until: Option<Instant>,
}

impl CpuLimit {
    pub fn new() -> Self {
        Self { maximum: getrlimit(Resource::Cpu).maximum, fits_until: None }
    }

    /// To be called before each slice: SIGXCPU ends the process once the slice has used `slice_cpu_ms` and a
    /// grace of 2 s, rounded up to whole seconds.
    pub fn allow(&mut self, slice_cpu_ms: u64) {
        let now = Instant::now();
        // The one thread that computes uses no more CPU time than passes on the clock.
        if self.fits_until.is_some_and(|until| now < until) {
            return;
        }
        let used = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime));
        let used = used.expect("CPU time is never negative");
        let needed = used + Duration::from_millis(slice_cpu_ms) + GRACE;
        let seconds = needed.as_secs() + 1;
        self.fits_until = Some(now + (Duration::from_secs(seconds) - needed));
        let current = Some(self.maximum.map_or(seconds, |most| seconds.min(most)));
        // Without this limit whoever started the process still has a deadline of its own.
        let _ = setrlimit(Resource::Cpu, Rlimit { current, maximum: self.maximum });
    }
}

impl Default for CpuLimit {
    fn default() -> Self {
        Self::new()
    }
}
