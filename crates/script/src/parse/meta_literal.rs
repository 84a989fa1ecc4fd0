//! `export const meta = {…}`: found as the first statement and read from the tree, never by running it.

use fanfold_core::{Diagnostic, Meta};
use oxc_ast::ast::{
    ArrayExpressionElement, BindingPattern, Declaration, Expression, NumericLiteral, ObjectExpression,
    ObjectPropertyKind, Program, PropertyKey, PropertyKind, Statement, UnaryOperator, VariableDeclaration,
    VariableDeclarationKind,
};
use oxc_span::{GetSpan, Span};
use serde_json::{Map, Number, Value};

use super::refused::range;

pub const EXAMPLE: &str = "begin with what the workflow is:\nexport const meta = { name: 'review', description: 'Reviews the changed files' }";

const ALLOWED: &str = "`meta` is read without running it: write strings, numbers, booleans, null, arrays and objects out in full";

/// `meta` goes through JSON, whose readers have a limit (128) too.
const DEPTH_MAX: usize = 64;

/// Integers beyond this are no longer exact in JavaScript.
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

pub struct Read {
    pub meta: Meta,
    pub warnings: Vec<Diagnostic>,
}

/// Is this an `export` of a variable named `meta`?
pub fn is_meta_export(statement: &Statement) -> bool {
    declaration_of(statement).is_some_and(declares_meta)
}

pub fn read(program: &Program) -> Result<Read, Vec<Diagnostic>> {
    let declaration = find(program).map_err(|error| vec![error])?;
    let fault =
        |message: &str, span: Span, help: &str| vec![Diagnostic::error(message).at(range(span)).help(help)];
    if declaration.kind != VariableDeclarationKind::Const {
        return Err(fault("`meta` must be a constant", declaration.span, "write `export const meta = {…}`"));
    }
    let [declarator] = declaration.declarations.as_slice() else {
        return Err(fault(
            "`meta` must stand alone in its declaration",
            declaration.span,
            "declare the other variables in a statement of their own, below",
        ));
    };
    let init = declarator.init.as_ref().map(Expression::without_parentheses);
    let Some(Expression::ObjectExpression(object)) = init else {
        let span = declarator.init.as_ref().map_or(declarator.span, GetSpan::span);
        let runs_on = program.source_text[range(span)].starts_with('{');
        let help = if runs_on { "it runs on into what follows: put a `;` behind its `}`" } else { ALLOWED };
        return Err(fault("`meta` must be an object literal", span, help));
    };

    let mut reader = Reader::default();
    let literal = reader.object(object, 0);
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    let key_span = |key: &str| {
        let property = object.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(it) => (name_of(&it.key)?.0 == key).then_some(it),
            ObjectPropertyKind::SpreadProperty(_) => None,
        });
        property.map_or(object.span, |property| property.key.span())
    };
    match Meta::from_literal(&literal) {
        Ok((meta, warnings)) => {
            let at_key = |warning: String| {
                let span = key_span(key_named_in(&warning));
                Diagnostic::warning(warning).at(range(span))
            };
            Ok(Read { meta, warnings: warnings.into_iter().map(at_key).collect() })
        }
        Err(message) => {
            let span = match culprit(&literal) {
                Some(key) => key_span(&key),
                None => key_span(key_named_in(&message)),
            };
            Err(vec![Diagnostic::error(message).at(range(span)).help(EXAMPLE)])
        }
    }
}

/// `text` with spaces in place of `meta`'s `export`.
pub fn without_export(program: &Program, text: &str) -> String {
    let mut body = text.to_owned();
    if let Some(Statement::ExportDeclaration(export)) = program.body.iter().find(|it| is_meta_export(it)) {
        let start = export.span.start as usize;
        body.replace_range(start..start + "export".len(), "      ");
    }
    body
}

