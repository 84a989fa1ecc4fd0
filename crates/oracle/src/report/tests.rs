//! Reports of test tools as they print them, and as somebody would forge them.

use std::path::Path;

use super::{Format, Report, read};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(path).expect("a fixture")
}

/// `passed/failed/skipped`, then what is wrong with it.
fn told(report: Option<Report>) -> String {
    let Some(report) = report else { return "nothing".into() };
    let mut told = match report.counts {
        Some(counts) => format!("{}/{}/{}", counts.passed, counts.failed, counts.skipped),
        None => "uncounted".into(),
    };
    if report.has_failed {
        told.push_str(" failed");
    }
    if let Some(doubt) = report.doubt {
        told.push_str(&format!(" doubt: {doubt}"));
    }
    told
}

#[track_caller]
fn check(format: Format, name: &str, expect: &str) {
    assert_eq!(told(read(format, "", None, &fixture(name))), expect, "{name}");
}

#[track_caller]
fn check_text(format: Format, text: &str, expect: &str) {
    assert_eq!(told(read(format, "", None, text)), expect);
}

fn failures(format: Format, name: &str) -> Vec<(String, String)> {
    let report = read(format, "", None, &fixture(name)).expect("a report");
    report.failures.into_iter().map(|failure| (failure.name, failure.message)).collect()
}

#[test]
fn real_summaries_of_cargo_test_add_up_over_test_binaries() {
    check(Format::Cargo, "cargo-failed.txt", "4/1/1 failed");
    check(Format::Cargo, "cargo-broken.txt", "nothing");
    let failures = failures(Format::Cargo, "cargo-failed.txt");
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].0, "bad");
    assert!(failures[0].1.contains("two is three"), "{}", failures[0].1);
}

#[test]
fn a_summary_that_a_rust_test_prints_is_not_the_harness_s() {
    check(Format::Cargo, "cargo-lib-liar.txt", "2/0/1");
}

#[test]
fn a_test_binary_that_exits_in_the_middle_is_doubted_whatever_it_printed() {
    let head = "     Running unittests src/lib.rs (target/debug/deps/x-1)\n\nrunning 3 tests\n";
    check_text(Format::Cargo, head, "0/0/0 doubt: a test binary ended without its summary");
    check_text(
        Format::Cargo,
        &format!("{head}test result: ok. 77 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"),
        "77/0/0 doubt: a summary counts 77 tests where 3 were started",
    );
    check_text(
        Format::Cargo,
        "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        "3/0/0 doubt: a summary counts 3 tests where none were started",
    );
    let fake =
        "running 9 tests\ntest result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
    let real =
        "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    check_text(Format::Cargo, &format!("{head}{fake}{real}"), "3/0/0");
}

#[test]
fn real_summaries_of_nextest() {
    check(Format::Cargo, "nextest-failed.txt", "3/1/1 failed");
    check(Format::Cargo, "nextest-passed.txt", "2/0/1");
    check(Format::Cargo, "nextest-none.txt", "0/0/3");
    check(Format::Cargo, "nextest-colour.txt", "3/1/1 failed");
    assert_eq!(failures(Format::Cargo, "nextest-failed.txt"), [("fx::it bad".into(), String::new())]);
    check_text(
        Format::Cargo,
        "     Summary [   0.091s] 2/4 tests run: 1 passed, 1 failed, 0 skipped\n",
        "1/1/0 failed doubt: only 2 of 4 tests ran",
    );
}

#[test]
fn real_summaries_of_pytest_count_what_is_expected_to_fail_as_skipped() {
    check(Format::Pytest, "pytest-failed.txt", "4/2/3 failed");
    check(Format::Pytest, "pytest-quiet.txt", "2/2/2 failed");
    check(Format::Pytest, "pytest-colour.txt", "2/2/2 failed");
    check(Format::Pytest, "pytest-none.txt", "0/0/0");
    assert_eq!(
        failures(Format::Pytest, "pytest-failed.txt"),
        [
            ("test_a.py::test_bad".into(), "AssertionError: one is not two".into()),
            ("test_a.py::test_err".into(), "RuntimeError: no fixture".to_owned()),
        ]
    );
    let report = read(Format::Pytest, "", None, &fixture("pytest-colour.txt")).expect("a report");
    assert!(report.skipped.contains(&"test_a.py::test_skipped".to_owned()), "{:?}", report.skipped);
}

