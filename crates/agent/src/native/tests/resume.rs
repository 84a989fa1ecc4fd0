//! Going on with an agent whose engine died.

use serde_json::json;

use super::*;
use crate::structured::RETURN_TOOL;
use crate::transcript::{self, Line};
use crate::wire::ModelLimits;

/// Runs an agent until it asks what its script does not answer, as if the engine were killed there.
async fn die_after(world: &World, call: AgentCall) {
    let backend = world.backend();
    let job = world.job(&backend, call);
    let cx = world.cx();
    tokio::select! {
        outcome = backend.run(&job, &cx) => panic!("it ended: {outcome:?}"),
        () = world.model.silent.notified() => (),
    }
}

async fn go_on(world: &World, call: AgentCall) -> Outcome {
    let backend = world.backend();
    let job = AgentJob { unfinished: true, ..world.job(&backend, call) };
    backend.run(&job, &world.cx()).await.expect("no halt")
}

/// Cuts the transcript in the middle of its last line.
fn tear(world: &World) {
    let bytes = fs::read(world.transcript()).expect("there");
    fs::write(world.transcript(), &bytes[..bytes.len() - 7]).expect("written");
}

#[tokio::test]
async fn an_agent_goes_on_from_its_last_whole_turn_and_asks_only_what_is_new() {
    let world = World::new([
        calls([("write", json!({"path": "a.txt", "content": "a"}))]),
        calls([("read", json!({"path": "a.txt"}))]),
    ]);
    die_after(&world, AgentCall::new("x")).await;
    let before = world.requests();
    assert_eq!(before.len(), 3, "two turns done, the third never answered");

    world.script([says("done")]);
    let outcome = go_on(&world, AgentCall::new("x")).await;
    assert_eq!(
        (outcome.turns, outcome.usage.output_tokens),
        (3, 30),
        "all turns are paid, and nobody else counts"
    );
    assert_eq!(outcome.usage.tool_calls, 2);
    assert_eq!(world.requests()[3].messages, before[2].messages, "the same conversation");
    assert_eq!(done(outcome), json!("done"));
    let lines = transcript::read(&world.transcript()).expect("whole").lines;
    assert!(lines.contains(&Line::Resumed) && lines.last() == Some(&Line::End { failure: None }));
}

