//! What `fanfold cost` tells, for people and as JSON.

use fanfold_core::Price;
use fanfold_core::price::MILLION;
use serde::Serialize;

use super::amount::{Amount, Spent};
use super::tally::{By, Results, Tally};

#[derive(Debug, Serialize)]
pub struct CostReport {
    /// Milliseconds since the Unix epoch: runs whose last attempt began before are not here.
    pub since: Option<u64>,
    pub by: By,
    /// Of simulated runs alone: nothing of it was spent.
    pub simulated: bool,
    /// The dearest first.
    pub groups: Vec<Row>,
    pub total: Row,
    /// What a run that passed its oracle took, with what those that failed took; `None` where no oracle ran.
    pub per_passed_run: Option<PerResult>,
    /// What the result of an agent took in runs without an oracle: nobody looked at those.
    pub per_agent_result: Option<PerResult>,
    pub in_vain: Vain,
    /// `None`: nothing was cached.
    pub cache: Option<CacheSavings>,
    /// Models of which some requests have no price.
    pub unpriced_models: Vec<String>,
    pub left_out: LeftOut,
}

#[derive(Clone, Debug, Serialize)]
pub struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The model, phase or kind of agents; none of agents outside of phases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub runs: u64,
    #[serde(flatten)]
    pub spent: Spent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PerResult {
    pub runs: u64,
    pub results: u64,
    /// Input and output; `null` without a result.
    pub tokens: Option<u64>,
    /// Of what has a price; `null` without a result, and where nothing has one.
    pub usd_micros: Option<u64>,
    pub is_wholly_priced: bool,
}

/// The share that came to nothing, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Vain {
    /// `null`: nothing of what was used has a price, or nothing was used.
    pub usd_permille: Option<u64>,
    pub tokens_permille: Option<u64>,
}

/// What input would have cost without a cache, less what it did cost, at the prices of now and for requests of
/// ordinary length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheSavings {
    pub read_tokens: u64,
    pub written_tokens: u64,
    /// Negative where more was paid for writing than reading has saved. `null`: no price is known.
    pub saved_usd_micros: Option<i64>,
    /// Models whose price is not known: what they saved is not in it.
    pub unknown_models: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Simulated runs; of a report about those, real ones.
    pub other_kind: u64,
    /// Runs whose folder is gone.
    pub vanished: u64,
    /// Runs whose journal cannot be read, and those of whose journal a part is lost.
    pub damaged: Vec<Lost>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lost {
    pub run_id: String,
    pub what: String,
}

impl CostReport {
    pub fn new(tally: Tally<'_>, since: Option<u64>, simulated: bool, left_out: LeftOut) -> Self {
        let cache = CacheSavings::of(&tally);
        let mut groups: Vec<Row> = tally
            .groups
            .into_iter()
            .map(|(group, counted)| Row {
                workflow: group.workflow,
                name: group.name,
                runs: counted.runs,
                spent: counted.spent,
            })
            .collect();
        let weight = |row: &Row| (row.spent.used.usd_micros, row.spent.used.tokens());
        groups.sort_by_key(|row| std::cmp::Reverse(weight(row)));
        let total = Row { workflow: None, name: None, runs: tally.total.runs, spent: tally.total.spent };
        Self {
            since,
            by: tally.by,
            simulated,
            groups,
            per_passed_run: PerResult::of(tally.verified),
            per_agent_result: PerResult::of(tally.unverified),
            in_vain: Vain::of(&total.spent),
            total,
            cache,
            unpriced_models: tally.unpriced.into_iter().collect(),
            left_out,
        }
    }
}

impl PerResult {
    fn of(results: Results) -> Option<Self> {
        let Results { runs, count, used } = results;
        let per = |amount: u64| amount.checked_div(count);
        (runs > 0).then(|| Self {
            runs,
            results: count,
            tokens: per(used.tokens()),
            usd_micros: used.usd_micros().and_then(per),
            is_wholly_priced: used.unpriced_tokens == 0,
        })
    }
}

impl Vain {
    pub fn of(spent: &Spent) -> Self {
        let Spent { used, in_vain, .. } = spent;
        Self {
            usd_permille: permille(in_vain.usd_micros, used.usd_micros),
            tokens_permille: permille(in_vain.tokens(), used.tokens()),
        }
    }

