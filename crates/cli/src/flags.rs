//! The command line as typed. What it means is resolved once, in the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cost::{By, Since};

/// Fan out to a thousand agents. Fold in only what passes.
///
/// A workflow is one JavaScript file that says which agents do what. Fanfold runs it, journals every
/// result, and resumes it after a crash without asking twice.
#[derive(Debug, Parser)]
#[command(name = "fanfold", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Flags {
    #[command(subcommand)]
    pub command: Command,
    /// Colours and live redraw
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// See it work in a minute: a real little repository, scripted replies, no model
    Demo(Demo),
    /// Run a workflow: a path, `-` for standard input, or a saved name
    Run(Run),
    /// Go on with a run: what is settled is taken from its journal, the rest is asked
    Resume(Resume),
    /// Check a script and dry-run it on the simulated model under every policy; never spends
    Check(Check),
    /// Say which mode fits a task, and why: one agent, several, or a workflow
    Advise(Advise),
    /// List runs
    Ps(Ps),
    /// Show one run
    Show(Show),
    /// Bring what landed on a run's branch to the branch that is checked out
    Apply(Apply),
    /// Show what runs cost, in all and per result, and how much of it came to nothing
    Cost(Cost),
    /// Show what a run logged, or the transcript of one of its agents
    Logs(Logs),
    /// Keep a run's script as a named workflow
    Save(Save),
    /// List the workflows that can be run by name
    Workflows(Workflows),
    /// List models with what they cost and how much fits, and which providers have a key here
    Models(Models),
    /// Show every setting with its origin, and which models can be used
    Doctor(Doctor),
}

impl Command {
    /// Whether another program reads standard output.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Demo(flags) => flags.json,
            Command::Run(flags) => flags.running.json,
            Command::Resume(flags) => flags.running.json,
            Command::Check(flags) => flags.json,
            Command::Advise(flags) => flags.json,
            Command::Ps(flags) => flags.json,
            Command::Show(flags) => flags.json,
            Command::Apply(flags) => flags.json,
            Command::Cost(flags) => flags.json,
            Command::Logs(flags) => flags.json,
            Command::Workflows(flags) => flags.json,
            Command::Models(flags) => flags.json,
            Command::Doctor(flags) => flags.json,
            Command::Save(_) => false,
        }
    }
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Make the repository here: a folder that is not there yet
    #[arg(long, value_name = "DIR", default_value = "fanfold-demo")]
    pub dir: PathBuf,
    /// Let no time pass: the agents take none
    #[arg(long)]
    pub fast: bool,
    /// How the tests are confined
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub sandbox: Option<Sandbox>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    /// A path, `-`, or the name of a saved workflow
    pub workflow: String,
    /// Input of the workflow: JSON, @FILE, or key=value pairs
    #[arg(long, value_name = "JSON|@FILE|KEY=VALUE", num_args = 1..)]
    pub args: Vec<String>,
    #[command(flatten)]
    pub running: Running,
    /// Seed of `random()` and of the simulated model
    #[arg(long)]
    pub seed: Option<u64>,
    /// Explain the workflow and its arguments instead of running it
    #[arg(long)]
    pub explain: bool,
}

#[derive(Debug, Args)]
pub struct Resume {
    /// A run id, the start of one, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// List what would be asked again, and why; ask nothing
    #[arg(long)]
    pub plan: bool,
    /// Go on with an edited script
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// After damage: keep every whole line of the journal and go on from there
    #[arg(long)]
    pub salvage: bool,
    #[command(flatten)]
    pub running: Running,
}

