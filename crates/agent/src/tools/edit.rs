//! The tool `edit`: replaces text that occurs exactly once, or everywhere.

use std::io::Read as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stop, ToolCx};
use crate::permissions::Access;

const FILE_BYTES_MAX: u64 = 16 << 20;
const PLACES_SHOWN_MAX: usize = 10;

#[derive(Deserialize)]
pub(super) struct Input {
    #[serde(alias = "file_path")]
    path: String,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "old_string": {"type": "string"},
            "new_string": {"type": "string"},
            "replace_all": {"type": "boolean"}
        },
        "required": ["path", "old_string", "new_string"]
    })
}

pub(super) fn run(input: Input, cx: &ToolCx, _stop: &Stop) -> Result<String, String> {
    cx.look_up(Access::Read, &input.path)?;
    let path = cx.look_up(Access::Edit, &input.path)?;
    let _change = cx.workspace.change();
    let mut bytes = Vec::new();
    let file = cx.workspace.open_file(&path)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|err| format!("{}: {err}", input.path))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("{}: over {FILE_BYTES_MAX} bytes; change it with a command", input.path));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8 text", input.path))?;
    let (text, places) = replace(&text, &input).map_err(|why| format!("{}: {why}", input.path))?;
    cx.workspace.replace_file(&path, text.as_bytes())?;
    let places: Vec<String> = places.iter().take(PLACES_SHOWN_MAX).map(usize::to_string).collect();
    Ok(format!("edited {} at line {}", path.display(), places.join(", ")))
}

/// The new text, and the lines at which the old one stood.
fn replace(text: &str, input: &Input) -> Result<(String, Vec<usize>), String> {
    let Input { old_string, new_string, replace_all, path: _ } = input;
    if old_string.is_empty() {
        return Err("`old_string` is empty: use `write` to make a file".into());
    }
    if old_string == new_string {
        return Err("`old_string` and `new_string` are the same".into());
    }
    // Models write line feeds; the file keeps its own line ends.
    let crlf = text.contains("\r\n") && !old_string.contains('\r');
    let ends = |text: &String| if crlf { text.replace('\n', "\r\n") } else { text.clone() };
    let (old, new) = (ends(old_string), ends(new_string));

    let places: Vec<usize> = text.match_indices(&old).map(|(at, _)| line_of(text, at)).collect();
    match places.len() {
        0 => Err(no_match(text, &old)),
        1 => Ok((text.replacen(&old, &new, 1), places)),
        _ if *replace_all => Ok((text.replace(&old, &new), places)),
        count => {
            let shown: Vec<String> = places.iter().take(PLACES_SHOWN_MAX).map(usize::to_string).collect();
            let more = if count > PLACES_SHOWN_MAX { ", …" } else { "" };
            Err(format!(
                "{count} matches of `old_string`, at lines {}{more}: add lines around the one that is meant, or set `replace_all`",
                shown.join(", ")
            ))
        }
    }
}

fn no_match(text: &str, old: &str) -> String {
    let wanted = old.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let near = text.lines().position(|line| !wanted.is_empty() && line.trim() == wanted);
    match near {
        Some(line) => format!(
            "no match of `old_string`; its first line is like line {}, but spaces or what follows differ: read it again",
            line + 1
        ),
        None => "no match of `old_string`: read the file again".into(),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, old: &str, new: &str, replace_all: bool) -> Result<String, String> {
        let input = Input { path: "f".into(), old_string: old.into(), new_string: new.into(), replace_all };
        replace(text, &input).map(|(text, _)| text)
    }

    #[test]
    fn only_one_match_is_replaced_and_the_error_says_where_the_others_are() {
        assert_eq!(edit("a\nb\n", "b", "c", false), Ok("a\nc\n".into()));
        let err = edit("x\ny\nx\nx\n", "x", "z", false).expect_err("three");
        assert!(err.starts_with("3 matches of `old_string`, at lines 1, 3, 4"), "{err}");
        assert_eq!(edit("x\nx\n", "x", "z", true), Ok("z\nz\n".into()));
    }

    #[test]
    fn a_miss_names_the_line_that_was_probably_meant() {
        let err = edit("a\n    fn x() {\n", "fn x() {\n  1", "q", false).expect_err("no match");
        assert!(err.contains("like line 2"), "{err}");
    }

    #[test]
    fn line_ends_of_the_file_are_kept() {
        assert_eq!(edit("a\r\nb\r\n", "a\nb", "c\nd", false), Ok("c\r\nd\r\n".into()));
    }
}
