//! The verdict on one check, from how it ended and what it reported.

use fanfold_core::oracle::{CheckResult, TestCounts, Visibility};

use super::{Ended, verdict, why_void};
use crate::report::Report;
use crate::spec::{Check, Direction, Format, ScoreRule};

const GOOD: Ended = Ended { exit_code: Some(0), has_timed_out: false };

fn counted(passed: u64, failed: u64, skipped: u64) -> Report {
    let counts = Some(TestCounts { passed, failed, skipped });
    Report { counts, has_failed: failed > 0, ..Report::default() }
}

fn start(passed: u64, failed: u64, skipped: u64) -> CheckResult {
    CheckResult { tests: Some(TestCounts { passed, failed, skipped }), ..CheckResult::default() }
}

fn check(format: Format) -> Check {
    Check { format, ..Check::new("tests", "x") }
}

#[track_caller]
fn why(check: &Check, ended: Ended, report: Option<Report>, start: Option<CheckResult>) -> String {
    let result = verdict(check, ended, report.as_ref(), start.as_ref());
    assert_eq!(result.passed, result.why.is_none());
    result.why.unwrap_or_else(|| "passed".into())
}

#[test]
fn the_exit_status_and_the_summary_must_both_be_good() {
    let cargo = check(Format::Cargo);
    assert_eq!(why(&cargo, GOOD, Some(counted(3, 0, 0)), None), "passed");
    let bad = Ended { exit_code: Some(101), ..GOOD };
    assert_eq!(why(&cargo, bad, Some(counted(3, 0, 0)), None), "exit status 101");
    assert_eq!(why(&cargo, bad, Some(counted(2, 1, 0)), None), "exit status 101, 1 of 3 tests failed");
    assert_eq!(why(&cargo, GOOD, Some(counted(2, 1, 0)), None), "1 of 3 tests failed");
    assert_eq!(why(&cargo, GOOD, None, None), "no cargo report in what it printed");
    assert_eq!(why(&cargo, Ended { exit_code: None, ..GOOD }, None, None), "it was killed");
    let late = Ended { exit_code: Some(0), has_timed_out: true };
    assert_eq!(why(&cargo, late, Some(counted(3, 0, 0)), None), "timed out after 600000 ms");
    let doubted = Report { doubt: Some("odd".into()), ..counted(3, 0, 0) };
    assert_eq!(why(&cargo, GOOD, Some(doubted), None), "its report cannot be believed: odd");
}

#[test]
fn fewer_tests_no_tests_and_new_skips_are_not_passed() {
    let auto = check(Format::Auto);
    assert_eq!(why(&auto, GOOD, Some(counted(0, 0, 0)), None), "no test ran");
    assert_eq!(why(&auto, GOOD, Some(counted(0, 0, 3)), None), "no test ran, 3 were skipped");
    assert_eq!(
        why(&auto, GOOD, Some(counted(2, 0, 0)), Some(start(2, 1, 0))),
        "1 test fewer than at the start"
    );
    assert_eq!(
        why(&auto, GOOD, Some(counted(2, 0, 1)), Some(start(2, 1, 0))),
        "1 test skipped that ran at the start"
    );
    assert_eq!(why(&auto, GOOD, Some(counted(4, 0, 1)), Some(start(2, 1, 1))), "passed");
    assert_eq!(why(&auto, GOOD, None, Some(start(2, 1, 0))), "it reported no tests, and 3 at the start");
    assert_eq!(why(&auto, GOOD, None, Some(CheckResult::default())), "passed");
    assert_eq!(why(&check(Format::Exit), GOOD, None, None), "passed");
}

