//! Tests of the summary.

use fanfold_core::{Failure, FailureKind, RunStatus, RunView, Verdict};

use super::PLAIN;
use super::synthetic::Stream;
use crate::screen::Closing;
use crate::screen::summary;

fn check(stream: &Stream, closing: &Closing, expect: &str) {
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    assert_eq!(PLAIN.render(&summary::lines(&view, closing, 100)), expect.trim_start_matches('\n'));
}

#[test]
fn a_run_without_agents_is_complete() {
    let mut stream = Stream::new("empty", false, &[]);
    stream.at(900).ended(RunStatus::Completed, Verdict::Unverified, None);
    check(
        &stream,
        &Closing::default(),
        "
completed: no agents · verdict: unverified
tokens    0 in, 0 out
time      0.9s
run       /repo/.fanfold/runs/wf_abc123
",
    );
}

#[test]
fn a_degraded_run_counts_what_was_lost_in_its_first_line() {
    let mut stream =
        Stream::new("review", true, &["Find", "Verify"]).attempt(1, &["Find", "Verify"], Some(50_000));
    for nth in 0..100 {
        let phase = if nth < 40 { "Find" } else { "Verify" };
        stream.start(nth, &format!("agent {nth}"), Some(phase));
        match nth {
            7 => stream.fail(nth, FailureKind::Refused, "the model declined"),
            50 | 60 => stream.fail(nth, FailureKind::Timeout, "no final reply within 600s"),
            1..=5 => stream.replayed(nth),
            _ => stream.done(nth),
        };
    }
    stream.at(250_000).ended(RunStatus::Degraded, Verdict::Passed, None);
    check(
        &stream,
        &Closing::default(),
        "
degraded: 97 of 100 agents finished, 2 timed out, 1 refused · verdict: passed · SIMULATED
   Find    39 of 40  5 replayed  1 refused
   Verify  58 of 60              2 timed out
tokens    400.0k in (75% cached), 20.0k out of 50.0k allowed, simulated: nothing was spent, 200 tool calls
time      4m 10s, at most 1 agent at once
failures
  ✗ agent 7 (Find)  refused: the model declined
  ✗ agent 50 (Verify)  timeout: no final reply within 600s
  ✗ agent 60 (Verify)  timeout: no final reply within 600s
run       /repo/.fanfold/runs/wf_abc123
resume: fanfold resume wf_abc123
",
    );
}

#[test]
fn a_paused_run_says_why_and_what_to_type() {
    let mut stream = Stream::new("review", false, &[]);
    stream.start(0, "a", None).done(0).start(1, "b", None).queue(2, "c", None);
    let why = "the provider's spend limit is reached\nsince 10:00";
    stream.at(12_000).ended(RunStatus::Paused, Verdict::Unverified, Some(why));
    check(
        &stream,
        &Closing { hint: Some("raise it at the provider".into()), ..Closing::default() },
        "
paused: 1 of 3 agents finished, 2 not finished · verdict: unverified
error     the provider's spend limit is reached
          since 10:00
hint      raise it at the provider
tokens    4.0k in (75% cached), 200 out, $0, 2 tool calls
time      12s, at most 1 agent at once
run       /repo/.fanfold/runs/wf_abc123
resume: fanfold resume wf_abc123
",
    );
}

#[test]
fn dollars_stand_beside_their_cap_and_what_is_not_known_is_said() {
    let mut stream = Stream::new("review", false, &[]);
    stream.start(0, "a", None).done(0).at(900).ended(RunStatus::Completed, Verdict::Unverified, None);
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    let check = |view: &RunView, expect: &str| {
        let text = PLAIN.render(&summary::lines(view, &Closing::default(), 100));
        let tokens = text.lines().find(|line| line.starts_with("tokens")).expect("a line of tokens");
        assert_eq!(tokens, format!("tokens    4.0k in (75% cached), 200 out, {expect}, 2 tool calls"));
    };
    view.usage.usd_micros = 1_324_000;
    check(&view, "$1.32");
    view.budget_usd_micros = Some(4_000_000);
    view.usage.unconfirmed_usd_micros = 120_000;
    check(&view, "$1.32 of $4.00, up to $0.12 unconfirmed");
    view.usage.unpriced = 2;
    check(&view, "$1.32 of $4.00 and what has no price, up to $0.12 unconfirmed");
    view.usage = fanfold_core::Usage { usd_micros: 0, unconfirmed_usd_micros: 0, ..view.usage };
    view.budget_usd_micros = None;
    check(&view, "no price");
    view.simulated = true;
    check(&view, "simulated: nothing was spent");
    view.usage.usd_micros = 4_200;
    view.usage.unpriced = 0;
    check(&view, "$0.0042 simulated: nothing was spent");
}

