//! Regular expressions turned round: strings that match one.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::draw::Draws;
use super::text::WORDS;

/// Characters tried for a class, most readable first.
const LOWER: &str = "etaoinsrhldcumfpgwybvkxjqz";
const LOWER_AND_DIGITS: &str = "e7a2o4i9s1r8d3c6m5f0tnhlupgwybvkxjqz";
const PRINTABLE: &str =
    "eT4a-Ro7_iS2n.Hr9L!dc0Um@fW1p#gY8b$vK3x%jQ5z&E6tA*OIN+sD=CuM:FP/GwBVk,XJqZ lyh()[]{}<>?;'\"\\|^~`";

/// Longest string drawn for a pattern, in characters.
const LENGTH_MAX: usize = 4_096;

/// A pattern that strings can be drawn for.
pub(super) struct Pattern {
    hir: Hir,
    /// Something was left out of it (look-around), so that not every draw matches.
    is_rough: bool,
}

impl Pattern {
    /// `None`: no strings can be made for it (a back-reference, for one).
    pub fn new(pattern: &str) -> Option<Self> {
        match regex_syntax::parse(pattern) {
            Ok(hir) => Some(Self { hir, is_rough: false }),
            Err(_) => {
                let hir = regex_syntax::parse(&without_look_around(pattern)?).ok()?;
                Some(Self { hir, is_rough: true })
            }
        }
    }

    /// A string that probably matches; with each further `attempt` longer and less readable.
    pub fn draw(&self, draws: &mut Draws, attempt: u64, length_min: usize) -> String {
        let mut drawn = Drawn {
            text: String::new(),
            draws,
            is_odd: attempt >= 16 || (self.is_rough && attempt >= 2),
            extra: match attempt {
                0..4 => 1,
                4..8 => 3,
                8..16 => 8,
                _ => 14,
            },
            length_min,
        };
        drawn.push(&self.hir);
        drawn.text
    }
}

struct Drawn<'a> {
    text: String,
    draws: &'a mut Draws,
    /// Any printable character, rather than a readable one.
    is_odd: bool,
    /// Repetitions beyond the least.
    extra: u64,
    length_min: usize,
}

impl Drawn<'_> {
    fn push(&mut self, hir: &Hir) {
        if self.text.len() > LENGTH_MAX {
            return;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => (),
            HirKind::Literal(literal) => self.text.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => self.push_one_of(class),
            HirKind::Capture(capture) => self.push(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.push(part)),
            HirKind::Alternation(ways) => {
                let way = if self.extra <= 1 { 0 } else { self.draws.below(ways.len() as u64) };
                self.push(&ways[way as usize]);
            }
            HirKind::Repetition(repetition) => {
                let min = u64::from(repetition.min);
                let max = repetition.max.map_or(u64::MAX, u64::from);
                if !self.is_odd
                    && let HirKind::Class(class) = repetition.sub.kind()
                    && self.push_word(class, min, max)
                {
                    return;
                }
                let short_by = self.length_min.saturating_sub(self.text.len()) as u64;
                let wanted = min + self.draws.below(self.extra + 1);
                let wanted = if max > min && self.extra > 1 { wanted.max(short_by) } else { wanted };
                for _ in 0..wanted.max(u64::from(min == 0)).min(max).min(LENGTH_MAX as u64 + 1) {
                    self.push(&repetition.sub);
                }
            }
        }
    }

    /// A word for what looks like one: `[a-z]+`, `\w{3,20}`, `.*`.
    fn push_word(&mut self, class: &Class, min: u64, max: u64) -> bool {
        let is_wordy = ['a', 'e', 'm', 'z'].iter().all(|letter| allows(class, *letter));
        if !is_wordy || max < 3 {
            return false;
        }
        let offset = self.draws.below(WORDS.len() as u64) as usize;
        let words = WORDS.iter().cycle().skip(offset).take(WORDS.len());
        let fits = |word: &&&str| (min..=max).contains(&(word.len() as u64));
        match words.clone().find(fits) {
            Some(word) => self.text.push_str(word),
            None => {
                let letters = words.flat_map(|word| word.chars()).cycle();
                self.text.extend(letters.take((min as usize).min(LENGTH_MAX)));
            }
        }
        true
    }

    fn push_one_of(&mut self, class: &Class) {
        let alphabets: &[&str] = match (self.is_odd, allows(class, 'a') && allows(class, '7')) {
            (true, _) => &[PRINTABLE],
            (false, true) => &[LOWER_AND_DIGITS],
            (false, false) => &[LOWER, PRINTABLE],
        };
        for alphabet in alphabets {
            let allowed: Vec<char> = alphabet.chars().filter(|letter| allows(class, *letter)).collect();
            if !allowed.is_empty() {
                let letter = self.draws.pick(&allowed);
                self.text.push(letter);
                return;
            }
        }
        match class {
            Class::Unicode(class) => self.text.extend(class.ranges().first().map(|range| range.start())),
            Class::Bytes(class) => {
                self.text.extend(class.ranges().first().map(|range| char::from(range.start())))
            }
        }
    }
}

