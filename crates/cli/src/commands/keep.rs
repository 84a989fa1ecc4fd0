//! `save` and `workflows`: scripts that have a name.

use fanfold_engine::{LoadedScript, RunDir};
use serde_json::json;

use super::{block_on, columns, host_place, say, style, tell};
use crate::error::{CliError, Exit, Result};
use crate::flags::{Save, Workflows};
use crate::library::{Library, Shelf, Source};
use crate::run_index::RunIndex;
use crate::screen::Tone;
use crate::screen::table::{Column, Table};
use crate::world::{ColorChoice, Stream, World};

pub fn save(flags: &Save, world: &World) -> Result<Exit> {
    let place = RunIndex::new(world).find(&flags.run, world)?;
    let dir = RunDir::existing(place.path.clone());
    let (text, file) = dir.script().map_err(|err| CliError::io("read the script of", dir.path(), &err))?;
    let name = match &flags.name {
        Some(name) => name.clone(),
        None => match meta(&text, &file) {
            Some((name, _)) => name,
            None => place.id.clone(),
        },
    };
    let shelf = if flags.user { Shelf::Personal } else { Shelf::Project };
    let path = Library::new(world).save(&text, &file, &name, shelf)?;
    say(&path.display().to_string());
    tell(&format!("run it with: fanfold run {name}"));
    Ok(Exit::Completed)
}

pub fn workflows(flags: &Workflows, world: &World, color: ColorChoice) -> Result<Exit> {
    let listed = Library::new(world).list(meta);
    let place = |source: &Source| match source {
        Source::File(path) | Source::Saved(path) => path.display().to_string(),
        Source::BuiltIn => "built in".into(),
        Source::Stdin => "standard input".into(),
    };
    if flags.json {
        let rows: Vec<_> = listed
            .iter()
            .map(|one| {
                json!({
                    "name": one.name,
                    "description": one.meta.as_ref().map(|(_, description)| description),
                    "source": place(&one.source),
                    "hidden": one.is_hidden,
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&rows).expect("plain data always serializes"));
        return Ok(Exit::Completed);
    }
    if listed.is_empty() {
        tell(
            "no workflows have a name here; `fanfold save RUN` keeps one, or put a script into .fanfold/workflows/",
        );
        return Ok(Exit::Completed);
    }
    let mut table = Table::new([Column::left("name"), Column::left("description"), Column::left("where")]);
    for one in &listed {
        let (tone, description) = match (&one.meta, one.is_hidden) {
            (_, true) => (Tone::Dim, "hidden by a closer one of this name".to_owned()),
            (Some((_, description)), false) => (Tone::Plain, description.clone()),
            (None, false) => (Tone::Bad, "cannot be read: fanfold check says why".to_owned()),
        };
        table.row([(Tone::Strong, one.name.clone()), (tone, description), (Tone::Dim, place(&one.source))]);
    }
    say(&style(world, color, Stream::Output).render(&table.lines(columns(world))));
    Ok(Exit::Completed)
}

/// Name and description of a script, read in its host.
fn meta(text: &str, file: &str) -> Option<(String, String)> {
    let place = host_place().ok()?;
    let script = block_on(LoadedScript::load(&place, text.to_owned(), file.to_owned())).ok()?;
    Some((script.meta.name, script.meta.description))
}
