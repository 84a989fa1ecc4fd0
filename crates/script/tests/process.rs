//! A host in a process of its own: what cannot be interrupted ends with the process, and the parent learns how.
//!
//! Started with `serve` this binary is that process; otherwise it is a test harness like any other.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use fanfold_script::protocol::{
    Completion, End, FromHost, Request, ScriptErrorKind, ScriptLimits, Settlement, Start, ToHost, read_frame,
    write_frame,
};
use serde_json::json;

const TESTS: [(&str, fn()); 8] = [
    ("values_cross_the_border_unchanged", values_cross_the_border_unchanged),
    ("a_script_runs_in_a_process_and_leaves_when_its_input_ends", a_script_runs_and_leaves),
    ("what_cannot_be_interrupted_is_killed_by_its_cpu_time", what_cannot_be_interrupted_is_killed),
    ("a_script_that_can_be_interrupted_ends_before_its_process", what_can_be_interrupted_only_fails),
    ("a_bad_script_is_refused_and_the_host_lives_on", a_bad_script_is_refused),
    ("a_frame_out_of_turn_ends_the_host", a_frame_out_of_turn_ends_the_host),
    ("no_script_takes_much_more_memory_than_its_limit", no_script_takes_much_more_memory),
    ("a_host_dies_with_its_parent", a_host_dies_with_its_parent),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "serve") {
        let served = fanfold_script::serve(io::stdin(), io::stdout());
        std::process::exit(if served.is_ok() { 0 } else { 1 });
    }
    if args.first().is_some_and(|arg| arg == "parent") {
        return be_a_parent();
    }
    let listing = args.iter().any(|arg| arg == "--list");
    let ignored_only = args.iter().any(|arg| arg == "--ignored");
    let filter = args.iter().find(|arg| !arg.starts_with('-') && *arg != "terse");
    for (name, test) in TESTS.into_iter().filter(|_| !ignored_only) {
        if listing {
            writeln!(io::stdout(), "{name}: test").expect("somebody listens");
        } else if filter.is_none_or(|filter| name.contains(filter.as_str())) {
            test();
        }
    }
}

struct Host {
    process: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
}

