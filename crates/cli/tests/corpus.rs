//! A corpus of workflow scripts as people write them: each has its outcome under every policy of the simulated
//! model, and together they have every idiom of the dialect.
//!
//! `corpus/README.md` is the index. `UPDATE=1 cargo test -p fanfold --test corpus` writes the outcomes anew: read the
//! difference before you commit it, an outcome is a promise.

#[expect(dead_code, reason = "of what the tests of the binary have, a part is enough here")]
#[path = "binary/model.rs"]
mod model;
#[expect(dead_code, reason = "of what the tests of the binary have, a part is enough here")]
#[path = "binary/project.rs"]
mod project;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fanfold_core::key::short_digest;
use serde_json::{Value, json};

use crate::project::Project;

const POLICIES: [&str; 6] = ["typical", "negative", "empty", "nulls", "all-null", "wide"];
/// A result longer than this is kept as its digest and its beginning.
const WHOLE_BYTES_MAX: usize = 500;
const HEAD_CHARS: usize = 160;

/// What the corpus has to cover; the index says where.
const IDIOMS: [&str; 93] = [
    // Of the language.
    "top-level await",
    "top-level return",
    "template literals",
    "regex with u",
    "regex with g",
    "named groups",
    "Set",
    "Map",
    "Promise.all",
    "Promise.race",
    "Promise.any",
    "Promise.allSettled",
    "Promise.withResolvers",
    "flatMap",
    "toSorted",
    "matchAll",
    "Object.groupBy",
    "Map.groupBy",
    "set algebra",
    "labelled continue",
    "labelled break",
    "String.raw",
    "||=",
    "optional catch binding",
    "async generators",
    "private fields",
    "BigInt",
    "new URL",
    "structuredClone",
    "TextEncoder and btoa",
    "journaled clock and dice",
    "banned clock and dice",
    "TypeScript",
    ".mjs",
    ".workflow.js",
    "byte order mark and CRLF",
    // Of agents.
    "setTimeout pools",
    "hand-made semaphore",
    ".then on agent calls",
    "agents as real promises",
    "spread option objects with undefined values",
    "private option tags",
    "misspelt options",
    "bad options reject",
    "an agent type that does not exist",
    "a schema whose root is no object",
    "a schema that contradicts itself",
    "schemas of all shapes",
    "prompts that are no strings",
    "huge template prompts",
    "isolation in worktrees",
    // Of the primitives.
    "budget redeclared",
    "globals overwritten",
    "a global of its own",
    "budget-aware loops",
    "phase and opts.phase",
    "log of objects",
    "failures()",
    "typeof guards",
    "meta read by the body",
    "unknown keys in meta",
    "parallel of what are no functions",
    "pipeline of what is no list",
    "empty parallel and pipeline",
    "pipeline without stages",
    "4,096 items and one more",
    "a stage that throws",
    "a stage that returns null",
    "undefined is handed on",
    "the agent cap",
    "children by name",
    "children beside the script",
    "children from the working directory",
    "children of children are refused",
    "a broken child",
    "args as an object",
    "args as an array",
    "args as a string",
    "args as a JSON string",
    "results that JSON has no form for",
    "an error that leaves the script",
    // Of the craft.
    "loop until dry",
    "judge panel",
    "adversarial verification",
    "tournament",
    "map and reduce",
    "multi-phase migration",
    "retry wrapper",
    "dedupe with a seen set",
    "race",
    "nested parallel in pipeline",
    "try and catch around parallel and agent",
    // Of the text.
    "emoji, CJK and right-to-left text",
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The scripts that are run, by name; what they call is in folders of its own.
fn scripts() -> BTreeMap<String, String> {
    files_of(&corpus().join("scripts"))
}

/// The input of those that take one.
fn args() -> Value {
    let text = fs::read_to_string(corpus().join("args.json")).expect("it is there");
    serde_json::from_str(&text).expect("JSON")
}

fn kind(args: &Value) -> &'static str {
    match args {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(text) if text.starts_with(['[', '{']) && text.ends_with([']', '}']) => "string of JSON",
        Value::String(_) => "string",
        Value::Null | Value::Bool(_) | Value::Number(_) => "something else",
    }
}

