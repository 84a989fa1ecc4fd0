use fanfold_core::{FailureKind, LogLevel};
use fanfold_script::protocol::{Request, ScriptLimits, Start};
use serde_json::{Value, json};

use crate::session::{Session, echo, eval, null, start, throw, value};

#[test]
fn an_agent_resolves_to_what_it_answered() {
    let session = Session::run("const a = await agent('one'); return [a, await agent('two ' + a)]");
    assert_eq!(session.returned(), json!(["one", "two one"]));
    assert_eq!(session.prompts(), ["one", "two one"]);
}

#[test]
fn an_agent_resolves_to_its_object() {
    let reply = json!({"n": 1, "list": [null, "é😀"]});
    let session = Session::run_with("const a = await agent('x'); return [a.list[1], a]", start(), |_| {
        value(reply.clone())
    });
    assert_eq!(session.returned(), json!(["é😀", reply]));
}

#[test]
fn an_agent_is_a_real_promise() {
    let body = "
        const first = agent('a');
        if (!(first instanceof Promise)) return 'no promise';
        const raced = await Promise.race([agent('slow'), first.then((it) => it + '!')]);
        const all = await Promise.all([agent('b'), agent('c')]);
        const settled = await Promise.allSettled([agent('d', {effort: 1})]);
        return [raced, all, settled[0].status, await agent('e').finally(() => {})]";
    assert_eq!(eval(body), json!(["a!", ["b", "c"], "rejected", "e"]));
}

#[test]
fn an_agent_that_died_is_null_logged_and_listed() {
    let session = Session::run_with(
        "phase('find'); const a = await agent('x', {label: 'scout'}); return [a, failures()]",
        start(),
        |_| null("took too long"),
    );
    let failure = json!({"label": "scout", "phase": "find", "kind": "timeout", "message": "took too long"});
    assert_eq!(session.returned(), json!([null, [failure]]));
    assert_eq!(session.warnings(), ["`scout` became null: took too long (w.js:1:32)"]);
}

#[test]
fn an_agent_that_cannot_go_on_rejects_with_the_engines_reason() {
    let session = Session::run_with(
        "try { await agent('x') } catch (e) { return [e instanceof Error, e.message, e.kind, failures().length] }",
        start(),
        |_| throw(FailureKind::Budget, "the budget is spent"),
    );
    assert_eq!(session.returned(), json!([true, "the budget is spent", "budget", 1]));
}

#[test]
fn a_prompt_that_is_no_string_is_turned_into_one() {
    let session =
        Session::run("for (const p of [5, null, undefined, ['a', 'b'], 'x\\ud83dy']) await agent(p)");
    assert_eq!(session.prompts(), ["5", "null", "undefined", "a,b", "x\u{fffd}y"]);
}

#[test]
fn parallel_keeps_the_order_and_turns_what_throws_into_null() {
    let body = "return await parallel([
        () => agent('a'), async () => { throw new Error('b broke') }, () => 3, () => undefined,
        () => { throw 'at once' },
    ])";
    let session = Session::run(body);
    assert_eq!(session.returned(), json!(["a", null, 3, null, null]));
    assert_eq!(
        session.warnings(),
        [
            "item 4 of parallel() became null: at once",
            "item 1 of parallel() became null: b broke (w.js:2:51)",
        ]
    );
    let thrown = session.requests.iter().filter(|request| matches!(request, Request::Thrown { .. }));
    assert_eq!(thrown.count(), 2);
}

#[test]
fn parallel_starts_everything_at_once() {
    let session = Session::start("await parallel([1, 2, 3].map((n) => () => agent(`p${n}`)))");
    assert_eq!(session.prompts(), ["p1", "p2", "p3"]);
}

#[test]
fn an_error_of_an_agent_inside_a_thunk_is_listed_once() {
    let session = Session::run_with(
        "const r = await parallel([() => agent('x')]); return [r, failures().map((f) => f.kind)]",
        start(),
        |_| throw(FailureKind::Cap, "too many"),
    );
    assert_eq!(session.returned(), json!([[null], ["cap"]]));
    assert!(!session.requests.iter().any(|request| matches!(request, Request::Thrown { .. })));
}

