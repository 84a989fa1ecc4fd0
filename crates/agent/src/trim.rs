//! Keeps a conversation beneath its model's window: the output of old tool calls goes first.

use fanfold_core::tokens;

use crate::wire::{Block, Message};

/// Shorter output is not worth dropping.
const WORTH_BYTES: usize = 400;
/// What is left of the newest output, when even that has to go.
const LEFT_BYTES: usize = 4_000;

/// Trims until the estimate is well below `tokens_max`, so that not every turn has to: what changes early
/// in a conversation makes the provider's cache void. `Err`: the estimate that no trimming brings down.
pub fn trim(messages: &mut [Message], tokens_max: u64) -> Result<(), u64> {
    // A token is at least a byte: mostly there is nothing to estimate.
    if messages.iter().flat_map(|message| &message.content).map(bytes).sum::<u64>() <= tokens_max {
        return Ok(());
    }
    let mut total = estimate(messages);
    if total <= tokens_max {
        return Ok(());
    }
    let target = tokens_max / 10 * 7;
    let (newest, older) = messages.split_last_mut().expect("there are bytes in it");
    for content in older.iter_mut().flat_map(results).filter(|content| content.len() > WORTH_BYTES) {
        if total <= target {
            return Ok(());
        }
        let note = format!(
            "[{} bytes of output dropped to make room: call the tool again if you need them]",
            content.len()
        );
        total = replace(content, note, total);
    }
    for content in results(newest).filter(|content| content.len() > LEFT_BYTES) {
        if total <= target {
            return Ok(());
        }
        let kept = &content[..content.floor_char_boundary(LEFT_BYTES)];
        let note =
            format!("{kept}\n[cut to make room, {} bytes in all: ask for less at once]", content.len());
        total = replace(content, note, total);
    }
    if total <= tokens_max { Ok(()) } else { Err(total) }
}

pub fn estimate(messages: &[Message]) -> u64 {
    messages.iter().flat_map(|message| &message.content).map(block_tokens).sum()
}

fn results(message: &mut Message) -> impl Iterator<Item = &mut String> {
    message.content.iter_mut().filter_map(|block| match block {
        Block::ToolResult { content, .. } => Some(content),
        Block::Text { .. } | Block::ToolUse { .. } | Block::Opaque { .. } => None,
    })
}

fn replace(content: &mut String, with: String, total: u64) -> u64 {
    let saved = tokens::estimate(content).saturating_sub(tokens::estimate(&with));
    *content = with;
    total.saturating_sub(saved)
}

fn bytes(block: &Block) -> u64 {
    match block {
        Block::Text { text } => text.len() as u64,
        Block::ToolResult { content, .. } => content.len() as u64,
        Block::ToolUse { input: Err(raw), .. } => raw.len() as u64,
        Block::ToolUse { input: Ok(value), .. } | Block::Opaque { value } => value.to_string().len() as u64,
    }
}

fn block_tokens(block: &Block) -> u64 {
    match block {
        Block::Text { text } => tokens::estimate(text),
        Block::ToolResult { content, .. } => tokens::estimate(content),
        Block::ToolUse { input: Err(raw), .. } => tokens::estimate(raw),
        Block::ToolUse { input: Ok(value), .. } | Block::Opaque { value } => {
            tokens::estimate(&value.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Role;

    fn result(words: usize) -> Message {
        let content = "word ".repeat(words);
        let block = Block::ToolResult { id: "1".into(), content, is_error: false };
        Message { role: Role::User, content: vec![block] }
    }

    fn shown(message: &Message) -> &str {
        let Block::ToolResult { content, .. } = &message.content[0] else { panic!("a result") };
        content
    }

    #[test]
    fn the_oldest_output_goes_first_and_only_as_much_as_needed() {
        let mut messages = vec![result(1_000), result(1_000), result(1_000), result(1_000)];
        assert_eq!(trim(&mut messages, 3_500), Ok(()));
        assert!(shown(&messages[0]).starts_with("[5000 bytes of output dropped"));
        assert!(shown(&messages[1]).starts_with("[5000"), "to 70 percent, so that the next turn fits too");
        assert_eq!(messages[2..], [result(1_000), result(1_000)]);
    }

    #[test]
    fn what_fits_is_left_alone() {
        let mut messages = vec![result(1_000), result(1_000)];
        assert_eq!(trim(&mut messages, 2_000), Ok(()));
        assert_eq!(messages, [result(1_000), result(1_000)]);
    }

    #[test]
    fn the_newest_output_is_cut_at_last_and_what_is_no_output_cannot_be() {
        let mut messages = vec![result(10_000)];
        assert_eq!(trim(&mut messages, 2_000), Ok(()));
        assert!(shown(&messages[0]).contains("cut to make room, 50000 bytes"));
        let text = Block::Text { text: "word ".repeat(5_000) };
        let mut messages = vec![Message { role: Role::User, content: vec![text] }];
        assert_eq!(trim(&mut messages, 2_000), Err(5_000));
    }
}
