//! Settings: files of the project, personal files, variables and flags, in that order of rising strength.
//! Each value keeps its origin.

pub mod budget;
pub mod file;
mod keys;
pub mod permissions;
mod prices;
pub mod providers;
pub mod registry;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use fanfold_core::Price;

use self::budget::Budget;
use self::file::{Origin, Owner, Set};
use self::keys::{KEYS, Kind, Place, Value};
use self::permissions::{Permissions, Permit, Rule};
use self::providers::{KeySource, ProviderSettings};
use crate::error::{CliError, ErrorKind, Result};
use crate::places;
use crate::world::World;

/// Defaults of guards that a project's own file can tighten, and not loosen.
const UNVERIFIED_ABOVE_MICROS: u64 = 5_000_000;
const WARN_AGENTS: u64 = 25;
const WARN_TOKENS: u64 = 1_500_000;

#[derive(Clone, Debug)]
pub struct Settings {
    /// As written: `provider/model`, a bare id, an alias or `auto`.
    pub model: Option<String>,
    /// Agents at once: 1..=1,024.
    pub concurrency: u32,
    pub max_agents: u64,
    pub max_items: u64,
    pub budget: Budget,
    /// A run that may have more agents, or use more tokens, is called a large one.
    pub warn_agents: u64,
    pub warn_tokens: u64,
    /// Micro-dollars: a run without an oracle that may spend more needs `--unverified`.
    pub unverified_above: u64,
    pub prompt_caching: bool,
    pub timeouts: Timeouts,
    pub script_memory_mb: u64,
    pub script_cpu_seconds: u64,
    /// Whether the web tools may reach addresses of private networks.
    pub web_allow_private: bool,
    /// The command that says whether work is right, where neither flags nor the workflow name one.
    pub oracle: Option<String>,
    pub sandbox: SandboxSettings,
    pub aliases: BTreeMap<String, String>,
    /// The known ones first, in the order in which `auto` prefers them.
    pub providers: Vec<ProviderSettings>,
    /// The person's own, by `provider/model`; [`Settings::prices`] has all.
    own_prices: BTreeMap<String, Price>,
    pub permissions: Permissions,
    /// What a file of the project, not the person, said that spends or loosens a guard: lines to be shown
    /// where a run is approved.
    pub from_the_project: Vec<String>,
    /// What looks wrong and changes nothing.
    pub notices: Vec<String>,
    said: BTreeMap<String, Set>,
}

/// A person's own: a project's file cannot set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxSettings {
    pub level: fanfold_sandbox::Level,
    /// What commands may reach over the network: `crates.io`, `*.npmjs.org`.
    pub hosts: Vec<String>,
    /// Folders of the home, or elsewhere, that commands may read: absolute, or beneath `~/`.
    pub read: Vec<String>,
    /// What other programs obey, and agents may write all the same: relative to the project.
    pub write: Vec<String>,
    pub memory_mb: u64,
    pub processes: u64,
}

/// `None`: what the provider's code thinks right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Option<Duration>,
    pub first_byte: Option<Duration>,
    pub idle: Option<Duration>,
    /// How long a provider's trouble is waited out before the run pauses.
    pub retry_window: Option<Duration>,
}

/// A setting that was given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The setting's name: `max_agents`.
    pub key: &'static str,
    /// Several amounts of a budget have commas between them.
    pub value: String,
    /// As typed: `--max-agents`.
    pub flag: &'static str,
}

/// One line of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    /// Empty where nothing is set.
    pub value: String,
    pub origin: Origin,
}

