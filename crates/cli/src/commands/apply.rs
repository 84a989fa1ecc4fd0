//! `fanfold apply RUN`: what landed on the run's branch comes to the branch that is checked out.

use std::path::Path;

use fanfold_workspace::{Applied, ApplyPlan, Change, ChangeKind, RunRepo, unasked};
use serde_json::{Value, json};

use super::{launch, proof, say, tell};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::Apply;
use crate::places::RunPlace;
use crate::run_index::RunIndex;
use crate::screen::text;
use crate::world::World;

/// Files that are listed before they change.
const LISTED_MAX: usize = 40;

pub fn apply(flags: &Apply, world: &World) -> Result<Exit> {
    let place = RunIndex::new(world).find(&flags.run, world)?;
    place.refuse_links()?;
    let repo = repository(&place, world)?;
    if let Some(file) = &flags.patch {
        let file = world.cwd.join(file);
        repo.write_patch(&file).map_err(failed)?;
        tell(&format!("what landed is in {}; git apply {} takes it", file.display(), file.display()));
        return Ok(Exit::Completed);
    }
    let plan = repo.apply_plan().map_err(failed)?;
    if let Some(refusal) = refusal(&plan, &place) {
        return Err(refusal);
    }
    let needs_a_look = !flags.yes && needs_a_look(&plan);
    if flags.json {
        let refusal = (needs_a_look && !flags.dry_run).then(|| unlooked(&place, "--yes"));
        if refusal.is_none() && !flags.dry_run {
            repo.apply(&plan).map_err(failed)?;
        }
        say(&document(&place, &plan, flags.dry_run, refusal.as_ref()));
        return Ok(refusal.map_or(Exit::Completed, |refusal| refusal.exit()));
    }
    show(&plan, &repo);
    if flags.dry_run || plan == ApplyPlan::Nothing {
        return Ok(Exit::Completed);
    }
    if needs_a_look && !world.can_ask() {
        return Err(unlooked(&place, "--yes"));
    }
    if needs_a_look && !launch::ask("apply it, with these?") {
        return Err(CliError::new(ErrorKind::NotApproved, "nothing was applied"));
    }
    do_it(&repo, &plan)?;
    Ok(Exit::Completed)
}

/// `--apply` of a run that passed: the same, told the same way, but nobody is asked: whoever started the run may have
/// left. `yes`: they meant all of it.
pub fn at_the_end(place: &RunPlace, yes: bool, world: &World) -> Result<()> {
    let repo = repository(place, world)?;
    let plan = repo.apply_plan().map_err(failed)?;
    if let Some(refusal) = refusal(&plan, place) {
        return Err(refusal);
    }
    show(&plan, &repo);
    if !yes && needs_a_look(&plan) {
        return Err(unlooked(place, ""));
    }
    do_it(&repo, &plan)
}

/// Puts the branch of a run that landed something into the person's repository, where they can look at it.
/// `None`: nothing landed.
pub fn publish(run_dir: &Path, world: &World) -> Option<RunPlace> {
    if !run_dir.join("repo.git").exists() {
        return None;
    }
    let place = RunPlace::existing(run_dir.to_owned())?;
    let repo = repository(&place, world).ok()?;
    if !repo.has_landed().unwrap_or(false) {
        return None;
    }
    if let Err(why) = repo.publish() {
        tell(&format!("notice: {why}"));
    }
    Some(place)
}

fn repository(place: &RunPlace, world: &World) -> Result<RunRepo> {
    if !place.path.join("repo.git").exists() {
        let message = format!("`{}` landed nothing: it has no branch", place.id);
        return Err(CliError::new(ErrorKind::NotFound, message)
            .hint("only what verified() passes lands; fanfold show says what became of it"));
    }
    proof::run_repo(&place.path, &place.id, &world.cwd, world)
}

fn do_it(repo: &RunRepo, plan: &ApplyPlan) -> Result<()> {
    match repo.apply(plan).map_err(failed)? {
        Applied::Nothing => (),
        Applied::FastForwarded { branch, to, files } => {
            let branch = if branch.is_empty() { "HEAD".to_owned() } else { format!("`{branch}`") };
            let files = text::plural(files as u64, "file");
            tell(&format!("{branch} is at {} now, {files} changed", &to[..to.len().min(12)]));
        }
        Applied::Written { files } => tell(&format!("{} written", text::plural(files as u64, "file"))),
    }
    Ok(())
}

fn refusal(plan: &ApplyPlan, place: &RunPlace) -> Option<CliError> {
    let patch = format!("or take it as a file: fanfold apply {} --patch landed.patch", place.id);
    match plan {
        ApplyPlan::Dirty { files } => {
            let message = format!("there is work in the way that is in no commit: {}", listed(files));
            Some(CliError::new(ErrorKind::File, message).hint(format!("commit or stash it, {patch}")))
        }
        ApplyPlan::Diverged { branch, merge } => {
            let message = format!("`{branch}` has commits that the run did not start from");
            Some(CliError::new(ErrorKind::File, message).hint(format!("{merge}\n      {patch}")))
        }
        ApplyPlan::Nothing | ApplyPlan::FastForward { .. } | ApplyPlan::Write { .. } => None,
    }
}

