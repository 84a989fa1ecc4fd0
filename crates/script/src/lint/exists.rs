//! What is named and is not there: agent types, models, and workflows that would start a third.

use fanfold_core::call::WorkflowTarget;
use fanfold_core::schema::nearest;
use oxc_ast::ast::Expression;
use oxc_span::{GetSpan, Span};

use super::agents::Property;
use super::rules::{AGENT_TYPE, MODEL, NESTED_WORKFLOW};
use super::tree::{Tree, argument};
use super::{Found, LintCx};
use crate::parse;

pub fn check_agents(tree: &Tree, cx: &LintCx, found: &mut Found) {
    for agent in &tree.agents {
        if let Property::Is(value) = agent.option(tree, "agentType") {
            tree.strings(value).into_iter().for_each(|(name, at)| agent_type(&name, at.span(), cx, found));
        }
        if let Property::Is(value) = agent.option(tree, "model") {
            tree.strings(value).into_iter().for_each(|(name, at)| model(&name, at.span(), cx, found));
        }
    }
}

pub fn agent_type(name: &str, at: Span, cx: &LintCx, found: &mut Found) {
    let Some(known) = cx.agent_types.filter(|known| !known.iter().any(|it| it == name)) else { return };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let finding = found.report(AGENT_TYPE, at, format!("there is no agent type `{name}`"));
    match nearest(name, &known) {
        Some(near) => finding.help(format!("did you mean `{near}`? There are {}", known.join(", "))),
        None => finding.help(format!("there are {}", known.join(", "))),
    };
}

pub fn model(name: &str, at: Span, cx: &LintCx, found: &mut Found) {
    let is_missing = cx.has_model.is_some_and(|has| name != "inherit" && !has(name));
    if is_missing && !found.has(MODEL, at) {
        found.report(MODEL, at, format!("there is no model `{name}`"));
    }
}

/// `workflow('outer')` of a script that calls `workflow` itself.
pub fn check_workflows(tree: &Tree, cx: &LintCx, found: &mut Found) {
    let Some(find) = cx.find_workflow else { return };
    for call in tree.calls_of("workflow") {
        let Some((target, at)) = argument(call, 0).and_then(|it| target(tree, it)) else { continue };
        let Some((text, file)) = find(&target) else { continue };
        let inner = parse::walk(&text, &file, |script, program| {
            let inner = Tree::of(program, script.meta);
            inner.calls_of("workflow").next().map(|call| inner.line(call.span.start))
        });
        if let Ok(Some(line)) = inner {
            let name = match &target {
                WorkflowTarget::Name(name) | WorkflowTarget::ScriptPath(name) => name,
            };
            let message = format!("`{name}` calls `workflow()` itself (line {line}), and nested it may not");
            found.report(NESTED_WORKFLOW, at, message);
        }
    }
}

fn target<'a>(tree: &Tree<'a>, name_or_ref: &'a Expression<'a>) -> Option<(WorkflowTarget, Span)> {
    if let Some(name) = tree.string(name_or_ref) {
        return Some((WorkflowTarget::Name(name), name_or_ref.span()));
    }
    match tree.property(name_or_ref, "scriptPath") {
        Property::Is(path) => Some((WorkflowTarget::ScriptPath(tree.string(path)?), path.span())),
        Property::Absent | Property::Unknown => None,
    }
}
