//! Every exit status by a real run, and that whatever can be gone on with is gone on with.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fanfold_testkit::{Answer, Hold};
use rustix::process::Signal;

use crate::model::{Model, done, settings, task};
use crate::project::{Project, script, settled};

/// Four tasks, one after the other.
const SERIES: &str = "
const said = []
for (const n of [1, 2, 3, 4]) said.push(await agent(`task ${n}`))
return said";

const WHOLE: &str = r#"["done: task 1","done: task 2","done: task 3","done: task 4"]"#;

/// A project with `w.js`, a model that answers, and a switch: while it is on, tasks matching `trouble` fail.
fn troubled(body: &str, trouble: &'static str, answer: Answer) -> (Project, Model, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(true));
    let is_on = switch.clone();
    let model = Model::start(move |seen| match task(seen) {
        task if is_on.load(Ordering::Relaxed) && task.contains(trouble) => answer.clone(),
        task => done(&task),
    });
    let project = Project::with(&model);
    project.file("w.js", &script(body));
    (project, model, switch)
}

/// The result as compact JSON.
fn result(stdout: &str) -> String {
    serde_json::from_str::<serde_json::Value>(stdout).expect("JSON").to_string()
}

#[test]
fn a_completed_run_exits_0() {
    let (project, model, _) = troubled(SERIES, "nothing", Answer::raw(500, ""));
    let ended = project.fanfold(&["run", "w.js", "--yes"]).exits(0).says("completed: 4 of 4 agents finished");
    assert_eq!(result(&ended.stdout), WHOLE);
    assert_eq!(model.seen(), 4);
    // It is finished: to resume it replays it, for nothing.
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!(result(&ended.stdout), WHOLE);
    assert_eq!(model.seen(), 4);
}

