//! Fuzzes the loader and the host for a while: `cargo run -p fanfold-script --example fuzz -- --seconds 600
//! [--seed N] [--corpus DIR]…`. Scripts come from a grammar, from slips in it, from texts at the loader's limits, and
//! from changed scripts of the folders. `--replay SEED` with the same folders prints one and runs it again.
//!
//! Cases run in a process of their own, as a run's script does. Two ends of it are contained there, and no findings:
//! the kernel's, for CPU time in a built-in that cannot be interrupted, and the script engine's own `abort()`, silent,
//! where it has no memory left to reject a promise with. Any other death (a panic, a stack that overflowed, a failed
//! assertion: each says so), a case that takes too long, and memory that grows are findings.

mod case;
mod dice;
mod grammar;
mod mutate;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use fanfold_script::confine::{CpuLimit, confine_process, limit_memory};
use fanfold_script::host::{Guard, THREAD_STACK_BYTES};

/// A case takes a slice of CPU time for each wait at most; this is more than all of them.
const CASE_MAX: Duration = Duration::from_secs(60);
/// A worker's memory is settled after so many cases, and may grow by so much until its end.
const WARM_CASES: u64 = 1_500;
const GROWTH_KIB_MAX: i64 = 64 << 10;
/// Cases of one worker.
const WORKER_CASES: u64 = 20_000;
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;

struct Flags {
    seconds: u64,
    seed: u64,
    replay: Option<u64>,
    folders: Vec<String>,
    /// This process runs cases from `seed` on for its parent.
    is_worker: bool,
}

fn main() -> ExitCode {
    let flags = match flags(std::env::args().skip(1)) {
        Ok(flags) => flags,
        Err(problem) => {
            tell(&problem);
            return ExitCode::from(2);
        }
    };
    let corpus = corpus(&flags.folders);
    if let Some(seed) = flags.replay {
        let (text, file) = case::text(seed, &corpus);
        tell(&format!("{file}:\n{text}"));
        on_script_thread(move || tell(&format!("{:?}", case::run(seed, &corpus, || None))));
        return ExitCode::SUCCESS;
    }
    if flags.is_worker {
        confine_process();
        limit_memory(24 << 20);
        on_script_thread(move || work(&flags, &corpus));
        return ExitCode::SUCCESS;
    }
    if supervise(&flags, corpus.len()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn flags(mut words: impl Iterator<Item = String>) -> Result<Flags, String> {
    let mut flags = Flags { seconds: 60, seed: 0, replay: None, folders: Vec::new(), is_worker: false };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("`{text}` is no number"));
        match word.as_str() {
            "--seconds" => flags.seconds = number(value()?)?,
            "--seed" => flags.seed = number(value()?)?,
            "--replay" => flags.replay = Some(number(value()?)?),
            "--corpus" => flags.folders.push(value()?),
            "--worker" => flags.is_worker = true,
            _ => return Err(format!("`{word}`? there are --seconds, --seed, --corpus and --replay")),
        }
    }
    Ok(flags)
}

/// The texts of all scripts in the folders, in an order of their own.
fn corpus(folders: &[String]) -> Vec<String> {
    let mut paths = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(Path::new(folder)).into_iter().flatten().flatten();
        paths.extend(entries.map(|entry| entry.path()));
    }
    paths.retain(|path| {
        path.extension().is_some_and(|ending| ending == "js" || ending == "mjs" || ending == "ts")
    });
    paths.sort();
    // Long ones would take all the time.
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    texts.filter(|text| text.len() < 40_000).collect()
}

fn on_script_thread(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn(work);
    if thread.expect("a thread").join().is_err() {
        std::process::exit(101);
    }
}

