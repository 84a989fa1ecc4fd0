//! The court: judges trees that no agent can reach, and remembers what it said of each.
//!
//! A judged tree is the work with every protected path as it was, checked out afresh for each check, in a sandbox
//! of its own. Nothing that a check leaves behind is there for the next one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::oracle::{CheckResult, Visibility};
use fanfold_core::{Failure, FailureKind, Judgement, NewFile, OracleCall, TestFailure};
use fanfold_sandbox::{ProcessLimits, Sandbox};
use fanfold_workspace::{ChangeKind, RunRepo, Workspaces};
use tokio::sync::{OnceCell, Semaphore};

use crate::protect::{Protection, is_test};
use crate::spec::{Check, OracleSpec};
use crate::verdict;

mod bench;
mod hidden;
mod http;
mod item;
mod land;
mod queue;
mod report_files;
mod uncovered;
mod watch;

/// Of what a judgement says of the output of its checks.
const OUTPUT_BYTES_MAX: usize = 32 << 10;
const FAILURES_MAX: usize = 200;
const TAMPERED_MAX: usize = 100;
/// Trees that are laid out before there is a seat for their check.
const WAITING_MAX: usize = 2;
/// Of a file of which only some keys are protected.
const GUARDED_BYTES_MAX: usize = 1 << 20;

/// Of a run that went on with its first oracle.
const LATE_START: &str = "the start is not known: agents had worked in the project before there was an oracle, and what they changed of its tests is taken as it is";

/// Judges and lands for one run. One is made for each attempt.
pub struct Court {
    /// `None`: there is no oracle; items can be checked, and nothing lands but on opinions.
    spec: Option<OracleSpec>,
    workspaces: Workspaces,
    sandbox: Sandbox,
    surroundings: Surroundings,
    start: OnceCell<Judgement>,
    protection: OnceCell<Arc<Protection>>,
    /// What each check said of each tree.
    said: Mutex<HashMap<Asked, Said>>,
    /// By tree: those that passed as a whole.
    passed: Mutex<HashMap<String, Judgement>>,
    /// For checks that run.
    seats: Semaphore,
    /// For trees that are laid out, one for each seat and some that wait.
    places: Semaphore,
    /// Held by the call that is served.
    queue: tokio::sync::Mutex<()>,
    waiting: queue::Waiting,
    size: queue::Size,
}

/// What a check finds besides the tree: told by whoever knows the machine. No agent can write any of it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Toolchains and package caches, read-only at their own paths.
    pub read: Vec<PathBuf>,
    /// On top of the sandbox's own: `PATH`, `CARGO_HOME`, …
    pub env: Vec<(String, String)>,
    /// Folders of installed packages that git ignores: where they are shown, relative to the project, and where they
    /// really lie. Read-only; whoever works in the project's own directory must not be able to change them either.
    pub packages: Vec<(PathBuf, PathBuf)>,
    pub limits: ProcessLimits,
    /// Checks that run at the same time, besides that of the landing queue.
    pub seats: usize,
}

impl Default for Surroundings {
    fn default() -> Self {
        let (read, env, packages) = (Vec::new(), Vec::new(), Vec::new());
        Self { read, env, packages, limits: ProcessLimits::default(), seats: 2 }
    }
}

/// One question: the tree and the definition of the check.
type Asked = (String, String);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    yes: bool,
    no: bool,
}

/// A tree ready to be judged.
#[derive(Clone, Debug)]
struct Case {
    /// The commit that the work is compared with.
    reference: String,
    /// A commit; its tree has protected paths as they were, and the tests that were laid.
    commit: String,
    /// The hash of its tree.
    tree: String,
    /// Protected paths that the work touched.
    tampered: Vec<String>,
    /// Tests that agents changed within files that hold code as well.
    uncovered: Vec<String>,
    /// It was merged by the queue.
    is_in_queue: bool,
}

impl Court {
    pub fn new(
        spec: Option<OracleSpec>,
        workspaces: Workspaces,
        sandbox: Sandbox,
        surroundings: Surroundings,
    ) -> Self {
        let seats = Semaphore::new(surroundings.seats.max(1));
        let places = Semaphore::new(seats.available_permits() + WAITING_MAX);
        Self {
            spec,
            workspaces,
            sandbox,
            surroundings,
            start: OnceCell::default(),
            protection: OnceCell::default(),
            said: Mutex::default(),
            passed: Mutex::default(),
            seats,
            places,
            queue: tokio::sync::Mutex::default(),
            waiting: queue::Waiting::default(),
            size: queue::Size::default(),
        }
    }

