//! Labels that several agents share.

use std::collections::HashMap;

use oxc_span::GetSpan;

use super::agents::Property;
use super::rules::EQUAL_LABELS;
use super::tree::Tree;
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    let mut once: HashMap<String, u32> = HashMap::new();
    for agent in &tree.agents {
        let Property::Is(label) = agent.option(tree, "label") else { continue };
        let Some(text) = tree.string(label) else { continue };
        let node = agent.call.node_id();
        if tree.repeats(node).is_some() {
            let message = format!("every agent that starts here is labelled `{text}`");
            found.report(EQUAL_LABELS, label.span(), message);
        } else if tree.is_unconditional(node) {
            match once.get(&text) {
                Some(first) => {
                    let line = tree.line(*first);
                    let message = format!("the agent in line {line} is labelled `{text}` too");
                    found.report(EQUAL_LABELS, label.span(), message);
                }
                None => drop(once.insert(text, label.span().start)),
            }
        }
    }
}
