//! What the tests run again: the stages, and an engine of a few lines that can be killed or be another user.
//!
//! `sandbox-driver run LEVEL POLICY TIMEOUT_MS BYTES_MAX WORD…` prints what became of a command as JSON.

use std::path::Path;
use std::process::ExitCode;

use fanfold_sandbox::{Level, Policy, Sandbox};
use serde_json::json;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = fanfold_sandbox::stage::main(&words) {
        return code;
    }
    match words.first().map(String::as_str) {
        Some("run") => run(&words[1..]),
        _ => ExitCode::from(2),
    }
}

#[expect(clippy::print_stdout, reason = "a program")]
fn run(words: &[String]) -> ExitCode {
    let [level, policy, timeout_ms, bytes_max, argv @ ..] = words else { return ExitCode::from(2) };
    let level: Level = serde_json::from_value(json!(level)).expect("a level");
    let policy: Policy = serde_json::from_str(policy).expect("a policy");
    let program = std::env::current_exe().expect("this program");
    let sandbox = match Sandbox::new(level, &program, Path::new("/usr/bin/bwrap")) {
        Ok(sandbox) => sandbox,
        Err(missing) => {
            println!("{}", json!({"missing": missing.to_string()}));
            return ExitCode::from(3);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let timeout_ms = timeout_ms.parse().expect("milliseconds");
    let bytes_max = bytes_max.parse().expect("bytes");
    let ran = runtime.block_on(sandbox.run(&policy, argv, b"", timeout_ms, bytes_max));
    let told = match ran {
        Ok(ran) => json!({
            "status": ran.status, "output": ran.output, "timed_out": ran.timed_out, "duration_ms": ran.duration_ms,
        }),
        Err(err) => json!({"error": err.to_string()}),
    };
    println!("{told}");
    ExitCode::SUCCESS
}
