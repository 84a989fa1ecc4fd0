//! Which model can be used when nobody named one: what there is, and what to take of it.
//!
//! Nothing is ever spent on a key that was merely found: it is named, and asked about.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::error::{CliError, ErrorKind};
use crate::settings::Settings;
use crate::settings::file::Origin;
use crate::settings::providers::{KeySource, ProviderSettings};
use crate::world::World;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// In the order in which `auto` prefers them.
    pub found: Vec<Candidate>,
    /// Everything that was looked for, found or not. Names only, never the value of a key.
    pub looked_for: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub means: Means,
    /// What `--model` takes; `None` where a model has to be named by hand.
    pub model: Option<String>,
    /// Using it costs money.
    pub spends: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// The variable that holds it, or the command that prints it.
    Key { provider: String, from: String },
    /// Its base URL.
    Server { url: String },
    /// A program of another maker's agent.
    AgentProgram { name: String },
}

/// Which model the run uses, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// An alias, a bare id or `provider/model`; `sim` is the simulated one.
    pub model: String,
    pub because: Because,
    /// A person has to say yes first: see [`consent`].
    pub needs_consent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// `--simulate`.
    Simulate,
    /// A flag, a variable or a file names it.
    Named(Origin),
    Found(Means),
    /// There was nothing to be found: [`nothing_found`] says so.
    NothingFound,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Consent {
    Given,
    /// To be put to the person: yes or no.
    Ask(String),
    Refused(CliError),
}

/// A server that answers later than this is not on this machine, or busy with something else.
const PROBE_LIMIT: Duration = Duration::from_millis(300);
const PROBE_BYTES_MAX: u64 = 1 << 20;
/// llama.cpp, its second one, vLLM, LM Studio.
const LOCAL_PORTS: [u16; 4] = [8080, 8081, 8000, 1234];
const AGENT_PROGRAMS: [&str; 4] = ["claude", "codex", "gemini", "opencode"];

/// Whether nobody named a model, so that it is worth looking for one.
pub fn is_open(settings: &Settings, simulate: bool) -> bool {
    !simulate && named(settings).is_none()
}

/// Looks for keys, servers and programs. Takes no longer than 300 ms; cancelled by drop.
pub async fn detect(settings: &Settings, world: &World) -> Detected {
    look(settings, world, &servers(settings)).await
}

/// What to use: what was named, a key, a server of this machine, or else the simulated model.
pub fn choose(settings: &Settings, simulate: bool, detected: &Detected) -> Choice {
    if simulate {
        return Choice { model: "sim".into(), because: Because::Simulate, needs_consent: false };
    }
    if let Some(model) = named(settings) {
        let because = Because::Named(settings.origin("model").clone());
        return Choice { model: model.into(), because, needs_consent: false };
    }
    let usable = detected.found.iter().find_map(|one| Some((one, one.model.clone()?)));
    match usable {
        Some((one, model)) => {
            Choice { model, because: Because::Found(one.means.clone()), needs_consent: one.spends }
        }
        None => Choice { model: "sim".into(), because: Because::NothingFound, needs_consent: false },
    }
}

/// Whether `choice` may be used: `yes` is `--yes`.
pub fn consent(choice: &Choice, world: &World, yes: bool) -> Consent {
    let Choice { model, because: Because::Found(means), needs_consent: true } = choice else {
        return Consent::Given;
    };
    if yes {
        return Consent::Given;
    }
    let means = means.show();
    if world.can_ask() {
        return Consent::Ask(format!("no model is set, but {means}. Use `{model}`, which costs money?"));
    }
    let message = format!("no model is set: {means}, but nobody said that `{model}` may be used");
    Consent::Refused(
        CliError::new(ErrorKind::NotApproved, message)
            .hint(format!("--model {model} names it, --yes takes what is found, --simulate spends nothing")),
    )
}

/// What was looked for, what to type to have a model, and what works without one.
pub fn nothing_found(detected: &Detected) -> [String; 3] {
    let programs: Vec<&str> = detected
        .found
        .iter()
        .filter_map(|one| match &one.means {
            Means::AgentProgram { name } => Some(name.as_str()),
            Means::Key { .. } | Means::Server { .. } => None,
        })
        .collect();
    let programs = match programs[..] {
        [] => String::new(),
        _ => format!(" ({}: installed, but cannot be used yet)", programs.join(", ")),
    };
    [
        format!("no model was found; looked for {}{programs}", detected.looked_for.join(", ")),
        "set a key (export ANTHROPIC_API_KEY=…), or start a local server (ollama serve) and name its model: --model ollama/MODEL".into(),
        "--simulate runs it on the simulated model: free, and the replies are made up".into(),
    ]
}

impl Means {
    pub fn show(&self) -> String {
        match self {
            Means::Key { provider, from } => format!("there is a key for `{provider}` ({from})"),
            Means::Server { url } => format!("a server answers at {url}"),
            Means::AgentProgram { name } => format!("the program `{name}` is installed"),
        }
    }
}