#[tokio::test]
async fn calls_without_a_result_are_run_again_only_if_they_read() {
    let world = World::new([calls([
        ("read", json!({"path": "a.txt"})),
        ("write", json!({"path": "a.txt", "content": "new"})),
        ("glob", json!({"pattern": "*.txt"})),
    ])]);
    world.write("a.txt", "old");
    die_after(&world, AgentCall::new("x")).await;
    // As it is when the engine dies in the middle of the turn's first call.
    let text = fs::read_to_string(world.transcript()).expect("there");
    let kept: Vec<&str> = text.lines().take_while(|line| !line.contains("\"line\":\"result\"")).collect();
    fs::write(world.transcript(), kept.join("\n") + "\n{\"line\":\"resu").expect("written");
    world.write("a.txt", "changed by hand");

    world.script([says("done")]);
    done(go_on(&world, AgentCall::new("x")).await);
    let results = world.results();
    assert!(results[0].0.contains("changed by hand"), "{results:?}");
    assert_eq!(results[1], ("interrupted, outcome unknown: check before repeating".into(), true));
    assert_eq!(results[2], ("a.txt".into(), false));
    assert_eq!(world.read("a.txt"), "changed by hand");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_before_anything_is_added() {
    let look = |pattern: &str| calls([("glob", json!({"pattern": pattern}))]);
    let world = World::new([look("*.a"), look("*.b")]);
    die_after(&world, AgentCall::new("x")).await;
    tear(&world);
    world.script([says("done")]);
    assert_eq!(done(go_on(&world, AgentCall::new("x")).await), json!("done"));
    assert_eq!(
        world.results(),
        [("no file matches `*.b`".into(), false)],
        "its result was torn: asked again"
    );
    let text = fs::read_to_string(world.transcript()).expect("there");
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
}

#[tokio::test]
async fn a_result_that_was_never_recorded_is_taken_from_the_transcript() {
    let world = World::new([calls([(RETURN_TOOL, json!({"n": 5}))])]);
    let call = AgentCall { schema: Some(number_schema()), ..AgentCall::new("x") };
    done(world.run(call.clone()).await);
    let outcome = go_on(&world, call).await;
    assert_eq!((outcome.turns, outcome.usage), (1, USAGE));
    assert_eq!(done(outcome), json!({"n": 5}));
    assert_eq!(world.requests().len(), 1, "nothing is asked twice");
}

#[tokio::test]
async fn failed_returns_of_an_earlier_attempt_count() {
    let bad = || calls([(RETURN_TOOL, json!({}))]);
    let world = World::new([bad(), bad(), bad(), bad()]);
    let call = AgentCall { schema: Some(number_schema()), ..AgentCall::new("x") };
    die_after(&world, call.clone()).await;
    world.script([bad()]);
    let outcome = go_on(&world, call).await;
    assert_eq!(failure(&outcome).kind, fanfold_core::FailureKind::Schema);
    assert_eq!(outcome.turns, 5);
}

#[tokio::test]
async fn a_reply_that_comes_in_pieces_keeps_those_of_an_earlier_attempt() {
    let cut = |text: &str| reply(vec![Block::Text { text: text.into() }], Stop::MaxTokens);
    let world = World::new([cut("one "), cut("two ")]);
    die_after(&world, AgentCall::new("x")).await;
    world.script([says("three")]);
    assert_eq!(done(go_on(&world, AgentCall::new("x")).await), json!("one two three"));
}

#[tokio::test]
async fn failures_in_a_row_are_counted_over_attempts_as_within_one() {
    let cut = || reply(vec![Block::Text { text: "a".into() }], Stop::MaxTokens);
    let look = || calls([("glob", json!({"pattern": "*"}))]);
    let with_schema = || AgentCall { schema: Some(number_schema()), ..AgentCall::new("x") };
    let bad_text = || says("{\"n\": \"text\"}");
    // A result that came too early is none that violates the schema.
    let early = || {
        let edit = json!({"path": "none", "old_string": "a", "new_string": "b"});
        calls([("edit", edit), (RETURN_TOOL, json!({"n": 1}))])
    };
    type Script = Vec<Result<TurnReply, TurnError>>;
    let scripts: [(AgentCall, Script); 5] = [
        (AgentCall::new("x"), vec![cut(), cut(), cut(), cut()]),
        (AgentCall::new("x"), vec![cut(), cut(), look(), cut(), cut(), cut(), cut()]),
        (AgentCall::new("x"), vec![says(""), look(), says(""), says("")]),
        (with_schema(), vec![bad_text(), bad_text(), bad_text(), bad_text(), bad_text()]),
        (
            with_schema(),
            vec![early(), early(), early(), early(), early(), calls([(RETURN_TOOL, json!({"n": 1}))])],
        ),
    ];
    for (call, script) in scripts {
        let world = World::new(script.clone());
        let whole = world.run(call.clone()).await;
        for died_after in 1..script.len() {
            let world = World::new(script[..died_after].iter().cloned());
            die_after(&world, call.clone()).await;
            world.script(script[died_after..].iter().cloned());
            assert_eq!(go_on(&world, call.clone()).await, whole, "{died_after}");
        }
    }
}

#[tokio::test]
async fn what_an_attempt_used_that_cannot_be_gone_on_with_is_counted_too() {
    let world = World::new([calls([("glob", json!({"pattern": "*"}))])]);
    die_after(&world, AgentCall::new("x")).await;
    world.script([says("done")]);
    let call = AgentCall { disallowed_tools: vec!["grep".into()], ..AgentCall::new("x") };
    let outcome = go_on(&world, call).await;
    assert_eq!((outcome.turns, outcome.usage.output_tokens), (1, 20));
}

#[tokio::test]
async fn an_agent_asked_afresh_never_goes_on_with_what_an_older_one_left() {
    let world = World::new([says("old")]);
    done(world.run(AgentCall::new("x")).await);
    die_after(&world, AgentCall::new("x")).await;
    world.script([says("new")]);
    assert_eq!(done(go_on(&world, AgentCall::new("x")).await), json!("new"));
}

#[tokio::test]
async fn another_agent_than_before_starts_afresh() {
    let world = World::new([calls([("glob", json!({"pattern": "*"}))])]);
    die_after(&world, AgentCall::new("x")).await;
    world.script([says("done")]);
    // Other tools make another agent, even if the key were the same.
    let call = AgentCall { disallowed_tools: vec!["bash".into(), "grep".into()], ..AgentCall::new("x") };
    let outcome = go_on(&world, call).await;
    assert_eq!(outcome.turns, 1);
    let read = transcript::read(&world.transcript()).expect("whole");
    assert!(!read.lines.contains(&Line::Resumed), "the old transcript is gone");
    assert_eq!(read.lines.len(), 3);
}

#[tokio::test]
async fn a_run_that_failed_before_is_not_gone_on_with() {
    let world = World::new([
        calls([("glob", json!({"pattern": "*"}))]),
        Err(TurnError::Failed("down".into())),
        says("done"),
    ]);
    failure(&world.run(AgentCall::new("x")).await);
    assert_eq!(go_on(&world, AgentCall::new("x")).await.turns, 1);
}

#[test]
fn a_model_that_searches_the_web_itself_is_let() {
    let limits = ModelLimits { context_tokens: 1, output_tokens_max: 1, web_search: true };
    let world = World::new([]);
    let backend = world.backend();
    let kind = backend.config.agent_types.get(None).expect("built in").clone();
    let tools = backend.tools(&AgentCall::new("x"), &kind, limits).0;
    assert!(tools.contains(crate::tools::Tool::WebSearch));
    assert!(tools.specs().iter().all(|tool| tool.name != "web_search"), "the provider tells of it");
}

/// Keeps what it is told.
#[derive(Default)]
struct Told {
    recalled: Mutex<Vec<(u32, Usage)>>,
    settled: Mutex<Vec<Usage>>,
    wait_ms: u64,
}

impl fanfold_core::Purse for Told {
    fn is_limited(&self) -> bool {
        true
    }
    fn reserve<'a>(&'a self, quote: fanfold_core::Quote) -> BoxFuture<'a, Result<u64, Failure>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(self.wait_ms)).await;
            Ok(quote.output_tokens)
        })
    }
    fn settle(&self, used: Usage) {
        self.settled.lock().expect("no panic").push(used);
    }
    fn forfeit(&self, _: Usage) {}
    fn recalled(&self, turns: u32, last: Usage) {
        self.recalled.lock().expect("no panic").push((turns, last));
    }
}

