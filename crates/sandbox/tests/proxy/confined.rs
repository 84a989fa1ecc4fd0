//! From inside of a sandbox: the proxy is the only way out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use fanfold_sandbox::proxy::Limits;
use fanfold_sandbox::{Level, Network, PROXY_SOCKET, Policy, Root, Sandbox, forward};
use rustix::net::{AddressFamily, RawProtocol, SocketType, ipproto};

use crate::world::{Answer, Server, World};

/// The name of the test that is run again inside, and what tells it what to do there.
const INSIDE: &str = "confined::inside";
const ATTACK: &str = "ATTACK";

/// What the attack says when it got through, and when it did not.
const REACHED: &str = "attack: reached";
const KEPT_IN: &str = "attack: kept in";

/// Tries one thing, named with its target. Does nothing when it is run as a test.
#[test]
#[expect(clippy::print_stdout, reason = "a program")]
fn inside() {
    let Ok(attack) = std::env::var(ATTACK) else { return };
    let (how, target) = attack.split_once(' ').expect("two words");
    let outcome = match try_it(how, target) {
        Ok(heard) => format!("{REACHED} {heard}"),
        Err(error) => format!("{KEPT_IN} {error}"),
    };
    println!("\n{outcome}");
}

fn try_it(how: &str, target: &str) -> std::io::Result<String> {
    let at = || target.parse::<SocketAddr>().expect("an address");
    match how {
        "tcp" => ask(TcpStream::connect(at())?, "GET / HTTP/1.1\r\n\r\n"),
        "udp" => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.set_read_timeout(Some(Duration::from_secs(2)))?;
            // A question for the address of a name, as name servers are asked.
            socket.send_to(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04good\x07example\0\0\x01\0\x01", at())?;
            let mut answer = [0; 64];
            let count = socket.recv(&mut answer)?;
            Ok(String::from_utf8_lossy(&answer[..count]).into_owned())
        }
        "icmp" => {
            rustix::net::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP))?;
            Ok("a raw socket".into())
        }
        "packet" => {
            let all = RawProtocol::new(0x0300).expect("not zero");
            let all = rustix::net::Protocol::from_raw(all);
            rustix::net::socket(AddressFamily::PACKET, SocketType::RAW, Some(all))?;
            Ok("every frame of the network".into())
        }
        "abstract" => {
            let mut stream = UnixStream::connect_addr(&UnixAddr::from_abstract_name(target)?)?;
            let mut heard = String::new();
            stream.read_to_string(&mut heard)?;
            Ok(heard)
        }
        "routes" => {
            let routes = std::fs::read_to_string("/proc/net/route")?;
            Ok(format!("{} routes", routes.lines().skip(1).count()))
        }
        "namespace" => Ok(std::fs::read_link("/proc/self/ns/net")?.display().to_string()),
        "relay" => {
            forward::start(Path::new(PROXY_SOCKET), forward::PORT)?;
            try_it("proxy", target)
        }
        "proxy" => {
            let proxy = std::env::var("http_proxy").map_err(std::io::Error::other)?;
            let port = proxy.strip_prefix("http://").expect("an address");
            ask(TcpStream::connect(port)?, &format!("GET {target} HTTP/1.1\r\n\r\n"))
        }
        "socket" => ask(UnixStream::connect(PROXY_SOCKET)?, &format!("GET {target} HTTP/1.1\r\n\r\n")),
        other => panic!("no attack is called {other}"),
    }
}

fn ask(mut stream: impl Read + Write, request: &str) -> std::io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = [0; 4096];
    let count = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..count]).replace("\r\n", " | "))
}

/// What became of an attack at a level, with a network.
async fn attack(level: Level, network: Network, how: &str, target: &str) -> String {
    let root = tempfile::tempdir().expect("a directory");
    let program = Path::new(env!("CARGO_BIN_EXE_sandbox-driver"));
    let sandbox = Sandbox::new(level, program, Path::new("/usr/bin/bwrap")).expect("a sandbox");
    let mut policy = Policy::new(Root::Directory(root.path().into()), root.path());
    let own = std::env::current_exe().expect("this program");
    policy.read = vec![own.clone()];
    policy.network = network;
    // Nothing relays for the first process of a namespace but itself.
    policy.is_pid_1 = how == "relay";
    policy.env.push((ATTACK.into(), format!("{how} {target}")));
    let words = [&own.display().to_string(), "--exact", INSIDE, "--nocapture"].map(str::to_owned);
    let ran = sandbox.run(&policy, &words, b"", 20_000, 64 << 10).await.expect("it runs");
    let said = |line: &&str| line.starts_with(REACHED) || line.starts_with(KEPT_IN);
    ran.output.lines().find(said).unwrap_or_else(|| panic!("{how}: {ran:?}")).to_owned()
}

async fn attack_freely(how: &str, target: &str) -> String {
    attack(Level::Off, Network::Open, how, target).await
}

