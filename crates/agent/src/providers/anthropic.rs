//! The wire of Anthropic's Messages API: a turn as its JSON, and its stream as a turn's reply.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fanfold_core::Effort;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::exchange::{Decode, Step};
use super::fault::{Complaint, Fault, Source, of_complaint};
use super::prefix::{Prefix, shared_blocks};
use super::quirks::Quirks;
use super::sse::mended;
use super::usage::{Counts, count};
use crate::wire::{Block, Message, Role, Stop, ToolChoice, ToolSpec, TurnReply, TurnRequest};

/// Every parameter that we send is of this version; a provider's `headers` can name another.
pub(super) const VERSION: &str = "2023-06-01";
/// Searches of one turn.
pub(super) const WEB_SEARCHES_MAX: u64 = 3;

/// The system prompt and the tools, as they stand in every request.
pub(super) fn prefix(
    request: &TurnRequest,
    marks: bool,
    web_search: bool,
) -> (Option<String>, Option<String>) {
    let system = (!request.system.is_empty()).then(|| {
        let block = Part::Ours(Content::Text { text: &request.system, cache_control: marks.then_some(MARK) });
        to_json(&[block])
    });
    let mut tools: Vec<Value> = request.tools.iter().map(tool).collect();
    if web_search {
        let searches =
            json!({"type": "web_search_20250305", "name": "web_search", "max_uses": WEB_SEARCHES_MAX});
        tools.push(searches);
    }
    // The mark on the system prompt covers the tools, which come before it.
    if marks
        && system.is_none()
        && let Some(last) = tools.last_mut()
    {
        last["cache_control"] = json!(MARK);
    }
    (system, (!tools.is_empty()).then(|| to_json(&tools)))
}

fn tool(spec: &ToolSpec) -> Value {
    let ToolSpec { name, description, input_schema } = spec;
    json!({"name": name, "description": description, "input_schema": input_schema})
}

pub(super) fn body(
    request: &TurnRequest,
    prefix: &Prefix,
    quirks: Quirks,
    marks: bool,
    max_tokens: u64,
) -> Vec<u8> {
    let tool_choice = match &request.tool_choice {
        _ if request.tools.is_empty() => None,
        ToolChoice::Auto => None,
        ToolChoice::Tool(_) if quirks.no_forced_tool => None,
        ToolChoice::Tool(name) => Some(json!({"type": "tool", "name": name})),
        ToolChoice::None => Some(json!({"type": "none"})),
    };
    let effort = request.effort.filter(|_| !quirks.no_effort);
    to_json(&Body {
        model: &request.model,
        max_tokens,
        stream: true,
        system: prefix.system.as_deref(),
        tools: prefix.tools.as_deref(),
        tool_choice,
        temperature: request.temperature.filter(|_| !quirks.no_temperature),
        output_config: effort.map(|effort| OutputConfig { effort: effort_name(effort) }),
        messages: messages(request, quirks, marks),
    })
    .into_bytes()
}

fn effort_name(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Xhigh => "xhigh",
        Effort::Max => "max",
    }
}

fn messages(request: &TurnRequest, quirks: Quirks, marks: bool) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = request.messages.iter().map(|message| turn(message, quirks)).collect();
    if marks {
        // With the system prompt's, at most four: what siblings share, where the last turn ended, where
        // this one ends.
        let shared = shared_blocks(request).len();
        if shared > 0 && turns.first().is_some_and(|turn| turn.content.len() == shared + 1) {
            turns[0].content[shared - 1].mark();
        }
        // Writing what is never read again costs extra: without tools there are no further turns.
        let ends = if request.tools.is_empty() { 0 } else { 2 };
        let users = turns.iter_mut().rev().filter(|turn| turn.role == Role::User);
        for turn in users.take(ends) {
            if let Some(last) = turn.content.last_mut() {
                last.mark();
            }
        }
    }
    turns
}

fn turn(message: &Message, quirks: Quirks) -> Turn<'_> {
    let mut content: Vec<Part<'_>> = message.content.iter().filter_map(|block| part(block, quirks)).collect();
    if content.is_empty() {
        // The API takes neither empty messages nor blank text.
        content.push(Part::Ours(Content::Text { text: "(nothing)", cache_control: None }));
    }
    Turn { role: message.role, content }
}

