//! JSON Schema (draft 2020-12) of replies and arguments: refused when nothing can satisfy it, then enforced.

use serde_json::{Map, Value};

/// A compiled schema.
pub struct Schema(jsonschema::Validator);

impl Schema {
    /// Compiles `schema`, or says in one line what is wrong with it: an invalid keyword, an unknown `$ref`,
    /// a root that is no object, a contradiction that no value can satisfy.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let Value::Object(root) = schema else { return Err("a schema must be a JSON object".into()) };
        match root.get("type") {
            None => (),
            Some(Value::String(kind)) if kind == "object" => (),
            Some(other) => return Err(format!("the root of a schema must be of type `object`, not {other}")),
        }
        Self::compile_any(schema)
    }

    /// Like [`Schema::compile`], for a root of any type (a workflow's `args` may be an array or a string).
    pub fn compile_any(schema: &Value) -> Result<Self, String> {
        if let Err(err) = jsonschema::draft202012::meta::validate(schema) {
            return Err(format!("invalid schema at {}: {err}", place(&err.instance_path().to_string())));
        }
        if let Some(problem) = contradiction(schema, "") {
            return Err(problem);
        }
        jsonschema::draft202012::new(schema).map(Self).map_err(|err| format!("invalid schema: {err}"))
    }

    /// `Err`: up to 5 violations, one a line, each with the place in the value, for a model to mend.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        let errors: Vec<String> = self
            .0
            .iter_errors(value)
            .take(5)
            .map(|err| format!("at {}: {err}", place(&err.instance_path().to_string())))
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
    }
}

/// Every place in `schema` that no value can satisfy, as sentences: also those that a value may leave out, which
/// [`Schema::compile`] lets pass.
pub fn contradictions(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(schema, String::new())];
    while let Some((schema, at)) = open.pop() {
        let Value::Object(schema) = schema else { continue };
        found.extend(contradiction_here(schema, &at));
        open.extend(children(schema, &at));
    }
    found.sort();
    found
}

/// The first place in `schema` that no value can satisfy, as a sentence. Sure, not complete.
fn contradiction(schema: &Value, at: &str) -> Option<String> {
    let Value::Object(schema) = schema else {
        return (schema == &Value::Bool(false) && at.is_empty())
            .then(|| "the schema `false` accepts nothing".into());
    };
    contradiction_here(schema, at).or_else(|| {
        required_children(schema, at).into_iter().find_map(|(child, at)| contradiction(child, &at))
    })
}

/// Of the keywords of one schema, without its subschemas.
fn contradiction_here(schema: &Map<String, Value>, at: &str) -> Option<String> {
    let here = place(at);
    for (low, high) in [
        ("minItems", "maxItems"),
        ("minLength", "maxLength"),
        ("minimum", "maximum"),
        ("minProperties", "maxProperties"),
        ("minContains", "maxContains"),
    ] {
        if let (Some(min), Some(max)) = (number(schema, low), number(schema, high))
            && min > max
        {
            return Some(format!("schema contradicts itself at {here}: {low} {min} is above {high} {max}"));
        }
    }
    if let (Some(min), Some(max)) = (number(schema, "exclusiveMinimum"), number(schema, "exclusiveMaximum"))
        && min >= max
    {
        return Some(format!(
            "schema contradicts itself at {here}: exclusiveMinimum {min} is not below exclusiveMaximum {max}"
        ));
    }
    if let Some(Value::Array(choices)) = schema.get("enum") {
        if choices.is_empty() {
            return Some(format!("schema contradicts itself at {here}: an empty enum accepts nothing"));
        }
        if let Some(kinds) = kinds(schema)
            && !choices.iter().any(|choice| kinds.iter().any(|kind| is_kind(choice, kind)))
        {
            return Some(format!(
                "schema contradicts itself at {here}: no value of the enum is of type {}",
                kinds.join(" or ")
            ));
        }
    }
    if let (Some(constant), Some(kinds)) = (schema.get("const"), kinds(schema))
        && !kinds.iter().any(|kind| is_kind(constant, kind))
    {
        let kinds = kinds.join(" or ");
        return Some(format!("schema contradicts itself at {here}: const {constant} is not of type {kinds}"));
    }
    if let (Some(constant), Some(Value::Array(choices))) = (schema.get("const"), schema.get("enum"))
        && !choices.contains(constant)
    {
        return Some(format!("schema contradicts itself at {here}: const {constant} is not in the enum"));
    }
    if let Some(Value::Array(required)) = schema.get("required")
        && schema.get("additionalProperties") == Some(&Value::Bool(false))
        && !schema.contains_key("patternProperties")
    {
        let known = schema.get("properties").and_then(Value::as_object);
        for name in required.iter().filter_map(Value::as_str) {
            if !known.is_some_and(|known| known.contains_key(name)) {
                return Some(format!(
                    "schema contradicts itself at {here}: `{name}` is required, but is no property and additionalProperties is false"
                ));
            }
        }
    }
    None
}

