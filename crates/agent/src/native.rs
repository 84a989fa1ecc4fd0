//! The backend that does agents' work itself: model, tools, workspace, transcript.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_core::key::short_digest;
use fanfold_core::schema::Schema;
use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, Failure, FailureKind, Halt, Isolation, Outcome, Patch, Price,
    Reply, Resolved, Usage, tokens,
};
use futures_util::future::BoxFuture;

use crate::context;
use crate::permissions::Permissions;
use crate::providers::{self, Registry};
use crate::structured::{Structured, return_tool};
use crate::tools::{BashConfig, FetchConfig, Fetcher, Tool, ToolCx, ToolSet, Workspace};
use crate::transcript::{self, Header, Line, PastTurn, Resumable, System, Transcript, Writer};
use crate::troubles::Troubles;
use crate::turn_loop::{Conversation, PartialText};
use crate::types::{AgentType, AgentTypes};
use crate::wire::{Block, Message, Model, ModelLimits, Role, ToolChoice, TurnRequest};
use crate::worktree::{Repository, Worktree};
pub use fanfold_workspace::GitConfig;

/// Finds the model that an id means.
pub trait Models: Send + Sync {
    /// `id`: `provider/model`, a bare id, an alias; `inherit` itself and `inherit` in `id` mean the run's.
    /// `Err` is a sentence that names what there is.
    fn resolve(&self, id: &str, inherit: &str) -> Result<ResolvedModel, String>;
}

pub struct ResolvedModel {
    pub model: Arc<dyn Model>,
    /// `provider/model`: resolves to itself.
    pub name: String,
    /// As the provider knows it.
    pub id: String,
    /// `None`: nobody knows. Refused where dollars are limited.
    pub price: Option<Price>,
    pub warnings: Vec<String>,
}

impl Models for Registry {
    fn resolve(&self, id: &str, inherit: &str) -> Result<ResolvedModel, String> {
        let providers::ResolvedModel { provider, model, warnings } = Registry::resolve(self, id, inherit)?;
        let name = format!("{provider}/{model}");
        let provider =
            self.provider(&provider).ok_or_else(|| format!("there is no provider `{provider}`"))?;
        let price = self.price(&name);
        Ok(ResolvedModel { model: provider.clone(), name, id: model, price, warnings })
    }
}

/// What `backend` calls it.
const NAME: &str = "native";

/// What the agents of a run are given, as plain data.
pub struct NativeConfig {
    pub models: Arc<dyn Models>,
    /// The run's own model.
    pub default_model: String,
    pub workspace: PathBuf,
    pub agent_types: AgentTypes,
    pub permissions: Permissions,
    /// The project's notes for agents: see [`context::project_notes`].
    pub project_notes: Option<String>,
    /// `None`: agents run no commands.
    pub bash: Option<BashConfig>,
    pub fetch: FetchConfig,
    pub git: GitConfig,
    pub prompt_caching: bool,
    /// Of an agent whose call and type name none.
    pub turns_max: u32,
    pub timeout_ms: u64,
    /// Of one reply, where the model allows as many.
    pub reply_tokens_max: u64,
}

impl NativeConfig {
    /// Everything else at its default: no commands, the built-in agent types, no rules but the fixed ones.
    pub fn new(models: Arc<dyn Models>, default_model: impl Into<String>, workspace: PathBuf) -> Self {
        let (permissions, _) =
            Permissions::new(&Default::default(), &workspace).expect("the fixed rules are well formed");
        Self {
            models,
            default_model: default_model.into(),
            workspace,
            agent_types: AgentTypes::built_in(),
            permissions,
            project_notes: None,
            bash: None,
            fetch: FetchConfig::default(),
            git: GitConfig::default(),
            prompt_caching: true,
            turns_max: 100,
            timeout_ms: 3_600_000,
            reply_tokens_max: 32_000,
        }
    }
}

pub struct NativeBackend {
    config: NativeConfig,
    permissions: Arc<Permissions>,
    bash: Option<Arc<BashConfig>>,
    fetcher: Arc<Fetcher>,
    workspace: Arc<Workspace>,
    repository: Option<Repository>,
    kits: Mutex<HashMap<KitKey, Arc<Kit>>>,
    schemas: Mutex<HashMap<String, Arc<Schema>>>,
    /// Of runs' directories, and digests of systems written there.
    systems_written: Mutex<HashSet<(PathBuf, String)>>,
    uncommitted_told: AtomicBool,
}

