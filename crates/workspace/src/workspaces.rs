//! A directory of its own for each isolated agent, and the patch that comes out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::beneath::Folder;
use crate::capture::{Directory, Refused, Stats, Upper};
use crate::checkout::PINNED;
use crate::import::Made;
use crate::path::{refusal, shown};
use crate::remove::{GONE, remove};
use crate::repo::{Captured, RunRepo};
use crate::upper;

pub(crate) const WORKSPACES: &str = "workspaces";
/// Attempts of one agent whose workspaces were all kept.
const ATTEMPTS_MAX: u32 = 100;
/// When more files than so many differ from what is pinned, another commit is pinned. Where between depends on how
/// many files there are: each workspace writes those that differ, and a new pin writes all.
const DIFFERING: std::ops::RangeInclusive<usize> = 32..=200;
const ABOUT: &str = "workspace.json";
const PATCHED: &str = "patched";

/// How a workspace comes to hold the files of a commit without a copy of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An upper directory over one pinned checkout that all share.
    Overlay,
    /// A worktree with all its files.
    Worktree,
}

/// What is mounted, or used as it is, where the agent works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layers {
    Directory(PathBuf),
    /// To be mounted with the option `userxattr`.
    Overlay {
        lower: PathBuf,
        upper: PathBuf,
        work: PathBuf,
    },
}

/// The workspaces of one run.
#[derive(Clone, Debug)]
pub struct Workspaces {
    repo: RunRepo,
    kind: Kind,
    folder: PathBuf,
    /// Names of those that this process made and has not removed: an empty one may be in use.
    in_use: InUse,
}

type InUse = Arc<Mutex<BTreeSet<String>>>;

#[derive(Clone, Debug)]
pub struct Workspace {
    repo: RunRepo,
    place: PathBuf,
    about: About,
}

/// Written before anything else of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    name: String,
    kind: Kind,
    start: String,
    base: String,
    /// The pinned commit beneath an overlay.
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<String>,
}

impl Kind {
    /// Tries whether a user may mount overlays on this file system. `Err`: why [`Kind::Worktree`] it is.
    /// `path`: where `unshare` and `mount` are, as in `PATH`.
    pub fn probe(beneath: &Path, path: &str) -> Result<(), String> {
        let name = format!(".probe-{}", std::process::id());
        let place = beneath.join(&name);
        let cannot = |err: io::Error| format!("{}: {err}", place.display());
        fs::create_dir_all(place.join("lower/folder")).map_err(cannot)?;
        for name in ["upper", "work", "merged"] {
            fs::create_dir_all(place.join(name)).map_err(cannot)?;
        }
        let tried = probe_at(&place, path);
        Folder::open(beneath).and_then(|folder| remove(&folder, name.as_bytes())).map_err(cannot)?;
        tried
    }
}

fn probe_at(place: &Path, path: &str) -> Result<(), String> {
    let upper = Folder::open(&place.join("upper")).map_err(|err| err.to_string())?;
    upper.write_whiteout(b"gone").map_err(|err| format!("no whiteouts here: {err}"))?;
    upper
        .set_attribute("user.overlay.probe", b"y")
        .map_err(|err| format!("no extended attributes here: {err}"))?;
    let options = "userxattr,lowerdir=lower,upperdir=upper,workdir=work";
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "--",
            "mount",
            "-t",
            "overlay",
            "overlay",
            "-o",
            options,
        ])
        .arg("merged")
        .current_dir(place)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|err| format!("cannot run unshare: {err}"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().next().unwrap_or("the mount failed").to_owned())
}

impl Workspaces {
    pub fn new(repo: RunRepo, kind: Kind) -> Self {
        let folder = repo.run_dir().join(WORKSPACES);
        Self { repo, kind, folder, in_use: InUse::default() }
    }

