//! Keeps the documentation true: its scripts, scenarios, settings, commands and examples, tried on the binary.
//!
//! Words after the language of a code block say how to try it: ```` ```js fails ````, `name=FILE` (other blocks of
//! the page need it), `KEY=VALUE` (an argument); ```` ```json expect ```` is what the scenario before it leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fanfold_core::{Event, EventBody, FailureKind, line};
use fanfold_engine::RunReport;
use serde_json::Value;
use tempfile::TempDir;

struct Page {
    name: String,
    text: String,
}

/// A fenced block of code.
struct Block {
    /// `docs/scripts.md:12`
    place: String,
    language: String,
    words: Vec<String>,
    text: String,
}

/// An empty project with a home beside it.
struct Project {
    dir: PathBuf,
    home: PathBuf,
    _folder: TempDir,
}

#[test]
fn every_script_of_the_docs_runs_dry() {
    let mut tried = 0;
    for page in pages() {
        let project = Project::new();
        let scripts: Vec<Block> = page.blocks().into_iter().filter(Block::is_script).collect();
        for script in &scripts {
            project.file(&script.file(), &script.text);
        }
        for script in &scripts {
            let file = script.file();
            let mut words = vec!["check", &file, "--policy", "typical"];
            let args: Vec<&str> = script.args().collect();
            if !args.is_empty() {
                words.push("--args");
                words.extend(args);
            }
            let ended = project.fanfold(&words);
            let is_fine = ended.status.success();
            assert_ne!(is_fine, script.has("fails"), "{}: {}", script.place, told(&ended));
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried} scripts were found");
}

#[test]
fn every_scenario_of_the_docs_leads_to_what_they_say() {
    let mut expected = 0;
    for page in pages() {
        let project = Project::new();
        let blocks = page.blocks();
        let mut script = None;
        for (at, block) in blocks.iter().enumerate() {
            if block.is_script() {
                project.file(&block.file(), &block.text);
                script = Some(block.file());
            }
            if block.language != "yaml" {
                continue;
            }
            let script = script.as_deref().unwrap_or_else(|| panic!("{}: no script before it", block.place));
            project.file("scenario.yaml", &block.text);
            let mut words = vec!["check", script, "--scenario", "scenario.yaml"];
            if let Some(outcome) = blocks.get(at + 1).filter(|next| next.has("expect")) {
                project.file("expected.json", &outcome.text);
                words.extend(["--expect", "expected.json"]);
                expected += 1;
            }
            let ended = project.fanfold(&words);
            assert!(ended.status.success(), "{}: {}", block.place, told(&ended));
        }
    }
    assert!(expected >= 10, "{expected} outcomes were found");
}

#[test]
fn every_setting_is_documented_with_its_default_and_variable() {
    let project = Project::new();
    let documented = documented_settings();
    let fixed: Vec<&Documented> = documented.iter().filter(|one| !one.variable.is_empty()).collect();

    let defaults = project.settings(&[]);
    let names: BTreeSet<&str> = defaults.keys().map(String::as_str).collect();
    assert_eq!(names, fixed.iter().map(|one| one.key.as_str()).collect());
    for one in &fixed {
        assert_eq!(one.default.as_deref().unwrap_or(""), defaults[&one.key].0, "the default of {}", one.key);
    }

    // A value that each of them takes.
    let value = |key: &str| match defaults[key].0.as_str() {
        "" => "5".to_owned(),
        default => default.to_owned(),
    };
    let variables: Vec<(String, String)> =
        fixed.iter().map(|one| (one.variable.clone(), value(&one.key))).collect();
    let origins = project.settings(&variables);
    for one in &fixed {
        assert_eq!(one.variable, origins[&one.key].1, "the variable of {}", one.key);
    }
}

#[test]
fn the_settings_of_the_docs_are_those_that_files_can_hold() {
    let project = Project::new();
    let documented: BTreeSet<String> = documented_settings().into_iter().map(|one| one.key).collect();

    // What the docs name, files can hold: their example sets all of it.
    let all = page("docs/settings.md").blocks().into_iter().find(|block| block.language == "toml");
    project.file("~/.config/fanfold/config.toml", &all.expect("an example with every setting").text);
    let set = project.settings(&[]);
    let set: BTreeSet<String> = set
        .iter()
        .filter(|(_, (_, origin))| origin != "default")
        .map(|(key, _)| as_documented(key))
        .collect();
    assert_eq!(set, documented);

    // What files can hold, the docs name: an unknown setting is answered with the names there are.
    for table in ["", "timeouts", "script", "web", "permissions", "providers.mine", "prices.mine"] {
        let header = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
        project.file("~/.config/fanfold/config.toml", &format!("{header}qqqq = 1\n"));
        let ended = project.fanfold(&["doctor"]);
        let told = told(&ended);
        let (_, names) = told.split_once("hint: there are ").unwrap_or_else(|| panic!("{table}: {told}"));
        for name in names.lines().next().unwrap_or_default().split(", ") {
            let path = format!("{table}.{}", name.trim().trim_matches('`'));
            let path = as_documented(path.trim_start_matches('.'));
            let is_there = |key: &String| *key == path || key.starts_with(&format!("{path}."));
            assert!(documented.iter().any(is_there), "`{path}` is not in docs/settings.md");
        }
    }
}

#[test]
fn every_settings_file_of_the_docs_can_be_read() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.language == "toml") {
            let project = Project::new();
            project.file("~/.config/fanfold/config.toml", &block.text);
            let ended = project.fanfold(&["doctor"]);
            assert!(ended.status.success(), "{}: {}", block.place, told(&ended));
        }
    }
}

