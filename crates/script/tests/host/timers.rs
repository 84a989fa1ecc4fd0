use fanfold_core::{Call, TimerCall};
use fanfold_script::protocol::Request;
use serde_json::json;

use crate::session::{Session, eval, value};

#[test]
fn a_timer_is_a_call_that_the_engine_settles() {
    let mut session = Session::start("return await new Promise((done) => setTimeout(done, 250.9, 'late'))");
    assert_eq!(session.calls(), [(0, &Call::Timer(TimerCall { ms: 250 }))]);
    session.settle(0, value(json!(null)));
    assert_eq!(session.returned(), json!("late"));
}

#[test]
fn odd_delays_are_no_delay() {
    let session = Session::start(
        "for (const ms of [undefined, -5, NaN, 'x', '7', 1e300]) setTimeout(() => {}, ms); await agent('x')",
    );
    let delays: Vec<_> = session
        .calls()
        .into_iter()
        .filter_map(|(_, call)| match call {
            Call::Timer(timer) => Some(timer.ms),
            _ => None,
        })
        .collect();
    assert_eq!(delays, [0, 0, 0, 0, 7, 1 << 52]);
}

#[test]
fn a_cleared_timer_is_cancelled_and_never_fires() {
    let mut session = Session::start(
        "let fired = false; const id = setTimeout(() => { fired = true }, 5); clearTimeout(id); clearTimeout(id);
         clearTimeout(undefined); clearTimeout(99); await agent('x'); return fired",
    );
    let cancelled: Vec<_> = session
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::Cancel { seq } => Some(*seq),
            _ => None,
        })
        .collect();
    assert_eq!(cancelled, [0]);
    session.settle(0, value(json!(null)));
    session.settle(1, value("x"));
    assert_eq!(session.returned(), json!(false));
}

#[test]
fn an_interval_goes_on_until_it_is_cleared() {
    let body = "
        let n = 0;
        return await new Promise((done) => {
            const id = setInterval((step) => { n += step; if (n === 6) { clearInterval(id); done(n) } }, 10, 2);
        })";
    let session = Session::run(body);
    assert_eq!(session.returned(), json!(6));
    assert_eq!(session.calls().len(), 4, "the fourth was cancelled");
}

#[test]
fn only_functions_can_be_timed() {
    assert!(Session::run("setTimeout('alert(1)', 5)").thrown().contains("takes a function, not a string"));
}

#[test]
fn what_a_timer_throws_leaves_the_script() {
    let session =
        Session::run("setTimeout(() => {\n throw new Error('late') }, 5);\nawait new Promise(() => {})");
    assert_eq!(session.thrown(), "late");
    assert_eq!(session.failed().location.as_ref().map(|place| place.line), Some(2));
}

#[test]
fn what_a_microtask_throws_leaves_the_script() {
    let session = Session::run("queueMicrotask(() => { throw new Error('loose') }); await agent('x')");
    assert_eq!(session.thrown(), "loose");
}

#[test]
fn timers_and_agents_race() {
    let body = "const late = new Promise((done) => setTimeout(done, 10, 'timer')); return await Promise.race([agent('x'), late])";
    let mut session = Session::start(body);
    session.settle(0, value(json!(null)));
    assert_eq!(session.returned(), json!("timer"));
    assert_eq!(eval("return await new Promise((done) => queueMicrotask(() => done('soon')))"), json!("soon"));
}
