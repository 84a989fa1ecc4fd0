//! What each mode may cost: ranges from stated assumptions, for tasks of which nothing is known yet.

use std::sync::OnceLock;

use fanfold_core::Usage;
use serde::{Deserialize, Serialize};

use super::questions::Questions;
use super::rule::Mode;

/// At least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    pub low: u64,
    pub high: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModePrice {
    pub mode: Mode,
    pub agents: Range,
    /// All input, from the cache or not.
    pub input_tokens: Range,
    pub output_tokens: Range,
    /// `None`: nobody knows what the model costs. Not nothing.
    pub usd_micros: Option<Range>,
    pub says: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prices {
    /// `provider/model`; `None`: no model was named, and the usual one is not known either.
    pub model: Option<String>,
    pub units: Range,
    /// How the figures were reached, in a sentence.
    pub assumed: String,
    pub modes: Vec<ModePrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumptions {
    unit: Units,
    /// Of many parts that are all treated the same way.
    alike: Units,
    #[serde(rename = "mode")]
    modes: Vec<Assumed>,
}

#[derive(Deserialize)]
struct Units {
    low: Turns,
    high: Turns,
}

/// The turns of one agent, and the tokens of each.
#[derive(Deserialize)]
struct Turns {
    turns: u64,
    input: u64,
    cache_write: u64,
    cache_read: u64,
    output: u64,
}

#[derive(Deserialize)]
struct Assumed {
    name: Mode,
    percent: Range,
    agents: Agents,
    says: String,
}

#[derive(Deserialize)]
struct Agents {
    base: u64,
    /// Per hundred units.
    low: u64,
    high: u64,
    max: u64,
}

/// Of a task that says nothing about how large it is.
const UNITS_SMALL: Range = Range { low: 1, high: 3 };
const UNITS_LARGE: Range = Range { low: 10, high: 100 };
/// Of "every file" one in so many has something to be done to it, at least.
const AT_MOST_SHARE: u64 = 10;

/// `price`: micro-dollars of one request to the model, `None` where nobody knows.
pub fn estimate(
    questions: &Questions,
    model: Option<&str>,
    price: impl Fn(&str, &Usage) -> Option<u64>,
) -> Prices {
    let units = units(questions);
    let Assumptions { unit, alike, modes } = assumptions();
    let unit = if questions.fan_out.is_yes() && !questions.adapt.is_yes() { alike } else { unit };
    let one = |turns: &Turns| {
        let usd = model.and_then(|model| price(model, &turns.usage()));
        (turns.input_total() * turns.turns, turns.output * turns.turns, usd.map(|usd| usd * turns.turns))
    };
    let (low, high) = (one(&unit.low), one(&unit.high));
    let modes = modes.iter().map(|mode| {
        let scaled = |low: u64, high: u64| Range {
            low: percent(low.saturating_mul(units.low), mode.percent.low),
            high: percent(high.saturating_mul(units.high), mode.percent.high),
        };
        ModePrice {
            mode: mode.name,
            agents: mode.agents.of(units),
            input_tokens: scaled(low.0, high.0),
            output_tokens: scaled(low.1, high.1),
            usd_micros: low.2.zip(high.2).map(|(low, high)| scaled(low, high)),
            says: mode.says.clone(),
        }
    });
    let assumed = format!(
        "assumed, not measured: {} parts, each {} to {} turns of one agent, which reread {} to {} tokens a turn",
        units.show(),
        unit.low.turns,
        unit.high.turns,
        unit.low.input_total(),
        unit.high.input_total()
    );
    Prices { model: model.map(str::to_owned), units, assumed, modes: modes.collect() }
}

fn assumptions() -> &'static Assumptions {
    static ASSUMPTIONS: OnceLock<Assumptions> = OnceLock::new();
    ASSUMPTIONS.get_or_init(|| toml::from_str(include_str!("modes.toml")).expect("the file is tested"))
}

fn units(questions: &Questions) -> Range {
    match &questions.units {
        Some(units) if units.at_most => Range { low: units.count.div_ceil(AT_MOST_SHARE), high: units.count },
        Some(units) => Range { low: units.count, high: units.count },
        None if questions.fan_out.is_yes() => UNITS_LARGE,
        None => UNITS_SMALL,
    }
}

fn percent(of: u64, percent: u64) -> u64 {
    of.saturating_mul(percent).div_ceil(100)
}

impl Range {
    /// `3`, `10 to 100`.
    pub fn show(self) -> String {
        if self.low == self.high { self.low.to_string() } else { format!("{} to {}", self.low, self.high) }
    }
}

impl Turns {
    /// Of one turn.
    fn usage(&self) -> Usage {
        Usage {
            input_tokens: self.input,
            output_tokens: self.output,
            cache_read_tokens: self.cache_read,
            cache_write_tokens: self.cache_write,
            ..Usage::default()
        }
    }

    fn input_total(&self) -> u64 {
        self.input + self.cache_write + self.cache_read
    }
}

impl Agents {
    fn of(&self, units: Range) -> Range {
        let of = |per_hundred: u64, units: u64| {
            self.base.saturating_add(percent(units, per_hundred)).min(self.max)
        };
        // A mode of a fixed size has room up to its maximum.
        let high = if self.high == 0 { self.max } else { of(self.high, units.high) };
        Range { low: of(self.low, units.low).min(high), high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::questions;
    use crate::advise::repository::Repository;
    use crate::world::made_up::MadeUp;

    fn asked(task: &str) -> Questions {
        questions::ask(task, &Repository::look(&MadeUp::new().project))
    }

    #[test]
    fn every_mode_has_a_range_that_grows_with_the_parts() {
        let price = |_: &str, usage: &Usage| Some(usage.input_tokens + 10 * usage.output_tokens);
        let few = estimate(&asked("port these 12 modules to rust"), Some("p/m"), price);
        let many = estimate(&asked("port these 240 modules to rust"), Some("p/m"), price);
        assert_eq!(few.modes.iter().map(|mode| mode.mode).collect::<Vec<_>>(), Mode::ALL);
        for (few, many) in few.modes.iter().zip(&many.modes) {
            let (less, more) = (few.usd_micros.expect("priced"), many.usd_micros.expect("priced"));
            assert!(0 < less.low && less.low < less.high && less.low * 20 == more.low, "{few:?} {many:?}");
            assert!(few.agents.low >= 1 && few.agents.low <= few.agents.high, "{few:?}");
        }
    }

    #[test]
    fn an_unknown_price_is_never_nothing() {
        let prices = estimate(&asked("fix it"), Some("p/m"), |_, _| None);
        assert!(prices.modes.iter().all(|mode| mode.usd_micros.is_none() && mode.input_tokens.low > 0));
        let unnamed = estimate(&asked("fix it"), None, |_, _| Some(1));
        assert!(unnamed.modes.iter().all(|mode| mode.usd_micros.is_none()));
    }
}
