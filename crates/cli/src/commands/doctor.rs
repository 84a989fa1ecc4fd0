//! `fanfold doctor`: every setting with its origin, and which models can be used.

use serde_json::{Value, json};

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
            "models": {"found": found, "looked_for": detected.looked_for, "auto": choice.model},
        });
        say(&serde_json::to_string_pretty(&document).expect("plain data always serializes"));
        return Ok(Exit::Completed);
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
    say(&style(world, color, Stream::Output).render(&lines));
    Ok(Exit::Completed)
}
