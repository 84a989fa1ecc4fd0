//! Protected paths: where they lie, and what keeps the place of those that do not exist.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use crate::policy::{Policy, Root};

/// Where the places of protected paths may have to be kept.
pub(crate) fn places(policy: &Policy) -> impl Iterator<Item = PathBuf> {
    let root = match &policy.root {
        Root::Directory(root) => Some(root),
        Root::Overlay { .. } => None,
    };
    let plain = root
        .into_iter()
        .flat_map(|root| policy.protected.iter().filter(|path| is_plain(path)).map(move |path| (root, path)));
    plain.flat_map(|(root, path)| {
        path.ancestors().filter(|part| part.file_name().is_some()).map(|part| root.join(part))
    })
}

/// Where a protected path lies and where it is shown: both exist. Where the directory that would hold it does not
/// exist either, the place of that one is kept. `None` if nothing can be mounted there: it leads out of the root.
pub(crate) fn in_root(
    policy: &Policy,
    root: &Path,
    path: &Path,
) -> Result<Option<(PathBuf, PathBuf)>, String> {
    let is_directory = matches!(policy.root, Root::Directory(_));
    let path = if is_directory && is_plain(path) { outermost(root, path) } else { path };
    if is_directory && is_plain(path) && fs::symlink_metadata(root.join(path)).is_err() {
        let place = root.join(path);
        let parent = path.parent().filter(|parent| parent.file_name().is_some());
        if parent.is_some_and(|parent| beneath(root, parent).is_none()) {
            return Ok(None);
        }
        match make(&place) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(format!("cannot keep the place of {}: {err}", place.display())),
            Ok(()) => (),
        }
    }
    let Some(from) = beneath(root, path) else { return Ok(None) };
    let at = from.strip_prefix(root).map(|inside| policy.at.join(inside));
    Ok(at.ok().map(|at| (from, at)))
}

/// The first part of a path, from the root on, that is no directory; else the path itself.
fn outermost<'a>(root: &Path, path: &'a Path) -> &'a Path {
    let mut parts: Vec<&Path> = path.ancestors().filter(|part| part.file_name().is_some()).collect();
    parts.reverse();
    parts.into_iter().find(|part| !root.join(part).is_dir()).unwrap_or(path)
}

/// Where a path leads, with its links followed, if that is beneath the root.
pub(crate) fn beneath(root: &Path, path: &Path) -> Option<PathBuf> {
    let real_root = root.canonicalize().ok()?;
    let real = real_root.join(path).canonicalize().ok()?;
    let inside = real.strip_prefix(&real_root).ok()?;
    inside.file_name()?;
    Some(root.join(inside))
}

fn make(place: &Path) -> io::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o000).open(place);
    match made {
        Ok(file) => file.set_permissions(Permissions::from_mode(0o000)),
        // By another process that starts just now.
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(err) => Err(err),
    }
}

/// Whether this keeps the place of a protected path. Nobody else makes an empty file that nobody may read.
pub fn is_placeholder(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok_and(|it| it.is_file() && it.len() == 0 && it.mode() & 0o7777 == 0)
}

fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}
