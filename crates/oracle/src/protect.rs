//! Which paths decide about the work, so that no work may touch them: tests, what configures a harness, what
//! defines the command.

use std::collections::BTreeSet;

use fanfold_core::NewFile;
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::spec::{Check, OracleSpec};

mod command;
mod definition;
mod guard;
mod names;

pub use guard::Guard;
pub use names::is_test;

/// Decided once, for the tree that the run started from.
#[derive(Debug)]
pub struct Protection {
    /// Files of the start: tests, or what the globs of the definition match.
    existing: BTreeSet<String>,
    /// Blocked whether or not they exist: globs of the definition, reports that checks write.
    globs: GlobSet,
    /// Globs of the definition that begin with `!`.
    allowed: GlobSet,
    /// Names of harness configuration, whether or not they exist.
    harness: GlobSet,
    /// Caches that a harness believes: no patch may bring them, but every run writes them.
    caches: GlobSet,
    /// Harness configuration in the folders that checks start in, existing or not: it may not appear while one
    /// runs. Nothing may be put there to keep it from that: an empty `unittest.py` hides Python's own.
    pub watched: Vec<String>,
    /// What is shut while a check runs: existing files, folders where those are too many, and `.cargo`.
    pub shut: Vec<String>,
    runs_scripts_of_npm: bool,
}

/// Each costs a mount: with more, whole folders are shut where nothing else is in them.
const SHUT_MAX: usize = 128;

impl Protection {
    /// `start`: the files of the tree that the run started from. `project`: where the project lies in it, empty
    /// or without a slash at its end.
    pub fn new(spec: &OracleSpec, start: &[String], project: &str) -> Self {
        Self::reading(spec, start, project, &|_| None)
    }

    /// Also protects the scripts that a script, a Makefile or a script of npm runs in turn. `read`: the text of a
    /// file of the start.
    pub fn reading(
        spec: &OracleSpec,
        start: &[String],
        project: &str,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let within = |path: &str| match project {
            "" => path.trim_start_matches("./").to_owned(),
            project => format!("{project}/{}", path.trim_start_matches("./")),
        };
        let given = spec.protect.iter().flatten();
        let (allowed, blocked): (Vec<&String>, Vec<&String>) = given.partition(|glob| glob.starts_with('!'));
        let reports = spec.checks.iter().filter_map(|check| check.report.as_ref());
        let allowed = globs(allowed.iter().map(|glob| within(glob.trim_start_matches('!'))));
        let globs = globs(blocked.into_iter().chain(reports).map(|glob| within(glob)));

        let folders: BTreeSet<String> = spec
            .checks
            .iter()
            .map(|check| within(check.cwd.as_deref().unwrap_or("")).trim_matches('/').to_owned())
            .chain([project.to_owned(), String::new()])
            .collect();
        let commands: Vec<command::Command> =
            commands_of(spec).flat_map(|check| command::commands(check, &within)).collect();
        let harness = names::harness(&folders, &commands);
        let is_test = |path: &String| spec.protect.is_none() && names::is_test(path);
        let in_turn = definition::in_turn(&commands, start, read);
        let defines = |path: &String| {
            commands.iter().any(|command| command.scripts.contains(path)) || in_turn.contains(path)
        };
        let existing: BTreeSet<String> = start
            .iter()
            .filter(|path| is_test(path) || defines(path) || globs.is_match(path) || harness.is_match(path))
            .filter(|path| !allowed.is_match(path))
            .cloned()
            .collect();
        // Cargo takes no harm from an empty place holder, and its configuration names programs that run tests.
        let has_any = |folder: &str| start.iter().any(|path| path.starts_with(&format!("{folder}/")));
        let no_cargo: Vec<String> = match start.iter().any(|path| path.ends_with("Cargo.toml")) {
            true => {
                folders.iter().map(|folder| names::join(folder, ".cargo")).filter(|at| !has_any(at)).collect()
            }
            false => Vec::new(),
        };
        Self {
            shut: shut(&existing, start).into_iter().chain(no_cargo).collect(),
            existing,
            globs,
            allowed,
            harness,
            caches: names::caches(),
            watched: names::watched(&folders),
            runs_scripts_of_npm: commands.iter().any(command::Command::runs_scripts_of_npm),
        }
    }

