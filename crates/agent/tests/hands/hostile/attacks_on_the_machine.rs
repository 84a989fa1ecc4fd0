//! Attacks on the network, the machine's resources and the kernel.

use super::Control::{None, Off, OffIfHere, Plain};
use super::Goal::{Changes, Floods, HasMode, Makes, Runs, Says};
use super::How::{Bash, BashFor};
use super::{Attack, Control, Goal, How};

const fn attack(
    group: &'static str,
    name: &'static str,
    command: &'static str,
    goal: Goal,
    control: Control,
) -> Attack {
    Attack { group, name, how: Bash(command), goal, control }
}

const fn attack_for(name: &'static str, how: How, goal: Goal, control: Control) -> Attack {
    Attack { group: RESOURCES, name, how, goal, control }
}

const NETWORK: &str = "network";
const RESOURCES: &str = "resources";
const PERSISTENCE: &str = "persistence";
const PRIVILEGE: &str = "privilege";
const REACHED: Goal = Says("reached");

/// Refused with neither of the errors that a filter gives.
macro_rules! system_call {
    ($call:literal) => {
        concat!(
            "perl -e '$r = syscall(",
            $call,
            "); print $r >= 0 || ($! != 1 && $! != 38) ? \"reached\" : \"no: $!\"'"
        )
    };
}

