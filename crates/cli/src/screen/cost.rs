//! `fanfold cost`, and what `fanfold show` says of one run's cost.

use super::style::{Line, Tone};
use super::summary::field;
use super::table::{Column, Table};
use super::text;
use crate::cost::{
    Amount, Budgeted, By, CacheSavings, CostReport, OfCap, Part, PerResult, Row, RunCost, Spent, Vain,
    cached_percent,
};
use crate::estimate::show::dollars;

/// A terminal of fewer columns has no room for all numbers beside two names.
const ROOMY: usize = 96;

/// The report for a terminal of this many columns.
pub fn lines(report: &CostReport, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if report.simulated {
        let text = ": nothing of this was spent; it is what the models that were stood for would have cost";
        lines.push(Line::of(Tone::Warn, "SIMULATED").and(Tone::Plain, text));
    }
    if report.total.runs == 0 {
        let what = if report.simulated { "simulated runs" } else { "runs on a real model" };
        let since = if report.since.is_some() { " since then" } else { "" };
        lines.push(Line::of(Tone::Plain, &format!("no {what}{since}")));
        lines.extend(left_out(report));
        return lines;
    }
    lines.extend(table(report, columns));
    lines.push(Line::new());
    lines.extend(field("tokens", &tokens(&report.total.spent.used), Tone::Plain));
    lines.extend(field("cost", &cost(&report.total.spent.used), Tone::Strong));
    if let Some(unconfirmed) = unconfirmed(&report.total.spent.used) {
        lines.extend(field("besides", &unconfirmed, Tone::Warn));
    }
    if !report.unpriced_models.is_empty() && !report.simulated {
        let models = report.unpriced_models.join(", ");
        let hint = format!("no price of {models}: name it under [prices] in your settings");
        lines.extend(field("", &hint, Tone::Warn));
    }
    lines.extend(field("result", &per_result(report), Tone::Plain));
    lines.extend(field("in vain", &in_vain(&report.total.spent, report.in_vain), Tone::Plain));
    if let Some(cache) =
        report.cache.as_ref().filter(|cache| !report.simulated || cache.saved_usd_micros.is_some())
    {
        lines.extend(field("cache", &cache_savings(cache), Tone::Plain));
    }
    lines.extend(left_out(report));
    lines
}

/// One run, among what else is known of it.
pub fn run_lines(cost: &RunCost, columns: usize) -> Vec<Line> {
    let mut lines = if cost.models.is_empty() { Vec::new() } else { run_table(cost, columns) };
    if let Some(unconfirmed) = unconfirmed(&cost.total.used) {
        lines.extend(field("besides", &unconfirmed, Tone::Warn));
    }
    if let Some(budget) = &cost.budget {
        lines.extend(field("budget", &budget_left(budget), Tone::Plain));
    }
    if cost.lost_lines > 0 {
        let lines_lost = text::plural(cost.lost_lines, "line");
        let note = format!("{lines_lost} of its journal damaged or missing: what they cost is not in here");
        lines.push(Line::of(Tone::Warn, &note));
    }
    lines
}

fn run_table(RunCost { total, phases, models, .. }: &RunCost, columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left(if phases.is_empty() { "by model" } else { "by phase" }).at_most(40),
        Column::right("agents"),
        Column::right("failed"),
        Column::right("input"),
        Column::right("cached"),
        Column::right("output"),
        Column::right("dollars"),
        Column::right("besides"),
        Column::right("in vain"),
    ]);
    let row = |name: &str, spent: &Spent| {
        let [input, cached, output, dollars, besides, in_vain] = cells(spent);
        let failed = if spent.failed > 0 { spent.failed.to_string() } else { String::new() };
        let [name, agents] = [name.to_owned(), spent.agents.to_string()].map(|text| (Tone::Plain, text));
        [name, agents, (Tone::Bad, failed), input, cached, output, dollars, besides, in_vain]
    };
    for Part { name, spent } in phases {
        table.row(row(name.as_deref().unwrap_or("(no phase)"), spent));
    }
    if !phases.is_empty() {
        let mut head = [const { (Tone::Dim, String::new()) }; 9];
        head[0].1 = "by model".into();
        table.row(head);
    }
    for Part { name, spent } in models {
        table.row(row(name.as_deref().unwrap_or_default(), spent));
    }
    if models.len() > 1 {
        table.row(row("all", total));
    }
    table.lines(columns)
}

