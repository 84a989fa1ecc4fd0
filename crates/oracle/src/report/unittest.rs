//! Python's unittest: the last `Ran 5 tests in …`, and the line of outcome after it.

use std::sync::LazyLock;

use regex::Regex;

use super::Report;

pub fn read(text: &str) -> Option<Report> {
    static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^Ran (\d+) tests? in [0-9.]+s\n\n(OK|FAILED|NO TESTS RAN)(?: \(([^)]*)\))?$")
            .expect("a good pattern")
    });
    static SKIPPED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(\S+ \(\S+\)) \.\.\. (?:skipped .*|expected failure)$").expect("a good pattern")
    });
    // With `-v` only; one that has a docstring has its outcome on the next line.
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^(test\S* \([\w.]+\))(?: \.\.\. (.*))?$").expect("a good pattern"));
    let summary = SUMMARY.captures_iter(text).last()?;
    let ran: u64 = summary[1].parse().ok()?;
    let notes = summary.get(3).map_or("", |notes| notes.as_str());
    let of = |key: &str| {
        let values = notes.split(", ").filter_map(|note| note.split_once('='));
        values
            .filter(|(name, _)| *name == key)
            .filter_map(|(_, value)| value.parse::<u64>().ok())
            .sum::<u64>()
    };
    let failed = of("failures") + of("errors") + of("unexpected successes");
    let skipped = of("skipped") + of("expected failures");
    let mut report = Report::counted(ran.saturating_sub(failed + skipped), failed, skipped);
    report.has_failed |= &summary[2] == "FAILED";
    for (name, message) in blocks(text) {
        report.add_failure(name, message);
    }
    for test in SKIPPED.captures_iter(text) {
        report.add_skipped(&test[1]);
    }
    for test in NAMED.captures_iter(text) {
        let outcome = test.get(2).map_or("", |outcome| outcome.as_str());
        let has_run = !outcome.starts_with("skipped") && outcome != "expected failure";
        // A module that cannot be loaded counts as a test.
        if has_run && !test[1].contains("_FailedTest") {
            report.add_name(&test[1]);
        }
    }
    Some(report)
}

/// `FAIL: test_x (module.Class.test_x)` between two rules, and the last line of its traceback.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    const HEAVY: &str = "======================================================================\n";
    const LIGHT: &str = "----------------------------------------------------------------------";
    text.split(HEAVY).skip(1).filter_map(|block| {
        let head = block.lines().next()?;
        let name = head.strip_prefix("FAIL: ").or_else(|| head.strip_prefix("ERROR: "))?;
        let body = block.split(LIGHT).nth(1)?;
        Some((name, body.trim_end().lines().last().unwrap_or_default()))
    })
}
