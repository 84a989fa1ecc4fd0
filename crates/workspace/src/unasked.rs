//! Files that other programs run or obey by themselves: when a folder is opened, entered, fetched, committed in or
//! built. A person wants to have read them before they are there.

/// Names of files in any folder.
const FILES: [(&str, &str); 50] = [
    (".envrc", "direnv, on entering the folder"),
    ("mise.toml", "mise, on entering the folder"),
    (".mise.toml", "mise, on entering the folder"),
    (".tool-versions", "asdf or mise, on entering the folder"),
    (".mcp.json", "agents' tools, on start"),
    (".cursorrules", "agents' tools, on start"),
    ("CLAUDE.md", "agents' tools, on start"),
    ("CLAUDE.local.md", "agents' tools, on start"),
    ("AGENTS.md", "agents' tools, on start"),
    ("GEMINI.md", "agents' tools, on start"),
    (".gitmodules", "git, with submodules"),
    (".gitattributes", "git, with filters"),
    (".lfsconfig", "git-lfs"),
    (".pre-commit-config.yaml", "pre-commit, on commit"),
    ("lefthook.yml", "lefthook, on commit"),
    (".gitlab-ci.yml", "GitLab, on push"),
    (".travis.yml", "Travis, on push"),
    ("Jenkinsfile", "Jenkins, on push"),
    ("azure-pipelines.yml", "Azure, on push"),
    ("bitbucket-pipelines.yml", "Bitbucket, on push"),
    (".drone.yml", "Drone, on push"),
    ("package.json", "npm, on install and for its scripts"),
    (".npmrc", "npm"),
    (".yarnrc.yml", "yarn"),
    (".yarnrc", "yarn"),
    (".pnpmfile.cjs", "pnpm, on install"),
    ("bunfig.toml", "bun"),
    ("binding.gyp", "npm, on install"),
    ("build.rs", "cargo, and editors that check"),
    ("rust-toolchain.toml", "rustup"),
    ("rust-toolchain", "rustup"),
    ("setup.py", "pip, on install"),
    ("conftest.py", "pytest"),
    ("sitecustomize.py", "python, on start"),
    ("usercustomize.py", "python, on start"),
    ("noxfile.py", "nox"),
    ("Makefile", "make"),
    ("makefile", "make"),
    ("GNUmakefile", "make"),
    ("justfile", "just"),
    ("Taskfile.yml", "task"),
    ("Rakefile", "rake"),
    ("CMakeLists.txt", "cmake, and editors that configure"),
    ("build.gradle", "gradle, and editors that import"),
    ("build.gradle.kts", "gradle, and editors that import"),
    ("settings.gradle", "gradle, and editors that import"),
    ("settings.gradle.kts", "gradle, and editors that import"),
    ("gradlew", "gradle"),
    ("mvnw", "maven"),
    (".vimrc", "vim, on start"),
];

/// Folders, with all that is in them, and files of a folder: in any folder.
const PLACES: [(&str, &str); 28] = [
    (".claude/skills", "agents' tools, when it fits"),
    (".claude", "agents' tools, on start"),
    (".fanfold", "fanfold, on its next run"),
    (".cursor", "Cursor, on opening"),
    (".gemini", "agents' tools, on start"),
    (".codex", "agents' tools, on start"),
    (".windsurf", "agents' tools, on start"),
    (".github/workflows", "GitHub, on push"),
    (".github/actions", "GitHub, on push"),
    (".github/copilot-instructions.md", "agents' tools, on start"),
    (".github/dependabot.yml", "GitHub"),
    (".circleci", "CircleCI, on push"),
    (".buildkite", "Buildkite, on push"),
    (".vscode/tasks.json", "VS Code, on opening"),
    (".vscode/settings.json", "VS Code, on opening"),
    (".vscode/launch.json", "VS Code, on debugging"),
    (".vscode/mcp.json", "VS Code, on opening"),
    (".vscode/extensions.json", "VS Code, on opening"),
    (".idea", "JetBrains' editors, on opening"),
    (".zed", "Zed, on opening"),
    (".devcontainer", "editors, on opening in a container"),
    (".husky", "git, on commit"),
    (".githooks", "git, on commit"),
    (".cargo", "cargo, and editors that check"),
    (".mvn", "maven"),
    ("gradle/wrapper", "gradle"),
    (".yarn", "yarn"),
    (".bundle", "bundler"),
];

/// By whom, and when, a file is run or obeyed that nobody asks to be. `None`: by nobody that is known.
pub fn unasked(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let slashed = format!("/{path}/");
    let of_place = PLACES.iter().find(|(place, _)| slashed.contains(&format!("/{place}/")));
    // Names differ by case only on some systems, and there they are the same.
    let of_name = || FILES.iter().find(|(file, _)| file.eq_ignore_ascii_case(name));
    of_place
        .or_else(of_name)
        .map(|(_, who)| *who)
        .or_else(|| is_loaded_by_python(name).then_some("python, on start"))
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
