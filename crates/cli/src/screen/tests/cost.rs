//! Tests of `cost`.

use super::PLAIN;
use crate::cost::{Amount, By, CacheSavings, CostReport, LeftOut, Lost, PerResult, Row, Spent, Vain};
use crate::screen::cost;

fn row(workflow: &str, phase: &str, runs: u64, used: Amount, in_vain: Amount) -> Row {
    let spent = Spent { agents: 12 * runs, finished: 11 * runs, failed: runs, unfinished: 0, used, in_vain };
    Row { workflow: Some(workflow.into()), name: Some(phase.into()), runs, spent }
}

fn report() -> CostReport {
    let find = Amount {
        input_tokens: 400_000,
        cache_read_tokens: 600_000,
        output_tokens: 50_000,
        usd_micros: 4_210_000,
        unconfirmed: 2,
        unconfirmed_usd_micros: 120_000,
        ..Amount::default()
    };
    let check =
        Amount { input_tokens: 9_000, output_tokens: 900, unpriced_tokens: 9_900, ..Amount::default() };
    let lost = Amount { output_tokens: 5_000, usd_micros: 20_000, ..Amount::default() };
    let groups =
        vec![row("review-diff", "Find", 3, find, lost), row("nightly", "Check", 1, check, Amount::default())];
    let mut total = Row { workflow: None, name: None, runs: 4, spent: groups[0].spent };
    total.spent += groups[1].spent;
    CostReport {
        since: None,
        by: By::Phase,
        simulated: false,
        in_vain: Vain::of(&total.spent),
        groups,
        total,
        per_passed_run: Some(PerResult {
            runs: 3,
            results: 2,
            tokens: Some(525_000),
            usd_micros: Some(2_105_000),
            is_wholly_priced: true,
        }),
        per_agent_result: Some(PerResult {
            runs: 1,
            results: 11,
            tokens: Some(900),
            usd_micros: None,
            is_wholly_priced: false,
        }),
        cache: Some(CacheSavings {
            read_tokens: 600_000,
            written_tokens: 0,
            saved_usd_micros: Some(1_620_000),
            unknown_models: Vec::new(),
        }),
        unpriced_models: vec!["paid/m-2".into()],
        left_out: LeftOut {
            other_kind: 1,
            vanished: 2,
            damaged: vec![Lost { run_id: "wf_abcdef".into(), what: "its journal is empty".into() }],
        },
    }
}

fn shown(report: &CostReport, columns: usize) -> String {
    PLAIN.render(&cost::lines(report, columns))
}

#[test]
fn a_report_fits_a_terminal_of_80_columns_and_tells_all_on_a_wider_one() {
    let narrow = shown(&report(), 80);
    let expect = "
workflow     phase  agents  input  output   dollars  besides  in vain
review-diff  Find       36   1.0M   50.0k     $4.21    $0.12      <1%
nightly      Check      12   9.0k     900  no price

tokens    1.0M in (600.0k read from caches, 0 written to them), 50.9k out
cost      $4.21, and 9.9k tokens that have no price
besides   up to $0.12 unconfirmed: nobody reported the usage of 2 requests
          no price of paid/m-2: name it under [prices] in your settings
result    $2.10, 525.0k tokens per run that passed (2 of 3 runs with an oracle)
          no price, 900 tokens per result of an agent (11 in 1 run, no oracle)
in vain   $0.02 (<1%), 5.0k tokens (<1%): failed or unfinished agents, failed runs
cache     saved $1.62, at the prices of now
left out  1 simulated run (--simulated), 2 runs whose folder is gone
missing   wf_abcdef: its journal is empty
";
    assert_eq!(narrow, expect.trim_start_matches('\n'));
    let wide = shown(&report(), 120);
    assert!(wide.starts_with("workflow     phase  runs  agents  input  cached  output "), "{wide}");
    assert!(wide.contains("review-diff  Find      3      36   1.0M     60%"), "{wide}");
}

#[test]
fn a_simulation_is_never_shown_as_spending() {
    let simulated = CostReport { simulated: true, ..report() };
    let text = shown(&simulated, 80);
    assert!(text.starts_with("SIMULATED: nothing of this was spent"), "{text}");
    assert!(!text.contains("[prices]") && text.contains("1 run on a real model"), "{text}");
}

#[test]
fn what_went_badly_is_said_in_words() {
    let mut report = report();
    let none = PerResult { runs: 3, results: 0, tokens: None, usd_micros: None, is_wholly_priced: true };
    report.per_passed_run = Some(none);
    report.cache = report.cache.map(|cache| CacheSavings { saved_usd_micros: Some(-80_000), ..cache });
    let text = shown(&report, 80);
    for part in ["none: 0 of 3 runs with an oracle passed", "cost $0.08 more than it saved"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}
