//! Runs git without letting the files of an agent decide what it runs.
//!
//! A repository's `.git` pointer, its hooks, its file monitor, an external diff: each makes a plain
//! `git status` run a program of their author's choice. So the git directory is named by us and never read
//! from the tree, and the settings that name programs are overridden.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where git is, and where it finds its own helpers.
#[derive(Clone, Debug)]
pub struct GitConfig {
    pub program: PathBuf,
    /// `PATH` of git: its whole environment besides what we set.
    pub path: String,
}

impl Default for GitConfig {
    fn default() -> Self {
        Self { program: "git".into(), path: "/usr/local/bin:/usr/bin:/bin".into() }
    }
}

#[derive(Clone, Debug)]
pub struct Git {
    pub config: GitConfig,
    pub git_dir: PathBuf,
    pub work_tree: PathBuf,
}

const OVERRIDES: [&str; 10] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    "core.sshCommand=false",
    "diff.external=",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

impl Git {
    /// What it prints. `Err`: the first line of what it complains about. Blocks.
    pub fn run(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new(&self.config.program);
        command
            .arg("--git-dir")
            .arg(&self.git_dir)
            .arg("--work-tree")
            .arg(&self.work_tree)
            .args(OVERRIDES.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(&self.work_tree)
            .env_clear()
            .env("PATH", &self.config.path)
            .env("HOME", "/nonexistent")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null());
        let output =
            command.output().map_err(|err| format!("cannot run {}: {err}", self.config.program.display()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        let line = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("git failed");
        Err(line.to_owned())
    }

    /// Like [`Git::run`], for one line.
    pub fn line(&self, args: &[&str]) -> Result<String, String> {
        let out = self.run(args)?;
        Ok(String::from_utf8_lossy(&out).trim().to_owned())
    }

    pub fn with_tree(&self, git_dir: &Path, work_tree: &Path) -> Self {
        Self { config: self.config.clone(), git_dir: git_dir.to_owned(), work_tree: work_tree.to_owned() }
    }
}
