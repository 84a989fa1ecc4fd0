//! Before money is spent: a script, its price and its limits, put to a person or to a standing rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use fanfold_core::{AgentCall, Backend, Cap, FailureKind, Limits, Price, RunStatus, Verdict};
use fanfold_engine::{LoadedScript, RunReport};
use serde_json::{Map, Value};

use super::backend::{ApprovedModels, Means, agent_types};
use super::launch::{self, Children};
use super::{columns, style, tell};
use crate::advise::unverified::needs_unverified;
use crate::approval::asker::Asker;
use crate::approval::hash::{self, Approved, BUDGET, Grounds, How};
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

    fn proposal(
        &self,
        limits: &Limits,
        estimate: &Estimate,
        pricing: &Pricing,
        dry_runs: &[DryRun],
        children: &Children,
    ) -> Result<Proposal> {
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
        let may_be_asked = self.models(pricing, dry_runs, children)?;
        names.extend(may_be_asked.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
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
            files: self.files(children)?,
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
    fn files(&self, children: &Children) -> Result<BTreeMap<String, String>> {
        let types = agent_types(self.world)?;
        let own = types.iter().filter(|kind| !kind.is_built_in());
        let types = own.map(|kind| (format!("agent type {}", kind.name), kind.digest.clone()));
        let children = children
            .iter()
            .map(|(called, (text, _))| (format!("workflow {called}"), hash::digest(text.as_bytes())));
        Ok(types.chain(children).collect())
    }

    /// The models that agents may ask: those that the dry runs asked, those that the texts name, and those of
    /// agent types, as the providers that have keys here resolve them.
    fn models(&self, pricing: &Pricing, dry_runs: &[DryRun], children: &Children) -> Result<Vec<String>> {
        let asked = dry_runs.iter().flat_map(|run| &run.called).map(|called| called.model.clone());
        let texts = std::iter::once(&self.script.source).chain(children.values().map(|(text, _)| text));
        let named = texts.flat_map(|text| pricing.named_in(text));
        let types = agent_types(self.world)?;
        let of_types = types.iter().filter_map(|kind| kind.model.clone());
        let written: BTreeSet<String> = asked.chain(named).chain(of_types).collect();
        let resolve = |model: String| {
            let model = Some(model).filter(|model| model != fanfold_agent::sim::Defaults::MODEL);
            let call = AgentCall { model, ..AgentCall::new("") };
            self.backend.resolve(&call).ok().map(|resolved| resolved.model)
        };
        let names: BTreeSet<String> = written.into_iter().filter_map(resolve).collect();
        Ok(names.into_iter().collect())
    }
}

/// The upper end of the estimate, where nobody named a cap, and on top what requests under way hold until they
/// are billed: without it the last of them would wait for each other. Dollars where they are known and not
/// nothing, else output tokens.
///
/// `asked`: what the script or the project asks for, which lowers a cap and never makes one; only where nothing
/// else bounds a run it is shown to a person, who may take it. `false`: so it is here.
fn capped(limits: Limits, named: Cap, asked: Cap, estimate: &Estimate, pricing: &Pricing) -> (Limits, bool) {
    let Estimate { amounts, .. } = estimate;
    if !named.is_none() {
        // A person's word beats the author's, each in its own currency.
        let cap = Cap {
            output_tokens: named.output_tokens.or(asked.output_tokens),
            usd_micros: named.usd_micros.or(asked.usd_micros),
        };
        return (Limits { cap, cap_is_estimate: false, ..limits }, true);
    }
    if !estimate.unpriced.is_empty() || estimate.unbounded.is_some() {
        return (Limits { cap: asked, cap_is_estimate: false, ..limits }, asked.is_none());
    }
    let wave = amounts.agents.high.unwrap_or(u64::MAX).min(limits.concurrency.into());
    let cap = match amounts.usd_micros {
        Some(Range { high: Some(high), .. }) if high > 0 => {
            let models = estimate.models.iter().filter_map(|part| pricing.price(&part.name));
            let held = models.map(|price| price.worst(HELD_INPUT_BYTES, 0, HELD_OUTPUT_TOKENS)).max();
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
    (Limits { cap: launch::lower(cap, asked), cap_is_estimate: !cap.is_none(), ..limits }, true)
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
/// What the worst case of an input is counted in: a token is at least a byte.
const HELD_INPUT_BYTES: u64 = 32_000;
/// A dry run before the question may go on for so long; `check` has more patience.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a script failed when it was run dry: it may well do so when it is paid for.
fn crashes(dry_runs: &[DryRun]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for run in dry_runs {
        // What a cap ended is told with the estimate.
        let capped = run.report.failures.iter().any(|failed| failed.failure.kind.is_limit());
        let failed = run.report.status == RunStatus::Failed && !capped;
        let Some(error) = run.report.error.as_ref().filter(|_| failed) else {
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
        Self { script, workflow, limits, approved: None, estimate: None, children: Children::new() }
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
