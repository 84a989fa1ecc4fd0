//! Names that test harnesses look for. A plain list, so that a person can check it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use globset::GlobSet;
use regex::Regex;

use super::command::Command;

/// In any folder.
const ANYWHERE: [&str; 44] = [
    // Python
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "setup.cfg",
    "noxfile.py",
    ".coveragerc",
    "*.pth",
    // Rust
    ".cargo/config",
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".config/nextest.toml",
    // JavaScript
    "jest.config.*",
    "jest.setup.*",
    "vitest.config.*",
    "vitest.workspace.*",
    "vitest.setup.*",
    "vite.config.*",
    ".mocharc*",
    "ava.config.*",
    "karma.conf.*",
    "playwright.config.*",
    "cypress.config.*",
    "babel.config.*",
    ".babelrc*",
    ".swcrc",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".yarn/**",
    ".pnpmfile.cjs",
    ".pnp.*",
    // Other builds
    "phpunit.xml*",
    ".rspec",
    "gradlew",
    "mvnw",
    ".mvn/**",
    "gradle/wrapper/**",
    // What git lays down
    ".gitattributes",
    ".gitmodules",
    ".envrc",
];

/// In the folders that checks start in: what Python would find before its own.
const SHADOWS: [&str; 8] = [
    "pytest.py",
    "pytest/**",
    "_pytest/**",
    "pluggy/**",
    "unittest.py",
    "unittest/**",
    "py.py",
    "coverage.py",
];

const CACHES: [&str; 9] = [
    "*.pyc",
    "*.pyo",
    "__pycache__/**",
    ".pytest_cache/**",
    "node_modules/**",
    ".venv/**",
    "target/debug/**",
    "target/release/**",
    ".jest-cache/**",
];

/// What a check may not make where it is not: a second command of the same line would read it.
const WATCHED: [&str; 13] = [
    ".cargo/config",
    ".cargo/config.toml",
    ".npmrc",
    ".pytest.ini",
    "GNUmakefile",
    "conftest.py",
    "pytest.ini",
    "pytest.py",
    "rust-toolchain",
    "rust-toolchain.toml",
    "sitecustomize.py",
    "unittest.py",
    "usercustomize.py",
];

/// What defines the command, by its program.
pub(super) const MADE_BY: [(&str, &[&str]); 11] = [
    ("make", &["GNUmakefile", "makefile", "Makefile", "*.mk"]),
    ("gmake", &["GNUmakefile", "makefile", "Makefile", "*.mk"]),
    ("just", &["justfile", "Justfile", ".justfile"]),
    ("task", &["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"]),
    ("rake", &["Rakefile", "rakefile"]),
    ("tox", &["tox.ini"]),
    ("cmake", &["CMakeLists.txt"]),
    ("ctest", &["CMakeLists.txt", "CTestTestfile.cmake"]),
    ("mvn", &["pom.xml"]),
    ("gradle", &["build.gradle*", "settings.gradle*"]),
    ("bats", &[]),
];

pub fn harness(folders: &BTreeSet<String>, commands: &[Command]) -> GlobSet {
    let in_folders = |name: &str| {
        let name = name.to_owned();
        folders.iter().map(move |folder| join(folder, &name)).collect::<Vec<_>>()
    };
    let anywhere = ANYWHERE.iter().flat_map(|name| [(*name).to_owned(), format!("**/{name}")]);
    let shadows = SHADOWS.iter().flat_map(|name| in_folders(name));
    // A file that is called like a program of the command stands before it in somebody's PATH.
    let shims = commands.iter().filter(|command| !command.program.contains('/')).flat_map(|command| {
        [command.program.clone(), format!("**/bin/{}", command.program), format!("bin/{}", command.program)]
    });
    let makers = commands.iter().flat_map(|command| {
        let named = MADE_BY.iter().filter(|(program, _)| *program == command.program);
        named.flat_map(|(_, names)| names.iter().map(|name| join(&command.folder, name))).collect::<Vec<_>>()
    });
    let scripts = commands.iter().flat_map(|command| command.scripts.iter().cloned());
    // A file only: `test -f x` is no reason to protect a folder called `test`.
    super::exact(super::with_contents(anywhere.chain(shadows).chain(makers).chain(scripts)).chain(shims))
}

pub fn caches() -> GlobSet {
    super::globs(CACHES.iter().flat_map(|name| [(*name).to_owned(), format!("**/{name}")]))
}

pub fn watched(folders: &BTreeSet<String>) -> Vec<String> {
    folders.iter().flat_map(|folder| WATCHED.iter().map(move |name| join(folder, name))).collect()
}

/// By its name or by a folder that it lies in.
pub fn is_test(path: &str) -> bool {
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        let folders =
            "tests?|__tests__|specs?|e2e|testdata|test[-_]data|fixtures|__snapshots__|snapshots|__mocks__";
        let names = [
            r"tests?\.(?:py|rs)",
            r"test_[^/]*\.\w+",
            r"[^/]*_(?:test|tests|spec)\.\w+",
            r"[^/]*\.(?:test|tests|spec|cy)\.\w+",
            r"[^/]*(?:Test|Tests|TestCase|IT|Spec)\.(?:java|kt|kts|scala|groovy|cs|swift|php)",
            r"[^/]*\.(?:snap|bats|t)",
        ];
        let pattern = format!("(?:^|/)(?:(?:{folders})/|(?:{})$)", names.join("|"));
        Regex::new(&pattern).expect("a good pattern")
    });
    TEST.is_match(path)
}

pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
