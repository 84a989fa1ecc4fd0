//! What models cost and how much fits into them, as their providers publish it, and as a person's settings say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use fanfold_core::Price;
use fanfold_core::price::{LongContext, Rates};
use serde::Deserialize;

/// Prices by `provider/model`.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    /// A person's own, which beat the published ones: by normal spelling, with the id as they wrote it.
    overrides: BTreeMap<String, (String, Price)>,
    /// Providers that cost nothing.
    free: BTreeSet<String>,
}

/// How much fits into a model; `None` where nobody says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub context_tokens: Option<u64>,
    pub output_tokens_max: Option<u64>,
}

/// A model whose price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedModel<'a> {
    /// `provider/model`, as its provider or the person writes it.
    pub model: &'a str,
    pub price: Price,
    pub facts: Facts,
    pub origin: PriceOrigin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceOrigin {
    /// The list that it was taken from.
    Published(&'static PriceList),
    /// The person's settings.
    Own,
}

/// Where published prices were taken from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PriceList {
    pub name: String,
    pub version: String,
    pub url: String,
    pub license: String,
}

impl PriceTable {
    /// The published prices, changed by a person's own.
    pub fn new(overrides: BTreeMap<String, Price>) -> Self {
        let overrides =
            overrides.into_iter().map(|(model, price)| (normal(&model), (model, price))).collect();
        Self { overrides, free: BTreeSet::new() }
    }

    /// Providers whose models cost nothing, but for those that they have run elsewhere.
    pub fn with_free(mut self, providers: impl IntoIterator<Item = String>) -> Self {
        self.free.extend(providers);
        self
    }

    /// `None`: nobody knows. That is not nothing: a run that is limited in dollars refuses such a model.
    pub fn find(&self, model: &str) -> Option<Price> {
        let own = || spellings(model).find_map(|spelling| self.overrides.get(&spelling));
        own()
            .map(|(_, price)| *price)
            .or_else(|| self.is_free(model).then_some(Price::FREE))
            .or_else(|| PUBLISHED.find(model).map(Row::price))
    }

    pub fn facts(&self, model: &str) -> Facts {
        facts(model)
    }

    /// Every model that has a price of its own, by id. Those of free providers are not known by name.
    pub fn models(&self) -> impl Iterator<Item = PricedModel<'_>> {
        let published =
            PUBLISHED.models.iter().filter(|(model, _)| !self.overrides.contains_key(&normal(model)));
        let published = published.map(|(model, row)| PricedModel {
            model,
            price: row.price(),
            facts: facts(model),
            origin: PriceOrigin::Published(&PUBLISHED.sources[row.source]),
        });
        let own = self.overrides.values().map(|(model, price)| PricedModel {
            model,
            price: *price,
            facts: facts(model),
            origin: PriceOrigin::Own,
        });
        let mut all: Vec<_> = published.chain(own).collect();
        all.sort_by_key(|one| one.model);
        all.into_iter()
    }

    fn is_free(&self, model: &str) -> bool {
        let Some((provider, id)) = model.split_once('/') else { return false };
        self.free.contains(provider) && !is_run_elsewhere(id)
    }
}

/// The lists that the published prices were taken from.
pub fn lists() -> &'static [PriceList] {
    &PUBLISHED.sources
}

/// The day on which they were taken: `2026-11-22`.
pub fn date() -> &'static str {
    PUBLISHED.date
}

/// What is published of a `provider/model`.
pub fn facts(model: &str) -> Facts {
    let of = |row: Option<&Row>| row.map(Row::facts).unwrap_or_default();
    let (own, vendors) = (of(PUBLISHED.listed(model)), of(PUBLISHED.routed(model)));
    Facts {
        context_tokens: own.context_tokens.or(vendors.context_tokens),
        output_tokens_max: own.output_tokens_max.or(vendors.output_tokens_max),
    }
}

/// Parsed when a price is first asked for: 0.4 ms.
static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    /// Written by `scripts/prices`.
    const DATA: &str = include_str!("../data/prices.json");
    Published::parse(DATA).expect("the tests parse it")
});

#[derive(Deserialize)]
struct Published {
    date: &'static str,
    sources: Vec<PriceList>,
    /// Of a provider that passes requests on at the vendor's price: its names of vendors, with ours.
    routers: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    models: BTreeMap<&'static str, Row>,
    /// Other spellings, with the one in `models`.
    aliases: BTreeMap<&'static str, &'static str>,
    /// Every normal spelling, with the one in `models`.
    #[serde(skip)]
    by_spelling: HashMap<String, &'static str>,
}

/// Rates are input, output, cache read, cache write.
#[derive(Deserialize)]
struct Row {
    rates: [u64; 4],
    /// The tokens of input above which the rates behind them hold.
    long: Option<[u64; 5]>,
    batch: Option<[u64; 4]>,
    search: Option<u64>,
    context: Option<u64>,
    output: Option<u64>,
    /// Which of the lists.
    source: usize,
}

