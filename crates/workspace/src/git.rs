//! Runs git without letting the files of an agent decide what it runs.
//!
//! A repository's `.git` pointer, its hooks, its file monitor, an external diff: each makes a plain
//! `git status` run a program of their author's choice. So the git directory is named by us and never read
//! from the tree, and the settings that name programs are overridden.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use crate::standing::{Asked, Kind, Standing};

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

impl GitConfig {
    /// The one that this `PATH` leads to. A program that is named by its place is started without a copy of the
    /// whole process, which takes longer than git itself.
    pub fn of_path(path: &str) -> Self {
        let folders = path.split(':').filter(|folder| folder.starts_with('/'));
        let found = folders.map(|folder| Path::new(folder).join("git")).find(|git| git.is_file());
        Self { program: found.unwrap_or_else(|| "git".into()), path: path.to_owned() }
    }
}

/// Who makes commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    email: String,
}

impl Default for Identity {
    fn default() -> Self {
        Self { name: "fanfold".into(), email: "fanfold@localhost".into() }
    }
}

impl Identity {
    /// Without what a commit's header cannot hold. Nothing left of either: the default.
    pub fn new(name: &str, email: &str) -> Self {
        let clean = |text: &str| -> String {
            let text: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect();
            text.trim().to_owned()
        };
        let (name, email) = (clean(name), clean(email));
        if name.is_empty() || email.is_empty() { Self::default() } else { Self { name, email } }
    }

    /// As a commit's header has it: `name <email>`.
    pub fn line(&self) -> String {
        format!("{} <{}>", self.name, self.email)
    }
}

/// One way to call git: which git directory, work tree and index it uses is said here and nowhere else.
#[derive(Clone, Debug)]
pub struct Git {
    pub config: GitConfig,
    pub git_dir: PathBuf,
    work_tree: Option<PathBuf>,
    index: Option<PathBuf>,
    identity: Identity,
    /// `None`: each question has a process of its own.
    standing: Option<Arc<Standing>>,
}

/// What a call of git came to.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

