//! One attempt at a run, and the way that every call takes through it: [`Run::call`].

mod attempt;
mod course;
mod inflight;
mod ledger;
mod purse;

use std::collections::HashMap;
use std::future::pending;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use fanfold_core::budget::Warning;
use fanfold_core::journal::Reservation;
use fanfold_core::{
    AgentCall, AgentCx, AgentEnd, AgentJob, AskCall, Asked, Backend, Call, CallKey, CallKind, Clock, Entry,
    EventBody, Failure, FailureKind, Judgement, LandCall, Landing, Location, LogLevel, Moment, Oracle,
    OracleCall, Outcome, Patch, Person, Reply, Resolved, Source, Usage, WhyLive, WorkflowTarget,
};
use fanfold_script::protocol::{Completion, Settlement};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use tokio::sync::{Notify, Semaphore};

pub use attempt::Attempt;
use ledger::State;
use purse::RunPurse;

use crate::replay::ReplayGate;
use crate::report::{ErrorKind, ErrorReport, PlanItem};
use crate::{EventLog, JournalStore};

/// Finds the scripts that `workflow()` names.
pub trait Workflows: Send + Sync {
    /// The text of the script and the name under which errors show it; `Err` is a sentence for the script.
    fn find(&self, target: &WorkflowTarget) -> Result<(String, String), String>;
}

/// Whether calls are made, or only listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Live,
    Plan,
}

/// Shared with what each agent may spend.
struct Run {
    mode: Mode,
    /// Whether what is set aside for requests goes into the journal.
    records_spending: bool,
    run_dir: Option<PathBuf>,
    store: Arc<dyn JournalStore>,
    backend: Arc<dyn Backend>,
    workflows: Arc<dyn Workflows>,
    oracle: Arc<dyn Oracle>,
    person: Arc<dyn Person>,
    clock: Arc<dyn Clock>,
    events: EventLog,
    slots: Semaphore,
    /// Of oracles: apart from agents, who may wait for them.
    judges: Semaphore,
    /// Something that was set aside was given back.
    budget_freed: Notify,
    replay: ReplayGate,
    /// Set when nothing more is to start.
    draining: AtomicBool,
    /// What waits for the disk, for an oracle or for a person: virtual time stands still meanwhile.
    busy: AtomicU64,
    /// The pure state, behind one lock that is never held across an await.
    state: Mutex<State>,
}

/// A call with its identity, found out in the order in which the script made it.
struct Identified {
    seq: u32,
    key: CallKey,
    site: Option<Location>,
    call: Call,
    resolved: Resolved,
    way: Way,
}

enum Way {
    /// Refused before any work was done; never journaled.
    Refused(Failure),
    Recalled {
        outcome: Box<Outcome>,
        order: u64,
    },
    Live {
        unfinished: bool,
        why: WhyLive,
    },
}

/// What a call came to, ready to be handed to the script.
struct Done {
    source: Source,
    /// Live ones are handed over in this order: the journal's.
    order: u64,
    completion: Completion,
}

/// Why an attempt is over before its script is. Nothing that a script could catch.
struct Stop(ErrorReport);

/// What a settled `workflow()` call has in the journal: the text that ran, so that a resume runs the same.
#[derive(Serialize, Deserialize)]
struct FoundWorkflow {
    source: String,
    file: String,
}

