//! `workflow()`: another script in place.

use fanfold_core::{Call, LogLevel, WorkflowTarget};
use fanfold_script::protocol::{Request, ScriptErrorKind, ScriptLimits, Settlement, Start};
use serde_json::json;

use crate::session::{Session, echo, start, value};

fn script(body: &str) -> Settlement {
    let source = format!("export const meta = {{name: 'inner', description: 'd'}};\n{body}");
    Settlement::Script { source, file: "inner.js".into(), args: Some(json!({"n": 2})) }
}

/// The main script's `workflow()` calls run `inner`; agents echo.
fn run(main: &str, inner: &str) -> Session {
    Session::run_with(main, start(), |call| match call {
        Call::Workflow(_) => script(inner),
        other => echo(other),
    })
}

#[test]
fn a_workflow_runs_in_place_and_resolves_to_its_result() {
    let session = run(
        "phase('outer'); return await workflow('deep', {n: 2})",
        "log('inside'); const a = await agent('from inside'); return {a, n: args.n, name: meta.name}",
    );
    assert_eq!(session.returned(), json!({"a": "from inside", "n": 2, "name": "inner"}));
    assert_eq!(session.logs(LogLevel::Info), ["inside"]);
    let Request::Call { seq: 1, scope: Some(0), site: Some(site), call: Call::Agent(agent) } = session
        .requests
        .iter()
        .filter(|request| matches!(request, Request::Call { .. }))
        .nth(1)
        .expect("two calls")
    else {
        panic!("{:?}", session.requests)
    };
    assert_eq!((site.file.as_str(), site.line), ("inner.js", 2));
    assert_eq!(agent.phase.as_deref(), Some("outer"), "grouped under the phase that it was started in");
}

