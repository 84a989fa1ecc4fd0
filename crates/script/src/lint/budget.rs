//! Loops on `budget.remaining()`, which is `Infinity` when nobody set a budget.

use oxc_ast::AstKind;
use oxc_ast::ast::{BinaryExpression, Expression, LogicalOperator};
use oxc_span::{GetSpan, Span};

use super::rules::BUDGET_LOOP;
use super::tree::{Tree, View, view, within};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    for kind in &tree.loops {
        let (test, body) = match kind {
            AstKind::WhileStatement(it) => (Some(&it.test), it.body.span()),
            AstKind::DoWhileStatement(it) => (Some(&it.test), it.body.span()),
            AstKind::ForStatement(it) => (it.test.as_ref(), it.body.span()),
            _ => continue,
        };
        let Some(test) = test.filter(|test| is_only_of_budget(tree, test)) else { continue };
        if !asks_for_total(tree, kind.span(), test.span()) && !counts(tree, body) {
            found.report(BUDGET_LOOP, test.span(), "without a budget this loop never ends");
        }
    }
}

/// Does every part of the condition hold as long as the budget is endless?
fn is_only_of_budget<'a>(tree: &Tree<'a>, test: &'a Expression<'a>) -> bool {
    match test {
        Expression::LogicalExpression(it) if it.operator == LogicalOperator::And => {
            is_only_of_budget(tree, &it.left) && is_only_of_budget(tree, &it.right)
        }
        Expression::LogicalExpression(it) => {
            is_only_of_budget(tree, &it.left) || is_only_of_budget(tree, &it.right)
        }
        Expression::BinaryExpression(it) => is_of_budget(tree, it),
        _ => is_remaining(tree, test),
    }
}

fn is_of_budget<'a>(tree: &Tree<'a>, it: &'a BinaryExpression<'a>) -> bool {
    it.operator.is_compare() && (is_remaining(tree, &it.left) || is_remaining(tree, &it.right))
}

/// `budget.remaining()`, `budget.usd.remaining()`
fn is_remaining<'a>(tree: &Tree<'a>, expression: &'a Expression<'a>) -> bool {
    let View::Call(call) = view(expression) else { return false };
    let View::Member { object, name: Some("remaining"), .. } = view(&call.callee) else { return false };
    match view(object) {
        View::Member { object, name: Some("usd"), .. } => tree.global(object) == Some("budget"),
        _ => tree.global(object) == Some("budget"),
    }
}

/// Is `budget.total` mentioned in the condition or anywhere before the loop?
fn asks_for_total(tree: &Tree, whole: Span, test: Span) -> bool {
    tree.uses_of_global("budget").into_iter().any(|name| {
        let asks = match tree.parent(name.node_id()) {
            AstKind::StaticMemberExpression(it) if it.property.name == "usd" => {
                matches!(tree.parent(it.node_id()), AstKind::StaticMemberExpression(it) if it.property.name == "total")
            }
            AstKind::StaticMemberExpression(it) => it.property.name == "total",
            _ => false,
        };
        asks && (name.span.start < whole.start || within(name.span, test) || within(name.span, whole))
    })
}

/// Does the loop leave on a count of its own?
fn counts(tree: &Tree, body: Span) -> bool {
    tree.jumps.iter().filter(|jump| within(jump.span(), body)).any(|jump| {
        let node = jump.node_id();
        tree.ancestors(node).take_while(|kind| within(kind.span(), body)).any(|kind| match kind {
            AstKind::IfStatement(it) => compares(&it.test),
            _ => false,
        })
    })
}

fn compares(test: &Expression) -> bool {
    match test {
        Expression::BinaryExpression(it) => it.operator.is_compare(),
        Expression::LogicalExpression(it) => compares(&it.left) || compares(&it.right),
        _ => false,
    }
}