impl Run {
    /// The way of one call: recall it, or let it start, work and settle.
    ///
    /// Thousands may wait for a slot: what is needed only after it is boxed, so that a waiting call is small.
    async fn call(self: &Arc<Self>, asked: Box<Identified>) -> Result<Done, Stop> {
        match &asked.way {
            Way::Refused(failure) => Ok(self.refused(&asked, failure.clone())),
            Way::Recalled { outcome, order } => {
                self.replay.turn(*order).await;
                Ok(self.settled(&asked, (**outcome).clone(), Source::Replayed, *order, 0))
            }
            Way::Live { unfinished, why } => match &asked.call {
                Call::Agent(_) if self.mode == Mode::Plan => {
                    self.planned(&asked, why);
                    pending().await
                }
                Call::Agent(agent) => {
                    let _slot = self.slot().await;
                    Box::pin(self.agent(&asked, agent, *unfinished)).await
                }
                Call::Workflow(workflow) => {
                    let outcome = match self.workflows.find(&workflow.target) {
                        Ok((source, file)) => {
                            let found = serde_json::to_value(FoundWorkflow { source, file });
                            Outcome::done(found.expect("strings serialize"))
                        }
                        Err(message) => Outcome::failed(FailureKind::BadCall, message),
                    };
                    Box::pin(self.done_at_once(&asked, outcome)).await
                }
                Call::Oracle(_) | Call::Land(_) | Call::Ask(_) if self.mode == Mode::Plan => pending().await,
                Call::Oracle(oracle) => Box::pin(self.judge(&asked, oracle)).await,
                Call::Land(land) => Box::pin(self.land(&asked, land)).await,
                Call::Ask(ask) => Box::pin(self.ask(&asked, ask)).await,
                Call::Timer(timer) => {
                    self.clock.sleep(timer.ms).await;
                    Box::pin(self.done_at_once(&asked, Outcome::done(serde_json::Value::Null))).await
                }
            },
        }
    }

    /// An agent that has a slot.
    async fn agent(
        self: &Arc<Self>,
        asked: &Identified,
        agent: &AgentCall,
        unfinished: bool,
    ) -> Result<Done, Stop> {
        if let Err(Failure { kind, message }) = self.admit(agent) {
            // Whether a budget is used up depends on what had settled before: that is for the journal to say.
            // What an attempt that died in it may have used stays on the bill.
            let used = self.state().journal.reservation(&asked.key).map(Reservation::whole);
            let outcome = Outcome::failed(kind, message).with_usage(used.unwrap_or_default());
            return self.done_at_once(asked, outcome).await;
        }
        let _running = self.running();
        let began = self.clock.elapsed_ms();
        // On disk at the latest with what is reserved for the first request.
        self.note(called(asked));
        self.state().start(&asked.key, agent);
        let outcome = match self.work(asked, agent, unfinished).await {
            Ok(outcome) => outcome,
            Err(stop) => {
                self.interrupted(&asked.key);
                return Err(stop);
            }
        };
        let outcome = self.closed(&asked.key, outcome);
        // Durable before the script can see it: whatever follows may depend on it.
        let order = self.append_settled(&asked.key, &outcome).await?;
        let took = self.clock.elapsed_ms().saturating_sub(began);
        Ok(self.settled(asked, outcome, Source::Live, order, took))
    }

    /// What costs nothing to repeat: that it was called need not be on disk before it is done.
    async fn done_at_once(&self, asked: &Identified, outcome: Outcome) -> Result<Done, Stop> {
        if self.mode == Mode::Plan {
            return Ok(self.settled(asked, outcome, Source::Live, 0, 0));
        }
        let (called, settled) = self.append_both(called(asked), &asked.key, &outcome);
        called.await?;
        let order = settled.await?;
        Ok(self.settled(asked, outcome, Source::Live, order, 0))
    }

    async fn work(
        self: &Arc<Self>,
        asked: &Identified,
        agent: &AgentCall,
        unfinished: bool,
    ) -> Result<Outcome, Stop> {
        let Identified { key, site, resolved, .. } = asked;
        self.events.emit(EventBody::AgentStarted { agent: key.clone() });
        let job = AgentJob {
            key: key.clone(),
            call: agent.clone(),
            resolved: resolved.clone(),
            site: site.clone(),
            run_dir: self.run_dir.clone(),
            unfinished,
        };
        let (events, agent) = (self.events.clone(), key.clone());
        let progress =
            move |progress| events.emit(EventBody::AgentProgress { agent: agent.clone(), progress });
        let purse = Arc::new(RunPurse::new(self.clone(), key.clone()));
        let cx = AgentCx { clock: self.clock.clone(), progress: Box::new(progress), purse };
        self.backend.run(&job, &cx).await.map_err(Stop::from)
    }

