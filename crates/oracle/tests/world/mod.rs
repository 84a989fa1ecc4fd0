//! A little repository with a suite of its own, and a court for it.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use fanfold_core::{CallKey, Judgement, LandCall, Landing, Oracle, OracleCall};
use fanfold_oracle::{Court, OracleSpec, Surroundings};
use fanfold_sandbox::{Level, Sandbox};
use fanfold_workspace::{GitConfig, Kind, Layers, RunRepo, Workspace, Workspaces};
use serde_json::Value;

pub const LIB: &str = "def add(a, b):\n    return a - b\n";
pub const FIXED: &str = "def add(a, b):\n    return a + b\n";
pub const TESTS: &str = "import unittest\nimport lib\n\n\nclass Add(unittest.TestCase):\n    \
    def test_small(self):\n        self.assertEqual(lib.add(2, 3), 5)\n\n    \
    def test_none(self):\n        self.assertEqual(lib.add(0, 0), 0)\n\n    \
    def test_negative(self):\n        self.assertEqual(lib.add(-1, 1), 0)\n";
pub const COMMAND: &str = "python3 -m unittest discover -s tests -t . -v";

const BUILT_STAGE: &str = env!("CARGO_BIN_EXE_fanfold-oracle-stage");
/// Names another copy of it.
const STAGE: &str = "FANFOLD_ORACLE_STAGE";

pub struct World {
    pub dir: tempfile::TempDir,
    pub project: PathBuf,
    pub workspaces: Workspaces,
    pub sandbox: Sandbox,
}

/// Python's own binary, its prefix, and cargo's: not the shims that find them.
#[derive(Clone)]
pub struct Tools {
    pub path: String,
    pub read: Vec<PathBuf>,
}

pub fn tools() -> Tools {
    static TOOLS: LazyLock<Tools> = LazyLock::new(find_tools);
    TOOLS.clone()
}

fn find_tools() -> Tools {
    let line = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output().ok()?;
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Some(PathBuf::from(String::from_utf8(output.stdout).expect("text").trim()))
    };
    let python = line("python3", &["-c", "import sys; print(sys.base_prefix)"]).expect("it is installed");
    // It may lie where a plain user cannot read.
    let read: Vec<PathBuf> =
        [Some(python), line("rustc", &["--print", "sysroot"])].into_iter().flatten().collect();
    let bins: Vec<_> = read.iter().map(|prefix| prefix.join("bin").to_string_lossy().into_owned()).collect();
    Tools { path: format!("{}:/usr/local/bin:/usr/bin:/bin", bins.join(":")), read }
}

