//! A migration told in advance: what each agent does in each of its turns, and what has to come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fanfold_core::{Event, EventBody, Judgement};
use serde_json::{Value, json};

use crate::project::{Project, said};
use crate::rates::Rates;

/// By path; `None`: the file goes.
pub type Edits = BTreeMap<String, Option<String>>;

pub struct Story {
    pub name: &'static str,
    /// The repository as the run finds it.
    pub files: BTreeMap<String, String>,
    /// The text of the workflow. It returns, for each item in any order, what its `verified()` came to, with the
    /// item's name as `item`.
    pub workflow: String,
    pub items: Vec<Item>,
    /// What must pass in a fresh clone of what landed: the oracle's command, and more.
    pub suite: Vec<&'static str>,
    pub tools: Tools,
    pub concurrency: usize,
}

/// Programs that the suite needs besides the system's own.
#[derive(Default)]
pub struct Tools {
    /// Come before those of the system.
    pub path: Vec<PathBuf>,
    /// What they need to be seen.
    pub read: Vec<PathBuf>,
}

pub struct Item {
    pub name: String,
    /// Of the implementer, of the first fixer, of the second, …
    pub turns: Vec<Turn>,
    /// What reviewers answer: `(the reviewer, of which round, the flaws)`. Else they find nothing.
    pub reviews: Vec<Review>,
    pub lands: bool,
}

pub struct Turn {
    pub work: Work,
    pub edits: Edits,
}

/// What a turn's work is. Known, for it was planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Right,
    /// Right, and only needed if the work of another item has landed before and is in the way.
    Reconciles,
    /// Changes nothing, since what was found does not hold.
    Declines,
    Wrong,
    /// Gets the tests to say yes without doing the work.
    Cheats,
    /// Cheats by touching this path, which decides.
    Touches(&'static str),
    /// Wrong in a way that no test of the repository shows.
    Overlooks,
}

pub struct Review {
    pub reviewer: usize,
    /// How often this reviewer has been asked, from 1.
    pub nth: usize,
    pub flaws: Value,
    /// The flaws are made up.
    pub is_false: bool,
}

/// How a story went.
pub struct Told {
    pub name: &'static str,
    pub took: Duration,
    pub rates: Rates,
    /// What the oracle was asked.
    pub judgements: Vec<Judgement>,
    report: Value,
    project: Project,
}

impl Work {
    pub fn is_flawed(self) -> bool {
        match self {
            Work::Right | Work::Reconciles | Work::Declines => false,
            Work::Wrong | Work::Cheats | Work::Touches(_) | Work::Overlooks => true,
        }
    }
}

impl Item {
    /// It lands if its last turn leads to the right thing.
    pub fn of(name: &str, turns: Vec<Turn>) -> Self {
        let lands = turns.last().is_some_and(|turn| !turn.work.is_flawed());
        Self { name: name.to_owned(), turns, reviews: Vec::new(), lands }
    }

    pub fn reviewed(mut self, review: Review) -> Self {
        self.reviews.push(review);
        self
    }
}

