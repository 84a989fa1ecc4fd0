//! Script bodies that no host may crash, hang or bloat on.

use std::path::Path;

use fanfold_script::host::THREAD_STACK_BYTES;
use fanfold_script::protocol::{End, ScriptLimits, Start};
use rustix::time::{ClockId, clock_gettime};

use crate::session::{Session, echo, start};

/// These loop in a built-in that never asks whether it should stop: only the end of their process ends them.
const UNINTERRUPTIBLE: [&str; 5] =
    ["builtin_join", "builtin_lastindexof", "builtin_replace", "builtin_reverse", "builtin_slowsort"];

/// Harmless within the limits. All others end as failures.
const HARMLESS: [&str; 4] = ["getter_stack", "promise_resolve_chain", "proto_pollute", "recursion_catch"];

#[test]
fn hostile_scripts_are_contained_first_half() {
    assert_eq!(contained(|name| name < "m"), 26);
}

#[test]
fn hostile_scripts_are_contained_second_half() {
    assert_eq!(contained(|name| name >= "m"), 29);
}

fn contained(half: impl Fn(&str) -> bool) -> usize {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).expect("the folder of hostile scripts") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name");
        if UNINTERRUPTIBLE.contains(&name) || !half(name) {
            continue;
        }
        seen += 1;
        // The `meta` of these may stay as a constant.
        let body = std::fs::read_to_string(&path).expect("readable").replacen("export ", "       ", 1);
        let ended = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn(move || {
            let limits = ScriptLimits { slice_cpu_ms: 2_000, ..ScriptLimits::default() };
            let session = Session::run_with(&body, Start { limits, ..start() }, echo);
            (session.end, clock_gettime(ClockId::ThreadCPUTime).tv_sec)
        });
        let (end, cpu_s) = ended.expect("a thread").join().unwrap_or_else(|_| panic!("{name} panicked"));
        let returned = matches!(end, Some(End::Returned(_)));
        assert_eq!(returned, HARMLESS.contains(&name), "{name}: {end:?}");
        // Two seconds of its own, and what a built-in takes to notice.
        assert!(cpu_s < 5, "{name} computed for {cpu_s} s: {end:?}");
    }
    seen
}
