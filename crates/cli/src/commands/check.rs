//! `fanfold check WORKFLOW`: what is wrong with a script, how it fares under every policy, and what it would
//! take. Never asks, never spends.

use fanfold_agent::sim::Policy;
use fanfold_core::RunStatus;
use fanfold_engine::{ErrorReport, LoadedScript, RunReport};
use fanfold_script::lint::Finding;
use serde_json::{Value, json};

use super::backend::scenario;
use super::launch;
use super::{block_on, columns, say, style, tell};
use crate::args;
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::estimate::{self, DryRun, Elsewhere, Estimate, Pricing, Subject};
use crate::flags::Check;
use crate::library::{Library, Workflow};
use crate::lint::{self, Place};
use crate::screen::Line;
use crate::settings::{Flag, Settings};
use crate::world::{ColorChoice, Stream, World};

/// All that a check finds out.
#[derive(Default)]
struct Findings {
    lint: Vec<Finding>,
    /// Fixed, and no longer there.
    fixed: Vec<Finding>,
    /// With what each is expected to cost.
    dry_runs: Vec<(DryRun, Option<u64>)>,
    estimate: Option<Estimate>,
    elsewhere: Vec<Elsewhere>,
    differences: Vec<String>,
}

pub fn check(flags: Check, world: World, color: ColorChoice) -> Result<Exit> {
    if let Some(wanted) = &flags.explain {
        return explain(wanted, flags.json);
    }
    let settings = Settings::load(&world, &setting_flags(&flags))?;
    let mut workflow = Library::new(&world).find(&flags.workflow, &mut std::io::stdin().lock())?;
    workflow.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    // What is wrong with it beyond loading, the lint says.
    let mut script = load(&workflow)?;
    let pricing = Pricing::of_settings(&settings)?;
    let place = Place::of(&world, &pricing)?;
    let fixed = match flags.fix {
        true => lint::rewrite(&mut workflow, |workflow| place.lint(workflow, None, &[]))?,
        false => Vec::new(),
    };
    if !fixed.is_empty() {
        script = load(&workflow)?;
    }
    for Finding { code, location: at, message, .. } in &fixed {
        tell(&format!("fixed {code} at {}:{}:{}: {message}", at.file, at.line, at.column));
    }
    let findings = if flags.lint_only {
        let input = args::read(&flags.args, None, &world)?;
        Findings { lint: place.lint(&workflow, input.as_ref(), &[]), ..Findings::default() }
    } else {
        dry_run(&flags, &workflow, &script, &settings, &place, &world).inspect_err(|_| {
            // Why it cannot be run dry may well be among what the text tells.
            let found = place.lint(&workflow, None, &[]);
            if !found.is_empty() {
                tell(&lint::show(&found, &workflow, world.colour(color, Stream::Error)));
            }
        })?
    };
    let findings = Findings { fixed, ..findings };
    if flags.json {
        say(&serde_json::to_string_pretty(&document(&findings)).expect("plain data always serializes"));
    } else {
        show(&flags, &findings, &workflow, &world, color);
    }
    if !findings.differences.is_empty() {
        tell(&format!("the outcome is not the expected one:\n{}", findings.differences.join("\n")));
    }
    Ok(exit(&flags, &findings))
}

fn load(workflow: &Workflow) -> Result<LoadedScript> {
    block_on(launch::load_quietly(workflow.text.clone(), workflow.file.clone()))
}

fn explain(wanted: &str, json: bool) -> Result<Exit> {
    let rule = lint::explain(wanted)?;
    say(&match json {
        true => serde_json::to_string_pretty(rule).expect("plain data always serializes"),
        false => lint::in_words(rule),
    });
    Ok(Exit::Completed)
}

