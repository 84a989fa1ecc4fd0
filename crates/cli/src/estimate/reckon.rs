//! From dry runs to an estimate. Tokens and micro-dollars are integers throughout.

use std::collections::BTreeMap;

use fanfold_agent::sim::Guess;
use fanfold_core::{Cap, Price, RunStatus, Usage};
use serde::Serialize;

use super::agents::Agents;
use super::basis::Basis;
use super::cut::Cut;
use super::pricing::Pricing;
use super::{Amounts, DryRun, Estimate, POLICIES, Part, Range, Subject};

/// What agents take by one guess.
#[derive(Clone, Debug, Default)]
struct Tally {
    agents: u64,
    usage: Usage,
    usd_micros: Option<u64>,
}

/// The tallies of one dry run: low, expected, high.
type Guessed = [Tally; 3];

/// One dry run, tallied.
pub struct Tallied<'a> {
    pub run: &'a DryRun,
    total: Guessed,
    phases: BTreeMap<String, Guessed>,
    models: BTreeMap<String, Guessed>,
}

/// The same tokens on another model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    pub model: String,
    /// With the provider's prompt cache, as agents use it. `None`: the price is not known.
    pub usd_micros: Option<Range>,
    /// Every token of input at the full rate.
    pub uncached_usd_micros: Option<Range>,
}

/// Of an agent's time: two thirds of the agents lie within this factor of the median, in thousandths.
const MAKESPAN_FACTOR: u64 = 1_822;

pub fn reckon(subject: &Subject<'_>, agents: &Agents, pricing: &Pricing, dry_runs: &[DryRun]) -> Estimate {
    let model = pricing.default_model(subject.world);
    let mut prices = Prices { agents, pricing, by_written: BTreeMap::new() };
    let all: Vec<Tallied<'_>> = POLICIES
        .iter()
        .filter_map(|policy| dry_runs.iter().find(|run| run.policy == *policy))
        .map(|run| prices.tally(run))
        .collect();
    let cuts: Vec<Cut> = all.iter().filter_map(|one| Cut::of(one.run, subject)).collect();
    let is_cut = |run: &DryRun| cuts.iter().any(|cut| cut.policy == run.policy);
    let counted: Vec<&Tallied<'_>> = all.iter().filter(|one| finished(one.run) || is_cut(one.run)).collect();
    // A script that no dry run reaches the end of is counted as far as they came.
    let none_finished = counted.is_empty();
    let counted = if none_finished { all.iter().collect() } else { counted };
    let expected = counted.iter().copied().find(|one| finished(one.run)).unwrap_or(counted[0]);

    let unbounded = cuts.iter().find(|cut| !cut.is_named).map(Cut::show).or_else(|| {
        none_finished.then(|| {
            "there is no upper end: the script came to its end under no policy; name a cap: --budget"
                .to_owned()
        })
    });
    let bounded = unbounded.is_none();
    let amounts = |of: &dyn Fn(&Tallied<'_>) -> Guessed| {
        let each: Vec<Guessed> = counted.iter().map(|one| of(one)).collect();
        amounts(&of(expected), &each, bounded)
    };
    let parts = |of: for<'t, 'r> fn(&'t Tallied<'r>) -> &'t BTreeMap<String, Guessed>| {
        let mut names: Vec<&String> = counted.iter().flat_map(|one| of(one).keys()).collect();
        names.sort_unstable();
        names.dedup();
        let part = |name: &String| {
            // Where a phase is not reached nothing is spent, which is known.
            let nothing = || Guess::ALL.map(|_| Tally { usd_micros: Some(0), ..Tally::default() });
            let amounts = amounts(&|one| of(one).get(name).cloned().unwrap_or_else(nothing));
            Part { name: name.clone(), amounts }
        };
        names.into_iter().map(part).collect::<Vec<Part>>()
    };
    let times = || counted.iter().map(|one| one.run.report.duration_ms);
    let most_ms = times().max().unwrap_or_default();
    let makespan_ms = Range {
        low: times().min().unwrap_or_default().saturating_mul(1_000) / MAKESPAN_FACTOR,
        expected: expected.run.report.duration_ms,
        high: bounded.then(|| most_ms.saturating_mul(MAKESPAN_FACTOR) / 1_000),
    };
    let declared = &subject.meta.phases;
    let place = |name: &str| declared.iter().position(|phase| phase.title == name).unwrap_or(usize::MAX);
    let mut phases = parts(|one| &one.phases);
    phases.sort_by_key(|part| place(&part.name));
    let models = parts(|one| &one.models);
    let unpriced = prices.unknown();
    let basis = Basis { prices: &prices, counted: &counted, expected, all: &all, cuts: &cuts };
    Estimate {
        basis: basis.sentences(model.as_ref(), &unpriced),
        model: model.map(|(name, _)| name),
        amounts: within(subject.limits.cap, amounts(&|one| one.total.clone())),
        makespan_ms,
        phases,
        models,
        unbounded,
        unpriced,
    }
}

