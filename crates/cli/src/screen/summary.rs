//! How a run ended, on one screen: the first line says it all.

use std::path::Path;

use fanfold_core::view::{Counts, Ended};
use fanfold_core::{AgentView, Failure, FailureKind, RunStatus, RunView, Usage, Verdict};

use fanfold_engine::{FailureReport, RunReport};
use fanfold_workspace::UserRepository;

use super::panel::outside_phases;
use super::style::{Line, Tone};
use super::table::{Column, Table};
use super::text;
use crate::estimate::show::dollars;

/// What is known at the end beyond what the events said.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// What to do about the error that ended the run.
    pub hint: Option<String>,
    /// Failures that are no agent's: the script's exceptions inside `parallel` and `pipeline`.
    pub thrown: Vec<Failure>,
    /// The project is in no git: the run's branch is where nobody would look for it.
    pub has_no_git: bool,
}

impl Closing {
    pub fn of(report: &RunReport) -> Self {
        let thrown = report.failures.iter().filter(|failed| failed.agent.is_none());
        Self {
            hint: report.error.as_ref().and_then(|error| error.hint.clone()),
            thrown: thrown.map(named).collect(),
            has_no_git: UserRepository::find(Path::new(&report.run_dir)).is_none(),
        }
    }
}

/// With the name of the work that it is about.
fn named(failed: &FailureReport) -> Failure {
    let Failure { kind, message } = failed.failure.clone();
    match failed.label.as_str() {
        "" => Failure { kind, message },
        label => Failure { kind, message: format!("{label}: {message}") },
    }
}

/// Failures that are listed; `fanfold show` has the others.
const FAILURES_MAX: usize = 10;
/// Kept worktrees that are listed.
const KEPT_MAX: usize = 10;
/// Of what the oracle did not cover.
const UNCOVERED_MAX: usize = 6;
/// Of a failure's message.
const MESSAGE_COLUMNS: usize = 300;
/// Where values stand.
const INDENT: usize = 10;

/// The summary for a terminal of this many columns.
pub fn lines(view: &RunView, closing: &Closing, columns: usize) -> Vec<Line> {
    let mut lines = vec![first_line(view, closing)];
    if let Some(error) = view.ended.as_ref().and_then(|ended| ended.error.as_deref()) {
        lines.extend(field("error", error, Tone::Bad));
    } else if let Some(reason) = &view.paused {
        lines.extend(field("why", reason, Tone::Warn));
    }
    if let Some(hint) = &closing.hint {
        lines.extend(field("hint", hint, Tone::Plain));
    }
    lines.extend(phases(view, columns));
    lines.extend(used(view));
    lines.extend(failures(view, closing));
    lines.extend(patches(view));
    lines.extend(landed(view, closing));
    if !view.run_dir.is_empty() {
        lines.extend(field("run", &view.run_dir, Tone::Plain));
    }
    if let Some(command) = resume_command(view) {
        lines.push(Line::of(Tone::Dim, "resume: ").and(Tone::Accent, &command));
    }
    lines
}

/// Status, counts and verdict: `degraded: 97 of 100 agents finished, 2 timed out, 1 refused · verdict: unverified`.
pub fn first_line(view: &RunView, closing: &Closing) -> Line {
    let (status, tone) = match &view.ended {
        Some(ended) => status(ended.status),
        None => ("interrupted", Tone::Warn),
    };
    let mut line = Line::of(tone, status).and(Tone::Plain, ": ").and(Tone::Plain, &finished(&view.counts));
    for (count, what) in losses(view.agents.iter(), &closing.thrown) {
        line.push(Tone::Plain, ", ");
        line.push(Tone::Bad, &format!("{count} {what}"));
    }
    let unfinished = view.counts.queued + view.counts.running;
    if unfinished > 0 {
        line.push(Tone::Warn, &format!(", {unfinished} not finished"));
    }
    let verdict = view.ended.as_ref().map(|ended| ended.verdict).unwrap_or_default();
    let (name, tone) = match verdict {
        Verdict::Passed => ("passed", Tone::Good),
        Verdict::Failed => ("failed", Tone::Bad),
        Verdict::Unverified => ("unverified", Tone::Dim),
    };
    line.push(Tone::Dim, " · verdict: ");
    line.push(tone, name);
    if view.simulated {
        line.push(Tone::Dim, " · ");
        line.push(Tone::Warn, "SIMULATED");
    }
    line
}

pub fn status(status: RunStatus) -> (&'static str, Tone) {
    match status {
        RunStatus::Running => ("running", Tone::Accent),
        RunStatus::Completed => ("completed", Tone::Good),
        RunStatus::Degraded => ("degraded", Tone::Warn),
        RunStatus::Failed => ("failed", Tone::Bad),
        RunStatus::Stopped => ("stopped", Tone::Warn),
        RunStatus::Paused => ("paused", Tone::Warn),
    }
}

/// What to type to go on with it, if there is anything to go on with.
pub fn resume_command(view: &RunView) -> Option<String> {
    let over = matches!(view.ended, Some(Ended { status: RunStatus::Completed, .. }));
    (!over && !view.run_dir.is_empty()).then(|| format!("fanfold resume {}", view.run_id))
}

