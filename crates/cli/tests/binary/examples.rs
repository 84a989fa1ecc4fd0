//! The examples keep what their scenarios promise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::project::Project;

const EXAMPLES: [(&str, &[&str]); 6] = [
    ("bug-hunt", &[]),
    ("docs-drift", &[]),
    ("migrate", &["--args", "from=panics", "to=errors"]),
    ("research", &["--args", "question=When are old backups deleted?"]),
    ("review", &[]),
    ("runaway", &[]),
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").canonicalize().expect("they are shipped")
}

/// Words that check an example against `expected`.
fn words(name: &str, args: &[&str], expected: &Path) -> Vec<String> {
    let script = examples().join(format!("{name}.js")).display().to_string();
    let scenario = examples().join(format!("scenarios/{name}.yaml")).display().to_string();
    let fixed = ["check".into(), script, "--scenario".into(), scenario, "--expect".into()];
    let fixed = fixed.into_iter().chain([expected.display().to_string()]);
    fixed.chain(args.iter().map(|word| (*word).to_owned())).collect()
}

#[test]
fn every_example_does_what_its_scenario_expects() {
    let project = Project::new();
    for (name, args) in EXAMPLES {
        let words = words(name, args, &examples().join(format!("scenarios/{name}.expected.json")));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ended = project.fanfold(&words);
        assert_eq!(ended.status, 0, "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains("SIMULATED") && ended.stdout.contains("typical"), "{name}: {ended:?}");
    }
    assert!(project.runs().is_empty(), "a check leaves nothing behind");
}

#[test]
fn another_outcome_than_the_expected_one_fails_with_the_difference() {
    let project = Project::new();
    for (name, args) in EXAMPLES {
        let expected = examples().join(format!("scenarios/{name}.expected.json"));
        let text = fs::read_to_string(expected).expect("each example has one");
        let mut expected: Value = serde_json::from_str(&text).expect("JSON");
        let started = expected["agents"]["started"].as_u64().expect("how many agents");
        expected["agents"]["started"] = json!(started + 1);
        let wrong = project.file(&format!("{name}.json"), &expected.to_string());
        let words = words(name, args, &wrong);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ended = project.fanfold(&words).exits(1).says("/agents/started");
        ended.says(&format!("- {}", started + 1)).says(&format!("+ {started}"));
    }
}

#[test]
fn every_example_survives_every_policy_or_says_why_it_cannot() {
    let project = Project::new();
    for (name, args) in EXAMPLES {
        let script = examples().join(format!("{name}.js")).display().to_string();
        let words: Vec<&str> = ["check", script.as_str(), "--json"].iter().chain(args).copied().collect();
        let document = project.fanfold(&words).json();
        let runs = document["dry_runs"].as_array().expect("one a policy");
        assert_eq!(runs.len(), 6, "{name}");
        for run in runs {
            let (policy, error) = (&run["policy"], &run["run"]["error"]);
            assert!(error.is_null() || policy == "all-null", "{name} under {policy}: {error}");
            // Thrown by the example itself, in words for people, not by a mistake in it.
            let message = error["message"].as_str().unwrap_or_default();
            assert!(!message.contains("TypeError") && !message.contains("undefined"), "{name}: {message}");
        }
    }
}

#[test]
fn no_example_is_without_a_scenario() {
    let names = |folder: &Path, ending: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).expect("it is shipped").flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter_map(|name| Some(name.strip_suffix(ending)?.to_owned())).collect()
    };
    let tested: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&examples(), ".js"), tested);
    assert_eq!(names(&examples().join("scenarios"), ".yaml"), tested);
    assert_eq!(names(&examples().join("scenarios"), ".expected.json"), tested);
}
