//! A running run in the space there is: a header, a line for each phase, the agents that matter now.

use fanfold_core::view::{Counts, PhaseState, PhaseView};
use fanfold_core::{AgentState, AgentView, RunView};

use super::style::{Line, Tone};
use super::summary::unconfirmed;
use super::table::{Column, Table};
use super::text;
use crate::estimate::show::dollars;

pub struct Panel<'a> {
    pub view: &'a RunView,
    /// The run's time now, in milliseconds since the Unix epoch.
    pub now: u64,
    /// The one that has run longest first.
    pub running: Vec<&'a AgentView>,
    /// Newest first.
    pub ended: Vec<&'a AgentView>,
}

/// Ended agents that are shown below the running ones.
pub const ENDED_MAX: usize = 5;
/// On a terminal of more rows than this, the block takes at most two thirds of them.
const ROWS_WHOLE: usize = 24;
/// Below this, agents are shown without heads of columns, and the counts share one line.
const ROWS_ROOMY: usize = 14;

impl Panel<'_> {
    /// The block for a terminal of this size; always fewer lines than `rows`. Wider lines than `columns` are
    /// for the caller to cut.
    pub fn lines(&self, columns: usize, rows: usize) -> Vec<Line> {
        // One row is the cursor's, and one shows that there is something above.
        let room = if rows <= ROWS_WHOLE { rows.saturating_sub(2) } else { rows * 2 / 3 };
        let mut lines = self.header(columns, rows >= ROWS_ROOMY);
        let left = room.saturating_sub(lines.len());
        let phases = self.phases(columns, if self.running.is_empty() { left } else { left.div_ceil(2) });
        lines.extend(phases);
        let left = room.saturating_sub(lines.len());
        lines.extend(self.agents(columns, left, rows >= ROWS_ROOMY));
        lines.truncate(room);
        lines
    }

    fn header(&self, columns: usize, roomy: bool) -> Vec<Line> {
        let view = self.view;
        let one = |tone, text: &str| Line::of(tone, text);
        // `SIMULATED` is never to be crowded out.
        let name = (columns / 2).min(columns.saturating_sub(13)).max(1);
        let mut title = vec![(0, one(Tone::Strong, &view.workflow).clip(name))];
        if view.simulated {
            title.push((0, one(Tone::Warn, "SIMULATED")));
        }
        title.push((1, one(Tone::Plain, &text::duration(self.now.saturating_sub(view.started_at)))));
        title.push((3, one(Tone::Dim, &view.model)));
        title.push((2, one(Tone::Dim, &view.run_id)));
        if view.attempt > 1 {
            title.push((4, one(Tone::Dim, &format!("attempt {}", view.attempt))));
        }

        let counts = &view.counts;
        let mut agents =
            vec![(0, one(Tone::Plain, &format!("{}/{} agents", counts.ended(), counts.total())))];
        let mut some = |priority, count: u64, tone, what: &str| {
            if count > 0 {
                agents.push((priority, one(tone, &format!("{} {what}", text::count(count)))));
            }
        };
        some(0, counts.failed, Tone::Bad, "failed");
        some(3, counts.running, Tone::Plain, "running");
        some(4, counts.queued, Tone::Dim, "queued");
        some(4, counts.replayed, Tone::Dim, "replayed");

        let mut spent = self.tokens();
        if let Some(budget) = view.budget.filter(|budget| *budget > 0) {
            let used = self.output_tokens();
            let percent = used.saturating_mul(100) / budget;
            let tone = if percent >= 80 { Tone::Warn } else { Tone::Plain };
            let text = format!("budget {percent}% of {} out", text::count(budget));
            spent.push((1, one(tone, &text)));
        }
        spent.extend(self.dollars());

        let mut lines = vec![fit(title, columns)];
        if roomy {
            lines.extend([fit(agents, columns), fit(spent, columns)]);
        } else {
            agents.extend(spent.into_iter().map(|(priority, line)| (priority + 1, line)));
            lines.push(fit(agents, columns));
        }
        if let Some(reason) = &view.paused {
            lines.push(Line::of(Tone::Warn, &format!("paused: {reason}")));
        }
        lines
    }

    fn tokens(&self) -> Vec<(u8, Line)> {
        let usage = &self.view.usage;
        let running: u64 = self.running.iter().map(|agent| agent.input_tokens).sum();
        let mut input = format!("{} in", text::count(usage.input_total() + running));
        if usage.cache_read_tokens > 0 {
            // Only of agents that ended: progress does not tell the cached part.
            input.push_str(&format!(" ({}% cached)", usage.cache_read_tokens * 100 / usage.input_total()));
        }
        let output = format!("{} out", text::count(self.output_tokens()));
        vec![(2, Line::of(Tone::Plain, &input)), (1, Line::of(Tone::Plain, &output))]
    }

    /// Of agents that ended: what a running one costs is not told before.
    fn dollars(&self) -> Vec<(u8, Line)> {
        let view = self.view;
        let usage = &view.usage;
        if usage.usd_micros == 0 && view.budget_usd_micros.is_none() {
            return Vec::new();
        }
        let mut text = dollars(usage.usd_micros);
        let mut tone = Tone::Plain;
        if let Some(cap) = view.budget_usd_micros.filter(|cap| *cap > 0) {
            let percent = |spent: u64| spent.saturating_mul(100) / cap;
            text.push_str(&format!(" of {} ({}%)", dollars(cap), percent(usage.usd_micros)));
            tone = if percent(usage.usd_micros_max()) >= 80 { Tone::Warn } else { Tone::Plain };
        }
        if view.simulated {
            text.push_str(" simulated");
        }
        let mut shown = vec![(0, Line::of(tone, &text))];
        if let Some(unconfirmed) = unconfirmed(usage) {
            shown.push((3, Line::of(Tone::Warn, &unconfirmed)));
        }
        shown
    }

    fn output_tokens(&self) -> u64 {
        self.view.usage.output_tokens + self.running.iter().map(|agent| agent.output_tokens).sum::<u64>()
    }

    /// A line for each phase; where there are too many, those around the one that runs.
    fn phases(&self, columns: usize, rows: usize) -> Vec<Line> {
        let mut phases: Vec<PhaseView> = self.view.phases.clone();
        let other = outside_phases(self.view);
        if other.total() > 0 {
            let title = if phases.is_empty() { "agents" } else { "no phase" }.to_owned();
            phases.push(PhaseView { title, state: PhaseState::Running, counts: other });
        }
        let shown = window(&phases, rows);
        let hidden = phases.len() - shown.len();
        let title_width = phases[shown.clone()]
            .iter()
            .map(|phase| text::width(&text::clean(&phase.title)))
            .max()
            .unwrap_or(0)
            .min(columns / 3);
        let mut lines: Vec<Line> =
            phases[shown].iter().map(|phase| phase_line(phase, title_width, columns)).collect();
        if hidden > 0 && rows > 0 {
            lines.push(Line::of(Tone::Dim, &format!("  … {hidden} more phases")));
        }
        lines
    }

    fn agents(&self, columns: usize, rows: usize, roomy: bool) -> Vec<Line> {
        let head = usize::from(roomy);
        let Some(rows) = rows.checked_sub(head).filter(|rows| *rows > 0) else { return Vec::new() };
        // Running ones come first, but a few rows tell what has just happened.
        let kept = self.ended.len().min(if rows >= 8 { 3 } else { 0 });
        let room = rows - kept;
        let mut running = self.running.len().min(room);
        let mut hidden = self.running.len() - running;
        if hidden > 0 {
            running -= 1;
            hidden += 1;
        }
        let ended = self.ended.len().min(rows - running - usize::from(hidden > 0));
        if running + ended == 0 && hidden == 0 {
            return Vec::new();
        }

        let agents = self.running[..running].iter().chain(&self.ended[..ended]);
        let mut lines = self.table(agents.copied(), columns, roomy);
        if hidden > 0 {
            let line = Line::of(Tone::Dim, &format!("  … {hidden} more running"));
            lines.insert((running + head).min(lines.len()), line);
        }
        lines
    }

    fn table<'b>(
        &self,
        agents: impl Iterator<Item = &'b AgentView>,
        columns: usize,
        roomy: bool,
    ) -> Vec<Line> {
        let (narrow, wide) = (columns < 72, columns >= 110);
        let label = if narrow {
            columns * 2 / 5
        } else if wide {
            36
        } else {
            26
        };
        let title = |title| if roomy { title } else { "" };
        let mut table = Table::new([
            Column::left(""),
            Column::left(title("agent")).at_least(label).at_most(label),
            Column::left(title("model")).at_most(24),
            Column::right(title("turns")).at_least(if narrow { 0 } else { 5 }),
            Column::right(title("tokens")).at_least(if narrow { 0 } else { 6 }),
            Column::right(title("tools")).at_least(if narrow { 0 } else { 5 }),
            Column::right(title("time")).at_least(6),
            Column::left(""),
        ]);
        for agent in agents {
            let (glyph, tone) = sign(agent.state);
            let model = if narrow || agent.model == self.view.model { "" } else { &agent.model };
            let number = |number: u64| match narrow || number == 0 {
                true => String::new(),
                false => text::count(number),
            };
            let (doing, doing_tone) = match &agent.failure {
                Some(failure) => (format!("{}: {}", failure.kind.name(), failure.message), Tone::Bad),
                None => (agent.doing.clone(), Tone::Dim),
            };
            let time = match agent.state {
                AgentState::Running => self.now.saturating_sub(agent.started_at),
                _ => agent.duration_ms,
            };
            table.row([
                (tone, glyph.to_owned()),
                (Tone::Plain, agent.label.clone()),
                (Tone::Dim, model.to_owned()),
                (Tone::Dim, number(agent.turns.into())),
                (Tone::Dim, number(agent.input_tokens + agent.output_tokens)),
                (Tone::Dim, number(agent.tool_calls)),
                (Tone::Dim, text::duration(time)),
                (doing_tone, doing),
            ]);
        }
        table.lines(columns.saturating_sub(1))
    }
}