#[test]
fn every_command_and_flag_is_documented_and_no_other() {
    let project = Project::new();
    let commands = project.commands();
    let text: String = pages().into_iter().map(|page| page.text).collect();
    for (command, flags) in &commands {
        assert!(mentions(&text, &format!("fanfold {command}")), "`fanfold {command}` is not documented");
        for flag in flags {
            assert!(mentions(&text, flag), "`{flag}` of `fanfold {command}` is not documented");
        }
    }
    let mut typed = 0;
    for page in pages() {
        for (place, line) in page.command_lines() {
            let mut words = line.split_whitespace().skip(1);
            let command = words.next().unwrap_or_default();
            let Some(flags) = commands.get(command) else {
                panic!("{place}: there is no `fanfold {command}`")
            };
            for word in words.take_while(|word| *word != "#").filter(|word| word.starts_with("--")) {
                assert!(flags.contains(word), "{place}: `fanfold {command}` has no `{word}`");
                typed += 1;
            }
        }
    }
    assert!(typed >= 10, "{typed} flags were found in command lines");
}

#[test]
fn the_journal_and_the_result_of_the_docs_are_ones_that_the_program_reads() {
    let blocks = page("docs/runs.md").blocks();
    let decoded = line::decode(find(&blocks, "journal").text.as_bytes());
    assert_eq!((decoded.damage.as_slice(), decoded.torn_bytes), (&[][..], 0));
    let kinds: BTreeSet<String> = decoded
        .entries
        .iter()
        .map(|entry| serde_json::to_value(entry).expect("plain data")["type"].as_str().expect("a tag").into())
        .collect();
    assert_eq!(kinds, first_column(&page("docs/runs.md").text, "| entry |"));

    let document: Value = serde_json::from_str(&find(&blocks, "document").text).expect("JSON");
    let report: RunReport = serde_json::from_value(document.clone()).expect("a report");
    assert_eq!(serde_json::to_value(report).expect("plain data"), document);
}

#[test]
fn the_events_of_the_docs_are_those_that_a_run_tells() {
    let blocks = page("docs/runs.md").blocks();
    let documented = kinds_of_events(&find(&blocks, "events").text);

    let project = Project::new();
    let body = "phase('A')\nlog('x')\nreturn await agent('y')";
    project.file("w.js", &format!("export const meta = {{ name: 'w', description: 'd' }}\n{body}"));
    let ended = project.fanfold(&["run", "w.js", "--simulate", "--events"]);
    assert!(ended.status.success(), "{}", told(&ended));
    assert_eq!(kinds_of_events(&String::from_utf8_lossy(&ended.stdout)), documented);
}

#[test]
fn the_kinds_of_failures_of_the_docs_exist() {
    let kinds = first_column(&page("docs/scripts.md").text, "| kind |");
    assert!(kinds.len() >= 10, "{kinds:?}");
    for kind in kinds {
        let known: Result<FailureKind, _> = serde_json::from_value(kind.clone().into());
        assert_eq!(known.map(FailureKind::name).ok(), Some(kind.as_str()));
    }
}

