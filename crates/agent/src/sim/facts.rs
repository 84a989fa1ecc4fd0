//! What several schemas ask of one value together: their keywords, merged, after a branch was taken wherever
//! they leave a choice.

use serde_json::{Map, Value};

use super::document::Document;
use super::number::Range;
use super::policy::Policy;

/// That a value satisfies a schema, or that it does not.
#[derive(Clone, Copy)]
pub(super) struct Claim<'s> {
    pub schema: &'s Value,
    pub holds: bool,
}

impl<'s> Claim<'s> {
    pub fn of(schema: &'s Value) -> Self {
        Self { schema, holds: true }
    }

    pub fn not(schema: &'s Value) -> Self {
        Self { schema, holds: false }
    }
}

/// The branches taken so far, so that they can be taken again, and then the next ones.
#[derive(Default)]
pub(super) struct Choices {
    /// (taken, of how many)
    taken: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    /// One of `0..of`; the first time always 0.
    pub fn take(&mut self, of: usize) -> usize {
        if self.at == self.taken.len() {
            self.taken.push((0, of));
        }
        let (taken, _) = self.taken[self.at];
        self.at += 1;
        taken
    }

    /// Starts over with the next combination; `false` when there is none left.
    pub fn advance(&mut self) -> bool {
        self.taken.truncate(self.at);
        self.at = 0;
        while let Some((taken, of)) = self.taken.pop() {
            if taken + 1 < of {
                self.taken.push((taken + 1, of));
                return true;
            }
        }
        false
    }
}

/// Kinds of JSON values as a set; a number is an integer or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub const NULL: Types = Types(1);
    pub const BOOLEAN: Types = Types(2);
    pub const INTEGER: Types = Types(4);
    pub const FRACTION: Types = Types(8);
    pub const NUMBER: Types = Types(12);
    pub const STRING: Types = Types(16);
    pub const ARRAY: Types = Types(32);
    pub const OBJECT: Types = Types(64);
    pub const ALL: Types = Types(127);

    pub fn named(name: &str) -> Types {
        match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => Types::ALL,
        }
    }

    pub fn of(value: &Value) -> Types {
        match value {
            Value::Null => Types::NULL,
            Value::Bool(_) => Types::BOOLEAN,
            Value::Number(number) => match number.as_f64() {
                Some(number) if number.fract() != 0.0 => Types::FRACTION,
                _ => Types::INTEGER,
            },
            Value::String(_) => Types::STRING,
            Value::Array(_) => Types::ARRAY,
            Value::Object(_) => Types::OBJECT,
        }
    }

    pub fn meets(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    fn without(self, other: Types) -> Types {
        Types(self.0 & !other.0)
    }
}

/// `properties`, `patternProperties` and `additionalProperties` of one schema, which belong together.
#[derive(Clone, Copy, Default)]
pub(super) struct ObjectPart<'s> {
    pub properties: Option<&'s Map<String, Value>>,
    pub patterns: Option<&'s Map<String, Value>>,
    pub additional: Option<&'s Value>,
}

/// `prefixItems` and `items` of one schema.
#[derive(Clone, Copy, Default)]
pub(super) struct ArrayPart<'s> {
    pub prefix: &'s [Value],
    pub items: Option<&'s Value>,
}

#[derive(Clone, Copy)]
pub(super) struct Contains<'s> {
    pub schema: &'s Value,
    pub min: usize,
    pub max: usize,
}

/// Least and most, both allowed.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub min: usize,
    pub max: usize,
}

impl Span {
    const ANY: Span = Span { min: 0, max: usize::MAX };

    fn least(&mut self, min: Option<usize>) {
        self.min = self.min.max(min.unwrap_or(0));
    }

    fn most(&mut self, max: Option<usize>) {
        self.max = self.max.min(max.unwrap_or(usize::MAX));
    }

    pub fn is_empty(self) -> bool {
        self.min > self.max
    }
}

