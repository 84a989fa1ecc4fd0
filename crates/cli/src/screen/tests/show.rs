//! Tests of `show` and `ps`.

use fanfold_core::{CallKey, RunStatus, RunView, Verdict};
use serde_json::value::RawValue;

use super::PLAIN;
use super::synthetic::{HOSTILE, under_way};
use crate::cost::{Amount, Budgeted, OfCap, Part, RunCost, Spent};
use crate::screen::ps::RunState;
use crate::screen::show::{Beside, Shown, short_ids};

fn view() -> RunView {
    let mut stream = under_way();
    for nth in 4..8 {
        stream.done(nth);
    }
    stream.log(HOSTILE).ended(RunStatus::Degraded, Verdict::Unverified, None);
    let mut view = RunView::default();
    stream.events.iter().for_each(|event| view.apply(event));
    view
}

fn cost() -> RunCost {
    let used = Amount {
        input_tokens: 6_000,
        cache_read_tokens: 18_000,
        output_tokens: 1_200,
        usd_micros: 1_320_000,
        unconfirmed: 1,
        unconfirmed_usd_micros: 90_000,
        ..Amount::default()
    };
    let unpriced =
        Amount { input_tokens: 8_000, output_tokens: 400, unpriced_tokens: 8_400, ..Amount::default() };
    let in_vain = Amount { output_tokens: 300, usd_micros: 330_000, ..Amount::default() };
    let find = Spent { agents: 4, finished: 3, failed: 1, unfinished: 0, used, in_vain };
    let verify = Spent { agents: 4, finished: 4, used: unpriced, ..Spent::default() };
    let part = |name: &str, spent| Part { name: Some(name.into()), spent };
    let mut total = find;
    total += verify;
    RunCost {
        total,
        phases: vec![part("Find", find), part("Verify", verify)],
        models: vec![part("test/m-1", find), part("test/m-2", verify)],
        budget: Some(Budgeted {
            usd_micros: Some(OfCap { total: 4_000_000, spent: 1_410_000, unused: 2_590_000 }),
            output_tokens: Some(OfCap { total: 10_000, spent: 1_600, unused: 8_400 }),
            is_estimate: false,
        }),
        lost_lines: 0,
    }
}

#[test]
fn one_run_is_shown_whole() {
    let view = view();
    let result = RawValue::from_string(r#"{"findings":[1,2]}"#.into()).expect("JSON");
    let state = RunState::Closed(RunStatus::Degraded);
    let cost = cost();
    let beside = Beside { state, result: Some(&result), cost: Some(&cost), unreadable_lines: 1 };
    let shown = Shown::new(&view, beside);
    let expect = r#"
review-diff  wf_abc123
status    degraded
verdict   unverified
model     sim/typical
time      1m 04s, from 2026-01-02 03:04:05 UTC, at most 4 at once
tokens    32.0k in, 1.6k out of 10.0k allowed, 16 tool calls

phase   agents  finished  failed  unfinished
Find         4         3       1           0
Verify       4         4       0           0
Report       0         0       0           0

by phase  agents  failed  input  cached  output    dollars  besides  in vain
Find           4       1  24.0k     75%    1.2k      $1.32    $0.09      25%
Verify         4           8.0k             400   no price
by model
test/m-1       4       1  24.0k     75%    1.2k      $1.32    $0.09      25%
test/m-2       4           8.0k             400   no price
all            8       1  32.0k     56%    1.6k  $1.32 + ?    $0.09      25%
besides   up to $0.09 unconfirmed: nobody reported the usage of 1 request
budget    $1.41 of $4.00, $2.59 unused; 1.6k of 10.0k output tokens, 8.4k unused

   id      agent                phase   state     turns  tools  tokens  time
✓  9e3779  find bugs in part 0  Find    done          3      2    4.2k   12s
✓  3c6ef3  find bugs in part 1  Find    done          3      2    4.2k   12s
✓  daa66d  find bugs in part 2  Find    done          3      2    4.2k   12s
✗  78dde6  find bugs in part 3  Find    failed        3      2    4.2k   12s
✓  171560  verify candidate 4   Verify  done          3      2    4.2k   12s
✓  b54cda  verify candidate 5   Verify  done          3      2    4.2k   12s
✓  538454  verify candidate 6   Verify  done          3      2    4.2k   12s
✓  f1bbcd  verify candidate 7   Verify  done          3      2    4.2k   12s

✗ find bugs in part 3 (Find)  timeout
  no final reply within 600s

found 6 candidates
\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m a\u{202e}b\u{200b}c\u{feff}
\u{8}\u{7f}日本語👩💻⚠ 

result
{
  "findings": [
    1,
    2
  ]
}

run       /repo/.fanfold/runs/wf_abc123
resume: fanfold resume wf_abc123
1 line of its events could not be read
"#;
    assert_eq!(PLAIN.render(&shown.lines(100)), expect.trim_start_matches('\n'));
}

#[test]
fn programs_get_the_same_as_json() {
    let view = view();
    let cost = cost();
    let beside = Beside { state: RunState::Held, result: None, cost: Some(&cost), unreadable_lines: 0 };
    let shown = Shown::new(&view, beside);
    let json = serde_json::to_value(&shown).expect("plain data");
    assert_eq!(json["status"], "running");
    assert_eq!(json["agents"][3]["failure"]["kind"], "timeout");
    assert_eq!(json["agents"][3]["phase"], "Find");
    assert_eq!(json["phases"][0]["finished"], 3);
    assert_eq!(json["cost"]["models"][0]["used"]["usd_micros"], 1_320_000);
    assert_eq!(json["cost"]["models"][1]["used"]["usd_micros"], serde_json::Value::Null, "not nothing");
    assert_eq!(json["cost"]["budget"]["usd_micros"]["unused"], 2_590_000);
    assert_eq!(json["resume"], serde_json::Value::Null, "it runs");
}

#[test]
fn ids_are_as_short_as_they_can_be() {
    let keys = ["aaaaaaaaaaaaaaaa.0", "aaaaaaaaaaaaaaaa.1", "aaaaaaab00000000.0", "bbbbbbbbbbbbbbbb.0"]
        .map(CallKey::from);
    let keys: Vec<&CallKey> = keys.iter().collect();
    assert_eq!(short_ids(&keys), ["aaaaaaaaaaaaaaaa.0", "aaaaaaaaaaaaaaaa.1", "aaaaaaab", "bbbbbb"]);
}