/// Asks for leave and bills, as a provider does.
struct Billed(Arc<Scripted>);

impl Model for Billed {
    fn turn<'a>(
        &'a self,
        request: &'a TurnRequest,
        cx: &'a TurnCx<'a>,
    ) -> BoxFuture<'a, Result<TurnReply, TurnError>> {
        Box::pin(async move {
            let worst = crate::wire::Worst { input_tokens: 1_000, web_searches: 0, output_tokens: 1_000 };
            cx.watch.reserve(worst).await.map_err(TurnError::Budget)?;
            let reply = self.0.turn(request, cx).await?;
            cx.watch.ended(match reply.usage_estimated {
                true => Bill::Estimated(reply.usage),
                false => Bill::Reported(reply.usage),
            });
            Ok(reply)
        })
    }
    fn limits(&self, model: &str) -> ModelLimits {
        self.0.limits(model)
    }
}

struct Priced(Arc<Scripted>);

impl Models for Priced {
    fn resolve(&self, _: &str, _: &str) -> Result<ResolvedModel, String> {
        let rates = fanfold_core::price::Rates {
            input: 3_000_000,
            output: 15_000_000,
            cache_read: 0,
            cache_write: 0,
        };
        let price = Some(fanfold_core::Price { rates, ..fanfold_core::Price::FREE });
        let model = Arc::new(Billed(self.0.clone()));
        Ok(ResolvedModel { model, name: "fake/one".into(), id: "one".into(), price, warnings: Vec::new() })
    }
}

