//! Hundreds of small modules from JavaScript to Python, an agent for each, through one queue.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::story::{Edits, Item, Review, Story, Told, Tools, Turn, Work};

use crate::modules::Module;

const CHECK: &str = include_str!("check.py");
/// Without what slows its start.
const COMMAND: &str = "python3 -I -S tests/check.py";
const CONCURRENCY: usize = 16;

/// Of ten modules four are in trouble: their agents get them wrong, cheat, or meet on the same lines. `together`: how
/// many patches the queue may judge at once.
pub fn story(count: usize, together: usize) -> Story {
    let modules: Vec<Module> = (0..count).map(Module::nth).collect();
    let mut files = BTreeMap::from([("tests/check.py".to_owned(), CHECK.to_owned())]);
    for module in &modules {
        files.insert(source(module), module.javascript());
        files.insert(vectors(module), module.vectors());
    }
    for ten in modules.chunks(10).enumerate().map(|(ten, _)| ten) {
        files.insert(list(ten), listed(ten, &[]));
    }
    Story {
        name: "port",
        workflow: workflow(&modules, together),
        items: (0..count).map(|nth| item(nth, &modules)).collect(),
        files,
        suite: vec![COMMAND],
        tools: Tools::default(),
        concurrency: CONCURRENCY,
    }
}

/// How many modules a second, and whose time it was.
pub struct Figures {
    items: usize,
    took: Duration,
    judgements: usize,
    /// From the start of a sandbox until nothing of it is left.
    judging: Duration,
    /// CPU of the oracle's own command.
    own: Duration,
}

impl Figures {
    pub fn of(told: &Told) -> Self {
        // Those of patches that were judged together are one.
        let mut once = std::collections::BTreeSet::new();
        let mut judgements = told.judgements.clone();
        judgements.retain(|judgement| once.insert((judgement.tree.clone(), judgement.duration_ms)));
        let own = judgements.iter().filter_map(|judgement| {
            let line = judgement.output.lines().rev().find(|line| line.starts_with('{'))?;
            serde_json::from_str::<Value>(line).ok()?["cpu_ms"].as_u64()
        });
        Self {
            items: told.rates.items as usize,
            took: told.took,
            judgements: judgements.len(),
            judging: Duration::from_millis(judgements.iter().map(|judgement| judgement.duration_ms).sum()),
            own: Duration::from_millis(own.sum()),
        }
    }

    /// Without the CPU time of the oracle's own command, as if it had been spread over all cores.
    pub fn items_a_second(&self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u32;
        self.items as f64 / self.took.saturating_sub(self.own / cores).as_secs_f64()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, took, judgements, judging, own } = self;
        let all = *items as f64 / took.as_secs_f64();
        writeln!(f, "{items} items in {took:.1?}, {CONCURRENCY} at once: {all:.1} a second")?;
        writeln!(
            f,
            "{judgements} judgements: {judging:.1?} in sandboxes, of which {own:.1?} are CPU of the oracle itself"
        )?;
        writeln!(f, "without the latter, on all cores: {:.1} verified items a second", self.items_a_second())
    }
}

fn workflow(modules: &[Module], together: usize) -> String {
    let names: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
    let names = serde_json::to_string(&names).expect("texts");
    format!(
        "export const meta = {{
  name: 'port',
  description: 'Ports modules from JavaScript to Python, each against its vectors',
  phases: [{{ title: 'Port' }}],
  oracle: {{ command: '{COMMAND}', parse: 'json', together: {together} }},
}}
const names = {names}
const REVIEWED = 10

phase('Port')
return await pipeline(names, async (name, _, nth) => {{
  const task = `Port source/${{name}}.js to Python as port/${{name}}.py, with the same run(text), and remove the original.`
  const check = {{ command: '{COMMAND}', item: name }}
  const done = await verified(task, {{ label: name, check, rounds: 2, reviewers: nth % REVIEWED === 7 ? 1 : 0 }})
  return {{ item: name, ...done }}
}})
"
    )
}

fn item(nth: usize, modules: &[Module]) -> Item {
    let module = &modules[nth];
    let turn = |work, edits| Turn { work, edits };
    let right = || turn(Work::Right, ported(module, module.python()));
    let wrong = || turn(Work::Wrong, ported(module, module.slightly_off().python()));
    let turns = match (nth % 10, nth / 10 % 4) {
        (1, _) => vec![wrong(), right()],
        // The first fixer brings the original back.
        (4, 0 | 2) => {
            let half = [(port(module), Some(module.python())), (source(module), Some(module.javascript()))];
            vec![wrong(), turn(Work::Wrong, half.into()), right()]
        }
        // Wrong to the end.
        (4, _) => {
            vec![wrong(), turn(Work::Wrong, ported(module, "def run(text):\n    return text\n".into()))]
        }
        // Changes what it is held to, and what finds that is told so.
        (7, 0) => {
            let mut edits = ported(module, module.slightly_off().python());
            edits.insert(vectors(module), Some(module.slightly_off().vectors()));
            vec![turn(Work::Touches("tests/vectors/"), edits)]
        }
        // Ends the tests before they can say anything.
        (7, 1) => {
            let text = "import os\n\n\ndef run(text):\n    os._exit(0)\n";
            vec![turn(Work::Cheats, ported(module, text.into()))]
        }
        // Knows the vectors by heart: only a test of a reviewer's shows it.
        (7, 2) => vec![turn(Work::Overlooks, ported(module, module.python_by_heart()))],
        // Two that write to the same lines.
        (8 | 9, _) => {
            let ten = nth / 10;
            let pair: Vec<&Module> = modules.iter().skip(10 * ten + 8).take(2).collect();
            let mut own = ported(module, module.python());
            own.insert(list(ten), Some(listed(ten, &[module])));
            let both = BTreeMap::from([(list(ten), Some(listed(ten, &pair)))]);
            vec![turn(Work::Right, own), turn(Work::Reconciles, both)]
        }
        _ => vec![right()],
    };
    let item = Item::of(&module.name, turns);
    let Some((flaw, path, is_false)) = (match (nth % 10, nth / 10 % 4) {
        (7, 2) => Some(("it knows the vectors by heart", "heart", false)),
        (7, 3) => Some(("it does not do what the original did", "doubt", true)),
        _ => None,
    }) else {
        return item;
    };
    let (given, expected) = module.beyond_vectors();
    let name = &module.name;
    let test = format!("assert load({name:?})({given:?}) == {expected:?}\n");
    let path = format!("tests/more/{name}_{path}.py");
    let flaws = json!([{"flaw": flaw, "place": port(module), "show": test, "severity": "critical",
        "test": {"path": path, "content": test}}]);
    item.reviewed(Review { reviewer: 1, nth: 1, flaws, is_false })
}

fn ported(module: &Module, text: String) -> Edits {
    BTreeMap::from([(port(module), Some(text)), (source(module), None)])
}

fn source(module: &Module) -> String {
    format!("source/{}.js", module.name)
}

fn port(module: &Module) -> String {
    format!("port/{}.py", module.name)
}

fn vectors(module: &Module) -> String {
    format!("tests/vectors/{}.json", module.name)
}

fn list(ten: usize) -> String {
    format!("lists/{ten:02}.md")
}

fn listed(ten: usize, ported: &[&Module]) -> String {
    let lines: Vec<String> = match ported {
        [] => vec!["Nothing yet.\n".into()],
        ported => {
            ported.iter().map(|module| format!("- {}, at the review of ten {ten}\n", module.name)).collect()
        }
    };
    format!("# Looked at twice\n\n{}", lines.concat())
}
