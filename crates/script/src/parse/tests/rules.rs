//! What is refused of a script's text and syntax, each beside its twin that is fine.

use super::*;

#[test]
fn a_text_that_is_no_script_is_refused_with_what_to_do() {
    check_all(
        "a.js",
        &[
            ("", "error the script is empty | begin with"),
            (" \n\t\u{feff}", "error the script is empty"),
            (
                "// nothing\n",
                "error the script has no `meta` | begin with what the workflow is:\nexport const meta = {",
            ),
            ("return 1", "the script has no `meta`"),
            (META, ""),
        ],
    );
}

#[test]
fn a_script_over_512_kib_is_refused_and_one_of_512_kib_is_not() {
    let fits = with_meta(&format!("// {}\n", "x".repeat(SOURCE_BYTES_MAX - META.len() - 4)));
    assert_eq!(fits.len(), SOURCE_BYTES_MAX);
    assert!(told(&fits, "a.js").is_empty());
    let over = fits + " ";
    assert!(
        told(&over, "a.js")[0]
            .contains("513 KiB, over the limit of 512 KiB | pass data in with `--args @FILE`")
    );
}

#[test]
fn characters_that_hide_text_are_refused_with_their_number_and_place() {
    for hidden in [
        '\0', '\u{7}', '\u{8}', '\u{b}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9b}', '\u{202a}', '\u{202e}',
        '\u{2066}', '\u{2069}',
    ] {
        let source = with_meta(&format!("log('a{hidden}b')"));
        let told = told(&source, "a.js");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("error «{hidden}» the character U+{:04X}", hidden as u32)),
            "{told:?}"
        );
        assert!(told[0].contains(&format!("write it as `\\u{{{:x}}}`", hidden as u32)), "{told:?}");
    }
    check_bodies(
        "a.js",
        &[
            ("log('\t👩\u{200d}💻 日本語 \u{202f} é \u{a0}')\r\n", ""),
            ("log('a\u{2028}b') // see http://x\n", ""),
            ("// harmless\u{2028}log(1)\n", "«// harmless» U+2028 ends this comment where no reader sees"),
            ("// harmless\rlog(1)\n", "a lone carriage return ends this comment"),
            ("// fine\r\nlog(1)\r\n", ""),
        ],
    );
}

#[test]
fn only_the_first_hidden_characters_are_listed() {
    assert_eq!(told(&"\u{202e}".repeat(1000), "a.js").len(), 10);
}

#[test]
fn a_byte_order_mark_and_a_hash_bang_line_are_fine_and_keep_their_width() {
    for (head, expect) in [
        ("\u{feff}", "\u{3000}"),
        ("#!/usr/bin/env fanfold\n", "///usr/bin/env fanfold\n"),
        ("\u{feff}#!x\n", "\u{3000}//x\n"),
    ] {
        let source = format!("{head}{}return 1", META);
        let script = parse(&source, "a.js").expect("valid");
        assert!(script.body.starts_with(expect), "{}", script.body);
        assert_eq!(script.body.len(), source.len());
    }
}

#[test]
fn the_body_keeps_every_place_and_loses_the_export() {
    let script = parse(&with_meta("return meta.name\n"), "a.js").expect("valid");
    assert_eq!(script.body, "       const meta = { name: 'n', description: 'd' };\nreturn meta.name\n");
    assert_eq!((script.meta.name.as_str(), script.meta.description.as_str()), ("n", "d"));
}

#[test]
fn top_level_await_and_return_are_fine_and_syntax_errors_have_their_place() {
    check_bodies(
        "a.js",
        &[
            (
                "const a = await agent('x')\nif (a) return a\nfor await (const x of []) log(x)\nreturn { a }",
                "",
            ),
            ("const a = \n", "expected"),
            ("foo(1, 2", "expected"),
            (
                "const x = 1\nconst x = 2",
                "«x» identifier `x` has already been declared | it is declared in line 2 already",
            ),
            ("const s = 'abc\n", "unterminated string"),
            ("const s = `abc\n", "unterminated"),
            ("const r = /(/", "error"),
            ("items.map(x => await agent(x))\nconst items = []", "await"),
            ("with (args) {}", "'with' statements"),
            ("delete args", "delete"),
            ("const a = 010", "octal"),
            ("break", "break"),
            ("new.target", "new.target"),
            ("super.x()", "super"),
            ("function f() { return this }\nf()", ""),
            ("'use strict'\nreturn 1", ""),
        ],
    );
}

#[test]
fn a_body_cannot_end_the_function_it_runs_in() {
    check_bodies("a.js", &[("}); log(1); (async () => {", "error"), ("}) (", "error")]);
}

#[test]
fn what_a_function_allows_and_a_module_does_not_is_refused_both_ways() {
    check_bodies(
        "a.js",
        &[
            ("let x = 1, y = 2\nif (x<!--y) log(1)\n", "«<!--y) log(1)» an HTML comment in JavaScript"),
            ("let x = 3\nx\n--> 0\n", "unexpected token"),
            ("log('<!-- a prompt -->')\n", ""),
            ("let x = 3\nwhile (x --> 0) log(x)\n", ""),
            (
                "return arguments[0]",
                "«arguments» `arguments` is not defined | the body of a script has no arguments",
            ),
            ("const f = () => arguments[0]\nf()", "the body of a script has no arguments"),
            ("function f() { return (() => arguments[0])() }\nf()", ""),
        ],
    );
}

#[test]
fn modules_are_refused_with_what_to_do_instead() {
    check_all(
        "a.js",
        &[
            (
                "import fs from 'fs'\nexport const meta = { name: 'n', description: 'd' }",
                "`import` in a script | a script has no modules",
            ),
            (
                "import fs from 'fs'\nexport const meta = { name: 'n', description: 'd' }",
                "but an `import` stands before it",
            ),
        ],
    );
    check_bodies(
        "a.js",
        &[
            ("import 'x'", "`import` in a script"),
            ("const m = await import('x')", "«import('x')» `import()` in a script | a script has no modules"),
            ("log(import.meta.url)", "«import.meta» `import.meta` in a script"),
            ("const fs = require('fs')", "«require» `require` is not defined | a script has no modules"),
            (
                "export function main() {}",
                "«export» `export function` | a script exports `meta` and nothing else",
            ),
            (
                "export default async function main() {}",
                "`export default` in a script | write `export const meta",
            ),
            ("export const limits = {}", "«export» `export` of something else than `meta`"),
            ("const a = 1\nexport { a }", "an `export { … }` list"),
            ("export * from 'x'", "`export … from` in a script"),
            ("export const meta = {}", "error «meta» duplicated export 'meta'"),
            ("log('import x from \"y\"; require(1)')", ""),
        ],
    );
}

#[test]
fn what_the_engine_lacks_is_refused() {
    check_bodies(
        "a.js",
        &[
            ("@f class A {}\nfunction f() {}", "«@f» a decorator"),
            ("class A { accessor x = 1 }", "an `accessor` field"),
            ("class A { static #x = 1; static { log(A.#x) } get y() { return 1 } }", ""),
        ],
    );
}

#[test]
fn javascript_that_is_typescript_is_told_to_change_its_name() {
    check_bodies(
        "a.js",
        &[
            ("const a: number = 1", "this is TypeScript: give the file a name that ends in `.ts`"),
            ("interface A { b: string }", "this is TypeScript"),
            ("const a = 1 as const", "this is TypeScript"),
        ],
    );
    check_bodies("a.ts", &[("const a: number = 1", "")]);
    check_bodies("A.MTS", &[("const a: number = 1", "")]);
    check_bodies("-", &[("const a = 1", "")]);
}
