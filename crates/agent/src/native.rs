//! The backend that does agents' work itself: model, tools, workspace, transcript.

mod git_config;
mod inside;
mod kit;
mod past;
mod place;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Instant;

use fanfold_core::key::short_digest;
use fanfold_core::schema::Schema;
use fanfold_core::{
    AgentCall, AgentCx, AgentJob, Backend, Failure, FailureKind, Halt, Isolation, Outcome, Patch, Price,
    Reply, Resolved, Usage,
};
use fanfold_workspace::UserRepository;
use futures_util::future::BoxFuture;

use crate::context;
use crate::isolation::{self, OpenWorkspaces};
use crate::permissions::Permissions;
use crate::providers::{self, Registry};
use crate::structured::Structured;
use crate::tools::{BashConfig, FetchConfig, Fetcher, Tool, ToolSet, Web, Workspace};
use crate::transcript::{self, Header, Line, PastTurn, Resumable, System, Transcript, Writer};
use crate::troubles::Troubles;
use crate::turn_loop::{Conversation, PartialText};
use crate::types::{AgentType, AgentTypes};
use crate::wire::{Block, Message, Model, ModelLimits, Role, ToolChoice, TurnRequest};
use git_config::Covers;
use inside::Inside;
use kit::{Kit, KitKey};
use place::{Earlier, Place, Placeholders};

