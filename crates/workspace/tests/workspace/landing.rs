//! Patches land on the run's branch, one after the other, and the branch reaches the user.

use fanfold_core::NewFile;
use fanfold_workspace::{Merged, Moved, Trailers};

use crate::support::*;

#[test]
fn patches_land_one_after_the_other() {
    let world = World::new(&[("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"), ("b.txt", "b\n")]);
    let repo = world.open();
    let patch = |list: &[(&str, Option<&str>)]| {
        repo.patch_of_edits(None, &edits(list), "x").expect("made").patch.expect("it differs").commit
    };
    let first = patch(&[("a.txt", Some("one\n2\n3\n4\n5\n6\n7\n8\n9\n"))]);
    let second = patch(&[("a.txt", Some("1\n2\n3\n4\n5\n6\n7\n8\nnine\n")), ("c.txt", Some("c\n"))]);
    assert!(!repo.has_landed().expect("told"));
    let mut tips = vec![repo.tip().expect("a tip")];
    for (nth, commit) in [first.clone(), second].iter().enumerate() {
        let Merged::Clean { commit } = repo.merge(commit).expect("merges") else { panic!("clean") };
        let call = format!("0123456789abcdef.{nth}");
        let trailers = Trailers { agent: Some("fix"), verdict: Some("passed"), call: Some(&call) };
        let message = repo.message("Fix it\n\nFanfold-Call: forged", &trailers);
        let tip = tips[nth].clone();
        let landed = repo.commit_tree(&commit, &[&tip], &message).expect("made");
        assert_eq!(repo.landed(&call).expect("told"), None);
        repo.advance(&tip, &landed).expect("nobody was quicker");
        assert_eq!(repo.advance(&tip, &landed), Err(Moved::To(landed.clone())));
        assert_eq!(repo.landed(&call).expect("told"), Some(landed.clone()));
        tips.push(landed);
    }
    assert_eq!(repo.landed("forged").expect("told"), None);
    assert_eq!(repo.landed("0123456789abcdef.0").expect("told"), Some(tips[1].clone()));
    assert_eq!(repo.merge(&first).expect("merges"), Merged::Empty);
    assert_eq!(world.show(&tips[2], "a.txt"), "one\n2\n3\n4\n5\n6\n7\n8\nnine");
    let body = world.run_git(&["log", "-1", "--format=%an <%ae>%n%B", &tips[2]]);
    let expect = "fanfold <fanfold@localhost>\nFix it\n\nFanfold-Run: wf_test-run\nFanfold-Agent: fix\n\
        Fanfold-Verdict: passed\nFanfold-Call: 0123456789abcdef.1";
    assert_eq!(body, expect);
    // An agent that starts now sees what landed, and is judged by what it adds.
    each_kind(&world, None, "grep -q nine a.txt; test -e c.txt; echo d > d.txt", |_, workspace, captured| {
        assert_eq!(workspace.base(), tips[2]);
        let patch = captured.patch.expect("it changed");
        assert_eq!((patch.base.as_str(), patch.files), (tips[2].as_str(), 1));
    });
}

#[test]
fn protected_paths_are_judged_as_they_were() {
    let world =
        World::new(&[("src.txt", "s\n"), ("tests/a.txt", "a\n"), ("tests/b.txt", "b\n"), ("x", "x\n")]);
    let repo = world.open();
    let work = edits(&[
        ("src.txt", Some("better\n")),
        ("tests/a.txt", None),
        ("tests/b.txt", Some("weaker\n")),
        ("tests/conftest.txt", Some("cheat\n")),
    ]);
    let patch = repo.patch_of_edits(None, &work, "x").expect("made").patch.expect("it differs").commit;
    let lay = [NewFile { path: "tests/new/r.txt".into(), content: "reviewer\n".into() }];
    let is_protected = |path: &str| path.starts_with("tests/");
    let (commit, touched) = repo.tree_with(repo.base(), &patch, &is_protected, &lay).expect("made");
    assert_eq!(touched, ["tests/a.txt", "tests/b.txt", "tests/conftest.txt"]);
    assert_eq!(world.files(&commit), ["src.txt", "tests/a.txt", "tests/b.txt", "tests/new/r.txt", "x"]);
    assert_eq!(
        (world.show(&commit, "tests/b.txt"), world.show(&commit, "src.txt")),
        ("b".into(), "better".into())
    );
    let bad = [NewFile { path: "../out".into(), content: String::new() }];
    assert!(repo.tree_with(repo.base(), &patch, &is_protected, &bad).is_err());
    // A folder of protected files that became a link, or a file.
    each_kind(
        &world,
        None,
        "mv tests other; ln -s other tests; sed -i s/b/weak/ other/b.txt",
        |repo, _, captured| {
            let patch = captured.patch.expect("it changed").commit;
            let protected = |path: &str| path == "tests" || path.starts_with("tests/");
            for restore in [&protected as &(dyn Fn(&str) -> bool + Sync), &is_protected] {
                let (commit, touched) = repo.tree_with(repo.base(), &patch, restore, &[]).expect("made");
                assert!(touched.contains(&"tests/b.txt".to_owned()));
                assert_eq!(world.show(&commit, "tests/b.txt"), "b");
            }
        },
    );
}
