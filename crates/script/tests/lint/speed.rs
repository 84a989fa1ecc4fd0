//! The lint is for every save of a file.

use std::time::Duration;

use fanfold_script::parse::parse;
use rustix::time::{ClockId, clock_gettime};

use super::*;

/// A script of about `lines` lines, all of it different, as a large one is written.
fn large(lines: usize) -> String {
    let mut text = String::from(
        "export const meta = { name: 'large', description: 'd' }\nconst SCHEMA = { type: 'object', properties: { files: { type: 'array', maxItems: 9, items: { type: 'string' } } } }",
    );
    let mut n = 0;
    while text.lines().count() < lines {
        n += 1;
        text += &format!(
            "
// Part {n}: looks for what part {n} is about.
const items{n} = ['a{n}', 'b{n}', 'c{n}']
async function look{n}(item, index) {{
  const found = await agent(`Read ${{item}} of part {n} (${{index}}).`, {{
    label: `look{n}:${{item}}`,
    schema: SCHEMA,
    agentType: 'Explore',
  }})
  if (!found) return {{ item, files: [] }}
  const files = found.files.filter(file => file.startsWith('src/')).slice(0, 5)
  return {{ item, files }}
}}
const looked{n} = await parallel(items{n}.map((item, index) => () => look{n}(item, index)))
const kept{n} = looked{n}.filter(Boolean)
log(`part {n}: ${{kept{n}.length}} of ${{items{n}.length}}`)
for (const {{ item, files }} of kept{n}) {{
  if (files.length === 0) continue
  const text = files.map(file => `- ${{file}}`).join('\\n')
  const summary = await agent(`Summarise ${{item}}:\\n${{text}}`, {{ label: `sum{n}:${{item}}` }})
  log(summary ?? `nothing on ${{item}}`)
}}
"
        );
    }
    text
}

/// Of this process, which no other work on the machine makes longer.
fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

fn timed(work: impl Fn()) -> Duration {
    let times = (0..3).map(|_| {
        let started = cpu_time();
        work();
        cpu_time() - started
    });
    times.min().expect("three were taken")
}

/// Figures: `cargo nextest run -p fanfold-script --test lint --no-capture`. The limit is for an unoptimised
/// build; what it keeps out is time that grows with the square.
#[test]
fn a_script_of_three_thousand_lines_is_linted_in_no_time() {
    let linted = |source: &str| {
        timed(|| {
            let told = lint_here(source, "w.js");
            assert!(told.is_empty(), "{:?}", told.first());
        })
    };
    let (source, double) = (large(3_000), large(6_000));
    let loaded = timed(|| drop(parse(&source, "w.js").expect("loads")));
    let (once, twice) = (linted(&source), linted(&double));
    #[expect(clippy::print_stderr, reason = "a figure")]
    {
        eprintln!(
            "{} lines: {once:?}, {loaded:?} of it to load; twice as many: {twice:?}",
            source.lines().count()
        );
    }
    assert!(once < Duration::from_millis(1_500), "{once:?}");
    assert!(twice < once * 3, "{once:?}, twice as many lines: {twice:?}");
}
