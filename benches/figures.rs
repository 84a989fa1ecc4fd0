//! The figures, as one table: `cargo bench -p fanfold`. Each is the release binary as a whole process, from
//! outside; the last column is the ratio to its target (at most 1 is met).
//!
//! Timings depend on the machine and on its neighbours: compare ratios within one run.

#![allow(clippy::print_stderr, reason = "a bench tells how far it is")]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fanfold_testkit::ModelServer;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_fanfold");

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--floor") {
        return floor_client(&args[at + 1]);
    }
    let bench = Bench::new();
    let mut table = Table::default();
    bench.start_up(&mut table);
    bench.simulated(&mut table);
    bench.large(&mut table);
    bench.never_blocks(&mut table);
    bench.makespans(&mut table);
    bench.real_wire(&mut table);
    table.print();
}

struct Bench {
    dir: tempfile::TempDir,
}

/// One finished process.
struct Measured {
    wall: Duration,
    cpu: Duration,
    /// Peak of the memory of the process and its children together, in kB.
    peak_kb: u64,
    stdout: String,
}

#[derive(Default)]
struct Table(Vec<[String; 4]>);

impl Table {
    /// `measured` in the unit of `target`; a ratio over 1 misses it.
    fn row(&mut self, what: &str, measured: f64, target: f64, unit: &str) {
        let ratio = measured / target;
        eprintln!("{what}: {measured:.3} {unit} (target {target} {unit}, {ratio:.2})");
        let number = |n: f64| if n >= 100.0 { format!("{n:.0}") } else { format!("{n:.3}") };
        self.0.push([
            what.into(),
            format!("{} {unit}", number(measured)),
            format!("{} {unit}", number(target)),
            format!("{ratio:.2}{}", if ratio > 1.0 { "  MISSED" } else { "" }),
        ]);
    }

    fn note(&mut self, what: &str, measured: String) {
        eprintln!("{what}: {measured}");
        self.0.push([what.into(), measured, String::new(), String::new()]);
    }

    #[allow(clippy::print_stdout, reason = "the table is the result")]
    fn print(&self) {
        let width = |at: usize| self.0.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        println!(
            "\n{:w0$}  {:>w1$}  {:>w2$}  ratio",
            "figure",
            "measured",
            "target",
            w0 = widths[0],
            w1 = widths[1],
            w2 = widths[2]
        );
        for [what, measured, target, ratio] in &self.0 {
            println!(
                "{what:w0$}  {measured:>w1$}  {target:>w2$}  {ratio}",
                w0 = widths[0],
                w1 = widths[1],
                w2 = widths[2]
            );
        }
    }
}

