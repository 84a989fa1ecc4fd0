//! A person's own prices: what `[prices."provider/model"]` says, made whole.

use std::collections::{BTreeMap, BTreeSet};

use fanfold_agent::prices::PriceTable;
use fanfold_agent::providers::Wire;
use fanfold_core::Price;
use fanfold_core::price::Rates;

use super::Settings;
use super::file::Set;
use super::keys::Value;
use super::providers::ProviderSettings;
use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

impl Settings {
    /// What models cost here: the published prices, the person's own, and what nobody bills. `models` are those
    /// in use: a `local-PORT` among them is known by its name alone.
    pub fn prices<'a>(&'a self, models: impl IntoIterator<Item = &'a str>) -> PriceTable {
        let free = self.providers_of(models).into_iter().filter(|provider| provider.free);
        PriceTable::new(self.own_prices.clone()).with_free(free.map(|provider| provider.name))
    }
}

/// Prices by `provider/model` in micro-dollars per million tokens, and what looks wrong with them.
pub fn resolve(
    world: &World,
    said: &BTreeMap<String, Set>,
    providers: &[ProviderSettings],
) -> Result<(BTreeMap<String, Price>, Vec<String>)> {
    let (mut prices, mut notices) = (BTreeMap::new(), Vec::new());
    let models: BTreeSet<&str> =
        said.keys().filter_map(|key| Some(key.strip_prefix("prices.")?.rsplit_once('.')?.0)).collect();
    for model in models {
        let said = Said { world, said, model };
        let Some((provider, _)) =
            model.split_once('/').filter(|(provider, id)| !provider.is_empty() && !id.is_empty())
        else {
            return Err(said.wrong(format!("`{model}` is no model"), "write [prices.\"provider/model\"]"));
        };
        let known = providers.iter().find(|known| known.name == provider).cloned();
        let known = known.or_else(|| ProviderSettings::local_named(provider));
        if known.is_none() {
            let origin = said.origin();
            notices.push(format!("[prices.\"{model}\"]{origin}: there is no provider `{provider}` here"));
        }
        let rates = said.rates(known.map(|known| known.wire))?;
        prices.insert(model.to_owned(), Price { rates, long: None, batch: None, search: None });
    }
    Ok((prices, notices))
}

/// What settings say of one model.
struct Said<'a> {
    world: &'a World,
    said: &'a BTreeMap<String, Set>,
    model: &'a str,
}

