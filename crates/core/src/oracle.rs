//! What decides whether work is right, and the ports through which a run asks it and lands what passed.
//!
//! The oracle is a person's: its commands, protected paths and thresholds are part of what is approved, and
//! no agent or script can change them. Verdicts are the engine's words, never the test process's.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{AskCall, CallKey, Failure, FailureKind, LandCall, OracleCall};

/// What one run of the oracle came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Judgement {
    /// `None`: there is no oracle.
    pub passed: Option<bool>,
    /// Of the first check that did not pass, else of the last one; `None`: it was killed, is no command, or is hidden.
    pub exit_code: Option<i32>,
    /// The start and the end of what the checks that agents may see printed.
    pub output: String,
    pub failures: Vec<TestFailure>,
    pub duration_ms: u64,
    /// Protected paths that the work touched, and `honeypot:NAME` of a check that it should not have passed. Any
    /// of them fails it.
    pub tampered: Vec<String>,
    pub checks: Vec<CheckResult>,
    /// The same tree has had another verdict in this run.
    pub flaky: bool,
    /// The tree that was judged: 40 or 64 hex digits.
    pub tree: String,
    /// What the oracle did not cover: lines without coverage, skipped tests, what only a person can try.
    pub uncovered: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestFailure {
    /// Name of the check.
    pub check: String,
    /// Of the test; empty where the check is one piece.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    pub name: String,
    pub passed: bool,
    /// Why it did not pass, in one line: `exit status 1`, `2 tests fewer than at the start`, `timed out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Agents are told nothing of it but that it did not pass.
    #[serde(default, skip_serializing_if = "Visibility::is_public")]
    pub visibility: Visibility,
    /// Of one that agents are not told of, where it did not pass: what it printed, in the run's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_file: Option<String>,
    /// The tests that there were, where a report names them: kept of the start only, since one that vanishes
    /// is missed later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    #[default]
    Public,
    Hidden,
    /// A check that honest work cannot pass: a pass flags the work.
    Honeypot,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

/// What became of a patch in the landing queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Landing {
    pub landed: bool,
    /// The commit on the run's branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Why it did not land.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<NotLanded>,
    /// Paths in conflict with what landed before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Where a fixer goes on: the merge with its conflict marks, or the merged tree that did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Of the merged tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotLanded {
    /// Nothing differs from what the branch has already.
    Empty,
    Conflict,
    /// The oracle does not pass on the merged tree.
    Failed,
    /// There is no oracle, and nobody said that opinions are enough.
    Unjudged,
}

/// Judges trees and lands what passes: outside of every agent's reach. Cancelled by drop, with all processes.
pub trait Oracle: Send + Sync {
    /// Digest of its definition: verdicts of another oracle do not stand. `None`: there is no oracle.
    fn digest(&self) -> Option<String>;

    /// What a person should know before the start is judged; asked where that is still to be done.
    fn warnings(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Judges the tree as it was at the start of the run: what later verdicts are compared with. Called once
    /// an attempt, before anything else; `recorded`: what it came to in an earlier attempt; `has_worked`: agents of
    /// an earlier attempt may have changed the project.
    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        has_worked: bool,
    ) -> BoxFuture<'a, Result<Judgement, Failure>>;

    /// `Err`: it could not be asked (no sandbox, no such patch); that is no verdict.
    fn judge<'a>(&'a self, call: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>>;

    /// Merges a patch into the run's branch if the oracle passes on the merged tree. In the order of asking: one at
    /// a time, or several together where the oracle's definition allows it. Asked again after a crash, it finds what the same `key` landed before.
    fn land<'a>(&'a self, key: &'a CallKey, call: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>>;
}

/// Judges nothing, so nothing lands.
pub struct NoOracle;

impl Oracle for NoOracle {
    fn digest(&self) -> Option<String> {
        None
    }

    fn baseline<'a>(&'a self, _: Option<Judgement>, _: bool) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(std::future::ready(Ok(Judgement::default())))
    }

    fn judge<'a>(&'a self, _: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(std::future::ready(Ok(Judgement::default())))
    }

    fn land<'a>(&'a self, _: &'a CallKey, _: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        let landing = Landing { why: Some(NotLanded::Unjudged), ..Landing::default() };
        Box::pin(std::future::ready(Ok(landing)))
    }
}

/// Nobody is there: a question has its default, or no answer.
pub struct Nobody;

impl Person for Nobody {
    fn ask<'a>(&'a self, call: &'a AskCall) -> BoxFuture<'a, Result<serde_json::Value, Failure>> {
        let answer = call.default.clone().ok_or_else(|| Failure {
            kind: FailureKind::Unanswered,
            message: format!(
                "nobody is there to answer `{}`: give it a default, or --answer '{}=…'",
                call.question, call.question
            ),
        });
        Box::pin(std::future::ready(answer))
    }
}

/// The person in front of the run.
pub trait Person: Send + Sync {
    /// Resolves to the answer. `Err`: nobody is there to answer; the message says how to.
    fn ask<'a>(&'a self, call: &'a AskCall) -> BoxFuture<'a, Result<serde_json::Value, Failure>>;
}

impl Visibility {
    pub fn is_public(&self) -> bool {
        *self == Visibility::Public
    }
}

impl TestCounts {
    pub fn total(self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

impl Judgement {
    /// As a script and the agents that it asks may see it: of hidden checks only that they did not pass.
    pub fn for_script(mut self) -> Self {
        let is_public = |name: &str| {
            self.checks
                .iter()
                .find(|check| check.name == name)
                .is_none_or(|check| check.visibility.is_public())
        };
        self.failures.retain(|failure| is_public(&failure.check));
        let hidden_failed = self.checks.iter().any(|check| !check.visibility.is_public() && !check.passed);
        self.checks.retain(|check| check.visibility.is_public());
        self.checks.iter_mut().for_each(|check| check.names.clear());
        // That there is a trap may be told, where it lies may not.
        for path in &mut self.tampered {
            if path.starts_with("honeypot:") {
                *path = "honeypot".into();
            }
        }
        self.tampered.dedup();
        if hidden_failed {
            let message = "a check that agents do not see did not pass".to_owned();
            self.failures.push(TestFailure { check: "hidden".into(), name: String::new(), message });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_told_that_there_was_a_trap_and_not_where() {
        let check = |name: &str, visibility| CheckResult {
            name: name.into(),
            visibility,
            names: vec!["test_a".into()],
            ..CheckResult::default()
        };
        let judgement = Judgement {
            passed: Some(false),
            tampered: vec!["honeypot:trap".into(), "honeypot:trip".into(), "tests/a.py".into()],
            checks: vec![check("tests", Visibility::Public), check("trap", Visibility::Honeypot)],
            ..Judgement::default()
        };
        let told = judgement.for_script();
        assert_eq!(told.tampered, ["honeypot", "tests/a.py"]);
        let text = serde_json::to_string(&told).expect("JSON");
        assert!(!text.contains("trap") && !text.contains("test_a"), "{text}");
        assert!(text.contains("a check that agents do not see did not pass"));
    }
}