#[test]
fn the_last_summary_wins_over_one_that_a_test_prints() {
    check(Format::Pytest, "pytest-passed.txt", "2/0/1");
    check(Format::Jest, "jest-failed.txt", "3/1/2 failed");
    check(Format::Tap, "node-tap.txt", "3/1/2 failed");
    check(Format::Node, "node-spec.txt", "3/1/2 failed");
}

#[test]
fn real_summaries_of_unittest() {
    check(Format::Unittest, "unittest-failed.txt", "1/2/2 failed");
    check(Format::Unittest, "unittest-passed.txt", "1/0/1");
    check(Format::Unittest, "unittest-none.txt", "0/0/0");
    let failures = failures(Format::Unittest, "unittest-failed.txt");
    assert_eq!(failures[0], ("test_err (uni.T.test_err)".into(), "ValueError: boom".into()));
    assert_eq!(failures[1].1, "AssertionError: 1 != 2");
}

#[test]
fn real_summaries_of_jest_and_vitest() {
    check(Format::Jest, "jest-passed.txt", "1/0/0");
    check(Format::Jest, "jest-colour.txt", "3/1/2 failed");
    check(Format::Jest, "jest-none.txt", "0/0/0");
    check(Format::Jest, "vitest-failed.txt", "3/1/2 failed");
    check(Format::Jest, "vitest-colour.txt", "3/1/2 failed");
    check(Format::Jest, "vitest-passed.txt", "1/0/0");
    assert_eq!(failures(Format::Jest, "jest-failed.txt"), [("bad".into(), String::new())]);
    assert_eq!(failures(Format::Jest, "vitest-failed.txt"), [("a.test.js > bad".into(), String::new())]);
    check_text(
        Format::Jest,
        "Test Suites: 1 failed, 1 passed, 2 total\nTests:       3 passed, 3 total\n",
        "3/0/0 failed",
    );
    check_text(Format::Jest, "Tests:       99 passed, 99 total\n", "nothing");
}

#[test]
fn go_is_read_plain_verbose_and_as_events() {
    check(Format::Go, "go-plain.txt", "uncounted failed");
    check(Format::Go, "go-verbose.txt", "2/1/1 failed");
    check(Format::Go, "go-events.txt", "1/1/1 failed");
    assert_eq!(failures(Format::Go, "go-verbose.txt"), [("TestBad".into(), String::new())]);
    assert!(failures(Format::Go, "go-events.txt")[0].1.contains("got 2, want 3"));
    check_text(
        Format::Go,
        "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n",
        "0/0/0 doubt: a test was started and did not end",
    );
}

#[test]
fn tap_holds_to_its_plan() {
    check_text(Format::Tap, "TAP version 13\n1..2\nok 1 - a\nok 2 - b\n", "2/0/0");
    check_text(Format::Tap, "1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no network\n", "1/1/1 failed");
    check_text(Format::Tap, "1..2\nnot ok 1 - a # TODO later\nok 2\n", "1/0/1");
    check_text(Format::Tap, "1..3\nok 1\n", "1/0/0 doubt: 1 tests reported where 3 were planned");
    check_text(Format::Tap, "TAP version 14\nok 1\n", "1/0/0 doubt: there is no plan (`1..N`)");
    check_text(
        Format::Tap,
        "1..2\nok 1\nBail out! no database\n",
        "1/0/0 failed doubt: 1 tests reported where 2 were planned",
    );
    check_text(Format::Tap, "1..0 # SKIP nothing to do\n", "0/0/0");
    check_text(Format::Tap, "ok, that is done\n", "nothing");
    check_text(Format::Tap, "1..1\nok 1 - a\n    not ok 1 - within\n", "1/0/0");
}

