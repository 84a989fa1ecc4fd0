//! What the ledger lets through: never more than a cap, whatever is asked in whatever order.

use super::*;
use crate::price::Rates;

const RATES: Rates =
    Rates { input: 3_000_000, output: 15_000_000, cache_read: 300_000, cache_write: 3_750_000 };
const PRICE: Price = Price { rates: RATES, ..Price::FREE };

fn ledger(cap: Cap) -> Ledger {
    Ledger::new(Limits { cap, ..Limits::default() }, &BTreeMap::new())
}

fn key(n: u32) -> CallKey {
    serde_json::from_value(format!("{n:016x}.1").into()).expect("a key")
}

fn opened(cap: Cap, calls: u32) -> Ledger {
    let mut ledger = ledger(cap);
    (0..calls).for_each(|n| ledger.open(&key(n), None, None, Usage::default()));
    ledger
}

fn quote(output_tokens: u64) -> Quote {
    Quote { turns: 0, input_tokens: 1_000, web_searches: 0, output_tokens, price: Some(PRICE) }
}

fn output(output_tokens: u64) -> Usage {
    Usage { output_tokens, ..Usage::default() }
}

fn granted(answer: Answer) -> u64 {
    match answer {
        Answer::Granted { output_tokens } => output_tokens,
        other => panic!("not granted: {other:?}"),
    }
}

