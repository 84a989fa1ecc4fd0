//! The options of `agent()`: from what a script wrote to a checked [`AgentCall`].

use std::collections::HashMap;
use std::sync::Arc;

use fanfold_core::schema::{Schema, nearest};
use fanfold_core::{AgentCall, Effort, Isolation};
use serde_json::{Map, Value};

/// As the prelude hands it over: absent and `undefined` values are left out.
#[derive(Debug, Default)]
pub struct Given {
    pub prompt: String,
    /// That of the last `phase()`.
    pub phase: Option<String>,
    /// A JSON object of all options but the two below.
    pub plain: Option<String>,
    /// The option `schema` when it is an object, as JSON.
    pub schema: Option<String>,
    /// Options whose values JSON has no form for: a JSON object of what they are (`"a function"`).
    pub odd: Option<String>,
}

#[derive(Debug)]
pub struct Decoded {
    pub call: AgentCall,
    pub warnings: Vec<String>,
}

/// Decodes the options of one run: a schema that a thousand agents share is compiled once.
#[derive(Debug, Default)]
pub struct Options {
    schemas: HashMap<String, Result<Arc<Value>, String>>,
}

const KNOWN: [&str; 18] = [
    "label",
    "phase",
    "schema",
    "model",
    "effort",
    "isolation",
    "agentType",
    "backend",
    "tools",
    "disallowedTools",
    "timeoutMs",
    "stallMs",
    "retries",
    "cache",
    "team",
    "context",
    "temperature",
    "maxTurns",
];

impl Options {
    /// `Err` says in one line what is wrong and what to write instead.
    pub fn decode(&mut self, given: Given) -> Result<Decoded, String> {
        let mut call = AgentCall::new(given.prompt);
        call.phase = given.phase;
        let mut warnings = Vec::new();
        if let Some(odd) = &given.odd {
            for (name, kind) in object(odd) {
                let kind = kind.as_str().unwrap_or_default();
                match expected(&name) {
                    Some(expected) => return Err(format!("`{name}` must be {expected}, not {kind}")),
                    None => warnings.push(unknown(&name)),
                }
            }
        }
        if let Some(plain) = &given.plain {
            for (name, value) in object(plain) {
                set(&mut call, &name, value, &mut warnings)?;
            }
        }
        if let Some(schema) = given.schema {
            call.schema = Some(self.schema(schema)?);
        }
        Ok(Decoded { call, warnings })
    }

    fn schema(&mut self, text: String) -> Result<Arc<Value>, String> {
        if let Some(known) = self.schemas.get(&text) {
            return known.clone();
        }
        let value = crate::json::parse(&text);
        let checked = match Schema::compile(&value) {
            Ok(_) => Ok(Arc::new(value)),
            Err(problem) => Err(format!("`schema`: {problem}")),
        };
        self.schemas.insert(text, checked.clone());
        checked
    }
}

fn object(json: &str) -> Map<String, Value> {
    match crate::json::parse(json) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn set(call: &mut AgentCall, name: &str, value: Value, warnings: &mut Vec<String>) -> Result<(), String> {
    let Some(expected) = expected(name) else {
        warnings.push(unknown(name));
        return Ok(());
    };
    let wrong = || format!("`{name}` must be {expected}, not {}", shown(&value));
    match name {
        "label" => call.label = Some(string(&value).ok_or_else(wrong)?),
        "phase" => call.phase = Some(string(&value).ok_or_else(wrong)?),
        "model" => call.model = Some(name_of(&value).ok_or_else(wrong)?),
        "agentType" => call.agent_type = Some(name_of(&value).ok_or_else(wrong)?),
        "backend" => call.backend = Some(name_of(&value).ok_or_else(wrong)?),
        "effort" => call.effort = Some(effort(&value).ok_or_else(wrong)?),
        "isolation" => match value.as_str() {
            Some("worktree") => call.isolation = Isolation::Worktree,
            _ => return Err(wrong()),
        },
        "tools" => call.tools = Some(strings(&value).ok_or_else(wrong)?),
        "disallowedTools" => call.disallowed_tools = strings(&value).ok_or_else(wrong)?,
        "context" => call.context = strings(&value).ok_or_else(wrong)?,
        "timeoutMs" => call.timeout_ms = Some(whole(&value).filter(|ms| *ms > 0).ok_or_else(wrong)?),
        "stallMs" => call.stall_ms = Some(whole(&value).filter(|ms| *ms > 0).ok_or_else(wrong)?),
        "retries" => call.retries = Some(count(&value).ok_or_else(wrong)?),
        "maxTurns" => call.max_turns = Some(count(&value).filter(|turns| *turns > 0).ok_or_else(wrong)?),
        "cache" => call.cache = value.as_bool().ok_or_else(wrong)?,
        "temperature" => {
            let temperature = value.as_f64().filter(|number| (0.0..=2.0).contains(number));
            call.temperature = Some(temperature.ok_or_else(wrong)?);
        }
        "team" => {
            return Err(
                "`team` is not available in this version: agents cannot message each other yet".into()
            );
        }
        // An object was taken out before: this is something else.
        _ => return Err(wrong()),
    }
    Ok(())
}

/// What a known option takes.
fn expected(name: &str) -> Option<&'static str> {
    Some(match name {
        "label" | "phase" => "a string",
        "model" | "agentType" | "backend" | "team" => "a non-empty string",
        "schema" => "a JSON Schema object",
        "effort" => "one of `low`, `medium`, `high`, `xhigh`, `max`",
        "isolation" => "`worktree`",
        "tools" | "disallowedTools" => "an array of tool names",
        "context" => "an array of paths",
        "timeoutMs" | "stallMs" => "a whole number of milliseconds above 0",
        "retries" => "a whole number of 0 or more",
        "maxTurns" => "a whole number above 0",
        "cache" => "`true` or `false`",
        "temperature" => "a number from 0 to 2",
        _ => return None,
    })
}

fn unknown(name: &str) -> String {
    match nearest(name, &KNOWN) {
        Some(known) => format!("unknown option `{name}` is ignored; did you mean `{known}`?"),
        None => format!("unknown option `{name}` is ignored"),
    }
}

/// A value in a message: itself when short.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.chars().count() > 40 => "a long string".into(),
        Value::String(text) if text.is_empty() => "an empty string".into(),
        Value::String(text) => format!("`{text}`"),
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("{value}"),
    }
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn name_of(value: &Value) -> Option<String> {
    string(value).filter(|name| !name.trim().is_empty())
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(string).collect()
}

fn effort(value: &Value) -> Option<Effort> {
    serde_json::from_value(value.clone()).ok()
}

/// JavaScript has one kind of number: 1e3 and 1000 are the same.
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
}

fn count(value: &Value) -> Option<u32> {
    whole(value)?.try_into().ok()
}
