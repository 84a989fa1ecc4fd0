//! `fanfold check WORKFLOW`: what is wrong with a script, and how it fares under every policy. Never spends.

use std::sync::Arc;

use fanfold_agent::sim::{Policy, SimBackend, SimConfig};
use fanfold_core::journal::JOURNAL_VERSION;
use fanfold_core::key::{KEY_VERSION, short_digest};
use fanfold_core::{CacheRule, Limits, RunSettings, RunStatus};
use fanfold_engine::{Attempt, Control, EventLog, RunClock, RunReport};
use serde_json::{Value, json};

use super::backend::{agent_types, scenario};
use super::launch::{self, NestedWorkflows, Nowhere};
use super::{block_on, columns, say, style, tell};
use crate::args;
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::Check;
use crate::library::{Library, Workflow};
use crate::screen::table::{Column, Table};
use crate::screen::{Tone, summary, text};
use crate::settings::{Flag, Settings};
use crate::world::{ColorChoice, Stream, World};

pub fn check(flags: Check, world: World, color: ColorChoice) -> Result<Exit> {
    let concurrency =
        flags.concurrency.map(|n| Flag { key: "concurrency", value: n.to_string(), flag: "--concurrency" });
    let settings = Settings::load(&world, concurrency.as_slice())?;
    let workflow = Library::new(&world).find(&flags.workflow, &mut std::io::stdin().lock())?;
    workflow.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    let policies: Vec<Policy> = match &flags.policy {
        Some(policy) => {
            vec![policy.parse().map_err(|err| CliError::new(ErrorKind::Usage, format!("{err}")))?]
        }
        // A scenario is one story: it is told once, unless a policy is asked for.
        None if flags.scenario.is_some() => vec![Policy::Typical],
        None => Policy::ALL.to_vec(),
    };
    let dry_runs = block_on(async {
        let mut dry_runs = Vec::new();
        for policy in policies {
            let dry_run =
                DryRun { policy, workflow: &workflow, flags: &flags, settings: &settings, world: &world };
            dry_runs.push((policy, dry_run.run(color).await?));
        }
        Ok(dry_runs)
    })?;
    let expected = flags.expect.as_deref().map(|path| expectation(path, &world)).transpose()?;
    let differences: Vec<String> = match &expected {
        Some(expected) => dry_runs.iter().flat_map(|(_, report)| differences(expected, report)).collect(),
        None => Vec::new(),
    };
    if flags.json {
        let rows: Vec<Value> = dry_runs
            .iter()
            .map(|(policy, report)| json!({"policy": policy.name(), "simulated": true, "run": report}))
            .collect();
        say(&serde_json::to_string_pretty(&json!({"dry_runs": rows, "differences": differences}))
            .expect("plain data always serializes"));
    } else {
        show(&dry_runs, &workflow, &world, color);
    }
    if !differences.is_empty() {
        tell(&format!("the outcome is not the expected one:\n{}", differences.join("\n")));
        return Ok(Exit::Failed);
    }
    let crashed = dry_runs.iter().any(|(_, report)| report.status == RunStatus::Failed);
    Ok(if crashed && expected.is_none() { Exit::Failed } else { Exit::Completed })
}

struct DryRun<'a> {
    policy: Policy,
    workflow: &'a Workflow,
    flags: &'a Check,
    settings: &'a Settings,
    world: &'a World,
}

impl DryRun<'_> {
    async fn run(&self, color: ColorChoice) -> Result<RunReport> {
        let script =
            launch::load(self.workflow.text.clone(), self.workflow.file.clone(), self.world, color).await?;
        let input = args::read(&self.flags.args, script.meta.args.as_ref(), self.world)?;
        args::check(&script.meta, input.as_ref())?;
        let limits = launch::limits(self.settings, &script, &[], &[])?;
        let seed = self.flags.seed.unwrap_or(0);
        let types = agent_types(self.world)?;
        let own = types.iter().filter(|kind| !kind.is_built_in());
        let scenario =
            self.flags.scenario.as_ref().map(|path| scenario(&self.world.cwd.join(path))).transpose()?;
        let backend = SimBackend::new(SimConfig {
            seed,
            policy: self.policy,
            scenario,
            // Nothing is written: a scenario's edits have nowhere to go.
            workspace: Some(self.world.cwd.clone()),
            agent_types: own.map(|kind| (kind.name.clone(), kind.digest.clone())).collect(),
            ..SimConfig::default()
        });
        let clock = RunClock::simulated();
        let attempt = Attempt {
            settings: settings_of(&script, seed, limits),
            script_limits: launch::script_limits(self.settings),
            time_limit_ms: None,
            script,
            args: input,
            entries: Vec::new(),
            store: Arc::new(Nowhere),
            run_dir: None,
            backend: Arc::new(backend),
            workflows: Arc::new(NestedWorkflows::new(self.world, self.workflow.dir().map(Into::into))),
            events: EventLog::open(None, clock.port(), Box::new(|_| ())).expect("nothing is opened"),
            clock,
            control: Control::default(),
        };
        Ok(attempt.execute().await.expect("a new journal is empty"))
    }
}

fn settings_of(script: &fanfold_engine::LoadedScript, seed: u64, limits: Limits) -> RunSettings {
    RunSettings {
        journal_version: JOURNAL_VERSION,
        key_version: KEY_VERSION,
        product: env!("CARGO_PKG_VERSION").into(),
        run_id: "wf_dry-run".into(),
        workflow: script.meta.name.clone(),
        attempt: 1,
        script: short_digest(script.source.as_bytes()),
        args: String::new(),
        model: "sim".into(),
        seed,
        simulated: true,
        limits,
        cache: CacheRule::Content,
        at_ms: launch::now_ms(),
        front: Default::default(),
    }
}

fn show(dry_runs: &[(Policy, RunReport)], workflow: &Workflow, world: &World, color: ColorChoice) {
    let mut table = Table::new([
        Column::left("policy"),
        Column::left("outcome").at_least(9),
        Column::right("agents"),
        Column::right("peak"),
        Column::right("tokens in"),
        Column::right("out"),
        Column::right("makespan"),
    ]);
    for (policy, report) in dry_runs {
        let (status, tone) = summary::status(report.status);
        let usage = &report.usage;
        let input = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
        table.row([
            (Tone::Plain, policy.name().into()),
            (tone, status.into()),
            (Tone::Plain, report.agents.started.to_string()),
            (Tone::Plain, report.agents.peak_concurrency.to_string()),
            (Tone::Plain, text::count(input)),
            (Tone::Plain, text::count(usage.output_tokens)),
            (Tone::Plain, text::duration(report.duration_ms)),
        ]);
    }
    say(&style(world, color, Stream::Output).render(&table.lines(columns(world))));
    // What the numbers rest on, in capitals where they begin to be made up.
    tell(&SimBackend::new(SimConfig::default()).assumptions().replacen("simulated", "SIMULATED", 1));
    for (policy, report) in dry_runs {
        let Some(error) = &report.error else { continue };
        match &error.location {
            Some(location) => {
                let message = format!("under policy {}: {}", policy.name(), error.message);
                let color = world.colour(color, Stream::Error);
                let hint = error.hint.as_deref();
                tell(&fanfold_script::frame::render_at(location, &message, hint, &workflow.text, color));
            }
            None => tell(&format!("under policy {}: {}", policy.name(), error.message)),
        }
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
