//! From a schema to values that satisfy it.
//!
//! A schema is solved once into a [`Plan`], which fixes what is the same for every agent (properties, lengths,
//! branches); drawing from the plan fills in its strings and numbers. Whatever is drawn is validated.

use std::sync::Arc;

use fanfold_core::schema::Schema;
use serde_json::{Map, Value};

use super::draw::Draws;
use super::number::Ladder;
use super::policy::Policy;
use super::solve;
use super::strings::TextPlan;
use super::text::Topic;

/// How to make values of one schema under one policy.
pub(super) struct Template {
    schema: Schema,
    plan: Plan,
    /// A value that is known to be valid.
    sample: Value,
}

/// The shape of a value, with its strings and numbers left open.
pub(super) enum Plan {
    Fixed(Value),
    /// One of several, the preferred one first.
    AnyOf(Vec<Value>),
    Number(Ladder),
    Text(Box<TextPlan>),
    /// `is_unique`: cut short where no further distinct item is found.
    Array {
        items: Vec<Arc<Plan>>,
        is_unique: bool,
    },
    Object(Vec<(String, Arc<Plan>)>),
    /// The plan, but this many steps on: its first values are not valid here.
    Later(u64, Arc<Plan>),
}

/// What a plan is filled in with.
pub(super) struct Filling<'a> {
    pub draws: &'a mut Draws,
    pub topic: Topic<'a>,
    /// Real paths, if any are known.
    pub files: &'a [String],
    /// Where in the lists of texts this agent starts.
    pub offset: usize,
}

/// How often a drawn value that turns out to be invalid is drawn again.
const REDRAWS: u64 = 4;
/// Places in the lists of texts at which agents start; few enough that the texts stay plain.
const OFFSETS: u64 = 192;
/// How many alternatives of an item are tried to tell it from those before it.
const DISTINCT_TRIES: u64 = 512;

impl Template {
    /// `Err`: the schema is invalid, or no value was found; names the keyword that stands in the way.
    pub fn new(schema: &Value, policy: Policy, files: &[String]) -> Result<Self, String> {
        let compiled = Schema::compile(schema)?;
        let (plan, sample) = solve::solve(schema, policy, files, &compiled)?;
        Ok(Self { schema: compiled, plan, sample })
    }

    /// A value that satisfies the schema.
    pub fn draw(&self, draws: &mut Draws, prompt: &str, files: &[String]) -> Value {
        let mut filling = Filling::new(draws, prompt, files);
        (0..REDRAWS)
            .map(|skip| filling.fill(&self.plan, skip))
            .find(|value| self.schema.validate(value).is_ok())
            .unwrap_or_else(|| self.sample.clone())
    }

    /// See [`Schema::validate`].
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.schema.validate(value)
    }
}

impl<'a> Filling<'a> {
    pub fn new(draws: &'a mut Draws, prompt: &'a str, files: &'a [String]) -> Self {
        let offset = draws.below(OFFSETS) as usize;
        Self { draws, topic: Topic::new(prompt), files, offset }
    }

    /// A value of the plan; another one for each `skip`, as far as there are others.
    pub fn fill(&mut self, plan: &Plan, skip: u64) -> Value {
        self.value(plan, 0, &mut { skip })
    }

    /// `nth`: the place among like values. `skip` is spent as a number of mixed radix, one digit a leaf, so that
    /// counting it up walks through all combinations.
    fn value(&mut self, plan: &Plan, nth: usize, skip: &mut u64) -> Value {
        match plan {
            Plan::Fixed(value) => value.clone(),
            Plan::AnyOf(values) => values[digit(skip, values.len() as u64) as usize].clone(),
            Plan::Number(ladder) => {
                let skipped = digit(skip, ladder.len());
                ladder.number(self.draws.below(ladder.width()), skipped)
            }
            Plan::Text(text) => {
                let skipped = digit(skip, 1 << 10);
                Value::String(text.draw(self, nth, skipped))
            }
            Plan::Array { items, is_unique } => {
                let mut values: Vec<Value> = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    let place = nth * items.len() + i;
                    if !is_unique {
                        values.push(match &**item {
                            // A list of choices goes through them, rather than repeat the first.
                            Plan::AnyOf(choices) if !choices[0].is_boolean() => {
                                let skipped = digit(skip, choices.len() as u64) as usize;
                                choices[(skipped + i) % choices.len()].clone()
                            }
                            item => self.value(item, place, skip),
                        });
                        continue;
                    }
                    let from = std::mem::take(skip);
                    let other = (from..from + DISTINCT_TRIES)
                        .map(|tried| self.value(item, place, &mut { tried }))
                        .find(|value| !values.contains(value));
                    match other {
                        Some(value) => values.push(value),
                        None => break,
                    }
                }
                Value::Array(values)
            }
            Plan::Object(properties) => {
                let mut object = Map::with_capacity(properties.len());
                for (name, plan) in properties {
                    object.insert(name.clone(), self.value(plan, nth, skip));
                }
                Value::Object(object)
            }
            Plan::Later(by, plan) => {
                let mut later = *skip + by;
                *skip = 0;
                self.value(plan, nth, &mut later)
            }
        }
    }
}

fn digit(number: &mut u64, base: u64) -> u64 {
    let base = base.max(1);
    let digit = *number % base;
    *number /= base;
    digit
}
