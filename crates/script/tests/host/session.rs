//! A script in conversation with a test.

use fanfold_core::{AgentCall, Call, Failure, FailureKind, LogLevel, Meta};
use fanfold_script::protocol::{
    Completion, End, Request, ScriptError, ScriptErrorKind, ScriptLimits, Settlement, Start,
};
use fanfold_script::{Host, Idle};
use serde_json::Value;

pub struct Session {
    host: Host,
    /// All so far.
    pub requests: Vec<Request>,
    pub end: Option<End>,
}

pub fn start() -> Start {
    Start {
        args: None,
        seed: 7,
        now_ms: 1_000,
        recorded_nows: vec![],
        budget_tokens: None,
        budget_usd_micros: None,
        limits: ScriptLimits::default(),
    }
}

pub fn meta() -> Meta {
    Meta { name: "test".into(), description: "a test".into(), ..Meta::default() }
}

impl Session {
    pub fn start(body: &str) -> Self {
        Self::start_with(body, start())
    }

    pub fn start_with(body: &str, start: Start) -> Self {
        let (host, Idle { requests, end }) = Host::start(body, "w.js", &meta(), start);
        Self { host, requests, end }
    }

    /// Runs to the end; every agent echoes its prompt and every timer fires.
    pub fn run(body: &str) -> Self {
        Self::run_with(body, start(), echo)
    }

    /// Runs to the end, calls settled one by one in the order in which they were made.
    pub fn run_with(body: &str, start: Start, answer: impl FnMut(&Call) -> Settlement) -> Self {
        Self::start_with(body, start).finish(answer)
    }

    pub fn finish(mut self, mut answer: impl FnMut(&Call) -> Settlement) -> Self {
        let mut next = 0;
        while self.end.is_none() {
            let Some(call) = self.calls().get(next).map(|(_, call)| (*call).clone()) else {
                panic!("it waits, but has no open call: {:?}", self.requests)
            };
            self.settle(next as u32, answer(&call));
            next += 1;
        }
        self
    }

    pub fn settle(&mut self, seq: u32, with: Settlement) {
        self.settle_all(vec![Completion { seq, with, output_tokens: 10, usd_micros: 250_000 }]);
    }

    pub fn settle_all(&mut self, completions: Vec<Completion>) {
        let Idle { requests, end } = self.host.settle(completions, 2_000);
        self.requests.extend(requests);
        self.end = end;
    }

    /// Every call by its `seq`.
    pub fn calls(&self) -> Vec<(u32, &Call)> {
        let calls = self.requests.iter().filter_map(|request| match request {
            Request::Call { seq, call, .. } => Some((*seq, call)),
            _ => None,
        });
        calls.collect()
    }

    pub fn agents(&self) -> Vec<&AgentCall> {
        let agents = self.calls().into_iter().filter_map(|(_, call)| match call {
            Call::Agent(agent) => Some(&**agent),
            Call::Workflow(_) | Call::Timer(_) | Call::Oracle(_) | Call::Land(_) | Call::Ask(_) => None,
        });
        agents.collect()
    }

    pub fn prompts(&self) -> Vec<&str> {
        self.agents().into_iter().map(|agent| agent.prompt.as_str()).collect()
    }

    pub fn logs(&self, wanted: LogLevel) -> Vec<&str> {
        let logs = self.requests.iter().filter_map(|request| match request {
            Request::Log { level, message } if *level == wanted => Some(message.as_str()),
            _ => None,
        });
        logs.collect()
    }

    pub fn warnings(&self) -> Vec<&str> {
        self.logs(LogLevel::Warning)
    }

    #[track_caller]
    pub fn returned(&self) -> Value {
        match &self.end {
            Some(End::Returned(json)) => serde_json::from_str(json.get()).expect("the result is JSON"),
            other => panic!("it did not return: {other:?}\n{:?}", self.requests),
        }
    }

    #[track_caller]
    pub fn failed(&self) -> &ScriptError {
        match &self.end {
            Some(End::Failed(error)) => error,
            other => panic!("it did not fail: {other:?}"),
        }
    }

    /// The message of an exception that left the script.
    #[track_caller]
    pub fn thrown(&self) -> &str {
        let error = self.failed();
        assert_eq!(error.kind, ScriptErrorKind::Thrown, "{error:?}");
        &error.message
    }
}

/// What the body returns.
#[track_caller]
pub fn eval(body: &str) -> Value {
    Session::run(body).returned()
}

pub fn echo(call: &Call) -> Settlement {
    match call {
        Call::Agent(agent) => value(agent.prompt.as_str()),
        Call::Timer(_) => value(Value::Null),
        Call::Workflow(_) | Call::Oracle(_) | Call::Land(_) | Call::Ask(_) => {
            panic!("nobody answers {call:?}")
        }
    }
}

pub fn value(value: impl Into<Value>) -> Settlement {
    Settlement::Value(serde_json::value::to_raw_value(&value.into()).expect("a value is JSON"))
}

pub fn null(message: &str) -> Settlement {
    Settlement::Null(Failure { kind: FailureKind::Timeout, message: message.into() })
}

pub fn throw(kind: FailureKind, message: &str) -> Settlement {
    Settlement::Throw(Failure { kind, message: message.into() })
}
