//! From outside: each kind of reading, and what is none.

use readings::error::Unreadable;
use readings::version::Version;
use readings::{bytes, clock, ratio, roman, span, version};

#[test]
fn sizes() {
    assert_eq!(bytes::parse("512"), Ok(512));
    assert_eq!(bytes::parse("1G"), Ok(1 << 30));
    assert_eq!(bytes::parse("4 k"), Err(Unreadable("4 k".into())));
    assert_eq!(bytes::parse("k"), Err(Unreadable("k".into())));
}

#[test]
fn times_of_day() {
    assert_eq!(clock::parse("00:00"), Ok(0));
    assert_eq!(clock::parse("23:59"), Ok(1439));
}

#[test]
fn ratios() {
    assert_eq!(ratio::parse("16:9"), Ok((16, 9)));
    assert_eq!(ratio::parse("0:5"), Ok((0, 1)));
    assert!(ratio::parse("16").is_err());
}

#[test]
fn numerals() {
    assert_eq!(roman::parse("MCMXCIV"), Ok(1994));
    assert!(roman::parse("").is_err());
    assert!(roman::parse("ABC").is_err());
}

#[test]
fn spans() {
    assert_eq!(span::parse("90s"), Ok(90));
    assert_eq!(span::parse("2h5s"), Ok(7205));
    assert!(span::parse("").is_err());
    assert!(span::parse("1d").is_err());
}

#[test]
fn versions() {
    assert_eq!(version::parse("1.2.3"), Ok(Version(1, 2, 3)));
    assert!(version::parse("1.2.x").is_err());
}
