//! What differs between two commits: as a list, and as a text for a model or a person.

use std::sync::Arc;

use crate::git::fields;
use crate::path::shown;
use crate::repo::RunRepo;
use crate::standing::Kind;
use crate::tree::split_once;

/// Of a patch's own diff.
pub(crate) const DIFF_BYTES_MAX: usize = 100_000;
/// Read at all, before it is cut.
const READ_BYTES_MAX: usize = 64 << 20;
/// Files that a cut names.
const NAMED_MAX: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Relative to the root of the tree. Bytes that are no UTF-8 are replaced.
    pub path: String,
    pub kind: ChangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Modified,
    Deleted,
    /// A file became a link or a submodule, or the other way round.
    Type,
}

/// As git has it: before and after.
#[derive(Debug)]
pub(crate) struct RawChange {
    pub path: Vec<u8>,
    pub kind: ChangeKind,
    /// Before.
    pub mode: String,
    pub object: String,
    /// After.
    pub new_mode: String,
    pub new_object: String,
}

impl RunRepo {
    /// A rename is a deletion and an addition.
    pub fn changes(&self, from: &str, to: &str) -> Result<Vec<Change>, String> {
        let raw = self.raw_changes(from, to)?;
        Ok(raw.iter().map(|change| Change { path: shown(&change.path), kind: change.kind }).collect())
    }

    /// Unified. Longer than `bytes_max`: what lies in the middle is left out and named. Binary files are
    /// named only.
    pub fn diff(&self, from: &str, to: &str, bytes_max: usize) -> Result<String, String> {
        self.counted_diff(from, to, bytes_max).map(|(_, text)| text)
    }

    /// How many files differ, and the diff, in one go.
    pub(crate) fn counted_diff(
        &self,
        from: &str,
        to: &str,
        bytes_max: usize,
    ) -> Result<(u64, String), String> {
        let (out, more) = self.difference(Kind::Diffs, from, to)?;
        let (mut rest, mut files) = (out.as_slice(), 0);
        // `:<modes, objects, letter>\0<path>\0…\0<diff>`; a rename has two paths.
        while rest.first() == Some(&b':') {
            let (about, after) = split_once(rest, 0).unwrap_or((rest, b""));
            let moved =
                about.rsplit(|byte| *byte == b' ').next().is_some_and(|letter| letter.starts_with(b"R"));
            rest = after;
            for _ in 0..=usize::from(moved) {
                rest = split_once(rest, 0).map_or(&b""[..], |(_, after)| after);
                files += 1;
            }
        }
        let text = rest.strip_prefix(b"\0").unwrap_or(rest);
        Ok((files, cut(&whole(text, more), bytes_max)))
    }

    pub(crate) fn raw_changes(&self, from: &str, to: &str) -> Result<Arc<Vec<RawChange>>, String> {
        if let Some(known) = self.inner.known.changes(from, to) {
            return Ok(known);
        }
        let changes = Arc::new(self.ask_changes(from, to)?);
        self.inner.known.keep_changes(from, to, &changes);
        Ok(changes)
    }

    fn ask_changes(&self, from: &str, to: &str) -> Result<Vec<RawChange>, String> {
        let (out, _) = self.difference(Kind::Changes, from, to)?;
        let mut fields = fields(&out);
        let mut changes = Vec::new();
        // `:<mode> <mode> <object> <object> <letter>\0<path>\0`
        while let (Some(about), Some(path)) = (fields.next(), fields.next()) {
            let about = String::from_utf8_lossy(about);
            let parts: Vec<&str> = about.trim_start_matches(':').split(' ').collect();
            let [mode, new_mode, object, new_object, letter] = parts[..] else {
                return Err(format!("git diff-tree: {about}"));
            };
            let kind = match letter {
                "A" => ChangeKind::Added,
                "D" => ChangeKind::Deleted,
                "T" => ChangeKind::Type,
                _ => ChangeKind::Modified,
            };
            changes.push(RawChange {
                path: path.to_owned(),
                kind,
                mode: mode.to_owned(),
                object: object.to_owned(),
                new_mode: new_mode.to_owned(),
                new_object: new_object.to_owned(),
            });
        }
        Ok(changes)
    }

