//! A commit of few changes, made without starting git: what an agent's work mostly is.
//!
//! The same as [`import`](crate::import::import) makes of them. Whatever is unusual gives `None`, and is imported.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::io;

use crate::git::Git;
use crate::import::Edit;
use crate::known::is_hash;
use crate::standing::Kind;
use crate::tree::{FOLDER, split_once};

/// More are not kept in memory.
pub(crate) const SMALL_BYTES_MAX: u64 = 1 << 20;
pub(crate) const SMALL_FILES_MAX: u64 = 100;
/// Of a tree object that is read: one of about 500,000 names.
const TREE_BYTES_MAX: usize = 32 << 20;

/// Changes of a tree, in the order in which they were made: by path.
pub(crate) type Edits = Vec<(Vec<u8>, Edit)>;

/// A tree with these changes: its hash. `tree`: a full hash.
pub(crate) fn tree_with(git: &Git, tree: &str, edits: &Edits) -> Option<String> {
    let mut root = Folder::read(git, tree)?;
    for (path, edit) in edits {
        let item = match edit {
            Edit::Delete => None,
            Edit::Object { mode, object } if is_hash(object) => {
                Some(Item::Object { mode: mode.clone(), object: object.clone() })
            }
            Edit::Object { .. } => return None,
            Edit::Content { mode, content } => {
                let object = git.ask(Kind::Blobs, |git| git.write(content))?;
                Some(Item::Object { mode: (*mode).to_owned(), object })
            }
        };
        root.put(git, path, item)?;
    }
    root.write(git)
}

/// A folder as it is to be; by name.
#[derive(Debug, Default)]
struct Folder(BTreeMap<Vec<u8>, Item>);

#[derive(Debug)]
enum Item {
    /// As it is in git: also a folder in which nothing changes.
    Object {
        mode: String,
        object: String,
    },
    Folder(Folder),
}

impl Folder {
    fn read(git: &Git, tree: &str) -> Option<Self> {
        let content = git.ask(Kind::Objects, |git| {
            let content = git.object(tree, "tree", TREE_BYTES_MAX)?;
            if content.len() < TREE_BYTES_MAX { Ok(content) } else { Err(io::ErrorKind::FileTooLarge.into()) }
        })?;
        // `(<mode> <name>\0<hash>)*`
        let (mut names, mut rest) = (BTreeMap::new(), &content[..]);
        while !rest.is_empty() {
            let (mode, after) = split_once(rest, b' ')?;
            let (name, after) = split_once(after, 0)?;
            let (hash, after) = after.split_at_checked(tree.len() / 2)?;
            let mode = format!("{:0>6}", String::from_utf8_lossy(mode));
            let object = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            names.insert(name.to_owned(), Item::Object { mode, object });
            rest = after;
        }
        Some(Self(names))
    }

    /// `None` as the item: nothing is left there. What stands in the way of a folder goes.
    fn put(&mut self, git: &Git, path: &[u8], item: Option<Item>) -> Option<()> {
        let Some((name, within)) = split_once(path, b'/') else {
            match item {
                Some(item) => self.0.insert(path.to_owned(), item),
                None => self.0.remove(path),
            };
            return Some(());
        };
        let at = match self.0.entry(name.to_owned()) {
            Place::Occupied(there) => there.into_mut(),
            Place::Vacant(_) if item.is_none() => return Some(()),
            Place::Vacant(free) => free.insert(Item::Folder(Self::default())),
        };
        let folder = match at {
            Item::Folder(folder) => folder,
            Item::Object { mode, object } => {
                let there = match (mode.as_str(), &item) {
                    (FOLDER, _) => Self::read(git, object)?,
                    (_, None) => return Some(()),
                    (_, Some(_)) => Self::default(),
                };
                *at = Item::Folder(there);
                let Item::Folder(folder) = at else { unreachable!("it was just put there") };
                folder
            }
        };
        folder.put(git, within, item)?;
        // Git knows no empty folders.
        if folder.0.is_empty() {
            self.0.remove(name);
        }
        Some(())
    }

    fn write(self, git: &Git) -> Option<String> {
        let mut names = Vec::with_capacity(self.0.len());
        for (name, item) in self.0 {
            let (mode, object) = match item {
                Item::Object { mode, object } => (mode, object),
                Item::Folder(folder) => (FOLDER.to_owned(), folder.write(git)?),
            };
            names.push((name, mode, object));
        }
        // Git's own order: a folder's name as if it ended with a slash.
        names.sort_by_cached_key(|(name, mode, _)| {
            let end: &[u8] = if mode == FOLDER { b"/" } else { b"" };
            [name, end].concat()
        });
        let mut content = Vec::new();
        for (name, mode, object) in names {
            content.extend_from_slice(mode.trim_start_matches('0').as_bytes());
            content.push(b' ');
            content.extend(name);
            content.push(0);
            let pairs = object.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
            for pair in pairs {
                content.push(u8::from_str_radix(pair?, 16).ok()?);
            }
        }
        git.ask(Kind::Trees, |git| git.write(&content))
    }
}

#[cfg(test)]
mod tests;
