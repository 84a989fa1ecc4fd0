//! Before money is spent: a script, its price and its limits, put to a person or to a standing rule.

use std::collections::BTreeMap;

use fanfold_core::{Cap, FailureKind, Limits, Price, RunStatus, Verdict};
use fanfold_engine::{LoadedScript, RunReport};
use serde_json::{Map, Value};

use super::backend::{Means, agent_types};
use super::{columns, launch, style, tell};
use crate::advise::unverified::needs_unverified;
use crate::approval::asker::Asker;
use crate::approval::hash::{Approved, BUDGET, Grounds, How};
use crate::approval::history::RunFacts;
use crate::approval::store::Store;
use crate::approval::{self, Answer, Figures, Gate, ModelRow, PhaseRow, Proposal, history};
use crate::args;
use crate::detect::{self, Consent};
use crate::error::{CliError, ErrorKind, Result};
use crate::estimate::{self, DryRun, Estimate, Pricing, Range, Subject, show};
use crate::flags::Running;
use crate::history::WorkflowId;
use crate::library::Workflow;
use crate::lint;
use crate::screen::text;
use crate::settings::Settings;
use crate::settings::budget::Budget;
use crate::settings::permissions::Permit;
use crate::world::{ColorChoice, Stream, World};

/// A run that wants approval. What a person changes on the screen makes it another one.
pub struct Draft<'a> {
    pub workflow: Workflow,
    pub script: LoadedScript,
    pub args: Option<Value>,
    pub limits: Limits,
    pub run_id: &'a str,
    /// It goes on: what the person should know of it, and of what it asks now.
    pub resume: Option<String>,
    /// What this run was approved as before it was interrupted.
    pub approved: Option<Approved>,
    pub seed: u64,
    pub means: &'a Means,
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
}

