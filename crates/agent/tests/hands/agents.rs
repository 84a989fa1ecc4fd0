//! Whole agents whose tools run in the sandbox: in the project's own directory, and in layers over a commit.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fanfold_agent::native::{Confinement, GitConfig, Models, NativeBackend, NativeConfig, ResolvedModel};
use fanfold_agent::tools::BashConfig;
use fanfold_agent::wire::{Block, Model, ModelLimits, Stop, TurnCx, TurnError, TurnReply, TurnRequest};
use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, CallKey, Clock, Isolation, NoLimit, Outcome, Reply, Usage,
};
use fanfold_sandbox::{Level, Network, ProcessLimits, Sandbox};
use fanfold_workspace::{Kind, RunRepo, Workspaces};
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};

use crate::Test;
use crate::support::{World, run};

pub const TESTS: &[Test] = &[
    ("an_isolated_agent_works_in_layers_under_the_projects_own_path", works_in_layers),
    ("an_agent_in_the_project_changes_it_but_not_what_decides_about_it", works_in_the_project),
    ("an_agent_moves_no_folder_of_the_engine_and_makes_no_settings", keeps_the_engines_folders),
    ("an_agent_reads_nothing_in_the_folder_of_a_run", reads_nothing_of_a_run),
    ("an_agent_in_the_project_writes_nothing_that_other_programs_obey", writes_nothing_that_is_obeyed),
    ("an_agent_may_write_what_is_obeyed_where_a_person_grants_it", writes_what_is_granted),
    ("an_agent_in_the_project_reads_no_credentials_of_git", reads_no_credentials),
    ("credentials_that_come_while_agents_work_are_not_shown_either", reads_no_later_credentials),
    ("more_secrets_than_are_hidden_are_told_of_once", more_secrets_than_are_hidden),
    ("edits_of_two_agents_to_one_file_are_both_there", edits_of_two_agents),
    ("sixteen_isolated_agents_work_at_once", sixteen_at_once),
];

/// A tool and its input.
type Use = (&'static str, Value);

/// Each agent calls the tools of one turn, the first that asks those of the first, and is done then.
struct Scripted {
    turns: Mutex<VecDeque<Vec<Use>>>,
    results: Mutex<Vec<String>>,
}

impl Model for Scripted {
    fn turn<'a>(
        &'a self,
        request: &'a TurnRequest,
        _: &'a TurnCx<'a>,
    ) -> BoxFuture<'a, Result<TurnReply, TurnError>> {
        let last = request.messages.last().expect("a task");
        let results = last.content.iter().filter_map(|block| match block {
            Block::ToolResult { content, .. } => Some(content.clone()),
            _ => None,
        });
        self.results.lock().expect("no panic").extend(results);
        let is_first = request.messages.len() == 1;
        let next = is_first.then(|| self.turns.lock().expect("no panic").pop_front()).flatten();
        let (content, stop) = match next {
            Some(uses) => {
                let call = |(at, (name, input)): (usize, Use)| Block::ToolUse {
                    id: format!("c{at}"),
                    name: name.into(),
                    input: Ok(input),
                };
                (uses.into_iter().enumerate().map(call).collect(), Stop::ToolUse)
            }
            None => (vec![Block::Text { text: "done".into() }], Stop::EndTurn),
        };
        let (usage, model, shortened, usage_estimated) = (Usage::default(), "one".into(), false, false);
        let reply = TurnReply { content, stop, usage, shortened, usage_estimated, model };
        Box::pin(std::future::ready(Ok(reply)))
    }

    fn limits(&self, _: &str) -> ModelLimits {
        ModelLimits { context_tokens: 200_000, output_tokens_max: 1_000, web_search: false }
    }
}

struct OneModel(Arc<Scripted>);

impl Models for OneModel {
    fn resolve(&self, id: &str, _: &str) -> Result<ResolvedModel, String> {
        let (name, id) = (id.to_owned(), id.to_owned());
        Ok(ResolvedModel { model: self.0.clone(), name, id, price: None, warnings: Vec::new() })
    }
}

struct RealClock(Instant);

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        0
    }

    fn elapsed_ms(&self) -> u64 {
        self.0.elapsed().as_millis() as u64
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}