const META: &str = "export const meta = { name: 'bench', description: 'a benchmark' }\n";

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { dir }
    }

    fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, format!("{META}{body}\n")).expect("writable");
        path
    }

    /// The best of `times` runs: the one that its neighbours disturbed least.
    fn best(&self, times: u32, args: &[&str]) -> Measured {
        let mut runs: Vec<Measured> = (0..times).map(|_| self.run(args)).collect();
        runs.sort_by_key(|run| run.wall);
        runs.remove(0)
    }

    fn run(&self, args: &[&str]) -> Measured {
        let mut command = Command::new(BINARY);
        command.args(args);
        measure(command, self.dir.path())
    }

    fn report(measured: &Measured) -> Value {
        serde_json::from_str(&measured.stdout).unwrap_or_else(|err| panic!("{err}: {}", measured.stdout))
    }

    fn start_up(&self, table: &mut Table) {
        table.row("--help", ms(self.best(5, &["--help"]).wall), 10.0, "ms");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/review.js");
        let example = example.to_str().expect("a readable path");
        let dry = self.best(5, &["check", example, "--policy", "typical"]);
        table.row("dry run of examples/review.js", ms(dry.wall), 50.0, "ms");
        let bytes = fs::metadata(BINARY).expect("built").len();
        table.row("binary", bytes as f64 / 1e6, 40.0, "MB");
    }

    fn simulated(&self, table: &mut Table) {
        let script = self.script(
            "thousand.js",
            "return (await parallel(Array.from({length: 1000}, (_, i) => () => agent('question ' + i)))).length",
        );
        let script = script.to_str().expect("readable");
        let run = self.best(5, &["run", script, "--simulate", "--json"]);
        table.row("1,000 simulated agents, wall", run.wall.as_secs_f64(), 0.15, "s");
        table.row("1,000 simulated agents, CPU", run.cpu.as_secs_f64(), 0.1, "s");
        table.row("1,000 simulated agents, memory", run.peak_kb as f64 / 1e3, 20.0, "MB");
        let report = Self::report(&run);
        let dir = PathBuf::from(report["run_dir"].as_str().expect("a directory"));
        let events = fs::metadata(dir.join("events.jsonl")).expect("there").len();
        table.row("events of a trivial agent", events as f64 / 1e3, 1_500.0, "B");
        let id = report["run_id"].as_str().expect("an id");
        let resumed = self.best(3, &["resume", id, "--json"]);
        table.row("resume of 1,000 settled agents, wall", resumed.wall.as_secs_f64(), 0.1, "s");
        let report = Self::report(&resumed);
        assert_eq!((&report["agents"]["started"], &report["agents"]["replayed"]), (&0.into(), &1_000.into()));
    }

    fn large(&self, table: &mut Table) {
        let body = |n: u32| {
            format!(
                "return (await parallel(Array.from({{length: {n}}}, (_, i) => () => agent('q ' + i)))).length"
            )
        };
        let small = self.script("small.js", &body(1_000));
        let large = self.script("large.js", &body(100_000));
        let caps = ["--simulate", "--json", "--max-agents", "200000", "--max-items", "200000"];
        let run =
            |path: &Path| self.run(&[&["run", path.to_str().expect("readable")][..], &caps[..]].concat());
        // The start of the process is no cost of an agent.
        let nothing = self.script("nothing.js", "return 0");
        let idle = self.best(5, &["run", nothing.to_str().expect("readable"), "--simulate", "--json"]);
        let (a, b) = (run(&small), run(&large));
        table.row("100,000 simulated agents, wall", b.wall.as_secs_f64(), 12.0, "s");
        table.row("100,000 simulated agents, memory", b.peak_kb as f64 / 1e3, 500.0, "MB");
        let each = |run: &Measured, n: f64| (run.cpu.saturating_sub(idle.cpu)).as_secs_f64() * 1e6 / n;
        let growth = each(&b, 100_000.0) / each(&a, 1_000.0);
        table.note(
            "CPU of an agent among 1,000, among 100,000",
            format!("{:.0} µs, {:.0} µs", each(&a, 1e3), each(&b, 1e5)),
        );
        table.row("growth of that cost", growth, 1.3, "x");
        let stages = self.script(
            "stages.js",
            "return (await pipeline(Array.from({length: 10000}, (_, i) => i), n => agent('a' + n), (r, n) => agent('b' + n), (r, n) => agent('c' + n))).length",
        );
        table.row("pipeline of 10,000 items x 3 stages, wall", run(&stages).wall.as_secs_f64(), 4.0, "s");
    }

    fn never_blocks(&self, table: &mut Table) {
        let script = self.script(
            "instant.js",
            "return (await parallel(Array.from({length: 4096}, (_, i) => () => agent('q ' + i)))).length",
        );
        let scenario = self.dir.path().join("instant.yaml");
        fs::write(&scenario, "- match: {prompt: '.'}\n  reply: ok\n  latency_ms: 0\n").expect("writable");
        let scenario = scenario.to_str().expect("readable");
        let caps = ["--max-agents", "5000", "--concurrency", "1024", "--json"];
        let run = self.run(
            &[&["run", script.to_str().expect("readable"), "--scenario", scenario][..], &caps[..]].concat(),
        );
        let report = Self::report(&run);
        assert_eq!(report["result"], 4096);
        table.note("4,096 instant replies at once, wall", format!("{:.3} s", run.wall.as_secs_f64()));
        let resumed = self.run(&["resume", report["run_id"].as_str().expect("an id"), "--json"]);
        assert_eq!(Self::report(&resumed)["agents"]["started"], 0);
        table.note("their resume, wall", format!("{:.3} s", resumed.wall.as_secs_f64()));
    }

    /// Each shape's makespan against an independent greedy list schedule of the same durations.
    fn makespans(&self, table: &mut Table) {
        let shapes: [(&str, &str, Shape); 5] = [
            (
                "wide",
                "return (await parallel(Array.from({length: 200}, (_, i) => () => agent('p', {label: 'w' + i})))).length",
                Shape::wide(),
            ),
            ("deep", "for (let i = 0; i < 40; i++) await agent('p' + i, {label: 'd' + i})", Shape::deep()),
            (
                "pipeline",
                "return (await pipeline(Array.from({length: 60}, (_, i) => i), i => agent('p', {label: 'a' + i}), (r, i) => agent('p', {label: 'b' + i}), (r, i) => agent('p', {label: 'c' + i}))).length",
                Shape::pipeline(),
            ),
            (
                "two barriers",
                "for (const g of ['x', 'y', 'z']) await parallel(Array.from({length: 50}, (_, i) => () => agent('p', {label: g + i})))",
                Shape::barriers(),
            ),
            (
                "skewed",
                "return (await parallel(Array.from({length: 100}, (_, i) => () => agent('p', {label: 's' + i})))).length",
                Shape::skewed(),
            ),
        ];
        for (name, body, shape) in shapes {
            let script = self.script("shape.js", body);
            let scenario = self.dir.path().join("shape.yaml");
            fs::write(&scenario, "- match: {label: '^s0$'}\n  reply: long\n  latency_ms: 900000\n")
                .expect("writable");
            let mut args =
                vec!["run", script.to_str().expect("readable"), "--simulate", "--seed", "11", "--json"];
            if name == "skewed" {
                args.extend(["--scenario", scenario.to_str().expect("readable")]);
            }
            let report = Self::report(&self.run(&args));
            let durations = durations(Path::new(report["run_dir"].as_str().expect("a directory")));
            let (greedy, bound) = shape.schedule(&durations, 16);
            let makespan = report["duration_ms"].as_f64().expect("a number");
            table.row(
                &format!("makespan {name}: off the greedy schedule"),
                (makespan / greedy - 1.0).abs() * 100.0,
                2.0,
                "%",
            );
            table.note(
                &format!("makespan {name}: over max(critical path, total / slots)"),
                format!("{:.3}", makespan / bound),
            );
        }
    }

    /// 1,000 agents of one turn against a server on loopback that answers at once, journal durable.
    fn real_wire(&self, table: &mut Table) {
        let server = Server::start();
        let work = self.dir.path().join("real");
        let personal = self.dir.path().join(".config/fanfold");
        fs::create_dir_all(&personal).expect("writable");
        fs::create_dir_all(work.join(".git")).expect("writable");
        let url = &server.url;
        fs::write(
            personal.join("config.toml"),
            format!("[providers.bench]\nwire = \"openai-chat\"\nbase_url = \"{url}/v1\"\nfree = true\n"),
        )
        .expect("writable");
        let script = self.script(
            "real.js",
            "return (await parallel(Array.from({length: 1000}, (_, i) => () => agent('question ' + i)))).filter(Boolean).length",
        );
        let mut runs: Vec<Measured> = (0..3)
            .map(|_| {
                let mut command = Command::new(BINARY);
                command.args([
                    "run",
                    script.to_str().expect("readable"),
                    "--model",
                    "bench/echo",
                    "--yes",
                    "--json",
                ]);
                command.current_dir(&work);
                measure(command, self.dir.path())
            })
            .collect();
        runs.sort_by_key(|run| run.cpu);
        let run = runs.remove(0);
        let report = Self::report(&run);
        assert_eq!(report["result"], 1_000, "{report}");
        let mut floor = Command::new(std::env::current_exe().expect("this program"));
        floor.args(["--floor", url]);
        let floor = measure(floor, self.dir.path());
        table.row("1,000 agents over a real wire, CPU of one", ms(run.cpu) / 1e3, 0.3, "ms");
        table.note("a bare client's CPU for one such reply", format!("{:.3} ms", ms(floor.cpu) / 1e3));
        table.row("1,000 agents over a real wire, wall", run.wall.as_secs_f64(), 1.0, "s");
        table.row("1,000 agents over a real wire, memory", run.peak_kb as f64 / 1e3, 50.0, "MB");
        let syncs = report["journal"]["syncs"].as_f64().expect("a number");
        let sync_ms = report["journal"]["sync_us"].as_f64().expect("a number") / 1e3;
        // Opening and closing the journal belong to no wave.
        table.row("syncs a wave of 16", (syncs - 2.0) / (1_000.0_f64 / 16.0).ceil(), 2.0, "");
        table.note("time in syncs", format!("{sync_ms:.0} ms in {syncs} syncs"));
        let dir = PathBuf::from(report["run_dir"].as_str().expect("a directory"));
        table.row("disk of a trivial agent", apparent_bytes(&dir) as f64 / 1e3, 4_000.0, "B");
        let events = fs::metadata(dir.join("events.jsonl")).expect("there").len();
        table.row("events of a trivial agent, real", events as f64 / 1e3, 1_500.0, "B");
        table.note("requests that the server counted", server.requests().to_string());
    }
}

