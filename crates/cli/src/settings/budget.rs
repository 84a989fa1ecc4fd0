//! `500k`, `2.5M`, `$4`: how much a run may use, as people write it.

use std::fmt::{self, Display};

use fanfold_core::Cap;
use fanfold_core::budget::dollars;

/// What a run may spend. Integers only: dollars are millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub output_tokens: Option<u64>,
    pub usd_micros: Option<u64>,
}

/// One `--budget`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub of: Currency,
    /// `+500k`: on top of what there is, when a run is resumed.
    pub is_raise: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    OutputTokens(u64),
    UsdMicros(u64),
}

pub const EXPECTED: &str = "output tokens (`500k`, `2.5M`) or dollars (`$4`)";

impl Amount {
    /// `None`: not an amount ([`EXPECTED`] says what is).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_raise, text) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let of = match text.strip_prefix('$') {
            Some(_) => Currency::UsdMicros(usd_micros(text)?),
            None => Currency::OutputTokens(count(text)?),
        };
        Some(Self { of, is_raise })
    }
}

impl From<Budget> for Cap {
    fn from(Budget { output_tokens, usd_micros }: Budget) -> Self {
        Self { output_tokens, usd_micros }
    }
}

impl From<Cap> for Budget {
    fn from(Cap { output_tokens, usd_micros }: Cap) -> Self {
        Self { output_tokens, usd_micros }
    }
}

impl Budget {
    /// One or several amounts with commas between them; the last one of a currency counts.
    pub fn parse(text: &str) -> Option<Self> {
        let mut budget = Self::default();
        for part in text.split(',') {
            let amount = Amount::parse(part)?;
            if amount.is_raise {
                return None;
            }
            budget = budget.with(amount);
        }
        Some(budget)
    }

    /// The budget after one more `--budget`.
    pub fn with(self, amount: Amount) -> Self {
        let on_top_of = |had: Option<u64>| if amount.is_raise { had.unwrap_or(0) } else { 0 };
        match amount.of {
            Currency::OutputTokens(tokens) => {
                let total = on_top_of(self.output_tokens).saturating_add(tokens);
                Self { output_tokens: Some(total), ..self }
            }
            Currency::UsdMicros(micros) => {
                let total = on_top_of(self.usd_micros).saturating_add(micros);
                Self { usd_micros: Some(total), ..self }
            }
        }
    }
}

/// A whole number, with `_` between digits or `k`, `M`, `B` after it.
pub fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, scale) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1_000),
        (at, 'm' | 'M') => (&text[..at], 1_000_000),
        (at, 'b' | 'B' | 'g' | 'G') => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    scaled(digits, scale)
}

/// `2.5` of `scale` as a whole number; `None` when it is none, or would be a fraction.
fn scaled(text: &str, scale: u64) -> Option<u64> {
    let text = text.trim().replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let mut rest: u64 = 0;
    let mut unit = scale;
    for digit in fraction.trim_end_matches('0').bytes() {
        if !unit.is_multiple_of(10) {
            return None;
        }
        unit /= 10;
        rest += u64::from(digit - b'0') * unit;
    }
    whole.checked_mul(scale)?.checked_add(rest)
}

/// `0.27` or `$0.27` in millionths; `None` when it is none, or finer than that.
pub fn usd_micros(text: &str) -> Option<u64> {
    let text = text.trim();
    scaled(text.strip_prefix('$').unwrap_or(text), 1_000_000)
}

impl Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.output_tokens.map(|tokens| format!("{tokens} output tokens"));
        let parts: Vec<String> = tokens.into_iter().chain(self.usd_micros.map(dollars)).collect();
        f.write_str(if parts.is_empty() { "none" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cases = [
            ("500k", Some(500_000)),
            ("2.5M", Some(2_500_000)),
            ("1_000", Some(1_000)),
            ("0", Some(0)),
            ("1.5", None),
            ("1.2345k", None),
            ("", None),
            ("k", None),
            (".", None),
            ("-3", None),
            ("1e6", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(count(text), expected, "{text}");
        }
        assert_eq!(Amount::parse("$0.05").map(|amount| amount.of), Some(Currency::UsdMicros(50_000)));
        assert_eq!(Amount::parse("$"), None);
        assert_eq!(Amount::parse("four"), None);
    }

    #[test]
    fn tokens_and_dollars_stand_side_by_side_and_a_raise_adds() {
        let budget = Budget::parse("500k, $4").expect("both");
        assert_eq!(budget, Budget { output_tokens: Some(500_000), usd_micros: Some(4_000_000) });
        assert_eq!(budget.to_string(), "500000 output tokens, $4");
        let raised = budget.with(Amount::parse("+500k").expect("an amount"));
        assert_eq!(raised, Budget { output_tokens: Some(1_000_000), usd_micros: Some(4_000_000) });
        assert_eq!(Budget::parse("+4k"), None, "there is nothing to raise in a file");
    }
}
