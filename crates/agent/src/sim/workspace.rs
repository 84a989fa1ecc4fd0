//! The files that a simulated agent touches: only beneath its workspace, whatever links lie there.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use fanfold_core::key::short_digest;
use fanfold_core::{AgentJob, Isolation, Patch};
use futures_util::future::BoxFuture;

use super::SimConfig;

/// What becomes of a scenario's `edit`s. A dry run must be free to read a workspace without changing it, so writing
/// has to be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edits {
    /// They are shown as progress, and no file changes.
    #[default]
    Shown,
    /// They are written.
    Written,
}

/// Gives isolated agents their worktrees, as the native backend has them.
pub trait Worktrees: Send + Sync {
    /// A fresh worktree for this agent: its absolute path. `Err`: why there is none.
    fn make<'a>(&'a self, job: &'a AgentJob) -> BoxFuture<'a, Result<PathBuf, String>>;

    /// The agent is done: keeps the worktree if something changed in it, and removes it otherwise.
    fn finish<'a>(
        &'a self,
        job: &'a AgentJob,
        path: &'a Path,
    ) -> BoxFuture<'a, Result<Option<Patch>, String>>;
}

/// Digests of the contents of `paths`, in order. `Err` names the first that cannot be read.
pub(super) fn digests(workspace: Option<&Path>, paths: &[String]) -> Result<Vec<String>, String> {
    let Some(first) = paths.first() else { return Ok(Vec::new()) };
    let root =
        workspace.ok_or_else(|| format!("`context` names `{first}`, but this run has no workspace"))?;
    let dir = open(root)?;
    let digest = |path: &String| match dir.read(path) {
        Ok(bytes) => Ok(short_digest(&bytes)),
        Err(err) if err.kind() == ErrorKind::NotFound => {
            Err(format!("the `context` file `{path}` does not exist in {}", root.display()))
        }
        Err(err) => Err(format!("the `context` file `{path}` cannot be read: {err}")),
    };
    paths.iter().map(digest).collect()
}

/// Writes `edits` (path to content) where this agent works, if they are to be written.
pub(super) async fn edit(
    config: &SimConfig,
    job: &AgentJob,
    edits: &BTreeMap<String, String>,
) -> Result<Option<Patch>, String> {
    match config.edits {
        Edits::Shown => return Ok(None),
        Edits::Written => (),
    }
    match job.call.isolation {
        Isolation::Shared => {
            let root = config
                .workspace
                .as_deref()
                .ok_or("`edit` has nowhere to write: this run has no workspace")?;
            write(root, edits).map(|()| None)
        }
        Isolation::Worktree => {
            let worktrees = config.worktrees.as_deref();
            let worktrees = worktrees
                .ok_or("`edit` by an isolated agent needs a git worktree, and there is none here")?;
            let root = worktrees.make(job).await?;
            let written = write(&root, edits);
            let kept = worktrees.finish(job, &root).await?;
            written.map(|()| kept)
        }
    }
}

fn write(root: &Path, edits: &BTreeMap<String, String>) -> Result<(), String> {
    let dir = open(root)?;
    for (path, content) in edits {
        let problem = |err| format!("`edit` of `{path}` beneath {}: {err}", root.display());
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            dir.create_dir_all(folder).map_err(problem)?;
        }
        dir.write(path, content).map_err(problem)?;
    }
    Ok(())
}

fn open(root: &Path) -> Result<Dir, String> {
    Dir::open_ambient_dir(root, ambient_authority())
        .map_err(|err| format!("the workspace {} cannot be opened: {err}", root.display()))
}
