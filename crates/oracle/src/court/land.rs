//! Landing: a patch is merged, judged as merged, and put on the run's branch; where the oracle allows it, together
//! with those that wait behind it.

use fanfold_core::{CallKey, Failure, Judgement, LandCall, Landing, NewFile, NotLanded};
use fanfold_workspace::{Merged, Moved, RunRepo, Trailers};

use super::queue::{Asked, Ticket};
use super::{Case, Court, cannot, case_on, laid};
use crate::protect::Protection;

/// Of one call; each judges once more.
const TRIES_MAX: u32 = 5;

impl Court {
    pub(super) async fn land_call(&self, key: &CallKey, call: &LandCall) -> Result<Landing, Failure> {
        let asked = Asked { key: key.clone(), call: call.clone() };
        let mut ticket = Ticket::new(&self.waiting, asked);
        // Whoever waits here is served in the order of asking, or has its answer from one before it.
        let _turn = tokio::select! {
            biased;
            Ok(landing) = ticket.answer() => return Ok(landing),
            turn = self.queue.lock() => turn,
        };
        if let Some(landing) = ticket.answered() {
            return Ok(landing);
        }
        let mut moved = 0;
        while moved < TRIES_MAX {
            match self.try_landing(ticket.asked()).await? {
                Tried::Answered(landing) => return Ok(*landing),
                Tried::FailedTogether => {}
                Tried::Moved => moved += 1,
            }
        }
        Err(cannot(&"somebody else keeps moving the run's branch"))
    }

    async fn try_landing(&self, asked: &Asked) -> Result<Tried, Failure> {
        let (patch, mark) = (asked.call.patch.clone(), asked.key.to_string());
        let met = self
            .with_repo(move |repo| {
                Ok(match repo.landed(&mark)? {
                    Some(commit) => Met::Landed(commit),
                    None => {
                        let tip = repo.tip()?;
                        Met::Merged(repo.merge_onto(&tip, &patch)?, tip)
                    }
                })
            })
            .await?;
        let landing = match met {
            Met::Landed(commit) => Landing { landed: true, commit: Some(commit), ..Landing::default() },
            Met::Merged(Merged::Empty, _) => not(NotLanded::Empty),
            Met::Merged(Merged::Conflict { commit, paths, .. }, _) => {
                Landing { conflicts: paths, start: Some(commit), ..not(NotLanded::Conflict) }
            }
            Met::Merged(Merged::Clean { commit }, tip) => return self.land_merged(asked, &tip, commit).await,
        };
        Ok(answered(landing))
    }

    async fn land_merged(&self, asked: &Asked, tip: &str, merged: String) -> Result<Tried, Failure> {
        let protection = self.protection().await?;
        let is_judged = self.spec.is_some();
        let (from, tests) = (tip.to_owned(), asked.call.tests.clone());
        let first = self
            .with_repo(move |repo| match is_judged {
                true => case_on(repo, &protection, from, merged, &tests),
                false => unprotected_case(repo, &protection, from, merged, &tests),
            })
            .await?;
        let mut cases = vec![(asked.clone(), first)];
        self.add_those_who_wait(&mut cases).await?;
        let case = whole(&cases, tip);
        let judgement = self.judge_merged(&case).await?;
        let verdict = match (judgement.passed, asked.call.on_opinions) {
            (Some(true), _) => in_words(&judgement, cases.len()),
            (None, true) => "opinions only".to_owned(),
            (None, false) => {
                let judgement = Some(judgement);
                return Ok(answered(Landing { judgement, ..not(NotLanded::Unjudged) }));
            }
            (Some(false), _) if cases.len() > 1 => {
                self.size.halve(cases.len());
                return Ok(Tried::FailedTogether);
            }
            (Some(false), _) => {
                let (start, judgement) = (Some(case.commit), Some(judgement));
                return Ok(answered(Landing { start, judgement, ..not(NotLanded::Failed) }));
            }
        };
        let (tip, put) = (tip.to_owned(), cases.clone());
        let commits = self.with_repo(move |repo| put_on_branch(repo, &tip, &put, &verdict)).await?;
        let Some(commits) = commits else { return Ok(Tried::Moved) };
        self.size.double(cases.len());
        let mut landings = cases.iter().zip(commits).map(|((_, case), commit)| {
            let mut judgement = judgement.clone();
            if cases.len() > 1 {
                judgement.uncovered.extend(case.uncovered.iter().cloned());
            }
            Landing { landed: true, commit: Some(commit), judgement: Some(judgement), ..Landing::default() }
        });
        let own = landings.next().expect("the first is this call's");
        for ((asked, _), landing) in cases.iter().skip(1).zip(landings) {
            self.waiting.answer(&asked.key, landing);
        }
        Ok(answered(own))
    }

