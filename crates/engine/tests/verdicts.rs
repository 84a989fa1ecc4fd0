//! Verdicts of a run: when the oracle is asked, what is recorded of it, and what the run's verdict follows.

mod world;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::{
    CallKey, Entry, EventBody, Failure, FailureKind, Judgement, LandCall, Landing, LogLevel, NotLanded,
    Oracle, OracleCall, Outcome, Patch, RunStatus, RunView, Source, Verdict,
};
use fanfold_engine::{Control, ErrorKind, RunReport};
use futures_util::future::{BoxFuture, ready};
use serde_json::json;

use world::{Biller, World};

/// Says what it is told to say, and counts how often it is asked.
#[derive(Default)]
struct Scripted {
    verdicts: Mutex<VecDeque<bool>>,
    asked: Mutex<Vec<String>>,
    cannot_start: bool,
    warnings: Vec<String>,
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

    fn warnings(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(ready(self.warnings.clone()))
    }

    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        _: bool,
    ) -> BoxFuture<'a, Result<Judgement, Failure>> {
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
fn a_script_that_asks_its_oracle_after_work_that_is_new_is_not_told_what_was_so_before() {
    let oracle = Scripted::saying(&[true, false]);
    let mut biller = Biller::new(1);
    biller.replies = Box::new(|prompt, times| {
        let failed = Outcome::failed(FailureKind::Timeout, "it took too long");
        (prompt == "second" && times == 1).then(|| Ok(failed))
    });
    let mut world = World::new(biller);
    world.oracle = oracle.clone();
    let script = "
        await parallel([() => agent('first'), () => agent('second')]);
        return (await oracle()).passed;
    ";
    let report = world.run(script);
    assert_eq!((World::result(&report), report.verdict), (json!(true), Verdict::Passed));
    oracle.asked();
    let report = world.run(script);
    assert_eq!(oracle.asked(), ["baseline again", "judge workspace"], "the second agent worked since");
    assert_eq!((World::result(&report), report.verdict), (json!(false), Verdict::Failed));
    let report = world.run(script);
    assert_eq!(oracle.asked(), ["baseline again"], "nothing is new");
    assert_eq!(report.verdict, Verdict::Failed);
}

#[test]
fn what_an_oracle_said_before_new_work_is_forgotten_even_if_the_run_dies_before_it_is_asked_again() {
    let oracle = Scripted::saying(&[true, false]);
    let mut biller = Biller::new(1);
    biller.replies = Box::new(|prompt, times| {
        let failed = Outcome::failed(FailureKind::Timeout, "it took too long");
        (prompt == "second" && times == 1).then(|| Ok(failed))
    });
    let mut world = World::new(biller);
    world.oracle = oracle.clone();
    let script = "await agent('first'); await agent('second'); return (await oracle()).passed";
    world.run(script);
    let until_the_oracle = world.disk.entries().len() as u64 + 3;
    world.disk.die_after(until_the_oracle);
    assert!(world.run_or_die(script).is_none(), "it dies once the second agent has settled");
    world.disk.die_after(0);
    oracle.verdicts.lock().unwrap_or_else(PoisonError::into_inner).push_front(false);
    let report = world.run(script);
    assert_eq!((World::result(&report), report.verdict), (json!(false), Verdict::Failed));
}

#[test]
fn an_agent_that_failed_in_the_workspace_is_judged_too() {
    let oracle = Scripted::saying(&[true, false]);
    let mut biller = Biller::new(1);
    biller.replies = Box::new(|_, _| Some(Ok(Outcome::failed(FailureKind::Timeout, "it took too long"))));
    let mut world = World::new(biller);
    world.oracle = oracle.clone();
    let report = world.run("await oracle(); return await agent('work')");
    assert_eq!(oracle.asked(), ["baseline", "judge workspace", "judge workspace"]);
    assert_eq!(report.verdict, Verdict::Failed);
}

#[test]
fn an_oracle_that_cannot_be_asked_stops_the_run_before_any_agent_is() {
    let oracle = Arc::new(Scripted { cannot_start: true, ..Scripted::default() });
    let mut world = world(&oracle);
    let report = world.run(ONE_AGENT);
    assert_eq!((report.agents.started, world.backend.asked()), (0, 0));
    let error = report.error.expect("it stops");
    assert_eq!(error.kind, ErrorKind::Oracle);
    assert!(error.message.contains("there is no shell"), "{}", error.message);
    assert_eq!(report.status, RunStatus::Failed);
}

