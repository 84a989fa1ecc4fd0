//! How a conversation goes: results, limits, faults.

use serde_json::json;

use super::*;
use crate::structured::RETURN_TOOL;
use crate::wire::ToolChoice;
use fanfold_core::{FailureKind, HaltKind};
use fanfold_testkit::TestClock;

fn structured_call() -> AgentCall {
    AgentCall { schema: Some(number_schema()), ..AgentCall::new("count") }
}

fn texts(request: &TurnRequest) -> String {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let texts = blocks.filter_map(|block| match block {
        Block::Text { text } => Some(text.as_str()),
        Block::ToolResult { content, .. } => Some(content.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_agent_works_with_its_tools_and_returns_its_last_message() {
    let world = World::new([
        calls([("glob", json!({"pattern": "*.txt"})), ("grep", json!({"pattern": "teh"}))]),
        calls([
            ("edit", json!({"path": "a.txt", "old_string": "teh", "new_string": "the"})),
            ("read", json!({"path": "a.txt"})),
        ]),
        says("  fixed one word\n"),
    ]);
    world.write("a.txt", "teh end\n");
    let outcome = world.run(AgentCall::new("fix typos")).await;

    assert_eq!(outcome.turns, 3);
    assert_eq!(outcome.usage.output_tokens, 30);
    assert_eq!(outcome.usage.tool_calls, 4);
    assert_eq!(world.read("a.txt"), "the end\n");
    assert_eq!(world.results()[1], ("     1\tthe end\n".into(), false), "in order: the edit came first");
    let requests = world.requests();
    assert_eq!(done(outcome), json!("fixed one word"));
    assert!(Arc::ptr_eq(&requests[0].system, &requests[2].system));
    assert!(requests[0].system.contains(&*world.workspace.to_string_lossy()));
    let progress = world.progress.lock().expect("no panic");
    assert!(progress.contains(&Progress::Tool { name: "edit".into(), brief: "a.txt".into() }));
    assert!(progress.contains(&Progress::Turn { turn: 3, input_tokens: 300, output_tokens: 30 }));
}

#[tokio::test]
async fn attached_files_come_before_the_task_and_cannot_end_their_fence() {
    let world = World::new([says("ok")]);
    world.write("notes.md", "a\n````\nb\n");
    let call = AgentCall { context: vec!["notes.md".into()], ..AgentCall::new("sum up") };
    let digests = world.backend().resolve(&call).expect("attachable").context;
    assert_eq!(digests, [fanfold_core::key::short_digest(b"a\n````\nb\n")]);
    done(world.run(call).await);
    // Blocks of their own: what siblings share, and what they do not.
    let block = |text: &str| Block::Text { text: text.into() };
    let told = [block("Attached file notes.md:\n`````\na\n````\nb\n`````"), block("sum up")];
    assert_eq!(world.requests()[0].messages[0].content, told);
}

#[tokio::test]
async fn what_cannot_be_attached_is_the_scripts_mistake() {
    let world = World::new([]);
    world.write(".env", "KEY=1");
    for path in ["missing.md", "../outside/x", ".env"] {
        let call = AgentCall { context: vec![path.into()], ..AgentCall::new("x") };
        let err = world.backend().resolve(&call).expect_err("it cannot be attached");
        assert!(err.contains("cannot attach") && err.contains(path) || err.contains("Read(.env*)"), "{err}");
    }
}

#[tokio::test]
async fn agents_of_one_kind_share_their_system_prompt_and_it_is_stored_once() {
    let world = World::new([says("a"), says("b")]);
    let backend = world.backend();
    for nth in 0..2 {
        let job = AgentJob {
            key: CallKey::new("0123456789abcdef", nth),
            ..world.job(&backend, AgentCall::new("x"))
        };
        done(backend.run(&job, &world.cx()).await.expect("no halt"));
    }
    let requests = world.requests();
    assert!(Arc::ptr_eq(&requests[0].system, &requests[1].system));
    assert!(Arc::ptr_eq(&requests[0].tools, &requests[1].tools));
    let names: Vec<String> = fs::read_dir(world.run_dir.join("transcripts"))
        .expect("there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("system-")).count(), 1, "{names:?}");
    assert_eq!(names.len(), 3);
    let size = fs::metadata(world.transcript()).expect("there").len();
    assert!(size < 900, "a trivial agent takes {size} bytes");
}

#[tokio::test]
async fn a_result_is_returned_through_the_tool_and_corrected_when_it_violates_the_schema() {
    let world =
        World::new([calls([(RETURN_TOOL, json!({"n": "three"}))]), calls([(RETURN_TOOL, json!({"n": 3}))])]);
    let outcome = world.run(structured_call()).await;
    assert_eq!(outcome.usage.tool_calls, 0, "returning is no work");
    assert_eq!(done(outcome), json!({"n": 3}));
    let (told, is_error) = world.results().remove(0);
    assert!(is_error && told.contains("at /n: ") && told.contains("4 attempts left"), "{told}");
    let tools = &world.requests()[0].tools;
    assert_eq!(tools.last().expect("tools").input_schema, *number_schema());
}

#[tokio::test]
async fn an_agent_that_ends_without_returning_is_made_to() {
    let world = World::new([says("I counted three."), calls([(RETURN_TOOL, json!({"n": 3}))])]);
    assert_eq!(done(world.run(structured_call()).await), json!({"n": 3}));
    let choices: Vec<ToolChoice> = world.requests().into_iter().map(|request| request.tool_choice).collect();
    assert_eq!(choices, [ToolChoice::Auto, ToolChoice::Tool(RETURN_TOOL.into())]);
}

#[tokio::test]
async fn valid_json_in_text_is_a_result_too() {
    let world = World::new([says("```json\n{\"n\": 4}\n```")]);
    assert_eq!(done(world.run(structured_call()).await), json!({"n": 4}));
}

#[tokio::test]
async fn after_five_violations_the_failure_holds_the_last_one() {
    let broken = Block::ToolUse { id: "c".into(), name: RETURN_TOOL.into(), input: Err("{\"n\": 1".into()) };
    let world = World::new([
        says("{\"n\": \"text\"}"),
        reply(vec![broken], Stop::ToolUse),
        calls([(RETURN_TOOL, json!({}))]),
        says("no"),
        calls([(RETURN_TOOL, json!({"n": 1.5}))]),
        says("not asked any more"),
    ]);
    let outcome = world.run(structured_call()).await;
    let failure = failure(&outcome);
    assert_eq!(failure.kind, FailureKind::Schema);
    assert!(failure.message.contains("5 attempts") && failure.message.contains("1.5"), "{failure}");
    assert_eq!(outcome.turns, 5);
    assert!(texts(&world.requests()[2]).contains("{\"n\": 1"), "the raw text is shown back");
}

#[tokio::test]
async fn a_result_written_beside_a_failing_call_has_to_be_returned_again() {
    let world = World::new([
        calls([
            ("edit", json!({"path": "none", "old_string": "a", "new_string": "b"})),
            (RETURN_TOOL, json!({"n": 1})),
        ]),
        calls([(RETURN_TOOL, json!({"n": 0}))]),
    ]);
    assert_eq!(done(world.run(structured_call()).await), json!({"n": 0}));
    assert!(world.results()[1].0.contains("another call of this turn failed"));
}

#[tokio::test]
async fn faults_of_a_turn_become_the_failure_of_the_agent() {
    let refusal = reply(vec![Block::Text { text: "I will not".into() }], Stop::Refusal);
    let cases = [
        (Err(TurnError::BadRequest("no".into())), FailureKind::BadRequest),
        (Err(TurnError::Refused("no".into())), FailureKind::Refused),
        (Err(TurnError::Failed("no".into())), FailureKind::Provider),
        (refusal, FailureKind::Refused),
    ];
    for (turn, expected) in cases {
        let world = World::new([calls([("glob", json!({"pattern": "*"}))]), turn]);
        let outcome = world.run(AgentCall::new("x")).await;
        assert_eq!(failure(&outcome).kind, expected);
        assert!(outcome.usage.output_tokens >= 10, "what was used before is not lost");
    }
    let halt = Halt { kind: HaltKind::Outage, message: "down".into(), hint: "wait".into() };
    let world = World::new([Err(TurnError::Halt(halt.clone()))]);
    assert_eq!(world.try_run(AgentCall::new("x")).await, Err(halt));
}

#[tokio::test]
async fn a_reply_cut_off_is_gone_on_with_a_few_times() {
    let cut = |text: &str| reply(vec![Block::Text { text: text.into() }], Stop::MaxTokens);
    let world = World::new([cut("one "), cut("two "), says("three")]);
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("one two three"));
    let world = World::new([cut("a"), cut("b"), cut("c"), cut("d")]);
    assert_eq!(failure(&world.run(AgentCall::new("x")).await).kind, FailureKind::Truncated);
}

#[tokio::test]
async fn only_replies_cut_off_in_a_row_end_an_agent() {
    let cut = || reply(vec![Block::Text { text: "a".into() }], Stop::MaxTokens);
    let look = || calls([("glob", json!({"pattern": "*"}))]);
    let world = World::new([cut(), cut(), look(), cut(), cut(), look(), says("ok")]);
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("ok"));
    let world = World::new([says(""), look(), says(""), says("ok")]);
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("ok"), "nor do empty ones");
}

#[tokio::test]
async fn a_result_cut_off_before_it_began_is_not_an_empty_one() {
    let schema = Arc::new(json!({"properties": {"bugs": {"type": "array"}}}));
    let cut = reply(vec![use_of("a", RETURN_TOOL, json!({}))], Stop::MaxTokens);
    let world = World::new([cut, calls([(RETURN_TOOL, json!({"bugs": [1]}))])]);
    let outcome = world.run(AgentCall { schema: Some(schema), ..AgentCall::new("x") }).await;
    assert_eq!(done(outcome), json!({"bugs": [1]}));
    let (told, is_error) = world.results().remove(0);
    assert!(is_error && told.contains("token limit"), "{told}");
    let sent = world.requests()[0].tools.last().expect("the tool").input_schema.clone();
    assert_eq!(sent["type"], "object", "providers insist on it");
}

#[tokio::test]
async fn a_call_that_was_cut_off_is_not_carried_out() {
    let cut = vec![
        use_of("a", "write", json!({"path": "whole.txt", "content": "x"})),
        use_of("b", "write", json!({"path": "cut.txt", "content": "x"})),
    ];
    let world = World::new([reply(cut, Stop::MaxTokens), says("ok")]);
    done(world.run(AgentCall::new("x")).await);
    assert!(exists(world.workspace.join("whole.txt")) && !exists(world.workspace.join("cut.txt")));
    assert!(world.results()[1].1);
}

#[tokio::test]
async fn at_its_last_turn_an_agent_is_told_so_and_past_it_it_fails() {
    let look = || calls([("glob", json!({"pattern": "*"}))]);
    let world = World::new([look(), look(), look()]);
    let call = AgentCall { max_turns: Some(2), ..AgentCall::new("x") };
    let outcome = world.run(call).await;
    assert_eq!(failure(&outcome).kind, FailureKind::TurnLimit);
    assert_eq!(outcome.turns, 2);
    let last = world.requests().pop().expect("asked");
    assert_eq!(last.tool_choice, ToolChoice::None);
    assert!(texts(&last).contains("last turn"));
}

#[tokio::test]
async fn an_agent_out_of_time_keeps_its_count_of_what_it_used() {
    let world = World::new([calls([("glob", json!({"pattern": "*"}))])]);
    let outcome = world.run(AgentCall { timeout_ms: Some(200), ..AgentCall::new("x") }).await;
    assert_eq!(failure(&outcome).kind, FailureKind::Timeout);
    assert_eq!((outcome.turns, outcome.usage.output_tokens), (1, 10));
}

#[tokio::test]
async fn an_outage_of_the_provider_uses_up_its_own_time_and_not_the_agents() {
    let halt = Halt { kind: HaltKind::Outage, message: "down".into(), hint: "wait".into() };
    let cases = [
        // Waits, then answers in: so many seconds each.
        (3_600, 0, Err(TurnError::Halt(halt.clone())), Err(halt)),
        (3_600, 10, says("back"), Ok(None)),
        // Slow to answer, and not in trouble: that is the agent's own time.
        (0, 61, says("late"), Ok(Some(FailureKind::Timeout))),
        (3_600, 61, says("late"), Ok(Some(FailureKind::Timeout))),
    ];
    for (waits, slow, turn, expected) in cases {
        let world = World::new([turn]);
        *world.model.waits_ms.lock().expect("no panic") = waits * 1_000;
        *world.model.slow_ms.lock().expect("no panic") = slow * 1_000;
        let clock = TestClock::manual();
        let call = AgentCall { timeout_ms: Some(60_000), ..AgentCall::new("x") };
        let passing = async {
            for _ in 0..3_700 {
                for _ in 0..5 {
                    tokio::task::yield_now().await;
                }
                clock.advance(1_000);
            }
        };
        let (outcome, ()) = tokio::join!(world.try_run_at(call, clock.clone()), passing);
        let kind = outcome.map(|outcome| match outcome.reply {
            Reply::Done(_) => None,
            Reply::Failed(failure) => Some(failure.kind),
        });
        assert_eq!(kind, expected, "{waits} s, {slow} s");
    }
}

#[tokio::test]
async fn answers_that_broke_are_paid_whether_or_not_another_came_through() {
    let lost = Usage { input_tokens: 7, output_tokens: 3, ..Usage::default() };
    let world = World::new([says("ok")]);
    *world.model.loses.lock().expect("no panic") = lost;
    let outcome = world.run(AgentCall::new("x")).await;
    assert_eq!((outcome.usage.input_tokens, outcome.usage.output_tokens), (107, 13));
    let world = World::new([Err(TurnError::Failed("cut".into()))]);
    *world.model.loses.lock().expect("no panic") = lost;
    assert_eq!(world.run(AgentCall::new("x")).await.usage, lost);
    let world = World::new([]);
    *world.model.loses.lock().expect("no panic") = lost;
    let outcome = world.run(AgentCall { timeout_ms: Some(100), ..AgentCall::new("x") }).await;
    assert_eq!((failure(&outcome).kind, outcome.usage), (FailureKind::Timeout, lost));
}

#[tokio::test]
async fn an_empty_reply_is_no_result() {
    let world = World::new([says(" "), says("then")]);
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("then"));
    let world = World::new([says(""), says("")]);
    assert_eq!(failure(&world.run(AgentCall::new("x")).await).kind, FailureKind::Provider);
}

#[tokio::test]
async fn a_paused_turn_goes_on_with_what_it_had() {
    let paused = reply(vec![Block::Opaque { value: json!({"search": 1}) }], Stop::PauseTurn);
    let world = World::new([paused, says("found")]);
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("found"));
    let messages = &world.requests()[1].messages;
    assert_eq!((messages.len(), messages[1].role), (2, Role::Assistant));
}