async fn attack_confined(world: &World, how: &str, target: &str) -> String {
    let socket = world.proxy.socket().to_owned();
    attack(Level::Full, Network::Proxy { socket }, how, target).await
}

#[tokio::test]
async fn a_listed_host_is_reached_from_inside_and_no_other() {
    let server = Server::start(Answer::text("hello")).await;
    let world = World::around(&server, Limits::default());
    let good = format!("http://good.example:{}/", server.port());
    for way in ["proxy", "socket", "relay"] {
        let heard = attack_confined(&world, way, &good).await;
        assert!(heard.starts_with(REACHED) && heard.ends_with("hello"), "{way}: {heard}");
        for evil in ["http://evil.example/", &format!("http://{}/", server.at), "http://169.254.169.254/"] {
            let heard = attack_confined(&world, way, evil).await;
            assert!(heard.contains("HTTP/1.1 403") && heard.contains("agents.hosts"), "{way}: {heard}");
        }
    }
    assert_eq!(server.heard_all().await.len(), 3);

    // Without a proxy there is nothing to talk to.
    let heard = attack(Level::Full, Network::None, "socket", &good).await;
    assert!(heard.starts_with(KEPT_IN), "{heard}");
    let heard = attack(Level::Full, Network::None, "tcp", &format!("127.0.0.1:{}", forward::PORT)).await;
    assert!(heard.starts_with(KEPT_IN), "{heard}");
}

#[tokio::test]
async fn a_connection_past_the_proxy_leads_nowhere() {
    let server = Server::start(Answer::text("secret")).await;
    let world = World::around(&server, Limits::default());
    let v6 = Server::start_at(std::net::Ipv6Addr::LOCALHOST.into(), Answer::text("secret")).await;
    // A machine without IPv6 has nothing there to be attacked.
    for target in [Some(server.at), v6.as_ref().ok().map(|v6| v6.at)].into_iter().flatten() {
        let heard = attack_confined(&world, "tcp", &target.to_string()).await;
        assert!(heard.starts_with(KEPT_IN), "{target}: {heard}");
        // Control.
        let heard = attack_freely("tcp", &target.to_string()).await;
        assert!(heard.starts_with(REACHED) && heard.ends_with("secret"), "{target}: {heard}");
    }
}

#[tokio::test]
async fn a_name_server_cannot_be_asked() {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let at = server.local_addr().expect("an address").to_string();
    let world = World::new(Default::default(), Default::default(), Limits::default());
    let answering = std::thread::spawn(move || {
        let mut question = [0; 64];
        let (_, from) = server.recv_from(&mut question).expect("a question");
        server.send_to(b"an answer", from).expect("sent");
        question
    });
    let heard = attack_confined(&world, "udp", &at).await;
    assert!(heard.starts_with(KEPT_IN), "{heard}");
    assert!(!answering.is_finished(), "no question came");

    // Control.
    let heard = attack_freely("udp", &at).await;
    assert!(heard.starts_with(REACHED) && heard.ends_with("an answer"), "{heard}");
    assert!(answering.join().expect("it answered").starts_with(b"\x12\x34"));
}

#[tokio::test]
async fn no_packet_is_made_by_hand() {
    let world = World::new(Default::default(), Default::default(), Limits::default());
    for how in ["icmp", "packet"] {
        let heard = attack_confined(&world, how, "-").await;
        assert!(heard.starts_with(KEPT_IN), "{how}: {heard}");
        // Control: nobody but root may try.
        if rustix::process::geteuid().is_root() {
            let heard = attack_freely(how, "-").await;
            assert!(heard.starts_with(REACHED), "{how}: {heard}");
        }
    }
    // Whatever the protocol, no way leads anywhere.
    let heard = attack_confined(&world, "routes", "-").await;
    assert_eq!(heard, format!("{REACHED} 0 routes"));
    let machine = attack_freely("namespace", "-").await;
    let own = std::fs::read_link("/proc/self/ns/net").expect("a namespace").display().to_string();
    assert_eq!(machine, format!("{REACHED} {own}"));
    assert_ne!(attack_confined(&world, "namespace", "-").await, machine);
}

#[tokio::test]
async fn sockets_without_a_file_are_out_of_reach() {
    let name = format!("fanfold-test-{}", std::process::id());
    let listener =
        UnixListener::bind_addr(&UnixAddr::from_abstract_name(&name).expect("a name")).expect("bound");
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.write_all(b"secret").expect("sent");
    });
    let world = World::new(Default::default(), Default::default(), Limits::default());
    let heard = attack_confined(&world, "abstract", &name).await;
    assert!(heard.starts_with(KEPT_IN), "{heard}");

    // Control.
    let heard = attack_freely("abstract", &name).await;
    assert!(heard.starts_with(REACHED) && heard.ends_with("secret"), "{heard}");
    answering.join().expect("it answered");
}
