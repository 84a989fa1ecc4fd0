//! A repository in a temporary folder with a home of its own, and the binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::story::Tools;

const SYSTEM: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

pub struct Project {
    pub dir: PathBuf,
    home: PathBuf,
    path: String,
    _folder: TempDir,
}

/// How a command ended.
pub struct Ended {
    /// -1 when a signal ended it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// In git, with all of it committed on `main`.
    pub fn new(files: &BTreeMap<String, String>, tools: &Tools) -> Self {
        let project = Self::empty(tools);
        for (path, text) in files {
            project.write(path, text, path.ends_with(".sh"));
        }
        project.git("init -q -b main");
        project.git("add -A");
        project.git("commit -q -m 'before the migration'");
        // What a run keeps, and what starts it, is no part of the work.
        fs::write(project.dir.join(".git/info/exclude"), ".fanfold/\nw.js\ns.yaml\n").expect("a repository");
        project
    }

    fn empty(tools: &Tools) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let base = folder.path().canonicalize().expect("it was just made");
        let (dir, home) = (base.join("project"), base.join("home"));
        fs::create_dir(&dir).expect("a new folder");
        fs::create_dir_all(home.join(".config/fanfold")).expect("new folders");
        let settings = format!("[sandbox]\nread = {:?}\n", tools.read);
        fs::write(home.join(".config/fanfold/config.toml"), settings).expect("a new file");
        let folders = tools.path.iter().map(|path| path.display().to_string());
        let path = folders.chain(SYSTEM.map(str::to_owned)).collect::<Vec<_>>().join(":");
        Self { dir, home, path, _folder: folder }
    }

    pub fn write(&self, path: &str, text: &str, is_program: bool) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().expect("beneath a folder")).expect("new folders");
        fs::write(&path, text).expect("a new file");
        if is_program {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        }
    }

    /// Runs the binary to its end.
    pub fn fanfold(&self, words: &[&str]) -> Ended {
        let mut command = self.command(env!("CARGO_BIN_EXE_fanfold"));
        ended(command.args(words))
    }

    /// A line of `sh`.
    pub fn sh(&self, line: &str) -> Ended {
        ended(self.command("sh").args(["-c", line]))
    }

    /// What it prints, without the last line break.
    pub fn git(&self, line: &str) -> String {
        let ran = self.sh(&format!("git -c user.name=Somebody -c user.email=somebody@localhost {line}"));
        assert!(ran.status == 0, "git {line}: {}", said(&ran));
        ran.stdout.trim_end().to_owned()
    }

    /// The branch of its only run.
    pub fn branch(&self) -> String {
        let branches = self.git("for-each-ref --format='%(refname:short)' refs/heads/fanfold");
        assert_eq!(branches.lines().count(), 1, "{branches}");
        branches
    }

    /// Another repository, with nothing but what is committed on this branch.
    pub fn clone_of(&self, branch: &str) -> Project {
        let clone = Self { path: self.path.clone(), ..Self::empty(&Tools::default()) };
        clone.git(&format!("clone -q --no-local --branch {branch} '{}' .", self.dir.display()));
        clone.git("branch -q main origin/main");
        clone
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("XDG_CONFIG_HOME", self.home.join(".config"))
            .env("XDG_STATE_HOME", self.home.join(".local/state"))
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }
}

pub fn said(ended: &Ended) -> String {
    format!("{}\n{}{}", ended.status, ended.stdout, ended.stderr)
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended {
        status: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
