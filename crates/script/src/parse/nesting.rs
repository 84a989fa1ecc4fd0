//! A cheap look at how deep a text nests, before a recursive parser sees it.
//!
//! Two things nest: brackets, and chains without brackets (`!!!!a`, `a => a => …`, `a + a + …`,
//! `else if …`). Neither can overflow the parser's stack at these limits; some chains cost it quadratic time,
//! which they bound as well. The look errs on the generous side: it is no tokenizer of JavaScript.

use fanfold_core::Diagnostic;

pub const BRACKETS_MAX: usize = 500;
/// Operators, keywords and `else`s that can hang on each other, summed over all brackets open at one place.
pub const CHAIN_MAX: usize = 20_000;

pub fn check(source: &str) -> Result<(), Vec<Diagnostic>> {
    Scanner::new(source).scan().map_err(|error| vec![error])
}

/// What the token before was: decides what a `/` is, and whether a line end can end a statement.
#[derive(Clone, Copy, PartialEq)]
enum Previous {
    /// An operator or an opening bracket: an operand has to follow.
    Open,
    /// A name, a literal, a closing bracket.
    Operand,
}

struct Level {
    bracket: u8,
    /// `(` of `if (…)`, `for (…)`: what follows `)` is still the same statement.
    after_control: bool,
    chain: usize,
}

struct Scanner<'s> {
    text: &'s [u8],
    at: usize,
    levels: Vec<Level>,
    /// Sum of all `chain`s.
    chained: usize,
    previous: Previous,
    /// The last word was `if`, `for`, `while` or `with`.
    control: bool,
    /// A line end stood before the token at hand.
    line_ended: bool,
    /// A `;` or `}` may have ended a statement: it did unless `else` or an operator follows.
    statement_ended: bool,
}