    pub fn repo(&self) -> &RunRepo {
        &self.repo
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// A fresh workspace. `start`: `None` is what has landed so far, and its patch is relative to that. A
    /// patch of this run, or a merge with its marks, is gone on from, and the new patch is again relative to
    /// the base of that one. What an earlier attempt left under this name is removed if all of it is in its start
    /// or in a recorded patch; else it is kept, as is one in use, and the new one is called `NAME-2`, and so on.
    pub fn make(&self, name: &str, start: Option<&str>) -> Result<Workspace, String> {
        let (start, base) = self.repo.start(start)?;
        let lower = match self.kind {
            Kind::Overlay => Some(self.repo.pinned_for(&start, &base)?),
            Kind::Worktree => None,
        };
        fs::create_dir_all(&self.folder).map_err(|err| format!("{}: {err}", self.folder.display()))?;
        let name = self.free_name(&plain(name))?;
        let place = self.folder.join(&name);
        let about = About { name, kind: self.kind, start, base, lower };
        let cannot = |err: io::Error| format!("{}: {err}", place.display());
        let text = serde_json::to_vec(&about).map_err(|err| err.to_string())?;
        fs::write(place.join(ABOUT), text).map_err(cannot)?;
        let workspace = Workspace { repo: self.repo.clone(), place, about };
        workspace.fill()?;
        Ok(workspace)
    }

    /// What an earlier attempt made under this name, or made it of it when that was taken.
    pub fn reopen(&self, name: &str) -> Option<Workspace> {
        let workspace = open(&self.repo, &self.folder.join(plain(name)))?;
        workspace.is_there().then_some(workspace)
    }

    /// What is in it is gone with it.
    pub fn remove(&self, workspace: Workspace) -> Result<(), String> {
        let name = workspace.name().to_owned();
        workspace.discard()?;
        self.in_use().remove(&name);
        Ok(())
    }

    /// Removes those in which nothing is that their start or a recorded patch has not. The paths of the others.
    pub fn clean_up(&self) -> Result<Vec<PathBuf>, String> {
        let mut kept = Vec::new();
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(kept) };
        for entry in entries.flatten() {
            let place = entry.path();
            let is_gone = entry.file_name().as_encoded_bytes().starts_with(GONE);
            let is_clean = match open(&self.repo, &place) {
                Some(workspace) => workspace.is_clean().unwrap_or(false),
                // Nothing was in it yet when its making was cut short.
                None => !place.join("upper").exists() && !place.join("tree").exists(),
            };
            if is_gone || is_clean {
                let folder = Folder::open(&self.folder);
                folder
                    .and_then(|folder| remove(&folder, entry.file_name().as_encoded_bytes()))
                    .map_err(|err| format!("{}: {err}", place.display()))?;
                self.repo
                    .forget_notes(&entry.file_name().to_string_lossy())
                    .map_err(|err| err.to_string())?;
            } else {
                kept.push(place);
            }
        }
        Ok(kept)
    }

    fn in_use(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the folder too: two that ask at once get two.
    fn free_name(&self, plain: &str) -> Result<String, String> {
        // Held all the while: what is in use here may not be taken for what is left of an earlier attempt.
        let mut in_use = self.in_use();
        for attempt in 1..=ATTEMPTS_MAX {
            let name = if attempt == 1 { plain.to_owned() } else { format!("{plain}-{attempt}") };
            if in_use.contains(&name) {
                continue;
            }
            let place = self.folder.join(&name);
            let is_made = match fs::create_dir(&place) {
                Ok(()) => true,
                Err(err) if err.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(format!("{}: {err}", place.display()));
                }
                Err(_) => {
                    let left = open(&self.repo, &place).filter(|left| left.is_clean().unwrap_or(false));
                    left.is_some_and(|left| left.discard().is_ok()) && fs::create_dir(&place).is_ok()
                }
            };
            if is_made {
                in_use.insert(name.clone());
                return Ok(name);
            }
        }
        Err(format!(
            "{ATTEMPTS_MAX} workspaces of this agent were kept: remove those you need no more in {}",
            self.folder.display()
        ))
    }
}

