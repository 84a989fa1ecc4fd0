//! The summary that `node --test` ends with, in each of its reporters.

use std::sync::LazyLock;

use regex::Regex;

use super::Report;

/// Its eight lines, in this order, at the start of a line: `# tests 6` or `ℹ tests 6`.
static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
    let line = |word: &str| format!(r"(?:#|ℹ) {word} (?<{word}>\d+)\n");
    let words = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo"];
    let pattern = format!("(?m)^{}", words.map(line).concat());
    Regex::new(&pattern).expect("a good pattern")
});

pub fn read(text: &str) -> Option<Report> {
    static TEST: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^ *✖ (.+?) \([0-9.]+ms\)$").expect("a good pattern"));
    static SKIPPED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^ *﹣ (.+?) \([0-9.]+ms\)").expect("a good pattern"));
    let summary = SUMMARY.captures_iter(text).last()?;
    let of = |word: &str| summary[word].parse::<u64>().unwrap_or(u64::MAX >> 8);
    let skipped = of("skipped") + of("todo");
    let mut report = Report::counted(of("pass"), of("fail") + of("cancelled"), skipped);
    if report.counts.is_some_and(|counts| counts.total() != of("tests")) {
        report.doubt = Some(format!("the summary counts {} tests and names other outcomes", of("tests")));
    }
    for test in TEST.captures_iter(text) {
        report.add_failure(&test[1], "");
    }
    for test in SKIPPED.captures_iter(text) {
        report.add_skipped(&test[1]);
    }
    Some(report)
}
