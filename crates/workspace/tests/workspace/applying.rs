//! The run's branch reaches the user's repository and directory, and nothing of theirs is lost.

use std::fs;

use fanfold_workspace::{Applied, ApplyPlan, GitConfig, Merged, RunRepo, Trailers};

use crate::support::*;

const FILES: &[(&str, &str)] = &[("a.txt", "a\n"), ("b.txt", "b\n"), ("dir/c.txt", "c\n")];

fn land(repo: &RunRepo, list: &[(&str, Option<&str>)]) -> String {
    let patch = repo.patch_of_edits(None, &edits(list), "x").expect("made").patch.expect("it differs");
    let Merged::Clean { commit } = repo.merge(&patch.commit).expect("merges") else { panic!("clean") };
    let tip = repo.tip().expect("a tip");
    let commit = repo.commit_tree(&commit, &[&tip], &repo.message("x", &Trailers::default())).expect("made");
    repo.advance(&tip, &commit).expect("moved");
    commit
}

#[test]
fn publishing_adds_a_branch_and_touches_nothing_else() {
    let world = World::new(FILES);
    let repo = world.open();
    let before = git(&world.project, &["for-each-ref"]);
    repo.publish().expect("nothing to do");
    assert_eq!(git(&world.project, &["for-each-ref"]), before);
    let first = land(&repo, &[("a.txt", Some("a2\n"))]);
    assert_eq!(git(&world.project, &["for-each-ref"]), before, "not before it is asked for");
    repo.publish().expect("published");
    repo.publish().expect("again");
    let branch = |name: &str| git(&world.project, &["rev-parse", name]);
    assert_eq!(branch("fanfold/wf_test-run"), first);
    let second = land(&repo, &[("b.txt", Some("b2\n"))]);
    repo.publish().expect("published");
    assert_eq!(branch("fanfold/wf_test-run"), second);
    assert_eq!(
        (world.read("a.txt"), git(&world.project, &["status", "--porcelain", "--", ":!.fanfold"])),
        ("a\n".into(), String::new())
    );
    fs::rename(world.run_dir.join("repo.git"), world.run_dir.join("away")).expect("moved");
    git(&world.project, &["fsck", "--full"]);
    assert_eq!(git(&world.project, &["show", &format!("{second}:a.txt")]), "a2");
}

#[test]
fn a_branch_of_the_users_is_never_overwritten() {
    let world = World::new(FILES);
    let repo = world.open();
    let landed = land(&repo, &[("a.txt", Some("a2\n"))]);
    git(&world.project, &["checkout", "-qb", "fanfold/wf_test-run"]);
    world.write("b.txt", "mine\n");
    let mine = world.commit("mine");
    let why = repo.publish().expect_err("it is theirs");
    assert!(why.contains("git branch -m fanfold/wf_test-run"), "{why}");
    assert_eq!(git(&world.project, &["rev-parse", "fanfold/wf_test-run"]), mine);
    // One on top of what landed is ahead, not another.
    git(&world.project, &["checkout", "-q", "main"]);
    git(&world.project, &["branch", "-D", "fanfold/wf_test-run"]);
    repo.publish().expect("published");
    git(&world.project, &["checkout", "-q", "fanfold/wf_test-run"]);
    let ahead = world.commit("ahead");
    repo.publish().expect("nothing to do");
    assert_eq!(git(&world.project, &["rev-parse", "HEAD~1", "HEAD"]), format!("{landed}\n{ahead}"));
}

#[test]
fn a_clean_branch_goes_on_to_what_landed() {
    let world = World::new(FILES);
    let repo = world.open();
    assert_eq!(repo.apply_plan().expect("a plan"), ApplyPlan::Nothing);
    let tip = land(&repo, &[("a.txt", Some("a2\n")), ("dir/c.txt", None), ("new/n.txt", Some("n\n"))]);
    // Hooks of the tree are not run: they came from who knows where.
    let hook = world.project.join(".git/hooks/post-merge");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    fs::write(&hook, "#!/bin/sh\ntouch hooked\n").expect("written");
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    world.write("notes.txt", "untracked\n");
    let plan = repo.apply_plan().expect("a plan");
    let ApplyPlan::FastForward { branch, to, changes, .. } = &plan else { panic!("{plan:?}") };
    assert_eq!((branch.as_str(), to, changes.len()), ("main", &tip, 3));
    assert_eq!(world.read("a.txt"), "a\n", "a plan does nothing");
    let applied = repo.apply(&plan).expect("applied");
    assert_eq!(applied, Applied::FastForwarded { branch: "main".into(), to: tip.clone(), files: 3 });
    assert_eq!(
        (world.read("a.txt"), world.read("new/n.txt"), world.read("notes.txt")),
        ("a2\n".into(), "n\n".into(), "untracked\n".into())
    );
    assert!(!world.project.join("dir").exists() && !world.project.join("hooked").exists());
    assert_eq!(git(&world.project, &["rev-parse", "main"]), tip);
    assert_eq!(git(&world.project, &["status", "--porcelain", "--", ":!.fanfold"]), "?? notes.txt");
    assert_eq!(repo.apply_plan().expect("a plan"), ApplyPlan::Nothing);
    // The control: git as it is typed runs the hook.
    git(&world.project, &["checkout", "-q", "-b", "other", "HEAD~1"]);
    git(&world.project, &["merge", "-q", "--ff-only", "main"]);
    assert!(world.project.join("hooked").exists(), "void: the hook would not run anyway");
}

