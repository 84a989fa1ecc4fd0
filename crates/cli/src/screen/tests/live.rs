//! Tests of the live view.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fanfold_core::{EventBody, FailureKind, RunStatus, RunView, Verdict};

use super::PLAIN;
use super::synthetic::{HOSTILE, Stream, under_way};
use super::vt::Vt;
use crate::screen::live::Live;
use crate::screen::panel::Panel;
use crate::screen::{Closing, Screen, Style};

/// A live screen on a terminal of its own, and the time that it sees.
struct Rig {
    vt: Vt,
    screen: Live<Vt>,
    ms: Arc<AtomicU64>,
}

impl Rig {
    fn new(columns: usize, rows: usize) -> Self {
        let (vt, ms) = (Vt::new(columns, rows), Arc::new(AtomicU64::new(1_000)));
        let (sized, ticks) = (vt.clone(), ms.clone());
        let style = Style { color: true, unicode: true };
        let screen = Live::new(
            vt.clone(),
            style,
            Box::new(move || sized.size()),
            Box::new(move || ticks.load(Ordering::Relaxed)),
        );
        Self { vt, screen, ms }
    }

    fn play(&mut self, stream: &Stream) -> &mut Self {
        for event in &stream.events {
            self.screen.event(event);
        }
        self
    }

    fn frame(&mut self) -> String {
        self.pass(100);
        self.screen.tick();
        assert!(self.vt.is_clean(), "the terminal was left in another state than it was found in");
        self.vt.text()
    }

    fn pass(&mut self, ms: u64) {
        self.ms.fetch_add(ms, Ordering::Relaxed);
    }
}

#[test]
fn dollars_are_shown_beside_the_tokens_with_their_cap() {
    let mut view = RunView::default();
    under_way().events.iter().for_each(|event| view.apply(event));
    let check = |view: &RunView, columns, expect: &str| {
        let panel = Panel { view, now: view.last_at, running: Vec::new(), ended: Vec::new() };
        let text = PLAIN.render(&panel.lines(columns, 24));
        let line = text.lines().find(|line| line.contains(" in (")).expect("a line of tokens");
        assert_eq!(line, expect);
    };
    view.budget = None;
    check(&view, 80, "16.0k in (75% cached)  800 out");
    view.usage.usd_micros = 1_324_000;
    check(&view, 80, "16.0k in (75% cached)  800 out  $1.32");
    view.budget_usd_micros = Some(4_000_000);
    view.usage.unconfirmed_usd_micros = 1_900_000;
    check(&view, 80, "16.0k in (75% cached)  800 out  $1.32 of $4.00 (33%)  up to $1.90 unconfirmed");
    check(&view, 60, "16.0k in (75% cached)  800 out  $1.32 of $4.00 (33%)");
    view.simulated = true;
    view.usage.unconfirmed_usd_micros = 0;
    check(&view, 80, "16.0k in (75% cached)  800 out  $1.32 of $4.00 (33%) simulated");
}

#[test]
fn a_run_under_way_fits_a_terminal_of_80_by_24() {
    let mut rig = Rig::new(80, 24);
    let expect = "
found 6 candidates
review-diff  1m 04s  sim/typical  wf_abc123
4/8 agents  1 failed  3 running  1 queued
22.0k in (75% cached)  950 out  budget 9% of 10.0k out
✓  Find    ━━━━━━━━━━━━━━━━━━━━━━━━  4/4  1 failed
●  Verify  ────────────────────────  0/4  3 running
○  Report  ────────────────────────  0/0
   agent                    turns  tokens  tools    time
●  verify candidate 4           2    2.0k      2     52s  grep unsafe
●  verify candidate 5           2    2.0k      1     52s  read src/main.rs
●  verify candidate 6           2    2.0k      1     52s  read src/main.rs
✗  find bugs in part 3          3    4.2k      2     12s  timeout: no final re…
✓  find bugs in part 2          3    4.2k      2     12s
✓  find bugs in part 1          3    4.2k      2     12s
✓  find bugs in part 0          3    4.2k      2     12s";
    assert_eq!(rig.play(&under_way()).frame(), expect.trim_start());
}

