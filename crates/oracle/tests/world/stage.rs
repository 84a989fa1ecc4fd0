//! The program of these tests, as the sandbox runs it again on its way to a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    fanfold_sandbox::stage::main(&args)
        .or_else(|| fanfold_oracle::stage::main(&args))
        .unwrap_or(ExitCode::FAILURE)
}
