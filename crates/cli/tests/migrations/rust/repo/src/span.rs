//! Spans of time: `90s`, `1h30m`, in seconds.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

pub fn parse(text: &str) -> Result<u64, Unreadable> {
    let mut scanner = Scanner::new(text);
    let mut seconds = 0u64;
    while !scanner.is_done() {
        let Some(number) = scanner.number() else { return unreadable(text) };
        let scale = match scanner.word() {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return unreadable(text),
        };
        seconds = seconds.saturating_add(number.saturating_mul(scale));
    }
    if text.is_empty() { unreadable(text) } else { Ok(seconds) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn several_units() {
        assert_eq!(parse("1h30m"), Ok(5400));
    }

    #[test]
    fn no_unit() {
        assert!(parse("90").is_err());
    }
}
