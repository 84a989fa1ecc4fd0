//! One command over one tree: a workspace of its own, a sandbox of its own, and what came out of both.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use fanfold_core::Failure;
use fanfold_core::oracle::CheckResult;
use fanfold_sandbox::{Level, Network, Policy, Root};
use fanfold_workspace::{Layers, Workspace, Workspaces};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Case, Court, cannot, http, report_files, watch};
use crate::coverage::{self, Coverage, Places};
use crate::protect::Protection;
use crate::report::{self, Report};
use crate::spec::{Check, Format};
use crate::verdict::{self, Ended};

/// Read of what a command prints: reports may be long.
const READ_BYTES_MAX: usize = 16 << 20;
/// Of what a check printed that could not be run.
const LAST_WORDS_CHARS_MAX: usize = 400;
/// Where nothing can be: code under test could leave a compiled file beside a test that Python takes for the test. One
/// that is started with `-E` or `-I` does not hear of it; nothing is mounted there instead, because commands that clear
/// such folders first would fail.
const NO_COMPILED_PYTHON: (&str, &str) = ("PYTHONPYCACHEPREFIX", "/proc/none");
/// Starts in the folder `$1` and runs the line `$2` with what follows as its arguments.
const START: &str = "cd -- \"$1\" && shift && line=$1 && shift && exec sh -c \"$line\" sh \"$@\"";

pub struct Run {
    pub ended: Ended,
    /// Of a check that asks a server: what is wrong with its answer, if anything.
    pub answer: Option<Result<(), String>>,
    pub output: String,
    pub report: Option<Report>,
    /// `None`: it wrote none.
    pub coverage: Option<Coverage>,
    pub duration_ms: u64,
    /// Protected files that were changed while it ran.
    pub tampered: Vec<String>,
}

impl Run {
    /// `start`: the same check on the unchanged project.
    pub fn result(&self, check: &Check, start: Option<&CheckResult>) -> CheckResult {
        match &self.answer {
            Some(answer) => verdict::of_answer(check, answer.as_ref().err()),
            None => verdict::verdict(check, self.ended, self.report.as_ref(), start),
        }
    }
}

impl Court {
    /// `args`: handed to the command as `"$@"`, never part of its text.
    pub(super) async fn run(
        &self,
        case: &Case,
        check: &Check,
        command: &str,
        args: &[String],
    ) -> Result<Run, Failure> {
        let protection = self.protection().await?;
        // While one runs, the next one's tree is laid out.
        let _place = self.taken(&self.places, case).await?;
        let bench = Bench::make(&self.workspaces, &case.commit).await?;
        let ran = self.run_on(case, &bench, &protection, check, command, args).await;
        bench.clear().await;
        ran
    }

    /// The queue, which judges one tree at a time and which others wait for, waits for nobody.
    async fn taken<'a>(
        &self,
        seats: &'a Semaphore,
        case: &Case,
    ) -> Result<Option<SemaphorePermit<'a>>, Failure> {
        if case.is_in_queue {
            return Ok(None);
        }
        seats.acquire().await.map(Some).map_err(|err| cannot(&err))
    }

    async fn run_on(
        &self,
        case: &Case,
        bench: &Bench,
        protection: &Protection,
        check: &Check,
        command: &str,
        args: &[String],
    ) -> Result<Run, Failure> {
        let changes_in = bench.changes_in();
        report_files::clear(&changes_in, check).map_err(|err| cannot(&err))?;
        let watched = watch::Watched::new(&changes_in, protection);

        let repo = self.workspaces.repo();
        let top = repo.user_repository().map_or(repo.project(), |user| &user.top).to_owned();
        let project = top.join(repo.project_within());
        let mut policy = Policy::new(bench.root(), &top);
        policy.network = Network::None;
        policy.read = self.surroundings.read.clone();
        let packages = self.surroundings.packages.iter();
        let packages = packages.map(|(at, from)| (from.clone(), project.join(at)));
        match self.sandbox.level() {
            Level::Full => policy.read_at = packages.collect(),
            Level::Reduced | Level::Off => policy.git_dirs = packages.map(|(from, _)| from).collect(),
        }
        policy.protected = protection.shut.iter().map(PathBuf::from).collect();
        policy.limits = self.surroundings.limits.clone();
        let (name, value) = NO_COMPILED_PYTHON;
        policy.env.push((name.to_owned(), value.to_owned()));
        for (name, value) in &self.surroundings.env {
            policy.env.retain(|(known, _)| known != name);
            policy.env.push((name.clone(), value.clone()));
            let home = Path::new(value);
            if name == "HOME" && home.is_absolute() && home.parent().is_some() {
                policy.home = home.to_owned();
            }
        }
        // Below the full sandbox it starts where the tree lies.
        let folder = Path::new(".").join(repo.project_within()).join(check.cwd.as_deref().unwrap_or("."));
        // For what runs: what it left is read beside the next one.
        let seat = self.taken(&self.seats, case).await?;
        if let Some(rule) = &check.http {
            let asked = http::ask(&self.sandbox, policy, folder, check, rule).await?;
            drop(seat);
            return Ok(Run {
                ended: Ended { exit_code: None, has_timed_out: false },
                answer: Some(asked.fault.map_or(Ok(()), Err)),
                output: asked.output,
                report: None,
                coverage: None,
                duration_ms: asked.duration_ms,
                tampered: watched.touched(),
            });
        }
        let argv = ["sh", "-c", START, "sh", &folder.to_string_lossy(), command].map(str::to_owned);
        let argv: Vec<String> = argv.into_iter().chain(args.iter().cloned()).collect();
        let ran = self.sandbox.run(&policy, &argv, b"", check.timeout_ms, READ_BYTES_MAX).await;
        let ran = ran.map_err(|err| cannot(&err))?;
        drop(seat);

        let read = |text: &str| report::read(check.format, &check.command, check.score.as_ref(), text);
        let report = match &check.report {
            None => read(&ran.output),
            Some(glob) => {
                let files = report_files::read(&changes_in, repo.project_within(), glob);
                let (reader, rule) = (report_files::format(check), check.score.as_ref());
                let read = |text: &String| report::read(reader, &check.command, rule, text);
                let texts = files.map_err(|err| cannot(&err))?;
                (!texts.is_empty())
                    .then(|| report::sum(texts.iter().map(|text| read(text).unwrap_or_else(unread))))
            }
        };
        let coverage = match &check.coverage {
            None => None,
            Some(glob) => {
                let texts = report_files::read(&changes_in, repo.project_within(), glob);
                let within = repo.project_within();
                let folders = vec![within.join(check.cwd.as_deref().unwrap_or("")), within.to_owned()];
                let places = Places { tops: vec![top, changes_in], folders };
                coverage::read(&texts.map_err(|err| cannot(&err))?, places)
            }
        };
        let ended = Ended { exit_code: ran.status, has_timed_out: ran.timed_out };
        let tampered = watched.touched();
        Ok(Run {
            ended,
            answer: None,
            output: ran.output,
            report,
            coverage,
            duration_ms: ran.duration_ms,
            tampered,
        })
    }
}

