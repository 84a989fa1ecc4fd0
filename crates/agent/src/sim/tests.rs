//! The backend as the engine uses it: replies, time, tokens, faults, edits.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, Clock, FailureKind, Halt, HaltKind, Isolation, Keys, NoLimit,
    Outcome, Progress, Reply,
};
use fanfold_workspace::{GitConfig, Kind, RunRepo, Workspaces};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::*;

/// Time that passes when somebody sleeps.
#[derive(Default)]
struct Hourglass(AtomicU64);

impl Clock for Hourglass {
    fn now_ms(&self) -> u64 {
        self.elapsed_ms()
    }

    fn elapsed_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        self.0.fetch_add(ms, Ordering::Relaxed);
        std::future::ready(()).boxed()
    }
}

/// A run: keys, a clock, and what was shown.
struct World {
    backend: SimBackend,
    keys: Keys,
    clock: Arc<Hourglass>,
    shown: Arc<Mutex<Vec<Progress>>>,
}

impl World {
    fn new(config: SimConfig) -> Self {
        let (clock, shown) = (Arc::default(), Arc::default());
        Self { backend: SimBackend::new(config), keys: Keys::default(), clock, shown }
    }

    fn scripted(scenario: &str) -> Self {
        Self::new(SimConfig {
            scenario: Some(scenario.parse().expect("a valid scenario")),
            ..SimConfig::default()
        })
    }

    fn job(&mut self, call: AgentCall) -> AgentJob {
        let resolved = self.backend.resolve(&call).expect("a call that can be");
        let key = self.keys.next(None, &fanfold_core::Call::Agent(Box::new(call.clone())), &resolved);
        AgentJob { key, call, resolved, site: None, run_dir: None, unfinished: false }
    }