/// The tokens of a dry run's estimate on other models: what every agent costs if it ran on each.
pub fn elsewhere(
    agents: &Agents,
    pricing: &Pricing,
    dry_runs: &[DryRun],
    estimate: &Estimate,
    models: &[String],
) -> Vec<Elsewhere> {
    let counted: Vec<&DryRun> = POLICIES
        .iter()
        .filter_map(|policy| dry_runs.iter().find(|run| run.policy == *policy))
        .filter(|run| finished(run))
        .collect();
    let on = |price: &Price, cached: bool| {
        let cost = |run: &DryRun| {
            Guess::ALL.map(|guess| {
                let requests = run.called.iter().flat_map(|called| agents.requests(called, guess));
                let usages = requests.map(|usage| if cached { usage } else { uncached(usage) });
                let usd = usages.fold(0u64, |sum, usage| sum.saturating_add(price.cost(&usage)));
                Tally { usd_micros: Some(usd), ..Tally::default() }
            })
        };
        let each: Vec<Guessed> = counted.iter().map(|run| cost(run)).collect();
        let bounded = estimate.unbounded.is_none();
        each.first().and_then(|expected| amounts(expected, &each, bounded).usd_micros)
    };
    let row = |model: &String| {
        let price = pricing.price(model);
        Elsewhere {
            model: model.clone(),
            usd_micros: price.and_then(|price| on(&price, true)),
            uncached_usd_micros: price.and_then(|price| on(&price, false)),
        }
    };
    models.iter().map(row).collect()
}

/// What the agents of a dry run cost, as expected. `None`: a price is not known.
pub fn cost(agents: &Agents, pricing: &Pricing, run: &DryRun) -> Option<u64> {
    Prices { agents, pricing, by_written: BTreeMap::new() }.tally(run).total[1].usd_micros
}

fn uncached(usage: Usage) -> Usage {
    Usage { input_tokens: usage.input_total(), cache_read_tokens: 0, cache_write_tokens: 0, ..usage }
}

fn finished(run: &DryRun) -> bool {
    matches!(run.report.status, RunStatus::Completed | RunStatus::Degraded)
}

fn amounts(expected: &Guessed, each: &[Guessed], bounded: bool) -> Amounts {
    let range = |part: fn(&Tally) -> u64| {
        let middle = part(&expected[1]);
        let low = each.iter().map(|one| part(&one[0])).min().unwrap_or_default().min(middle);
        let high = each.iter().map(|one| part(&one[2])).max().unwrap_or_default().max(middle);
        Range { low, expected: middle, high: bounded.then_some(high) }
    };
    let is_priced = each.iter().flatten().chain(expected).all(|tally| tally.usd_micros.is_some());
    Amounts {
        agents: range(|tally| tally.agents),
        input_tokens: range(|tally| tally.usage.input_total()),
        cached_tokens: range(|tally| tally.usage.cache_read_tokens),
        output_tokens: range(|tally| tally.usage.output_tokens),
        usd_micros: is_priced.then(|| range(|tally| tally.usd_micros.unwrap_or_default())),
    }
}

/// No run passes its cap.
fn within(cap: Cap, amounts: Amounts) -> Amounts {
    let at_most = |range: Range, cap: Option<u64>| match cap {
        Some(cap) => Range {
            low: range.low.min(cap),
            expected: range.expected.min(cap),
            high: Some(range.high.map_or(cap, |high| high.min(cap))),
        },
        None => range,
    };
    Amounts {
        output_tokens: at_most(amounts.output_tokens, cap.output_tokens),
        usd_micros: amounts.usd_micros.map(|usd| at_most(usd, cap.usd_micros)),
        ..amounts
    }
}

/// Prices by models as scripts write them.
pub struct Prices<'a> {
    pub agents: &'a Agents,
    pub pricing: &'a Pricing,
    /// Full names and prices.
    pub by_written: BTreeMap<String, (String, Option<Price>)>,
}

