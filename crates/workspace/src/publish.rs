//! The run's branch in the user's own repository.

use crate::git::Git;
use crate::repo::RunRepo;

impl RunRepo {
    /// Puts the branch into the user's repository, under the same name: only ever forward. No branch of the
    /// user's is overwritten, and nothing is checked out. Without a repository, or when nothing landed,
    /// there is nothing to do.
    pub fn publish(&self) -> Result<(), String> {
        let Some(user) = self.user_repository() else { return Ok(()) };
        if !self.has_landed()? {
            return Ok(());
        }
        let (tip, branch, name) = (self.tip()?, self.branch(), self.branch_ref());
        // Its own git directory: no index and no work tree come into it.
        let git = Git::bare(self.git().config.clone(), user.common.clone());
        if let Ok(theirs) = git.line(&["rev-parse", "--verify", "--quiet", &name]) {
            if theirs == tip || self.is_ancestor(&tip, &theirs) {
                return Ok(());
            }
            if !self.is_ancestor(&theirs, &tip) {
                return Err(format!(
                    "the branch {branch} of your repository has commits that are not of this run: rename it with `git branch -m {branch} NEW`"
                ));
            }
        }
        let from = self.git().git_dir.to_string_lossy().into_owned();
        let refs = format!("{name}:{name}");
        let args = [
            "-c",
            "protocol.file.allow=always",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--end-of-options",
            &from,
            &refs,
        ];
        git.run(&args)
            .map(drop)
            .map_err(|why| format!("the branch {branch} could not be put into {}: {why}", user.top.display()))
    }

    /// Of commits that the run's repository or the user's knows.
    pub(crate) fn is_ancestor(&self, old: &str, new: &str) -> bool {
        let args = ["merge-base", "--is-ancestor", old, new];
        self.git().output(&args, b"").is_ok_and(|ran| ran.status.success())
    }
}