    fn run_job(&self, job: &AgentJob) -> Result<Outcome, Halt> {
        let shown = self.shown.clone();
        let progress = move |progress| shown.lock().expect("nobody panicked").push(progress);
        let cx =
            AgentCx { clock: self.clock.clone(), progress: Box::new(progress), purse: Arc::new(NoLimit) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(self.backend.run(job, &cx))
    }

    fn run(&mut self, call: AgentCall) -> Result<Outcome, Halt> {
        let job = self.job(call);
        self.run_job(&job)
    }

    fn value(&mut self, call: AgentCall) -> Value {
        match self.run(call).expect("no halt").reply {
            Reply::Done(value) => value,
            Reply::Failed(failure) => panic!("{failure}"),
        }
    }

    fn failure(&mut self, call: AgentCall) -> (FailureKind, String) {
        match self.run(call).expect("no halt").reply {
            Reply::Done(value) => panic!("it answered {value}"),
            Reply::Failed(failure) => (failure.kind, failure.message),
        }
    }

    fn elapsed_ms(&self) -> u64 {
        self.clock.elapsed_ms()
    }
}

fn verdict() -> AgentCall {
    let schema = json!({
        "type": "object",
        "properties": {"ok": {"type": "boolean"}, "why": {"type": "string"}, "line": {"type": "integer"}},
        "required": ["ok", "why"]
    });
    AgentCall { schema: Some(Arc::new(schema)), ..AgentCall::new("Judge the parser") }
}

#[test]
fn the_same_seed_gives_the_same_everything() {
    let run = |seed| {
        let mut world = World::new(SimConfig { seed, ..SimConfig::default() });
        let outcomes: Vec<Outcome> =
            [verdict(), AgentCall::new("a"), verdict()].map(|call| world.run(call).expect("no halt")).into();
        let shown = world.shown.lock().expect("nobody panicked").clone();
        (outcomes, world.elapsed_ms(), shown)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn replies_do_not_depend_on_the_order_of_calls() {
    let calls = || (0..20).map(|n| AgentCall { prompt: format!("Judge part {n}"), ..verdict() });
    let run = |backwards: bool| {
        let mut world = World::new(SimConfig::default());
        let mut jobs: Vec<AgentJob> = calls().map(|call| world.job(call)).collect();
        if backwards {
            jobs.reverse();
        }
        let mut outcomes: Vec<_> = jobs.iter().map(|job| (job.key.clone(), world.run_job(job))).collect();
        outcomes.sort_by(|a, b| a.0.cmp(&b.0));
        outcomes
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn every_third_agent_of_nulls_and_every_one_of_all_null_ends_as_null() {
    let nulls = |policy| -> Vec<usize> {
        let mut world = World::new(SimConfig { policy, ..SimConfig::default() });
        let kinds = (0..7).map(|_| world.run(verdict()).expect("no halt").reply);
        let is_null =
            |reply: &Reply| matches!(reply, Reply::Failed(failure) if failure.kind == FailureKind::Simulated);
        kinds.enumerate().filter(|(_, reply)| is_null(reply)).map(|(i, _)| i).collect()
    };
    assert_eq!(nulls(Policy::Nulls), [2, 5]);
    assert_eq!(nulls(Policy::AllNull), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(nulls(Policy::Typical), [0; 0]);
}

#[test]
fn a_text_is_about_its_prompt() {
    let text =
        World::new(SimConfig::default()).value(AgentCall::new("Summarize the retry rules.\nBe brief."));
    assert!(text.as_str().expect("a text").contains("Summarize the retry rules"), "{text}");
}

#[test]
fn time_is_the_clocks_and_follows_the_distribution() {
    let latency = Latency { median_ms: 1_000, sigma: 0.0 };
    let mut world = World::new(SimConfig { latency, ..SimConfig::default() });
    world.value(AgentCall::new("a"));
    world.value(AgentCall::new("b"));
    assert_eq!(world.elapsed_ms(), 2_000);
    world.value(AgentCall { timeout_ms: Some(10), ..AgentCall::new("c") });
    assert_eq!(world.elapsed_ms(), 2_010, "a drawn duration stays within the agent's time limit");
}

#[test]
fn what_earlier_agents_took_replaces_the_draws_and_a_rule_replaces_both() {
    struct Known;
    impl Past for Known {
        fn latency(&self, job: &AgentJob) -> Option<Latency> {
            (job.call.prompt == "known").then_some(Latency { median_ms: 7_000, sigma: 0.0 })
        }

        fn used(&self, _: &AgentJob, exchange: Exchange) -> Used {
            let usage = Usage { output_tokens: 11, input_tokens: exchange.prompt_tokens, ..Usage::default() };
            Used { usage, turns: 9 }
        }
    }
    let latency = Latency { median_ms: 1_000, sigma: 0.0 };
    let scenario =
        "- match: { prompt: ruled }\n  usage: { output_tokens: 5 }".parse().expect("a valid scenario");
    let past: Option<Arc<dyn Past>> = Some(Arc::new(Known));
    let mut world = World::new(SimConfig { latency, past, scenario: Some(scenario), ..SimConfig::default() });
    let outcome = world.run(AgentCall::new("known")).expect("no halt");
    assert_eq!((outcome.turns, outcome.usage.output_tokens, world.elapsed_ms()), (9, 11, 7_000));
    assert!(outcome.usage.input_tokens > Defaults::SYSTEM_TOKENS);
    let outcome = world.run(AgentCall::new("ruled")).expect("no halt");
    assert_eq!((outcome.usage.output_tokens, world.elapsed_ms()), (5, 8_000));
}

#[test]
fn an_agent_waits_for_the_clock_even_without_latency_and_for_nothing_else() {
    let latency = Latency { median_ms: 0, sigma: 0.0 };
    let mut world = World::new(SimConfig { latency, ..SimConfig::default() });
    let job = world.job(AgentCall::new("a"));
    let cx = AgentCx { clock: world.clock.clone(), progress: Box::new(|_| ()), purse: Arc::new(NoLimit) };
    let outcome = world.backend.run(&job, &cx).now_or_never();
    assert!(
        outcome.is_some(),
        "on a clock that never makes one wait, an engine would have moved time past it"
    );
    assert_eq!(world.elapsed_ms(), 1);
}

#[test]
fn prompts_are_counted_and_one_turn_is_shown() {
    let tokens_of = |prompt: &str| {
        let mut world = World::new(SimConfig::default());
        let outcome = world.run(AgentCall::new(prompt)).expect("no halt");
        let shown = world.shown.lock().expect("nobody panicked").clone();
        assert_eq!(shown.len(), 1, "{shown:?}");
        let expected = Progress::Turn {
            turn: outcome.turns,
            input_tokens: outcome.usage.input_total(),
            output_tokens: outcome.usage.output_tokens,
        };
        assert_eq!(shown[0], expected);
        assert!(outcome.usage.output_tokens > 0 && outcome.turns > 0);
        outcome.usage.input_tokens
    };
    let long = "word ".repeat(1_000);
    assert_eq!(tokens_of(&long) - Defaults::SYSTEM_TOKENS, tokens::estimate(&long));
}

#[test]
fn assumptions_name_the_numbers() {
    let words = World::new(SimConfig::default()).backend.assumptions();
    assert!(words.contains("40 s") && words.contains("1300 tokens"), "{words}");
}

#[test]
fn any_model_is_accepted_and_agent_types_must_exist() {
    let agent_types = [("critic".to_owned(), "d1".to_owned())].into();
    let world = World::new(SimConfig { model: "opus".into(), agent_types, ..SimConfig::default() });
    let resolve = |model: Option<&str>, kind: Option<&str>| {
        let call = AgentCall {
            model: model.map(str::to_owned),
            agent_type: kind.map(str::to_owned),
            ..AgentCall::new("a")
        };
        world.backend.resolve(&call)
    };
    let model = |model| resolve(model, None).expect("any model").model;
    assert_eq!(
        (model(None), model(Some("inherit")), model(Some("x/y"))),
        ("opus".into(), "opus".into(), "x/y".into())
    );
    assert_eq!(resolve(None, None).expect("valid").backend, "sim");
    assert_eq!(resolve(None, Some("critic")).expect("given").agent_type.as_deref(), Some("d1"));
    let built_in = |name| resolve(None, Some(name)).expect("built in").agent_type;
    assert_ne!(built_in("Explore"), built_in("Plan"));
    let problem = resolve(None, Some("explore")).expect_err("no such type");
    assert!(problem.contains("did you mean `Explore`") && problem.contains("`critic`"), "{problem}");
}

#[test]
fn context_files_are_digested_beneath_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("w");
    std::fs::create_dir(&workspace).expect("made");
    std::fs::write(workspace.join("a.md"), "one").expect("written");
    std::fs::write(folder.path().join("secret"), "two").expect("written");
    let world = World::new(SimConfig { workspace: Some(workspace.clone()), ..SimConfig::default() });
    let resolve = |path: &str| {
        world
            .backend
            .resolve(&AgentCall { context: vec![path.into()], ..AgentCall::new("a") })
            .map(|found| found.context)
    };
    let first = resolve("a.md").expect("there");
    assert_eq!(first.len(), 1);
    std::fs::write(workspace.join("a.md"), "other").expect("written");
    assert_ne!(resolve("a.md").expect("there"), first);
    assert!(resolve("b.md").expect_err("missing").contains("`b.md` does not exist"));
    assert!(resolve("../secret").is_err(), "outside");
}

#[test]
fn a_rule_gives_the_reply_and_what_does_not_fit_the_schema_is_told() {
    let mut world =
        World::scripted("- match: {prompt: Judge}\n  reply: {ok: false, why: because}\n- reply: {a: 1}");
    assert_eq!(world.value(verdict()), json!({"ok": false, "why": "because"}));
    assert_eq!(world.value(AgentCall::new("a")), json!("{\"a\":1}"), "without a schema a reply is a text");
    let (kind, message) = world.failure(AgentCall { prompt: "other".into(), ..verdict() });
    assert_eq!(kind, FailureKind::Schema);
    assert!(
        message.contains("rule 2 (line 3)") && message.contains("\"ok\" is a required property"),
        "{message}"
    );
}

#[test]
fn a_rule_can_answer_where_no_value_is_found() {
    let schema = json!({"type": "object", "properties": {"s": {"type": "string", "pattern": r"^(a+)b\1$"}}, "required": ["s"]});
    let call = AgentCall { schema: Some(Arc::new(schema)), ..AgentCall::new("a") };
    let (kind, message) = World::new(SimConfig::default()).failure(call.clone());
    assert_eq!(kind, FailureKind::Schema);
    assert!(message.contains("`pattern` at /properties/s"), "{message}");
    assert_eq!(World::scripted("- reply: {s: aba}").value(call), json!({"s": "aba"}));
}

#[test]
fn a_rule_counts_the_calls_that_meet_its_other_conditions() {
    let mut world = World::scripted("- match: {prompt: Judge, nth: 2}\n  null: true");
    world.value(verdict());
    world.value(AgentCall::new("other"));
    let (kind, message) = world.failure(verdict());
    assert_eq!(kind, FailureKind::Simulated);
    assert!(message.contains("rule 1 (line 1)"), "{message}");
    world.value(verdict());
}

#[test]
fn passing_faults_are_waited_out_and_the_policy_answers() {
    for (kind, least_ms) in [("overloaded", 1), ("rate_limit", 60_000), ("cut_stream", 1_000)] {
        let mut world = World::scripted(&format!("- fail: {{kind: {kind}, times: 2}}\n  latency_ms: 1000"));
        assert_eq!(world.value(verdict())["ok"], true);
        assert!(world.elapsed_ms() >= 1_000 + least_ms, "{kind}: {}", world.elapsed_ms());
        let waits = world.shown.lock().expect("nobody panicked");
        assert_eq!(
            waits.iter().filter(|shown| matches!(shown, Progress::Waiting { .. })).count(),
            2,
            "{kind}"
        );
    }
}

#[test]
fn a_fault_that_passes_may_be_followed_by_a_reply() {
    let mut world = World::scripted("- fail: {kind: overloaded, times: 1}\n  reply: at last");
    assert_eq!(world.value(AgentCall::new("a")), json!("at last"));
}

#[test]
fn a_provider_that_stays_down_stops_the_run() {
    for kind in ["overloaded", "rate_limit"] {
        let mut world = World::scripted(&format!("- fail: {{kind: {kind}}}"));
        let halt = world.run(verdict()).expect_err("an outage");
        assert_eq!(halt.kind, HaltKind::Outage);
        assert!(halt.message.contains("rule 1") && !halt.hint.is_empty(), "{halt}");
        let minutes = world.elapsed_ms() / 60_000;
        assert!((58..=60).contains(&minutes), "{minutes}");
    }
}

#[test]
fn retries_and_time_limits_of_the_call_come_first() {
    let mut world = World::scripted("- fail: {kind: overloaded}");
    assert_eq!(world.failure(AgentCall { retries: Some(3), ..verdict() }).0, FailureKind::Provider);
    let before = world.elapsed_ms();
    assert_eq!(world.failure(AgentCall { timeout_ms: Some(70_000), ..verdict() }).0, FailureKind::Timeout);
    assert_eq!(world.elapsed_ms() - before, 70_000);
}

#[test]
fn faults_that_do_not_pass_end_the_agent() {
    let fail =
        |kind: &str, call: AgentCall| World::scripted(&format!("- fail: {{kind: {kind}}}")).failure(call);
    assert_eq!(fail("timeout", verdict()).0, FailureKind::Timeout);
    assert_eq!(fail("refused", verdict()).0, FailureKind::Refused);
    assert_eq!(fail("cut_stream", verdict()).0, FailureKind::Provider);
    let (kind, message) = fail("bad_json", verdict());
    assert_eq!(kind, FailureKind::Schema);
    assert!(message.contains("5 attempts") && message.contains("no JSON"), "{message}");
    assert_eq!(fail("bad_json", AgentCall::new("a")).0, FailureKind::TurnLimit);
}

#[test]
fn bad_json_costs_turns_until_it_passes() {
    let turns = |scenario: &str| World::scripted(scenario).run(verdict()).expect("no halt").turns;
    assert_eq!(turns("- fail: {kind: bad_json, times: 4}"), turns("[]") + 4);
    assert_eq!(
        World::scripted("- fail: {kind: bad_json, times: 5}").failure(verdict()).0,
        FailureKind::Schema
    );
}

#[test]
fn what_is_not_tried_again_fails_for_that_many_calls() {
    let mut world = World::scripted("- fail: {kind: refused, times: 2}");
    assert_eq!(world.failure(verdict()).0, FailureKind::Refused);
    assert_eq!(world.failure(verdict()).0, FailureKind::Refused);
    world.value(verdict());
}

#[test]
fn latency_and_usage_are_those_of_the_rule() {
    let mut world =
        World::scripted("- latency_ms: 7\n  usage: {input_tokens: 1, output_tokens: 2, tool_calls: 3}");
    let outcome = world.run(verdict()).expect("no halt");
    assert_eq!(
        (outcome.usage.input_tokens, outcome.usage.output_tokens, outcome.usage.tool_calls),
        (1, 2, 3)
    );
    assert_eq!(world.elapsed_ms(), 7);
    assert_eq!(world.failure(AgentCall { timeout_ms: Some(5), ..verdict() }).0, FailureKind::Timeout);
    assert_eq!(world.elapsed_ms(), 12);
}

fn editing(path: &str, workspace: Option<&Path>) -> World {
    let scenario = format!("- edit: {{'{path}': new}}").parse().expect("valid");
    World::new(SimConfig {
        scenario: Some(scenario),
        edits: Edits::Written,
        workspace: workspace.map(Path::to_owned),
        ..SimConfig::default()
    })
}

#[test]
fn edits_are_written_beneath_the_workspace_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("w");
    std::fs::create_dir(&workspace).expect("made");
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).ok();
    let mut world = editing("src/new/a.rs", Some(&workspace));
    world.value(verdict());
    assert_eq!(read("w/src/new/a.rs").as_deref(), Some("new"));
    let edit = Progress::Tool { name: "edit".into(), brief: "src/new/a.rs".into() };
    assert!(world.shown.lock().expect("nobody panicked").contains(&edit));

    let outside = folder.path().join("b.rs");
    for path in ["../b.rs", outside.to_str().expect("a plain path")] {
        let (kind, message) = editing(path, Some(&workspace)).failure(verdict());
        assert_eq!(kind, FailureKind::Workspace);
        assert!(message.contains("rule 1") && message.contains("b.rs"), "{message}");
    }
    assert_eq!(read("b.rs"), None);
    assert_eq!(editing("a.rs", None).failure(verdict()).0, FailureKind::Workspace);
}

#[test]
fn edits_change_no_file_unless_they_are_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.rs"), "old").expect("written");
    let mut world = World::new(SimConfig {
        scenario: Some("- edit: {a.rs: new}".parse().expect("valid")),
        workspace: Some(folder.path().to_owned()),
        ..SimConfig::default()
    });
    world.value(verdict());
    assert_eq!(std::fs::read_to_string(folder.path().join("a.rs")).expect("there"), "old");
    let edit = Progress::Tool { name: "edit".into(), brief: "a.rs".into() };
    assert!(world.shown.lock().expect("nobody panicked").contains(&edit));
}

#[cfg(unix)]
#[test]
fn edits_do_not_follow_links_out_of_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("w");
    std::fs::create_dir(&workspace).expect("made");
    std::os::unix::fs::symlink(folder.path(), workspace.join("out")).expect("linked");
    assert_eq!(editing("out/b.rs", Some(&workspace)).failure(verdict()).0, FailureKind::Workspace);
    assert!(!folder.path().join("b.rs").exists());
}

/// A project in git, and what a run of it needs for isolated agents.
struct Repository {
    _folder: tempfile::TempDir,
    project: PathBuf,
    run_dir: PathBuf,
    repo: RunRepo,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("there");
        let [project, run_dir] = ["project", "run"].map(|name| root.join(name));
        std::fs::create_dir(&project).expect("made");
        std::fs::write(project.join("old.rs"), "old\n").expect("written");
        let repo =
            RunRepo::open(&run_dir, "wf_x", &project, &GitConfig::default(), None).expect("a repository");
        Self { _folder: folder, project, run_dir, repo }
    }