#[test]
fn a_degraded_run_exits_0_and_with_strict_1() {
    let declined = Answer::error(400, "invalid_request_error", "no");
    let body = "return await parallel([1, 2].map(n => () => agent(`task ${n}`)))";
    let (project, _model, switch) = troubled(body, "task 2", declined);
    let ended = project.fanfold(&["run", "w.js", "--yes"]).exits(0).says("degraded: 1 of 2");
    assert_eq!(result(&ended.stdout), r#"["done: task 1",null]"#);
    project.fanfold(&["run", "w.js", "--yes", "--strict"]).exits(1).says("degraded");
    switch.store(false, Ordering::Relaxed);
    // Strictly, a run without an oracle proves nothing either.
    project.fanfold(&["run", "w.js", "--yes", "--strict"]).exits(1).says("unverified");
}

#[test]
fn a_script_that_throws_exits_1_with_its_place_and_its_agents_kept() {
    let body = "const said = await agent('task 1')\nthrow new Error(`about ${said}`)";
    let (project, model, _) = troubled(body, "nothing", Answer::raw(500, ""));
    // It fails in every dry run: that is said before anything is spent.
    project.fanfold(&["run", "w.js", "--yes"]).exits(2).says("about").says("--budget");
    assert_eq!((model.seen(), project.runs().len()), (0, 0));
    let ended = project.fanfold(&["run", "w.js", "--yes", "--budget", "100k"]).exits(1);
    let ended = ended.says("about done: task 1").says("w.js:3:").says("fanfold resume wf_");
    assert_eq!(ended.stdout, "");
    project.file("w.js", &script("return await agent('task 1')"));
    let ended = project.fanfold(&["resume", "--script", "w.js", "--yes"]).exits(0);
    assert_eq!((ended.stdout.as_str(), model.seen()), ("done: task 1\n", 1));
}

#[test]
fn a_budget_exits_3_whether_the_script_minds_or_not() {
    let minds = SERIES;
    let does_not = "return await parallel([1, 2, 3, 4].map(n => () => agent(`task ${n}`)))";
    for body in [minds, does_not] {
        let (project, model, _) = troubled(body, "nothing", Answer::raw(500, ""));
        // Each reply has 20 output tokens; with fewer than 256 left, another is not worth its input.
        let words = ["run", "w.js", "--yes", "--budget", "290", "--concurrency", "1"];
        project.fanfold(&words).exits(3).says("--budget");
        assert_eq!(model.seen(), 2, "{body}");
        let ended = project.fanfold(&["resume", "--yes", "--budget", "+1k"]).exits(0);
        assert_eq!(result(&ended.stdout), WHOLE, "{body}");
        assert_eq!(model.seen(), 4, "only what was refused is asked: {body}");
    }
}

#[test]
fn a_cap_exits_3_and_names_the_setting_that_raises_it() {
    let (project, model, _) = troubled(SERIES, "nothing", Answer::raw(500, ""));
    project.fanfold(&["run", "w.js", "--yes", "--max-agents", "3"]).exits(3).says("--max-agents");
    assert_eq!(model.seen(), 3);
    let ended = project.fanfold(&["resume", "--yes", "--max-agents", "4"]).exits(0);
    assert_eq!((result(&ended.stdout).as_str(), model.seen()), (WHOLE, 4));

    project.file("many.js", &script("return await parallel([1, 2, 3].map(n => () => n))"));
    project.fanfold(&["run", "many.js", "--simulate", "--max-items", "2"]).exits(1).says("--max-items");
}

#[test]
fn a_time_limit_exits_3_and_what_ran_is_kept() {
    let hold = Hold::default();
    let (project, model, switch) = troubled(SERIES, "task 2", done("task 2").held(&hold));
    let running = project.start(&["run", "w.js", "--yes", "--timeout", "1s"]);
    model.wait_for(2);
    crate::project::until("the time limit", || {
        let events = std::fs::read_to_string(project.run().join("events.jsonl")).unwrap_or_default();
        events.contains("stopping: waiting for 1 running agent")
    });
    hold.release();
    running.ended().exits(3).says("time limit");
    assert_eq!(settled(&project.run()).len(), 2);
    switch.store(false, Ordering::Relaxed);
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!((result(&ended.stdout).as_str(), model.seen()), (WHOLE, 4));
}

#[test]
fn an_interrupt_lets_what_runs_finish_exits_4_and_resumes() {
    let hold = Hold::default();
    let body = "return await parallel([1, 2, 3, 4].map(n => () => agent(`task ${n}`)))";
    let (project, model, switch) = troubled(body, "task", done("late").held(&hold));
    let mut running = project.start(&["run", "w.js", "--yes", "--concurrency", "2"]);
    model.wait_for(2);
    running.signal(Signal::INT);
    crate::project::until("the interrupt to be heard", || {
        let events = std::fs::read_to_string(project.run().join("events.jsonl")).unwrap_or_default();
        events.contains("stopping: waiting for 2 running agents")
    });
    assert!(running.is_running(), "two agents are at work");
    hold.release();
    let ended = running.ended().exits(4).says("stopped").says("fanfold resume wf_");
    assert_eq!((ended.stdout.as_str(), model.seen()), ("", 2));
    assert_eq!(settled(&project.run()).len(), 2, "what ran is kept");
    switch.store(false, Ordering::Relaxed);
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!(result(&ended.stdout), r#"["done: late","done: late","done: task 3","done: task 4"]"#);
    assert_eq!(model.seen(), 4, "nothing is asked twice");
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let hold = Hold::default();
    let (project, model, switch) = troubled(SERIES, "task 2", done("task 2").held(&hold));
    let running = project.start(&["run", "w.js", "--yes"]);
    model.wait_for(2);
    running.signal(Signal::INT);
    crate::project::until("the interrupt to be heard", || {
        let events = std::fs::read_to_string(project.run().join("events.jsonl")).unwrap_or_default();
        events.contains("stopping: waiting for")
    });
    running.signal(Signal::TERM);
    running.ended().exits(4).says("stopped");
    assert_eq!(settled(&project.run()).len(), 1);
    hold.release();
    switch.store(false, Ordering::Relaxed);
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!((result(&ended.stdout).as_str(), model.seen()), (WHOLE, 5));
}

#[test]
fn a_model_that_nobody_serves_exits_5() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        listener.local_addr().expect("it is bound").port()
    };
    let model = Model::obliging();
    let project = Project::new();
    project.file("~/.config/fanfold/config.toml", &settings(&format!("http://127.0.0.1:{closed}")));
    project.file("w.js", &script(SERIES));
    let ended =
        project.fanfold(&["run", "w.js", "--yes"]).exits(5).says(&closed.to_string()).says("start it");
    assert_eq!(ended.stdout, "");
    // Once there is one, the same run goes on.
    project.file("~/.config/fanfold/config.toml", &model.settings());
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!(result(&ended.stdout), WHOLE);
}

