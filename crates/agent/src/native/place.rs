//! Where an agent works, who carries out its tools there, and what is taken from it in the end.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use fanfold_core::{AgentJob, Clock, Failure, FailureKind, Isolation, Patch};
use fanfold_sandbox::{HeldPlaces, Level, Network, Policy, ProcessLimits, Root, Sandbox};
use fanfold_workspace::{Layers, RunRepo, Workspaces};

use super::NativeBackend;
use super::git_config::Covers;
use super::inside::{Inside, rules, submodules};
use super::past::GitView;
use crate::hands::{HANDS, Hands, Launch, Process, Setup};
use crate::isolation;
use crate::tools::{Reach, ToolCx, Workspace};

/// How agents' tools are confined: the same for all agents of a run, and out of every agent's reach.
#[derive(Clone, Debug)]
pub struct Confinement {
    pub sandbox: Sandbox,
    /// What decides about the agents' work, relative to the project: they may read it, and not change it.
    pub protected: Vec<PathBuf>,
    /// What an oracle finds in the project's own directory besides what is committed: who works there may read it.
    pub packages: Vec<PathBuf>,
    /// Shown without content: relative to the project, or absolute.
    pub hidden: Vec<PathBuf>,
    /// Relative to the project: what other programs obey, and agents that work there may write all the same.
    pub granted: Vec<PathBuf>,
    /// Toolchains and the like, shown read-only at their own paths.
    pub read: Vec<PathBuf>,
    pub network: Network,
    /// The home directory that commands are told; it is empty but for what `read` names in it.
    pub home: PathBuf,
    pub limits: ProcessLimits,
}

/// Where one agent works.
pub(super) enum Place {
    /// The project's own directory.
    Shared,
    Isolated {
        workspace: fanfold_workspace::Workspace,
        workspaces: Workspaces,
    },
    /// An attempt that ended before it was known to had taken the patch already.
    Taken {
        at: PathBuf,
        base: String,
        patch: Option<Patch>,
    },
}

impl Place {
    /// A fresh workspace. Blocks while it is made.
    pub fn isolated(workspaces: Workspaces, key: &str, start: Option<&str>) -> Result<Self, String> {
        let workspace = workspaces.make(key, start)?;
        let place = Place::Isolated { workspace, workspaces };
        place.check_project()?;
        Ok(place)
    }

    /// Where an earlier attempt worked, if that is still there or its patch was taken.
    pub fn reopen(backend: &NativeBackend, job: &AgentJob, earlier: Earlier<'_>) -> Option<Self> {
        if job.call.isolation == Isolation::Shared {
            return Some(Place::Shared);
        }
        let workspaces = backend.workspaces(job).ok()?;
        let name = earlier.at.file_name()?.to_str()?;
        if let Some(workspace) = workspaces.reopen(name) {
            return Some(Place::Isolated { workspace, workspaces });
        }
        let patch = match earlier.patch? {
            None => None,
            Some(patch) => {
                let diff = workspaces.repo().diff(&patch.base, &patch.commit, DIFF_BYTES_MAX).ok()?;
                Some(Patch { diff, ..patch.clone() })
            }
        };
        Some(Place::Taken { at: earlier.at.to_owned(), base: earlier.base?.to_owned(), patch })
    }

    /// For people, and to find it again.
    pub fn at<'a>(&'a self, project: &'a Path) -> &'a Path {
        match self {
            Place::Shared => project,
            Place::Isolated { workspace, .. } => workspace.place(),
            Place::Taken { at, .. } => at,
        }
    }

    /// The commit that its patch is relative to.
    pub fn base(&self) -> Option<&str> {
        match self {
            Place::Shared => None,
            Place::Isolated { workspace, .. } => Some(workspace.base()),
            Place::Taken { base, .. } => Some(base),
        }
    }

    /// The commit whose files it started with.
    pub fn commit(&self) -> Option<Commit> {
        match self {
            Place::Isolated { workspace, workspaces } => {
                Some(Commit { repo: workspaces.repo().clone(), id: workspace.start().to_owned() })
            }
            Place::Shared | Place::Taken { .. } => None,
        }
    }

    /// What carries out tools here.
    pub fn hands(
        &self,
        backend: &NativeBackend,
        job: &AgentJob,
        clock: Arc<dyn Clock>,
    ) -> Result<Hands, String> {
        match &backend.config.confinement {
            Some(confinement) => Ok(match self.launch(backend, job, confinement) {
                Some(launch) => Hands::Process(Box::new(Process::new(launch))),
                None => Hands::Gone,
            }),
            None => self.in_process(backend, clock),
        }
    }