#[test]
fn the_target_is_a_name_or_a_path() {
    let session = Session::start("workflow('a'); workflow({scriptPath: 'b.js'}, {x: 1n}); await agent('x')");
    let targets: Vec<_> = session
        .calls()
        .into_iter()
        .filter_map(|(_, call)| match call {
            Call::Workflow(call) => Some((call.target.clone(), call.args.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(
        targets,
        [
            (WorkflowTarget::Name("a".into()), None),
            (WorkflowTarget::ScriptPath("b.js".into()), Some(json!({"x": "1"})))
        ]
    );
    for bad in ["workflow()", "workflow('')", "workflow({})", "workflow(5)"] {
        assert!(
            Session::run(&format!("await {bad}"))
                .thrown()
                .contains("takes the name of a workflow or {scriptPath"),
            "{bad}"
        );
    }
}

#[test]
fn a_failing_workflow_rejects_with_its_message_and_place() {
    let session = run("\n\nawait workflow('w')", "\nthrow new RangeError('inside')");
    assert_eq!(session.thrown(), "workflow `w` failed: RangeError: inside (inner.js:3:11)");
    let place = session.failed().location.clone().expect("a place");
    assert_eq!((place.file.as_str(), place.line, place.column), ("w.js", 3, 7));
}

#[test]
fn a_workflow_that_is_no_script_rejects() {
    let session =
        Session::run_with("try { await workflow('w') } catch (e) { return e.message }", start(), |_| {
            Settlement::Script { source: "return 1".into(), file: "inner.js".into(), args: None }
        });
    let message = session.returned();
    assert!(message.as_str().expect("text").starts_with("workflow `w` failed: "), "{message}");
}

#[test]
fn a_stuck_workflow_rejects_and_its_caller_goes_on() {
    let session =
        run("try { await workflow('w') } catch (e) { return e.message }", "await new Promise(() => {})");
    assert!(
        session.returned().as_str().expect("text").contains("waits for a promise"),
        "{}",
        session.returned()
    );
}

#[test]
fn workflows_nest_one_level() {
    let session = run("return await workflow('w')", "return await workflow('third').catch((e) => e.message)");
    assert!(session.returned().as_str().expect("text").contains("one level deep"), "{}", session.returned());
}

#[test]
fn contexts_share_dice_and_budget_but_no_globals() {
    let main = "globalThis.mine = 1; const a = random(); const inner = await workflow('w'); return [a, inner, random(), budget.spent()]";
    let session = run(main, "await agent('x'); return [typeof mine, random(), budget.spent()]");
    let returned = session.returned();
    let alone = Session::run("return [random(), random(), random()]").returned();
    assert_eq!(returned[0], alone[0]);
    assert_eq!(returned[1], json!(["undefined", alone[1], 20]));
    assert_eq!(returned[2], alone[2]);
    assert_eq!(returned[3], json!(20));
}

#[test]
fn failures_inside_are_listed_inside_and_outside() {
    let main = "await parallel([() => { throw new Error('out') }]); const inner = await workflow('w'); return [inner, failures().map((f) => f.message)]";
    let inner = "await parallel([() => { throw new Error('in') }]); return failures().map((f) => f.message)";
    assert_eq!(run(main, inner).returned(), json!([["in"], ["out", "in"]]));
}

#[test]
fn two_workflows_at_once_do_not_mix() {
    let mut session = Session::start("return await parallel(['a', 'b'].map((n) => () => workflow(n)))");
    session.settle(0, script("return await agent('first')"));
    session.settle(1, script("return await agent('second')"));
    session.settle(3, value("B"));
    session.settle(2, value("A"));
    assert_eq!(session.returned(), json!(["A", "B"]));
}

#[test]
fn calls_that_an_ended_workflow_left_behind_are_ignored() {
    let mut session = Session::start("const a = await workflow('w'); return [a, await agent('x')]");
    session.settle(0, script("agent('forgotten'); return 1"));
    session.settle(1, value("late"));
    session.settle(2, value("x"));
    assert_eq!(session.returned(), json!([1, "x"]));
}

#[test]
fn an_unknown_workflow_rejects() {
    let session = Session::run_with("await workflow('nowhere')", start(), |_| {
        crate::session::throw(fanfold_core::FailureKind::BadCall, "no workflow `nowhere`")
    });
    assert_eq!(session.thrown(), "no workflow `nowhere`");
}

#[test]
fn what_a_workflow_does_to_its_globals_stays_there() {
    let main = "const inner = await workflow('w');
        return [inner, await parallel([() => agent('a')]), [1].map(String), typeof log, new URL('http://a/b').pathname, {}.x]";
    let inner = "Object.prototype.x = 1; Array.prototype.map = null; Promise.prototype.then = () => { throw 1 };
        for (const name of Object.getOwnPropertyNames(globalThis)) { try { globalThis[name] = undefined } catch {} }
        return 'done'";
    assert_eq!(run(main, inner).returned(), json!(["done", ["a"], ["1"], "function", "/b", null]));
}

#[test]
fn a_stuck_workflow_rejects_while_others_go_on() {
    let mut session = Session::start(
        "const told = []; const all = ['a', 'b'].map((n) => workflow(n).then((v) => told.push(v), (e) => told.push(e.message)));
         await Promise.race(all); await agent('told'); await Promise.all(all); return told",
    );
    session.settle(0, script("await agent('x'); await new Promise(() => {})"));
    session.settle(1, script("return await agent('y')"));
    session.settle(2, value("x"));
    assert_eq!(session.prompts(), ["x", "y", "told"], "the stuck one has rejected");
    session.settle(4, value("told"));
    session.settle(3, value("Y"));
    let told = session.returned();
    assert!(
        told[0]
            .as_str()
            .is_some_and(|told| told.contains("waits for a promise") && told.contains("(inner.js:2:7)")),
        "{told}"
    );
    assert_eq!(told[1], json!("Y"));
}

#[test]
fn an_ended_workflow_leaves_no_memory_behind() {
    let limits = ScriptLimits { memory_bytes: 24 << 20, ..ScriptLimits::default() };
    let main = "let n = 0; for (let i = 0; i < 200; i++) {
        try { n += await workflow('w', i) } catch (e) { if (!e.message.includes('on purpose')) throw e; n += 1 } } return n";
    let inner = "const list = globalThis.list = Array.from({length: 5000}, (_, i) => ({i})); list.self = list;
        agent('left behind').then(() => list); parallel([() => agent('another')]); setTimeout(() => list.length, 5);
        Promise.reject(list); console.log(new URL('http://x/')); await agent('x');
        if (args.n % 3 === 0) throw new Error('on purpose'); if (args.n % 3 === 1) { list.then = 1; return 1 }
        return 1";
    let mut session = Session::start_with(main, Start { limits, ..start() });
    for nth in 0.. {
        // What is left behind never settles.
        let calls = session.calls().into_iter().skip(nth).map(|(seq, call)| (seq, call.clone()));
        let Some((seq, call)) = calls.into_iter().next().filter(|_| session.end.is_none()) else { break };
        match call {
            Call::Workflow(call) => {
                let source = format!("export const meta = {{name: 'inner', description: 'd'}};\n{inner}");
                let args = json!({"n": call.args});
                session.settle(seq, Settlement::Script { source, file: "inner.js".into(), args: Some(args) });
            }
            Call::Agent(agent) if agent.prompt == "x" => session.settle(seq, value("x")),
            Call::Agent(_) | Call::Timer(_) | Call::Oracle(_) | Call::Land(_) | Call::Ask(_) => (),
        }
    }
    assert_eq!(session.returned(), json!(200));
}

#[test]
fn a_workflow_over_a_limit_ends_the_whole_run() {
    let limits = ScriptLimits { slice_cpu_ms: 50, memory_bytes: 32 << 20, ..ScriptLimits::default() };
    for (inner, kind) in [
        ("for (;;) {}", ScriptErrorKind::Cpu),
        ("await agent('x'); try { 'x'.repeat(2 ** 28) } catch {} return 1", ScriptErrorKind::Memory),
    ] {
        let session = Session::run_with(
            "try { await workflow('w') } catch {} return 'survived'",
            Start { limits, ..start() },
            |call| match call {
                Call::Workflow(_) => script(inner),
                other => echo(other),
            },
        );
        let error = session.failed();
        assert_eq!(error.kind, kind);
        assert_eq!(error.location.as_ref().map(|place| place.file.as_str()), Some("inner.js"), "{error:?}");
    }
}
