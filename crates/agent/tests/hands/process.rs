//! Real hands: what they do, what they leave, and what they cost.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use fanfold_agent::tools::Tool;
use fanfold_sandbox::Level;
use futures_util::future::join_all;
use serde_json::json;

use crate::Test;
use crate::support::{World, run, running, within};

pub const TESTS: &[Test] = &[
    ("tools_do_in_a_process_what_they_do_in_the_engine", tools_do_what_they_do),
    ("calls_that_read_run_beside_each_other", calls_that_read_run_beside_each_other),
    ("nothing_outlives_a_command", nothing_outlives_a_command),
    ("dropped_hands_leave_nothing_behind", dropped_hands_leave_nothing),
    ("hands_that_a_command_kills_are_told_and_started_anew", hands_that_a_command_kills),
    ("idle_hands_are_small", idle_hands_are_small),
];

/// Those that can be enforced without a sandbox, and the real one.
const LEVELS: [Level; 2] = [Level::Off, Level::Full];

fn tools_do_what_they_do() {
    run(async {
        for level in LEVELS {
            let world = World::new();
            let hands = world.hands(level);
            let write = json!({"path": "a/b.txt", "content": "one\ntwo\n"});
            let wrote = world.call(&hands, Tool::Write, write).await;
            assert_eq!(wrote, Ok("wrote a/b.txt: 2 lines".into()), "{level:?}");
            let edit = json!({"path": "a/b.txt", "old_string": "two", "new_string": "three"});
            assert_eq!(world.call(&hands, Tool::Edit, edit).await, Ok("edited a/b.txt at line 2".into()));
            let text = std::fs::read_to_string(world.project.join("a/b.txt")).expect("written");
            assert_eq!(text, "one\nthree\n");
            let absolute = json!({"path": world.project.join("a/b.txt")});
            assert_eq!(
                world.call(&hands, Tool::Read, absolute).await,
                Ok("     1\tone\n     2\tthree\n".into()),
                "under the project's own path"
            );
            let found = world.call(&hands, Tool::Grep, json!({"pattern": "thr"})).await;
            assert_eq!(found, Ok("a/b.txt:2:three\n".into()));
            assert_eq!(
                world.call(&hands, Tool::Glob, json!({"pattern": "*.txt"})).await,
                Ok("a/b.txt".into())
            );
            let ran = world.bash(&hands, "pwd; cat a/b.txt; exit 3").await.expect("it ran");
            assert!(ran.starts_with("exit status 3 after"), "{ran}");
            assert!(ran.ends_with(&format!("{}\none\nthree\n", world.project.display())), "{ran}");
            let lacking = world.call(&hands, Tool::Read, json!({"path": ".env"})).await;
            assert!(lacking.expect_err("a rule").contains("deny Read(.env*)"));
            let nowhere = world.call(&hands, Tool::WebFetch, json!({"url": "http://127.0.0.1/"})).await;
            assert!(nowhere.expect_err("private").contains("127.0.0.1"), "the engine's own");
            hands.close().await;
        }
    });
}

fn calls_that_read_run_beside_each_other() {
    run(async {
        let world = World::new();
        let hands = world.hands(Level::Off);
        for at in 0..32 {
            std::fs::write(world.project.join(format!("{at}.txt")), format!("{at}\n")).expect("written");
        }
        let reads = (0..32).map(|at| world.call(&hands, Tool::Read, json!({"path": format!("{at}.txt")})));
        for (at, read) in join_all(reads).await.into_iter().enumerate() {
            assert_eq!(read, Ok(format!("     1\t{at}\n")));
        }
    });
}

/// Ways to outlive the shell that started them.
const ESCAPES: [(&str, &str); 7] = [
    ("background", "sleep $N &"),
    ("nohup", "nohup sleep $N >/dev/null 2>&1 &"),
    ("session", "setsid sleep $N &"),
    ("double fork", "(setsid sh -c 'sleep '$N' & exec true' &) ; sleep 0.1"),
    ("deaf", "setsid sh -c 'trap \"\" TERM HUP INT; sleep '$N'; sleep '$N &"),
    ("holds the output", "setsid sh -c 'sleep '$N >&1 &"),
    ("starts another", "setsid sh -c 'while :; do sleep '$N' & sleep 0.01; done' & sleep 0.1"),
];

