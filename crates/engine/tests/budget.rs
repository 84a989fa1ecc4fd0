//! Budgets of whole runs, judged by the provider's own bill: a cap is never passed, whatever comes between.
//!
//! `FANFOLD_BUDGET_SEEDS=1000` makes the long run of it; it prints what was left unused.

#![allow(clippy::print_stderr, reason = "the long run prints its figures")]

mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use fanfold_core::price::{LongContext, Rates};
use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, Cap, Entry, FailureKind, Halt, Limits, Outcome, Price, Quote,
    Resolved, Usage,
};
use fanfold_engine::RunReport;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use world::World;

const PRICE: Price = Price {
    rates: Rates { input: 3_000_000, output: 15_000_000, cache_read: 300_000, cache_write: 3_750_000 },
    long: Some(LongContext {
        above: 30_000,
        rates: Rates { input: 6_000_000, output: 22_500_000, cache_read: 600_000, cache_write: 7_500_000 },
    }),
    batch: None,
    search: None,
};

/// How a provider accounts for a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Accounts {
    Honest,
    /// Says nothing.
    Missing,
    /// Says it only long after the reply.
    Late,
    /// Says more than it bills, but no more than can be.
    Exaggerated,
    /// A mixture.
    Any,
}

/// A provider with a bill of its own. It bills when a request is sent, whoever is there for the reply.
struct Vendor {
    seed: u64,
    accounts: Accounts,
    billed_tokens: AtomicU64,
    billed_micros: AtomicU64,
    requests: AtomicU64,
    /// The dearest request.
    dearest_micros: AtomicU64,
}

impl Vendor {
    fn new(seed: u64, accounts: Accounts) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            seed,
            accounts,
            billed_tokens: zero(),
            billed_micros: zero(),
            requests: zero(),
            dearest_micros: zero(),
        }
    }

    fn draw(&self, what: &str) -> impl FnMut(u64) -> u64 + use<> {
        let digest = fanfold_core::key::short_digest(format!("{} {what}", self.seed).as_bytes());
        let mut state = u64::from_str_radix(&digest, 16).expect("hex");
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below.max(1)
        }
    }

    fn bill(&self, used: Usage) -> u64 {
        let micros = PRICE.cost(&used);
        self.billed_tokens.fetch_add(used.output_tokens, Ordering::Relaxed);
        self.billed_micros.fetch_add(micros, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.dearest_micros.fetch_max(micros, Ordering::Relaxed);
        micros
    }

    fn billed(&self) -> (u64, u64) {
        (self.billed_tokens.load(Ordering::Relaxed), self.billed_micros.load(Ordering::Relaxed))
    }
}

impl Backend for Vendor {
    fn resolve(&self, _: &AgentCall) -> Result<Resolved, String> {
        Ok(Resolved { model: "test/vendor".into(), backend: "test".into(), ..Resolved::default() })
    }

    fn run<'a>(&'a self, job: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>> {
        Box::pin(async move {
            let mut draw = self.draw(&job.call.prompt);
            let turns = 1 + draw(4);
            for turn in 0..turns {
                let quote = Quote {
                    turns: turn as u32,
                    input_tokens: 100 + draw(40_000),
                    web_searches: 0,
                    output_tokens: 1 + draw(16_000),
                    price: Some(PRICE),
                };
                let granted = match cx.purse.reserve(quote).await {
                    Ok(granted) => granted,
                    Err(failure) => return Ok(Outcome::failed(failure.kind, failure.message)),
                };
                let written = draw(quote.input_tokens);
                let used = Usage {
                    cache_write_tokens: written,
                    input_tokens: draw(quote.input_tokens - written),
                    output_tokens: draw(granted + 1),
                    ..Usage::default()
                };
                self.bill(used);
                cx.clock.sleep(1 + draw(3_000)).await;
                let accounts = match self.accounts {
                    Accounts::Any => {
                        [Accounts::Honest, Accounts::Missing, Accounts::Late, Accounts::Exaggerated]
                            [draw(4) as usize]
                    }
                    one => one,
                };
                match accounts {
                    Accounts::Honest | Accounts::Any => cx.purse.settle(used.priced(Some(PRICE))),
                    Accounts::Missing => cx.purse.forfeit(Usage::default()),
                    Accounts::Late => {
                        cx.clock.sleep(60_000).await;
                        cx.purse.settle(used.priced(Some(PRICE)));
                    }
                    Accounts::Exaggerated => {
                        let said = Usage { output_tokens: granted, ..used };
                        cx.purse.settle(said.priced(Some(PRICE)));
                    }
                }
            }
            Ok(Outcome::done("done"))
        })
    }
}

fn body(agents: u64) -> String {
    format!(
        "const all = await parallel(Array.from({{ length: {agents} }}, (_, i) => () => agent(`task ${{i}}`)))
         return {{ done: all.filter(Boolean).length, kinds: [...new Set(failures().map(f => f.kind))] }}"
    )
}

fn result(report: &RunReport) -> Value {
    World::result(report)
}

