//! Verdicts on real little repositories: what passes, what does not, and what is said of it.

mod world;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fanfold_core::oracle::TestCounts;
use fanfold_core::{FailureKind, ItemCheck, Judgement, NewFile, Oracle, OracleCall};
use fanfold_oracle::{Court, OracleSpec, Surroundings};
use serde_json::json;
use world::{COMMAND, FIXED, LIB, TESTS, World, block_on, judge, plain, write};

#[test]
fn the_start_fails_with_its_counts_and_honest_work_passes() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    block_on(async {
        let start = court.baseline(None, false).await.expect("a verdict");
        assert_eq!(start.passed, Some(false), "{start:?}");
        assert_eq!(start.checks[0].tests, Some(TestCounts { passed: 1, failed: 2, skipped: 0 }));
        assert_eq!(start.exit_code, Some(1));
        assert!(start.output.starts_with(&format!("$ {COMMAND}\n")), "{}", start.output);
        assert_eq!(start.failures.len(), 2, "{:?}", start.failures);
        assert_eq!(start.failures[1].message, "AssertionError: -1 != 5");

        let judged = judge(&court, &world.patch(&[("lib.py", Some(FIXED))])).await;
        assert_eq!(judged.passed, Some(true), "{judged:?}");
        assert_eq!(judged.checks[0].tests, Some(TestCounts { passed: 3, failed: 0, skipped: 0 }));
        assert!(judged.tampered.is_empty() && !judged.flaky);
        assert_eq!(judged.tree.len(), 40);
        assert_eq!(judged.uncovered, ["no coverage was measured: tests may not reach the changed lines"]);
    });
    let left = std::fs::read_dir(world.repo().run_dir().join("workspaces")).expect("a folder").count();
    assert_eq!(left, 0, "a judged tree is left behind");
}

#[test]
fn a_start_of_which_nothing_is_found_out_is_refused_with_what_was_run_where() {
    let world = World::python();
    let refused = |oracle: serde_json::Value| {
        let failure = block_on(world.court(oracle).baseline(None, false)).expect_err("it is worth nothing");
        assert_eq!(failure.kind, FailureKind::Oracle);
        failure.message
    };
    let missing = refused(json!({"command": "true && ./run-tests", "cwd": "tests"}));
    assert!(missing.contains("`true && ./run-tests`, run in the folder `./tests`"), "{missing}");
    assert!(missing.contains("no such command") && missing.contains("not found"), "{missing}");
    // What a shim says whose home is not shown, with more than a line about itself before and after.
    let shim = "sed 's/^/a long line of nothing in particular: /' tests/test_lib.py; \
                echo 'pyenv: python3: command not found'; \
                echo; echo 'The python3 command exists in these versions:'; echo '  3.12'; exit 127";
    let shim = refused(json!({"command": shim, "parse": "exit"}));
    let printed = shim.split_once("(it printed: …").expect("it is cut").1;
    assert!(printed.contains("pyenv: python3: command not found / The python3"), "{shim}");
    assert!(printed.ends_with("/ 3.12)") && printed.chars().count() <= 401, "{shim}");
    let none = refused(json!("python3 -m unittest discover -s . -p nothing"));
    assert!(none.contains("it ran no tests, and there are some, as tests/"), "{none}");

    // Where there are no tests yet, none is what there is; and a command alone may say what it likes.
    let bare = World::new(&[("lib.py", LIB)]);
    let start = block_on(bare.court(json!("python3 -m unittest")).baseline(None, false)).expect("a verdict");
    assert_eq!(start.passed, Some(false));
    let start = block_on(world.court(json!("exit 2")).baseline(None, false)).expect("a verdict");
    assert_eq!((start.passed, start.exit_code), (Some(false), Some(2)));
}

