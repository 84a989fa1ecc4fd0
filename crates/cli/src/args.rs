//! The input of a workflow: read from `--args`, checked against what the workflow takes, and explained.

use fanfold_core::Meta;
use fanfold_core::schema::{Schema, nearest};
use serde_json::{Map, Value};

use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

/// Reads the words after `--args`: one JSON text, one `@FILE` of JSON, or `key=value` pairs; `None` without
/// any. `schema` is the workflow's own (`meta.args`): a value for what takes only text stays text.
pub fn read(words: &[String], schema: Option<&Value>, world: &World) -> Result<Option<Value>> {
    let pairs: Option<Vec<(&str, &str)>> = words.iter().map(|word| pair(word)).collect();
    match (words, pairs) {
        ([], _) => Ok(None),
        (_, Some(pairs)) => from_pairs(&pairs, schema).map(Some),
        ([one], None) => match one.strip_prefix('@') {
            Some(file) => {
                let path = world.cwd.join(file);
                let text = std::fs::read_to_string(&path)
                    .map_err(|err| CliError::io("read the arguments in", &path, &err))?;
                from_json(&text, file).map(Some)
            }
            None => from_json(one, "--args").map(Some),
        },
        (_, None) => {
            let odd = words.iter().find(|word| pair(word).is_none()).expect("not all are pairs");
            Err(CliError::new(
                ErrorKind::Usage,
                format!("`{odd}` among the words after --args is no key=value"),
            )
            .hint("--args takes one JSON text, one @FILE, or key=value pairs alone; quote what has spaces"))
        }
    }
}

/// Checks `args` against the schema in `meta`. The error names each argument that is wrong, and shows those
/// that there are.
pub fn check(meta: &Meta, args: Option<&Value>) -> Result<()> {
    let Some(schema) = &meta.args else { return Ok(()) };
    let compiled = Schema::compile_any(schema)
        .map_err(|err| CliError::new(ErrorKind::Script, format!("`meta.args` is no schema: {err}")))?;
    let nothing = Value::Object(Map::new());
    let problems = match args {
        None if !takes_an_object(schema) => vec!["the workflow needs an input, and there is none".into()],
        given => problems(schema, &compiled, given.unwrap_or(&nothing)),
    };
    if problems.is_empty() {
        return Ok(());
    }
    let mut error = CliError::new(ErrorKind::Args, problems.join("; "));
    error.frame = Some(arguments(meta));
    Err(error.hint(example(schema)))
}

/// What a person who asks how to run the workflow is told. `wanted` is what they typed to name it.
pub fn help(meta: &Meta, wanted: &str) -> String {
    let mut text = format!("{}: {}\n", meta.name, meta.description);
    if let Some(when) = &meta.when_to_use {
        text += &format!("\nWhen to use: {when}\n");
    }
    text += &format!("\nUsage: fanfold run {wanted}");
    text += match &meta.args {
        Some(schema) if !takes_an_object(schema) => " --args JSON\n",
        Some(schema) if !required(schema).is_empty() => " --args KEY=VALUE…\n",
        _ => " [--args KEY=VALUE…]\n",
    };
    text + "\n" + &arguments(meta) + "\n"
}

/// `a.b=value`; `None`: no such thing.
fn pair(word: &str) -> Option<(&str, &str)> {
    let (key, value) = word.split_once('=')?;
    let is_part = |part: &str| {
        let is_plain = |ch: char| ch.is_alphanumeric() || matches!(ch, '_' | '-' | '$');
        !part.is_empty() && part.chars().all(is_plain)
    };
    key.split('.').all(is_part).then_some((key, value))
}

fn from_pairs(pairs: &[(&str, &str)], schema: Option<&Value>) -> Result<Value> {
    let mut root = Map::new();
    for (key, text) in pairs {
        let twice = || {
            CliError::new(ErrorKind::Usage, format!("`{key}` is given twice in --args"))
                .hint(format!("a list is written as {key}='[\"a\", \"b\"]'"))
        };
        let parts: Vec<&str> = key.split('.').collect();
        let (last, above) = parts.split_last().expect("a split has a part");
        let mut table = &mut root;
        for part in above {
            let below = table.entry(*part).or_insert_with(|| Value::Object(Map::new()));
            table = below.as_object_mut().ok_or_else(twice)?;
        }
        if table.contains_key(*last) {
            return Err(twice());
        }
        table.insert((*last).to_owned(), value(text, schema_at(schema, &parts)));
    }
    Ok(Value::Object(root))
}

fn value(text: &str, schema: Option<&Value>) -> Value {
    let takes_text_only = schema.and_then(|schema| schema.get("type")).is_some_and(|kind| kind == "string");
    match serde_json::from_str(text) {
        Ok(Value::String(quoted)) => Value::String(quoted),
        Ok(value) if !takes_text_only => value,
        _ => Value::String(text.to_owned()),
    }
}

fn schema_at<'a>(schema: Option<&'a Value>, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(schema?, |schema, part| schema.get("properties")?.get(part))
}

