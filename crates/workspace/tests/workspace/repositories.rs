//! Projects of all sorts: in git or not, with work that is not committed, within a larger repository.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fanfold_workspace::{GitConfig, Merged, RunRepo};

use crate::support::*;

const FILES: &[(&str, &str)] = &[("a.txt", "a\n"), ("sub/b.txt", "b\n"), (".gitignore", "*.log\n")];

#[test]
fn opening_again_finds_what_was_so_at_the_start() {
    let world = World::new(FILES);
    let base = world.open().base().to_owned();
    world.write("a.txt", "a2\n");
    let head = world.commit("later");
    let again = world.open();
    assert_eq!((again.base(), again.tip().expect("a tip")), (base.as_str(), base.clone()));
    assert_ne!(head, base);
    // A repository that an agent makes where there was none is not the user's.
    let plain = World::plain(FILES);
    plain.open();
    git(&plain.project, &["init", "-q"]);
    assert!(plain.open().user_repository().is_none());
}

#[test]
fn the_users_repository_is_left_as_it_is() {
    let world = World::new(FILES);
    let list = || {
        let mut all: Vec<_> = walk(&world.project.join(".git"));
        all.sort();
        all
    };
    let before = list();
    each_kind(&world, None, "echo x > x", |repo, _, captured| {
        let commit = captured.patch.expect("it changed").commit;
        assert!(matches!(repo.merge(&commit).expect("merges"), Merged::Clean { .. }));
        repo.snapshot().expect("taken");
    });
    assert_eq!(list(), before);
}

fn walk(folder: &std::path::Path) -> Vec<(std::path::PathBuf, u64, std::time::SystemTime)> {
    let entries = fs::read_dir(folder).expect("readable").flatten();
    entries
        .flat_map(|entry| {
            let about = entry.metadata().expect("told");
            if about.is_dir() {
                walk(&entry.path())
            } else {
                vec![(entry.path(), about.len(), time(&entry.path(), &about))]
            }
        })
        .collect()
}

/// Git marks objects as used when it comes upon them again, so that nobody prunes them.
fn time(path: &std::path::Path, about: &fs::Metadata) -> std::time::SystemTime {
    let is_object = path.to_string_lossy().contains("/objects/");
    if is_object { std::time::UNIX_EPOCH } else { about.modified().expect("told") }
}

#[test]
fn a_snapshot_is_the_project_as_it_is() {
    let world = World::new(FILES);
    world.write("a.txt", "uncommitted\n");
    world.write("new.txt", "untracked\n");
    world.write("x.log", "ignored\n");
    world.write(".fanfold/runs/other/secret", "of a run\n");
    world.write(".fanfold/workflows/w.js", "kept\n");
    world.write("private.txt", "excluded\n");
    fs::create_dir_all(world.project.join(".git/info")).expect("made");
    fs::write(world.project.join(".git/info/exclude"), "private.txt\n").expect("written");
    fs::remove_file(world.project.join("sub/b.txt")).expect("removed");
    // Keeps a place while agents are at work.
    world.write(".mcp.json", "");
    fs::set_permissions(world.project.join(".mcp.json"), PermissionsExt::from_mode(0o000)).expect("set");
    let repo = world.open();
    let snapshot = repo.snapshot().expect("taken");
    assert_eq!(world.files(&snapshot.commit), [".fanfold/workflows/w.js", ".gitignore", "a.txt", "new.txt"]);
    assert_eq!(world.show(&snapshot.commit, "a.txt"), "uncommitted");
    assert_eq!(world.run_git(&["rev-parse", &format!("{}^@", snapshot.commit)]), repo.base());
    assert_eq!(snapshot.refused, [] as [&str; 0]);
}

#[test]
fn a_file_that_looks_as_the_index_knows_it_is_not_read_but_one_that_changed_is() {
    let world = World::new(FILES);
    // As large files are stored: the commit has a pointer, the directory what it points to.
    world.write(
        ".git/config",
        "[filter \"big\"]\n\tclean = echo pointer #\n[core]\n\trepositoryformatversion = 0\n",
    );
    world.write(".gitattributes", "*.big filter=big\n");
    world.write("x.big", "a thousand bytes\n");
    world.commit("big");
    git(&world.project, &["update-index", "--refresh"]);
    // The index is younger than the files that it knows.
    let later = fs::File::open(world.project.join(".git/index")).expect("there");
    later.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(5)).expect("set");
    let repo = world.open();
    let snapshot = repo.snapshot().expect("taken").commit;
    assert_eq!(world.show(&snapshot, "x.big"), "pointer");
    assert_eq!(repo.changes(repo.base(), &snapshot).expect("told"), []);
    // Of the same length, and with the old time set again.
    let place = world.project.join("a.txt");
    let then = fs::metadata(&place).expect("there").modified().expect("told");
    fs::write(&place, "b\n").expect("written");
    fs::File::options().write(true).open(&place).expect("there").set_modified(then).expect("set");
    let snapshot = repo.snapshot().expect("taken").commit;
    assert_eq!(world.show(&snapshot, "a.txt"), "b");
}

