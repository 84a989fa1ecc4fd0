//! `fanfold advise`: what it says, what it runs, what it asks of a model, and that it does neither unasked.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use fanfold_testkit::{Answer, Reply};
use rustix::process::{Pid, Signal, test_kill_process};
use serde_json::{Value, json};

use crate::model::{Model, task};
use crate::project::{Project, until};

/// A repository whose tests are the shell script `body`.
fn tested_by(project: &Project, body: &str) {
    project.file("pom.xml", "<project/>");
    project.file("src/test/java/ATest.java", "");
    let wrapper = project.file("mvnw", &format!("#!/bin/sh\n{body}\n"));
    fs::set_permissions(wrapper, Permissions::from_mode(0o755)).expect("ours");
}

fn answers(oracle: &str, kind: &str, fan_out: &str, parts: u64, adapt: &str) -> Answer {
    let input = json!({
        "oracle": oracle, "oracle_kind": kind, "oracle_why": "because of the tests",
        "fan_out": fan_out, "parts": parts, "fan_out_why": "as many as there are",
        "adapt": adapt, "adapt_why": "each is different",
    });
    Answer::reply(Reply::call("return_result", input))
}

fn mode(document: &Value) -> &str {
    document["mode"].as_str().expect("a mode")
}

#[test]
fn advice_ends_with_one_mode_its_reasons_its_prices_and_what_to_type() {
    let project = Project::new();
    tested_by(&project, "exit 0");
    let task = "Migrate the 140 modules to the new client and fix whatever breaks until the tests pass";
    let shown = project.fanfold(&["advise", task]).exits(0).stdout;
    for words in [
        "Mode: workflow",
        "./mvnw -B test",
        "140 parts",
        "subagents",
        "team",
        "goal",
        "fanfold check task.js",
    ] {
        assert!(shown.contains(words), "no `{words}` in:\n{shown}");
    }
    let document = project.fanfold(&["advise", task, "--json"]).exits(0).json();
    assert_eq!(mode(&document), "workflow");
    assert_eq!(document["prices"]["modes"].as_array().map(Vec::len), Some(5));
    assert!(document["oracle_run"].is_null(), "nobody said that it may be run");

    let shown = project.fanfold(&["advise", "ten versions of website copy"]).exits(0).stdout;
    assert!(shown.starts_with("No oracle"), "{shown}");
    assert!(shown.contains("To make an oracle") && shown.contains("Mode: single"), "{shown}");
}

#[test]
fn the_script_it_writes_passes_a_check_and_overwrites_nothing() {
    let project = Project::new();
    tested_by(&project, "exit 0");
    for (name, task) in [
        ("workflow", "Migrate the 140 modules, fix \"whatever\" `breaks` ${until} the tests pass"),
        ("goal", "Rename the class in all 40 files"),
        ("subagents", "Implement export to CSV, JSON and PDF"),
    ] {
        let file = format!("{name}.js");
        let ended = project.fanfold(&["advise", task, "--json", "--script", &file]).exits(0);
        assert_eq!(mode(&ended.json()), name);
        project.fanfold(&["check", &file]).exits(0);
        let before = fs::read(project.dir.join(&file)).expect("it was written");
        project
            .fanfold(&["advise", "Rename the class in all 40 files", "--script", &file])
            .exits(2)
            .says("--script");
        assert_eq!(fs::read(project.dir.join(&file)).expect("it is there"), before);
    }
}

#[test]
fn the_oracle_is_run_only_when_told_to_and_reported() {
    let project = Project::new();
    tested_by(&project, "echo ran >> ran; echo 'Tests: 2 failed, 5 passed'; exit 1");
    let ran = || fs::read_to_string(project.dir.join("ran")).unwrap_or_default().lines().count();
    let task = "Rename the class in all 40 files";
    project.fanfold(&["advise", task]).exits(0);
    project.fanfold(&["advise", task, "--no-run", "--json"]).exits(0);
    assert_eq!(ran(), 0);
    let ended = project.fanfold(&["advise", task, "--run-oracle", "--json"]).exits(0);
    assert_eq!(ran(), 1);
    let run = &ended.json()["oracle_run"];
    assert_eq!((&run["ended"], &run["summary"]), (&json!("failed"), &json!("Tests: 2 failed, 5 passed")));
    let shown = project.fanfold(&["advise", task, "--run-oracle"]).exits(0).stdout;
    assert!(shown.contains("`./mvnw -B test` failed after"), "{shown}");
    project.fanfold(&["advise", task, "--run-oracle", "--no-run"]).exits(2);
}

