//! From a loaded script to a reported run: shared by every command that runs agents.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use fanfold_core::key::short_digest;
use fanfold_core::meta::usd_micros;
use fanfold_core::{
    Backend, CallKey, CallKind, Cap, Entry, Event, Limits, Oracle, Person, Reply, RunSettings, RunStatus,
    Verdict, WorkflowTarget,
};
use fanfold_engine::{
    Attempt, Control, Durability, ErrorKind as RunErrorKind, EventLog, FileStore, JournalStore, LoadError,
    LoadedScript, OpenError, PlanItem, RunClock, RunDir, RunReport,
};
use fanfold_sandbox::Level;
use fanfold_script::protocol::ScriptLimits;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::backend::Front;
use super::consent::Agreed;
use super::demo::Pace;
use super::{apply, confinement};
use super::{say, style, tell};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::{Cache, Running};
use crate::library::Library;
use crate::places::RunPlace;
use crate::screen::{self, Closing, Screen};
use crate::settings::budget::{Amount, Budget, Currency, EXPECTED};
use crate::settings::file::Origin;
use crate::settings::permissions::{Permissions, Permit};
use crate::settings::{Flag, Settings};
use crate::world::{ColorChoice, Stream, World};

/// An attempt at a run that nothing but its execution is left of.
pub struct Launch {
    pub dir: RunDir,
    pub agreed: Agreed,
    pub args: Option<Value>,
    pub store: Arc<dyn JournalStore>,
    pub entries: Vec<Entry>,
    pub backend: Arc<dyn Backend>,
    pub oracle: Arc<dyn Oracle>,
    pub person: Arc<dyn Person>,
    pub run_settings: RunSettings,
    pub front: Front,
}

impl Launch {
    /// Runs it with its screens, and reports. `Err`: nothing began.
    pub async fn go(
        self,
        flags: &Running,
        settings: &Settings,
        world: &World,
        color: ColorChoice,
    ) -> Result<Exit> {
        let source = self.agreed.script.source.clone();
        let promised = self.agreed.promised();
        raise_open_files();
        if !self.run_settings.simulated && self.agreed.proof.level != Level::Off {
            let sandbox = confinement::sandbox(self.agreed.proof.level, world)?;
            confinement::prove(&sandbox, world).await?;
        }
        let dir = self.dir.clone();
        confinement::clean_up(dir.path(), world);
        if let Some(warning) = confinement::submodules(&self.front.cwd, world) {
            tell(&format!("warning: {warning}"));
        }
        dir.write_settings(&self.run_settings)
            .map_err(|err| CliError::io("keep the settings in", dir.path(), &err))?;
        let watcher = Watcher::start(world, color, flags.events);
        let clock = match (self.run_settings.simulated, self.front.demo) {
            (true, None | Some(Pace::Virtual)) => RunClock::simulated(),
            (true, Some(Pace::Followed)) | (false, _) => RunClock::real(),
        };
        let events = EventLog::open(Some(dir.path()), clock.port(), watcher.tap())
            .map_err(|err| CliError::io("write the events in", dir.path(), &err))?;
        let time_limit_ms = time_limit_ms(flags.timeout, self.agreed.script.meta.limits.minutes);
        let attempt = Attempt { time_limit_ms, ..self.attempt(settings, world, clock, events) };
        steer(&attempt.control);
        let report = attempt.execute().await.map_err(illegal)?;
        if let Some(error) = never_began(&report, &dir) {
            return Err(error);
        }
        watcher.finish(&report).await;
        promised.keep(&report, world);
        let landed = apply::publish(dir.path(), world);
        confinement::clean_up(dir.path(), world);
        let exit = present(&report, &source, flags, world, color);
        match landed.filter(|_| flags.apply) {
            Some(place) => Ok(apply_at_the_end(&place, &report, exit, flags.yes, world)),
            None => Ok(exit),
        }
    }

