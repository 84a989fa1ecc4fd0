//! `fanfold cost`: what all runs cost, from their journals.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use super::{columns, launch, say, style, tell};
use crate::cost::{CostReport, LeftOut, Lost, PriceOf, Prices, RunSpending, Tally};
use crate::error::{Exit, Result};
use crate::flags::Cost;
use crate::places::{self, RunPlace};
use crate::run_index::RunIndex;
use crate::screen::{self, text};
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

/// Journals that are read at once.
const THREADS_MAX: usize = 8;

pub fn cost(flags: &Cost, world: &World, color: ColorChoice) -> Result<Exit> {
    let settings = Settings::load(world, &[])?;
    settings.notices.iter().for_each(|notice| tell(notice));
    let prices = Prices::new(&settings);
    let price = |model: &str| prices.find(model);
    let since = flags.since.map(|since| since.start(launch::now_ms()));
    let places = places(flags.here, world);
    let (tally, mut left_out) = read(&places, flags, since, &price);
    left_out.vanished = vanished(flags, since, world);
    let report = CostReport::new(tally, since, flags.simulated, left_out);
    if flags.json {
        say(&serde_json::to_string_pretty(&report).expect("plain data always serializes"));
    } else {
        let lines = screen::cost::lines(&report, columns(world));
        say(&style(world, color, Stream::Output).render(&lines));
    }
    Ok(Exit::Completed)
}

fn places(here: bool, world: &World) -> Vec<RunPlace> {
    let mut places = places::runs_in(&places::root(&world.cwd));
    if !here {
        let all = RunIndex::new(world).read().into_iter();
        places.extend(all.map(|line| RunPlace { id: line.id, path: line.dir }));
    }
    places.sort();
    places.dedup();
    places
}

/// Runs that are in the index and nowhere else; those of an id from before `since` would not count anyway.
fn vanished(flags: &Cost, since: Option<u64>, world: &World) -> u64 {
    let here = places::runs(&places::root(&world.cwd));
    let since = since.and_then(|ms| jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok());
    let since = since.map(|at| at.strftime("wf_%y%m%d").to_string()).unwrap_or_default();
    let lines = RunIndex::new(world).vanished().into_iter();
    lines.filter(|line| line.id >= since && (!flags.here || line.dir.starts_with(&here))).count() as u64
}

/// Each thread takes the next run, adds it to its own sums, and forgets it.
fn read<'p>(
    places: &[RunPlace],
    flags: &Cost,
    since: Option<u64>,
    price: PriceOf<'p>,
) -> (Tally<'p>, LeftOut) {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut tally, mut left_out) = (Tally::new(flags.by, price), LeftOut::default());
        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            if since.is_none_or(|since| is_touched_since(&place.path, since)) {
                add(place, flags, since, &mut tally, &mut left_out);
            }
        }
        (tally, left_out)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(places.len());
    let (mut tally, mut left_out) = (Tally::new(flags.by, price), LeftOut::default());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let (part, left) = thread.join().expect("reading does not panic");
            tally.merge(part);
            left_out.other_kind += left.other_kind;
            left_out.damaged.extend(left.damaged);
        }
    });
    left_out.damaged.sort();
    (tally, left_out)
}

fn add(place: &RunPlace, flags: &Cost, since: Option<u64>, tally: &mut Tally<'_>, left_out: &mut LeftOut) {
    let LeftOut { other_kind, damaged, .. } = left_out;
    let mut lost = |what: String| damaged.push(Lost { run_id: place.id.clone(), what });
    let run = match RunSpending::read(&place.path) {
        Ok(run) => run,
        Err(err) => return lost(format!("its journal cannot be read: {err}")),
    };
    if since.is_some_and(|since| run.at_ms < since) && run.at_ms > 0 {
        return;
    }
    if run.simulated != flags.simulated {
        *other_kind += 1;
        return;
    }
    match run.lost_lines {
        0 if run.at_ms == 0 => lost("its journal is empty".into()),
        0 => (),
        lines => lost(format!("{} of its journal damaged or missing", text::plural(lines, "line"))),
    }
    if run.at_ms > 0 || !run.agents.is_empty() {
        tally.add(&run);
    }
}

/// An attempt that began since then has written since then.
fn is_touched_since(run: &Path, since_ms: u64) -> bool {
    let touched = fs::metadata(run.join("journal.jsonl")).and_then(|file| file.modified());
    touched.map_or(true, |at| at >= UNIX_EPOCH + Duration::from_millis(since_ms))
}
