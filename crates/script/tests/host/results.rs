//! A result is never lost at the end of a paid run.

use serde_json::{Value, json};

use crate::session::{Session, eval};

#[track_caller]
fn warned(body: &str, expected: Value, warning: &str) {
    let session = Session::run(body);
    assert_eq!(session.returned(), expected, "{body}");
    let warnings = session.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains(warning), "{body}: {warnings:?}");
}

#[test]
fn the_result_is_what_json_makes_of_it() {
    assert_eq!(
        eval("return {a: undefined, b: NaN, c: [undefined, Infinity, -0], d: () => 1, e: new Date(0)}"),
        json!({"b": null, "c": [null, null, 0], "e": "1970-01-01T00:00:00.000Z"})
    );
    assert_eq!(eval("return"), json!(null));
    assert_eq!(eval("return () => 1"), json!(null));
    assert_eq!(eval("return 'a\\ud83d\"\\\\ud83d\\n'"), json!("a\u{fffd}\"\\ud83d\n"));
    assert_eq!(eval("return [new Number(1), new String('s'), new Boolean(false)]"), json!([1, "s", false]));
    assert_eq!(eval("return {toJSON() { return {x: 1} }}"), json!({"x": 1}));
    assert_eq!(
        eval("return JSON.parse('{\"__proto__\": 1, \"a\": 2}')"),
        serde_json::from_str::<Value>("{\"__proto__\":1,\"a\":2}").expect("JSON")
    );
}

#[test]
fn what_json_has_no_form_for_warns_and_stays() {
    warned("return {n: 12n}", json!({"n": "12"}), "result.n is a BigInt");
    warned(
        "const a = {x: 1}; a.self = a; return [a]",
        json!([{"x": 1, "self": null}]),
        "result[0].self refers back",
    );
    warned(
        "return {ok: 1, bad: {toJSON() { throw new Error('no') }, y: 2}}",
        json!({"ok": 1, "bad": {"y": 2}}),
        "threw no",
    );
    warned(
        "return {ok: 1, get bad() { throw new Error('no') }}",
        json!({"ok": 1, "bad": null}),
        "reading result.bad threw no",
    );
    warned("return new Map([[1, 2]])", json!({}), "result is a Map");
    warned("return {s: new Set([1])}", json!({"s": {}}), "result.s is a Set");
    warned(
        "return new Proxy({}, {ownKeys() { throw new Error('no') }})",
        json!(null),
        "reading result threw no",
    );
}

#[test]
fn the_same_object_twice_is_no_cycle() {
    let session = Session::run("const a = {x: 1}; return [a, a]");
    assert_eq!(session.returned(), json!([{"x": 1}, {"x": 1}]));
    assert!(session.warnings().is_empty());
}

#[test]
fn a_result_too_deep_to_write_is_cut() {
    let session = Session::run("let a = 1; for (let i = 0; i < 100000; i++) a = [a]; return {ok: 1, a}");
    assert_eq!(session.returned()["ok"], json!(1));
    assert_eq!(session.warnings().len(), 1, "{:?}", session.warnings());
}

#[test]
fn a_polluted_prototype_does_not_change_the_result() {
    let body = "Object.prototype.toString = () => 'x'; Array.prototype.push = null; JSON.stringify = () => 'y'; Object.keys = null; return {a: [1]}";
    assert_eq!(eval(body), json!({"a": [1]}));
}
