//! What a commit holds, for those who judge it.

use crate::path::shown;
use crate::repo::RunRepo;
use crate::tree::SUBMODULE;

const START: &str = "refs/fanfold/start";
/// Beside it, where it was kept when agents had worked already.
const LATE: &str = "refs/fanfold/late-start";

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
        let changes = self.raw_changes(before, after)?;
        if let Some(change) = changes.iter().find(|change| change.path == path.as_bytes()) {
            return Ok(change.mode == SUBMODULE || change.new_mode == SUBMODULE);
        }
        Ok(self.tree(after)?.entries.get(path.as_bytes()).is_some_and(|entry| entry.is_submodule()))
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
        if let Some(known) = self.inner.known.start_of_project() {
            return Ok(Some(known));
        }
        let found = self.git().output(&["rev-parse", "--verify", "--quiet", START], b"")?;
        let found = found.status.success().then(|| shown(&found.stdout).trim().to_owned());
        if let Some(found) = &found {
            self.inner.known.keep_start_of_project(found);
        }
        Ok(found)
    }

    /// Remembers a snapshot as that; the first one stays. `is_late`: agents had worked there before.
    pub fn keep_start_of_project(&self, snapshot: &str, is_late: bool) -> Result<(), String> {
        if self.start_of_project()?.is_some() {
            return Ok(());
        }
        // Both or none.
        let late = if is_late { format!("create {LATE} {snapshot}\n") } else { String::new() };
        let refs = format!("create {START} {snapshot}\n{late}");
        self.git().output(&["update-ref", "--stdin"], refs.as_bytes())?.success().map(drop)
    }

    /// Whether agents had worked in the project before anybody looked.
    pub fn is_start_late(&self) -> Result<bool, String> {
        let found = self.git().output(&["rev-parse", "--verify", "--quiet", LATE], b"")?;
        Ok(found.status.success())
    }

    fn is_landed(&self, commit: &str) -> Result<bool, String> {
        if self.inner.known.has_landed(commit) {
            return Ok(true);
        }
        let args = ["merge-base", "--is-ancestor", commit, &self.tip()?];
        let has_landed = self.git().output(&args, b"")?.status.success();
        if has_landed {
            self.inner.known.keep_landed(commit);
        }
        Ok(has_landed)
    }
}
