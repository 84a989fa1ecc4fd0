//! The last stage, within the view: limits, Landlock, seccomp; then this process becomes the command.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitiesSecureBits, CapabilitySet, CapabilitySets};

use super::{Tried, input, rules, syscalls};
use crate::forward;
use crate::plan::Plan;
use crate::policy::{Level, Network, ProcessLimits};

/// `scratch` is a directory for temporary files and the home, below the full level.
pub(super) fn main(scratch: &[String]) -> Result<u8, String> {
    // Until the command is there, this process knows the whole plan.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).tried("cannot hide from others")?;
    let mut plan = input().and_then(Plan::read).tried("no plan")?;
    if let [scratch] = scratch {
        plan.policy.write.push(scratch.into());
        plan.policy.env.extend(["HOME", "TMPDIR"].map(|name| (name.to_owned(), scratch.clone())));
        plan.policy.read.push(plan.program.clone());
    }
    let policy = &plan.policy;
    let mut command = Command::new(&plan.argv[0]);
    command.args(&plan.argv[1..]).env_clear();
    if matches!(policy.network, Network::Proxy { .. }) {
        command.envs(forward::environment(forward::PORT));
    }
    command.envs(policy.env.iter().cloned());

    limit(&policy.limits)?;
    if plan.level == Level::Reduced {
        drop_capabilities()?;
    }
    rules::apply(plan.level, policy)?;
    syscalls::apply(plan.level == Level::Full || policy.network == Network::Open)?;

    let err = command.exec();
    let problem = format!("{}: {err}", plan.argv[0]);
    use std::io::Write;
    let _ = writeln!(io::stderr(), "{problem}");
    // As a shell has it.
    Ok(if err.kind() == io::ErrorKind::NotFound { 127 } else { 126 })
}

fn limit(limits: &ProcessLimits) -> Result<(), String> {
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Nproc, limits.processes),
        (Resource::Data, limits.memory_bytes),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Nofile, limits.open_files),
    ] {
        let most = getrlimit(resource).maximum.map_or(most, |own| own.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).tried(format!("cannot set the limit {resource:?}"))?;
    }
    Ok(())
}

/// Without a user namespace, root has some.
fn drop_capabilities() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let none = CapabilitySet::empty();
    let locked = CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED;
    // Not allowed to a root that has lost some already; without it, `execve` gives none back anyway after
    // `no_new_privs`.
    let _ = rustix::thread::set_capabilities_secure_bits(locked);
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, sets).tried("cannot drop the capabilities of root")
}