#[test]
fn junit_counts_cases_and_believes_no_attribute() {
    check(Format::Junit, "pytest.junit.xml", "4/2/3 failed");
    let failures = failures(Format::Junit, "pytest.junit.xml");
    assert_eq!(failures[0].0, "test_a.test_bad");
    assert!(failures[0].1.starts_with("AssertionError: one is not two"));
    let liar = "<testsuite tests='99' failures='0'><testcase name='a'/><testcase name='b'><skipped/></testcase></testsuite>";
    check_text(Format::Junit, liar, "1/0/1");
    check_text(Format::Junit, "<testsuite errors='1'></testsuite>", "0/0/0 failed");
    let cut = read(Format::Junit, "", None, "<testsuite><testcase name='a'>").expect("a report");
    assert!(cut.doubt.is_some_and(|doubt| doubt.starts_with("the report is no XML")));
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><testsuite><testcase name='&a;'/></testsuite>";
    assert!(read(Format::Junit, "", None, bomb).is_some_and(|report| report.doubt.is_some()));
}

#[test]
fn json_says_yes_only_with_true() {
    check_text(Format::Json, r#"{"passed": true, "failures": []}"#, "uncounted");
    check_text(Format::Json, r#"{"passed": true, "failures": ["a"]}"#, "uncounted failed");
    check_text(
        Format::Json,
        r#"{"passed": "yes"}"#,
        "uncounted failed doubt: `passed` is neither true nor false",
    );
    check_text(
        Format::Json,
        "building…\n{\"passed\": true, \"tests\": {\"passed\": 2, \"failed\": 0, \"skipped\": 1}}\n",
        "2/0/1",
    );
    check_text(Format::Json, "{\"passed\": tr", "nothing");
    check_text(Format::Json, "{\"passed\": true}\n{\"passed\": false}", "uncounted failed");
}

#[test]
fn a_score_is_the_last_match_and_a_number() {
    let rule = |pattern: &str| crate::ScoreRule {
        direction: crate::Direction::Higher,
        threshold: None,
        pattern: Some(pattern.into()),
    };
    let rule = rule(r"accuracy: (?<score>\S+)");
    let score = |text: &str| read(Format::Score, "", Some(&rule), text).and_then(|report| report.score);
    assert_eq!(score("accuracy: 1.0\naccuracy: 0.5\n"), Some(0.5));
    assert_eq!(score("accuracy: high"), None);
    let nan = read(Format::Score, "", Some(&rule), "accuracy: NaN").expect("a report");
    assert_eq!(nan.doubt.as_deref(), Some("the score is NaN"));
    let plain = read(Format::Score, "", None, "done\n{\"score\": 12}\n").expect("a report");
    assert_eq!(plain.score, Some(12.0));
}

#[test]
fn the_format_is_found_by_the_command_else_by_the_output() {
    let read = |command: &str, name: &str| told(read(Format::Auto, command, None, &fixture(name)));
    assert_eq!(read("cargo test --all", "cargo-failed.txt"), "4/1/1 failed");
    assert_eq!(read("make test", "cargo-failed.txt"), "4/1/1 failed");
    assert_eq!(read("npm test", "vitest-passed.txt"), "1/0/0");
    assert_eq!(read("npm test", "node-spec.txt"), "3/1/2 failed");
    assert_eq!(read("./check.sh", "unittest-passed.txt"), "1/0/1");
    assert_eq!(read("./check.sh", "pytest-passed.txt"), "2/0/1");
    assert_eq!(read("cargo test", "pytest-passed.txt"), "nothing", "of another tool");
    assert_eq!(told(super::read(Format::Auto, "true", None, "all is well\n")), "nothing");
}

#[test]
fn every_format_survives_every_cut_and_no_cut_says_more_than_the_whole() {
    for entry in
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")).expect("a folder")
    {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        let text = fixture(&name);
        for (end, _) in text.char_indices().filter(|(at, _)| at % 41 == 0) {
            for format in Format::ALL {
                let Some(report) = read(format, "", None, &text[..end]) else { continue };
                let whole = read(format, "", None, &text);
                let most = whole.and_then(|whole| whole.counts).map_or(u64::MAX, |counts| counts.total());
                // `Tests: 1 failed, 1 skipped, 1 todo, 3 passed, 6 total` is whole or is none.
                let fake = name.contains("liar") || name == "pytest-passed.txt" || name.starts_with("go-");
                assert!(fake || report.counts.is_none_or(|counts| counts.total() <= most), "{name} to {end}");
            }
        }
    }
}

#[test]
fn huge_output_is_read_in_bounds() {
    let mut text = "test tests::x ... FAILED\n".repeat(200_000);
    text.push_str(
        "running 200000 tests\ntest result: FAILED. 0 passed; 200000 failed; 0 ignored; 0 measured\n",
    );
    let lines: String = (0..5_000).map(|nth| format!("test a{nth} ... FAILED\n")).collect();
    let report = read(Format::Cargo, "", None, &(lines + &text)).expect("a report");
    assert_eq!(report.failures.len(), super::FAILURES_MAX);
    assert_eq!(report.counts.map(|counts| counts.failed), Some(200_000));
    let long = format!("FAILED {} - {}\n1 failed in 0.1s\n", "n".repeat(100_000), "m".repeat(100_000));
    let report = read(Format::Pytest, "", None, &long).expect("a report");
    assert!(report.failures[0].name.len() < 400 && report.failures[0].message.len() < 1_100);
}

#[track_caller]
fn check_names(format: Format, text: &str, expect: &[&str]) {
    let report = read(format, "", None, text).expect("a report");
    assert_eq!(report.names, expect);
    assert_eq!(report.names_all(), !expect.is_empty());
}

#[test]
fn tests_that_ran_are_named_without_what_differs_from_run_to_run() {
    check_names(Format::Cargo, &fixture("cargo-failed.txt"), &["liar", "two_is_two", "good", "bad", "two"]);
    check_names(Format::Cargo, &fixture("nextest-failed.txt"), &["liar", "two_is_two", "bad", "good"]);
    let verbose = "test_a (m.T.test_a) ... ok\ntest_b (m.T.test_b)\nWhat it does. ... FAIL\n\
        test_c (m.T.test_c) ... skipped 'later'\n\nRan 3 tests in 0.1s\n\nFAILED (failures=1, skipped=1)\n";
    check_names(Format::Unittest, verbose, &["test_a (m.T.test_a)", "test_b (m.T.test_b)"]);
    let verbose = "t.py::test_a[0.5] PASSED [ 50%]\nt.py::test_b FAILED [100%]\n=== FAILURES ===\n\
        FAILED t.py::test_b - assert 0\n=== 1 failed, 1 passed in 0.03s ===\n";
    check_names(Format::Pytest, verbose, &["t.py::test_a", "t.py::test_b"]);
    let cases = "=== RUN   TestA\n=== RUN   TestA/17:03\n--- PASS: TestA (0.00s)\n    \
        --- PASS: TestA/17:03 (0.00s)\nok  \tx\t0.1s\n";
    check_names(Format::Go, cases, &["TestA", "TestA"]);
    check_names(Format::Tap, "ok 1 - a\nnot ok 2 - b\n1..2\n", &["a", "b"]);
    let suite = "<testsuite><testcase classname='c' name='a'/>\
        <testcase classname='c' name='b'><failure/></testcase></testsuite>";
    check_names(Format::Junit, suite, &["c.a", "c.b"]);
}

#[test]
fn nothing_follows_from_names_where_a_file_could_not_be_loaded() {
    let report = read(Format::Junit, "", None, &fixture("pytest.junit.xml")).expect("a report");
    assert!(!report.names.is_empty() && !report.names_all());
    let broken = "test_x (unittest.loader._FailedTest.test_x) ... ERROR\ntest_a (m.T.test_a) ... ok\n\n\
        Ran 2 tests in 0.1s\n\nFAILED (errors=1)\n";
    let report = read(Format::Unittest, "", None, broken).expect("a report");
    assert_eq!((report.names.len(), report.names_all()), (1, false));
    let broken = "TAP version 13\nnot ok 1 - /repo/a.test.js\nok 2 - b\n1..2\n";
    assert!(!read(Format::Tap, "", None, broken).expect("a report").names_all());
}

#[test]
fn go_without_v_counts_no_tests_so_it_cannot_stand_for_a_run_that_did() {
    check_text(Format::Go, "ok  \tx\t0.1s\n", "uncounted");
}
