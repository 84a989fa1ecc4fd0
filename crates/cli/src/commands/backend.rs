//! Who does the agents' work: the simulated model, or a real one that a person agreed to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_agent::context::project_notes;
use fanfold_agent::isolation::OpenWorkspaces;
use fanfold_agent::native::{Models, NativeBackend, NativeConfig};
use fanfold_agent::permissions::{PermissionRules, Permissions};
use fanfold_agent::providers::Registry;
use fanfold_agent::sim::{Edits, Policy, Scenario, SimBackend, SimConfig};
use fanfold_agent::tools::BashConfig;
use fanfold_agent::types::{AgentTypes, TypeFile};
use fanfold_core::{AgentCall, AgentCx, AgentJob, Backend, Halt, Outcome, Resolved};
use fanfold_sandbox::{Level, Network};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::demo::Pace;
use super::network::{Folder, Networked};
use super::proof::Proof;
use super::{confinement, launch, tell};
use crate::detect::{self, Because, Choice};
use crate::error::{CliError, ErrorKind, Result};
use crate::estimate::Pricing;
use crate::flags::Running;
use crate::library::Library;
use crate::settings::Settings;
use crate::settings::budget::Budget;
use crate::settings::file::Origin;
use crate::settings::permissions::Permit;
use crate::world::World;

/// What of a run is the front end's: it is kept in the journal, so that a resume is the same run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    pub simulate: bool,
    /// Named by flags, or by the run that is resumed.
    pub model: Option<String>,
    pub policy: Policy,
    /// Absolute.
    pub scenario: Option<PathBuf>,
    /// Where agents work.
    pub cwd: PathBuf,
    /// Where the script lay, for the scripts it names.
    pub script_dir: Option<PathBuf>,
    /// `fanfold demo` made it.
    pub demo: Option<Pace>,
}

impl Front {
    /// Of a new run of a script that lies in `script_dir`.
    pub fn of_flags(flags: &Running, world: &World, script_dir: Option<PathBuf>) -> Result<Self> {
        Self { cwd: world.cwd.clone(), script_dir, ..Self::default() }.with(flags, world)
    }

    /// Changed by the flags that are given. `--policy` and `--scenario` are the simulated model's, so they
    /// ask for it.
    pub fn with(mut self, flags: &Running, world: &World) -> Result<Self> {
        if let Some(policy) = &flags.policy {
            self.policy = policy.parse().map_err(|err| CliError::new(ErrorKind::Usage, format!("{err}")))?;
        }
        if let Some(scenario) = &flags.scenario {
            self.scenario = Some(world.cwd.join(scenario));
        }
        if flags.model.is_some() {
            self.simulate = false;
            self.model = flags.model.clone();
        }
        let is_sim = self.model.as_deref().is_some_and(|model| model == "sim" || model.starts_with("sim/"));
        self.simulate |= flags.simulate || flags.policy.is_some() || flags.scenario.is_some() || is_sim;
        Ok(self)
    }

    pub fn of_journal(front: &Map<String, Value>) -> Self {
        let text = |key: &str| front.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            simulate: front.get("simulate").and_then(Value::as_bool).unwrap_or(false),
            model: text("model"),
            policy: text("policy").and_then(|policy| policy.parse().ok()).unwrap_or_default(),
            scenario: text("scenario").map(PathBuf::from),
            cwd: text("cwd").map(PathBuf::from).unwrap_or_default(),
            script_dir: text("script_dir").map(PathBuf::from),
            demo: text("demo").and_then(|pace| Pace::named(&pace)),
        }
    }

    pub fn to_journal(&self) -> Map<String, Value> {
        let Value::Object(mut map) = json!({
            "simulate": self.simulate,
            "model": self.model,
            "policy": self.policy.name(),
            "scenario": self.scenario,
            "cwd": self.cwd,
            "script_dir": self.script_dir,
        }) else {
            unreachable!("an object literal is an object")
        };
        map.extend(self.demo.map(|pace| ("demo".to_owned(), pace.name().into())));
        map
    }
}

/// The model of a run, chosen and agreed to.
pub struct Means {
    front: Front,
    choice: Choice,
}

