//! What was said of a run before it, and how it went against that.

use fanfold_core::{FailureKind, RunStatus, Verdict};
use fanfold_engine::RunReport;

use crate::approval::hash::Grounds;
use crate::approval::history::{self, RunFacts};
use crate::approval::store::Store;
use crate::commands::{launch, tell};
use crate::estimate::{Estimate, Range};
use crate::history::WorkflowId;
use crate::world::World;

/// What was said of a run before it.
pub struct Promised {
    pub(super) workflow: WorkflowId,
    pub(super) work: Option<Grounds>,
    pub(super) estimate: Option<Estimate>,
}

impl Promised {
    /// Tells how the run went against it, and remembers that for the next one.
    pub fn keep(self, report: &RunReport, world: &World) {
        let Some(work) = &self.work else { return };
        let noted =
            crate::history::record(world, &self.workflow, report, self.estimate.as_ref(), launch::now_ms());
        noted.line.iter().for_each(|line| tell(line));
        noted.notice.iter().for_each(|notice| tell(&format!("notice: {notice}")));
        let refused = report.failures.iter().any(|failed| failed.failure.kind == FailureKind::Budget);
        let facts = RunFacts {
            run_id: report.run_id.clone(),
            work: work.work(),
            passed: report.status == RunStatus::Completed && report.verdict != Verdict::Failed,
            inside_estimate: !refused && !self.is_over(report),
            tampered: report.failures.iter().any(|failed| failed.failure.kind == FailureKind::Tampered),
        };
        let Ok(store) = Store::open(world) else { return };
        match store.update(&work.workflow, &work.dir, |known| history::record_run(known, facts)) {
            Ok(Some(Some(why))) => {
                tell(&format!("notice: standing rules for this workflow no longer hold: {why}"))
            }
            Ok(Some(None) | None) => (),
            Err(notice) => tell(&format!("notice: {notice}")),
        }
    }

    fn is_over(&self, report: &RunReport) -> bool {
        let Some(Estimate { amounts, .. }) = &self.estimate else { return false };
        let over = |spent: u64, range: Range| range.high.is_some_and(|high| spent > high);
        match (report.usage.usd, amounts.usd_micros) {
            (Some(usd), Some(range)) => over((usd * 1e6).round() as u64, range),
            _ => over(report.usage.output_tokens, amounts.output_tokens),
        }
    }
}