const OVERRIDES: [&str; 13] = [
    // The journal names patches as done: of loose objects git waits for the disk only when told to.
    "core.fsync=committed",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    "core.sshCommand=false",
    "diff.external=",
    "protocol.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

impl Git {
    /// For what needs no files but git's own.
    pub fn bare(config: GitConfig, git_dir: PathBuf) -> Self {
        let identity = Identity::default();
        Self { config, git_dir, work_tree: None, index: None, identity, standing: None }
    }

    pub fn with_work_tree(config: GitConfig, git_dir: PathBuf, work_tree: PathBuf) -> Self {
        Self { work_tree: Some(work_tree), ..Self::bare(config, git_dir) }
    }

    pub fn with_index(self, index: PathBuf) -> Self {
        Self { index: Some(index), ..self }
    }

    pub fn with_identity(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// With processes that stay, for [`Git::ask`]. Copies share them; they end with the last one.
    pub(crate) fn standing(self) -> Self {
        Self { standing: Some(Arc::default()), ..self }
    }

    /// Asks a process that stays. `None`: there is none, or no answer: ask by [`Git::run`]. Blocks.
    pub(crate) fn ask<T>(&self, kind: Kind, ask: impl FnOnce(&mut Asked) -> io::Result<T>) -> Option<T> {
        let start = || Some((self.command(kind.args()).spawn().ok()?, self.place().to_owned()));
        self.standing.as_ref()?.ask(kind, start, ask)
    }

    /// What it prints. `Err`: the first line of what it complains about. Blocks.
    pub fn run(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        self.output(args, b"")?.success()
    }

    /// Like [`Git::run`], for one line.
    pub fn line(&self, args: &[&str]) -> Result<String, String> {
        let out = self.run(args)?;
        Ok(String::from_utf8_lossy(&out).trim().to_owned())
    }

    /// Whatever its exit status, which some commands answer with. Blocks.
    pub fn output(&self, args: &[&str], stdin: &[u8]) -> Result<Ran, String> {
        self.feed(args, |to| to.write_all(stdin))
    }

    /// Lets `write` say what it reads. Git's complaint comes before `write`'s own error. Blocks.
    pub fn feed(
        &self,
        args: &[&str],
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    ) -> Result<Ran, String> {
        let mut child = self.spawn(args)?;
        let stdin = child.stdin.take().expect("stdin is a pipe");
        let (written, output) = std::thread::scope(|scope| {
            // What it prints may fill a pipe before it has read all.
            let writer = scope.spawn(move || {
                let mut to = io::BufWriter::with_capacity(64 * 1024, stdin);
                write(&mut to).and_then(|()| to.flush())
            });
            let output = child.wait_with_output();
            (writer.join(), output)
        });
        let output = output.map_err(|err| format!("git: {err}"))?;
        let ran = Ran { status: output.status, stdout: output.stdout, stderr: output.stderr };
        match written {
            Ok(Ok(())) => Ok(ran),
            // It ended before it read all: it says why itself.
            Ok(Err(err)) if err.kind() == io::ErrorKind::BrokenPipe => Ok(ran),
            Ok(Err(err)) => Err(err.to_string()),
            Err(_) => Err("what git was to read could not be written".into()),
        }
    }

    /// At most `bytes_max` of what it prints, and whether there was more.
    pub fn head(&self, args: &[&str], bytes_max: usize) -> Result<(Vec<u8>, bool), String> {
        let mut child = self.spawn(args)?;
        drop(child.stdin.take());
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let mut read = Vec::new();
        let result = stdout.take(bytes_max as u64 + 1).read_to_end(&mut read);
        let more = read.len() > bytes_max;
        read.truncate(bytes_max);
        if more {
            // Its end is no news then: we stopped reading.
            let _ = child.kill();
        }
        let output = child.wait_with_output().map_err(|err| format!("git: {err}"))?;
        result.map_err(|err| format!("git: {err}"))?;
        if !more && !output.status.success() {
            return Err(complaint(&output.stderr));
        }
        Ok((read, more))
    }

    fn spawn(&self, args: &[&str]) -> Result<Child, String> {
        self.command(args)
            .spawn()
            .map_err(|err| format!("cannot run {}: {err}", self.config.program.display()))
    }

    /// Where it is started.
    fn place(&self) -> &Path {
        self.work_tree.as_deref().unwrap_or(&self.git_dir)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.config.program);
        command.arg("--git-dir").arg(&self.git_dir);
        if let Some(work_tree) = &self.work_tree {
            command.arg("--work-tree").arg(work_tree);
        }
        command
            .args(OVERRIDES.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(self.place())
            .env_clear()
            .env("PATH", &self.config.path)
            .env("HOME", "/nonexistent")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_NAME", &self.identity.name)
            .env("GIT_AUTHOR_EMAIL", &self.identity.email)
            .env("GIT_COMMITTER_NAME", &self.identity.name)
            .env("GIT_COMMITTER_EMAIL", &self.identity.email)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }
}

impl Ran {
    /// What it printed. `Err`: the first line of its complaint.
    pub fn success(self) -> Result<Vec<u8>, String> {
        if self.status.success() { Ok(self.stdout) } else { Err(self.complaint()) }
    }

    pub fn complaint(&self) -> String {
        complaint(&self.stderr)
    }
}

fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("git failed");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

/// What `-z` separates.
pub(crate) fn fields(out: &[u8]) -> impl Iterator<Item = &[u8]> {
    out.split(|byte| *byte == 0).filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_objects_are_on_disk_when_git_says_that_they_are_made() {
        let dir = tempfile::tempdir().expect("a folder");
        let git = Git::bare(GitConfig::default(), dir.path().join("repo.git"));
        let repo = git.git_dir.to_string_lossy().into_owned();
        let here = Git::bare(GitConfig::default(), dir.path().to_owned());
        here.run(&["init", "--quiet", "--bare", &repo]).expect("a repository");
        let made = here.output(&["--git-dir", &repo, "hash-object", "-w", "-t", "tree", "--stdin"], b"");
        let empty = String::from_utf8(made.expect("runs").success().expect("made")).expect("a hash");
        let commit = format!("tree {empty}author a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n");
        std::fs::write(git.git_dir.join("commit"), commit).expect("written");
        let writers: [(&[&str], &[u8]); 3] = [
            (&["hash-object", "-w", "--stdin"], b"text"),
            (Kind::Commits.args(), b"commit\n"),
            (Kind::Blobs.args(), b"commit\n"),
        ];
        for (nth, (args, stdin)) in writers.into_iter().enumerate() {
            let trace = dir.path().join(format!("trace-{nth}"));
            let mut child = git.command(args).env("GIT_TRACE2_EVENT", &trace).spawn().expect("git runs");
            child.stdin.take().expect("a pipe").write_all(stdin).expect("it reads");
            assert!(child.wait().expect("it ends").success(), "{args:?}");
            let trace = std::fs::read_to_string(&trace).expect("a trace");
            let waited = trace.lines().find(|line| line.contains("hardware-flush")).expect("git counts them");
            assert!(!waited.contains("\"count\":0") && !waited.contains("\"value\":\"0\""), "{waited}");
        }
    }
}
