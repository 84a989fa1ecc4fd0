//! Settings as what talks to providers takes them.

use fanfold_agent::providers::{ProviderConfig, RegistryConfig, RetryPolicy, Timers};
use url::Url;

use super::providers::{KeySource, ProviderSettings, Scheme};
use super::{Settings, Timeouts};
use crate::world::World;

impl Settings {
    /// Every provider, with its key where there is one. `model` is the run's: its `local-PORT` is added.
    ///
    /// Runs key commands, and blocks until they end. One that fails is a notice: the run may not need it.
    pub fn registry(&self, model: &str, world: &World) -> (RegistryConfig, Vec<String>) {
        let mut notices = Vec::new();
        let timers = timers(self.timeouts);
        let config = RegistryConfig {
            providers: self
                .providers_of([model])
                .into_iter()
                .map(|provider| provider_config(provider, timers, world, &mut notices))
                .collect(),
            aliases: self.aliases.clone(),
            retry: match self.timeouts.retry_window {
                Some(window) => RetryPolicy { window, ..RetryPolicy::default() },
                None => RetryPolicy::default(),
            },
            prices: self.prices([model]),
        };
        (config, notices)
    }

    /// Every provider that has a name, and those that only a model in use or an alias names: `local-PORT`.
    pub(super) fn providers_of<'a>(
        &'a self,
        models: impl IntoIterator<Item = &'a str>,
    ) -> Vec<ProviderSettings> {
        let mut providers = self.providers.clone();
        let names = self.aliases.values().map(String::as_str).chain(models);
        for (provider, _) in names.filter_map(|name| name.split_once('/')) {
            if !providers.iter().any(|known| known.name == provider) {
                providers.extend(self.provider(provider));
            }
        }
        providers
    }
}

fn provider_config(
    provider: ProviderSettings,
    timers: Timers,
    world: &World,
    notices: &mut Vec<String>,
) -> ProviderConfig {
    let key = match provider.secret(world) {
        Ok(key) => key,
        Err(error) => {
            if matches!(provider.key, KeySource::Command(_)) {
                notices.push(error.message);
            }
            None
        }
    };
    let url = Url::parse(&provider.base_url).expect("settings refuse what is no URL");
    let mut config = ProviderConfig::new(provider.name, provider.wire, url);
    config.headers.extend(provider.headers);
    config.context_tokens = provider.context_tokens;
    config.timers = timers;
    config.key_required = provider.needs_key;
    match (&provider.key, key) {
        (KeySource::Variable { scheme: Scheme::Bearer, .. }, Some(token)) => {
            config.headers.push(("authorization".into(), format!("Bearer {}", token.reveal())));
            config.key_required = false;
        }
        (_, key) => config.key = key,
    }
    config
}

fn timers(timeouts: Timeouts) -> Timers {
    let usual = Timers::default();
    Timers {
        connect: timeouts.connect.unwrap_or(usual.connect),
        first_byte: timeouts.first_byte.unwrap_or(usual.first_byte),
        idle: timeouts.idle.unwrap_or(usual.idle),
        ..usual
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::world::made_up::MadeUp;

    fn registry(made: &MadeUp, model: &str) -> (RegistryConfig, Vec<String>) {
        Settings::load(&made.world, &[]).expect("valid settings").registry(model, &made.world)
    }

    fn provider(config: &RegistryConfig, name: &str) -> ProviderConfig {
        config.providers.iter().find(|provider| provider.name == name).expect("it is known").clone()
    }

    #[test]
    fn keys_and_limits_arrive() {
        let made = MadeUp::new().var("ANTHROPIC_AUTH_TOKEN", "t").var("OPENAI_API_KEY", "k");
        made.file(".fanfold/config.toml", "timeouts = { idle_seconds = 3, retry_window_minutes = 2 }");
        let (config, notices) = registry(&made, "sim");
        let (anthropic, openai) = (provider(&config, "anthropic"), provider(&config, "openai"));
        assert_eq!(anthropic.headers, [("authorization".into(), "Bearer t".into())]);
        assert!(anthropic.key.is_none() && !anthropic.key_required, "the token is enough");
        assert_eq!(openai.key.as_ref().map(|key| key.reveal()), Some("k"));
        assert!(provider(&config, "deepseek").key.is_none() && provider(&config, "deepseek").key_required);
        assert_eq!(
            (openai.timers.idle, config.retry.window),
            (Duration::from_secs(3), Duration::from_secs(120))
        );
        assert_eq!(notices, [""; 0], "a key that is missing is not a word worth");
    }

    #[test]
    fn a_local_server_that_is_named_is_a_provider() {
        let (config, _) = registry(&MadeUp::new(), "local-8081/qwen");
        let local = provider(&config, "local-8081");
        assert_eq!(local.base_url.as_str(), "http://127.0.0.1:8081/v1");
        assert!(!local.key_required);
    }

    #[test]
    fn a_key_command_that_fails_is_a_notice() {
        let made = MadeUp::new();
        made.file(
            "~/.config/fanfold/config.toml",
            "[providers.mine]\nwire = 'anthropic'\nbase_url = 'https://gw.test'\nkey_command = 'exit 3'",
        );
        let (config, notices) = registry(&made, "mine/m");
        assert!(provider(&config, "mine").key.is_none() && provider(&config, "mine").key_required);
        assert_eq!(notices, ["the key command of `mine` failed (exit status: 3)"]);
    }
}
