//! Numbers within bounds, counted exactly in decimal units so that `multipleOf: 0.01` is one.

use serde_json::{Number, Value};

use super::text::words;

/// Digits after the point, at most.
const SCALE_MAX: u32 = 15;
/// Bounds beyond this are as good as none: 10^18.
const MAGNITUDE_MAX: f64 = 1e18;

/// `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    mantissa: i128,
    scale: u32,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    at: Decimal,
    is_inside: bool,
}

/// What the keywords of numbers ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    low: Option<Bound>,
    high: Option<Bound>,
    steps: Vec<Decimal>,
    /// As written.
    ends: [Option<Value>; 2],
}

/// The numbers `first * unit, …, last * unit` with `unit = step / 10^scale`.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    first: i128,
    last: i128,
    step: i128,
    scale: u32,
    /// Where draws start: a stretch of the ladder that suits the number's name.
    from: i128,
    width: i128,
}

impl Range {
    pub fn at_least(&mut self, bound: &Value) {
        self.raise(bound, true);
    }

    pub fn above(&mut self, bound: &Value) {
        self.raise(bound, false);
    }

    pub fn at_most(&mut self, bound: &Value) {
        self.lower(bound, true);
    }

    pub fn below(&mut self, bound: &Value) {
        self.lower(bound, false);
    }

    pub fn multiple_of(&mut self, step: &Value) {
        self.steps.extend(Decimal::of(step).filter(|step| step.mantissa > 0));
    }

    pub fn is_bounded(&self) -> bool {
        self.low.is_some() || self.high.is_some() || !self.steps.is_empty()
    }

    /// The bounds that are numbers of the range themselves.
    pub fn ends(&self) -> impl Iterator<Item = Value> {
        self.ends.iter().flatten().cloned()
    }

    fn raise(&mut self, bound: &Value, is_inside: bool) {
        let Some(at) = Decimal::of(bound) else { return };
        let is_higher = self.low.is_none_or(|low| {
            let scale = low.at.scale.max(at.scale);
            (at.at(scale), !is_inside) > (low.at.at(scale), !low.is_inside)
        });
        if is_higher {
            self.low = Some(Bound { at, is_inside });
            self.ends[0] = is_inside.then(|| bound.clone());
        }
    }

    fn lower(&mut self, bound: &Value, is_inside: bool) {
        let Some(at) = Decimal::of(bound) else { return };
        let is_lower = self.high.is_none_or(|high| {
            let scale = high.at.scale.max(at.scale);
            (at.at(scale), is_inside) < (high.at.at(scale), high.is_inside)
        });
        if is_lower {
            self.high = Some(Bound { at, is_inside });
            self.ends[1] = is_inside.then(|| bound.clone());
        }
    }

    /// `usual`: what such a number mostly is, if the bounds let it. `None`: there is no such number.
    pub fn ladder(&self, is_integer: bool, usual: (f64, f64)) -> Option<Ladder> {
        let bounds = || self.low.into_iter().chain(self.high);
        let mut scale =
            bounds().map(|bound| bound.at.scale).chain(self.steps.iter().map(|step| step.scale)).max();
        let one = Decimal { mantissa: 1, scale: 0 };
        if self.steps.is_empty() && !is_integer {
            // As many digits as the range needs to be more than a few numbers.
            let mut digits = scale.unwrap_or(0).max(u32::from(usual.1 - usual.0 <= 20.0));
            if let (Some(low), Some(high)) = (self.low, self.high) {
                while digits < SCALE_MAX && high.at.at(digits).saturating_sub(low.at.at(digits)) < 20 {
                    digits += 1;
                }
            }
            if usual.1 - usual.0 <= 2.0 {
                digits = digits.max(2);
            }
            scale = Some(digits);
        }
        let scale = scale.unwrap_or(0);
        let steps = self.steps.iter().chain(is_integer.then_some(&one));
        let step = steps.map(|step| step.at(scale)).try_fold(1, least_common_multiple)?;
        let limit = |magnitude: f64| (magnitude as i128).saturating_mul(10i128.pow(scale));
        let first = match self.low {
            Some(Bound { at, is_inside: true }) => ceil_div(at.at(scale), step),
            Some(Bound { at, is_inside: false }) => at.at(scale).div_euclid(step) + 1,
            None => -(limit(1e15) / step),
        };
        let last = match self.high {
            Some(Bound { at, is_inside: true }) => at.at(scale).div_euclid(step),
            Some(Bound { at, is_inside: false }) => ceil_div(at.at(scale), step) - 1,
            None => (limit(1e15) / step).max(first.saturating_add(100)),
        };
        let first = if self.low.is_none() { first.min(last.saturating_sub(100)) } else { first };
        if first > last {
            return None;
        }
        let ladder = Ladder { first, last, step, scale, from: first, width: 1 };
        Some(ladder.preferring(usual, self.low.is_some() && self.high.is_some()))
    }
}

/// What a number of this name mostly is.
pub(super) fn usual(name: &str, is_integer: bool) -> (f64, f64) {
    let words = words(name);
    let word = words.last().map_or("", String::as_str);
    let unit = words.iter().rev().nth(1).map_or("", String::as_str);
    match word {
        "line" | "lines" | "row" | "start" => (10.0, 400.0),
        "end" => (401.0, 440.0),
        "column" | "col" | "offset" => (1.0, 80.0),
        "confidence" | "probability" | "likelihood" | "ratio" | "share" if !is_integer => (0.6, 0.95),
        "percent" | "percentage" | "confidence" | "coverage" => (60.0, 95.0),
        "score" | "rating" | "rank" => (6.0, 9.0),
        "severity" | "priority" | "level" => (1.0, 3.0),
        "year" => (2020.0, 2026.0),
        "port" => (8000.0, 8999.0),
        "ms" | "millis" => (100.0, 5_000.0),
        "bytes" | "size" | "tokens" => (1_000.0, 90_000.0),
        "number" | "no" if unit == "line" => (10.0, 400.0),
        "id" | "pr" | "issue" => (100.0, 9_999.0),
        _ => (1.0, 20.0),
    }
}

