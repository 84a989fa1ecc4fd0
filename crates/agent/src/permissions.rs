//! What agents may do: rules by tool and pattern. Deny beats ask beats allow.
//!
//! What no rule speaks of is allowed: reading always, and the rest unless there are `allow` rules for that
//! tool, which then are a closed list.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::shell::{self, Script, Simple};
use crate::tools::{Tool, ToolSet};

/// Rules as people write them: `Bash(git push:*)`, `Read(./secrets/**)`, `WebFetch(domain:example.com)`,
/// `Edit(src/**)`, a bare `Bash`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PermissionRules {
    pub allow: Vec<String>,
    pub ask: Vec<String>,
    pub deny: Vec<String>,
    pub asked: Asked,
}

/// What an `ask` rule means: nobody is there to be asked in the middle of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    #[default]
    Refused,
    Allowed,
}

/// How a file is touched. Listing and searching are reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Edit,
}

/// [`PermissionRules`], compiled.
#[derive(Clone, Debug)]
pub struct Permissions {
    allow: Vec<Rule>,
    ask: Vec<Rule>,
    deny: Vec<Rule>,
    asked: Asked,
    root: PathBuf,
    source: PermissionRules,
}

/// Denied whatever the rules say.
const ALWAYS_DENIED: [&str; 6] = [
    "Read(.env*)",
    "Read(/.fanfold/runs/**)",
    "Edit(/.fanfold/runs/**)",
    // What these allow holds from the next run on.
    "Edit(/.fanfold/config.toml)",
    "Edit(/.claude/settings.json)",
    "Edit(/.claude/settings.local.json)",
];

/// Programs that run a command given as one of their words.
const INTERPRETERS: [&str; 10] = ["sh", "bash", "dash", "zsh", "ksh", "eval", "env", "su", "sudo", "xargs"];

#[derive(Clone, Debug)]
struct Rule {
    text: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Tool(Tool),
    Path(Access, GlobSet),
    Command(Regex),
    /// A host; `true`: those beneath it too.
    Host(String, bool),
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Allow,
    /// Ask and deny: matched more widely.
    Restrict,
}

impl Permissions {
    /// `root`: the workspace, for patterns of absolute paths. The strings are warnings about rules that
    /// cannot have an effect here. `Err` names the rule that cannot be read.
    pub fn new(rules: &PermissionRules, root: &Path) -> Result<(Self, Vec<String>), String> {
        let mut warnings = Vec::new();
        let mut compiled = |texts: &[String], side| -> Result<Vec<Rule>, String> {
            let mut list = Vec::new();
            for text in texts {
                match rule(text, root, side)? {
                    Ok(rule) => list.push(rule),
                    Err(warning) => warnings.push(warning),
                }
            }
            Ok(list)
        };
        let mut denied: Vec<String> = ALWAYS_DENIED.map(str::to_owned).to_vec();
        denied.extend(rules.deny.iter().cloned());
        let permissions = Self {
            allow: compiled(&rules.allow, Side::Allow)?,
            ask: compiled(&rules.ask, Side::Restrict)?,
            deny: compiled(&denied, Side::Restrict)?,
            asked: rules.asked,
            root: root.to_owned(),
            source: rules.clone(),
        };
        Ok((permissions, warnings))
    }

    /// What they were made of.
    pub fn source(&self) -> (&PermissionRules, &Path) {
        (&self.source, &self.root)
    }

    /// Tools that need not even be offered.
    pub fn denied_tools(&self) -> ToolSet {
        let refused = self.deny.iter().chain(self.ask.iter().filter(|_| self.asked == Asked::Refused));
        refused
            .filter_map(|rule| match rule.what {
                What::Tool(tool) => Some(tool),
                What::Path(..) | What::Command(_) | What::Host(..) => None,
            })
            .flat_map(|tool| match tool {
                // One rule for both, since either can do the work of the other.
                Tool::Write | Tool::Edit => vec![Tool::Write, Tool::Edit],
                tool => vec![tool],
            })
            .collect()
    }

    /// `path`: relative to the workspace. `Err` is for the model.
    pub fn check_path(&self, access: Access, path: &Path) -> Result<(), String> {
        if access == Access::Edit && path.iter().any(|part| is_dot_git(&part.to_string_lossy())) {
            return Err(format!("{}: git's own files cannot be changed", path.display()));
        }
        let matches = |rule: &Rule| match &rule.what {
            What::Path(of, globs) => *of == access && globs.is_match(path),
            What::Tool(tool) => match access {
                Access::Read => *tool == Tool::Read,
                Access::Edit => matches!(tool, Tool::Write | Tool::Edit),
            },
            What::Command(_) | What::Host(..) => false,
        };
        let of_tool = |rule: &Rule| match (&rule.what, access) {
            (What::Path(of, _), Access::Edit) => *of == Access::Edit,
            (What::Tool(tool), Access::Edit) => matches!(tool, Tool::Write | Tool::Edit),
            _ => false,
        };
        self.decide(matches, || self.allow.iter().any(matches), of_tool)
    }