fn files_of(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder of the corpus").flatten();
    let files = entries.filter(|entry| entry.path().is_file()).map(|entry| {
        let name = entry.file_name().into_string().expect("a name in Unicode");
        (name, fs::read_to_string(entry.path()).expect("a text"))
    });
    files.collect()
}

/// Where the scripts of the corpus find each other.
fn world() -> Project {
    let project = Project::new();
    for (from, to) in [("scripts", "flows"), ("scripts/steps", "flows/steps"), ("common", "common")] {
        for (name, text) in files_of(&corpus().join(from)) {
            project.file(&format!("{to}/{name}"), &text);
        }
    }
    for (name, text) in files_of(&corpus().join("saved")) {
        project.file(&format!(".claude/workflows/{name}"), &text);
    }
    project
}

#[test]
fn every_script_comes_to_its_outcome_under_every_policy() {
    let args = args();
    let scripts = scripts();
    let jobs: Vec<(&String, &str)> =
        scripts.keys().flat_map(|name| POLICIES.map(|policy| (name, policy))).collect();
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<BTreeMap<&str, BTreeMap<usize, Value>>> = Mutex::default();
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
        for _ in 0..workers {
            scope.spawn(|| {
                let project = world();
                while let Some((name, policy)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = outcome(&project, name, &args[name.as_str()], policy);
                    let nth = POLICIES.iter().position(|other| other == policy).expect("one of them");
                    let mut outcomes = outcomes.lock().expect("nobody panicked");
                    outcomes.entry(name).or_default().insert(nth, outcome);
                }
            });
        }
    });
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let mut differences = Vec::new();
    for (name, by_policy) in outcomes.into_inner().expect("nobody panicked") {
        let path = corpus().join(format!("expected/{name}.json"));
        let text = grouped(&by_policy);
        if update {
            fs::write(&path, text).expect("the corpus can be written");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != text {
            differences.push(format!("{name}\n{}", difference(&expected, &text)));
        }
    }
    assert!(differences.is_empty(), "{} scripts:\n\n{}", differences.len(), differences.join("\n"));
    let kept = fs::read_dir(corpus().join("expected")).expect("it is there").count();
    assert_eq!(kept, scripts.len(), "an outcome without a script");
}

/// What a user would see, but for time, tokens and dollars.
fn outcome(project: &Project, name: &str, args: &Value, policy: &str) -> Value {
    let file = format!("flows/{name}");
    let args = (!args.is_null()).then(|| args.to_string());
    let mut words = vec!["run", &file, "--simulate", "--policy", policy, "--seed", "0", "--events"];
    words.extend(["--concurrency", "16"]);
    words.extend(args.iter().flat_map(|args| ["--args", args.as_str()]));
    let ended = project.fanfold(&words);
    let events: Vec<Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).expect("an event a line")).collect();
    let Some(created) = events.first() else { panic!("{name} did not start: {}", ended.stderr) };
    let dir = Path::new(created["run_dir"].as_str().expect("where it is kept"));
    let report = fs::read_to_string(dir.join("result.json")).expect("every run has a result");
    let report: Value = serde_json::from_str(&report).expect("JSON");

    let mut phases: Vec<(String, u64)> = Vec::new();
    for event in &events {
        let (title, agents) = match event["type"].as_str() {
            Some("phase.started") => (&event["title"], 0),
            Some("agent.queued") => (&event["phase"], 1),
            _ => continue,
        };
        let Some(title) = title.as_str() else { continue };
        match phases.iter_mut().find(|(known, _)| known == title) {
            Some((_, count)) => *count += agents,
            None => phases.push((title.into(), agents)),
        }
    }
    let mut failures: BTreeMap<&str, u64> = BTreeMap::new();
    for failure in report["failures"].as_array().expect("a list") {
        *failures.entry(failure["kind"].as_str().expect("each has a kind")).or_default() += 1;
    }
    let mut outcome = json!({
        "status": report["status"],
        "exit": ended.status,
        "started": report["agents"]["started"],
        "failed": report["agents"]["failed"],
        "phases": phases,
        "failures": failures,
        "result": shortened(&report["result"]),
    });
    if let Some(error) = report["error"].as_object() {
        let place = &error["location"];
        outcome["error"] = json!([error["message"], place["line"], place["column"]]);
    }
    outcome
}

