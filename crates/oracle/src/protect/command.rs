//! What a command line runs: its programs, and the files of the project that say what they do.

use crate::spec::Check;

/// One simple command of a line of `sh`.
#[derive(Debug)]
pub struct Command {
    /// Its first word, without what sets its environment.
    pub program: String,
    /// Where it starts, relative to the root of the tree.
    pub folder: String,
    /// `./check.sh`, or what an interpreter is given: relative to the root of the tree.
    pub scripts: Vec<String>,
    /// What follows the program, but for options and settings.
    pub words: Vec<String>,
}

const INTERPRETERS: [&str; 15] = [
    "sh", "bash", "dash", "zsh", "python", "python3", "node", "deno", "bun", "ruby", "perl", "php", "tsx",
    "ts-node", "source",
];
const WRAPPERS: [&str; 8] = ["env", "exec", "time", "timeout", "nice", "command", "xvfb-run", "!"];

/// Split by words as a person would: no shell is asked. What is not seen here is still run as it was, if it is
/// no file of the work.
pub fn commands(check: &Check, within: &dyn Fn(&str) -> String) -> Vec<Command> {
    let folder = within(check.cwd.as_deref().unwrap_or("")).trim_matches('/').to_owned();
    of_text(&check.command, &folder)
}

/// Of lines of sh that start in this folder.
pub fn of_text(text: &str, folder: &str) -> Vec<Command> {
    let parts = text.split(['|', '&', ';', '\n', '(', ')', '{', '}']);
    parts.filter_map(|part| command(part, folder)).collect()
}

fn command(text: &str, folder: &str) -> Option<Command> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']).to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    let is_setting = |word: &String| word.contains('=') && !word.starts_with('-');
    let is_number = |word: &String| word.trim_end_matches(['s', 'm', 'h']).parse::<f64>().is_ok();
    let start = words.iter().position(|word| {
        !is_setting(word) && !WRAPPERS.contains(&word.as_str()) && !is_number(word) && !word.starts_with('-')
    })?;
    let program = words[start].clone();
    let name = program.rsplit('/').next().unwrap_or_default();
    let mut scripts = Vec::new();
    if program.contains('/') && !program.starts_with('/') {
        scripts.push(program.as_str());
    }
    if INTERPRETERS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
        || INTERPRETERS.contains(&name)
    {
        let given = words[start + 1..].iter().take_while(|word| !matches!(word.as_str(), "-c" | "-e" | "-m"));
        scripts.extend(given.map(String::as_str).find(|word| !word.starts_with('-')));
    }
    let scripts =
        scripts.into_iter().filter(|script| !script.starts_with('/')).map(|script| resolve(folder, script));
    let scripts = scripts.collect();
    let is_word = |word: &&String| !word.starts_with('-') && !word.contains('=');
    let words = words[start + 1..].iter().filter(is_word).cloned().collect();
    Some(Command { scripts, program, folder: folder.to_owned(), words })
}

impl Command {
    pub fn runs_scripts_of_npm(&self) -> bool {
        matches!(self.program.as_str(), "npm" | "yarn" | "pnpm" | "bun" | "npx" | "corepack")
    }
}

fn resolve(folder: &str, script: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in script.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
