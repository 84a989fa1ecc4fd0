//! Phases by name: used but not declared, declared but not used.

use fanfold_core::schema::nearest;
use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, Declaration, Expression, ObjectPropertyKind, Statement};
use oxc_span::{GetSpan, Span};

use super::agents::Property;
use super::rules::{PHASE_UNDECLARED, PHASE_UNUSED};
use super::tree::{Tree, argument, within};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    if tree.meta.phases.is_empty() {
        return;
    }
    for (title, at) in used(tree) {
        undeclared(tree, &title, at, found);
    }
    if !is_computed(tree) && !has_children(tree) {
        for (title, at) in declared(tree) {
            if !is_written(tree, &title, at) {
                unused(&title, at, found);
            }
        }
    }
}

pub fn undeclared(tree: &Tree, title: &str, at: Span, found: &mut Found) {
    let declared: Vec<&str> = tree.meta.phases.iter().map(|phase| phase.title.as_str()).collect();
    if declared.contains(&title) {
        return;
    }
    let message = format!("the phase `{title}` is not in `meta.phases`");
    let finding = found.report(PHASE_UNDECLARED, at, message);
    if let Some(near) = nearest(title, &declared) {
        finding.help(format!("did you mean `{near}`? Else declare it in `meta.phases`"));
    }
}

pub fn unused(title: &str, at: Span, found: &mut Found) {
    found.report(PHASE_UNUSED, at, format!("the phase `{title}` is declared, and nothing uses it"));
}

/// Titles in `meta.phases`, with their places.
pub fn declared(tree: &Tree) -> Vec<(String, Span)> {
    let Some(Property::Is(phases)) = meta_object(tree).map(|meta| tree.property(meta, "phases")) else {
        return Vec::new();
    };
    let Expression::ArrayExpression(phases) = phases else { return Vec::new() };
    let titles =
        phases.elements.iter().filter_map(|phase| match tree.property(phase.as_expression()?, "title") {
            Property::Is(title) => Some((tree.string(title)?, title.span())),
            Property::Absent | Property::Unknown => None,
        });
    titles.collect()
}

/// The literal that `meta` is.
pub fn meta_object<'a>(tree: &Tree<'a>) -> Option<&'a Expression<'a>> {
    tree.program.body.iter().find_map(|statement| {
        let Statement::ExportDeclaration(export) = statement else { return None };
        let Declaration::VariableDeclaration(declaration) = &export.declaration else { return None };
        declaration.declarations.first()?.init.as_ref()
    })
}

/// Titles that are written where a phase is set.
fn used(tree: &Tree) -> Vec<(String, Span)> {
    let titles = tree.calls_of("phase").filter_map(|call| argument(call, 0));
    let options = tree.agents.iter().filter_map(|agent| match agent.option(tree, "phase") {
        Property::Is(title) => Some(title),
        Property::Absent | Property::Unknown => None,
    });
    let known = titles.chain(options).flat_map(|title| tree.strings(title));
    known.map(|(title, at)| (title, at.span())).collect()
}

/// Is there a phase that the text does not name?
pub fn is_computed(tree: &Tree) -> bool {
    let is_open =
        |title: &Expression| !matches!(title, Expression::StringLiteral(_)) && has_substitutions(title);
    tree.calls_of("phase").any(|call| argument(call, 0).is_none_or(is_open))
        || tree.agents.iter().any(|agent| match agent.option(tree, "phase") {
            Property::Is(title) => is_open(title),
            Property::Absent => false,
            Property::Unknown => true,
        })
        || reads_meta(tree)
}

/// A workflow that runs in place may set phases of this one.
pub fn has_children(tree: &Tree) -> bool {
    tree.calls_of("workflow").next().is_some()
}

/// Could it come up in a longer run? It is written somewhere, or begins as one that is computed.
pub fn may_be(tree: &Tree, title: &str, at: Span) -> bool {
    let begins = |expression: &Expression| match expression {
        Expression::TemplateLiteral(it) => {
            let first = it.quasis.first().map_or("", |quasi| quasi.value.raw.as_str());
            !first.is_empty() && title.starts_with(first)
        }
        Expression::BinaryExpression(it) => match &it.left {
            Expression::StringLiteral(first) => title.starts_with(first.value.as_str()),
            _ => false,
        },
        _ => false,
    };
    let options = tree.agents.iter().filter_map(|agent| match agent.option(tree, "phase") {
        Property::Is(title) => Some(title),
        Property::Absent | Property::Unknown => None,
    });
    let computed = tree.calls_of("phase").filter_map(|call| argument(call, 0)).chain(options);
    is_written(tree, title, at) || computed.into_iter().any(begins)
}

fn has_substitutions(title: &Expression) -> bool {
    match title {
        Expression::TemplateLiteral(it) => !it.expressions.is_empty(),
        Expression::BinaryExpression(_) => true,
        _ => false,
    }
}

fn reads_meta(tree: &Tree) -> bool {
    let symbol = tree.program.body.iter().find_map(|statement| {
        let Statement::ExportDeclaration(export) = statement else { return None };
        let Declaration::VariableDeclaration(declaration) = &export.declaration else { return None };
        match &declaration.declarations.first()?.id {
            BindingPattern::BindingIdentifier(name) => name.symbol_id.get(),
            _ => None,
        }
    });
    symbol.is_some_and(|symbol| !tree.references(symbol).is_empty())
}

/// Does the title stand anywhere but in `meta`? A table may hold it, or a name.
fn is_written(tree: &Tree, title: &str, at: Span) -> bool {
    let meta = meta_object(tree).map_or(at, GetSpan::span);
    tree.nodes.iter().any(|node| match node.kind() {
        AstKind::StringLiteral(it) => it.value == title && !within(it.span, meta),
        AstKind::TemplateLiteral(it) => it.single_quasi().is_some_and(|text| text == title),
        AstKind::ObjectExpression(it) => it.properties.iter().any(|property| match property {
            ObjectPropertyKind::ObjectProperty(it) => {
                !within(it.span, meta) && it.key.static_name().is_some_and(|key| key == title)
            }
            ObjectPropertyKind::SpreadProperty(_) => false,
        }),
        _ => false,
    })
}
