//! Ratios: `16:9`, `3:2`, in lowest terms.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

pub fn parse(text: &str) -> Result<(u64, u64), Unreadable> {
    let mut scanner = Scanner::new(text);
    let left = scanner.number();
    let colon = scanner.literal(":");
    match (left, colon, scanner.number(), scanner.is_done()) {
        (Some(left), true, Some(right), true) if right > 0 => {
            let divisor = common(left, right);
            Ok((left / divisor, right / divisor))
        }
        _ => unreadable(text),
    }
}

fn common(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lowest_terms() {
        assert_eq!(parse("32:18"), Ok((16, 9)));
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert!(parse("1:0").is_err());
    }
}
