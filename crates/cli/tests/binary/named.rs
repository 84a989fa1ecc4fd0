//! Workflows and runs by name: kept, listed, run again, looked at.

use fanfold_testkit::{Answer, Reply};
use serde_json::{Value, json};

use crate::model::{Model, done, task};
use crate::project::{Project, script};

const GREET: &str = "export const meta = {
  name: 'greet',
  description: 'Greets somebody',
  whenToUse: 'When somebody comes.',
  args: { type: 'object', required: ['who'], properties: { who: { type: 'string', description: 'whom' } } },
}
log(`greeting ${args.who}`)
return `hello ${args.who}`
";

#[test]
fn a_script_is_kept_listed_and_run_by_its_name() {
    let project = Project::new();
    project.file("draft.js", GREET);
    project.fanfold(&["run", "draft.js", "--simulate", "--args", "who=you"]).exits(0);
    let saved = project.fanfold(&["save", "last"]).exits(0).says("fanfold run greet");
    assert_eq!(saved.stdout.trim(), project.dir.join(".fanfold/workflows/greet.js").display().to_string());

    let listed = project.fanfold(&["workflows", "--json"]).exits(0).json();
    let greet =
        listed.as_array().expect("a list").iter().find(|one| one["name"] == "greet").expect("it is kept");
    assert_eq!(greet["description"], "Greets somebody");
    assert!(project.fanfold(&["workflows"]).exits(0).stdout.contains("Greets somebody"));

    let ended = project.fanfold(&["run", "greet", "--simulate", "--args", "who=me"]).exits(0);
    assert_eq!(ended.stdout, "hello me\n");
    project.fanfold(&["save", "last"]).exits(0);
    project.file("draft.js", &GREET.replace("hello", "good day"));
    project.fanfold(&["run", "draft.js", "--simulate", "--args", "who=you"]).exits(0);
    project.fanfold(&["save", "last"]).exits(2).says("there is another workflow `greet`").says("--name");
    project.fanfold(&["save", "last", "--name", "good-day", "--user"]).exits(0);
    assert!(project.home.join(".config/fanfold/workflows/good-day.js").exists());
    let ended = project.fanfold(&["run", "good-day", "--simulate", "--args", "who=you"]).exits(0);
    assert_eq!(ended.stdout, "good day you\n");
    project.fanfold(&["run", "gret", "--simulate"]).exits(2).says("did you mean `greet`?");
}

#[test]
fn the_closer_of_two_workflows_wins_and_both_are_named() {
    let project = Project::new();
    project.file("~/.config/fanfold/workflows/greet.js", &script("return 'far'"));
    project.file(".claude/workflows/greet.js", &script("return 'near'"));
    let ended = project.fanfold(&["run", "greet", "--simulate"]).exits(0);
    let ended = ended.says(".claude/workflows/greet.js").says("workflows/greet.js");
    assert_eq!(ended.stdout, "near\n");
}

#[test]
fn a_workflow_explains_itself_instead_of_running() {
    let project = Project::new();
    project.file("draft.js", GREET);
    let ended = project.fanfold(&["run", "draft.js", "--explain"]).exits(0);
    for words in ["Greets somebody", "When somebody comes.", "who  string  whom (required)"] {
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    }
    assert!(project.runs().is_empty());
}

#[test]
fn a_script_is_read_from_standard_input() {
    let project = Project::new();
    let ended = project.fed(GREET, &["run", "-", "--simulate", "--args", "who=pipe"]).exits(0);
    assert_eq!(ended.stdout, "hello pipe\n");
    assert_eq!(project.fanfold(&["resume"]).exits(0).stdout, "hello pipe\n");
    project.fed("return 1", &["run", "-", "--simulate"]).exits(2).says("standard input:1:1");
}

#[test]
fn typescript_runs_and_keeps_its_lines() {
    let project = Project::new();
    let body = "
interface Found { size: number }
type Pair = [string, Found | null]
const measure = async (name: string): Promise<Pair> => [name, { size: name.length } as Found]
enum_free: for (const _ of []) break enum_free
const pairs: Pair[] = await Promise.all(['a', 'bcd'].map(measure))
if (args?.fail) throw new Error('on line eight' satisfies string)
return pairs.map(([name, found]) => `${name}:${found!.size}`)";
    project.file("w.ts", &script(body));
    let ended = project.fanfold(&["run", "w.ts", "--simulate"]).exits(0);
    assert_eq!(ended.json(), json!(["a:1", "bcd:3"]));
    project.fanfold(&["run", "w.ts", "--simulate", "--args", "fail=true"]).exits(1).says("w.ts:8:");
    project.fanfold(&["resume", "last", "--simulate"]).exits(1).says("w.ts:8:");
    project.file("w.js", &script("const a: number = 1\nreturn a"));
    project.fanfold(&["run", "w.js", "--simulate"]).exits(2).says("w.js:2:");
}

