//! Where all runs of this person are, so that any terminal finds them: one line each in
//! `~/.local/state/fanfold/runs.jsonl`.
//!
//! An index only: it can be lost or unwritable, and no run fails for it.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{CliError, ErrorKind, Result};
use crate::places::{self, RunPlace};
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    /// Absolute path of the run's folder.
    pub dir: PathBuf,
    #[serde(default)]
    pub workflow: String,
}

#[derive(Clone, Debug)]
pub struct RunIndex {
    /// `None` without a home: then only the runs of the project are found.
    file: Option<PathBuf>,
}

/// Past this the file is rewritten without the runs that are gone.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Runs that an error message names.
const NAMED_MAX: usize = 8;

impl RunIndex {
    pub fn new(world: &World) -> Self {
        Self { file: world.state_dir().map(|folder| folder.join("runs.jsonl")) }
    }

    /// Adds a run. `Err` is a notice for the person; the run goes on.
    pub fn append(&self, run: &RunPlace, workflow: &str) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        let line = Line { id: run.id.clone(), dir: run.path.clone(), workflow: workflow.into() };
        append(path, &line).map_err(|err| {
            format!(
                "this run can be found from its own folder only: `{}` cannot be written: {err}",
                path.display()
            )
        })
    }

    /// Every run whose folder is still there, the oldest first. Lines that cannot be read are passed over.
    pub fn read(&self) -> Vec<Line> {
        living(&self.text())
    }

    /// Every run whose folder is not there any more.
    pub fn vanished(&self) -> Vec<Line> {
        let mut lines = newest(&self.text());
        lines.retain(|line| !line.dir.is_dir());
        lines
    }

    fn text(&self) -> Vec<u8> {
        self.file.as_ref().and_then(|path| fs::read(path).ok()).unwrap_or_default()
    }

    /// The run that `wanted` means: an id or the start of one (with or without `wf_`), a run's folder, or
    /// `last`. Runs of the project at `cwd` are looked at first, then all others.
    pub fn find(&self, wanted: &str, world: &World) -> Result<RunPlace> {
        if wanted.contains('/')
            && let Some(run) = RunPlace::existing(world.cwd.join(wanted))
        {
            return Ok(run);
        }
        let here = places::runs_in(&places::root(&world.cwd));
        if let Some(run) = pick(wanted, &here)? {
            return Ok(run);
        }
        let everywhere: Vec<RunPlace> =
            self.read().into_iter().map(|line| RunPlace { id: line.id, path: line.dir }).collect();
        if let Some(run) = pick(wanted, &everywhere)? {
            return Ok(run);
        }
        Err(not_found(wanted, &here, &everywhere))
    }
}

fn append(path: &Path, line: &Line) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    // Another process may be rewriting it.
    file.lock()?;
    if file.metadata()?.len() > FILE_BYTES_MAX {
        rewrite(&mut file)?;
    }
    let mut bytes = serde_json::to_vec(line)?;
    // A line that was cut short by a crash must not swallow this one.
    bytes.insert(0, b'\n');
    bytes.push(b'\n');
    file.write_all(&bytes)
}

fn rewrite(file: &mut File) -> io::Result<()> {
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    let mut kept = Vec::new();
    for line in living(&text) {
        serde_json::to_writer(&mut kept, &line)?;
        kept.push(b'\n');
    }
    file.set_len(0)?;
    file.write_all(&kept)
}

/// The newest line of each run whose folder is still there, sorted by id.
fn living(text: &[u8]) -> Vec<Line> {
    let mut lines = newest(text);
    lines.retain(|line| line.dir.is_dir());
    lines
}

/// The newest line of each run, sorted by id.
fn newest(text: &[u8]) -> Vec<Line> {
    let lines =
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let by_id: HashMap<String, Line> = lines.map(|line| (line.id.clone(), line)).collect();
    let mut lines: Vec<Line> = by_id.into_values().filter(|line| places::is_run_id(&line.id)).collect();
    lines.sort_by(|a, b| a.id.cmp(&b.id));
    lines
}

/// `runs` are sorted, the oldest first.
fn pick(wanted: &str, runs: &[RunPlace]) -> Result<Option<RunPlace>> {
    if wanted == "last" {
        return Ok(runs.last().cloned());
    }
    if let Some(exact) = runs.iter().find(|run| run.id == wanted) {
        return Ok(Some(exact.clone()));
    }
    let start = wanted.strip_prefix("wf_").unwrap_or(wanted);
    let is_meant = |run: &&RunPlace| !start.is_empty() && run.id["wf_".len()..].starts_with(start);
    match runs.iter().filter(is_meant).collect::<Vec<_>>()[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        ref several => {
            let message = format!("`{wanted}` could be {} runs: {}", several.len(), newest_ids(several));
            Err(CliError::new(ErrorKind::Usage, message).hint("type more of the id"))
        }
    }
}

fn not_found(wanted: &str, here: &[RunPlace], everywhere: &[RunPlace]) -> CliError {
    let all: Vec<&RunPlace> =
        if here.is_empty() { everywhere.iter().collect() } else { here.iter().collect() };
    if all.is_empty() {
        return CliError::new(ErrorKind::NotFound, format!("there is no run `{wanted}`, nor any other"))
            .hint("start one with: fanfold run WORKFLOW");
    }
    let ids: Vec<&str> = all.iter().map(|run| run.id.as_str()).collect();
    let error = CliError::new(ErrorKind::NotFound, format!("there is no run `{wanted}`"));
    // All ids of one year look alike: only what is nearly the same is worth naming.
    match ids.iter().min_by_key(|id| strsim::levenshtein(id, wanted)) {
        Some(near) if strsim::levenshtein(near, wanted) <= 2 => error.hint(format!("did you mean `{near}`?")),
        _ => error.hint(format!("the newest are {}", newest_ids(&all))),
    }
}

