//! From JSON to a definition. A word that is not known is an error: a misspelt `protect` would protect nothing.

use std::path::{Component, Path};

use fanfold_core::oracle::Visibility;
use globset::Glob;
use serde_json::{Map, Value};

use super::{Check, Direction, Format, OracleSpec, ScoreRule, http, shortened};

const CHECKS_MAX: usize = 32;
const TOGETHER_MAX: u64 = 64;
const TIMEOUT_MS_MAX: u64 = 24 * 3600 * 1000;
const KEYS: [&str; 13] = [
    "command",
    "cwd",
    "timeoutMs",
    "protect",
    "parse",
    "report",
    "coverage",
    "name",
    "visibility",
    "hidden",
    "honeypot",
    "score",
    "together",
];
const WRITTEN: &str = "a file that the command writes, or a glob";
const SHAPE: &str = "a command, {command, …} or {checks: […], protect}";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("oracle: `{key}` must be {expected}, not {got}")]
pub struct BadOracle {
    /// Where: `checks[1].timeoutMs`.
    pub key: String,
    pub expected: String,
    pub got: String,
}

impl OracleSpec {
    /// Decodes `meta.oracle`, or what a settings file holds.
    pub fn from_json(json: &Value) -> Result<Self, BadOracle> {
        let (checks, protect) = match json {
            Value::Object(object) if object.contains_key("checks") => several(object)?,
            Value::Object(object) => (vec![check(object, "")?], globs(object, "")?),
            Value::String(_) => (vec![one(json, "oracle")?], None),
            other => return Err(bad("oracle", SHAPE, other)),
        };
        Ok(Self { checks: with_unique_names(checks)?, protect, together: together(json)? })
    }
}

/// How many patches are judged together at most.
fn together(json: &Value) -> Result<usize, BadOracle> {
    let Some(given) = json.get("together") else { return Ok(1) };
    let number = given.as_u64().filter(|number| (1..=TOGETHER_MAX).contains(number));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| bad("together", &format!("a number of patches from 1 to {TOGETHER_MAX}"), given))
}

fn several(object: &Map<String, Value>) -> Result<(Vec<Check>, Option<Vec<String>>), BadOracle> {
    known_only(object, "", &["checks", "protect", "together"])?;
    let mut protect = globs(object, "")?;
    let list = match &object["checks"] {
        Value::Array(list) if !list.is_empty() && list.len() <= CHECKS_MAX => list,
        Value::Array(list) => {
            let got = format!("{} of them", list.len());
            return Err(BadOracle {
                key: "checks".into(),
                expected: format!("1 to {CHECKS_MAX} checks"),
                got,
            });
        }
        other => return Err(bad("checks", "a list of checks", other)),
    };
    let mut checks = Vec::new();
    for (nth, item) in list.iter().enumerate() {
        let place = format!("checks[{nth}]");
        if let Some(given) = item.get("together") {
            return Err(bad(&within(&place, "together"), "said of all checks, beside `checks`", given));
        }
        checks.push(one(item, &place)?);
        if let Value::Object(object) = item
            && let Some(more) = globs(object, &place)?
        {
            protect.get_or_insert_default().extend(more);
        }
    }
    Ok((checks, protect))
}

fn one(json: &Value, place: &str) -> Result<Check, BadOracle> {
    match json {
        Value::String(command) if !command.trim().is_empty() => {
            Ok(Check::new(&shortened(command), command.trim()))
        }
        Value::Object(object) => check(object, place),
        other => Err(bad(place, SHAPE, other)),
    }
}

