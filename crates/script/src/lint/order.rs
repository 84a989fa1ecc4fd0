//! What is collected in the order in which agents end, and then written into a prompt: on resume it comes out
//! otherwise, and its agents are asked again.

use std::collections::HashSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentOperator, Expression, SimpleAssignmentTarget};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;
use oxc_syntax::symbol::SymbolId;

use super::rules::ORDER;
use super::tree::{Func, Tree, method, within};
use super::{Found, LintCx};

/// Names made of names: further than this nobody follows.
const DEPTH_MAX: usize = 3;

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    let mut told = HashSet::new();
    for change in changes(tree) {
        let Some((call, function)) = tree.concurrent(change.node) else { continue };
        let is_own = within(tree.scoping.symbol_span(change.symbol), call.span);
        if is_own || !follows_a_wait(tree, &change, function) || is_sorted(tree, change.symbol) {
            continue;
        }
        let Some(prompt) = prompt_of(tree, &change, call.span) else { continue };
        if told.insert(change.symbol) {
            let name = tree.scoping.symbol_name(change.symbol);
            let line = tree.line(prompt.start);
            let message = format!(
                "`{name}` grows in the order in which agents end, and the prompt in line {line} holds it"
            );
            found.report(ORDER, change.span, message);
        }
    }
}

/// `list.push(…)`, `text += …`, `count++`
struct Change {
    symbol: SymbolId,
    node: NodeId,
    span: Span,
    /// The sum is the same in every order: what matters is only who looks before the end.
    is_sum: bool,
}

fn changes(tree: &Tree) -> Vec<Change> {
    let mut found = Vec::new();
    for call in &tree.calls {
        if let Some((object, "push" | "unshift" | "add" | "set" | "splice", _)) = method(call)
            && let Some(symbol) = tree.symbol_of(object)
        {
            found.push(Change { symbol, node: call.node_id(), span: call.span, is_sum: false });
        }
    }
    for it in &tree.assignments {
        let Some(name) = it.left.as_simple_assignment_target().and_then(target) else { continue };
        let Some(symbol) = tree.symbol(name) else { continue };
        let grows = match it.operator {
            AssignmentOperator::Addition => true,
            // `list = [...list, one]`, `text = text + one`
            AssignmentOperator::Assign => tree.is_used_in(symbol, it.right.span()),
            _ => false,
        };
        if grows {
            let is_sum = !makes_text(&it.right) && !matches!(it.right, Expression::ArrayExpression(_));
            found.push(Change { symbol, node: it.node_id(), span: it.span, is_sum });
        }
    }
    for it in &tree.updates {
        if let Some(symbol) = target(&it.argument).and_then(|name| tree.symbol(name)) {
            found.push(Change { symbol, node: it.node_id(), span: it.span, is_sum: true });
        }
    }
    found
}

fn target<'a, 't>(
    target: &'t SimpleAssignmentTarget<'a>,
) -> Option<&'t oxc_ast::ast::IdentifierReference<'a>> {
    match target {
        SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => Some(name),
        _ => None,
    }
}

fn makes_text(expression: &Expression) -> bool {
    match expression {
        Expression::TemplateLiteral(_) | Expression::StringLiteral(_) => true,
        Expression::BinaryExpression(it) => makes_text(&it.left) || makes_text(&it.right),
        _ => false,
    }
}

/// Before the first wait the order is that of the list.
fn follows_a_wait(tree: &Tree, change: &Change, function: Func) -> bool {
    let waits = tree.awaits.iter().filter(|it| within(it.span, function.span()));
    let has_waited =
        waits.into_iter().any(|it| it.span.start < change.span.start || within(it.span, change.span));
    let mut around = tree.ancestors(change.node).take_while(|kind| kind.node_id() != function.node());
    let is_after = around.any(|kind| match kind {
        AstKind::CallExpression(call) => {
            matches!(method(call), Some((_, "then", _))) && within(change.span, call.span)
        }
        _ => false,
    });
    has_waited || is_after
}

fn is_sorted(tree: &Tree, symbol: SymbolId) -> bool {
    tree.references(symbol).into_iter().any(|name| {
        let whole = tree.ancestors(name.node_id()).take_while(|kind| !kind.is_statement()).last();
        let reaches = whole.map_or(name.span, |kind| kind.span());
        tree.calls.iter().any(|call| {
            matches!(method(call), Some((_, "sort" | "toSorted", _)))
                && within(call.span, reaches)
                && within(name.span, call.span)
        })
    })
}

/// A prompt that holds it: of an agent beside the change, or, for what is no sum, of any agent after.
fn prompt_of(tree: &Tree, change: &Change, concurrent: Span) -> Option<Span> {
    let prompts = tree.agents.iter().filter_map(|agent| Some((agent.call.span, agent.prompt()?)));
    let counts = prompts.filter(|(call, _)| {
        let is_beside = within(*call, concurrent);
        let is_after = call.start > concurrent.end || loops_back(tree, *call, concurrent);
        is_beside || is_after && !change.is_sum
    });
    counts.into_iter().find(|(_, prompt)| holds(tree, prompt, change, concurrent, 0)).map(|(call, _)| call)
}

/// Does a loop that holds both lead from the change to the prompt before it?
fn loops_back(tree: &Tree, call: Span, concurrent: Span) -> bool {
    tree.loops.iter().any(|kind| within(call, kind.span()) && within(concurrent, kind.span()))
}

fn holds<'a>(
    tree: &Tree<'a>,
    text: &'a Expression<'a>,
    change: &Change,
    concurrent: Span,
    depth: usize,
) -> bool {
    let names = tree.references(change.symbol);
    if names.iter().any(|name| within(name.span, text.span()) && !is_size(tree, name.node_id())) {
        return true;
    }
    depth < DEPTH_MAX
        && tree.scoping.symbol_ids().any(|other| {
            let made = |init: &&'a Expression<'a>| {
                let is_function = matches!(
                    init,
                    Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_)
                );
                // What the agents themselves return keeps its order.
                !is_function && !within(concurrent, init.span())
            };
            other != change.symbol
                && tree.is_used_in(other, text.span())
                && tree
                    .init(other)
                    .filter(made)
                    .is_some_and(|init| holds(tree, init, change, concurrent, depth + 1))
        })
}

/// `list.length`, `set.size`, `set.has(…)`: the same in every order.
fn is_size(tree: &Tree, name: NodeId) -> bool {
    matches!(tree.parent(name), AstKind::StaticMemberExpression(it)
        if ["length", "size", "has", "get", "includes"].contains(&it.property.name.as_str()))
}
