//! The run's repository: `<run_dir>/repo.git`, bare, made by us, on top of the user's objects. The user's
//! own repository is only read until the run's branch is published.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::Patch;
use serde::{Deserialize, Serialize};

use crate::capture::{self, Stats};
use crate::diff::DIFF_BYTES_MAX;
use crate::git::{Git, GitConfig, Identity};
use crate::import::{Edit, Made, NewCommit, Sink, import, kept};
use crate::known::{Commit, Known, is_hash};
use crate::path::{refusal, shown};
use crate::small::{Edits, tree_with};
use crate::standing::Kind;
use crate::tree::{Entry, FOLDER, Tree, entry_of};
use crate::user::UserRepository;

/// Trees of commits that are kept in memory: agents start from few.
const TREES_MAX: usize = 8;
/// Read of a commit: its header is far shorter.
const COMMIT_BYTES_MAX: usize = 1 << 20;

/// Above those of any `.gitattributes`: files are taken and laid down byte for byte, every change is shown,
/// and no driver merges in silence.
const ATTRIBUTES: &str = "* -text !eol -ident !filter !working-tree-encoding !diff !merge !whitespace \
    !conflict-marker-size !export-ignore !export-subst\n";

#[derive(Clone, Debug)]
pub struct RunRepo {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub run_dir: PathBuf,
    pub git: Git,
    pub identity: Identity,
    pub about: About,
    trees: Mutex<Vec<(String, Arc<Tree>)>>,
    pub known: Known,
    /// Held while a checkout that others share is made.
    pub pinning: Mutex<()>,
    /// Held while it is decided what is pinned next.
    pub choosing: Mutex<()>,
}

/// What was so when the run started. Kept in the repository, since agents may have changed it since.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct About {
    pub run: String,
    pub project: PathBuf,
    pub base: String,
    /// The base is a commit of the user's; else a snapshot of the project.
    pub base_is_theirs: bool,
    pub user: Option<UserRepository>,
}

/// What an isolated agent, or the project's directory, differs in.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// `None`: nothing differs from the base.
    pub patch: Option<Patch>,
    /// What no commit may hold, and why: devices, links out of git's control, anything of `.git`.
    pub refused: Vec<String>,
}

/// The commit that work begins with, and the one that its patch is relative to.
#[derive(Clone, Debug)]
pub struct Origin {
    start: String,
    base: String,
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub commit: String,
    pub refused: Vec<String>,
}

impl RunRepo {
    /// Makes the repository of a run, or opens what an earlier attempt of it made. `project`: the directory
    /// that the run works in, in git or not.
    pub fn open(
        run_dir: &Path,
        run_id: &str,
        project: &Path,
        git: &GitConfig,
        identity: Option<(&str, &str)>,
    ) -> Result<Self, String> {
        let identity = identity.map(|(name, email)| Identity::new(name, email)).unwrap_or_default();
        if !run_dir.join("repo.git").exists() {
            make(run_dir, run_id, project, git, &identity)?;
        }
        Self::reopen(run_dir, git, identity)
    }

    /// `Err` also if no repository was made.
    pub(crate) fn reopen(run_dir: &Path, config: &GitConfig, identity: Identity) -> Result<Self, String> {
        let run_dir = run_dir.canonicalize().map_err(|err| format!("{}: {err}", run_dir.display()))?;
        let dir = run_dir.join("repo.git");
        let place = dir.join(ABOUT);
        let text = fs::read(&place).map_err(|err| format!("{}: {err}", place.display()))?;
        let about = serde_json::from_slice(&text).map_err(|err| format!("{}: {err}", place.display()))?;
        let git = Git::bare(config.clone(), dir).with_identity(identity.clone()).standing();
        let (trees, known, pinning, choosing) = Default::default();
        Ok(Self { inner: Arc::new(Inner { run_dir, git, identity, about, trees, known, pinning, choosing }) })
    }