/// A project in git, with a protected folder and a secret, and agents that work for it.
struct Project {
    world: World,
    run_dir: PathBuf,
    model: Arc<Scripted>,
    backend: NativeBackend,
}

impl Project {
    fn new(turns: impl IntoIterator<Item = Vec<Use>>) -> Self {
        Self::granting(&[], |_| (), turns)
    }

    /// `lay` adds to the project what git does not know.
    fn granting(granted: &[&str], lay: impl Fn(&Path), turns: impl IntoIterator<Item = Vec<Use>>) -> Self {
        let world = World::new();
        let write = |path: &str, text: &str| {
            let path = world.project.join(path);
            std::fs::create_dir_all(path.parent().expect("beneath")).expect("a folder");
            std::fs::write(path, text).expect("written");
        };
        write("a.txt", "committed\n");
        write("gone.txt", "gone\n");
        write("oracle/test.sh", "exit 1\n");
        git(&world.project, &["init", "-q"]);
        git(&world.project, &["add", "-A"]);
        git(&world.project, &["commit", "-qm", "start"]);
        write(".env", "KEY=hidden");
        write("apps/web/.env.local", "KEY=hidden");
        lay(&world.project);
        let run_dir = world.project.join(".fanfold/runs/wf_x");
        let turns = Mutex::new(turns.into_iter().collect());
        let model = Arc::new(Scripted { turns, results: Mutex::default() });
        let program = std::env::current_exe().expect("it runs");
        let sandbox = Sandbox::new(Level::Full, &program, Path::new("/usr/bin/bwrap"));
        let repo = RunRepo::open(&run_dir, "wf_x", &world.project, &GitConfig::default(), None);
        let workspaces = Workspaces::new(repo.expect("a repository"), Kind::Overlay);
        let models = Arc::new(OneModel(model.clone()));
        let config = NativeConfig {
            bash: Some(BashConfig::default()),
            confinement: Some(Confinement {
                sandbox: sandbox.expect("it can be enforced here"),
                protected: vec!["oracle".into(), "absent".into()],
                packages: vec!["node_modules".into()],
                hidden: Vec::new(),
                granted: granted.iter().map(PathBuf::from).collect(),
                read: Vec::new(),
                network: Network::None,
                home: "/home/somebody".into(),
                limits: ProcessLimits::default(),
            }),
            workspaces: Some(Arc::new(move |_: &Path| Ok(workspaces.clone()))),
            ..NativeConfig::new(models, "one", world.project.clone())
        };
        let backend = NativeBackend::new(config).expect("a workspace");
        Self { world, run_dir, model, backend }
    }

    async fn run(&self, nth: u64, isolation: Isolation) -> Outcome {
        let call = AgentCall { isolation, ..AgentCall::new("x") };
        let resolved = self.backend.resolve(&call).expect("resolvable");
        let run_dir = Some(self.run_dir.clone());
        let key = CallKey::from(format!("aaaaaaaaaaaaaaaa.{nth}").as_str());
        let job = AgentJob { key, call, resolved, site: None, run_dir, unfinished: false };
        let cx = AgentCx {
            clock: Arc::new(RealClock(Instant::now())),
            progress: Box::new(|_| ()),
            purse: Arc::new(NoLimit),
        };
        let outcome = self.backend.run(&job, &cx).await.expect("no halt");
        assert!(matches!(outcome.reply, Reply::Done(_)), "{:?}", outcome.reply);
        outcome
    }

