//! Before money is spent: a script, its price and its limits, put to a person or to a standing rule.

mod cap;
mod promised;
mod proposal;

use std::sync::Arc;
use std::time::Duration;

use fanfold_core::{Backend, Cap, Limits, Price};
use fanfold_engine::LoadedScript;
use serde_json::{Map, Value};

use super::backend::{ApprovedModels, Means};
use super::launch::{self, Children};
use super::proof::Proof;
use super::{columns, style, tell};
use crate::advise::unverified::needs_unverified;
use crate::approval::asker::Asker;
use crate::approval::hash::{Approved, BUDGET, How};
use crate::approval::store::Store;
use crate::approval::{self, Answer, Gate, Proposal, history};
use crate::args;
use crate::detect::{self, Consent};
use crate::error::{CliError, ErrorKind, Result};
use crate::estimate::{self, DryRun, Estimate, Pricing, Subject, show};
use crate::flags::Running;
use crate::history::WorkflowId;
use crate::library::Workflow;
use crate::lint;
use crate::settings::Settings;
use crate::settings::budget::Budget;
use crate::settings::permissions::Permit;
use crate::world::{ColorChoice, Stream, World};
use cap::capped;
pub use promised::Promised;
use proposal::crashes;

/// A run that wants approval. What a person changes on the screen makes it another one.
pub struct Draft<'a> {
    pub workflow: Workflow,
    pub script: LoadedScript,
    pub args: Option<Value>,
    /// But for the cap.
    pub limits: Limits,
    /// What a person allows it to spend.
    pub named: Cap,
    pub run_id: &'a str,
    /// It goes on: what the person should know of it, and of what it asks now.
    pub resume: Option<String>,
    /// What this run was approved as before it was interrupted.
    pub approved: Option<Approved>,
    pub seed: u64,
    /// The workflows that earlier attempts started.
    pub recorded: Children,
    pub means: &'a Means,
    pub proof: Proof,
    pub backend: &'a Arc<dyn Backend>,
    pub flags: &'a Running,
    pub settings: &'a Settings,
    pub world: &'a World,
    pub color: ColorChoice,
}

/// What was approved, and is run as it was.
pub struct Agreed {
    pub script: LoadedScript,
    pub workflow: WorkflowId,
    pub limits: Limits,
    /// `None`: nothing is spent.
    pub approved: Option<Approved>,
    pub estimate: Option<Estimate>,
    /// The workflows that it may start.
    pub children: Children,
    pub proof: Proof,
}

