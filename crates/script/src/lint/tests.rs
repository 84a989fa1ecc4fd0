//! Tests of the lint, by group of rules.

use fanfold_core::call::WorkflowTarget;
use serde_json::json;

use super::*;

mod dry_runs;
mod fixes;
mod results;
mod rules;
mod structure;

/// A script of this body. A first line `// meta: …` goes into its `meta`.
fn script(body: &str) -> String {
    let extra = body.strip_prefix("// meta: ").and_then(|rest| rest.split_once('\n'));
    let extra = extra.map_or(String::new(), |(extra, _)| format!(", {extra}"));
    format!("export const meta = {{ name: 'n', description: 'd'{extra} }}\n{body}\n")
}

/// A place with the built-in agent types, three models, and a few saved workflows.
fn lint_here(source: &str, file: &str, runs: &[SeenRun]) -> Vec<Finding> {
    let agent_types: Vec<String> = ["general-purpose", "Explore", "Plan"].map(String::from).to_vec();
    let has_model = |model: &str| ["opus", "haiku", "vendor/model-1"].contains(&model);
    let find_workflow = |target: &WorkflowTarget| {
        let body = match target {
            WorkflowTarget::Name(name) if name == "outer" => "return await workflow('plain')",
            WorkflowTarget::ScriptPath(path) if path == "./outer.js" => {
                "return workflow({ scriptPath: 'x.js' })"
            }
            WorkflowTarget::Name(name) if name == "plain" => {
                "const workflow = 'a'\nreturn `workflow('x') ${workflow}`"
            }
            WorkflowTarget::Name(name) if name == "broken" => "const",
            _ => return None,
        };
        Some((script(body), "saved.js".to_owned()))
    };
    let cx = LintCx {
        agent_types: Some(&agent_types),
        has_model: Some(&has_model),
        find_workflow: Some(&find_workflow),
        args: None,
        runs,
        is_all_seen: !runs.is_empty(),
    };
    lint(source, file, &cx)
}

/// `FF003 «marked text» message | help`
fn told(source: &str) -> Vec<String> {
    lint_here(source, "w.js", &[]).iter().map(|finding| line_of(finding, source)).collect()
}

fn line_of(finding: &Finding, source: &str) -> String {
    let marked = finding.span.clone().map_or("", |span| &source[span]);
    format!("{} «{marked}» {} | {}", finding.code, finding.message, finding.help)
}

/// What is told of each body must be the findings beside it, in order: the beginning of each line, or a part of it
/// behind its code.
#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (body, expected) in cases {
        let told = told(&script(body));
        let is_right = told.len() == expected.len()
            && told.iter().zip(*expected).all(|(told, expected)| {
                let (code, rest) = expected.split_at(5);
                told.starts_with(code) && told.contains(rest.trim_start())
            });
        if !is_right {
            wrong += &format!("\n{body}\n  expected: {expected:?}\n  told: {told:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[track_caller]
fn check_clean(bodies: &[&str]) {
    let cases: Vec<(&str, &[&str])> = bodies.iter().map(|body| (*body, &[] as &[&str])).collect();
    check(&cases);
}
