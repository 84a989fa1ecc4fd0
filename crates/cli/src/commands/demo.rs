//! `fanfold demo`: a run that anybody can watch, kill and resume, in a repository made for it.
//!
//! Only the agents' replies are scripted; all else is what every run goes through.

pub mod ending;

use std::fs;
use std::path::{Path, PathBuf};

use fanfold_sandbox::Level;
use fanfold_workspace::{Git, GitConfig};

use super::{block_on, confinement, launch, proof, run, style, tell};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::{Demo, Run, Running};
use crate::run_index::RunIndex;
use crate::screen::{Line, Tone};
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

/// How time passes while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// An agent takes as long as the scenario says, so that a person can follow.
    Followed,
    Virtual,
}

/// What the repository holds.
const FILES: [(&str, &str); 14] = [
    (".gitignore", include_str!("../demo/repository/gitignore")),
    ("README.md", include_str!("../demo/repository/README.md")),
    (WORKFLOW, include_str!("../demo/repository/port.js")),
    (REPLIES, include_str!("../demo/repository/replies.yaml")),
    ("src/max.sh", include_str!("../demo/repository/src/max.sh")),
    ("src/mean.sh", include_str!("../demo/repository/src/mean.sh")),
    ("src/number.sh", include_str!("../demo/repository/src/number.sh")),
    ("src/share.sh", include_str!("../demo/repository/src/share.sh")),
    ("src/sum.sh", include_str!("../demo/repository/src/sum.sh")),
    ("tests/max.t", include_str!("../demo/repository/tests/max.t")),
    ("tests/mean.t", include_str!("../demo/repository/tests/mean.t")),
    ("tests/run.sh", include_str!("../demo/repository/tests/run.sh")),
    ("tests/share.t", include_str!("../demo/repository/tests/share.t")),
    ("tests/sum.t", include_str!("../demo/repository/tests/sum.t")),
];
const WORKFLOW: &str = "port.js";
const REPLIES: &str = "replies.yaml";
/// The first that merges without a work tree.
const GIT_NEEDED: (u32, u32) = (2, 38);

pub fn demo(flags: &Demo, world: World, color: ColorChoice) -> Result<Exit> {
    let git = proof::git(&world);
    check_git(&git, &world.cwd)?;
    // It is there to be killed.
    let running = Running { sandbox: flags.sandbox, json: flags.json, durable: true, ..Running::default() };
    let level = check_sandbox(&running, &world)?;
    let dir = make_repository(&world.cwd.join(&flags.dir), &git, &world)?;
    if !flags.json {
        let lines = opening(&dir, level, &world);
        tell(style(&world, color, Stream::Error).render(&lines).trim_end_matches('\n'));
    }
    let wanted = Run {
        workflow: WORKFLOW.into(),
        args: Vec::new(),
        running: Running { scenario: Some(REPLIES.into()), cwd: Some(dir.clone()), ..running },
        seed: Some(1),
        explain: false,
    };
    let pace = if flags.fast { Pace::Virtual } else { Pace::Followed };
    let exit = run::run(wanted, Some(pace), world.clone(), color)?;
    let place = RunIndex::new(&world).find("last", &world.clone().at(&dir)?)?;
    if !flags.json {
        ending::tell_ending(&place, &world, color);
    }
    // What it had to hold back is what it is there to show.
    Ok(if ending::went_as_told(&place) { Exit::Completed } else { exit })
}

fn check_git(git: &GitConfig, cwd: &Path) -> Result<()> {
    let (major, minor) = GIT_NEEDED;
    let refused = |message: String| {
        Err(CliError::new(ErrorKind::Settings, message)
            .hint(format!("install git {major}.{minor} or newer, then try again: fanfold demo")))
    };
    match Git::bare(git.clone(), cwd.to_owned()).line(&["version"]) {
        Err(why) => refused(format!("the demo needs git: {why}")),
        Ok(said) if version(&said).is_some_and(|version| version < GIT_NEEDED) => {
            refused(format!("the demo needs a newer git than this: {said}"))
        }
        Ok(_) => Ok(()),
    }
}

