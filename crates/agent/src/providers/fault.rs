//! What went wrong with one try, and whether trying again can help.

use std::time::Duration;

use fanfold_core::{Halt, HaltKind};
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::wire::TurnError;

/// Why one try of a turn came to nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// Final.
    Stop(TurnError),
    /// Nobody answers at that address.
    Unreachable(String),
    /// The provider is overloaded or limits our rate: all requests to it should wait.
    Busy { message: String, wait: Option<Duration> },
    /// This try broke (5xx, reset, cut, stalled); another may not.
    Hiccup(String),
    /// What came is no reply at all; trying again seldom helps.
    Garbage(String),
}

/// Whose fault it is, for messages.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    /// How to name the key to a person, as in "set OPENAI_API_KEY".
    pub key_hint: &'a str,
}

/// An error as providers word it, with its parts where they could be found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Complaint {
    /// `type`, `code` and `status`, joined by spaces.
    pub kind: String,
    pub message: String,
    /// A numeric `code` (some gateways put the HTTP status of their upstream there).
    pub status: Option<u16>,
}

impl Complaint {
    /// Any body: JSON of one of the usual shapes, or text.
    pub fn parse(body: &str) -> Self {
        match serde_json::from_str::<Value>(body) {
            Ok(value) => Self::of(&value),
            Err(_) => Self { message: brief(body), ..Self::default() },
        }
    }

    /// `{"error": {…}}`, `{"error": "text"}`, `{"message": …}` or `{"detail": …}`.
    pub fn of(value: &Value) -> Self {
        let error = value.get("error").unwrap_or(value);
        if let Some(text) = error.as_str() {
            return Self { message: brief(text), ..Self::default() };
        }
        let text = |key: &str| error.get(key).and_then(Value::as_str);
        let kind: Vec<&str> = ["type", "code", "status"].into_iter().filter_map(text).collect();
        let message =
            text("message").or_else(|| text("detail")).map_or_else(|| error.to_string(), str::to_owned);
        let status = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        Self { kind: kind.join(" "), message: brief(&message), status }
    }
}

/// A reply with a status other than 200.
pub(super) fn of_status(
    source: Source<'_>,
    status: u16,
    headers: &HeaderMap,
    body: &str,
    now_ms: u64,
) -> Fault {
    let complaint = Complaint::parse(body);
    judge(source, status, &complaint, retry_after(headers, now_ms))
}

/// An error inside a reply that began with 200.
pub(super) fn of_complaint(source: Source<'_>, complaint: &Complaint) -> Fault {
    let has = |word: &str| complaint.kind.contains(word);
    let status = match complaint.status {
        Some(status) if status >= 400 => status,
        _ if has("overloaded") => 529,
        _ if has("rate_limit") => 429,
        _ if has("authentication") => 401,
        _ if has("permission") => 403,
        _ if has("billing") => 402,
        _ if has("not_found") => 404,
        _ if has("too_large") => 413,
        _ if has("invalid_request") || has("content_filter") || has("context_length") => 400,
        _ => 500,
    };
    judge(source, status, complaint, None)
}

fn judge(source: Source<'_>, status: u16, complaint: &Complaint, wait: Option<Duration>) -> Fault {
    let Source { provider, model, .. } = source;
    let said = match complaint.message.as_str() {
        "" => format!("{provider} answered {status}"),
        message => format!("{provider} answered {status}: {message}"),
    };
    let words = format!("{} {}", complaint.kind, complaint.message).to_lowercase();
    let any = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let stop = |error| Fault::Stop(error);
    match status {
        402 => stop(spend_limit(source, said).into()),
        400 | 403 | 429 if any(SPEND_LIMIT) => stop(spend_limit(source, said).into()),
        400 | 413 | 422 | 500 if any(TOO_LONG) => stop(TurnError::TooLong(said)),
        413 => stop(TurnError::TooLong(said)),
        400 | 403 if any(DECLINED) => stop(TurnError::Refused(said)),
        401 | 403 => stop(credentials(source, said).into()),
        404 => stop(TurnError::BadRequest(format!("{said} (asked for the model `{model}`)"))),
        429 | 503 | 529 => Fault::Busy { message: said, wait },
        408 | 409 | 425 => Fault::Hiccup(said),
        501 => stop(TurnError::BadRequest(said)),
        500.. => Fault::Hiccup(said),
        300..400 => stop(TurnError::BadRequest(format!("{said}: it redirects, check the base URL"))),
        _ => stop(TurnError::BadRequest(said)),
    }
}

/// Texts of a limit on money, which come with 400, 403 or 429 too.
const SPEND_LIMIT: &[&str] = &[
    "insufficient_quota",
    "exceeded your current quota",
    "credit balance is too low",
    "billing_hard_limit",
    "billing_error",
    "spend limit",
    "spending limit",
    "api usage limits",
    "insufficient balance",
    "insufficient credits",
];

const TOO_LONG: &[&str] = &[
    "prompt is too long",
    "input is too long",
    "context_length_exceeded",
    "maximum context length",
    "exceed_context_size",
    "exceeds the available context size",
    "exceed context limit",
    "context window",
    "request_too_large",
];

const DECLINED: &[&str] = &[
    "content_filter",
    "content_policy",
    "content management policy",
    "input was flagged",
    "requires moderation",
];

pub(super) fn credentials(source: Source<'_>, message: String) -> Halt {
    Halt { kind: HaltKind::Credentials, message, hint: source.key_hint.to_owned() }
}

fn spend_limit(source: Source<'_>, message: String) -> Halt {
    let hint = format!("raise the limit or top up at {}, then resume the run", source.provider);
    Halt { kind: HaltKind::SpendLimit, message, hint }
}