#[test]
fn what_a_person_should_know_of_the_start_is_told_once_and_before_it_is_judged() {
    let oracle = Scripted { warnings: vec!["a folder is not committed".into()], ..Scripted::default() };
    oracle.verdicts.lock().expect("no panic").push_back(true);
    let mut world = world(&Arc::new(oracle));
    for attempt in 1..=2 {
        world.run(ONE_AGENT);
        let events = std::mem::take(&mut *world.events.lock().expect("no panic while held"));
        let at = |is: &dyn Fn(&EventBody) -> bool| events.iter().position(|event| is(&event.body));
        let told = at(
            &|body| matches!(body, EventBody::Log { level: LogLevel::Warning, message } if message == "a folder is not committed"),
        );
        let judged = at(&|body| matches!(body, EventBody::OracleStarted { .. })).expect("it is judged");
        match attempt {
            1 => assert!(told.expect("it is told") < judged, "{events:?}"),
            _ => assert_eq!(told, None, "nothing is judged at the start any more"),
        }
    }
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

/// A branch that outlives the attempts, as one in a repository does.
#[derive(Default)]
struct Branch {
    /// Keys of landings and what landed, in order.
    landed: Mutex<Vec<(String, String)>>,
}

impl Branch {
    fn landed(&self) -> Vec<String> {
        let landed = self.landed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = landed.iter().map(|(_, patch)| patch.clone()).collect();
        names.sort();
        names
    }
}

fn verdict(passed: bool) -> Judgement {
    Judgement { passed: Some(passed), ..Judgement::default() }
}

/// Passes what is called good; one that lands second comes into conflict with what is there.
impl Oracle for Branch {
    fn digest(&self) -> Option<String> {
        Some("branch".into())
    }

    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        _: bool,
    ) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(ready(Ok(recorded.unwrap_or_else(|| verdict(false)))))
    }

    fn judge<'a>(&'a self, call: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(ready(Ok(verdict(call.patch.as_deref().is_some_and(|patch| patch.starts_with("good"))))))
    }

    fn land<'a>(&'a self, key: &'a CallKey, call: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        let mut landed = self.landed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = landed.iter().any(|(landed_by, _)| landed_by == key.as_str());
        let landing = if !known && call.patch == "good-2" {
            Landing {
                why: Some(NotLanded::Conflict),
                conflicts: vec!["a".into()],
                start: Some("merge-2".into()),
                ..Landing::default()
            }
        } else {
            if !known {
                landed.push((key.to_string(), call.patch.clone()));
            }
            let commit = Some(format!("commit of {}", call.patch));
            Landing { landed: true, commit, judgement: Some(verdict(true)), ..Landing::default() }
        };
        Box::pin(ready(Ok(landing)))
    }
}

const VERIFIED: &str = "
    const all = await parallel([1, 2, 3].map(n => () => verified('task ' + n, { label: 'item' + n, reviewers: 1 })));
    return all.map(one => ({ landed: one.landed, rounds: one.rounds }));
";

/// Odd tasks are done badly at first.
fn workers(seed: u64) -> Biller {
    let patch = |name: String| {
        let diff = format!("diff of {name}");
        let patch = Patch { commit: name, base: "base".into(), files: 1, diff };
        Some(Ok(Outcome { patch: Some(patch), ..Outcome::done("done") }))
    };
    let mut biller = Biller::new(seed);
    biller.replies = Box::new(move |prompt, _| {
        let nth = (1..=3).find(|nth| prompt.contains(&format!("task {nth}")))?;
        match prompt {
            _ if prompt.contains("Try to refute") => Some(Ok(Outcome::done(json!({"flaws": []})))),
            _ if prompt.contains("It conflicts with") => patch(format!("good-{nth}-merged")),
            _ if prompt.contains("Mend a change") => patch(format!("good-{nth}")),
            _ if nth % 2 == 1 => patch(format!("bad-{nth}")),
            _ => patch(format!("good-{nth}")),
        }
    });
    biller
}