/// What agents of one kind share: made once, sent with each of their turns.
struct Kit {
    system: Arc<str>,
    tools: Arc<Vec<crate::wire::ToolSpec>>,
    tokens: u64,
    digest: String,
}

#[derive(PartialEq, Eq, Hash)]
struct KitKey {
    agent_type: String,
    tools: ToolSet,
    schema: Option<String>,
    isolation: bool,
}

/// All that one agent's work needs.
struct Setup {
    kit: Arc<Kit>,
    model: ResolvedModel,
    limits: ModelLimits,
    tools: ToolSet,
    schema: Option<Arc<Schema>>,
    agent_type: Arc<AgentType>,
}

/// Where an agent works, and where its conversation stands.
struct Start {
    workspace: Arc<Workspace>,
    worktree: Option<Worktree>,
    task: Vec<Block>,
    /// Of an attempt that is gone on with.
    past: Vec<PastTurn>,
    /// By an attempt that cannot be gone on with.
    wasted: Usage,
    transcript: Writer,
}

impl NativeBackend {
    /// `Err`: the workspace cannot be opened.
    pub fn new(mut config: NativeConfig) -> Result<Self, String> {
        let workspace = Workspace::open(&config.workspace)
            .map_err(|err| format!("the workspace {} cannot be opened: {err}", config.workspace.display()))?;
        let repository = Repository::find(&config.workspace, &config.git);
        Ok(Self {
            permissions: Arc::new(config.permissions.clone()),
            bash: config.bash.take().map(Arc::new),
            fetcher: Arc::new(Fetcher::new(std::mem::take(&mut config.fetch))),
            workspace: Arc::new(workspace),
            repository,
            kits: Mutex::default(),
            schemas: Mutex::default(),
            systems_written: Mutex::default(),
            uncommitted_told: AtomicBool::new(false),
            config,
        })
    }

    async fn work(&self, job: &AgentJob, cx: &AgentCx) -> Result<Outcome, Halt> {
        let setup = match self.set_up(job, cx.purse.is_limited()) {
            Ok(setup) => setup,
            Err(failure) => return Ok(failed(failure)),
        };
        let start = match self.start(job, &setup).await {
            Ok(start) => start,
            Err(failure) => return Ok(failed(failure)),
        };
        let tool_cx = ToolCx {
            workspace: start.workspace,
            permissions: self.permissions.clone(),
            bash: self.bash.clone(),
            fetcher: self.fetcher.clone(),
            clock: cx.clock.clone(),
        };
        let troubles = Troubles::new(cx, setup.model.price);
        let task = Message { role: Role::User, content: start.task };
        let mut conversation = Conversation {
            model: &*setup.model.model,
            cx,
            request: self.request(&job.call, &setup, vec![task]),
            fixed_tokens: setup.kit.tokens,
            tools: setup.tools,
            tool_cx: Arc::new(tool_cx),
            structured: setup.schema.map(Structured::new),
            transcript: start.transcript,
            turns_max: job.call.max_turns.or(setup.agent_type.turns_max).unwrap_or(self.config.turns_max),
            troubles: &troubles,
            turns: 0,
            usage: start.wasted,
            text: PartialText::default(),
        };
        let timeout_ms = job.call.timeout_ms.unwrap_or(self.config.timeout_ms);
        let reply = tokio::select! {
            biased;
            reply = conversation.run(start.past) => reply?,
            () = troubles.limit(timeout_ms) => {
                let message = format!("no result within {timeout_ms} ms (`timeoutMs` allows more)");
                Reply::Failed(Failure { kind: FailureKind::Timeout, message })
            }
        };
        let failure = match &reply {
            Reply::Done(_) => None,
            Reply::Failed(failure) => Some(std::borrow::Cow::Borrowed(failure)),
        };
        conversation.transcript.add(&Line::End { failure });
        conversation.transcript.flush();
        let (mut usage, turns) = (conversation.usage, conversation.turns);
        usage += troubles.take_lost();
        let patch = match start.worktree {
            Some(worktree) => finish(worktree).await,
            None => None,
        };
        Ok(Outcome { reply, usage, turns, patch })
    }

