//! One agent's hands, and what they work in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanfold_agent::hands::{HANDS, Hands, Launch, Process, Setup};
use fanfold_agent::permissions::{PermissionRules, Permissions};
use fanfold_agent::tools::{BashConfig, FetchConfig, Fetcher, Tool, Web};
use fanfold_sandbox::{Level, Policy, Root, Sandbox};
use serde_json::{Value, json};

/// A project, and a place beside it.
pub struct World {
    _temp: tempfile::TempDir,
    pub project: PathBuf,
    pub outside: PathBuf,
    pub web: Web,
}

impl World {
    pub fn new() -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let root = temp.path().canonicalize().expect("it is there");
        let [project, outside] = ["project", "outside"].map(|name| root.join(name));
        for folder in [&project, &outside] {
            std::fs::create_dir(folder).expect("fresh");
        }
        let (permissions, _) = Permissions::new(&PermissionRules::default(), &project).expect("well formed");
        let web = Web {
            fetcher: Arc::new(Fetcher::new(FetchConfig::default())),
            permissions: Arc::new(permissions),
        };
        Self { _temp: temp, project, outside, web }
    }

    pub fn launch(&self, level: Level) -> Launch {
        let program = std::env::current_exe().expect("it runs");
        let sandbox =
            Sandbox::new(level, &program, Path::new("/usr/bin/bwrap")).expect("it can be enforced here");
        let argv = vec![sandbox.program().to_string_lossy().into_owned(), HANDS.to_owned()];
        let root = Root::Directory(self.project.clone());
        let policy = Policy { is_pid_1: level == Level::Full, ..Policy::new(root, self.project.clone()) };
        let setup = Setup {
            workspace: self.project.clone(),
            rules: PermissionRules::default(),
            rules_root: self.project.clone(),
            bash: Some(BashConfig::default()),
            has_proxy: false,
        };
        Launch { sandbox, policy, argv, setup }
    }

    pub fn hands(&self, level: Level) -> Hands {
        started_by(self.launch(level))
    }

    pub async fn call(&self, hands: &Hands, tool: Tool, input: Value) -> Result<String, String> {
        hands.call(tool, &input, &self.web).await
    }

    pub async fn bash(&self, hands: &Hands, command: &str) -> Result<String, String> {
        self.call(hands, Tool::Bash, json!({"command": command, "timeout_ms": 20_000})).await
    }
}

pub fn started_by(launch: Launch) -> Hands {
    Hands::Process(Box::new(Process::new(launch)))
}

/// As the engine has it: one thread.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(test);
}

/// Ids of processes, of whatever namespace, whose arguments hold this text.
pub fn running(mark: &str) -> Vec<u32> {
    let ids = std::fs::read_dir("/proc").expect("proc").flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let has_mark = |id: &u32| {
        let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(mark)
    };
    ids.filter(|id| *id != std::process::id()).filter(has_mark).collect()
}

/// Waits until it is so, for at most this long.
pub async fn within(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < limit {
        if is_so() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    is_so()
}
