//! `args`: used but not declared in `meta.args`, or read in another shape than is declared or given.

use fanfold_core::schema::nearest;
use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, IdentifierReference, VariableDeclarator};
use oxc_span::{GetSpan, Span};
use serde_json::{Map, Value};

use super::rules::{ARGS_SHAPE, ARGS_UNDECLARED};
use super::tree::{Tree, argument};
use super::{Found, LintCx};

/// Keywords by which a schema may allow properties that `properties` does not list.
const OPENS: [&str; 9] = [
    "patternProperties",
    "additionalProperties",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "unevaluatedProperties",
    "propertyNames",
];

/// What lists and strings have, for scripts that take `args` in several shapes.
const OF_LISTS: [&str; 14] = [
    "length",
    "map",
    "filter",
    "slice",
    "join",
    "trim",
    "split",
    "includes",
    "forEach",
    "flatMap",
    "some",
    "every",
    "at",
    "startsWith",
];

/// Names that lead to names: further than this nobody follows.
const DEPTH_MAX: usize = 3;

pub fn check(tree: &Tree, cx: &LintCx, found: &mut Found) {
    let uses: Vec<_> =
        tree.uses_of_global("args").into_iter().filter(|name| !is_asked_for(tree, name)).collect();
    let Some(first) = uses.first() else { return };
    let mut reads = Vec::new();
    uses.iter().for_each(|name| read_by(tree, name, &mut reads, 0));
    reads.sort_by_key(|read| read.at.start);
    if takes_several_shapes(tree) {
        reads.retain(|read| !OF_LISTS.contains(&read.name.as_str()));
    }
    match &tree.meta.args {
        Some(schema) => check_declared(schema, &reads, found),
        None => {
            let finding = found.report(
                ARGS_UNDECLARED,
                first.span,
                "`args` is used, and `meta.args` does not declare it",
            );
            finding.help(format!("declare it in `meta`: `args: {}`", suggestion(&reads)));
            if let Some(given) = cx.args {
                check_given(given, &reads, found);
            }
        }
    }
}

/// `args.path`, or `path` in `const { path } = args`.
struct Read {
    name: String,
    at: Span,
}

fn check_declared(schema: &Value, reads: &[Read], found: &mut Found) {
    let Value::Object(schema) = schema else { return };
    let kind = schema.get("type").and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| *kind != "object") {
        for read in reads.iter().filter(|read| !OF_LISTS.contains(&read.name.as_str())) {
            let message =
                format!("`{}` is read from `args`, which `meta.args` declares as of type {kind}", read.name);
            if ["string", "number", "integer", "boolean"].contains(&kind) {
                found.report(ARGS_SHAPE, read.at, message);
            }
        }
        return;
    }
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    if OPENS.iter().any(|key| schema.get(*key).is_some_and(|value| value != &Value::Bool(false))) {
        return;
    }
    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
    let mut told: Vec<&str> = Vec::new();
    for read in reads.iter().filter(|read| !properties.contains_key(&read.name)) {
        if told.contains(&read.name.as_str()) {
            continue;
        }
        told.push(&read.name);
        let message = format!("`meta.args` has no property `{}`", read.name);
        let finding = found.report(ARGS_SHAPE, read.at, message);
        if let Some(near) = nearest(&read.name, &known) {
            finding.help(format!("did you mean `{near}`? Else declare it in `meta.args`"));
        }
    }
}

fn check_given(given: &Value, reads: &[Read], found: &mut Found) {
    let kind = match given {
        Value::Object(_) => return,
        // A string that holds an object or a list is parsed.
        Value::String(text) if serde_json::from_str::<Map<String, Value>>(text).is_ok() => return,
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
    };
    if let Some(read) = reads.iter().find(|read| !OF_LISTS.contains(&read.name.as_str())) {
        let message = format!("`{}` is read from `args`, which was given as {kind}", read.name);
        let finding = found.report(ARGS_SHAPE, read.at, message);
        finding.help(format!("pass an object: `--args {}=…`", read.name));
    }
}

/// `typeof args`, `args === undefined`
fn is_asked_for(tree: &Tree, name: &IdentifierReference) -> bool {
    matches!(tree.parent(name.node_id()), AstKind::UnaryExpression(_) | AstKind::BinaryExpression(_))
}

fn takes_several_shapes(tree: &Tree) -> bool {
    let asks_for_list = tree.calls.iter().any(|call| {
        tree.is_static_call(call, "Array", "isArray")
            && argument(call, 0).is_some_and(|it| tree.global(it) == Some("args"))
    });
    asks_for_list || tree.uses_of_global("args").into_iter().any(|name| is_asked_for(tree, name))
}

/// The properties that are read through one use of `args`, or of a name that stands for it.
fn read_by(tree: &Tree, name: &IdentifierReference, reads: &mut Vec<Read>, depth: usize) {
    let (mut node, mut span) = (name.node_id(), name.span);
    loop {
        let parent = tree.parent(node);
        match parent {
            // `args ?? {}`, `ready ? args : {}`
            AstKind::LogicalExpression(it) if it.left.span() == span => (),
            AstKind::ConditionalExpression(it) if it.test.span() != span => (),
            AstKind::ChainExpression(_) => (),
            AstKind::StaticMemberExpression(it) if it.object.span() == span => {
                reads.push(Read { name: it.property.name.to_string(), at: it.property.span });
                return;
            }
            AstKind::ComputedMemberExpression(it) if it.object.span() == span => {
                let property = it.static_property_info();
                reads.extend(property.map(|(at, name)| Read { name: name.to_owned(), at }));
                return;
            }
            AstKind::VariableDeclarator(it) if depth < DEPTH_MAX => {
                read_by_declarator(tree, it, reads, depth);
                return;
            }
            _ => return,
        }
        (node, span) = (parent.node_id(), parent.span());
    }
}

fn read_by_declarator(tree: &Tree, it: &VariableDeclarator, reads: &mut Vec<Read>, depth: usize) {
    match &it.id {
        BindingPattern::ObjectPattern(pattern) => {
            for property in &pattern.properties {
                let name = property.key.static_name();
                reads.extend(name.map(|name| Read { name: name.into_owned(), at: property.key.span() }));
            }
        }
        BindingPattern::BindingIdentifier(name) => {
            let Some(symbol) = name.symbol_id.get() else { return };
            if !tree.scoping.symbol_is_mutated(symbol) {
                tree.references(symbol).iter().for_each(|name| read_by(tree, name, reads, depth + 1));
            }
        }
        BindingPattern::ArrayPattern(_) | BindingPattern::AssignmentPattern(_) => (),
    }
}

fn suggestion(reads: &[Read]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for read in reads.iter().filter(|read| !OF_LISTS.contains(&read.name.as_str())) {
        if !names.contains(&read.name.as_str()) {
            names.push(&read.name);
        }
    }
    if names.is_empty() {
        return "{ type: … }".into();
    }
    let properties: Vec<String> = names.iter().take(6).map(|name| format!("{name}: {{ … }}")).collect();
    format!("{{ type: 'object', properties: {{ {} }} }}", properties.join(", "))
}