#[test]
fn a_score_is_held_against_the_threshold_of_the_definition() {
    let rule = |direction| Some(ScoreRule { direction, threshold: Some(0.9), pattern: None });
    let scored = |score| Some(Report { score: Some(score), ..Report::default() });
    let higher = Check { score: rule(Direction::Higher), ..check(Format::Score) };
    let lower = Check { score: rule(Direction::Lower), ..check(Format::Score) };
    assert_eq!(why(&higher, GOOD, scored(0.9), None), "passed");
    assert_eq!(why(&higher, GOOD, scored(0.89), None), "score 0.89, below 0.9");
    assert_eq!(why(&lower, GOOD, scored(1.0), None), "score 1, above 0.9");
    assert_eq!(why(&lower, GOOD, Some(Report::default()), None), "it reported no score");
    assert_eq!(why(&lower, GOOD, None, None), "no score report in what it printed");
}

#[test]
fn a_honeypot_is_caught_by_its_exit_status_alone() {
    let honeypot = Check { visibility: Visibility::Honeypot, ..check(Format::Pytest) };
    assert_eq!(why(&honeypot, GOOD, None, None), "passed what honest work cannot pass");
    let bad = Ended { exit_code: Some(1), ..GOOD };
    assert_eq!(why(&honeypot, bad, Some(counted(0, 1, 0)), None), "passed");
}

#[test]
fn numbers_in_the_names_of_tests_may_change() {
    let named = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Report { names, ..counted(2, 0, 0) }
    };
    let auto = check(Format::Auto);
    let start = verdict(&auto, GOOD, Some(&named(&["0 ports", "t1 (3 ms)"])), None);
    let why = |names: &[&str]| why(&auto, GOOD, Some(named(names)), Some(start.clone()));
    assert_eq!(why(&["12 ports", "t1 (27 ms)"]), "passed");
    assert_eq!(why(&["12 ports", "13 ports"]), "`t1 (3 ms)` ran at the start and is not there any more");
}

#[test]
fn a_test_that_another_one_stands_for_is_missed() {
    let named = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Report { names, ..counted(3, 0, 0) }
    };
    let auto = check(Format::Auto);
    let start = verdict(&auto, GOOD, Some(&named(&["a", "b", "b"])), None);
    assert_eq!(start.names, ["a", "b", "b"]);
    let why = |names: &[&str]| why(&auto, GOOD, Some(named(names)), Some(start.clone()));
    assert_eq!(why(&["b", "b", "a"]), "passed");
    assert_eq!(why(&["b", "b", "a", "more"]), "passed");
    assert_eq!(why(&["a", "b", "easy"]), "`b` ran at the start and is not there any more");
    assert_eq!(why(&["c", "d", "e"]), "`a` and 2 more tests ran at the start and are not there any more");
    assert_eq!(why(&["a"]), "passed", "a report that does not name them all says nothing of the others");
}

#[test]
fn a_run_that_counts_nothing_does_not_stand_for_one_that_did() {
    let go = check(Format::Go);
    let plain = || Some(Report::default());
    assert_eq!(why(&go, GOOD, plain(), Some(start(3, 2, 0))), "it counted no tests, and 5 at the start");
    assert_eq!(why(&go, GOOD, plain(), Some(CheckResult::default())), "passed");
}

#[test]
fn a_start_that_could_not_be_run_or_looked_elsewhere_is_void_and_one_that_failed_is_not() {
    let ended = |code| Ended { exit_code: Some(code), has_timed_out: false };
    let none = Some(TestCounts::default());
    let some = Some(TestCounts { passed: 1, failed: 2, skipped: 0 });
    for (ended, tests, test, void) in [
        (ended(127), None, None, true),
        (ended(126), None, Some("tests/a.py"), true),
        (ended(127), some, Some("tests/a.py"), false),
        (ended(5), none, Some("tests/a.py"), true),
        (ended(0), none, Some("tests/a.py"), true),
        (ended(5), none, None, false),
        (ended(1), some, Some("tests/a.py"), false),
        (ended(2), None, Some("tests/a.py"), false),
    ] {
        assert_eq!(why_void(ended, tests, test).is_some(), void, "{ended:?} {tests:?} {test:?}");
    }
}
