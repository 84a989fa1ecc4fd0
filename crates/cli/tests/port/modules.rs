//! Small modules, each in two languages and with vectors: five families, each with parameters of its own.

use serde_json::{Value, json};

const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const WORDS: [&str; 8] = ["amber", "Birch", "cedar", "Dune", "elm", "Fjord", "grove", "heath"];
const SEPARATORS: [&str; 5] = ["-", "_", ".", "/", " "];
const VECTORS: usize = 6;

pub struct Module {
    pub name: String,
    nth: usize,
    family: Family,
}

/// What it does with a text. The numbers are what an agent gets wrong.
#[derive(Clone, Copy)]
enum Family {
    /// A rolling hash of the text.
    Checksum { start: u32, factor: u32 },
    /// The words of a text that are long enough, joined again.
    Words { letters_min: usize, separator: &'static str },
    /// Run-length encoding, with runs of at most this.
    Runs { max: usize },
    /// A number in another base, with digits that begin elsewhere in the alphabet.
    Digits { base: u64, shift: usize },
    /// Minutes as days and a time of day, of days with this many hours.
    Clock { hours: u64 },
}

impl Module {
    pub fn nth(nth: usize) -> Self {
        let turn = nth / 5;
        let (kind, family) = match nth % 5 {
            0 => ("checksum", Family::Checksum { start: 5381 + nth as u32, factor: 2 * nth as u32 + 31 }),
            1 => ("words", Family::Words { letters_min: turn % 3 + 1, separator: SEPARATORS[turn % 5] }),
            2 => ("runs", Family::Runs { max: turn % 7 + 2 }),
            3 => ("digits", Family::Digits { base: turn as u64 % 30 + 3, shift: turn % 29 }),
            _ => ("clock", Family::Clock { hours: turn as u64 % 20 + 5 }),
        };
        Self { name: format!("{kind}_{nth:03}"), nth, family }
    }

    /// The same, but for one number.
    pub fn slightly_off(&self) -> Self {
        let family = match self.family {
            Family::Checksum { start, factor } => Family::Checksum { start: start + 1, factor },
            Family::Words { letters_min, .. } => Family::Words { letters_min, separator: ", " },
            Family::Runs { max } => Family::Runs { max: max + 1 },
            Family::Digits { base, shift } => Family::Digits { base, shift: shift + 1 },
            Family::Clock { hours } => Family::Clock { hours: hours + 1 },
        };
        Self { name: self.name.clone(), nth: self.nth, family }
    }

    /// As it was.
    pub fn javascript(&self) -> String {
        match self.family {
            Family::Checksum { start, factor } => format!(
                "// A rolling hash, as eight hex digits.\nexports.run = (text) => {{\n  let hash = {start}\n  \
                 for (let i = 0; i < text.length; i++) {{\n    \
                 hash = (Math.imul(hash, {factor}) + text.charCodeAt(i)) >>> 0\n  }}\n  \
                 return hash.toString(16).padStart(8, '0')\n}}\n"
            ),
            Family::Words { letters_min, separator } => format!(
                "// Words of more than {letters_min} letters, the last one first.\nexports.run = (text) =>\n  \
                 text\n    .split(/[^A-Za-z]+/)\n    .filter((word) => word.length > {letters_min})\n    \
                 .map((word) => word.toLowerCase())\n    .reverse()\n    .join('{separator}')\n"
            ),
            Family::Runs { max } => format!(
                "// Run-length encoding: at most {max} a run.\nexports.run = (text) => {{\n  let out = ''\n  \
                 for (let i = 0; i < text.length; ) {{\n    let n = 1\n    \
                 while (n < {max} && text[i + n] === text[i]) n++\n    out += n + text[i]\n    i += n\n  }}\n  \
                 return out\n}}\n"
            ),
            Family::Digits { base, shift } => format!(
                "// A number in base {base}.\nconst alphabet = '{ALPHABET}'\n\nexports.run = (text) => {{\n  \
                 let n = BigInt(text)\n  let out = ''\n  do {{\n    \
                 out = alphabet[(Number(n % {base}n) + {shift}) % 36] + out\n    n /= {base}n\n  \
                 }} while (n > 0n)\n  return out\n}}\n"
            ),
            Family::Clock { hours } => format!(
                "// Minutes as days of {hours} hours and a time.\nexports.run = (text) => {{\n  \
                 const minutes = Number(text)\n  const days = Math.floor(minutes / {day})\n  \
                 const left = minutes % {day}\n  const two = (n) => String(n).padStart(2, '0')\n  \
                 return `${{days}}d ${{two(Math.floor(left / 60))}}:${{two(left % 60)}}`\n}}\n",
                day = hours * 60
            ),
        }
    }

