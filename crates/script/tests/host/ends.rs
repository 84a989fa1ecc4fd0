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
fn a_stuck_script_tells_what_it_had_waited_for() {
    let cases = [
        ("await new Promise(() => {})", "no agent, workflow or timer is open", "never called", None),
        (
            "const id = setTimeout(() => {}, 5);\nclearTimeout(id);\nawait new Promise(() => {})",
            "is open, and its timer was cleared",
            "cleared timer never resolves",
            Some(1),
        ),
        (
            "await agent('x');\nawait agent('y');\nawait new Promise(() => {})",
            "the 2 calls that it made have ended",
            "never called",
            Some(2),
        ),
        (
            "await agent('x');\nfor (const id of [setTimeout(() => {}), setTimeout(() => {})]) clearTimeout(id);\nawait new Promise(() => {})",
            "the one call that it made has ended, and 2 timers were cleared",
            "cleared timer never resolves",
            Some(2),
        ),
    ];
    for (body, message, hint, line) in cases {
        let session = Session::run(body);
        let error = session.failed();
        assert_eq!(error.kind, ScriptErrorKind::Stuck, "{body}");
        assert!(error.message.contains(message), "{error:?}");
        assert!(error.hint.as_ref().is_some_and(|told| told.contains(hint)), "{error:?}");
        assert_eq!(error.location.as_ref().map(|place| place.line), line, "{error:?}");
    }
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
fn a_computing_script_is_placed_where_it_computes_or_after_its_last_call() {
    let limits = ScriptLimits { slice_cpu_ms: 50, ..ScriptLimits::default() };
    let place = |body: &str| {
        let session = Session::run_with(body, Start { limits, ..start() }, echo);
        let error = session.failed().clone();
        assert_eq!(error.kind, ScriptErrorKind::Cpu, "{body}: {error:?}");
        (error.location.map(|place| place.line), error.message.contains("somewhere after this call"))
    };
    // The limit may fall between two calls, where there is no place: a call before the loop shifts that.
    let placed = ["", "f(); "]
        .map(|before| place(&format!("await agent('x');\nconst f = () => 1;\n{before}for (;;) f()")));
    assert!(placed.contains(&(Some(3), false)), "{placed:?}");
    // An empty loop has no place of its own: that of what ran before it, or of its function, is the nearest.
    assert_eq!(place("await agent('x');\nfor (;;) {}"), (Some(1), false));
    assert_eq!(
        place(
            "await agent('x');\nconst f = () => { try { for (;;) {} } catch {} };\nawait parallel([async () => { await 0; f() }])"
        ),
        (Some(2), false)
    );
    assert_eq!(
        place("await agent('x');\nsetTimeout(() => {\n for (;;) {} }, 5);\nawait new Promise(() => {})"),
        (Some(2), false)
    );
    // Between two steps of a storm nothing of the script runs.
    let storm = place("\nawait agent('x');\nconst f = async () => { for (;;) await 0 };\nawait f()");
    assert!([(Some(2), true), (Some(3), false)].contains(&storm), "{storm:?}");
}

#[test]
fn a_script_at_the_end_of_its_stack_is_placed() {
    for body in
        ["\nconst f = (n) => f(n + 1) + 1;\nf(0)", "\nconst f = async (n) => await f(n + 1);\nawait f(0)"]
    {
        let session = Session::run(body);
        assert!(session.thrown().contains("stack"), "{}", session.thrown());
        let line = session.failed().location.as_ref().map(|place| place.line);
        assert!(line == Some(2) || line == Some(3), "{body}: {:?}", session.failed());
    }
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
fn a_script_over_its_memory_is_over_whatever_it_catches() {
    let limits = ScriptLimits { memory_bytes: 32 << 20, ..ScriptLimits::default() };
    for body in [
        "const a = []; try { for (;;) a.push({x: 1}) } catch { a.length = 0 } return 'survived'",
        "const a = []; try { for (;;) a.push(Symbol('x' + a.length)) } catch { a.length = 0 } return 'survived'",
        "try { new ArrayBuffer(2 ** 30) } catch {} return 'survived'",
        "try { 'x'.repeat(2 ** 28) } catch {} await agent('x'); return 'survived'",
        "const f = () => { try { 'x'.repeat(2 ** 28) } finally { return 'survived' } }; return f()",
        "await Promise.allSettled([agent('x').then(() => 'x'.repeat(2 ** 28))]); return 'survived'",
        "const big = async () => 'x'.repeat(2 ** 28); await big().catch(() => 0); return 'survived'",
        "const g = (function* () { yield 'x'.repeat(2 ** 28) })(); try { g.next() } catch {} return 'survived'",
        "return await parallel([() => 'x'.repeat(2 ** 28)])",
        "return await pipeline([1], () => agent('x'), () => 'x'.repeat(2 ** 28))",
        "setTimeout(() => { try { 'x'.repeat(2 ** 28) } catch {} }); await agent('x'); await agent('y'); return 'survived'",
        "Promise.resolve(2 ** 28).then('x'.repeat.bind('x')); await agent('x'); return 'survived'",
        "return { get big() { return 'x'.repeat(2 ** 28) } }",
        "return { toJSON() { return 'x'.repeat(2 ** 28) } }",
        "try { InternalError.prototype.name = 'Other' } catch {} try { 'x'.repeat(2 ** 28) } catch {} return 'survived'",
    ] {
        let session = Session::run_with(body, Start { limits, ..start() }, echo);
        assert_eq!(session.failed().kind, ScriptErrorKind::Memory, "{body}: {:?}", session.failed());
    }
}

#[test]
fn what_a_script_asks_for_counts_as_its_memory() {
    let limits = ScriptLimits { memory_bytes: 8 << 20, ..ScriptLimits::default() };
    for body in [
        "for (;;) log('x'.repeat(1e5))",
        "for (;;) log('x')",
        "for (;;) console.log('x'.repeat(1e5))",
        "for (;;) phase('x'.repeat(1e5))",
        "for (;;) agent('x'.repeat(1e5))",
        "for (;;) agent('x', {label: 'x'.repeat(1e5)})",
        "for (;;) agent('x', {context: ['x'.repeat(1e5)]})",
        "for (let i = 0; ; i++) agent('x', {schema: {type: 'object', description: i + 'x'.repeat(1e5)}})",
        "for (;;) workflow('x', 'x'.repeat(1e5))",
        "for (;;) now()",
        "for (;;) clearTimeout(setTimeout(() => {}))",
        "for (;;) parallel([() => { throw 'x'.repeat(1e5) }])",
    ] {
        let session = Session::run_with(body, Start { limits, ..start() }, echo);
        assert_eq!(session.failed().kind, ScriptErrorKind::Memory, "{body}: {:?}", session.failed());
    }
}

#[test]
fn a_null_that_a_script_throws_is_no_lack_of_memory() {
    assert_eq!(Session::run("const nothing = null; throw nothing").thrown(), "threw null");
    assert_eq!(Session::run("await Promise.reject(null)").thrown(), "threw null");
    let session = Session::run(
        "const nothing = null; await parallel([() => { throw nothing }, () => Promise.reject(nothing)]); try { throw nothing } catch (e) { return [e, failures().map((f) => f.message)] }",
    );
    assert_eq!(session.returned(), json!([null, ["threw null", "threw null"]]));
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
