//! Hands that are not to be trusted: whatever they say, the engine goes on, and the model is told.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use fanfold_agent::hands::{Answer, Hands};
use fanfold_agent::tools::Tool;
use fanfold_sandbox::Level;
use serde_json::{Value, json};

use crate::Test;
use crate::support::{World, run, running, started_by};

pub const TESTS: &[Test] = &[
    ("what_no_hands_say_ends_them_and_is_told", what_no_hands_say_ends_them),
    ("hands_that_never_become_ready_are_told_with_their_last_words", hands_that_never_become_ready),
    ("a_result_is_never_larger_than_a_tool_would_give", a_result_is_bounded),
    ("hands_that_die_are_started_anew_and_at_most_three_times", hands_that_die_are_started_anew),
];

/// Says that it is set up, waits for a call, and then plays its trick.
pub fn main(args: &[String]) -> ExitCode {
    let trick = args.first().map(String::as_str).unwrap_or_default();
    if trick == "stillborn" {
        let _ = writeln!(io::stderr(), "no such door");
        return ExitCode::FAILURE;
    }
    let (mut input, mut output) = (io::stdin(), io::stdout());
    let played = (|| -> io::Result<()> {
        request(&mut input)?;
        output.write_all(&frame(&Answer { id: 0, result: Ok(String::new()) }))?;
        output.flush()?;
        loop {
            let id = request(&mut input)?["id"].as_u64().unwrap_or_default();
            let reply = match trick {
                "huge" => u32::MAX.to_le_bytes().to_vec(),
                "garbage" => vec![b'x'; 100_000],
                "half" => frame(&Answer { id, result: Ok("half".into()) })[..9].to_vec(),
                "stranger" => frame(&Answer { id: id + 1_000, result: Ok("for nobody".into()) }),
                "deep" => {
                    let deep = format!("{{\"id\":{id},\"result\":{}", "[".repeat(100_000));
                    [&(deep.len() as u32).to_le_bytes()[..], deep.as_bytes()].concat()
                }
                "long" => frame(&Answer { id, result: Ok("é".repeat(900_000)) }),
                "flood" => loop {
                    output.write_all(&frame(&Answer { id, result: Ok("again".into()) }))?;
                },
                _ => return Ok(()),
            };
            output.write_all(&reply)?;
            output.flush()?;
            if trick == "half" {
                return Ok(());
            }
        }
    })();
    if played.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn frame(answer: &Answer) -> Vec<u8> {
    let json = serde_json::to_vec(answer).expect("plain data");
    [&(json.len() as u32).to_le_bytes()[..], &json].concat()
}

fn request(from: &mut impl Read) -> io::Result<Value> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut json = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

fn hands(world: &World, trick: &str) -> Hands {
    let mut launch = world.launch(Level::Off);
    let program = launch.argv.remove(0);
    launch.argv = vec![program, "false-hands".into(), trick.into(), world.project.display().to_string()];
    started_by(launch)
}

async fn read(world: &World, hands: &Hands) -> Result<String, String> {
    let limit = Duration::from_secs(20);
    let call = world.call(hands, Tool::Read, json!({"path": "a"}));
    tokio::time::timeout(limit, call).await.expect("the engine does not hang")
}

fn what_no_hands_say_ends_them() {
    run(async {
        for trick in ["huge", "garbage", "half", "stranger", "deep"] {
            let world = World::new();
            let hands = hands(&world, trick);
            let told = read(&world, &hands).await.expect_err(trick);
            assert!(told.contains("broke off"), "{trick}: {told}");
            assert!(running(&world.project.display().to_string()).is_empty(), "{trick}: it is gone");
        }
        // The first of its answers is one; what follows nobody asked for.
        let world = World::new();
        let hands = hands(&world, "flood");
        assert_eq!(read(&world, &hands).await, Ok("again".into()));
        let told = read(&world, &hands).await.expect_err("ended by the second");
        assert!(told.contains("broke off"), "{told}");
    });
}

fn hands_that_never_become_ready() {
    run(async {
        let world = World::new();
        let told = read(&world, &hands(&world, "stillborn")).await.expect_err("not started");
        assert!(told.contains("could not be started: no such door"), "{told}");
    });
}

fn a_result_is_bounded() {
    run(async {
        let world = World::new();
        let text = read(&world, &hands(&world, "long")).await.expect("a result, if a long one");
        assert!(text.len() <= 320 << 10 && text.ends_with('é'), "{}", text.len());
    });
}

fn hands_that_die_are_started_anew() {
    run(async {
        let world = World::new();
        let hands = hands(&world, "die");
        for _ in 0..3 {
            let told = read(&world, &hands).await.expect_err("dead");
            assert!(told.contains("broke off") && told.contains("starts it anew"), "{told}");
        }
        let told = read(&world, &hands).await.expect_err("not again");
        assert!(told.contains("has ended 3 times"), "{told}");
    });
}
