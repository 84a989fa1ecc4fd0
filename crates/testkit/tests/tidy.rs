//! The invariants of ARCHITECTURE.md that no compiler keeps, and the licences of what we build on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A file longer than this has a second room in it.
const ALL: [&str; 9] =
    ["core", "script", "sandbox", "workspace", "oracle", "agent", "engine", "cli", "testkit"];
const LINES_MAX: usize = 800;

/// Licences that may be linked into a binary under `Apache-2.0 OR MIT`.
const LICENCES: [&str; 13] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn metadata() -> Value {
    // Crates of other platforms need not be on this machine.
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let about = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Workspace crates by their short name, with all that they are built from (not for tests).
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| (package["id"].as_str().expect("id"), package["name"].as_str().expect("name")))
        .collect();
    let mut direct: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
        let deps = node["deps"].as_array().expect("deps").iter().filter(|dep| {
            dep["dep_kinds"].as_array().expect("kinds").iter().any(|kind| kind["kind"].is_null())
        });
        let deps = deps.map(|dep| names[dep["pkg"].as_str().expect("pkg")]).collect();
        direct.insert(names[node["id"].as_str().expect("id")], deps);
    }
    let ours = metadata["workspace_members"].as_array().expect("members");
    ours.iter()
        .map(|id| {
            let name = names[id.as_str().expect("id")];
            let mut all = BTreeSet::new();
            let mut todo = vec![name];
            while let Some(next) = todo.pop() {
                for dep in direct.get(next).into_iter().flatten() {
                    if all.insert((*dep).to_owned()) {
                        todo.push(dep);
                    }
                }
            }
            (name.trim_start_matches("fanfold-").to_owned(), all)
        })
        .collect()
}

fn sources(krate: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut todo = vec![root().join("crates").join(krate).join("src")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("readable");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources of {krate}");
    found
}

/// Code without its comments and its tests.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn core_knows_no_runtime_no_http_and_no_javascript() {
    let all = dependencies();
    for foreign in ["tokio", "reqwest", "hyper", "rquickjs", "oxc_parser"] {
        assert!(!all["core"].contains(foreign), "core depends on {foreign}");
        assert!(
            all["fanfold"].contains(foreign) || foreign == "hyper",
            "{foreign} is no longer used: mend this test"
        );
    }
}

#[test]
fn arrows_between_crates_point_one_way() {
    let all = dependencies();
    assert!(!all["engine"].contains("fanfold-agent"), "the engine reaches agents through a port");
    assert!(!all["agent"].contains("fanfold-engine") && !all["agent"].contains("fanfold-script"));
    for krate in ["agent", "sandbox", "workspace", "oracle"] {
        let name = format!("fanfold-{krate}");
        assert!(!all["engine"].contains(&name), "the engine knows no {krate}");
    }
    assert!(!all["oracle"].contains("fanfold-agent"), "what decides knows nothing of agents");
    assert!(!all["script"].contains("fanfold-engine") && !all["script"].contains("tokio"));
    for (krate, deps) in &all {
        assert!(!deps.contains("fanfold"), "{krate} depends on the command line");
        assert_eq!(
            deps.contains("rquickjs"),
            ["script", "engine", "fanfold"].contains(&krate.as_str()),
            "{krate}"
        );
    }
}

/// As the README has it: without a name, of a workspace in which tests have programs too.
#[test]
fn cargo_run_at_the_root_runs_fanfold() {
    let metadata = metadata();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let defaults = list(&metadata["workspace_default_members"]);
    let packages =
        list(&metadata["packages"]).into_iter().filter(|package| defaults.contains(&package["id"]));
    let targets = packages.flat_map(|package| list(&package["targets"]));
    let programs = targets.filter(|target| target["kind"] == serde_json::json!(["bin"]));
    let names: Vec<_> = programs.map(|target| target["name"].clone()).collect();
    assert_eq!(names, ["fanfold"]);
}

#[test]
fn only_script_names_the_javascript_engine() {
    for krate in ALL.into_iter().filter(|krate| *krate != "script") {
        for (path, text) in sources(krate) {
            let code = code(&text);
            assert!(!code.contains("rquickjs") && !code.contains("oxc_"), "{}", path.display());
        }
    }
}

#[test]
fn libraries_never_print_and_never_read_the_environment() {
    for krate in ["core", "script", "sandbox", "workspace", "oracle", "agent", "engine"] {
        for (path, text) in sources(krate) {
            let code = code(&text);
            for banned in
                ["println!", "print!(", "dbg!", "env::var", "env::home_dir", "env::current_dir", "env::args"]
            {
                assert!(!code.contains(banned), "{}: {banned}", path.display());
            }
        }
    }
}

#[test]
fn the_script_crate_does_no_io() {
    for (path, text) in sources("script") {
        let code = code(&text);
        for banned in ["std::fs", "std::net", "std::process::Command", "File::open"] {
            assert!(!code.contains(banned), "{}: {banned}", path.display());
        }
    }
}

#[test]
fn vendors_are_named_by_their_own_files_only() {
    for (path, text) in sources("agent") {
        let place = path.to_string_lossy().into_owned();
        let code = code(&text).to_lowercase();
        if !place.contains("/providers/") {
            for vendor in ["anthropic", "openai", "deepseek", "openrouter"] {
                assert!(!code.contains(vendor), "{place}: {vendor}");
            }
        }
    }
    for krate in ["core", "engine", "script"] {
        for (path, text) in sources(krate) {
            assert!(!code(&text).to_lowercase().contains("anthropic"), "{}", path.display());
        }
    }
}

#[test]
fn no_file_has_grown_a_second_room() {
    for krate in ALL {
        for (path, text) in sources(krate) {
            let lines = text.lines().count();
            assert!(lines <= LINES_MAX, "{}: {lines} lines", path.display());
        }
    }
}

#[test]
fn every_file_says_in_its_first_line_what_it_is_for() {
    for krate in ALL {
        for (path, text) in sources(krate) {
            assert!(text.starts_with("//! "), "{}", path.display());
        }
    }
}

#[test]
fn every_dependency_has_a_licence_that_we_may_ship() {
    for package in metadata()["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("name");
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(may_ship(licence), "{name}: {licence}");
    }
}

/// Enough of SPDX for what crates write: `A OR B`, `A AND B`, `A/B`, brackets around either.
fn may_ship(licence: &str) -> bool {
    let licence = licence.replace('/', " OR ").replace(['(', ')'], "");
    licence.split(" AND ").all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn the_crate_graph_stays_lean() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("readable");
    let count = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(count < 400, "{count} packages");
}
