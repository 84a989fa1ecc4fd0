//! The root and what lies in it: written, protected, hidden, and seen where the policy says.

use std::fs;

use crate::support::{Site, everybody, output};

#[test]
fn an_overlay_takes_all_changes_and_its_lower_directory_none() {
    for who in everybody() {
        let site = Site::new();
        for name in ["changed", "deleted"] {
            site.write(&format!("lower/{name}"), name);
        }
        site.give_to(who);
        let script = "pwd; echo new > new; echo more >> changed; rm deleted; ls; exit 3";
        let Some(ran) = site.run(who, "full", &site.overlay(), script) else { continue };
        assert_eq!(
            (&ran["status"], output(&ran)),
            (&3.into(), "/home/ada/project\nchanged\nnew\n"),
            "{who:?}"
        );
        assert_eq!(site.read("lower/changed").as_deref(), Some("changed"));
        assert_eq!(site.read("lower/deleted").as_deref(), Some("deleted"));
        assert_eq!(site.read("upper/changed").as_deref(), Some("changedmore\n"));
        assert_eq!(site.read("upper/new").as_deref(), Some("new\n"));
        // Mounted nowhere else.
        let mounts = fs::read_to_string("/proc/self/mounts").expect("there");
        assert!(!mounts.contains(site.path().to_str().expect("text")), "{mounts}");
    }
}

#[test]
fn a_directory_is_changed_in_place() {
    for who in everybody() {
        let site = Site::new();
        let Some(ran) = site.run(who, "full", &site.directory(), "echo new > new") else { continue };
        assert_eq!(ran["status"], 0, "{ran}");
        assert_eq!(site.read("root/new").as_deref(), Some("new\n"));
    }
}

/// Each way to change `tests/t` or to make `made`, as a script that succeeds if it is allowed.
const CHANGES: [&str; 8] = [
    "echo x > tests/t",
    "rm tests/t",
    "rm -r tests",
    "mv tests elsewhere",
    "echo x > tests/new",
    "ln -f other tests/t",
    "chmod 777 tests/t && chmod 000 tests",
    "echo x > made",
];

#[test]
fn protected_paths_are_not_changed_nor_made() {
    for (who, is_overlay) in everybody().into_iter().flat_map(|who| [(who, true), (who, false)]) {
        let mut allowed = Vec::new();
        let root = if is_overlay { "lower" } else { "root" };
        for change in CHANGES {
            let site = || {
                let site = Site::new();
                site.make(&format!("{root}/tests"));
                site.write(&format!("{root}/tests/t"), "test");
                site.write(&format!("{root}/other"), "other");
                site.give_to(who);
                site
            };
            let policy = |site: &Site| if is_overlay { site.overlay() } else { site.directory() };
            let free = site();
            let Some(control) = free.run(who, "full", &policy(&free), change) else { return };
            assert_eq!(control["status"], 0, "{who:?}, overlay {is_overlay}: {change}: void: {control}");

            let site = site();
            let mut policy = policy(&site);
            policy.protected = vec!["tests".into(), "made".into()];
            let held = fanfold_sandbox::HeldPlaces::hold(policy.clone(), None);
            let ran = site.run(who, "full", &policy, change).expect("it was there just now");
            if ran["status"] == 0 {
                allowed.push(change);
            }
            // What keeps the place of `made` leaves no trace.
            drop(held);
            let left = if is_overlay { "upper" } else { "root" };
            let left = fs::read_dir(site.path().join(left)).expect("there").flatten();
            let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
            left.retain(|name| is_overlay || (name != "tests" && name != "other"));
            assert!(left.is_empty(), "{who:?}, overlay {is_overlay}: {change} left {left:?}");
        }
        assert!(allowed.is_empty(), "{who:?}, overlay {is_overlay}: {allowed:?}");
    }
}

#[test]
fn hidden_paths_are_there_without_content() {
    for who in everybody() {
        let site = Site::new();
        site.write("root/.env", "canary");
        site.make("root/keys");
        site.write("root/keys/k", "canary");
        let script = "cat .env keys/k; ls -a keys; cp -r . /tmp/copy; grep -r canary . /tmp; echo x > .env";
        let mut policy = site.directory();
        let Some(control) = site.run(who, "full", &policy, script) else { continue };
        assert!(output(&control).contains("canary"), "void: {control}");
        site.write("root/.env", "canary");
        policy.hidden = vec![".env".into(), "keys".into(), "absent".into()];
        let ran = site.run(who, "full", &policy, script).expect("it was there just now");
        assert!(!output(&ran).contains("canary"), "{who:?}: {ran}");
        assert_eq!(site.read("root/.env").as_deref(), Some("canary"));
    }
}

