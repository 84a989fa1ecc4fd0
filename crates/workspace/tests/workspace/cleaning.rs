//! What a run that was killed leaves is removed at the next start: only its own, and nothing that is work.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use fanfold_workspace::{Cleaned, GitConfig, RunRepo, Workspaces, clean_up};

use crate::support::*;

const FILES: &[(&str, &str)] = &[("a.txt", "a\n"), ("dir/b.txt", "b\n")];

fn clean(world: &World) -> Cleaned {
    clean_up(&world.project.join(".fanfold/runs"), &|_| false, &GitConfig::default())
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let mut names: Vec<_> =
        entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_holds_no_work_is_removed_and_what_does_is_kept() {
    let world = World::new(FILES);
    let repo = world.open();
    for kind in kinds() {
        let all = Workspaces::new(repo.clone(), kind);
        for name in ["clean", "built", "patched", "dirty", "dirty-since"] {
            all.make(name, None).expect("made");
        }
        let at = |name: &str| all.reopen(name).expect("it is there");
        work(&at("built"), "mkdir -p x; touch a.txt");
        for name in ["patched", "dirty-since"] {
            work(&at(name), "echo work > w.txt");
            at(name).patch("x").expect("taken").patch.expect("it changed");
        }
        work(&at("dirty"), "echo work > w.txt");
        work(&at("dirty-since"), "echo more >> w.txt");
        fs::create_dir(world.run_dir.join("workspaces/.gone-half")).expect("made");
        fs::create_dir_all(world.run_dir.join("workspaces/just-begun/half")).expect("made");
        fs::create_dir_all(world.run_dir.join("pinned/.half-1-x/y")).expect("made");
        let held = clean_up(
            &world.project.join(".fanfold/runs"),
            &|run| run == world.run_dir,
            &GitConfig::default(),
        );
        assert_eq!(held, Cleaned::default(), "a run at work is left alone");
        let cleaned = clean(&world);
        assert_eq!(cleaned.failed, [] as [&str; 0]);
        assert_eq!(names(&world.run_dir.join("workspaces")), ["dirty", "dirty-since"], "{kind:?}");
        assert_eq!((cleaned.removed, cleaned.kept.len()), (vec![world.run_dir.clone()], 2));
        work(&at("dirty"), "test \"$(cat w.txt)\" = work; test \"$(cat a.txt)\" = a");
        assert_eq!(clean(&world).removed, [] as [&Path; 0], "nothing more to do");
        for name in ["dirty", "dirty-since"] {
            all.remove(at(name)).expect("removed");
        }
        clean(&world);
        assert_eq!(names(&world.run_dir.join("pinned")), [] as [&str; 0]);
        assert_eq!(names(&world.run_dir.join("repo.git/worktrees")), [] as [&str; 0]);
    }
}

#[test]
fn links_in_the_place_of_runs_and_their_folders_lead_nowhere() {
    let world = World::new(FILES);
    world.open();
    let runs = world.project.join(".fanfold/runs");
    let outside = world.project.with_file_name("outside");
    // Another run's whole folder, which is not among those that are cleaned.
    let other = World::new(FILES);
    let left = Workspaces::new(other.open(), kinds()[0]).make("left", None).expect("made");
    fs::create_dir_all(outside.join("workspaces/precious")).expect("made");
    symlink(&other.run_dir, runs.join("wf_linked")).expect("a link");
    symlink(outside.join("workspaces"), world.run_dir.join("workspaces")).expect("a link");
    symlink(outside.join("workspaces"), world.run_dir.join("pinned")).expect("a link");
    let cleaned = clean(&world);
    assert_eq!(cleaned, Cleaned::default());
    assert!(left.place().exists() && outside.join("workspaces/precious").exists());
    // The control: in its own place it would be removed.
    assert_eq!(clean(&other).removed.len(), 1);
    assert!(!left.place().exists());
}

/// Run by the test below, in a process of its own.
#[test]
fn a_run_until_it_is_killed() {
    let Ok(project) = std::env::var("FANFOLD_TEST_PROJECT") else { return };
    let project = Path::new(&project);
    let run_dir = project.join(".fanfold/runs").join(RUN);
    let repo = RunRepo::open(&run_dir, RUN, project, &GitConfig::default(), None).expect("opens");
    let all = Workspaces::new(repo, kinds()[0]);
    std::thread::scope(|scope| {
        for nth in 0..4 {
            let all = &all;
            scope.spawn(move || {
                for round in 0.. {
                    let workspace = all.make(&format!("agent-{nth}-{round}"), None).expect("made");
                    workspace
                        .write(&edits(&[("a.txt", Some(&format!("{nth} {round}\n")))]))
                        .expect("written");
                    if round % 2 == 0 {
                        workspace.patch("x").expect("taken");
                        all.remove(workspace).expect("removed");
                    }
                }
            });
        }
    });
}

#[test]
fn nothing_leaks_and_no_work_is_lost_whenever_a_run_is_killed() {
    let world = World::new(FILES);
    let workspaces = world.run_dir.join("workspaces");
    for kill in 0..10 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "cleaning::a_run_until_it_is_killed"])
            .env("FANFOLD_TEST_PROJECT", &world.project)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        while names(&workspaces).len() < 5 + kill {
            assert!(child.try_wait().expect("told").is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("reaped");
        let cleaned = clean(&world);
        assert_eq!(cleaned.failed, [] as [&str; 0]);
        let all = Workspaces::new(world.open(), kinds()[0]);
        for name in names(&workspaces) {
            let kept = all.reopen(&name).unwrap_or_else(|| panic!("{name} is no workspace"));
            let captured = kept.patch("x").expect("taken");
            assert_eq!(captured.patch.expect("only work is kept").files, 1);
        }
        let again = clean(&world);
        assert_eq!((again.kept, names(&workspaces)), (vec![], vec![]), "what is patched is no work any more");
        assert_eq!(names(&world.run_dir.join("pinned")), [] as [&str; 0]);
        assert_eq!(names(&world.run_dir.join("repo.git/worktrees")), [] as [&str; 0]);
    }
    assert_eq!(
        (world.read("a.txt"), git(&world.project, &["status", "--porcelain", "--", ":!.fanfold"])),
        ("a\n".into(), String::new())
    );
}
