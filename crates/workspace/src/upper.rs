//! Writes into the upper directory of an overlay, so that it shows another commit than its lower one, or the
//! files that a simulated agent writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::beneath::{Folder, Shut, is_whiteout};
use crate::diff::{ChangeKind, RawChange};
use crate::git::Git;
use crate::path::{parent, shown};
use crate::repo::RunRepo;
use crate::tree::{Tree, blobs};

/// Makes the upper directory show another commit than the lower one. `changes`: from that to it.
pub(crate) fn fill(repo: &RunRepo, upper: &Folder, changes: &[RawChange], lower: &str) -> Result<(), String> {
    let mut deleted = changes.iter().filter(|change| change.kind == ChangeKind::Deleted).peekable();
    if deleted.peek().is_some() {
        let lower = repo.tree(lower)?;
        let after = After::new(&lower, changes);
        let gone: BTreeSet<&[u8]> = deleted
            .map(|change| gone_whole(&change.path, &after))
            .filter(|path| !stands_in_front(&after, path))
            .collect();
        for path in gone {
            let hide = || folder_of(upper, path)?.write_whiteout(name_of(path));
            hide().map_err(|err: io::Error| format!("{}: {err}", shown(path)))?;
        }
    }
    lay(repo.git(), upper, changes).map_err(|why| format!("the workspace could not be filled: {why}"))
}

/// Makes a plain directory hold what the changes lead to.
pub(crate) fn write_changes(git: &Git, root: &Folder, changes: &[RawChange]) -> Result<(), String> {
    for change in changes.iter().filter(|change| change.kind == ChangeKind::Deleted) {
        let removed = match root.at(parent(&change.path), Shut::Left) {
            Ok(folder) => folder.remove_anything(name_of(&change.path)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(err) => Err(err),
        };
        removed.map_err(|err| format!("{}: {err}", shown(&change.path)))?;
        leave_no_empty_folder(root, parent(&change.path));
    }
    lay(git, root, changes)
}

/// As git does: a folder goes with the last of its files.
fn leave_no_empty_folder(root: &Folder, folder: &[u8]) {
    let mut at = folder;
    while !at.is_empty() {
        let removed = root.at(parent(at), Shut::Left).and_then(|above| above.remove_empty(name_of(at)));
        if removed.is_err() {
            return;
        }
        at = parent(at);
    }
}

fn lay(git: &Git, root: &Folder, changes: &[RawChange]) -> Result<(), String> {
    let written: Vec<&RawChange> =
        changes.iter().filter(|change| change.kind != ChangeKind::Deleted).collect();
    let is_file = |change: &&&RawChange| change.new_mode != "160000";
    let objects = written.iter().filter(is_file).map(|change| change.new_object.as_str());
    let mut contents = blobs(git, objects)?.into_iter();
    for change in written {
        let lay = |content: Option<Vec<u8>>| {
            let (folder, name) = (folder_of(root, &change.path)?, name_of(&change.path));
            match (change.new_mode.as_str(), content) {
                // A submodule is an empty folder.
                ("160000", _) | (_, None) => folder.make_folder(name).map(drop),
                ("120000", Some(target)) => folder.write_link(name, &target),
                (mode, Some(content)) => folder.write(name, &content, mode == "100755"),
            }
        };
        let content = if is_file(&&change) { contents.next() } else { None };
        lay(content).map_err(|err| format!("{}: {err}", shown(&change.path)))?;
    }
    Ok(())
}

/// Edits as an agent would have made them. `None`: a file that goes. `lower`: the directory is the upper one of
/// an overlay on top of this tree; else a plain one.
pub(crate) fn write(
    upper: &Folder,
    lower: Option<&Tree>,
    edits: &BTreeMap<String, Option<String>>,
    is_executable: &dyn Fn(&str) -> bool,
) -> io::Result<()> {
    for (path, content) in edits {
        let (folder, name) = (folder_of(upper, path.as_bytes())?, name_of(path.as_bytes()));
        let named = |err: io::Error| io::Error::new(err.kind(), format!("{path}: {err}"));
        match content {
            Some(content) => folder.write(name, content.as_bytes(), is_executable(path)).map_err(named)?,
            None if lower.is_some_and(|lower| lower.has(path.as_bytes())) => {
                folder.write_whiteout(name).map_err(named)?;
            }
            None => folder.remove_anything(name).map_err(named)?,
        }
    }
    Ok(())
}

/// The folder that is to hold the path. Where its parents were gone or no folders, they are new and empty.
fn folder_of(upper: &Folder, path: &[u8]) -> io::Result<Folder> {
    let mut at = upper.at(b"", Shut::Opened)?;
    for part in parent(path).split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
        let was_gone = match at.stat(part) {
            Ok(stat) => is_whiteout(&stat),
            Err(err) if err.kind() == io::ErrorKind::NotFound => false,
            Err(err) => return Err(err),
        };
        at = at.make_folder(part)?;
        if was_gone {
            at.set_attribute("user.overlay.opaque", b"y")?;
        }
    }
    Ok(at)
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// The paths of a tree after some changes.
struct After<'a> {
    lower: &'a Tree,
    deleted: BTreeSet<&'a [u8]>,
    there: BTreeSet<&'a [u8]>,
}

impl<'a> After<'a> {
    fn new(lower: &'a Tree, changes: &'a [RawChange]) -> Self {
        let (deleted, there): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| change.kind == ChangeKind::Deleted);
        let paths =
            |changes: Vec<&'a RawChange>| changes.into_iter().map(|change| &change.path[..]).collect();
        Self { lower, deleted: paths(deleted), there: paths(there) }
    }

    fn has(&self, path: &[u8]) -> bool {
        self.there.contains(path) || (self.lower.entries.contains_key(path) && !self.deleted.contains(path))
    }

    fn has_beneath(&self, folder: &[u8]) -> bool {
        let first = [folder, b"/"].concat();
        let is_there = self.there.range(&first[..]..).next().is_some_and(|path| path.starts_with(&first));
        is_there || self.lower.beneath(folder).any(|(path, _)| !self.deleted.contains(&path[..]))
    }
}

/// The outermost folder of which nothing is left, else the path itself.
fn gone_whole<'a>(path: &'a [u8], after: &After) -> &'a [u8] {
    let mut gone = path;
    loop {
        let folder = parent(gone);
        if folder.is_empty() || after.has_beneath(folder) || after.has(folder) {
            return gone;
        }
        gone = folder;
    }
}

/// Whether a file or a folder takes its place: then nothing needs to say that it is gone.
fn stands_in_front(after: &After, path: &[u8]) -> bool {
    let mut at = path;
    while !at.is_empty() {
        if after.has(at) {
            return true;
        }
        at = parent(at);
    }
    after.has_beneath(path)
}