    /// `limited`: what it may spend is.
    fn set_up(&self, job: &AgentJob, limited: bool) -> Result<Setup, Failure> {
        let bad = |message| Failure { kind: FailureKind::BadCall, message };
        let call = &job.call;
        let agent_type = self.config.agent_types.get(call.agent_type.as_deref()).map_err(bad)?.clone();
        let name = &job.resolved.model;
        let model = self.config.models.resolve(name, &self.config.default_model).map_err(bad)?;
        let limits = model.model.limits(&model.id);
        let mut tools = self.tools(call, &agent_type, limits).0;
        if limited && call.tools.is_none() && agent_type.is_built_in() {
            // One request with it can cost as much as a whole agent: only for those who ask for it by name.
            let mut search = ToolSet::NONE;
            search.insert(Tool::WebSearch);
            tools = tools.without(search);
        }
        let schema = match &call.schema {
            None => None,
            Some(schema) => {
                let text = schema.to_string();
                let digest = short_digest(text.as_bytes());
                let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
                let compiled = match schemas.get(&digest) {
                    Some(compiled) => compiled.clone(),
                    None => {
                        let compiled = Arc::new(Schema::compile(schema).map_err(bad)?);
                        schemas.insert(digest.clone(), compiled.clone());
                        compiled
                    }
                };
                Some((digest, compiled))
            }
        };
        let (digest, schema) = schema.unzip();
        let kit = self.kit(call, &agent_type, tools, digest);
        Ok(Setup { kit, model, limits, tools, schema, agent_type })
    }

    /// The tools of an agent, and warnings about names that are none.
    fn tools(&self, call: &AgentCall, agent_type: &AgentType, limits: ModelLimits) -> (ToolSet, Vec<String>) {
        let (mut tools, mut warnings) = match &call.tools {
            Some(names) => ToolSet::parse(names.iter().map(String::as_str)),
            None => (agent_type.tools, agent_type.warnings.clone()),
        };
        // A call can narrow its agent type, and not widen one that was made to be harmless.
        tools = tools.and(agent_type.tools);
        let (denied, more) = ToolSet::parse_denied(call.disallowed_tools.iter().map(String::as_str));
        warnings.extend(more);
        tools = tools.without(denied).without(self.permissions.denied_tools());
        let mut absent = ToolSet::NONE;
        if self.bash.is_none() {
            absent.insert(Tool::Bash);
            if call.tools.is_some() && tools.contains(Tool::Bash) {
                warnings.push("the tool `bash` is not allowed in this run".into());
            }
        }
        if !limits.web_search {
            absent.insert(Tool::WebSearch);
        }
        (tools.without(absent), warnings)
    }