fn allows(class: &Class, letter: char) -> bool {
    match class {
        Class::Unicode(class) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&letter))
        }
        Class::Bytes(class) => {
            let ranges = class.ranges();
            u8::try_from(letter)
                .is_ok_and(|byte| ranges.iter().any(|range| (range.start()..=range.end()).contains(&byte)))
        }
    }
}

/// The pattern without its look-around groups; `None` when a parenthesis has no other.
fn without_look_around(pattern: &str) -> Option<String> {
    let mut rest = String::new();
    let mut chars = pattern.char_indices();
    while let Some((at, ch)) = chars.next() {
        let is_look = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| pattern[at..].starts_with(start));
        if ch == '\\' {
            rest.push(ch);
            rest.extend(chars.next().map(|(_, escaped)| escaped));
        } else if is_look {
            let mut depth = 1;
            let mut in_class = false;
            while depth > 0 {
                match chars.next()?.1 {
                    '\\' => {
                        chars.next()?;
                    }
                    '[' => in_class = true,
                    ']' => in_class = false,
                    '(' if !in_class => depth += 1,
                    ')' if !in_class => depth -= 1,
                    _ => (),
                }
            }
        } else {
            rest.push(ch);
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_drawn_for_common_patterns_match_them() {
        let patterns = [
            r"^[a-z]+(-[a-z]+)*$",
            r"^\d{4}-\d{2}-\d{2}$",
            r"^[A-Z]{2,5}-\d+$",
            r"^v?\d+\.\d+\.\d+(-[a-z0-9.]+)?$",
            r"^#[0-9a-fA-F]{6}$",
            r"^(feat|fix|docs)(\([a-z]+\))?: .{10,72}$",
            r"^https?://[^\s/]+/.*$",
            r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
            r"^src/.+\.(rs|ts)$",
            r"^[^/]+$",
            r"\S",
            r"^.{3}$",
            r"^[A-Fa-f0-9]{64}$",
            r"^\p{Lu}\p{L}+$",
            r"^[^a-zA-Z0-9 -~]$",
            r"^x{300}$",
        ];
        for pattern in patterns {
            let regex = regex::Regex::new(pattern).expect("valid");
            let source = Pattern::new(pattern).expect("drawable");
            let mut draws = Draws::new(1, pattern);
            let drawn: Vec<String> = (0..24).map(|attempt| source.draw(&mut draws, attempt, 0)).collect();
            assert!(drawn.iter().all(|text| regex.is_match(text)), "{pattern}: {drawn:?}");
        }
    }

    #[test]
    fn look_around_is_left_to_chance() {
        assert_eq!(without_look_around(r"^(?=.*[)\)])(?!a)b$").as_deref(), Some("^b$"));
        let source = Pattern::new(r"^(?=.*[A-Z])(?=.*\d).{8,}$").expect("drawable");
        let mut draws = Draws::new(1, "a");
        let is_match = |text: &String| {
            text.len() >= 8
                && text.contains(|c: char| c.is_uppercase())
                && text.contains(|c: char| c.is_ascii_digit())
        };
        assert!((0..64).map(|attempt| source.draw(&mut draws, attempt, 0)).any(|text| is_match(&text)));
    }

    #[test]
    fn back_references_cannot_be_drawn_for() {
        assert!(Pattern::new(r"^(a|b)\1$").is_none());
    }
}
