//! What is remembered of a workflow in a folder: the approved script, how its runs went, and the standing rule.
//! The rules of standing rules are here, and nothing of files.

use std::fmt::{self, Display};
use std::path::PathBuf;

use fanfold_core::budget::dollars;
use serde::{Deserialize, Serialize};

use super::hash::{Approved, Grounds, short};
use crate::settings::budget::Budget;

/// Of one workflow in one folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct History {
    pub workflow: String,
    pub dir: PathBuf,
    /// Approved last.
    pub approved: Option<Version>,
    /// The oldest first.
    pub approvals: Vec<Given>,
    /// The oldest first, each run once.
    pub runs: Vec<RunFacts>,
    /// Accepted on the screen.
    pub rule: Option<Rule>,
    /// Why no rule counts until [`GOOD_RUNS`] went well again.
    pub withdrawn: Option<String>,
}

/// A script as it was approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    pub text: String,
    pub at_ms: u64,
}

/// An approval that was given here: one found in a journal counts only if it is among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    pub run_id: String,
    pub digest: String,
}

/// How a run went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunFacts {
    pub run_id: String,
    /// [`Grounds::work`] of what was approved for it.
    pub work: String,
    /// Its oracle passed.
    pub passed: bool,
    /// It stayed below the upper end of its estimate.
    pub inside_estimate: bool,
    /// Something that judges the work was touched.
    pub tampered: bool,
}

/// Approves runs for good: of this workflow, in this folder, with this very script, up to a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub workflow: String,
    pub dir: PathBuf,
    /// Digest of the script's text: 64 hex digits.
    pub script: String,
    /// [`Grounds::work`]; without it, any arguments, models and tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
    #[serde(with = "budget_text")]
    pub budget: Budget,
}

/// Why no standing rule approves a run; of several rules, the one that came closest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum WhyNot {
    #[error("there is no standing rule for this workflow in this folder")]
    NoRule,
    #[error("the script is not the one that the rule allows ({} instead of {})", short(.now), short(.rule))]
    OtherScript { rule: String, now: String },
    #[error("the arguments, models, tools or oracle are not those that the rule allows")]
    OtherWork,
    #[error("the run may use {cap}, the rule allows {rule}")]
    OverBudget { rule: String, cap: String },
    #[error("the rule was withdrawn: {0}")]
    Withdrawn(String),
}

/// Runs of one work that must have gone well before a rule is offered, or counts again.
pub const GOOD_RUNS: usize = 3;
/// Kept of each list; a run older than that must be approved anew when it is resumed.
const KEPT_MAX: usize = 100;

/// The rule that the screen may offer for this run, which is capped by `cap`.
pub fn offer(history: &History, grounds: &Grounds, cap: Budget) -> Option<Rule> {
    let work = grounds.work();
    let stands =
        history.withdrawn.is_none() && history.rule.as_ref().is_some_and(|rule| rule.is_for(grounds));
    if cap == Budget::default() || stands || good_runs(history, &work) < GOOD_RUNS {
        return None;
    }
    Some(Rule {
        workflow: grounds.workflow.clone(),
        dir: grounds.dir.clone(),
        script: grounds.script.clone(),
        work: Some(work),
        budget: cap,
    })
}

/// The rule that approves this run: the accepted one, or one of `written` by the person.
pub fn covers(written: &[Rule], history: &History, grounds: &Grounds, cap: Budget) -> Result<Rule, WhyNot> {
    let mut nearest = WhyNot::NoRule;
    for rule in history.rule.iter().chain(written) {
        match rule.covers(grounds, cap) {
            Ok(()) => {
                return match &history.withdrawn {
                    Some(why) => Err(WhyNot::Withdrawn(why.clone())),
                    None => Ok(rule.clone()),
                };
            }
            Err(why) => nearest = nearest.max(why),
        }
    }
    Err(nearest)
}

/// Takes note of an approval, however it was given.
pub fn record_approval(history: &mut History, approved: &Approved, script: &str) {
    history.approved = Some(Version { text: script.into(), at_ms: approved.at_ms });
    history.approvals.retain(|given| given.run_id != approved.run_id || given.digest != approved.digest);
    history.approvals.push(Given { run_id: approved.run_id.clone(), digest: approved.digest.clone() });
    keep_newest(&mut history.approvals);
}