    /// In dollars where there are any, else in tokens.
    pub fn permille(self) -> Option<u64> {
        self.usd_permille.or(self.tokens_permille)
    }
}

fn permille(part: u64, whole: u64) -> Option<u64> {
    let share = (u128::from(part) * 1_000).checked_div(u128::from(whole))?;
    u64::try_from(share).ok()
}

impl CacheSavings {
    fn of(tally: &Tally<'_>) -> Option<Self> {
        let mut savings =
            Self { read_tokens: 0, written_tokens: 0, saved_usd_micros: None, unknown_models: Vec::new() };
        let mut saved: Option<i128> = None;
        for (model, cached) in &tally.cached {
            savings.read_tokens += cached.read_tokens;
            savings.written_tokens += cached.written_tokens;
            let Some(Price { rates, .. }) = (tally.price)(model) else {
                savings.unknown_models.push(model.clone());
                continue;
            };
            let less =
                |rate: u64, tokens: u64| (i128::from(rates.input) - i128::from(rate)) * i128::from(tokens);
            let of_model =
                less(rates.cache_read, cached.read_tokens) + less(rates.cache_write, cached.written_tokens);
            saved = Some(saved.unwrap_or_default() + of_model);
        }
        savings.saved_usd_micros =
            saved.map(|saved| i64::try_from(saved / i128::from(MILLION)).unwrap_or(i64::MAX));
        (!tally.cached.is_empty()).then_some(savings)
    }
}