    /// `host`: as in the address, lower case.
    pub fn check_host(&self, host: &str) -> Result<(), String> {
        let matches = |rule: &Rule| match &rule.what {
            What::Host(name, beneath) => {
                host == name
                    || (*beneath && host.strip_suffix(name.as_str()).is_some_and(|sub| sub.ends_with('.')))
            }
            What::Tool(tool) => *tool == Tool::WebFetch,
            What::Path(..) | What::Command(_) => false,
        };
        let of_tool = |rule: &Rule| matches!(rule.what, What::Host(..) | What::Tool(Tool::WebFetch));
        self.decide(matches, || self.allow.iter().any(matches), of_tool)
    }

    pub fn check_command(&self, command: &str) -> Result<(), String> {
        let script = shell::parse(command);
        let restricted = |rule: &Rule| match &rule.what {
            What::Tool(tool) => *tool == Tool::Bash,
            What::Command(pattern) => runs(pattern, command, &script, 0),
            What::Path(Access::Read, globs) => self.names_a_file(&script, globs),
            What::Path(Access::Edit, globs) => self.writes_a_file(&script, globs),
            What::Host(..) => false,
        };
        let of_tool = |rule: &Rule| matches!(rule.what, What::Command(_) | What::Tool(Tool::Bash));
        self.decide(restricted, || self.allows(&script), of_tool)?;
        let patterned = self.deny.iter().chain(&self.ask).any(|rule| matches!(rule.what, What::Command(_)));
        let hidden = script.commands.iter().any(hides_its_name);
        if patterned && hidden && !self.allow.iter().any(|rule| matches!(rule.what, What::Tool(Tool::Bash))) {
            return Err(
                "refused: what it runs is only known when it runs; write the command's name out".into()
            );
        }
        Ok(())
    }

    fn decide(
        &self,
        restricted: impl Fn(&Rule) -> bool,
        allowed: impl Fn() -> bool,
        of_tool: impl Fn(&Rule) -> bool,
    ) -> Result<(), String> {
        if let Some(rule) = self.deny.iter().find(|rule| restricted(rule)) {
            return Err(refusal(&format!("the rule `deny {}`", rule.text)));
        }
        if let Some(rule) = self.ask.iter().find(|rule| restricted(rule)) {
            return match self.asked {
                Asked::Allowed => Ok(()),
                Asked::Refused => Err(refusal(&format!(
                    "the rule `ask {}` (nobody is there to be asked during a run)",
                    rule.text
                ))),
            };
        }
        if !self.allow.iter().any(of_tool) || allowed() {
            return Ok(());
        }
        match self.asked {
            Asked::Allowed => Ok(()),
            Asked::Refused => Err(refusal("the rules: none of those that allow this tool matches")),
        }
    }

    /// Every part must be allowed, and there must be no part that could be overlooked.
    fn allows(&self, script: &Script) -> bool {
        if self.allow.iter().any(|rule| matches!(rule.what, What::Tool(Tool::Bash))) {
            return true;
        }
        let part_is_allowed = |simple: &Simple| {
            let text = simple.text(0);
            let plain = !simple.writes && simple.assignments() == 0 && !hides_its_name(simple);
            plain
                && self.allow.iter().any(|rule| match &rule.what {
                    What::Command(pattern) => pattern.is_match(&text),
                    What::Tool(_) | What::Path(..) | What::Host(..) => false,
                })
        };
        !script.unsure && script.commands.iter().all(part_is_allowed)
    }

    /// Whether a word names a file that may not be read. Best effort: a program can read what no word says.
    fn names_a_file(&self, script: &Script, globs: &GlobSet) -> bool {
        let words = script.commands.iter().flat_map(|simple| {
            simple.words.iter().map(|word| word.text.as_str()).chain(simple.files.iter().map(String::as_str))
        });
        words.flat_map(|word| [word, word.rsplit(['=', ':', '@']).next().unwrap_or(word)]).any(|word| {
            let path = plain_path(word, &self.root);
            !path.as_os_str().is_empty() && globs.is_match(path)
        })
    }

