//! `go test`, plain, `-v` and `-json`. Without `-v` it tells of packages only, so no test is counted.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Report;

pub fn read(text: &str) -> Option<Report> {
    events(text).or_else(|| lines(text))
}

fn lines(text: &str) -> Option<Report> {
    static PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(ok|FAIL|---) *\t(\S+)(?:\t(?:[0-9.]+s|\(cached\)|\[[a-z ]+\]).*| \[[a-z ]+\])?$")
            .expect("a good pattern")
    });
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^ *--- (PASS|FAIL|SKIP): (\S+) \([0-9.]+s\)$").expect("a good pattern")
    });
    static STARTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^=== RUN +(\S+)$").expect("a good pattern"));
    let packages: Vec<_> = PACKAGE.captures_iter(text).collect();
    if packages.is_empty() {
        return None;
    }
    let ended = |word: &str| TEST.captures_iter(text).filter(|test| &test[1] == word).count() as u64;
    let of_packages = |word: &str| packages.iter().filter(|package| &package[1] == word).count() as u64;
    let started = STARTED.captures_iter(text).count() as u64;
    let mut report = match started {
        0 => Report::default(),
        _ => Report::counted(ended("PASS"), ended("FAIL"), ended("SKIP")),
    };
    report.has_failed |= of_packages("FAIL") > 0;
    if started > 0 && report.counts.is_some_and(|counts| counts.total() < started) {
        report.doubt = Some("a test was started and did not end".into());
    }
    for test in TEST.captures_iter(text) {
        if &test[1] != "SKIP" {
            report.add_name(without_case(&test[2]));
        }
        match &test[1] {
            "FAIL" => report.add_failure(&test[2], ""),
            "SKIP" => report.add_skipped(&test[2]),
            _ => {}
        }
    }
    Some(report)
}

/// `TestX` of `TestX/case_1`: cases are often named by what differs from run to run.
fn without_case(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// `{"Action":"pass","Package":"p","Test":"TestX"}`, one a line.
fn events(text: &str) -> Option<Report> {
    let mut tests: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    let mut is_one = false;
    let mut has_failed = false;
    for line in text.lines().filter(|line| line.starts_with("{\"")) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let (Some(action), Some(package)) = (event["Action"].as_str(), event["Package"].as_str()) else {
            continue;
        };
        is_one = true;
        let Some(test) = event["Test"].as_str() else {
            has_failed |= action == "fail";
            continue;
        };
        let (state, output) = tests.entry((package.to_owned(), test.to_owned())).or_default();
        match action {
            "run" | "pass" | "fail" | "skip" => *state = action.to_owned(),
            "output" if output.len() < super::MESSAGE_CHARS_MAX => {
                output.push_str(event["Output"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    if !is_one {
        return None;
    }
    let of = |word: &str| tests.values().filter(|(state, _)| state == word).count() as u64;
    let mut report = Report::counted(of("pass"), of("fail"), of("skip"));
    report.has_failed |= has_failed;
    if of("run") > 0 {
        report.doubt = Some("a test was started and did not end".into());
    }
    for ((package, test), (state, output)) in &tests {
        if matches!(state.as_str(), "pass" | "fail") {
            report.add_name(&format!("{package}.{}", without_case(test)));
        }
        match state.as_str() {
            "fail" => report.add_failure(&format!("{package}.{test}"), output),
            "skip" => report.add_skipped(&format!("{package}.{test}")),
            _ => {}
        }
    }
    Some(report)
}
