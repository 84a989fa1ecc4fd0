//! The way out of the sandbox to the hosts that a person allowed: a proxy for the commands of a run's agents.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fanfold_core::{AgentCall, AgentCx, AgentJob, Backend, Halt, Outcome, Resolved};
use fanfold_sandbox::proxy::{AllowList, Config, Limits, Proxy, SystemResolver};
use futures_util::future::BoxFuture;

use super::tell;
use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

/// What was let through and what was not, a line of JSON each, in the run's folder.
const LOG: &str = "network.jsonl";

/// A backend whose agents' commands reach some hosts. The proxy listens from the first agent on.
pub struct Networked {
    backend: Arc<dyn Backend>,
    folder: Folder,
    hosts: Vec<String>,
    proxy: OnceLock<Option<Proxy>>,
}

/// Where the socket lies: short, for the names of sockets are, and nobody else's.
pub struct Folder(PathBuf);

impl Folder {
    pub fn make(world: &World) -> Result<Self> {
        let beneath = world.var("XDG_RUNTIME_DIR").unwrap_or("/tmp");
        let unique = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
        let path = Path::new(beneath).join(format!("fanfold-{unique:016x}"));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|err| CliError::io("make a folder for the proxy's socket", &path, &err))?;
        Ok(Self(path))
    }

    pub fn socket(&self) -> PathBuf {
        self.0.join("proxy.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Best effort: a leftover is an empty folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Networked {
    pub fn new(backend: Arc<dyn Backend>, folder: Folder, hosts: &[String]) -> Result<Self> {
        AllowList::parse(hosts).map_err(|err| {
            CliError::new(ErrorKind::Settings, format!("`sandbox.hosts`: {err}"))
                .hint("hosts are written `crates.io`, `*.npmjs.org`, `registry.example.com:8443`")
        })?;
        Ok(Self { backend, folder, hosts: hosts.to_vec(), proxy: OnceLock::new() })
    }

    fn listen(&self, run_dir: Option<&Path>) -> Option<Proxy> {
        let allow = AllowList::parse(&self.hosts).expect("it was parsed before");
        let log = run_dir.and_then(|dir| open(&dir.join(LOG)).ok()).map(Mutex::new);
        let config = Config {
            allow,
            setting: "sandbox.hosts".into(),
            limits: Limits::default(),
            resolver: Arc::new(SystemResolver),
            on_decision: Box::new(move |decision| {
                let Some(log) = &log else { return };
                let mut line = serde_json::to_vec(&decision).expect("plain data always serializes");
                line.push(b'\n');
                // Best effort, as all that is for watchers only.
                let _ = log.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
            }),
        };
        match Proxy::listen(self.folder.socket(), config) {
            Ok(proxy) => Some(proxy),
            Err(err) => {
                tell(&format!("warning: commands have no network: the proxy cannot listen: {err}"));
                None
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Backend for Networked {
    fn resolve(&self, call: &AgentCall) -> std::result::Result<Resolved, String> {
        self.backend.resolve(call)
    }

    fn run<'a>(
        &'a self,
        job: &'a AgentJob,
        cx: &'a AgentCx,
    ) -> BoxFuture<'a, std::result::Result<Outcome, Halt>> {
        self.proxy.get_or_init(|| self.listen(job.run_dir.as_deref()));
        self.backend.run(job, cx)
    }
}
