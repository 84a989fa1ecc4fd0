//! Ways to outlive a kill, each against a timeout, a dropped handle, and an engine that is killed itself.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Ended, Site, Who, alive, everybody, json, unless_missing, within};

/// `MARK` is what `sleep` is called with: by it survivors are found, in whatever namespace.
const ESCAPES: [(&str, &str); 7] = [
    ("setsid", "setsid sleep MARK &"),
    ("double fork", "( (sleep MARK &) & )"),
    ("nohup and disown", "nohup sleep MARK >/dev/null 2>&1 &"),
    ("daemon with closed descriptors", "setsid sh -c 'cd /; exec 0<&- 1>&- 2>&-; (sleep MARK &)' &"),
    ("ignores TERM and HUP", "sh -c 'trap \"\" TERM HUP INT QUIT; sleep MARK' & "),
    (
        "spawns itself again and again",
        "echo 'setsid sh ./again MARK & sleep 0.01' > again; setsid sh ./again MARK &",
    ),
    (
        "new session, new group, no input",
        "setsid sh -c 'trap \"\" HUP PIPE; setsid sleep MARK' <&- >/dev/null 2>&1 &",
    ),
];

/// Escapes, says so, and stays.
fn script(escape: &str, mark: &str) -> String {
    format!("{}\nsleep 0.1; echo ready; sleep {mark}", escape.replace("MARK", mark))
}

/// A duration that no other process has.
fn mark(escape: usize, way: usize) -> String {
    format!("9{}.{way}{escape}", std::process::id())
}

const SURVIVAL_MAX: Duration = Duration::from_secs(2);

fn nobody_survives(mark: &str, what: &str) {
    assert!(within(SURVIVAL_MAX, || alive(mark).is_empty()), "{what}: {:?} survived", alive(mark));
}

