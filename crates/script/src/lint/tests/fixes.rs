//! What `--fix` types.

use super::*;

#[track_caller]
fn check_fix(before: &str, after: &str) {
    let fixed = apply(before, &lint_here(before, "w.js", &[]));
    assert_eq!(fixed, after);
    assert_eq!(apply(&fixed, &lint_here(&fixed, "w.js", &[])), fixed, "a second time changes more");
    assert!(crate::parse::parse(&fixed, "w.js").is_ok(), "{fixed}");
}

#[test]
fn the_clock_and_the_dice_become_the_journaled_ones() {
    for (before, after) in [
        ("const a = Date.now()  // Date.now()", "const a = now()  // Date.now()"),
        ("log( Math . random () )", "log( random () )"),
        (
            "log(new Date(), new Date, new Date( /* now */ ))",
            "log(new Date(now()), new Date(now()), new Date( /* now */ now()))",
        ),
        (
            "log(new Date().toISOString(), `${Date()} 日本 Date.now()`)",
            "log(new Date(now()).toISOString(), `${new Date(now()).toString()} 日本 Date.now()`)",
        ),
        ("const clock = Date.now", "const clock = now"),
        // Not sure: another `now` is near, or the name is used for something else.
        ("const now = 5\nlog(Date.now(), now)", "const now = 5\nlog(Date.now(), now)"),
        ("log(Date.now.name)", "log(Date.now.name)"),
    ] {
        check_fix(&script(before), &script(after));
    }
}

#[test]
fn a_schema_gets_the_type_of_its_root() {
    check_fix(
        &script(
            "const S = {\n  // what\n  required: ['n'],\n  properties: { n: {} },\n}\nawait agent('a', { schema: S })\nawait agent('b', { schema: S })",
        ),
        &script(
            "const S = { type: 'object',\n  // what\n  required: ['n'],\n  properties: { n: {} },\n}\nawait agent('a', { schema: S })\nawait agent('b', { schema: S })",
        ),
    );
    let empty = script("await agent('a', { schema: {} })");
    check_fix(&empty, &empty);
}

#[test]
fn ignores_that_silence_nothing_go() {
    check_fix(
        &script(
            "log(1)\n  // fanfold-ignore FF003 once it was\nlog(2) // fanfold-ignore FF015\nlog(3) /* fanfold-ignore FF003 */ ; log(4)",
        ),
        &script("log(1)\nlog(2)\nlog(3) /* fanfold-ignore FF003 */ ; log(4)"),
    );
    let half =
        script("// fanfold-ignore FF012, FF003\nfor (const f of [1, 2]) await agent(`${f}`, { label: 'x' })");
    check_fix(&half, &half);
}

#[test]
fn what_is_not_sure_stays_byte_for_byte() {
    let source = script(
        "const r = await agent('a')\r\n\tlog(r.length)\nwhile (budget.remaining() > 5) log('日本')\nreturn await Promise.all([agent('b')])",
    );
    assert!(lint_here(&source, "w.js", &[]).len() >= 3);
    check_fix(&source, &source);
}

#[test]
fn fixes_in_typescript_leave_the_types() {
    let before = "export const meta = { name: 'n', description: 'd' }\nconst at: number = Date.now() as number\nreturn at satisfies number\n";
    let fixed = apply(before, &lint_here(before, "w.ts", &[]));
    assert_eq!(fixed, before.replace("Date.now()", "now()"));
}

#[test]
fn of_fixes_that_touch_the_same_text_the_first_is_made() {
    let fix = |start: usize, end: usize, text: &str| Finding {
        fix: Some(vec![Edit { span: start..end, text: text.into() }]),
        ..finding("FF003", String::new())
    };
    assert_eq!(apply("abcdef", &[fix(1, 4, "X"), fix(3, 5, "Y"), fix(5, 6, "Z")]), "aXeZ");
    assert_eq!(apply("abc", &[fix(1, 1, "1"), fix(1, 1, "2")]), "a1bc");
    assert_eq!(apply("abc", &[]), "abc");
}

#[test]
fn a_finding_as_json_and_as_a_frame_says_all_there_is() {
    let source = script("log(Date.now())\nlog(Math.random())");
    let found = lint_here(&source, "w.js", &[]);
    assert_eq!(
        serde_json::to_value(&found[0]).expect("plain data"),
        json!({
            "code": "FF003",
            "name": "clock-or-dice",
            "severity": "error",
            "message": "`Date.now()` throws in a script",
            "reason": "the clock and the dice throw here: on resume they would answer otherwise",
            "help": "call `now()`, which is journaled and replays",
            "location": {"file": "w.js", "line": 2, "column": 5},
            "span": {"start": 56, "end": 64},
            "fix": [{"span": {"start": 56, "end": 64}, "text": "now"}],
        })
    );
    assert_eq!(
        crate::frame::render(&diagnostics(&found), "w.js", &source, false),
        "\
error[FF003]: `Date.now()` throws in a script
 --> w.js:2:5
  |
2 | log(Date.now())
  |     ^^^^^^^^
  |
  = note: the clock and the dice throw here: on resume they would answer otherwise
  = help: call `now()`, which is journaled and replays

error[FF003]: `Math.random()` throws in a script
 --> w.js:3:5
  |
3 | log(Math.random())
  |     ^^^^^^^^^^^
  |
  = help: call `random()`, which is journaled and replays"
    );
}
