//! Whole agents on the wire: the built binary against a model server, on both wires.
//!
//! The binary is the one that lies beside this test (`cargo build` makes it).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fanfold_core::Usage;
use fanfold_testkit::{Answer, Bill, Hold, ModelServer, Reply, Seen};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

const WIRES: [&str; 2] = ["anthropic", "openai-chat"];

/// A project and a home beside it, that knows a provider `test`.
struct Project {
    folder: TempDir,
    program: PathBuf,
}

impl Project {
    /// `None`, with the reason printed: the binary is not built.
    #[expect(clippy::print_stderr, reason = "a test that does not run has to say so")]
    fn new(server: &ModelServer, wire: &str) -> Option<Self> {
        let test = std::env::current_exe().expect("it runs");
        let program = test.ancestors().nth(2).expect("beneath the target folder").join("fanfold");
        if !program.exists() {
            eprintln!("SKIPPED: {} is not built", program.display());
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = folder.path().join("home/.config/fanfold");
        std::fs::create_dir_all(&settings).expect("a new folder");
        let provider =
            format!("[providers.test]\nwire = \"{wire}\"\nbase_url = \"{}\"\nfree = true\n", server.url());
        std::fs::write(settings.join("config.toml"), provider).expect("written");
        std::fs::create_dir(folder.path().join("project")).expect("a new folder");
        Some(Self { folder, program })
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.root().join(path), text).expect("written");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.folder.path().join("home"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// What a run that succeeded returned.
    async fn returned(&self, words: &[&str]) -> Value {
        let output = self.command(words).output().await.expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|err| panic!("{err}: {said}"))
    }

    /// The transcript of the only agent, line by line.
    fn transcript(&self) -> Vec<Value> {
        let runs = std::fs::read_dir(self.root().join(".fanfold/runs")).expect("a run");
        let run = runs.flatten().map(|run| run.path()).find(|run| run.is_dir()).expect("a run");
        let files = std::fs::read_dir(run.join("transcripts")).expect("kept").flatten();
        let mut agents =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
        let text = std::fs::read_to_string(agents.next().expect("an agent")).expect("readable");
        text.lines().map(|line| serde_json::from_str(line).expect("whole")).collect()
    }
}

fn script(body: &str) -> String {
    format!("export const meta = {{ name: 'wire', description: 'd' }}\n{body}\n")
}

/// The task of the agent that a request belongs to.
fn task(seen: &Seen) -> String {
    let messages = seen.body["messages"].as_array().expect("a conversation");
    let first = messages.iter().find(|message| message["role"] == "user").expect("a task");
    first["content"].as_str().or_else(|| first["content"][0]["text"].as_str()).expect("a text").to_owned()
}

/// The results of tools at the end of a request, on either wire.
fn results(seen: &Seen) -> Vec<String> {
    let messages = seen.body["messages"].as_array().expect("a conversation");
    let is_result = |message: &&Value| message["role"] == "tool";
    let mut chat: Vec<&Value> = messages.iter().rev().take_while(is_result).collect();
    chat.reverse();
    let blocks = messages.last().expect("a message")["content"].as_array();
    let blocks = blocks.into_iter().flatten().filter(|block| block["type"] == "tool_result");
    let contents = chat.into_iter().chain(blocks).map(|result| &result["content"]);
    contents.map(|content| content.as_str().expect("a text").to_owned()).collect()
}

/// Answers each task by a script of its own.
async fn server(scripts: impl IntoIterator<Item = (&'static str, Vec<Answer>)>) -> ModelServer {
    let scripts: BTreeMap<&str, Vec<Answer>> = scripts.into_iter().collect();
    let left = Mutex::new(scripts);
    ModelServer::start(move |seen| {
        let mut left = left.lock().expect("no holder panics");
        let answers = left.get_mut(&*task(seen)).unwrap_or_else(|| panic!("no script for `{}`", task(seen)));
        assert!(!answers.is_empty(), "`{}` was asked once too often", task(seen));
        answers.remove(0)
    })
    .await
}

fn asked<'a>(bill: &'a Bill, of: &str) -> Vec<&'a Seen> {
    bill.requests.iter().filter(|seen| task(seen) == of).collect()
}

