//! Every setting there is: its name, what it takes, and what holds when nobody says anything.

use std::fmt::{self, Display};

use toml::de::DeValue;

use super::budget::{self, Amount, Budget, Currency};
use crate::screen::text::dollars;

/// One setting. In `path`, `*` stands for a name of the user's own.
pub struct Key {
    pub path: &'static str,
    pub kind: Kind,
    /// As it would be written in the environment; `""` when there is none.
    pub default: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A whole number within a range; `500k` and `2.5M` do too.
    Count {
        min: u64,
        max: u64,
    },
    Switch,
    OneOf(&'static [&'static str]),
    Budget,
    /// Dollars per million tokens, exactly.
    Price,
    /// `$5`, kept in micro-dollars.
    Dollars,
    /// Names or paths; in a variable with commas between them.
    List,
    /// A list of permission rules. Those of all files hold together.
    Rules,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Count(u64),
    Switch(bool),
    Budget(Budget),
    /// Millionths of a dollar.
    Dollars(u64),
    List(Vec<String>),
    Rules(Vec<String>),
}

const ANY_MAX: u64 = u64::MAX >> 1;
const ANY: Kind = Kind::Count { min: 1, max: ANY_MAX };
/// $100,000 for a million tokens: more is a slip.
const PRICE_MAX: u64 = 100_000_000_000;
const A_DAY_OF_SECONDS: Kind = Kind::Count { min: 1, max: 86_400 };

pub const KEYS: &[Key] = &[
    Key { path: "model", kind: Kind::Text, default: "" },
    Key { path: "concurrency", kind: Kind::Count { min: 1, max: 1_024 }, default: "16" },
    Key { path: "max_agents", kind: ANY, default: "1000" },
    Key { path: "max_items", kind: ANY, default: "4096" },
    Key { path: "budget", kind: Kind::Budget, default: "" },
    Key { path: "warn_agents", kind: ANY, default: "25" },
    Key { path: "warn_tokens", kind: ANY, default: "1500000" },
    Key { path: "unverified_above", kind: Kind::Dollars, default: "$5" },
    Key { path: "prompt_caching", kind: Kind::Switch, default: "true" },
    Key { path: "timeouts.connect_seconds", kind: A_DAY_OF_SECONDS, default: "" },
    Key { path: "timeouts.first_byte_seconds", kind: A_DAY_OF_SECONDS, default: "" },
    Key { path: "timeouts.idle_seconds", kind: A_DAY_OF_SECONDS, default: "" },
    Key { path: "timeouts.retry_window_minutes", kind: Kind::Count { min: 0, max: 10_080 }, default: "" },
    Key { path: "script.memory_mb", kind: Kind::Count { min: 16, max: 16_384 }, default: "256" },
    Key { path: "script.cpu_seconds", kind: Kind::Count { min: 1, max: 3_600 }, default: "5" },
    Key { path: "web.allow_private", kind: Kind::Switch, default: "false" },
    Key { path: "oracle", kind: Kind::Text, default: "" },
    Key { path: "sandbox.level", kind: Kind::OneOf(&["full", "reduced", "off"]), default: "full" },
    Key { path: "sandbox.hosts", kind: Kind::List, default: "" },
    Key { path: "sandbox.read", kind: Kind::List, default: "" },
    Key { path: "sandbox.write", kind: Kind::List, default: "" },
    Key { path: "sandbox.memory_mb", kind: Kind::Count { min: 64, max: 1_048_576 }, default: "4096" },
    Key { path: "sandbox.processes", kind: Kind::Count { min: 16, max: 65_536 }, default: "512" },
    Key { path: "permissions.allow", kind: Kind::Rules, default: "" },
    Key { path: "permissions.ask", kind: Kind::Rules, default: "" },
    Key { path: "permissions.deny", kind: Kind::Rules, default: "" },
    Key { path: "aliases.*", kind: Kind::Text, default: "" },
    Key { path: "providers.*.wire", kind: Kind::OneOf(&["anthropic", "openai-chat"]), default: "" },
    Key { path: "providers.*.base_url", kind: Kind::Text, default: "" },
    Key { path: "providers.*.key_env", kind: Kind::Text, default: "" },
    Key { path: "providers.*.key_command", kind: Kind::Text, default: "" },
    Key { path: "providers.*.context_tokens", kind: ANY, default: "" },
    Key { path: "providers.*.free", kind: Kind::Switch, default: "" },
    Key { path: "providers.*.headers.*", kind: Kind::Text, default: "" },
    Key { path: "prices.*.input", kind: Kind::Price, default: "" },
    Key { path: "prices.*.output", kind: Kind::Price, default: "" },
    Key { path: "prices.*.cache_read", kind: Kind::Price, default: "" },
    Key { path: "prices.*.cache_write", kind: Kind::Price, default: "" },
];