/// All subschemas that a value may meet.
fn children<'a>(schema: &'a Map<String, Value>, at: &str) -> Vec<(&'a Value, String)> {
    let mut children = Vec::new();
    for key in ["properties", "patternProperties", "dependentSchemas", "$defs"] {
        let named = schema.get(key).and_then(Value::as_object).into_iter().flatten();
        children.extend(named.map(|(name, child)| (child, format!("{at}/{key}/{name}"))));
    }
    for key in ["allOf", "anyOf", "oneOf", "prefixItems"] {
        let listed = schema.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
        children.extend(listed.map(|(i, child)| (child, format!("{at}/{key}/{i}"))));
    }
    for key in ["items", "additionalProperties", "contains", "then", "else"] {
        children.extend(schema.get(key).map(|child| (child, format!("{at}/{key}"))));
    }
    children
}

/// The subschemas that every valid value has to satisfy somewhere.
fn required_children<'a>(schema: &'a Map<String, Value>, at: &str) -> Vec<(&'a Value, String)> {
    let mut children = Vec::new();
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (name, child) in properties {
            if required.contains(&name.as_str()) {
                children.push((child, format!("{at}/properties/{name}")));
            }
        }
    }
    if number(schema, "minItems").is_some_and(|min| min >= 1.0)
        && let Some(items) = schema.get("items")
    {
        children.push((items, format!("{at}/items")));
    }
    if let Some(Value::Array(all)) = schema.get("allOf") {
        children.extend(all.iter().enumerate().map(|(i, child)| (child, format!("{at}/allOf/{i}"))));
    }
    children
}

fn number(schema: &Map<String, Value>, key: &str) -> Option<f64> {
    schema.get(key)?.as_f64()
}

fn kinds(schema: &Map<String, Value>) -> Option<Vec<String>> {
    match schema.get("type")? {
        Value::String(kind) => Some(vec![kind.clone()]),
        Value::Array(kinds) => Some(kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

fn is_kind(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the root" } else { pointer }
}

/// What is longer is no misspelt name, and comparing it takes time by its length.
const WORD_BYTES_MAX: usize = 100;

/// The entry of `known` that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let lower = word.to_lowercase();
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), *candidate))
        .filter(|(score, _)| *score > 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_of_no_name_s_length_is_compared_with_nothing() {
        assert_eq!(nearest("agnet", &["pipeline", "agent"]), Some("agent"));
        let long = "agent".repeat(21);
        assert_eq!(nearest(&long, &[&long]), None);
    }

    #[test]
    fn a_schema_that_nothing_satisfies_is_refused_with_its_place() {
        let cases = [
            (json!({"type": "array"}), "must be of type `object`"),
            (json!({"type": "strnig"}), "must be of type `object`"),
            (json!({"type": "object", "properties": {"a": {"type": "strnig"}}}), "/properties/a/type"),
            (json!({"minProperties": 3, "maxProperties": 2}), "minProperties 3 is above"),
            (
                json!({"required": ["a"], "properties": {"a": {"type": "array", "minItems": 5, "maxItems": 2}}}),
                "/properties/a: minItems",
            ),
            (json!({"required": ["a"], "properties": {"a": {"enum": []}}}), "empty enum"),
            (
                json!({"required": ["a"], "properties": {"a": {"type": "string", "enum": [1]}}}),
                "no value of the enum is of type string",
            ),
            (json!({"required": ["b"], "properties": {}, "additionalProperties": false}), "`b` is required"),
            (
                json!({"required": ["a"], "properties": {"a": {"const": 3, "enum": [1, 2]}}}),
                "const 3 is not in the enum",
            ),
            (json!({"$ref": "#/$defs/nowhere"}), "invalid schema"),
        ];
        for (schema, expected) in cases {
            let Err(message) = Schema::compile(&schema) else { panic!("{schema} was accepted") };
            assert!(message.contains(expected), "{schema}: {message}");
        }
    }

    #[test]
    fn contradictions_that_a_value_may_leave_out_are_found_too() {
        let optional = json!({"properties": {
            "a": {"type": "array", "minItems": 1, "items": {"minimum": 3, "maximum": 2}},
            "b": {"anyOf": [{"enum": []}, {"type": "string"}]},
            "minLength": {"type": "string", "maxLength": 4},
        }});
        assert!(Schema::compile(&optional).is_ok());
        let found = contradictions(&optional);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("/properties/a/items: minimum 3 is above maximum 2"), "{found:?}");
        assert!(found[1].contains("/properties/b/anyOf/0: an empty enum"), "{found:?}");
        assert_eq!(contradictions(&json!({"type": "object", "properties": {"a": {"const": 1}}})).len(), 0);
    }

    #[test]
    fn a_violation_names_its_place() {
        let schema = Schema::compile(&json!({
            "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}
        }))
        .expect("valid");
        assert_eq!(schema.validate(&json!({"n": 1})), Ok(()));
        let message = schema.validate(&json!({"n": "x"})).expect_err("not an integer");
        assert!(message.starts_with("at /n: "), "{message}");
    }
}