/// The share of input that was read from the cache, in percent; `None` without any.
pub fn cached_percent(amount: &Amount) -> Option<u64> {
    permille(amount.cache_read_tokens, amount.input_total())
        .filter(|_| amount.cache_read_tokens > 0)
        .map(|it| it / 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::run::tests::used;
    use crate::cost::run::{AgentEnding, AgentSpending, RunSpending};
    use fanfold_core::price::Rates;
    use fanfold_core::{RunStatus, Usage, Verdict};

    fn price(model: &str) -> Option<Price> {
        match model {
            "p/free" => Some(Price::FREE),
            "p/known" => {
                let rates = Rates {
                    input: 3_000_000,
                    output: 15_000_000,
                    cache_read: 300_000,
                    cache_write: 3_750_000,
                };
                Some(Price { rates, ..Price::FREE })
            }
            _ => None,
        }
    }

    fn agent(label: &str, phase: Option<&str>, model: &str, usage: Usage) -> AgentSpending {
        AgentSpending {
            label: label.into(),
            phase: phase.map(str::to_owned),
            model: model.into(),
            state: AgentEnding::Finished,
            used: usage,
            in_vain: Usage::default(),
        }
    }

    fn run(workflow: &str, verdict: Verdict, agents: Vec<AgentSpending>) -> RunSpending {
        let closed = Some(RunStatus::Completed);
        RunSpending { workflow: workflow.into(), verdict, closed, agents, ..RunSpending::default() }
    }

    fn report(by: By, runs: &[RunSpending]) -> CostReport {
        let mut tally = Tally::new(by, &price);
        let mut other = Tally::new(by, &price);
        for (at, run) in runs.iter().enumerate() {
            // As two threads would.
            if at % 2 == 0 { tally.add(run) } else { other.add(run) }
        }
        tally.merge(other);
        CostReport::new(tally, None, false, LeftOut::default())
    }

    fn rows(report: &CostReport) -> Vec<String> {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let row = |row: &Row| {
            format!(
                "{} {} runs {} agents {} ${}",
                shown(&row.workflow),
                shown(&row.name),
                row.runs,
                row.spent.agents,
                row.spent.used.usd_micros
            )
        };
        report.groups.iter().map(row).collect()
    }

    fn two_runs() -> [RunSpending; 2] {
        let unpriced = Usage { unpriced: 1, ..used(40, 0) };
        [
            run(
                "a",
                Verdict::Unverified,
                vec![
                    agent("read:x", Some("One"), "p/known", used(10, 100)),
                    agent("read:y", Some("One"), "p/known", used(10, 100)),
                    agent("sum", None, "p/unknown", unpriced),
                ],
            ),
            run("b", Verdict::Unverified, vec![agent("read:z", Some("One"), "p/known", used(10, 500))]),
        ]
    }

    #[test]
    fn rows_are_what_a_person_asks_for_and_the_dearest_comes_first() {
        let of = |by| rows(&report(by, &two_runs()));
        assert_eq!(of(By::Workflow), ["b - runs 1 agents 1 $500", "a - runs 1 agents 3 $200"]);
        assert_eq!(of(By::Model), ["- p/known runs 2 agents 3 $700", "- p/unknown runs 1 agents 1 $0"]);
        let phases = ["b One runs 1 agents 1 $500", "a One runs 1 agents 2 $200", "a - runs 1 agents 1 $0"];
        assert_eq!(of(By::Phase), phases);
        let labels =
            ["b read:* runs 1 agents 1 $500", "a read:* runs 1 agents 2 $200", "a sum runs 1 agents 1 $0"];
        assert_eq!(of(By::Label), labels);
        let report = report(By::Workflow, &two_runs());
        assert_eq!((report.total.runs, report.total.spent.used.unpriced_tokens), (2, 40));
        assert_eq!(report.unpriced_models, ["p/unknown"]);
    }

    #[test]
    fn a_result_is_a_run_that_passed_and_else_what_an_agent_said() {
        let one = |verdict, usd| run("w", verdict, vec![agent("x", None, "p/known", used(10, usd))]);
        let judged = report(
            By::Workflow,
            &[one(Verdict::Passed, 100), one(Verdict::Failed, 300), one(Verdict::Passed, 20)],
        );
        let per = PerResult {
            runs: 3,
            results: 2,
            tokens: Some(15),
            usd_micros: Some(210),
            is_wholly_priced: true,
        };
        assert_eq!(judged.per_passed_run, Some(per), "what failed is part of the price");
        assert_eq!(judged.per_agent_result, None);
        assert_eq!(judged.in_vain, Vain { usd_permille: Some(714), tokens_permille: Some(333) });

        let none = report(By::Workflow, &[one(Verdict::Failed, 300)]).per_passed_run;
        assert_eq!(
            none,
            Some(PerResult { runs: 1, results: 0, tokens: None, usd_micros: None, is_wholly_priced: true })
        );
        let unverified = report(By::Workflow, &two_runs()).per_agent_result;
        let per = PerResult {
            runs: 2,
            results: 4,
            tokens: Some(17),
            usd_micros: Some(175),
            is_wholly_priced: false,
        };
        assert_eq!(unverified, Some(per), "more than that: a part of it has no price");
        assert_eq!(report(By::Workflow, &[]).per_agent_result, None);
    }

    #[test]
    fn a_run_that_failed_was_in_vain_whatever_its_agents_found() {
        let [_, one] = two_runs();
        let failed = RunSpending { closed: Some(RunStatus::Failed), ..one };
        assert_eq!(report(By::Workflow, &[failed]).in_vain.usd_permille, Some(1_000));
        assert_eq!(report(By::Workflow, &two_runs()).in_vain.usd_permille, Some(0));
    }

    #[test]
    fn a_cache_saves_what_reading_did_not_cost_less_what_writing_did() {
        let cached = |model: &str, read, written| {
            let usage = Usage { cache_read_tokens: read, cache_write_tokens: written, ..used(1, 1) };
            run("w", Verdict::Unverified, vec![agent("x", None, model, usage)])
        };
        let savings = |runs: &[RunSpending]| report(By::Workflow, runs).cache;
        assert_eq!(savings(&two_runs()), None);
        let good = savings(&[cached("p/known", 1_000_000, 100_000)]).expect("some");
        assert_eq!((good.saved_usd_micros, good.unknown_models), (Some(2_700_000 - 75_000), vec![]));
        let bad = savings(&[cached("p/known", 0, 100_000), cached("p/free", 10, 10)]).expect("some");
        assert_eq!(bad.saved_usd_micros, Some(-75_000));
        let unknown = savings(&[cached("p/unknown", 10, 0)]).expect("some");
        assert_eq!((unknown.saved_usd_micros, unknown.unknown_models), (None, vec!["p/unknown".to_owned()]));
    }
}
