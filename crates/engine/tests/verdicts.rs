//! Verdicts of a run: when the oracle is asked, what is recorded of it, and what the run's verdict follows.

mod world;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::{
    CallKey, Entry, Failure, FailureKind, Judgement, LandCall, Landing, NotLanded, Oracle, OracleCall,
    RunStatus, Verdict,
};
use fanfold_engine::ErrorKind;
use futures_util::future::{BoxFuture, ready};

use world::{Biller, World};

/// Says what it is told to say, and counts how often it is asked.
#[derive(Default)]
struct Scripted {
    verdicts: Mutex<VecDeque<bool>>,
    asked: Mutex<Vec<String>>,
    cannot_start: bool,
}

impl Scripted {
    fn saying(verdicts: &[bool]) -> Arc<Self> {
        Arc::new(Self { verdicts: Mutex::new(verdicts.iter().copied().collect()), ..Self::default() })
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn judgement(&self) -> Judgement {
        let next = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Judgement { passed: Some(next.expect("a verdict is left")), ..Judgement::default() }
    }
}

impl Oracle for Scripted {
    fn digest(&self) -> Option<String> {
        Some("scripted".into())
    }

    fn baseline<'a>(&'a self, recorded: Option<Judgement>) -> BoxFuture<'a, Result<Judgement, Failure>> {
        if self.cannot_start {
            let failure = Failure { kind: FailureKind::Oracle, message: "there is no shell".into() };
            return Box::pin(ready(Err(failure)));
        }
        self.note(if recorded.is_some() { "baseline again".into() } else { "baseline".into() });
        let at_the_start = Judgement { passed: Some(true), ..Judgement::default() };
        Box::pin(ready(Ok(recorded.unwrap_or(at_the_start))))
    }

    fn judge<'a>(&'a self, call: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        self.note(format!("judge {}", call.patch.as_deref().unwrap_or("workspace")));
        Box::pin(ready(Ok(self.judgement())))
    }

    fn land<'a>(&'a self, _: &'a CallKey, call: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        self.note(format!("land {}", call.patch));
        let judgement = self.judgement();
        let landed = judgement.passed == Some(true);
        let why = (!landed).then_some(NotLanded::Failed);
        Box::pin(ready(Ok(Landing { landed, why, judgement: Some(judgement), ..Landing::default() })))
    }
}

fn world(oracle: &Arc<Scripted>) -> World {
    let mut world = World::new(Biller::new(1));
    world.oracle = oracle.clone();
    world
}

const ONE_AGENT: &str = "return await agent('work')";

#[test]
fn a_run_that_never_asked_its_oracle_is_judged_when_its_script_has_ended() {
    for (says, verdict) in [(true, Verdict::Passed), (false, Verdict::Failed)] {
        let oracle = Scripted::saying(&[says]);
        let report = world(&oracle).run(ONE_AGENT);
        assert_eq!((report.status, report.verdict), (RunStatus::Completed, verdict));
        assert_eq!(oracle.asked(), ["baseline", "judge workspace"]);
    }
}

#[test]
fn without_an_oracle_a_run_is_unverified() {
    let report = World::new(Biller::new(1)).run(ONE_AGENT);
    assert_eq!(report.verdict, Verdict::Unverified);
}

#[test]
fn a_finished_run_keeps_its_verdicts_and_asks_nothing_again() {
    let oracle = Scripted::saying(&[true]);
    let mut world = world(&oracle);
    world.run(ONE_AGENT);
    oracle.asked();
    let report = world.run(ONE_AGENT);
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(oracle.asked(), ["baseline again"], "what was recorded is handed back, and nothing is judged");
}

#[test]
fn work_that_was_done_since_is_judged_anew() {
    let oracle = Scripted::saying(&[true, false]);
    let mut world = world(&oracle);
    world.run(ONE_AGENT);
    oracle.asked();
    let report = world.run("return await agent('other work')");
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(oracle.asked(), ["baseline again", "judge workspace"]);
}

#[test]
fn an_oracle_that_cannot_be_asked_stops_the_run_at_once() {
    let oracle = Arc::new(Scripted { cannot_start: true, ..Scripted::default() });
    let report = world(&oracle).run(ONE_AGENT);
    let error = report.error.expect("it stops");
    assert_eq!(error.kind, ErrorKind::Oracle);
    assert!(error.message.contains("there is no shell"), "{}", error.message);
    assert_eq!(report.status, RunStatus::Failed);
}

#[test]
fn the_verdict_on_no_change_is_in_the_journal_before_any_other() {
    let oracle = Scripted::saying(&[true]);
    let mut world = world(&oracle);
    world.run(ONE_AGENT);
    let labels: Vec<String> = world
        .disk
        .entries()
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Called { asked, .. } => Some(asked.label),
            _ => None,
        })
        .collect();
    assert_eq!(labels, ["at the start", "work", "at the end"]);
}
