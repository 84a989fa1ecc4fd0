//! What a run costs, who says yes to it, and where it stops: judged by the model server's own bill.

use std::path::Path;

use fanfold_core::Entry;
use fanfold_engine::FileStore;
use fanfold_testkit::Answer;
use serde_json::{Value, json};

use crate::model::{Model, settings};
use crate::project::{Project, script, settled};

/// $3 and $15 a million: a request of the test's model server costs 600 micro-dollars.
const PRICED: &str = "[prices.\"test/m-1\"]\ninput = \"3\"\noutput = \"15\"\n";
const REQUEST_MICROS: u64 = 600;

const FOUR: &str = "return await parallel([1, 2, 3, 4].map(n => () => agent(`task ${n}`)))";

/// A project whose model has a price.
fn priced(body: &str) -> (Project, Model) {
    let model = Model::obliging();
    let project = Project::new();
    project.file("~/.config/fanfold/config.toml", &paid(&model));
    project.file("w.js", &script(body));
    (project, model)
}

fn paid(model: &Model) -> String {
    model.settings().replace("free = true\n", "") + PRICED
}

/// Settings of the last attempt.
fn opened(run: &Path) -> fanfold_core::RunSettings {
    let entries = FileStore::peek(run).expect("a journal");
    let opened = entries.into_iter().rev().find_map(|entry| match entry {
        Entry::Opened(settings) => Some(*settings),
        _ => None,
    });
    opened.expect("it began")
}

#[test]
fn a_run_is_priced_capped_by_its_estimate_and_held_against_it() {
    let (project, model) = priced(FOUR);
    let ended =
        project.fanfold(&["run", "w.js", "--yes", "--json"]).exits(0).says("dollars   $").says("estimated $");
    let document = ended.json();
    assert_eq!(model.seen(), 4);
    assert_eq!(document["usage"]["usd"], json!(4.0 * REQUEST_MICROS as f64 / 1e6));
    let limits = opened(&project.run()).limits;
    assert!(limits.cap_is_estimate, "nobody named a cap, and a real run always has one");
    let cap = limits.cap.usd_micros.expect("in dollars");
    let left = &document["budget"]["usd_micros"];
    assert_eq!((&left["total"], &left["unused"]), (&json!(cap), &json!(cap - 4 * REQUEST_MICROS)));
    // The next estimate knows what agents of this workflow used.
    let again = project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    assert!(again.stderr.contains("earlier run"), "{}", again.stderr);
}

#[test]
fn a_dollar_cap_is_never_passed_and_a_raise_asks_only_what_was_refused() {
    let (project, model) = priced(
        "const said = []
         for (let n = 0; n < 40; n++) said.push(await agent(`task ${n}`).catch(err => err.kind))
         return said.filter(one => one !== 'budget').length",
    );
    let ended = project.fanfold(&["run", "w.js", "--yes", "--budget", "$0.03", "--json"]).exits(3);
    let document = ended.says("of $0.03 spent, and the next request may cost $0.02").json();
    let billed = model.seen() as u64 * REQUEST_MICROS;
    assert!(billed <= 30_000 && model.seen() > 0 && model.seen() < 40, "{billed}");
    assert_eq!(document["result"], json!(model.seen()));
    assert_eq!(document["failures"][0]["kind"], json!("budget"));
    let before = model.seen();
    assert_eq!(settled(&project.run()).len(), before);

    let ended = project.fanfold(&["resume", "--yes", "--budget", "+$2", "--json"]).exits(0);
    let document = ended.json();
    assert_eq!(document["result"], json!(40));
    assert_eq!(document["agents"]["replayed"], json!(before));
    assert_eq!(model.seen(), 40, "nothing is paid twice");
}

#[test]
fn a_price_that_nobody_knows_is_asked_for_and_never_taken_for_nothing() {
    let (project, model) = priced(FOUR);
    let unpriced = model.settings().replace("free = true\n", "");
    project.file("~/.config/fanfold/config.toml", &unpriced);
    for words in [&["run", "w.js", "--yes"][..], &["run", "w.js", "--yes", "--budget", "$4"]] {
        project
            .fanfold(words)
            .exits(2)
            .says("no price is known for `test/m-1`")
            .says("[prices.\"test/m-1\"]");
    }
    // A limit in tokens says nothing of dollars, and without an oracle that takes more than a yes.
    let words = ["run", "w.js", "--yes", "--budget", "500k"];
    project.fanfold(&words).exits(4).says("more than anybody knows").says("--unverified");
    assert_eq!(model.seen(), 0);
    let words = ["run", "w.js", "--yes", "--budget", "500k", "--unverified", "--json"];
    let document = project.fanfold(&words).exits(0).json();
    assert_eq!((&document["usage"]["usd"], model.seen()), (&Value::Null, 4));
}

