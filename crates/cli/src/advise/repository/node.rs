//! npm, pnpm, yarn, bun: the scripts of `package.json`; and Deno.

use serde_json::Value;

use super::survey::{Folder, folder_of};
use super::{Found, Kind};

/// Names that scripts of a kind go by, the most usual first.
const SCRIPTS: [(Kind, &[&str]); 4] = [
    (Kind::Test, &["test", "test:ci", "test:unit", "tests", "unit", "test:run"]),
    (Kind::Types, &["typecheck", "type-check", "check-types", "check:types", "types", "tsc", "types:check"]),
    (Kind::Lint, &["lint", "lint:check", "eslint", "check:lint", "biome"]),
    (Kind::Build, &["build", "compile", "build:prod"]),
];
/// Test runners by the package that brings them, with the words that run them once.
const RUNNERS: [(&str, &str); 5] = [
    ("vitest", "vitest run"),
    ("jest", "jest"),
    ("mocha", "mocha"),
    ("ava", "ava"),
    ("@playwright/test", "playwright test"),
];

#[derive(Clone, Copy)]
enum Manager {
    Npm,
    Pnpm,
    Yarn,
    Bun,
}

pub fn node(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(text) = folder.read("package.json") else { return };
    let Ok(package) = serde_json::from_str::<Value>(&text) else { return };
    let (manager, lock) = manager(folder, &package);
    let why = |what: &str| match lock {
        Some(lock) => format!("package.json {what}, {lock}"),
        None => format!("package.json {what}"),
    };
    for (kind, names) in SCRIPTS {
        let is_real = |name: &&&str| package["scripts"][**name].as_str().is_some_and(|line| !is_void(line));
        if let Some(name) = names.iter().find(is_real) {
            found.add(kind, manager.script(name), why(&format!("scripts.{name}")));
        }
    }
    let depends = |name: &str| {
        ["devDependencies", "dependencies"].iter().any(|group| package[*group].get(name).is_some())
    };
    for (name, words) in RUNNERS {
        if depends(name) {
            found.add(Kind::Test, manager.program(words), why(&format!("devDependencies.{name}")));
        }
    }
    let is_test = |name: &str| name.contains(".test.") || name.contains(".spec.");
    if let (Manager::Bun, Some(test)) = (manager, folder.find(is_test)) {
        found.add(Kind::Test, "bun test", why(&format!("and {test}")));
    }
    if folder.has("tsconfig.json") && depends("typescript") {
        found.add(Kind::Types, manager.program("tsc --noEmit"), "tsconfig.json");
    }
    if depends("eslint") {
        found.add(Kind::Lint, manager.program("eslint ."), why("devDependencies.eslint"));
    }
    if let Some(config) = folder.first(&["biome.json", "biome.jsonc"]) {
        found.add(Kind::Lint, manager.program("biome check"), config);
    }
}

pub fn deno(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(config) = folder.first(&["deno.json", "deno.jsonc"]) else { return };
    let is_test = |name: &str| name.contains("_test.") || name.contains(".test.");
    if let Some(test) = folder.find(is_test) {
        found.add(Kind::Test, "deno test", format!("{config}, {test}"));
    }
    found.add(Kind::Types, "deno check .", config);
    found.add(Kind::Lint, "deno lint", config);
}

/// The lock file decides, here or in a folder above; then what `package.json` says; then npm.
fn manager<'s>(folder: &Folder<'s>, package: &Value) -> (Manager, Option<&'static str>) {
    const LOCKS: [(&str, Manager); 6] = [
        ("pnpm-lock.yaml", Manager::Pnpm),
        ("yarn.lock", Manager::Yarn),
        ("bun.lock", Manager::Bun),
        ("bun.lockb", Manager::Bun),
        ("package-lock.json", Manager::Npm),
        ("npm-shrinkwrap.json", Manager::Npm),
    ];
    let mut at = folder.path;
    loop {
        let here = folder.survey.folder(at);
        if let Some((lock, manager)) = LOCKS.iter().find(|(lock, _)| here.has(lock)) {
            return (*manager, Some(lock));
        }
        if at.is_empty() {
            break;
        }
        at = folder_of(at);
    }
    let named = package["packageManager"].as_str().and_then(|text| text.split('@').next());
    let manager = match named {
        Some("pnpm") => Manager::Pnpm,
        Some("yarn") => Manager::Yarn,
        Some("bun") => Manager::Bun,
        _ => Manager::Npm,
    };
    (manager, None)
}

impl Manager {
    fn script(self, name: &str) -> String {
        match (self, name) {
            (Manager::Npm, "test") => "npm test".into(),
            (Manager::Npm, _) => format!("npm run {name}"),
            (Manager::Pnpm, "test") => "pnpm test".into(),
            (Manager::Pnpm, _) => format!("pnpm run {name}"),
            (Manager::Yarn, _) => format!("yarn run {name}"),
            // `bun test` is bun's own runner, not the script.
            (Manager::Bun, _) => format!("bun run {name}"),
        }
    }

    /// A program of a dependency.
    fn program(self, words: &str) -> String {
        match self {
            Manager::Npm => format!("npx --no-install {words}"),
            Manager::Pnpm => format!("pnpm exec {words}"),
            Manager::Yarn => format!("yarn run {words}"),
            Manager::Bun => format!("bunx --no-install {words}"),
        }
    }
}

/// `npm init` writes a placeholder; others write `exit 0` or an `echo`. None of them tests anything.
pub fn is_void(script: &str) -> bool {
    if script.contains("no test specified") {
        return true;
    }
    let is_nothing = |part: &str| {
        let part = part.trim();
        part.is_empty()
            || ["true", ":", "false"].contains(&part)
            || ["echo", "exit", "printf"].contains(&part.split_whitespace().next().unwrap_or_default())
    };
    script.split(['&', ';', '|']).all(is_nothing)
}
