//! The labelled tasks: how often the words and the repository alone lead to the mode that fits.

use std::collections::BTreeMap;

use super::oracle_run::{Ended, OracleRun};
use super::questions::{self, OracleKind};
use super::repository::Repository;
use super::rule::{self, Mode};
use super::{Advice, screen, units};
use crate::screen::{Style, text};
use crate::world::made_up::MadeUp;

const FIRST: &str = include_str!("../../tests/advise/tasks.txt");
const SECOND: &str = include_str!("../../tests/advise/second.txt");
const THIRD: &str = include_str!("../../tests/advise/third.txt");
/// Every third one: see the head of the file.
const HELD_OUT: usize = 3;

struct Labelled {
    mode: &'static str,
    oracle: &'static str,
    repository: &'static str,
    task: String,
}

fn labelled(text: &'static str) -> Vec<Labelled> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let labelled = lines.map(|line| {
        let mut parts = line.splitn(4, " | ");
        let mut next = || parts.next().unwrap_or_else(|| panic!("{line}"));
        let (mode, oracle, repository) = (next(), next(), next());
        Labelled { mode, oracle, repository, task: next().replace("\\n", "\n") }
    });
    labelled.collect()
}

fn made(kind: &str) -> MadeUp {
    let made = MadeUp::new();
    let many = |count: usize, path: &dyn Fn(usize) -> String, text: &str| {
        (0..count).for_each(|nth| drop(made.file(&path(nth), text)));
    };
    match kind {
        "rust" => {
            made.file("Cargo.toml", "[workspace]\nmembers = ['crates/*']");
            many(120, &|nth| format!("crates/c{}/src/m{nth}.rs", nth % 6), "#[test]\nfn works() {}");
        }
        "node" => {
            let scripts =
                r#"{"scripts": {"test": "vitest run", "lint": "eslint .", "typecheck": "tsc --noEmit"}}"#;
            made.file("package.json", scripts);
            made.file("package-lock.json", "{}");
            many(150, &|nth| format!("src/c{nth}.tsx"), "");
            ["dates", "money", "slugs", "retry"]
                .iter()
                .for_each(|name| drop(made.file(&format!("src/utils/{name}.ts"), "")));
        }
        "python" => {
            made.file("pyproject.toml", "[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]");
            many(5, &|nth| format!("app/m{nth}.py"), "");
            made.file("tests/test_app.py", "");
        }
        "go" => {
            made.file("go.mod", "module m");
            many(38, &|nth| format!("pkg/p{nth}.go"), "");
            many(2, &|nth| format!("pkg/p{nth}_test.go"), "");
        }
        "untested" => {
            made.file(
                "package.json",
                r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#,
            );
            many(200, &|nth| format!("lib/m{nth}.js"), "");
        }
        "typed" => {
            made.file("package.json", r#"{"scripts": {"lint": "eslint .", "tsc": "tsc --noEmit"}}"#);
            many(80, &|nth| format!("src/m{nth}.ts"), "");
        }
        "docs" => many(60, &|nth| format!("pages/p{nth}.md"), ""),
        "empty" => (),
        other => panic!("there is no repository `{other}`"),
    }
    made
}

fn repositories() -> BTreeMap<&'static str, Repository> {
    let kinds = ["rust", "node", "python", "go", "untested", "typed", "docs", "empty"];
    kinds.into_iter().map(|kind| (kind, Repository::look(&made(kind).project))).collect()
}

/// How many of some labelled tasks came out as labelled.
#[derive(Clone, Copy, Default)]
struct Score {
    tasks: usize,
    modes: usize,
    oracles: usize,
}

impl Score {
    fn of<'l>(
        tasks: impl IntoIterator<Item = &'l Labelled>,
        repositories: &BTreeMap<&str, Repository>,
    ) -> Self {
        let mut score = Self::default();
        for one in tasks {
            let repository = &repositories[one.repository];
            let answers = questions::ask(&one.task, repository);
            let mode = rule::decide(&answers, repository).mode.name();
            let oracle = match answers.oracle_kind {
                Some(OracleKind::Sources) => "weak",
                Some(OracleKind::Tests | OracleKind::Static | OracleKind::Stated) => "yes",
                None => "no",
            };
            score.tasks += 1;
            score.modes += usize::from(mode == one.mode);
            score.oracles += usize::from(oracle == one.oracle);
        }
        score
    }

    fn percent(self) -> [usize; 2] {
        [self.modes, self.oracles].map(|right| right * 100 / self.tasks)
    }
}

/// Prints the figures: `cargo nextest run -p fanfold labelled_tasks --success-output immediate`.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are for whoever asks for them")]
fn the_words_and_the_repository_lead_labelled_tasks_to_the_mode_that_fits() {
    let repositories = repositories();
    let (first, second, third) = (labelled(FIRST), labelled(SECOND), labelled(THIRD));
    let is_held_out = |nth: usize| nth % HELD_OUT == HELD_OUT - 1;
    let part = |held_out: bool| {
        let tasks = first.iter().enumerate().filter(move |(nth, _)| is_held_out(*nth) == held_out);
        tasks.map(|(_, one)| one)
    };
    let scores = [
        ("fitted", Score::of(part(false), &repositories)),
        ("held out", Score::of(part(true), &repositories)),
        ("second voices, fitted", Score::of(&second, &repositories)),
        ("third voices, not fitted", Score::of(&third, &repositories)),
    ];
    let mut all = Score::default();
    for (name, score) in scores {
        let [modes, oracles] = score.percent();
        println!(
            "{name}: {} tasks, the mode is right for {modes} %, the oracle for {oracles} %",
            score.tasks
        );
        all.tasks += score.tasks;
        all.modes += score.modes;
        all.oracles += score.oracles;
    }
    assert!(all.tasks >= 190);
    let [modes, oracles] = all.percent();
    assert!(modes >= 85 && oracles >= 90, "right for {modes} % and {oracles} % of all tasks");
}

