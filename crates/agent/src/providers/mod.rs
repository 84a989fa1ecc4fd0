//! Model providers: two wires, one retry owner, one gate per provider.
//!
//! The way of a turn: wait for a sibling's cache ([`cache_gate`]), then for the provider's gate
//! ([`gate`]), exchange ([`exchange`]) in the provider's wire ([`anthropic`], [`openai_chat`]), and on a
//! [`fault`] let [`retry`] decide.

mod anthropic;
mod cache_gate;
mod exchange;
mod fault;
mod gate;
mod models;
mod openai_chat;
mod prefix;
mod quirks;
mod registry;
mod retry;
mod sse;
mod usage;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use fanfold_core::Usage;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

pub use self::exchange::Timers;
pub use self::registry::{ProviderConfig, Registry, RegistryConfig, ResolvedModel, Secret, Wire};
pub use self::retry::RetryPolicy;

use self::anthropic::WEB_SEARCHES_MAX;
use self::cache_gate::{CacheGate, Lead};
use self::exchange::{Decode, Endpoint, Incoming};
use self::fault::{Fault, Source};
use self::gate::{Gate, Permit};
use self::prefix::{Form, Prefix, Prefixes, estimate_input};
use self::quirks::Quirks;
use self::retry::Tries;
use crate::wire::{Bill, Block, Model, ModelLimits, TurnCx, TurnError, TurnReply, TurnRequest, Worst};

/// What a provider adds of its own to a request with tools, with room to spare (Anthropic: about 700).
const PROVIDER_TOKENS: u64 = 2_000;
/// What one search of the provider's own finds, at most.
const SEARCH_TOKENS: u64 = 15_000;

/// One provider with its connections.
pub struct Provider {
    config: ProviderConfig,
    endpoint: Endpoint,
    retry: RetryPolicy,
    gate: Gate,
    cache_gate: CacheGate,
    prefixes: Prefixes,
    /// Learnt of models by their refusals.
    quirks: Mutex<HashMap<String, Quirks>>,
    key_hint: String,
    /// The vendor's own service rather than a server that speaks its wire.
    official: bool,
    loopback: bool,
}

impl Provider {
    fn new(config: ProviderConfig, retry: RetryPolicy) -> Result<Self, String> {
        let headers = headers(&config)?;
        let endpoint = Endpoint::new(turn_url(&config), headers, config.timers.connect);
        let vendor_host = match config.wire {
            Wire::Anthropic => "api.anthropic.com",
            Wire::OpenAiChat => "api.openai.com",
        };
        let variable = config.name.to_uppercase().replace(|ch: char| !ch.is_ascii_alphanumeric(), "_");
        Ok(Self {
            official: config.base_url.host_str() == Some(vendor_host),
            loopback: exchange::is_loopback(&config.base_url),
            key_hint: format!("set {variable}_API_KEY to a valid key"),
            endpoint,
            retry,
            gate: Gate::default(),
            cache_gate: CacheGate::default(),
            prefixes: Prefixes::default(),
            quirks: Mutex::default(),
            config,
        })
    }

    pub fn config(&self) -> &ProviderConfig {
        &self.config
    }

    async fn run(&self, request: &TurnRequest, cx: &TurnCx<'_>) -> Result<TurnReply, TurnError> {
        let source = Source { provider: &self.config.name, model: &request.model, key_hint: &self.key_hint };
        if self.config.key_required && self.config.key.is_none() {
            let message = format!("there is no key for `{}`", self.config.name);
            return Err(fault::credentials(source, message).into());
        }
        // Servers on this machine keep their own cache of prompts, and nobody pays for it.
        let caching = request.prompt_caching && !(self.loopback && self.config.wire == Wire::OpenAiChat);
        let prefix = self.prefix(request, caching);
        let mut lead = match caching.then(|| prefix.cacheable(request)).flatten() {
            Some(digest) => self.cache_gate.enter(digest, cx).await,
            None => None,
        };
        let base_url = self.config.base_url.as_str();
        let mut tries = Tries::new(self.retry, &self.gate, cx, &self.config.name, base_url, request.retries);
        let mut quirks = self.quirks_of(&request.model);
        loop {
            let permit = tries.admit().await?;
            let body = self.admitted(request, cx, &prefix, quirks).await?;
            let (body, shortened) = body;
            let outcome = self.exchange(body, request, cx, source, &prefix, &permit, &mut lead).await;
            cx.watch.ended(match &outcome {
                Ok(reply) if reply.usage_estimated => Bill::Estimated(reply.usage),
                Ok(reply) => Bill::Reported(reply.usage),
                Err(broken) => broken.bill,
            });
            match outcome {
                Ok(reply) => {
                    permit.succeeded();
                    return Ok(TurnReply { shortened, ..reply });
                }
                Err(Broken { fault: Fault::Stop(TurnError::BadRequest(message)), .. }) => {
                    match quirks.learn(&message) {
                        Some(wiser) => {
                            quirks = wiser;
                            self.remember(&request.model, wiser);
                        }
                        None => return Err(TurnError::BadRequest(message)),
                    }
                }
                Err(Broken { fault, bill }) => {
                    let was_cut = matches!(bill, Bill::Unknown(used) if !used.is_zero());
                    tries.after(permit, fault, was_cut).await?;
                }
            }
        }
    }

