//! Times of day: `09:30`, in minutes since midnight.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

pub fn parse(text: &str) -> Result<u64, Unreadable> {
    let mut scanner = Scanner::new(text);
    let hours = scanner.number();
    let colon = scanner.literal(":");
    match (hours, colon, scanner.number(), scanner.is_done()) {
        (Some(hours), true, Some(minutes), true) if hours < 24 && minutes < 60 => Ok(hours * 60 + minutes),
        _ => unreadable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_time_of_day() {
        assert_eq!(parse("09:30"), Ok(570));
    }

    #[test]
    fn no_time_of_day() {
        for text in ["24:00", "12:60", "12", "12:00h", ":30"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