fn table(report: &CostReport, columns: usize) -> Vec<Line> {
    let (name, names) = match report.by {
        By::Workflow => ("", 1),
        By::Model => ("model", 1),
        By::Phase => ("phase", 2),
        By::Label => ("agents like", 2),
    };
    // Two names need the room.
    let is_roomy = names == 1 || columns >= ROOMY;
    let mut table = Table::new([
        Column::left("workflow").at_most(40),
        Column::left(name).at_most(40),
        Column::right("runs"),
        Column::right("agents"),
        Column::right("input"),
        Column::right("cached"),
        Column::right("output"),
        Column::right("dollars"),
        Column::right("besides"),
        Column::right("in vain"),
    ]);
    for Row { workflow, name, runs, spent } in &report.groups {
        let name = match (name, report.by) {
            (Some(name), _) => name.clone(),
            (None, By::Phase) => "(no phase)".to_owned(),
            (None, By::Workflow | By::Model | By::Label) => String::new(),
        };
        let [input, cached, output, dollars, besides, in_vain] = cells(spent);
        let if_roomy = |cell| if is_roomy { cell } else { (Tone::Plain, String::new()) };
        table.row([
            (Tone::Plain, workflow.clone().unwrap_or_default()),
            (Tone::Plain, name),
            if_roomy((Tone::Dim, runs.to_string())),
            (Tone::Dim, spent.agents.to_string()),
            input,
            if_roomy(cached),
            output,
            dollars,
            besides,
            in_vain,
        ]);
    }
    table.lines(columns)
}

/// Input, its cached share, output, dollars, what may come besides, and the share that was in vain.
fn cells(spent: &Spent) -> [(Tone, String); 6] {
    let used = &spent.used;
    let some = |text: Option<String>| text.unwrap_or_default();
    let priced = match used.usd_micros() {
        Some(_) if used.unpriced_tokens > 0 => (Tone::Warn, format!("{} + ?", dollars(used.usd_micros))),
        Some(usd_micros) => (Tone::Plain, dollars(usd_micros)),
        None => (Tone::Warn, "no price".to_owned()),
    };
    let unconfirmed = (used.unconfirmed_usd_micros > 0).then(|| dollars(used.unconfirmed_usd_micros));
    let in_vain = Vain::of(spent).permille().filter(|permille| *permille > 0);
    [
        (Tone::Plain, text::count(used.input_total())),
        (Tone::Dim, some(cached_percent(used).map(|percent| format!("{percent}%")))),
        (Tone::Plain, text::count(used.output_tokens)),
        priced,
        (Tone::Warn, some(unconfirmed)),
        (Tone::Bad, some(in_vain.map(percent))),
    ]
}

fn tokens(used: &Amount) -> String {
    let mut tokens = format!("{} in", text::count(used.input_total()));
    if used.cache_read_tokens + used.cache_write_tokens > 0 {
        tokens.push_str(&format!(
            " ({} read from caches, {} written to them)",
            text::count(used.cache_read_tokens),
            text::count(used.cache_write_tokens)
        ));
    }
    tokens + &format!(", {} out", text::count(used.output_tokens))
}

fn cost(used: &Amount) -> String {
    match (used.usd_micros(), used.unpriced_tokens) {
        (Some(usd_micros), 0) => dollars(usd_micros),
        (Some(usd_micros), tokens) => {
            format!("{}, and {} tokens that have no price", dollars(usd_micros), text::count(tokens))
        }
        (None, tokens) => format!("no price ({} tokens)", text::count(tokens)),
    }
}

