//! The advice as a person reads it: the mode first, then why, what it may cost, and what to type.

use super::Advice;
use super::oracle_run::{Ended, OracleRun};
use super::prices::Range;
use super::questions::{Answer, Question};
use crate::estimate::show::dollars;
use crate::screen::table::{Column, Table};
use crate::screen::{Line, Tone, text};

/// Wider lines are hard to read.
const COLUMNS_MAX: usize = 100;
/// Evidence shown of one question.
const EVIDENCE_MAX: usize = 3;
const FINDINGS_MAX: usize = 8;
/// What the whole table of prices needs.
const PRICES_COLUMNS: usize = 66;

pub fn lines(advice: &Advice, columns: usize) -> Vec<Line> {
    let page = Page { columns: columns.min(COLUMNS_MAX) };
    let mut lines = page.head(advice);
    lines.push(Line::new());
    lines.extend(page.questions(advice));
    lines.push(Line::new());
    lines.extend(page.checks(advice));
    lines.push(Line::new());
    lines.extend(page.prices(advice));
    lines.push(Line::new());
    lines.extend(page.next(advice));
    lines
}

struct Page {
    columns: usize,
}

impl Page {
    fn head(&self, advice: &Advice) -> Vec<Line> {
        let decision = &advice.decision;
        let mut lines = Vec::new();
        if !advice.questions.oracle.is_yes() {
            let says = match advice.questions.oracle.answer {
                Answer::Unclear => "No sure oracle: it is unclear what would say that the work is right.",
                Answer::Yes | Answer::No => "No oracle: nothing but a person can say that the work is right.",
            };
            lines.extend(self.wrap(Tone::Warn, "", says));
        }
        lines.push(Line::of(Tone::Plain, "Mode: ").and(Tone::Strong, decision.mode.name()));
        for text in &decision.reasons {
            lines.extend(self.wrap(Tone::Plain, "  ", text));
        }
        if let Some(against) = &decision.against {
            lines.extend(self.wrap(Tone::Warn, "  ", against));
        }
        if !decision.make_an_oracle.is_empty() {
            lines.push(Line::new());
            lines.push(Line::of(Tone::Strong, "To make an oracle"));
        }
        for text in &decision.make_an_oracle {
            lines.extend(self.wrap(Tone::Plain, "  - ", text));
        }
        lines
    }

    fn questions(&self, advice: &Advice) -> Vec<Line> {
        let questions = &advice.questions;
        let asked: [(&str, &Question); 3] = [
            ("Is there an objective oracle?", &questions.oracle),
            ("Is there large fan-out?", &questions.fan_out),
            ("Must the plan adapt as it runs?", &questions.adapt),
        ];
        let mut lines = Vec::new();
        for (title, question) in asked {
            let (tone, answer) = match question.answer {
                Answer::Yes => (Tone::Good, "yes"),
                Answer::No => (Tone::Bad, "no"),
                Answer::Unclear => (Tone::Warn, "unclear"),
            };
            lines.push(Line::of(Tone::Strong, title).and(Tone::Plain, " ").and(tone, answer));
            for one in question.evidence.iter().take(EVIDENCE_MAX) {
                let weight = if one.weight == 0 { "   ".into() } else { format!("{:+} ", one.weight) };
                lines.extend(self.wrap(Tone::Plain, &format!("  {weight:>3}"), &one.says));
            }
            if question.evidence.is_empty() {
                lines.extend(self.wrap(Tone::Dim, "     ", "the task says nothing about it"));
            }
        }
        lines
    }

    fn checks(&self, advice: &Advice) -> Vec<Line> {
        let mut lines = vec![Line::of(Tone::Strong, "Checks found")];
        if advice.repository.findings.is_empty() {
            lines.extend(self.wrap(Tone::Plain, "  ", &format!("none in {}", advice.repository.root)));
        }
        let mut table = Table::new([Column::left(""), Column::left(""), Column::left("")]);
        for finding in advice.repository.findings.iter().take(FINDINGS_MAX) {
            let place = match finding.directory.as_str() {
                "." => finding.why.clone(),
                directory => format!("{directory}: {}", finding.why),
            };
            let place = if finding.in_ci { format!("{place} (CI runs it)") } else { place };
            table.row([
                (Tone::Plain, format!("  {}", finding.kind.name())),
                (Tone::Accent, finding.command.clone()),
                (Tone::Dim, place),
            ]);
        }
        lines.extend(table.lines(self.columns));
        let more = advice.repository.findings.len().saturating_sub(FINDINGS_MAX);
        if more > 0 {
            lines.push(Line::of(Tone::Dim, &format!("  and {more} more: --json lists them")));
        }
        if let Some(run) = &advice.oracle_run {
            lines.extend(self.run(run));
        }
        lines
    }

