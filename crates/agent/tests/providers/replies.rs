//! Replies that come through.

use fanfold_agent::providers::Wire;
use fanfold_agent::wire::{Block, Message, Role, Stop, ToolChoice};
use fanfold_core::{Effort, Usage};
use fanfold_testkit::{Answer, Dialect, Hold, ModelServer, Part, Reply};
use serde_json::{Value, json};

use crate::support::{Bench, WIRES, block, request, text, tools, user};

#[tokio::test]
async fn text_comes_back_with_its_usage_on_both_wires() {
    for wire in WIRES {
        let server = ModelServer::queue([Answer::text("Grüße, 世界!")]).await;
        let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply");
        assert_eq!(text(&reply), "Grüße, 世界!");
        assert_eq!((reply.stop, reply.model.as_str()), (Stop::EndTurn, "m-1"));
        assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (100, 20));
        assert!(!reply.usage_estimated);
        assert_eq!(server.bill().usage, reply.usage);
    }
}

#[tokio::test]
async fn parallel_tool_calls_are_put_together_from_their_pieces() {
    for wire in WIRES {
        let said = Reply::text("Looking.").and_call("read", json!({"path": "a.rs"}));
        let server = ModelServer::queue([Answer::reply(said.and_call("grep", json!({})))]).await;
        let reply = Bench::new(&server, wire).ask("look").await.expect("a reply");
        let call = |id: &str, name: &str, input: Value| Block::ToolUse {
            id: id.to_owned(),
            name: name.to_owned(),
            input: Ok(input),
        };
        assert_eq!(reply.stop, Stop::ToolUse);
        let expect = [
            block("Looking."),
            call("toolu_1", "read", json!({"path": "a.rs"})),
            call("toolu_2", "grep", json!({})),
        ];
        assert_eq!(reply.content, expect);
    }
}

#[tokio::test]
async fn tool_input_that_is_no_json_is_kept_raw_and_sent_back_as_json() {
    for wire in WIRES {
        for raw in ["{\"path\": \"a", "{\"a\": NaN}", "{\"a\": 1,}", &"[".repeat(10_000)] {
            let said = Reply::of(Vec::new()).and_raw_call("read", raw);
            let server = ModelServer::queue([Answer::reply(said), Answer::text("ok")]).await;
            let bench = Bench::new(&server, wire);
            let reply = bench.ask("look").await.expect("a reply");
            let [Block::ToolUse { input, id, .. }] = &reply.content[..] else {
                panic!("{:?}", reply.content)
            };
            assert_eq!(input, &Err(raw.to_owned()));
            let result = Block::ToolResult { id: id.clone(), content: "no JSON".to_owned(), is_error: true };
            let mut next = request("look");
            next.messages.push(Message { role: Role::Assistant, content: reply.content.clone() });
            next.messages.push(Message { role: Role::User, content: vec![result] });
            bench.turn(&next).await.expect("a reply");
            let body = &server.bill().requests[1].body;
            assert!(body.to_string().contains("invalid_json"), "{body}");
            let told = body["messages"].as_array().and_then(|messages| messages.last()).expect("a result");
            match wire {
                Wire::Anthropic => assert_eq!(told["content"][0]["is_error"], true),
                Wire::OpenAiChat => assert_eq!(told["content"], "Error: no JSON"),
            }
        }
    }
}

#[tokio::test]
async fn cached_tokens_are_told_apart_from_those_at_full_rate() {
    let usage = Usage { input_tokens: 40, output_tokens: 5, cache_read_tokens: 2_000, ..Usage::default() };
    for wire in WIRES {
        let server = ModelServer::queue([Answer::reply(Reply::text("ok").using(usage))]).await;
        let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply");
        assert_eq!(reply.usage, usage);
    }
    let usage = Usage { cache_write_tokens: 700, ..usage };
    let server = ModelServer::queue([Answer::reply(Reply::text("ok").using(usage))]).await;
    let reply = Bench::new(&server, Wire::Anthropic).ask("hello").await.expect("a reply");
    assert_eq!(reply.usage, usage);
    let deepseek = r#"{"model":"d","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":90,"completion_tokens":2,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":26}}"#;
    let server = ModelServer::queue([Answer::raw(200, deepseek)]).await;
    let reply = Bench::new(&server, Wire::OpenAiChat).ask("hello").await.expect("a reply");
    assert_eq!((reply.usage.input_tokens, reply.usage.cache_read_tokens), (26, 64));
}