impl Said<'_> {
    /// Where nothing is said of the cache, reading from it saves nothing, and writing costs what it does on the
    /// provider's wire: a quarter more on that of Anthropic.
    fn rates(&self, wire: Option<Wire>) -> Result<Rates> {
        let rate = |field: &str| match self.said.get(&format!("prices.{}.{field}", self.model))?.value {
            Value::Dollars(micros) => Some(micros),
            _ => None,
        };
        let (Some(input), Some(output)) = (rate("input"), rate("output")) else {
            let missing = if rate("input").is_none() { "input" } else { "output" };
            let message = format!("[prices.\"{}\"] has no `{missing}`", self.model);
            return Err(
                self.wrong(message, &format!("{missing} = \"…\" is what a million tokens cost, in dollars"))
            );
        };
        let written = match wire {
            Some(Wire::Anthropic) => input.saturating_add(input.div_ceil(4)),
            Some(Wire::OpenAiChat) | None => input,
        };
        Ok(Rates {
            input,
            output,
            cache_read: rate("cache_read").unwrap_or(input),
            cache_write: rate("cache_write").unwrap_or(written),
        })
    }

    fn wrong(&self, message: String, hint: &str) -> CliError {
        CliError::new(ErrorKind::Settings, message + &self.origin()).hint(hint)
    }

    /// ` (~/.config/fanfold/config.toml:3)`
    fn origin(&self) -> String {
        let prefix = format!("prices.{}.", self.model);
        let first = self.said.iter().find(|(key, _)| key.starts_with(&prefix));
        first.map(|(_, set)| format!(" ({})", set.origin.show(self.world))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    const MINE: &str = "~/.config/fanfold/config.toml";

    fn load(made: &MadeUp) -> Settings {
        Settings::load(&made.world, &[]).expect("valid settings")
    }

    fn rates(table: &PriceTable, model: &str) -> Option<[u64; 4]> {
        let Rates { input, output, cache_read, cache_write } = table.find(model)?.rates;
        Some([input, output, cache_read, cache_write])
    }

    #[test]
    fn a_price_is_read_exactly_however_it_is_written() {
        let made = MadeUp::new();
        made.file(
            MINE,
            "[prices.\"groq/a\"]\ninput = \"0.27\"\noutput = 1.10\ncache_read = \"$0.000001\"\ncache_write = 3\n\
             [prices.\"groq/b\"]\ninput = 0.1\noutput = 0\n\
             [prices.\"anthropic/c.5\"]\ninput = 0.000001\noutput = 1_000\n\
             [prices.\"local-8080/d\"]\ninput = 1\noutput = 2\n",
        );
        let settings = load(&made);
        let table = settings.prices([]);
        assert_eq!(rates(&table, "groq/a"), Some([270_000, 1_100_000, 1, 3_000_000]));
        assert_eq!(
            rates(&table, "groq/b"),
            Some([100_000, 0, 100_000, 100_000]),
            "a cache that saves nothing"
        );
        assert_eq!(rates(&table, "anthropic/c-5"), Some([1, 1_000_000_000, 1, 2]), "writes cost more there");
        assert_eq!(rates(&table, "local-8080/d"), Some([1_000_000, 2_000_000, 1_000_000, 1_000_000]));
        assert_eq!(settings.notices, [""; 0]);
        let shown: Vec<String> = settings
            .explain()
            .into_iter()
            .filter(|row| row.key.starts_with("prices.groq/a."))
            .map(|row| format!("{} {} {}", row.key, row.value, row.origin.show(&made.world)))
            .collect();
        assert_eq!(shown[0], "prices.groq/a.cache_read $0.000001 ~/.config/fanfold/config.toml:4");
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_place() {
        for (text, expected) in [
            ("input = -1", "must be dollars per million tokens, such as \"0.27\""),
            ("input = -0.5", "not -0.5"),
            ("input = \"cheap\"", "not \"cheap\""),
            ("input = 1e-3", "not 1e-3"),
            ("input = inf", "not inf"),
            ("input = nan", "must be dollars"),
            ("input = \"\"", "must be dollars"),
            ("input = true", "not true"),
            ("input = 0x10", "must be dollars"),
            ("input = \"0.0000001\"", "not \"0.0000001\""),
            ("input = 1_000_000", "must be dollars"),
            ("inptu = 1", "unknown setting `inptu`"),
            ("input = 1", "[prices.\"groq/a\"] has no `output`"),
            ("output = 1", "has no `input`"),
        ] {
            let made = MadeUp::new();
            made.file(MINE, &format!("[prices.\"groq/a\"]\n{text}\n"));
            let error = Settings::load(&made.world, &[]).expect_err(text);
            assert_eq!(error.kind, ErrorKind::Settings);
            let shown = error.to_string();
            assert!(shown.contains(expected), "{text}: {shown}");
            assert!(shown.contains("config.toml:2"), "{text}: {shown}");
        }
        for model in ["groq", "/a", "groq/"] {
            let made = MadeUp::new();
            made.file(MINE, &format!("[prices.\"{model}\"]\ninput = 1\noutput = 1\n"));
            let error = Settings::load(&made.world, &[]).expect_err(model);
            assert!(
                error.message.contains("is no model") && error.message.contains("config.toml:2"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_price_for_a_provider_that_is_not_there_is_a_notice() {
        let made = MadeUp::new();
        made.file(MINE, "[prices.\"gorq/a\"]\ninput = 1\noutput = 1\n");
        let notice =
            "[prices.\"gorq/a\"] (~/.config/fanfold/config.toml:2): there is no provider `gorq` here";
        assert_eq!(load(&made).notices, [notice]);
    }

    #[test]
    fn what_auto_takes_has_a_price_unless_a_router_decides() {
        let settings = load(&MadeUp::new());
        let defaults = settings.providers.iter().filter_map(|provider| provider.default_model);
        // An alias of the agents' own is tested there.
        for model in defaults.filter(|model| model.contains('/') && !model.ends_with("/auto")) {
            assert!(settings.prices([]).find(model).is_some(), "{model}");
        }
    }

    #[test]
    fn a_project_cannot_make_anything_cheap() {
        for text in [
            "[prices.\"anthropic/claude-opus-4-5\"]\ninput = 0\noutput = 0",
            "[providers.anthropic]\nfree = true",
        ] {
            let made = MadeUp::new();
            made.file(".fanfold/config.toml", text);
            let error = Settings::load(&made.world, &[]).expect_err(text);
            assert!(error.message.contains("cannot stand in a project's file"), "{error}");
            assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("~/.config/fanfold")), "{error}");
            made.file(MINE, text);
            std::fs::remove_file(made.project.join(".fanfold/config.toml")).expect("it is there");
            let table = load(&made).prices([]);
            assert_eq!(rates(&table, "anthropic/claude-opus-4-5"), Some([0; 4]), "{text}: one's own");
        }
    }

    #[test]
    fn what_runs_on_this_machine_is_free_until_somebody_says_otherwise() {
        let is_free =
            |made: &MadeUp, model: &str| load(made).prices([model]).find(model) == Some(Price::FREE);
        let plain = MadeUp::new();
        assert!(is_free(&plain, "ollama/qwen3:8b") && is_free(&plain, "local-8081/smollm2"));
        assert!(!is_free(&plain, "ollama/gpt-oss:120b-cloud"), "that one runs elsewhere");
        assert!(!is_free(&plain, "groq/qwen3"));
        let away = MadeUp::new().var("OLLAMA_HOST", "box.example");
        assert!(!is_free(&away, "ollama/qwen3:8b"), "a machine that somebody may bill for");

        let mine = |text: &str| {
            let made = MadeUp::new().var("OLLAMA_HOST", "box.example");
            made.file(MINE, text);
            made
        };
        assert!(is_free(&mine("[providers.ollama]\nfree = true"), "ollama/qwen3:8b"));
        assert!(!is_free(&mine("[providers.local-4000]\nfree = false"), "local-4000/gpt"), "a proxy, say");
        let own = "[providers.gw]\nwire = 'openai-chat'\nbase_url = 'http://127.0.0.1:4000/v1'\n";
        assert!(!is_free(&mine(own), "gw/m"), "it may pass requests on");
        assert!(is_free(&mine(&format!("{own}free = true")), "gw/m"));

        let sent = MadeUp::new();
        sent.file(MINE, "[providers.ollama]\nfree = true");
        for provider in ["ollama", "local-4000"] {
            let url = "base_url = 'http://127.0.0.1:4000/v1'\nwire = 'openai-chat'\n";
            sent.file(".fanfold/config.toml", &format!("[providers.{provider}]\n{url}"));
            assert!(!is_free(&sent, &format!("{provider}/m")), "a project says where {provider} is");
        }
    }
}
