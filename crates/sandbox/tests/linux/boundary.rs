//! Forbidden things are tried: inside they fail, and without a sandbox the same ones succeed.

use std::process::{Command, Stdio};

use fanfold_sandbox::Network;
use fanfold_sandbox::probe::Proof;
use serde_json::Value;

use crate::support::{Site, Who, everybody, output, said, unless_missing};

fn proofs(site: &Site, who: Who, level: &str) -> Option<Vec<Proof>> {
    let scratch = site.make(&format!("probe-{level}-{who:?}"));
    let mut driver = site.driver(who);
    let told = unless_missing(said(driver.args(["probe", level]).arg(scratch)))?;
    Some(serde_json::from_value(told).expect("proofs"))
}

#[test]
fn the_full_sandbox_denies_all_that_the_probe_tries() {
    let site = Site::new();
    for who in everybody() {
        let Some(proofs) = proofs(&site, who, "full") else { continue };
        let open: Vec<&Proof> = proofs.iter().filter(|proof| !proof.denied || !proof.promised).collect();
        assert!(proofs.len() >= 20 && open.is_empty(), "{who:?}: {open:#?}");
    }
}

#[test]
fn the_reduced_sandbox_denies_what_it_promises() {
    let site = Site::new();
    for who in everybody() {
        let Some(proofs) = proofs(&site, who, "reduced") else { continue };
        let broken: Vec<&Proof> = proofs.iter().filter(|proof| proof.is_broken()).collect();
        assert!(broken.is_empty(), "{who:?}: {broken:#?}");
        // It says itself what it cannot do.
        assert!(proofs.iter().any(|proof| !proof.promised && !proof.denied), "{who:?}");
    }
}

/// Without it a probe that tries nothing would prove everything.
#[test]
fn without_a_sandbox_the_same_things_succeed() {
    let site = Site::new();
    for who in everybody() {
        let Some(proofs) = proofs(&site, who, "off") else { continue };
        let allowed = |name: &str| proofs.iter().any(|proof| proof.name == name && !proof.denied);
        for name in [
            "read a file outside",
            "create a file outside",
            "write a protected file",
            "read a hidden file",
            "connect by TCP",
            "send by UDP",
            "connect to a socket outside",
            "connect to an abstract socket",
            "signal a process outside",
            "make a user namespace",
        ] {
            assert!(allowed(name), "{who:?}: {name} fails without a sandbox, too: {proofs:#?}");
        }
    }
}

/// System calls by number, with arguments that do nothing if they are allowed.
const CALLS: &str = r#"
import ctypes, errno, json, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == 'x86_64'
numbers = {  # x86_64, aarch64
  'ptrace': (101, 117), 'process_vm_readv': (310, 270), 'process_vm_writev': (311, 271), 'mount': (165, 40),
  'umount2': (166, 39), 'pivot_root': (155, 41), 'setns': (308, 268), 'unshare': (272, 97), 'bpf': (321, 280),
  'io_uring_setup': (425, 425), 'io_uring_enter': (426, 426), 'io_uring_register': (427, 427),
  'add_key': (248, 217), 'request_key': (249, 218), 'keyctl': (250, 219), 'userfaultfd': (323, 282),
  'perf_event_open': (298, 241), 'kexec_load': (246, 104), 'kexec_file_load': (320, 294),
  'init_module': (175, 105), 'finit_module': (313, 273), 'delete_module': (176, 106),
  'open_by_handle_at': (304, 265), 'open_tree': (428, 428), 'fsopen': (430, 430), 'move_mount': (429, 429),
  'mount_setattr': (442, 442), 'pidfd_getfd': (438, 438),
}
found = {}
def told(name, result):
    found[name] = errno.errorcode[ctypes.get_errno()] if result < 0 else 'allowed'
for name, (on_x86, on_arm) in numbers.items():
    # Addresses and descriptors that are none; for unshare no flags at all.
    arguments = [0] * 6 if name == 'unshare' else [-1] * 6
    told(name, libc.syscall(on_x86 if x86 else on_arm, *arguments))
told('clone3', libc.syscall(435, 0, 0))
told('clone with CLONE_NEWUSER', libc.syscall(56 if x86 else 220, 0x10000000 | 0x10000, 0, 0, 0, 0))
told('TIOCSTI', libc.ioctl(0, 0x5412, b'x'))
for name, family, kind, protocol in [
    ('AF_PACKET', 17, 3, 0), ('AF_VSOCK', 40, 1, 0), ('AF_ALG', 38, 5, 0), ('NETLINK_AUDIT', 16, 3, 9),
    ('NETLINK_ROUTE', 16, 3, 0), ('AF_UNIX', 1, 1, 0), ('AF_INET', 2, 1, 0), ('AF_INET6', 10, 1, 0)]:
    told(name, libc.socket(family, kind, protocol))
if x86:
    told('x32 getpid', libc.syscall(0x40000000 | 39))
print(json.dumps(found))
"#;

