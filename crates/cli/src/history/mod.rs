//! What earlier runs of a workflow used, and how their estimates held: one small file a workflow, beneath
//! `~/.local/state/fanfold/history`.
//!
//! A help only: it can be lost or unwritable, and no run fails for it. Simulated runs leave nothing here.

mod file;
mod past;
mod pattern;
mod samples;

use std::path::{Path, PathBuf};

use fanfold_core::{Event, RunStatus, Usage};
use fanfold_engine::RunReport;
use serde::{Deserialize, Serialize};

pub use past::PastRuns;
pub use pattern::pattern;
pub use samples::{Sample, Samples};

use crate::estimate::{Estimate, show};
use crate::screen::record;
use crate::world::World;

/// Which workflow a run was of: scripts of one name in different places are different workflows, and an
/// edited script is the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowId {
    /// As its `meta` says.
    pub name: String,
    /// The folder of its script; `None`: it came with the program, or from nowhere.
    pub dir: Option<PathBuf>,
}

/// One run, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub run_id: String,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
    pub status: RunStatus,
    /// Of all attempts.
    pub usage: Usage,
    /// `None`: the price was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_micros: Option<u64>,
    pub duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Promise>,
}

/// What was said of a run before it: the ends of its estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_micros: Option<Span>,
    /// Input and output.
    pub tokens: Span,
}

/// From the least to the most; `most: None`: there was no upper end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub least: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
}

/// How a run went against its estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    Below,
    Inside,
    Over,
    /// It did not finish, and had not used more than was said.
    Unfinished,
}

/// What the person is told of a run that was noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// `estimated $0.80–2.10, spent $1.32 (inside)`
    pub line: Option<String>,
    /// What went wrong with the noting; the run is none the worse for it.
    pub notice: Option<String>,
}

/// Notes how a run went: what each agent used, and the whole against its estimate. Called at the end of every
/// attempt; a later one of the same run adds its agents, and replaces what was noted of the whole. The estimate
/// of the first attempt stays the one that counts.
pub fn record(
    world: &World,
    workflow: &WorkflowId,
    report: &RunReport,
    estimate: Option<&Estimate>,
    at_ms: u64,
) -> Noted {
    if report.usage.simulated {
        return Noted::default();
    }
    let mut agents = samples::Collector::default();
    let events = Path::new(&report.run_dir).join("events.jsonl");
    if let Ok(file) = std::fs::File::open(&events) {
        // What cannot be read of it is missing here, and nowhere else.
        let _ = record::read(std::io::BufReader::new(file), |event: &Event| agents.event(event));
    }
    let mut fact = Fact::of(report, estimate, at_ms);
    let noted = file::change(world, workflow, |past| {
        past.add(fact.clone(), agents.into_agents());
        fact.clone_from(past.runs.last().expect("just added"));
    });
    Noted { line: show::fact(&fact), notice: noted.err() }
}

/// What is known of earlier runs of a workflow; nothing where nothing can be read.
pub fn read(world: &World, workflow: &WorkflowId) -> PastRuns {
    file::read(world, workflow)
}

impl Fact {
    fn of(report: &RunReport, estimate: Option<&Estimate>, at_ms: u64) -> Self {
        let usage = &report.usage;
        Self {
            run_id: report.run_id.clone(),
            at_ms,
            status: report.status,
            usage: Usage {
                input_tokens: usage.input_tokens,
                output_tokens: usage.output_tokens,
                cache_read_tokens: usage.cache_read_tokens,
                cache_write_tokens: usage.cache_write_tokens,
                tool_calls: usage.tool_calls,
                ..Usage::default()
            },
            usd_micros: usage.usd.map(|usd| (usd * 1e6).round() as u64),
            duration_ms: report.duration_ms,
            estimate: estimate.map(Promise::of),
        }
    }

    pub fn tokens(&self) -> u64 {
        self.usage.input_total() + self.usage.output_tokens
    }

    /// `None`: nothing had been estimated.
    pub fn held(&self) -> Option<Held> {
        let promise = self.estimate?;
        let (span, spent) = match (promise.usd_micros, self.usd_micros) {
            (Some(span), Some(spent)) => (span, spent),
            _ => (promise.tokens, self.tokens()),
        };
        let finished = matches!(self.status, RunStatus::Completed | RunStatus::Degraded);
        Some(if span.most.is_some_and(|most| spent > most) {
            Held::Over
        } else if !finished {
            Held::Unfinished
        } else if spent < span.least {
            Held::Below
        } else {
            Held::Inside
        })
    }
}