    /// The request as it is sent, once what it may cost is set aside: near a cap it asks for a shorter reply.
    async fn admitted(
        &self,
        request: &TurnRequest,
        cx: &TurnCx<'_>,
        prefix: &Prefix,
        quirks: Quirks,
    ) -> Result<(Vec<u8>, bool), TurnError> {
        let marks = request.prompt_caching;
        let host = openai_chat::Host { official: self.official, loopback: self.loopback };
        let body = |output_tokens| match self.config.wire {
            Wire::Anthropic => anthropic::body(request, prefix, quirks, marks, output_tokens),
            Wire::OpenAiChat => openai_chat::body(request, prefix, quirks, host, output_tokens),
        };
        let whole = body(request.max_tokens);
        let limits = self.limits(&request.model);
        // A token is at least one byte of what is sent; the rest is what providers add for tools.
        let sent_tokens = whole.len() as u64 + PROVIDER_TOKENS;
        let worst = match request.web_search && limits.web_search {
            // What a search finds is input too, and is read again after each further one.
            true => Worst {
                input_tokens: (sent_tokens + WEB_SEARCHES_MAX * SEARCH_TOKENS).min(limits.context_tokens)
                    * (WEB_SEARCHES_MAX + 1),
                web_searches: WEB_SEARCHES_MAX,
                output_tokens: request.max_tokens,
            },
            false => Worst { input_tokens: sent_tokens, web_searches: 0, output_tokens: request.max_tokens },
        };
        let granted = cx.watch.reserve(worst).await.map_err(TurnError::Budget)?;
        Ok(if granted < request.max_tokens { (body(granted), true) } else { (whole, false) })
    }

    #[expect(clippy::too_many_arguments, reason = "one try has that many parts, and one caller")]
    async fn exchange<'l>(
        &self,
        body: Vec<u8>,
        request: &TurnRequest,
        cx: &TurnCx<'_>,
        source: Source<'_>,
        prefix: &Prefix,
        permit: &Permit<'_>,
        lead: &mut Option<Lead<'l>>,
    ) -> Result<TurnReply, Broken> {
        let timers = self.config.timers.with_stall(request.stall);
        let first_byte = Instant::now() + timers.first_byte;
        let response = self.endpoint.post(body, first_byte).await?;
        let status = response.status().as_u16();
        permit.reached();
        if status != 200 {
            if status < 500 && status != 429 {
                permit.answered();
            }
            let headers = response.headers().clone();
            let body = self.endpoint.read_error(response, timers.idle).await;
            let fault = fault::of_status(source, status, &headers, &body, cx.clock.now_ms());
            // A gateway that gave up waiting says nothing of what the model did.
            let bill = match status {
                408 | 499 | 504 | 524 => Bill::Unknown(Usage::default()),
                _ => Bill::Nothing,
            };
            return Err(Broken { fault, bill });
        }
        let began = || {
            permit.answered();
            cx.watch.answering();
            if let Some(lead) = lead.take() {
                lead.began(cx.clock.elapsed_ms());
            }
        };
        let incoming = Incoming { response, timers, first_byte };
        let mut reply = match self.config.wire {
            Wire::Anthropic => {
                let decoder = anthropic::Decoder::new(source);
                self.read(incoming, decoder, began, prefix, request).await
            }
            Wire::OpenAiChat => {
                let decoder = openai_chat::Decoder::new(source);
                self.read(incoming, decoder, began, prefix, request).await
            }
        }?;
        name_calls(&mut reply.content, request.messages.len());
        Ok(reply)
    }

    async fn read(
        &self,
        incoming: Incoming,
        mut decoder: impl Decode + Send,
        began: impl FnOnce() + Send,
        prefix: &Prefix,
        request: &TurnRequest,
    ) -> Result<TurnReply, Broken> {
        let read = self.endpoint.read(incoming, &mut decoder, began).await;
        let has_begun = decoder.has_begun();
        let reply = decoder.into_reply(|| estimate_input(prefix, request));
        match read {
            Ok(()) => Ok(reply),
            Err(fault) if has_begun => Err(Broken { fault, bill: Bill::Unknown(reply.usage) }),
            Err(fault) => Err(fault.into()),
        }
    }

    fn prefix(&self, request: &TurnRequest, caching: bool) -> std::sync::Arc<Prefix> {
        let web_search = request.web_search && self.limits(&request.model).web_search;
        let form = Form { marks: caching, web_search };
        self.prefixes.of(request, form, || match self.config.wire {
            Wire::Anthropic => anthropic::prefix(request, caching, web_search),
            Wire::OpenAiChat => openai_chat::prefix(request),
        })
    }

    fn quirks_of(&self, model: &str) -> Quirks {
        let learnt = self.quirks.lock().expect("no holder panics").get(model).copied();
        learnt.unwrap_or_else(|| Quirks::known(model))
    }

    fn remember(&self, model: &str, quirks: Quirks) {
        let lasting = Quirks { no_thinking: false, ..quirks };
        self.quirks.lock().expect("no holder panics").insert(model.to_owned(), lasting);
    }
}