#[test]
fn refused_credentials_exit_5_at_once_and_the_key_is_shown_nowhere() {
    let refusal = Answer::error(401, "authentication_error", "invalid x-api-key");
    let (project, model, switch) = troubled(SERIES, "task 3", refusal);
    let key = "key_command = \"echo sk-hush-0123456789\"\n";
    project.file("~/.config/fanfold/config.toml", &(model.settings() + key));
    let ended =
        project.fanfold(&["run", "w.js", "--yes"]).exits(5).says("invalid x-api-key").says("TEST_API_KEY");
    assert_eq!((ended.stdout.as_str(), model.seen()), ("", 3));
    assert_eq!(model.bill().requests[0].header("authorization"), Some("Bearer sk-hush-0123456789"));
    let run = project.run();
    let files = ["journal.jsonl", "events.jsonl", "result.json"].map(|name| run.join(name));
    for text in
        files.map(|path| std::fs::read_to_string(path).expect("it is kept")).iter().chain([&ended.stderr])
    {
        assert!(!text.contains("sk-hush"), "{text}");
    }
    switch.store(false, Ordering::Relaxed);
    let ended = project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!((result(&ended.stdout).as_str(), model.seen()), (WHOLE, 5));
}

#[test]
fn no_model_at_all_exits_5_and_says_how_to_have_one() {
    let project = Project::new();
    project.file("w.js", &script(SERIES));
    // A server on one of this machine's usual ports would be found, and not be used without a yes.
    let ended = project.fanfold(&["run", "w.js"]);
    assert!([4, 5].contains(&ended.status), "{ended:?}");
    let ended = ended.says("--simulate");
    assert_eq!((ended.stdout.as_str(), project.runs().len()), ("", 0));
}

#[test]
fn a_spend_limit_exits_6_without_a_second_try_and_resumes() {
    for refusal in [
        Answer::error(402, "billing_error", "top up first"),
        Answer::error(429, "insufficient_quota", "You exceeded your current quota"),
    ] {
        let (project, model, switch) = troubled(SERIES, "task 3", refusal);
        let ended =
            project.fanfold(&["run", "w.js", "--yes"]).exits(6).says("paused").says("fanfold resume wf_");
        assert_eq!((ended.stdout.as_str(), model.seen()), ("", 3));
        switch.store(false, Ordering::Relaxed);
        let ended = project.fanfold(&["resume", "--yes"]).exits(0);
        assert_eq!((result(&ended.stdout).as_str(), model.seen()), (WHOLE, 5));
    }
}

#[test]
fn a_simulated_run_ends_with_a_journal_that_is_synced_as_it_goes_too() {
    let project = Project::new();
    project.file("w.js", &script(SERIES));
    let ended = project.fanfold(&["run", "w.js", "--simulate", "--durable", "--json"]).exits(0).json();
    assert!(ended["journal"]["syncs"].as_u64().is_some_and(|syncs| syncs >= 4), "{}", ended["journal"]);
}
