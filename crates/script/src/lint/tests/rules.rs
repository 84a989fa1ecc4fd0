//! The table of rules, by its own examples.

use std::collections::HashSet;

use super::*;

#[test]
fn each_rule_fires_on_its_wrong_example_and_on_no_right_one() {
    for rule in RULES {
        let source = script(rule.wrong);
        let runs = dry_runs::of_example(rule, rule.wrong);
        let wrong = lint_here(&source, "w.js", &runs);
        assert!(wrong.iter().any(|it| it.code == rule.code), "{} is silent on {}", rule.code, rule.wrong);
        let others: Vec<_> =
            wrong.iter().filter(|it| it.code != rule.code).map(|it| line_of(it, &source)).collect();
        assert!(others.is_empty(), "{}: {others:#?}", rule.code);

        let source = script(rule.right);
        let runs = dry_runs::of_example(rule, rule.right);
        let right: Vec<_> = lint_here(&source, "w.js", &runs).iter().map(|it| line_of(it, &source)).collect();
        assert!(right.is_empty(), "{}: {right:#?}", rule.code);
    }
}

#[test]
fn codes_and_names_are_one_each_and_texts_are_one_line() {
    let codes: HashSet<_> = RULES.iter().map(|rule| rule.code).collect();
    let names: HashSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!((codes.len(), names.len()), (RULES.len(), RULES.len()));
    for rule in RULES {
        for text in [rule.name, rule.reason, rule.fix] {
            assert!(
                !text.is_empty() && !text.contains('\n') && !text.ends_with('.'),
                "{}: {text}",
                rule.code
            );
        }
    }
    assert_eq!(rule("ff012").map(|rule| rule.name), Some("equal-labels"));
    assert_eq!(rule("FF999"), None);
}
