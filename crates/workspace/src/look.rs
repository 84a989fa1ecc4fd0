//! What a commit holds, for those who judge it.

use crate::git::Git;
use crate::path::shown;
use crate::repo::RunRepo;

const START: &str = "refs/fanfold/start";

impl RunRepo {
    /// Every path of a commit. Bytes that are no UTF-8 are replaced.
    pub fn paths(&self, commit: &str) -> Result<Vec<String>, String> {
        Ok(self.tree(commit)?.entries.keys().map(|path| shown(path)).collect())
    }

    /// The hash of its tree: equal trees, equal files.
    pub fn tree_hash(&self, commit: &str) -> Result<String, String> {
        self.tree_id(commit)
    }

    /// Whether another repository is bound here in one of the two commits.
    pub fn is_submodule(&self, before: &str, after: &str, path: &str) -> Result<bool, String> {
        let is_one = |commit| -> Result<bool, String> {
            Ok(self.tree(commit)?.entries.get(path.as_bytes()).is_some_and(|entry| entry.is_submodule()))
        };
        Ok(is_one(before)? || is_one(after)?)
    }

    /// The commit on the run's branch, or the one that the run started from, that this one's change is relative
    /// to. What claims another parent is relative to where the run started.
    pub fn landed_base(&self, commit: &str) -> Result<String, String> {
        let parents = self.parents(commit)?;
        let [parent] = &parents[..] else { return Ok(self.base().to_owned()) };
        let is_ours = parent == self.base() || self.start_of_project()?.as_ref() == Some(parent);
        Ok(if is_ours || self.is_landed(parent)? { parent.clone() } else { self.base().to_owned() })
    }

    /// The project's directory as it was when the run started: the base, or with work that was not committed.
    /// `None`: nobody has looked.
    pub fn start_of_project(&self) -> Result<Option<String>, String> {
        let found = self.git().output(&["rev-parse", "--verify", "--quiet", START], b"")?;
        Ok(found.status.success().then(|| shown(&found.stdout).trim().to_owned()))
    }

    /// Remembers a snapshot as that; the first one stays.
    pub fn keep_start_of_project(&self, snapshot: &str) -> Result<(), String> {
        let none = "0".repeat(snapshot.len());
        match self.start_of_project()? {
            Some(_) => Ok(()),
            None => self.git().run(&["update-ref", START, snapshot, &none]).map(drop),
        }
    }

    fn is_landed(&self, commit: &str) -> Result<bool, String> {
        let args = ["merge-base", "--is-ancestor", commit, &self.tip()?];
        Ok(Git::output(self.git(), &args, b"")?.status.success())
    }
}
