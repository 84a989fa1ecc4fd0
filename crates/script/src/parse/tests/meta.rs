//! `meta`: where it stands and what may be in it.

use super::*;

/// `meta` with `name`, `description` and these fields.
fn meta_with(fields: &str) -> String {
    format!("export const meta = {{ name: 'n', description: 'd', {fields} }}")
}

#[test]
fn meta_is_the_first_statement() {
    check_all(
        "a.js",
        &[
            (
                "// a comment\n/* and\none */ 'use strict'\nexport const meta = { name: 'n', description: 'd' }",
                "",
            ),
            (";export const meta = { name: 'n', description: 'd' }", ""),
            ("export /* x */\nconst meta = ({ name: 'n', description: 'd' })", ""),
            (
                "const a = 1\nexport const meta = { name: 'n', description: 'd' }",
                "«export const meta» `meta` must be the first statement, but a declaration stands before it | move",
            ),
            (
                "const meta = { name: 'n', description: 'd' }",
                "«const meta» `meta` is not exported | write `export const meta",
            ),
            ("export let meta = { name: 'n', description: 'd' }", "`meta` must be a constant"),
            ("export const meta = { name: 'n', description: 'd' }, other = 1", "`meta` must stand alone"),
            ("export const meta = makeMeta()", "«makeMeta()» `meta` must be an object literal"),
            ("export const meta = 'x'", "`meta` must be an object literal"),
            (
                "export const meta = { name: 'n', description: 'd' }\n(async () => {})()",
                "| it runs on into what follows: put a `;` behind its `}`",
            ),
            ("export const { meta } = {}", "the script has no `meta`"),
        ],
    );
}

#[test]
fn meta_is_read_whole_without_running_it() {
    let source = r#"export const meta = {
        name: "review", 'description': `Reviews
files`, whenToUse: 'caf\u00e9 ☕',
        phases: [{ title: 'Find', detail: 'x', model: 'haiku' }, { title: "Check" },],
        args: { type: 'object', properties: { depth: { type: 'integer', minimum: -1, maximum: +1e3, default: null } } },
        limits: { agents: 50, usd: 2.5, tokens: 1_000_000 },
        oracle: { command: 'cargo test', protect: ['tests/**'], nested: [true, false, [], {}], 7: 0x10 },
    }"#;
    let meta = parse(source, "a.js").expect("valid").meta;
    assert_eq!(meta.name, "review");
    assert_eq!(meta.description, "Reviews\nfiles");
    assert_eq!(meta.when_to_use.as_deref(), Some("café ☕"));
    assert_eq!(meta.phases[0].model.as_deref(), Some("haiku"));
    assert_eq!(meta.phases[1].title, "Check");
    assert_eq!(
        (meta.limits.agents, meta.limits.usd, meta.limits.tokens),
        (Some(50), Some(2.5), Some(1_000_000))
    );
    let args = meta.args.expect("given");
    assert_eq!(
        args["properties"]["depth"],
        serde_json::json!({"type": "integer", "minimum": -1, "maximum": 1000, "default": null})
    );
    let oracle = meta.oracle.expect("given");
    assert_eq!(
        oracle.to_string(),
        r#"{"command":"cargo test","protect":["tests/**"],"nested":[true,false,[],{}],"7":16}"#
    );
}

#[test]
fn what_is_no_literal_is_pointed_at() {
    for (fields, expect) in [
        ("whenToUse: x", "«x» the variable `x` in `meta` | `meta` is read without running it"),
        ("whenToUse: undefined", "the variable `undefined` in `meta`"),
        ("whenToUse: f()", "«f()» a call in `meta`"),
        ("whenToUse: new Date()", "a call in `meta`"),
        ("...rest", "«...rest» a spread in `meta`"),
        ("phases: [...more]", "«...more» a spread in `meta`"),
        ("phases: [,]", "a hole in an array in `meta`"),
        ("['a' + 1]: 1", "a computed key in `meta`"),
        ("['whenToUse']: 'x'", "a computed key in `meta`"),
        ("whenToUse: `a ${b}`", "«b» an interpolation in `meta`"),
        ("whenToUse: String.raw`a`", "a tagged template in `meta`"),
        ("whenToUse() {}", "a method in `meta`"),
        ("get whenToUse() { return 1 }", "a getter or setter in `meta`"),
        ("args", "«args» a shorthand property, which is a variable, in `meta`"),
        ("whenToUse: 'a' + 'b'", "«'a' + 'b'» an operator in `meta`"),
        ("whenToUse: -x", "an operator in `meta`"),
        ("oracle: () => 1", "a function in `meta`"),
        ("limits: { agents: 1n }", "a BigInt in `meta`"),
        ("oracle: /x/", "a regular expression in `meta`"),
        ("limits: { usd: 1e999 }", "a number that is not finite in `meta`"),
        ("whenToUse: '\\ud800'", "half of a surrogate pair in `meta`"),
        ("whenToUse: '\\ud83d\\ude00'", ""),
        ("name: 'again'", "«name» the key `name` a second time in `meta`"),
        ("__proto__: {}", "the key `__proto__`"),
        ("oracle: { '__proto__': 1 }", "the key `__proto__`"),
    ] {
        check_all("a.js", &[(&meta_with(fields), expect)]);
    }
}

#[test]
fn several_faults_of_meta_are_told_at_once() {
    assert_eq!(told(&meta_with("whenToUse: x, oracle: y"), "a.js").len(), 2);
}

#[test]
fn a_wrong_shape_is_an_error_at_its_key_and_an_unknown_key_a_warning() {
    check_all(
        "a.js",
        &[
            (
                "export const meta = { name: ' ', description: 'd' }",
                "error «name» `meta.name` must be a non-empty string",
            ),
            (
                "export const meta = { name: 'n', description: 3 }",
                "error «description» `meta.description` must be",
            ),
            ("export const meta = { name: 'n' }", "error «{ name: 'n' }» `meta.description` is missing"),
            (&meta_with("phases: 'x'"), "error «phases» `meta`"),
            (&meta_with("phases: [{ detail: 'x' }]"), "error «phases» `meta`"),
            (&meta_with("limits: { agents: -1 }"), "error «limits» `meta`"),
            (
                &meta_with("'phasis': []"),
                "warning «'phasis'» unknown key `meta.phasis` is ignored; did you mean `phases`?",
            ),
            (&meta_with("version: 1"), "warning «version» unknown key `meta.version` is ignored"),
        ],
    );
}

#[test]
fn meta_nests_as_deep_as_json_readers_go_and_no_deeper() {
    let nested = |depth: usize| meta_with(&format!("oracle: {}1{}", "[".repeat(depth), "]".repeat(depth)));
    check_all("a.js", &[(&nested(60), ""), (&nested(70), "a value nested more than 64 deep in `meta`")]);
}

#[test]
fn types_around_meta_are_fine() {
    check_all(
        "a.ts",
        &[
            ("export const meta = { name: 'n', description: 'd' } as const", ""),
            (
                "export const meta: { name: string; description: string } = { name: 'n', description: 'd' } satisfies object;",
                "",
            ),
            (
                "interface M { name: string }\ntype N = M;\nexport const meta: M & { description: string } = { name: 'n', description: 'd' }",
                "",
            ),
        ],
    );
}
