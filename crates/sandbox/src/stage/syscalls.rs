//! seccomp: the system calls that no build and no test needs, and by which kernels have been broken.

use std::collections::BTreeMap;

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

use super::Tried;

/// Not permitted, whatever the arguments.
const DENIED: &[libc::c_long] = &[
    // Other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Mounts and namespaces
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    // Much of the kernel behind one call
    libc::SYS_bpf,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    // Keys outlive the process, and are shared by all of one user
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // The machine
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_nfsservctl,
    OPEN_TREE_ATTR,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
];

/// Younger than the numbers that we build on; the same on all machines.
const OPEN_TREE_ATTR: libc::c_long = 467;

/// Modes of files, and which argument they are.
const MODES: &[(libc::c_long, u8)] = &[
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_chmod, 1),
    (libc::SYS_fchmod, 1),
    (libc::SYS_fchmodat, 2),
    (FCHMODAT2, 2),
];
const FCHMODAT2: libc::c_long = 452;

/// A program with these runs with the rights of its owner: outside, that is whoever runs the engine. A file that
/// is made with them loses them when it is written.
const OWNERS_RIGHTS: [libc::mode_t; 2] = [libc::S_ISUID, libc::S_ISGID];

/// New namespaces, by `clone`.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// Typing into a terminal for the person at it.
const TYPING: [u64; 2] = [libc::TIOCSTI, libc::TIOCLINUX];

/// For this process and all that it becomes or starts. Implies `no_new_privs`.
pub(super) fn apply(has_internet: bool) -> Result<(), String> {
    let filter = filter(has_internet).tried("no filter of system calls")?;
    for program in [&unknown(), &filter] {
        apply_filter(program).tried("cannot filter system calls")?;
    }
    Ok(())
}

fn filter(has_internet: bool) -> Result<BpfProgram, seccompiler::BackendError> {
    // No condition means: always.
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = DENIED.iter().map(|call| (*call, Vec::new())).collect();
    for flag in NAMESPACES {
        let flag = flag as u64;
        rules.entry(libc::SYS_clone).or_default().push(rule([(0, Qword, MaskedEq(flag), flag)])?);
    }
    for (call, argument) in MODES {
        for bit in OWNERS_RIGHTS.map(u64::from) {
            rules.entry(*call).or_default().push(rule([(*argument, Dword, MaskedEq(bit), bit)])?);
        }
    }
    for request in TYPING {
        rules.entry(libc::SYS_ioctl).or_default().push(rule([(1, Dword, Eq, request)])?);
    }
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        rules.insert(call, sockets(has_internet)?);
    }
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, denied, ARCH)?.try_into()
}

#[cfg(target_arch = "x86_64")]
const ARCH: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCH: TargetArch = TargetArch::aarch64;

/// Which sockets are denied: all families but those of files, the internet, and questions about routes.
fn sockets(has_internet: bool) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let (unix, netlink) = (libc::AF_UNIX as u64, libc::AF_NETLINK as u64);
    let (v4, v6) = if has_internet { (libc::AF_INET as u64, libc::AF_INET6 as u64) } else { (unix, unix) };
    let others = [unix, netlink, v4, v6].map(|family| (0, Dword, Ne, family));
    let no_routes = [(0, Dword, Eq, netlink), (2, Dword, Ne, libc::NETLINK_ROUTE as u64)];
    Ok(vec![rule(others)?, rule(no_routes)?])
}

/// All conditions at once: the number of the argument, its size, the comparison, the value.
fn rule(
    conditions: impl IntoIterator<Item = (u8, SeccompCmpArgLen, SeccompCmpOp, u64)>,
) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions = conditions.into_iter();
    let conditions = conditions.map(|(arg, size, op, value)| SeccompCondition::new(arg, size, op, value));
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

/// What cannot be looked into, as if the kernel did not know it: `clone3`, whose flags lie in memory (the C
/// library then calls `clone`), and the second set of numbers of x86-64.
fn unknown() -> BpfProgram {
    const X32_BIT: u32 = 0x4000_0000;
    let [load, equal, at_least, end] = [
        libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K,
        libc::BPF_RET | libc::BPF_K,
    ];
    let step = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    vec![
        step(load, 0, 0, 0), // the number of the call comes first in what a filter sees
        step(equal, 1, 0, libc::SYS_clone3 as u32),
        step(at_least, 0, 1, X32_BIT),
        step(end, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        step(end, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}
