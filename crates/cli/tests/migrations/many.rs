//! Hundreds of files from one language to another, through the landing queue, sixteen at a time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use serde_json::Value;

/// Each module of Python becomes one of awk; this tries all that are there on a number each.
const SUITE: &str = r#"#!/bin/sh
bad=0
for port in ports/*.awk; do
  [ -e "$port" ] || break
  name=${port##*/m}; factor=${name%.awk}
  [ "$(echo 7 | awk -f "$port")" = "$((7 * factor + 1))" ] || { echo "not ok - m$factor"; bad=1; }
done
[ "$bad" = 0 ] && echo "ok 1 - all ports agree" || echo "not ok 1 - all ports agree"
echo 1..1
exit $bad
"#;

/// One of ten is wrong at first, and every second of these is never mended.
fn is_wrong(nth: usize) -> bool {
    nth % 10 == 3
}

fn is_mended(nth: usize) -> bool {
    nth % 20 == 3
}

/// `FANFOLD_MANY=500` has it of more files.
#[test]
#[expect(clippy::print_stdout, reason = "figures for people")]
fn many_files_change_their_language_and_only_the_right_ones_land() {
    let many: usize = std::env::var("FANFOLD_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(40);
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("project");
    for part in ["python", "tests"] {
        fs::create_dir_all(project.join(part)).expect("made");
    }
    let mut scenario = String::new();
    for nth in 0..many {
        let module = format!("def f(x):\n    return x * {nth} + 1\n");
        fs::write(project.join(format!("python/m{nth}.py")), module).expect("written");
        let mut rule = |label: &str, factor: usize| {
            let edit = format!("{{ports/m{nth}.awk: \"{{ print $1 * {factor} + 1 }}\\n\"}}");
            let rule = format!("- match: {{label: \"^{label}$\"}}\n  reply: done\n  edit: {edit}\n");
            scenario.push_str(&rule);
        };
        rule(&format!("implement:m{nth}"), if is_wrong(nth) { nth + 1 } else { nth });
        if is_mended(nth) {
            rule(&format!("fix:m{nth}:1"), nth);
        }
    }
    let mut workflow = String::from(
        "export const meta = { name: 'port', description: 'Ports modules', oracle: { command: 'sh tests/run.sh', parse: 'tap' } }\n",
    );
    write!(
        workflow,
        "const items = Array.from({{ length: {many} }}, (_, nth) => 'm' + nth)\n\
         const done = await pipeline(items, (name) =>\n  \
           verified(`Port python/${{name}}.py to ports/${{name}}.awk.`, {{ label: name, reviewers: 0, rounds: 1 }}))\n\
         return done.map((one) => Boolean(one && one.landed))\n"
    )
    .expect("to a string");
    fs::write(project.join("tests/run.sh"), SUITE).expect("written");
    fs::write(folder.path().join("port.js"), workflow).expect("written");
    fs::write(folder.path().join("scenario.yaml"), scenario).expect("written");
    git(&project, &["init", "-q"]);
    git(&project, &["add", "-A"]);
    git(&project, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "start"]);

    let began = Instant::now();
    let words = [
        "run",
        "../port.js",
        "--scenario",
        "../scenario.yaml",
        "--concurrency",
        "16",
        "--max-agents",
        "9999",
        "--json",
    ];
    let ran = run(Command::new(env!("CARGO_BIN_EXE_fanfold")).args(words), &project, folder.path());
    let seconds = began.elapsed().as_secs_f64();
    let report: Value = serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&ran.stderr)));
    let landed = report["result"].as_array().expect("one for each");
    for (nth, landed) in landed.iter().enumerate() {
        assert_eq!(landed.as_bool(), Some(!is_wrong(nth) || is_mended(nth)), "m{nth}");
    }
    assert_eq!((report["verdict"].as_str(), ran.status.code()), (Some("failed"), Some(1)), "some are held");

    // What landed passes, in a clone that fanfold knows nothing of.
    let branch = format!("fanfold/{}", report["run_id"].as_str().expect("an id"));
    let clone = folder.path().join("clone");
    git(folder.path(), &["clone", "-q", "-b", &branch, "project", "clone"]);
    let suite = run(Command::new("sh").arg("tests/run.sh"), &clone, folder.path());
    assert!(suite.status.success(), "{}", String::from_utf8_lossy(&suite.stdout));
    let ports = fs::read_dir(clone.join("ports")).expect("they landed").count();
    let right = (0..many).filter(|nth| !is_wrong(*nth) || is_mended(*nth)).count();
    assert_eq!(ports, right);

    let shown = run(
        Command::new(env!("CARGO_BIN_EXE_fanfold")).args(["show", "last", "--json"]),
        &project,
        folder.path(),
    );
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    let judged = shown["oracles"].as_array().expect("verdicts");
    let of_oracle: u64 = judged.iter().filter_map(|one| one["judgement"]["durationMs"].as_u64()).sum();
    println!(
        "{many} files, {right} landed in {seconds:.1} s ({:.1} a second), {} verdicts whose commands took {:.1} s",
        right as f64 / seconds,
        judged.len(),
        of_oracle as f64 / 1_000.0
    );
}

fn git(folder: &Path, words: &[&str]) {
    let ran = run(Command::new("git").args(words), folder, folder);
    assert!(ran.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn run(command: &mut Command, folder: &Path, home: &Path) -> Output {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).env_clear().env("PATH", path).env("HOME", home).output().expect("it starts")
}