fn part(block: &Block, quirks: Quirks) -> Option<Part<'_>> {
    Some(Part::Ours(match block {
        Block::Text { text } if text.trim().is_empty() => return None,
        Block::Text { text } => Content::Text { text, cache_control: None },
        Block::ToolUse { id, name, input } => {
            let input = match input {
                Ok(value) if value.is_object() => Cow::Borrowed(value),
                Ok(Value::Null) => Cow::Owned(json!({})),
                Ok(value) => Cow::Owned(json!({"value": value})),
                Err(raw) => Cow::Owned(json!({"invalid_json": raw})),
            };
            Content::ToolUse { id, name, input, cache_control: None }
        }
        Block::ToolResult { id, content, is_error } => {
            Content::ToolResult { tool_use_id: id, content, is_error: *is_error, cache_control: None }
        }
        Block::Opaque { value } => {
            let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
            let thinking = matches!(kind, "thinking" | "redacted_thinking");
            let foreign = kind == super::openai_chat::REASONING;
            let left_out = foreign || (thinking && quirks.no_thinking);
            return (!left_out).then_some(Part::Theirs(value));
        }
    }))
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    messages: Vec<Turn<'a>>,
}

#[derive(Serialize)]
struct OutputConfig {
    effort: &'static str,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: Role,
    content: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Ours(Content<'a>),
    /// As it came from the provider.
    Theirs(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Mark>,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Cow<'a, Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Mark>,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Mark>,
    },
}

#[derive(Clone, Copy, Serialize)]
struct Mark {
    r#type: &'static str,
}

const MARK: Mark = Mark { r#type: "ephemeral" };

impl Part<'_> {
    fn mark(&mut self) {
        match self {
            Part::Ours(
                Content::Text { cache_control, .. }
                | Content::ToolUse { cache_control, .. }
                | Content::ToolResult { cache_control, .. },
            ) => *cache_control = Some(MARK),
            Part::Theirs(_) => {}
        }
    }
}

fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("plain data with text keys is always JSON")
}

/// Gathers a stream into a reply.
pub(super) struct Decoder<'a> {
    source: Source<'a>,
    model: String,
    blocks: BTreeMap<u64, Building>,
    begun: bool,
    stop: Option<Stop>,
    counts: Counts,
}

/// Events that a reply is made of. One that cannot be read may not be passed over.
const EVENTS: [&str; 5] =
    ["message_start", "content_block_start", "content_block_delta", "message_delta", "error"];

/// A block that is still coming in.
struct Building {
    /// As it began; what is streamed besides is kept apart.
    start: Value,
    text: String,
    json: String,
    thinking: String,
    signature: String,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    message: Option<Value>,
    index: Option<u64>,
    content_block: Option<Value>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    usage: Option<Value>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    partial_json: Option<Cow<'a, str>>,
    #[serde(borrow)]
    thinking: Option<Cow<'a, str>>,
    #[serde(borrow)]
    signature: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stop_reason: Option<Cow<'a, str>>,
}

impl<'a> Decoder<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Self {
            source,
            model: source.model.to_owned(),
            blocks: BTreeMap::new(),
            begun: false,
            stop: None,
            counts: Counts::default(),
        }
    }

    fn apply(&mut self, event: Event<'_>) -> Result<Step, Fault> {
        match &*event.kind {
            "message_start" => {
                self.begun = true;
                let message = event.message.unwrap_or_default();
                if let Some(model) = message.get("model").and_then(Value::as_str) {
                    self.model = model.to_owned();
                }
                if let Some(usage) = message.get("usage") {
                    // What it says of the output is only a beginning.
                    self.counts.take_input(&read_usage(usage));
                }
            }
            "content_block_start" => {
                let index = event.index.unwrap_or(self.blocks.len() as u64);
                self.blocks.insert(index, Building::new(event.content_block.unwrap_or_default()));
            }
            "content_block_delta" => {
                let Some(delta) = event.delta else { return Ok(Step::Nothing) };
                let index = event.index.unwrap_or(self.blocks.len().saturating_sub(1) as u64);
                let block = self.blocks.entry(index).or_insert_with(|| Building::new(Value::Null));
                block.add(&delta);
            }
            "message_delta" => {
                if let Some(usage) = &event.usage {
                    let usage = read_usage(usage);
                    self.counts.take_input(&usage);
                    self.counts.take_output(&usage);
                }
                if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                    self.stop = Some(stop(&reason));
                }
            }
            // Without a reason to stop it is not complete, whatever it says.
            "message_stop" if self.stop.is_some() => return Ok(Step::Last),
            "error" => {
                let complaint = Complaint::of(&event.error.unwrap_or_default());
                return Err(of_complaint(self.source, &complaint));
            }
            _ => return Ok(Step::Nothing),
        }
        Ok(Step::Progress)
    }
}

