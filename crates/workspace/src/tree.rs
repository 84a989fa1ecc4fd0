//! What a commit holds: its paths, and its rules about what is ignored.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::git::{Git, fields};
use crate::path::{as_path, parent};
use crate::standing::Kind;

/// The mode of one.
pub(crate) const SUBMODULE: &str = "160000";
pub(crate) const FOLDER: &str = "040000";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `100644`, `100755`, `120000` (a link), `160000` (a submodule)
    pub mode: String,
    pub object: String,
}

#[derive(Debug)]
pub(crate) struct Tree {
    /// Of the tree object.
    pub id: String,
    pub entries: BTreeMap<Vec<u8>, Entry>,
    /// By the folder that holds the `.gitignore`.
    pub ignores: HashMap<Vec<u8>, Arc<Gitignore>>,
}

impl Entry {
    pub fn is_submodule(&self) -> bool {
        self.mode == SUBMODULE
    }
}

impl Tree {
    pub fn read(git: &Git, commit: &str) -> Result<Self, String> {
        let id = tree_of(git, commit)?;
        let out = git.run(&["ls-tree", "-r", "-z", "--full-tree", &id])?;
        let mut entries = BTreeMap::new();
        for field in fields(&out) {
            let (about, path) = split_once(field, b'\t').ok_or("git ls-tree: no path")?;
            let about = String::from_utf8_lossy(about);
            let mut about = about.split(' ');
            let (Some(mode), Some(_), Some(object)) = (about.next(), about.next(), about.next()) else {
                return Err("git ls-tree: no object".into());
            };
            entries.insert(path.to_owned(), Entry { mode: mode.to_owned(), object: object.to_owned() });
        }
        let files: Vec<(&Vec<u8>, &Entry)> = entries
            .iter()
            .filter(|(path, entry)| is_ignore_file(path) && entry.mode.starts_with("100"))
            .collect();
        let blobs = blobs(git, files.iter().map(|(_, entry)| entry.object.as_str()))?;
        let ignores = files
            .iter()
            .zip(blobs)
            .map(|((path, _), text)| (parent(path).to_owned(), rules(&text)))
            .collect();
        Ok(Self { id, entries, ignores })
    }

    /// As a file or as a folder.
    pub fn has(&self, path: &[u8]) -> bool {
        self.entries.contains_key(path) || self.has_beneath(path)
    }

    /// Whether anything lies beneath this folder.
    pub fn has_beneath(&self, folder: &[u8]) -> bool {
        self.beneath(folder).next().is_some()
    }

    pub fn beneath<'a>(&'a self, folder: &[u8]) -> impl Iterator<Item = (&'a Vec<u8>, &'a Entry)> + use<'a> {
        let start = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        let prefix = start.clone();
        self.entries
            .range::<Vec<u8>, _>((Bound::Included(&start), Bound::Unbounded))
            .take_while(move |(path, _)| path.starts_with(&prefix))
    }
}

pub(crate) fn tree_of(git: &Git, commit: &str) -> Result<String, String> {
    let wanted = format!("{commit}^{{tree}}");
    git.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])
        .map_err(|_| format!("there is no commit {commit} in the run's repository"))
}

/// One name of a tree object: `(<mode> <name>\0<hash>)*`. `hash_len`: how many bytes a hash has.
pub(crate) fn entry_of(folder: &[u8], hash_len: usize, name: &[u8]) -> Option<Entry> {
    let mut rest = folder;
    while let Some((mode, after)) = split_once(rest, b' ') {
        let (found, after) = split_once(after, 0)?;
        let hash = after.get(..hash_len)?;
        if found == name {
            let object = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            return Some(Entry { mode: format!("{:0>6}", String::from_utf8_lossy(mode)), object });
        }
        rest = &after[hash_len..];
    }
    None
}

pub(crate) fn is_ignore_file(path: &[u8]) -> bool {
    path == b".gitignore" || path.ends_with(b"/.gitignore")
}

/// Of one `.gitignore`, for paths relative to its folder.
pub(crate) fn rules(text: &[u8]) -> Arc<Gitignore> {
    let mut builder = GitignoreBuilder::new("/");
    for line in String::from_utf8_lossy(text).lines() {
        // A line that is no pattern ignores nothing.
        let _ = builder.add_line(None, line);
    }
    Arc::new(builder.build().unwrap_or_else(|_| Gitignore::empty()))
}

/// What the rules say of a path, the closest first. `folder`: `(its path, its rules)`, from the root down.
pub(crate) fn verdict(folders: &[(Vec<u8>, Arc<Gitignore>)], path: &[u8], is_dir: bool) -> Match<()> {
    for (folder, rules) in folders.iter().rev() {
        let relative = if folder.is_empty() { path } else { &path[folder.len() + 1..] };
        match rules.matched(as_path(relative), is_dir) {
            Match::None => {}
            Match::Ignore(_) => return Match::Ignore(()),
            Match::Whitelist(_) => return Match::Whitelist(()),
        }
    }
    Match::None
}

/// The contents of these objects, in their order.
pub(crate) fn blobs<'a>(git: &Git, objects: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<u8>>, String> {
    let asked: Vec<&str> = objects.collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let told = git.ask(Kind::Objects, |git| {
        asked.iter().map(|object| git.blob(object, usize::MAX)).collect::<std::io::Result<Vec<_>>>()
    });
    if let Some(contents) = told {
        return Ok(contents);
    }
    let stdin: String = asked.iter().flat_map(|object| [object, "\n"]).collect();
    let out = git.output(&["cat-file", "--batch"], stdin.as_bytes())?.success()?;
    let mut rest = out.as_slice();
    let mut contents = Vec::with_capacity(asked.len());
    for object in asked {
        // `<object> blob <size>\n<content>\n`
        let (head, after) = split_once(rest, b'\n').ok_or("git cat-file: cut short")?;
        let head = String::from_utf8_lossy(head);
        let size: usize = match head.split(' ').collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse().map_err(|_| "git cat-file: no size".to_owned())?,
            _ => return Err(format!("the object {object} is missing: the repository is damaged or partial")),
        };
        let content = after.get(..size).ok_or("git cat-file: cut short")?;
        contents.push(content.to_owned());
        rest = after.get(size + 1..).unwrap_or_default();
    }
    Ok(contents)
}

pub(crate) fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == at)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}