/// A state as one sign.
pub fn sign(state: AgentState) -> (&'static str, Tone) {
    match state {
        AgentState::Queued => ("○", Tone::Dim),
        AgentState::Running => ("●", Tone::Accent),
        AgentState::Done => ("✓", Tone::Good),
        AgentState::Replayed => ("↺", Tone::Good),
        AgentState::Failed => ("✗", Tone::Bad),
    }
}

/// Agents that belong to no phase.
pub fn outside_phases(view: &RunView) -> Counts {
    let mut other = view.counts;
    for Counts { queued, running, done, replayed, failed } in view.phases.iter().map(|phase| phase.counts) {
        other.queued -= queued;
        other.running -= running;
        other.done -= done;
        other.replayed -= replayed;
        other.failed -= failed;
    }
    other
}

fn phase_line(phase: &PhaseView, title_width: usize, columns: usize) -> Line {
    let counts = &phase.counts;
    let (total, ended) = (counts.total(), counts.ended());
    // A script says when a phase starts, seldom when it ends: its agents tell.
    let (glyph, tone) = match phase.state {
        _ if ended < total => ("●", Tone::Accent),
        PhaseState::Running | PhaseState::Declared if total == 0 => ("○", Tone::Dim),
        PhaseState::Running | PhaseState::Declared | PhaseState::Ended => ("✓", Tone::Good),
    };
    let mut line = Line::of(tone, glyph).and(Tone::Plain, "  ");
    let title_tone = if total == 0 { Tone::Dim } else { Tone::Plain };
    line.append(Line::of(title_tone, &phase.title).clip(title_width));
    line.pad(3 + title_width + 2);
    // What stands beside the bar takes up to 32 columns.
    let bar = columns.saturating_sub(line.width() + 32).min(24);
    if bar >= 6 {
        let share =
            |count: u64| (count as u128 * bar as u128).checked_div(total.into()).unwrap_or(0) as usize;
        let (full, failed) = (share(ended), share(counts.failed));
        line.push(Tone::Good, &"━".repeat(full - failed));
        line.push(Tone::Bad, &"━".repeat(failed));
        line.push(Tone::Dim, &"─".repeat(bar - full));
        line.push(Tone::Plain, "  ");
    }
    line.push(Tone::Plain, &format!("{ended}/{total}"));
    if counts.failed > 0 {
        line.push(Tone::Bad, &format!("  {} failed", counts.failed));
    }
    if counts.running > 0 {
        line.push(Tone::Dim, &format!("  {} running", counts.running));
    }
    line
}

