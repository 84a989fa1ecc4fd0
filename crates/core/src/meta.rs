//! `export const meta = {…}`: what a workflow says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub name: String,
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_to_use: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// JSON Schema of `args`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Value>,
    #[serde(default)]
    pub limits: MetaLimits,
    /// The declared oracle, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracle: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What its agents may spend together: `{tokens, usd}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<SpendLimit>,
}

/// A limit as a script writes it: output tokens, dollars, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpendLimit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "dollars")]
    pub usd: Option<f64>,
}

impl SpendLimit {
    /// In whole micro-dollars: the nearest one.
    pub fn cap(&self) -> Cap {
        Cap { output_tokens: self.tokens, usd_micros: self.usd.map(usd_micros) }
    }
}

/// Dollars as a script writes them, in whole micro-dollars.
pub fn usd_micros(usd: f64) -> u64 {
    (usd * 1e6).round() as u64
}

fn dollars<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(from)? {
        Some(usd) if !(0.0..=1e9).contains(&usd) => {
            Err(serde::de::Error::custom(format!("`usd` is {usd}, expected dollars from 0 to a billion")))
        }
        usd => Ok(usd),
    }
}

/// What the workflow's author thinks enough; flags beat it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetaLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u64>,
    /// Output tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "dollars")]
    pub usd: Option<f64>,
    /// Of each agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<SpendLimit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
}

pub const META_KEYS: [&str; 7] = ["name", "description", "whenToUse", "phases", "args", "limits", "oracle"];

impl Meta {
    /// Checks what the syntax tree gave. `Ok` carries warnings (unknown keys); `Err` the first thing wrong.
    pub fn from_literal(literal: &Value) -> Result<(Meta, Vec<String>), String> {
        let Value::Object(fields) = literal else { return Err("`meta` must be an object literal".into()) };
        for key in ["name", "description"] {
            match fields.get(key) {
                Some(Value::String(text)) if !text.trim().is_empty() => (),
                Some(_) => return Err(format!("`meta.{key}` must be a non-empty string")),
                None => return Err(format!("`meta.{key}` is missing: it must be a non-empty string")),
            }
        }
        let mut warnings = Vec::new();
        for key in fields.keys().filter(|key| !META_KEYS.contains(&key.as_str())) {
            warnings.push(match crate::schema::nearest(key, &META_KEYS) {
                Some(known) => format!("unknown key `meta.{key}` is ignored; did you mean `{known}`?"),
                None => format!("unknown key `meta.{key}` is ignored"),
            });
        }
        let meta = serde_json::from_value(literal.clone()).map_err(|err| format!("`meta`: {err}"))?;
        Ok((meta, warnings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_misspelt_key_warns_and_names_the_nearest() {
        let (meta, warnings) =
            Meta::from_literal(&json!({"name": "n", "description": "d", "phasis": []})).expect("valid");
        assert_eq!(meta.name, "n");
        assert_eq!(warnings, ["unknown key `meta.phasis` is ignored; did you mean `phases`?"]);
    }

    #[test]
    fn name_and_description_are_required() {
        assert!(
            Meta::from_literal(&json!({"name": "n"})).expect_err("no description").contains("description")
        );
        assert!(Meta::from_literal(&json!({"name": " ", "description": "d"})).is_err());
    }
}
