//! A score: `{score}` as JSON, or the number in the last match of a pattern of the person's own.

use regex::Regex;
use serde_json::Value;

use super::{Report, json};
use crate::spec::ScoreRule;

pub fn read(text: &str, rule: Option<&ScoreRule>) -> Option<Report> {
    let score = match rule.and_then(|rule| rule.pattern.as_deref()) {
        Some(pattern) => {
            let regex = Regex::new(pattern).ok()?;
            regex.captures_iter(text).last()?.name("score")?.as_str().parse::<f64>().ok()?
        }
        None => json::object(text)?.get("score").and_then(Value::as_f64)?,
    };
    let doubt = (!score.is_finite()).then(|| format!("the score is {score}"));
    Some(Report { score: Some(score), doubt, ..Report::default() })
}
