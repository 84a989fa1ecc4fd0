//! One run has one holder: whoever comes second is told so, and changes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fanfold_testkit::{Answer, Hold};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::model::{Model, done, task};
use crate::project::{Project, Running, script, settled, until};

const PAIR: &str = "return await parallel([1, 2].map(n => () => agent(`task ${n}`)))";

/// The second task is kept back until it is released.
fn held_back() -> (Project, Model, Hold) {
    let hold = Hold::default();
    let keep = hold.clone();
    let model = Model::start(move |seen| match task(seen).as_str() {
        "task 2" => done("task 2").held(&keep),
        task => done(task),
    });
    let project = Project::with(&model);
    project.file("w.js", &script(PAIR));
    (project, model, hold)
}

/// Waits until one task is settled and the other under way.
fn first_settled(project: &Project, model: &Model) {
    model.wait_for(2);
    until("the first task to settle", || settled(&project.run()).len() == 1);
}

#[test]
fn ten_resumes_at_once_are_one_at_work_and_nine_that_say_who_holds_it() {
    let hold = Hold::default();
    let (keep, first) = (hold.clone(), Arc::new(AtomicBool::new(true)));
    let is_first = first.clone();
    let model = Model::start(move |seen| match task(seen).as_str() {
        "task 2" if is_first.load(Ordering::Relaxed) => Answer::error(402, "billing_error", "top up"),
        "task 2" => done("task 2").held(&keep),
        task => done(task),
    });
    let project = Project::with(&model);
    project.file("w.js", &script(PAIR));
    project.fanfold(&["run", "w.js", "--yes", "--concurrency", "1"]).exits(6);
    first.store(false, Ordering::Relaxed);
    let (asked, before) = (model.seen(), std::fs::read(project.run().join("journal.jsonl")).expect("kept"));

    let mut resumes: Vec<Running> = (0..10).map(|_| project.start(&["resume", "--yes"])).collect();
    until("nine of them to give up", || {
        resumes.iter_mut().filter_map(|one| one.is_running().then_some(())).count() == 1
    });
    model.wait_for(asked + 1);
    hold.release();
    let ended: Vec<_> = resumes.into_iter().map(Running::ended).collect();
    let (winners, losers): (Vec<_>, Vec<_>) = ended.into_iter().partition(|one| one.status == 0);
    assert_eq!((winners.len(), losers.len()), (1, 9));
    for loser in losers {
        let loser = loser.exits(2).says("is held by another process").says("hint: ");
        assert_eq!(loser.stdout, "");
    }
    assert_eq!(winners[0].json(), json!(["done: task 1", "done: task 2"]));
    assert_eq!(model.seen(), asked + 1, "one of them asked, once");
    let after = std::fs::read(project.run().join("journal.jsonl")).expect("kept");
    assert!(after.starts_with(&before));
    let attempts = String::from_utf8(after).expect("UTF-8").matches(r#""type":"opened""#).count();
    assert_eq!(attempts, 2, "the journal had one writer");
}

#[test]
fn a_run_at_work_is_held_against_resume_and_salvage_and_can_be_looked_at() {
    let (project, model, hold) = held_back();
    let running = project.start(&["run", "w.js", "--yes"]);
    first_settled(&project, &model);
    for words in [["resume", "last", "--yes"].as_slice(), &["resume", "last", "--yes", "--salvage"]] {
        let ended = project.fanfold(words).exits(2).says("is held by another process");
        assert_eq!(ended.stdout, "", "{words:?}");
    }
    let plan = project.fanfold(&["resume", "last", "--plan", "--json"]).exits(0).json();
    assert_eq!((&plan[0]["label"], &plan[1]), (&json!("task 2"), &Value::Null));
    assert!(project.fanfold(&["ps", "--json"]).exits(0).stdout.contains(r#""status": "running""#));
    project.fanfold(&["show"]).exits(0);
    hold.release();
    running.ended().exits(0);
    assert_eq!(model.seen(), 2);
}

#[test]
fn a_holder_that_is_stopped_still_holds_and_one_that_died_does_not() {
    let (project, model, hold) = held_back();
    let running = project.start(&["run", "w.js", "--yes"]);
    first_settled(&project, &model);
    running.signal(Signal::STOP);
    project.fanfold(&["resume", "--yes"]).exits(2).says("is held by another process");
    running.signal(Signal::KILL);
    running.ended();
    hold.release();
    assert!(project.fanfold(&["ps", "--json"]).exits(0).stdout.contains(r#""status": "interrupted""#));
    project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!(model.asked()["task 1"], 1);
}
