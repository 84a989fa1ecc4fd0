//! What a simulated model writes: plausible strings for a property, by its name and the prompt's own words.
//!
//! Never a placeholder: a script that greps, joins or splits its agents' texts sees what it would see for real.

use super::draw::Draws;

/// Words of code, for slugs and names.
pub(super) const WORDS: [&str; 32] = [
    "retry", "parser", "cache", "session", "config", "queue", "token", "schema", "worker", "router", "limit",
    "lock", "client", "stream", "index", "buffer", "signal", "record", "policy", "report", "loader",
    "writer", "socket", "ledger", "plan", "digest", "filter", "render", "cursor", "budget", "event", "store",
];

/// What one can say of each of them.
pub(super) const REMARKS: [&str; 16] = [
    "has no upper limit",
    "ignores the error of its last call",
    "is read before it is set",
    "is not covered by a test",
    "is rebuilt on every call",
    "keeps its lock across a wait",
    "treats an empty input as missing",
    "rounds down where it should round up",
    "is named in two ways",
    "depends on the order of its inputs",
    "drops what arrives after the close",
    "compares times of two clocks",
    "has a default that nobody chose",
    "is checked after it is used",
    "copies what it could borrow",
    "logs more than it should",
];

const DEEDS: [&str; 16] = [
    "Bound the",
    "Test the",
    "Simplify the",
    "Document the",
    "Split the",
    "Rename the",
    "Guard the",
    "Inline the",
    "Trace the",
    "Cap the",
    "Validate the",
    "Replace the",
    "Reuse the",
    "Close the",
    "Order the",
    "Measure the",
];

const FOLDERS: [&str; 8] =
    ["src", "src/api", "src/core", "src/net", "src/store", "src/cli", "tests", "src/view"];
const FIRST_NAMES: [&str; 8] = ["Ada", "Ben", "Chiara", "Deniz", "Elif", "Farid", "Grace", "Hugo"];
const LAST_NAMES: [&str; 8] = ["Moreau", "Okafor", "Rossi", "Kaya", "Sahin", "Haddad", "Lin", "Brandt"];
const LANGUAGES: [&str; 6] = ["rust", "typescript", "python", "go", "java", "sql"];
const COMMANDS: [&str; 6] =
    ["cargo test", "npm test", "cargo check", "git diff --stat", "make lint", "pytest -q"];
const LEVELS: [&str; 4] = ["high", "medium", "low", "critical"];

/// What a string is about, told from the name of its property and, if that says nothing, its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Path,
    Folder,
    Url,
    Email,
    Command,
    Code,
    Id,
    Person,
    Symbol,
    Slug,
    Level,
    Status,
    Language,
    Version,
    Date,
    Commit,
    Title,
    Deed,
    Diff,
    /// A sentence about the whole prompt.
    Summary,
    /// A sentence about one thing.
    Remark,
}

/// The format of a string, where the schema names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    DateTime,
    Date,
    Time,
    Duration,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    UriReference,
    UriTemplate,
    Uuid,
    JsonPointer,
    RelativeJsonPointer,
    Regex,
}

/// What a prompt is about.
pub(super) struct Topic<'p> {
    /// The first words of its first sentence that says what to do, without the last full stop.
    pub line: &'p str,
    /// A path that it names.
    pub path: Option<&'p str>,
}

impl<'p> Topic<'p> {
    pub fn new(prompt: &'p str) -> Self {
        let lines = || prompt.lines().map(|line| line.trim_matches(['#', '-', '*', '>', ' ', '\t']));
        let sentences = || lines().take(20).flat_map(|line| line.split(". "));
        // Not a heading, nor whom the model is to play.
        let is_task = |sentence: &&str| {
            sentence.split_whitespace().nth(1).is_some()
                && !sentence.starts_with("You are ")
                && !sentence.ends_with(':')
        };
        let sentence = sentences().find(is_task).or_else(|| lines().find(|line| !line.is_empty()));
        Self {
            line: shortened(sentence.unwrap_or_default(), 90)
                .trim_end_matches(['.', ':', ';', ',', '!', '?', ' ']),
            path: shortened(prompt, 2_000).split_whitespace().find_map(as_path),
        }
    }
}