impl Settings {
    /// Reads every file there is; the first thing wrong in any of them is the error.
    pub fn load(world: &World, flags: &[Flag]) -> Result<Self> {
        let mut layers = Layers::default();
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            let value = key.kind.parse(key.default).expect("a default is of its kind");
            layers.say(key.path.into(), Set { value, origin: Origin::Default });
        }
        for folder in places::upward(&world.cwd).iter().rev() {
            layers.file(world, &folder.join(".fanfold/config.toml"), Owner::Project)?;
            // At home these are the personal ones.
            if world.home.as_ref() != Some(folder) {
                layers.claude_file(world, &folder.join(".claude/settings.json"), Owner::Project)?;
                layers.claude_file(world, &folder.join(".claude/settings.local.json"), Owner::Project)?;
            }
        }
        if let Some(folder) = world.config_dir() {
            layers.file(world, &folder.join("config.toml"), Owner::Personal)?;
        }
        if let Some(home) = &world.home {
            layers.claude_file(world, &home.join(".claude/settings.json"), Owner::Personal)?;
        }
        layers.variables(world)?;
        layers.flags(flags)?;
        layers.settle(world)
    }

    /// Where the value of a setting comes from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.said.get(key).map_or(&Origin::Default, |set| &set.origin)
    }

    /// A known or configured provider, or `local-PORT`.
    pub fn provider(&self, name: &str) -> Option<ProviderSettings> {
        let configured = self.providers.iter().find(|provider| provider.name == name).cloned();
        configured.or_else(|| ProviderSettings::local_named(name))
    }

    /// Every setting with its value and origin, those that nobody set included.
    pub fn explain(&self) -> Vec<Row> {
        let fixed = KEYS.iter().filter(|key| !key.path.contains('*') && key.kind != Kind::Rules).map(|key| {
            let value = self.said.get(key.path).map(|set| set.value.to_string()).unwrap_or_default();
            Row { key: key.path.into(), value, origin: self.origin(key.path).clone() }
        });
        let named = self.said.iter().filter(|(name, _)| !KEYS.iter().any(|key| key.path == *name)).map(
            |(name, set)| Row { key: name.clone(), value: set.value.to_string(), origin: set.origin.clone() },
        );
        let rules = self.permissions.0.iter().map(|rule| Row {
            key: format!("permissions.{}", rule.permit.name()),
            value: rule.text.clone(),
            origin: rule.origin.clone(),
        });
        fixed.chain(named).chain(rules).collect()
    }
}

/// What has been said so far, the weakest first.
#[derive(Default)]
struct Layers {
    said: BTreeMap<String, Set>,
    rules: Vec<Rule>,
    notices: Vec<String>,
}

impl Layers {
    fn file(&mut self, world: &World, path: &Path, owner: Owner) -> Result<()> {
        let Some(text) = file::read_if_there(path)? else { return Ok(()) };
        for (key, set) in file::read(path, &world.show(path), &text, owner)? {
            self.say(key, set);
        }
        Ok(())
    }

    fn claude_file(&mut self, world: &World, path: &Path, owner: Owner) -> Result<()> {
        let Some(text) = file::read_if_there(path)? else { return Ok(()) };
        self.rules.extend(permissions::read_json(path, &world.show(path), &text, owner)?);
        Ok(())
    }

    fn variables(&mut self, world: &World) -> Result<()> {
        for (name, text) in &world.env {
            if !name.starts_with("FANFOLD_") || text.trim().is_empty() {
                continue;
            }
            let Some(key) = KEYS.iter().find(|key| key.variable().as_deref() == Some(name)) else {
                self.unknown_variable(name)?;
                continue;
            };
            let value = key.kind.parse(text).map_err(|expected| {
                CliError::new(
                    ErrorKind::Settings,
                    format!("the variable {name} must be {expected}, not `{text}`"),
                )
                .hint(format!("correct it, or leave it out with: unset {name}"))
            })?;
            self.say(key.path.into(), Set { value, origin: Origin::Variable(name.clone()) });
        }
        Ok(())
    }

    /// Other programs may use the prefix, so only what is nearly a setting is an error.
    fn unknown_variable(&mut self, name: &str) -> Result<()> {
        let variables: Vec<String> = KEYS.iter().filter_map(keys::Key::variable).collect();
        let tails: Vec<&str> = variables.iter().map(|known| &known["FANFOLD_".len()..]).collect();
        match fanfold_core::schema::nearest(&name["FANFOLD_".len()..], &tails) {
            Some(near) => {
                Err(CliError::new(ErrorKind::Settings, format!("the variable {name} sets nothing"))
                    .hint(format!("did you mean FANFOLD_{near}?")))
            }
            None => {
                self.notices.push(format!("the variable {name} sets nothing"));
                Ok(())
            }
        }
    }

    fn flags(&mut self, flags: &[Flag]) -> Result<()> {
        for given in flags {
            let path: Vec<&str> = given.key.split('.').collect();
            let Place::Setting(key) = keys::place(&path) else {
                unreachable!("{} is a flag of a setting that does not exist", given.flag)
            };
            let value = key.kind.parse(&given.value).map_err(|expected| {
                let message = format!("{} must be {expected}, not `{}`", given.flag, given.value);
                CliError::new(ErrorKind::Usage, message)
            })?;
            self.say(key.path.into(), Set { value, origin: Origin::Flag(given.flag) });
        }
        Ok(())
    }

