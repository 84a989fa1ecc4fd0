//! What the command sees: the arguments of bubblewrap for a policy.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, Mode, OFlags, memfd_create, open};

use super::mounts::Protected;
use super::{PROGRAM_INSIDE, Tried};
use crate::placeholder;
use crate::plan::Plan;
use crate::policy::{Network, PROXY_SOCKET, Policy, Root};

/// Links on most systems, directories on some.
const SYSTEM_DIRS: [&str; 5] = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/// What programs look up: no accounts, no secrets.
pub(crate) const ETC: [&str; 17] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/debian_version",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/pki/tls",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/timezone",
];

const UID: &str = "1000";

/// Arguments in a file that only bubblewrap reads, and the files that they name by number.
pub(crate) struct View {
    pub words: OwnedFd,
    _files: Vec<OwnedFd>,
}

impl View {
    /// `root`: where the root of the policy lies now, with what is protected in it.
    pub fn new(plan: &Plan, root: &Path, protected: &[Protected]) -> Result<Self, String> {
        let mut words = Words::default();
        words.namespaces(&plan.policy);
        words.system(&plan.policy)?;
        words.memory(&plan.policy);
        words.add(["--ro-bind".as_ref(), plan.program.as_os_str(), PROGRAM_INSIDE.as_ref()]);
        words.own(&plan.policy, root, protected);
        for read_only in ["/dev", "/"] {
            words.add(["--remount-ro", read_only]);
        }
        words.add(["--chdir".as_ref(), plan.policy.at.as_os_str()]);
        let text = words.list.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect::<Vec<u8>>();
        Ok(Self { words: in_memory(&text)?, _files: words.files })
    }
}

#[derive(Default)]
struct Words {
    list: Vec<OsString>,
    files: Vec<OwnedFd>,
}

