//! The parts of the web's globals that are better not written in JavaScript: URLs and UTF-8.

use rquickjs::{Ctx, TypedArray};
use serde_json::json;
use url::{Url, form_urlencoded, quirks};

/// Every part of a URL by the name of its property, as JSON; `None` when it is no URL.
pub fn url_parse(text: String, base: Option<String>) -> Option<String> {
    let url = match base {
        Some(base) => Url::parse(&base).ok()?.join(&text).ok()?,
        None => Url::parse(&text).ok()?,
    };
    Some(url_parts(&url))
}

/// The URL `href` with one part set, as the web's setters do it: a value that does not fit changes
/// nothing. `None` only for an `href` that is no URL.
pub fn url_set(href: String, part: String, value: String) -> Option<String> {
    let mut url = Url::parse(&href).ok()?;
    let value = value.as_str();
    match part.as_str() {
        "href" => quirks::set_href(&mut url, value).ok()?,
        "protocol" => quirks::set_protocol(&mut url, value).unwrap_or_default(),
        "username" => quirks::set_username(&mut url, value).unwrap_or_default(),
        "password" => quirks::set_password(&mut url, value).unwrap_or_default(),
        "host" => quirks::set_host(&mut url, value).unwrap_or_default(),
        "hostname" => quirks::set_hostname(&mut url, value).unwrap_or_default(),
        "port" => quirks::set_port(&mut url, value).unwrap_or_default(),
        "pathname" => quirks::set_pathname(&mut url, value),
        "search" => quirks::set_search(&mut url, value),
        "hash" => quirks::set_hash(&mut url, value),
        _ => return None,
    }
    Some(url_parts(&url))
}

fn url_parts(url: &Url) -> String {
    json!({
        "href": quirks::href(url),
        "origin": quirks::origin(url),
        "protocol": quirks::protocol(url),
        "username": quirks::username(url),
        "password": quirks::password(url),
        "host": quirks::host(url),
        "hostname": quirks::hostname(url),
        "port": quirks::port(url),
        "pathname": quirks::pathname(url),
        "search": quirks::search(url),
        "hash": quirks::hash(url),
    })
    .to_string()
}

/// `a=1&b=2` as JSON pairs.
pub fn form_parse(text: String) -> String {
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    serde_json::to_string(&pairs).expect("plain data always serializes")
}

/// JSON pairs as `a=1&b=2`.
pub fn form_write(pairs: String) -> String {
    let pairs: Vec<(String, String)> = serde_json::from_str(&pairs).unwrap_or_default();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub fn utf8_encode<'js>(ctx: Ctx<'js>, text: String) -> rquickjs::Result<TypedArray<'js, u8>> {
    TypedArray::new_copy(ctx, text)
}

/// `binary` has one character a byte. `[text, bytes used]` as JSON: a character that the end cuts is left
/// for the next chunk when there may be one. `None` when `fatal` and the bytes are no UTF-8.
pub fn utf8_decode(binary: String, fatal: bool, more_follows: bool) -> Option<String> {
    let bytes: Vec<u8> = binary.chars().map(|byte| byte as u8).collect();
    let mut used = bytes.len();
    if let Err(err) = std::str::from_utf8(&bytes)
        && err.error_len().is_none()
        && more_follows
    {
        used = err.valid_up_to();
    } else if more_follows && let Some(cut) = cut_character(&bytes) {
        used -= cut;
    }
    let text = String::from_utf8_lossy(&bytes[..used]);
    if fatal && matches!(text, std::borrow::Cow::Owned(_)) {
        return None;
    }
    Some(json!([text, used]).to_string())
}

/// How many bytes at the end begin a character that is not whole.
fn cut_character(bytes: &[u8]) -> Option<usize> {
    let (_, rest) = bytes.utf8_chunks().last().map(|chunk| (chunk.valid(), chunk.invalid()))?;
    std::str::from_utf8(rest).is_err_and(|err| err.error_len().is_none()).then_some(rest.len())
}