#[test]
fn new_tests_may_come_and_a_skip_may_not() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let more = TESTS.replace("Add", "More").replace("lib.add(2, 3), 5", "lib.add(1, 1), 2");
    let skipping = more.replace("    def test_none", "    @unittest.skip('later')\n    def test_none");
    block_on(async {
        let honest = [("lib.py", Some(FIXED)), ("tests/test_more.py", Some(more.as_str()))];
        let judged = judge(&court, &world.patch(&honest)).await;
        assert_eq!(judged.passed, Some(true), "{judged:?}");
        assert_eq!(judged.checks[0].tests.map(TestCounts::total), Some(6));

        let lazy = [("lib.py", Some(FIXED)), ("tests/test_more.py", Some(skipping.as_str()))];
        let judged = judge(&court, &world.patch(&lazy)).await;
        assert_eq!(judged.passed, Some(false));
        assert_eq!(judged.checks[0].why.as_deref(), Some("1 test skipped that ran at the start"));
        assert!(judged.uncovered[0].starts_with("skipped: test_none (tests.test_more.More"), "{judged:?}");
    });
}

#[test]
fn a_resumed_run_takes_the_recorded_start_and_does_not_judge_it_again() {
    let world = World::python();
    let oracle = json!({"command": "echo once >> out/ran; exit 1"});
    block_on(async {
        let recorded = world.court(oracle.clone()).baseline(None, false).await.expect("a verdict");
        let court = world.court(json!({"command": "cannot even be run"}));
        assert_eq!(court.baseline(Some(recorded.clone()), false).await.expect("a verdict"), recorded);
        assert_eq!(court.baseline(None, false).await.expect("a verdict"), recorded);
    });
}

#[test]
fn a_test_that_an_agent_rewrote_before_a_resume_with_another_oracle_is_still_tampered_with() {
    let world = World::python();
    block_on(async {
        world.court(json!("exit 1")).baseline(None, false).await.expect("a verdict");
        write(
            &world.project,
            &[("tests/test_lib.py", &TESTS.replace("lib.add(2, 3), 5", "lib.add(2, 3), -1"))],
        );
        let judged = world.court(json!(COMMAND)).judge(&OracleCall::default()).await.expect("a verdict");
        assert_eq!(judged.tampered, ["tests/test_lib.py"]);
        assert_eq!(judged.passed, Some(false));
    });
}

#[test]
fn a_first_oracle_that_comes_after_agents_have_worked_says_that_the_start_is_not_known() {
    let world = World::python();
    let is_told =
        |judged: &Judgement| judged.uncovered.iter().any(|line| line.starts_with("the start is not known"));
    block_on(async {
        let court = world.court(json!("exit 1"));
        let start = court.baseline(None, true).await.expect("a verdict");
        assert!(is_told(&start), "{start:?}");
        assert!(is_told(&court.judge(&OracleCall::default()).await.expect("a verdict")));
        // The next attempt is told by what was recorded.
        let court = world.court(json!("exit 1"));
        court.baseline(Some(start), true).await.expect("a verdict");
        assert!(is_told(&court.judge(&OracleCall::default()).await.expect("a verdict")));

        // So is one that knows no more than what was kept: the first was killed before its verdict was.
        for oracle in ["exit 1", "exit 2"] {
            let start = world.court(json!(oracle)).baseline(None, true).await.expect("a verdict");
            assert!(is_told(&start), "{oracle}: {start:?}");
        }

        let known = World::python();
        known.court(json!("exit 1")).baseline(None, false).await.expect("a verdict");
        let start = known.court(json!("exit 2")).baseline(None, true).await.expect("a verdict");
        assert!(!is_told(&start), "an earlier oracle kept it: {start:?}");
    });
}

