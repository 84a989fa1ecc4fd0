//! Takes a shell command apart, far enough to hold its parts against permission rules.
//!
//! It is no shell: where it cannot be sure what a shell would make of the text it says so, and the rules
//! then take the careful side. It keeps honest agents within the rules; what keeps hostile commands in is
//! the sandbox around them.

/// Deeper nesting of `$(…)` is not followed.
const DEPTH_MAX: usize = 32;

#[derive(Debug, Default, PartialEq)]
pub struct Script {
    /// Every simple command in it, those inside of `$(…)`, `` `…` ``, `<(…)` and `(…)` too.
    pub commands: Vec<Simple>,
    /// The text holds something that this reader does not follow (a here-document, `$'…'`, an open quote).
    pub unsure: bool,
}

#[derive(Debug, Default, PartialEq)]
pub struct Simple {
    /// Without quotes; redirections are left out.
    pub words: Vec<Word>,
    /// Files that it reads from or writes to by redirection.
    pub files: Vec<String>,
    /// It writes to a file (other than /dev/null) by redirection.
    pub writes: bool,
}

#[derive(Debug, Default, PartialEq)]
pub struct Word {
    pub text: String,
    /// What the shell makes of it is only known when it runs.
    pub computed: bool,
}

pub fn parse(text: &str) -> Script {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0, depth: 0, script: Script::default() };
    scanner.list(None);
    scanner.script
}

impl Simple {
    /// The words from `from` on, with single spaces.
    pub fn text(&self, from: usize) -> String {
        let words: Vec<&str> = self.words[from..].iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    /// Leading `NAME=value` words.
    pub fn assignments(&self) -> usize {
        let is_assignment = |word: &&Word| match word.text.split_once('=') {
            Some((name, _)) => {
                !name.is_empty()
                    && name.chars().all(|ch| ch == '_' || ch == '+' || ch.is_ascii_alphanumeric())
            }
            None => false,
        };
        self.words.iter().take_while(is_assignment).count()
    }
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    script: Script,
}

/// The command that is being read.
#[derive(Default)]
struct Open {
    simple: Simple,
    word: Option<Word>,
    redirect: Redirect,
}

#[derive(Default, PartialEq)]
enum Redirect {
    #[default]
    None,
    In,
    Out,
    /// `>&`: a file, or a number that stands for one already open.
    OutOrNumber,
}

impl Open {
    fn push(&mut self, ch: char) {
        self.word.get_or_insert_default().text.push(ch);
    }

    fn computed(&mut self) {
        self.word.get_or_insert_default().computed = true;
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let number = word.text == "-" || word.text.chars().all(|ch| ch.is_ascii_digit());
        match std::mem::take(&mut self.redirect) {
            Redirect::None => self.simple.words.push(word),
            Redirect::In => self.simple.files.push(word.text),
            Redirect::OutOrNumber if number => (),
            Redirect::Out | Redirect::OutOrNumber => {
                self.simple.writes |= word.computed || word.text != "/dev/null";
                self.simple.files.push(word.text);
            }
        }
    }

