//! The directory in which an agent works. Nothing outside can be reached through it, by whatever path.

use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, openat};

use crate::permissions::{Access, Permissions};

/// A directory, held open: paths are looked up beneath it by the kernel where it can (`openat2`), so that
/// neither `..` nor a symbolic link leads out, and no race does either.
pub struct Workspace {
    root: PathBuf,
    /// `root` without links: what tools such as compilers print.
    real_root: PathBuf,
    dir: Dir,
    changes: Mutex<()>,
}

/// Nobody else changes a file of this workspace through a tool while it is there.
pub(super) struct Change<'a> {
    _among_processes: Option<OwnedFd>,
    _among_threads: MutexGuard<'a, ()>,
}

const CHANGE_WAIT_MAX: Duration = Duration::from_secs(5);
const CHANGE_LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How often a file may be replaced while it is looked up.
const LOOK_UPS_MAX: usize = 100;

/// Numbers new files before they get their names.
static FRESH: AtomicU64 = AtomicU64::new(0);

impl Workspace {
    pub fn open(root: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(root, ambient_authority())?;
        Ok(Self { root: root.to_owned(), real_root: root.canonicalize()?, dir, changes: Mutex::new(()) })
    }

    /// Held from reading a file to replacing it: of two agents that edit one file, neither loses its edit,
    /// whether they are carried out by one process or by two. Blocks.
    pub(super) fn change(&self) -> Change<'_> {
        let among_threads = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        Change { _among_processes: self.lock().ok(), _among_threads: among_threads }
    }

    /// A lock on the directory, held as long as the descriptor. A command of some agent may hold it for good:
    /// then an edit that is lost is the lesser evil.
    fn lock(&self) -> io::Result<OwnedFd> {
        let directory =
            openat(&self.dir, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let started = Instant::now();
        loop {
            match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(directory),
                Err(rustix::io::Errno::WOULDBLOCK) if started.elapsed() < CHANGE_WAIT_MAX => {
                    std::thread::sleep(CHANGE_LOOK_AGAIN);
                }
                Err(err) => return Err(err.into()),
            }
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Finds `path`, as the model wrote it, and refuses it unless the rules let it be touched so: under the
    /// name that was given, and under the one that links lead to.
    pub fn look_up(&self, rules: &Permissions, access: Access, path: &str) -> Result<PathBuf, String> {
        rules.check_path(access, &self.relative(path)?)?;
        let resolved = self.resolve(path)?;
        rules.check_path(access, &resolved)?;
        Ok(resolved)
    }

    /// `path` relative to the workspace, links resolved. What does not exist yet keeps its last parts.
    /// `Err` is a sentence for the model.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, String> {
        let relative = self.relative(path)?;
        let mut missing = Vec::new();
        let mut there = relative.clone();
        loop {
            match self.canonicalize(dot_if_empty(&there)) {
                Ok(real) => {
                    let real = if real == Path::new(".") { PathBuf::new() } else { real };
                    return Ok(missing.iter().rev().fold(real, |path, part| path.join(part)));
                }
                Err(err) if err.kind() == io::ErrorKind::NotFound => {
                    if self.dir.symlink_metadata(&there).is_ok() {
                        return Err(format!("{path}: a symbolic link that leads nowhere"));
                    }
                    let Some(name) = there.file_name() else { return Err(said(path, &err)) };
                    missing.push(name.to_owned());
                    there.pop();
                }
                Err(err) => return Err(said(path, &err)),
            }
        }
    }

    /// The kernel tells of a file that is replaced in just this moment that it lies at `NAME (deleted)`.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        for _ in 0..LOOK_UPS_MAX {
            let real = self.dir.canonicalize(path)?;
            let is_stale = real.as_os_str().as_encoded_bytes().ends_with(b" (deleted)")
                && self.dir.symlink_metadata(&real).is_err();
            if !is_stale {
                return Ok(real);
            }
        }
        Err(io::Error::other("it keeps changing: try again"))
    }

    /// Opens a regular file for reading. Never waits: a FIFO or a device is refused.
    pub fn open_file(&self, resolved: &Path) -> Result<File, String> {
        let shown = resolved.display().to_string();
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;
            let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
            options.custom_flags(i32::try_from(nonblocking).expect("flags are small"));
        }
        let file = self.dir.open_with(dot_if_empty(resolved), &options).map_err(|err| said(&shown, &err))?;
        let kind = file.metadata().map_err(|err| said(&shown, &err))?.file_type();
        match kind {
            _ if kind.is_file() => Ok(file),
            _ if kind.is_dir() => Err(format!("{shown}: a folder; use `glob` to list it")),
            _ => Err(format!("{shown}: no regular file")),
        }
    }

    /// Replaces or makes a file as a whole: a reader sees the old text or the new one. A hard link of the
    /// old file elsewhere keeps the old text.
    pub fn replace_file(&self, resolved: &Path, text: &[u8]) -> Result<(), String> {
        let shown = resolved.display().to_string();
        let Some(name) = resolved.file_name() else { return Err(format!("{shown}: no name of a file")) };
        let old = match self.dir.symlink_metadata(resolved) {
            Ok(old) if old.is_file() => Some(old),
            Ok(_) => return Err(format!("{shown}: no regular file")),
            Err(_) => None,
        };
        let parent = resolved.parent().unwrap_or(Path::new(""));
        if !parent.as_os_str().is_empty() {
            self.dir.create_dir_all(parent).map_err(|err| said(&shown, &err))?;
        }
        let nth = FRESH.fetch_add(1, Ordering::Relaxed);
        let fresh = parent.join(format!(".{}.{}-{nth}.tmp", name.to_string_lossy(), std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let made = self.dir.open_with(&fresh, &options);
        let written = made.and_then(|mut file| file.write_all(text)).and_then(|()| {
            if let Some(old) = old {
                self.dir.set_permissions(&fresh, old.permissions())?;
            }
            self.dir.rename(&fresh, &self.dir, resolved)
        });
        written.map_err(|err| {
            // Best effort: there is nothing more to do about a leftover.
            let _ = self.dir.remove_file(&fresh);
            said(&shown, &err)
        })
    }

    /// By its spelling alone: absolute paths beneath the root lose it, `.` and `..` are worked out.
    fn relative(&self, path: &str) -> Result<PathBuf, String> {
        let outside = || {
            let root = self.root.display();
            Err(format!("{path}: outside the workspace {root}; use a path relative to it"))
        };
        if path.contains('\0') {
            return Err("a path cannot hold a NUL".into());
        }
        let given = Path::new(path);
        let rest = match given.strip_prefix(&self.root).or_else(|_| given.strip_prefix(&self.real_root)) {
            Ok(rest) => rest,
            Err(_) if given.has_root() => return outside(),
            Err(_) => given,
        };
        let mut clean = PathBuf::new();
        for part in rest.components() {
            match part {
                Component::Normal(name) => clean.push(name),
                Component::CurDir => (),
                Component::ParentDir => {
                    if !clean.pop() {
                        return outside();
                    }
                }
                Component::RootDir | Component::Prefix(_) => return outside(),
            }
        }
        Ok(clean)
    }
}

/// One line about a failed look-up, without the paths of the host.
pub(super) fn said(path: &str, err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::NotFound => format!("{path}: there is no such file; use `glob` to find it"),
        io::ErrorKind::NotADirectory => format!("{path}: a part of the path is no folder"),
        // Of a look-up beneath the workspace: it would have led out.
        io::ErrorKind::PermissionDenied | io::ErrorKind::CrossesDevices => {
            format!("{path}: refused; it leads outside the workspace, or its permissions forbid it")
        }
        _ => format!("{path}: {err}"),
    }
}

pub(super) fn dot_if_empty(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}
