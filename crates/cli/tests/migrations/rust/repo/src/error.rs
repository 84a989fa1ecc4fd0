//! What cannot be read.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

pub fn unreadable<T>(text: &str) -> Result<T, Unreadable> {
    Err(Unreadable(text.to_owned()))
}
