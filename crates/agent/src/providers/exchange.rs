//! One HTTP exchange with a provider: connect, send, and read the reply's bytes under three timers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::fault::Fault;
use super::sse::Events;
use crate::wire::TurnReply;

/// Bytes of one reply.
const REPLY_BYTES_MAX: usize = 32 << 20;
/// Bytes of an error's body: more is no message.
const ERROR_BYTES_MAX: usize = 64 << 10;
const IDLE_CONNECTIONS_MAX: usize = 2_048;
/// After a reply's last event the rest of the body is awaited this long, so that the connection can be
/// used again.
const TAIL: Duration = Duration::from_millis(500);

/// How long to wait for what. All monotonic.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    pub connect: Duration,
    /// From sending the request to the first byte of the body.
    pub first_byte: Duration,
    /// Between two bytes; keep-alives count.
    pub idle: Duration,
    /// Between two events that say anything: a stream of keep-alives ends here.
    pub silence: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            silence: Duration::from_secs(10 * 60),
        }
    }
}

impl Timers {
    /// A server on this machine reads a long prompt for minutes before it says anything.
    pub fn of_host(base_url: &Url) -> Self {
        let timers = Self::default();
        match is_loopback(base_url) {
            true => Self { first_byte: timers.silence, ..timers },
            false => timers,
        }
    }

    /// A caller's own limit on how long the model may say nothing: keep-alives are nothing.
    pub(super) fn with_stall(self, stall: Option<Duration>) -> Self {
        match stall {
            Some(stall) => Self { first_byte: stall, idle: stall, silence: stall, ..self },
            None => self,
        }
    }
}

/// Where requests go, and the connections to it.
pub(super) struct Endpoint {
    url: Url,
    headers: HeaderMap,
    connect: Duration,
    client: OnceLock<Result<Client, String>>,
}

/// A reply whose head has come.
pub(super) struct Incoming {
    pub response: Response,
    pub timers: Timers,
    /// When the body has to have begun.
    pub first_byte: Instant,
}

/// What reads a reply as it arrives.
pub(super) trait Decode {
    /// One event's payload.
    fn event(&mut self, data: &str) -> Result<Step, Fault>;

    /// A whole reply that came as one JSON document although a stream was asked for.
    fn document(&mut self, json: &str) -> Result<(), Fault>;

    /// Anything has come that the provider bills.
    fn has_begun(&self) -> bool;

    /// The provider said why it stopped, so nothing is missing.
    fn is_whole(&self) -> bool;

    /// What has come, with estimates for what the provider did not count.
    fn into_reply(self, estimate_input: impl FnOnce() -> u64) -> TurnReply;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing new: a keep-alive, an event of a kind that is not known.
    Nothing,
    Progress,
    /// The reply is complete.
    Last,
}

impl Endpoint {
    pub fn new(url: Url, headers: HeaderMap, connect: Duration) -> Self {
        Self { url, headers, connect, client: OnceLock::new() }
    }

    /// Sends and waits for the reply's head. Errors of the transport only: the status is the caller's.
    pub async fn post(&self, body: Vec<u8>, deadline: Instant) -> Result<Response, Fault> {
        let client = self.client()?;
        let sent = client.post(self.url.clone()).headers(self.headers.clone()).body(body).send();
        match timeout_at(deadline, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_connect() => Err(Fault::Unreachable(self.describe(&error))),
            Ok(Err(error)) => Err(Fault::Hiccup(self.describe(&error))),
            Err(_) => Err(Fault::Hiccup(format!("{} did not begin to answer in time", self.host()))),
        }
    }

