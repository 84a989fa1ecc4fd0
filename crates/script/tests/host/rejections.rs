//! A promise that failed unseen is told at the end.

use fanfold_core::FailureKind;
use serde_json::json;

use crate::session::{Session, null, start, throw};

#[track_caller]
fn warned(body: &str, expected: &[&str]) {
    let session = Session::run(body);
    assert!(session.end.is_some(), "{body}");
    let told: Vec<&str> = session
        .warnings()
        .into_iter()
        .map(|warning| warning.strip_prefix("nobody waited for a promise that failed: ").unwrap_or(warning))
        .collect();
    assert_eq!(told, expected, "{body}");
}

#[test]
fn a_main_that_nobody_awaits_is_told_of() {
    warned(
        "const main = async () => {\n  throw new Error('boom') };\nmain(); return 1",
        &["boom (w.js:2:13)"],
    );
    warned(
        "const main = async () => {\n  await agent('x'); null.x };\nmain(); await agent('y'); return 1",
        &["TypeError: cannot read property 'x' of null (w.js:2:21)"],
    );
    warned("Promise.reject('text'); await new Promise(() => {})", &["text"]);
}

#[test]
fn a_bad_agent_that_nobody_awaits_is_told_of() {
    warned(
        "agent('x', {effort: 'huge'}); await agent('y'); return 1",
        &[
            "TypeError: agent(): `effort` must be one of `low`, `medium`, `high`, `xhigh`, `max`, not `huge` (w.js:1:1)",
        ],
    );
    let session =
        Session::run_with("agent('x'); await agent('y').catch(() => {}); return 1", start(), |_| {
            throw(FailureKind::Budget, "spent")
        });
    assert_eq!(session.warnings(), ["nobody waited for a promise that failed: spent (w.js:1:1)"]);
}

#[test]
fn what_is_handled_sooner_or_later_is_not_told_of() {
    for body in [
        "const p = Promise.reject(new Error('x')); await agent('y'); try { await p } catch {}",
        "Promise.reject(1).catch(() => {})",
        "await Promise.allSettled([Promise.reject(1), agent('x', {effort: 1})])",
        "await Promise.race([agent('x'), agent('y', {effort: 1})]).catch(() => {})",
        "const all = [agent('x', {effort: 1}), agent('y')]; for (const one of all) await one.catch(() => {})",
        "for await (const x of (async function* () { yield agent('z') })()) {}",
    ] {
        warned(body, &[]);
    }
    let body = "const p = agent('x'); await parallel([() => p, () => agent('y')]); const q = agent('z'); await parallel([() => q]); await pipeline([1], () => agent('w'))";
    let session = Session::run_with(body, start(), |_| throw(FailureKind::Cap, "too many"));
    assert_eq!(
        session.warnings().iter().filter(|warning| warning.contains("nobody")).count(),
        0,
        "{:?}",
        session.warnings()
    );
    assert_eq!(session.warnings().len(), 4, "each became null: {:?}", session.warnings());
}

#[test]
fn an_error_that_ends_the_script_is_told_once() {
    warned("throw new Error('x')", &[]);
    warned("await agent('x'); throw new Error('x')", &[]);
    warned(
        "Promise.reject(new Error('other')); await agent('x'); throw new Error('x')",
        &["other (w.js:1:21)"],
    );
    warned("await agent('x', {effort: 1})", &[]);
}

#[test]
fn many_are_counted_and_none_can_harm() {
    let session =
        Session::run("for (let i = 0; i < 5000; i++) Promise.reject(i); await agent('x'); return 1");
    assert_eq!(session.warnings().len(), 11);
    assert_eq!(session.warnings()[10], "nobody waited for 4990 more promises that failed");
    let odd = "Promise.reject({ get message() { throw 1 }, toString() { for (;;) {} } });
        Promise.reject(new Proxy({}, { get() { throw 2 }, getPrototypeOf() { throw 3 } }));
        Promise.reject(Object.create(null)); Promise.reject(Symbol('s')); return 1";
    let session = Session::run(odd);
    assert_eq!(session.returned(), json!(1));
    assert_eq!(session.warnings().len(), 4, "{:?}", session.warnings());
}

#[test]
fn of_a_workflow_in_place_they_are_told_with_its_file() {
    let session = Session::run_with("return await workflow('w')", start(), |call| {
        match call {
        fanfold_core::Call::Workflow(_) => fanfold_script::protocol::Settlement::Script {
            source: "export const meta = {name: 'inner', description: 'd'};\nPromise.reject(new Error('deep')); return 5".into(),
            file: "inner.js".into(),
            args: None,
        },
        _ => null("x"),
    }
    });
    assert_eq!(session.returned(), json!(5));
    assert_eq!(session.warnings(), ["nobody waited for a promise that failed: deep (inner.js:2:20)"]);
}