/// Of `git version 2.47.3`. `None`: it says something else.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.split_whitespace().nth(2)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Before anything is made: what the tests run in holds here.
fn check_sandbox(running: &Running, world: &World) -> Result<Level> {
    let level = Settings::load(world, &launch::setting_flags(running))?.sandbox.level;
    if level == Level::Off {
        return Ok(level);
    }
    let proved =
        confinement::sandbox(level, world).and_then(|sandbox| block_on(confinement::prove(&sandbox, world)));
    match proved {
        Ok(()) => Ok(level),
        Err(err) => {
            // Its first line is what would help here; the others are about runs.
            let help = err.hint.iter().flat_map(|hint| hint.lines()).next().unwrap_or_default().to_owned();
            Err(err.hint(format!("{help}\n      or see it without: fanfold demo --sandbox off")))
        }
    }
}

/// Absolute, with one commit.
fn make_repository(dir: &Path, git: &GitConfig, world: &World) -> Result<PathBuf> {
    let shown = world.show(dir);
    if dir.exists() {
        let message = format!("`{shown}` is there already");
        return Err(CliError::new(ErrorKind::Usage, message).hint(format!(
            "go on with its run: cd {shown} && fanfold resume\n      or begin anew elsewhere: fanfold demo --dir DIR"
        )));
    }
    fs::create_dir_all(dir).map_err(|err| CliError::io("make", dir, &err))?;
    let dir = dir.canonicalize().map_err(|err| CliError::io("find", dir, &err))?;
    for (path, text) in FILES {
        let path = dir.join(path);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        made.map_err(|err| CliError::io("write", &path, &err))?;
    }
    let git = Git::with_work_tree(git.clone(), dir.join(".git"), dir.clone());
    let steps: [&[&str]; 3] = [
        &["init", "--quiet", "--template=", "--initial-branch=main"],
        &["add", "--all"],
        &["commit", "--quiet", "--message=four commands that call expr"],
    ];
    for step in steps {
        git.run(step).map_err(|why| {
            CliError::new(ErrorKind::File, format!("no repository could be made in `{shown}`: {why}"))
        })?;
    }
    Ok(dir)
}

fn opening(dir: &Path, level: Level, world: &World) -> Vec<Line> {
    let shown = world.show(dir);
    let row = |name: &str, text: &str| {
        let mut line = Line::of(Tone::Accent, &format!("  {name}"));
        line.pad(14);
        line.and(Tone::Plain, text)
    };
    let confined = match level {
        Level::Full => "decide what lands, in a sandbox: bubblewrap, Landlock, seccomp",
        Level::Reduced => "decide what lands, in a REDUCED sandbox: Landlock, seccomp",
        Level::Off => "decide what lands, WITHOUT a sandbox",
    };
    vec![
        Line::of(Tone::Strong, "fanfold demo: scripted replies, everything else is real"),
        Line::of(Tone::Dim, "No model is asked and nothing is spent. It takes less than a minute."),
        Line::new(),
        row("repository", &format!("{shown}: four shell commands, in git")),
        row("12 agents", "port them, review the work and mend it"),
        row("12 tests", confined),
        row("watch for", "an agent that changes a test, and two that change the same lines"),
        Line::new(),
        Line::of(Tone::Warn, "Kill it when you like").and(
            Tone::Plain,
            &format!(": Ctrl-C twice, or kill -9 {} from elsewhere. Then", std::process::id()),
        ),
        Line::of(Tone::Accent, &format!("  cd {shown} && fanfold resume"))
            .and(Tone::Plain, "   goes on: no answer is paid for twice"),
        Line::new(),
    ]
}

impl Pace {
    /// As the journal has it.
    pub fn name(self) -> &'static str {
        match self {
            Pace::Followed => "followed",
            Pace::Virtual => "virtual",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Pace::Followed, Pace::Virtual].into_iter().find(|pace| pace.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_git_is_read_with_whatever_follows_it() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version("git version 2.9"), Some((2, 9)));
        assert!(version("git version 2.9").is_some_and(|version| version < GIT_NEEDED));
        assert_eq!(version("something else"), None);
    }
}
