//! What keeps a process from being confined, or from being started.

use std::io;

/// This machine cannot enforce a level. Nothing falls back to a weaker one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {hint}")]
pub struct Missing {
    /// What is not there.
    pub what: String,
    /// What to type.
    pub hint: String,
}

impl Missing {
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot start a confined process: {0}")]
    Start(#[from] io::Error),
    /// The confinement could not be set up: nothing of the command has run.
    #[error("the sandbox could not be set up: {0}")]
    SetUp(String),
    /// The policy asks for what this level cannot do.
    #[error("{0}; use the full sandbox")]
    NotAtThisLevel(&'static str),
}
