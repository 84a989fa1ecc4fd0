//! Which providers there are, and which of them a model's name means.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use url::Url;

use fanfold_core::Price;

use super::exchange::Timers;
use super::retry::RetryPolicy;
use super::{Provider, models};
use crate::prices::PriceTable;

/// A key: shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one header it belongs in, and for redaction.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Secret(…)")
    }
}

/// The language a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Anthropic,
    OpenAiChat,
}

#[derive(Clone, Debug)]
pub struct ProviderConfig {
    pub name: String,
    pub wire: Wire,
    /// With or without `/v1`.
    pub base_url: Url,
    pub key: Option<Secret>,
    /// It cannot be used without a key.
    pub key_required: bool,
    /// Sent with every request; they win over ours.
    pub headers: Vec<(String, String)>,
    /// The window of its models, where the table does not know it: a local server's, say.
    pub context_tokens: Option<u64>,
    pub timers: Timers,
}

impl ProviderConfig {
    /// A provider as it is without settings.
    pub fn new(name: impl Into<String>, wire: Wire, base_url: Url) -> Self {
        Self {
            name: name.into(),
            wire,
            timers: Timers::of_host(&base_url),
            base_url,
            key: None,
            key_required: false,
            headers: Vec::new(),
            context_tokens: None,
        }
    }

    /// The providers that need no settings but a key.
    pub fn built_in() -> Vec<Self> {
        let remote = [
            ("anthropic", Wire::Anthropic, "https://api.anthropic.com"),
            ("openai", Wire::OpenAiChat, "https://api.openai.com/v1"),
            ("deepseek", Wire::OpenAiChat, "https://api.deepseek.com/v1"),
            ("openrouter", Wire::OpenAiChat, "https://openrouter.ai/api/v1"),
        ];
        let config = |(name, wire, url): (&str, Wire, &str)| {
            Self::new(name, wire, Url::parse(url).expect("a constant that the tests parse"))
        };
        let mut providers: Vec<Self> =
            remote.into_iter().map(|entry| Self { key_required: true, ..config(entry) }).collect();
        providers.push(config(("ollama", Wire::OpenAiChat, "http://localhost:11434/v1")));
        providers
    }

    fn is_usable(&self) -> bool {
        self.key.is_some() || !self.key_required
    }
}

/// What a [`Registry`] is made of, as plain data.
#[derive(Clone, Debug)]
pub struct RegistryConfig {
    /// A later one replaces an earlier one of the same name.
    pub providers: Vec<ProviderConfig>,
    /// Settings' aliases, which win over the built-in ones.
    pub aliases: BTreeMap<String, String>,
    pub retry: RetryPolicy,
    pub prices: PriceTable,
}

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            providers: ProviderConfig::built_in(),
            aliases: BTreeMap::new(),
            retry: RetryPolicy::default(),
            prices: PriceTable::default(),
        }
    }
}

/// The providers of a process, each with its connections, gate and caches, shared by all runs.
pub struct Registry {
    providers: BTreeMap<String, Entry>,
    aliases: BTreeMap<String, String>,
    prices: PriceTable,
}

struct Entry {
    provider: Arc<Provider>,
    usable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedModel {
    pub provider: String,
    /// The provider's own id.
    pub model: String,
    pub warnings: Vec<String>,
}

/// An alias may name another one, so often.
const ALIAS_DEPTH_MAX: usize = 8;

impl Registry {
    /// `Err`: a header that is none.
    pub fn new(config: RegistryConfig) -> Result<Self, String> {
        let mut providers = BTreeMap::new();
        for provider in config.providers {
            let name = provider.name.clone();
            let usable = provider.is_usable();
            let provider = Arc::new(Provider::new(provider, config.retry)?);
            providers.insert(name, Entry { provider, usable });
        }
        let built_in = models::ALIASES.iter().map(|(name, model)| ((*name).to_owned(), (*model).to_owned()));
        let mut aliases: BTreeMap<String, String> = built_in.collect();
        aliases.extend(config.aliases);
        Ok(Self { providers, aliases, prices: config.prices })
    }

    pub fn provider(&self, name: &str) -> Option<&Arc<Provider>> {
        self.providers.get(name).map(|entry| &entry.provider)
    }

    /// What `provider/model` costs; `None`: nobody knows.
    pub fn price(&self, name: &str) -> Option<Price> {
        self.prices.find(name)
    }

