//! Output, input, time and limits.

use std::time::{Duration, Instant};

use crate::support::{Site, everybody, output};

const LEVELS: [&str; 3] = ["full", "reduced", "off"];

#[test]
fn endless_output_neither_blocks_nor_fills_memory() {
    let site = Site::new();
    for level in LEVELS {
        let script = "echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last";
        let ran = site.run_for(everybody()[0], level, &site.directory(), script, 20_000, 10_000);
        let Some(ran) = ran else { continue };
        let text = output(&ran);
        assert_eq!(ran["status"], 0, "{level}: {ran}");
        assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"), "{level}: {} bytes", text.len());
        assert!(text.len() < 10_200 && text.contains("bytes left out"), "{level}: {} bytes", text.len());
    }
}

#[test]
fn what_was_printed_before_the_time_was_up_is_kept() {
    let site = Site::new();
    for (who, level) in everybody().into_iter().flat_map(|who| LEVELS.map(|level| (who, level))) {
        let started = Instant::now();
        let script = "echo before; echo error >&2; sleep 1000";
        let ran = site.run_for(who, level, &site.directory(), script, 400, 10_000);
        let Some(ran) = ran else { continue };
        assert_eq!(
            (&ran["timed_out"], output(&ran)),
            (&true.into(), "before\nerror\n"),
            "{who:?} {level}: {ran}"
        );
        assert!(ran["status"].is_null() && started.elapsed() < Duration::from_secs(5), "{level}: {ran}");
    }
}

#[test]
fn statuses_and_signals_are_told_apart() {
    let site = Site::new();
    for level in LEVELS {
        for (script, status) in [("exit 0", 0), ("exit 42", 42), ("kill -9 $$", 137), ("/no/such/thing", 127)]
        {
            let ran = site.run(everybody()[0], level, &site.directory(), script);
            let Some(ran) = ran else { continue };
            assert_eq!(ran["status"], status, "{level}: {script}: {ran}");
        }
    }
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let site = Site::new();
    for level in LEVELS {
        let mut driver = site.driver(everybody()[0]);
        let policy = crate::support::json(&site.directory());
        driver.args(["run", level, &policy, "20000", "10000", "no-such-command"]);
        let Some(ran) = crate::support::unless_missing(crate::support::said(&mut driver)) else { continue };
        assert_eq!(ran["status"], 127, "{level}: {ran}");
        assert!(output(&ran).contains("no-such-command"), "{level}: {ran}");
    }
}

#[test]
fn a_sandbox_that_cannot_be_set_up_is_an_error_and_no_status() {
    let site = Site::new();
    let mut policy = site.overlay();
    policy.git_dirs.clear();
    std::fs::remove_dir(site.path().join("work")).expect("empty");
    let Some(ran) = site.run(everybody()[0], "full", &policy, "true") else { return };
    assert!(ran["error"].as_str().is_some_and(|err| err.contains("work")), "{ran}");
}

#[test]
fn a_fork_bomb_is_stopped_by_the_limit() {
    for who in everybody() {
        let site = Site::new();
        let mut policy = site.directory();
        policy.limits.processes = 301;
        // Each that was made says so, and none ends before the others.
        let script = "i=0; while [ $i -lt 1000 ]; do (echo . >> made; sleep 5) & i=$((i+1)); done; wait";
        let ran = site.run_for(who, "full", &policy, script, 2_000, 10_000);
        let Some(_) = ran else { continue };
        let made = site.read("root/made").unwrap_or_default().lines().count();
        assert!((50..=301).contains(&made), "{who:?}: {made} processes");
    }
}

#[test]
fn files_memory_and_descriptors_are_limited() {
    for who in everybody() {
        let site = Site::new();
        let mut policy = site.directory();
        policy.limits.file_bytes = 1 << 20;
        policy.limits.tmp_bytes = 512 << 10;
        policy.limits.memory_bytes = 256 << 20;
        policy.limits.open_files = 64;
        let script = "ulimit -n; ulimit -c
            head -c 3000000 /dev/zero > big; wc -c < big
            head -c 900000 /dev/zero > /tmp/a; wc -c < /tmp/a
            head -c 900000 /dev/zero > /dev/shm/a; wc -c < /dev/shm/a
            head -c 900000 /dev/zero > $HOME/a; wc -c < $HOME/a
            /usr/bin/python3 -c 'print(len(bytearray(400 << 20)))' 2>/dev/null || echo no memory";
        let Some(ran) = site.run(who, "full", &policy, script) else { continue };
        let lines: Vec<&str> = output(&ran).lines().filter(|line| !line.contains(' ')).collect();
        assert_eq!(lines, ["64", "0", "1048576", "524288", "524288", "524288"], "{who:?}: {ran}");
        assert!(output(&ran).contains("no memory"), "{who:?}: {ran}");
    }
}

#[test]
fn the_first_process_of_its_namespace_can_be_the_command() {
    let site = Site::new();
    let mut policy = site.directory();
    policy.is_pid_1 = true;
    let Some(ran) = site.run(everybody()[0], "full", &policy, "echo $$; exit 5") else { return };
    assert_eq!((&ran["status"], output(&ran)), (&5.into(), "1\n"));
}