/// What stands at a path.
pub enum Place {
    Setting(&'static Key),
    /// Settings stand beneath it.
    Table,
    /// Nothing; these are the names that the table above knows.
    Unknown(Vec<&'static str>),
}

pub fn place(path: &[&str]) -> Place {
    let parent = &path[..path.len().saturating_sub(1)];
    let mut siblings = Vec::new();
    for key in KEYS {
        let pattern: Vec<&'static str> = key.path.split('.').collect();
        if starts_with(&pattern, path) {
            return if pattern.len() == path.len() { Place::Setting(key) } else { Place::Table };
        }
        if starts_with(&pattern, parent) {
            siblings.extend(pattern.get(parent.len()).copied().filter(|name| *name != "*"));
        }
    }
    siblings.dedup();
    Place::Unknown(siblings)
}

fn starts_with(pattern: &[&str], path: &[&str]) -> bool {
    pattern.len() >= path.len() && pattern.iter().zip(path).all(|(one, name)| *one == "*" || one == name)
}

impl Key {
    /// `FANFOLD_SCRIPT_MEMORY_MB`; `None` for what only files can say.
    pub fn variable(&self) -> Option<String> {
        let by_file_only = self.path.contains('*') || self.kind == Kind::Rules;
        (!by_file_only).then(|| format!("FANFOLD_{}", self.path.replace('.', "_").to_uppercase()))
    }
}

impl Kind {
    /// The value of a flag or a variable; `Err` says what would do.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match self {
            Kind::Text => (!text.is_empty()).then(|| Value::Text(text.into())),
            Kind::Count { min, max } => {
                budget::count(text).filter(|count| (min..=max).contains(count)).map(Value::Count)
            }
            Kind::Switch => match text {
                "true" | "1" | "yes" | "on" => Some(Value::Switch(true)),
                "false" | "0" | "no" | "off" => Some(Value::Switch(false)),
                _ => None,
            },
            Kind::OneOf(choices) => choices.contains(&text).then(|| Value::Text(text.into())),
            Kind::Budget => Budget::parse(text).map(Value::Budget),
            Kind::Price => budget::usd_micros(text).filter(|micros| *micros <= PRICE_MAX).map(Value::Dollars),
            Kind::Dollars => match Amount::parse(text) {
                Some(Amount { of: Currency::UsdMicros(micros), is_raise: false }) => {
                    Some(Value::Dollars(micros))
                }
                _ => None,
            },
            Kind::List => Some(Value::List(list(text.split(',')))),
            Kind::Rules => Some(Value::Rules(vec![text.into()])),
        };
        value.ok_or_else(|| self.expected())
    }

    /// The value of a settings file; `Err` says what would do.
    pub fn read(self, value: &DeValue<'_>) -> Result<Value, String> {
        match (self, value) {
            (Kind::Count { .. } | Kind::Budget | Kind::Price, DeValue::Integer(number))
                if number.radix() == 10 =>
            {
                self.parse(number.as_str())
            }
            (Kind::Price, DeValue::Float(number)) => self.parse(number.as_str()),
            (Kind::Switch, DeValue::Boolean(on)) => Ok(Value::Switch(*on)),
            (
                Kind::Text | Kind::Count { .. } | Kind::OneOf(_) | Kind::Budget | Kind::Price | Kind::Dollars,
                DeValue::String(text),
            ) => self.parse(text),
            (Kind::Budget, DeValue::Array(amounts)) => {
                let texts: Option<Vec<&str>> = amounts.iter().map(|one| one.get_ref().as_str()).collect();
                self.parse(&texts.ok_or_else(|| self.expected())?.join(","))
            }
            (Kind::List, DeValue::Array(names)) => {
                let texts: Option<Vec<&str>> = names.iter().map(|one| one.get_ref().as_str()).collect();
                texts.map(|texts| Value::List(list(texts.into_iter()))).ok_or_else(|| self.expected())
            }
            (Kind::Rules, DeValue::Array(rules)) => {
                let texts = rules.iter().map(|one| one.get_ref().as_str().map(str::to_owned)).collect();
                Option::map(texts, Value::Rules).ok_or_else(|| self.expected())
            }
            _ => Err(self.expected()),
        }
    }

    fn expected(self) -> String {
        match self {
            Kind::Text => "a text".into(),
            Kind::Count { min, max } if max >= ANY_MAX => format!("a whole number from {min} up"),
            Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Switch => "true or false".into(),
            Kind::OneOf(choices) => {
                choices.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")
            }
            Kind::Budget => format!("{}, or both", budget::EXPECTED),
            Kind::Price => "dollars per million tokens, such as \"0.27\" (six decimals at most)".into(),
            Kind::Dollars => "an amount of dollars (`$5`)".into(),
            Kind::List => "a list of texts such as [\"one\", \"two\"]".into(),
            Kind::Rules => "a list of rules such as [\"Bash(cargo test:*)\"]".into(),
        }
    }
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Count(count) => write!(f, "{count}"),
            Value::Switch(on) => write!(f, "{on}"),
            Value::Budget(budget) => write!(f, "{budget}"),
            Value::Dollars(micros) => f.write_str(&dollars(*micros)),
            Value::List(texts) | Value::Rules(texts) => f.write_str(&texts.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            assert!(key.kind.parse(key.default).is_ok(), "{}", key.path);
        }
    }

    #[test]
    fn no_two_settings_share_a_variable() {
        let mut variables: Vec<String> = KEYS.iter().filter_map(Key::variable).collect();
        assert!(variables.contains(&"FANFOLD_SCRIPT_MEMORY_MB".to_owned()));
        let before = variables.len();
        variables.sort();
        variables.dedup();
        assert_eq!(variables.len(), before);
    }

    #[test]
    fn a_path_is_a_setting_a_table_or_unknown_among_its_siblings() {
        assert!(
            matches!(place(&["providers", "mine", "wire"]), Place::Setting(key) if key.path == "providers.*.wire")
        );
        assert!(matches!(place(&["providers", "mine", "headers", "x-team"]), Place::Setting(_)));
        assert!(matches!(place(&["providers"]), Place::Table));
        assert!(matches!(place(&["providers", "mine"]), Place::Table));
        let Place::Unknown(known) = place(&["timeouts", "conect_seconds"]) else { panic!("known") };
        assert!(known.contains(&"connect_seconds") && known.len() == 4, "{known:?}");
        let Place::Unknown(known) = place(&["model", "name"]) else { panic!("known") };
        assert_eq!(known, [""; 0]);
    }
}
