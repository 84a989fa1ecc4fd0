//! The landing queue on a real repository: what lands, in which order, and what is given back instead.

mod world;

use std::sync::Arc;

use fanfold_core::{CallKey, LandCall, Landing, NewFile, NotLanded, Oracle};
use fanfold_workspace::Trailers;
use serde_json::json;
use world::{COMMAND, FIXED, World, block_on, judge, land, plain};

/// Each module says the same in its test; what they may say together is another one's.
const MANY: &str = "import glob, importlib, unittest\n\n\nclass All(unittest.TestCase):\n    \
    def test_each(self):\n        for path in glob.glob('part_*.py'):\n            \
    part = importlib.import_module(path[:-3])\n            self.assertEqual(part.twice(4), 8, path)\n\n    \
    def test_not_both(self):\n        self.assertFalse(set(glob.glob('part_*.py')) >= {'part_left.py', 'part_right.py'})\n";
const PART: &str = "def twice(n):\n    return 2 * n\n";

fn parts() -> World {
    World::new(&[("tests/__init__.py", ""), ("tests/test_all.py", MANY), ("list.txt", "one\ntwo\nthree\n")])
}

#[track_caller]
fn landed(landing: &Landing) -> String {
    assert!(landing.landed, "{landing:?}");
    landing.commit.clone().expect("what landed is a commit")
}

#[test]
fn what_landed_says_which_run_agent_verdict_and_call_it_was() {
    let world = World::python();
    let court =
        world.court(json!({"checks": [COMMAND, {"name": "unseen", "command": "true", "hidden": true}]}));
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    let commit = landed(&block_on(land(&court, "port", &patch)));
    assert_eq!(world.tip(), commit);
    let message = world.git(&format!("git log -1 --format=%B {commit}"));
    let key = CallKey::new("port", 1);
    let expected = format!(
        "work of port\n\nFanfold-Run: run-1\nFanfold-Agent: work of port\n\
         Fanfold-Verdict: passed: {COMMAND} (3 tests)\nFanfold-Call: {key}\n"
    );
    assert_eq!(message.trim_end(), expected.trim_end());
    assert_eq!(world.git(&format!("git rev-parse {commit}^")).trim(), world.repo().base());
}

#[test]
fn a_title_can_forge_no_trailer() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let call = LandCall {
        patch: world.patch(&[("lib.py", Some(FIXED))]),
        title: "work\n\nFanfold-Verdict: passed by acclamation\nFanfold-Call: another".into(),
        ..LandCall::default()
    };
    let landing = block_on(court.land(&CallKey::new("port", 1), &call)).expect("an answer");
    let message = world.git(&format!("git log -1 --format=%B {}", landed(&landing)));
    assert!(!message.contains("acclamation") && !message.contains("another"), "{message}");
}

#[test]
fn what_the_branch_has_already_is_empty() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    let same = world.patch(&[("lib.py", Some(FIXED))]);
    block_on(async {
        let commit = landed(&land(&court, "first", &patch).await);
        let again = land(&court, "second", &same).await;
        assert_eq!((again.landed, again.why), (false, Some(NotLanded::Empty)));
        assert_eq!(world.tip(), commit);
    });
}

#[test]
fn a_conflict_hands_over_its_marks_and_the_fixer_s_patch_from_there_lands() {
    let world = parts();
    let court = world.court(json!(COMMAND));
    let patch = |list: &str| world.patch(&[("list.txt", Some(list))]);
    let (mine, other) = (patch("one\nmine\nthree\n"), patch("one\nother\nthree\n"));
    block_on(async {
        let first = landed(&land(&court, "mine", &mine).await);
        let landing = land(&court, "other", &other).await;
        assert_eq!((landing.landed, landing.why), (false, Some(NotLanded::Conflict)));
        assert_eq!(landing.conflicts, ["list.txt"]);
        assert_eq!(world.tip(), first, "the branch stays");
        let start = landing.start.expect("where the fixer goes on");
        let marked = world.show(&start, "list.txt").expect("a file");
        assert!(
            marked.contains("<<<<<<<") && marked.contains("mine") && marked.contains("other"),
            "{marked}"
        );

        let fixer =
            world.agent("fixer", Some(&start), "printf 'one\\nmine and other\\nthree\\n' > list.txt", &[]);
        let fixed = fixer.patch().expect("something differs");
        let commit = landed(&land(&court, "fixed", &fixed).await);
        assert_eq!(world.show(&commit, "list.txt").as_deref(), Some("one\nmine and other\nthree\n"));
        assert_eq!(world.git(&format!("git rev-parse {commit}^")).trim(), first);
    });
}

