//! A project in a temporary folder, a home beside it, and the binary run there and nowhere else.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::ChildStdin;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fanfold_core::{Entry, Reply};
use fanfold_engine::FileStore;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::model::Model;

/// Nothing here takes as long, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(60);
/// The plain user that root becomes: `nobody`.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65_534;

pub struct Project {
    pub dir: PathBuf,
    pub home: PathBuf,
    /// Words that come before the arguments: the binary, and what starts it.
    program: Vec<String>,
    owner: Option<u32>,
    _folder: TempDir,
}

/// A process of the binary.
pub struct Running {
    child: Child,
    stdout: File,
    stderr: File,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// -1 when a signal ended it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let base = folder.path().canonicalize().expect("it was just made");
        let (dir, home) = (base.join("project"), base.join("home"));
        for dir in [&dir, &home] {
            fs::create_dir(dir).expect("a new folder");
        }
        let program = vec![env!("CARGO_BIN_EXE_fanfold").to_owned()];
        Self { dir, home, program, owner: None, _folder: folder }
    }

    /// The binary, for those that start it by way of another program.
    pub fn program(&self) -> &str {
        &self.program[0]
    }

    /// A project whose agents ask `model`.
    pub fn with(model: &Model) -> Self {
        let project = Self::new();
        project.file("~/.config/fanfold/config.toml", &model.settings());
        project
    }

    /// Gives all of it to a user whom permissions bind. `None`, with the reason printed: it cannot be.
    #[cfg(target_os = "linux")]
    pub fn of_a_plain_user(mut self) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        if !rustix::process::geteuid().is_root() {
            return Some(self);
        }
        if !Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success()) {
            skipped("root is bound by no permissions, and there is no setpriv to become somebody else");
            return None;
        }
        let base = self.dir.parent().expect("a folder in a folder");
        fs::set_permissions(base, fs::Permissions::from_mode(0o755)).expect("ours");
        // The build may lie where nobody else can read.
        let copy = base.join("fanfold");
        // By another process: one that a test beside this one just starts would hold what is written open, and
        // nobody runs a program that is being written.
        let copied = Command::new("cp").arg(&self.program[0]).arg(&copy).status();
        assert!(copied.expect("there").success(), "there is room for a copy");
        let id = NOBODY.to_string();
        let words = ["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"];
        self.program = words.into_iter().map(str::to_owned).chain([copy.display().to_string()]).collect();
        self.owner = Some(NOBODY);
        self.give_away(&self.dir);
        self.give_away(&self.home);
        Some(self)
    }

    /// Writes `text` to `path`, beneath the home for one that starts with `~/`, else beneath the project.
    pub fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.dir.join(path),
        };
        fs::create_dir_all(path.parent().expect("beneath a folder")).expect("new folders");
        fs::write(&path, text).expect("a new file");
        for path in path.ancestors().take_while(|path| **path != self.dir && **path != self.home) {
            self.give_away(path);
        }
        path
    }

    /// Runs the binary to its end.
    pub fn fanfold(&self, words: &[&str]) -> Ended {
        self.start(words).ended()
    }

    /// The same with `text` on standard input.
    pub fn fed(&self, text: &str, words: &[&str]) -> Ended {
        let mut running = self.start_with(words, Stdio::piped());
        let mut stdin = running.child.stdin.take().expect("piped");
        stdin.write_all(text.as_bytes()).expect("it reads");
        drop(stdin);
        running.ended()
    }

    pub fn start(&self, words: &[&str]) -> Running {
        self.start_with(words, Stdio::null())
    }

    fn start_with(&self, words: &[&str], stdin: Stdio) -> Running {
        let (program, before) = self.program.split_first().expect("a program");
        let words: Vec<&str> = before.iter().map(String::as_str).chain(words.iter().copied()).collect();
        self.start_program(program, &words, stdin).expect("the binary is built")
    }

    /// Another program, in the same place and with the same home.
    pub fn start_program(&self, program: &str, words: &[&str], stdin: Stdio) -> io::Result<Running> {
        let (stdout, stderr) = (unnamed_file(), unnamed_file());
        let child = Command::new(program)
            .args(words)
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("XDG_CONFIG_HOME", self.home.join(".config"))
            .env("XDG_STATE_HOME", self.home.join(".local/state"))
            .env("LANG", "C.UTF-8")
            .stdin(stdin)
            .stdout(stdout.try_clone().expect("a descriptor is free"))
            .stderr(stderr.try_clone().expect("a descriptor is free"))
            .spawn()?;
        Ok(Running { child, stdout, stderr })
    }

    /// The folders of its runs, the oldest first.
    pub fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.join(".fanfold/runs")).into_iter().flatten().flatten();
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        runs.sort();
        runs
    }

    /// The folder of its only run.
    pub fn run(&self) -> PathBuf {
        match &self.runs()[..] {
            [run] => run.clone(),
            runs => panic!("{} runs", runs.len()),
        }
    }

    fn give_away(&self, path: &Path) {
        if self.owner.is_some() {
            std::os::unix::fs::chown(path, self.owner, self.owner).expect("root may");
        }
    }
}

impl Running {
    #[cfg(target_os = "linux")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    #[cfg(target_os = "linux")]
    pub fn stdin(&mut self) -> &mut ChildStdin {
        self.child.stdin.as_mut().expect("piped")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is a child of this process");
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it is a child of this process").is_none()
    }

    pub fn ended(mut self) -> Ended {
        until("the process to end", || !self.is_running());
        let status = self.child.wait().expect("it has ended").code().unwrap_or(-1);
        let read = |file: &mut File| {
            let mut text = String::new();
            file.rewind().expect("a file");
            file.read_to_string(&mut text).expect("UTF-8");
            text
        };
        Ended { status, stdout: read(&mut self.stdout), stderr: read(&mut self.stderr) }
    }
}

/// A test that fails leaves no process behind.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Expects an exit status; shows what was said if it is another.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Expects words on standard error.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no `{words}` in:\n{}", self.stderr);
        self
    }

    /// Standard output, all of it, as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|err| panic!("{err}:\n{}", self.stdout))
    }
}

/// A script with its `meta`, named after nothing in particular.
pub fn script(body: &str) -> String {
    format!("export const meta = {{ name: 'small', description: 'A small workflow' }}\n{body}\n")
}

/// Labels of the agents whose result stands in the journal of a run.
pub fn settled(run: &Path) -> BTreeSet<String> {
    let entries = FileStore::peek(run).expect("a journal that is whole");
    let mut labels = std::collections::HashMap::new();
    let mut settled = BTreeSet::new();
    for entry in entries {
        match entry {
            Entry::Called { key, asked } if asked.what == fanfold_core::CallKind::Agent => {
                _ = labels.insert(key, asked.label)
            }
            Entry::Settled { key, outcome } if matches!(outcome.reply, Reply::Done(_)) => {
                settled.extend(labels.get(&key).cloned());
            }
            _ => (),
        }
    }
    settled
}

/// Polls until it is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "waited {LIMIT:?} for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that does not run has to say so")]
pub fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

fn unnamed_file() -> File {
    tempfile::tempfile().expect("a temporary file")
}
