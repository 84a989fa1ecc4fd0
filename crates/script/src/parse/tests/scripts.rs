//! Scripts as people and models write them: parsed without a word, and compiled by the engine.

use std::collections::BTreeSet;

use super::*;

#[track_caller]
fn check_script(source: &str, file: &str) -> Script {
    let told = told(source, file);
    assert!(told.is_empty(), "{told:#?}");
    let script = parse(source, file).expect("it was just parsed");
    super::engine::assert_compiles(&script.body);
    assert_eq!(script.body.len(), source.len());
    script
}

#[test]
fn a_review_with_a_fan_out_and_a_second_opinion_passes() {
    let script = check_script(include_str!("scripts/review.js"), "review.js");
    assert_eq!(script.meta.phases.len(), 3);
    let body = script.body.replacen("//", "#!", 1).replacen("       const", "export const", 1);
    assert_eq!(body, include_str!("scripts/review.js"));
}

#[test]
fn a_migration_with_every_modern_piece_of_syntax_passes() {
    let script = check_script(include_str!("scripts/migrate.js"), "migrate.mjs");
    assert_eq!(script.meta.limits.agents, Some(200));
}

#[test]
fn a_typed_research_workflow_passes_and_keeps_every_token_in_place() {
    let source = include_str!("scripts/research.ts");
    let script = check_script(source, "research.ts");
    for word in ["meta", "queue", "rank", "summary", "seen", "digest", "unanswered", "worthRepeating"] {
        let places = |text: &str| -> BTreeSet<usize> {
            text.match_indices(word)
                .map(|(at, _)| at)
                .filter(|at| script.body[*at..].starts_with(word))
                .collect()
        };
        assert!(!places(&script.body).is_empty(), "{word}");
        assert_eq!(places(&script.body), places(source), "{word}");
    }
    for gone in ["interface", "declare", "Finding[]", "string", "readonly"] {
        assert!(!script.body.contains(gone), "{gone} in {}", script.body);
    }
}

#[test]
fn a_script_of_three_thousand_lines_is_checked_in_no_time() {
    let unit = include_str!("scripts/review.js").split_once("\n\n").expect("a body behind meta").1;
    let mut source = META.to_owned();
    while source.lines().count() < 3_000 {
        source += &format!("await (async () => {{\n{unit}\n}})()\n");
    }
    let started = std::time::Instant::now();
    assert!(told(&source, "a.js").is_empty());
    // Unoptimised and beside other tests: a hundred times what it takes when optimised.
    assert!(started.elapsed().as_millis() < 3_000, "{:?}", started.elapsed());
}

#[test]
fn a_script_cut_anywhere_never_crashes_the_parser_or_the_frame() {
    for (source, file) in
        [(include_str!("scripts/research.ts"), "a.ts"), (include_str!("scripts/migrate.js"), "a.js")]
    {
        for cut in (0..source.len()).step_by(7).filter(|cut| source.is_char_boundary(*cut)) {
            let diagnostics = match parse(&source[..cut], file) {
                Ok(script) => script.warnings,
                Err(errors) => errors,
            };
            let frames = crate::frame::render(&diagnostics, file, &source[..cut], false);
            assert!(!frames.contains("crashed"), "cut at {cut}: {frames}");
        }
    }
}
