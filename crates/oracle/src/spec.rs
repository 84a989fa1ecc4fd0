//! What a person declares an oracle to be: commands, how their reports are read, thresholds, protected paths.

use std::fmt::Write as _;

use fanfold_core::oracle::Visibility;
use serde::Serialize;

mod http;
mod read;

pub use http::HttpRule;
pub use read::BadOracle;

const TIMEOUT_MS: u64 = 10 * 60 * 1000;
const SHOWN_CHARS_MAX: usize = 60;

/// Everything that decides. No agent and no script can change it once it is approved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OracleSpec {
    /// At least one.
    pub checks: Vec<Check>,
    /// Globs, relative to the root; `!glob` takes a path out again. `None`: existing tests. What configures
    /// test harnesses is protected besides, whatever stands here.
    pub protect: Option<Vec<String>>,
    /// Patches that wait in the landing queue and are judged together, at most. 1: each commit of the run's branch
    /// has passed by itself.
    #[serde(skip_serializing_if = "is_one")]
    pub together: usize,
}

/// Definitions without it keep their digests.
fn is_one(together: &usize) -> bool {
    *together == 1
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Unique within the oracle.
    pub name: String,
    /// A line of `sh`. Of an HTTP check: the server.
    pub command: String,
    /// What the server is asked, while it runs. `None`: the command itself decides, by how it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpRule>,
    /// Relative to the root of the project.
    pub cwd: Option<String>,
    pub timeout_ms: u64,
    pub format: Format,
    /// A file, or a glob of files, that the command writes. `None`: what it prints.
    pub report: Option<String>,
    /// A file, or a glob of files, that the command writes: which lines it reached, in LCOV or as Cobertura. Part
    /// of no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<String>,
    pub score: Option<ScoreRule>,
    pub visibility: Visibility,
}

/// How the outcome of a command is read. Its exit status decides in every case; a report can only take away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By the command and by what it prints; without a report that we know, the exit status alone.
    #[default]
    Auto,
    Exit,
    /// `{passed, failures}`
    Json,
    Junit,
    Tap,
    /// `cargo test` and `cargo nextest`
    Cargo,
    Pytest,
    Unittest,
    Go,
    /// jest and vitest
    Jest,
    /// The summary of `node --test`
    Node,
    Score,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreRule {
    pub direction: Direction,
    /// Good enough: at least, or at most, this. `None`: any score is.
    pub threshold: Option<f64>,
    /// A regular expression whose group `score` is the number; the last match counts.
    pub pattern: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Higher,
    Lower,
}

impl OracleSpec {
    /// As `--oracle` gives it.
    pub fn from_command(command: &str) -> Result<Self, BadOracle> {
        Self::from_json(&serde_json::Value::from(command))
    }

    /// Digest of everything that decides: another definition has another one.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).expect("plain data has JSON");
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"fanfold-oracle-1\n").update(&text);
        hasher.finalize().to_hex().to_string()
    }

    /// Whether a check comes to a number that depends on what runs beside it.
    pub(crate) fn measures(&self) -> bool {
        self.checks.iter().any(|check| check.score.is_some() || check.format == Format::Score)
    }

    /// One line for people, hidden checks included.
    pub fn describe(&self) -> String {
        let checks: Vec<String> = self.checks.iter().map(Check::describe).collect();
        let mut line = checks.join("; ");
        match &self.protect {
            None => line.push_str(" · protects existing tests and test configuration"),
            Some(globs) => {
                let _ = write!(line, " · protects {} and test configuration", globs.join(", "));
            }
        }
        if self.together > 1 {
            let _ = write!(line, " · judges up to {} patches together", self.together);
        }
        line
    }
}

impl Check {
    /// A command with nothing else said.
    pub fn new(name: &str, command: &str) -> Self {
        Self {
            name: name.to_owned(),
            command: command.to_owned(),
            http: None,
            cwd: None,
            timeout_ms: TIMEOUT_MS,
            format: Format::Auto,
            report: None,
            coverage: None,
            score: None,
            visibility: Visibility::Public,
        }
    }

    fn describe(&self) -> String {
        let mut line = match self.visibility {
            Visibility::Public => String::new(),
            Visibility::Hidden => "hidden ".to_owned(),
            Visibility::Honeypot => "honeypot ".to_owned(),
        };
        if let Some(http) = &self.http {
            let _ = write!(line, "{} of ", http.describe());
        }
        let _ = write!(line, "`{}`", shortened(&self.command));
        if let Some(cwd) = &self.cwd {
            let _ = write!(line, " in {cwd}");
        }
        if let Some(ScoreRule { direction, threshold: Some(threshold), .. }) = &self.score {
            let _ = match direction {
                Direction::Higher => write!(line, ", score at least {threshold}"),
                Direction::Lower => write!(line, ", score at most {threshold}"),
            };
        }
        if let Some(coverage) = &self.coverage {
            let _ = write!(line, ", coverage in {coverage}");
        }
        let _ = write!(line, ", {}", span(self.timeout_ms));
        line
    }
}

impl Format {
    pub const ALL: [Format; 12] = [
        Format::Auto,
        Format::Exit,
        Format::Json,
        Format::Junit,
        Format::Tap,
        Format::Cargo,
        Format::Pytest,
        Format::Unittest,
        Format::Go,
        Format::Jest,
        Format::Node,
        Format::Score,
    ];

    /// As it is written in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Exit => "exit",
            Format::Json => "json",
            Format::Junit => "junit",
            Format::Tap => "tap",
            Format::Cargo => "cargo",
            Format::Pytest => "pytest",
            Format::Unittest => "unittest",
            Format::Go => "go",
            Format::Jest => "jest",
            Format::Node => "node",
            Format::Score => "score",
        }
    }
}

pub(crate) fn shortened(command: &str) -> String {
    let line = command.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN_CHARS_MAX {
        return line;
    }
    line.chars().take(SHOWN_CHARS_MAX - 1).chain(['…']).collect()
}

fn span(ms: u64) -> String {
    match ms {
        ms if ms % 60_000 == 0 => format!("{} min at most", ms / 60_000),
        ms if ms % 1000 == 0 => format!("{} s at most", ms / 1000),
        ms => format!("{ms} ms at most"),
    }
}

#[cfg(test)]
mod tests;