#[test]
fn a_plan_leaves_no_trace_in_its_run() {
    let project = Project::new();
    project.file("w.js", "export const meta = { name: 'w', description: 'd' }\nreturn await agent('y')");
    project.file("s.yaml", "- null: true\n");
    let ended = project.fanfold(&["run", "w.js", "--scenario", "s.yaml", "--json"]);
    let report: Value = serde_json::from_slice(&ended.stdout).expect("a report");
    let run = PathBuf::from(report["run_dir"].as_str().expect("a path"));
    let files =
        || ["events.jsonl", "journal.jsonl"].map(|file| fs::read(run.join(file)).expect("it is there"));
    let before = files();
    let ended = project.fanfold(&["resume", "last", "--plan"]);
    assert!(told(&ended).contains("1 agents would be asked"), "{}", told(&ended));
    assert_eq!(files(), before);
}

#[test]
fn links_lead_somewhere() {
    let mut followed = 0;
    for page in pages() {
        for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(&page.name).parent().expect("a file in a folder").to_owned();
            let target = if file.is_empty() { root().join(&page.name) } else { folder.join(file) };
            assert!(target.exists(), "{}: `{link}` leads nowhere", page.name);
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("a page");
                let is_there =
                    text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == heading);
                assert!(is_there, "{}: `{link}`: there is no such heading", page.name);
            }
            followed += 1;
        }
    }
    assert!(followed >= 10, "{followed} links were found");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn pages() -> Vec<Page> {
    let names = [
        "README.md",
        "docs/scripts.md",
        "docs/checks.md",
        "docs/estimates.md",
        "docs/simulation.md",
        "docs/settings.md",
        "docs/runs.md",
        "docs/cost.md",
        "docs/advise.md",
        "docs/verification.md",
        "docs/sandbox.md",
    ];
    names.map(page).into()
}

fn page(name: &str) -> Page {
    let text = fs::read_to_string(root().join(name)).unwrap_or_else(|err| panic!("{name}: {err}"));
    Page { name: name.into(), text }
}

fn find<'b>(blocks: &'b [Block], word: &str) -> &'b Block {
    blocks.iter().find(|block| block.has(word)).unwrap_or_else(|| panic!("no block `{word}`"))
}

impl Page {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (at, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(info), None) => {
                    let mut words = info.split_whitespace().map(str::to_owned);
                    open = Some(Block {
                        place: format!("{}:{}", self.name, at + 1),
                        language: words.next().unwrap_or_default(),
                        words: words.collect(),
                        text: String::new(),
                    });
                }
                (None, Some(block)) => block.text += &format!("{line}\n"),
                (None, None) => (),
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", self.name);
        blocks
    }

    /// What readers are told to type: lines of blocks, and pieces of text, that start with the program's name.
    fn command_lines(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut in_block = false;
        for (at, line) in self.text.lines().enumerate() {
            if line.starts_with("```") {
                in_block = !in_block;
                continue;
            }
            let pieces: Vec<&str> = match in_block {
                true => vec![line.trim_start_matches("$ ")],
                false => line.split('`').skip(1).step_by(2).collect(),
            };
            let typed = pieces.into_iter().filter(|piece| piece.starts_with("fanfold "));
            found.extend(typed.map(|piece| (format!("{}:{}", self.name, at + 1), piece.to_owned())));
        }
        found
    }
}

impl Block {
    fn is_script(&self) -> bool {
        ["js", "ts"].contains(&self.language.as_str()) && self.text.starts_with("export const meta")
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    fn file(&self) -> String {
        let name = self.words.iter().find_map(|word| word.strip_prefix("name="));
        let unnamed = || format!("{}.{}", self.place.replace(['/', ':', '.'], "-"), self.language);
        name.map_or_else(unnamed, str::to_owned)
    }

    fn args(&self) -> impl Iterator<Item = &str> {
        let pairs = self.words.iter().filter(|word| word.contains('=') && !word.starts_with("name="));
        pairs.map(String::as_str)
    }
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (dir, home) = (folder.path().join("project"), folder.path().join("home"));
        for dir in [&dir, &home, &dir.join(".git")] {
            fs::create_dir(dir).expect("a new folder");
        }
        Self { dir, home, _folder: folder }
    }

