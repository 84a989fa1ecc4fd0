//! What a confined command costs.

use std::fs;

use crate::support::{Site, everybody, json, said, unless_missing};

/// Of 16 at once the same as of one: CPU time is what counts.
const CPU_MS_MAX: f64 = 60.0;

/// Prints the figures: `cargo nextest run -p fanfold-sandbox --no-capture figures`.
#[test]
#[expect(clippy::print_stderr, reason = "the figures")]
fn a_command_over_an_overlay_of_5000_files_is_cheap() {
    let site = Site::new();
    for dir in 0..100 {
        let dir = site.make(&format!("lower/{dir}"));
        for file in 0..50 {
            fs::write(dir.join(file.to_string()), "some text").expect("written");
        }
    }
    for protected in [0, 64] {
        let mut policy = site.overlay();
        policy.protected = (0..protected).map(|nth| format!("{nth}/{nth}").into()).collect();
        for nth in 0..protected {
            site.write(&format!("lower/{nth}/{nth}"), "a test");
        }
        let mut driver = site.driver(everybody()[0]);
        let cost = said(driver.args(["cost", "50", &json(&policy)]));
        let Some(cost) = unless_missing(cost) else { return };
        eprintln!("{protected} protected files: {cost}");
        assert!(cost["cpu_ms"].as_f64().expect("a number") < CPU_MS_MAX, "{cost}");
    }
}
