//! As many agents as a model says: a list out of a reply, with nothing that keeps it short.

use std::collections::HashSet;

use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_span::{GetSpan, Span};

use super::rules::FAN_OUT;
use super::tree::{Tree, View, argument, method, view, within};
use super::{Found, LintCx};

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    // A cap of the author's own for the whole run.
    if tree.meta.limits.agents.is_some() {
        return;
    }
    let mut told = HashSet::new();
    for (items, what) in fan_outs(tree) {
        let Some(source) = tree.list(items).and_then(|list| list.uncapped) else { continue };
        if told.insert(source) {
            let list = shown(tree, source);
            let finding = found.report(
                FAN_OUT,
                items.span(),
                format!("{what} is as wide as {list}, which an agent writes without a limit"),
            );
            finding.help(
                "cap the list (`.slice(0, 20)`, and `log` what is left out), or set `maxItems` in the schema",
            );
        }
    }
}

/// Lists of which every item is an agent or more.
fn fan_outs<'a>(tree: &Tree<'a>) -> Vec<(&'a Expression<'a>, &'static str)> {
    let mut found = Vec::new();
    for call in &tree.calls {
        match tree.global_callee(call) {
            Some("pipeline") => found.extend(argument(call, 0).map(|items| (items, "`pipeline`"))),
            Some("parallel") => {
                found.extend(argument(call, 0).map(|thunks| (mapped(tree, thunks), "`parallel`")));
            }
            _ if tree.is_static_call(call, "Promise", "all") => {
                let promises = argument(call, 0).filter(|it| tree.agents_in(it.span()).next().is_some());
                found.extend(promises.map(|promises| (mapped(tree, promises), "`Promise.all`")));
            }
            _ => (),
        }
    }
    for kind in &tree.loops {
        if let AstKind::ForOfStatement(it) = kind
            && tree.agents_in(it.body.span()).next().is_some()
            && !leaves(tree, it.body.span())
        {
            found.push((&it.right, "this loop"));
        }
    }
    found
}

/// `items` of `items.map(…)`
fn mapped<'a>(tree: &Tree<'a>, list: &'a Expression<'a>) -> &'a Expression<'a> {
    match view(tree.resolve(list)) {
        View::Call(call) => match method(call) {
            Some((object, "map", Some(_))) => object,
            _ => list,
        },
        _ => list,
    }
}

/// A loop that may end before the list does.
fn leaves(tree: &Tree, body: Span) -> bool {
    tree.jumps.iter().any(|jump| within(jump.span(), body))
}

fn shown(tree: &Tree, source: Span) -> String {
    let text = tree.source(source);
    if text.len() <= 40 && !text.contains('\n') { format!("`{text}`") } else { "a list in its reply".into() }
}
