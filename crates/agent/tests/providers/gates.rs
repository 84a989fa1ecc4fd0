//! Waiting together: while a provider is down, and for a sibling's cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fanfold_agent::providers::{ProviderConfig, RetryPolicy, Wire};
use fanfold_agent::wire::TurnRequest;
use fanfold_testkit::{Answer, Hold, ModelServer, TestClock};
use futures_util::future::join_all;

use crate::support::{Bench, config, request};

#[tokio::test]
async fn while_a_provider_is_down_one_probes_for_all() {
    let down = Arc::new(AtomicBool::new(true));
    let is_down = down.clone();
    let server = ModelServer::start(move |_| {
        if is_down.load(Ordering::Relaxed) {
            Answer::error(529, "overloaded_error", "Overloaded")
        } else {
            Answer::text("ok")
        }
    })
    .await;
    let clock = TestClock::manual();
    let bench = Bench::with(config(&server.url(), Wire::Anthropic), RetryPolicy::default(), clock.clone());
    let agents = join_all((0..200).map(|_| bench.ask("hello")));
    let driver = async {
        server.wait_for(200).await;
        // All but the first wave wait: ten minutes of outage cost a probe every 15 s or so, not 200.
        for _ in 0..600 {
            settle().await;
            clock.advance(1_000);
        }
        let during = server.seen() - 200;
        assert!((10..80).contains(&during), "{during} probes in ten minutes");
        down.store(false, Ordering::Relaxed);
        let begun = clock.clone();
        for _ in 0..600 {
            settle().await;
            begun.advance(200);
        }
    };
    let (replies, ()) = tokio::join!(agents, driver);
    assert!(replies.iter().all(Result::is_ok));
    assert!(bench.told().len() >= 199, "{}", bench.told().len());
}

#[tokio::test]
async fn a_probe_that_is_cancelled_leaves_the_probing_to_another() {
    let hold = Hold::default();
    let held = hold.clone();
    let server = ModelServer::start(move |seen| match seen.nth {
        0 => Answer::error(529, "overloaded_error", "Overloaded"),
        1 => Answer::text("never").held(&held),
        _ => Answer::text("ok"),
    })
    .await;
    let bench = Bench::new(&server, Wire::Anthropic);
    {
        let mut probe = std::pin::pin!(bench.ask("probe"));
        tokio::select! {
            _ = &mut probe => panic!("it is held"),
            () = server.wait_for(2) => {}
        }
    }
    bench.ask("next").await.expect("a reply");
}

fn sibling(text: &str) -> TurnRequest {
    TurnRequest { system: "All work and no play. ".repeat(400).into(), ..request(text) }
}

#[tokio::test]
async fn siblings_wait_until_the_first_answer_begins() {
    let hold = Hold::default();
    let held = hold.clone();
    let server =
        ModelServer::start(
            move |seen| {
                if seen.nth == 0 { Answer::text("ok").held(&held) } else { Answer::text("ok") }
            },
        )
        .await;
    let clock = TestClock::manual();
    let bench = Bench::with(config(&server.url(), Wire::Anthropic), RetryPolicy::default(), clock.clone());
    let requests: Vec<TurnRequest> = (0..10).map(|nth| sibling(&format!("task {nth}"))).collect();
    let agents = join_all(requests.iter().map(|request| bench.turn(request)));
    let driver = async {
        server.wait_for(1).await;
        settle().await;
        assert_eq!((server.seen(), clock.sleepers()), (1, 9));
        hold.release();
    };
    let (replies, ()) = tokio::join!(agents, driver);
    assert!(replies.iter().all(Result::is_ok));
    assert_eq!(server.seen(), 10);
    assert_eq!(bench.told().len(), 9);
    // Warm now: nobody waits any more.
    bench.turn(&sibling("one more")).await.expect("a reply");
    assert_eq!(bench.told().len(), 9);
}

#[tokio::test]
async fn siblings_give_up_waiting_after_five_seconds() {
    let hold = Hold::default();
    let held = hold.clone();
    let server =
        ModelServer::start(
            move |seen| {
                if seen.nth == 0 { Answer::text("ok").held(&held) } else { Answer::text("ok") }
            },
        )
        .await;
    let clock = TestClock::manual();
    let bench = Bench::with(config(&server.url(), Wire::Anthropic), RetryPolicy::default(), clock.clone());
    let requests: Vec<TurnRequest> = (0..3).map(|nth| sibling(&format!("task {nth}"))).collect();
    let agents = join_all(requests.iter().map(|request| bench.turn(request)));
    let driver = async {
        server.wait_for(1).await;
        settle().await;
        clock.advance(4_999);
        settle().await;
        assert_eq!(server.seen(), 1);
        clock.advance(1);
        server.wait_for(3).await;
        hold.release();
    };
    tokio::join!(agents, driver);
}

#[tokio::test]
async fn a_first_one_that_fails_hands_over_to_a_sibling() {
    let server = ModelServer::queue([
        Answer::error(400, "invalid_request_error", "no").after(std::time::Duration::from_millis(20)),
        Answer::text("ok"),
        Answer::text("ok"),
    ])
    .await;
    let clock = TestClock::manual();
    let bench = Bench::with(config(&server.url(), Wire::Anthropic), RetryPolicy::default(), clock);
    let requests: Vec<TurnRequest> = (0..3).map(|nth| sibling(&format!("task {nth}"))).collect();
    let replies = join_all(requests.iter().map(|request| bench.turn(request))).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 2);
}

#[tokio::test]
async fn nobody_waits_for_a_cache_that_holds_nothing() {
    let hold = Hold::default();
    let held = hold.clone();
    let server = ModelServer::start(move |_| Answer::text("ok").held(&held)).await;
    let check = async |config: ProviderConfig, request: TurnRequest| {
        let before = server.seen();
        let bench = Bench::with(config, RetryPolicy::default(), TestClock::manual());
        let agents = join_all((0..5).map(|_| bench.turn(&request)));
        tokio::select! {
            _ = agents => panic!("all are held"),
            () = server.wait_for(before + 5) => {}
        }
        assert!(bench.told().is_empty());
    };
    // Too short; switched off; a server on this machine.
    check(config(&server.url(), Wire::Anthropic), request("short")).await;
    let off = TurnRequest { prompt_caching: false, ..sibling("long") };
    check(config(&server.url(), Wire::Anthropic), off).await;
    check(config(&server.url(), Wire::OpenAiChat), sibling("long")).await;
}

/// Lets everything run that can, the server's side included.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
