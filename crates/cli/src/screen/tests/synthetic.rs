//! Streams of events for tests.

use fanfold_core::{
    AgentEnd, CallKey, Event, EventBody, Failure, FailureKind, LogLevel, Progress, RunStatus, Source, Usage,
    Verdict,
};

/// A run that is told step by step; each step is an event, at a time that only [`Stream::at`] moves.
pub struct Stream {
    pub events: Vec<Event>,
    at: u64,
}

/// 2026-01-02 03:04:05 UTC.
pub const EPOCH_MS: u64 = 1_767_323_045_000;

impl Stream {
    pub fn new(workflow: &str, simulated: bool, phases: &[&str]) -> Self {
        let mut stream = Self { events: Vec::new(), at: EPOCH_MS };
        stream.push(EventBody::RunCreated {
            run_id: "wf_abc123".into(),
            workflow: workflow.into(),
            run_dir: "/repo/.fanfold/runs/wf_abc123".into(),
            simulated,
        });
        stream.attempt(1, phases, None)
    }

    pub fn attempt(mut self, attempt: u32, phases: &[&str], budget: Option<u64>) -> Self {
        let phases = phases.iter().map(|title| title.to_string()).collect();
        let Some(EventBody::RunCreated { run_id, workflow, run_dir, simulated }) =
            self.events.first().map(|event| event.body.clone())
        else {
            unreachable!("a stream starts with its creation")
        };
        self.push(EventBody::RunStarted {
            run_id,
            workflow,
            run_dir,
            simulated,
            attempt,
            model: "sim/typical".into(),
            concurrency: 16,
            phases,
            budget,
            budget_usd_micros: None,
        });
        self
    }

    /// Moves to `ms` after the start.
    pub fn at(&mut self, ms: u64) -> &mut Self {
        self.at = EPOCH_MS + ms;
        self
    }

    pub fn push(&mut self, body: EventBody) -> &mut Self {
        let seq = self.events.len() as u64;
        self.events.push(Event { seq, at: self.at, body });
        self
    }

    pub fn log(&mut self, message: &str) -> &mut Self {
        self.push(EventBody::Log { level: LogLevel::Info, message: message.into() })
    }

    pub fn queue(&mut self, nth: usize, label: &str, phase: Option<&str>) -> &mut Self {
        let phase = phase.map(str::to_owned);
        self.push(EventBody::AgentQueued {
            agent: key(nth),
            label: label.into(),
            phase,
            model: "sim/typical".into(),
        })
    }

    pub fn start(&mut self, nth: usize, label: &str, phase: Option<&str>) -> &mut Self {
        self.queue(nth, label, phase).push(EventBody::AgentStarted { agent: key(nth) })
    }

    pub fn tool(&mut self, nth: usize, name: &str, brief: &str) -> &mut Self {
        let progress = Progress::Tool { name: name.into(), brief: brief.into() };
        self.push(EventBody::AgentProgress { agent: key(nth), progress })
    }

    pub fn turn(&mut self, nth: usize, turn: u32) -> &mut Self {
        let progress = Progress::Turn { turn, input_tokens: 1_000 * u64::from(turn), output_tokens: 50 };
        self.push(EventBody::AgentProgress { agent: key(nth), progress })
    }

    pub fn done(&mut self, nth: usize) -> &mut Self {
        self.end(nth, Source::Live, None)
    }

    pub fn replayed(&mut self, nth: usize) -> &mut Self {
        self.end(nth, Source::Replayed, None)
    }

    pub fn fail(&mut self, nth: usize, kind: FailureKind, message: &str) -> &mut Self {
        self.end(nth, Source::Live, Some(Failure { kind, message: message.into() }))
    }

    fn end(&mut self, nth: usize, source: Source, failure: Option<Failure>) -> &mut Self {
        let usage = Usage {
            input_tokens: 1_000,
            output_tokens: 200,
            cache_read_tokens: 3_000,
            cache_write_tokens: 0,
            tool_calls: 2,
            ..Usage::default()
        };
        let end = AgentEnd { source, failure, usage, turns: 3, duration_ms: 12_000, patch: None };
        self.push(EventBody::AgentEnded { agent: key(nth), end: Box::new(end) })
    }

    pub fn ended(&mut self, status: RunStatus, verdict: Verdict, error: Option<&str>) -> &mut Self {
        let mut usage = Usage::default();
        for event in &self.events {
            if let EventBody::AgentEnded { end, .. } = &event.body {
                usage += end.usage;
            }
        }
        let duration_ms = self.at - EPOCH_MS;
        self.push(EventBody::RunEnded {
            status,
            verdict,
            error: error.map(str::to_owned),
            usage,
            duration_ms,
        })
    }
}

pub fn key(nth: usize) -> CallKey {
    CallKey::new(&format!("{:016x}", (nth as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)), 0)
}

/// Three phases, the second under way: what a screenshot would show.
pub fn under_way() -> Stream {
    let mut stream = Stream::new("review-diff", false, &["Find", "Verify", "Report"]).attempt(
        1,
        &["Find", "Verify", "Report"],
        Some(10_000),
    );
    stream.push(EventBody::PhaseStarted { title: "Find".into() });
    for nth in 0..4 {
        stream.start(nth, &format!("find bugs in part {nth}"), Some("Find"));
    }
    stream.at(12_000);
    for nth in 0..3 {
        stream.done(nth);
    }
    stream.fail(3, FailureKind::Timeout, "no final reply within 600s");
    stream.log("found 6 candidates");
    stream.push(EventBody::PhaseStarted { title: "Verify".into() });
    for nth in 4..7 {
        stream.start(nth, &format!("verify candidate {nth}"), Some("Verify"));
        stream.turn(nth, 2).tool(nth, "read", "src/main.rs");
    }
    stream.queue(7, "verify candidate 7", Some("Verify"));
    stream.at(64_000).tool(4, "grep", "unsafe");
    stream
}

/// Text that tries to take the terminal over.
pub const HOSTILE: &str = "\x1b[2J\x1b]0;pwned\x07\u{9b}31m a\u{202e}b\u{200b}c\u{feff}\r\n\u{8}\u{7f}日本語👩\u{200d}💻⚠\u{fe0f}\t";
