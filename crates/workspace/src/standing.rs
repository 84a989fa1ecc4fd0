//! Git processes that stay and are asked again: to start one takes longer than most of its answers.
//!
//! Whatever goes wrong with one (it died, it is silent, it says what nobody asked) gives no answer, and whoever asks
//! does so once more with a process of its own, which can say what is wrong. They end when their input does: with the
//! engine.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::known::is_hash;
use crate::landing::LANDED;
use crate::path::shown;

/// Of each kind, those that wait for a question. More are started when more ask at once, and end afterwards.
const IDLE_MAX: usize = 2;
/// Without another byte of an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of a line, and of all that is said of a merge: what is longer is no answer.
const ANSWER_BYTES_MAX: usize = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `<object>\n` → `<object> <type> <bytes>\n<content>\n`
    Objects,
    /// `<tree> <tree>\n` → the same line, and what [`Kind::args`] say.
    Changes,
    /// The same, with the text of the differences; a file longer than 8 MiB is named only.
    Diffs,
    /// `<commit> <commit>\n` → as `merge-tree -z` says it, between `<clean>\0` and `\0`.
    Merges,
    /// `<file with the content of an object>\n` → `<object>\n`, and it is on disk.
    Blobs,
    Trees,
    Commits,
    /// A transaction of one reference, step by step: `<step>: ok\n` of each.
    References,
}

#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<Vec<(Kind, Asked)>>);

#[derive(Debug)]
pub(crate) struct Asked {
    child: Child,
    to: ChildStdin,
    from: BufReader<Patient>,
    scratch: Scratch,
}

/// The file that objects are made from, one after the other: a new one for each would take longer.
#[derive(Debug)]
struct Scratch {
    /// Where git was started: a name in it needs no quotes.
    dir: PathBuf,
    name: Option<String>,
}

impl Scratch {
    fn name(&mut self) -> io::Result<String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let name = format!("fanfold-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // Whatever lies there was left by another process of this number.
        match std::fs::remove_file(self.dir.join(&name)) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
            Ok(()) | Err(_) => Ok(self.name.insert(name).clone()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // What is left of it is read by nobody.
            let _ = std::fs::remove_file(self.dir.join(name));
        }
    }
}

/// A pipe that is an error when nothing comes for too long.
#[derive(Debug)]
struct Patient {
    pipe: ChildStdout,
    patience: Duration,
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
            Kind::Merges => &["merge-tree", "--stdin", "--messages"],
            Kind::Blobs => &["hash-object", "-w", "-t", "blob", "--no-filters", "--stdin-paths"],
            Kind::Trees => &["hash-object", "-w", "-t", "tree", "--no-filters", "--stdin-paths"],
            Kind::Commits => &["hash-object", "-w", "-t", "commit", "--no-filters", "--stdin-paths"],
            Kind::References => &["update-ref", "-m", LANDED, "--stdin"],
        }
    }
}

