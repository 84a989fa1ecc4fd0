//! `fanfold cost`, and what `show` and the end of a run say of it, after runs on a model that bills.

use std::fs;

use fanfold_core::Usage;
use fanfold_testkit::{Answer, Reply};
use serde_json::{Value, json};

use crate::model::{Model, task};
use crate::project::{Project, script};

/// Three findings of which one is refused, and a check by a model whose price nobody knows.
const MIXED: &str = "
phase('Find')
const found = await parallel([1, 2, 3].map(n => () => agent(`find ${n}`, { label: `find:${n}` })))
phase('Check')
return [found, await agent('check', { model: 'paid/other' })]";

/// Each reply takes 1,000 tokens of input, 600 of them cached, and 100 of output; `mute` reports nothing.
fn billing() -> (Project, Model) {
    let model = Model::start(|seen| match task(seen).as_str() {
        "find 2" => Answer::error(400, "invalid_request_error", "no"),
        "mute" => Answer::reply(Reply::text("yes").without_usage()),
        _ => Answer::reply(Reply::text("yes").using(Usage {
            input_tokens: 400,
            cache_read_tokens: 600,
            output_tokens: 100,
            ..Usage::default()
        })),
    });
    let project = Project::new();
    let url = model.url();
    project.file(
        "~/.config/fanfold/config.toml",
        &format!(
            "model = \"paid/m\"\n[providers.paid]\nwire = \"openai-chat\"\nbase_url = \"{url}/v1\"\n\
             [prices.\"paid/m\"]\ninput = 10\noutput = 50\ncache_read = 1\n"
        ),
    );
    project.file("mixed.js", &script(MIXED));
    project.file("ok.js", &named("steady", "return await agent('find 1')"));
    project.file("throws.js", &named("throws", "await agent('find 1')\nthrow new Error('no')"));
    project.file("mute.js", &named("mute", "return await agent('mute')"));
    (project, model)
}

/// 400 x 10 + 600 x 1 + 100 x 50 micro-dollars.
const ONE: u64 = 9_600;

fn named(name: &str, body: &str) -> String {
    script(body).replace("'small'", &format!("'{name}'"))
}

fn cost(project: &Project, words: &[&str]) -> Value {
    project.fanfold(&[&["cost", "--json"], words].concat()).exits(0).json()
}

/// `(workflow, name, agents, micro-dollars)` of each row.
fn rows(report: &Value) -> Vec<(String, String, u64, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        let agents = row["agents"].as_u64().expect("a count");
        (text(&row["workflow"]), text(&row["name"]), agents, row["used"]["usd_micros"].clone())
    };
    report["groups"].as_array().expect("rows").iter().map(row).collect()
}

fn row(
    workflow: &str,
    name: &str,
    agents: u64,
    usd_micros: impl Into<Value>,
) -> (String, String, u64, Value) {
    (workflow.into(), name.into(), agents, usd_micros.into())
}

