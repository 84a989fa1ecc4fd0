//! Removes a folder with all that is in it: by descriptors, following no link, however deep it is, and never
//! past the border of a mount.

use std::io;

use rustix::fs::{FileType, Mode};

use crate::beneath::{Folder, Shut, kind};

/// What is being removed is called so, so that a removal cut short is known and finished.
pub(crate) const GONE: &[u8] = b".gone-";
const NAMES_MAX: u64 = 1 << 20;

/// A folder within the folder is moved up before it is emptied: depth costs neither descriptors nor stack,
/// and a mount cannot be moved, so that nothing behind it is touched.
pub(crate) fn remove(parent: &Folder, name: &[u8]) -> io::Result<()> {
    if kind(&parent.stat(name)?) != FileType::Directory {
        return parent.unlink(name);
    }
    if parent.remove_empty(name).is_ok() {
        return Ok(());
    }
    let gone = [GONE, name].concat();
    let doomed = if name.starts_with(GONE) {
        name
    } else {
        parent.unlock(name, Mode::RWXU)?;
        match parent.rename(name, parent, &gone) {
            Ok(()) => gone.as_slice(),
            // One of the same name was cut short.
            Err(err) if matches!(err.raw_os_error(), Some(code) if code == NOT_EMPTY) => {
                remove(parent, &gone)?;
                parent.rename(name, parent, &gone)?;
                gone.as_slice()
            }
            Err(err) => return Err(err),
        }
    };
    let root = parent.folder(doomed, Shut::Opened)?;
    let mut next = 0;
    let mut todo = vec![Vec::new()];
    while let Some(at) = todo.pop() {
        let folder = root.at(&at, Shut::Opened)?;
        for entry in folder.names()? {
            if kind(&folder.stat(&entry)?) != FileType::Directory {
                folder.unlink(&entry)?;
            } else if at.is_empty() {
                todo.push(entry);
            } else if folder.remove_empty(&entry).is_err() {
                folder.unlock(&entry, Mode::RWXU)?;
                todo.push(move_up(&folder, &entry, &root, &mut next)?);
            }
        }
        drop(folder);
        if !at.is_empty() {
            root.remove_empty(&at)?;
        }
    }
    parent.remove_empty(doomed)
}

const NOT_EMPTY: i32 = rustix::io::Errno::NOTEMPTY.raw_os_error();

fn move_up(folder: &Folder, entry: &[u8], root: &Folder, next: &mut u64) -> io::Result<Vec<u8>> {
    while *next < NAMES_MAX {
        let name = format!(".up-{next}").into_bytes();
        *next += 1;
        if !root.exists(&name)? {
            folder.rename(entry, root, &name)?;
            return Ok(name);
        }
    }
    Err(io::Error::other("too many folders"))
}
