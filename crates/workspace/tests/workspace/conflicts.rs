//! Fifty pairs of patches that get in each other's way: each is reported, and nothing of either is lost.

use std::collections::BTreeMap;

use fanfold_workspace::{Merged, RunRepo, Workspaces};

use crate::support::*;

struct Case {
    name: &'static str,
    /// What the first and the second agent do, in a folder of their own.
    scripts: [&'static str; 2],
    /// Whether git can do both: then all of it is in the merge.
    clean: bool,
    /// Texts that the merge holds, wherever.
    holds: &'static [&'static str],
}

const CASES: [Case; 14] = [
    Case {
        name: "same line",
        scripts: ["sed -i s/5/FIRST/ f", "sed -i s/5/SECOND/ f"],
        clean: false,
        holds: &["FIRST", "SECOND", "<<<<<<<", ">>>>>>>"],
    },
    Case {
        name: "add and add",
        scripts: ["echo FIRST > n", "echo SECOND > n"],
        clean: false,
        holds: &["FIRST", "SECOND", "<<<<<<<"],
    },
    Case {
        name: "delete and edit",
        scripts: ["rm f", "sed -i s/5/SECOND/ f"],
        clean: false,
        holds: &["SECOND"],
    },
    Case {
        name: "edit and delete",
        scripts: ["sed -i s/5/FIRST/ f", "rm f"],
        clean: false,
        holds: &["FIRST"],
    },
    Case {
        name: "rename and edit",
        scripts: ["mv f g", "sed -i s/5/SECOND/ f"],
        clean: true,
        holds: &["SECOND"],
    },
    Case {
        name: "rename and another rename",
        scripts: ["mv f g; echo FIRST >> g", "mv f h; echo SECOND >> h"],
        clean: false,
        holds: &["FIRST", "SECOND"],
    },
    Case { name: "rename and delete", scripts: ["mv f g", "rm f"], clean: false, holds: &["1\n2\n3"] },
    Case {
        name: "mode and edit",
        scripts: ["chmod +x f", "sed -i s/5/SECOND/ f"],
        clean: true,
        holds: &["SECOND"],
    },
    Case {
        name: "binary",
        scripts: ["printf 'FIRST\\0\\1' > b", "printf 'SECOND\\0\\2' > b"],
        clean: false,
        holds: &["FIRST"],
    },
    Case {
        name: "file and folder",
        scripts: ["echo FIRST > n", "mkdir n; echo SECOND > n/x"],
        clean: false,
        holds: &["FIRST", "SECOND"],
    },
    Case {
        name: "link and link",
        scripts: ["ln -s FIRST n", "ln -s SECOND n"],
        clean: false,
        holds: &["FIRST"],
    },
    Case {
        name: "file and link",
        scripts: ["echo FIRST > n", "ln -s SECOND n"],
        clean: false,
        holds: &["FIRST", "SECOND"],
    },
    Case {
        name: "edit and type",
        scripts: ["sed -i s/5/FIRST/ f", "rm f; ln -s SECOND f"],
        clean: false,
        holds: &["FIRST", "SECOND"],
    },
    Case {
        name: "moved folder and new file",
        scripts: ["mkdir new; mv d/* new/; rmdir d", "echo SECOND > d/n"],
        clean: false,
        holds: &["SECOND"],
    },
];

/// Where the agents work: names that are harmless, and names that are not.
const PLACES: [&str; 4] = ["p", "with blank", "-dash", "quo\"te\n"];

#[test]
fn conflicts_are_reported_and_nothing_is_dropped_in_silence() {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for place in PLACES {
        files.insert(format!("{place}/f"), (1..10).map(|nth| format!("{nth}\n")).collect());
        files.insert(format!("{place}/b"), "base\0\n".into());
        for name in ["x", "y", "z"] {
            files.insert(format!("{place}/d/{name}"), format!("{name} in {place}\n").repeat(20));
        }
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let world = World::new(&files);
    let repo = world.open();
    let all = Workspaces::new(repo.clone(), kinds()[0]);
    let mut done = 0;
    for case in &CASES {
        for place in PLACES {
            check(&world, &repo, &all, case, place);
            done += 1;
        }
    }
    assert!(done >= 50, "{done}");
}

fn check(world: &World, repo: &RunRepo, all: &Workspaces, case: &Case, place: &str) {
    let name = case.name;
    let base = repo.tip().expect("a tip");
    let patches = case.scripts.map(|script| {
        let workspace = all.make("agent", None).expect("made");
        work(&workspace, &format!("cd -- './{place}'; {script}"));
        let patch = workspace.patch(name).expect("taken").patch.expect("it changed").commit;
        all.remove(workspace).expect("removed");
        patch
    });
    let Merged::Clean { commit: first } = repo.merge(&patches[0]).expect("merges") else {
        panic!("{name}: the first")
    };
    repo.advance(&base, &first).expect("moved");
    let merged = repo.merge(&patches[1]).expect("merges");
    assert_eq!(repo.tip().expect("a tip"), first, "{name}: the branch moved");
    let commit = match merged {
        Merged::Clean { commit } => {
            assert!(case.clean, "{name}: merged in silence");
            commit
        }
        Merged::Conflict { commit, paths, messages } => {
            assert!(!case.clean, "{name}: {messages:?}");
            assert!(paths.iter().any(|path| path.starts_with(place)), "{name}: {paths:?}");
            assert!(messages.iter().any(|message| message.starts_with("CONFLICT")), "{name}: {messages:?}");
            commit
        }
        Merged::Empty => panic!("{name}: dropped in silence"),
    };
    assert_eq!(world.run_git(&["rev-parse", &format!("{commit}^@")]), first, "{name}");
    let text = world.run_git(&["grep", "-a", "-h", "-e", "", &commit]) + &links(world, &commit);
    for held in case.holds {
        assert!(text.contains(held), "{name} in {place:?}: {held} is lost");
    }
    // Both patches stay what they were, and a fixer goes on from the merge, towards a patch of the tip.
    for patch in &patches {
        assert!(!repo.changes(&base, patch).expect("told").is_empty());
    }
    let fixer = all.make("fixer", Some(&commit)).expect("made");
    work(&fixer, "echo resolved > resolved");
    let fixed = fixer.patch("resolved").expect("taken").patch.expect("it changed");
    assert_eq!(fixed.base, first);
    assert!(matches!(repo.merge(&fixed.commit).expect("merges"), Merged::Clean { .. }), "{name}");
    all.remove(fixer).expect("removed");
    repo.advance(&first, &base).expect("moved back");
}

/// What the links of a commit say.
fn links(world: &World, commit: &str) -> String {
    let tree = world.run_git(&["ls-tree", "-r", commit]);
    let links = tree.lines().filter(|line| line.starts_with("120000"));
    links
        .map(|line| world.run_git(&["cat-file", "blob", line.split([' ', '\t']).nth(2).expect("an object")]))
        .collect()
}