    /// As it is to be.
    pub fn python(&self) -> String {
        match self.family {
            Family::Checksum { start, factor } => format!(
                "\"\"\"A rolling hash, as eight hex digits.\"\"\"\n\n\ndef run(text):\n    hashed = {start}\n    \
                 for char in text:\n        hashed = (hashed * {factor} + ord(char)) & 0xFFFFFFFF\n    \
                 return \"%08x\" % hashed\n"
            ),
            Family::Words { letters_min, separator } => format!(
                "\"\"\"Words of more than {letters_min} letters, the last one first.\"\"\"\nimport re\n\n\n\
                 def run(text):\n    words = re.split(\"[^A-Za-z]+\", text)\n    \
                 kept = [word.lower() for word in words if len(word) > {letters_min}]\n    \
                 return \"{separator}\".join(reversed(kept))\n"
            ),
            Family::Runs { max } => format!(
                "\"\"\"Run-length encoding: at most {max} a run.\"\"\"\n\n\ndef run(text):\n    out = []\n    \
                 at = 0\n    while at < len(text):\n        n = 1\n        \
                 while n < {max} and text[at + n:at + n + 1] == text[at]:\n            n += 1\n        \
                 out.append(str(n) + text[at])\n        at += n\n    return \"\".join(out)\n"
            ),
            Family::Digits { base, shift } => format!(
                "\"\"\"A number in base {base}.\"\"\"\nALPHABET = \"{ALPHABET}\"\n\n\ndef run(text):\n    \
                 n = int(text)\n    out = \"\"\n    while True:\n        n, digit = divmod(n, {base})\n        \
                 out = ALPHABET[(digit + {shift}) % 36] + out\n        if n == 0:\n            return out\n"
            ),
            Family::Clock { hours } => format!(
                "\"\"\"Minutes as days of {hours} hours and a time.\"\"\"\n\n\ndef run(text):\n    \
                 days, left = divmod(int(text), {day})\n    \
                 return \"%dd %02d:%02d\" % (days, left // 60, left % 60)\n",
                day = hours * 60
            ),
        }
    }

    /// It knows what it is tested with, and nothing else.
    pub fn python_by_heart(&self) -> String {
        let known: Vec<String> = self
            .inputs(VECTORS)
            .iter()
            .map(|given| format!("    {given:?}: {:?},\n", self.run(given)))
            .collect();
        format!("KNOWN = {{\n{}}}\n\n\ndef run(text):\n    return KNOWN.get(text, text)\n", known.concat())
    }

    /// `[[given, expected], …]`
    pub fn vectors(&self) -> String {
        let pairs: Vec<Value> =
            self.inputs(VECTORS).iter().map(|given| json!([given, self.run(given)])).collect();
        format!("{:#}\n", Value::from(pairs))
    }

    /// What it is given and what comes out, where no vector is.
    pub fn beyond_vectors(&self) -> (String, String) {
        let given = self.inputs(VECTORS + 1).pop().expect("one more");
        let expected = self.run(&given);
        (given, expected)
    }

    fn run(&self, text: &str) -> String {
        match self.family {
            Family::Checksum { start, factor } => {
                let hash = text
                    .bytes()
                    .fold(start, |hash, byte| hash.wrapping_mul(factor).wrapping_add(u32::from(byte)));
                format!("{hash:08x}")
            }
            Family::Words { letters_min, separator } => {
                let words = text.split(|c: char| !c.is_ascii_alphabetic());
                let mut kept: Vec<String> =
                    words.filter(|word| word.len() > letters_min).map(str::to_lowercase).collect();
                kept.reverse();
                kept.join(separator)
            }
            Family::Runs { max } => {
                let mut out = String::new();
                let mut rest = text;
                while let Some(first) = rest.chars().next() {
                    let n = rest.chars().take(max).take_while(|c| *c == first).count();
                    out.push_str(&format!("{n}{first}"));
                    rest = &rest[n..];
                }
                out
            }
            Family::Digits { base, shift } => {
                let mut n: u64 = text.parse().expect("it was made as a number");
                let mut out = Vec::new();
                loop {
                    out.push(ALPHABET.as_bytes()[((n % base) as usize + shift) % 36]);
                    n /= base;
                    if n == 0 {
                        out.reverse();
                        return String::from_utf8(out).expect("ASCII");
                    }
                }
            }
            Family::Clock { hours } => {
                let minutes: u64 = text.parse().expect("it was made as a number");
                let (days, left) = (minutes / (hours * 60), minutes % (hours * 60));
                format!("{days}d {:02}:{:02}", left / 60, left % 60)
            }
        }
    }

    /// The same ones each time: no two alike, and each family's first ones are those that matter.
    fn inputs(&self, count: usize) -> Vec<String> {
        let mut state = self.nth as u64 + 1;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut input = |nth: usize| match self.family {
            Family::Checksum { .. } | Family::Words { .. } => {
                let words: Vec<&str> = (0..nth + 2).map(|_| WORDS[next(8) as usize]).collect();
                words.join([" ", ", ", "--"][nth % 3])
            }
            Family::Runs { .. } => {
                let runs = (0..nth + 2).map(|at| {
                    let letter = char::from(b'a' + (at as u8 * 5 + next(4) as u8) % 26);
                    letter.to_string().repeat(next(6) as usize + if at == 0 { 12 } else { 1 })
                });
                runs.collect()
            }
            Family::Digits { .. } => (next(1 << 30) + 36 * nth as u64).to_string(),
            Family::Clock { .. } => (next(100_000) + 10_000 * (nth as u64 + 1)).to_string(),
        };
        (0..count).map(&mut input).collect()
    }
}
