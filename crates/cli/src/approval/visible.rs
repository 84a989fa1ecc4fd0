//! Text that is to be judged: what cannot be seen is shown as a mark, and nothing is left out silently.
//!
//! Stricter than the cleaning of other screens, where a joiner more or less is no matter: here the text shown
//! is the text that runs.

use crate::screen::text::{char_width, is_emoji, is_hidden};
use crate::screen::{Line, Tone};

/// A character on its way to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub tone: Tone,
    pub ch: char,
}

/// Combining marks on one letter; more of them hide the lines around.
const MARKS_MAX: usize = 4;
const TAB: &str = "    ";

/// The lines of a script as JavaScript counts them: what ends a line ends a comment too. Endings other than
/// `\n` and `\r\n` stay at the end of their line, to be marked.
pub fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let ending = rest[at..].chars().next().expect("it was found there");
        let (shown, next) = match ending {
            '\n' => (at, at + 1),
            '\r' if rest[at..].starts_with("\r\n") => (at, at + 2),
            _ => (at + ending.len_utf8(), at + ending.len_utf8()),
        };
        lines.push(&rest[..shown]);
        rest = &rest[next..];
    }
    if !rest.is_empty() || text.is_empty() {
        lines.push(rest);
    }
    lines
}

/// `text` with marks in place of what cannot be seen. Without `unicode` everything beyond ASCII is marked,
/// because the terminal would show something else. Line breaks become spaces.
pub fn cells(text: &str, tone: Tone, unicode: bool) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(text.len());
    let mut scan = Scan::default();
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let plain = |text: &str| text.chars().map(|ch| Cell { tone, ch }).collect::<Vec<_>>();
        match scan.see(ch, chars.peek().copied()) {
            _ if ch == '\t' => cells.extend(plain(TAB)),
            _ if ch == '\n' => cells.extend(plain(" ")),
            Sight::Shown if unicode || ch.is_ascii() => cells.push(Cell { tone, ch }),
            Sight::Joins if unicode => (),
            Sight::Shown | Sight::Joins | Sight::Hidden => {
                cells.extend(mark(ch).chars().map(|ch| Cell { tone: Tone::Warn, ch }));
            }
        }
    }
    cells
}

/// The lines (from 1) that hold what cannot be seen, and how many such characters there are.
pub fn hidden(text: &str) -> (Vec<usize>, usize) {
    let (mut found, mut count) = (Vec::new(), 0);
    for (index, line) in lines(text).into_iter().enumerate() {
        let mut scan = Scan::default();
        let mut chars = line.chars().peekable();
        let before = count;
        while let Some(ch) = chars.next() {
            count += usize::from(scan.see(ch, chars.peek().copied()) == Sight::Hidden && ch != '\t');
        }
        if count > before {
            found.push(index + 1);
        }
    }
    (found, count)
}

/// At most `max` cells, and a note that says how many characters are not shown; empty where all are.
pub fn cut(mut cells: Vec<Cell>, max: usize) -> (Vec<Cell>, Vec<Cell>) {
    let more = cells.len().saturating_sub(max);
    cells.truncate(max);
    let note = if more > 0 { format!(" ‹… {more} more characters›") } else { String::new() };
    (cells, note.chars().map(|ch| Cell { tone: Tone::Warn, ch }).collect())
}

/// Rows of at most `columns`; with `words`, broken at spaces where there are some.
pub fn wrap(cells: &[Cell], columns: usize, words: bool) -> Vec<Line> {
    let columns = columns.max(2);
    let mut rows = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let mut width = 0;
        let fits = cells[start..].iter().take_while(|cell| {
            width += char_width(cell.ch);
            width <= columns
        });
        let mut end = start + fits.count();
        if words
            && end < cells.len()
            && let Some(space) = cells[start..=end].iter().rposition(|cell| cell.ch == ' ')
            && space > 0
        {
            end = start + space;
        }
        rows.push(line(&cells[start..end]));
        start = end;
        // The space at which it broke.
        if words && cells.get(start).is_some_and(|cell| cell.ch == ' ') {
            start += 1;
        }
    }
    if rows.is_empty() {
        rows.push(Line::new());
    }
    rows
}

pub fn line(cells: &[Cell]) -> Line {
    let mut line = Line::new();
    for run in cells.chunk_by(|one, other| one.tone == other.tone) {
        line.push(run[0].tone, &run.iter().map(|cell| cell.ch).collect::<String>());
    }
    line
}

