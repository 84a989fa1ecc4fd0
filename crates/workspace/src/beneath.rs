//! Folders by descriptor, their entries by name: nothing here follows a link.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

pub(crate) struct Folder {
    fd: OwnedFd,
}

/// Whether what is shut may be opened by its owner: in what agents wrote, never in what a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    Opened,
    Left,
}

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

impl Folder {
    /// Only the last part of the path may be no link.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { fd: rustix::fs::open(path, FOLDER, Mode::empty())? })
    }

    /// Part by part; an empty path is the folder itself.
    pub fn at(&self, path: &[u8], shut: Shut) -> io::Result<Self> {
        let mut at = Self { fd: rustix::io::fcntl_dupfd_cloexec(&self.fd, 0)? };
        for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
            at = at.folder(part, shut)?;
        }
        Ok(at)
    }

    pub fn folder(&self, part: &[u8], shut: Shut) -> io::Result<Self> {
        let open = || rustix::fs::openat(&self.fd, name(part), FOLDER, Mode::empty());
        let fd = match open() {
            Err(Errno::ACCESS) if shut == Shut::Opened => {
                self.unlock(part, Mode::RWXU)?;
                open()?
            }
            other => other?,
        };
        if shut == Shut::Opened {
            let mode = Mode::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode);
            if !mode.contains(Mode::RWXU) {
                rustix::fs::fchmod(&fd, mode | Mode::RWXU)?;
            }
        }
        Ok(Self { fd })
    }

    /// Makes it if it is not there; what is there and no folder is replaced.
    pub fn make_folder(&self, part: &[u8]) -> io::Result<Self> {
        match rustix::fs::mkdirat(&self.fd, name(part), Mode::from_raw_mode(0o777)) {
            Ok(()) => {}
            Err(Errno::EXIST) if self.is_folder(part)? => {}
            Err(Errno::EXIST) => {
                self.unlink(part)?;
                rustix::fs::mkdirat(&self.fd, name(part), Mode::from_raw_mode(0o777))?;
            }
            Err(err) => return Err(err.into()),
        }
        self.folder(part, Shut::Opened)
    }

    pub fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    pub fn stat(&self, part: &[u8]) -> io::Result<Stat> {
        Ok(rustix::fs::statat(&self.fd, name(part), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    pub fn exists(&self, part: &[u8]) -> io::Result<bool> {
        match self.stat(part) {
            Ok(_) => Ok(true),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(err) => Err(err),
        }
    }

    fn is_folder(&self, part: &[u8]) -> io::Result<bool> {
        Ok(FileType::from_raw_mode(self.stat(part)?.st_mode) == FileType::Directory)
    }

    /// Of a regular file with no more than `bytes_max`; `None`: there is more.
    pub fn read(&self, part: &[u8], bytes_max: u64, shut: Shut) -> io::Result<Option<Vec<u8>>> {
        // It may have become a pipe since: opening that must not wait.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let open = || rustix::fs::openat(&self.fd, name(part), flags, Mode::empty());
        let fd = match open() {
            Err(Errno::ACCESS) if shut == Shut::Opened => {
                self.unlock(part, Mode::RUSR | Mode::WUSR)?;
                open()?
            }
            other => other?,
        };
        let stat = rustix::fs::fstat(&fd)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("it is no file any more"));
        }
        let mut content = Vec::new();
        File::from(fd).take(bytes_max + 1).read_to_end(&mut content)?;
        Ok((content.len() as u64 <= bytes_max).then_some(content))
    }

    pub fn link(&self, part: &[u8]) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.fd, name(part), Vec::new())?.into_bytes())
    }

    /// A new file in the place of whatever was there.
    pub fn write(&self, part: &[u8], content: &[u8], executable: bool) -> io::Result<()> {
        self.clear(part)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(if executable { 0o777 } else { 0o666 });
        let fd = rustix::fs::openat(&self.fd, name(part), flags, mode)?;
        File::from(fd).write_all(content)
    }

    pub fn write_link(&self, part: &[u8], target: &[u8]) -> io::Result<()> {
        self.clear(part)?;
        Ok(rustix::fs::symlinkat(name(target), &self.fd, name(part))?)
    }

    /// Nothing of that name is left, and no folder that holds something is touched but by [`crate::remove`].
    fn clear(&self, part: &[u8]) -> io::Result<()> {
        match self.is_folder(part) {
            Ok(true) => crate::remove::remove(self, part),
            Ok(false) => self.unlink(part),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(err) => Err(err),
        }
    }

    pub fn remove_anything(&self, part: &[u8]) -> io::Result<()> {
        self.clear(part)
    }

    pub fn unlink(&self, part: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name(part), AtFlags::empty())?)
    }

    pub fn remove_empty(&self, part: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name(part), AtFlags::REMOVEDIR)?)
    }

    pub fn rename(&self, part: &[u8], to: &Folder, new: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, name(part), &to.fd, name(new))?)
    }

    /// Lets its owner at it, whatever its mode says.
    pub fn unlock(&self, part: &[u8], also: Mode) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = rustix::fs::openat(&self.fd, name(part), flags, Mode::empty())?;
            let stat = rustix::fs::fstat(&fd)?;
            let kind = FileType::from_raw_mode(stat.st_mode);
            if matches!(kind, FileType::Directory | FileType::RegularFile) {
                let place = format!("/proc/self/fd/{}", fd.as_raw_fd());
                rustix::fs::chmod(place, Mode::from_raw_mode(stat.st_mode) | also)?;
            }
            Ok(())
        }
        #[cfg(not(target_os = "linux"))]
        {
            let mode = Mode::from_raw_mode(self.stat(part)?.st_mode) | also;
            Ok(rustix::fs::chmodat(&self.fd, name(part), mode, AtFlags::SYMLINK_NOFOLLOW)?)
        }
    }

    /// An extended attribute of the folder itself.
    pub fn attribute(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        let mut value = [0u8; 64];
        match rustix::fs::fgetxattr(&self.fd, key, &mut value[..]) {
            Ok(length) => Ok(Some(value[..length].to_vec())),
            Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
            // Longer than any that we know of.
            Err(Errno::RANGE) => Ok(Some(value.to_vec())),
            Err(err) => Err(err.into()),
        }
    }

    pub fn set_attribute(&self, key: &str, value: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::fsetxattr(&self.fd, key, value, rustix::fs::XattrFlags::empty())?)
    }

    /// What an overlay takes for "this is gone".
    pub fn write_whiteout(&self, part: &[u8]) -> io::Result<()> {
        self.clear(part)?;
        #[cfg(target_os = "linux")]
        {
            let mode = Mode::empty();
            Ok(rustix::fs::mknodat(&self.fd, name(part), FileType::CharacterDevice, mode, 0)?)
        }
        #[cfg(not(target_os = "linux"))]
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}

pub(crate) fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

pub(crate) fn is_whiteout(stat: &Stat) -> bool {
    kind(stat) == FileType::CharacterDevice && stat.st_rdev == 0
}

/// As git has it.
pub(crate) fn file_mode(stat: &Stat) -> &'static str {
    if Mode::from_raw_mode(stat.st_mode).contains(Mode::XUSR) { "100755" } else { "100644" }
}
