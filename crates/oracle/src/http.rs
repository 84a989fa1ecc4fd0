//! What the engine and the process that asks a server say to each other, and whether an answer is right.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use fanfold_core::schema::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Url};

use crate::spec::HttpRule;

/// Read of a body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
const FAULT_CHARS_MAX: usize = 1_000;

/// From the engine, on the standard input of the process that asks.
#[derive(Debug, Serialize, Deserialize)]
pub struct Question {
    /// A line of `sh` that serves.
    pub start: String,
    /// Where it starts, relative to where the process that asks does.
    pub folder: PathBuf,
    pub url: String,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub ready_ms: u64,
    /// For everything.
    pub timeout_ms: u64,
}

/// To the engine, on standard output: nobody else has it open.
#[derive(Debug, Serialize, Deserialize)]
pub struct Heard {
    /// By the server: the start and the end of it.
    pub printed: String,
    /// `Err`: why there is none.
    pub answer: Result<Answer, String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// There was more of it.
    pub is_cut: bool,
}

/// Where a URL leads, if it is one that may be asked. `Err`: what it has to be.
pub fn loopback(url: &str) -> Result<Vec<SocketAddr>, &'static str> {
    const EXPECTED: &str = "a URL of this machine: `http://127.0.0.1:8080/health`";
    let url = Url::parse(url).map_err(|_| EXPECTED)?;
    if url.scheme() != "http" || !url.username().is_empty() || url.password().is_some() {
        return Err("a URL that begins with `http://` and the host, without a user");
    }
    let addresses: Vec<IpAddr> = match url.host() {
        Some(Host::Domain("localhost")) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Some(Host::Ipv4(address)) if address.is_loopback() => vec![address.into()],
        Some(Host::Ipv6(address)) if address.is_loopback() => vec![address.into()],
        Some(_) | None => return Err("a URL of `127.0.0.1` or `localhost`: a check has no other network"),
    };
    let port = url.port_or_known_default().filter(|port| *port > 0).ok_or(EXPECTED)?;
    Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// What is wrong with an answer, in one line. `None`: nothing.
pub fn fault(rule: &HttpRule, answer: &Answer) -> Option<String> {
    let (is_right, expected) = match rule.status {
        Some(status) => (answer.status == status, status.to_string()),
        None => ((200..300).contains(&answer.status), "200 to 299".to_owned()),
    };
    if !is_right {
        return Some(format!("it answered with status {}, not {expected}", answer.status));
    }
    let schema = rule.schema.as_ref()?;
    if answer.is_cut {
        return Some(format!("the body is longer than {BODY_BYTES_MAX} bytes"));
    }
    let body: Value = match serde_json::from_str(&answer.body) {
        Ok(body) => body,
        Err(why) => return Some(format!("the body is no JSON: {why}")),
    };
    let why = Schema::compile_any(schema).and_then(|schema| schema.validate(&body)).err()?;
    let why = why.lines().collect::<Vec<_>>().join("; ");
    Some(format!("the body does not match the schema: {}", crate::report::clipped(&why, FAULT_CHARS_MAX)))
}