#[test]
fn an_oracle_that_takes_too_long_or_is_stopped_leaves_no_process() {
    let project = Project::new();
    tested_by(&project, "sleep 600 &\necho $! > pid\nwait");
    let pid = || {
        let text = fs::read_to_string(project.dir.join("pid")).ok()?;
        text.trim().parse().ok().and_then(Pid::from_raw)
    };
    let is_gone = |pid: Pid| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        test_kill_process(pid).is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
    };
    let task = "Rename the class in all 40 files";
    let ended =
        project.fanfold(&["advise", task, "--run-oracle", "--oracle-timeout", "1s", "--json"]).exits(0);
    assert_eq!(ended.json()["oracle_run"]["ended"], "timed_out");
    let first = pid().expect("it was started");
    until("what the tests started to be gone", || is_gone(first));

    fs::remove_file(project.dir.join("pid")).expect("it was written");
    let running = project.start(&["advise", task, "--run-oracle"]);
    until("the tests to start", || pid().is_some());
    let second = pid().expect("it was started");
    running.signal(Signal::INT);
    running.ended().exits(4).says("was stopped");
    until("what the tests started to be gone", || is_gone(second));
}

#[test]
fn a_model_is_asked_only_when_it_is_named_and_beats_the_words() {
    let model = Model::start(|_| answers("yes", "command", "yes", 60, "yes"));
    let project = Project::with(&model);
    tested_by(&project, "exit 0");
    assert_eq!(mode(&project.fanfold(&["advise", "Tidy the adapters", "--json"]).exits(0).json()), "single");
    assert_eq!(model.seen(), 0, "a model of the settings is not asked by itself");
    for named in ["test/m-1", "auto"] {
        let document =
            project.fanfold(&["advise", "Tidy the adapters", "--json", "--model", named]).exits(0).json();
        assert_eq!(mode(&document), "workflow");
        assert_eq!(document["questions"]["units"]["count"], 60);
        assert_eq!(document["questions"]["adapt"]["evidence"][0]["says"], "each is different");
    }
    assert_eq!(model.seen(), 2);
    let prompt = task(&model.bill().requests[0]);
    assert!(prompt.contains("\"Tidy the adapters\"") && prompt.contains("./mvnw -B test"), "{prompt}");
    assert!(project.runs().is_empty(), "advice leaves nothing behind");
}

#[test]
fn a_model_cannot_make_an_oracle_of_nothing() {
    let model = Model::start(|_| answers("yes", "command", "yes", 60, "yes"));
    let project = Project::with(&model);
    let document = project.fanfold(&["advise", "Tidy it all", "--json", "--model", "auto"]).exits(0).json();
    assert_eq!((mode(&document), &document["questions"]["oracle"]["answer"]), ("single", &json!("unclear")));
    let sources = Model::start(|_| answers("yes", "sources", "yes", 60, "yes"));
    let project = Project::with(&sources);
    let document =
        project.fanfold(&["advise", "Who owns what?", "--json", "--model", "auto"]).exits(0).json();
    assert_eq!((mode(&document), &document["questions"]["oracle_kind"]), ("workflow", &json!("sources")));
}

#[test]
fn a_model_that_fails_is_a_notice_and_the_words_stand() {
    let model = Model::start(|_| Answer::error(400, "invalid_request_error", "no such thing"));
    let project = Project::with(&model);
    tested_by(&project, "exit 0");
    let task = "Rename the class in all 40 files";
    for (named, says) in [
        ("test/m-1", "gave no answer"),
        ("nobody/m", "gave no answer"),
        ("sim", "the simulated model knows nothing"),
    ] {
        let ended = project.fanfold(&["advise", task, "--json", "--model", named]).exits(0).says(says);
        let document = ended.json();
        assert_eq!(mode(&document), "goal", "{named}");
        assert_eq!(document["notices"].as_array().map(Vec::len), Some(1), "{named}");
    }
}

#[test]
fn an_empty_task_is_bad_usage() {
    Project::new().fanfold(&["advise", "  "]).exits(2).says("there is no task");
}