#[test]
fn work_in_the_way_is_named_and_left_alone() {
    let world = World::new(FILES);
    let repo = world.open();
    land(&repo, &[("a.txt", Some("a2\n")), ("new.txt", Some("n\n"))]);
    let clean = repo.apply_plan().expect("a plan");
    world.write("b.txt", "uncommitted\n");
    world.write("new.txt", "mine\n");
    let plan = repo.apply_plan().expect("a plan");
    assert_eq!(plan, ApplyPlan::Dirty { files: vec!["b.txt".into(), "new.txt".into()] });
    let why = repo.apply(&plan).expect_err("dirty");
    assert!(why.contains("`b.txt`, `new.txt`") && why.contains("--patch FILE"), "{why}");
    assert!(repo.apply(&clean).expect_err("not any more").contains("changed meanwhile"));
    assert_eq!(
        (world.read("a.txt"), world.read("b.txt"), world.read("new.txt")),
        ("a\n".into(), "uncommitted\n".into(), "mine\n".into())
    );
}

#[test]
fn a_branch_that_went_elsewhere_is_offered_a_merge_or_a_patch() {
    let world = World::new(FILES);
    let repo = world.open();
    land(&repo, &[("a.txt", Some("a2\n")), ("bin", Some("\u{0}\u{1}\n"))]);
    world.write("b.txt", "b2\n");
    world.commit("mine");
    let plan = repo.apply_plan().expect("a plan");
    assert_eq!(
        plan,
        ApplyPlan::Diverged { branch: "main".into(), merge: "git merge fanfold/wf_test-run".into() }
    );
    assert!(repo.apply(&plan).expect_err("diverged").contains("git merge fanfold/wf_test-run"));
    let file = world.project.with_file_name("run.patch");
    repo.write_patch(&file).expect("written");
    git(&world.project, &["apply", "--index", &file.to_string_lossy()]);
    assert_eq!(
        (world.read("a.txt"), world.read("bin"), world.read("b.txt")),
        ("a2\n".into(), "\u{0}\u{1}\n".into(), "b2\n".into())
    );
    git(&world.project, &["reset", "-q", "--hard"]);
    repo.publish().expect("published");
    git(&world.project, &["merge", "-q", "--no-edit", "fanfold/wf_test-run"]);
    assert_eq!(repo.apply_plan().expect("a plan"), ApplyPlan::Nothing);
}

#[test]
fn a_project_without_git_gets_the_files_where_it_did_not_change() {
    let world = World::plain(FILES);
    let repo = world.open();
    assert!(repo.user_repository().is_none());
    each_kind(&world, None, "test \"$(cat a.txt)\" = a; echo a2 > a.txt", |_, _, captured| {
        assert_eq!(captured.patch.expect("it changed").files, 1);
    });
    land(&repo, &[("a.txt", Some("a2\n")), ("dir/c.txt", None), ("new/n.txt", Some("n\n"))]);
    repo.publish().expect("there is nowhere to");
    world.write("b.txt", "mine, and not in the way\n");
    world.write("a.txt", "mine\n");
    assert_eq!(repo.apply_plan().expect("a plan"), ApplyPlan::Dirty { files: vec!["a.txt".into()] });
    world.write("a.txt", "a\n");
    let plan = repo.apply_plan().expect("a plan");
    assert!(matches!(&plan, ApplyPlan::Write { changes } if changes.len() == 3), "{plan:?}");
    assert_eq!(repo.apply(&plan).expect("applied"), Applied::Written { files: 3 });
    assert_eq!(
        (world.read("a.txt"), world.read("new/n.txt"), world.read("b.txt")),
        ("a2\n".into(), "n\n".into(), "mine, and not in the way\n".into())
    );
    assert!(!world.project.join("dir").exists());
    assert_eq!(repo.apply_plan().expect("a plan"), ApplyPlan::Nothing);
    assert!(!world.project.join(".git").exists());
}

#[test]
fn a_bare_repository_is_no_project_and_gets_no_files() {
    let world = World::plain(FILES);
    let repo = world.open();
    land(&repo, &[("a.txt", Some("a2\n"))]);
    assert!(matches!(repo.apply_plan().expect("a plan"), ApplyPlan::Write { .. }));
    git(&world.project, &["init", "-q", "--bare", "."]);
    let why = repo.apply_plan().expect_err("no work tree");
    assert!(why.contains("bare git repository") && why.contains("git worktree add"), "{why}");

    let run_dir = world.run_dir.with_file_name("wf_other-run");
    let opened = RunRepo::open(&run_dir, "wf_other-run", &world.project, &GitConfig::default(), None);
    assert!(opened.is_err_and(|why| why.contains("bare git repository")));
    assert!(!run_dir.exists(), "nothing is made");
}

#[test]
fn files_are_not_written_through_a_link_that_took_the_place_of_a_folder() {
    let world = World::plain(FILES);
    let repo = world.open();
    land(&repo, &[("dir/d.txt", Some("d\n")), ("b.txt", None), ("b.txt/now/a/folder", Some("f\n"))]);
    let outside = world.project.with_file_name("outside");
    fs::rename(world.project.join("dir"), &outside).expect("moved");
    std::os::unix::fs::symlink(&outside, world.project.join("dir")).expect("a link");
    let plan = repo.apply_plan().expect("a plan");
    assert_eq!(plan, ApplyPlan::Dirty { files: vec!["dir/d.txt".into()] });
    assert!(repo.apply(&plan).is_err());
    assert!(!outside.join("d.txt").exists() && world.project.join("dir").is_symlink());
    // The control: with the folder in its place it is written.
    fs::remove_file(world.project.join("dir")).expect("removed");
    fs::rename(&outside, world.project.join("dir")).expect("moved");
    repo.apply(&repo.apply_plan().expect("a plan")).expect("applied");
    assert_eq!((world.read("dir/d.txt"), world.read("b.txt/now/a/folder")), ("d\n".into(), "f\n".into()));
}
