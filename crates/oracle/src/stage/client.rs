//! One request of HTTP/1.1 to a loopback address.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Position, Url};

use crate::http::{Answer, BODY_BYTES_MAX, Question, loopback};

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Waits until somebody takes connections, and asks once: a request may change something.
pub async fn ask(question: &Question) -> Result<Answer, String> {
    let ready = async {
        loop {
            match connect(&question.url).await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    };
    let stream = tokio::time::timeout(Duration::from_millis(question.ready_ms), ready).await;
    let stream =
        stream.map_err(|_| format!("nobody answered at {} within {} ms", question.url, question.ready_ms))?;
    let no_answer = |err: hyper::Error| format!("no answer of HTTP: {err}");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
    // How it ends is told by the answer.
    tokio::spawn(connection);
    let answer = sender.send_request(request(question)?).await.map_err(no_answer)?;
    read(answer).await.map_err(no_answer)
}

pub async fn connect(url: &str) -> io::Result<TcpStream> {
    let addresses = loopback(url).map_err(|what| io::Error::new(io::ErrorKind::InvalidInput, what))?;
    TcpStream::connect(addresses.as_slice()).await
}

fn request(question: &Question) -> Result<Request<Full<Bytes>>, String> {
    let bad = |err: &dyn std::fmt::Display| format!("no request of HTTP: {err}");
    let url = Url::parse(&question.url).map_err(|err| bad(&err))?;
    let mut request = Request::builder()
        .method(question.method.as_str())
        .uri(&url[Position::BeforePath..Position::AfterQuery]);
    for (name, value) in &question.headers {
        request = request.header(name, value);
    }
    if !request.headers_ref().is_some_and(|headers| headers.contains_key(HOST)) {
        request = request.header(HOST, &url[Position::BeforeHost..Position::AfterPort]);
    }
    let body = question.body.clone().unwrap_or_default();
    request.body(Full::new(Bytes::from(body))).map_err(|err| bad(&err))
}

async fn read(mut answer: Response<Incoming>) -> Result<Answer, hyper::Error> {
    let (status, mut body, mut is_cut) = (answer.status().as_u16(), Vec::new(), false);
    while let Some(frame) = answer.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = BODY_BYTES_MAX - body.len();
        body.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            is_cut = true;
            break;
        }
    }
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), is_cut })
}