    fn file(&self, path: &str, text: &str) {
        let path = match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.dir.join(path),
        };
        fs::create_dir_all(path.parent().expect("beneath a folder")).expect("new folders");
        fs::write(&path, text).expect("a new file");
    }

    fn fanfold(&self, words: &[&str]) -> Output {
        self.fanfold_with(words, &[])
    }

    fn fanfold_with(&self, words: &[&str], variables: &[(String, String)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fanfold"));
        command.args(words).current_dir(&self.dir).env_clear().env("HOME", &self.home).env("LANG", "C.UTF-8");
        command.envs(variables.iter().cloned()).output().expect("the binary is built")
    }

    /// Key to value and origin, as `doctor` has them. Lists repeat their key; the last one is kept.
    fn settings(&self, variables: &[(String, String)]) -> BTreeMap<String, (String, String)> {
        let ended = self.fanfold_with(&["doctor", "--json"], variables);
        assert!(ended.status.success(), "{}", told(&ended));
        let document: Value = serde_json::from_slice(&ended.stdout).expect("JSON");
        let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
        let rows = document["settings"].as_array().expect("a list");
        rows.iter().map(|row| (text(row, "key"), (text(row, "value"), text(row, "origin")))).collect()
    }

    /// Every command with its flags, as `--help` has them.
    fn commands(&self) -> BTreeMap<String, BTreeSet<String>> {
        let help = |words: &[&str]| String::from_utf8(self.fanfold(words).stdout).expect("UTF-8");
        let top = help(&["--help"]);
        let (_, list) = top.split_once("Commands:\n").expect("a list of commands");
        let names = list.lines().take_while(|line| !line.trim().is_empty());
        let names = names.filter_map(|line| line.split_whitespace().next());
        names.map(|name| (name.to_owned(), flags(&help(&[name, "--help"])))).collect()
    }
}

fn flags(help: &str) -> BTreeSet<String> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let flags = lines.filter_map(|line| {
        let flag = &line[line.find("--")?..];
        let end = flag.find(|ch: char| !ch.is_ascii_lowercase() && ch != '-').unwrap_or(flag.len());
        Some(flag[..end].to_owned())
    });
    flags.filter(|flag| flag != "--help" && flag != "--version").collect()
}

struct Documented {
    key: String,
    /// `None`: the docs say what happens, the program has no value to show.
    default: Option<String>,
    /// Empty for what only files can say.
    variable: String,
}

fn documented_settings() -> Vec<Documented> {
    let rows = table(&page("docs/settings.md").text, "| setting |");
    let plain = |cell: &str| cell.trim_matches('`').to_owned();
    let documented = rows.iter().map(|row| Documented {
        key: plain(&row[0]),
        default: row[2].starts_with('`').then(|| plain(&row[2])),
        variable: plain(&row[3]),
    });
    documented.collect()
}

/// `providers.mine.headers.x-team` as `providers.NAME.headers.HEADER`, `prices.mine/big.input` as `prices.MODEL.input`.
fn as_documented(key: &str) -> String {
    let mut parts: Vec<&str> = key.split('.').collect();
    if ["providers", "aliases"].contains(&parts[0]) && parts.len() > 1 {
        parts[1] = "NAME";
    }
    if parts[0] == "prices" && parts.len() > 1 {
        parts[1] = "MODEL";
    }
    if parts.len() == 4 && parts[2] == "headers" {
        parts[3] = "HEADER";
    }
    parts.join(".")
}

/// The cells of the table whose first line starts with `head`.
fn table(text: &str, head: &str) -> Vec<Vec<String>> {
    let from = text.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = from.take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.split('|').skip(1).map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

fn first_column(text: &str, head: &str) -> BTreeSet<String> {
    table(text, head).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
}

fn kinds_of_events(lines: &str) -> BTreeSet<String> {
    let kind = |line: &str| {
        let event: Event = serde_json::from_str(line).expect("an event");
        assert!(!matches!(event.body, EventBody::Other(_)), "of an unknown kind: {line}");
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["type"].as_str().expect("a tag").to_owned()
    };
    lines.lines().map(kind).collect()
}

/// Whether `word` stands in `text` by itself.
fn mentions(text: &str, word: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|ch: char| ch.is_ascii_alphanumeric() || ch == '-');
    text.match_indices(word).any(|(at, _)| ends(&text[at + word.len()..]))
}

/// A heading as links name it.
fn slug(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|ch| ch.is_alphanumeric() || matches!(ch, ' ' | '-' | '_'));
    kept.map(|ch| if ch == ' ' { '-' } else { ch }).collect()
}

fn told(ended: &Output) -> String {
    [&ended.stderr[..], &ended.stdout].map(String::from_utf8_lossy).concat()
}
