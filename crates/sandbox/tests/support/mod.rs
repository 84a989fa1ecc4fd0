//! Confined processes of two users, a directory that both may use, and who is still alive.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fanfold_sandbox::{Policy, Root};
use serde_json::Value;

/// Whoever runs the tests, and a plain user where that is root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Own,
    Plain,
}

pub fn everybody() -> Vec<Who> {
    if rustix::process::geteuid().is_root() { vec![Who::Own, Who::Plain] } else { vec![Who::Own] }
}

pub struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("sandbox-").tempdir().expect("a directory");
        let site = Self { dir };
        open_to_all(site.path());
        let program = site.program();
        // By another process: one that a test beside this one just starts would hold what is written open, and
        // nobody runs a program that is being written.
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_sandbox-driver")).arg(&program).status();
        assert!(copied.expect("there").success());
        open_to_all(&program);
        for name in ["root", "lower", "upper", "work", "outside"] {
            site.make(name);
        }
        site
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A directory for both users.
    pub fn make(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(&path).expect("made");
        open_to_all(&path);
        path
    }

    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).expect("mine");
        path
    }

    /// A workspace belongs to whoever runs the engine: an overlay cannot change files of others.
    pub fn give_to(&self, who: Who) {
        if who == Who::Plain {
            let chown = Command::new("chown").args(["-R", "65534:65534"]).arg(self.path()).status();
            assert!(chown.expect("there").success());
        }
    }

    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path().join(name)).ok()
    }

    pub fn directory(&self) -> Policy {
        let root = self.path().join("root");
        Policy::new(Root::Directory(root.clone()), root)
    }

    pub fn overlay(&self) -> Policy {
        let [lower, upper, work] = ["lower", "upper", "work"].map(|name| self.path().join(name));
        Policy::new(Root::Overlay { lower, upper, work }, "/home/ada/project")
    }

    fn program(&self) -> PathBuf {
        self.path().join("driver")
    }

    pub fn driver(&self, who: Who) -> Command {
        let mut command = match who {
            Who::Own => Command::new(self.program()),
            Who::Plain => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
                command.arg(self.program());
                command
            }
        };
        command.current_dir("/");
        command
    }

    /// What became of a command of the shell; `None`, and said, where this machine cannot confine it.
    pub fn run(&self, who: Who, level: &str, policy: &Policy, script: &str) -> Option<Value> {
        self.run_for(who, level, policy, script, 20_000, 100_000)
    }

    pub fn run_for(
        &self,
        who: Who,
        level: &str,
        policy: &Policy,
        script: &str,
        timeout_ms: u64,
        bytes_max: usize,
    ) -> Option<Value> {
        let mut driver = self.driver(who);
        driver.args(["run", level, &json(policy), &timeout_ms.to_string(), &bytes_max.to_string()]);
        unless_missing(said(driver.args(["/bin/sh", "-c", script])))
    }
}

pub fn json(policy: &Policy) -> String {
    serde_json::to_string(policy).expect("plain data")
}

/// The answer of the driver, which is its whole output.
pub fn said(command: &mut Command) -> Value {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().expect("the driver runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// A machine that has to have everything says so by a variable, and then nothing is skipped.
#[expect(clippy::print_stderr, reason = "a test that is skipped is seen to be")]
pub fn unless_missing(told: Value) -> Option<Value> {
    let Some(missing) = told["missing"].as_str() else { return Some(told) };
    assert!(std::env::var_os("FANFOLD_NO_SKIPS").is_none(), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}

pub fn output(ran: &Value) -> &str {
    ran["output"].as_str().unwrap_or_else(|| panic!("no output: {ran}"))
}

/// Processes of any PID namespace that have a word as one of their arguments; zombies have none.
pub fn alive(word: &str) -> Vec<i32> {
    let processes = fs::read_dir("/proc").expect("there").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|its| its == word.as_bytes())
    })
    .collect()
}

/// Waits for something that is to happen within a time, and says whether it did.
pub fn within(time: Duration, mut happened: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if happened() {
            return true;
        }
        std::thread::yield_now();
    }
    happened()
}

/// Ends with the test, whatever becomes of that.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, PermissionsExt::from_mode(0o777)).expect("mine");
}