/// What became of agents, by what they suffered, most frequent first: `(2, "timed out")`.
fn losses<'a>(agents: impl Iterator<Item = &'a AgentView>, thrown: &[Failure]) -> Vec<(u64, &'static str)> {
    let mut losses: Vec<(u64, &'static str)> = Vec::new();
    let failures = agents.filter_map(|agent| agent.failure.as_ref()).chain(thrown);
    for what in failures.map(|failure| suffered(failure.kind)) {
        match losses.iter_mut().find(|(_, known)| *known == what) {
            Some((count, _)) => *count += 1,
            None => losses.push((1, what)),
        }
    }
    losses.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    losses
}

fn suffered(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::BadCall => "called wrongly",
        FailureKind::Schema => "off their schema",
        FailureKind::Budget => "refused by the budget",
        FailureKind::Cap => "refused by the cap",
        FailureKind::Timeout => "timed out",
        FailureKind::Refused => "refused",
        FailureKind::BadRequest => "rejected by the provider",
        FailureKind::Provider => "lost to the provider",
        FailureKind::TurnLimit => "out of turns",
        FailureKind::Truncated => "cut short",
        FailureKind::Workspace => "without a workspace",
        FailureKind::Tampered => "tampered",
        FailureKind::NotLanded => "not landed",
        FailureKind::Oracle => "without a verdict",
        FailureKind::Unanswered => "unanswered",
        FailureKind::Simulated => "failed by simulation",
        FailureKind::Skipped => "skipped",
        FailureKind::Thrown => "lost to an exception",
    }
}

fn finished(counts: &Counts) -> String {
    match (counts.done + counts.replayed, counts.total()) {
        (_, 0) => "no agents".to_owned(),
        (finished, 1) => format!("{finished} of 1 agent finished"),
        (finished, total) => format!("{finished} of {total} agents finished"),
    }
}

fn phases(view: &RunView, columns: usize) -> Vec<Line> {
    let mut table = Table::new([
        Column::left(""),
        Column::left("").at_most(40),
        Column::right(""),
        Column::left(""),
        Column::left(""),
    ]);
    let mut row = |title: &str, counts: &Counts, agents: &mut dyn Iterator<Item = &AgentView>| {
        let losses = losses(agents, &[]);
        let lost: Vec<String> = losses.iter().map(|(count, what)| format!("{count} {what}")).collect();
        let replayed = match counts.replayed {
            0 => String::new(),
            replayed => format!("{replayed} replayed"),
        };
        table.row([
            (Tone::Plain, " ".to_owned()),
            (Tone::Plain, title.to_owned()),
            (Tone::Plain, format!("{} of {}", counts.done + counts.replayed, counts.total())),
            (Tone::Dim, replayed),
            (Tone::Bad, lost.join(", ")),
        ]);
    };
    for (index, phase) in view.phases.iter().enumerate() {
        let mut agents = view.agents.iter().filter(|agent| agent.phase == Some(index));
        row(&phase.title, &phase.counts, &mut agents);
    }
    let other = outside_phases(view);
    if other.total() > 0 && !view.phases.is_empty() {
        row("(no phase)", &other, &mut view.agents.iter().filter(|agent| agent.phase.is_none()));
    }
    table.lines(columns)
}

fn used(view: &RunView) -> Vec<Line> {
    let usage = &view.usage;
    let mut tokens = format!("{} in", text::count(usage.input_total()));
    if usage.cache_read_tokens > 0 {
        tokens.push_str(&format!(" ({}% cached)", usage.cache_read_tokens * 100 / usage.input_total()));
    }
    tokens.push_str(&format!(", {} out", text::count(usage.output_tokens)));
    if let Some(budget) = view.budget {
        tokens.push_str(&format!(" of {} allowed", text::count(budget)));
    }
    if let Some(spent) = spent(view) {
        tokens.push_str(&format!(", {spent}"));
    }
    if let Some(unconfirmed) = unconfirmed(usage) {
        tokens.push_str(&format!(", {unconfirmed}"));
    }
    if usage.tool_calls > 0 {
        tokens.push_str(&format!(", {}", text::plural(usage.tool_calls, "tool call")));
    }
    let duration_ms = match &view.ended {
        Some(ended) => ended.duration_ms,
        None => view.last_at.saturating_sub(view.started_at),
    };
    let mut time = text::duration(duration_ms);
    if view.peak > 0 {
        time.push_str(&format!(", at most {} at once", text::plural(view.peak, "agent")));
    }
    [field("tokens", &tokens, Tone::Plain), field("time", &time, Tone::Plain)].concat()
}