#[test]
fn what_runs_cost_is_told_by_workflow_model_phase_and_kind_of_agents() {
    let (project, _model) = billing();
    let run =
        |file, words: &[&str]| project.fanfold(&[&["run", file, "--yes", "--unverified"], words].concat());
    run("mixed.js", &["--budget", "100k"]).exits(0).says("$0.02 and what has no price");
    run("ok.js", &["--budget", "$1"]).exits(0).says("100 out, $0.0096 of $1.00\n");
    run("throws.js", &["--budget", "$1"]).exits(1);
    project.fanfold(&["run", "ok.js", "--simulate"]).exits(0).says("simulated");

    let report = cost(&project, &[]);
    let expected = [row("small", "", 4, 2 * ONE), row("steady", "", 1, ONE), row("throws", "", 1, ONE)];
    assert_eq!(rows(&report), expected);
    let total = &report["total"];
    assert_eq!((&total["runs"], &total["finished"], &total["failed"]), (&json!(3), &json!(5), &json!(1)));
    let used = json!({
        "input_tokens": 2_000, "cache_read_tokens": 3_000, "cache_write_tokens": 0, "output_tokens": 500,
        "usd_micros": 4 * ONE, "unpriced_tokens": 1_100, "unconfirmed": 0, "unconfirmed_usd_micros": 0,
    });
    assert_eq!(total["used"], used);
    assert_eq!(report["unpriced_models"], json!(["paid/other"]));
    assert_eq!(report["in_vain"], json!({"usd_permille": 250, "tokens_permille": 200}), "the run that threw");
    assert_eq!(report["per_passed_run"], Value::Null, "no oracle ran");
    let per_result = &report["per_agent_result"];
    assert_eq!((&per_result["results"], &per_result["is_wholly_priced"]), (&json!(5), &json!(false)));
    let cache = json!({"read_tokens": 3_000, "written_tokens": 0, "saved_usd_micros": 4 * 600 * 9,
                       "unknown_models": ["paid/other"]});
    assert_eq!(report["cache"], cache);
    assert_eq!(report["left_out"]["other_kind"], 1, "the simulated run");

    let by = |what| rows(&cost(&project, &["--by", what]));
    assert_eq!(by("model"), [row("", "paid/m", 5, 4 * ONE), row("", "paid/other", 1, Value::Null)]);
    let phases = by("phase");
    assert_eq!(phases[0], row("small", "Find", 3, 2 * ONE));
    assert_eq!(phases[3], row("small", "Check", 1, Value::Null), "unknown is not nothing");
    assert_eq!(by("label")[0], row("small", "find:*", 3, 2 * ONE));

    let text = project.fanfold(&["cost"]).exits(0).stdout;
    for part in
        ["$0.02 + ?", "no price of paid/other", "1 simulated run (--simulated)", "per result of an agent"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(project.fanfold(&["cost", "--by", "model"]).stdout.contains("no price\n"));
    let simulated = project.fanfold(&["cost", "--simulated"]).exits(0).stdout;
    assert!(simulated.starts_with("SIMULATED"), "{simulated}");
    assert_eq!(rows(&cost(&project, &["--simulated"])), [row("steady", "", 1, Value::Null)]);
}

#[test]
fn a_run_is_shown_with_what_it_cost_and_what_is_left_of_its_budget() {
    let (project, _model) = billing();
    project.fanfold(&["run", "mixed.js", "--yes", "--unverified", "--budget", "100k"]).exits(0);
    let shown = project.fanfold(&["show", "--json"]).exits(0).json();
    let cost = &shown["cost"];
    assert_eq!(cost["budget"]["output_tokens"], json!({"total": 100_000, "spent": 300, "unused": 99_700}));
    assert_eq!((&cost["phases"][0]["name"], &cost["phases"][0]["failed"]), (&json!("Find"), &json!(1)));
    assert_eq!(cost["models"][0]["used"]["usd_micros"], 2 * ONE);
    assert_eq!(cost["models"][1]["used"]["usd_micros"], Value::Null);
    let text = project.fanfold(&["show"]).exits(0).stdout;
    for part in ["by phase", "paid/other       1", "no price", "300 of 100.0k output tokens, 99.7k unused"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn what_nobody_confirmed_is_named_at_the_end_in_show_and_in_the_sum() {
    let (project, _model) = billing();
    let words = ["run", "mute.js", "--yes", "--unverified", "--budget", "$1"];
    project.fanfold(&words).exits(0).says("of $1.00, up to $").says(" unconfirmed");
    let used = &cost(&project, &[])["total"]["used"];
    assert_eq!(used["unconfirmed"], 1, "{used}");
    assert!(used["unconfirmed_usd_micros"].as_u64().is_some_and(|most| most > 0), "{used}");
    let shown = project.fanfold(&["show"]).exits(0).stdout;
    assert!(shown.contains("unconfirmed: nobody reported the usage of 1 request"), "{shown}");
    assert!(project.fanfold(&["cost"]).exits(0).stdout.contains("besides   up to $"));
}

#[test]
fn what_is_missing_from_the_sum_is_said() {
    let (project, _model) = billing();
    let run = || project.fanfold(&["run", "ok.js", "--yes", "--budget", "$1"]).exits(0);
    (0..3).for_each(|_| drop(run()));
    let runs = project.runs();
    fs::remove_dir_all(&runs[0]).expect("it is there");
    let journal = runs[1].join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("it is there");
    fs::write(&journal, text.replacen("\"usd_micros\":9", "\"usd_micros\":1", 1)).expect("ours");
    let report = cost(&project, &[]);
    assert_eq!(report["left_out"]["vanished"], 1);
    let id = runs[1].file_name().expect("a name").to_string_lossy();
    let damaged = &report["left_out"]["damaged"];
    assert_eq!(damaged[0]["run_id"], *id, "{damaged}");
    assert_eq!(damaged[0]["what"], "1 line of its journal damaged or missing");
    assert_eq!(report["total"]["runs"], 2);
    let text = project.fanfold(&["cost"]).exits(0).stdout;
    assert!(
        text.contains("1 run whose folder is gone") && text.contains(&format!("missing   {id}")),
        "{text}"
    );
    assert!(project.fanfold(&["show", &id]).exits(0).stdout.contains("1 line of its journal damaged"));
}

#[test]
fn only_runs_since_a_time_and_of_this_repository_are_counted_on_request() {
    let (mut project, _model) = billing();
    project.fanfold(&["run", "ok.js", "--yes", "--budget", "$1"]).exits(0);
    assert_eq!(cost(&project, &["--since", "1h"])["total"]["runs"], 1);
    assert_eq!(cost(&project, &["--since", "2020-01-01"])["total"]["runs"], 1);
    assert_eq!(cost(&project, &["--since", "2100-01-01"])["total"]["runs"], 0);
    project.fanfold(&["cost", "--since", "soon"]).exits(2).says("7d, 4w");
    project.dir = project.home.join("elsewhere");
    fs::create_dir(&project.dir).expect("a new folder");
    assert_eq!(cost(&project, &[])["total"]["runs"], 1, "found by the index");
    assert_eq!(cost(&project, &["--here"])["total"]["runs"], 0);
}

#[test]
fn without_runs_there_is_nothing_to_tell() {
    let project = Project::new();
    assert_eq!(project.fanfold(&["cost"]).exits(0).stdout, "no runs on a real model\n");
    assert_eq!(cost(&project, &[])["total"]["runs"], 0);
}
