//! Commands of hands reach the hosts of a list through the proxy, and nothing else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use fanfold_sandbox::proxy::{AllowList, Config, Limits, Proxy, Resolve, Resolving};
use fanfold_sandbox::{Level, Network};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::Test;
use crate::support::{World, run, started_by};

pub const TESTS: &[Test] =
    &[("commands_reach_allowed_hosts_through_the_proxy_and_no_others", commands_reach_allowed_hosts)];

/// Every name is this machine.
struct Here(IpAddr);

impl Resolve for Here {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(std::future::ready(Ok(vec![self.0])))
    }
}

/// Asks the proxy that the environment names for `http://$1/`, and prints what comes.
const ASK: &str = r#"perl -MIO::Socket::INET -e '
    my ($proxy) = $ENV{http_proxy} =~ m{http://([^/]+)} or die "no proxy is named";
    my $socket = IO::Socket::INET->new(PeerAddr => $proxy) or die "no way to $proxy: $!";
    print $socket "GET http://$ARGV[0]/ HTTP/1.1\r\nHost: $ARGV[0]\r\nConnection: close\r\n\r\n";
    print while <$socket>;
' "#;

fn commands_reach_allowed_hosts() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at: SocketAddr = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1_024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nthere").await;
            }
        });
        let world = World::new();
        let allowed = format!("allowed.test:{}", at.port());
        let config = Config {
            allow: AllowList::parse([&allowed]).expect("a rule").also_at(at),
            setting: "sandbox.hosts".into(),
            limits: Limits::default(),
            resolver: Arc::new(Here(at.ip())),
            on_decision: Box::new(|_| ()),
        };
        let proxy = Proxy::listen(world.outside.join("proxy.sock"), config).expect("a socket");
        let mut launch = world.launch(Level::Full);
        launch.policy.network = Network::Proxy { socket: proxy.socket().to_owned() };
        launch.setup.has_proxy = true;
        let hands = started_by(launch);

        let ask = |host: String| format!("{ASK} '{host}'");
        let told = world.bash(&hands, &ask(allowed)).await.expect("it runs");
        assert!(told.contains("there"), "{told}");
        let told = world.bash(&hands, &ask(format!("other.test:{}", at.port()))).await.expect("it runs");
        assert!(told.contains("403") && !told.contains("there"), "{told}");
        assert!(told.contains("sandbox.hosts"), "the refusal names the setting: {told}");
        let direct =
            format!("perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => \"{at}\") ? 1 : 0'");
        let told = world.bash(&hands, &direct).await.expect("it runs");
        assert!(told.ends_with('0'), "past the proxy: {told}");
    });
}
