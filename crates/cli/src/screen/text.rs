//! Text for terminals: made harmless, measured, cut to a width; and numbers as people say them.

pub use fanfold_core::budget::dollars;
use jiff::Timestamp;
use unicode_width::UnicodeWidthChar;

/// Combining marks that may stand on one letter; what is piled higher hides the lines around it.
const MARKS_MAX: usize = 4;

/// One line of text that came from anywhere, safe to print.
///
/// Control characters (so every escape sequence), bidirectional overrides and characters that cannot be seen
/// are spelled out (`\u{202e}`); line breaks and tabs become a space. Joiners and variation selectors within
/// an emoji are dropped, because terminals disagree about the width of what they make.
pub fn clean(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut marks = 0;
    let mut before = None;
    for ch in text.chars() {
        let in_emoji = matches!(ch, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}') && before.is_some_and(is_emoji);
        if in_emoji {
            continue;
        }
        marks = if ch.width() == Some(0) { marks + 1 } else { 0 };
        match ch {
            '\n' if before == Some('\r') => (),
            '\n' | '\r' | '\t' => clean.push(' '),
            _ if is_hidden(ch) || marks > MARKS_MAX => clean.extend(ch.escape_unicode()),
            _ => clean.push(ch),
        }
        before = Some(ch);
    }
    clean
}

/// Columns that `text`, which is clean, takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The start of `text`, which is clean, in at most `columns`; ends in `…` where something was cut off.
pub fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut clipped = String::new();
    let mut used = 0;
    for ch in text.chars() {
        used += char_width(ch);
        if used > columns - 1 {
            break;
        }
        clipped.push(ch);
    }
    clipped.push('…');
    clipped
}

/// `812`, `12.3k`, `4.0M`.
pub fn count(number: u64) -> String {
    let scaled = |unit: f64, suffix: &str| format!("{:.1}{suffix}", number as f64 / unit);
    // The borders are where rounding to one decimal would show `1000.0`.
    match number {
        0..=999 => number.to_string(),
        1_000..=999_949 => scaled(1e3, "k"),
        999_950..=999_949_999 => scaled(1e6, "M"),
        _ => scaled(1e9, "B"),
    }
}

/// `0.4s`, `12s`, `1m 04s`, `2h 05m`, `3d 04h`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..=9 => format!("{}.{}s", seconds, ms % 1_000 / 100),
        10..=59 => format!("{seconds}s"),
        60..=3_599 => format!("{minutes}m {:02}s", seconds % 60),
        3_600..=86_399 => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

/// `2026-01-02 03:04:05 UTC` of milliseconds since the Unix epoch.
pub fn timestamp(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

/// `812 B`, `2.4 MB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..=999 => format!("{number} B"),
        1_000..=999_949 => format!("{:.1} kB", number as f64 / 1e3),
        999_950..=999_949_999 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// `1 agent`, `2 agents`, `12.3k agents`.
pub fn plural(number: u64, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(number))
}

/// Columns that `ch`, which is clean, takes on a terminal.
pub fn char_width(ch: char) -> usize {
    ch.width().unwrap_or(0)
}

pub fn is_emoji(ch: char) -> bool {
    matches!(ch, '#' | '*' | '0'..='9' | '©' | '®' | '\u{200d}' | '\u{203c}'..='\u{3299}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Controls, formats and everything else that Unicode lets a renderer ignore (`Cc`, `Cf`, `Zl`, `Zp` and
/// `Default_Ignorable_Code_Point`).
pub fn is_hidden(ch: char) -> bool {
    ch.is_control()
        || matches!(ch,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}'
            | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        let check = |text, expect| assert_eq!(clean(text), expect, "{text:?}");
        check("plain", "plain");
        check("\x1b[31mred\x07", r"\u{1b}[31mred\u{7}");
        check("\u{9b}2J", r"\u{9b}2J");
        check("a\u{202e}b\u{2066}", r"a\u{202e}b\u{2066}");
        check("in\u{200b}vis\u{feff}ible\u{e0041}", r"in\u{200b}vis\u{feff}ible\u{e0041}");
        check("two\r\nlines\tand\nmore", "two lines and more");
        check("e\u{301}té 日本 ok", "e\u{301}té 日本 ok");
        check(&format!("a{}", "\u{301}".repeat(6)), "a\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}");
    }

    #[test]
    fn emoji_keep_their_parts_and_lose_what_joins_them() {
        assert_eq!(clean("⚠\u{fe0f} 👩\u{200d}💻 1\u{fe0f}\u{20e3}"), "⚠ 👩💻 1\u{20e3}");
        assert_eq!(clean("a\u{200d}b\u{fe0f}"), r"a\u{200d}b\u{fe0f}");
    }

    #[test]
    fn cleaning_twice_is_cleaning_once() {
        let once = clean("\x1b]0;x\x07 \u{202e} 👩\u{200d}💻");
        assert_eq!(clean(&once), once);
    }

    #[test]
    fn text_is_cut_by_columns_not_by_characters() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdef", 5), "abcd…");
        assert_eq!(clip("日本語", 6), "日本語");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip("x", 0), "");
    }

    #[test]
    fn numbers_never_round_up_past_their_unit() {
        let counts = [0, 999, 1_000, 12_345, 999_949, 999_950, 1_234_567, 2_000_000_000].map(count);
        assert_eq!(counts, ["0", "999", "1.0k", "12.3k", "999.9k", "1.0M", "1.2M", "2.0B"]);
        let times = [0, 420, 9_999, 10_000, 59_999, 64_000, 3_600_000, 90_000_000].map(duration);
        assert_eq!(times, ["0.0s", "0.4s", "9.9s", "10s", "59s", "1m 04s", "1h 00m", "1d 01h"]);
        assert_eq!([999, 2_400_000].map(bytes), ["999 B", "2.4 MB"]);
        assert_eq!([1, 2].map(|number| plural(number, "agent")), ["1 agent", "2 agents"]);
    }
}