#[test]
fn work_that_nothing_can_check_is_advised_against_and_told_how_to_be_checked() {
    let repository = Repository::look(&made("rust").project);
    for (task, word) in [
        ("ten versions of website copy", "Creative"),
        ("evaluate the work you did last week", "own past work"),
        ("what do you think of our design?", "opinion"),
        ("improve the quality of this project", "measured"),
    ] {
        let decision = rule::decide(&questions::ask(task, &repository), &repository);
        assert_eq!(decision.mode, Mode::Single, "{task}");
        assert!(decision.against.as_ref().is_some_and(|text| text.contains(word)), "{task}: {decision:?}");
        assert!(!decision.make_an_oracle.is_empty(), "{task}");
    }
    let small = rule::decide(&questions::ask("fix the typo in main.rs", &repository), &repository);
    assert!(
        small.against.is_some_and(|text| text.contains("small change")) && small.make_an_oracle.is_empty()
    );
}

#[test]
fn without_an_oracle_there_is_no_workflow_however_large_the_task() {
    let repository = Repository::look(&made("untested").project);
    let questions =
        questions::ask("port all 200 modules, fix whatever breaks until nothing is left", &repository);
    assert!(questions.fan_out.is_yes() && questions.adapt.is_yes(), "{questions:?}");
    assert_eq!(rule::decide(&questions, &repository).mode, Mode::Single);
}

#[test]
fn sources_that_can_be_cross_checked_are_named_as_the_weaker_oracle() {
    let repository = Repository::look(&made("empty").project);
    let questions = questions::ask(
        "research 20 cities, cross-check each claim, and dig deeper where sources disagree",
        &repository,
    );
    let decision = rule::decide(&questions, &repository);
    assert_eq!((decision.mode, questions.oracle_kind), (Mode::Workflow, Some(OracleKind::Sources)));
    assert!(decision.reasons.iter().any(|reason| reason.contains("weaker")), "{decision:?}");
}

#[test]
fn a_check_that_cannot_be_run_here_is_no_oracle() {
    let repository = Repository::look(&made("rust").project);
    let ran = |ended| {
        let mut questions = questions::ask("rename the type everywhere", &repository);
        let run = OracleRun {
            command: "cargo test".into(),
            directory: ".".into(),
            ended,
            duration_ms: 1,
            summary: String::new(),
        };
        super::heed(&run, &mut questions);
        rule::decide(&questions, &repository).mode
    };
    let modes = [Ended::Passed, Ended::Failed, Ended::TimedOut, Ended::NotFound].map(ran);
    assert_eq!(modes, [Mode::Goal, Mode::Goal, Mode::Goal, Mode::Single]);
}

#[test]
fn parts_are_counted_from_numbers_lists_folders_and_globs() {
    let made = MadeUp::new();
    for nth in 0..14 {
        made.file(&format!("src/api/h{nth}.ts"), "");
    }
    made.file("src/api/README.md", "");
    let survey = Repository::look(&made.project).survey;
    for (task, expected) in [
        ("migrate 1,200 call sites", Some(1_200)),
        ("translate the twelve remaining views", Some(12)),
        ("there are hundreds of warnings", Some(200)),
        ("fix auth, billing and search", Some(3)),
        ("do this:\n- a\n- b\n- c\n- d", Some(4)),
        ("1) export 2) import", Some(2)),
        ("convert src/api/*.ts", Some(14)),
        ("convert `src/api`", Some(14)),
        ("convert everything in src/api/", Some(14)),
        ("wait 30 seconds and try 3 times", None),
        ("raise it from 40% to 90%", None),
        ("all 12 tests must stay green", None),
        ("in 2024 it broke", None),
    ] {
        assert_eq!(units::count(task, &survey).map(|units| units.count), expected, "{task}");
    }
}

#[test]
fn every_line_fits_the_terminal_whatever_its_width() {
    let repository = Repository::look(&made("node").project);
    let style = Style { color: false, unicode: true };
    for task in
        ["ten versions of website copy", "migrate all components, fix whatever breaks until tests pass"]
    {
        let questions = questions::ask(task, &repository);
        let mut advice = Advice::new(task, &repository, questions, Some("p/m"), |_, _| Some(1_234_567));
        // What is to be typed stays in one piece.
        advice.next.commands.clear();
        for columns in [40, 60, 66, 80, 200] {
            let shown = style.render(&screen::lines(&advice, columns));
            for line in shown.lines() {
                assert!(text::width(line) <= columns, "{columns}: {line}");
            }
            assert!(shown.contains("$") && shown.contains(advice.decision.mode.name()), "{shown}");
        }
    }
}