    fn kit(
        &self,
        call: &AgentCall,
        agent_type: &AgentType,
        tools: ToolSet,
        schema: Option<String>,
    ) -> Arc<Kit> {
        let isolation = call.isolation == Isolation::Worktree;
        let key = KitKey { agent_type: agent_type.name.clone(), tools, schema, isolation };
        let mut kits = self.kits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kit) = kits.get(&key) {
            return kit.clone();
        }
        let mut specs = tools.specs();
        specs.extend(call.schema.as_deref().map(return_tool));
        let system = self.system(call, agent_type, tools);
        let described = serde_json::to_string(&specs).expect("plain data always serializes");
        let kit = Arc::new(Kit {
            tokens: tokens::estimate(&system) + tokens::estimate(&described),
            digest: short_digest(format!("{system}\0{described}").as_bytes()),
            system: system.into(),
            tools: Arc::new(specs),
        });
        kits.insert(key, kit.clone());
        kit
    }

    /// No part of it differs between agents of one kind: the provider's cache holds it for all of them.
    fn system(&self, call: &AgentCall, agent_type: &AgentType, tools: ToolSet) -> String {
        let place = match call.isolation {
            _ if tools.is_empty() => include_str!("prompts/no_tools.md").to_owned(),
            Isolation::Shared => include_str!("prompts/shared.md")
                .replace("{workspace}", &self.config.workspace.to_string_lossy()),
            Isolation::Worktree => include_str!("prompts/worktree.md").to_owned(),
        };
        let result = match call.schema {
            None => include_str!("prompts/text.md"),
            Some(_) => include_str!("prompts/structured.md"),
        };
        let notes = self.config.project_notes.as_ref();
        let notes = notes.map(|notes| format!("{}\n{notes}", include_str!("prompts/project.md").trim()));
        let parts = [
            include_str!("prompts/system.md"),
            result,
            &place,
            &agent_type.prompt,
            notes.as_deref().unwrap_or_default(),
        ];
        let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
        parts.join("\n\n")
    }

    fn request(&self, call: &AgentCall, setup: &Setup, messages: Vec<Message>) -> TurnRequest {
        TurnRequest {
            model: setup.model.id.clone(),
            system: setup.kit.system.clone(),
            tools: setup.kit.tools.clone(),
            messages,
            tool_choice: ToolChoice::Auto,
            // A small window has to hold the conversation too.
            max_tokens: self
                .config
                .reply_tokens_max
                .min(setup.limits.output_tokens_max)
                .min(setup.limits.context_tokens / 4),
            temperature: call.temperature,
            effort: call.effort,
            prompt_caching: self.config.prompt_caching,
            web_search: setup.tools.contains(Tool::WebSearch),
            retries: call.retries,
            stall: call.stall_ms.map(std::time::Duration::from_millis),
        }
    }

    async fn start(&self, job: &AgentJob, setup: &Setup) -> Result<Start, Failure> {
        let mut wasted = Usage::default();
        if let Some(earlier) = earlier(job) {
            wasted = earlier.usage();
            if let Some(start) = self.resume(job, setup, earlier) {
                return Ok(start);
            }
        }
        let bad = |message| Failure { kind: FailureKind::BadCall, message };
        let (workspace, permissions) = (&self.workspace, &self.permissions);
        let task = context::task(&job.call.prompt, &job.call.context, workspace, permissions).map_err(bad)?;
        let (workspace, worktree) = match job.call.isolation {
            Isolation::Shared => (self.workspace.clone(), None),
            Isolation::Worktree => self.add_worktree(job).await.map(|(place, made)| (place, Some(made)))?,
        };
        let transcript = match &job.run_dir {
            None => Writer::none(),
            Some(run_dir) => {
                self.write_system(run_dir, &setup.kit);
                let header = header(job, setup, workspace.root(), worktree.as_ref());
                let path = transcript::path(run_dir, job.key.as_str());
                let mut writer = Writer::create(path, header);
                writer.add(&Line::User { content: task.as_slice().into() });
                writer
            }
        };
        Ok(Start { workspace, worktree, task, past: Vec::new(), wasted, transcript })
    }

    /// From the last whole turn of an attempt that died, if it was the same agent in the same place.
    fn resume(&self, job: &AgentJob, setup: &Setup, read: Transcript) -> Option<Start> {
        let run_dir = job.run_dir.as_deref()?;
        let (workspace, worktree) = match job.call.isolation {
            Isolation::Shared => (self.workspace.clone(), None),
            Isolation::Worktree => {
                let base = read.header.base.as_deref()?;
                let repository = self.repository.as_ref()?;
                let made = repository.reopen(&worktrees(run_dir), &read.header.workspace, base)?;
                (Arc::new(Workspace::open(&made.root()).ok()?), Some(made))
            }
        };
        let expected = header(job, setup, workspace.root(), worktree.as_ref());
        if read.header != (Header { label: read.header.label.clone(), ..expected }) {
            return None;
        }
        let whole_bytes = read.whole_bytes;
        let Resumable { task, turns: past } = read.resumable()?;
        let path = transcript::path(run_dir, job.key.as_str());
        let transcript = Writer::resume(path, whole_bytes).ok()?;
        Some(Start { workspace, worktree, task, past, wasted: Usage::default(), transcript })
    }

    async fn add_worktree(&self, job: &AgentJob) -> Result<(Arc<Workspace>, Worktree), Failure> {
        let failure = |message: String| Failure { kind: FailureKind::Workspace, message };
        let Some(repository) = self.repository.clone() else {
            return Err(failure(format!(
                "isolation `worktree` needs a git repository, and {} is in none: type `git init && git add -A && git commit -m start`",
                self.config.workspace.display()
            )));
        };
        let Some(run_dir) = &job.run_dir else {
            return Err(failure("isolation `worktree` needs a run that is kept on disk".into()));
        };
        let (folder, key) = (worktrees(run_dir), job.key.clone());
        let made = tokio::task::spawn_blocking(move || repository.add(&folder, key.as_str()));
        let made = made.await.map_err(|died| failure(died.to_string()))?.map_err(failure)?;
        let workspace = Workspace::open(&made.root())
            .map_err(|err| failure(format!("{}: {err}", made.root().display())))?;
        Ok((Arc::new(workspace), made))
    }

    /// An aid for readers of transcripts: that it cannot be written stops nobody.
    fn write_system(&self, run_dir: &Path, kit: &Kit) {
        let written = (run_dir.to_owned(), kit.digest.clone());
        if self.systems_written.lock().unwrap_or_else(PoisonError::into_inner).insert(written) {
            let system = System { system: kit.system.clone(), tools: kit.tools.clone() };
            let _ = transcript::write_system(run_dir, &kit.digest, &system);
        }
    }
}

