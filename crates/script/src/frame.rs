//! Code frames: what is wrong with a script, with the line it is in.
//!
//! Control characters and changes of text direction are shown escaped, whether they come from the script or
//! from a message, and of a long line only what is around the mark.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use fanfold_core::{Diagnostic, Location, Severity};

use crate::parse::hides_text;

/// Characters of a line that are shown, around its mark.
const LINE_CHARS_MAX: usize = 100;

/// Wider than any line shown, so that the renderer never trims a line again.
const RENDER_WIDTH: usize = 4 * LINE_CHARS_MAX;

/// One frame a diagnostic, with an empty line between them. No line end at the end.
pub fn render(diagnostics: &[Diagnostic], file: &str, source: &str, color: bool) -> String {
    let frames: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            let level = match diagnostic.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let place = match &diagnostic.span {
                Some(span) => Place::Marked(Mark::of_span(span, file, source)),
                None => Place::File(file),
            };
            let title = Title { level, code: diagnostic.code.as_deref(), message: &diagnostic.message };
            let below = Below { note: diagnostic.note.as_deref(), help: diagnostic.help.as_deref() };
            frame(title, place, below, color)
        })
        .collect();
    frames.join("\n\n")
}

/// The frame of an error that is known by its line and column only.
pub fn render_at(
    location: &Location,
    message: &str,
    hint: Option<&str>,
    source: &str,
    color: bool,
) -> String {
    let place = match location.offset_in(source) {
        Some(start) => Place::Marked(Mark {
            location: location.clone(),
            ..Mark::of_span(&(start..word_end(source, start)), &location.file, source)
        }),
        None => Place::Line(location),
    };
    frame(Title { level: Level::ERROR, code: None, message }, place, Below { note: None, help: hint }, color)
}

struct Title<'a> {
    level: Level<'static>,
    code: Option<&'a str>,
    message: &'a str,
}

/// What stands below the line.
struct Below<'a> {
    note: Option<&'a str>,
    help: Option<&'a str>,
}

enum Place<'a> {
    File(&'a str),
    Line(&'a Location),
    Marked(Mark),
}

/// One line of the source, ready to be shown, with what is marked in it.
struct Mark {
    location: Location,
    line: String,
    /// Bytes of `line`.
    marked: Range<usize>,
}

impl Mark {
    /// Of a span over several lines, the first is shown.
    fn of_span(span: &Range<usize>, file: &str, source: &str) -> Self {
        let start = source.floor_char_boundary(span.start.min(source.len()));
        let line_start = source[..start].rfind('\n').map_or(0, |feed| feed + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |feed| start + feed);
        let text_end = line_start + source[line_start..line_end].trim_end_matches('\r').len();
        let end =
            source.ceil_char_boundary(span.end.clamp(start, source.len())).clamp(start, text_end.max(start));

        let before = last_chars(&source[line_start..start], LINE_CHARS_MAX / 3);
        let marked = first_chars(&source[start..end], LINE_CHARS_MAX / 3);
        let rest = &source[start + marked.len()..text_end.max(start + marked.len())];
        let after = first_chars(rest, LINE_CHARS_MAX / 3);

        let mut line = String::new();
        if line_start + before.len() < start {
            line.push('…');
        }
        push_escaped(&mut line, before);
        let mark_start = line.len();
        push_escaped(&mut line, marked);
        let mark_end = line.len();
        push_escaped(&mut line, after);
        if after.len() < rest.len() {
            line.push('…');
        }
        Self { location: Location::of(file, source, start), line, marked: mark_start..mark_end }
    }
}

fn frame(title: Title, place: Place, below: Below, color: bool) -> String {
    let heading = title.level.primary_title(escaped(title.message));
    let heading = match title.code {
        Some(code) => heading.id(escaped(code)),
        None => heading,
    };
    // The renderer counts columns in the line that it is shown, which may be escaped or cut.
    let mut places = None;
    let group = match place {
        Place::File(file) => heading.element(Origin::path(escaped(file))),
        Place::Line(location) => heading.element(
            Origin::path(escaped(&location.file))
                .line(location.line as usize)
                .char_column(location.column as usize),
        ),
        Place::Marked(mark) => {
            let (path, line) = (escaped(&mark.location.file), mark.location.line);
            let shown = mark.line[..mark.marked.start].chars().count() + 1;
            places =
                Some((format!("{path}:{line}:{shown}"), format!("{path}:{line}:{}", mark.location.column)));
            let annotation = AnnotationKind::Primary.span(mark.marked);
            let snippet =
                Snippet::source(mark.line).path(path).line_start(line as usize).annotation(annotation);
            heading.element(snippet)
        }
    };
    let group = match below.note {
        Some(note) => group.element(Level::NOTE.message(escaped(note))),
        None => group,
    };
    let group = match below.help {
        Some(help) => group.element(Level::HELP.message(escaped(help))),
        None => group,
    };
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let rendered = renderer.term_width(RENDER_WIDTH).decor_style(DecorStyle::Ascii).render(&[group]);
    match places {
        Some((shown, real)) if shown != real => rendered.replacen(&shown, &real, 1),
        _ => rendered,
    }
}

/// The end of the word at `start`, or of the one character that stands there.
fn word_end(source: &str, start: usize) -> usize {
    let rest = &source[start..];
    let is_part = |ch: char| ch.is_alphanumeric() || ch == '_' || ch == '$';
    match rest.find(|ch| !is_part(ch)) {
        Some(0) => start + rest.chars().next().map_or(0, char::len_utf8),
        Some(length) => start + length,
        None => source.len(),
    }
}

fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

fn last_chars(text: &str, count: usize) -> &str {
    let Some(last) = count.checked_sub(1) else { return "" };
    text.char_indices().rev().nth(last).map_or(text, |(start, _)| &text[start..])
}

fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    push_escaped(&mut line, text);
    line
}

