//! Files that agents may change but for some keys: those that say what a test is and how it is run.

use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    PackageJson {
        with_scripts: bool,
    },
    CargoToml,
    PyprojectToml,
    /// A file of Go tests: one of a folder may take over the running of all its tests.
    GoTests,
}

const TAKES_OVER: &str = "func TestMain(";

impl Guard {
    pub fn of(path: &str, runs_scripts_of_npm: bool) -> Option<Self> {
        match path.rsplit('/').next().unwrap_or_default() {
            "package.json" => Some(Guard::PackageJson { with_scripts: runs_scripts_of_npm }),
            "Cargo.toml" => Some(Guard::CargoToml),
            "pyproject.toml" => Some(Guard::PyprojectToml),
            name => name.ends_with("_test.go").then_some(Guard::GoTests),
        }
    }

    /// Whether what it guards differs. `None`: there is no such file.
    pub fn is_broken(self, before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
        if self == Guard::GoTests {
            let takes_over = |text: &[u8]| String::from_utf8_lossy(text).contains(TAKES_OVER);
            return after.is_some_and(takes_over) && !before.is_some_and(takes_over);
        }
        let before = before.map(|text| self.guarded(text, None));
        let names = before.as_ref().and_then(|before| before.get("scripts")).and_then(Value::as_object);
        let after = after.map(|text| self.guarded(text, names));
        match (before, after) {
            (None, _) => false,
            (Some(before), None) => before != json!({}),
            (Some(before), Some(after)) => before != after,
        }
    }

    /// `scripts`: those there were. Others may be added, but none that runs before or after them.
    fn guarded(self, text: &[u8], scripts: Option<&Map<String, Value>>) -> Value {
        let text = String::from_utf8_lossy(text);
        let keep = |from: &Value, keys: &[&[&str]]| {
            let mut kept = Map::new();
            for path in keys {
                let found = path.iter().try_fold(from, |value, key| value.get(key));
                if let Some(found) = found.filter(|found| !found.is_null()) {
                    kept.insert(path.join("."), found.clone());
                }
            }
            kept
        };
        let kept = match self {
            Guard::GoTests => Map::new(),
            Guard::PackageJson { with_scripts } => {
                // What is no JSON differs from everything that is.
                let Ok(json) = serde_json::from_str::<Value>(&text) else {
                    return Value::String(text.into());
                };
                let tools = [["jest"], ["vitest"], ["mocha"], ["ava"], ["nyc"], ["c8"], ["babel"]];
                let mut kept = keep(&json, &tools.each_ref().map(|path| path.as_slice()));
                if with_scripts && let Some(own) = json.get("scripts").and_then(Value::as_object) {
                    kept.insert("scripts".into(), watched(own, scripts.unwrap_or(own)).into());
                }
                kept
            }
            Guard::CargoToml => {
                let Ok(toml) = toml::from_str::<Value>(&text) else { return Value::String(text.into()) };
                let mut kept = keep(
                    &toml,
                    &[
                        &["lib", "test"],
                        &["lib", "harness"],
                        &["lib", "doctest"],
                        &["lib", "path"],
                        &["test"],
                        &["package", "autotests"],
                        &["profile"],
                        &["patch"],
                        &["replace"],
                        &["workspace", "default-members"],
                        &["workspace", "exclude"],
                    ],
                );
                let bins = toml.get("bin").and_then(Value::as_array).into_iter().flatten();
                for bin in bins.filter(|bin| bin.get("test").is_some() || bin.get("harness").is_some()) {
                    let name = bin.get("name").and_then(Value::as_str).unwrap_or_default();
                    kept.insert(format!("bin.{name}"), json!([bin.get("test"), bin.get("harness")]));
                }
                kept
            }
            Guard::PyprojectToml => {
                let Ok(toml) = toml::from_str::<Value>(&text) else { return Value::String(text.into()) };
                keep(&toml, &[&["tool", "pytest"], &["tool", "coverage"], &["tool", "tox"], &["tool", "nox"]])
            }
        };
        Value::Object(kept)
    }
}

/// The scripts that there were, and what npm runs before and after each of them.
fn watched(own: &Map<String, Value>, before: &Map<String, Value>) -> Map<String, Value> {
    let is_watched = |name: &str| {
        let hooked = ["pre", "post"].iter().filter_map(|hook| name.strip_prefix(hook));
        before.contains_key(name) || hooked.into_iter().any(|name| before.contains_key(name))
    };
    own.iter()
        .filter(|(name, _)| is_watched(name))
        .map(|(name, script)| (name.clone(), script.clone()))
        .collect()
}