    fn writes_a_file(&self, script: &Script, globs: &GlobSet) -> bool {
        let files = script.commands.iter().filter(|simple| simple.writes).flat_map(|simple| &simple.files);
        files.into_iter().any(|file| globs.is_match(plain_path(file, &self.root)))
    }
}

/// Whether any part of the command runs what `pattern` forbids, behind whatever it is put.
fn runs(pattern: &Regex, text: &str, script: &Script, depth: usize) -> bool {
    if depth > 3 {
        return false;
    }
    let by_part = script.commands.iter().any(|simple| {
        // A quoted text is no name of a program.
        let is_name = |from: &usize| !simple.words[*from].text.contains(char::is_whitespace);
        let at_some_word = (0..simple.words.len()).filter(is_name).any(|from| {
            let text = simple.text(from);
            let program = simple.words[from].text.rsplit('/').next().unwrap_or_default();
            let without_folder = &text[simple.words[from].text.len() - program.len()..];
            pattern.is_match(&text) || pattern.is_match(without_folder)
        });
        let interprets = simple
            .words
            .iter()
            .any(|word| INTERPRETERS.contains(&word.text.rsplit('/').next().unwrap_or_default()));
        at_some_word
            || (interprets
                && simple
                    .words
                    .iter()
                    .filter(|word| word.text.contains(char::is_whitespace))
                    .any(|word| runs(pattern, &word.text, &shell::parse(&word.text), depth + 1)))
    });
    // What quotes seem to hide may be lines of a here-document.
    let by_line = || {
        script.unsure
            && text.lines().count() > 1
            && text.lines().any(|line| runs(pattern, line, &shell::parse(line), depth + 1))
    };
    by_part || by_line()
}

fn hides_its_name(simple: &Simple) -> bool {
    let plain = ["[", "[[", "{", "!"];
    simple
        .words
        .get(simple.assignments())
        .is_some_and(|word| word.computed && !plain.contains(&word.text.as_str()))
}

fn refusal(by: &str) -> String {
    format!("refused by {by}. do not look for a way round it; if the task needs it, say so in your result")
}

/// The outer `Err` is a rule that cannot be read, the inner one that can have no effect.
fn rule(text: &str, root: &Path, side: Side) -> Result<Result<Rule, String>, String> {
    let text = text.trim();
    let (name, pattern) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(pattern) => (name, Some(pattern.trim())),
            None => return Err(format!("bad rule `{text}`: it lacks the closing `)`")),
        },
    };
    let Some(tool) = Tool::parse(name) else {
        return Ok(Err(format!("the rule `{text}` has no effect: there is no tool `{name}`")));
    };
    let what = match pattern {
        None | Some("" | "*" | "**") => What::Tool(tool),
        Some(pattern) => match tool {
            Tool::Read | Tool::Glob | Tool::Grep => match globs(pattern, root, side)? {
                Some(globs) => What::Path(Access::Read, globs),
                None => return Ok(Err(outside(text))),
            },
            Tool::Write | Tool::Edit => match globs(pattern, root, side)? {
                Some(globs) => What::Path(Access::Edit, globs),
                None => return Ok(Err(outside(text))),
            },
            Tool::Bash => What::Command(command_pattern(pattern)),
            Tool::WebFetch => {
                let Some(host) = pattern.strip_prefix("domain:") else {
                    return Err(format!("bad rule `{text}`: write it as WebFetch(domain:example.com)"));
                };
                let host = host.trim().to_lowercase();
                match host.strip_prefix("*.") {
                    Some(host) => What::Host(host.to_owned(), true),
                    None => What::Host(host, side == Side::Restrict),
                }
            }
            Tool::WebSearch => {
                return Err(format!("bad rule `{text}`: WebSearch takes no pattern"));
            }
        },
    };
    Ok(Ok(Rule { text: text.to_owned(), what }))
}

fn outside(text: &str) -> String {
    format!("the rule `{text}` has no effect: file tools reach nothing outside the workspace")
}

