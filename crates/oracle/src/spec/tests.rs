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
    check_refused(json!({"command": "x", "coverage": "/tmp/lcov.info"}), "`coverage` must be a path within");
    check_refused(json!({"command": "x", "coverage": "a/{b"}), "`coverage` must be a file");
    check_refused(
        json!({"command": "x", "coverage": "lcov.info", "hidden": true}),
        "`coverage` must be left out where agents may not see the check",
    );
    check_refused(json!({"command": "x", "hidden": true, "honeypot": true}), "`visibility` must be one of");
}

#[test]
fn a_server_is_asked_once_it_is_started_by_the_check() {
    let spec = read(json!({
        "http": {"url": "http://localhost:8080/items?n=1", "method": "POST", "body": {"a": [1]}, "status": 201},
        "start": "./serve", "readyMs": 1000, "timeoutMs": 5000,
    }));
    let check = &spec.checks[0];
    let http = check.http.as_ref().expect("it asks");
    assert_eq!(
        (check.name.as_str(), check.command.as_str()),
        ("POST http://localhost:8080/items?n=1", "./serve")
    );
    assert_eq!((http.body.as_deref(), http.status, http.ready_ms), (Some(r#"{"a":[1]}"#), Some(201), 1000));
    assert_eq!(http.headers, [("content-type".to_owned(), "application/json".to_owned())]);
    assert_eq!(
        spec.describe(),
        "POST http://localhost:8080/items?n=1 with status 201 of `./serve`, 5 s at most \
         · protects existing tests and test configuration"
    );
    let laxer = read(json!({
        "http": {"url": "http://localhost:8080/items?n=1", "method": "POST", "body": {"a": [1]}},
        "start": "./serve", "readyMs": 1000, "timeoutMs": 5000,
    }));
    assert_ne!(spec.digest(), laxer.digest());
}

#[test]
fn a_server_elsewhere_is_never_asked() {
    for url in [
        "http://127.0.0.1:8080/",
        "http://127.9.9.9/",
        "http://localhost:1/a?b#c",
        "http://[::1]:80/x",
        "HTTP://LOCALHOST/",
    ] {
        read(json!({"http": {"url": url}, "start": "x"}));
    }
    for url in [
        "https://127.0.0.1/",
        "http://example.com/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "//localhost/",
        "http://localhost@example.com/",
        "http://example.com@localhost/",
        "http://[::2]/",
        "http://0.0.0.0/",
        "file:///etc",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "localhost:8080",
    ] {
        check_refused(json!({"http": {"url": url}, "start": "x"}), "`http.url` must be a URL");
    }
}

#[test]
fn a_bad_question_names_the_key_and_what_is_expected() {
    let http = json!({"url": "http://localhost:8080/"});
    let with = |key: &str, value: serde_json::Value| {
        let mut http = http.clone();
        http[key] = value;
        json!({"http": http, "start": "x"})
    };
    check_refused(json!({"http": http}), "`start` must be the command that serves");
    check_refused(json!({"http": "http://localhost/", "start": "x"}), "`http` must be {url, method");
    check_refused(json!({"http": {}, "start": "x"}), "`http.url` must be a URL");
    check_refused(json!({"http": http, "start": "x", "command": "y"}), "`start` is the command that serves");
    check_refused(json!({"http": http, "start": "x", "parse": "json"}), "`parse` must be left out");
    check_refused(json!({"http": http, "start": "x", "readyMs": 0}), "`readyMs` must be milliseconds");
    check_refused(json!({"http": http, "start": "x", "cwd": "/"}), "`cwd` must be a path within");
    check_refused(
        json!({"checks": [with("verb", json!("GET"))]}),
        "`checks[0].http.verb` must be one of `url`",
    );
    check_refused(with("method", json!("get")), "`http.method` must be one of GET");
    check_refused(with("status", json!("200")), "`http.status` must be a status from 200 to 599");
    check_refused(with("status", json!(101)), "`http.status` must be a status from 200 to 599");
    check_refused(
        with("headers", json!({"a b": "c"})),
        "`http.headers.a b` must be an object of header names",
    );
    check_refused(with("headers", json!({"a": "b\r\nc: d"})), "`http.headers.a` must be an object");
    check_refused(with("body", json!(7)), "`http.body` must be a text, an object or a list");
    check_refused(
        with("schema", json!({"type": "objekt"})),
        "`http.schema` must be a JSON Schema (invalid schema",
    );
    check_refused(json!({"url": "http://localhost"}), "`url` must be one of");
}

#[test]
fn patches_are_judged_together_only_where_the_definition_says_so() {
    let of = |json: serde_json::Value| OracleSpec::from_json(&json);
    let plain = of(json!("make test")).expect("good");
    assert_eq!(plain.together, 1);
    let said = of(json!({"command": "make test", "together": 1})).expect("good");
    assert_eq!(said.digest(), plain.digest());
    let many = of(json!({"checks": ["make test"], "together": 8})).expect("good");
    assert_eq!(many.together, 8);
    assert_ne!(many.digest(), plain.digest());
    assert!(many.describe().contains("up to 8 patches together"), "{}", many.describe());
    let http = json!({"http": {"url": "http://127.0.0.1:1/"}, "start": "serve", "together": 2});
    assert_eq!(of(http).expect("good").together, 2);
    for bad in [json!(0), json!(65), json!("all"), json!(1.5)] {
        let error = of(json!({"command": "make test", "together": bad})).expect_err("bad");
        assert_eq!(error.key, "together");
    }
    let error = of(json!({"checks": [{"command": "a", "together": 2}]})).expect_err("bad");
    assert_eq!(error.key, "checks[0].together");
}
