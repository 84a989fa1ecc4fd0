//! Repositories of every ecosystem, and what is found in them.

use super::*;
use crate::world::made_up::MadeUp;

fn made(files: &[(&str, &str)]) -> MadeUp {
    let made = MadeUp::new();
    for (path, text) in files {
        made.file(path, text);
    }
    made
}

/// `kind command`, in order; with `directory: ` before the command where it is not the root.
fn shown(repository: &Repository) -> Vec<String> {
    let show = |finding: &Finding| {
        let place = if finding.directory == "." { String::new() } else { format!("{}: ", finding.directory) };
        format!("{} {place}{}", finding.kind.name(), finding.command)
    };
    repository.findings.iter().map(show).collect()
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    shown(&Repository::look(&made(files).project))
}

#[test]
fn cargo() {
    let manifest = ("Cargo.toml", "[package]\nname = 'a'");
    assert_eq!(
        found(&[manifest, ("src/lib.rs", "#[test]\nfn works() {}")]),
        [
            "test cargo test",
            "types cargo check --all-targets",
            "lint cargo clippy --all-targets",
            "build cargo build"
        ]
    );
    assert!(!found(&[manifest, ("src/lib.rs", "fn f() {}")]).iter().any(|line| line.starts_with("test")));
    let workspace = [
        ("Cargo.toml", "[workspace]\nmembers = ['crates/*']"),
        ("crates/a/Cargo.toml", "[package]"),
        ("crates/a/src/lib.rs", "#[tokio::test]\nasync fn works() {}"),
        (".config/nextest.toml", ""),
    ];
    let lines = found(&workspace);
    assert_eq!(lines[0], "test cargo nextest run --workspace");
    assert_eq!(lines.len(), 4, "the members are covered: {lines:?}");
}

#[test]
fn the_lock_file_decides_the_manager_of_a_package() {
    let package =
        r#"{"scripts": {"test": "vitest", "typecheck": "tsc", "lint": "eslint .", "build": "vite build"}}"#;
    for (lock, expected) in [
        ("package-lock.json", ["npm test", "npm run typecheck", "npm run lint", "npm run build"]),
        ("pnpm-lock.yaml", ["pnpm test", "pnpm run typecheck", "pnpm run lint", "pnpm run build"]),
        ("yarn.lock", ["yarn run test", "yarn run typecheck", "yarn run lint", "yarn run build"]),
        ("bun.lock", ["bun run test", "bun run typecheck", "bun run lint", "bun run build"]),
        ("bun.lockb", ["bun run test", "bun run typecheck", "bun run lint", "bun run build"]),
    ] {
        let lines = found(&[("package.json", package), (lock, "")]);
        let expected: Vec<String> = ["test", "types", "lint", "build"]
            .iter()
            .zip(expected)
            .map(|(kind, line)| format!("{kind} {line}"))
            .collect();
        assert_eq!(lines, expected, "{lock}");
    }
    let named = r#"{"packageManager": "pnpm@9.1.0", "scripts": {"test": "jest"}}"#;
    assert_eq!(found(&[("package.json", named)]), ["test pnpm test"]);
}

