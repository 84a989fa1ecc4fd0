//! Tests of the parser, by topic.

use super::*;

mod engine;
mod erasing;
mod limits;
mod meta;
mod naming;
mod rules;
mod scripts;

/// A valid beginning.
const META: &str = "export const meta = { name: 'n', description: 'd' };\n";

fn with_meta(body: &str) -> String {
    format!("{META}{body}")
}

/// The diagnostics of either outcome, as `error «marked text» message | help`.
fn told(source: &str, file: &str) -> Vec<String> {
    let diagnostics = match parse(source, file) {
        Ok(script) => script.warnings,
        Err(errors) => {
            assert!(errors.iter().any(is_error), "refused without an error: {errors:?}");
            errors
        }
    };
    diagnostics.iter().map(|diagnostic| line_of(diagnostic, source)).collect()
}

fn line_of(diagnostic: &Diagnostic, source: &str) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let marked = match &diagnostic.span {
        Some(span) => format!(" «{}»", &source[span.clone()]),
        None => String::new(),
    };
    let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!(" | {help}"));
    format!("{severity}{marked} {}{help}", diagnostic.message)
}

/// Each case's diagnostics must contain the text beside it, all in one line; `""` wants none at all.
#[track_caller]
fn check_all(file: &str, cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (source, expect) in cases {
        let told = told(source, file);
        let right =
            if expect.is_empty() { told.is_empty() } else { told.iter().any(|line| line.contains(expect)) };
        if !right {
            wrong += &format!("\n{source}\n  expected: {expect:?}\n  told: {told:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The same for bodies behind a valid `meta`.
#[track_caller]
fn check_bodies(file: &str, cases: &[(&str, &str)]) {
    let cases: Vec<(String, &str)> = cases.iter().map(|(body, expect)| (with_meta(body), *expect)).collect();
    let cases: Vec<(&str, &str)> = cases.iter().map(|(body, expect)| (body.as_str(), *expect)).collect();
    check_all(file, &cases);
}
