//! What an agent is given to read before it starts: the project's own notes, and attached files.

use std::io::Read as _;
use std::path::{Component, Path};

use fanfold_core::key::short_digest;

use crate::native::Commit;
use crate::permissions::{Access, Permissions};
use crate::tools::Workspace;
use crate::wire::Block;

/// Files with notes for agents, the first one that there is counts.
const NOTES: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];
const NOTES_BYTES_MAX: u64 = 32 << 10;
const ATTACHED_BYTES_MAX: u64 = 1 << 20;

/// The project's notes: AGENTS.md, else CLAUDE.md, at the root of the workspace.
pub fn project_notes(workspace: &Path) -> Option<String> {
    let workspace = Workspace::open(workspace).ok()?;
    NOTES.iter().find_map(|name| {
        let file = workspace.open_file(&workspace.resolve(name).ok()?).ok()?;
        let mut text = Vec::new();
        file.take(NOTES_BYTES_MAX).read_to_end(&mut text).ok()?;
        let text = String::from_utf8_lossy(&text).trim().to_owned();
        (!text.is_empty()).then_some(text)
    })
}

/// Digest of each file of `context`. `Err` names the one that cannot be attached.
pub fn digests(
    files: &[String],
    workspace: &Workspace,
    permissions: &Permissions,
) -> Result<Vec<String>, String> {
    files.iter().map(|path| read(path, workspace, permissions).map(|text| short_digest(&text))).collect()
}

/// The first message of an agent: the attached files, then its task. Each is a block of its own, so that
/// agents with the same files and different tasks share what the provider's cache holds.
pub(crate) fn task(
    prompt: &str,
    files: &[String],
    read: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Vec<Block>, String> {
    let attached = |path: &String| {
        let bytes = read(path)?;
        let content = String::from_utf8_lossy(&bytes);
        let fence = fence(&content);
        let text = format!("Attached file {path}:\n{fence}\n{}\n{fence}", content.trim_end());
        Ok(Block::Text { text })
    };
    let task = Ok(Block::Text { text: prompt.to_owned() });
    files.iter().map(attached).chain([task]).collect()
}

/// A file to be attached, as it is in the workspace.
pub(crate) fn read(path: &str, workspace: &Workspace, permissions: &Permissions) -> Result<Vec<u8>, String> {
    let resolved = workspace.look_up(permissions, Access::Read, path).map_err(refused)?;
    let file = workspace.open_file(&resolved).map_err(refused)?;
    let mut bytes = Vec::new();
    file.take(ATTACHED_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|err| refused(format!("{path}: {err}")))?;
    attachable(path, bytes)
}

/// A file to be attached, as it is in a commit. Links of a commit are not followed.
pub(crate) fn read_committed(
    path: &str,
    commit: &Commit,
    permissions: &Permissions,
) -> Result<Vec<u8>, String> {
    let plain = path.strip_prefix("./").unwrap_or(path);
    if !Path::new(plain).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(refused(format!("{path}: a path relative to the project, without `..`, was expected")));
    }
    permissions.check_path(Access::Read, Path::new(plain)).map_err(refused)?;
    let bytes_max = usize::try_from(ATTACHED_BYTES_MAX).expect("a megabyte") + 1;
    let bytes = commit.file(Path::new(plain), bytes_max).map_err(refused)?;
    let bytes =
        bytes.ok_or_else(|| refused(format!("{path}: no regular file of the commit it starts from")))?;
    attachable(path, bytes)
}

fn attachable(path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.len() as u64 > ATTACHED_BYTES_MAX {
        return Err(refused(format!(
            "{path}: over {ATTACHED_BYTES_MAX} bytes; let the agent read it in parts"
        )));
    }
    if bytes.contains(&0) {
        return Err(refused(format!("{path}: a binary file")));
    }
    Ok(bytes)
}

fn refused(why: String) -> String {
    format!("cannot attach a file of `context`: {why}")
}

/// Longer than any run of backticks in `content`, so that it cannot end early.
pub(crate) fn fence(content: &str) -> String {
    let longest = content.split(|ch| ch != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_notes_are_those_for_agents_first_and_never_from_outside() {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let workspace = temp.path().join("ws");
        std::fs::create_dir(&workspace).expect("fresh");
        assert_eq!(project_notes(&workspace), None);
        std::fs::write(temp.path().join("secret"), "secret").expect("written");
        std::os::unix::fs::symlink("../secret", workspace.join("AGENTS.md")).expect("a link");
        std::fs::write(workspace.join("CLAUDE.md"), "use tabs\n").expect("written");
        assert_eq!(project_notes(&workspace).as_deref(), Some("use tabs"));
        std::fs::remove_file(workspace.join("AGENTS.md")).expect("there");
        std::fs::write(workspace.join("AGENTS.md"), "use spaces\n").expect("written");
        assert_eq!(project_notes(&workspace).as_deref(), Some("use spaces"));
    }
}
