//! Processes that stay and die, lie or say nothing; and what others make meanwhile.

use super::*;
use crate::git::{Git, GitConfig};

fn repository() -> (tempfile::TempDir, Git) {
    let dir = tempfile::tempdir().expect("a folder");
    let git = Git::bare(GitConfig::default(), dir.path().to_owned()).standing();
    git.run(&["init", "--quiet", "--bare"]).expect("a repository");
    (dir, git)
}

fn made(git: &Git, content: &str) -> String {
    let ran = git.output(&["hash-object", "-w", "--stdin"], content.as_bytes()).expect("git runs");
    String::from_utf8(ran.success().expect("an object")).expect("text").trim().to_owned()
}

fn tree(git: &Git, entries: &[(&str, &str)]) -> String {
    let list: String = entries.iter().map(|(path, blob)| format!("100644 blob {blob}\t{path}\0")).collect();
    let ran = git.output(&["mktree", "-z"], list.as_bytes()).expect("git runs");
    String::from_utf8(ran.success().expect("a tree")).expect("text").trim().to_owned()
}

#[test]
fn one_process_answers_again_and_again_about_what_came_later_too() {
    let (_dir, git) = repository();
    let process = || git.ask(Kind::Objects, |asked| Ok(asked.child.id())).expect("it runs");
    let first = process();
    for content in ["one", "", "two\nlines\n", "\0bytes"] {
        let object = made(&git, content);
        let told = git.ask(Kind::Objects, |asked| asked.blob(&object, usize::MAX));
        assert_eq!(told.as_deref(), Some(content.as_bytes()));
        let told = git.ask(Kind::Objects, |asked| asked.blob(&object, 2));
        assert_eq!(told.as_deref(), Some(&content.as_bytes()[..content.len().min(2)]), "the start of it");
    }
    assert_eq!(process(), first);
}

#[test]
fn one_that_died_or_has_no_answer_is_replaced() {
    let (_dir, git) = repository();
    let object = made(&git, "text");
    let ask = |object: &str| git.ask(Kind::Objects, |asked| asked.blob(object, usize::MAX));
    assert!(ask(&object).is_some());
    git.ask(Kind::Objects, |asked| asked.child.kill().and_then(|()| asked.child.wait()));
    assert_eq!(ask(&object), None, "it is dead");
    assert_eq!(ask(&object).as_deref(), Some(&b"text"[..]), "and another one is there");
    let empty = tree(&git, &[]);
    for none in ["0000000000000000000000000000000000000000", "HEAD", &empty, &format!("{object}\n{object}")] {
        assert_eq!(ask(none), None, "{none}");
        assert_eq!(ask(&object).as_deref(), Some(&b"text"[..]), "after {none}");
    }
}

#[test]
fn a_difference_ends_where_it_ends_whatever_files_are_called() {
    let (_dir, git) = repository();
    let (one, two) = (made(&git, "one\n"), made(&git, "two"));
    let before = tree(&git, &[("a", &one), ("end", &one)]);
    let after = tree(&git, &[("a", &two), ("end 00\nend 00", &two)]);
    let ask = |kind| git.ask(kind, |asked| asked.difference(&before, &after, 1 << 20));
    for kind in [Kind::Changes, Kind::Diffs] {
        let what = kind.args().iter().filter(|word| **word != "--stdin").copied();
        let args: Vec<&str> = what.chain([&*before, &*after]).collect();
        let alone = git.run(&args).expect("a difference");
        assert!(!alone.is_empty());
        assert_eq!(ask(kind).expect("an answer"), alone);
        assert_eq!(ask(kind).expect("an answer"), alone, "the second question as the first");
    }
    let none = git.ask(Kind::Changes, |asked| asked.difference(&before, &before, 1 << 20));
    assert_eq!(none.expect("an answer"), b"");
    let long = git.ask(Kind::Diffs, |asked| asked.difference(&before, &after, 10));
    assert_eq!(long, None);
    assert!(ask(Kind::Diffs).is_some(), "what was not read is no answer to the next question");
}

#[test]
fn nothing_is_left_when_the_last_copy_is_dropped() {
    let (_dir, git) = repository();
    let id = git.ask(Kind::Objects, |asked| Ok(asked.child.id())).expect("it runs");
    let copy = git.clone();
    drop(git);
    assert!(std::path::Path::new(&format!("/proc/{id}")).exists() || !cfg!(target_os = "linux"));
    drop(copy);
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
}

