//! Removes what runs left that died: only beneath their own directories, and never what holds work.

use std::path::{Path, PathBuf};

use crate::beneath::{Folder, Shut};
use crate::checkout::{HALF, PINNED};
use crate::git::{GitConfig, Identity};
use crate::remove::{GONE, remove};
use crate::repo::RunRepo;
use crate::workspaces::{Kind, WORKSPACES, Workspaces};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Runs of which something was removed.
    pub removed: Vec<PathBuf>,
    /// Workspaces with work in them.
    pub kept: Vec<PathBuf>,
    /// What could not be removed, and why.
    pub failed: Vec<String>,
}

/// `is_held`: whether a run of this directory is at work; it is left alone.
pub fn clean_up(runs_dir: &Path, is_held: &dyn Fn(&Path) -> bool, git: &GitConfig) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let Ok(runs) = Folder::open(runs_dir) else { return cleaned };
    for name in runs.names().unwrap_or_default() {
        // A link in the place of a run leads elsewhere: it does not open.
        let Ok(run) = runs.folder(&name, Shut::Left) else { continue };
        let path = runs_dir.join(crate::path::as_path(&name));
        let is_there = |part: &str| run.folder(part.as_bytes(), Shut::Left).is_ok();
        if !(is_there("repo.git") && (is_there(WORKSPACES) || is_there(PINNED))) || is_held(&path) {
            continue;
        }
        match clean_run(&run, &path, git) {
            Ok((removed, kept)) => {
                cleaned.removed.extend(removed.then_some(path));
                cleaned.kept.extend(kept);
            }
            Err(why) => cleaned.failed.push(why),
        }
    }
    cleaned
}

/// Whether anything was removed, and the workspaces that are kept.
fn clean_run(run: &Folder, path: &Path, git: &GitConfig) -> Result<(bool, Vec<PathBuf>), String> {
    let repo = RunRepo::reopen(path, git, Identity::default())?;
    let entries = |part: &str| {
        run.folder(part.as_bytes(), Shut::Left).and_then(|folder| folder.names()).unwrap_or_default()
    };
    let before = entries(WORKSPACES).len();
    let kept = match before {
        0 => Vec::new(),
        _ => Workspaces::new(repo.clone(), Kind::Overlay).clean_up()?,
    };
    let mut removed = kept.len() < before;
    for name in entries(PINNED) {
        let is_half = name.starts_with(HALF.as_bytes()) || name.starts_with(GONE);
        if is_half || kept.is_empty() {
            let folder = run.folder(PINNED.as_bytes(), Shut::Left);
            folder
                .and_then(|folder| remove(&folder, &name))
                .and_then(|()| repo.forget_notes(&format!("pinned-{}", crate::path::shown(&name))))
                .map_err(|err| format!("{}: {err}", path.display()))?;
            removed = true;
        }
    }
    Ok((removed, kept))
}
