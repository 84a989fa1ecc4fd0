//! What changed in a tree that an agent, or a person, wrote: read by descriptors, never by git.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::Gitignore;
use rustix::fs::{FileType, Stat};

use crate::beneath::{Folder, Shut, file_mode, is_whiteout, kind};
use crate::git::Git;
use crate::import::{Edit, Sink, too_big};
use crate::path::{DEPTH_MAX, is_git, join, must_be_no_link, refusal, shown};
use crate::tree::{Entry, Tree, rules, split_once, verdict};

pub(crate) type Refused = Vec<(Vec<u8>, String)>;

/// Of an ignore file: a longer one ignores nothing.
const RULES_BYTES_MAX: u64 = 1 << 20;
const SUBMODULE: &str = "it lies in a submodule, which is as it was";

/// The rules that hold in a folder: those of the folders above it and its own.
#[derive(Clone, Default)]
struct Rules {
    /// As the tree is now.
    own: Vec<(Vec<u8>, Arc<Gitignore>)>,
    /// As they were in the tree that is built upon: an agent that drops a rule does not make its build its
    /// work.
    lower: Vec<(Vec<u8>, Arc<Gitignore>)>,
    /// A folder above is ignored.
    all: bool,
}

impl Rules {
    fn in_folder(&self, folder: &[u8], own: Option<Arc<Gitignore>>, lower: &Tree) -> Self {
        let mut rules = self.clone();
        rules.own.extend(own.map(|own| (folder.to_owned(), own)));
        rules.lower.extend(lower.ignores.get(folder).map(|old| (folder.to_owned(), old.clone())));
        rules
    }

    fn ignore(&self, path: &[u8], is_dir: bool) -> bool {
        self.all
            || match verdict(&self.own, path, is_dir) {
                Match::Ignore(()) => true,
                Match::Whitelist(()) => false,
                Match::None => matches!(verdict(&self.lower, path, is_dir), Match::Ignore(())),
            }
    }
}

/// The upper directory of an overlay: it is the list of changes.
pub(crate) struct Upper<'a> {
    pub lower: &'a Tree,
    /// Paths that are tracked besides those of the lower tree.
    pub tracked: &'a BTreeSet<Vec<u8>>,
    pub refused: &'a mut Refused,
}

impl Upper<'_> {
    pub fn capture(&mut self, upper: &Path, sink: &mut Sink) -> io::Result<()> {
        let root = Folder::open(upper)?;
        self.folder(&root, b"", true, &Rules::default(), sink)
    }

    /// `shines`: what the lower tree has here can be seen through.
    fn folder(
        &mut self,
        root: &Folder,
        path: &[u8],
        shines: bool,
        above: &Rules,
        sink: &mut Sink,
    ) -> io::Result<()> {
        let folder = root.at(path, Shut::Opened).map_err(named(path))?;
        if folder.attribute("user.overlay.redirect")?.is_some() {
            return Err(named(path)(io::Error::other(
                "the folder was moved in a way that cannot be followed",
            )));
        }
        let opaque = folder.attribute("user.overlay.opaque")?.is_some();
        let shines = shines && !opaque;
        if !path.is_empty() && (opaque || self.lower.entries.contains_key(path)) && self.lower.has(path) {
            sink.edit(path, Edit::Delete)?;
        }
        let names = folder.names().map_err(named(path))?;
        let own = match folder.stat(b".gitignore") {
            Ok(stat) => own_rules(&folder, &stat, Shut::Opened),
            Err(_) if shines => self.lower.ignores.get(path).cloned(),
            Err(_) => None,
        };
        let rules = above.in_folder(path, own, self.lower);
        let mut folders = Vec::new();
        for name in names {
            let path = join(path, &name);
            if is_git(&name) {
                self.refuse(path, "git's own place");
                continue;
            }
            let stat = folder.stat(&name).map_err(named(&path))?;
            if is_whiteout(&stat) {
                if self.lower.has(&path) {
                    sink.edit(&path, Edit::Delete)?;
                }
            } else if kind(&stat) == FileType::Directory {
                if let Some(within) = self.within(&path, &rules) {
                    folders.push((path, within));
                }
            } else if self.is_tracked(&path)
                || name == b".gitignore" && !rules.all
                || !rules.ignore(&path, false)
            {
                self.file(&folder, &name, path, &stat, sink)?;
            }
        }
        drop(folder);
        for (path, within) in folders {
            self.folder(root, &path, shines, &within, sink)?;
        }
        Ok(())
    }

    /// `None`: nothing in this folder is work.
    fn within(&mut self, path: &[u8], rules: &Rules) -> Option<Rules> {
        if self.lower.entries.get(path).is_some_and(Entry::is_submodule) {
            self.refuse(path.to_owned(), SUBMODULE);
            return None;
        }
        let all = rules.ignore(path, true);
        if all && !self.lower.has_beneath(path) && !has_beneath(self.tracked, path) {
            return None;
        }
        if too_deep(path) {
            self.refuse(path.to_owned(), "it lies too deep");
            return None;
        }
        Some(Rules { all, ..rules.clone() })
    }

    fn file(
        &mut self,
        folder: &Folder,
        name: &[u8],
        path: Vec<u8>,
        stat: &Stat,
        sink: &mut Sink,
    ) -> io::Result<()> {
        match content(folder, name, &path, stat, Shut::Opened, sink)? {
            Ok(edit) => {
                if self.lower.has_beneath(&path) {
                    sink.edit(&path, Edit::Delete)?;
                }
                sink.edit(&path, edit)
            }
            Err(why) => {
                // What it stands in front of is gone from the tree, whatever it is.
                if why.takes_away() && self.lower.has(&path) {
                    sink.edit(&path, Edit::Delete)?;
                }
                self.refuse(path, why.why());
                Ok(())
            }
        }
    }

    fn is_tracked(&self, path: &[u8]) -> bool {
        self.lower.entries.contains_key(path) || self.tracked.contains(path)
    }

    fn refuse(&mut self, path: Vec<u8>, why: &str) {
        refuse(self.refused, path, why);
    }
}

