//! Which mode fits a task, and why: from the repository, the task's words, and a model where one is asked.

mod cues;
pub mod model;
pub mod next;
pub mod oracle_run;
pub mod prices;
pub mod questions;
pub mod repository;
pub mod rule;
pub mod screen;
#[cfg(test)]
mod tests;
mod units;
pub mod unverified;

use fanfold_core::Usage;
use serde::Serialize;

use self::next::Next;
use self::oracle_run::{Ended, OracleRun};
use self::prices::Prices;
use self::questions::{Answer, Questions, Witness};
use self::repository::{Finding, Repository};
use self::rule::Decision;

/// Everything that is known, and what follows from it: what the screen shows and `--json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Advice {
    pub task: String,
    #[serde(flatten)]
    pub decision: Decision,
    pub questions: Questions,
    pub repository: Found,
    /// `None`: it was not run.
    pub oracle_run: Option<OracleRun>,
    pub prices: Prices,
    pub next: Next,
    pub notices: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Found {
    pub root: String,
    pub files: usize,
    pub sources: usize,
    pub documents: usize,
    /// There are more files, which were not looked at.
    pub truncated: bool,
    pub findings: Vec<Finding>,
}

impl Advice {
    /// `model`: `provider/model` that the prices are for; `price`: micro-dollars of one request to it.
    pub fn new(
        task: &str,
        repository: &Repository,
        questions: Questions,
        model: Option<&str>,
        price: impl Fn(&str, &Usage) -> Option<u64>,
    ) -> Self {
        let decision = rule::decide(&questions, repository);
        Self {
            task: task.to_owned(),
            prices: prices::estimate(&questions, model, price),
            next: Next::of(decision.mode, task, repository),
            decision,
            questions,
            repository: Found::of(repository),
            oracle_run: None,
            notices: Vec::new(),
        }
    }
}

impl Found {
    fn of(repository: &Repository) -> Self {
        Self {
            root: repository.survey.root().display().to_string(),
            files: repository.survey.len(),
            sources: repository.sources(),
            documents: repository.documents(),
            truncated: repository.survey.truncated,
            findings: repository.findings.clone(),
        }
    }
}

/// What running the check once says about the first question.
pub fn heed(run: &OracleRun, questions: &mut Questions) {
    let command = &run.command;
    let (answer, says) = match run.ended {
        Ended::Passed => (questions.oracle.answer, format!("`{command}` was run here and passes")),
        Ended::Failed => (
            questions.oracle.answer,
            format!("`{command}` was run here and fails: let it pass first, unless that is the task"),
        ),
        Ended::TimedOut => (
            questions.oracle.answer,
            format!("`{command}` did not end in time: agents need a quicker check, or a part of this one"),
        ),
        Ended::NotFound if questions.oracle.is_yes() => {
            questions.oracle_kind = None;
            (Answer::Unclear, format!("`{command}` cannot be run here: a program of it is missing"))
        }
        Ended::NotFound => (questions.oracle.answer, format!("`{command}` cannot be run here")),
    };
    questions.oracle.settle(answer, Witness::Run, says);
}