#[test]
fn what_passes_alone_and_fails_together_goes_back_to_a_fixer() {
    let world = parts();
    let court = world.court(json!(COMMAND));
    let (left, right) =
        (world.patch(&[("part_left.py", Some(PART))]), world.patch(&[("part_right.py", Some(PART))]));
    block_on(async {
        for patch in [&left, &right] {
            assert_eq!(judge(&court, patch).await.passed, Some(true), "each passes alone");
        }
        let first = landed(&land(&court, "left", &left).await);
        let landing = land(&court, "right", &right).await;
        assert_eq!((landing.landed, landing.why), (false, Some(NotLanded::Failed)));
        assert_eq!(world.tip(), first);
        let judgement = landing.judgement.expect("a verdict on the merged tree");
        assert!(judgement.failures[0].name.contains("test_not_both"), "{judgement:?}");
        let start = landing.start.expect("where the fixer goes on");
        assert!(world.show(&start, "part_left.py").is_some(), "the merged tree has both");
        assert!(world.show(&start, "part_right.py").is_some());

        let fixer = world.agent("fixer", Some(&start), "mv part_right.py part_right_too.py", &[]);
        let commit = landed(&land(&court, "fixed", &fixer.patch().expect("something differs")).await);
        assert!(
            world.show(&commit, "part_right_too.py").is_some()
                && world.show(&commit, "part_right.py").is_none()
        );
    });
}

#[test]
fn after_a_crash_the_same_call_finds_what_it_landed() {
    let world = World::python();
    let patch = world.patch(&[("lib.py", Some(FIXED))]);
    let before = landed(&block_on(land(&world.court(json!(COMMAND)), "port", &patch)));
    // Nothing was recorded; another attempt asks again, with a court of its own.
    let court = world.court(json!({"command": "exit 1"}));
    let landing = block_on(land(&court, "port", &patch));
    assert_eq!(landed(&landing), before);
    assert_eq!(world.tip(), before);
    let other = block_on(land(&court, "port it again", &patch));
    assert_eq!(other.why, Some(NotLanded::Empty), "another call is another one");
}

#[test]
fn a_branch_that_moves_meanwhile_is_merged_with_and_judged_again() {
    let world = parts();
    let court = world.court(json!({"command": format!("sleep 1; {COMMAND}")}));
    let patch = world.patch(&[("part_left.py", Some(PART))]);
    let moved = block_on(async {
        let landing = land(&court, "left", &patch);
        let moving = async {
            // Not before the first merge was made: its tree is out to be judged.
            let places = world.repo().run_dir().join("workspaces");
            let mut seen = 0;
            while seen < 2 {
                let is_there = std::fs::read_dir(&places).is_ok_and(|mut all| all.next().is_some());
                seen = if is_there { seen + 1 } else { 0 };
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            let (base, repo) = (world.repo().base().to_owned(), world.repo());
            let other = world.patch(&[("list.txt", Some("one\n"))]);
            let commit = repo.commit_tree(&other, &[&base], &repo.message("other", &Trailers::default()));
            let commit = commit.expect("a commit");
            repo.advance(&base, &commit).expect("it is still there");
            commit
        };
        let (landing, other) = tokio::join!(landing, moving);
        let commit = landed(&landing);
        assert_eq!(world.git(&format!("git rev-parse {commit}^")).trim(), other);
        commit
    });
    assert_eq!(world.show(&moved, "list.txt").as_deref(), Some("one\n"));
    assert!(world.show(&moved, "part_left.py").is_some());
}

#[test]
fn a_merged_tree_that_passed_already_is_not_judged_again() {
    let world = parts();
    let court = world.court(json!(COMMAND));
    let (left, other) =
        (world.patch(&[("part_left.py", Some(PART))]), world.patch(&[("list.txt", Some("one\n"))]));
    block_on(async {
        let judged = judge(&court, &left).await;
        let landing = land(&court, "left", &left).await;
        landed(&landing);
        assert_eq!(landing.judgement, Some(judged), "the same verdict, to the millisecond");
        let alone = judge(&court, &other).await;
        let landing = land(&court, "other", &other).await;
        landed(&landing);
        assert_ne!(landing.judgement.expect("a verdict").tree, alone.tree, "merged it is another tree");
    });
}

#[test]
fn a_reviewer_s_tests_land_with_the_work_and_decide_about_it() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let test = "import unittest, lib\n\n\nclass Big(unittest.TestCase):\n    \
        def test_big(self):\n        self.assertEqual(lib.add(10, 10), 20)\n";
    let tests = vec![NewFile { path: "tests/test_review.py".into(), content: test.into() }];
    let call = |lib: &str| LandCall {
        patch: world.patch(&[("lib.py", Some(lib))]),
        title: "work".into(),
        tests: tests.clone(),
        ..LandCall::default()
    };
    let cheat = "def add(a, b):\n    return {(2, 3): 5}.get((a, b), 0)\n";
    block_on(async {
        let failed = court.land(&CallKey::new("cheat", 1), &call(cheat)).await.expect("an answer");
        assert_eq!((failed.landed, failed.why), (false, Some(NotLanded::Failed)));
        let commit = landed(&court.land(&CallKey::new("work", 1), &call(FIXED)).await.expect("an answer"));
        assert_eq!(world.show(&commit, "tests/test_review.py").as_deref(), Some(test));
        assert_eq!(world.show(&commit, "lib.py").as_deref(), Some(FIXED));
    });
}

