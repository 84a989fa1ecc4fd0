//! Finds a plan whose values satisfy a schema: a search over the branches that the schema leaves open.
//!
//! Most schemas leave none, so the first try is trusted and only its outcome is validated. When that fails, the
//! search checks each part against its own subschemas as it goes, and goes back where one does not hold.

use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use fanfold_core::schema::Schema;
use jsonschema::{Validator, ValidatorMap};
use serde_json::Value;

use super::document::Document;
use super::draw::Draws;
use super::facts::{Choices, Claim, Contains, Facts, Nothing, Types, gather};
use super::number;
use super::pattern::Pattern;
use super::policy::Policy;
use super::strings::TextPlan;
use super::text::{WORDS, reports_faults};
use super::value::{Filling, Plan};

/// How often a schema may be met inside itself before optional parts of it end.
const NESTED_MAX: usize = 2;
/// How many levels deep a value may be.
const DEPTH_MAX: usize = 64;
/// How many branches of one subschema are tried.
const TRIES_MAX: usize = 400;
/// How many subschemas are tried in all, before the schema counts as too tangled.
const STEPS_MAX: usize = 20_000;
/// An array or a map that has to be longer than this is not made.
const ITEMS_MAX: usize = 10_000;
/// How many alternatives of a drawn value are checked.
const ALTERNATIVES: u64 = 24;
/// A value of more nodes than this is wide enough: further arrays have two items.
const WIDE_NODES_MAX: usize = 5_000;

/// A plan, and a value of it that is valid. `Err`: which keyword cannot be honoured, where, and why.
pub(super) fn solve(
    root: &Value,
    policy: Policy,
    files: &[String],
    schema: &Schema,
) -> Result<(Plan, Value), String> {
    let document = Document::new(root);
    let mut problem = String::new();
    for is_checked in [false, true] {
        let checks = if is_checked {
            Some(
                jsonschema::draft202012::options()
                    .build_map(root)
                    .map_err(|err| format!("invalid schema: {err}"))?,
            )
        } else {
            None
        };
        let mut solver = Solver {
            document: &document,
            policy,
            files,
            checks,
            nesting: HashMap::new(),
            depth: 0,
            steps: 0,
            nodes: 0,
            blame: None,
        };
        match solver.value(&[Claim::of(root)], "") {
            Ok(plan) => {
                for skip in 0..ALTERNATIVES {
                    let value = solver.sample(&plan, skip);
                    match schema.validate(&value) {
                        Ok(()) => return Ok((plan, value)),
                        Err(violation) if skip == 0 => problem = violation,
                        Err(_) => (),
                    }
                }
            }
            Err(cannot) => {
                let blame = solver.blame.take().unwrap_or_else(|| cannot.to_string());
                problem = blame;
            }
        }
    }
    Err(problem)
}

/// Why there is no plan for a part of a schema.
#[derive(Clone, Debug, thiserror::Error)]
enum Cannot {
    #[error("`{keyword}` at {place}")]
    Keyword { keyword: String, place: String },
    #[error("it nests without end")]
    TooDeep,
    #[error("it leaves too many branches open")]
    TooTangled,
}

struct Solver<'a, 's> {
    document: &'a Document<'s>,
    policy: Policy,
    files: &'a [String],
    /// Validators of all subschemas, when parts are checked as they are made.
    checks: Option<ValidatorMap>,
    /// How often each referenced schema is being solved right now.
    nesting: HashMap<*const Value, usize>,
    depth: usize,
    steps: usize,
    nodes: usize,
    /// The first keyword that stood in the way.
    blame: Option<String>,
}

