//! What landed, into the user's own directory: shown before, and only where nothing of theirs is in the way.
//!
//! Hooks are never run: `core.hooksPath` may name a folder of the tree, which agents write. Neither are the
//! user's global settings read. Their repository's own filters (large files, line ends) do apply.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::beneath::{Folder, Shut, file_mode, kind};
use crate::diff::{Change, ChangeKind, RawChange};
use crate::git::fields;
use crate::import::IMPORT_BYTES_MAX;
use crate::path::{as_path, parent, shown};
use crate::repo::RunRepo;
use crate::tree::blobs;
use crate::upper;
use crate::user::UserRepository;

/// What `apply` would do, found without touching anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyPlan {
    /// Nothing landed, or it is there already.
    Nothing,
    /// The user's branch goes on to what landed. `branch`: empty when HEAD is detached.
    FastForward { branch: String, from: String, to: String, changes: Vec<Change> },
    /// There is no commit to go on from: the files are written.
    Write { changes: Vec<Change> },
    /// These files hold work that would be in the way.
    Dirty { files: Vec<String> },
    /// The branch has commits that the run did not start from. `merge`: what to type instead.
    Diverged { branch: String, merge: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    Nothing,
    FastForwarded { branch: String, to: String, files: usize },
    Written { files: usize },
}

impl RunRepo {
    pub fn apply_plan(&self) -> Result<ApplyPlan, String> {
        let (base, tip) = (self.base().to_owned(), self.tip()?);
        if tip == base {
            return Ok(ApplyPlan::Nothing);
        }
        let user = self.user_repository().filter(|_| self.inner.about.base_is_theirs);
        let Some(user) = user else { return self.plan_of_files(&tip) };
        let git = user.git(&self.git().config);
        let head = user
            .head(&self.git().config)
            .ok_or("the branch that the run started from has no commit any more")?;
        if self.is_ancestor(&tip, &head) {
            return Ok(ApplyPlan::Nothing);
        }
        let name = git.line(&["symbolic-ref", "--quiet", "--short", "HEAD"]).unwrap_or_default();
        if !self.is_ancestor(&head, &tip) {
            let merge = format!("git merge {}", self.branch());
            return Ok(ApplyPlan::Diverged { branch: name, merge });
        }
        let args = [
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=no",
            "--ignore-submodules=all",
            "--no-renames",
        ];
        let status = git.run(&args)?;
        let mut files: Vec<String> = fields(&status).filter_map(|entry| entry.get(3..).map(shown)).collect();
        let changes = self.raw_changes(&head, &tip)?;
        files.extend(untracked_in_the_way(&user.top, &changes));
        if !files.is_empty() {
            files.sort();
            return Ok(ApplyPlan::Dirty { files });
        }
        let changes = self.changes(&head, &tip)?;
        Ok(ApplyPlan::FastForward { branch: name, from: head, to: tip, changes })
    }

    /// Does what the plan says, if it is still so.
    pub fn apply(&self, plan: &ApplyPlan) -> Result<Applied, String> {
        let now = self.apply_plan()?;
        if now != *plan {
            return Err("your files changed meanwhile: look at what would be done again".into());
        }
        match now {
            ApplyPlan::Nothing => Ok(Applied::Nothing),
            ApplyPlan::FastForward { branch, to, changes, .. } => {
                self.publish()?;
                let user = self.user_repository().expect("a plan to fast-forward comes from a repository");
                let git = user.git(&self.git().config).with_identity(self.identity().clone());
                let args = [
                    "merge",
                    "--ff-only",
                    "--no-overwrite-ignore",
                    "--quiet",
                    "--no-stat",
                    "--no-autostash",
                    "--no-verify",
                    &to,
                ];
                git.run(&args).map_err(|why| format!("your branch could not go on to {to}: {why}"))?;
                Ok(Applied::FastForwarded { branch, to, files: changes.len() })
            }
            ApplyPlan::Write { changes } => {
                self.write_files()?;
                Ok(Applied::Written { files: changes.len() })
            }
            ApplyPlan::Dirty { files } => Err(format!(
                "there is work of yours in the way: {}. Commit or stash it, or take the change as a file with --patch FILE",
                named(&files)
            )),
            ApplyPlan::Diverged { branch, merge } => Err(format!(
                "`{branch}` has commits that the run did not start from: type `{merge}`, or take the change as a file with --patch FILE"
            )),
        }
    }

    /// All that landed, as `git apply` takes it.
    pub fn patch_text(&self) -> Result<Vec<u8>, String> {
        let tip = self.tip()?;
        let args = [
            "diff-tree",
            "-r",
            "--patch",
            "--binary",
            "--full-index",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--end-of-options",
            self.base(),
            &tip,
        ];
        self.git().run(&args)
    }

    pub fn write_patch(&self, file: &Path) -> Result<(), String> {
        fs::write(file, self.patch_text()?).map_err(|err| format!("{}: {err}", file.display()))
    }

