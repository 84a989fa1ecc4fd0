//! Python, PHP, Ruby, Elixir.

use super::node::is_void;
use super::survey::Folder;
use super::{Found, Kind};

pub fn python(folder: &Folder<'_>, found: &mut Found<'_>) {
    let files = ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini", "noxfile.py"];
    let Some(base) = folder.first(&[&files[..], &["pytest.ini", "Pipfile", "manage.py"]].concat()) else {
        return;
    };
    let project = folder.read("pyproject.toml").unwrap_or_default();
    let (runner, runner_why) = python_runner(folder, &project);
    let run = |words: &str| format!("{runner}{words}");
    let why = |what: &str| match runner_why {
        "" => what.to_owned(),
        lock => format!("{what}, {lock}"),
    };

    if folder.has("tox.ini") || project.contains("[tool.tox") {
        let place = if folder.has("tox.ini") { "tox.ini" } else { "pyproject.toml [tool.tox]" };
        found.add(Kind::Test, "tox", place);
    }
    if folder.has("noxfile.py") {
        found.add(Kind::Test, "nox", "noxfile.py");
    }
    if project.contains("[tool.hatch.envs") {
        found.add(Kind::Test, "hatch test", "pyproject.toml [tool.hatch.envs]");
    }
    let is_test = |name: &str| {
        name.ends_with(".py")
            && (name.starts_with("test_") || name.ends_with("_test.py") || name == "tests.py")
    };
    let test = folder.find(is_test);
    if let Some(test) = test {
        let mentions = ["pyproject.toml", "setup.cfg", "requirements.txt", "requirements-dev.txt", "Pipfile"];
        let pytest = folder
            .first(&["pytest.ini", "conftest.py", "tests/conftest.py"])
            .or_else(|| mentions.into_iter().find(|name| folder.says(name, &["pytest"])));
        match pytest {
            Some(place) if runner.is_empty() => {
                found.add(Kind::Test, "python -m pytest", format!("{place}, {test}"));
            }
            Some(place) => found.add(Kind::Test, run("pytest"), why(&format!("{place}, {test}"))),
            None if folder.has("manage.py") => {
                found.add(Kind::Test, run("python manage.py test"), format!("manage.py, {test}"));
            }
            None => found.add(Kind::Test, run("python -m unittest discover"), format!("{base}, {test}")),
        }
    }
    for (files, table, kind, words) in [
        (&["mypy.ini", ".mypy.ini"][..], "[tool.mypy", Kind::Types, "mypy ."),
        (&["pyrightconfig.json"], "[tool.pyright", Kind::Types, "pyright"),
        (&["ruff.toml", ".ruff.toml"], "[tool.ruff", Kind::Lint, "ruff check"),
        (&[".flake8"], "[tool.flake8", Kind::Lint, "flake8"),
        (&[".pylintrc"], "[tool.pylint", Kind::Lint, "pylint --recursive=y ."),
    ] {
        if let Some(file) = folder.first(files) {
            found.add(kind, run(words), why(file));
        } else if project.contains(table) {
            found.add(kind, run(words), why(&format!("pyproject.toml {table}]")));
        }
    }
    if project.contains("[build-system]") {
        let build = match runner {
            "uv run " => "uv build",
            "poetry run " => "poetry build",
            "pdm run " => "pdm build",
            "hatch run " => "hatch build",
            _ => "python -m build",
        };
        found.add(Kind::Build, build, "pyproject.toml [build-system]");
    }
}

/// What makes the project's own packages importable, and the file that says so.
fn python_runner(folder: &Folder<'_>, project: &str) -> (&'static str, &'static str) {
    for (lock, table, runner) in [
        ("uv.lock", "[tool.uv", "uv run "),
        ("poetry.lock", "[tool.poetry", "poetry run "),
        ("pdm.lock", "[tool.pdm", "pdm run "),
        ("Pipfile", "[tool.pipenv", "pipenv run "),
    ] {
        if folder.has(lock) {
            return (runner, lock);
        }
        if project.contains(table) {
            return (runner, "pyproject.toml");
        }
    }
    match project.contains("[tool.hatch.envs") {
        true => ("hatch run ", "pyproject.toml"),
        false => ("", ""),
    }
}