    /// What a resume would ask again. Nothing of it stands in the run's record, and no time passes.
    pub async fn plan(self, settings: &Settings, world: &World) -> Result<Vec<PlanItem>> {
        let clock = RunClock::simulated();
        let events = EventLog::open(None, clock.port(), Box::new(|_| ())).expect("nothing is opened");
        self.attempt(settings, world, clock, events).plan().await.map_err(illegal)
    }

    fn attempt(self, settings: &Settings, world: &World, clock: RunClock, events: EventLog) -> Attempt {
        let Launch { dir, agreed, args, store, entries, backend, oracle, person, run_settings, front } = self;
        Attempt {
            script_limits: script_limits(settings),
            time_limit_ms: None,
            workflows: Arc::new(match agreed.approved {
                Some(_) => NestedWorkflows::new(world, front.script_dir)
                    .approved(agreed.children, settings.permissions.clone()),
                None => NestedWorkflows::new(world, front.script_dir),
            }),
            oracle,
            person,
            script: agreed.script,
            args,
            entries,
            store,
            settings: run_settings,
            run_dir: Some(dir.path().to_owned()),
            backend,
            clock,
            events,
            control: Control::default(),
        }
    }
}

/// `--apply`: what landed of a run that is whole and passed. What the run came to has been told by now, so a
/// refusal is said beside it.
fn apply_at_the_end(place: &RunPlace, report: &RunReport, exit: Exit, yes: bool, world: &World) -> Exit {
    let is_whole = matches!(report.status, RunStatus::Completed | RunStatus::Degraded);
    if !is_whole || report.verdict != Verdict::Passed {
        let why = if is_whole { "its verdict is not `passed`" } else { "the run did not come to its end" };
        tell(&format!("nothing is applied: {why}"));
        return exit;
    }
    match apply::at_the_end(place, yes, world) {
        Ok(()) => exit,
        Err(error) => {
            super::tell_error(&error, false);
            match (exit, error.kind) {
                (Exit::Completed, ErrorKind::NotApproved) => error.exit(),
                (Exit::Completed, _) => Exit::Failed,
                (other, _) => other,
            }
        }
    }
}

/// Keeps nothing: for dry runs and plans.
pub struct Nowhere;

impl JournalStore for Nowhere {
    fn append(&self, _: &Entry) -> BoxFuture<'static, std::io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn finish(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The flag's limit, else the one that the workflow's author thought enough.
fn time_limit_ms(flag: Option<Duration>, minutes: Option<f64>) -> Option<u64> {
    let of_author = minutes.and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok());
    let limit = flag.or(of_author).filter(|limit| !limit.is_zero())?;
    Some(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX))
}

/// A thousand agents need a connection each, and more than a thousand descriptors are often forbidden only
/// until asked for.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Refused: what there is has to do.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// A run whose journal took nothing could not be resumed.
fn never_began(report: &RunReport, dir: &RunDir) -> Option<CliError> {
    let error = report.error.as_ref().filter(|error| error.kind == RunErrorKind::Journal)?;
    if !FileStore::peek(dir.path()).is_ok_and(|entries| entries.is_empty()) {
        return None;
    }
    let message = format!("the run could not begin: {}", error.message);
    Some(CliError::new(ErrorKind::File, message).hint("nothing was spent: make room, then run it again"))
}

fn illegal(err: fanfold_core::IllegalEntry) -> CliError {
    CliError::new(ErrorKind::File, format!("the journal cannot be gone on with: {err}"))
}

/// Opens the journal of a run for this process alone.
pub fn open_journal(
    dir: &Path,
    simulated: bool,
    durable: bool,
) -> Result<(Arc<dyn JournalStore>, Vec<Entry>)> {
    let durability = if simulated && !durable { Durability::AtEnd } else { Durability::EachGroup };
    let (store, opened) = FileStore::open(dir, durability).map_err(|err| journal_error(err, dir))?;
    if opened.cut_bytes > 0 {
        let bytes = screen::text::bytes(opened.cut_bytes);
        tell(&format!(
            "notice: cut {bytes} from the end of the journal: what was being written when the run died"
        ));
    }
    Ok((Arc::new(store), opened.entries))
}

