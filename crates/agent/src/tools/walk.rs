//! Walks the files of a workspace in order of path, leaving out what is ignored, hidden by the rules, or git's.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::workspace::dot_if_empty;
use super::{Stop, ToolCx};
use crate::permissions::Access;

/// Files below `folder` (as the model gave it), as paths relative to the workspace. Links are not followed.
pub(super) fn files<'a>(
    cx: &'a ToolCx,
    folder: Option<&str>,
    stop: &'a Stop,
) -> Result<impl Iterator<Item = PathBuf> + 'a, String> {
    let start = cx.look_up(Access::Read, folder.unwrap_or("."))?;
    if cx.workspace.dir().symlink_metadata(dot_if_empty(&start)).is_err() {
        return Err(format!("{}: there is no such folder", start.display()));
    }
    let root = cx.workspace.root().to_owned();
    let permissions = cx.permissions.clone();
    let seen_from = root.clone();
    let walk = WalkBuilder::new(root.join(&start))
        .hidden(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let inside = entry.path().strip_prefix(&seen_from).unwrap_or(entry.path());
            entry.file_name() != ".git" && permissions.check_path(Access::Read, inside).is_ok()
        })
        .build();
    Ok(walk
        .take_while(|_| !stop.is_set())
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(move |entry| entry.path().strip_prefix(&root).ok().map(Path::to_owned)))
}

/// A pattern of paths relative to the folder that is searched; without a slash it matches names anywhere.
pub(super) struct PathPattern {
    glob: globset::GlobMatcher,
    by_name: bool,
    folder: PathBuf,
}

impl PathPattern {
    pub(super) fn new(pattern: &str, folder: Option<&str>, cx: &ToolCx) -> Result<Self, String> {
        let plain = pattern.trim_start_matches("./");
        let glob = globset::GlobBuilder::new(plain)
            .literal_separator(true)
            .build()
            .map_err(|err| format!("bad pattern: {err}"))?
            .compile_matcher();
        let folder = cx.workspace.resolve(folder.unwrap_or("."))?;
        Ok(Self { glob, by_name: !plain.contains('/'), folder })
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        if self.by_name {
            return path.file_name().is_some_and(|name| self.glob.is_match(name));
        }
        self.glob.is_match(path.strip_prefix(&self.folder).unwrap_or(path))
    }
}
