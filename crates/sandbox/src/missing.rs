//! Whether this machine enforces a level: by trying it, and by naming what is in the way.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::error::{Error, Missing};
use crate::policy::{Level, Policy, Root};
use crate::sandbox::Sandbox;
use crate::stage;

pub(crate) fn check(sandbox: &Sandbox) -> Result<(), Missing> {
    match sandbox.level() {
        Level::Off => return Ok(()),
        Level::Full if cfg!(target_os = "linux") && !sandbox.bwrap().is_file() => {
            let what =
                format!("the sandbox needs bubblewrap, and {} is not there", sandbox.bwrap().display());
            return Err(Missing::new(what, "type: sudo apt install bubblewrap (or dnf, pacman, apk)"));
        }
        Level::Full | Level::Reduced => (),
    }
    let problem = match attempt(sandbox) {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(err) => err.to_string(),
    };
    Err(reason(sandbox.level(), &problem))
}

fn attempt(sandbox: &Sandbox) -> Result<Output, Error> {
    // The file system's root is never written: it is shown nowhere.
    let policy = Policy::new(Root::Directory("/usr".into()), "/usr");
    let (stdin, _writer) = sandbox.input(&policy, &["true".into()])?;
    let mut command = Command::new(sandbox.program_outside());
    Ok(command.arg(stage::ENTER).env_clear().current_dir("/").stdin(stdin).output()?)
}

/// What distributions switch off, each with what switches it on.
const SWITCHES: [(&str, &str, &str); 3] = [
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "type: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or add an AppArmor profile for bwrap",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "type: sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "type: sudo sysctl -w user.max_user_namespaces=10000"),
];

fn reason(level: Level, problem: &str) -> Missing {
    if problem.contains("Landlock") {
        let hint =
            "it needs Linux 5.13 with `landlock` in the kernel parameter lsm=; see /sys/kernel/security/lsm";
        return Missing::new("the kernel has no Landlock", hint);
    }
    if level == Level::Full {
        let switched_off = SWITCHES.iter().find(|(file, off, _)| {
            fs::read_to_string(Path::new(file)).is_ok_and(|value| value.trim() == *off)
        });
        if let Some((file, off, hint)) = switched_off {
            let what = format!("user namespaces are switched off ({file} is {off}): {problem}");
            return Missing::new(what, *hint);
        }
        if problem.contains("namespace") || problem.contains("/proc/self/") {
            let hint = "in a container, allow them (docker: --security-opt seccomp=unconfined \
                        --security-opt systempaths=unconfined), or choose --sandbox reduced";
            return Missing::new(format!("user namespaces do not work: {problem}"), hint);
        }
    }
    let what = format!("the {} sandbox does not work here: {problem}", level.name());
    Missing::new(what, "type: fanfold doctor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_to_type() {
        let landlock = reason(Level::Reduced, "the kernel has no Landlock");
        assert!(landlock.to_string().contains("lsm="), "{landlock}");
        let spaces = reason(Level::Full, "no user namespace: Operation not permitted");
        assert!(spaces.to_string().contains("user namespaces"), "{spaces}");
    }
}
