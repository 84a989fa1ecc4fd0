//! What programs read: standard output carries the result and nothing else.

use std::collections::BTreeSet;
use std::fs;

use fanfold_testkit::Answer;
use serde_json::{Value, json};

use crate::model::{Model, done, task};
use crate::project::{Project, script};

/// Three agents of which one is declined, a phase, a log.
const MIXED: &str = "
phase('Work')
log('three at once')
const said = await parallel([1, 2, 3].map(n => () => agent(`task ${n}`, { label: `label ${n}` })))
return { said, nothing: undefined, none: null }";

fn mixed() -> (Project, Model) {
    let model = Model::start(|seen| match task(seen).as_str() {
        "task 2" => Answer::error(400, "invalid_request_error", "no"),
        task => done(task),
    });
    let project = Project::with(&model);
    project.file("w.js", &script(MIXED));
    (project, model)
}

/// A field may be added to the contract; none may go.
#[track_caller]
fn has_keys<const N: usize>(object: &Value, contract: [&str; N]) {
    let keys: BTreeSet<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    let missing: Vec<&str> = contract.into_iter().filter(|key| !keys.contains(key)).collect();
    assert!(missing.is_empty(), "without {missing:?}: {object:#}");
}

#[test]
fn the_json_document_has_every_field_of_its_contract() {
    let (project, _model) = mixed();
    let document = project.fanfold(&["run", "w.js", "--yes", "--json"]).exits(0).json();
    has_keys(&document, ["run_id", "workflow", "status", "verdict", "result", "error", "agents", "failures"]);
    has_keys(&document, ["usage", "duration_ms", "run_dir"]);
    let agents = &document["agents"];
    has_keys(agents, ["started", "completed", "replayed", "failed", "skipped", "peak_concurrency"]);
    let usage = &document["usage"];
    has_keys(usage, ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"]);
    has_keys(usage, ["tool_calls", "usd", "simulated"]);
    let failure = &document["failures"][0];
    has_keys(failure, ["agent", "label", "phase", "kind", "message"]);
    assert_eq!(
        (&failure["label"], &failure["phase"], &failure["kind"]),
        (&json!("label 2"), &json!("Work"), &json!("bad_request"))
    );
    let run = project.run();
    assert_eq!(document["run_dir"], run.display().to_string());
    assert_eq!(document["run_id"], run.file_name().expect("a name").to_string_lossy().as_ref());
    assert_eq!((&document["workflow"], &document["status"]), (&json!("small"), &json!("degraded")));
    assert_eq!((&document["verdict"], &document["error"]), (&json!("unverified"), &Value::Null));
    assert_eq!(document["result"], json!({"said": ["done: task 1", null, "done: task 3"], "none": null}));
    let counts = json!({"started": 3, "completed": 2, "replayed": 0, "failed": 1, "skipped": 0});
    for (name, count) in counts.as_object().expect("an object") {
        assert_eq!(&document["agents"][name], count, "{name}");
    }
    assert_eq!(
        (&document["usage"]["output_tokens"], &document["usage"]["simulated"]),
        (&json!(40), &json!(false))
    );
    assert_eq!(document["usage"]["usd"], json!(0.0), "the settings say that it is free");
    let kept: Value =
        serde_json::from_slice(&fs::read(run.join("result.json")).expect("kept")).expect("JSON");
    assert_eq!(kept, document);
}

#[test]
fn a_resume_counts_what_it_did_itself_and_what_it_found() {
    let (project, model) = mixed();
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let document = project.fanfold(&["resume", "--yes", "--json"]).exits(0).json();
    let counts = json!({"started": 1, "completed": 0, "replayed": 2, "failed": 1, "peak_concurrency": 1});
    for (name, count) in counts.as_object().expect("an object") {
        assert_eq!(&document["agents"][name], count, "{name}");
    }
    assert_eq!(model.seen(), 4, "what failed is asked again");
}

#[test]
fn an_error_is_part_of_the_json_document() {
    let project = Project::new();
    project.file("w.js", &script("throw new Error('no luck')"));
    let document = project.fanfold(&["run", "w.js", "--simulate", "--json"]).exits(1).json();
    assert_eq!(document["status"], "failed");
    assert_eq!(
        (&document["error"]["kind"], &document["error"]["message"]),
        (&json!("script"), &json!("no luck"))
    );
    let location = &document["error"]["location"];
    assert_eq!((&location["file"], &location["line"]), (&json!("w.js"), &json!(2)));
    assert!(document["error"].get("hint").is_some());
}

#[test]
fn a_simulated_run_says_so_in_every_form() {
    let project = Project::new();
    project.file("w.js", &script("return await agent('hello')"));
    let document =
        project.fanfold(&["run", "w.js", "--simulate", "--json"]).exits(0).says("SIMULATED").json();
    assert_eq!((&document["usage"]["simulated"], &document["usage"]["usd"]), (&json!(true), &json!(0.0)));
    let events = project.fanfold(&["run", "w.js", "--simulate", "--events"]).exits(0).stdout;
    assert!(events.lines().any(|line| line.contains(r#""simulated":true"#)), "{events}");
    project.fanfold(&["show"]).exits(0);
    assert!(project.fanfold(&["ps"]).exits(0).stdout.to_lowercase().contains("simulated"));
}

#[test]
fn events_are_json_lines_numbered_without_a_gap_and_the_end_is_last() {
    let (project, _model) = mixed();
    for (attempt, words) in
        [["run", "w.js", "--yes", "--events"].as_slice(), &["resume", "--yes", "--events"]]
            .into_iter()
            .enumerate()
    {
        let ended = project.fanfold(words).exits(0);
        let events: Vec<Value> =
            ended.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
        let first = events[0]["seq"].as_u64().expect("a number");
        assert!(if attempt == 0 { first == 0 } else { first > 0 }, "a resume goes on with the numbers");
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event["seq"], json!(first + at as u64));
            assert!(event["at"].is_u64() && event["type"].is_string(), "{event}");
        }
        let count = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
        assert_eq!(events.last().expect("some")["type"], "run.ended");
        assert_eq!((count("run.ended"), count("run.started")), (1, 1));
        assert_eq!((count("run.created"), count("phase.started")), (usize::from(attempt == 0), 1));
        assert_eq!((count("agent.queued"), count("agent.ended")), (3, 3));
        let kept = fs::read_to_string(project.run().join("events.jsonl")).expect("kept");
        assert!(kept.ends_with(&ended.stdout), "the file has what was streamed");
    }
}

#[test]
fn a_result_is_text_as_it_is_and_everything_else_json() {
    let cases = [
        ("return 'two\\nlines'", "two\nlines\n"),
        ("return ''", "\n"),
        ("return { a: [1, null] }", "{\n  \"a\": [\n    1,\n    null\n  ]\n}\n"),
        ("return 7", "7\n"),
        ("return 10n ** 20n", "100000000000000000000\n"),
        ("return null", "null\n"),
        ("log('no result')", "null\n"),
    ];
    for (body, expected) in cases {
        let project = Project::new();
        project.file("w.js", &script(body));
        let ended = project.fanfold(&["run", "w.js", "--simulate"]).exits(0);
        assert_eq!(ended.stdout, expected, "{body}");
    }
}

#[test]
fn nothing_but_the_result_is_on_standard_output() {
    let (project, _model) = mixed();
    let ended = project.fanfold(&["run", "w.js", "--yes"]).exits(0).says("three at once").says("label 2");
    let result: Value = serde_json::from_str(&ended.stdout).expect("one JSON value");
    assert_eq!(result["said"][0], "done: task 1");
    assert!(!ended.stderr.contains('\u{1b}'), "no colours and no cursor where there is no terminal");
}

#[test]
fn a_reader_that_hangs_up_does_not_end_the_run() {
    let project = Project::new();
    project.file("w.js", &script("return await parallel([1, 2, 3].map(n => () => agent(`task ${n}`)))"));
    let binary = env!("CARGO_BIN_EXE_fanfold");
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{binary} run w.js --simulate --events | head -n 1 >/dev/null")])
        .current_dir(&project.dir)
        .env("HOME", &project.home)
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .stderr(std::process::Stdio::null())
        .status()
        .expect("there is a shell");
    assert!(status.success());
    crate::project::until("the run to end", || project.run().join("result.json").exists());
}
