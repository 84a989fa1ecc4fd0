//! A model's reply, and how it looks on either wire.

use fanfold_core::Usage;
use serde_json::{Value, json};

/// The language of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `/v1/messages`
    Messages,
    /// `/v1/chat/completions`
    Chat,
}

/// What a scripted model says.
#[derive(Clone, Debug)]
pub struct Reply {
    pub parts: Vec<Part>,
    /// `None`: a tool call's if there is one, else the end of a turn. The names are those of the Messages API.
    pub stop: Option<&'static str>,
    /// `None`: it reports none.
    pub usage: Option<Usage>,
    /// Deltas that each text and each tool's input is cut into.
    pub deltas: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Thinking(String),
    /// `input` as it goes over the wire, JSON or not.
    ToolCall {
        id: String,
        name: String,
        input: String,
    },
}

impl Reply {
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(vec![Part::Text(text.into())])
    }

    pub fn call(name: &str, input: Value) -> Self {
        Self::of(Vec::new()).and_call(name, input)
    }

    pub fn of(parts: Vec<Part>) -> Self {
        let usage = Usage { input_tokens: 100, output_tokens: 20, ..Usage::default() };
        Self { parts, stop: None, usage: Some(usage), deltas: 3 }
    }

    pub fn and_call(self, name: &str, input: Value) -> Self {
        self.and_raw_call(name, &input.to_string())
    }

    /// A call whose input need not be JSON.
    pub fn and_raw_call(mut self, name: &str, input: &str) -> Self {
        let calls = self.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).count();
        let id = format!("toolu_{}", calls + 1);
        self.parts.push(Part::ToolCall { id, name: name.to_owned(), input: input.to_owned() });
        self
    }

    pub fn stopping(self, stop: &'static str) -> Self {
        Self { stop: Some(stop), ..self }
    }

    pub fn using(self, usage: Usage) -> Self {
        Self { usage: Some(usage), ..self }
    }

    pub fn without_usage(self) -> Self {
        Self { usage: None, ..self }
    }

    /// As it goes over the wire.
    pub fn render(&self, dialect: Dialect, model: &str, stream: bool) -> String {
        match (dialect, stream) {
            (Dialect::Messages, true) => self.messages_stream(model),
            (Dialect::Messages, false) => self.messages_document(model),
            (Dialect::Chat, true) => self.chat_stream(model),
            (Dialect::Chat, false) => self.chat_document(model),
        }
    }

    fn stop_reason(&self) -> &'static str {
        let calls = self.parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
        self.stop.unwrap_or(if calls { "tool_use" } else { "end_turn" })
    }

    fn finish_reason(&self) -> &'static str {
        match self.stop_reason() {
            "tool_use" => "tool_calls",
            "max_tokens" => "length",
            "refusal" => "content_filter",
            _ => "stop",
        }
    }

    fn messages_stream(&self, model: &str) -> String {
        let mut stream = String::new();
        let mut event = |event: Value| {
            let kind = event["type"].as_str().unwrap_or_default();
            stream.push_str(&format!("event: {kind}\ndata: {event}\n\n"));
        };
        let mut message =
            json!({"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []});
        if let Some(usage) = &self.usage {
            message["usage"] = messages_usage(usage);
            message["usage"]["output_tokens"] = json!(1);
        }
        event(json!({"type": "message_start", "message": message}));
        event(json!({"type": "ping"}));
        for (index, part) in self.parts.iter().enumerate() {
            let (start, deltas) = match part {
                Part::Text(text) => {
                    let deltas = cut(text, self.deltas);
                    let deltas = deltas.map(|piece| json!({"type": "text_delta", "text": piece}));
                    (json!({"type": "text", "text": ""}), deltas.collect())
                }
                Part::Thinking(text) => {
                    let thinking = json!({"type": "thinking_delta", "thinking": text});
                    let signature = json!({"type": "signature_delta", "signature": "sig=="});
                    let start = json!({"type": "thinking", "thinking": "", "signature": ""});
                    (start, vec![thinking, signature])
                }
                Part::ToolCall { id, name, input } => {
                    let deltas = cut(input, self.deltas);
                    let deltas =
                        deltas.map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
                    (json!({"type": "tool_use", "id": id, "name": name, "input": {}}), deltas.collect())
                }
            };
            let deltas: Vec<Value> = deltas;
            event(json!({"type": "content_block_start", "index": index, "content_block": start}));
            for delta in deltas {
                event(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            }
            event(json!({"type": "content_block_stop", "index": index}));
        }
        let delta = json!({"stop_reason": self.stop_reason(), "stop_sequence": null});
        let mut last = json!({"type": "message_delta", "delta": delta});
        if let Some(usage) = &self.usage {
            last["usage"] = json!({"output_tokens": usage.output_tokens});
        }
        event(last);
        event(json!({"type": "message_stop"}));
        stream
    }

    fn messages_document(&self, model: &str) -> String {
        let content: Vec<Value> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => json!({"type": "text", "text": text}),
                Part::Thinking(text) => json!({"type": "thinking", "thinking": text, "signature": "sig=="}),
                Part::ToolCall { id, name, input } => {
                    let input: Value = serde_json::from_str(input).unwrap_or_default();
                    json!({"type": "tool_use", "id": id, "name": name, "input": input})
                }
            })
            .collect();
        let mut message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": content, "stop_reason": self.stop_reason()});
        if let Some(usage) = &self.usage {
            message["usage"] = messages_usage(usage);
        }
        message.to_string()
    }

    fn chat_stream(&self, model: &str) -> String {
        let mut stream = String::new();
        let mut chunk = |delta: Value, finish: Option<&str>| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
            let chunk =
                json!({"id": "c-1", "object": "chat.completion.chunk", "model": model, "choices": [choice]});
            stream.push_str(&format!("data: {chunk}\n\n"));
        };
        chunk(json!({"role": "assistant", "content": null}), None);
        let mut calls = 0;
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    cut(text, self.deltas).for_each(|piece| chunk(json!({"content": piece}), None))
                }
                Part::Thinking(text) => chunk(json!({"reasoning_content": text}), None),
                Part::ToolCall { id, name, input } => {
                    let start = json!({"index": calls, "id": id, "type": "function",
                        "function": {"name": name, "arguments": ""}});
                    chunk(json!({"tool_calls": [start]}), None);
                    for piece in cut(input, self.deltas) {
                        let more = json!({"index": calls, "function": {"arguments": piece}});
                        chunk(json!({"tool_calls": [more]}), None);
                    }
                    calls += 1;
                }
            }
        }
        chunk(json!({}), Some(self.finish_reason()));
        if let Some(usage) = &self.usage {
            let chunk = json!({"id": "c-1", "object": "chat.completion.chunk", "model": model, "choices": [],
                "usage": chat_usage(usage)});
            stream.push_str(&format!("data: {chunk}\n\n"));
        }
        stream.push_str("data: [DONE]\n\n");
        stream
    }

    fn chat_document(&self, model: &str) -> String {
        let texts: String = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Thinking(_) | Part::ToolCall { .. } => None,
            })
            .collect();
        let calls: Vec<Value> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::ToolCall { id, name, input } => Some(
                    json!({"id": id, "type": "function", "function": {"name": name, "arguments": input}}),
                ),
                Part::Text(_) | Part::Thinking(_) => None,
            })
            .collect();
        let mut message = json!({"role": "assistant", "content": texts});
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        let choice = json!({"index": 0, "message": message, "finish_reason": self.finish_reason()});
        let mut document =
            json!({"id": "c-1", "object": "chat.completion", "model": model, "choices": [choice]});
        if let Some(usage) = &self.usage {
            document["usage"] = chat_usage(usage);
        }
        document.to_string()
    }
}

fn messages_usage(usage: &Usage) -> Value {
    json!({"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens})
}

fn chat_usage(usage: &Usage) -> Value {
    json!({"prompt_tokens": usage.input_total(), "completion_tokens": usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens}})
}

/// At most `pieces` pieces, cut between characters.
fn cut(text: &str, pieces: usize) -> impl Iterator<Item = &str> {
    let size = text.len().div_ceil(pieces.max(1)).max(1);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.floor_char_boundary(size);
        if end == 0 {
            end = rest.ceil_char_boundary(1);
        }
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        Some(piece)
    })
}