impl Standing {
    /// `start`: one, and where it was started. `ask`: puts its question and reads just the answer to it. `None`: there is none.
    pub fn ask<T>(
        &self,
        kind: Kind,
        start: impl FnOnce() -> Option<(Child, PathBuf)>,
        ask: impl FnOnce(&mut Asked) -> io::Result<T>,
    ) -> Option<T> {
        let mut asked = match self.take(kind) {
            Some(waiting) => waiting,
            None => {
                let (child, dir) = start()?;
                Asked::of(child, dir)?
            }
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
    fn of(mut child: Child, dir: PathBuf) -> Option<Self> {
        // Nobody reads what it complains about: it would wait for that.
        drop(child.stderr.take());
        let (to, pipe) = (child.stdin.take()?, child.stdout.take()?);
        let from = BufReader::new(Patient { pipe, patience: PATIENCE });
        Some(Self { child, to, from, scratch: Scratch { dir, name: None } })
    }

    /// The content of an object, at most `bytes_max` of it, if it is a blob.
    pub fn blob(&mut self, object: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        self.object(object, "blob", bytes_max)
    }

    /// The same of a `blob`, a `tree` or a `commit`.
    pub fn object(&mut self, object: &str, kind: &str, bytes_max: usize) -> io::Result<Vec<u8>> {
        writeln!(self.to, "{object}")?;
        let head = String::from_utf8_lossy(&self.field(b'\n')?).into_owned();
        let bytes: u64 = match head.split(' ').collect::<Vec<_>>()[..] {
            [name, of, bytes] if name == object && of == kind => bytes.parse().map_err(io::Error::other)?,
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
        if self.field(b'\n')? != format!("{from} {to}").as_bytes() {
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

    /// Whether it is clean, and what `git merge-tree -z` says of it, from the tree on.
    pub fn merge(&mut self, ours: &str, theirs: &str) -> io::Result<(bool, Vec<u8>)> {
        if !is_hash(ours) || !is_hash(theirs) {
            return Err(io::Error::other("no full names"));
        }
        // Before 2.49 the end of an answer waits for the next one: a merge of nothing drives it out.
        write!(self.to, "{ours} {theirs}\n{ours} {ours}\n")?;
        let merged = self.read_merge(true)?;
        let (is_clean, _) = self.read_merge(false)?;
        let is_all = self.from.buffer().iter().all(|byte| *byte == 0);
        if is_clean && is_all { Ok(merged) } else { Err(io::Error::other("another answer")) }
    }

    /// `<clean>\0<tree>\0(<mode> <object> <stage>\t<path>\0)*\0(<n>\0<path>…\0<type>\0<message>\0)*\0`.
    /// `to_its_end`: also the messages and the last NUL. Else the next one may begin with that.
    fn read_merge(&mut self, to_its_end: bool) -> io::Result<(bool, Vec<u8>)> {
        let mut first = self.field(0)?;
        if first.is_empty() {
            first = self.field(0)?;
        }
        let mut out = Vec::new();
        let mut field = || -> io::Result<Vec<u8>> {
            let field = self.field(0)?;
            out.extend_from_slice(&field);
            out.push(0);
            if out.len() > ANSWER_BYTES_MAX { Err(io::Error::other("too long")) } else { Ok(field) }
        };
        if !matches!(&first[..], b"0" | b"1") || !is_hash(&shown(&field()?)) {
            return Err(io::Error::other("another answer"));
        }
        while !field()?.is_empty() {}
        if !to_its_end {
            return Ok((first == b"1", out));
        }
        loop {
            let count = field()?;
            if count.is_empty() {
                return Ok((first == b"1", out));
            }
            let paths: usize = shown(&count).parse().map_err(io::Error::other)?;
            for _ in 0..paths.saturating_add(2) {
                field()?;
            }
        }
    }

    /// Makes an object of this content: its hash.
    pub fn write(&mut self, content: &[u8]) -> io::Result<String> {
        let name = self.scratch.name()?;
        std::fs::write(self.scratch.dir.join(&name), content)?;
        writeln!(self.to, "{name}")?;
        let hash = shown(&self.field(b'\n')?);
        if is_hash(&hash) && self.from.buffer().is_empty() { Ok(hash) } else { Err(io::Error::other(hash)) }
    }

    /// Moves a reference, if it is still at `from`.
    pub fn advance(&mut self, reference: &str, from: &str, to: &str) -> io::Result<()> {
        if !is_hash(from) || !is_hash(to) || reference.contains(char::is_whitespace) {
            return Err(io::Error::other("no full names"));
        }
        write!(self.to, "start\nupdate {reference} {to} {from}\ncommit\n")?;
        for step in ["start: ok", "commit: ok"] {
            if self.field(b'\n')? != step.as_bytes() {
                return Err(io::Error::other("another answer"));
            }
        }
        Ok(())
    }

    /// Up to this byte, without it.
    fn field(&mut self, end: u8) -> io::Result<Vec<u8>> {
        let mut field = Vec::new();
        self.from.by_ref().take(ANSWER_BYTES_MAX as u64).read_until(end, &mut field)?;
        if field.pop() == Some(end) { Ok(field) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let timeout = Timespec::try_from(self.patience).map_err(io::Error::other)?;
        loop {
            match poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&timeout)) {
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(_) => return self.pipe.read(into),
                Err(rustix::io::Errno::INTR) => {}
                Err(err) => return Err(err.into()),
            }
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // It waits for a question, or was silent for so long that it will not answer: it may be killed. Waited for, it
        // leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests;
