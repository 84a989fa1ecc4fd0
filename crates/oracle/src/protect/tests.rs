//! What is protected, and what is not.

use serde_json::json;

use super::{Guard, Protection};
use crate::spec::OracleSpec;

fn protection(oracle: serde_json::Value, start: &[&str], project: &str) -> Protection {
    let spec = OracleSpec::from_json(&oracle).expect("a good definition");
    Protection::new(&spec, &start.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>(), project)
}

#[track_caller]
fn check(protection: &Protection, blocked: &[&str], free: &[&str]) {
    for path in blocked {
        assert!(protection.covers(path), "{path} is free");
    }
    for path in free {
        assert!(!protection.covers(path), "{path} is blocked");
    }
}

#[test]
fn tests_that_exist_are_protected_and_new_ones_are_welcome() {
    let start = ["src/lib.rs", "tests/it.rs", "tests/data/a.json", "pkg/test_x.py", "web/a.test.ts"];
    let protection = protection(json!("cargo test"), &start, "");
    check(
        &protection,
        &[
            "tests/it.rs",
            "tests/data/a.json",
            "pkg/test_x.py",
            "web/a.test.ts",
            "tests",
            "tests/it.rs/deeper",
        ],
        &["src/lib.rs", "tests/new.rs", "pkg/test_new.py", "latest/x.rs", "contests.md"],
    );
}

#[test]
fn harness_configuration_is_blocked_whether_or_not_it_exists() {
    let protection = protection(json!("python3 -m pytest"), &["src/a.py"], "");
    check(
        &protection,
        &[
            "conftest.py",
            "deep/er/conftest.py",
            "sitecustomize.py",
            ".cargo/config.toml",
            "sub/.cargo/config",
            "unittest.py",
            "_pytest/__init__.py",
            "src/__pycache__/a.cpython-311.pyc",
            "target/debug/deps/x",
            "bin/python3",
            "python3",
            ".gitattributes",
            "node_modules/x/index.js",
        ],
        &["src/b.py", "src/conftest_reader.py", "docs/pytest.md", "src/python3.md", "src/target/mod.rs"],
    );
}

#[test]
fn explicit_globs_block_everything_that_they_match_and_can_let_a_path_go() {
    let protection = protection(
        json!({"command": "x", "protect": ["tests/**", "limits.json", "!tests/new/**", "!conftest.py"]}),
        &["tests/a.rs", "spec/b.rb", "limits.json"],
        "",
    );
    check(
        &protection,
        &["tests/a.rs", "tests/brand_new.rs", "tests", "limits.json"],
        &["tests/new/c.rs", "spec/b.rb", "conftest.py"],
    );
}

#[test]
fn what_defines_the_command_is_protected() {
    let start = ["Makefile", "ci/check.sh", "run.py", "src/main.c"];
    check(
        &protection(json!("make -s test"), &start, ""),
        &["Makefile", "GNUmakefile"],
        &["ci/check.sh", "run.py"],
    );
    check(&protection(json!("CI=1 ./ci/check.sh"), &start, ""), &["ci/check.sh"], &["Makefile"]);
    check(&protection(json!("cd x && python3 -B run.py --all"), &start, ""), &["run.py"], &["src/main.c"]);
    check(
        &protection(json!({"command": "sh ../check.sh", "cwd": "ci/deep"}), &start, ""),
        &["ci/check.sh"],
        &["check.sh"],
    );
}

#[test]
fn globs_are_relative_to_the_project_within_its_repository() {
    let protection = protection(
        json!({"command": "make", "protect": ["tests/**"]}),
        &["app/tests/a.py", "tests/b.py"],
        "app",
    );
    check(&protection, &["app/tests/a.py", "app/Makefile", "app/unittest.py"], &["tests/b.py", "Makefile"]);
}

