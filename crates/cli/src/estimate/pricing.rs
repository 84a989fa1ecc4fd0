//! Which model an agent is priced as, and what that one costs. Nothing is asked of any provider.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_agent::native::Models;
use fanfold_agent::providers::{ProviderConfig, Registry, RegistryConfig};
use fanfold_agent::sim::Defaults;
use fanfold_core::Price;
use url::Url;

use crate::error::{CliError, ErrorKind, Result};
use crate::settings::Settings;
use crate::settings::file::Origin;
use crate::world::World;

/// Names, prices and windows of models.
#[derive(Clone)]
pub struct Pricing {
    names: Names,
    settings: Settings,
    /// By the name that a script wrote: a thousand agents share a few.
    written: Arc<Mutex<HashMap<String, Option<Price>>>>,
}

/// What models' names mean, as if there were a key for each.
#[derive(Clone)]
pub struct Names {
    registry: Arc<Registry>,
    /// Of agents that name none. `None`: none is set, and looking for one is not for an estimate.
    default: Option<String>,
}

impl Pricing {
    /// For agents that name no model `default`: an alias, an id or `provider/model`.
    pub fn new(settings: &Settings, default: Option<&str>) -> Result<Self> {
        let providers = settings.providers.iter().map(|provider| {
            let url = Url::parse(&provider.base_url).expect("settings refuse what is no URL");
            let config = ProviderConfig::new(provider.name.clone(), provider.wire, url);
            ProviderConfig { context_tokens: provider.context_tokens, ..config }
        });
        let config = RegistryConfig {
            providers: providers.collect(),
            aliases: settings.aliases.clone(),
            ..RegistryConfig::default()
        };
        let registry = Registry::new(config).map_err(|err| CliError::new(ErrorKind::Settings, err))?;
        let default = default.filter(|model| *model != "auto").map(str::to_owned);
        Ok(Self {
            names: Names { registry: Arc::new(registry), default },
            settings: settings.clone(),
            written: Arc::default(),
        })
    }

    /// As the settings (and the flag that is among them) say.
    pub fn of_settings(settings: &Settings) -> Result<Self> {
        Self::new(settings, settings.model.as_deref())
    }

    /// The model of agents that name none, in full, and who says so.
    pub fn default_model(&self, world: &World) -> Option<(String, String)> {
        let model = self.names.full(self.names.default.as_deref()?);
        let origin = match self.settings.origin("model") {
            Origin::Default => "the run's own".into(),
            origin => origin.show(world),
        };
        Some((model, origin))
    }

    pub fn names(&self) -> Names {
        self.names.clone()
    }

    /// A name that a person typed, in full. `Err` names what there is.
    pub fn name(&self, typed: &str) -> Result<String> {
        if typed.contains('/') && self.price(typed).is_some() {
            return Ok(typed.to_owned());
        }
        let default = self.names.default.as_deref().unwrap_or_default();
        let resolved = self.names.registry.resolve(typed, default);
        let resolved =
            resolved.map_err(|err| CliError::new(ErrorKind::Usage, format!("--as {typed}: {err}")))?;
        Ok(format!("{}/{}", resolved.provider, resolved.model))
    }

    /// The models that a text names in quotes: aliases, and ids whose price is known.
    pub fn named_in(&self, text: &str) -> Vec<String> {
        let quoted = regex::Regex::new(r#"['"`]([A-Za-z][A-Za-z0-9._:/-]{2,80})['"`]"#).expect("a constant");
        let aliases: Vec<&str> = self.names.registry.aliases().map(|(alias, _)| alias).collect();
        let is_model = |name: &str| {
            let may_be_id = || name.contains(['-', '/']);
            let is_priced = || self.price(&self.names.full(name)).is_some_and(|price| price != Price::FREE);
            aliases.contains(&name) || may_be_id() && is_priced()
        };
        let names = quoted.captures_iter(text).map(|found| found[1].to_owned());
        names.filter(|name| is_model(name)).collect()
    }

    /// Of a model as a script wrote it.
    pub fn price_of_written(&self, model: &str) -> Option<Price> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = written.get(model) {
            return *known;
        }
        let price = self.price(&self.names.full(model));
        written.insert(model.to_owned(), price);
        price
    }

    /// Of a full name. `None`: nobody knows, which is not nothing.
    pub fn price(&self, model: &str) -> Option<Price> {
        match model {
            "sim" => Some(Price::FREE),
            model => self.settings.prices([model]).find(model),
        }
    }
}

impl Names {
    /// `provider/model` of a model as the script wrote it; as it was written where nobody knows it, and empty
    /// where none is set.
    pub fn full(&self, written: &str) -> String {
        let default = self.default.as_deref().unwrap_or_default();
        let written = if written == Defaults::MODEL { default } else { written };
        match self.registry.resolve(written, default) {
            Ok(resolved) => format!("{}/{}", resolved.provider, resolved.model),
            Err(_) => written.to_owned(),
        }
    }

    /// Tokens that fit into a model of this full name.
    pub fn context_tokens(&self, model: &str) -> Option<u64> {
        let found = Models::resolve(&*self.registry, model, model).ok()?;
        Some(found.model.limits(&found.id).context_tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn pricing(config: &str) -> Pricing {
        let made = MadeUp::new();
        let own = "\n[prices.'gone/away']\ninput = '1'\noutput = '7'\n";
        made.file("~/.config/fanfold/config.toml", &format!("{config}{own}"));
        let settings = Settings::load(&made.world, &[]).expect("valid settings");
        Pricing::of_settings(&settings).expect("plain settings")
    }

    #[test]
    fn names_are_completed_as_if_every_key_were_there() {
        let pricing = pricing("model = 'fast'\naliases.fast = 'openai/gpt-9-mini'");
        assert_eq!(pricing.names.full(Defaults::MODEL), "openai/gpt-9-mini");
        assert_eq!(pricing.names.full("inherit"), "openai/gpt-9-mini");
        assert_eq!(pricing.names.full("deepseek-v4-flash"), "deepseek/deepseek-v4-flash");
        assert!(pricing.names.full("opus").starts_with("anthropic/claude-opus"), "an alias without a key");
        assert_eq!(pricing.names.full("nowhere/x"), "nowhere/x");
        assert!(pricing.names.context_tokens("openai/gpt-9-mini").is_some_and(|tokens| tokens > 100_000));
    }

    #[test]
    fn a_run_without_a_model_has_none() {
        let pricing = pricing("");
        assert_eq!(pricing.names.full(Defaults::MODEL), "");
        assert_eq!(pricing.default_model(&MadeUp::new().world), None);
        assert_eq!(self::pricing("model = 'auto'").names.full(Defaults::MODEL), "");
    }

    #[test]
    fn models_of_this_machine_cost_nothing_and_unknown_ones_are_unknown() {
        let pricing = pricing("");
        assert_eq!(pricing.price("ollama/qwen"), Some(Price::FREE));
        assert_eq!(pricing.price("local-8081/qwen"), Some(Price::FREE));
        assert_eq!(pricing.price("nowhere/x"), None);
        assert_eq!(pricing.price(""), None);
        assert_eq!(pricing.price("gone/away").map(|price| price.rates.output), Some(7_000_000));
    }

    #[test]
    fn a_mistyped_model_names_what_there_is() {
        let pricing = pricing("");
        assert_eq!(pricing.name("gone/away").expect("it has a price"), "gone/away");
        let error = pricing.name("opnai/gpt").expect_err("no provider");
        assert!(error.message.contains("did you mean `openai`?"), "{error}");
    }
}