#[tokio::test]
async fn agents_of_the_built_binary_get_through_what_a_provider_does_to_them() {
    for wire in WIRES {
        let tools = Reply::call("read", json!({"path": "a.txt"}))
            .and_call("grep", json!({"pattern": "needle"}))
            .and_call("glob", json!({"pattern": "*.txt"}));
        let write = Reply::call("write", json!({"path": "out.txt", "content": "made\n"}));
        let returned = |input: Value| Answer::reply(Reply::call("return_result", input));
        let server = server([
            ("use tools", vec![Answer::reply(tools), Answer::reply(write), Answer::text("used")]),
            (
                "count",
                vec![
                    returned(json!({"n": "three"})),
                    Answer::reply(Reply::of(Vec::new()).and_raw_call("return_result", "{\"n\": 3")),
                    returned(json!({"n": 3})),
                ],
            ),
            (
                "wait",
                vec![
                    Answer::error(429, "rate_limit_error", "slow down").header("retry-after", "1"),
                    Answer::text("waited"),
                ],
            ),
            (
                "break",
                vec![Answer::text("never whole ".repeat(50)).broken_after(900), Answer::text("mended")],
            ),
            ("refuse", vec![Answer::reply(Reply::text("I would rather not.").stopping("refusal"))]),
        ])
        .await;
        let Some(project) = Project::new(&server, wire) else { return };
        project.write("a.txt", "a needle\n");
        let schema = "{schema: {type: 'object', required: ['n'], properties: {n: {type: 'integer'}}}}";
        project.write(
            "w.js",
            &script(&format!(
                "const said = []
                for (const task of ['use tools', 'wait', 'break', 'refuse']) said.push(await agent(task))
                said.push(await agent('count', {schema}))
                return {{said, failures: failures(), tokens: budget.spent()}}"
            )),
        );
        let began = Instant::now();
        let ran = project.returned(&["run", "w.js", "--model", "test/x", "--yes"]).await;
        assert!(began.elapsed() >= Duration::from_secs(1), "it waits as long as it is asked to");
        assert_eq!(ran["said"], json!(["used", "waited", "mended", null, {"n": 3}]), "{wire}");
        let failures = ran["failures"].as_array().expect("a list");
        assert_eq!((failures.len(), &failures[0]["kind"]), (1, &json!("refused")));
        assert!(failures[0]["message"].as_str().is_some_and(|why| why.contains("rather not")), "{ran}");
        assert_eq!(std::fs::read_to_string(project.root().join("out.txt")).expect("written"), "made\n");

        let bill = server.bill();
        let of_tools = asked(&bill, "use tools");
        assert_eq!(results(of_tools[1]), ["     1\ta needle\n", "a.txt:1:a needle\n", "a.txt"], "{wire}");
        let of_count = asked(&bill, "count");
        assert!(results(of_count[1])[0].contains("at /n: "), "{:?}", results(of_count[1]));
        assert!(results(of_count[2])[0].contains("not JSON"), "{:?}", results(of_count[2]));
        // Nine replies came through with 20 tokens each; the one that broke counts as the longest that it could
        // have been.
        let tokens = ran["tokens"].as_u64().expect("a number");
        assert!((4_096 + 160..4_096 + 400).contains(&tokens), "{wire}: {tokens}");
    }
}

#[tokio::test]
async fn an_agent_killed_in_its_second_turn_goes_on_from_its_first_and_is_counted_once() {
    for wire in WIRES {
        let hold = Hold::default();
        let usage = |input_tokens, output_tokens| Usage { input_tokens, output_tokens, ..Usage::default() };
        let write =
            Reply::call("write", json!({"path": "out.txt", "content": "once\n"})).using(usage(100, 7));
        let server = server([(
            "work",
            vec![
                Answer::reply(write),
                Answer::text("never read").held(&hold),
                Answer::reply(Reply::text("done").using(usage(150, 11))),
            ],
        )])
        .await;
        let Some(project) = Project::new(&server, wire) else { return };
        project.write("w.js", &script("return {said: await agent('work'), tokens: budget.spent()}"));
        let words = ["run", "w.js", "--model", "test/x", "--yes"];
        let mut killed =
            project.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        server.wait_for(2).await;
        killed.kill().await.expect("it runs");
        project.write("out.txt", "changed since\n");

        let report = project.returned(&["resume", "--yes", "--json"]).await;
        // The request that was under way when it died counts against budgets as the worst that it can have been.
        assert_eq!(report["result"], json!({"said": "done", "tokens": 18 + 4_096}), "{wire}: {report}");
        let used = &report["usage"];
        assert_eq!(used["unconfirmed"], json!(1), "{report}");
        assert_eq!((&used["output_tokens"], &used["input_tokens"]), (&json!(18), &json!(250)), "{report}");
        let bill = server.bill();
        let [_, before, after] = &bill.requests[..] else { panic!("{} requests", bill.requests.len()) };
        assert_eq!(before.body, after.body, "the same conversation");
        let kept = std::fs::read_to_string(project.root().join("out.txt")).expect("there");
        assert_eq!(kept, "changed since\n", "what was done is not done again");
        let kinds: Vec<Value> = project.transcript().iter().map(|line| line["line"].clone()).collect();
        assert_eq!(kinds, ["start", "user", "turn", "result", "resumed", "turn", "end"]);
    }
}