/// Runs it to its end; CPU of it and its children as the shell accounts for it.
fn measure(command: Command, dir: &Path) -> Measured {
    let cwd = command.get_current_dir().unwrap_or(dir).to_owned();
    let program = command.get_program().to_owned();
    let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let accounts = dir.join("accounts");
    let mut shell = Command::new("bash");
    shell.arg("-c").arg("TIMEFORMAT='%R %U %S'; { time \"$@\" 2>/dev/null; } 2>\"$0\"").arg(&accounts);
    shell.arg(program).args(args).current_dir(cwd);
    shell
        .env("HOME", dir)
        .env("XDG_STATE_HOME", dir)
        .env_remove("ANTHROPIC_API_KEY")
        .env_remove("OPENAI_API_KEY");
    let began = Instant::now();
    let child = shell.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("bash runs");
    let ended = Arc::new(AtomicBool::new(false));
    let watch = {
        let (ended, pid) = (ended.clone(), child.id());
        std::thread::spawn(move || peak_kb(pid, &ended))
    };
    let output = child.wait_with_output().expect("it ends");
    let outer = began.elapsed();
    ended.store(true, Ordering::Relaxed);
    let times = fs::read_to_string(&accounts).expect("bash wrote it");
    let times: Vec<f64> = times.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [wall, user, system] = times[..] else { panic!("no times from bash") };
    Measured {
        wall: Duration::from_secs_f64(wall).min(outer),
        cpu: Duration::from_secs_f64(user + system),
        peak_kb: watch.join().expect("the watch ends"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}

/// The peak of what all descendants of the shell `pid` hold together; a page that two of them share (the
/// program's own text) counts once.
fn peak_kb(pid: u32, ended: &AtomicBool) -> u64 {
    let mut peak = 0;
    while !ended.load(Ordering::Relaxed) {
        let (mut todo, mut sum) = (children(pid), 0);
        while let Some(child) = todo.pop() {
            let rollup = fs::read_to_string(format!("/proc/{child}/smaps_rollup")).unwrap_or_default();
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            sum += line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
            todo.extend(children(child));
        }
        peak = peak.max(sum);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

fn apparent_bytes(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => apparent_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Label to milliseconds, from the events.
fn durations(run_dir: &Path) -> HashMap<String, f64> {
    let text = fs::read_to_string(run_dir.join("events.jsonl")).expect("there");
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut durations = HashMap::new();
    for event in text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let agent = event["agent"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str() {
            Some("agent.queued") => {
                _ = labels.insert(agent, event["label"].as_str().expect("a label").to_owned())
            }
            Some("agent.ended") => {
                let ms = event["duration_ms"].as_f64().expect("a number");
                durations.insert(labels[&agent].clone(), ms);
            }
            _ => (),
        }
    }
    durations
}

/// Tasks by label, each with those that must have ended before it is asked for.
struct Shape(Vec<(String, Vec<String>)>);

impl Shape {
    fn wide() -> Self {
        Self((0..200).map(|i| (format!("w{i}"), vec![])).collect())
    }

    fn skewed() -> Self {
        Self((0..100).map(|i| (format!("s{i}"), vec![])).collect())
    }

    fn deep() -> Self {
        let before = |i: u32| if i == 0 { vec![] } else { vec![format!("d{}", i - 1)] };
        Self((0..40).map(|i| (format!("d{i}"), before(i))).collect())
    }

    fn pipeline() -> Self {
        let stage = |name: &'static str, before: Option<&'static str>| {
            (0..60).map(move |i| {
                (format!("{name}{i}"), before.map(|before| format!("{before}{i}")).into_iter().collect())
            })
        };
        Self(stage("a", None).chain(stage("b", Some("a"))).chain(stage("c", Some("b"))).collect())
    }

    fn barriers() -> Self {
        let group = |name: &'static str, before: Option<&'static str>| {
            let all: Vec<String> =
                before.iter().flat_map(|before| (0..50).map(move |i| format!("{before}{i}"))).collect();
            (0..50).map(move |i| (format!("{name}{i}"), all.clone()))
        };
        Self(group("x", None).chain(group("y", Some("x"))).chain(group("z", Some("y"))).collect())
    }

    /// Greedy, first come first served, and the lower bound of any schedule.
    fn schedule(&self, durations: &HashMap<String, f64>, slots: usize) -> (f64, f64) {
        let mut waiting: Vec<usize> = self.0.iter().map(|(_, before)| before.len()).collect();
        let index: HashMap<&str, usize> =
            self.0.iter().enumerate().map(|(i, (label, _))| (label.as_str(), i)).collect();
        let mut after: Vec<Vec<usize>> = vec![vec![]; self.0.len()];
        for (i, (_, before)) in self.0.iter().enumerate() {
            before.iter().for_each(|label| after[index[label.as_str()]].push(i));
        }
        let mut ready: std::collections::VecDeque<usize> =
            (0..self.0.len()).filter(|i| waiting[*i] == 0).collect();
        let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        let mut finished = vec![0.0; self.0.len()];
        let (mut now, mut total) = (0u64, 0.0);
        loop {
            while running.len() < slots
                && let Some(task) = ready.pop_front()
            {
                let ms = durations[&self.0[task].0];
                total += ms;
                running.push(Reverse((now + ms as u64, task)));
            }
            let Some(Reverse((at, task))) = running.pop() else { break };
            now = at;
            let before: f64 =
                self.0[task].1.iter().map(|label| finished[index[label.as_str()]]).fold(0.0, f64::max);
            finished[task] = before + durations[&self.0[task].0];
            for next in &after[task] {
                waiting[*next] -= 1;
                if waiting[*next] == 0 {
                    ready.push_back(*next);
                }
            }
        }
        let critical = finished.iter().copied().fold(0.0, f64::max);
        (now as f64, critical.max(total / slots as f64))
    }
}

/// The model server, on a thread with a runtime of its own.
struct Server {
    url: String,
    requests: Arc<Mutex<Box<dyn Fn() -> u64 + Send>>>,
}

impl Server {
    fn start() -> Self {
        let (ready, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server = Arc::new(ModelServer::echo().await);
                let count = server.clone();
                let requests: Box<dyn Fn() -> u64 + Send> = Box::new(move || count.seen() as u64);
                ready.send((server.url().to_string(), requests)).expect("waited for");
                std::future::pending::<()>().await;
            });
        });
        let (url, requests) = started.recv().expect("it starts");
        Self { url: url.trim_end_matches('/').to_owned(), requests: Arc::new(Mutex::new(requests)) }
    }

    fn requests(&self) -> u64 {
        (self.requests.lock().expect("no panic while held"))()
    }
}

/// What the same 1,000 replies cost a bare client, 16 at once.
fn floor_client(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{url}/v1/chat/completions");
        let body = r#"{"model":"echo","stream":true,"messages":[{"role":"user","content":"question"}]}"#;
        let one = || async {
            let reply = client.post(&url).header("content-type", "application/json").body(body).send();
            reply.await.expect("it answers").bytes().await.expect("a body").len()
        };
        use futures_util::StreamExt;
        let all = futures_util::stream::iter(0..1_000).map(|_| one()).buffer_unordered(16);
        let bytes: usize = all.collect::<Vec<_>>().await.into_iter().sum();
        assert!(bytes > 0);
    });
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