    /// The tree as it was at the start, judged: what later verdicts are compared with. Journaled once a run.
    async fn baseline(&self) -> Result<(), Stop> {
        let asked = {
            let call = Call::Oracle(Box::new(OracleCall {
                label: Some("at the start".into()),
                moment: Moment::Start,
                ..OracleCall::default()
            }));
            let resolved = Resolved { oracle: self.oracle.digest(), ..Resolved::default() };
            self.state().identify(u32::MAX, None, None, call, Ok(resolved))
        };
        let recorded = match &asked.way {
            Way::Recalled { outcome, .. } => match &outcome.reply {
                Reply::Done(value) => serde_json::from_value(value.clone()).ok(),
                Reply::Failed(_) => None,
            },
            Way::Refused(_) | Way::Live { .. } => None,
        };
        let is_recorded = recorded.is_some();
        let has_worked = !self.state().journal.order().is_empty();
        if !is_recorded {
            let _busy = Busy::new(&self.busy);
            self.oracle.warnings().await.iter().for_each(|warning| self.warn_once(warning));
        }
        let began = self.judging(&asked.key, "at the start", None);
        let judged = {
            let _busy = Busy::new(&self.busy);
            self.oracle.baseline(recorded, has_worked).await
        };
        let judgement = judged.map_err(Stop::oracle)?;
        if !is_recorded {
            let outcome = Outcome::done(plain(&judgement));
            let (called, settled) = self.append_both(called(&asked), &asked.key, &outcome);
            called.await?;
            settled.await?;
        }
        let source = if is_recorded { Source::Replayed } else { Source::Live };
        self.judged(&asked.key, source, &Ok(Judged::Tree(judgement)), began);
        Ok(())
    }

    /// What the script's agents left, if nobody judged it yet. Recalled where nothing ran since.
    async fn judge_the_end(&self) -> Result<(), Stop> {
        let call =
            OracleCall { label: Some("at the end".into()), moment: Moment::End, ..OracleCall::default() };
        let asked = {
            let mut state = self.state();
            if state.is_judged() {
                return Ok(());
            }
            let resolved = Resolved { oracle: self.oracle.digest(), ..Resolved::default() };
            let anew = state.counts.started > 0;
            let mut asked = state.identify(u32::MAX, None, None, Call::Oracle(Box::new(call)), Ok(resolved));
            if anew {
                asked.way = Way::Live { unfinished: false, why: WhyLive::New };
            }
            asked
        };
        match &asked.way {
            Way::Recalled { outcome, .. } => {
                self.settled(&asked, (**outcome).clone(), Source::Replayed, 0, 0);
            }
            Way::Refused(_) | Way::Live { .. } => match &asked.call {
                Call::Oracle(oracle) => _ = self.judge(&asked, oracle).await?,
                _ => unreachable!("it was made above"),
            },
        }
        Ok(())
    }

    async fn judge(&self, asked: &Identified, oracle: &OracleCall) -> Result<Done, Stop> {
        let _permit = self.judges.acquire().await.expect("never closed");
        let began = self.judging(&asked.key, &title(&asked.call), oracle.phase.as_deref());
        let judged = {
            let _busy = Busy::new(&self.busy);
            self.oracle.judge(oracle).await.map(Judged::Tree)
        };
        self.judged_and_done(asked, judged, began).await
    }

    /// Not under a permit: the queue takes one after the other, and asks the oracle itself.
    async fn land(&self, asked: &Identified, land: &LandCall) -> Result<Done, Stop> {
        // On disk before anything lands: a crash in between finds it on the branch by its key.
        self.append(called(asked)).await?;
        let began = self.judging(&asked.key, &title(&asked.call), land.phase.as_deref());
        let landed = {
            let _busy = Busy::new(&self.busy);
            self.oracle.land(&asked.key, land).await.map(Judged::Landing)
        };
        self.judged(&asked.key, Source::Live, &landed, began);
        let outcome = judged_outcome(landed);
        let order = self.append_settled(&asked.key, &outcome).await?;
        Ok(self.settled(asked, outcome, Source::Live, order, 0))
    }