impl World {
    /// The suite that is broken until `lib.py` adds.
    pub fn python() -> Self {
        Self::new(&[
            ("lib.py", LIB),
            ("tests/__init__.py", ""),
            ("tests/test_lib.py", TESTS),
            (".gitignore", "out/\n"),
        ])
    }

    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = dir.path().join("project");
        std::fs::create_dir(&project).expect("a folder");
        write(&project, files);
        sh(&project, "git init -q -b main . && git add -A && git commit -qm start", &[]);
        Self::of(dir, project)
    }

    pub fn of(dir: tempfile::TempDir, project: PathBuf) -> Self {
        let run_dir = dir.path().join("run");
        let repo =
            RunRepo::open(&run_dir, "run-1", &project, &GitConfig::default(), None).expect("a repository");
        let program = std::env::var_os(STAGE).map_or_else(|| BUILT_STAGE.into(), PathBuf::from);
        let sandbox = Sandbox::new(Level::Full, &program, Path::new("/usr/bin/bwrap")).expect("a sandbox");
        let kind = Kind::probe(dir.path(), "/usr/bin:/bin").map_or(Kind::Worktree, |()| Kind::Overlay);
        Self { project, workspaces: Workspaces::new(repo, kind), sandbox, dir }
    }

    pub fn repo(&self) -> &RunRepo {
        self.workspaces.repo()
    }

    pub fn court(&self, oracle: Value) -> Court {
        self.court_of(Some(OracleSpec::from_json(&oracle).expect("a good definition")))
    }

    pub fn court_of(&self, spec: Option<OracleSpec>) -> Court {
        let tools = tools();
        let env = vec![("PATH".to_owned(), tools.path)];
        let surroundings = Surroundings { read: tools.read, env, ..Surroundings::default() };
        Court::new(spec, self.workspaces.clone(), self.sandbox.clone(), surroundings)
    }

    /// A patch of these files.
    pub fn patch(&self, edits: &[(&str, Option<&str>)]) -> String {
        let edit = |(path, content): &(&str, Option<&str>)| ((*path).to_owned(), content.map(str::to_owned));
        let edits: BTreeMap<_, _> = edits.iter().map(edit).collect();
        let captured = self.repo().patch_of_edits(None, &edits, "work").expect("a patch");
        captured.patch.expect("something differs").commit
    }

    /// A directory that an agent works in, and what it did there.
    pub fn agent(&self, name: &str, start: Option<&str>, script: &str, env: &[(&str, &str)]) -> Agent {
        let workspaces = Workspaces::new(self.repo().clone(), Kind::Worktree);
        let workspace = workspaces.make(name, start).expect("a workspace");
        let Layers::Directory(tree) = workspace.layers() else { panic!("a worktree is a directory") };
        sh(&tree, script, env);
        Agent { tree, workspace }
    }

    pub fn show(&self, commit: &str, path: &str) -> Option<String> {
        let bytes = self.repo().file(commit, path, 1 << 20).expect("git answers")?;
        Some(String::from_utf8(bytes).expect("text"))
    }

    pub fn tip(&self) -> String {
        self.repo().tip().expect("a tip")
    }

    pub fn git(&self, script: &str) -> String {
        let repo = self.repo().run_dir().join("repo.git");
        let output = plain(&repo, script, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

pub struct Agent {
    pub tree: PathBuf,
    pub workspace: Workspace,
}

impl Agent {
    /// `None`: nothing differs.
    pub fn patch(&self) -> Option<String> {
        Some(self.workspace.patch("work").expect("a patch").patch?.commit)
    }
}

pub async fn judge(court: &Court, patch: &str) -> Judgement {
    let call = OracleCall { patch: Some(patch.to_owned()), ..OracleCall::default() };
    court.judge(&call).await.expect("a verdict")
}

pub async fn land(court: &Court, key: &str, patch: &str) -> Landing {
    let call = LandCall { patch: patch.to_owned(), title: format!("work of {key}"), ..LandCall::default() };
    court.land(&CallKey::new(key, 1), &call).await.expect("an answer")
}

pub fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("within the folder")).expect("a folder");
        std::fs::write(path, content).expect("written");
    }
}

/// As a judge without any care would run it: here, now, with what is there.
pub fn plain(folder: &Path, script: &str, env: &[(&str, &str)]) -> Output {
    let home = folder.join("..");
    Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", tools().path)
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@localhost")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@localhost")])
        .envs(env.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("sh runs")
}

pub fn sh(folder: &Path, script: &str, env: &[(&str, &str)]) {
    let output = plain(folder, script, env);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}\n{said}");
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

/// Runs `test`, the one of this name, as a user whom permissions bind: as root in another process.
#[expect(clippy::print_stderr, reason = "a test that is skipped is seen to be")]
pub fn as_a_plain_user(name: &str, test: impl FnOnce()) {
    if !rustix::process::geteuid().is_root() {
        return test();
    }
    let place = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).expect("ours");
    let plain = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", place.path()).current_dir("/");
        command
    };
    if !plain().args(["python3", "-V"]).output().is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("FANFOLD_NO_SKIPS").is_none(), "no plain user has a Python");
        eprintln!("SKIPPED: root is bound by no permissions, and nobody else has a Python");
        return;
    }
    // What is built may lie where nobody else can read.
    let own = std::env::current_exe().expect("it runs");
    let copies = [(own.as_path(), "test"), (Path::new(BUILT_STAGE), "stage")].map(|(from, name)| {
        let to = place.path().join(name);
        // By another process: nobody runs a program that one which is just being started holds open.
        assert!(Command::new("cp").args([from, &to]).status().expect("cp runs").success());
        to
    });
    let output = plain()
        .arg(&copies[0])
        .args(["--exact", name, "--nocapture"])
        .env(STAGE, &copies[1])
        .output()
        .expect("it runs");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
