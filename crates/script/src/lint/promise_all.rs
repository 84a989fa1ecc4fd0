//! `Promise.all` over agents.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::GetSpan;
use oxc_syntax::node::NodeId;

use super::rules::PROMISE_ALL;
use super::tree::{Func, Tree, View, argument, method, view, within};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    for call in &tree.calls {
        if tree.is_static_call(call, "Promise", "all")
            && starts_agents(tree, call)
            && !tree.is_caught(call.node_id())
        {
            let finding = found.report(PROMISE_ALL, call.callee.span(), "`Promise.all` over agents");
            let mapped = argument(call, 0).is_some_and(|list| matches!(view(list), View::Call(_)));
            let parallel = if mapped {
                "parallel(items.map(item => () => agent(…)))"
            } else {
                "parallel([() => agent(…), …])"
            };
            finding.help(format!(
                "write `{parallel}`: what fails is `null` at its index, and listed by `failures()`"
            ));
        }
    }
}

fn starts_agents<'a>(tree: &Tree<'a>, call: &'a CallExpression<'a>) -> bool {
    let Some(promises) = argument(call, 0) else { return false };
    match tree.resolve(promises) {
        Expression::ArrayExpression(list) => {
            list.elements.iter().filter_map(|element| element.as_expression()).any(|it| is_agent(tree, it))
        }
        promises => match view(promises) {
            View::Call(mapped) => match method(mapped) {
                Some((_, "map", Some(callback))) => {
                    tree.function(callback).is_some_and(|it| asks_agents(tree, it))
                }
                _ => false,
            },
            _ => false,
        },
    }
}

/// An agent whose failure nobody takes care of there and then.
fn is_agent<'a>(tree: &Tree<'a>, expression: &'a Expression<'a>) -> bool {
    match view(expression) {
        View::Call(call) if tree.global_callee(call) == Some("agent") => true,
        View::Call(call) => match method(call) {
            Some((_, "catch", _)) => false,
            Some((object, "then" | "finally", _)) => call.arguments.len() < 2 && is_agent(tree, object),
            _ => tree.function(&call.callee).is_some_and(|it| asks_agents(tree, it)),
        },
        _ => false,
    }
}

fn asks_agents(tree: &Tree, function: Func) -> bool {
    tree.agents_in(function.span()).any(|agent| {
        let node = agent.call.node_id();
        tree.function_around(node) == Some(function.node()) && !is_caught_within(tree, node, function)
    })
}

/// Does the function itself catch what is thrown at `node`?
fn is_caught_within(tree: &Tree, node: NodeId, function: Func) -> bool {
    let span = tree.nodes.kind(node).span();
    tree.ancestors(node).take_while(|kind| kind.node_id() != function.node()).any(|kind| match kind {
        AstKind::TryStatement(it) => it.handler.is_some() && within(span, it.block.span),
        AstKind::StaticMemberExpression(it) => it.property.name == "catch",
        _ => false,
    })
}