#[test]
fn a_workflow_runs_another_that_lies_beside_it_or_has_a_name() {
    let project = Project::new();
    project.file("flows/inner.js", &script("return `inner ${args.n} ${await agent(`task ${args.n}`)}`"));
    project.file(".fanfold/workflows/kept.js", &script("return 'kept'"));
    let body = "return [await workflow({ scriptPath: 'inner.js' }, { n: 1 }), await workflow('kept')]";
    project.file("flows/outer.js", &script(body));
    let model = Model::obliging();
    project.file("~/.config/fanfold/config.toml", &model.settings());
    let expected = json!(["inner 1 done: task 1", "kept"]);
    assert_eq!(project.fanfold(&["run", "flows/outer.js", "--yes"]).exits(0).json(), expected);
    // What ran is in the journal: the file may go.
    std::fs::remove_file(project.dir.join("flows/inner.js")).expect("ours");
    assert_eq!(project.fanfold(&["resume", "--yes"]).exits(0).json(), expected);
    assert_eq!(model.seen(), 1);

    let words = ["run", "flows/outer.js", "--yes", "--budget", "100k"];
    project.fanfold(&words).exits(1).says("inner.js").says("flows/outer.js:2:");
    project.file("flows/inner.js", &script("return await workflow('kept')"));
    project.fanfold(&words).exits(1).says("one level");
    assert_eq!(model.seen(), 1);
}

#[test]
fn runs_can_be_looked_at_while_nobody_runs_them() {
    let model = Model::start(|seen| match task(seen).as_str() {
        "look" if seen.body["messages"].as_array().is_some_and(|messages| messages.len() == 2) => {
            Answer::reply(Reply::call("read", json!({"path": "notes.txt"})))
        }
        "fall" => Answer::error(400, "invalid_request_error", "no"),
        task => done(task),
    });
    let project = Project::with(&model);
    project.file("notes.txt", "forty-two\n");
    let body = "
log('off we go')
const said = await parallel([
  () => agent('look', { label: 'looker', phase: 'One' }),
  () => agent('fall', { label: 'faller', phase: 'Two' }),
])
return said";
    project.file("w.js", &script(body));
    project.fanfold(&["run", "w.js", "--yes"]).exits(0);
    let id = project.run().file_name().expect("a name").to_string_lossy().into_owned();

    let rows = project.fanfold(&["ps", "--json"]).exits(0).json();
    let row = &rows[0];
    assert_eq!(
        (&row["run_id"], &row["workflow"], &row["status"]),
        (&json!(id), &json!("small"), &json!("degraded"))
    );
    assert_eq!((&row["agents"], &row["simulated"]), (&json!({"finished": 1, "total": 2}), &json!(false)));
    assert!(project.fanfold(&["ps", "--here"]).exits(0).stdout.contains(&id));

    let shown = project.fanfold(&["show", &id, "--json"]).exits(0).json();
    let shown_text = shown.to_string();
    for words in [id.as_str(), "looker", "faller", "bad_request", "done: look"] {
        assert!(shown_text.contains(words), "no `{words}` in {shown:#}");
    }
    let shown = project.fanfold(&["show"]).exits(0).stdout;
    assert!(shown.contains("looker") && shown.contains("degraded"), "{shown}");

    assert!(project.fanfold(&["logs", &id]).exits(0).stdout.contains("off we go"));
    for line in project.fanfold(&["logs", &id, "--json"]).exits(0).stdout.lines() {
        serde_json::from_str::<Value>(line).expect("each line is JSON");
    }
    let transcript = project.fanfold(&["logs", &id, "looker"]).exits(0).stdout;
    for words in ["look", "notes.txt", "forty-two", "done: look"] {
        assert!(transcript.contains(words), "no `{words}` in:\n{transcript}");
    }
    project.fanfold(&["logs", &id, "loker"]).exits(2).says("looker");
}
