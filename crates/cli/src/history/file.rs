//! The file of one workflow's history: read whole, written whole, never half.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fanfold_core::key::short_digest;

use super::{PastRuns, WorkflowId};
use crate::world::World;

/// A file that is longer was not written by this program.
const FILE_BYTES_MAX: u64 = 8 << 20;

pub fn read(world: &World, workflow: &WorkflowId) -> PastRuns {
    path(world, workflow).map(|path| read_at(&path)).unwrap_or_default()
}

/// Reads, changes and writes back; other processes wait. `Err` is a notice for the person.
pub fn change(
    world: &World,
    workflow: &WorkflowId,
    change: impl FnOnce(&mut PastRuns),
) -> Result<(), String> {
    let Some(path) = path(world, workflow) else { return Ok(()) };
    let changed = || -> io::Result<()> {
        let folder = path.parent().expect("a file in a folder");
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join(".lock"))?;
        lock.lock()?;
        let mut past = read_at(&path);
        past.workflow.clone_from(&workflow.name);
        change(&mut past);
        let fresh = path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(&past)?)?;
        fs::rename(&fresh, &path)
    };
    changed().map_err(|err| {
        format!(
            "what this run used will not help to estimate the next: `{}` cannot be written: {err}",
            path.display()
        )
    })
}

/// Nothing where there is nothing, or nothing that can be read.
fn read_at(path: &Path) -> PastRuns {
    let is_ours = fs::metadata(path).is_ok_and(|file| file.len() <= FILE_BYTES_MAX);
    let bytes = if is_ours { fs::read(path).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// `None` without a home.
fn path(world: &World, workflow: &WorkflowId) -> Option<PathBuf> {
    let dir = workflow.dir.as_deref().map(|dir| dir.canonicalize().unwrap_or_else(|_| dir.to_owned()));
    let dir = dir.unwrap_or_default();
    let id = format!("{}\0{}", workflow.name, dir.display());
    let name: String =
        workflow.name.chars().filter(|ch| ch.is_ascii_alphanumeric() || *ch == '-').take(40).collect();
    let file = format!("{name}-{}.json", short_digest(id.as_bytes()));
    Some(world.state_dir()?.join("history").join(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn id(made: &MadeUp, dir: &str) -> WorkflowId {
        WorkflowId { name: "../re view".into(), dir: Some(made.project.join(dir)) }
    }

    #[test]
    fn what_is_written_is_read_back_and_another_place_is_another_workflow() {
        let made = MadeUp::new();
        change(&made.world, &id(&made, "a"), |past| past.workflow.push('x')).expect("writable");
        assert_eq!(read(&made.world, &id(&made, "a")).workflow, "../re viewx");
        assert!(read(&made.world, &id(&made, "b")).workflow.is_empty());
        let folder = made.home.join(".local/state/fanfold/history");
        let names: Vec<String> = fs::read_dir(folder)
            .expect("made")
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name != ".lock")
            .collect();
        assert!(matches!(&names[..], [name] if name.starts_with("review-")), "{names:?}");
    }

    #[test]
    fn a_damaged_file_is_no_history_and_is_written_anew() {
        let made = MadeUp::new();
        let workflow = id(&made, "a");
        let path = path(&made.world, &workflow).expect("a home");
        fs::create_dir_all(path.parent().expect("a folder")).expect("new folders");
        fs::write(&path, "{\"workflow\":").expect("a new file");
        assert!(read(&made.world, &workflow).is_empty());
        change(&made.world, &workflow, |_| ()).expect("writable");
        assert_eq!(read(&made.world, &workflow).workflow, workflow.name);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_notice() {
        let made = MadeUp::new();
        made.file("~/.local/state", "a file where a folder should be");
        let notice = change(&made.world, &id(&made, "a"), |_| ()).expect_err("no folder");
        assert!(notice.contains("will not help to estimate"), "{notice}");
    }
}
