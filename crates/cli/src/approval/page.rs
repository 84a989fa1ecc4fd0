//! What the approval screen shows, as lines: the proposal, the script with its arguments, the changes.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::history::exact;
use super::visible::{self, Cell, cells, cut, wrap};
use super::{Proposal, hash};
use crate::screen::text::{count, plural, timestamp, width};
use crate::screen::{Line, Tone};

/// Prose wider than this is hard to read.
pub const COLUMNS_MAX: usize = 110;
/// Characters of one line of a script that are shown.
const LINE_MAX: usize = 4_000;
/// Rows of what can be read elsewhere, as in the script: the rest is shown whole.
const ROWS_MAX: usize = 4;
/// Phases on the proposal's page.
const PHASES_MAX: usize = 30;
const LABEL: usize = 10;
/// Equal lines around a change.
const AROUND: usize = 3;
/// Two texts that have nothing in common are compared no longer than this.
const DIFF_TIME_MAX: Duration = Duration::from_millis(500);

/// What matters most comes first: on a small terminal it is all that is seen without scrolling.
pub fn proposal(it: &Proposal, columns: usize, unicode: bool) -> Vec<Line> {
    let mut page = Page { columns, unicode, lines: Vec::new() };
    let mut title = cells(&it.workflow, Tone::Strong, unicode);
    title.extend(cells(&format!("  {}", it.description), Tone::Plain, unicode));
    page.value(0, title, columns * ROWS_MAX);
    page.blank();

    for warning in it.warnings.iter().map(String::as_str).chain(own_warnings(it).iter().map(String::as_str)) {
        page.row("warning", Tone::Warn, warning);
    }
    let figures = &it.figures;
    page.row("agents", Tone::Plain, &figures.agents);
    page.row("tokens", Tone::Plain, &figures.tokens);
    page.row("dollars", Tone::Strong, &figures.dollars);
    page.row("time", Tone::Plain, &figures.makespan);
    page.row("budget", if it.has_budget() { Tone::Strong } else { Tone::Warn }, &budget(it));
    match &it.oracle {
        Some(oracle) => page.row("oracle", Tone::Plain, oracle),
        None => {
            let none = "none: nothing but the models' own word says whether the work is right";
            page.row("oracle", Tone::Warn, none);
            if let Some((command, why)) = &it.found_oracle {
                page.row(
                    "",
                    Tone::Plain,
                    &format!("`{command}` could ({why}): press o, or --oracle '{command}'"),
                );
            }
        }
    }
    for model in &it.models {
        page.row("model", Tone::Plain, &format!("{}  {}", model.name, model.price));
    }
    if let Some(changed) = changed(it) {
        page.row("changed", Tone::Accent, &changed);
    }
    if let Some(run) = &it.resume {
        page.row("resumes", Tone::Plain, run);
    }

    if !it.phases.is_empty() {
        page.blank();
        page.phases(it);
    }
    page.blank();
    page.row("tools", Tone::Plain, &it.tools.join(", "));
    page.row("sandbox", Tone::Plain, &it.sandbox);
    let limits: Vec<String> = it.limits.iter().map(|(name, value)| format!("{name} {value}")).collect();
    page.row("limits", Tone::Plain, &limits.join(" · "));
    page.short_row("args", Tone::Plain, &it.args);
    let lines = visible::lines(&it.script).len() as u64;
    let digest = hash::digest(it.script.as_bytes());
    page.row(
        "script",
        Tone::Plain,
        &format!("{}  {}, {}", it.file, plural(lines, "line"), hash::short(&digest)),
    );
    for (name, digest) in &it.files {
        page.row("with", Tone::Dim, &format!("{name}, {}", hash::short(digest)));
    }
    page.row("folder", Tone::Plain, &it.dir.display().to_string());
    for note in &it.notes {
        page.row("project", Tone::Warn, note);
    }
    if !figures.basis.is_empty() {
        page.blank();
        for basis in &figures.basis {
            page.row("estimate", Tone::Dim, basis);
        }
    }
    page.row("approval", Tone::Dim, &format!("{} of all of the above", hash::short(&it.grounds().digest())));
    page.lines
}