#[test]
fn a_verified_run_that_is_killed_anywhere_lands_each_patch_once_and_pays_nothing_twice() {
    for seed in 0..3 {
        let run = |world: &mut World| -> Option<RunReport> { world.run_or_die(VERIFIED) };
        let whole_branch = Arc::new(Branch::default());
        let mut whole = World::new(workers(seed));
        whole.oracle = whole_branch.clone();
        let report = run(&mut whole).expect("it was not told to die");
        let expect = World::result(&report);
        assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.failures);
        assert_eq!(whole_branch.landed(), ["good-1", "good-2-merged", "good-3"]);
        assert_eq!(expect[1], json!({"landed": true, "rounds": 1}), "the conflict took a round");
        let total = whole.disk.entries().len() as u64;
        for death in 1..total {
            let branch = Arc::new(Branch::default());
            let mut world = World::new(workers(seed));
            world.oracle = branch.clone();
            world.disk.die_after(death);
            assert!(run(&mut world).is_none(), "seed {seed}: it did not die after {death} entries");
            let settled = world::finished(&world.disk.entries()).len() as u64;
            let asked_before = world.backend.asked();
            world.disk.die_after(0);
            let report = run(&mut world).expect("nothing kills it any more");
            assert_eq!(World::result(&report), expect, "seed {seed}, death {death}");
            assert_eq!(report.verdict, Verdict::Passed, "seed {seed}, death {death}");
            assert_eq!(branch.landed(), whole_branch.landed(), "seed {seed}, death {death}");
            let asked_again = world.backend.asked() - asked_before;
            assert!(
                asked_again + settled <= total,
                "seed {seed}, death {death}: {asked_again} asked after {settled} were settled"
            );
            let paid: Vec<u32> =
                world.backend.paid.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect();
            // What was under way when it died is asked again, and nothing else: at most the three items' agents.
            let twice = paid.iter().filter(|times| **times > 1).count();
            assert!(
                twice <= 3 && paid.iter().all(|times| *times <= 2),
                "seed {seed}, death {death}: {paid:?}"
            );
        }
    }
}

#[test]
fn a_finished_run_tells_again_what_was_judged_and_landed_and_each_once() {
    let mut world = World::new(workers(1));
    world.oracle = Arc::new(Branch::default());
    // As it lies in the run's folder: the events of all attempts, one after the other.
    let (mut view, mut seen) = (RunView::default(), 0);
    let mut told = || {
        world.run(VERIFIED);
        let events = world.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut judged = Vec::new();
        for event in &events[std::mem::replace(&mut seen, events.len())..] {
            view.apply(event);
            if let EventBody::OracleEnded { oracle, source, .. } = &event.body {
                judged.push((oracle.clone(), *source));
            }
        }
        judged.sort_by_key(|(oracle, _)| oracle.to_string());
        let (judged, sources): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
        let ended = view.oracles.iter().filter(|oracle| oracle.ended.is_some()).count();
        assert_eq!((view.oracles.len(), ended), (judged.len(), judged.len()), "what begins ends, once");
        assert_eq!((view.landed, view.ended.as_ref().map(|end| end.verdict)), (3, Some(Verdict::Passed)));
        (judged, sources)
    };
    let (first, live) = told();
    assert!(first.windows(2).all(|two| two[0] != two[1]), "told twice: {first:?}");
    assert_eq!(live, vec![Source::Live; first.len()]);
    let (again, replayed) = told();
    assert_eq!((again, replayed), (first.clone(), vec![Source::Replayed; first.len()]));
}

#[test]
fn work_that_does_not_land_makes_the_verdict_and_is_named() {
    let branch = Arc::new(Branch::default());
    let mut biller = workers(1);
    biller.replies = Box::new(|prompt, times| {
        if prompt.contains("Try to refute") {
            return Some(Ok(Outcome::done(json!({"flaws": []}))));
        }
        let diff = format!("diff {} {times}", prompt.len());
        let patch = Patch { commit: format!("bad-{}", prompt.len()), base: "base".into(), files: 1, diff };
        Some(Ok(Outcome { patch: Some(patch), ..Outcome::done("done") }))
    });
    let mut world = World::new(biller);
    world.oracle = branch.clone();
    let report =
        world.run("return (await verified('do it', { label: 'it', reviewers: 1, rounds: 1 })).landed");
    assert_eq!(World::result(&report), json!(false));
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(branch.landed(), [""; 0]);
    let named = report.failures.iter().find(|failed| failed.failure.kind == FailureKind::NotLanded);
    assert_eq!(named.expect("it is listed").label, "it");
}

