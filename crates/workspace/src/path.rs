//! Paths within a tree: as bytes, with `/` between their parts. Which of them no commit may hold.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The place where a tree is checked out comes on top of it, and the kernel takes 4,096 in all.
pub(crate) const PATH_BYTES_MAX: usize = 3_000;
/// Folders within folders: each costs a descriptor while it is walked.
pub(crate) const DEPTH_MAX: usize = 200;

/// Why no commit may hold this path. What git itself would refuse at the next checkout is refused here, so
/// that one file of an agent never breaks the run's branch.
pub(crate) fn refusal(path: &[u8]) -> Option<&'static str> {
    if path.len() > PATH_BYTES_MAX {
        return Some("the path is too long");
    }
    let parts = path.split(|byte| *byte == b'/');
    let mut depth = 0;
    for part in parts {
        depth += 1;
        match part {
            b"" | b"." | b".." => return Some("no path within the tree"),
            part if part.contains(&0) => return Some("a NUL in the path"),
            part if is_git(part) => return Some("git's own place"),
            _ => {}
        }
    }
    (depth > DEPTH_MAX).then_some("it lies too deep")
}

/// `.git`, and what some file system takes for it: other case, trailing dots and blanks, streams, the short
/// name, invisible characters.
pub(crate) fn is_git(part: &[u8]) -> bool {
    let visible: String = String::from_utf8_lossy(part)
        .chars()
        .filter(|c| !matches!(*c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'))
        .collect();
    // A backslash separates on some systems.
    visible.split('\\').any(|name| {
        let name = name.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
        name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
    })
}

/// A link of this name sends git to a file of its author's choice.
pub(crate) fn must_be_no_link(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_ascii_lowercase();
    // Short names of eight characters are made of these too.
    name.starts_with(b".gitmodules") || name.starts_with(b"gitmod~") || name.starts_with(b"gi7eba~")
}

pub(crate) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_owned() } else { [folder, b"/", name].concat() }
}

pub(crate) fn as_path(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}

pub(crate) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// The folder that holds it; empty: the root.
pub(crate) fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(b"", |at| &path[..at])
}

/// As `git fast-import` reads it: quoted, whatever it holds.
pub(crate) fn quoted(path: &[u8]) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in path {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b' '..=b'~' => out.push(*byte),
            _ => out.extend(format!("\\{byte:03o}").into_bytes()),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_own_place_is_known_in_all_its_spellings() {
        for path in [
            ".git",
            ".GIT/config",
            "a/.git/hooks/x",
            ".git ",
            ".git...",
            "git~1/config",
            "a/GIT~1",
            ".git::$INDEX_ALLOCATION/x",
            ".g\u{200c}it/config",
            "a\\.git\\config",
        ] {
            assert_eq!(refusal(path.as_bytes()), Some("git's own place"), "{path}");
        }
        for path in [".gitignore", ".github/x", "git", "a.git", "x/.gitattributes", "-rf", "a\nb", "é"] {
            assert_eq!(refusal(path.as_bytes()), None, "{path}");
        }
        for path in ["../x", "a//b", "/etc", "a/./b", "", "a/"] {
            assert!(refusal(path.as_bytes()).is_some(), "{path}");
        }
        assert!(refusal("a/".repeat(DEPTH_MAX + 1).as_bytes()).is_some());
    }

    #[test]
    fn every_byte_can_be_quoted() {
        assert_eq!(quoted(b"a \"b\"\n\\\xff-"), b"\"a \\\"b\\\"\\012\\\\\\377-\"");
    }
}
