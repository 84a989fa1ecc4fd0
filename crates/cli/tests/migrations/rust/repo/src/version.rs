//! Versions: `1.2.3`, ordered.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

pub fn parse(text: &str) -> Result<Version, Unreadable> {
    let mut scanner = Scanner::new(text);
    let mut parts = [0; 3];
    for (nth, part) in parts.iter_mut().enumerate() {
        if nth > 0 && !scanner.literal(".") {
            return unreadable(text);
        }
        match scanner.number() {
            Some(number) => *part = number,
            None => return unreadable(text),
        }
    }
    if scanner.is_done() { Ok(Version(parts[0], parts[1], parts[2])) } else { unreadable(text) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn ordered_by_number() {
        assert!(parse("1.10.0").unwrap() > parse("1.9.9").unwrap());
    }

    #[test]
    fn three_parts() {
        assert!(parse("1.2").is_err() && parse("1.2.3.4").is_err());
    }
}
