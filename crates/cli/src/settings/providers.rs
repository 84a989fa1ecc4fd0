//! Providers: those that everyone knows, those of settings, and where each one's key comes from.
//!
//! The one file of the command line that names vendors.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use fanfold_agent::providers::{Secret, Wire};

use super::file::{Origin, Set};
use super::keys::Value;
use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    pub name: String,
    pub wire: Wire,
    pub base_url: String,
    pub key: KeySource,
    pub needs_key: bool,
    pub context_tokens: Option<u64>,
    /// Nobody bills for its models.
    pub free: bool,
    /// Sent with every request.
    pub headers: BTreeMap<String, String>,
    /// What `auto` takes of it, alias or `provider/model`; `None`: its models have to be asked for.
    pub default_model: Option<&'static str>,
    /// Who says where it is.
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    Variable {
        name: String,
        scheme: Scheme,
    },
    Command(String),
    /// There is none.
    Nowhere {
        looked_for: Vec<String>,
    },
}

/// How a key is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the header of the wire.
    Key,
    /// `Authorization: Bearer`, whatever the wire.
    Bearer,
}

struct Known {
    name: &'static str,
    wire: Wire,
    base_url: &'static str,
    base_url_variable: &'static str,
    key_variables: &'static [(&'static str, Scheme)],
    default_model: Option<&'static str>,
}

/// In the order in which `auto` prefers them.
const KNOWN: &[Known] = &[
    Known {
        name: "anthropic",
        wire: Wire::Anthropic,
        base_url: "https://api.anthropic.com",
        base_url_variable: "ANTHROPIC_BASE_URL",
        key_variables: &[("ANTHROPIC_API_KEY", Scheme::Key), ("ANTHROPIC_AUTH_TOKEN", Scheme::Bearer)],
        default_model: Some("sonnet"),
    },
    Known {
        name: "openai",
        wire: Wire::OpenAiChat,
        base_url: "https://api.openai.com/v1",
        base_url_variable: "OPENAI_BASE_URL",
        key_variables: &[("OPENAI_API_KEY", Scheme::Key)],
        default_model: Some("openai/gpt-6-sol"),
    },
    Known {
        name: "openrouter",
        wire: Wire::OpenAiChat,
        base_url: "https://openrouter.ai/api/v1",
        base_url_variable: "OPENROUTER_BASE_URL",
        key_variables: &[("OPENROUTER_API_KEY", Scheme::Key)],
        default_model: Some("openrouter/openrouter/auto"),
    },
    Known {
        name: "deepseek",
        wire: Wire::OpenAiChat,
        base_url: "https://api.deepseek.com/v1",
        base_url_variable: "DEEPSEEK_BASE_URL",
        key_variables: &[("DEEPSEEK_API_KEY", Scheme::Key)],
        default_model: Some("deepseek/deepseek-v4-flash"),
    },
    Known {
        name: "gemini",
        wire: Wire::OpenAiChat,
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        base_url_variable: "GEMINI_BASE_URL",
        key_variables: &[("GEMINI_API_KEY", Scheme::Key)],
        default_model: None,
    },
    Known {
        name: "mistral",
        wire: Wire::OpenAiChat,
        base_url: "https://api.mistral.ai/v1",
        base_url_variable: "MISTRAL_BASE_URL",
        key_variables: &[("MISTRAL_API_KEY", Scheme::Key)],
        default_model: None,
    },
    Known {
        name: "xai",
        wire: Wire::OpenAiChat,
        base_url: "https://api.x.ai/v1",
        base_url_variable: "XAI_BASE_URL",
        key_variables: &[("XAI_API_KEY", Scheme::Key)],
        default_model: None,
    },
    Known {
        name: "groq",
        wire: Wire::OpenAiChat,
        base_url: "https://api.groq.com/openai/v1",
        base_url_variable: "GROQ_BASE_URL",
        key_variables: &[("GROQ_API_KEY", Scheme::Key)],
        default_model: None,
    },
    Known {
        name: OLLAMA,
        wire: Wire::OpenAiChat,
        base_url: "http://127.0.0.1:11434/v1",
        base_url_variable: "OLLAMA_HOST",
        key_variables: &[("OLLAMA_API_KEY", Scheme::Key)],
        default_model: None,
    },
];

/// It needs no key wherever it is, and its variable is no URL.
const OLLAMA: &str = "ollama";

/// Names that are no provider's.
const RESERVED: [&str; 4] = ["sim", "auto", "inherit", "local"];