    /// The commit that the run started from.
    pub fn base(&self) -> &str {
        &self.inner.about.base
    }

    pub fn run_dir(&self) -> &Path {
        &self.inner.run_dir
    }

    /// The directory that the run works in.
    pub fn project(&self) -> &Path {
        &self.inner.about.project
    }

    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    pub fn user_repository(&self) -> Option<&UserRepository> {
        self.inner.about.user.as_ref()
    }

    /// Where the run started from a commit of theirs: paths of the project that differ from the last one. Empty also if
    /// nobody can say.
    pub fn uncommitted_work(&self) -> Vec<String> {
        let user = self.user_repository().filter(|_| self.inner.about.base_is_theirs);
        user.map_or_else(Vec::new, |user| user.uncommitted_work(&self.inner.git.config))
    }

    /// The project within a checkout; empty: they are the same.
    pub fn project_within(&self) -> &Path {
        self.inner.about.user.as_ref().map_or(Path::new(""), |user| &user.inner)
    }

    /// What git needs to read where a workspace's `.git` is to work: may be shown to agents, read-only.
    pub fn git_dirs(&self) -> Vec<PathBuf> {
        let mut dirs = vec![self.git().git_dir.clone()];
        let mut next = self.inner.about.user.as_ref().map(|user| user.common.join("objects"));
        while let Some(objects) = next.take().filter(|objects| !dirs.contains(objects)) {
            let borrowed = fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
            next = borrowed.lines().next().and_then(|line| objects.join(line).canonicalize().ok());
            dirs.push(objects);
        }
        dirs
    }

    /// A commit of the project's directory as it is, on top of the base: tracked and untracked files that are
    /// not ignored.
    pub fn snapshot(&self) -> Result<Snapshot, String> {
        let Inner { git, about, identity, run_dir, .. } = &*self.inner;
        let base = self.tree(&about.base)?;
        let stats = match &about.user {
            Some(user) => Stats::of_index(git, &user.git_dir.join("index")),
            None => Stats::default(),
        };
        let commit = NewCommit {
            parent: Some(&about.base),
            tree: None,
            message: "the workspace as it is\n",
            identity,
        };
        snapshot(git, &about.project, self.project_within(), run_dir, &base, &stats, &commit)
    }

    /// Where one begins that is to go on from `start`, as for a workspace: the branch may move on meanwhile.
    pub fn origin(&self, start: Option<&str>) -> Result<Origin, String> {
        self.start(start).map(|(start, base)| Origin { start, base })
    }

    /// A patch of these files, without any workspace. `start` as for a workspace; `None`: a file that goes.
    pub fn patch_of_edits(
        &self,
        start: Option<&str>,
        edits: &BTreeMap<String, Option<String>>,
        title: &str,
    ) -> Result<Captured, String> {
        self.patch_from(&self.origin(start)?, edits, title)
    }

    /// The same by one who began some time ago.
    pub fn patch_from(
        &self,
        origin: &Origin,
        edits: &BTreeMap<String, Option<String>>,
        title: &str,
    ) -> Result<Captured, String> {
        let Origin { start, base } = origin;
        if let Some((path, why)) = edits.keys().find_map(|path| Some((path, refusal(path.as_bytes())?))) {
            return Err(format!("{path}: {why}"));
        }
        let commit = self.patch_commit(base, &self.tree_id(start)?, title)?;
        let mut executable = BTreeSet::new();
        for (path, _) in edits.iter().filter(|(_, content)| content.is_some()) {
            if self.entry(start, path.as_bytes())?.is_some_and(|entry| entry.mode == "100755") {
                executable.insert(path);
            }
        }
        let made = self.import(&commit.as_new(self), |sink| {
            for (path, content) in edits {
                let edit = match content {
                    None => Edit::Delete,
                    Some(content) => {
                        let mode = if executable.contains(path) { "100755" } else { "100644" };
                        Edit::Content { mode, content: content.as_bytes().to_owned() }
                    }
                };
                sink.edit(path.as_bytes(), edit)?;
            }
            Ok(())
        })?;
        Ok(Captured { patch: self.as_patch(base, made)?, refused: Vec::new() })
    }

