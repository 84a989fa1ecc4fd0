//! What an attack is tried on: a project with its run, a home and other people's files, and servers beside them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fanfold_agent::tools::Tool;
use fanfold_sandbox::{Level, ProcessLimits};
use serde_json::{Value, json};

use super::{Goal, How};
use crate::support::{World, running, started_by, within};

pub const CANARY: &str = "TOPSECRET";
const REPLY: &[u8] = b"PONG";
const FLOOD_BYTES: usize = 64 << 10;

/// Numbers stages, for marks that nothing else on this machine bears.
static NTH: AtomicU64 = AtomicU64::new(0);

/// Servers of the machine: none is for agents.
pub struct Servers {
    tcp: u16,
    tcp6: u16,
    udp: u16,
    name: String,
}

pub struct Stage {
    world: World,
    home: PathBuf,
    places: BTreeMap<&'static str, String>,
    mark: String,
    before: BTreeMap<PathBuf, Option<Vec<u8>>>,
    _sockets: Vec<UnixListener>,
}

impl Servers {
    pub fn start() -> Self {
        let tcp = |address: &str| {
            let listener = TcpListener::bind(address).expect("a port");
            let port = listener.local_addr().expect("bound").port();
            std::thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    let _ = stream.write_all(REPLY);
                }
            });
            port
        };
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let udp = socket.local_addr().expect("bound").port();
        std::thread::spawn(move || {
            let mut buffer = [0; 100];
            while let Ok((_, from)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(REPLY, from);
            }
        });
        let name = format!("fanfold-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        answer(UnixListener::bind_addr(&address).expect("a socket"));
        Self { tcp: tcp("127.0.0.1:0"), tcp6: tcp("[::1]:0"), udp, name }
    }
}

fn answer(listener: UnixListener) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(REPLY);
        }
    });
}

