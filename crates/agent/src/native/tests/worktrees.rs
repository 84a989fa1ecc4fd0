//! Agents in worktrees of their own, and what a hostile one leaves in it.

use std::process::Command;

use fanfold_core::{FailureKind, Isolation};
use serde_json::json;

use super::*;

fn isolated() -> AgentCall {
    AgentCall { isolation: Isolation::Worktree, ..AgentCall::new("x") }
}

/// Plain git, as a person would type it, but without that person's settings.
fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || complaint.contains("fatal"), "git {args:?}: {complaint}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn repository(replies: impl IntoIterator<Item = Result<TurnReply, TurnError>>) -> World {
    let world = World::new(replies);
    world.write("a.txt", "committed\n");
    world.write(".gitignore", "target/\n");
    git(&world.workspace, &["init", "-q"]);
    git(&world.workspace, &["add", "-A"]);
    git(&world.workspace, &["commit", "-qm", "start"]);
    world
}

fn worktree(world: &World) -> PathBuf {
    world.run_dir.join("worktrees/0123456789abcdef.0")
}

fn listed(world: &World) -> usize {
    git(&world.workspace, &["worktree", "list"]).lines().count()
}

#[tokio::test]
async fn a_worktree_in_which_nothing_changed_is_removed() {
    let world = repository([
        calls([
            ("read", json!({"path": "a.txt"})),
            ("write", json!({"path": "target/x", "content": "built"})),
        ]),
        says("ok"),
    ]);
    world.write("a.txt", "uncommitted\n");
    let outcome = world.run(isolated()).await;
    assert_eq!(world.results()[0].0, "     1\tcommitted\n", "the last commit, not the user's tree");
    assert_eq!(outcome.kept, None);
    assert!(!exists(worktree(&world)));
    assert_eq!(listed(&world), 1);
}

#[tokio::test]
async fn a_worktree_with_changes_is_kept_and_named() {
    let world = repository([
        calls([
            ("edit", json!({"path": "a.txt", "old_string": "committed", "new_string": "edited"})),
            ("write", json!({"path": "new/b.txt", "content": "b"})),
        ]),
        says("ok"),
    ]);
    let kept = world.run(isolated()).await.kept.expect("it changed");
    assert_eq!(Path::new(&kept.path), worktree(&world));
    assert_eq!(kept.base, git(&world.workspace, &["rev-parse", "HEAD"]));
    assert_eq!(kept.files, 2);
    assert_eq!(world.read("a.txt"), "committed\n", "the user's own tree is untouched");
    assert_eq!(fs::read_to_string(worktree(&world).join("a.txt")).expect("kept"), "edited\n");
}

#[tokio::test]
async fn work_is_not_hidden_by_an_ignore_file_that_hides_itself() {
    let world = repository([
        calls([
            ("write", json!({"path": "sub/.gitignore", "content": "*\n"})),
            ("write", json!({"path": "sub/work.txt", "content": "work"})),
        ]),
        says("ok"),
    ]);
    assert!(world.run(isolated()).await.kept.is_some());
    assert!(exists(worktree(&world).join("sub/work.txt")));
}

#[tokio::test]
async fn what_an_agent_committed_is_kept() {
    let world = repository([calls([("glob", json!({"pattern": "*"}))])]);
    let backend = world.backend();
    let job = world.job(&backend, isolated());
    let cx = world.cx();
    let mut run = backend.run(&job, &cx);
    // Past the first turn it waits for a reply that is scripted only once the commit is there.
    let committed = async {
        world.model.silent.notified().await;
        fs::write(worktree(&world).join("c.txt"), "c").expect("written");
        git(&worktree(&world), &["add", "-A"]);
        git(&worktree(&world), &["commit", "-qm", "sneaky"]);
    };
    tokio::select! { _ = &mut run => panic!("it waits"), () = committed => () }
    drop(run);
    world.script([says("ok")]);
    let job = AgentJob { unfinished: true, ..job };
    let kept = backend.run(&job, &cx).await.expect("no halt").kept.expect("a commit");
    assert_eq!(kept.files, 1);
}

#[tokio::test]
async fn an_agent_goes_on_in_the_worktree_that_it_had() {
    let write = json!({"path": "half.txt", "content": "half"});
    let world = repository([calls([("write", write)])]);
    let backend = world.backend();
    let job = world.job(&backend, isolated());
    let cx = world.cx();
    tokio::select! { _ = backend.run(&job, &cx) => panic!("it waits"), () = world.model.silent.notified() => () }
    world.script([calls([("read", json!({"path": "half.txt"}))]), says("ok")]);
    let outcome = backend.run(&AgentJob { unfinished: true, ..job.clone() }, &cx).await.expect("no halt");
    assert!(world.results()[0].0.contains("half"));
    assert_eq!(outcome.turns, 3);
    assert_eq!(outcome.kept.expect("changed").files, 1);

    // Asked afresh: what was kept stays, and the new one is beside it.
    world.script([says("ok")]);
    assert_eq!(backend.run(&job, &cx).await.expect("no halt").kept, None);
    assert!(exists(worktree(&world).join("half.txt")));
    assert!(!exists(world.run_dir.join("worktrees/0123456789abcdef.0-2")), "unchanged, so removed");
}

