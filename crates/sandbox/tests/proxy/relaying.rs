//! What is allowed works, and arrives as it was sent.

use std::os::unix::fs::PermissionsExt;

use fanfold_sandbox::forward;
use fanfold_sandbox::proxy::{Limits, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Answer, Names, Server, World, list, rest_of, soon};

#[tokio::test]
async fn a_listed_host_is_reached_through_a_tunnel_and_every_byte_arrives() {
    let server = Server::start(Answer::Echo).await;
    let world = World::around(&server, Limits::default());
    let mut tunnel = world.tunnel(&format!("good.example:{}", server.port())).await;
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut read, mut write) = tunnel.split();
    let mut back = vec![0; sent.len()];
    let (wrote, got) = soon(async { tokio::join!(write.write_all(&sent), read.read_exact(&mut back)) }).await;
    wrote.expect("sent");
    got.expect("received");
    assert!(back == sent);
    let decisions = world.decisions();
    assert_eq!(decisions.len(), 1);
    assert!(decisions[0].allowed && decisions[0].host == "good.example", "{decisions:?}");
    assert!(decisions[0].why.contains("at 127.0.0.1"), "{decisions:?}");
}

#[tokio::test]
async fn a_listed_host_is_reached_by_its_whole_address() {
    let server = Server::start(Answer::text("hello")).await;
    let world = World::around(&server, Limits::default());
    let answer = world.get(&format!("http://good.example:{}/a?b", server.port())).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"), "{answer}");
    let heard = server.heard();
    assert!(heard[0].starts_with("GET /a?b HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].contains(&format!("host: good.example:{}\r\n", server.port())), "{heard:?}");
}

#[tokio::test]
async fn a_body_is_passed_on_with_one_length() {
    let server = Server::start(Answer::text("ok")).await;
    let world = World::around(&server, Limits::default());
    let at = format!("http://good.example:{}/", server.port());
    world.send(format!("POST {at} HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")).await;
    world
        .send(format!("POST {at} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .await;
    let heard = server.heard();
    assert!(heard[0].contains("content-length: 5\r\n") && heard[0].ends_with("\r\n\r\nhello"), "{heard:?}");
    assert!(heard[1].contains("transfer-encoding: chunked\r\n"), "{heard:?}");
}

#[tokio::test]
async fn a_listed_host_that_does_not_answer_is_no_refusal() {
    let server = Server::start(Answer::Echo).await;
    let world = World::around(&server, Limits::default());
    let at = server.at;
    drop(server);
    // The port is free again as soon as the listener has gone.
    while TcpStream::connect(at).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let answer = world.get(&format!("http://good.example:{}/", at.port())).await;
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("does not answer"), "{answer}");
    assert!(world.decisions()[0].allowed);
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said() {
    let world = World::new(list(&["good.example"]), Names::default(), Limits::default());
    let answer = world.get("http://good.example/").await;
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("could not be looked up"), "{answer}");
}

#[tokio::test]
async fn only_the_owner_can_connect_and_the_socket_goes_with_the_proxy() {
    let server = Server::start(Answer::Echo).await;
    let world = World::around(&server, Limits::default());
    let mut tunnel = world.tunnel(&format!("good.example:{}", server.port())).await;
    let socket = world.proxy.socket().to_owned();
    let mode = std::fs::metadata(&socket).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(world.directory()).expect("readable").count(), 1);
    drop(world.proxy);
    assert!(!socket.exists());
    assert_eq!(rest_of(&mut tunnel).await, "");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_run_may_lie_deeper_than_the_address_of_a_socket_is_long() {
    let directory = tempfile::tempdir().expect("a directory");
    let deep = directory.path().join("d".repeat(100)).join("e".repeat(100));
    std::fs::create_dir_all(&deep).expect("created");
    let proxy = Proxy::listen(deep.join("proxy.sock"), World::nothing_allowed()).expect("it listens");
    let mode = std::fs::metadata(proxy.socket()).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_port_of_loopback_leads_to_the_proxy() {
    let server = Server::start(Answer::text("hello")).await;
    let world = World::around(&server, Limits::default());
    let port = forward::start(world.proxy.socket(), 0).expect("a port");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    let request = format!("GET http://good.example:{}/ HTTP/1.1\r\n\r\n", server.port());
    stream.write_all(request.as_bytes()).await.expect("sent");
    assert!(rest_of(&mut stream).await.ends_with("hello"));

    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    stream.write_all(b"CONNECT bad.example:443 HTTP/1.1\r\n\r\n").await.expect("sent");
    let refused = rest_of(&mut stream).await;
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("agents.hosts"), "{refused}");

    drop(world);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    assert_eq!(rest_of(&mut stream).await, "", "without a proxy it leads nowhere");
}

#[test]
fn programs_are_told_of_the_proxy_by_every_name_they_know() {
    let environment = forward::environment(4_000);
    let value = |name: &str| {
        environment
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        assert_eq!(value(name), "http://127.0.0.1:4000", "{name}");
    }
    assert!(value("no_proxy").contains("127.0.0.1") && value("NO_PROXY") == value("no_proxy"));
    // Yarn ends with an error over a setting that it does not know.
    assert_eq!(value("YARN_NO_PROXY"), "");
}
