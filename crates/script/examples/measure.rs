//! What scripts cost: `cargo run --release -p fanfold-script --example measure`. CPU and peak memory are those
//! of a child process that hosts the script; words after it choose rows by a part of their name.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fanfold_core::Call;
use fanfold_script::protocol::{
    Completion, End, FromHost, Request, ScriptLimits, Settlement, Start, ToHost, read_frame, write_frame,
};
use serde_json::value::{RawValue, to_raw_value};

/// Completions of one frame: what a busy engine has ready at once.
const BATCH: usize = 64;

/// Scripts of a few lines each, by what they do.
const SCRIPTS: [(&str, &str); 8] = [
    ("a trivial script", "return 1"),
    (
        "parallel: 100,000 agents, label and schema",
        "const schema = {type: 'object', properties: {n: {type: 'integer'}, note: {type: 'string'}}, required: ['n']};
         const all = await parallel(Array.from({length: 100000}, (_, i) => () => agent(`look at ${i}`, {label: `l${i}`, schema})));
         return all.length",
    ),
    (
        "parallel: 50,000 async functions",
        "phase('p'); const one = async (i) => { const found = await agent(`look at ${i}`, {label: `l${i}`}); return found };
         return (await parallel(Array.from({length: 50000}, (_, i) => () => one(i)))).length",
    ),
    ("a loop of 100,000 awaited agents", "for (let i = 0; i < 100000; i++) await agent('x' + i); return 1"),
    (
        "a loop of 1,000,000 awaits of nothing",
        "for (let i = 0; i < 1000000; i++) await null; return 1",
    ),
    (
        "pipeline: 50,000 items, 2 stages",
        "return (await pipeline(Array.from({length: 50000}, (_, i) => i), (n) => agent('a' + n), (a, n) => agent('b' + n))).length",
    ),
    (
        "200 workflows in place, one after another",
        "for (let i = 0; i < 200; i++) await workflow('inner'); return 1",
    ),
    ("100,000 thrown and caught errors", "let n = 0; for (let i = 0; i < 100000; i++) { try { null.x } catch (e) { n += e.stack.length } } return n"),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "serve") {
        let served = fanfold_script::serve(io::stdin(), io::stdout());
        std::process::exit(if served.is_ok() { 0 } else { 1 });
    }
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    row("what", ["wall", "CPU", "peak", "calls"].map(String::from));
    for (name, body) in SCRIPTS.into_iter().filter(|(name, _)| chosen(name)) {
        measure(name, &format!("export const meta = {{name: 'w', description: 'd'}};\n{body}"));
    }
    for (name, file) in
        [("parse: 3,000 lines of JavaScript", "w.js"), ("parse: 3,000 lines of TypeScript", "w.ts")]
    {
        if chosen(name) {
            measure_parse(name, file);
        }
    }
}

fn row(what: &str, columns: [String; 4]) {
    let [wall, cpu, peak, calls] = columns;
    writeln!(io::stdout(), "{what:44} {wall:>10} {cpu:>10} {peak:>10} {calls:>8}").expect("somebody listens");
}

/// The best of some runs: the neighbours' work only ever adds.
fn measure(name: &str, source: &str) {
    let runs = if name.contains("trivial") { 50 } else { 3 };
    let best =
        (0..runs).map(|_| Measured::of(source)).min_by_key(|measured| measured.cpu).expect("at least one");
    let peak = format!("{:.1} MiB", best.peak_kib as f64 / 1024.0);
    row(name, [ms(best.wall), ms(best.cpu), peak, best.calls.to_string()]);
}