#[tokio::test]
async fn usage_that_is_missing_is_estimated_and_says_so() {
    for wire in WIRES {
        let server = ModelServer::queue([Answer::reply(Reply::text("one two three").without_usage())]).await;
        let reply = Bench::new(&server, wire).ask("hello you there").await.expect("a reply");
        assert!(reply.usage_estimated);
        assert!(reply.usage.input_tokens >= 6 && reply.usage.output_tokens >= 3, "{:?}", reply.usage);
    }
}

#[tokio::test]
async fn nonsense_in_usage_counts_as_missing() {
    for usage in
        [r#"{"prompt_tokens":-5,"completion_tokens":1e30}"#, r#"{"prompt_tokens":"many"}"#, "null", "7"]
    {
        let body = format!(
            r#"{{"choices":[{{"message":{{"content":"hi"}},"finish_reason":"stop"}}],"usage":{usage}}}"#
        );
        let server = ModelServer::queue([Answer::raw(200, body)]).await;
        let reply = Bench::new(&server, Wire::OpenAiChat).ask("hello").await.expect("a reply");
        assert!(reply.usage_estimated && reply.usage.output_tokens < 100, "{usage}: {:?}", reply.usage);
    }
}

#[tokio::test]
async fn a_refusal_and_a_token_limit_are_stops_not_errors() {
    for wire in WIRES {
        for (said, stop) in [("refusal", Stop::Refusal), ("max_tokens", Stop::MaxTokens)] {
            let server = ModelServer::queue([Answer::reply(Reply::text("no").stopping(said))]).await;
            let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply");
            assert_eq!(reply.stop, stop);
            assert_eq!(reply.usage.output_tokens, 20);
        }
    }
    let server = ModelServer::queue([Answer::reply(Reply::text("…").stopping("pause_turn"))]).await;
    let reply = Bench::new(&server, Wire::Anthropic).ask("hello").await.expect("a reply");
    assert_eq!(reply.stop, Stop::PauseTurn);
}

#[tokio::test]
async fn a_whole_document_is_taken_where_a_stream_was_asked_for() {
    for wire in WIRES {
        let said = Reply::text("hi").and_call("read", json!({"path": "x"}));
        let server = ModelServer::queue([Answer::document(said)]).await;
        let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply");
        assert_eq!((reply.stop, reply.content.len()), (Stop::ToolUse, 2));
        assert_eq!(reply.usage.output_tokens, 20);
    }
}

#[tokio::test]
async fn thinking_goes_back_as_it_came() {
    let said = Reply::of(vec![Part::Thinking("hm".to_owned()), Part::Text("ok".to_owned())]);
    let server = ModelServer::queue([Answer::reply(said), Answer::text("done")]).await;
    let bench = Bench::new(&server, Wire::Anthropic);
    let reply = bench.ask("hello").await.expect("a reply");
    let mut next = request("hello");
    next.messages.push(Message { role: Role::Assistant, content: reply.content });
    next.messages.push(user("go on"));
    bench.turn(&next).await.expect("a reply");
    let sent = &server.bill().requests[1].body["messages"][1]["content"][0];
    assert_eq!(sent, &json!({"type": "thinking", "thinking": "hm", "signature": "sig=="}));
}

#[tokio::test]
async fn reasoning_stays_out_of_text_and_only_deepseek_sees_it_again() {
    for (model, replayed) in [("m-1", false), ("deepseek-v4-pro", true)] {
        let said = Reply::of(vec![Part::Thinking("hm".to_owned())]).and_call("read", json!({}));
        let server = ModelServer::queue([Answer::reply(said), Answer::text("done")]).await;
        let bench = Bench::new(&server, Wire::OpenAiChat);
        let mut next = request("hello");
        next.model = model.to_owned();
        let reply = bench.turn(&next).await.expect("a reply");
        assert_eq!(text(&reply), "");
        next.messages.push(Message { role: Role::Assistant, content: reply.content });
        bench.turn(&next).await.expect("a reply");
        let sent = &server.bill().requests[1].body["messages"][2];
        assert_eq!(sent.get("reasoning_content").is_some(), replayed, "{sent}");
    }
}

#[tokio::test]
async fn calls_without_ids_or_indexes_are_told_apart() {
    let chunk =
        |delta: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{delta}]}}}}]}}\n\n");
    let done = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let cases = [
        // No index: a new id begins a new call, and what has neither goes on with the last.
        [
            r#"{"id":"a","function":{"name":"read","arguments":"{\"p"}}"#,
            r#"{"function":{"arguments":"\":1}"}}"#,
            r#"{"id":"b","function":{"name":"grep","arguments":"{\"p\":2}"}}"#,
        ],
        // No ids.
        [
            r#"{"index":0,"function":{"name":"read","arguments":"{\"p\":1"}}"#,
            r#"{"index":1,"function":{"name":"grep","arguments":"{\"p\":2}"}}"#,
            r#"{"index":0,"function":{"arguments":"}"}}"#,
        ],
        // All are number 0.
        [
            r#"{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p\":"}}"#,
            r#"{"index":0,"function":{"arguments":"1}"}}"#,
            r#"{"index":0,"id":"b","function":{"name":"grep","arguments":"{\"p\":2}"}}"#,
        ],
        // Neither, and the arguments as an object.
        [
            r#"{"function":{"name":"read","arguments":{"p":1}}}"#,
            r#"{"function":{"name":"grep","arguments":{"p":2}}}"#,
            r#"{"function":{}}"#,
        ],
        // The same id twice.
        [
            r#"{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p\":1}"}}"#,
            r#"{"index":1,"id":"a","function":{"name":"grep","arguments":"{\"p\":2}"}}"#,
            r#"{"index":1}"#,
        ],
    ];
    for pieces in cases {
        let stream: String = pieces.iter().map(|piece| chunk(piece)).collect();
        let server = ModelServer::queue([Answer::raw(200, stream + done)]).await;
        let reply = Bench::new(&server, Wire::OpenAiChat).ask("hello").await.expect("a reply");
        assert_eq!(reply.stop, Stop::ToolUse);
        let calls: Vec<(&str, &str, &Value)> = reply
            .content
            .iter()
            .filter_map(|block| match block {
                Block::ToolUse { id, name, input: Ok(input) } => Some((id.as_str(), name.as_str(), input)),
                _ => None,
            })
            .collect();
        let [first, second] = calls[..] else { panic!("{pieces:?}: {:?}", reply.content) };
        assert_eq!((first.1, first.2), ("read", &json!({"p": 1})), "{pieces:?}");
        assert_eq!((second.1, second.2), ("grep", &json!({"p": 2})), "{pieces:?}");
        assert!(!first.0.is_empty() && first.0 != second.0, "{pieces:?}");
    }
}

