//! The way to the proxy from inside of a sandbox: a port of its loopback device, relayed to the bound socket.
//!
//! Programs know proxies by host and port, and a sandbox has a loopback device of its own: the port is fixed,
//! nobody outside can reach it, and the variables that name it ([`environment`]) are known beforehand.
//!
//! Two ways to have it, both in the sandbox and before the command runs:
//! - `PROGRAM __forward SOCKET -- COMMAND…` stays as the parent of a command and ends as it ended; it comes
//!   before the stage that confines, so that the command can neither signal nor trace it;
//! - a process of ours that is to be the first of its namespace calls [`start`] by itself.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;

/// The first argument of [`main`]'s process.
pub const FORWARD: &str = "__forward";

/// In a sandbox with a loopback device of its own. Below the ports that are given out by chance.
pub const PORT: u16 = 29_128;

/// At once; further ones wait.
const CONNECTIONS_MAX: usize = 256;

/// The variables by which programs find the proxy at a port: curl, git, cargo, pip, uv, go and npm know the
/// common ones. What is on loopback is the sandbox's own and needs no proxy.
pub fn environment(port: u16) -> Vec<(String, String)> {
    let proxy = format!("http://127.0.0.1:{port}");
    let named = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let direct = ["NO_PROXY", "no_proxy"].map(|name| (name.to_owned(), "localhost,127.0.0.1,::1".to_owned()));
    named
        .iter()
        .flat_map(|name| [name.to_string(), name.to_lowercase()])
        // Yarn from 2 on, and the `fetch` of Node from 22.21 on, which each want to be asked.
        .chain(["YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"].map(str::to_owned))
        .map(|name| (name, proxy.clone()))
        .chain(direct)
        .chain([("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned())])
        .collect()
}

/// Relays connections to a port of 127.0.0.1 (0: any) to the socket, in a thread of its own, for as long as
/// the process lives. Gives the port.
pub fn start(socket: &Path, port: u16) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let socket = socket.to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    std::thread::Builder::new()
        .name("forward".into())
        .spawn(move || runtime.block_on(accept(listener, socket)))?;
    Ok(port)
}

/// The life of `__forward SOCKET -- COMMAND…`, given what comes after the first of these. Gives the exit status.
pub fn main(args: &[String]) -> Result<u8, String> {
    let [socket, dashes, program, args @ ..] = args else {
        return Err(format!("{FORWARD}: a socket, --, a command"));
    };
    if dashes != "--" {
        return Err(format!("{FORWARD}: -- is missing before the command"));
    }
    // The command is of the same user, and more confined than this.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|err| format!("{FORWARD}: it could be traced: {err}"))?;
    start(Path::new(socket), PORT).map_err(|err| format!("{FORWARD}: 127.0.0.1:{PORT}: {err}"))?;
    let ended = Command::new(program).args(args).status();
    Ok(status_of(ended.map_err(|err| format!("{FORWARD}: {program}: {err}"))?))
}

/// As a shell tells it: a signal is 128 and its number.
fn status_of(ended: ExitStatus) -> u8 {
    let code = ended.code().or_else(|| ended.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

async fn accept(listener: TcpListener, socket: PathBuf) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("within a runtime with I/O");
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if open.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => { open.spawn(relay(stream, socket.clone())); }
                // Out of descriptors: some are closed before long.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

async fn relay(mut client: TcpStream, socket: PathBuf) {
    // Without a proxy the connection is closed, which says enough; either side may go at any time.
    if let Ok(mut proxy) = UnixStream::connect(socket).await {
        let _ = tokio::io::copy_bidirectional(&mut client, &mut proxy).await;
    }
}