impl Draft<'_> {
    /// Asks until there is a yes or a no. Simulated runs spend nothing, and nobody is asked.
    pub async fn agree(mut self) -> Result<Agreed> {
        if self.means.is_simulated() {
            let workflow = self.workflow_id();
            return Ok(Agreed::unasked(self.script, workflow, self.limits, self.proof));
        }
        if let Consent::Refused(error) = detect::consent(self.means.choice(), self.world, self.flags.yes) {
            return Err(error);
        }
        let store = Store::open(self.world)?;
        let style = style(self.world, self.color, Stream::Error);
        let mut asker = None;
        let mut problem = None;
        loop {
            let pricing = Pricing::new(self.settings, Some(self.means.model()))?;
            let (estimate, dry_runs) = self.estimate(&pricing)?;
            let asked = launch::asked_cap(self.settings, &self.script);
            let (limits, is_named) = capped(self.limits, self.named, asked, &estimate, &pricing);
            self.refuse_unpriced(&limits, &estimate)?;
            let children: Children = dry_runs.iter().flat_map(|run| run.children.clone()).collect();
            let mut proposal = self.proposal(&limits, &estimate, &pricing, &dry_runs, &children)?;
            proposal.warnings.splice(0..0, problem.take().into_iter().chain(crashes(&dry_runs)));
            let place = lint::Place::of(self.world, &pricing)?;
            let findings = place.lint(&self.workflow, self.args.as_ref(), &dry_runs);
            proposal.warnings.extend(lint::brief(&findings));
            store.complete(&mut proposal);
            let agreed = |this: Self, limits, approved| Agreed {
                workflow: this.workflow_id(),
                script: this.script,
                limits,
                approved: Some(approved),
                estimate: Some(estimate.clone()),
                children: children.clone(),
                proof: this.proof,
            };
            if let Some(approved) = self.still_holds(&proposal, &store) {
                // The cap that was approved here, not the one that the journal names.
                let limits = match approved.budget() {
                    Some(budget) if self.limits.cap_is_estimate && self.flags.budget.is_empty() => {
                        Limits { cap: budget.into(), cap_is_estimate: true, ..limits }
                    }
                    _ => limits,
                };
                return Ok(agreed(self, limits, approved));
            }
            let gate = match self.gate(&proposal, &store, &estimate, &pricing, &limits)? {
                Gate::Approved(_) if !is_named => Gate::Refused(
                    CliError::new(
                        ErrorKind::Usage,
                        "nothing but the script itself bounds what this run may cost",
                    )
                    .hint("name a budget: --budget '$4', or in output tokens --budget 500k"),
                ),
                gate => gate,
            };
            let (how, rule) = match gate {
                Gate::Refused(error) => {
                    tell(&proposal.text(style, columns(self.world)));
                    return Err(match &estimate.unbounded {
                        Some(why) if !proposal.has_budget() => {
                            CliError { message: format!("{}: {why}", error.message), ..error }
                        }
                        _ => error,
                    });
                }
                Gate::Approved(how) => {
                    tell(&proposal.text(style, columns(self.world)));
                    (how, None)
                }
                // One for all screens: between them signals end the program as ever.
                Gate::Ask => {
                    match asker.get_or_insert_with(|| Asker::new(self.world, style)).ask(&proposal) {
                        Answer::No => return Err(approval::declined()),
                        Answer::Run => (How::Asked, None),
                        Answer::RunAndRemember(rule) => (How::Asked, Some(rule)),
                        Answer::Budget(amount) => {
                            // A raise is on top of the budget that was shown, though nobody had named it.
                            let before = if amount.is_raise { limits.cap } else { self.named };
                            self.named = Budget::from(before).with(amount).into();
                            continue;
                        }
                        Answer::Oracle(command) => {
                            self.proof = self.proof.judged_by(&command)?;
                            continue;
                        }
                        Answer::Edit(text) => {
                            problem = self.edit(text).await.err();
                            continue;
                        }
                    }
                }
            };
            let by = approval::person(self.world);
            let approved = Approved::new(proposal.grounds(), self.run_id, &by, launch::now_ms(), how);
            let noted = store.update(&proposal.workflow, &proposal.dir, |known| {
                history::record_approval(known, &approved, &proposal.script);
                rule.into_iter().for_each(|rule| history::remember(known, rule));
            });
            if let Err(notice) = noted {
                tell(&format!("notice: {notice}"));
            }
            return Ok(agreed(self, limits, approved));
        }
    }

    fn workflow_id(&self) -> WorkflowId {
        estimate::workflow_id(&self.workflow, &self.script.meta)
    }

    fn estimate(&self, pricing: &Pricing) -> Result<(Estimate, Vec<DryRun>)> {
        let subject = Subject {
            workflow: &self.workflow,
            meta: &self.script.meta,
            args: self.args.as_ref(),
            limits: Limits { cap: self.named, ..self.limits },
            settings: self.settings,
            world: self.world,
            seed: self.seed,
            patience: PATIENCE,
            children: self.recorded.clone(),
        };
        estimate::of(&subject, pricing)
    }

    /// What is edited on the screen is checked as if it had come so. `Err`: what is wrong with it; the script
    /// stays as it was.
    async fn edit(&mut self, text: String) -> std::result::Result<(), String> {
        let refused = |err: CliError| format!("the edited script was not taken: {}", err.message);
        let file = self.workflow.file.clone();
        let script = launch::load(text, file, self.world, self.color).await.map_err(refused)?;
        args::check(&script.meta, self.args.as_ref()).map_err(refused)?;
        if script.meta.oracle != self.script.meta.oracle {
            self.proof = Proof::of(&script.meta, self.settings, &Map::new()).map_err(refused)?;
        }
        if self.resume.is_none() {
            let Running { budget, agent_budget, .. } = self.flags;
            self.limits = launch::limits(self.settings, &script, budget, agent_budget).map_err(refused)?;
        }
        self.workflow.text = script.source.clone();
        self.script = script;
        Ok(())
    }

    /// An approval is for one run, and was given here: a journal that somebody wrote approves nothing.
    fn still_holds(&self, proposal: &Proposal, store: &Store) -> Option<Approved> {
        let approved = self.approved.as_ref()?;
        if self.settings.permissions.of_workflow(&self.script.meta.name) == Some(Permit::Deny) {
            return None;
        }
        let mut grounds = proposal.grounds();
        // The estimate's cap moves with what earlier runs used, and is raised by what a crash lost.
        if self.limits.cap_is_estimate && self.flags.budget.is_empty() {
            grounds.limits.retain(|(name, _)| name != BUDGET);
            grounds.limits.extend(approved.grounds.limits.iter().filter(|(name, _)| name == BUDGET).cloned());
        }
        let holds = approved.holds_for(self.run_id, &grounds).is_ok();
        let was_given = || history::was_given(&store.history(&proposal.workflow, &proposal.dir), approved);
        (holds && was_given()).then(|| approved.clone())
    }

    /// Standing rules and `--yes`; what neither covers is asked.
    fn gate(
        &self,
        proposal: &Proposal,
        store: &Store,
        estimate: &Estimate,
        pricing: &Pricing,
        limits: &Limits,
    ) -> Result<Gate> {
        let workflow = &self.script.meta.name;
        match self.settings.permissions.of_workflow(workflow) {
            Some(Permit::Deny) => {
                let message = format!("a rule of your settings denies the workflow `{workflow}`");
                let error = CliError::new(ErrorKind::NotApproved, message)
                    .hint("take the deny rule `Workflow(…)` out of the settings, or try it with --simulate");
                return Ok(Gate::Refused(error));
            }
            Some(Permit::Allow) if !self.means.choice().needs_consent && proposal.has_budget() => {
                return Ok(Gate::Approved(How::Rule(format!("allow Workflow({workflow})"))));
            }
            Some(Permit::Allow | Permit::Ask) | None => (),
        }
        let gate = approval::gate(proposal, store.covering(proposal), self.flags.yes, self.world);
        let is_free = proposal.models.iter().all(|model| pricing.price(&model.name) == Some(Price::FREE));
        let likely = estimate.amounts.usd_micros.and_then(|range| range.high);
        let may_cost = match proposal.budget {
            _ if is_free => Some(0),
            // What requests under way hold is given back.
            _ if limits.cap_is_estimate => likely,
            Budget { usd_micros: Some(cap), .. } => Some(cap),
            // Output alone; what is read to write so much is anybody's guess.
            Budget { output_tokens: Some(tokens), .. } => likely.map(|likely| {
                let prices = proposal.models.iter().filter_map(|model| pricing.price(&model.name));
                let dearest = prices.map(|price| price.worst(0, 0, tokens)).max().unwrap_or_default();
                likely.max(dearest)
            }),
            Budget { output_tokens: None, usd_micros: None } => None,
        };
        let threshold = self.settings.unverified_above;
        if matches!(gate, Gate::Approved(How::Yes))
            && !self.flags.unverified
            && needs_unverified(proposal.oracle.is_some(), may_cost, threshold)
        {
            let message = format!(
                "this run may cost {}, and nothing says whether its work is right: no oracle",
                may_cost.map_or("more than anybody knows".into(), show::dollars)
            );
            return Ok(Gate::Refused(CliError::new(ErrorKind::NotApproved, message).hint(format!(
                "--unverified says that you mean it, a budget of at most {} needs no such word; fanfold advise \"TASK\" looks for an oracle",
                show::dollars(threshold)
            ))));
        }
        Ok(gate)
    }

    /// Nothing bounds what a model of unknown price costs but a limit in tokens.
    fn refuse_unpriced(&self, limits: &Limits, estimate: &Estimate) -> Result<()> {
        let Some(model) = estimate.unpriced.first() else { return Ok(()) };
        let may_ask = self.world.can_ask() && !self.flags.yes;
        if limits.cap.usd_micros.is_none() && (limits.cap.output_tokens.is_some() || may_ask) {
            return Ok(());
        }
        Err(CliError::new(ErrorKind::Usage, format!("no price is known for `{model}`")).hint(format!(
            "say it in your settings: [prices.\"{model}\"] input = \"0.27\", output = \"1.10\" (dollars a million tokens), or `free = true` under its provider; or limit output tokens: --budget 500k"
        )))
    }
}

