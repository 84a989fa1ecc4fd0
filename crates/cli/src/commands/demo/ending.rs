//! What a demo ends with: the lines that landed, what became of the rest, and what to type next.

use std::collections::BTreeSet;

use fanfold_core::{FailureKind, RunStatus};
use fanfold_engine::RunReport;

use crate::commands::{columns, proof, say, style, tell};
use crate::places::RunPlace;
use crate::screen::{Line, Tone, text};
use crate::world::{ColorChoice, Stream, World};

/// What is on the run's branch and not on the one that it started from.
struct Landed {
    branch: String,
    /// The first first.
    titles: Vec<String>,
    diff: String,
}

/// Lines of the diff that are shown.
const DIFF_LINES_MAX: usize = 30;
const DIFF_BYTES_MAX: usize = 100_000;

/// The diff on standard output, the rest to the person. Of a run that was stopped: how it goes on.
pub fn tell_ending(place: &RunPlace, world: &World, color: ColorChoice) {
    let Some(report) = report(place) else { return };
    let to_person = style(world, color, Stream::Error);
    let dir = place.path.ancestors().nth(3).unwrap_or(&place.path);
    let go_there = match dir == world.cwd {
        true => String::new(),
        false => format!("cd {} && ", world.show(dir)),
    };
    let lines = match (has_ended(&report), landed(place, world)) {
        (true, Ok(landed)) => {
            let diff = style(world, color, Stream::Output).render(&diff(&landed, columns(world)));
            say(&format!("\n{diff}"));
            closing(&report, &landed, &go_there)
        }
        (true, Err(why)) => vec![Line::of(Tone::Warn, &format!("what landed cannot be shown: {why}"))],
        (false, _) => vec![
            Line::new(),
            Line::of(Tone::Accent, &format!("{go_there}fanfold resume"))
                .and(Tone::Plain, "   goes on: no answer is paid for twice"),
        ],
    };
    tell(to_person.render(&lines).trim_end_matches('\n'));
}

/// One piece was held, a touched test was named, and nothing else went wrong.
pub fn went_as_told(place: &RunPlace) -> bool {
    report(place).is_some_and(|report| {
        let count = |kind| report.failures.iter().filter(|failed| failed.failure.kind == kind).count();
        let (held, tampered) = (count(FailureKind::NotLanded), count(FailureKind::Tampered));
        has_ended(&report) && held == 1 && tampered > 0 && held + tampered == report.failures.len()
    })
}

fn has_ended(report: &RunReport) -> bool {
    match report.status {
        RunStatus::Completed | RunStatus::Degraded => true,
        RunStatus::Running | RunStatus::Failed | RunStatus::Stopped | RunStatus::Paused => false,
    }
}

fn report(place: &RunPlace) -> Option<RunReport> {
    serde_json::from_slice(&std::fs::read(place.path.join("result.json")).ok()?).ok()
}

fn landed(place: &RunPlace, world: &World) -> Result<Landed, String> {
    let project = place.path.ancestors().nth(3).unwrap_or(&place.path);
    let repo = proof::run_repo(&place.path, &place.id, project, world).map_err(|err| err.message)?;
    let (base, tip) = (repo.base().to_owned(), repo.tip()?);
    let user = repo.user_repository().ok_or("it is in no git repository")?;
    let range = format!("{base}..{tip}");
    let titles = user.git(&proof::git(world)).run(&["log", "--reverse", "--format=%s", &range])?;
    Ok(Landed {
        branch: repo.branch(),
        titles: String::from_utf8_lossy(&titles).lines().map(str::to_owned).collect(),
        diff: repo.diff(&base, &tip, DIFF_BYTES_MAX)?,
    })
}

/// Which lines went and came, file by file.
fn diff(landed: &Landed, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut is_head = false;
    for line in landed.diff.lines() {
        if let Some((_, path)) = line.strip_prefix("diff --git ").and_then(|paths| paths.split_once(" b/")) {
            is_head = true;
            lines.push(Line::of(Tone::Strong, path));
            continue;
        }
        is_head &= !line.starts_with("@@");
        let tone = match line.chars().next() {
            _ if is_head => continue,
            Some('+') => Tone::Good,
            Some('-') => Tone::Bad,
            _ => continue,
        };
        let (sign, rest) = line.split_at(1);
        lines.push(Line::of(tone, &format!("  {sign} {rest}")).clip(columns));
    }
    let more = lines.len().saturating_sub(DIFF_LINES_MAX);
    if more > 0 {
        lines.truncate(DIFF_LINES_MAX);
        lines.push(Line::of(Tone::Dim, &format!("  and {}", text::plural(more as u64, "more line"))));
    }
    lines
}

fn closing(report: &RunReport, landed: &Landed, go_there: &str) -> Vec<Line> {
    let row = |name: &str, columns: usize, tone: Tone, text: &str| {
        let mut line = Line::of(tone, &format!("  {name}"));
        line.push(Tone::Plain, "  ");
        line.pad(columns);
        line.and(Tone::Plain, text)
    };
    let mut lines = vec![Line::new(), Line::of(Tone::Strong, "scripted replies, real work")];
    let said = |name: &str, tone: Tone, text: &str| row(name, 12, tone, text);
    if !landed.titles.is_empty() {
        let titles = landed.titles.join(", ");
        lines.push(said("landed", Tone::Good, &format!("{titles}: on {}", landed.branch)));
    }
    let tampered = report.failures.iter().filter(|failed| failed.failure.kind == FailureKind::Tampered);
    let named: BTreeSet<String> = tampered
        .map(|failed| {
            let whose = failed.label.rsplit(':').next().unwrap_or_default();
            format!("{whose}: {}", failed.failure.message)
        })
        .collect();
    lines.extend(named.iter().map(|what| said("held", Tone::Bad, what)));
    if report.agents.replayed > 0 {
        let replayed = text::plural(report.agents.replayed, "agent");
        lines.push(said(
            "replayed",
            Tone::Accent,
            &format!("{replayed} from the journal, and not asked again"),
        ));
    }
    let typed = |command: &str, why: &str| row(command, 47, Tone::Accent, why);
    lines.push(Line::of(Tone::Strong, "look closer"));
    lines.extend([
        typed(&format!("{go_there}fanfold show last"), "every agent, every verdict"),
        typed("fanfold apply last", "brings what landed to main"),
    ]);
    lines.push(Line::of(Tone::Strong, "on a repository of yours"));
    lines.extend([
        typed("fanfold advise 'your task' --script work.js", "one agent or many? a draft"),
        typed("fanfold run work.js --oracle 'cargo test'", "asks before it spends"),
        typed("fanfold apply last", "takes over what passed"),
    ]);
    lines
}
