//! Tests of `logs`.

use fanfold_core::{EventBody, LogLevel, RunStatus, RunView, Verdict};

use super::PLAIN;
use super::synthetic::{key, under_way};
use crate::screen::logs::{RunLog, WhichAgent, find_agent};

#[test]
fn the_log_of_a_run_has_times_and_failures() {
    let mut stream = under_way();
    stream.push(EventBody::Log { level: LogLevel::Debug, message: "two\nlines".into() });
    stream.push(EventBody::BudgetWarned {
        scope: "run".into(),
        percent: 80,
        spent: 8,
        total: 10,
        unit: "output_tokens".into(),
    });
    stream.ended(RunStatus::Failed, Verdict::Unverified, Some("it threw"));
    let mut log = RunLog::default();
    let lines: Vec<_> = stream.events.iter().flat_map(|event| log.lines(event)).collect();
    let expect = "
attempt 1  2026-01-02 03:04:05 UTC  sim/typical
attempt 1  2026-01-02 03:04:05 UTC  sim/typical
   0.0s  phase   Find
    12s  failed  find bugs in part 3  timeout: no final reply within 600s
    12s  log     found 6 candidates
    12s  phase   Verify
 1m 04s  console two
 1m 04s  console lines
 1m 04s  budget  80% of the budget of the run is used: 8 of 10 output tokens
 1m 04s  ended   failed: it threw
";
    assert_eq!(PLAIN.render(&lines), expect.trim_start_matches('\n'));
}

#[test]
fn an_agent_is_found_by_its_id_the_start_of_it_or_its_label() {
    let mut view = RunView::default();
    let mut stream = under_way();
    stream.start(20, "twice", None).start(21, "twice", None);
    stream.events.iter().for_each(|event| view.apply(event));
    let whole = key(4);
    let find = |asked: &str| find_agent(&view, asked).map(|agent| agent.key.clone());
    assert_eq!(find(whole.as_str()), Ok(whole.clone()));
    assert_eq!(find(&whole.as_str()[..8]), Ok(whole.clone()));
    assert_eq!(find("verify candidate 4"), Ok(whole));
    let none = find("verify candidate 44").expect_err("there is none");
    assert_eq!(
        none.to_string(),
        "no agent `verify candidate 44` in this run; did you mean `verify candidate 4`?"
    );
    assert!(matches!(find("twice"), Err(WhichAgent::Several { ids, .. }) if ids.len() == 2));
}