#[test]
fn a_repository_of_the_other_hash_works_as_well() {
    let world = World::with(FILES, &["--object-format=sha256"]);
    let repo = world.open();
    assert_eq!(repo.base().len(), 64);
    each_kind(&world, None, "echo x > x; rm a.txt", |repo, _, captured| {
        let patch = captured.patch.expect("it changed");
        assert_eq!((patch.files, patch.commit.len()), (2, 64));
        let Merged::Clean { commit } = repo.merge(&patch.commit).expect("merges") else { panic!("clean") };
        let tip = repo.tip().expect("a tip");
        repo.advance(&tip, &commit).expect("moved");
        repo.publish().expect("published");
        repo.advance(&commit, &tip).expect("moved back");
        git(&world.project, &["branch", "-D", "fanfold/wf_test-run"]);
    });
}

#[test]
fn a_repository_without_a_commit_starts_from_a_snapshot() {
    let world = World::plain(FILES);
    git(&world.project, &["init", "-q"]);
    let repo = world.open();
    assert_eq!(world.files(repo.base()), [".gitignore", "a.txt", "sub/b.txt"]);
    each_kind(&world, None, "echo x > x", |_, _, captured| {
        assert_eq!(captured.patch.expect("it changed").files, 1)
    });
    let empty = World::plain(&[]);
    empty.open();
    each_kind(&empty, None, "echo x > x", |_, _, captured| {
        assert_eq!(captured.patch.expect("it changed").files, 1)
    });
}

#[test]
fn a_project_within_a_repository_is_that_folder_in_a_workspace() {
    let outer = World::new(&[
        ("outer.txt", "o\n"),
        ("inner/a.txt", "a\n"),
        (".gitignore", "*.log\n"),
        ("inner/deep/b.txt", "b\n"),
    ]);
    let inner = outer.project.join("inner");
    outer.write("outer.txt", "not part of the project\n");
    outer.write("inner/a.txt", "uncommitted\n");
    outer.write("inner/x.log", "ignored\n");
    fs::remove_dir_all(inner.join("deep")).expect("removed");
    let repo = RunRepo::open(
        &inner.join(".fanfold/runs/wf_in-ner"),
        "wf_in-ner",
        &inner,
        &GitConfig::default(),
        None,
    );
    let repo = repo.expect("opens");
    assert_eq!(repo.project_within(), std::path::Path::new("inner"));
    let snapshot = repo.snapshot().expect("taken").commit;
    let changes = repo.changes(repo.base(), &snapshot).expect("told");
    let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["inner/a.txt", "inner/deep/b.txt"]);
    assert!(repo.user_repository().expect("there").has_uncommitted_work(&GitConfig::default()));
}

#[test]
fn a_linked_worktree_and_a_shallow_clone_are_repositories_too() {
    let world = World::new(FILES);
    world.write("a.txt", "second\n");
    world.commit("second");
    let linked = world.project.with_file_name("linked");
    git(&world.project, &["worktree", "add", "-q", "--detach", &linked.to_string_lossy()]);
    let shallow = world.project.with_file_name("shallow");
    let url = format!("file://{}", world.project.display());
    git(&world.project, &["clone", "-q", "--depth", "1", &url, &shallow.to_string_lossy()]);
    for project in [linked, shallow] {
        let run_dir = project.join(".fanfold/runs/wf_li-nked");
        let repo =
            RunRepo::open(&run_dir, "wf_li-nked", &project, &GitConfig::default(), Some(("A <b>\n", "a@b")))
                .expect("opens");
        let patch = repo.patch_of_edits(None, &edits(&[("a.txt", Some("third\n"))]), "x").expect("made");
        let patch = patch.patch.expect("it differs").commit;
        let Merged::Clean { commit } = repo.merge(&patch).expect("merges") else { panic!("clean") };
        repo.advance(repo.base(), &commit).expect("moved");
        assert!(repo.landed("none").expect("told").is_none());
        let plan = repo.apply_plan().expect("a plan");
        repo.apply(&plan).expect("applied");
        assert_eq!(fs::read_to_string(project.join("a.txt")).expect("there"), "third\n");
        assert_eq!(git(&project, &["log", "-1", "--format=%an <%ae>"]), "A b <a@b>");
    }
}
