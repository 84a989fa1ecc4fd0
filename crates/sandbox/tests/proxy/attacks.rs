//! Ways to a host that is not on the list.

use fanfold_sandbox::proxy::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{Answer, Names, Server, World, list, soon};

#[tokio::test]
async fn a_host_that_is_not_listed_is_neither_looked_up_nor_reached() {
    let server = Server::start(Answer::text("secret")).await;
    let port = server.port();
    let names = || Names::default().with("evil.example", &[&["127.0.0.1"]]);
    let world = World::new(list(&["good.example"]).also_at(server.at), names(), Limits::default());
    for request in [
        format!("GET http://evil.example:{port}/ HTTP/1.1\r\n\r\n"),
        format!("CONNECT evil.example:{port} HTTP/1.1\r\n\r\n"),
    ] {
        let answer = world.send(request).await;
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.starts_with("HTTP/1.1 403 evil.example is not among"), "{answer}");
        assert!(answer.ends_with(&format!("add \"evil.example:{port}\" to `agents.hosts`\n")), "{answer}");
    }
    assert!(
        world.names.asked.lock().expect("unpoisoned").is_empty(),
        "a look-up tells a name server something"
    );
    assert!(server.heard_all().await.is_empty());
    let decisions = world.decisions();
    assert!(
        decisions.len() == 2 && decisions.iter().all(|one| !one.allowed && one.port == port),
        "{decisions:?}"
    );

    // Control: all that was missing is the rule.
    let allow = list(&[&format!("evil.example:{port}")]).also_at(server.at);
    let open = World::new(allow, names(), Limits::default());
    assert!(open.get(&format!("http://evil.example:{port}/")).await.ends_with("secret"));
}

#[tokio::test]
async fn a_port_that_is_not_listed_is_refused() {
    let server = Server::start(Answer::text("secret")).await;
    let names = Names::default().with("good.example", &[&["127.0.0.1"]]);
    let world = World::new(list(&["good.example"]).also_at(server.at), names, Limits::default());
    let answer = world.get(&format!("http://good.example:{}/", server.port())).await;
    assert!(answer.starts_with("HTTP/1.1 403 port"), "{answer}");

    // Control.
    let world = World::around(&server, Limits::default());
    assert!(world.get(&format!("http://good.example:{}/", server.port())).await.ends_with("secret"));
}

#[tokio::test]
async fn this_machine_is_out_of_reach_by_any_spelling_of_its_address() {
    let server = Server::start(Answer::text("secret")).await;
    let port = server.port();
    let spellings =
        ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]"];
    let world = World::new(list(&["good.example"]), Names::default(), Limits::default());
    for host in spellings {
        for request in [
            format!("GET http://{host}:{port}/ HTTP/1.1\r\n\r\n"),
            format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n"),
        ] {
            let answer = world.send(&request).await;
            assert!(
                answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 400"),
                "{request}{answer}"
            );
        }
    }
    assert!(server.heard_all().await.is_empty());

    // Control: without the defence the connection would have been made.
    assert!(server.send_directly("GET / HTTP/1.1\r\n\r\n").await.ends_with("secret"));
}

