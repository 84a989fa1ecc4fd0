//! Workspaces are made, worked in, and what changed in them becomes a patch.

use std::collections::BTreeMap;

use fanfold_workspace::{ChangeKind, Kind, Workspaces};

use crate::support::*;

const FILES: &[(&str, &str)] = &[
    ("a.txt", "one\ntwo\nthree\n"),
    ("dir/b.txt", "b\n"),
    ("dir/deep/c.txt", "c\n"),
    ("other/d.txt", "d\n"),
    (".gitignore", "target/\n*.log\n"),
];

#[test]
fn every_kind_of_change_becomes_part_of_the_patch() {
    let world = World::new(FILES);
    let script = "echo 2 >> a.txt; rm dir/b.txt; mkdir -p new/x; echo n > new/x/n.txt; ln -s ../a.txt new/link
        chmod +x dir/deep/c.txt; rm -r other; echo f > other; mkdir target; echo o > target/o; echo l > x.log";
    each_kind(&world, None, script, |repo, workspace, captured| {
        let patch = captured.patch.expect("it changed");
        assert_eq!((patch.files, patch.base.as_str()), (7, repo.base()));
        let changes = repo.changes(&patch.base, &patch.commit).expect("they are told");
        let all: Vec<_> = changes.iter().map(|change| (change.path.as_str(), change.kind)).collect();
        use ChangeKind::{Added, Deleted, Modified};
        assert_eq!(
            all,
            [
                ("a.txt", Modified),
                ("dir/b.txt", Deleted),
                ("dir/deep/c.txt", Modified),
                ("new/link", Added),
                ("new/x/n.txt", Added),
                ("other", Added),
                ("other/d.txt", Deleted),
            ]
        );
        assert!(world.run_git(&["ls-tree", &patch.commit, "dir/deep/c.txt"]).starts_with("100755"));
        assert_eq!(world.show(&patch.commit, "new/link"), "../a.txt");
        assert!(patch.diff.contains("+++ b/a.txt") && patch.diff.contains("\n+2\n"), "{}", patch.diff);
        assert_eq!(captured.refused, [] as [&str; 0]);
        assert!(workspace.is_clean().expect("told"), "what it holds is in the patch");
    });
}

#[test]
fn a_workspace_in_which_nothing_changed_has_no_patch() {
    let world = World::new(FILES);
    let script = "touch a.txt; chmod 600 dir/b.txt; mkdir target empty; echo o > target/o
        cat a.txt > x; mv x a.txt; rm dir/b.txt; echo b > dir/b.txt";
    each_kind(&world, None, script, |_, workspace, captured| {
        assert_eq!(captured.patch, None);
        assert!(workspace.is_clean().expect("told"));
    });
}

#[test]
fn the_users_uncommitted_work_is_not_in_a_workspace() {
    let world = World::new(FILES);
    world.write("a.txt", "uncommitted\n");
    world.write("untracked.txt", "untracked\n");
    let script = "grep -q one a.txt; test ! -e untracked.txt; test ! -e .fanfold";
    each_kind(&world, None, script, |_, _, captured| assert_eq!(captured.patch, None));
    assert_eq!(world.read("a.txt"), "uncommitted\n");
}

#[test]
fn folders_that_became_files_and_files_that_became_folders_are_captured() {
    let world = World::new(FILES);
    let script = "rm -r dir; echo file > dir; rm a.txt; mkdir a.txt; echo x > a.txt/x
        rm -r other; mkdir other; echo new > other/e.txt";
    each_kind(&world, None, script, |_, _, captured| {
        let commit = captured.patch.expect("it changed").commit;
        assert_eq!(world.files(&commit), [".gitignore", "a.txt/x", "dir", "other/e.txt"]);
    });
}

#[test]
fn an_agents_patch_is_gone_on_from_and_the_next_one_is_relative_to_the_same_base() {
    let world = World::new(FILES);
    let repo = world.open();
    let first = edits(&[
        ("a.txt", Some("first\n")),
        ("dir/b.txt", None),
        ("new/n.txt", Some("n\n")),
        ("other/d.txt", None),
    ]);
    let first = repo.patch_of_edits(None, &first, "first").expect("made").patch.expect("it differs");
    let script = "test \"$(cat a.txt)\" = first; test ! -e dir/b.txt; test -e new/n.txt; test ! -e other
        mkdir other; echo back > other/back.txt; rm new/n.txt; echo 2 >> a.txt";
    each_kind(&world, Some(&first.commit), script, |repo, workspace, captured| {
        assert_eq!(workspace.base(), repo.base());
        let patch = captured.patch.expect("it changed");
        assert_eq!(patch.base, repo.base());
        assert_eq!(world.files(&patch.commit), [".gitignore", "a.txt", "dir/deep/c.txt", "other/back.txt"]);
        assert_eq!(world.show(&patch.commit, "a.txt"), "first\n2");
    });
    // Whoever undoes it all has nothing to hand over.
    each_kind(&world, Some(&first.commit), "git checkout -q HEAD -- . 2>/dev/null || true
        printf 'one\\ntwo\\nthree\\n' > a.txt; echo b > dir/b.txt; rm -r new; mkdir -p other; echo d > other/d.txt", |_, _, captured| {
        assert_eq!(captured.patch, None);
    });
}