/// A whole directory: of a worktree, or of the project.
pub(crate) struct Directory<'a> {
    pub lower: &'a Tree,
    pub stats: &'a Stats,
    /// Relative to the directory.
    pub passed_over: Vec<&'a Path>,
    /// As in a `.gitignore`, of the user's own repository.
    pub excludes: Vec<u8>,
    pub refused: &'a mut Refused,
}

struct Walk<'a, 'b> {
    directory: &'a mut Directory<'b>,
    root: Folder,
    /// Where the directory lies in the tree.
    within: Vec<u8>,
    shut: Shut,
    seen: BTreeSet<Vec<u8>>,
}

impl<'b> Directory<'b> {
    /// `within`: where it lies in the tree; what lies elsewhere stays as it is.
    pub fn capture(&mut self, directory: &Path, within: &Path, sink: &mut Sink) -> io::Result<()> {
        self.walk(directory, within, Shut::Left, sink)
    }

    /// Of an agent, whose shut folders are opened.
    pub fn capture_agents(&mut self, directory: &Path, sink: &mut Sink) -> io::Result<()> {
        self.walk(directory, Path::new(""), Shut::Opened, sink)
    }

    fn walk(&mut self, directory: &Path, within: &Path, shut: Shut, sink: &mut Sink) -> io::Result<()> {
        let within = within.as_os_str().as_bytes().to_owned();
        let mut top = Rules { lower: vec![(Vec::new(), rules(&self.excludes))], ..Rules::default() };
        // Rules of the folders above the project hold in it.
        let mut above: &[u8] = &within;
        let mut folders = Vec::new();
        while !above.is_empty() {
            above = crate::path::parent(above);
            folders.push(above.to_owned());
        }
        for folder in folders.iter().rev() {
            top = top.in_folder(folder, self.lower.ignores.get(folder).cloned(), self.lower);
        }
        let (lower, root) = (self.lower, Folder::open(directory)?);
        let mut walk = Walk { directory: self, root, within: within.clone(), shut, seen: BTreeSet::new() };
        walk.folder(&within, &top, sink)?;
        let Walk { seen, .. } = walk;
        for (path, _) in lower.beneath(&within) {
            let absent = !seen.contains(path) && !has_beneath(&seen, path);
            if absent && !self.stats.left_out.contains(path) {
                sink.edit(path, Edit::Delete)?;
            }
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    fn folder(&mut self, path: &[u8], above: &Rules, sink: &mut Sink) -> io::Result<()> {
        let here = self.here(path).to_owned();
        let folder = match self.root.at(&here, self.shut) {
            Ok(folder) => folder,
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => {
                self.unread(path);
                return Ok(());
            }
            // Somebody may be at work in it.
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(err) => return Err(named(path)(err)),
        };
        let own = folder.stat(b".gitignore").ok().and_then(|stat| own_rules(&folder, &stat, self.shut));
        let rules = above.in_folder(path, own, self.directory.lower);
        let mut folders = Vec::new();
        for name in folder.names().map_err(named(path))? {
            let path = join(path, &name);
            if here.is_empty() && name == b".git" || self.is_passed_over(&path) {
                continue;
            }
            if is_git(&name) {
                refuse(self.directory.refused, path, "git's own place");
                continue;
            }
            let stat = match folder.stat(&name) {
                Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(named(&path))?,
            };
            let tracked = self.directory.lower.entries.get(&path);
            if tracked.is_none() && keeps_a_place(&stat) {
                continue;
            }
            if kind(&stat) == FileType::Directory {
                if tracked.is_some_and(Entry::is_submodule) {
                    self.seen.insert(path);
                } else {
                    folders.extend(self.within(&path, &rules).map(|within| (path, within)));
                }
            } else if tracked.is_some() || name == b".gitignore" && !rules.all || !rules.ignore(&path, false)
            {
                self.file(&folder, &name, path, &stat, sink)?;
            }
        }
        drop(folder);
        for (path, within) in folders {
            self.folder(&path, &within, sink)?;
        }
        Ok(())
    }

    fn within(&mut self, path: &[u8], rules: &Rules) -> Option<Rules> {
        let all = rules.ignore(path, true);
        if all && !self.directory.lower.has_beneath(path) {
            return None;
        }
        if too_deep(path) {
            refuse(self.directory.refused, path.to_owned(), "it lies too deep");
            return None;
        }
        Some(Rules { all, ..rules.clone() })
    }

    fn file(
        &mut self,
        folder: &Folder,
        name: &[u8],
        path: Vec<u8>,
        stat: &Stat,
        sink: &mut Sink,
    ) -> io::Result<()> {
        let lower = self.directory.lower.entries.get(&path);
        if let Some(known) = self.directory.stats.known(&path, stat) {
            if lower != Some(known) {
                let Entry { mode, object } = known.clone();
                sink.edit(&path, Edit::Object { mode, object })?;
            }
            self.seen.insert(path);
            return Ok(());
        }
        match content(folder, name, &path, stat, self.shut, sink) {
            Ok(Ok(edit)) => {
                sink.edit(&path, edit)?;
                self.seen.insert(path);
            }
            Ok(Err(why)) => {
                if !why.takes_away() {
                    self.seen.insert(path.clone());
                }
                refuse(self.directory.refused, path, why.why());
            }
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => self.unread(&path),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => return Err(err),
        }
        Ok(())
    }

    /// What cannot be read is taken to be as it was, and named.
    fn unread(&mut self, path: &[u8]) {
        let lower = self.directory.lower;
        let beneath: Vec<Vec<u8>> = lower.beneath(path).map(|(path, _)| path.clone()).collect();
        self.seen.extend(beneath);
        self.seen.insert(path.to_owned());
        refuse(self.directory.refused, path.to_owned(), "it may not be read");
    }

    /// Relative to the directory.
    fn here<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        match self.within.len() {
            0 => path,
            within => path.get(within + 1..).unwrap_or_default(),
        }
    }

    fn is_passed_over(&self, path: &[u8]) -> bool {
        let here = self.here(path);
        self.directory.passed_over.iter().any(|own| own.as_os_str().as_bytes() == here)
    }
}

/// Why a file is not part of a commit.
enum Unfit {
    /// A device, a pipe, a socket.
    NoFile,
    Name(&'static str),
}

impl Unfit {
    fn why(&self) -> &str {
        match self {
            Unfit::NoFile => "neither a file nor a link",
            Unfit::Name(why) => why,
        }
    }

