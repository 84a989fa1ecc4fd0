//! How many parts a task has, from its numbers, lists and paths.

use std::sync::OnceLock;

use globset::GlobBuilder;
use regex::Regex;
use serde::Serialize;

use super::cues::Cues;
use super::repository::{Survey, is_source};

/// From this many parts on, fan-out is large.
pub const LARGE: u64 = 10;
/// Numbers larger than this are taken for something else than parts.
const UNITS_MAX: u64 = 100_000;

/// Parts that can be worked on one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Units {
    pub count: u64,
    /// The words or files that were counted.
    pub from: String,
    /// "Every file" is as many as there are, of which a few may have nothing to be done to them.
    pub at_most: bool,
}

impl Units {
    fn new(count: u64, from: String) -> Self {
        Self { count, from, at_most: false }
    }
}

/// The largest count that `task` gives by itself: `150 components`, `src/**/*.ts`, a list.
pub fn count(task: &str, survey: &Survey) -> Option<Units> {
    let plain = plain(task);
    let found = [numbered(&plain), paths(task, survey), bullets(task), listed(&plain)];
    // The first of equal ones: a number says it better than a list.
    found.into_iter().flatten().rev().max_by_key(|units| units.count)
}

/// In lower case, with what is about the check and not about the work blanked out.
pub fn plain(task: &str) -> String {
    let task = task.to_lowercase();
    Cues::get().blanked.iter().fold(task, |task, words| words.replace_all(&task, " ").into_owned())
}

/// `150 components`, `45 REST endpoints`, `80 of them`: a number, up to three words, a plural.
fn numbered(task: &str) -> Option<Units> {
    static NUMBERED: OnceLock<Regex> = OnceLock::new();
    let expression = NUMBERED.get_or_init(|| {
        let number = format!(r"\d[\d,_]*|{}", WORDS.map(|(word, _)| word).join("|"));
        let between = r"(?:[a-z][\w'.-]* ){0,3}?";
        let noun = r"[a-z][\w-]+[^\Wsi]s|of (?:them|these|those)|countries|people";
        Regex::new(&format!(r"\b({number}) (?:\(\w+\) )?({between})({noun})\b"))
            .expect("a constant that the tests try")
    });
    let no_units = &Cues::get().not_units;
    // What stands between a number and its noun is neither a verb nor another part of the sentence.
    let is_one_phrase = |between: &str| {
        let breaks = ["to", "is", "are", "in", "by", "with", "make", "makes", "should", "per"];
        !between
            .split_whitespace()
            .any(|word| breaks.contains(&word) || no_units.iter().any(|unit| unit == word))
    };
    let units = expression.captures_iter(task).filter_map(|found| {
        let count = number(&found[1])?;
        let is_unit = !no_units.iter().any(|unit| *unit == found[3]) && is_one_phrase(&found[2]);
        (is_unit && (2..=UNITS_MAX).contains(&count)).then(|| Units::new(count, found[0].to_owned()))
    });
    units.max_by_key(|units| units.count)
}

const WORDS: [(&str, u64); 24] = [
    ("two", 2),
    ("both", 2),
    ("three", 3),
    ("several", 4),
    ("a few", 3),
    ("four", 4),
    ("five", 5),
    ("a handful of", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("a dozen", 12),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("dozens of", 30),
    ("thirty", 30),
    ("fifty", 50),
    ("a hundred", 100),
    ("hundreds of", 200),
    ("thousands of", 2_000),
];

fn number(text: &str) -> Option<u64> {
    let word = WORDS.iter().find(|(word, _)| *word == text).map(|(_, count)| *count);
    word.or_else(|| text.replace([',', '_'], "").parse().ok())
}

/// Files that a glob of the task matches, and the sources beneath a folder that it names.
fn paths(task: &str, survey: &Survey) -> Option<Units> {
    let trim =
        |word: &str| word.trim_matches(|ch: char| "`'\"(),;:".contains(ch)).trim_end_matches('.').to_owned();
    let words = task.split_whitespace().map(trim).filter(|word| !word.is_empty() && !word.starts_with('-'));
    let counted = words.filter_map(|word| {
        let count = if word.contains('*') {
            let glob = if word.contains('/') { word.clone() } else { format!("**/{word}") };
            let matcher = GlobBuilder::new(&glob).literal_separator(true).build().ok()?.compile_matcher();
            survey.files().filter(|path| matcher.is_match(path)).count()
        } else if word.contains('/') || survey.beneath(&word).next().is_some() {
            let folder = word.trim_end_matches('/');
            match survey.beneath(folder).filter(|path| is_source(path)).count() {
                0 => survey.beneath(folder).count(),
                sources => sources,
            }
        } else {
            0
        };
        (count > 1).then(|| Units::new(count as u64, format!("{word}: {count} files")))
    });
    counted.max_by_key(|units| units.count)
}

/// `- a`, a line each; `1) a 2) b` anywhere.
fn bullets(task: &str) -> Option<Units> {
    static NUMBERED: OnceLock<Regex> = OnceLock::new();
    let expression = NUMBERED
        .get_or_init(|| Regex::new(r"(?:^|\s)\(?\d{1,2}[.)]\s+\S").expect("a constant that the tests try"));
    let lines = task.lines().map(str::trim_start);
    let count = lines.filter(|line| line.starts_with("- ") || line.starts_with("* ")).count();
    let count = count.max(expression.find_iter(task).count());
    (count > 1).then(|| Units::new(count as u64, format!("a list of {count}")))
}

/// `a, b and c`: three parts or more.
fn listed(task: &str) -> Option<Units> {
    static LISTED: OnceLock<Regex> = OnceLock::new();
    let expression = LISTED.get_or_init(|| {
        let word = r"[\w/`'-]+(?:\.\w+)*";
        let part = format!("{word}(?: {word}){{0,3}}?");
        Regex::new(&format!(r"\b{part}(?:, {part})+,? (?:and|or) {part}"))
            .expect("a constant that the tests try")
    });
    let found = expression.find_iter(task).map(|found| {
        let text = found.as_str();
        let last = if text.contains(", and ") || text.contains(", or ") { 0 } else { 1 };
        Units::new(text.matches(", ").count() as u64 + 1 + last, text.to_owned())
    });
    found.filter(|units| units.count >= 3).max_by_key(|units| units.count)
}
