//! What cannot be run is refused with its place and the next step, before anything is spent or left behind.

use std::fs;

use crate::model::Model;
use crate::project::{Project, script, settled};

/// A command line that makes no sense, with what has to be said of it.
struct Refusal {
    files: Vec<(&'static str, String)>,
    words: &'static [&'static str],
    /// What was wrong and where.
    place: &'static str,
    /// What to type instead.
    next: &'static str,
}

/// A script that is refused when it is run as `w.js`.
fn of_script(text: impl Into<String>, place: &'static str, next: &'static str) -> Refusal {
    Refusal { files: vec![("w.js", text.into())], words: &["run", "w.js", "--yes"], place, next }
}

/// Words that are refused where `w.js` is sound, takes one integer `n` and would ask an agent.
fn of_words(words: &'static [&'static str], place: &'static str, next: &'static str) -> Refusal {
    Refusal { files: Vec::new(), words, place, next }
}

const SOUND: &str = "export const meta = {
  name: 'sound',
  description: 'Asks one agent',
  args: { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
}
return await agent('hello')
";

fn refusals() -> Vec<Refusal> {
    let with_file =
        |path, text: &str, refusal: Refusal| Refusal { files: vec![(path, text.into())], ..refusal };
    vec![
        of_script("", "w.js", "export const meta = {"),
        of_script("return 1\n", "w.js:1:1", "begin with what the workflow is"),
        of_script(format!("const a = 1\n{}", script("return a")), "w.js:2:1", "move `export const meta"),
        of_script("const n = 'x'\nexport const meta = { name: n, description: 'y' }", "w.js:2:", "help: "),
        of_script(
            "export const meta = { name: 'x', description: `y${1}` }\nreturn 1",
            "w.js:1:",
            "write strings, numbers",
        ),
        of_script(script("return (1"), "w.js:3:1", "expected `)`"),
        of_script(script("import fs from 'fs'\nreturn 1"), "w.js:2:1", "let an agent do it"),
        of_script(script("return await import('fs')"), "w.js:2:", "let an agent do it"),
        of_script(script("return require('fs')"), "w.js:2:8", "let an agent do it"),
        of_script(script("return bash('ls')"), "w.js:2:8", "let an agent run them"),
        of_script(script("return agnet('x')"), "w.js:2:8", "did you mean `agent`?"),
        of_script(
            script(&format!("/*{}*/", "x".repeat(600 << 10))),
            "over the limit of 512 KiB",
            "--args @FILE",
        ),
        of_script(script("return 'a\u{202e}b'"), "w.js:2:10", "delete it"),
        of_script(script("return 'a\u{1b}[2Jb'"), "w.js:2:10", "delete it"),
        of_script(script("return 'a\u{7f}b'"), "w.js:2:10", "delete it"),
        of_words(&["run", "gone.js", "--yes"], "`gone.js`", "hint: "),
        of_words(&["run", "./gone.js", "--yes"], "gone.js", "hint: "),
        of_words(&["run", "gone", "--yes"], "no workflow is called `gone`", "fanfold run ./NAME.js"),
        of_words(&["run", "w.js", "--yes", "--args", "{\"n\": "], "--args:1:6", "--args path=src"),
        of_words(&["run", "w.js", "--yes", "--args", "@gone.json"], "gone.json", "no such file"),
        of_words(&["run", "w.js", "--yes", "--args", "n=one"], "the argument `n`", "--args n="),
        of_words(&["run", "w.js", "--yes", "--args", "m=1"], "no argument `m`", "--args n="),
        of_words(&["run", "w.js", "--yes", "--frobnicate"], "--frobnicate", "--help"),
        of_words(&["run", "w.js", "--yes", "--concurrency", "0"], "--concurrency", "1..=1024"),
        of_words(&["run", "w.js", "--yes", "--budget", "lots"], "`lots`", "500k"),
        of_words(&["run", "w.js", "--yes", "--timeout", "soon"], "'soon'", "90s"),
        of_words(&["run", "w.js", "--yes", "--model", "nope/m"], "unknown provider `nope`", "hint: --model"),
        of_words(&["run", "w.js", "--yes", "--model", "nope"], "unknown model `nope`", "hint: --model"),
        of_words(&["run", "w.js", "--policy", "silly"], "unknown policy `silly`", "`typical`"),
        of_words(&["run", "w.js", "--scenario", "gone.yaml"], "gone.yaml", "no such file"),
        of_words(&["run", "w.js", "--yes", "--cwd", "gone"], "gone", "no such file"),
        of_words(&["check", "w.js", "--expect", "gone.json"], "gone.json", "no such file"),
        of_words(&["resume", "wf_000000-0000000", "--yes"], "`wf_000000-0000000`", "fanfold run WORKFLOW"),
        of_words(&["show", "nonsense"], "`nonsense`", "hint: "),
        of_words(&["frobnicate"], "frobnicate", "--help"),
        with_file(
            "s.yaml",
            "- match: {label: hello}\n  repyl: x\n",
            of_words(&["run", "w.js", "--scenario", "s.yaml"], "s.yaml: line 2", "did you mean `reply`?"),
        ),
        with_file(
            ".fanfold/config.toml",
            "# ours\nmodle = \"x\"\n",
            of_words(&["run", "w.js", "--yes"], ".fanfold/config.toml:2:1", "did you mean `model`?"),
        ),
        with_file(
            ".fanfold/config.toml",
            "concurrency = 4096\n",
            of_words(&["run", "w.js", "--yes"], ".fanfold/config.toml:1:", "1024"),
        ),
    ]
}

