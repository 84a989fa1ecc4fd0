//! Runners of any language: Make, just, Task, CMake with CTest.

use super::survey::Folder;
use super::{Found, Kind};

/// Names that targets of a kind go by, the most usual first.
const TARGETS: [(Kind, &[&str]); 4] = [
    (Kind::Test, &["test", "check", "tests", "unittest", "unit-test", "test-unit", "ci"]),
    (Kind::Types, &["typecheck", "type-check", "types", "mypy", "tsc"]),
    (Kind::Lint, &["lint", "clippy", "ruff", "eslint", "vet"]),
    (Kind::Build, &["build", "compile", "all"]),
];

pub fn make(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(file) = folder.first(&["GNUmakefile", "makefile", "Makefile"]) else { return };
    let text = folder.read(file).unwrap_or_default();
    add(found, "make", file, |name| text.lines().any(|line| makes(line, name)));
}

pub fn just(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(file) = folder.first(&["justfile", "Justfile", ".justfile"]) else { return };
    let text = folder.read(file).unwrap_or_default();
    add(found, "just", file, |name| text.lines().any(|line| is_recipe(line, name)));
}

pub fn task(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(file) = folder.first(&["Taskfile.yml", "Taskfile.yaml", "taskfile.yml"]) else { return };
    let text = folder.read(file).unwrap_or_default();
    let tasks = text.split_once("\ntasks:").map_or("", |(_, tasks)| tasks);
    add(found, "task", file, |name| tasks.lines().any(|line| line.trim_end() == format!("  {name}:")));
}

pub fn cmake(folder: &Folder<'_>, found: &mut Found<'_>) {
    if !folder.has("CMakeLists.txt") {
        return;
    }
    const BUILD: &str = "cmake -S . -B build && cmake --build build";
    let mut lists = folder.files().filter(|path| path.ends_with("CMakeLists.txt"));
    let words = ["enable_testing(", "include(CTest)", "add_test("];
    if let Some(list) = lists.find(|path| folder.says(path, &words)) {
        let command = format!("{BUILD} && ctest --test-dir build --output-on-failure");
        found.add(Kind::Test, command, format!("{list}, which adds tests"));
    }
    found.add(Kind::Build, BUILD, "CMakeLists.txt");
}

fn add(found: &mut Found<'_>, program: &str, file: &str, has: impl Fn(&str) -> bool) {
    for (kind, names) in TARGETS {
        if let Some(name) = names.iter().find(|name| has(name)) {
            found.add(kind, format!("{program} {name}"), format!("{file}, target {name}"));
        }
    }
}

/// `test other: needs`, but not `test := value`.
fn makes(line: &str, name: &str) -> bool {
    let Some((targets, rest)) = line.split_once(':') else { return false };
    !line.starts_with(['\t', ' ', '#', '.'])
        && !rest.starts_with('=')
        && !rest.starts_with(":=")
        && targets.split_whitespace().any(|target| target == name)
}

/// `@test arg='x': needs`, but not `test := value`.
fn is_recipe(line: &str, name: &str) -> bool {
    let Some(rest) = line.trim_start_matches('@').strip_prefix(name) else { return false };
    let Some((parameters, after)) = rest.split_once(':') else { return false };
    !after.starts_with('=') && (parameters.is_empty() || parameters.starts_with(' '))
}
