//! A check that asks a server: what it is asked, and what a right answer is.

use std::fmt;

use fanfold_core::schema::Schema;
use hyper::header::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};

use super::read::{bad, known_only, leaves_the_project, milliseconds, text, visibility, within};
use super::{BadOracle, Check, Format, shortened};
use crate::http::loopback;

const READY_MS: u64 = 30_000;
const BODY_BYTES_MAX: usize = 64 << 10;
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const CHECK_KEYS: [&str; 11] = [
    "http",
    "start",
    "readyMs",
    "cwd",
    "timeoutMs",
    "protect",
    "name",
    "visibility",
    "hidden",
    "honeypot",
    "together",
];
const KEYS: [&str; 6] = ["url", "method", "headers", "body", "status", "schema"];
const SHAPE: &str = "{url, method, headers, body, status, schema}";

/// One request, made where the server runs, and what its answer has to be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HttpRule {
    /// Of a loopback address.
    pub url: String,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// `None`: 200 to 299.
    pub status: Option<u16>,
    /// JSON Schema of the answer's body. `None`: any body will do.
    pub schema: Option<Value>,
    /// Until the server takes connections.
    pub ready_ms: u64,
}

impl HttpRule {
    /// For people: the request, and what it has to come to.
    pub(super) fn describe(&self) -> String {
        let status = self.status.map(|status| format!("status {status}"));
        let body = self.schema.as_ref().map(|_| "a body by schema".to_owned());
        let wanted: Vec<String> = status.into_iter().chain(body).collect();
        match wanted.as_slice() {
            [] => self.to_string(),
            wanted => format!("{self} with {}", wanted.join(" and ")),
        }
    }
}

impl fmt::Display for HttpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// A check that has `http`.
pub(super) fn check(object: &Map<String, Value>, place: &str) -> Result<Check, BadOracle> {
    let at = |key: &str| within(place, key);
    for (key, instead) in [
        ("command", "`start` is the command that serves"),
        ("parse", "`http.status` and `http.schema` decide"),
        ("report", "`http.status` and `http.schema` decide"),
        ("score", "`http.status` and `http.schema` decide"),
        ("coverage", "a server is ended by us, and writes none"),
    ] {
        if let Some(given) = object.get(key) {
            return Err(bad(&at(key), &format!("left out where there is `http`: {instead}"), given));
        }
    }
    known_only(object, place, &CHECK_KEYS)?;
    let rule = rule(object, place)?;
    let expected = "the command that serves, as one line of sh: no other server can be reached from a check";
    let start = text(object, place, "start", expected)?;
    let start = start.ok_or_else(|| bad(&at("start"), expected, &Value::Null))?;
    let name = text(object, place, "name", "a name")?;
    let mut check = Check::new(&name.unwrap_or_else(|| shortened(&rule.to_string())), &start);
    check.cwd = text(object, place, "cwd", "a directory within the project")?;
    if check.cwd.as_deref().is_some_and(leaves_the_project) {
        return Err(bad(&at("cwd"), "a path within the project, without `..`", &object["cwd"]));
    }
    if let Some(limit) = milliseconds(object, place, "timeoutMs")? {
        check.timeout_ms = limit;
    }
    check.visibility = visibility(object, place)?;
    // What a server prints is no report, and how it ends says nothing.
    check.format = Format::Exit;
    check.http = Some(rule);
    Ok(check)
}

fn rule(object: &Map<String, Value>, place: &str) -> Result<HttpRule, BadOracle> {
    let here = within(place, "http");
    let at = |key: &str| within(&here, key);
    let http = object["http"].as_object().ok_or_else(|| bad(&here, SHAPE, &object["http"]))?;
    known_only(http, &here, &KEYS)?;
    let url = text(http, &here, "url", "a URL")?;
    let url = url.ok_or_else(|| bad(&at("url"), "a URL: `http://127.0.0.1:8080/health`", &Value::Null))?;
    if let Err(why) = loopback(&url) {
        return Err(bad(&at("url"), why, &http["url"]));
    }
    let method = match http.get("method") {
        None => "GET",
        Some(given) => {
            let known = METHODS.into_iter().find(|method| given.as_str() == Some(method));
            known.ok_or_else(|| bad(&at("method"), &format!("one of {}", METHODS.join(", ")), given))?
        }
    };
    let mut headers = headers(http, &here)?;
    let body = match http.get("body") {
        None => None,
        Some(Value::String(body)) => Some(body.clone()),
        Some(json @ (Value::Object(_) | Value::Array(_))) => {
            if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                headers.push(("content-type".into(), "application/json".into()));
            }
            Some(json.to_string())
        }
        Some(other) => return Err(bad(&at("body"), "a text, an object or a list", other)),
    };
    if body.as_ref().is_some_and(|body| body.len() > BODY_BYTES_MAX) {
        return Err(bad(&at("body"), &format!("at most {BODY_BYTES_MAX} bytes"), &http["body"]));
    }
    let status = match http.get("status") {
        None => None,
        Some(given) => {
            let code = given.as_u64().and_then(|code| u16::try_from(code).ok());
            let code = code.filter(|code| (200..600).contains(code));
            Some(code.ok_or_else(|| bad(&at("status"), "a status from 200 to 599", given))?)
        }
    };
    let schema = http.get("schema").cloned();
    if let Some(schema) = &schema
        && let Err(why) = Schema::compile_any(schema)
    {
        return Err(bad(&at("schema"), &format!("a JSON Schema ({why})"), schema));
    }
    let ready_ms = milliseconds(object, place, "readyMs")?.unwrap_or(READY_MS);
    Ok(HttpRule { url, method: method.into(), headers, body, status, schema, ready_ms })
}

fn headers(http: &Map<String, Value>, place: &str) -> Result<Vec<(String, String)>, BadOracle> {
    let at = within(place, "headers");
    let expected = "an object of header names and their values";
    let object = match http.get("headers") {
        None => return Ok(Vec::new()),
        Some(Value::Object(object)) => object,
        Some(other) => return Err(bad(&at, expected, other)),
    };
    let header = |(name, value): (&String, &Value)| {
        let text = value.as_str().filter(|text| HeaderValue::from_str(text).is_ok());
        let text = text.filter(|_| HeaderName::from_bytes(name.as_bytes()).is_ok());
        let text = text.ok_or_else(|| bad(&within(&at, name), expected, value))?;
        Ok((name.clone(), text.to_owned()))
    };
    object.iter().map(header).collect()
}