pub fn php(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(text) = folder.read("composer.json") else { return };
    let composer: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let is_real = |name: &str| match &composer["scripts"][name] {
        serde_json::Value::String(line) => !is_void(line),
        serde_json::Value::Array(lines) => {
            lines.iter().any(|line| line.as_str().is_some_and(|line| !is_void(line)))
        }
        _ => false,
    };
    for (kind, names) in [
        (Kind::Test, &["test", "tests", "phpunit", "test:unit"][..]),
        (Kind::Types, &["phpstan", "stan", "analyse", "analyze", "psalm", "static-analysis"]),
        (Kind::Lint, &["lint", "cs", "phpcs", "cs:check", "check-style"]),
    ] {
        if let Some(name) = names.iter().find(|name| is_real(name)) {
            found.add(kind, format!("composer run-script {name}"), format!("composer.json scripts.{name}"));
        }
    }
    let depends = |name: &str| composer["require-dev"].get(name).is_some();
    if depends("pestphp/pest") {
        found.add(Kind::Test, "vendor/bin/pest", "composer.json require-dev pestphp/pest");
    }
    if let Some(config) = folder.first(&["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"]) {
        found.add(Kind::Test, "vendor/bin/phpunit", config);
    }
    if let Some(config) = folder.first(&["phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"]) {
        found.add(Kind::Types, "vendor/bin/phpstan analyse", config);
    }
    if let Some(config) = folder.first(&["psalm.xml", "psalm.xml.dist"]) {
        found.add(Kind::Types, "vendor/bin/psalm", config);
    }
    if let Some(config) = folder.first(&[".php-cs-fixer.php", ".php-cs-fixer.dist.php"]) {
        found.add(Kind::Lint, "vendor/bin/php-cs-fixer check", config);
    }
    if let Some(config) = folder.first(&["phpcs.xml", "phpcs.xml.dist"]) {
        found.add(Kind::Lint, "vendor/bin/phpcs", config);
    }
}

pub fn ruby(folder: &Folder<'_>, found: &mut Found<'_>) {
    let has_bundle = folder.has("Gemfile");
    if !has_bundle && !folder.has("Rakefile") && !folder.has(".rspec") {
        return;
    }
    let run = |words: &str| if has_bundle { format!("bundle exec {words}") } else { words.to_owned() };
    if let Some(spec) = folder.find(|name| name.ends_with("_spec.rb")) {
        let place = folder.first(&[".rspec", "Gemfile", "Rakefile"]).unwrap_or(".");
        found.add(Kind::Test, run("rspec"), format!("{place}, {spec}"));
    }
    let is_test =
        |name: &str| name.ends_with("_test.rb") || name.starts_with("test_") && name.ends_with(".rb");
    if let Some(test) = folder.find(is_test) {
        if folder.has("bin/rails") {
            found.add(Kind::Test, "bin/rails test", format!("bin/rails, {test}"));
        }
        let words = ["TestTask", "task :test", "task test:", "task \"test\"", "task 'test'"];
        if folder.says("Rakefile", &words) {
            found.add(Kind::Test, run("rake test"), format!("Rakefile, {test}"));
        }
    }
    if folder.has("sorbet/config") {
        found.add(Kind::Types, run("srb tc"), "sorbet/config");
    }
    if folder.has("Steepfile") {
        found.add(Kind::Types, run("steep check"), "Steepfile");
    }
    if let Some(config) = folder.first(&[".rubocop.yml", ".standard.yml"]) {
        let program = if config == ".rubocop.yml" { "rubocop" } else { "standardrb" };
        found.add(Kind::Lint, run(program), config);
    }
}

pub fn elixir(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(project) = folder.read("mix.exs") else { return };
    if let Some(test) = folder.find(|name| name.ends_with("_test.exs")) {
        found.add(Kind::Test, "mix test", format!("mix.exs, {test}"));
    }
    if project.contains(":dialyxir") {
        found.add(Kind::Types, "mix dialyzer", "mix.exs :dialyxir");
    }
    if project.contains(":credo") || folder.has(".credo.exs") {
        found.add(Kind::Lint, "mix credo", "mix.exs :credo");
    }
    if folder.has(".formatter.exs") {
        found.add(Kind::Lint, "mix format --check-formatted", ".formatter.exs");
    }
    found.add(Kind::Build, "mix compile --warnings-as-errors", "mix.exs");
}
