//! Whole migrations of small repositories with test suites of their own: what passes lands, what cheats is named.
//!
//! Each lies in a folder here: the repository, the workflow, the scenario of its agents, and the truth about them.
//! Agents are scripted; git, the tests, the sandbox and the landing queue are real.

mod many;
mod migration;
mod tally;

use migration::{Judges, Migration};
use tally::Tally;

#[test]
fn python_leaves_floating_point_behind() {
    full("python");
}

#[test]
fn rust_leaves_a_home_made_scanner_behind() {
    full("rust");
}

#[test]
fn typescript_leaves_prototypes_behind() {
    full("typescript");
}

#[test]
fn an_inference_engine_swaps_its_framework_in_four_phases() {
    full("engine");
}

/// All that there is to judge: then nothing lands that should not, and nothing is held back that should land.
#[track_caller]
fn full(name: &str) {
    let Some(migration) = Migration::new(name) else { return };
    let ran = migration.run(Judges::Full);
    ran.keeps_what_is_promised();
    let tally = Tally::of(&ran);
    tally.print();
    assert_eq!(tally.landed_by_mistake, Vec::<String>::new());
    assert_eq!(tally.held_by_mistake, Vec::<String>::new());
}

/// How much each kind of judge catches. Less than everything is expected of a test suite alone; of all judges
/// together, everything. `FANFOLD_MIGRATIONS="python rust typescript engine"` has it of more than one.
#[test]
fn the_rates_on_planted_flaws() {
    let mut tallies = Vec::new();
    let names = std::env::var("FANFOLD_MIGRATIONS").unwrap_or_else(|_| "engine".into());
    for name in names.split_whitespace() {
        for judges in [Judges::Suite, Judges::Reviewed, Judges::Full] {
            let Some(migration) = Migration::new(name) else { continue };
            tallies.push(Tally::of(&migration.run(judges)));
        }
    }
    tally::print_table(&tallies);
    let of_full = |tally: &&Tally| tally.judges == Judges::Full;
    assert!(tallies.iter().filter(of_full).all(|tally| tally.landed_by_mistake.is_empty()));
}
