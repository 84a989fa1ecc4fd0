//! One case: a script by its seed, loaded and run against a world that answers by dice, and what has to hold.

use std::time::{Duration, Instant};

use fanfold_core::schema::Schema;
use fanfold_core::{Call, Diagnostic, Failure, FailureKind, Severity};
use fanfold_script::host::Guard;
use fanfold_script::parse::{hides_text, parse};
use fanfold_script::protocol::{Completion, End, Request, ScriptErrorKind, ScriptLimits, Settlement, Start};
use fanfold_script::{Host, Idle, frame};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::{grammar, mutate};

/// Completions that one case gets: a script may go on for ever.
const SETTLED_MAX: usize = 200;
const SLICE_CPU_MS: u64 = 60;
/// No text within the loader's limits takes as long to parse, on however slow a machine.
const PARSE_MAX: Duration = Duration::from_secs(20);

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Refused,
    Returned,
    Failed(ScriptErrorKind),
    /// Still busy when the case was over.
    Dropped,
}

/// The text of the case, and the name of its file.
pub fn text(seed: u64, corpus: &[String]) -> (String, &'static str) {
    let mut dice = Dice::new(seed);
    let file = dice.of(&["w.js", "w.ts", "w.mjs", "w.workflow.js", "w.ts"]);
    let source = source(&mut dice, file.ends_with(".ts"), corpus);
    (source, file)
}

fn source(dice: &mut Dice, typescript: bool, corpus: &[String]) -> String {
    let kind = dice.roll(if corpus.is_empty() { 7 } else { 12 });
    match kind {
        0..=3 => grammar::script(dice, typescript),
        4 | 5 => {
            let (script, other) = (grammar::script(dice, typescript), grammar::script(dice, typescript));
            mutate::mutate(dice, &script, &other)
        }
        6 => mutate::hostile(dice),
        _ => {
            let (one, other) = (dice.roll(corpus.len()), dice.roll(corpus.len()));
            mutate::mutate(dice, &corpus[one], &corpus[other])
        }
    }
}

/// Runs the case. Panics where a promise of the loader or the host is broken.
pub fn run(seed: u64, corpus: &[String], guard: impl Fn() -> Option<Guard>) -> Ended {
    let (source, file) = text(seed, corpus);
    let began = Instant::now();
    let parsed = parse(&source, file);
    assert!(began.elapsed() < PARSE_MAX, "parsing took {:?}", began.elapsed());
    let script = match parsed {
        Ok(script) => script,
        Err(errors) => {
            assert!(errors.iter().any(|error| error.severity == Severity::Error), "refused without an error");
            check_diagnostics(&errors, &source, file);
            return Ended::Refused;
        }
    };
    check_diagnostics(&script.warnings, &source, file);
    assert_eq!(script.body.len(), source.len(), "the body keeps every column");
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    assert_eq!(lines(&script.body), lines(&source), "the body keeps every line");

    let conversation = |nth: u64| {
        let mut dice = Dice::new(seed ^ 0xa5a5_a5a5);
        // Now and then it is left in the middle.
        let most = if dice.once_in(6) { dice.roll(5) } else { SETTLED_MAX };
        let limits =
            ScriptLimits { memory_bytes: 24 << 20, slice_cpu_ms: SLICE_CPU_MS, ..ScriptLimits::default() };
        let start = Start {
            args: Some(json!({"path": "src", "files": ["a.js", "größe.md"]}))
                .filter(|_| seed.is_multiple_of(2)),
            seed,
            now_ms: 1_000,
            recorded_nows: vec![],
            budget_tokens: Some(5_000).filter(|_| seed.is_multiple_of(3)),
            budget_usd_micros: Some(70_000).filter(|_| seed.is_multiple_of(5)),
            limits,
        };
        let (host, idle) = Host::start_guarded(&script.body, file, &script.meta, start, guard());
        let mut talk = Talk { host, requests: idle.requests, end: idle.end, corpus, dice };
        let settled = talk.go_on(most);
        talk.check(file);
        (talk.ended(), talk.requests, settled, nth)
    };
    let (ended, requests, ..) = conversation(1);
    // Its limits are of time and place; all else is the same each time.
    let is_repeatable =
        |ended| !matches!(ended, Ended::Failed(ScriptErrorKind::Cpu | ScriptErrorKind::Memory));
    if seed.is_multiple_of(8) && is_repeatable(ended) {
        let (again, others, ..) = conversation(2);
        if is_repeatable(again) {
            assert_eq!(ended, again, "the same script ends otherwise");
            assert_eq!(
                format!("{requests:?}"),
                format!("{others:?}"),
                "the same script asks for other things"
            );
        }
    }
    ended
}

