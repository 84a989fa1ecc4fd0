//! The options of `oracle()`, `verified()` and `ask()` that are their own.

use fanfold_core::{AgentCall, AskCall, ItemCheck, OracleCall};
use serde::Serialize;
use serde_json::Value;

use super::{Others, name_of, shown, string, strings, unknown, whole};

/// What `verified()` takes besides the options of `agent()`.
pub const OF_VERIFIED: [&str; 4] = ["reviewers", "rounds", "check", "land"];

const REVIEWERS: usize = 2;
const REVIEWERS_MAX: u64 = 32;
const ROUNDS: u64 = 3;
const ROUNDS_MAX: u64 = 100;

/// How one `verified()` is to go about it.
#[derive(Debug, PartialEq, Serialize)]
pub struct Course {
    pub label: String,
    /// One each, and its model; `None`: that of the implementer.
    pub reviewers: Vec<Option<String>>,
    /// Fixers at most.
    pub rounds: u64,
    pub check: Option<ItemCheck>,
    pub land: Land,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Land {
    Never,
    /// What the oracle passes.
    Passed,
    /// Without an oracle, what reviewers have nothing against.
    Opinions,
}

/// A call, and what is to be warned of.
pub type Decoded<T> = Result<(T, Vec<String>), String>;

/// `others`: as [`Others`], of which [`OF_VERIFIED`] is read and the rest is somebody else's.
pub fn course(prompt: &str, label: Option<String>, others: Option<&str>) -> Result<Course, String> {
    let label = label.unwrap_or_else(|| AgentCall::new(prompt).title());
    let reviewers = vec![None; REVIEWERS];
    let mut course = Course { label, reviewers, rounds: ROUNDS, check: None, land: Land::Passed };
    for (name, value) in read(others, &OF_VERIFIED)?.0 {
        let wrong = || wrong(&name, &value);
        match name.as_str() {
            "reviewers" => course.reviewers = reviewers_of(&value).ok_or_else(wrong)?,
            "rounds" => course.rounds = whole(&value).filter(|n| *n <= ROUNDS_MAX).ok_or_else(wrong)?,
            "check" => course.check = Some(item_check(&value).ok_or_else(wrong)?),
            _ => course.land = land(&value).ok_or_else(wrong)?,
        }
    }
    Ok(course)
}

pub fn oracle(label: Option<String>, phase: Option<String>, others: Option<&str>) -> Decoded<OracleCall> {
    let (known, warnings) = read(others, &["label", "phase"])?;
    // What of these is text came apart from the others.
    if let Some((name, value)) = known.first() {
        return Err(wrong(name, value));
    }
    Ok((OracleCall { label, phase, ..OracleCall::default() }, warnings))
}

pub fn ask(question: String, phase: Option<String>, others: Option<&str>) -> Decoded<AskCall> {
    let (known, warnings) = read(others, &["options", "default"])?;
    let mut call = AskCall { question, phase, ..AskCall::default() };
    for (name, value) in known {
        match name.as_str() {
            "options" => {
                let options = strings(&value).filter(|options| options.iter().all(|it| !it.is_empty()));
                call.options = options.ok_or_else(|| wrong(&name, &value))?;
            }
            _ => call.default = Some(value),
        }
    }
    Ok((call, warnings))
}

/// The options of these names, and a warning of each other one.
fn read(others: Option<&str>, known: &[&str]) -> Decoded<Vec<(String, Value)>> {
    let Others { plain, odd } = others.map(Others::read).transpose()?.unwrap_or_default();
    if let Some((name, kind)) = odd.iter().find(|(name, _)| known.contains(&name.as_str())) {
        let kind = kind.as_str().unwrap_or_default();
        return Err(format!("`{name}` must be {}, not {kind}", expected(name)));
    }
    let (mine, rest): (Vec<_>, Vec<_>) =
        plain.into_iter().partition(|(name, _)| known.contains(&name.as_str()));
    let names = odd.iter().chain(rest.iter().map(|(name, value)| (name, value))).map(|(name, _)| name);
    let warnings = names.map(|name| unknown(name, known)).collect();
    Ok((mine, warnings))
}

fn wrong(name: &str, value: &Value) -> String {
    format!("`{name}` must be {}, not {}", expected(name), shown(value))
}

fn expected(name: &str) -> &'static str {
    match name {
        "reviewers" => "a whole number from 0 to 32, or an array of models",
        "rounds" => "a whole number from 0 to 100",
        "check" => "`{command, item}`, two strings, with a `timeoutMs` if need be",
        "land" => "`true`, `false` or `'opinions'`",
        "options" => "an array of non-empty strings",
        "default" => "plain data",
        _ => "a string",
    }
}

fn reviewers_of(value: &Value) -> Option<Vec<Option<String>>> {
    let reviewers = match value.as_array() {
        Some(models) => models.iter().map(|model| name_of(model).map(Some)).collect::<Option<Vec<_>>>()?,
        None => vec![None; whole(value).filter(|n| *n <= REVIEWERS_MAX)? as usize],
    };
    (reviewers.len() as u64 <= REVIEWERS_MAX).then_some(reviewers)
}

fn item_check(value: &Value) -> Option<ItemCheck> {
    let fields = value.as_object()?;
    if fields.keys().any(|key| !matches!(key.as_str(), "command" | "item" | "timeoutMs")) {
        return None;
    }
    let timeout_ms = match fields.get("timeoutMs") {
        Some(given) => Some(whole(given).filter(|ms| *ms > 0)?),
        None => None,
    };
    let (command, item) = (name_of(fields.get("command")?)?, string(fields.get("item")?)?);
    Some(ItemCheck { command, item, timeout_ms })
}

fn land(value: &Value) -> Option<Land> {
    match value {
        Value::Bool(true) => Some(Land::Passed),
        Value::Bool(false) => Some(Land::Never),
        Value::String(text) if text == "opinions" => Some(Land::Opinions),
        _ => None,
    }
}