fn find<'p, 'a>(program: &'p Program<'a>) -> Result<&'p VariableDeclaration<'a>, Diagnostic> {
    let mut statements = program.body.iter().filter(|it| !matches!(it, Statement::EmptyStatement(_)));
    let first = statements.next();
    if let Some(declaration) = first.and_then(declaration_of).filter(|it| declares_meta(it)) {
        return Ok(declaration);
    }
    if let Some(later) = program.body.iter().find(|it| is_meta_export(it)) {
        let before = first.map_or("something", |first| statement_kind(first));
        return Err(Diagnostic::error(format!(
            "`meta` must be the first statement, but {before} stands before it"
        ))
        .at(range(Span::sized(later.span().start, "export const meta".len() as u32)))
        .help("move `export const meta = {…}` to the top"));
    }
    let unexported = program.body.iter().find_map(|it| match it {
        Statement::VariableDeclaration(declaration) if declares_meta(declaration) => Some(declaration),
        _ => None,
    });
    if let Some(declaration) = unexported {
        return Err(Diagnostic::error("`meta` is not exported")
            .at(range(Span::sized(declaration.span.start, "const meta".len() as u32)))
            .help("write `export const meta = {…}` as the first statement"));
    }
    let error = Diagnostic::error("the script has no `meta`").help(EXAMPLE);
    Err(match first {
        Some(first) => error.at(range(Span::empty(first.span().start))),
        None => error,
    })
}

fn declaration_of<'p, 'a>(statement: &'p Statement<'a>) -> Option<&'p VariableDeclaration<'a>> {
    match statement {
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(declaration) => Some(declaration),
            _ => None,
        },
        _ => None,
    }
}

fn declares_meta(declaration: &VariableDeclaration) -> bool {
    declaration
        .declarations
        .iter()
        .any(|it| matches!(&it.id, BindingPattern::BindingIdentifier(id) if id.name == "meta"))
}

fn statement_kind(statement: &Statement) -> &'static str {
    match statement {
        Statement::ImportDeclaration(_) => "an `import`",
        Statement::FunctionDeclaration(_) => "a function",
        Statement::ClassDeclaration(_) => "a class",
        Statement::VariableDeclaration(_) => "a declaration",
        _ => "another one",
    }
}

/// The key whose value alone makes `meta` invalid.
fn culprit(literal: &Value) -> Option<String> {
    let fields = literal.as_object()?;
    fields.iter().find_map(|(key, value)| {
        let mut alone = serde_json::json!({ "name": "n", "description": "d" });
        alone[key] = value.clone();
        Meta::from_literal(&alone).is_err().then(|| key.clone())
    })
}

/// `phasis` of "unknown key `meta.phasis` …".
fn key_named_in(message: &str) -> &str {
    message.split_once("`meta.").and_then(|(_, rest)| rest.split_once('`')).map_or("", |(key, _)| key)
}

/// A key as text, where it has to be no expression.
fn name_of(key: &PropertyKey) -> Option<(String, bool)> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some((name.name.to_string(), false)),
        PropertyKey::StringLiteral(text) => Some((text.value.to_string(), text.lone_surrogates)),
        PropertyKey::NumericLiteral(number) => Some((number.raw_str().into_owned(), false)),
        _ => None,
    }
}

/// Reads values, and goes on after an error to find the others.
#[derive(Default)]
struct Reader {
    errors: Vec<Diagnostic>,
}

impl Reader {
    fn refuse(&mut self, what: &str, span: Span) -> Value {
        self.errors.push(Diagnostic::error(format!("{what} in `meta`")).at(range(span)).help(ALLOWED));
        Value::Null
    }

