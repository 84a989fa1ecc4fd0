//! Protected files while a check runs: the sandbox shuts them where it can, and afterwards they are looked at again.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::protect::{Protection, folders};

/// Set on a folder in the upper directory of an overlay: nothing of what lies below shines through.
#[cfg(target_os = "linux")]
const OPAQUE: &str = "user.overlay.opaque";

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
    /// A folder that hides the one below it.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "an overlay's"))]
    Opaque,
    /// Which file it is, and when it was last written to: device, inode, seconds and nanoseconds, bytes.
    File(u64, u64, i64, i64, u64),
    /// Nobody can say.
    Unseen,
}

impl Watched {
    pub fn new(root: &Path, protection: &Protection) -> Self {
        Self::of(root, protection.existing(), &protection.watched)
    }

    fn of(root: &Path, existing: &BTreeSet<String>, named: &[String]) -> Self {
        let above: BTreeSet<&str> = existing.iter().flat_map(|path| folders(path)).collect();
        let stand = |path: &str| (path.to_owned(), standing(&root.join(path)));
        Self {
            root: root.to_owned(),
            files: existing.iter().map(|path| stand(path)).collect(),
            folders: above.into_iter().map(stand).collect(),
            named: named.iter().map(|path| stand(path)).collect(),
        }
    }

    /// Those that were changed, removed or made since.
    pub fn touched(&self) -> Vec<String> {
        let now = |path: &String| standing(&self.root.join(path));
        // No place holder of a sandbox is at a protected file or a watched name.
        let is_touched = |(path, before): &&(String, Standing)| match now(path) {
            Standing::Unseen => true,
            now => now != *before,
        };
        let is_gone = |(path, before): &&(String, Standing)| match (before, now(path)) {
            // In the upper directory of an overlay a folder appears with the first file in it.
            (_, Standing::Folder) | (Standing::Absent, Standing::Absent) => false,
            (_, Standing::Absent | Standing::Opaque | Standing::File(..) | Standing::Unseen) => true,
        };
        let files = self.files.iter().chain(&self.named).filter(is_touched);
        let touched: BTreeSet<&String> =
            files.chain(self.folders.iter().filter(is_gone)).map(|(path, _)| path).collect();
        touched.into_iter().map(|path| format!("{path} (while it ran)")).collect()
    }
}

fn standing(path: &Path) -> Standing {
    match fs::symlink_metadata(path) {
        // Where a file stands for a folder nothing is beneath it: the folder says so.
        Err(err) if matches!(err.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Standing::Absent,
        Err(_) => Standing::Unseen,
        Ok(about) if about.is_dir() => of_folder(path),
        Ok(about) => {
            Standing::File(about.dev(), about.ino(), about.ctime(), about.ctime_nsec(), about.size())
        }
    }
}

#[cfg(target_os = "linux")]
fn of_folder(path: &Path) -> Standing {
    use rustix::io::Errno;
    match rustix::fs::lgetxattr(path, OPAQUE, &mut [0_u8; 8]) {
        Err(Errno::NODATA | Errno::NOTSUP) => Standing::Folder,
        Err(_) => Standing::Unseen,
        Ok(_) => Standing::Opaque,
    }
}

/// Without overlays.
#[cfg(not(target_os = "linux"))]
fn of_folder(_: &Path) -> Standing {
    Standing::Folder
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::fs::{XattrFlags, lsetxattr};

    use super::*;

    /// An upper directory: of what lies below it shows nothing.
    fn upper() -> (tempfile::TempDir, Watched) {
        let upper = tempfile::tempdir().expect("a folder");
        let existing = BTreeSet::from(["deep/tests/test_lib.py".to_owned()]);
        let watched = Watched::of(upper.path(), &existing, &["unittest.py".into(), ".cargo/config".into()]);
        (upper, watched)
    }

    #[test]
    fn a_folder_that_hides_protected_files_below_it_is_touched() {
        let (upper, watched) = upper();
        let folders = upper.path().join("deep/tests");
        fs::create_dir_all(&folders).expect("folders");
        assert!(watched.touched().is_empty(), "a folder appears with the first file in it");
        for (path, named) in [("deep/tests", "deep/tests (while it ran)"), ("deep", "deep (while it ran)")] {
            let path = upper.path().join(path);
            lsetxattr(&path, OPAQUE, b"y", XattrFlags::empty()).expect("the attribute");
            assert_eq!(watched.touched(), [named]);
            rustix::fs::lremovexattr(&path, OPAQUE).expect("the attribute");
        }
        fs::remove_dir_all(upper.path().join("deep")).expect("removed");
        fs::write(upper.path().join("deep"), "").expect("written");
        assert_eq!(watched.touched(), ["deep (while it ran)"]);
    }

    #[test]
    fn what_nobody_can_look_at_is_touched() {
        let (upper, watched) = upper();
        // A loop of links: to look beneath it fails, for root too.
        std::os::unix::fs::symlink("deep", upper.path().join("deep")).expect("a link");
        assert_eq!(
            watched.touched(),
            ["deep (while it ran)", "deep/tests (while it ran)", "deep/tests/test_lib.py (while it ran)"]
        );
    }

    #[test]
    fn an_empty_file_at_a_watched_name_is_made_and_a_place_holder_above_it_is_none() {
        let (upper, watched) = upper();
        fs::write(upper.path().join(".cargo"), "").expect("written");
        assert!(watched.touched().is_empty(), "it keeps the place of what is watched");
        fs::write(upper.path().join("unittest.py"), "").expect("written");
        assert_eq!(watched.touched(), ["unittest.py (while it ran)"]);
    }
}
