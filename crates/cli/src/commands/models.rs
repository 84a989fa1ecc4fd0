//! `fanfold models`: what models cost, how much fits into them, and which of them can be used here.

use std::collections::BTreeMap;

use fanfold_agent::prices::{self, PriceOrigin, PriceTable};
use fanfold_agent::providers::{Registry, RegistryConfig};
use fanfold_core::Price;
use serde_json::{Value, json};

use super::{block_on, columns, say, style, tell};
use crate::detect::{self, Means};
use crate::error::{CliError, ErrorKind, Exit, Result};
use crate::flags::Models;
use crate::screen::table::{Column, Table};
use crate::screen::text::{count, dollars};
use crate::screen::{Line, Tone};
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

pub fn models(flags: &Models, world: &World, color: ColorChoice) -> Result<Exit> {
    let settings = Settings::load(world, &[])?;
    settings.notices.iter().for_each(|notice| tell(&format!("notice: {notice}")));
    let here = Here::look(&settings, world);
    let table = settings.prices(here.served.iter().chain(&flags.filter).map(String::as_str));
    let aliases = aliases(&settings)?;
    let rows = rows(&settings, world, &here, &table, &aliases, flags.filter.as_deref());
    let aliases: Vec<(&str, &str)> = aliases
        .iter()
        .map(|(name, model)| (name.as_str(), model.as_str()))
        .filter(|(name, model)| {
            flags.filter.as_ref().is_none_or(|filter| has(name, filter) || has(model, filter))
        })
        .collect();
    if rows.is_empty()
        && let Some(filter) = &flags.filter
    {
        let message = format!("no model that has a price is called `{filter}` or has that in its name");
        let hint = "`fanfold models` lists all; one of your own goes into ~/.config/fanfold/config.toml: [prices.\"provider/model\"]";
        return Err(CliError::new(ErrorKind::NotFound, message).hint(hint));
    }
    say(&match flags.json {
        true => document(&rows, &aliases, &here, &table),
        false => screen(&rows, &aliases, &here, &table, world, color),
    });
    Ok(Exit::Completed)
}

/// What can be used without another word.
struct Here {
    /// Providers that have a key, with what holds it.
    keys: BTreeMap<String, String>,
    /// Models that servers of this machine offer.
    served: Vec<String>,
}

/// One model of the table.
struct Row {
    model: String,
    price: Price,
    context_tokens: Option<u64>,
    output_tokens_max: Option<u64>,
    /// Who says what it costs.
    from: String,
    is_usable: bool,
}

impl Here {
    fn look(settings: &Settings, world: &World) -> Self {
        let mut here = Self { keys: BTreeMap::new(), served: Vec::new() };
        for one in block_on(detect::detect(settings, world)).found {
            match one.means {
                Means::Key { provider, from } => {
                    here.keys.insert(provider, from);
                }
                Means::Server { .. } => here.served.extend(one.model),
                Means::AgentProgram { .. } => (),
            }
        }
        here
    }

    fn has(&self, model: &str) -> bool {
        let provider = model.split_once('/').map_or(model, |(provider, _)| provider);
        self.keys.contains_key(provider) || self.served.iter().any(|served| served == model)
    }
}

/// Built-in ones and those of settings, with the model that each leads to in the end.
fn aliases(settings: &Settings) -> Result<BTreeMap<String, String>> {
    let config = RegistryConfig {
        providers: Vec::new(),
        aliases: settings.aliases.clone(),
        ..RegistryConfig::default()
    };
    let registry = Registry::new(config).map_err(|err| CliError::new(ErrorKind::Settings, err))?;
    let named: BTreeMap<&str, &str> = registry.aliases().collect();
    let end = |name: &str| {
        // One that goes round in a circle ends nowhere in particular: `run` refuses it.
        let steps = std::iter::successors(named.get(name).copied(), |next| named.get(next).copied());
        steps.take(named.len()).last().unwrap_or(name).to_owned()
    };
    Ok(named.keys().map(|name| ((*name).to_owned(), end(name))).collect())
}