impl Prices<'_> {
    fn tally<'r>(&mut self, run: &'r DryRun) -> Tallied<'r> {
        let none = || Guess::ALL.map(|_| Tally { usd_micros: Some(0), ..Tally::default() });
        let mut tallied = Tallied { run, total: none(), phases: BTreeMap::new(), models: BTreeMap::new() };
        for called in &run.called {
            let (model, price) = self.by_written.entry(called.model.clone()).or_insert_with(|| {
                let model = self.pricing.names().full(&called.model);
                let price = self.pricing.price(&model);
                (model, price)
            });
            let phase = tallied.phases.entry(called.phase.clone().unwrap_or_default()).or_insert_with(none);
            let of_model = tallied.models.entry(model.clone()).or_insert_with(none);
            for (at, guess) in Guess::ALL.into_iter().enumerate() {
                let requests = self.agents.requests(called, guess);
                for tally in [&mut tallied.total[at], &mut phase[at], &mut of_model[at]] {
                    tally.add(&requests, price.as_ref());
                }
            }
        }
        tallied
    }

    fn unknown(&self) -> Vec<String> {
        let unknown = self.by_written.values().filter(|(_, price)| price.is_none());
        let mut names: Vec<String> =
            unknown.map(|(model, _)| model.clone()).filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Tally {
    fn add(&mut self, requests: &[Usage], price: Option<&Price>) {
        self.agents += 1;
        for request in requests {
            self.usage += *request;
            self.usd_micros =
                self.usd_micros.zip(price).map(|(sum, price)| sum.saturating_add(price.cost(request)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::dry_run::Called;
    use crate::history::PastRuns;
    use crate::library::{Source, Workflow};
    use crate::settings::Settings;
    use crate::world::made_up::MadeUp;
    use fanfold_agent::sim::{Defaults, Exchange, Policy};
    use fanfold_core::{CallKey, Failure, FailureKind, Limits, Meta};
    use fanfold_engine::{FailureReport, RunReport};
    use serde_json::json;

    const PRICES: &str = "
[prices.'openai/cheap']
input = '1'
output = '10'
cache_read = '0.1'
cache_write = '1.25'
";

    struct Bench {
        made: MadeUp,
        settings: Settings,
        meta: Meta,
        limits: Limits,
    }

    impl Bench {
        fn new(config: &str) -> Self {
            let made = MadeUp::new();
            made.file("~/.config/fanfold/config.toml", &format!("{config}{PRICES}"));
            let settings = Settings::load(&made.world, &[]).expect("valid settings");
            Self { made, settings, meta: Meta::default(), limits: Limits::default() }
        }

        fn pricing(&self) -> Pricing {
            Pricing::of_settings(&self.settings).expect("plain settings")
        }

        fn estimate(&self, dry_runs: &[DryRun]) -> Estimate {
            let workflow = Workflow {
                name: "w".into(),
                text: String::new(),
                file: "w.js".into(),
                source: Source::Stdin,
                notices: Vec::new(),
            };
            let subject = Subject {
                workflow: &workflow,
                meta: &self.meta,
                args: None,
                limits: self.limits,
                settings: &self.settings,
                world: &self.made.world,
                seed: 0,
                patience: super::super::REAL_TIME_MAX,
                children: Default::default(),
            };
            let pricing = self.pricing();
            reckon(&subject, &Agents::new(PastRuns::default(), pricing.names()), &pricing, dry_runs)
        }
    }

    fn report(status: &str, duration_ms: u64) -> RunReport {
        serde_json::from_value(json!({
            "run_id": "wf_dry-run", "workflow": "w", "status": status, "verdict": "unverified", "result": null,
            "error": null, "failures": [], "duration_ms": duration_ms, "run_dir": "",
            "agents": {"started": 0, "completed": 0, "replayed": 0, "failed": 0, "skipped": 0, "unfinished": 0,
                       "peak_concurrency": 0},
            "usage": {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0,
                      "tool_calls": 0, "usd": 0.0, "simulated": true},
            "journal": {"entries": 0, "syncs": 0, "sync_us": 0},
        }))
        .expect("a report")
    }

    /// Agents without tools, so that each is one request of 1,000 tokens and a reply of 143, 551 or 1,115.
    fn dry(policy: Policy, agents: u64) -> DryRun {
        let called = |n: u64| Called {
            key: CallKey::new("0123456789abcdef", n as u32),
            label: format!("review:{n}"),
            given_label: None,
            agent_type: None,
            site: None,
            phase: (n > 0).then(|| "Later".to_owned()),
            model: Defaults::MODEL.into(),
            prompt: String::new(),
            exchange: Exchange { prompt_tokens: 1_000, reply_tokens: 5 },
            is_text: true,
            has_tools: false,
            turns_max: None,
        };
        DryRun {
            policy,
            report: report("completed", agents * 1_000),
            called: (0..agents).map(called).collect(),
            is_endless: false,
            children: Default::default(),
        }
    }

    fn all() -> Vec<DryRun> {
        vec![
            dry(Policy::Typical, 4),
            dry(Policy::Negative, 6),
            dry(Policy::Empty, 1),
            dry(Policy::Wide, 50),
            dry(Policy::AllNull, 999),
        ]
    }

    fn broken(kind: FailureKind, run: DryRun) -> DryRun {
        let failure = Failure { kind, message: "refused".into() };
        let refused = FailureReport { agent: None, label: String::new(), phase: None, failure };
        let report = RunReport { failures: vec![refused], status: RunStatus::Failed, ..run.report };
        DryRun { report, ..run }
    }

    #[test]
    fn expected_is_typical_and_the_ends_are_the_least_and_the_most_of_the_policies_that_finish() {
        let estimate = Bench::new("model = 'openai/cheap'").estimate(&all());
        let Amounts { agents, input_tokens, output_tokens, usd_micros, .. } = estimate.amounts;
        assert_eq!(agents, Range { low: 1, expected: 4, high: Some(50) });
        assert_eq!(input_tokens, Range { low: 1_000, expected: 4_000, high: Some(50_000) });
        assert_eq!(output_tokens, Range { low: 143, expected: 4 * 551, high: Some(50 * 1_115) });
        let usd =
            Range { low: 1_000 + 1_430, expected: 4 * (1_000 + 5_510), high: Some(50 * (1_000 + 11_150)) };
        assert_eq!(usd_micros, Some(usd));
        assert_eq!(estimate.makespan_ms, Range { low: 548, expected: 4_000, high: Some(91_100) });
        assert_eq!(estimate.unbounded, None);
        let (models, phases) = (&estimate.models, &estimate.phases);
        assert_eq!(
            (models.len(), models[0].name.as_str(), models[0].amounts),
            (1, "openai/cheap", estimate.amounts)
        );
        let phases: Vec<(&str, Range)> =
            phases.iter().map(|part| (part.name.as_str(), part.amounts.agents)).collect();
        let later = Range { low: 0, expected: 3, high: Some(49) };
        assert_eq!(phases, [("", Range { low: 1, expected: 1, high: Some(1) }), ("Later", later)]);
    }

    #[test]
    fn a_policy_that_crashes_is_not_counted_and_named() {
        let mut runs = all();
        runs[3].report.status = RunStatus::Failed;
        let estimate = Bench::new("").estimate(&runs);
        assert_eq!(estimate.amounts.agents, Range { low: 1, expected: 4, high: Some(6) });
        assert!(estimate.basis.iter().any(|said| said == "not counted, because the script crashes: `wide`"));
        runs[0].report.status = RunStatus::Failed;
        let estimate = Bench::new("").estimate(&runs);
        assert_eq!(estimate.amounts.agents.expected, 6, "the next policy stands in");
        assert!(estimate.basis[0].contains("under `negative`"), "{:?}", estimate.basis);
    }

    #[test]
    fn a_cap_that_nobody_named_is_no_upper_end() {
        let mut runs = all();
        runs[3] = broken(FailureKind::Cap, dry(Policy::Wide, 1_000));
        let estimate = Bench::new("").estimate(&runs);
        assert_eq!(estimate.amounts.agents, Range { low: 1, expected: 4, high: None });
        assert_eq!(estimate.makespan_ms.high, None);
        let why = estimate.unbounded.expect("no upper end");
        assert_eq!(
            why,
            "there is no upper end: under `wide` the script was ended by the cap of 1000 agents; name a cap: \
             --max-agents or --budget"
        );
    }

    #[test]
    fn a_cap_that_somebody_named_is_the_upper_end() {
        let mut runs = all();
        runs[3] = broken(FailureKind::Cap, dry(Policy::Wide, 80));
        let named = Bench::new("max_agents = 80").estimate(&runs);
        assert_eq!((named.amounts.agents.high, named.unbounded), (Some(80), None));
        let mut of_author = Bench::new("");
        of_author.meta.limits.agents = Some(80);
        assert_eq!(of_author.estimate(&runs).amounts.agents.high, Some(80));
        runs[3] = broken(FailureKind::Budget, dry(Policy::Wide, 60));
        let mut capped = Bench::new("model = 'openai/cheap'");
        capped.limits.cap = Cap { output_tokens: Some(20_000), usd_micros: Some(10_000) };
        let estimate = capped.estimate(&runs);
        assert_eq!((estimate.amounts.agents.high, &estimate.unbounded), (Some(60), &None));
        assert_eq!(estimate.amounts.output_tokens.high, Some(20_000));
        assert_eq!(
            estimate.amounts.usd_micros,
            Some(Range { low: 2_430, expected: 10_000, high: Some(10_000) })
        );
        assert!(
            estimate.basis.iter().any(|said| said.contains("ended by the budget")),
            "{:?}",
            estimate.basis
        );
    }

    #[test]
    fn what_goes_on_for_ever_has_no_upper_end_whatever_it_costs() {
        let mut runs = all();
        runs[1].is_endless = true;
        let estimate = Bench::new("").estimate(&runs);
        assert!(
            estimate
                .unbounded
                .is_some_and(|why| why.contains("under `negative` the script went on for ever"))
        );
        let none: Vec<DryRun> = POLICIES
            .map(|policy| {
                let run = dry(policy, 2);
                DryRun { report: RunReport { status: RunStatus::Failed, ..run.report }, ..run }
            })
            .into();
        let estimate = Bench::new("").estimate(&none);
        assert!(estimate.unbounded.is_some_and(|why| why.contains("under no policy")));
        assert_eq!(estimate.amounts.agents, Range { low: 2, expected: 2, high: None });
    }

    #[test]
    fn an_unknown_price_is_said_and_never_nothing() {
        let estimate = Bench::new("model = 'openai/dear'").estimate(&all());
        assert_eq!((estimate.amounts.usd_micros, estimate.models[0].amounts.usd_micros), (None, None));
        assert_eq!(estimate.unpriced, ["openai/dear"]);
        let said =
            "no price known for openai/dear: set [prices.\"openai/dear\"] in ~/.config/fanfold/config.toml";
        assert!(estimate.basis.iter().any(|one| one == said), "{:?}", estimate.basis);
        let mut runs = all();
        runs[3].called[0].model = "openai/dear".into();
        let estimate = Bench::new("model = 'openai/cheap'").estimate(&runs);
        assert_eq!(estimate.amounts.usd_micros, None, "one unknown price makes the sum unknown");
        assert!(estimate.models.iter().any(|part| part.amounts.usd_micros.is_some()), "the other is known");
        let estimate = Bench::new("").estimate(&all());
        assert!(estimate.model.is_none() && estimate.amounts.usd_micros.is_none());
        assert!(estimate.basis.iter().any(|one| one.starts_with("no model is set")));
    }

    #[test]
    fn the_same_tokens_are_priced_elsewhere_with_and_without_a_cache() {
        let bench = Bench::new("");
        let pricing = bench.pricing();
        let agents = Agents::new(PastRuns::default(), pricing.names());
        let mut runs = all();
        runs.iter_mut().flat_map(|run| &mut run.called).for_each(|called| {
            called.has_tools = true;
            called.turns_max = Some(2);
        });
        let estimate = bench.estimate(&runs);
        let models = ["openai/cheap".to_owned(), "openai/dear".to_owned()];
        let rows = elsewhere(&agents, &pricing, &runs, &estimate, &models);
        let expected = |row: &Elsewhere| {
            (row.usd_micros.map(|range| range.expected), row.uncached_usd_micros.map(|range| range.expected))
        };
        // Two requests each: 1,000 in and 160 out; then 1,000 read, 1,060 written and 551 out.
        let cached = 4 * ((1_000 + 1_600) + (100 + 1_325 + 5_510));
        let uncached = 4 * ((1_000 + 1_600) + (2_060 + 5_510));
        assert_eq!(expected(&rows[0]), (Some(cached), Some(uncached)));
        assert_eq!(expected(&rows[1]), (None, None));
    }

    #[test]
    fn a_prompt_that_does_not_fit_is_told() {
        let mut runs = all();
        runs[0].called[0].exchange.prompt_tokens = 5_000_000;
        let estimate = Bench::new("model = 'openai/gpt-5'").estimate(&runs);
        let said = estimate.basis.last().expect("sentences");
        assert!(said.contains("5.0M tokens does not fit into openai/gpt-5"), "{said}");
    }
}