/// As in .gitignore: without a slash a name anywhere, else from the workspace's root; a folder means all in
/// it. `//x` is an absolute path. `None`: it can match nothing in the workspace.
fn globs(pattern: &str, root: &Path, side: Side) -> Result<Option<GlobSet>, String> {
    let anchored = if let Some(absolute) = pattern.strip_prefix("//") {
        let absolute = format!("/{absolute}");
        match absolute.strip_prefix(&*root.to_string_lossy()) {
            Some(rest) => rest.trim_start_matches('/').to_owned(),
            None => return Ok(None),
        }
    } else if pattern.starts_with("~/") {
        return Ok(None);
    } else {
        let plain = pattern.strip_prefix("./").unwrap_or(pattern);
        let trimmed = plain.trim_end_matches('/');
        let bare = !trimmed.contains('/') && !pattern.starts_with("./");
        if bare { format!("**/{trimmed}") } else { trimmed.trim_start_matches('/').to_owned() }
    };
    let mut set = GlobSetBuilder::new();
    for glob in [anchored.clone(), format!("{anchored}/**")] {
        let glob = GlobBuilder::new(&glob)
            .literal_separator(true)
            // Some file systems do not tell cases apart.
            .case_insensitive(side == Side::Restrict)
            .build()
            .map_err(|err| format!("bad pattern `{pattern}`: {err}"))?;
        set.add(glob);
    }
    set.build().map(Some).map_err(|err| format!("bad pattern `{pattern}`: {err}"))
}

/// `git push:*` is `git push` with or without more words; a `*` elsewhere is any text.
fn command_pattern(pattern: &str) -> Regex {
    let (start, open) = match pattern.strip_suffix(":*") {
        Some(start) => (start, "(?: .*)?"),
        None => match pattern.strip_suffix(" *") {
            Some(start) => (start, "(?: .*)?"),
            None => (pattern, ""),
        },
    };
    let words = start.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = words.split('*').map(regex::escape).collect();
    let regex = format!("(?s)^{}{open}$", parts.join(".*"));
    Regex::new(&regex).expect("made of escaped text")
}

/// `word` as a path relative to `root`, by its spelling alone.
fn plain_path(word: &str, root: &Path) -> PathBuf {
    let path = Path::new(word);
    let mut plain = PathBuf::new();
    for part in path.strip_prefix(root).unwrap_or(path).components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => (),
        }
    }
    plain
}