impl Stage {
    pub fn new(servers: &Servers, has_git: bool) -> Self {
        let world = World::new();
        let (project, outside) = (&world.project, &world.outside);
        let home = outside.join("home");
        let run = project.join(".fanfold/runs/wf_1");
        let mut files = vec![
            (project.join("a.txt"), "plain\n"),
            (project.join(".env"), CANARY),
            (project.join("tests/check.sh"), "exit 1\n"),
            (project.join(".fanfold/config.toml"), "[sandbox]\n"),
            (project.join(".claude/settings.json"), "{}\n"),
            (run.join("journal.jsonl"), "{}\n"),
            (run.join("lock"), ""),
            (run.join("policy.json"), "{}\n"),
            (outside.join("secret.txt"), CANARY),
            (outside.join("other/work.txt"), CANARY),
        ];
        if has_git {
            files.extend([
                (project.join(".git/HEAD"), "ref: refs/heads/main\n"),
                (project.join(".git/config"), "[core]\n"),
                (project.join(".git/hooks/sample"), ""),
                (project.join(".git/info/exclude"), ""),
            ]);
        }
        for name in [".ssh/id_rsa", ".aws/credentials", ".config/gh/hosts.yml", ".bash_history", ".netrc"] {
            files.push((home.join(name), CANARY));
        }
        for name in [".bashrc", ".profile", ".gitconfig", ".cargo/config.toml", ".ssh/authorized_keys"] {
            files.push((home.join(name), "# mine\n"));
        }
        for (path, text) in &files {
            fs::create_dir_all(path.parent().expect("beneath")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        let link = |to: &Path, name: &str| {
            std::os::unix::fs::symlink(to, project.join(name)).expect("a link");
        };
        link(&outside.join("secret.txt"), "link");
        link(outside, "folder-link");
        link(Path::new("link"), "chain");
        link(Path::new("../outside/secret.txt"), "relative-link");
        link(Path::new("/dev/zero"), "endless");
        let mut sockets = Vec::new();
        for path in [outside.join("agent.sock"), run.join("approval.sock")] {
            let listener = UnixListener::bind(path).expect("a socket");
            answer(listener.try_clone().expect("a copy"));
            sockets.push(listener);
        }
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let mark = (1_000_000_000_000 + u64::from(std::process::id()) * 100_000 + nth).to_string();
        let shown = |path: &Path| path.display().to_string();
        let mut places = BTreeMap::from([
            ("{project}", shown(project)),
            ("{outside}", shown(outside)),
            ("{home}", shown(&home)),
            ("{run}", shown(&run)),
            ("{engine}", std::process::id().to_string()),
            ("{tcp}", servers.tcp.to_string()),
            ("{tcp6}", servers.tcp6.to_string()),
            ("{udp}", servers.udp.to_string()),
            ("{abstract}", servers.name.clone()),
            ("{mark}", mark.clone()),
        ]);
        places.extend(CALLS.map(|(name, x86_64, aarch64)| {
            (name, if cfg!(target_arch = "aarch64") { aarch64 } else { x86_64 }.to_string())
        }));
        let watched = files.into_iter().map(|(path, _)| (path.clone(), fs::read(&path).ok()));
        let before = watched.collect();
        Self { world, home, places, mark, before, _sockets: sockets }
    }

    pub async fn call(&self, level: Level, how: &How) -> Result<String, String> {
        let mut launch = self.world.launch(level);
        launch.policy.protected =
            ["tests", ".git", ".fanfold/config.toml", ".claude/settings.json"].map(PathBuf::from).to_vec();
        launch.policy.hidden = [".fanfold/runs", ".env"].map(PathBuf::from).to_vec();
        launch.policy.home = self.home.clone();
        launch.policy.limits = ProcessLimits {
            processes: 400,
            memory_bytes: 200 << 20,
            file_bytes: 10 << 20,
            open_files: 128,
            tmp_bytes: 10 << 20,
        };
        let hands = started_by(launch);
        let bash = |command: &str, timeout_ms: u64| {
            (Tool::Bash, json!({"command": self.filled(command), "timeout_ms": timeout_ms}))
        };
        let (tool, input) = match how {
            How::Bash(command) | How::BashWithoutGit(command) => bash(command, 20_000),
            How::BashFor(command, ms) => bash(command, *ms),
            How::Use(tool, input) => (*tool, self.json(input)),
        };
        let call = self.world.call(&hands, tool, input);
        let said = tokio::time::timeout(Duration::from_secs(40), call).await;
        let said = said.unwrap_or_else(|_| Err("no answer in time".into()));
        // Looked at while the hands live: a command may not outlive itself, not only its agent.
        if self.survives().await {
            hands.close().await;
            return said.map(|said| format!("{said}\nSURVIVES")).map_err(|why| format!("{why}\nSURVIVES"));
        }
        hands.close().await;
        said
    }

    pub async fn is_reached(&self, goal: &Goal, said: &str) -> bool {
        match goal {
            Goal::Says(text) => said.contains(text),
            Goal::Makes(path) => {
                let path = PathBuf::from(self.filled(path));
                let is_made = path.symlink_metadata().is_ok_and(|made| made.is_dir() || made.len() > 0);
                // It may lie outside of the stage.
                let _ = fs::remove_file(path);
                is_made
            }
            Goal::Changes(path) => {
                let path = PathBuf::from(self.filled(path));
                let before = self.before.get(&path).expect("it is of the stage");
                fs::read(&path).ok() != *before
            }
            Goal::HasMode(path, bit) => {
                let about = fs::symlink_metadata(self.filled(path));
                about.is_ok_and(|about| about.permissions().mode() & bit != 0)
            }
            Goal::Runs => said.contains("SURVIVES"),
            Goal::Floods => said.len() > FLOOD_BYTES,
        }
    }

    /// By a shell that nobody watches.
    pub async fn plain(&self, how: &How, goal: &Goal) -> bool {
        let (How::Bash(command) | How::BashWithoutGit(command) | How::BashFor(command, _)) = how else {
            unreachable!("a plain control is that of a command")
        };
        let shell = Command::new("/bin/sh")
            .args(["-c", &self.filled(command)])
            .current_dir(&self.world.project)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut shell = shell.expect("a shell");
        let mut said = Vec::new();
        if let (Some(output), false) = (shell.stdout.take(), matches!(goal, Goal::Runs)) {
            let _ = output.take(2 * FLOOD_BYTES as u64).read_to_end(&mut said);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let survives = self.survives().await;
        let _ = shell.kill();
        let _ = shell.wait();
        let said = String::from_utf8_lossy(&said);
        let said = if survives { format!("{said}SURVIVES") } else { said.into_owned() };
        self.is_reached(goal, &said).await
    }

    /// By opening the path as it stands.
    pub fn naive(&self, path: &str, goal: &Goal) -> bool {
        let path = self.world.project.join(self.filled(path));
        match goal {
            Goal::Says(text) => {
                let mut start = vec![0; 4_096];
                let read = fs::File::open(path).and_then(|mut file| file.read(&mut start));
                read.is_ok_and(|count| String::from_utf8_lossy(&start[..count]).contains(text))
            }
            Goal::Floods => {
                fs::File::open(path).and_then(|mut file| file.read_exact(&mut [0; FLOOD_BYTES])).is_ok()
            }
            Goal::Makes(_) | Goal::Changes(_) => fs::write(path, "harm").is_ok(),
            Goal::HasMode(..) | Goal::Runs => unreachable!("no file is such a goal"),
        }
    }

    /// Whether a process with the mark runs on; then it is killed.
    async fn survives(&self) -> bool {
        let is_gone = within(Duration::from_millis(300), || running(&self.mark).is_empty()).await;
        while let left @ [_, ..] = &running(&self.mark)[..] {
            for id in left {
                let id = rustix::process::Pid::from_raw(i32::try_from(*id).expect("an id")).expect("not 0");
                let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        }
        !is_gone
    }

    fn filled(&self, text: &str) -> String {
        self.places.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
    }

    fn json(&self, text: &str) -> Value {
        let long = "n".repeat(4_096);
        serde_json::from_str(&self.filled(text).replace("{long}", &long)).expect("the input of a tool")
    }
}

/// Numbers of system calls: x86-64, then aarch64.
const CALLS: [(&str, u32, u32); 11] = [
    ("{bpf}", 321, 280),
    ("{io_uring_setup}", 425, 425),
    ("{userfaultfd}", 323, 282),
    ("{keyctl}", 250, 219),
    ("{add_key}", 248, 217),
    ("{ptrace}", 101, 117),
    ("{perf_event_open}", 298, 241),
    ("{kcmp}", 312, 272),
    ("{open_by_handle_at}", 304, 265),
    ("{unshare}", 272, 97),
    ("{mount}", 165, 40),
];