    /// Protected paths are these whether or not there is an oracle: agents may be kept from them too.
    pub async fn protection(&self) -> Result<Arc<Protection>, Failure> {
        let made = self.protection.get_or_try_init(|| async {
            let none = OracleSpec { checks: Vec::new(), protect: None, together: 1 };
            let spec = self.spec.clone().unwrap_or(none);
            self.with_repo(move |repo| {
                let project = repo.project_within().to_string_lossy().into_owned();
                let read = |path: &str| {
                    let bytes = repo.file(repo.base(), path, GUARDED_BYTES_MAX).ok()??;
                    Some(String::from_utf8_lossy(&bytes).into_owned())
                };
                Ok(Arc::new(Protection::reading(&spec, &repo.paths(repo.base())?, &project, &read)))
            })
            .await
        });
        made.await.cloned()
    }

    /// The start of the run, judged once; everybody who needs it waits for it.
    async fn at_start(&self, recorded: Option<Judgement>, has_worked: bool) -> Result<&Judgement, Failure> {
        let judge = || async {
            if let Some(recorded) = recorded {
                self.remember(&recorded);
                return Ok(recorded);
            }
            self.with_repo(move |repo| keep_start(repo, has_worked)).await?;
            let case = self.with_repo(start_of_run).await?;
            self.try_case(&case, None).await
        };
        self.start.get_or_try_init(judge).await
    }

    async fn judge_call(&self, call: &OracleCall) -> Result<Judgement, Failure> {
        if let Some(item) = &call.check {
            let case = self.case(call.patch.clone(), call.tests.clone()).await?;
            return self.try_item(&case, item).await;
        }
        if self.spec.is_none() {
            return Ok(Judgement::default());
        }
        let start = self.at_start(None, false).await?;
        let case = self.case(call.patch.clone(), call.tests.clone()).await?;
        self.try_case(&case, Some(start)).await
    }

    /// Prepares what is to be judged. `work`: a commit; `None`: what landed so far, else the project as it is.
    async fn case(&self, work: Option<String>, tests: Vec<NewFile>) -> Result<Case, Failure> {
        let protection = self.protection().await?;
        self.with_repo(move |repo| case(repo, &protection, work, &tests)).await
    }

    /// `start`: what later verdicts are compared with; `None` for that one itself.
    async fn try_case(&self, case: &Case, start: Option<&Judgement>) -> Result<Judgement, Failure> {
        let checks = self.spec.as_ref().map_or(&[][..], |spec| &spec.checks);
        let mut judgement = Judgement {
            tree: case.tree.clone(),
            tampered: case.tampered.clone(),
            uncovered: case.uncovered.clone(),
            ..Judgement::default()
        };
        if start.is_some_and(|start| start.uncovered.iter().any(|line| line == LATE_START)) {
            judgement.uncovered.push(LATE_START.into());
        }
        let mut skipped = Vec::new();
        let mut exit_codes = Vec::new();
        let mut coverage = Vec::new();
        for check in checks {
            let run = self.run(case, check, &check.command, &[]).await?;
            if start.is_none() {
                self.refuse_void(case, check, &run).await?;
            }
            let before = start.and_then(|start| start.checks.iter().find(|before| before.name == check.name));
            let mut result = run.result(check, before);
            self.hold_against_earlier(&case.tree, &check.name, &mut result, &mut judgement.flaky);
            judgement.duration_ms += run.duration_ms;
            judgement.tampered.extend(run.tampered);
            match (&check.coverage, run.coverage) {
                (Some(_), Some(told)) => coverage.push(told),
                (Some(file), None) => {
                    judgement.uncovered.push(format!("{}: no coverage report in {file}", check.name));
                }
                (None, _) => {}
            }
            let report = run.report.unwrap_or_default();
            if result.visibility.is_public() {
                bench::show(&mut judgement.output, check, &run.output, OUTPUT_BYTES_MAX / checks.len());
                skipped.extend(report.skipped);
            } else if let Some(why) = &result.why {
                let run_dir = self.workspaces.repo().run_dir();
                // A verdict without it is one all the same.
                result.output_file = hidden::keep(run_dir, &case.tree, check, why, &run.output).ok();
            }
            match check.visibility {
                Visibility::Honeypot if !result.passed => {
                    judgement.tampered.push(format!("honeypot:{}", check.name));
                }
                Visibility::Honeypot => {}
                Visibility::Public | Visibility::Hidden => {
                    if !result.passed {
                        judgement.failures.extend(failures(&result, report.failures));
                    }
                    // Of a hidden one it would be a way for the work to say what it saw.
                    let code = run.ended.exit_code.filter(|_| result.visibility.is_public());
                    exit_codes.push((result.passed, code));
                }
            }
            judgement.checks.push(result);
        }
        judgement.failures.truncate(FAILURES_MAX);
        judgement.tampered.sort();
        judgement.tampered.dedup();
        judgement.tampered.truncate(TAMPERED_MAX);
        judgement.exit_code =
            exit_codes.iter().find(|(passed, _)| !passed).or(exit_codes.last()).and_then(|(_, code)| *code);
        let is_good = judgement.checks.iter().all(|check| check.passed);
        let has_passed = is_good && judgement.tampered.is_empty() && !judgement.flaky;
        judgement.passed = Some(has_passed);
        if coverage.is_empty() {
            uncovered::name(&mut judgement.uncovered, &skipped);
        } else {
            uncovered::name_skipped(&mut judgement.uncovered, &skipped);
        }
        if has_passed && !coverage.is_empty() {
            let (from, to) = (case.reference.clone(), case.commit.clone());
            let told = self.with_repo(move |repo| uncovered::lines(repo, &from, &to, &coverage));
            judgement.uncovered.extend(told.await?);
        }
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        match has_passed {
            true => drop(passed.insert(case.tree.clone(), judgement.clone())),
            false => drop(passed.remove(&case.tree)),
        }
        drop(passed);
        Ok(judgement)
    }

