//! Whatever is changed: the tree is the one that git's own import makes.

use super::*;
use crate::git::{GitConfig, Identity};
use crate::import::{NewCommit, import, kept};

fn repository() -> (tempfile::TempDir, Git) {
    let dir = tempfile::tempdir().expect("a folder");
    let git = Git::bare(GitConfig::default(), dir.path().to_owned()).standing();
    git.run(&["init", "--quiet", "--bare"]).expect("a repository");
    (dir, git)
}

fn file(path: &str, content: &str) -> (Vec<u8>, Edit) {
    (path.into(), Edit::Content { mode: "100644", content: content.into() })
}

fn gone(path: &str) -> (Vec<u8>, Edit) {
    (path.into(), Edit::Delete)
}

/// As git's own import makes it.
fn imported(git: &Git, tree: Option<&str>, edits: &Edits) -> String {
    let commit = NewCommit { parent: None, tree, message: "x\n", identity: &Identity::default() };
    let made = import(git, &commit, |sink| {
        edits.iter().cloned().try_for_each(|(path, edit)| sink.edit(&path, edit))
    });
    made.expect("imported").tree
}

fn project(git: &Git) -> String {
    let files = ["a", "a.b", "a0", "b/c", "b/d/e", "b.c", "deep/er/and/deeper", "only/one"];
    imported(git, None, &files.iter().map(|path| file(path, path)).collect())
}

#[test]
fn a_small_commit_holds_what_git_would_import() {
    let (_dir, git) = repository();
    let tree = project(&git);
    let object = imported(&git, None, &vec![file("x", "x")]);
    let blob = git.line(&["rev-parse", &format!("{object}:x")]).expect("there");
    let link = (b"link".to_vec(), Edit::Content { mode: "120000", content: b"a".to_vec() });
    let program = (b"b/run".to_vec(), Edit::Content { mode: "100755", content: b"#!".to_vec() });
    let there = (b"b/d/x".to_vec(), Edit::Object { mode: "100644".into(), object: blob });
    let elsewhere = "1".repeat(40);
    let module = (b"sub/module".to_vec(), Edit::Object { mode: "160000".into(), object: elsewhere });
    let cases: Vec<Edits> = vec![
        vec![],
        vec![file("a", "changed")],
        vec![file("b/d/e", ""), file("new/in/folders", "x"), link, program, there, module],
        vec![gone("only/one")],
        vec![gone("b"), gone("absent"), gone("a/b"), gone("absent/too")],
        vec![gone("b"), file("b/c", "again")],
        vec![file("b", "a file for a folder")],
        vec![file("a/b", "a folder for a file"), file("a/c", "x")],
        vec![file("a/b", "x"), gone("a/b")],
        vec![file("a", "one"), gone("a"), file("a", "two")],
        vec![file("deep/er", "x"), file("deep/er/and", "y")],
        vec![file("b.", "x"), file("b-/x", "x"), file("b0", "x")],
        vec![(b"\xff \"\n".to_vec(), Edit::Content { mode: "100644", content: b"\0".to_vec() })],
    ];
    for edits in cases {
        let made = tree_with(&git, &tree, &edits).unwrap_or_else(|| panic!("no answer to {edits:?}"));
        assert_eq!(made, imported(&git, Some(&tree), &edits), "{edits:?}");
    }
}

#[test]
fn whatever_the_order_of_many_changes_it_is_what_git_would_import() {
    let (_dir, git) = repository();
    let mut tree = project(&git);
    let mut state = 7_u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for _ in 0..40 {
        let mut edits = Edits::new();
        for _ in 0..below(12) {
            let depth = 1 + below(3);
            let parts: Vec<&str> =
                (0..depth).map(|_| ["a", "a.", "b", "ab", "B"][below(5) as usize]).collect();
            let path = parts.join("/");
            edits.push(if below(3) == 0 { gone(&path) } else { file(&path, &below(4).to_string()) });
        }
        let made = tree_with(&git, &tree, &edits).unwrap_or_else(|| panic!("no answer to {edits:?}"));
        assert_eq!(made, imported(&git, Some(&tree), &edits), "{edits:?}");
        tree = made;
    }
}

#[test]
fn what_cannot_be_read_has_no_answer() {
    let (_dir, git) = repository();
    let blob = git.output(&["hash-object", "-w", "--stdin"], b"x").expect("git runs");
    let blob = String::from_utf8(blob.success().expect("made")).expect("text");
    for tree in [blob.trim(), &"0".repeat(40)] {
        assert_eq!(tree_with(&git, tree, &vec![file("a", "x")]), None, "{tree}");
    }
    let tree = project(&git);
    let damaged = (b"a".to_vec(), Edit::Object { mode: "100644".into(), object: "none".into() });
    assert_eq!(tree_with(&git, &tree, &vec![damaged]), None);
    assert!(tree_with(&git, &tree, &vec![file("a", "x")]).is_some(), "and the next one is as ever");
}

#[test]
fn only_what_is_small_is_kept() {
    let few = |count: u64, bytes: usize| {
        kept(|sink| {
            (0..count).try_for_each(|nth| {
                let (path, edit) = file(&nth.to_string(), &"x".repeat(bytes));
                sink.edit(&path, edit)
            })
        })
        .expect("no error")
        .is_some()
    };
    assert!(few(SMALL_FILES_MAX, 1) && few(2, SMALL_BYTES_MAX as usize / 2));
    assert!(!few(SMALL_FILES_MAX + 1, 1) && !few(2, SMALL_BYTES_MAX as usize / 2 + 1));
    let why = kept(|_| Err(io::Error::other("it cannot be read")));
    assert_eq!(why.expect_err("told"), "it cannot be read");
}
