//! The tool `read`: lines of a text file, numbered.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stop, ToolCx};
use crate::permissions::Access;

const LINES_MAX: usize = 2_000;
const BYTES_MAX: usize = 256 << 10;
/// A longer line is cut: it is data or minified code.
const LINE_BYTES_MAX: usize = 4_000;
/// Beyond it, counting the lines would take longer than it is worth.
const FILE_BYTES_MAX: u64 = 64 << 20;

#[derive(Deserialize)]
pub(super) struct Input {
    #[serde(alias = "file_path")]
    path: String,
    /// 1 is the first line.
    offset: Option<usize>,
    limit: Option<usize>,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "offset": {"type": "integer", "description": "first line"},
            "limit": {"type": "integer", "description": "number of lines"}
        },
        "required": ["path"]
    })
}

pub(super) fn run(input: Input, cx: &ToolCx, stop: &Stop) -> Result<String, String> {
    let path = cx.look_up(Access::Read, &input.path)?;
    let file = cx.workspace.open_file(&path)?;
    let size = file.metadata().map_err(|err| format!("{}: {err}", input.path))?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!(
            "{}: {size} bytes are too many to read; search it with `grep`, or cut it with a command",
            input.path
        ));
    }
    let mut reader = BufReader::new(file);
    let start = reader.fill_buf().map_err(|err| format!("{}: {err}", input.path))?;
    if start.contains(&0) {
        return Err(format!("{}: a binary file of {size} bytes, not text", input.path));
    }
    if start.is_empty() {
        return Ok(format!("{} is empty", input.path));
    }
    lines(reader, &input, stop)
}

fn lines(mut reader: impl BufRead, input: &Input, stop: &Stop) -> Result<String, String> {
    let first = input.offset.unwrap_or(1).max(1);
    let limit = input.limit.unwrap_or(LINES_MAX).clamp(1, LINES_MAX);
    let mut out = String::new();
    let (mut total, mut shown, mut full) = (0, 0, false);
    let mut line = Vec::new();
    while !stop.is_set() {
        line.clear();
        let bounded = (&mut reader).take(FILE_BYTES_MAX).read_until(b'\n', &mut line);
        if bounded.map_err(|err| format!("{}: {err}", input.path))? == 0 {
            break;
        }
        total += 1;
        if total < first || full {
            continue;
        }
        let kept = &line[..line.len().min(LINE_BYTES_MAX)];
        let cut = if kept.len() < line.len() { "… [line cut]" } else { "" };
        let text = String::from_utf8_lossy(kept);
        let text = text.trim_end_matches(['\n', '\r']);
        if out.len() + text.len() > BYTES_MAX {
            full = true;
            continue;
        }
        let _ = writeln!(out, "{total:>6}\t{text}{cut}");
        shown += 1;
        full = shown == limit;
    }
    if shown == 0 {
        return Err(format!("{} has {total} lines: there is no line {first}", input.path));
    }
    let last = first + shown - 1;
    if last < total {
        let _ = write!(out, "[lines {first}-{last} of {total}; go on with offset {}]", last + 1);
    }
    Ok(out)
}
