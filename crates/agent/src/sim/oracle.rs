//! Simulated verdicts, for dry runs: by policy, nothing is run and nothing lands anywhere.

use fanfold_core::key::short_digest;
use fanfold_core::oracle::CheckResult;
use fanfold_core::{
    CallKey, Failure, Judgement, LandCall, Landing, NotLanded, Oracle, OracleCall, TestFailure,
};
use futures_util::future::{BoxFuture, ready};

use super::Policy;

/// What an oracle would say under a policy: it passes all, or under `negative` nothing but the start.
pub struct SimOracle {
    pub policy: Policy,
    /// Digest of the definition; `None`: the run has no oracle.
    pub digest: Option<String>,
}

impl SimOracle {
    /// Of the oracle, if the run has one.
    fn judgement(&self, about: &str) -> Judgement {
        if self.digest.is_none() {
            return Judgement::default();
        }
        self.by_policy(about)
    }

    fn by_policy(&self, about: &str) -> Judgement {
        let passed = self.policy != Policy::Negative;
        let check = "simulated".to_owned();
        let why = (!passed).then(|| "the policy `negative` fails every check".to_owned());
        let failures = why.iter().map(|why| TestFailure {
            check: check.clone(),
            name: String::new(),
            message: why.clone(),
        });
        Judgement {
            passed: Some(passed),
            exit_code: Some(i32::from(!passed)),
            failures: failures.collect(),
            checks: vec![CheckResult {
                name: check.clone(),
                passed,
                why: why.clone(),
                ..CheckResult::default()
            }],
            tree: short_digest(about.as_bytes()),
            ..Judgement::default()
        }
    }
}

impl Oracle for SimOracle {
    fn digest(&self) -> Option<String> {
        self.digest.clone()
    }

    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        _: bool,
    ) -> BoxFuture<'a, Result<Judgement, Failure>> {
        let passed = self.digest.is_some().then_some(true);
        let at_the_start = Judgement { passed, ..Judgement::default() };
        Box::pin(ready(Ok(recorded.unwrap_or(at_the_start))))
    }

    fn judge<'a>(&'a self, call: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        let about = call.patch.as_deref().unwrap_or("workspace");
        let judgement = match &call.check {
            // That of an item needs no oracle.
            Some(_) => self.by_policy(about),
            None => self.judgement(about),
        };
        let judgement = match call.tests.is_empty() {
            true => judgement,
            // A test that a simulated reviewer made up proves its claim: the harder way through the script.
            false => Judgement { passed: judgement.passed.map(|_| false), ..judgement },
        };
        Box::pin(ready(Ok(judgement)))
    }

    fn land<'a>(&'a self, _: &'a CallKey, call: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        let judgement = self.judgement(&call.patch);
        let landing = match judgement.passed {
            None if !call.on_opinions => Landing { why: Some(NotLanded::Unjudged), ..Landing::default() },
            Some(false) => Landing {
                why: Some(NotLanded::Failed),
                start: Some(call.patch.clone()),
                judgement: Some(judgement),
                ..Landing::default()
            },
            None | Some(true) => Landing {
                landed: true,
                commit: Some(call.patch.clone()),
                judgement: Some(judgement),
                ..Landing::default()
            },
        };
        Box::pin(ready(Ok(landing)))
    }
}

#[cfg(test)]
mod tests {
    use fanfold_core::ItemCheck;
    use futures_util::FutureExt;

    use super::*;

    fn landed(policy: Policy, has_oracle: bool) -> Option<NotLanded> {
        let oracle = SimOracle { policy, digest: has_oracle.then(|| "d".into()) };
        let call = LandCall { patch: "c".into(), ..LandCall::default() };
        let landing = oracle.land(&CallKey::new("k", 0), &call).now_or_never().expect("ready");
        landing.expect("simulated").why
    }

    #[test]
    fn items_are_judged_without_an_oracle_too() {
        for (policy, passed) in [(Policy::Typical, true), (Policy::Negative, false)] {
            let oracle = SimOracle { policy, digest: None };
            let check = ItemCheck { command: "lint".into(), item: "a".into(), timeout_ms: None };
            let call = OracleCall { check: Some(check), ..OracleCall::default() };
            let judged = |call| oracle.judge(call).now_or_never().expect("ready").expect("simulated").passed;
            assert_eq!((judged(&call), judged(&OracleCall::default())), (Some(passed), None));
        }
    }

    #[test]
    fn what_is_simulated_lands_by_policy_and_only_with_an_oracle() {
        assert_eq!(landed(Policy::Typical, true), None);
        assert_eq!(landed(Policy::Negative, true), Some(NotLanded::Failed));
        assert_eq!(landed(Policy::Typical, false), Some(NotLanded::Unjudged));
    }
}
