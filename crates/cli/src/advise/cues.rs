//! The cue list: what the words of a task say about it, as weighted data.

use std::sync::OnceLock;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize};

use super::repository::Kind;

/// What a cue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Oracle,
    FanOut,
    Adapt,
}

/// What sort of task it is, where advice has something of its own to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    Creative,
    Opinion,
    OwnWork,
    Vague,
    Research,
    Small,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    pub about: About,
    pub weight: i32,
    pub says: String,
    #[serde(default)]
    pub nature: Option<Nature>,
    /// It counts only where the repository has one of these checks; empty: always.
    #[serde(default)]
    pub needs: Vec<Kind>,
    /// It counts only where there are many files.
    #[serde(default)]
    pub many: bool,
    /// It counts only where nothing says the opposite.
    #[serde(default)]
    pub alone: bool,
    #[serde(deserialize_with = "expressions")]
    words: Vec<Regex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cues {
    /// Clauses that are about the check and not about the work.
    #[serde(deserialize_with = "expressions")]
    pub blanked: Vec<Regex>,
    /// Plurals that are no parts to work on, whatever number stands before them.
    pub not_units: Vec<String>,
    #[serde(rename = "cue")]
    pub cues: Vec<Cue>,
}

impl Cues {
    pub fn get() -> &'static Self {
        static CUES: OnceLock<Cues> = OnceLock::new();
        CUES.get_or_init(|| toml::from_str(include_str!("cues.toml")).expect("the list is tested"))
    }
}

impl Cue {
    /// The words of `task`, in lower case, that it was found by.
    pub fn find<'t>(&self, task: &'t str) -> Option<&'t str> {
        self.words.iter().find_map(|words| words.find(task)).map(|found| found.as_str())
    }
}

fn expressions<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Regex>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| Regex::new(text).map_err(serde::de::Error::custom)).collect()
}