#[test]
fn a_protected_link_that_leads_outside_protects_and_shows_nothing_there() {
    for who in everybody() {
        let site = Site::new();
        let secret = site.write("outside/secret", "canary");
        std::os::unix::fs::symlink(&secret, site.path().join("root/tests")).expect("a link");
        let mut policy = site.directory();
        policy.protected = vec!["tests".into(), "../outside/secret".into()];
        policy.hidden = vec!["../outside/secret".into()];
        let Some(ran) = site.run(who, "full", &policy, "cat tests ../outside/secret; ls") else { continue };
        assert!(!output(&ran).contains("canary") && output(&ran).ends_with("tests\n"), "{who:?}: {ran}");
    }
}

#[test]
fn what_is_named_is_read_or_written_at_its_own_path_and_the_rest_is_not_there() {
    for who in everybody() {
        let site = Site::new();
        let [tool, cache] = ["tool", "cache"].map(|name| site.make(name));
        site.write("tool/t", "tool");
        site.write("outside/o", "canary");
        let mut policy = site.directory();
        policy.read = vec![tool.clone(), "/nonexistent/toolchain".into()];
        policy.write = vec![cache.clone()];
        let (tool, cache, site_path) = (tool.display(), cache.display(), site.path().display());
        let script = format!(
            "cat {tool}/t; echo x > {tool}/t || echo kept; echo x > {cache}/c && echo cached
             ls {site_path}; cat {site_path}/outside/o; ls -a $HOME; echo x > $HOME/h && echo at home"
        );
        let Some(ran) = site.run(who, "full", &policy, &script) else { continue };
        let text = output(&ran);
        assert!(
            text.starts_with("tool") && text.contains("kept") && text.contains("cached"),
            "{who:?}: {text}"
        );
        assert!(
            text.contains("at home") && !text.contains("canary") && !text.contains("outside\n"),
            "{text}"
        );
        assert_eq!(site.read("cache/c").as_deref(), Some("x\n"));
        assert_eq!(site.read("tool/t").as_deref(), Some("tool"));
    }
}

#[test]
fn below_the_full_level_what_cannot_be_enforced_is_refused() {
    let site = Site::new();
    for level in ["reduced", "off"] {
        let ran = site.run(everybody()[0], level, &site.overlay(), "true");
        let Some(ran) = ran else { continue };
        assert!(ran["error"].as_str().is_some_and(|err| err.contains("overlay")), "{level}: {ran}");
    }
}

#[test]
fn the_reduced_level_has_a_place_for_temporary_files_that_goes_with_it() {
    for who in everybody() {
        let site = Site::new();
        let script =
            "echo t > $TMPDIR/t && cat $HOME/t && pwd && echo $HOME && ! echo x > /tmp/fanfold-other";
        let Some(ran) = site.run(who, "reduced", &site.directory(), script) else { continue };
        assert_eq!(ran["status"], 0, "{who:?}: {ran}");
        let home = output(&ran).lines().find(|line| line.starts_with("/tmp/fanfold-")).expect("its own");
        assert!(!std::path::Path::new(home).exists(), "{home}");
    }
}

#[test]
fn what_is_gone_shows_nothing_of_what_it_was_to_cover() {
    for who in everybody() {
        let site = Site::new();
        site.make("root/keys");
        site.make("git");
        for path in ["root/config", "root/keys/k", "git/config"] {
            site.write(path, "canary");
        }
        let outside = site.path().join("git");
        let script = format!("cat config keys/k {}/config; ls; echo over", outside.display());
        let mut policy = site.directory();
        policy.git_dirs = vec![outside.clone()];
        let Some(control) = site.run(who, "full", &policy, &script) else { continue };
        assert_eq!(output(&control).matches("canary").count(), 3, "void: {control}");
        let covered = [policy.at.join("config"), policy.at.join("keys"), outside.join("config")];
        let gone = site.path().join("gone");
        policy.read_at =
            covered.into_iter().chain([policy.at.join("absent")]).map(|at| (gone.clone(), at)).collect();
        let ran = site.run(who, "full", &policy, &script).expect("it was there just now");
        assert!(!output(&ran).contains("canary") && output(&ran).contains("over"), "{who:?}: {ran}");
        assert_eq!(site.read("root/config").as_deref(), Some("canary"));
    }
}
