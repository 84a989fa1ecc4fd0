//! The files of approvals, in a made-up home.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{good_run, known_proposal, proposal};
use crate::approval::Proposal;
use crate::approval::hash::{Approved, How};
use crate::approval::history::{self, RunFacts, WhyNot};
use crate::approval::store::Store;
use crate::world::made_up::MadeUp;

fn record(store: &Store, it: &Proposal, facts: RunFacts) -> Option<String> {
    let change = |history: &mut history::History| history::record_run(history, facts);
    store.update(&it.workflow, &it.dir, change).expect("writable").expect("a home")
}

fn store(made: &MadeUp) -> Store {
    Store::open(&made.world).expect("good settings")
}

#[test]
fn what_is_remembered_is_there_for_the_next_process_and_for_nobody_else() {
    let made = MadeUp::new();
    let mut it = proposal();
    let approved = Approved::new(it.grounds(), "wf_261122-aaaaaaa", "ada", 5, How::Asked);
    let change = |history: &mut history::History| history::record_approval(history, &approved, &it.script);
    store(&made).update(&it.workflow, &it.dir, change).expect("writable");
    (0..3).for_each(|run| assert_eq!(record(&store(&made), &it, good_run(&it, run)), None));

    store(&made).complete(&mut it);
    assert_eq!(it.before.as_ref().map(|before| before.text.clone()), Some(it.script.clone()));
    assert_eq!(it.offer, known_proposal().offer);
    let folder = made.home.join(".local/state/fanfold/approvals");
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).expect("there").flatten() {
        assert_eq!(mode(&file.path()), 0o600, "{:?}", file.path());
    }
    let elsewhere = store(&made).history(&it.workflow, "/home/ada/clone".as_ref());
    assert_eq!((elsewhere.approved, elsewhere.runs.len()), (None, 0));
}

#[test]
fn a_changed_script_ends_the_rule_in_the_file_too() {
    let made = MadeUp::new();
    let it = known_proposal();
    let rule = it.offer.clone().expect("offered");
    let remember = |history: &mut history::History| history::remember(history, rule.clone());
    store(&made).update(&it.workflow, &it.dir, remember).expect("writable");
    assert_eq!(store(&made).covering(&it), Ok(rule.clone()));
    let mut changed = it.clone();
    changed.script.push_str("// more");
    assert!(matches!(store(&made).covering(&changed), Err(WhyNot::OtherScript { .. })));
    assert_eq!(store(&made).covering(&it), Err(WhyNot::NoRule), "it changed back");
}

#[test]
fn a_record_that_cannot_be_read_approves_nothing() {
    let made = MadeUp::new();
    let it = known_proposal();
    let rule = it.offer.clone().expect("offered");
    made.file("~/.config/fanfold/approvals.toml", &written(&it, "$4"));
    assert!(store(&made).covering(&it).is_ok());
    let remember = |history: &mut history::History| history::remember(history, rule.clone());
    store(&made).update(&it.workflow, &it.dir, remember).expect("writable");
    let folder = made.home.join(".local/state/fanfold/approvals");
    let files = fs::read_dir(&folder).expect("there").flatten().map(|file| file.path());
    let path =
        files.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).expect("written");
    let text = fs::read_to_string(&path).expect("text");
    for broken in ["", "{\"workflow\": 1", &text.replace("/home/ada", "/home/eve")] {
        fs::write(&path, broken).expect("writable");
        let why = store(&made).covering(&it).expect_err("unreadable");
        assert!(matches!(why, WhyNot::Withdrawn(_)), "{why}");
    }
}

#[test]
fn writers_at_once_lose_nothing() {
    let made = MadeUp::new();
    let it = proposal();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (store, it) = (store(&made), &it);
            scope.spawn(move || {
                (0..10).for_each(|run| drop(record(&store, it, good_run(it, writer * 10 + run))))
            });
        }
    });
    assert_eq!(store(&made).history(&it.workflow, &it.dir).runs.len(), 80);
}

#[test]
fn a_home_that_cannot_be_written_is_a_notice_and_none_is_no_rule() {
    let mut made = MadeUp::new();
    made.file("~/.local/state", "a file where a folder should be");
    let it = proposal();
    let failed = store(&made).update(&it.workflow, &it.dir, |_| ()).expect_err("no folder");
    assert!(failed.starts_with("approvals cannot be kept in `"), "{failed}");
    made.world.home = None;
    assert_eq!(store(&made).update(&it.workflow, &it.dir, |_| ()), Ok(None));
    assert_eq!(store(&made).covering(&it), Err(WhyNot::NoRule));
}

fn written(it: &Proposal, budget: &str) -> String {
    format!(
        "[[approve]]\nworkflow = \"review\"\ndir = \"{}\"\nscript = \"{}\"\nbudget = \"{budget}\"\n",
        it.dir.display(),
        it.grounds().script
    )
}

#[test]
fn rules_written_by_hand_are_read_from_the_persons_settings_only() {
    let made = MadeUp::new();
    let mut it = proposal();
    made.file(".fanfold/approvals.toml", &written(&it, "$4"));
    made.file(".config/fanfold/approvals.toml", &written(&it, "$4"));
    assert_eq!(store(&made).covering(&it), Err(WhyNot::NoRule), "a project's file");
    it.dir = made.home.join("work");
    let text = written(&it, "$4").replace(&it.dir.display().to_string(), "~/work");
    made.file("~/.config/fanfold/approvals.toml", &text);
    assert_eq!(store(&made).covering(&it).expect("a rule").dir, it.dir);
}

#[test]
fn a_rule_that_is_misspelt_is_an_error_with_its_place() {
    let made = MadeUp::new();
    for (wrong, expect) in [
        (written(&proposal(), "four"), "`four` is no budget"),
        (written(&proposal(), "$4").replace("budget", "bugdet"), "unknown field `bugdet`"),
        ("[[approve]]\nworkflow = \"review\"\n".into(), "missing field"),
    ] {
        made.file("~/.config/fanfold/approvals.toml", &wrong);
        let error = Store::open(&made.world).expect_err("misspelt").to_string();
        assert!(error.contains(expect) && error.contains("~/.config/fanfold/approvals.toml:"), "{error}");
        assert!(error.contains("[[approve]] takes workflow"), "{error}");
    }
}

#[test]
fn the_rule_of_the_docs_is_a_rule() {
    let made = MadeUp::new();
    let page = include_str!("../../../../../docs/approval.md");
    let rule = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    made.file("~/.config/fanfold/approvals.toml", rule);
    let mut it = proposal();
    it.dir = made.home.join("work/project");
    assert!(store(&made).covering(&it).is_ok(), "of another script: {}", it.grounds().script);
    it.script.push(' ');
    assert!(matches!(store(&made).covering(&it), Err(WhyNot::OtherScript { .. })));
}
