//! Workflows that come with the program: each a script of its own in `builtin/`.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    pub name: &'static str,
    pub text: &'static str,
}

/// `built_in!["review"]` embeds `builtin/review.js`.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(BuiltIn { name: $name, text: include_str!(concat!("../builtin/", $name, ".js")) }),*]
    };
}

pub const BUILT_IN: &[BuiltIn] = built_in![];
