//! What all agents of a run share of a request, the system prompt and the tools: serialised and measured
//! once, then found again by the identity of the shared values.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use fanfold_core::tokens;
use serde_json::value::RawValue;

use super::cache_gate::Digest;
use crate::wire::{Block, ToolSpec, TurnRequest};

/// More than one run has kinds of agents; past it the memory is started afresh.
const PREFIXES_MAX: usize = 256;
/// Providers cache nothing shorter.
const CACHEABLE_TOKENS_MIN: u64 = 1_024;

/// The shared part of a request in one wire's JSON.
pub(super) struct Prefix {
    pub system: Option<Box<RawValue>>,
    pub tools: Option<Box<RawValue>>,
    /// Estimated.
    pub tokens: u64,
    digest: Digest,
}

/// What the JSON depends on besides the values themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub marks: bool,
    pub web_search: bool,
}

#[derive(Default)]
pub(super) struct Prefixes {
    known: Mutex<HashMap<(usize, usize, Form), Known>>,
}

struct Known {
    prefix: Arc<Prefix>,
    /// Kept alive, so that an address in the key cannot come to mean another value.
    _owners: (Arc<str>, Arc<Vec<ToolSpec>>),
}

impl Prefixes {
    /// `write` makes the JSON of the system prompt and of the tools.
    pub fn of(
        &self,
        request: &TurnRequest,
        form: Form,
        write: impl FnOnce() -> (Option<String>, Option<String>),
    ) -> Arc<Prefix> {
        let TurnRequest { system, tools, .. } = request;
        let key = (system.as_ptr() as usize, Arc::as_ptr(tools) as usize, form);
        let mut known = self.known.lock().expect("no holder panics");
        if let Some(found) = known.get(&key) {
            return found.prefix.clone();
        }
        let prefix = Arc::new(Prefix::new(write()));
        if known.len() >= PREFIXES_MAX {
            known.clear();
        }
        known.insert(key, Known { prefix: prefix.clone(), _owners: (system.clone(), tools.clone()) });
        prefix
    }
}

impl Prefix {
    fn new((system, tools): (Option<String>, Option<String>)) -> Self {
        let mut hash = blake3::Hasher::new();
        let mut tokens = 0;
        for part in [&system, &tools].into_iter().flatten() {
            hash.update(part.as_bytes()).update(&[0]);
            tokens += tokens::estimate(part);
        }
        let raw = |json: String| RawValue::from_string(json).expect("it was serialised by serde_json");
        let digest = *hash.finalize().as_bytes();
        Self { system: system.map(raw), tools: tools.map(raw), tokens, digest }
    }

    /// The digest of all that siblings share, or `None` if that is too little to be cached: the model,
    /// system and tools, and every block of the first message but its last (the agent's own task).
    pub fn cacheable(&self, request: &TurnRequest) -> Option<Digest> {
        let shared = shared_blocks(request);
        let texts = || {
            shared.iter().filter_map(|block| match block {
                Block::Text { text } => Some(text.as_str()),
                Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
            })
        };
        if self.tokens < CACHEABLE_TOKENS_MIN {
            let more: u64 = texts().map(tokens::estimate).sum();
            if self.tokens + more < CACHEABLE_TOKENS_MIN {
                return None;
            }
        }
        let mut hash = blake3::Hasher::new();
        hash.update(request.model.as_bytes()).update(&self.digest);
        for text in texts() {
            hash.update(text.as_bytes()).update(&[0]);
        }
        Some(*hash.finalize().as_bytes())
    }
}

/// The blocks of the first message that siblings have in common by convention: all but the last.
pub(super) fn shared_blocks(request: &TurnRequest) -> &[Block] {
    let first = request.messages.first().map_or(&[][..], |message| &message.content);
    &first[..first.len().saturating_sub(1)]
}

/// Our own count of a request's input, for servers that report none.
pub(super) fn estimate_input(prefix: &Prefix, request: &TurnRequest) -> u64 {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    prefix.tokens + blocks.map(estimate_block).sum::<u64>()
}

pub(super) fn estimate_block(block: &Block) -> u64 {
    match block {
        Block::Text { text } => tokens::estimate(text),
        Block::ToolUse { name, input: Ok(input), .. } => {
            tokens::estimate(name) + tokens::estimate(&input.to_string())
        }
        Block::ToolUse { name, input: Err(raw), .. } => tokens::estimate(name) + tokens::estimate(raw),
        Block::ToolResult { content, .. } => tokens::estimate(content),
        Block::Opaque { value } => tokens::estimate(&value.to_string()),
    }
}
