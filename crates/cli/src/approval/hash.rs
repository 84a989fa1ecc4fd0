//! What a person approves, as one digest: change a word of it, and it is another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings::budget::Budget;

/// All that an approval is about. Nothing else may decide what a run does or what it may cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Grounds {
    pub workflow: String,
    /// Where agents work, absolute.
    pub dir: PathBuf,
    /// Digest of the text that runs.
    pub script: String,
    /// Digest of the arguments' JSON text.
    pub args: String,
    /// `provider/model`, the run's own first.
    pub models: Vec<String>,
    /// What it may use, as it was shown: `agents`, `concurrency`, `budget`, …
    pub limits: Vec<(String, String)>,
    /// What agents may do: permission rules as they hold, `allow Bash(cargo test:*)`.
    pub tools: Vec<String>,
    pub sandbox: String,
    /// Other texts that decide what runs (workflows that the script starts, agent types): name and digest.
    pub files: BTreeMap<String, String>,
    /// The command that says whether the work is right.
    pub oracle: Option<String>,
}

/// Who approved what, when. Kept in the journal, so that it can be audited later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approved {
    /// An approval holds for one run.
    pub run_id: String,
    /// [`Grounds::digest`]
    pub digest: String,
    pub grounds: Grounds,
    /// Login name.
    pub by: String,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
    pub how: How,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// On a terminal, with everything on the screen.
    Asked,
    /// `--yes`
    Yes,
    /// A standing rule; which one.
    Rule(String),
}

/// Why an approval does not hold for a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    #[error("it was given for the run {0}")]
    OtherRun(String),
    #[error("its record was changed after it was given")]
    Altered,
    #[error("{} changed since", .0.join(", "))]
    Changed(Vec<&'static str>),
}

/// A digest that nobody can aim at: 64 hex digits. The short ones of calls would not do, because whoever
/// writes a script could look for two texts of one digest.
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// As people compare them: the first 12 digits.
pub fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

impl Grounds {
    /// Over everything.
    pub fn digest(&self) -> String {
        digest_of(&self.fields())
    }

    /// Over everything but the limits: runs of one work are alike, whatever they were allowed to cost.
    pub fn work(&self) -> String {
        let fields = self.fields();
        digest_of(&fields.into_iter().filter(|(name, _)| *name != LIMITS).collect::<Vec<_>>())
    }

    /// The names of the fields that differ.
    pub fn changed(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.fields().into_iter().zip(other.fields());
        pairs.filter(|(mine, theirs)| mine != theirs).map(|(mine, _)| mine.0).collect()
    }

    /// Each field with its name and its values, in a fixed order.
    pub fn fields(&self) -> Vec<(&'static str, Vec<String>)> {
        let Self { workflow, dir, script, args, models, limits, tools, sandbox, files, oracle } = self;
        let flat = |(name, value): (&String, &String)| [name.clone(), value.clone()];
        vec![
            ("workflow", vec![workflow.clone()]),
            ("folder", vec![dir.display().to_string()]),
            ("script", vec![script.clone()]),
            ("arguments", vec![args.clone()]),
            ("models", models.clone()),
            (LIMITS, limits.iter().map(|(name, value)| (name, value)).flat_map(flat).collect()),
            ("tools", tools.clone()),
            ("sandbox", vec![sandbox.clone()]),
            ("files", files.iter().flat_map(flat).collect()),
            ("oracle", oracle.iter().cloned().collect()),
        ]
    }
}

const LIMITS: &str = "limits";
/// Among the limits, and the last of them.
pub const BUDGET: &str = "budget";

