//! `fanfold ps`: the runs there are.

use fanfold_core::RunStatus;
use serde::Serialize;

use super::style::{Line, Tone};
use super::table::{Column, Table};
use super::{summary, text};

/// One run.
#[derive(Clone, Debug)]
pub struct Row {
    pub run_id: String,
    pub workflow: String,
    pub state: RunState,
    pub simulated: bool,
    /// Agents that ended well, in all attempts.
    pub agents_finished: u64,
    pub agents: u64,
    /// When it was last started, in milliseconds since the Unix epoch.
    pub started_at: u64,
    pub run_dir: String,
}

/// What is known of a run from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Somebody holds its journal.
    Held,
    Closed(RunStatus),
    /// Nobody holds its journal, and nobody closed it: the process died.
    Interrupted,
}

impl RunState {
    pub fn new(held: bool, closed: Option<RunStatus>) -> Self {
        match (held, closed) {
            (true, _) => RunState::Held,
            (false, Some(status)) => RunState::Closed(status),
            (false, None) => RunState::Interrupted,
        }
    }

    pub fn name(self) -> &'static str {
        self.shown().0
    }

    pub fn shown(self) -> (&'static str, Tone) {
        match self {
            RunState::Held => summary::status(RunStatus::Running),
            RunState::Closed(status) => summary::status(status),
            RunState::Interrupted => ("interrupted", Tone::Warn),
        }
    }
}

/// The rows as a table, in their order. `now`: milliseconds since the Unix epoch.
pub fn lines(rows: &[Row], now: u64, columns: usize) -> Vec<Line> {
    if rows.is_empty() {
        return vec![Line::of(Tone::Plain, "no runs here; `fanfold run WORKFLOW` starts one")];
    }
    let mut table = Table::new([
        Column::left("run").at_least(12),
        Column::left("workflow"),
        Column::left("status").at_least(11),
        Column::right("agents"),
        Column::right("age"),
        Column::left("directory"),
    ]);
    for row in rows {
        let (status, tone) = row.state.shown();
        let status = if row.simulated { format!("{status} SIMULATED") } else { status.to_owned() };
        table.row([
            (Tone::Strong, row.run_id.clone()),
            (Tone::Plain, row.workflow.clone()),
            (tone, status),
            (Tone::Plain, format!("{}/{}", row.agents_finished, row.agents)),
            (Tone::Plain, text::duration(now.saturating_sub(row.started_at))),
            (Tone::Dim, row.run_dir.clone()),
        ]);
    }
    table.lines(columns)
}

/// The rows as `--json` prints them.
pub fn json(rows: &[Row], now: u64) -> serde_json::Value {
    #[derive(Serialize)]
    struct Json<'a> {
        run_id: &'a str,
        workflow: &'a str,
        status: &'a str,
        simulated: bool,
        agents: Agents,
        started_at: u64,
        age_ms: u64,
        run_dir: &'a str,
    }
    #[derive(Serialize)]
    struct Agents {
        finished: u64,
        total: u64,
    }
    let rows: Vec<Json> = rows
        .iter()
        .map(|row| Json {
            run_id: &row.run_id,
            workflow: &row.workflow,
            status: row.state.name(),
            simulated: row.simulated,
            agents: Agents { finished: row.agents_finished, total: row.agents },
            started_at: row.started_at,
            age_ms: now.saturating_sub(row.started_at),
            run_dir: &row.run_dir,
        })
        .collect();
    serde_json::to_value(rows).expect("plain data always serializes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Style;

    fn rows() -> Vec<Row> {
        let row = Row {
            run_id: "wf_abcdef".into(),
            workflow: "review".into(),
            state: RunState::new(true, Some(RunStatus::Paused)),
            simulated: false,
            agents_finished: 3,
            agents: 40,
            started_at: 1_000,
            run_dir: "/repo/.fanfold/runs/wf_abcdef".into(),
        };
        let died = Row {
            run_id: "wf_123456".into(),
            workflow: "evil\x1b[2J".into(),
            state: RunState::new(false, None),
            simulated: true,
            ..row.clone()
        };
        vec![row, died]
    }

    #[test]
    fn a_run_is_running_while_its_journal_is_held_and_interrupted_if_nobody_closed_it() {
        let style = Style { color: false, unicode: true };
        assert_eq!(
            style.render(&lines(&rows(), 65_000, 120)),
            "run           workflow       status                 agents     age  directory\n\
             wf_abcdef     review         running                  3/40  1m 04s  /repo/.fanfold/runs/wf_abcdef\n\
             wf_123456     evil\\u{1b}[2J  interrupted SIMULATED    3/40  1m 04s  /repo/.fanfold/runs/wf_abcdef\n",
        );
        assert!(style.render(&lines(&[], 0, 80)).contains("fanfold run"));
    }

    #[test]
    fn the_same_rows_are_read_by_programs() {
        let json = json(&rows(), 65_000);
        assert_eq!(json[0]["status"], "running");
        assert_eq!(json[1]["status"], "interrupted");
        assert_eq!(json[1]["agents"]["total"], 40);
        assert_eq!(json[0]["age_ms"], 64_000);
    }
}