    async fn judged_and_done(
        &self,
        asked: &Identified,
        judged: Result<Judged, Failure>,
        began: u64,
    ) -> Result<Done, Stop> {
        self.judged(&asked.key, Source::Live, &judged, began);
        self.done_at_once(asked, judged_outcome(judged)).await
    }

    async fn ask(&self, asked: &Identified, ask: &AskCall) -> Result<Done, Stop> {
        let (text, options) = (ask.question.clone(), ask.options.clone());
        self.events.emit(EventBody::QuestionAsked { question: asked.key.clone(), text, options });
        let answered = {
            let _busy = Busy::new(&self.busy);
            let _thinking = Thinking::new(self);
            self.person.ask(ask).await
        };
        let outcome = match answered {
            Ok(answer) => {
                let (question, answer) = (asked.key.clone(), answer);
                self.events.emit(EventBody::QuestionAnswered { question, answer: answer.clone() });
                Outcome::done(answer)
            }
            Err(Failure { kind, message }) => Outcome::failed(kind, message),
        };
        self.done_at_once(asked, outcome).await
    }

    /// Tells that the oracle is at work; when it began, by the run's clock.
    fn judging(&self, key: &CallKey, label: &str, phase: Option<&str>) -> u64 {
        let (label, phase) = (label.to_owned(), phase.map(str::to_owned));
        self.events.emit(EventBody::OracleStarted { oracle: key.clone(), label, phase });
        self.clock.elapsed_ms()
    }

    fn judged(&self, key: &CallKey, source: Source, judged: &Result<Judged, Failure>, began: u64) {
        let (judgement, landing, failure) = match judged {
            Ok(Judged::Tree(judgement)) => (Some(Box::new(judgement.clone())), None, None),
            Ok(Judged::Landing(landing)) => {
                let judgement = landing.judgement.clone().map(Box::new);
                (judgement, Some(Box::new(Landing { judgement: None, ..landing.clone() })), None)
            }
            Err(failure) => (None, None, Some(failure.clone())),
        };
        let duration_ms = self.clock.elapsed_ms().saturating_sub(began);
        let oracle = key.clone();
        self.events.emit(EventBody::OracleEnded { oracle, source, judgement, landing, failure, duration_ms });
    }

    /// Tells of a recalled verdict or landing, as of one that is live.
    fn judged_before(&self, asked: &Identified, reply: &Reply) {
        let Reply::Done(value) = reply else { return };
        let recorded = match &asked.call {
            Call::Oracle(_) => serde_json::from_value(value.clone()).map(Judged::Tree),
            Call::Land(_) => serde_json::from_value(value.clone()).map(Judged::Landing),
            Call::Agent(_) | Call::Workflow(_) | Call::Timer(_) | Call::Ask(_) => return,
        };
        // One that cannot be read is told to the script.
        if let Ok(recorded) = recorded {
            let began = self.judging(&asked.key, &title(&asked.call), phase(&asked.call).as_deref());
            self.judged(&asked.key, Source::Replayed, &Ok(recorded), began);
        }
    }

    /// With all that was spent on it, by whatever account: the ledger's.
    fn closed(&self, key: &CallKey, outcome: Outcome) -> Outcome {
        let (usage, warnings) = self.state().ledger.close(key, outcome.usage);
        self.give_back(warnings);
        Outcome { usage, ..outcome }
    }

    /// The run stops in this call, which stays unfinished: what it used up to now is known all the same, and
    /// those that finish meanwhile may wait for what it held.
    fn interrupted(&self, key: &CallKey) {
        let (used, warnings) = self.state().ledger.close(key, Usage::default());
        self.give_back(warnings);
        let reserved = self.state().journal.reservation(key);
        if let Some(Reservation { turns, .. }) = reserved {
            self.note(Entry::Reserved { key: key.clone(), turns, spent: used, worst: Usage::default() });
        }
    }