impl Story {
    /// Runs it, and holds all of it to what was planted.
    pub fn tell(&self) -> Told {
        let project = Project::new(&self.files, &self.tools);
        project.write("w.js", &self.workflow, false);
        project.write("s.yaml", &self.scenario(), false);
        let concurrency = self.concurrency.to_string();
        let args =
            ["run", "w.js", "--scenario", "s.yaml", "--seed", "7", "--json", "--concurrency", &concurrency];
        let began = Instant::now();
        let ended = project.fanfold(&args);
        let took = began.elapsed();
        let report: Value = serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|err| panic!("{}: {err}: {}\n{}", self.name, ended.stdout, ended.stderr));
        let judgements = judgements(Path::new(report["run_dir"].as_str().expect("a folder")));
        let outcomes = self.outcomes(&report);
        let rates = self.rates(&outcomes);
        let told = Told { name: self.name, took, rates, judgements, report, project };
        self.hold_verdict(&told, ended.status);
        self.hold_failures(&told);
        self.hold_branch(&told);
        told
    }

    fn scenario(&self) -> String {
        let mut rules = Vec::new();
        for item in &self.items {
            for (nth, turn) in item.turns.iter().enumerate() {
                let label = match nth {
                    0 => format!("^implement:{}$", item.name),
                    nth => format!("^fix:{}:{nth}$", item.name),
                };
                rules.push(
                    json!({"match": {"label": label}, "reply": "done", "edit": turn.edits, "latency_ms": 0}),
                );
            }
            for Review { reviewer, nth, flaws, .. } in &item.reviews {
                let label = format!("^review:{}:{reviewer}$", item.name);
                rules.push(json!({"match": {"label": label, "nth": nth}, "reply": {"flaws": flaws}, "latency_ms": 0}));
            }
        }
        rules.push(json!({"match": {"label": "^review:"}, "reply": {"flaws": []}, "latency_ms": 0}));
        // Virtual time stands still while anything is judged: agents of one length are judged side by side.
        rules.push(json!({"latency_ms": 0}));
        let lines: Vec<String> = rules.iter().map(|rule| format!("- {rule}\n")).collect();
        lines.concat()
    }

    /// By item.
    fn outcomes<'a>(&self, report: &'a Value) -> BTreeMap<&'a str, &'a Value> {
        let all = report["result"].as_array().unwrap_or_else(|| panic!("{}: {report:#}", self.name));
        let outcomes: BTreeMap<&str, &Value> =
            all.iter().filter_map(|one| Some((one["item"].as_str()?, one))).collect();
        let planned: BTreeSet<&str> = self.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(outcomes.keys().copied().collect::<BTreeSet<_>>(), planned, "{report:#}");
        outcomes
    }

    /// Goes through each turn of each item: was what is wrong seen, and was what is right let through?
    fn rates(&self, outcomes: &BTreeMap<&str, &Value>) -> Rates {
        let mut rates = Rates::default();
        for item in &self.items {
            let outcome = outcomes[item.name.as_str()];
            let landed = outcome["landed"] == true;
            // A fixer that was not planned for changes nothing.
            let last = (outcome["rounds"].as_u64().expect("a number") as usize).min(item.turns.len() - 1);
            let at = |round: usize| format!("{}: {}, turn {round}: {outcome:#}", self.name, item.name);
            rates.items += 1;
            rates.landed += u64::from(landed);
            let declined =
                |round: usize| item.turns.get(round + 1).is_some_and(|next| next.work == Work::Declines);
            for (round, turn) in item.turns.iter().enumerate().take(last + 1) {
                let seen = Seen::of(outcome, round);
                if turn.work.is_flawed() {
                    rates.flaws += 1;
                    match seen {
                        _ if landed && round == last => rates.landed_by_mistake += 1,
                        Seen { by_tests: true, .. } => rates.by_tests += 1,
                        Seen { when_merged: true, .. } => rates.when_merged += 1,
                        Seen { by_reviewers: true, .. } => rates.by_reviewers += 1,
                        _ => panic!("nobody said anything: {}", at(round)),
                    }
                } else if turn.work != Work::Declines {
                    rates.honest += 1;
                    let is_in_the_way = seen.conflicts || seen.when_merged;
                    let reconciled =
                        item.turns.get(round + 1).is_some_and(|next| next.work == Work::Reconciles);
                    rates.conflicts += u64::from(is_in_the_way && reconciled);
                    // One that began after the other had landed is told by the tests already.
                    let is_sent_back =
                        is_in_the_way || seen.by_tests || (seen.by_reviewers && !declined(round));
                    let is_held_back = (is_sent_back && !reconciled) || (round == last && !landed);
                    rates.held_back_wrongly += u64::from(is_held_back);
                }
            }
            rates.false_claims += item.reviews.iter().filter(|review| review.is_false).count() as u64;
            assert_eq!(landed, item.lands, "{}", at(last));
        }
        rates
    }

    fn hold_verdict(&self, told: &Told, status: i32) {
        let all_land = self.items.iter().all(|item| item.lands);
        let (verdict, expected) = if all_land { ("passed", 0) } else { ("failed", 1) };
        assert_eq!(told.report["verdict"], verdict, "{}: {:#}", self.name, told.report);
        assert_eq!(status, expected, "{}: {:#}", self.name, told.report);
    }

    /// What did not land is named with its reason, and who touched what decides with the path.
    fn hold_failures(&self, told: &Told) {
        let failures = told.report["failures"].as_array().expect("a list");
        let named = |kind: &str, label: &str, words: &str| {
            failures.iter().any(|failure| {
                let text = |key: &str| failure[key].as_str().unwrap_or_default();
                let is_its = text("label") == label || text("label").ends_with(&format!(":{label}"));
                text("kind") == kind && is_its && text("message").contains(words)
            })
        };
        for item in &self.items {
            for turn in &item.turns {
                if let Work::Touches(path) = turn.work {
                    assert!(
                        named("tampered", &item.name, path),
                        "{} touched {path}: {failures:#?}",
                        item.name
                    );
                }
            }
            let is_named = named("not_landed", &item.name, "");
            assert_eq!(is_named, !item.lands, "{}: {failures:#?}", item.name);
        }
        let touch = |item: &Item| item.turns.iter().any(|turn| matches!(turn.work, Work::Touches(_)));
        for failure in failures.iter().filter(|failure| failure["kind"] == "tampered") {
            let label = failure["label"].as_str().unwrap_or_default();
            let is_planted = self.items.iter().any(|item| label.ends_with(&item.name) && touch(item));
            assert!(is_planted, "{label} touched nothing: {failure}");
        }
    }

    /// The branch is what landed, no more and no less; it passes; and `apply` brings just that.
    fn hold_branch(&self, told: &Told) {
        let branch = told.project.branch();
        let clone = told.project.clone_of(&branch);
        for command in &self.suite {
            let ran = clone.sh(command);
            assert!(ran.status == 0, "{}: {command}: {}", self.name, said(&ran));
        }
        let log = clone.git("log --format='%(trailers:key=Fanfold-Agent,valueonly,separator=%x20)' main..");
        let mut agents: Vec<&str> = log.split_whitespace().collect();
        agents.sort_unstable();
        let mut landed: Vec<&str> =
            self.items.iter().filter(|item| item.lands).map(|item| item.name.as_str()).collect();
        landed.sort_unstable();
        assert_eq!(agents, landed, "{}", self.name);

        let before = told.project.git("rev-parse main");
        assert_eq!(before, clone.git("rev-parse origin/main"), "nobody touched the branch");
        let ended = told.project.fanfold(&["apply", "last"]);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        assert_eq!(told.project.git("rev-parse main"), clone.git("rev-parse HEAD"), "{}", ended.stderr);
        assert_eq!(told.project.git("status --porcelain --untracked-files=no"), "");
        self.hold_files(&told.project);
    }

    /// File by file: what the last turn of each item that landed says, and else what was there.
    fn hold_files(&self, project: &Project) {
        let mut expected = self.files.clone();
        for item in self.items.iter().filter(|item| item.lands) {
            for turn in item.turns.iter().filter(|turn| !turn.work.is_flawed()) {
                for (path, content) in &turn.edits {
                    match content {
                        Some(content) => drop(expected.insert(path.clone(), content.clone())),
                        None => drop(expected.remove(path)),
                    }
                }
            }
        }
        let tracked = project.git("ls-files");
        let tracked: BTreeSet<&str> = tracked.lines().collect();
        assert_eq!(tracked, expected.keys().map(String::as_str).collect::<BTreeSet<_>>(), "{}", self.name);
        for (path, content) in &expected {
            let now = fs::read_to_string(project.dir.join(path)).expect("it is tracked");
            assert_eq!(&now, content, "{}: {path}", self.name);
        }
    }
}

