//! Schemas that are written out: such as no reply can satisfy, and such as describe no object.

use std::collections::HashSet;

use fanfold_core::Severity;
use fanfold_core::schema::{self, Schema};
use oxc_ast::ast::Expression;
use oxc_span::{GetSpan, Span};
use serde_json::Value;

use super::agents::Property;
use super::edits::Edit;
use super::rules::{SCHEMA_CONTRADICTION, SCHEMA_ROOT};
use super::tree::Tree;
use super::{Found, LintCx};

/// Roots that say elsewhere what they are.
const REFERENCES: [&str; 6] = ["$ref", "allOf", "anyOf", "oneOf", "if", "$dynamicRef"];

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    let mut seen = HashSet::new();
    for agent in &tree.agents {
        let Property::Is(written) = agent.option(tree, "schema") else { continue };
        let literal = tree.resolve(written);
        if !seen.insert(literal.span()) {
            continue;
        }
        let Some(schema) = tree.value(literal) else { continue };
        check_root(literal, &schema, found);
        if schema.is_object() && schema.get("type").is_none_or(|kind| kind == "object") {
            check_parts(tree, literal, &schema, found);
        }
    }
}

fn check_root(literal: &Expression, schema: &Value, found: &mut Found) {
    let Value::Object(fields) = schema else {
        let message = format!("a schema is an object, not {schema}");
        found.report(SCHEMA_ROOT, literal.span(), message).severity(Severity::Error);
        return;
    };
    match fields.get("type") {
        Some(kind) if kind == "object" => (),
        Some(kind) => {
            let message = format!("the root of the schema is of type {kind}, and a reply is an object");
            let finding = found.report(SCHEMA_ROOT, literal.span(), message);
            finding.severity(Severity::Error);
            finding.help(
                "put it into a property: `{ type: 'object', required: ['items'], properties: { items: … } }`",
            );
        }
        None if REFERENCES.iter().any(|key| fields.contains_key(*key)) => (),
        None => {
            let finding = found.report(SCHEMA_ROOT, literal.span(), "the root of the schema has no `type`");
            finding.help("write `type: 'object'`");
            if let Expression::ObjectExpression(object) = literal
                && !object.properties.is_empty()
            {
                let start = object.span.start + 1;
                finding.fix(vec![Edit::insert(start, " type: 'object',")]);
            }
        }
    }
}

fn check_parts<'a>(tree: &Tree<'a>, literal: &'a Expression<'a>, schema: &Value, found: &mut Found) {
    if let Err(problem) = Schema::compile(schema) {
        let at = place_of(tree, literal, &problem);
        found.report(SCHEMA_CONTRADICTION, at, format!("`agent()` refuses this schema: {problem}"));
        return;
    }
    for problem in schema::contradictions(schema) {
        let at = place_of(tree, literal, &problem);
        let finding = found.report(SCHEMA_CONTRADICTION, at, problem);
        finding.severity(Severity::Warning);
    }
}

/// Where the part stands that a message names (`/properties/a: …`), as far as it can be followed.
fn place_of<'a>(tree: &Tree<'a>, literal: &'a Expression<'a>, problem: &str) -> Span {
    let pointer = problem.split([' ', ':']).find(|word| word.starts_with('/')).unwrap_or_default();
    let mut at = literal;
    for step in pointer.split('/').skip(1) {
        let next = match (tree.property(at, step), tree.resolve(at)) {
            (Property::Is(next), _) => Some(next),
            (_, Expression::ArrayExpression(list)) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| list.elements.get(index))
                .and_then(|element| element.as_expression()),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    tree.resolve(at).span()
}
