//! Reads one settings file: what it says, each with its line, or the first thing that is wrong with it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Kind, Place, Value};
use crate::error::{CliError, ErrorKind, Result};
use crate::world::World;

/// A value, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub value: Value,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: Option<u32>, owner: Owner },
    Variable(String),
    Flag(&'static str),
}

/// Whose file it is: what a project says was written by whoever wrote the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Project,
    Personal,
}

impl Origin {
    pub fn is_project(&self) -> bool {
        matches!(self, Origin::File { owner: Owner::Project, .. })
    }

    /// `.fanfold/config.toml:3`, `FANFOLD_MODEL`, `--model`, `default`.
    pub fn show(&self, world: &World) -> String {
        match self {
            Origin::Default => "default".into(),
            Origin::File { path, line: Some(line), .. } => format!("{}:{line}", world.show(path)),
            Origin::File { path, line: None, .. } => world.show(path),
            Origin::Variable(name) => name.clone(),
            Origin::Flag(flag) => (*flag).into(),
        }
    }
}

/// The text of a file that need not be there.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    // Agents are at work, or were when their engine was killed.
    if fanfold_sandbox::is_placeholder(path) {
        return Ok(None);
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(err) if matches!(err.kind(), NotFound | NotADirectory) => Ok(None),
        Err(err) => Err(CliError::io("read the settings in", path, &err)),
    }
}

/// What `text`, the contents of `path`, says: dotted names and values, in no order. `shown` is the path in
/// errors.
pub fn read(path: &Path, shown: &str, text: &str, owner: Owner) -> Result<Vec<(String, Set)>> {
    let table = DeTable::parse(text).map_err(|err| {
        let error = CliError::new(ErrorKind::Settings, format!("not TOML: {}", err.message().to_lowercase()));
        let span = err.span().unwrap_or(0..0);
        match may_hold_a_secret(text, span.start) {
            true => error.at_line_only(shown, text, span),
            false => error.at(shown, text, span),
        }
    })?;
    let mut reading = Reading { path, shown, text, owner, found: Vec::new() };
    reading.table(&mut Vec::new(), table.get_ref())?;
    Ok(reading.found)
}

struct Reading<'a> {
    path: &'a Path,
    shown: &'a str,
    text: &'a str,
    owner: Owner,
    found: Vec<(String, Set)>,
}

impl Reading<'_> {
    fn table(&mut self, above: &mut Vec<String>, table: &DeTable<'_>) -> Result<()> {
        for (name, value) in table {
            above.push(name.get_ref().to_string());
            let path: Vec<&str> = above.iter().map(String::as_str).collect();
            self.refuse_secret(&path, name.span())?;
            match (keys::place(&path), value.get_ref()) {
                (Place::Setting(key), _) => self.setting(&path, key.kind, value)?,
                (Place::Table, DeValue::Table(table)) => self.table(above, table)?,
                (Place::Table, _) => {
                    let message = format!("`{}` is a table of settings", path.join("."));
                    return Err(self
                        .wrong(message, value.span())
                        .hint(format!("write [{}]", path.join("."))));
                }
                (Place::Unknown(known), _) => return Err(self.unknown(&path, &known, name.span())),
            }
            above.pop();
        }
        Ok(())
    }

    fn setting(&mut self, path: &[&str], kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<()> {
        let name = path.join(".");
        if path.last() == Some(&"key_command") && self.owner == Owner::Project {
            let message =
                format!("`{name}` cannot stand in a project's file: it would run a stranger's command");
            return Err(self.wrong(message, value.span()).hint("put it into ~/.config/fanfold/config.toml"));
        }
        if matches!(path, ["sandbox", ..]) && self.owner == Owner::Project {
            let message =
                format!("`{name}` cannot stand in a project's file: it would widen what agents can reach");
            return Err(self.wrong(message, value.span()).hint("put it into ~/.config/fanfold/config.toml"));
        }
        if matches!(path, ["prices", ..] | ["providers", _, "free"]) && self.owner == Owner::Project {
            let message =
                format!("`{name}` cannot stand in a project's file: it would lift your limit in dollars");
            return Err(self.wrong(message, value.span()).hint("put it into ~/.config/fanfold/config.toml"));
        }
        if path.last() == Some(&"key_env") && !value.get_ref().as_str().is_some_and(is_variable) {
            let message = format!("`{name}` must be the name of an environment variable, not a key");
            return Err(self.secret(message, value.span()));
        }
        let read = kind.read(value.get_ref()).map_err(|expected| {
            self.wrong(format!("`{name}` must be {expected}, not {}", written(value.get_ref())), value.span())
        })?;
        let origin = Origin::File {
            path: self.path.to_owned(),
            line: Some(self.line(value.span().start)),
            owner: self.owner,
        };
        self.found.push((name, Set { value: read, origin }));
        Ok(())
    }

    /// Keys come from the environment or a command: a file gets committed, copied and shown.
    fn refuse_secret(&self, path: &[&str], span: Range<usize>) -> Result<()> {
        const KEYS: [&str; 5] = ["key", "api_key", "apikey", "token", "secret"];
        const HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "x-api-key", "api-key"];
        let lower = path.last().unwrap_or(&"").to_lowercase();
        match path {
            ["providers", _, _] if KEYS.contains(&lower.as_str()) => {
                Err(self.secret(format!("`{}` would keep a key in a file", path.join(".")), span))
            }
            ["providers", _, "headers", _] if HEADERS.contains(&lower.as_str()) => {
                Err(self.secret(format!("the header `{lower}` would keep a key in a file"), span))
            }
            _ => Ok(()),
        }
    }

    fn unknown(&self, path: &[&str], known: &[&str], span: Range<usize>) -> CliError {
        let (name, above) = path.split_last().expect("a name was just pushed");
        let within = if above.is_empty() { String::new() } else { format!(" in [{}]", above.join(".")) };
        let error = self.wrong(format!("unknown setting `{name}`{within}"), span);
        match fanfold_core::schema::nearest(name, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
                error.hint(format!("there are {}", names.join(", ")))
            }
        }
    }

    fn wrong(&self, message: String, span: Range<usize>) -> CliError {
        CliError::new(ErrorKind::Settings, message).at(self.shown, self.text, span)
    }

    /// The line is not shown: errors end up in logs.
    fn secret(&self, message: String, span: Range<usize>) -> CliError {
        CliError::new(ErrorKind::Settings, message)
            .at_line_only(self.shown, self.text, span)
            .hint("name the variable that holds it (`key_env`), or a command that prints it (`key_command`)")
    }

    fn line(&self, offset: usize) -> u32 {
        self.text[..offset].bytes().filter(|byte| *byte == b'\n').count() as u32 + 1
    }
}