fn priced(world: &World) -> NativeBackend {
    NativeBackend::new(NativeConfig { models: Arc::new(Priced(world.model.clone())), ..world.config() })
        .expect("a workspace")
}

async fn die_and_go_on(first: Result<TurnReply, TurnError>) -> Arc<Told> {
    let world = World::new([first]);
    let backend = priced(&world);
    let job = world.job(&backend, AgentCall::new("x"));
    let cx = AgentCx { purse: Arc::new(Told::default()), ..world.cx() };
    tokio::select! {
        outcome = backend.run(&job, &cx) => panic!("it ended: {outcome:?}"),
        () = world.model.silent.notified() => (),
    }
    world.script([says("done")]);
    let told = Arc::new(Told::default());
    let job = AgentJob { unfinished: true, ..job };
    let cx = AgentCx { purse: told.clone(), ..world.cx() };
    backend.run(&job, &cx).await.expect("no halt");
    told
}

#[tokio::test]
async fn a_turn_that_is_recalled_costs_what_it_cost() {
    let told = die_and_go_on(calls([("read", json!({"path": "a.txt"}))])).await;
    let settled = told.settled.lock().expect("no panic")[0];
    let recalled = told.recalled.lock().expect("no panic")[0];
    // Both turns used the same.
    assert_eq!(settled.usd_micros, 450);
    assert_eq!(recalled, (1, settled));
}

#[tokio::test]
async fn a_turn_of_which_nobody_said_what_it_used_stays_at_the_worst_case() {
    let first =
        calls([("read", json!({"path": "a.txt"}))]).map(|reply| TurnReply { usage_estimated: true, ..reply });
    let told = die_and_go_on(first).await;
    let recalled = told.recalled.lock().expect("no panic");
    assert!(recalled.is_empty() || recalled[0].1.unconfirmed > 0, "taken for what was billed: {recalled:?}");
}

#[tokio::test]
async fn waiting_for_the_budget_is_not_the_agents_own_time() {
    let world = World::new([says("done")]);
    let backend = priced(&world);
    let job = world.job(&backend, AgentCall { timeout_ms: Some(300), ..AgentCall::new("x") });
    let cx = AgentCx { purse: Arc::new(Told { wait_ms: 600, ..Told::default() }), ..world.cx() };
    let outcome = backend.run(&job, &cx).await.expect("no halt");
    assert_eq!(done(outcome), json!("done"));
    let progress = world.progress.lock().expect("no panic");
    assert!(
        progress.iter().any(|what| matches!(what, Progress::Waiting { .. })),
        "nobody is told: {progress:?}"
    );
}

#[tokio::test]
async fn an_agent_that_the_budget_ended_goes_on_from_its_last_turn() {
    let refused =
        TurnError::Budget(Failure { kind: fanfold_core::FailureKind::Budget, message: "no".into() });
    let world = World::new([calls([("read", json!({"path": "a.txt"}))]), Err(refused)]);
    let outcome = world.run(AgentCall::new("x")).await;
    assert_eq!(failure(&outcome).kind, fanfold_core::FailureKind::Budget);
    world.script([says("done")]);
    let outcome = go_on(&world, AgentCall::new("x")).await;
    assert_eq!(outcome.turns, 2, "the first turn was paid already");
}