    fn run(&self, run: &OracleRun) -> Vec<Line> {
        let (tone, ended) = match run.ended {
            Ended::Passed => (Tone::Good, "passed"),
            Ended::Failed => (Tone::Bad, "failed"),
            Ended::NotFound => (Tone::Bad, "cannot be run"),
            Ended::TimedOut => (Tone::Bad, "did not end in time"),
        };
        let says = format!("`{}` {ended} after {}", run.command, text::duration(run.duration_ms));
        let mut lines = self.wrap(tone, "  ", &says);
        if !run.summary.is_empty() {
            lines.extend(self.wrap(Tone::Dim, "    ", &run.summary));
        }
        lines
    }

    fn prices(&self, advice: &Advice) -> Vec<Line> {
        let prices = &advice.prices;
        let priced = prices.modes.iter().any(|mode| mode.usd_micros.is_some());
        let title = match &prices.model {
            Some(model) if priced => format!("What it may cost on {model}"),
            Some(model) => format!("What it may take (the price of {model} is not known)"),
            None => "What it may take (no model is named)".into(),
        };
        let mut lines = self.wrap(Tone::Strong, "", &title);
        let mut table = Table::new([
            Column::left(""),
            Column::right("agents"),
            Column::right("tokens"),
            Column::right("dollars"),
        ]);
        // A column without content is left out: of a narrow screen all but what it comes to.
        let has_room = self.columns >= PRICES_COLUMNS;
        for mode in &prices.modes {
            let is_it = mode.mode == advice.decision.mode;
            let tone = if is_it { Tone::Strong } else { Tone::Plain };
            let tokens = Range {
                low: mode.input_tokens.low + mode.output_tokens.low,
                high: mode.input_tokens.high.saturating_add(mode.output_tokens.high),
            };
            table.row([
                (tone, format!("{} {}", if is_it { "›" } else { " " }, mode.mode.name())),
                (tone, if has_room { span(mode.agents, text::count) } else { String::new() }),
                (tone, if has_room || !priced { span(tokens, text::count) } else { String::new() }),
                (tone, mode.usd_micros.map(|usd| span(usd, dollars)).unwrap_or_default()),
            ]);
        }
        lines.extend(table.lines(self.columns));
        lines.extend(self.wrap(Tone::Dim, "  ", &prices.assumed));
        lines
    }

    fn next(&self, advice: &Advice) -> Vec<Line> {
        let next = &advice.next;
        let mut lines = vec![Line::of(Tone::Strong, "Next: ").and(Tone::Strong, advice.decision.mode.name())];
        if !next.note.is_empty() {
            lines.extend(self.wrap(Tone::Plain, "  ", &next.note));
        }
        // What is to be typed is not broken.
        lines.extend(next.commands.iter().map(|command| Line::of(Tone::Accent, &format!("  {command}"))));
        lines
    }

    /// `says` after `lead`, its further lines as far in.
    fn wrap(&self, tone: Tone, lead: &str, says: &str) -> Vec<Line> {
        let says = text::clean(says);
        let room = self.columns.saturating_sub(lead.len()).max(16);
        let mut rows: Vec<String> = vec![String::new()];
        for word in says.split(' ') {
            let row = rows.last_mut().expect("there is one from the start");
            if row.is_empty() {
                row.push_str(word);
            } else if text::width(row) + 1 + text::width(word) <= room {
                row.push(' ');
                row.push_str(word);
            } else {
                rows.push(word.to_owned());
            }
        }
        let blank = " ".repeat(lead.len());
        let starts = std::iter::once(lead).chain(std::iter::repeat(blank.as_str()));
        rows.iter().zip(starts).map(|(row, start)| Line::of(Tone::Plain, start).and(tone, row)).collect()
    }
}

fn span(range: Range, show: impl Fn(u64) -> String) -> String {
    let (low, high) = (show(range.low), show(range.high));
    if low == high { low } else { format!("{low} - {high}") }
}