/// A word that is a path of a file, without the punctuation around it.
fn as_path(word: &str) -> Option<&str> {
    let word = word.trim_matches(|ch: char| !ch.is_alphanumeric() && ch != '.' && ch != '/' && ch != '_');
    let word = word.trim_end_matches(['.', '/']);
    let (stem, extension) = word.rsplit_once('.')?;
    let is_path = !stem.is_empty()
        && !word.contains("://")
        && !word.contains("..")
        && (1..=5).contains(&extension.len())
        && extension.chars().all(|ch| ch.is_ascii_alphanumeric())
        && extension.starts_with(|ch: char| ch.is_ascii_lowercase())
        && word.chars().all(|ch| ch.is_alphanumeric() || "._-/@+".contains(ch));
    let is_abbreviation = stem.len() == 1 && !word.contains('/') && extension.len() == 1;
    (is_path && !is_abbreviation).then_some(word)
}

/// At most `max` bytes, cut between words.
fn shortened(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let cut = text.floor_char_boundary(max);
    let end = text[..cut].rfind(char::is_whitespace).filter(|end| *end > max / 2).unwrap_or(cut);
    &text[..end]
}

/// The final text of an agent without a schema: never empty, and about its prompt.
pub(super) fn reply(prompt: &str, draws: &mut Draws) -> String {
    let topic = Topic::new(prompt);
    let n = draws.below(256) as usize;
    let word = WORDS[n % WORDS.len()];
    let remark = draws.pick(&REMARKS);
    let line = topic.line;
    let place = topic.path.map_or_else(|| path(n, &[]), str::to_owned);
    match (line.is_empty(), draws.below(3)) {
        (true, _) => format!("There was nothing to go on but the files. In {place} the {word} {remark}."),
        (false, 0) => format!("Done: {line}. In {place} the {word} {remark}; the rest is as it should be."),
        (false, 1) => {
            format!("On \"{line}\": the {word} in {place} {remark}. Nothing else stood out.")
        }
        (false, _) => {
            format!(
                "I went through this step by step ({line}). The main point: the {word} {remark}, see {place}."
            )
        }
    }
}