/// What every command that runs agents takes.
#[derive(Debug, Default, Args)]
pub struct Running {
    /// Model of agents that name none: `provider/model`, an alias, or `auto`
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// Use the simulated model: free, deterministic, in virtual time
    #[arg(long)]
    pub simulate: bool,
    /// How the simulated model answers: typical, negative, empty, nulls, all-null, wide
    #[arg(long, value_name = "P")]
    pub policy: Option<String>,
    /// Answers of the simulated model by rule (YAML)
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// What the run may spend: output tokens (`500k`, `2.5M`) or dollars (`$4`), or both; on resume `+500k` or
    /// `+$4` raises it
    #[arg(long, value_name = "TOKENS|$USD")]
    pub budget: Vec<String>,
    /// What each agent may spend, in the same way
    #[arg(long, value_name = "TOKENS|$USD")]
    pub agent_budget: Vec<String>,
    /// Agents at once, 1 to 1024
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub concurrency: Option<u32>,
    /// Agents in the whole run
    #[arg(long, value_name = "N")]
    pub max_agents: Option<u64>,
    /// Items of one `parallel` or `pipeline`
    #[arg(long, value_name = "N")]
    pub max_items: Option<u64>,
    /// Which earlier results a resume takes
    #[arg(long, value_enum, value_name = "RULE")]
    pub cache: Option<Cache>,
    /// Stop the run after this long (`90s`, `20m`, `2h`)
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Do not ask: spend on the model, let agents run commands, with `--apply` bring all that landed
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// The command that says whether the work is right, such as 'cargo test'; beats `meta.oracle`. `none`: nothing says it
    #[arg(long, value_name = "CMD")]
    pub oracle: Option<String>,
    /// How agents' commands and tools are confined
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub sandbox: Option<Sandbox>,
    /// Answers a question that the workflow asks
    #[arg(long, value_name = "QUESTION=VALUE")]
    pub answer: Vec<String>,
    /// At the end bring what landed to the branch that is checked out, as `fanfold apply` does
    #[arg(long)]
    pub apply: bool,
    /// A costly run without an oracle is meant (with `--yes`)
    #[arg(long)]
    pub unverified: bool,
    /// A degraded or unverified run fails (exit status 1)
    #[arg(long)]
    pub strict: bool,
    /// Sync the journal of a simulated run as a real run's
    #[arg(long)]
    pub durable: bool,
    /// One JSON document on standard output
    #[arg(long)]
    pub json: bool,
    /// Events on standard output, one JSON object a line
    #[arg(long, conflicts_with = "json")]
    pub events: bool,
    /// Work in this directory
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sandbox {
    /// bubblewrap, Landlock and seccomp; refused where the machine cannot enforce them
    Full,
    /// Landlock and seccomp only
    Reduced,
    /// None: agents can do what you can
    Off,
}

impl Sandbox {
    /// As settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Sandbox::Full => "full",
            Sandbox::Reduced => "reduced",
            Sandbox::Off => "off",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cache {
    /// Every call that was asked before, wherever it stands now
    Content,
    /// Only the calls before the first one that changed
    Prefix,
    /// None
    Off,
}

#[derive(Debug, Args)]
pub struct Check {
    /// A path, `-`, or the name of a saved workflow
    #[arg(required_unless_present = "explain", default_value = "", hide_default_value = true)]
    pub workflow: String,
    /// Input of the workflow: JSON, @FILE, or key=value pairs
    #[arg(long, value_name = "JSON|@FILE|KEY=VALUE", num_args = 1..)]
    pub args: Vec<String>,
    /// Answers by rule (YAML)
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Only this policy
    #[arg(long, value_name = "P")]
    pub policy: Option<String>,
    /// The outcome (JSON) that the dry run must have; with `--scenario`, a test of the workflow
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    #[arg(long)]
    pub seed: Option<u64>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub concurrency: Option<u32>,
    /// Price agents that name no model as this one: `provider/model`, a bare id or an alias
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// Price the same tokens on these models too
    #[arg(long = "as", value_name = "MODEL,…", value_delimiter = ',')]
    pub on: Vec<String>,
    /// Type the fixes that are sure into the script's file, then check it
    #[arg(long)]
    pub fix: bool,
    /// Warnings fail too (exit status 1)
    #[arg(long)]
    pub strict: bool,
    /// Judge the text only: no dry runs
    #[arg(long, conflicts_with_all = ["scenario", "policy", "expect", "on"])]
    pub lint_only: bool,
    /// Say what a rule of the lint is about, by its code or name, and check nothing
    #[arg(long, value_name = "RULE", conflicts_with_all = ["workflow", "fix", "lint_only"])]
    pub explain: Option<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Advise {
    /// What is to be done, in your words
    pub task: String,
    /// Run the repository's test command once, to see whether it passes
    #[arg(long, conflicts_with = "no_run")]
    pub run_oracle: bool,
    /// Neither run the tests nor ask about it
    #[arg(long)]
    pub no_run: bool,
    /// How long the tests may take (`90s`, `20m`, `2h`)
    #[arg(long, value_name = "DUR", value_parser = duration, default_value = "10m")]
    pub oracle_timeout: Duration,
    /// Write a workflow to begin with to this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Put the three questions to a model too (it costs a few thousand tokens); `auto`: the settings' one
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    #[arg(long)]
    pub json: bool,
    /// Work in this directory
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Ps {
    /// Runs of this directory's repository only
    #[arg(long)]
    pub here: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// A run id, the start of one, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// Who approved which text, when, under which limits
    #[arg(long)]
    pub audit: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Cost {
    /// Only runs whose last attempt began since then: how far back (`12h`, `7d`, `4w`) or a day (`2026-11-01`)
    #[arg(long, value_name = "7d|DATE", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// What the rows are
    #[arg(long, value_enum, default_value_t)]
    pub by: By,
    /// Runs of this directory's repository only
    #[arg(long)]
    pub here: bool,
    /// Simulated runs instead of real ones
    #[arg(long)]
    pub simulated: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Logs {
    /// A run id, the start of one, or `last`
    pub run: String,
    /// An agent's id or label
    pub agent: Option<String>,
    /// Whole tool outputs instead of their first lines
    #[arg(long)]
    pub full: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Save {
    /// A run id, the start of one, or `last`
    pub run: String,
    /// For you, not for this repository
    #[arg(long)]
    pub user: bool,
    /// Instead of the workflow's own name
    #[arg(long)]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct Workflows {
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Models {
    /// Only those whose name has this in it, or that this alias stands for
    pub filter: Option<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// A run id, the start of one, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// Write what landed into this file instead
    #[arg(long, value_name = "FILE")]
    pub patch: Option<PathBuf>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask: what other programs run or obey by themselves was looked at
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Doctor {
    #[arg(long)]
    pub json: bool,
}

/// `90s`, `20m`, `2h`, `1h30m`, or plain seconds; not none at all.
fn duration(text: &str) -> Result<Duration, String> {
    let bad = || "expected a number with a unit: 90s, 20m, 2h".to_owned();
    let (mut total, mut number) = (0u64, String::new());
    for ch in text.trim().chars() {
        let scale = match ch {
            '0'..='9' => {
                number.push(ch);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err(bad()),
        };
        let count: u64 = number.parse().map_err(|_| bad())?;
        total = total.saturating_add(count.saturating_mul(scale));
        number.clear();
    }
    if !number.is_empty() {
        total = total.saturating_add(number.parse().map_err(|_| bad())?);
    }
    if total == 0 { Err(bad()) } else { Ok(Duration::from_secs(total)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, seconds) in [("90s", 90), ("20m", 1_200), ("2h", 7_200), ("1h30m", 5_400), ("45", 45)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "soon", "0s", "-5s", "m", "1.5h", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
