//! What dry runs saw, judged.

use super::*;

/// What a dry run of an example of the documentation sees, where its rule needs one.
pub fn of_example(rule: &Rule, body: &str) -> Vec<SeenRun> {
    if rule.code != super::super::rules::PROMPT_JUNK {
        return Vec::new();
    }
    let source = script(body);
    let prompt = if body == rule.wrong { "Do this: [object Object]" } else { "Do this: {\"file\":\"a.js\"}" };
    vec![run("typical", &[call(&source, "agent(", prompt)])]
}

fn run(policy: &str, calls: &[SeenCall]) -> SeenRun {
    SeenRun { policy: policy.into(), calls: calls.to_vec() }
}

/// A call made where `marked` stands in the source.
fn call(source: &str, marked: &str, prompt: &str) -> SeenCall {
    let at = source.find(marked).expect("in there");
    SeenCall { prompt: prompt.into(), site: Some(Location::of("w.js", source, at)), ..SeenCall::default() }
}

fn seen(source: &str, runs: &[SeenRun]) -> Vec<String> {
    lint_here(source, "w.js", runs).iter().map(|finding| line_of(finding, source)).collect()
}

#[test]
fn values_that_did_not_make_it_into_a_prompt_are_found() {
    let source = script("const o = {}\nawait agent(`Do ${o} with ${o.missing}, ${o.n * 2}`)");
    let prompt = "Do [object Object] with undefined, NaN";
    let found = seen(
        &source,
        &[
            run("typical", &[call(&source, "agent(", prompt)]),
            run("wide", &[call(&source, "agent(", prompt)]),
        ],
    );
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].starts_with("FF009 «`Do ${o} with ${o.missing}, ${o.n * 2}`» `[object Object]` stands in the prompt: “Do [object Object] with"), "{found:#?}");
    assert!(
        found[1].contains("`undefined` stands in the prompt") && found[2].contains("`NaN`"),
        "{found:#?}"
    );
}

#[test]
fn what_the_author_or_the_input_wrote_is_no_junk() {
    let source = script(
        "const RULE = 'Report undefined behaviour and NaN handling.'\nconst x = 'y'\nawait agent(`${RULE} An [object Object] in a log is a bug too. ${x}`)",
    );
    let prompt = "Report undefined behaviour and NaN handling. An [object Object] in a log is a bug too. y";
    assert_eq!(seen(&source, &[run("typical", &[call(&source, "agent(", prompt)])]), Vec::<String>::new());

    let source = script(
        "// meta: args: { type: 'object', properties: { ask: {} } }\nawait agent(`Look: ${args.ask}`)",
    );
    let given = json!({"ask": "is undefined handled?"});
    let runs = [run("typical", &[call(&source, "agent(", "Look: is undefined handled?")])];
    let found = lint(&source, "w.js", &LintCx { args: Some(&given), runs: &runs, ..LintCx::default() });
    assert_eq!(found, []);

    let source = script("await agent(`Explain isNaN, \\`undefined\\` and undefinedBehaviour in ${'x'}`)");
    let prompt = "Explain isNaN, `undefined` and undefinedBehaviour in x";
    assert_eq!(seen(&source, &[run("typical", &[call(&source, "agent(", prompt)])]), Vec::<String>::new());
}

#[test]
fn computed_labels_that_come_out_equal_are_found() {
    let source = script("for (const n of [1, 2]) await agent(`Read ${n}`, { label: `read:${n % 1}` })");
    let labelled =
        |prompt: &str, label: &str| SeenCall { label: Some(label.into()), ..call(&source, "agent(", prompt) };
    let equal = [run("typical", &[labelled("Read 1", "read:0"), labelled("Read 2", "read:0")])];
    let found = seen(&source, &equal);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with(
            "FF012 «`read:${n % 1}`» several agents that start here are labelled `read:0` (policy typical)"
        ),
        "{found:#?}"
    );
    // Different labels, the same call again, other runs.
    let fine = [
        run(
            "typical",
            &[labelled("Read 1", "read:1"), labelled("Read 2", "read:2"), labelled("Read 2", "read:2")],
        ),
        run("wide", &[labelled("Read 3", "read:1")]),
    ];
    assert_eq!(seen(&source, &fine), Vec::<String>::new());
    // Of names that a model made up, two may be equal.
    let mut many: Vec<_> = (0..9).map(|n| labelled(&format!("Read {n}"), &format!("read:{n}"))).collect();
    many.push(labelled("Read 9", "read:8"));
    assert_eq!(seen(&source, &[run("wide", &many)]), Vec::<String>::new());
    // The same, where there are only four: half of them share one.
    assert_eq!(seen(&source, &[run("wide", &many[6..])]), Vec::<String>::new());
    many.truncate(1);
    many.extend((1..4).map(|n| labelled(&format!("Read {n}"), &format!("read:{}", n / 2))));
    assert_eq!(seen(&source, &[run("wide", &many)]).len(), 1, "four share two labels");
}

