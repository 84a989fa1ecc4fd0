//! Clients that want to keep the proxy busy.

use fanfold_sandbox::proxy::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::world::{Answer, Server, World, head_of, rest_of, soon};

/// Whether the proxy still holds it, without waiting for anything.
fn is_open(stream: &UnixStream) -> bool {
    let mut byte = [0];
    matches!(stream.try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let server = Server::start(Answer::text("ok")).await;
    let at = format!("http://good.example:{}/", server.port());
    let world = World::around(&server, Limits::default());
    let long = "x".repeat(17 << 10);
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    for (what, request) in [
        ("a header", format!("GET {at} HTTP/1.1\r\nX: {long}\r\n\r\n")),
        ("headers", format!("GET {at} HTTP/1.1\r\n{many}\r\n")),
        ("an address", format!("GET {at}{long} HTTP/1.1\r\n\r\n")),
        ("no end", format!("GET {at} HTTP/1.1\r\nX: {}", long.repeat(40))),
    ] {
        let answer = world.send(request).await;
        assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"), "{what}: {answer}");
    }
    assert!(server.heard().is_empty());
    assert!(world.decisions().iter().all(|one| !one.allowed && one.why.starts_with("no request")));

    // Control: the same, a little shorter.
    let short = "x".repeat(15 << 10);
    assert!(world.send(format!("GET {at} HTTP/1.1\r\nX: {short}\r\n\r\n")).await.ends_with("ok"));
    let patient = World::around(&server, Limits { head_bytes_max: 64 << 10, ..Limits::default() });
    assert!(patient.send(format!("GET {at} HTTP/1.1\r\nX: {long}\r\n\r\n")).await.ends_with("ok"));
}

#[tokio::test]
async fn a_head_that_never_comes_to_its_end_is_not_waited_for() {
    let server = Server::start(Answer::text("ok")).await;
    let hasty = World::around(&server, Limits { head_ms: 150, ..Limits::default() });
    let patient = World::around(&server, Limits::default());
    let mut dripping = hasty.connect().await;
    let mut silent = hasty.connect().await;
    let mut control = patient.connect().await;
    let start = format!("GET http://good.example:{}/ HTTP/1.1\r\n", server.port());
    dripping.write_all(start.as_bytes()).await.expect("sent");
    control.write_all(start.as_bytes()).await.expect("sent");
    // A header every 20 ms keeps no connection: the time is for the whole head.
    let drips = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            every.tick().await;
            if dripping.write_all(b"X: y\r\n").await.is_err() {
                break;
            }
        }
    };
    soon(drips).await;
    assert_eq!(rest_of(&mut silent).await, "");
    assert!(server.heard().is_empty());
    assert_eq!(hasty.decisions().len(), 2, "{:?}", hasty.decisions());

    // Control: as slow, with more time.
    assert!(is_open(&control));
    control.write_all(b"\r\n").await.expect("sent");
    assert!(rest_of(&mut control).await.ends_with("ok"));
}

#[tokio::test]
async fn a_tunnel_on_which_nothing_moves_is_closed() {
    let server = Server::start(Answer::Echo).await;
    let at = format!("good.example:{}", server.port());
    let hasty = World::around(&server, Limits { idle_ms: 150, ..Limits::default() });
    let patient = World::around(&server, Limits::default());
    let (mut idle, control) = (hasty.tunnel(&at).await, patient.tunnel(&at).await);
    let mut busy = hasty.tunnel(&at).await;
    let busily = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
        for _ in 0..20 {
            every.tick().await;
            busy.write_all(b"x").await.expect("still open");
            assert_eq!(busy.read_u8().await.expect("still open"), b'x');
        }
    };
    let (closed, ()) = soon(async { tokio::join!(rest_of(&mut idle), busily) }).await;
    assert_eq!(closed, "");
    // Control.
    assert!(is_open(&control));
}

#[tokio::test]
async fn a_tunnel_has_its_time_whatever_moves_on_it() {
    let server = Server::start(Answer::Echo).await;
    let at = format!("good.example:{}", server.port());
    let world = World::around(&server, Limits { total_ms: 200, ..Limits::default() });
    let mut tunnel = world.tunnel(&at).await;
    let mut echoed = 0;
    let busily = async {
        while tunnel.write_all(b"x").await.is_ok() && tunnel.read_u8().await.is_ok() {
            echoed += 1;
        }
    };
    soon(busily).await;
    assert!(echoed > 0);
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let server = Server::start(Answer::Raw(String::new())).await;
    let at = format!("http://good.example:{}/", server.port());
    let world = World::around(&server, Limits { idle_ms: 150, ..Limits::default() });
    let answer = world.send(format!("POST {at} HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")).await;
    assert_eq!(answer, "");
    // Control: it had been let through.
    assert!(server.heard_all().await[0].ends_with("half"));
}

#[tokio::test]
async fn more_connections_than_allowed_are_turned_away_and_said() {
    let server = Server::start(Answer::Echo).await;
    let at = format!("good.example:{}", server.port());
    let world = World::around(&server, Limits { connections_max: 2, ..Limits::default() });
    let first = world.tunnel(&at).await;
    let _second = world.tunnel(&at).await;
    let mut third = world.connect().await;
    let head = head_of(&mut third).await;
    assert!(head.starts_with("HTTP/1.1 503 more than 2 connections at once"), "{head}");
    assert!(!world.decisions().last().expect("decisions").allowed);

    // Control: with one fewer there is room.
    drop(first);
    let again = async {
        loop {
            let mut stream = world.connect().await;
            let request = format!("CONNECT {at} HTTP/1.1\r\n\r\n");
            if stream.write_all(request.as_bytes()).await.is_ok()
                && head_of(&mut stream).await.starts_with("HTTP/1.1 200")
            {
                break;
            }
        }
    };
    soon(again).await;
}
