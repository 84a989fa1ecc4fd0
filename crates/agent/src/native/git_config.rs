//! The configuration of repositories as agents are shown it: what opens servers is left out, and git still works.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_core::key::short_digest;
use fanfold_workspace::{GitConfig, UserRepository};

use super::past::kept;

/// What git needs to look at a repository, or tells about it. All others may name a secret: headers, proxies, helpers.
const SHOWN: [&str; 22] = [
    "advice",
    "author",
    "blame",
    "branch",
    "color",
    "column",
    "commit",
    "committer",
    "core",
    "diff",
    "extensions",
    "fetch",
    "filter",
    "format",
    "i18n",
    "init",
    "log",
    "merge",
    "pull",
    "remote",
    "submodule",
    "user",
];
const NOT_SHOWN: [&str; 5] =
    ["core.askpass", "core.gitproxy", "core.sshcommand", "user.password", "user.token"];

/// Files of passwords that a `store` helper may have been pointed to.
const PASSWORDS: [&str; 2] = ["credentials", ".git-credentials"];

const CONFIGS: [&str; 2] = ["config", "config.worktree"];

/// In the sandbox nobody can open it.
const NOTHING: &str = "/dev/null";

/// What is shown instead of files of git directories, and where.
#[derive(Debug, Default)]
pub(super) struct Covers {
    pub shown: Vec<(PathBuf, PathBuf)>,
    /// What it was made of.
    seen: Vec<(PathBuf, Stamp)>,
}

/// Of a file: another one if it was written, or replaced.
type Stamp = (u64, u64, u64, i64, i64);

impl Covers {
    /// `inner`: git directories of other repositories in the project. `beneath`: where copies are kept; without it what
    /// would need one is hidden. `before`: taken where nothing has changed since.
    pub fn of(
        user: &UserRepository,
        inner: &[PathBuf],
        git: &GitConfig,
        beneath: Option<&Path>,
        before: Option<&Arc<Self>>,
    ) -> Arc<Self> {
        let own = [&user.common, &user.git_dir].into_iter().cloned();
        let modules = modules(&user.common.join("modules"));
        let mut dirs: Vec<PathBuf> = own.chain(modules).chain(inner.iter().cloned()).collect();
        dirs.sort();
        dirs.dedup();
        let files = dirs.iter().flat_map(|dir| PASSWORDS.iter().chain(&CONFIGS).map(|name| dir.join(name)));
        let seen: Vec<(PathBuf, Stamp)> =
            files.filter_map(|file| stamp(&file).map(|stamp| (file, stamp))).collect();
        let is_whole = |covers: &Self| covers.shown.iter().all(|(cover, _)| cover.exists());
        if let Some(before) = before.filter(|before| before.seen == seen && is_whole(before)) {
            return before.clone();
        }
        let shown = seen.iter().filter_map(|(file, _)| {
            let is_config = file.file_name().is_some_and(|name| CONFIGS.iter().any(|config| name == *config));
            let cover = if is_config { copy(file, user, git, beneath)? } else { NOTHING.into() };
            Some((cover, file.clone()))
        });
        Arc::new(Self { shown: shown.collect(), seen })
    }
}

/// Of a configuration, without what opens servers. `None`: all of it may be shown.
fn copy(config: &Path, user: &UserRepository, git: &GitConfig, beneath: Option<&Path>) -> Option<PathBuf> {
    let file = config.to_string_lossy();
    let listed = user.git(git).run(&["config", "--file", &file, "--no-includes", "--null", "--list"]);
    // One that git cannot read is no use to agents either.
    let listed = listed.unwrap_or_else(|_| b"unreadable.config".to_vec());
    let text = without_secrets(&String::from_utf8_lossy(&listed))?;
    // Never another text under a name: agents that are at work are shown it.
    let name = format!("git-config-{}", short_digest(text.as_bytes()));
    let copy = beneath.and_then(|folder| kept(folder.join(name), &text));
    Some(copy.unwrap_or_else(|| NOTHING.into()))
}

