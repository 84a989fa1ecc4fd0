//! Files that other programs run or obey by themselves: when a folder is opened, entered, fetched, committed in or
//! built. A person wants to have read them before they are there: `apply` names them all, and of some of them agents
//! that work in the project's own directory, where nobody looks at a patch first, are kept.

/// What agents that work in the project's own directory may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It says what agents may do: they cannot write it, whoever grants it.
    Rules,
    /// Obeyed as soon as somebody opens or enters the folder, or starts an agent there, which is trusted already: they
    /// can neither write nor make it, unless a person grants it.
    Place,
    /// Obeyed where it has been set up here, and then it is there; a new one does nothing, or the person is asked. They
    /// cannot write one that is there, unless a person grants it.
    Standing,
    /// Work as any other: notes and skills for agents; recipes, which run code that agents wrote whoever wrote the
    /// recipe; and pipelines, which run such recipes, of what a person has committed and pushed.
    Open,
}

use Guard::{Open, Place, Rules, Standing};

/// Names of files in any folder.
const FILES: [(&str, &str, Guard); 51] = [
    (".envrc", "direnv, on entering the folder", Place),
    ("mise.toml", "mise, on entering the folder", Standing),
    (".mise.toml", "mise, on entering the folder", Standing),
    (".tool-versions", "asdf or mise, on entering the folder", Open),
    (".mcp.json", "agents' tools, on start", Place),
    (".cursorrules", "agents' tools, on start", Open),
    ("CLAUDE.md", "agents' tools, on start", Open),
    ("CLAUDE.local.md", "agents' tools, on start", Open),
    ("AGENTS.md", "agents' tools, on start", Open),
    ("GEMINI.md", "agents' tools, on start", Open),
    (".gitmodules", "git, with submodules", Open),
    (".gitattributes", "git, with filters", Open),
    (".lfsconfig", "git-lfs", Open),
    (".pre-commit-config.yaml", "pre-commit, on commit", Standing),
    ("lefthook.yml", "lefthook, on commit", Standing),
    (".gitlab-ci.yml", "GitLab, on push", Open),
    (".travis.yml", "Travis, on push", Open),
    ("Jenkinsfile", "Jenkins, on push", Open),
    ("azure-pipelines.yml", "Azure, on push", Open),
    ("bitbucket-pipelines.yml", "Bitbucket, on push", Open),
    (".drone.yml", "Drone, on push", Open),
    ("package.json", "npm, on install and for its scripts", Open),
    (".npmrc", "npm", Open),
    (".yarnrc.yml", "yarn", Open),
    (".yarnrc", "yarn", Open),
    (".pnpmfile.cjs", "pnpm, on install", Open),
    ("bunfig.toml", "bun", Open),
    ("binding.gyp", "npm, on install", Open),
    ("build.rs", "cargo, and editors that check", Open),
    ("rust-toolchain.toml", "rustup", Open),
    ("rust-toolchain", "rustup", Open),
    ("setup.py", "pip, on install", Open),
    ("conftest.py", "pytest", Open),
    ("sitecustomize.py", "python, on start", Open),
    ("usercustomize.py", "python, on start", Open),
    ("noxfile.py", "nox", Open),
    ("Makefile", "make", Open),
    ("makefile", "make", Open),
    ("GNUmakefile", "make", Open),
    ("justfile", "just", Open),
    ("Taskfile.yml", "task", Open),
    ("Rakefile", "rake", Open),
    ("CMakeLists.txt", "cmake, and editors that configure", Open),
    ("build.gradle", "gradle, and editors that import", Open),
    ("build.gradle.kts", "gradle, and editors that import", Open),
    ("settings.gradle", "gradle, and editors that import", Open),
    ("settings.gradle.kts", "gradle, and editors that import", Open),
    ("gradlew", "gradle", Open),
    ("mvnw", "maven", Open),
    (".vimrc", "vim, on start", Standing),
    (".devcontainer.json", "editors, on opening in a container", Standing),
];