impl Decode for Decoder<'_> {
    fn event(&mut self, data: &str) -> Result<Step, Fault> {
        let data = mended(data);
        let error = match serde_json::from_str::<Event<'_>>(&data) {
            Ok(event) => return self.apply(event),
            Err(error) => error,
        };
        let provider = self.source.provider;
        match serde_json::from_str::<Value>(&data) {
            Ok(event) if event["type"].as_str().is_some_and(|kind| EVENTS.contains(&kind)) => {
                Err(Fault::Garbage(format!("{provider} sent an event that cannot be read: {error}")))
            }
            // Of a kind that is not known.
            Ok(_) => Ok(Step::Nothing),
            Err(error) => Err(Fault::Hiccup(format!("{provider} sent an event that is no JSON: {error}"))),
        }
    }

    fn document(&mut self, json: &str) -> Result<(), Fault> {
        let provider = self.source.provider;
        let mut message: Value = serde_json::from_str(&mended(json))
            .map_err(|error| Fault::Hiccup(format!("{provider} sent a reply that is no JSON: {error}")))?;
        if message.get("error").is_some_and(|error| !error.is_null()) {
            return Err(of_complaint(self.source, &Complaint::of(&message)));
        }
        let Some(reason) = message.get("stop_reason").and_then(Value::as_str) else {
            let what = super::fault::brief(json);
            return Err(Fault::Garbage(format!("{provider} sent no message but: {what}")));
        };
        self.stop = Some(stop(reason));
        if let Some(model) = message.get("model").and_then(Value::as_str) {
            self.model = model.to_owned();
        }
        if let Some(usage) = message.get("usage") {
            let usage = read_usage(usage);
            self.counts.take_input(&usage);
            self.counts.take_output(&usage);
        }
        if let Some(Value::Array(blocks)) = message.get_mut("content").map(Value::take) {
            self.blocks = (0..).zip(blocks.into_iter().map(Building::new)).collect();
        }
        Ok(())
    }

    fn has_begun(&self) -> bool {
        self.begun
    }

    fn is_whole(&self) -> bool {
        self.stop.is_some()
    }

    fn into_reply(self, estimate_input: impl FnOnce() -> u64) -> TurnReply {
        let content: Vec<Block> = self.blocks.into_values().filter_map(Building::finish).collect();
        let calls = content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
        let stop = match self.stop {
            Some(Stop::EndTurn) | None if calls => Stop::ToolUse,
            stop => stop.unwrap_or(Stop::EndTurn),
        };
        let (usage, usage_estimated) = self.counts.settle(estimate_input, &content);
        TurnReply { content, stop, usage, shortened: false, usage_estimated, model: self.model }
    }
}

impl Building {
    fn new(start: Value) -> Self {
        let empty = String::new;
        Self { start, text: empty(), json: empty(), thinking: empty(), signature: empty() }
    }

    fn add(&mut self, delta: &Delta<'_>) {
        let add = |to: &mut String, more: &Option<Cow<'_, str>>| {
            if let Some(more) = more {
                to.push_str(more);
            }
        };
        add(&mut self.text, &delta.text);
        add(&mut self.json, &delta.partial_json);
        add(&mut self.thinking, &delta.thinking);
        add(&mut self.signature, &delta.signature);
    }

    fn finish(mut self) -> Option<Block> {
        let text_of =
            |start: &Value, key: &str| start.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = |key: &str| text_of(&self.start, key);
        match text("type").as_str() {
            "text" | "" => {
                let text = text("text") + &self.text;
                (!text.is_empty()).then_some(Block::Text { text })
            }
            "tool_use" => {
                let input = self.input();
                Some(Block::ToolUse { id: text("id"), name: text("name"), input })
            }
            _ => {
                for (key, more) in [("thinking", &self.thinking), ("signature", &self.signature)] {
                    if !more.is_empty() {
                        self.start[key] = Value::String(text_of(&self.start, key) + more);
                    }
                }
                if !self.json.is_empty()
                    && let Ok(input) = self.input()
                {
                    self.start["input"] = input;
                }
                Some(Block::Opaque { value: self.start })
            }
        }
    }

    fn input(&self) -> Result<Value, String> {
        match self.json.trim() {
            "" => Ok(self.start.get("input").filter(|input| !input.is_null()).cloned().unwrap_or(json!({}))),
            json => serde_json::from_str(json).map_err(|_| self.json.clone()),
        }
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "tool_use" => Stop::ToolUse,
        "max_tokens" | "model_context_window_exceeded" => Stop::MaxTokens,
        "refusal" => Stop::Refusal,
        "pause_turn" => Stop::PauseTurn,
        _ => Stop::EndTurn,
    }
}

fn read_usage(usage: &Value) -> Counts {
    let cache_read = count(usage.get("cache_read_input_tokens"));
    let cache_write = count(usage.get("cache_creation_input_tokens"));
    Counts {
        input: count(usage.get("input_tokens")),
        output: count(usage.get("output_tokens")),
        cache_read,
        cache_write,
        web_searches: count(usage.pointer("/server_tool_use/web_search_requests")),
    }
}