pub(super) struct Facts<'s> {
    pub types: Types,
    /// Types that were named in the schemas, in their order; names a preference.
    pub named_types: Vec<Types>,
    /// The only values allowed.
    pub values: Option<Vec<&'s Value>>,
    pub excluded: Vec<&'s Value>,
    pub range: Range,
    pub length: Span,
    pub patterns: Vec<&'s str>,
    pub format: Option<&'s str>,
    pub examples: Vec<&'s str>,
    pub description: Option<&'s str>,
    pub arrays: Vec<ArrayPart<'s>>,
    pub items: Span,
    pub contains: Vec<Contains<'s>>,
    pub unique: bool,
    pub unevaluated_items: Option<&'s Value>,
    pub objects: Vec<ObjectPart<'s>>,
    pub properties: Span,
    pub required: Vec<&'s str>,
    pub forbidden: Vec<&'s str>,
    pub property_names: Vec<&'s Value>,
    pub dependent_required: Vec<(&'s str, Vec<&'s str>)>,
    /// Properties that must be there and must not satisfy their schema.
    pub negated: Vec<(&'s str, &'s Value)>,
    pub unevaluated_properties: Option<&'s Value>,
    /// The targets of references that were followed.
    pub followed: Vec<&'s Value>,
}

/// The keyword that leaves no value.
#[derive(Debug)]
pub(super) struct Nothing(pub &'static str);

/// Merges what `claims` ask for.
pub(super) fn gather<'s>(
    claims: &[Claim<'s>],
    document: &Document<'s>,
    policy: Policy,
    choices: &mut Choices,
) -> Result<Facts<'s>, Nothing> {
    let mut gather = Gather { document, policy, choices, facts: Facts::none() };
    for claim in claims {
        gather.claim(*claim)?;
    }
    let facts = gather.facts;
    if !facts.types.meets(Types::ALL) {
        return Err(Nothing("type"));
    }
    if facts.required.iter().any(|name| facts.forbidden.contains(name)) {
        return Err(Nothing("required"));
    }
    Ok(facts)
}

impl<'s> Facts<'s> {
    fn none() -> Self {
        Facts {
            types: Types::ALL,
            named_types: Vec::new(),
            values: None,
            excluded: Vec::new(),
            range: Range::default(),
            length: Span::ANY,
            patterns: Vec::new(),
            format: None,
            examples: Vec::new(),
            description: None,
            arrays: Vec::new(),
            items: Span::ANY,
            contains: Vec::new(),
            unique: false,
            unevaluated_items: None,
            objects: Vec::new(),
            properties: Span::ANY,
            required: Vec::new(),
            forbidden: Vec::new(),
            property_names: Vec::new(),
            dependent_required: Vec::new(),
            negated: Vec::new(),
            unevaluated_properties: None,
            followed: Vec::new(),
        }
    }

    /// The types to try, likeliest first.
    pub fn types_in_order(&self, is_root: bool) -> Vec<Types> {
        let hinted = [
            (is_root, Types::OBJECT),
            (!self.objects.is_empty() || !self.required.is_empty() || self.properties.min > 0, Types::OBJECT),
            (!self.arrays.is_empty() || !self.contains.is_empty() || self.items.min > 0, Types::ARRAY),
            (!self.patterns.is_empty() || self.format.is_some() || self.length.min > 0, Types::STRING),
            (self.range.is_bounded(), Types::NUMBER),
        ];
        let hinted = hinted.into_iter().filter_map(|(is_hinted, kind)| is_hinted.then_some(kind));
        let usual = [Types::STRING, Types::NUMBER, Types::BOOLEAN, Types::OBJECT, Types::ARRAY, Types::NULL];
        let mut order = Vec::new();
        let named = self.named_types.iter().copied().filter(|kind| *kind != Types::NULL);
        for kind in named.chain(hinted).chain(usual) {
            let kind = kind.and(self.types);
            if kind.meets(Types::ALL) && !order.contains(&kind) {
                order.push(kind);
            }
        }
        order
    }