fn refused(answer: Answer) -> String {
    match answer {
        Answer::Refused(failure) => {
            assert_eq!(failure.kind, FailureKind::Budget);
            failure.message
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_cap_counts_agents_and_names_the_flag_that_raises_it() {
    let mut ledger = Ledger::new(Limits { agents: 1, ..Limits::default() }, &BTreeMap::new());
    assert_eq!(ledger.count_agent(), Ok(()));
    let refused = ledger.count_agent().expect_err("past the cap");
    assert_eq!(refused.kind, FailureKind::Cap);
    assert!(refused.message.contains("--max-agents"), "{refused}");
}

#[test]
fn a_request_is_granted_whole_shortened_made_to_wait_or_refused() {
    let mut ledger = opened(Cap::tokens(10_000), 4);
    assert_eq!(granted(ledger.reserve(&key(0), &quote(4_000))), 4_000);
    assert_eq!(granted(ledger.reserve(&key(1), &quote(8_000))), 6_000, "shortened to what is left");
    assert_eq!(ledger.reserve(&key(2), &quote(500)), Answer::Wait, "the others may give back");
    ledger.settle(&key(0), output(100));
    assert_eq!(granted(ledger.reserve(&key(2), &quote(500))), 500);
    ledger.settle(&key(1), output(6_000));
    ledger.settle(&key(2), output(500));
    assert_eq!(granted(ledger.reserve(&key(3), &quote(9_000))), 3_400, "nobody is left to wait for");
    ledger.settle(&key(3), output(3_300));
    let message = refused(ledger.reserve(&key(3), &quote(9_000)));
    assert!(
        message.contains("9900 of 10000 output tokens spent") && message.contains("--budget +10000"),
        "{message}"
    );
}

#[test]
fn dollars_are_held_for_the_worst_case_of_input_and_output() {
    let mut ledger = opened(Cap::usd(100_000), 2);
    // 1,000 tokens of input at the cache-write rate are 3,750; 5,000 of output are 75,000.
    assert_eq!(granted(ledger.reserve(&key(0), &quote(5_000))), 5_000);
    assert_eq!(ledger.held(&key(0)).usd_micros_max(), 78_750);
    assert_eq!(ledger.reserve(&key(1), &quote(5_000)), Answer::Wait);
    ledger.settle(&key(0), Usage { usd_micros: 20_000, ..output(900) });
    assert_eq!(granted(ledger.reserve(&key(1), &quote(5_000))), 5_000);
}

#[test]
fn a_price_that_nobody_knows_is_refused_and_never_taken_for_nothing() {
    let mut ledger = opened(Cap::usd(100), 1);
    let message = refused(ledger.reserve(&key(0), &Quote { price: None, ..quote(10) }));
    assert!(message.contains("[prices]"), "{message}");
    let mut ledger = opened(Cap::tokens(100), 1);
    assert_eq!(granted(ledger.reserve(&key(0), &Quote { price: None, ..quote(10) })), 10);
}

#[test]
fn what_nobody_reported_counts_as_fully_spent() {
    let mut ledger = opened(Cap::tokens(1_000), 1);
    ledger.reserve(&key(0), &quote(600));
    ledger.forfeit(&key(0), Usage { input_tokens: 7, ..output(1) });
    let used = ledger.used(&key(0));
    assert_eq!((used.input_tokens, used.output_tokens, used.unconfirmed), (7, 1, 1));
    assert_eq!(used.output_tokens_max(), 600);
    // A request that was never settled is taken for spent by the next, and by the end.
    assert_eq!(granted(ledger.reserve(&key(0), &quote(300))), 300);
    let (used, _) = ledger.close(&key(0), Usage::default());
    assert_eq!((used.output_tokens_max(), used.unconfirmed), (900, 2));
}

#[test]
fn a_provider_that_bills_more_than_a_request_can_cost_stops_the_run() {
    let mut ledger = opened(Cap::tokens(100_000), 2);
    ledger.reserve(&key(0), &quote(100));
    ledger.settle(&key(0), output(101));
    let message = refused(ledger.reserve(&key(1), &quote(100)));
    assert!(message.contains("101 output tokens"), "{message}");
    assert!(ledger.admit(None).is_err());
}

#[test]
fn a_phase_and_an_agent_have_limits_of_their_own() {
    let phases = BTreeMap::from([("Sweep".to_owned(), Cap::tokens(1_000))]);
    let limits = Limits { cap: Cap::tokens(5_000), each_agent: Cap::tokens(700), ..Limits::default() };
    let mut ledger = Ledger::new(limits, &phases);
    for n in 0..3 {
        ledger.open(&key(n), (n < 2).then_some("Sweep"), None, Usage::default());
    }
    assert_eq!(granted(ledger.reserve(&key(0), &quote(9_000))), 700, "the agent's own");
    ledger.settle(&key(0), output(700));
    assert!(refused(ledger.reserve(&key(0), &quote(9_000))).contains("agent"));
    assert_eq!(granted(ledger.reserve(&key(1), &quote(9_000))), 300, "what is left of the phase");
    ledger.settle(&key(1), output(300));
    let message = refused(ledger.reserve(&key(1), &quote(9_000)));
    assert!(message.contains("phase `Sweep`") && message.contains("meta.phases"), "{message}");
    assert!(ledger.admit(Some("Sweep")).is_err());
    assert_eq!(ledger.admit(Some("Other")), Ok(()));
    assert_eq!(granted(ledger.reserve(&key(2), &quote(600))), 600);
}

#[test]
fn a_person_is_told_at_half_at_four_fifths_and_near_the_end_once() {
    let mut ledger = opened(Cap::tokens(1_000), 1);
    let mut told = Vec::new();
    for _ in 0..10 {
        ledger.reserve(&key(0), &quote(100));
        told.extend(
            ledger.settle(&key(0), output(100)).into_iter().map(|warning| (warning.percent, warning.spent)),
        );
    }
    assert_eq!(told, [(50, 500), (80, 800), (95, 1_000)]);
    let mut resumed = opened(Cap::tokens(1_000), 1);
    resumed.restore(output(850), std::iter::empty());
    resumed.reserve(&key(0), &quote(50));
    assert_eq!(resumed.settle(&key(0), output(50)), [], "80 percent were told in the attempt before");
}

#[test]
fn a_backend_that_never_asks_is_charged_what_it_reports() {
    let mut ledger = opened(Cap::tokens(100), 2);
    assert_eq!(ledger.close(&key(0), output(100)).0, output(100));
    assert!(ledger.admit(None).is_err());
}

#[test]
fn a_later_account_of_an_earlier_attempt_takes_the_place_of_the_worst_case() {
    let mut ledger = ledger(Cap::tokens(1_000));
    ledger.restore(output(900), std::iter::empty());
    ledger.open(&key(0), None, None, output(900));
    assert_eq!(granted(ledger.reserve(&key(0), &quote(100))), 100);
    ledger.settle(&key(0), Usage::default());
    ledger.correct(&key(0), output(200));
    assert_eq!(granted(ledger.reserve(&key(0), &quote(5_000))), 800);
}

#[test]
fn dollars_are_shown_as_people_write_them() {
    for (micros, shown) in
        [(0, "$0"), (4_000_000, "$4"), (50_000, "$0.05"), (1_250_000, "$1.25"), (27, "$0.000027")]
    {
        assert_eq!(dollars(micros), shown);
    }
}

/// Spends at random against caps at random, with providers that report late, wrongly less, or not at all.
#[test]
fn no_cap_is_ever_passed_whatever_is_asked_in_whatever_order() {
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..2_000 {
        let cap = Cap { output_tokens: Some(random(50_000)), usd_micros: Some(random(2_000_000)) };
        let calls = 1 + u32::try_from(random(40)).expect("small");
        let mut ledger = opened(cap, calls);
        let (mut billed_tokens, mut billed_micros) = (0, 0);
        for _ in 0..400 {
            let key = key(u32::try_from(random(u64::from(calls))).expect("small"));
            let wanted = Quote { input_tokens: random(20_000), ..quote(1 + random(16_000)) };
            let Answer::Granted { output_tokens } = ledger.reserve(&key, &wanted) else { continue };
            let used =
                Usage { input_tokens: random(wanted.input_tokens + 1), ..output(random(output_tokens + 1)) };
            let used = Usage { usd_micros: PRICE.cost(&used), ..used };
            billed_tokens += used.output_tokens;
            billed_micros += used.usd_micros;
            match random(4) {
                0 => _ = ledger.forfeit(&key, Usage::default()),
                // Never settled: the next request or nobody does it.
                1 => (),
                _ => _ = ledger.settle(&key, used),
            }
        }
        assert!(Some(billed_tokens) <= cap.output_tokens, "{billed_tokens} of {cap:?}");
        assert!(Some(billed_micros) <= cap.usd_micros, "{billed_micros} of {cap:?}");
    }
}

#[test]
fn the_hint_raises_the_cap_that_was_reached() {
    let mut ledger = opened(Cap { output_tokens: Some(1_000), usd_micros: Some(50_000_000) }, 1);
    ledger.reserve(&key(0), &quote(1_000));
    ledger.settle(&key(0), output(1_000));
    let message = refused(ledger.reserve(&key(0), &quote(1_000)));
    assert!(message.contains("--budget +1000"), "{message}");
}

#[test]
fn what_a_crash_lost_is_lost_once() {
    use crate::{Asked, Entry, Journal};
    let mut journal = Journal::default();
    let settings = || -> crate::RunSettings {
        serde_json::from_value(serde_json::json!({
            "journalVersion": 1, "keyVersion": 1, "product": "", "runId": "", "workflow": "", "attempt": 1,
            "script": "", "args": "", "model": "", "seed": 0, "simulated": false,
            "limits": {"concurrency": 1, "agents": 1, "items": 1}, "cache": "content", "atMs": 0
        }))
        .expect("settings")
    };
    let called = || Entry::Called { key: key(0), asked: Asked::default() };
    let worst = Usage { unconfirmed: 1, unconfirmed_usd_micros: 900, ..Usage::default() };
    journal.apply(&Entry::Opened(Box::new(settings()))).expect("it may follow");
    journal.apply(&called()).expect("it may follow");
    journal
        .apply(&Entry::Reserved { key: key(0), turns: 0, spent: Usage::default(), worst })
        .expect("it may follow");
    assert_eq!(journal.lost(), worst);
    // The second attempt dies before it reserves anything.
    journal.apply(&Entry::Opened(Box::new(settings()))).expect("it may follow");
    journal.apply(&called()).expect("it may follow");
    assert_eq!(journal.lost(), worst, "no more than that was lost");
}

#[test]
fn a_call_that_is_asked_again_in_another_phase_counts_there() {
    use crate::{Asked, Entry, Journal, Outcome};
    let mut journal = Journal::default();
    let settings: crate::RunSettings = serde_json::from_value(serde_json::json!({
        "journalVersion": 1, "keyVersion": 1, "product": "", "runId": "", "workflow": "", "attempt": 1,
        "script": "", "args": "", "model": "", "seed": 0, "simulated": false,
        "limits": {"concurrency": 1, "agents": 1, "items": 1}, "cache": "content", "atMs": 0
    }))
    .expect("settings");
    let called = |phase: Option<&str>| Entry::Called {
        key: key(0),
        asked: Asked { phase: phase.map(Into::into), ..Asked::default() },
    };
    journal.apply(&Entry::Opened(Box::new(settings.clone()))).expect("it may follow");
    journal.apply(&called(None)).expect("it may follow");
    journal
        .apply(&Entry::Settled { key: key(0), outcome: Outcome::failed(FailureKind::Budget, "no") })
        .expect("it may follow");
    journal.apply(&Entry::Opened(Box::new(settings))).expect("it may follow");
    journal.apply(&called(Some("Sweep"))).expect("it may follow");
    journal
        .apply(&Entry::Settled { key: key(0), outcome: Outcome::done("x").with_usage(output(70)) })
        .expect("it may follow");
    assert_eq!(journal.phase_usage().collect::<Vec<_>>(), [("Sweep", output(70))]);
}
