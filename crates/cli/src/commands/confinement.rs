//! What confines the agents of a run on this machine, and where the isolated ones work.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_agent::isolation::OpenWorkspaces;
use fanfold_agent::native::{Confinement, KEPT_PLACES};
use fanfold_engine::FileStore;
use fanfold_sandbox::probe;
use fanfold_sandbox::{Level, Network, ProcessLimits, Sandbox};
use fanfold_workspace::{Kind, UserRepository, Workspaces};

use super::doctor::boundary::Scratch;
use super::proof::{git, run_repo};
use super::tell;
use crate::error::{CliError, ErrorKind, Result};
use crate::screen::text;
use crate::settings::Settings;
use crate::world::World;

/// Folders of a home that hold programs and libraries, and no secrets: what builds and tests need.
const TOOLCHAINS: [&str; 26] = [
    ".cargo/bin",
    ".cargo/env",
    ".cargo/git",
    ".cargo/registry",
    ".rustup",
    ".nvm",
    ".pyenv",
    ".rbenv",
    ".volta",
    ".bun/bin",
    ".deno/bin",
    ".asdf",
    ".local/bin",
    ".local/lib",
    ".local/share/mise",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".sdkman",
    ".m2/repository",
    ".gradle/caches",
    ".npm/_cacache",
    ".cache/go-build",
    ".cache/pip",
    "go/bin",
    "go/pkg",
    "sdk",
];

/// Processes at the level that was asked for. `Err`: this machine cannot, and nothing takes its place unasked.
pub fn sandbox(level: Level, world: &World) -> Result<Sandbox> {
    let program = std::env::current_exe().map_err(|err| {
        CliError::new(ErrorKind::File, format!("where this program lies is not known: {err}"))
    })?;
    let bwrap = in_path("bwrap", world).unwrap_or_else(|| PathBuf::from("/usr/bin/bwrap"));
    Sandbox::new(level, &program, &bwrap).map_err(|missing| {
        let hint = format!("{}\n      --sandbox reduced or --sandbox off goes on with less; fanfold doctor shows what there is", missing.hint);
        CliError::new(ErrorKind::Settings, format!("this machine cannot confine agents: {}", missing.what)).hint(hint)
    })
}

/// What lies in the project, agents may read and write: a home has keys, and files that are run at the next login.
pub fn not_at_home(cwd: &Path, world: &World) -> Result<()> {
    let Some(home) = &world.home else { return Ok(()) };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if !real(home).starts_with(real(cwd)) {
        return Ok(());
    }
    let message = format!("agents would work in your home: all of {} would be theirs", cwd.display());
    Err(CliError::new(ErrorKind::Settings, message)
        .hint("cd into a project; --sandbox off goes on here, with agents that can do what you can"))
}

/// Tries from the inside what the level forbids, before any agent does. `Err`: it does not hold.
pub async fn prove(sandbox: &Sandbox, world: &World) -> Result<()> {
    let scratch = Scratch::make(world)?;
    let broken = |what: String| {
        CliError::new(ErrorKind::Settings, format!("the sandbox does not hold here: {what}"))
            .hint("fanfold doctor shows all that was tried; --sandbox off goes on without one")
    };
    let proofs = probe::quick(sandbox, &scratch.0).await.map_err(|err| broken(err.to_string()))?;
    match proofs.iter().find(|proof| proof.is_broken()) {
        Some(proof) => Err(broken(format!("an agent could {}", proof.name))),
        None => Ok(()),
    }
}

/// `protected` and `packages`: relative to the project.
pub fn confinement(
    sandbox: Sandbox,
    protected: Vec<PathBuf>,
    hidden: Vec<PathBuf>,
    packages: Vec<PathBuf>,
    network: Network,
    settings: &Settings,
    world: &World,
) -> Confinement {
    Confinement {
        protected,
        packages,
        hidden,
        granted: settings.sandbox.write.iter().map(PathBuf::from).collect(),
        read: readable(settings, world),
        network,
        home: world.home.clone().unwrap_or_else(|| "/home/fanfold".into()),
        limits: limits(settings),
        sandbox,
    }
}

pub fn limits(settings: &Settings) -> ProcessLimits {
    ProcessLimits {
        processes: settings.sandbox.processes,
        memory_bytes: settings.sandbox.memory_mb << 20,
        ..ProcessLimits::default()
    }
}

