//! Which changed lines no test reached: real reports of real little runs, against real patches.

mod world;

use fanfold_core::Judgement;
use serde_json::json;
use world::{World, block_on, judge, write};

/// Runs the suite of `tests` while it counts the lines of `lib.py` and `src/` that are run, and writes LCOV.
const MEASURE: &str = r#"
import ast, glob, os, sys, unittest

here = os.getcwd()
hits = {}

def trace(frame, event, _):
    path = frame.f_code.co_filename
    if event == 'line' and path.startswith(here) and '/tests/' not in path:
        lines = hits.setdefault(path, {})
        lines[frame.f_lineno] = lines.get(frame.f_lineno, 0) + 1
    return trace

suite = unittest.TestLoader()
sys.settrace(trace)
result = unittest.TextTestRunner(verbosity=2).run(suite.discover('tests', top_level_dir='.'))
sys.settrace(None)
with open('lcov.info', 'w') as out:
    for path, lines in sorted(hits.items()):
        code = {node.lineno for node in ast.walk(ast.parse(open(path).read())) if isinstance(node, ast.stmt)}
        name = path if os.environ.get('ABSOLUTE') else os.path.relpath(path, here)
        out.write(f'TN:\nSF:{name}\n')
        for line in sorted(code):
            out.write(f'DA:{line},{lines.get(line, 0)}\n')
        out.write('end_of_record\n')
sys.exit(not result.wasSuccessful())
"#;

const TEST: &str = "import unittest, lib\n\n\nclass Lib(unittest.TestCase):\n    \
    def test_more(self):\n        self.assertEqual(lib.pick(1), 'more')\n";

const LIB: &str = "def pick(n):\n    return 'more'\n\n\ndef old():\n    return 1\n";
const WORK: &str = "def pick(n):\n    if n > 0:\n        return 'more'\n    n = -n\n    return str(n)\n\n\n\
    def old():\n    return 1\n";

fn world(within: &str) -> World {
    let at = |path: &str| format!("{within}{path}");
    let files = [
        (at("lib.py"), LIB),
        (at("tests/__init__.py"), ""),
        (at("tests/test_lib.py"), TEST),
        (at("run.py"), MEASURE),
    ];
    World::new(&files.each_ref().map(|(path, text)| (path.as_str(), *text)))
}

fn judged(world: &World, oracle: serde_json::Value, edits: &[(&str, Option<&str>)]) -> Judgement {
    let patch = world.patch(edits);
    block_on(judge(&world.court(oracle), &patch))
}

#[test]
fn changed_lines_that_no_test_reached_are_named() {
    let world = world("");
    for command in ["python3 run.py", "ABSOLUTE=1 python3 run.py"] {
        let oracle = json!({"command": command, "coverage": "lcov.info", "parse": "unittest"});
        let work = [("lib.py", Some(WORK)), ("src/b.py", Some("x = 1\n")), ("NOTES.md", Some("b\n"))];
        let judged = judged(&world, oracle, &work);
        assert_eq!(judged.passed, Some(true), "{judged:?}");
        // `old` was not reached either, and nobody changed it.
        assert_eq!(
            judged.uncovered,
            [
                "lib.py: lines 4-5 were changed and not reached by a test",
                "src/b.py: not in the coverage report"
            ],
            "{command}"
        );
    }
}

#[test]
fn work_that_tests_reach_has_nothing_to_tell_and_work_that_fails_neither() {
    let world = world("");
    let oracle = json!({"command": "python3 run.py", "coverage": "lcov.info", "parse": "unittest"});
    let good = judged(&world, oracle.clone(), &[("lib.py", Some(&LIB.replace("'more'", "'mo' + 're'")))]);
    assert_eq!((good.passed, good.uncovered.len()), (Some(true), 0), "{good:?}");
    let bad = judged(&world, oracle, &[("lib.py", Some(&WORK.replace("'more'", "'less'")))]);
    assert_eq!((bad.passed, bad.uncovered.len()), (Some(false), 0), "{bad:?}");
}

#[test]
fn a_report_of_the_patch_s_own_is_none() {
    let world = world("");
    let all = "SF:lib.py\nDA:4,1\nDA:5,1\nend_of_record\n";
    let oracle = json!({"command": "python3 -m unittest -v tests.test_lib", "coverage": "lcov.info"});
    let judged = judged(&world, oracle, &[("lib.py", Some(WORK)), ("lcov.info", Some(all))]);
    assert_eq!(judged.passed, Some(true), "{judged:?}");
    assert_eq!(
        judged.uncovered,
        [
            "python3 -m unittest -v tests.test_lib: no coverage report in lcov.info",
            "no coverage was measured: tests may not reach the changed lines"
        ]
    );
}

#[test]
fn names_are_relative_to_the_folder_of_the_check() {
    let world = world("web/app/");
    // Another one of the same name, that the check has nothing to do with.
    write(&world.project, &[("lib.py", "")]);
    let oracle = json!({
        "command": "python3 run.py", "cwd": "web/app", "coverage": "web/app/*.info", "parse": "unittest",
    });
    let work = [("web/app/lib.py", Some(WORK)), ("lib.py", Some(WORK))];
    let judged = judged(&world, oracle, &work);
    assert_eq!(judged.passed, Some(true), "{judged:?}");
    assert_eq!(
        judged.uncovered,
        [
            "lib.py: not in the coverage report",
            "web/app/lib.py: lines 4-5 were changed and not reached by a test"
        ]
    );
}
