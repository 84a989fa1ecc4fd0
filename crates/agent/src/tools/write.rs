//! The tool `write`: a whole file.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stop, ToolCx};
use crate::permissions::Access;

#[derive(Deserialize)]
pub(super) struct Input {
    #[serde(alias = "file_path")]
    path: String,
    content: String,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "content": {"type": "string"}
        },
        "required": ["path", "content"]
    })
}

pub(super) fn run(input: Input, cx: &ToolCx, _stop: &Stop) -> Result<String, String> {
    let path = cx.look_up(Access::Edit, &input.path)?;
    let _change = cx.workspace.change();
    cx.workspace.replace_file(&path, input.content.as_bytes())?;
    Ok(format!("wrote {}: {} lines", path.display(), input.content.lines().count()))
}