/// `None`: it is not there.
fn stamp(file: &Path) -> Option<Stamp> {
    let it = fs::metadata(file).ok()?;
    Some((it.dev(), it.ino(), it.len(), it.ctime(), it.ctime_nsec()))
}

/// Git directories of submodules.
fn modules(folder: &Path) -> Vec<PathBuf> {
    const MODULES_MAX: usize = 1_000;
    let (mut found, mut folders, mut looked) = (Vec::new(), vec![folder.to_owned()], 0);
    while let Some(folder) = folders.pop()
        && looked < MODULES_MAX
    {
        looked += 1;
        if folder.join("HEAD").exists() {
            folders.push(folder.join("modules"));
            found.push(folder);
        } else {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            folders.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
        }
    }
    found
}

/// `listed`: keys, each with a line end and its value, ended by zero bytes. `None`: all of it may be shown.
fn without_secrets(listed: &str) -> Option<String> {
    let (mut text, mut is_changed) = (String::new(), false);
    for entry in listed.split('\0').filter(|entry| !entry.is_empty()) {
        let (key, value) = entry.split_once('\n').map_or((entry, None), |(key, value)| (key, Some(value)));
        let Some((section, inner, name)) = parts(key).filter(|_| !NOT_SHOWN.contains(&key)) else {
            is_changed = true;
            continue;
        };
        let shown = value.map(without_user);
        // Of a proxy the password may stand where no address shows it.
        let is_proxy = section == "remote" && name.starts_with("proxy");
        if !SHOWN.contains(&section) || is_proxy || without_user(inner) != inner {
            is_changed = true;
            continue;
        }
        is_changed |= shown.as_deref() != value;
        let inner = if inner.is_empty() { String::new() } else { format!(" \"{}\"", escaped(inner)) };
        text.push_str(&format!("[{section}{inner}]\n\t{name}"));
        if let Some(value) = shown {
            text.push_str(&format!(" = \"{}\"", escaped(&value).replace('\n', "\\n")));
        }
        text.push('\n');
    }
    is_changed.then_some(text)
}

/// `remote.origin.url` is `remote`, `origin`, `url`.
fn parts(key: &str) -> Option<(&str, &str, &str)> {
    let (section, rest) = key.split_once('.')?;
    Some(rest.rsplit_once('.').map_or((section, "", rest), |(inner, name)| (section, inner, name)))
}

/// Addresses without user, password and query.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    format!("{scheme}://{host}{path}")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_without_secrets_is_shown_as_it_is() {
        let plain = "core.bare\nfalse\0core.filemode\0remote.origin.url\nhttps://example.com/a.git\0\
                     remote.o.url\ngit@example.com:a.git\0branch.main.merge\nrefs/heads/main\0";
        assert_eq!(without_secrets(plain), None);
    }

    #[test]
    fn what_opens_servers_is_left_out() {
        let secret = "core.bare\0remote.a\"b.c.url\nhttps://me:SECRET@example.com:80/a@b?private_token=SECRET\0\
                      http.https://github.com/.extraheader\nAUTHORIZATION: basic SECRET\0url.https://SECRET@h/.insteadof\nx\0\
                      submodule.https://SECRET@h/.url\nx\0http.proxy\nhttp://u:SECRET@proxy\0credential.helper\n!echo SECRET\0\
                      alias.x\n!curl SECRET\0remote.o.proxy\nme:SECRET@proxy:80\0core.sshcommand\nsshpass -p SECRET\0user.name\na \\ \"b\"\nc\0";
        assert!(secret.contains("SECRET"));
        let shown = without_secrets(secret).expect("it changed");
        let wanted = "[core]\n\tbare\n[remote \"a\\\"b.c\"]\n\turl = \"https://example.com:80/a@b\"\n\
                      [user]\n\tname = \"a \\\\ \\\"b\\\"\\nc\"\n";
        assert_eq!(shown, wanted);
    }
}