#[test]
fn every_kind_of_failure_has_its_words_and_only_ten_are_listed() {
    use FailureKind::*;
    let kinds = [
        BadCall, Schema, Budget, Cap, Timeout, Refused, BadRequest, Provider, TurnLimit, Truncated,
        Workspace, Simulated, Skipped,
    ];
    let mut stream = Stream::new("broken", false, &[]);
    for (nth, kind) in kinds.into_iter().enumerate() {
        stream.start(nth, &format!("agent {nth}"), None).fail(nth, kind, kind.name());
    }
    stream.ended(RunStatus::Failed, Verdict::Failed, Some("TypeError: x is null"));
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    let thrown = Failure { kind: Thrown, message: "a is not iterable".into() };
    let closing = Closing { thrown: vec![thrown], ..Closing::default() };
    let text = PLAIN.render(&summary::lines(&view, &closing, 100));
    let first = text.lines().next().expect("a first line");
    assert_eq!(
        first,
        "failed: 0 of 13 agents finished, 1 called wrongly, 1 off their schema, 1 refused by the budget, \
         1 refused by the cap, 1 timed out, 1 refused, 1 rejected by the provider, 1 lost to the provider, \
         1 out of turns, 1 cut short, 1 without a workspace, 1 failed by simulation, 1 skipped, \
         1 lost to an exception · verdict: failed"
    );
    assert_eq!(text.matches('✗').count(), 10);
    assert!(text.contains("  and 4 more: fanfold show wf_abc123\n"), "{text}");
}

#[test]
fn a_patch_is_named_with_its_whole_commit() {
    let mut stream = Stream::new("edit", false, &[]);
    stream.start(0, "edit a.rs", None).done(0);
    for event in &mut stream.events {
        if let fanfold_core::EventBody::AgentEnded { end, .. } = &mut event.body {
            let commit = "c0ffee42".repeat(5);
            end.patch =
                Some(fanfold_core::Patch { commit, base: "abc".into(), files: 3, diff: String::new() });
        }
    }
    stream.ended(RunStatus::Completed, Verdict::Passed, None);
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    let text = PLAIN.render(&summary::lines(&view, &Closing::default(), 40));
    let expect = format!("patches\n  {}  3 files changed by edit a.rs\n", "c0ffee42".repeat(5));
    assert!(text.contains(&expect), "{text}");
}

#[test]
fn what_landed_is_brought_where_it_can_be_seen() {
    let mut stream = Stream::new("port", false, &[]);
    let landing = fanfold_core::Landing { landed: true, ..fanfold_core::Landing::default() };
    stream.push(fanfold_core::EventBody::OracleEnded {
        oracle: fanfold_core::CallKey::new("land", 0),
        source: fanfold_core::Source::Replayed,
        judgement: None,
        landing: Some(Box::new(landing)),
        failure: None,
        duration_ms: 1,
    });
    stream.ended(RunStatus::Completed, Verdict::Passed, None);
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    let told = |closing: &Closing| PLAIN.render(&summary::lines(&view, closing, 100));
    let text = told(&Closing::default());
    assert!(
        text.contains("1 commit on the branch fanfold/wf_abc123\nto your branch: fanfold apply"),
        "{text}"
    );
    let text = told(&Closing { has_no_git: true, ..Closing::default() });
    assert!(text.contains("1 change; your files are as they were\nto your files: fanfold apply"), "{text}");
}
