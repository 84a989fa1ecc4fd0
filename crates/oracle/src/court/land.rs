//! Landing: a patch is merged, judged as merged, and put on the run's branch. Those that wait behind it are judged on
//! top of it meanwhile, each by itself, or together with it where the oracle allows that.

use fanfold_core::{CallKey, Failure, Judgement, LandCall, Landing, NotLanded};
use fanfold_workspace::{Merged, Moved, RunRepo, Trailers};
use futures_util::stream::{FuturesOrdered, StreamExt};

use super::queue::{Asked, Ticket};
use super::{Case, Court, cannot, case_on, laid_out};
use crate::spec::OracleSpec;

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
                Tried::FailedTogether | Tried::CalledOff => {}
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
                // Nothing decides, so nothing is protected either.
                false => laid_out(repo, &protection, from, &merged, &tests, Vec::new(), Vec::new()),
            })
            .await?;
        let first = Case { is_in_queue: true, ..first };
        let mut cases = vec![(asked.clone(), first)];
        match self.spec.as_ref().map_or(1, |spec| spec.together) {
            1 => self.land_one_by_one(cases, tip).await,
            most => {
                self.add_those_who_wait(&mut cases, self.size.at_most(most) - 1, || Some(())).await?;
                self.land_together(cases, tip).await
            }
        }
    }

    /// Each tree is judged by itself: the first one, and beside it those of the next ones on top of it, as far as there
    /// are seats that nobody needs. What those come to holds if all before them land. What is measured is judged alone: the
    /// next one would slow it down.
    async fn land_one_by_one(&self, mut cases: Vec<(Asked, Case)>, tip: &str) -> Result<Tried, Failure> {
        if self.spec.is_some() {
            // It needs a seat itself.
            self.at_start(None, false).await?;
        }
        let is_measured = self.spec.as_ref().is_some_and(OracleSpec::measures);
        let most = if is_measured { 0 } else { self.surroundings.seats };
        let _seats = self.add_those_who_wait(&mut cases, most, || self.seats.try_acquire().ok()).await?;
        let mut judging: FuturesOrdered<_> = cases.iter().map(|(_, case)| self.judge_merged(case)).collect();
        let (mut landing, mut verdicts, mut stopped) = (Vec::new(), Vec::new(), None);
        for (asked, case) in &cases {
            let judgement = match judging.next().await {
                Some(Ok(judgement)) => judgement,
                Some(Err(failure)) if landing.is_empty() => return Err(failure),
                // It is asked anew when it is its turn.
                Some(Err(_)) | None => break,
            };
            match (judgement.passed, asked.call.on_opinions) {
                (Some(true), _) => verdicts.push(in_words(&judgement, 1)),
                (None, true) => verdicts.push("opinions only".to_owned()),
                (None, false) => {
                    stopped = Some(Landing { judgement: Some(judgement), ..not(NotLanded::Unjudged) });
                    break;
                }
                (Some(false), _) => {
                    let (start, judgement) = (Some(case.commit.clone()), Some(judgement));
                    stopped = Some(Landing { start, judgement, ..not(NotLanded::Failed) });
                    break;
                }
            }
            landing.push(Landing { landed: true, judgement: Some(judgement), ..Landing::default() });
        }
        // Those behind one that does not land were judged on top of it: that says nothing.
        drop(judging);
        let still_there = self.still_there(&cases);
        if still_there <= landing.len() {
            landing.truncate(still_there);
            stopped = None;
        }
        let passed = landing.len();
        if passed > 0 {
            let (tip, put) = (tip.to_owned(), cases[..passed].to_vec());
            let commits = self.with_repo(move |repo| put_on_branch(repo, &tip, &put, &verdicts)).await?;
            let Some(commits) = commits else { return Ok(Tried::Moved) };
            for (landing, commit) in landing.iter_mut().zip(&commits) {
                landing.commit = Some(commit.clone());
            }
            if let (Some(stopped), Some(below)) = (&mut stopped, commits.last().cloned())
                && let Some(start) = stopped.start.take()
            {
                // Its fixer goes on from what is on the branch.
                let again = move |repo: &RunRepo| repo.commit_tree(&start, &[&below], "a merge\n");
                stopped.start = Some(self.with_repo(again).await?);
            }
        }
        Ok(answered(self.answer_all(&cases, landing.into_iter().chain(stopped))))
    }

    /// One tree for all.
    async fn land_together(&self, cases: Vec<(Asked, Case)>, tip: &str) -> Result<Tried, Failure> {
        let case = whole(&cases, tip);
        let judgement = self.judge_merged(&case).await?;
        if judgement.passed != Some(true) {
            if cases.len() > 1 {
                self.size.halve(cases.len());
                return Ok(Tried::FailedTogether);
            }
            let (start, judgement) = (Some(case.commit), Some(judgement));
            return Ok(answered(Landing { start, judgement, ..not(NotLanded::Failed) }));
        }
        if self.still_there(&cases) < cases.len() {
            return Ok(Tried::CalledOff);
        }
        let verdicts = vec![in_words(&judgement, cases.len()); cases.len()];
        let (tip, put) = (tip.to_owned(), cases.clone());
        let commits = self.with_repo(move |repo| put_on_branch(repo, &tip, &put, &verdicts)).await?;
        let Some(commits) = commits else { return Ok(Tried::Moved) };
        self.size.double(cases.len());
        let landings = cases.iter().zip(commits).map(|((_, case), commit)| {
            let mut judgement = judgement.clone();
            if cases.len() > 1 {
                judgement.uncovered.extend(case.uncovered.iter().cloned());
            }
            Landing { landed: true, commit: Some(commit), judgement: Some(judgement), ..Landing::default() }
        });
        Ok(answered(self.answer_all(&cases, landings)))
    }

    /// How many there are before the first that was called off: what follows was judged on top of what is not to land.
    fn still_there(&self, cases: &[(Asked, Case)]) -> usize {
        cases.iter().take_while(|(asked, _)| self.waiting.has(&asked.key)).count()
    }

    /// The first is the answer to whoever is served; the others are told to those who wait.
    fn answer_all(&self, cases: &[(Asked, Case)], mut landings: impl Iterator<Item = Landing>) -> Landing {
        let own = landings.next().expect("the first is always answered");
        for ((asked, _), landing) in cases.iter().skip(1).zip(landings) {
            self.waiting.answer(&asked.key, landing);
        }
        own
    }

    /// Merges at most `most` of those that wait on top, in their order, up to the first that cannot be: it has its own
    /// turn. `permit`: what each needs, and holds as long as the result.
    async fn add_those_who_wait<P>(
        &self,
        cases: &mut Vec<(Asked, Case)>,
        most: usize,
        permit: impl Fn() -> Option<P>,
    ) -> Result<Vec<P>, Failure> {
        let mut permits = Vec::new();
        if self.spec.is_none() || !cases[0].1.tampered.is_empty() {
            return Ok(permits);
        }
        let protection = self.protection().await?;
        for asked in self.waiting.open(&cases[0].0.key, most) {
            let Some(permit) = permit() else { break };
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
                Some(case) => cases.push((asked, Case { is_in_queue: true, ..case })),
                None => break,
            }
            permits.push(permit);
        }
        Ok(permits)
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
    Case { reference: tip.to_owned(), uncovered, ..last.clone() }
}

/// A commit for each, one on top of the other. `None`: the branch was moved meanwhile, by no call of this court.
fn put_on_branch(
    repo: &RunRepo,
    tip: &str,
    cases: &[(Asked, Case)],
    verdicts: &[String],
) -> Result<Option<Vec<String>>, String> {
    let mut landed: Vec<(String, String)> = Vec::new();
    for ((Asked { key, call }, case), verdict) in cases.iter().zip(verdicts) {
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

enum Tried {
    Answered(Box<Landing>),
    /// Together they do not pass: fewer at a time find the one.
    FailedTogether,
    /// One of them was called off: without it the tree is another one.
    CalledOff,
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