fn world(seed: u64, accounts: Accounts, width: u32, cap: Cap) -> World<Vendor> {
    let mut world = World::new(Vendor::new(seed, accounts));
    world.limits = Limits { concurrency: width, agents: 10_000, cap, ..Limits::default() };
    world
}

#[test]
fn no_cap_is_passed_at_any_width_whatever_the_provider_reports() {
    let seeds = std::env::var("FANFOLD_BUDGET_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(8);
    let kinds = [Accounts::Honest, Accounts::Missing, Accounts::Late, Accounts::Exaggerated, Accounts::Any];
    eprintln!("{seeds} seeds; what is left of caps between $0.20 and $4, in dollars");
    eprintln!("width   reached   overshoot   unused: median   most   dearest request");
    for width in [1, 16, 128, 1_000] {
        let agents = u64::from(width).clamp(30, 1_000) + 20;
        let (mut unused, mut reached, mut overshoot, mut dearest) = (Vec::new(), 0, 0, 0);
        for seed in 0..seeds {
            let cap = 200_000 + seed * 7_919 % 3_800_000;
            let accounts = kinds[seed as usize % kinds.len()];
            let mut world = world(seed, accounts, width, Cap::usd(cap));
            let report = world.run(&body(agents));
            let (_, billed) = world.backend.billed();
            overshoot = overshoot.max(billed.saturating_sub(cap));
            dearest = dearest.max(world.backend.dearest_micros.load(Ordering::Relaxed));
            let left = report.budget.and_then(|budget| budget.usd_micros).expect("limited").unused;
            assert!(billed <= cap, "seed {seed}, width {width}, {accounts:?}: ${billed} of {cap}");
            assert!(cap - left >= billed, "the ledger knows of all that was billed");
            if report.failures.iter().any(|failed| failed.failure.kind == FailureKind::Budget) {
                reached += 1;
                unused.push(left);
            }
        }
        unused.sort_unstable();
        let dollars = |micros: Option<&u64>| *micros.unwrap_or(&0) as f64 / 1e6;
        eprintln!(
            "{width:>5}   {reached:>7}   {overshoot:>9}   {:>14.4}   {:.4}   {:.4}",
            dollars(unused.get(unused.len() / 2)),
            dollars(unused.last()),
            dearest as f64 / 1e6
        );
        assert!(reached > 0, "void: no cap was reached at width {width}");
    }
}

#[test]
fn a_cap_holds_over_crashes_with_requests_under_way() {
    let mut lost = 0;
    for seed in 0..12 {
        let cap = Cap { output_tokens: Some(150_000), usd_micros: Some(3_000_000) };
        let mut world = world(seed, Accounts::Honest, 16, cap);
        let mut attempts = 0;
        let report = loop {
            world.disk.die_after(if attempts < 5 { 30 * (attempts + 1) + seed } else { 0 });
            attempts += 1;
            if let Some(report) = world.run_or_die(&body(60)) {
                break report;
            }
        };
        assert!(attempts > 1, "void: it never died");
        let (tokens, micros) = world.backend.billed();
        assert!(tokens <= 150_000 && micros <= 3_000_000, "seed {seed}: {tokens} tokens, ${micros}");
        let left = report.budget.and_then(|budget| budget.usd_micros).expect("limited");
        assert!(left.total - left.unused >= micros, "the ledger knows of all that was billed");
        lost += report.usage.unconfirmed;
    }
    assert!(lost > 0, "void: no request was under way at a crash");
}

#[test]
fn a_cap_that_nobody_named_is_raised_by_what_a_crash_lost_and_says_so() {
    let mut world = world(3, Accounts::Honest, 16, Cap::usd(3_000_000));
    world.limits.cap_is_estimate = true;
    world.disk.die_after(40);
    assert!(world.run_or_die(&body(60)).is_none());
    world.disk.die_after(0);
    let report = world.run(&body(60));
    let left = report.budget.and_then(|budget| budget.usd_micros).expect("limited");
    assert!(left.total > 3_000_000, "{left:?}");
    let events = world.events.lock().expect("no panic");
    assert!(events.iter().any(|event| format!("{event:?}").contains("the estimate's cap is raised")));
}

#[test]
fn a_raised_budget_asks_only_what_was_refused() {
    let mut world = world(1, Accounts::Honest, 16, Cap::usd(1_000_000));
    let first = world.run(&body(40));
    let done = result(&first)["done"].as_u64().expect("a number");
    assert!(done > 0 && done < 40, "{first:?}");
    assert_eq!(result(&first)["kinds"], json!(["budget"]));
    let settled = |world: &World<Vendor>| {
        let is_done = |entry: &&Entry| matches!(entry, Entry::Settled { outcome, .. } if matches!(outcome.reply, fanfold_core::Reply::Done(_)));
        world.disk.entries().iter().filter(is_done).count() as u64
    };
    assert_eq!(settled(&world), done);
    world.limits.cap = Cap::usd(60_000_000);
    let second = world.run(&body(40));
    assert_eq!(result(&second)["done"], json!(40));
    assert_eq!((second.agents.replayed, second.agents.started), (done, 40 - done));
}

#[test]
fn a_phase_has_a_limit_of_its_own_and_the_others_go_on() {
    const WITH_LIMIT: &str = "export const meta = { name: 'test', description: 'a test', phases: [{ title: 'Sweep', limit: { usd: 0.5 } }] }\n";
    let mut world = world(5, Accounts::Any, 16, Cap::usd(50_000_000));
    world.meta = WITH_LIMIT;
    let report = world.run(
        "const sweep = await parallel(Array.from({ length: 60 }, (_, i) => () => agent(`a ${i}`, { phase: 'Sweep' })))
         const other = await parallel(Array.from({ length: 9 }, (_, i) => () => agent(`b ${i}`, { phase: 'Other' })))
         return [sweep.filter(Boolean).length, other.filter(Boolean).length]",
    );
    let done = result(&report);
    assert!(done[0].as_u64().is_some_and(|done| done > 0 && done < 60) && done[1] == 9, "{done}");
    let of_sweep = |entry: &Entry| match entry {
        Entry::Called { key, asked } if asked.phase.as_deref() == Some("Sweep") => Some(key.clone()),
        _ => None,
    };
    let entries = world.disk.entries();
    let sweep: Vec<_> = entries.iter().filter_map(of_sweep).collect();
    let spent = |entry: &Entry| match entry {
        Entry::Settled { key, outcome } if sweep.contains(key) => outcome.usage.usd_micros_max(),
        _ => 0,
    };
    assert!(entries.iter().map(spent).sum::<u64>() <= 500_000);
}

#[test]
fn an_agent_that_its_own_limit_ends_rejects_with_the_kind_budget() {
    let mut world = world(5, Accounts::Honest, 4, Cap::default());
    let report = world.run(
        "try { await agent('a', { spendLimit: { usd: 0.001 } }); return 'done' } catch (err) { return [err.kind, err.message] }",
    );
    let said = result(&report);
    assert_eq!(said[0], json!("budget"), "{said}");
    assert!(said[1].as_str().is_some_and(|why| why.contains("spendLimit")), "{said}");
    assert_eq!(world.backend.billed(), (0, 0));
}

/// Two billion tokens went into a loop that nobody judged. Here it meets its cap.
#[test]
fn a_loop_without_a_judge_ends_at_its_cap() {
    let endless = "
        let findings = [], round = 0
        while (true) {
          round++
          const found = await parallel(Array.from({ length: 16 }, (_, i) => () => agent(`round ${round}: look at part ${i}`)))
          if (found.every(one => one === null)) return { round, why: failures().at(-1).kind }
          findings.push(...found.filter(Boolean))
        }";
    let mut world = world(11, Accounts::Honest, 16, Cap::usd(25_000_000));
    world.limits.agents = 1_000_000;
    let report = world.run(endless);
    let (_, billed) = world.backend.billed();
    assert_eq!(result(&report)["why"], json!("budget"));
    assert!((20_000_000..=25_000_000).contains(&billed), "${billed}");
    let events = world.events.lock().expect("no panic");
    let warned = events.iter().filter(|event| format!("{event:?}").contains("BudgetWarned")).count();
    assert_eq!(warned, 3, "at 50, 80 and 95 percent");
}

/// Each request came to nothing, and the provider is down.
struct Down {
    holds: bool,
}

impl Backend for Down {
    fn resolve(&self, _: &AgentCall) -> Result<Resolved, String> {
        Ok(Resolved { model: "test/down".into(), backend: "test".into(), ..Resolved::default() })
    }

    fn run<'a>(&'a self, _: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>> {
        Box::pin(async move {
            let quote = Quote {
                turns: 0,
                input_tokens: 10_000,
                web_searches: 0,
                output_tokens: 16_000,
                price: Some(PRICE),
            };
            if let Err(failure) = cx.purse.reserve(quote).await {
                return Ok(Outcome::failed(failure.kind, failure.message));
            }
            cx.clock.sleep(1_000).await;
            if !self.holds {
                cx.purse.settle(Usage::default());
            }
            Err(Halt { kind: fanfold_core::HaltKind::Outage, message: "down".into(), hint: String::new() })
        })
    }
}

#[test]
fn an_outage_that_billed_nothing_takes_nothing_from_the_budget() {
    let mut world = World::new(Down { holds: false });
    world.limits = Limits { cap: Cap::usd(5_000_000), ..Limits::default() };
    let script = "return await parallel(Array.from({ length: 16 }, (_, i) => () => agent(`task ${i}`)))";
    let report = world.run(script);
    let left = report.budget.and_then(|budget| budget.usd_micros).expect("limited");
    assert_eq!(left.unused, 5_000_000, "{:?}", report.usage);
}

#[test]
fn a_halted_agent_gives_back_what_it_held() {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut world = World::new(Down { holds: true });
        world.limits = Limits { cap: Cap::usd(300_000), concurrency: 2, ..Limits::default() };
        let report = world.run("return await parallel([() => agent('a'), () => agent('b')])");
        let _ = done.send(report.status);
    });
    ended.recv_timeout(std::time::Duration::from_secs(10)).expect("the drain never ends");
}