    fn results(&self) -> Vec<String> {
        self.model.results.lock().expect("no panic").clone()
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.world.project.join(path)).ok()
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn bash(command: &str) -> Use {
    ("bash", json!({"command": command}))
}

fn works_in_layers() {
    run(async {
        let project = Project::new([vec![
            bash("pwd; cat a.txt .en?"),
            bash(
                "git log --format=%s; git diff HEAD; git show HEAD:a.txt; ls .fanfold; rm gone.txt; echo made > by-command; mkdir d; echo x > d/x",
            ),
            ("edit", json!({"path": "a.txt", "old_string": "committed", "new_string": "edited"})),
            ("write", json!({"path": "oracle/test.sh", "content": "exit 0"})),
            bash("echo 'exit 0' > oracle/test.sh; echo 'exit 0' > absent; git commit -qam mine; echo over"),
        ]]);
        let outcome = project.run(0, Isolation::Worktree).await;
        let results = project.results();
        let place = project.world.project.display();
        assert!(results[0].contains(&format!("{place}\ncommitted\n")), "{results:?}");
        assert!(!results[0].contains("hidden") && results[4].contains("over"), "{results:?}");
        assert!(results[1].contains("\nstart\ncommitted\n"), "git shows the past: {results:?}");
        let patch = outcome.patch.expect("it changed");
        let repo = project.run_dir.join("repo.git");
        let names = git(&repo, &["diff", "--name-status", &patch.base, &patch.commit]);
        assert_eq!(names, "M\ta.txt\nA\tby-command\nA\td/x\nD\tgone.txt", "{results:?}");
        let parents = git(&repo, &["rev-list", "--parents", "-1", &patch.commit]);
        assert_eq!(parents, format!("{} {}", patch.commit, patch.base));
        assert_eq!(project.read("a.txt").as_deref(), Some("committed\n"));
        assert_eq!(std::fs::read_dir(project.run_dir.join("workspaces")).expect("made").count(), 0);
    });
}

fn works_in_the_project() {
    run(async {
        let project = Project::new([vec![
            bash("echo changed > a.txt; cat .e?v apps/web/.e*"),
            bash("echo 'exit 0' > oracle/test.sh"),
            bash("rm -rf oracle; mv oracle other; echo x > absent"),
            bash("echo x > .git/hooks/post-checkout; git commit -qam mine"),
            bash(
                "echo forged > node_modules/lib.js; mv node_modules old; mkdir node_modules; echo x > node_modules/y",
            ),
            ("write", json!({"path": "oracle/test.sh", "content": "exit 0"})),
            ("write", json!({"path": "absent", "content": "exit 0"})),
        ]]);
        let head = git(&project.world.project, &["rev-parse", "HEAD"]);
        std::fs::create_dir(project.world.project.join("node_modules")).expect("made");
        std::fs::write(project.world.project.join("node_modules/lib.js"), "installed").expect("written");
        let outcome = project.run(0, Isolation::Shared).await;
        assert_eq!(outcome.patch, None);
        let results = project.results();
        assert_eq!(project.read("a.txt").as_deref(), Some("changed\n"), "{results:?}");
        assert!(!results[0].contains("hidden"), "{results:?}");
        assert_eq!(project.read("oracle/test.sh").as_deref(), Some("exit 1\n"), "{results:?}");
        assert_eq!(project.read("node_modules/lib.js").as_deref(), Some("installed"), "{results:?}");
        assert_eq!(project.read("node_modules/y"), None, "{results:?}");
        assert_eq!(project.read("absent"), None, "nor is anything left to keep its place: {results:?}");
        assert_eq!(project.read(".git/hooks/post-checkout"), None);
        assert_eq!(git(&project.world.project, &["rev-parse", "HEAD"]), head);
    });
}

fn keeps_the_engines_folders() {
    run(async {
        // Rules see what is named; a shell makes names.
        let project = Project::new([vec![
            bash(
                "f=.fan; f=${f}fold; mv $f away && mkdir -p $f/runs/wf_x && echo x > $f/runs/wf_x/journal.jsonl",
            ),
            bash(
                "f=.fan; f=${f}fold; c=.clau; c=${c}de; rm -rf $f; mkdir -p $c; echo '{}' > $c/settings.json",
            ),
            bash("f=.fan; f=${f}fold; echo 'model = 1' > $f/config.toml; mkdir $f/notes && echo over"),
        ]]);
        let _ = project.run(0, Isolation::Shared).await;
        let results = project.results();
        assert!(project.run_dir.join("repo.git").is_dir(), "{results:?}");
        assert_eq!(project.read(".fanfold/runs/wf_x/journal.jsonl"), None, "{results:?}");
        for path in ["away", ".claude", ".fanfold/config.toml"] {
            let there = std::fs::symlink_metadata(project.world.project.join(path));
            assert!(there.is_err(), "{path}: {results:?}");
        }
        assert!(results[2].contains("over"), "other folders may be made: {results:?}");
    });
}

fn reads_nothing_of_a_run() {
    run(async {
        // Rules see what is named; a shell makes names.
        let look = "cat .f*/r*/*/h*/*; grep -rs 'expected 8[0-9]*' . .f*; echo looked";
        let project = Project::new([vec![bash(look)], vec![bash(look)]]);
        let kept = project.run_dir.join("hidden");
        std::fs::create_dir(&kept).expect("made");
        std::fs::write(kept.join("secret-757cdfaa71a1.txt"), "expected 8642\n").expect("written");
        let mut plain = Command::new("sh");
        let plain = plain.args(["-c", look]).current_dir(&project.world.project).output().expect("sh runs");
        let plain = String::from_utf8_lossy(&plain.stdout).matches("expected 8642").count();
        assert_eq!(plain, 3, "void: nobody could read it");
        for (nth, isolation) in [Isolation::Shared, Isolation::Worktree].into_iter().enumerate() {
            let _ = project.run(nth as u64, isolation).await;
            let results = project.results();
            let last = results.last().expect("one more");
            assert!(last.contains("looked") && !last.contains("expected 8642"), "{results:?}");
            assert_eq!(results.len(), nth + 1, "{results:?}");
        }
    });
}

/// Written by a command, and where it lies then.
const OBEYED: [(&str, &str); 23] = [
    ("mkdir -p .fanfold/workflows; echo x > .fanfold/workflows/new.js", ".fanfold/workflows/new.js"),
    ("mkdir -p .fanfold/agents; echo x > .fanfold/agents/new.md", ".fanfold/agents/new.md"),
    ("echo x > .fanfold/config.toml", ".fanfold/config.toml"),
    ("echo x > .claude/agents/there.md", ".claude/agents/there.md"),
    ("mkdir -p .claude/workflows; echo x > .claude/workflows/new.js", ".claude/workflows/new.js"),
    ("mkdir -p .claude/hooks; echo x > .claude/hooks/new", ".claude/hooks/new"),
    ("mv .claude c; cp -r c .claude; echo x > .claude/settings.json", ".claude/settings.json"),
    ("echo x > .mcp.json", ".mcp.json"),
    ("mkdir -p .vscode; echo x > .vscode/tasks.json", ".vscode/tasks.json"),
    ("echo x > .envrc", ".envrc"),
    ("mkdir -p .vscode; echo x > .vscode/settings.json", ".vscode/settings.json"),
    ("mkdir -p .cursor; echo x > .cursor/mcp.json", ".cursor/mcp.json"),
    ("mkdir -p .codex; echo x > .codex/config.toml", ".codex/config.toml"),
    ("mkdir -p .zed; echo x > .zed/tasks.json", ".zed/tasks.json"),
    ("mkdir -p apps/web/.gemini; echo x > apps/web/.gemini/settings.json", "apps/web/.gemini/settings.json"),
    ("echo x > .idea/startup.xml", ".idea/startup.xml"),
    ("echo x > .husky/pre-commit", ".husky/pre-commit"),
    (
        "mkdir -p apps/web/.fanfold/workflows; echo x > apps/web/.fanfold/workflows/new.js",
        "apps/web/.fanfold/workflows/new.js",
    ),
    ("echo x > apps/web/.fanfold/config.toml", "apps/web/.fanfold/config.toml"),
    ("echo x > cloned/.git/config", "cloned/.git/config"),
    ("mv cloned c2; mkdir -p cloned/.git; echo x > cloned/.git/hooks", "cloned/.git/hooks"),
    ("echo 'gitdir: ../evil' > linked/.git", "linked/.git"),
    ("mkdir -p empty; echo 'gitdir: ../evil' > empty/.git", "empty/.git"),
];

/// A nested project, a nested repository, and two submodules of which one is not checked out.
fn lay_obeyed(project: &Path) {
    let write = |path: &str, text: &str| {
        let path = project.join(path);
        std::fs::create_dir_all(path.parent().expect("beneath")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    write(".claude/agents/there.md", "mine");
    write(".husky/pre-commit", "mine");
    write(".idea/misc.xml", "mine");
    write("apps/web/.gemini/notes", "mine");
    write("apps/web/.fanfold/notes", "mine");
    write("cloned/.git/config", "mine");
    write("linked/.git", "gitdir: ../elsewhere");
    std::fs::create_dir(project.join("empty")).expect("made");
    let head = git(project, &["rev-parse", "HEAD"]);
    for path in ["linked", "empty"] {
        git(project, &["update-index", "--add", "--cacheinfo", &format!("160000,{head},{path}")]);
    }
}

fn writes_nothing_that_is_obeyed() {
    run(async {
        for (command, path) in OBEYED {
            let plain = Project::granting(&[], lay_obeyed, []);
            let before = plain.read(path);
            let shell =
                Command::new("/bin/sh").args(["-c", command]).current_dir(&plain.world.project).output();
            assert!(shell.is_ok() && plain.read(path) != before, "void: {command} does no harm anyway");
        }
        let uses = OBEYED.map(|(command, _)| bash(command)).into_iter();
        let work = bash(
            "mkdir -p .claude/skills .github/workflows .devcontainer && echo x > .claude/skills/s && \
             echo x > .github/workflows/ci.yml && echo x > Makefile && echo x > empty.txt && echo over",
        );
        let project = Project::granting(&[], lay_obeyed, [uses.chain([work]).collect()]);
        let before = OBEYED.map(|(_, path)| project.read(path));
        let _ = project.run(0, Isolation::Shared).await;
        let results = project.results();
        for ((command, path), before) in OBEYED.iter().zip(before) {
            assert_eq!(project.read(path), before, "{command}: {results:#?}");
        }
        assert!(
            results.last().is_some_and(|last| last.contains("over")),
            "skills and recipes are work: {results:#?}"
        );
        let left = git(&project.world.project, &["status", "--porcelain", "--ignore-submodules"]);
        let is_kept = [".mcp.json", ".vscode", ".cursor", ".zed"].iter().any(|place| left.contains(place));
        assert!(!is_kept, "a place is still kept: {left}");
    });
}

fn writes_what_is_granted() {
    run(async {
        let commands =
            ["echo x > .claude/agents/there.md", "echo x > .mcp.json", "echo x > .claude/settings.json"];
        let granted = [".claude", ".mcp.json"];
        let project = Project::granting(&granted, lay_obeyed, [commands.map(bash).into()]);
        let _ = project.run(0, Isolation::Shared).await;
        let results = project.results();
        for path in [".claude/agents/there.md", ".mcp.json"] {
            assert_eq!(project.read(path).as_deref(), Some("x\n"), "{results:#?}");
        }
        assert_eq!(project.read(".claude/settings.json"), None, "permissions are nobody's to grant");
    });
}

/// As the checkouts of CI leave them, of the repository and of a submodule.
fn lay_credentials(project: &Path) {
    git(project, &["remote", "add", "origin", "https://me:TOPSECRET@example.com/a.git"]);
    git(project, &["config", "http.https://example.com/.extraheader", "AUTHORIZATION: basic TOPSECRET"]);
    std::fs::create_dir_all(project.join(".git/modules/deep")).expect("made");
    git(&project.join(".git/modules/deep"), &["init", "-q", "--bare", "sub"]);
    git(&project.join(".git/modules/deep/sub"), &["config", "http.proxy", "http://me:TOPSECRET@example.com"]);
    std::fs::write(project.join(".git/credentials"), "https://me:TOPSECRET@example.com").expect("written");
}

fn reads_no_credentials() {
    run(async {
        let search = "grep -rl TOPSECRET .git; git config --list";
        let look =
            "git log --format=%s && git status --short && git diff --stat && git remote -v && echo over";
        let project = Project::granting(&[], lay_credentials, [vec![bash(search), bash(look)]]);
        let shell = Command::new("/bin/sh").args(["-c", search]).current_dir(&project.world.project).output();
        let said = String::from_utf8_lossy(&shell.expect("it runs").stdout).into_owned();
        for file in [
            ".git/config\n",
            ".git/credentials\n",
            "sub/config\n",
            "extraheader=AUTHORIZATION: basic TOPSECRET",
        ] {
            assert!(said.contains(file), "void: {file} is not in {said}");
        }
        let _ = project.run(0, Isolation::Shared).await;
        let results = project.results();
        let told = results[0].lines().filter(|line| line.starts_with(".git/")).collect::<Vec<_>>();
        assert!(told.is_empty() && !results[0].contains("TOPSECRET"), "{results:#?}");
        assert!(results[1].contains("start\n") && results[1].contains("over"), "git works: {results:#?}");
        assert!(results[1].contains("https://example.com/a.git"), "{results:#?}");
    });
}

fn reads_no_later_credentials() {
    run(async {
        let look = || vec![bash("cat .git/config .git/config.worktree; git log --format=%s; echo over")];
        let project = Project::granting(&[], |_| (), [look(), look(), look()]);
        let (folder, runs) = (&project.world.project, &project.run_dir);
        let _ = project.run(0, Isolation::Shared).await;
        git(folder, &["config", "http.extraheader", "AUTHORIZATION: basic TOPSECRET"]);
        std::fs::write(folder.join(".git/config.worktree"), "[http]\n\tproxy = TOPSECRET\n")
            .expect("written");
        let _ = project.run(1, Isolation::Shared).await;
        // Whoever tidies up takes the copies away.
        let entries = std::fs::read_dir(runs).expect("there").flatten().map(|entry| entry.path());
        let copies: Vec<PathBuf> =
            entries.filter(|path| path.to_string_lossy().contains("git-config-")).collect();
        assert!(!copies.is_empty(), "void: nothing was covered");
        copies.iter().for_each(|copy| std::fs::remove_file(copy).expect("there"));
        let _ = project.run(2, Isolation::Shared).await;
        let results = project.results();
        assert!(results[0].contains("repositoryformatversion"), "void: it cannot be read: {results:#?}");
        let are_shown = results[1..].iter().all(|result| result.contains("repositoryformatversion"));
        assert!(are_shown, "copies are: {results:#?}");
        for result in results {
            assert!(!result.contains("TOPSECRET") && result.contains("over"), "{result}");
        }
    });
}

fn more_secrets_than_are_hidden() {
    let lay = |project: &Path| {
        (0..65)
            .for_each(|nth| std::fs::write(project.join(format!(".env.{nth}")), "KEY=x").expect("written"));
    };
    let project = Project::granting(&[], lay, []);
    let told = |isolation| {
        let call = AgentCall { isolation, ..AgentCall::new("x") };
        project.backend.resolve(&call).expect("resolvable").warnings.concat().matches("more secrets").count()
    };
    let told = [Isolation::Worktree, Isolation::Shared, Isolation::Shared].map(told);
    assert_eq!(told, [0, 1, 0], "to whom it matters, and once");
}

fn edits_of_two_agents() {
    run(async {
        const LINES: usize = 24;
        let edit = |line: usize| {
            let (old, new) = (format!("line {line:02} old"), format!("line {line:02} new"));
            ("edit", json!({"path": "many.txt", "old_string": old, "new_string": new}))
        };
        let of = |odd: usize| (0..LINES).filter(|line| line % 2 == odd).map(edit).collect();
        let project = Project::new([of(0), of(1)]);
        let text: String = (0..LINES).map(|line| format!("line {line:02} old\n")).collect();
        std::fs::write(project.world.project.join("many.txt"), text).expect("written");
        join_all((0..2).map(|nth| project.run(nth, Isolation::Shared))).await;
        let text = project.read("many.txt").expect("there");
        assert_eq!(text.matches("new").count(), LINES, "{text}");
    });
}

fn sixteen_at_once() {
    run(async {
        let turn = || vec![bash("cat a.txt > b.txt"), ("read", json!({"path": "b.txt"}))];
        let project = Project::new((0..16).map(|_| turn()));
        let started = Instant::now();
        let outcomes = join_all((0..16).map(|nth| project.run(nth, Isolation::Worktree))).await;
        let is_patched = |outcome: &Outcome| outcome.patch.as_ref().is_some_and(|patch| patch.files == 1);
        assert!(outcomes.iter().all(is_patched), "{outcomes:?}");
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
    });
}
