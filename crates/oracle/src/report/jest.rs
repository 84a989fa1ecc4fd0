//! jest and vitest: the last line `Tests: …`, right beneath the one of suites or files.

use std::sync::LazyLock;

use regex::Regex;

use super::{Report, number_before};

pub fn read(text: &str) -> Option<Report> {
    static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
        let jest = r"Test Suites: (?<suites>[^\n]*\d+ total)\nTests: +(?<tests>[^\n]*\d+ total)$";
        let vitest = r" Test Files +(?<files>[^\n]*\(\d+\))\n +Tests +(?<cases>[^\n]*\(\d+\)|no tests)$";
        Regex::new(&format!("(?m)^(?:{jest}|{vitest})")).expect("a good pattern")
    });
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(?:No tests found, exiting with code|No test files found)").expect("a good pattern")
    });
    // jest heads a failure with a dot, vitest with FAIL; consoles have a dot too.
    static TEST: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^ +● (.+)$|^ FAIL +(\S+ > .+)$").expect("a good pattern"));
    static SKIPPED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^ +[○↓] (?:skipped )?(.+)$").expect("a good pattern"));
    let Some(summary) = SUMMARY.captures_iter(text).last() else {
        return NONE.is_match(text).then(|| Report::counted(0, 0, 0));
    };
    let named =
        |names: [&str; 2]| names.iter().find_map(|name| summary.name(name)).map_or("", |part| part.as_str());
    let (suites, tests) = (named(["suites", "files"]), named(["tests", "cases"]));
    let skipped = number_before(tests, "skipped") + number_before(tests, "todo");
    let mut report = Report::counted(number_before(tests, "passed"), number_before(tests, "failed"), skipped);
    report.has_failed |= number_before(suites, "failed") > 0;
    for test in TEST.captures_iter(text) {
        let name = test.get(1).or(test.get(2)).map_or("", |name| name.as_str());
        if name != "Console" {
            report.add_failure(name, "");
        }
    }
    for test in SKIPPED.captures_iter(text) {
        report.add_skipped(&test[1]);
    }
    Some(report)
}