    /// What is asked of the item at `place`.
    pub fn item_claims(&self, place: usize) -> Vec<Claim<'s>> {
        let schema = |part: &ArrayPart<'s>| part.prefix.get(place).or(part.items);
        let claims: Vec<Claim<'s>> = self.arrays.iter().filter_map(schema).map(Claim::of).collect();
        if claims.is_empty() && self.unevaluated_items.is_some() {
            // An item that `contains` speaks of counts as evaluated.
            let contains = self.contains.iter().find(|contains| contains.max == usize::MAX);
            let schema = contains.map(|contains| contains.schema).or(self.unevaluated_items);
            return schema.map(Claim::of).into_iter().collect();
        }
        claims
    }

    /// What is asked of the property `name`.
    pub fn property_claims(&self, name: &str) -> Vec<Claim<'s>> {
        let mut claims = Vec::new();
        for part in &self.objects {
            let before = claims.len();
            claims.extend(part.properties.and_then(|properties| properties.get(name)).map(Claim::of));
            let patterns = part.patterns.into_iter().flatten();
            claims.extend(
                patterns.filter(|(pattern, _)| matches(pattern, name)).map(|(_, schema)| Claim::of(schema)),
            );
            if claims.len() == before {
                claims.extend(part.additional.map(Claim::of));
            }
        }
        if claims.is_empty() {
            claims.extend(self.unevaluated_properties.map(Claim::of));
        }
        let negated = self.negated.iter().filter(|(negated, _)| *negated == name);
        claims.extend(negated.map(|(_, schema)| Claim::not(schema)));
        claims
    }
}

/// Whether a pattern is found in a name, as the validator finds it.
fn matches(pattern: &str, name: &str) -> bool {
    let schema = serde_json::json!({"pattern": pattern});
    jsonschema::draft202012::new(&schema).is_ok_and(|validator| validator.is_valid(&name.into()))
}

/// How many references are followed for one value: more is a circle.
const FOLLOWED_MAX: usize = 64;

struct Gather<'a, 's> {
    document: &'a Document<'s>,
    policy: Policy,
    choices: &'a mut Choices,
    facts: Facts<'s>,
}

