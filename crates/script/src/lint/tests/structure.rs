//! Rules about what is written: names, args, phases, labels, schemas, loops, worktrees, other workflows.

use super::*;

#[test]
fn names_that_are_not_there_and_modules_have_codes_and_say_what_to_use() {
    check(&[
        ("const out = await bash('ls')", &["FF001 «bash» `bash` is not defined | a script runs no commands"]),
        ("log(process.env.HOME)", &["FF001 «process» `process` is not defined | a script sees no process"]),
        ("const fs = require('fs')", &["FF001 «require»"]),
        ("await agnet('x')", &["FF001 «agnet» `agnet` is not defined | did you mean `agent`?"]),
        ("const fs = await import('node:fs')", &["FF002 «import('node:fs')»"]),
        ("import fs from 'node:fs'", &["FF002"]),
        ("const a = ;", &["FF000 unexpected token"]),
        // Errors of loading cannot be ignored.
        ("bash('ls') // fanfold-ignore FF001", &["FF001"]),
    ]);
    check_clean(&[
        "log('bash process require import x from y')\n// bash(), process.env, require('x'), import('y')\nlog(`${'bash'} import('z')`)",
        "const bash = x => x\nconst process = { env: {} }\nlog(bash(process.env.HOME ?? 'none'))",
        "const shell = typeof bash === 'function' ? bash : null\nreturn shell && shell('ls')",
        "return { bash: 1, process: 2, require: 3 }.bash",
        "return typeof verified === 'function' ? await verified('x', {}) : await agent('x')",
    ]);
}

#[test]
fn the_clock_and_the_dice_are_found_unless_they_are_guarded_or_somebody_elses() {
    check(&[
        ("return Date.now()", &["FF003 «Date.now» `Date.now()` throws in a script | call `now()`"]),
        (
            "return Math.random()",
            &["FF003 «Math.random» `Math.random()` throws in a script | call `random()`"],
        ),
        ("return new Date()", &["FF003 «new Date()»"]),
        ("return new Date", &["FF003 «new Date»"]),
        ("return Date()", &["FF003 «Date()»"]),
        ("return [3, 1].sort(() => Math.random() - 0.5)", &["FF003"]),
        ("const clock = Date.now\nreturn clock()", &["FF003 «Date.now» `Date.now` throws"]),
        ("return `${new Date().toISOString()}`", &["FF003"]),
    ]);
    check_clean(&[
        "return ['Date.now()', `Math.random() ${'new Date()'}`] // Date.now()",
        "return [new Date(0), new Date(now()), Date.parse('2020-01-01'), Math.floor(random())]",
        "const Date = { now: () => 1 }\nreturn Date.now()",
        "function f(Math) { return Math.random() }\nreturn f({ random: () => 1 })",
        "return typeof now === 'function' ? now() : Date.now()",
        "if (typeof random === 'function') { log(random()) } else { log(Math.random()) }",
        "return globalThis.now?.() ?? Date.now()",
        "try { return Date.now() } catch { return 0 }",
        "const clock = { now: () => 1 }\nreturn clock.now()",
    ]);
}