/// Toolchains of the home, folders of `PATH` outside of the system's, and what the person granted.
pub fn readable(settings: &Settings, world: &World) -> Vec<PathBuf> {
    let home = world.home.as_deref();
    let beneath_home = |path: &str| home.map(|home| home.join(path));
    let granted = settings.sandbox.read.iter().filter_map(|path| match path.strip_prefix("~/") {
        Some(path) => beneath_home(path),
        None => Some(PathBuf::from(path)),
    });
    let programs = own_programs(world);
    // A home in `PATH` would show all of it.
    let programs = programs.into_iter().filter(|path| home.is_none_or(|home| !home.starts_with(path)));
    let mut paths: Vec<PathBuf> =
        TOOLCHAINS.iter().filter_map(|path| beneath_home(path)).chain(granted).chain(programs).collect();
    paths.retain(|path| path.exists());
    paths.sort();
    paths.dedup();
    paths
}

/// The folders of `PATH` that do not lie in the project, nor wherever somebody happens to be: what agents write must
/// neither be run by the engine nor stand for the tree that an oracle judges.
fn own_programs(world: &World) -> Vec<PathBuf> {
    let top = UserRepository::find(&world.cwd).map_or_else(|| world.cwd.clone(), |user| user.top);
    let is_of_project = |path: &PathBuf| {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        [path, &real].into_iter().any(|path| path.starts_with(&world.cwd) || path.starts_with(&top))
    };
    let all = world.var("PATH").unwrap_or_default().split(':').map(PathBuf::from);
    all.filter(|path| path.is_absolute() && !is_of_project(path)).collect()
}

/// Where the engine finds programs that it runs itself. `None`: nowhere but at their usual places.
pub fn engine_path(world: &World) -> Option<String> {
    let folders = own_programs(world);
    let folders: Vec<&str> = folders.iter().filter_map(|path| path.to_str()).collect();
    (!folders.is_empty()).then(|| folders.join(":"))
}

/// The environment of agents' commands and of the oracle: nothing but what a build needs, and no key.
pub fn environment(world: &World) -> Vec<(String, String)> {
    const PASSED: [&str; 9] =
        ["PATH", "HOME", "USER", "LANG", "LC_ALL", "CARGO_HOME", "RUSTUP_HOME", "NVM_DIR", "PYENV_ROOT"];
    let mut env = vec![("TERM".to_owned(), "dumb".to_owned())];
    env.extend(PASSED.iter().filter_map(|name| Some(((*name).to_owned(), world.var(name)?.to_owned()))));
    env
}

/// Opens the workspaces of a run in its own repository, when first asked.
pub fn workspaces(level: Level, cwd: &Path, world: &World) -> OpenWorkspaces {
    let (cwd, world) = (cwd.to_owned(), world.clone());
    let opened: Mutex<HashMap<PathBuf, Workspaces>> = Mutex::default();
    Arc::new(move |run_dir: &Path| {
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = opened.get(run_dir) {
            return Ok(known.clone());
        }
        let run_id = run_dir.file_name().unwrap_or_default().to_string_lossy();
        let repo = run_repo(run_dir, &run_id, &cwd, &world).map_err(|err| err.message)?;
        let made = Workspaces::new(repo, kind(level, run_dir, &world).0);
        opened.insert(run_dir.to_owned(), made.clone());
        Ok(made)
    })
}

/// How isolated workspaces are made here, and why they are no overlays where they are not.
pub fn kind(level: Level, beneath: &Path, world: &World) -> (Kind, Option<String>) {
    match level {
        Level::Full => match Kind::probe(beneath, &git(world).path) {
            Ok(()) => (Kind::Overlay, None),
            Err(why) => (Kind::Worktree, Some(why)),
        },
        Level::Reduced | Level::Off => {
            (Kind::Worktree, Some(format!("overlays are mounted in the sandbox, which is {}", level.name())))
        }
    }
}

/// What is missing in trees that are made of a commit, where that is anything.
pub fn submodules(cwd: &Path, world: &World) -> Option<String> {
    const NAMED_MAX: usize = 5;
    let all = UserRepository::find(cwd)?.submodules(&git(world));
    let named: Vec<String> =
        all.iter().take(NAMED_MAX).map(|path| text::clean(&path.display().to_string())).collect();
    let more = match all.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!all.is_empty()).then(|| {
        format!(
            "submodules are empty for isolated agents, verified() and the oracle: {}{more}",
            named.join(", ")
        )
    })
}

/// Removes what runs of this project left that ended or died: never what holds work that is recorded nowhere.
pub fn clean_up(run_dir: &Path, world: &World) {
    let Some(runs) = run_dir.parent() else { return };
    for why in fanfold_sandbox::remove_left_places(&runs.join(KEPT_PLACES)) {
        tell(&format!("notice: an empty file that kept a place could not be removed: {why}"));
    }
    let cleaned = fanfold_workspace::clean_up(runs, &|run| FileStore::is_held(run), &git(world));
    for why in cleaned.failed {
        tell(&format!("notice: an old workspace could not be removed: {why}"));
    }
}

fn in_path(program: &str, world: &World) -> Option<PathBuf> {
    own_programs(world).into_iter().map(|folder| folder.join(program)).find(|program| program.is_file())
}
