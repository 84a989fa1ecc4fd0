//! A quick check of one item, before the whole oracle: the item is an argument and never part of the command's text.

use fanfold_core::oracle::{CheckResult, TestCounts};
use fanfold_core::{Failure, FailureKind, ItemCheck, Judgement};

use super::bench::show;
use super::{Case, Court, OUTPUT_BYTES_MAX, failures, uncovered};
use crate::spec::Check;
use crate::verdict::verdict;

const TIMEOUT_MS: u64 = 2 * 60 * 1000;

impl Court {
    pub(super) async fn try_item(&self, case: &Case, item: &ItemCheck) -> Result<Judgement, Failure> {
        if item.item.starts_with('-') || item.item.contains('\0') {
            let message =
                format!("check.item `{}` would be taken for an option: name it otherwise", item.item);
            return Err(Failure { kind: FailureKind::BadCall, message });
        }
        let mut check =
            Check::new(&format!("{} {}", crate::spec::shortened(&item.command), item.item), &item.command);
        check.timeout_ms = item.timeout_ms.unwrap_or(TIMEOUT_MS);
        let run = self.run(case, &check, &with_item(&item.command), std::slice::from_ref(&item.item)).await?;
        let mut judgement = Judgement {
            tree: case.tree.clone(),
            tampered: [case.tampered.clone(), run.tampered].concat(),
            uncovered: case.uncovered.clone(),
            exit_code: run.ended.exit_code,
            duration_ms: run.duration_ms,
            ..Judgement::default()
        };
        let mut result: CheckResult = verdict(&check, run.ended, run.report.as_ref(), None);
        // By all of it: long commands that differ may have one name.
        let whole = format!("{}\0{}", item.command, item.item);
        self.hold_against_earlier(&case.tree, &whole, &mut result, &mut judgement.flaky);
        show(&mut judgement.output, &check, &run.output, OUTPUT_BYTES_MAX);
        let report = run.report.unwrap_or_default();
        uncovered::name(&mut judgement.uncovered, &report.skipped);
        if !result.passed {
            judgement.failures = failures(&result, report.failures);
        }
        let ran_none = result.tests == Some(TestCounts::default());
        judgement.passed =
            Some(result.passed && !ran_none && judgement.tampered.is_empty() && !judgement.flaky);
        result.names.clear();
        judgement.checks.push(result);
        Ok(judgement)
    }
}

/// A command that does not say where the item goes has it as its last argument.
fn with_item(command: &str) -> String {
    let names_it = ["$1", "${1", "$@", "$*"].iter().any(|mark| command.contains(mark));
    if names_it { command.to_owned() } else { format!("{command} \"$@\"") }
}