#[test]
fn a_check_that_says_yes_and_no_of_one_tree_is_flaky_and_does_not_pass() {
    let world = World::python();
    // The clock is all that differs between two runs.
    let command = "test $(($(date +%s%N) / 400000000 % 2)) = 0";
    let court = world.court(json!({"command": command, "parse": "exit"}));
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    block_on(async {
        let mut flaky = None;
        for _ in 0..100 {
            let judged = judge(&court, &patch).await;
            if judged.flaky {
                flaky = Some(judged);
                break;
            }
        }
        let flaky = flaky.expect("two verdicts on one tree in a hundred");
        assert_eq!(flaky.passed, Some(false));
        let again = judge(&court, &patch).await;
        assert!(again.flaky && again.passed == Some(false), "it was seen to be flaky: {again:?}");
    });
}

#[test]
fn hidden_checks_decide_and_are_not_told() {
    let world = World::python();
    let court = world.court(json!({"checks": [
        COMMAND,
        {"name": "secret", "command": "python3 -c 'import lib; print(\"expected 8642\"); assert lib.add(321, 8321) == 8642'", "hidden": true},
    ]}));
    let cheat = "def add(a, b):\n    return {(2, 3): 5}.get((a, b), 0)\n";
    block_on(async {
        let judged = judge(&court, &world.patch(&[("lib.py", Some(cheat))])).await;
        assert_eq!(judged.passed, Some(false));
        assert!(judged.checks[0].passed && !judged.checks[1].passed);
        assert_eq!(judged.exit_code, None, "the work could choose it");
        // A time may have any digits.
        let judged = Judgement { duration_ms: 0, ..judged };
        let told = serde_json::to_string(&judged.for_script()).expect("JSON");
        assert!(!told.contains("secret") && !told.contains("8642"), "{told}");
        assert!(told.contains("a check that agents do not see did not pass"));
    });
}

#[test]
fn what_a_hidden_check_printed_is_kept_for_the_person_alone() {
    let world = World::python();
    let kept = world.repo().run_dir().join("hidden");
    let looks =
        format!("cat {0}/* hidden/* ../run/hidden/*; ls -a {0}; test -n \"$(cat lib.py)\"", kept.display());
    let court = world.court(json!({"checks": [
        {"name": "public", "command": looks, "parse": "exit"},
        {"name": "../a secret", "command": "echo expected 8642; exit 1", "parse": "exit", "hidden": true},
        {"name": "fine", "command": "echo fine", "parse": "exit", "hidden": true},
    ]}));
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    block_on(async {
        let first = judge(&court, &patch).await;
        let files: Vec<_> = first.checks.iter().filter_map(|check| check.output_file.clone()).collect();
        assert_eq!(files, [format!("hidden/---a-secret-{}.txt", &first.tree[..12])]);
        let file = world.repo().run_dir().join(&files[0]);
        let text = std::fs::read_to_string(&file).expect("it is kept");
        assert!(text.starts_with("../a secret: exit status 1\n$ echo expected 8642"), "{text}");
        assert!(text.contains("\nexpected 8642\n"), "{text}");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&kept)), (0o600, 0o700));

        let second = judge(&court, &patch).await;
        assert!(!second.output.contains("8642"), "code under test read it: {}", second.output);
        assert_eq!(std::fs::read_to_string(&file).expect("kept").matches("\nexpected 8642\n").count(), 2);
        let told = serde_json::to_string(&second.for_script()).expect("JSON");
        assert!(!told.contains("a-secret") && !told.contains("outputFile"), "{told}");
    });
    let naive = plain(&world.project, &looks, &[]);
    let naive = String::from_utf8_lossy(&naive.stdout).into_owned();
    assert!(naive.contains("expected 8642"), "void: nobody could read it: {naive}");
}