/// Says each case before it begins, its end, and now and then how much memory is in use.
fn work(flags: &Flags, corpus: &[String]) {
    let began = Instant::now();
    let mut out = io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").and_then(|()| out.flush()).is_ok();
    for nth in 0..WORKER_CASES {
        let seed = flags.seed + nth;
        if began.elapsed().as_secs() >= flags.seconds || !say(format!("case {seed}")) {
            return;
        }
        let guard = || {
            let mut limit = CpuLimit::new();
            Some(Box::new(move |slice_cpu_ms| limit.allow(slice_cpu_ms)) as Guard)
        };
        let ended = case::run(seed, corpus, guard);
        let memory = if nth % 100 == 0 { resident_kib() } else { 0 };
        if !say(format!("end {ended:?} {nth} {memory}")) {
            return;
        }
    }
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// What all workers came to.
#[derive(Default)]
struct Totals {
    cases: u64,
    ends: BTreeMap<String, u64>,
    killed_for_cpu: Vec<u64>,
    out_of_memory: Vec<u64>,
    findings: Vec<String>,
    memory: Vec<String>,
}

fn supervise(flags: &Flags, scripts: usize) -> bool {
    let began = Instant::now();
    let mut totals = Totals::default();
    let mut next = flags.seed;
    loop {
        let left = flags.seconds.saturating_sub(began.elapsed().as_secs());
        if left == 0 {
            break;
        }
        next = watch_worker(flags, next, left, &mut totals);
        tell(&format!(
            "{:>4} s: {} cases, {} findings",
            began.elapsed().as_secs(),
            totals.cases,
            totals.findings.len()
        ));
    }
    tell(&format!(
        "{} cases in {} s from seed {} to {}, over {scripts} scripts of the corpus",
        totals.cases,
        began.elapsed().as_secs(),
        flags.seed,
        next
    ));
    for (end, count) in &totals.ends {
        tell(&format!("{count:>9} {end}"));
    }
    for (seeds, how) in [
        (&totals.killed_for_cpu, "killed by the kernel for their CPU time, as they should"),
        (&totals.out_of_memory, "ended by the script engine, which had no memory left"),
    ] {
        let some: Vec<&u64> = seeds.iter().take(10).collect();
        tell(&format!("{:>9} {how}, such as {some:?}", seeds.len()));
    }
    totals.memory.iter().for_each(|line| tell(line));
    totals.findings.iter().for_each(|finding| tell(&format!("FINDING {finding}")));
    totals.findings.is_empty()
}

/// The seed to go on with.
fn watch_worker(flags: &Flags, first: u64, seconds: u64, totals: &mut Totals) -> u64 {
    let mut worker = spawn(flags, first, seconds);
    let lines = BufReader::new(worker.stdout.take().expect("piped")).lines();
    let (sender, receiver) = mpsc::channel();
    let reader =
        std::thread::spawn(move || lines.map_while(Result::ok).all(|line| sender.send(line).is_ok()));
    let mut current = None;
    let mut next = first;
    let mut memory: Option<(i64, i64)> = None;
    let mut hung = false;
    loop {
        match receiver.recv_timeout(CASE_MAX) {
            Ok(line) => {
                let words: Vec<&str> = line.split(' ').collect();
                match words[..] {
                    ["case", seed] => {
                        current = seed.parse().ok();
                        next = current.map_or(next, |seed: u64| seed + 1);
                    }
                    ["end", end, nth, kib] => {
                        current = None;
                        totals.cases += 1;
                        *totals.ends.entry(end.to_owned()).or_default() += 1;
                        let (nth, kib): (u64, i64) = (nth.parse().unwrap_or(0), kib.parse().unwrap_or(0));
                        if kib > 0 && nth >= WARM_CASES {
                            memory = Some((memory.map_or(kib, |(warm, _)| warm), kib));
                        }
                    }
                    _ => (),
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                hung = true;
                let _ = worker.kill();
                break;
            }
        }
    }
    let status = worker.wait().expect("it is a child of this process");
    let _ = reader.join();
    let mut words = String::new();
    let _ = worker.stderr.take().map(|mut stderr| stderr.read_to_string(&mut words));
    let found = totals.findings.len();
    judge(current, hung, status, words.trim(), totals);
    if let Some((warm, last)) = memory {
        totals
            .memory
            .push(format!("memory of the worker from {first}: {warm} KiB warm, {last} KiB at its end"));
        if last - warm > GROWTH_KIB_MAX {
            totals.findings.push(format!("memory grew from {warm} to {last} KiB, cases {first} to {next}"));
        }
    }
    totals.findings[found..].iter().for_each(|finding| tell(&format!("FINDING {finding}")));
    next
}

fn judge(current: Option<u64>, hung: bool, status: ExitStatus, words: &str, totals: &mut Totals) {
    let Some(seed) = current else {
        if !status.success() {
            totals.findings.push(format!("a worker ended with {status} between two cases: {words}"));
        }
        return;
    };
    totals.cases += 1;
    match status.signal() {
        _ if hung => totals.findings.push(format!("seed {seed}: no end within {CASE_MAX:?}")),
        Some(SIGXCPU) => totals.killed_for_cpu.push(seed),
        Some(SIGABRT) if words.is_empty() => totals.out_of_memory.push(seed),
        _ => totals.findings.push(format!("seed {seed}: the process ended with {status}: {words}")),
    }
}

fn spawn(flags: &Flags, first: u64, seconds: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--worker", "--seed", &first.to_string(), "--seconds", &seconds.to_string()]);
    for folder in &flags.folders {
        command.args(["--corpus", folder]);
    }
    command
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this binary runs")
}

fn tell(line: &str) {
    writeln!(io::stdout(), "{line}").expect("somebody listens");
}
