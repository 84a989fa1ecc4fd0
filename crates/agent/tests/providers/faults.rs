//! Everything that goes wrong, and what becomes of it.

use std::time::Duration;

use fanfold_agent::providers::{RetryPolicy, Timers, Wire};
use fanfold_agent::wire::{ToolChoice, TurnError};
use fanfold_core::{Clock, HaltKind};
use fanfold_testkit::{Answer, Dialect, ModelServer, Reply, TestClock};
use serde_json::json;

use crate::support::{Bench, WIRES, config, kind, request, text, tools};

#[tokio::test]
async fn a_busy_provider_is_waited_for_as_long_as_it_asks() {
    let date = "Thu, 01 Jan 2026 00:00:07 GMT";
    for (header, at_least, at_most) in [
        ("0", 0, 1_000),
        ("5", 5_000, 6_000),
        (date, 7_000, 8_000),
        ("whenever", 0, 1_000),
        ("3600", 3_600_000, 3_602_000),
    ] {
        for wire in WIRES {
            let busy = Answer::error(429, "rate_limit_error", "slow down").header("retry-after", header);
            let busy = busy.header("date", "Thu, 01 Jan 2026 00:00:00 GMT");
            let server = ModelServer::queue([busy, Answer::text("ok")]).await;
            let bench = Bench::new(&server, wire);
            let reply = bench.ask("hello").await.expect("a reply in the end");
            assert_eq!(text(&reply), "ok");
            let waited = bench.clock.elapsed_ms();
            assert!((at_least..=at_most).contains(&waited), "{header}: {waited} ms");
            if at_least > 0 {
                assert!(bench.told()[0].contains("429"), "{:?}", bench.told());
            }
        }
    }
}

#[tokio::test]
async fn passing_faults_are_tried_again_until_one_succeeds() {
    for wire in WIRES {
        let answers = [
            Answer::error(529, "overloaded_error", "Overloaded"),
            Answer::error(500, "api_error", "oops"),
            Answer::raw(502, "<html>bad gateway</html>"),
            Answer::raw(200, ""),
            Answer::text("cut").broken_after(100),
            Answer::text("cut").short_after(100),
            Answer::text("ok"),
        ];
        let server = ModelServer::queue(answers).await;
        let reply = Bench::new(&server, wire).ask("hello").await.expect("a reply in the end");
        assert_eq!(text(&reply), "ok");
        assert_eq!(server.bill().requests.len(), 7);
    }
}

