//! The approval screen, tried without a terminal, and its rules.

mod prompt;
mod rules;
mod screen;
mod store;

use std::collections::BTreeMap;

use super::history::{self, History, RunFacts, Version};
use super::{Figures, ModelRow, PhaseRow, Proposal};
use crate::settings::budget::Budget;

pub const FOUR_DOLLARS: Budget = Budget { output_tokens: None, usd_micros: Some(4_000_000) };

/// A run as it may well be proposed.
pub fn proposal() -> Proposal {
    Proposal {
        workflow: "review".into(),
        description: "Reviews every file, then checks each finding against the tests".into(),
        dir: "/home/ada/project".into(),
        file: ".fanfold/workflows/review.js".into(),
        script:
            "export const meta = { name: 'review' }\nconst files = args.files\nphase('Find')\nreturn files\n"
                .into(),
        args: r#"{"files":["a.rs","b.rs"]}"#.into(),
        models: vec![ModelRow { name: "anthropic/large".into(), price: "$3 in, $15 out a million".into() }],
        limits: vec![("agents".into(), "at most 1000".into()), ("at once".into(), "16".into())],
        tools: vec!["allow Bash(cargo test:*)".into(), "deny WebFetch".into()],
        sandbox: "off".into(),
        files: BTreeMap::new(),
        oracle: Some("cargo test".into()),
        found_oracle: None,
        phases: vec![
            PhaseRow {
                title: "Find".into(),
                detail: "one agent a file".into(),
                agents: "12".into(),
                model: "".into(),
            },
            PhaseRow {
                title: "Check".into(),
                detail: "one agent a finding".into(),
                agents: "3 to 40".into(),
                model: "anthropic/small".into(),
            },
        ],
        figures: Figures {
            agents: "15 to 52, 24 expected".into(),
            tokens: "1.2M to 3.0M in, 90.0k to 210.0k out".into(),
            dollars: "$0.80 to $2.10".into(),
            makespan: "4m to 9m".into(),
            basis: vec![
                "prompts of the dry run under six policies".into(),
                "what three earlier runs used".into(),
            ],
        },
        warnings: vec!["more than 25 agents may run".into()],
        notes: vec![".fanfold/config.toml:3 sends prompts to http://models.example".into()],
        budget: FOUR_DOLLARS,
        resume: None,
        before: None,
        offer: None,
    }
}

/// With a version that was approved before, and a rule on offer.
pub fn known_proposal() -> Proposal {
    let mut it = proposal();
    it.before = Some(Version { text: it.script.replace("'Find'", "'Look'"), at_ms: 1_795_000_000_000 });
    it.offer = history::offer(&good_history(&it, 3), &it.grounds(), it.budget);
    assert!(it.offer.is_some());
    it
}

pub fn good_history(it: &Proposal, runs: usize) -> History {
    let mut history = History { workflow: it.workflow.clone(), dir: it.dir.clone(), ..History::default() };
    (0..runs).for_each(|run| assert_eq!(history::record_run(&mut history, good_run(it, run)), None));
    history
}

pub fn good_run(it: &Proposal, run: usize) -> RunFacts {
    RunFacts {
        run_id: format!("wf_261122-{run:07}"),
        work: it.grounds().work(),
        passed: true,
        inside_estimate: true,
        tampered: false,
    }
}
