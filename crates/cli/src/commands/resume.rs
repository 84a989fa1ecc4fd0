//! `fanfold resume RUN`: the same run goes on, changed by what the flags change.

use fanfold_core::key::{KEY_VERSION, short_digest};
use std::sync::Arc;

use fanfold_core::{CacheRule, Cap, Entry, Limits, RunSettings, WhyLive};
use fanfold_engine::{FileStore, LoadedScript, OpenError, PlanItem, RunDir};

use super::backend::{Front, Means};
use super::confinement;
use super::consent::{self, Agreed, Draft};
use super::demo::ending;
use super::launch::{self, Launch, Nowhere};
use super::person::Answerer;
use super::proof::Proof;
use super::{block_on, columns, say, style, tell};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::Resume;
use crate::library::{Source, Workflow};
use crate::run_index::RunIndex;
use crate::screen::Tone;
use crate::screen::table::{Column, Table};
use crate::screen::text;
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

pub fn resume(flags: Resume, world: World, color: ColorChoice) -> Result<Exit> {
    let place = RunIndex::new(&world).find(&flags.run, &world)?;
    place.refuse_links()?;
    let dir = RunDir::existing(place.path.clone());
    if flags.salvage {
        let kept = FileStore::salvage(dir.path(), dir.settings())
            .map_err(|err| launch::journal_error(err, dir.path()))?;
        tell(&format!("kept {kept} whole lines; the damaged journal lies beside as journal.damaged-N"));
    }
    let before = last_settings(&dir)?;
    let edited = match &flags.script {
        Some(path) => {
            let path = world.cwd.join(path);
            let text =
                std::fs::read_to_string(&path).map_err(|err| CliError::io("read the script", &path, &err))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Some((text, name, path.parent().map(Into::into)))
        }
        None => None,
    };
    let mut front = Front::of_journal(&before.front).with(&flags.running, &world)?;
    if front.simulate != before.simulated {
        let (was, now) =
            if before.simulated { ("the simulated", "a real one") } else { ("a real", "the simulated one") };
        let message = format!("`{}` was run on {was} model, and cannot go on with {now}", place.id);
        return Err(CliError::new(ErrorKind::Usage, message).hint(format!(
            "what it has would be mixed up: start anew with fanfold run {}",
            dir.path().join("script.js").display()
        )));
    }
    let demo = front.demo.map(|_| (place.clone(), world.clone()));
    let world = match &flags.running.cwd {
        Some(cwd) => world.at(cwd)?,
        None => world.at(&front.cwd)?,
    };
    front.cwd = world.cwd.clone();
    block_on(async {
        let settings = Settings::load(&world, &launch::setting_flags(&flags.running))?;
        let (source, file) = match edited {
            Some((source, name, folder)) => {
                front.script_dir = folder;
                (source, name)
            }
            None => dir.script().map_err(|err| CliError::io("read the script of", dir.path(), &err))?,
        };
        let script = launch::load(source, file, &world, color).await?;
        let lies_at = front.script_dir.as_ref().map(|folder| folder.join(&script.file));
        let proof = Proof::of(&script.meta, &settings, &before.front)?.of_file(lies_at);
        let person = Arc::new(Answerer::new(&flags.running.answer, &world)?);
        let workspaces = confinement::workspaces(proof.level, &world.cwd, &world);
        let oracle = proof.oracle(dir.path(), workspaces.clone(), &settings, &world)?;
        let is_edited = short_digest(script.source.as_bytes()) != before.script;
        if is_edited && flags.script.is_none() {
            return Err(changed("script.js", &dir).hint(format!(
                "--script {} takes the edited script",
                dir.path().join("script.js").display()
            )));
        }
        let args = dir.args().map_err(|err| CliError::io("read the arguments of", dir.path(), &err))?;
        if launch::args_digest(args.as_ref()) != before.args {
            return Err(
                changed("args.json", &dir).hint("put it back as it was: other arguments are another run")
            );
        }
        crate::args::check(&script.meta, args.as_ref())?;
        let mut limits = before.limits;
        limits.cap = launch::raised(before.limits.cap, &flags.running.budget)?;
        // A person has named one now.
        limits.cap_is_estimate &= flags.running.budget.is_empty();
        if !flags.running.agent_budget.is_empty() {
            limits.each_agent = launch::raised(before.limits.each_agent, &flags.running.agent_budget)?;
        }
        limits.concurrency = flags.running.concurrency.unwrap_or(limits.concurrency);
        limits.agents = flags.running.max_agents.unwrap_or(limits.agents);
        limits.items = flags.running.max_items.unwrap_or(limits.items);
        let means = Means::choose(front, &settings, &world).await?;
        means.refuse_dollars(&flags.running.budget)?;
        let backend = means.backend(&settings, &world, before.seed, &proof, &workspaces)?;
        let with = |script: &LoadedScript, limits: Limits, front| RunSettings {
            key_version: KEY_VERSION,
            product: env!("CARGO_PKG_VERSION").into(),
            workflow: script.meta.name.clone(),
            attempt: before.attempt + 1,
            script: short_digest(script.source.as_bytes()),
            args: launch::args_digest(args.as_ref()),
            model: means.model().into(),
            simulated: means.is_simulated(),
            limits,
            // Asking everything again is meant once.
            cache: match flags.running.cache {
                None if before.cache == CacheRule::Prefix => CacheRule::Prefix,
                cache => launch::cache_rule(cache),
            },
            at_ms: launch::now_ms(),
            front,
            ..before.clone()
        };
        if !flags.plan && FileStore::is_held(dir.path()) {
            return Err(launch::journal_error(OpenError::Held, dir.path()));
        }
        let workflow = Workflow {
            name: script.meta.name.clone(),
            text: script.source.clone(),
            file: script.file.clone(),
            source: match &means.front().script_dir {
                Some(folder) => Source::File(folder.join(&script.file)),
                None => Source::Stdin,
            },
            notices: Vec::new(),
        };
        let mut resume = None;
        if flags.plan || !means.is_simulated() {
            // A script is used up by what it is loaded for.
            let script = launch::load_again(&script).await?;
            let id = crate::estimate::workflow_id(&workflow, &script.meta);
            let plan = Launch {
                dir: dir.clone(),
                run_settings: with(&script, limits, before.front.clone()),
                agreed: Agreed::unasked(script, id, limits, proof.clone()),
                args: args.clone(),
                store: Arc::new(Nowhere),
                entries: peek(&dir)?,
                backend: backend.clone(),
                oracle: oracle.clone(),
                person: person.clone(),
                front: means.front(),
            };
            let planned = plan.plan(&settings, &world).await?;
            if flags.plan {
                show_plan(&planned, flags.running.json, &world, color);
                return Ok(Exit::Completed);
            }
            let agents = text::plural(planned.len() as u64, "agent");
            let told =
                format!("{} asks {agents} now, and what follows from them (--plan lists them)", place.id);
            tell(&told);
            for item in planned.iter().take(LISTED_MAX) {
                tell(&format!("  {}  {}  {}", item.label, item.model, why(&item.why)));
            }
            resume = Some(told);
        }
        let draft = Draft {
            workflow,
            script,
            args: args.clone(),
            limits,
            named: if limits.cap_is_estimate { Cap::default() } else { limits.cap },
            run_id: &place.id,
            resume,
            approved: consent::approved(&before.front),
            seed: before.seed,
            recorded: launch::recorded_children(&peek(&dir)?),
            means: &means,
            proof,
            backend: &backend,
            flags: &flags.running,
            settings: &settings,
            world: &world,
            color,
        };
        let agreed = draft.agree().await?;
        let backend = agreed.only_approved(backend);
        let durable = flags.running.durable || demo.is_some();
        let (store, entries) = launch::open_journal(dir.path(), means.is_simulated(), durable)?;
        let script = &agreed.script;
        if short_digest(script.source.as_bytes()) != before.script {
            dir.replace_script(&script.source, &script.file)
                .map_err(|err| CliError::io("keep the edited script in", dir.path(), &err))?;
        }
        let front = means.front();
        let run_settings = with(script, agreed.limits, agreed.record(front.to_journal()));
        let oracle = agreed.proof.oracle(dir.path(), workspaces, &settings, &world)?;
        let launch =
            Launch { dir, agreed, args, store, entries, backend, oracle, person, run_settings, front };
        let exit = launch.go(&flags.running, &settings, &world, color).await?;
        if let Some((place, world)) = demo
            && !flags.running.json
            && !flags.running.events
        {
            ending::tell_ending(&place, &world, color);
        }
        Ok(exit)
    })
}