impl Model for Provider {
    fn turn<'a>(
        &'a self,
        request: &'a TurnRequest,
        cx: &'a TurnCx<'a>,
    ) -> BoxFuture<'a, Result<TurnReply, TurnError>> {
        self.run(request, cx).boxed()
    }

    fn limits(&self, model: &str) -> ModelLimits {
        let mut limits = models::limits(model);
        if let Some(context_tokens) = self.config.context_tokens {
            limits.context_tokens = context_tokens;
            limits.output_tokens_max = limits.output_tokens_max.min((context_tokens / 2).max(1));
        }
        limits.web_search = self.official && self.config.wire == Wire::Anthropic;
        limits
    }
}

/// A try that came to nothing.
struct Broken {
    fault: Fault,
    bill: Bill,
}

/// Before any answer has begun.
impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        let bill = match &fault {
            // It said no, or nobody was there.
            Fault::Stop(_) | Fault::Unreachable(_) | Fault::Busy { .. } => Bill::Nothing,
            // It may have worked all the same.
            Fault::Hiccup(_) | Fault::Garbage(_) => Bill::Unknown(Usage::default()),
        };
        Self { fault, bill }
    }
}

/// Sees to it that every call of a tool has a name, and an id that no other of the reply has: results are
/// matched by it, and servers leave it out or give it twice. `messages_before` makes made-up ids unique in
/// the conversation.
fn name_calls(content: &mut [Block], messages_before: usize) {
    let mut seen = HashSet::new();
    for (nth, block) in content.iter_mut().enumerate() {
        let Block::ToolUse { id, name, .. } = block else { continue };
        if id.is_empty() || seen.contains(id) {
            *id = format!("call_{messages_before}_{nth}");
        }
        if name.is_empty() {
            name.push_str("unnamed");
        }
        seen.insert(id.clone());
    }
}

/// Where turns are sent: a base URL without a path gets the customary `/v1`.
fn turn_url(config: &ProviderConfig) -> Url {
    let mut url = config.base_url.clone();
    let base = url.path().trim_end_matches('/');
    let base = match (config.wire, base) {
        (_, "") => "/v1",
        (Wire::Anthropic, base) if !base.ends_with("/v1") => &format!("{base}/v1"),
        (_, base) => base,
    };
    let path = match config.wire {
        Wire::Anthropic => format!("{base}/messages"),
        Wire::OpenAiChat => format!("{base}/chat/completions"),
    };
    url.set_path(&path);
    url
}

fn headers(config: &ProviderConfig) -> Result<HeaderMap, String> {
    let name = &config.name;
    let value = |text: &str| {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| format!("the key of `{name}` has characters that no HTTP header can carry"))?;
        value.set_sensitive(true);
        Ok::<_, String>(value)
    };
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("accept", HeaderValue::from_static("text/event-stream, application/json"));
    headers.insert("user-agent", HeaderValue::from_static(concat!("fanfold/", env!("CARGO_PKG_VERSION"))));
    match config.wire {
        Wire::Anthropic => {
            headers.insert("anthropic-version", HeaderValue::from_static(anthropic::VERSION));
            if let Some(key) = &config.key {
                headers.insert("x-api-key", value(key.reveal())?);
            }
        }
        Wire::OpenAiChat => {
            if let Some(key) = &config.key {
                headers.insert("authorization", value(&format!("Bearer {}", key.reveal()))?);
            }
        }
    }
    for (header, text) in &config.headers {
        let parsed = HeaderName::try_from(header).ok().zip(HeaderValue::from_str(text).ok());
        let (header, value) =
            parsed.ok_or_else(|| format!("`{header}` of the provider `{name}` is no HTTP header"))?;
        headers.insert(header, value);
    }
    Ok(headers)
}
