//! No text of the allowed length takes the process down, and no real one meets a limit.

use super::*;

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    [&open.repeat(depth), inner, &close.repeat(depth)].concat()
}

#[test]
fn brackets_nest_500_deep_and_no_deeper() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{", ";", "}"),
        ("`${", "1", "}`"),
        ("log(() => ", "1", ")"),
        ("function f() {", "", "}"),
        ("class A { m() {", "", "} }"),
    ] {
        let per = open.matches(['(', '[', '{']).count() - open.matches([')', ']', '}']).count();
        let fits = with_meta(&nested(open, inner, close, 499 / per));
        assert!(told(&fits, "a.js").is_empty(), "{open}: {:?}", told(&fits, "a.js"));
        let over = with_meta(&nested(open, inner, close, 501 / per + 1));
        assert!(told(&over, "a.js")[0].contains("brackets are nested more than 500 deep"), "{open}");
    }
}

#[test]
fn brackets_in_text_and_in_patterns_do_not_nest() {
    let many = "(([{".repeat(400);
    check_bodies(
        "a.js",
        &[
            (&format!("log('{many}')"), ""),
            (&format!("log(\"\\\"{many}\")"), ""),
            (&format!("log(`{many} ${{1}} {many}`)"), ""),
            (&format!("// {many}\n/* {many} */"), ""),
            (&format!("log(/[{}]\\/'/.test('x'))", "(".repeat(900)), ""),
            (&"let i = 4; log([i++ / 2, i-- / (1), i / 1])\n".replace("let ", "var ").repeat(600), ""),
            (&format!("const a = 4 / 2 / 1\nlog('{many}') // it's"), ""),
            (&format!("if (args) /[{}`]/.test('x')\nlog(`{many}`)", "(".repeat(900)), ""),
        ],
    );
}

#[test]
fn patterns_nest_250_deep_and_no_deeper() {
    for (open, close, flags) in [("(", ")", ""), ("(?:", ")", "u"), ("(?<=", ")", ""), ("[", "]", "v")] {
        let pattern = |depth| with_meta(&format!("return /{}/{flags}", nested(open, "a", close, depth)));
        assert!(told(&pattern(250), "a.js").is_empty(), "{open}: {:?}", told(&pattern(250), "a.js"));
        for depth in [251, 5_000, 80_000] {
            for file in ["a.js", "a.ts"] {
                assert!(
                    told(&pattern(depth), file)[0].contains("groups more than 250 deep"),
                    "{open} {depth}"
                );
            }
        }
        // Behind a quote, and where it is not yet known that the text is no script.
        let hidden = format!("if (1) {{}}\n/'{}/.test('x')\nreturn (", open.repeat(20_000));
        assert!(!told(&with_meta(&hidden), "a.js").is_empty());
    }
}

#[test]
fn long_chains_of_a_real_length_are_fine() {
    for body in [
        format!("return 'a'{}", "\n  + 'b'".repeat(5_000)),
        format!("return Promise.resolve(1){}", ".then(x => x + 1)\n".repeat(3_000)),
        format!(
            "if (args === 0) log(0)\n{}",
            (1..3_000).map(|n| format!("else if (args === {n}) {{ log({n}) }}\n")).collect::<String>()
        ),
        (0..20_000).map(|n| format!("log({n} + 1)\n")).collect::<String>(),
        format!("const rows = [{}]", "{ a: -1, b: !2, c: [3] },\n".repeat(15_000)),
        format!(
            "switch (args) {{ {} }}",
            (0..9_000).map(|n| format!("case 'k{n}':\n  log('a' + 1)\n  break\n")).collect::<String>()
        ),
        format!("const x = {{}}\n{}", "x.a = x.b ? -1 : 2\nx.f = async () => await x.a\n".repeat(6_000)),
    ] {
        let source = with_meta(&body);
        assert!(source.len() < SOURCE_BYTES_MAX);
        assert!(told(&source, "a.js").is_empty(), "{:.60} {:?}", body, told(&source, "a.js"));
    }
}

#[test]
fn chains_that_would_overflow_a_stack_are_refused_or_parsed_but_never_crash() {
    let fill = |unit: &str| unit.repeat((SOURCE_BYTES_MAX - 200) / unit.len());
    for body in [
        format!("return {}1", fill("!")),
        format!("return {}1", fill("- ")),
        format!("return {}1", fill("await ")),
        format!("return 1{}", fill("+1")),
        format!("return 1{}", fill("**1")),
        format!("return {}1", fill("a=>")),
        format!("return {}1", fill("a?1:")),
        format!("return {}1", fill("args=")),
        format!("{};", fill("if(args);else ")),
        format!("{};", fill("if(args)\n")),
        format!("{};", fill("for(;;)")),
        format!("{};", fill("while(1)\n")),
        format!("{};", fill("do ")),
        format!("{};", (0..40_000).map(|n| format!("l{n}:")).collect::<String>()),
        format!("return args{}", fill(".a")),
        format!("return args{}", fill("?.a")),
        format!("return args{}", fill("()")),
        format!("return args{}", fill("[0]")),
        format!("return args{}", fill(".then()")),
        format!("return args{}", fill("``")),
        format!("return {}Map", fill("new ")),
        format!("return {}1", fill("(")),
        fill("`${"),
        fill("{"),
        fill("{}\n"),
        fill("/*"),
        fill("'"),
        fill("/"),
    ] {
        let told = told(&with_meta(&body), "a.js");
        assert!(told.iter().all(|line| !line.contains("crashed")), "{body:.40}: {told:?}");
    }
    for body in [
        format!("let x = args{}", fill(" as A")),
        format!("let x = args{}", fill("!")),
        format!("let x: A{}", fill("[]")),
        format!("let x: {}A", fill("keyof ")),
        format!("let x: {}A", fill("A<")),
        format!("type X = {}A", fill("A extends B?C:")),
        format!("type X = {}A", fill("()=>")),
        format!("type X = {}A", fill("A|")),
    ] {
        let told = told(&with_meta(&body), "a.ts");
        assert!(told.iter().all(|line| !line.contains("crashed")), "{body:.40}: {told:?}");
    }
}

#[test]
fn a_chain_that_costs_quadratic_time_is_refused_at_its_place() {
    let source = with_meta(&format!("return {}1", "await ".repeat(30_000)));
    assert!(told(&source, "a.js")[0].contains("hangs together more than 20000 operators deep"));
}

#[test]
fn no_more_than_thirty_diagnostics_are_told() {
    let body = (0..1000).map(|n| format!("unknown{n}zz()\n")).collect::<String>();
    assert_eq!(told(&with_meta(&body), "a.js").len(), 30);
}