impl Workspace {
    /// As a folder's name: of the agent, and of its attempt if others were kept.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The folder that holds all of it.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// The commit that its files were taken from.
    pub fn start(&self) -> &str {
        &self.about.start
    }

    /// The commit that its patch is relative to.
    pub fn base(&self) -> &str {
        &self.about.base
    }

    pub fn layers(&self) -> Layers {
        match &self.about.lower {
            Some(lower) => Layers::Overlay {
                lower: self.repo.run_dir().join(PINNED).join(lower),
                upper: self.upper(),
                work: self.place.join("work"),
            },
            None => Layers::Directory(self.tree()),
        }
    }

    /// What differs from the base, as a commit on top of it. Nothing of the workspace is run, followed or
    /// changed, but that shut folders are opened.
    pub fn patch(&self, title: &str) -> Result<Captured, String> {
        let (made, refused) = self.capture(title)?;
        let refused = refused.into_iter().map(|(path, why)| format!("{}: {why}", shown(&path))).collect();
        let tree = made.tree.clone();
        let patch = self.repo.as_patch(&self.about.base, made)?;
        // From now on the workspace holds nothing that is not kept elsewhere.
        let place = self.place.join(PATCHED);
        fs::write(&place, tree).map_err(|err| format!("{}: {err}", place.display()))?;
        Ok(Captured { patch, refused })
    }

    /// Edits as an agent would have made them; `None`: a file that goes.
    pub fn write(&self, edits: &BTreeMap<String, Option<String>>) -> Result<(), String> {
        if let Some((path, why)) = edits.keys().find_map(|path| Some((path, refusal(path.as_bytes())?))) {
            return Err(format!("{path}: {why}"));
        }
        let start = self.repo.tree(&self.about.start)?;
        let runs =
            |path: &str| start.entries.get(path.as_bytes()).is_some_and(|entry| entry.mode == "100755");
        let lower = self.about.lower.as_deref().map(|lower| self.repo.tree(lower)).transpose()?;
        let root = if lower.is_some() { self.upper() } else { self.tree() };
        Folder::open(&root)
            .and_then(|root| upper::write(&root, lower.as_deref(), edits, &runs))
            .map_err(|err| err.to_string())
    }

    /// Whether it holds nothing but what its start has, or a patch that was taken of it.
    pub fn is_clean(&self) -> Result<bool, String> {
        if !self.is_there() {
            return Ok(true);
        }
        if self.about.lower.as_ref() == Some(&self.about.start) && is_empty(&self.upper()) {
            return Ok(true);
        }
        let tree = self.capture("what is left")?.0.tree;
        let patched = fs::read_to_string(self.place.join(PATCHED));
        Ok(tree == self.repo.tree_id(&self.about.start)? || patched.is_ok_and(|patched| patched == tree))
    }

    fn fill(&self) -> Result<(), String> {
        let About { name, start, base, lower, .. } = &self.about;
        let Some(lower) = lower else {
            let half = self.place.join("half");
            self.repo.check_out(name, &half, &self.tree(), start, base)?;
            return fs::rename(&half, self.tree()).map_err(|err| format!("{}: {err}", self.place.display()));
        };
        let cannot = |err: io::Error| format!("{}: {err}", self.place.display());
        // Filled under another name: what is called `upper` may hold work.
        let half = self.place.join("half");
        fs::create_dir(&half).map_err(cannot)?;
        fs::create_dir(self.place.join("work")).map_err(cannot)?;
        if lower != start {
            let upper = Folder::open(&half).map_err(cannot)?;
            upper::fill(&self.repo, &upper, &self.repo.raw_changes(lower, start)?, lower)?;
        }
        fs::rename(&half, self.upper()).map_err(cannot)
    }