    fn say(&mut self, key: String, set: Set) {
        if let Value::Rules(texts) = set.value {
            let permit =
                Permit::named(key.trim_start_matches("permissions.")).expect("rules stand in permissions");
            let rule = |text| Rule { permit, text, origin: set.origin.clone() };
            self.rules.extend(texts.into_iter().map(rule));
        } else {
            self.said.insert(key, set);
        }
    }

    fn settle(self, world: &World) -> Result<Settings> {
        let providers = providers::resolve(world, &self.said)?;
        let (own_prices, notices) = prices::resolve(world, &self.said, &providers)?;
        let from_the_project = self.said_by_the_project(world, &providers);
        let seconds = |key: &str| self.count(key).map(Duration::from_secs);
        let always = |key: &str| self.count(key).expect("it has a default");
        Ok(Settings {
            model: self.text("model"),
            concurrency: u32::try_from(always("concurrency")).expect("at most 1,024"),
            max_agents: always("max_agents"),
            max_items: always("max_items"),
            warn_agents: self.no_looser("warn_agents", WARN_AGENTS),
            warn_tokens: self.no_looser("warn_tokens", WARN_TOKENS),
            budget: match self.said.get("budget").map(|set| &set.value) {
                Some(Value::Budget(budget)) => *budget,
                _ => Budget::default(),
            },
            unverified_above: self.no_dearer("unverified_above", UNVERIFIED_ABOVE_MICROS),
            prompt_caching: self.is_on("prompt_caching"),
            timeouts: Timeouts {
                connect: seconds("timeouts.connect_seconds"),
                first_byte: seconds("timeouts.first_byte_seconds"),
                idle: seconds("timeouts.idle_seconds"),
                retry_window: self
                    .count("timeouts.retry_window_minutes")
                    .map(|minutes| Duration::from_secs(minutes * 60)),
            },
            script_memory_mb: always("script.memory_mb"),
            script_cpu_seconds: always("script.cpu_seconds"),
            web_allow_private: self.is_on("web.allow_private"),
            oracle: self.text("oracle"),
            sandbox: SandboxSettings {
                level: match self.text("sandbox.level").as_deref() {
                    Some("off") => fanfold_sandbox::Level::Off,
                    Some("reduced") => fanfold_sandbox::Level::Reduced,
                    Some(_) | None => fanfold_sandbox::Level::Full,
                },
                hosts: self.list("sandbox.hosts"),
                read: self.list("sandbox.read"),
                write: self.list("sandbox.write"),
                memory_mb: always("sandbox.memory_mb"),
                processes: always("sandbox.processes"),
            },
            aliases: self
                .said
                .iter()
                .filter_map(|(key, set)| {
                    Some((key.strip_prefix("aliases.")?.to_owned(), set.value.to_string()))
                })
                .collect(),
            providers,
            own_prices,
            permissions: Permissions(self.rules),
            from_the_project,
            notices: self.notices.into_iter().chain(notices).collect(),
            said: self.said,
        })
    }

    fn said_by_the_project(&self, world: &World, providers: &[ProviderSettings]) -> Vec<String> {
        let mut lines = Vec::new();
        for provider in providers.iter().filter(|one| one.origin.is_project() && !one.is_on_this_machine()) {
            let key = match &provider.key {
                KeySource::Variable { name, .. } => format!(" with the key in {name}"),
                KeySource::Command(_) => " with the key that a command prints".into(),
                KeySource::Nowhere { .. } => String::new(),
            };
            let (name, url, origin) = (&provider.name, &provider.base_url, provider.origin.show(world));
            lines.push(format!("prompts for `{name}` go to {url}{key} ({origin})"));
        }
        for key in ["model", "budget", "oracle"] {
            if let Some(set) = self.said.get(key)
                && set.origin.is_project()
            {
                lines.push(format!("`{key}` is {} ({})", set.value, set.origin.show(world)));
            }
        }
        if let Some(set) = self.said.get("unverified_above")
            && set.origin.is_project()
        {
            let (amount, origin) = (&set.value, set.origin.show(world));
            lines.push(format!(
                "a run without an oracle may spend {amount} before it needs --unverified ({origin})"
            ));
        }
        for (key, loose) in [("web.allow_private", "true")] {
            if let Some(set) = self.said.get(key)
                && set.origin.is_project()
                && set.value.to_string() == loose
            {
                lines.push(format!("`{key}` is {loose} ({})", set.origin.show(world)));
            }
        }
        let allowed =
            self.rules.iter().filter(|rule| rule.permit == Permit::Allow && rule.origin.is_project());
        lines.extend(allowed.map(|rule| format!("allowed: {} ({})", rule.text, rule.origin.show(world))));
        lines
    }