fn named(settings: &Settings) -> Option<&str> {
    settings.model.as_deref().filter(|model| *model != "auto")
}

async fn look(settings: &Settings, world: &World, servers: &[ProviderSettings]) -> Detected {
    let mut detected = Detected::default();
    for provider in settings.providers.iter().filter(|provider| !provider.is_on_this_machine()) {
        let from = match &provider.key {
            KeySource::Variable { name, .. } => name.clone(),
            KeySource::Command(_) => format!("key_command of [providers.{}]", provider.name),
            KeySource::Nowhere { looked_for } => {
                detected.looked_for.extend(looked_for.first().cloned());
                continue;
            }
        };
        detected.looked_for.push(from.clone());
        detected.found.push(Candidate {
            means: Means::Key { provider: provider.name.clone(), from },
            model: provider.default_model.map(str::to_owned),
            spends: true,
        });
    }
    let models = join_all(servers.iter().map(|server| first_model(&server.base_url))).await;
    for (server, model) in servers.iter().zip(models) {
        detected.looked_for.push(format!("a server at {}", server.base_url));
        if let Some(model) = model {
            detected.found.push(Candidate {
                means: Means::Server { url: server.base_url.clone() },
                model: Some(format!("{}/{model}", server.name)),
                spends: false,
            });
        }
    }
    for name in AGENT_PROGRAMS.into_iter().filter(|name| is_on_path(world, name)) {
        let means = Means::AgentProgram { name: name.into() };
        detected.found.push(Candidate { means, model: None, spends: true });
    }
    detected
}

/// Ollama, what settings name on this machine, and the usual ports.
fn servers(settings: &Settings) -> Vec<ProviderSettings> {
    let mut servers: Vec<ProviderSettings> = settings
        .providers
        .iter()
        .filter(|one| one.name == "ollama" || one.is_on_this_machine())
        .cloned()
        .collect();
    for port in LOCAL_PORTS {
        let local = ProviderSettings::local(port);
        if !servers.iter().any(|known| known.base_url == local.base_url) {
            servers.push(local);
        }
    }
    servers
}

/// The first model that a server says it has and that can hold a conversation.
async fn first_model(base_url: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Models {
        data: Vec<Model>,
    }
    #[derive(Deserialize)]
    struct Model {
        id: String,
    }
    let body = tokio::time::timeout(PROBE_LIMIT, get(&format!("{base_url}/models"))).await.ok()??;
    let models: Models = serde_json::from_slice(&body).ok()?;
    models.data.into_iter().map(|model| model.id).find(|id| !id.contains("embed"))
}