/// Whether this very approval was given here: a record that was only written into a journal was not.
pub fn was_given(history: &History, approved: &Approved) -> bool {
    let is_it = |given: &Given| given.run_id == approved.run_id && given.digest == approved.digest;
    history.approvals.iter().any(is_it)
}

/// Takes note of a run that ended; a run that went on counts once, as it ended last. What went wrong
/// withdraws every rule; the reason is returned.
pub fn record_run(history: &mut History, facts: RunFacts) -> Option<String> {
    let why = match &facts {
        RunFacts { tampered: true, run_id, .. } => Some(format!("the run {run_id} reported tampering")),
        RunFacts { inside_estimate: false, run_id, .. } => {
            Some(format!("the run {run_id} used more than was estimated"))
        }
        _ => None,
    };
    let work = facts.work.clone();
    history.runs.retain(|run| run.run_id != facts.run_id);
    history.runs.push(facts);
    keep_newest(&mut history.runs);
    if let Some(why) = why {
        withdraw(history, why.clone());
        return Some(why);
    }
    if good_runs(history, &work) >= GOOD_RUNS {
        history.withdrawn = None;
    }
    None
}

/// Takes note of a rule that was accepted on the screen.
pub fn remember(history: &mut History, rule: Rule) {
    history.rule = Some(rule);
    history.withdrawn = None;
}

/// An accepted rule ends when its workflow comes with another script, even if the old one comes back.
pub fn see_script(history: &mut History, script: &str) -> bool {
    let is_changed = history.rule.as_ref().is_some_and(|rule| rule.script != script);
    if is_changed {
        history.rule = None;
    }
    is_changed
}

/// No rule counts any more, neither the accepted one nor those written by hand.
pub fn withdraw(history: &mut History, why: String) {
    history.rule = None;
    history.withdrawn = Some(why);
}

/// Of the last runs of this work, how many went well without a break.
fn good_runs(history: &History, work: &str) -> usize {
    let of_work = history.runs.iter().rev().filter(|run| run.work == work);
    of_work.take_while(|run| run.passed && run.inside_estimate && !run.tampered).count()
}

fn keep_newest<T>(list: &mut Vec<T>) {
    list.drain(..list.len().saturating_sub(KEPT_MAX));
}

impl Rule {
    fn is_for(&self, grounds: &Grounds) -> bool {
        self.workflow == grounds.workflow && self.dir == grounds.dir
    }

    fn covers(&self, grounds: &Grounds, cap: Budget) -> Result<(), WhyNot> {
        if !self.is_for(grounds) {
            return Err(WhyNot::NoRule);
        }
        if self.script != grounds.script {
            return Err(WhyNot::OtherScript { rule: self.script.clone(), now: grounds.script.clone() });
        }
        if self.work.as_ref().is_some_and(|work| *work != grounds.work()) {
            return Err(WhyNot::OtherWork);
        }
        // A currency that the rule does not name is free; one that it names must be capped.
        let within =
            |rule: Option<u64>, cap: Option<u64>| rule.is_none_or(|rule| cap.is_some_and(|cap| cap <= rule));
        let fits = within(self.budget.usd_micros, cap.usd_micros)
            && within(self.budget.output_tokens, cap.output_tokens);
        match fits && self.budget != Budget::default() {
            true => Ok(()),
            false => Err(WhyNot::OverBudget { rule: exact(&self.budget), cap: exact(&cap) }),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workflow, dir, script, work: _, budget } = self;
        let (dir, script) = (dir.display(), short(script));
        write!(f, "{workflow} in {dir}, script {script}, up to {}", exact(budget))
    }
}

/// A budget to the last millionth, as it is written in settings: `$4`, `$0.002,500000`; `none`.
pub fn exact(budget: &Budget) -> String {
    let parts: Vec<String> =
        [budget.usd_micros.map(dollars), budget.output_tokens.map(|tokens| tokens.to_string())]
            .into_iter()
            .flatten()
            .collect();
    if parts.is_empty() { "none".into() } else { parts.join(",") }
}

mod budget_text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::settings::budget::{Budget, EXPECTED};

    pub fn serialize<S: Serializer>(budget: &Budget, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::exact(budget))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Budget, D::Error> {
        let text = String::deserialize(from)?;
        Budget::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no budget: expected {EXPECTED}")))
    }
}