#[tokio::test]
async fn old_output_makes_room_and_what_cannot_fit_fails_clearly() {
    let read = || calls([("read", json!({"path": "big.txt"}))]);
    let world = World::with_window(20_000, [read(), read(), read(), says("ok")]);
    world.write("big.txt", &"word word word word word word word word word word\n".repeat(400));
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("ok"));
    let last = texts(&world.requests()[3]);
    assert!(last.contains("bytes of output dropped to make room"), "{}", last.len());
    assert!(world.results()[0].0.contains("word"), "the newest stays");

    let world = World::with_window(20_000, [says("never")]);
    let outcome = world.run(AgentCall::new("word ".repeat(30_000))).await;
    let failure = failure(&outcome);
    assert_eq!((failure.kind, outcome.turns), (FailureKind::BadRequest, 0));
    assert!(failure.message.contains("about 30000 tokens"), "{failure}");
}

#[tokio::test]
async fn a_provider_that_finds_it_too_long_is_asked_once_more_with_less() {
    let too_long = || Err(TurnError::TooLong("max 200000".into()));
    let read = calls([("read", json!({"path": "big.txt"}))]);
    let world = World::new([read, too_long(), says("ok")]);
    world.write("big.txt", &"word word word word\n".repeat(1_000));
    assert_eq!(done(world.run(AgentCall::new("x")).await), json!("ok"));
    let requests = world.requests();
    assert!(texts(&requests[2]).len() < texts(&requests[1]).len() / 2);

    let world = World::new([too_long(), too_long()]);
    assert_eq!(failure(&world.run(AgentCall::new("x")).await).kind, FailureKind::BadRequest);
}