/// The body of a 200. HTTP/1.0, so that the body simply ends where the connection does; without TLS, which
/// nobody uses on their own machine.
async fn get(url: &str) -> Option<Vec<u8>> {
    let url = url::Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let (host, port) = (url.host_str()?.trim_matches(['[', ']']), url.port_or_known_default()?);
    let mut stream = TcpStream::connect((host, port)).await.ok()?;
    let request = format!(
        "GET {} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: application/json\r\nConnection: close\r\n\r\n",
        url.path()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut reply = Vec::new();
    stream.take(PROBE_BYTES_MAX).read_to_end(&mut reply).await.ok()?;
    let body = reply.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let is_ok = reply.starts_with(b"HTTP/1.") && reply.get(9..12) == Some(b"200");
    is_ok.then(|| reply.split_off(body))
}

fn is_on_path(world: &World, program: &str) -> bool {
    let Some(path) = world.var("PATH") else { return false };
    std::env::split_paths(path).any(|folder| is_executable(&folder.join(program)))
}

fn is_executable(path: &std::path::Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flag;
    use crate::world::made_up::MadeUp;
    use tokio::net::TcpListener;

    fn settings(made: &MadeUp, flags: &[Flag]) -> Settings {
        Settings::load(&made.world, flags).expect("valid settings")
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(future)
    }

    fn key(model: Option<&str>) -> Candidate {
        let means = Means::Key { provider: "p".into(), from: "P_KEY".into() };
        Candidate { means, model: model.map(str::to_owned), spends: true }
    }

    fn server() -> Candidate {
        let means = Means::Server { url: "http://127.0.0.1:1/v1".into() };
        Candidate { means, model: Some("local-1/m".into()), spends: false }
    }

    #[test]
    fn the_choice_follows_what_was_said_then_keys_then_servers() {
        let program =
            Candidate { means: Means::AgentProgram { name: "codex".into() }, model: None, spends: true };
        let cases: [(&str, bool, &[Candidate], &str, bool); 8] = [
            ("", true, &[key(Some("p/m"))], "sim", false),
            ("opus", false, &[key(Some("p/m"))], "opus", false),
            ("opus", true, &[], "sim", false),
            ("auto", false, &[key(Some("p/m")), server()], "p/m", true),
            ("", false, &[key(Some("p/m")), server()], "p/m", true),
            ("", false, &[key(None), server()], "local-1/m", false),
            ("", false, &[program], "sim", false),
            ("", false, &[], "sim", false),
        ];
        for (model, simulate, found, expected, needs_consent) in cases {
            let made = MadeUp::new();
            let flag = Flag { key: "model", value: model.into(), flag: "--model" };
            let settings = settings(&made, if model.is_empty() { &[] } else { std::slice::from_ref(&flag) });
            let detected = Detected { found: found.to_vec(), looked_for: Vec::new() };
            let choice = choose(&settings, simulate, &detected);
            assert_eq!(
                (choice.model.as_str(), choice.needs_consent),
                (expected, needs_consent),
                "{model} {found:?}"
            );
            assert_eq!(is_open(&settings, simulate), !simulate && model != "opus");
        }
    }

    #[test]
    fn what_costs_money_is_asked_about_unless_it_was_named() {
        let found =
            Choice { model: "sonnet".into(), because: Because::Found(key(None).means), needs_consent: true };
        let here = MadeUp::new();
        assert_eq!(consent(&found, &here.world, true), Consent::Given);
        let Consent::Refused(error) = consent(&found, &here.world, false) else { panic!("nobody was asked") };
        assert_eq!(error.exit().code(), 4);
        assert!(error.message.contains("`sonnet`") && error.message.contains("P_KEY"), "{error}");
        let there = MadeUp::new().on_a_terminal();
        let Consent::Ask(question) = consent(&found, &there.world, false) else { panic!("not asked") };
        assert!(question.contains("`sonnet`"), "{question}");
        let free = Choice { needs_consent: false, ..found };
        assert_eq!(consent(&free, &here.world, false), Consent::Given);
    }

    #[test]
    fn keys_are_found_by_name_and_never_shown() {
        let made =
            MadeUp::new().var("ANTHROPIC_API_KEY", "very-secret").var("MISTRAL_API_KEY", "very-secret");
        let detected = block_on(look(&settings(&made, &[]), &made.world, &[]));
        let models: Vec<Option<&str>> = detected.found.iter().map(|one| one.model.as_deref()).collect();
        assert_eq!(models, [Some("sonnet"), None]);
        assert!(detected.looked_for.contains(&"OPENAI_API_KEY".into()));
        let lines = nothing_found(&detected);
        assert!(lines[0].contains("OPENAI_API_KEY") && lines[2].contains("--simulate"), "{lines:?}");
        assert!(!format!("{detected:?}").contains("very-secret"));
    }

    #[test]
    fn agent_programs_are_named_and_not_used() {
        let made = MadeUp::new();
        let program = made.file("bin/codex", "#!/bin/sh\n");
        made.file("bin/gemini", "not executable");
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("ours");
        let bin = made.project.join("bin").display().to_string();
        let made = made.var("PATH", &bin);
        let detected = block_on(look(&settings(&made, &[]), &made.world, &[]));
        let means: Vec<&Means> = detected.found.iter().map(|one| &one.means).collect();
        assert_eq!(means, [&Means::AgentProgram { name: "codex".into() }]);
    }

    /// Answers one request with `reply`; `None` never answers.
    async fn serve(reply: Option<&'static str>) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut request = [0; 1024];
            let length = stream.read(&mut request).await.expect("a request");
            assert!(request[..length].starts_with(b"GET /v1/models HTTP/1.0\r\n"));
            match reply {
                Some(reply) => stream.write_all(reply.as_bytes()).await.expect("still there"),
                None => std::future::pending().await,
            }
        });
        port
    }

    #[test]
    fn a_server_counts_when_it_lists_a_model_in_time() {
        block_on(async {
            let lists = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n\
                         {\"object\":\"list\",\"data\":[{\"id\":\"nomic-embed-text\"},{\"id\":\"qwen3\"}]}";
            let ports = [
                serve(Some(lists)).await,
                serve(Some("HTTP/1.1 404 Not Found\r\n\r\n{\"data\":[{\"id\":\"x\"}]}")).await,
                serve(Some("HTTP/1.1 200 OK\r\n\r\n<html>")).await,
                serve(None).await,
            ];
            let made = MadeUp::new();
            let servers: Vec<ProviderSettings> = ports.into_iter().map(ProviderSettings::local).collect();
            let detected = look(&settings(&made, &[]), &made.world, &servers).await;
            let models: Vec<Option<String>> = detected.found.into_iter().map(|one| one.model).collect();
            assert_eq!(models, [Some(format!("local-{}/qwen3", ports[0]))]);
        });
    }

    #[test]
    fn the_usual_ports_are_asked_once_each() {
        let made = MadeUp::new();
        made.file(
            ".fanfold/config.toml",
            "[providers.mine]\nwire = 'openai-chat'\nbase_url = 'http://127.0.0.1:8000/v1'",
        );
        let names: Vec<String> = servers(&settings(&made, &[])).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["ollama", "mine", "local-8080", "local-8081", "local-1234"]);
    }
}