/// Of a repository in which three change one file, the last two in one line.
fn commits(git: &Git) -> [String; 4] {
    let commit = |text: &str, parent: &[&str]| {
        let tree = tree(git, &[("a", &made(git, text))]);
        let ran = git.output(&[&["commit-tree", &tree], parent].concat(), b"x").expect("git runs");
        String::from_utf8(ran.success().expect("a commit")).expect("text").trim().to_owned()
    };
    let base = commit("1\n2\n3\n4\n5\n6\n7\n8\n", &[]);
    let on_base = |text: &str| commit(text, &["-p", &base]);
    let [one, two, three] =
        ["one\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\neight\n", "uno\n2\n3\n4\n5\n6\n7\n8\n"]
            .map(on_base);
    [base, one, two, three]
}

#[test]
fn a_merge_is_told_as_git_tells_it_alone() {
    let (_dir, git) = repository();
    let [base, one, two, three] = commits(&git);
    let process = || git.ask(Kind::Merges, |asked| Ok(asked.child.id())).expect("it runs");
    let first = process();
    for (ours, theirs) in
        [(&one, &two), (&one, &three), (&one, &one), (&base, &one), (&one, &three), (&two, &one)]
    {
        let ran =
            git.output(&["merge-tree", "--write-tree", "-z", "--messages", ours, theirs], b"").expect("runs");
        // The end of the messages.
        let alone = [&ran.stdout[..], b"\0"].concat();
        let (is_clean, told) = git.ask(Kind::Merges, |asked| asked.merge(ours, theirs)).expect("an answer");
        assert_eq!((is_clean, shown(&told)), (ran.status.success(), shown(&alone)));
    }
    assert_eq!(process(), first);
    let none = git.ask(Kind::Merges, |asked| asked.merge(&one, &"0".repeat(40)));
    assert_eq!(none, None);
    assert!(git.ask(Kind::Merges, |asked| asked.merge(&one, &two)).is_some());
}

#[test]
fn a_commit_of_a_text_is_that_text_and_a_text_that_is_none_makes_none() {
    let (dir, git) = repository();
    let tree = tree(&git, &[]);
    let text = format!("tree {tree}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n");
    for _ in 0..2 {
        let made = git.ask(Kind::Commits, |asked| asked.write(text.as_bytes())).expect("made");
        let told = git.ask(Kind::Objects, |asked| asked.object(&made, "commit", usize::MAX));
        assert_eq!(told.as_deref(), Some(text.as_bytes()));
        for none in ["no commit", ""] {
            assert_eq!(git.ask(Kind::Commits, |asked| asked.write(none.as_bytes())), None);
        }
    }
    let written =
        git.ask(Kind::Blobs, |asked| asked.write(b"a long one").and_then(|_| asked.write(b"short")));
    let blob = written.expect("made");
    assert_eq!(git.ask(Kind::Objects, |asked| asked.blob(&blob, 99)).as_deref(), Some(&b"short"[..]));
    let scratch = |dir: &std::path::Path| {
        let names = std::fs::read_dir(dir).expect("there").map(|at| at.expect("a name").file_name());
        names.filter(|name| name.to_string_lossy().starts_with("fanfold-")).count()
    };
    assert_eq!(scratch(dir.path()), 1, "one file for all that a process is told");
    drop(git);
    assert_eq!(scratch(dir.path()), 0);
}

#[test]
fn a_reference_moves_from_where_it_is_and_from_nowhere_else() {
    let (_dir, git) = repository();
    let [base, one, two, _] = commits(&git);
    git.run(&["update-ref", "refs/heads/x", &base]).expect("named");
    let advance = |from: &str, to: &str| {
        git.ask(Kind::References, |asked| asked.advance("refs/heads/x", from, to)).is_some()
    };
    let at = || git.line(&["rev-parse", "refs/heads/x"]).expect("there");
    assert!(advance(&base, &one) && at() == one);
    assert!(!advance(&base, &two) && at() == one, "it is not there any more");
    assert!(!advance("refs/heads/x", &two) && !advance(&one, "main") && at() == one);
    assert!(advance(&one, &two) && at() == two, "and the next one is as ever");
}