impl<'s> Solver<'_, 's> {
    /// A plan for a value of which all `claims` are true; `name`: the property it is for.
    fn value(&mut self, claims: &[Claim<'s>], name: &str) -> Result<Plan, Cannot> {
        if self.depth >= DEPTH_MAX {
            return Err(Cannot::TooDeep);
        }
        self.depth += 1;
        let plan = self.branches(claims, name);
        self.depth -= 1;
        plan
    }

    fn branches(&mut self, claims: &[Claim<'s>], name: &str) -> Result<Plan, Cannot> {
        let mut choices = Choices::default();
        let mut first = None;
        for _ in 0..TRIES_MAX {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err(Cannot::TooTangled);
            }
            let nodes = self.nodes;
            match self.branch(claims, name, &mut choices) {
                Ok(plan) => return Ok(plan),
                Err(Cannot::TooTangled) => return Err(Cannot::TooTangled),
                Err(cannot) => {
                    self.nodes = nodes;
                    first.get_or_insert(cannot);
                }
            }
            if !choices.advance() {
                break;
            }
        }
        let cannot = first.unwrap_or(Cannot::TooTangled);
        if self.blame.is_none() && matches!(cannot, Cannot::Keyword { .. }) {
            self.blame = Some(cannot.to_string());
        }
        Err(cannot)
    }

    fn branch(&mut self, claims: &[Claim<'s>], name: &str, choices: &mut Choices) -> Result<Plan, Cannot> {
        let facts = gather(claims, self.document, self.policy, choices)
            .map_err(|Nothing(keyword)| self.at(claims, keyword))?;
        let followed: Vec<*const Value> =
            facts.followed.iter().map(|schema| ptr::from_ref(*schema)).collect();
        if followed.iter().any(|schema| self.nesting.get(schema).is_some_and(|count| *count >= NESTED_MAX)) {
            return Err(Cannot::TooDeep);
        }
        for schema in &followed {
            *self.nesting.entry(*schema).or_default() += 1;
        }
        let plan = self.typed(claims, &facts, name, choices);
        for schema in &followed {
            *self.nesting.entry(*schema).or_default() -= 1;
        }
        self.checked(claims, plan?)
    }

    fn typed(
        &mut self,
        claims: &[Claim<'s>],
        facts: &Facts<'s>,
        name: &str,
        choices: &mut Choices,
    ) -> Result<Plan, Cannot> {
        self.nodes += 1;
        let is_faultless = self.policy.finds_no_fault() && reports_faults(name);
        if let Some(values) = &facts.values {
            let mut values: Vec<&Value> = values.clone();
            values.retain(|value| facts.types.meets(Types::of(value)) && !facts.excluded.contains(value));
            values.retain(|value| self.problem(claims, value).is_none());
            if self.policy.takes_last() {
                values.reverse();
            }
            values.sort_by_key(|value| value.is_null() != (is_faultless && value.is_null()));
            return match values.as_slice() {
                [] => Err(self.at(claims, "enum")),
                [only] => Ok(Plan::Fixed((*only).clone())),
                [..] => Ok(Plan::AnyOf(values.into_iter().cloned().collect())),
            };
        }
        let order = facts.types_in_order(self.depth == 1);
        let kind = match order[choices.take(order.len())] {
            _ if is_faultless
                && facts.named_types.contains(&Types::NULL)
                && facts.types.meets(Types::NULL) =>
            {
                Types::NULL
            }
            kind => kind,
        };
        match kind {
            Types::NULL => Ok(Plan::Fixed(Value::Null)),
            Types::BOOLEAN => {
                let first = self.policy.boolean();
                let values = [first, !first].map(Value::Bool);
                Ok(Plan::AnyOf(values.into_iter().filter(|value| !facts.excluded.contains(&value)).collect()))
            }
            Types::STRING => {
                if is_faultless
                    && facts.length.min == 0
                    && facts.patterns.is_empty()
                    && facts.format.is_none()
                {
                    return Ok(Plan::Fixed("".into()));
                }
                let text = TextPlan::new(name, facts).map_err(|keyword| self.at(claims, keyword))?;
                if text.works() { Ok(Plan::Text(Box::new(text))) } else { Err(self.at(claims, "pattern")) }
            }
            Types::ARRAY => self.array(claims, facts, name, is_faultless),
            Types::OBJECT => self.object(claims, facts, name, choices),
            _ => {
                let is_integer = !facts.types.meets(Types::FRACTION);
                let ladder = facts.range.ladder(is_integer, number::usual(name, is_integer));
                let ladder = ladder.ok_or_else(|| self.at(claims, "multipleOf"))?;
                // Bounds too large to count with are values themselves.
                let mut ways = vec![Plan::Number(ladder.clone())];
                ways.extend(facts.range.ends().map(Plan::Fixed));
                if is_faultless {
                    ways.insert(0, Plan::Fixed(ladder.least()));
                }
                let taken = choices.take(ways.len());
                Ok(ways.swap_remove(taken))
            }
        }
    }

    fn array(
        &mut self,
        claims: &[Claim<'s>],
        facts: &Facts<'s>,
        name: &str,
        is_faultless: bool,
    ) -> Result<Plan, Cannot> {
        if facts.items.is_empty() {
            return Err(self.at(claims, "maxItems"));
        }
        if facts.items.min > ITEMS_MAX {
            return Err(self.at(claims, "minItems"));
        }
        let is_nested = self.nesting.values().any(|count| *count > 1);
        let wanted = match self.policy.items() {
            _ if is_faultless => 0,
            many if many > 2 && (is_nested || self.nodes > WIDE_NODES_MAX) => 2,
            items => items,
        };
        let prefix = facts.arrays.iter().map(|part| part.prefix.len()).max().unwrap_or(0);
        let wanted = if wanted > 0 { wanted.max(prefix) } else { 0 };
        let length = wanted.clamp(facts.items.min, facts.items.max);
        let mut placed = self.contained(claims, facts, name)?;
        let needed = placed.iter().map(|(place, _)| place + 1).max().unwrap_or(0);

        let mut items: Vec<Arc<Plan>> = Vec::new();
        let mut shared: Option<Arc<Plan>> = None;
        for place in 0..length.max(needed) {
            if let Some(at) = placed.iter().position(|(taken, _)| *taken == place) {
                items.push(placed.swap_remove(at).1);
                continue;
            }
            let is_alike = place >= prefix;
            if is_alike && let Some(plan) = &shared {
                self.nodes += 1;
                items.push(plan.clone());
                continue;
            }
            let mut wants = facts.item_claims(place);
            for contains in &facts.contains {
                if contains.max <= contains.min {
                    wants.push(Claim::not(contains.schema));
                }
            }
            let surplus = facts
                .contains
                .iter()
                .any(|contains| contains.max < usize::MAX && contains.max > contains.min);
            if surplus && place >= needed {
                wants.extend(facts.contains.iter().map(|contains| Claim::not(contains.schema)));
            }
            match self.value(&wants, name) {
                Ok(plan) => {
                    let plan = Arc::new(plan);
                    if is_alike {
                        shared = Some(plan.clone());
                    }
                    items.push(plan);
                }
                // What may be left out is left out.
                Err(Cannot::TooTangled) => return Err(Cannot::TooTangled),
                Err(_) if place >= facts.items.min && placed.is_empty() => break,
                Err(cannot) => return Err(cannot),
            }
        }
        Ok(Plan::Array { items, is_unique: facts.unique })
    }

    /// Plans for the items that `contains` needs, each with its place.
    fn contained(
        &mut self,
        claims: &[Claim<'s>],
        facts: &Facts<'s>,
        name: &str,
    ) -> Result<Vec<(usize, Arc<Plan>)>, Cannot> {
        let mut placed: Vec<(usize, Arc<Plan>)> = Vec::new();
        for Contains { schema, min, max } in facts.contains.iter().copied() {
            if min > max {
                return Err(self.at(claims, "maxContains"));
            }
            if min > ITEMS_MAX {
                return Err(self.at(claims, "minContains"));
            }
            let mut left = min;
            let mut place = 0;
            let prefix = facts.arrays.iter().map(|part| part.prefix.len()).max().unwrap_or(0);
            // The first places may belong to others; past them all places are alike.
            while left > 0 {
                let is_free = placed.iter().all(|(taken, _)| *taken != place);
                if is_free {
                    let mut wants = facts.item_claims(place);
                    wants.push(Claim::of(schema));
                    match self.value(&wants, name) {
                        Ok(plan) => {
                            placed.push((place, Arc::new(plan)));
                            left -= 1;
                        }
                        Err(_) if place < prefix => (),
                        Err(cannot) => return Err(cannot),
                    }
                }
                place += 1;
                if place > facts.items.max {
                    return Err(self.at(claims, "contains"));
                }
            }
        }
        Ok(placed)
    }

    fn object(
        &mut self,
        claims: &[Claim<'s>],
        facts: &Facts<'s>,
        name: &str,
        choices: &mut Choices,
    ) -> Result<Plan, Cannot> {
        if facts.properties.is_empty() {
            return Err(self.at(claims, "maxProperties"));
        }
        if facts.properties.min > ITEMS_MAX {
            return Err(self.at(claims, "minProperties"));
        }
        let mut required: Vec<&str> = Vec::new();
        let mut optional: Vec<&str> = Vec::new();
        let negated = facts.negated.iter().map(|(name, _)| *name);
        for name in facts.required.iter().copied().chain(negated) {
            if !required.contains(&name) {
                required.push(name);
            }
        }
        let declared = facts.objects.iter().filter_map(|part| part.properties).flatten();
        let declared: Vec<&str> = declared.map(|(name, _)| name.as_str()).collect();
        for name in &declared {
            if !required.contains(name) && !optional.contains(name) && !facts.forbidden.contains(name) {
                optional.push(name);
            }
        }
        let given = self.selection(&optional, choices);
        let mut names = declared.clone();
        names.extend(&required);
        names.retain(|name| required.contains(name) || given.contains(name));
        // What is there may need others.
        let mut at = 0;
        while at < names.len() {
            let present = names[at];
            for (_, then) in facts.dependent_required.iter().filter(|(name, _)| *name == present) {
                for name in then {
                    if facts.forbidden.contains(name) {
                        return Err(self.at(claims, "dependentRequired"));
                    }
                    names.push(name);
                    required.push(name);
                }
            }
            if names[..at].contains(&present) {
                names.remove(at);
            } else {
                at += 1;
            }
        }

        let mut properties: Vec<(String, Arc<Plan>)> = Vec::new();
        let mut left = facts.properties.max;
        let must = names.iter().filter(|name| required.contains(name)).count();
        let mut spare = left.saturating_sub(must);
        for property in names {
            let is_required = required.contains(&property);
            let wants = facts.property_claims(property);
            let is_named_well =
                facts.property_names.iter().all(|schema| self.allows(schema, &property.into()));
            if !is_required && (spare == 0 || !is_named_well) {
                continue;
            }
            match self.value(&wants, property) {
                Ok(plan) => {
                    properties.push((property.to_owned(), Arc::new(plan)));
                    left = left.saturating_sub(1);
                    spare = spare.saturating_sub(usize::from(!is_required));
                }
                Err(Cannot::TooTangled) => return Err(Cannot::TooTangled),
                Err(cannot) if is_required => return Err(cannot),
                Err(_) => (),
            }
        }
        self.further(claims, facts, name, &mut properties, &declared)?;
        Ok(Plan::Object(properties))
    }

    /// Which optional properties are given: all; if that does not hold, none, all but one, or only one.
    fn selection<'n>(&self, optional: &[&'n str], choices: &mut Choices) -> Vec<&'n str> {
        let count = optional.len();
        let ways = if self.checks.is_some() && count > 0 { 2 + 2 * count } else { 1 };
        match choices.take(ways) {
            0 => optional.to_vec(),
            1 => Vec::new(),
            way if way < 2 + count => {
                let without = way - 2;
                optional.iter().enumerate().filter(|(i, _)| *i != without).map(|(_, name)| *name).collect()
            }
            way => vec![optional[way - 2 - count]],
        }
    }

    /// Properties that no schema names: the entries of a map, or as many as `minProperties` needs.
    fn further(
        &mut self,
        claims: &[Claim<'s>],
        facts: &Facts<'s>,
        name: &str,
        properties: &mut Vec<(String, Arc<Plan>)>,
        declared: &[&str],
    ) -> Result<(), Cannot> {
        let is_map = declared.is_empty()
            && facts.required.is_empty()
            && facts
                .objects
                .iter()
                .any(|part| part.patterns.is_some() || part.additional.is_some_and(Value::is_object));
        let entries = if is_map && !(self.policy.finds_no_fault() && reports_faults(name)) {
            self.policy.items()
        } else {
            0
        };
        let is_nested = self.nesting.values().any(|count| *count > 1);
        let entries = if is_nested || self.nodes > WIDE_NODES_MAX { entries.min(2) } else { entries };
        let wanted = entries.clamp(facts.properties.min, facts.properties.max);
        if properties.len() >= wanted {
            return Ok(());
        }
        let mut shared: HashMap<Vec<*const Value>, Option<Arc<Plan>>> = HashMap::new();
        for candidate in self.names(facts, wanted) {
            if properties.len() >= wanted {
                return Ok(());
            }
            let is_taken = properties.iter().any(|(taken, _)| *taken == candidate);
            if is_taken
                || facts.forbidden.contains(&candidate.as_str())
                || declared.contains(&candidate.as_str())
            {
                continue;
            }
            if !facts.property_names.iter().all(|schema| self.allows(schema, &candidate.as_str().into())) {
                continue;
            }
            let wants = facts.property_claims(&candidate);
            let alike: Vec<*const Value> = wants.iter().map(|claim| ptr::from_ref(claim.schema)).collect();
            let plan = match shared.get(&alike) {
                Some(plan) => plan.clone(),
                None => {
                    let plan = match self.value(&wants, &candidate) {
                        Ok(plan) => Some(Arc::new(plan)),
                        Err(Cannot::TooTangled) => return Err(Cannot::TooTangled),
                        Err(_) => None,
                    };
                    shared.insert(alike, plan.clone());
                    plan
                }
            };
            properties.extend(plan.map(|plan| (candidate, plan)));
        }
        if properties.len() < facts.properties.min { Err(self.at(claims, "minProperties")) } else { Ok(()) }
    }

    /// Names for further properties: those that `patternProperties` and `propertyNames` lead to, then words.
    fn names(&mut self, facts: &Facts<'s>, wanted: usize) -> Vec<String> {
        let mut draws = Draws::new(0, "names");
        let mut names = Vec::new();
        let patterns = facts.objects.iter().filter_map(|part| part.patterns).flatten();
        for pattern in patterns.filter_map(|(pattern, _)| Pattern::new(pattern)) {
            names.extend((0..4 * wanted as u64).map(|attempt| pattern.draw(&mut draws, attempt.min(24), 0)));
        }
        if !facts.property_names.is_empty() {
            let claims: Vec<Claim<'s>> =
                facts.property_names.iter().map(|schema| Claim::of(schema)).collect();
            if let Ok(plan) = self.value(&claims, "key") {
                let tries = 0..8 * wanted as u64;
                names.extend(tries.filter_map(|skip| self.sample(&plan, skip).as_str().map(str::to_owned)));
            }
        }
        names.extend(WORDS.iter().map(|word| (*word).to_owned()));
        names.extend((0..wanted).map(|n| format!("{}_{}", WORDS[n % WORDS.len()], n + 1)));
        names
    }

    /// The plan, moved on to its first value of which all claims are true.
    fn checked(&mut self, claims: &[Claim<'s>], plan: Plan) -> Result<Plan, Cannot> {
        if self.checks.is_none() {
            return Ok(plan);
        }
        let mut first = None;
        let sample = self.sample(&plan, 0);
        let has_others = self.sample(&plan, 1) != sample;
        for skip in 0..if has_others { ALTERNATIVES } else { 1 } {
            match self.problem(claims, &self.sample(&plan, skip)) {
                None if skip == 0 => return Ok(plan),
                None => return Ok(Plan::Later(skip, Arc::new(plan))),
                Some(problem) => {
                    first.get_or_insert(problem);
                }
            }
        }
        let (claim, keyword) = first.expect("at least one was tried");
        Err(self.at(&[claim], &keyword))
    }

    /// The first claim that is false of `value`, and the keyword that says so. `None` when parts are not checked.
    fn problem(&self, claims: &[Claim<'s>], value: &Value) -> Option<(Claim<'s>, String)> {
        claims.iter().find_map(|claim| {
            let validator = self.validator(claim.schema)?;
            if claim.holds {
                let error = validator.iter_errors(value).next()?;
                let path = error.schema_path().to_string();
                let keyword = path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or("not");
                Some((*claim, keyword.to_owned()))
            } else {
                validator.is_valid(value).then(|| (*claim, "not".to_owned()))
            }
        })
    }

    /// Whether `schema` holds for `value`, as far as is known.
    fn allows(&self, schema: &'s Value, value: &Value) -> bool {
        self.validator(schema).is_none_or(|validator| validator.is_valid(value))
    }

    fn validator(&self, schema: &Value) -> Option<&Validator> {
        self.checks.as_ref()?.get(&format!("#{}", self.document.place(schema)?))
    }

    fn sample(&self, plan: &Plan, skip: u64) -> Value {
        let mut draws = Draws::new(0, "sample");
        Filling::new(&mut draws, "", self.files).fill(plan, skip)
    }

    fn at(&self, claims: &[Claim<'s>], keyword: &str) -> Cannot {
        let place = claims.first().and_then(|claim| self.document.place(claim.schema)).unwrap_or_default();
        let place = if place.is_empty() { "the root" } else { place };
        Cannot::Keyword { keyword: keyword.to_owned(), place: place.to_owned() }
    }
}
