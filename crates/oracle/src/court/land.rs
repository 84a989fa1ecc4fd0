//! The landing queue: one patch at a time is merged, judged as merged, and put on the run's branch.

use fanfold_core::{CallKey, Failure, Judgement, LandCall, Landing, NewFile, NotLanded};
use fanfold_workspace::{Merged, Moved, Trailers};

use super::{Case, Court, cannot, laid};

/// Of one call; each judges once more.
const TRIES_MAX: u32 = 5;

impl Court {
    pub(super) async fn land_call(&self, key: &CallKey, call: &LandCall) -> Result<Landing, Failure> {
        // Whoever waits here is served in the order of asking.
        let _turn = self.queue.lock().await;
        for _ in 0..TRIES_MAX {
            if let Some(landing) = self.try_landing(key, call).await? {
                return Ok(landing);
            }
        }
        Err(cannot(&"somebody else keeps moving the run's branch"))
    }

    /// `None`: the branch was moved meanwhile, by no call of this court.
    async fn try_landing(&self, key: &CallKey, call: &LandCall) -> Result<Option<Landing>, Failure> {
        let (patch, mark) = (call.patch.clone(), key.to_string());
        let met = self
            .with_repo(move |repo| {
                Ok(match repo.landed(&mark)? {
                    Some(commit) => Met::Landed(commit),
                    None => Met::Merged(repo.tip()?, repo.merge(&patch)?),
                })
            })
            .await?;
        Ok(Some(match met {
            Met::Landed(commit) => Landing { landed: true, commit: Some(commit), ..Landing::default() },
            Met::Merged(_, Merged::Empty) => not(NotLanded::Empty),
            Met::Merged(_, Merged::Conflict { commit, paths, .. }) => {
                Landing { conflicts: paths, start: Some(commit), ..not(NotLanded::Conflict) }
            }
            Met::Merged(tip, Merged::Clean { commit }) => {
                return self.land_merged(key, call, &tip, commit).await;
            }
        }))
    }

    async fn land_merged(
        &self,
        key: &CallKey,
        call: &LandCall,
        tip: &str,
        merged: String,
    ) -> Result<Option<Landing>, Failure> {
        let case = match self.spec {
            Some(_) => self.case(Some(merged), call.tests.clone()).await?,
            None => self.unprotected_case(merged, call.tests.clone()).await?,
        };
        let case = Case { is_in_queue: true, ..case };
        let judgement = self.judge_merged(&case).await?;
        let verdict = match (judgement.passed, call.on_opinions) {
            (Some(true), _) => in_words(&judgement),
            (None, true) => "opinions only".to_owned(),
            (None, false) => {
                return Ok(Some(Landing { judgement: Some(judgement), ..not(NotLanded::Unjudged) }));
            }
            (Some(false), _) => {
                let start = Some(case.commit);
                return Ok(Some(Landing { start, judgement: Some(judgement), ..not(NotLanded::Failed) }));
            }
        };
        let (title, mark, tip) = (call.title.clone(), key.to_string(), tip.to_owned());
        let commit = self
            .with_repo(move |repo| {
                let trailers = Trailers { agent: Some(&title), verdict: Some(&verdict), call: Some(&mark) };
                let commit = repo.commit_tree(&case.commit, &[&tip], &repo.message(&title, &trailers))?;
                match repo.advance(&tip, &commit) {
                    Ok(()) => Ok(Some(commit)),
                    Err(Moved::To(_)) => Ok(None),
                    Err(why @ Moved::Unknown(_)) => Err(why.to_string()),
                }
            })
            .await?;
        Ok(commit.map(|commit| Landing {
            landed: true,
            commit: Some(commit),
            judgement: Some(judgement),
            ..Landing::default()
        }))
    }

    /// A tree that has passed already is not judged again.
    async fn judge_merged(&self, case: &Case) -> Result<Judgement, Failure> {
        if self.spec.is_none() {
            let (tree, uncovered) = (case.tree.clone(), case.uncovered.clone());
            return Ok(Judgement { tree, uncovered, ..Judgement::default() });
        }
        let start = self.at_start(None).await?;
        match self.passed_before(&case.tree).filter(|_| case.tampered.is_empty()) {
            Some(judgement) => Ok(judgement),
            None => self.try_case(case, Some(start)).await,
        }
    }

    /// Without an oracle nothing decides, so nothing is protected either.
    async fn unprotected_case(&self, work: String, tests: Vec<NewFile>) -> Result<Case, Failure> {
        let protection = self.protection().await?;
        self.with_repo(move |repo| {
            let reference = repo.landed_base(&work)?;
            let mut uncovered = Vec::new();
            let tests = laid(repo, &protection, &work, &tests, &mut uncovered)?;
            let (commit, _) = repo.tree_with(&reference, &work, &|_| false, &tests)?;
            let tree = repo.tree_hash(&commit)?;
            Ok(Case { reference, commit, tree, tampered: Vec::new(), uncovered, is_in_queue: false })
        })
        .await
    }
}

enum Met {
    /// An earlier attempt got as far.
    Landed(String),
    /// With the tip that it was merged into.
    Merged(String, Merged),
}

fn not(why: NotLanded) -> Landing {
    Landing { why: Some(why), ..Landing::default() }
}

/// For the commit's trailer: `passed: cargo test (12 tests)`. Hidden checks are not named.
fn in_words(judgement: &Judgement) -> String {
    let public = judgement.checks.iter().filter(|check| check.visibility.is_public());
    let named: Vec<String> = public
        .map(|check| match (check.tests, check.score) {
            (Some(tests), _) => format!("{} ({} tests)", check.name, tests.passed),
            (None, Some(score)) => format!("{} (score {score})", check.name),
            (None, None) => check.name.clone(),
        })
        .collect();
    if named.is_empty() { "passed".into() } else { format!("passed: {}", named.join(", ")) }
}