impl<'s> Gather<'_, 's> {
    fn claim(&mut self, claim: Claim<'s>) -> Result<(), Nothing> {
        if claim.holds { self.holds(claim.schema) } else { self.fails(claim.schema) }
    }

    fn holds(&mut self, schema: &'s Value) -> Result<(), Nothing> {
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return Err(Nothing("false")),
            _ => return Ok(()),
        };
        let facts = &mut self.facts;
        let mut object = ObjectPart::default();
        let mut array = ArrayPart::default();
        let count = |value: &Value| value.as_f64().map(|count| count as usize);
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "type" => {
                    let named: Vec<Types> = strings(value).map(Types::named).collect();
                    facts.types = facts.types.and(named.iter().fold(Types(0), |all, kind| all.or(*kind)));
                    facts.named_types.extend(named);
                }
                "enum" => allow(facts, value.as_array().into_iter().flatten().collect()),
                "const" => allow(facts, vec![value]),
                "minimum" => facts.range.at_least(value),
                "maximum" => facts.range.at_most(value),
                "exclusiveMinimum" => facts.range.above(value),
                "exclusiveMaximum" => facts.range.below(value),
                "multipleOf" => facts.range.multiple_of(value),
                "minLength" => facts.length.least(count(value)),
                "maxLength" => facts.length.most(count(value)),
                "pattern" => facts.patterns.extend(value.as_str()),
                "format" => facts.format = facts.format.or(value.as_str()),
                "examples" => {
                    facts.examples.extend(value.as_array().into_iter().flatten().filter_map(Value::as_str))
                }
                "description" => facts.description = facts.description.or(value.as_str()),
                "prefixItems" => array.prefix = value.as_array().map(Vec::as_slice).unwrap_or_default(),
                "items" => array.items = Some(value),
                "minItems" => facts.items.least(count(value)),
                "maxItems" => facts.items.most(count(value)),
                "uniqueItems" => facts.unique |= value == &Value::Bool(true),
                "contains" => facts.contains.push(Contains {
                    schema: value,
                    min: keywords.get("minContains").and_then(count).unwrap_or(1),
                    max: keywords.get("maxContains").and_then(count).unwrap_or(usize::MAX),
                }),
                "unevaluatedItems" => facts.unevaluated_items = Some(value),
                "properties" => object.properties = value.as_object(),
                "patternProperties" => object.patterns = value.as_object(),
                "additionalProperties" => object.additional = Some(value),
                "unevaluatedProperties" => facts.unevaluated_properties = Some(value),
                "propertyNames" => facts.property_names.push(value),
                "minProperties" => facts.properties.least(count(value)),
                "maxProperties" => facts.properties.most(count(value)),
                "required" => facts.required.extend(strings(value)),
                "dependentRequired" => {
                    let map = value.as_object().into_iter().flatten();
                    facts
                        .dependent_required
                        .extend(map.map(|(name, then)| (name.as_str(), strings(then).collect())));
                }
                _ => (),
            }
        }
        if object.properties.is_some() || object.patterns.is_some() || object.additional.is_some() {
            facts.objects.push(object);
        }
        if !array.prefix.is_empty() || array.items.is_some() {
            facts.arrays.push(array);
        }
        self.applicators(schema, keywords)
    }

    /// The keywords that bring in other schemas for the same value.
    fn applicators(&mut self, schema: &'s Value, keywords: &'s Map<String, Value>) -> Result<(), Nothing> {
        let list = |keyword: &str| keywords.get(keyword).and_then(Value::as_array);
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(target) = self.document.target(schema, keyword) {
                if self.facts.followed.len() >= FOLLOWED_MAX {
                    return Err(Nothing(keyword));
                }
                self.facts.followed.push(target);
                self.holds(target)?;
            }
        }
        for part in list("allOf").into_iter().flatten() {
            self.holds(part)?;
        }
        if let Some(branches) = list("anyOf") {
            let order = self.branches(branches);
            let taken = order[self.choices.take(order.len())];
            self.holds(&branches[taken])?;
        }
        if let Some(branches) = list("oneOf") {
            let order = self.branches(branches);
            let taken = order[self.choices.take(order.len())];
            self.holds(&branches[taken])?;
            // Mostly the others fail by themselves; if not, they are made to.
            if branches.len() > 1 && self.choices.take(2) == 1 {
                for (i, other) in branches.iter().enumerate() {
                    if i != taken {
                        self.fails(other)?;
                    }
                }
            }
        }
        if let Some(not) = keywords.get("not") {
            self.fails(not)?;
        }
        if let Some(condition) = keywords.get("if") {
            let (then, otherwise) = (keywords.get("then"), keywords.get("else"));
            if then.is_some() || otherwise.is_some() {
                let (claim, branch) = match self.choices.take(2) {
                    0 => (Claim::of(condition), then),
                    _ => (Claim::not(condition), otherwise),
                };
                self.claim(claim)?;
                branch.map_or(Ok(()), |branch| self.holds(branch))?;
            }
        }
        if let Some(Value::Object(dependent)) = keywords.get("dependentSchemas") {
            for (name, then) in dependent {
                match self.choices.take(2) {
                    0 => self.holds(then)?,
                    _ => self.facts.forbidden.push(name),
                }
            }
        }
        Ok(())
    }

    /// Sees to it that `schema` fails, by one of its keywords; the first choice is to trust that it does anyway.
    fn fails(&mut self, schema: &'s Value) -> Result<(), Nothing> {
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return Ok(()),
            _ => return Err(Nothing("not")),
        };
        if keywords.is_empty() {
            return Err(Nothing("not"));
        }
        let mut ways: Vec<Way<'s>> = vec![Way::Trust];
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    ways.extend(properties.iter().map(|(name, schema)| Way::Property(name, schema)));
                }
                ("required", _) => ways.extend(strings(value).map(Way::Forbid)),
                ("allOf", Value::Array(all)) => ways.extend(all.iter().map(Way::Fail)),
                ("$ref", _) => ways.extend(self.document.target(schema, "$ref").map(Way::Fail)),
                ("not", _) => ways.push(Way::Hold(value)),
                ("anyOf", Value::Array(any)) => ways.push(Way::FailAll(any)),
                (
                    "type" | "const" | "enum" | "minimum" | "maximum" | "exclusiveMinimum"
                    | "exclusiveMaximum" | "minLength" | "maxLength" | "minItems" | "maxItems"
                    | "minProperties" | "maxProperties",
                    _,
                ) => ways.push(Way::Against(keyword, value)),
                _ => (),
            }
        }
        match ways[self.choices.take(ways.len())] {
            Way::Trust => Ok(()),
            Way::Forbid(name) => {
                self.facts.forbidden.push(name);
                Ok(())
            }
            Way::Property(name, schema) => {
                self.facts.negated.push((name, schema));
                Ok(())
            }
            Way::Hold(schema) => self.holds(schema),
            Way::Fail(schema) => {
                self.facts.followed.push(schema);
                if self.facts.followed.len() > FOLLOWED_MAX {
                    return Err(Nothing("not"));
                }
                self.fails(schema)
            }
            Way::FailAll(schemas) => schemas.iter().try_for_each(|schema| self.fails(schema)),
            Way::Against(keyword, value) => {
                against(&mut self.facts, keyword, value);
                Ok(())
            }
        }
    }

    /// The order in which to try branches: those that are null last; an enumeration by policy, as if an `enum`.
    fn branches(&self, branches: &[Value]) -> Vec<usize> {
        let is_null = |i: &usize| {
            let branch = &branches[*i];
            branch.get("type").is_some_and(|kind| kind == "null")
                || branch.get("const").is_some_and(Value::is_null)
        };
        let mut order: Vec<usize> = (0..branches.len()).collect();
        if self.policy.takes_last() && branches.iter().all(|branch| branch.get("const").is_some()) {
            order.reverse();
        }
        order.sort_by_key(is_null);
        order
    }
}

