//! A property read off an agent's result that nobody has checked: it is `null` when the agent came to nothing.

use std::collections::HashSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, Expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;
use oxc_syntax::symbol::SymbolId;

use super::rules::NULL_RESULT;
use super::shape::Shape;
use super::tree::{Tree, View, method, view};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    let mut told = HashSet::new();
    for risk in risks(tree) {
        let symbol = tree.symbol_of(risk.value);
        if symbol.is_some_and(|symbol| told.contains(&symbol)) || !is_nullable(tree, risk.value) {
            continue;
        }
        let is_checked = symbol.is_some_and(|symbol| is_checked(tree, symbol, risk.value.span()));
        if is_checked || asks_for_failures(tree, risk.span) || tree.is_caught(risk.node) {
            continue;
        }
        told.extend(symbol);
        let (what, instead) = risk.told();
        let name = match risk.value {
            Expression::Identifier(name) => format!("`{}`", name.name),
            _ => "its result".into(),
        };
        let message = format!("{what} throws when the agent came to nothing: {name} is `null` then");
        found.report(NULL_RESULT, risk.span, message).help(instead);
    }
    check_patterns(tree, found);
}

/// A use that throws on `null`.
struct Risk<'a> {
    value: &'a Expression<'a>,
    node: NodeId,
    span: Span,
    by: Use<'a>,
}

enum Use<'a> {
    Property(&'a str),
    Index,
    Loop,
    Spread,
    Pattern,
}

impl Risk<'_> {
    /// What throws, and what to write instead.
    fn told(&self) -> (String, String) {
        match (&self.by, self.value) {
            (Use::Property(property), Expression::Identifier(name)) => (
                format!("`{}.{property}`", name.name),
                format!(
                    "check it first: `if (!{0}) …`, or write `{0}?.{property}` and say what `undefined` means",
                    name.name
                ),
            ),
            (Use::Property(property), _) => {
                (format!("`.{property}`"), format!("write `?.{property}`, and say what `undefined` means"))
            }
            (Use::Index, _) => ("this".into(), "check it first, or write `?.[…]`".into()),
            (Use::Loop, _) => ("this loop".into(), "check it first, or write `of result ?? []`".into()),
            (Use::Spread, _) => ("`...`".into(), "check it first, or write `...(result ?? [])`".into()),
            (Use::Pattern, _) => {
                ("to take it apart".into(), "check it first, or write `= (await agent(…)) ?? {}`".into())
            }
        }
    }
}

fn risks<'a>(tree: &Tree<'a>) -> Vec<Risk<'a>> {
    let mut risks = Vec::new();
    for kind in &tree.members {
        let (object, end, optional, by) = match kind {
            AstKind::StaticMemberExpression(it) => {
                (&it.object, it.property.span.end, it.optional, Use::Property(it.property.name.as_str()))
            }
            AstKind::ComputedMemberExpression(it) => (&it.object, it.span.end, it.optional, Use::Index),
            _ => continue,
        };
        if !optional && is_value(object) {
            let span = Span::new(object.span().start, end);
            risks.push(Risk { value: object, node: kind.node_id(), span, by });
        }
    }
    for kind in &tree.loops {
        if let AstKind::ForOfStatement(it) = kind
            && is_value(&it.right)
        {
            risks.push(Risk { value: &it.right, node: it.node_id(), span: it.right.span(), by: Use::Loop });
        }
    }
    for it in &tree.spreads {
        let spreads_list = !matches!(tree.parent(it.node_id()), AstKind::ObjectExpression(_));
        if spreads_list && is_value(&it.argument) {
            risks.push(Risk { value: &it.argument, node: it.node_id(), span: it.span, by: Use::Spread });
        }
    }
    for it in &tree.declarators {
        if let (BindingPattern::ObjectPattern(pattern), Some(init)) = (&it.id, &it.init)
            && is_value(init)
        {
            risks.push(Risk { value: init, node: it.node_id(), span: pattern.span, by: Use::Pattern });
        }
    }
    risks
}

/// `items.map(({ part }) => …)` over results.
fn check_patterns(tree: &Tree, found: &mut Found) {
    for call in &tree.calls {
        let Some((list, name, Some(callback))) = method(call) else { continue };
        if !["map", "flatMap", "forEach", "filter", "some", "every", "find"].contains(&name) {
            continue;
        }
        let Some(function) = tree.function(callback) else { continue };
        let Some(first) = function.params().items.first() else { continue };
        let BindingPattern::ObjectPattern(pattern) = &first.pattern else { continue };
        let Some(Shape::Reply(reply)) = tree.list(list).and_then(|list| list.of).map(|of| *of) else {
            continue;
        };
        if !reply.is_nullable || reply.is_promise || first.initializer.is_some() {
            continue;
        }
        if asks_for_failures(tree, pattern.span) || tree.is_caught(call.node_id()) {
            continue;
        }
        let message =
            "to take it apart throws for every agent that came to nothing: its result is `null` then";
        found
            .report(NULL_RESULT, pattern.span, message)
            .help("put `.filter(Boolean)` before, and count what it drops");
    }
}