#[test]
fn an_item_is_an_argument_and_never_text_of_the_command() {
    let world = World::python();
    let court = world.court_of(None);
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    let ask = |command: &str, item: &str| OracleCall {
        patch: Some(patch.clone()),
        check: Some(ItemCheck { command: command.into(), item: item.into(), timeout_ms: None }),
        ..OracleCall::default()
    };
    block_on(async {
        let judged = court.judge(&ask("cat", "lib.py")).await.expect("a verdict");
        assert_eq!(judged.passed, Some(true));
        assert!(judged.output.contains("a + b"), "{}", judged.output);
        let judged = court.judge(&ask("printf '<%s>' \"$1\"", "a; touch /tmp/x $(id) `id` '\"")).await;
        assert!(judged.expect("a verdict").output.contains("<a; touch /tmp/x $(id) `id` '\">"));
        let long = format!("true {} && ", "x".repeat(100));
        for (end, passes) in [("true", true), ("false", false)] {
            let judged = court.judge(&ask(&format!("{long}{end}"), "lib.py")).await.expect("a verdict");
            assert_eq!(
                (judged.passed, judged.flaky),
                (Some(passes), false),
                "another command is no second run"
            );
        }
        let refused = court.judge(&ask("cat", "--version")).await.expect_err("an option");
        assert_eq!(refused.kind, FailureKind::BadCall);
    });
}

#[test]
fn a_reviewer_s_test_is_laid_over_the_work() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let test = "import unittest, lib\n\n\nclass Big(unittest.TestCase):\n    \
        def test_big(self):\n        self.assertEqual(lib.add(10, 10), 20)\n";
    let laid = |patch: String| OracleCall {
        patch: Some(patch),
        tests: vec![NewFile { path: "tests/test_review.py".into(), content: test.into() }],
        ..OracleCall::default()
    };
    let cheat = "def add(a, b):\n    return {(2, 3): 5}.get((a, b), 0)\n";
    block_on(async {
        let judged = court.judge(&laid(world.patch(&[("lib.py", Some(cheat))]))).await.expect("a verdict");
        assert_eq!(judged.passed, Some(false));
        assert_eq!(judged.failures[0].name, "test_big (tests.test_review.Big.test_big)");
        let judged = court.judge(&laid(world.patch(&[("lib.py", Some(FIXED))]))).await.expect("a verdict");
        assert_eq!(judged.passed, Some(true), "{judged:?}");
    });
}

#[test]
fn the_shared_directory_is_judged_as_it_is_against_how_it_was() {
    let world = World::python();
    // Not committed when the run starts: a person's own test is no tampering.
    let own = TESTS.replace("lib.add(2, 3), 5", "lib.add(2, 4), 6");
    write(&world.project, &[("tests/test_lib.py", &own)]);
    let court = world.court(json!(COMMAND));
    block_on(async {
        court.baseline(None, false).await.expect("a verdict");
        write(&world.project, &[("lib.py", FIXED)]);
        let judged = court.judge(&OracleCall::default()).await.expect("a verdict");
        assert_eq!((judged.passed, judged.tampered.len()), (Some(true), 0), "{judged:?}");

        write(&world.project, &[("lib.py", LIB), ("tests/test_lib.py", "import unittest\n")]);
        let judged = court.judge(&OracleCall::default()).await.expect("a verdict");
        assert_eq!(judged.passed, Some(false));
        assert_eq!(judged.tampered, ["tests/test_lib.py"]);
        assert_eq!(judged.checks[0].tests.map(TestCounts::total), Some(3), "the test was put back");
    });
}

#[test]
fn reports_in_files_count_only_if_the_run_wrote_them() {
    let world =
        World::new(&[("make.py", "open('out.json', 'w').write('{\"passed\": true}')\n"), ("a.txt", "")]);
    let court = world.court(json!({"command": "python3 make.py", "parse": "json", "report": "out.json"}));
    block_on(async {
        let judged = judge(&court, &world.patch(&[("a.txt", Some("x"))])).await;
        assert_eq!(judged.passed, Some(true), "{judged:?}");
        let court = world.court(json!({"command": "true", "parse": "json", "report": "out.json"}));
        let judged = judge(&court, &world.patch(&[("out.json", Some("{\"passed\": true}"))])).await;
        assert_eq!(judged.passed, Some(false));
        assert_eq!(judged.tampered, ["out.json"]);
        assert_eq!(judged.checks[0].why.as_deref(), Some("no json report in out.json"));
    });
}