#[test]
fn what_a_thunk_threw_is_listed_with_its_phase() {
    let body = "phase('p'); await parallel([() => { null.x }]); return failures()";
    let failures = eval(body);
    assert_eq!(failures[0]["kind"], "thrown");
    assert_eq!(failures[0]["phase"], "p");
    assert_eq!(failures[0]["label"], Value::Null);
    assert!(failures[0]["message"].as_str().expect("a message").starts_with("TypeError: "), "{failures}");
}

#[test]
fn misuse_of_parallel_and_pipeline_says_what_was_expected() {
    let cases = [
        (
            "parallel([1])",
            "TypeError: parallel() takes functions, such as () => agent(…): item 0 is the number 1",
        ),
        ("parallel([() => 1, agent('x')])", "item 1 is a promise (an agent that has already started?)"),
        ("parallel([Promise.resolve(1)])", "item 0 is a promise"),
        (
            "parallel('x')",
            "TypeError: parallel() takes an array of functions, such as () => agent(…), not a string",
        ),
        ("parallel()", "not undefined"),
        ("pipeline(5, (x) => x)", "TypeError: pipeline() takes an array of items, not the number 5"),
        ("pipeline(new Set(), (x) => x)", "not an object"),
        ("pipeline([1], (x) => x, 'y')", "stage 2 is a string"),
    ];
    for (call, expected) in cases {
        let session = Session::start(&format!("return await {call}"));
        let message = session.thrown();
        assert!(message.contains(expected), "{call}: {message}");
        let place = session.failed().location.clone().expect("a place");
        assert_eq!(place.line, 1, "{call}");
    }
}

#[test]
fn empty_lists_and_lone_items_pass_through() {
    assert_eq!(
        eval("return [await parallel([]), await pipeline([1]), await pipeline([], (x) => x)]"),
        json!([[], [1], []])
    );
}

#[test]
fn the_limit_of_items_is_exact_and_names_its_setting() {
    assert_eq!(eval("return (await parallel(Array(4096).fill(() => 1))).length"), json!(4096));
    assert_eq!(eval("return (await pipeline(Array(4096).fill(1), (x) => x)).length"), json!(4096));
    for call in ["parallel(Array(4097).fill(() => 1))", "pipeline(Array(4097).fill(1), (x) => x)"] {
        let session = Session::run(&format!("await {call}"));
        let message = session.thrown();
        assert!(message.contains("at most 4096 items, got 4097"), "{message}");
        assert!(message.contains("limits.items (--max-items)"), "{message}");
    }
    let limits = ScriptLimits { items: 2, ..ScriptLimits::default() };
    let session = Session::run_with("await pipeline([1, 2, 3])", Start { limits, ..start() }, echo);
    assert!(session.thrown().contains("at most 2 items"), "{}", session.thrown());
}

#[test]
fn every_item_of_a_pipeline_walks_its_stages_alone() {
    let mut session = Session::start(
        "return await pipeline(['a', 'b'],
            (previous, item, index) => agent(`${previous} ${item} ${index}`),
            (previous, item, index) => agent(`then ${previous} ${item} ${index}`))",
    );
    assert_eq!(session.prompts(), ["a a 0", "b b 1"]);
    session.settle(1, value("B"));
    assert_eq!(session.prompts().last(), Some(&"then B b 1"), "no barrier between stages");
    session.settle(2, value("B2"));
    session.settle(0, value("A"));
    session.settle(3, value("A2"));
    assert_eq!(session.returned(), json!(["A2", "B2"]));
}

#[test]
fn a_stage_that_throws_or_gives_null_ends_its_item() {
    let body = "
        const seen = [];
        const out = await pipeline([0, 1, 2, 3],
            (n) => { if (n === 1) throw new Error('one'); return n === 2 ? null : n === 3 ? undefined : n },
            (n) => { seen.push(String(n)); return n ?? 'filled' });
        return { out, seen, failures: failures().map((f) => f.message) }";
    let session = Session::run(body);
    assert_eq!(
        session.returned(),
        json!({"out": [0, null, null, "filled"], "seen": ["0", "undefined"], "failures": ["one"]})
    );
    assert_eq!(session.warnings(), ["item 1 of pipeline() in stage 1 became null: one (w.js:4:45)"]);
}

#[test]
fn a_null_item_still_reaches_the_first_stage() {
    assert_eq!(
        eval("return await pipeline([null, 1], (x) => x === null ? 'was null' : x)"),
        json!(["was null", 1])
    );
}