    /// As git says it, and whether that was too long to be read to its end.
    fn difference(&self, kind: Kind, from: &str, to: &str) -> Result<(Vec<u8>, bool), String> {
        let (from, to) = (self.tree_id(from)?, self.tree_id(to)?);
        let told = self.git().ask(kind, |git| git.difference(&from, &to, READ_BYTES_MAX));
        match told {
            Some(told) => Ok((told, false)),
            None => {
                let what = kind.args().iter().filter(|word| **word != "--stdin").copied();
                let args: Vec<&str> = what.chain(["--end-of-options", &from, &to]).collect();
                self.git().head(&args, READ_BYTES_MAX)
            }
        }
    }
}

fn whole(text: &[u8], more: bool) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    if more {
        text.push_str("\n(the rest was not read: the whole diff is longer than 64 MiB)\n");
    }
    text
}

/// Whole files from both ends as long as they fit; a file that alone is too long keeps its own ends.
fn cut(diff: &str, bytes_max: usize) -> String {
    if diff.len() <= bytes_max {
        return diff.to_owned();
    }
    let files: Vec<String> = files(diff).into_iter().map(|file| shorten(file, bytes_max / 4)).collect();
    let (mut head, mut tail, mut used) = (0, files.len(), 0);
    // From both ends in turn.
    loop {
        let from_head = head <= files.len() - tail;
        let next = if from_head { head } else { tail - 1 };
        if head >= tail || used + files[next].len() > bytes_max {
            break;
        }
        used += files[next].len();
        if from_head { head += 1 } else { tail -= 1 }
    }
    let mut text: String = files[..head].concat();
    let left_out = &files[head..tail];
    if !left_out.is_empty() {
        text.push_str(&format!("(left out here: the changes of {} files)\n", left_out.len()));
        for file in left_out.iter().take(NAMED_MAX) {
            let name = file.lines().next().unwrap_or_default().trim_start_matches("diff --git ");
            text.push_str(&format!("(left out: {name})\n"));
        }
        if left_out.len() > NAMED_MAX {
            text.push_str(&format!("(and {} more)\n", left_out.len() - NAMED_MAX));
        }
    }
    text.push_str(&files[tail..].concat());
    text
}

fn files(diff: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = diff.match_indices("\ndiff --git ").map(|(at, _)| at + 1).collect();
    starts.insert(0, 0);
    starts.push(diff.len());
    starts.windows(2).map(|pair| &diff[pair[0]..pair[1]]).filter(|file| !file.is_empty()).collect()
}

fn shorten(file: &str, bytes_max: usize) -> String {
    if file.len() <= bytes_max {
        return file.to_owned();
    }
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    let (mut head, mut tail, mut used) = (0, lines.len(), 0);
    while head < tail && used + lines[head].len() <= bytes_max / 2 {
        used += lines[head].len();
        head += 1;
    }
    used = 0;
    while tail > head && used + lines[tail - 1].len() <= bytes_max / 2 {
        used += lines[tail - 1].len();
        tail -= 1;
    }
    let note = format!("(left out here: {} lines of this file's changes)\n", tail - head);
    format!("{}{note}{}", lines[..head].concat(), lines[tail..].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, lines: usize) -> String {
        format!("diff --git a/{name} b/{name}\n{}", "+line\n".repeat(lines))
    }

    #[test]
    fn a_long_diff_keeps_its_ends_and_names_what_is_left_out() {
        let diff: String = (0..100).map(|nth| file(&format!("f{nth}"), 10)).collect();
        let short = cut(&diff, 2_000);
        assert!(short.len() < 2_000 + NAMED_MAX * 40, "{}", short.len());
        assert!(short.starts_with(&file("f0", 10)) && short.ends_with(&file("f99", 10)));
        assert!(short.contains("(left out: a/f50 b/f50)") || short.contains("more)"));
        let shown = short.matches("\n+line").count() / 10;
        assert!(short.contains(&format!("the changes of {} files", 100 - shown)), "{short}");
        assert_eq!(cut(&diff, diff.len()), diff);
    }

    #[test]
    fn one_long_file_is_cut_within() {
        let short = cut(&file("f", 10_000), 4_000);
        assert!(short.len() < 1_200 && short.starts_with("diff --git a/f b/f\n"), "{}", short.len());
        assert!(short.contains("lines of this file's changes)"));
    }
}