fn check(object: &Map<String, Value>, place: &str) -> Result<Check, BadOracle> {
    if object.contains_key("http") {
        return http::check(object, place);
    }
    known_only(object, place, &KEYS)?;
    let at = |key: &str| within(place, key);
    let command = text(object, place, "command", "a command, as one line of sh")?
        .ok_or_else(|| bad(&at("command"), "a command, as one line of sh", &Value::Null))?;
    let name = text(object, place, "name", "a name")?;
    let mut check = Check::new(&name.unwrap_or_else(|| shortened(&command)), &command);
    check.cwd = text(object, place, "cwd", "a directory within the project")?;
    check.report = text(object, place, "report", WRITTEN)?;
    check.coverage = text(object, place, "coverage", WRITTEN)?;
    for (key, path) in [("cwd", &check.cwd), ("report", &check.report), ("coverage", &check.coverage)] {
        if path.as_deref().is_some_and(leaves_the_project) {
            return Err(bad(&at(key), "a path within the project, without `..`", &object[key]));
        }
    }
    for (key, glob) in [("report", &check.report), ("coverage", &check.coverage)] {
        if glob.as_deref().is_some_and(|glob| Glob::new(glob).is_err()) {
            return Err(bad(&at(key), WRITTEN, &object[key]));
        }
    }
    if let Some(limit) = milliseconds(object, place, "timeoutMs")? {
        check.timeout_ms = limit;
    }
    check.visibility = visibility(object, place)?;
    if check.coverage.is_some() && !check.visibility.is_public() {
        let expected =
            "left out where agents may not see the check: they are told which lines it did not reach";
        return Err(bad(&at("coverage"), expected, &object["coverage"]));
    }
    check.score = object.get("score").map(|rule| score(rule, &at("score"))).transpose()?;
    check.format = format(object, place, check.score.is_some())?;
    if check.report.is_some() && check.format == Format::Exit {
        return Err(bad(&at("report"), "left out where `parse` is `exit`", &object["report"]));
    }
    Ok(check)
}

pub(super) fn milliseconds(
    object: &Map<String, Value>,
    place: &str,
    key: &str,
) -> Result<Option<u64>, BadOracle> {
    let Some(given) = object.get(key) else { return Ok(None) };
    let ms = given.as_u64().filter(|ms| (1..=TIMEOUT_MS_MAX).contains(ms));
    ms.map(Some).ok_or_else(|| bad(&within(place, key), "milliseconds from 1 to 86400000", given))
}

fn format(object: &Map<String, Value>, place: &str, has_score: bool) -> Result<Format, BadOracle> {
    let at = within(place, "parse");
    let names = || Format::ALL.map(|format| format!("`{}`", format.name())).join(", ");
    let format = match object.get("parse") {
        None if has_score => return Ok(Format::Score),
        None => return Ok(Format::Auto),
        Some(given) => given
            .as_str()
            .and_then(|name| Format::ALL.into_iter().find(|format| format.name() == name))
            .ok_or_else(|| bad(&at, &format!("one of {}", names()), given))?,
    };
    match (format, has_score) {
        (Format::Score, false) => {
            Err(bad(&within(place, "score"), "{direction: 'higher' | 'lower', threshold}", &Value::Null))
        }
        (Format::Score, true) | (_, false) => Ok(format),
        (_, true) => Err(bad(&at, "`score` where there is a `score`", &object["parse"])),
    }
}

fn score(rule: &Value, place: &str) -> Result<ScoreRule, BadOracle> {
    let object =
        rule.as_object().ok_or_else(|| bad(place, "{direction: 'higher' | 'lower', threshold}", rule))?;
    known_only(object, place, &["direction", "threshold", "pattern"])?;
    let direction = match object.get("direction").and_then(Value::as_str) {
        Some("higher") => Direction::Higher,
        Some("lower") => Direction::Lower,
        _ => {
            let got = object.get("direction").unwrap_or(&Value::Null);
            return Err(bad(&within(place, "direction"), "`higher` or `lower`: which is better", got));
        }
    };
    let threshold = match object.get("threshold") {
        None => None,
        Some(given) => {
            Some(given.as_f64().ok_or_else(|| bad(&within(place, "threshold"), "a number", given))?)
        }
    };
    let pattern = text(object, place, "pattern", "a regular expression with a group `score`")?;
    if let Some(pattern) = &pattern {
        let is_good = regex::Regex::new(pattern)
            .is_ok_and(|regex| regex.capture_names().flatten().any(|name| name == "score"));
        if !is_good {
            let expected = "a regular expression with a group `score`: `accuracy (?<score>[0-9.]+)`";
            return Err(bad(&within(place, "pattern"), expected, &object["pattern"]));
        }
    }
    Ok(ScoreRule { direction, threshold, pattern })
}

