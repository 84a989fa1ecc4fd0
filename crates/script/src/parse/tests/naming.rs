//! Names that nobody declares.

use super::*;

#[test]
fn a_free_name_that_is_no_global_is_an_error_with_the_nearest_known_one() {
    check_bodies(
        "a.js",
        &[
            ("await agnet('x')", "error «agnet» `agnet` is not defined | did you mean `agent`?"),
            (
                "const results = []\nreturn reuslts",
                "error «reuslts» `reuslts` is not defined | did you mean `results`?",
            ),
            ("return Promse.all([])", "did you mean `Promise`?"),
            ("return \\u0071éééé", "error «\\u0071éééé» `qéééé` is not defined"),
            ("return qqq", "`qqq` is not defined | declare it, pass it in as `args`"),
            ("qqq = 1", "error «qqq» `qqq` is not defined | declare it: `let qqq = …`"),
            ("[qqq, args.x] = [1, 2]", "error «qqq»"),
            ("for (qqq of []) log(1)", "error «qqq»"),
            (
                "for (const line of []) log(line)\nreturn line",
                "| line 2 declares it in another block or function",
            ),
            ("if (args) { var hoisted = 1 }\nreturn hoisted", ""),
            ("return later()\nfunction later() { return 1 }", ""),
            ("const f = ({ a, b: [c = a], ...rest }, ...more) => [a, c, rest, more]\nreturn f({})", ""),
            ("try { log(1) } catch { log(2) }\ntry { log(1) } catch ({ message }) { log(message) }", ""),
            ("const o = { qqq: 1 }\nreturn o.qqq", ""),
            ("outer: for (const a of []) { for (const b of a) { if (b) continue outer } }", ""),
            ("class A { #b = 1; static of(a) { return a.#b } }\nreturn A.of(new A())", ""),
            ("class A { m() { return this.#b } }", "error"),
        ],
    );
}

#[test]
fn a_global_that_the_script_makes_itself_is_known() {
    check_bodies(
        "a.js",
        &[
            ("const read = () => cache.size\nglobalThis.cache ??= new Map()\nreturn read()", ""),
            ("globalThis['cache'] = 1\nreturn cache", "error «cache»"),
            ("return [cache, globalThis.cache]", "error «cache»"),
            ("const o = {}\no.cache = 1\nreturn cache", "error «cache»"),
        ],
    );
}

#[test]
fn each_unknown_name_is_told_once_at_its_first_use() {
    assert_eq!(told(&with_meta("qqq()\nqqq()\nwww()\nqqq()"), "a.js").len(), 2);
}

#[test]
fn every_known_global_is_fine_and_can_be_declared_or_overwritten() {
    let all = globals::KNOWN.iter().map(|name| format!("log({name})\n")).collect::<String>();
    check_bodies("a.js", &[(&all, "")]);
    let shadowed = globals::KNOWN
        .iter()
        .filter(|name| !matches!(**name, "globalThis" | "undefined" | "NaN" | "Infinity"))
        .map(|name| format!("{{ const {name} = 1; log({name}) }}\n"))
        .collect::<String>();
    check_bodies(
        "a.js",
        &[
            (&shadowed, ""),
            ("const budget = 5, agent = 1, fetch = 2\nreturn budget + agent + fetch", ""),
            ("args = { a: 1 }\nlog = console.log", ""),
            ("return [undefined, NaN, Infinity, globalThis.whatever, typeof undefined]", ""),
        ],
    );
}

#[test]
fn what_scripts_elsewhere_have_is_told_what_to_use_instead() {
    for (name, expect) in [
        ("process", "no process and no environment"),
        ("fs", "a script has no files"),
        ("fetch", "let an agent fetch it with its web_fetch tool"),
        ("bash", "let an agent run them"),
        ("Bash", "let an agent run them"),
        ("__dirname", "name paths in the prompts"),
        ("Buffer", "`TextEncoder`"),
        ("eval", "cannot make code from text"),
        ("Function", "cannot make code from text"),
        ("WebAssembly", "no WebAssembly"),
        ("Intl", "no Intl"),
        ("WeakRef", "cannot be replayed"),
        ("FinalizationRegistry", "cannot be replayed"),
        ("SharedArrayBuffer", "one thread"),
        ("Atomics", "one thread"),
        ("performance", "`now()`"),
        ("crypto", "`random()`"),
        ("setImmediate", "`queueMicrotask`"),
        ("prompt", "`await ask(question, { options, default })`"),
        ("window", "no browser"),
    ] {
        check_bodies(
            "a.js",
            &[
                (&format!("return {name}('x')"), &format!("error «{name}» `{name}` is not defined")),
                (&format!("return {name}('x')"), expect),
            ],
        );
    }
}

#[test]
fn no_name_is_known_and_refused_at_once() {
    for name in globals::KNOWN {
        assert_eq!(globals::instead_of(name), None, "{name}");
    }
}

#[test]
fn behind_a_typeof_guard_a_free_name_only_warns() {
    check_bodies(
        "a.js",
        &[
            (
                "if (typeof notify === 'function') await notify('x')",
                "warning «notify» `notify` is no global of a script",
            ),
            ("if (typeof (process) !== 'undefined') log(process.env)", "warning «process»"),
            ("return typeof notify === 'function' ? 1 : 2", ""),
            (
                "return typeof verified === 'function' && typeof oracle === 'function' && typeof ask === 'function'",
                "",
            ),
            ("if (typeof agent === 'function') await notify('x')", "error «notify»"),
        ],
    );
}

#[test]
fn names_in_types_do_not_count() {
    check_bodies(
        "a.ts",
        &[
            ("const a: Whatever<typeof nothing> = 1 as unknown as Foo.Bar", ""),
            ("declare const process: any\nlog(process.pid)", "error «process» `process` is not defined"),
            ("function f<T extends Missing>(this: Missing, a?: Missing): a is Missing { return true }", ""),
        ],
    );
}
