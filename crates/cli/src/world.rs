//! What the process was given: its environment, home, working directory and terminals.
//!
//! Read once at the start and passed on; nothing else of this program reads them. Tests make up their own.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::error::{CliError, ErrorKind, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// Variables whose name or value is not Unicode are left out.
    pub env: BTreeMap<String, String>,
    pub home: Option<PathBuf>,
    /// Absolute.
    pub cwd: PathBuf,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
}

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl World {
    pub fn read() -> Result<Self> {
        let cwd = std::env::current_dir().map_err(|err| {
            CliError::new(ErrorKind::File, format!("the working directory cannot be read: {err}"))
                .hint("change to a folder that exists, or name one with --cwd DIR")
        })?;
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self {
            env,
            home: std::env::home_dir().filter(|home| home.is_absolute()),
            cwd,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// The same, working in `dir` (`--cwd`).
    pub fn at(self, dir: &Path) -> Result<Self> {
        let path = self.cwd.join(dir);
        let cwd = path.canonicalize().map_err(|err| CliError::io("change to", &path, &err))?;
        if !cwd.is_dir() {
            return Err(CliError::new(ErrorKind::Usage, format!("`{}` is no folder", path.display()))
                .hint("--cwd takes the folder to work in"));
        }
        Ok(Self { cwd, ..self })
    }

    /// A variable that is set to something.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// `~/.config/fanfold`; `None` without a home.
    pub fn config_dir(&self) -> Option<PathBuf> {
        Some(self.base_dir("XDG_CONFIG_HOME", ".config")?.join("fanfold"))
    }

    /// `~/.local/state/fanfold`; `None` without a home.
    pub fn state_dir(&self) -> Option<PathBuf> {
        Some(self.base_dir("XDG_STATE_HOME", ".local/state")?.join("fanfold"))
    }

    /// A person can be asked something.
    pub fn can_ask(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Lines on standard error may be drawn over.
    pub fn can_redraw(&self) -> bool {
        self.stderr_is_terminal && self.var("TERM") != Some("dumb")
    }

    /// `--color` first, then `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, then whether it is a terminal.
    pub fn colour(&self, choice: ColorChoice, stream: Stream) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let is_terminal = match stream {
                    Stream::Output => self.stdout_is_terminal,
                    Stream::Error => self.stderr_is_terminal,
                };
                if self.var("NO_COLOR").is_some() {
                    false
                } else if self.var("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
                    true
                } else {
                    is_terminal && self.var("TERM") != Some("dumb")
                }
            }
        }
    }

    /// `path` as a person would write it here: relative to the working directory, or with `~`.
    pub fn show(&self, path: &Path) -> String {
        if let Ok(rest) = path.strip_prefix(&self.cwd)
            && rest != Path::new("")
        {
            return rest.display().to_string();
        }
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => Path::new("~").join(rest).display().to_string(),
            None => path.display().to_string(),
        }
    }

    /// A relative path in an XDG variable is to be ignored, says its specification. The process's own
    /// environment is not asked again, so that a made-up world is whole.
    fn base_dir(&self, variable: &str, beneath_home: &str) -> Option<PathBuf> {
        let set = self.var(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.or_else(|| Some(self.home.as_ref()?.join(beneath_home)))
    }
}

#[cfg(test)]
pub mod made_up {
    use super::*;

    /// A world in a temporary folder: `home/` and `project/` (a repository, and the working directory).
    pub struct MadeUp {
        pub world: World,
        pub home: PathBuf,
        pub project: PathBuf,
        _folder: tempfile::TempDir,
    }

    impl MadeUp {
        pub fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let base = folder.path().canonicalize().expect("it was just made");
            let (home, project) = (base.join("home"), base.join("project"));
            for dir in [&home, &project, &project.join(".git")] {
                std::fs::create_dir(dir).expect("a new folder");
            }
            let world = World {
                env: BTreeMap::new(),
                home: Some(home.clone()),
                cwd: project.clone(),
                stdin_is_terminal: false,
                stdout_is_terminal: false,
                stderr_is_terminal: false,
            };
            Self { world, home, project, _folder: folder }
        }

        /// Writes `text` to `path`, beneath `home/` for one that starts with `~/`, else beneath the project.
        pub fn file(&self, path: &str, text: &str) -> PathBuf {
            let path = match path.strip_prefix("~/") {
                Some(rest) => self.home.join(rest),
                None => self.project.join(path),
            };
            std::fs::create_dir_all(path.parent().expect("beneath a folder")).expect("new folders");
            std::fs::write(&path, text).expect("a new file");
            path
        }

        pub fn var(mut self, name: &str, value: &str) -> Self {
            self.world.env.insert(name.into(), value.into());
            self
        }

        pub fn on_a_terminal(mut self) -> Self {
            self.world.stdin_is_terminal = true;
            self.world.stdout_is_terminal = true;
            self.world.stderr_is_terminal = true;
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::made_up::MadeUp;
    use super::*;

    #[test]
    fn colour_follows_the_flag_then_the_variables_then_the_terminal() {
        use ColorChoice::*;
        type Case = (ColorChoice, bool, &'static [(&'static str, &'static str)], bool);
        let cases: [Case; 9] = [
            (Auto, true, &[], true),
            (Auto, false, &[], false),
            (Auto, true, &[("NO_COLOR", "1")], false),
            (Auto, true, &[("NO_COLOR", "")], true),
            (Auto, true, &[("TERM", "dumb")], false),
            (Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (Always, false, &[("NO_COLOR", "1")], true),
            (Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ];
        for (choice, terminal, vars, expected) in cases {
            let mut made = MadeUp::new();
            made.world.stderr_is_terminal = terminal;
            for (name, value) in vars {
                made = made.var(name, value);
            }
            assert_eq!(made.world.colour(choice, Stream::Error), expected, "{choice:?} {terminal} {vars:?}");
        }
    }

    #[test]
    fn relative_base_directories_are_ignored() {
        let made = MadeUp::new().var("XDG_CONFIG_HOME", "here").var("XDG_STATE_HOME", "/state");
        assert_eq!(made.world.config_dir(), Some(made.home.join(".config/fanfold")));
        assert_eq!(made.world.state_dir(), Some("/state/fanfold".into()));
    }

    #[test]
    fn paths_are_shown_as_a_person_would_write_them() {
        let made = MadeUp::new();
        assert_eq!(made.world.show(&made.project.join("a/b")), "a/b");
        assert_eq!(made.world.show(&made.home.join("c")), "~/c");
        assert_eq!(made.world.show(Path::new("/etc/x")), "/etc/x");
    }

    #[test]
    fn another_working_directory_must_be_a_folder() {
        let made = MadeUp::new();
        made.file("sub/file", "");
        assert_eq!(made.world.clone().at(Path::new("sub")).expect("there").cwd, made.project.join("sub"));
        assert!(made.world.clone().at(Path::new("sub/file")).is_err());
        assert!(made.world.at(Path::new("gone")).is_err());
    }
}