pub fn journal_error(err: OpenError, dir: &Path) -> CliError {
    let run = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match err {
        OpenError::Missing(_) => {
            CliError::new(ErrorKind::NotFound, format!("`{run}` has nothing to resume: {err}"))
                .hint("fanfold ps lists the runs")
        }
        OpenError::Held => CliError::new(ErrorKind::Usage, format!("`{run}` is held by another process"))
            .hint(format!("wait for it to end, or stop it; fanfold logs {run} shows what it does")),
        OpenError::Damaged { ref damage, whole } => {
            let places: Vec<String> = damage.iter().map(|damage| format!("  {damage}")).collect();
            let mut error = CliError::new(ErrorKind::File, format!("the journal of `{run}` is damaged in the middle"))
                .hint(format!("fanfold resume {run} --salvage keeps its {whole} whole lines (and the damaged file beside them), and asks the rest again"));
            error.frame = Some(format!("{}\n{}", dir.join("journal.jsonl").display(), places.join("\n")));
            error
        }
        OpenError::MissingBlob { .. } => CliError::new(ErrorKind::File, err.to_string())
            .hint(format!("put it back, or let `fanfold resume {run} --salvage` ask that call again")),
        OpenError::Io(err) => CliError::io("open the journal in", dir, &err),
    }
}

pub fn args_digest(args: Option<&Value>) -> String {
    short_digest(args.map(Value::to_string).unwrap_or_default().as_bytes())
}

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// What the flags say of the settings that they override.
pub fn setting_flags(flags: &Running) -> Vec<Flag> {
    let mut said = Vec::new();
    let mut say = |key, value: Option<String>, flag| {
        said.extend(value.map(|value| Flag { key, value, flag }));
    };
    say("model", flags.model.clone(), "--model");
    say("concurrency", flags.concurrency.map(|n| n.to_string()), "--concurrency");
    say("max_agents", flags.max_agents.map(|n| n.to_string()), "--max-agents");
    say("max_items", flags.max_items.map(|n| n.to_string()), "--max-items");
    say("sandbox.level", flags.sandbox.map(|level| level.name().to_owned()), "--sandbox");
    say("oracle", flags.oracle.clone(), "--oracle");
    said
}

/// Loads a script, and shows what looks wrong with it.
pub async fn load(text: String, file: String, world: &World, color: ColorChoice) -> Result<LoadedScript> {
    let script = load_quietly(text, file).await?;
    if !script.warnings.is_empty() {
        let color = world.colour(color, Stream::Error);
        tell(&fanfold_script::frame::render(&script.warnings, &script.file, &script.source, color));
    }
    Ok(script)
}

/// The same script once more, for another use.
pub async fn load_again(script: &LoadedScript) -> Result<LoadedScript> {
    load_quietly(script.source.clone(), script.file.clone()).await
}

/// Leaves the warnings to the lint.
pub async fn load_quietly(text: String, file: String) -> Result<LoadedScript> {
    let place = super::host_place()?;
    let loaded = LoadedScript::load(&place, text.clone(), file.clone()).await;
    loaded.map_err(|err| match err {
        LoadError::Refused(diagnostics) => CliError::script(&file, &text, &diagnostics),
        LoadError::Host(err) => {
            let error = CliError::new(ErrorKind::Script, format!("`{file}`: {}", err.message));
            match err.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        }
        LoadError::Io(err) => {
            CliError::new(ErrorKind::File, format!("could not start the script host: {err}"))
        }
    })
}

pub fn script_limits(settings: &Settings) -> ScriptLimits {
    ScriptLimits {
        memory_bytes: settings.script_memory_mb << 20,
        slice_cpu_ms: settings.script_cpu_seconds * 1_000,
        ..ScriptLimits::default()
    }
}

