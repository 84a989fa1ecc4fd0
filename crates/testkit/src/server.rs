//! A model server on loopback that says what a test tells it to, and keeps its own books.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fanfold_core::Usage;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::reply::{Dialect, Reply};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    content: Content,
    delay: Duration,
    hold: Option<Hold>,
    ending: Ending,
}

#[derive(Clone, Debug)]
enum Content {
    Reply(Reply),
    /// Not streamed, whatever was asked for.
    Document(Reply),
    Raw(Bytes),
}

/// How a body ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Whole,
    /// After so many bytes the connection breaks.
    Broken(usize),
    /// After so many bytes the body ends as if it were complete.
    Short(usize),
    /// After so many bytes nothing comes any more, and no end.
    Stalled(usize),
    /// After so many bytes only keep-alives come, for ever.
    Pings(usize),
}

impl Answer {
    pub fn reply(reply: Reply) -> Self {
        Self::with(200, Content::Reply(reply))
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::reply(Reply::text(text))
    }

    /// A complete JSON document although a stream was asked for.
    pub fn document(reply: Reply) -> Self {
        Self::with(200, Content::Document(reply))
    }

    pub fn raw(status: u16, body: impl Into<Bytes>) -> Self {
        Self::with(status, Content::Raw(body.into()))
    }

    /// An error in the shape that both wires share.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let body = serde_json::json!({"type": "error", "error": {"type": kind, "message": message}});
        Self::raw(status, body.to_string())
    }

    fn with(status: u16, content: Content) -> Self {
        let (headers, delay) = (Vec::new(), Duration::ZERO);
        Self { status, headers, content, delay, hold: None, ending: Ending::Whole }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Real time before the head is sent.
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The head is sent when `hold` is released.
    pub fn held(self, hold: &Hold) -> Self {
        Self { hold: Some(hold.clone()), ..self }
    }

    pub fn broken_after(self, bytes: usize) -> Self {
        Self { ending: Ending::Broken(bytes), ..self }
    }

    pub fn short_after(self, bytes: usize) -> Self {
        Self { ending: Ending::Short(bytes), ..self }
    }

    pub fn stalled_after(self, bytes: usize) -> Self {
        Self { ending: Ending::Stalled(bytes), ..self }
    }

    pub fn pings_after(self, bytes: usize) -> Self {
        Self { ending: Ending::Pings(bytes), ..self }
    }
}

/// Keeps answers back until it is released.
#[derive(Clone, Debug)]
pub struct Hold(watch::Sender<bool>);

impl Default for Hold {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Hold {
    pub fn release(&self) {
        self.0.send_replace(true);
    }

    async fn released(&self) {
        let mut watcher = self.0.subscribe();
        watcher.wait_for(|released| *released).await.expect("this value holds a sender");
    }
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// From 0, in the order of arrival.
    pub nth: usize,
    pub dialect: Dialect,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }
}

/// The server's own books: what a test judges by.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    pub requests: Vec<Seen>,
    /// Requests under way at once, at most.
    pub peak: usize,
    /// Replies begun.
    pub answered: usize,
    /// What all replies reported.
    pub usage: Usage,
}

type Script = Box<dyn Fn(&Seen) -> Answer + Send + Sync>;

struct Shared {
    script: Option<Script>,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    bill: Bill,
    seen: usize,
    in_flight: usize,
}

