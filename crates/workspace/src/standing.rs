//! Git processes that stay and are asked again: to start one takes longer than most of its answers.
//!
//! Whatever goes wrong with one (it died, it says what nobody asked) gives no answer, and whoever asks does so once
//! more with a process of its own, which can say what is wrong. They end when their input does: with the engine.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError};

/// Of each kind, those that wait for a question. More are started when more ask at once, and end afterwards.
const IDLE_MAX: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `<object>\n` → `<object> <type> <bytes>\n<content>\n`
    Objects,
    /// `<tree> <tree>\n` → the same line, and what [`Kind::args`] say.
    Changes,
    /// The same, with the text of the differences; a file longer than 8 MiB is named only.
    Diffs,
}

#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<Vec<(Kind, Asked)>>);

#[derive(Debug)]
pub(crate) struct Asked {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Kind {
    pub fn args(self) -> &'static [&'static str] {
        match self {
            Kind::Objects => &["cat-file", "--batch"],
            Kind::Changes => &["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"],
            Kind::Diffs => &[
                "-c",
                "core.bigFileThreshold=8m",
                "diff-tree",
                "--stdin",
                "-r",
                "--full-index",
                "--find-renames",
                "-l200",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--src-prefix=a/",
                "--dst-prefix=b/",
                "--raw",
                "-z",
                "--patch",
            ],
        }
    }
}

impl Standing {
    /// `ask`: puts its question and reads just the answer to it. `None`: there is none.
    pub fn ask<T>(
        &self,
        kind: Kind,
        start: impl FnOnce() -> Option<Child>,
        ask: impl FnOnce(&mut Asked) -> io::Result<T>,
    ) -> Option<T> {
        let mut asked = match self.take(kind) {
            Some(waiting) => waiting,
            None => Asked::of(start()?)?,
        };
        // An answer that was not read to its end would be taken for that of the next question.
        let answer = ask(&mut asked).ok()?;
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.iter().filter(|(of, _)| *of == kind).count() < IDLE_MAX {
            idle.push((kind, asked));
        }
        Some(answer)
    }

    fn take(&self, kind: Kind) -> Option<Asked> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().position(|(of, _)| *of == kind)?;
        Some(idle.swap_remove(at).1)
    }
}

impl Asked {
    fn of(mut child: Child) -> Option<Self> {
        // Nobody reads what it complains about: it would wait for that.
        drop(child.stderr.take());
        let (to, from) = (child.stdin.take()?, child.stdout.take()?);
        Some(Self { child, to, from: BufReader::new(from) })
    }

    /// The content of an object, at most `bytes_max` of it, if it is a blob.
    pub fn blob(&mut self, object: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        writeln!(self.to, "{object}")?;
        let mut head = Vec::new();
        self.from.read_until(b'\n', &mut head)?;
        let head = String::from_utf8_lossy(&head).into_owned();
        let bytes: u64 = match head.trim_end().split(' ').collect::<Vec<_>>()[..] {
            [name, "blob", bytes] if name == object => bytes.parse().map_err(io::Error::other)?,
            _ => return Err(io::Error::other(head)),
        };
        let kept = bytes.min(bytes_max as u64);
        let mut content = Vec::with_capacity(usize::try_from(kept).unwrap_or(0));
        self.from.by_ref().take(kept).read_to_end(&mut content)?;
        if content.len() as u64 != kept {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // With the end of its line.
        let rest = bytes - kept + 1;
        if io::copy(&mut self.from.by_ref().take(rest), &mut io::sink())? != rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(content)
    }

    /// What differs between two trees, at most about `bytes_max` of it: longer ones are no answer.
    pub fn difference(&mut self, from: &str, to: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        // What is no object is printed as it is. No file can be called like this: nobody knows it before.
        let random = || RandomState::new().build_hasher().finish();
        let end = format!("end {:016x}{:016x}\n", random(), random());
        write!(self.to, "{from} {to}\n{end}")?;
        let mut head = Vec::new();
        self.from.read_until(b'\n', &mut head)?;
        if head != format!("{from} {to}\n").as_bytes() {
            return Err(io::Error::other("another answer"));
        }
        let mut answer = Vec::new();
        while !answer.ends_with(end.as_bytes()) {
            let read = self.from.by_ref().take(bytes_max as u64).read_until(b'\n', &mut answer)?;
            if read == 0 || answer.len() > bytes_max {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        answer.truncate(answer.len() - end.len());
        Ok(answer)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // It only reads, so it may be killed at any time; waited for, it leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
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
        let list: String =
            entries.iter().map(|(path, blob)| format!("100644 blob {blob}\t{path}\0")).collect();
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
        for none in
            ["0000000000000000000000000000000000000000", "HEAD", &empty, &format!("{object}\n{object}")]
        {
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
}