#[test]
fn computed_phases_are_compared_with_those_of_meta() {
    let body = |phase: &str| {
        script(&format!(
            "// meta: phases: [{{ title: 'Find' }}, {{ title: 'Fix' }}]\nlog(failures())\nawait agent('x', {{ phase: {phase} }})"
        ))
    };
    let source = body("`F${'ind'}` + ''");
    let in_phase = |phase: &str| {
        let call = SeenCall { phase: Some(phase.into()), ..call(&source, "agent(", "x") };
        seen(&source, &[run("typical", &[call])])
    };
    let found = in_phase("Fnid");
    assert!(found.iter().any(|it| it.starts_with("FF010") && it.contains("`Fnid`")), "{found:#?}");
    // It may be one of a longer run.
    let source = body("`Fi${'nd'}`");
    let call = SeenCall { phase: Some("Find".into()), ..call(&source, "agent(", "x") };
    assert_eq!(seen(&source, &[run("typical", &[call])]), Vec::<String>::new());
}

#[test]
fn computed_names_that_do_not_exist_here_are_found() {
    let source = script(
        "const pick = list => list[0]\nawait agent('x', { agentType: pick(['Explroe']), model: pick(['gone']) })",
    );
    let named = SeenCall {
        agent_type: Some("Explroe".into()),
        model: Some("gone".into()),
        ..call(&source, "agent(", "x")
    };
    let found = seen(&source, &[run("typical", std::slice::from_ref(&named)), run("wide", &[named])]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("FF019 «pick(['Explroe'])» there is no agent type `Explroe`"), "{found:#?}");
    assert!(found[1].starts_with("FF020 «pick(['gone'])»"), "{found:#?}");
}

#[test]
fn a_fan_out_that_only_a_wide_run_shows_is_found() {
    let source = script(
        "const more = async () => []\nfor (const f of await more()) await agent(`Read ${f}`, { label: `${f}` })",
    );
    let calls = |count: usize| -> Vec<SeenCall> {
        (0..count)
            .map(|n| SeenCall {
                label: Some(format!("{n}")),
                ..call(&source, "agent(", &format!("Read {n}"))
            })
            .collect()
    };
    let found = seen(&source, &[run("typical", &calls(4)), run("wide", &calls(625))]);
    assert!(
        found.len() == 1
            && found[0].starts_with("FF008 «agent» 625 agents start here when lists are long, 4"),
        "{found:#?}"
    );
    assert_eq!(seen(&source, &[run("typical", &calls(4)), run("wide", &calls(50))]), Vec::<String>::new());
}

#[test]
fn calls_from_other_files_and_from_nowhere_are_not_judged() {
    let source = script("await agent('x')");
    let elsewhere = Location { file: "other.js".into(), line: 2, column: 7 };
    let calls = [
        SeenCall { prompt: "undefined".into(), ..SeenCall::default() },
        SeenCall { prompt: "undefined".into(), site: Some(elsewhere), ..SeenCall::default() },
    ];
    assert_eq!(seen(&source, &[run("typical", &calls)]), Vec::<String>::new());
}

#[test]
fn an_ignore_of_what_only_runs_show_works_and_is_judged_with_them() {
    let source = script("await agent(`${{}}`) // fanfold-ignore FF009");
    assert_eq!(
        seen(&source, &[run("typical", &[call(&source, "agent(", "[object Object]")])]),
        Vec::<String>::new()
    );
    let found = seen(&source, &[run("typical", &[call(&source, "agent(", "x")])]);
    assert!(found.len() == 1 && found[0].starts_with("FF022"), "{found:#?}");
    // Another policy may show what it silences.
    let runs = [run("typical", &[call(&source, "agent(", "x")])];
    let some = LintCx { runs: &runs, is_all_seen: false, ..LintCx::default() };
    assert_eq!(lint(&source, "w.js", &some), Vec::new());
}