impl Words {
    fn add<W: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.list.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
    }

    fn namespaces(&mut self, policy: &Policy) {
        self.add([
            "--unshare-user",
            "--unshare-all",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
        ]);
        self.add(["--cap-drop", "ALL", "--uid", UID, "--gid", UID, "--hostname", "fanfold"]);
        if policy.network == Network::Open {
            self.add(["--share-net"]);
        }
        if policy.is_pid_1 {
            self.add(["--as-pid-1"]);
        }
    }

    fn system(&mut self, policy: &Policy) -> Result<(), String> {
        self.add(["--ro-bind", "/usr", "/usr"]);
        for dir in SYSTEM_DIRS {
            match fs::read_link(dir) {
                Ok(target) => self.add(["--symlink".as_ref(), target.as_os_str(), dir.as_ref()]),
                Err(_) => self.add(["--ro-bind-try", dir, dir]),
            }
        }
        for path in ETC {
            self.shown(path)?;
        }
        if policy.network == Network::Open {
            self.shown("/etc/resolv.conf")?;
        }
        let home = policy.home.display();
        let passwd = format!("fanfold:x:{UID}:{UID}::{home}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n");
        self.file(&passwd, "/etc/passwd")?;
        self.file(&format!("fanfold:x:{UID}:\nnogroup:x:65534:\n"), "/etc/group")?;
        self.file("127.0.0.1 localhost fanfold\n::1 localhost\n", "/etc/hosts")?;
        self.add(["--proc", "/proc"]);
        // Root of the machine may write there without any capability, whatever the namespace.
        self.add(["--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]);
        Ok(())
    }

    fn memory(&mut self, policy: &Policy) {
        let size = policy.limits.tmp_bytes.to_string();
        for path in [Path::new("/tmp"), Path::new("/dev/shm"), &policy.home] {
            self.add(["--size".as_ref(), size.as_ref(), "--tmpfs".as_ref(), path.as_os_str()]);
        }
        self.add(["--symlink", "../tmp", "/var/tmp"]);
        if let Network::Proxy { socket } = &policy.network {
            self.add(["--bind".as_ref(), socket.as_os_str(), PROXY_SOCKET.as_ref()]);
        }
    }

    /// The root and what lies around it and in it; a path comes after those that contain it.
    fn own(&mut self, policy: &Policy, root: &Path, protected: &[Protected]) {
        let mut binds: Vec<Bind> = vec![Bind::new("--bind", root, &policy.at)];
        binds.extend(policy.read.iter().map(|path| Bind::new("--ro-bind-try", path, path)));
        binds.extend(policy.write.iter().map(|path| Bind::new("--bind-try", path, path)));
        binds.extend(policy.git_dirs.iter().map(|path| Bind::new("--ro-bind-try", path, path)));
        binds.extend(policy.read_at.iter().filter_map(|(from, at)| instead(policy, root, from, at)));
        let given = binds.len();
        binds.extend(protected.iter().map(Bind::protecting));
        for path in &policy.hidden {
            binds.extend(hide(policy, root, path));
        }
        if let Root::Directory(_) = policy.root {
            let pinned = pinned(&policy.at, root, &binds, given);
            binds.extend(pinned);
        }
        binds.sort_by_key(|bind| bind.at.components().count());
        for bind in binds {
            self.add(bind.words);
        }
    }

    /// A copy of a file, the directory itself, or nothing: a copy needs no mount, and what holds it is read-only.
    fn shown(&mut self, path: &str) -> Result<(), String> {
        match fs::metadata(path) {
            Ok(about) if about.is_file() => {
                // Opened as bubblewrap inherits it.
                let file = open(path, OFlags::RDONLY, Mode::empty()).tried(path)?;
                self.copied(file, path);
            }
            Ok(_) => self.add(["--ro-bind-try", path, path]),
            Err(_) => (),
        }
        Ok(())
    }

    fn file(&mut self, content: &str, at: &str) -> Result<(), String> {
        let file = in_memory(content.as_bytes())?;
        self.copied(file, at);
        Ok(())
    }

    fn copied(&mut self, file: OwnedFd, at: &str) {
        self.add(["--perms", "0444", "--file", &file.as_raw_fd().to_string(), at]);
        self.files.push(file);
    }
}

struct Bind {
    at: PathBuf,
    words: Vec<OsString>,
}

impl Bind {
    fn new(how: &str, from: &Path, at: &Path) -> Self {
        Self { at: at.to_owned(), words: vec![how.into(), from.into(), at.into()] }
    }

    fn protecting(it: &Protected) -> Self {
        match it.is_shut {
            true => Self { at: it.at.clone(), words: Vec::new() },
            false => Self::new("--ro-bind", &it.from, &it.at),
        }
    }
}

/// The folders that lead to what is protected or hidden, the binds from `given` on: what is mounted on itself cannot
/// be moved away with what it holds, so that another could take its place. In an overlay no such folder can be moved.
fn pinned(root_at: &Path, root: &Path, binds: &[Bind], given: usize) -> Vec<Bind> {
    let above = |bind: &Bind| {
        let inside = bind.at.strip_prefix(root_at).ok()?.parent()?.to_owned();
        Some(
            inside
                .ancestors()
                .filter(|part| part.file_name().is_some())
                .map(Path::to_owned)
                .collect::<Vec<_>>(),
        )
    };
    let folders: BTreeSet<PathBuf> = binds[given..].iter().filter_map(above).flatten().collect();
    // In what is mounted read-only it would be a hole.
    let is_mounted = |at: &Path| {
        binds
            .iter()
            .any(|bind| bind.at.starts_with(root_at) && bind.at != root_at && at.starts_with(&bind.at))
    };
    folders
        .iter()
        .map(|inside| (root.join(inside), root_at.join(inside)))
        .filter(|(_, at)| !is_mounted(at))
        .map(|(from, at)| Bind::new("--bind", &from, &at))
        .collect()
}

/// What is there no more does not show what it was to cover; should it go just now, nothing starts.
fn instead(policy: &Policy, root: &Path, from: &Path, at: &Path) -> Option<Bind> {
    if from.exists() { Some(Bind::new("--ro-bind", from, at)) } else { hide(policy, root, at) }
}

/// A device that cannot be opened over a file, an empty directory over a directory.
fn hide(policy: &Policy, root: &Path, path: &Path) -> Option<Bind> {
    let at = policy.at.join(path);
    let from = match at.strip_prefix(&policy.at) {
        Ok(inside) => placeholder::beneath(root, inside)?,
        // What is not shown needs not be hidden.
        Err(_) => {
            let shown = policy.read.iter().chain(&policy.write).chain(&policy.git_dirs);
            shown.into_iter().any(|shown| at.starts_with(shown)).then(|| at.clone())?
        }
    };
    let at = from.strip_prefix(root).map_or(at, |inside| policy.at.join(inside));
    let is_dir = fs::metadata(&from).ok()?.is_dir();
    if !is_dir {
        return Some(Bind::new("--ro-bind", Path::new("/dev/null"), &at));
    }
    let dir: &OsStr = at.as_ref();
    let words: [&OsStr; 6] =
        ["--perms".as_ref(), "0000".as_ref(), "--tmpfs".as_ref(), dir, "--remount-ro".as_ref(), dir];
    Some(Bind { words: words.map(ToOwned::to_owned).to_vec(), at })
}

/// Inherited by what is started next: it closes it once it is read.
fn in_memory(content: &[u8]) -> Result<OwnedFd, String> {
    let what = "cannot make a file in memory";
    let file = memfd_create("fanfold", MemfdFlags::empty()).tried(what)?;
    let mut file = File::from(file);
    file.write_all(content).tried(what)?;
    file.rewind().tried(what)?;
    Ok(file.into())
}

/// Where bubblewrap says how far it came.
pub(crate) fn report() -> Result<OwnedFd, String> {
    in_memory(b"")
}

pub(crate) fn was_started(report: &OwnedFd) -> Result<bool, String> {
    let mut report = File::from(report.try_clone().tried("bubblewrap's report")?);
    let mut text = String::new();
    report.rewind().tried("bubblewrap's report")?;
    report.read_to_string(&mut text).tried("bubblewrap's report")?;
    Ok(text.contains("\"exit-code\""))
}