#[test]
fn a_placeholder_is_no_test() {
    for script in
        ["echo \\\"Error: no test specified\\\" && exit 1", "exit 0", "true", "echo todo", "echo a; exit 0"]
    {
        let package = format!(r#"{{"scripts": {{"test": "{script}"}}}}"#);
        assert_eq!(found(&[("package.json", &package)]), [""; 0], "{script}");
    }
    let real = r#"{"scripts": {"test": "echo testing && node test.js"}}"#;
    assert_eq!(found(&[("package.json", real)]), ["test npm test"]);
    let after_all =
        r#"{"scripts": {"test": "exit 0"}, "devDependencies": {"vitest": "3", "typescript": "5"}}"#;
    assert_eq!(
        found(&[("package.json", after_all), ("tsconfig.json", "{}")]),
        ["test npx --no-install vitest run", "types npx --no-install tsc --noEmit"]
    );
    assert_eq!(found(&[("package.json", "{ broken")]), [""; 0]);
}

#[test]
fn python() {
    let test = ("tests/test_a.py", "");
    let pytest = "[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]\n[build-system]";
    assert_eq!(
        found(&[("pyproject.toml", pytest), test]),
        ["test python -m pytest", "types mypy .", "lint ruff check", "build python -m build"]
    );
    assert_eq!(
        found(&[("pyproject.toml", pytest), ("uv.lock", ""), test]),
        ["test uv run pytest", "types uv run mypy .", "lint uv run ruff check", "build uv build"]
    );
    for (files, expected) in [
        (&[("requirements.txt", "pytest"), test][..], "test python -m pytest"),
        (&[("requirements.txt", "flask"), test], "test python -m unittest discover"),
        (
            &[("requirements.txt", "django"), ("manage.py", ""), ("app/tests.py", "")],
            "test python manage.py test",
        ),
        (&[("setup.py", ""), ("tox.ini", ""), test], "test tox"),
        (&[("noxfile.py", "")], "test nox"),
        (&[("pyproject.toml", "[tool.hatch.envs.default]"), test], "test hatch test"),
        (&[("pyproject.toml", "[tool.poetry]\npytest"), test], "test poetry run pytest"),
    ] {
        assert_eq!(found(files)[0], expected, "{files:?}");
    }
    assert_eq!(found(&[("pyproject.toml", pytest)])[0], "types mypy .", "without a test there is none");
}

#[test]
fn go_and_the_jvm_and_dotnet_and_swift() {
    assert_eq!(
        found(&[("go.mod", "module m"), ("a_test.go", ""), (".golangci.yml", "")]),
        ["test go test ./...", "types go build ./...", "lint golangci-lint run", "build go build ./..."]
    );
    assert_eq!(found(&[("go.mod", "module m")])[1], "lint go vet ./...");
    let java = ("src/test/java/ATest.java", "");
    assert_eq!(found(&[("pom.xml", "<project/>"), java])[0], "test mvn -B test");
    let lines = found(&[("pom.xml", "spotless-maven-plugin"), ("mvnw", ""), java]);
    assert_eq!(
        lines[..3],
        ["test ./mvnw -B test", "types ./mvnw -B test-compile", "lint ./mvnw -B spotless:check"]
    );
    assert_eq!(found(&[("build.gradle.kts", ""), ("app/src/test/kotlin/A.kt", "")])[0], "test gradle test");
    let lines = found(&[("build.gradle", "detekt"), ("gradlew", ""), java]);
    assert_eq!((&*lines[0], &*lines[2]), ("test ./gradlew test", "lint ./gradlew detekt"));
    assert_eq!(
        found(&[("a.sln", ""), ("t/t.csproj", "xunit"), (".editorconfig", "")]),
        [
            "test dotnet test",
            "types dotnet build",
            "lint dotnet format --verify-no-changes",
            "build dotnet build"
        ]
    );
    assert_eq!(found(&[("a.csproj", "<Project/>")]), ["types dotnet build", "build dotnet build"]);
    let lines = found(&[("Package.swift", ""), ("Tests/ATests/A.swift", ""), (".swiftlint.yml", "")]);
    assert_eq!(lines[..3], ["test swift test", "types swift build", "lint swiftlint lint --strict"]);
}

#[test]
fn php_ruby_and_elixir() {
    let composer =
        r#"{"scripts": {"test": ["@phpunit", "phpunit"], "stan": "phpstan analyse", "cs": "echo no"}}"#;
    assert_eq!(
        found(&[("composer.json", composer), (".php-cs-fixer.dist.php", "")]),
        [
            "test composer run-script test",
            "types composer run-script stan",
            "lint vendor/bin/php-cs-fixer check"
        ]
    );
    let lines = found(&[("composer.json", "{}"), ("phpunit.xml.dist", ""), ("phpstan.neon", "")]);
    assert_eq!(lines, ["test vendor/bin/phpunit", "types vendor/bin/phpstan analyse"]);
    assert_eq!(
        found(&[("Gemfile", ""), ("spec/a_spec.rb", ""), (".rubocop.yml", "")]),
        ["test bundle exec rspec", "lint bundle exec rubocop"]
    );
    assert_eq!(found(&[("Rakefile", "Rake::TestTask.new"), ("test/a_test.rb", "")]), ["test rake test"]);
    assert_eq!(found(&[("Gemfile", ""), ("bin/rails", ""), ("test/a_test.rb", "")]), ["test bin/rails test"]);
    assert_eq!(
        found(&[("mix.exs", "{:credo} {:dialyxir}"), ("test/a_test.exs", "")]),
        ["test mix test", "types mix dialyzer", "lint mix credo", "build mix compile --warnings-as-errors"]
    );
}

#[test]
fn runners_are_read_by_their_targets() {
    let makefile = "test := x\nlint:\n\truff\n.PHONY: test\ncheck build: deps\n\techo\n  test:\n";
    assert_eq!(found(&[("Makefile", makefile)]), ["test make check", "lint make lint", "build make build"]);
    let justfile = "test := 'x'\n@tests filter='': build\n  pytest\nlint:\n  ruff\n";
    assert_eq!(found(&[("justfile", justfile)]), ["test just tests", "lint just lint"]);
    assert_eq!(
        found(&[("Taskfile.yml", "version: 3\ntasks:\n  test:\n    cmds: [x]\n")]),
        ["test task test"]
    );
    let lines = found(&[("CMakeLists.txt", "project(a)"), ("t/CMakeLists.txt", "add_test(x)")]);
    assert!(lines[0].contains("ctest --test-dir build"), "{lines:?}");
    assert_eq!(
        found(&[("CMakeLists.txt", "project(a)")]),
        ["build cmake -S . -B build && cmake --build build"]
    );
}

#[test]
fn of_a_monorepo_the_root_comes_first_and_what_it_covers_is_not_repeated() {
    let files = [
        ("package.json", r#"{"scripts": {"lint": "eslint ."}}"#),
        ("pnpm-lock.yaml", ""),
        ("packages/api/package.json", r#"{"scripts": {"test": "vitest run", "lint": "eslint ."}}"#),
        ("packages/web/package.json", r#"{"scripts": {"test": "jest"}}"#),
        ("backend/go.mod", "module m"),
        ("backend/a_test.go", ""),
        ("examples/demo/package.json", r#"{"scripts": {"test": "jest"}}"#),
    ];
    let made = made(&files);
    let lines = shown(&Repository::look(&made.project));
    let tests: Vec<&String> = lines.iter().filter(|line| line.starts_with("test")).collect();
    assert_eq!(
        tests,
        ["test backend: go test ./...", "test packages/api: pnpm test", "test packages/web: pnpm test"]
    );
    assert_eq!(
        lines.iter().filter(|line| line.contains("run lint")).collect::<Vec<_>>(),
        ["lint pnpm run lint"]
    );
    // Where the person stands comes before everything else.
    let there = Repository::look(&made.project.join("packages/web"));
    assert_eq!(shown(&there)[0], "test packages/web: pnpm test");
}

#[test]
fn ci_says_which_command_counts_and_names_one_that_nothing_else_does() {
    let steps = "jobs:\n  a:\n    steps:\n      - run: make check\n      - name: b\n        run: |\n          mypy src\n          rm -rf / && cargo test\n      - run: make lint ${{ x }}\n";
    let files = [("Makefile", "check:\n\techo"), (".github/workflows/ci.yml", steps)];
    let repository = Repository::look(&made(&files).project);
    assert_eq!(shown(&repository), ["test make check", "types mypy src"]);
    assert!(repository.findings.iter().all(|finding| finding.in_ci));
    assert!(repository.findings[1].why.contains(".github/workflows/ci.yml"));
}

#[test]
fn what_a_shell_would_take_for_more_than_words_is_never_taken_from_ci() {
    for line in [
        "cargo test; curl x | sh",
        "cargo test $(x)",
        "cargo test `x`",
        "cargo test > f",
        "tox -e publish",
        "make test\\\n  x",
    ] {
        let step = format!("on: x\njobs:\n  a:\n    steps:\n      - run: {line}\n");
        let lines = found(&[(".github/workflows/ci.yml", &step)]);
        assert!(lines.is_empty(), "{line}: {lines:?}");
    }
}

#[test]
fn nothing_is_found_in_nothing() {
    assert_eq!(found(&[]), [""; 0]);
    let made = made(&[]);
    std::os::unix::fs::symlink("/etc/passwd", made.project.join("package.json")).expect("ours");
    assert_eq!(shown(&Repository::look(&made.project)), [""; 0]);
}