    /// Whether a patch may not touch it: also where a link or a file stands for a folder of protected files.
    pub fn covers(&self, path: &str) -> bool {
        let is_named = [&self.globs, &self.harness, &self.caches].iter().any(|globs| globs.is_match(path));
        (is_named && !self.allowed.is_match(path)) || self.is_in_the_way(path)
    }

    /// Whether a reviewer may add it: a test by its name, that takes the place of nothing and rules over no other.
    /// `there`: the files of the work.
    pub fn may_be_laid(&self, file: &NewFile, there: &[String]) -> bool {
        let path = file.path.as_str();
        let rules = self.harness.is_match(path)
            || self.caches.is_match(path)
            || self
                .guard(path, true)
                .is_some_and(|guard| guard.is_broken(None, Some(file.content.as_bytes())));
        let within =
            |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let is_in_the_way = |at: &String| at == path || within(at, path) || within(path, at);
        names::is_test(path) && !rules && !self.is_in_the_way(path) && !there.iter().any(is_in_the_way)
    }

    /// Files of the start that are protected.
    pub fn existing(&self) -> &BTreeSet<String> {
        &self.existing
    }

    /// Of a file that an agent may change but for some keys. `is_new`: it is not there at the start.
    pub fn guard(&self, path: &str, is_new: bool) -> Option<Guard> {
        let guard = Guard::of(path, self.runs_scripts_of_npm)?;
        let decides = match guard {
            // Of a folder without protected tests it decides nothing.
            Guard::GoTests => self.holds_existing(folders(path).first().copied().unwrap_or("")),
            // Of another crate or package it decides about itself only.
            Guard::PackageJson { .. } | Guard::CargoToml | Guard::PyprojectToml => !is_new,
        };
        (decides && !self.allowed.is_match(path)).then_some(guard)
    }

    fn holds_existing(&self, folder: &str) -> bool {
        let beneath = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.existing.range(beneath.clone()..).next().is_some_and(|at| at.starts_with(&beneath))
    }

    fn is_in_the_way(&self, path: &str) -> bool {
        self.holds_existing(path)
            || self.existing.contains(path)
            || folders(path).into_iter().any(|folder| self.existing.contains(folder))
    }
}

/// A server is the work itself, and what starts it too.
fn commands_of(spec: &OracleSpec) -> impl Iterator<Item = &Check> {
    spec.checks.iter().filter(|check| check.http.is_none())
}

/// Every file; where those are too many, the outermost folders that hold nothing else come first.
fn shut(existing: &BTreeSet<String>, start: &[String]) -> Vec<String> {
    if existing.len() <= SHUT_MAX {
        return existing.iter().cloned().collect();
    }
    let mut mixed: BTreeSet<&str> = BTreeSet::new();
    for path in start.iter().filter(|path| !existing.contains(*path)) {
        mixed.extend(folders(path));
    }
    let mut shut = BTreeSet::new();
    for path in existing {
        let outermost = folders(path).into_iter().rfind(|folder| !mixed.contains(folder));
        shut.insert(outermost.unwrap_or(path).to_owned());
    }
    let (folders, files): (Vec<_>, Vec<_>) = shut.into_iter().partition(|path| !existing.contains(path));
    folders.into_iter().chain(files).collect()
}

/// The folders that a path lies in, the innermost first.
pub fn folders(path: &str) -> Vec<&str> {
    let mut folders: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
    folders.reverse();
    folders
}

fn globs(globs: impl Iterator<Item = String>) -> GlobSet {
    exact(with_contents(globs))
}

/// One that names a folder covers what lies in it.
fn with_contents(globs: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    globs.flat_map(|glob| {
        let glob = glob.trim_end_matches('/').to_owned();
        [format!("{glob}/**"), glob]
    })
}

/// Those of the definition were tried when it was read; of a program's name, what is no glob is left out.
fn exact(globs: impl Iterator<Item = String>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in globs.filter_map(|glob| Glob::new(&glob).ok()) {
        set.add(glob);
    }
    set.build().expect("globs that are good one by one are good together")
}

#[cfg(test)]
mod tests;
