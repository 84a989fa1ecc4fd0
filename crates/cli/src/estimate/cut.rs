//! Dry runs that only a limit ended: they say that there is no upper end, or what it is.

use fanfold_agent::sim::Policy;
use fanfold_core::{FailureKind, Limits};
use fanfold_engine::ErrorKind;

use super::{DryRun, Subject};
use crate::settings::budget::Budget;
use crate::settings::file::Origin;

/// A policy under which the script only ended because a limit ended it.
pub struct Cut {
    pub policy: Policy,
    /// What happened, as in "the script …".
    pub what: String,
    /// What to type.
    cap: &'static str,
    /// A person or the workflow's author named that limit: then it is the upper end.
    pub is_named: bool,
}

impl Cut {
    pub fn of(run: &DryRun, subject: &Subject<'_>) -> Option<Self> {
        let Limits { agents, items, cap, .. } = subject.limits;
        let wanted = &subject.meta.limits;
        let said = |key: &str| !matches!(subject.settings.origin(key), Origin::Default);
        let cut = |what: String, cap, is_named| Some(Self { policy: run.policy, what, cap, is_named });
        let failed = |kind: FailureKind| run.report.failures.iter().any(|one| one.failure.kind == kind);
        let error = run.report.error.as_ref();
        if run.is_endless {
            return cut("went on for ever".into(), "--budget or --max-agents", false);
        }
        if error.is_some_and(|error| error.kind == ErrorKind::TimeLimit) {
            let by = "went on until its time was up".into();
            return cut(by, "--budget or --max-agents", wanted.minutes.is_some());
        }
        if failed(FailureKind::Budget) {
            let by = match cap.is_none() {
                true => "was ended by the limit of a phase or of an agent".into(),
                false => format!("was ended by the budget of {}", Budget::from(cap)),
            };
            return cut(by, "--budget", true);
        }
        if failed(FailureKind::Cap) {
            let is_named = said("max_agents") || wanted.agents.is_some();
            return cut(
                format!("was ended by the cap of {agents} agents"),
                "--max-agents or --budget",
                is_named,
            );
        }
        // The script's own exception, in the words of `parallel()` and `pipeline()`.
        let past_items = |message: &str| message.contains("(--max-items)");
        let thrown = run.report.failures.iter().any(|one| past_items(&one.failure.message));
        if thrown || error.is_some_and(|error| past_items(&error.message)) {
            return cut(
                format!("was ended by the cap of {items} items"),
                "--max-items or --budget",
                said("max_items"),
            );
        }
        None
    }

    pub fn show(&self) -> String {
        format!(
            "there is no upper end: under `{}` the script {}; name a cap: {}",
            self.policy, self.what, self.cap
        )
    }
}
