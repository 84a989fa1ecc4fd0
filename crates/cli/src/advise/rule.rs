//! The rule: three answers lead to one mode.

use serde::Serialize;

use super::cues::Nature;
use super::questions::{Answer, OracleKind, Questions};
use super::repository::{Kind, Repository};
use super::units::LARGE;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// One agent, with a person who looks at the result.
    Single,
    /// One agent that hands parts to others and reads what they bring back.
    Subagents,
    /// Agents that talk to each other.
    Team,
    /// One agent that goes on until a check passes.
    Goal,
    /// A script that says which agents do what.
    Workflow,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub mode: Mode,
    /// Sentences; the first one says it.
    pub reasons: Vec<String>,
    /// Many agents would be a mistake here: why.
    pub against: Option<String>,
    /// How to make an oracle, where there is none.
    pub make_an_oracle: Vec<String>,
}

impl Mode {
    #[cfg(test)]
    pub const ALL: [Mode; 5] = [Mode::Single, Mode::Subagents, Mode::Team, Mode::Goal, Mode::Workflow];

    pub fn name(self) -> &'static str {
        match self {
            Mode::Single => "single",
            Mode::Subagents => "subagents",
            Mode::Team => "team",
            Mode::Goal => "goal",
            Mode::Workflow => "workflow",
        }
    }
}

/// What is unclear counts as no: the cheaper mistake.
pub fn decide(questions: &Questions, repository: &Repository) -> Decision {
    let mode = mode(questions);
    let mut reasons = Vec::new();
    if questions.oracle.is_yes() {
        reasons.push(reason(mode, questions));
        match questions.oracle_kind {
            Some(OracleKind::Sources) => reasons.push(
                "Its oracle is the weaker kind: independent sources that agree. Have every claim carry two of them."
                    .into(),
            ),
            Some(OracleKind::Static) => reasons.push(
                "A type checker or linter finds what is broken, not what is wrong: read a sample of the result.".into(),
            ),
            Some(OracleKind::Stated) => {
                reasons.push("The check is named by the task, and was not found in the repository: try it first.".into());
            }
            Some(OracleKind::Tests) | None => (),
        }
    } else {
        reasons.push(match questions.oracle.answer {
            Answer::Unclear => "It is unclear what would say that the work is right, so take one agent and look at it yourself.".into(),
            Answer::Yes | Answer::No => "Nothing can say that the work is right but a person, so take one agent and look at it yourself.".into(),
        });
    }
    // Only what would have led to another mode is worth a word.
    let open = match (questions.oracle.is_yes(), questions.fan_out.answer, questions.adapt.answer) {
        (true, Answer::Unclear, _) => Some("whether there is much to do at once"),
        (true, Answer::Yes, Answer::Unclear) => Some("whether the plan must change while it runs"),
        (true | false, _, _) => None,
    };
    if let Some(open) = open {
        reasons.push(format!("The task does not say {open}; that was taken as no."));
    }
    let make_an_oracle =
        if questions.oracle.is_yes() { Vec::new() } else { make_an_oracle(questions, repository) };
    Decision { mode, reasons, against: against(questions), make_an_oracle }
}

fn mode(questions: &Questions) -> Mode {
    let parts = questions.units.as_ref().map_or(1, |units| units.count);
    match (questions.oracle.is_yes(), questions.fan_out.is_yes(), questions.adapt.is_yes()) {
        (false, _, _) => Mode::Single,
        (true, false, _) if (2..LARGE).contains(&parts) => Mode::Subagents,
        (true, false, _) => Mode::Single,
        (true, true, false) => Mode::Goal,
        (true, true, true) => Mode::Workflow,
    }
}

fn reason(mode: Mode, questions: &Questions) -> String {
    let parts = match &questions.units {
        Some(units) if units.at_most => format!("up to {} parts", units.count),
        Some(units) => format!("{} parts", units.count),
        None => "many parts".into(),
    };
    match mode {
        Mode::Single => {
            "A check can say when it is right, and there is little to do at once: one agent does it.".into()
        }
        Mode::Subagents => format!(
            "A check can say when it is right, and it falls into {parts}: one agent with a helper for each."
        ),
        Mode::Team => "Parts that have to be agreed on while they are made.".into(),
        Mode::Goal => format!(
            "There is a check and much to do ({parts}), each the same way: one agent goes on until the check passes."
        ),
        Mode::Workflow => format!(
            "There is a check, there is much to do ({parts}), and what is found decides what comes next: that is a workflow."
        ),
    }
}

fn against(questions: &Questions) -> Option<String> {
    let has = |nature| questions.natures.contains(&nature);
    let text = if questions.oracle.is_yes() {
        let is_small = has(Nature::Small) && !questions.fan_out.is_yes();
        return is_small.then(|| {
            "A small change that is well defined: many agents would cost more and find the same.".into()
        });
    } else if has(Nature::OwnWork) {
        "A model that judges its own past work, or yours by its own taste, agrees with itself: more agents agree more often, and that is no evidence."
    } else if has(Nature::Creative) {
        "Creative work: many agents make many versions, and nothing can say which is right. Ask one, for a few, and choose yourself."
    } else if has(Nature::Opinion) {
        "An opinion or a decision: a majority of agents of one model is one opinion, counted often."
    } else if has(Nature::Vague) {
        "`Better` has no end: say what is measured and which number is enough, and ask again."
    } else {
        "Without an oracle a thousand agents make a thousand results that somebody has to read."
    };
    Some(text.into())
}

fn make_an_oracle(questions: &Questions, repository: &Repository) -> Vec<String> {
    let has = |nature| questions.natures.contains(&nature);
    let texts: &[&str] = if has(Nature::OwnWork) {
        &[
            "Give the criteria and a known answer to somebody who did not make it: a test, a metric, the people who use it.",
            "For what can be counted (bugs that came back, time, cost), count it; no agent is needed for that.",
        ]
    } else if has(Nature::Creative) || has(Nature::Opinion) {
        &[
            "Turn into a check what can be checked: length, words that must or must not occur, links, reading level.",
            "For the rest, let people choose: a blind comparison, an A/B test with a number that decides.",
        ]
    } else if has(Nature::Vague) {
        &[
            "Name a number: test coverage, lint findings, build time, complexity; with the value that is enough, and the command that prints it.",
        ]
    } else if repository.sources() > 0 {
        &[
            "Let one agent write characterisation tests first: they hold what the code does today, and run by one command.",
            "Turn on what costs nothing: a type check or a linter, as a script of the project.",
        ]
    } else {
        &[
            "Solve 20 cases by hand and keep them aside: a result is right that agrees with them.",
            "Where facts are wanted, ask for two independent sources for each claim.",
        ]
    };
    let mut texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    if !repository.has(Kind::Test) && (repository.has(Kind::Types) || repository.has(Kind::Lint)) {
        texts.push("A type check or linter is there: say in the task that it must be clean, where that is the point.".into());
    }
    texts
}