#[test]
fn a_costly_run_without_an_oracle_takes_more_than_a_yes() {
    let (project, model) = priced(FOUR);
    project.file("~/.config/fanfold/config.toml", &(paid(&model).replace("\"15\"", "\"1500\"")));
    project.fanfold(&["run", "w.js", "--yes"]).exits(4).says("no oracle").says("--unverified");
    assert_eq!((model.seen(), project.runs().len()), (0, 0));
    // What it can lose at most is small.
    project.fanfold(&["run", "w.js", "--yes", "--budget", "$4"]).exits(0);
    project.fanfold(&["run", "w.js", "--yes", "--unverified"]).exits(0);
    assert_eq!(model.seen(), 8);
}

#[test]
fn an_approval_holds_for_its_run_as_it_was_and_for_nothing_else() {
    let (project, model) = priced(FOUR);
    project.fanfold(&["run", "w.js"]).exits(4).says("nobody is here to approve").says("budget    stops at $");
    project.fanfold(&["run", "w.js", "--yes", "--max-agents", "2"]).exits(3);
    assert_eq!(model.seen(), 2);
    let id = project.run().file_name().expect("a name").to_string_lossy().into_owned();
    // Other limits, another script, another model are another run.
    project.fanfold(&["resume", &id, "--max-agents", "4"]).exits(4);
    let edited =
        project.file("other.js", &script(&FOUR.replace("task", "edited task"))).display().to_string();
    project.fanfold(&["resume", &id, "--script", &edited]).exits(4);
    assert_eq!(model.seen(), 2);
    // As it was approved it goes on without a word.
    project.fanfold(&["resume", &id]).exits(3);
    project.fanfold(&["resume", &id, "--max-agents", "4", "--yes"]).exits(0);
    assert_eq!(model.seen(), 4);

    let audit = project.fanfold(&["show", &id, "--audit"]).exits(0).stdout;
    assert!(
        audit.contains("attempt 1") && audit.contains("by --yes") && !audit.contains("doubtful"),
        "{audit}"
    );
    assert!(audit.contains("agents at most 2") && audit.contains("agents at most 4"), "{audit}");

    // The record of an approval counts where it was given: not on another machine.
    std::fs::remove_dir_all(project.home.join(".local/state/fanfold/approvals")).expect("it was kept");
    project.fanfold(&["resume", &id]).exits(4);
    let audit = project.fanfold(&["show", &id, "--audit", "--json"]).exits(0).json();
    assert!(audit["attempts"][0]["standing"]["doubtful"].is_string(), "{audit}");
}

#[test]
fn a_standing_rule_covers_one_script_in_one_folder_up_to_a_budget() {
    let (project, model) = priced(FOUR);
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let approved = opened(&project.run()).front["approved"].clone();
    let (script_digest, workflow) = (&approved["grounds"]["script"], &approved["grounds"]["workflow"]);
    let rule = |budget: &str| {
        format!(
            "[[approve]]\nworkflow = {workflow}\ndir = \"{}\"\nscript = {script_digest}\nbudget = \"{budget}\"\n",
            project.dir.display()
        )
    };
    project.file("~/.config/fanfold/approvals.toml", &rule("$4"));
    project.fanfold(&["run", "w.js"]).exits(0);
    assert_eq!(model.seen(), 8);
    project.file("~/.config/fanfold/approvals.toml", &rule("$0.01"));
    project.fanfold(&["run", "w.js"]).exits(4).says("budget");
    project.file("~/.config/fanfold/approvals.toml", &rule("$4"));
    project.file("w.js", &script(&format!("{FOUR} // one word more")));
    project.fanfold(&["run", "w.js"]).exits(4);
    assert_eq!(model.seen(), 8);
}

#[test]
fn a_loop_without_a_judge_stops_at_its_cap_at_any_price() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").canonicalize().expect("shipped");
    let (story, scenario) = (folder.join("runaway.js"), folder.join("scenarios/runaway.yaml"));
    let project = Project::new();
    let prices = "[prices.\"acme/cheap\"]\ninput = \"0.27\"\noutput = \"1.10\"\n\
                  [prices.\"acme/dear\"]\ninput = \"15\"\noutput = \"75\"\n";
    project.file(
        "~/.config/fanfold/config.toml",
        &(settings("http://127.0.0.1:9") + prices).replace("test", "acme"),
    );
    for (model, budget, micros) in [("acme/cheap", "$8", 8_000_000), ("acme/dear", "$90", 90_000_000)] {
        let (story, scenario) = (story.display().to_string(), scenario.display().to_string());
        let words = [
            "run",
            &story,
            "--simulate",
            "--model",
            model,
            "--scenario",
            &scenario,
            "--budget",
            budget,
            "--json",
        ];
        let document = project.fanfold(&words).exits(3).says("95% of the budget of the run is used").json();
        assert_eq!(document["result"]["why"], json!("budget"));
        let left = &document["budget"]["usd_micros"];
        let spent = micros - left["unused"].as_u64().expect("a number");
        assert!(spent > micros / 10 * 9 && left["total"] == json!(micros), "{left}");
        let usd = document["usage"]["usd"].as_f64().expect("priced");
        assert!(
            (usd * 1e6).round() as u64 == spent && document["usage"]["simulated"] == json!(true),
            "{usd}"
        );
    }
    // Its own price is none: there is nothing that a budget in dollars could count.
    let words = ["run", &story.display().to_string(), "--simulate", "--budget", "$1"];
    project.fanfold(&words).exits(2).says("the simulated model costs nothing");
    // One that stands in settings or in a script is meant for runs that cost something.
    project.file("~/.config/fanfold/config.toml", "budget = '$1'\n");
    let meta =
        "export const meta = { name: 'w', description: 'x', limits: { usd: 0.01, agent: { usd: 0.001 } } }\n";
    project.file("w.js", &format!("{meta}return await agent('one', {{ spendLimit: {{ usd: 0.001 }} }})"));
    let document = project.fanfold(&["run", "w.js", "--simulate", "--json"]).exits(0).json();
    assert_eq!((&document["usage"]["usd"], &document["failures"]), (&json!(0.0), &json!([])));
}