    /// Lets the next of those who wait for the budget look again: a thousand who look at once would cost more
    /// than what they wait for. When nobody holds anything any more all look, for nobody else will wake them.
    fn give_back(&self, warnings: Vec<Warning>) {
        match self.state().ledger.nothing_is_held() {
            true => self.budget_freed.notify_waiters(),
            false => self.budget_freed.notify_one(),
        }
        for Warning { scope, percent, spent, total, unit } in warnings {
            self.events.emit(EventBody::BudgetWarned { scope, percent, spent, total, unit: unit.into() });
        }
    }

    fn queued(&self, identified: &Identified) {
        if let Call::Agent(agent) = &identified.call {
            self.events.emit(EventBody::AgentQueued {
                agent: identified.key.clone(),
                label: agent.title(),
                phase: agent.phase.clone(),
                model: identified.resolved.model.clone(),
            });
        }
    }

    fn warn_once(&self, warning: &str) {
        if self.state().warned.insert(warning.to_owned()) {
            self.events.emit(EventBody::Log { level: LogLevel::Warning, message: warning.to_owned() });
        }
    }

    /// Counts a running agent for as long as the guard lives.
    fn running(&self) -> Running<'_> {
        let mut state = self.state();
        state.running += 1;
        state.counts.peak_concurrency = state.counts.peak_concurrency.max(state.running);
        self.store.under_way(state.running);
        Running(self)
    }

    /// Waits for a slot; while the run drains, for ever.
    async fn slot(&self) -> tokio::sync::SemaphorePermit<'_> {
        let permit = self.slots.acquire().await.expect("never closed");
        if self.draining.load(Ordering::Relaxed) {
            return pending().await;
        }
        permit
    }

    fn admit(&self, agent: &AgentCall) -> Result<(), Failure> {
        self.state().ledger.admit(agent.phase.as_deref())
    }

    fn planned(&self, asked: &Identified, why: &WhyLive) {
        if let Call::Agent(agent) = &asked.call {
            let item = PlanItem {
                agent: asked.key.clone(),
                label: agent.title(),
                phase: agent.phase.clone(),
                model: asked.resolved.model.clone(),
                why: why.clone(),
            };
            self.state().plan.push(item);
        }
    }

    /// A call that never started, as the script sees it.
    fn refused(&self, asked: &Identified, failure: Failure) -> Done {
        let outcome = Outcome::failed(failure.kind, failure.message);
        self.settled(asked, outcome, Source::Live, 0, 0)
    }

    /// Books an outcome and tells the watchers; what is returned goes to the script.
    fn settled(
        &self,
        asked: &Identified,
        outcome: Outcome,
        source: Source,
        order: u64,
        duration_ms: u64,
    ) -> Done {
        let usage = outcome.usage;
        self.state().book(asked, &outcome, source, order);
        if let Call::Agent(_) = &asked.call {
            let failure = match &outcome.reply {
                Reply::Done(_) => None,
                Reply::Failed(failure) => Some(failure.clone()),
            };
            let patch = outcome.patch.as_ref().map(Patch::without_diff);
            let end = AgentEnd { source, failure, usage, turns: outcome.turns, duration_ms, patch };
            self.events.emit(EventBody::AgentEnded { agent: asked.key.clone(), end: Box::new(end) });
        }
        if source == Source::Replayed {
            self.judged_before(asked, &outcome.reply);
        }
        let with = settlement(&asked.call, outcome.reply, outcome.patch.as_ref());
        Done {
            source,
            order,
            completion: Completion {
                seq: asked.seq,
                with,
                output_tokens: usage.output_tokens_max(),
                usd_micros: usage.usd_micros_max(),
            },
        }
    }

    async fn append(&self, entry: Entry) -> Result<(), Stop> {
        let written = self.write(&entry);
        self.wait_for_disk(written).await
    }

    /// Appends what nobody has to wait for: whatever follows from it is appended after it, and a failure
    /// is that entry's too.
    fn note(&self, entry: Entry) {
        drop(self.write(&entry));
    }

    fn write(&self, entry: &Entry) -> BoxFuture<'static, std::io::Result<()>> {
        let mut state = self.state();
        state.journal.apply(entry).expect("the engine writes only what may follow");
        self.store.append(entry)
    }

    /// Resolves to the outcome's place in the order of settling.
    async fn append_settled(&self, key: &CallKey, outcome: &Outcome) -> Result<u64, Stop> {
        let (written, order) = {
            let mut state = self.state();
            let entry = Entry::Settled { key: key.clone(), outcome: outcome.clone() };
            state.journal.apply(&entry).expect("the engine writes only what may follow");
            (self.store.append(&entry), state.journal.settled())
        };
        self.wait_for_disk(written).await?;
        Ok(order)
    }

    /// Appends both now, in this order; each future resolves when its entry is on disk.
    fn append_both(
        &self,
        called: Entry,
        key: &CallKey,
        outcome: &Outcome,
    ) -> (impl Future<Output = Result<(), Stop>>, impl Future<Output = Result<u64, Stop>>) {
        let (called_written, settled_written, order) = {
            let mut state = self.state();
            let settled = Entry::Settled { key: key.clone(), outcome: outcome.clone() };
            state.journal.apply(&called).expect("the engine writes only what may follow");
            state.journal.apply(&settled).expect("the engine writes only what may follow");
            (self.store.append(&called), self.store.append(&settled), state.journal.settled())
        };
        let settled = async move { self.wait_for_disk(settled_written).await.map(|()| order) };
        (self.wait_for_disk(called_written), settled)
    }

    async fn wait_for_disk(&self, written: impl Future<Output = std::io::Result<()>>) -> Result<(), Stop> {
        let _busy = Busy::new(&self.busy);
        written.await.map_err(|err| {
            // Nobody starts on a disk that takes nothing.
            self.draining.store(true, Ordering::Relaxed);
            Stop::journal(err)
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while held")
    }
}

fn called(identified: &Identified) -> Entry {
    let Identified { key, call, resolved, .. } = identified;
    let asked = Asked {
        what: match call {
            Call::Agent(_) => CallKind::Agent,
            Call::Workflow(_) => CallKind::Workflow,
            Call::Timer(_) => CallKind::Timer,
            Call::Oracle(_) => CallKind::Oracle,
            Call::Land(_) => CallKind::Land,
            Call::Ask(_) => CallKind::Ask,
        },
        label: title(call),
        phase: phase(call),
        model: resolved.model.clone(),
    };
    Entry::Called { key: key.clone(), asked }
}

/// What a person sees a call called.
fn title(call: &Call) -> String {
    match call {
        Call::Agent(agent) => agent.title(),
        Call::Workflow(workflow) => match &workflow.target {
            WorkflowTarget::Name(name) => name.clone(),
            WorkflowTarget::ScriptPath(path) => path.clone(),
        },
        Call::Timer(_) => String::new(),
        Call::Oracle(oracle) => oracle.label.clone().unwrap_or_else(|| "oracle".into()),
        Call::Land(land) => format!("land:{}", land.title),
        Call::Ask(ask) => ask.question.clone(),
    }
}

fn phase(call: &Call) -> Option<String> {
    match call {
        Call::Agent(agent) => agent.phase.clone(),
        Call::Oracle(oracle) => oracle.phase.clone(),
        Call::Land(land) => land.phase.clone(),
        Call::Ask(ask) => ask.phase.clone(),
        Call::Workflow(_) | Call::Timer(_) => None,
    }
}

/// What the oracle was asked, and what it came to.
enum Judged {
    Tree(Judgement),
    Landing(Landing),
}

fn judged_outcome(judged: Result<Judged, Failure>) -> Outcome {
    match judged {
        Ok(Judged::Tree(judgement)) => Outcome::done(plain(&judgement)),
        Ok(Judged::Landing(landing)) => Outcome::done(plain(&landing)),
        Err(Failure { kind, message }) => Outcome::failed(kind, message),
    }
}

fn plain(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("plain data always serializes")
}

fn settlement(call: &Call, reply: Reply, patch: Option<&Patch>) -> Settlement {
    use fanfold_core::outcome::Surface;
    match reply {
        Reply::Failed(failure) => match failure.kind.surface() {
            Surface::Null => Settlement::Null(failure),
            Surface::Throw => Settlement::Throw(failure),
        },
        Reply::Done(value) => match call {
            Call::Workflow(workflow) => match serde_json::from_value::<FoundWorkflow>(value) {
                Ok(found) => {
                    Settlement::Script { source: found.source, file: found.file, args: workflow.args.clone() }
                }
                Err(err) => Settlement::Throw(Failure {
                    kind: FailureKind::BadCall,
                    message: format!("the journal holds no script for this workflow: {err}"),
                }),
            },
            Call::Agent(agent) if agent.hands_over_patch => handed(&HandedOver { value, patch }),
            Call::Oracle(_) => match serde_json::from_value::<Judgement>(value) {
                Ok(judgement) => handed(&judgement.for_script()),
                Err(err) => unreadable(&err),
            },
            Call::Land(_) => match serde_json::from_value::<Landing>(value) {
                Ok(landing) => {
                    let judgement = landing.judgement.map(Judgement::for_script);
                    handed(&Landing { judgement, ..landing })
                }
                Err(err) => unreadable(&err),
            },
            Call::Agent(_) | Call::Timer(_) | Call::Ask(_) => handed(&value),
        },
    }
}

/// What an agent of `verified()` hands to the script.
#[derive(Serialize)]
struct HandedOver<'a> {
    value: serde_json::Value,
    patch: Option<&'a Patch>,
}

