//! `{passed, failures}`: what a check of one's own prints as its last line, or writes to a file.
//!
//! `passed` is true or false; `failures` lists texts or `{name, message}`; `tests` may count
//! `{passed, failed, skipped}`; `skipped` may list names; `score` is a number.

use fanfold_core::oracle::TestCounts;
use serde_json::Value;

use super::Report;

pub fn read(text: &str) -> Option<Report> {
    let object = object(text)?;
    let passed = object.get("passed")?.as_bool();
    let mut report = Report { has_failed: passed != Some(true), ..Report::default() };
    if passed.is_none() {
        report.doubt = Some("`passed` is neither true nor false".into());
    }
    match object.get("failures") {
        None | Some(Value::Null) => {}
        Some(Value::Array(failures)) => {
            report.has_failed |= !failures.is_empty();
            for failure in failures {
                let text = |key: &str| failure.get(key).and_then(Value::as_str).unwrap_or_default();
                match failure.as_str() {
                    Some(line) => report.add_failure(line, ""),
                    None => report.add_failure(text("name"), text("message")),
                }
            }
        }
        Some(_) => report.doubt = Some("`failures` is no list".into()),
    }
    if let Some(tests) = object.get("tests") {
        match serde_json::from_value::<TestCounts>(tests.clone()) {
            Ok(counts) => {
                report.has_failed |= counts.failed > 0;
                report.counts = Some(counts);
            }
            Err(_) => report.doubt = Some("`tests` is not {passed, failed, skipped}".into()),
        }
    }
    for name in object.get("skipped").and_then(Value::as_array).into_iter().flatten() {
        report.add_skipped(name.as_str().unwrap_or_default());
    }
    report.score = object.get("score").and_then(Value::as_f64);
    Some(report)
}

/// The whole text, else its last line that is an object.
pub fn object(text: &str) -> Option<Value> {
    let is_object = |value: &Value| value.is_object();
    let whole = serde_json::from_str(text.trim()).ok().filter(is_object);
    whole.or_else(|| {
        let mut lines = text.lines().rev().map(str::trim).filter(|line| line.starts_with('{'));
        lines.find_map(|line| serde_json::from_str(line).ok().filter(is_object))
    })
}