    fn text(&self, key: &str) -> Option<String> {
        match &self.said.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn count(&self, key: &str) -> Option<u64> {
        match self.said.get(key)?.value {
            Value::Count(count) => Some(count),
            _ => None,
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        match self.said.get(key).map(|set| &set.value) {
            Some(Value::List(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// A count that a project's own file can lower, and not raise.
    fn no_looser(&self, key: &str, default: u64) -> u64 {
        let count = self.count(key).unwrap_or(default);
        let by_project = self.said.get(key).is_some_and(|set| set.origin.is_project());
        if by_project { count.min(default) } else { count }
    }

    /// The same in micro-dollars.
    fn no_dearer(&self, key: &str, default: u64) -> u64 {
        match self.said.get(key) {
            Some(Set { value: Value::Dollars(micros), origin, .. }) if origin.is_project() => {
                (*micros).min(default)
            }
            Some(Set { value: Value::Dollars(micros), .. }) => *micros,
            _ => default,
        }
    }

    fn is_on(&self, key: &str) -> bool {
        self.said.get(key).is_some_and(|set| set.value == Value::Switch(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::made_up::MadeUp;

    fn load(made: &MadeUp, flags: &[Flag]) -> Settings {
        Settings::load(&made.world, flags).expect("valid settings")
    }

    #[test]
    fn the_stronger_layer_wins_and_the_origin_says_which() {
        let flag = Flag { key: "concurrency", value: "9".into(), flag: "--concurrency" };
        let mut made = MadeUp::new();
        let shown = |made: &MadeUp, flags: &[Flag]| {
            let settings = load(made, flags);
            format!("{} {}", settings.concurrency, settings.origin("concurrency").show(&made.world))
        };
        assert_eq!(shown(&made, &[]), "16 default");
        made.file(".fanfold/config.toml", "\nconcurrency = 2");
        assert_eq!(shown(&made, &[]), "2 .fanfold/config.toml:2");
        made.file("~/.config/fanfold/config.toml", "concurrency = 3");
        assert_eq!(shown(&made, &[]), "3 ~/.config/fanfold/config.toml:1");
        made = made.var("FANFOLD_CONCURRENCY", "4");
        assert_eq!(shown(&made, &[]), "4 FANFOLD_CONCURRENCY");
        assert_eq!(shown(&made, &[flag]), "9 --concurrency");
    }

    #[test]
    fn a_folder_closer_to_the_working_directory_beats_the_repositorys_root() {
        let mut made = MadeUp::new();
        made.file(".fanfold/config.toml", "concurrency = 2\nmax_agents = 5");
        made.file("sub/.fanfold/config.toml", "concurrency = 3");
        made.world.cwd = made.project.join("sub");
        let settings = load(&made, &[]);
        assert_eq!((settings.concurrency, settings.max_agents), (3, 5));
    }

    #[test]
    fn a_misspelt_variable_is_an_error_and_a_foreign_one_a_notice() {
        let error =
            Settings::load(&MadeUp::new().var("FANFOLD_MODLE", "x").world, &[]).expect_err("misspelt");
        assert_eq!(error.hint.as_deref(), Some("did you mean FANFOLD_MODEL?"));
        let settings = load(&MadeUp::new().var("FANFOLD_ZZ", "x"), &[]);
        assert_eq!(settings.notices, ["the variable FANFOLD_ZZ sets nothing"]);
        let made = MadeUp::new().var("FANFOLD_CONCURRENCY", "x").var("FANFOLD_MODEL", "");
        let error = Settings::load(&made.world, &[]).expect_err("no number");
        assert!(error.message.contains("FANFOLD_CONCURRENCY must be a whole number from 1 to 1024, not `x`"));
    }

    #[test]
    fn what_may_be_spent_without_an_oracle_is_an_amount_of_dollars() {
        let made = MadeUp::new();
        assert_eq!(load(&made, &[]).unverified_above, 5_000_000);
        made.file(".fanfold/config.toml", "unverified_above = '$0.50'");
        let settings = load(&made, &[]);
        assert_eq!(settings.unverified_above, 500_000);
        assert!(settings.from_the_project[0].contains("$0.50"), "{:?}", settings.from_the_project);
        made.file(".fanfold/config.toml", "unverified_above = '500k'");
        let error = Settings::load(&made.world, &[]).expect_err("tokens are no dollars");
        assert!(error.message.contains("an amount of dollars"), "{error}");
    }

    #[test]
    fn a_bad_flag_is_bad_usage() {
        let flag = Flag { key: "budget", value: "lots".into(), flag: "--budget" };
        let error = Settings::load(&MadeUp::new().world, &[flag]).expect_err("no amount");
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.starts_with("--budget must be output tokens"), "{error}");
    }

    #[test]
    fn everything_that_can_be_set_arrives() {
        let made = MadeUp::new();
        made.file(
            "~/.config/fanfold/config.toml",
            "model = 'opus'\nmax_items = 7\nbudget = '500k'\n\
             prompt_caching = false\n\
             timeouts = { connect_seconds = 1, first_byte_seconds = 2, idle_seconds = 3, retry_window_minutes = 4 }\n\
             script = { memory_mb = 64, cpu_seconds = 9 }\nweb.allow_private = true\n\
             aliases = { fast = 'openai/mini' }\n",
        );
        let settings = load(&made, &[]);
        assert_eq!(settings.model.as_deref(), Some("opus"));
        assert_eq!((settings.max_items, settings.budget.output_tokens), (7, Some(500_000)));
        assert!(!settings.prompt_caching);
        assert_eq!(
            settings.timeouts,
            Timeouts {
                connect: Some(Duration::from_secs(1)),
                first_byte: Some(Duration::from_secs(2)),
                idle: Some(Duration::from_secs(3)),
                retry_window: Some(Duration::from_secs(240)),
            }
        );
        assert_eq!((settings.script_memory_mb, settings.script_cpu_seconds), (64, 9));
        assert!(settings.web_allow_private);
        assert_eq!(settings.aliases["fast"], "openai/mini");
        assert!(settings.from_the_project.is_empty(), "all of it is the person's own");
    }

    #[test]
    fn permissions_of_all_files_add_up() {
        let made = MadeUp::new();
        made.file(".fanfold/config.toml", "permissions.deny = ['A']");
        made.file(".claude/settings.json", r#"{"permissions": {"allow": ["B"]}}"#);
        made.file(".claude/settings.local.json", r#"{"permissions": {"deny": ["C"]}}"#);
        made.file("~/.claude/settings.json", r#"{"model": "x", "permissions": {"deny": ["D"]}}"#);
        made.file("~/.config/fanfold/config.toml", "permissions.deny = ['E']");
        let settings = load(&made, &[]);
        assert_eq!(settings.permissions.of_tools(Permit::Deny), ["A", "C", "E", "D"]);
        assert_eq!(settings.permissions.of_tools(Permit::Allow), ["B"]);
        assert_eq!(settings.model, None, "only permissions are read there");

        let mut at_home = made;
        at_home.world.cwd = at_home.home.clone();
        let settings = load(&at_home, &[]);
        assert_eq!(settings.permissions.of_tools(Permit::Deny), ["E", "D"], "once, and the person's own");
    }

    #[test]
    fn what_a_project_loosens_is_told() {
        let made = MadeUp::new().var("MY_SECRET", "x");
        made.file(
            ".fanfold/config.toml",
            "web.allow_private = true\npermissions.allow = ['Bash']\n[providers.gw]\nwire = 'anthropic'\n\
             base_url = 'https://elsewhere.test'\nkey_env = 'MY_SECRET'\n",
        );
        assert_eq!(
            load(&made, &[]).from_the_project,
            [
                "prompts for `gw` go to https://elsewhere.test with the key in MY_SECRET (.fanfold/config.toml:5)",
                "`web.allow_private` is true (.fanfold/config.toml:1)",
                "allowed: Bash (.fanfold/config.toml:2)",
            ]
        );
    }

    #[test]
    fn doctors_rows_hold_every_setting_with_its_origin() {
        let made = MadeUp::new().var("FANFOLD_MODEL", "sim");
        made.file(".fanfold/config.toml", "aliases.fast = 'a/b'\npermissions.ask = ['Bash']");
        let rows = load(&made, &[]).explain();
        let shown = |key: &str| {
            let row = rows.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("no row {key}"));
            format!("{} | {}", row.value, row.origin.show(&made.world))
        };
        assert_eq!(shown("model"), "sim | FANFOLD_MODEL");
        assert_eq!(shown("concurrency"), "16 | default");
        assert_eq!(shown("budget"), " | default");
        assert_eq!(shown("aliases.fast"), "a/b | .fanfold/config.toml:1");
        assert_eq!(shown("permissions.ask"), "Bash | .fanfold/config.toml:2");
    }
}
