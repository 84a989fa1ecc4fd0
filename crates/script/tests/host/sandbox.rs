use fanfold_core::LogLevel;
use serde_json::json;

use crate::session::{Session, eval};

#[track_caller]
fn refused(code: &str, expected: &str) {
    let session = Session::run(&format!("return {code}"));
    let message = session.thrown();
    assert!(message.contains(expected), "{code}: {message}");
    assert!(session.failed().location.is_some(), "{code}");
}

#[test]
fn clock_and_dice_say_what_to_use_instead() {
    refused("Date.now()", "use now()");
    refused("new Date()", "use now()");
    refused("Date()", "use now()");
    refused("Date('2020-01-01')", "use now()");
    refused("new (class extends Date {})()", "use now()");
    refused("new (new Date(0)).constructor()", "use now()");
    refused("Reflect.construct(Date, [])", "use now()");
    refused("Math.random()", "use random()");
}

#[test]
fn dates_that_are_given_a_time_work() {
    let body = "
        class Later extends Date { plus() { return this.getTime() + 1 } }
        const d = new Date('2024-02-29T12:00:00Z');
        return [
            d.toISOString(), Date.UTC(1970, 0, 1), Date.parse('1970-01-01T00:00:00Z'), d instanceof Date,
            new Later(5).plus(), new Later(5) instanceof Date, typeof Date.prototype.getTime, Date.name, Date.length,
            new Date(2020, 0, 1, 0).getTime(), new Date(d).getTime() === d.getTime(), JSON.stringify(d),
            Object.prototype.toString.call(d), d.constructor === Date,
        ]";
    assert_eq!(
        eval(body),
        json!([
            "2024-02-29T12:00:00.000Z",
            0,
            0,
            true,
            6,
            true,
            "function",
            "Date",
            7,
            1_577_836_800_000u64,
            true,
            "\"2024-02-29T12:00:00.000Z\"",
            "[object Date]",
            true
        ])
    );
}

#[test]
fn a_prompt_may_speak_of_the_clock() {
    assert_eq!(
        eval("return await agent('never use Date.now() or Math.random()')"),
        json!("never use Date.now() or Math.random()")
    );
}

#[test]
fn code_from_text_is_refused_whatever_the_way() {
    for code in [
        "eval('1')",
        "(0, eval)('1')",
        "new Function('return 1')()",
        "Function('return 1')()",
        "(() => {}).constructor('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "(function* () {}).constructor('return 1')()",
        "(async function* () {}).constructor('return 1')()",
        "Object.getPrototypeOf(async () => {}).constructor('1')",
        "agent.constructor('return 1')()",
        "Reflect.construct(Object.getPrototypeOf(() => {}).constructor, ['return 1'])",
        "new (class extends Function {})('return 1')",
    ] {
        let session = Session::run(&format!("return {code}"));
        assert!(session.thrown().contains("code made from text"), "{code}: {}", session.thrown());
    }
    assert_eq!(eval("return (() => 1) instanceof Function"), json!(true));
}

#[test]
fn what_a_workflow_must_not_have_is_not_there() {
    let body = "return ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'Intl',
        'performance', 'std', 'os', 'bjson', 'process', 'require', 'fetch', 'print', 'gc', 'navigator', 'host', 'run',
        'scriptArgs'].filter((name) => name in globalThis)";
    assert_eq!(eval(body), json!([]));
}

#[test]
fn what_a_workflow_may_have_is_there() {
    let body = "return ['Map', 'Set', 'WeakMap', 'WeakSet', 'Proxy', 'Reflect', 'Symbol', 'BigInt', 'Uint8Array', 'RegExp',
        'queueMicrotask', 'structuredClone', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'URL',
        'URLSearchParams', 'TextEncoder', 'TextDecoder', 'btoa', 'atob', 'console', 'agent', 'parallel', 'pipeline',
        'phase', 'log', 'budget', 'workflow', 'failures', 'now', 'random', 'meta'].filter((name) => !(name in globalThis))";
    assert_eq!(eval(body), json!([]));
    assert_eq!(
        eval(
            "return [Object.groupBy([1, 2], (n) => n % 2 ? 'odd' : 'even'), [3, 1].toSorted(), Promise.withResolvers !== undefined]"
        ),
        json!([{"odd": [1], "even": [2]}, [1, 3], true])
    );
}

