//! Where isolated agents get their workspaces: from the run's repository, which somebody else makes.

use std::path::Path;
use std::sync::Arc;

use fanfold_core::{AgentCall, Isolation};
use fanfold_workspace::Workspaces;

/// Opens the workspaces of the run whose directory this is. Asked for every isolated agent, so it keeps what
/// it made; the first time it may block for as long as git needs to look at the project.
pub type OpenWorkspaces = Arc<dyn Fn(&Path) -> Result<Workspaces, String> + Send + Sync>;

/// `Err`: what is lacking.
pub fn open(from: Option<&OpenWorkspaces>, run_dir: Option<&Path>) -> Result<Workspaces, String> {
    match (from, run_dir) {
        (Some(open), Some(run_dir)) => open(run_dir),
        _ => Err("isolation `worktree` needs a run that is kept on disk".into()),
    }
}

/// The commit whose files decide what this agent sees, where a commit is named.
pub fn named_start(call: &AgentCall) -> Option<&str> {
    match call.isolation {
        Isolation::Shared => None,
        Isolation::Worktree => call.start.as_deref(),
    }
}
