//! `ps`, `show` and `logs`: what is known of runs, from their folders alone.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use fanfold_agent::transcript;
use fanfold_core::{Entry, RunStatus, RunView};
use fanfold_engine::{FileStore, RunReport};
use serde_json::value::RawValue;

use super::{columns, launch, say, style, tell};
use crate::cost::{Prices, RunCost, RunSpending};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::{Logs, Ps, Show};
use crate::places::{self, RunPlace};
use crate::run_index::RunIndex;
use crate::screen::logs::{RunLog, find_agent};
use crate::screen::ps::{self, Row, RunState};
use crate::screen::show::{Beside, Shown};
use crate::screen::transcript::Extent;
use crate::screen::{Line, record, transcript as transcript_screen};
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

pub fn ps(flags: &Ps, world: &World, color: ColorChoice) -> Result<Exit> {
    let here = places::runs_in(&places::root(&world.cwd));
    let mut places: Vec<RunPlace> = match flags.here {
        true => Vec::new(),
        false => RunIndex::new(world)
            .read()
            .into_iter()
            .map(|line| RunPlace { id: line.id, path: line.dir })
            .collect(),
    };
    places.extend(here);
    places.sort();
    places.dedup();
    // The newest first.
    let rows: Vec<Row> = places.iter().rev().filter_map(row).collect();
    let now = launch::now_ms();
    if flags.json {
        say(&serde_json::to_string_pretty(&ps::json(&rows, now)).expect("plain data always serializes"));
    } else {
        print(&ps::lines(&rows, now, columns(world)), world, color);
    }
    Ok(Exit::Completed)
}

pub fn show(flags: &Show, world: &World, color: ColorChoice) -> Result<Exit> {
    let place = RunIndex::new(world).find(&flags.run, world)?;
    if flags.audit {
        return super::audit::audit(&place, flags.json, world, color);
    }
    let (view, unreadable_lines) = view(&place)?;
    let report = std::fs::read(place.path.join("result.json")).ok();
    let result: Option<Box<RawValue>> = report
        .and_then(|json| serde_json::from_slice::<RunReport>(&json).ok())
        .and_then(|report| report.result);
    let cost = cost(&place, world);
    let beside = Beside {
        state: state(&place.path),
        result: result.as_deref(),
        cost: cost.as_ref(),
        unreadable_lines,
    };
    let shown = Shown::new(&view, beside);
    if flags.json {
        say(&serde_json::to_string_pretty(&shown).expect("plain data always serializes"));
    } else {
        print(&shown.lines(columns(world)), world, color);
    }
    Ok(Exit::Completed)
}

/// What is known of it: settings that cannot be read do not hide it.
fn cost(place: &RunPlace, world: &World) -> Option<RunCost> {
    let run = RunSpending::read(&place.path).ok()?;
    let settings = Settings::load(world, &[]).ok();
    let prices = settings.as_ref().map(Prices::new);
    Some(RunCost::new(&run, &|model| prices.as_ref().and_then(|prices| prices.find(model))))
}

pub fn logs(flags: &Logs, world: &World, color: ColorChoice) -> Result<Exit> {
    let place = RunIndex::new(world).find(&flags.run, world)?;
    let Some(asked) = &flags.agent else {
        let (mut log, mut lines) = (RunLog::default(), Vec::new());
        let events = open_events(&place)?;
        let each = |event: &fanfold_core::Event| match flags.json {
            true => say(&serde_json::to_string(event).expect("plain data always serializes")),
            false => lines.extend(log.lines(event)),
        };
        record::read(events, each).map_err(|err| CliError::io("read the events of", &place.path, &err))?;
        print(&lines, world, color);
        return Ok(Exit::Completed);
    };
    let (view, _) = view(&place)?;
    let agent = find_agent(&view, asked).map_err(|err| {
        CliError::new(ErrorKind::NotFound, err.to_string())
            .hint(format!("fanfold show {} lists the agents", place.id))
    })?;
    let path = transcript::path(&place.path, agent.key.as_str());
    let transcript = match transcript::read(&path) {
        Ok(transcript) => transcript,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
            let why = match view.simulated {
                true => "simulated agents keep no transcripts",
                false => "it did not start, or has said nothing yet",
            };
            return Err(CliError::new(ErrorKind::NotFound, format!("`{asked}` has no transcript: {why}")));
        }
        Err(err) => return Err(CliError::io("read the transcript", &path, &err)),
    };
    if flags.json {
        for line in &transcript.lines {
            say(&serde_json::to_string(line).expect("plain data always serializes"));
        }
    } else {
        let extent = if flags.full { Extent::Full } else { Extent::Bounded };
        print(&transcript_screen::lines(&transcript, extent), world, color);
    }
    Ok(Exit::Completed)
}

fn row(place: &RunPlace) -> Option<Row> {
    // A run without events is a run all the same: the journal says what it is.
    let (mut view, _) = view(place).unwrap_or_default();
    if view.workflow.is_empty() {
        let entries = FileStore::peek(&place.path).ok()?;
        let Some(Entry::Opened(settings)) = entries.first() else { return None };
        view.workflow = settings.workflow.clone();
        view.simulated = settings.simulated;
        view.started_at = settings.at_ms;
    }
    Some(Row {
        run_id: place.id.clone(),
        workflow: view.workflow.clone(),
        state: state(&place.path),
        simulated: view.simulated,
        agents_finished: view.counts.done + view.counts.replayed,
        agents: view.counts.total(),
        started_at: view.started_at,
        run_dir: place.path.display().to_string(),
    })
}

fn view(place: &RunPlace) -> Result<(RunView, u64)> {
    let mut view = RunView::default();
    let unreadable = record::read(open_events(place)?, |event| view.apply(event))
        .map_err(|err| CliError::io("read the events of", &place.path, &err))?;
    Ok((view, unreadable))
}

fn open_events(place: &RunPlace) -> Result<BufReader<File>> {
    let path = place.path.join("events.jsonl");
    File::open(&path).map(BufReader::new).map_err(|err| CliError::io("read the events", &path, &err))
}

/// From the journal, the one record that is never wrong.
fn state(dir: &Path) -> RunState {
    let held = FileStore::is_held(dir);
    let closed: Option<RunStatus> = match FileStore::peek(dir) {
        Ok(entries) => match entries.last() {
            Some(Entry::Closed { status }) => Some(*status),
            _ => None,
        },
        Err(_) => None,
    };
    RunState::new(held, closed)
}

fn print(lines: &[Line], world: &World, color: ColorChoice) {
    let text = style(world, color, Stream::Output).render(lines);
    match text.is_empty() {
        true => tell("nothing yet"),
        false => say(&text),
    }
}
