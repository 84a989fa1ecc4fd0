//! The run's branch: merging patches without a work tree, and moving the branch by compare and swap.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::git::fields;
use crate::known::{Calls, Commit, is_hash};
use crate::path::shown;
use crate::repo::{RunRepo, first_line};
use crate::standing::Kind;
use crate::tree::tree_of;

/// A patch merged into the tip of the run's branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// The branch has all of it already.
    Empty,
    /// `commit` has the tip as its only parent; it is not on the branch yet.
    Clean { commit: String },
    /// `commit`: the merge with its marks, whose only parent is the tip. What cannot be marked (binary files,
    /// links, a file that one side deleted) is as the messages say.
    Conflict { commit: String, paths: Vec<String>, messages: Vec<String> },
}

/// The branch is not where it was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Where it is.
    To(String),
    Unknown(String),
}

/// What a commit on the branch says of itself.
#[derive(Clone, Debug, Default)]
pub struct Trailers<'a> {
    pub agent: Option<&'a str>,
    pub verdict: Option<&'a str>,
    /// Finds it again after a crash.
    pub call: Option<&'a str>,
}

const MESSAGES_MAX: usize = 100;
/// In the log of the branch.
pub(crate) const LANDED: &str = "fanfold: landed";

impl RunRepo {
    pub fn branch(&self) -> String {
        format!("fanfold/{}", self.inner.about.run)
    }

    pub(crate) fn branch_ref(&self) -> String {
        format!("refs/heads/{}", self.branch())
    }

    /// The commit that the run's branch is at.
    pub fn tip(&self) -> Result<String, String> {
        // Git's own format of a branch, read without starting git: every workspace asks.
        let branch = self.branch_ref();
        match std::fs::read_to_string(self.git().git_dir.join(&branch)) {
            Ok(text) if text.trim().len() >= 40 => Ok(text.trim().to_owned()),
            _ => self
                .git()
                .line(&["rev-parse", "--verify", "--quiet", &branch])
                .map_err(|_| format!("the run's repository has no branch {}", self.branch())),
        }
    }

    pub fn has_landed(&self) -> Result<bool, String> {
        Ok(self.tip()? != self.base())
    }

    /// Merges a patch into the tip, in memory. The branch stays where it is.
    pub fn merge(&self, patch: &str) -> Result<Merged, String> {
        self.merge_onto(&self.tip()?, patch)
    }

    /// The same with another commit than the tip, such as one that may become it.
    pub fn merge_onto(&self, tip: &str, patch: &str) -> Result<Merged, String> {
        let (clean, out) = match self.git().ask(Kind::Merges, |git| git.merge(tip, patch)) {
            Some(merged) => merged,
            None => {
                let args = ["merge-tree", "--write-tree", "-z", "--messages", "--end-of-options", tip, patch];
                let ran = self.git().output(&args, b"")?;
                match ran.status.code() {
                    Some(0) => (true, ran.stdout),
                    Some(1) => (false, ran.stdout),
                    _ => return Err(format!("{patch} could not be merged: {}", ran.complaint())),
                }
            }
        };
        let tree = fields(&out).next().map(shown).unwrap_or_default();
        if clean {
            return match self.tree_id(tip)? == tree {
                true => Ok(Merged::Empty),
                false => Ok(Merged::Clean { commit: self.commit_of(&tree, &[tip], "a merge\n")? }),
            };
        }
        let (paths, messages) = conflicts(&out);
        let commit = self.commit_of(&tree, &[tip], "a merge with conflicts\n")?;
        Ok(Merged::Conflict { commit, paths, messages })
    }

    /// A commit of a tree, or of what a commit holds. Nothing refers to it yet.
    pub fn commit_tree(&self, tree: &str, parents: &[&str], message: &str) -> Result<String, String> {
        let tree = match self.inner.known.commit(tree) {
            Some(known) => known.tree,
            None => tree_of(self.git(), tree)?,
        };
        self.commit_of(&tree, parents, message)
    }

    fn commit_of(&self, tree: &str, parents: &[&str], message: &str) -> Result<String, String> {
        let commit = match self.write_commit(tree, parents, message) {
            Some(commit) => commit,
            None => {
                let mut args = vec!["commit-tree", tree];
                args.extend(parents.iter().flat_map(|parent| ["-p", parent]));
                let ran = self.git().output(&args, message.as_bytes())?;
                let out = ran.success().map_err(|why| format!("no commit could be made: {why}"))?;
                shown(&out).trim().to_owned()
            }
        };
        let parents = parents.iter().map(|parent| (*parent).to_owned()).collect();
        self.inner.known.keep_commit(&commit, Commit { tree: tree.to_owned(), parents });
        Ok(commit)
    }