/// In the order in which they were done.
fn judgements(run: &Path) -> Vec<Judgement> {
    let events = fs::read_to_string(run.join("events.jsonl")).expect("every run has them");
    let events = events.lines().map(|line| serde_json::from_str::<Event>(line).expect("an event"));
    let judged = events.filter_map(|event| match event.body {
        EventBody::OracleEnded { judgement, .. } => judgement.map(|judgement| *judgement),
        _ => None,
    });
    judged.collect()
}

/// What was said against a change.
struct Seen {
    /// By the check of the item or by the oracle, before the queue.
    by_tests: bool,
    by_reviewers: bool,
    /// By the oracle in the queue, together with what landed before.
    when_merged: bool,
    conflicts: bool,
}

impl Seen {
    fn of(outcome: &Value, round: usize) -> Self {
        let verdicts = outcome["verdicts"].as_array().expect("a list");
        let against: Vec<&Value> = verdicts
            .iter()
            .filter(|verdict| verdict["round"] == round && verdict["passed"] == false)
            .collect();
        let by = |names: &[&str]| {
            against.iter().any(|verdict| {
                let by = verdict["by"].as_str().unwrap_or_default();
                names.iter().any(|name| by.starts_with(name))
            })
        };
        let has_conflicts =
            |verdict: &&&Value| verdict["conflicts"].as_array().is_some_and(|paths| !paths.is_empty());
        let conflicts = against.iter().any(|verdict| has_conflicts(&verdict));
        Self {
            by_tests: by(&["check", "oracle"]),
            by_reviewers: by(&["review:"]),
            when_merged: by(&["land"]) && !conflicts,
            conflicts,
        }
    }
}