    /// With a start of which nothing was found out nothing can be compared: it stops the run while nothing is spent.
    async fn refuse_void(&self, case: &Case, check: &Check, run: &bench::Run) -> Result<(), Failure> {
        let commit = case.commit.clone();
        let paths = self.with_repo(move |repo| repo.paths(&commit)).await?;
        let test = paths.iter().map(String::as_str).find(|path| is_test(path));
        let tests = run.report.as_ref().and_then(|report| report.counts);
        let void = verdict::why_void(run.ended, tests, test);
        let Some(why) = void.filter(|_| check.visibility != Visibility::Honeypot) else { return Ok(()) };
        let within = self.workspaces.repo().project_within();
        let folder = Path::new(".").join(within).join(check.cwd.as_deref().unwrap_or(""));
        let folder = folder.components().collect::<PathBuf>();
        let message = format!(
            "`{}`, run in the folder `{}` of the project as it is: {why} (it printed: {})",
            check.command,
            folder.display(),
            bench::last_words(&run.output),
        );
        Err(Failure { kind: FailureKind::Oracle, message })
    }

    /// The same tree and the same check must say the same: a second run decides nothing.
    fn hold_against_earlier(&self, tree: &str, check: &str, result: &mut CheckResult, flaky: &mut bool) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.entry((tree.to_owned(), check.to_owned())).or_default();
        match result.passed {
            true => said.yes = true,
            false => said.no = true,
        }
        if said.yes && said.no {
            *flaky = true;
            if result.passed {
                result.passed = false;
                result.why = Some("passed now, but not before on the same tree: it is flaky".into());
            }
        }
    }

    fn remember(&self, recorded: &Judgement) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for check in &recorded.checks {
            let said = said.entry((recorded.tree.clone(), check.name.clone())).or_default();
            (said.yes, said.no) = (said.yes || check.passed, said.no || !check.passed);
        }
    }

    /// What was said of a tree when it last passed; none if it has failed since.
    fn passed_before(&self, tree: &str) -> Option<Judgement> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).get(tree).cloned()
    }

    /// Git blocks: beside the engine's thread.
    async fn with_repo<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&RunRepo) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Failure> {
        let repo = self.workspaces.repo().clone();
        let asked = tokio::task::spawn_blocking(move || ask(&repo)).await;
        asked.map_err(|err| cannot(&err))?.map_err(|err| cannot(&err))
    }
}

/// It could not be asked: that is no verdict.
fn cannot(why: &dyn std::fmt::Display) -> Failure {
    Failure { kind: FailureKind::Oracle, message: format!("the oracle could not be asked: {why}") }
}

/// Once a run: whoever judges the start anew (another oracle, an attempt that died in it) does so when agents
/// have worked in the project already.
fn keep_start(repo: &RunRepo, has_worked: bool) -> Result<(), String> {
    if repo.start_of_project()?.is_some() {
        return Ok(());
    }
    let snapshot = repo.snapshot()?.commit;
    let is_base = repo.tree_hash(&snapshot)? == repo.tree_hash(repo.base())?;
    repo.keep_start_of_project(if is_base { repo.base() } else { &snapshot }, has_worked)
}

fn start_of_run(repo: &RunRepo) -> Result<Case, String> {
    let (base, tampered) = (repo.base(), Vec::new());
    let uncovered = if repo.is_start_late()? { vec![LATE_START.to_owned()] } else { Vec::new() };
    let commit = repo.commit_tree(base, &[base], "the start of the run\n")?;
    let (reference, tree) = (base.to_owned(), repo.tree_hash(base)?);
    Ok(Case { reference, commit, tree, tampered, uncovered, is_in_queue: false })
}

