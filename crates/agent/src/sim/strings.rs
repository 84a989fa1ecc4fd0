//! Strings within their keywords: lengths, patterns, formats.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::draw::Draws;
use super::facts::{Facts, Span};
use super::pattern::Pattern;
use super::text::{Format, Kind, REMARKS, WORDS};
use super::value::Filling;

/// How to make strings for one place in a schema.
pub(super) struct TextPlan {
    kind: Kind,
    /// Its own file, if the prompt names one, is what the string is about.
    is_of_the_prompt: bool,
    format: Option<Format>,
    examples: Vec<String>,
    length: Span,
    patterns: Vec<Pattern>,
    /// `None`: any string will do, but for its length.
    checks: Option<Checks>,
}

struct Checks {
    /// Lengths, patterns and the format.
    strict: Validator,
    /// Without the format, which validators take for a remark.
    lax: Validator,
}

/// How many strings are drawn for a pattern before the plan gives up.
const PATTERN_TRIES: u64 = 48;
/// A string that has to be longer than this is not made.
const LENGTH_MAX: usize = 1 << 20;
/// A string that has to be longer than this is filled up, not written.
const WRITTEN_MAX: usize = 2_000;

impl TextPlan {
    /// `Err`: the keyword that cannot be honoured.
    pub fn new(name: &str, facts: &Facts<'_>) -> Result<Self, &'static str> {
        if facts.length.is_empty() {
            return Err("maxLength");
        }
        if facts.length.min > LENGTH_MAX {
            return Err("minLength");
        }
        let patterns: Vec<Pattern> =
            facts.patterns.iter().filter_map(|pattern| Pattern::new(pattern)).collect();
        let kind = Kind::of(name, facts.description);
        let format = facts.format.and_then(Format::named);
        let is_plain = facts.patterns.is_empty() && format.is_none();
        Ok(Self {
            kind,
            is_of_the_prompt: kind.is_of_the_prompt(name),
            format,
            examples: facts.examples.iter().map(|example| (*example).to_owned()).collect(),
            length: facts.length,
            patterns,
            checks: if is_plain { None } else { Some(Checks::new(facts).ok_or("pattern")?) },
        })
    }

    /// Whether strings can be drawn that pass the checks.
    pub fn works(&self) -> bool {
        let mut draws = Draws::new(0, "pattern");
        self.checks.is_none() || self.checked(&mut Filling::new(&mut draws, "", &[]), 0, 0).is_some()
    }

    /// The `nth` string of its kind; `skip`: another one.
    pub fn draw(&self, filling: &mut Filling<'_>, nth: usize, skip: u64) -> String {
        if self.checks.is_some()
            && let Some(text) = self.checked(filling, nth, skip)
        {
            return text;
        }
        self.fitted(self.written(filling, nth, skip), filling.offset + nth + skip as usize)
    }

    fn checked(&self, filling: &mut Filling<'_>, nth: usize, skip: u64) -> Option<String> {
        let checks = self.checks.as_ref()?;
        let place = filling.offset + nth + skip as usize;
        let formatted = self.format.map(|format| self.fitted(format.text(place, &filling.topic), place));
        let written = self.fitted(self.written(filling, nth, skip), place);
        let candidates: Vec<Value> = formatted.into_iter().chain([written]).map(Value::String).collect();
        let mut lax = None;
        for candidate in candidates {
            if checks.strict.is_valid(&candidate) {
                return text(candidate);
            }
            if lax.is_none() && self.patterns.is_empty() && checks.lax.is_valid(&candidate) {
                lax = Some(candidate);
            }
        }
        for attempt in 0..if self.patterns.is_empty() { 0 } else { PATTERN_TRIES } {
            // Equal attempts draw other letters, so that `skip` need not count.
            let mut draw =
                |pattern: &Pattern| pattern.draw(filling.draws, attempt + skip.min(8), self.length.min);
            let which = attempt as usize % (self.patterns.len() + 1);
            let drawn: String = match self.patterns.get(which) {
                Some(pattern) => draw(pattern),
                // One after the other: what starts with one may end with the next.
                None => self.patterns.iter().map(draw).collect(),
            };
            for candidate in [self.fitted(drawn.clone(), place), drawn].map(Value::String) {
                if checks.strict.is_valid(&candidate) {
                    return text(candidate);
                }
                if lax.is_none() && checks.lax.is_valid(&candidate) {
                    lax = Some(candidate);
                }
            }
        }
        lax.and_then(text)
    }

    fn written(&self, filling: &Filling<'_>, nth: usize, skip: u64) -> String {
        let n = nth + skip as usize;
        if let Some(example) = self.examples.get(n) {
            return example.clone();
        }
        match filling.topic.path {
            Some(path) if self.is_of_the_prompt && n == 0 => path.to_owned(),
            _ => self.kind.text(filling.offset + n, &filling.topic, filling.files),
        }
    }

    /// Cut or filled up to the length allowed, in characters.
    fn fitted(&self, mut text: String, n: usize) -> String {
        let Span { min, max } = self.length;
        let mut count = text.chars().count();
        let mut round = n;
        while count < min {
            if count > WRITTEN_MAX {
                text.extend(std::iter::repeat_n('.', min - count));
                break;
            }
            let more = if min - count < 12 {
                format!(" {}", WORDS[round % WORDS.len()])
            } else {
                format!(" The {} {}.", WORDS[round % WORDS.len()], REMARKS[round % REMARKS.len()])
            };
            count += more.chars().count();
            text.push_str(&more);
            round += 1;
        }
        if count > max {
            // What tells one string from another is mostly at its end.
            let cut: String = text.chars().take(max).collect();
            text = if max < 24 { short(n, max) } else { cut.trim_end().to_owned() };
            count = text.chars().count();
            text.extend(std::iter::repeat_n('.', min.saturating_sub(count)));
        }
        text
    }
}

impl Checks {
    fn new(facts: &Facts<'_>) -> Option<Self> {
        let patterns: Vec<Value> = facts.patterns.iter().map(|pattern| json!({"pattern": pattern})).collect();
        let mut schema = json!({"minLength": facts.length.min, "format": facts.format.unwrap_or("none")});
        if facts.length.max < usize::MAX {
            schema["maxLength"] = facts.length.max.into();
        }
        if !patterns.is_empty() {
            schema["allOf"] = patterns.into();
        }
        let build = |with_formats| {
            jsonschema::draft202012::options().should_validate_formats(with_formats).build(&schema).ok()
        };
        Some(Self { strict: build(true)?, lax: build(false)? })
    }
}

/// A word of at most `max` characters, the `n`th.
fn short(n: usize, max: usize) -> String {
    let word = WORDS[n % WORDS.len()];
    let fits: Vec<&str> = WORDS.iter().copied().filter(|word| word.len() <= max).collect();
    match (max, fits.is_empty()) {
        (12.., _) => {
            format!("{word} {}", WORDS[(n / WORDS.len() + n + 7) % WORDS.len()]).chars().take(max).collect()
        }
        (_, false) => fits[n % fits.len()].to_owned(),
        (_, true) => {
            // Counts in letters.
            let mut rest = n;
            let mut letters = String::new();
            for _ in 0..max {
                letters.push(char::from(b'a' + (rest % 26) as u8));
                rest /= 26;
            }
            letters
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
