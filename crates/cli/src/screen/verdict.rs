//! What the oracle said, in one line: for every screen.

use fanfold_core::oracle::{CheckResult, TestCounts};
use fanfold_core::view::OracleEnd;
use fanfold_core::{Judgement, NotLanded, RunView};

use super::style::{Line, Tone};
use super::text;

const MESSAGE_COLUMNS: usize = 100;

/// The last verdict that ended, as `landed  port:a.rs  41 tests, 0.2 s`.
pub fn line(view: &RunView, key: &fanfold_core::CallKey) -> Option<Line> {
    let oracle = view.oracles.iter().rev().find(|oracle| oracle.key == *key)?;
    let end = oracle.ended.as_ref()?;
    let (word, tone) = word(end);
    let mut line =
        Line::of(tone, &format!("{word:<8}")).and(Tone::Plain, if word.len() < 8 { "" } else { " " });
    line.append(Line::of(Tone::Plain, &oracle.label).clip(60));
    if let Some(phase) = oracle.phase {
        line.push(Tone::Dim, &format!(" ({})", view.phases[phase].title));
    }
    let mut told = Vec::new();
    if let Some(judgement) = &end.judgement {
        told.extend(tests(judgement));
        told.push(text::duration(judgement.duration_ms));
    }
    if !told.is_empty() {
        line.push(Tone::Dim, &format!("  {}", told.join(", ")));
    }
    if let Some(why) = why(end) {
        line.push(tone, "  ");
        line.append(Line::of(Tone::Plain, &why).clip(MESSAGE_COLUMNS));
    }
    for file in end.judgement.iter().flat_map(kept) {
        line.push(Tone::Dim, &format!("  its output: {}/{file}", view.run_dir));
    }
    Some(line)
}

fn word(end: &OracleEnd) -> (&'static str, Tone) {
    if end.failure.is_some() {
        return ("oracle", Tone::Bad);
    }
    let is_tampered = end.judgement.as_ref().is_some_and(|judgement| !judgement.tampered.is_empty());
    match (&end.landing, end.judgement.as_ref().and_then(|judgement| judgement.passed)) {
        _ if is_tampered => ("TAMPERED", Tone::Bad),
        (Some(landing), _) if landing.landed => ("landed", Tone::Good),
        (Some(_), _) => ("held", Tone::Warn),
        (None, Some(true)) => ("passed", Tone::Good),
        (None, Some(false)) => ("FAILED", Tone::Bad),
        (None, None) => ("unjudged", Tone::Dim),
    }
}

fn tests(judgement: &Judgement) -> Option<String> {
    let mut sum = TestCounts::default();
    for tests in judgement.checks.iter().filter_map(|check: &CheckResult| check.tests) {
        sum.passed += tests.passed;
        sum.failed += tests.failed;
        sum.skipped += tests.skipped;
    }
    match sum.total() {
        0 => None,
        total if sum.failed > 0 => Some(format!("{} of {} failed", sum.failed, text::plural(total, "test"))),
        total => Some(text::plural(total, "test")),
    }
}

/// What checks printed that agents are not told of.
fn kept(judgement: &Judgement) -> impl Iterator<Item = &str> {
    judgement.checks.iter().filter_map(|check| check.output_file.as_deref())
}

/// Why it did not pass or land.
fn why(end: &OracleEnd) -> Option<String> {
    if let Some(failure) = &end.failure {
        return Some(failure.message.clone());
    }
    if let Some(judgement) = &end.judgement
        && !judgement.tampered.is_empty()
    {
        return Some(format!("touched {}", judgement.tampered.join(", ")));
    }
    let of_landing = end.landing.as_ref().and_then(|landing| landing.why);
    match of_landing {
        Some(NotLanded::Conflict) => {
            let paths = end.landing.as_ref().map(|landing| landing.conflicts.join(", "));
            return Some(format!("conflict in {}", paths.unwrap_or_default()));
        }
        Some(NotLanded::Empty) => return Some("nothing changed".into()),
        Some(NotLanded::Unjudged) => return Some("no oracle: nothing lands unjudged".into()),
        Some(NotLanded::Failed) | None => (),
    }
    let failed = end.judgement.as_ref()?.checks.iter().find(|check| !check.passed)?;
    let why = failed.why.clone().unwrap_or_else(|| "did not pass".into());
    Some(format!("{}: {why}", failed.name))
}