    fn takes_away(&self) -> bool {
        matches!(self, Unfit::NoFile)
    }
}

fn content(
    folder: &Folder,
    name: &[u8],
    path: &[u8],
    stat: &Stat,
    shut: Shut,
    sink: &Sink,
) -> io::Result<Result<Edit, Unfit>> {
    if let Some(why) = refusal(path) {
        return Ok(Err(Unfit::Name(why)));
    }
    match kind(stat) {
        // A file of holes is as long as its author likes.
        FileType::RegularFile if stat.st_size.unsigned_abs() > sink.room() => {
            Err(io::Error::other(too_big()))
        }
        FileType::RegularFile => {
            let content = folder.read(name, sink.room(), shut).map_err(named(path))?;
            let content = content.ok_or_else(|| io::Error::other(too_big()))?;
            Ok(Ok(Edit::Content { mode: file_mode(stat), content }))
        }
        FileType::Symlink if must_be_no_link(path) => Ok(Err(Unfit::Name("it may be no link"))),
        FileType::Symlink => {
            let content = folder.link(name).map_err(named(path))?;
            Ok(Ok(Edit::Content { mode: "120000", content }))
        }
        _ => Ok(Err(Unfit::NoFile)),
    }
}

fn own_rules(folder: &Folder, stat: &Stat, shut: Shut) -> Option<Arc<Gitignore>> {
    let is_file = kind(stat) == FileType::RegularFile;
    let text = is_file.then(|| folder.read(b".gitignore", RULES_BYTES_MAX, shut))?;
    text.ok().flatten().map(|text| rules(&text))
}

/// Named refusals: more would be a text of its own.
const REFUSED_MAX: usize = 100;

fn refuse(refused: &mut Refused, path: Vec<u8>, why: &str) {
    if refused.len() < REFUSED_MAX {
        refused.push((path, why.to_owned()));
    }
}

/// Made by the sandbox while agents are at work, where they must not make something.
fn keeps_a_place(stat: &Stat) -> bool {
    kind(stat) == FileType::RegularFile && stat.st_size == 0 && stat.st_mode & 0o7777 == 0
}

fn too_deep(path: &[u8]) -> bool {
    path.iter().filter(|byte| **byte == b'/').count() + 1 >= DEPTH_MAX
}

fn has_beneath(paths: &BTreeSet<Vec<u8>>, folder: &[u8]) -> bool {
    let start = [folder, b"/"].concat();
    paths.range(start.clone()..).next().is_some_and(|path| path.starts_with(&start))
}

fn named(path: &[u8]) -> impl Fn(io::Error) -> io::Error {
    let path = shown(path);
    move |err| io::Error::new(err.kind(), format!("{path}: {err}"))
}

/// What an index knows of files: one that looks the same was not touched since, and need not be read.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    files: HashMap<Vec<u8>, (Stamp, Entry)>,
    /// Tracked, and not checked out by the user's own wish.
    left_out: BTreeSet<Vec<u8>>,
    /// When the index was written.
    written: (i64, i64),
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: (u32, u32),
    changed: (u32, u32),
    inode: u32,
    size: u32,
}

impl Stats {
    /// Of an index that no agent can have written. What cannot be read is not known.
    pub fn of_index(git: &Git, index: &Path) -> Self {
        let Ok(written) = fs::metadata(index) else { return Self::default() };
        let git = git.clone().with_index(index.to_owned());
        let Ok(out) = git.run(&["ls-files", "--stage", "--debug", "-z"]) else { return Self::default() };
        let written = (written.mtime(), written.mtime_nsec());
        let mut stats = Self { written, ..Self::default() };
        let mut rest = out.as_slice();
        // `<mode> <object> <stage>\t<path>\0` and five lines of numbers
        while let Some((head, after)) = split_once(rest, 0) {
            let end =
                after.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4).map(|(at, _)| at + 1);
            let Some(end) = end else { break };
            stats.add(head, &after[..end]);
            rest = &after[end..];
        }
        stats
    }

