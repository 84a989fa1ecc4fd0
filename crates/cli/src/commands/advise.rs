//! `fanfold advise "TASK"`: which mode fits, and why. Runs nothing and asks no model unless it is told to.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use fanfold_core::Usage;

use super::{block_on, columns, launch, say, style, tell};
use crate::advise::questions::{self, Questions};
use crate::advise::repository::{Kind, Repository};
use crate::advise::{self, Advice, model, oracle_run, screen};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::estimate::{Pricing, show};
use crate::flags::Advise;
use crate::screen::text;
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

/// What prices are shown for where no model is named.
const USUAL: &str = "sonnet";

pub fn advise(flags: Advise, world: World, color: ColorChoice) -> Result<Exit> {
    let world = match &flags.cwd {
        Some(dir) => world.at(dir)?,
        None => world,
    };
    let task = flags.task.trim();
    if task.is_empty() {
        return Err(CliError::new(ErrorKind::Usage, "there is no task")
            .hint("fanfold advise \"migrate every module to the new client, until the tests pass\""));
    }
    let settings = Settings::load(&world, &[])?;
    let mut notices = settings.notices.clone();
    let repository = Repository::look(&world.cwd);
    let mut questions = questions::ask(task, &repository);
    if let Some(name) = &flags.model
        && let Some(notice) = ask_a_model(name, task, &repository, &mut questions, &settings, &world)
    {
        notices.push(notice);
    }
    let run = run_the_oracle(&flags, &repository, &world)?;
    if let Some(run) = &run {
        advise::heed(run, &mut questions);
    }
    let is_real = |model: &&str| !["auto", "sim"].contains(model);
    let named = flags.model.as_deref().filter(is_real).or(settings.model.as_deref().filter(is_real));
    let pricing = Pricing::new(&settings, named.or(Some(USUAL)))?;
    let model = pricing.names().full("");
    let price = |model: &str, usage: &Usage| Some(pricing.price(model)?.cost(usage));
    let mut advice = Advice::new(task, &repository, questions, Some(&model), price);
    advice.oracle_run = run;
    advice.notices = notices;
    advice.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    if let Some(path) = &flags.script {
        write_script(&advice, &world.cwd.join(path))?;
    }
    if flags.json {
        say(&serde_json::to_string_pretty(&advice).expect("plain data always serializes"));
    } else {
        let lines = screen::lines(&advice, columns(&world));
        say(&style(&world, color, Stream::Output).render(&lines));
    }
    Ok(Exit::Completed)
}

/// A notice, where the model gave no answer: the words and the repository stand.
fn ask_a_model(
    name: &str,
    task: &str,
    repository: &Repository,
    questions: &mut Questions,
    settings: &Settings,
    world: &World,
) -> Option<String> {
    let name = match (name, settings.model.as_deref().filter(|model| *model != "auto")) {
        ("auto", Some(model)) => model,
        ("auto", None) => {
            return Some(
                "no model was asked: the settings name none; --model takes provider/model or an alias".into(),
            );
        }
        _ => name,
    };
    if name == "sim" || name.starts_with("sim/") {
        return Some(
            "the simulated model knows nothing of tasks: the words and the repository decide".into(),
        );
    }
    match block_on(model::ask(task, repository, name, settings, world)) {
        Ok((answers, usage)) => {
            answers.settle(questions);
            let tokens = usage.input_total() + usage.output_tokens;
            let dollars =
                usage.usd_micros().map(|usd| format!(", {}", show::dollars(usd))).unwrap_or_default();
            tell(&format!("asked `{name}`: {}{dollars}", text::plural(tokens, "token")));
            None
        }
        Err(why) => Some(format!("`{name}` gave no answer, the words and the repository decide: {why}")),
    }
}

/// Once, with `--run-oracle` or a person's yes; a document for programs asks nobody.
fn run_the_oracle(
    flags: &Advise,
    repository: &Repository,
    world: &World,
) -> Result<Option<oracle_run::OracleRun>> {
    let Some(finding) = repository.first(Kind::Test) else {
        if flags.run_oracle {
            tell("notice: --run-oracle found no test to run");
        }
        return Ok(None);
    };
    let directory = repository.directory(finding);
    let asks =
        !flags.run_oracle && !flags.no_run && !flags.json && world.can_ask() && world.stdout_is_terminal;
    let question = || {
        let place = world.show(&directory);
        launch::ask(&format!("run `{}` once in {place}, to see whether it passes?", finding.command))
    };
    let may_run = flags.run_oracle || (asks && question());
    if !may_run {
        return Ok(None);
    }
    tell(&format!("running `{}`", finding.command));
    let run = oracle_run::run(&finding.command, &directory, &finding.directory, flags.oracle_timeout, world);
    block_on(run).map(Some)
}

/// Nothing that exists is overwritten.
fn write_script(advice: &Advice, path: &Path) -> Result<()> {
    let Some(script) = &advice.next.script else {
        let mode = advice.decision.mode.name();
        tell(&format!("notice: the mode {mode} needs no script, so none was written"));
        return Ok(());
    };
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(script.as_bytes())).map_err(|err| {
        CliError::io("write", path, &err).hint("name a new file with --script FILE: none is overwritten")
    })?;
    tell(&format!("wrote {}", path.display()));
    Ok(())
}
