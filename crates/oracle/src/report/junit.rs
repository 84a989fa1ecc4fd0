//! JUnit XML as the tools write it: test cases counted one by one, never taken from an attribute.

use roxmltree::{Document, Node, ParsingOptions};

use super::Report;

const NODES_MAX: u32 = 2_000_000;

pub fn read(text: &str) -> Option<Report> {
    // On standard output there may be other words around it.
    let start = text.find("<?xml").or_else(|| text.find("<testsuite"))?;
    let end = ["</testsuites>", "</testsuite>"]
        .iter()
        .filter_map(|tag| text.rfind(tag).map(|at| at + tag.len()))
        .max()
        .unwrap_or(text.len());
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text.get(start..end)?, options) {
        Ok(document) => document,
        Err(error) => {
            let doubt = Some(format!("the report is no XML: {error}"));
            return Some(Report { doubt, ..Report::default() });
        }
    };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut report = Report::default();
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let name = match case.attribute("classname").filter(|class| !class.is_empty()) {
            Some(class) => format!("{class}.{}", case.attribute("name").unwrap_or_default()),
            None => case.attribute("name").unwrap_or_default().to_owned(),
        };
        let child = |names: [&str; 2]| case.children().find(|node| names.contains(&node.tag_name().name()));
        if let Some(fault) = child(["failure", "error"]) {
            failed += 1;
            // An error may mean that a whole file could not be loaded.
            if fault.has_tag_name("failure") {
                report.add_name(name.split('[').next().unwrap_or(&name));
            }
            report.add_failure(&name, &message(fault));
        } else if child(["skipped", "disabled"]).is_some() {
            skipped += 1;
            report.add_skipped(&name);
        } else {
            passed += 1;
            report.add_name(name.split('[').next().unwrap_or(&name));
        }
    }
    let counted = Report::counted(passed, failed, skipped);
    (report.counts, report.has_failed) = (counted.counts, counted.has_failed);
    // A suite that could not be loaded has an error and no test case.
    report.has_failed |= document.descendants().any(|node| {
        let says =
            |key| node.attribute(key).and_then(|value| value.parse::<u64>().ok()).is_some_and(|n| n > 0);
        node.has_tag_name("testsuite") && (says("errors") || says("failures"))
    });
    Some(report)
}

fn message(fault: Node) -> String {
    match fault.attribute("message") {
        Some(message) if !message.trim().is_empty() => message.to_owned(),
        _ => fault.text().unwrap_or_default().to_owned(),
    }
}