impl Host {
    fn spawn() -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this binary"))
            .arg("serve")
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child process");
        let input = process.stdin.take();
        let output = process.stdout.take().expect("piped");
        Self { process, input, output }
    }

    /// `None`: it died instead of answering.
    fn ask(&mut self, frame: &ToHost) -> Option<FromHost> {
        write_frame(self.input.as_mut().expect("open"), frame).ok()?;
        read_frame(&mut self.output).expect("whole frames or none")
    }

    fn load(&mut self, source: &str) {
        let reply = self.ask(&ToHost::Load { source: source.into(), file: "w.js".into() });
        assert!(matches!(reply, Some(FromHost::Loaded { .. })), "{reply:?}");
    }

    fn leave(mut self) -> ExitStatus {
        self.input = None;
        self.process.wait().expect("waited for")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(slice_cpu_ms: u64) -> ToHost {
    let limits = ScriptLimits { slice_cpu_ms, ..ScriptLimits::default() };
    ToHost::Start(Start {
        args: Some(json!({"n": 1})),
        seed: 1,
        now_ms: 5,
        recorded_nows: vec![4],
        budget_tokens: None,
        budget_usd_micros: None,
        limits,
    })
}

fn a_script_runs_and_leaves() {
    let mut host = Host::spawn();
    host.load(
        "export const meta = {name: 'w', description: 'd'};\nconst a = await agent(`n is ${args.n}`);\nreturn {a, t: [now(), now()], local: new Date(2020, 0, 1).toISOString()};",
    );
    let Some(FromHost::Idle { requests, end: None }) = host.ask(&start(1_000)) else { panic!("it waits") };
    let [Request::Call { seq: 0, site: Some(site), .. }] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((site.line, site.column), (2, 17));
    let with = Settlement::Value(serde_json::value::to_raw_value(&json!({"deep": [1]})).expect("JSON"));
    let completions = vec![Completion { seq: 0, with, output_tokens: 3, usd_micros: 0 }];
    let Some(FromHost::Idle { end: Some(End::Returned(result)), .. }) =
        host.ask(&ToHost::Settle { completions, now_ms: 9 })
    else {
        panic!("it returned")
    };
    assert_eq!(result.get(), r#"{"a":{"deep":[1]},"t":[4,9],"local":"2020-01-01T00:00:00.000Z"}"#);
    assert!(host.leave().success());
}

fn values_cross_the_border_unchanged() {
    let mut host = Host::spawn();
    host.load("export const meta = {name: 'w', description: 'd'}; return await Promise.all(args.map(String).map((n) => agent(n)));");
    let values =
        [r#"null"#, r#""text \u0000 é😀 \"q\"""#, "1e21", "0.1", "[]", r#"{"b":1,"a":{"$x":[true]}}"#];
    let ToHost::Start(mut start) = start(1_000) else { unreachable!("a start frame") };
    start.args = Some(json!(values));
    let Some(FromHost::Idle { end: None, .. }) = host.ask(&ToHost::Start(start)) else { panic!("it waits") };
    let completions = values.iter().enumerate().map(|(seq, json)| Completion {
        seq: seq as u32,
        with: Settlement::Value(serde_json::value::RawValue::from_string((*json).to_owned()).expect("JSON")),
        output_tokens: 0,
        usd_micros: 0,
    });
    let Some(FromHost::Idle { end: Some(End::Returned(result)), .. }) =
        host.ask(&ToHost::Settle { completions: completions.collect(), now_ms: 9 })
    else {
        panic!("it returned")
    };
    let sent: serde_json::Value = serde_json::from_str(&format!("[{}]", values.join(","))).expect("JSON");
    let got: serde_json::Value = serde_json::from_str(result.get()).expect("JSON");
    assert_eq!(got, sent);
}

fn what_cannot_be_interrupted_is_killed() {
    let names =
        ["builtin_join", "builtin_lastindexof", "builtin_replace", "builtin_reverse", "builtin_slowsort"];
    let hosts = names.map(|name| {
        let path = format!("{}/tests/hostile/{name}.js", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).expect("readable");
        let mut host = Host::spawn();
        host.load(&source);
        write_frame(host.input.as_mut().expect("open"), &start(100)).expect("it reads");
        (name, host)
    });
    let xcpu = rustix::process::Signal::XCPU.as_raw();
    for (name, mut host) in hosts {
        let answer = read_frame::<FromHost>(&mut host.output).expect("whole frames or none");
        assert!(answer.is_none(), "{name}: {answer:?}");
        let status = host.leave();
        assert_eq!(status.signal(), Some(xcpu), "{name}: {status}");
        assert!(!status.core_dumped(), "{name}");
    }
}

fn what_can_be_interrupted_only_fails() {
    let mut host = Host::spawn();
    host.load("export const meta = {name: 'w', description: 'd'}; for (;;) {}");
    let Some(FromHost::Idle { end: Some(End::Failed(error)), .. }) = host.ask(&start(100)) else {
        panic!("it fails")
    };
    assert_eq!(error.kind, ScriptErrorKind::Cpu);
    assert!(host.leave().success());
}

fn a_bad_script_is_refused() {
    let mut host = Host::spawn();
    let reply = host.ask(&ToHost::Load { source: "return 1".into(), file: "w.js".into() });
    assert!(matches!(reply, Some(FromHost::Refused { ref errors }) if !errors.is_empty()), "{reply:?}");
    host.load("export const meta = {name: 'w', description: 'd'}; return 1");
    assert!(host.leave().success());
}

fn a_frame_out_of_turn_ends_the_host() {
    let mut host = Host::spawn();
    assert!(host.ask(&start(100)).is_none());
    assert_eq!(host.leave().code(), Some(1));
}

/// What a process may take besides its script: itself, and what the engine's allocator rounds up.
#[cfg(target_os = "linux")]
const OWN_KIB_MAX: u64 = 48 << 10;

#[cfg(not(target_os = "linux"))]
fn no_script_takes_much_more_memory() {}

#[cfg(target_os = "linux")]
fn no_script_takes_much_more_memory() {
    const LIMIT_BYTES: u64 = 64 << 20;
    let names = [
        "array_growth",
        "array_growth_catch",
        "atoms",
        "builtin_arrayfrom",
        "builtin_normalize",
        "builtin_split",
        "map_growth",
        "pending_promises",
        "repeat29",
        "rope",
        "string_double",
        "symbols",
        "typed_array",
    ];
    let hostile = names.map(|name| {
        let path = format!("{}/tests/hostile/{name}.js", env!("CARGO_MANIFEST_DIR"));
        (name, std::fs::read_to_string(path).expect("readable"))
    });
    let floods = [
        "for (;;) log('x'.repeat(1e6))",
        "for (;;) agent('x'.repeat(1e5))",
        "for (let i = 0; ; i++) agent('x', {schema: {type: 'object', title: 'x'.repeat(1e5) + i}})",
        "for (;;) agent('x', {context: ['x'.repeat(1e6)]})",
        "for (let n = 32; n < 512; n += 16) { const kept = []; for (let i = 0; i < 4e7 / n; i++) { const s = 'x'.repeat(n); if (i % 50 === 0) kept.push(s) } globalThis[`keep${n}`] = kept } return 1",
    ];
    let floods =
        floods.map(|body| (body, format!("export const meta = {{name: 'w', description: 'd'}};\n{body}")));
    for (name, source) in hostile.into_iter().chain(floods) {
        let mut host = Host::spawn();
        host.load(&source);
        let ToHost::Start(mut start) = start(1_000) else { unreachable!("a start frame") };
        start.limits.memory_bytes = LIMIT_BYTES;
        let answer = host.ask(&ToHost::Start(start));
        assert!(answer.is_some(), "{name}: it died");
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", host.process.id())).expect("it lives");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        let peak_kib: u64 = peak.and_then(|kib| kib.parse().ok()).expect("a number");
        assert!(peak_kib > 1 << 10, "{name}: {peak_kib} KiB");
        assert!(peak_kib <= (LIMIT_BYTES >> 10) + OWN_KIB_MAX, "{name}: {peak_kib} KiB");
    }
}

/// Starts a host that computes, then waits to be killed.
fn be_a_parent() {
    let mut host = Host::spawn();
    host.load("export const meta = {name: 'w', description: 'd'}; for (;;) {}");
    write_frame(host.input.as_mut().expect("open"), &start(3_600_000)).expect("it reads");
    io::stdout().write_all(b"computes").expect("somebody listens");
    io::stdout().flush().expect("somebody listens");
    let _ = host.process.wait();
}

#[cfg(not(target_os = "linux"))]
fn a_host_dies_with_its_parent() {}

/// The host has the error output of its parent: that ends when both are gone.
#[cfg(target_os = "linux")]
fn a_host_dies_with_its_parent() {
    use std::io::Read;
    let mut parent = Command::new(std::env::current_exe().expect("this binary"))
        .arg("parent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a child process");
    let mut ready = [0; 8];
    parent.stdout.as_mut().expect("piped").read_exact(&mut ready).expect("it says so");
    parent.kill().expect("kill -9");
    let mut rest = Vec::new();
    // Waits for an hour of computing should the host live on: longer than any test may take.
    parent.stderr.take().expect("piped").read_to_end(&mut rest).expect("its end");
    assert!(!parent.wait().expect("waited for").success());
}