fn setting_flags(flags: &Check) -> Vec<Flag> {
    let flag = |key, value: Option<String>, flag| value.map(|value| Flag { key, value, flag });
    let concurrency = flags.concurrency.map(|n| n.to_string());
    let said =
        [flag("concurrency", concurrency, "--concurrency"), flag("model", flags.model.clone(), "--model")];
    said.into_iter().flatten().collect()
}

fn dry_run(
    flags: &Check,
    workflow: &Workflow,
    script: &LoadedScript,
    settings: &Settings,
    place: &Place<'_>,
    world: &World,
) -> Result<Findings> {
    let pricing = place.pricing();
    let input = args::read(&flags.args, script.meta.args.as_ref(), world)?;
    args::check(&script.meta, input.as_ref())?;
    let expected = flags.expect.as_deref().map(|path| expectation(path, world)).transpose()?;
    let scenario = flags.scenario.as_ref().map(|path| scenario(&world.cwd.join(path))).transpose()?;
    let policies = policies(flags)?;
    let models = flags.on.iter().map(|model| pricing.name(model.trim())).collect::<Result<Vec<_>>>()?;
    let subject = Subject {
        workflow,
        meta: &script.meta,
        args: input.as_ref(),
        limits: launch::limits(settings, script, &[], &[])?,
        settings,
        world,
        seed: flags.seed.unwrap_or(0),
        patience: estimate::REAL_TIME_MAX,
        children: Default::default(),
    };
    let (estimate, dry_runs, agents) = estimate::check(&subject, pricing, &policies, scenario.as_ref())?;
    let lint = place.lint(workflow, input.as_ref(), &dry_runs);
    let elsewhere = match &estimate {
        Some(estimate) => estimate::elsewhere(&agents, pricing, &dry_runs, estimate, &models),
        None => Vec::new(),
    };
    let differences = expected
        .iter()
        .flat_map(|expected| dry_runs.iter().flat_map(move |run| differences(expected, &run.report)));
    let differences = differences.collect();
    let with_cost = |run: DryRun| {
        // Where a budget cut agents short, they cost less than was to be expected of them.
        let cost = estimate::cost(&agents, pricing, &run).zip(run.report.usage.usd);
        let cost = cost.map(|(expected, billed)| expected.min((billed * 1e6).round() as u64));
        (run, cost)
    };
    let dry_runs = dry_runs.into_iter().map(with_cost).collect();
    Ok(Findings { lint, fixed: Vec::new(), dry_runs, estimate, elsewhere, differences })
}

fn policies(flags: &Check) -> Result<Vec<Policy>> {
    Ok(match &flags.policy {
        Some(policy) => {
            vec![policy.parse().map_err(|err| CliError::new(ErrorKind::Usage, format!("{err}")))?]
        }
        // A scenario is one story: it is told once, unless a policy is asked for.
        None if flags.scenario.is_some() => vec![Policy::Typical],
        None => Policy::ALL.to_vec(),
    })
}

/// The document of `--json`.
fn document(findings: &Findings) -> Value {
    let rows: Vec<Value> = findings
        .dry_runs
        .iter()
        .map(|(run, cost)| {
            json!({
                "policy": run.policy.name(),
                "simulated": true,
                "endless": run.is_endless,
                "usd_micros": cost,
                "run": run.report,
            })
        })
        .collect();
    json!({
        "lint": findings.lint,
        "fixed": findings.fixed,
        "dry_runs": rows,
        "estimate": findings.estimate,
        "as": findings.elsewhere,
        "differences": findings.differences,
    })
}

