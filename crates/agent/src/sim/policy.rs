//! How the simulated model answers when no scenario does: six ways in which real models disappoint a script.

use std::fmt;
use std::str::FromStr;

use fanfold_core::schema::nearest;

/// | policy | booleans | enum | arrays | other |
/// | --- | --- | --- | --- | --- |
/// | `typical` | true | first | 2 items | what a willing model says; `missing`, `errors`, `blockers` are empty |
/// | `negative` | false | last | 2 items | as typical |
/// | `empty` | true | first | `minItems`, else none | as typical |
/// | `nulls` | | | | as typical, but every third agent ends as `null` |
/// | `all-null` | | | | every agent ends as `null` |
/// | `wide` | true | first | 25 items | as typical: finds unbounded fan-out |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    #[default]
    Typical,
    Negative,
    Empty,
    Nulls,
    AllNull,
    Wide,
}

impl Policy {
    pub const ALL: [Policy; 6] =
        [Policy::Typical, Policy::Negative, Policy::Empty, Policy::Nulls, Policy::AllNull, Policy::Wide];

    pub fn name(self) -> &'static str {
        match self {
            Policy::Typical => "typical",
            Policy::Negative => "negative",
            Policy::Empty => "empty",
            Policy::Nulls => "nulls",
            Policy::AllNull => "all-null",
            Policy::Wide => "wide",
        }
    }

    /// Whether the agent that starts as the `nth` of this run (from 1) ends as `null`.
    pub(super) fn ends_as_null(self, nth: u64) -> bool {
        match self {
            Policy::Nulls => nth.is_multiple_of(3),
            Policy::AllNull => true,
            Policy::Typical | Policy::Negative | Policy::Empty | Policy::Wide => false,
        }
    }

    pub(super) fn boolean(self) -> bool {
        self != Policy::Negative
    }

    /// Whether the last of several values is taken, not the first.
    pub(super) fn takes_last(self) -> bool {
        self == Policy::Negative
    }

    /// Items of an array on which the schema has no opinion.
    pub(super) fn items(self) -> usize {
        match self {
            Policy::Typical | Policy::Negative | Policy::Nulls | Policy::AllNull => 2,
            Policy::Empty => 0,
            Policy::Wide => 25,
        }
    }

    /// Whether nothing is found wrong: what reports faults (`missing`, `errors`) is empty.
    pub(super) fn finds_no_fault(self) -> bool {
        match self {
            Policy::Typical | Policy::Nulls | Policy::AllNull => true,
            Policy::Negative | Policy::Empty | Policy::Wide => false,
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No policy has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownPolicy(String);

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        if let Some(policy) = Policy::ALL.into_iter().find(|policy| policy.name() == text) {
            return Ok(policy);
        }
        let names = Policy::ALL.map(Policy::name);
        let meant =
            nearest(text, &names).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
        let list = names.map(|name| format!("`{name}`")).join(", ");
        Err(UnknownPolicy(format!("unknown policy `{text}`{meant}, expected one of {list}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_back_from_its_name() {
        for policy in Policy::ALL {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
    }

    #[test]
    fn an_unknown_policy_is_told_what_there_is() {
        let message = "typcal".parse::<Policy>().expect_err("no such policy").to_string();
        assert!(message.contains("did you mean `typical`"), "{message}");
        assert!(message.contains("`all-null`, `wide`"), "{message}");
    }

    #[test]
    fn every_third_agent_is_null_under_nulls() {
        let nulls: Vec<u64> = (1..=9).filter(|nth| Policy::Nulls.ends_as_null(*nth)).collect();
        assert_eq!(nulls, [3, 6, 9]);
    }
}
