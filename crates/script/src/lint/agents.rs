//! One `agent(prompt, options)` as it is written: its options by name, and what of them is known.

use oxc_ast::ast::{CallExpression, Expression, ObjectPropertyKind};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};
use serde_json::{Map, Number, Value};

use super::tree::{Tree, argument};

const DEPTH_MAX: usize = 64;

/// A value with more parts is not looked at: names that stand for one another can make a short text a large value.
const VALUES_MAX: usize = 20_000;

#[derive(Clone, Copy)]
pub struct AgentCall<'a> {
    pub call: &'a CallExpression<'a>,
}

/// A property of an object as it is written.
#[derive(Clone, Copy)]
pub enum Property<'a> {
    Is(&'a Expression<'a>),
    Absent,
    /// Not to be told from the text.
    Unknown,
}

impl<'a> AgentCall<'a> {
    pub fn of(call: &'a CallExpression<'a>) -> Self {
        Self { call }
    }

    pub fn prompt(self) -> Option<&'a Expression<'a>> {
        argument(self.call, 0)
    }

    pub fn option(self, tree: &Tree<'a>, name: &str) -> Property<'a> {
        if self.call.arguments.len() < 2 {
            return Property::Absent;
        }
        argument(self.call, 1).map_or(Property::Unknown, |options| tree.property(options, name))
    }

    /// An option that is written out as a string.
    pub fn text_option(self, tree: &Tree<'a>, name: &str) -> Option<String> {
        match self.option(tree, name) {
            Property::Is(value) => tree.string(value),
            Property::Absent | Property::Unknown => None,
        }
    }
}

impl<'a> Tree<'a> {
    /// The property of an object literal, or of one that a name stands for.
    pub fn property(&self, object: &'a Expression<'a>, name: &str) -> Property<'a> {
        self.property_at(object, name, 0)
    }

    fn property_at(&self, object: &'a Expression<'a>, name: &str, depth: usize) -> Property<'a> {
        let Expression::ObjectExpression(object) = self.resolve(object) else { return Property::Unknown };
        if depth > DEPTH_MAX {
            return Property::Unknown;
        }
        for property in object.properties.iter().rev() {
            match property {
                ObjectPropertyKind::ObjectProperty(it) => match it.key.static_name() {
                    Some(key) if key == name => return Property::Is(&it.value),
                    Some(_) => (),
                    None => return Property::Unknown,
                },
                ObjectPropertyKind::SpreadProperty(it) => {
                    match self.property_at(&it.argument, name, depth + 1) {
                        Property::Absent => (),
                        known => return known,
                    }
                }
            }
        }
        Property::Absent
    }

    /// What a string is that is written out, in one piece or in several.
    pub fn string(&self, expression: &'a Expression<'a>) -> Option<String> {
        match self.value(expression)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Every string that an expression may be (`ready ? 'a' : 'b'`); what is not written out is left out.
    pub fn strings(&self, expression: &'a Expression<'a>) -> Vec<(String, &'a Expression<'a>)> {
        match expression {
            Expression::ConditionalExpression(it) => {
                [self.strings(&it.consequent), self.strings(&it.alternate)].concat()
            }
            Expression::LogicalExpression(it) => [self.strings(&it.left), self.strings(&it.right)].concat(),
            _ => self.string(expression).map(|text| (text, expression)).into_iter().collect(),
        }
    }

    /// What JSON an expression is that is written out.
    pub fn value(&self, expression: &'a Expression<'a>) -> Option<Value> {
        self.value_of(expression, &mut { VALUES_MAX }, 0)
    }

    fn value_of(&self, expression: &'a Expression<'a>, left: &mut usize, depth: usize) -> Option<Value> {
        *left = left.checked_sub(1)?;
        if depth > DEPTH_MAX {
            return None;
        }
        let mut value_in = |inner: &'a Expression<'a>| self.value_of(inner, left, depth + 1);
        Some(match self.resolve(expression) {
            Expression::StringLiteral(it) => Value::String(it.value.to_string()),
            Expression::BooleanLiteral(it) => Value::Bool(it.value),
            Expression::NullLiteral(_) => Value::Null,
            Expression::NumericLiteral(it) => number(it.value)?,
            Expression::UnaryExpression(it) if it.operator == UnaryOperator::UnaryNegation => {
                number(-value_in(&it.argument)?.as_f64()?)?
            }
            Expression::TemplateLiteral(it) => Value::String(it.single_quasi()?.to_string()),
            Expression::BinaryExpression(it) if it.operator == BinaryOperator::Addition => {
                Value::String([value_in(&it.left)?.as_str()?, value_in(&it.right)?.as_str()?].concat())
            }
            Expression::ArrayExpression(it) => {
                let items = it.elements.iter().map(|item| value_in(item.as_expression()?));
                Value::Array(items.collect::<Option<_>>()?)
            }
            Expression::ObjectExpression(it) => {
                let mut known = Map::new();
                for property in &it.properties {
                    match property {
                        ObjectPropertyKind::ObjectProperty(it) => {
                            // What is `undefined` is as if absent.
                            if !it.value.is_undefined() {
                                known.insert(it.key.static_name()?.into_owned(), value_in(&it.value)?);
                            }
                        }
                        ObjectPropertyKind::SpreadProperty(it) => match value_in(&it.argument)? {
                            Value::Object(spread) => known.extend(spread),
                            _ => return None,
                        },
                    }
                }
                Value::Object(known)
            }
            _ => return None,
        })
    }
}

fn number(value: f64) -> Option<Value> {
    let whole = value.fract() == 0.0 && value.abs() < 9e15;
    if whole { Some(Value::from(value as i64)) } else { Number::from_f64(value).map(Value::Number) }
}
