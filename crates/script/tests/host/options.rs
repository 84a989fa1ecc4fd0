use fanfold_core::{AgentCall, Cap, Effort, Isolation};
use serde_json::json;

use crate::session::Session;

#[track_caller]
fn call(options: &str) -> AgentCall {
    let session = Session::start(&format!("await agent('p', {options})"));
    assert_eq!(session.end.as_ref().map(|end| format!("{end:?}")), None);
    assert_eq!(session.warnings(), <[&str; 0]>::default());
    session.agents()[0].clone()
}

#[track_caller]
fn refused(options: &str, expected: &str) {
    let session = Session::start(&format!("await agent('p', {options})"));
    let message = session.thrown();
    assert!(message.starts_with("TypeError: agent()"), "{message}");
    assert!(message.contains(expected), "{options}: {message}");
    assert_eq!(session.calls(), [], "nothing may leave");
    let place = session.failed().location.clone().expect("a place");
    assert_eq!((place.line, place.column), (1, 7), "{options}");
}

#[test]
fn every_option_arrives() {
    let all = call(
        "{label: 'l', phase: 'f', schema: {type: 'object'}, model: 'opus', effort: 'xhigh', isolation: 'worktree',
          agentType: 'Explore', backend: 'sim', tools: ['read'], disallowedTools: ['bash'], timeoutMs: 6e4,
          stallMs: 1000, retries: 0, cache: false, context: ['a.rs'], temperature: 0.5, maxTurns: 3,
          spendLimit: {tokens: 5000, usd: 0.1}}",
    );
    let expected = AgentCall {
        prompt: "p".into(),
        label: Some("l".into()),
        phase: Some("f".into()),
        schema: Some(json!({"type": "object"}).into()),
        model: Some("opus".into()),
        effort: Some(Effort::Xhigh),
        isolation: Isolation::Worktree,
        agent_type: Some("Explore".into()),
        backend: Some("sim".into()),
        tools: Some(vec!["read".into()]),
        disallowed_tools: vec!["bash".into()],
        timeout_ms: Some(60_000),
        stall_ms: Some(1_000),
        retries: Some(0),
        cache: false,
        context: vec!["a.rs".into()],
        temperature: Some(0.5),
        max_turns: Some(3),
        start: None,
        hands_over_patch: false,
        limit: Some(Cap { output_tokens: Some(5_000), usd_micros: Some(100_000) }),
    };
    assert_eq!(all, expected);
}

#[test]
fn undefined_is_as_if_absent() {
    assert_eq!(
        call("{label: undefined, schema: undefined, effort: undefined, team: undefined}"),
        AgentCall::new("p")
    );
    assert_eq!(call("undefined"), AgentCall::new("p"));
    assert_eq!(call("{}"), AgentCall::new("p"));
}

#[test]
fn bad_values_reject_before_anything_leaves() {
    refused(
        "{effort: 'huge'}",
        "`effort` must be one of `low`, `medium`, `high`, `xhigh`, `max`, not `huge`",
    );
    refused("{isolation: 'container'}", "`isolation` must be `worktree`, not `container`");
    refused("{label: 5}", "`label` must be a string, not 5");
    refused("{label: () => 1}", "`label` must be a string, not a function");
    refused("{model: ''}", "`model` must be a non-empty string, not an empty string");
    refused("{model: ['a']}", "not an array");
    refused("{tools: 'read'}", "`tools` must be an array of tool names, not `read`");
    refused("{tools: [1]}", "`tools` must be an array of tool names");
    refused("{timeoutMs: -1}", "`timeoutMs` must be a whole number of milliseconds above 0, not -1");
    refused("{timeoutMs: NaN}", "not the number NaN");
    refused("{timeoutMs: '5m'}", "not `5m`");
    refused("{retries: 1.5}", "`retries` must be a whole number of 0 or more, not 1.5");
    refused("{spendLimit: {usd: -1}}", "`spendLimit` must be `{tokens, usd}`");
    refused("{spendLimit: {}}", "`spendLimit` must be");
    refused("{maxTurns: 0}", "`maxTurns` must be a whole number above 0, not 0");
    refused("{cache: 'no'}", "`cache` must be `true` or `false`, not `no`");
    refused("{temperature: 3}", "`temperature` must be a number from 0 to 2, not 3");
    refused("{team: 'red'}", "`team` is not available in this version");
    refused("'fast'", "takes its options as an object, not a string");
    refused("[1]", "not an array");
}

#[test]
fn bad_schemas_reject_before_anything_leaves() {
    refused("{schema: 'x'}", "`schema` must be a JSON Schema object, not `x`");
    refused("{schema: ['x']}", "`schema`: a schema must be a JSON object");
    refused("{schema: {type: 'array'}}", "must be of type `object`");
    refused("{schema: {type: 'object', minProperties: 2, maxProperties: 1}}", "contradicts itself");
    refused("{schema: (() => { const s = {}; s.s = s; return s })()}", "schema must be plain data");
}

#[test]
fn a_bad_option_is_a_rejection_and_no_throw() {
    let session = Session::run(
        "let p; try { p = agent('x', {effort: 1}) } catch { return 'threw' } return await p.catch((e) => e.name)",
    );
    assert_eq!(session.returned(), json!("TypeError"));
}

#[test]
fn an_unknown_option_warns_once_and_names_the_nearest() {
    let session = Session::run(
        "for (let i = 0; i < 3; i++) await agent('p', {modle: 'opus'});\nawait agent('q', {x_private: () => 1})",
    );
    assert_eq!(
        session.warnings(),
        [
            "agent(): unknown option `modle` is ignored; did you mean `model`? (w.js:1:35)",
            "agent(): unknown option `x_private` is ignored (w.js:2:7)",
        ]
    );
    assert_eq!(session.prompts().len(), 4);
}
