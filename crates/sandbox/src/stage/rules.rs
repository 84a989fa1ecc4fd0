//! Landlock: what may be written beneath the view, and nothing outside may be signalled or reached by name.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::view::ETC;
use crate::policy::{Level, Network, PROXY_SOCKET, Policy, Root};

/// The newest we know; of an older kernel, what it has.
const NEWEST: ABI = ABI::V10;

const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc"];
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];

pub(super) fn apply(level: Level, policy: &Policy) -> Result<(), String> {
    let (read, write) = match level {
        Level::Full => within_view(policy),
        Level::Reduced | Level::Off => on_machine(policy),
    };
    let sockets = match policy.network {
        Network::Proxy { .. } => vec![PathBuf::from(PROXY_SOCKET)],
        Network::None | Network::Open => Vec::new(),
    };
    let status = restrict(&read, &write, &sockets).map_err(|err| format!("cannot restrict itself: {err}"))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        RulesetStatus::NotEnforced => Err("the kernel has no Landlock".into()),
    }
}

/// What is not to be seen is not there: reading needs no rule.
fn within_view(policy: &Policy) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut write: Vec<PathBuf> = ["/tmp", "/dev"].map(PathBuf::from).to_vec();
    write.extend([policy.at.clone(), policy.home.clone()]);
    write.extend(policy.write.iter().cloned());
    (vec!["/".into()], write)
}

fn on_machine(policy: &Policy) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut read: Vec<PathBuf> = SYSTEM.iter().chain(&ETC).map(PathBuf::from).collect();
    read.extend(["/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf"].map(PathBuf::from));
    read.extend(policy.read.iter().chain(&policy.git_dirs).cloned());
    let mut write: Vec<PathBuf> = DEVICES.map(PathBuf::from).to_vec();
    let (Root::Directory(root) | Root::Overlay { lower: root, .. }) = &policy.root;
    write.push(root.clone());
    write.extend(policy.write.iter().cloned());
    (read, write)
}

fn restrict(
    read: &[PathBuf],
    write: &[PathBuf],
    sockets: &[PathBuf],
) -> Result<RestrictionStatus, RulesetError> {
    let connect: BitFlags<AccessFs> = AccessFs::ResolveUnix.into();
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(there(read), AccessFs::from_read(NEWEST)))?
        .add_rules(path_beneath_rules(there(write), AccessFs::from_all(NEWEST)))?
        .add_rules(path_beneath_rules(there(sockets), connect))?
        .restrict_self()
}

fn there(paths: &[PathBuf]) -> impl Iterator<Item = &Path> {
    paths.iter().map(PathBuf::as_path).filter(|path| path.exists())
}
