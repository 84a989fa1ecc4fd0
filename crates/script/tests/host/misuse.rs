//! Scripts made by dice that misuse whatever can be misused. Whatever they do, the host answers and what it asks
//! for is well formed.

use fanfold_core::schema::Schema;
use fanfold_core::{Call, FailureKind};
use fanfold_script::protocol::{End, Request, ScriptErrorKind, ScriptLimits, Settlement, Start};
use serde_json::json;

use crate::session::{Session, null, start, throw, value};

#[test]
fn misused_primitives_do_no_harm_first_half() {
    (0..1_000).for_each(check);
}

#[test]
fn misused_primitives_do_no_harm_second_half() {
    (1_000..2_000).for_each(check);
}

/// Values that no author meant to pass, and some that one did.
const ODD: [&str; 44] = [
    "undefined",
    "null",
    "0",
    "-1",
    "1e309",
    "NaN",
    "2 ** 53",
    "10n ** 30n",
    "true",
    "''",
    "'text'",
    "'\\ud83d'",
    "'\\u0000\\u202e'",
    "'x'.repeat(70000)",
    "Symbol('s')",
    "() => 1",
    "async () => { throw odd }",
    "function* () { yield 1 }",
    "class { static #x = 1 }",
    "[]",
    "[1, , 3]",
    "Array(5000)",
    "{}",
    "{ __proto__: null }",
    "cyclic",
    "deep",
    "{ get a() { throw odd } }",
    "{ toString() { throw 1 }, valueOf() { return {} } }",
    "{ toJSON() { throw new Error('json') } }",
    "{ toJSON() { return cyclic } }",
    "{ then(done) { done(5) } }",
    "{ then() { throw 6 } }",
    "{ get then() { throw 7 } }",
    "hostile",
    "revoked",
    "new Map([[1, {}]])",
    "new Date(NaN)",
    "/x/y",
    "new Error('e', { cause: cyclic })",
    "Promise.reject(odd)",
    "new Promise(() => {})",
    "agent('inner')",
    "Object.freeze([Object.freeze({})])",
    "new Uint8Array(9)",
];

const OPTIONS: [&str; 23] = [
    "label",
    "phase",
    "schema",
    "model",
    "effort",
    "isolation",
    "agentType",
    "backend",
    "tools",
    "disallowedTools",
    "timeoutMs",
    "stallMs",
    "retries",
    "cache",
    "team",
    "context",
    "temperature",
    "maxTurns",
    "spendLimit",
    "lable",
    "'\\ud83d'",
    "toJSON",
    "constructor",
];

const SCHEMAS: [&str; 8] = [
    "{type: 'object'}",
    "{type: 'object', properties: {a: {type: 'string', minLength: 5, maxLength: 2}}, required: ['a']}",
    "{type: 'array'}",
    "{$ref: '#'}",
    "{type: 'object', properties: {a: {$ref: 'http://elsewhere/'}}}",
    "{type: 'object', properties: {a: {pattern: '('}}}",
    "{type: ['object', 'null'], enum: [null]}",
    "{type: 'object', get properties() { throw odd }}",
];