pub use fanfold_workspace::GitConfig;
pub(crate) use place::Commit;
pub use place::{Confinement, KEPT_PLACES};

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
    /// `None`: tools run in this process, confined by nothing but the rules.
    pub confinement: Option<Confinement>,
    /// Where isolated agents work. `None`: there are none.
    pub workspaces: Option<OpenWorkspaces>,
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
            confinement: None,
            workspaces: None,
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
    web: Web,
    workspace: Arc<Workspace>,
    /// The workspace without links.
    project: PathBuf,
    /// Found before any agent could touch it.
    repository: Option<UserRepository>,
    kits: Mutex<HashMap<KitKey, Arc<Kit>>>,
    schemas: Mutex<HashMap<String, Arc<Schema>>>,
    /// Of runs' directories, and digests of systems written there.
    systems_written: Mutex<HashSet<(PathBuf, String)>>,
    uncommitted_told: AtomicBool,
    bounds_told: AtomicBool,
    placeholders: Mutex<Weak<Placeholders>>,
    /// Of the project, and when it was looked at.
    inside: Mutex<Option<(Instant, Arc<Inside>)>>,
    submodules: OnceLock<Vec<PathBuf>>,
    covers: Mutex<Option<Arc<Covers>>>,
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
    place: Place,
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
        let cannot = |err| format!("the workspace {} cannot be opened: {err}", config.workspace.display());
        let workspace = Workspace::open(&config.workspace).map_err(cannot)?;
        let project = config.workspace.canonicalize().map_err(cannot)?;
        let repository = UserRepository::find(&config.workspace);
        let permissions = Arc::new(config.permissions.clone());
        let fetcher = Arc::new(Fetcher::new(std::mem::take(&mut config.fetch)));
        Ok(Self {
            permissions: permissions.clone(),
            bash: config.bash.take().map(Arc::new),
            web: Web { fetcher, permissions },
            workspace: Arc::new(workspace),
            project,
            repository,
            kits: Mutex::default(),
            schemas: Mutex::default(),
            systems_written: Mutex::default(),
            uncommitted_told: AtomicBool::new(false),
            bounds_told: AtomicBool::new(false),
            placeholders: Mutex::default(),
            inside: Mutex::default(),
            submodules: OnceLock::new(),
            covers: Mutex::default(),
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
        let _placeholders = self.placeholders(&start.place, job);
        let hands = match start.place.hands(self, job, cx.clock.clone()) {
            Ok(hands) => hands,
            Err(message) => return Ok(Outcome::failed(FailureKind::Workspace, message)),
        };
        let troubles = Troubles::new(cx, setup.model.price);
        let task = Message { role: Role::User, content: start.task };
        let mut conversation = Conversation {
            model: &*setup.model.model,
            cx,
            request: self.request(&job.call, &setup, vec![task]),
            fixed_tokens: setup.kit.tokens,
            tools: setup.tools,
            hands,
            web: &self.web,
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
        let Conversation { mut usage, turns, mut transcript, hands, .. } = conversation;
        usage += troubles.take_lost();
        hands.close().await;
        let (reply, patch) = self.hand_over(start.place, job, reply, &mut transcript).await;
        Ok(Outcome { reply, usage, turns, patch })
    }

    /// Takes the patch of an isolated agent, and puts on record how it ended.
    async fn hand_over(
        &self,
        place: Place,
        job: &AgentJob,
        reply: Reply,
        transcript: &mut Writer,
    ) -> (Reply, Option<Patch>) {
        let is_isolated = job.call.isolation == Isolation::Worktree;
        let title = job.call.title();
        let (reply, left) = match blocking(move || place.take(&title)).await {
            Ok(left) => (reply, Some(left)),
            Err(failure) => (Reply::Failed(failure), None),
        };
        if let Some(left) = left.as_ref().filter(|_| is_isolated) {
            let patch = left.patch.as_ref().map(Patch::without_diff);
            transcript.add(&Line::Patch { patch, refused: left.refused.as_slice().into() });
        }
        let failure = match &reply {
            Reply::Done(_) => None,
            Reply::Failed(failure) => Some(std::borrow::Cow::Borrowed(failure)),
        };
        // More money, and it goes on where it was.
        let goes_on = failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Budget);
        transcript.add(&Line::End { failure });
        transcript.flush();
        let Some(mut left) = left else { return (reply, None) };
        let patch = left.patch.take();
        if is_isolated && !goes_on {
            // That it lies there still harms nobody.
            let _ = tokio::task::spawn_blocking(move || left.tidy()).await;
        }
        (reply, patch)
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
        let place = self.make_place(job).await?;
        let task = self.task(job, &place).await?;
        let transcript = match &job.run_dir {
            None => Writer::none(),
            Some(run_dir) => {
                self.write_system(run_dir, &setup.kit);
                let header = self.header(job, setup, &place);
                let path = transcript::path(run_dir, job.key.as_str());
                let mut writer = Writer::create(path, header);
                writer.add(&Line::User { content: task.as_slice().into() });
                writer
            }
        };
        Ok(Start { place, task, past: Vec::new(), wasted, transcript })
    }

    /// From the last whole turn of an attempt that died, if it was the same agent in the same place.
    fn resume(&self, job: &AgentJob, setup: &Setup, read: Transcript) -> Option<Start> {
        let run_dir = job.run_dir.as_deref()?;
        let header = &read.header;
        let earlier = Earlier { at: &header.workspace, base: header.base.as_deref(), patch: read.patch() };
        let place = Place::reopen(self, job, earlier)?;
        let expected = self.header(job, setup, &place);
        if read.header != (Header { label: read.header.label.clone(), ..expected }) {
            return None;
        }
        let whole_bytes = read.whole_bytes;
        let Resumable { task, turns: past } = read.resumable()?;
        let path = transcript::path(run_dir, job.key.as_str());
        let transcript = Writer::resume(path, whole_bytes).ok()?;
        Some(Start { place, task, past, wasted: Usage::default(), transcript })
    }

    async fn make_place(&self, job: &AgentJob) -> Result<Place, Failure> {
        match job.call.isolation {
            Isolation::Shared => Ok(Place::Shared),
            Isolation::Worktree => {
                let (open, run_dir) = (self.config.workspaces.clone(), job.run_dir.clone());
                let (key, start) = (job.key.to_string(), job.call.start.clone());
                blocking(move || {
                    let workspaces = isolation::open(open.as_ref(), run_dir.as_deref());
                    workspaces
                        .and_then(|workspaces| Place::isolated(workspaces, &key, start.as_deref()))
                        .map_err(|message| Failure { kind: FailureKind::Workspace, message })
                })
                .await
            }
        }
    }

    /// The first message: attached files, as they are where the agent starts, and its task.
    async fn task(&self, job: &AgentJob, place: &Place) -> Result<Vec<Block>, Failure> {
        let bad = |message| Failure { kind: FailureKind::BadCall, message };
        let AgentCall { prompt, context: files, .. } = &job.call;
        let Some(commit) = place.commit().filter(|_| !files.is_empty()) else {
            let read = |path: &str| context::read(path, &self.workspace, &self.permissions);
            return context::task(prompt, files, read).map_err(bad);
        };
        let (prompt, files, permissions) = (prompt.clone(), files.clone(), self.permissions.clone());
        let work = move || {
            let read = |path: &str| context::read_committed(path, &commit, &permissions);
            context::task(&prompt, &files, read).map_err(bad)
        };
        blocking(work).await
    }

    fn header(&self, job: &AgentJob, setup: &Setup, place: &Place) -> Header {
        Header {
            key: job.key.to_string(),
            label: job.call.title(),
            model: job.resolved.model.clone(),
            agent_type: setup.agent_type.name.clone(),
            workspace: place.at(&self.config.workspace).to_owned(),
            base: place.base().map(str::to_owned),
            system: setup.kit.digest.clone(),
        }
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
            && repository.has_uncommitted_work(&self.config.git)
        {
            warnings.push(
                "there is uncommitted work: isolated agents start from the last commit and do not see it"
                    .into(),
            );
        }
        if call.isolation == Isolation::Shared
            && let Some(confinement) = &self.config.confinement
            && !self.bounds_told.swap(true, Ordering::Relaxed)
        {
            warnings.extend(self.inside(confinement).warning());
        }
        Ok(Resolved {
            oracle: None,
            model: found.name,
            backend: NAME.into(),
            agent_type: match (&call.agent_type, agent_type.is_built_in()) {
                (None, true) => None,
                (Some(_), _) | (None, false) => Some(agent_type.digest.clone()),
            },
            context: match isolation::named_start(call) {
                // They are those of a commit, which is in the key already.
                Some(_) => call.context.iter().map(|path| short_digest(path.as_bytes())).collect(),
                None => context::digests(&call.context, &self.workspace, &self.permissions)?,
            },
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

/// On a thread of its own: what waits for git and for disks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let died =
        |why: tokio::task::JoinError| Failure { kind: FailureKind::Workspace, message: why.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(died)?
}

fn failed(failure: Failure) -> Outcome {
    Outcome::failed(failure.kind, failure.message)
}

#[cfg(test)]
mod tests;