impl ProviderSettings {
    /// An OpenAI-like server on `port` of this machine: `local-8080/MODEL` needs no settings.
    pub fn local(port: u16) -> Self {
        Self {
            name: format!("local-{port}"),
            wire: Wire::OpenAiChat,
            base_url: format!("http://127.0.0.1:{port}/v1"),
            key: KeySource::Nowhere { looked_for: Vec::new() },
            needs_key: false,
            context_tokens: None,
            free: true,
            headers: BTreeMap::new(),
            default_model: None,
            origin: Origin::Default,
        }
    }

    /// The same of a name such as `local-8080`.
    pub fn local_named(name: &str) -> Option<Self> {
        Some(Self::local(name.strip_prefix("local-")?.parse().ok()?))
    }

    pub fn is_on_this_machine(&self) -> bool {
        is_on_this_machine(&self.base_url)
    }

    /// The key, running `key_command` if that is where it comes from. Blocks until the command ends.
    pub fn secret(&self, world: &World) -> Result<Option<Secret>> {
        match &self.key {
            KeySource::Variable { name, .. } => Ok(world.var(name).map(|value| Secret::new(value.trim()))),
            KeySource::Command(command) => self.secret_of_command(command, world).map(Some),
            KeySource::Nowhere { .. } if !self.needs_key => Ok(None),
            KeySource::Nowhere { looked_for } => {
                let error =
                    CliError::new(ErrorKind::Credentials, format!("there is no key for `{}`", self.name));
                Err(match looked_for.first() {
                    Some(name) => error.hint(format!("export {name}=…, or try it with --simulate")),
                    None => error.hint(format!(
                        "name its variable with `key_env` in [providers.{}], or try it with --simulate",
                        self.name
                    )),
                })
            }
        }
    }

    fn secret_of_command(&self, command: &str, world: &World) -> Result<Secret> {
        let failed = |why: String| {
            CliError::new(ErrorKind::Credentials, format!("the key command of `{}` {why}", self.name))
                .hint(format!("try it by hand: {command}"))
        };
        // What it says on standard error is for the person: it may ask for a passphrase.
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(world.home.as_ref().unwrap_or(&world.cwd))
            .stdin(Stdio::inherit())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|err| failed(format!("could not be run: {err}")))?;
        if !output.status.success() {
            return Err(failed(format!("failed ({})", output.status)));
        }
        match String::from_utf8(output.stdout) {
            Ok(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim())),
            Ok(_) => Err(failed("printed nothing".into())),
            Err(_) => Err(failed("printed what is no text".into())),
        }
    }
}

/// Every provider that has a name: the known ones first, in the order in which `auto` prefers them.
pub fn resolve(world: &World, said: &BTreeMap<String, Set>) -> Result<Vec<ProviderSettings>> {
    let mut own: Vec<&str> =
        said.keys().filter_map(|key| key.strip_prefix("providers.")?.split('.').next()).collect();
    own.dedup();
    let known = KNOWN.iter().map(|known| resolve_known(world, known, said));
    let own = own.into_iter().filter(|name| !KNOWN.iter().any(|known| known.name == *name));
    known.chain(own.map(|name| resolve_own(world, name, said))).collect()
}

fn resolve_known(world: &World, known: &Known, said: &BTreeMap<String, Set>) -> Result<ProviderSettings> {
    let said = Said { world, name: known.name, said };
    let from_variable = world.var(known.base_url_variable).map(|value| {
        let url = if known.name == OLLAMA { ollama_url(value) } else { value.trim_end_matches('/').into() };
        (url, Origin::Variable(known.base_url_variable.into()))
    });
    let (base_url, origin) =
        from_variable.or_else(|| said.base_url()).unwrap_or_else(|| (known.base_url.into(), Origin::Default));
    let wire = said.wire().unwrap_or(known.wire);
    let provider = said.finish(wire, base_url, origin, known.key_variables)?;
    let needs_key = provider.needs_key && known.name != OLLAMA;
    let free = said.is_free(&provider, known.name == OLLAMA && provider.is_on_this_machine());
    Ok(ProviderSettings { default_model: known.default_model, needs_key, free, ..provider })
}

fn resolve_own(world: &World, name: &str, said: &BTreeMap<String, Set>) -> Result<ProviderSettings> {
    let said = Said { world, name, said };
    if RESERVED.contains(&name) || name.contains('/') || name.is_empty() {
        return Err(said.wrong(format!("`{name}` cannot be the name of a provider"), "choose another name"));
    }
    let local = ProviderSettings::local_named(name);
    let local_url = || Some((local.as_ref()?.base_url.clone(), Origin::Default));
    let Some((base_url, origin)) = said.base_url().or_else(local_url) else {
        let known: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        let hint = match fanfold_core::schema::nearest(name, &known) {
            Some(near) => format!(
                "did you mean [providers.{near}]? A provider of your own needs base_url = \"https://…\""
            ),
            None => "base_url = \"https://…/v1\" says where it is".into(),
        };
        return Err(said.wrong(format!("[providers.{name}] has no `base_url`"), &hint));
    };
    let Some(wire) = said.wire().or(local.as_ref().map(|local| local.wire)) else {
        return Err(said.wrong(
            format!("[providers.{name}] has no `wire`"),
            "wire = \"anthropic\" or \"openai-chat\" says how it is spoken to",
        ));
    };
    let provider = said.finish(wire, base_url, origin, &[])?;
    let free = said.is_free(&provider, local.is_some() && provider.origin == Origin::Default);
    Ok(ProviderSettings { free, ..provider })
}