    /// Starts a redirection: a number right before it is no word.
    fn redirect(&mut self, redirect: Redirect) {
        if self.word.as_ref().is_some_and(|word| word.text.chars().all(|ch| ch.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        self.redirect = redirect;
    }
}

impl Scanner {
    /// Commands up to `end`, or to the end of the text.
    fn list(&mut self, end: Option<char>) {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            self.script.unsure = true;
            self.at = self.chars.len();
        }
        let mut open = Open::default();
        loop {
            let Some(ch) = self.next() else {
                self.script.unsure |= end.is_some();
                break;
            };
            if Some(ch) == end {
                break;
            }
            match ch {
                '\\' => match self.next() {
                    Some('\n') => (),
                    Some(ch) => open.push(ch),
                    None => self.script.unsure = true,
                },
                '\'' => self.single_quoted(&mut open),
                '"' => self.double_quoted(&mut open),
                '`' => {
                    open.computed();
                    self.list(Some('`'));
                }
                '$' => self.dollar(&mut open),
                ' ' | '\t' | '\r' => open.end_word(),
                '#' if open.word.is_none() => self.comment(),
                '&' if self.peek() == Some('>') => {
                    self.next();
                    self.skip_if('>');
                    open.redirect(Redirect::Out);
                }
                '\n' | ';' | '|' | '&' => self.end_command(&mut open),
                '(' => {
                    self.end_command(&mut open);
                    self.list(Some(')'));
                }
                ')' => {
                    // Of a `case`, or of nothing.
                    self.script.unsure = true;
                    self.end_command(&mut open);
                }
                '<' => self.less(&mut open),
                '>' => self.greater(&mut open),
                '*' | '?' | '[' | '{' => {
                    open.push(ch);
                    open.computed();
                }
                _ => open.push(ch),
            }
        }
        self.end_command(&mut open);
        self.depth -= 1;
    }

    fn less(&mut self, open: &mut Open) {
        match self.peek() {
            Some('(') => self.substitution(open),
            Some('<') => {
                self.next();
                if self.peek() == Some('<') {
                    self.next();
                    open.end_word();
                } else {
                    // The lines of a here-document follow rules of their own.
                    self.script.unsure = true;
                    open.redirect(Redirect::None);
                }
            }
            Some('&') => {
                self.next();
                open.redirect(Redirect::OutOrNumber);
            }
            Some('>') => {
                self.next();
                open.redirect(Redirect::Out);
            }
            _ => open.redirect(Redirect::In),
        }
    }

    fn greater(&mut self, open: &mut Open) {
        match self.peek() {
            Some('(') => return self.substitution(open),
            Some('&') => {
                self.next();
                return open.redirect(Redirect::OutOrNumber);
            }
            Some('>' | '|') => {
                self.next();
            }
            _ => (),
        }
        open.redirect(Redirect::Out);
    }

    /// At the `(` of `$(…)`, `<(…)`, `>(…)`.
    fn substitution(&mut self, open: &mut Open) {
        self.next();
        open.computed();
        self.list(Some(')'));
    }

    fn dollar(&mut self, open: &mut Open) {
        match self.peek() {
            Some('(') => self.substitution(open),
            Some('{') => {
                self.next();
                open.computed();
                self.braces(open);
            }
            Some('\'') => {
                self.next();
                open.computed();
                self.script.unsure = true;
                while let Some(ch) = self.next() {
                    match ch {
                        '\'' => break,
                        '\\' => {
                            self.next();
                        }
                        ch => open.push(ch),
                    }
                }
            }
            Some('"') => (),
            _ => {
                open.push('$');
                open.computed();
            }
        }
    }

    /// The rest of `${…}`: may hold commands of its own.
    fn braces(&mut self, open: &mut Open) {
        while let Some(ch) = self.next() {
            match ch {
                '}' => return,
                '\\' => {
                    self.next();
                }
                '$' => self.dollar(open),
                '`' => self.list(Some('`')),
                '\'' => self.single_quoted(open),
                '"' => self.double_quoted(open),
                ch => open.push(ch),
            }
        }
        self.script.unsure = true;
    }

    fn single_quoted(&mut self, open: &mut Open) {
        open.word.get_or_insert_default();
        while let Some(ch) = self.next() {
            if ch == '\'' {
                return;
            }
            open.push(ch);
        }
        self.script.unsure = true;
    }

    fn double_quoted(&mut self, open: &mut Open) {
        open.word.get_or_insert_default();
        while let Some(ch) = self.next() {
            match ch {
                '"' => return,
                '\\' => match self.next() {
                    Some('\n') => (),
                    Some(ch @ ('"' | '\\' | '$' | '`')) => open.push(ch),
                    Some(ch) => {
                        open.push('\\');
                        open.push(ch);
                    }
                    None => break,
                },
                '`' => {
                    open.computed();
                    self.list(Some('`'));
                }
                '$' if self.peek() == Some('"') => open.push('$'),
                '$' if self.peek() == Some('\'') => open.push('$'),
                '$' => self.dollar(open),
                ch => open.push(ch),
            }
        }
        self.script.unsure = true;
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|ch| ch != '\n') {
            self.at += 1;
        }
    }

    fn end_command(&mut self, open: &mut Open) {
        open.end_word();
        open.redirect = Redirect::None;
        let simple = std::mem::take(&mut open.simple);
        if simple != Simple::default() {
            self.script.commands.push(simple);
        }
    }

    fn next(&mut self) -> Option<char> {
        let ch = self.chars.get(self.at).copied();
        self.at += usize::from(ch.is_some());
        ch
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_if(&mut self, ch: char) {
        if self.peek() == Some(ch) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        parse(text).commands.iter().map(|simple| simple.text(0)).collect()
    }

    #[test]
    fn every_part_of_a_compound_command_is_found() {
        for text in ["a x && b", "a x; b", "a x | b", "a x\nb", "a x & b", "a x || b", "(a x); b", "a x |& b"]
        {
            assert_eq!(commands(text), ["a x", "b"], "{text}");
        }
        for text in
            ["a $(b)", "a `b`", "a \"$(b)\"", "a \"`b`\"", "a <(b)", "a ${x:-$(b)}", "a \"${x:-`b`}\""]
        {
            assert!(commands(text).contains(&"b".to_owned()), "{text}: {:?}", commands(text));
        }
    }

    #[test]
    fn quotes_and_comments_hide_nothing() {
        assert_eq!(commands("g\"i\"t p'us'h"), ["git push"]);
        assert_eq!(commands("g\\it pu\\\nsh"), ["git push"]);
        assert_eq!(commands("a # it's\nb"), ["a", "b"]);
        assert_eq!(commands("a 'x; y' \"p && q\""), ["a x; y p && q"]);
        assert!(parse("a 'x").unsure && parse("a <<E\n'\nE\nb").unsure && parse("$'\\x67it'").unsure);
        assert!(!parse("a <<< x").unsure);
    }

    #[test]
    fn a_redirection_is_no_word() {
        let script = parse("a x 2>&1 > out.txt < in.txt");
        assert_eq!(script.commands[0].text(0), "a x");
        assert_eq!(script.commands[0].files, ["out.txt", "in.txt"]);
        assert!(script.commands[0].writes);
        assert!(!parse("a 2>/dev/null >&2").commands[0].writes);
        assert!(parse("a &> f").commands[0].writes && parse("a >| f").commands[0].writes);
        assert!(parse("a >> f").commands[0].writes && parse("a >&f").commands[0].writes);
    }
}
