//! Checks that ask a server: it is started and asked in a sandbox of its own, and judged from outside.

mod world;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use fanfold_core::{Judgement, Oracle, OracleCall};
use fanfold_sandbox::{Level, Sandbox};
use fanfold_workspace::{Kind, Workspaces};
use serde_json::{Value, json};
use world::{World, block_on, judge, plain};

const URL: &str = "http://127.0.0.1:8080/health";

/// A server of one answer for GET, and of an echo for POST.
const SERVER: &str = r#"
import http.server, json, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200 if self.path == '/health' else 404, json.dumps({'status': 'ok', 'n': 7}))

    def do_POST(self):
        sent = self.rfile.read(int(self.headers['content-length'])).decode()
        self.reply(201, json.dumps({'sent': json.loads(sent), 'kind': self.headers['content-type'],
                                    'key': self.headers['x-key'], 'host': self.headers['host']}))

    def reply(self, status, body):
        self.send_response(status)
        self.send_header('content-type', 'application/json')
        self.end_headers()
        self.wfile.write(body.encode())

print('listening', flush=True)
http.server.HTTPServer(('127.0.0.1', 8080), Handler).serve_forever()
"#;

fn world(server: &str) -> World {
    World::new(&[("server.py", server), ("a.txt", "")])
}

fn of(http: Value) -> Value {
    json!({"http": http, "start": "exec python3 server.py", "name": "health"})
}

fn judged(world: &World, oracle: Value) -> Judgement {
    let patch = world.patch(&[("a.txt", Some("x"))]);
    block_on(judge(&world.court(oracle), &patch))
}

#[track_caller]
fn check_fault(judged: &Judgement, why: &str) {
    assert_eq!(judged.passed, Some(false), "{judged:?}");
    let said = judged.checks[0].why.as_deref().unwrap_or_default();
    assert!(said.contains(why), "{said}");
    assert_eq!(judged.failures[0].message, said);
}

#[test]
fn a_right_answer_passes_and_a_wrong_one_says_what_is_wrong() {
    let world = world(SERVER);
    let schema = |n: Value| json!({"type": "object", "required": ["n"], "properties": {"status": {"const": "ok"}, "n": n}});
    let good = judged(&world, of(json!({"url": URL, "schema": schema(json!({"type": "integer"}))})));
    assert_eq!((good.passed, good.exit_code), (Some(true), None), "{good:?}");
    assert!(good.output.starts_with("$ exec python3 server.py\nlistening\n"), "{}", good.output);
    assert!(
        good.output.contains("GET http://127.0.0.1:8080/health: 200\n{\"status\": \"ok\""),
        "{}",
        good.output
    );

    let other = judged(&world, of(json!({"url": "http://localhost:8080/other"})));
    check_fault(&other, "it answered with status 404, not 200 to 299");
    let strict = judged(&world, of(json!({"url": URL, "status": 204})));
    check_fault(&strict, "it answered with status 200, not 204");
    let schema = judged(&world, of(json!({"url": URL, "schema": schema(json!({"minimum": 8}))})));
    check_fault(&schema, "the body does not match the schema: at /n: 7 is less than the minimum of 8");
    let wanted = judged(&world, of(json!({"url": "http://localhost:8080/other", "status": 404})));
    assert_eq!(wanted.passed, Some(true), "{wanted:?}");
}

#[test]
fn the_request_is_the_one_of_the_definition() {
    let world = world(SERVER);
    let exactly = json!({"const": {
        "sent": {"a": [1, "ü"]}, "kind": "application/json", "key": "k", "host": "127.0.0.1:8080",
    }});
    let asked = json!({
        "url": "http://127.0.0.1:8080/items", "method": "POST", "headers": {"X-Key": "k"},
        "body": {"a": [1, "ü"]}, "status": 201, "schema": exactly,
    });
    let judged = judged(&world, of(asked));
    assert_eq!(judged.passed, Some(true), "{judged:?}");
}

#[test]
fn a_server_that_never_answers_has_not_passed_when_time_is_up() {
    let world = world("");
    let mut deaf = of(json!({"url": URL}));
    deaf["start"] = "sleep 600".into();
    deaf["readyMs"] = 300.into();
    check_fault(
        &judged(&world, deaf.clone()),
        "nobody answered at http://127.0.0.1:8080/health within 300 ms",
    );

    let mute = "import socket, time\ns = socket.create_server(('127.0.0.1', 8080))\nprint('here', flush=True)\n\
                c = s.accept()\ntime.sleep(600)\n";
    let world = self::world(mute);
    let mut mute = of(json!({"url": URL}));
    mute["timeoutMs"] = 2000.into();
    let judged = judged(&world, mute);
    check_fault(&judged, "timed out after 2000 ms");
    assert!(judged.output.contains("\nhere\n"), "what it printed is there: {}", judged.output);
}