/// A name, or what was just waited for.
fn is_value(expression: &Expression) -> bool {
    matches!(expression, Expression::Identifier(_) | Expression::AwaitExpression(_))
}

fn is_nullable<'a>(tree: &Tree<'a>, value: &'a Expression<'a>) -> bool {
    match tree.shape(value) {
        Some(Shape::Reply(reply)) => reply.is_nullable && !reply.is_promise,
        Some(Shape::List(_) | Shape::Tuple(_)) | None => false,
    }
}

/// Is there anything before `at` that tells a `null` from a result? Generously: a check that does not lead away is
/// taken for one that does.
fn is_checked(tree: &Tree, symbol: SymbolId, at: Span) -> bool {
    let before = tree.references(symbol).into_iter().filter(|name| name.span.start < at.start);
    let mut names: Vec<(NodeId, Span)> = before.map(|name| (name.node_id(), name.span)).collect();
    // `const results = await parallel(…)`, `if (results.includes(null)) …`, then `results.map(one => one.part)`.
    names.extend(checks_of_the_list(tree, symbol, at));
    names.into_iter().any(|(node, span)| is_check(tree, node, span))
}

fn checks_of_the_list(tree: &Tree, symbol: SymbolId, at: Span) -> Vec<(NodeId, Span)> {
    let node = tree.scoping.symbol_declaration(symbol);
    let list = tree.ancestors(node).find_map(|kind| match kind {
        AstKind::CallExpression(call) => method(call).map(|(object, ..)| object),
        AstKind::ForOfStatement(it) => Some(&it.right),
        _ => None,
    });
    let list = list.and_then(|list| tree.symbol_of(list));
    // Of what was taken out of a list (`const [a, b] = results`) too.
    let source = match tree.declaration(symbol) {
        AstKind::VariableDeclarator(it) => it.init.as_ref().and_then(|init| tree.symbol_of(init)),
        _ => None,
    };
    let mut found = Vec::new();
    for symbol in [list, source].into_iter().flatten() {
        for name in tree.references(symbol).into_iter().filter(|name| name.span.start < at.start) {
            if let AstKind::StaticMemberExpression(it) = tree.parent(name.node_id())
                && ["some", "every", "includes", "indexOf", "findIndex", "find"]
                    .contains(&it.property.name.as_str())
            {
                found.push((it.node_id(), it.span));
            }
        }
    }
    found
}

/// Does the value at `node` decide something?
fn is_check(tree: &Tree, node: NodeId, span: Span) -> bool {
    let mut inner = span;
    for kind in tree.ancestors(node) {
        match kind {
            AstKind::UnaryExpression(_) | AstKind::LogicalExpression(_) | AstKind::SwitchStatement(_) => {
                return true;
            }
            AstKind::BinaryExpression(_) => return true,
            AstKind::ConditionalExpression(it) => return it.test.span() == inner,
            AstKind::IfStatement(it) => return it.test.span() == inner,
            AstKind::WhileStatement(it) => return it.test.span() == inner,
            AstKind::DoWhileStatement(it) => return it.test.span() == inner,
            AstKind::ForStatement(it) => return it.test.as_ref().is_some_and(|test| test.span() == inner),
            AstKind::AssignmentExpression(it) => return it.operator.is_logical(),
            // `[a, b].every(Boolean)`, or a list that is looked at later.
            AstKind::ArrayExpression(_) => return true,
            AstKind::StaticMemberExpression(it) => {
                // Only what stands `null` on the way.
                if it.object.span() == span && !it.optional && is_name(tree, node) {
                    return false;
                }
            }
            AstKind::ComputedMemberExpression(it) => {
                if it.object.span() == span && !it.optional && is_name(tree, node) {
                    return false;
                }
            }
            AstKind::CallExpression(call) => {
                let is_argument = call.callee.span() != inner;
                // A function of the script's own may throw or leave: `must(result)`.
                if is_argument {
                    let is_own = match view(&call.callee) {
                        View::Other(callee) => tree.symbol_of(callee).is_some(),
                        _ => false,
                    };
                    let is_boolean = tree.global_callee(call) == Some("Boolean");
                    return is_own || is_boolean;
                }
            }
            AstKind::ChainExpression(_) => (),
            _ => return false,
        }
        inner = kind.span();
    }
    false
}

fn is_name(tree: &Tree, node: NodeId) -> bool {
    matches!(tree.nodes.kind(node), AstKind::IdentifierReference(_))
}

/// Somebody who looked at `failures()` before knows.
fn asks_for_failures(tree: &Tree, at: Span) -> bool {
    tree.calls_of("failures").any(|call| {
        call.span.start < at.start
            && tree.ancestors(call.node_id()).any(|kind| {
                matches!(
                    kind,
                    AstKind::IfStatement(_)
                        | AstKind::ConditionalExpression(_)
                        | AstKind::LogicalExpression(_)
                )
            })
    })
}