fn check_diagnostics(diagnostics: &[Diagnostic], source: &str, file: &str) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty());
        assert!(!diagnostic.message.contains("crashed"), "{}", diagnostic.message);
        if let Some(span) = &diagnostic.span {
            assert!(span.start <= span.end && span.end <= source.len(), "{diagnostic:?} of {}", source.len());
            let is_whole = |at| source.is_char_boundary(at);
            assert!(is_whole(span.start) && is_whole(span.end), "{diagnostic:?} cuts a character");
        }
    }
    let frames = frame::render(diagnostics, file, source, false);
    assert!(!frames.chars().any(hides_text), "a frame hides text");
}

struct Talk<'c> {
    host: Host,
    requests: Vec<Request>,
    end: Option<End>,
    corpus: &'c [String],
    dice: Dice,
}

impl Talk<'_> {
    fn go_on(&mut self, most: usize) -> usize {
        // Some answers come in batches, and not in the order of their calls.
        let mut open: Vec<(u32, Call)> = Vec::new();
        let (mut seen, mut settled) = (0, 0);
        while self.end.is_none() && settled < most {
            for request in &self.requests[seen..] {
                if let Request::Call { seq, call, .. } = request {
                    open.push((*seq, call.clone()));
                }
            }
            seen = self.requests.len();
            assert!(!open.is_empty(), "it waits for nothing and did not end");
            let count = (1 + self.dice.roll(4)).min(open.len());
            let completions = (0..count).map(|_| {
                let (seq, call) = open.remove(self.dice.roll(open.len()));
                let with = self.settlement(&call);
                Completion {
                    seq,
                    with,
                    output_tokens: self.dice.roll(500) as u64,
                    usd_micros: self.dice.roll(9_000) as u64,
                }
            });
            let completions: Vec<Completion> = completions.collect();
            settled += count;
            let Idle { requests, end } = self.host.settle(completions, 1_000 + settled as u64);
            self.requests.extend(requests);
            self.end = end;
        }
        settled
    }

    fn settlement(&mut self, call: &Call) -> Settlement {
        if let Call::Workflow(_) = call {
            let source = source(&mut self.dice, false, self.corpus);
            return Settlement::Script { source, file: "inner.js".into(), args: Some(json!(["a", 1])) };
        }
        let failure = |kind, message: &str| Failure { kind, message: message.into() };
        match self.dice.roll(9) {
            0 => Settlement::Null(failure(FailureKind::Refused, "it would not\u{202e}")),
            1 => Settlement::Throw(failure(FailureKind::Budget, "no money")),
            2 => value(json!({"ok": true, "items": ["a/b.rs", "c"], "__proto__": {"then": 1}, "toJSON": 1})),
            3 => value(json!({"ok": false, "items": []})),
            4 => value(json!("1. 日本\n2. größe 👩‍👩‍👧 \u{202e}2024-01-02")),
            5 => value(json!("x".repeat(20_000))),
            _ => value(json!("fine")),
        }
    }

    fn check(&self, file: &str) {
        if let Some(End::Failed(error)) = &self.end {
            assert_ne!(error.kind, ScriptErrorKind::HostDied);
            assert!(!error.message.is_empty(), "a failure without a word");
            if let Some(place) = &error.location {
                assert!(place.line > 0 && place.column > 0, "{error:?}");
                assert!([file, "inner.js"].contains(&place.file.as_str()), "{error:?}");
            }
        }
        let calls = self.requests.iter().filter_map(|request| match request {
            Request::Call { seq, call, .. } => Some((*seq, call)),
            _ => None,
        });
        for (nth, (seq, call)) in calls.enumerate() {
            assert_eq!(seq as usize, nth, "calls are numbered as they come");
            if let Call::Agent(agent) = call
                && let Some(schema) = &agent.schema
            {
                assert!(Schema::compile(schema).is_ok(), "{agent:?}");
            }
        }
        let frame = serde_json::to_vec(&self.requests).expect("requests are plain data");
        let read: Vec<Request> = serde_json::from_slice(&frame).expect("and can be read again");
        assert_eq!(read.len(), self.requests.len());
    }

    fn ended(&self) -> Ended {
        match &self.end {
            None => Ended::Dropped,
            Some(End::Returned(json)) => {
                serde_json::from_str::<Value>(json.get()).expect("a result is JSON");
                Ended::Returned
            }
            Some(End::Failed(error)) => Ended::Failed(error.kind),
        }
    }
}

fn value(value: Value) -> Settlement {
    Settlement::Value(to_raw_value(&value).expect("a value is JSON"))
}