/// The text that runs, line by line, then the arguments.
pub fn script(it: &Proposal, columns: usize, unicode: bool) -> Vec<Line> {
    let mut shown = numbered(&it.script, columns, unicode);
    if !it.args.is_empty() {
        shown.push(Line::new());
        shown.push(Line::of(Tone::Strong, "arguments"));
        shown.extend(numbered(&it.args, columns, unicode));
    }
    shown
}

/// What changed since the approved version; `None` when there is none.
pub fn diff(it: &Proposal, columns: usize, unicode: bool) -> Option<Vec<Line>> {
    let before = it.before.as_ref()?;
    let (old, new) = (visible::lines(&before.text), visible::lines(&it.script));
    if old == new {
        // Line breaks of another kind are all that can differ.
        let same =
            if before.text == it.script { "the same text" } else { "the same lines, broken otherwise" };
        return Some(wrap(&cells(same, Tone::Plain, unicode), columns, true));
    }
    let title = format!("since the version approved on {}", timestamp(before.at_ms));
    let mut shown = wrap(&cells(&title, Tone::Dim, unicode), columns, true);
    let diff = TextDiff::configure().timeout(DIFF_TIME_MAX).diff_slices(&old, &new);
    let digits = digits(old.len().max(new.len()));
    for group in diff.grouped_ops(AROUND) {
        shown.push(Line::of(Tone::Dim, &"─".repeat(columns.min(40))));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ("-", Tone::Bad),
                ChangeTag::Insert => ("+", Tone::Good),
                ChangeTag::Equal => (" ", Tone::Dim),
            };
            let number = change.new_index().or(change.old_index()).map_or(0, |index| index + 1);
            let gutter = format!("{number:>digits$} {sign} ");
            shown.extend(gutted(&gutter, tone, change.value(), columns, unicode));
        }
    }
    Some(shown)
}

/// One line of how much changed, where something did.
fn changed(it: &Proposal) -> Option<String> {
    let before = it.before.as_ref()?;
    if before.text == it.script {
        return Some(format!("nothing in the script since {}", timestamp(before.at_ms)));
    }
    let (old, new) = (visible::lines(&before.text), visible::lines(&it.script));
    let diff = TextDiff::configure().timeout(DIFF_TIME_MAX).diff_slices(&old, &new);
    let tagged = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (added, taken) = (tagged(ChangeTag::Insert), tagged(ChangeTag::Delete));
    Some(format!(
        "{} added, {taken} taken since the version approved on {}",
        plural(added as u64, "line"),
        timestamp(before.at_ms)
    ))
}

fn budget(it: &Proposal) -> String {
    match exact(&it.budget).as_str() {
        "none" => "none: nothing bounds what this run may cost; name one first (b)".into(),
        _ => format!("stops at {}", it.budget),
    }
}

/// What the text itself may hide.
fn own_warnings(it: &Proposal) -> Vec<String> {
    let mut warnings = Vec::new();
    for (what, text) in
        [("the script", &it.script), ("the arguments", &it.args), ("the description", &it.description)]
    {
        let (lines, count) = visible::hidden(text);
        if count > 0 {
            let first: Vec<String> = lines.iter().take(5).map(usize::to_string).collect();
            let more = if lines.len() > first.len() { ", …" } else { "" };
            let s = if count == 1 { "" } else { "s" };
            let first = first.join(", ");
            warnings.push(format!(
                "{what} holds {count} character{s} that cannot be seen (line {first}{more}), shown as ‹U+…›"
            ));
        }
    }
    let long = |(index, line): (usize, &&str)| {
        let chars = line.chars().count();
        (chars > LINE_MAX).then(|| {
            format!(
                "line {} of the script is {chars} characters long; {LINE_MAX} of them are shown",
                index + 1
            )
        })
    };
    warnings.extend(visible::lines(&it.script).iter().enumerate().filter_map(long).take(3));
    warnings
}

