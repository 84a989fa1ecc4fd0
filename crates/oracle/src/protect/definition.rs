//! What the command runs in turn: scripts that a script calls, recipes of a Makefile, scripts of npm.
//!
//! Read as a person would skim them. Only files that are scripts of a check by their names are taken: a program
//! that a recipe happens to run may be the work itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::command::{Command, of_text};
use super::names::{MADE_BY, join};

const FILES_MAX: usize = 100;
const TARGETS_MAX: usize = 200;

/// Files of the start. `read`: the text of one of them.
pub fn in_turn(
    commands: &[Command],
    start: &[String],
    read: &dyn Fn(&str) -> Option<String>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut todo: Vec<(String, String)> = commands.iter().flat_map(|command| texts(command, read)).collect();
    let mut direct: Vec<(String, String)> = commands
        .iter()
        .flat_map(|command| command.scripts.iter().map(|script| (script.clone(), command.folder.clone())))
        .collect();
    while seen.len() < FILES_MAX {
        if let Some((script, folder)) = direct.pop() {
            let is_new = start.contains(&script) && seen.insert(script.clone());
            if let Some(text) = is_new.then(|| read(&script)).flatten().filter(|text| is_shell(&script, text))
            {
                todo.push((text, folder));
            }
        } else if let Some((text, folder)) = todo.pop() {
            for command in of_text(&text, &folder) {
                if seen.insert(format!("{} {}", command.program, command.words.join(" "))) {
                    todo.extend(texts(&command, read));
                }
                for script in command.scripts.iter().filter(|script| start.contains(script)) {
                    if is_of_a_check(script) {
                        found.insert(script.clone());
                        direct.push((script.clone(), folder.clone()));
                    }
                }
            }
        } else {
            break;
        }
    }
    found
}

/// The lines of sh that a command has from a file: with the folder that they start in.
fn texts(command: &Command, read: &dyn Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let in_folder = |name: &&str| read(&join(&command.folder, name));
    let text = match command.program.as_str() {
        "make" | "gmake" | "just" => {
            let names = MADE_BY.iter().find(|(program, _)| *program == command.program);
            let file = names.and_then(|(_, names)| names.iter().find_map(in_folder));
            file.map(|file| recipes(&file, &command.words))
        }
        "npm" | "yarn" | "pnpm" | "bun" => in_folder(&"package.json").and_then(|file| {
            let json: Value = serde_json::from_str(&file).ok()?;
            let name = command.words.iter().find(|word| !matches!(word.as_str(), "run" | "run-script"))?;
            let name = if name == "t" { "test" } else { name };
            let of = |name: &str| json["scripts"][name].as_str().map(str::to_owned);
            let all = [of(&format!("pre{name}")), of(name), of(&format!("post{name}"))];
            Some(all.into_iter().flatten().collect::<Vec<_>>().join("\n"))
        }),
        _ => None,
    };
    text.map(|text| (text, command.folder.clone())).into_iter().collect()
}

/// Of these targets, else of the first one, and of all that they need.
fn recipes(file: &str, targets: &[String]) -> String {
    let mut rules: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    let mut current: Vec<&str> = Vec::new();
    let mut first = None;
    for line in file.lines() {
        if line.starts_with(['\t', ' ']) {
            for target in &current {
                rules.entry(target).or_default().1.push(line.trim().trim_start_matches(['@', '-', '+']));
            }
        } else if let Some((names, needs)) = line.split_once(':').filter(|_| !line.starts_with('#')) {
            current = names.split_whitespace().take(if names.contains('$') { 0 } else { 20 }).collect();
            for target in &current {
                // Of a justfile the name stands before its parameters: those are no targets anybody asks for.
                let needs = needs.trim_start_matches([':', '=']).split('#').next().unwrap_or_default();
                rules.entry(target).or_default().0.extend(needs.split_whitespace());
            }
            first = first.or(current.first().filter(|name| !name.starts_with('.')).copied());
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            current.clear();
        }
    }
    let named = targets.iter().map(String::as_str).filter(|target| rules.contains_key(target));
    let mut todo: Vec<&str> = named.collect();
    if todo.is_empty() {
        todo.extend(first);
    }
    let (mut seen, mut text) = (BTreeSet::new(), String::new());
    while let Some(target) = todo.pop().filter(|_| seen.len() < TARGETS_MAX) {
        if let Some((needs, lines)) = rules.get(target).filter(|_| seen.insert(target)) {
            todo.extend(needs);
            text.push_str(&lines.join("\n"));
            text.push('\n');
        }
    }
    text
}

fn is_shell(path: &str, text: &str) -> bool {
    static SHELL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^#!.*\b(?:ba|da|z|k)?sh\b").expect("a good pattern"));
    [".sh", ".bash", ".zsh"].iter().any(|end| path.ends_with(end)) || SHELL.is_match(text)
}

/// `ci/check.py`, `scripts/run`, `check.sh`; not `src/main.py`.
fn is_of_a_check(path: &str) -> bool {
    static CHECK: LazyLock<Regex> = LazyLock::new(|| {
        let folders = r"(?:^|/)(?:ci|\.ci|\.github|scripts?|tools?|hack|bin|build-aux|checks?)/";
        let names =
            r"(?:^|[/_.-])(?:tests?|checks?|verify|ci|run[-_]?tests?)(?:[_.-][^/]*)?$|\.(?:sh|bash|zsh)$";
        Regex::new(&format!("{folders}|{names}")).expect("a good pattern")
    });
    CHECK.is_match(path)
}