#[test]
fn args_are_declared_and_read_as_declared() {
    let meta = "// meta: args: { type: 'object', properties: { path: { type: 'string' }, depth: {} } }\n";
    check(&[
        (
            "return args.path",
            &[
                "FF004 «args» `args` is used, and `meta.args` does not declare it | declare it in `meta`: `args: { type: 'object', properties: { path: { … } } }`",
            ],
        ),
        ("const { a, b: c = 2 } = args ?? {}\nreturn [a, c]", &["FF004 properties: { a: { … }, b: { … } }"]),
        ("return args", &["FF004"]),
    ]);
    for (body, expected) in [
        ("return args.paht", "FF005 «paht» `meta.args` has no property `paht` | did you mean `path`?"),
        ("return args?.verbose", "FF005 «verbose»"),
        ("return args['verbose']", "FF005 «'verbose'»"),
        ("const { path, verbose = true } = args\nreturn [path, verbose]", "FF005 «verbose»"),
        ("const input = args || {}\nreturn input.verbose", "FF005 «verbose»"),
        ("return (args ?? {}).verbose + (args ?? {}).verbose", "FF005 «verbose»"),
    ] {
        check(&[(&[meta, body].concat(), &[expected])]);
    }
    for body in [
        "return args.path + args?.depth",
        "const { path, ...rest } = args ?? {}\nreturn [path, rest]",
        "const args2 = { verbose: 1 }\nreturn args2.verbose",
        "{ const args = { verbose: 1 }; log(args.verbose) }",
        "return Array.isArray(args) ? args.map(x => x) : args.path",
        "return typeof args === 'string' ? args.split(',') : args",
        "log('args.verbose') // args.verbose",
    ] {
        check_clean(&[&[meta, body].concat()]);
    }
    check_clean(&[
        "return typeof args === 'undefined' ? 1 : 2",
        "// meta: args: { type: 'object', additionalProperties: true, properties: { a: {} } }\nreturn args.b",
        "// meta: args: { type: 'object' }\nreturn args.b",
        "// meta: args: { type: 'array' }\nreturn args.map(x => x).length",
    ]);
    check(&[("// meta: args: { type: 'string' }\nreturn args.path", &["FF005 of type string"])]);
}

#[test]
fn args_that_are_given_in_another_shape_are_found() {
    let source = script("const { path } = args\nreturn path");
    let shapes = |given: serde_json::Value| {
        let found = lint(&source, "w.js", &LintCx { args: Some(&given), ..LintCx::default() });
        found.iter().filter(|it| it.code == "FF005").map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shapes(json!(["src"])), ["`path` is read from `args`, which was given as an array"]);
    assert_eq!(shapes(json!("src")), ["`path` is read from `args`, which was given as a string"]);
    assert!(shapes(json!({"path": "src"})).is_empty());
    assert!(shapes(json!("{\"path\": \"src\"}")).is_empty());
}

#[test]
fn phases_are_those_of_meta() {
    let meta = "// meta: phases: [{ title: 'Find' }, { title: 'Fix' }]\n";
    for (body, expected) in [
        (
            "phase('Find')\nphase('Fixx')\nphase('Fix')",
            "FF010 «'Fixx'» the phase `Fixx` is not in `meta.phases` | did you mean `Fix`?",
        ),
        ("phase('Find')\nawait agent('x', { phase: 'Report' })\nphase('Fix')", "FF010 «'Report'»"),
        ("phase('Find')", "FF011 «'Fix'» the phase `Fix` is declared, and nothing uses it"),
        ("phase('Find') // phase('Fix')", "FF011 «'Fix'»"),
        ("const P = 'Find'\nphase(P)\nawait agent('x', { phase: true ? 'Fix' : 'Gone' })", "FF010 «'Gone'»"),
    ] {
        check(&[(&[meta, body].concat(), &[expected])]);
    }
    for body in [
        "phase('Find')\nawait agent('x', { phase: 'Fix' })",
        "for (const title of ['Find', 'Fix']) phase(title)",
        "phase(`F${'ind'}`)",
        "const PHASES = { Find: 1, Fix: 2 }\nfor (const key of Object.keys(PHASES)) phase(key)",
        "for (const { title } of meta.phases) phase(title)",
        "phase('Find')\nawait workflow('plain')",
        "const opts = x => ({ phase: x })\nawait agent('x', opts('Find'))\nphase('Fix')",
        "const phase = x => x\nlog(phase('Other'))\nawait agent('y', { phase: 'Fix' })\nlog('Find')",
    ] {
        check_clean(&[&[meta, body].concat()]);
    }
    check_clean(&["phase('Anything')\nawait agent('x', { phase: 'Else' })"]);
}

