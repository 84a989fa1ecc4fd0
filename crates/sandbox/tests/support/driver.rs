//! What the tests run again: the stages, and an engine of a few lines that can be killed or be another user.
//!
//! - `run LEVEL POLICY TIMEOUT_MS BYTES_MAX WORD…` prints what became of a command, as JSON.
//! - `drop LEVEL POLICY WORD…` starts a command, drops it at the first that it prints, and stays.
//! - `probe LEVEL DIRECTORY` prints the proofs, as JSON.
//! - `cost TIMES POLICY` prints what `true` costs, confined fully, as JSON.
//! - `overlay DIRECTORY` prints whether overlays work there, as JSON.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use fanfold_sandbox::{Level, Policy, Sandbox};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = fanfold_sandbox::stage::main(&words) {
        return code;
    }
    match words.first().map(String::as_str) {
        Some("run") => run(&words[1..]),
        Some("drop") => drop_early(&words[1..]),
        Some("probe") => probe(&words[1..]),
        Some("cost") => cost(&words[1..]),
        Some("overlay") => overlay(&words[1..]),
        _ => ExitCode::from(2),
    }
}

#[expect(clippy::print_stdout, reason = "a program")]
fn tell(told: &Value) -> ExitCode {
    println!("{told}");
    ExitCode::SUCCESS
}

/// Calls `then` with a sandbox on a runtime, or tells what is missing.
fn with_sandbox<F: Future<Output = Value>>(level: &str, then: impl FnOnce(Sandbox) -> F) -> ExitCode {
    let level: Level = serde_json::from_value(json!(level)).expect("a level");
    let program = std::env::current_exe().expect("this program");
    match Sandbox::new(level, &program, Path::new("/usr/bin/bwrap")) {
        Err(missing) => tell(&json!({"missing": missing.to_string()})),
        Ok(sandbox) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            tell(&runtime.expect("a runtime").block_on(then(sandbox)))
        }
    }
}

fn run(words: &[String]) -> ExitCode {
    let [level, policy, timeout_ms, bytes_max, argv @ ..] = words else { return ExitCode::from(2) };
    let policy: Policy = serde_json::from_str(policy).expect("a policy");
    let timeout_ms = timeout_ms.parse().expect("milliseconds");
    let bytes_max = bytes_max.parse().expect("bytes");
    with_sandbox(level, async move |sandbox| {
        match sandbox.run(&policy, argv, b"", timeout_ms, bytes_max).await {
            Ok(ran) => json!({
                "status": ran.status, "output": ran.output, "timed_out": ran.timed_out, "duration_ms": ran.duration_ms,
            }),
            Err(err) => json!({"error": err.to_string()}),
        }
    })
}

fn drop_early(words: &[String]) -> ExitCode {
    let [level, policy, argv @ ..] = words else { return ExitCode::from(2) };
    let policy: Policy = serde_json::from_str(policy).expect("a policy");
    with_sandbox(level, async move |sandbox| {
        let mut confined = sandbox.command(&policy, argv).expect("started");
        let mut stdout = confined.stdout.take().expect("not taken yet");
        let first = stdout.read_u8().await.expect("it says something");
        drop(confined);
        tell(&json!({"dropped": first}));
        // The engine goes on: what is left would not be ended by its end.
        std::future::pending().await
    })
}

fn probe(words: &[String]) -> ExitCode {
    let [level, scratch] = words else { return ExitCode::from(2) };
    with_sandbox(level, async move |sandbox| {
        let proofs = fanfold_sandbox::probe::run(&sandbox, Path::new(scratch)).await;
        proofs.map_or_else(|err| json!({"error": err.to_string()}), |proofs| json!(proofs))
    })
}

fn cost(words: &[String]) -> ExitCode {
    let [times, policy] = words else { return ExitCode::from(2) };
    let policy: Policy = serde_json::from_str(policy).expect("a policy");
    let times: u32 = times.parse().expect("a number");
    with_sandbox("full", async move |sandbox| {
        let (before, started) = (children_ms(), Instant::now());
        for _ in 0..times {
            let ran = sandbox.run(&policy, &["true".into()], b"", 20_000, 1_000).await.expect("it runs");
            assert!(ran.is_success(), "{ran:?}");
        }
        let wall_ms = started.elapsed().as_secs_f64() * 1_000.0 / f64::from(times);
        json!({"cpu_ms": (children_ms() - before) / f64::from(times), "wall_ms": wall_ms})
    })
}

/// CPU time of children that were waited for, and of theirs.
fn children_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("there");
    let after_name = stat.rsplit_once(") ").expect("a name").1;
    let ticks = after_name.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() * 1_000.0 / rustix::param::clock_ticks_per_second() as f64
}

fn overlay(words: &[String]) -> ExitCode {
    let [dir] = words else { return ExitCode::from(2) };
    with_sandbox("full", async move |sandbox| {
        let works = fanfold_sandbox::probe::overlay_works(&sandbox, Path::new(dir)).await;
        json!({"works": works.is_ok(), "why": works.err()})
    })
}