    /// Without starting git. `None`: it has to be.
    pub(crate) fn write_commit(&self, tree: &str, parents: &[&str], message: &str) -> Option<String> {
        // Git itself does not ask here whether they are there: what is known, or can be read, is.
        let are_there = is_hash(tree) && parents.iter().all(|at| is_hash(at) && self.tree_id(at).is_ok());
        if !are_there || message.contains('\0') {
            return None;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let names: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let who = format!("{} {now} +0000", self.identity().line());
        let text = format!("tree {tree}\n{names}author {who}\ncommitter {who}\n\n{message}");
        self.git().ask(Kind::Commits, |git| git.write(text.as_bytes()))
    }

    /// The message of a commit on the branch: a subject, and trailers that nobody's subject can forge.
    pub fn message(&self, title: &str, trailers: &Trailers) -> String {
        let mut message = format!("{}\n\nFanfold-Run: {}\n", first_line(title), self.inner.about.run);
        let named = [("Agent", trailers.agent), ("Verdict", trailers.verdict), ("Call", trailers.call)];
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            message.push_str(&format!("Fanfold-{name}: {}\n", first_line(value)));
        }
        message
    }

    /// Moves the branch, if it is still at `from`.
    pub fn advance(&self, from: &str, to: &str) -> Result<(), Moved> {
        let branch = self.branch_ref();
        let moved = match self.git().ask(Kind::References, |git| git.advance(&branch, from, to)) {
            Some(()) => Ok(()),
            // It can say what is wrong.
            None => self.git().run(&["update-ref", "-m", LANDED, &branch, to, from]).map(drop),
        };
        match moved {
            Ok(()) => {
                self.inner.known.keep_landed(to);
                Ok(())
            }
            Err(why) => match self.tip() {
                Ok(tip) if tip != from => Err(Moved::To(tip)),
                _ => Err(Moved::Unknown(why)),
            },
        }
    }

    /// Remembers what was just put on the branch, from `from` on: by call, the commit that it made.
    pub fn note_landed(&self, from: &str, landed: &[(String, String)]) {
        let mut known = self.inner.known.calls();
        // Else there is more that is not known, and all of it is read from the branch.
        if known.tip.as_deref().unwrap_or(self.base()) == from
            && let Some((_, tip)) = landed.last()
        {
            known.tip = Some(tip.clone());
            known.commits.extend(landed.iter().cloned());
        }
        self.inner.known.keep_calls(known);
    }

    /// The commit on the branch that this call landed: after a crash it is not landed twice.
    pub fn landed(&self, call: &str) -> Result<Option<String>, String> {
        let mut known = self.inner.known.calls();
        let read = self.read_calls(&mut known);
        let found = known.commits.get(call).cloned();
        self.inner.known.keep_calls(known);
        read.map(|()| found)
    }

    /// Adds what is on the branch since the tip that is known.
    fn read_calls(&self, known: &mut Calls) -> Result<(), String> {
        let tip = self.tip()?;
        let since = known.tip.as_deref().unwrap_or(self.base());
        if tip == since {
            return Ok(());
        }
        let format = "--format=%H%x09%(trailers:key=Fanfold-Call,valueonly,separator=%x09)%x00";
        let out = self.git().run(&["log", "--first-parent", format, &tip, &format!("^{since}"), "--"])?;
        for line in fields(&out).map(shown) {
            let Some((commit, calls)) = line.trim().split_once('\t') else { continue };
            for call in calls.split('\t') {
                known.commits.insert(call.trim().to_owned(), commit.to_owned());
            }
        }
        known.tip = Some(tip);
        Ok(())
    }
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Moved::To(tip) => write!(f, "the run's branch is at {tip} meanwhile"),
            Moved::Unknown(why) => write!(f, "the run's branch could not be moved: {why}"),
        }
    }
}

/// `<tree>\0(<mode> <object> <stage>\t<path>\0)*\0(<n>\0<path>…\0<type>\0<message>\0)*`
fn conflicts(out: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut fields = out.split(|byte| *byte == 0).skip(1);
    let mut paths: Vec<String> = fields
        .by_ref()
        .take_while(|field| !field.is_empty())
        .filter_map(|field| Some(shown(&field[field.iter().position(|byte| *byte == b'\t')? + 1..])))
        .collect();
    let mut messages = Vec::new();
    while let Some(count) = fields.next().and_then(|count| shown(count).parse::<usize>().ok()) {
        let named: Vec<String> = fields.by_ref().take(count).map(shown).collect();
        let (Some(kind), Some(message)) = (fields.next(), fields.next()) else { break };
        if shown(kind).starts_with("CONFLICT") {
            paths.extend(named);
            if messages.len() < MESSAGES_MAX {
                messages.push(shown(message).trim().to_owned());
            }
        }
    }
    paths.sort();
    paths.dedup();
    (paths, messages)
}