#[tokio::test]
async fn the_tools_are_those_of_the_type_the_call_and_the_rules() {
    let names = |world: &World| {
        let tools = world.requests().pop().expect("asked").tools;
        tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let world = World::new([says("a"), says("b"), says("c"), says("d")]);
    done(world.run(AgentCall::new("x")).await);
    assert_eq!(names(&world), "read write edit glob grep web_fetch", "no commands unless they are granted");
    done(world.run(AgentCall { agent_type: Some("Explore".into()), ..AgentCall::new("x") }).await);
    assert_eq!(names(&world), "read glob grep web_fetch");
    let call = AgentCall {
        agent_type: Some("Explore".into()),
        tools: Some(vec!["Read".into(), "Write".into()]),
        ..AgentCall::new("x")
    };
    done(world.run(call).await);
    assert_eq!(names(&world), "read", "a call does not widen its type");
    let call = AgentCall { disallowed_tools: vec!["WebFetch".into(), "Edti".into()], ..AgentCall::new("x") };
    let warnings = world.backend().resolve(&call).expect("fine").warnings;
    assert_eq!(warnings, ["there is no tool `Edti`; `edit` was probably meant"]);
    done(world.run(call).await);
    assert_eq!(names(&world), "read write edit glob grep");
}

#[tokio::test]
async fn what_is_always_sent_is_small_and_the_projects_notes_are_in_it() {
    let world = World::new([says("ok")]);
    let config = NativeConfig {
        project_notes: Some("use tabs".into()),
        bash: Some(Default::default()),
        ..world.config()
    };
    let backend = NativeBackend::new(config).expect("a workspace");
    done(backend.run(&world.job(&backend, AgentCall::new("x")), &world.cx()).await.expect("no halt"));
    let request = world.requests().remove(0);
    let tools = serde_json::to_string(&*request.tools).expect("plain data");
    let size = fanfold_core::tokens::estimate(&request.system) + fanfold_core::tokens::estimate(&tools);
    assert!(size < 1_200, "{size} tokens");
    assert!(request.system.ends_with("use tabs") && !request.system.contains('{'), "{}", request.system);
}

#[tokio::test]
async fn a_call_is_keyed_by_the_digest_of_a_type_from_a_file_only() {
    let world = World::new([]);
    let digest = |call: AgentCall| world.backend().resolve(&call).expect("fine").agent_type;
    assert_eq!(digest(AgentCall::new("x")), None);
    let call = AgentCall { agent_type: Some("Plan".into()), ..AgentCall::new("x") };
    assert_eq!(digest(call), Some("built in Plan".into()));
    let call = AgentCall { agent_type: Some("Plam".into()), ..AgentCall::new("x") };
    let err = world.backend().resolve(&call).expect_err("unknown");
    assert!(err.contains("expected one of `Plan`"), "{err}");
    let call = AgentCall { model: Some("nowhere".into()), ..AgentCall::new("x") };
    assert!(world.backend().resolve(&call).is_err());
}
