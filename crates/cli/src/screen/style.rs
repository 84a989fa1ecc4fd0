//! What a line looks like: tones instead of colours, and a plain form for terminals that know neither.

use super::text;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// `false`: ASCII only.
    pub unicode: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Dim,
    Strong,
    Accent,
    Good,
    Warn,
    Bad,
}

/// A line on its way to a terminal. Whatever is put into it is made harmless there: see [`text::clean`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    spans: Vec<(Tone, String)>,
}

impl Style {
    /// Whether the locale's characters are UTF-8; `var` looks up an environment variable that is not empty.
    pub fn is_unicode<'a>(var: impl Fn(&str) -> Option<&'a str>) -> bool {
        // POSIX: the first of these that is set decides.
        match ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(var) {
            Some(locale) => {
                let locale = locale.to_ascii_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            }
            // Terminals of macOS leave the locale unset more often than they lack UTF-8.
            None => cfg!(target_os = "macos"),
        }
    }

    /// The lines as text, each with its newline.
    pub fn render<'a>(self, lines: impl IntoIterator<Item = &'a Line>) -> String {
        let mut out = String::new();
        for line in lines {
            line.render(self, &mut out);
            out.push('\n');
        }
        out
    }
}

impl Line {
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one tone.
    pub fn of(tone: Tone, text: &str) -> Self {
        Self::new().and(tone, text)
    }

    pub fn and(mut self, tone: Tone, text: &str) -> Self {
        self.push(tone, text);
        self
    }

    pub fn push(&mut self, tone: Tone, text: &str) {
        if !text.is_empty() {
            self.spans.push((tone, text::clean(text)));
        }
    }

    pub fn append(&mut self, other: Line) {
        self.spans.extend(other.spans);
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Columns on a terminal.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|(_, text)| text::width(text)).sum()
    }

    /// Fills up with spaces to `columns`.
    pub fn pad(&mut self, columns: usize) {
        let missing = columns.saturating_sub(self.width());
        self.push(Tone::Plain, &" ".repeat(missing));
    }

    /// At most `columns` of it.
    pub fn clip(mut self, columns: usize) -> Self {
        let mut left = columns;
        let whole = self.width() <= columns;
        if whole {
            return self;
        }
        for (index, (_, text)) in self.spans.iter_mut().enumerate() {
            let width = text::width(text);
            if width >= left {
                // The one more column makes the cut visible where a span ends at it exactly.
                *text = text::clip(&format!("{text}  "), left);
                self.spans.truncate(index + 1);
                break;
            }
            left -= width;
        }
        self
    }

    pub fn render(&self, style: Style, out: &mut String) {
        for (tone, text) in &self.spans {
            let code = if style.color { tone.code() } else { "" };
            out.push_str(code);
            match style.unicode {
                true => out.push_str(text),
                // As many columns as the terminal would have shown, so that tables stay in line.
                false => text
                    .chars()
                    .for_each(|ch| out.extend(std::iter::repeat_n(ascii(ch), text::char_width(ch)))),
            }
            if !code.is_empty() {
                out.push_str("\x1b[0m");
            }
        }
    }
}

impl Tone {
    /// The escape sequence that turns it on: the terminal's own 16 colours, which its theme keeps readable.
    fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Dim => "\x1b[2m",
            Tone::Strong => "\x1b[1m",
            Tone::Accent => "\x1b[36m",
            Tone::Good => "\x1b[32m",
            Tone::Warn => "\x1b[33m",
            Tone::Bad => "\x1b[31m",
        }
    }
}

/// Stand-ins of one column each for the signs that the screens use themselves; `?` for all else.
fn ascii(ch: char) -> char {
    match ch {
        ' '..='~' => ch,
        '·' | '—' | '–' | '─' => '-',
        '━' => '#',
        '…' => '~',
        '✓' => '+',
        '✗' => 'x',
        '●' => '*',
        '○' => 'o',
        '↺' => '=',
        '›' => '>',
        '‹' => '<',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { color: false, unicode: true };

    #[test]
    fn a_line_is_cut_across_its_spans() {
        let line = Line::of(Tone::Good, "abc").and(Tone::Bad, "def");
        let cut = |columns| PLAIN.render([&line.clone().clip(columns)]);
        assert_eq!([6, 5, 3, 2, 0].map(cut), ["abcdef\n", "abcd…\n", "ab…\n", "a…\n", "\n"]);
    }

    #[test]
    fn colour_wraps_what_was_made_harmless_first() {
        let line = Line::of(Tone::Bad, "\x1b[2J").and(Tone::Plain, "é");
        assert_eq!(Style { color: true, unicode: true }.render([&line]), "\x1b[31m\\u{1b}[2J\x1b[0mé\n");
        assert_eq!(Style { color: false, unicode: false }.render([&line]), "\\u{1b}[2J?\n");
        let wide = Line::of(Tone::Plain, "日e\u{301}✓");
        assert_eq!(Style { color: false, unicode: false }.render([&wide]), "??e+\n");
    }

    #[test]
    fn the_locale_decides_whether_signs_are_ascii() {
        let check = |set: &[(&str, &'static str)], expect| {
            let var = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            assert_eq!(Style::is_unicode(var), expect, "{set:?}");
        };
        check(&[("LANG", "en_US.UTF-8")], true);
        check(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true);
        check(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], false);
        check(&[], cfg!(target_os = "macos"));
    }
}