#[tokio::test]
async fn no_program_planted_in_a_worktree_is_run() {
    let world = repository([calls([("write", json!({"path": "b.txt", "content": "b"}))])]);
    let backend = world.backend();
    let job = world.job(&backend, isolated());
    let cx = world.cx();
    tokio::select! { _ = backend.run(&job, &cx) => panic!("it waits"), () = world.model.silent.notified() => () }

    // What a hostile command could do: point `.git` to a repository of its own, whose settings run programs.
    let tree = worktree(&world);
    let evil = tree.join("evil");
    git(&tree, &["init", "-q", "--bare", "evil"]);
    let mark = world.outside.join("pwned");
    let run = format!("touch {} ;:", mark.display());
    for setting in ["core.fsmonitor", "diff.external", "core.sshCommand", "filter.x.clean", "diff.x.textconv"]
    {
        git(&tree, &["config", "--file", "evil/config", setting, &run]);
    }
    git(&tree, &["config", "--file", "evil/config", "core.bare", "false"]);
    git(&tree, &["config", "--file", "evil/config", "core.worktree", &tree.to_string_lossy()]);
    fs::write(tree.join(".gitattributes"), "* filter=x diff=x\n").expect("written");
    fs::remove_file(tree.join(".git")).expect("a pointer");
    fs::write(tree.join(".git"), format!("gitdir: {}\n", evil.display())).expect("written");

    git(&tree, &["status"]);
    assert!(exists(&mark), "the control: plain git runs it, else this test shows nothing");
    fs::remove_file(&mark).expect("there");

    world.script([says("ok")]);
    let outcome = backend.run(&AgentJob { unfinished: true, ..job }, &cx).await.expect("no halt");
    assert_eq!(outcome.turns, 2, "gone on with");
    assert!(!exists(&mark), "a planted program ran");
    let kept = outcome.kept.expect("b.txt and what was planted");
    assert!(kept.files >= 2, "{kept:?}");
}

#[tokio::test]
async fn a_link_planted_in_an_unchanged_worktree_is_not_followed_by_its_removal() {
    let world = repository([calls([("write", json!({"path": "target/x", "content": "built"}))])]);
    fs::write(world.outside.join("precious"), "p").expect("written");
    let backend = world.backend();
    let job = world.job(&backend, isolated());
    let cx = world.cx();
    tokio::select! { _ = backend.run(&job, &cx) => panic!("it waits"), () = world.model.silent.notified() => () }
    std::os::unix::fs::symlink(&world.outside, worktree(&world).join("target/out")).expect("a link");
    world.script([says("ok")]);
    let outcome = backend.run(&AgentJob { unfinished: true, ..job }, &cx).await.expect("no halt");
    assert_eq!(outcome.kept, None);
    assert!(!exists(worktree(&world)) && exists(world.outside.join("precious")));
}

#[tokio::test]
async fn without_a_repository_or_a_commit_it_says_what_to_type() {
    let world = World::new([]);
    let failure_of = |outcome: Outcome| failure(&outcome);
    let lacking = failure_of(world.run(isolated()).await);
    assert_eq!(lacking.kind, FailureKind::Workspace);
    assert!(lacking.message.contains("git init"), "{lacking}");
    git(&world.workspace, &["init", "-q"]);
    let lacking = failure_of(world.run(isolated()).await);
    assert!(lacking.message.contains("git commit"), "{lacking}");
}

#[tokio::test]
async fn uncommitted_work_is_told_once() {
    let world = repository([]);
    world.write(".fanfold/runs/wf_x/journal.jsonl", "");
    let warnings = |backend: &NativeBackend, call| backend.resolve(&call).expect("fine").warnings.len();
    assert_eq!(warnings(&world.backend(), isolated()), 0, "a run's own files are no work");
    world.write("a.txt", "changed\n");
    let backend = world.backend();
    assert_eq!(warnings(&backend, AgentCall::new("x")), 0);
    assert_eq!(warnings(&backend, isolated()), 1);
    assert_eq!(warnings(&backend, isolated()), 0);
}

#[tokio::test]
async fn sixteen_worktrees_are_made_at_once() {
    let world = repository((0..16).map(|_| says("ok")));
    let backend = world.backend();
    let cx = world.cx();
    let jobs: Vec<AgentJob> = (0..16)
        .map(|nth| AgentJob { key: CallKey::new("aaaaaaaaaaaaaaaa", nth), ..world.job(&backend, isolated()) })
        .collect();
    let runs = jobs.iter().map(|job| backend.run(job, &cx));
    for outcome in futures_util::future::join_all(runs).await {
        assert_eq!(done(outcome.expect("no halt")), json!("ok"));
    }
    assert_eq!(listed(&world), 1);
}

#[tokio::test]
async fn a_workspace_within_a_repository_stays_that_folder_in_a_worktree() {
    let world = repository([calls([("glob", json!({"pattern": "*.txt"}))]), says("ok"), says("ok")]);
    world.write("part/p.txt", "p");
    git(&world.workspace, &["add", "-A"]);
    git(&world.workspace, &["commit", "-qm", "part"]);
    world.write("untracked/u.txt", "u");
    for (folder, works) in [("part", true), ("untracked", false)] {
        let config = NativeConfig { workspace: world.workspace.join(folder), ..world.config() };
        let backend = NativeBackend::new(config).expect("a workspace");
        let outcome = backend.run(&world.job(&backend, isolated()), &world.cx()).await.expect("no halt");
        match works {
            true => assert_eq!(world.results()[0].0, "p.txt"),
            false => assert!(failure(&outcome).message.contains("is in no commit")),
        }
        assert_eq!(listed(&world), 1);
    }
}
