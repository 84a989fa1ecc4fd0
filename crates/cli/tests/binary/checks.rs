//! `fanfold check`: the dry runs, what they cost, and how it ends.

use serde_json::Value;

use crate::project::Project;

const META: &str = "export const meta = { name: 'w', description: 'd' }\n";

/// A project with this script.
fn with(body: &str) -> Project {
    let project = Project::new();
    project.file("w.js", &format!("{META}{body}"));
    project
}

fn range(value: &Value) -> [Option<u64>; 3] {
    ["low", "expected", "high"].map(|end| value[end].as_u64())
}

#[test]
fn a_check_shows_every_policy_and_the_estimate_with_its_basis() {
    let project = with(
        "const SCHEMA = { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } } }\n\
         const found = await agent('List', { schema: SCHEMA, phase: 'List' })\n\
         await parallel((found?.files ?? []).map(file => () => agent(`Read ${file}`, { label: `read:${file}`, phase: 'Read' })))\n",
    );
    let ended = project.fanfold(&["check", "w.js"]).exits(0);
    for text in ["typical", "all-null", "expected", "by phase", "by assumption", "no model is set"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let document = project.fanfold(&["check", "w.js", "--json"]).json();
    let estimate = &document["estimate"];
    assert_eq!(range(&estimate["agents"]), [Some(1), Some(3), Some(26)]);
    let phases: Vec<_> =
        estimate["phases"].as_array().expect("parts").iter().map(|part| &part["name"]).collect();
    assert_eq!(phases, ["List", "Read"]);
    let [low, expected, high] = range(&estimate["input_tokens"]);
    assert!(Some(0) < low && low < expected && expected < high, "{estimate}");
    assert!(estimate["usd_micros"].is_null() && estimate["unbounded"].is_null(), "{estimate}");
    let typical = &document["dry_runs"][0]["run"]["usage"];
    let parts = ["input_tokens", "cache_read_tokens", "cache_write_tokens"];
    let sum: u64 = parts.iter().filter_map(|part| typical[*part].as_u64()).sum();
    assert_eq!(Some(sum), expected, "the table and the estimate");
}

#[test]
fn agents_are_priced_by_the_model_that_each_of_them_has() {
    let project = with("await agent('a')\nawait agent('b', { model: 'ollama/small' })\n");
    let words = ["check", "w.js", "--json", "--model", "ollama/qwen", "--as", "ollama/a,nobody/b"];
    project.fanfold(&words).exits(2).says("unknown provider `nobody`");
    let document = project.fanfold(&words[..5]).json();
    let estimate = &document["estimate"];
    assert_eq!(estimate["model"], "ollama/qwen");
    let models: Vec<_> =
        estimate["models"].as_array().expect("parts").iter().map(|part| &part["name"]).collect();
    assert_eq!(models, ["ollama/qwen", "ollama/small"]);
    assert_eq!(range(&estimate["usd_micros"]), [Some(0), Some(0), Some(0)], "this machine's own");
    let document = project.fanfold(&["check", "w.js", "--json", "--as", "ollama/a"]).json();
    assert_eq!(range(&document["as"][0]["uncached_usd_micros"]), [Some(0), Some(0), Some(0)]);
    assert!(document["estimate"]["usd_micros"].is_null(), "no model is set");
}

#[test]
fn a_loop_that_only_a_default_cap_ends_has_no_upper_end() {
    let project = with("while (true) await agent('again')\n");
    let ended = project.fanfold(&["check", "w.js"]).exits(1);
    assert!(ended.stdout.contains("there is no upper end"), "{}", ended.stdout);
    assert!(ended.stdout.contains("no end"), "{}", ended.stdout);
    let crashes = ended.stderr.matches("the cap of 1000 agents is reached").count();
    assert_eq!(crashes, 1, "told once for all policies: {}", ended.stderr);
    project.file(".fanfold/config.toml", "max_agents = 5\n");
    let document = project.fanfold(&["check", "w.js", "--json"]).exits(1).json();
    assert_eq!(range(&document["estimate"]["agents"]), [Some(5), Some(5), Some(5)]);
}

#[test]
fn a_story_that_does_not_come_to_its_end_fails() {
    let project = with("return await agent('a')\n");
    for (fault, status) in [("overloaded", "paused"), ("bad_json", "degraded"), ("refused", "degraded")] {
        project.file("s.yaml", &format!("- fail: {{ kind: {fault} }}\n"));
        let words = ["check", "w.js", "--scenario", "s.yaml", "--json"];
        let ended = project.fanfold(&words);
        let document = ended.json();
        assert_eq!(document["dry_runs"][0]["run"]["status"], status, "{fault}");
        assert_eq!(document["estimate"], Value::Null, "a story is not priced");
        assert_eq!(project.fanfold(&words).status, i32::from(status == "paused"), "{fault}");
    }
    project.file("s.yaml", "- fail: { kind: overloaded }\n");
    project.file("e.json", r#"{"status": "paused"}"#);
    project.fanfold(&["check", "w.js", "--scenario", "s.yaml", "--expect", "e.json"]).exits(0);
}

#[test]
fn simulated_replies_name_files_of_the_project() {
    let project = with(
        "const SCHEMA = { type: 'object', required: ['file'], properties: { file: { type: 'string' } } }\n\
         return (await agent('Which one?', { schema: SCHEMA }))?.file\n",
    );
    for n in 0..40 {
        project.file(&format!("lib/part{n}.zig"), "");
    }
    let document = project.fanfold(&["check", "w.js", "--json", "--policy", "typical"]).json();
    let file = document["dry_runs"][0]["run"]["result"].as_str().expect("a path");
    assert!(project.dir.join(file).is_file(), "{file}");
}

/// Wrong in its text, and under a dry run.
const SEVERAL: &str = "export const meta = { name: 'w', description: 'd', phasis: [] }\r
const now_ms = Date.now()\r
const task = { file: 'a.js' }\r
await parallel([1, 2, 3].map(n => () => agent(`Do ${n}: ${task}`, { label: `do:${n % 1}` })))\r
return await agent(`It is ${now_ms}`, { agentType: 'Explorer' })\r
";

/// `FF003 2`: what was found, and in which line.
fn lint(document: &Value) -> Vec<String> {
    let found = document["lint"].as_array().expect("findings").iter();
    found.map(|it| format!("{} {}", it["code"].as_str().expect("a code"), it["location"]["line"])).collect()
}

#[test]
fn a_script_is_linted_and_what_is_sure_is_fixed() {
    let project = Project::new();
    let path = project.file("w.js", SEVERAL);
    let ended = project.fanfold(&["check", "w.js", "--lint-only"]).exits(1);
    for text in ["warning[FF023]: unknown key", " --> w.js:2:16", "= note: ", "= help: ", "; --fix mends 1"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("policy") && !ended.stderr.contains("SIMULATED"), "no dry runs");

    let ended = project.fanfold(&["check", "w.js", "--fix", "--json"]).exits(1);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(text, SEVERAL.replace("Date.now()", "now()"));
    assert!(ended.stderr.contains("fixed FF003 at w.js:2:16: "), "{}", ended.stderr);
    let document = ended.json();
    assert_eq!(document["fixed"][0]["code"], "FF003");
    // The last two are told by the dry runs, and stand where they belong.
    assert_eq!(lint(&document), ["FF023 1", "FF009 4", "FF012 4", "FF019 5"]);
    project.fanfold(&["check", "w.js", "--fix"]).exits(1);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text, "typed again, it changes nothing");

    let piped = project.fed(SEVERAL, &["check", "-", "--fix"]).exits(2);
    assert!(piped.stderr.contains("--fix cannot change standard input"), "{}", piped.stderr);
    project.fanfold(&["check", "w.js", "--lint-only", "--policy", "wide"]).exits(2);
}

#[test]
fn warnings_fail_only_if_they_are_to_and_are_ignored_by_a_comment() {
    let project = with("log(args?.path ?? 'src')\n");
    project.fanfold(&["check", "w.js"]).exits(0);
    project.fanfold(&["check", "w.js", "--strict"]).exits(1);
    project.fanfold(&["check", "w.js", "--strict", "--lint-only"]).exits(1);
    project.file("w.js", &format!("{META}log(args?.path ?? 'src') // fanfold-ignore FF004 anything goes\n"));
    let ended = project.fanfold(&["check", "w.js", "--strict"]).exits(0);
    assert!(!ended.stdout.contains("FF0"), "{}", ended.stdout);
    // What it silences may be seen under another policy only.
    project.file("w.js", &format!("{META}log('x') // fanfold-ignore FF009\n"));
    project.fanfold(&["check", "w.js", "--strict", "--policy", "typical"]).exits(0);
    let ended = project.fanfold(&["check", "w.js", "--strict"]).exits(1);
    assert!(ended.stdout.contains("FF022"), "{}", ended.stdout);
}

#[test]
fn the_lint_knows_what_there_is_here() {
    let project = with(
        "await agent('a', { agentType: 'mine', model: 'quick' })\nawait agent('b', { agentType: 'theirs', model: 'nobody/x' })\nawait workflow('outer')\n",
    );
    project.file(".fanfold/agents/mine.md", "---\nname: mine\ndescription: d\n---\nBe brief.\n");
    project.file(".fanfold/config.toml", "aliases.quick = 'ollama/small'\n");
    project.file(".fanfold/workflows/outer.js", &format!("{META}return await workflow('inner')\n"));
    let document = project.fanfold(&["check", "w.js", "--json", "--lint-only"]).exits(1).json();
    assert_eq!(lint(&document), ["FF019 3", "FF020 3", "FF018 4"]);
    let help = document["lint"][0]["help"].as_str().expect("words");
    assert!(help.contains("mine"), "{help}");
}

#[test]
fn a_rule_is_explained_and_a_bad_word_is_not() {
    let project = Project::new();
    let ended = project.fanfold(&["check", "--explain", "ff012"]).exits(0);
    for text in ["FF012 equal-labels: a warning", "why: ", "fix: ", "wrong:", "right:"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let rule = project.fanfold(&["check", "--explain", "FF003", "--json"]).exits(0).json();
    assert_eq!((&rule["name"], &rule["is_sure"]), (&"clock-or-dice".into(), &true.into()));
    project.fanfold(&["check", "--explain", "FF999"]).exits(2).says("the lint has no rule `FF999`");
    project.fanfold(&["check"]).exits(2).says("<WORKFLOW>");
    project.fanfold(&["check", "--explain", "FF003", "w.js"]).exits(2);
}

#[test]
fn what_the_loader_warns_of_is_told_once() {
    let project = Project::new();
    project.file("w.js", "export const meta = { name: 'w', description: 'd', phasis: [] }\nlog('x')\n");
    let ended = project.fanfold(&["check", "w.js"]).exits(0);
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(told.matches("unknown key `meta.phasis`").count(), 1, "{told}");
}

#[test]
fn a_script_without_the_arguments_that_it_needs_is_linted_all_the_same() {
    let project = Project::new();
    let meta = "export const meta = { name: 'w', description: 'd', args: { type: 'object', required: ['path'], properties: { path: { type: 'string' } } } }\n";
    project.file("w.js", &format!("{meta}log(args.path, Date.now())\n"));
    project.fanfold(&["check", "w.js"]).exits(2).says("error[FF003]");
    project.fanfold(&["check", "w.js", "--lint-only"]).exits(1);
}