#[test]
fn a_guarded_file_may_change_but_for_what_decides() {
    let package = Guard::PackageJson { with_scripts: true };
    let before = br#"{"scripts": {"test": "jest"}, "dependencies": {}}"#.as_slice();
    let broken = |after: &str| package.is_broken(Some(before), Some(after.as_bytes()));
    assert!(!broken(r#"{"scripts": {"test": "jest", "lint": "eslint"}, "dependencies": {"a": "1"}}"#));
    assert!(broken(r#"{"scripts": {"test": "true"}}"#));
    assert!(broken(r#"{"scripts": {"test": "jest", "pretest": "rm -r tests"}}"#));
    assert!(broken(r#"{"scripts": {"test": "jest"}, "jest": {"testMatch": []}}"#));
    assert!(broken("{"));
    assert!(package.is_broken(Some(before), None));

    let before = b"[package]\nname = 'a'\n".as_slice();
    let broken = |after: &str| Guard::CargoToml.is_broken(Some(before), Some(after.as_bytes()));
    assert!(!broken("[package]\nname = 'a'\n[dependencies]\nx = '1'\n[lib]\nname = 'b'\n"));
    assert!(broken("[package]\nname = 'a'\n[lib]\ntest = false\n"));
    assert!(broken("[package]\nname = 'a'\nautotests = false\n"));
    assert!(broken("[package]\nname = 'a'\n[[bin]]\nname = 'b'\ntest = false\n"));
    assert!(broken("[package]\nname = 'a'\n[[test]]\nname = 'it'\nharness = false\n"));
    assert!(broken("[package]\nname = 'a'\n[patch.crates-io]\nproptest = {path = 'x'}\n"));
}

#[test]
fn a_new_go_file_may_not_decide_which_of_the_existing_tests_run() {
    let protection = protection(json!("go test ./..."), &["a/a_test.go", "b/b.go"], "");
    let broken = |path: &str, text: &str| {
        protection.guard(path, true).is_some_and(|guard| guard.is_broken(None, Some(text.as_bytes())))
    };
    assert!(broken("a/main_test.go", "package a\nfunc TestMain(m *testing.M) {}\n"));
    assert!(!broken("a/more_test.go", "package a\nfunc TestMore(t *testing.T) {}\n"));
    assert!(!broken("b/main_test.go", "package b\nfunc TestMain(m *testing.M) {}\n"), "it has no tests yet");
}

#[test]
fn what_the_command_runs_in_turn_is_protected_as_well() {
    let files = [
        (
            "Makefile",
            ".PHONY: test\nall: build\n\tcc -c src/main.c\n\nbuild:\n\tpython3 src/main.py\n\n\
             test: lint\n\t@./ci/check.sh --all && python3 scripts/sum.py\n\nlint:\n\t-sh lint.sh\n\n\
             deploy:\n\t./ci/deploy.sh\n",
        ),
        ("ci/check.sh", "#!/bin/sh\nset -e\nfor f in a b; do\n  ./tools/each $f\ndone\nbash ./ci/check.sh\n"),
        ("tools/each", "#!/bin/sh\nexec node src/main.js\n"),
        ("package.json", "{\"scripts\": {\"pretest\": \"./scripts/up.sh\", \"test\": \"node src/main.js\"}}"),
        ("ci/deploy.sh", ""),
        ("lint.sh", ""),
        ("scripts/sum.py", ""),
        ("scripts/up.sh", ""),
        ("src/main.py", ""),
        ("src/main.js", ""),
        ("src/main.c", ""),
    ];
    let start: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let read =
        |path: &str| files.iter().find(|(known, _)| *known == path).map(|(_, text)| (*text).to_owned());
    let of = |command: &str| {
        let spec = OracleSpec::from_command(command).expect("a good definition");
        Protection::reading(&spec, &start, "", &read)
    };
    let sources = ["src/main.py", "src/main.js", "src/main.c", "ci/deploy.sh"];
    check(
        &of("make test"),
        &["Makefile", "ci/check.sh", "tools/each", "scripts/sum.py", "lint.sh"],
        &sources,
    );
    check(&of("./ci/check.sh"), &["ci/check.sh", "tools/each"], &["lint.sh", "src/main.js"]);
    check(&of("npm test"), &["scripts/up.sh"], &["src/main.js", "ci/check.sh"]);
    check(&of("npm run test && true"), &["scripts/up.sh"], &["ci/check.sh"]);
    check(&of("make"), &["Makefile"], &["ci/check.sh", "src/main.py"]);
}
