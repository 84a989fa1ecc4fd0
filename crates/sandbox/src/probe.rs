//! Proof that the boundary holds here: forbidden things are really tried, inside, and seen to fail.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Child;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::policy::{Level, Policy, Root};
use crate::sandbox::Sandbox;
use crate::stage;

const TIMEOUT_MS: u64 = 20_000;
const OUTPUT_BYTES_MAX: usize = 64 << 10;
const SECRET: &str = "a secret of the person";

/// One forbidden thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What was tried, for people.
    pub name: String,
    pub denied: bool,
    /// How it was denied, or what it brought.
    pub how: String,
    /// This level is to deny it. What it does not promise is tried and told, too.
    pub promised: bool,
}

impl Proof {
    /// The boundary does not hold.
    pub fn is_broken(&self) -> bool {
        self.promised && !self.denied
    }
}

/// Tries all. `scratch` is an empty directory outside of what the system shows to everybody, such as `/usr`;
/// things are left in it.
pub async fn run(sandbox: &Sandbox, scratch: &Path) -> Result<Vec<Proof>, Error> {
    proofs(sandbox, scratch, false).await
}

/// Tries what matters most, in about 20 ms: before each run.
pub async fn quick(sandbox: &Sandbox, scratch: &Path) -> Result<Vec<Proof>, Error> {
    proofs(sandbox, scratch, true).await
}

/// Whether a workspace may be an overlay, with its layers beneath `dir`: files are changed, deleted and
/// renamed in one. `Err` says why not.
pub async fn overlay_works(sandbox: &Sandbox, dir: &Path) -> Result<(), String> {
    if sandbox.level() != Level::Full {
        return Err(format!("the {} sandbox has no overlays", sandbox.level().name()));
    }
    let failed = |err: io::Error| format!("{}: {err}", dir.display());
    let (lower, upper, work) = (dir.join("lower"), dir.join("upper"), dir.join("work"));
    for layer in [&lower, &upper, &work] {
        fs::create_dir_all(layer).map_err(failed)?;
    }
    for name in ["changed", "deleted", "renamed"] {
        fs::write(lower.join(name), name).map_err(failed)?;
    }
    let root = Root::Overlay { lower: lower.clone(), upper: upper.clone(), work };
    let policy = Policy::new(root, dir.join("view"));
    let script = "echo new >> changed && rm deleted && mv renamed moved && test ! -e deleted && cat changed";
    let argv = ["/bin/sh", "-c", script].map(str::to_owned);
    let ran = sandbox.run(&policy, &argv, b"", TIMEOUT_MS, OUTPUT_BYTES_MAX).await;
    let ran = ran.map_err(|err| err.to_string())?;
    let in_upper = fs::read_to_string(upper.join("changed")).unwrap_or_default();
    let in_lower = fs::read_to_string(lower.join("changed")).map_err(failed)?;
    match (ran.is_success(), in_upper.as_str(), in_lower.as_str()) {
        (true, "changednew\n", "changed") => Ok(()),
        _ => Err(format!("changes were not where they belong: {}", ran.output.trim())),
    }
}

/// Something forbidden, as the stage inside is told to try it. Each does no harm when it succeeds, to root on a
/// machine without a sandbox either: what is changed is the probe's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Attempt {
    Read(PathBuf),
    /// Opens it for writing, and writes nothing.
    OpenToWrite(PathBuf),
    Append(PathBuf),
    Create(PathBuf),
    Remove(PathBuf),
    Connect(SocketAddr),
    Send(SocketAddr),
    ConnectUnix(PathBuf),
    ConnectAbstract(String),
    Signal(i32),
    /// Its memory, which is what tracing is for.
    OpenMemory(i32),
    /// What is not there: a kernel that allows it says so, and one that does not never looks.
    UnmountNothing,
    /// Of a kind that is not there.
    MountNothing,
    NewUserNamespace,
    EnterOwnNamespace,
    /// To the one that it is already.
    ChangeRoot,
    PacketSocket,
    CloneDescriptor(i32),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub name: String,
    pub attempt: Attempt,
}

/// `Ok` is what a successful attempt brought.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub name: String,
    pub result: Result<String, String>,
}

async fn proofs(sandbox: &Sandbox, scratch: &Path, quick: bool) -> Result<Vec<Proof>, Error> {
    let site = Site::build(scratch)?;
    let tasks: Vec<(Task, bool)> = site.tasks(sandbox.level(), quick);
    let told: Vec<&Task> = tasks.iter().map(|(task, _)| task).collect();
    let told = serde_json::to_string(&told).map_err(io::Error::from)?;
    let argv = [sandbox.program().display().to_string(), stage::TRY.to_owned()];
    let ran = sandbox.run(&site.policy(), &argv, told.as_bytes(), TIMEOUT_MS, OUTPUT_BYTES_MAX).await?;
    let tried: Vec<Tried> = ran.output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if tried.len() != tasks.len() {
        return Err(Error::SetUp(format!("the attempts were not made: {}", ran.output.trim())));
    }
    let proofs = tasks.into_iter().zip(tried).map(|((task, promised), tried)| {
        let (denied, how) = match tried.result {
            Err(how) => (true, how),
            Ok(how) => (false, how),
        };
        Proof { name: task.name, denied, how, promised }
    });
    Ok(proofs.collect())
}