fn rows(
    settings: &Settings,
    world: &World,
    here: &Here,
    table: &PriceTable,
    aliases: &BTreeMap<String, String>,
    filter: Option<&str>,
) -> Vec<Row> {
    let is_shown = |model: &str| {
        filter.is_none_or(|filter| {
            let meant = aliases.iter().filter(|(name, _)| name.eq_ignore_ascii_case(filter));
            has(model, filter) || meant.into_iter().any(|(_, meant)| meant == model)
        })
    };
    let unlisted = |model: &str, from: &str| {
        let facts = table.facts(model);
        Some(Row {
            model: model.into(),
            price: table.find(model)?,
            context_tokens: facts.context_tokens,
            output_tokens_max: facts.output_tokens_max,
            from: from.into(),
            is_usable: here.has(model),
        })
    };
    let listed = table.models().map(|one| Row {
        model: one.model.into(),
        price: one.price,
        context_tokens: one.facts.context_tokens,
        output_tokens_max: one.facts.output_tokens_max,
        from: match one.origin {
            PriceOrigin::Published(list) => list.name.clone(),
            PriceOrigin::Own => settings.origin(&format!("prices.{}.input", one.model)).show(world),
        },
        is_usable: here.has(one.model),
    });
    let mut rows: Vec<Row> = listed.collect();
    let served = here.served.iter().filter(|model| rows.iter().all(|row| row.model != **model));
    rows.extend(served.filter_map(|model| unlisted(model, "this machine")).collect::<Vec<_>>());
    rows.retain(|row| is_shown(&row.model));
    if rows.is_empty() {
        // A release by its date, say: another spelling of one that is listed.
        rows.extend(filter.and_then(|model| unlisted(model, "as it is looked up")));
    }
    rows
}

fn has(text: &str, filter: &str) -> bool {
    text.to_lowercase().contains(&filter.to_lowercase())
}

fn screen(
    rows: &[Row],
    aliases: &[(&str, &str)],
    here: &Here,
    table: &PriceTable,
    world: &World,
    color: ColorChoice,
) -> String {
    let mut listed = Table::new([
        Column::left("model"),
        Column::right("input"),
        Column::right("output"),
        Column::right("cache read"),
        Column::right("cache write"),
        Column::right("window"),
        Column::left("above"),
        Column::left("price from"),
    ]);
    for row in rows {
        let rates = row.price.rates;
        let tone = if row.is_usable { Tone::Strong } else { Tone::Plain };
        let long = row.price.long.map(|long| {
            let (input, output) = (dollars(long.rates.input), dollars(long.rates.output));
            format!("{}: {input}, {output}", tokens(long.above))
        });
        listed.row([
            (tone, row.model.clone()),
            (tone, dollars(rates.input)),
            (tone, dollars(rates.output)),
            (Tone::Dim, dollars(rates.cache_read)),
            (Tone::Dim, dollars(rates.cache_write)),
            (Tone::Dim, row.context_tokens.map(tokens).unwrap_or_default()),
            (Tone::Dim, long.unwrap_or_default()),
            (Tone::Dim, row.from.clone()),
        ]);
    }
    let mut lines = if listed.is_empty() { Vec::new() } else { listed.lines(columns(world)) };
    let mut add = |tone, text: &str| lines.push(Line::of(tone, text));
    add(Tone::Plain, "");
    for (name, model) in aliases {
        let price = if table.find(model).is_none() { " (its price is not known)" } else { "" };
        add(Tone::Plain, &format!("{name} is {model}{price}"));
    }
    let keys: Vec<String> = here.keys.iter().map(|(provider, from)| format!("{provider} ({from})")).collect();
    match keys.is_empty() {
        true => add(Tone::Warn, "no provider has a key here: `fanfold doctor` says what was looked for"),
        false => add(Tone::Good, &format!("keys here: {}", keys.join(", "))),
    }
    let lists: Vec<String> =
        prices::lists().iter().map(|list| format!("{} {}", list.name, list.version)).collect();
    let date = prices::date();
    add(Tone::Dim, &format!("dollars per million tokens, of {date}, from {}", lists.join(" and ")));
    style(world, color, Stream::Output).render(&lines)
}

/// Prices are micro-dollars per million tokens, as everywhere in what programs read.
fn document(rows: &[Row], aliases: &[(&str, &str)], here: &Here, table: &PriceTable) -> String {
    let models: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "model": row.model,
                "price": row.price,
                "context_tokens": row.context_tokens,
                "output_tokens_max": row.output_tokens_max,
                "price_from": row.from,
                "usable": row.is_usable,
            })
        })
        .collect();
    let aliases: serde_json::Map<String, Value> = aliases
        .iter()
        .map(|(name, model)| {
            ((*name).to_owned(), json!({"model": model, "priced": table.find(model).is_some()}))
        })
        .collect();
    let lists: Vec<Value> = prices::lists()
        .iter()
        .map(|list| json!({"name": list.name, "version": list.version, "url": list.url, "license": list.license}))
        .collect();
    let document = json!({
        "models": models,
        "aliases": aliases,
        "keys": here.keys,
        "date": prices::date(),
        "sources": lists,
    });
    serde_json::to_string_pretty(&document).expect("plain data always serializes")
}

/// `200k`, `1M`, `1.0M`.
fn tokens(number: u64) -> String {
    match number {
        0 => String::new(),
        number if number % 1_000_000 == 0 => format!("{}M", number / 1_000_000),
        number if number % 1_000 == 0 && number < 1_000_000 => format!("{}k", number / 1_000),
        number => count(number),
    }
}