#[derive(Clone, Copy)]
enum Way<'s> {
    Trust,
    Forbid(&'s str),
    Property(&'s str, &'s Value),
    Hold(&'s Value),
    Fail(&'s Value),
    FailAll(&'s [Value]),
    Against(&'s str, &'s Value),
}

/// The opposite of one simple keyword.
fn against<'s>(facts: &mut Facts<'s>, keyword: &str, value: &'s Value) {
    let count = value.as_f64().map(|count| count as usize);
    let (less, more) =
        (count.map(|count| count.saturating_sub(1)), count.map(|count| count.saturating_add(1)));
    match keyword {
        "type" => facts.types = strings(value).map(Types::named).fold(facts.types, Types::without),
        "const" => facts.excluded.push(value),
        "enum" => facts.excluded.extend(value.as_array().into_iter().flatten()),
        "minimum" => facts.range.below(value),
        "maximum" => facts.range.above(value),
        "exclusiveMinimum" => facts.range.at_most(value),
        "exclusiveMaximum" => facts.range.at_least(value),
        "minLength" => facts.length.most(less),
        "maxLength" => facts.length.least(more),
        "minItems" => facts.items.most(less),
        "maxItems" => facts.items.least(more),
        "minProperties" => facts.properties.most(less),
        "maxProperties" => facts.properties.least(more),
        _ => (),
    }
}

fn allow<'s>(facts: &mut Facts<'s>, values: Vec<&'s Value>) {
    facts.values = Some(match facts.values.take() {
        None => values,
        Some(before) => before.into_iter().filter(|value| values.contains(value)).collect(),
    });
}

/// A string, or a list of them.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(list)
}
