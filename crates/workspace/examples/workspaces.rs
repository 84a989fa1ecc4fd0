//! What isolation costs: many workspaces of a repository of 5,000 files, in each one file changed and its
//! patch taken. `cargo run --example workspaces [COUNT] [FOLDER]` prints the CPU time, git's included, and
//! the disk.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use fanfold_workspace::{GitConfig, Kind, Merged, RunRepo, Trailers, Workspace, Workspaces};
use rustix::process::Resource;

const FILES: usize = 5_000;
const WIDE: usize = 16;

fn main() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let count: usize =
        args.next().map_or(Ok(1_000), |text| text.parse()).map_err(|_| "a number of workspaces")?;
    let dir = match args.next() {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let dir = dir.map_err(|err| err.to_string())?;
    let project = dir.path().join("project");
    make_project(&project).map_err(|err| err.to_string())?;
    let path = GitConfig::default().path;
    let kinds = match Kind::probe(dir.path(), &format!("{path}:/usr/sbin:/sbin")) {
        Ok(()) => vec![(Kind::Overlay, count), (Kind::Worktree, (count / 50).max(1))],
        Err(why) => {
            println!("no overlays here: {why}");
            vec![(Kind::Worktree, (count / 50).max(1))]
        }
    };
    for (kind, count) in kinds {
        measure(dir.path(), &project, kind, count)?;
    }
    Ok(())
}

fn measure(dir: &Path, project: &Path, kind: Kind, count: usize) -> Result<(), String> {
    let run_dir = dir.join(format!("{kind:?}"));
    let repo = RunRepo::open(&run_dir, "wf_bench-1", project, &GitConfig::default(), None)?;
    let all = Workspaces::new(repo, kind);
    let names: Vec<String> = (0..count).map(|nth| format!("agent-{nth}")).collect();
    println!("{count} workspaces ({kind:?}) of {FILES} files, {WIDE} at once");
    let made: Vec<Workspace> = step("made", &run_dir, || at_once(&names, |name| all.make(name, None)))?;
    let write = |workspace: &Workspace| {
        let nth: usize = workspace.name().trim_start_matches("agent-").parse().map_err(|_| "a number")?;
        let path = format!("src/m{}/f{}.txt", nth / 50, nth % 50);
        workspace.write(&[(path, Some(format!("changed in {}\n", workspace.name())))].into())
    };
    step("changed", &run_dir, || at_once(&made, write))?;
    let patches = step("patched", &run_dir, || at_once(&made, |workspace| workspace.patch("a change")))?;
    let patches: Vec<_> = patches.into_iter().filter_map(|captured| captured.patch).collect();
    if patches.len() != count || patches.iter().any(|patch| patch.files != 1) {
        return Err("a patch is not what was changed".into());
    }
    step("removed", &run_dir, || at_once(&made, |workspace| all.remove(workspace.clone())))?;
    // What an oracle and a landing queue need of git, one after the other.
    let (first, repo) = (patches.len().min(100), all.repo());
    let land = |(nth, patch): (usize, &fanfold_core::Patch)| {
        let (judged, _) = repo.tree_with(&patch.base, &patch.commit, &|_| false, &[])?;
        let workspace = all.make(&format!("judged-{nth}"), Some(&judged))?;
        all.remove(workspace)?;
        let call = format!("call.{nth}");
        let (None, Merged::Clean { commit }) = (repo.landed(&call)?, repo.merge(&patch.commit)?) else {
            return Err("a patch does not land".into());
        };
        let message = repo.message("a change", &Trailers { call: Some(&call), ..Trailers::default() });
        let tip = repo.tip()?;
        let landed = repo.commit_tree(&commit, &[&tip], &message)?;
        repo.advance(&tip, &landed).map_err(|moved| moved.to_string())
    };
    println!("  of these, {first} judged and landed:");
    step("landed", &run_dir, || patches[..first].iter().enumerate().try_for_each(land))
}

fn at_once<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, String> + Sync,
) -> Result<Vec<R>, String> {
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(WIDE).max(1));
        let work = &work;
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn step<R>(name: &str, run_dir: &Path, work: impl FnOnce() -> Result<R, String>) -> Result<R, String> {
    let (before, disk, start) = (cpu(), disk_kib(run_dir), Instant::now());
    let done = work()?;
    println!(
        "  {name:8} {:6.2} s CPU {:6.2} s wall {:8.1} MB",
        (cpu() - before).as_secs_f64(),
        start.elapsed().as_secs_f64(),
        (disk_kib(run_dir) as f64 - disk as f64) / 1024.0
    );
    Ok(done)
}

/// Of this process and of all that it waited for.
fn cpu() -> Duration {
    let own = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let own = Duration::new(own.tv_sec.unsigned_abs(), u32::try_from(own.tv_nsec).unwrap_or_default());
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Children that were waited for: fields 16 and 17, in ticks of a hundredth of a second.
    let ticks: u64 = fields.iter().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    own + Duration::from_millis(ticks * 10)
}

fn disk_kib(folder: &Path) -> u64 {
    let output = Command::new("du").arg("-sk").arg(folder).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn make_project(project: &Path) -> std::io::Result<()> {
    // More open pipes and folders than the usual limit allows are none of what is measured.
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let _ = rustix::process::setrlimit(
        Resource::Nofile,
        rustix::process::Rlimit { current: limit.maximum, ..limit },
    );
    for nth in 0..FILES {
        let folder = project.join(format!("src/m{}", nth / 50));
        fs::create_dir_all(&folder)?;
        let text = format!("fn f{nth}() {{ /* {} */ }}\n", "some words ".repeat(nth % 60)).repeat(8);
        fs::write(folder.join(format!("f{}.txt", nth % 50)), text)?;
    }
    for args in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=b", "-c", "user.email=b@x", "commit", "-qm", "start"],
    ] {
        assert!(Command::new("git").args(args).current_dir(project).status()?.success());
    }
    Ok(())
}
