//! What lies in a project that its agents must not read, and what they must not write: the engine and other programs
//! run or obey it later, when nobody asks.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use fanfold_workspace::{GitConfig, Guard, UserRepository, guarded};

/// What the rules deny to agents whatever a person says, for commands too, which no rule sees through.
pub(super) fn rules() -> impl Iterator<Item = &'static str> {
    guarded().filter(|(_, guard)| *guard == Guard::Rules).map(|(path, _)| path)
}

pub(super) const RUNS: &str = ".fanfold/runs";
const SECRETS: &str = ".env";
const GIT: &str = ".git";

/// Relative to the project.
#[derive(Debug, Default)]
pub(super) struct Inside {
    pub secrets: Vec<PathBuf>,
    /// Those of the project itself whether or not they are there, those of folders in it where their kind is there.
    pub obeyed: Vec<PathBuf>,
    /// How many of them are of the project itself: they count for no bound.
    own: usize,
    /// Of repositories in it: submodules, and what somebody cloned there.
    pub git: Vec<PathBuf>,
    /// What of it there is more of than is kept from agents.
    beyond: BTreeSet<&'static str>,
}

impl Inside {
    /// Looks in folders but those of packages and builds, up to a bound. `granted`: what agents may write all the same.
    pub fn of(project: &Path, granted: &[PathBuf]) -> Self {
        let mut inside = Self::default();
        inside.secrets.extend(project.join(RUNS).exists().then(|| RUNS.into()));
        inside
            .obeyed
            .extend(guarded().filter(|(_, guard)| holds_a_place(*guard)).map(|(path, _)| path.into()));
        inside.own = inside.obeyed.len();
        let mut folders = VecDeque::from([PathBuf::new()]);
        let mut looked = 0;
        // The outermost first: what is beyond the bounds is left to the rules.
        while let Some(folder) = folders.pop_front() {
            if looked == FOLDERS_MAX {
                inside.beyond.insert("folders");
                break;
            }
            looked += 1;
            for entry in fs::read_dir(project.join(&folder)).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let path = folder.join(&*name);
                inside.note(project, &folder, &name, &path);
                if entry.file_type().is_ok_and(|kind| kind.is_dir())
                    && !PASSED_OVER.iter().any(|passed| name == *passed)
                {
                    folders.push_back(path);
                }
            }
        }
        let is_granted = |path: &PathBuf| {
            !rules().any(|ours| path.ends_with(ours)) && granted.iter().any(|it| path.starts_with(it))
        };
        inside.obeyed.retain(|path| !is_granted(path));
        let mut known = BTreeSet::new();
        inside.obeyed.retain(|path| known.insert(path.clone()));
        inside
    }

    /// For the person, where a bound was met.
    pub fn warning(&self) -> Option<String> {
        let beyond: Vec<&str> = self.beyond.iter().copied().collect();
        (!beyond.is_empty()).then(|| {
            format!(
                "the project has more {} than are looked at ({FOLDERS_MAX} folders, {EACH_MAX} of each kind): commands of agents that work in it can read or write what lies beyond; agents with `isolation: 'worktree'` cannot",
                beyond.join(" and ")
            )
        })
    }

    fn note(&mut self, project: &Path, folder: &Path, name: &str, path: &Path) {
        let is_inner = folder.file_name().is_some();
        if name.to_ascii_lowercase().starts_with(SECRETS) && project.join(path).exists() {
            let secrets = self.secrets.len();
            self.keep("secrets", secrets, |inside| inside.secrets.push(path.to_owned()));
        }
        let listed = guarded().filter(|(listed, guard)| match guard {
            Guard::Standing => *listed == name,
            // Such a folder makes its own one a project.
            _ => is_inner && listed.split('/').next() == Some(name),
        });
        for (listed, _) in listed {
            let obeyed = self.obeyed.len() - self.own;
            self.keep("files that other programs obey", obeyed, |inside| {
                inside.obeyed.push(folder.join(listed))
            });
        }
        if is_inner && name == GIT {
            let git = self.git.len();
            self.keep("repositories", git, |inside| inside.git.push(path.to_owned()));
        }
    }

    fn keep(&mut self, what: &'static str, there: usize, push: impl FnOnce(&mut Self)) {
        if there < EACH_MAX {
            push(self);
        } else {
            self.beyond.insert(what);
        }
    }
}

fn holds_a_place(guard: Guard) -> bool {
    matches!(guard, Guard::Rules | Guard::Place)
}

/// Where git keeps submodules of the project, whether or not they are checked out: who makes a `.git` there has a
/// program of theirs run by the next `git status`.
pub(super) fn submodules(project: &Path, user: &UserRepository, git: &GitConfig) -> Vec<PathBuf> {
    let all = user.submodules(git);
    let paths = all.iter().filter_map(|path| path.strip_prefix(&user.inner).ok());
    let kept =
        paths.map(|path| if project.join(path).join(GIT).exists() { path.join(GIT) } else { path.into() });
    kept.filter(|path| path.file_name().is_some()).collect()
}

/// Each costs a mount.
const EACH_MAX: usize = 64;
const FOLDERS_MAX: usize = 2_000;
const PASSED_OVER: [&str; 6] = [GIT, ".fanfold", "node_modules", "target", ".venv", "venv"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond_the_bounds_of_the_look_is_told() {
        let project = tempfile::tempdir().expect("a temporary folder");
        let make = |at: String| fs::create_dir_all(project.path().join(at)).expect("made");
        let look = || Inside::of(project.path(), &[]).warning();
        for nth in 0..EACH_MAX {
            make(format!("{nth}/.env.d"));
            make(format!("node_modules/{nth}/.git"));
        }
        assert_eq!(look(), None, "packages are passed over");
        make("more/.env".into());
        assert!(look().is_some_and(|told| told.contains("more secrets than")), "{:?}", look());
        make("more/.git".into());
        for nth in 0..EACH_MAX {
            make(format!("{nth}/.git"));
        }
        assert!(
            look().is_some_and(|told| told.contains("more repositories and secrets than")),
            "{:?}",
            look()
        );
        for nth in 0..FOLDERS_MAX {
            make(format!("many/{nth}"));
        }
        assert!(look().is_some_and(|told| told.contains("more folders and ")), "{:?}", look());
    }
}
