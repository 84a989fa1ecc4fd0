//! What lands comes to the person's branch when they say so, and what judges it is what they named last.

use std::process::Command;

use serde_json::Value;

use crate::model::Model;
use crate::project::Project;

const WORKFLOW: &str = "
export const meta = { name: 'w', description: 'writes a file', oracle: { command: 'grep -q right a.txt', parse: 'exit' } }
return (await verified('write it', { label: 'it', reviewers: 0, rounds: 0 })).landed
";

const SCENARIO: &str = "
- match: {label: '^implement:it$'}
  reply: done
  edit: {a.txt: right}
";

/// A repository with one commit, a workflow, and replies that do its work.
pub fn repository() -> Project {
    let project = Project::new();
    project.file(".gitignore", ".fanfold/\nw.js\ns.yaml\nedited.js\n");
    project.file("a.txt", "wrong\n");
    git(&project, "init -q -b main .");
    git(&project, "add -A");
    git(&project, "-c user.name=p -c user.email=p@localhost commit -qm start");
    project.file("w.js", WORKFLOW);
    project.file("s.yaml", SCENARIO);
    project
}

fn git(project: &Project, words: &str) -> String {
    let mut git = Command::new("git");
    git.args(words.split(' ')).current_dir(&project.dir).env("HOME", &project.home);
    let output = git.output().expect("git is installed");
    assert!(output.status.success(), "git {words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

const RUN: [&str; 8] = ["run", "w.js", "--scenario", "s.yaml", "--yes", "--json", "--sandbox", "off"];

#[test]
fn what_passed_is_applied_at_the_end_when_that_was_asked_for() {
    let project = repository();
    project.fanfold(&[&RUN[..], &["--apply"]].concat()).exits(0);
    assert_eq!(git(&project, "show HEAD:a.txt"), "right");
    assert_eq!(git(&project, "status --porcelain"), "");
}

#[test]
fn work_in_the_way_of_apply_leaves_the_result_one_document() {
    let project = repository();
    project.file("a.txt", "mine\n");
    let ended = project.fanfold(&[&RUN[..], &["--apply"]].concat()).exits(1).says("work in the way");
    let document: Value = serde_json::from_str(&ended.stdout).expect("one document");
    assert_eq!((&document["verdict"], &document["result"]), (&"passed".into(), &true.into()));
    assert_eq!(git(&project, "show HEAD:a.txt"), "wrong\n");
}

#[test]
fn ignored_work_in_the_place_of_a_new_folder_is_not_overwritten() {
    let project = repository();
    let ignored = |more: &str| format!(".fanfold/\nw.js\ns.yaml\nedited.js\n{more}");
    project.file(".gitignore", &ignored("/notes\n/data\n"));
    git(&project, "-c user.name=p -c user.email=p@localhost commit -qam ignores");
    project.file("notes", "mine\n");
    std::os::unix::fs::symlink("/nowhere", project.dir.join("data")).expect("fresh");
    let edits = "edit: {.gitignore: '!/notes\n\n!/data', notes/x: x, data/x: x, a.txt: right}";
    project.file("s.yaml", &SCENARIO.replace("edit: {a.txt: right}", edits));
    let ended = project.fanfold(&[&RUN[..], &["--apply"]].concat()).exits(1);
    ended.says("work in the way").says("data, notes");
    assert_eq!(std::fs::read_to_string(project.dir.join("notes")).expect("still a file"), "mine\n");
    assert!(project.dir.join("data").is_symlink());
}

#[test]
fn what_runs_by_itself_is_named_before_it_is_applied() {
    let project = repository();
    let edits = "edit: {a.txt: right, .claude/settings.json: '{}', web/package.json: '{}', docs/x.md: x}";
    project.file("s.yaml", &SCENARIO.replace("edit: {a.txt: right}", edits));
    project.fanfold(&RUN).exits(0);
    let shown = project.fanfold(&["apply", "last", "--dry-run"]).exits(0);
    let shown = shown
        .says("by themselves")
        .says(".claude/settings.json  (agents' tools, on start)")
        .says("web/package.json  (npm");
    assert_eq!(shown.stderr.matches("docs/x.md").count(), 1, "listed, and not warned of: {}", shown.stderr);
    let told = project.fanfold(&["apply", "last", "--dry-run", "--json"]).exits(0).json();
    let named = told["runs_by_itself"].as_array().expect("a list").clone();
    let paths: Vec<&str> = named.iter().filter_map(|one| one["path"].as_str()).collect();
    assert_eq!(paths, [".claude/settings.json", "web/package.json"]);

    let plain = repository();
    plain.fanfold(&RUN).exits(0);
    let shown = plain.fanfold(&["apply", "last", "--dry-run"]).exits(0);
    assert!(!shown.stderr.contains("by themselves"), "void: it is always said: {}", shown.stderr);
}

/// Whoever pushes what lands has GitHub run something.
pub fn lands_a_pipeline(project: &Project) {
    with_a_pipeline(project);
    project.fanfold(&RUN).exits(0);
}

fn with_a_pipeline(project: &Project) {
    let edits = "edit: {a.txt: right, .github/workflows/x.yml: 'on: push'}";
    project.file("s.yaml", &SCENARIO.replace("edit: {a.txt: right}", edits));
}

#[test]
fn what_runs_by_itself_is_applied_only_when_a_person_says_so() {
    let is_applied = |project: &Project| project.dir.join(".github/workflows/x.yml").exists();

    let project = repository();
    lands_a_pipeline(&project);
    let refused = project.fanfold(&["apply", "last"]).exits(4);
    refused.says(".github/workflows/x.yml  (GitHub, on push)").says("--yes");
    let refused = project.fanfold(&["apply", "last", "--json"]).exits(4).json();
    assert_eq!((&refused["applied"], &refused["exit_status"]), (&false.into(), &4.into()), "{refused}");
    assert_eq!((&refused["error"]["kind"], is_applied(&project)), (&"not_approved".into(), false));
    let told = project.fanfold(&["apply", "last", "--yes", "--json"]).exits(0).json();
    assert_eq!((&told["applied"], &told["error"]), (&true.into(), &Value::Null), "{told}");
    assert!(is_applied(&project));

    let project = repository();
    with_a_pipeline(&project);
    let words: Vec<&str> = RUN.into_iter().filter(|word| *word != "--yes").chain(["--apply"]).collect();
    let ended = project.fanfold(&words).exits(4).says("nothing was applied").says("fanfold apply wf_");
    let document: Value = serde_json::from_str(&ended.stdout).expect("one document");
    assert_eq!((&document["verdict"], is_applied(&project)), (&"passed".into(), false));

    let project = repository();
    with_a_pipeline(&project);
    project.fanfold(&[&RUN[..], &["--apply"]].concat()).exits(0);
    assert!(is_applied(&project), "with --yes all of it is meant");
    let plain = repository();
    plain.fanfold(&words).exits(0);
    assert_eq!(git(&plain, "show HEAD:a.txt"), "right", "void: nothing is ever applied without --yes");
}

#[test]
fn a_hidden_check_that_agents_can_read_in_the_repository_is_told_of() {
    let checks = |command: &str| {
        format!(
            "export const meta = {{ name: 'w', description: 'd', oracle: {{ checks: [\n\
             {{ name: 'own', command: 'sh tests/own.sh', parse: 'exit' }},\n\
             {{ name: 'more', command: '{command}', parse: 'exit', visibility: 'hidden' }}] }} }}\n\
             return await agent('x')"
        )
    };
    let told = |command: &str, ignored: &str| {
        let model = Model::obliging();
        let project = Project::with(&model);
        project.file(".gitignore", ignored);
        project.file("src/a.py", "");
        project.file("tests/own.sh", "true\n");
        project.file("tests/hidden.sh", "true\n");
        project.file("w.js", &checks(command));
        git(&project, "init -q -b main .");
        git(&project, "add -A");
        git(&project, "-c user.name=p -c user.email=p@localhost commit -qm start");
        project.fanfold(&["run", "w.js", "--yes"]).exits(0).stderr
    };
    let bad = told("sh ./tests/hidden.sh", ".fanfold/\n");
    assert!(
        bad.contains("`more`: tests/hidden.sh is in the repository") && bad.contains("w.js is in"),
        "{bad}"
    );
    assert!(!bad.contains("own.sh is in"), "that one is no secret: {bad}");
    let good = told("test -e src/a.py", ".fanfold/\nw.js\n");
    assert!(!good.contains("in the repository"), "{good}");
}

#[test]
fn work_in_no_commit_is_named_before_the_start_is_judged_without_it() {
    let project = repository();
    let told = project.fanfold(&RUN).exits(0).stderr;
    assert!(!told.contains("uncommitted"), "void: it is always said: {told}");

    let project = repository();
    project.file("checks/secret.sh", "grep -q right a.txt\n");
    project.file("a.txt", "mine\n");
    let hidden = "{ checks: [{ name: 'more', command: 'sh checks/secret.sh', visibility: 'hidden' }] }";
    let own = "{ command: 'grep -q right a.txt', parse: 'exit' }";
    project.file("w.js", &WORKFLOW.replace(own, hidden));
    let told = project.fanfold(&RUN).stderr;
    let warned = told.find("uncommitted work (a.txt, checks/)");
    let judged = told.find("FAILED  at the start").expect("it is judged");
    assert!(warned.is_some_and(|at| at < judged), "{told}");
}

#[test]
fn what_landed_before_a_script_failed_is_not_applied() {
    let project = repository();
    project.file(
        "w.js",
        &WORKFLOW
            .replace("return (await", "const { landed } = (await")
            .replace(").landed", ")\nthrow new Error(`landed: ${landed}`)"),
    );
    let ended = project.fanfold(&[&RUN[..], &["--apply"]].concat()).exits(1);
    ended.says("landed: true").says("nothing is applied");
    assert_eq!(git(&project, "show HEAD:a.txt"), "wrong\n");
}

#[test]
fn an_edited_workflow_is_judged_by_its_edited_oracle_and_a_named_one_goes_on() {
    let project = repository();
    project.file("w.js", &WORKFLOW.replace("grep -q right", "grep -q wrong"));
    project.fanfold(&RUN).exits(1);
    project.file("edited.js", WORKFLOW);
    let resume = ["resume", "last", "--yes", "--json", "--sandbox", "off", "--script", "edited.js"];
    assert_eq!(project.fanfold(&resume).exits(0).json()["verdict"], "passed");

    let project = repository();
    project.fanfold(&[&RUN[..], &["--oracle", "grep -q wrong a.txt"]].concat()).exits(1);
    project.file("edited.js", &format!("{WORKFLOW}// edited"));
    assert_eq!(project.fanfold(&resume).exits(1).json()["verdict"], "failed", "the person named another");
}

#[test]
fn an_oracle_is_switched_off_for_a_run_and_stays_so_when_it_goes_on() {
    let project = repository();
    let document = project.fanfold(&[&RUN[..], &["--oracle", "none"]].concat()).exits(0).json();
    assert_eq!((&document["verdict"], &document["result"]), (&"unverified".into(), &false.into()));
    let resume = ["resume", "last", "--yes", "--json", "--sandbox", "off"];
    assert_eq!(project.fanfold(&resume).exits(0).json()["verdict"], "unverified");
    let judged = project.fanfold(&[&resume[..], &["--oracle", "grep -q right a.txt"]].concat());
    assert_ne!(judged.exits(0).json()["verdict"], "unverified", "a person may name one again");
    project.fanfold(&[&RUN[..], &["--oracle", ""]].concat()).exits(2).says("--oracle");
}

#[test]
fn programs_of_the_project_are_not_run_by_the_engine() {
    use std::os::unix::fs::PermissionsExt;
    let project = repository();
    let ran = project.dir.join("ran");
    let planted = format!(
        "#!/bin/sh\necho \"$0\" >> {}\nPATH=/usr/bin:/bin exec \"${{0##*/}}\" \"$@\"\n",
        ran.display()
    );
    for name in ["git", "bwrap", "unshare", "mount"] {
        let program = project.file(&format!("node_modules/.bin/{name}"), &planted);
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("ours");
    }
    let usual = std::env::var("PATH").expect("there is one");
    for first in ["./node_modules/.bin", &project.dir.join("node_modules/.bin").display().to_string()] {
        let path = format!("PATH={first}:{usual}");
        let words = [&[path.as_str(), project.program()][..], &RUN[..6]].concat();
        let ended =
            project.start_program("env", &words, std::process::Stdio::null()).expect("it starts").ended();
        ended.exits(0);
        assert!(!ran.exists(), "{}", std::fs::read_to_string(&ran).unwrap_or_default());
    }
}

#[test]
fn a_home_is_no_project_of_confined_agents() {
    let project = Project::with(&crate::model::Model::obliging());
    project.file("w.js", "export const meta = { name: 'w', description: 'x' }\nreturn await agent('look')\n");
    let home = format!("HOME={}", project.dir.display());
    let words = [home.as_str(), project.program(), "run", "w.js", "--yes"];
    let run = |more: &[&str]| {
        let words = [&words[..], more].concat();
        project.start_program("env", &words, std::process::Stdio::null()).expect("it starts").ended()
    };
    run(&[]).exits(2).says("agents would work in your home");
}

#[test]
fn nothing_is_written_through_links_that_a_repository_brings() {
    use std::os::unix::fs::symlink;
    for link in [".fanfold", ".fanfold/runs"] {
        let project = repository();
        let victim = project.home.join("victim");
        std::fs::create_dir(&victim).expect("fresh");
        if let Some(folder) = std::path::Path::new(link).parent() {
            std::fs::create_dir_all(project.dir.join(folder)).expect("made");
        }
        symlink(&victim, project.dir.join(link)).expect("fresh");
        project.fanfold(&RUN).exits(2).says("is a link to").says("hint: rm ");
        assert_eq!(std::fs::read_dir(&victim).expect("there").count(), 0, "{link}");
        std::fs::remove_file(project.dir.join(link)).expect("as the hint says");
        project.fanfold(&RUN).exits(0);
    }

    // The control: the same run goes on where its files are its own.
    for brings in [None, Some("settings.json.new"), Some("transcripts/x.jsonl"), Some("events.jsonl")] {
        let project = repository();
        project.fanfold(&RUN).exits(0);
        let victim = project.file("~/precious", "mine");
        let resume = ["resume", "last", "--yes", "--sandbox", "off"];
        let Some(brings) = brings else {
            project.fanfold(&resume).exits(0);
            continue;
        };
        let file = project.run().join(brings);
        std::fs::create_dir_all(file.parent().expect("beneath")).expect("there or made");
        let _ = std::fs::remove_file(&file);
        symlink(&victim, &file).expect("free");
        for words in [&resume[..], &["resume", "last", "--salvage"], &["apply", "last"]] {
            project.fanfold(words).exits(2).says("is a link to");
        }
        assert_eq!(std::fs::read_to_string(&victim).expect("there"), "mine", "{brings}");
    }
}

#[test]
fn git_sees_nothing_of_a_run() {
    let project = repository();
    project.file(".gitignore", "");
    project.file(".fanfold/config.toml", "");
    git(&project, "add -A");
    git(&project, "-c user.name=p -c user.email=p@localhost commit -qm more");
    project.fanfold(&RUN).exits(0);
    assert_eq!(git(&project, "status --porcelain --ignored=no"), "");
    project.file(".fanfold/workflows/x.js", "");
    assert_eq!(git(&project, "status --porcelain"), "?? .fanfold/workflows/\n", "a team may commit them");
}

#[test]
fn submodules_which_no_workspace_has_are_named_when_a_run_starts() {
    let project = repository();
    let told =
        |project: &Project| project.fanfold(&RUN).exits(0).stderr.matches("submodules are empty").count();
    assert_eq!(told(&project), 0, "there are none");
    let head = git(&project, "rev-parse HEAD");
    for path in ["vendor/lib", "b"] {
        git(&project, &format!("update-index --add --cacheinfo 160000,{},{path}", head.trim()));
    }
    git(&project, "-c user.name=p -c user.email=p@localhost commit -qm bound");
    project.fanfold(&RUN).exits(0).says("the oracle: b, vendor/lib\n");
    assert_eq!(told(&project), 1);
}
