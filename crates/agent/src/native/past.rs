//! What lets git work in an agent's workspace: it may look at the past there, and write none of it.

use std::fs;
use std::path::{Path, PathBuf};

use fanfold_sandbox::Policy;
use fanfold_workspace::RunRepo;

/// Where the run's repository is shown, and the stores of objects that it builds on: their own places may lie
/// beneath a workspace that hides them.
const REPOSITORY: &str = "/run/fanfold/repo.git";
const OBJECTS: &str = "/run/fanfold/objects";

/// Files that say so in the sandbox, kept in the run's repository.
const ALTERNATES: &str = "alternates-inside";
const POINTER: &str = "pointer-inside";

pub(super) struct GitView {
    /// At their own places.
    dirs: Vec<PathBuf>,
    /// What, and where.
    elsewhere: Vec<(PathBuf, PathBuf)>,
}

impl GitView {
    pub fn of_dirs(dirs: Vec<PathBuf>) -> Self {
        Self { dirs, elsewhere: Vec::new() }
    }

    pub fn in_place(repo: &RunRepo) -> Self {
        Self::of_dirs(repo.git_dirs())
    }

    /// For a workspace that is shown `at` a place of its own. `checkout`: what its `.git` was made in.
    pub fn elsewhere(repo: &RunRepo, checkout: &Path, at: &Path) -> Self {
        // Without it git finds no past, and everything else works.
        let elsewhere = Self::try_elsewhere(repo, checkout, at).unwrap_or_default();
        Self { dirs: Vec::new(), elsewhere }
    }

    fn try_elsewhere(repo: &RunRepo, checkout: &Path, at: &Path) -> Option<Vec<(PathBuf, PathBuf)>> {
        let mut dirs = repo.git_dirs().into_iter();
        let own = dirs.next()?;
        let pointer = fs::read_to_string(checkout.join(".git")).ok()?;
        let name = Path::new(pointer.trim()).file_name()?.to_str()?.to_owned();
        own.join("worktrees").join(&name).is_dir().then_some(())?;

        let stores = dirs.enumerate().map(|(nth, dir)| (dir, PathBuf::from(format!("{OBJECTS}/{nth}"))));
        let mut shown: Vec<(PathBuf, PathBuf)> = stores.collect();
        let stores: String = shown.iter().map(|(_, at)| format!("{}\n", at.display())).collect();
        shown.push((own.clone(), REPOSITORY.into()));
        if !stores.is_empty() {
            let list = kept(own.join(ALTERNATES), &stores)?;
            shown.push((list, PathBuf::from(format!("{REPOSITORY}/objects/info/alternates"))));
        }
        let pointer = format!("gitdir: {REPOSITORY}/worktrees/{name}\n");
        shown.push((kept(own.join(format!("{POINTER}-{name}")), &pointer)?, at.join(".git")));
        Some(shown)
    }

    pub fn show(self, policy: &mut Policy) {
        // What is shown in its place is read-only too.
        let is_replaced = |path: &PathBuf| self.elsewhere.iter().any(|(_, at)| *at == policy.at.join(path));
        policy.protected.retain(|path| !is_replaced(path));
        policy.git_dirs = self.dirs;
        policy.read_at = self.elsewhere;
    }
}

/// Written whole, for others may just be reading it.
pub(super) fn kept(file: PathBuf, text: &str) -> Option<PathBuf> {
    if fs::read_to_string(&file).is_ok_and(|there| there == text) {
        return Some(file);
    }
    let fresh = file.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
    fs::write(&fresh, text).ok()?;
    fs::rename(&fresh, &file).ok()?;
    Some(file)
}