impl Published {
    fn parse(data: &'static str) -> serde_json::Result<Self> {
        let mut published: Self = serde_json::from_str(data)?;
        let aliases = published.aliases.iter().map(|(alias, model)| (normal(alias), *model));
        let models = published.models.keys().map(|model| (normal(model), *model));
        published.by_spelling = aliases.chain(models).collect();
        Ok(published)
    }

    fn find(&self, model: &str) -> Option<&Row> {
        self.listed(model).or_else(|| self.routed(model))
    }

    fn listed(&self, model: &str) -> Option<&Row> {
        spellings(model).find_map(|spelling| self.models.get(self.by_spelling.get(&spelling)?))
    }

    /// The vendor's own row of a model that a router offers. What stands behind a colon changes the price.
    fn routed(&self, model: &str) -> Option<&Row> {
        let model = model.to_lowercase();
        let (router, rest) = model.split_once('/')?;
        let (vendor, id) = rest.split_once('/')?;
        let vendor = self.routers.get(router)?.get(vendor)?;
        if id.contains(':') { None } else { self.listed(&format!("{vendor}/{id}")) }
    }
}

impl Row {
    fn price(&self) -> Price {
        Price {
            rates: rates(self.rates),
            long: self.long.map(|[above, input, output, cache_read, cache_write]| LongContext {
                above,
                rates: rates([input, output, cache_read, cache_write]),
            }),
            batch: self.batch.map(rates),
            search: self.search,
        }
    }

    fn facts(&self) -> Facts {
        Facts { context_tokens: self.context, output_tokens_max: self.output }
    }
}

fn rates([input, output, cache_read, cache_write]: [u64; 4]) -> Rates {
    Rates { input, output, cache_read, cache_write }
}

/// How the same model may be written in the table, the nearest first: as it is, without its date, and without
/// `-latest` where the name itself says which version. A name without one is another model next month.
fn spellings(model: &str) -> impl Iterator<Item = String> {
    let exact = normal(model);
    let undated = without_date(&exact).map(str::to_owned);
    let is_versioned = |name: &&str| name.rsplit('/').next().is_some_and(|id| id.contains(char::is_numeric));
    let versioned = exact.strip_suffix("-latest").filter(is_versioned).map(str::to_owned);
    [Some(exact), undated, versioned].into_iter().flatten()
}

/// Vendors and routers write `4.5` and `4-5`, and names in any case.
fn normal(model: &str) -> String {
    model.to_lowercase().replace('.', "-")
}

