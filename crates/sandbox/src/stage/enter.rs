//! The first stage: supervises, and brings about the namespaces in which the others run.

use tokio::process::Command;

#[cfg(target_os = "linux")]
use super::{CONFINE, INIT, init, mounts, view};
use super::{Tried, input, supervise};
use crate::plan::Plan;
use crate::policy::{Level, Policy, Root};

pub(super) fn main() -> Result<u8, String> {
    // Whoever started the engine may have left something open: it is none of the command's.
    close_fds::set_fds_cloexec(3, &[]);
    let plan = input().and_then(Plan::read).tried("no plan")?;
    if plan.argv.is_empty() {
        return Err("no command".into());
    }
    supervise::die_with_engine(&plan)?;
    match plan.level {
        Level::Full => full(&plan),
        Level::Reduced => reduced(&plan),
        Level::Off => {
            let mut command = Command::new(&plan.argv[0]);
            command.args(&plan.argv[1..]).envs(plan.policy.env.iter().cloned());
            supervise::tree(in_root(command, &plan.policy))
        }
    }
}

#[cfg(target_os = "linux")]
fn full(plan: &Plan) -> Result<u8, String> {
    mounts::own_namespaces()?;
    let root = mounts::root(&plan.policy)?;
    let protected = mounts::protect(&plan.policy, &root)?;
    let view = view::View::new(plan, &root, &protected)?;
    let report = view::report()?;
    let mut command = Command::new(&plan.program);
    command.arg(INIT).args(init::words(plan, &view, &report)).env_clear();
    let status = supervise::one(command)?;
    // bubblewrap reports a status only once the command was started.
    if view::was_started(&report)? { Ok(status) } else { super::abort() }
}

#[cfg(target_os = "macos")]
fn full(plan: &Plan) -> Result<u8, String> {
    let mut command = Command::new("/usr/bin/sandbox-exec");
    command.arg("-p").arg(crate::seatbelt::profile(&plan.policy));
    command.args(&plan.argv).envs(plan.policy.env.iter().cloned());
    supervise::tree(in_root(command, &plan.policy))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn full(_: &Plan) -> Result<u8, String> {
    Err("no sandbox for this operating system".into())
}

/// With a directory of its own for what belongs into the home directory and among temporary files: there is
/// none in memory at this level.
#[cfg(target_os = "linux")]
fn reduced(plan: &Plan) -> Result<u8, String> {
    use std::os::unix::fs::DirBuilderExt;
    let started = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
    let scratch = format!("/tmp/fanfold-{}-{started}", std::process::id());
    std::fs::DirBuilder::new().mode(0o700).create(&scratch).tried(&scratch)?;
    let mut command = Command::new(&plan.program);
    command.args([CONFINE, &scratch]);
    let status = supervise::tree(in_root(command, &plan.policy));
    // What cannot be removed is left to whoever tidies up there.
    let _ = std::fs::remove_dir_all(&scratch);
    status
}

/// The profile of `sandbox-exec` is all there is: nothing lies between all and nothing.
#[cfg(not(target_os = "linux"))]
fn reduced(plan: &Plan) -> Result<u8, String> {
    full(plan)
}

fn in_root(mut command: Command, policy: &Policy) -> Command {
    let (Root::Directory(root) | Root::Overlay { lower: root, .. }) = &policy.root;
    command.current_dir(root);
    command
}