/// Splits `camelCase`, `snake_case` and `kebab-case` into lower-case words.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_lower = false;
    for ch in name.chars() {
        if !ch.is_alphanumeric() {
            was_lower = false;
            if words.last().is_none_or(|word| !word.is_empty()) {
                words.push(String::new());
            }
            continue;
        }
        if words.is_empty() || (ch.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = ch.is_lowercase() || ch.is_ascii_digit();
        words.last_mut().expect("one was pushed").extend(ch.to_lowercase());
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a property of this name reports what is wrong, and is empty when nothing is.
///
/// What a script looks *for* (`issues`, `findings`, `bugs`) is not among them: its way is to be walked.
pub(super) fn reports_faults(name: &str) -> bool {
    let words = words(name);
    let is_fault = |word: &String| {
        matches!(
            word.as_str(),
            "error"
                | "errors"
                | "missing"
                | "blocker"
                | "blockers"
                | "conflict"
                | "conflicts"
                | "failure"
                | "failures"
                | "regression"
                | "regressions"
                | "violation"
                | "violations"
                | "objection"
                | "objections"
                | "flaw"
                | "flaws"
                | "refutation"
                | "refutations"
                | "unresolved"
                | "unmet"
        )
    };
    let leads = |word: &String| matches!(word.as_str(), "missing" | "unresolved" | "unmet" | "remaining");
    words.last().is_some_and(is_fault) || (words.len() > 1 && words.first().is_some_and(leads))
}

impl Kind {
    pub fn of(name: &str, description: Option<&str>) -> Kind {
        let by_name = words(name);
        if by_name.ends_with(&["file".to_owned(), "name".to_owned()]) {
            return Kind::Path;
        }
        let found = by_name.iter().rev().find_map(|word| Kind::of_word(word));
        let found = found.or_else(|| {
            // The description's first words name the thing; later ones are about its use.
            let description = description?;
            words(shortened(description, 60)).iter().take(6).find_map(|word| Kind::of_noun(word))
        });
        found.unwrap_or(Kind::Remark)
    }

    fn of_word(word: &str) -> Option<Kind> {
        if let Some(kind) = Kind::of_noun(word) {
            return Some(kind);
        }
        Some(match word {
            "id" | "ids" | "key" | "keys" | "ref" | "uid" | "uuid" | "ticket" => Kind::Id,
            "name" | "names" | "slug" | "slugs" | "tag" | "tags" | "label" | "labels" | "category"
            | "categories" | "kind" | "type" | "area" | "module" | "modules" | "component" | "components"
            | "topic" | "topics" | "keyword" | "keywords" | "package" | "dependency" | "branch" => Kind::Slug,
            "title" | "titles" | "heading" | "headline" | "subject" => Kind::Title,
            "task" | "tasks" | "step" | "steps" | "action" | "actions" | "todo" | "fix" | "fixes"
            | "plan" | "suggestion" | "suggestions" | "recommendation" | "recommendations" | "change"
            | "changes" | "goal" | "goals" | "query" | "queries" => Kind::Deed,
            "code" | "snippet" => Kind::Code,
            "status" | "state" | "result" | "outcome" => Kind::Status,
            "diff" | "patch" => Kind::Diff,
            "summary" | "overview" | "report" | "conclusion" | "analysis" | "answer" | "verdict"
            | "assessment" | "text" | "message" => Kind::Summary,
            _ => return None,
        })
    }

    /// Words that mean the same in a name and in a description.
    fn of_noun(word: &str) -> Option<Kind> {
        Some(match word {
            "path" | "paths" | "file" | "files" | "filename" | "filenames" | "filepath" | "filepaths" => {
                Kind::Path
            }
            "dir" | "dirs" | "directory" | "directories" | "folder" | "folders" => Kind::Folder,
            "url" | "urls" | "uri" | "uris" | "link" | "links" | "href" => Kind::Url,
            "email" | "emails" => Kind::Email,
            "command" | "commands" | "cmd" => Kind::Command,
            "identifier" => Kind::Id,
            "author" | "authors" | "person" | "owner" | "owners" | "reviewer" | "assignee" | "username" => {
                Kind::Person
            }
            "symbol" | "symbols" | "function" | "functions" | "method" | "methods" | "class" | "variable" => {
                Kind::Symbol
            }
            "severity" | "priority" | "level" | "risk" | "impact" | "difficulty" | "effort" => Kind::Level,
            "language" | "languages" | "lang" => Kind::Language,
            "version" | "versions" => Kind::Version,
            "date" | "dates" | "timestamp" | "deadline" => Kind::Date,
            "commit" | "commits" | "sha" | "hash" | "digest" => Kind::Commit,
            _ => return None,
        })
    }

    /// The `n`th string of this kind: different ones for at least 512 numbers in a row where a person would expect
    /// different ones. `files`: real paths, if any are known.
    pub fn text(self, n: usize, topic: &Topic<'_>, files: &[String]) -> String {
        let word = WORDS[n % WORDS.len()];
        // Walks all pairs of a word and a remark before one comes again.
        let round = n / WORDS.len();
        let second = (n + round) % 16;
        let other = WORDS[(n + 7 + round) % WORDS.len()];
        match self {
            Kind::Path => path(n, files),
            Kind::Folder => numbered(FOLDERS[n % FOLDERS.len()].to_owned(), "/part", n / FOLDERS.len()),
            Kind::Url => format!("https://docs.example.com/{word}/{other}"),
            Kind::Email => {
                let (first, last) = person(n);
                numbered(format!("{first}.{last}").to_lowercase(), "", n / 64) + "@example.com"
            }
            Kind::Command => COMMANDS[n % COMMANDS.len()].to_owned(),
            Kind::Code => format!("let {word} = {other}.next().unwrap_or({n});"),
            Kind::Id => format!("{word}-{}", n + 1),
            Kind::Person => {
                let (first, last) = person(n);
                numbered(format!("{first} {last}"), " ", n / 64)
            }
            Kind::Symbol => {
                format!("{}_{word}", ["read", "load", "apply", "merge", "check"][(n + round) % 5])
            }
            Kind::Slug => format!("{word}-{other}"),
            Kind::Level => LEVELS[n % LEVELS.len()].to_owned(),
            Kind::Status => "done".to_owned(),
            Kind::Language => LANGUAGES[n % LANGUAGES.len()].to_owned(),
            Kind::Version => format!("{}.{}.{}", 1 + n / 100, n / 10 % 10, n % 10),
            Kind::Date => format!("2026-{:02}-{:02}", 1 + n / 28 % 12, 1 + n % 28),
            Kind::Commit => blake3::hash(&(n as u64).to_le_bytes()).to_hex()[..12].to_owned(),
            Kind::Title => format!("The {word} {}", REMARKS[second]),
            Kind::Deed => format!("{} {word} in {}", DEEDS[second], path(n, files)),
            Kind::Diff => {
                let path = path(n, files);
                format!("--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-let {word} = 0;\n+let {word} = {n};\n")
            }
            Kind::Summary if !topic.line.is_empty() => {
                format!("On \"{}\": the {word} in {} {}.", topic.line, path(n, files), REMARKS[second])
            }
            Kind::Summary | Kind::Remark => format!("The {word} in {} {}.", path(n, files), REMARKS[second]),
        }
    }

    /// Whether one agent's own file, named in its prompt, is what this string is about.
    pub fn is_of_the_prompt(self, name: &str) -> bool {
        self == Kind::Path && !name.ends_with('s')
    }
}

/// First and last name: 64 people.
fn person(n: usize) -> (&'static str, &'static str) {
    (FIRST_NAMES[n % 8], LAST_NAMES[(n + n / 8) % 8])
}

fn path(n: usize, files: &[String]) -> String {
    if let Some(file) = files.get(n % files.len().max(1)) {
        return file.clone();
    }
    let (folder, stem) = (FOLDERS[(n + n / WORDS.len()) % FOLDERS.len()], WORDS[n % WORDS.len()]);
    numbered(format!("{folder}/{stem}"), "_", n / (WORDS.len() * FOLDERS.len())) + ".rs"
}

fn numbered(text: String, between: &str, round: usize) -> String {
    if round == 0 { text } else { format!("{text}{between}{}", round + 1) }
}

impl Format {
    /// `None`: a format that nobody has heard of, which is allowed and says nothing.
    pub fn named(name: &str) -> Option<Format> {
        Some(match name {
            "date-time" => Format::DateTime,
            "date" => Format::Date,
            "time" => Format::Time,
            "duration" => Format::Duration,
            "email" | "idn-email" => Format::Email,
            "hostname" | "idn-hostname" => Format::Hostname,
            "ipv4" => Format::Ipv4,
            "ipv6" => Format::Ipv6,
            "uri" | "iri" | "url" => Format::Uri,
            "uri-reference" | "iri-reference" => Format::UriReference,
            "uri-template" => Format::UriTemplate,
            "uuid" => Format::Uuid,
            "json-pointer" => Format::JsonPointer,
            "relative-json-pointer" => Format::RelativeJsonPointer,
            "regex" => Format::Regex,
            _ => return None,
        })
    }

    pub fn text(self, n: usize, topic: &Topic<'_>) -> String {
        let (word, round) = (WORDS[n % WORDS.len()], n / WORDS.len());
        let (hour, minute) = (8 + n / 60 % 12, n % 60);
        match self {
            Format::DateTime => format!("{}T{hour:02}:{minute:02}:00Z", Kind::Date.text(n, topic, &[])),
            Format::Date => Kind::Date.text(n, topic, &[]),
            Format::Time => format!("{hour:02}:{minute:02}:00Z"),
            Format::Duration => format!("PT{}M", n + 1),
            Format::Email => Kind::Email.text(n, topic, &[]),
            Format::Hostname => format!("{}.example.com", numbered(word.to_owned(), "-", round)),
            Format::Ipv4 => format!("192.0.2.{}", 1 + n % 254),
            Format::Ipv6 => format!("2001:db8::{:x}", n + 1),
            Format::Uri => Kind::Url.text(n, topic, &[]),
            Format::UriReference => format!("/{}", numbered(word.to_owned(), "/", round)),
            Format::UriTemplate => {
                format!("https://api.example.com/{}/{{id}}", numbered(word.to_owned(), "/", round))
            }
            Format::Uuid => {
                let hex = blake3::hash(&(n as u64).to_le_bytes()).to_hex();
                format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
            }
            Format::JsonPointer => format!("/{word}/{round}"),
            Format::RelativeJsonPointer => format!("{round}/{word}"),
            Format::Regex => format!("^{}$", numbered(word.to_owned(), "", round)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_split_into_words() {
        assert_eq!(words("filePath"), ["file", "path"]);
        assert_eq!(words("base_URL"), ["base", "url"]);
        assert_eq!(words("line-no"), ["line", "no"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn the_kind_of_a_string_follows_from_its_name_and_then_its_description() {
        let cases = [
            ("file", None, Kind::Path),
            ("changedFiles", None, Kind::Path),
            ("file_name", None, Kind::Path),
            ("summary", None, Kind::Summary),
            ("target", Some("Path of the file to change"), Kind::Path),
            ("docUrl", None, Kind::Url),
            ("why", Some("the reason"), Kind::Remark),
            ("severity", None, Kind::Level),
        ];
        for (name, description, kind) in cases {
            assert_eq!(Kind::of(name, description), kind, "{name}");
        }
    }

    #[test]
    fn strings_in_a_row_differ() {
        let topic = Topic::new("Review the parser.");
        for kind in [Kind::Path, Kind::Url, Kind::Id, Kind::Slug, Kind::Title, Kind::Deed, Kind::Remark] {
            let texts: HashSet<String> = (0..256).map(|n| kind.text(n, &topic, &[])).collect();
            assert_eq!(texts.len(), 256, "{kind:?}");
        }
    }

    #[test]
    fn a_prompt_names_its_topic_and_its_file() {
        let topic = Topic::new("\n# Review `src/net/http.rs`, e.g. its retries. Be brief.\nThen stop.");
        assert_eq!(topic.path, Some("src/net/http.rs"));
        assert!(topic.line.starts_with("Review `src/net/http.rs`"), "{}", topic.line);
        assert_eq!(Topic::new("See https://a.example/x.html").path, None);
    }

    #[test]
    fn a_reply_is_about_its_prompt_and_never_empty() {
        let mut draws = Draws::new(1, "a");
        assert!(
            reply("You are a tester. Count the tests of the parser", &mut draws)
                .contains("Count the tests of the parser")
        );
        assert!(!reply("", &mut draws).is_empty());
        assert!(!reply("日本語のテキスト".repeat(50).as_str(), &mut draws).is_empty());
    }

    #[test]
    fn what_reports_faults_is_known_by_its_name() {
        for name in ["missing", "errors", "blockers", "compileErrors", "missing_tests", "conflicts"] {
            assert!(reports_faults(name), "{name}");
        }
        for name in ["issues", "findings", "errorRate", "files", "remaining"] {
            assert!(!reports_faults(name), "{name}");
        }
    }
}
