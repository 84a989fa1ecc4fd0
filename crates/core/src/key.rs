//! The identity of a call across attempts: what was asked, and how often it had been asked before.
//!
//! Content-addressed rather than numbered, because the order of arrival is not deterministic under
//! `parallel()`. Two calls with one digest are interchangeable, so the order among them is moot.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{AgentCall, AskCall, Call, LandCall, OracleCall};

/// `<16 hex digits>.<n>`: the digest of what decides the reply, and the occurrence among equal ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallKey(Arc<str>);

/// What decides a reply besides the call itself, found out by the backend before the call is keyed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// `provider/model`.
    pub model: String,
    /// `native`, `sim`, …
    pub backend: String,
    /// Digest of the agent type's definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    /// Digest of each file of `context`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// Digest of the oracle's definition, for calls that it decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracle: Option<String>,
    /// For the person: an alias without a key, an option that this model ignores, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Hands out keys within one attempt.
#[derive(Debug, Default)]
pub struct Keys {
    seen: HashMap<String, u32>,
}

impl CallKey {
    pub fn new(digest: &str, nth: u32) -> Self {
        Self(format!("{digest}.{nth}").into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for CallKey {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Keys {
    /// `scope`: the `workflow()` call whose script makes this call, if any.
    pub fn next(&mut self, scope: Option<&CallKey>, call: &Call, resolved: &Resolved) -> CallKey {
        let digest = digest(scope, call, resolved);
        let count = self.seen.entry(digest.clone()).or_default();
        let key = CallKey::new(&digest, *count);
        *count += 1;
        key
    }
}

/// Version of the rule below: journals name it, so that older rules stay readable.
pub const KEY_VERSION: u32 = 1;

fn digest(scope: Option<&CallKey>, call: &Call, resolved: &Resolved) -> String {
    let bytes = match call {
        Call::Agent(agent) => {
            let AgentCall { prompt, schema, effort, temperature, max_turns, tools, .. } = &**agent;
            let asked = (prompt, schema, effort, temperature, max_turns, tools);
            let also = (&agent.disallowed_tools, agent.isolation, &agent.context);
            let Resolved { model, backend, agent_type, context, .. } = resolved;
            match &agent.start {
                // As it was before agents could go on from a patch: older journals keep their hits.
                None => {
                    serde_json::to_vec(&("agent", scope, asked, also, model, backend, agent_type, context))
                }
                Some(start) => {
                    let also = (also, start);
                    serde_json::to_vec(&("agent", scope, asked, also, model, backend, agent_type, context))
                }
            }
        }
        Call::Workflow(workflow) => serde_json::to_vec(&("workflow", scope, workflow)),
        Call::Timer(timer) => serde_json::to_vec(&("timer", scope, timer)),
        Call::Oracle(oracle) => {
            let OracleCall { patch, tests, moment, check, label: _, phase: _ } = &**oracle;
            serde_json::to_vec(&("oracle", scope, patch, tests, moment, check, &resolved.oracle))
        }
        Call::Land(land) => {
            let LandCall { patch, tests, on_opinions, title: _, phase: _ } = &**land;
            serde_json::to_vec(&("land", scope, patch, tests, on_opinions, &resolved.oracle))
        }
        Call::Ask(ask) => {
            let AskCall { question, options, default: _, phase: _ } = &**ask;
            serde_json::to_vec(&("ask", scope, question, options))
        }
    }
    .expect("plain data always serializes");
    short_digest(&bytes)
}

/// 16 hex digits (64 bits) of BLAKE3: a run has at most millions of calls, so two never meet.
pub fn short_digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(call: AgentCall) -> CallKey {
        Keys::default().next(None, &Call::Agent(Box::new(call)), &Resolved::default())
    }

    #[test]
    fn label_phase_and_limits_are_not_part_of_the_key() {
        let plain = AgentCall::new("a");
        let dressed = AgentCall {
            label: Some("l".into()),
            phase: Some("p".into()),
            timeout_ms: Some(1),
            stall_ms: Some(1),
            retries: Some(1),
            cache: false,
            ..plain.clone()
        };
        assert_eq!(key(plain), key(dressed));
    }

    #[test]
    fn whatever_decides_the_reply_is_part_of_the_key() {
        let base = AgentCall::new("a");
        let others = [
            AgentCall::new("b"),
            AgentCall { schema: Some(Arc::new(serde_json::json!({"type": "object"}))), ..base.clone() },
            AgentCall { effort: Some(crate::Effort::Low), ..base.clone() },
            AgentCall { temperature: Some(0.5), ..base.clone() },
            AgentCall { max_turns: Some(3), ..base.clone() },
            AgentCall { tools: Some(vec![]), ..base.clone() },
            AgentCall { disallowed_tools: vec!["bash".into()], ..base.clone() },
            AgentCall { isolation: crate::Isolation::Worktree, ..base.clone() },
            AgentCall { context: vec!["a.rs".into()], ..base.clone() },
        ];
        let mut keys: Vec<_> = others.into_iter().map(key).collect();
        keys.push(key(base));
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn equal_calls_are_told_apart_by_their_occurrence() {
        let mut keys = Keys::default();
        let call = Call::Agent(Box::new(AgentCall::new("a")));
        let first = keys.next(None, &call, &Resolved::default());
        let second = keys.next(None, &call, &Resolved::default());
        assert!(first.as_str().ends_with(".0") && second.as_str().ends_with(".1"), "{first} {second}");
        let nested = keys.next(Some(&first), &call, &Resolved::default());
        assert!(nested.as_str().ends_with(".0"), "a nested script counts for itself: {nested}");
    }
}
