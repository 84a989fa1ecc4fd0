//! The wire of Chat Completions, as OpenAI, gateways and local servers speak it: a turn as its JSON, and
//! its stream as a turn's reply.

use std::borrow::Cow;

use fanfold_core::Effort;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::exchange::{Decode, Step};
use super::fault::{Complaint, Fault, Source, of_complaint};
use super::prefix::Prefix;
use super::quirks::Quirks;
use super::sse::mended;
use super::usage::{Counts, count};
use crate::wire::{Block, Message, Role, Stop, ToolChoice, ToolSpec, TurnReply, TurnRequest};

/// The `type` of the opaque block that keeps a model's reasoning. Only DeepSeek wants it back, and only
/// beside tool calls; everyone else never sees it again.
pub(super) const REASONING: &str = "reasoning_content";

/// What differs between hosts of this wire.
#[derive(Clone, Copy)]
pub(super) struct Host {
    /// OpenAI's own: `max_tokens` is called `max_completion_tokens`.
    pub official: bool,
    /// A server on this machine: most ignore a tool that is forced by its name.
    pub loopback: bool,
}

/// The system prompt as a message, and the tools, as they stand in every request.
pub(super) fn prefix(request: &TurnRequest) -> (Option<String>, Option<String>) {
    let system = (!request.system.is_empty())
        .then(|| to_json(&json!({"role": "system", "content": &*request.system})));
    let tools: Vec<Value> = request.tools.iter().map(tool).collect();
    (system, (!tools.is_empty()).then(|| to_json(&tools)))
}

fn tool(spec: &ToolSpec) -> Value {
    let ToolSpec { name, description, input_schema } = spec;
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": input_schema}})
}

pub(super) fn body(
    request: &TurnRequest,
    prefix: &Prefix,
    quirks: Quirks,
    host: Host,
    max_tokens: u64,
) -> Vec<u8> {
    let has_tools = !request.tools.is_empty();
    let mut tools = prefix.tools.as_deref().map(Cow::Borrowed);
    let tool_choice = match &request.tool_choice {
        _ if !has_tools => None,
        ToolChoice::Auto => None,
        ToolChoice::Tool(_) if quirks.no_forced_tool => None,
        // With one tool it is the same, and all servers understand it.
        ToolChoice::Tool(_) if request.tools.len() == 1 => Some(json!("required")),
        ToolChoice::Tool(name) if host.loopback => {
            let only: Vec<Value> = request.tools.iter().filter(|spec| spec.name == *name).map(tool).collect();
            let only = RawValue::from_string(to_json(&only)).expect("it was just serialised");
            tools = Some(Cow::Owned(only));
            Some(json!("required"))
        }
        ToolChoice::Tool(name) => Some(json!({"type": "function", "function": {"name": name}})),
        ToolChoice::None => Some(json!("none")),
    };
    let reasoning_effort = match request.effort {
        _ if has_tools && quirks.no_effort_beside_tools => Some("none"),
        Some(effort) if !quirks.no_effort => Some(effort_name(effort)),
        _ => None,
    };
    let completion_tokens = host.official != quirks.other_max_tokens;
    let replay_reasoning = request.model.contains("deepseek");
    let messages = prefix.system.as_deref().map(Out::Raw).into_iter();
    let messages =
        messages.chain(request.messages.iter().flat_map(|message| outgoing(message, replay_reasoning)));
    to_json(&Body {
        model: &request.model,
        stream: true,
        stream_options: (!quirks.no_stream_options).then_some(StreamOptions { include_usage: true }),
        max_tokens: (!completion_tokens).then_some(max_tokens),
        max_completion_tokens: completion_tokens.then_some(max_tokens),
        temperature: request.temperature.filter(|_| !quirks.no_temperature),
        reasoning_effort,
        tools,
        tool_choice,
        messages: messages.collect(),
    })
    .into_bytes()
}

fn effort_name(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Xhigh | Effort::Max => "xhigh",
    }
}

/// One message of ours is several of theirs: each tool result is a message.
fn outgoing(message: &Message, replay_reasoning: bool) -> Vec<Out<'_>> {
    match message.role {
        Role::User => from_user(&message.content),
        Role::Assistant => vec![from_assistant(&message.content, replay_reasoning)],
    }
}

fn from_user(blocks: &[Block]) -> Vec<Out<'_>> {
    let results = blocks.iter().filter_map(|block| match block {
        Block::ToolResult { id, content, is_error } => {
            // This wire has no other place to say so.
            let content = if *is_error { Cow::Owned(format!("Error: {content}")) } else { content.into() };
            Some(Out::Tool { tool_call_id: id, content })
        }
        Block::Text { .. } | Block::ToolUse { .. } | Block::Opaque { .. } => None,
    });
    let mut messages: Vec<Out<'_>> = results.collect();
    let text = joined(blocks);
    if !text.is_empty() || messages.is_empty() {
        messages.push(Out::User { content: text });
    }
    messages
}

