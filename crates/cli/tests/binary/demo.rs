//! `fanfold demo`: what a newcomer sees, also when they kill it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fanfold_core::{CallKey, CallKind, Entry, Reply};
use fanfold_engine::FileStore;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::project::{Ended, Project, until};

const AGENTS: usize = 12;

/// The demo's only run; `None`: it has not begun.
fn run_of(project: &Project) -> Option<PathBuf> {
    let runs = std::fs::read_dir(project.dir.join("fanfold-demo/.fanfold/runs")).ok()?;
    runs.map(|run| run.expect("a folder that can be read").path()).find(|run| run.is_dir())
}

/// Agents whose answer stands in its journal.
fn answered(project: &Project) -> BTreeSet<CallKey> {
    let entries = run_of(project).and_then(|run| FileStore::peek(&run).ok()).unwrap_or_default();
    let mut agents = BTreeSet::new();
    let mut answered = BTreeSet::new();
    for entry in entries {
        match entry {
            Entry::Called { key, asked } if asked.what == CallKind::Agent => _ = agents.insert(key),
            Entry::Settled { key, outcome } if matches!(outcome.reply, Reply::Done(_)) => {
                answered.extend(agents.get(&key).cloned());
            }
            _ => (),
        }
    }
    answered
}

/// A command line, typed in the demo's repository.
fn typed(project: &Project, line: &str) -> Ended {
    let line = format!(
        "cd fanfold-demo && {}",
        line.replace("fanfold ", concat!(env!("CARGO_BIN_EXE_fanfold"), " "))
    );
    project.start_program("sh", &["-c", &line], Stdio::null()).expect("there is a shell").ended()
}

/// The tree that landed.
#[track_caller]
fn landed(project: &Project) -> String {
    let run = run_of(project).expect("it has run");
    let branch = format!("fanfold/{}", run.file_name().expect("an id").display());
    typed(project, &format!("git rev-parse {branch}^{{tree}}")).exits(0).stdout
}

/// How often each kind of failure stands in a result document.
fn failures(document: &Value) -> Vec<(&str, &str)> {
    let failures = document["failures"].as_array().expect("a list").iter();
    failures
        .map(|one| (one["kind"].as_str().expect("a kind"), one["label"].as_str().expect("a label")))
        .collect()
}

#[track_caller]
fn went_as_told(document: &Value) {
    assert_eq!(
        failures(document),
        [("tampered", "oracle:mean"), ("tampered", "oracle:mean"), ("not_landed", "mean")]
    );
    assert_eq!((&document["verdict"], &document["usage"]["simulated"]), (&json!("failed"), &json!(true)));
    let result = document["result"].as_str().expect("a text");
    for said in [
        "sum: landed",
        "max: landed",
        "share: landed",
        "mean: it touched what decides about it: tests/mean.t",
    ] {
        assert!(result.contains(said), "{result}");
    }
}

#[test]
fn three_pieces_land_and_the_one_that_changed_a_test_is_named() {
    let project = Project::new();
    let document = project.fanfold(&["demo", "--fast", "--json"]).exits(0).json();
    went_as_told(&document);
    assert_eq!(document["agents"]["completed"], json!(AGENTS));
    let shown = typed(&project, "fanfold show last").exits(0).stdout;
    assert!(shown.contains("conflict in src/number.sh"), "{shown}");

    let status = typed(&project, "git status --porcelain && cat tests/mean.t && grep -l expr src/*").exits(0);
    let touched = "src/max.sh\nsrc/mean.sh\nsrc/number.sh\nsrc/share.sh\nsrc/sum.sh\n";
    assert!(status.stdout.ends_with(touched), "nothing of it is on main yet: {}", status.stdout);
    typed(&project, "fanfold apply last").exits(0);
    let after = typed(&project, "sh tests/run.sh && grep -l expr src/* && git log --format=%s main").exits(0);
    assert!(!after.stdout.contains("not ok"), "{}", after.stdout);
    let (_, rest) = after.stdout.split_once("1..12\n").expect("all tests");
    assert_eq!(rest, "src/mean.sh\nmax\nsum\nshare\nfour commands that call expr\n");
}

