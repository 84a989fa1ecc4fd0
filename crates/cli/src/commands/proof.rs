//! What judges a run's work and what confines its agents: settled before it is approved, and approved with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_agent::isolation::OpenWorkspaces;
use fanfold_core::{Meta, Oracle};
use fanfold_oracle::{Check, OracleSpec, Protection, Surroundings};
use fanfold_sandbox::Level;
use fanfold_workspace::{GitConfig, RunRepo, UserRepository};
use serde_json::{Map, Value};

use super::confinement;
use super::court::LazyCourt;
use crate::advise::repository::{Kind, Repository};
use crate::error::{CliError, ErrorKind, Result};
use crate::settings::Settings;
use crate::settings::file::Origin;
use crate::world::World;

#[derive(Clone, Debug)]
pub struct Proof {
    /// As `meta.oracle` would have it, and read.
    oracle: Option<(Value, OracleSpec)>,
    /// The script has it, and may be edited.
    is_of_workflow: bool,
    /// A person said that nothing judges this run, whatever the workflow names.
    is_off: bool,
    pub level: Level,
    /// Of the run that goes on: folders of installed packages that there were when it started.
    packages: Option<Map<String, Value>>,
    /// Where the workflow lies, absolute.
    script: Option<PathBuf>,
}

/// In the journal's `front`.
const ORACLE: &str = "oracle";
/// Instead of a command.
const NONE: &str = "none";
const SANDBOX: &str = "sandbox";
const PACKAGES: &str = "packages";

impl Proof {
    /// The oracle of `--oracle`, else of the run that goes on, else of the workflow, else of settings.
    pub fn of(meta: &Meta, settings: &Settings, front: &Map<String, Value>) -> Result<Self> {
        let is_flag = |key: &str| matches!(settings.origin(key), Origin::Flag(_));
        let command = settings.oracle.as_ref().map(|command| Value::from(command.as_str()));
        let recorded = front.get(ORACLE).filter(|oracle| !oracle.is_null()).cloned();
        let named = match command {
            Some(command) if is_flag("oracle") => (Some(command), false),
            command => match (recorded, &meta.oracle) {
                (Some(recorded), _) => (Some(recorded), false),
                (None, Some(of_workflow)) => (Some(of_workflow.clone()), true),
                (None, None) => (command, false),
            },
        };
        let (said, is_of_workflow) = named;
        let is_off = !is_of_workflow && said.as_ref().is_some_and(|said| said == NONE);
        let oracle = said.filter(|_| !is_off).map(read).transpose()?;
        let level = match front.get(SANDBOX).and_then(Value::as_str).and_then(level) {
            Some(level) if !is_flag("sandbox.level") => level,
            _ => settings.sandbox.level,
        };
        let packages = front.get(PACKAGES).and_then(Value::as_object).cloned();
        Ok(Self { oracle, is_of_workflow, is_off, level, packages, script: None })
    }

    /// Of a workflow that lies there.
    pub fn of_file(self, script: Option<PathBuf>) -> Self {
        Self { script, ..self }
    }

    /// What agents must not read: a workflow that says what they are not to see of the oracle. What is committed
    /// they can read in git's history all the same.
    pub fn hidden(&self) -> Vec<PathBuf> {
        let secret = |spec: &OracleSpec| spec.checks.iter().any(|check| !check.visibility.is_public());
        self.script.iter().filter(|_| self.spec().is_some_and(secret)).cloned().collect()
    }

    /// What tells agents of a check that they are not to know, in the repository where they read: a sentence for each.
    pub fn exposed(&self, cwd: &Path, world: &World) -> Vec<String> {
        let secret: Vec<&Check> = self
            .spec()
            .into_iter()
            .flat_map(|spec| &spec.checks)
            .filter(|it| !it.visibility.is_public())
            .collect();
        let Some(user) = UserRepository::find(cwd).filter(|_| !secret.is_empty()) else { return Vec::new() };
        let paths = committed(&user, &git(world));
        let protected = self.protected(cwd, world);
        let mut told = Vec::new();
        let real = self.script.as_ref().and_then(|script| script.canonicalize().ok());
        let script = real.as_ref().and_then(|script| script.strip_prefix(&user.top).ok());
        if let Some(script) = script.filter(|script| paths.iter().any(|path| Path::new(path) == *script)) {
            told.push(format!(
                "the workflow tells of hidden checks, and {} is in the repository: agents can read it in git's history; keep it in no commit",
                script.display()
            ));
        }
        for check in secret {
            // A program that it judges is named by it as well: what is protected belongs to the check.
            let of_check = words(check).find(|word| protected.contains(word) && cwd.join(word).exists());
            if let Some(file) = of_check {
                told.push(format!(
                    "the hidden check `{}`: {} is in the repository, where agents can read it; write the check into its command, in a workflow that is in no commit",
                    check.name,
                    file.display()
                ));
            }
        }
        told
    }

