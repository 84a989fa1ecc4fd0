//! What an agent can do besides answering: the tools, their names, and how a call of one is carried out.

mod bash;
pub(crate) mod descendants;
mod edit;
mod glob;
mod grep;
mod read;
mod walk;
mod web_fetch;
mod workspace;
mod write;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanfold_core::Clock;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permissions::{Access, Permissions};
use crate::wire::ToolSpec;

pub use bash::BashConfig;
pub use web_fetch::{FetchConfig, Fetcher, Web};
pub use workspace::Workspace;

/// Of a search through a large tree on a busy machine.
const SEARCH_MAX: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(15);

/// A tool, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    Read,
    Write,
    Edit,
    Glob,
    Grep,
    Bash,
    WebFetch,
    /// The provider's own: never run here.
    WebSearch,
}

/// Some of the tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ToolSet(u8);

/// What every call of a tool of the workspace is given.
pub struct ToolCx {
    pub workspace: Arc<Workspace>,
    pub permissions: Arc<Permissions>,
    pub bash: Option<Arc<BashConfig>>,
    pub clock: Arc<dyn Clock>,
    pub reach: Reach,
}

/// How far the end of a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its process group: other processes here are not ours to kill.
    Group,
    /// All that descends from this process, which runs nothing else.
    Descendants,
}

/// Carries out one call in the workspace. `Err` is what the model is told went wrong; both are bounded in size.
/// Cancelled by drop: processes are killed, searches end soon.
pub async fn run(tool: Tool, input: &Value, cx: &Arc<ToolCx>) -> Result<String, String> {
    match tool {
        Tool::Read => blocking(cx, input, read::run).await,
        Tool::Write => blocking(cx, input, write::run).await,
        Tool::Edit => blocking(cx, input, edit::run).await,
        Tool::Glob => blocking(cx, input, glob::run).await,
        Tool::Grep => blocking(cx, input, grep::run).await,
        Tool::Bash => bash::run(decode(input)?, cx).await,
        Tool::WebFetch | Tool::WebSearch => Err(format!("`{}` is no tool of a workspace", tool.name())),
    }
}

/// How long a call may take before whoever carries it out is taken for dead.
pub(crate) fn patience(tool: Tool, input: &Value) -> Duration {
    let work = match tool {
        Tool::Bash => Duration::from_millis(bash::timeout_ms(input)),
        Tool::Read | Tool::Write | Tool::Edit | Tool::Glob | Tool::Grep => SEARCH_MAX,
        Tool::WebFetch | Tool::WebSearch => Duration::ZERO,
    };
    work + GRACE
}

/// What a person sees of a call: one line of at most 80 characters.
pub fn brief(input: &Value) -> String {
    let shown = ["path", "file_path", "pattern", "command", "url"]
        .iter()
        .find_map(|name| input.get(name).and_then(Value::as_str))
        .unwrap_or_default();
    let line = shown.lines().next().unwrap_or_default();
    let mut brief: String = line.chars().filter(|ch| !ch.is_control()).take(79).collect();
    if brief.len() < shown.len() {
        brief.push('…');
    }
    brief
}

impl Tool {
    pub const ALL: [Tool; 8] = [
        Tool::Read,
        Tool::Write,
        Tool::Edit,
        Tool::Glob,
        Tool::Grep,
        Tool::Bash,
        Tool::WebFetch,
        Tool::WebSearch,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Tool::Read => "read",
            Tool::Write => "write",
            Tool::Edit => "edit",
            Tool::Glob => "glob",
            Tool::Grep => "grep",
            Tool::Bash => "bash",
            Tool::WebFetch => "web_fetch",
            Tool::WebSearch => "web_search",
        }
    }

    /// Our own names and those of agent definitions in the wild (`WebFetch`, `MultiEdit`), in any case.
    pub fn parse(name: &str) -> Option<Tool> {
        let plain: String = name.trim().chars().filter(|ch| *ch != '_').collect::<String>().to_lowercase();
        match plain.as_str() {
            "multiedit" => Some(Tool::Edit),
            _ => Tool::ALL.into_iter().find(|tool| tool.name().replace('_', "") == plain),
        }
    }

    /// It changes nothing: may run beside others, and again after a crash.
    pub fn only_reads(self) -> bool {
        match self {
            Tool::Read | Tool::Glob | Tool::Grep | Tool::WebFetch | Tool::WebSearch => true,
            Tool::Write | Tool::Edit | Tool::Bash => false,
        }
    }

    /// What the model is told; `None`: the provider tells it.
    fn spec(self) -> Option<ToolSpec> {
        let (description, input_schema) = match self {
            Tool::Read => (include_str!("../prompts/tools/read.md"), read::schema()),
            Tool::Write => (include_str!("../prompts/tools/write.md"), write::schema()),
            Tool::Edit => (include_str!("../prompts/tools/edit.md"), edit::schema()),
            Tool::Glob => (include_str!("../prompts/tools/glob.md"), glob::schema()),
            Tool::Grep => (include_str!("../prompts/tools/grep.md"), grep::schema()),
            Tool::Bash => (include_str!("../prompts/tools/bash.md"), bash::schema()),
            Tool::WebFetch => (include_str!("../prompts/tools/web_fetch.md"), web_fetch::schema()),
            Tool::WebSearch => return None,
        };
        let description = description.trim_end().to_owned();
        Some(ToolSpec { name: self.name().to_owned(), description, input_schema })
    }
}

