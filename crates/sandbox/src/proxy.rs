//! The way out of a sandbox: an HTTP proxy on a unix socket that connects to the hosts of a list only.
//!
//! It runs in the engine's process. A sandbox has no network but this socket, so that leaving the proxy out of
//! a program's settings leads nowhere. For each request the host has to be on the list; its name is looked up
//! once, by the proxy; every address it has is checked; and the connection goes to one of exactly those. A
//! redirect is the client's business: following it is another request, decided like the first.
//!
//! TLS is not intercepted. Within a tunnel (`CONNECT`) the proxy knows the host it connected to, not the
//! server name or the `Host` header inside: whoever serves an allowed host from an address that it shares with
//! other hosts (a content network) can be asked for those as well. Nor is it seen what is sent: a host that
//! takes uploads from anybody is a way out for whatever the sandbox can read. Requests for `http://` addresses
//! are taken apart and written anew, one for each connection, so that nothing can be smuggled behind one.

mod address;
mod allow;
mod idle;
mod request;
mod resolve;

use std::convert::Infallible;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use url::Host;

pub use address::is_public;
pub use allow::{AllowList, BadRule};
pub use resolve::{Resolve, Resolving, SystemResolver};

use idle::{Activity, Watched};
use request::{Refusal, Target};

/// What a proxy lets through, and whom it tells.
pub struct Config {
    pub allow: AllowList,
    /// The setting that holds the list: a refusal says that it would have to change.
    pub setting: String,
    pub limits: Limits,
    pub resolver: Arc<dyn Resolve>,
    /// Called for every request, before anything is connected to.
    pub on_decision: Box<dyn Fn(Decision) + Send + Sync>,
}

#[derive(Clone, Debug)]
pub struct Limits {
    /// Further ones are answered with 503.
    pub connections_max: usize,
    /// Of the request line and headers.
    pub head_bytes_max: usize,
    /// Until the head is there.
    pub head_ms: u64,
    /// For the look-up of a name, and again for all tries to connect.
    pub connect_ms: u64,
    /// Without a byte in either direction.
    pub idle_ms: u64,
    /// Of a connection, whatever moves on it.
    pub total_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            head_bytes_max: 16 << 10,
            head_ms: 10_000,
            connect_ms: 15_000,
            idle_ms: 300_000,
            total_ms: 3_600_000,
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Empty where the request did not say.
    pub host: String,
    pub port: u16,
    pub allowed: bool,
    /// The rule and the addresses, or what the client was told. One line.
    pub why: String,
}

/// Listens until it is dropped, and ends its connections then.
pub struct Proxy {
    socket: PathBuf,
    _serving: JoinSet<()>,
}

impl Proxy {
    /// Listens on a new socket, mode 0600, within a tokio runtime. Its directory has to be one that nobody
    /// else can write to.
    pub fn listen(socket: impl Into<PathBuf>, config: Config) -> io::Result<Self> {
        let socket = socket.into();
        let listener = bind(&socket)?;
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, Arc::new(config)));
        Ok(Self { socket, _serving: serving })
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Where it is gone already, so much the better.
        let _ = fs::remove_file(&self.socket);
    }
}

/// Nobody finds the socket before its mode is set: it gets its name last.
fn bind(socket: &Path) -> io::Result<UnixListener> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "a socket needs a directory and a name");
    let (directory, name) = socket.parent().zip(socket.file_name()).ok_or_else(invalid)?;
    let mut unnamed = name.to_owned();
    unnamed.push(".new");
    let open = fs::File::open(directory)?;
    let listener = UnixListener::bind(within(&open, directory).join(&unnamed))?;
    let unnamed = directory.join(unnamed);
    fs::set_permissions(&unnamed, fs::Permissions::from_mode(0o600))?;
    fs::rename(unnamed, socket)?;
    Ok(listener)
}

/// The directory by a name that leaves room for a socket's: an address holds 107 bytes.
#[cfg(target_os = "linux")]
fn within(open: &fs::File, _directory: &Path) -> PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", open.as_raw_fd()).into()
}