    /// The same, judged by this command.
    pub fn judged_by(&self, command: &str) -> Result<Self> {
        let oracle = Some(read(command.into())?);
        Ok(Self { oracle, is_of_workflow: false, is_off: false, ..self.clone() })
    }

    pub fn spec(&self) -> Option<&OracleSpec> {
        self.oracle.as_ref().map(|(_, spec)| spec)
    }

    /// What agents may read and not change, relative to the project: what is protected and there at the start.
    /// Where the project is in no git, only the verdict holds them to it.
    pub fn protected(&self, cwd: &Path, world: &World) -> Vec<PathBuf> {
        let Some(spec) = self.spec() else { return Vec::new() };
        let git = git(world);
        let Some(user) = UserRepository::find(cwd) else { return Vec::new() };
        let paths = committed(&user, &git);
        let read = |path: &str| {
            let shown = user.git(&git).run(&["cat-file", "blob", &format!("HEAD:{path}")]).ok()?;
            Some(String::from_utf8_lossy(&shown).into_owned())
        };
        let protection = Protection::reading(spec, &paths, &user.inner.to_string_lossy(), &read);
        protection
            .shut
            .iter()
            .filter_map(|path| Path::new(path).strip_prefix(&user.inner).ok())
            .map(Into::into)
            .collect()
    }

    /// Judges in the run's own repository.
    pub fn oracle(
        &self,
        run_dir: &Path,
        workspaces: OpenWorkspaces,
        settings: &Settings,
        world: &World,
    ) -> Result<Arc<dyn Oracle>> {
        // Refused before anything is spent, where it is sure to be asked.
        let sandbox = self.spec().map(|_| confinement::sandbox(self.level, world)).transpose()?;
        Ok(Arc::new(LazyCourt {
            spec: self.spec().cloned(),
            run_dir: run_dir.to_owned(),
            workspaces,
            sandbox,
            level: self.level,
            surroundings: Surroundings {
                read: confinement::readable(settings, world),
                env: confinement::environment(world),
                packages: self.packages(&world.cwd),
                limits: confinement::limits(settings),
                seats: std::thread::available_parallelism().map_or(2, usize::from),
            },
            world: world.clone(),
            court: Default::default(),
        }))
    }

    /// What a resume needs to do the same. A workflow's own oracle is in its script, which may be edited.
    pub fn record(&self, front: &mut Map<String, Value>) {
        let named = match &self.oracle {
            _ if self.is_off => NONE.into(),
            Some((said, _)) if !self.is_of_workflow => said.clone(),
            Some(_) | None => Value::Null,
        };
        front.insert(ORACLE.into(), named);
        front.insert(SANDBOX.into(), self.level.name().into());
        let cwd = front.get("cwd").and_then(Value::as_str).map(PathBuf::from);
        let packages = self.packages.clone().or_else(|| cwd.map(|cwd| journaled(&packages(&cwd))));
        front.insert(PACKAGES.into(), packages.map_or(Value::Null, Value::Object));
    }

    /// What the oracle finds besides the tree, of folders of the project: where each is shown, and where it lies. Where
    /// the run started without one, or with another one, agents may have made it.
    pub fn packages(&self, cwd: &Path) -> Vec<(PathBuf, PathBuf)> {
        let mut there = packages(cwd);
        if let Some(started) = &self.packages {
            let lies = |at: &Path| started.get(&*at.to_string_lossy()).and_then(Value::as_str).map(Path::new);
            there.retain(|(at, from)| lies(at) == Some(from));
        }
        there
    }

    /// Instead of an oracle that somebody else named.
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// One line for the person who approves it.
    pub fn describe(&self) -> Option<String> {
        self.spec().map(OracleSpec::describe)
    }

    /// A command of the repository that could judge, and where it was found: where nobody named one.
    pub fn found(&self, cwd: &Path) -> Option<(String, String)> {
        if self.oracle.is_some() || self.is_off {
            return None;
        }
        let repository = Repository::look(cwd);
        // One of another folder would have to be told where it runs.
        let test = repository.first(Kind::Test).filter(|test| test.directory == ".")?;
        Some((test.command.clone(), test.why.clone()))
    }

    /// One line for the person who approves it.
    pub fn sandbox(&self, settings: &Settings) -> String {
        let network = match settings.sandbox.hosts.as_slice() {
            [] => "no network".to_owned(),
            hosts => format!("network only to {}", hosts.join(", ")),
        };
        match self.level {
            Level::Full => format!("full: bubblewrap, Landlock and seccomp; {network}"),
            Level::Reduced => format!("REDUCED: Landlock and seccomp only; {network}"),
            Level::Off => "OFF: commands of agents can do what you can".into(),
        }
    }
}

fn read(said: Value) -> Result<(Value, OracleSpec)> {
    let spec = OracleSpec::from_json(&said).map_err(|why| {
        CliError::new(ErrorKind::Usage, format!("the oracle: {why}"))
            .hint("a command will do: --oracle 'cargo test'; --oracle none does without")
    })?;
    Ok((said, spec))
}

