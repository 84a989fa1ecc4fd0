//! The three questions: is there an objective oracle, is there large fan-out, must the plan adapt while it runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cues::{About, Cue, Cues, Nature};
use super::repository::{Kind, Repository};
use super::units::{self, LARGE, Units};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes,
    No,
    Unclear,
}

/// What the oracle would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OracleKind {
    /// Tests, or what else runs the work.
    Tests,
    /// A type checker, a linter or a build: it finds what is broken, not what is wrong.
    Static,
    /// The task names a check that the repository does not show.
    Stated,
    /// Independent sources that can be held against one another: the weaker kind.
    Sources,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    Repository,
    Words,
    Model,
    /// The oracle itself, which was run.
    Run,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    pub from: Witness,
    pub says: String,
    /// What it adds to the score: 0 for what decides without one.
    pub weight: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    pub answer: Answer,
    /// Yes from 2 up, no from -2 down.
    pub score: i32,
    /// The weightiest first.
    pub evidence: Vec<Evidence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Questions {
    pub oracle: Question,
    /// `None` where there is none.
    pub oracle_kind: Option<OracleKind>,
    /// What the repository's own checks would be, for a task that they cover.
    #[serde(skip)]
    pub checkable: Option<OracleKind>,
    pub fan_out: Question,
    pub adapt: Question,
    /// Parts that the work falls into. `None`: the task does not say.
    pub units: Option<Units>,
    pub natures: BTreeSet<Nature>,
}

/// The score from which on the answer is yes, and that up to which it is no.
const YES: i32 = 2;
const NO: i32 = -2;

/// From the repository and the words alone.
pub fn ask(task: &str, repository: &Repository) -> Questions {
    let plain = units::plain(task);
    let reader = Reader { repository, has_many: files_meant(&plain, repository).count >= LARGE };
    let whole = task.to_lowercase();
    let counted = units::count(task, &repository.survey);
    let (oracle, of_oracle) = reader.read(About::Oracle, &whole, vec![checks(repository)]);
    let parts = counted.as_ref().map(parts).into_iter().collect();
    let (fan_out, of_fan_out) = reader.read(About::FanOut, &plain, parts);
    let (adapt, of_adapt) = reader.read(About::Adapt, &whole, Vec::new());
    let units = match counted {
        Some(units) if units.count >= LARGE || !fan_out.is_yes() => Some(units),
        Some(_) | None => fan_out.is_yes().then(|| files_meant(&plain, repository)),
    };
    let natures = [of_oracle, of_fan_out, of_adapt].concat().into_iter().collect();
    let checkable = checkable(repository);
    let oracle_kind = oracle_kind(&oracle, &natures, checkable);
    Questions { oracle, oracle_kind, checkable, fan_out, adapt, units, natures }
}

/// Holds the cues against a task.
struct Reader<'r> {
    repository: &'r Repository,
    has_many: bool,
}

impl Reader<'_> {
    fn read(&self, about: About, task: &str, start: Vec<Evidence>) -> (Question, Vec<Nature>) {
        let counts = |cue: &&Cue| {
            cue.about == about
                && (cue.needs.is_empty() || cue.needs.iter().any(|kind| self.repository.has(*kind)))
                && (self.has_many || !cue.many)
        };
        let found = Cues::get().cues.iter().filter(counts).filter_map(|cue| Some((cue, cue.find(task)?)));
        let mut found: Vec<(&Cue, &str)> = found.collect();
        let weights = start.iter().map(|one| one.weight).chain(found.iter().map(|(cue, _)| cue.weight));
        let sides: BTreeSet<i32> = weights.map(i32::signum).collect();
        found.retain(|(cue, _)| !cue.alone || !sides.contains(&-cue.weight.signum()));
        let natures = found.iter().filter_map(|(cue, _)| cue.nature).collect();
        let said = found.into_iter().map(|(cue, words)| Evidence {
            from: Witness::Words,
            says: format!("{} (“{}”)", cue.says, words.trim()),
            weight: cue.weight,
        });
        (Question::of(start.into_iter().chain(said).collect()), natures)
    }
}

impl Question {
    pub fn of(mut evidence: Vec<Evidence>) -> Self {
        evidence.sort_by_key(|one| -one.weight.abs());
        let score = evidence.iter().map(|one| one.weight).sum();
        let answer = match score {
            YES.. => Answer::Yes,
            ..=NO => Answer::No,
            _ => Answer::Unclear,
        };
        Self { answer, score, evidence }
    }

    /// Somebody who knows better answered it.
    pub fn settle(&mut self, answer: Answer, from: Witness, says: String) {
        self.answer = answer;
        self.evidence.insert(0, Evidence { from, says, weight: 0 });
    }

    pub fn is_yes(&self) -> bool {
        self.answer == Answer::Yes
    }
}

/// What of the repository can say whether work in it is right.
fn checks(repository: &Repository) -> Evidence {
    let found = |kind: Kind, weight: i32, what: &str| {
        repository.first(kind).map(|finding| Evidence {
            from: Witness::Repository,
            says: format!("{what}: `{}` ({})", finding.command, finding.why),
            weight,
        })
    };
    let best =
        found(Kind::Test, 2, "there are tests").or_else(|| found(Kind::Types, 1, "there is a type check"));
    let best = best.or_else(|| found(Kind::Lint, 0, "there is a linter"));
    best.unwrap_or_else(|| Evidence {
        from: Witness::Repository,
        says: "no command was found that tests or checks anything here".into(),
        weight: -2,
    })
}

fn parts(units: &Units) -> Evidence {
    let (weight, what) = match units.count {
        LARGE.. => (4, "parts"),
        _ => (-1, "parts only"),
    };
    Evidence { from: Witness::Words, says: format!("{} {what} (“{}”)", units.count, units.from), weight }
}

/// The files that "every file" would be.
fn files_meant(task: &str, repository: &Repository) -> Units {
    const DOCUMENTS: [&str; 6] = ["page", "document", "docs", "article", "chapter", "markdown"];
    let (sources, documents) = (repository.sources() as u64, repository.documents() as u64);
    let means_documents = sources == 0 || documents > 0 && DOCUMENTS.iter().any(|word| task.contains(word));
    match means_documents && documents >= LARGE {
        true => Units {
            count: documents,
            from: format!("{documents} documents in the repository"),
            at_most: true,
        },
        false => {
            Units { count: sources, from: format!("{sources} source files in the repository"), at_most: true }
        }
    }
}

fn checkable(repository: &Repository) -> Option<OracleKind> {
    let kind = [Kind::Test, Kind::Types, Kind::Lint].into_iter().find(|kind| repository.has(*kind))?;
    Some(if kind == Kind::Test { OracleKind::Tests } else { OracleKind::Static })
}

fn oracle_kind(
    oracle: &Question,
    natures: &BTreeSet<Nature>,
    checkable: Option<OracleKind>,
) -> Option<OracleKind> {
    if !oracle.is_yes() {
        return None;
    }
    if !natures.contains(&Nature::Research) {
        return Some(checkable.unwrap_or(OracleKind::Stated));
    }
    let of_research = Cues::get().cues.iter().filter(|cue| cue.nature == Some(Nature::Research));
    let without_sources = oracle.score - of_research.map(|cue| cue.weight).sum::<i32>();
    Some(checkable.filter(|_| without_sources >= YES).unwrap_or(OracleKind::Sources))
}
