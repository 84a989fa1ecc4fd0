//! The tool `grep`: lines of files by regular expression.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch};
use serde::Deserialize;
use serde_json::{Value, json};

use super::walk::{self, PathPattern};
use super::{Stop, ToolCx, head};

const OUTPUT_BYTES_MAX: usize = 30_000;
const LINE_BYTES_MAX: usize = 400;
const CONTEXT_LINES_MAX: usize = 20;
const PATTERN_BYTES_MAX: usize = 8 << 20;

#[derive(Deserialize)]
pub(super) struct Input {
    pattern: String,
    path: Option<String>,
    glob: Option<String>,
    #[serde(default, alias = "-i")]
    ignore_case: bool,
    #[serde(default, alias = "-C")]
    context: usize,
    #[serde(default)]
    files_only: bool,
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "pattern": {"type": "string"},
            "path": {"type": "string", "description": "folder or file to search"},
            "glob": {"type": "string", "description": "only files such as `*.rs`"},
            "ignore_case": {"type": "boolean"},
            "context": {"type": "integer", "description": "lines around each match"},
            "files_only": {"type": "boolean", "description": "names of files, not lines"}
        },
        "required": ["pattern"]
    })
}

pub(super) fn run(input: Input, cx: &ToolCx, stop: &Stop) -> Result<String, String> {
    let matcher = RegexMatcherBuilder::new()
        .case_insensitive(input.ignore_case)
        .line_terminator(Some(b'\n'))
        .size_limit(PATTERN_BYTES_MAX)
        .build(&input.pattern)
        .map_err(|err| format!("bad pattern: {err}"))?;
    let folder = input.path.as_deref();
    let files = input.glob.as_deref().map(|glob| PathPattern::new(glob, folder, cx)).transpose()?;
    let context = if input.files_only { 0 } else { input.context.min(CONTEXT_LINES_MAX) };
    let mut searcher = SearcherBuilder::new()
        .binary_detection(BinaryDetection::quit(0))
        .before_context(context)
        .after_context(context)
        .build();

    let mut out = Found { text: String::new(), files_only: input.files_only, stop: stop.clone() };
    for path in walk::files(cx, folder, stop)? {
        if files.as_ref().is_some_and(|files| !files.matches(&path)) {
            continue;
        }
        search(&mut searcher, &matcher, &path, cx, &mut out);
        if out.is_full() {
            out.text.push_str("[more left out: narrow the pattern, the path or the glob]");
            return Ok(out.text);
        }
    }
    if out.text.is_empty() { Ok(format!("no line matches `{}`", input.pattern)) } else { Ok(out.text) }
}

/// The walk left out what may not be read. A file that cannot be read, or turns out to be binary, is passed over as if it were not there.
fn search(searcher: &mut Searcher, matcher: &RegexMatcher, path: &Path, cx: &ToolCx, out: &mut Found) {
    let Ok(file) = cx.workspace.open_file(path) else { return };
    let before = out.text.len();
    let shown = path.display().to_string();
    let mut sink = FileSink { out, path: &shown, binary: false };
    let searched = searcher.search_file(matcher, &file.into_std(), &mut sink);
    if searched.is_err() || sink.binary {
        out.text.truncate(before);
    }
}

struct Found {
    text: String,
    files_only: bool,
    stop: Stop,
}

impl Found {
    fn is_full(&self) -> bool {
        self.text.len() >= OUTPUT_BYTES_MAX
    }
}

struct FileSink<'a> {
    out: &'a mut Found,
    path: &'a str,
    binary: bool,
}

impl FileSink<'_> {
    /// Whether to go on.
    fn line(&mut self, mark: char, number: Option<u64>, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let kept = head(text, LINE_BYTES_MAX);
        let cut = if kept.len() < text.len() { "…" } else { "" };
        let number = number.unwrap_or_default();
        let _ = writeln!(self.out.text, "{}{mark}{number}{mark}{kept}{cut}", self.path);
        !self.out.is_full() && !self.out.stop.is_set()
    }
}

impl Sink for FileSink<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        if self.out.files_only {
            let _ = writeln!(self.out.text, "{}", self.path);
            return Ok(false);
        }
        Ok(self.line(':', found.line_number(), found.bytes()))
    }

    fn context(&mut self, _: &Searcher, around: &SinkContext<'_>) -> Result<bool, io::Error> {
        Ok(self.line('-', around.line_number(), around.bytes()))
    }

    fn context_break(&mut self, _: &Searcher) -> Result<bool, io::Error> {
        self.out.text.push_str("--\n");
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> Result<bool, io::Error> {
        self.binary = true;
        Ok(false)
    }
}