impl Means {
    /// Finds the model. Spends nothing; may look for servers on this machine.
    pub async fn choose(front: Front, settings: &Settings, world: &World) -> Result<Self> {
        let named = front.model.as_deref().filter(|model| *model != "auto");
        let choice = if front.simulate {
            let model = front.model.clone().unwrap_or_else(|| "sim".into());
            Choice { model, because: Because::Simulate, needs_consent: false }
        } else if let Some(model) = named {
            Choice {
                model: model.into(),
                because: Because::Named(Origin::Flag("--model")),
                needs_consent: false,
            }
        } else {
            let detected = match detect::is_open(settings, false) || front.model.is_some() {
                true => detect::detect(settings, world).await,
                false => Default::default(),
            };
            let choice = detect::choose(settings, false, &detected);
            if choice.because == Because::NothingFound {
                let lines = detect::nothing_found(&detected);
                // `--model auto` takes what there is; without it nobody asked for made-up replies.
                if front.model.is_none() {
                    let [message, hint, simulate] = lines;
                    return Err(
                        CliError::new(ErrorKind::NoModel, message).hint(format!("{hint}\n      {simulate}"))
                    );
                }
                tell(&format!("{}: using the SIMULATED model; its replies are made up", lines[0]));
            }
            choice
        };
        Ok(Self { front, choice })
    }

    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Where agents work, absolute.
    pub fn cwd(&self) -> &Path {
        &self.front.cwd
    }

    /// How the model was found, if nobody named it.
    pub fn found(&self) -> Option<String> {
        match &self.choice.because {
            Because::Found(means) => Some(format!("no model is set: {}", means.show())),
            Because::Simulate | Because::Named(_) | Because::NothingFound => None,
        }
    }

    pub fn is_simulated(&self) -> bool {
        matches!(self.choice.because, Because::Simulate | Because::NothingFound) || self.choice.model == "sim"
    }

    /// Of `--budget`: dollars would count nothing.
    pub fn refuse_dollars(&self, budgets: &[String]) -> Result<()> {
        let named = launch::budget(budgets, Budget::default())?;
        if named.usd_micros.is_none() || self.choice.model != "sim" {
            return Ok(());
        }
        let message =
            "the simulated model costs nothing: a budget in dollars needs a model whose price counts";
        Err(CliError::new(ErrorKind::Usage, message)
            .hint("name one: --simulate --model anthropic/claude-opus-4-5; the replies stay made up"))
    }

    pub fn model(&self) -> &str {
        &self.choice.model
    }

    pub fn front(&self) -> Front {
        Front { simulate: self.is_simulated(), model: Some(self.choice.model.clone()), ..self.front.clone() }
    }

    pub fn backend(
        &self,
        settings: &Settings,
        world: &World,
        seed: u64,
        proof: &Proof,
        workspaces: &OpenWorkspaces,
    ) -> Result<Arc<dyn Backend>> {
        let types = agent_types(world)?;
        if self.is_simulated() {
            let config = self.simulation(&types, settings, seed)?;
            let workspaces = Some(workspaces.clone());
            return Ok(Arc::new(SimBackend::new(SimConfig { workspaces, ..config })));
        }
        let (config, notices) = settings.registry(&self.choice.model, world);
        notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
        let registry = Registry::new(config).map_err(|err| CliError::new(ErrorKind::Settings, err))?;
        let models: Arc<dyn Models> = Arc::new(registry);
        let resolved = models.resolve(&self.choice.model, &self.choice.model).map_err(|err| {
            CliError::new(ErrorKind::Usage, err).hint("--model takes provider/model, an alias, or auto")
        })?;
        let (permissions, warnings) = permissions(settings, &self.front.cwd)?;
        warnings.iter().chain(&resolved.warnings).for_each(|warning| tell(&format!("warning: {warning}")));
        let mut config = NativeConfig::new(models, resolved.name, self.front.cwd.clone());
        config.agent_types = types;
        config.permissions = permissions;
        config.project_notes = project_notes(&self.front.cwd);
        config.bash = Some(BashConfig { env: confinement::environment(world), ..BashConfig::default() });
        config.workspaces = Some(workspaces.clone());
        let hosts = &settings.sandbox.hosts;
        let folder = match proof.level {
            // Below it commands have the network that the level leaves them.
            Level::Full if !hosts.is_empty() => Some(Folder::make(world)?),
            Level::Full | Level::Reduced | Level::Off => None,
        };
        proof.exposed(&self.front.cwd, world).iter().for_each(|told| tell(&format!("warning: {told}")));
        if proof.level != Level::Off {
            confinement::not_at_home(&self.front.cwd, world)?;
            let sandbox = confinement::sandbox(proof.level, world)?;
            let protected = proof.protected(&self.front.cwd, world);
            let network =
                folder.as_ref().map_or(Network::None, |folder| Network::Proxy { socket: folder.socket() });
            // Without an oracle they decide about nothing.
            let packages = proof.spec().map_or_else(Vec::new, |_| proof.packages(&self.front.cwd));
            let packages = packages.into_iter().map(|(at, _)| at).collect();
            config.confinement = Some(confinement::confinement(
                sandbox,
                protected,
                proof.hidden(),
                packages,
                network,
                settings,
                world,
            ));
        }
        config.fetch.private_addresses = settings.web_allow_private;
        config.prompt_caching = settings.prompt_caching;
        if let Some(path) = confinement::engine_path(world) {
            config.git.path = path;
        }
        let backend = NativeBackend::new(config).map_err(|err| CliError::new(ErrorKind::File, err))?;
        Ok(match folder {
            Some(folder) => Arc::new(Networked::new(Arc::new(backend), folder, hosts)?),
            None => Arc::new(backend),
        })
    }

