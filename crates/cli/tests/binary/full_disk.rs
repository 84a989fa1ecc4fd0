//! A disk that is really full: a small file system of its own, and a file that takes the rest of it.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use fanfold_core::line;
use fanfold_testkit::{Answer, Reply};

use crate::model::{Model, task};
use crate::project::{Project, script, settled, skipped};

const AGENTS: usize = 40;
/// The disk is full from this request on.
const FULL_AT: usize = 16;

const WIDE: &str = "return (await parallel(Array.from({ length: 40 }, (_, i) => () => agent(`task ${i}`)))).map(said => said.length)";

/// A file system of 1 MiB, as long as it lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, with the reason printed: this process may not mount.
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).expect("ours");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&at).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(at)),
            Ok(output) => {
                skipped(&format!(
                    "no file system may be mounted: {}",
                    String::from_utf8_lossy(&output.stderr).trim()
                ));
                None
            }
            Err(err) => {
                skipped(&format!("there is no mount: {err}"));
                None
            }
        }
    }

    /// Takes all that is left but so many pages.
    fn fill_but(&self, pages: u64) {
        fill(&self.0);
        let hog = OpenOptions::new().write(true).open(self.0.join("hog")).expect("it was filled");
        hog.set_len(hog.metadata().expect("ours").len() - pages * 4_096).expect("ours");
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("hog")).expect("it was filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn fill(disk: &Path) {
    let mut hog = OpenOptions::new().create(true).append(true).open(disk.join("hog")).expect("ours");
    while hog.write_all(&[0; 4_096]).is_ok() {}
    while hog.write_all(&[0]).is_ok() {}
}

#[test]
fn a_full_disk_pauses_the_run_with_its_journal_whole_and_it_goes_on_when_there_is_room() {
    let disk: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let to_fill = disk.clone();
    let model = Model::start(move |seen| {
        if seen.nth == FULL_AT
            && let Some(disk) = &*to_fill.lock().expect("no holder panics")
        {
            fill(disk);
        }
        Answer::reply(Reply::text(format!("{}: {}", task(seen), "x".repeat(2_000))))
    });
    let project = Project::with(&model);
    project.file("w.js", &script(WIDE));
    let Some(small) = SmallDisk::mount(project.dir.join(".fanfold/runs")) else { return };
    *disk.lock().expect("no holder panics") = Some(small.0.clone());

    let ended = project.fanfold(&["run", "w.js", "--yes", "--concurrency", "8"]).exits(6);
    let ended = ended.says("journal cannot be written").says("No space left").says("fanfold resume wf_");
    assert_eq!(ended.stdout, "");
    let run = project.runs().into_iter().find(|path| path.join("journal.jsonl").exists()).expect("a run");
    let id = run.file_name().expect("a name").to_str().expect("ASCII");
    let bytes = fs::read(run.join("journal.jsonl")).expect("kept");
    let journal = line::decode(&bytes);
    assert!(journal.damage.is_empty() && journal.torn_bytes == 0, "{:?}", journal.damage);
    let kept = settled(&run);
    assert!(!kept.is_empty() && kept.len() < AGENTS, "{} settled", kept.len());
    project.fanfold(&["show", id]).exits(0);

    // Still full: it cannot go on, and neither pays nor loses anything.
    let asked = model.seen();
    let ended = project.fanfold(&["resume", id, "--yes"]);
    assert!([2, 6].contains(&ended.status), "{ended:?}");
    ended.says("o space left").says("hint");
    assert_eq!((model.seen(), settled(&run)), (asked, kept.clone()));

    small.empty();
    *disk.lock().expect("no holder panics") = None;
    let ended = project.fanfold(&["resume", id, "--yes"]).exits(0);
    assert_eq!(ended.json().as_array().expect("a list").len(), AGENTS);
    assert_eq!(settled(&run).len(), AGENTS);
    let bill = model.bill();
    for task in bill.requests[asked..].iter().map(task) {
        assert!(!kept.contains(&task), "{task} was settled and is paid twice");
    }
}

#[test]
fn a_run_that_finds_the_disk_nearly_full_is_no_run_or_one_that_can_be_resumed() {
    let model = Model::obliging();
    let project = Project::with(&model);
    project.file("w.js", &script(WIDE));
    let mut statuses = BTreeSet::new();
    for pages_left in 0..12 {
        let Some(small) = SmallDisk::mount(project.dir.join(".fanfold/runs")) else { return };
        small.fill_but(pages_left);
        let asked = model.seen();
        let ended = project.fanfold(&["run", "w.js", "--yes"]);
        statuses.insert(ended.status);
        match ended.status {
            0 => (),
            2 => {
                let runs = project.runs().into_iter().filter(|path| path.is_dir()).count();
                assert_eq!((runs, model.seen()), (0, asked), "{pages_left} pages left: {}", ended.stderr);
                ended.says("o space left").says("hint: ");
            }
            6 => {
                small.empty();
                project.fanfold(&["resume", "--yes"]).exits(0);
            }
            _ => panic!("{pages_left} pages left: {ended:?}"),
        }
    }
    assert!(statuses.contains(&2) && statuses.contains(&6), "void: {statuses:?}");
}
