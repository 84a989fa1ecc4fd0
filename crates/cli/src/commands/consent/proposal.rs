//! A run as it is proposed to a person: every field that is shown is one that is hashed.

use std::collections::{BTreeMap, BTreeSet};

use fanfold_core::{AgentCall, Limits, RunStatus};
use serde_json::Value;

use super::Draft;
use super::cap::capped_by;
use crate::approval::{Figures, ModelRow, PhaseRow, Proposal, hash};
use crate::commands::backend::agent_types;
use crate::commands::launch::Children;
use crate::error::Result;
use crate::estimate::{DryRun, Estimate, Pricing, Range, show};
use crate::screen::text;
use crate::settings::budget::Budget;
use crate::settings::permissions::Permit;

impl Draft<'_> {
    pub(super) fn proposal(
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
        if self.proof.is_off() && meta.oracle.is_some() {
            warnings.push("no oracle: nothing decides, `--oracle none` stands for the workflow's own".into());
        }
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
            sandbox: self.proof.sandbox(self.settings),
            files: self.files(children)?,
            oracle: self.proof.describe(),
            found_oracle: self.proof.found(self.means.cwd()),
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

/// How a script failed when it was run dry: it may well do so when it is paid for.
pub(super) fn crashes(dry_runs: &[DryRun]) -> Vec<String> {
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
