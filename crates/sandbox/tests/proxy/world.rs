//! Servers on loopback, names that lead where a test says, and a client that sends what it is given.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fanfold_sandbox::proxy::{AllowList, Config, Decision, Limits, Proxy, Resolve, Resolving};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// Nothing on loopback takes as long.
const LONG: Duration = Duration::from_secs(20);

pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(LONG, work).await.expect("it ends")
}

/// What each look-up of a name finds; the last answer stays.
#[derive(Default)]
pub struct Names {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    pub asked: Mutex<Vec<String>>,
}

impl Names {
    pub fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().expect("an address")).collect();
        self.answers.lock().expect("unpoisoned").insert(name.into(), answers.iter().map(parse).collect());
        self
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        self.asked.lock().expect("unpoisoned").push(name.into());
        let mut answers = self.answers.lock().expect("unpoisoned");
        let found = answers.get_mut(name).and_then(|left| match left.len() {
            0 | 1 => left.front().cloned(),
            _ => left.pop_front(),
        });
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}

/// A proxy, and what it decided.
pub struct World {
    pub proxy: Proxy,
    pub names: Arc<Names>,
    decisions: Arc<Mutex<Vec<Decision>>>,
    directory: TempDir,
}

impl World {
    pub fn new(allow: AllowList, names: Names, limits: Limits) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let decisions = Arc::new(Mutex::new(Vec::new()));
        let names = Arc::new(names);
        let log = decisions.clone();
        let config = Config {
            allow,
            setting: "agents.hosts".into(),
            limits,
            resolver: names.clone(),
            on_decision: Box::new(move |decision| log.lock().expect("unpoisoned").push(decision)),
        };
        let proxy = Proxy::listen(directory.path().join("proxy.sock"), config).expect("it listens");
        Self { proxy, names, decisions, directory }
    }

    /// `good.example` on the server's port leads to the server, and may be reached there.
    pub fn around(server: &Server, limits: Limits) -> Self {
        let allow = list(&[&format!("good.example:{}", server.port())]).also_at(server.at);
        Self::new(allow, Names::default().with("good.example", &[&["127.0.0.1"]]), limits)
    }

    pub fn nothing_allowed() -> Config {
        Config {
            allow: AllowList::default(),
            setting: "agents.hosts".into(),
            limits: Limits::default(),
            resolver: Arc::new(Names::default()),
            on_decision: Box::new(|_| ()),
        }
    }

    pub fn decisions(&self) -> Vec<Decision> {
        self.decisions.lock().expect("unpoisoned").clone()
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.proxy.socket()).await.expect("connected")
    }

    /// Sends it on a new connection, and reads until the proxy closes.
    pub async fn send(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The proxy may have heard enough before all is sent.
        let _ = stream.write_all(request.as_ref()).await;
        rest_of(&mut stream).await
    }

    pub async fn get(&self, url: &str) -> String {
        self.send(format!("GET {url} HTTP/1.1\r\n\r\n")).await
    }

    /// A tunnel, once the proxy has agreed.
    pub async fn tunnel(&self, authority: &str) -> UnixStream {
        let mut stream = self.connect().await;
        let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let head = head_of(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        stream
    }
}

pub fn list(rules: &[&str]) -> AllowList {
    AllowList::parse(rules).expect("a list")
}

/// All that comes until the end, whichever way it ends.
pub async fn rest_of(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = soon(stream.read(&mut buffer)).await {
        bytes.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub async fn head_of(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match soon(stream.read_u8()).await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[derive(Clone)]
pub enum Answer {
    /// What was sent comes back.
    Echo,
    /// This, after the first head; what comes later is heard and not answered.
    Raw(String),
}

impl Answer {
    pub fn text(body: &str) -> Self {
        Self::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }
}

/// Says what it is told to, and keeps every byte it hears.
pub struct Server {
    pub at: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Server {
    pub async fn start(answer: Answer) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), answer).await.expect("a free port")
    }

    pub async fn start_at(ip: IpAddr, answer: Answer) -> io::Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let at = listener.local_addr()?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = heard.clone();
        let open = Arc::new(AtomicUsize::new(0));
        let count = open.clone();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let slot = {
                    let mut all = all.lock().expect("unpoisoned");
                    all.push(String::new());
                    all.len() - 1
                };
                count.fetch_add(1, Ordering::SeqCst);
                let held = hold(stream, answer.clone(), all.clone(), slot);
                let count = count.clone();
                connections.spawn(async move {
                    held.await;
                    count.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Ok(Self { at, heard, open, serving })
    }

    pub fn port(&self) -> u16 {
        self.at.port()
    }

    /// What it heard, one text a connection.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("unpoisoned").clone()
    }

    /// The same, once every connection has ended: nothing more will be heard on them.
    pub async fn heard_all(&self) -> Vec<String> {
        soon(async {
            while self.open.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        self.heard()
    }

    /// Without a proxy in between: sends all, and reads until the server closes.
    pub async fn send_directly(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(self.at).await.expect("connected");
        stream.write_all(bytes.as_ref()).await.expect("sent");
        stream.shutdown().await.expect("shut down");
        rest_of(&mut stream).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn hold(mut stream: TcpStream, answer: Answer, all: Arc<Mutex<Vec<String>>>, slot: usize) {
    let mut buffer = vec![0; 64 << 10];
    let mut answered = false;
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let so_far = {
            let mut all = all.lock().expect("unpoisoned");
            all[slot].push_str(&String::from_utf8_lossy(&buffer[..count]));
            all[slot].contains("\r\n\r\n")
        };
        let sent = match &answer {
            Answer::Echo => stream.write_all(&buffer[..count]).await,
            Answer::Raw(text) if so_far && !answered => {
                answered = true;
                stream.write_all(text.as_bytes()).await
            }
            Answer::Raw(_) => Ok(()),
        };
        if sent.is_err() {
            break;
        }
    }
}
