//! What the parser lets through compiles in the script engine, and what it knows is there.

use std::collections::BTreeSet;

use rquickjs::{Context, Runtime};

use super::*;

fn in_engine<T>(act: impl FnOnce(&rquickjs::Ctx) -> T) -> T {
    let runtime = Runtime::new().expect("memory is there");
    runtime.set_max_stack_size(8 << 20);
    let context = Context::full(&runtime).expect("memory is there");
    context.with(|ctx| act(&ctx))
}

fn compile_error(body: &str) -> Option<String> {
    in_engine(|ctx| {
        let code = format!("(async function () {{ \"use strict\"; {body}\n}})");
        match ctx.eval::<rquickjs::Value, _>(code) {
            Ok(_) => None,
            Err(_) => Some(format!("{:?}", ctx.catch())),
        }
    })
}

#[track_caller]
pub fn assert_compiles(body: &str) {
    if let Some(error) = compile_error(body) {
        panic!("the engine says {error} of:\n{body}");
    }
}

#[test]
fn syntax_that_passes_compiles() {
    for body in [
        "const a = /(?<y>\\d{4})-\\k<y>/dgimsuy, b = /[\\p{L}--[a-z]]/v, c = /(?<=a)b(?!c)/u",
        "const a = /(?i:x)y/",
        "let a = null; a ??= 1; a ||= 2; a &&= 3; a **= 2; return a?.b?.[0]?.()",
        "class A { static { log(1) } #p = 1; static #q() {} has(o) { return #p in o } static async *g() { yield* [] } }",
        "label: for (const [k, { v = 1, ...rest }] of Object.entries({})) { continue label }",
        "const { a, ...b } = { ...args }, c = [...[], , 1], d = 1_000n, e = 0b1 + 0o7 + 0xf",
        "for await (const x of (async function* () { yield 1 })()) log(x)",
        "try { throw new Error('a', { cause: 1 }) } catch {} finally {}",
        "function f() {} function f() {} var g; function g() {}",
        "return String.raw`\\u{zz} ${1}`",
        "if (args) function f() {}",
        "async function* f() { await 1 }\nreturn await Promise.any([f()])",
        "const o = { __proto__: null, async *[Symbol.asyncIterator]() {}, get x() { return 1 }, set x(v) {}, async: 1, get: 2 }",
        "\u{3000}const\u{a0}a = 1 // é 日本 👍",
        "using x = null",
        "await using x = null",
    ] {
        match parse(&with_meta(body), "a.js") {
            Ok(script) => assert_compiles(&script.body),
            Err(errors) => {
                assert!(compile_error(body).is_some(), "refused though it compiles: {body}: {errors:?}")
            }
        }
    }
}

#[test]
fn the_known_globals_are_those_of_the_engine_without_the_ones_taken_away() {
    let there: BTreeSet<String> = in_engine(|ctx| {
        ctx.eval::<Vec<String>, _>("Object.getOwnPropertyNames(globalThis)").expect("it evaluates")
    })
    .into_iter()
    .collect();
    let unknown: Vec<&String> =
        there.iter().filter(|name| !globals::is_known(name) && globals::instead_of(name).is_none()).collect();
    assert!(unknown.is_empty(), "neither known nor with something to use instead: {unknown:?}");
    let given_by_the_prelude = [
        "console",
        "structuredClone",
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "clearInterval",
        "queueMicrotask",
        "URL",
        "URLSearchParams",
        "TextEncoder",
        "TextDecoder",
        "btoa",
        "atob",
        "agent",
        "parallel",
        "pipeline",
        "phase",
        "log",
        "args",
        "budget",
        "workflow",
        "oracle",
        "verified",
        "ask",
        "failures",
        "now",
        "random",
    ];
    let missing: Vec<&&str> = globals::KNOWN
        .iter()
        .filter(|name| !there.contains(**name) && !given_by_the_prelude.contains(*name))
        .collect();
    assert!(missing.is_empty(), "known but nowhere: {missing:?}");
}
