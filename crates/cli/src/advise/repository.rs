//! Which commands of a repository can say whether work in it is right. Reads files; runs nothing.

mod ci;
mod compiled;
mod interpreted;
mod node;
mod runners;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use survey::Survey;
use survey::{Folder, folder_of, name_of};

use crate::places;

/// What a command checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Test,
    Types,
    Lint,
    Build,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Test => "test",
            Kind::Types => "types",
            Kind::Lint => "lint",
            Kind::Build => "build",
        }
    }
}

/// A command that was found, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: Kind,
    /// For a shell in [`Finding::directory`]. Made of fixed words, names of well-known targets, and lines of CI
    /// without any sign that a shell would take for more.
    pub command: String,
    /// The file, and what in it: `package.json scripts.test`.
    pub why: String,
    /// Relative to the root; `.` for the root itself.
    pub directory: String,
    #[serde(skip)]
    ecosystem: &'static str,
    /// A workflow file of CI runs it too.
    pub in_ci: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Repository {
    pub survey: Survey,
    /// The folder that the person stands in comes first, then the root, then what is beneath it; tests first.
    pub findings: Vec<Finding>,
}

/// Folders besides the root and the working directory that are looked at.
const FOLDERS_MAX: usize = 40;
/// How deep beneath the root: `packages/api`.
const FOLDER_DEPTH_MAX: usize = 2;
/// Their manifests are matter of tests and documentation, or somebody else's.
const NO_PROJECTS: [&str; 12] = [
    "examples",
    "example",
    "fixtures",
    "testdata",
    "test",
    "tests",
    "docs",
    "doc",
    "templates",
    "vendor",
    "third_party",
    "benches",
];
/// Endings of files that are written by hand to be run.
const SOURCES: [&str; 34] = [
    "rs", "go", "py", "js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts", "vue", "svelte", "java", "kt",
    "kts", "scala", "cs", "fs", "c", "h", "cc", "cpp", "hpp", "m", "swift", "php", "rb", "ex", "exs", "erl",
    "hs", "lua", "sql",
];
const DOCUMENTS: [&str; 8] = ["md", "mdx", "rst", "adoc", "txt", "html", "tex", "pdf"];

impl Repository {
    /// Of the repository that holds `cwd`.
    pub fn look(cwd: &Path) -> Self {
        let root = places::root(cwd);
        let survey = Survey::of(&root);
        let here = cwd.strip_prefix(&root).ok().and_then(Path::to_str).unwrap_or_default().to_owned();
        let mut findings: Vec<Finding> = Vec::new();
        for path in folders(&survey, &here) {
            for finding in of_folder(survey.folder(&path)) {
                let covers = |known: &&Finding| {
                    (known.ecosystem, known.kind) == (finding.ecosystem, finding.kind)
                        && is_beneath(&finding.directory, &known.directory)
                };
                // What the root's command covers needs none of its own, unless the person stands there.
                if findings.iter().find(covers).is_none() {
                    findings.push(finding);
                }
            }
        }
        ci::confirm(&survey, &mut findings);
        findings.sort_by_key(|finding| (finding.kind, !finding.in_ci));
        Self { survey, findings }
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.first(kind).is_some()
    }

    /// The one to run.
    pub fn first(&self, kind: Kind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == kind)
    }

    pub fn sources(&self) -> usize {
        self.survey.files().filter(|path| is_source(path)).count()
    }

    pub fn documents(&self) -> usize {
        self.survey.files().filter(|path| has_ending(path, &DOCUMENTS)).count()
    }

    /// Absolute.
    pub fn directory(&self, finding: &Finding) -> PathBuf {
        match finding.directory.as_str() {
            "." => self.survey.root().to_owned(),
            directory => self.survey.root().join(directory),
        }
    }
}

pub fn is_source(path: &str) -> bool {
    has_ending(path, &SOURCES)
}

fn of_folder(folder: Folder<'_>) -> Vec<Finding> {
    type Ecosystem = fn(&Folder<'_>, &mut Found<'_>);
    const ECOSYSTEMS: [(&str, Ecosystem); 16] = [
        ("cargo", compiled::cargo),
        ("node", node::node),
        ("deno", node::deno),
        ("python", interpreted::python),
        ("go", compiled::go),
        ("maven", compiled::maven),
        ("gradle", compiled::gradle),
        ("dotnet", compiled::dotnet),
        ("swift", compiled::swift),
        ("php", interpreted::php),
        ("ruby", interpreted::ruby),
        ("elixir", interpreted::elixir),
        ("just", runners::just),
        ("make", runners::make),
        ("task", runners::task),
        ("cmake", runners::cmake),
    ];
    let mut findings = Vec::new();
    for (ecosystem, look) in ECOSYSTEMS {
        let directory = if folder.path.is_empty() { "." } else { folder.path };
        look(&folder, &mut Found { ecosystem, directory, findings: &mut findings });
    }
    findings
}

/// Where an ecosystem puts what it finds.
struct Found<'f> {
    ecosystem: &'static str,
    directory: &'f str,
    findings: &'f mut Vec<Finding>,
}

impl Found<'_> {
    /// The first command of a kind is the one that counts.
    fn add(&mut self, kind: Kind, command: impl Into<String>, why: impl Into<String>) {
        let is_known = |known: &Finding| (known.ecosystem, known.kind) == (self.ecosystem, kind);
        if self.findings.iter().any(is_known) {
            return;
        }
        self.findings.push(Finding {
            kind,
            command: command.into(),
            why: why.into(),
            directory: self.directory.to_owned(),
            ecosystem: self.ecosystem,
            in_ci: false,
        });
    }
}

/// Where the person stands and up from there, then what lies beneath the root.
fn folders(survey: &Survey, here: &str) -> Vec<String> {
    let mut folders = Vec::new();
    let mut at = here;
    while !at.is_empty() {
        folders.push(at.to_owned());
        at = folder_of(at);
    }
    folders.push(String::new());
    let beneath: BTreeSet<&str> = survey
        .files()
        .map(folder_of)
        .filter(|folder| !folder.is_empty() && folder.split('/').count() <= FOLDER_DEPTH_MAX)
        .filter(|folder| !folder.split('/').any(|name| name.starts_with('.') || NO_PROJECTS.contains(&name)))
        .collect();
    let is_new = |folder: &&str| !folders.iter().any(|known| known == folder);
    let more: Vec<String> = beneath.into_iter().filter(is_new).take(FOLDERS_MAX).map(str::to_owned).collect();
    folders.extend(more);
    folders
}

fn is_beneath(folder: &str, other: &str) -> bool {
    other == "." || folder == other || folder.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    name_of(path).rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}