/// A dry run before the question may go on for so long; `check` has more patience.
const PATIENCE: Duration = Duration::from_secs(3);

impl Agreed {
    /// Nobody needs to agree: nothing is spent.
    pub fn unasked(script: LoadedScript, workflow: WorkflowId, limits: Limits, proof: Proof) -> Self {
        Self { script, workflow, limits, approved: None, estimate: None, children: Children::new(), proof }
    }

    /// The backend for the models that were approved, and no others.
    pub fn only_approved(&self, backend: Arc<dyn Backend>) -> Arc<dyn Backend> {
        match &self.approved {
            Some(approved) => Arc::new(ApprovedModels::new(backend, approved.grounds.models.clone())),
            None => backend,
        }
    }

    /// What the journal keeps of it, beside what is the front end's.
    pub fn record(&self, mut front: Map<String, Value>) -> Map<String, Value> {
        self.proof.record(&mut front);
        if let Some(approved) = &self.approved {
            front.insert(
                APPROVED.into(),
                serde_json::to_value(approved).expect("plain data always serializes"),
            );
        }
        front
    }

    /// What the run is measured by when it has ended.
    pub fn promised(&self) -> Promised {
        let work = self.approved.as_ref().map(|approved| approved.grounds.clone());
        Promised { workflow: self.workflow.clone(), work, estimate: self.estimate.clone() }
    }
}

/// In the journal's `front`.
const APPROVED: &str = "approved";

/// The approval that an attempt began with.
pub fn approved(front: &Map<String, Value>) -> Option<Approved> {
    serde_json::from_value(front.get(APPROVED)?.clone()).ok()
}
