//! Verified items a second of the whole machinery: `cargo bench -p fanfold --bench port`. 500 modules are ported by
//! simulated agents, 16 at a time; git, the sandbox, the oracle and the landing queue are real.

#[path = "../crates/cli/tests/port/modules.rs"]
mod modules;
#[path = "../crates/cli/tests/port/port.rs"]
mod port;
#[path = "../crates/cli/tests/port/project.rs"]
mod project;
#[path = "../crates/cli/tests/port/rates.rs"]
mod rates;
#[path = "../crates/cli/tests/port/story.rs"]
mod story;

#[allow(clippy::print_stdout, reason = "the figures are the result")]
fn main() {
    // Cargo's own `--bench` is no number.
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(500);
    for together in [1, 8] {
        let told = port::story(count, together).tell();
        let mut table = rates::Table::default();
        table.add(told.name, told.rates);
        println!("at most {together} judged together\n{table}{}", port::Figures::of(&told));
    }
}
