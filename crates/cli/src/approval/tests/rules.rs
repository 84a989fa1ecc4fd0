//! When a standing rule is offered, what it covers, what ends it; who is asked.

use super::{FOUR_DOLLARS, good_history, good_run, known_proposal, proposal};
use crate::approval::hash::{Approved, How};
use crate::approval::history::{self, Rule, RunFacts, WhyNot};
use crate::approval::{Gate, Proposal, declined, gate, person};
use crate::settings::budget::Budget;
use crate::world::made_up::MadeUp;

fn rule() -> Rule {
    known_proposal().offer.expect("offered")
}

fn covers(history: &history::History, written: &[Rule], it: &Proposal) -> Result<Rule, WhyNot> {
    history::covers(written, history, &it.grounds(), it.budget)
}

#[test]
fn a_rule_is_offered_after_three_good_runs_of_the_same_work_and_not_before() {
    let it = proposal();
    let offered = |runs| history::offer(&good_history(&it, runs), &it.grounds(), it.budget);
    assert_eq!([0, 1, 2].map(offered), [None, None, None]);
    let rule = offered(3).expect("three went well");
    assert_eq!(rule.budget, FOUR_DOLLARS);
    assert!(rule.to_string().starts_with("review in /home/ada/project, script "), "{rule}");
    assert!(rule.to_string().ends_with(", up to $4"), "{rule}");

    let mut other = proposal();
    other.args = "{}".into();
    let history = good_history(&it, 3);
    assert_eq!(history::offer(&history, &other.grounds(), other.budget), None, "other arguments");
    assert_eq!(history::offer(&history, &it.grounds(), Budget::default()), None, "no cap, no rule");
    let cheaper = Budget { usd_micros: Some(1), ..Budget::default() };
    assert!(history::offer(&history, &it.grounds(), cheaper).is_some(), "another cap is the same work");
}

#[test]
fn three_good_runs_are_three_runs_without_a_bad_one_between() {
    let it = proposal();
    let offered = |history: &history::History| history::offer(history, &it.grounds(), it.budget).is_some();
    let mut history = good_history(&it, 2);
    history::record_run(&mut history, good_run(&it, 1));
    assert!(!offered(&history), "the same run told twice");
    history::record_run(&mut history, RunFacts { passed: false, ..good_run(&it, 2) });
    history::record_run(&mut history, good_run(&it, 3));
    assert!(!offered(&history), "one failed");
    history::record_run(&mut history, good_run(&it, 4));
    history::record_run(&mut history, good_run(&it, 5));
    assert!(offered(&history));
}

#[test]
fn a_rule_covers_its_script_its_work_and_its_budget_in_its_folder() {
    let it = proposal();
    let mut history = good_history(&it, 3);
    history::remember(&mut history, rule());
    assert_eq!(covers(&history, &[], &it), Ok(rule()));
    assert_eq!(history::offer(&history, &it.grounds(), it.budget), None, "there is one");

    let changed = |change: fn(&mut Proposal)| {
        let mut changed = proposal();
        change(&mut changed);
        covers(&history, &[], &changed).expect_err("changed")
    };
    assert!(matches!(changed(|it| it.script.push(' ')), WhyNot::OtherScript { .. }));
    assert_eq!(changed(|it| it.args = "{}".into()), WhyNot::OtherWork);
    assert_eq!(changed(|it| it.models[0].name = "x/y".into()), WhyNot::OtherWork);
    assert_eq!(changed(|it| it.tools.push("allow Bash".into())), WhyNot::OtherWork);
    assert_eq!(changed(|it| it.oracle = None), WhyNot::OtherWork);
    assert_eq!(changed(|it| it.dir = "/home/ada/clone".into()), WhyNot::NoRule);
    assert_eq!(changed(|it| it.workflow = "other".into()), WhyNot::NoRule);
    let dearer = changed(|it| it.budget.usd_micros = Some(4_000_001));
    assert_eq!(dearer.to_string(), "the run may use $4.000001, the rule allows $4");
    assert!(
        matches!(changed(|it| it.budget = Budget::default()), WhyNot::OverBudget { .. }),
        "no cap at all"
    );
}

#[test]
fn a_rule_written_by_hand_may_leave_the_arguments_open_but_not_the_budget() {
    let written = Rule { work: None, ..rule() };
    let mut it = proposal();
    it.args = "{}".into();
    let none = good_history(&it, 0);
    assert_eq!(covers(&none, std::slice::from_ref(&written), &it), Ok(written.clone()));
    let boundless = Rule { budget: Budget::default(), ..written.clone() };
    assert!(matches!(covers(&none, &[boundless], &it), Err(WhyNot::OverBudget { .. })));
    let both = Rule { budget: Budget { output_tokens: Some(1_000), ..FOUR_DOLLARS }, ..written };
    assert!(matches!(covers(&none, &[both], &it), Err(WhyNot::OverBudget { .. })), "tokens are not capped");
}

