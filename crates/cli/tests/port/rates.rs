//! How often a flaw that was planted was seen, and how often honest work was held back: one table.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    pub items: u64,
    pub landed: u64,
    /// Turns of agents whose work was flawed, and who saw it first: of those only one.
    pub flaws: u64,
    pub by_tests: u64,
    /// Only the tests of the merged tree did.
    pub when_merged: u64,
    pub by_reviewers: u64,
    pub landed_by_mistake: u64,
    /// Turns of agents whose work was right.
    pub honest: u64,
    pub held_back_wrongly: u64,
    /// Of honest work: with what had landed meanwhile. All were resolved.
    pub conflicts: u64,
    /// Made up by reviewers.
    pub false_claims: u64,
}

/// By story.
#[derive(Default)]
pub struct Table(Vec<(String, Rates)>);

impl AddAssign for Rates {
    fn add_assign(&mut self, other: Self) {
        self.items += other.items;
        self.landed += other.landed;
        self.flaws += other.flaws;
        self.by_tests += other.by_tests;
        self.when_merged += other.when_merged;
        self.by_reviewers += other.by_reviewers;
        self.landed_by_mistake += other.landed_by_mistake;
        self.honest += other.honest;
        self.held_back_wrongly += other.held_back_wrongly;
        self.conflicts += other.conflicts;
        self.false_claims += other.false_claims;
    }
}

impl Table {
    pub fn add(&mut self, story: &str, rates: Rates) {
        self.0.push((story.to_owned(), rates));
    }

    pub fn sum(&self) -> Rates {
        let mut sum = Rates::default();
        for (_, rates) in &self.0 {
            sum += *rates;
        }
        sum
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            "items",
            "landed",
            "flaws",
            "by tests",
            "when merged",
            "by reviewers",
            "landed by mistake",
            "honest",
            "held back wrongly",
            "conflicts",
            "false claims",
        ];
        writeln!(f, "{:16} | {}", "story", columns.join(" | "))?;
        let all = ("all".to_owned(), self.sum());
        for (story, rates) in self.0.iter().chain([&all]) {
            let numbers = [
                rates.items,
                rates.landed,
                rates.flaws,
                rates.by_tests,
                rates.when_merged,
                rates.by_reviewers,
                rates.landed_by_mistake,
                rates.honest,
                rates.held_back_wrongly,
                rates.conflicts,
                rates.false_claims,
            ];
            let cells = columns
                .iter()
                .zip(numbers)
                .map(|(name, number)| format!("{number:>width$}", width = name.len()));
            writeln!(f, "{story:16} | {}", cells.collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}