impl Draft<'_> {
    /// Asks until there is a yes or a no. Simulated runs spend nothing, and nobody is asked.
    pub async fn agree(mut self) -> Result<Agreed> {
        if self.means.is_simulated() {
            let workflow = self.workflow_id();
            return Ok(Agreed::unasked(self.script, workflow, self.limits));
        }
        if let Consent::Refused(error) = detect::consent(self.means.choice(), self.world, self.flags.yes) {
            return Err(error);
        }
        let store = Store::open(self.world)?;
        let style = style(self.world, self.color, Stream::Error);
        let mut problem = None;
        loop {
            let pricing = Pricing::new(self.settings, Some(self.means.model()))?;
            let (estimate, dry_runs) = self.estimate(&pricing)?;
            let limits = capped(self.limits, &estimate, &pricing);
            self.refuse_unpriced(&limits, &estimate)?;
            let mut proposal = self.proposal(&limits, &estimate, &pricing)?;
            proposal.warnings.splice(0..0, problem.take().into_iter().chain(crashes(&dry_runs)));
            let place = lint::Place::of(self.world, &pricing)?;
            let findings = place.lint(&self.workflow, self.args.as_ref(), &dry_runs);
            proposal.warnings.extend(lint::brief(&findings));
            store.complete(&mut proposal);
            if let Some(approved) = self.still_holds(&proposal, &store) {
                // The cap that was approved here, not the one that the journal names.
                let limits = match approved.budget() {
                    Some(budget) if self.limits.cap_is_estimate && self.flags.budget.is_empty() => {
                        Limits { cap: budget.into(), ..limits }
                    }
                    _ => limits,
                };
                let (workflow, approved) = (self.workflow_id(), Some(approved));
                return Ok(Agreed {
                    script: self.script,
                    workflow,
                    limits,
                    approved,
                    estimate: Some(estimate),
                });
            }
            let (how, rule) = match self.gate(&proposal, &store, &estimate, &pricing)? {
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
                Gate::Ask => match Asker::new(self.world, style).ask(&proposal) {
                    Answer::No => return Err(approval::declined()),
                    Answer::Run => (How::Asked, None),
                    Answer::RunAndRemember(rule) => (How::Asked, Some(rule)),
                    Answer::Budget(amount) => {
                        // A raise is on top of the budget that was shown, though nobody had named it.
                        let before = if amount.is_raise { limits.cap } else { self.limits.cap };
                        self.limits.cap = Budget::from(before).with(amount).into();
                        self.limits.cap_is_estimate = false;
                        continue;
                    }
                    Answer::Edit(text) => {
                        problem = self.edit(text).await.err();
                        continue;
                    }
                },
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
            let (workflow, approved) = (self.workflow_id(), Some(approved));
            return Ok(Agreed { script: self.script, workflow, limits, approved, estimate: Some(estimate) });
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
            limits: self.limits,
            settings: self.settings,
            world: self.world,
            seed: self.seed,
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
        let may_cost = match proposal.budget.usd_micros {
            None if is_free => Some(0),
            None => estimate.amounts.usd_micros.and_then(|range| range.high),
            cap => cap,
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

    fn proposal(&self, limits: &Limits, estimate: &Estimate, pricing: &Pricing) -> Result<Proposal> {
        let meta = &self.script.meta;
        let price = |name: &str| match pricing.price(name) {
            Some(price) => format!(
                "{} in, {} out a million",
                show::dollars(price.rates.input),
                show::dollars(price.rates.output)
            ),
            None => "price not known".into(),
        };
        // An alias is no model: what it stands for is approved.
        let mut names = vec![pricing.names().full(self.means.model())];
        let others = estimate.models.iter().map(|part| &part.name).filter(|name| **name != names[0]);
        names.extend(others.cloned().collect::<Vec<_>>());
        let phases = meta.phases.iter().map(|phase| PhaseRow {
            title: phase.title.clone(),
            detail: phase.detail.clone().unwrap_or_default(),
            agents: estimate
                .phases
                .iter()
                .find(|part| part.name == phase.title)
                .map_or_else(|| "0".into(), |part| show::counts(part.amounts.agents)),
            model: phase.model.clone().unwrap_or_default(),
        });
        let mut warnings = Vec::new();
        warnings.extend(estimate.unbounded.iter().cloned());
        warnings.extend(self.large(estimate));
        for model in &estimate.unpriced {
            warnings.push(format!(
                "no price is known for `{model}`: limit output tokens, or set [prices.\"{model}\"]"
            ));
        }
        let mut notes = self.settings.from_the_project.clone();
        notes.extend(self.means.found());
        notes.extend(self.resume.clone());
        let permissions = [Permit::Allow, Permit::Ask, Permit::Deny].into_iter();
        let amounts = &estimate.amounts;
        Ok(Proposal {
            workflow: meta.name.clone(),
            description: meta.description.clone(),
            dir: self.means.cwd().to_owned(),
            file: self.workflow.file.clone(),
            script: self.script.source.clone(),
            args: self.args.as_ref().map(Value::to_string).unwrap_or_default(),
            models: names.into_iter().map(|name| ModelRow { price: price(&name), name }).collect(),
            limits: limit_rows(limits, self),
            tools: permissions
                .flat_map(|permit| {
                    let rules = self.settings.permissions.of_tools(permit).into_iter();
                    rules.map(move |rule| format!("{} {rule}", permit.name()))
                })
                .collect(),
            sandbox: "none: agents may edit files here and run commands".into(),
            files: self.files()?,
            oracle: None,
            phases: phases.collect(),
            figures: Figures {
                agents: show::counts(amounts.agents),
                tokens: format!(
                    "{} in ({} cached), {} out",
                    show::counts(amounts.input_tokens),
                    show::counts(amounts.cached_tokens),
                    show::counts(amounts.output_tokens)
                ),
                dollars: amounts.usd_micros.map(show::dollar_range).unwrap_or_default(),
                makespan: duration(estimate.makespan_ms),
                basis: estimate.basis.iter().cloned().chain(capped_by(limits)).collect(),
            },
            warnings,
            notes,
            budget: limits.cap.into(),
            resume: self.resume.as_ref().map(|_| self.run_id.to_owned()),
            before: None,
            offer: None,
        })
    }

    /// A run that is larger than people expect.
    fn large(&self, estimate: &Estimate) -> Option<String> {
        let Estimate { amounts, .. } = estimate;
        let most = |range: Range| range.high.unwrap_or(range.expected);
        let tokens = most(amounts.input_tokens) + most(amounts.output_tokens);
        let (agents_max, tokens_max) = (self.settings.warn_agents, self.settings.warn_tokens);
        let agents = most(amounts.agents);
        (agents > agents_max || tokens > tokens_max)
            .then(|| format!("a large run: up to {agents} agents and {} tokens", text::count(tokens)))
    }

    /// What else decides what runs.
    fn files(&self) -> Result<BTreeMap<String, String>> {
        let types = agent_types(self.world)?;
        let own = types.iter().filter(|kind| !kind.is_built_in());
        Ok(own.map(|kind| (format!("agent type {}", kind.name), kind.digest.clone())).collect())
    }
}

/// The upper end of the estimate, where nobody named a cap, and on top what requests under way hold until they
/// are billed: without it the last of them would wait for each other. Dollars where they are known and not
/// nothing, else output tokens.
fn capped(limits: Limits, estimate: &Estimate, pricing: &Pricing) -> Limits {
    let Estimate { amounts, .. } = estimate;
    if !limits.cap.is_none() || !estimate.unpriced.is_empty() || estimate.unbounded.is_some() {
        return limits;
    }
    let wave = amounts.agents.high.unwrap_or(u64::MAX).min(limits.concurrency.into());
    let cap = match amounts.usd_micros {
        Some(Range { high: Some(high), .. }) if high > 0 => {
            let models = estimate.models.iter().filter_map(|part| pricing.price(&part.name));
            let held = models.map(|price| price.worst(HELD_INPUT_TOKENS, 0, HELD_OUTPUT_TOKENS)).max();
            let usd = high.saturating_add(wave.saturating_mul(held.unwrap_or_default()));
            Cap::usd(usd.next_multiple_of(CENT))
        }
        Some(_) | None => {
            let held = wave.saturating_mul(HELD_OUTPUT_TOKENS);
            Cap {
                output_tokens: amounts.output_tokens.high.map(|high| high.saturating_add(held)),
                usd_micros: None,
            }
        }
    };
    Limits { cap, cap_is_estimate: !cap.is_none(), ..limits }
}

/// How a cap that nobody named came about.
fn capped_by(limits: &Limits) -> Option<String> {
    limits.cap_is_estimate.then(|| {
        "the budget is the upper end, and on top what requests under way hold until they are billed; `--budget` names another".into()
    })
}

/// In micro-dollars.
const CENT: u64 = 10_000;
/// What a request of ordinary size holds: near a cap replies are made no shorter than this as long as others may
/// give back.
const HELD_OUTPUT_TOKENS: u64 = 4_096;
/// In bytes, which is what the worst case of an input is counted in.
const HELD_INPUT_TOKENS: u64 = 32_000;

/// How a script failed when it was run dry: it may well do so when it is paid for.
fn crashes(dry_runs: &[DryRun]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for run in dry_runs {
        let Some(error) = run.report.error.as_ref().filter(|_| run.report.status == RunStatus::Failed) else {
            continue;
        };
        let place = error.location.as_ref().map(|at| format!(" ({}:{}:{})", at.file, at.line, at.column));
        let message = format!("{}{}", error.message, place.unwrap_or_default());
        match told.iter_mut().find(|(known, _)| *known == message) {
            Some((_, policies)) => policies.push(run.policy.name()),
            None => told.push((message, vec![run.policy.name()])),
        }
    }
    let tell = |(message, policies): (String, Vec<&str>)| {
        format!("run dry ({}), the script failed: {message}", policies.join(", "))
    };
    told.into_iter().map(tell).collect()
}

fn limit_rows(limits: &Limits, draft: &Draft<'_>) -> Vec<(String, String)> {
    let mut rows = vec![
        ("agents".to_owned(), format!("at most {}", limits.agents)),
        ("at once".to_owned(), limits.concurrency.to_string()),
        ("items of a call".to_owned(), limits.items.to_string()),
    ];
    if !limits.each_agent.is_none() {
        rows.push(("each agent".into(), Budget::from(limits.each_agent).to_string()));
    }
    for phase in &draft.script.meta.phases {
        if let Some(limit) = phase.limit {
            rows.push((format!("phase {}", phase.title), Budget::from(limit.cap()).to_string()));
        }
    }
    rows
}

fn duration(range: Range) -> String {
    match range.high {
        Some(high) if high > range.low => {
            format!("{} to {}", text::duration(range.low), text::duration(high))
        }
        Some(_) => text::duration(range.low),
        None => format!("{} or more", text::duration(range.low)),
    }
}

impl Agreed {
    /// Nobody needs to agree: nothing is spent.
    pub fn unasked(script: LoadedScript, workflow: WorkflowId, limits: Limits) -> Self {
        Self { script, workflow, limits, approved: None, estimate: None }
    }

    /// What the journal keeps of it, beside what is the front end's.
    pub fn record(&self, mut front: Map<String, Value>) -> Map<String, Value> {
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

/// What was said of a run before it.
pub struct Promised {
    workflow: WorkflowId,
    work: Option<Grounds>,
    estimate: Option<Estimate>,
}

impl Promised {
    /// Tells how the run went against it, and remembers that for the next one.
    pub fn keep(self, report: &RunReport, world: &World) {
        let Some(work) = &self.work else { return };
        let noted =
            crate::history::record(world, &self.workflow, report, self.estimate.as_ref(), launch::now_ms());
        noted.line.iter().for_each(|line| tell(line));
        noted.notice.iter().for_each(|notice| tell(&format!("notice: {notice}")));
        let refused = report.failures.iter().any(|failed| failed.failure.kind == FailureKind::Budget);
        let facts = RunFacts {
            run_id: report.run_id.clone(),
            work: work.work(),
            passed: report.status == RunStatus::Completed && report.verdict != Verdict::Failed,
            inside_estimate: !refused && !self.is_over(report),
            tampered: false,
        };
        let Ok(store) = Store::open(world) else { return };
        match store.update(&work.workflow, &work.dir, |known| history::record_run(known, facts)) {
            Ok(Some(Some(why))) => {
                tell(&format!("notice: standing rules for this workflow no longer hold: {why}"))
            }
            Ok(Some(None) | None) => (),
            Err(notice) => tell(&format!("notice: {notice}")),
        }
    }

    fn is_over(&self, report: &RunReport) -> bool {
        let Some(Estimate { amounts, .. }) = &self.estimate else { return false };
        let over = |spent: u64, range: Range| range.high.is_some_and(|high| spent > high);
        match (report.usage.usd, amounts.usd_micros) {
            (Some(usd), Some(range)) => over((usd * 1e6).round() as u64, range),
            _ => over(report.usage.output_tokens, amounts.output_tokens),
        }
    }
}
