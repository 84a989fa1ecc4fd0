//! What is known of commits without asking git again: a commit never changes, and a branch of ours only grows.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::diff::RawChange;

/// Commits; when there are more, all are asked for again.
const COMMITS_MAX: usize = 20_000;
/// Pairs of commits, and the changes between two that are kept at all.
const PAIRS_MAX: usize = 64;
const CHANGES_MAX: usize = 2_000;

#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Facts>);

#[derive(Debug, Default)]
struct Facts {
    commits: HashMap<String, Commit>,
    /// The newest last.
    changes: VecDeque<(String, String, Arc<Vec<RawChange>>)>,
    /// Commits on the run's branch.
    landed: HashSet<String>,
    calls: Calls,
    start_of_project: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub tree: String,
    pub parents: Vec<String>,
}

/// By call: the commit on the branch that it made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    /// Up to this commit of the branch.
    pub tip: Option<String>,
    pub commits: HashMap<String, String>,
}

impl Known {
    pub fn commit(&self, hash: &str) -> Option<Commit> {
        self.facts().commits.get(hash).cloned()
    }

    /// Only by its full hash: other names may come to mean another one.
    pub fn keep_commit(&self, hash: &str, commit: Commit) {
        if !is_hash(hash) || !is_hash(&commit.tree) {
            return;
        }
        let mut facts = self.facts();
        if facts.commits.len() >= COMMITS_MAX {
            facts.commits.clear();
        }
        facts.commits.insert(hash.to_owned(), commit);
    }

    pub fn changes(&self, from: &str, to: &str) -> Option<Arc<Vec<RawChange>>> {
        let facts = self.facts();
        facts.changes.iter().find(|(a, b, _)| a == from && b == to).map(|(.., changes)| changes.clone())
    }

    pub fn keep_changes(&self, from: &str, to: &str, changes: &Arc<Vec<RawChange>>) {
        if changes.len() > CHANGES_MAX || !is_hash(from) || !is_hash(to) {
            return;
        }
        let mut facts = self.facts();
        if facts.changes.len() >= PAIRS_MAX {
            facts.changes.pop_front();
        }
        facts.changes.push_back((from.to_owned(), to.to_owned(), changes.clone()));
    }

    pub fn has_landed(&self, hash: &str) -> bool {
        self.facts().landed.contains(hash)
    }

    pub fn keep_landed(&self, hash: &str) {
        self.facts().landed.insert(hash.to_owned());
    }

    pub fn calls(&self) -> Calls {
        std::mem::take(&mut self.facts().calls)
    }

    pub fn keep_calls(&self, calls: Calls) {
        self.facts().calls = calls;
    }

    pub fn start_of_project(&self) -> Option<String> {
        self.facts().start_of_project.clone()
    }

    pub fn keep_start_of_project(&self, hash: &str) {
        self.facts().start_of_project = Some(hash.to_owned());
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A full one.
pub(crate) fn is_hash(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(of: u8) -> String {
        format!("{of:040x}")
    }

    #[test]
    fn only_a_full_hash_is_known_again() {
        let known = Known::default();
        let commit = Commit { tree: hash(9), parents: vec![hash(1)] };
        for name in ["main", "HEAD", &hash(2)[..12]] {
            known.keep_commit(name, commit.clone());
            assert_eq!(known.commit(name), None, "{name}");
        }
        known.keep_commit(&hash(2), commit.clone());
        assert_eq!(known.commit(&hash(2)), Some(commit));
    }

    #[test]
    fn changes_are_forgotten_in_their_turn() {
        let known = Known::default();
        let changes = Arc::new(Vec::new());
        for to in 0..=PAIRS_MAX as u8 {
            known.keep_changes(&hash(200), &hash(to), &changes);
        }
        assert!(known.changes(&hash(200), &hash(0)).is_none());
        assert!(known.changes(&hash(200), &hash(PAIRS_MAX as u8)).is_some());
    }
}
