//! pytest: the last line of the form `=== 1 failed, 4 passed in 0.03s ===`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, number_before};

pub fn read(text: &str) -> Option<Report> {
    static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?m)^(?:=+ )?((?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|",
            r"rerun|subtests? \w+)(?:, )?)+|no tests ran) in [0-9.]+s(?: \([0-9:]+\))?(?: =+)?$"
        ))
        .expect("a good pattern")
    });
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(FAILED|ERROR) (\S+?(?:\[.*?\])?)(?: - (.*))?$").expect("a good pattern")
    });
    static SKIPPED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(?:SKIPPED \[\d+\] (.+)|(\S+::\S+) (?:SKIPPED|XFAIL)\b.*)$")
            .expect("a good pattern")
    });
    // `-v` has the outcome behind the name, `-rA` before it.
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        let (outcome, name, worker) =
            ("(?:PASSED|FAILED|XPASS)", r"\S+?::[^\n]+?", r"(?:\[gw\d+\] \[ *\d+%\] )?");
        Regex::new(&format!(r"(?m)^(?:({name}) {outcome}\b.*|{worker}{outcome} ({name})(?: - .*)?)$"))
            .expect("a good pattern")
    });
    let summary = SUMMARY.captures_iter(text).last()?;
    let counts = &summary[1];
    let of = |words: &[&str]| words.iter().map(|word| number_before(counts, word)).sum::<u64>();
    // What is expected to fail decides nothing: a mark is all it takes, as with a skip.
    let mut report = Report::counted(
        of(&["passed", "xpassed"]),
        of(&["failed", "error", "errors"]),
        of(&["skipped", "xfailed"]),
    );
    for test in TEST.captures_iter(text) {
        report.add_failure(&test[2], test.get(3).map_or("", |message| message.as_str()));
    }
    for test in SKIPPED.captures_iter(text) {
        let name = test.get(1).or(test.get(2));
        report.add_skipped(name.map_or("", |name| name.as_str()));
    }
    // A failed one is there twice.
    let named = NAMED.captures_iter(text).filter_map(|test| Some(test.get(1).or(test.get(2))?.as_str()));
    for name in named.collect::<BTreeSet<_>>() {
        report.add_name(name.split('[').next().unwrap_or(name));
    }
    Some(report)
}