fn from_json(text: &str, file: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|err| {
        let line_start: usize =
            text.split_inclusive('\n').take(err.line().saturating_sub(1)).map(str::len).sum();
        let at = line_start + err.column().saturating_sub(1);
        let message = err.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        let error =
            CliError::new(ErrorKind::Args, format!("the arguments are no JSON: {}", what.to_lowercase()));
        error
            .at(file, text, at..at + 1)
            .hint("pairs need no quotes: --args path=src depth=3; a bare text does: --args '\"text\"'")
    })
}

fn problems(schema: &Value, compiled: &Schema, given: &Value) -> Vec<String> {
    let Err(violations) = compiled.validate(given) else { return Vec::new() };
    let mut problems = Vec::new();
    let given = given.as_object();
    let properties = properties(schema);
    if let Some(given) = given {
        let missing = required(schema).into_iter().filter(|name| !given.contains_key(*name));
        problems.extend(missing.map(|name| format!("the argument `{name}` is missing")));
        if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            let known: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
            for name in given.keys().filter(|name| !known.contains(&name.as_str())) {
                let near =
                    nearest(name, &known).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
                problems.push(format!("there is no argument `{name}`{near}"));
            }
        }
    }
    let is_told = !problems.is_empty();
    for violation in violations.lines() {
        match violation.strip_prefix("at /").and_then(|rest| rest.split_once(": ")) {
            Some((pointer, what)) => problems.push(format!("the argument `{}`: {what}", dotted(pointer))),
            // What is wrong with the whole is, but for rare keywords, what was just told.
            None if is_told => (),
            None => problems.push(violation.trim_start_matches("at the root: ").to_owned()),
        }
    }
    problems
}

/// `files/0/name` as `files[0].name`.
fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/') {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.parse::<usize>() {
            Ok(index) => path += &format!("[{index}]"),
            Err(_) if path.is_empty() => path = part,
            Err(_) => path += &format!(".{part}"),
        }
    }
    path
}