/// Agents that are listed before a resume asks them.
const LISTED_MAX: usize = 20;

fn peek(dir: &RunDir) -> Result<Vec<Entry>> {
    FileStore::peek(dir.path()).map_err(|err| launch::journal_error(err, dir.path()))
}

fn changed(file: &str, dir: &RunDir) -> CliError {
    let message = format!("`{}` is not what this run was made with", dir.path().join(file).display());
    CliError::new(ErrorKind::File, message)
}

/// What the last attempt was started with.
fn last_settings(dir: &RunDir) -> Result<RunSettings> {
    let last = peek(dir)?.into_iter().rev().find_map(|entry| match entry {
        Entry::Opened(settings) => Some(*settings),
        _ => None,
    });
    last.ok_or_else(|| {
        CliError::new(
            ErrorKind::NotFound,
            format!("`{}` has nothing to resume: its journal is empty", dir.path().display()),
        )
        .hint("fanfold run starts it anew")
    })
}

fn show_plan(plan: &[PlanItem], json: bool, world: &World, color: ColorChoice) {
    if json {
        say(&serde_json::to_string_pretty(plan).expect("plain data always serializes"));
        return;
    }
    if plan.is_empty() {
        say("nothing would be asked: every call that the script makes is settled");
        return;
    }
    let mut table = Table::new([
        Column::left("agent").at_least(8),
        Column::left("label"),
        Column::left("phase"),
        Column::left("model"),
        Column::left("why"),
    ]);
    for item in plan {
        table.row([
            (Tone::Dim, item.agent.to_string()),
            (Tone::Plain, item.label.clone()),
            (Tone::Plain, item.phase.clone().unwrap_or_default()),
            (Tone::Dim, item.model.clone()),
            (Tone::Accent, why(&item.why)),
        ]);
    }
    say(&style(world, color, Stream::Output).render(&table.lines(columns(world))));
    tell(&format!("{} agents would be asked now; what they answer may lead to more", plan.len()));
}

fn why(why: &WhyLive) -> String {
    match why {
        WhyLive::New => "new: never asked like this".into(),
        WhyLive::Unfinished => "had not finished".into(),
        WhyLive::Failed(failure) => format!("failed before ({}: {})", failure.kind.name(), failure.message),
        WhyLive::NotCached => "its earlier result may not be taken".into(),
    }
}
