//! Protected files while a check runs: the sandbox shuts them where it can, and afterwards they are looked at again.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::protect::Protection;

/// How protected paths stood in the directory that takes all changes of a check.
pub struct Watched {
    root: PathBuf,
    files: Vec<(String, Standing)>,
    /// Those that protected files lie in: one that goes takes them with it.
    folders: Vec<(String, Standing)>,
    /// Names that nothing may appear at.
    named: Vec<(String, Standing)>,
}

/// What is at a path; links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Absent,
    Folder,
    /// Which file it is, and when it was last written to: device, inode, seconds and nanoseconds, bytes.
    File(u64, u64, i64, i64, u64),
}

impl Watched {
    pub fn new(root: &Path, protection: &Protection) -> Self {
        let above = |path: &String| Some(path.rsplit_once('/')?.0.to_owned());
        let folders: BTreeSet<String> = protection.existing().iter().filter_map(above).collect();
        let stand = |path: &String| (path.clone(), standing(&root.join(path)));
        Self {
            root: root.to_owned(),
            files: protection.existing().iter().map(stand).collect(),
            folders: folders.iter().map(stand).collect(),
            named: protection.watched.iter().map(stand).collect(),
        }
    }

    /// Those that were changed, removed or made since.
    pub fn touched(&self) -> Vec<String> {
        let now = |path: &String| standing(&self.root.join(path));
        let is_touched = |(path, before): &&(String, Standing)| now(path) != *before;
        let is_gone = |(path, before): &&(String, Standing)| match (before, now(path)) {
            // In the upper directory of an overlay a folder appears with the first file in it.
            (_, Standing::Folder) | (Standing::Absent, Standing::Absent) => false,
            (_, Standing::Absent | Standing::File(..)) => true,
        };
        // An empty place holder is how a sandbox keeps a name from being made.
        let is_made = |(path, before): &&(String, Standing)| match now(path) {
            Standing::File(.., 0) => false,
            Standing::Folder => fs::read_dir(self.root.join(path)).is_ok_and(|mut all| all.next().is_some()),
            now => now != *before,
        };
        let files = self.files.iter().filter(is_touched).chain(self.folders.iter().filter(is_gone));
        let touched: BTreeSet<&String> =
            files.chain(self.named.iter().filter(is_made)).map(|(path, _)| path).collect();
        touched.into_iter().map(|path| format!("{path} (while it ran)")).collect()
    }
}

fn standing(path: &Path) -> Standing {
    match fs::symlink_metadata(path) {
        Err(_) => Standing::Absent,
        Ok(about) if about.is_dir() => Standing::Folder,
        Ok(about) => {
            Standing::File(about.dev(), about.ino(), about.ctime(), about.ctime_nsec(), about.size())
        }
    }
}
