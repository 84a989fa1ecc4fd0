//! The three questions put to a model. What it says beats the words, within what the repository allows.

use std::path::Path;
use std::sync::Arc;

use fanfold_agent::native::{Models, NativeBackend, NativeConfig};
use fanfold_agent::providers::Registry;
use fanfold_core::key::Keys;
use fanfold_core::{AgentCall, AgentCx, AgentJob, Backend, Call, NoLimit, Reply, Usage};
use fanfold_engine::RunClock;
use serde::Deserialize;
use serde_json::{Value, json};

use super::questions::{Answer, OracleKind, Questions, Witness};
use super::repository::Repository;
use super::units::Units;
use crate::settings::Settings;
use crate::world::World;

/// The whole question, its corrections included.
const TIMEOUT_MS: u64 = 90_000;
const REPLY_TOKENS_MAX: u64 = 4_000;
const TASK_CHARS_MAX: usize = 8_000;

/// As `answers.json` has it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Answers {
    oracle: Answer,
    oracle_kind: Told,
    oracle_why: String,
    fan_out: Answer,
    parts: u64,
    fan_out_why: String,
    adapt: Answer,
    adapt_why: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Told {
    Command,
    Sources,
    None,
}

/// Asks the model that `name` means, and says what it used. `Err` says in a sentence why there is no answer.
pub async fn ask(
    task: &str,
    repository: &Repository,
    name: &str,
    settings: &Settings,
    world: &World,
) -> Result<(Answers, Usage), String> {
    let (registry, _) = settings.registry(name, world);
    let models: Arc<dyn Models> = Arc::new(Registry::new(registry)?);
    let resolved = models.resolve(name, name)?;
    let backend = backend(models, resolved.name, repository.survey.root())?;
    let call: AgentCall = serde_json::from_value(json!({
        "prompt": prompt(task, repository),
        "schema": serde_json::from_str::<Value>(include_str!("answers.json")).expect("the file is tested"),
        "tools": [],
        "timeoutMs": TIMEOUT_MS,
        "retries": 1,
    }))
    .expect("these are options of an agent");
    let resolved = backend.resolve(&call)?;
    let key = Keys::default().next(None, &Call::Agent(Box::new(call.clone())), &resolved);
    let job = AgentJob { key, call, resolved, site: None, run_dir: None, unfinished: false };
    let cx = AgentCx { clock: RunClock::real().port(), progress: Box::new(|_| ()), purse: Arc::new(NoLimit) };
    let outcome = backend.run(&job, &cx).await.map_err(|halt| halt.to_string())?;
    match outcome.reply {
        Reply::Done(value) => {
            let answers = serde_json::from_value(value).map_err(|err| err.to_string())?;
            Ok((answers, outcome.usage))
        }
        Reply::Failed(failure) => Err(failure.to_string()),
    }
}

impl Answers {
    /// It knows better what the task means, and not what the repository has: a command that nothing shows is none.
    pub fn settle(self, questions: &mut Questions) {
        let has_check = questions.oracle_kind.is_some_and(|kind| kind != OracleKind::Sources);
        let kind = match (self.oracle, self.oracle_kind) {
            (Answer::No | Answer::Unclear, _) | (_, Told::None) => None,
            (Answer::Yes, Told::Sources) => Some(OracleKind::Sources),
            (Answer::Yes, Told::Command) if has_check => questions.oracle_kind,
            (Answer::Yes, Told::Command) => questions.checkable,
        };
        let oracle = match (kind, self.oracle) {
            (Some(_), _) => Answer::Yes,
            (None, Answer::Yes) => Answer::Unclear,
            (None, answer) => answer,
        };
        questions.oracle_kind = kind;
        questions.oracle.settle(oracle, Witness::Model, self.oracle_why);
        questions.fan_out.settle(self.fan_out, Witness::Model, self.fan_out_why);
        questions.adapt.settle(self.adapt, Witness::Model, self.adapt_why);
        if self.fan_out != Answer::Unclear && (self.parts > 1 || self.fan_out == Answer::No) {
            questions.units =
                Some(Units { count: self.parts, from: "as the model counts".into(), at_most: false });
        }
    }
}

fn backend(models: Arc<dyn Models>, model: String, root: &Path) -> Result<NativeBackend, String> {
    let mut config = NativeConfig::new(models, model, root.to_owned());
    config.prompt_caching = false;
    config.reply_tokens_max = REPLY_TOKENS_MAX;
    config.turns_max = 6;
    NativeBackend::new(config)
}

fn prompt(task: &str, repository: &Repository) -> String {
    let found: Vec<String> = repository
        .findings
        .iter()
        .map(|finding| format!("- {}: {} (in {})", finding.kind.name(), finding.command, finding.directory))
        .collect();
    let found = if found.is_empty() { "- none".into() } else { found.join("\n") };
    let task: String = task.chars().take(TASK_CHARS_MAX).collect();
    format!(
        "{}\nThe repository: {} source files, {} documents. Checks found in it:\n{found}\n\nThe task, as JSON text:\n{}\n",
        include_str!("question.md"),
        repository.sources(),
        repository.documents(),
        Value::String(task)
    )
}
