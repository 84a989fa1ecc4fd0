//! A git worktree for one agent: made from the last commit, removed when nothing in it changed, else kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use fanfold_core::Patch;
use fanfold_workspace::{Git, GitConfig};

use crate::transcript::file_name;

/// Attempts of one agent whose worktrees were all kept.
const ATTEMPTS_MAX: u32 = 100;
const ADD_TRIES_MAX: u32 = 3;

/// The repository of a run's workspace, found before any agent could touch it.
#[derive(Clone, Debug)]
pub struct Repository {
    git: Git,
    /// The git directory that all worktrees share.
    common: PathBuf,
    /// The workspace within the repository.
    inner: PathBuf,
    notes_lock: NotesLock,
}

/// Held while git's notes about worktrees change: git fails when it comes upon half-made ones of another.
type NotesLock = Arc<Mutex<()>>;

/// A worktree that we made. All that it says about itself is ours, never read from its files.
#[derive(Clone, Debug)]
pub struct Worktree {
    git: Git,
    /// The folder that holds it: nothing outside is ever removed.
    folder: PathBuf,
    name: String,
    /// The folder of git's own notes about it, beneath the common git directory.
    notes: PathBuf,
    pub base: String,
    inner: PathBuf,
    notes_lock: NotesLock,
}

impl Repository {
    /// `None`: `workspace` is in no git repository.
    pub fn find(workspace: &Path, config: &GitConfig) -> Option<Self> {
        let workspace = workspace.canonicalize().ok()?;
        let top = workspace.ancestors().find(|folder| folder.join(".git").exists())?;
        let pointer = top.join(".git");
        let git_dir = if pointer.is_dir() {
            pointer
        } else {
            let text = fs::read_to_string(&pointer).ok()?;
            top.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok()?
        };
        let common = match fs::read_to_string(git_dir.join("commondir")) {
            Ok(text) => git_dir.join(text.trim()).canonicalize().ok()?,
            Err(_) => git_dir.clone(),
        };
        let inner = workspace.strip_prefix(top).ok()?.to_owned();
        let git = Git::with_work_tree(config.clone(), git_dir, top.to_owned());
        Some(Self { git, common, inner, notes_lock: Arc::default() })
    }

    /// Whether the user's own tree holds what no commit has. Unknown counts as no: it is only for a warning.
    pub fn has_uncommitted_work(&self) -> bool {
        let args =
            ["status", "--porcelain", "--ignore-submodules=all", "--", ".", ":(exclude,top).fanfold/runs"];
        self.git.run(&args).is_ok_and(|out| !out.is_empty())
    }

    /// Makes a worktree of the last commit in `folder`. One that an earlier attempt of this agent left is
    /// removed if nothing in it changed, else kept beside. Blocks.
    pub fn add(&self, folder: &Path, key: &str) -> Result<Worktree, String> {
        let base = self.git.line(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).map_err(|_| {
            "isolation `worktree` needs a commit to start from: type `git add -A && git commit -m start`"
                .to_owned()
        })?;
        fs::create_dir_all(folder).map_err(|err| format!("{}: {err}", folder.display()))?;
        let folder = folder.canonicalize().map_err(|err| format!("{}: {err}", folder.display()))?;
        let name = self.free_name(&folder, key)?;
        self.note(&folder.join(&name), &base)?;
        let worktree = self.at(&folder, name, base)?;
        // Outside of the lock, since it is what takes time.
        worktree
            .git
            .run(&["read-tree", "--reset", "-u", "HEAD"])
            .map_err(|why| format!("the worktree could not be filled: {why}"))?;
        if !worktree.root().is_dir() {
            let lacking = self.inner.display();
            worktree.remove()?;
            return Err(format!(
                "the folder {lacking} is in no commit, so it is not in the worktree: commit it first"
            ));
        }
        Ok(worktree)
    }

    /// The worktree that an earlier attempt made in `folder`, if it is still there.
    pub fn reopen(&self, folder: &Path, root: &Path, base: &str) -> Option<Worktree> {
        let folder = folder.canonicalize().ok()?;
        let name = root.strip_prefix(&folder).ok()?.iter().next()?.to_str()?.to_owned();
        let worktree = self.at(&folder, name, base.to_owned()).ok()?;
        (worktree.root() == root && root.is_dir()).then_some(worktree)
    }

    /// Has git note a new worktree, still empty.
    fn note(&self, path: &Path, base: &str) -> Result<(), String> {
        let shown = path.to_string_lossy();
        let add = ["worktree", "add", "--quiet", "--detach", "--no-checkout", &shown, base];
        let _lock = self.notes_lock.lock().unwrap_or_else(PoisonError::into_inner);
        // Another process may be at it as well.
        let mut result = self.git.run(&add);
        for _ in 1..ADD_TRIES_MAX {
            if result.is_ok() {
                break;
            }
            result = self.git.run(&add);
        }
        result.map(drop).map_err(|why| format!("no worktree could be made: {why}"))
    }