/// `$1.32 of $4`: dollars of the cap, if there is one. `None`: nothing was used.
pub fn spent(view: &RunView) -> Option<String> {
    let usage = &view.usage;
    let mut spent = match (usage.usd_micros, usage.unpriced) {
        (0, _) if view.simulated => return Some("simulated: nothing was spent".to_owned()),
        (0, 0) if usage.input_total() + usage.output_tokens == 0 => return None,
        (0, 1..) => return Some("no price".to_owned()),
        (usd_micros, _) => dollars(usd_micros),
    };
    if let Some(cap) = view.budget_usd_micros {
        spent.push_str(&format!(" of {}", dollars(cap)));
    }
    if usage.unpriced > 0 {
        spent.push_str(" and what has no price");
    }
    if view.simulated {
        spent.push_str(" simulated: nothing was spent");
    }
    Some(spent)
}

/// `up to $0.12 unconfirmed`: what requests may have cost of which nobody reported the usage.
pub fn unconfirmed(usage: &Usage) -> Option<String> {
    (usage.unconfirmed_usd_micros > 0)
        .then(|| format!("up to {} unconfirmed", dollars(usage.unconfirmed_usd_micros)))
}

fn failures(view: &RunView, closing: &Closing) -> Vec<Line> {
    let of_agents = view.agents.iter().filter_map(|agent| Some((Some(agent), agent.failure.as_ref()?)));
    let failures: Vec<_> = of_agents.chain(closing.thrown.iter().map(|failure| (None, failure))).collect();
    let mut lines = Vec::new();
    if failures.is_empty() {
        return lines;
    }
    lines.push(Line::of(Tone::Dim, "failures"));
    for (agent, failure) in failures.iter().take(FAILURES_MAX) {
        let mut line = Line::of(Tone::Bad, "  ✗ ");
        if let Some(agent) = agent {
            line.append(Line::of(Tone::Plain, &agent.label).clip(60));
            if let Some(phase) = agent.phase {
                line.push(Tone::Dim, &format!(" ({})", view.phases[phase].title));
            }
            line.push(Tone::Plain, "  ");
        }
        line.push(Tone::Bad, failure.kind.name());
        line.push(Tone::Plain, ": ");
        line.append(Line::of(Tone::Plain, &failure.message).clip(MESSAGE_COLUMNS));
        lines.push(line);
    }
    let more = failures.len().saturating_sub(FAILURES_MAX);
    if more > 0 {
        let text = format!("  and {more} more: fanfold show {}", view.run_id);
        lines.push(Line::of(Tone::Dim, &text));
    }
    lines
}

/// Of isolated agents, while the run lands nothing by itself.
fn patches(view: &RunView) -> Vec<Line> {
    let patches: Vec<_> = match view.oracles.is_empty() {
        true => view.agents.iter().filter_map(|agent| Some((agent, agent.patch.as_ref()?))).collect(),
        false => Vec::new(),
    };
    let mut lines = Vec::new();
    if patches.is_empty() {
        return lines;
    }
    lines.push(Line::of(Tone::Dim, "patches"));
    for (agent, patch) in patches.iter().take(KEPT_MAX) {
        let mut line = Line::of(Tone::Plain, "  ").and(Tone::Plain, &patch.commit);
        line.push(Tone::Dim, &format!("  {} changed by ", text::plural(patch.files, "file")));
        line.append(Line::of(Tone::Dim, &agent.label).clip(60));
        lines.push(line);
    }
    let more = patches.len().saturating_sub(KEPT_MAX);
    if more > 0 {
        lines.push(Line::of(Tone::Dim, &format!("  and {more} more: fanfold show {}", view.run_id)));
    }
    lines
}

/// What landed, and what nobody judged of it.
fn landed(view: &RunView, closing: &Closing) -> Vec<Line> {
    let mut lines = Vec::new();
    if view.landed > 0 {
        let what = match closing.has_no_git {
            true => format!("{}; your files are as they were", text::plural(view.landed, "change")),
            false => format!("{} on the branch fanfold/{}", text::plural(view.landed, "commit"), view.run_id),
        };
        lines.extend(field("landed", &what, Tone::Good));
    }
    let last = view.oracles.iter().rev().find_map(|oracle| oracle.ended.as_ref()?.judgement.as_ref());
    let uncovered = last.map(|judgement| judgement.uncovered.as_slice()).unwrap_or_default();
    for (index, what) in uncovered.iter().take(UNCOVERED_MAX).enumerate() {
        let mut line = Line::of(Tone::Dim, if index == 0 { "unjudged" } else { "" });
        line.pad(INDENT);
        lines.push(line.and(Tone::Plain, &text::clean(what)));
    }
    if view.landed > 0 {
        let to = if closing.has_no_git { "to your files: " } else { "to your branch: " };
        let command = format!("fanfold apply {}", view.run_id);
        lines.push(Line::of(Tone::Dim, to).and(Tone::Accent, &command));
    }
    lines
}

/// A name and its value, whose further lines stand below the first.
pub fn field(name: &str, value: &str, tone: Tone) -> Vec<Line> {
    let line = |(index, text): (usize, &str)| {
        let mut line = Line::of(Tone::Dim, if index == 0 { name } else { "" });
        line.pad(INDENT);
        line.and(tone, text)
    };
    value.lines().enumerate().map(line).collect()
}
