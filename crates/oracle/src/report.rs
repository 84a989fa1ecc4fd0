//! Reads what a test harness says about itself: pure functions from text to a [`Report`].
//!
//! Tests print too, and hostile ones print summaries. So a summary counts only where the harness itself puts it,
//! the last one wins, and one that contradicts the rest is doubted.

use std::borrow::Cow;
use std::sync::LazyLock;

use fanfold_core::oracle::{TestCounts, TestFailure};
use regex::Regex;

use crate::spec::{Format, ScoreRule};

mod cargo;
mod go;
mod jest;
mod json;
mod junit;
mod nextest;
mod node;
mod pytest;
mod score;
mod tap;
mod unittest;

pub const FAILURES_MAX: usize = 100;
pub const SKIPPED_MAX: usize = 200;
const MESSAGE_CHARS_MAX: usize = 1_000;
const NAME_CHARS_MAX: usize = 300;
const NAMES_MAX: usize = 20_000;

/// What a harness says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// `None`: this kind of report does not count tests.
    pub counts: Option<TestCounts>,
    /// Bounded; `check` is empty.
    pub failures: Vec<TestFailure>,
    /// Names, where the format has them; bounded.
    pub skipped: Vec<String>,
    /// Of the tests that ran, where the format has them, without what differs from run to run (parameters, lines).
    /// A name may be there several times. What could not even be loaded is no test.
    pub names: Vec<String>,
    /// The summary itself says that something is wrong.
    pub has_failed: bool,
    /// Why it cannot be believed, in one line.
    pub doubt: Option<String>,
    pub score: Option<f64>,
}

/// Reads a report of this format. `None`: there is nothing of the kind in the text.
pub fn read(format: Format, command: &str, rule: Option<&ScoreRule>, text: &str) -> Option<Report> {
    let text = plain(text);
    match format {
        Format::Auto => auto(command, &text),
        Format::Exit => None,
        Format::Json => json::read(&text),
        Format::Junit => junit::read(&text),
        Format::Tap => tap::read(&text),
        Format::Cargo => cargo::read(&text).or_else(|| nextest::read(&text)),
        Format::Pytest => pytest::read(&text),
        Format::Unittest => unittest::read(&text),
        Format::Go => go::read(&text),
        Format::Jest => jest::read(&text),
        Format::Node => node::read(&text),
        Format::Score => score::read(&text, rule),
    }
}

/// Several files of one run (JUnit writes one a suite) as one report.
pub fn sum(reports: impl IntoIterator<Item = Report>) -> Report {
    reports.into_iter().fold(Report::default(), |mut sum, report| {
        if let Some(more) = report.counts {
            let counts = sum.counts.get_or_insert_default();
            counts.passed += more.passed;
            counts.failed += more.failed;
            counts.skipped += more.skipped;
        }
        sum.failures.extend(report.failures);
        sum.failures.truncate(FAILURES_MAX);
        sum.skipped.extend(report.skipped);
        sum.skipped.truncate(SKIPPED_MAX);
        sum.names.extend(report.names);
        sum.names.truncate(NAMES_MAX);
        sum.has_failed |= report.has_failed;
        sum.doubt = sum.doubt.or(report.doubt);
        sum.score = report.score.or(sum.score);
        sum
    })
}

type Reader = fn(&str) -> Option<Report>;

/// A command that names its harness is read as that one's; any other by the first format that is there.
fn auto(command: &str, text: &str) -> Option<Report> {
    const NAMED: [(&str, Reader); 9] = [
        ("nextest", nextest::read),
        ("cargo test", cargo::read),
        ("cargo t ", cargo::read),
        ("pytest", pytest::read),
        ("unittest", unittest::read),
        ("go test", go::read),
        ("vitest", jest::read),
        ("jest", jest::read),
        ("node --test", node_or_tap),
    ];
    const ANY: [Reader; 8] = [
        cargo::read,
        nextest::read,
        pytest::read,
        jest::read,
        go::read,
        node_or_tap,
        unittest::read,
        junit::read,
    ];
    match NAMED.iter().find(|(name, _)| command.contains(name)) {
        Some((_, read)) => read(text),
        None => ANY.iter().find_map(|read| read(text)),
    }
}

fn node_or_tap(text: &str) -> Option<Report> {
    tap::read(text).or_else(|| node::read(text))
}

impl Report {
    fn counted(passed: u64, failed: u64, skipped: u64) -> Self {
        let counts = Some(TestCounts { passed, failed, skipped });
        Self { counts, has_failed: failed > 0, ..Self::default() }
    }

    fn add_failure(&mut self, name: &str, message: &str) {
        if self.failures.len() < FAILURES_MAX && !self.failures.iter().any(|failure| failure.name == name) {
            let message = clipped(message.trim(), MESSAGE_CHARS_MAX);
            let name = clipped(name.trim(), NAME_CHARS_MAX);
            self.failures.push(TestFailure { check: String::new(), name, message });
        }
    }

    /// Whether every test that ran is named; else nothing follows from a name that is missing.
    pub fn names_all(&self) -> bool {
        let ran = self.counts.map_or(0, |counts| counts.passed.saturating_add(counts.failed));
        ran > 0 && self.names.len() as u64 >= ran
    }

    fn add_name(&mut self, name: &str) {
        if self.names.len() < NAMES_MAX {
            self.names.push(clipped(name.trim(), NAME_CHARS_MAX));
        }
    }

    fn add_skipped(&mut self, name: &str) {
        if self.skipped.len() < SKIPPED_MAX {
            self.skipped.push(clipped(name.trim(), NAME_CHARS_MAX));
        }
    }
}

/// Without colours and other control sequences, and with `\n` alone at the ends of lines.
fn plain(text: &str) -> Cow<'_, str> {
    static CONTROL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|\r")
            .expect("a good pattern")
    });
    CONTROL.replace_all(text, "")
}

/// `x` of `module::x`: a test that moves to another module is the same one.
fn leaf(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

pub(crate) fn clipped(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `3 failed` in `1 passed, 3 failed`: the number before a word.
fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        text.split([' ', ',', '|', ';', '(', ')']).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| pair[1] == word);
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
