//! What a request to the proxy asks for, what is wrong with it, and what of it is passed on.

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::uri::{Authority, Scheme};
use hyper::{Method, Request, StatusCode, Uri, Version};
use url::Host;

use super::allow::parse_host;

/// Why a request is not served.
pub(super) struct Refusal {
    pub status: StatusCode,
    /// One line.
    pub why: String,
}

impl Refusal {
    pub fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub host: Host,
    pub port: u16,
}

/// Everything else either tunnels (`CONNECT` is a tunnel of its own) or has no business with a registry.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Where a request is to go, if nothing about it is ambiguous.
pub(super) fn target<B>(request: &Request<B>) -> Result<Target, Refusal> {
    let bad = |why: &str| Refusal::new(StatusCode::BAD_REQUEST, why);
    let uri = request.uri();
    let is_tunnel = request.method() == Method::CONNECT;
    if !is_tunnel && !METHODS.contains(request.method()) {
        let why = format!("the method {} is not passed on", request.method());
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why));
    }
    let authority = uri.authority().ok_or_else(|| bad("a proxy is asked for whole addresses"))?;
    if authority.as_str().contains('@') {
        return Err(bad("a user name or password in an address is not passed on"));
    }
    let port = if is_tunnel {
        let headers = request.headers();
        if headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING) {
            return Err(bad("CONNECT has no body"));
        }
        authority.port_u16().ok_or_else(|| bad("CONNECT needs a host and a port"))?
    } else {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(bad("only http:// is asked for like this; use CONNECT for https"));
        }
        port_of(authority)?.unwrap_or(80)
    };
    let host = parse_host(authority.host()).ok_or_else(|| bad("not the name of a host"))?;
    let target = Target { host, port };
    check_host_header(request.headers(), &target)?;
    Ok(target)
}

/// The header `Host` says the same as the address, or nothing: a server behind a shared address would serve
/// the host of the header.
fn check_host_header(headers: &HeaderMap, target: &Target) -> Result<(), Refusal> {
    let bad = |why: String| Refusal::new(StatusCode::BAD_REQUEST, why);
    let mut named = headers.get_all(HOST).iter();
    let Some(first) = named.next() else { return Ok(()) };
    if named.next().is_some() {
        return Err(bad("more than one Host header".into()));
    }
    let authority = first.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    let authority = authority.filter(|authority| !authority.as_str().contains('@'));
    let Some(authority) = authority else { return Err(bad("an unreadable Host header".into())) };
    let same_port = port_of(&authority)?.is_none_or(|port| port == target.port);
    if parse_host(authority.host()).as_ref() != Some(&target.host) || !same_port {
        return Err(bad(format!(
            "the Host header {authority:?} is not the host of the address, {}",
            target.host
        )));
    }
    Ok(())
}

/// None where there is none; an empty or absurd one is an error rather than a default.
fn port_of(authority: &Authority) -> Result<Option<u16>, Refusal> {
    let text = authority.as_str();
    let after_host = text.strip_prefix(authority.host()).unwrap_or(text);
    match (after_host.is_empty(), authority.port_u16()) {
        (true, _) => Ok(None),
        (false, Some(port)) => Ok(Some(port)),
        (false, None) => Err(Refusal::new(StatusCode::BAD_REQUEST, "an unreadable port")),
    }
}

/// The request as the server sees it: its own path, its own name, and nothing that was meant for the proxy.
pub(super) fn pass_on<B>(mut request: Request<B>, target: &Target) -> Request<B> {
    drop_hop_by_hop(request.headers_mut());
    // Answered here, when the body is first read.
    request.headers_mut().remove(EXPECT);
    let host = match target.port {
        80 => target.host.to_string(),
        port => format!("{}:{port}", target.host),
    };
    request.headers_mut().insert(HOST, HeaderValue::try_from(host).expect("a host is ASCII"));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    *request.uri_mut() = Uri::try_from(path).expect("the path of an address is an address");
    *request.version_mut() = Version::HTTP_11;
    request
}

/// Headers for the next hop only: those of RFC 9110 section 7.6.1, those that `Connection` names, and those
/// for proxies.
pub(super) fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let known = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, HeaderName::from_static("keep-alive")];
    let of_proxies: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("proxy-")).cloned().collect();
    for name in named.into_iter().chain(known).chain(of_proxies) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request")
    }

    #[test]
    fn whole_addresses_and_tunnels_have_a_target() {
        for (method, uri, host, port) in [
            ("CONNECT", "crates.io:443", "crates.io", 443),
            ("CONNECT", "[2606:4700::1]:443", "[2606:4700::1]", 443),
            ("GET", "http://Crates.IO./x?y", "crates.io", 80),
            ("POST", "http://crates.io:8080", "crates.io", 8080),
        ] {
            let target = target(&request(method, uri, &[])).ok().expect(uri);
            assert_eq!((target.host.to_string().as_str(), target.port), (host, port));
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_has_none() {
        let host = |value| [("host", value)];
        for (what, request) in [
            ("a path", request("GET", "/x", &host("crates.io"))),
            ("https", request("GET", "https://crates.io/", &[])),
            ("no port", request("CONNECT", "crates.io", &[])),
            ("a user", request("GET", "http://crates.io@evil.example/", &[])),
            ("a user in a tunnel", request("CONNECT", "a:b@crates.io:443", &[])),
            ("a body in a tunnel", request("CONNECT", "crates.io:443", &[("content-length", "3")])),
            ("another host", request("GET", "http://crates.io/", &host("evil.example"))),
            ("another host in a tunnel", request("CONNECT", "crates.io:443", &host("evil.example:443"))),
            ("another port", request("GET", "http://crates.io/", &host("crates.io:8080"))),
            (
                "two hosts",
                request("GET", "http://crates.io/", &[("host", "crates.io"), ("host", "crates.io")]),
            ),
            ("an empty host", request("GET", "http://crates.io/", &host(""))),
            ("an empty port", request("GET", "http://crates.io:/", &[])),
            ("TRACE", request("TRACE", "http://crates.io/", &[])),
            ("an invented method", request("TUNNEL", "http://crates.io/", &[])),
        ] {
            assert!(target(&request).is_err(), "{what}");
        }
    }

    #[test]
    fn the_server_sees_its_own_path_and_nothing_meant_for_the_proxy() {
        let headers = [
            ("connection", "X-Secret, host"),
            ("x-secret", "1"),
            ("proxy-authorization", "Basic x"),
            ("upgrade", "h2c"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ];
        let request = request("GET", "http://crates.io:8080/a?b", &headers);
        let target = target(&request).ok().expect("a target");
        let passed = pass_on(request, &target);
        assert_eq!(passed.uri(), "/a?b");
        let mut names: Vec<&str> = passed.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host"]);
        assert_eq!(passed.headers()[HOST], "crates.io:8080");
    }
}