    fn simulation(&self, types: &AgentTypes, settings: &Settings, seed: u64) -> Result<SimConfig> {
        let pricing = Pricing::new(settings, Some(&self.choice.model))?;
        let own = types.iter().filter(|kind| !kind.is_built_in());
        Ok(SimConfig {
            seed,
            policy: self.front.policy,
            scenario: self.front.scenario.as_deref().map(scenario).transpose()?,
            workspace: Some(self.front.cwd.clone()),
            edits: Edits::Written,
            model: self.choice.model.clone(),
            price: Some(Arc::new(move |model| pricing.price_of_written(model))),
            agent_types: own.map(|kind| (kind.name.clone(), kind.digest.clone())).collect(),
            ..SimConfig::default()
        })
    }
}

pub fn scenario(path: &Path) -> Result<Scenario> {
    let text = std::fs::read_to_string(path).map_err(|err| CliError::io("read the scenario", path, &err))?;
    text.parse().map_err(|err| CliError::new(ErrorKind::Usage, format!("{}: {err}", path.display())))
}

pub fn agent_types(world: &World) -> Result<AgentTypes> {
    let (files, unreadable) = Library::new(world).agent_files();
    unreadable.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    let files = files.into_iter().map(|file| TypeFile {
        name: file.name,
        text: file.text,
        origin: file.origin.display().to_string(),
    });
    let (types, notices) =
        AgentTypes::load(files).map_err(|errors| CliError::new(ErrorKind::Settings, errors.join("\n")))?;
    notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    Ok(types)
}

fn permissions(settings: &Settings, cwd: &Path) -> Result<(Permissions, Vec<String>)> {
    let rules = PermissionRules {
        allow: settings.permissions.of_tools(Permit::Allow),
        ask: settings.permissions.of_tools(Permit::Ask),
        deny: settings.permissions.of_tools(Permit::Deny),
        ..PermissionRules::default()
    };
    Permissions::new(&rules, cwd).map_err(|err| CliError::new(ErrorKind::Settings, err))
}

/// Asks no model but those that were approved.
pub struct ApprovedModels {
    backend: Arc<dyn Backend>,
    models: BTreeSet<String>,
}

impl ApprovedModels {
    pub fn new(backend: Arc<dyn Backend>, models: impl IntoIterator<Item = String>) -> Self {
        Self { backend, models: models.into_iter().collect() }
    }
}

impl Backend for ApprovedModels {
    fn resolve(&self, call: &AgentCall) -> std::result::Result<Resolved, String> {
        let resolved = self.backend.resolve(call)?;
        if !self.models.contains(&resolved.model) {
            let known: Vec<&str> = self.models.iter().map(String::as_str).collect();
            return Err(format!(
                "the model `{}` was not part of what was approved ({}): no dry run asked it; write its name in the script where a reader finds it",
                resolved.model,
                known.join(", ")
            ));
        }
        Ok(resolved)
    }

    fn run<'a>(
        &'a self,
        job: &'a AgentJob,
        cx: &'a AgentCx,
    ) -> BoxFuture<'a, std::result::Result<Outcome, Halt>> {
        self.backend.run(job, cx)
    }
}