#[test]
fn labels_that_agents_share_are_found() {
    check(&[
        (
            "for (const f of ['a', 'b']) await agent(f, { label: 'read' })",
            &["FF012 «'read'» every agent that starts here is labelled `read`"],
        ),
        ("let i = 0\nwhile (i++ < 3) await agent(`try ${i}`, { label: `try` })", &["FF012"]),
        ("await parallel(['a', 'b'].map(f => () => agent(f, { label: 'read' })))", &["FF012"]),
        (
            "await parallel(['a', 'b'].map(f => async () => { return await agent(f, { label: 'read' }) }))",
            &["FF012"],
        ),
        ("await pipeline(['a', 'b'], f => agent(f, { label: 'read' }))", &["FF012"]),
        (
            "await parallel(Array.from({ length: 3 }, (_, i) => () => agent(`v${i}`, { label: 'vote' })))",
            &["FF012"],
        ),
        ("const L = 'read'\nfor (const f of ['a', 'b']) await agent(f, { label: L })", &["FF012"]),
        (
            "await parallel([() => agent('a', { label: 'x' }), () => agent('b', { label: 'x' })])",
            &["FF012 the agent in line 2 is labelled `x` too"],
        ),
        (
            "await agent('a', { label: 'x' })\nawait agent('b', { label: 'x' })",
            &["FF012 the agent in line 2"],
        ),
    ]);
    check_clean(&[
        "for (const f of ['a', 'b']) await agent(f, { label: `read:${f}` })",
        "for (const f of ['a', 'b']) await agent(f)",
        "for (const f of ['a', 'b']) await agent(f, { label: f, phase: 'read' })",
        "await pipeline(['a'], f => agent(f, { label: 'only' }))",
        "await pipeline(['a', 'b'], (_, f, i) => agent(f, { label: 'n' + i }))",
        "if (budget.total) await agent('a', { label: 'x' })\nelse await agent('b', { label: 'x' })",
        "const r = budget.total ? await agent('a', { label: 'x' }) : await agent('b', { label: 'x' })\nreturn r",
        "await agent('a', { label: 'x' })\nfor (const f of [1, 2]) log({ label: 'x' })",
        "async function one(f) { return agent(f, { label: 'one' }) }\nreturn await one('a')",
        "for (const x of [await agent('a', { label: 'x' })]) log(x)",
    ]);
}

#[test]
fn schemas_that_nothing_satisfies_or_that_are_no_objects_are_found() {
    let of = |schema: &str| format!("await agent('x', {{ schema: {schema} }})");
    for (schema, expected) in [
        (
            "{ type: 'object', required: ['a'], properties: { b: {} }, additionalProperties: false }",
            "FF013 `agent()` refuses this schema",
        ),
        (
            "{ type: 'object', required: ['a'], properties: { a: { type: 'array', minItems: 3, maxItems: 2 } } }",
            "FF013 «{ type: 'array', minItems: 3, maxItems: 2 }»",
        ),
        ("{ type: 'object', properties: { a: { enum: [] } } }", "FF013 empty enum"),
        (
            "{ type: 'object', properties: { a: { const: 3, enum: [1, 2] } } }",
            "FF013 «{ const: 3, enum: [1, 2] }»",
        ),
        (
            "{ type: 'object', properties: { n: { type: 'number', minimum: 5, maximum: -1 } } }",
            "FF013 minimum 5 is above maximum -1",
        ),
        ("{ type: 'object', properties: { n: { type: 'nubmer' } } }", "FF013"),
        ("{ type: 'array', items: {} }", "FF014 the root of the schema is of type \"array\""),
        ("{ properties: { a: {} } }", "FF014 has no `type`"),
        ("{}", "FF014 has no `type`"),
        ("'object'", "FF014 a schema is an object"),
    ] {
        check(&[(&of(schema), &[expected])]);
    }
    check(&[(
        "const item = { type: 'string', minLength: 9, maxLength: 3 }\nconst S = { type: 'object', required: ['list'], properties: { list: { type: 'array', minItems: 1, items: item } } }\nawait agent('x', { schema: S })\nawait agent('y', { schema: S })",
        &["FF013 «{ type: 'string', minLength: 9, maxLength: 3 }»"],
    )]);
    for schema in [
        "{ type: 'object' }",
        "{ $ref: '#/$defs/a', $defs: { a: { type: 'object' } } }",
        "{ anyOf: [{ type: 'object' }] }",
        "{ type: 'object', properties: { enum: { type: 'array', minItems: 0, maxItems: 0 }, required: { type: 'boolean' } } }",
        "{ type: 'object', ...JSON.parse('{}') }",
        "{ type: 'object', properties: Object.fromEntries([['a', {}]]), required: ['a'], additionalProperties: false }",
        "undefined",
    ] {
        check_clean(&[&of(schema)]);
    }
    check_clean(&[
        "log({ schema: { type: 'array' } })",
        "const agent = x => x\nlog(agent('x', { schema: { type: 'array' } }))",
    ]);
}