fn kill_all(mark: &str) {
    // One that spawns itself has to be met in the moment.
    within(Duration::from_secs(5), || {
        for pid in alive(mark) {
            if let Some(pid) = rustix::process::Pid::from_raw(pid) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
        alive(mark).is_empty()
    });
}

fn by_timeout(who: Who, level: &str, way: usize) {
    let site = Site::new();
    for (index, (name, escape)) in ESCAPES.iter().enumerate() {
        let mark = mark(index, way);
        let ran = site.run_for(who, level, &site.directory(), &script(escape, &mark), 500, 10_000);
        let Some(ran) = ran else { return };
        assert_eq!((&ran["timed_out"], &ran["output"]), (&true.into(), &"ready\n".into()), "{name}: {ran}");
        nobody_survives(&mark, &format!("{who:?} {level}: {name}, timeout"));
    }
}

/// The driver starts it and either drops it at its first word, or is killed then.
fn by_end_of_handle(who: Who, level: &str, way: usize, kills_engine: bool) {
    let site = Site::new();
    for (index, (name, escape)) in ESCAPES.iter().enumerate() {
        let mark = mark(index, way);
        let script = script(escape, &mark);
        let policy = json(&site.directory());
        let mut driver = site.driver(who);
        if kills_engine {
            driver.args(["run", level, &policy, "60000", "10000", "/bin/sh", "-c", &script]);
        } else {
            driver.args(["drop", level, &policy, "/bin/sh", "-c", &script]);
        }
        let driver = driver.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the driver");
        let mut driver = Ended(driver);
        let what = format!("{who:?} {level}: {name}, {}", if kills_engine { "kill -9" } else { "drop" });
        if kills_engine {
            // Both of them: the one that escaped and the one that stays.
            assert!(
                within(Duration::from_secs(5), || alive(&mark).len() >= 2),
                "{what}: void: it did not run"
            );
            driver.0.kill().expect("it runs");
        } else {
            let mut line = Vec::new();
            let mut stdout = driver.0.stdout.take().expect("piped");
            while !line.ends_with(b"\n") {
                let mut byte = [0];
                assert_eq!(stdout.read(&mut byte).expect("a pipe"), 1, "{what}: it ended");
                line.push(byte[0]);
            }
            let told = serde_json::from_slice(&line).expect("JSON");
            let Some(told) = unless_missing(told) else { return };
            assert!(told["dropped"].is_number(), "{what}: {told}");
        }
        nobody_survives(&mark, &what);
    }
}

#[test]
fn nothing_outlives_a_timeout() {
    for who in everybody() {
        by_timeout(who, "full", 1);
    }
}

#[test]
fn nothing_outlives_its_handle() {
    for who in everybody() {
        by_end_of_handle(who, "full", 2, false);
    }
}

#[test]
fn nothing_outlives_an_engine_that_is_killed() {
    for who in everybody() {
        by_end_of_handle(who, "full", 3, true);
    }
}

#[test]
fn nothing_outlives_a_timeout_below_the_full_level() {
    by_timeout(everybody()[0], "reduced", 4);
    by_timeout(everybody()[0], "off", 5);
}

#[test]
fn nothing_outlives_its_handle_or_engine_below_the_full_level() {
    by_end_of_handle(everybody()[0], "reduced", 6, false);
    by_end_of_handle(everybody()[0], "off", 7, true);
}

#[test]
fn nothing_outlives_the_end_of_the_command() {
    let site = Site::new();
    for (who, level) in everybody().into_iter().flat_map(|who| [(who, "full"), (who, "reduced")]) {
        for (index, (name, escape)) in ESCAPES.iter().enumerate() {
            let mark = mark(index, 8);
            let script = format!("{}\nsleep 0.1; echo ready", escape.replace("MARK", &mark));
            let Some(ran) = site.run(who, level, &site.directory(), &script) else { continue };
            assert_eq!(ran["status"], 0, "{who:?} {level}: {name}: {ran}");
            // No time is given here: it was waited for.
            assert_eq!(alive(&mark), Vec::<i32>::new(), "{who:?} {level}: {name}");
        }
    }
}

/// Without the sandbox each of them outlives the process that started it.
#[test]
fn each_escape_outlives_a_plain_kill() {
    let site = Site::new();
    for (index, (name, escape)) in ESCAPES.iter().enumerate() {
        let mark = mark(index, 9);
        let mut shell = Command::new("/bin/sh");
        let script = format!("{}\nsleep 0.1; echo ready; kill -STOP $$", escape.replace("MARK", &mark));
        shell.args(["-c", &script]).current_dir(site.path().join("root")).process_group(0);
        let mut shell = Ended(shell.stdout(Stdio::piped()).spawn().expect("a shell"));
        let mut ready = [0; 5];
        shell.0.stdout.take().expect("piped").read_exact(&mut ready).expect("it says so");
        shell.0.kill().expect("it runs");
        shell.0.wait().expect("it has ended");
        let survives = within(SURVIVAL_MAX, || !alive(&mark).is_empty());
        kill_all(&mark);
        assert!(survives, "{name}: void: a plain kill is enough");
    }
}

/// The moment in which bubblewrap is not yet tied to anybody is met by killing at many moments.
#[test]
fn nothing_outlives_an_engine_that_is_killed_while_it_starts_something() {
    let site = Site::new();
    let policy = json(&site.directory());
    for step in 0..60 {
        let mark = mark(step, 10);
        let mut driver = site.driver(everybody()[0]);
        driver.args(["run", "full", &policy, "60000", "1000", "/bin/sh", "-c", &format!("sleep {mark}; :")]);
        let mut driver =
            Ended(driver.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the driver"));
        // The check of the machine takes some 20 ms, what comes after it as long: both are hit.
        let moment = std::time::Instant::now() + Duration::from_micros(1_000 * step as u64);
        within(Duration::from_secs(1), || std::time::Instant::now() >= moment);
        driver.0.kill().expect("it runs");
        driver.0.wait().expect("killed");
        let program = site.path().join("driver");
        let program = program.to_str().expect("text");
        assert!(
            within(SURVIVAL_MAX, || alive(&mark).is_empty() && alive(program).is_empty()),
            "at {step} ms"
        );
    }
    assert!(within(SURVIVAL_MAX, || alive("--json-status-fd").is_empty()), "{:?}", alive("--json-status-fd"));
}
