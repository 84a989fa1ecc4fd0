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
