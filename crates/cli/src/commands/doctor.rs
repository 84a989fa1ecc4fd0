//! `fanfold doctor`: every setting with its origin, which models can be used, and what the sandbox holds here.

pub mod boundary;

use serde_json::{Value, json};

use boundary::Boundary;

use super::{block_on, columns, say, style};
use crate::detect;
use crate::error::{Exit, Result};
use crate::flags::Doctor;
use crate::screen::table::{Column, Table};
use crate::screen::{Line, Tone};
use crate::settings::Settings;
use crate::world::{ColorChoice, Stream, World};

pub fn doctor(flags: &Doctor, world: &World, color: ColorChoice) -> Result<Exit> {
    let settings = Settings::load(world, &[])?;
    let detected = block_on(detect::detect(&settings, world));
    let boundary = block_on(Boundary::find(settings.sandbox.level, world))?;
    let exit = if boundary.is_broken() { Exit::Failed } else { Exit::Completed };
    let choice = detect::choose(&settings, false, &detected);
    let rows = settings.explain();
    if flags.json {
        let settings: Vec<Value> = rows
            .iter()
            .map(|row| json!({"key": row.key, "value": row.value, "origin": row.origin.show(world)}))
            .collect();
        let found: Vec<Value> = detected
            .found
            .iter()
            .map(|one| json!({"what": one.means.show(), "model": one.model, "spends": one.spends}))
            .collect();
        let document = json!({
            "settings": settings,
            "sandbox": boundary,
            "models": {"found": found, "looked_for": detected.looked_for, "auto": choice.model},
        });
        say(&serde_json::to_string_pretty(&document).expect("plain data always serializes"));
        return Ok(exit);
    }
    let columns = columns(world);
    let mut settings = Table::new([Column::left("setting"), Column::left("value"), Column::left("from")]);
    for row in &rows {
        let origin = row.origin.show(world);
        let tone = if origin == "default" { Tone::Dim } else { Tone::Plain };
        settings.row([(Tone::Plain, row.key.clone()), (tone, row.value.clone()), (Tone::Dim, origin)]);
    }
    let mut models = Table::new([Column::left("model"), Column::left("how"), Column::left("costs")]);
    for one in &detected.found {
        let model = one.model.clone().unwrap_or_else(|| "cannot be used yet, or name one".into());
        let costs = if one.spends { "money" } else { "nothing" };
        models.row([(Tone::Strong, model), (Tone::Plain, one.means.show()), (Tone::Dim, costs.into())]);
    }
    let mut lines = settings.lines(columns);
    lines.push(Line::new());
    match models.is_empty() {
        true => lines.extend(detect::nothing_found(&detected).map(|line| Line::of(Tone::Warn, &line))),
        false => lines.extend(models.lines(columns)),
    }
    lines.push(Line::of(Tone::Plain, &format!("--model auto takes {}", choice.model)));
    lines.push(Line::new());
    lines.extend(boundary.lines(columns));
    say(&style(world, color, Stream::Output).render(&lines));
    Ok(exit)
}
