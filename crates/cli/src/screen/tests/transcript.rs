//! Tests of transcripts on screen.

use std::borrow::Cow;

use fanfold_agent::transcript::{Header, Line, Transcript};
use fanfold_agent::wire::{Block, Stop};
use fanfold_core::{Failure, FailureKind, Usage};

use super::PLAIN;
use crate::screen::transcript::{Extent, lines};

fn transcript() -> Transcript {
    let text = |text: &str| Block::Text { text: text.into() };
    let call = Block::ToolUse {
        id: "t1".into(),
        name: "read".into(),
        input: Ok(serde_json::json!({"path": "src/main.rs", "why": "x".repeat(200)})),
    };
    let broken = Block::ToolUse { id: "t2".into(), name: "bash".into(), input: Err("{\x1b[2J".into()) };
    let result = Block::ToolResult { id: "t1".into(), content: "1\n2\n3\n4\n5".into(), is_error: false };
    let error = Block::ToolResult { id: "t2".into(), content: "no JSON".into(), is_error: true };
    let usage =
        Usage { input_tokens: 1_000, cache_read_tokens: 3_000, output_tokens: 50, ..Usage::default() };
    let failure = Failure { kind: FailureKind::Truncated, message: "cut off".into() };
    Transcript {
        header: Header {
            key: "0123456789abcdef.0".into(),
            label: "review".into(),
            model: "p/m".into(),
            agent_type: "default".into(),
            workspace: "/repo/w1".into(),
            base: Some("abc123".into()),
            system: "d".into(),
        },
        lines: vec![
            Line::User { content: Cow::Owned(vec![text("Review it.\nAll of it.")]) },
            Line::Turn {
                content: Cow::Owned(vec![text("I look."), call, broken]),
                stop: Stop::ToolUse,
                usage,
            },
            Line::Result { block: Cow::Owned(result) },
            Line::Result { block: Cow::Owned(error) },
            Line::Resumed,
            Line::Turn { content: Cow::Owned(vec![text("Half a")]), stop: Stop::MaxTokens, usage },
            Line::End { failure: Some(Cow::Owned(failure)) },
        ],
        whole_bytes: 0,
    }
}

#[test]
fn an_agents_transcript_is_told_in_order_and_within_bounds() {
    let expect = format!(
        r#"
agent     review
id        0123456789abcdef.0
model     p/m
type      default
in        /repo/w1 (a worktree of abc123)

user
  Review it.
  All of it.

turn 1  4.0k in (75% cached), 50 out
  I look.
  › read {{"path":"src/main.rs","why":"{}…
  › bash no JSON: {{\u{{1b}}[2J
  ‹ read result
    1
    2
    3
    … 2 lines more, 9 B in all: see --full
  ‹ bash error
    no JSON

resumed by a later attempt

turn 2  4.0k in (75% cached), 50 out, cut off at its token limit
  Half a

✗ truncated
  cut off
"#,
        "x".repeat(160 - 1 - r#"{"path":"src/main.rs","why":""#.len())
    );
    let text = PLAIN.render(&lines(&transcript(), Extent::Bounded));
    assert_eq!(text, expect.trim_start_matches('\n'));
}

#[test]
fn all_of_it_is_shown_when_asked_for() {
    let text = PLAIN.render(&lines(&transcript(), Extent::Full));
    assert!(text.contains(&"x".repeat(200)) && text.contains("    5\n") && !text.contains('…'), "{text}");
}