impl<'s> Scanner<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            text: source.as_bytes(),
            at: 0,
            levels: vec![Level { bracket: b'{', after_control: false, chain: 0 }],
            chained: 0,
            previous: Previous::Open,
            control: false,
            line_ended: false,
            statement_ended: false,
        }
    }

    fn scan(mut self) -> Result<(), Diagnostic> {
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            match byte {
                b'\n' | b'\r' => {
                    self.line_ended = true;
                    self.at += 1;
                }
                b' ' | b'\t' => self.at += 1,
                b'/' if self.next_is(b'/') => self.skip_line(),
                b'/' if self.next_is(b'*') => self.skip_block_comment(),
                b'/' if self.previous == Previous::Open => {
                    self.operand();
                    self.skip_regex();
                }
                b'"' | b'\'' => {
                    self.operand();
                    self.skip_string(byte);
                }
                b'`' => {
                    self.begin(true);
                    self.chain(1);
                    self.at += 1;
                    self.template()?;
                }
                b'(' | b'[' | b'{' => {
                    self.begin(byte != b'{');
                    // Calls and indexings hang on each other too.
                    self.chain(usize::from(self.previous == Previous::Operand));
                    self.open(byte)?;
                    self.at += 1;
                }
                b')' | b']' | b'}' => self.close()?,
                b';' => {
                    self.statement_ended = true;
                    self.previous = Previous::Open;
                    self.at += 1;
                }
                b',' => {
                    self.reset();
                    self.previous = Previous::Open;
                    self.at += 1;
                }
                byte if is_word(byte) => self.word(),
                // `a++` and TypeScript's `a!` are operands still: a `/` behind them divides.
                b'+' | b'-' if self.previous == Previous::Operand && self.next_is(byte) => self.at += 2,
                b'!' if self.previous == Previous::Operand && !self.line_ended && !self.next_is(b'=') => {
                    self.chain(1);
                    self.at += 1;
                }
                _ => {
                    self.begin(!matches!(byte, b'!' | b'~' | b'#' | b'@'));
                    self.chain(1);
                    self.previous = Previous::Open;
                    self.at += 1;
                }
            }
            if self.chained > CHAIN_MAX {
                return Err(Diagnostic::error(format!(
                    "this hangs together more than {CHAIN_MAX} operators deep"
                ))
                .at(start..self.at.min(self.text.len()))
                .help("split it into several statements, or build it with a loop"));
            }
        }
        Ok(())
    }

    /// A token begins; `continues`: it could go on with the statement of the line before.
    fn begin(&mut self, continues: bool) {
        let by_line = self.line_ended && self.previous == Previous::Operand;
        if !continues && (self.statement_ended || by_line) {
            self.reset();
        }
        self.line_ended = false;
        self.statement_ended = false;
    }

    fn operand(&mut self) {
        self.begin(false);
        self.previous = Previous::Operand;
    }

    fn word(&mut self) {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        self.begin(matches!(
            word,
            b"else" | b"in" | b"instanceof" | b"of" | b"as" | b"satisfies" | b"extends"
        ));
        self.control = matches!(word, b"if" | b"for" | b"while" | b"with");
        let hangs = self.control
            || matches!(
                word,
                b"else"
                    | b"do"
                    | b"in"
                    | b"of"
                    | b"instanceof"
                    | b"as"
                    | b"satisfies"
                    | b"extends"
                    | b"await"
                    | b"typeof"
                    | b"void"
                    | b"delete"
                    | b"new"
                    | b"yield"
                    | b"async"
                    | b"return"
                    | b"throw"
                    | b"keyof"
                    | b"infer"
                    | b"unique"
                    | b"readonly"
                    | b"case"
            );
        self.chain(usize::from(hangs));
        self.previous = if hangs { Previous::Open } else { Previous::Operand };
    }

    fn chain(&mut self, by: usize) {
        self.chained += by;
        if let Some(level) = self.levels.last_mut() {
            level.chain += by;
        }
    }

    fn reset(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.chained -= level.chain;
            level.chain = 0;
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Diagnostic> {
        if self.levels.len() > BRACKETS_MAX {
            return Err(Diagnostic::error(format!("brackets are nested more than {BRACKETS_MAX} deep"))
                .at(self.at..self.at + 1)
                .help("move the inner part into a function or a variable of its own"));
        }
        let after_control = bracket == b'(' && std::mem::take(&mut self.control);
        self.levels.push(Level { bracket, after_control, chain: 0 });
        self.previous = Previous::Open;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Diagnostic> {
        let byte = self.text[self.at];
        self.at += 1;
        self.line_ended = false;
        self.previous = Previous::Operand;
        if self.levels.len() == 1 {
            return Ok(()); // Not balanced: the parser will say so.
        }
        self.reset();
        let level = self.levels.pop().expect("more than one level is open");
        self.statement_ended = byte == b'}' && level.bracket == b'{';
        if level.after_control {
            self.previous = Previous::Open;
        }
        if byte == b'}' && level.bracket == b'`' {
            self.template()?;
        }
        Ok(())
    }

    /// From inside a template to its end or to its next `${`.
    fn template(&mut self) -> Result<(), Diagnostic> {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.previous = Previous::Operand;
                    return Ok(());
                }
                b'$' if self.next_is(b'{') => {
                    self.open(b'`')?;
                    self.at += 2;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn next_is(&self, byte: u8) -> bool {
        self.text.get(self.at + 1) == Some(&byte)
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].iter().position(|byte| *byte == b'\n').unwrap_or(self.text.len());
    }

    fn skip_block_comment(&mut self) {
        let rest = &self.text[self.at + 2..];
        let length = rest.windows(2).position(|pair| pair == b"*/").unwrap_or(rest.len());
        self.line_ended |= rest[..length].contains(&b'\n');
        self.at += length + 4;
    }

    fn skip_string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => return,
                _ if byte == quote => {
                    self.at += 1;
                    return;
                }
                _ => (),
            }
            self.at += 1;
        }
    }

    fn skip_regex(&mut self) {
        let mut in_class = false;
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => return,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    return;
                }
                _ => (),
            }
            self.at += 1;
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
