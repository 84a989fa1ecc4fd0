//! Streams as no specification has them: each comes to an outcome that has a type, and what is sent next is
//! sound.

use std::fmt::Write as _;
use std::time::Duration;

use fanfold_agent::providers::Wire;
use fanfold_agent::wire::{Block, Message, Role, Stop, TurnError, TurnReply};
use fanfold_testkit::{Answer, Dialect, ModelServer, Reply};
use serde_json::{Value, json};

use crate::support::{Bench, WIRES, request, tools};

/// Asks once, and goes on once with what came.
async fn outcome(wire: Wire, answer: Answer) -> String {
    let server = ModelServer::queue([answer, Answer::text("next")]).await;
    let bench = Bench::new(&server, wire);
    let mut asked = request("hello");
    asked.tools = tools();
    asked.retries = Some(0);
    asked.stall = Some(Duration::from_secs(5));
    let reply = match bench.turn(&asked).await {
        Ok(reply) => reply,
        Err(TurnError::Failed(_)) => return "failed".to_owned(),
        Err(TurnError::Refused(_)) => return "refused".to_owned(),
        Err(TurnError::BadRequest(_)) => return "bad request".to_owned(),
        Err(TurnError::TooLong(_)) => return "too long".to_owned(),
        Err(TurnError::Budget(_)) => return "budget".to_owned(),
        Err(TurnError::Halt(halt)) => return format!("halt {:?}", halt.kind),
    };
    assert!(reply.usage.input_total() < 1_000_000_000 && reply.usage.output_tokens < 1_000_000_000);
    let results = reply.content.iter().filter_map(|block| match block {
        Block::ToolUse { id, .. } => {
            Some(Block::ToolResult { id: id.clone(), content: "no".to_owned(), is_error: true })
        }
        _ => None,
    });
    let results: Vec<Block> = results.collect();
    let summary = summary(&reply);
    asked.messages.push(Message { role: Role::Assistant, content: reply.content });
    asked.messages.push(Message { role: Role::User, content: results });
    bench.turn(&asked).await.expect("what came can be sent back");
    let sent = &server.bill().requests[1].body;
    assert!(sent["messages"].is_array(), "{sent}");
    let ids = ids(sent);
    let mut unique = ids.clone();
    unique.dedup();
    assert_eq!(ids, unique, "each call has an id of its own: {sent}");
    assert!(ids.iter().all(|id| !id.is_empty()), "{sent}");
    summary
}

/// The stop, the text, and each call with its input (`!`: that is no JSON), at most so much of each.
fn summary(reply: &TurnReply) -> String {
    let short = |text: &str| text.chars().take(40).collect::<String>();
    let mut summary = match reply.stop {
        Stop::EndTurn => "end".to_owned(),
        Stop::ToolUse => "tools".to_owned(),
        Stop::MaxTokens => "cut".to_owned(),
        Stop::Refusal => "refusal".to_owned(),
        Stop::PauseTurn => "pause".to_owned(),
    };
    for block in &reply.content {
        let _ = match block {
            Block::Text { text } => write!(summary, " {:?}", short(text)),
            Block::ToolUse { name, input: Ok(input), .. } => {
                write!(summary, " {name}{}", short(&input.to_string()))
            }
            Block::ToolUse { name, input: Err(raw), .. } => write!(summary, " {name}!{}", short(raw)),
            Block::ToolResult { .. } | Block::Opaque { .. } => write!(summary, " ?"),
        };
    }
    summary
}

/// Of the calls that a request holds.
fn ids(sent: &Value) -> Vec<String> {
    let last = |message: &Value| message["role"] == "assistant";
    let messages = sent["messages"].as_array().expect("messages");
    let said = messages.iter().rfind(|message| last(message)).expect("it said something");
    let calls = said["tool_calls"].as_array().into_iter().chain(said["content"].as_array()).flatten();
    let calls = calls.filter(|call| call["type"] == "tool_use" || call["type"] == "function");
    calls.map(|call| call["id"].as_str().expect("an id").to_owned()).collect()
}