fn handed(value: &impl Serialize) -> Settlement {
    Settlement::Value(to_raw_value(value).expect("plain data always serializes"))
}

fn unreadable(err: &serde_json::Error) -> Settlement {
    let message = format!("the journal holds no verdict for this call: {err}");
    Settlement::Throw(Failure { kind: FailureKind::Oracle, message })
}

impl Stop {
    fn oracle(failure: Failure) -> Self {
        Stop(ErrorReport {
            kind: ErrorKind::Oracle,
            message: format!("the oracle cannot be asked: {}", failure.message),
            hint: Some(
                "--oracle CMD names another check, --cwd DIR the folder that it is run in; `sandbox.read` in your own settings lets it see a toolchain, or what a shim of one leads to; fanfold doctor shows what this machine lacks"
                    .into(),
            ),
            location: None,
        })
    }

    /// What the others are doing can still be paid for, finished and kept.
    fn lets_others_finish(&self) -> bool {
        matches!(self.0.kind, ErrorKind::SpendLimit | ErrorKind::Outage)
    }

    fn journal(err: std::io::Error) -> Self {
        Stop(ErrorReport {
            kind: ErrorKind::Journal,
            message: format!("the journal cannot be written: {err}"),
            hint: Some("make room or mend the permissions; everything settled so far is kept".into()),
            location: None,
        })
    }
}