impl Backend for NativeBackend {
    fn resolve(&self, call: &AgentCall) -> Result<Resolved, String> {
        if let Some(other) = call.backend.as_deref().filter(|name| *name != NAME) {
            return Err(format!("unknown backend `{other}`, there is `{NAME}`"));
        }
        let agent_type = self.config.agent_types.get(call.agent_type.as_deref())?;
        let asked = call.model.as_deref().filter(|model| *model != "inherit");
        let id = asked.or(agent_type.model.as_deref()).unwrap_or(&self.config.default_model);
        let found = self.config.models.resolve(id, &self.config.default_model)?;
        let limits = found.model.limits(&found.id);
        let mut warnings = found.warnings;
        warnings.extend(self.tools(call, agent_type, limits).1);
        if call.isolation == Isolation::Worktree
            && let Some(repository) = &self.repository
            && !self.uncommitted_told.swap(true, Ordering::Relaxed)
            && repository.has_uncommitted_work()
        {
            warnings.push(
                "there is uncommitted work: agents in worktrees start from the last commit and do not see it"
                    .into(),
            );
        }
        Ok(Resolved {
            oracle: None,
            model: found.name,
            backend: NAME.into(),
            agent_type: match (&call.agent_type, agent_type.is_built_in()) {
                (None, true) => None,
                (Some(_), _) | (None, false) => Some(agent_type.digest.clone()),
            },
            context: context::digests(&call.context, &self.workspace, &self.permissions)?,
            warnings,
        })
    }

    fn run<'a>(&'a self, job: &'a AgentJob, cx: &'a AgentCx) -> BoxFuture<'a, Result<Outcome, Halt>> {
        Box::pin(self.work(job, cx))
    }
}

/// What an attempt that died has left of this agent.
fn earlier(job: &AgentJob) -> Option<Transcript> {
    let run_dir = job.run_dir.as_deref().filter(|_| job.unfinished)?;
    transcript::read(&transcript::path(run_dir, job.key.as_str())).ok()
}

fn worktrees(run_dir: &Path) -> PathBuf {
    run_dir.join("worktrees")
}

fn header(job: &AgentJob, setup: &Setup, workspace: &Path, worktree: Option<&Worktree>) -> Header {
    Header {
        key: job.key.to_string(),
        label: job.call.title(),
        model: job.resolved.model.clone(),
        agent_type: setup.agent_type.name.clone(),
        workspace: workspace.to_owned(),
        base: worktree.map(|worktree| worktree.base.clone()),
        system: setup.kit.digest.clone(),
    }
}

async fn finish(worktree: Worktree) -> Option<Patch> {
    let unknown =
        Patch { commit: worktree.base.clone(), base: worktree.base.clone(), files: 0, diff: String::new() };
    tokio::task::spawn_blocking(move || worktree.finish()).await.unwrap_or(Some(unknown))
}

fn failed(failure: Failure) -> Outcome {
    Outcome::failed(failure.kind, failure.message)
}

#[cfg(test)]
mod tests;
