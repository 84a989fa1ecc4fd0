//! Limits on a run, and what has been used against them. Integers only.

use crate::{Failure, FailureKind, Usage};

/// What a run may do at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Agents at once: 1..=1,024.
    pub concurrency: u32,
    /// Agents started in the whole run, replayed ones included.
    pub agents: u64,
    /// Items of one `parallel` or `pipeline`.
    pub items: u64,
    /// Output tokens of the whole run, replayed ones included.
    pub output_tokens: Option<u64>,
}

pub const CONCURRENCY_MAX: u32 = 1024;

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16, agents: 1_000, items: 4_096, output_tokens: None }
    }
}

/// Counts what a run used. The only place that says yes or no to another agent.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    agents: u64,
    spent: Usage,
}

impl Ledger {
    pub fn new(limits: Limits) -> Self {
        Self { limits, agents: 0, spent: Usage::default() }
    }

    /// Counts one more agent of the script, or says that the cap forbids it.
    pub fn count_agent(&mut self) -> Result<(), Failure> {
        if self.agents >= self.limits.agents {
            let cap = self.limits.agents;
            let message = format!("the cap of {cap} agents is reached; `--max-agents {}` raises it", cap * 2);
            return Err(Failure { kind: FailureKind::Cap, message });
        }
        self.agents += 1;
        Ok(())
    }

    /// Lets an agent start, or says that the budget is used up.
    pub fn admit(&self) -> Result<(), Failure> {
        match self.limits.output_tokens {
            Some(total) if self.spent.output_tokens >= total => {
                let message = format!(
                    "the budget of {total} output tokens is used up ({} spent); resume with `--budget +{}` to go on",
                    self.spent.output_tokens, total
                );
                Err(Failure { kind: FailureKind::Budget, message })
            }
            _ => Ok(()),
        }
    }

    pub fn charge(&mut self, usage: Usage) {
        self.spent += usage;
    }

    pub fn spent(&self) -> Usage {
        self.spent
    }

    pub fn agents(&self) -> u64 {
        self.agents
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_counts_agents_and_names_the_flag_that_raises_it() {
        let mut ledger = Ledger::new(Limits { agents: 1, ..Limits::default() });
        assert_eq!(ledger.count_agent(), Ok(()));
        let refused = ledger.count_agent().expect_err("past the cap");
        assert_eq!(refused.kind, FailureKind::Cap);
        assert!(refused.message.contains("--max-agents"), "{refused}");
    }

    #[test]
    fn a_spent_budget_admits_nobody() {
        let mut ledger = Ledger::new(Limits { output_tokens: Some(10), ..Limits::default() });
        assert_eq!(ledger.admit(), Ok(()));
        ledger.charge(Usage { output_tokens: 10, ..Usage::default() });
        assert_eq!(ledger.admit().expect_err("spent").kind, FailureKind::Budget);
    }
}