/// What is there to be attacked: files, sockets, a process.
struct Site {
    root: PathBuf,
    outside: PathBuf,
    tcp: TcpListener,
    udp: UdpSocket,
    abstract_name: String,
    _unix: UnixListener,
    #[cfg(target_os = "linux")]
    _abstract: UnixListener,
    victim: Child,
}

impl Site {
    fn build(scratch: &Path) -> io::Result<Self> {
        let (root, outside) = (scratch.join("root"), scratch.join("outside"));
        fs::create_dir_all(&root)?;
        fs::create_dir_all(&outside)?;
        fs::write(outside.join("secret"), SECRET)?;
        fs::write(root.join("protected"), "the test")?;
        fs::write(root.join("hidden"), SECRET)?;
        // A path of a socket has to be short, and is left over from an earlier probe.
        let socket = outside.join("s");
        let _ = fs::remove_file(&socket);
        let abstract_name = format!("fanfold-probe-{}", std::process::id());
        Ok(Self {
            tcp: TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
            udp: UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?,
            _unix: UnixListener::bind(socket)?,
            #[cfg(target_os = "linux")]
            _abstract: {
                use std::os::linux::net::SocketAddrExt;
                let name = std::os::unix::net::SocketAddr::from_abstract_name(&abstract_name)?;
                UnixListener::bind_addr(&name)?
            },
            victim: std::process::Command::new("/bin/sleep").arg("60").env_clear().spawn()?,
            abstract_name,
            root,
            outside,
        })
    }

    fn policy(&self) -> Policy {
        let mut policy = Policy::new(Root::Directory(self.root.clone()), &self.root);
        policy.protected = vec!["protected".into()];
        policy.hidden = vec!["hidden".into()];
        policy
    }

    /// Each with whether the level promises to deny it.
    fn tasks(&self, level: Level, quick: bool) -> Vec<(Task, bool)> {
        use Attempt::*;
        let victim = i32::try_from(self.victim.id()).unwrap_or(i32::MAX);
        let engine = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
        let of_process = |pid: i32, what: &str| PathBuf::from(format!("/proc/{pid}/{what}"));
        let local = |socket: io::Result<SocketAddr>| socket.unwrap_or_else(|_| ([127, 0, 0, 1], 1).into());
        let (tcp, udp) = (local(self.tcp.local_addr()), local(self.udp.local_addr()));
        let (most, full) = (level != Level::Off, level == Level::Full);
        // Name, attempt, whether it is promised, whether it is quick to try and matters most.
        let all = [
            ("read a file outside", Read(self.outside.join("secret")), most, true),
            ("create a file outside", Create(self.outside.join("new")), most, true),
            ("change a file of the system", OpenToWrite("/usr/lib/os-release".into()), most, true),
            ("write a protected file", Append(self.root.join("protected")), full, true),
            ("remove a protected file", Remove(self.root.join("protected")), full, false),
            ("read a hidden file", Read(self.root.join("hidden")), full, true),
            ("read the environment of the first process", Read(of_process(1, "environ")), most, true),
            ("read the environment of the engine", Read(of_process(engine, "environ")), most, true),
            ("read password hashes", Read("/etc/shadow".into()), most, false),
            (
                "change a setting of the kernel",
                OpenToWrite("/proc/sys/kernel/core_pattern".into()),
                most,
                true,
            ),
            ("connect by TCP", Connect(tcp), most, true),
            ("send by UDP", Send(udp), most, false),
            ("connect to a socket outside", ConnectUnix(self.outside.join("s")), full, false),
            ("connect to an abstract socket", ConnectAbstract(self.abstract_name.clone()), full, false),
            ("signal a process outside", Signal(victim), full, true),
            ("open the memory of a process outside", OpenMemory(victim), most, false),
            ("take a descriptor of a process outside", CloneDescriptor(victim), most, false),
            ("unmount", UnmountNothing, most, true),
            ("mount", MountNothing, most, false),
            ("make a user namespace", NewUserNamespace, most, true),
            ("enter another namespace", EnterOwnNamespace, most, false),
            ("change the root directory", ChangeRoot, most, false),
            ("open a raw socket", PacketSocket, most, false),
        ];
        let all = all.into_iter().filter(|(.., matters)| *matters || !quick);
        all.map(|(name, attempt, promised, _)| (Task { name: name.into(), attempt }, promised)).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}