// A row a line: it is a table.
#[rustfmt::skip]
pub const ALL: &[Attack] = &[
    attack(NETWORK, "TCP to this machine", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/{tcp} && cat <&3'", Says("PONG"), Off),
    attack(NETWORK, "IPv6", "bash -c 'exec 3<>/dev/tcp/::1/{tcp6} && cat <&3'", Says("PONG"), Off),
    attack(NETWORK, "UDP", "bash -c 'exec 3<>/dev/udp/127.0.0.1/{udp} && echo x >&3; timeout 2 head -c 4 <&3'", Says("PONG"), Off),
    attack(NETWORK, "abstract socket", "perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or die $!; connect(S, pack_sockaddr_un(\"\\0{abstract}\")) or die $!; print <S>'", Says("PONG"), Off),
    attack(NETWORK, "ICMP", "perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or die $!; print \"reached\"'", REACHED, OffIfHere),
    attack(NETWORK, "raw packets", "perl -MSocket -e 'socket(S, 17, SOCK_RAW, 768) or die $!; print \"reached\"'", REACHED, OffIfHere),
    attack(NETWORK, "the hypervisor (vsock)", "perl -e 'socket(S, 40, 1, 0) or die $!; print \"reached\"'", REACHED, OffIfHere),
    attack(NETWORK, "other interfaces", "grep -v lo: /proc/net/dev | grep -q : && echo reached", REACHED, OffIfHere),
    attack(NETWORK, "cloud metadata", "bash -c 'exec 3<>/dev/tcp/169.254.169.254/80 && echo reached'", REACHED, None("there is none here")),
    attack(NETWORK, "DNS", "bash -c 'exec 3<>/dev/udp/127.0.0.1/{udp} && printf \"\\0\\1\\1\\0\\0\\1\" >&3 && timeout 2 head -c 4 <&3'", Says("PONG"), Off),

    attack(RESOURCES, "fork bomb", "i=0; while [ $i -lt 600 ]; do sleep 20 & i=$((i+1)); done; echo reached", REACHED, Off),
    attack(RESOURCES, "memory", "perl -e '$x = \"x\" x (300 << 20); print \"reached\"'", REACHED, Off),
    attack(RESOURCES, "one large file", "head -c 20000000 /dev/zero > large; wc -c < large", Says("20000000"), Off),
    attack(RESOURCES, "/tmp", "for i in 1 2 3; do head -c 8000000 /dev/zero > /tmp/fanfold-{mark}-$i; done; cat /tmp/fanfold-{mark}-* | wc -c; rm /tmp/fanfold-{mark}-*", Says("24000000"), Off),
    attack(RESOURCES, "/dev/shm", "for i in 1 2 3; do head -c 8000000 /dev/zero > /dev/shm/fanfold-{mark}-$i; done; cat /dev/shm/fanfold-{mark}-* | wc -c; rm /dev/shm/fanfold-{mark}-*", Says("24000000"), Off),
    attack(RESOURCES, "open files", "perl -e 'while (open($f[$n++], \"<\", \"/dev/null\")) { last if $n > 300 } print $n > 300 ? \"reached\" : \"no\"'", REACHED, Off),
    attack(RESOURCES, "a bomb to unpack", "head -c 40000000 /dev/zero | gzip > b.gz; gunzip b.gz; wc -c < b", Says("40000000"), Off),
    attack_for("processor for ever", BashFor("while :; do : {mark}; done", 400), Runs, Plain),
    attack_for("sleep for ever", BashFor("sleep {mark}", 400), Runs, Plain),
    attack_for("deaf to signals", BashFor("trap '' TERM INT HUP QUIT; while :; do sleep {mark}; done", 400), Runs, Plain),
    attack_for("output without end", BashFor("yes", 400), Floods, Plain),
    attack_for("a line without end", BashFor("tr '\\0' x < /dev/zero", 400), Floods, Plain),

    attack(PERSISTENCE, "a session of its own", "setsid sleep {mark} &", Runs, Plain),
    attack(PERSISTENCE, "forked twice", "(setsid sh -c 'sleep {mark} & exec true' &); sleep 0.1", Runs, Plain),
    attack(PERSISTENCE, "crontab", "echo harm > /var/spool/cron/fanfold-{mark}", Makes("/var/spool/cron/fanfold-{mark}"), OffIfHere),
    attack(PERSISTENCE, "profile of all", "echo : > /etc/profile.d/fanfold-{mark}.sh", Makes("/etc/profile.d/fanfold-{mark}.sh"), OffIfHere),
    attack(PERSISTENCE, "a program of all", "echo : > /usr/local/bin/fanfold-{mark}", Makes("/usr/local/bin/fanfold-{mark}"), OffIfHere),
    attack(PERSISTENCE, "ld.so.preload", "(: >> /etc/ld.so.preload) && echo reached", REACHED, None("it would break every program of the machine")),

    attack(PRIVILEGE, "unmount the protection", "umount {project}/tests; umount -l tests; echo 'exit 0' > tests/check.sh", Changes("{project}/tests/check.sh"), Off),
    attack(PRIVILEGE, "remount it writable", "mount -o remount,rw,bind {project}/tests; echo 'exit 0' > tests/check.sh", Changes("{project}/tests/check.sh"), Off),
    attack(PRIVILEGE, "unmount in namespaces of its own", "unshare -Urm sh -c 'umount tests; echo exit 0 > tests/check.sh'; :", Changes("{project}/tests/check.sh"), OffIfHere),
    attack(PRIVILEGE, "a user namespace", "unshare -Ur echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "a user namespace by number", system_call!("{unshare}, 0x10000000"), REACHED, OffIfHere),
    attack(PRIVILEGE, "a mount by number", system_call!("{mount}, \"none\", \"/nowhere\", \"tmpfs\", 0, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "enter the engine's namespaces", "nsenter -t {engine} -m echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "chroot", "chroot / echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "a device of its own", "mknod disk b 8 0 && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "another user's program", "cp /bin/true own; chmod 4755 own", HasMode("{project}/own", 0o4000), Off),
    attack(PRIVILEGE, "su", "su -c 'echo reached'", REACHED, OffIfHere),
    attack(PRIVILEGE, "another owner", "chown 0:0 a.txt && chown 12345 a.txt && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "trace the engine", "perl -e 'print syscall({ptrace}, 0x4206, {engine}, 0, 0) == 0 ? \"reached\" : \"no: $!\"'", REACHED, OffIfHere),
    attack(PRIVILEGE, "compare with the engine", "perl -e 'print syscall({kcmp}, {engine}, {engine}, 0, 0, 0) == 0 ? \"reached\" : \"no: $!\"'", REACHED, OffIfHere),
    attack(PRIVILEGE, "bpf", system_call!("{bpf}, 0, 0, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "io_uring", system_call!("{io_uring_setup}, 1, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "userfaultfd", system_call!("{userfaultfd}, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "keyctl", system_call!("{keyctl}, 0, -3, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "add_key", system_call!("{add_key}, \"user\", \"x\", \"y\", 1, -3"), REACHED, OffIfHere),
    attack(PRIVILEGE, "perf", system_call!("{perf_event_open}, 0, 0, -1, -1, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "files by handle", system_call!("{open_by_handle_at}, -100, 0, 0"), REACHED, OffIfHere),
    attack(PRIVILEGE, "core_pattern", "(: >> /proc/sys/kernel/core_pattern) && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "sysrq", "(: >> /proc/sysrq-trigger) && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "the kernel's log", "dd if=/dev/kmsg of=/dev/null count=1 && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "memory of the machine", "(: < /dev/mem) && echo reached", REACHED, OffIfHere),
    attack(PRIVILEGE, "control groups", "mkdir /sys/fs/cgroup/fanfold-{mark} && rmdir /sys/fs/cgroup/fanfold-{mark} && echo reached", REACHED, OffIfHere),
];