    fn capture(&self, title: &str) -> Result<(Made, Refused), String> {
        let About { start, base, lower, .. } = &self.about;
        let mut refused = Refused::new();
        let made = match lower {
            Some(lower) => {
                let tracked: BTreeSet<Vec<u8>> = if lower == start {
                    BTreeSet::new()
                } else {
                    self.repo.raw_changes(lower, start)?.iter().map(|change| change.path.clone()).collect()
                };
                let lower = self.repo.tree(lower)?;
                let commit = self.repo.patch_commit(base, &lower.id, title)?;
                self.repo.import(&commit.as_new(&self.repo), |sink| {
                    refused.clear();
                    Upper { lower: &lower, tracked: &tracked, refused: &mut refused }
                        .capture(&self.upper(), sink)
                })?
            }
            None => {
                let start = self.repo.tree(start)?;
                let stats =
                    Stats::of_index(self.repo.git(), &self.repo.notes(&self.about.name).join("index"));
                let commit = self.repo.patch_commit(base, &start.id, title)?;
                self.repo.import(&commit.as_new(&self.repo), |sink| {
                    refused.clear();
                    let (passed_over, excludes) = (Vec::new(), Vec::new());
                    Directory { lower: &start, stats: &stats, passed_over, excludes, refused: &mut refused }
                        .capture_agents(&self.tree(), sink)
                })?
            }
        };
        Ok((made, refused))
    }

    fn discard(self) -> Result<(), String> {
        let folder = self.place.parent().expect("it lies in the folder of all workspaces");
        Folder::open(folder)
            .and_then(|folder| remove(&folder, self.about.name.as_bytes()))
            .and_then(|()| self.repo.forget_notes(&self.about.name))
            .map_err(|err| format!("{}: {err}", self.place.display()))
    }

    fn is_there(&self) -> bool {
        let root = if self.about.lower.is_some() { self.upper() } else { self.tree() };
        root.is_dir()
    }

    fn upper(&self) -> PathBuf {
        self.place.join("upper")
    }

    fn tree(&self) -> PathBuf {
        self.place.join("tree")
    }
}

impl RunRepo {
    /// The pinned commit that an overlay of `start` lies on: one that is pinned already or that the run started
    /// from, if not too much differs; else `base`, from which others start too.
    fn pinned_for(&self, start: &str, base: &str) -> Result<String, String> {
        let files = self.tree(self.base())?.entries.len();
        let differing_max = (2 * files).isqrt().clamp(*DIFFERING.start(), *DIFFERING.end());
        let is_near = |lower: &str| Ok::<_, String>(self.raw_changes(lower, start)?.len() <= differing_max);
        let find = || -> Result<Option<String>, String> {
            if self.run_dir().join(PINNED).join(start).is_dir() {
                return Ok(Some(start.to_owned()));
            }
            for lower in self.pins().into_iter().chain([self.base().to_owned()]) {
                if is_near(&lower)? {
                    return Ok(Some(lower));
                }
            }
            Ok(None)
        };
        if let Some(found) = find()? {
            return self.pin(&found).map(|_| found);
        }
        // Many ask at once when a run has got so far: one of them pins for all.
        let _lock = self.inner.choosing.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = match find()? {
            Some(found) => found,
            None if is_near(base)? => base.to_owned(),
            None => start.to_owned(),
        };
        self.pin(&chosen).map(|_| chosen)
    }

    /// Those beneath which the latest commits lie come first.
    fn pins(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.run_dir().join(PINNED)) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                Some((entry.metadata().ok()?.modified().ok()?, entry.file_name().into_string().ok()?))
            })
            .filter(|(_, name)| !name.starts_with('.'))
            .collect();
        found.sort();
        found.into_iter().rev().map(|(_, name)| name).collect()
    }
}

fn open(repo: &RunRepo, place: &Path) -> Option<Workspace> {
    let about: About = serde_json::from_slice(&fs::read(place.join(ABOUT)).ok()?).ok()?;
    let is_its = place.file_name()?.to_str()? == about.name;
    is_its.then(|| Workspace { repo: repo.clone(), place: place.to_owned(), about })
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// As the name of a folder.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .take(100)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .collect();
    if plain.starts_with('.') || plain.is_empty() { format!("_{plain}") } else { plain }
}
