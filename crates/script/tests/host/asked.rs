//! `oracle()` and `ask()`.

use fanfold_core::{AskCall, Call, FailureKind, OracleCall};
use serde_json::{Value, json};

use crate::session::{Session, start, throw, value};

fn asked(session: &Session) -> AskCall {
    match session.calls()[..] {
        [(0, Call::Ask(ask))] => (**ask).clone(),
        ref other => panic!("not one question: {other:?}"),
    }
}

#[track_caller]
fn refused(call: &str, expected: &str) {
    let session = Session::start(&format!("await {call}"));
    assert!(
        session.thrown().starts_with("TypeError: ") && session.thrown().contains(expected),
        "{call}: {}",
        session.thrown()
    );
    assert_eq!(session.calls(), [], "nothing may leave");
    let place = session.failed().location.clone().expect("a place");
    assert_eq!((place.line, place.column), (1, 7), "{call}");
}

#[test]
fn the_primitives_can_be_tested_for() {
    let body = "return [typeof oracle, typeof verified, typeof ask]";
    assert_eq!(Session::run(body).returned(), json!(["function", "function", "function"]));
}

#[test]
fn a_question_goes_out_with_its_options_and_its_default() {
    let body = "phase('P'); return await ask('Go on?', {options: ['yes', 'no'], default: {any: [1]}})";
    let session = Session::run_with(body, start(), |_| value("yes"));
    let expected = AskCall {
        question: "Go on?".into(),
        options: vec!["yes".into(), "no".into()],
        default: Some(json!({"any": [1]})),
        phase: Some("P".into()),
    };
    assert_eq!((asked(&session), session.returned()), (expected, json!("yes")));
}

#[test]
fn null_is_a_default_and_undefined_is_none() {
    for (options, default) in [
        ("", None),
        (", {}", None),
        (", {default: undefined}", None),
        (", {default: null}", Some(Value::Null)),
        (", {default: false}", Some(json!(false))),
    ] {
        let session = Session::start(&format!("await ask('q'{options})"));
        assert_eq!(asked(&session).default, default, "{options}");
    }
}

#[test]
fn a_question_that_nobody_answers_rejects_and_is_listed() {
    let body = "try { await ask('q') } catch (e) { return [e.kind, e.message, failures()[0].label] }";
    let session = Session::run_with(body, start(), |_| throw(FailureKind::Unanswered, "nobody is there"));
    assert_eq!(session.returned(), json!(["unanswered", "nobody is there", "q"]));
}

#[test]
fn what_is_no_question_is_refused() {
    refused("ask()", "ask() takes a question");
    refused("ask('')", "not an empty string");
    refused("ask(['a'])", "not an array");
    refused("ask('q', ['yes'])", "ask() takes its options as an object, not an array");
    refused(
        "ask('q', {options: 'yes'})",
        "ask(): `options` must be an array of non-empty strings, not `yes`",
    );
    refused("ask('q', {options: ['']})", "ask(): `options` must be");
    refused("ask('q', {options: [1]})", "ask(): `options` must be");
    refused("ask('q', {default: () => 1})", "ask(): `default` must be plain data, not a function");
}

#[test]
fn the_oracle_is_asked_about_the_run() {
    let judged = json!({"passed": true, "failures": []});
    let body = "phase('P'); return [await oracle(), await oracle({label: 'l', phase: 'Q'})]";
    let session = Session::run_with(body, start(), |_| value(judged.clone()));
    assert_eq!(session.returned(), json!([judged, judged]));
    let calls = session.calls().into_iter().filter_map(|(_, call)| match call {
        Call::Oracle(oracle) => Some((**oracle).clone()),
        _ => None,
    });
    let of = |label: Option<&str>, phase: &str| OracleCall {
        label: label.map(str::to_owned),
        phase: Some(phase.into()),
        ..OracleCall::default()
    };
    assert_eq!(calls.collect::<Vec<_>>(), [of(None, "P"), of(Some("l"), "Q")]);
    refused("oracle('fast')", "oracle() takes its options as an object, not a string");
    refused("oracle({label: 5})", "oracle(): `label` must be a string, not 5");
}

#[test]
fn an_oracle_that_cannot_be_asked_rejects() {
    let body =
        "return await parallel([() => oracle()]).then((all) => [all, failures().map((it) => it.kind)])";
    let session = Session::run_with(body, start(), |_| throw(FailureKind::Oracle, "no sandbox"));
    assert_eq!(session.returned(), json!([[null], ["oracle"]]));
}