    /// Reads a reply to its end. `began` is called when the first event says something.
    pub async fn read(
        &self,
        incoming: Incoming,
        decoder: &mut (impl Decode + Send),
        began: impl FnOnce() + Send,
    ) -> Result<(), Fault> {
        let Incoming { mut response, timers, first_byte } = incoming;
        let mut began = Some(began);
        let mut bytes = 0;
        let mut form = None;
        let mut document = Vec::new();
        let mut events = Events::default();
        // Set once the reply is complete, when the rest is no longer worth waiting for.
        let mut tail_ends = None;
        let mut silent_since = Instant::now();
        loop {
            let deadline = match tail_ends {
                _ if bytes == 0 => first_byte,
                Some(ends) => ends,
                None => (Instant::now() + timers.idle).min(silent_since + timers.silence),
            };
            let chunk = match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                // The reply itself was complete.
                Ok(Err(_)) | Err(_) if tail_ends.is_some() => break,
                Ok(Err(error)) => return Err(Fault::Hiccup(self.describe(&error))),
                Err(_) => {
                    return Err(Fault::Hiccup(format!("{} sent nothing more, and no end", self.host())));
                }
            };
            bytes += chunk.len();
            if bytes > REPLY_BYTES_MAX {
                let limit = REPLY_BYTES_MAX >> 20;
                return Err(Fault::Garbage(format!("{} sent a reply over {limit} MiB", self.host())));
            }
            if form.is_none() {
                form = Form::of(&chunk);
            }
            match form {
                None => {}
                Some(Form::Page) => {
                    let text = super::fault::brief(&String::from_utf8_lossy(&chunk));
                    let host = self.host();
                    return Err(Fault::Garbage(format!(
                        "{host} sent a web page in place of a reply: {text}"
                    )));
                }
                Some(Form::Document) => document.extend_from_slice(&chunk),
                Some(Form::Events) => {
                    let mut progress = false;
                    events.push(&chunk, &mut |data| {
                        if tail_ends.is_some() {
                            return Ok(());
                        }
                        match decoder.event(data)? {
                            Step::Nothing => {}
                            Step::Progress => progress = true,
                            Step::Last => tail_ends = Some(Instant::now() + TAIL),
                        }
                        Ok(())
                    })?;
                    if progress {
                        silent_since = Instant::now();
                        if let Some(began) = began.take() {
                            began();
                        }
                    }
                }
            }
        }
        match form {
            Some(Form::Document) => {
                let text = String::from_utf8_lossy(&document);
                decoder.document(text.trim_start_matches('\u{feff}'))?;
                if let Some(began) = began.take() {
                    began();
                }
            }
            Some(Form::Events) if tail_ends.is_some() => {}
            Some(Form::Events) => events.finish(&mut |data| decoder.event(data).map(|_| ()))?,
            Some(Form::Page) => unreachable!("a page ends the loop"),
            None => return Err(Fault::Hiccup(format!("{} sent an empty reply", self.host()))),
        }
        match decoder.is_whole() {
            true => Ok(()),
            false => Err(Fault::Hiccup(format!("the reply of {} was cut off", self.host()))),
        }
    }

    /// The start of an error's body, whatever becomes of the rest.
    pub async fn read_error(&self, mut response: Response, idle: Duration) -> String {
        let mut body: Vec<u8> = Vec::new();
        let deadline = Instant::now() + idle;
        while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
            body.extend_from_slice(&chunk);
            if body.len() > ERROR_BYTES_MAX {
                body.truncate(ERROR_BYTES_MAX);
                break;
            }
        }
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Built when it is first needed: the system's certificates cost milliseconds, and none are loaded
    /// for a server on this machine that is spoken to in clear.
    fn client(&self) -> Result<&Client, Fault> {
        let build = || {
            // HTTP/1.1 only: servers allow about a hundred streams on one HTTP/2 connection, the rest of
            // a thousand agents would queue behind them, and one lost connection would cut them all.
            let builder = Client::builder()
                .http1_only()
                .connect_timeout(self.connect)
                .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
                .tcp_nodelay(true)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false);
            let ring = rustls::crypto::ring::default_provider();
            let builder = if is_loopback(&self.url) { builder.no_proxy() } else { builder };
            let builder = if is_loopback(&self.url) && self.url.scheme() == "http" {
                let trust_nobody = rustls::ClientConfig::builder_with_provider(Arc::new(ring))
                    .with_safe_default_protocol_versions()
                    .map_err(|error| error.to_string())?
                    .with_root_certificates(rustls::RootCertStore::empty())
                    .with_no_client_auth();
                builder.tls_backend_preconfigured(trust_nobody)
            } else {
                // An error means that somebody else has installed one already.
                let _ = ring.install_default();
                builder
            };
            builder.build().map_err(|error| error.to_string())
        };
        match self.client.get_or_init(build) {
            Ok(client) => Ok(client),
            Err(why) => Err(Fault::Unreachable(format!("the HTTP client cannot be set up: {why}"))),
        }
    }

    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("the provider")
    }

    /// The error with its causes, without the URL.
    fn describe(&self, error: &reqwest::Error) -> String {
        let mut text = match () {
            () if error.is_timeout() => format!("no connection to {} in time", self.host()),
            () if error.is_connect() => format!("no connection to {}", self.host()),
            () => format!("the connection to {} broke", self.host()),
        };
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            if inner.source().is_none() {
                text.push_str(": ");
                text.push_str(&inner.to_string());
            }
            cause = inner.source();
        }
        text
    }
}

/// Whether the host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What a body turns out to be. Content types are not to be trusted.
#[derive(Clone, Copy)]
enum Form {
    Events,
    Document,
    Page,
}

impl Form {
    fn of(chunk: &Bytes) -> Option<Self> {
        let text = chunk.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(chunk);
        match text.iter().find(|byte| !byte.is_ascii_whitespace())? {
            b'{' | b'[' => Some(Self::Document),
            b'<' => Some(Self::Page),
            _ => Some(Self::Events),
        }
    }
}