#[tokio::test]
async fn odd_streams_of_chat_servers_are_understood() {
    let check = async |stream: &str, expect: &str, stop: Stop| {
        let server = ModelServer::queue([Answer::raw(200, stream.to_owned())]).await;
        let reply = Bench::new(&server, Wire::OpenAiChat).ask("hello").await.expect("a reply");
        assert_eq!((text(&reply).as_str(), reply.stop), (expect, stop), "{stream}");
    };
    // No reason to finish, CRLF, a comment, an unknown field.
    check(": hi\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"logprobs\":null}],\"x\":[1]}\r\n\r\ndata: [DONE]\r\n\r\n", "a", Stop::EndTurn).await;
    // No `[DONE]`, no blank line at the end.
    check(
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        "a",
        Stop::EndTurn,
    )
    .await;
    // An emoji cut in half, and half a character.
    check(
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\\ud83d\"},\"finish_reason\":\"stop\"}]}\n\n",
        "a\u{FFFD}",
        Stop::EndTurn,
    )
    .await;
    // Content in parts; a refusal; an empty first chunk.
    check("data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]},\"finish_reason\":\"stop\"}]}\n\n", "a", Stop::EndTurn).await;
    check(
        "data: {\"choices\":[{\"delta\":{\"refusal\":\"I won't\"},\"finish_reason\":\"stop\"}]}\n\n",
        "I won't",
        Stop::Refusal,
    )
    .await;
}

#[tokio::test]
async fn streams_recorded_from_a_real_server_are_understood() {
    let cases = [
        (Wire::OpenAiChat, include_bytes!("recorded/llama-chat-tool.txt").as_slice()),
        (Wire::Anthropic, include_bytes!("recorded/llama-messages-tool.txt").as_slice()),
    ];
    for (wire, stream) in cases {
        let server = ModelServer::queue([Answer::raw(200, stream)]).await;
        let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply");
        let [Block::ToolUse { id, name, input: Ok(input) }] = &reply.content[..] else {
            panic!("{:?}", reply.content)
        };
        assert_eq!((name.as_str(), input), ("get_weather", &json!({"city": "Paris"})));
        assert!(!id.is_empty() && reply.stop == Stop::ToolUse && !reply.usage_estimated, "{reply:?}");
    }
}