fn from_assistant(blocks: &[Block], replay_reasoning: bool) -> Out<'_> {
    let calls = blocks.iter().filter_map(|block| match block {
        Block::ToolUse { id, name, input } => {
            let arguments = match input {
                Ok(value) if value.is_object() => to_json(value),
                Ok(value) => to_json(&json!({"value": value})),
                // Templates of many servers parse the arguments again, so they have to be JSON.
                Err(raw) => to_json(&json!({"invalid_json": raw})),
            };
            Some(OutCall { id, r#type: "function", function: OutFunction { name, arguments } })
        }
        Block::Text { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    });
    let tool_calls: Vec<OutCall<'_>> = calls.collect();
    let reasoning = blocks.iter().find_map(|block| match block {
        Block::Opaque { value } => value.get(REASONING).and_then(Value::as_str),
        Block::Text { .. } | Block::ToolUse { .. } | Block::ToolResult { .. } => None,
    });
    let reasoning_content = reasoning.filter(|_| replay_reasoning && !tool_calls.is_empty());
    Out::Assistant { content: joined(blocks), reasoning_content, tool_calls }
}

fn joined(blocks: &[Block]) -> Cow<'_, str> {
    let mut texts = blocks.iter().filter_map(|block| match block {
        Block::Text { text } => Some(text.as_str()),
        Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    });
    let first = texts.next().unwrap_or_default();
    texts.fold(Cow::Borrowed(first), |text, more| text + "\n\n" + more)
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    messages: Vec<Out<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Out<'a> {
    User {
        content: Cow<'a, str>,
    },
    Assistant {
        content: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reasoning_content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<OutCall<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: Cow<'a, str>,
    },
    /// Serialised before.
    #[serde(untagged)]
    Raw(&'a RawValue),
}

#[derive(Serialize)]
struct OutCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: OutFunction<'a>,
}

#[derive(Serialize)]
struct OutFunction<'a> {
    name: &'a str,
    arguments: String,
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data with text keys is always JSON")
}

/// Gathers a stream into a reply.
pub(super) struct Decoder<'a> {
    source: Source<'a>,
    model: String,
    text: String,
    reasoning: String,
    refusal: String,
    calls: Vec<Call>,
    begun: bool,
    stop: Option<Stop>,
    done: bool,
    counts: Counts,
}

#[derive(Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    usage: Option<Value>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    index: Option<u64>,
    /// A whole reply has a `message` in its place.
    #[serde(borrow, alias = "message")]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    /// Text, or parts with texts.
    content: Option<Value>,
    #[serde(borrow)]
    refusal: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reasoning_content: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<CallDelta<'a>>>,
}

#[derive(Deserialize)]
struct CallDelta<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize)]
struct FunctionDelta<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    /// A piece of JSON as text, or from some servers the object itself.
    arguments: Option<Value>,
}

impl<'a> Decoder<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Self {
            source,
            model: source.model.to_owned(),
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            calls: Vec::new(),
            begun: false,
            stop: None,
            done: false,
            counts: Counts::default(),
        }
    }

    fn said_anything(&self) -> bool {
        !self.text.is_empty() || !self.calls.is_empty() || !self.refusal.is_empty()
    }

    fn apply(&mut self, chunk: Chunk<'_>) -> Result<Step, Fault> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(of_complaint(self.source, &Complaint::of(&error)));
        }
        let mut step = Step::Nothing;
        if let Some(model) = chunk.model.filter(|model| !model.is_empty()) {
            self.model = model.into_owned();
        }
        if let Some(usage) = &chunk.usage {
            let usage = read_usage(usage);
            self.counts.take_input(&usage);
            self.counts.take_output(&usage);
        }
        // Only one choice was asked for.
        for choice in chunk.choices.into_iter().flatten().filter(|choice| choice.index.unwrap_or(0) == 0) {
            step = Step::Progress;
            self.begun = true;
            if let Some(delta) = choice.delta {
                self.add(delta);
            }
            if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
                self.stop = Some(stop(&reason));
            }
        }
        Ok(step)
    }

    fn add(&mut self, delta: Delta<'_>) {
        match delta.content {
            Some(Value::String(text)) => self.text.push_str(&text),
            Some(Value::Array(parts)) => {
                let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                self.text.extend(texts);
            }
            _ => {}
        }
        self.refusal.push_str(&delta.refusal.unwrap_or_default());
        self.reasoning.push_str(&delta.reasoning_content.unwrap_or_default());
        for call in delta.tool_calls.into_iter().flatten() {
            self.add_call(call);
        }
    }

    /// Finds the call that a piece belongs to. Servers leave out the index, the id, or both; some number
    /// all calls 0 and tell them apart by id only.
    fn add_call(&mut self, piece: CallDelta<'_>) {
        let id = piece.id.filter(|id| !id.is_empty());
        let (name, arguments) = match piece.function {
            Some(function) => (function.name.filter(|name| !name.is_empty()), function.arguments),
            None => (None, None),
        };
        let found = match (piece.index, &id) {
            (Some(index), Some(id)) => self
                .calls
                .iter()
                .rposition(|call| call.index == Some(index) && (call.id.is_empty() || call.id == **id)),
            (Some(index), None) => self.calls.iter().rposition(|call| call.index == Some(index)),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id == **id),
            // With a name a call begins, without one the last goes on.
            (None, None) if name.is_some() => None,
            (None, None) => self.calls.len().checked_sub(1),
        };
        let at = found.unwrap_or_else(|| {
            self.calls.push(Call { index: piece.index, ..Call::default() });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        if let Some(id) = id {
            call.id = id.into_owned();
        }
        if let Some(name) = name.filter(|_| call.name.is_empty()) {
            call.name = name.into_owned();
        }
        match arguments {
            Some(Value::String(text)) => call.arguments.push_str(&text),
            Some(Value::Null) | None => {}
            Some(whole) => call.arguments = whole.to_string(),
        }
    }
}

