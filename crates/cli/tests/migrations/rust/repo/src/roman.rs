//! Roman numerals.

use crate::error::{unreadable, Unreadable};
use crate::scan::Scanner;

const SIGNS: [(&str, u64); 13] = [
    ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50),
    ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1),
];

pub fn parse(text: &str) -> Result<u64, Unreadable> {
    let mut scanner = Scanner::new(text);
    let mut sum = 0;
    for (sign, value) in SIGNS {
        while scanner.literal(sign) {
            sum += value;
        }
    }
    if sum > 0 && scanner.is_done() && write(sum) == text { Ok(sum) } else { unreadable(text) }
}

pub fn write(mut number: u64) -> String {
    let mut text = String::new();
    for (sign, value) in SIGNS {
        while number >= value {
            text.push_str(sign);
            number -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{parse, write};

    #[test]
    fn there_and_back() {
        for number in 1..=300 {
            assert_eq!(parse(&write(number)), Ok(number));
        }
    }

    #[test]
    fn one_way_of_writing_only() {
        assert!(parse("IIII").is_err());
    }
}
