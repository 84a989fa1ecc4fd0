//! The lint: what will go wrong with a script that loads, found in its tree and in what dry runs of it saw.
//!
//! A false alarm is worse than a miss: a rule that cannot tell is silent.

mod agents;
mod args;
mod budget;
mod clock;
mod edits;
mod exists;
mod fan_out;
mod flow;
mod ignores;
mod labels;
mod losses;
mod null_results;
mod order;
mod phases;
mod promise_all;
mod rules;
mod schemas;
mod seen;
mod shape;
mod tree;
mod verifiers;

use std::ops::Range;

use fanfold_core::call::WorkflowTarget;
use fanfold_core::{Diagnostic, Location, Severity};
use oxc_span::Span;
use serde::Serialize;
use serde_json::Value;

pub use self::edits::{Edit, apply, fixed};
pub use self::rules::{RULES, Rule, rule};
pub use self::seen::{SeenCall, SeenRun};
use self::tree::Tree;
use crate::parse;

/// What is there where the script is to run. What is `None` is not known, and not judged.
#[derive(Clone, Copy, Default)]
pub struct LintCx<'a> {
    /// Names of the agent types.
    pub agent_types: Option<&'a [String]>,
    /// Can a call name this model? `inherit` is not asked for.
    pub has_model: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    /// The text of the script that `workflow(…)` would run, and its file name; `None` where there is none.
    pub find_workflow: Option<&'a FindWorkflow<'a>>,
    /// The input of the run to come.
    pub args: Option<&'a Value>,
    /// What dry runs of this script saw; without any, only the text is judged.
    pub runs: &'a [SeenRun],
    /// They were of every policy, and each came to its end: what they did not see is not there.
    pub is_all_seen: bool,
}

pub type FindWorkflow<'a> = dyn Fn(&WorkflowTarget) -> Option<(String, String)> + Sync + 'a;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `FF012`
    pub code: &'static str,
    /// Of the rule: `equal-labels`.
    pub name: &'static str,
    pub severity: Severity,
    /// What is wrong here, in one line.
    pub message: String,
    /// Why that matters, in one line.
    pub reason: &'static str,
    /// What to type instead.
    pub help: String,
    /// The first line for what is about the whole file.
    pub location: Location,
    /// Bytes of the source; `None` for what is about the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Range<usize>>,
    /// What [`apply`] types; only where nothing else can be meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Vec<Edit>>,
}

/// Every finding, in the order of the text. A script that does not load has only the errors that say why, with the
/// codes of their rules; `// fanfold-ignore CODE` does not silence those.
pub fn lint(source: &str, file: &str, cx: &LintCx) -> Vec<Finding> {
    let walked = parse::walk(source, file, |script, program| {
        let mut found = Found::default();
        check_meta_keys(&script.warnings, &mut found);
        let tree = Tree::of(program, script.meta);
        for check in CHECKS {
            check(&tree, cx, &mut found);
        }
        seen::check(&tree, file, cx, &mut found);
        ignores::settle(&tree, cx, found)
    });
    let mut found = walked.unwrap_or_else(|errors| errors.into_iter().map(not_loaded).collect());
    found.sort_by_key(|finding| (finding.span.as_ref().map_or(0, |span| span.start), finding.code));
    for finding in &mut found {
        let start = finding.span.as_ref().map_or(0, |span| span.start);
        finding.location = Location::of(file, source, start);
    }
    found
}

/// As code frames want them: the reason of a rule is told once.
pub fn diagnostics(findings: &[Finding]) -> Vec<Diagnostic> {
    let mut told: Vec<&str> = Vec::new();
    let mut diagnostics = Vec::new();
    for finding in findings {
        let is_new = !told.contains(&finding.code) && finding.code != rules::LOADS;
        told.push(finding.code);
        diagnostics.push(Diagnostic {
            severity: finding.severity,
            code: Some(finding.code.to_owned()),
            message: finding.message.clone(),
            span: finding.span.clone(),
            note: is_new.then(|| finding.reason.into()),
            help: Some(finding.help.clone()),
        });
    }
    diagnostics
}

type Check = for<'a> fn(&Tree<'a>, &LintCx, &mut Found);

const CHECKS: [Check; 14] = [
    clock::check,
    args::check,
    null_results::check,
    losses::check,
    fan_out::check,
    phases::check,
    labels::check,
    schemas::check,
    budget::check,
    promise_all::check,
    verifiers::check,
    exists::check_agents,
    exists::check_workflows,
    order::check,
];

/// What the rules have found so far.
#[derive(Default)]
struct Found {
    list: Vec<Finding>,
}

impl Found {
    /// `code` is that of a rule.
    fn report(&mut self, code: &str, span: Span, message: impl Into<String>) -> &mut Finding {
        let finding = Finding { span: Some(tree::range(span)), ..finding(code, message.into()) };
        self.list.push(finding);
        self.list.last_mut().expect("one was pushed")
    }

    fn has(&self, code: &str, span: Span) -> bool {
        self.list.iter().any(|it| it.code == code && it.span == Some(tree::range(span)))
    }
}

/// The loader says so itself; what else it warns of, a `typeof` keeps from running.
fn check_meta_keys(warnings: &[Diagnostic], found: &mut Found) {
    for warning in warnings.iter().filter(|warning| warning.code.is_none()) {
        let finding = finding(rules::META_KEY, warning.message.clone());
        found.list.push(Finding { span: warning.span.clone(), ..finding });
    }
}

impl Finding {
    fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = help.into();
        self
    }

    fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    fn fix(&mut self, edits: Vec<Edit>) -> &mut Self {
        self.fix = Some(edits);
        self
    }
}

fn not_loaded(error: Diagnostic) -> Finding {
    let code = error.code.as_deref().unwrap_or(rules::LOADS);
    let general = finding(code, error.message);
    Finding {
        severity: error.severity,
        span: error.span,
        help: error.help.unwrap_or(general.help),
        ..general
    }
}

fn finding(code: &str, message: String) -> Finding {
    let rule = rule(code).expect("only rules report");
    Finding {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        message,
        reason: rule.reason,
        help: rule.fix.to_owned(),
        location: Location { file: String::new(), line: 1, column: 1 },
        span: None,
        fix: None,
    }
}

#[cfg(test)]
mod tests;
