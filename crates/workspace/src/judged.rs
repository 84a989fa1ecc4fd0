//! The tree that an oracle judges: the work, with protected paths as they were.

use fanfold_core::NewFile;

use crate::diff::ChangeKind;
use crate::import::{Edit, NewCommit};
use crate::path::{refusal, shown};
use crate::repo::RunRepo;

impl RunRepo {
    /// A commit of what `work` holds, but paths for which `restore` is true as `base` has them, and `lay` on
    /// top. Also: the restored paths that differed.
    pub fn tree_with(
        &self,
        base: &str,
        work: &str,
        restore: &(dyn Fn(&str) -> bool + Sync),
        lay: &[NewFile],
    ) -> Result<(String, Vec<String>), String> {
        if let Some((file, why)) = lay.iter().find_map(|file| Some((file, refusal(file.path.as_bytes())?))) {
            return Err(format!("{}: {why}", file.path));
        }
        let changes = self.raw_changes(base, work)?;
        let restored: Vec<_> = changes.iter().filter(|change| restore(&shown(&change.path))).collect();
        if restored.is_empty() && lay.is_empty() && self.parents(work)? == [base] {
            return Ok((work.to_owned(), Vec::new()));
        }
        let commit = NewCommit {
            parent: Some(base),
            tree: Some(&self.tree_id(work)?),
            message: "the tree that is judged\n",
            identity: self.identity(),
        };
        let made = self.import(&commit, |sink| {
            // What stands in the way of a folder goes first.
            for change in restored.iter().filter(|change| change.kind == ChangeKind::Added) {
                sink.edit(&change.path, Edit::Delete)?;
            }
            for change in restored.iter().filter(|change| change.kind != ChangeKind::Added) {
                let (mode, object) = (change.mode.clone(), change.object.clone());
                sink.edit(&change.path, Edit::Object { mode, object })?;
            }
            for file in lay {
                let content = file.content.clone().into_bytes();
                sink.edit(file.path.as_bytes(), Edit::Content { mode: "100644", content })?;
            }
            Ok(())
        })?;
        let mut restored: Vec<String> = restored.iter().map(|change| shown(&change.path)).collect();
        restored.sort();
        Ok((made.commit, restored))
    }
}
