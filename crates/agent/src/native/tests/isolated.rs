//! Agents in workspaces of their own, and what becomes of their work.

use std::process::Command;

use fanfold_core::{FailureKind, Isolation, Patch};
use fanfold_workspace::{GitConfig, Kind, RunRepo, Workspaces};
use serde_json::json;

use super::*;
use crate::isolation::OpenWorkspaces;

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

/// Worktrees: what a process without a sandbox can work in.
fn workspaces(project: &Path) -> OpenWorkspaces {
    let (project, made) = (project.to_owned(), Mutex::new(None::<Workspaces>));
    Arc::new(move |run_dir: &Path| {
        let mut made = made.lock().expect("no panic");
        if made.is_none() {
            let repo = RunRepo::open(run_dir, "wf_x", &project, &GitConfig::default(), None)?;
            *made = Some(Workspaces::new(repo, Kind::Worktree));
        }
        Ok(made.clone().expect("just made"))
    })
}

fn config(world: &World) -> NativeConfig {
    NativeConfig { workspaces: Some(workspaces(&world.workspace)), ..world.config() }
}

fn backend(world: &World) -> NativeBackend {
    NativeBackend::new(config(world)).expect("a workspace")
}

async fn run(world: &World, call: AgentCall) -> Outcome {
    let backend = backend(world);
    backend.run(&world.job(&backend, call), &world.cx()).await.expect("no halt")
}

/// Where the agent of [`World::job`] works.
fn place(world: &World) -> PathBuf {
    world.run_dir.join("workspaces/0123456789abcdef.0")
}

/// A file of a commit of the run's repository.
fn committed(world: &World, commit: &str, path: &str) -> String {
    git(&world.run_dir.join("repo.git"), &["show", &format!("{commit}:{path}")])
}

/// As far as its first turn: the model has nothing more to say.
async fn begin(world: &World, backend: &NativeBackend, job: &AgentJob) {
    let cx = world.cx();
    tokio::select! { _ = backend.run(job, &cx) => panic!("it waits"), () = world.model.silent.notified() => () }
}

#[tokio::test]
async fn of_a_workspace_in_which_nothing_changed_nothing_is_left() {
    let world = repository([
        calls([
            ("read", json!({"path": "a.txt"})),
            ("write", json!({"path": "target/x", "content": "built"})),
        ]),
        says("ok"),
    ]);
    world.write("a.txt", "uncommitted\n");
    let outcome = run(&world, isolated()).await;
    assert_eq!(world.results()[0].0, "     1\tcommitted\n", "the last commit, not the user's tree");
    assert_eq!(outcome.patch, None);
    assert!(!exists(place(&world)));
    assert_eq!(git(&world.workspace, &["worktree", "list"]).lines().count(), 1);
}

#[tokio::test]
async fn what_changed_is_handed_over_as_a_patch_and_the_workspace_is_gone() {
    let world = repository([
        calls([
            ("edit", json!({"path": "a.txt", "old_string": "committed", "new_string": "edited"})),
            ("write", json!({"path": "new/b.txt", "content": "b"})),
        ]),
        says("ok"),
    ]);
    let patch = run(&world, isolated()).await.patch.expect("it changed");
    assert_eq!(patch.base, git(&world.workspace, &["rev-parse", "HEAD"]));
    assert_eq!(patch.files, 2);
    assert!(patch.diff.contains("-committed") && patch.diff.contains("+edited"), "{}", patch.diff);
    assert_eq!(committed(&world, &patch.commit, "a.txt"), "edited");
    assert_eq!(committed(&world, &patch.commit, "new/b.txt"), "b");
    assert_eq!(world.read("a.txt"), "committed\n", "the user's own tree is untouched");
    assert!(!exists(place(&world)));
}

#[tokio::test]
async fn an_agent_goes_on_from_the_patch_that_it_is_given() {
    let world = repository([
        calls([("write", json!({"path": "b.txt", "content": "first"}))]),
        says("ok"),
        calls([("read", json!({"path": "b.txt"})), ("write", json!({"path": "c.txt", "content": "second"}))]),
        says("ok"),
    ]);
    let backend = backend(&world);
    let first = backend.run(&world.job(&backend, isolated()), &world.cx()).await.expect("no halt");
    let first = first.patch.expect("it changed");
    let call = AgentCall { start: Some(first.commit.clone()), context: vec!["b.txt".into()], ..isolated() };
    let job = AgentJob { key: CallKey::new("aaaaaaaaaaaaaaaa", 0), ..world.job(&backend, call) };
    let second = backend.run(&job, &world.cx()).await.expect("no halt").patch.expect("it changed");
    assert!(world.results()[0].0.contains("first"));
    assert_eq!((&second.base, second.files), (&first.base, 2), "relative to the same base");
    let task = &world.requests()[2].messages[0].content;
    assert!(format!("{task:?}").contains("Attached file b.txt"), "from the commit: {task:?}");
}