    /// `None`: nothing differs.
    pub(crate) fn as_patch(&self, base: &str, made: Made) -> Result<Option<Patch>, String> {
        if self.tree_id(base)? == made.tree {
            return Ok(None);
        }
        let commit = made.commit;
        let (files, diff) = self.counted_diff(base, &commit, DIFF_BYTES_MAX)?;
        Ok(Some(Patch { commit, base: base.to_owned(), files, diff }))
    }

    /// What a patch of `title` is made of, when its changes are relative to this tree.
    pub(crate) fn patch_commit(&self, base: &str, tree: &str, title: &str) -> Result<PatchCommit, String> {
        let is_own = self.tree_id(base)? == tree;
        let message = format!("{}\n", first_line(title));
        Ok(PatchCommit { base: base.to_owned(), tree: (!is_own).then(|| tree.to_owned()), message })
    }

    /// `edits`: may be called twice, and then begins anew.
    pub(crate) fn import(
        &self,
        commit: &NewCommit,
        mut edits: impl FnMut(&mut Sink) -> std::io::Result<()> + Send,
    ) -> Result<Made, String> {
        let made = match kept(&mut edits)? {
            None => import(self.git(), commit, edits)?,
            Some(few) => match self.made_of_few(commit, &few) {
                Some(made) => made,
                None => import(self.git(), commit, |sink| {
                    few.into_iter().try_for_each(|(path, edit)| sink.edit(&path, edit))
                })?,
            },
        };
        let parents = commit.parent.iter().map(|parent| (*parent).to_owned()).collect();
        self.inner.known.keep_commit(&made.commit, Commit { tree: made.tree.clone(), parents });
        Ok(made)
    }

    /// Without starting git. `None`: it has to be.
    fn made_of_few(&self, commit: &NewCommit, edits: &Edits) -> Option<Made> {
        let parent = commit.parent?;
        let start = match commit.tree {
            Some(tree) => tree.to_owned(),
            None => self.tree_id(parent).ok()?,
        };
        let tree = tree_with(self.git(), &start, edits)?;
        let commit = self.write_commit(&tree, &[parent], commit.message)?;
        Some(Made { commit, tree })
    }

    /// `(start, base)` of what goes on from `start`: a patch goes on towards a patch of the same base.
    pub(crate) fn start(&self, start: Option<&str>) -> Result<(String, String), String> {
        match start {
            None => self.tip().map(|tip| (tip.clone(), tip)),
            Some(commit) => {
                let parents = self.parents(commit)?;
                match &parents[..] {
                    [base] => Ok((commit.to_owned(), base.clone())),
                    _ => Err(format!("{commit} is no patch: it has {} parents", parents.len())),
                }
            }
        }
    }

    pub(crate) fn parents(&self, commit: &str) -> Result<Vec<String>, String> {
        self.commit(commit).map(|known| known.parents)
    }

    /// Without reading what it holds.
    pub(crate) fn tree_id(&self, commit: &str) -> Result<String, String> {
        self.commit(commit).map(|known| known.tree)
    }

    fn commit(&self, commit: &str) -> Result<Commit, String> {
        if let Some(known) = self.inner.known.commit(commit) {
            return Ok(known);
        }
        let found = match self.read_commit(commit) {
            Some(found) => found,
            None => self.ask_commit(commit)?,
        };
        self.inner.known.keep_commit(commit, found.clone());
        Ok(found)
    }

