//! Agents' hands as processes of their own: this binary is the engine's side, the hands, and the sandbox's
//! stages; and, told to be `false-hands`, what hands become that somebody has taken over.

mod agents;
mod false_hands;
mod hostile;
mod network;
mod process;
mod support;

use std::io::{self, Write};
use std::process::ExitCode;

/// A test, by its name.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = fanfold_sandbox::stage::main(&args).or_else(|| fanfold_agent::hands::main(&args)) {
        return code;
    }
    if let Some(trick) = args.strip_prefix(&["false-hands".to_owned()]) {
        return false_hands::main(trick);
    }
    if args.first().is_some_and(|arg| arg == hostile::ATTACKED) {
        return hostile::main();
    }
    let tests: Vec<Test> =
        [process::TESTS, false_hands::TESTS, agents::TESTS, hostile::TESTS, network::TESTS].concat();
    let listing = args.iter().any(|arg| arg == "--list");
    let ignored_only = args.iter().any(|arg| arg == "--ignored");
    let filter = args.iter().find(|arg| !arg.starts_with('-') && *arg != "terse");
    for (name, test) in tests.into_iter().filter(|_| !ignored_only) {
        if listing {
            writeln!(io::stdout(), "{name}: test").expect("somebody listens");
        } else if filter.is_none_or(|filter| name.contains(filter.as_str())) {
            test();
        }
    }
    ExitCode::SUCCESS
}