#[tokio::test]
async fn a_file_of_context_is_the_one_of_the_commit_that_the_agent_starts_from() {
    let world = repository([says("ok"), says("ok")]);
    world.write("a.txt", "uncommitted\n");
    let call = || AgentCall { context: vec!["a.txt".into()], ..isolated() };
    done(run(&world, call()).await);
    let attached = format!("{:?}", world.requests()[0].messages[0].content);
    assert!(attached.contains("committed") && !attached.contains("uncommitted"), "{attached}");
    world.write("new.txt", "in no commit\n");
    let lacking = run(&world, AgentCall { context: vec!["new.txt".into()], ..isolated() }).await;
    assert!(failure(&lacking).message.contains("no regular file of the commit"), "{:?}", failure(&lacking));
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
    let patch = run(&world, isolated()).await.patch.expect("the ignore file at least");
    assert_eq!(committed(&world, &patch.commit, "sub/.gitignore"), "*");
}

#[tokio::test]
async fn an_agent_that_was_cut_short_goes_on_in_its_workspace() {
    let world = repository([calls([("write", json!({"path": "half.txt", "content": "half"}))])]);
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    begin(&world, &backend, &job).await;
    assert!(exists(place(&world)), "its work is kept");
    world.script([calls([("read", json!({"path": "half.txt"}))]), says("ok")]);
    let job = AgentJob { unfinished: true, ..job };
    let outcome = backend.run(&job, &world.cx()).await.expect("no halt");
    assert!(world.results()[0].0.contains("half"));
    assert_eq!(outcome.turns, 3);
    assert_eq!(outcome.patch.expect("changed").files, 1);
}

#[tokio::test]
async fn a_patch_that_was_taken_just_before_a_crash_is_found_again() {
    let world = repository([calls([("write", json!({"path": "b.txt", "content": "b"}))]), says("ok")]);
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    let first = backend.run(&job, &world.cx()).await.expect("no halt");
    // The outcome was not recorded: the run asks again, and the model has nothing more to say.
    let job = AgentJob { unfinished: true, ..job };
    let again = backend.run(&job, &world.cx()).await.expect("no halt");
    let whole: Option<Patch> = first.patch;
    assert!(whole.as_ref().is_some_and(|patch| !patch.diff.is_empty()));
    assert_eq!((done(again.clone()), again.patch, again.turns), (json!("ok"), whole, 2));
}

#[tokio::test]
async fn an_agent_that_its_budget_ended_finds_its_workspace_again() {
    let world = repository([
        calls([("write", json!({"path": "half.txt", "content": "half"}))]),
        Err(TurnError::Budget(Failure { kind: FailureKind::Budget, message: "no more".into() })),
    ]);
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    let cut = backend.run(&job, &world.cx()).await.expect("no halt");
    assert_eq!(failure(&cut).kind, FailureKind::Budget);
    world.script([says("ok")]);
    let job = AgentJob { unfinished: true, ..job };
    let outcome = backend.run(&job, &world.cx()).await.expect("no halt");
    assert_eq!((outcome.turns, outcome.patch.expect("changed").files), (2, 1));
    assert!(!exists(place(&world)));
}

#[tokio::test]
async fn asked_afresh_work_that_nobody_took_stays_beside() {
    let world = repository([calls([("write", json!({"path": "half.txt", "content": "half"}))])]);
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    begin(&world, &backend, &job).await;
    world.script([says("ok")]);
    assert_eq!(backend.run(&job, &world.cx()).await.expect("no halt").patch, None);
    assert!(exists(place(&world).join("tree/half.txt")), "dirty, so kept");
    assert!(!exists(world.run_dir.join("workspaces/0123456789abcdef.0-2")), "unchanged, so removed");
}