    fn root(&self) -> PathBuf {
        match self.user_repository() {
            Some(user) => user.top.clone(),
            None => self.project().to_owned(),
        }
    }

    /// Files that are neither as they were nor as they are to be are the user's work.
    fn plan_of_files(&self, tip: &str) -> Result<ApplyPlan, String> {
        // Of a run that was started before it became one.
        UserRepository::refuse_bare(&self.root())?;
        let changes = self.raw_changes(self.base(), tip)?;
        let root = Folder::open(&self.root()).map_err(|err| format!("{}: {err}", self.root().display()))?;
        let objects = |change: &RawChange| [change.object.clone(), change.new_object.clone()];
        let wanted: Vec<String> = changes
            .iter()
            .flat_map(objects)
            .filter(|object| object.bytes().any(|byte| byte != b'0'))
            .collect();
        let contents = blobs(self.git(), wanted.iter().map(String::as_str))?;
        let content =
            |object: &str| wanted.iter().position(|known| known == object).map(|at| contents[at].as_slice());
        let (mut files, mut todo) = (Vec::new(), 0);
        for change in changes.iter() {
            let there = on_disk(&root, &change.path, &changes)?;
            let there = there.as_ref().map(|(mode, content)| (*mode, content.as_slice()));
            let was = content(&change.object).map(|content| (change.mode.as_str(), content));
            let will = content(&change.new_object).map(|content| (change.new_mode.as_str(), content));
            if there == will {
                continue;
            }
            todo += 1;
            if there != was {
                files.push(shown(&change.path));
            }
        }
        if !files.is_empty() {
            return Ok(ApplyPlan::Dirty { files });
        }
        if todo == 0 {
            return Ok(ApplyPlan::Nothing);
        }
        Ok(ApplyPlan::Write { changes: self.changes(self.base(), tip)? })
    }

    fn write_files(&self) -> Result<(), String> {
        let changes = self.raw_changes(self.base(), &self.tip()?)?;
        let root = Folder::open(&self.root()).map_err(|err| format!("{}: {err}", self.root().display()))?;
        upper::write_changes(self.git(), &root, &changes)
    }
}

/// `None`: nothing is there. What is neither a file nor a link has a mode of its own, and so has what lies
/// behind something that is no folder, unless that goes away with these changes.
fn on_disk(
    root: &Folder,
    path: &[u8],
    changes: &[RawChange],
) -> Result<Option<(&'static str, Vec<u8>)>, String> {
    let read = |path: &[u8]| -> io::Result<(&'static str, Vec<u8>)> {
        let folder = root.at(parent(path), Shut::Left)?;
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let stat = folder.stat(name)?;
        Ok(match kind(&stat) {
            FileType::RegularFile => {
                let content = folder.read(name, IMPORT_BYTES_MAX, Shut::Left)?;
                (file_mode(&stat), content.unwrap_or_default())
            }
            FileType::Symlink => ("120000", folder.link(name)?),
            _ => ("other", Vec::new()),
        })
    };
    let in_the_way = |err: &io::Error| {
        err.kind() == io::ErrorKind::NotADirectory || err.raw_os_error() == Some(Errno::LOOP.raw_os_error())
    };
    match read(path) {
        Ok(found) => Ok(Some(found)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) if in_the_way(&err) => {
            let goes = |change: &&RawChange| {
                let folder = [change.path.as_slice(), b"/"].concat();
                change.kind == ChangeKind::Deleted && path.starts_with(&folder)
            };
            let is_gone_then = changes.iter().any(|change| goes(&change));
            Ok((!is_gone_then).then(|| ("other", Vec::new())))
        }
        Err(err) => Err(format!("{}: {err}", shown(path))),
    }
}

/// What lies at new paths already, or at a folder of theirs and is none, and git does not know: ignored work too.
fn untracked_in_the_way(top: &Path, changes: &[RawChange]) -> Vec<String> {
    let goes =
        |path: &[u8]| changes.iter().any(|change| change.kind == ChangeKind::Deleted && change.path == path);
    let in_the_way = |path: &[u8]| {
        let mut at = path.to_owned();
        let mut found = fs::symlink_metadata(top.join(as_path(&at))).is_ok().then(|| at.clone());
        loop {
            at = parent(&at).to_owned();
            if at.is_empty() {
                return found;
            }
            // What a link leads to does not matter: the link is what would go.
            if fs::symlink_metadata(top.join(as_path(&at))).is_ok_and(|there| !there.is_dir()) {
                found = (!goes(&at)).then(|| at.clone());
            }
        }
    };
    let added = changes.iter().filter(|change| change.kind == ChangeKind::Added);
    let mut paths: Vec<String> = added.filter_map(|change| Some(shown(&in_the_way(&change.path)?))).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn named(files: &[String]) -> String {
    const NAMED_MAX: usize = 10;
    let shown = files.iter().take(NAMED_MAX).map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