/// How long the provider asks to wait: `retry-after-ms`, `retry-after` as seconds or as a date, or when
/// the exhausted one of Anthropic's rate limits is filled again. What cannot be read is ignored.
fn retry_after(headers: &HeaderMap, now_ms: u64) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = header("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return seconds(ms / 1000.0);
    }
    if let Some(text) = header("retry-after") {
        if let Ok(number) = text.parse::<f64>() {
            return seconds(number);
        }
        let date = |text| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond());
        if let Some(at) = date(text) {
            // Against the server's own clock where it tells: ours may be off by hours.
            let now = header("date").and_then(date).unwrap_or(i64::try_from(now_ms).unwrap_or(i64::MAX));
            return Some(Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or(0)));
        }
    }
    ["requests", "tokens", "input-tokens", "output-tokens"]
        .into_iter()
        .filter(|limit| header(&format!("anthropic-ratelimit-{limit}-remaining")) == Some("0"))
        .filter_map(|limit| {
            header(&format!("anthropic-ratelimit-{limit}-reset"))?.parse::<jiff::Timestamp>().ok()
        })
        .filter_map(|at| u64::try_from(at.as_millisecond()).ok()?.checked_sub(now_ms))
        .max()
        .map(Duration::from_millis)
}

fn seconds(number: f64) -> Option<Duration> {
    // `try_from` refuses what is negative, infinite or no number.
    Duration::try_from_secs_f64(number).ok()
}

/// The first 400 characters, on one line.
pub(super) fn brief(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.len() > 400 {
            let end = words.floor_char_boundary(400);
            words.truncate(end);
            words.push('…');
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Source<'static> = Source { provider: "acme", model: "m-1", key_hint: "set ACME_API_KEY" };

    fn class(status: u16, body: &str) -> &'static str {
        match of_status(SOURCE, status, &HeaderMap::new(), body, 0) {
            Fault::Stop(TurnError::Budget(_)) => "budget",
            Fault::Stop(TurnError::BadRequest(_)) => "bad request",
            Fault::Stop(TurnError::TooLong(_)) => "too long",
            Fault::Stop(TurnError::Refused(_)) => "refused",
            Fault::Stop(TurnError::Failed(_)) => "failed",
            Fault::Stop(TurnError::Halt(halt)) => match halt.kind {
                HaltKind::Credentials => "credentials",
                HaltKind::SpendLimit => "spend limit",
                HaltKind::Unreachable => "unreachable",
                HaltKind::Outage => "outage",
            },
            Fault::Unreachable(_) => "unreachable",
            Fault::Busy { .. } => "busy",
            Fault::Hiccup(_) => "hiccup",
            Fault::Garbage(_) => "garbage",
        }
    }

    #[test]
    fn a_status_and_its_words_decide_whether_trying_again_can_help() {
        let cases = [
            (400, r#"{"error":{"message":"bad tool","type":"invalid_request_error"}}"#, "bad request"),
            (400, r#"{"error":{"message":"prompt is too long: 9 > 8"}}"#, "too long"),
            (400, r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#, "too long"),
            (
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
                "too long",
            ),
            (
                400,
                r#"{"error":{"message":"Your credit balance is too low to access the API"}}"#,
                "spend limit",
            ),
            (400, r#"{"error":{"message":"x","code":"content_filter"}}"#, "refused"),
            (401, "", "credentials"),
            (402, r#"{"error":"Insufficient Balance"}"#, "spend limit"),
            (403, "<html>forbidden</html>", "credentials"),
            (404, "no such model", "bad request"),
            (413, "", "too long"),
            (418, "", "bad request"),
            (307, "", "bad request"),
            (429, r#"{"error":{"type":"rate_limit_error","message":"slow down"}}"#, "busy"),
            (
                429,
                r#"{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}"#,
                "spend limit",
            ),
            (500, "", "hiccup"),
            (502, "<html>bad gateway</html>", "hiccup"),
            (503, "", "busy"),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, "busy"),
        ];
        for (status, body, expect) in cases {
            assert_eq!(class(status, body), expect, "{status} {body}");
        }
    }

    #[test]
    fn a_model_that_does_not_exist_is_named() {
        let Fault::Stop(error) = of_status(SOURCE, 404, &HeaderMap::new(), "", 0) else { panic!("final") };
        assert!(error.to_string().contains("`m-1`"), "{error}");
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_date_and_ignored_when_it_is_neither() {
        let check = |pairs: &[(&'static str, &'static str)], expect: Option<u64>| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
                .collect();
            // 2026-01-01T00:00:00Z
            let wait = retry_after(&headers, 1_767_225_600_000).map(|wait| wait.as_millis() as u64);
            assert_eq!(wait, expect, "{pairs:?}");
        };
        check(&[("retry-after", "0")], Some(0));
        check(&[("retry-after", "5")], Some(5_000));
        check(&[("retry-after", "1.5")], Some(1_500));
        check(&[("retry-after-ms", "20")], Some(20));
        check(&[("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT")], Some(30_000));
        check(&[("retry-after", "Wed, 01 Jan 2020 00:00:30 GMT")], Some(0));
        let skewed =
            [("retry-after", "Thu, 01 Jan 2026 05:00:30 GMT"), ("date", "Thu, 01 Jan 2026 05:00:00 GMT")];
        check(&skewed, Some(30_000));
        check(&[("retry-after", "soon")], None);
        check(&[("retry-after", "-3")], None);
        check(&[("retry-after", "inf")], None);
        let limits = [
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:07Z"),
            ("anthropic-ratelimit-requests-remaining", "5"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:50Z"),
        ];
        check(&limits, Some(7_000));
    }
}