#[test]
fn a_reply_without_usage_counts_as_the_worst_that_it_can_have_been() {
    let model = Model::start(|_| {
        Answer::reply(fanfold_testkit::Reply { usage: None, ..fanfold_testkit::Reply::text("done") })
    });
    let project = Project::new();
    project.file("~/.config/fanfold/config.toml", &paid(&model));
    project.file("w.js", &script("return await agent('task')"));
    let document = project.fanfold(&["run", "w.js", "--yes", "--json"]).exits(0).json();
    let usage = &document["usage"];
    assert_eq!(usage["unconfirmed"], json!(1), "{usage}");
    let (usd, more) = (usage["usd"].as_f64(), usage["unconfirmed_usd"].as_f64());
    assert!(usd > Some(0.0) && more > usd, "{usage}");
    let left = &document["budget"]["usd_micros"];
    let counted = left["total"].as_u64().expect("a cap") - left["unused"].as_u64().expect("a rest");
    assert_eq!(counted, ((usd.expect("a number") + more.expect("a number")) * 1e6).round() as u64);
}

#[test]
fn a_model_that_no_dry_run_asked_is_not_asked_unless_the_text_names_it() {
    let body = "const said = await agent('first')
        const other = said.startsWith('done') ? ['m', '2'].join('-') : undefined
        return await agent('second', { model: other })";
    let (project, model) = priced(body);
    let ended = project.fanfold(&["run", "w.js", "--yes", "--budget", "$1"]);
    ended.exits(1).says("the model `test/m-2` was not part of what was approved");
    assert_eq!(model.seen(), 1);
    let price = "[prices.\"test/m-2\"]\ninput = \"1\"\noutput = \"2\"\n";
    project.file("~/.config/fanfold/config.toml", &(paid(&model) + price));
    project.file("w.js", &script(&body.replace("['m', '2'].join('-')", "'test/m-2'")));
    project.fanfold(&["run", "w.js", "--yes", "--budget", "$1"]).exits(0).says("test/m-2  $1.00 in");
    assert_eq!(model.seen(), 3);
}

#[test]
fn of_a_workflow_that_changed_since_it_was_approved_the_approved_text_runs() {
    let (project, model) = priced("return [await agent('own'), await workflow({ scriptPath: 'child.js' })]");
    project.file("child.js", &script("return await agent('harmless')"));
    project.fanfold(&["run", "w.js", "--yes", "--max-agents", "1"]).exits(3);
    let id = project.run().file_name().expect("a name").to_string_lossy().into_owned();
    project.file("child.js", &script("return await agent('harmful')"));
    // What was approved goes on, whatever lies there now.
    let ended = project.fanfold(&["resume", &id]).exits(3).says("harmless");
    assert!(!ended.stderr.contains("harmful") && model.seen() == 1, "{}", ended.stderr);
    project.fanfold(&["resume", &id, "--yes", "--max-agents", "2"]).exits(0);
    assert!(model.asked().contains_key("harmless") && !model.asked().contains_key("harmful"));
}

#[test]
fn neither_a_script_nor_a_project_can_allow_spending() {
    let (project, model) = priced("let n = 0; while (true) await agent(`task ${n++}`)");
    let text = std::fs::read_to_string(project.dir.join("w.js")).expect("just written");
    project.file("w.js", &text.replacen("description:", "limits: { usd: 1000000 }, description:", 1));
    project.fanfold(&["run", "w.js", "--yes", "--unverified"]).exits(2).says("--budget");
    project.file(".fanfold/config.toml", "budget = '$1000000'\nunverified_above = '$1000000'\n");
    project.fanfold(&["run", "w.js", "--yes", "--unverified"]).exits(2).says("`budget` is $1000000");
    project.file("w.js", &script(FOUR));
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let cap = opened(&project.run()).limits.cap.usd_micros.expect("in dollars");
    assert!(cap < 5_000_000, "{cap}");
    assert_eq!(model.seen(), 4);
}
