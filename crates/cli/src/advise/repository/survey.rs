//! The files of a repository, listed once: bounded, following no link, heeding `.gitignore`.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use rustix::fs::OFlags;

/// More than this many files are not listed.
const FILES_MAX: usize = 20_000;
const DEPTH_MAX: usize = 12;
/// Read of one file.
const BYTES_MAX: u64 = 256 << 10;
/// What others made: neither sources nor a place to look for commands.
const NOT_OURS: [&str; 14] = [
    ".git",
    ".fanfold",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "node_modules",
    "target",
    "dist",
    "__pycache__",
    "_build",
    "deps",
    ".gradle",
    ".tox",
];

#[derive(Clone, Debug, Default)]
pub struct Survey {
    root: PathBuf,
    /// Relative to the root, with `/`. Regular files only, reached without following a link.
    files: BTreeSet<String>,
    /// There are more files than were listed.
    pub truncated: bool,
}

/// A folder of a survey. `path` is `""` for the root.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'s> {
    pub survey: &'s Survey,
    pub path: &'s str,
}

impl Survey {
    pub fn of(root: &Path) -> Self {
        let mut survey = Self { root: root.to_owned(), ..Self::default() };
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .require_git(false)
            // The person's own ignore file is not the project's.
            .git_global(false)
            .parents(false)
            .follow_links(false)
            .max_depth(Some(DEPTH_MAX))
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| {
                !entry.file_type().is_some_and(|kind| kind.is_dir())
                    || !entry.file_name().to_str().is_some_and(|name| NOT_OURS.contains(&name))
            })
            .build();
        for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
            if survey.files.len() == FILES_MAX {
                survey.truncated = true;
                break;
            }
            let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
            survey.files.extend(path.map(str::to_owned));
        }
        survey
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// The start of a listed file; what is no UTF-8 in it is replaced.
    pub fn read(&self, path: &str) -> Option<String> {
        if !self.has(path) {
            return None;
        }
        // It may have become a link, or a pipe that nobody writes to, since it was listed.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(self.root.join(path)).ok()?;
        let mut bytes = Vec::new();
        file.take(BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub fn folder<'s>(&'s self, path: &'s str) -> Folder<'s> {
        Folder { survey: self, path }
    }

    /// Paths of the files beneath `folder`, itself relative to the root.
    pub fn beneath<'s>(&'s self, folder: &str) -> impl Iterator<Item = &'s str> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let end = start.clone();
        self.files.range(start..).map(String::as_str).take_while(move |path| path.starts_with(&end))
    }
}

impl<'s> Folder<'s> {
    pub fn has(&self, name: &str) -> bool {
        self.survey.has(&self.path_of(name))
    }

    /// The first of `names` that is a file here.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }

    pub fn read(&self, name: &str) -> Option<String> {
        self.survey.read(&self.path_of(name))
    }

    /// Whether the text of the file `name` holds any of `words`.
    pub fn says(&self, name: &str, words: &[&str]) -> bool {
        self.read(name).is_some_and(|text| words.iter().any(|word| text.contains(word)))
    }

    /// Paths of the files beneath it, relative to it.
    pub fn files(&self) -> impl Iterator<Item = &'s str> {
        let skip = if self.path.is_empty() { 0 } else { self.path.len() + 1 };
        self.survey.beneath(self.path).map(move |path| &path[skip..])
    }

    /// A file beneath it whose name does.
    pub fn find(&self, does: impl Fn(&str) -> bool) -> Option<&'s str> {
        self.files().find(|path| does(name_of(path)))
    }

    /// Files directly in it.
    pub fn entries(&self) -> impl Iterator<Item = &'s str> {
        self.files().filter(|path| !path.contains('/'))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }
}

pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder that a file lies in; `""` for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    #[test]
    fn links_and_what_others_made_are_neither_listed_nor_read() {
        let made = MadeUp::new();
        made.file("a/b.rs", "b");
        made.file("a.rs", "a");
        made.file("node_modules/x/package.json", "{}");
        made.file(".gitignore", "*.log\n");
        made.file("big.log", "x");
        let secret = made.file("~/secret", "s");
        std::os::unix::fs::symlink(&secret, made.project.join("link.rs")).expect("ours");
        std::os::unix::fs::symlink(&made.home, made.project.join("out")).expect("ours");
        let survey = Survey::of(&made.project);
        assert_eq!(survey.files().collect::<Vec<_>>(), [".gitignore", "a.rs", "a/b.rs"]);
        assert_eq!(survey.read("out/secret"), None);
        assert_eq!(survey.read("a.rs").as_deref(), Some("a"));
        std::fs::remove_file(made.project.join("a.rs")).expect("ours");
        std::os::unix::fs::symlink(&secret, made.project.join("a.rs")).expect("ours");
        assert_eq!(survey.read("a.rs"), None, "it became a link after it was listed");
        assert_eq!(survey.folder("a").files().collect::<Vec<_>>(), ["b.rs"]);
    }

    #[test]
    fn only_the_start_of_a_long_file_is_read() {
        let made = MadeUp::new();
        made.file("long", &"x".repeat(BYTES_MAX as usize + 1));
        assert_eq!(Survey::of(&made.project).read("long").map(|text| text.len()), Some(BYTES_MAX as usize));
    }
}