impl From<fanfold_core::Halt> for Stop {
    fn from(halt: fanfold_core::Halt) -> Self {
        use fanfold_core::HaltKind;
        let kind = match halt.kind {
            HaltKind::Credentials => ErrorKind::Credentials,
            HaltKind::Unreachable => ErrorKind::Unreachable,
            HaltKind::SpendLimit => ErrorKind::SpendLimit,
            HaltKind::Outage => ErrorKind::Outage,
        };
        Stop(ErrorReport { kind, message: halt.message, hint: Some(halt.hint), location: None })
    }
}

/// Seqs of `workflow()` calls whose scripts make calls of their own, by their keys.
type Scopes = HashMap<u32, CallKey>;

struct Running<'a>(&'a Run);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running -= 1;
        self.0.store.under_way(state.running);
    }
}

/// Books the time in which a question is open: it is a person's, and no limit of the run counts it.
struct Thinking<'a>(&'a Run);

impl<'a> Thinking<'a> {
    fn new(run: &'a Run) -> Self {
        run.state().thinking.begin(run.clock.elapsed_ms());
        Self(run)
    }
}

impl Drop for Thinking<'_> {
    fn drop(&mut self) {
        self.0.state().thinking.end(self.0.clock.elapsed_ms());
    }
}

/// Counts what virtual time stands still for, for as long as it does.
struct Busy<'a>(&'a AtomicU64);

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