fn unconfirmed(used: &Amount) -> Option<String> {
    let requests = text::plural(used.unconfirmed, "request");
    match (used.unconfirmed, used.unconfirmed_usd_micros) {
        (0, _) => None,
        (_, 0) => Some(format!("unconfirmed: nobody reported the usage of {requests}")),
        (_, most) => {
            Some(format!("up to {} unconfirmed: nobody reported the usage of {requests}", dollars(most)))
        }
    }
}

fn per_result(report: &CostReport) -> String {
    let mut parts = Vec::new();
    if let Some(per) = &report.per_passed_run {
        let runs = text::plural(per.runs, "run");
        parts.push(match each(per) {
            Some(each) => format!("{each} per run that passed ({} of {runs} with an oracle)", per.results),
            None => format!("none: 0 of {runs} with an oracle passed"),
        });
    }
    if let Some(per) = &report.per_agent_result {
        let (agents, runs) = (text::count(per.results), text::plural(per.runs, "run"));
        parts.push(match each(per) {
            Some(each) => format!("{each} per result of an agent ({agents} in {runs}, no oracle)"),
            None => format!("none: no agent finished in {runs} without an oracle"),
        });
    }
    parts.join("\n")
}

fn each(per: &PerResult) -> Option<String> {
    let tokens = format!("{} tokens", text::count(per.tokens?));
    let more = if per.is_wholly_priced { "" } else { " + ?" };
    Some(match per.usd_micros {
        Some(usd_micros) => format!("{}{more}, {tokens}", dollars(usd_micros)),
        None => format!("no price, {tokens}"),
    })
}

fn in_vain(spent: &Spent, vain: Vain) -> String {
    let tokens = spent.in_vain.tokens();
    if tokens == 0 {
        return "nothing".to_owned();
    }
    let share = vain.tokens_permille.map(percent).unwrap_or_default();
    let mut text = format!("{} tokens ({share})", text::count(tokens));
    if let Some(permille) = vain.usd_permille {
        text = format!("{} ({}), {text}", dollars(spent.in_vain.usd_micros), percent(permille));
    }
    text + ": failed or unfinished agents, failed runs"
}

fn cache_savings(cache: &CacheSavings) -> String {
    let saved = match cache.saved_usd_micros {
        None => "what it saved is not known".to_owned(),
        Some(less @ ..0) => {
            format!("cost {} more than it saved, at the prices of now", dollars(less.unsigned_abs()))
        }
        Some(saved) => format!("saved {}, at the prices of now", dollars(saved.unsigned_abs())),
    };
    match &cache.unknown_models[..] {
        [] => saved,
        unknown => format!("{saved}; no price of {}", unknown.join(", ")),
    }
}

fn left_out(report: &CostReport) -> Vec<Line> {
    let out = &report.left_out;
    let mut notes = Vec::new();
    if out.other_kind > 0 {
        notes.push(match report.simulated {
            true => format!("{} on a real model", text::plural(out.other_kind, "run")),
            false => format!("{} (--simulated)", text::plural(out.other_kind, "simulated run")),
        });
    }
    if out.vanished > 0 {
        notes.push(format!("{} whose folder is gone", text::plural(out.vanished, "run")));
    }
    let mut lines = Vec::new();
    if !notes.is_empty() {
        lines.extend(field("left out", &notes.join(", "), Tone::Dim));
    }
    for lost in &out.damaged {
        lines.extend(field("missing", &format!("{}: {}", lost.run_id, lost.what), Tone::Warn));
    }
    lines
}

fn budget_left(budget: &Budgeted) -> String {
    let of_cap = |cap: OfCap, show: fn(u64) -> String, unit: &str| {
        format!("{} of {}{unit}, {} unused", show(cap.spent), show(cap.total), show(cap.unused))
    };
    let parts = [
        budget.usd_micros.map(|cap| of_cap(cap, dollars, "")),
        budget.output_tokens.map(|cap| of_cap(cap, text::count, " output tokens")),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if budget.is_estimate { text + " (the upper end of the estimate)" } else { text }
}

/// `8%`, `<1%`.
fn percent(permille: u64) -> String {
    match permille {
        1..=9 => "<1%".to_owned(),
        _ => format!("{}%", permille / 10),
    }
}
