//! What one agent said and did, a line for each thing as it happens: for people, and for going on after a
//! crash from the last turn that is whole.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_core::{Failure, FailureKind, Patch, Usage};
use serde::{Deserialize, Serialize};

use crate::structured::RETURN_TOOL;
use crate::wire::{Block, Stop, ToolSpec};

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line<'a> {
    /// Always the first.
    Start(Header),
    /// What the agent is told: its task first.
    User { content: Cow<'a, [Block]> },
    /// What the model answered; `usage` includes that of tries of this turn that broke.
    Turn { content: Cow<'a, [Block]>, stop: Stop, usage: Usage },
    /// What one call of a tool came to.
    Result { block: Cow<'a, Block> },
    /// A later attempt goes on from here.
    Resumed,
    /// What an isolated agent changed, without its diff; `None`: nothing. `refused`: what no patch may hold.
    Patch { patch: Option<Patch>, refused: Cow<'a, [String]> },
    /// How it ended; `None`: with a result, the last turn.
    End { failure: Option<Cow<'a, Failure>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub key: String,
    pub label: String,
    /// `provider/model`.
    pub model: String,
    pub agent_type: String,
    pub workspace: PathBuf,
    /// The commit that its patch is relative to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Names the file with the system prompt and the tools: `system-<digest>.json` beside this one.
    pub system: String,
}

/// What `system-<digest>.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct System {
    pub system: Arc<str>,
    pub tools: Arc<Vec<ToolSpec>>,
}

/// A transcript, read back up to its first line that is not whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    pub header: Header,
    /// Without the header.
    pub lines: Vec<Line<'static>>,
    /// Bytes of whole lines.
    pub whole_bytes: u64,
}

/// What can be gone on with.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumable {
    /// What the agent was told first.
    pub task: Vec<Block>,
    /// At least one.
    pub turns: Vec<PastTurn>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PastTurn {
    pub content: Vec<Block>,
    pub stop: Stop,
    pub usage: Usage,
    /// Results of its calls, and what the agent was told.
    pub after: Vec<Block>,
}

/// The folder of a run's transcripts.
pub fn folder(run_dir: &Path) -> PathBuf {
    run_dir.join("transcripts")
}

/// The file of the agent with this key.
pub fn path(run_dir: &Path, key: &str) -> PathBuf {
    folder(run_dir).join(format!("{}.jsonl", file_name(key)))
}

/// A key as the name of a file.
pub fn file_name(key: &str) -> String {
    let safe = |ch: char| if ch.is_ascii_alphanumeric() || "._-".contains(ch) { ch } else { '_' };
    key.chars().map(safe).collect()
}

/// `Err` of kind `InvalidData`: not even the first line is whole.
pub fn read(path: &Path) -> io::Result<Transcript> {
    let bytes = fs::read(path)?;
    let mut whole_bytes = 0;
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.last() != Some(&b'\n') {
            break;
        }
        let Ok(line) = serde_json::from_slice::<Line<'static>>(line).map(|read| (read, line.len())) else {
            break;
        };
        whole_bytes += line.1 as u64;
        lines.push(line.0);
    }
    if lines.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no whole line in it"));
    }
    match lines.remove(0) {
        Line::Start(header) => Ok(Transcript { header, lines, whole_bytes }),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it does not start with a header")),
    }
}

/// Writes the system prompt and the tools of a run's agents, once for all that share them.
pub fn write_system(run_dir: &Path, digest: &str, system: &System) -> io::Result<()> {
    let path = folder(run_dir).join(format!("system-{digest}.json"));
    if path.exists() {
        return Ok(());
    }
    let mut file = open(OpenOptions::new().write(true).create(true).truncate(true), &path)?;
    file.write_all(&serde_json::to_vec_pretty(system)?)
}

