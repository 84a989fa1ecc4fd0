//! `cargo nextest`: one summary line at the very end.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, leaf, number_before};

pub fn read(text: &str) -> Option<Report> {
    static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^ +Summary \[ *[0-9.]+s\] (\d+)(?:/(\d+))? tests? run: (.*)$")
            .expect("a good pattern")
    });
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?m)^ +(FAIL|TIMEOUT|ABORT|LEAK-FAIL|XFAIL|SIG[A-Z0-9]+) \[[^\]]*\] (?:\( *\d+/\d+\) )?(.+)$",
        )
        .expect("a good pattern")
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        let outcome = "PASS|LEAK|FAIL|TIMEOUT|ABORT|LEAK-FAIL|SIG[A-Z0-9]+";
        Regex::new(&format!(r"(?m)^ +(?:{outcome}) \[[^\]]*\] (?:\( *\d+/\d+\) )?(.+)$"))
            .expect("a good pattern")
    });
    let summary = SUMMARY.captures_iter(text).last()?;
    let run: u64 = summary[1].parse().ok()?;
    let counts = &summary[3];
    let passed = number_before(counts, "passed");
    let failed = ["failed", "timed", "exec"].iter().map(|word| number_before(counts, word)).sum::<u64>();
    let mut report = Report::counted(passed, failed, number_before(counts, "skipped"));
    if let Some(planned) = summary.get(2).and_then(|planned| planned.as_str().parse::<u64>().ok())
        && planned > run
    {
        report.doubt = Some(format!("only {run} of {planned} tests ran"));
    } else if passed.saturating_add(failed) != run {
        report.doubt =
            Some(format!("the summary counts {} tests where {run} ran", passed.saturating_add(failed)));
    }
    for test in TEST.captures_iter(text) {
        report.add_failure(&test[2], "");
    }
    // A failed one is there twice.
    let named = NAMED.captures_iter(text).filter_map(|test| Some(test.get(1)?.as_str()));
    for name in named.collect::<BTreeSet<_>>() {
        report.add_name(leaf(name.rsplit(' ').next().unwrap_or(name)));
    }
    Some(report)
}
