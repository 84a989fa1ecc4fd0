//! Estimates as a person reads them. Here, and nowhere before, dollars become decimals.

use super::{Amounts, DryRun, Elsewhere, Estimate, Part, Range};
use crate::history::{Fact, Held, Span};
use crate::screen::table::{Column, Table};
use crate::screen::{Line, Tone, summary, text};

/// One row a policy; `cost` is what its agents are expected to cost, where that is known.
pub fn dry_runs(rows: &[(&DryRun, Option<u64>)], columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left("policy"),
        Column::left("outcome").at_least(9),
        Column::right("agents"),
        Column::right("peak"),
        Column::right("tokens in"),
        Column::right("cached"),
        Column::right("out"),
        Column::right("cost"),
        Column::right("makespan"),
    ]);
    for (run, cost) in rows {
        let report = &run.report;
        let (status, tone) =
            if run.is_endless { ("endless", Tone::Bad) } else { summary::status(report.status) };
        let usage = &report.usage;
        let input = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
        table.row([
            (Tone::Plain, run.policy.name().into()),
            (tone, status.into()),
            (Tone::Plain, report.agents.started.to_string()),
            (Tone::Plain, report.agents.peak_concurrency.to_string()),
            (Tone::Plain, text::count(input)),
            (Tone::Plain, text::count(usage.cache_read_tokens)),
            (Tone::Plain, text::count(usage.output_tokens)),
            (Tone::Plain, cost.map(dollars).unwrap_or_default()),
            (Tone::Plain, text::duration(report.duration_ms)),
        ]);
    }
    table.lines(columns)
}

/// The ranges, by phase and by model, and how they were reached.
pub fn estimate(estimate: &Estimate, columns: usize) -> Vec<Line> {
    let mut lines = ranges(estimate, columns);
    if estimate.phases.len() > 1 {
        lines.push(Line::new());
        lines.extend(parts("by phase", &estimate.phases, columns));
    }
    if estimate.models.len() > 1 {
        lines.push(Line::new());
        lines.extend(parts("by model", &estimate.models, columns));
    }
    lines.push(Line::new());
    if let Some(why) = &estimate.unbounded {
        lines.extend(wrapped(Tone::Warn, "warning: ", why, columns));
    }
    for sentence in &estimate.basis {
        lines.extend(wrapped(Tone::Dim, "- ", sentence, columns));
    }
    lines
}

fn ranges(estimate: &Estimate, columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left("estimate"),
        Column::right("low"),
        Column::right("expected"),
        Column::right("high"),
    ]);
    let Amounts { agents, input_tokens, cached_tokens, output_tokens, usd_micros } = estimate.amounts;
    let mut row = |name: &str, range: Range, show: fn(u64) -> String| {
        let high = range.high.map_or_else(|| "no end".into(), show);
        let cells = [name.to_owned(), show(range.low), show(range.expected), high];
        table.row(cells.map(|cell| (Tone::Plain, cell)));
    };
    row("agents", agents, text::count);
    row("tokens in", input_tokens, text::count);
    row("  from the cache", cached_tokens, text::count);
    row("tokens out", output_tokens, text::count);
    if let Some(usd_micros) = usd_micros {
        row("cost", usd_micros, dollars);
    }
    row("makespan", estimate.makespan_ms, text::duration);
    table.lines(columns)
}

fn parts(title: &'static str, parts: &[Part], columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left(title),
        Column::right("agents"),
        Column::right("tokens in"),
        Column::right("out"),
        Column::right("cost"),
    ]);
    for Part { name, amounts } in parts {
        let name = match (name.is_empty(), title) {
            (false, _) => name.clone(),
            (true, "by phase") => "(no phase)".into(),
            (true, _) => "(no model)".into(),
        };
        let cells = [
            name,
            counts(amounts.agents),
            counts(amounts.input_tokens),
            counts(amounts.output_tokens),
            amounts.usd_micros.map(dollar_range).unwrap_or_default(),
        ];
        table.row(cells.map(|cell| (Tone::Plain, cell)));
    }
    table.lines(columns)
}

