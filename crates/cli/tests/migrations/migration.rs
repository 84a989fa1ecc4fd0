//! One migration: its repository in a temporary folder, a run of it, and what has to be so afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// Who judges besides the test suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judges {
    /// Nobody.
    Suite,
    /// Reviewers.
    Reviewed,
    /// Reviewers, and checks that agents do not see.
    Full,
}

pub struct Migration {
    pub name: String,
    pub truth: Truth,
    case: PathBuf,
    project: PathBuf,
    home: PathBuf,
    /// `PATH` with the toolchain itself first: what stands before it in a home may be a shim.
    path: String,
    _folder: TempDir,
}

/// What a migration's agents are known to be.
#[derive(Clone, Debug, Deserialize)]
pub struct Truth {
    pub tool: Tool,
    /// The whole suite.
    pub suite: String,
    /// Of the file that an item is about; `{}` is the item.
    pub path: String,
    /// What may change besides.
    pub shared: Vec<String>,
    /// Prints the name of each item that is not right.
    pub accept: String,
    pub items: BTreeMap<String, Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    Python,
    Rust,
    Node,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    pub work: Work,
    /// In words.
    #[serde(default)]
    pub flaw: String,
    /// Named in a failure of the run.
    #[serde(default)]
    pub tampers: Vec<String>,
    /// Also a fixer's, in the end.
    pub lands: bool,
}

/// What the implementer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    Honest,
    /// Honest, and not to be merged as it is.
    Conflict,
    Wrong,
    Cheat,
}

/// A run that has ended.
pub struct Ran<'a> {
    pub migration: &'a Migration,
    pub judges: Judges,
    /// The result document.
    pub document: Value,
    pub told: String,
    status: Option<i32>,
    /// A clone of what landed.
    clone: TempDir,
    /// Paths that differ from the start.
    changed: BTreeSet<String>,
    /// Items that are not right in it.
    pub not_right: BTreeSet<String>,
}

impl Migration {
    /// `None`, and the reason printed: its toolchain is not here.
    pub fn new(name: &str) -> Option<Self> {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations").join(name);
        let text = fs::read(case.join("truth.json")).expect("each migration has one");
        let truth: Truth = serde_json::from_slice(&text).expect("the truth is told in JSON");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let base = folder.path().canonicalize().expect("it was just made");
        let (project, home) = (base.join("project"), base.join("home"));
        let place = toolchain(truth.tool)?;
        let config = home.join(".config/fanfold/config.toml");
        fs::create_dir_all(config.parent().expect("a folder")).expect("new folders");
        fs::write(&config, format!("[sandbox]\nread = [{:?}]\n", place.display())).expect("a new file");
        copy(&case.join("repo"), &project);
        let path = format!("{}:{}", place.join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let migration = Self { name: name.into(), truth, case, project, home, path, _folder: folder };
        let commit = ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "start"];
        for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &commit] {
            git(&migration.project, args);
        }
        Some(migration)
    }

    pub fn run(&self, judges: Judges) -> Ran<'_> {
        let workflow = self.project.parent().expect("a folder").join("workflow.js");
        let text = fs::read_to_string(self.case.join("workflow.js")).expect("each migration has one");
        let kept = |line: &&str| judges == Judges::Full || !line.contains("visibility:");
        let text: Vec<&str> = text.lines().filter(kept).collect();
        fs::write(&workflow, text.join("\n")).expect("a new file");
        let reviewers = if judges == Judges::Suite { "reviewers=0" } else { "reviewers=2" };
        let scenario = self.case.join("scenario.yaml");
        let words = ["run", &workflow.display().to_string(), "--scenario", &scenario.display().to_string()]
            .map(str::to_owned);
        let mut command = self.command(env!("CARGO_BIN_EXE_fanfold"));
        command.args(words).args(["--args", reviewers, "--json"]).current_dir(&self.project);
        let ran = command.output().expect("the binary is built");
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        let document: Value =
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {told}"));
        let branch = format!("fanfold/{}", document["run_id"].as_str().expect("an id"));
        let clone = tempfile::tempdir().expect("a temporary folder");
        git(clone.path(), &["clone", "-q", "--branch", &branch, &self.project.display().to_string(), "tree"]);
        let changed = git(&clone.path().join("tree"), &["diff", "--name-only", "origin/main", "HEAD"]);
        let changed = changed.lines().map(str::to_owned).collect();
        let mut ran = Ran {
            migration: self,
            judges,
            document,
            told,
            status: ran.status.code(),
            clone,
            changed,
            not_right: BTreeSet::new(),
        };
        ran.not_right = ran.accepted();
        ran
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("XDG_CONFIG_HOME", self.home.join(".config"))
            .env("XDG_STATE_HOME", self.home.join(".local/state"))
            .env("LANG", "C.UTF-8");
        command
    }
}