/// Which phases to show in `rows` lines, one of which says how many are hidden.
fn window(phases: &[PhaseView], rows: usize) -> std::ops::Range<usize> {
    if phases.len() <= rows {
        return 0..phases.len();
    }
    let shown = rows.saturating_sub(1);
    let busy = phases.iter().position(|phase| phase.counts.ended() < phase.counts.total());
    let at = busy.unwrap_or_else(|| phases.iter().rposition(|phase| phase.counts.total() > 0).unwrap_or(0));
    let start = at.min(phases.len() - shown);
    start..start + shown
}

/// As many of `fields` as fit, in their order; the ones of the highest number go first.
fn fit(mut fields: Vec<(u8, Line)>, columns: usize) -> Line {
    const GAP: usize = 2;
    fields.retain(|(_, line)| !line.is_empty());
    let width = |fields: &[(u8, Line)]| fields.iter().map(|(_, line)| line.width() + GAP).sum::<usize>();
    while width(&fields).saturating_sub(GAP) > columns.saturating_sub(1) && fields.len() > 1 {
        let least = (0..fields.len()).max_by_key(|index| fields[*index].0).expect("there are several");
        if fields[least].0 == 0 {
            break;
        }
        fields.remove(least);
    }
    let mut line = Line::new();
    for (_, field) in fields {
        if !line.is_empty() {
            line.push(Tone::Plain, "  ");
        }
        line.append(field);
    }
    line
}