    fn in_process(&self, backend: &NativeBackend, clock: Arc<dyn Clock>) -> Result<Hands, String> {
        let workspace = match self {
            Place::Shared => backend.workspace.clone(),
            Place::Isolated { workspace, workspaces } => {
                let Layers::Directory(tree) = workspace.layers() else {
                    return Err("a workspace of layers needs the full sandbox".into());
                };
                let root = tree.join(workspaces.repo().project_within());
                Arc::new(Workspace::open(&root).map_err(|err| format!("{}: {err}", root.display()))?)
            }
            Place::Taken { .. } => return Ok(Hands::Gone),
        };
        let (permissions, bash) = (backend.permissions.clone(), backend.bash.clone());
        Ok(Hands::InProcess(Arc::new(ToolCx { workspace, permissions, bash, clock, reach: Reach::Group })))
    }

    /// `None`: there is nothing to work in any more.
    fn launch(&self, backend: &NativeBackend, job: &AgentJob, confinement: &Confinement) -> Option<Launch> {
        let project = backend.project.clone();
        let is_full = confinement.sandbox.level() == Level::Full;
        let (root, at, within, git) = match self {
            Place::Shared => {
                let repository = backend.repository.iter();
                let dirs = repository.flat_map(|user| [user.git_dir.clone(), user.common.clone()]);
                let git = GitView::of_dirs(dirs.collect());
                (Root::Directory(project.clone()), project, PathBuf::new(), git)
            }
            Place::Isolated { workspace, workspaces } => {
                let repo = workspaces.repo();
                let within = repo.project_within().to_owned();
                let top = repo.project().ancestors().nth(within.components().count());
                let top = top.unwrap_or(repo.project()).to_owned();
                let (root, at, checkout) = match workspace.layers() {
                    Layers::Directory(tree) => {
                        let at = if is_full { top } else { tree.clone() };
                        (Root::Directory(tree.clone()), at, tree)
                    }
                    Layers::Overlay { lower, upper, work } => {
                        (Root::Overlay { lower: lower.clone(), upper, work }, top, lower)
                    }
                };
                let git =
                    if is_full { GitView::elsewhere(repo, &checkout, &at) } else { GitView::in_place(repo) };
                (root, at, within, git)
            }
            Place::Taken { .. } => return None,
        };
        let (rules, rules_root) = backend.permissions.source();
        let setup = Setup {
            workspace: at.join(&within),
            rules: rules.clone(),
            rules_root: rules_root.to_owned(),
            bash: backend.bash.as_deref().cloned(),
            has_proxy: is_full && matches!(confinement.network, Network::Proxy { .. }),
        };
        let mut argv: Vec<String> = vec![confinement.sandbox.program().to_string_lossy().into_owned()];
        argv.push(HANDS.into());
        let inside = backend.inside(confinement);
        let mut policy = confinement.policy(root, at, &within, &backend.project, &inside.secrets);
        if let Place::Shared = self {
            // They hold from the next run on, also where there are none yet.
            let kept = inside.obeyed.iter().chain(&inside.git).chain(backend.submodules());
            let kept = kept.filter(|path| !policy.protected.contains(path)).cloned().collect::<Vec<_>>();
            policy.protected.extend(kept);
            policy.protected.extend(confinement.packages.iter().cloned());
        }
        git.show(&mut policy);
        if let Place::Shared = self {
            let covers = backend.covers(&inside.git, job.run_dir.as_deref());
            policy.read_at.extend(covers.shown.iter().cloned());
        }
        Some(Launch { sandbox: confinement.sandbox.clone(), policy, argv, setup })
    }

    /// The project may lie in a folder of the repository that no commit has.
    fn check_project(&self) -> Result<(), String> {
        let Place::Isolated { workspace, workspaces } = self else { return Ok(()) };
        let within = workspaces.repo().project_within();
        let is_there = match workspace.layers() {
            Layers::Directory(tree) => tree.join(within).is_dir(),
            Layers::Overlay { lower, upper, .. } => {
                lower.join(within).is_dir() || upper.join(within).is_dir()
            }
        };
        if is_there {
            return Ok(());
        }
        Err(format!(
            "the folder {} is in no commit, so it is in no isolated workspace: commit it first",
            within.display()
        ))
    }
}

/// A commit of the run's repository.
pub(crate) struct Commit {
    repo: RunRepo,
    id: String,
}

impl Commit {
    /// A regular file, by its path relative to the project; at most so many bytes of it. `None`: there is none.
    pub fn file(&self, path: &Path, bytes_max: usize) -> Result<Option<Vec<u8>>, String> {
        let path = self.repo.project_within().join(path);
        self.repo.file(&self.id, &path.to_string_lossy(), bytes_max)
    }
}

/// What an earlier attempt told of its place.
#[derive(Clone, Copy)]
pub(super) struct Earlier<'a> {
    pub at: &'a Path,
    pub base: Option<&'a str>,
    /// `Some(None)`: nothing had changed.
    pub patch: Option<Option<&'a Patch>>,
}

/// Of the diff of a patch.
const DIFF_BYTES_MAX: usize = 200 << 10;