#[cfg(not(target_os = "linux"))]
fn within(_open: &fs::File, directory: &Path) -> PathBuf {
    directory.to_owned()
}

async fn accept(listener: UnixListener, config: Arc<Config>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if open.len() < config.limits.connections_max => {
                    open.spawn(serve(stream, config.clone()));
                }
                Ok((stream, _)) => turn_away(&stream, &config),
                // Out of descriptors: some are closed before long.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

fn turn_away(stream: &UnixStream, config: &Config) {
    let why = format!("more than {} connections at once", config.limits.connections_max);
    let answer = format!(
        "HTTP/1.1 503 {why}\r\nconnection: close\r\ncontent-length: {}\r\n\r\nfanfold: {why}\n",
        "fanfold: \n".len() + why.len()
    );
    // Fits into an empty buffer; who does not read it has gone.
    let _ = stream.try_write(answer.as_bytes());
    (config.on_decision)(Decision { host: String::new(), port: 0, allowed: false, why });
}

/// What a connection started and what ends with it.
type Tasks = Arc<Mutex<JoinSet<()>>>;

async fn serve(stream: UnixStream, config: Arc<Config>) {
    let limits = &config.limits;
    let activity = Activity::new();
    let tasks = Tasks::default();
    let work = async {
        let served = hyper::server::conn::http1::Builder::new()
            // One request: nothing is left to be read as a second.
            .keep_alive(false)
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(limits.head_ms))
            .max_header_size(limits.head_bytes_max)
            .serve_connection(
                TokioIo::new(Watched::new(stream, activity.clone())),
                service_fn(|request| answer(request, &config, &tasks)),
            )
            .with_upgrades()
            .await;
        if let Err(error) = served
            && (error.is_parse() || error.is_timeout())
        {
            let why = format!("no request: {error}");
            (config.on_decision)(Decision { host: String::new(), port: 0, allowed: false, why });
        }
        let mut tasks = std::mem::take(&mut *tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    };
    tokio::select! {
        () = work => {}
        () = activity.idle(limits.idle_ms) => {}
        () = sleep(Duration::from_millis(limits.total_ms)) => {}
    }
}

type Body = Either<Full<Bytes>, Incoming>;

async fn answer(
    request: Request<Incoming>,
    config: &Config,
    tasks: &Tasks,
) -> Result<Response<Body>, Infallible> {
    let answered = async {
        let (target, addresses) = decide(&request, config).await?;
        let server = connect(&target, &addresses, config).await?;
        match *request.method() {
            Method::CONNECT => Ok(tunnel(request, server, tasks)),
            _ => relay(request, &target, server, tasks).await,
        }
    };
    Ok(answered.await.unwrap_or_else(refuse))
}

/// Where the request may go; told to whoever listens, either way.
async fn decide<B>(request: &Request<B>, config: &Config) -> Result<(Target, Vec<SocketAddr>), Refusal> {
    let target = request::target(request);
    let (host, port) = match &target {
        Ok(target) => (target.host.to_string(), target.port),
        Err(_) => request.uri().authority().map_or_else(Default::default, |named| {
            (named.host().to_owned(), named.port_u16().unwrap_or_default())
        }),
    };
    let found = match target {
        Ok(target) => permit(&target, config).await.map(|(addresses, why)| (target, addresses, why)),
        Err(refusal) => Err(refusal),
    };
    let (allowed, why) = match &found {
        Ok((_, _, why)) => (true, why.clone()),
        Err(refusal) => (false, refusal.why.clone()),
    };
    (config.on_decision)(Decision { host, port, allowed, why });
    found.map(|(target, addresses, _)| (target, addresses))
}

/// The addresses of a host that may be reached, and why it may.
async fn permit(target: &Target, config: &Config) -> Result<(Vec<SocketAddr>, String), Refusal> {
    let forbidden = |why| Refusal::new(StatusCode::FORBIDDEN, why);
    let Target { host, port } = target;
    let rule = config.allow.rule_for(host, *port, &config.setting).map_err(forbidden)?;
    let found: Vec<IpAddr> = match host {
        Host::Domain(name) => resolve(name, config).await?,
        Host::Ipv4(v4) => vec![(*v4).into()],
        Host::Ipv6(v6) => vec![(*v6).into()],
    };
    let addresses: Vec<SocketAddr> = found.into_iter().map(|ip| SocketAddr::new(ip, *port)).collect();
    // One that is not allowed spoils all: a name with public and private addresses is an attack or a mistake.
    for at in &addresses {
        config.allow.check_address(host, *at, &config.setting).map_err(forbidden)?;
    }
    let ips: Vec<String> = addresses.iter().map(|at| at.ip().to_string()).collect();
    Ok((addresses, format!("{rule} is listed; at {}", ips.join(", "))))
}

async fn resolve(name: &str, config: &Config) -> Result<Vec<IpAddr>, Refusal> {
    let unknown = |problem: String| {
        Refusal::new(StatusCode::BAD_GATEWAY, format!("{name} could not be looked up: {problem}"))
    };
    let limit = Duration::from_millis(config.limits.connect_ms);
    match timeout(limit, config.resolver.resolve(name)).await {
        Ok(Ok(found)) if found.is_empty() => Err(unknown("it has no address".into())),
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(unknown(error.to_string())),
        Err(_) => Err(unknown(format!("no answer within {} ms", config.limits.connect_ms))),
    }
}

/// To the first address that answers. Each has its part of the time: one that is silent delays, no more.
async fn connect(target: &Target, addresses: &[SocketAddr], config: &Config) -> Result<TcpStream, Refusal> {
    let Target { host, port } = target;
    let part =
        Duration::from_millis(config.limits.connect_ms) / u32::try_from(addresses.len()).unwrap_or(1).max(1);
    let mut problem = String::from("no address");
    for at in addresses {
        match timeout(part, TcpStream::connect(at)).await {
            Ok(Ok(stream)) => {
                // It costs some speed at worst.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => problem = error.to_string(),
            Err(_) => problem = format!("nothing within {} ms", part.as_millis()),
        }
    }
    Err(Refusal::new(StatusCode::BAD_GATEWAY, format!("{host}:{port} does not answer: {problem}")))
}

/// Bytes both ways, as soon as the client has been told.
fn tunnel(mut request: Request<Incoming>, mut server: TcpStream, tasks: &Tasks) -> Response<Body> {
    let upgrade = hyper::upgrade::on(&mut request);
    start(tasks, async move {
        if let Ok(client) = upgrade.await {
            // Either side may go at any time.
            let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut server).await;
        }
    });
    Response::new(Either::Left(Full::default()))
}

async fn relay(
    request: Request<Incoming>,
    target: &Target,
    server: TcpStream,
    tasks: &Tasks,
) -> Result<Response<Body>, Refusal> {
    let broken = |error: hyper::Error| {
        let why = format!("no answer of {}:{} that could be read: {error}", target.host, target.port);
        Refusal::new(StatusCode::BAD_GATEWAY, why)
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(server)).await.map_err(broken)?;
    start(tasks, async move {
        // The one who waits for the answer is told.
        let _ = connection.await;
    });
    let response = sender.send_request(request::pass_on(request, target)).await.map_err(broken)?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let why = format!("{} wants to speak another protocol", target.host);
        return Err(Refusal::new(StatusCode::BAD_GATEWAY, why));
    }
    let mut response = response.map(Either::Right);
    request::drop_hop_by_hop(response.headers_mut());
    Ok(response)
}

fn start(tasks: &Tasks, task: impl Future<Output = ()> + Send + 'static) {
    tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
}

/// The reason stands beside the status too: of a refused `CONNECT` most clients show nothing else.
fn refuse(refusal: Refusal) -> Response<Body> {
    let text = format!("fanfold: {}\n", refusal.why);
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = refusal.status;
    if let Ok(reason) = ReasonPhrase::try_from(refusal.why.into_bytes()) {
        response.extensions_mut().insert(reason);
    }
    response
}
