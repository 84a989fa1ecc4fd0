//! The main path as somebody whom permissions bind.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::model::Model;
use crate::project::{Project, script};

const PAIR: &str = "return await parallel([1, 2].map(n => () => agent(`task ${n}`)))";

#[test]
fn a_plain_user_runs_and_resumes() {
    let model = Model::obliging();
    let Some(project) = Project::with(&model).of_a_plain_user() else { return };
    project.file("~/.config/fanfold/config.toml", &model.settings());
    project.file("w.js", &script(PAIR));
    let first = project.fanfold(&["run", "w.js", "--simulate"]).exits(0);
    assert_eq!(project.fanfold(&["resume"]).exits(0).stdout, first.stdout);
    let real = project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    assert_eq!(project.fanfold(&["resume", "--yes"]).exits(0).stdout, real.stdout);
    assert_eq!(model.seen(), 2);
    project.fanfold(&["ps"]).exits(0);
    for run in project.runs() {
        let mode = |path: &str| fs::metadata(run.join(path)).expect("kept").permissions().mode() & 0o777;
        assert_eq!((mode("."), mode("journal.jsonl"), mode("events.jsonl")), (0o700, 0o600, 0o600));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_anything_is_spent() {
    let model = Model::obliging();
    let Some(project) = Project::with(&model).of_a_plain_user() else { return };
    project.file("~/.config/fanfold/config.toml", &model.settings());
    project.file("w.js", &script(PAIR));
    fs::set_permissions(&project.dir, fs::Permissions::from_mode(0o555)).expect("ours");
    let ended = project.fanfold(&["run", "w.js", "--yes"]).exits(2);
    let ended = ended.says("permission denied").says(".fanfold/runs").says("--cwd DIR");
    assert_eq!((ended.stdout.as_str(), model.seen()), ("", 0));
    fs::set_permissions(&project.dir, fs::Permissions::from_mode(0o755)).expect("ours");
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    assert_eq!(model.seen(), 2);
}

#[test]
fn a_run_of_somebody_else_is_refused_and_left_alone() {
    let model = Model::obliging();
    let Some(project) = Project::with(&model).of_a_plain_user() else { return };
    project.file("~/.config/fanfold/config.toml", &model.settings());
    project.file("w.js", &script(PAIR));
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let journal = project.run().join("journal.jsonl");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o000)).expect("ours");
    let ended = project.fanfold(&["resume", "--yes"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o600)).expect("ours");
    project.fanfold(&["resume", "--yes"]).exits(0);
    assert_eq!(model.seen(), 2);
}

#[test]
fn a_home_that_cannot_be_written_costs_the_index_and_not_the_run() {
    let Some(project) = Project::new().of_a_plain_user() else { return };
    project.file("w.js", &script(PAIR));
    fs::set_permissions(&project.home, fs::Permissions::from_mode(0o555)).expect("ours");
    let first = project
        .fanfold(&["run", "w.js", "--simulate"])
        .exits(0)
        .says("can be found from its own folder only");
    assert_eq!(project.fanfold(&["resume"]).exits(0).stdout, first.stdout);
    fs::set_permissions(&project.home, fs::Permissions::from_mode(0o755)).expect("ours");
}
