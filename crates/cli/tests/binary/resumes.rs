//! What a resume asks again, and what it takes from the journal.

use std::fs;

use serde_json::{Value, json};

use crate::model::Model;
use crate::project::{Project, script};

/// Three tasks, one after the other, none of which depends on another.
fn series(tasks: [&str; 3]) -> String {
    let tasks = tasks.map(|task| format!("said.push(await agent('{task}'))\n")).concat();
    script(&format!("const said = []\n{tasks}return said"))
}

/// A finished run of `one`, `two`, `three`, and its model.
fn finished() -> (Project, Model) {
    let model = Model::obliging();
    let project = Project::with(&model);
    project.file("w.js", &series(["one", "two", "three"]));
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    assert_eq!(model.seen(), 3);
    (project, model)
}

/// How many agents a resume with these words asked, and how many results it found.
fn resumed(project: &Project, words: &[&str]) -> (u64, u64) {
    let words: Vec<&str> = ["resume", "last", "--yes", "--json"].iter().chain(words).copied().collect();
    let agents = project.fanfold(&words).exits(0).json()["agents"].clone();
    let count = |name: &str| agents[name].as_u64().expect("a number");
    (count("started"), count("replayed"))
}

#[test]
fn a_plan_lists_what_an_edit_would_ask_and_changes_nothing() {
    let (project, model) = finished();
    project.file("edited.js", &series(["one", "zwei", "three"]));
    let files =
        ["journal.jsonl", "script.js", "events.jsonl", "result.json"].map(|name| project.run().join(name));
    let before = files.each_ref().map(|path| fs::read(path).expect("kept"));

    let plan = project.fanfold(&["resume", "--plan", "--script", "edited.js", "--json"]).exits(0).json();
    let items = plan.as_array().expect("a list");
    assert_eq!((items.len(), &items[0]["label"], &items[0]["why"]), (1, &json!("zwei"), &json!("new")));
    let ended = project.fanfold(&["resume", "--plan", "--script", "edited.js"]).exits(0);
    assert!(ended.stdout.contains("zwei") && !ended.stdout.contains("three"), "{}", ended.stdout);
    let ended = project.fanfold(&["resume", "--plan"]).exits(0);
    assert!(ended.stdout.contains("nothing would be asked"), "{}", ended.stdout);
    assert_eq!(files.each_ref().map(|path| fs::read(path).expect("kept")), before);
    assert_eq!(model.seen(), 3);

    // It needs a yes like any run, and then keeps what the edit did not touch.
    project.fanfold(&["resume", "--script", "edited.js"]).exits(4);
    assert_eq!(resumed(&project, &["--script", "edited.js"]), (1, 2));
    assert_eq!(model.asked()["zwei"], 1);
    let script = fs::read_to_string(project.run().join("script.js")).expect("kept");
    assert!(script.contains("zwei"), "the run's script is the edited one now");
    assert_eq!(resumed(&project, &[]), (0, 3), "without being named again");
}

#[test]
fn what_does_not_decide_a_reply_can_be_edited_for_nothing() {
    let (project, model) = finished();
    let body = "
phase('Renamed')
const [three, one, two] = await Promise.all(
  ['three', 'one', 'two'].map(task => agent(task, { label: `the ${task}`, timeoutMs: 90_000, retries: 2 })))
return [one, two, three]";
    project.file("edited.js", &script(body));
    assert_eq!(resumed(&project, &["--script", "edited.js"]), (0, 3));
    assert_eq!(model.seen(), 3);
}

#[test]
fn the_prefix_rule_takes_only_what_stands_before_the_first_change() {
    let (project, model) = finished();
    project.file("edited.js", &series(["one", "zwei", "three"]));
    assert_eq!(resumed(&project, &["--script", "edited.js", "--cache", "prefix"]), (2, 1));
    assert_eq!((model.asked()["one"], model.asked()["three"]), (1, 2));
}

#[test]
fn without_a_cache_everything_is_asked_again() {
    let (project, model) = finished();
    assert_eq!(resumed(&project, &["--cache", "off"]), (3, 0));
    assert_eq!(model.seen(), 6);
}

#[test]
fn a_resume_is_the_same_run_without_being_told_anything_again() {
    let project = Project::new();
    let body = "
const one = await agent('hello', { schema: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } } })
if (args.fail) throw new Error('not yet')
return { ok: one.ok, args, die: random(), at: now() }";
    project.file("sub/w.js", &script(body));
    let words =
        ["run", "w.js", "--cwd", "sub", "--simulate", "--policy", "negative", "--seed", "3", "--args", "x=1"];
    let first = project.fanfold(&words).exits(0).json();
    assert_eq!((&first["ok"], &first["args"]), (&json!(false), &json!({"x": 1})));
    let again = project.fanfold(&["resume"]).exits(0).says("SIMULATED").json();
    assert_eq!(again, first);
    // The dice of another seed fall otherwise; the same seed gives the same run.
    let words = ["run", "w.js", "--cwd", "sub", "--policy", "negative", "--seed", "3", "--args", "x=1"];
    assert_eq!(project.fanfold(&words).exits(0).json()["die"], first["die"]);
    let words = ["run", "w.js", "--cwd", "sub", "--policy", "negative", "--seed", "4", "--args", "x=1"];
    assert_ne!(project.fanfold(&words).exits(0).json()["die"], first["die"]);
}

#[test]
fn a_race_has_the_same_winner_when_all_of_it_is_known() {
    let project = Project::new();
    let body = "return await Promise.race([1, 2, 3, 4, 5].map(n => agent(`task ${n}`).then(() => n)))";
    project.file("w.js", &script(body));
    let winner = project.fanfold(&["run", "w.js", "--simulate"]).exits(0).stdout;
    for _ in 0..3 {
        assert_eq!(project.fanfold(&["resume"]).exits(0).stdout, winner);
    }
}

#[test]
fn a_run_without_a_journal_is_nothing_to_resume_and_never_a_fresh_start() {
    let (project, model) = finished();
    let journal = project.run().join("journal.jsonl");
    fs::remove_file(&journal).expect("ours");
    project.fanfold(&["resume", "--yes"]).exits(2).says("nothing to resume");
    assert!(!journal.exists());
    fs::write(&journal, "").expect("ours");
    project.fanfold(&["resume", "--yes"]).exits(2).says("nothing to resume");
    assert_eq!(model.seen(), 3);
}

#[test]
fn a_run_is_found_by_the_start_of_its_id_and_from_another_folder() {
    let (project, model) = finished();
    let run = project.run();
    let id = run.file_name().expect("a name").to_str().expect("ASCII");
    fs::create_dir(project.dir.join("elsewhere")).expect("ours");
    let elsewhere = |words: &[&str]| {
        let script = format!("cd elsewhere && exec {} {}", env!("CARGO_BIN_EXE_fanfold"), words.join(" "));
        std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(&project.dir)
            .env("HOME", &project.home)
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .output()
            .expect("there is a shell")
    };
    for wanted in [id, &id[..14], "last"] {
        let output = elsewhere(&["resume", wanted, "--yes"]);
        assert!(output.status.success(), "{wanted}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).expect("JSON")[0], "done: one");
    }
    assert_eq!(model.seen(), 3);
}