#[test]
fn a_reviewer_s_test_may_stand_for_nothing_that_is_there() {
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let easy = "import unittest\n\n\nclass Add(unittest.TestCase):\n    def test_a(self): pass\n\n    \
        def test_b(self): pass\n\n    def test_c(self): pass\n";
    let call = |path: &str, content: &str| LandCall {
        patch: world.patch(&[("lib.py", Some("def add(a, b):\n    return 0\n"))]),
        title: "work".into(),
        tests: vec![NewFile { path: path.into(), content: content.into() }],
        ..LandCall::default()
    };
    block_on(async {
        for (path, content) in [
            ("tests/test_lib.py", easy),
            ("sitecustomize.py", "import unittest\nunittest.TestCase.assertEqual = print\n"),
            ("lib.py", FIXED),
            ("lib2.py", FIXED),
        ] {
            let landing = court.land(&CallKey::new(path, 1), &call(path, content)).await.expect("an answer");
            assert!(!landing.landed, "{path} stands for what was there");
            let judgement = landing.judgement.expect("a verdict");
            assert!(
                judgement.uncovered[0].starts_with(&format!("left out: the test {path} of")),
                "{judgement:?}"
            );
        }
    });
    assert_eq!(world.tip(), world.repo().base());
}

#[test]
fn without_an_oracle_nothing_lands_but_on_opinions() {
    let world = World::python();
    let court = world.court_of(None);
    let patch = world.patch(&[("lib.py", Some("def add(a, b):\n    return 7\n"))]);
    let call = |on_opinions| LandCall {
        patch: patch.clone(),
        title: "t".into(),
        on_opinions,
        ..LandCall::default()
    };
    block_on(async {
        let none = court.land(&CallKey::new("a", 1), &call(false)).await.expect("an answer");
        assert_eq!((none.landed, none.why), (false, Some(NotLanded::Unjudged)));
        assert_eq!(none.judgement.and_then(|judgement| judgement.passed), None);
        let commit = landed(&court.land(&CallKey::new("a", 1), &call(true)).await.expect("an answer"));
        assert!(world.git(&format!("git log -1 --format=%B {commit}")).contains("Verdict: opinions only"));
    });
    // Opinions do not stand against a verdict.
    let world = World::python();
    let court = world.court(json!(COMMAND));
    let bad = LandCall {
        patch: world.patch(&[("lib.py", Some("# no\n"))]),
        on_opinions: true,
        ..LandCall::default()
    };
    let landing = block_on(court.land(&CallKey::new("b", 1), &bad)).expect("an answer");
    assert_eq!((landing.landed, landing.why), (false, Some(NotLanded::Failed)));
}