fn unread() -> Report {
    Report { doubt: Some("a report file holds none".into()), ..Report::default() }
}

/// A workspace that goes when it is dropped, also when the judge is called off.
struct Bench {
    workspaces: Workspaces,
    workspace: Option<Workspace>,
}

impl Bench {
    async fn make(workspaces: &Workspaces, commit: &str) -> Result<Self, Failure> {
        let (workspaces, commit) = (workspaces.clone(), commit.to_owned());
        // What is in use and still unchanged would be taken for one that was left: no two share a name.
        static NTH: AtomicU64 = AtomicU64::new(1);
        let name = format!("judged-{}", NTH.fetch_add(1, Ordering::Relaxed));
        let made = tokio::task::spawn_blocking(move || {
            // Of a court that was killed; what a check left is nobody's work.
            if let Some(left) = workspaces.reopen(&name) {
                workspaces.remove(left)?;
            }
            let workspace = workspaces.make(&name, Some(&commit))?;
            Ok::<_, String>(Self { workspaces, workspace: Some(workspace) })
        });
        made.await.map_err(|err| cannot(&err))?.map_err(|err| cannot(&err))
    }

    /// Beside the engine's thread; dropped instead, it holds that up for a moment.
    async fn clear(mut self) {
        let (workspaces, workspace) = (self.workspaces.clone(), self.workspace.take());
        let Some(workspace) = workspace else { return };
        // What cannot be removed now is removed with the run.
        let _ = tokio::task::spawn_blocking(move || workspaces.remove(workspace)).await;
    }

    fn layers(&self) -> Layers {
        self.workspace.as_ref().expect("it is there until the drop").layers()
    }

    fn root(&self) -> Root {
        match self.layers() {
            Layers::Directory(directory) => Root::Directory(directory),
            Layers::Overlay { lower, upper, work } => Root::Overlay { lower, upper, work },
        }
    }

    /// Where everything is that the command writes.
    fn changes_in(&self) -> PathBuf {
        match self.layers() {
            Layers::Directory(directory) => directory,
            Layers::Overlay { upper, .. } => upper,
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(workspace) = self.workspace.take() {
            // What cannot be removed now is removed with the run.
            let _ = self.workspaces.remove(workspace);
        }
    }
}

/// Adds what a check printed: its start and its end.
pub fn show(output: &mut String, check: &Check, printed: &str, bytes_max: usize) {
    output.push_str("$ ");
    output.push_str(&check.command);
    output.push('\n');
    let printed = printed.trim_end();
    if printed.len() <= bytes_max {
        output.push_str(printed);
    } else {
        // The end says more than the start.
        let head = printed.floor_char_boundary(bytes_max / 4);
        let tail = printed.ceil_char_boundary(printed.len() - bytes_max / 4 * 3);
        output.push_str(&printed[..head]);
        output.push_str(&format!("\n[… {} bytes left out …]\n", tail - head));
        output.push_str(&printed[tail..]);
    }
    output.push('\n');
}

/// The end of what was printed, in one line: what went wrong is said there, and a shim adds some advice of its own.
pub fn last_words(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = if lines.is_empty() { "nothing".to_owned() } else { lines.join(" / ") };
    match line.chars().count().checked_sub(LAST_WORDS_CHARS_MAX) {
        None | Some(0) => line,
        Some(more) => ['…'].into_iter().chain(line.chars().skip(more + 1)).collect(),
    }
}

impl Format {
    /// What a file of this name holds, where the definition leaves it open.
    pub(super) fn of_file(name: &str) -> Self {
        match name.rsplit('.').next() {
            Some("xml") => Format::Junit,
            Some("json") => Format::Json,
            Some("tap") => Format::Tap,
            Some(_) | None => Format::Auto,
        }
    }
}
