//! Commits as directories: pinned ones that overlays lie on, and worktrees where there are no overlays.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use crate::beneath::Folder;
use crate::git::Git;
use crate::remove::remove;
use crate::repo::RunRepo;

pub(crate) const PINNED: &str = "pinned";
/// Of a checkout that is not whole yet.
pub(crate) const HALF: &str = ".half-";

impl RunRepo {
    /// A checkout of this commit that is only ever read: the lower directory of overlays. Made once.
    pub fn pin(&self, commit: &str) -> Result<PathBuf, String> {
        let folder = self.run_dir().join(PINNED);
        let place = folder.join(commit);
        if place.exists() {
            return Ok(place);
        }
        let _lock = self.inner.pinning.lock().unwrap_or_else(PoisonError::into_inner);
        if place.exists() {
            return Ok(place);
        }
        let cannot = |err: io::Error| format!("{}: {err}", place.display());
        fs::create_dir_all(&folder).map_err(cannot)?;
        let half = folder.join(format!("{HALF}{}-{commit}", std::process::id()));
        self.check_out(&format!("pinned-{commit}"), &half, &place, commit, commit)?;
        match fs::rename(&half, &place) {
            Ok(()) => Ok(place),
            // Another process of this run was quicker.
            Err(_) if place.exists() => discard(&folder, &half).map(|()| place.clone()).map_err(cannot),
            Err(err) => Err(cannot(err)),
        }
    }

    /// Fills `place` with the files of `start`, as a worktree whose HEAD is `head`. `named`: where it will be.
    /// Git's own notes about it are written here and not by git, which fails when several are made at once.
    pub(crate) fn check_out(
        &self,
        notes: &str,
        place: &Path,
        named: &Path,
        start: &str,
        head: &str,
    ) -> Result<(), String> {
        let notes = self.notes(notes);
        let cannot = |err: io::Error| format!("{}: {err}", place.display());
        let make = || -> io::Result<()> {
            fs::create_dir_all(&notes)?;
            fs::create_dir_all(place)?;
            fs::write(notes.join("HEAD"), format!("{head}\n"))?;
            fs::write(notes.join("commondir"), "../..\n")?;
            fs::write(notes.join("gitdir"), format!("{}\n", named.join(".git").display()))
        };
        make().map_err(cannot)?;
        let git = Git::with_work_tree(self.git().config.clone(), notes.clone(), place.to_owned());
        git.run(&["read-tree", "--reset", "-u", start])
            .map_err(|why| format!("{start} could not be checked out: {why}"))?;
        if start != head {
            // What an agent's own `git diff` shows is then what its patch will be.
            git.run(&["read-tree", "-m", head])?;
        }
        fs::write(place.join(".git"), format!("gitdir: {}\n", notes.display())).map_err(cannot)
    }

    /// Git's own folder about a worktree.
    pub(crate) fn notes(&self, name: &str) -> PathBuf {
        self.git().git_dir.join("worktrees").join(name)
    }

    pub(crate) fn forget_notes(&self, name: &str) -> io::Result<()> {
        match Folder::open(&self.git().git_dir.join("worktrees")) {
            Ok(all) if all.exists(name.as_bytes())? => remove(&all, name.as_bytes()),
            _ => Ok(()),
        }
    }
}

fn discard(folder: &Path, half: &Path) -> io::Result<()> {
    let name = half.file_name().expect("it has a name").as_encoded_bytes();
    remove(&Folder::open(folder)?, name)
}
