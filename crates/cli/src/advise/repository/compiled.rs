//! Cargo, Go, Maven, Gradle, .NET, Swift.

use super::survey::Folder;
use super::{Found, Kind};

/// Sources in which a test is looked for.
const SOURCES_READ_MAX: usize = 400;

pub fn cargo(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(manifest) = folder.read("Cargo.toml") else { return };
    let (all, why) = match manifest.contains("[workspace]") {
        true => (" --workspace", "Cargo.toml, a workspace"),
        false => ("", "Cargo.toml"),
    };
    // `cargo test` passes where there is no test: that proves nothing.
    let mut sources = folder.files().filter(|path| path.ends_with(".rs")).take(SOURCES_READ_MAX);
    let is_test =
        |path: &str| folder.says(path, &["#[test]", "::test]", "::test(", "#[rstest]", "proptest!"]);
    if sources.any(is_test) {
        match folder.first(&[".config/nextest.toml"]) {
            Some(config) => found.add(Kind::Test, format!("cargo nextest run{all}"), config),
            None => found.add(Kind::Test, format!("cargo test{all}"), why),
        }
    }
    found.add(Kind::Types, format!("cargo check{all} --all-targets"), why);
    found.add(Kind::Lint, format!("cargo clippy{all} --all-targets"), why);
    found.add(Kind::Build, format!("cargo build{all}"), why);
}

pub fn go(folder: &Folder<'_>, found: &mut Found<'_>) {
    if !folder.has("go.mod") {
        return;
    }
    if let Some(test) = folder.find(|name| name.ends_with("_test.go")) {
        found.add(Kind::Test, "go test ./...", format!("go.mod, {test}"));
    }
    let config = [".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"];
    if let Some(config) = folder.first(&config) {
        found.add(Kind::Lint, "golangci-lint run", config);
    }
    found.add(Kind::Lint, "go vet ./...", "go.mod");
    found.add(Kind::Build, "go build ./...", "go.mod");
    found.add(Kind::Types, "go build ./...", "go.mod");
}

pub fn maven(folder: &Folder<'_>, found: &mut Found<'_>) {
    let Some(pom) = folder.read("pom.xml") else { return };
    let (maven, why) = match folder.has("mvnw") {
        true => ("./mvnw", "pom.xml, mvnw"),
        false => ("mvn", "pom.xml"),
    };
    if folder.files().any(is_jvm_test) {
        found.add(Kind::Test, format!("{maven} -B test"), why);
    }
    for (plugin, goal) in
        [("spotless-maven-plugin", "spotless:check"), ("maven-checkstyle", "checkstyle:check")]
    {
        if pom.contains(plugin) {
            found.add(Kind::Lint, format!("{maven} -B {goal}"), format!("pom.xml {plugin}"));
        }
    }
    found.add(Kind::Types, format!("{maven} -B test-compile"), why);
    found.add(Kind::Build, format!("{maven} -B package -DskipTests"), why);
}

pub fn gradle(folder: &Folder<'_>, found: &mut Found<'_>) {
    let scripts = ["build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle"];
    let Some(script) = folder.first(&scripts) else { return };
    let (gradle, why) = match folder.has("gradlew") {
        true => ("./gradlew", format!("{script}, gradlew")),
        false => ("gradle", script.to_owned()),
    };
    if folder.files().any(is_jvm_test) {
        found.add(Kind::Test, format!("{gradle} test"), why.clone());
    }
    let text = folder.read(script).unwrap_or_default();
    for (plugin, task) in [
        ("spotless", "spotlessCheck"),
        ("detekt", "detekt"),
        ("ktlint", "ktlintCheck"),
        ("checkstyle", "checkstyleMain"),
    ] {
        if text.contains(plugin) {
            found.add(Kind::Lint, format!("{gradle} {task}"), format!("{script} {plugin}"));
        }
    }
    found.add(Kind::Types, format!("{gradle} testClasses"), why.clone());
    found.add(Kind::Build, format!("{gradle} assemble"), why);
}

pub fn dotnet(folder: &Folder<'_>, found: &mut Found<'_>) {
    let has_ending = |path: &str, endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    let projects = [".csproj", ".fsproj", ".vbproj"];
    let mut entries = folder.entries();
    let Some(entry) =
        entries.find(|path| has_ending(path, &[".sln", ".slnx"]) || has_ending(path, &projects))
    else {
        return;
    };
    let mut members = folder.files().filter(|path| has_ending(path, &projects));
    let words = ["Microsoft.NET.Test.Sdk", "xunit", "NUnit", "MSTest", "TUnit"];
    if let Some(member) = members.find(|path| folder.says(path, &words)) {
        found.add(Kind::Test, "dotnet test", format!("{entry}, {member}"));
    }
    if folder.has(".editorconfig") {
        found.add(Kind::Lint, "dotnet format --verify-no-changes", ".editorconfig");
    }
    found.add(Kind::Types, "dotnet build", entry);
    found.add(Kind::Build, "dotnet build", entry);
}

pub fn swift(folder: &Folder<'_>, found: &mut Found<'_>) {
    if !folder.has("Package.swift") {
        return;
    }
    if folder.files().any(|path| path.starts_with("Tests/") && path.ends_with(".swift")) {
        found.add(Kind::Test, "swift test", "Package.swift, Tests/");
    }
    if folder.has(".swiftlint.yml") {
        found.add(Kind::Lint, "swiftlint lint --strict", ".swiftlint.yml");
    }
    found.add(Kind::Types, "swift build", "Package.swift");
    found.add(Kind::Build, "swift build", "Package.swift");
}

fn is_jvm_test(path: &str) -> bool {
    format!("/{path}").contains("/src/test/")
}