impl Promise {
    fn of(estimate: &Estimate) -> Self {
        let amounts = &estimate.amounts;
        let usd_micros = amounts.usd_micros.map(|range| Span { least: range.low, most: range.high });
        let (input, output) = (amounts.input_tokens, amounts.output_tokens);
        let most = input.high.zip(output.high).map(|(input, output)| input.saturating_add(output));
        Self { usd_micros, tokens: Span { least: input.low.saturating_add(output.low), most } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::{Amounts, Range};
    use crate::world::made_up::MadeUp;
    use fanfold_agent::sim::Guess;
    use serde_json::json;

    fn fact(status: RunStatus, usd_micros: Option<u64>, promised: Option<(u64, Option<u64>)>) -> Fact {
        let usd_micros_promised = promised.map(|(least, most)| Span { least, most });
        Fact {
            run_id: "wf_abcdef".into(),
            at_ms: 1,
            status,
            usage: Usage { input_tokens: 900, cache_read_tokens: 50, output_tokens: 50, ..Usage::default() },
            usd_micros,
            duration_ms: 1,
            estimate: Some(Promise {
                usd_micros: usd_micros_promised,
                tokens: Span { least: 500, most: Some(999) },
            }),
        }
    }

    fn report(run_dir: &str, usd: Option<f64>, simulated: bool) -> RunReport {
        serde_json::from_value(json!({
            "run_id": "wf_abcdef", "workflow": "w", "status": "completed", "verdict": "unverified",
            "result": null, "error": null, "failures": [], "duration_ms": 9, "run_dir": run_dir,
            "agents": {"started": 3, "completed": 3, "replayed": 0, "failed": 0, "skipped": 0, "unfinished": 0,
                       "peak_concurrency": 1},
            "usage": {"input_tokens": 100, "output_tokens": 20, "cache_read_tokens": 0, "cache_write_tokens": 0,
                      "tool_calls": 0, "usd": usd, "simulated": simulated},
            "journal": {"entries": 1, "syncs": 1, "sync_us": 1},
        }))
        .expect("a report")
    }

    fn estimate() -> Estimate {
        let range = Range { low: 100, expected: 110, high: Some(200) };
        let usd_micros = Some(Range { low: 800_000, expected: 1_000_000, high: Some(2_100_000) });
        let amounts = Amounts { input_tokens: range, output_tokens: range, usd_micros, ..Amounts::default() };
        Estimate {
            model: None,
            amounts,
            makespan_ms: range,
            phases: Vec::new(),
            models: Vec::new(),
            unbounded: None,
            unpriced: Vec::new(),
            basis: Vec::new(),
        }
    }

    #[test]
    fn a_run_is_noted_with_its_agents_and_told_against_its_estimate() {
        let made = MadeUp::new();
        let mut events = String::new();
        for n in 0..3 {
            let agent = format!("0123456789abcdef.{n}");
            events += &format!(
                "{}\n{}\n",
                json!({"seq": 2 * n, "at": 1, "type": "agent.queued", "agent": agent, "label": format!("review:{n}"),
                       "model": "a/b"}),
                json!({"seq": 2 * n + 1, "at": 1, "type": "agent.ended", "agent": agent, "source": "live",
                       "usage": {"input_tokens": 30, "output_tokens": 7}, "turns": 2, "duration_ms": 5})
            );
        }
        let dir = made.file("run/events.jsonl", &events).parent().expect("a folder").display().to_string();
        let workflow = WorkflowId { name: "w".into(), dir: None };
        let record = |report: RunReport, estimate: Option<&Estimate>| {
            super::record(&made.world, &workflow, &report, estimate, 1)
        };

        assert_eq!(record(report(&dir, Some(0.0), true), Some(&estimate())), Noted::default());
        assert!(read(&made.world, &workflow).is_empty(), "a simulated run leaves nothing");

        let noted = record(report(&dir, Some(1.32), false), Some(&estimate()));
        let line = "estimated $0.80–2.10, spent $1.32 (inside)";
        assert_eq!(noted, Noted { line: Some(line.into()), notice: None });
        let past = read(&made.world, &workflow);
        let agents = past.agents("review:*", "a/b").expect("three of them");
        assert_eq!((agents.seen, agents.guess(Guess::Expected).output_tokens), (3, 7));
        assert_eq!(past.held(7), (1, 1));

        let noted = record(report(&dir, Some(2.5), false), None);
        assert_eq!(noted.line.as_deref(), Some("estimated $0.80–2.10, spent $2.50 (OVER)"), "a resume");
        let noted = record(report(&dir, None, false), None);
        assert_eq!(noted.line.as_deref(), Some("estimated 200–400 tokens, spent 120 (below)"));
    }

    #[test]
    fn a_run_is_held_against_the_dollars_that_were_said_and_else_against_the_tokens() {
        use RunStatus::*;
        let check = |status, spent, promised, held| {
            assert_eq!(fact(status, spent, promised).held(), Some(held), "{status:?} {spent:?} {promised:?}");
        };
        let promised = Some((10, Some(20)));
        check(Completed, Some(15), promised, Held::Inside);
        check(Degraded, Some(20), promised, Held::Inside);
        check(Completed, Some(21), promised, Held::Over);
        check(Completed, Some(9), promised, Held::Below);
        check(Completed, Some(9_999), Some((10, None)), Held::Inside);
        check(Paused, Some(1), promised, Held::Unfinished);
        check(Stopped, Some(21), promised, Held::Over);
        check(Completed, None, promised, Held::Over);
        check(Completed, Some(1), None, Held::Over);
        assert_eq!(Fact { estimate: None, ..fact(Completed, None, None) }.held(), None);
    }
}