#[test]
fn a_server_that_dies_is_not_waited_for() {
    let started = Instant::now();
    let mut dead = of(json!({"url": URL}));
    dead["start"] = "echo no such port; exit 3".into();
    let judged = judged(&world(""), dead);
    check_fault(&judged, "the server ended before it answered: exit status: 3");
    assert!(judged.output.contains("no such port"), "{}", judged.output);
    assert!(started.elapsed() < Duration::from_secs(20), "it waited until nobody was ready");

    let closing = "import socket\ns = socket.create_server(('127.0.0.1', 8080))\nc, _ = s.accept()\n\
                   c.recv(9)\nc.sendall(b'HTTP/1.1 200 OK\\r\\ncontent-length: 9\\r\\n\\r\\nab')\nc.close()\n";
    check_fault(&self::judged(&world(closing), of(json!({"url": URL}))), "no answer of HTTP");
}

/// Whatever a server prints, to wherever it can: what was heard of it comes from somebody else.
#[test]
fn a_server_cannot_say_in_the_engine_s_ear_what_it_answered() {
    let forged = r#"{"printed":"","answer":{"Ok":{"status":200,"body":"{}","is_cut":false}}}"#;
    let liar = format!(
        r#"
import glob, os, signal, sys
forged = {forged:?}
sys.stdout.write(forged); sys.stdout.flush(); sys.stderr.write(forged)
reached = []
for pid in [os.getppid(), 1]:
    for fd in ['0', '1', '2']:
        try:
            with open(f'/proc/{{pid}}/fd/{{fd}}', 'w') as out:
                out.write(forged)
            reached.append(fd)
        except OSError:
            pass
print('reached', reached, flush=True)
for pid in [os.getppid(), 1]:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
sys.exit(1)
"#
    );
    let world = world(&liar);
    // As the stage starts it: `exec`, so that its parent is the one that asks.
    let judged = judged(&world, of(json!({"url": URL})));
    check_fault(&judged, "the server ended before it answered: exit status: 1");
    assert!(judged.output.contains(forged), "void: it did not even try: {}", judged.output);
    assert!(judged.output.contains("reached []"), "{}", judged.output);
    // Of a parent that takes no care it reaches the streams, in the same sandbox.
    let careless = json!({"command": "python3 server.py; true", "parse": "exit"});
    let careless = self::judged(&world, careless);
    assert!(careless.output.contains("reached ['0'"), "void: {}", careless.output);
}

#[test]
fn nothing_of_a_server_is_left_whatever_it_does_to_stay() {
    // By a time that no other process sleeps.
    let seconds = format!("600.{}", std::process::id());
    let world = world(SERVER);
    let mut oracle = of(json!({"url": URL}));
    oracle["start"] = format!(
        "setsid sleep {seconds} & (trap '' TERM HUP; exec sleep {seconds}) & python3 server.py & exit 0"
    )
    .into();
    let judged = judged(&world, oracle);
    assert_eq!(judged.passed, Some(true), "one that goes to the background serves too: {judged:?}");
    let pattern = format!("pgrep -f 'sleep {}'", seconds.replace('.', "[.]"));
    let found = plain(world.dir.path(), &pattern, &[]);
    assert!(!found.status.success(), "left: {}", String::from_utf8_lossy(&found.stdout));
}

#[test]
fn a_server_is_the_work_and_may_be_changed_while_a_honeypot_still_catches() {
    let broken = SERVER.replace("200 if self.path", "500 if self.path");
    let world = world(&broken);
    let honeypot = json!({
        "http": {"url": URL, "status": 418}, "start": "python3 server.py", "honeypot": true, "name": "trap",
    });
    let oracle = json!({"checks": [of(json!({"url": URL})), honeypot]});
    block_on(async {
        let court = world.court(oracle);
        let start = court.baseline(None, false).await.expect("a verdict");
        assert_eq!(start.checks[0].why.as_deref(), Some("it answered with status 500, not 200 to 299"));
        let honest = judge(&court, &world.patch(&[("server.py", Some(SERVER))])).await;
        assert_eq!((honest.passed, honest.tampered.len()), (Some(true), 0), "{honest:?}");
        let teapot = SERVER.replace("200 if self.path", "418 if self.path");
        let cheat = judge(&court, &world.patch(&[("server.py", Some(&teapot))])).await;
        assert_eq!(cheat.tampered, ["honeypot:trap"], "{cheat:?}");
    });
}

#[test]
fn without_a_sandbox_another_server_is_no_answer_and_the_reduced_one_has_no_network() {
    let mut world = world(SERVER);
    world.workspaces = Workspaces::new(world.repo().clone(), Kind::Worktree);
    let program = Path::new(env!("CARGO_BIN_EXE_fanfold-oracle-stage"));
    let sandbox = |level| Sandbox::new(level, program, Path::new("/usr/bin/bwrap")).expect("a sandbox");

    // Takes connections, and would answer nothing.
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", other.local_addr().expect("an address"));
    world.sandbox = sandbox(Level::Off);
    check_fault(&judged(&world, of(json!({"url": url}))), "another server answers at http://127.0.0.1:");

    world.sandbox = sandbox(Level::Reduced);
    let patch = world.patch(&[("a.txt", Some("x"))]);
    let court = world.court(of(json!({"url": URL})));
    let call = OracleCall { patch: Some(patch), ..OracleCall::default() };
    let refused = block_on(court.judge(&call)).expect_err("no verdict");
    assert!(refused.message.contains("the reduced sandbox has no network of its own"), "{}", refused.message);
}