#[test]
fn untouched_workspaces_of_a_patch_hand_over_the_patch_again() {
    let world = World::new(FILES);
    let repo = world.open();
    let edits = edits(&[("x.log", Some("tracked although ignored\n")), ("dir/deep/c.txt", None)]);
    let first = repo.patch_of_edits(None, &edits, "first").expect("made").patch.expect("it differs");
    each_kind(&world, Some(&first.commit), "true", |repo, workspace, captured| {
        let again = captured.patch.expect("the same");
        assert_eq!(repo.changes(&first.commit, &again.commit).expect("told"), []);
        assert_eq!(again.diff, first.diff);
        assert!(workspace.is_clean().expect("told"));
    });
}

#[test]
fn ignored_files_are_no_work_but_ignore_files_are() {
    let world = World::new(FILES);
    let script = "mkdir sub; echo '*' > sub/.gitignore; echo w > sub/work.txt
        rm .gitignore; mkdir -p target/debug; echo o > target/debug/o";
    each_kind(&world, None, script, |_, workspace, captured| {
        let commit = captured.patch.expect("it changed").commit;
        let files = world.files(&commit);
        assert_eq!(files, ["a.txt", "dir/b.txt", "dir/deep/c.txt", "other/d.txt", "sub/.gitignore"]);
        assert!(workspace.is_clean().expect("told"));
    });
}

#[test]
fn a_rule_that_an_agent_takes_back_makes_the_file_work() {
    let world = World::new(FILES);
    let script = "echo '!keep.log' >> .gitignore; echo k > keep.log; echo l > lose.log; echo t > target";
    each_kind(&world, None, script, |_, _, captured| {
        let files = world.files(&captured.patch.expect("it changed").commit);
        assert!(files.contains(&"keep.log".into()) && !files.contains(&"lose.log".into()), "{files:?}");
        assert!(files.contains(&"target".into()), "the rule is about a folder");
    });
}

#[test]
fn a_simulated_agent_writes_as_a_real_one_does() {
    let world = World::new(FILES);
    let repo = world.open();
    let list = edits(&[
        ("a.txt", Some("new\n")),
        ("dir/b.txt/was/a/file.txt", Some("x\n")),
        ("dir/deep/c.txt", None),
        ("no/such.txt", None),
        ("x/y/z.txt", Some("z\n")),
    ]);
    let direct = repo.patch_of_edits(None, &list, "direct").expect("made").patch.expect("it differs");
    for kind in kinds() {
        let all = Workspaces::new(repo.clone(), kind);
        let workspace = all.make("sim", None).expect("made");
        workspace.write(&list).expect("written");
        let patch = workspace.patch("sim").expect("taken").patch.expect("it differs");
        assert_eq!(patch.diff, direct.diff, "{kind:?}");
        workspace.write(&edits(&[("dir", None)])).expect("written");
        workspace.write(&edits(&[("dir/again.txt", Some("again\n"))])).expect("written");
        let commit = workspace.patch("sim").expect("taken").patch.expect("it differs").commit;
        assert_eq!(
            world.files(&commit),
            [".gitignore", "a.txt", "dir/again.txt", "other/d.txt", "x/y/z.txt"]
        );
        work(&workspace, "test \"$(ls dir)\" = again.txt");
        assert!(workspace.write(&edits(&[(".git/hooks/x", Some(""))])).is_err());
        assert!(workspace.write(&edits(&[("../out", Some(""))])).is_err());
        all.remove(workspace).expect("removed");
    }
    assert!(repo.patch_of_edits(None, &edits(&[("a/../../b", Some(""))]), "x").is_err());
}

#[test]
fn what_an_earlier_attempt_left_is_removed_if_nothing_in_it_changed_and_else_kept() {
    let world = World::new(FILES);
    for kind in kinds() {
        let all = Workspaces::new(world.open(), kind);
        let first = all.make("key.0", None).expect("made");
        work(&first, "echo half > a.txt");
        let second = all.make("key.0", None).expect("made");
        assert_eq!(second.name(), "key.0-2");
        let third = all.make("key.0", None).expect("made");
        assert_eq!(third.name(), "key.0-3", "an empty one may be in use");
        all.remove(third).expect("removed");
        let later = Workspaces::new(world.open(), kind);
        let again = later.make("key.0", None).expect("made");
        assert_eq!(again.name(), "key.0-2", "the second one was clean");
        let reopened = all.reopen("key.0").expect("it is there");
        work(&reopened, "test \"$(cat a.txt)\" = half");
        assert!(reopened.patch("x").expect("taken").patch.is_some());
        assert!(all.reopen("key.9").is_none());
        for workspace in [again, reopened] {
            all.remove(workspace).expect("removed");
        }
    }
}

