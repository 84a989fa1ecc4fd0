//! What of the sandbox this machine can enforce, shown by trying what it forbids.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use fanfold_sandbox::Level;
use fanfold_sandbox::probe::{self, Proof};
use fanfold_workspace::Kind;
use serde::Serialize;

use crate::commands::confinement;
use crate::error::{CliError, Result};
use crate::screen::table::{Column, Table};
use crate::screen::{Line, Tone};
use crate::world::World;

#[derive(Debug, Serialize)]
pub struct Boundary {
    /// Of settings.
    pub level: &'static str,
    /// Why this machine cannot enforce it, and what would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    pub proofs: Vec<Proof>,
    /// How isolated workspaces are made here.
    pub workspaces: Kind,
    /// Why they are no overlays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_overlays: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Missing {
    pub what: String,
    pub hint: String,
}

impl Boundary {
    /// Tries it. Takes about a second.
    pub async fn find(level: Level, world: &World) -> Result<Self> {
        let scratch = Scratch::make(world)?;
        let (missing, proofs) = match confinement::sandbox(level, world) {
            Ok(sandbox) => match probe::run(&sandbox, &scratch.0).await {
                Ok(proofs) => (None, proofs),
                Err(err) => {
                    let hint = "fanfold doctor tries it again".to_owned();
                    (Some(Missing { what: err.to_string(), hint }), Vec::new())
                }
            },
            Err(err) => (Some(Missing { what: err.message, hint: err.hint.unwrap_or_default() }), Vec::new()),
        };
        let (workspaces, no_overlays) = confinement::kind(level, &scratch.0, world);
        Ok(Self { level: level.name(), missing, proofs, workspaces, no_overlays })
    }

    /// What is promised is not kept.
    pub fn is_broken(&self) -> bool {
        self.missing.is_some() || self.proofs.iter().any(Proof::is_broken)
    }

    pub fn lines(&self, columns: usize) -> Vec<Line> {
        let mut lines = vec![Line::of(Tone::Strong, &format!("sandbox: {}", self.level))];
        if let Some(Missing { what, hint }) = &self.missing {
            lines.push(Line::of(Tone::Bad, what));
            lines.extend(hint.lines().map(|line| Line::of(Tone::Plain, &format!("  {}", line.trim()))));
        }
        let mut table =
            Table::new([Column::left("tried inside"), Column::left("came to"), Column::left("how")]);
        for proof in &self.proofs {
            let (word, tone) = match (proof.denied, proof.promised) {
                (true, _) => ("denied", Tone::Good),
                (false, true) => ("POSSIBLE", Tone::Bad),
                (false, false) => ("possible", Tone::Warn),
            };
            table.row([
                (Tone::Plain, proof.name.clone()),
                (tone, word.into()),
                (Tone::Dim, proof.how.clone()),
            ]);
        }
        if !table.is_empty() {
            lines.extend(table.lines(columns));
        }
        let workspaces = match (self.workspaces, &self.no_overlays) {
            (Kind::Overlay, _) => "isolated workspaces: overlays over one checkout".to_owned(),
            (Kind::Worktree, Some(why)) => format!("isolated workspaces: whole worktrees ({why})"),
            (Kind::Worktree, None) => "isolated workspaces: whole worktrees".to_owned(),
        };
        lines.push(Line::of(Tone::Plain, &workspaces));
        lines
    }
}

/// A folder of our own, with a name short enough for sockets in it.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn make(world: &World) -> Result<Self> {
        let beneath = world.var("XDG_RUNTIME_DIR").unwrap_or("/tmp");
        let path = Path::new(beneath).join(format!("fanfold-try-{}", std::process::id()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|err| CliError::io("make a folder to try the sandbox in", &path, &err))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: nothing but what was tried is left there.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
