//! `filter(Boolean)` over agents' results in a script that never says how many it drops.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolId;

use super::rules::LOST_RESULTS;
use super::shape::Shape;
use super::tree::{Tree, method, within};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    // Whoever asks what came to nothing knows.
    if !tree.uses_of_global("failures").is_empty() {
        return;
    }
    for call in &tree.calls {
        let Some((results, "filter", Some(test))) = method(call) else { continue };
        if drops_null(tree, test) && are_results(tree, results) && !is_counted(tree, call, results) {
            let message = "this filter drops the agents that came to nothing, and nobody counts them";
            found.report(LOST_RESULTS, Span::new(results.span().end, call.span.end), message);
        }
    }
}

/// `Boolean`, `x => x`, `x => x !== null`
fn drops_null<'a>(tree: &Tree<'a>, test: &'a Expression<'a>) -> bool {
    if tree.global(test) == Some("Boolean") {
        return true;
    }
    let Some(function) = tree.function(test) else { return false };
    let Some(result) = tree.only_result(function) else { return false };
    let is_param =
        |it: &Expression<'a>| tree.symbol_of(it).is_some_and(|symbol| is_first_param(tree, symbol, result));
    match result {
        Expression::Identifier(_) => is_param(result),
        Expression::BinaryExpression(it) => {
            is_param(&it.left) && it.right.is_null_or_undefined() && it.operator.as_str().starts_with('!')
        }
        _ => false,
    }
}

fn is_first_param<'a>(tree: &Tree<'a>, symbol: SymbolId, result: &'a Expression<'a>) -> bool {
    matches!(tree.declaration(symbol), AstKind::FormalParameter(_))
        && tree.references(symbol).iter().all(|name| within(name.span, result.span()))
}

/// What agents themselves said. What a thunk makes of it may stand for a loss in its own way.
fn are_results<'a>(tree: &Tree<'a>, results: &'a Expression<'a>) -> bool {
    match tree.shape(results) {
        Some(Shape::List(list)) => {
            matches!(list.of.as_deref(), Some(Shape::Reply(reply)) if reply.is_nullable && !reply.is_promise)
        }
        Some(Shape::Tuple(parts)) => {
            !parts.is_empty()
                && parts.iter().all(|part| matches!(part, Some(Shape::Reply(reply)) if reply.is_nullable))
        }
        Some(Shape::Reply(_)) | None => false,
    }
}

/// Is there anything that could tell how many were dropped?
fn is_counted<'a>(tree: &Tree<'a>, call: &'a CallExpression<'a>, results: &'a Expression<'a>) -> bool {
    let is_used_otherwise = tree.symbol_of(results).is_some_and(|symbol| {
        tree.references(symbol).into_iter().any(|name| {
            let AstKind::StaticMemberExpression(it) = tree.parent(name.node_id()) else { return true };
            it.property.name != "filter" || !is_like(tree, it.span.end, call)
        })
    });
    is_used_otherwise
        || has_length(tree, AstKind::CallExpression(call))
        || kept_in(tree, call).is_some_and(|kept| {
            tree.references(kept).into_iter().any(|name| has_length(tree, AstKind::IdentifierReference(name)))
        })
}

/// Is what is called at `end` the same filter again?
fn is_like(tree: &Tree, end: u32, call: &CallExpression) -> bool {
    let same = tree.calls.iter().find(|it| it.callee.span().end == end);
    same.is_some_and(|it| {
        tree.source(it.arguments_span().unwrap_or_default())
            == tree.source(call.arguments_span().unwrap_or_default())
    })
}

fn has_length(tree: &Tree, value: AstKind) -> bool {
    matches!(tree.parent(value.node_id()), AstKind::StaticMemberExpression(it) if it.property.name == "length")
}

/// The name that the survivors get.
fn kept_in(tree: &Tree, call: &CallExpression) -> Option<SymbolId> {
    match tree.parent(call.node_id()) {
        AstKind::VariableDeclarator(it) => it.id.get_binding_identifier()?.symbol_id.get(),
        _ => None,
    }
}
