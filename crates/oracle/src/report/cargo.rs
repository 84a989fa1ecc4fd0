//! `cargo test`: one summary a test binary, beneath cargo's own line that says which one it starts.

use std::collections::BTreeMap;

use super::{Report, leaf, number_before};

/// One test binary, or one batch of doc tests.
#[derive(Default)]
struct Section<'a> {
    /// `running 3 tests`: what the harness set out to do.
    announced: Option<u64>,
    summary: Option<&'a str>,
}

pub fn read(text: &str) -> Option<Report> {
    let mut sections: Vec<Section> = Vec::new();
    // Beneath cargo's line for a binary the harness announces once: a second time is a test's own print.
    let mut is_one_binary = false;
    for line in text.lines() {
        if line.starts_with("     Running ") || line.starts_with("   Doc-tests ") {
            is_one_binary = line.starts_with("     Running ");
            sections.push(Section::default());
        } else if let Some(number) = announced(line) {
            match sections.last_mut() {
                Some(section) if section.announced.is_none() => section.announced = Some(number),
                Some(_) if is_one_binary => {}
                _ => sections.push(Section { announced: Some(number), summary: None }),
            }
        } else if let Some(summary) = line.strip_prefix("test result: ") {
            match sections.last_mut() {
                Some(section) => section.summary = Some(summary),
                None => sections.push(Section { announced: None, summary: Some(summary) }),
            }
        }
    }
    sections.retain(|section| section.announced.is_some() || section.summary.is_some());
    if sections.is_empty() {
        return None;
    }
    let mut report =
        sections.iter().fold(Report::counted(0, 0, 0), |sum, section| super::sum([sum, section.report()]));
    name_tests(text, &mut report);
    Some(report)
}

fn announced(line: &str) -> Option<u64> {
    let number = line.strip_prefix("running ")?;
    number.strip_suffix(" tests").or_else(|| number.strip_suffix(" test"))?.parse().ok()
}

impl Section<'_> {
    fn report(&self) -> Report {
        let Some(summary) = self.summary else {
            let mut report = Report::counted(0, 0, 0);
            report.doubt = Some("a test binary ended without its summary".into());
            return report;
        };
        let passed = number_before(summary, "passed") + number_before(summary, "measured");
        let (failed, ignored) = (number_before(summary, "failed"), number_before(summary, "ignored"));
        let mut report = Report::counted(passed, failed, ignored);
        report.has_failed |= !summary.starts_with("ok. ");
        let counted = passed.saturating_add(failed).saturating_add(ignored);
        if self.announced != Some(counted) {
            let announced = self.announced.map_or("none".into(), |number| number.to_string());
            report.doubt = Some(format!("a summary counts {counted} tests where {announced} were started"));
        }
        report
    }
}

fn name_tests(text: &str, report: &mut Report) {
    let messages = messages(text);
    for line in text.lines() {
        let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
        else {
            continue;
        };
        if !outcome.starts_with("ignored") {
            // A doc test: `src/lib.rs - module::item (line 3)`.
            let item = name.split(" (line ").next().unwrap_or(name).rsplit(" - ").next();
            report.add_name(leaf(item.unwrap_or(name)));
        }
        if outcome == "FAILED" || outcome.starts_with("FAILED ") {
            report.add_failure(name, messages.get(name).map_or("", String::as_str));
        } else if outcome.starts_with("ignored") {
            report.add_skipped(name);
        }
    }
    if report.failures.is_empty() {
        for (name, message) in messages {
            report.add_failure(name, &message);
        }
    }
}

/// `---- NAME stdout ----` and what follows, up to the next of them or the list of names.
fn messages(text: &str) -> BTreeMap<&str, String> {
    let mut messages: BTreeMap<&str, String> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        let head = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" ----"));
        if let Some(name) = head.and_then(|head| head.strip_suffix(" stdout")) {
            current = Some(name);
        } else if line == "failures:" || line.starts_with("test result: ") {
            current = None;
        } else if let Some(name) = current
            && !line.starts_with("stack backtrace:")
            && !line.starts_with("note: ")
        {
            let message = messages.entry(name).or_default();
            if message.len() < super::MESSAGE_CHARS_MAX {
                message.push_str(line);
                message.push('\n');
            }
        }
    }
    messages
}
