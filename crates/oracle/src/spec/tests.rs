//! Definitions: what is accepted, what is refused and how.

use fanfold_core::oracle::Visibility;
use serde_json::json;

use super::{Direction, Format, OracleSpec};

fn read(json: serde_json::Value) -> OracleSpec {
    OracleSpec::from_json(&json).expect("a good definition")
}

#[track_caller]
fn check_refused(json: serde_json::Value, message: &str) {
    let error = OracleSpec::from_json(&json).expect_err("a bad definition").to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn a_string_is_one_public_check_whose_report_is_found_by_looking() {
    let spec = OracleSpec::from_command("cargo test").expect("a command");
    assert_eq!(spec.checks.len(), 1);
    assert_eq!((spec.checks[0].name.as_str(), spec.checks[0].format), ("cargo test", Format::Auto));
    assert_eq!(spec.protect, None);
    assert_eq!(
        spec.describe(),
        "`cargo test`, 10 min at most · protects existing tests and test configuration"
    );
}

#[test]
fn several_checks_keep_their_kinds_and_their_secrets() {
    let spec = read(json!({
        "checks": [
            "cargo test",
            {"command": "./eval.sh", "score": {"direction": "lower", "threshold": 200}, "timeoutMs": 5000},
            {"name": "secret", "command": "./hidden.sh", "hidden": true, "protect": ["data/**"]},
            {"command": "./impossible.sh", "visibility": "honeypot"},
        ],
        "protect": ["tests/**", "!tests/new/**"],
    }));
    let seen: Vec<_> = spec.checks.iter().map(|check| check.visibility).collect();
    assert_eq!(seen, [Visibility::Public, Visibility::Public, Visibility::Hidden, Visibility::Honeypot]);
    assert_eq!(spec.checks[1].format, Format::Score);
    assert_eq!(spec.checks[1].score.as_ref().map(|score| score.direction), Some(Direction::Lower));
    assert_eq!(spec.protect, Some(vec!["tests/**".into(), "!tests/new/**".into(), "data/**".into()]));
    assert!(spec.describe().contains("`./eval.sh`, score at most 200, 5 s at most"), "{}", spec.describe());
}

#[test]
fn what_decides_is_in_the_digest() {
    let plain = read(json!({"command": "x", "score": {"direction": "higher", "threshold": 1}}));
    let same = read(json!({"score": {"threshold": 1, "direction": "higher"}, "command": "x"}));
    let laxer = read(json!({"command": "x", "score": {"direction": "higher", "threshold": 0.5}}));
    let longer =
        read(json!({"command": "x", "score": {"direction": "higher", "threshold": 1}, "timeoutMs": 1}));
    assert_eq!(plain.digest(), same.digest());
    assert_ne!(plain.digest(), laxer.digest());
    assert_ne!(plain.digest(), longer.digest());
}

#[test]
fn a_bad_definition_names_the_key_and_what_is_expected() {
    check_refused(json!(7), "`oracle` must be a command, {command, …}");
    check_refused(json!(""), "`oracle` must be a command");
    check_refused(json!({}), "`command` must be a command, as one line of sh, not nothing");
    check_refused(json!({"command": "x", "protects": []}), "did you mean `protect`?");
    check_refused(json!({"command": "x", "protect": "tests"}), "`protect` must be a list of globs");
    check_refused(json!({"command": "x", "protect": ["/etc/**"]}), "`protect` must be a list of globs");
    check_refused(json!({"command": "x", "protect": ["a/{b"]}), "`protect` must be a list of globs");
    check_refused(json!({"command": "x", "parse": "xml"}), "`parse` must be one of `auto`, `exit`, `json`");
    check_refused(json!({"command": "x", "parse": "score"}), "`score` must be {direction");
    check_refused(json!({"command": "x", "cwd": "../elsewhere"}), "`cwd` must be a path within the project");
    check_refused(json!({"http": {"url": "http://localhost"}}), "http checks are not in this version");
    check_refused(json!({"checks": [{"url": "http://localhost"}]}), "`checks[0].url` must be left out: http");
    check_refused(json!({"checks": []}), "`checks` must be 1 to 32 checks");
    check_refused(
        json!({"checks": ["a", {"command": "b", "timeoutMs": "5s"}]}),
        "`checks[1].timeoutMs` must be milliseconds from 1 to 86400000, not \"5s\"",
    );
    check_refused(json!({"checks": ["a", "a"]}), "`checks[1].name` must be unique, not `a` twice");
    check_refused(
        json!({"command": "x", "score": {"direction": "up"}}),
        "`score.direction` must be `higher` or `lower`: which is better, not \"up\"",
    );
    check_refused(
        json!({"command": "x", "score": {"direction": "higher", "pattern": "([0-9]+)"}}),
        "with a group `score`",
    );
    check_refused(json!({"command": "x", "hidden": true, "honeypot": true}), "`visibility` must be one of");
}
