//! A value for any schema: a corpus from simple to nasty, each under every policy.

use std::time::Instant;

use fanfold_core::schema::Schema;
use serde_json::{Value, json};

use super::draw::Draws;
use super::policy::Policy;
use super::value::Template;

fn corpus() -> Vec<Value> {
    serde_json::from_str(include_str!("corpus.json")).expect("the corpus is JSON")
}

#[test]
fn a_value_is_found_for_every_schema_of_the_corpus_under_every_policy() {
    let schemas = corpus();
    assert!(schemas.len() >= 120, "{}", schemas.len());
    let mut failures = Vec::new();
    for schema in &schemas {
        let strict =
            jsonschema::draft202012::options().should_validate_formats(true).build(schema).expect("valid");
        let compiled = Schema::compile(schema).expect("valid");
        for policy in Policy::ALL {
            let started = Instant::now();
            let template = match Template::new(schema, policy, &[]) {
                Ok(template) => template,
                Err(problem) => {
                    failures.push(format!("{policy}: {schema}\n  {problem}"));
                    continue;
                }
            };
            for key in 0..20 {
                let mut draws = Draws::new(1, &key.to_string());
                let value = template.draw(&mut draws, "Review `src/a.rs` for races.", &[]);
                if let Err(problem) = compiled.validate(&value) {
                    failures.push(format!("{policy}: {schema}\n  {value}\n  {problem}"));
                }
                if let Err(problem) = strict.validate(&value) {
                    failures.push(format!("{policy}, formats: {schema}\n  {value}\n  {problem}"));
                }
                let text = value.to_string();
                for placeholder in
                    ["lorem", "TODO", "foo ", "placeholder", "\"string\"", "\"text\"", "example text"]
                {
                    assert!(!text.contains(placeholder), "{placeholder} in {text}");
                }
            }
            let spent_ms = started.elapsed().as_millis();
            assert!(spent_ms < 20_000, "{policy}: {schema} took {spent_ms} ms");
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_cannot_be_honoured_is_named() {
    let cases = [
        (json!({"type": "string", "pattern": r"^(a+)b\1$"}), "pattern"),
        (json!({"type": "string", "pattern": "^a$", "minLength": 2}), "pattern"),
        (json!({"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 3}), "multipleOf"),
        (json!({"type": "string", "not": {}}), "not"),
        (
            json!({"type": "array", "items": {"type": "boolean"}, "uniqueItems": true, "minItems": 3}),
            "minItems",
        ),
        (json!({"allOf": [{"type": "string"}, {"type": "integer"}]}), "type"),
        (json!({"type": "array", "contains": {"const": 1}, "items": {"const": 2}}), "enum"),
        (json!({"$ref": "#/properties/v"}), "$ref"),
        (json!({"type": "array", "minItems": 1_000_000_000}), "minItems"),
        (json!({"type": "string", "minLength": 1_000_000_000_000u64}), "minLength"),
        (json!({"type": "object", "minProperties": 1_000_000_000}), "minProperties"),
        (
            json!({"allOf": vec![json!({"oneOf": [{"const": 1}, {"const": 2}, {"const": 3}, {"const": 4}]}); 12], "type": "string"}),
            "enum",
        ),
    ];
    for (schema, keyword) in cases {
        let schema = json!({"type": "object", "properties": {"v": schema}, "required": ["v"]});
        for policy in Policy::ALL {
            let Err(problem) = Template::new(&schema, policy, &[]) else { panic!("{schema} was satisfied") };
            assert!(problem.contains(keyword), "{schema}: {problem}");
        }
    }
}

fn drawn(schema: &Value, policy: Policy) -> Value {
    let template = Template::new(schema, policy, &[]).expect("a value");
    template.draw(&mut Draws::new(3, "k"), "Look for races", &[])
}

fn review() -> Value {
    json!({"type": "object", "properties": {
        "ok": {"type": "boolean"},
        "grade": {"enum": ["a", "b", "c"]},
        "files": {"type": "array", "items": {"type": "string"}},
        "few": {"type": "array", "items": {"type": "object", "properties": {"line": {"type": "integer"}}}, "maxItems": 7, "minItems": 1},
        "missing": {"type": "array", "items": {"type": "string"}},
        "summary": {"type": "string"}
    }})
}

#[test]
fn each_policy_answers_as_its_table_says() {
    let shape = |policy| {
        let value = drawn(&review(), policy);
        let length = |name: &str| value[name].as_array().expect("an array").len();
        (
            value["ok"].as_bool().expect("a boolean"),
            value["grade"].as_str().expect("a string").to_owned(),
            [length("files"), length("few"), length("missing")],
        )
    };
    assert_eq!(shape(Policy::Typical), (true, "a".into(), [2, 2, 0]));
    assert_eq!(shape(Policy::Nulls), (true, "a".into(), [2, 2, 0]));
    assert_eq!(shape(Policy::Negative), (false, "c".into(), [2, 2, 2]));
    assert_eq!(shape(Policy::Empty), (true, "a".into(), [0, 1, 0]));
    assert_eq!(shape(Policy::Wide), (true, "a".into(), [25, 7, 25]));
}

#[test]
fn paths_look_like_paths_and_differ() {
    let value = drawn(&review(), Policy::Wide);
    let files: Vec<&str> =
        value["files"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    let distinct: std::collections::HashSet<&&str> = files.iter().collect();
    assert_eq!(distinct.len(), 25);
    assert!(files.iter().all(|file| file.contains('/') && file.ends_with(".rs")), "{files:?}");
}

#[test]
fn real_paths_are_used_where_they_are_known() {
    let files = ["lib/a.py".to_owned(), "lib/b.py".to_owned()];
    let schema = json!({"type": "object", "properties": {"files": {"type": "array", "items": {"type": "string"}}, "file": {"type": "string"}}});
    let template = Template::new(&schema, Policy::Typical, &files).expect("a value");
    let value = template.draw(&mut Draws::new(3, "k"), "Look at `lib/c.py`", &files);
    let mut listed: Vec<&str> =
        value["files"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["lib/a.py", "lib/b.py"]);
    assert_eq!(value["file"], "lib/c.py", "the prompt's own file");
}
