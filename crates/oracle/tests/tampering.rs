//! Tampering with the oracle: what passes where a judge takes no care does not pass the court, and is named.
//!
//! Each row has a positive control: the same work passes the plain command, although it is wrong. Run it with
//! `--no-capture` to see the table.
#![allow(clippy::print_stdout, reason = "the table is for a person to read")]

mod world;

#[path = "tampering/attacks.rs"]
mod attacks;
#[path = "tampering/others.rs"]
mod others;
#[path = "tampering/suites.rs"]
mod suites;

use attacks::Attack;
use suites::Suite;
use world::{block_on, judge, plain};

/// A project, and what is tried on it.
type Group = (fn() -> Suite, &'static [Attack]);

/// What came of one row.
struct Line {
    group: &'static str,
    name: &'static str,
    /// What the judge without care said.
    naive: &'static str,
    court: String,
    /// Why the row does not hold.
    wrong: Option<String>,
}

#[test]
fn what_fools_a_plain_judge_does_not_pass_the_court_and_is_named() {
    let groups: [Group; 10] = [
        (Suite::public, attacks::PUBLIC),
        (Suite::hidden, attacks::HIDDEN),
        (Suite::trapped, attacks::TRAPPED),
        (Suite::impatient, attacks::IMPATIENT),
        (Suite::reporting, attacks::REPORTING),
        (Suite::measured, attacks::MEASURED),
        (Suite::made, attacks::MADE),
        (Suite::snapshots, attacks::SNAPSHOTS),
        (Suite::rust, attacks::RUST),
        (Suite::rust_within, attacks::RUST_WITHIN),
    ];
    let mut lines = Vec::new();
    for (suite, attacks) in groups {
        let suite = suite();
        lines.extend(attacks.iter().enumerate().map(|(nth, attack)| try_attack(&suite, nth, attack)));
    }
    lines.extend(others::all());
    for line in &lines {
        println!("| {} | {} | {} | {} |", line.group, line.name, line.naive, line.court);
    }
    let wrong: Vec<_> = lines
        .iter()
        .filter_map(|line| Some(format!("{}, {}: {}", line.group, line.name, line.wrong.as_ref()?)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
    let groups: std::collections::BTreeSet<_> = lines.iter().map(|line| line.group).collect();
    println!("{} rows of {} groups", lines.len(), groups.len());
}

fn try_attack(suite: &Suite, nth: usize, attack: &Attack) -> Line {
    let agent = suite.world.agent(&format!("agent-{nth}"), None, attack.work, &[("EASY", attacks::EASY)]);
    let patch = agent.patch().expect("something differs");
    let judged = block_on(judge(&suite.court, &patch));

    let naive = plain(&agent.tree, attack.naive.unwrap_or(suite.naive), attack.env);
    let truth = plain(&agent.tree, suite.truth, &[]);
    let is_right = String::from_utf8_lossy(&truth.stdout).trim() == "right";
    let is_named = |(named, start): (&String, &&str)| named.starts_with(start);
    let are_named = judged.tampered.len() == attack.tampered.len()
        && judged.tampered.iter().zip(attack.tampered).all(is_named);
    let whys: Vec<_> = judged.checks.iter().filter_map(|check| check.why.clone()).collect();
    let wrong = if !naive.status.success() {
        Some(format!("void: it does not pass the plain command\n{}", String::from_utf8_lossy(&naive.stderr)))
    } else if is_right {
        Some("void: the work is right".to_owned())
    } else if judged.passed != Some(false) {
        Some(format!("it passed: {judged:?}"))
    } else if !are_named {
        Some(format!("named as tampered: {:?}, not {:?}", judged.tampered, attack.tampered))
    } else if !attack.why.is_empty() && !whys.iter().any(|why| why.contains(attack.why)) {
        Some(format!("why: {whys:?}, not {}", attack.why))
    } else {
        None
    };
    let mut court = judged.tampered.join(", ");
    if !whys.is_empty() {
        court.push_str(if court.is_empty() { "" } else { "; " });
        court.push_str(&whys.join("; "));
    }
    Line { group: attack.group, name: attack.name, naive: "passed", court, wrong }
}
