//! Places are those of the script's own text, counted as JavaScript counts.

use fanfold_script::protocol::Request;

use crate::session::Session;

#[track_caller]
fn sites(body: &str, expected: &[(u32, u32)]) {
    let session = Session::run(body);
    let sites: Vec<_> = session
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::Call { site, .. } => site.as_ref().map(|site| (site.line, site.column)),
            _ => None,
        })
        .collect();
    assert_eq!(sites, expected, "{body}");
}

#[test]
fn a_call_knows_where_it_is_made() {
    sites("await agent('a')", &[(1, 7)]);
    sites("await agent('a');\n  await agent('b')", &[(1, 7), (2, 9)]);
    sites("'é😀'; await agent('a');\n'é😀'; await agent('b')", &[(1, 14), (2, 14)]);
    sites("const f = async () => {\n await null;\n return agent('deep');\n};\nawait f();", &[(3, 9)]);
    sites("const f = {x: 'x'};\nawait agent(`a ${f.x}`, {\n label: f.x,\n phase: String(f) })", &[(2, 7)]);
    sites(
        "await parallel([\n () => agent('a'),\n]);\nawait pipeline([1],\n (n) => agent('b'));",
        &[(2, 8), (5, 9)],
    );
    sites("await new Promise((done) => {\n setTimeout(done, 1) })", &[(2, 2)]);
}

#[test]
fn a_script_that_tampers_with_stack_traces_does_not_lose_its_places() {
    sites("Error.stackTraceLimit = 0; Error.prepareStackTrace = () => 'x';\nawait agent('a')", &[(2, 7)]);
}

#[test]
fn an_exception_names_its_place() {
    let session = Session::run("const x = null;\nfunction f() {\n  return x.y;\n}\nf();");
    let place = session.failed().location.clone().expect("a place");
    assert_eq!((place.file.as_str(), place.line), ("w.js", 3));
    assert!(session.thrown().starts_with("TypeError: "), "{}", session.thrown());
}

#[test]
fn the_rejection_of_a_call_has_the_calls_place() {
    let session = Session::run_with("'é';\nawait\n  agent('x')", crate::session::start(), |_| {
        crate::session::throw(fanfold_core::FailureKind::Budget, "spent")
    });
    assert_eq!(session.thrown(), "spent");
    let place = session.failed().location.clone().expect("a place");
    assert_eq!((place.line, place.column), (3, 3));
}