#[tokio::test]
async fn no_program_planted_in_a_workspace_is_run() {
    let world = repository([calls([("write", json!({"path": "b.txt", "content": "b"}))])]);
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    begin(&world, &backend, &job).await;

    // What a hostile command could do: point `.git` to a repository of its own, whose settings run programs.
    let tree = place(&world).join("tree");
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
    let job = AgentJob { unfinished: true, ..job };
    let outcome = backend.run(&job, &world.cx()).await.expect("no halt");
    assert_eq!(outcome.turns, 2, "gone on with");
    assert!(!exists(&mark), "a planted program ran");
    let patch = outcome.patch.expect("b.txt and what was planted");
    assert_eq!(committed(&world, &patch.commit, "b.txt"), "b");
}

#[tokio::test]
async fn a_link_planted_in_a_workspace_is_not_followed_by_its_removal() {
    let world = repository([calls([("write", json!({"path": "target/x", "content": "built"}))])]);
    fs::write(world.outside.join("precious"), "p").expect("written");
    let backend = backend(&world);
    let job = world.job(&backend, isolated());
    begin(&world, &backend, &job).await;
    std::os::unix::fs::symlink(&world.outside, place(&world).join("tree/target/out")).expect("a link");
    world.script([says("ok")]);
    let job = AgentJob { unfinished: true, ..job };
    let outcome = backend.run(&job, &world.cx()).await.expect("no halt");
    assert_eq!(outcome.patch, None);
    assert!(!exists(place(&world)) && exists(world.outside.join("precious")));
}

#[tokio::test]
async fn without_a_run_on_disk_there_is_no_isolation() {
    let world = repository([]);
    let lacking = failure(&world.run(isolated()).await);
    assert_eq!(lacking.kind, FailureKind::Workspace);
    assert!(lacking.message.contains("kept on disk"), "{lacking}");
}

#[tokio::test]
async fn uncommitted_work_is_told_once() {
    let world = repository([]);
    world.write(".fanfold/runs/wf_x/journal.jsonl", "");
    let warnings = |backend: &NativeBackend, call| backend.resolve(&call).expect("fine").warnings.len();
    assert_eq!(warnings(&backend(&world), isolated()), 0, "a run's own files are no work");
    world.write("a.txt", "changed\n");
    let backend = backend(&world);
    assert_eq!(warnings(&backend, AgentCall::new("x")), 0);
    assert_eq!(warnings(&backend, isolated()), 1);
    assert_eq!(warnings(&backend, isolated()), 0);
}

#[tokio::test]
async fn sixteen_workspaces_are_made_at_once() {
    let world = repository((0..16).map(|_| says("ok")));
    let backend = backend(&world);
    let cx = world.cx();
    let jobs: Vec<AgentJob> = (0..16)
        .map(|nth| AgentJob { key: CallKey::new("aaaaaaaaaaaaaaaa", nth), ..world.job(&backend, isolated()) })
        .collect();
    let runs = jobs.iter().map(|job| backend.run(job, &cx));
    for outcome in futures_util::future::join_all(runs).await {
        assert_eq!(done(outcome.expect("no halt")), json!("ok"));
    }
    assert_eq!(fs::read_dir(world.run_dir.join("workspaces")).expect("made").count(), 0);
}

#[tokio::test]
async fn a_workspace_within_a_repository_stays_that_folder() {
    let world = repository([
        calls([("glob", json!({"pattern": "*.txt"})), ("write", json!({"path": "q.txt", "content": "q"}))]),
        says("ok"),
        says("ok"),
    ]);
    world.write("part/p.txt", "p");
    git(&world.workspace, &["add", "-A"]);
    git(&world.workspace, &["commit", "-qm", "part"]);
    world.write("untracked/u.txt", "u");
    for (folder, works) in [("part", true), ("untracked", false)] {
        let workspace = world.workspace.join(folder);
        let run_dir = world.run_dir.join(folder);
        let config = NativeConfig { workspaces: Some(workspaces(&workspace)), workspace, ..world.config() };
        let backend = NativeBackend::new(config).expect("a workspace");
        let job = AgentJob { run_dir: Some(run_dir), ..world.job(&backend, isolated()) };
        let outcome = backend.run(&job, &world.cx()).await.expect("no halt");
        match works {
            true => {
                assert_eq!(world.results()[0].0, "p.txt");
                assert!(outcome.patch.expect("changed").diff.contains("b/part/q.txt"));
            }
            false => assert!(failure(&outcome).message.contains("is in no commit")),
        }
    }
}