impl Confinement {
    fn policy(&self, root: Root, at: PathBuf, within: &Path, project: &Path, secrets: &[PathBuf]) -> Policy {
        let inside = |path: &Path| within.join(path);
        let ours = rules().map(Path::new).filter(|path| project.join(path).exists());
        let protected = self.protected.iter().map(|path| inside(path)).chain(ours.map(inside));
        let hidden =
            self.hidden.iter().map(|path| if path.is_absolute() { path.clone() } else { inside(path) });
        let hidden = hidden.chain(secrets.iter().map(|path| inside(path)));
        let mut policy = Policy::new(root, at);
        policy.protected = protected.chain([PathBuf::from(".git")]).collect();
        policy.hidden = hidden.collect();
        policy.read = self.read.clone();
        policy.network = self.network.clone();
        policy.home = self.home.clone();
        policy.limits = self.limits.clone();
        policy.is_pid_1 = self.sandbox.level() == Level::Full;
        policy
    }
}

/// What comes to be in a project meanwhile is hidden from agents that start later.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Beside the runs of a project, which agents do not see: where places are kept in it, for all runs of it.
pub const KEPT_PLACES: &str = ".kept-places";

/// Alive as long as an agent works in the project's own directory: then the places of protected paths that do
/// not exist are kept there.
pub(super) type Placeholders = HeldPlaces;

impl NativeBackend {
    /// To be held by who works in `place`, longer than its hands.
    pub(super) fn placeholders(&self, place: &Place, job: &AgentJob) -> Option<Arc<Placeholders>> {
        let confinement = self.config.confinement.as_ref()?;
        let Place::Shared = place else { return None };
        let mut of_all = self.placeholders.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = place.launch(self, job, confinement)?.policy;
        if let Some(alive) = of_all.upgrade() {
            alive.also(policy);
            return Some(alive);
        }
        let list = job.run_dir.as_deref().and_then(Path::parent).map(|runs| runs.join(KEPT_PLACES));
        let fresh = Arc::new(HeldPlaces::hold(policy, list.as_deref()));
        *of_all = Arc::downgrade(&fresh);
        Some(fresh)
    }

    /// Looked for again from time to time, and not for each of a thousand agents: a project has many folders.
    pub(super) fn inside(&self, confinement: &Confinement) -> Arc<Inside> {
        let mut seen = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        match &*seen {
            Some((at, inside)) if at.elapsed() < LOOK_AGAIN => inside.clone(),
            _ => {
                let inside = Arc::new(Inside::of(&self.project, &confinement.granted));
                *seen = Some((Instant::now(), inside.clone()));
                inside
            }
        }
    }

    /// Before any agent could touch them.
    fn submodules(&self) -> &[PathBuf] {
        self.submodules.get_or_init(|| match &self.repository {
            Some(user) => submodules(&self.project, user, &self.config.git),
            None => Vec::new(),
        })
    }

    /// `inner`: git directories, relative to the project.
    fn covers(&self, inner: &[PathBuf], run_dir: Option<&Path>) -> Arc<Covers> {
        let Some(user) = &self.repository else { return Arc::default() };
        let mut made = self.covers.lock().unwrap_or_else(PoisonError::into_inner);
        let inner: Vec<PathBuf> = inner.iter().map(|dir| self.project.join(dir)).collect();
        let covers = Covers::of(user, &inner, &self.config.git, run_dir, made.as_ref());
        *made = Some(covers.clone());
        covers
    }

    pub(super) fn workspaces(&self, job: &AgentJob) -> Result<Workspaces, String> {
        isolation::open(self.config.workspaces.as_ref(), job.run_dir.as_deref())
    }
}

/// What an agent leaves behind.
pub(super) struct Left {
    pub patch: Option<Patch>,
    /// What no patch may hold, and why.
    pub refused: Vec<String>,
    /// Still holds its work.
    workspace: Option<(fanfold_workspace::Workspace, Workspaces)>,
}

impl Place {
    /// Takes the patch. Nothing of the agent may be alive. `Err`: the work could not be taken, and stays
    /// where it is. Blocks.
    pub fn take(self, title: &str) -> Result<Left, Failure> {
        match self {
            Place::Shared => Ok(Left { patch: None, refused: Vec::new(), workspace: None }),
            Place::Taken { patch, .. } => Ok(Left { patch, refused: Vec::new(), workspace: None }),
            Place::Isolated { workspace, workspaces } => match workspace.patch(title) {
                Ok(taken) => {
                    let workspace = Some((workspace, workspaces));
                    Ok(Left { patch: taken.patch, refused: taken.refused, workspace })
                }
                Err(why) => {
                    let at = workspace.place().display();
                    let message = format!("what it changed could not be taken: {why}; it is still in {at}");
                    Err(Failure { kind: FailureKind::Workspace, message })
                }
            },
        }
    }
}

impl Left {
    /// Removes the workspace, whose work is now on record. Blocks.
    pub fn tidy(self) {
        if let Some((workspace, workspaces)) = self.workspace {
            // One that cannot be removed is left to the clean-up at the next start.
            let _ = workspaces.remove(workspace);
        }
    }
}