#[test]
fn a_terminal_of_40_by_10_gets_what_matters_most() {
    let mut rig = Rig::new(40, 10);
    let expect = "
found 6 candidates
review-diff  1m 04s  wf_abc123
4/8 agents  1 failed  950 out
✓  Find    4/4  1 failed
●  Verify  0/4  3 running
○  Report  0/0
●  verify candid…     52s  grep unsafe
●  verify candid…     52s  read src/ma…
●  verify candid…     52s  read src/ma…";
    assert_eq!(rig.play(&under_way()).frame(), expect.trim_start());
}

#[test]
fn a_simulated_run_says_so_at_any_width() {
    for columns in [20, 40, 80, 200] {
        let mut rig = Rig::new(columns, 24);
        let text = rig.play(&Stream::new("a-workflow-with-a-name-of-some-length", true, &[])).frame();
        assert!(text.contains("SIMULATED"), "{columns}: {text}");
    }
}

#[test]
fn time_goes_on_between_the_events_of_a_real_run_and_stands_still_in_a_simulated_one() {
    let title = |simulated| {
        let mut rig = Rig::new(80, 24);
        rig.play(&Stream::new("w", simulated, &[])).frame();
        rig.pass(61_000);
        rig.frame().lines().next().unwrap_or_default().to_owned()
    };
    assert!(title(false).starts_with("w  1m 01s"), "{}", title(false));
    assert!(title(true).starts_with("w  SIMULATED  0.0s"), "{}", title(true));
}

#[test]
fn frames_are_drawn_by_the_clock_and_not_by_the_events() {
    let mut rig = Rig::new(80, 24);
    rig.play(&under_way()).frame();
    let one = rig.vt.bytes();
    for _ in 0..1_000 {
        rig.play(&under_way());
        rig.screen.tick();
    }
    assert_eq!(rig.vt.bytes(), one, "no time passed");
    rig.frame();
    let two = rig.vt.bytes();
    assert!(two > one);
    rig.frame();
    assert_eq!(rig.vt.bytes(), two, "nothing changed within a second");
    rig.pass(1_000);
    rig.frame();
    assert!(rig.vt.bytes() > two, "the time did");
}

#[test]
fn a_thousand_agents_are_counted_and_those_that_matter_shown() {
    let mut stream = Stream::new("wide", false, &["All"]);
    for nth in 0..1_000 {
        stream.start(nth, &format!("agent {nth}"), Some("All"));
    }
    stream.at(5_000);
    for nth in 0..400 {
        stream.done(nth);
    }
    for (columns, rows) in [(80, 24), (40, 10), (120, 60), (20, 5), (1, 1)] {
        let mut rig = Rig::new(columns, rows);
        let text = rig.play(&stream).frame();
        assert!(text.lines().count() <= rows, "{columns}x{rows}:\n{text}");
        if columns >= 40 {
            assert!(text.contains("400/1000 agents"), "{text}");
            assert!(text.contains("more running"), "{text}");
        }
        if rows >= 24 {
            assert!(text.contains("✓  agent 399"), "{text}");
        }
    }
}