async fn check(wire: Wire, cases: &[(&str, Vec<u8>, &str)]) {
    for (what, body, expect) in cases {
        let got = outcome(wire, Answer::raw(200, body.clone())).await;
        assert_eq!(got, *expect, "{what}");
    }
}

fn events(events: &[&str]) -> Vec<u8> {
    events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes()
}

const START: &str = r#"{"type":"message_start","message":{"model":"m-1","usage":{"input_tokens":9}}}"#;
const TEXT: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const HI: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#;
const END: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#;
const USED: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;

/// A call whose input comes in these pieces.
fn call(index: u64, id: &str, pieces: &[&str]) -> Vec<String> {
    let block = json!({"type": "tool_use", "id": id, "name": "read", "input": {}});
    let start = json!({"type": "content_block_start", "index": index, "content_block": block});
    let piece = |piece: &&str| {
        let delta = json!({"type": "input_json_delta", "partial_json": piece});
        json!({"type": "content_block_delta", "index": index, "delta": delta}).to_string()
    };
    [start.to_string()].into_iter().chain(pieces.iter().map(piece)).collect()
}

fn with_calls(calls: &[Vec<String>]) -> Vec<u8> {
    let calls = calls.iter().flatten().map(String::as_str);
    events(&[START].into_iter().chain(calls).chain([USED, STOP]).collect::<Vec<_>>())
}