#[test]
fn loops_on_a_budget_that_may_not_be_there_are_found() {
    check(&[
        ("while (budget.remaining() > 1000) log('x')", &["FF015 «budget.remaining() > 1000»"]),
        ("while (5_000 < budget.remaining()) log('x')", &["FF015"]),
        ("do { log('x') } while (budget.remaining())", &["FF015"]),
        ("while (budget.usd.remaining() > 1) log('x')", &["FF015 «budget.usd.remaining() > 1»"]),
        ("for (; budget.remaining() > 10; ) log('x')", &["FF015"]),
        (
            "while (budget.remaining() > 10 && budget.remaining() > 20) { if (!(await agent('x'))) break }",
            &["FF015"],
        ),
    ]);
    check_clean(&[
        "while (budget.total && budget.remaining() > 1000) log('x')",
        "while (budget.total !== null && budget.remaining() > 1000) log('x')",
        "while (budget.usd.total && budget.usd.remaining() > 1) log('x')",
        "if (!budget.total) return\nwhile (budget.remaining() > 1000) log('x')",
        "for (let i = 0; i < 5 && budget.remaining() > 1000; i++) log('x')",
        "let i = 0\nwhile (budget.remaining() > 1000) { if (i++ >= 5) break }",
        "const budget = { remaining: () => 0 }\nwhile (budget.remaining() > 1000) log('x')",
        "if (budget.remaining() > 1000) log('while (budget.remaining() > 0)')",
    ]);
}

#[test]
fn promise_all_over_agents_is_found() {
    check(&[
        ("return await Promise.all([agent('a'), agent('b')])", &["FF016 «Promise.all»"]),
        ("return await Promise.all(['a', 'b'].map(x => agent(x)))", &["FF016"]),
        ("return await Promise.all(['a', 'b'].map(async x => { return await agent(x) }))", &["FF016"]),
        ("const jobs = ['a', 'b'].map(x => agent(x))\nreturn await Promise.all(jobs)", &["FF016"]),
        (
            "async function look(x) { return (await agent(x)) ?? 0 }\nreturn await Promise.all(['a', 'b'].map(look))",
            &["FF016"],
        ),
        ("return await Promise.all([agent('a').then(r => r), 1])", &["FF016"]),
    ]);
    check_clean(&[
        "return await Promise.allSettled([agent('a'), agent('b')])",
        "return await Promise.race([agent('a'), agent('b')])",
        "return await Promise.all([1, 2].map(x => new Promise(done => setTimeout(done, x))))",
        "return await Promise.all(['a', 'b'].map(x => agent(x).catch(() => null)))",
        "return await Promise.all([agent('a').catch(() => null)])",
        "return await Promise.all(['a', 'b'].map(async x => { try { return await agent(x) } catch { return null } }))",
        "try { return await Promise.all([agent('a')]) } catch { return null }",
        "const Promise = { all: x => x }\nreturn Promise.all([agent('a')])",
        "log('Promise.all([agent(x)])')",
        "return await Promise.all([parallel([() => agent('a')]), parallel([() => agent('b')])])",
    ]);
}