fn needs_a_look(plan: &ApplyPlan) -> bool {
    run_by_itself(plan).next().is_some()
}

/// `more`: what says that somebody has looked.
fn unlooked(place: &RunPlace, more: &str) -> CliError {
    let message = "nothing was applied: other programs run or obey some of it by themselves";
    let type_this = format!("look at it, then type: fanfold apply {} {more}", place.id);
    CliError::new(ErrorKind::NotApproved, message).hint(type_this.trim_end())
}

fn document(place: &RunPlace, plan: &ApplyPlan, is_dry: bool, refusal: Option<&CliError>) -> String {
    let by_itself: Vec<Value> =
        run_by_itself(plan).map(|(path, by)| json!({"path": path, "by": by})).collect();
    let mut document = json!({
        "run_id": place.id,
        "applied": !is_dry && refusal.is_none(),
        "plan": plan_json(plan),
        "runs_by_itself": by_itself,
    });
    if let Some(refusal) = refusal {
        document["error"] = json!(refusal);
        document["exit_status"] = refusal.exit().code().into();
    }
    serde_json::to_string_pretty(&document).expect("plain data always serializes")
}

/// What will be done, before it is.
fn show(plan: &ApplyPlan, repo: &RunRepo) {
    let (changes, what) = match plan {
        ApplyPlan::Nothing => {
            tell("nothing landed that is not there already");
            return;
        }
        ApplyPlan::FastForward { branch, from, to, changes } => {
            let short = |commit: &str| commit[..commit.len().min(12)].to_owned();
            let branch = if branch.is_empty() { "HEAD" } else { branch };
            (changes, format!("{branch}: {} -> {} ({})", short(from), short(to), repo.branch()))
        }
        ApplyPlan::Write { changes } => (changes, "files, since there is no commit to go on from".into()),
        ApplyPlan::Dirty { .. } | ApplyPlan::Diverged { .. } => return,
    };
    tell(&what);
    for change in changes.iter().take(LISTED_MAX) {
        tell(&format!("  {}  {}", mark(change), text::clean(&change.path)));
    }
    if changes.len() > LISTED_MAX {
        tell(&format!("  and {} more", changes.len() - LISTED_MAX));
    }
    let by_itself: Vec<String> =
        run_by_itself(plan).map(|(path, by)| format!("  {}  ({by})", text::clean(path))).collect();
    if by_itself.is_empty() {
        return;
    }
    tell("warning: other programs run or obey some of it by themselves; look at these first:");
    // All of them: what is not shown cannot be looked at.
    by_itself.iter().for_each(|line| tell(line));
    if let ApplyPlan::FastForward { from, .. } = plan {
        tell(&format!("  git diff {} {} -- :/PATH shows one", &from[..from.len().min(12)], repo.branch()));
    }
}

/// What is new or changed and nobody has to start, and who starts it.
fn run_by_itself(plan: &ApplyPlan) -> impl Iterator<Item = (&str, &'static str)> {
    let changes = match plan {
        ApplyPlan::FastForward { changes, .. } | ApplyPlan::Write { changes } => changes.as_slice(),
        ApplyPlan::Nothing | ApplyPlan::Dirty { .. } | ApplyPlan::Diverged { .. } => &[],
    };
    let there = changes.iter().filter(|change| change.kind != ChangeKind::Deleted);
    there.filter_map(|change| Some((change.path.as_str(), unasked(&change.path)?)))
}

fn mark(change: &Change) -> char {
    match change.kind {
        ChangeKind::Added => 'A',
        ChangeKind::Modified => 'M',
        ChangeKind::Deleted => 'D',
        ChangeKind::Type => 'T',
    }
}

fn plan_json(plan: &ApplyPlan) -> Value {
    let files = |changes: &[Change]| -> Vec<Value> {
        changes.iter().map(|change| json!({"path": change.path, "kind": mark(change).to_string()})).collect()
    };
    match plan {
        ApplyPlan::Nothing => json!({"what": "nothing"}),
        ApplyPlan::FastForward { branch, from, to, changes } => {
            json!({"what": "fast_forward", "branch": branch, "from": from, "to": to, "files": files(changes)})
        }
        ApplyPlan::Write { changes } => json!({"what": "write", "files": files(changes)}),
        ApplyPlan::Dirty { files } => json!({"what": "dirty", "files": files}),
        ApplyPlan::Diverged { branch, merge } => {
            json!({"what": "diverged", "branch": branch, "merge": merge})
        }
    }
}

fn listed(files: &[String]) -> String {
    let shown: Vec<String> = files.iter().take(5).map(|file| text::clean(file)).collect();
    let more = files.len().saturating_sub(5);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn failed(why: String) -> CliError {
    CliError::new(ErrorKind::File, why)
}