    fn world(&self, scenario: &str) -> World {
        let workspaces = Workspaces::new(self.repo.clone(), Kind::Worktree);
        World::new(SimConfig {
            scenario: Some(scenario.parse().expect("valid")),
            edits: Edits::Written,
            workspace: Some(self.project.clone()),
            workspaces: Some(Arc::new(move |_: &Path| Ok(workspaces.clone()))),
            ..SimConfig::default()
        })
    }

    fn run(&self, world: &mut World, call: AgentCall) -> Outcome {
        let job = world.job(call);
        world.run_job(&AgentJob { run_dir: Some(self.run_dir.clone()), ..job }).expect("no halt")
    }
}

fn isolated(label: &str) -> AgentCall {
    AgentCall { isolation: Isolation::Worktree, label: Some(label.into()), ..verdict() }
}

#[test]
fn edits_of_an_isolated_agent_become_a_patch_and_change_no_file() {
    let repository = Repository::new();
    let mut world = repository.world(
        "- match: {label: write}\n  edit: {a.rs: new, old.rs: null}\n- match: {label: fix}\n  edit: {a.rs: newer}",
    );
    let patch = repository.run(&mut world, isolated("write")).patch.expect("a patch");
    assert_eq!((patch.files, patch.base.as_str()), (2, repository.repo.base()));
    assert!(patch.diff.contains("+new") && patch.diff.contains("-old"), "{}", patch.diff);
    assert!(!repository.project.join("a.rs").exists() && repository.project.join("old.rs").exists());

    // The fixer goes on from the patch.
    let call = AgentCall { start: Some(patch.commit.clone()), ..isolated("fix") };
    let fixed = repository.run(&mut world, call).patch.expect("a patch");
    assert_eq!((fixed.files, &fixed.base), (2, &patch.base));
    assert!(fixed.diff.contains("+newer") && fixed.diff.contains("-old"), "{}", fixed.diff);

    let lacking = world.failure(isolated("write"));
    assert_eq!(lacking.0, FailureKind::Workspace, "a run that is not kept");
    assert_eq!(repository.run(&mut world, isolated("other")).patch, None);
}

