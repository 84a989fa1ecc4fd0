//! The question before a run, on a real terminal: one that `script` makes.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::Signal;

use crate::kills::children;
use crate::model::Model;
use crate::project::{Project, Running, script, skipped, until};

/// The binary on a terminal of its own.
struct Terminal {
    running: Running,
    /// What the terminal was sent so far.
    seen: PathBuf,
}

impl Terminal {
    /// `None`, with the reason printed: this machine has no `script`.
    fn open(project: &Project, words: &str) -> Option<Self> {
        let seen = project.dir.join("typescript");
        let command = format!("TERM=xterm-256color exec {} {words}", env!("CARGO_BIN_EXE_fanfold"));
        let words = ["-qfec", &command, &seen.display().to_string()];
        match project.start_program("script", &words, Stdio::piped()) {
            Ok(running) => Some(Self { running, seen }),
            Err(_) => {
                skipped("there is no `script` to make a terminal");
                None
            }
        }
    }

    fn wait_for(&self, words: &str) {
        let seen = || fs::read(&self.seen).unwrap_or_default();
        until(words, || String::from_utf8_lossy(&seen()).contains(words));
    }

    fn types(&mut self, keys: &str) {
        // An error means that it has ended, which the test looks at anyway.
        let _ = self.running.stdin().write_all(keys.as_bytes());
    }
}

fn asked() -> (Project, Model) {
    let model = Model::obliging();
    let project = Project::with(&model);
    project.file("w.js", &script("return await agent('task')"));
    (project, model)
}

#[test]
fn a_yes_on_the_screen_runs_it_and_a_no_does_not() {
    let (project, model) = asked();
    let Some(mut terminal) = Terminal::open(&project, "run w.js") else { return };
    terminal.wait_for("may this run?");
    terminal.types("n");
    terminal.running.ended().exits(4);
    assert_eq!((model.seen(), project.runs().len()), (0, 0));

    let Some(mut terminal) = Terminal::open(&project, "run w.js") else { return };
    terminal.wait_for("may this run?");
    // The first of them come too early to be an answer.
    until("a yes to be taken", || {
        terminal.types("y");
        model.seen() == 1
    });
    terminal.running.ended().exits(0);
}

#[test]
fn a_terminal_that_goes_away_while_it_is_asked_ends_the_program() {
    let (project, model) = asked();
    let Some(terminal) = Terminal::open(&project, "run w.js") else { return };
    terminal.wait_for("may this run?");
    let program = children(terminal.running.id());
    assert!(!program.is_empty(), "void: nothing runs on the terminal");
    terminal.running.signal(Signal::KILL);
    until("the program to end with its terminal", || program.iter().all(|one| !one.is_alive()));
    assert_eq!(model.seen(), 0);
}

#[test]
fn what_runs_by_itself_is_asked_about_before_it_is_applied() {
    for (answer, status) in [("\n", 4), ("n\n", 4), ("y\n", 0)] {
        let project = crate::landing::repository();
        crate::landing::lands_a_pipeline(&project);
        let Some(mut terminal) = Terminal::open(&project, "apply last") else { return };
        terminal.wait_for("apply it, with these? [y/N]");
        assert!(!project.dir.join(".github").exists(), "asked before");
        terminal.types(answer);
        terminal.running.ended().exits(status);
        assert_eq!(project.dir.join(".github/workflows/x.yml").exists(), status == 0, "{answer:?}");
    }
}