/// Counts and lengths are hashed too, so that nothing can move from one value into the next.
fn digest_of(fields: &[(&'static str, Vec<String>)]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut text = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    text("fanfold approval 1");
    for (name, values) in fields {
        text(name);
        text(&values.len().to_string());
        values.iter().for_each(|value| text(value));
    }
    hasher.finalize().to_hex().to_string()
}

impl Approved {
    pub fn new(grounds: Grounds, run_id: &str, by: &str, at_ms: u64, how: How) -> Self {
        Self { run_id: run_id.into(), digest: grounds.digest(), grounds, by: by.into(), at_ms, how }
    }

    /// The cap that was approved; `None` where there was none.
    pub fn budget(&self) -> Option<Budget> {
        let (_, text) = self.grounds.limits.iter().find(|(name, _)| name == BUDGET)?;
        Budget::parse(text)
    }

    /// Whether it holds for what the run `run_id` would do now.
    pub fn holds_for(&self, run_id: &str, now: &Grounds) -> Result<(), Void> {
        if self.digest != self.grounds.digest() {
            return Err(Void::Altered);
        }
        if self.run_id != run_id {
            return Err(Void::OtherRun(self.run_id.clone()));
        }
        match self.grounds.changed(now) {
            changed if changed.is_empty() => Ok(()),
            changed => Err(Void::Changed(changed)),
        }
    }
}

impl How {
    /// `on a terminal`, `by --yes`, `by a rule: …`
    pub fn show(&self) -> String {
        match self {
            How::Asked => "on a terminal".into(),
            How::Yes => "by --yes".into(),
            How::Rule(rule) => format!("by a rule: {rule}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds() -> Grounds {
        Grounds {
            workflow: "review".into(),
            dir: "/home/ada/project".into(),
            script: digest(b"await agent('x')"),
            args: digest(b"{}"),
            models: vec!["anthropic/big".into(), "anthropic/small".into()],
            limits: vec![("budget".into(), "$4".into()), ("agents".into(), "40".into())],
            tools: vec!["allow Bash(cargo test:*)".into()],
            sandbox: "full".into(),
            files: BTreeMap::from([("agent type reviewer".into(), digest(b"r"))]),
            oracle: Some("cargo test".into()),
        }
    }

    /// Each changed in one thing.
    fn variants() -> Vec<(&'static str, Grounds)> {
        let with = |name, change: fn(&mut Grounds)| {
            let mut changed = grounds();
            change(&mut changed);
            (name, changed)
        };
        vec![
            with("workflow", |it| it.workflow = "reviews".into()),
            with("folder", |it| it.dir = "/home/ada/other".into()),
            with("script", |it| it.script = digest(b"await agent('y')")),
            with("arguments", |it| it.args = digest(b"[]")),
            with("models", |it| it.models.reverse()),
            with("models", |it| it.models.truncate(1)),
            with("limits", |it| it.limits[0].1 = "$40".into()),
            with("limits", |it| it.limits.truncate(1)),
            with("limits", |it| it.limits.push(("agents".into(), "4000".into()))),
            with("tools", |it| it.tools.push("allow Bash".into())),
            with("tools", |it| it.tools = vec!["allow Bash(cargo test:*)allow Bash".into()]),
            with("sandbox", |it| it.sandbox = "off".into()),
            with("files", |it| drop(it.files.insert("agent type reviewer".into(), digest(b"s")))),
            with("oracle", |it| it.oracle = Some("true".into())),
            with("oracle", |it| it.oracle = None),
        ]
    }

    #[test]
    fn every_field_decides_the_digest_and_is_named_when_it_changed() {
        let mut seen = vec![grounds().digest()];
        for (name, changed) in variants() {
            let digest = changed.digest();
            assert!(!seen.contains(&digest), "{name} changed and the digest did not");
            seen.push(digest);
            assert_eq!(grounds().changed(&changed), [name]);
            assert_eq!(grounds().work() == changed.work(), name == "limits", "{name}");
        }
        let named: std::collections::BTreeSet<_> = variants().into_iter().map(|(name, _)| name).collect();
        assert_eq!(named.len(), grounds().fields().len(), "a field is not tried");
        assert_eq!(grounds().digest(), grounds().digest());
        assert_eq!(grounds().digest().len(), 64);
    }

    #[test]
    fn values_cannot_move_between_neighbours() {
        let a = Grounds { models: vec!["ab".into(), "c".into()], ..Grounds::default() };
        let b = Grounds { models: vec!["a".into(), "bc".into()], ..Grounds::default() };
        let c = Grounds { models: vec!["ab".into()], tools: vec!["c".into()], ..Grounds::default() };
        assert!(a.digest() != b.digest() && a.digest() != c.digest() && b.digest() != c.digest());
    }

    #[test]
    fn an_approval_holds_for_its_run_and_for_nothing_that_changed() {
        let approved = Approved::new(grounds(), "wf_261122-aaaaaaa", "ada", 7, How::Asked);
        assert_eq!(approved.holds_for("wf_261122-aaaaaaa", &grounds()), Ok(()));
        let other = approved.holds_for("wf_261122-bbbbbbb", &grounds()).expect_err("replayed");
        assert_eq!(other.to_string(), "it was given for the run wf_261122-aaaaaaa");
        for (name, changed) in variants() {
            let void = approved.holds_for("wf_261122-aaaaaaa", &changed).expect_err(name);
            assert_eq!(void, Void::Changed(vec![name]));
        }
    }

    #[test]
    fn an_approval_whose_record_was_edited_is_void() {
        let approved = Approved::new(grounds(), "wf_261122-aaaaaaa", "ada", 7, How::Yes);
        let text = serde_json::to_string(&approved).expect("plain data");
        assert_eq!(serde_json::from_str::<Approved>(&text).expect("as written"), approved);
        let edited: Approved = serde_json::from_str(&text.replace("$4", "$400")).expect("still JSON");
        assert_eq!(edited.holds_for("wf_261122-aaaaaaa", &edited.grounds), Err(Void::Altered));
    }
}