/// Of a line that could not be read, only its looks are known.
fn may_hold_a_secret(text: &str, offset: usize) -> bool {
    let (before, after) = text.split_at(text.floor_char_boundary(offset));
    let line = before.rsplit('\n').next().unwrap_or("").to_owned() + after.split('\n').next().unwrap_or("");
    let line = line.to_lowercase();
    ["key", "token", "secret", "authorization"].into_iter().any(|word| line.contains(word))
}

fn is_variable(text: &str) -> bool {
    let starts_like_a_name = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_like_a_name && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{text}\""),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(owner: Owner, text: &str) -> Result<Vec<(String, Set)>> {
        read(Path::new("/p/config.toml"), "config.toml", text, owner)
    }

    #[track_caller]
    fn refused(text: &str) -> CliError {
        match read_as(Owner::Project, text) {
            Ok(found) => panic!("{text} was accepted: {found:?}"),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Settings);
                error
            }
        }
    }

    #[test]
    fn a_value_keeps_its_line() {
        let found = read_as(Owner::Project, "model = \"a/b\"\n\n[script]\nmemory_mb = 77\n").expect("valid");
        let memory = found.iter().find(|(name, _)| name == "script.memory_mb").expect("it is there");
        assert_eq!(memory.1.value, Value::Count(77));
        assert!(matches!(memory.1.origin, Origin::File { line: Some(4), .. }), "{memory:?}");
    }

    #[test]
    fn a_misspelt_setting_names_its_place_and_the_nearest() {
        let error = refused("concurrency = 3\n[timeouts]\nconect_seconds = 5\n");
        assert_eq!(error.message, "unknown setting `conect_seconds` in [timeouts]");
        assert_eq!(error.hint.as_deref(), Some("did you mean `connect_seconds`?"));
        let place = error.location.expect("a place");
        assert_eq!((place.file.as_str(), place.line, place.column), ("config.toml", 3, 1));
        assert!(error.frame.expect("a frame").contains("conect_seconds = 5"));
        assert!(refused("zzz = 1").hint.expect("a hint").contains("`concurrency`"));
    }

    #[test]
    fn a_value_of_the_wrong_kind_says_what_would_do() {
        let cases = [
            ("concurrency = 0", "`concurrency` must be a whole number from 1 to 1024, not 0"),
            ("concurrency = \"many\"", "from 1 to 1024, not \"many\""),
            ("max_agents = -1", "`max_agents` must be a whole number from 1 up, not -1"),
            ("prompt_caching = \"perhaps\"", "must be true or false, not \"perhaps\""),
            ("[providers.x]\nwire = \"none\"", "must be `anthropic`, `openai-chat`, not \"none\""),
            ("model = 3", "`model` must be a text, not 3"),
            ("model = \"\"", "must be a text"),
            ("budget = [1]", "`budget` must be output tokens"),
            ("[permissions]\nallow = \"Read\"", "must be a list of rules"),
            ("script = 3", "`script` is a table"),
            ("model.name = 1", "`model` must be a text, not a table"),
            ("a = ", "not TOML"),
        ];
        for (text, expected) in cases {
            let error = refused(text);
            assert!(error.message.contains(expected), "{text}: {}", error.message);
            assert!(error.location.is_some(), "{text}");
        }
    }

    #[test]
    fn amounts_may_be_written_in_short() {
        let found =
            read_as(Owner::Project, "budget = [\"500k\", \"$4\"]\nmax_agents = \"2k\"").expect("valid");
        let texts: Vec<String> = found.iter().map(|(_, set)| set.value.to_string()).collect();
        assert_eq!(texts, ["500000 output tokens, $4", "2000"]);
    }

    #[test]
    fn a_key_in_a_file_is_refused_and_not_repeated() {
        for text in [
            "[providers.mine]\nkey = \"sk-123\"",
            "[providers.mine]\nAPI_KEY = \"sk-123\"",
            "[providers.mine]\nkey_env = \"sk-123\"",
            "[providers.mine.headers]\nAuthorization = \"Bearer sk-123\"",
        ] {
            let error = refused(text);
            assert!(!error.to_string().contains("sk-123"), "{error}");
            assert!(error.to_string().contains("config.toml:2"), "{error}");
            assert!(error.hint.expect("a hint").contains("key_command"));
        }
        let error = refused("[providers.mine]\nkey = sk-123 and more");
        assert!(!error.to_string().contains("sk-123"), "{error}");
    }

    #[test]
    fn only_a_personal_file_may_name_a_command() {
        let text = "[providers.mine]\nkey_command = \"pass show key\"";
        assert!(refused(text).message.contains("project's file"));
        assert_eq!(read_as(Owner::Personal, text).expect("one's own").len(), 1);
    }
}
