//! `fanfold logs RUN AGENT`: what one agent was told, said and did.

use std::collections::HashMap;

use fanfold_agent::transcript::{Header, Line as Said, Transcript};
use fanfold_agent::wire::{Block, Stop};
use fanfold_core::Usage;

use super::style::{Line, Tone};
use super::summary::field;
use super::text;

/// How much of each thing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Bounded,
    /// `--full`.
    Full,
}

/// Of what was said.
const TEXT_LINES_MAX: usize = 30;
/// Of what a tool gave back.
const RESULT_LINES_MAX: usize = 3;
/// Of a line of either, and of a tool's input.
const COLUMNS_MAX: usize = 160;

/// The transcript for people, in the order in which things happened.
pub fn lines(transcript: &Transcript, extent: Extent) -> Vec<Line> {
    let mut page = Page { lines: header(&transcript.header), extent, tools: HashMap::new(), turn: 0 };
    for said in &transcript.lines {
        page.say(said);
    }
    page.lines
}

struct Page<'a> {
    lines: Vec<Line>,
    extent: Extent,
    /// Names of the tools that were called, by the id of the call.
    tools: HashMap<&'a str, &'a str>,
    turn: u32,
}

impl<'a> Page<'a> {
    fn say(&mut self, said: &'a Said<'_>) {
        match said {
            Said::Start(header_again) => self.lines.extend(header(header_again)),
            Said::User { content } => {
                self.head(Line::of(Tone::Accent, "user"));
                content.iter().for_each(|block| self.block(block));
            }
            Said::Turn { content, stop, usage } => {
                self.turn += 1;
                self.head(turn_head(self.turn, *stop, usage));
                content.iter().for_each(|block| self.block(block));
            }
            Said::Result { block } => self.block(block),
            Said::Resumed => self.head(Line::of(Tone::Warn, "resumed by a later attempt")),
            Said::Patch { patch, refused } => {
                let changed = match patch {
                    Some(patch) => format!("patch {}  {}", patch.commit, text::plural(patch.files, "file")),
                    None => "nothing changed".into(),
                };
                self.head(Line::of(Tone::Accent, &changed));
                refused.iter().for_each(|what| self.body(what, usize::MAX, "  left out: ", Tone::Warn));
            }
            Said::End { failure: None } => self.head(Line::of(Tone::Good, "✓ ended")),
            Said::End { failure: Some(failure) } => {
                let kind = format!("✗ {}", failure.kind.name());
                self.head(Line::of(Tone::Bad, &kind));
                self.body(&failure.message, usize::MAX, "  ", Tone::Plain);
            }
        }
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Text { text } => self.body(text, TEXT_LINES_MAX, "  ", Tone::Plain),
            Block::ToolUse { id, name, input } => {
                self.tools.insert(id, name);
                let input = match input {
                    Ok(value) => value.to_string(),
                    Err(raw) => format!("no JSON: {raw}"),
                };
                let mut line = Line::of(Tone::Accent, "  › ").and(Tone::Strong, name).and(Tone::Plain, " ");
                line.append(self.bounded(Line::of(Tone::Plain, &input)));
                self.lines.push(line);
            }
            Block::ToolResult { id, content, is_error } => {
                let name = self.tools.get(id.as_str()).copied().unwrap_or("?");
                let (what, tone) = if *is_error { ("error", Tone::Bad) } else { ("result", Tone::Dim) };
                self.lines.push(Line::of(tone, "  ‹ ").and(tone, name).and(tone, " ").and(tone, what));
                self.body(content, RESULT_LINES_MAX, "    ", Tone::Dim);
            }
            Block::Opaque { value } => {
                let what = match self.extent {
                    Extent::Bounded => "(thinking or a search of the provider's own)".to_owned(),
                    Extent::Full => value.to_string(),
                };
                self.lines.push(Line::of(Tone::Dim, "  ").and(Tone::Dim, &what));
            }
        }
    }

    fn head(&mut self, line: Line) {
        self.lines.extend([Line::new(), line]);
    }

    fn body(&mut self, said: &str, lines_max: usize, indent: &str, tone: Tone) {
        let shown = match self.extent {
            Extent::Bounded => lines_max,
            Extent::Full => usize::MAX,
        };
        for one in said.lines().take(shown) {
            let mut line = Line::of(Tone::Plain, indent);
            line.append(self.bounded(Line::of(tone, one)));
            self.lines.push(line);
        }
        let hidden = said.lines().count().saturating_sub(shown);
        if hidden > 0 {
            let (lines, size) = (text::plural(hidden as u64, "line"), text::bytes(said.len() as u64));
            let note = format!("{indent}… {lines} more, {size} in all: see --full");
            self.lines.push(Line::of(Tone::Dim, &note));
        }
    }

    fn bounded(&self, line: Line) -> Line {
        match self.extent {
            Extent::Bounded => line.clip(COLUMNS_MAX),
            Extent::Full => line,
        }
    }
}

fn header(header: &Header) -> Vec<Line> {
    let Header { key, label, model, agent_type, workspace, base, system: _ } = header;
    let mut workspace = workspace.display().to_string();
    if let Some(base) = base {
        workspace.push_str(&format!(" (a worktree of {base})"));
    }
    let fields = [
        ("agent", label.as_str(), Tone::Strong),
        ("id", key, Tone::Plain),
        ("model", model, Tone::Plain),
        ("type", agent_type, Tone::Plain),
        ("in", &workspace, Tone::Plain),
    ];
    fields.into_iter().flat_map(|(name, value, tone)| field(name, value, tone)).collect()
}

fn turn_head(turn: u32, stop: Stop, usage: &Usage) -> Line {
    let mut tokens = format!("  {} in", text::count(usage.input_total()));
    if usage.cache_read_tokens > 0 {
        tokens.push_str(&format!(" ({}% cached)", usage.cache_read_tokens * 100 / usage.input_total()));
    }
    tokens.push_str(&format!(", {} out", text::count(usage.output_tokens)));
    let mut line = Line::of(Tone::Accent, &format!("turn {turn}")).and(Tone::Dim, &tokens);
    match stop {
        Stop::EndTurn | Stop::ToolUse => (),
        Stop::MaxTokens => line.push(Tone::Bad, ", cut off at its token limit"),
        Stop::Refusal => line.push(Tone::Bad, ", declined"),
        Stop::PauseTurn => line.push(Tone::Dim, ", paused by the provider"),
    }
    line
}
