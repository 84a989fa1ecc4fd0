//! Sizes: `512`, `4k`, `2M`.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

pub fn parse(text: &str) -> Result<u64, Unreadable> {
    let mut scanner = Scanner::new(text);
    let Some(number) = scanner.number() else { return unreadable(text) };
    let shift = match scanner.word() {
        "" => 0,
        "k" => 10,
        "M" => 20,
        "G" => 30,
        _ => return unreadable(text),
    };
    match number.checked_mul(1 << shift) {
        Some(bytes) if scanner.is_done() => Ok(bytes),
        _ => unreadable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_count() {
        assert_eq!(parse("4k"), Ok(4096));
        assert_eq!(parse("2M"), Ok(2 << 20));
    }

    #[test]
    fn too_much_is_unreadable() {
        assert!(parse("99999999999G").is_err());
    }
}