fn case(
    repo: &RunRepo,
    protection: &Protection,
    work: Option<String>,
    tests: &[NewFile],
) -> Result<Case, String> {
    let (work, reference) = match work {
        Some(work) => {
            let reference = repo.landed_base(&work)?;
            (work, reference)
        }
        // What landed was judged against what was there before it: its own state is the reference.
        None if repo.has_landed()? => (repo.tip()?, repo.tip()?),
        None => {
            let start = repo.start_of_project()?.unwrap_or_else(|| repo.base().to_owned());
            (repo.snapshot()?.commit, start)
        }
    };
    case_on(repo, protection, reference, work, tests)
}

/// `reference`: the commit that the work's change is relative to.
fn case_on(
    repo: &RunRepo,
    protection: &Protection,
    reference: String,
    work: String,
    tests: &[NewFile],
) -> Result<Case, String> {
    let changes = repo.changes(&reference, &work)?;
    let mut tampered = Vec::new();
    for change in &changes {
        let path = &change.path;
        let is_broken = match protection.guard(path, change.kind == ChangeKind::Added) {
            None => false,
            Some(guard) => {
                let file = |commit: &str| repo.file(commit, path, GUARDED_BYTES_MAX);
                let (before, after) = (file(&reference)?, file(&work)?);
                // What lies beyond the part that is read could decide as well.
                let is_cut = after.as_ref().is_some_and(|text| text.len() >= GUARDED_BYTES_MAX);
                is_cut || guard.is_broken(before.as_deref(), after.as_deref())
            }
        };
        if is_broken || protection.covers(path) || repo.is_submodule(&reference, &work, path)? {
            tampered.push(path.clone());
        }
    }
    let uncovered = uncovered::changed_tests(repo, &reference, &work, &changes, &tampered)?;
    laid_out(repo, protection, reference, &work, tests, tampered, uncovered)
}

/// The work with what was tampered with as it was, and the tests of reviewers on top.
fn laid_out(
    repo: &RunRepo,
    protection: &Protection,
    reference: String,
    work: &str,
    tests: &[NewFile],
    tampered: Vec<String>,
    mut uncovered: Vec<String>,
) -> Result<Case, String> {
    let restore = |path: &str| tampered.iter().any(|at| at == path);
    let tests = laid(repo, protection, work, tests, &mut uncovered)?;
    let (commit, _) = repo.tree_with(&reference, work, &restore, &tests)?;
    let tree = repo.tree_hash(&commit)?;
    Ok(Case { reference, commit, tree, tampered, uncovered, is_in_queue: false })
}

/// The tests of reviewers that may be laid over the work. The others say nothing about it: they are left out, and
/// that is told.
fn laid(
    repo: &RunRepo,
    protection: &Protection,
    work: &str,
    tests: &[NewFile],
    uncovered: &mut Vec<String>,
) -> Result<Vec<NewFile>, String> {
    if tests.is_empty() {
        return Ok(Vec::new());
    }
    let there = repo.paths(work)?;
    let (laid, left_out): (Vec<_>, Vec<_>) =
        tests.iter().cloned().partition(|test| protection.may_be_laid(test, &there));
    for test in left_out {
        let same = repo.file(work, &test.path, test.content.len() + 1)?;
        if same.as_deref() != Some(test.content.as_bytes()) {
            let why = "it has no name of a new test, or would stand for what is there";
            uncovered.push(format!("left out: the test {} of a reviewer: {why}", test.path));
        }
    }
    Ok(laid)
}

/// Of one check that did not pass: the tests, else why.
fn failures(result: &CheckResult, named: Vec<TestFailure>) -> Vec<TestFailure> {
    let check = result.name.clone();
    if named.is_empty() {
        let message = result.why.clone().unwrap_or_default();
        return vec![TestFailure { check, name: String::new(), message }];
    }
    named.into_iter().map(|failure| TestFailure { check: check.clone(), ..failure }).collect()
}

impl fanfold_core::Oracle for Court {
    fn digest(&self) -> Option<String> {
        self.spec.as_ref().map(OracleSpec::digest)
    }

    fn warnings(&self) -> futures_util::future::BoxFuture<'_, Vec<String>> {
        Box::pin(async move {
            let found = self.with_repo(|repo| Ok(repo.uncommitted_work())).await.unwrap_or_default();
            uncovered::at_the_start(&found).into_iter().collect()
        })
    }

    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        has_worked: bool,
    ) -> futures_util::future::BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(async move {
            match self.spec {
                Some(_) => self.at_start(recorded, has_worked).await.cloned(),
                None => Ok(Judgement::default()),
            }
        })
    }

    fn judge<'a>(
        &'a self,
        call: &'a OracleCall,
    ) -> futures_util::future::BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(self.judge_call(call))
    }

    fn land<'a>(
        &'a self,
        key: &'a fanfold_core::CallKey,
        call: &'a fanfold_core::LandCall,
    ) -> futures_util::future::BoxFuture<'a, Result<fanfold_core::Landing, Failure>> {
        Box::pin(self.land_call(key, call))
    }
}