#[test]
fn a_verifier_that_looks_elsewhere_is_found() {
    let write = "const fix = await agent('Fix it', { label: 'fix', isolation: 'worktree' })\n";
    for verify in [
        "await agent('Run the tests', { label: 'verify' })",
        "await agent('Verify the fix', { label: 'second', agentType: 'Explore' })",
        "await agent(`Review what was done in src`, { isolation: 'worktree' })",
        "await agent(`Look at it (${fix.summary})`, { label: 'review', schema: { type: 'object' } })",
    ] {
        let found = told(&script(&[write, verify].concat()));
        assert!(
            found.iter().any(|it| it.starts_with("FF017 «agent»") && it.contains("line 2")),
            "{verify}: {found:#?}"
        );
    }
    check(&[(
        "await pipeline(['a', 'b'], f => agent(`Change ${f}`, { isolation: 'worktree' }), (r, f) => agent(`Check ${f}`, { label: `check:${f}` }))",
        &["FF017"],
    )]);
    for verify in [
        "await agent(`Review this:\\n${fix}`, { label: 'verify' })",
        "if (fix) await agent(`Review this:\\n${fix.diff}`, { label: 'verify' })",
        "const text = String(fix)\nawait agent(`Check ${text}`, { label: 'verify' })",
        "await agent('Write the changelog', { label: 'changelog' })",
        "await agent(prompt(fix), { label: 'verify' })\nfunction prompt(x) { return x }",
    ] {
        check_clean(&[&[write, verify].concat()]);
    }
    check_clean(&[
        "await agent('Fix it', { label: 'fix' })\nawait agent('Run the tests', { label: 'verify' })",
        "await agent('Run the tests', { label: 'verify' })\nawait agent('Fix it', { label: 'fix', isolation: 'worktree' })",
        "if (budget.total) { await agent('Fix it', { isolation: 'worktree' }) } else { await agent('Check it', { label: 'check' }) }",
        "await verified('Fix it', { label: 'fix', isolation: 'worktree' })\nawait agent('Check the docs', { label: 'check' })",
        "await agent('Fix it', { label: 'fix', isolation: 'worktree' })\nawait verified('Check in the rest', { label: 'check' })",
    ]);
}

#[test]
fn verified_is_an_agent_to_the_rules_about_agents() {
    check(&[
        ("await verified('a', { label: 'same' })\nawait agent('b', { label: 'same' })", &["FF012 «'same'»"]),
        (
            "const { files } = await agent('x', { schema: { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } } } }) ?? { files: [] }\nawait parallel(files.map(f => () => verified(f)))",
            &["FF008"],
        ),
    ]);
    let phases = "// meta: phases: [{ title: 'Port' }]\n";
    check_clean(&[&[phases, "await verified('a', { phase: 'Port' })"].concat()]);
}

