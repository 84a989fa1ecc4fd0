//! `kill -9` at many points of one run: the journal against the server's own bill.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use fanfold_testkit::{Answer, Reply};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::model::{Model, some_ms, task};
use crate::project::{Project, script, settled, until};

const WIDTH: usize = 16;
const AGENTS: usize = 200;
/// Each attempt is killed when the server has seen this many more requests; less than all of them in sum.
const KILLS: [usize; 12] = [1, 16, 17, 20, 23, 2, 25, 18, 22, 7, 21, 15];

/// A hundred items through two stages; the prompt of the second holds what the first said. The dice fall in
/// the order in which agents end: a replay in another order shows.
const PIPE: &str = "
const SIZE = { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } }
return await pipeline(
  Array.from({ length: 100 }, (_, i) => i),
  i => agent(`measure ${i}`, { schema: SIZE }),
  async (found, i) => ({ said: await agent(`judge ${i} of size ${found.size}`), die: random() }),
)";

fn model() -> Model {
    Model::start(|seen| {
        let task = task(seen);
        let reply = match task.strip_prefix("measure ") {
            Some(item) => Reply::call("return_result", json!({"size": item.len() * 10})),
            None => Reply::text(format!("{task}: fine")),
        };
        Answer::reply(reply).after(some_ms(seen, 25))
    })
}

#[test]
fn a_run_killed_twelve_times_pays_for_no_finished_agent_again() {
    let words = ["run", "w.js", "--yes", "--seed", "7", "--concurrency", "16"];
    let said = |result: &Value| -> Vec<Value> {
        result.as_array().expect("a list").iter().map(|item| item["said"].clone()).collect()
    };
    let unkilled = {
        let model = model();
        let project = Project::with(&model);
        project.file("w.js", &script(PIPE));
        let ended = project.fanfold(&words).exits(0);
        assert_eq!(model.seen(), AGENTS);
        // One or two are always on their way to the disk.
        assert!((WIDTH / 2..=WIDTH).contains(&model.bill().peak), "{}", model.bill().peak);
        ended.json()
    };

    let model = model();
    let project = Project::with(&model);
    project.file("w.js", &script(PIPE));
    let mut hosts = Vec::new();
    let mut durable = BTreeSet::new();
    for (nth, more) in KILLS.into_iter().enumerate() {
        let before = model.seen();
        let mut running = match nth {
            0 => project.start(&words),
            _ => project.start(&["resume", "--yes"]),
        };
        model.wait_for(before + more);
        assert!(running.is_running(), "kill {nth} would fall after the end");
        let children = children(running.id());
        assert!(!children.is_empty(), "the script's host is a child");
        hosts.extend(children);
        running.signal(Signal::KILL);
        assert_eq!(running.ended().status, -1);

        // What was durable before was not asked again, and what was lost is one request a slot at most.
        let asked = tasks(&model, before);
        assert!(asked.is_disjoint(&durable), "kill {nth}: paid twice: {:?}", asked.intersection(&durable));
        let run = project.run();
        let now = settled(&run);
        assert!(now.is_superset(&durable), "kill {nth}: a result was lost");
        durable = now;
        let lost = tasks(&model, 0).difference(&durable).count();
        assert!(lost <= WIDTH, "kill {nth}: {lost} calls were under way");
        until("the host to end with its engine", || hosts.iter().all(|host| !host.is_alive()));
    }

    let before = model.seen();
    let ended = project.fanfold(&["resume", "--yes", "--json"]).exits(0);
    let document = ended.json();
    assert!(tasks(&model, before).is_disjoint(&durable), "paid twice after the last kill");
    assert_eq!(document["agents"]["replayed"], json!(durable.len()));
    assert_eq!(document["agents"]["failed"], json!(0));

    let asked = model.asked();
    let extra: usize = asked.values().map(|times| times - 1).sum();
    assert_eq!(asked.len(), AGENTS, "every agent was asked");
    assert!(extra <= WIDTH * KILLS.len(), "{extra} extra requests");
    assert!(extra > 0, "void: no kill fell on a call under way");
    assert_eq!(settled(&project.run()).len(), AGENTS);
    assert_eq!(said(&document["result"]), said(&unkilled), "as if nothing had happened");
    let replayed = project.fanfold(&["resume", "--yes"]).exits(0).json();
    assert_eq!(replayed, document["result"], "a finished run replays to the same dice");
    assert_eq!(model.seen(), AGENTS + extra, "for nothing");
}