impl Ran<'_> {
    /// Of an item: what `verified()` came to.
    pub fn result(&self, item: &str) -> &Value {
        &self.document["result"][item]
    }

    pub fn has_landed(&self, item: &str) -> bool {
        self.result(item)["landed"] == true
    }

    /// Everything that landed passes; every cheat is named; nothing is there that did not land.
    #[track_caller]
    pub fn keeps_what_is_promised(&self) {
        let Truth { suite, items, path, shared, .. } = &self.migration.truth;
        let tested = self.shell(suite);
        assert!(tested.status.success(), "{}", said(&tested));

        for (name, item) in items {
            assert_eq!(self.has_landed(name), item.lands, "{name}: {:#}\n{}", self.result(name), self.told);
            let changed = self.changed.contains(&path.replace("{}", name));
            assert_eq!(changed, item.lands, "{name}: what is on the branch is what landed");
            let mut named = self.failures("tampered", name);
            for tampered in &item.tampers {
                assert!(named.any(|message| message.contains(tampered.as_str())), "{tampered} is not named");
                named = self.failures("tampered", name);
            }
            assert_eq!(named.count() > 0, !item.tampers.is_empty(), "{name} is named if it tampers");
            let held: Vec<&str> = self.failures("not_landed", name).collect();
            assert_eq!(held.len(), usize::from(!item.lands), "{name}: {held:?}");
            assert!(held.iter().all(|why| !why.is_empty()), "{name} is held back for a reason");
            if item.work == Work::Conflict {
                let verdicts = self.result(name)["verdicts"].as_array().expect("verdicts");
                let sent_back = |verdict: &&Value| {
                    verdict["by"] == "land"
                        && verdict["conflicts"].as_array().is_some_and(|paths| !paths.is_empty())
                };
                assert!(
                    verdicts.iter().any(|verdict| sent_back(&verdict)),
                    "{name} went through the queue: {verdicts:#?}"
                );
            }
        }
        let allowed = |at: &String| {
            shared.contains(at)
                || items.iter().any(|(name, item)| item.lands && *at == path.replace("{}", name))
        };
        let others: Vec<&String> = self.changed.iter().filter(|at| !allowed(at)).collect();
        assert!(others.is_empty(), "{others:?} changed");
        assert_eq!(self.not_right, BTreeSet::new(), "by the acceptance");

        let all = items.values().all(|item| item.lands);
        assert_eq!(self.document["verdict"], if all { "passed" } else { "failed" }, "{}", self.told);
        assert_eq!(self.status, Some(if all { 0 } else { 1 }), "{}", self.told);
    }

    fn failures<'a>(&'a self, kind: &'a str, item: &'a str) -> impl Iterator<Item = &'a str> {
        let failures = self.document["failures"].as_array().expect("failures").iter();
        let of_item = move |failure: &&Value| {
            let label = failure["label"].as_str().unwrap_or_default();
            failure["kind"] == kind && label.rsplit(':').next() == Some(item)
        };
        failures.filter(of_item).map(|failure| failure["message"].as_str().unwrap_or_default())
    }

    /// Names that the acceptance prints.
    fn accepted(&self) -> BTreeSet<String> {
        let tree = self.clone.path().join("tree");
        for entry in fs::read_dir(&self.migration.case).expect("it is there").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("accept.") {
                fs::copy(entry.path(), tree.join(&name)).expect("there is room");
            }
        }
        let ran = self.shell(&self.migration.truth.accept);
        assert!(ran.status.success(), "{}", said(&ran));
        String::from_utf8_lossy(&ran.stdout).split_whitespace().map(str::to_owned).collect()
    }

    /// A command of a person's, in the clone.
    fn shell(&self, line: &str) -> Output {
        let mut command = self.migration.command("sh");
        command.args(["-c", line]).current_dir(self.clone.path().join("tree")).output().expect("a shell")
    }
}

/// Where the tool lies: it is first in the `PATH`, and readable in the sandbox.
fn toolchain(tool: Tool) -> Option<PathBuf> {
    let (program, args) = match tool {
        Tool::Python => ("python3", ["-c", "import sys; print(sys.base_prefix)"]),
        Tool::Rust => ("rustc", ["--print", "sysroot"]),
        Tool::Node => ("node", ["-p", "require('path').dirname(require('path').dirname(process.execPath))"]),
    };
    let said = Command::new(program).args(args).output();
    match said {
        Ok(said) if said.status.success() => Some(String::from_utf8_lossy(&said.stdout).trim().into()),
        Ok(_) | Err(_) => {
            skipped(&format!("there is no {program} here"));
            None
        }
    }
}

#[expect(clippy::print_stderr, reason = "a test that does not run has to say so")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

pub fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("there is room");
        }
    }
}