    fn value(&mut self, expression: &Expression, depth: usize) -> Value {
        let span = expression.span();
        if depth > DEPTH_MAX {
            return self.refuse(&format!("a value nested more than {DEPTH_MAX} deep"), span);
        }
        match expression {
            Expression::StringLiteral(text) if text.lone_surrogates => {
                self.refuse("half of a surrogate pair", span)
            }
            Expression::StringLiteral(text) => Value::String(text.value.to_string()),
            Expression::TemplateLiteral(template) => {
                match (template.quasis.as_slice(), template.expressions.first()) {
                    (_, Some(inside)) => self.refuse("an interpolation", inside.span()),
                    ([only], None) if !only.lone_surrogates => {
                        Value::String(only.value.cooked.as_ref().map_or(String::new(), ToString::to_string))
                    }
                    _ => self.refuse("half of a surrogate pair", span),
                }
            }
            Expression::NumericLiteral(number) => self.number(number, 1.0, span),
            Expression::UnaryExpression(unary) => match (&unary.operator, &unary.argument) {
                (UnaryOperator::UnaryNegation, Expression::NumericLiteral(number)) => {
                    self.number(number, -1.0, span)
                }
                (UnaryOperator::UnaryPlus, Expression::NumericLiteral(number)) => {
                    self.number(number, 1.0, span)
                }
                _ => self.refuse("an operator", span),
            },
            Expression::BooleanLiteral(boolean) => Value::Bool(boolean.value),
            Expression::NullLiteral(_) => Value::Null,
            Expression::ArrayExpression(array) => array
                .elements
                .iter()
                .map(|element| match element {
                    ArrayExpressionElement::SpreadElement(spread) => self.refuse("a spread", spread.span),
                    ArrayExpressionElement::Elision(hole) => self.refuse("a hole in an array", hole.span),
                    element => match element.as_expression() {
                        Some(expression) => self.value(expression, depth + 1),
                        None => self.refuse("an expression", element.span()),
                    },
                })
                .collect(),
            Expression::ObjectExpression(object) => self.object(object, depth),
            Expression::ParenthesizedExpression(inner) => self.value(&inner.expression, depth),
            other => self.refuse(&what_is(other), span),
        }
    }

    fn number(&mut self, number: &NumericLiteral, sign: f64, span: Span) -> Value {
        let value = number.value * sign;
        if value.fract() == 0.0 && value.abs() <= SAFE_INTEGER_MAX {
            return if value < 0.0 { Value::from(value as i64) } else { Value::from(value as u64) };
        }
        match Number::from_f64(value) {
            Some(number) => Value::Number(number),
            None => self.refuse("a number that is not finite", span),
        }
    }

    fn object(&mut self, object: &ObjectExpression, depth: usize) -> Value {
        let mut fields = Map::new();
        for property in &object.properties {
            let property = match property {
                ObjectPropertyKind::ObjectProperty(property) => property,
                ObjectPropertyKind::SpreadProperty(spread) => {
                    self.refuse("a spread", spread.span);
                    continue;
                }
            };
            let key = if property.computed { None } else { name_of(&property.key) };
            let key = match key {
                _ if property.kind != PropertyKind::Init => {
                    self.refuse("a getter or setter", property.span);
                    continue;
                }
                _ if property.method => {
                    self.refuse("a method", property.span);
                    continue;
                }
                _ if property.shorthand => {
                    self.refuse("a shorthand property, which is a variable,", property.span);
                    continue;
                }
                None => {
                    self.refuse("a computed key", property.key.span());
                    continue;
                }
                Some((_, true)) => {
                    self.refuse("half of a surrogate pair", property.key.span());
                    continue;
                }
                Some((key, false)) => key,
            };
            let value = self.value(&property.value, depth + 1);
            if key == "__proto__" {
                self.refuse("the key `__proto__`, which is no field,", property.key.span());
            } else if fields.insert(key.clone(), value).is_some() {
                self.refuse(&format!("the key `{key}` a second time"), property.key.span());
            }
        }
        Value::Object(fields)
    }
}

fn what_is(expression: &Expression) -> String {
    match expression {
        Expression::Identifier(name) => format!("the variable `{}`", name.name),
        Expression::CallExpression(_) | Expression::NewExpression(_) => "a call".into(),
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => "a function".into(),
        Expression::TaggedTemplateExpression(_) => "a tagged template".into(),
        Expression::BigIntLiteral(_) => "a BigInt".into(),
        Expression::RegExpLiteral(_) => "a regular expression".into(),
        Expression::BinaryExpression(_)
        | Expression::LogicalExpression(_)
        | Expression::ConditionalExpression(_) => "an operator".into(),
        _ => "an expression".into(),
    }
}