#[test]
fn a_start_far_from_what_is_pinned_is_pinned_itself() {
    let many: Vec<(String, String)> =
        (0..300).map(|nth| (format!("many/{nth}.txt"), format!("{nth}\n"))).collect();
    let world = World::new(FILES);
    let repo = world.open();
    let edits = many.iter().map(|(path, text)| (path.clone(), Some(text.clone()))).collect();
    let patch = repo.patch_of_edits(None, &edits, "many").expect("made").patch.expect("it differs");
    assert_eq!(patch.files, 300);
    each_kind(
        &world,
        Some(&patch.commit),
        "test -e many/299.txt; rm -r many; echo x > x.txt",
        |_, _, captured| {
            let files = world.files(&captured.patch.expect("it changed").commit);
            assert_eq!(files.len(), FILES.len() + 1, "{files:?}");
        },
    );
}

#[test]
fn when_much_has_landed_it_is_pinned_once_for_all_who_start_from_it() {
    let world = World::new(FILES);
    let repo = world.open();
    let patch_of = |edits: BTreeMap<String, Option<String>>| {
        repo.patch_of_edits(None, &edits, "work").expect("made").patch.expect("it differs").commit
    };
    let text = || Some("x\n".to_owned());
    let much = patch_of((0..100).map(|nth| (format!("many/{nth}.txt"), text())).collect());
    repo.advance(repo.base(), &much).expect("nobody else does");
    let patches: Vec<String> =
        (0..8).map(|nth| patch_of([(format!("own-{nth}.txt"), text())].into())).collect();
    let all = Workspaces::new(repo.clone(), Kind::Overlay);
    std::thread::scope(|scope| {
        for (nth, patch) in patches.iter().enumerate() {
            let all = &all;
            scope.spawn(move || all.make(&format!("judge-{nth}"), Some(patch)).expect("made"));
        }
    });
    let pinned = std::fs::read_dir(world.run_dir.join("pinned")).expect("it is there").flatten();
    let pinned: Vec<String> = pinned.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(pinned, [much]);
}

#[test]
fn sixteen_at_once_get_their_own_workspace_and_patch() {
    let world = World::new(FILES);
    let repo = world.open();
    for kind in kinds() {
        let all = Workspaces::new(repo.clone(), kind);
        std::thread::scope(|scope| {
            for nth in 0..16 {
                let (all, repo, world) = (&all, &repo, &world);
                scope.spawn(move || {
                    let workspace = all.make(&format!("agent-{nth}"), None).expect("made");
                    work(&workspace, &format!("echo {nth} > a.txt; echo {nth} > new-{nth}.txt"));
                    let patch = workspace.patch("x").expect("taken").patch.expect("it changed");
                    assert_eq!(patch.files, 2);
                    assert_eq!(world.show(&patch.commit, "a.txt"), nth.to_string());
                    assert_eq!(patch.base, repo.base());
                    all.remove(workspace).expect("removed");
                });
            }
        });
    }
    assert_eq!(world.run_git(&["for-each-ref", "refs/fanfold"]), "");
}

#[test]
fn those_of_one_name_that_are_made_at_once_leave_each_other_alone() {
    let world = World::new(FILES);
    let repo = world.open();
    let list = edits(&[("dir/new.txt", Some("new\n"))]);
    let patch = repo.patch_of_edits(None, &list, "x").expect("made").patch.expect("it differs");
    for kind in kinds() {
        let all = Workspaces::new(repo.clone(), kind);
        std::thread::scope(|scope| {
            for nth in 0..64 {
                let (all, patch) = (&all, &patch);
                scope.spawn(move || {
                    let start = (nth % 2 == 0).then_some(patch.commit.as_str());
                    let workspace = all.make("oracle", start).expect("made");
                    work(&workspace, "test -e a.txt");
                    all.remove(workspace).expect("it is still there");
                });
            }
        });
    }
}

#[test]
fn an_agent_that_began_before_another_landed_has_a_patch_of_what_it_saw() {
    let world = World::new(FILES);
    let repo = world.open();
    let origin = repo.origin(None).expect("there is a branch");
    let list = edits(&[("a.txt", Some("landed\n"))]);
    let landed = repo.patch_of_edits(None, &list, "x").expect("made").patch.expect("it differs");
    repo.advance(repo.base(), &landed.commit).expect("it was at its base");
    let list = edits(&[("other/d.txt", Some("late\n"))]);
    let late = repo.patch_from(&origin, &list, "late").expect("made").patch.expect("it differs");
    assert_eq!(late.base, repo.base());
    assert_eq!(late.files, 1);
    assert_ne!(world.show(&late.commit, "a.txt"), "landed");
}

#[test]
fn git_works_within_a_workspace_and_shows_what_the_patch_will_be() {
    let world = World::new(FILES);
    let repo = world.open();
    let first = repo.patch_of_edits(None, &edits(&[("a.txt", Some("first\n"))]), "first").expect("made");
    let start = first.patch.expect("it differs").commit;
    let script = "test \"$(git diff --name-only)\" = a.txt; git log --oneline | grep -q start";
    each_kind(&world, Some(&start), script, |_, _, captured| assert!(captured.patch.is_some()));
    assert!(kinds().contains(&Kind::Worktree));
}