fn newest_ids(runs: &[&RunPlace]) -> String {
    let ids: Vec<&str> = runs.iter().rev().take(NAMED_MAX).map(|run| run.id.as_str()).collect();
    if runs.len() > NAMED_MAX { ids.join(", ") + ", …" } else { ids.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn run(made: &MadeUp, folder: &str, id: &str) -> RunPlace {
        let journal = made.file(&format!("{folder}/.fanfold/runs/{id}/journal.jsonl"), "");
        RunPlace::existing(journal.parent().expect("a run's folder").components().collect())
            .expect("just made")
    }

    #[test]
    fn a_run_of_another_project_is_found_by_the_start_of_its_id() {
        let made = MadeUp::new();
        let index = RunIndex::new(&made.world);
        let far = run(&made, "~/other", "wf_261122-aaaaaaa");
        index.append(&far, "review").expect("writable");
        assert_eq!(index.find("wf_261122-aaaaaaa", &made.world), Ok(far.clone()));
        assert_eq!(index.find("261122-a", &made.world), Ok(far.clone()));
        assert_eq!(index.find("last", &made.world), Ok(far));
        assert_eq!(index.read()[0].workflow, "review");
    }

    #[test]
    fn runs_of_this_project_come_first_even_without_an_index() {
        let made = MadeUp::new();
        let index = RunIndex::new(&made.world);
        let (near, newer) = (run(&made, ".", "wf_261101-aaaaaaa"), run(&made, ".", "wf_261102-bbbbbbb"));
        index.append(&run(&made, "~/other", "wf_261101-ccccccc"), "x").expect("writable");
        assert_eq!(index.find("261101", &made.world), Ok(near.clone()));
        assert_eq!(index.find("last", &made.world), Ok(newer));
        assert_eq!(index.find(".fanfold/runs/wf_261101-aaaaaaa", &made.world), Ok(near));
    }

    #[test]
    fn an_ambiguous_start_lists_what_it_could_be() {
        let made = MadeUp::new();
        run(&made, ".", "wf_261101-aaaaaaa");
        run(&made, ".", "wf_261101-aaaaaab");
        let error = RunIndex::new(&made.world).find("2611", &made.world).expect_err("two");
        assert_eq!(error.message, "`2611` could be 2 runs: wf_261101-aaaaaab, wf_261101-aaaaaaa");
        assert_eq!(error.exit().code(), 2);
    }

    #[test]
    fn an_unknown_run_names_the_nearest_or_the_newest() {
        let made = MadeUp::new();
        let index = RunIndex::new(&made.world);
        let error = index.find("last", &made.world).expect_err("none at all");
        assert!(error.message.contains("nor any other"), "{error}");
        run(&made, ".", "wf_261101-aaaaaaa");
        let error = index.find("wf_261101-aaaaaax", &made.world).expect_err("mistyped");
        assert_eq!(error.hint.as_deref(), Some("did you mean `wf_261101-aaaaaaa`?"));
        let error = index.find("zzz", &made.world).expect_err("unknown");
        assert_eq!(error.hint.as_deref(), Some("the newest are wf_261101-aaaaaaa"));
        assert!(index.find("", &made.world).is_err(), "nothing is no start of an id");
    }

    #[test]
    fn broken_lines_vanished_runs_and_doubles_are_passed_over() {
        let made = MadeUp::new();
        let index = RunIndex::new(&made.world);
        let one = run(&made, "~/a", "wf_261101-aaaaaaa");
        let gone = run(&made, "~/b", "wf_261101-bbbbbbb");
        index.append(&one, "old").expect("writable");
        index.append(&gone, "x").expect("writable");
        let path = made.home.join(".local/state/fanfold/runs.jsonl");
        let mut text = fs::read(&path).expect("written");
        text.extend_from_slice(b"\xff\xfe{\n{\"id\":\"../../etc\",\"dir\":\"/\"}\n{\"id\":\"wf_cut");
        fs::write(&path, text).expect("writable");
        index.append(&one, "new").expect("writable");
        fs::remove_dir_all(&gone.path).expect("there");
        let lines = index.read();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((lines[0].id.as_str(), lines[0].workflow.as_str()), (one.id.as_str(), "new"));
        let vanished: Vec<String> = index.vanished().into_iter().map(|line| line.id).collect();
        assert_eq!(vanished, [gone.id]);
    }

    #[test]
    fn a_long_index_is_rewritten_without_what_is_gone() {
        let made = MadeUp::new();
        let index = RunIndex::new(&made.world);
        let one = run(&made, "~/a", "wf_261101-aaaaaaa");
        index.append(&one, "x").expect("writable");
        let path = made.home.join(".local/state/fanfold/runs.jsonl");
        let gone = "{\"id\":\"wf_000000-bbbbbbb\",\"dir\":\"/nowhere\"}\n";
        let text = fs::read_to_string(&path).expect("written")
            + &gone.repeat(FILE_BYTES_MAX as usize / gone.len() + 1);
        fs::write(&path, text).expect("writable");
        let two = run(&made, "~/a", "wf_261102-aaaaaaa");
        index.append(&two, "x").expect("writable");
        assert!(fs::metadata(&path).expect("there").len() < 1_000);
        assert_eq!(index.read().len(), 2);
    }

    #[test]
    fn an_unwritable_index_is_a_notice() {
        let made = MadeUp::new();
        made.file("~/.local/state", "a file where a folder should be");
        let one = run(&made, ".", "wf_261101-aaaaaaa");
        let notice = RunIndex::new(&made.world).append(&one, "x").expect_err("no folder");
        assert!(notice.contains("its own folder only"), "{notice}");
    }
}
