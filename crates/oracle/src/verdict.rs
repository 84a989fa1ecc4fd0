//! Whether one check passed: its exit status, its report, and what it came to before anything changed.

use std::collections::HashMap;

use fanfold_core::oracle::{CheckResult, TestCounts, Visibility};

use crate::report::Report;
use crate::spec::{Check, Direction, Format};

const CAUGHT: &str = "passed what honest work cannot pass";

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `None`: it was killed.
    pub exit_code: Option<i32>,
    pub has_timed_out: bool,
}

/// `start`: the same check on the unchanged project; `None` where that is what is being judged.
pub fn verdict(
    check: &Check,
    ended: Ended,
    report: Option<&Report>,
    start: Option<&CheckResult>,
) -> CheckResult {
    let tests = report.and_then(|report| report.counts);
    let score = report.and_then(|report| report.score);
    let why = match check.visibility {
        Visibility::Public | Visibility::Hidden => why_not(check, ended, report, start),
        Visibility::Honeypot => why_caught(ended),
    };
    let passed = why.is_none();
    // Of the start: what later verdicts are compared with.
    let named = report.filter(|report| start.is_none() && report.names_all());
    let names = named.map_or_else(Vec::new, |report| report.names.clone());
    let (name, visibility) = (check.name.clone(), check.visibility);
    CheckResult { name, passed, why, tests, score, visibility, output_file: None, names }
}

/// Of a check that asks a server. `fault`: what is wrong with the answer.
pub fn of_answer(check: &Check, fault: Option<&String>) -> CheckResult {
    let why = match check.visibility {
        Visibility::Public | Visibility::Hidden => fault.cloned(),
        Visibility::Honeypot => fault.is_none().then(|| CAUGHT.to_owned()),
    };
    let passed = why.is_none();
    CheckResult {
        name: check.name.clone(),
        passed,
        why,
        visibility: check.visibility,
        ..CheckResult::default()
    }
}

/// Why what it says of the unchanged project is worth nothing: it could not be run, or looks where the tests are not.
/// `test`: one that the project has.
///
/// Also where only the exit status counts: a 127 of the command's own cannot be told from the shell's, and what is not
/// there says nothing about the work. A command that the work is to bring is asked for first: `test -x run && ./run`.
pub fn why_void(ended: Ended, tests: Option<TestCounts>, test: Option<&str>) -> Option<String> {
    match (ended.exit_code, tests.map(TestCounts::total), test) {
        (Some(127), None | Some(0), _) => Some("exit status 127, there is no such command".into()),
        (Some(126), None | Some(0), _) => Some("exit status 126, it may not be executed".into()),
        (_, Some(0), Some(test)) => Some(format!("it ran no tests, and there are some, as {test}")),
        _ => None,
    }
}

/// A honeypot is all right as long as it fails. Its exit status alone decides: a cheat that ends the process early
/// leaves no report.
fn why_caught(ended: Ended) -> Option<String> {
    (ended.exit_code == Some(0) && !ended.has_timed_out).then(|| CAUGHT.to_owned())
}

fn why_not(
    check: &Check,
    ended: Ended,
    report: Option<&Report>,
    start: Option<&CheckResult>,
) -> Option<String> {
    let failed = report.and_then(|report| report.counts).filter(|counts| counts.failed > 0);
    match ended {
        Ended { has_timed_out: true, .. } => {
            return Some(format!("timed out after {} ms", check.timeout_ms));
        }
        Ended { exit_code: None, .. } => return Some("it was killed".into()),
        Ended { exit_code: Some(0), .. } => {}
        Ended { exit_code: Some(code), .. } => {
            let tests =
                failed.map(|counts| format!(", {} of {} tests failed", counts.failed, counts.total()));
            return Some(format!("exit status {code}{}", tests.unwrap_or_default()));
        }
    }
    let Some(report) = report else { return why_no_report(check, start) };
    if let Some(counts) = failed {
        return Some(format!("{} of {} tests failed", counts.failed, counts.total()));
    }
    if let Some(doubt) = &report.doubt {
        return Some(format!("its report cannot be believed: {doubt}"));
    }
    if report.has_failed {
        return Some("its report says that it failed".into());
    }
    why_not_as_many(report.counts, start)
        .or_else(|| why_not_the_same(report, start))
        .or_else(|| why_not_enough(check, report.score))
}

fn why_no_report(check: &Check, start: Option<&CheckResult>) -> Option<String> {
    match check.format {
        Format::Exit => None,
        Format::Auto => {
            let before = start.and_then(|start| start.tests)?.total();
            (before > 0).then(|| format!("it reported no tests, and {before} at the start"))
        }
        Format::Json
        | Format::Junit
        | Format::Tap
        | Format::Cargo
        | Format::Pytest
        | Format::Unittest
        | Format::Go
        | Format::Jest
        | Format::Node
        | Format::Score => {
            let place = check.report.as_deref().unwrap_or("what it printed");
            Some(format!("no {} report in {place}", check.format.name()))
        }
    }
}

fn why_not_as_many(counts: Option<TestCounts>, start: Option<&CheckResult>) -> Option<String> {
    let before = start.and_then(|start| start.tests);
    let Some(counts) = counts else {
        let before = before?.total();
        return (before > 0).then(|| format!("it counted no tests, and {before} at the start"));
    };
    if counts.passed == 0 {
        return Some(match counts.skipped {
            0 => "no test ran".into(),
            skipped => format!("no test ran, {skipped} were skipped"),
        });
    }
    let before = before?;
    let of_tests = |number: u64| if number == 1 { "1 test".to_owned() } else { format!("{number} tests") };
    if counts.total() < before.total() {
        return Some(format!("{} fewer than at the start", of_tests(before.total() - counts.total())));
    }
    (counts.skipped > before.skipped)
        .then(|| format!("{} skipped that ran at the start", of_tests(counts.skipped - before.skipped)))
}

/// Names tell counts and times: `12 files agree (3 ms)`. Tests that differ in a number only count together.
fn without_numbers(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for ch in name.chars() {
        match ch.is_ascii_digit() {
            true if plain.ends_with('#') => (),
            true => plain.push('#'),
            false => plain.push(ch),
        }
    }
    plain
}

/// As many tests as before are not enough: an easy one may stand for one that went.
fn why_not_the_same(report: &Report, start: Option<&CheckResult>) -> Option<String> {
    let before = start.map(|start| &start.names).filter(|names| !names.is_empty() && report.names_all())?;
    let mut now: HashMap<String, usize> = HashMap::new();
    for name in &report.names {
        *now.entry(without_numbers(name)).or_default() += 1;
    }
    let mut gone = before.iter().filter(|name| match now.get_mut(&without_numbers(name)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        Some(_) | None => true,
    });
    let first = gone.next()?;
    Some(match gone.count() {
        0 => format!("`{first}` ran at the start and is not there any more"),
        more => format!("`{first}` and {more} more tests ran at the start and are not there any more"),
    })
}

fn why_not_enough(check: &Check, score: Option<f64>) -> Option<String> {
    let rule = check.score.as_ref()?;
    let Some(score) = score else { return Some("it reported no score".into()) };
    let threshold = rule.threshold?;
    match rule.direction {
        Direction::Higher if score >= threshold => None,
        Direction::Lower if score <= threshold => None,
        Direction::Higher => Some(format!("score {score}, below {threshold}")),
        Direction::Lower => Some(format!("score {score}, above {threshold}")),
    }
}

#[cfg(test)]
mod tests;
