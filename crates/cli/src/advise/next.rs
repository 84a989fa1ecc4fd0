//! What to type next: only what this binary can do, else a script to begin with.

use clap::CommandFactory;
use serde::Serialize;
use serde_json::Value;

use super::repository::{Kind, Repository};
use super::rule::Mode;
use crate::flags::Flags;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    /// Lines for a shell, in order. Empty: nothing of fanfold's is needed.
    pub commands: Vec<String>,
    pub note: String,
    /// A workflow to begin with, where the mode has no command of its own yet: what `--script` writes.
    pub script: Option<String>,
}

impl Next {
    pub fn of(mode: Mode, task: &str, repository: &Repository) -> Self {
        let quoted = shlex::try_quote(task).map(String::from).unwrap_or_else(|_| "TASK".into());
        let own = match mode {
            Mode::Single => "agent",
            Mode::Subagents => "subagents",
            Mode::Team => "team",
            Mode::Goal => "goal",
            Mode::Workflow => "do",
        };
        if Flags::command().find_subcommand(own).is_some() {
            return Self {
                commands: vec![format!("fanfold {own} {quoted}")],
                note: String::new(),
                script: None,
            };
        }
        let skeleton = match mode {
            Mode::Single | Mode::Team => {
                let note = "hand it to the agent that you work with, and read what it did: there is nothing to orchestrate";
                return Self { commands: Vec::new(), note: note.into(), script: None };
            }
            Mode::Subagents => include_str!("skeletons/subagents.js"),
            Mode::Goal => include_str!("skeletons/goal.js"),
            Mode::Workflow => include_str!("skeletons/workflow.js"),
        };
        Self {
            commands: vec![
                format!("fanfold advise {quoted} --no-run --script task.js"),
                "fanfold check task.js".into(),
                "fanfold run task.js --simulate".into(),
                "fanfold run task.js --model MODEL --budget 500k".into(),
            ],
            note: "there is no command for this mode yet: write a script to begin with, make it fit, and see what it does before it costs anything".into(),
            script: Some(fill(skeleton, task, repository)),
        }
    }
}

fn fill(skeleton: &str, task: &str, repository: &Repository) -> String {
    let check = match repository.first(Kind::Test).or_else(|| repository.first(Kind::Types)) {
        Some(finding) if finding.directory == "." => format!("The check: `{}` passes.", finding.command),
        Some(finding) => format!("The check: `{}` in {} passes.", finding.command, finding.directory),
        None => "The check: every claim has two independent sources that agree.".into(),
    };
    let text = |text: &str| Value::String(text.to_owned()).to_string();
    skeleton.replace("{{check}}", &text(&check)).replace("{{task}}", &text(task))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    #[test]
    fn only_commands_that_exist_are_suggested() {
        let repository = Repository::look(&MadeUp::new().project);
        for mode in Mode::ALL {
            let next = Next::of(mode, "do it's \"thing\"\n`x` ${y}", &repository);
            assert!(!next.commands.is_empty() || !next.note.is_empty());
            for command in &next.commands {
                let words: Vec<String> = shlex::split(command).expect("it is quoted");
                assert_eq!(words[0], "fanfold");
                let flags = Flags::command().try_get_matches_from(&words);
                assert!(flags.is_ok(), "{command}: {}", flags.expect_err("it failed"));
            }
        }
    }
}
