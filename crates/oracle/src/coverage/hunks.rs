//! Which lines a patch adds or changes: from a unified diff as git writes it.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// By path, after the change. A file that only loses lines has none.
    pub lines: BTreeMap<String, BTreeSet<u32>>,
    /// The diff was too long to be all there.
    pub is_cut: bool,
}

pub fn changed(diff: &str) -> Changed {
    let mut changed = Changed::default();
    let (mut path, mut hunk) = (None, None);
    for line in diff.lines() {
        match hunk.take() {
            Some(here) => hunk = inside(line, here, path.as_deref(), &mut changed),
            None if line.starts_with("@@ ") => hunk = Hunk::of(line),
            None if line.starts_with("diff --git ") => path = None,
            None if line.starts_with("+++ ") => path = name(&line[4..]),
            None => changed.is_cut |= line.starts_with('('),
        }
    }
    changed
}

/// What is left of it.
#[derive(Clone, Copy)]
struct Hunk {
    /// Of the next line, after the change.
    place: u32,
    before: u32,
    after: u32,
}

/// One line of a hunk, and the hunk if there is more of it.
fn inside(line: &str, mut hunk: Hunk, path: Option<&str>, changed: &mut Changed) -> Option<Hunk> {
    match line.bytes().next() {
        Some(b'+') => {
            if let Some(path) = path {
                changed.lines.entry(path.to_owned()).or_default().insert(hunk.place);
            }
            hunk.after = hunk.after.checked_sub(1)?;
            hunk.place += 1;
        }
        Some(b'-') => hunk.before = hunk.before.checked_sub(1)?,
        Some(b' ') => {
            hunk.before = hunk.before.checked_sub(1)?;
            hunk.after = hunk.after.checked_sub(1)?;
            hunk.place += 1;
        }
        // `\ No newline at end of file`
        Some(b'\\') => {}
        Some(_) | None => {
            changed.is_cut = true;
            return None;
        }
    }
    (hunk.before > 0 || hunk.after > 0).then_some(hunk)
}

impl Hunk {
    /// `@@ -1,2 +3,4 @@ …`
    fn of(line: &str) -> Option<Self> {
        let mut words = line.split(' ').skip(1);
        let range = |word: &str, sign: char| -> Option<(u32, u32)> {
            let (place, count) =
                word.strip_prefix(sign).map(|word| word.split_once(',').unwrap_or((word, "1")))?;
            Some((place.parse().ok()?, count.parse().ok()?))
        };
        let (_, before) = range(words.next()?, '-')?;
        let (place, after) = range(words.next()?, '+')?;
        (before > 0 || after > 0).then_some(Self { place, before, after })
    }
}

/// `b/PATH`, in quotes where it has bytes that are no plain ASCII. `None`: `/dev/null`.
fn name(told: &str) -> Option<String> {
    // One with a space ends in a tab.
    let told = told.strip_suffix('\t').unwrap_or(told);
    let path = match told.strip_prefix('"') {
        Some(quoted) => unquoted(quoted.strip_suffix('"')?)?,
        None => told.to_owned(),
    };
    path.strip_prefix("b/").map(str::to_owned)
}

/// As C has strings: `\303\244`, `\t`, `\"`.
fn unquoted(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            high @ b'0'..=b'3' => {
                let (middle, low) = (rest.next()?, rest.next()?);
                ((high - b'0') << 6) | (middle.checked_sub(b'0')? << 3) | low.checked_sub(b'0')?
            }
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            same => same,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(changed: &Changed, path: &str) -> Vec<u32> {
        changed.lines.get(path).into_iter().flatten().copied().collect()
    }

    #[test]
    fn added_lines_have_their_places_after_the_change() {
        let diff = "diff --git a/src/a.rs b/src/a.rs\nindex 1..2 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n\
                    @@ -1,3 +1,4 @@ fn a\n one\n-two\n+Two\n+and a half\n three\n@@ -10 +11,2 @@\n-x\n+y\n+z\n\
                    \\ No newline at end of file\n\
                    diff --git a/gone.rs b/gone.rs\ndeleted file mode 100644\n--- a/gone.rs\n+++ /dev/null\n\
                    @@ -1,2 +0,0 @@\n-a\n-b\n\
                    diff --git a/new file.rs b/new file.rs\nnew file mode 100644\n--- /dev/null\n\
                    +++ b/new file.rs\t\n@@ -0,0 +1 @@\n+a\n";
        let changed = changed(diff);
        assert_eq!(lines(&changed, "src/a.rs"), [2, 3, 11, 12]);
        assert_eq!(lines(&changed, "new file.rs"), [1]);
        assert_eq!((changed.lines.len(), changed.is_cut), (2, false));
    }

    #[test]
    fn lines_that_look_like_a_diff_are_lines() {
        let diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,4 @@\n --- a/b\n-++ b/b\n+++ b/b\n\
                    +@@ -1 +1 @@\n+diff --git a/c b/c\n";
        let changed = changed(diff);
        assert_eq!((lines(&changed, "a"), changed.lines.len()), (vec![2, 3, 4], 1));
    }

    #[test]
    fn names_are_read_out_of_their_quotes() {
        assert_eq!(name(r#""b/\303\244 \"\t\\.py""#).as_deref(), Some("ä \"\t\\.py"));
        assert_eq!(name(r#""b/\3""#), None);
        assert_eq!(name("/dev/null"), None);
    }

    #[test]
    fn a_cut_is_seen() {
        let file = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1,9 @@\n+a\n";
        let within = changed(&format!("{file}(left out here: 7 lines of this file's changes)\n+i\n"));
        assert!(within.is_cut);
        assert!(changed("(left out here: the changes of 3 files)\n").is_cut);
        assert!(!changed(&file.replace(",9", "")).is_cut);
    }
}