impl Ladder {
    fn preferring(mut self, (low, high): (f64, f64), is_closed: bool) -> Self {
        let unit = 10f64.powi(self.scale as i32) / self.step as f64;
        let (from, to) = ((low * unit).ceil() as i128, (high * unit).floor() as i128);
        let (from, to) = (from.max(self.first), to.min(self.last));
        let span = self.last.saturating_sub(self.first);
        (self.from, self.width) = if is_closed && span < 1_000 {
            // A scale, and a willing model: the upper half, short of the very end.
            let upper = self.first + span / 2;
            (upper, (self.last - upper).max(1))
        } else if from <= to {
            (from, to - from + 1)
        } else if self.first as f64 > high * unit {
            (self.first, 20.min(span.saturating_add(1)))
        } else {
            let width = 20.min(span.saturating_add(1));
            (self.last - width + 1, width)
        };
        self
    }

    /// How many numbers there are, at most 2^32.
    pub fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1).min(1 << 32) as u64
    }

    /// How many numbers a draw may start at.
    pub fn width(&self) -> u64 {
        self.width.min(1 << 32) as u64
    }

    /// The number `place` (below [`Ladder::width`]) on the usual stretch, and `skip` further, from the start again
    /// after the end.
    pub fn number(&self, place: u64, skip: u64) -> Value {
        let steps = self.last - self.first + 1;
        let offset = (self.from - self.first + i128::from(place) + i128::from(skip)).rem_euclid(steps);
        self.value(self.first + offset)
    }

    /// The number nearest to zero.
    pub fn least(&self) -> Value {
        self.value(0.clamp(self.first, self.last))
    }

    fn value(&self, rung: i128) -> Value {
        let mantissa = rung.saturating_mul(self.step);
        let one = 10i128.pow(self.scale);
        if mantissa % one == 0 {
            let whole = mantissa / one;
            if let Ok(whole) = i64::try_from(whole) {
                return whole.into();
            }
            if let Ok(whole) = u64::try_from(whole) {
                return whole.into();
            }
        }
        Number::from_f64(mantissa as f64 / one as f64).map_or(Value::Null, Value::Number)
    }
}

impl Decimal {
    /// `None`: not a number, or one too fine to count with.
    fn of(value: &Value) -> Option<Self> {
        let number = value.as_f64()?;
        if let Some(whole) = value.as_i64() {
            return Some(Self { mantissa: i128::from(whole), scale: 0 });
        }
        let number = number.clamp(-MAGNITUDE_MAX, MAGNITUDE_MAX);
        let text = number.to_string();
        let (whole, digits) = text.split_once('.').unwrap_or((&text, ""));
        let digits = &digits[..digits.len().min(SCALE_MAX as usize)];
        let mantissa = format!("{whole}{digits}").parse().ok()?;
        Some(Self { mantissa, scale: digits.len() as u32 })
    }

    /// The mantissa at a scale that is not smaller.
    fn at(self, scale: u32) -> i128 {
        self.mantissa.saturating_mul(10i128.pow(scale.saturating_sub(self.scale)))
    }
}

fn ceil_div(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}

fn least_common_multiple(a: i128, b: i128) -> Option<i128> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    if x == 0 { None } else { (a / x).checked_mul(b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ladder(schema: Value, is_integer: bool) -> Option<Ladder> {
        let mut range = Range::default();
        for (keyword, value) in schema.as_object().expect("an object") {
            match keyword.as_str() {
                "minimum" => range.at_least(value),
                "maximum" => range.at_most(value),
                "exclusiveMinimum" => range.above(value),
                "exclusiveMaximum" => range.below(value),
                _ => range.multiple_of(value),
            }
        }
        range.ladder(is_integer, (1.0, 20.0))
    }

    #[test]
    fn multiples_of_a_decimal_fraction_are_exact() {
        let ladder =
            ladder(json!({"minimum": 0.565, "maximum": 0.575, "multipleOf": 0.01}), false).expect("0.57");
        assert_eq!((ladder.len(), ladder.number(0, 0)), (1, json!(0.57)));
    }

    #[test]
    fn bounds_may_be_narrow_and_open() {
        let one = ladder(json!({"exclusiveMinimum": 3, "exclusiveMaximum": 5}), true).expect("4");
        assert_eq!((one.len(), one.number(0, 9)), (1, json!(4)));
        assert!(ladder(json!({"exclusiveMinimum": 3, "exclusiveMaximum": 4}), true).is_none());
        let between =
            ladder(json!({"exclusiveMinimum": 3, "exclusiveMaximum": 4}), false).expect("3.5 or so");
        assert!((3.0..4.0).contains(&between.number(0, 0).as_f64().expect("a number")));
    }

    #[test]
    fn several_steps_are_met_together() {
        let ladder = ladder(json!({"a": 4, "b": 6, "minimum": 1, "maximum": 30}), true).expect("12 and 24");
        let mut numbers = vec![ladder.number(0, 0), ladder.number(0, 1)];
        numbers.sort_by_key(|number| number.as_i64());
        assert_eq!(numbers, [json!(12), json!(24)]);
    }

    #[test]
    fn a_number_without_bounds_is_a_usual_one() {
        let ladder = ladder(json!({}), true).expect("any");
        let number = ladder.number(0, 0).as_i64().expect("an integer");
        assert!((1..=20).contains(&number), "{number}");
        assert_eq!(ladder.least(), json!(0));
    }
}
