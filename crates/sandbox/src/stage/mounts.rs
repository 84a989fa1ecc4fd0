//! Namespaces of users, mounts and processes, and the overlay that is mounted nowhere else.

use std::ffi::CString;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, StatVfsMountFlags, open, statvfs};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_change, mount_remount};
use rustix::process::{getgid, getuid};
use rustix::thread::UnshareFlags;

use super::Tried;
use crate::placeholder;
use crate::policy::{Policy, Root};

/// In the first this process may mount; in the last it has no place itself, only what it starts.
pub(crate) fn own_namespaces() -> Result<(), String> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    let spaces = UnshareFlags::NEWUSER | UnshareFlags::NEWNS | UnshareFlags::NEWPID;
    #[expect(deprecated, reason = "unsound for the table of descriptors only, which stays shared")]
    rustix::thread::unshare(spaces).tried("no user namespace")?;
    fs::write("/proc/self/setgroups", "deny").tried("/proc/self/setgroups")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1")).tried("/proc/self/uid_map")?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1")).tried("/proc/self/gid_map")?;
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).tried("cannot keep mounts private")
}

/// Where the root lies now. An overlay is mounted over its own lower directory.
pub(crate) fn root(policy: &Policy) -> Result<PathBuf, String> {
    match &policy.root {
        Root::Directory(directory) => Ok(directory.clone()),
        Root::Overlay { lower, upper, work } => {
            overlay(policy, lower, upper, work)?;
            Ok(lower.clone())
        }
    }
}

/// A protected path: where it lies, and where it is shown.
pub(crate) struct Protected {
    pub from: PathBuf,
    pub at: PathBuf,
    /// It is read-only where it lies, and comes so with the root.
    pub is_shut: bool,
}

/// Shuts what is protected. Bubblewrap could mount each file too, but looks through all mounts for each: with 64 files
/// that takes longer than all else together.
pub(crate) fn protect(policy: &Policy, root: &Path) -> Result<Vec<Protected>, String> {
    let others = policy.read.iter().chain(&policy.write).chain(&policy.git_dirs);
    let others: Vec<&PathBuf> = others.chain(policy.read_at.iter().map(|(_, at)| at)).collect();
    let mut all = Vec::new();
    for path in &policy.protected {
        let Some((from, at)) = placeholder::in_root(policy, root, path)? else { continue };
        // What is mounted over the root covers what was shut in it; in a folder there may be other mounts.
        let is_shut = from.is_file() && !others.iter().any(|other| at.starts_with(other));
        if is_shut {
            shut(&from)?;
        }
        all.push(Protected { from, at, is_shut });
    }
    Ok(all)
}

fn shut(file: &Path) -> Result<(), String> {
    let what = || format!("cannot shut {}", file.display());
    let now = statvfs(file).tried(what())?.f_flag;
    // A user namespace may take none of these away.
    let kept = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
    ];
    let kept = kept.into_iter().filter(|(is, _)| now.contains(*is)).map(|(_, keep)| keep);
    mount_bind(file, file).tried(what())?;
    let flags = MountFlags::BIND | MountFlags::RDONLY | kept.collect();
    mount_remount(file, flags, c"").tried(what())
}

fn overlay(policy: &Policy, lower: &Path, upper: &Path, work: &Path) -> Result<(), String> {
    let opened = |path: &Path| -> Result<OwnedFd, String> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        open(path, flags, Mode::empty()).tried(path.display())
    };
    // By descriptor: the options are separated by characters that paths may contain.
    let (lower_fd, upper_fd, work_fd) = (opened(lower)?, opened(upper)?, opened(work)?);
    let below = mount_points(policy, lower, work)?.map(|()| opened(work)).transpose()?;
    let below_option = below.as_ref().map(|layer| format!(":/proc/self/fd/{}", layer.as_raw_fd()));
    let options = format!(
        "lowerdir=/proc/self/fd/{}{},upperdir=/proc/self/fd/{},workdir=/proc/self/fd/{},userxattr",
        lower_fd.as_raw_fd(),
        below_option.unwrap_or_default(),
        upper_fd.as_raw_fd(),
        work_fd.as_raw_fd(),
    );
    let options = CString::new(options).expect("numbers and letters");
    mount("overlay", lower, "overlay", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())
        .tried(format!("cannot mount an overlay over {}", lower.display()))
}

/// What is mounted beneath the root needs a place there. It comes from a layer of its own, in memory, beneath
/// the lower directory: the upper one shows only what the command did. It covers `work`.
/// `None` if nothing needs it.
fn mount_points(policy: &Policy, lower: &Path, work: &Path) -> Result<Option<()>, String> {
    let mut needed: Vec<(PathBuf, bool)> = Vec::new();
    for path in &policy.protected {
        needed.push((path.clone(), false));
    }
    let at_their_own =
        policy.git_dirs.iter().chain(&policy.read).chain(&policy.write).map(|path| (path, path));
    for (from, at) in at_their_own.chain(policy.read_at.iter().map(|(from, at)| (from, at))) {
        if let (Ok(inside), Ok(there)) = (at.strip_prefix(&policy.at), fs::metadata(from)) {
            needed.push((inside.to_owned(), there.is_dir()));
        }
    }
    needed.retain(|(path, _)| {
        let is_plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        is_plain && path.file_name().is_some() && fs::symlink_metadata(lower.join(path)).is_err()
    });
    if needed.is_empty() {
        return Ok(None);
    }
    // Covered here, and open already: nobody needs that path any more.
    let options = CString::new("mode=0755,size=4m").expect("no zero byte");
    mount("tmpfs", work, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())
        .tried("cannot mount a file system in memory")?;
    for (path, is_dir) in &needed {
        let place = work.join(path);
        let parent = if *is_dir { place.as_path() } else { place.parent().unwrap_or(work) };
        fs::create_dir_all(parent).tried(parent.display())?;
        if !is_dir && !place.exists() {
            fs::write(&place, "").tried(place.display())?;
        }
    }
    Ok(Some(()))
}