#[tokio::test]
async fn what_cannot_pass_is_asked_once() {
    let cases = [
        (400, "invalid_request_error", "messages: none", "bad request"),
        (400, "invalid_request_error", "prompt is too long: 300000 tokens > 200000", "too long"),
        (401, "authentication_error", "invalid x-api-key", "Credentials"),
        (403, "permission_error", "not allowed", "Credentials"),
        (402, "billing_error", "pay first", "SpendLimit"),
        (404, "not_found_error", "model: m-1", "bad request"),
        (413, "request_too_large", "too big", "too long"),
        (429, "insufficient_quota", "You exceeded your current quota", "SpendLimit"),
        (301, "moved", "elsewhere", "bad request"),
    ];
    for (status, error, message, expect) in cases {
        for wire in WIRES {
            let server = ModelServer::queue([Answer::error(status, error, message)]).await;
            let failed = Bench::new(&server, wire).ask("hello").await.expect_err("an error");
            assert_eq!(kind(&failed), expect, "{status} {message}");
            assert_eq!(server.bill().requests.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_web_page_is_an_error_that_says_what_came() {
    for wire in WIRES {
        let page = Answer::raw(200, "<!doctype html>\n<title>Sign in to HotelWifi</title>");
        let server = ModelServer::start(move |_| page.clone()).await;
        let failed = Bench::new(&server, wire).ask("hello").await.expect_err("an error");
        assert!(matches!(&failed, TurnError::Failed(why) if why.contains("HotelWifi")), "{failed}");
        assert_eq!(server.bill().requests.len(), 3);
    }
}

#[tokio::test]
async fn an_error_within_a_stream_counts_as_one_with_a_status() {
    let started = Reply::text("hi").render(Dialect::Messages, "m-1", true);
    let started = started.split("event: content_block_stop").next().expect("a first part").to_owned();
    let event = |error: &str| format!("{started}event: error\ndata: {error}\n\n");
    let overloaded = event(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#);
    let server = ModelServer::queue([Answer::raw(200, overloaded), Answer::text("ok")]).await;
    let bench = Bench::new(&server, Wire::Anthropic);
    assert_eq!(text(&bench.ask("hello").await.expect("a reply")), "ok");
    assert!(bench.told()[0].contains("529"), "{:?}", bench.told());

    let invalid = event(r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#);
    let server = ModelServer::queue([Answer::raw(200, invalid)]).await;
    let failed = Bench::new(&server, Wire::Anthropic).ask("hello").await.expect_err("an error");
    assert_eq!(kind(&failed), "bad request");

    let upstream = "data: {\"error\":{\"code\":502,\"message\":\"upstream died\"}}\n\n";
    let server = ModelServer::queue([Answer::raw(200, upstream), Answer::text("ok")]).await;
    let reply = Bench::new(&server, Wire::OpenAiChat).ask("hello").await.expect("a reply");
    assert_eq!(text(&reply), "ok");
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_either_whole_or_a_passing_fault() {
    let said = Reply { deltas: 2, ..Reply::text("ü").and_call("read", json!({"path": "a"})) };
    for (wire, dialect) in [(Wire::Anthropic, Dialect::Messages), (Wire::OpenAiChat, Dialect::Chat)] {
        let length = said.render(dialect, "m-1", true).len();
        let script = said.clone();
        let server = ModelServer::start(move |seen| {
            let answer = Answer::reply(script.clone());
            if seen.nth % 8 == 0 { answer.broken_after(seen.nth) } else { answer.short_after(seen.nth) }
        })
        .await;
        let bench = Bench::new(&server, wire);
        let whole = {
            let server = ModelServer::queue([Answer::reply(said.clone())]).await;
            Bench::new(&server, wire).ask("hello").await.expect("a reply")
        };
        let mut asked = request("hello");
        asked.retries = Some(0);
        let mut came_through = 0;
        for cut in 0..=length {
            match bench.turn(&asked).await {
                Ok(reply) => {
                    came_through += 1;
                    assert_eq!(reply.content, whole.content, "{cut}");
                }
                Err(TurnError::Failed(_)) => {}
                Err(other) => panic!("cut at {cut}: {other}"),
            }
        }
        // Only the last bytes, which say nothing new, may be missing.
        assert!((1..200).contains(&came_through), "{came_through} of {length}");
    }
}

#[tokio::test]
async fn a_stream_that_stalls_is_given_up_and_tried_again() {
    for wire in WIRES {
        for stalled in [Answer::text("never").stalled_after(0), Answer::text("never").stalled_after(300)] {
            let server = ModelServer::queue([stalled, Answer::text("ok")]).await;
            let mut asked = request("hello");
            asked.stall = Some(Duration::from_millis(40));
            let reply = Bench::new(&server, wire).turn(&asked).await.expect("a reply");
            assert_eq!(text(&reply), "ok");
        }
    }
}

#[tokio::test]
async fn what_a_broken_answer_used_is_told() {
    let said = Reply::text("one two three four five six seven eight nine ten");
    for (wire, dialect) in [(Wire::Anthropic, Dialect::Messages), (Wire::OpenAiChat, Dialect::Chat)] {
        let length = said.render(dialect, "m-1", true).len();
        let at_the_end = if wire == Wire::Anthropic { 150 } else { 250 };
        let answers = [
            Answer::error(529, "overloaded_error", "Overloaded"),
            Answer::reply(said.clone()).broken_after(0),
            Answer::reply(said.clone()).broken_after(length - at_the_end),
            Answer::reply(said.clone()),
        ];
        let server = ModelServer::queue(answers).await;
        let bench = Bench::new(&server, wire);
        let reply = bench.ask("hello").await.expect("a reply in the end");
        assert_eq!(reply.usage.output_tokens, 20, "the reply's own is kept apart");
        let lost = bench.lost();
        assert!(
            lost.input_tokens > 0 && (5..15).contains(&lost.output_tokens),
            "one broke amid its text: {lost:?}"
        );
    }
}

#[tokio::test]
async fn broken_answers_are_paid_so_their_number_is_bounded_and_the_run_pauses() {
    let server = ModelServer::start(|_| Answer::text("hello there").broken_after(450)).await;
    let bench = Bench::new(&server, Wire::Anthropic);
    let TurnError::Halt(halt) = bench.ask("hello").await.expect_err("an error") else { panic!("no halt") };
    assert_eq!((halt.kind, server.seen()), (HaltKind::Outage, 16));
    assert!(halt.message.starts_with("16 replies in a row broke"), "{halt}");
}

#[tokio::test]
async fn keep_alives_behind_a_whole_reply_do_not_hold_it_back() {
    for wire in WIRES {
        let server = ModelServer::queue([Answer::text("ok").pings_after(usize::MAX)]).await;
        let bench = Bench::new(&server, wire);
        let reply = tokio::time::timeout(Duration::from_secs(10), bench.ask("hello")).await.expect("no hang");
        assert_eq!(text(&reply.expect("a reply")), "ok");
    }
}

#[tokio::test]
async fn an_error_that_drips_in_is_not_waited_for() {
    let server = ModelServer::start(|_| Answer::error(400, "x", "no").pings_after(usize::MAX)).await;
    let timers = Timers { idle: Duration::from_millis(60), ..Timers::default() };
    let config =
        fanfold_agent::providers::ProviderConfig { timers, ..config(&server.url(), Wire::Anthropic) };
    let bench = Bench::with(config, RetryPolicy::default(), TestClock::auto());
    let failed = tokio::time::timeout(Duration::from_secs(2), bench.ask("hello")).await.expect("no hang");
    assert_eq!(kind(&failed.expect_err("an error")), "bad request");
}

#[tokio::test]
async fn a_callers_limit_on_stalls_counts_keep_alives_as_silence() {
    for wire in WIRES {
        let server = ModelServer::queue([Answer::text("never").pings_after(300), Answer::text("ok")]).await;
        let mut asked = request("hello");
        asked.stall = Some(Duration::from_millis(60));
        let bench = Bench::new(&server, wire);
        let reply = tokio::time::timeout(Duration::from_secs(10), bench.turn(&asked)).await.expect("no hang");
        assert_eq!(text(&reply.expect("a reply")), "ok");
    }
}

#[tokio::test]
async fn keep_alives_alone_do_not_keep_a_turn_alive() {
    for wire in WIRES {
        let server = ModelServer::queue([Answer::text("never").pings_after(300), Answer::text("ok")]).await;
        let timers =
            Timers { idle: Duration::from_secs(30), silence: Duration::from_millis(60), ..Timers::default() };
        let config = fanfold_agent::providers::ProviderConfig { timers, ..config(&server.url(), wire) };
        let bench = Bench::with(config, RetryPolicy::default(), TestClock::auto());
        assert_eq!(text(&bench.ask("hello").await.expect("a reply")), "ok");
        assert_eq!(server.bill().requests.len(), 2);
    }
}

#[tokio::test]
async fn a_reply_without_end_is_cut_at_its_limit() {
    let line = "a".repeat(1 << 20);
    let endless = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{line}\"}}}}]}}\n\n").repeat(33);
    let server = ModelServer::start(move |_| Answer::raw(200, endless.clone())).await;
    let mut asked = request("hello");
    asked.retries = Some(0);
    let failed = Bench::new(&server, Wire::OpenAiChat).turn(&asked).await.expect_err("an error");
    assert!(failed.to_string().contains("32 MiB"), "{failed}");
}

#[tokio::test]
async fn a_callers_own_count_of_retries_is_kept() {
    let server = ModelServer::start(|_| Answer::error(500, "api_error", "oops")).await;
    for retries in [0, 2] {
        let before = server.seen();
        let mut asked = request("hello");
        asked.retries = Some(retries);
        let failed = Bench::new(&server, Wire::Anthropic).turn(&asked).await.expect_err("an error");
        assert_eq!(kind(&failed), "failed");
        assert_eq!(server.seen() - before, retries as usize + 1);
    }
}

#[tokio::test]
async fn a_provider_that_stays_down_pauses_the_run() {
    for status in [529, 500] {
        let server = ModelServer::start(move |_| Answer::error(status, "overloaded_error", "down")).await;
        let bench = Bench::new(&server, Wire::Anthropic);
        let failed = bench.ask("hello").await.expect_err("an error");
        assert!(matches!(&failed, TurnError::Halt(halt) if halt.kind == HaltKind::Outage), "{failed}");
        let waited = bench.clock.elapsed_ms();
        assert!(waited > 59 * 60 * 1_000, "{waited}");
        // Half of 30 s between two tries on average.
        assert!((150..500).contains(&server.seen()), "{}", server.seen());
    }
}

#[tokio::test]
async fn an_agent_whose_own_request_breaks_while_others_succeed_fails_alone() {
    let server = ModelServer::start(|seen| {
        if seen.body.to_string().contains("poison") {
            Answer::error(500, "api_error", "oops")
        } else {
            Answer::text("ok")
        }
    })
    .await;
    let bench = Bench::new(&server, Wire::Anthropic);
    let (failed, _) = tokio::join!(bench.ask("poison"), async {
        for _ in 0..20 {
            bench.ask("hello").await.expect("a reply");
        }
    });
    assert_eq!(kind(&failed.expect_err("an error")), "failed");
}

#[tokio::test]
async fn a_server_that_was_never_there_ends_the_run_after_a_few_tries() {
    // A port that was free a moment ago.
    let url = ModelServer::echo().await.url();
    tokio::task::yield_now().await;
    let bench = Bench::with(config(&url, Wire::OpenAiChat), RetryPolicy::default(), TestClock::auto());
    let failed = bench.ask("hello").await.expect_err("an error");
    let TurnError::Halt(halt) = failed else { panic!("{failed}") };
    assert_eq!(halt.kind, HaltKind::Unreachable);
    assert!(halt.message.contains(&url) && halt.hint.contains("acme"), "{halt:?}");
    assert!(bench.clock.elapsed_ms() < 20_000);
    // Few retries make it no fault of one agent.
    let mut asked = request("hello");
    asked.retries = Some(0);
    let bench = Bench::with(config(&url, Wire::OpenAiChat), RetryPolicy::default(), TestClock::auto());
    assert_eq!(kind(&bench.turn(&asked).await.expect_err("an error")), "Unreachable");
    // However many find it out together.
    let bench = Bench::with(config(&url, Wire::OpenAiChat), RetryPolicy::default(), TestClock::auto());
    let all = futures_util::future::join_all((0..100).map(|_| bench.ask("hello"))).await;
    let halted = |error: &TurnError| kind(error) == "Unreachable";
    let other = all.iter().find(|reply| !reply.as_ref().is_err_and(halted));
    assert!(other.is_none(), "{other:?}");
    assert!(bench.clock.elapsed_ms() < 20_000);
}

#[tokio::test]
async fn a_server_that_goes_away_later_is_waited_for() {
    let server = ModelServer::queue([Answer::text("ok")]).await;
    let bench = Bench::new(&server, Wire::Anthropic);
    bench.ask("hello").await.expect("a reply");
    drop(server);
    let failed = bench.ask("hello").await.expect_err("an error");
    assert!(matches!(&failed, TurnError::Halt(halt) if halt.kind == HaltKind::Outage), "{failed}");
}

#[tokio::test]
async fn a_wish_that_the_model_refuses_is_left_out_and_remembered() {
    let server = ModelServer::start(|seen| match () {
        () if seen.body.get("tool_choice").is_some() => {
            Answer::error(400, "invalid_request_error", "tool_choice: not supported for this model.")
        }
        () if seen.body.get("temperature").is_some() => {
            Answer::error(400, "invalid_request_error", "`temperature` is deprecated for this model.")
        }
        () => Answer::text("ok"),
    })
    .await;
    for wire in WIRES {
        let bench = Bench::new(&server, wire);
        let mut asked = request("hello");
        asked.tools = tools();
        asked.tool_choice = ToolChoice::Tool("read".to_owned());
        asked.temperature = Some(0.1);
        let before = server.seen();
        bench.turn(&asked).await.expect("a reply");
        bench.turn(&asked).await.expect("a reply");
        assert_eq!(server.seen() - before, 4);
    }
}

#[tokio::test]
async fn a_provider_that_needs_a_key_and_has_none_is_not_asked() {
    let server = ModelServer::echo().await;
    let keyless = fanfold_agent::providers::ProviderConfig {
        key: None,
        key_required: true,
        ..config(&server.url(), Wire::OpenAiChat)
    };
    let bench = Bench::with(keyless, RetryPolicy::default(), TestClock::auto());
    let TurnError::Halt(halt) = bench.ask("hello").await.expect_err("an error") else { panic!("no halt") };
    assert_eq!((halt.kind, server.seen()), (HaltKind::Credentials, 0));
    assert!(halt.hint.contains("ACME_API_KEY"), "{}", halt.hint);
}