/// Stops when dropped.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl ModelServer {
    /// Asks `script` what to answer to each request.
    pub async fn start(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(Some(Box::new(script))).await
    }

    /// Answers in this order; a request too many gets a 418.
    pub async fn queue(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect::<VecDeque<_>>());
        Self::start(move |_| {
            let next = answers.lock().expect("no holder panics").pop_front();
            next.unwrap_or_else(|| Answer::error(418, "unscripted", "the test scripted no further answer"))
        })
        .await
    }

    /// Answers `ok` at once without reading what was asked, and counts only: for measurements.
    pub async fn echo() -> Self {
        Self::serve(None).await
    }

    async fn serve(script: Option<Script>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared { script, books: Mutex::default() });
        let task = tokio::spawn(accept(listener, shared.clone())).abort_handle();
        Self { address, shared, task }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn bill(&self) -> Bill {
        self.shared.books.lock().expect("no holder panics").bill.clone()
    }

    /// Requests so far.
    pub fn seen(&self) -> usize {
        self.shared.books.lock().expect("no holder panics").seen
    }

    /// Returns once `count` requests have come.
    pub async fn wait_for(&self, count: usize) {
        while self.seen() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // A failure leaves the connection slower, nothing else.
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        connections.spawn(async move {
            let service = service_fn(|request| answer(shared.clone(), request));
            // Clients that go away in the middle are what tests are about.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Paced>, Infallible> {
    let path = request.uri().path().to_owned();
    let dialect = if path.ends_with("/messages") { Dialect::Messages } else { Dialect::Chat };
    let in_flight = InFlight::begin(&shared);
    let Some(script) = &shared.script else {
        return Ok(echo(dialect, request, in_flight).await);
    };
    let headers = request.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let seen = {
        let mut books = shared.books.lock().expect("no holder panics");
        let nth = books.bill.requests.len();
        books.bill.requests.push(Seen { nth, dialect, path, headers, body });
        books.bill.requests[nth].clone()
    };
    let answer = script(&seen);
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if let Some(hold) = &answer.hold {
        hold.released().await;
    }
    let stream = seen.body["stream"].as_bool().unwrap_or(false);
    let (kind, body, usage) = match &answer.content {
        Content::Raw(body) => ("application/json", body.clone(), None),
        Content::Document(reply) => {
            ("application/json", reply.render(dialect, seen.model(), false).into(), reply.usage)
        }
        Content::Reply(reply) => {
            let kind = if stream { "text/event-stream" } else { "application/json" };
            (kind, reply.render(dialect, seen.model(), stream).into(), reply.usage)
        }
    };
    {
        let mut books = shared.books.lock().expect("no holder panics");
        books.bill.answered += 1;
        books.bill.usage += usage.unwrap_or_default();
    }
    let mut response = Response::builder().status(answer.status).header("content-type", kind);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = Paced::new(body, answer.ending, in_flight);
    Ok(response.body(body).expect("a test's headers are well-formed"))
}

async fn echo(dialect: Dialect, request: Request<Incoming>, in_flight: InFlight) -> Response<Paced> {
    static STREAMS: OnceLock<[Bytes; 2]> = OnceLock::new();
    let streams = STREAMS.get_or_init(|| {
        let reply = Reply { deltas: 1, ..Reply::text("ok") };
        [Dialect::Messages, Dialect::Chat].map(|dialect| reply.render(dialect, "echo", true).into())
    });
    let body = match dialect {
        Dialect::Messages => streams[0].clone(),
        Dialect::Chat => streams[1].clone(),
    };
    let mut sent = request.into_body();
    while let Some(Ok(_)) = sent.frame().await {}
    let mut response = Response::new(Paced::new(body, Ending::Whole, in_flight));
    let kind = hyper::header::HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert("content-type", kind);
    response
}

/// Counts a request as under way until its reply is sent or dropped.
struct InFlight(Arc<Shared>);

impl InFlight {
    fn begin(shared: &Arc<Shared>) -> Self {
        let mut books = shared.books.lock().expect("no holder panics");
        books.seen += 1;
        books.in_flight += 1;
        books.bill.peak = books.bill.peak.max(books.in_flight);
        drop(books);
        Self(shared.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.books.lock().expect("no holder panics").in_flight -= 1;
    }
}

/// A body with its ending.
struct Paced {
    rest: Option<Bytes>,
    ending: Ending,
    /// Between two keep-alives.
    ping: Option<Pin<Box<tokio::time::Sleep>>>,
    _in_flight: InFlight,
}

impl Paced {
    fn new(body: Bytes, ending: Ending, in_flight: InFlight) -> Self {
        let rest = match ending {
            Ending::Whole => body,
            Ending::Broken(bytes) | Ending::Short(bytes) | Ending::Stalled(bytes) | Ending::Pings(bytes) => {
                body.slice(..bytes.min(body.len()))
            }
        };
        Self { rest: Some(rest).filter(|rest| !rest.is_empty()), ending, ping: None, _in_flight: in_flight }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        match self.ending {
            Ending::Whole | Ending::Short(_) => Poll::Ready(None),
            Ending::Broken(_) => {
                // One turn of the loop for what is written to reach the client before the break.
                if self.ping.is_none() {
                    self.ping = Some(Box::pin(tokio::time::sleep(Duration::ZERO)));
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(std::io::Error::other("cut by the test"))))
            }
            Ending::Stalled(_) => Poll::Pending,
            Ending::Pings(_) => {
                let ping =
                    self.ping.get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(5))));
                std::task::ready!(ping.as_mut().poll(cx));
                self.ping = None;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b": keep-alive\n\n")))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && matches!(self.ending, Ending::Whole)
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match (self.ending, &self.rest) {
            (Ending::Whole, Some(rest)) => hyper::body::SizeHint::with_exact(rest.len() as u64),
            _ => hyper::body::SizeHint::default(),
        }
    }
}