/// What settings say of one provider.
struct Said<'a> {
    world: &'a World,
    name: &'a str,
    said: &'a BTreeMap<String, Set>,
}

impl Said<'_> {
    fn finish(
        &self,
        wire: Wire,
        base_url: String,
        origin: Origin,
        key_variables: &[(&str, Scheme)],
    ) -> Result<ProviderSettings> {
        let parsed = url::Url::parse(&base_url).ok();
        if !parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            let message = format!(
                "the base URL of `{}` is no http URL: `{base_url}` ({})",
                self.name,
                origin.show(self.world)
            );
            return Err(CliError::new(ErrorKind::Settings, message).hint("write https://HOST/PATH"));
        }
        let prefix = format!("providers.{}.headers.", self.name);
        let headers = self
            .said
            .range(prefix.clone()..)
            .map_while(|(key, set)| Some((key.strip_prefix(&prefix)?.to_owned(), set.value.to_string())))
            .collect();
        let key = self.key_source(key_variables);
        // One's own provider without a word about a key has none.
        let is_keyless = matches!(&key, KeySource::Nowhere { looked_for } if looked_for.is_empty());
        Ok(ProviderSettings {
            name: self.name.into(),
            wire,
            needs_key: !is_keyless && !is_on_this_machine(&base_url),
            base_url: base_url.trim_end_matches('/').into(),
            key,
            context_tokens: self.get("context_tokens").and_then(|set| match set.value {
                Value::Count(tokens) => Some(tokens),
                _ => None,
            }),
            free: false,
            headers,
            default_model: None,
            origin,
        })
    }

    /// A command beats a named variable, which beats the conventional ones.
    fn key_source(&self, conventional: &[(&str, Scheme)]) -> KeySource {
        if let Some(command) = self.text("key_command") {
            return KeySource::Command(command);
        }
        let named = self.text("key_env");
        let candidates: Vec<(&str, Scheme)> = match &named {
            Some(name) => vec![(name, Scheme::Key)],
            None => conventional.to_vec(),
        };
        match candidates.iter().find(|(name, _)| self.world.var(name).is_some()) {
            Some((name, scheme)) => KeySource::Variable { name: (*name).into(), scheme: *scheme },
            None => KeySource::Nowhere {
                looked_for: candidates.into_iter().map(|(name, _)| name.to_owned()).collect(),
            },
        }
    }

    fn base_url(&self) -> Option<(String, Origin)> {
        let set = self.get("base_url")?;
        Some((set.value.to_string(), set.origin.clone()))
    }

    fn wire(&self) -> Option<Wire> {
        let name = self.text("wire")?;
        match name.as_str() {
            "anthropic" => Some(Wire::Anthropic),
            _ => Some(Wire::OpenAiChat),
        }
    }

    /// Where a project says that a provider is, nobody knows who is listening.
    fn is_free(&self, provider: &ProviderSettings, unsaid: bool) -> bool {
        let said = self.get("free").map(|set| set.value == Value::Switch(true));
        said.unwrap_or(unsaid) && !provider.origin.is_project()
    }

    fn text(&self, field: &str) -> Option<String> {
        self.get(field).map(|set| set.value.to_string())
    }

    fn get(&self, field: &str) -> Option<&Set> {
        self.said.get(&format!("providers.{}.{field}", self.name))
    }

    fn wrong(&self, message: String, hint: &str) -> CliError {
        let prefix = format!("providers.{}.", self.name);
        let origin = self.said.iter().find(|(key, _)| key.starts_with(&prefix)).map(|(_, set)| &set.origin);
        let place = origin.map(|origin| format!(" ({})", origin.show(self.world))).unwrap_or_default();
        CliError::new(ErrorKind::Settings, message + &place).hint(hint)
    }
}