#[test]
fn what_others_make_and_pack_meanwhile_is_seen() {
    let (_dir, git) = repository();
    let [base, one, two, _] = commits(&git);
    let all = |ours: &str, theirs: &str| {
        let told = git.ask(Kind::Objects, |asked| asked.object(ours, "commit", usize::MAX));
        let merged = git.ask(Kind::Merges, |asked| asked.merge(ours, theirs));
        (told.is_some(), merged.is_some_and(|(is_clean, _)| is_clean))
    };
    assert_eq!(all(&base, &one), (true, true));
    // Of these two no loose object is ever asked for, and then only a new pack has them.
    let later =
        git.line(&["commit-tree", &format!("{two}^{{tree}}"), "-p", &two, "-m", "later"]).expect("made");
    git.run(&["update-ref", "refs/heads/x", &later]).expect("named");
    git.run(&["update-ref", "refs/heads/y", &one]).expect("named");
    git.run(&["repack", "-a", "-d", "--quiet"]).expect("packed");
    assert_eq!(all(&later, &one), (true, true));
}

#[test]
fn one_that_says_nothing_is_given_up() {
    let (_dir, git) = repository();
    let object = made(&git, "text");
    let first = git.ask(Kind::Objects, |asked| {
        asked.from.get_mut().patience = Duration::from_millis(20);
        Ok(asked.child.id())
    });
    assert_eq!(git.ask(Kind::Objects, |asked| asked.field(b'\n')), None, "nobody asked it anything");
    let (next, told) =
        git.ask(Kind::Objects, |asked| Ok((asked.child.id(), asked.blob(&object, 9)?))).expect("another");
    assert!(Some(next) != first && told == b"text");
}

#[test]
fn what_is_no_answer_is_none() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, git) = repository();
    let [base, one, two, _] = commits(&git);
    let trees = [&base, &one].map(|at| git.line(&["rev-parse", &format!("{at}^{{tree}}")]).expect("there"));
    let text = git.run(&["cat-file", "commit", &one]).expect("there");
    git.run(&["update-ref", "refs/heads/x", &one]).expect("named");
    let program = git.git_dir.join("lying-git");
    let ask_all = |script: &str| {
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
        let config = GitConfig { program: program.clone(), ..GitConfig::default() };
        let git = Git::bare(config, git.git_dir.clone()).standing();
        for kind in ALL {
            // Also without an answer it soon is none.
            let hurry = |asked: &mut Asked| {
                asked.from.get_mut().patience = Duration::from_millis(500);
                Ok(())
            };
            git.ask(kind, hurry).expect("it starts");
        }
        [
            git.ask(Kind::Objects, |asked| asked.object(&one, "commit", usize::MAX)).is_some(),
            git.ask(Kind::Changes, |asked| asked.difference(&trees[0], &trees[1], 1 << 20)).is_some(),
            git.ask(Kind::Diffs, |asked| asked.difference(&trees[0], &trees[1], 1 << 20)).is_some(),
            git.ask(Kind::Merges, |asked| asked.merge(&one, &two)).is_some(),
            git.ask(Kind::Commits, |asked| asked.write(&text)).is_some(),
            git.ask(Kind::References, |asked| asked.advance("refs/heads/x", &one, &one)).is_some(),
        ]
    };
    assert_eq!(ask_all("exec git \"$@\""), [true; 6]);
    for lie in [
        "exit 0",
        "read line; echo garbage",
        "read line; echo \"$line\"",
        "yes",
        "yes | tr 'y\\n' '\\0\\0'",
        "git \"$@\" | head -c 20",
        "echo 0000000000000000000000000000000000000001 commit 2; echo no",
    ] {
        // What is started by it ends when its output is closed, or its input.
        assert_eq!(ask_all(lie), [false; 6], "{lie}");
    }
}

const ALL: [Kind; 8] = [
    Kind::Objects,
    Kind::Changes,
    Kind::Diffs,
    Kind::Merges,
    Kind::Blobs,
    Kind::Trees,
    Kind::Commits,
    Kind::References,
];

/// As when the engine is killed.
#[test]
fn they_end_when_their_input_does() {
    use std::process::{Command, Stdio};
    let (_dir, git) = repository();
    for kind in ALL {
        git.ask(kind, |asked| {
            // Started later, it would hold an input that is not closed where another program starts.
            let mut beside = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
            let instead = Command::new("true").stdin(Stdio::piped()).spawn()?.stdin.take();
            drop(std::mem::replace(&mut asked.to, instead.expect("a pipe")));
            let has_ended = asked.child.wait()?.success();
            drop(beside.stdin.take());
            beside.wait()?;
            assert!(has_ended, "{kind:?}");
            Ok(())
        })
        .expect("it ran");
    }
}
