//! `Date.now()`, `Math.random()`, `new Date()`, `Date()`: the clock and the dice, which throw here.

use oxc_ast::AstKind;
use oxc_ast::ast::CallExpression;
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;

use super::edits::Edit;
use super::rules::CLOCK;
use super::tree::{Tree, View, range, view};
use super::{Found, LintCx};

/// Around what runs only where these are missing: in another program than this.
const GUARDS: [&str; 4] = ["typeof now", "typeof random", "globalThis.now", "globalThis.random"];

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    for member in &tree.members {
        let AstKind::StaticMemberExpression(it) = member else { continue };
        let instead = match (tree.global(&it.object), it.property.name.as_str()) {
            (Some("Date"), "now") => "now",
            (Some("Math"), "random") => "random",
            _ => continue,
        };
        let text = tree.source(it.span);
        let is_called = matches!(tree.parent(it.node_id()), AstKind::CallExpression(call)
            if call.callee.span() == it.span && !call.optional);
        let is_safe = is_called || is_passed_on(tree, it.node_id());
        let (calls, place) = if is_called { ("()", "call") } else { ("", "use") };
        let edits = vec![Edit::replace(range(it.span), instead)];
        let fix = (is_safe && is_free(tree, it.node_id(), instead)).then_some(edits);
        report(tree, found, it.node_id(), it.span, &format!("{text}{calls}"), (instead, place), fix);
    }
    for it in &tree.news {
        if tree.global(&it.callee) == Some("Date") && it.arguments.is_empty() {
            let has_brackets = tree.source(it.span).ends_with(')');
            let edit = match has_brackets {
                true => Edit::insert(it.span.end - 1, "now()"),
                false => Edit::insert(it.span.end, "(now())"),
            };
            let fix = is_free(tree, it.node_id(), "now").then(|| vec![edit]);
            report(tree, found, it.node_id(), it.span, "new Date()", ("new Date(now())", "write"), fix);
        }
    }
    for call in tree.calls_of("Date") {
        let edits = vec![Edit::replace(range(call.span), "new Date(now()).toString()")];
        let fix = (is_free(tree, call.node_id(), "now") && !call.optional).then_some(edits);
        report(tree, found, call.node_id(), call.span, "Date()", ("new Date(now())", "write"), fix);
    }
}

fn report(
    tree: &Tree,
    found: &mut Found,
    node: NodeId,
    span: Span,
    what: &str,
    (instead, verb): (&str, &str),
    fix: Option<Vec<Edit>>,
) {
    if tree.is_guarded_by(node, &GUARDS) {
        return;
    }
    let calls = if what.ends_with("()") && !instead.ends_with(')') { "()" } else { "" };
    let finding = found.report(CLOCK, span, format!("`{what}` throws in a script"));
    finding.help(format!("{verb} `{instead}{calls}`, which is journaled and replays"));
    if let Some(edits) = fix {
        finding.fix(edits);
    }
}

/// Used as a value that does not need its object: `const clock = Date.now`.
fn is_passed_on(tree: &Tree, node: NodeId) -> bool {
    match tree.parent(node) {
        AstKind::VariableDeclarator(_) | AstKind::ObjectProperty(_) | AstKind::ArrowFunctionExpression(_) => {
            true
        }
        AstKind::CallExpression(call) => is_argument(tree, call, node),
        _ => false,
    }
}

fn is_argument<'a>(tree: &Tree<'a>, call: &'a CallExpression<'a>, node: NodeId) -> bool {
    let span = tree.nodes.kind(node).span();
    !matches!(view(&call.callee), View::Other(callee) if callee.span() == span)
}

/// Does `name` mean the primitive there?
fn is_free(tree: &Tree, node: NodeId, name: &str) -> bool {
    let scope = tree.nodes.get_node(node).scope_id();
    tree.scoping
        .scope_ancestors(scope)
        .all(|scope| !tree.scoping.get_bindings(scope).keys().any(|known| known.as_str() == name))
}
