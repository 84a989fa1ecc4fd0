//! Ways to have other tests run than those that are protected, past whoever looks at them only after a check.

mod world;

use fanfold_core::Judgement;
use fanfold_oracle::{Court, OracleSpec, Surroundings};
use fanfold_workspace::{Kind, Workspaces};
use serde_json::{Value, json};
use world::{LIB, TESTS, World, as_a_plain_user, block_on, judge, plain, tools};

/// A build step that loads the work, and then the tests in a process of their own.
const TWO_STEPS: &str = "python3 -B -c 'import lib' && python3 -B -m unittest discover -s tests -v";
const FAKES: &str = "import unittest\nclass Add(unittest.TestCase):\n    def test_small(self): pass\n    \
    def test_none(self): pass\n    def test_negative(self): pass\n";

fn is_held(kind: Kind, attack: &str) {
    let judgement = judged(kind, &json!(TWO_STEPS), attack);
    assert_eq!(judgement.passed, Some(false), "{judgement:?}");
}

/// The work is wrong, and does this when it is loaded. It fools whoever runs the two steps without care.
fn judged(kind: Kind, oracle: &Value, attack: &str) -> Judgement {
    judged_in_steps(TWO_STEPS, kind, oracle, attack)
}

fn judged_in_steps(steps: &str, kind: Kind, oracle: &Value, attack: &str) -> Judgement {
    let world = World::new(&[("lib.py", LIB), ("tests/test_lib.py", TESTS)]);
    let lib = format!("{LIB}\nFAKES = {FAKES:?}\nimport os, sys, shutil, atexit\n{attack}\n");

    let beside = world.dir.path().join("plain");
    std::fs::create_dir_all(beside.join("tests")).expect("a folder");
    std::fs::write(beside.join("lib.py"), &lib).expect("written");
    std::fs::write(beside.join("tests/test_lib.py"), TESTS).expect("written");
    assert!(plain(&beside, steps, &[]).status.success(), "void: it fools no plain run");

    let spec = OracleSpec::from_json(oracle).expect("good");
    let tools = tools();
    let env = vec![("PATH".to_owned(), tools.path)];
    let surroundings = Surroundings { read: tools.read, env, ..Surroundings::default() };
    let workspaces = Workspaces::new(world.repo().clone(), kind);
    let court = Court::new(Some(spec), workspaces, world.sandbox.clone(), surroundings);
    block_on(judge(&court, &world.patch(&[("lib.py", Some(&lib))])))
}

#[test]
fn a_folder_of_tests_is_not_removed_and_made_again() {
    is_held(
        Kind::Overlay,
        "
if os.path.isfile('tests/test_lib.py'):
    shutil.rmtree('tests')
    os.makedirs('tests/test_lib')
    open('tests/test_lib/__init__.py', 'w').write(FAKES)",
    );
}

#[test]
fn tests_are_not_written_where_nobody_may_look_afterwards() {
    as_a_plain_user("tests_are_not_written_where_nobody_may_look_afterwards", || {
        is_held(
            Kind::Overlay,
            "
if 'unittest' not in ' '.join(sys.orig_argv):
    open('tests/test_lib.py', 'w').write('import lib\\n' + FAKES)
else:
    atexit.register(lambda: os.chmod('tests', 0))",
        );
    });
}

#[test]
fn a_folder_of_tests_is_not_moved_away_and_back() {
    is_held(
        Kind::Worktree,
        "
if 'unittest' not in ' '.join(sys.orig_argv):
    os.rename('tests', 'tests2')
    os.mkdir('tests')
    open('tests/test_lib.py', 'w').write('import lib\\n' + FAKES)
else:
    def back():
        shutil.rmtree('tests')
        os.rename('tests2', 'tests')
    atexit.register(back)",
    );
}

/// Left by the first step, for the second.
const COMPILED: &str = "
import py_compile
if 'unittest' not in ' '.join(sys.orig_argv):
    open('fakes.txt', 'w').write('import lib\\n' + FAKES)
    place = 'tests/__pycache__/test_lib.' + sys.implementation.cache_tag + '.pyc'
    os.makedirs('tests/__pycache__', exist_ok=True)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile('fakes.txt', cfile=place, dfile='tests/test_lib.py', invalidation_mode=unchecked)";

#[test]
fn a_compiled_file_is_not_taken_for_the_test_beside_it() {
    is_held(Kind::Overlay, COMPILED);
}

#[test]
fn what_one_check_leaves_is_not_there_for_the_next_one() {
    // Python takes no word from the environment where it is told so.
    let steps = TWO_STEPS.replace("python3 -B", "python3 -E -B");
    let checks: Vec<_> = steps.split(" && ").zip(["build", "tests"]).collect();
    let checks = checks.iter().map(|(command, name)| json!({"name": name, "command": command}));
    let oracle = json!({"checks": checks.collect::<Vec<_>>()});
    let judgement = judged_in_steps(&steps, Kind::Overlay, &oracle, COMPILED);
    let passed: Vec<_> = judgement.checks.iter().map(|check| check.passed).collect();
    assert_eq!(passed, [true, false], "{judgement:?}");
}

#[test]
fn an_empty_module_that_shadows_the_one_of_the_tests_is_named() {
    for kind in [Kind::Overlay, Kind::Worktree] {
        let oracle = json!({"command": TWO_STEPS, "parse": "exit"});
        let judgement = judged(kind, &oracle, "open('unittest.py', 'w').close()");
        assert_eq!(judgement.tampered, ["unittest.py (while it ran)"]);
        assert_eq!(judgement.passed, Some(false), "{judgement:?}");
    }
}