#[tokio::test]
async fn every_wish_of_a_request_is_sent_in_the_words_of_its_wire() {
    let server = ModelServer::start(|_| Answer::text("ok")).await;
    let mut asked = request("look");
    asked.tools = tools();
    asked.tool_choice = ToolChoice::Tool("grep".to_owned());
    asked.temperature = Some(0.5);
    asked.effort = Some(Effort::Low);
    for wire in WIRES {
        Bench::new(&server, wire).turn(&asked).await.expect("a reply");
    }
    let bill = server.bill();
    let [anthropic, chat] = &bill.requests[..] else { panic!("two requests") };
    assert_eq!((anthropic.path.as_str(), chat.path.as_str()), ("/v1/messages", "/v1/chat/completions"));
    assert_eq!(anthropic.header("x-api-key"), Some("sk-test"));
    assert_eq!(anthropic.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(chat.header("authorization"), Some("Bearer sk-test"));
    let sent = &anthropic.body;
    assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": "grep"}));
    assert_eq!((&sent["temperature"], &sent["output_config"]), (&json!(0.5), &json!({"effort": "low"})));
    assert_eq!(sent["max_tokens"], 1_000);
    assert_eq!(sent["tools"][0]["input_schema"]["type"], "object");
    let sent = &chat.body;
    // Servers on this machine ignore a tool by name, so it is made the only one.
    assert_eq!((&sent["tool_choice"], sent["tools"].as_array().map(Vec::len)), (&json!("required"), Some(1)));
    assert_eq!((&sent["temperature"], &sent["reasoning_effort"]), (&json!(0.5), &json!("low")));
    assert_eq!(
        (&sent["max_tokens"], &sent["stream_options"]["include_usage"]),
        (&json!(1_000), &json!(true))
    );
    assert_eq!(sent["messages"][0], json!({"role": "system", "content": "You are terse."}));
    assert_eq!(sent["tools"][0]["function"]["name"], "grep");
}

#[tokio::test]
async fn at_most_four_marks_for_the_cache_and_none_when_it_is_off() {
    let server = ModelServer::start(|_| Answer::text("ok")).await;
    let bench = Bench::new(&server, Wire::Anthropic);
    let mut asked = request("the task");
    asked.messages[0].content.insert(0, block("what all share"));
    bench.turn(&asked).await.expect("a reply");
    asked.tools = tools();
    for round in ["one", "two", "three"] {
        asked.messages.push(Message { role: Role::Assistant, content: vec![block(round)] });
        asked.messages.push(user(round));
    }
    bench.turn(&asked).await.expect("a reply");
    asked.prompt_caching = false;
    bench.turn(&asked).await.expect("a reply");
    let marks = |nth: usize| server.bill().requests[nth].body.to_string().matches("cache_control").count();
    assert_eq!((marks(0), marks(1), marks(2)), (2, 4, 0));
    let body = &server.bill().requests[1].body;
    assert!(body["system"][0].get("cache_control").is_some());
    assert!(body["messages"][0]["content"][0].get("cache_control").is_some());
    assert!(body["messages"][6]["content"][0].get("cache_control").is_some());
}

#[tokio::test]
async fn a_thousand_turns_at_once_all_come_back() {
    allow_open_files(4_096);
    for wire in WIRES {
        let hold = Hold::default();
        let held = hold.clone();
        let server = ModelServer::start(move |seen| {
            let said = match seen.dialect {
                Dialect::Messages => &seen.body["messages"][0]["content"][0]["text"],
                Dialect::Chat => &seen.body["messages"][1]["content"],
            };
            Answer::text(said.as_str().unwrap_or_default()).held(&held)
        })
        .await;
        let bench = Bench::new(&server, wire);
        let turns = (0..1_000).map(|nth| {
            let bench = &bench;
            async move {
                let reply = bench.ask(&format!("number {nth}")).await.expect("a reply");
                assert_eq!(text(&reply), format!("number {nth}"));
            }
        });
        let driver = async {
            server.wait_for(1_000).await;
            hold.release();
        };
        tokio::join!(futures_util::future::join_all(turns), driver);
        let bill = server.bill();
        assert_eq!((bill.requests.len(), bill.peak), (1_000, 1_000));
    }
}

/// Both ends of every connection are in this process.
fn allow_open_files(count: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(count), ..limit })
            .expect("a thousand connections");
    }
}
