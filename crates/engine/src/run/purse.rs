//! What one agent of a run may spend: the ledger's answers, recorded before anything is sent.

use std::sync::Arc;

use fanfold_core::budget::Answer;
use fanfold_core::{CallKey, Entry, Failure, FailureKind, Purse, Quote, Usage};
use futures_util::future::BoxFuture;

use super::Run;

pub(super) struct RunPurse {
    run: Arc<Run>,
    key: CallKey,
}

impl RunPurse {
    pub fn new(run: Arc<Run>, key: CallKey) -> Self {
        Self { run, key }
    }

    async fn granted(&self, quote: Quote) -> Result<u64, Failure> {
        let Self { run, key } = self;
        loop {
            let mut freed = std::pin::pin!(run.budget_freed.notified());
            // Listens from here on, so that nothing is given back between the look and the wait.
            freed.as_mut().enable();
            let (answer, recorded) = {
                let mut state = run.state();
                let answer = state.ledger.reserve(key, &quote);
                let entry = match answer {
                    // Where nothing is limited and nothing is paid, nobody asks later what was under way.
                    Answer::Granted { .. } if run.records_spending => {
                        let (spent, worst) = (state.ledger.used(key), state.ledger.held(key));
                        Some(Entry::Reserved { key: key.clone(), turns: quote.turns, spent, worst })
                    }
                    Answer::Granted { .. } | Answer::Wait | Answer::Refused(_) => None,
                };
                let recorded = entry.map(|entry| {
                    state.journal.apply(&entry).expect("a call asks only while it is under way");
                    run.store.append(&entry)
                });
                (answer, recorded)
            };
            match answer {
                Answer::Granted { output_tokens } => {
                    if let Some(recorded) = recorded
                        && run.wait_for_disk(recorded).await.is_err()
                    {
                        // The run ends here, by its next entry: nothing may be sent that is not recorded.
                        let message = "the journal cannot be written".into();
                        return Err(Failure { kind: FailureKind::Budget, message });
                    }
                    // There may be room for one more.
                    run.budget_freed.notify_one();
                    return Ok(output_tokens);
                }
                Answer::Wait => freed.await,
                Answer::Refused(failure) => return Err(failure),
            }
        }
    }
}

impl Purse for RunPurse {
    fn is_limited(&self) -> bool {
        self.run.state().ledger.limits_call(&self.key)
    }

    fn reserve<'a>(&'a self, quote: Quote) -> BoxFuture<'a, Result<u64, Failure>> {
        Box::pin(self.granted(quote))
    }

    fn settle(&self, used: Usage) {
        let warnings = self.run.state().ledger.settle(&self.key, used);
        self.run.give_back(warnings);
    }

    fn forfeit(&self, known: Usage) {
        let warnings = self.run.state().ledger.forfeit(&self.key, known);
        self.run.give_back(warnings);
    }

    fn recalled(&self, turns: u32, last: Usage) {
        let state = &mut *self.run.state();
        // The request that was under way when the attempt died came through after all.
        if let Some(reserved) = state.journal.reservation(&self.key)
            && turns > reserved.turns
        {
            let mut used = reserved.spent;
            used += last;
            state.ledger.correct(&self.key, used);
        }
    }
}