#[test]
fn the_globals_are_a_closed_list() {
    // A new version of the engine may bring new ones: each is to be judged.
    let known =
        eval("return Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name)).sort()");
    assert_eq!(
        known,
        json!([
            "AggregateError",
            "Array",
            "ArrayBuffer",
            "AsyncDisposableStack",
            "BigInt",
            "BigInt64Array",
            "BigUint64Array",
            "Boolean",
            "DOMException",
            "DataView",
            "Date",
            "DisposableStack",
            "Error",
            "EvalError",
            "Float16Array",
            "Float32Array",
            "Float64Array",
            "Function",
            "Infinity",
            "Int16Array",
            "Int32Array",
            "Int8Array",
            "InternalError",
            "Iterator",
            "JSON",
            "Map",
            "Math",
            "NaN",
            "Number",
            "Object",
            "Promise",
            "Proxy",
            "RangeError",
            "ReferenceError",
            "Reflect",
            "RegExp",
            "Set",
            "String",
            "SuppressedError",
            "Symbol",
            "SyntaxError",
            "TextDecoder",
            "TextEncoder",
            "TypeError",
            "URIError",
            "URL",
            "URLSearchParams",
            "Uint16Array",
            "Uint32Array",
            "Uint8Array",
            "Uint8ClampedArray",
            "WeakMap",
            "WeakSet"
        ])
    );
}

#[test]
fn the_body_is_strict() {
    assert!(Session::run("undeclared = 1").thrown().contains("undeclared"));
    assert_eq!(eval("return (function () { return this === undefined })()"), json!(true));
}

#[test]
fn console_goes_to_the_log_readably() {
    let session = Session::run(
        "console.log('a', 1, {b: [1, 'x'], c: {d: {e: {f: {}}}}}, new Map([['k', new Set([1])]]), null, undefined, 5n, Symbol('s'));
         const o = {n: 1}; o.self = o; console.warn(o);
         console.error('%s is %d%%', 'x', 5, 'rest'); console.info(-0); console.debug(() => 1, class A {});
         console.log([new Date(0), /x/g, Promise.resolve(1)]); console.assert(1 === 1, 'no'); console.assert(false, 'yes');
         console.group('g'); console.log('in'); console.groupEnd(); console.log('out'); console.count(); console.count();
         console.log({get bad() { throw new Error('getter') }}); console.log(Array(200).fill(1).length)",
    );
    assert_eq!(
        session.logs(LogLevel::Debug),
        [
            "a 1 { b: [1, \"x\"], c: { d: { e: { f: [object] } } } } Map(1) {\"k\" => Set(1) {1}} null undefined 5n Symbol(s)",
            "{ n: 1, self: [circular] }",
            "x is 5% rest",
            "-0",
            "[function (anonymous)] [function A]",
            "[1970-01-01T00:00:00.000Z, /x/g, Promise {}]",
            "assertion failed: yes",
            "g",
            "  in",
            "out",
            "default: 1",
            "default: 2",
            "(a value that cannot be shown: getter)",
            "200",
        ]
    );
}

#[test]
fn an_error_on_the_console_has_its_stack() {
    let session = Session::run("console.log(new TypeError('bad'))");
    let logs = session.logs(LogLevel::Debug);
    assert!(logs[0].starts_with("TypeError: bad\n") && logs[0].contains("w.js:1"), "{logs:?}");
}

#[test]
fn tampering_with_built_ins_does_not_reach_the_primitives() {
    let body = "
        Promise.prototype.then = function () { throw 1 };
        Map.prototype.get = Map.prototype.set = () => { throw 2 };
        Array.isArray = () => false; Object.keys = () => { throw 3 };
        JSON.stringify = JSON.parse = () => { throw 4 };
        Array.prototype[Symbol.iterator] = () => { throw 5 };
        globalThis.Promise = globalThis.Error = globalThis.TypeError = undefined;
        Function.prototype.call = Function.prototype.apply = () => { throw 6 };
        String.prototype.toWellFormed = () => { throw 7 };
        const a = await agent('x', {label: 'l'});
        const b = await parallel([() => agent('y'), () => { throw 8 }]);
        const c = await pipeline([1], (n) => agent('z' + n));
        log('fine');
        return {a, b, c, failed: failures().length}";
    let session = Session::run(body);
    assert_eq!(session.returned(), json!({"a": "x", "b": ["y", null], "c": ["z1"], "failed": 1}));
    assert_eq!(session.logs(LogLevel::Info), ["fine"]);
}