fn is_on_this_machine(base_url: &str) -> bool {
    match url::Url::parse(base_url).ok().as_ref().and_then(url::Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `OLLAMA_HOST` is the server's own variable: a host, a port or both, and `0.0.0.0` means everywhere.
fn ollama_url(value: &str) -> String {
    let value = value.trim().trim_end_matches('/');
    let (scheme, host) = value.split_once("://").unwrap_or(("http", value));
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port),
        _ => (host, if scheme == "https" { "443" } else { "11434" }),
    };
    let host = if host.is_empty() || host == "0.0.0.0" { "127.0.0.1" } else { host };
    format!("{scheme}://{host}:{port}/v1")
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;
    use crate::world::made_up::MadeUp;

    fn provider(made: &MadeUp, name: &str) -> ProviderSettings {
        let settings = Settings::load(&made.world, &[]).expect("valid settings");
        settings.provider(name).expect("a known name")
    }

    #[test]
    fn the_conventional_variables_are_read() {
        let made = MadeUp::new()
            .var("ANTHROPIC_AUTH_TOKEN", "t")
            .var("ANTHROPIC_BASE_URL", "http://proxy:1/")
            .var("OPENAI_API_KEY", " k\n");
        let anthropic = provider(&made, "anthropic");
        assert_eq!(anthropic.base_url, "http://proxy:1");
        let token = KeySource::Variable { name: "ANTHROPIC_AUTH_TOKEN".into(), scheme: Scheme::Bearer };
        assert_eq!(anthropic.key, token);
        let key = provider(&made, "openai").secret(&made.world).expect("set").expect("a key");
        assert_eq!(key.reveal(), "k");
        let deepseek = provider(&made, "deepseek");
        assert!(deepseek.needs_key && matches!(deepseek.key, KeySource::Nowhere { .. }));
    }

    #[test]
    fn ollamas_variable_is_a_host_in_many_forms() {
        for (value, expected) in [
            ("0.0.0.0", "http://127.0.0.1:11434/v1"),
            (":1234", "http://127.0.0.1:1234/v1"),
            ("box:1234", "http://box:1234/v1"),
            ("https://box/", "https://box:443/v1"),
        ] {
            let made = MadeUp::new().var("OLLAMA_HOST", value);
            assert_eq!(provider(&made, "ollama").base_url, expected, "{value}");
        }
    }

    #[test]
    fn a_missing_key_names_the_variable_to_set_and_never_a_value() {
        let made = MadeUp::new();
        let error = provider(&made, "openai").secret(&made.world).expect_err("no key");
        assert_eq!(error.message, "there is no key for `openai`");
        assert!(error.hint.expect("a hint").contains("export OPENAI_API_KEY="));
    }

    #[test]
    fn a_provider_of_ones_own_may_ask_a_command_for_its_key() {
        let made = MadeUp::new();
        made.file(
            "~/.config/fanfold/config.toml",
            "[providers.mine]\nwire = \"openai-chat\"\nbase_url = \"https://gw.test/v1/\"\nkey_command = \"echo abc\"\n\
             context_tokens = \"32k\"\nheaders = { x-team = \"a\" }",
        );
        let mine = provider(&made, "mine");
        assert_eq!((mine.base_url.as_str(), mine.context_tokens), ("https://gw.test/v1", Some(32_000)));
        assert_eq!(mine.headers, BTreeMap::from([("x-team".into(), "a".into())]));
        let secret = mine.secret(&made.world).expect("it prints one").expect("a key");
        assert_eq!((secret.reveal(), format!("{secret:?}").as_str()), ("abc", "Secret(…)"));

        let broken = ProviderSettings { key: KeySource::Command("exit 3".into()), ..mine };
        let error = broken.secret(&made.world).expect_err("it fails");
        assert!(error.message.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn an_incomplete_provider_says_what_it_lacks() {
        for (text, expected) in [
            (
                "[providers.mine]\nwire = \"anthropic\"",
                "[providers.mine] has no `base_url` (.fanfold/config.toml:2)",
            ),
            ("[providers.mine]\nbase_url = \"http://a\"", "has no `wire`"),
            ("[providers.mine]\nbase_url = \"a.b\"\nwire = \"anthropic\"", "is no http URL: `a.b`"),
            ("[providers.sim]\nbase_url = \"http://a\"", "`sim` cannot be the name"),
            ("[providers.\"a/b\"]\nbase_url = \"http://a\"", "`a/b` cannot be the name"),
        ] {
            let made = MadeUp::new();
            made.file(".fanfold/config.toml", text);
            let error = Settings::load(&made.world, &[]).expect_err(text);
            assert!(error.message.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_server_on_this_machine_needs_no_key() {
        let made = MadeUp::new();
        let local = provider(&made, "local-8081");
        assert_eq!(local.base_url, "http://127.0.0.1:8081/v1");
        assert_eq!(local.secret(&made.world), Ok(None));
        assert!(!provider(&made, "ollama").needs_key);
        assert!(!provider(&MadeUp::new().var("OLLAMA_HOST", "box"), "ollama").needs_key);
    }
}
