//! New commits from changes, by one `git fast-import`: no index, no work tree, no file of an agent opened by
//! git.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::git::{Git, Identity};
use crate::path::quoted;
use crate::small::{Edits, SMALL_BYTES_MAX, SMALL_FILES_MAX};

/// More than this in one commit is no work of an agent, but its build.
pub(crate) const IMPORT_BYTES_MAX: u64 = 512 << 20;
pub(crate) const IMPORT_FILES_MAX: u64 = 100_000;

/// One change of a tree.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Delete,
    /// An object that is there already.
    Object {
        mode: String,
        object: String,
    },
    Content {
        mode: &'static str,
        content: Vec<u8>,
    },
}

pub(crate) struct NewCommit<'a> {
    pub parent: Option<&'a str>,
    /// The tree object that changes are made to. `None`: the parent's own, else empty.
    pub tree: Option<&'a str>,
    pub message: &'a str,
    pub identity: &'a Identity,
}

/// Takes changes in the order in which they are made: later ones win.
pub(crate) struct Sink<'a> {
    to: To<'a>,
    bytes: u64,
    files: u64,
}

enum To<'a> {
    Git(&'a mut dyn Write),
    /// `None`: there were too many.
    Kept(Option<Edits>),
}

impl Sink<'_> {
    pub fn edit(&mut self, path: &[u8], edit: Edit) -> io::Result<()> {
        self.files += 1;
        if self.files > IMPORT_FILES_MAX {
            let why =
                format!("more than {IMPORT_FILES_MAX} files changed: ignore what is built in `.gitignore`");
            return Err(io::Error::other(why));
        }
        if let Edit::Content { content, .. } = &edit {
            self.bytes += content.len() as u64;
            if self.bytes > IMPORT_BYTES_MAX {
                return Err(io::Error::other(too_big()));
            }
        }
        match &mut self.to {
            To::Git(to) => tell(*to, path, &edit),
            To::Kept(Some(edits)) if self.files <= SMALL_FILES_MAX && self.bytes <= SMALL_BYTES_MAX => {
                edits.push((path.to_owned(), edit));
                Ok(())
            }
            To::Kept(kept) => {
                *kept = None;
                Err(io::Error::other("more than are kept"))
            }
        }
    }

    /// How many bytes one more file may hold.
    pub fn room(&self) -> u64 {
        IMPORT_BYTES_MAX - self.bytes
    }
}

/// The changes, where they are few. `None`: they are to be imported.
pub(crate) fn kept(edits: impl FnOnce(&mut Sink) -> io::Result<()>) -> Result<Option<Edits>, String> {
    let mut sink = Sink { to: To::Kept(Some(Vec::new())), bytes: 0, files: 0 };
    match (edits(&mut sink), sink.to) {
        (Ok(()), To::Kept(kept)) => Ok(kept),
        (Err(_), To::Kept(None)) => Ok(None),
        (Err(err), _) => Err(err.to_string()),
        (Ok(()), To::Git(_)) => unreachable!("nothing is written here"),
    }
}

pub(crate) fn too_big() -> String {
    let mib = IMPORT_BYTES_MAX >> 20;
    format!("more than {mib} MiB changed: ignore what is built in `.gitignore`")
}

/// A commit that was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub commit: String,
    pub tree: String,
}

/// Makes a commit of what `edits` says. Nothing refers to it yet.
pub(crate) fn import(
    git: &Git,
    commit: &NewCommit,
    edits: impl FnOnce(&mut Sink) -> io::Result<()> + Send,
) -> Result<Made, String> {
    let name = scratch_ref();
    // Few objects become loose ones: a pack for each patch would slow down every later command.
    let args = ["-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet", "--done", "--date-format=now"];
    let ran = git.feed(&args, |to| {
        header(to, commit, &name)?;
        edits(&mut Sink { to: To::Git(to), bytes: 0, files: 0 })?;
        // The name was only needed to make the commit: a branch without one is not written.
        write!(to, "\nget-mark :1\nls :1 \"\"\nreset {name}\n\ndone\n")
    })?;
    let out = String::from_utf8_lossy(&ran.success()?).into_owned();
    // `<commit>\n040000 tree <tree>\t\n`
    let words: Vec<&str> = out.split_whitespace().collect();
    match words[..] {
        [commit, _, "tree", tree] => Ok(Made { commit: commit.to_owned(), tree: tree.to_owned() }),
        _ => Err(format!("git fast-import made no commit: {out}")),
    }
}

fn header(to: &mut dyn Write, commit: &NewCommit, name: &str) -> io::Result<()> {
    let identity = commit.identity.line();
    write!(to, "commit {name}\nmark :1\nauthor {identity} now\ncommitter {identity} now\n")?;
    data(to, commit.message.as_bytes())?;
    if let Some(parent) = commit.parent {
        writeln!(to, "from {parent}")?;
    }
    if let Some(tree) = commit.tree {
        writeln!(to, "M 040000 {tree} \"\"")?;
    }
    Ok(())
}

fn tell(to: &mut dyn Write, path: &[u8], edit: &Edit) -> io::Result<()> {
    match edit {
        Edit::Delete => to.write_all(b"D ")?,
        Edit::Object { mode, object } => write!(to, "M {mode} {object} ")?,
        Edit::Content { mode, .. } => write!(to, "M {mode} inline ")?,
    }
    to.write_all(&quoted(path))?;
    to.write_all(b"\n")?;
    match edit {
        Edit::Content { content, .. } => data(to, content),
        Edit::Delete | Edit::Object { .. } => Ok(()),
    }
}

fn data(to: &mut dyn Write, content: &[u8]) -> io::Result<()> {
    writeln!(to, "data {}", content.len())?;
    to.write_all(content)?;
    to.write_all(b"\n")
}

fn scratch_ref() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nth = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("refs/fanfold/scratch-{}-{nth}", std::process::id())
}
