//! The user's own repository: found once, before any agent could touch it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::git::{Git, GitConfig};
use crate::path::{as_path, shown};
use crate::tree::SUBMODULE;

/// Where git keeps what, as it was when the run started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRepository {
    /// The root of the work tree.
    pub top: PathBuf,
    pub git_dir: PathBuf,
    /// What all its worktrees share; else the same as `git_dir`.
    pub common: PathBuf,
    /// The project within the repository; empty: they are the same.
    pub inner: PathBuf,
}

impl UserRepository {
    /// `None`: `project` is in no git repository.
    pub fn find(project: &Path) -> Option<Self> {
        let project = project.canonicalize().ok()?;
        let top = project.ancestors().find(|folder| folder.join(".git").exists())?;
        let pointer = top.join(".git");
        let git_dir = if pointer.is_dir() {
            pointer
        } else {
            let text = fs::read_to_string(&pointer).ok()?;
            top.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok()?
        };
        let common = match fs::read_to_string(git_dir.join("commondir")) {
            Ok(text) => git_dir.join(text.trim()).canonicalize().ok()?,
            Err(_) => git_dir.clone(),
        };
        common.join("objects").is_dir().then_some(())?;
        let inner = project.strip_prefix(top).ok()?.to_owned();
        Some(Self { top: top.to_owned(), git_dir, common, inner })
    }

    /// A repository without a work tree: it is no project, and its files are not to be taken for one's.
    pub(crate) fn refuse_bare(folder: &Path) -> Result<(), String> {
        let is_bare =
            folder.join("HEAD").is_file() && ["objects", "refs"].iter().all(|at| folder.join(at).is_dir());
        if !is_bare || Self::find(folder).is_some() {
            return Ok(());
        }
        Err(format!(
            "{} is a bare git repository, where no files can be worked on: make a work tree with `git worktree add DIR`, or a clone",
            folder.display()
        ))
    }

    pub fn git(&self, config: &GitConfig) -> Git {
        Git::with_work_tree(config.clone(), self.git_dir.clone(), self.top.clone())
    }

    /// `None`: nothing is committed yet.
    pub(crate) fn head(&self, config: &GitConfig) -> Option<String> {
        self.git(config).line(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).ok()
    }

    /// Where other repositories are bound, checked out or not, relative to the root. Unknown counts as none.
    pub fn submodules(&self, config: &GitConfig) -> Vec<PathBuf> {
        let listed = self.git(config).run(&["ls-files", "--stage", "--full-name", "-z", "--", ":/"]);
        let listed = listed.unwrap_or_default();
        let links = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(SUBMODULE.as_bytes()));
        let paths = links.filter_map(|entry| entry.get(entry.iter().position(|byte| *byte == b'\t')? + 1..));
        paths.map(as_path).map(Path::to_owned).collect()
    }

    /// Whether its tree holds what no commit has. Unknown counts as no: it is only for a warning.
    pub fn has_uncommitted_work(&self, config: &GitConfig) -> bool {
        !self.uncommitted_work(config).is_empty()
    }

    /// The paths of that, from the top of the tree; of folders that no commit has only the outermost, with a slash.
    pub fn uncommitted_work(&self, config: &GitConfig) -> Vec<String> {
        let inner = self.inner.to_string_lossy();
        let within = if inner.is_empty() { "." } else { &inner };
        let runs = format!(":(exclude,top){}", self.inner.join(".fanfold/runs").display());
        let args =
            ["status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all", "--", within, &runs];
        let found = self.git(config).run(&args).unwrap_or_default();
        // Two letters and a space stand before each.
        found.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..)).map(shown).collect()
    }
}
