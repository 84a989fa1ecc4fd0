//! Requests and providers for the tests.

use std::sync::{Arc, Mutex};

use fanfold_agent::providers::{
    Provider, ProviderConfig, Registry, RegistryConfig, RetryPolicy, Secret, Wire,
};
use fanfold_agent::wire::{
    Bill, Block, Message, Model, Role, ToolChoice, ToolSpec, TurnCx, TurnError, TurnReply, TurnRequest,
    TurnWatch, Worst,
};
use fanfold_core::{Failure, Usage};
use fanfold_testkit::{ModelServer, TestClock};
use futures_util::future::BoxFuture;
use serde_json::json;

pub const WIRES: [Wire; 2] = [Wire::Anthropic, Wire::OpenAiChat];

/// A provider under test, with a clock in which waiting costs nothing.
pub struct Bench {
    pub provider: Arc<Provider>,
    pub clock: TestClock,
    told: Mutex<Vec<String>>,
    lost: Mutex<Usage>,
}

impl Bench {
    pub fn new(server: &ModelServer, wire: Wire) -> Self {
        Self::with(config(&server.url(), wire), RetryPolicy::default(), TestClock::auto())
    }

    pub fn with(config: ProviderConfig, retry: RetryPolicy, clock: TestClock) -> Self {
        let name = config.name.clone();
        let providers = vec![config];
        let registry = Registry::new(RegistryConfig { providers, retry, ..RegistryConfig::default() });
        let provider = registry.expect("a sound configuration").provider(&name).expect("just made").clone();
        Self { provider, clock, told: Mutex::default(), lost: Mutex::default() }
    }

    pub async fn turn(&self, request: &TurnRequest) -> Result<TurnReply, TurnError> {
        self.provider.turn(request, &TurnCx { clock: &self.clock, watch: self }).await
    }

    pub async fn ask(&self, text: &str) -> Result<TurnReply, TurnError> {
        self.turn(&request(text)).await
    }

    pub fn told(&self) -> Vec<String> {
        self.told.lock().expect("no holder panics").clone()
    }

    /// What tries that broke have used.
    pub fn lost(&self) -> Usage {
        *self.lost.lock().expect("no holder panics")
    }
}

impl TurnWatch for Bench {
    fn waiting(&self, why: String) {
        self.told.lock().expect("no holder panics").push(why);
    }

    fn answering(&self) {}

    fn reserve<'a>(&'a self, worst: Worst) -> BoxFuture<'a, Result<u64, Failure>> {
        Box::pin(std::future::ready(Ok(worst.output_tokens)))
    }

    fn ended(&self, bill: Bill) {
        if let Bill::Unknown(usage) = bill {
            *self.lost.lock().expect("no holder panics") += usage;
        }
    }
}

pub fn config(url: &str, wire: Wire) -> ProviderConfig {
    let key = Some(Secret::new("sk-test"));
    let url = url.parse().expect("a URL");
    ProviderConfig { key, ..ProviderConfig::new("acme", wire, url) }
}

pub fn request(text: &str) -> TurnRequest {
    TurnRequest {
        model: "m-1".to_owned(),
        system: "You are terse.".into(),
        tools: Arc::default(),
        messages: vec![user(text)],
        tool_choice: ToolChoice::Auto,
        max_tokens: 1_000,
        temperature: None,
        effort: None,
        prompt_caching: true,
        web_search: false,
        retries: None,
        stall: None,
    }
}

pub fn user(text: &str) -> Message {
    Message { role: Role::User, content: vec![block(text)] }
}

pub fn block(text: &str) -> Block {
    Block::Text { text: text.to_owned() }
}

pub fn tools() -> Arc<Vec<ToolSpec>> {
    let spec = |name: &str| ToolSpec {
        name: name.to_owned(),
        description: format!("Does {name}."),
        input_schema: json!({"type": "object", "properties": {"path": {"type": "string"}}}),
    };
    Arc::new(vec![spec("read"), spec("grep")])
}

/// All text of a reply.
pub fn text(reply: &TurnReply) -> String {
    let texts = reply.content.iter().filter_map(|block| match block {
        Block::Text { text } => Some(text.as_str()),
        Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    });
    texts.collect()
}

/// The kind of an error, for tables.
pub fn kind(error: &TurnError) -> String {
    match error {
        TurnError::BadRequest(_) => "bad request".to_owned(),
        TurnError::TooLong(_) => "too long".to_owned(),
        TurnError::Refused(_) => "refused".to_owned(),
        TurnError::Failed(_) => "failed".to_owned(),
        TurnError::Budget(_) => "budget".to_owned(),
        TurnError::Halt(halt) => format!("{:?}", halt.kind),
    }
}
