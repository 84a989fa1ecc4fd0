//! `fanfold show RUN --audit`: who approved which text, when, under which limits, for each attempt at a run.

use fanfold_core::{Entry, RunSettings};
use fanfold_engine::FileStore;
use serde_json::{Value, json};

use super::{columns, consent, launch, say, style};
use crate::approval::hash::{self, Approved};
use crate::approval::history;
use crate::approval::store::Store;
use crate::error::{Exit, Result};
use crate::places::RunPlace;
use crate::screen::{Line, Tone, text};
use crate::settings::budget::Budget;
use crate::world::{ColorChoice, Stream, World};

/// One attempt, and what stands behind it.
struct Attempt {
    settings: RunSettings,
    approved: Option<Approved>,
    standing: Standing,
}

/// What an approval in a journal is worth.
enum Standing {
    /// Nothing was spent.
    Simulated,
    /// It was given here, for this run.
    Given,
    /// Why it counts for nothing.
    Doubtful(String),
}

pub fn audit(place: &RunPlace, as_json: bool, world: &World, color: ColorChoice) -> Result<Exit> {
    let entries = FileStore::peek(&place.path).map_err(|err| launch::journal_error(err, &place.path))?;
    let store = Store::open(world)?;
    let attempts: Vec<Attempt> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Opened(settings) => Some(Attempt::of(*settings, &store)),
            _ => None,
        })
        .collect();
    if as_json {
        let rows: Vec<Value> = attempts.iter().map(Attempt::json).collect();
        say(&serde_json::to_string_pretty(&json!({"run_id": place.id, "attempts": rows}))
            .expect("plain data always serializes"));
    } else {
        let lines: Vec<Line> = attempts.iter().flat_map(Attempt::lines).collect();
        let width = columns(world);
        let cut: Vec<Line> = lines.into_iter().map(|line| line.clip(width)).collect();
        say(&style(world, color, Stream::Output).render(&cut));
    }
    Ok(Exit::Completed)
}

impl Attempt {
    fn of(settings: RunSettings, store: &Store) -> Self {
        let approved = consent::approved(&settings.front);
        let standing = match &approved {
            _ if settings.simulated => Standing::Simulated,
            None => Standing::Doubtful("the journal holds no approval of it".into()),
            Some(approved) => {
                let grounds = &approved.grounds;
                match approved.holds_for(&settings.run_id, grounds) {
                    Err(void) => Standing::Doubtful(void.to_string()),
                    Ok(())
                        if history::was_given(&store.history(&grounds.workflow, &grounds.dir), approved) =>
                    {
                        Standing::Given
                    }
                    Ok(()) => Standing::Doubtful("no record of it is kept on this machine".into()),
                }
            }
        };
        Self { settings, approved, standing }
    }

    fn json(&self) -> Value {
        let standing = match &self.standing {
            Standing::Simulated => json!("simulated"),
            Standing::Given => json!("given"),
            Standing::Doubtful(why) => json!({"doubtful": why}),
        };
        let RunSettings { attempt, at_ms, model, limits, script, args, simulated, .. } = &self.settings;
        json!({
            "attempt": attempt, "at_ms": at_ms, "simulated": simulated, "model": model, "limits": limits,
            "script": script, "args": args, "approved": self.approved, "standing": standing,
        })
    }

    fn lines(&self) -> Vec<Line> {
        let settings = &self.settings;
        let row = |name: &str, value: String, tone: Tone| {
            Line::new().and(Tone::Dim, &format!("  {name:<10}")).and(tone, &value)
        };
        let title = format!("attempt {}  {}", settings.attempt, text::timestamp(settings.at_ms));
        let mut lines = vec![Line::new().and(Tone::Strong, &title)];
        match (&self.approved, &self.standing) {
            (_, Standing::Simulated) => {
                lines.push(row("approved", "not needed: simulated, nothing was spent".into(), Tone::Plain));
            }
            (Some(approved), _) => {
                let Approved { by, at_ms, how, digest, .. } = approved;
                let said = format!("{by}, {}, {}", how.show(), text::timestamp(*at_ms));
                lines.push(row("approved", said, Tone::Plain));
                lines.push(row("digest", digest.clone(), Tone::Plain));
            }
            (None, _) => (),
        }
        if let Standing::Doubtful(why) = &self.standing {
            lines.push(row("doubtful", why.clone(), Tone::Bad));
        }
        match &self.approved {
            Some(approved) => {
                for (name, values) in approved.grounds.fields() {
                    let values = match name {
                        "script" | "arguments" => values.iter().map(|digest| hash::short(digest)).collect(),
                        "limits" | "files" => pairs(&values),
                        _ => values.join(", "),
                    };
                    if !values.is_empty() {
                        lines.push(row(name, values, Tone::Plain));
                    }
                }
            }
            None => {
                let limits = &settings.limits;
                let budget = Budget::from(limits.cap);
                let limits =
                    format!("agents {}, at once {}, budget {budget}", limits.agents, limits.concurrency);
                lines.push(row("models", settings.model.clone(), Tone::Plain));
                lines.push(row("limits", limits, Tone::Plain));
                lines.push(row("script", settings.script.clone(), Tone::Plain));
            }
        }
        lines
    }
}

/// Names and values that stand one after the other.
fn pairs(values: &[String]) -> String {
    values.chunks(2).map(|pair| pair.join(" ")).collect::<Vec<_>>().join(", ")
}