#[test]
fn what_decides_cannot_be_hidden_behind_a_long_comment() {
    let before = "[package]\nname = 'a'\nversion = '0.1.0'\n";
    let world = World::new(&[("Cargo.toml", before), ("src/lib.rs", "")]);
    let court = world.court(json!({"command": "true", "parse": "exit"}));
    let padded = format!("{before}{}\n[lib]\ntest = false\n", "# padding\n".repeat(110_000));
    let honest = format!("{before}[dependencies]\n");
    block_on(async {
        let judged = judge(&court, &world.patch(&[("Cargo.toml", Some(&padded))])).await;
        assert_eq!((judged.passed, judged.tampered), (Some(false), vec!["Cargo.toml".to_owned()]));
        let judged = judge(&court, &world.patch(&[("Cargo.toml", Some(&honest))])).await;
        assert_eq!(judged.passed, Some(true), "{judged:?}");
    });
}

#[test]
fn a_judge_that_is_called_off_leaves_nothing() {
    let world = World::python();
    // By a time that no other process sleeps.
    let seconds = format!("600.{}", std::process::id());
    let court = world.court(json!({"command": format!("sleep {seconds}"), "parse": "exit"}));
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    let pattern = format!("pgrep -f 'sleep {}'", seconds.replace('.', "[.]"));
    let is_asleep = || plain(world.dir.path(), &pattern, &[]).status.success();
    let pause = std::time::Duration::from_millis(20);
    block_on(async {
        let seen = async {
            while !is_asleep() {
                tokio::time::sleep(pause).await;
            }
        };
        let judged = std::pin::pin!(judge(&court, &patch));
        let seen = std::pin::pin!(seen);
        let first = futures_util::future::select(judged, seen).await;
        assert!(matches!(first, futures_util::future::Either::Right(_)), "it does not sleep");
    });
    let folder = world.repo().run_dir().join("workspaces");
    assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 0);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(2);
    while is_asleep() {
        assert!(std::time::Instant::now() < end, "a process is left behind");
    }
}

/// A real one may hold secrets, and what a check wrote there would be found by the next one.
#[test]
fn a_check_has_an_empty_home_at_the_place_of_the_real_one() {
    let world = World::new(&[("a.txt", "")]);
    let home = world.dir.path().join("home");
    write(&home, &[("secret", "s3cret")]);
    let court = |home: &str| {
        let tools = world::tools();
        let env = [("PATH", tools.path.as_str()), ("HOME", home)];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let surroundings = Surroundings { read: tools.read, env, ..Surroundings::default() };
        let command = "echo \"home $HOME\"; ls -A \"$HOME\"; echo x > \"$HOME/x\" && cat \"$HOME/x\"";
        let spec = OracleSpec::from_json(&json!({"command": command, "parse": "exit"}));
        Court::new(spec.ok(), world.workspaces.clone(), world.sandbox.clone(), surroundings)
    };
    let patch = world.patch(&[("a.txt", Some("x"))]);
    let told = home.to_string_lossy();
    block_on(async {
        let court = court(&told);
        for _ in 0..2 {
            let judged = judge(&court, &patch).await;
            assert_eq!(judged.passed, Some(true), "{judged:?}");
            assert!(judged.output.ends_with(&format!("\nhome {told}\nx\n")), "{}", judged.output);
        }
    });
    assert!(!home.join("x").exists() && home.join("secret").exists());
    // Nothing can be mounted over everything.
    let judged = block_on(judge(&court("/"), &patch));
    assert_eq!(judged.passed, Some(false), "{judged:?}");
    assert!(judged.output.contains("home /\n"), "{}", judged.output);
}
