//! What a confined process may see, do and use: plain data, checked by nobody who is confined.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How strictly processes are confined. Only a person chooses less than `Full`; nothing falls back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Namespaces of its own (files, processes, network, users), Landlock, seccomp, limits.
    Full,
    /// Landlock, seccomp and limits, without namespaces: protected and hidden paths are not enforced, there
    /// are no overlays and no proxy, and a tree of processes is killed one by one.
    Reduced,
    /// Nothing is confined; the tree of processes is still killed one by one.
    Off,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Reduced => "reduced",
            Self::Off => "off",
        }
    }
}

/// Start from [`Policy::new`] and widen: it allows the root, the system's programs, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub root: Root,
    /// Where the process sees the root, and where it starts. Below `Full` the root's own path is used.
    pub at: PathBuf,
    /// Files and directories shown read-only at their own paths, such as toolchains; absent ones are skipped.
    pub read: Vec<PathBuf>,
    /// Shown at their own paths, writable; absent ones are skipped.
    pub write: Vec<PathBuf>,
    /// Relative to the root: read-only where they exist, not to be made where they do not.
    pub protected: Vec<PathBuf>,
    /// Relative to the root or absolute: there, but without content.
    pub hidden: Vec<PathBuf>,
    /// What a `.git` needs, shown read-only at their own paths, also beneath `at`.
    pub git_dirs: Vec<PathBuf>,
    /// What it is, and where it is shown read-only instead. Where it is absent, what lies there is hidden. `Full` only.
    pub read_at: Vec<(PathBuf, PathBuf)>,
    pub network: Network,
    /// The whole environment.
    pub env: Vec<(String, String)>,
    /// An empty directory in memory there. In `Reduced`, `HOME` and `TMPDIR` are set to one on disk instead.
    pub home: PathBuf,
    pub limits: ProcessLimits,
    /// The process is the first of its PID namespace: it can be neither killed nor traced from inside, has to
    /// reap orphans, and all others die with it.
    pub is_pid_1: bool,
}

impl Policy {
    pub fn new(root: Root, at: impl Into<PathBuf>) -> Self {
        let home = "/home/fanfold";
        let env = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("HOME", home),
            ("USER", "fanfold"),
            ("LANG", "C.UTF-8"),
            ("TERM", "dumb"),
        ];
        Self {
            root,
            at: at.into(),
            read: Vec::new(),
            write: Vec::new(),
            protected: Vec::new(),
            hidden: Vec::new(),
            git_dirs: Vec::new(),
            read_at: Vec::new(),
            network: Network::None,
            env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            home: home.into(),
            limits: ProcessLimits::default(),
            is_pid_1: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Root {
    /// Written in place.
    Directory(PathBuf),
    /// `lower` is never written; changes go to `upper`. `work` is an empty directory beside `upper`, on the
    /// same file system. Mounted only where the process sees it. All belong to whoever runs the engine:
    /// files of other owners cannot be changed.
    Overlay { lower: PathBuf, upper: PathBuf, work: PathBuf },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// A loopback device of its own, nothing else. In `Reduced`: no sockets of the internet at all.
    None,
    /// As `None`, and the socket of a proxy at [`PROXY_SOCKET`].
    Proxy { socket: PathBuf },
    /// That of the machine.
    Open,
}

/// Where a process finds the proxy's socket.
pub const PROXY_SOCKET: &str = "/run/fanfold/proxy.sock";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessLimits {
    /// Processes and threads. For root it needs Linux 6.14, and is 301 at least.
    pub processes: u64,
    /// Of each process: what it may have written to.
    pub memory_bytes: u64,
    /// Of each file.
    pub file_bytes: u64,
    pub open_files: u64,
    /// Of each of `/tmp`, the home directory, `/run` and `/dev/shm`, which are in memory.
    pub tmp_bytes: u64,
}

impl Default for ProcessLimits {
    fn default() -> Self {
        Self {
            processes: 512,
            memory_bytes: 4 << 30,
            file_bytes: 2 << 30,
            open_files: 4_096,
            tmp_bytes: 1 << 30,
        }
    }
}
