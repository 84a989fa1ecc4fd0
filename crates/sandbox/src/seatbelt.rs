//! The profile of `sandbox-exec` for a policy: what macOS has for the full level.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::policy::{Network, Policy, Root};

/// What programs of the system need to run at all.
const SYSTEM: [&str; 11] = [
    "/usr",
    "/bin",
    "/sbin",
    "/System",
    "/Library/Apple",
    "/Library/Developer",
    "/Applications/Xcode.app",
    "/opt/homebrew",
    "/private/etc/ssl",
    "/private/var/db/timezone",
    "/private/var/select",
];

/// Everything is denied that is not allowed; of two rules about one path the later holds.
pub fn profile(policy: &Policy) -> String {
    let mut text = String::from(
        "(version 1)\n\
         (deny default)\n\
         (allow process-exec)\n\
         (allow process-fork)\n\
         (allow signal (target same-sandbox))\n\
         (allow process-info* (target same-sandbox))\n\
         (allow sysctl-read)\n\
         (allow file-read-metadata)\n\
         (allow file-read* (literal \"/\"))\n\
         (allow file-read* file-write-data file-ioctl (regex #\"^/dev/(null|zero|random|urandom|tty|dtracehelper)$\"))\n",
    );
    let (Root::Directory(root) | Root::Overlay { lower: root, .. }) = &policy.root;
    for path in SYSTEM.iter().map(Path::new).chain(paths(&policy.read)) {
        rule(&mut text, "allow file-read*", path);
    }
    for path in std::iter::once(root.as_path()).chain(paths(&policy.write)) {
        rule(&mut text, "allow file-read* file-write*", path);
    }
    for path in paths(&policy.git_dirs) {
        rule(&mut text, "allow file-read*", path);
        rule(&mut text, "deny file-write*", path);
    }
    for path in &policy.protected {
        rule(&mut text, "deny file-write*", &root.join(path));
    }
    for path in &policy.hidden {
        rule(&mut text, "deny file-read* file-write*", &root.join(path));
    }
    match &policy.network {
        Network::None => (),
        Network::Proxy { socket } => {
            let _ = writeln!(text, "(allow network-outbound (literal {}))", quoted(socket));
        }
        Network::Open => text.push_str("(allow network*)\n(allow system-socket)\n"),
    }
    text
}

fn paths(paths: &[PathBuf]) -> impl Iterator<Item = &Path> {
    paths.iter().map(PathBuf::as_path)
}

fn rule(text: &mut String, what: &str, path: &Path) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "({what} (subpath {}))", quoted(path));
}

/// A path cannot end the text that it stands in.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{path}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let mut policy = Policy::new(Root::Directory("/Users/ada/project".into()), "/Users/ada/project");
        policy.read = vec!["/Users/ada/.rustup".into()];
        policy.protected = vec!["tests".into()];
        policy.hidden = vec![".env".into()];
        policy.git_dirs = vec!["/Users/ada/project/.git".into()];
        policy
    }

    #[test]
    fn everything_is_denied_but_the_project_the_system_and_what_is_named() {
        let text = profile(&policy());
        assert!(text.starts_with("(version 1)\n(deny default)\n"), "{text}");
        assert!(text.contains("(allow file-read* file-write* (subpath \"/Users/ada/project\"))"));
        assert!(text.contains("(allow file-read* (subpath \"/Users/ada/.rustup\"))"));
        assert!(!text.contains("network"), "{text}");
        assert!(!text.contains("(subpath \"/\")") && !text.contains("(subpath \"/Users/ada\")"));
    }

    #[test]
    fn what_is_denied_inside_the_project_comes_after_what_is_allowed() {
        let text = profile(&policy());
        let at = |rule: &str| text.find(rule).unwrap_or_else(|| panic!("no {rule} in {text}"));
        let project = at("(allow file-read* file-write* (subpath \"/Users/ada/project\"))");
        assert!(project < at("(deny file-write* (subpath \"/Users/ada/project/tests\"))"));
        assert!(project < at("(deny file-read* file-write* (subpath \"/Users/ada/project/.env\"))"));
        assert!(project < at("(deny file-write* (subpath \"/Users/ada/project/.git\"))"));
    }

    #[test]
    fn a_path_cannot_write_rules() {
        let mut policy = policy();
        policy.read = vec!["/a\")) (allow default) (deny x (subpath \"\\".into()];
        let text = profile(&policy);
        assert!(text.contains(r#"(subpath "/a\")) (allow default) (deny x (subpath \"\\")"#), "{text}");
    }

    #[test]
    fn a_proxy_is_the_only_way_out_where_there_is_one() {
        let mut policy = policy();
        policy.network = Network::Proxy { socket: "/tmp/proxy".into() };
        let text = profile(&policy);
        assert_eq!(text.matches("network").count(), 1);
        assert!(text.contains("(allow network-outbound (literal \"/tmp/proxy\"))"));
    }
}