    /// `None`: git has to be asked what its parents are.
    fn read_commit(&self, commit: &str) -> Option<Commit> {
        // In a history that is cut short the parents are not those that it names.
        if !is_hash(commit) || self.git().git_dir.join("shallow").exists() {
            return None;
        }
        let text = self.git().ask(Kind::Objects, |git| git.object(commit, "commit", COMMIT_BYTES_MAX))?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let tree = lines.next()?.strip_prefix("tree ")?.to_owned();
        let parents = lines.map_while(|line| line.strip_prefix("parent ")).map(str::to_owned).collect();
        Some(Commit { tree, parents })
    }

    fn ask_commit(&self, commit: &str) -> Result<Commit, String> {
        let of = |what: &str| format!("{commit}^{what}");
        let args = ["rev-parse", "--revs-only", "--end-of-options", &of("{tree}"), &of("@")];
        let lines = self.git().line(&args).unwrap_or_default();
        let mut lines = lines.lines().map(str::to_owned);
        let tree = lines.next().ok_or_else(|| format!("there is no {commit} in the run's repository"))?;
        Ok(Commit { tree, parents: lines.collect() })
    }

    /// The mode and the object of a path, read from its folders alone.
    pub(crate) fn entry(&self, commit: &str, path: &[u8]) -> Result<Option<Entry>, String> {
        let mut at = Entry { mode: FOLDER.into(), object: self.tree_id(commit)? };
        for name in path.split(|byte| *byte == b'/') {
            if at.mode != FOLDER {
                return Ok(None);
            }
            let told = self.git().ask(Kind::Objects, |git| git.object(&at.object, "tree", usize::MAX));
            let folder = match told {
                Some(folder) => folder,
                None => self.git().run(&["cat-file", "tree", &at.object])?,
            };
            match entry_of(&folder, at.object.len() / 2, name) {
                Some(entry) => at = entry,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    pub(crate) fn git(&self) -> &Git {
        &self.inner.git
    }

    pub(crate) fn tree(&self, commit: &str) -> Result<Arc<Tree>, String> {
        if let Some(tree) = self.known_tree(commit) {
            return Ok(tree);
        }
        let tree = Arc::new(Tree::read(self.git(), commit)?);
        let mut trees = self.inner.trees.lock().unwrap_or_else(PoisonError::into_inner);
        if trees.len() >= TREES_MAX {
            trees.remove(0);
        }
        trees.push((commit.to_owned(), tree.clone()));
        Ok(tree)
    }

    fn known_tree(&self, commit: &str) -> Option<Arc<Tree>> {
        let mut trees = self.inner.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let at = trees.iter().position(|(name, _)| name == commit)?;
        // The one that was used last goes last.
        let found = trees.remove(at);
        trees.push(found.clone());
        Some(found.1)
    }
}

/// A patch about to be made.
pub(crate) struct PatchCommit {
    base: String,
    tree: Option<String>,
    message: String,
}

impl PatchCommit {
    pub fn as_new<'a>(&'a self, repo: &'a RunRepo) -> NewCommit<'a> {
        let Self { base, tree, message } = self;
        NewCommit { parent: Some(base), tree: tree.as_deref(), message, identity: &repo.inner.identity }
    }
}

/// Of a text that somebody else wrote: never more than the subject of a commit.
pub(crate) fn first_line(text: &str) -> String {
    let line: String =
        text.trim().lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    if line.is_empty() { "work of an agent".into() } else { line.chars().take(200).collect() }
}

const ABOUT: &str = "fanfold.json";

/// Made beside its place and then moved there: one that is there is whole.
fn make(
    run_dir: &Path,
    run: &str,
    project: &Path,
    config: &GitConfig,
    identity: &Identity,
) -> Result<(), String> {
    let cannot = |at: &Path| {
        let at = at.to_owned();
        move |err: std::io::Error| format!("{}: {err}", at.display())
    };
    let project = project.canonicalize().map_err(cannot(project))?;
    UserRepository::refuse_bare(&project)?;
    fs::create_dir_all(run_dir).map_err(cannot(run_dir))?;
    let run_dir = run_dir.canonicalize().map_err(cannot(run_dir))?;
    let dir = run_dir.join(format!("repo.git.{}", std::process::id()));
    let user = UserRepository::find(&project);
    let git = Git::bare(config.clone(), dir.clone()).with_identity(identity.clone());
    fs::create_dir_all(&dir).map_err(cannot(&dir))?;
    let format = match &user {
        Some(user) => user.git(config).line(&["rev-parse", "--show-object-format"])?,
        None => "sha1".into(),
    };
    let format = format!("--object-format={format}");
    let branch = format!("--initial-branch=fanfold/{run}");
    git.run(&["init", "--quiet", "--bare", "--template=", &format, &branch])
        .map_err(|why| format!("the run's repository could not be made: {why}"))?;
    for (key, value) in [("core.checkStat", "minimal"), ("advice.detachedHead", "false")] {
        git.run(&["config", key, value])?;
    }
    let put = |name: &str, text: &[u8]| {
        let place = dir.join(name);
        fs::create_dir_all(place.parent().expect("beneath the repository"))
            .and_then(|()| fs::write(&place, text))
            .map_err(cannot(&place))
    };
    put("info/attributes", ATTRIBUTES.as_bytes())?;
    if let Some(user) = &user {
        let objects = user.common.join("objects");
        let Some(objects) = objects.to_str().filter(|path| !path.contains('\n') && !path.starts_with('"'))
        else {
            return Err(format!("git cannot borrow from a path like this: {}", objects.display()));
        };
        put("objects/info/alternates", format!("{objects}\n").as_bytes())?;
        if let Ok(cut) = fs::read(user.common.join("shallow")) {
            put("shallow", &cut)?;
        }
        if let Ok(excludes) = fs::read(user.common.join("info/exclude")) {
            put("info/exclude", &excludes)?;
        }
    }
    let head = user.as_ref().and_then(|user| user.head(config));
    let base = match &head {
        Some(head) => head.clone(),
        None => {
            let within = user.as_ref().map_or(Path::new(""), |user| &user.inner);
            let empty = git.output(&["hash-object", "-w", "-t", "tree", "--stdin"], b"")?.success()?;
            let empty = Tree::read(&git, String::from_utf8_lossy(&empty).trim())?;
            let message = "the project as it was when the run started\n";
            let commit = NewCommit { parent: None, tree: None, message, identity };
            snapshot(&git, &project, within, &run_dir, &empty, &Stats::default(), &commit)?.commit
        }
    };
    git.run(&["update-ref", &format!("refs/heads/fanfold/{run}"), &base])?;
    let about = About { run: run.to_owned(), project, base, base_is_theirs: head.is_some(), user };
    put(ABOUT, &serde_json::to_vec_pretty(&about).map_err(|err| err.to_string())?)?;
    let place = run_dir.join("repo.git");
    fs::rename(&dir, &place).map_err(cannot(&place))
}

fn snapshot(
    git: &Git,
    project: &Path,
    within: &Path,
    run_dir: &Path,
    lower: &Tree,
    stats: &Stats,
    commit: &NewCommit,
) -> Result<Snapshot, String> {
    let own = [project.join(".fanfold/runs"), run_dir.to_owned()];
    let passed_over: Vec<&Path> = own.iter().filter_map(|own| own.strip_prefix(project).ok()).collect();
    let excludes = fs::read(git.git_dir.join("info/exclude")).unwrap_or_default();
    let mut refused = Vec::new();
    let made = import(git, commit, |sink| {
        let mut walk = capture::Directory { lower, stats, passed_over, excludes, refused: &mut refused };
        walk.capture(project, within, sink)
    })?;
    let refused = refused.into_iter().map(|(path, why)| format!("{}: {why}", shown(&path))).collect();
    Ok(Snapshot { commit: made.commit, refused })
}