    /// Names of all providers, and whether each has the key it needs.
    pub fn providers(&self) -> impl Iterator<Item = (&str, bool)> {
        self.providers.iter().map(|(name, entry)| (name.as_str(), entry.usable))
    }

    /// Built-in and settings' aliases with what they stand for.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(name, model)| (name.as_str(), model.as_str()))
    }

    /// What `name` means: `provider/model`, a bare id, an alias, or `inherit` for `run_default` (itself
    /// any of the others). `Err` names the providers there are.
    pub fn resolve(&self, name: &str, run_default: &str) -> Result<ResolvedModel, String> {
        let name = name.trim();
        if name.is_empty() || name == "inherit" {
            return self.resolve_default(run_default);
        }
        let Some(target) = self.expand(name)? else {
            return self.resolve_id(name, run_default);
        };
        let resolved = self.resolve_id(&target, run_default)?;
        if name == run_default || self.is_usable(&resolved.provider) {
            return Ok(resolved);
        }
        let mut fallback = self.resolve_default(run_default)?;
        let ResolvedModel { provider, model, warnings } = &mut fallback;
        let missing = &resolved.provider;
        warnings.push(format!("`{name}` needs a key for `{missing}`: using `{provider}/{model}`"));
        Ok(fallback)
    }

    fn resolve_default(&self, run_default: &str) -> Result<ResolvedModel, String> {
        match run_default.trim() {
            "" | "inherit" => Err("no model is set: name one with --model provider/model".to_owned()),
            name => self.resolve(name, name),
        }
    }

    /// What an alias stands for in the end; `None` if `name` is none.
    fn expand(&self, name: &str) -> Result<Option<String>, String> {
        let mut target = name;
        for _ in 0..ALIAS_DEPTH_MAX {
            match self.aliases.get(target) {
                Some(next) if next != target => target = next,
                // An alias of its own name stands for the id.
                _ => return Ok((target != name).then(|| target.to_owned())),
            }
        }
        Err(format!("the alias `{name}` goes round in a circle"))
    }

    /// `provider/model`, or a bare id.
    fn resolve_id(&self, id: &str, run_default: &str) -> Result<ResolvedModel, String> {
        if let Some((provider, model)) = id.split_once('/') {
            if !self.providers.contains_key(provider) {
                return Err(self.unknown(provider));
            }
            if model.is_empty() {
                return Err(format!("`{id}` names no model: write {provider}/MODEL"));
            }
            return Ok(ResolvedModel {
                provider: provider.to_owned(),
                model: model.to_owned(),
                warnings: Vec::new(),
            });
        }
        let home = models::home(id).filter(|home| self.providers.contains_key(*home));
        let run_provider = || match run_default.trim() {
            // Itself a bare id that nobody is known for.
            same if same == id => None,
            "" | "inherit" => None,
            name => self.resolve_default(name).ok().map(|resolved| resolved.provider),
        };
        let mut warnings = Vec::new();
        let provider = match home {
            Some(home) if self.is_usable(home) => home.to_owned(),
            Some(home) => match run_provider().filter(|provider| self.is_usable(provider)) {
                Some(provider) if provider != home => {
                    warnings.push(format!("there is no key for `{home}`: asking `{provider}` for `{id}`"));
                    provider
                }
                _ => home.to_owned(),
            },
            None => run_provider().ok_or_else(|| self.unknown_model(id))?,
        };
        Ok(ResolvedModel { provider, model: id.to_owned(), warnings })
    }

    fn is_usable(&self, provider: &str) -> bool {
        self.providers.get(provider).is_some_and(|entry| entry.usable)
    }

    fn unknown(&self, provider: &str) -> String {
        let known = || self.providers.keys().map(String::as_str);
        let nearest = nearest(provider, known());
        let names: Vec<&str> = known().collect();
        format!("unknown provider `{provider}`{nearest}: there are {}", names.join(", "))
    }

    fn unknown_model(&self, id: &str) -> String {
        let nearest = nearest(id, self.aliases.keys().map(String::as_str));
        let names: Vec<&str> = self.providers.keys().map(String::as_str).collect();
        format!(
            "unknown model `{id}`{nearest}: write provider/model with one of the providers {}",
            names.join(", ")
        )
    }
}

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let scored = known.map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.filter(|(score, _)| *score > 0.7).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, name)| format!(", did you mean `{name}`?")).unwrap_or_default()
}