/// In any case, and with the characters that some file systems overlook.
fn is_dot_git(name: &str) -> bool {
    let overlooked = |ch: char| matches!(ch, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let seen: String = name.chars().filter(|ch| !overlooked(*ch)).collect();
    seen.trim_end_matches([' ', '.']).eq_ignore_ascii_case(".git")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(allow: &[&str], ask: &[&str], deny: &[&str]) -> Permissions {
        let list = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
        let rules =
            PermissionRules { allow: list(allow), ask: list(ask), deny: list(deny), asked: Asked::Refused };
        let (permissions, warnings) = Permissions::new(&rules, Path::new("/ws")).expect("good rules");
        assert_eq!(warnings, Vec::<String>::new());
        permissions
    }

    #[test]
    fn an_allowed_command_does_not_carry_others_with_it() {
        let rules = permissions(&["Bash(git status:*)", "Bash(ls:*)", "Bash(npm run test*)"], &[], &[]);
        for command in [
            "git status",
            "git status -s",
            "ls && git status",
            "ls | ls",
            "ls 2>/dev/null",
            "npm run test:unit",
            "ls \"a b\"",
            "ls; # rm",
        ] {
            assert_eq!(rules.check_command(command), Ok(()), "{command}");
        }
        for command in [
            "git statusx",
            "rm x",
            "ls && rm x",
            "ls; rm x",
            "ls | rm x",
            "ls & rm x",
            "ls\nrm x",
            "ls $(rm x)",
            "ls `rm x`",
            "ls \"$(rm x)\"",
            "ls <(rm x)",
            "ls ${x:-$(rm x)}",
            "ls > x",
            "PATH=. ls",
            "(rm x)",
            "ls # it's\nrm x",
            "ls <<'E'\n'\nE\nrm x",
            "ls 'x",
            "$x ls",
        ] {
            assert!(rules.check_command(command).is_err(), "{command}");
        }
    }

    #[test]
    fn a_denied_command_is_found_in_every_part() {
        let rules = permissions(&["Bash"], &[], &["Bash(git push:*)"]);
        for command in [
            "git push",
            "git push origin",
            "ls && git push",
            "ls; git push",
            "ls | git push",
            "ls\ngit push",
            "echo $(git push)",
            "echo \"`git push`\"",
            "g'i't  pu\"sh\"",
            "/usr/bin/git push",
            "sudo git push",
            "A=1 git push",
            "sh -c 'ls; git push'",
            "if true; then git push; fi",
            "cat <<'E'\n'\nE\ngit push",
        ] {
            assert!(rules.check_command(command).is_err(), "{command}");
        }
        for command in ["git status", "git pushx", "git commit -m 'git push later'", "git log"] {
            assert_eq!(rules.check_command(command), Ok(()), "{command}");
        }
    }

    #[test]
    fn a_computed_command_name_is_refused_where_it_could_evade_a_rule() {
        let denying = permissions(&[], &[], &["Bash(git push:*)"]);
        assert!(denying.check_command("$G push").is_err());
        assert!(denying.check_command("g?t push").is_err());
        assert_eq!(denying.check_command("[ -f x ] && ls *.rs"), Ok(()));
        assert_eq!(permissions(&[], &[], &[]).check_command("$G push"), Ok(()));
    }

    #[test]
    fn deny_beats_ask_beats_allow() {
        let rules = permissions(&["Edit(src/**)"], &["Edit(src/gen/**)"], &["Edit(src/gen/keep/**)"]);
        let edit = |path: &str| rules.check_path(Access::Edit, Path::new(path));
        assert_eq!(edit("src/a.rs"), Ok(()));
        assert!(edit("src/gen/a.rs").expect_err("ask").contains("ask Edit(src/gen/**)"));
        assert!(edit("src/gen/keep/a.rs").expect_err("deny").contains("deny Edit(src/gen/keep/**)"));
        assert!(edit("tests/a.rs").is_err(), "the allow rules are a closed list");
        assert_eq!(rules.check_path(Access::Read, Path::new("tests/a.rs")), Ok(()));
    }

    #[test]
    fn an_ask_rule_can_be_answered_with_yes() {
        let rules = PermissionRules { ask: vec!["Bash".into()], asked: Asked::Allowed, ..Default::default() };
        let (rules, _) = Permissions::new(&rules, Path::new("/ws")).expect("good");
        assert_eq!(rules.check_command("ls"), Ok(()));
        assert!(rules.denied_tools().is_empty());
        assert!(permissions(&[], &["Bash"], &[]).denied_tools().contains(Tool::Bash));
    }

    #[test]
    fn secrets_and_the_runs_own_files_are_out_of_reach_by_default() {
        let rules = permissions(&[], &[], &["Read(./secrets)", "Read(//ws/keys/**)"]);
        let read = |path: &str| rules.check_path(Access::Read, Path::new(path));
        for path in [
            ".env",
            "a/.env.local",
            ".ENV",
            ".fanfold/runs/wf_1/journal.jsonl",
            "secrets/a",
            "Secrets/a",
            "keys/a",
        ] {
            assert!(read(path).is_err(), "{path}");
        }
        for path in ["env", "a/secrets/x", ".fanfold/workflows/a.js", "environment.rs"] {
            assert_eq!(read(path), Ok(()), "{path}");
        }
        for command in ["cat .env", "cat ./a/../.env", "cp --from=.env x", "cat < .env", "cat /ws/.env"] {
            assert!(rules.check_command(command).is_err(), "{command}");
        }
        let own = [".fanfold/config.toml", ".claude/settings.json", ".claude/Settings.local.json"];
        for path in [".git/config", "sub/.GIT/hooks/x", ".g\u{200c}it/x"].into_iter().chain(own) {
            assert!(rules.check_path(Access::Edit, Path::new(path)).is_err(), "{path}");
        }
        assert_eq!(rules.check_path(Access::Edit, Path::new(".github/x")), Ok(()));
    }

    #[test]
    fn hosts_are_matched_whole() {
        let rules = permissions(&["WebFetch(domain:example.com)", "WebFetch(domain:*.rs)"], &[], &[]);
        assert_eq!(rules.check_host("example.com"), Ok(()));
        assert_eq!(rules.check_host("docs.rs"), Ok(()));
        for host in ["www.example.com", "evil-example.com", "example.com.evil.org"] {
            assert!(rules.check_host(host).is_err(), "{host}");
        }
        let rules = permissions(&[], &[], &["WebFetch(domain:example.com)"]);
        assert!(rules.check_host("www.example.com").is_err(), "a denied host takes those beneath it along");
        assert_eq!(rules.check_host("evil-example.com"), Ok(()));
    }

    #[test]
    fn a_rule_that_can_do_nothing_is_told() {
        let rules = PermissionRules {
            deny: vec!["mcp__x__y".into(), "Read(~/.ssh/**)".into()],
            ..Default::default()
        };
        let (_, warnings) = Permissions::new(&rules, Path::new("/ws")).expect("readable");
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        let rules = PermissionRules { deny: vec!["Bash(git".into()], ..Default::default() };
        assert!(Permissions::new(&rules, Path::new("/ws")).expect_err("open").contains("closing"));
    }
}