impl Transcript {
    /// What the agent has used, as far as it is known.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for line in &self.lines {
            if let Line::Turn { usage: more, .. } = line {
                usage += *more;
            }
        }
        usage
    }

    /// The patch that was taken when it had ended; `Some(None)`: nothing had changed.
    pub fn patch(&self) -> Option<Option<&Patch>> {
        self.lines.iter().rev().find_map(|line| match line {
            Line::Patch { patch, .. } => Some(patch.as_ref()),
            _ => None,
        })
    }

    /// `None`: there is no whole turn, or the attempt ended with a failure.
    pub fn resumable(self) -> Option<Resumable> {
        let mut task: Vec<Block> = Vec::new();
        let mut turns: Vec<PastTurn> = Vec::new();
        for line in self.lines {
            let after = turns.last_mut().map_or(&mut task, |turn| &mut turn.after);
            match line {
                Line::User { content } => after.extend(content.into_owned()),
                Line::Result { block } => after.push(block.into_owned()),
                Line::Turn { content, stop, usage } => {
                    let content = content.into_owned();
                    turns.push(PastTurn { content, stop, usage, after: Vec::new() });
                }
                // More money, and it can go on.
                Line::End { failure: Some(failure) } if failure.kind == FailureKind::Budget => (),
                Line::End { failure: Some(_) } => return None,
                Line::Start(_) | Line::Resumed | Line::Patch { .. } | Line::End { failure: None } => (),
            }
        }
        (!turns.is_empty()).then_some(Resumable { task, turns })
    }
}

impl PastTurn {
    /// What follows from it is still to be done, if it is the last one.
    pub fn is_open(&self) -> bool {
        let calls = self.content.iter().filter(|block| matches!(block, Block::ToolUse { .. })).count();
        let answered = self.after.iter().filter(|block| matches!(block, Block::ToolResult { .. })).count();
        answered < calls || self.after.is_empty()
    }

    /// For each of its calls the result, if there is one; returning the agent's own result has none here.
    pub fn work(&self) -> impl Iterator<Item = Option<&Block>> {
        self.content.iter().filter_map(|block| match block {
            Block::ToolUse { name, .. } if name == RETURN_TOOL => Some(None),
            Block::ToolUse { id, .. } => Some(result(&self.after, id)),
            Block::Text { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
        })
    }
}

/// The result of the call with this id.
pub fn result<'a>(blocks: &'a [Block], of: &str) -> Option<&'a Block> {
    blocks.iter().find(|block| matches!(block, Block::ToolResult { id, .. } if id == of))
}

/// Appends lines. Nothing is kept open in between: a thousand agents write at once.
///
/// A transcript is an aid: after a failed write there is none, but the agent works on.
pub struct Writer {
    /// `None`: nothing is to be kept, or no longer can be.
    path: Option<PathBuf>,
    waiting: Vec<u8>,
}

impl Writer {
    pub fn none() -> Self {
        Self { path: None, waiting: Vec::new() }
    }

    /// Takes the place of what is there, which is gone at once: nobody may go on with it.
    pub fn create(path: PathBuf, header: Header) -> Self {
        // An error is nearly always that there is none.
        let _ = fs::remove_file(&path);
        let mut writer = Self { path: Some(path), waiting: Vec::with_capacity(2_048) };
        writer.add(&Line::Start(header));
        writer
    }

    /// Goes on behind the whole lines of a transcript that was read.
    pub fn resume(path: PathBuf, whole_bytes: u64) -> io::Result<Self> {
        File::options().write(true).open(&path)?.set_len(whole_bytes)?;
        let mut writer = Self { path: Some(path), waiting: Vec::new() };
        writer.add(&Line::Resumed);
        Ok(writer)
    }

    /// Keeps the line for the next [`Writer::flush`].
    pub fn add(&mut self, line: &Line<'_>) {
        if self.path.is_some() {
            serde_json::to_writer(&mut self.waiting, line).expect("plain data always serializes");
            self.waiting.push(b'\n');
        }
    }

    /// Hands what waits to the operating system: it survives this process, not a power cut.
    pub fn flush(&mut self) {
        let Some(path) = &self.path else { return };
        if self.waiting.is_empty() {
            return;
        }
        let written = open(OpenOptions::new().create(true).append(true), path)
            .and_then(|mut file| file.write_all(&self.waiting));
        self.waiting.clear();
        if written.is_err() {
            self.path = None;
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Makes the folder when it turns out to be missing: once a run, without asking each time.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    match options.open(path) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            let mut folders = fs::DirBuilder::new();
            folders.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
            folders.create(path.parent().unwrap_or(Path::new(".")))?;
            options.open(path)
        }
        opened => opened,
    }
}
