//! What a verdict does not cover, said in words that a person can act on.

use std::collections::BTreeMap;

use fanfold_workspace::{Change, ChangeKind, RunRepo};

use crate::coverage::{self, Coverage};

const NAMED_MAX: usize = 20;
const BESIDE_NAMED_MAX: usize = 4;
const FILE_BYTES_MAX: usize = 1 << 20;
/// Where a Rust file's own tests begin.
const OWN_TESTS: &str = "#[cfg(test)]";

/// Of a diff, to see which lines changed.
const DIFF_BYTES_MAX: usize = 16 << 20;

/// Skipped tests by name, and that nobody measured which lines were reached.
pub fn name(uncovered: &mut Vec<String>, skipped: &[String]) {
    name_skipped(uncovered, skipped);
    uncovered.push("no coverage was measured: tests may not reach the changed lines".into());
}

/// The start that is judged is the last commit: a check that lies beside it is not there. `paths`: what is.
pub fn at_the_start(paths: &[String]) -> Option<String> {
    let mut named = paths.iter().take(BESIDE_NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if paths.len() > BESIDE_NAMED_MAX {
        named.push_str(&format!(" and {} more", paths.len() - BESIDE_NAMED_MAX));
    }
    (!paths.is_empty()).then(|| {
        format!(
            "there is uncommitted work ({named}): the oracle judges the last commit at the start, without it"
        )
    })
}

/// Which changed lines no test reached, as far as the checks have told. `from` and `to`: commits.
pub fn lines(repo: &RunRepo, from: &str, to: &str, told: &[Coverage]) -> Result<Vec<String>, String> {
    let changed = coverage::changed(&repo.diff(from, to, DIFF_BYTES_MAX)?);
    let (tree, mut known) = (repo.paths(to)?, BTreeMap::new());
    for coverage in told {
        coverage.add_to(&mut known, &tree);
    }
    let mut gaps = coverage::gaps(&changed.lines, &known);
    if changed.is_cut {
        gaps.push(
            "the change is too long: not all of its lines were looked for in the coverage report".into(),
        );
    }
    Ok(gaps)
}

pub fn name_skipped(uncovered: &mut Vec<String>, skipped: &[String]) {
    for name in skipped.iter().take(NAMED_MAX) {
        uncovered.push(format!("skipped: {name}"));
    }
    if skipped.len() > NAMED_MAX {
        uncovered.push(format!("skipped: {} more tests", skipped.len() - NAMED_MAX));
    }
}

/// Tests that lie in the same file as the code: no path protects them, so a person should look.
pub fn changed_tests(
    repo: &RunRepo,
    reference: &str,
    work: &str,
    changes: &[Change],
    tampered: &[String],
) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for change in changes {
        let is_code = change.path.ends_with(".rs") && !tampered.contains(&change.path);
        if !is_code || change.kind == ChangeKind::Added || found.len() >= NAMED_MAX {
            continue;
        }
        let Some(before) = repo.file(reference, &change.path, FILE_BYTES_MAX)? else { continue };
        let before = String::from_utf8_lossy(&before).into_owned();
        let Some((_, tests)) = before.split_once(OWN_TESTS) else { continue };
        let after = repo.file(work, &change.path, FILE_BYTES_MAX)?.unwrap_or_default();
        if !String::from_utf8_lossy(&after).contains(tests.trim_end()) {
            found.push(format!("{}: the tests within it were changed with the code", change.path));
        }
    }
    Ok(found)
}