fn show(flags: &Check, findings: &Findings, workflow: &Workflow, world: &World, color: ColorChoice) {
    if flags.lint_only {
        say(&lint::show(&findings.lint, workflow, world.colour(color, Stream::Output)));
        return;
    }
    let width = columns(world);
    if !findings.lint.is_empty() {
        say(&format!("{}\n", lint::show(&findings.lint, workflow, world.colour(color, Stream::Output))));
    }
    let rows: Vec<(&DryRun, Option<u64>)> =
        findings.dry_runs.iter().map(|(run, cost)| (run, *cost)).collect();
    let mut lines = estimate::show::dry_runs(&rows, width);
    if let Some(estimate) = &findings.estimate {
        lines.push(Line::new());
        lines.extend(estimate::show::estimate(estimate, width));
    }
    if !findings.elsewhere.is_empty() {
        lines.push(Line::new());
        lines.extend(estimate::show::elsewhere(&findings.elsewhere, width));
    }
    say(&style(world, color, Stream::Output).render(&lines));
    tell("SIMULATED: no model was asked, and nothing was spent or kept");
    for (policies, error) in troubles(findings) {
        let message = format!("under {policies}: {}", error.message);
        match &error.location {
            Some(location) => {
                let color = world.colour(color, Stream::Error);
                let hint = error.hint.as_deref();
                tell(&fanfold_script::frame::render_at(location, &message, hint, &workflow.text, color));
            }
            None => tell(&message),
        }
    }
}

/// What ended dry runs before their end, each trouble once, with the policies that ran into it.
fn troubles(findings: &Findings) -> Vec<(String, ErrorReport)> {
    let mut found: Vec<(Vec<&str>, ErrorReport)> = Vec::new();
    for (run, _) in &findings.dry_runs {
        let Some(mut error) = run.report.error.clone() else { continue };
        if run.is_endless {
            error.message = "the script went on for ever, and was cut off".into();
        }
        match found.iter_mut().find(|(_, other)| *other == error) {
            Some((policies, _)) => policies.push(run.policy.name()),
            None => found.push((vec![run.policy.name()], error)),
        }
    }
    let named = |policies: Vec<&str>| match policies[..] {
        [one] => format!("policy {one}"),
        _ => format!("policies {}", policies.join(", ")),
    };
    found.into_iter().map(|(policies, error)| (named(policies), error)).collect()
}

/// With an expectation that one decides; else errors of the lint, and every way that did not lead to the end of
/// the script.
fn exit(flags: &Check, findings: &Findings) -> Exit {
    if !findings.differences.is_empty() || (flags.strict && !findings.lint.is_empty()) {
        return Exit::Failed;
    }
    if flags.expect.is_none() && lint::has_errors(&findings.lint) {
        return Exit::Failed;
    }
    if flags.expect.is_some() {
        return Exit::Completed;
    }
    let is_bad = |run: &DryRun| match run.report.status {
        RunStatus::Completed | RunStatus::Degraded => false,
        // A limit of time that a policy runs into is no mistake of the script; a story is to be told to its end.
        RunStatus::Stopped => run.is_endless || flags.scenario.is_some(),
        RunStatus::Failed | RunStatus::Paused | RunStatus::Running => true,
    };
    match findings.dry_runs.iter().any(|(run, _)| is_bad(run)) {
        true => Exit::Failed,
        false => Exit::Completed,
    }
}

fn expectation(path: &std::path::Path, world: &World) -> Result<Value> {
    let path = world.cwd.join(path);
    let text =
        std::fs::read_to_string(&path).map_err(|err| CliError::io("read the expectation", &path, &err))?;
    serde_json::from_str(&text)
        .map_err(|err| CliError::new(ErrorKind::Usage, format!("{}: {err}", path.display())))
}

/// Where the report of a run is not what `expected` says; what it does not mention may be anything.
fn differences(expected: &Value, report: &RunReport) -> Vec<String> {
    let actual = serde_json::to_value(report).expect("plain data always serializes");
    let mut found = Vec::new();
    compare("", expected, &actual, &mut found);
    found
}

fn compare(at: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                compare(&format!("{at}/{key}"), value, actual.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (value, other)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{at}/{index}"), value, other, found);
            }
        }
        _ if expected == actual => (),
        _ => {
            let at = if at.is_empty() { "/" } else { at };
            found.push(format!("  {at}\n    - {expected}\n    + {actual}"));
        }
    }
}
