//! What the workflow files of CI run: a hint at which of the commands counts, and at one that nothing else tells.

use super::survey::Survey;
use super::{Finding, Kind};

const FOLDER: &str = ".github/workflows";
const FILES_MAX: usize = 30;
/// Beginnings of commands whose meaning is known.
const KNOWN: [(&str, Kind); 48] = [
    ("cargo test", Kind::Test),
    ("cargo nextest run", Kind::Test),
    ("cargo clippy", Kind::Lint),
    ("cargo check", Kind::Types),
    ("cargo build", Kind::Build),
    ("npm test", Kind::Test),
    ("npm run test", Kind::Test),
    ("npm run typecheck", Kind::Types),
    ("npm run lint", Kind::Lint),
    ("npm run build", Kind::Build),
    ("pnpm test", Kind::Test),
    ("pnpm run test", Kind::Test),
    ("pnpm lint", Kind::Lint),
    ("pnpm build", Kind::Build),
    ("yarn test", Kind::Test),
    ("yarn run test", Kind::Test),
    ("yarn lint", Kind::Lint),
    ("yarn build", Kind::Build),
    ("bun test", Kind::Test),
    ("bun run test", Kind::Test),
    ("pytest", Kind::Test),
    ("python -m pytest", Kind::Test),
    ("python -m unittest", Kind::Test),
    ("uv run pytest", Kind::Test),
    ("poetry run pytest", Kind::Test),
    ("tox", Kind::Test),
    ("nox", Kind::Test),
    ("hatch test", Kind::Test),
    ("hatch run test", Kind::Test),
    ("ruff check", Kind::Lint),
    ("mypy", Kind::Types),
    ("go test", Kind::Test),
    ("go vet", Kind::Lint),
    ("mvn test", Kind::Test),
    ("mvn verify", Kind::Test),
    ("mvn -B verify", Kind::Test),
    ("./mvnw verify", Kind::Test),
    ("./gradlew test", Kind::Test),
    ("./gradlew check", Kind::Test),
    ("dotnet test", Kind::Test),
    ("make test", Kind::Test),
    ("make check", Kind::Test),
    ("just test", Kind::Test),
    ("ctest", Kind::Test),
    ("swift test", Kind::Test),
    ("composer test", Kind::Test),
    ("bundle exec rspec", Kind::Test),
    ("mix test", Kind::Test),
];

/// Marks what CI runs too. Where nothing of a kind was found, its command is taken.
pub fn confirm(survey: &Survey, findings: &mut Vec<Finding>) {
    let files = survey.beneath(FOLDER).filter(|path| path.ends_with(".yml") || path.ends_with(".yaml"));
    for path in files.take(FILES_MAX) {
        for line in survey.read(path).iter().flat_map(|text| commands(text)) {
            let Some((_, kind)) = KNOWN.iter().find(|(known, _)| starts_with(&line, known)) else { continue };
            let is_same = |finding: &&mut Finding| {
                finding.kind == *kind && (starts_with(&line, &finding.command) || finding.command == line)
            };
            if let Some(finding) = findings.iter_mut().find(is_same) {
                finding.in_ci = true;
            } else if !findings.iter().any(|finding| finding.kind == *kind) && is_plain(&line) {
                findings.push(Finding {
                    kind: *kind,
                    command: line,
                    why: format!("{path}, a step of CI"),
                    directory: ".".into(),
                    ecosystem: "ci",
                    in_ci: true,
                });
            }
        }
    }
}

/// The lines of `run:` steps. Not all of YAML: what it misses is a hint less.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let bare = line.trim();
        if let Some(depth) = block {
            if bare.is_empty() || indent > depth {
                found.push(bare.to_owned());
                continue;
            }
            block = None;
        }
        let step = bare.strip_prefix("- ").unwrap_or(bare);
        if let Some(command) = step.strip_prefix("run:").map(str::trim) {
            match command.starts_with(['|', '>']) {
                true => block = Some(indent),
                false => found.push(command.trim_matches(['"', '\'']).to_owned()),
            }
        }
    }
    found
}

/// Word by word.
fn starts_with(line: &str, start: &str) -> bool {
    line.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Nothing in it means more to a shell than a word does, and no word of it says that it changes the world.
fn is_plain(line: &str) -> bool {
    const ACTS: [&str; 6] = ["deploy", "publish", "release", "push", "upload", "install"];
    line.chars().all(|ch| ch.is_ascii_alphanumeric() || " -_./:=@,+".contains(ch))
        && !ACTS.iter().any(|act| line.contains(act))
}
