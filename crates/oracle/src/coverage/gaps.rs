//! Changed lines that no test reached, in sentences for a person.

use std::collections::{BTreeMap, BTreeSet};

use super::Lines;
use crate::protect::is_test;

const FILES_MAX: usize = 20;
const RANGES_MAX: usize = 10;

/// Files that a coverage tool of any language could know. Of others nobody expects to be reached by a test.
const CODE: [&str; 40] = [
    "rs", "py", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "go", "java", "kt",
    "kts", "scala", "groovy", "clj", "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "m", "mm", "swift", "cs",
    "fs", "vb", "php", "rb", "ex", "exs", "erl", "lua", "pl", "dart",
];

/// `src/a.rs: lines 3-5, 9 were changed and not reached by a test`, a file each.
pub fn gaps(changed: &BTreeMap<String, BTreeSet<u32>>, known: &BTreeMap<String, Lines>) -> Vec<String> {
    let mut told: Vec<String> =
        changed.iter().filter_map(|(path, lines)| gap(path, lines, known.get(path))).collect();
    if told.len() > FILES_MAX {
        let more = told.len() - FILES_MAX;
        told.truncate(FILES_MAX);
        told.push(format!("{more} more files with changed lines that no test is known to reach"));
    }
    told
}

fn gap(path: &str, changed: &BTreeSet<u32>, known: Option<&Lines>) -> Option<String> {
    let Some(known) = known else {
        let is_code = path.rsplit_once('.').is_some_and(|(_, end)| CODE.contains(&end));
        return (is_code && !is_test(path)).then(|| format!("{path}: not in the coverage report"));
    };
    let unreached: Vec<u32> =
        changed.iter().filter(|line| known.get(line) == Some(&false)).copied().collect();
    match unreached.as_slice() {
        [] => None,
        [line] => Some(format!("{path}: line {line} was changed and not reached by a test")),
        lines => Some(format!("{path}: lines {} were changed and not reached by a test", ranges(lines))),
    }
}

/// `3-5, 9` of ascending numbers.
fn ranges(lines: &[u32]) -> String {
    let runs: Vec<&[u32]> = lines.chunk_by(|a, b| a + 1 == *b).collect();
    let shown = runs.iter().take(RANGES_MAX).map(|run| match run {
        [first, .., last] => format!("{first}-{last}"),
        run => run[0].to_string(),
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    let more: usize = runs.iter().skip(RANGES_MAX).map(|run| run.len()).sum();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(changed: &[(&str, &[u32])], known: &[(&str, &[(u32, bool)])]) -> Vec<String> {
        let changed =
            changed.iter().map(|(path, lines)| ((*path).to_owned(), lines.iter().copied().collect()));
        let known = known.iter().map(|(path, lines)| ((*path).to_owned(), lines.iter().copied().collect()));
        gaps(&changed.collect(), &known.collect())
    }

    #[test]
    fn only_changed_lines_that_could_be_reached_and_were_not_are_told() {
        let known: [(&str, &[(u32, bool)]); 2] = [
            ("src/a.rs", &[(2, false), (3, false), (4, false), (5, false), (7, true), (9, false)]),
            ("src/b.rs", &[(1, true), (2, false)]),
        ];
        let changed: [(&str, &[u32]); 2] = [("src/a.rs", &[3, 4, 5, 6, 7, 9]), ("src/b.rs", &[1])];
        assert_eq!(told(&changed, &known), ["src/a.rs: lines 3-5, 9 were changed and not reached by a test"]);
        assert_eq!(
            told(&[("src/b.rs", &[2])], &known),
            ["src/b.rs: line 2 was changed and not reached by a test"]
        );
    }

    #[test]
    fn code_that_the_report_does_not_know_is_named_and_prose_and_tests_are_not() {
        let changed: [(&str, &[u32]); 4] =
            [("README.md", &[1]), ("src/b.py", &[1]), ("tests/test_b.py", &[1]), ("Makefile", &[1])];
        assert_eq!(told(&changed, &[]), ["src/b.py: not in the coverage report"]);
    }

    #[test]
    fn what_is_told_is_bounded() {
        let scattered: Vec<(u32, bool)> = (0..1_000).map(|nth| (nth * 2, false)).collect();
        let lines: Vec<u32> = scattered.iter().map(|(line, _)| *line).collect();
        let one = told(&[("a.rs", &lines)], &[("a.rs", &scattered)]);
        assert_eq!(
            one,
            [
                "a.rs: lines 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 990 more were changed and not reached by a test"
            ]
        );
        let names: Vec<String> = (0..50).map(|nth| format!("{nth}.rs")).collect();
        let many: Vec<(&str, &[u32])> = names.iter().map(|name| (name.as_str(), &[1][..])).collect();
        let many = told(&many, &[]);
        assert_eq!(many.len(), FILES_MAX + 1);
        assert_eq!(many[FILES_MAX], "30 more files with changed lines that no test is known to reach");
    }
}
