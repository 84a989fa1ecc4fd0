//! The options of `agent()`, which `verified()` takes too: from what a script wrote to a checked [`AgentCall`].

pub mod own;

use std::collections::HashMap;
use std::sync::Arc;

use fanfold_core::meta::SpendLimit;
use fanfold_core::schema::{Schema, nearest};
use fanfold_core::{AgentCall, Cap, Effort, Isolation};
use serde::Deserialize;
use serde_json::{Map, Value};

/// As the prelude hands it over: absent and `undefined` values are left out.
#[derive(Debug, Default)]
pub struct Given {
    pub prompt: String,
    pub label: Option<String>,
    /// The option, or else that of the last `phase()`.
    pub phase: Option<String>,
    /// The option `schema` when it is an object, as JSON.
    pub schema: Option<String>,
    /// All else as JSON: [`Others`].
    pub others: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Others {
    pub plain: Map<String, Value>,
    /// Options whose values JSON has no form for, and what they are (`"a function"`).
    pub odd: Map<String, Value>,
}

/// JSON as a tree of values takes several times its text.
pub const JSON_WEIGHT: usize = 8;

#[derive(Debug)]
pub struct Decoded {
    pub call: AgentCall,
    pub warnings: Vec<String>,
    /// About how many bytes it takes but for its prompt, and for a schema that it shares.
    pub weight: usize,
}

/// Decodes the options of one run: a schema that a thousand agents share is compiled once.
#[derive(Debug, Default)]
pub struct Options {
    schemas: HashMap<String, Result<Arc<Value>, String>>,
    schemas_bytes: usize,
}

/// Texts of schemas that are kept: a script that makes a new one for each agent gains nothing from more.
const SCHEMAS_BYTES_MAX: usize = 4 << 20;

const KNOWN: [&str; 19] = [
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
    "spendLimit",
];

impl Options {
    /// `also`: names that are known besides, because somebody else reads them. `Err` says in one line what is
    /// wrong and what to write instead.
    pub fn decode(&mut self, given: Given, also: &[&str]) -> Result<Decoded, String> {
        let mut call = AgentCall::new(given.prompt);
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let mut weight = 2 * (text(&given.label) + text(&given.phase)) + JSON_WEIGHT * text(&given.others);
        call.label = given.label;
        call.phase = given.phase;
        let mut warnings = Vec::new();
        if let Some(others) = given.others {
            let others = Others::read(&others)?;
            let unknown = |name: &str| unknown(name, &[&KNOWN, also].concat());
            for (name, kind) in others.odd {
                let kind = kind.as_str().unwrap_or_default();
                match expected(&name) {
                    Some(expected) => return Err(format!("`{name}` must be {expected}, not {kind}")),
                    None => warnings.push(unknown(&name)),
                }
            }
            for (name, value) in others.plain {
                match expected(&name) {
                    Some(expected) => set(&mut call, &name, value, expected)?,
                    None => warnings.push(unknown(&name)),
                }
            }
        }
        if let Some(schema) = given.schema {
            if !self.schemas.contains_key(&schema) {
                weight += JSON_WEIGHT * schema.len();
            }
            call.schema = Some(self.schema(schema)?);
        }
        Ok(Decoded { call, warnings, weight })
    }

    fn schema(&mut self, text: String) -> Result<Arc<Value>, String> {
        if let Some(known) = self.schemas.get(&text) {
            return known.clone();
        }
        let checked = match crate::json::read::<Value>(&text) {
            Some(value) => match Schema::compile(&value) {
                Ok(_) => Ok(Arc::new(value)),
                Err(problem) => Err(format!("`schema`: {problem}")),
            },
            None => Err("`schema` is nested too deeply".into()),
        };
        if self.schemas_bytes + text.len() > SCHEMAS_BYTES_MAX {
            self.schemas.clear();
            self.schemas_bytes = 0;
        }
        self.schemas_bytes += text.len();
        self.schemas.insert(text, checked.clone());
        checked
    }
}

impl Others {
    pub fn read(json: &str) -> Result<Self, String> {
        crate::json::read(json).ok_or_else(|| "its options are nested too deeply".into())
    }
}

fn set(call: &mut AgentCall, name: &str, value: Value, expected: &str) -> Result<(), String> {
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
        "spendLimit" => call.limit = Some(spend_limit(&value).ok_or_else(wrong)?),
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
        "spendLimit" => "`{tokens, usd}`, of which one may be left out",
        "cache" => "`true` or `false`",
        "temperature" => "a number from 0 to 2",
        _ => return None,
    })
}

pub fn unknown(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(known) => format!("unknown option `{name}` is ignored; did you mean `{known}`?"),
        None => format!("unknown option `{name}` is ignored"),
    }
}

/// A value in a message: itself when short.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.chars().count() > 40 => "a long string".into(),
        Value::String(text) if text.is_empty() => "an empty string".into(),
        Value::String(text) => format!("`{text}`"),
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("{value}"),
    }
}

pub fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub fn name_of(value: &Value) -> Option<String> {
    string(value).filter(|name| !name.trim().is_empty())
}

pub fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(string).collect()
}

fn effort(value: &Value) -> Option<Effort> {
    serde_json::from_value(value.clone()).ok()
}

/// In whole micro-dollars. A limit that limits nothing is a mistake.
fn spend_limit(value: &Value) -> Option<Cap> {
    let limit: SpendLimit = serde_json::from_value(value.clone()).ok()?;
    Some(limit.cap()).filter(|cap| !cap.is_none())
}

/// JavaScript has one kind of number: 1e3 and 1000 are the same.
pub fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
}

pub fn count(value: &Value) -> Option<u32> {
    whole(value)?.try_into().ok()
}