#[test]
fn an_edit_cannot_reach_git_or_leave_the_tree() {
    let repository = Repository::new();
    for path in [".git/config", "sub/.GIT/hooks/x", "../b.rs"] {
        let mut world = repository.world(&format!("- edit: {{'{path}': new}}"));
        match repository.run(&mut world, isolated("write")).reply {
            Reply::Failed(failure) => assert_eq!(failure.kind, FailureKind::Workspace, "{path}"),
            Reply::Done(_) => panic!("{path} was taken"),
        }
    }
}

#[test]
fn a_dry_run_hands_over_a_patch_that_nobody_takes_for_one() {
    let mut world = World::scripted("- match: {label: write}\n  edit: {a.rs: new}");
    let call = || AgentCall { hands_over_patch: true, ..isolated("write") };
    let (first, second) = (world.run(call()).expect("no halt"), world.run(call()).expect("no halt"));
    let patch = first.patch.expect("made up");
    assert!(patch.diff.starts_with("# simulated") && patch.diff.contains("+new"), "{}", patch.diff);
    assert!(patch.commit.len() == 40 && patch.commit.chars().all(|ch| ch.is_ascii_hexdigit()));
    assert_ne!(patch.commit, second.patch.expect("made up").commit, "another agent, another commit");
    let mut again = World::scripted("- match: {label: write}\n  edit: {a.rs: new}");
    assert_eq!(again.run(call()).expect("no halt").patch, Some(patch.clone()), "the same for the same key");

    let start = AgentCall { start: Some(patch.commit.clone()), ..call() };
    assert_eq!(world.run(start).expect("no halt").patch.map(|patch| patch.base), Some(patch.commit));
    assert_eq!(world.run(isolated("write")).expect("no halt").patch, None, "nobody asks for one");
}

#[test]
fn reviewers_find_nothing_in_typical_and_refute_in_negative() {
    let schema = json!({
        "type": "object", "required": ["flaws"], "additionalProperties": false,
        "properties": {"flaws": {"type": "array", "items": {
            "type": "object", "required": ["flaw", "severity"], "properties": {
                "flaw": {"type": "string"}, "place": {"type": "string"},
                "severity": {"enum": ["minor", "major"]}
            }
        }}}
    });
    let flaws = |policy| {
        let mut world = World::new(SimConfig { policy, ..SimConfig::default() });
        let call = AgentCall { schema: Some(Arc::new(schema.clone())), ..AgentCall::new("Refute it") };
        world.value(call)["flaws"].as_array().expect("an array").len()
    };
    assert_eq!([flaws(Policy::Typical), flaws(Policy::Nulls), flaws(Policy::Empty)], [0, 0, 0]);
    assert_eq!([flaws(Policy::Negative), flaws(Policy::Wide)], [2, 25]);
}
