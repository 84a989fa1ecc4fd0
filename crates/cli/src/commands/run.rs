//! `fanfold run WORKFLOW`: from a name to a result, down the page.

use std::sync::Arc;

use fanfold_core::RunSettings;
use fanfold_core::journal::JOURNAL_VERSION;
use fanfold_core::key::{KEY_VERSION, short_digest};
use fanfold_engine::{FileStore, RunDir};

use super::backend::{Front, Means};
use super::confinement;
use super::consent::{Agreed, Draft};
use super::demo::Pace;
use super::launch::{self, Launch};
use super::person::Answerer;
use super::proof::Proof;
use super::{block_on, say, tell};
use crate::args;
use crate::error::{CliError, Exit, Result};
use crate::flags::Run;
use crate::library::{Library, Source};
use crate::places;
use crate::run_index::RunIndex;
use crate::settings::Settings;
use crate::world::{ColorChoice, World};

/// `demo`: it is the one that everybody may kill.
pub fn run(flags: Run, demo: Option<Pace>, world: World, color: ColorChoice) -> Result<Exit> {
    let world = match &flags.running.cwd {
        Some(dir) => world.at(dir)?,
        None => world,
    };
    block_on(async {
        let settings = Settings::load(&world, &launch::setting_flags(&flags.running))?;
        settings.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
        let workflow = Library::new(&world).find(&flags.workflow, &mut std::io::stdin().lock())?;
        workflow.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
        let script = launch::load(workflow.text.clone(), workflow.file.clone(), &world, color).await?;
        if flags.explain {
            say(&args::help(&script.meta, &flags.workflow));
            return Ok(Exit::Completed);
        }
        let input = args::read(&flags.args, script.meta.args.as_ref(), &world)?;
        args::check(&script.meta, input.as_ref())?;
        let limits = launch::limits(&settings, &script, &flags.running.budget, &flags.running.agent_budget)?;
        let lies_at = match &workflow.source {
            Source::File(path) | Source::Saved(path) => Some(world.cwd.join(path)),
            Source::Stdin | Source::BuiltIn => None,
        };
        let proof = Proof::of(&script.meta, &settings, &Default::default())?.of_file(lies_at);
        let person = Arc::new(Answerer::new(&flags.running.answer, &world)?);
        let front = Front::of_flags(&flags.running, &world, workflow.dir().map(Into::into))?;
        let front = Front { demo, ..front };
        let means = Means::choose(front, &settings, &world).await?;
        means.refuse_dollars(&flags.running.budget)?;
        let seed = flags.seed.unwrap_or_else(seed);
        let workspaces = confinement::workspaces(proof.level, means.cwd(), &world);
        let backend = means.backend(&settings, &world, seed, &proof, &workspaces)?;
        let place = places::new_run(&places::root(&world.cwd), jiff::Timestamp::now())?;
        let draft = Draft {
            workflow,
            script,
            args: input.clone(),
            limits,
            named: launch::named_cap(&settings, &flags.running.budget)?,
            run_id: &place.id,
            resume: None,
            approved: None,
            seed,
            recorded: Default::default(),
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
        let Agreed { script, limits, .. } = &agreed;

        let dir = RunDir::create(place.path.clone(), &script.source, &script.file, input.as_ref())
            .map_err(|err| CliError::io("make the run's folder", &place.path, &err))?;
        if let Err(notice) = RunIndex::new(&world).append(&place, &script.meta.name) {
            tell(&format!("notice: {notice}"));
        }
        let run_settings = RunSettings {
            journal_version: JOURNAL_VERSION,
            key_version: KEY_VERSION,
            product: env!("CARGO_PKG_VERSION").into(),
            run_id: place.id.clone(),
            workflow: script.meta.name.clone(),
            attempt: 1,
            script: short_digest(script.source.as_bytes()),
            args: launch::args_digest(input.as_ref()),
            model: means.model().into(),
            seed,
            simulated: means.is_simulated(),
            limits: *limits,
            cache: launch::cache_rule(flags.running.cache),
            at_ms: launch::now_ms(),
            front: agreed.record(means.front().to_journal()),
        };
        let folder = dir.path().to_owned();
        let run = async {
            let (store, entries) =
                launch::open_journal(dir.path(), run_settings.simulated, flags.running.durable)?;
            let front = means.front();
            let oracle = agreed.proof.oracle(dir.path(), workspaces, &settings, &world)?;
            let launch = Launch {
                dir,
                agreed,
                args: input,
                store,
                entries,
                backend,
                oracle,
                person,
                run_settings,
                front,
            };
            launch.go(&flags.running, &settings, &world, color).await
        };
        run.await.inspect_err(|_| {
            // Nothing to resume is no run.
            if !FileStore::peek(&folder).is_ok_and(|entries| !entries.is_empty()) {
                let _ = std::fs::remove_dir_all(&folder);
            }
        })
    })
}

fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // 53 bits: the same number in every language that reads the journal.
    RandomState::new().hash_one(0) >> 11
}