impl Decode for Decoder<'_> {
    fn event(&mut self, data: &str) -> Result<Step, Fault> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(Step::Last);
        }
        match serde_json::from_str::<Chunk<'_>>(&mended(data)) {
            Ok(chunk) => self.apply(chunk),
            Err(_) if data.trim().is_empty() => Ok(Step::Nothing),
            Err(error) => {
                let provider = self.source.provider;
                let what = format!("{provider} sent an event that cannot be read: {error}");
                // Of other types than ours they will be again; torn JSON need not be.
                Err(if error.is_data() { Fault::Garbage(what) } else { Fault::Hiccup(what) })
            }
        }
    }

    fn document(&mut self, json: &str) -> Result<(), Fault> {
        let provider = self.source.provider;
        let json = mended(json);
        let chunk: Chunk<'_> = serde_json::from_str(&json).map_err(|error| {
            Fault::Hiccup(format!("{provider} sent a reply that cannot be read: {error}"))
        })?;
        if chunk.error.is_none() && chunk.choices.as_ref().is_none_or(Vec::is_empty) {
            let what = super::fault::brief(&json);
            return Err(Fault::Garbage(format!("{provider} sent no message but: {what}")));
        }
        self.apply(chunk)?;
        self.done = true;
        Ok(())
    }

    fn has_begun(&self) -> bool {
        self.begun
    }

    fn is_whole(&self) -> bool {
        // Some servers end with `[DONE]` alone.
        self.stop.is_some() || (self.done && self.said_anything())
    }

    fn into_reply(self, estimate_input: impl FnOnce() -> u64) -> TurnReply {
        let stop = match self.stop.unwrap_or(Stop::EndTurn) {
            Stop::EndTurn if !self.refusal.is_empty() => Stop::Refusal,
            Stop::EndTurn | Stop::ToolUse if !self.calls.is_empty() => Stop::ToolUse,
            Stop::ToolUse => Stop::EndTurn,
            stop => stop,
        };
        let mut content = Vec::new();
        if !self.reasoning.is_empty() {
            content.push(Block::Opaque { value: json!({"type": REASONING, REASONING: self.reasoning}) });
        }
        for text in [self.text, self.refusal] {
            if !text.is_empty() {
                content.push(Block::Text { text });
            }
        }
        for call in self.calls {
            let input = match call.arguments.trim() {
                "" => Ok(json!({})),
                arguments => serde_json::from_str(arguments).map_err(|_| call.arguments.clone()),
            };
            content.push(Block::ToolUse { id: call.id, name: call.name, input });
        }
        let (usage, usage_estimated) = self.counts.settle(estimate_input, &content);
        TurnReply { content, stop, usage, shortened: false, usage_estimated, model: self.model }
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "tool_calls" | "function_call" => Stop::ToolUse,
        "length" | "max_tokens" => Stop::MaxTokens,
        "content_filter" | "refusal" => Stop::Refusal,
        _ => Stop::EndTurn,
    }
}

fn read_usage(usage: &Value) -> Counts {
    let details = usage.get("prompt_tokens_details");
    let cache_read = count(details.and_then(|details| details.get("cached_tokens")))
        .or_else(|| count(usage.get("prompt_cache_hit_tokens")));
    let cache_write = count(details.and_then(|details| details.get("cache_write_tokens")));
    let cached = cache_read.unwrap_or(0) + cache_write.unwrap_or(0);
    Counts {
        // Theirs is all input.
        input: count(usage.get("prompt_tokens")).map(|prompt| prompt.saturating_sub(cached)),
        output: count(usage.get("completion_tokens")),
        cache_read,
        cache_write,
        web_searches: None,
    }
}