/// Line feeds and tabs stay.
fn push_escaped(line: &mut String, text: &str) {
    for ch in text.chars() {
        if hides_text(ch) || matches!(ch, '\r' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}') {
            line.extend(ch.escape_unicode());
        } else {
            line.push(ch);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const SOURCE: &str = "export const meta = {}\n\tconst b = agnet('日本')\n";

    fn at(message: &str, text: &str) -> Diagnostic {
        let start = SOURCE.find(text).expect("in there");
        Diagnostic::error(message).at(start..start + text.len())
    }

    #[test]
    fn a_frame_shows_title_place_line_mark_and_help() {
        let diagnostic = at("`agnet` is not defined", "agnet").help("did you mean `agent`?");
        assert_eq!(
            render(&[diagnostic], "flows/a.js", SOURCE, false),
            "\
error: `agnet` is not defined
 --> flows/a.js:2:12
  |
2 |     const b = agnet('日本')
  |               ^^^^^
  |
  = help: did you mean `agent`?"
        );
    }

    #[test]
    fn a_warning_has_its_code_and_its_reason_and_frames_stand_apart() {
        let warning = Diagnostic {
            note: Some("time is money".into()),
            ..Diagnostic::warning("slow").code("FF012").at(0..6).help("hurry")
        };
        let whole = Diagnostic::error("the script is empty");
        assert_eq!(
            render(&[warning, whole], "a.js", SOURCE, false),
            "\
warning[FF012]: slow
 --> a.js:1:1
  |
1 | export const meta = {}
  | ^^^^^^
  |
  = note: time is money
  = help: hurry

error: the script is empty
--> a.js"
        );
    }

    #[test]
    fn a_runtime_error_is_marked_at_its_line_and_column() {
        let location = Location { file: "a.js".into(), line: 2, column: 18 };
        let frame = render_at(&location, "boom", Some("mend it"), SOURCE, false);
        assert_eq!(
            frame,
            "\
error: boom
 --> a.js:2:18
  |
2 |     const b = agnet('日本')
  |                     ^
  |
  = help: mend it"
        );
        let nowhere = Location { line: 99, ..location };
        assert_eq!(render_at(&nowhere, "boom", None, SOURCE, false), "error: boom\n--> a.js:99:18");
    }

    #[test]
    fn what_hides_text_is_shown_escaped_wherever_it_comes_from() {
        let source = "log('a\u{202e}b\u{1b}[2Jc\u{9b}d')";
        let diagnostic = Diagnostic::error("bad \u{1b}[31m\u{202e}").at(6..9).help("no\r\u{9b}");
        for color in [false, true] {
            let frame = render(std::slice::from_ref(&diagnostic), "a\u{7}.js", source, color);
            let left: Vec<char> =
                frame.chars().filter(|ch| hides_text(*ch) && !(color && *ch == '\u{1b}')).collect();
            assert!(left.is_empty(), "{left:?} in {frame}");
            assert!(!frame.contains("\u{1b}[2J") && !frame.contains("\u{1b}[31mb"), "{frame}");
        }
        let frame = render(&[diagnostic], "a.js", source, false);
        assert!(frame.contains("log('a\\u{202e}b\\u{1b}[2Jc\\u{9b}d')"), "{frame}");
        assert!(frame.contains("^^^^^^^^\n"), "{frame}");
    }

    #[test]
    fn of_a_long_line_only_the_part_around_the_mark_is_shown() {
        let source = format!("{}agnet{}", "é".repeat(100_000), "日".repeat(100_000));
        let start = source.find("agnet").expect("in there");
        let started = Instant::now();
        let frame = render(&[Diagnostic::error("x").at(start..start + 5)], "a.js", &source, false);
        assert!(started.elapsed().as_secs() < 2);
        assert!(frame.contains(":1:100001"), "{frame}");
        assert!(frame.contains("…é") && frame.contains("éagnet日") && frame.contains("日…"), "{frame}");
        assert!(frame.lines().all(|line| line.chars().count() < 120), "{frame}");
        let whole = render(&[Diagnostic::error("x").at(0..source.len())], "a.js", &source, false);
        assert!(whole.lines().all(|line| line.chars().count() < 120), "{whole}");
    }

    #[test]
    fn odd_spans_do_not_panic() {
        let source = "日本\r\n\n  x";
        for start in 0..=source.len() + 3 {
            for end in start..=source.len() + 3 {
                let frame = render(&[Diagnostic::error("x").at(start..end)], "a.js", source, false);
                assert!(frame.starts_with("error: x\n"), "{frame}");
            }
        }
        for line in 0..6 {
            for column in 0..6 {
                let location = Location { file: "a.js".into(), line, column };
                render_at(&location, "x", None, source, false);
            }
        }
    }
}
