//! A project, a run of it, and an agent that is a shell script.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use fanfold_workspace::{Captured, GitConfig, Kind, Layers, RunRepo, Workspace, Workspaces};
use tempfile::TempDir;

pub const RUN: &str = "wf_test-run";
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

pub struct World {
    _dir: TempDir,
    pub project: PathBuf,
    pub run_dir: PathBuf,
}

/// Plain git, as a person would type it, but without that person's settings.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl World {
    /// A directory with these files, in no repository.
    pub fn plain(files: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().expect("a folder");
        let project = dir.path().canonicalize().expect("it is there").join("project");
        fs::create_dir(&project).expect("made");
        let run_dir = project.join(".fanfold/runs").join(RUN);
        let world = Self { _dir: dir, project, run_dir };
        for (path, text) in files {
            world.write(path, text);
        }
        world
    }

    /// The same with a first commit.
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, &[])
    }

    pub fn with(files: &[(&str, &str)], init: &[&str]) -> Self {
        let world = Self::plain(files);
        git(&world.project, &[&["init", "-q"], init].concat());
        world.commit("start");
        world
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.project.join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        fs::write(place, text).expect("written");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.project.join(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
    }

    pub fn commit(&self, subject: &str) -> String {
        git(&self.project, &["add", "-A", "--", ".", ":!.fanfold"]);
        git(&self.project, &["commit", "-qm", subject, "--allow-empty"]);
        git(&self.project, &["rev-parse", "HEAD"])
    }

    pub fn open(&self) -> RunRepo {
        RunRepo::open(&self.run_dir, RUN, &self.project, &GitConfig::default(), None).expect("opens")
    }

    /// Git in the run's own repository.
    pub fn run_git(&self, args: &[&str]) -> String {
        git(&self.run_dir.join("repo.git"), args)
    }

    pub fn show(&self, commit: &str, path: &str) -> String {
        self.run_git(&["show", &format!("{commit}:{path}")])
    }

    pub fn files(&self, commit: &str) -> Vec<String> {
        let out = self.run_git(&["-c", "core.quotePath=true", "ls-tree", "-r", "--name-only", commit]);
        out.lines().map(str::to_owned).collect()
    }
}

/// The kinds that this machine can do. A skip is printed and counted.
pub fn kinds() -> Vec<Kind> {
    let here = TempDir::new().expect("a folder");
    match Kind::probe(here.path(), PATH) {
        Ok(()) => vec![Kind::Overlay, Kind::Worktree],
        Err(why) => {
            eprintln!("SKIPPED 1: no overlays on this machine: {why}");
            vec![Kind::Worktree]
        }
    }
}

/// Runs a script where the agent of this workspace would run it.
pub fn work(workspace: &Workspace, script: &str) -> Output {
    let output = try_work(workspace, script);
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

pub fn try_work(workspace: &Workspace, script: &str) -> Output {
    let mut command = match workspace.layers() {
        Layers::Directory(tree) => {
            let mut command = Command::new("sh");
            command.args(["-ec", script]).current_dir(tree);
            command
        }
        Layers::Overlay { lower, upper, work } => {
            let merged = workspace.place().join("merged");
            fs::create_dir_all(&merged).expect("made");
            let options = format!(
                "userxattr,lowerdir={},upperdir={},workdir={}",
                lower.display(),
                upper.display(),
                work.display()
            );
            let mut command = Command::new("unshare");
            command
                .args(["--user", "--map-root-user", "--mount", "--", "sh", "-ec"])
                .arg("mount -t overlay overlay -o \"$1\" \"$2\"; cd \"$2\"; exec sh -ec \"$3\"")
                .args(["sh", &options])
                .arg(&merged)
                .arg(script);
            command
        }
    };
    command.env_clear().env("PATH", PATH).env("HOME", "/nonexistent").output().expect("it runs")
}

/// What an agent that runs this script hands over, in a workspace of each kind that this machine can do.
pub fn each_kind(
    world: &World,
    start: Option<&str>,
    script: &str,
    check: impl Fn(&RunRepo, &Workspace, Captured),
) {
    let repo = world.open();
    for kind in kinds() {
        let all = Workspaces::new(repo.clone(), kind);
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{kind:?}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let workspace = all.make(&name, start).unwrap_or_else(|why| panic!("{kind:?}: {why}"));
        work(&workspace, script);
        let captured = workspace.patch("a patch").unwrap_or_else(|why| panic!("{kind:?}: {why}"));
        eprintln!("{kind:?}: {captured:?}");
        check(&repo, &workspace, captured);
        all.remove(workspace).unwrap_or_else(|why| panic!("{kind:?}: {why}"));
    }
}

pub fn edits(list: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    list.iter().map(|(path, text)| ((*path).to_owned(), text.map(str::to_owned))).collect()
}
