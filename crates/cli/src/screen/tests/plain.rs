//! Tests of the plain lines.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fanfold_core::oracle::{CheckResult, Visibility};
use fanfold_core::{EventBody, FailureKind, Judgement, RunStatus, Verdict};

use super::PLAIN;
use super::synthetic::{HOSTILE, Stream, under_way};
use crate::screen::plain::Plain;
use crate::screen::{Closing, Screen};

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while held").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is printed of `stream` when each event comes `ms_each` after the one before.
fn played(stream: &Stream, ms_each: u64) -> String {
    let (text, ms) = (Text::default(), Arc::new(AtomicU64::new(0)));
    let ticks = ms.clone();
    let mut screen = Plain::new(text.clone(), PLAIN, Box::new(move || ticks.load(Ordering::Relaxed)));
    for event in &stream.events {
        screen.event(event);
        ms.fetch_add(ms_each, Ordering::Relaxed);
        screen.tick();
    }
    let bytes = text.0.lock().expect("no panic while held").clone();
    String::from_utf8(bytes).expect("it writes text")
}

#[test]
fn each_thing_that_matters_is_a_line() {
    let expect = "
   0.0s  review-diff  wf_abc123, sim/typical, 16 at once
   0.0s  phase Find
    12s  done    find bugs in part 0 (Find)  12s, 3 turns, 4.0k in, 200 out, 2 tool calls
    12s  done    find bugs in part 1 (Find)  12s, 3 turns, 4.0k in, 200 out, 2 tool calls
    12s  done    find bugs in part 2 (Find)  12s, 3 turns, 4.0k in, 200 out, 2 tool calls
    12s  FAILED  find bugs in part 3 (Find)  timeout: no final reply within 600s
    12s  found 6 candidates
    12s  phase Verify
";
    let text = played(&under_way(), 0);
    // The stream starts its attempt twice; a terminal would show the last one only.
    let text = text.split_inclusive('\n').skip(1).collect::<String>();
    assert_eq!(text, expect.trim_start_matches('\n'));
}

#[test]
fn a_verdict_says_where_the_output_is_that_agents_are_not_told_of() {
    let judgement = Judgement {
        passed: Some(false),
        checks: vec![CheckResult {
            name: "secret".into(),
            why: Some("exit status 1".into()),
            visibility: Visibility::Hidden,
            output_file: Some("hidden/secret-757cdfaa71a1.txt".into()),
            ..CheckResult::default()
        }],
        ..Judgement::default()
    };
    let mut stream = Stream::new("port", false, &[]);
    stream.push(EventBody::OracleEnded {
        oracle: fanfold_core::CallKey::new("judge", 0),
        source: fanfold_core::Source::Live,
        judgement: Some(Box::new(judgement)),
        landing: None,
        failure: None,
        duration_ms: 1,
    });
    let text = played(&stream, 0);
    let kept =
        "secret: exit status 1  its output: /repo/.fanfold/runs/wf_abc123/hidden/secret-757cdfaa71a1.txt\n";
    assert!(text.ends_with(kept), "{text}");
}

#[test]
fn many_agents_are_counted_but_every_failure_is_shown() {
    let mut stream = Stream::new("wide", true, &[]);
    for nth in 0..10_000 {
        stream.start(nth, &format!("agent {nth}"), None);
    }
    for nth in 0..10_000 {
        match nth % 1_000 {
            999 => stream.fail(nth, FailureKind::Refused, "no"),
            _ => stream.done(nth),
        };
    }
    for ms_each in [0, 1, 10] {
        let text = played(&stream, ms_each);
        let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
        assert_eq!((count("done  "), count("FAILED  ")), (200, 10));
        assert!(count("agents ended") <= 20, "{}", count("agents ended"));
        assert_eq!(count("agents ended") > 0, ms_each > 0, "by the clock: {text}");
        assert!(text.lines().count() < 250);
        assert!(text.contains("wide  SIMULATED"));
    }
}

#[test]
fn a_resumed_run_says_once_what_it_took_from_the_journal() {
    let mut stream = Stream::new("again", false, &[]).attempt(2, &[], None);
    for nth in 0..50 {
        stream.queue(nth, "old", None).replayed(nth);
    }
    stream.start(50, "new", None).done(50);
    stream
        .push(EventBody::RunPaused { reason: "the provider is down".into() })
        .push(EventBody::RunResumed {});
    let text = played(&stream, 0);
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "   0.0s  again  wf_abc123, sim/typical, 16 at once, attempt 2",
            "   0.0s  50 agents taken from the journal",
            "   0.0s  done    new  12s, 3 turns, 4.0k in, 200 out, 2 tool calls",
            "   0.0s  paused: the provider is down",
            "   0.0s  resumed",
        ]
    );
}

#[test]
fn hostile_text_is_spelled_out_here_too() {
    let mut stream = Stream::new(HOSTILE, false, &[]);
    stream
        .start(0, HOSTILE, Some(HOSTILE))
        .fail(0, FailureKind::Provider, &HOSTILE.repeat(1_000))
        .log(HOSTILE);
    let text = played(&stream, 0);
    assert!(
        !text.contains(|ch: char| ch.is_control() && ch != '\n') && !text.contains('\u{202e}'),
        "{text:?}"
    );
    assert!(text.lines().all(|line| line.len() < 2_000), "{text}");
}

#[test]
fn the_end_is_the_summary() {
    let text = Text::default();
    let mut screen = Plain::new(text.clone(), PLAIN, Box::new(|| 0));
    let mut stream = under_way();
    stream.ended(RunStatus::Stopped, Verdict::Unverified, None);
    stream.events.iter().for_each(|event| screen.event(event));
    screen.finish(&Closing::default());
    let text =
        String::from_utf8(text.0.lock().expect("no panic while held").clone()).expect("it writes text");
    assert!(text.contains("\nstopped: 3 of 8 agents finished, 1 timed out, 4 not finished"), "{text}");
}