#[test]
fn thirty_phases_leave_room_for_the_agents_of_the_one_that_runs() {
    let titles: Vec<String> = (0..30).map(|nth| format!("phase {nth}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut stream = Stream::new("long", false, &titles);
    for (nth, title) in titles[..20].iter().enumerate() {
        stream.start(nth, "quick", Some(title)).done(nth);
    }
    stream.start(20, "the one", Some(titles[20]));
    let text = Rig::new(80, 24).play(&stream).frame();
    assert!(
        text.contains("phase 20") && text.contains("more phases") && text.contains("●  the one"),
        "{text}"
    );
    assert!(!text.contains("phase 19 "), "{text}");
}

#[test]
fn hostile_text_reaches_no_terminal() {
    // The test terminal panics at a control character, an unknown sequence and a line that is too wide.
    for columns in [1, 2, 7, 33, 40, 79, 80, 81, 150] {
        let mut stream = Stream::new(HOSTILE, false, &[HOSTILE]).attempt(2, &[HOSTILE], Some(1));
        stream.start(0, HOSTILE, Some(HOSTILE)).tool(0, HOSTILE, HOSTILE);
        stream.start(1, &"日本語".repeat(500), None).fail(1, FailureKind::Provider, HOSTILE);
        stream.push(EventBody::RunPaused { reason: HOSTILE.repeat(50) }).log(HOSTILE);
        let mut rig = Rig::new(columns, 24);
        let text = rig.play(&stream).frame();
        if columns == 150 {
            assert!(text.contains(r"\u{1b}[2J") && text.contains(r"\u{202e}"), "{text}");
        }
        stream.ended(RunStatus::Failed, Verdict::Unverified, Some(HOSTILE));
        rig.play(&stream).screen.finish(&Closing { hint: Some(HOSTILE.into()), ..Closing::default() });
        assert!(rig.vt.is_clean());
    }
}

#[test]
fn a_resize_leaves_nothing_of_the_old_frame() {
    let mut rig = Rig::new(80, 24);
    let first = rig.play(&under_way()).frame();
    for (columns, rows) in [(40, 40), (120, 50), (33, 45), (80, 24)] {
        rig.vt.resize(columns, rows);
        let text = rig.frame();
        assert_eq!(text.matches("review-diff").count(), 1, "{columns}x{rows}:\n{text}");
        assert_eq!(text.matches("/8 agents").count(), 1, "{columns}x{rows}:\n{text}");
        assert!(text.starts_with("found 6 candidates"), "what stood above is gone:\n{text}");
    }
    assert_eq!(rig.frame(), first);
}

#[test]
fn log_lines_scroll_above_and_a_flood_of_them_is_cut() {
    let mut rig = Rig::new(80, 12);
    let mut stream = under_way();
    rig.play(&stream).frame();
    for nth in 0..1_000 {
        stream.log(&format!("line {nth}\nand {}", "more ".repeat(30)));
    }
    let text = rig.play(&stream).frame();
    assert!(text.contains("more lines of the log: fanfold logs wf_abc123"), "{text}");
    assert!(text.contains("line 999\n") && !text.contains("line 899\n"), "{text}");
    assert_eq!(text.matches("review-diff").count(), 1, "{text}");
    assert!(text.find("line 999").expect("there") < text.find("review-diff").expect("there"));
}

#[test]
fn the_end_is_the_summary_and_no_trace_of_the_panel() {
    let mut rig = Rig::new(80, 24);
    let mut stream = under_way();
    rig.play(&stream).frame();
    for nth in 4..8 {
        stream.done(nth);
    }
    stream.log("last words").ended(RunStatus::Degraded, Verdict::Unverified, None);
    rig.play(&stream).screen.finish(&Closing::default());
    let text = rig.vt.text();
    assert!(text.starts_with("found 6 candidates\n"), "{text}");
    assert!(text.contains("last words\ndegraded: 7 of 8 agents finished, 1 timed out"), "{text}");
    assert!(!text.contains("7/8 agents") && !text.contains('━'), "{text}");
    assert!(rig.vt.is_clean());
    let after = rig.vt.bytes();
    drop(rig.screen);
    assert_eq!(rig.vt.bytes(), after);
}

#[test]
fn replayed_agents_are_counted_and_not_listed() {
    let mut stream = Stream::new("again", false, &["Find"]).attempt(2, &["Find"], None);
    for nth in 0..50 {
        stream.queue(nth, &format!("old {nth}"), Some("Find")).replayed(nth);
    }
    stream.start(50, "new", Some("Find"));
    let text = Rig::new(80, 24).play(&stream).frame();
    assert!(text.contains("50 replayed") && text.contains("attempt 2") && text.contains("●  new"), "{text}");
    assert!(!text.contains("old 49"), "{text}");
}