fn measure_parse(name: &str, file: &str) {
    let typed = if file.ends_with(".ts") { ": number" } else { "" };
    let mut source = String::from("export const meta = {name: 'w', description: 'd'};\n");
    for part in 0..300 {
        source += &format!(
            "// Part {part}: reads what is there, and asks what it means.
async function part{part}(count{typed}, options = {{ retries: 3, deep: true }}) {{
  const found = await parallel(Array.from({{ length: count }}, (_, i) => () => agent(`Read file ${{i}} of part {part}`, {{ label: `read:${{i}}` }})))
  const kept = found.filter((text) => /^(?:yes|no)\\b/.test(text ?? '')).map((text) => ({{ text, part: {part} }}))
  for (const {{ text, part }} of kept) {{
    if (text.length > 10 && options.deep) log(`part ${{part}}: ${{text.slice(0, 10)}}`)
    else counts[part] = (counts[part] ?? 0) + 1
  }}
  return kept.length
}}
"
        );
    }
    source += "const counts = {}\nreturn await part0(1)\n";
    let best = (0..20)
        .map(|_| {
            let started = Instant::now();
            fanfold_script::parse::parse(&source, file).expect("it is a script");
            started.elapsed()
        })
        .min()
        .expect("at least one");
    row(name, [ms(best), String::new(), format!("{} KiB", source.len() >> 10), String::new()]);
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

#[derive(Debug)]
struct Measured {
    /// From the start of the process to the end of the script.
    wall: Duration,
    cpu: Duration,
    peak_kib: u64,
    calls: usize,
}

impl Measured {
    fn of(source: &str) -> Self {
        let started = Instant::now();
        let mut host = HostProcess::spawn();
        let reply = host.ask(&ToHost::Load { source: source.into(), file: "w.js".into() });
        assert!(matches!(reply, FromHost::Loaded { .. }), "{reply:?}");
        let limits = ScriptLimits { items: 1_000_000, ..ScriptLimits::default() };
        let mut reply = host.ask(&ToHost::Start(Start {
            args: None,
            seed: 1,
            now_ms: 0,
            recorded_nows: vec![],
            budget_tokens: None,
            budget_usd_micros: None,
            limits,
        }));
        let mut open = std::collections::VecDeque::new();
        let mut calls = 0;
        loop {
            let FromHost::Idle { requests, end } = reply else { panic!("{reply:?}") };
            if let Some(end) = end {
                assert!(matches!(end, End::Returned(_)), "{end:?}");
                break;
            }
            open.extend(requests.into_iter().filter_map(answer));
            assert!(!open.is_empty(), "it waits for nothing");
            let completions: Vec<_> = open.drain(..open.len().min(BATCH)).collect();
            calls += completions.len();
            reply = host.ask(&ToHost::Settle { completions, now_ms: 0 });
        }
        let wall = started.elapsed();
        let (cpu, peak_kib) = host.used();
        Self { wall, cpu, peak_kib, calls }
    }
}

fn answer(request: Request) -> Option<Completion> {
    let Request::Call { seq, call, .. } = request else { return None };
    let with = match call {
        Call::Agent(agent) if agent.schema.is_some() => {
            Settlement::Value(to_raw_value(&serde_json::json!({"n": seq, "note": "fine"})).expect("JSON"))
        }
        Call::Agent(_) => Settlement::Value(to_raw_value("a line of text").expect("JSON")),
        Call::Timer(_) => Settlement::Value(RawValue::NULL.to_owned()),
        Call::Oracle(_) | Call::Land(_) | Call::Ask(_) => unreachable!("these scripts only ask agents"),
        Call::Workflow(_) => Settlement::Script {
            source: "export const meta = {name: 'inner', description: 'd'};\nreturn await agent('inside')"
                .into(),
            file: "inner.js".into(),
            args: None,
        },
    };
    Some(Completion { seq, with, output_tokens: 10, usd_micros: 0 })
}

struct HostProcess {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl HostProcess {
    fn spawn() -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this binary"))
            .arg("serve")
            .env_clear()
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child process");
        let input = process.stdin.take().expect("piped");
        let output = process.stdout.take().expect("piped");
        Self { process, input, output }
    }

    fn ask(&mut self, frame: &ToHost) -> FromHost {
        write_frame(&mut self.input, frame).expect("it reads");
        read_frame(&mut self.output).expect("a whole frame").expect("it lives")
    }

    /// CPU time and peak memory in KiB so far, from Linux's /proc; zeros elsewhere.
    fn used(&self) -> (Duration, u64) {
        let proc = format!("/proc/{}", self.process.id());
        let mut cpu_ns = 0;
        for task in std::fs::read_dir(format!("{proc}/task")).into_iter().flatten().flatten() {
            let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            cpu_ns += stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
        }
        let status = std::fs::read_to_string(format!("{proc}/status")).unwrap_or_default();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        (Duration::from_nanos(cpu_ns), peak.unwrap_or(0))
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