const TAMPER: [&str; 14] = [
    "Object.prototype.then = (done) => done(1)",
    "Object.prototype.get = () => 1",
    "Object.defineProperty(Object.prototype, 'label', { get() { throw odd }, configurable: true })",
    "Object.defineProperty(Array.prototype, '0', { set() { throw odd }, get() { return 1 }, configurable: true })",
    "Array.prototype[Symbol.iterator] = null",
    "Array.prototype.constructor = { [Symbol.species]: function () { throw odd } }",
    "Promise.prototype.constructor = function () { throw odd }",
    "Promise.prototype.then = () => { throw odd }",
    "Error.prototype.toString = null; Error.prepareStackTrace = () => { throw odd }; Error.stackTraceLimit = {}",
    "Object.defineProperty(Error.prototype, 'message', { get() { agent('from a getter'); throw odd } })",
    "String.prototype.toWellFormed = () => Symbol()",
    "globalThis.agent = globalThis.console = undefined",
    "delete globalThis.URL; Object.freeze(globalThis)",
    "JSON.stringify = () => { throw odd }; Reflect.apply = null",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % sides as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }

    fn script(&mut self) -> String {
        let mut script = String::from(
            "const odd = { name: 'odd' }; const cyclic = { a: [] }; cyclic.a.push(cyclic);
             let deep = 1; for (let i = 0; i < 300; i++) deep = { deep };
             const hostile = new Proxy({}, new Proxy({}, { get() { throw odd } }));
             const { proxy: revoked, revoke } = Proxy.revocable([], {}); revoke();
             const kept = []; const attempt = async (f) => { try { const it = f(); kept.push(it); return await it } catch (e) { return e } };\n",
        );
        if self.roll(5) == 0 {
            script += self.of(&TAMPER);
            script += ";\n";
        }
        for _ in 0..=self.roll(6) {
            let call = self.call(2);
            script += match self.roll(4) {
                0 => "attempt",
                _ => "await attempt",
            };
            script += &format!("(() => {call});\n");
        }
        script += match self.roll(6) {
            0 => "return kept",
            1 => "return failures()",
            2 => "throw odd",
            3 => "await Promise.all(kept); return 1",
            _ => "return 1",
        };
        script
    }

    fn call(&mut self, depth: usize) -> String {
        let a = self.argument(depth);
        let b = self.argument(depth);
        match self.roll(22) {
            0..=5 => format!("agent({a}, {})", self.options(depth)),
            6 | 7 => format!("parallel({})", self.thunks(depth)),
            8 | 9 => {
                format!("pipeline({}, {}, {})", self.thunks(depth), self.thunk(depth), self.thunk(depth))
            }
            10 => format!("pipeline({a}, {b})"),
            11 => format!("workflow({a}, {b})"),
            12 => format!("(phase({a}), log({b}))"),
            13 => format!(
                "console.{}({a}, {b})",
                self.of(&["log", "table", "group", "trace", "count", "assert"])
            ),
            14 => format!("setTimeout({a}, {b})"),
            15 => format!("new Promise((done) => setTimeout(done, {a}, {b}))"),
            16 => format!("[clearTimeout({a}), clearInterval(setInterval(() => 1, {b}))]"),
            17 => format!("structuredClone({a}, {b})"),
            18 => format!("new URL({a}, {b}).searchParams.set({a}, {b})"),
            19 => format!("new TextDecoder({a}).decode({b})"),
            20 => "[failures(), now(), random(), budget.remaining(), budget.usd.spent(), meta, args]".into(),
            _ => format!("agent.{}({a}, {b})", self.of(&["call", "apply", "bind"])),
        }
    }

    fn argument(&mut self, depth: usize) -> String {
        match self.roll(4) {
            0 => "'fine'".into(),
            1 if depth > 0 => self.call(depth - 1),
            _ => format!("({})", self.of(&ODD)),
        }
    }

    fn options(&mut self, depth: usize) -> String {
        if self.roll(6) == 0 {
            return self.argument(depth);
        }
        let mut options = String::from("{");
        for _ in 0..self.roll(4) {
            let name = self.of(&OPTIONS);
            let value = match name {
                "schema" => self.of(&SCHEMAS).into(),
                _ => self.argument(0),
            };
            options += &format!("{name}: {value}, ");
        }
        options + "}"
    }

    fn thunk(&mut self, depth: usize) -> String {
        match self.roll(4) {
            0 => self.argument(0),
            1 => {
                format!("async (...all) => {{ await 0; return {} }}", self.argument(depth.saturating_sub(1)))
            }
            _ if depth > 0 => format!("(...all) => {}", self.call(depth - 1)),
            _ => format!("(previous, item, at) => ({})", self.of(&ODD)),
        }
    }

    fn thunks(&mut self, depth: usize) -> String {
        if self.roll(5) == 0 {
            return self.argument(0);
        }
        let thunks: Vec<String> = (0..self.roll(4)).map(|_| self.thunk(depth)).collect();
        format!("[{}]", thunks.join(", "))
    }

    fn settlement(&mut self, call: &Call) -> Settlement {
        if let Call::Workflow(_) = call {
            let inner = match self.roll(3) {
                0 => "no script".into(),
                1 => "await new Promise(() => {})".into(),
                _ => self.script(),
            };
            let source = format!("export const meta = {{name: 'inner', description: 'd'}};\n{inner}");
            return Settlement::Script { source, file: "inner.js".into(), args: Some(json!([1])) };
        }
        match self.roll(8) {
            0 => null("it died"),
            1 => throw(FailureKind::Budget, "no money"),
            2 => value(json!({"then": 1, "__proto__": {"x": [null]}, "toJSON": "x"})),
            3 => value(json!(null)),
            _ => value("an answer"),
        }
    }
}

fn check(seed: u64) {
    let mut dice = Dice(seed);
    let body = dice.script();
    let limits = ScriptLimits { memory_bytes: 32 << 20, slice_cpu_ms: 50, ..ScriptLimits::default() };
    let started = Start { limits, args: Some(json!({"a": 1})), ..start() };
    // A test that fails prints the script that it failed on.
    let guard = Told(seed, &body);
    let mut session = Session::start_with(&body, started);
    let mut settled = 0;
    while session.end.is_none() {
        let calls = session.calls();
        assert!(settled < 500, "it never ends");
        let Some((seq, call)) = calls.get(settled) else { panic!("it waits for nothing") };
        let (seq, call) = (*seq, (*call).clone());
        let settlement = dice.settlement(&call);
        session.settle(seq, settlement);
        settled += 1;
    }
    if let Some(End::Failed(error)) = &session.end {
        assert_ne!(error.kind, ScriptErrorKind::HostDied);
        assert!(!error.message.is_empty());
    }
    for (nth, request) in
        session.requests.iter().filter(|request| matches!(request, Request::Call { .. })).enumerate()
    {
        let Request::Call { seq, site, call, .. } = request else { unreachable!("filtered") };
        assert_eq!(*seq as usize, nth);
        // Of a bound primitive that a timer calls the script has no place.
        assert!(site.as_ref().is_none_or(|site| site.line > 0 && site.column > 0), "{request:?}");
        let Call::Agent(agent) = call else { continue };
        if let Some(schema) = &agent.schema {
            assert!(Schema::compile(schema).is_ok(), "{agent:?}");
        }
        assert!(agent.timeout_ms != Some(0) && agent.stall_ms != Some(0) && agent.max_turns != Some(0));
        assert!(agent.temperature.is_none_or(|temperature| (0.0..=2.0).contains(&temperature)));
    }
    let frame = serde_json::to_vec(&session.requests).expect("requests are plain data");
    let read: Vec<Request> = serde_json::from_slice(&frame).expect("and can be read again");
    assert_eq!(format!("{read:?}"), format!("{:?}", session.requests));
    std::mem::forget(guard);
}

struct Told<'a>(u64, &'a str);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "the script of seed {}:\n{}", self.0, self.1);
    }
}
