//! The files of [`History`], one a workflow and folder, in `~/.local/state/fanfold/approvals/`; and the rules
//! that a person wrote, in `~/.config/fanfold/approvals.toml`.
//!
//! Both are outside any project: a project cannot approve itself.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Proposal;
use super::hash::digest;
use super::history::{self, History, Rule, WhyNot};
use crate::error::{CliError, ErrorKind, Result};
use crate::settings::file::read_if_there;
use crate::world::World;

#[derive(Clone, Debug)]
pub struct Store {
    /// `None` without a home: nothing is remembered.
    folder: Option<PathBuf>,
    /// Written by the person.
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    approve: Vec<Rule>,
}

const RULES_FILE: &str = "approvals.toml";

impl Store {
    /// Reads the person's rules; the histories are read when they are asked for.
    pub fn open(world: &World) -> Result<Self> {
        let rules = match world.config_dir().map(|dir| dir.join(RULES_FILE)) {
            Some(path) => read_rules(&path, world)?,
            None => Vec::new(),
        };
        Ok(Self { folder: world.state_dir().map(|dir| dir.join("approvals")), rules })
    }

    /// What is remembered of this workflow in this folder.
    pub fn history(&self, workflow: &str, dir: &Path) -> History {
        match &self.folder {
            Some(folder) => load(&folder.join(file_name(workflow, dir)), workflow, dir),
            None => empty(workflow, dir),
        }
    }

    /// Fills in what is remembered: the version to compare with, and the rule to offer.
    pub fn complete(&self, proposal: &mut Proposal) {
        let history = self.history(&proposal.workflow, &proposal.dir);
        proposal.offer = history::offer(&history, &proposal.grounds(), proposal.budget);
        proposal.before = history.approved;
    }

    /// The rule that approves the proposal. One that was accepted for another script ends here.
    pub fn covering(&self, proposal: &Proposal) -> std::result::Result<Rule, WhyNot> {
        let grounds = proposal.grounds();
        let history = self.history(&proposal.workflow, &proposal.dir);
        let covered = history::covers(&self.rules, &history, &grounds, proposal.budget);
        if history.rule.as_ref().is_some_and(|rule| rule.script != grounds.script) {
            let see = |history: &mut History| history::see_script(history, &grounds.script);
            // Where it cannot be written the rule stands, for the old script only.
            let _ = self.update(&proposal.workflow, &proposal.dir, see);
        }
        covered
    }

    /// Changes what is remembered, alone among all processes. `Err` is a notice for the person: the run goes
    /// on, and the next one is asked about.
    pub fn update<T>(
        &self,
        workflow: &str,
        dir: &Path,
        change: impl FnOnce(&mut History) -> T,
    ) -> std::result::Result<Option<T>, String> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.join(file_name(workflow, dir));
        let work = || -> io::Result<T> {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            let _lock = lock(&path.with_extension("lock"))?;
            let mut history = load(&path, workflow, dir);
            let changed = change(&mut history);
            write(&path, &history)?;
            Ok(changed)
        };
        work().map(Some).map_err(|err| format!("approvals cannot be kept in `{}`: {err}", path.display()))
    }
}

fn read_rules(path: &Path, world: &World) -> Result<Vec<Rule>> {
    let Some(text) = read_if_there(path)? else { return Ok(Vec::new()) };
    let file: RulesFile = toml::from_str(&text).map_err(|err| {
        CliError::new(ErrorKind::Settings, format!("not a list of standing rules: {}", err.message()))
            .at(&world.show(path), &text, err.span().unwrap_or(0..0))
            .hint("[[approve]] takes workflow, dir, script (64 hex digits), budget, and work if it is to be pinned")
    })?;
    let home = |rule: Rule| match (rule.dir.strip_prefix("~"), &world.home) {
        (Ok(rest), Some(home)) => Rule { dir: home.join(rest), ..rule },
        _ => rule,
    };
    Ok(file.approve.into_iter().map(home).collect())
}

fn file_name(workflow: &str, dir: &Path) -> String {
    let name = digest(format!("{}\n{workflow}", dir.display()).as_bytes());
    format!("{}.json", &name[..32])
}

fn empty(workflow: &str, dir: &Path) -> History {
    History { workflow: workflow.into(), dir: dir.to_owned(), ..History::default() }
}

/// A record that cannot be read may have held a withdrawal: then no rule counts.
fn load(path: &Path, workflow: &str, dir: &Path) -> History {
    let unreadable = || History {
        withdrawn: Some("what was remembered of this workflow cannot be read".into()),
        ..empty(workflow, dir)
    };
    match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice::<History>(&bytes) {
            Ok(history) if history.workflow == workflow && history.dir == dir => history,
            Ok(_) | Err(_) => unreadable(),
        },
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            empty(workflow, dir)
        }
        Err(_) => unreadable(),
    }
}

/// Held until the file is dropped, and by a process that dies no longer than it lives.
fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

/// All or nothing: readers take no lock.
fn write(path: &Path, history: &History) -> io::Result<()> {
    let new = path.with_extension("new");
    // A crash may have left one; the lock is ours.
    match fs::remove_file(&new) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        Ok(()) | Err(_) => (),
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?;
    serde_json::to_writer(&mut file, history)?;
    file.flush()?;
    file.sync_all()?;
    fs::rename(&new, path)
}