fn nothing_outlives_a_command() {
    run(async {
        for level in LEVELS {
            let world = World::new();
            let hands = world.hands(level);
            for (nth, (name, escape)) in ESCAPES.into_iter().enumerate() {
                // Numbers that nothing else on this machine sleeps for.
                let [mark, control] = [860_000_000_u64, 880_000_000]
                    .map(|first| format!("{}{nth}", first + u64::from(std::process::id())));
                let command = escape.replace("$N", &mark);

                let ran = escape.replace("$N", &control);
                let ran = std::process::Command::new("/bin/sh").args(["-c", &ran]).status();
                assert!(ran.expect("it ran").success());
                let survives = || !running(&format!("sleep\0{control}")).is_empty();
                let survived = within(Duration::from_secs(5), survives).await;
                kill(&control).await;
                assert!(survived, "the control of `{name}`: else this shows nothing");

                let started = Instant::now();
                let ran = world.bash(&hands, &command).await.expect("it ran");
                assert!(ran.starts_with("exit status 0"), "{name}: {ran}");
                assert!(running(&mark).is_empty(), "{level:?} {name}: {:?}", running(&mark));
                assert!(started.elapsed() < Duration::from_secs(3), "{name}: {:?}", started.elapsed());
            }
            hands.close().await;
        }
    });
}

/// All processes with this mark, however fast they start others. One that becomes another program just now shows no
/// arguments for a moment, so one look is not enough.
async fn kill(mark: &str) {
    let mut looks = 0;
    while looks < 3 {
        let left = running(mark);
        for id in &left {
            let id = rustix::process::Pid::from_raw(i32::try_from(*id).expect("an id")).expect("not 0");
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
        looks = if left.is_empty() { looks + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn dropped_hands_leave_nothing() {
    run(async {
        for level in LEVELS {
            let world = World::new();
            let hands = world.hands(level);
            let mark = format!("{}", 870_000_000 + u64::from(std::process::id()));
            let command = format!("setsid sleep {mark} & sleep {mark}");
            let sleeping = world.bash(&hands, &command);
            let sleeps = within(Duration::from_secs(10), || running(&format!("sleep\0{mark}")).len() == 2);
            tokio::select! {
                ended = sleeping => panic!("it sleeps: {ended:?}"),
                is_so = sleeps => assert!(is_so, "the control: it never began"),
            }
            drop(hands);
            let is_gone = within(Duration::from_secs(2), || running(&mark).is_empty()).await;
            assert!(is_gone, "{level:?}: {:?}", running(&mark));
        }
    });
}

fn hands_that_a_command_kills() {
    run(async {
        let world = World::new();
        let hands = world.hands(Level::Off);
        let told = world.bash(&hands, "kill -9 $PPID; sleep 5").await.expect_err("they are dead");
        assert!(told.contains("broke off"), "{told}");
        let ran = world.bash(&hands, "echo here").await.expect("new ones");
        assert!(ran.ends_with("here\n"), "{ran}");

        // In the sandbox they are the first of their namespace: no signal from inside reaches them.
        let world = World::new();
        let hands = world.hands(Level::Full);
        let ran = world.bash(&hands, "kill -9 $PPID; kill -STOP $PPID; kill -9 1; echo here").await;
        assert!(ran.as_ref().is_ok_and(|ran| ran.ends_with("here\n")), "{ran:?}");
    });
}

fn idle_hands_are_small() {
    run(async {
        let world = World::new();
        let hands = world.hands(Level::Full);
        world.bash(&hands, "true").await.expect("it ran");
        let own = world.call(&hands, Tool::Grep, json!({"pattern": "x"})).await;
        assert!(own.is_ok(), "{own:?}");
        let ids = running("__hands");
        let resident = |id: &u32| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let of = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name))?;
                line.split_whitespace().nth(1)?.parse::<u64>().ok()
            };
            Some((of("RssAnon:")?, of("VmRSS:")?))
        };
        let sizes: Vec<(u64, u64)> = ids.iter().filter_map(resident).collect();
        let (anonymous_kb, all_kb) = sizes.iter().copied().max().expect("they run");
        writeln!(io::stdout(), "idle hands: {anonymous_kb} kB of their own, {all_kb} kB resident")
            .expect("told");
        assert!(anonymous_kb < 4_096, "{sizes:?}");
        hands.close().await;
    });
}