/// `‹ESC›`, `‹U+202E›`
fn mark(ch: char) -> String {
    match ch {
        '\0' => "‹NUL›".into(),
        '\u{7}' => "‹BEL›".into(),
        '\u{8}' => "‹BS›".into(),
        '\r' => "‹CR›".into(),
        '\x1b' => "‹ESC›".into(),
        '\x7f' => "‹DEL›".into(),
        '\u{a0}' => "‹NBSP›".into(),
        _ => format!("‹U+{:04X}›", u32::from(ch)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Shown,
    /// Part of an emoji: dropped, because terminals disagree about what it does.
    Joins,
    Hidden,
}

/// What came before, as far as it decides how the next character is seen.
#[derive(Default)]
struct Scan {
    before: Option<char>,
    /// The last one that was neither a joiner nor a selector.
    base: Option<char>,
    marks: usize,
}

impl Scan {
    fn see(&mut self, ch: char, next: Option<char>) -> Sight {
        let after_emoji = self.base.is_some_and(is_emoji);
        let after_joining = self.before.is_some_and(|ch| matches!(ch, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}'));
        let sight = match ch {
            // One of each: a longer row of them can carry a message.
            '\u{fe0e}' | '\u{fe0f}' if after_emoji && !after_joining => Sight::Joins,
            '\u{200d}' if after_emoji && self.before != Some(ch) && next.is_some_and(is_emoji) => {
                Sight::Joins
            }
            _ if is_hidden(ch) || is_odd_space(ch) || is_private(ch) => Sight::Hidden,
            _ if char_width(ch) == 0 => {
                self.marks += 1;
                let stands_alone = self.before.is_none() || self.marks > MARKS_MAX;
                if stands_alone { Sight::Hidden } else { Sight::Shown }
            }
            _ => {
                self.marks = 0;
                Sight::Shown
            }
        };
        if sight != Sight::Joins {
            self.base = Some(ch);
        }
        self.before = Some(ch);
        sight
    }
}

/// Looks like a space, or like nothing, and is another character.
fn is_odd_space(ch: char) -> bool {
    matches!(
        ch,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{2800}' | '\u{3000}'
    )
}

/// Looks like whatever the font says, or has no meaning at all.
fn is_private(ch: char) -> bool {
    matches!(ch, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}') || u32::from(ch) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Style;

    fn shown(text: &str, unicode: bool) -> String {
        cells(text, Tone::Plain, unicode).iter().map(|cell| cell.ch).collect()
    }

    #[test]
    fn what_cannot_be_seen_is_marked_and_counted() {
        let check = |text: &str, expect: &str, count| {
            assert_eq!(shown(text, true), expect, "{text:?}");
            assert_eq!(hidden(text).1, count, "{text:?}");
        };
        check("plain é 日本 ✓", "plain é 日本 ✓", 0);
        check("\x1b[31mred\x07\x08", "‹ESC›[31mred‹BEL›‹BS›", 3);
        check("\u{9b}2J\0\x7f", "‹U+009B›2J‹NUL›‹DEL›", 3);
        check("a\u{202e}b\u{2066}c\u{200e}", "a‹U+202E›b‹U+2066›c‹U+200E›", 3);
        check("in\u{200b}vis\u{feff}ible\u{ad}\u{e0041}", "in‹U+200B›vis‹U+FEFF›ible‹U+00AD›‹U+E0041›", 4);
        check("a\u{a0}b\u{3000}c\u{2800}\u{3164}", "a‹NBSP›b‹U+3000›c‹U+2800›‹U+3164›", 4);
        check("\u{e000}\u{fffe}", "‹U+E000›‹U+FFFE›", 2);
        check("\u{301}e\u{301}", "‹U+0301›e\u{301}", 1);
        check(&format!("e{}", "\u{301}".repeat(6)), "e\u{301}\u{301}\u{301}\u{301}‹U+0301›‹U+0301›", 2);
        check("a\tb", "a    b", 0);
    }

    #[test]
    fn emoji_are_no_alarm_but_a_row_of_selectors_is() {
        for harmless in ["⚠\u{fe0f} careful", "👩\u{200d}💻", "✅", "🏳\u{fe0f}\u{200d}🌈"] {
            assert_eq!(hidden(harmless).1, 0, "{harmless:?}");
        }
        assert_eq!(hidden("⚠\u{fe0f}\u{fe0e}\u{fe0f}\u{fe0e}").1, 3);
        assert_eq!(hidden("👩\u{200d}x").1, 1);
        assert_eq!(hidden("a\u{fe0f}\u{200d}").1, 2);
    }

    #[test]
    fn lines_end_where_a_comment_ends() {
        let text = "one\r\ntwo // harmless \revil()\nx\u{2028}y\n";
        assert_eq!(lines(text), ["one", "two // harmless \r", "evil()", "x\u{2028}", "y"]);
        assert_eq!(hidden(text), (vec![2, 4], 2));
        assert_eq!(lines(""), [""]);
        assert_eq!(lines("a\n\nb"), ["a", "", "b"]);
        assert_eq!(lines("日\u{2029}本"), ["日\u{2029}", "本"]);
    }

    #[test]
    fn a_terminal_without_unicode_gets_marks_not_question_marks() {
        assert_eq!(shown("é ⚠\u{fe0f}", false), "‹U+00E9› ‹U+26A0›‹U+FE0F›");
        let style = Style { color: false, unicode: false };
        let line = line(&cells("let аdmin", Tone::Plain, false));
        assert_eq!(style.render([&line]), "let <U+0430>dmin\n");
    }

    #[test]
    fn rows_hold_everything_and_nothing_is_wider_than_the_screen() {
        let text = "日本語 and some words, a-very-long-word-without-spaces and e\u{301}".repeat(3);
        let style = Style { color: false, unicode: true };
        for columns in 2..40 {
            for words in [false, true] {
                let rows = wrap(&cells(&text, Tone::Plain, true), columns, words);
                assert!(rows.iter().all(|row| row.width() <= columns), "{columns} {words}");
                let joined: String = rows.iter().map(|row| style.render([row]).replace('\n', "")).collect();
                let bare = |text: &str| text.replace(' ', "");
                assert_eq!(bare(&joined), bare(&text), "{columns} {words}");
                if !words {
                    assert_eq!(joined, text);
                }
            }
        }
    }

    #[test]
    fn a_line_of_200_kb_is_cut_with_a_count() {
        let (cells, note) = cut(cells(&"x".repeat(200_000), Tone::Plain, true), 4_000);
        assert_eq!(cells.len(), 4_000);
        assert_eq!(note.iter().map(|cell| cell.ch).collect::<String>(), " ‹… 196000 more characters›");
    }
}