#[test]
fn it_says_what_is_scripted_and_what_to_type_next() {
    let project = Project::new();
    let ended = project.fanfold(&["demo", "--fast", "--dir", "try/it"]).exits(0);
    for text in [
        "scripted replies",
        "No model is asked",
        "SIMULATED",
        "kill -9 ",
        "cd try/it && fanfold resume",
        "landed    share, sum, max",
        "held      mean: it touched what decides about it: tests/mean.t",
        "fanfold apply last",
        "--oracle 'cargo test'",
    ] {
        assert!(ended.stderr.contains(text), "no `{text}` in:\n{}", ended.stderr);
    }
    for text in ["max: landed\n", "\nsrc/share.sh\n  - expr 100", "\n  + echo $((100 * $1 / $2))\n"] {
        assert!(ended.stdout.contains(text), "no `{text}` in:\n{}", ended.stdout);
    }
    assert!(ended.stderr.lines().all(|line| line.chars().count() <= 120), "{}", ended.stderr);

    let again = project.fanfold(&["demo", "--dir", "try/it"]).exits(2);
    again.says("`try/it` is there already").says("cd try/it && fanfold resume");
}

#[test]
fn killed_anywhere_it_goes_on_and_no_answer_is_asked_for_twice() {
    let whole = Project::new();
    whole.fanfold(&["demo", "--fast", "--json"]).exits(0);
    for enough in [1, 5, 9] {
        let project = Project::new();
        let mut running = project.start(&["demo", "--fast", "--json"]);
        until("agents to answer", || answered(&project).len() >= enough);
        assert!(running.is_running(), "void: it had ended after {enough} answers");
        running.signal(Signal::KILL);
        running.ended();
        let before = answered(&project);
        assert!(before.len() < AGENTS, "void: all had answered");

        // As of any run: what was held fails it.
        let document = typed(&project, "fanfold resume --json").exits(1).json();
        went_as_told(&document);
        let agents = &document["agents"];
        assert_eq!(agents["replayed"], json!(before.len()), "killed after {enough} answers");
        assert_eq!(agents["started"], json!(AGENTS - before.len()), "killed after {enough} answers");
        assert!(answered(&project).is_superset(&before));
        assert_eq!(landed(&project), landed(&whole), "killed after {enough} answers");
    }
    let again = typed(&whole, "fanfold resume").exits(1);
    again.says("replayed  12 agents from the journal").says("look closer");
}

#[test]
fn stopped_by_a_person_it_says_how_it_goes_on() {
    let project = Project::new();
    let running = project.start(&["demo"]);
    until("the run to begin", || {
        run_of(&project).is_some_and(|run| FileStore::peek(&run).is_ok_and(|entries| entries.len() > 1))
    });
    // Its agents take many seconds: by a virtual clock it would be over.
    running.signal(Signal::INT);
    running.signal(Signal::TERM);
    let ended = running.ended().exits(4).says("cd fanfold-demo && fanfold resume");
    assert!(!ended.stderr.contains("look closer"), "{}", ended.stderr);
    typed(&project, "fanfold resume --plan").exits(0);
}

#[test]
fn without_a_sandbox_it_works_when_asked_to_and_says_so() {
    let project = Project::new();
    let ended = project.fanfold(&["demo", "--fast", "--sandbox", "off"]).exits(0);
    ended.says("WITHOUT a sandbox").says("landed    share, sum, max");
}

#[test]
fn without_git_nothing_is_made() {
    let project = Project::new();
    let binary = env!("CARGO_BIN_EXE_fanfold");
    let words = ["PATH=/nonexistent", binary, "demo", "--fast"];
    let ended = project.start_program("/usr/bin/env", &words, Stdio::null()).expect("it is there").ended();
    ended.exits(2).says("the demo needs git").says("install git 2.38 or newer");
    assert!(!project.dir.join("fanfold-demo").exists());
}

#[test]
fn a_plain_user_sees_it_too() {
    let Some(project) = Project::new().of_a_plain_user() else { return };
    went_as_told(&project.fanfold(&["demo", "--fast", "--json"]).exits(0).json());
    assert_eq!(project.fanfold(&["resume", "--json"]).exits(1).json()["agents"]["replayed"], json!(AGENTS));
}

#[test]
fn by_hand_it_is_the_same_run() {
    let project = Project::new();
    project.fanfold(&["demo", "--fast", "--json"]).exits(0);
    let git = |words: &[&str], dir: &Path| {
        Command::new("git")
            .args(words)
            .current_dir(dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .output()
    };
    let (demo, clone) = (project.dir.join("fanfold-demo"), project.dir.join("clone"));
    let cloned = git(&["clone", "--quiet", &demo.display().to_string(), "clone"], &project.dir);
    assert!(cloned.is_ok_and(|cloned| cloned.status.success()) && clone.join("port.js").exists());
    let words = ["run", "port.js", "--scenario", "replies.yaml", "--cwd", "clone", "--json"];
    went_as_told(&project.fanfold(&words).exits(1).json());
}