/// The limits of a run: flags and settings, else what the workflow's author thought enough.
pub fn limits(
    settings: &Settings,
    script: &LoadedScript,
    budgets: &[String],
    agent_budgets: &[String],
) -> Result<Limits> {
    let wanted = &script.meta.limits;
    let nobody_said = |key: &str| matches!(settings.origin(key), Origin::Default);
    let concurrency = match wanted.concurrency {
        Some(wanted) if nobody_said("concurrency") => wanted.clamp(1, 1_024) as u32,
        _ => settings.concurrency,
    };
    let agents = match wanted.agents {
        Some(wanted) if nobody_said("max_agents") => wanted,
        _ => settings.max_agents,
    };
    let (named, asked) = (named_cap(settings, budgets)?, asked_cap(settings, script));
    let cap = Cap {
        output_tokens: named.output_tokens.or(asked.output_tokens),
        usd_micros: named.usd_micros.or(asked.usd_micros),
    };
    let each_agent = match agent_budgets {
        [] => wanted.agent.map(|limit| limit.cap()).unwrap_or_default(),
        amounts => budget(amounts, Budget::default())?.into(),
    };
    Ok(Limits { concurrency, agents, items: settings.max_items, cap, each_agent, cap_is_estimate: false })
}

/// The cap that a person named: by flags, or in settings of one's own.
pub fn named_cap(settings: &Settings, budgets: &[String]) -> Result<Cap> {
    let own = if settings.origin("budget").is_project() { Budget::default() } else { settings.budget };
    Ok(budget(budgets, own)?.into())
}

/// The cap that the script or the project asks for: it can lower what a run may spend, and never allow it.
pub fn asked_cap(settings: &Settings, script: &LoadedScript) -> Cap {
    let wanted = &script.meta.limits;
    let script = Cap { output_tokens: wanted.tokens, usd_micros: wanted.usd.map(usd_micros) };
    match settings.origin("budget").is_project() {
        true => lower(script, settings.budget.into()),
        false => script,
    }
}

/// The lower of two caps, in each currency.
pub fn lower(one: Cap, other: Cap) -> Cap {
    let least = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    Cap {
        output_tokens: least(one.output_tokens, other.output_tokens),
        usd_micros: least(one.usd_micros, other.usd_micros),
    }
}

/// The cap of a run that goes on: `+$4` raises what there is, and there has to be something.
pub fn raised(before: Cap, flags: &[String]) -> Result<Cap> {
    for text in flags.iter().filter(|text| text.trim().starts_with('+')) {
        let has_one = match Amount::parse(text).map(|amount| amount.of) {
            Some(Currency::OutputTokens(_)) => before.output_tokens.is_some(),
            Some(Currency::UsdMicros(_)) => before.usd_micros.is_some(),
            None => true,
        };
        if !has_one {
            let amount = text.trim().trim_start_matches('+');
            let message = format!("this run has no such budget that `{text}` could raise");
            return Err(
                CliError::new(ErrorKind::Usage, message).hint(format!("--budget '{amount}' sets one"))
            );
        }
    }
    Ok(budget(flags, before.into())?.into())
}

/// What `--budget` says, on top of what there was before.
pub fn budget(flags: &[String], before: Budget) -> Result<Budget> {
    flags.iter().try_fold(before, |budget, text| match Amount::parse(text) {
        Some(amount) => Ok(budget.with(amount)),
        None => Err(CliError::new(ErrorKind::Usage, format!("`{text}` is no budget"))
            .hint(format!("expected {EXPECTED}"))),
    })
}

pub fn cache_rule(cache: Option<Cache>) -> fanfold_core::CacheRule {
    match cache {
        None | Some(Cache::Content) => fanfold_core::CacheRule::Content,
        Some(Cache::Prefix) => fanfold_core::CacheRule::Prefix,
        Some(Cache::Off) => fanfold_core::CacheRule::Off,
    }
}

/// Asks on the terminal; anything but yes is no.
pub fn ask(question: &str) -> bool {
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Ctrl-C and SIGTERM: first a clean stop, then an immediate one.
fn steer(control: &Control) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let Ok(mut signals) = signal(kind) else { continue };
        let control = control.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                control.interrupt();
            }
        });
    }
}