fn shortened(result: &Value) -> Value {
    let text = result.to_string();
    if text.len() <= WHOLE_BYTES_MAX {
        return result.clone();
    }
    let head: String = text.chars().take(HEAD_CHARS).collect();
    json!({"digest": short_digest(text.as_bytes()), "bytes": text.len(), "head": head})
}

/// A field a line; policies under which the same happens stand together.
fn grouped(by_policy: &BTreeMap<usize, Value>) -> String {
    let mut groups: Vec<(Vec<&str>, &Value)> = Vec::new();
    for (nth, outcome) in by_policy {
        match groups.iter_mut().find(|(_, known)| known == &outcome) {
            Some((policies, _)) => policies.push(POLICIES[*nth]),
            None => groups.push((vec![POLICIES[*nth]], outcome)),
        }
    }
    let written = groups.into_iter().map(|(policies, outcome)| {
        let fields = outcome.as_object().expect("made above").iter();
        let fields: String = fields.map(|(name, value)| format!(",\n  \"{name}\": {value}")).collect();
        format!("{{\n  \"under\": \"{}\"{fields}\n}}", policies.join(", "))
    });
    format!("[{}]\n", written.collect::<Vec<_>>().join(", "))
}

/// The lines of one that the other has not, in their order.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    // Outcomes are short: the table of a longest common subsequence is too.
    let mut lengths = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            lengths[i][j] =
                if a == b { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && lengths[i + 1][j] >= lengths[i][j + 1]) {
            lines.push(format!("  - {}", old[i]));
            i += 1;
        } else {
            lines.push(format!("  + {}", new[j]));
            j += 1;
        }
    }
    lines.join("\n")
}

#[test]
fn every_idiom_is_where_the_index_says() {
    let scripts = scripts();
    let index = fs::read_to_string(corpus().join("README.md")).expect("the index");
    let mut covered = BTreeSet::new();
    for line in index.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<String> =
            line.replace("\\|", "\u{1}").split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let [_, idiom, reads, wheres, _] = cells.as_slice() else { panic!("a row of three cells: {line}") };
        if ["idiom", "---"].contains(&idiom.as_str()) {
            continue;
        }
        // An idiom without words of its own is told by the script's ending.
        let reads = reads.trim_matches('`');
        for name in wheres.split(", ") {
            let Some(text) = scripts.get(name) else { panic!("no script `{name}`: {line}") };
            assert!(text.contains(reads) || name.ends_with(reads), "`{reads}` is not in {name}");
        }
        covered.insert(idiom.clone());
    }
    let wanted: BTreeSet<String> = IDIOMS.map(str::to_owned).into();
    assert_eq!(wanted.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "in no script");
    assert_eq!(covered.difference(&wanted).collect::<Vec<_>>(), Vec::<&String>::new(), "not asked for");
}

#[test]
fn the_corpus_is_as_large_and_as_foreign_as_real_scripts() {
    let scripts = scripts();
    assert!(scripts.len() >= 60, "{}", scripts.len());
    let foreign = scripts.values().filter(|text| !text.is_ascii()).count();
    assert!(foreign * 2 >= scripts.len(), "{foreign} of {}", scripts.len());
    let longest = scripts.values().map(String::len).max().expect("there are some");
    assert!(longest > 200_000, "{longest}");
    let lines = scripts.values().map(|text| text.lines().count()).max().expect("there are some");
    assert!(lines > 3_200, "{lines}");
    assert!(scripts.values().any(|text| text.starts_with('\u{feff}') && text.contains("\r\n")));
    let kinds: BTreeSet<&str> = args().as_object().expect("by script").values().map(kind).collect();
    assert_eq!(kinds, BTreeSet::from(["array", "object", "string", "string of JSON"]));
    let short = scripts.iter().find(|(_, text)| text.lines().count() < 30);
    assert!(short.is_none(), "no script at all: {short:?}");
    for ending in [".js", ".mjs", ".ts", ".workflow.js"] {
        assert!(scripts.keys().filter(|name| name.ends_with(ending)).count() > 1, "{ending}");
    }
}