#[test]
fn what_does_not_exist_here_is_found() {
    check(&[
        (
            "await agent('x', { agentType: 'explore' })",
            &[
                "FF019 «'explore'» there is no agent type `explore` | did you mean `Explore`? There are general-purpose, Explore, Plan",
            ],
        ),
        ("await agent('x', { model: 'gpt' })", &["FF020 «'gpt'» there is no model `gpt`"]),
        (
            "await agent('x', { model: budget.total ? 'opus' : 'sonett', agentType: budget.total ? 'Plan' : 'Plam' })",
            &["FF020 «'sonett'»", "FF019 «'Plam'»"],
        ),
        ("return await workflow('outer')", &["FF018 «'outer'» `outer` calls `workflow()` itself (line 2)"]),
        ("return await workflow({ scriptPath: './outer.js' })", &["FF018 «'./outer.js'»"]),
    ]);
    check_clean(&[
        "await agent('x', { agentType: 'Explore', model: 'inherit' })",
        "await agent('x', { agentType: undefined, model: 'vendor/model-1' })",
        "const kind = ['Explore', 'Odd'][0]\nawait agent('x', { agentType: kind })",
        "log({ agentType: 'nobody', model: 'nothing' })",
        "return [await workflow('plain'), await workflow('nowhere'), await workflow('broken')]",
        "const workflow = x => x\nreturn workflow('outer')",
    ]);
    // Nothing is known of the place: nothing is judged.
    let source = script("await agent('x', { agentType: 'a', model: 'b' })\nawait workflow('outer')");
    assert_eq!(lint(&source, "w.js", &LintCx::default()), []);
}

#[test]
fn ignores_reach_their_line_the_next_or_the_file() {
    let loops = "for (const f of ['a', 'b']) await agent(f, { label: 'read' })";
    let twice = format!("{loops}\n{loops}");
    let cases = [
        (format!("{loops} // fanfold-ignore FF012"), vec![]),
        (format!("// fanfold-ignore FF012\n{loops}"), vec![]),
        (format!("/* fanfold-ignore FF012 */\n{loops}"), vec![]),
        (format!("// fanfold-ignore FF006, FF012: all alike\n{loops}"), vec!["FF022 there is no FF006"]),
        (format!("// fanfold-ignore ff012 because\n\n// they are alike\n{loops}"), vec![]),
        (format!("// fanfold-ignore FF012\n{twice}"), vec!["FF012"]),
        (format!("{loops}\n// fanfold-ignore FF012"), vec!["FF012"]),
        ("// fanfold-ignore FF012\nawait pipeline(['a', 'b'], f => agent(f, {\n  label: 'read',\n}))".into(), vec![]),
        ("await pipeline(\n  ['a', 'b'],\n  // fanfold-ignore FF012\n  f => agent(`${f}\n`, {\n    label: 'read',\n  }),\n)".into(), vec![]),
        ("// fanfold-ignore\nlog(1)".into(), vec!["FF022 names no rule"]),
        ("// fanfold-ignore FF999\nlog(1)".into(), vec!["FF022 there is no rule FF999"]),
        ("// fanfold-ignore FF003\nlog(1)".into(), vec!["FF022 there is no FF003 (`clock-or-dice`) here"]),
        ("log('// fanfold-ignore FF003')\nlog(`\n// fanfold-ignore FF003\n`)".into(), vec![]),
        // What only a dry run can find is not judged without one.
        ("// fanfold-ignore FF009\nawait agent('x')".into(), vec![]),
    ];
    for (body, expected) in &cases {
        check(&[(body, expected)]);
    }
    let above = format!("// fanfold-ignore FF012\n{}", script(&twice));
    assert_eq!(told(&above), Vec::<String>::new());
}

#[test]
fn a_script_that_would_make_the_lint_work_for_ever_does_not() {
    let mut doubling = String::from("const a0 = ['x', 'x']\n");
    for n in 1..40 {
        doubling += &format!("const a{n} = [...a{0}, ...a{0}, a{0}, a{0}]\n", n - 1);
    }
    doubling += "await agent('x', { schema: { type: 'object', properties: a39 } })\nawait parallel(a39.map(x => () => agent(x)))";
    let circular = "const a = { ...b }\nconst b = { ...a }\nfunction f() { return f() }\nconst g = () => g()\nawait agent('x', a)\nawait agent('x', { schema: b, label: g() })\nconst r = await f()\nreturn [r.x, (await g()).y]";
    let deep =
        format!("const deep = {}1{}\nawait agent('x', {{ schema: deep }})", "[".repeat(180), "]".repeat(180));
    let started = std::time::Instant::now();
    for body in [&doubling, circular, &deep] {
        told(&script(body));
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
