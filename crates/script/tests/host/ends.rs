use fanfold_script::protocol::{End, ScriptErrorKind, ScriptLimits, Start};
use serde_json::json;

use crate::session::{Session, echo, start, value};

#[test]
fn whatever_is_thrown_has_a_message() {
    let cases = [
        ("throw new Error('plain')", "plain"),
        ("throw new RangeError('r')", "RangeError: r"),
        ("throw 'text'", "text"),
        ("throw null", "threw null"),
        ("throw {code: 5}", "threw { code: 5 }"),
        (
            "throw { get message() { throw 1 }, toString() { throw 2 } }",
            "threw something that cannot be shown",
        ),
        ("await Promise.reject(new Error('later'))", "later"),
        ("class Mine extends Error { name = 'Mine' } throw new Mine('own')", "Mine: own"),
    ];
    for (body, expected) in cases {
        assert_eq!(Session::run(body).thrown(), expected, "{body}");
    }
}

#[test]
fn code_that_the_engine_cannot_compile_fails_with_a_message() {
    let session = Session::run("const a = ;");
    assert!(session.thrown().starts_with("SyntaxError"), "{}", session.thrown());
}

#[test]
fn a_script_that_waits_for_nothing_is_stuck_and_says_so() {
    for body in [
        "await new Promise(() => {})",
        "const id = setTimeout(() => {}, 5); clearTimeout(id); await new Promise(() => {})",
    ] {
        let session = Session::start(body);
        let error = session.failed();
        assert_eq!(error.kind, ScriptErrorKind::Stuck, "{body}");
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("new Promise")), "{error:?}");
    }
    let mut session = Session::start("await agent('x'); await new Promise(() => {})");
    assert!(session.end.is_none());
    session.settle(0, value("x"));
    assert_eq!(session.failed().kind, ScriptErrorKind::Stuck);
}

#[test]
fn a_script_that_waits_for_a_call_is_not_stuck() {
    let session = Session::start("agent('background'); await new Promise(() => {})");
    assert!(session.end.is_none());
}

#[test]
fn a_script_may_end_with_calls_open() {
    let mut session = Session::start("agent('background').then(() => agent('more')); return 1");
    assert_eq!(session.returned(), json!(1));
    session.settle(0, value("x"));
    assert!(session.end.is_none(), "it ended before");
    assert_eq!(session.prompts(), ["background"]);
}

#[test]
fn a_script_over_its_cpu_time_is_over_whatever_it_catches() {
    let limits = ScriptLimits { slice_cpu_ms: 50, ..ScriptLimits::default() };
    for body in [
        "for (;;) {}",
        "for (;;) { try { for (;;) {} } catch {} }",
        "const f = async () => { for (;;) await 0 }; f(); await f()",
        "await agent('x'); await parallel([() => { for (;;) {} }]); return 'survived'",
    ] {
        let session = Session::run_with(body, Start { limits, ..start() }, echo);
        assert_eq!(session.failed().kind, ScriptErrorKind::Cpu, "{body}");
        assert!(session.failed().message.contains("50 ms"), "{body}");
    }
}

#[test]
fn the_function_of_an_endless_loop_is_named() {
    let limits = ScriptLimits { slice_cpu_ms: 50, ..ScriptLimits::default() };
    let session = Session::run_with(
        "const x = 1;\nconst spin = () => { for (;;) {} };\nspin();",
        Start { limits, ..start() },
        echo,
    );
    assert_eq!(session.failed().location.as_ref().map(|place| place.line), Some(2));
}

#[test]
fn every_wait_begins_a_new_slice() {
    let limits = ScriptLimits { slice_cpu_ms: 200, ..ScriptLimits::default() };
    let body = "const burn = () => { let n = 0; for (let i = 0; i < 1000000; i++) n += i; return n };
        for (let i = 0; i < 12; i++) { burn(); await agent('x') } return 'done'";
    assert_eq!(Session::run_with(body, Start { limits, ..start() }, echo).returned(), json!("done"));
}

#[test]
fn a_script_over_its_memory_is_over() {
    let limits = ScriptLimits { memory_bytes: 32 << 20, ..ScriptLimits::default() };
    for body in [
        "const a = []; for (;;) a.push({x: 1})",
        "await parallel([() => { const a = []; for (;;) a.push({x: 1}) }]); return 'survived'",
    ] {
        let session = Session::run_with(body, Start { limits, ..start() }, echo);
        assert_eq!(session.failed().kind, ScriptErrorKind::Memory, "{body}: {:?}", session.failed());
        assert!(session.failed().message.contains("32 MiB"), "{body}");
    }
}

#[test]
fn cycles_are_collected_before_they_count() {
    let limits = ScriptLimits { memory_bytes: 32 << 20, ..ScriptLimits::default() };
    let body =
        "for (let i = 0; i < 300000; i++) { const a = {text: 'x'.repeat(50) + i}; a.self = a } return 'done'";
    assert_eq!(Session::run_with(body, Start { limits, ..start() }, echo).returned(), json!("done"));
}

#[test]
fn a_host_that_failed_says_so_again() {
    let mut session = Session::start("throw new Error('once')");
    session.settle(0, value("x"));
    assert!(matches!(&session.end, Some(End::Failed(error)) if error.message == "once"));
}