/// Folders of installed packages that git ignores, and tests need.
fn packages(cwd: &Path) -> Vec<(PathBuf, PathBuf)> {
    const FOLDERS: [&str; 4] = ["node_modules", ".venv", "venv", "vendor/bundle"];
    let lies = |at: &str| cwd.join(at).canonicalize().ok().filter(|from| from.is_dir());
    FOLDERS.iter().filter_map(|at| Some((PathBuf::from(at), lies(at)?))).collect()
}

/// As the journal has them.
fn journaled(packages: &[(PathBuf, PathBuf)]) -> Map<String, Value> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    packages.iter().map(|(at, from)| (text(at), text(from).into())).collect()
}

fn level(name: &str) -> Option<Level> {
    [Level::Full, Level::Reduced, Level::Off].into_iter().find(|level| level.name() == name)
}

/// The run's own repository, made or found.
pub fn run_repo(run_dir: &Path, run_id: &str, cwd: &Path, world: &World) -> Result<RunRepo> {
    let identity = identity(cwd, world);
    let identity = identity.as_ref().map(|(name, email)| (name.as_str(), email.as_str()));
    RunRepo::open(run_dir, run_id, cwd, &git(world), identity)
        .map_err(|why| CliError::new(ErrorKind::File, format!("the run's repository: {why}")))
}

pub fn git(world: &World) -> GitConfig {
    confinement::engine_path(world).map_or_else(GitConfig::default, |path| GitConfig::of_path(&path))
}

/// Who the person's own git says they are. Asked before any agent could write a file.
fn identity(cwd: &Path, world: &World) -> Option<(String, String)> {
    let ask = |key: &str| {
        let mut git = std::process::Command::new("git");
        git.args(["config", "--get", key]).current_dir(cwd).env_clear();
        git.env("PATH", self::git(world).path);
        for name in ["HOME", "XDG_CONFIG_HOME"] {
            git.envs(world.var(name).map(|value| (name, value)));
        }
        let told = git.stderr(std::process::Stdio::null()).output().ok()?;
        let line = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        (told.status.success() && !line.is_empty()).then_some(line)
    };
    Some((ask("user.name")?, ask("user.email")?))
}

/// All files of the commit that is checked out, from the root of the repository on.
fn committed(user: &UserRepository, git: &GitConfig) -> Vec<String> {
    let listed = user.git(git).run(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"]);
    let listed = listed.unwrap_or_default();
    let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
}

/// What may be a file among the words of its command, relative to the project.
fn words(check: &Check) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(check.cwd.as_deref().unwrap_or_default());
    let words = check.command.split(|at: char| at.is_whitespace() || "\"'`;|&()<>=$".contains(at));
    words.filter(|word| !word.is_empty()).map(move |word| {
        let parts = folder.join(word);
        parts.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_came_to_be_after_the_start_are_not_shown_to_the_oracle() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cwd = folder.path().canonicalize().expect("it is there");
        let make = |at: &str| std::fs::create_dir(cwd.join(at)).expect("fresh");
        let proof = |packages: Option<Map<String, Value>>| Proof {
            oracle: None,
            is_of_workflow: false,
            is_off: false,
            level: Level::Full,
            packages,
            script: None,
        };
        make("node_modules");
        make("elsewhere");
        std::os::unix::fs::symlink("elsewhere", cwd.join("venv")).expect("fresh");
        let mut front = Map::new();
        front.insert("cwd".into(), cwd.to_str().expect("text").into());
        proof(None).record(&mut front);
        let started = front[PACKAGES].as_object().cloned();
        let shown = |proof: &Proof| proof.packages(&cwd).into_iter().map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(shown(&proof(started.clone())), ["node_modules", "venv"].map(PathBuf::from));

        make(".venv");
        std::fs::remove_file(cwd.join("venv")).expect("a link");
        make("venv");
        assert_eq!(shown(&proof(started.clone())), ["node_modules"].map(PathBuf::from));
        let resumed = proof(started.clone());
        resumed.record(&mut front);
        assert_eq!(front[PACKAGES].as_object().cloned(), started, "a resume does not learn of them");
    }

    #[test]
    fn a_workflow_that_tells_of_hidden_checks_is_hidden_from_agents() {
        let of = |oracle: Value| Proof {
            oracle: Some(read(oracle).expect("a definition")),
            is_of_workflow: true,
            is_off: false,
            level: Level::Full,
            packages: None,
            script: Some("/p/w.js".into()),
        };
        assert_eq!(of("make test".into()).hidden(), [] as [PathBuf; 0]);
        let secret = serde_json::json!({"checks": [
            {"name": "a", "command": "make test"},
            {"name": "b", "command": "sh /p/secret.sh", "visibility": "hidden"},
        ]});
        assert_eq!(of(secret).hidden(), [PathBuf::from("/p/w.js")]);
    }
}