#[test]
fn system_calls_that_no_tool_needs_are_denied() {
    if !std::path::Path::new("/usr/bin/python3").exists() {
        return unless_missing(serde_json::json!({"missing": "no /usr/bin/python3"})).map_or((), drop);
    }
    let site = Site::new();
    let script = format!("exec /usr/bin/python3 -c \"$(cat <<'END'\n{CALLS}\nEND\n)\"");
    let free = Command::new("/bin/sh").args(["-c", &script]).stdin(Stdio::null()).output().expect("a shell");
    let free: Value = serde_json::from_slice(&free.stdout).expect("JSON");
    // The control: the kernel itself knows most of them, and says something else.
    let known = free.as_object().expect("calls").values().filter(|told| *told != "EPERM").count();
    assert!(known >= 20, "{free}");
    for (who, level) in everybody().into_iter().flat_map(|who| [(who, "full"), (who, "reduced")]) {
        let Some(ran) = site.run(who, level, &site.directory(), &script) else { continue };
        let found: Value = serde_json::from_str(output(&ran)).unwrap_or_else(|_| panic!("{ran}"));
        for (name, told) in found.as_object().expect("calls") {
            let expected = match name.as_str() {
                "clone3" | "x32 getpid" => "ENOSYS",
                "NETLINK_ROUTE" | "AF_UNIX" => "allowed",
                "AF_INET" | "AF_INET6" if level == "full" => "allowed",
                _ => "EPERM",
            };
            assert_eq!(told, expected, "{who:?} {level}: {name}");
        }
    }
}

#[test]
fn the_environment_is_the_policy_s_and_nothing_else() {
    let site = Site::new();
    let mut policy = site.directory();
    policy.env = vec![("PATH".into(), "/usr/bin:/bin".into()), ("GRANTED".into(), "yes".into())];
    let script = "env; cat /proc/*/environ | tr '\\0' '\\n'; cat /proc/*/cmdline | tr '\\0' '\\n'";
    for who in everybody() {
        let mut driver = site.driver(who);
        driver.env("OPENAI_API_KEY", "canary-of-the-engine");
        let words =
            ["run", "full", &crate::support::json(&policy), "20000", "100000", "/bin/sh", "-c", script];
        let Some(ran) = unless_missing(said(driver.args(words))) else { continue };
        assert!(output(&ran).contains("GRANTED=yes"), "{ran}");
        assert!(!output(&ran).contains("canary") && !output(&ran).contains("outside"), "{ran}");
    }
}

#[test]
fn nothing_that_was_left_open_gets_in() {
    let site = Site::new();
    let secret = site.write("outside/secret", "canary");
    let script = "ls -l /proc/self/fd; cat <&9";
    for (who, level) in
        everybody().into_iter().flat_map(|who| [(who, "full"), (who, "reduced"), (who, "off")])
    {
        let policy = site.directory();
        // The shell leaves a descriptor open, as whoever starts the engine might.
        let mut driver = Command::new("/bin/sh");
        let direct = site.driver(who);
        driver
            .args(["-c", "exec \"$@\" 9<\"$SECRET\"", "sh"])
            .env("SECRET", &secret)
            .arg(direct.get_program());
        driver.args(direct.get_args()).args([
            "run",
            level,
            &crate::support::json(&policy),
            "20000",
            "100000",
        ]);
        let Some(ran) = unless_missing(said(driver.args(["/bin/sh", "-c", script]))) else { continue };
        assert!(
            !output(&ran).contains("canary") && !output(&ran).contains("secret"),
            "{who:?} {level}: {ran}"
        );
    }
}

#[test]
fn a_process_has_no_capability_and_cannot_get_one() {
    let site = Site::new();
    for (who, level) in everybody().into_iter().flat_map(|who| [(who, "full"), (who, "reduced")]) {
        let script = "cat /proc/self/status";
        let Some(ran) = site.run(who, level, &site.directory(), script) else { continue };
        let status = output(&ran);
        for set in ["CapPrm", "CapEff", "CapAmb"] {
            assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{who:?} {level}: {status}");
        }
        assert!(status.contains("NoNewPrivs:\t1\n") && status.contains("Seccomp:\t2\n"), "{status}");
    }
}

#[test]
fn the_network_is_reached_only_where_it_is_open() {
    let site = Site::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected");
    let script = format!("bash -c '{script}'; cat /proc/net/route /proc/net/dev");
    for (who, level) in everybody().into_iter().flat_map(|who| [(who, "full"), (who, "reduced")]) {
        let mut policy = site.directory();
        let Some(closed) = site.run(who, level, &policy, &script) else { continue };
        assert!(!output(&closed).contains("connected"), "{who:?} {level}: {closed}");
        policy.network = Network::Open;
        let open = site.run(who, level, &policy, &script).expect("it was there just now");
        assert!(output(&open).contains("connected"), "{who:?} {level}: {open}");
    }
}

#[test]
fn only_the_socket_of_the_proxy_is_reached_from_inside() {
    let site = Site::new();
    let socket = site.path().join("outside/proxy");
    let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a short path");
    std::fs::set_permissions(&socket, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("mine");
    listener.set_nonblocking(true).expect("a socket");
    let script =
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/fanfold/proxy.sock'); print('met')";
    for who in everybody() {
        let mut policy = site.directory();
        policy.network = Network::Proxy { socket: socket.clone() };
        let script = format!("/usr/bin/python3 -c \"{script}\"; ls {}", socket.display());
        let Some(ran) = site.run(who, "full", &policy, &script) else { continue };
        assert!(output(&ran).contains("met") && output(&ran).contains("No such file"), "{who:?}: {ran}");
        assert!(listener.accept().is_ok(), "{who:?}");
    }
}