struct Page {
    columns: usize,
    unicode: bool,
    lines: Vec<Line>,
}

impl Page {
    fn blank(&mut self) {
        self.lines.push(Line::new());
    }

    /// A label and its value; nothing without a value.
    fn row(&mut self, label: &str, tone: Tone, text: &str) {
        self.labelled(label, tone, text, LINE_MAX);
    }

    /// The same of what can also be read in the script's view.
    fn short_row(&mut self, label: &str, tone: Tone, text: &str) {
        self.labelled(label, tone, text, self.columns.saturating_sub(LABEL) * ROWS_MAX);
    }

    fn labelled(&mut self, label: &str, tone: Tone, text: &str, max: usize) {
        if !text.is_empty() {
            let mut value = cells(&format!("{label:<LABEL$}"), Tone::Dim, true);
            value.extend(cells(text, tone, self.unicode));
            self.value(LABEL, value, max);
        }
    }

    /// `max` cells after the indent; all rows but the first are set in by it.
    fn value(&mut self, indent: usize, mut value: Vec<Cell>, max: usize) {
        let room = self.columns.saturating_sub(indent).max(8);
        // An indent that is taken from every row, as the label takes it from the first.
        let label = value.drain(..indent.min(value.len())).collect::<Vec<_>>();
        let (mut value, note) = cut(value, max);
        value.extend(note);
        for (index, row) in wrap(&value, room, true).into_iter().enumerate() {
            let mut line =
                if index == 0 { visible::line(&label) } else { Line::of(Tone::Plain, &" ".repeat(indent)) };
            line.append(row);
            self.lines.push(line);
        }
    }

    fn phases(&mut self, it: &Proposal) {
        for (index, phase) in it.phases.iter().take(PHASES_MAX).enumerate() {
            let mut row = cells(&format!("{:<LABEL$}", format!("phase {}", index + 1)), Tone::Dim, true);
            row.extend(cells(&phase.title, Tone::Strong, self.unicode));
            let agents = match phase.agents.as_str() {
                "" => String::new(),
                "1" => "  1 agent".into(),
                agents => format!("  {agents} agents"),
            };
            let model = if phase.model.is_empty() { String::new() } else { format!("  {}", phase.model) };
            row.extend(cells(&format!("{agents}{model}"), Tone::Plain, self.unicode));
            row.extend(cells(&format!("  {}", phase.detail), Tone::Dim, self.unicode));
            self.value(LABEL, row, self.columns.saturating_sub(LABEL) * ROWS_MAX);
        }
        let hidden = it.phases.len().saturating_sub(PHASES_MAX);
        if hidden > 0 {
            self.row("", Tone::Dim, &format!("… {} more phases", count(hidden as u64)));
        }
    }
}

fn numbered(text: &str, columns: usize, unicode: bool) -> Vec<Line> {
    let lines = visible::lines(text);
    let digits = digits(lines.len());
    let row = |(index, line): (usize, &&str)| {
        gutted(&format!("{:>digits$}  ", index + 1), Tone::Plain, line, columns, unicode)
    };
    lines.iter().enumerate().flat_map(row).collect()
}

/// A line of a script behind a gutter. It is broken where the screen ends, so that nothing hides to the right.
fn gutted(gutter: &str, tone: Tone, text: &str, columns: usize, unicode: bool) -> Vec<Line> {
    let indent = width(gutter);
    let room = columns.saturating_sub(indent);
    let (shown, note) = cut(cells(text, tone, unicode), LINE_MAX);
    let mut rows = wrap(&shown, room, false);
    if !note.is_empty() {
        rows.extend(wrap(&note, room, true));
    }
    let rows = rows.into_iter().enumerate().map(|(index, row)| {
        let mut line = match index {
            0 => Line::of(if tone == Tone::Plain { Tone::Dim } else { tone }, gutter),
            _ => Line::of(Tone::Dim, &format!("{:>indent$}", "· ")),
        };
        line.append(row);
        line
    });
    rows.collect()
}

fn digits(number: usize) -> usize {
    number.to_string().len().max(3)
}