pub(super) fn visibility(object: &Map<String, Value>, place: &str) -> Result<Visibility, BadOracle> {
    let flag = |key: &str| match object.get(key) {
        None => Ok(false),
        Some(Value::Bool(on)) => Ok(*on),
        Some(other) => Err(bad(&within(place, key), "true or false", other)),
    };
    let named = match object.get("visibility") {
        None => Visibility::Public,
        Some(given) => match given.as_str() {
            Some("public") => Visibility::Public,
            Some("hidden") => Visibility::Hidden,
            Some("honeypot") => Visibility::Honeypot,
            _ => return Err(bad(&within(place, "visibility"), "`public`, `hidden` or `honeypot`", given)),
        },
    };
    match (named, flag("hidden")?, flag("honeypot")?) {
        (visibility, false, false) => Ok(visibility),
        (Visibility::Public | Visibility::Hidden, true, false) => Ok(Visibility::Hidden),
        (Visibility::Public | Visibility::Honeypot, false, true) => Ok(Visibility::Honeypot),
        _ => {
            let got = Value::from("several that exclude each other");
            Err(bad(&within(place, "visibility"), "one of `public`, `hidden` and `honeypot`", &got))
        }
    }
}

/// Globs of `protect`. An empty list is one: nothing but the configuration of harnesses is protected then.
fn globs(object: &Map<String, Value>, place: &str) -> Result<Option<Vec<String>>, BadOracle> {
    let at = within(place, "protect");
    let expected = "a list of globs, relative to the root of the project";
    let list = match object.get("protect") {
        None => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(bad(&at, expected, other)),
    };
    let glob = |item: &Value| {
        let text = item.as_str().filter(|text| !text.trim_start_matches('!').is_empty());
        let text = text.filter(|text| !leaves_the_project(text.trim_start_matches('!')));
        let text = text.filter(|text| Glob::new(text.trim_start_matches('!')).is_ok());
        text.map(str::to_owned).ok_or_else(|| bad(&at, expected, item))
    };
    list.iter().map(glob).collect::<Result<_, _>>().map(Some)
}

fn with_unique_names(mut checks: Vec<Check>) -> Result<Vec<Check>, BadOracle> {
    for nth in 1..checks.len() {
        let (before, after) = checks.split_at_mut(nth);
        let name = &after[0].name;
        if before.iter().any(|check| check.name == *name) {
            let got = format!("`{name}` twice");
            return Err(BadOracle { key: format!("checks[{nth}].name"), expected: "unique".into(), got });
        }
    }
    Ok(checks)
}

pub(super) fn leaves_the_project(path: &str) -> bool {
    !Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

pub(super) fn text(
    object: &Map<String, Value>,
    place: &str,
    key: &str,
    expected: &str,
) -> Result<Option<String>, BadOracle> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() && !text.contains('\0') => {
            Ok(Some(text.trim().to_owned()))
        }
        Some(other) => Err(bad(&within(place, key), expected, other)),
    }
}

pub(super) fn known_only(object: &Map<String, Value>, place: &str, known: &[&str]) -> Result<(), BadOracle> {
    let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
    let nearest = known.iter().min_by_key(|word| strsim::damerau_levenshtein(word, key));
    let near = nearest.filter(|word| strsim::damerau_levenshtein(word, key) <= 3);
    let got = match near {
        Some(near) => format!("`{key}`: did you mean `{near}`?"),
        None => format!("`{key}`"),
    };
    let words = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    Err(BadOracle { key: within(place, key), expected: format!("one of {words}"), got })
}

pub(super) fn within(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}

pub(super) fn bad(key: &str, expected: &str, got: &Value) -> BadOracle {
    let got = match got {
        Value::Null => "nothing".to_owned(),
        other => shortened(&other.to_string()),
    };
    BadOracle { key: key.to_owned(), expected: expected.to_owned(), got }
}
