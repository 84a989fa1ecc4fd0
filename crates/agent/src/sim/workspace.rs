//! The files that a simulated agent touches: only beneath its workspace, whatever links lie there.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use fanfold_core::key::short_digest;
use fanfold_core::{AgentCall, AgentJob, Isolation, Patch};
use fanfold_workspace::Origin;

use super::SimConfig;
use crate::isolation;

/// By path, relative to the project.
type Edited = BTreeMap<String, Option<String>>;

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

/// Digests of the contents of the call's `context`, in order. `Err` names the first that cannot be read.
pub(super) fn digests(workspace: Option<&Path>, call: &AgentCall) -> Result<Vec<String>, String> {
    let paths = &call.context;
    if isolation::named_start(call).is_some() {
        // They are those of a commit, which is in the key already.
        return Ok(paths.iter().map(|path| short_digest(path.as_bytes())).collect());
    }
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

/// Where an isolated agent that will edit begins: asked when it does, since others land while it works.
pub(super) fn origin(config: &SimConfig, job: &AgentJob, edits: &Edited) -> Result<Option<Origin>, String> {
    if config.edits == Edits::Shown || job.call.isolation == Isolation::Shared || edits.is_empty() {
        return Ok(None);
    }
    let workspaces = isolation::open(config.workspaces.as_ref(), job.run_dir.as_deref())?;
    workspaces.repo().origin(job.call.start.as_deref()).map(Some)
}

/// Makes `edits` (path to content; `None`: the file goes) where this agent works, if they are to be made.
///
/// Blocks the run's thread where git is asked: a virtual clock would go on while another thread works.
pub(super) fn edit(
    config: &SimConfig,
    job: &AgentJob,
    origin: Result<Option<Origin>, String>,
    edits: &Edited,
) -> Result<Option<Patch>, String> {
    match (config.edits, job.call.isolation) {
        (Edits::Shown, Isolation::Worktree) if job.call.hands_over_patch => Ok(Some(made_up(job, edits))),
        (Edits::Shown, _) => Ok(None),
        (Edits::Written, _) if edits.is_empty() => Ok(None),
        (Edits::Written, Isolation::Shared) => {
            let root = config.workspace.as_deref();
            let root = root.ok_or("`edit` has nowhere to write: this run has no workspace")?;
            write(root, edits).map(|()| None)
        }
        (Edits::Written, Isolation::Worktree) => {
            let Some(origin) = origin? else { return Ok(None) };
            let workspaces = isolation::open(config.workspaces.as_ref(), job.run_dir.as_deref())?;
            let repo = workspaces.repo();
            let within = |(path, content): (&String, &Option<String>)| {
                let path = repo.project_within().join(path).to_string_lossy().into_owned();
                (path, content.clone())
            };
            let edits = edits.iter().map(within).collect();
            let taken = repo.patch_from(&origin, &edits, &job.call.title())?;
            match taken.refused.first() {
                Some(refused) => Err(refused.clone()),
                None => Ok(taken.patch),
            }
        }
    }
}

/// What a dry run, which has no repository, hands over for a patch: nobody can take it for one.
fn made_up(job: &AgentJob, edits: &Edited) -> Patch {
    let base = job.call.start.clone().unwrap_or_else(|| made_up_commit("base"));
    let commit = made_up_commit(job.key.as_str());
    // With the commit in it, since a loop that makes the same diff twice is taken for one that goes nowhere.
    let mut diff = format!("# simulated patch {}: no file was changed\n", &commit[..8]);
    for (path, content) in edits {
        let lines = content.iter().flat_map(|content| content.lines()).map(|line| format!("+{line}\n"));
        diff.push_str(&format!("--- a/{path}\n+++ b/{path}\n"));
        diff.extend(lines);
    }
    let files = (edits.len() as u64).max(1);
    Patch { commit, base, files, diff }
}

/// Forty hex digits, the same for the same key.
fn made_up_commit(of: &str) -> String {
    let digits = |part: &str| short_digest(format!("{part} {of}").as_bytes());
    let mut commit = ["one", "two", "three"].map(digits).concat();
    commit.truncate(40);
    commit
}

fn write(root: &Path, edits: &Edited) -> Result<(), String> {
    let dir = open(root)?;
    for (path, content) in edits {
        let problem = |err| format!("`edit` of `{path}` beneath {}: {err}", root.display());
        let Some(content) = content else {
            match dir.remove_file(path) {
                Err(err) if err.kind() != ErrorKind::NotFound => return Err(problem(err)),
                Ok(()) | Err(_) => continue,
            }
        };
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