#[test]
fn bad_input_is_refused_with_its_place_and_the_next_step_and_spends_nothing() {
    let model = Model::obliging();
    for Refusal { files, words, place, next } in refusals() {
        let project = Project::with(&model);
        project.file("w.js", SOUND);
        for (path, text) in &files {
            project.file(path, text);
        }
        let what = format!("{words:?} with {:.80?}", files);
        let ended = project.fanfold(words);
        assert_eq!(ended.status, 2, "{what}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: "), "{what}: {}", ended.stderr);
        for words in [place, next] {
            assert!(ended.stderr.contains(words), "{what}: no `{words}` in:\n{}", ended.stderr);
        }
        assert_eq!(ended.stdout, "", "{what}");
        assert!(project.runs().is_empty(), "{what} left a run behind");
        assert_eq!(model.seen(), 0, "{what} asked a model");
    }
    // Not void: the same project without a mistake asks.
    let project = Project::with(&model);
    project.file("w.js", SOUND);
    assert_eq!(project.fanfold(&["run", "w.js", "--yes"]).exits(0).stdout, "done: hello\n");
    assert_eq!(model.seen(), 1);
}

#[test]
fn hidden_characters_are_not_passed_on_to_the_terminal() {
    let project = Project::new();
    project.file("w.js", &script("return 'a\u{1b}[2J\u{202e}b'"));
    let ended = project.fanfold(&["run", "w.js", "--simulate"]).exits(2);
    assert!(!ended.stderr.contains(['\u{1b}', '\u{202e}']), "{:?}", ended.stderr);
}

#[test]
fn what_only_the_running_script_can_get_wrong_fails_it_and_spends_nothing() {
    let cases = [
        ("agent('x', { agentType: 'nope' })", "no agent type `nope`", "`general-purpose`, `Explore`, `Plan`"),
        (
            "agent('x', { schema: { type: 'object', required: ['n'], properties: { n: { minimum: 5, maximum: 3, type: 'integer' } } } })",
            "/properties/n",
            "minimum 5 is above maximum 3",
        ),
        ("agent('x', { schema: { type: 'array' } })", "schema", "object"),
        ("agent('x', { model: 'nope/m' })", "unknown provider `nope`", "test"),
    ];
    let model = Model::obliging();
    for (call, what, next) in cases {
        let project = Project::with(&model);
        project.file("w.js", &script(&format!("return await {call}")));
        let ended = project.fanfold(&["run", "w.js", "--yes", "--unverified", "--budget", "100k"]);
        let ended = ended.exits(1).says(what).says(next).says("w.js:2:");
        assert_eq!(ended.stdout, "");
        assert_eq!(project.runs().len(), 1, "it can be mended and resumed");
    }
    assert_eq!(model.seen(), 0);
}

#[test]
fn a_real_model_is_not_asked_before_somebody_said_yes() {
    let model = Model::obliging();
    let project = Project::with(&model);
    project.file("w.js", SOUND);
    let ended = project.fanfold(&["run", "w.js"]).exits(4).says("--yes approves it").says("test/m-1");
    assert_eq!((ended.stdout.as_str(), project.runs().len(), model.seen()), ("", 0, 0));
    // A rule of the person's own is a yes for good.
    let rule = "[permissions]\nallow = [\"Workflow(sound)\"]\n";
    project.file("~/.config/fanfold/config.toml", &(model.settings() + rule));
    project.fanfold(&["run", "w.js"]).exits(0);
    assert_eq!(model.seen(), 1);
}

#[test]
fn a_damaged_journal_is_refused_and_salvaged_to_its_every_whole_line() {
    let model = Model::obliging();
    let project = Project::with(&model);
    project
        .file("w.js", &script("return await parallel([1, 2, 3, 4, 5].map(n => () => agent(`task ${n}`)))"));
    let whole = project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let run = project.run();
    let id = run.file_name().expect("a name").to_str().expect("ASCII");
    let path = run.join("journal.jsonl");

    let text = fs::read_to_string(&path).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    let hit = lines
        .iter()
        .position(|line| line.contains("settled") && line.contains("task 3"))
        .expect("it settled");
    fs::write(&path, text.replacen("done: task 3", "done: TASK 3", 1)).expect("ours");
    // A transcript has what its agent said, too: then nothing is lost at all.
    fs::remove_dir_all(run.join("transcripts")).expect("ours");

    let asked = model.seen();
    let ended = project.fanfold(&["resume", id, "--yes"]).exits(2);
    let ended = ended.says(&format!("line {}", hit + 1)).says("--salvage");
    assert_eq!((ended.stdout.as_str(), model.seen()), ("", asked));

    let kept = lines.len() - 1;
    let ended = project.fanfold(&["resume", id, "--yes", "--salvage"]).exits(0);
    let ended = ended.says(&format!("kept {kept} whole lines"));
    assert_eq!(ended.stdout, whole.stdout);
    assert_eq!(model.seen(), asked + 1, "only the lost result is asked for again");
    assert_eq!(model.asked()["task 3"], 2);
    assert_eq!(settled(&run).len(), 5);
    assert!(run.join("journal.damaged-0").exists());
}

#[test]
fn a_torn_last_line_is_no_damage() {
    let project = Project::new();
    project.file("w.js", &script("return await agent('hello')"));
    let whole = project.fanfold(&["run", "w.js", "--simulate"]).exits(0);
    let path = project.run().join("journal.jsonl");
    let mut bytes = fs::read(&path).expect("ours");
    bytes.truncate(bytes.len() - 7);
    fs::write(&path, &bytes).expect("ours");
    assert_eq!(project.fanfold(&["resume"]).exits(0).stdout, whole.stdout);
}
