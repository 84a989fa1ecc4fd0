use serde_json::json;

use crate::session::{Session, eval};

#[test]
fn a_url_has_its_parts_and_takes_new_ones() {
    let body = "
        const u = new URL('../b?x=1#h', 'https://me:pw@example.com:8080/a/c');
        const parts = [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash];
        u.port = '443'; u.pathname = '/é x'; u.hash = ''; u.protocol = 'http'; u.host = 'h.org:1'; u.port = 'nonsense';
        return [parts, u.toString(), JSON.stringify({u}), `${u}`, URL.canParse('nope'), URL.parse('nope')]";
    assert_eq!(
        eval(body),
        json!([
            [
                "https://me:pw@example.com:8080/b?x=1#h",
                "https://example.com:8080",
                "https:",
                "me",
                "pw",
                "example.com:8080",
                "example.com",
                "8080",
                "/b",
                "?x=1",
                "#h"
            ],
            "http://me:pw@h.org:1/%C3%A9%20x?x=1",
            "{\"u\":\"http://me:pw@h.org:1/%C3%A9%20x?x=1\"}",
            "http://me:pw@h.org:1/%C3%A9%20x?x=1",
            false,
            null
        ])
    );
    assert!(Session::run("new URL('nope')").thrown().contains("invalid URL: \"nope\""));
    assert!(Session::run("new URL('https://a').href = 'nope'").thrown().contains("invalid URL"));
}

#[test]
fn search_params_live_with_their_url() {
    let body = "
        const u = new URL('https://a/?q=1&q=2&z=%20');
        const p = u.searchParams;
        p.append('n', 'a b&c'); p.set('q', '3'); p.delete('z');
        const first = u.search;
        u.search = '?fresh=1';
        return [first, p.get('fresh'), p.get('q'), u.searchParams === p, p.size]";
    assert_eq!(eval(body), json!(["?q=3&n=a+b%26c", "1", null, true, 1]));
}

#[test]
fn search_params_of_every_source() {
    let body = "
        const p = new URLSearchParams({b: 2, a: '1'}); p.append('b', '3'); p.sort();
        const seen = []; p.forEach((value, name) => seen.push(name + value));
        return [p.toString(), [...p], [...p.keys()], [...p.values()], seen, p.getAll('b'), p.has('a'), p.has('a', '2'),
            new URLSearchParams('?x=1&y=%C3%A9').get('y'), new URLSearchParams([['k', 'v']]).toString(),
            new URLSearchParams(p).toString(), new URLSearchParams().toString()]";
    assert_eq!(
        eval(body),
        json!([
            "a=1&b=2&b=3",
            [["a", "1"], ["b", "2"], ["b", "3"]],
            ["a", "b", "b"],
            ["1", "2", "3"],
            ["a1", "b2", "b3"],
            ["2", "3"],
            true,
            false,
            "é",
            "k=v",
            "a=1&b=2&b=3",
            ""
        ])
    );
}

#[test]
fn text_goes_to_bytes_and_back() {
    let body = "
        const bytes = new TextEncoder().encode('é😀\\ud83d');
        const into = new Uint8Array(5);
        const streamed = new TextDecoder();
        const parts = [...bytes].map((b) => streamed.decode(Uint8Array.of(b), {stream: true})).join('') + streamed.decode();
        return [[...bytes], new TextDecoder().decode(bytes), new TextDecoder('utf8').decode(bytes.buffer.slice(0, 3)),
            new TextEncoder().encodeInto('aé😀', into), parts, new TextDecoder().decode(Uint8Array.of(0xEF, 0xBB, 0xBF, 65)),
            new TextDecoder().decode()]";
    assert_eq!(
        eval(body),
        json!([[195, 169, 240, 159, 152, 128, 239, 191, 189], "é😀\u{fffd}", "é\u{fffd}", {"read": 2, "written": 3},
            "é😀\u{fffd}", "A", ""])
    );
    assert!(
        Session::run("new TextDecoder('utf-8', {fatal: true}).decode(Uint8Array.of(255))")
            .thrown()
            .contains("not valid utf-8")
    );
    assert!(Session::run("new TextDecoder('utf-16')").thrown().contains("utf-8 only"));
}

#[test]
fn base64_goes_both_ways() {
    assert_eq!(eval("return [btoa('a\\xff'), atob('Yf8=').charCodeAt(1)]"), json!(["Yf8=", 255]));
    assert!(!Session::run("btoa('😀')").thrown().is_empty());
    assert!(!Session::run("atob('*')").thrown().is_empty());
}

#[test]
fn structured_clone_copies_what_the_web_copies() {
    let body = "
        const a = {d: new Date(5), m: new Map([[{k: 1}, new Set([2])]]), r: /x/gi, u: undefined, n: 10n, l: [1, , 3],
            b: new Uint8Array([1, 2]), e: new RangeError('bad'), o: new Number(4)};
        a.self = a;
        const c = structuredClone(a);
        return [c !== a, c.self === c, c.d.getTime(), [...c.m][0][0].k, [...c.m][0][1].has(2), String(c.r), 'u' in c, c.n === 10n,
            1 in c.l, c.l.length, [...c.b], c.b !== a.b, c.e instanceof RangeError, c.e.message, c.o + 1]";
    assert_eq!(
        eval(body),
        json!([true, true, 5, 1, true, "/x/gi", true, true, false, 3, [1, 2], true, true, "bad", 5])
    );
    for code in
        ["structuredClone(() => 1)", "structuredClone({s: Symbol()})", "structuredClone(Promise.resolve())"]
    {
        assert!(
            Session::run(code).thrown().starts_with("DataCloneError: "),
            "{code}: {}",
            Session::run(code).thrown()
        );
    }
}
