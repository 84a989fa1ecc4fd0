//! A few seconds of what `examples/fuzz` does for as long as one likes. A finding of it becomes a seed here.

#[path = "../examples/fuzz/case.rs"]
mod case;
#[path = "../examples/fuzz/dice.rs"]
mod dice;
#[path = "../examples/fuzz/grammar.rs"]
mod grammar;
#[path = "../examples/fuzz/mutate.rs"]
mod mutate;

use std::collections::HashSet;
use std::path::Path;

use fanfold_script::host::THREAD_STACK_BYTES;
use fanfold_script::parse::parse;

use crate::case::Ended;
use crate::dice::Dice;

/// The examples of this repository, for the mutations.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("they are shipped").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "js"));
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("readable")).collect()
}

fn run(seeds: std::ops::Range<u64>) -> Vec<Ended> {
    let corpus = corpus();
    assert!(!corpus.is_empty());
    let work = move || {
        let one = |seed| {
            // A case that fails says which it was.
            let guard = Told(seed);
            let ended = case::run(seed, &corpus, || None);
            std::mem::forget(guard);
            ended
        };
        seeds.map(one).collect()
    };
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn(work);
    thread.expect("a thread").join().expect("no case breaks a promise")
}

#[test]
fn made_and_changed_scripts_are_refused_or_run_and_do_no_harm() {
    let ends = run(0..600);
    // All ways to end occur: else the generator has lost its bite.
    for wanted in ["Refused", "Returned", "Failed(Thrown)", "Dropped"] {
        let count = ends.iter().filter(|end| format!("{end:?}") == wanted).count();
        assert!(count > 5, "{wanted}: {count} of {}", ends.len());
    }
}

#[test]
fn most_scripts_of_the_grammar_are_whole() {
    let is_whole = |seed: &u64| {
        let typescript = seed.is_multiple_of(2);
        let script = grammar::script(&mut Dice::new(*seed), typescript);
        parse(&script, if typescript { "w.ts" } else { "w.js" }).is_ok()
    };
    let whole = (0..200).filter(is_whole).count();
    assert!(whole > 120, "{whole} of 200");
}

#[test]
fn a_seed_is_a_case_and_another_seed_another_one() {
    let corpus = corpus();
    let texts: HashSet<String> = (0..300).map(|seed| case::text(seed, &corpus).0).collect();
    assert!(texts.len() > 295, "{}", texts.len());
    assert_eq!(case::text(7, &corpus), case::text(7, &corpus));
}

struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "the case of seed {}", self.0);
    }
}