#[test]
fn those_who_wait_are_served_in_the_order_of_asking() {
    let world = parts();
    let court = world.court(json!(COMMAND));
    let names: Vec<String> = (0..6).map(|nth| format!("part_{nth}.py")).collect();
    let patches: Vec<String> = names.iter().map(|name| world.patch(&[(name, Some(PART))])).collect();
    block_on(async {
        let all = patches.iter().zip(&names).map(|(patch, name)| land(&court, name, patch));
        for landing in futures_util::future::join_all(all).await {
            landed(&landing);
        }
    });
    let subjects =
        world.git(&format!("git log --reverse --format=%s {}..{}", world.repo().base(), world.tip()));
    let expected: Vec<String> = names.iter().map(|name| format!("work of {name}")).collect();
    assert_eq!(subjects.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn thirty_at_once_land_each_once_on_a_branch_whose_every_commit_passes() {
    const MANY_AT_ONCE: usize = 30;
    let world = Arc::new(parts());
    let court = Arc::new(world.court(json!(COMMAND)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let tasks: Vec<_> = (0..MANY_AT_ONCE)
        .map(|nth| {
            let (world, court) = (world.clone(), court.clone());
            runtime.spawn(async move {
                let name = format!("part_{nth}.py");
                // Half of them go on from what is landed by then.
                let patch = world.patch(&[(&name, Some(PART))]);
                if nth % 2 == 0 {
                    assert_eq!(judge(&court, &patch).await.passed, Some(true));
                }
                landed(&land(&court, &name, &patch).await)
            })
        })
        .collect();
    let commits = runtime.block_on(futures_util::future::join_all(tasks));
    let commits: std::collections::BTreeSet<String> =
        commits.into_iter().map(|commit| commit.expect("no task panics")).collect();
    let range = format!("{}..{}", world.repo().base(), world.tip());
    let log = world.git(&format!("git rev-list --first-parent {range}"));
    assert_eq!(log.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), commits);
    assert_eq!(commits.len(), MANY_AT_ONCE);
    assert_eq!(world.git(&format!("git rev-list --merges --count {range}")).trim(), "0");
    for nth in 0..MANY_AT_ONCE {
        assert!(world.show(&world.tip(), &format!("part_{nth}.py")).is_some());
    }
    let place = world.dir.path().join("plain");
    for commit in &commits {
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir(&place).expect("a folder");
        world.git(&format!("git archive {commit} | tar -x -C '{}'", place.display()));
        assert!(plain(&place, COMMAND, &[]).status.success(), "{commit} does not pass");
    }
}

#[test]
fn what_is_judged_ahead_holds_only_if_all_before_it_land() {
    let world = parts();
    let court = world.court(json!(COMMAND));
    // The second does not pass; the fourth passes without the third only, as `test_not_both` has it.
    let edits = [
        ("part_a.py", PART),
        ("part_b.py", WRONG),
        ("part_left.py", PART),
        ("part_right.py", PART),
        ("part_c.py", PART),
    ];
    let patches = edits.map(|(path, text)| world.patch(&[(path, Some(text))]));
    let landings = block_on(async {
        // With nobody in the seats the queue judges ahead.
        judge(&court, &patches[0]).await;
        let all = patches.iter().zip(edits).map(|(patch, (path, _))| land(&court, path, patch));
        futures_util::future::join_all(all).await
    });
    let whys: Vec<_> = landings.iter().map(|landing| landing.why).collect();
    let failed = Some(NotLanded::Failed);
    assert_eq!(whys, [None, failed, None, failed, None]);
    let log = world.git(&format!("git rev-list --reverse --first-parent {}..", world.repo().base()));
    let commits: Vec<_> = landings.iter().filter_map(|landing| landing.commit.clone()).collect();
    assert_eq!(log.lines().collect::<Vec<_>>(), commits);
    for (nth, before) in [(1, 0), (3, 2)] {
        let start = landings[nth].start.clone().expect("where the fixer goes on");
        let parent = world.git(&format!("git rev-parse {start}^"));
        assert_eq!(Some(parent.trim()), landings[before].commit.as_deref(), "from what is on the branch");
        assert!(world.show(&start, edits[nth].0).is_some());
    }
    let fixer = world.agent(
        "fixer",
        landings[1].start.as_deref(),
        "sed -i 's/return n/return 2 * n/' part_b.py",
        &[],
    );
    landed(&block_on(land(&court, "fixed", &fixer.patch().expect("something differs"))));
}

/// Of two that land at once, whether one was judged while the other was: each check says when it began and ended.
fn are_judged_at_once(oracle: serde_json::Value) -> bool {
    let world = parts();
    let court = world.court(oracle);
    let names = ["part_a.py", "part_b.py", "part_c.py"];
    let patches = names.map(|name| world.patch(&[(name, Some(PART))]));
    let landings = block_on(async {
        judge(&court, &patches[0]).await;
        let all = patches.iter().zip(names).map(|(patch, name)| land(&court, name, patch));
        futures_util::future::join_all(all).await
    });
    let span = |landing: &Landing| {
        landed(landing);
        let output = &landing.judgement.as_ref().expect("it was judged").output;
        let said = |what: &str| -> u64 {
            let told = output.lines().find_map(|line| line.strip_prefix(what)).expect("it says when");
            told.parse().expect("a time")
        };
        (said("from "), said("to "))
    };
    // The first tree had its verdict before.
    let ((_, ended), (began, _)) = (span(&landings[1]), span(&landings[2]));
    began < ended
}

#[test]
fn what_is_measured_is_judged_alone() {
    let command = "date +'from %s%N'; sleep 0.3; date +'to %s%N'; echo 'score: 3'";
    let score = json!({"direction": "lower", "threshold": 5, "pattern": "score: (?<score>\\d+)"});
    assert!(are_judged_at_once(json!({"command": command, "parse": "exit"})), "void: none is judged ahead");
    assert!(!are_judged_at_once(json!({"command": command, "parse": "score", "score": score})));
}

/// Another part that fails with nobody's help.
const WRONG: &str = "def twice(n):\n    return n\n";

fn together(most: usize) -> serde_json::Value {
    json!({"command": COMMAND, "together": most})
}

/// The trees that were judged.
fn judged(landings: &[Landing]) -> std::collections::BTreeSet<String> {
    landings.iter().filter_map(|landing| Some(landing.judgement.as_ref()?.tree.clone())).collect()
}

#[test]
fn those_who_wait_are_judged_together_where_the_oracle_allows_it() {
    let world = parts();
    let court = world.court(together(4));
    let names: Vec<String> = (0..9).map(|nth| format!("part_{nth}.py")).collect();
    let patches: Vec<String> = names.iter().map(|name| world.patch(&[(name, Some(PART))])).collect();
    let landings = block_on(async {
        let all = patches.iter().zip(&names).map(|(patch, name)| land(&court, name, patch));
        futures_util::future::join_all(all).await
    });
    let log = world.git(&format!("git rev-list --reverse --first-parent {}..", world.repo().base()));
    let commits: Vec<String> = landings.iter().map(landed).collect();
    assert_eq!(log.lines().collect::<Vec<_>>(), commits, "a commit for each, in the order of asking");
    let trees = judged(&landings);
    assert_eq!(trees.len(), 3, "of 9, 4 at a time: {trees:?}");
    for (nth, commit) in commits.iter().enumerate() {
        let message = world.git(&format!("git log -1 --format=%B {commit}"));
        let said = if nth == 8 { "Verdict: passed:" } else { "Verdict: passed together, 4 patches:" };
        assert!(message.contains(&format!("work of part_{nth}.py")) && message.contains(said), "{message}");
        assert!(world.show(commit, &format!("part_{nth}.py")).is_some());
        assert!(world.show(commit, &format!("part_{}.py", nth + 1)).is_none(), "each is its own commit");
    }
}

#[test]
fn of_those_that_fail_together_only_the_one_that_fails_alone_goes_back() {
    let world = parts();
    let court = world.court(together(8));
    // The sixth is wrong, the eighth is in conflict with the third, the ninth touches the tests.
    let edits = |nth: usize| match nth {
        5 => vec![("part_5.py".to_owned(), WRONG)],
        2 => vec![("list.txt".to_owned(), "one\ntwo and a half\nthree\n")],
        7 => vec![("list.txt".to_owned(), "one\nno two\nthree\n")],
        8 => vec![("tests/test_all.py".to_owned(), ""), ("part_8.py".to_owned(), WRONG)],
        nth => vec![(format!("part_{nth}.py"), PART)],
    };
    let patches: Vec<String> = (0..10)
        .map(|nth| {
            let edits = edits(nth);
            let edits: Vec<_> = edits.iter().map(|(path, text)| (path.as_str(), Some(*text))).collect();
            world.patch(&edits)
        })
        .collect();
    let landings = block_on(async {
        let names: Vec<String> = (0..10).map(|nth| format!("call {nth}")).collect();
        let all = patches.iter().zip(&names).map(|(patch, name)| land(&court, name, patch));
        futures_util::future::join_all(all).await
    });
    for (nth, landing) in landings.iter().enumerate() {
        match nth {
            5 => {
                assert_eq!(landing.why, Some(NotLanded::Failed), "{landing:?}");
                let judgement = landing.judgement.as_ref().expect("a verdict");
                assert!(judgement.failures[0].message.contains("part_5.py"), "{judgement:?}");
                let start = landing.start.clone().expect("where the fixer goes on");
                assert!(world.show(&start, "part_4.py").is_some(), "merged with those before");
                assert!(world.show(&start, "part_6.py").is_none(), "and by itself");
            }
            7 => assert_eq!(
                (landing.why, &landing.conflicts[..]),
                (Some(NotLanded::Conflict), &["list.txt".to_owned()][..])
            ),
            8 => {
                assert_eq!(landing.why, Some(NotLanded::Failed), "{landing:?}");
                assert_eq!(landing.judgement.as_ref().expect("a verdict").tampered, ["tests/test_all.py"]);
            }
            _ => drop(landed(landing)),
        }
    }
    let place = world.dir.path().join("plain");
    std::fs::create_dir(&place).expect("a folder");
    world.git(&format!("git archive {} | tar -x -C '{}'", world.tip(), place.display()));
    assert!(plain(&place, COMMAND, &[]).status.success(), "what is on the branch passes");
}

#[test]
fn whoever_is_called_off_while_it_serves_others_takes_nobody_with_it() {
    let world = parts();
    let court = world.court(json!({"command": format!("sleep 0.3; {COMMAND}"), "together": 4}));
    let names: Vec<String> = (0..4).map(|nth| format!("part_{nth}.py")).collect();
    let patches: Vec<String> = names.iter().map(|name| world.patch(&[(name, Some(PART))])).collect();
    block_on(async {
        judge(&court, &patches[0]).await;
        let mut all: Vec<_> =
            patches.iter().zip(&names).map(|(patch, name)| Box::pin(land(&court, name, patch))).collect();
        let first = all.remove(0);
        let rest = futures_util::future::join_all(all);
        let called_off = tokio::time::timeout(std::time::Duration::from_millis(200), first);
        let (called_off, rest) = tokio::join!(called_off, rest);
        assert!(called_off.is_err(), "void: it was done already");
        for landing in &rest {
            landed(landing);
        }
    });
    assert!(world.show(&world.tip(), "part_0.py").is_none());
    let again = block_on(land(&court, &names[0], &patches[0]));
    assert_eq!(landed(&again), world.tip(), "asked again, it lands");
}

#[test]
fn who_is_called_off_while_it_is_judged_does_not_land() {
    for oracle in [json!(COMMAND), together(4)] {
        let world = parts();
        let court = world.court(oracle);
        let names = ["part_a.py", "part_b.py", "part_c.py"];
        let patches = names.map(|name| world.patch(&[(name, Some(PART))]));
        let judged = world.repo().run_dir().join("workspaces");
        block_on(async {
            judge(&court, &patches[2]).await;
            let [first, second, third] = [0, 1, 2].map(|nth| land(&court, names[nth], &patches[nth]));
            // All three wait by the time that a tree is laid out.
            let is_under_way = async {
                while std::fs::read_dir(&judged).expect("a folder").count() == 0 {
                    tokio::task::yield_now().await;
                }
            };
            let called_off = async {
                tokio::select! {
                    landing = second => panic!("void: it was done already: {landing:?}"),
                    () = is_under_way => {}
                }
            };
            let (first, (), third) = tokio::join!(first, called_off, third);
            landed(&first);
            assert_eq!(landed(&third), world.tip());
        });
        let there = names.map(|name| world.show(&world.tip(), name).is_some());
        assert_eq!(there, [true, false, true]);
        landed(&block_on(land(&court, names[1], &patches[1])));
    }
}
