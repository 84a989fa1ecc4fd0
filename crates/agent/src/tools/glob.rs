//! The tool `glob`: files by pattern of their path.

use serde::Deserialize;
use serde_json::{Value, json};

use super::walk::{self, PathPattern};
use super::{Stop, ToolCx};

const FILES_MAX: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Input {
    pattern: String,
    path: Option<String>,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "pattern": {"type": "string", "description": "such as `src/**/*.rs`"},
            "path": {"type": "string", "description": "folder to look in"}
        },
        "required": ["pattern"]
    })
}

pub(super) fn run(input: Input, cx: &ToolCx, stop: &Stop) -> Result<String, String> {
    let folder = input.path.as_deref();
    let pattern = PathPattern::new(&input.pattern, folder, cx)?;
    let mut found = walk::files(cx, folder, stop)?.filter(|path| pattern.matches(path));
    let shown: Vec<String> = found.by_ref().take(FILES_MAX).map(|path| path.display().to_string()).collect();
    if shown.is_empty() {
        return Ok(format!("no file matches `{}`", input.pattern));
    }
    let left_out = found.count();
    let mut out = shown.join("\n");
    if left_out > 0 {
        out.push_str(&format!("\n[{left_out} more left out: narrow the pattern]"));
    }
    Ok(out)
}
