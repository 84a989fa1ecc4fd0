//! The lint on files: scripts as people write them, in which it has nothing to say, and its page of documentation.

use std::fs;
use std::path::{Path, PathBuf};

use fanfold_core::Severity;
use fanfold_script::lint::{Finding, LintCx, RULES, lint};

mod speed;

/// In a place with the built-in agent types and a few models.
fn lint_here(source: &str, file: &str) -> Vec<Finding> {
    let agent_types: Vec<String> = ["general-purpose", "Explore", "Plan"].map(String::from).to_vec();
    let has_model = |model: &str| ["opus", "haiku"].contains(&model);
    let cx = LintCx { agent_types: Some(&agent_types), has_model: Some(&has_model), ..LintCx::default() };
    lint(source, file, &cx)
}

fn line_of(finding: &Finding, source: &str) -> String {
    let marked = finding.span.clone().map_or("", |span| &source[span]);
    format!("{} «{marked}» {} | {}", finding.code, finding.message, finding.help)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scripts_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("readable").flatten().map(|entry| entry.path());
    let is_script = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ["js", "mjs", "ts"].iter().any(|known| ending == *known))
    };
    let mut scripts: Vec<_> = entries.filter(is_script).collect();
    scripts.sort();
    scripts
}

#[track_caller]
fn assert_clean(dir: &Path, at_least: usize) {
    let scripts = scripts_in(dir);
    assert!(scripts.len() >= at_least, "{} scripts in {}", scripts.len(), dir.display());
    let mut alarms = String::new();
    for path in scripts {
        let source = fs::read_to_string(&path).expect("readable");
        let file = path.file_name().expect("a file").to_string_lossy();
        for finding in lint_here(&source, &file) {
            alarms += &format!("{file}:{} {}\n", finding.location.line, line_of(&finding, &source));
        }
    }
    assert!(alarms.is_empty(), "\n{alarms}");
}

#[test]
fn the_examples_are_clean() {
    assert_clean(&root().join("examples"), 5);
}

#[test]
fn idiomatic_scripts_are_clean() {
    assert_clean(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/clean"), 30);
}

/// Sixty scripts in the wild's manner, which try things on purpose: what is told of them is true of each.
#[test]
fn of_the_corpus_only_what_is_wrong_is_told() {
    let dir = root().join("crates/cli/tests/corpus/scripts");
    let mut told: Vec<String> = Vec::new();
    for path in scripts_in(&dir) {
        let source = fs::read_to_string(&path).expect("readable");
        let file = path.file_name().expect("a file").to_string_lossy();
        let found = lint(&source, &file, &LintCx::default());
        // Most take `args` and declare none, as scripts from elsewhere do.
        let codes = found.iter().map(|it| it.code).filter(|code| *code != "FF004");
        told.extend(codes.map(|code| format!("{file} {code}")));
    }
    told.dedup();
    assert_eq!(
        told,
        [
            "adr-consensus.js FF016",
            "agent-types.js FF016",
            "agent-types.js FF007",
            "agent-types.js FF014",
            "agent-types.js FF013",
            "docs-drift.workflow.js FF011",
            "fastest-mirror-race.js FF016",
            "incident-timeline.js FF003",
            "perf-bisect.js FF016",
            "podcast-notes.js FF016",
            "private-tags.js FF023",
            "rfc-review-board.js FF016",
            "then-chains.js FF016",
            "unicode-regress.js FF011",
        ]
    );
}

/// The pages that teach how to write a script.
#[test]
fn scripts_of_the_documentation_are_clean() {
    let mut alarms = String::new();
    let mut tried = 0;
    for page in ["scripts.md", "simulation.md", "runs.md", "settings.md"] {
        let text = fs::read_to_string(root().join("docs").join(page)).expect("readable");
        for block in text.split("\n```").skip(1).step_by(2) {
            let Some((words, source)) = block.split_once('\n') else { continue };
            if source.starts_with("export const meta") && !words.contains("fails") {
                tried += 1;
                let file = if words.starts_with("ts") { "w.ts" } else { "w.js" };
                let found = lint_here(source, file);
                found.iter().for_each(|it| alarms += &format!("{page}: {}\n", line_of(it, source)));
            }
        }
    }
    assert!(tried >= 8, "{tried} scripts were found");
    assert!(alarms.is_empty(), "\n{alarms}");
}

#[test]
fn every_rule_is_in_the_documentation_with_its_reason_its_fix_and_its_examples() {
    let docs = fs::read_to_string(root().join("docs/checks.md")).expect("readable");
    let mut missing = Vec::new();
    for rule in RULES {
        let sure = if rule.is_sure { " `--fix` does it." } else { "" };
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let expected = format!(
            "#### {} {}\n\nA {severity}: {}. To mend it: {}.{sure}\n\n```javascript\n// wrong\n{}\n\n// right\n{}\n```\n",
            rule.code, rule.name, rule.reason, rule.fix, rule.wrong, rule.right
        )
        .replace("A error", "An error");
        if !docs.contains(&expected) {
            missing.push(expected);
        }
    }
    assert!(missing.is_empty(), "docs/checks.md lacks:\n\n{}", missing.join("\n"));
}