#[test]
fn a_refusal_is_listed_once_as_that_of_the_agent() {
    let mut world = World::new(workers(1));
    world.oracle = Arc::new(Branch::default());
    world.limits.agents = 1;
    let report =
        world.run("await agent('one'); await parallel([() => verified('task 3', { reviewers: 0 })])");
    let listed: Vec<FailureKind> = report.failures.iter().map(|failed| failed.failure.kind).collect();
    assert_eq!(listed, [FailureKind::Cap], "{:?}", report.failures);
    assert_eq!(report.verdict, Verdict::Failed, "something did not land all the same");
}

#[test]
fn one_that_left_nothing_to_land_beside_others_that_landed_fails_the_run() {
    let mut biller = workers(1);
    let others = std::mem::replace(&mut biller.replies, Box::new(|_, _| None));
    biller.replies = Box::new(move |prompt, times| match prompt {
        _ if prompt.contains("task 3") => Some(Ok(Outcome::done("there is nothing to do"))),
        _ => others(prompt, times),
    });
    let mut world = World::new(biller);
    world.oracle = Arc::new(Branch::default());
    let report = world.run(VERIFIED);
    assert_eq!(World::result(&report)[2], json!({"landed": false, "rounds": 0}));
    assert_eq!(report.verdict, Verdict::Failed, "{:?}", report.failures);
}

#[test]
fn work_that_passes_and_was_not_to_land_is_no_failure() {
    for (nth, verdict) in [(2, Verdict::Passed), (1, Verdict::Failed)] {
        let mut world = World::new(workers(1));
        let oracle = Scripted::saying(&[nth == 2, true]);
        world.oracle = oracle.clone();
        let report = world.run(&format!(
            "return await verified('task {nth}', {{ label: 'it', reviewers: 0, rounds: 0, land: false }})"
        ));
        assert_eq!(report.verdict, verdict, "{:?}", report.failures);
        assert_eq!(report.failures.is_empty(), nth == 2, "{:?}", report.failures);
    }
}

#[test]
fn a_run_that_was_stopped_has_not_passed_whatever_had_landed() {
    let mut biller = workers(1);
    let others = std::mem::replace(&mut biller.replies, Box::new(|_, _| None));
    let control = Control::default();
    let hand = control.clone();
    biller.replies = Box::new(move |prompt, times| {
        if prompt == "stop" {
            hand.interrupt();
        }
        others(prompt, times)
    });
    let mut world = World::new(biller);
    world.control = control;
    world.oracle = Arc::new(Branch::default());
    let script = "
        const { landed } = await verified('task 3', { label: 'it', reviewers: 0 });
        log(landed);
        await agent('stop');
        await agent('more');
    ";
    let report = world.run(script);
    assert_eq!((report.status, report.verdict), (RunStatus::Stopped, Verdict::Unverified));
    let events = world.events.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(format!("{events:?}").contains("\"true\""), "it had landed");
}

/// Judges for ever, and is stopped while it does.
struct Endless(Control);

impl Oracle for Endless {
    fn digest(&self) -> Option<String> {
        Some("endless".into())
    }

    fn baseline<'a>(&'a self, _: Option<Judgement>, _: bool) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(ready(Ok(Judgement::default())))
    }

    fn judge<'a>(&'a self, _: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        self.0.interrupt();
        Box::pin(std::future::pending())
    }

    fn land<'a>(&'a self, _: &'a CallKey, _: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_person_who_stops_the_last_verdict_keeps_the_result() {
    let mut world = World::new(Biller::new(1));
    world.oracle = Arc::new(Endless(world.control.clone()));
    let report = world.run(ONE_AGENT);
    assert_eq!((report.status, report.verdict), (RunStatus::Completed, Verdict::Unverified));
    assert_eq!(World::result(&report), json!("re: work"));
}