/// The list of arguments, as a table without a newline at its end.
fn arguments(meta: &Meta) -> String {
    let Some(schema) = &meta.args else {
        return "It does not say which arguments it takes.".into();
    };
    if !takes_an_object(schema) {
        return format!("Input: {} {}", kind(schema), description(schema, true)).trim_end().to_owned();
    }
    let required = required(schema);
    let rows: Vec<(&str, String, String)> = properties(schema)
        .into_iter()
        .map(|(name, schema)| (name, kind(schema), description(schema, required.contains(&name))))
        .collect();
    if rows.is_empty() {
        return "It takes no arguments.".into();
    }
    let width = |of: fn(&(&str, String, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (names, kinds) = (width(|row| row.0.chars().count()), width(|row| row.1.chars().count()));
    let mut text = String::from("Arguments:");
    for (name, kind, description) in &rows {
        text += format!("\n  {name:names$}  {kind:kinds$}  {description}").trim_end();
    }
    text
}

fn description(schema: &Value, is_required: bool) -> String {
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let rest = match schema.get("default") {
        Some(default) => format!("(default: {default})"),
        None if is_required => "(required)".into(),
        None => String::new(),
    };
    [said, &rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `string`, `integer[]`, `"fast"|"slow"`, `string|null`.
fn kind(schema: &Value) -> String {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices.iter().map(Value::to_string).collect::<Vec<_>>().join("|");
    }
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "array" => {
            let items = schema.get("items").map(kind_of_item).unwrap_or_else(|| "any".into());
            format!("{items}[]")
        }
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"),
        _ => "any".into(),
    }
}

fn kind_of_item(schema: &Value) -> String {
    let kind = kind(schema);
    if kind.contains('|') { format!("({kind})") } else { kind }
}

fn example(schema: &Value) -> String {
    if !takes_an_object(schema) {
        return format!("type --args and its JSON ({})", kind(schema));
    }
    let required = required(schema);
    let names = match required[..] {
        [] => properties(schema).into_iter().map(|(name, _)| name).take(1).collect(),
        _ => required,
    };
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
    format!("type --args {}", pairs.join(" "))
}

fn takes_an_object(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => true,
    }
}

fn properties(schema: &Value) -> Vec<(&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema)).collect()
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;
    use serde_json::json;

    fn read_words(words: &[&str], schema: Option<&Value>) -> Result<Option<Value>> {
        let made = MadeUp::new();
        made.file("in/args.json", "{\"a\": [1]}");
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        read(&words, schema, &made.world)
    }

    fn meta(args: Value) -> Meta {
        let literal = json!({"name": "review", "description": "Reviews a diff", "whenToUse": "before a merge", "args": args});
        Meta::from_literal(&literal).expect("valid").0
    }

    fn review() -> Meta {
        meta(json!({
            "type": "object", "required": ["path"], "additionalProperties": false,
            "properties": {
                "path": {"type": "string", "description": "what to review"},
                "depth": {"type": "integer", "default": 3},
                "mode": {"enum": ["fast", "slow"]},
                "files": {"type": "array", "items": {"type": "string"}},
            }
        }))
    }

    #[test]
    fn each_form_is_understood() {
        let cases: [(&[&str], Value); 8] = [
            (&["{\"a\": 1}"], json!({"a": 1})),
            (&["[1, \"b=c\"]"], json!([1, "b=c"])),
            (&["\"a=b\""], json!("a=b")),
            (&["@in/args.json"], json!({"a": [1]})),
            (&["a=1", "b=x y", "c=[1]", "d="], json!({"a": 1, "b": "x y", "c": [1], "d": ""})),
            (&["a.b=1", "a.c.d=true"], json!({"a": {"b": 1, "c": {"d": true}}})),
            (&["url=http://x/?a=b"], json!({"url": "http://x/?a=b"})),
            (&["a=\"1\""], json!({"a": "1"})),
        ];
        for (words, expected) in cases {
            assert_eq!(read_words(words, None), Ok(Some(expected)), "{words:?}");
        }
        assert_eq!(read_words(&[], None), Ok(None));
    }

    #[test]
    fn what_takes_only_text_stays_text() {
        let schema =
            json!({"properties": {"v": {"type": "string"}, "n": {"properties": {"w": {"type": "string"}}}}});
        assert_eq!(
            read_words(&["v=1.10", "n.w=true", "x=1"], Some(&schema)),
            Ok(Some(json!({"v": "1.10", "n": {"w": "true"}, "x": 1})))
        );
    }

    #[test]
    fn what_cannot_be_understood_says_where_and_why() {
        let cases: [(&[&str], ErrorKind, &str); 7] = [
            (
                &["{\"a\": 1", "b=2"],
                ErrorKind::Usage,
                "`{\"a\": 1` among the words after --args is no key=value",
            ),
            (&["@in/args.json", "b=2"], ErrorKind::Usage, "`@in/args.json` among"),
            (&["a=1", "a=2"], ErrorKind::Usage, "`a` is given twice"),
            (&["a=1", "a.b=2"], ErrorKind::Usage, "`a.b` is given twice"),
            (&["hello"], ErrorKind::Args, "no JSON: expected value"),
            (&["{\"a\": }"], ErrorKind::Args, "no JSON: expected value"),
            (&["@gone.json"], ErrorKind::File, "no such file"),
        ];
        for (words, kind, expected) in cases {
            let error = read_words(words, None).expect_err("malformed");
            assert_eq!(error.kind, kind, "{words:?}");
            assert!(error.message.contains(expected), "{words:?}: {error}");
        }
        let place = read_words(&["{\n \"a\": }"], None).expect_err("malformed").location.expect("a place");
        assert_eq!((place.file.as_str(), place.line, place.column), ("--args", 2, 7));
    }

    #[test]
    fn wrong_arguments_are_named() {
        let cases = [
            (json!({}), "the argument `path` is missing"),
            (json!({"path": "a", "depht": 1}), "there is no argument `depht`, did you mean `depth`?"),
            (json!({"path": "a", "depth": "x"}), "the argument `depth`: \"x\" is not of type \"integer\""),
            (json!({"path": "a", "files": ["b", 1]}), "the argument `files[1]`: 1 is not of type \"string\""),
            (json!({"depth": "x"}), "the argument `path` is missing; the argument `depth`: "),
            (json!([]), "[] is not of type \"object\""),
        ];
        for (given, expected) in cases {
            let error = check(&review(), Some(&given)).expect_err("invalid");
            assert!(error.message.starts_with(expected), "{given}: {}", error.message);
            assert_eq!(error.exit().code(), 2);
            let shown = error.to_string();
            assert!(shown.contains("  path   string"), "{shown}");
            assert!(shown.ends_with("hint: type --args path=…"), "{shown}");
        }
        assert_eq!(check(&review(), Some(&json!({"path": "a", "mode": "fast"}))), Ok(()));
    }

    #[test]
    fn without_arguments_only_required_ones_are_missed() {
        assert!(check(&review(), None).is_err());
        assert_eq!(check(&meta(json!({"properties": {"a": {}}})), None), Ok(()));
        let error = check(&meta(json!({"type": "array"})), None).expect_err("it takes a list");
        assert_eq!(error.message, "the workflow needs an input, and there is none");
        let error = check(&meta(json!({"type": "lsit"})), Some(&json!([]))).expect_err("no schema");
        assert_eq!(error.kind, ErrorKind::Script);
    }

    #[test]
    fn the_help_of_a_workflow_lists_its_arguments() {
        assert_eq!(
            help(&review(), "review.js"),
            "review: Reviews a diff\n\
             \n\
             When to use: before a merge\n\
             \n\
             Usage: fanfold run review.js --args KEY=VALUE…\n\
             \n\
             Arguments:\n  \
               path   string         what to review (required)\n  \
               depth  integer        (default: 3)\n  \
               mode   \"fast\"|\"slow\"\n  \
               files  string[]\n"
        );
        let silent = Meta { args: None, when_to_use: None, ..review() };
        assert!(
            help(&silent, "x")
                .ends_with("[--args KEY=VALUE…]\n\nIt does not say which arguments it takes.\n")
        );
    }
}
