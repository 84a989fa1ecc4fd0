//! Before money is spent: what will happen, what it may cost, and a person or a standing rule that says yes.
//!
//! ```text
//! Proposal --grounds()--> Grounds --digest()--> what is approved     hash.rs
//!    |-- gate(): runs, must be asked about, or is refused           this file
//!    |-- Asker::ask(): the screen, or a prompt -> Answer            asker.rs, asking.rs, prompt.rs
//!    `-- Approved: who, when, how; kept in the journal              hash.rs
//! Store: approved scripts, runs and standing rules per workflow and folder   history.rs, store.rs
//! ```
//!
//! The digest is taken from the very fields that are shown, so that what is approved cannot differ from it.

pub mod asker;
mod asking;
mod editor;
pub mod hash;
pub mod history;
mod page;
mod prompt;
pub mod store;
mod terminal;
#[cfg(test)]
mod tests;
mod visible;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::{CliError, ErrorKind};
use crate::screen::Style;
use crate::settings::budget::{Amount, Budget};
use crate::world::World;
use hash::{Grounds, How};
use history::{Rule, Version, WhyNot};

/// A run that somebody wants, as it is shown and as it is hashed.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    pub workflow: String,
    pub description: String,
    /// Where agents work, absolute.
    pub dir: PathBuf,
    /// Where the script lies, as it is shown.
    pub file: String,
    /// The exact text that will run.
    pub script: String,
    /// JSON text; empty when there are none.
    pub args: String,
    /// The run's own first.
    pub models: Vec<ModelRow>,
    /// Name and value, but for the budget: `agents` and `at most 1000`.
    pub limits: Vec<(String, String)>,
    /// Permission rules as they hold: `allow Bash(cargo test:*)`.
    pub tools: Vec<String>,
    pub sandbox: String,
    /// Other texts that decide what runs (workflows that the script starts, agent types): name and digest.
    pub files: BTreeMap<String, String>,
    /// What says whether the work is right, with its digest.
    pub oracle: Option<String>,
    /// Where there is none: a command of the repository that could, and why (`cargo test`, `Cargo.toml`).
    pub found_oracle: Option<(String, String)>,
    pub phases: Vec<PhaseRow>,
    pub figures: Figures,
    pub warnings: Vec<String>,
    /// What the project's own settings ask for.
    pub notes: Vec<String>,
    pub budget: Budget,
    /// The run that goes on.
    pub resume: Option<String>,
    /// The version of this workflow that was approved last.
    pub before: Option<Version>,
    /// The standing rule that the screen may offer: [`history::offer`].
    pub offer: Option<Rule>,
}

#[derive(Clone, Debug, Default)]
pub struct ModelRow {
    /// `provider/model`
    pub name: String,
    /// `$3 in, $15 out a million`
    pub price: String,
}

#[derive(Clone, Debug, Default)]
pub struct PhaseRow {
    pub title: String,
    pub detail: String,
    /// `12`, `3 to 40`
    pub agents: String,
    /// Empty: the run's own.
    pub model: String,
}

/// Ranges as people read them; empty ones are not shown.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub agents: String,
    pub tokens: String,
    pub dollars: String,
    pub makespan: String,
    /// How they were reached, a line each.
    pub basis: Vec<String>,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Run,
    /// And never ask again about what the rule covers.
    RunAndRemember(Rule),
    /// The script's new text: to be checked and proposed again.
    Edit(String),
    /// Another budget: to be proposed again.
    Budget(Amount),
    /// This command is the oracle: to be proposed again.
    Oracle(String),
    No,
}

/// Whether somebody must be asked.
#[derive(Debug)]
pub enum Gate {
    Approved(How),
    Ask,
    Refused(CliError),
}

/// What `yes` (`--yes`) and the standing rules say of it; else a person must be asked, and where nobody can be,
/// nothing runs. A rule covers no run without a budget, nor does `yes`.
pub fn gate(proposal: &Proposal, rule: Result<Rule, WhyNot>, yes: bool, world: &World) -> Gate {
    match rule {
        Ok(rule) => Gate::Approved(How::Rule(rule.to_string())),
        Err(_) if yes && proposal.has_budget() => Gate::Approved(How::Yes),
        Err(_) if yes => Gate::Refused(
            CliError::new(ErrorKind::Usage, "nothing bounds what this run may cost")
                .hint("name a budget: --budget '$4', or in output tokens --budget 500k"),
        ),
        Err(_) if world.can_ask() => Gate::Ask,
        Err(why) => {
            let message = match why {
                WhyNot::NoRule => "nobody is here to approve this run".to_owned(),
                why => format!("nobody is here to approve this run, and its standing rule does not: {why}"),
            };
            let budget = if proposal.has_budget() { "" } else { "name a budget (--budget '$4'); " };
            Gate::Refused(CliError::new(ErrorKind::NotApproved, message).hint(budget.to_owned() +
                "--yes approves it, a rule allow = [\"Workflow(NAME)\"] in your settings does for good, --simulate spends nothing",
            ))
        }
    }
}

/// The error after [`Answer::No`].
pub fn declined() -> CliError {
    CliError::new(ErrorKind::NotApproved, "not approved").hint("nothing was spent")
}

/// The login name, for the record: `ada`, or `uid 1000` where there is none.
pub fn person(world: &World) -> String {
    let named = ["USER", "LOGNAME"].into_iter().find_map(|name| world.var(name)).map(str::to_owned);
    named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

impl Proposal {
    /// Without one nothing is approved: it is the upper end of the estimate, and where there is none, a person
    /// names one.
    pub fn has_budget(&self) -> bool {
        self.budget != Budget::default()
    }

    pub fn grounds(&self) -> Grounds {
        let mut limits = self.limits.clone();
        limits.push((hash::BUDGET.into(), history::exact(&self.budget)));
        Grounds {
            workflow: self.workflow.clone(),
            dir: self.dir.clone(),
            script: hash::digest(self.script.as_bytes()),
            args: hash::digest(self.args.as_bytes()),
            models: self.models.iter().map(|model| model.name.clone()).collect(),
            limits,
            tools: self.tools.clone(),
            sandbox: self.sandbox.clone(),
            files: self.files.clone(),
            oracle: self.oracle.clone(),
        }
    }

    /// The proposal as lines, for those who are not asked (`--yes`, a rule).
    pub fn text(&self, style: Style, columns: usize) -> String {
        style.render(&page::proposal(self, columns.min(page::COLUMNS_MAX), style.unicode))
    }
}