#[tokio::test]
async fn odd_messages_streams() {
    let deep = "[".repeat(10_000);
    let usage = |usage: &str| {
        let end =
            format!(r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn"}},"usage":{usage}}}"#);
        events(&[START, TEXT, HI, &end, STOP])
    };
    let mixed = format!("event: a\r\ndata: {START}\r\n\r\ndata: {TEXT}\n\ndata: {HI}\r\rdata: {END}");
    let flood = format!("{}data: {START}\n\n", ": ping\n".repeat(50_000));
    let interleaved = [
        &call(0, "a", &[])[..],
        &call(1, "b", &["{\"x\""])[..],
        &call(0, "a", &["{\"y\":1}"])[1..],
        &call(1, "b", &[":2}"])[1..],
    ];
    let interleaved: Vec<Vec<String>> = interleaved.map(<[String]>::to_vec).to_vec();
    let bytes = |parts: &[&[u8]]| parts.concat();
    let rest = |from: &[&str]| events(from);
    check(
        Wire::Anthropic,
        &[
            ("as it should be", events(&[START, TEXT, HI, END, STOP]), "end \"hi\""),
            ("compressed, unasked", vec![0x1f, 0x8b, 8, 0, 1, 2, 3], "failed"),
            ("begun twice", events(&[START, START, TEXT, HI, END, STOP]), "end \"hi\""),
            ("begun again in the middle", events(&[START, TEXT, HI, START, TEXT, HI, END, STOP]), "end \"hi\""),
            ("never begun", events(&[TEXT, HI, END, STOP]), "end \"hi\""),
            ("no stop", events(&[START, TEXT, HI, END]), "end \"hi\""),
            ("stopped twice", events(&[START, TEXT, HI, END, STOP, STOP, TEXT]), "end \"hi\""),
            ("no reason to stop", events(&[START, TEXT, HI, STOP]), "failed"),
            ("a block that never started", events(&[START, HI, END, STOP]), "end \"hi\""),
            ("an unknown event", events(&[START, r#"{"type":"new","index":"x"}"#, TEXT, HI, END]), "end \"hi\""),
            ("events of no kind", events(&[START, "null", "[]", "7", "{}", TEXT, HI, END]), "end \"hi\""),
            ("an event of a wrong type", events(&[START, TEXT, &HI.replace("0", "\"0\""), END]), "failed"),
            ("text of a wrong type", events(&[START, TEXT, &HI.replace("\"hi\"", "5"), END]), "failed"),
            ("an event that is no JSON", events(&[START, TEXT, "{\"type\":\"content_bl", END]), "failed"),
            ("an unknown reason", events(&[START, TEXT, HI, &END.replace("end_turn", "tired")]), "end \"hi\""),
            ("an error in the middle", events(&[START, TEXT, HI, r#"{"type":"error","error":null}"#]), "failed"),
            ("an error that is a text", events(&[START, r#"{"type":"error","error":"busy"}"#]), "failed"),
            ("usage that is none", usage("[]"), "end \"hi\""),
            ("usage below zero", usage(r#"{"input_tokens":-9,"output_tokens":-1}"#), "end \"hi\""),
            ("usage beyond measure", usage(r#"{"input_tokens":1e300,"output_tokens":1e19}"#), "end \"hi\""),
            ("nothing said", events(&[START, END, STOP]), "end"),
            ("only blanks said", events(&[START, TEXT, &HI.replace("hi", " "), END]), "end \" \""),
            ("a refusal", events(&[START, &END.replace("end_turn", "refusal")]), "refusal"),
            ("cut within a call", {
                let cut = USED.replace("tool_use", "max_tokens");
                let call = call(0, "a", &["{\"path\":\"a"]);
                events(&[START, &call[0], &call[1], &cut, STOP])
            }, "cut read!{\"path\":\"a"),
            ("input with a comma too many", with_calls(&[call(0, "a", &["{\"a\":1,}"])]), "tools read!{\"a\":1,}"),
            ("input with a key twice", with_calls(&[call(0, "a", &["{\"a\":1,\"a\":2}"])]), "tools read{\"a\":2}"),
            ("input that is no number", with_calls(&[call(0, "a", &["{\"a\":NaN}"])]), "tools read!{\"a\":NaN}"),
            ("input of an endless depth", with_calls(&[call(0, "a", &[&deep])]), &format!("tools read!{}", &deep[..40])),
            ("input that is no object", with_calls(&[call(0, "a", &["[1]"])]), "tools read[1]"),
            ("input that is null", with_calls(&[call(0, "a", &["null"])]), "tools readnull"),
            ("no input", with_calls(&[call(0, "a", &[])]), "tools read{}"),
            ("an id twice", with_calls(&[call(0, "a", &["{}"]), call(1, "a", &["{}"])]), "tools read{} read{}"),
            ("no id", with_calls(&[call(0, "", &["{}"]), call(1, "", &["{}"])]), "tools read{} read{}"),
            ("two calls at once", with_calls(&interleaved), "tools read{\"y\":1} read{\"x\":2}"),
            ("calls, and an end", {
                let call = call(0, "a", &["{}"]);
                events(&[START, &call[0], &call[1], END, STOP])
            }, "tools read{}"),
            ("a call without a name", {
                let block = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use"}}"#;
                events(&[START, block, USED, STOP])
            }, "tools unnamed{}"),
            ("a call in plain text", events(&[START, TEXT, &HI.replace("hi", "<tool_call>"), END]), "end \"<tool_call>\""),
            ("bytes that are no text", bytes(&[&rest(&[START, TEXT]), b"data: ", &HI.replace("hi", "h@").into_bytes().iter().map(|byte| if *byte == b'@' { 0xff } else { *byte }).collect::<Vec<_>>(), b"\n\n", &rest(&[END])]), "end \"h\u{fffd}\""),
            ("half a character", events(&[START, TEXT, &HI.replace("hi", "\\ud83d"), END]), "end \"\u{fffd}\""),
            ("a NUL", events(&[START, TEXT, &HI.replace("hi", "a\\u0000b"), END]), "end \"a\\0b\""),
            ("a byte order mark", bytes(&[b"\xEF\xBB\xBF", &events(&[START, TEXT, HI, END])]), "end \"hi\""),
            ("every kind of line end", mixed.into_bytes(), "end \"hi\""),
            ("a flood of comments", bytes(&[flood.as_bytes(), &rest(&[TEXT, HI, END])]), "end \"hi\""),
            ("a long line", events(&[START, TEXT, &HI.replace("hi", &"x".repeat(5 << 20)), END]), "end \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""),
            ("over all bounds", events(&[START, TEXT, &HI.replace("hi", &"x".repeat(33 << 20)), END]), "failed"),
            ("a document", br#"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","error":null}"#.to_vec(), "end \"hi\""),
            ("a document behind a mark", b"\xEF\xBB\xBF {\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],\"stop_reason\":\"end_turn\"}".to_vec(), "end \"hi\""),
            ("a document without a reason", br#"{"content":[{"type":"text","text":"hi"}]}"#.to_vec(), "failed"),
            ("a document cut off", br#"{"content":[{"type":"text","te"#.to_vec(), "failed"),
            ("a document of something else", br#"["hi"]"#.to_vec(), "failed"),
            ("another wire's stream", Reply::text("hi").render(Dialect::Chat, "m-1", true).into_bytes(), "failed"),
        ],
    )
    .await;
}

#[tokio::test]
async fn odd_chat_streams() {
    let chunk = |delta: &str, reason: &str| {
        format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":{reason}}}]}}"#)
    };
    let hi = &chunk(r#"{"content":"hi"}"#, "null");
    let end = &chunk("{}", "\"stop\"");
    let call = |arguments: &Value| {
        let call = json!([{"index": 0, "id": "a", "function": {"name": "read", "arguments": arguments}}]);
        events(&[&chunk(&json!({"tool_calls": call}).to_string(), "\"tool_calls\""), "[DONE]"])
    };
    let text = |text: &str| call(&json!(text));
    check(
        Wire::OpenAiChat,
        &[
            ("as it should be", events(&[hi, end, "[DONE]"]), "end \"hi\""),
            ("done before it began", events(&["[DONE]", hi, end]), "failed"),
            ("done in the middle", events(&[hi, "[DONE]"]), "end \"hi\""),
            ("never done", events(&[hi, end]), "end \"hi\""),
            ("cut", events(&[hi]), "failed"),
            ("ended twice", events(&[hi, end, end, "[DONE]", "[DONE]"]), "end \"hi\""),
            ("choices that are none", events(&[r#"{"choices":null}"#, r#"{"choices":[]}"#, "{}", hi, end]), "end \"hi\""),
            ("another choice", events(&[&hi.replace(":0", ":1"), hi, end]), "end \"hi\""),
            ("choices of a wrong type", events(&[r#"{"choices":{}}"#, hi, end]), "failed"),
            ("text of a wrong type", events(&[&chunk(r#"{"content":5}"#, "null"), hi, end]), "end \"hi\""),
            ("an event that is no JSON", events(&[hi, "{\"choices\":[{", end]), "failed"),
            ("an unknown field and reason", events(&[hi, &chunk(r#"{"mood":[]}"#, "\"tired\"")]), "end \"hi\""),
            ("an error in the middle", events(&[hi, r#"{"error":{"message":"boom"}}"#]), "failed"),
            ("an error that is null", events(&[hi, r#"{"error":null}"#, end]), "end \"hi\""),
            ("a filter", events(&[hi, &chunk("{}", "\"content_filter\"")]), "refusal \"hi\""),
            ("nothing said", events(&[end, "[DONE]"]), "end"),
            ("cut within a call", {
                let call = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p"}}]}"#;
                events(&[&chunk(call, "\"length\"")])
            }, "cut read!{\"p"),
            ("input with a comma too many", text("{\"a\":1,}"), "tools read!{\"a\":1,}"),
            ("input that is no object", text("3"), "tools read3"),
            ("no input", text(""), "tools read{}"),
            ("input that is no text", call(&json!({"a": 1})), "tools read{\"a\":1}"),
            ("no function", events(&[&chunk(r#"{"tool_calls":[{"index":0}]}"#, "\"tool_calls\"")]), "tools unnamed{}"),
            ("calls of a wrong type", events(&[&chunk(r#"{"tool_calls":{"a":1}}"#, "null"), end]), "failed"),
            ("a stop for calls without any", events(&[hi, &chunk("{}", "\"tool_calls\"")]), "end \"hi\""),
            ("a document behind a mark", b"\xEF\xBB\xBF{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}".to_vec(), "end \"hi\""),
            ("a document without choices", br#"{"object":"list","data":[]}"#.to_vec(), "failed"),
            ("another wire's stream", Reply::text("hi").render(Dialect::Messages, "m-1", true).into_bytes(), "failed"),
        ],
    )
    .await;
}

#[tokio::test]
async fn odd_answers_of_either_wire() {
    for wire in WIRES {
        let cases = [
            ("nothing", Answer::raw(200, ""), "failed"),
            ("white space", Answer::raw(200, "\n\n  \n"), "failed"),
            ("a web page", Answer::raw(200, "<html>"), "failed"),
            ("no content", Answer::raw(204, ""), "bad request"),
            ("a redirect", Answer::raw(302, "").header("location", "http://127.0.0.1:9/"), "bad request"),
            ("a teapot", Answer::raw(418, "{"), "bad request"),
            ("another type", Answer::text("hi").header("content-type", "image/png"), "end \"hi\""),
            ("another model", Answer::document(Reply::text("hi")), "end \"hi\""),
            ("an error of 64 KiB and more", Answer::raw(500, "x".repeat(1 << 20)), "failed"),
        ];
        for (what, answer, expect) in cases {
            assert_eq!(outcome(wire, answer).await, expect, "{what}");
        }
    }
}

/// A generator of numbers that is the same everywhere: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

/// One to four changes: a byte, a part left out, a part twice, parts exchanged, or something put in.
fn mutated(stream: &[u8], dice: &mut Dice) -> Vec<u8> {
    const PUT_IN: [&[u8]; 12] = [
        b"\n\n",
        b"\r",
        b"data: ",
        b"data: [DONE]\n\n",
        b"null",
        b"{",
        b"]",
        b"\"",
        b"\\ud83d",
        b"\xff",
        b"-1e999",
        b"\0",
    ];
    let mut bytes = stream.to_vec();
    for _ in 0..=dice.below(4) {
        let from = dice.below(bytes.len() + 1);
        let to = (from + dice.below(64)).min(bytes.len());
        match dice.below(5) {
            0 if from < bytes.len() => bytes[from] ^= 1 << dice.below(8),
            1 => drop(bytes.drain(from..to)),
            2 => drop(bytes.splice(from..from, bytes[from..to].to_vec())),
            3 => bytes[from..to].reverse(),
            _ => drop(bytes.splice(from..from, PUT_IN[dice.below(PUT_IN.len())].to_vec())),
        }
    }
    bytes
}

#[tokio::test]
async fn two_thousand_mutations_of_real_streams_come_to_a_typed_outcome() {
    let said = Reply::text("Grüße").and_call("read", json!({"path": "a.rs"})).and_call("grep", json!({}));
    let chat = include_bytes!("recorded/llama-chat-tool.txt").to_vec();
    let messages = include_bytes!("recorded/llama-messages-tool.txt").to_vec();
    let recorded = [
        (Wire::OpenAiChat, chat),
        (Wire::Anthropic, messages),
        (Wire::OpenAiChat, said.render(Dialect::Chat, "m-1", true).into_bytes()),
        (Wire::Anthropic, said.render(Dialect::Messages, "m-1", true).into_bytes()),
    ];
    let (mut replies, mut faults) = (0, 0);
    for seed in 0..2_000 {
        let mut dice = Dice(seed);
        let (wire, stream) = &recorded[seed as usize % recorded.len()];
        let answer = Answer::raw(200, mutated(stream, &mut dice));
        let ended = tokio::time::timeout(Duration::from_secs(30), outcome(*wire, answer)).await;
        match ended.unwrap_or_else(|_| panic!("seed {seed} hangs")).as_str() {
            "failed" | "bad request" | "too long" | "refused" => faults += 1,
            halt if halt.starts_with("halt") => faults += 1,
            _ => replies += 1,
        }
    }
    assert!(replies > 100 && faults > 100, "{replies} replies, {faults} faults: too tame or too wild");
}
