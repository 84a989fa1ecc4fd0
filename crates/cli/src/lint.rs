//! The lint of a workflow in the place where it is to run: its agent types, models and saved workflows.

mod explain;
mod rewrite;

use fanfold_agent::sim::Policy;
use fanfold_agent::types::{AgentTypes, TypeFile};
use fanfold_core::{Severity, WorkflowTarget};
use fanfold_script::frame;
use fanfold_script::lint::{Finding, LintCx, SeenRun, diagnostics, lint};
use serde_json::Value;

pub use explain::{explain, in_words};
pub use rewrite::rewrite;

use crate::error::{CliError, ErrorKind, Result};
use crate::estimate::{DryRun, Pricing};
use crate::library::{Library, Workflow};
use crate::world::World;

/// What the rules ask about the place.
pub struct Place<'a> {
    library: Library<'a>,
    pricing: &'a Pricing,
    agent_types: Vec<String>,
}

/// Lines of [`brief`], beside the first.
const BRIEF_MAX: usize = 3;

impl<'a> Place<'a> {
    /// `Err`: a file of an agent type makes no sense.
    pub fn of(world: &'a World, pricing: &'a Pricing) -> Result<Self> {
        let library = Library::new(world);
        let files = library.agent_files().0.into_iter().map(|file| TypeFile {
            name: file.name,
            text: file.text,
            origin: file.origin.display().to_string(),
        });
        let (types, _) = AgentTypes::load(files)
            .map_err(|errors| CliError::new(ErrorKind::Settings, errors.join("\n")))?;
        let agent_types = types.iter().map(|kind| kind.name.clone()).collect();
        Ok(Self { library, pricing, agent_types })
    }

    pub fn pricing(&self) -> &'a Pricing {
        self.pricing
    }

    /// In the order of the text. Without dry runs only the text is judged.
    pub fn lint(&self, workflow: &Workflow, args: Option<&Value>, dry_runs: &[DryRun]) -> Vec<Finding> {
        let runs: Vec<SeenRun> = dry_runs.iter().map(DryRun::seen).collect();
        let was_run = |policy: &Policy| dry_runs.iter().any(|run| run.policy == *policy && run.is_whole());
        let has_model = |model: &str| self.pricing.name(model).is_ok();
        let find_workflow = |target: &WorkflowTarget| {
            let found = self.library.nested(target, workflow.dir()).ok()?;
            Some((found.text, found.file))
        };
        let cx = LintCx {
            agent_types: Some(&self.agent_types),
            has_model: Some(&has_model),
            find_workflow: Some(&find_workflow),
            args,
            runs: &runs,
            is_all_seen: Policy::ALL.iter().all(was_run),
        };
        lint(&workflow.text, &workflow.file, &cx)
    }
}

pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// A code frame each, and how many there are; or that there are none.
pub fn show(findings: &[Finding], workflow: &Workflow, color: bool) -> String {
    if findings.is_empty() {
        return "the lint has nothing to say\n".into();
    }
    let frames = frame::render(&diagnostics(findings), &workflow.file, &workflow.text, color);
    let sure = findings.iter().filter(|finding| finding.fix.is_some()).count();
    let fixes = if sure > 0 { format!("; --fix mends {sure}") } else { String::new() };
    format!("{frames}\n\n{}{fixes}\n", count(findings))
}

/// For a screen with little room: how many there are, and the worst of them in a line each.
pub fn brief(findings: &[Finding]) -> Vec<String> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut worst: Vec<&Finding> = findings.iter().collect();
    worst.sort_by_key(|finding| finding.severity == Severity::Warning);
    let line = |finding: &Finding| {
        let at = &finding.location;
        format!("{} at {}:{}:{}: {}", finding.code, at.file, at.line, at.column, finding.message)
    };
    let first = format!("the lint has {}: `fanfold check` shows them", count(findings));
    std::iter::once(first).chain(worst.into_iter().take(BRIEF_MAX).map(line)).collect()
}

/// `1 error, 3 warnings`
fn count(findings: &[Finding]) -> String {
    let of = |severity: Severity, name: &str| {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        match count {
            0 => None,
            1 => Some(format!("1 {name}")),
            _ => Some(format!("{count} {name}s")),
        }
    };
    let counts = [of(Severity::Error, "error"), of(Severity::Warning, "warning")];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use fanfold_script::lint::rule;

    use super::*;
    use crate::library::Source;

    fn findings(body: &str) -> (Vec<Finding>, Workflow) {
        let text = format!("export const meta = {{ name: 'w', description: 'd' }}\n{body}\n");
        let found = lint(&text, "w.js", &LintCx::default());
        let (name, file) = ("w".into(), "w.js".into());
        (found, Workflow { name, text, file, source: Source::Stdin, notices: Vec::new() })
    }

    #[test]
    fn a_brief_has_the_count_and_the_worst_first() {
        let (found, _) =
            findings("log(args.a)\nlog((await agent('x')).b)\nlog((await agent('y')).c)\nlog(Date.now())");
        let told = brief(&found);
        assert_eq!(told.len(), 1 + BRIEF_MAX, "{told:#?}");
        assert!(told[0].contains("1 error, 3 warnings"), "{told:#?}");
        assert!(told[1].starts_with("FF003 at w.js:5:5: "), "{told:#?}");
        assert_eq!(brief(&[]), Vec::<String>::new());
    }

    #[test]
    fn frames_are_followed_by_their_count_and_by_what_is_sure() {
        let (found, workflow) = findings("log(Date.now())");
        let shown = show(&found, &workflow, false);
        assert!(shown.starts_with("error[FF003]"), "{shown}");
        assert!(shown.ends_with("\n\n1 error; --fix mends 1\n"), "{shown}");
        assert_eq!(show(&[], &workflow, false), "the lint has nothing to say\n");
    }

    #[test]
    fn a_rule_is_explained_by_code_and_by_name() {
        for word in ["ff012", "FF012", "equal-labels"] {
            let told = explain(word).expect("a rule");
            assert_eq!(Some(&told), rule("FF012").as_ref(), "{word}");
        }
        let error = explain("equal-label").expect_err("no rule");
        assert!(error.hint.is_some_and(|hint| hint.contains("`equal-labels`")));
    }
}