#[test]
fn agents_stand_under_the_last_phase_unless_they_name_one() {
    let session = Session::run(
        "await agent('a'); phase('one'); await agent('b'); await agent('c', {phase: 'other'}); phase(2); await agent('d')",
    );
    let phases: Vec<_> = session.agents().into_iter().map(|agent| agent.phase.as_deref()).collect();
    assert_eq!(phases, [None, Some("one"), Some("other"), Some("2")]);
    let titles: Vec<_> = session
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::Phase { title } => Some(title.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(titles, ["one", "2"]);
}

#[test]
fn log_prints_strings_as_they_are_and_objects_as_json() {
    let session = Session::run(
        "log('plain %s'); log({a: [1, undefined], b: undefined}); log(5); log(new TypeError('t')); log(undefined); log('a', {b: 1})",
    );
    assert_eq!(
        session.logs(LogLevel::Info),
        ["plain %s", r#"{"a":[1,null]}"#, "5", "TypeError: t", "undefined", r#"a {"b":1}"#]
    );
}

#[test]
fn args_are_the_runs_input_verbatim() {
    assert_eq!(eval("return [typeof args, args === undefined]"), json!(["undefined", true]));
    let with = |args: Value| {
        let start = Start { args: Some(args), ..start() };
        Session::run_with("return [typeof args, args]", start, echo)
    };
    assert_eq!(with(json!({"a": [1, "é"]})).returned(), json!(["object", {"a": [1, "é"]}]));
    assert_eq!(with(json!(null)).returned(), json!(["object", null]));
    assert_eq!(with(json!("plain")).returned(), json!(["string", "plain"]));
    assert_eq!(with(json!("5")).returned(), json!(["string", "5"]));
}

#[test]
fn args_that_came_as_a_string_of_json_are_parsed_with_a_warning() {
    let start = Start { args: Some(json!("[1, {\"a\": 2}]")), ..start() };
    let session = Session::run_with("return args[1].a", start, echo);
    assert_eq!(session.returned(), json!(2));
    assert_eq!(session.warnings().len(), 1);
}

#[test]
fn the_budget_counts_what_was_settled_to_the_script() {
    let body = "
        const before = [budget.total, budget.spent(), budget.remaining()];
        await agent('a'); await agent('b');
        const { total, spent, remaining } = budget.usd;
        return [before, [budget.spent(), budget.remaining()], [total, spent(), remaining()]]";
    let start = Start { budget_tokens: Some(15), budget_usd_micros: Some(800_000), ..start() };
    let with_target = Session::run_with(body, start, echo);
    assert_eq!(with_target.returned(), json!([[15, 0, 15], [20, 0], [0.8, 0.5, 0.3]]));
    let without = "return [budget.total, budget.spent(), budget.remaining() === Infinity, budget.usd.total, budget.usd.remaining() === Infinity]";
    assert_eq!(eval(without), json!([null, 0, true, null, true]));
}

#[test]
fn a_script_may_redeclare_or_overwrite_any_global() {
    let body = "
        const budget = 5, parallel = 6, meta = 7, args = 8;
        globalThis.log = () => 'mine';
        agent = () => 'own';
        Math.random = () => 4;
        return [budget, parallel, meta, args, log(), agent(), Math.random()]";
    assert_eq!(eval(body), json!([5, 6, 7, 8, "mine", "own", 4]));
}

#[test]
fn meta_is_readable() {
    assert_eq!(
        eval("return [meta.name, meta.description, Object.keys(meta)]"),
        json!(["test", "a test", ["name", "description"]])
    );
}

#[test]
fn now_answers_what_was_recorded_and_then_the_engines_time() {
    let mut session = Session::start_with(
        "const a = [now(), now(), now()]; await agent('x'); return [...a, now()]",
        Start { recorded_nows: vec![11, 12], ..start() },
    );
    session.settle(0, value("x"));
    assert_eq!(session.returned(), json!([11, 12, 1000, 2000]));
    let fresh: Vec<_> = session
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::Now { ms } => Some(*ms),
            _ => None,
        })
        .collect();
    assert_eq!(fresh, [1000, 2000]);
}

#[test]
fn random_repeats_with_its_seed() {
    let draw = |seed| {
        let start = Start { seed, ..start() };
        Session::run_with("return [random(), random(), random()]", start, echo).returned()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    for number in draw(3).as_array().expect("a list") {
        assert!((0.0..1.0).contains(&number.as_f64().expect("a number")));
    }
}