#[test]
fn an_overrun_and_a_tamper_report_withdraw_every_rule_until_three_good_runs() {
    let it = proposal();
    for bad in [
        RunFacts { inside_estimate: false, ..good_run(&it, 9) },
        RunFacts { tampered: true, ..good_run(&it, 9) },
        RunFacts { inside_estimate: false, work: "another work of it".into(), ..good_run(&it, 9) },
    ] {
        let mut history = good_history(&it, 3);
        history::remember(&mut history, rule());
        let written = [rule()];
        let why = history::record_run(&mut history, bad).expect("withdrawn");
        assert!(why.contains("wf_261122-0000009"), "{why}");
        assert_eq!(history.rule, None);
        assert_eq!(covers(&history, &[], &it), Err(WhyNot::NoRule));
        assert_eq!(covers(&history, &written, &it), Err(WhyNot::Withdrawn(why)));
    }
    let mut history = good_history(&it, 3);
    history::record_run(&mut history, RunFacts { tampered: true, ..good_run(&it, 3) });
    for run in 4..6 {
        history::record_run(&mut history, good_run(&it, run));
        assert!(covers(&history, &[rule()], &it).is_err());
        assert_eq!(history::offer(&history, &it.grounds(), it.budget), None);
    }
    history::record_run(&mut history, good_run(&it, 6));
    assert_eq!(covers(&history, &[rule()], &it), Ok(rule()));
    assert_eq!(covers(&history, &[], &it), Err(WhyNot::NoRule), "the accepted one is gone for good");
    assert_eq!(history::offer(&history, &it.grounds(), it.budget), Some(rule()));
}

#[test]
fn a_changed_script_ends_an_accepted_rule_even_if_it_changes_back() {
    let it = proposal();
    let mut history = good_history(&it, 3);
    history::remember(&mut history, rule());
    assert!(!history::see_script(&mut history, &it.grounds().script));
    assert!(covers(&history, &[], &it).is_ok());
    assert!(history::see_script(&mut history, "another"));
    assert_eq!(covers(&history, &[], &it), Err(WhyNot::NoRule));
}

#[test]
fn an_approval_that_was_not_given_here_does_not_count() {
    let it = proposal();
    let mut history = good_history(&it, 0);
    let approved = Approved::new(it.grounds(), "wf_261122-aaaaaaa", "ada", 1, How::Asked);
    assert!(!history::was_given(&history, &approved), "only written into a journal");
    history::record_approval(&mut history, &approved, &it.script);
    assert!(history::was_given(&history, &approved));
    assert_eq!(history.approved.as_ref().map(|version| &version.text), Some(&it.script));
    let replayed = Approved { run_id: "wf_261122-bbbbbbb".into(), ..approved.clone() };
    assert!(!history::was_given(&history, &replayed));
    for run in 0..200 {
        let other = Approved { run_id: format!("wf_261122-{run:07}"), ..approved.clone() };
        history::record_approval(&mut history, &other, &it.script);
    }
    assert_eq!(history.approvals.len(), 100);
    assert!(!history::was_given(&history, &approved), "the oldest are asked about again");
}

#[test]
fn without_a_terminal_nothing_runs_but_by_yes_or_a_rule() {
    let made = MadeUp::new();
    let Gate::Refused(error) = gate(&proposal(), Err(WhyNot::NoRule), false, &made.world) else {
        panic!("not refused")
    };
    assert_eq!((error.message.as_str(), error.exit().code()), ("nobody is here to approve this run", 4));
    assert!(error.hint.expect("what to type").starts_with("--yes approves it"));
    let Gate::Refused(error) = gate(&proposal(), Err(WhyNot::OtherWork), false, &made.world) else {
        panic!("not refused")
    };
    assert!(error.message.contains("its standing rule does not: the arguments"), "{error}");
    assert!(matches!(gate(&proposal(), Err(WhyNot::NoRule), true, &made.world), Gate::Approved(How::Yes)));
    let Gate::Approved(How::Rule(named)) = gate(&proposal(), Ok(rule()), false, &made.world) else {
        panic!("a rule")
    };
    assert_eq!(named, rule().to_string());
    let made = MadeUp::new().on_a_terminal();
    assert!(matches!(gate(&proposal(), Err(WhyNot::NoRule), false, &made.world), Gate::Ask));
    assert!(matches!(gate(&proposal(), Err(WhyNot::NoRule), true, &made.world), Gate::Approved(How::Yes)));
    let boundless = Proposal { budget: Budget::default(), ..proposal() };
    let Gate::Refused(error) = gate(&boundless, Err(WhyNot::NoRule), true, &made.world) else {
        panic!("--yes to any price")
    };
    assert_eq!(error.exit().code(), 2);
    assert!(error.hint.expect("what to type").contains("--budget '$4'"));
    assert_eq!(declined().exit().code(), 4);
    assert_eq!(person(&MadeUp::new().var("USER", "ada").world), "ada");
    assert!(person(&made.world).starts_with("uid "));
}
