//! The Test Anything Protocol, 13 and 14: a plan and as many test points at the left margin.

use std::sync::LazyLock;

use regex::Regex;

use super::{Report, node};

pub fn read(text: &str) -> Option<Report> {
    static POINT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(not )?ok\b(?: +(\d+))?(?: +-)? *([^#]*?) *(?:# *(?i:(skip|todo))\S*(.*))?$")
            .expect("a good pattern")
    });
    static PLAN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^1\.\.(\d+)(?: *#.*)?$").expect("a good pattern"));
    let mut report = Report::counted(0, 0, 0);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut plan: Option<u64> = None;
    let mut has_bailed = false;
    for line in text.lines() {
        if let Some(point) = POINT.captures(line) {
            let name =
                if point[3].is_empty() { point.get(2).map_or("", |nth| nth.as_str()) } else { &point[3] };
            if point.get(4).is_some() {
                skipped += 1;
                report.add_skipped(name);
            } else if point.get(1).is_some() {
                failed += 1;
                // node names a file that could not be loaded as a test.
                if !name.contains('/') {
                    report.add_name(name);
                }
                report.add_failure(name, "");
            } else {
                passed += 1;
                report.add_name(name);
            }
        } else if let Some(said) = PLAN.captures(line) {
            plan = said[1].parse().ok();
        } else if line.starts_with("Bail out!") {
            has_bailed = true;
            report.add_failure("", line);
        }
    }
    if plan.is_none() && passed + failed + skipped == 0 {
        return None;
    }
    let points = passed + failed + skipped;
    // Without a plan and without the version line it is but words that look alike.
    if plan.is_none() && !text.lines().any(|line| line.starts_with("TAP version ")) {
        return None;
    }
    report.doubt = match plan {
        None => Some("there is no plan (`1..N`)".into()),
        Some(plan) if plan != points => Some(format!("{points} tests reported where {plan} were planned")),
        Some(_) => None,
    };
    // node counts the tests within tests as well.
    match node::read(text) {
        Some(summary) => {
            report.counts = summary.counts;
            report.has_failed = summary.has_failed;
            report.doubt = report.doubt.or(summary.doubt);
        }
        None => report.counts = Report::counted(passed, failed, skipped).counts,
    }
    report.has_failed |= failed > 0 || has_bailed;
    Some(report)
}