/// The screen of a run, and its events on standard output, on a thread of their own: a slow terminal and a
/// reader that stopped reading hold nothing up.
struct Watcher {
    events: Option<mpsc::Sender<Event>>,
    thread: JoinHandle<Box<dyn Screen>>,
}

/// How often the live view may redraw.
const TICK: Duration = Duration::from_millis(100);

impl Watcher {
    fn start(world: &World, color: ColorChoice, on_stdout: bool) -> Self {
        let style = style(world, color, Stream::Error);
        let live = world.can_redraw();
        let (events, arrived) = mpsc::channel::<Event>();
        let thread = std::thread::spawn(move || {
            let mut screen = screen::open(Box::new(std::io::stderr()), live, style);
            let see = |screen: &mut Box<dyn Screen>, event: &Event| {
                if on_stdout {
                    let mut line = serde_json::to_vec(event).expect("plain data always serializes");
                    line.push(b'\n');
                    let _ = std::io::stdout().write_all(&line);
                }
                screen.event(event);
            };
            loop {
                match arrived.recv_timeout(TICK) {
                    Ok(event) => {
                        see(&mut screen, &event);
                        arrived.try_iter().for_each(|event| see(&mut screen, &event));
                        screen.tick();
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => screen.tick(),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return screen,
                }
            }
        });
        Self { events: Some(events), thread }
    }

    /// What the engine tells of each event.
    fn tap(&self) -> Box<dyn FnMut(&Event) + Send> {
        let events = self.events.clone();
        Box::new(move |event| {
            if let Some(events) = &events {
                let _ = events.send(event.clone());
            }
        })
    }

    /// Shows the summary. The taps must be gone by now: the thread ends with the last of them, unless the
    /// reader of its output stopped reading; then the next Ctrl-C ends the wait.
    async fn finish(mut self, report: &RunReport) {
        drop(self.events.take());
        let ended = tokio::task::spawn_blocking(move || self.thread.join());
        tokio::select! {
            Ok(Ok(mut screen)) = ended => screen.finish(&Closing::of(report)),
            _ = tokio::signal::ctrl_c() => (),
        }
    }
}

/// Writes the result to where it belongs, and says how the process ends.
pub fn present(report: &RunReport, source: &str, flags: &Running, world: &World, color: ColorChoice) -> Exit {
    if let Some(error) = &report.error
        && let Some(location) = &error.location
    {
        let color = world.colour(color, Stream::Error);
        tell(&fanfold_script::frame::render_at(
            location,
            &error.message,
            error.hint.as_deref(),
            source,
            color,
        ));
    }
    let json = serde_json::to_string_pretty(report).expect("plain data always serializes");
    if !report.run_dir.is_empty() {
        // Best effort: the journal has everything already.
        let dir = fanfold_engine::RunDir::existing(PathBuf::from(&report.run_dir));
        if let Err(err) = dir.write_result(json.as_bytes()) {
            tell(&format!("warning: result.json could not be written: {err}"));
        }
    }
    if flags.json {
        say(&json);
    } else if !flags.events
        && let Some(result) = &report.result
    {
        say(&result_text(result.get(), world.stdout_is_terminal));
    }
    exit_of(report, flags.strict)
}

/// Text as it is, everything else as JSON with line breaks.
fn result_text(json: &str, for_terminal: bool) -> String {
    let text = match serde_json::from_str(json) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(value) => serde_json::to_string_pretty(&value).expect("plain data always serializes"),
        Err(_) => json.to_owned(),
    };
    match for_terminal {
        // A model wrote it: a terminal must not obey it.
        true => text.lines().map(screen::text::clean).collect::<Vec<_>>().join("\n"),
        false => text,
    }
}