#[test]
fn a_run_killed_while_it_replays_is_none_the_worse() {
    let model = model();
    let project = Project::with(&model);
    project.file("w.js", &script(PIPE));
    let whole = project.fanfold(&["run", "w.js", "--yes", "--seed", "7"]).exits(0);
    let journal = project.run().join("journal.jsonl");
    for _ in 0..3 {
        let bytes = fs::metadata(&journal).expect("kept").len();
        let running = project.start(&["resume", "--yes"]);
        until("the attempt to begin", || fs::metadata(&journal).expect("kept").len() > bytes);
        running.signal(Signal::KILL);
        running.ended();
    }
    assert_eq!(project.fanfold(&["resume", "--yes"]).exits(0).stdout, whole.stdout);
    assert_eq!(model.seen(), AGENTS);
}

#[test]
fn what_kept_places_for_a_killed_run_is_gone_with_the_next() {
    let model = Model::start(|seen| {
        let has_worked = seen.body["messages"].as_array().is_some_and(|all| all.len() > 2);
        match (task(seen).as_str(), has_worked) {
            ("work", false) => Answer::reply(Reply::call("bash", json!({"command": "echo x > made"}))),
            ("work", true) => Answer::text("late").after(Duration::from_secs(60)),
            _ => Answer::text("over"),
        }
    });
    let project = Project::with(&model);
    project.file("w.js", &script("return await agent('work')"));
    project.file("next.js", &script("return await agent('rest')"));
    let place = project.dir.join(".mcp.json");
    let running = project.start(&["run", "w.js", "--yes"]);
    until("the command to have run", || project.dir.join("made").exists());
    assert!(fanfold_sandbox::is_placeholder(&place), "void: no place is kept");
    // Another run comes and goes meanwhile.
    project.fanfold(&["run", "next.js", "--yes"]).exits(0);
    assert!(fanfold_sandbox::is_placeholder(&place), "the first is at work still");
    running.signal(Signal::KILL);
    running.ended();
    assert!(fanfold_sandbox::is_placeholder(&place), "void: nothing was left");
    project.fanfold(&["run", "next.js", "--yes"]).exits(0);
    assert!(
        !place.exists() && !project.dir.join(".vscode").exists() && !project.dir.join(".claude").exists()
    );
}

/// The tasks of all requests from the `from`th on.
fn tasks(model: &Model, from: usize) -> BTreeSet<String> {
    model.bill().requests[from..].iter().map(task).collect()
}

/// A process, whoever its parent is by now.
pub struct Process {
    id: u32,
    /// Ticks since the machine started: another process of this id has another.
    started: String,
}

impl Process {
    fn of(id: u32) -> Option<Self> {
        let stat = Stat::of(id)?;
        Some(Self { id, started: stat.started })
    }

    pub fn is_alive(&self) -> bool {
        Stat::of(self.id).is_some_and(|stat| stat.started == self.started && !matches!(stat.state, 'Z' | 'X'))
    }
}

/// What is needed of `/proc/ID/stat`.
struct Stat {
    state: char,
    parent: u32,
    started: String,
}

impl Stat {
    fn of(id: u32) -> Option<Self> {
        let text = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat")).ok()?;
        // The name, in brackets, may have brackets and spaces of its own.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            started: (*fields.get(19)?).to_owned(),
        })
    }
}

pub fn children(parent: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("this is Linux").flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| Stat::of(*id).is_some_and(|stat| stat.parent == parent)).filter_map(Process::of).collect()
}
