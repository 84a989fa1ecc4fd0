//! Tool calls that mean harm: each is tried in the sandbox, where it must fail, and without it, where it must
//! succeed, else it shows nothing. As root and as a plain user, each in an engine of its own.

mod attacks;
mod attacks_on_the_machine;
mod stage;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use fanfold_agent::tools::Tool;
use fanfold_sandbox::Level;

use crate::Test;
use crate::support::run;
use stage::{CANARY, Servers, Stage};

pub const TESTS: &[Test] = &[
    ("no_hostile_call_of_an_engine_run_by_root_succeeds", as_root),
    ("no_hostile_call_of_an_engine_run_by_a_user_succeeds", as_user),
];

/// Told to the binary when it is to be the engine under attack.
pub const ATTACKED: &str = "attacked";
/// Nobody who has anything here.
const USER: u32 = 54_321;

pub struct Attack {
    pub group: &'static str,
    pub name: &'static str,
    pub how: How,
    pub goal: Goal,
    pub control: Control,
}

/// Texts with places to be filled in by the stage: `{outside}`, `{engine}`, …
pub enum How {
    Bash(&'static str),
    /// In a project without `.git`.
    BashWithoutGit(&'static str),
    /// For so many milliseconds at most.
    BashFor(&'static str, u64),
    Use(Tool, &'static str),
}

/// What the attacker wants to see.
pub enum Goal {
    /// In the result.
    Says(&'static str),
    /// A file that was not there.
    Makes(&'static str),
    /// A file that was otherwise.
    Changes(&'static str),
    /// A file with this bit of its mode.
    HasMode(&'static str, u32),
    /// A process with the mark, after the call.
    Runs,
    /// More than a model could read.
    Floods,
}

pub enum Control {
    /// The same call at the level `off` succeeds.
    Off,
    /// As `Off`, where this machine and this user can do it at all; else it is void, and counted as such.
    OffIfHere,
    /// The command succeeds as anybody's, outside of any hands.
    Plain,
    /// Whoever opens the path as it stands reaches the goal.
    Naive(&'static str),
    /// Why there is none.
    None(&'static str),
}

fn as_root() {
    if rustix::process::getuid().is_root() {
        attack(None);
    } else {
        tell("SKIPPED: this is not root");
    }
}

fn as_user() {
    attack(rustix::process::getuid().is_root().then_some(USER));
}

/// In a process whose environment holds a secret.
fn attack(user: Option<u32>) {
    let mut engine = Command::new(std::env::current_exe().expect("it runs"));
    engine.arg(ATTACKED).env("FANFOLD_SECRET", CANARY).env("TMPDIR", "/tmp").current_dir("/");
    if let Some(user) = user {
        engine.uid(user).gid(user);
    }
    let output = engine.output().expect("it starts");
    tell(&String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The engine under attack: tries every call. Its exit status says whether one succeeded, or showed nothing.
pub fn main() -> ExitCode {
    let servers = Servers::start();
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut problems = Vec::new();
    let attacks = || attacks::ALL.iter().chain(attacks_on_the_machine::ALL);
    run(async {
        for attack in attacks() {
            let counts = counts.entry(attack.group).or_default();
            counts.tried += 1;
            match attack.succeeds_without(&servers).await {
                Some(true) => counts.controls += 1,
                Some(false) if matches!(attack.control, Control::OffIfHere) => counts.void += 1,
                Some(false) => {
                    problems.push(format!("{}: {}: void, its control fails", attack.group, attack.name))
                }
                None => counts.without_control += 1,
            }
            match attack.succeeds(Level::Full, &servers).await {
                Ok(None) => counts.blocked += 1,
                Ok(Some(said)) => {
                    problems.push(format!("{}: {}: SUCCEEDED: {said}", attack.group, attack.name))
                }
                Err(why) => problems.push(format!("{}: {}: not tried: {why}", attack.group, attack.name)),
            }
        }
    });
    let who = rustix::process::getuid().as_raw();
    tell(&format!("hostile calls as uid {who}    tried  blocked  control succeeded  impossible here  none"));
    let mut all = Counts::default();
    for (group, counts) in &counts {
        counts.show(group);
        all.add(counts);
    }
    all.show("all");
    for attack in attacks() {
        if let Control::None(why) = attack.control {
            tell(&format!("  no control: {}: {}: {why}", attack.group, attack.name));
        }
    }
    problems.iter().for_each(|problem| tell(problem));
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Counts {
    tried: u32,
    blocked: u32,
    controls: u32,
    void: u32,
    without_control: u32,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.tried += other.tried;
        self.blocked += other.blocked;
        self.controls += other.controls;
        self.void += other.void;
        self.without_control += other.without_control;
    }

    fn show(&self, group: &str) {
        let Self { tried, blocked, controls, void, without_control } = self;
        tell(&format!("{group:<30} {tried:>6} {blocked:>8} {controls:>18} {void:>16} {without_control:>5}"));
    }
}

impl Attack {
    /// `None`: there is no control.
    async fn succeeds_without(&self, servers: &Servers) -> Option<bool> {
        match self.control {
            Control::Off | Control::OffIfHere => {
                let tried = self.succeeds(Level::Off, servers).await;
                Some(tried.is_ok_and(|said| said.is_some()))
            }
            Control::Plain => Some(Stage::new(servers, true).plain(&self.how, &self.goal).await),
            Control::Naive(path) => Some(Stage::new(servers, true).naive(path, &self.goal)),
            Control::None(_) => None,
        }
    }

    /// `Ok(Some(_))`: it did, and what the tool said. `Err`: it could not be tried.
    async fn succeeds(&self, level: Level, servers: &Servers) -> Result<Option<String>, String> {
        let has_git = !matches!(self.how, How::BashWithoutGit(_));
        let stage = Stage::new(servers, has_git);
        let said = stage.call(level, &self.how).await;
        let text = said.clone().unwrap_or_else(|why| why);
        if text.contains("could not be started") {
            return Err(text);
        }
        Ok(stage.is_reached(&self.goal, &text).await.then_some(text))
    }
}

fn tell(line: &str) {
    // Nobody may be listening.
    let _ = writeln!(io::stdout(), "{line}");
}