    /// Merges those that wait on top, in their order, up to the first that cannot be: it has its own turn.
    async fn add_those_who_wait(&self, cases: &mut Vec<(Asked, Case)>) -> Result<(), Failure> {
        let most = self.spec.as_ref().map_or(1, |spec| self.size.at_most(spec.together));
        if most == 1 || !cases[0].1.tampered.is_empty() {
            return Ok(());
        }
        let protection = self.protection().await?;
        for asked in self.waiting.open(&cases[0].0.key, most - 1) {
            let below = cases.last().expect("the first is there").1.commit.clone();
            let (protection, call, mark) = (protection.clone(), asked.call.clone(), asked.key.to_string());
            let case = self
                .with_repo(move |repo| {
                    if repo.landed(&mark)?.is_some() {
                        return Ok(None);
                    }
                    let Merged::Clean { commit } = repo.merge_onto(&below, &call.patch)? else {
                        return Ok(None);
                    };
                    case_on(repo, &protection, below, commit, &call.tests).map(Some)
                })
                .await?;
            match case.filter(|case| case.tampered.is_empty()) {
                Some(case) => cases.push((asked, case)),
                None => break,
            }
        }
        Ok(())
    }

    /// A tree that has passed already is not judged again.
    async fn judge_merged(&self, case: &Case) -> Result<Judgement, Failure> {
        if self.spec.is_none() {
            let (tree, uncovered) = (case.tree.clone(), case.uncovered.clone());
            return Ok(Judgement { tree, uncovered, ..Judgement::default() });
        }
        let start = self.at_start(None, false).await?;
        match self.passed_before(&case.tree).filter(|_| case.tampered.is_empty()) {
            Some(judgement) => Ok(judgement),
            None => self.try_case(case, Some(start)).await,
        }
    }
}

/// What is judged of those that are judged together: all of them, on top of the tip.
fn whole(cases: &[(Asked, Case)], tip: &str) -> Case {
    let (_, last) = cases.last().expect("the first is there");
    let uncovered = if cases.len() == 1 { last.uncovered.clone() } else { Vec::new() };
    Case { reference: tip.to_owned(), uncovered, is_in_queue: true, ..last.clone() }
}

/// A commit for each, one on top of the other. `None`: the branch was moved meanwhile, by no call of this court.
fn put_on_branch(
    repo: &RunRepo,
    tip: &str,
    cases: &[(Asked, Case)],
    verdict: &str,
) -> Result<Option<Vec<String>>, String> {
    let mut landed: Vec<(String, String)> = Vec::new();
    for (Asked { key, call }, case) in cases {
        let mark = key.to_string();
        let trailers = Trailers { agent: Some(&call.title), verdict: Some(verdict), call: Some(&mark) };
        let parent = landed.last().map_or(tip, |(_, commit)| commit);
        let commit = repo.commit_tree(&case.commit, &[parent], &repo.message(&call.title, &trailers))?;
        landed.push((mark, commit));
    }
    let (_, last) = landed.last().expect("the first is there");
    match repo.advance(tip, last) {
        Ok(()) => {
            repo.note_landed(tip, &landed);
            Ok(Some(landed.into_iter().map(|(_, commit)| commit).collect()))
        }
        Err(Moved::To(_)) => Ok(None),
        Err(why @ Moved::Unknown(_)) => Err(why.to_string()),
    }
}

/// Without an oracle nothing decides, so nothing is protected either.
fn unprotected_case(
    repo: &RunRepo,
    protection: &Protection,
    reference: String,
    work: String,
    tests: &[NewFile],
) -> Result<Case, String> {
    let mut uncovered = Vec::new();
    let tests = laid(repo, protection, &work, tests, &mut uncovered)?;
    let (commit, _) = repo.tree_with(&reference, &work, &|_| false, &tests)?;
    let tree = repo.tree_hash(&commit)?;
    Ok(Case { reference, commit, tree, tampered: Vec::new(), uncovered, is_in_queue: true })
}

enum Tried {
    Answered(Box<Landing>),
    /// Together they do not pass: fewer at a time find the one.
    FailedTogether,
    /// The branch was moved meanwhile, by no call of this court.
    Moved,
}

fn answered(landing: Landing) -> Tried {
    Tried::Answered(Box::new(landing))
}

enum Met {
    /// An earlier attempt got as far.
    Landed(String),
    /// With the tip that it was merged into.
    Merged(Merged, String),
}

fn not(why: NotLanded) -> Landing {
    Landing { why: Some(why), ..Landing::default() }
}

/// For the commits' trailer: `passed: cargo test (12 tests)`. Hidden checks are not named.
fn in_words(judgement: &Judgement, together: usize) -> String {
    let public = judgement.checks.iter().filter(|check| check.visibility.is_public());
    let named: Vec<String> = public
        .map(|check| match (check.tests, check.score) {
            (Some(tests), _) => format!("{} ({} tests)", check.name, tests.passed),
            (None, Some(score)) => format!("{} (score {score})", check.name),
            (None, None) => check.name.clone(),
        })
        .collect();
    let how = match together {
        1 => "passed".to_owned(),
        all => format!("passed together, {all} patches"),
    };
    if named.is_empty() { how } else { format!("{how}: {}", named.join(", ")) }
}
