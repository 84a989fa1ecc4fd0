//! A port of many modules by agents of which four in ten are wrong, cheat or get in each other's way: everything that
//! lands passes, and every cheat is named.

mod modules;
mod port;
mod project;
mod rates;
mod story;

/// `benches/port.rs` tells it with 500.
#[test]
fn a_port_from_one_language_to_another_lands_module_by_module() {
    let told = port::story(60, 1).tell();
    let mut table = rates::Table::default();
    table.add(told.name, told.rates);
    tell(&format!("{table}{}", port::Figures::of(&told)));

    let sum = table.sum();
    assert_eq!((sum.landed_by_mistake, sum.held_back_wrongly), (0, 0), "{table}");
    assert_eq!(sum.by_tests + sum.when_merged + sum.by_reviewers, sum.flaws, "{table}");
    assert!(sum.conflicts > 0 && sum.by_reviewers > 0 && sum.false_claims > 0, "{table}");
}

#[expect(clippy::print_stderr, reason = "figures are for whoever runs the tests")]
fn tell(what: &str) {
    eprintln!("{what}");
}
