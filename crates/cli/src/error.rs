//! The operator's error: what is wrong, where, and what to type next.

use std::fmt::{self, Display};
use std::ops::Range;
use std::path::Path;
use std::process::{ExitCode, Termination};

use fanfold_core::{Diagnostic, Location, Severity};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How the process ends. The numbers are a contract with scripts and CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Completed, and the oracle (if there is one) passed.
    Completed = 0,
    /// The script failed, or the oracle did; with `--strict`, degraded or unverified.
    Failed = 1,
    /// Bad usage, bad script, bad settings: nothing was spent.
    Usage = 2,
    /// A budget or a cap refused or ended something.
    Limit = 3,
    /// Stopped, or not approved, by a person.
    Stopped = 4,
    /// No model could be reached, or it refused the credentials.
    NoModel = 5,
    /// Paused: it can be resumed.
    Paused = 6,
}

/// What sort of thing went wrong; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command line makes no sense.
    Usage,
    /// A settings file or variable makes no sense.
    Settings,
    /// The script cannot be run as it is written.
    Script,
    /// The arguments of the workflow are not those it takes.
    Args,
    /// No workflow, run or agent type of that name.
    NotFound,
    /// A file or folder could not be read or written.
    File,
    /// Nobody said yes.
    NotApproved,
    /// No model could be reached.
    NoModel,
    /// The provider refused the key.
    Credentials,
}

/// An error for the person at the terminal.
///
/// Shown as `error: message`, a code frame where there is one, and `hint: what to type`; written as JSON
/// as `{kind, message, hint, location?}`.
#[derive(Clone, Debug, PartialEq)]
pub struct CliError {
    pub kind: ErrorKind,
    /// A lower-case fragment that names the value that was wrong.
    pub message: String,
    /// What to type next.
    pub hint: Option<String>,
    pub location: Option<Location>,
    /// A rendered code frame, or another thing to look at, without a newline at its end.
    pub frame: Option<String>,
}

pub type Result<T, E = CliError> = std::result::Result<T, E>;

impl CliError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, location: None, frame: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the place, byte range `span` of `text`, and a code frame.
    pub fn at(self, file: &str, text: &str, span: Range<usize>) -> Self {
        let frame = Some(code_frame(file, text, span.clone()));
        Self { frame, ..self.at_line_only(file, text, span) }
    }

    /// Adds the place without showing the text: for lines that may hold a secret.
    pub fn at_line_only(self, file: &str, text: &str, span: Range<usize>) -> Self {
        Self { location: Some(Location::of(file, text, span.start)), ..self }
    }

    /// `doing` is what was tried, as in ``could not {doing} `{path}`: permission denied``.
    pub fn io(doing: &str, path: &Path, err: &std::io::Error) -> Self {
        let reason = match err.kind() {
            std::io::ErrorKind::NotFound => "no such file or folder".into(),
            std::io::ErrorKind::PermissionDenied => "permission denied".into(),
            std::io::ErrorKind::IsADirectory => "it is a folder".into(),
            _ => err.to_string().to_lowercase(),
        };
        let error = Self::new(ErrorKind::File, format!("could not {doing} `{}`: {reason}", path.display()));
        match err.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                error.hint("make room on that disk, then try again")
            }
            _ => error,
        }
    }

    /// What the parser says of a script: the first error leads, and all are shown with their frames and help.
    pub fn script(file: &str, text: &str, diagnostics: &[Diagnostic]) -> Self {
        let errors: Vec<Diagnostic> =
            diagnostics.iter().filter(|one| one.severity == Severity::Error).cloned().collect();
        let Some((first, others)) = errors.split_first() else {
            return Self::new(ErrorKind::Script, format!("`{file}` cannot be run"));
        };
        let mut error = Self::new(ErrorKind::Script, &first.message);
        if let Some(span) = &first.span {
            error = error.at(file, text, span.clone());
        }
        let first = Diagnostic { message: String::new(), ..first.clone() };
        let own = untitled(&fanfold_script::frame::render(&[first], file, text, false));
        let others = fanfold_script::frame::render(others, file, text, false);
        error.frame = Some([own, others].join("\n\n").trim_end().to_owned());
        error
    }

    pub fn exit(&self) -> Exit {
        self.kind.exit()
    }
}

impl ErrorKind {
    pub fn exit(self) -> Exit {
        use ErrorKind::*;
        match self {
            Usage | Settings | Script | Args | NotFound | File => Exit::Usage,
            NotApproved => Exit::Stopped,
            NoModel | Credentials => Exit::NoModel,
        }
    }

    /// The name in JSON: `snake_case`.
    pub fn name(self) -> &'static str {
        use ErrorKind::*;
        match self {
            Usage => "usage",
            Settings => "settings",
            Script => "script",
            Args => "args",
            NotFound => "not_found",
            File => "file",
            NotApproved => "not_approved",
            NoModel => "no_model",
            Credentials => "credentials",
        }
    }
}

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.code().into()
    }
}

/// Byte range `span` of `text`, underlined, with its place and the lines around it.
pub fn code_frame(file: &str, text: &str, span: Range<usize>) -> String {
    untitled(&fanfold_script::frame::render(&[Diagnostic::error("").at(span)], file, text, false))
}

/// The frame without its title, which is the message of the error that it belongs to.
fn untitled(frame: &str) -> String {
    frame.split_once('\n').map_or(frame, |(_, frame)| frame).to_owned()
}

impl Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match (&self.frame, &self.location) {
            (Some(frame), _) => write!(f, "\n{frame}")?,
            (None, Some(place)) => write!(f, "\n --> {}:{}:{}", place.file, place.line, place.column)?,
            (None, None) => (),
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CliError {}

impl Serialize for CliError {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("kind", self.kind.name())?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("hint", &self.hint)?;
        if let Some(location) = &self.location {
            map.serialize_entry("location", location)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_says_what_where_and_what_to_type() {
        let error = CliError::new(ErrorKind::Settings, "unknown setting `modle`")
            .at("config.toml", "a = 1\nmodle = \"x\"\n", 6..11)
            .hint("did you mean `model`?");
        assert_eq!(
            error.to_string(),
            "error: unknown setting `modle`\n \
             --> config.toml:2:1\n  \
               |\n\
             2 | modle = \"x\"\n  \
               | ^^^^^\n\
             hint: did you mean `model`?"
        );
        assert_eq!(
            serde_json::to_value(&error).expect("plain data"),
            json!({"kind": "settings", "message": "unknown setting `modle`", "hint": "did you mean `model`?",
                   "location": {"file": "config.toml", "line": 2, "column": 1}})
        );
        assert_eq!(error.exit().code(), 2);
    }

    #[test]
    fn a_script_with_several_errors_shows_them_all() {
        let text = "const a = b\nconst c = d\n";
        let error = CliError::script(
            "w.js",
            text,
            &[
                Diagnostic::error("unknown name `b`").at(10..11).help("declare it"),
                Diagnostic::error("unknown name `d`").at(22..23),
            ],
        );
        let shown = error.to_string();
        assert!(shown.starts_with("error: unknown name `b`\n"), "{shown}");
        assert!(shown.contains("help: declare it"), "{shown}");
        assert!(shown.contains("error: unknown name `d`"), "{shown}");
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_no_panic() {
        assert!(code_frame("f", "é", 1..1).contains('é'));
        assert!(code_frame("f", "", 5..9).contains("f:1:1"));
    }
}