#[tokio::test]
async fn addresses_of_metadata_and_private_networks_are_refused_as_such() {
    let world = World::new(list(&["good.example"]), Names::default(), Limits::default());
    for host in
        ["169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "10.0.0.1", "[fe80::1]", "0.0.0.0", "[::]"]
    {
        let answer = world.get(&format!("http://{host}/latest/meta-data/")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        // Nobody is told to list what cannot be listed.
        assert_eq!(answer.contains("add \""), host == "10.0.0.1", "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_listed_name_that_leads_to_a_private_address_is_refused() {
    let server = Server::start(Answer::text("secret")).await;
    let port = server.port();
    let rule = format!("good.example:{port}");
    for answer in [
        &["127.0.0.1"][..],
        &["169.254.169.254"],
        &["10.0.0.1"],
        &["100.64.0.1"],
        &["::1"],
        &["fd00:ec2::254"],
        &["::ffff:127.0.0.1"],
        &["::ffff:8.8.8.8"],
        // Both: the public one first, and the other way round.
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
    ] {
        let names = Names::default().with("good.example", &[answer]);
        let world = World::new(list(&[&rule]), names, Limits::default());
        let refused = world.get(&format!("http://good.example:{port}/")).await;
        assert!(refused.starts_with("HTTP/1.1 403 good.example is at "), "{answer:?}: {refused}");
        assert!(refused.contains("agents.hosts"), "{refused}");
        assert!(!world.decisions()[0].allowed);
    }
    assert!(server.heard_all().await.is_empty());

    // Control: all that was missing is leave to connect to loopback.
    let world = World::around(&server, Limits::default());
    assert!(world.get(&format!("http://good.example:{port}/")).await.ends_with("secret"));
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_gains_nothing() {
    let fine = Server::start(Answer::text("fine")).await;
    // Another machine in all but name: the same port of another address.
    let port = fine.port();
    let private = std::net::TcpListener::bind(("127.0.0.2", port)).expect("the port is free there");
    private.set_nonblocking(true).expect("a socket");
    let names = Names::default().with("good.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let world =
        World::new(list(&[&format!("good.example:{port}")]).also_at(fine.at), names, Limits::default());
    let url = format!("http://good.example:{port}/");

    // Looked up once: the address that was checked is the one that is used.
    assert!(world.get(&url).await.ends_with("fine"));
    assert_eq!(world.names.asked.lock().expect("unpoisoned").len(), 1);
    // The next request is checked anew.
    let refused = world.get(&url).await;
    assert!(refused.starts_with("HTTP/1.1 403 good.example is at 127.0.0.2"), "{refused}");
    assert!(private.accept().is_err(), "nobody came");

    // Control: who checks one answer and connects to the next ends up there.
    let found =
        fanfold_sandbox::proxy::Resolve::resolve(&*world.names, "good.example").await.expect("an answer");
    let _stream = std::net::TcpStream::connect((found[0], port)).expect("the second answer is connected to");
    private.set_nonblocking(false).expect("a socket");
    assert!(private.accept().is_ok());
}

#[tokio::test]
async fn a_redirect_is_another_request() {
    let secret = Server::start(Answer::text("secret")).await;
    let there = format!("http://127.0.0.1:{}/", secret.port());
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n");
    let server = Server::start(Answer::Raw(redirect)).await;
    let world = World::around(&server, Limits::default());
    let answer = world.get(&format!("http://good.example:{}/", server.port())).await;
    assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a location");
    assert!(world.get(location).await.starts_with("HTTP/1.1 403"));
    assert!(secret.heard().is_empty());

    // Control: it does lead there.
    assert_eq!(location, there);
    assert!(secret.send_directly("GET / HTTP/1.1\r\n\r\n").await.ends_with("secret"));
}

#[tokio::test]
async fn the_host_header_cannot_ask_a_shared_address_for_another_host() {
    let server = Server::start(Answer::text("either")).await;
    let port = server.port();
    let world = World::around(&server, Limits::default());
    for headers in [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: good.example:{port}\r\nHost: evil.example\r\n"),
        "Host: good.example@evil.example\r\n".to_owned(),
        "Host: \r\n".to_owned(),
        format!("Host : evil.example\r\nHost: good.example:{port}\r\n"),
        format!("Host: good.example:{port}\r\n Host: evil.example\r\n"),
        format!("Host: good.example:{port},evil.example\r\n"),
    ] {
        let answer = world.send(format!("GET http://good.example:{port}/ HTTP/1.1\r\n{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{headers}{answer}");
    }
    assert!(server.heard_all().await.is_empty());
    // Named as one to drop, it is written anew all the same.
    let request = format!(
        "GET http://good.example:{port}/ HTTP/1.1\r\nConnection: host, x-forwarded-host\r\nX-Forwarded-Host: evil.example\r\n\r\n"
    );
    world.send(request).await;
    assert!(server.heard()[0].contains("host: good.example") && !server.heard()[0].contains("evil"));

    // Control: the server would have heard the other name.
    server.send_directly("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert!(server.heard()[1].contains("Host: evil.example"));
}

/// How many requests a server that reads on would see.
fn requests(heard: &str) -> usize {
    heard.matches(" HTTP/1.1\r\n").count()
}

#[tokio::test]
async fn no_second_request_is_smuggled_behind_the_first() {
    let inner = "GET /smuggled HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let chunk = format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len());
    let server = Server::start(Answer::text("ok")).await;
    let at = format!("http://good.example:{}/", server.port());
    let world = World::around(&server, Limits::default());
    let refused_or_alone = [
        ("pipelined", format!("GET {at} HTTP/1.1\r\n\r\n{inner}")),
        ("behind a body", format!("POST {at} HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi{inner}")),
        (
            "two lengths",
            format!(
                "POST {at} HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}",
                inner.len()
            ),
        ),
        ("a signed length", format!("POST {at} HTTP/1.1\r\nContent-Length: +0\r\n\r\n{inner}")),
        (
            "length and chunks",
            format!(
                "POST {at} HTTP/1.1\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
                5 + inner.len()
            ),
        ),
        ("odd chunks", format!("POST {at} HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}")),
        (
            "chunked twice",
            format!("POST {at} HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}"),
        ),
        ("a space before the colon", format!("POST {at} HTTP/1.1\r\nContent-Length : 0\r\n\r\n{inner}")),
        (
            "a length dropped by name",
            format!("POST {at} HTTP/1.1\r\nConnection: content-length\r\nContent-Length: 0\r\n\r\n{inner}"),
        ),
        ("a line break in the address", format!("GET {at}\n{inner}")),
        ("a bare return in a header", format!("GET {at} HTTP/1.1\r\nX: a\rGET /smuggled HTTP/1.1\r\n\r\n")),
        ("old chunks", format!("POST {at} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}")),
    ];
    for (what, request) in &refused_or_alone {
        let before = server.heard().len();
        world.send(request).await;
        for heard in &server.heard_all().await[before..] {
            assert_eq!(requests(heard), 1, "{what}: {heard}");
            assert!(!heard.contains("/smuggled"), "{what}: {heard}");
        }
    }
    // Within a body it is data: framed anew, with one length, it arrives as a body and as nothing else.
    let before = server.heard().len();
    world
        .send(format!("POST {at} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n{chunk}"))
        .await;
    let heard = server.heard_all().await[before].to_lowercase();
    assert!(heard.contains("transfer-encoding: chunked") && !heard.contains("content-length"), "{heard}");

    // Control: passed on byte by byte, the server has two requests.
    let before = server.heard().len();
    server.send_directly(format!("GET / HTTP/1.1\r\nHost: good.example\r\n\r\n{inner}")).await;
    assert_eq!(requests(&server.heard_all().await[before]), 2);
}

#[tokio::test]
async fn a_proxy_within_the_tunnel_is_only_bytes() {
    let server = Server::start(Answer::Echo).await;
    let world = World::around(&server, Limits::default());
    let mut tunnel = world.tunnel(&format!("good.example:{}", server.port())).await;
    let nested = b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n";
    tunnel.write_all(nested).await.expect("sent");
    let mut back = vec![0; nested.len()];
    soon(tunnel.read_exact(&mut back)).await.expect("an echo");
    assert_eq!(back, nested, "the host of the tunnel heard it, and nobody else");
    assert_eq!(world.decisions().len(), 1);
}

#[tokio::test]
async fn no_other_method_and_no_other_protocol_makes_a_tunnel() {
    let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nfree bytes";
    let server = Server::start(Answer::Raw(switching.into())).await;
    let at = format!("http://good.example:{}/", server.port());
    let world = World::around(&server, Limits::default());
    for method in ["TRACE", "TUNNEL", "PRI", "BREW"] {
        let answer = world.send(format!("{method} {at} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    }
    assert!(server.heard_all().await.is_empty());
    for upgrade in ["websocket", "h2c", "TLS/1.0"] {
        let headers =
            format!("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: x\r\n");
        let answer = world.send(format!("GET {at} HTTP/1.1\r\n{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 502") && !answer.contains("free bytes"), "{answer}");
    }
    for heard in server.heard_all().await {
        let heard = heard.to_lowercase();
        assert!(!heard.contains("upgrade") && !heard.contains("http2-settings"), "{heard}");
    }

    // Control: the server does switch, for whoever talks to it directly.
    assert!(server.send_directly("GET / HTTP/1.1\r\n\r\n").await.ends_with("free bytes"));
}

#[tokio::test]
async fn what_is_no_request_is_not_passed_on_and_is_told() {
    let server = Server::start(Answer::text("ok")).await;
    let at = format!("good.example:{}", server.port());
    let world = World::around(&server, Limits::default());
    for (what, request) in [
        ("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}".to_owned()),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into()),
        ("HTTP/0.9", format!("GET http://{at}/\r\n\r\n")),
        ("no address", "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n".into()),
        ("no port", "CONNECT good.example HTTP/1.1\r\n\r\n".into()),
        ("another scheme", format!("GET ftp://{at}/ HTTP/1.1\r\n\r\n")),
        ("https in the clear", format!("GET https://{at}/ HTTP/1.1\r\n\r\n")),
        ("a file", "GET file:///etc/passwd HTTP/1.1\r\n\r\n".into()),
        ("a user", format!("GET http://good.example@{at}/ HTTP/1.1\r\n\r\n")),
        ("a zero", format!("CONNECT good.example\0.evil.example:{} HTTP/1.1\r\n\r\n", server.port())),
        ("an encoded name", format!("CONNECT good.example%00.evil:{} HTTP/1.1\r\n\r\n", server.port())),
        ("a body in CONNECT", format!("CONNECT {at} HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")),
    ] {
        let before = world.decisions().len();
        let answer = world.send(request).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{what}: {answer}");
        let decisions = world.decisions();
        assert!(decisions.len() == before + 1 && !decisions[before].allowed, "{what}: {decisions:?}");
    }
    assert!(server.heard_all().await.is_empty(), "{:?}", server.heard());

    // Control.
    assert!(world.get(&format!("http://{at}/")).await.ends_with("ok"));
}
