//! A run's directory: what is where, and how it is made.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// `script.js`, `args.json`, `journal.jsonl`, `events.jsonl`, `transcripts/`, `blobs/`, `result.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// Makes the directory, which must not exist, readable by its owner alone.
    pub fn create(path: PathBuf, source: &str, file: &str, args: Option<&Value>) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        let dir = Self(path);
        dir.write("script.js", source.as_bytes())?;
        dir.write("script.name", file.as_bytes())?;
        if let Some(args) = args {
            dir.write("args.json", &serde_json::to_vec_pretty(args)?)?;
        }
        Ok(dir)
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

    pub fn write_result(&self, json: &[u8]) -> io::Result<()> {
        self.write("result.json", json)
    }

    /// Whole or not at all: written beside, then renamed.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let fresh = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        fs::rename(fresh, self.0.join(name))
    }
}