    fn free_name(&self, folder: &Path, key: &str) -> Result<String, String> {
        let plain = file_name(key);
        for attempt in 1..=ATTEMPTS_MAX {
            let name = if attempt == 1 { plain.clone() } else { format!("{plain}-{attempt}") };
            if fs::symlink_metadata(folder.join(&name)).is_err() {
                return Ok(name);
            }
            let Ok(left) = self.at(folder, name.clone(), String::new()) else { continue };
            let base = left.git.line(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
            let left = Worktree { base: base.unwrap_or_default(), ..left };
            if left.changed().is_ok_and(|files| files.is_empty()) && left.remove().is_ok() {
                return Ok(name);
            }
        }
        Err(format!(
            "{ATTEMPTS_MAX} worktrees of this agent were kept: remove some with `git worktree remove`"
        ))
    }

    /// Finds git's notes about the worktree by what they say, not by what the worktree says.
    fn at(&self, folder: &Path, name: String, base: String) -> Result<Worktree, String> {
        let path = folder.join(&name);
        let all = self.common.join("worktrees");
        let notes = fs::read_dir(&all)
            .map_err(|err| format!("{}: {err}", all.display()))?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|notes| {
                fs::read_to_string(notes.join("gitdir"))
                    .is_ok_and(|text| Path::new(text.trim()) == path.join(".git"))
            })
            .ok_or_else(|| format!("git knows of no worktree at {}", path.display()))?;
        let git = Git::with_work_tree(self.git.config.clone(), notes.clone(), path.clone());
        let (inner, notes_lock) = (self.inner.clone(), self.notes_lock.clone());
        Ok(Worktree { git, folder: folder.to_owned(), name, notes, base, inner, notes_lock })
    }
}

impl Worktree {
    /// Where the agent works: the same place within the repository as the run's workspace.
    pub fn root(&self) -> PathBuf {
        self.path().join(&self.inner)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Removes it when nothing in it differs from its base. What cannot be told, or not be removed, is kept;
    /// its count of files is then 0. Blocks.
    pub fn finish(self) -> Option<Patch> {
        let files = match self.changed() {
            Ok(files) if files.is_empty() => match self.remove() {
                Ok(()) => return None,
                Err(_) => 0,
            },
            Ok(files) => files.len() as u64,
            Err(_) => 0,
        };
        Some(Patch { commit: self.base.clone(), base: self.base, files, diff: String::new() })
    }

    /// Paths that differ from the base, committed or not, tracked or not.
    fn changed(&self) -> Result<BTreeSet<Vec<u8>>, String> {
        let differing = self.git.run(&[
            "diff",
            "--name-only",
            "-z",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--ignore-submodules=all",
            &self.base,
            "--",
        ])?;
        let status = self.git.run(&[
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=all",
            "--ignored=matching",
            "--ignore-submodules=all",
            "--no-renames",
        ])?;
        let head = self.git.line(&["rev-parse", "HEAD"])?;
        let mut changed: BTreeSet<Vec<u8>> = fields(&differing).map(<[u8]>::to_vec).collect();
        for entry in fields(&status) {
            let Some((mark, path)) = entry.split_at_checked(3) else { continue };
            // Ignored files are build output; but an ignore file that hides itself hides the agent's work.
            if mark != b"!! " || path.ends_with(b".gitignore") {
                changed.insert(path.to_vec());
            }
        }
        if changed.is_empty() && head != self.base {
            changed.insert(b"HEAD".to_vec());
        }
        Ok(changed)
    }

    /// By descriptors of the folders that hold it, following no link.
    fn remove(&self) -> Result<(), String> {
        let remove = |folder: &Path, name: &Path| {
            let dir = Dir::open_ambient_dir(folder, ambient_authority())?;
            dir.remove_dir_all(name)
        };
        remove(&self.folder, Path::new(&self.name)).map_err(|err| format!("{}: {err}", self.name))?;
        let _lock = self.notes_lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, name) = (self.notes.parent(), self.notes.file_name());
        let (Some(all), Some(name)) = (all, name) else { return Err("no notes of git to remove".into()) };
        remove(all, Path::new(name)).map_err(|err| format!("{}: {err}", self.notes.display()))
    }
}

fn fields(out: &[u8]) -> impl Iterator<Item = &[u8]> {
    out.split(|byte| *byte == 0).filter(|field| !field.is_empty())
}