    fn add(&mut self, head: &[u8], numbers: &[u8]) -> Option<()> {
        const SKIP_WORKTREE: u32 = 0x4000_0000;
        const INTENT_TO_ADD: u32 = 0x2000_0000;
        let (about, path) = split_once(head, b'\t')?;
        let about = String::from_utf8_lossy(about);
        let [mode, object, "0"] = about.split(' ').collect::<Vec<_>>()[..] else { return None };
        let text = String::from_utf8_lossy(numbers);
        let words: Vec<&str> = text.split_whitespace().collect();
        let [_, changed, _, modified, _, _dev, _, inode, _, _uid, _, _gid, _, size, _, flags] = words[..]
        else {
            return None;
        };
        let pair = |text: &str| {
            let (whole, nanos) = text.split_once(':')?;
            Some((whole.parse().ok()?, nanos.parse().ok()?))
        };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        if flags & SKIP_WORKTREE != 0 {
            self.left_out.insert(path.to_owned());
        }
        if flags & INTENT_TO_ADD != 0 {
            return None;
        }
        let stamp = Stamp {
            modified: pair(modified)?,
            changed: pair(changed)?,
            inode: inode.parse().ok()?,
            size: size.parse().ok()?,
        };
        let entry = Entry { mode: mode.to_owned(), object: object.to_owned() };
        self.files.insert(path.to_owned(), (stamp, entry));
        Some(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index keeps 32 bits of each"
    )]
    fn known(&self, path: &[u8], stat: &Stat) -> Option<&Entry> {
        let (stamp, entry) = self.files.get(path)?;
        let modified = (stat.st_mtime, stat.st_mtime_nsec as i64);
        let now = Stamp {
            modified: (stat.st_mtime as u32, stat.st_mtime_nsec as u32),
            changed: (stat.st_ctime as u32, stat.st_ctime_nsec as u32),
            inode: stat.st_ino as u32,
            size: stat.st_size as u32,
        };
        let same_mode = match kind(stat) {
            FileType::RegularFile => file_mode(stat) == entry.mode,
            FileType::Symlink => entry.mode == "120000",
            _ => false,
        };
        // Written in the moment in which the index was: it may have changed after that.
        (same_mode && modified < self.written && *stamp == now).then_some(entry)
    }
}
