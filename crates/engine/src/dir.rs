//! A run's directory: what is where, and how it is made.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use fanfold_core::RunSettings;
use serde_json::Value;

/// `script.js`, `args.json`, `journal.jsonl`, `events.jsonl`, `transcripts/`, `blobs/`, `result.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// Makes the directory, which must not exist, readable by its owner alone. `Err`: nothing is left of it.
    pub fn create(path: PathBuf, source: &str, file: &str, args: Option<&Value>) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        let dir = Self(path);
        // A journal that survives a power cut is worth nothing without its script.
        match dir.write_input(source, file, args).and_then(|()| File::open(&dir.0)?.sync_all()) {
            Ok(()) => Ok(dir),
            Err(err) => {
                // On a full disk, say. What cannot be removed either is no run: it has no journal.
                let _ = fs::remove_dir_all(&dir.0);
                Err(err)
            }
        }
    }

    pub fn existing(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The script's text and the name under which errors show it.
    pub fn script(&self) -> io::Result<(String, String)> {
        let source = fs::read_to_string(self.0.join("script.js"))?;
        let file = fs::read_to_string(self.0.join("script.name")).unwrap_or_else(|_| "script.js".into());
        Ok((source, file))
    }

    /// Takes an edited script in; the one before is kept as `script-<digest>.js`.
    pub fn replace_script(&self, source: &str, file: &str) -> io::Result<()> {
        let (before, _) = self.script()?;
        if before != source {
            let digest = fanfold_core::key::short_digest(before.as_bytes());
            self.write(&format!("script-{digest}.js"), before.as_bytes())?;
            self.write("script.js", source.as_bytes())?;
        }
        self.write("script.name", file.as_bytes())
    }

    pub fn args(&self) -> io::Result<Option<Value>> {
        match fs::read(self.0.join("args.json")) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// The settings of the last attempt, beside the journal: a journal whose first line is lost can be mended.
    pub fn write_settings(&self, settings: &RunSettings) -> io::Result<()> {
        self.write("settings.json", &serde_json::to_vec_pretty(settings)?)
    }

    pub fn settings(&self) -> Option<RunSettings> {
        serde_json::from_slice(&fs::read(self.0.join("settings.json")).ok()?).ok()
    }

    pub fn write_result(&self, json: &[u8]) -> io::Result<()> {
        self.write("result.json", json)
    }

    fn write_input(&self, source: &str, file: &str, args: Option<&Value>) -> io::Result<()> {
        self.write("script.js", source.as_bytes())?;
        self.write("script.name", file.as_bytes())?;
        match args {
            Some(args) => self.write("args.json", &serde_json::to_vec_pretty(args)?),
            None => Ok(()),
        }
    }

    /// Whole or not at all: written beside, then renamed.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let fresh = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(fresh, self.0.join(name))
    }
}