/// `strict`: a degraded or unverified run is a failed one.
fn exit_of(report: &RunReport, strict: bool) -> Exit {
    if let Some(error) = &report.error {
        match error.kind {
            RunErrorKind::Stopped => return Exit::Stopped,
            RunErrorKind::Credentials | RunErrorKind::Unreachable => return Exit::NoModel,
            RunErrorKind::SpendLimit | RunErrorKind::Outage | RunErrorKind::Journal => return Exit::Paused,
            RunErrorKind::TimeLimit => return Exit::Limit,
            RunErrorKind::Script | RunErrorKind::Oracle => (),
        }
    }
    if report.failures.iter().any(|failed| failed.failure.kind.is_limit()) {
        return Exit::Limit;
    }
    match (report.status, report.verdict) {
        (RunStatus::Completed | RunStatus::Degraded, Verdict::Failed) => Exit::Failed,
        (RunStatus::Completed, Verdict::Passed) => Exit::Completed,
        (RunStatus::Completed | RunStatus::Degraded, _) if strict => Exit::Failed,
        (RunStatus::Completed | RunStatus::Degraded, _) => Exit::Completed,
        (RunStatus::Running | RunStatus::Failed, _) => Exit::Failed,
        (RunStatus::Stopped, _) => Exit::Stopped,
        (RunStatus::Paused, _) => Exit::Paused,
    }
}

/// The text of each workflow that a script starts, and the name that errors show, by what the script calls it.
pub type Children = BTreeMap<String, (String, String)>;

/// The workflows that earlier attempts started.
pub fn recorded_children(entries: &[Entry]) -> Children {
    let mut called: HashMap<&CallKey, &str> = HashMap::new();
    let mut children = Children::new();
    for entry in entries {
        match entry {
            Entry::Called { key, asked } if asked.what == CallKind::Workflow => {
                called.insert(key, &asked.label);
            }
            Entry::Settled { key, outcome } => {
                if let Some(label) = called.get(key)
                    && let Reply::Done(found) = &outcome.reply
                    && let (Some(source), Some(file)) = (found["source"].as_str(), found["file"].as_str())
                {
                    children.insert((*label).to_owned(), (source.to_owned(), file.to_owned()));
                }
            }
            _ => (),
        }
    }
    children
}

/// Finds the scripts that a script names, and remembers what it found.
pub struct NestedWorkflows {
    world: World,
    script_dir: Option<PathBuf>,
    /// What ran in earlier attempts: those texts go on, whatever lies there now.
    recorded: Children,
    /// What was approved; `None`: nothing is spent, so whatever lies there will do.
    approved: Option<(Children, Permissions)>,
    found: Mutex<Children>,
}

impl NestedWorkflows {
    pub fn new(world: &World, script_dir: Option<PathBuf>) -> Self {
        let (recorded, found) = Default::default();
        Self { world: world.clone(), script_dir, recorded, approved: None, found }
    }

    pub fn recorded(self, recorded: Children) -> Self {
        Self { recorded, ..self }
    }

    /// Only the texts that were approved, as they were then; and what `rules` allow by name.
    pub fn approved(self, children: Children, rules: Permissions) -> Self {
        Self { approved: Some((children, rules)), ..self }
    }

    pub fn found(&self) -> Children {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fanfold_engine::Workflows for NestedWorkflows {
    fn find(&self, target: &WorkflowTarget) -> std::result::Result<(String, String), String> {
        let (WorkflowTarget::Name(called) | WorkflowTarget::ScriptPath(called)) = target;
        if let Some((children, rules)) = &self.approved {
            if let Some(child) = children.get(called) {
                return Ok(child.clone());
            }
            if rules.of_workflow(called) != Some(Permit::Allow) {
                return Err(format!(
                    "the workflow `{called}` was not part of what was approved: no dry run started it; a rule allow = [\"Workflow({called})\"] in your own settings lets it"
                ));
            }
        }
        let found = match self.recorded.get(called) {
            Some(recorded) => recorded.clone(),
            None => {
                let found = Library::new(&self.world).nested(target, self.script_dir.as_deref());
                found.map(|workflow| (workflow.text, workflow.file)).map_err(|err| match err.hint {
                    Some(hint) => format!("{}; {hint}", err.message),
                    None => err.message,
                })?
            }
        };
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(called.clone(), found.clone());
        Ok(found)
    }
}