impl ToolSet {
    pub const NONE: ToolSet = ToolSet(0);

    pub fn all() -> Self {
        Tool::ALL.into_iter().collect()
    }

    /// The tools named in `names`, and a warning for each name that is none.
    ///
    /// A name with a pattern (`Bash(git log:*)`) is a rule and no tool: the tool is not granted by it.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> (Self, Vec<String>) {
        let mut set = Self::NONE;
        let mut warnings = Vec::new();
        for name in names {
            if name.trim() == "*" {
                set = Self::all();
                continue;
            }
            match Tool::parse(name) {
                Some(tool) => set.insert(tool),
                None => warnings.push(unknown(name)),
            }
        }
        (set, warnings)
    }

    /// Like [`ToolSet::parse`], for tools to be taken away: a pattern takes the whole tool.
    pub fn parse_denied<'a>(names: impl IntoIterator<Item = &'a str>) -> (Self, Vec<String>) {
        Self::parse(names.into_iter().map(|name| name.split('(').next().unwrap_or(name)))
    }

    pub fn insert(&mut self, tool: Tool) {
        self.0 |= 1 << tool as u8;
    }

    pub fn contains(self, tool: Tool) -> bool {
        self.0 & (1 << tool as u8) != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Tool> {
        Tool::ALL.into_iter().filter(move |tool| self.contains(*tool))
    }

    pub fn specs(self) -> Vec<ToolSpec> {
        self.iter().filter_map(Tool::spec).collect()
    }
}

impl FromIterator<Tool> for ToolSet {
    fn from_iter<I: IntoIterator<Item = Tool>>(tools: I) -> Self {
        let mut set = Self::NONE;
        tools.into_iter().for_each(|tool| set.insert(tool));
        set
    }
}

impl fmt::Display for ToolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, tool) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", tool.name())?;
        }
        Ok(())
    }
}

/// Told to a search on another thread when nobody waits for it any more.
#[derive(Clone, Default)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl ToolCx {
    fn look_up(&self, access: Access, path: &str) -> Result<PathBuf, String> {
        self.workspace.look_up(&self.permissions, access, path)
    }
}

async fn blocking<I: DeserializeOwned + Send + 'static>(
    cx: &Arc<ToolCx>,
    input: &Value,
    work: fn(I, &ToolCx, &Stop) -> Result<String, String>,
) -> Result<String, String> {
    let input = decode(input)?;
    let stop = Stop::default();
    let _guard = StopOnDrop(stop.clone());
    let cx = cx.clone();
    match tokio::task::spawn_blocking(move || work(input, &cx, &stop)).await {
        Ok(result) => result,
        Err(died) => Err(format!("the tool failed: {died}")),
    }
}

fn decode<I: DeserializeOwned>(input: &Value) -> Result<I, String> {
    I::deserialize(input).map_err(|err| format!("bad input: {err}"))
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
    match fanfold_core::schema::nearest(name, &names) {
        Some(near) => format!("there is no tool `{name}`; `{near}` was probably meant"),
        None => format!("there is no tool `{name}`, expected one of {}", names.join(", ")),
    }
}

/// At most `bytes_max` bytes of the start of `text`, cut between characters.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_agent_definitions_in_the_wild_are_understood() {
        let names = ["Read", "WRITE", "MultiEdit", "Glob", "grep", "Bash", "WebFetch", "web_search"];
        let (set, warnings) = ToolSet::parse(names);
        assert_eq!(set, ToolSet::all());
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn a_name_that_is_no_tool_is_told_with_the_nearest_one() {
        let (set, warnings) = ToolSet::parse(["Read", "Gerp", "TodoWrite", "Bash(git log:*)"]);
        assert_eq!(set, ToolSet::from_iter([Tool::Read]), "a pattern grants nothing");
        assert!(warnings[0].contains("`grep` was probably meant"), "{warnings:?}");
        assert_eq!(warnings.len(), 3);
        let (denied, _) = ToolSet::parse_denied(["Bash(rm:*)"]);
        assert!(denied.contains(Tool::Bash), "a denied pattern takes the whole tool");
    }

    #[test]
    fn a_brief_is_one_line_without_control_characters() {
        let input = serde_json::json!({"command": format!("echo \u{1b}[31m{}\nrm x", "a".repeat(100))});
        let brief = brief(&input);
        assert_eq!(brief.chars().count(), 80);
        assert!(brief.ends_with('…') && !brief.contains('\u{1b}'), "{brief}");
    }
}