/// Folders, with all that is in them, and files of a folder: in any folder. The first that fits counts.
const PLACES: [(&str, &str, Guard); 37] = [
    (".claude/skills", "agents' tools, when it fits", Open),
    (".claude/settings.json", "agents' tools, on start", Rules),
    (".claude/settings.local.json", "agents' tools, on start", Rules),
    (".claude/workflows", "agents' tools, on start", Place),
    (".claude/agents", "agents' tools, on start", Place),
    (".claude/commands", "agents' tools, on start", Place),
    (".claude/hooks", "agents' tools, on start", Place),
    (".claude", "agents' tools, on start", Open),
    (".fanfold/config.toml", "fanfold, on its next run", Rules),
    (".fanfold/workflows", "fanfold, on its next run", Place),
    (".fanfold/agents", "fanfold, on its next run", Place),
    (".fanfold", "fanfold, on its next run", Open),
    (".cursor", "Cursor, on opening", Place),
    (".gemini", "agents' tools, on start", Place),
    (".codex", "agents' tools, on start", Place),
    (".windsurf", "agents' tools, on start", Place),
    (".github/workflows", "GitHub, on push", Open),
    (".github/actions", "GitHub, on push", Open),
    (".github/copilot-instructions.md", "agents' tools, on start", Open),
    (".github/dependabot.yml", "GitHub", Open),
    (".circleci", "CircleCI, on push", Open),
    (".buildkite", "Buildkite, on push", Open),
    (".vscode/tasks.json", "VS Code, on opening", Place),
    (".vscode/settings.json", "VS Code, on opening", Place),
    (".vscode/launch.json", "VS Code, on debugging", Open),
    (".vscode/mcp.json", "VS Code, on opening", Place),
    (".vscode/extensions.json", "VS Code, on opening", Open),
    (".idea", "JetBrains' editors, on opening", Standing),
    (".zed", "Zed, on opening", Place),
    (".devcontainer", "editors, on opening in a container", Standing),
    (".husky", "git, on commit", Standing),
    (".githooks", "git, on commit", Standing),
    (".cargo", "cargo, and editors that check", Open),
    (".mvn", "maven", Open),
    ("gradle/wrapper", "gradle", Open),
    (".yarn", "yarn", Open),
    (".bundle", "bundler", Open),
];

/// By whom, and when, a file is run or obeyed that nobody asks to be. `None`: by nobody that is known.
pub fn unasked(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let slashed = format!("/{path}/");
    let of_place = PLACES.iter().find(|(place, ..)| slashed.contains(&format!("/{place}/")));
    // Names differ by case only on some systems, and there they are the same.
    let of_name = || FILES.iter().find(|(file, ..)| file.eq_ignore_ascii_case(name));
    of_place
        .or_else(of_name)
        .map(|(_, who, _)| *who)
        .or_else(|| is_loaded_by_python(name).then_some("python, on start"))
}

/// What agents that work in the project's own directory are kept from, in any folder.
pub fn guarded() -> impl Iterator<Item = (&'static str, Guard)> {
    let all = PLACES.iter().chain(&FILES).map(|(path, _, guard)| (*path, *guard));
    all.filter(|(_, guard)| *guard != Open)
}

/// Lines of it that begin with `import` are run.
fn is_loaded_by_python(name: &str) -> bool {
    name.ends_with(".pth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_by_itself_is_known_in_any_folder() {
        for path in [
            ".envrc",
            "a/.envrc",
            ".claude/settings.json",
            "a/b/.claude/hooks/x.sh",
            ".mcp.json",
            ".vscode/tasks.json",
            ".husky/pre-commit",
            ".github/workflows/ci.yml",
            "package.json",
            "web/package.json",
            "Makefile",
            "makefile",
            ".cargo/config.toml",
            "build.rs",
            "crates/a/build.rs",
            ".fanfold/workflows/x.js",
            "x.pth",
        ] {
            assert!(unasked(path).is_some(), "{path}");
        }
    }

    #[test]
    fn what_agents_are_kept_from_is_named_too() {
        for (path, _) in guarded() {
            assert!(unasked(path).is_some(), "{path}");
        }
        let of = |wanted: &str| guarded().find(|(path, _)| *path == wanted).map(|(_, guard)| guard);
        let guards = [".claude/settings.json", ".cursor", ".idea", "Makefile", ".github/workflows"].map(of);
        assert_eq!(guards, [Some(Rules), Some(Place), Some(Standing), None, None]);
    }

    #[test]
    fn other_files_are_not_named() {
        for path in [
            "src/main.rs",
            "src/build.rs.txt",
            "docs/package.json.md",
            "src/claude/a.rs",
            ".vscode/snippets.json",
            "a.envrc",
            ".github/ISSUE_TEMPLATE.md",
            "cargo/config.toml",
            "README.md",
            "tests/test_a.py",
        ] {
            assert_eq!(unasked(path), None, "{path}");
        }
    }
}
