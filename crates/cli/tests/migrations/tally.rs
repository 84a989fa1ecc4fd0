//! Flaws that were planted, and what became of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::migration::{Judges, Ran, Work};

/// Of one run.
pub struct Tally {
    pub name: String,
    pub judges: Judges,
    pub planted: usize,
    /// By what was first to object.
    caught: BTreeMap<&'static str, usize>,
    /// Caught, mended by a fixer, and landed.
    mended: usize,
    pub landed_by_mistake: Vec<String>,
    pub honest: usize,
    /// Honest work that somebody objected to.
    doubted: usize,
    pub held_by_mistake: Vec<String>,
}

const JUDGES: [&str; 6] =
    ["protection", "item check", "suite", "unseen check", "reviewer's test", "opinions"];

impl Tally {
    pub fn of(ran: &Ran) -> Self {
        let mut tally = Self {
            name: ran.migration.name.clone(),
            judges: ran.judges,
            planted: 0,
            caught: BTreeMap::new(),
            mended: 0,
            landed_by_mistake: Vec::new(),
            honest: 0,
            doubted: 0,
            held_by_mistake: Vec::new(),
        };
        for (name, item) in &ran.migration.truth.items {
            let (landed, objection) = (ran.has_landed(name), objection(ran.result(name)));
            if matches!(item.work, Work::Honest | Work::Conflict) {
                tally.honest += 1;
                tally.doubted += usize::from(objection.is_some());
                if !landed {
                    tally.held_by_mistake.push(name.clone());
                }
                continue;
            }
            tally.planted += 1;
            if let Some(judge) = objection {
                *tally.caught.entry(judge).or_default() += 1;
            }
            if landed && ran.not_right.contains(name) {
                tally.landed_by_mistake.push(format!("{name} ({})", item.flaw));
            } else if landed {
                tally.mended += 1;
            }
        }
        tally
    }

    pub fn print(&self) {
        print_table(std::slice::from_ref(self));
    }

    fn row(&self) -> Vec<String> {
        let caught: usize = self.caught.values().sum();
        let mut row = vec![
            self.name.clone(),
            match self.judges {
                Judges::Suite => "suite",
                Judges::Reviewed => "+ reviewers",
                Judges::Full => "+ unseen checks",
            }
            .into(),
            self.planted.to_string(),
            format!("{caught}"),
        ];
        row.extend(JUDGES.map(|judge| self.caught.get(judge).copied().unwrap_or(0).to_string()));
        row.extend([
            self.mended.to_string(),
            self.landed_by_mistake.len().to_string(),
            self.honest.to_string(),
            self.doubted.to_string(),
            self.held_by_mistake.len().to_string(),
        ]);
        row
    }
}

/// Who was the first to object to the first change. `None`: nobody did.
fn objection(result: &Value) -> Option<&'static str> {
    let verdicts = result["verdicts"].as_array()?.iter().filter(|verdict| verdict["round"] == 0);
    let objections: Vec<&Value> = verdicts.filter(|verdict| verdict["passed"] == false).collect();
    let some = |field: &str, verdict: &Value| verdict[field].as_array().is_some_and(|list| !list.is_empty());
    let is_hidden = |verdict: &Value| {
        let failures = verdict["failures"].as_array().into_iter().flatten();
        let mut checks = failures.filter_map(|failure| failure["check"].as_str()).peekable();
        checks.peek().is_some() && checks.all(|check| check == "hidden")
    };
    let is_trap = |verdict: &Value| {
        let tampered = verdict["tampered"].as_array().into_iter().flatten().filter_map(Value::as_str);
        some("tampered", verdict) && tampered.clone().all(|path| path.starts_with("honeypot:"))
    };
    objections.first().and_then(|verdict| {
        let by = verdict["by"].as_str().unwrap_or_default();
        match by {
            "land" => None,
            "check" if some("tampered", verdict) || touches(verdict) => Some("protection"),
            "check" => Some("item check"),
            "oracle" if is_trap(verdict) || is_hidden(verdict) => Some("unseen check"),
            "oracle" if some("tampered", verdict) => Some("protection"),
            "oracle" => Some("suite"),
            _ => {
                let flaws = verdict["flaws"].as_array().into_iter().flatten();
                let shown = flaws.clone().any(|flaw| flaw["proved"] == true);
                Some(if shown { "reviewer's test" } else { "opinions" })
            }
        }
    })
}

/// The verdict of an item's check does not list what was touched: it has no failure of its own then.
fn touches(verdict: &Value) -> bool {
    verdict["exitCode"] == 0
}

#[expect(clippy::print_stderr, reason = "figures are for whoever runs the tests")]
pub fn print_table(tallies: &[Tally]) {
    let mut rows = vec![["migration", "judges", "planted", "caught"].map(str::to_owned).to_vec()];
    rows[0].extend(JUDGES.map(|judge| format!("by {judge}")));
    rows[0].extend(["mended", "landed wrongly", "honest", "doubted", "held wrongly"].map(str::to_owned));
    rows.extend(tallies.iter().map(Tally::row));
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or(0)).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        eprintln!("{}", cells.join("  "));
    }
    for tally in tallies.iter().filter(|tally| !tally.landed_by_mistake.is_empty()) {
        eprintln!(
            "landed wrongly in {} ({:?}): {}",
            tally.name,
            tally.judges,
            tally.landed_by_mistake.join(", ")
        );
    }
}