/// Without the day of a release at its end: `-20251101`, `-2025-11-01`, `@20251101`. Shorter numbers are left:
/// models that differ only in `2407` and `2512` differ in price.
fn without_date(model: &str) -> Option<&str> {
    let is_day = |text: &str| {
        let digits: String = text.split('-').collect();
        let (month, day) = (digits.get(4..6)?.parse::<u8>().ok()?, digits.get(6..)?.parse::<u8>().ok()?);
        let is_dashed = text.len() == 8 || text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let is_one = digits.len() == 8 && digits.starts_with("20") && is_dashed;
        (is_one && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(())
    };
    [8, 10].into_iter().find_map(|length| {
        let (before, date) = model.split_at_checked(model.len().checked_sub(length)?)?;
        is_day(date)?;
        before.strip_suffix(['-', '@'])
    })
}

/// A local server can pass a model's requests on to somebody who bills them, and says so at the end of its name:
/// `gpt-oss:120b-cloud`, `glm-4.6:cloud`.
fn is_run_elsewhere(id: &str) -> bool {
    let id = id.to_lowercase();
    id.ends_with(":cloud") || id.ends_with("-cloud")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn price(model: &str) -> Option<Price> {
        PriceTable::default().find(model)
    }

    /// Dollars per million tokens in the file, as micro-dollars.
    fn input_and_output(model: &str) -> (u64, u64) {
        let rates = price(model).unwrap_or_else(|| panic!("{model} has no price")).rates;
        (rates.input, rates.output)
    }

    #[test]
    fn the_file_holds_sixty_models_and_more_of_eight_providers_and_more() {
        let table = PriceTable::default();
        let models: Vec<&str> = table.models().map(|one| one.model).collect();
        let providers: BTreeSet<&str> =
            models.iter().filter_map(|model| Some(model.split_once('/')?.0)).collect();
        assert!(models.len() >= 60 && providers.len() >= 8, "{} models of {providers:?}", models.len());
        for provider in ["anthropic", "openai", "deepseek", "gemini", "mistral", "xai", "groq", "openrouter"]
        {
            assert!(providers.contains(provider), "{provider}");
        }
        let date: Vec<&str> = date().split('-').collect();
        assert_eq!(date.iter().map(|part| part.len()).collect::<Vec<_>>(), [4, 2, 2]);
        assert!(lists().iter().all(|list| list.license.starts_with("MIT") && !list.version.is_empty()));
    }

    #[test]
    fn no_rate_is_missing_and_no_step_is_a_discount() {
        for PricedModel { model, price, facts, .. } in PriceTable::default().models() {
            let all = [Some(price.rates), price.long.map(|long| long.rates), price.batch];
            for rates in all.into_iter().flatten() {
                let Rates { input, output, cache_read, cache_write } = rates;
                assert!(input > 0 && output > 0 && cache_read > 0, "{model}: {rates:?}");
                assert!(cache_write >= input, "{model}: what is written was input first: {rates:?}");
                // $1,000 a million tokens: a slip of the comma would be beyond it.
                assert!(input.max(output).max(cache_write) <= 1_000_000_000, "{model}: {rates:?}");
            }
            if let Some(long) = price.long {
                let (rates, long) = (price.rates, long.rates);
                assert!(long.input >= rates.input && long.output >= rates.output, "{model}");
                assert!(
                    long.cache_read >= rates.cache_read && long.cache_write >= rates.cache_write,
                    "{model}"
                );
                assert!(long != rates, "{model}: a step that changes nothing");
            }
            assert!(facts.context_tokens.is_none_or(|tokens| tokens >= 1_000), "{model}: {facts:?}");
            assert!(facts.output_tokens_max.is_none_or(|tokens| tokens >= 1_000), "{model}: {facts:?}");
        }
    }

    #[test]
    fn no_two_models_are_spelt_alike_and_every_alias_leads_to_one() {
        let mut seen = BTreeMap::new();
        for model in PUBLISHED.models.keys() {
            assert_eq!(seen.insert(normal(model), model), None, "{model}");
        }
        for (alias, model) in &PUBLISHED.aliases {
            assert!(PUBLISHED.models.contains_key(model), "{alias} means {model}, which has no price");
            assert!(!seen.contains_key(&normal(alias)), "{alias} has a price of its own");
        }
        for vendor in PUBLISHED.routers.values().flat_map(BTreeMap::values) {
            assert!(
                PUBLISHED.models.keys().any(|model| model.starts_with(&format!("{vendor}/"))),
                "{vendor}"
            );
        }
    }

    #[test]
    fn decimals_arrive_as_whole_micro_dollars() {
        // Published in dollars a million: 5, 25, 0.50, 6.25; batch half of it; $10 a thousand searches.
        let opus = price("anthropic/claude-opus-4-5").expect("it is known");
        let rates = |input, output, cache_read, cache_write| Rates { input, output, cache_read, cache_write };
        assert_eq!(opus.rates, rates(5_000_000, 25_000_000, 500_000, 6_250_000));
        assert_eq!(opus.batch, Some(rates(2_500_000, 12_500_000, 250_000, 3_125_000)));
        assert_eq!((opus.search, opus.long), (Some(10_000), None));
        // 1.25 and 10, above 200k tokens 2.50 and 15; cached 0.125 and 0.25; what a write costs nobody says.
        let gemini = price("gemini/gemini-2.5-pro").expect("it is known");
        assert_eq!(gemini.rates, rates(1_250_000, 10_000_000, 125_000, 1_250_000));
        let long = LongContext { above: 200_000, rates: rates(2_500_000, 15_000_000, 250_000, 2_500_000) };
        assert_eq!(gemini.long, Some(long));
    }

    #[test]
    fn a_model_is_found_however_its_id_is_written() {
        for (written, plain) in [
            ("anthropic/claude-opus-4-5-20251101", "anthropic/claude-opus-4-5"),
            ("anthropic/claude-opus-4-5@20251101", "anthropic/claude-opus-4-5"),
            ("anthropic/claude-opus-4-5-latest", "anthropic/claude-opus-4-5"),
            ("anthropic/claude-opus-4.5", "anthropic/claude-opus-4-5"),
            ("Anthropic/Claude-Opus-4-5", "anthropic/claude-opus-4-5"),
            ("openai/gpt-5-2025-08-07", "openai/gpt-5"),
            ("openrouter/anthropic/claude-opus-4-5", "openrouter/anthropic/claude-opus-4.5"),
            ("openrouter/anthropic/claude-opus-4.5-20251101", "openrouter/anthropic/claude-opus-4.5"),
        ] {
            assert_eq!(input_and_output(written), input_and_output(plain), "{written}");
            assert!(price(written) == price(plain), "{written}");
        }
    }

    #[test]
    fn a_model_that_is_not_listed_has_no_price_however_like_another_its_name_is() {
        assert_ne!(price("openai/gpt-5"), price("openai/gpt-5-mini"));
        for unknown in [
            "anthropic/claude-opus-9",
            "anthropic/claude-opus",
            "anthropic/claude-opus-4-5-mini",
            "anthropic/claude-opus-4-5-20259999",
            "anthropic/claude-opus-4-5-2025110",
            "openai/gpt-5-huge",
            "openai/gpt",
            "openai/claude-opus-4-5",
            "claude-opus-4-5",
            "mine/claude-opus-4-5",
            "openrouter/claude-opus-4-5",
            "openrouter/openrouter/auto",
            "openrouter/anthropic/claude-opus-5.5:nitro",
            "openrouter/anthropic/claude-opus-9",
            "anthropic/",
            "/",
            "",
            "ä/-20251101",
            "sim",
        ] {
            assert_eq!(price(unknown), None, "{unknown}");
        }
        // No name without a version stands for one: it moves on.
        assert_eq!(without_date("mistral/mistral-small-2603"), None);
        let spelt: Vec<String> = spellings("mistral/mistral-huge-latest").collect();
        assert_eq!(spelt, ["mistral/mistral-huge-latest"]);
    }

    #[test]
    fn a_router_that_passes_on_a_closed_model_costs_what_its_vendor_does() {
        let listed = |model: &str| PUBLISHED.listed(model).is_some();
        let only_at_home = PUBLISHED.models.keys().find_map(|model| {
            let id = model.strip_prefix("anthropic/")?;
            let routed = format!("openrouter/anthropic/{id}");
            (!listed(&routed)).then_some((routed, *model))
        });
        let (routed, home) = only_at_home.expect("one that the router's own list has not");
        assert_eq!(price(&routed), price(home), "{routed}");
        assert_eq!(price(&routed.replace("anthropic/", "deepseek/")), None);
    }

    #[test]
    fn a_persons_own_price_wins_whole() {
        let own = Price { rates: rates([1, 2, 3, 4]), ..Price::FREE };
        let named = |model: &str| PriceTable::new([(model.to_owned(), own)].into());
        let table = named("anthropic/claude-opus-4.5");
        assert_eq!(table.find("anthropic/claude-opus-4-5-20251101"), Some(own));
        assert_eq!(table.find("anthropic/claude-opus-4-6"), price("anthropic/claude-opus-4-6"));
        let listed: Vec<PricedModel> =
            table.models().filter(|one| normal(one.model) == "anthropic/claude-opus-4-5").collect();
        assert_eq!(listed.len(), 1, "once");
        assert_eq!((listed[0].price, listed[0].origin), (own, PriceOrigin::Own));
        assert_eq!(listed[0].facts.context_tokens, Some(200_000));
        let dated = named("anthropic/claude-opus-4-5-20251101");
        assert_ne!(dated.find("anthropic/claude-opus-4-5"), Some(own), "only that release");
        assert_eq!(named("mine/Big").find("mine/big"), Some(own));
    }

    #[test]
    fn a_free_provider_costs_nothing_but_for_what_it_has_run_elsewhere() {
        let table = PriceTable::default().with_free(["ollama".to_owned()]);
        assert_eq!(table.find("ollama/qwen3:8b"), Some(Price::FREE));
        assert_eq!(table.find("ollama/hf.co/someone/cloudy"), Some(Price::FREE));
        for elsewhere in ["ollama/gpt-oss:120b-cloud", "ollama/glm-4.6:cloud", "ollama/Kimi:Cloud"] {
            assert_eq!(table.find(elsewhere), None, "{elsewhere}");
        }
        assert_eq!(price("ollama/qwen3:8b"), None, "not unless it is said");
        let own = Price { rates: rates([1, 2, 3, 4]), ..Price::FREE };
        let dear =
            PriceTable::new([("ollama/qwen3:8b".to_owned(), own)].into()).with_free(["ollama".to_owned()]);
        assert_eq!(dear.find("ollama/qwen3:8b"), Some(own), "electricity, say");
    }

    #[test]
    fn facts_of_a_routed_model_are_its_vendors_where_the_router_says_nothing() {
        let known = facts("anthropic/claude-opus-5-5");
        assert_eq!((known.context_tokens, known.output_tokens_max), (Some(1_000_000), Some(128_000)));
        assert_eq!(facts("openrouter/anthropic/claude-opus-5.5"), known);
        assert_eq!(facts("mine/big"), Facts::default());
    }

    #[test]
    fn the_file_is_parsed_in_no_time() {
        const DATA: &str = include_str!("../data/prices.json");
        let begun = Instant::now();
        Published::parse(DATA).expect("it parses");
        // 2 ms are promised of an optimised build; this one is not.
        assert!(begun.elapsed().as_millis() < 200, "{:?}", begun.elapsed());
        assert!(DATA.len() < 100_000, "{} bytes in every binary", DATA.len());
    }
}