/// The same tokens on other models.
pub fn elsewhere(rows: &[Elsewhere], columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left("on"),
        Column::right("expected"),
        Column::right("range"),
        Column::right("without a cache"),
    ]);
    let mut unknown = Vec::new();
    for Elsewhere { model, usd_micros, uncached_usd_micros } in rows {
        let (Some(cached), Some(uncached)) = (usd_micros, uncached_usd_micros) else {
            unknown.push(model);
            continue;
        };
        let cells =
            [model.clone(), dollars(cached.expected), dollar_range(*cached), dollars(uncached.expected)];
        table.row(cells.map(|cell| (Tone::Plain, cell)));
    }
    let mut lines = if table.is_empty() { Vec::new() } else { table.lines(columns) };
    for model in unknown {
        lines.extend(wrapped(Tone::Warn, "", &no_price(model), columns));
    }
    lines
}

/// What to do about a price that nobody knows.
pub fn no_price(model: &str) -> String {
    format!("no price known for {model}: set [prices.\"{model}\"] in ~/.config/fanfold/config.toml")
}

/// `estimated $0.80–2.10, spent $1.32 (inside)`; `None` where nothing had been estimated.
pub fn fact(fact: &Fact) -> Option<String> {
    let promise = fact.estimate?;
    let (said, spent) = match (promise.usd_micros, fact.usd_micros) {
        (Some(Span { least, most }), Some(spent)) => (span(least, most, dollars), dollars(spent)),
        _ => {
            let said = span(promise.tokens.least, promise.tokens.most, text::count);
            (format!("{said} tokens"), text::count(fact.tokens()))
        }
    };
    let held = match fact.held()? {
        Held::Below => "below",
        Held::Inside => "inside",
        Held::Over => "OVER",
        Held::Unfinished => "so far",
    };
    Some(format!("estimated {said}, spent {spent} ({held})"))
}

/// `$1.32`, `$0.0042`, `$12.3k`; nothing is never shown as something, nor the other way round.
pub fn dollars(micros: u64) -> String {
    let dollars = micros as f64 / 1e6;
    match micros {
        0 => "$0".into(),
        1..=99 => "<$0.0001".into(),
        100..=9_999 => format!("${dollars:.4}"),
        10_000..=999_994_999 => format!("${dollars:.2}"),
        _ => format!("${}", text::count(micros / 1_000_000)),
    }
}

pub fn dollar_range(range: Range) -> String {
    span(range.low, range.high, dollars)
}

pub fn counts(range: Range) -> String {
    span(range.low, range.high, text::count)
}

/// The sign of the currency stands once.
fn span(low: u64, high: Option<u64>, show: fn(u64) -> String) -> String {
    let low = show(low);
    match high.map(show) {
        None => format!("{low} or more"),
        Some(high) if high == low => low,
        Some(high) => format!("{low}–{}", high.strip_prefix('$').unwrap_or(&high)),
    }
}

/// `text` after `mark`, broken between words, its further lines beneath its first.
fn wrapped(tone: Tone, mark: &str, text: &str, columns: usize) -> Vec<Line> {
    let room = columns.clamp(20, 100) - mark.len();
    let mut rows: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let row = rows.last_mut().expect("never empty");
        if !row.is_empty() && text::width(row) + 1 + text::width(word) > room {
            rows.push(word.to_owned());
        } else {
            row.push_str(if row.is_empty() { "" } else { " " });
            row.push_str(word);
        }
    }
    let blank = " ".repeat(mark.len());
    let line =
        |(at, row): (usize, String)| Line::of(tone, if at == 0 { mark } else { &blank }).and(tone, &row);
    rows.into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_shown_as_exactly_as_they_matter() {
        let shown = [0, 1, 100, 4_200, 9_999, 10_000, 1_320_000, 999_990_000, 12_345_000_000].map(dollars);
        assert_eq!(
            shown,
            ["$0", "<$0.0001", "$0.0001", "$0.0042", "$0.0100", "$0.01", "$1.32", "$999.99", "$12.3k"]
        );
    }

    #[test]
    fn ranges_name_their_ends_once() {
        let range = |low, high| dollar_range(Range { low, expected: low, high });
        assert_eq!(range(800_000, Some(2_100_000)), "$0.80–2.10");
        assert_eq!(range(800_000, Some(800_000)), "$0.80");
        assert_eq!(range(800_000, None), "$0.80 or more");
        assert_eq!(counts(Range { low: 4, expected: 5, high: Some(1_200) }), "4–1.2k");
    }

    #[test]
    fn long_sentences_are_broken_beneath_their_beginning() {
        let lines = wrapped(Tone::Plain, "- ", "one two three four five six seven", 20);
        let shown = crate::screen::Style { color: false, unicode: true }.render(&lines);
        assert_eq!(shown, "- one two three four\n  five six seven\n");
    }
}
