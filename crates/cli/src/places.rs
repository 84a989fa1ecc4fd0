//! Where things are: the root of the repository, the runs of a project, and what a run is called.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{CliError, ErrorKind, Result};
use crate::screen::text;

/// A run and where it is. What its folder holds is the engine's business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunPlace {
    /// `wf_251122-k3f9x2p`: sorts by when it was made, to a millisecond.
    pub id: String,
    /// Absolute.
    pub path: PathBuf,
}

/// Digits and letters in the order of their codes, without those that are taken for one another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// How many ids are tried before giving up: 256 runs would have to start within a millisecond.
const DRAWS_MAX: u32 = 16;

impl RunPlace {
    /// The folder of an existing run.
    pub fn existing(path: PathBuf) -> Option<Self> {
        let id = path.file_name()?.to_str()?.to_owned();
        (is_run_id(&id) && path.is_dir()).then_some(Self { id, path })
    }

    /// Before anything of it is written: a repository may bring a run, and links in the place of its files.
    pub fn refuse_links(&self) -> Result<()> {
        let folders = self.path.ancestors().skip(1).take(2);
        let above = folders.filter(|folder| [FOLDER, RUNS].iter().any(|name| folder.ends_with(name)));
        above.chain([self.path.as_path()]).try_for_each(refuse_link)?;
        for folder in ["", "transcripts", "blobs"] {
            for entry in fs::read_dir(self.path.join(folder)).into_iter().flatten().flatten() {
                refuse_link(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// What is written through it would leave the project, and be written over what is there.
pub fn refuse_link(path: &Path) -> Result<()> {
    let Ok(leads_to) = fs::read_link(path) else { return Ok(()) };
    let shown = |path: &Path| text::clean(&path.display().to_string());
    let (link, leads_to) = (shown(path), shown(&leads_to));
    let message = format!("`{link}` is a link to `{leads_to}`, and nothing is written through it");
    Err(CliError::new(ErrorKind::File, message)
        .hint(format!("rm {link} removes the link, and nothing of what it leads to; then try again")))
}

/// `^wf_[a-z0-9-]{6,}$`
pub fn is_run_id(text: &str) -> bool {
    text.strip_prefix("wf_").is_some_and(|rest| {
        rest.len() >= 6 && rest.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    })
}

/// The root of the repository that holds `cwd`, else `cwd` itself. A worktree's or a submodule's `.git` is a
/// file.
pub fn root(cwd: &Path) -> PathBuf {
    cwd.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(cwd).to_owned()
}

/// The folders from `cwd` up to the root, the closest first.
pub fn upward(cwd: &Path) -> Vec<PathBuf> {
    let root = root(cwd);
    let mut folders: Vec<PathBuf> =
        cwd.ancestors().take_while(|folder| *folder != root).map(Path::to_owned).collect();
    folders.push(root);
    folders
}

const FOLDER: &str = ".fanfold";
const RUNS: &str = ".fanfold/runs";

/// The folder of all runs of a project.
pub fn runs(root: &Path) -> PathBuf {
    root.join(RUNS)
}

/// The runs of a project, the oldest first. What looks like no run is passed over.
pub fn runs_in(root: &Path) -> Vec<RunPlace> {
    let Ok(entries) = fs::read_dir(runs(root)) else { return Vec::new() };
    let mut found: Vec<RunPlace> =
        entries.flatten().filter_map(|entry| RunPlace::existing(entry.path())).collect();
    found.sort();
    found
}

/// A place for a new run, in a folder that can be written. The run's own folder is not made yet.
pub fn new_run(root: &Path, now: jiff::Timestamp) -> Result<RunPlace> {
    let folder = runs(root);
    let cannot = |err: &io::Error| {
        CliError::io("write to", &folder, err)
            .hint("a run keeps its journal there: make it writable, or work in another folder with --cwd DIR")
    };
    refuse_link(&root.join(FOLDER))?;
    refuse_link(&folder)?;
    make_runs(&folder).map_err(|err| cannot(&err))?;
    use rustix::fs::Access;
    rustix::fs::access(&folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|err| cannot(&err.into()))?;
    let ids = (0..DRAWS_MAX).map(|draw| run_id(now, RandomState::new().hash_one(draw)));
    first_free(&folder, ids).ok_or_else(|| {
        CliError::new(ErrorKind::File, format!("`{}` has no room for another run id", folder.display()))
    })
}

/// A fresh one is no work of the person's that git would ask about. What lies beside it, such as workflows, may be.
fn make_runs(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let ignore = File::create_new(folder.join(".gitignore"));
    // Only `git status` would be longer without it.
    let _ = ignore.and_then(|mut file| file.write_all(b"*\n"));
    Ok(())
}

fn first_free(folder: &Path, ids: impl IntoIterator<Item = String>) -> Option<RunPlace> {
    let mut places = ids.into_iter().map(|id| RunPlace { path: folder.join(&id), id });
    places.find(|place| !place.path.exists())
}

/// `wf_`, the day (UTC), then 7 digits: the time of day in milliseconds (27 bits), and 8 bits of chance.
fn run_id(now: jiff::Timestamp, chance: u64) -> String {
    let now = now.to_zoned(jiff::tz::TimeZone::UTC);
    let seconds = (i64::from(now.hour()) * 60 + i64::from(now.minute())) * 60 + i64::from(now.second());
    let ms = seconds * 1_000 + i64::from(now.millisecond());
    let number = (u64::try_from(ms).expect("a time of day is positive") << 8) | (chance & 0xff);
    let digits: String =
        (0..7).rev().map(|at| ALPHABET[(number >> (5 * at)) as usize & 31] as char).collect();
    format!("wf_{}-{digits}", now.strftime("%y%m%d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn run_ids_are_well_formed_and_sort_by_time() {
        let times = [
            "2026-11-22T00:00:00Z",
            "2026-11-22T00:00:00.001Z",
            "2026-11-22T23:59:59.9Z",
            "2026-11-23T00:00:00Z",
        ];
        let ids: Vec<String> = times.iter().map(|time| run_id(at(time), u64::MAX)).collect();
        assert!(ids.iter().all(|id| is_run_id(id)), "{ids:?}");
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(ids[0], "wf_261122-000007z");
    }

    #[test]
    fn what_is_no_run_id_is_known() {
        for text in ["wf_12345", "wf_ABCDEF", "run_123456", "wf_123/56", "wf_"] {
            assert!(!is_run_id(text), "{text}");
        }
    }

    #[test]
    fn the_root_is_the_closest_folder_with_a_git_folder_or_file() {
        let made = MadeUp::new();
        made.file("a/.git", "gitdir: elsewhere");
        made.file("a/b/c/x", "");
        assert_eq!(root(&made.project.join("a/b/c")), made.project.join("a"));
        assert_eq!(root(&made.project), made.project);
        assert_eq!(root(&made.home), made.home, "no repository: the folder itself");
        let folders = upward(&made.project.join("a/b"));
        assert_eq!(folders, [made.project.join("a/b"), made.project.join("a")]);
    }

    #[test]
    fn new_runs_have_places_of_their_own_beneath_the_root() {
        let made = MadeUp::new();
        let now = at("2026-11-22T10:00:00Z");
        let one = new_run(&made.project, now).expect("writable");
        assert_eq!(one.path, made.project.join(".fanfold/runs").join(&one.id));
        assert!(!one.path.exists());
        fs::create_dir(&one.path).expect("its parent is there");
        let ids = [one.id.clone(), "wf_261122-0000000".to_owned()];
        let free = first_free(&runs(&made.project), ids).expect("one of them");
        assert_eq!(free.id, "wf_261122-0000000", "the first is taken");
        let two = new_run(&made.project, now).expect("writable");
        assert_ne!(one.id, two.id);
        fs::create_dir(&two.path).expect("its parent is there");

        made.file(".fanfold/runs/notes/x", "");
        let mut both = vec![one, two];
        both.sort();
        assert_eq!(runs_in(&made.project), both);
    }

    #[test]
    fn git_is_told_to_ignore_the_runs_where_their_folder_is_made_and_never_again() {
        let made = MadeUp::new();
        let now = at("2026-11-22T10:00:00Z");
        let ignore = runs(&made.project).join(".gitignore");
        new_run(&made.project, now).expect("writable");
        assert_eq!(fs::read_to_string(&ignore).expect("made"), "*\n");
        assert!(!made.project.join(".fanfold/.gitignore").exists(), "a team may commit what lies there");
        for own in [Some("!wf_*\n"), None] {
            match own {
                Some(text) => fs::write(&ignore, text).expect("written"),
                None => fs::remove_file(&ignore).expect("there"),
            }
            new_run(&made.project, now).expect("writable");
            assert_eq!(fs::read_to_string(&ignore).ok().as_deref(), own);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_says_what_to_do() {
        let made = MadeUp::new();
        made.file(".fanfold", "a file where a folder should be");
        let error = new_run(&made.project, at("2026-11-22T10:00:00Z")).expect_err("no folder");
        assert!(error.message.starts_with("could not write to `"), "{error}");
        assert!(error.hint.expect("a hint").contains("--cwd"));
    }
}
