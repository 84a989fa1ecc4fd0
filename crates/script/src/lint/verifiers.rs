//! A verifier that looks where the writer did not write: the writer worked in a worktree of its own.

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, Expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolId;

use super::agents::{AgentCall, Property};
use super::rules::VERIFIER_ELSEWHERE;
use super::tree::{Tree, argument, within};
use super::{Found, LintCx};

/// How labels and phases of those begin who look at what others did.
const LOOKS: [&str; 12] = [
    "verif", "review", "check", "test", "validat", "judge", "refut", "inspect", "audit", "confirm", "critic",
    "qa",
];

/// Parts of a result that carry the change itself, or say where it is.
const CARRIES: [&str; 13] = [
    "patch", "diff", "branch", "worktree", "path", "dir", "commit", "code", "content", "text", "output",
    "change", "source",
];

pub fn check(tree: &Tree, _: &LintCx, found: &mut Found) {
    for writer in tree.agents.iter().filter(|agent| is_isolated(tree, agent)) {
        for verifier in tree.agents.iter().filter(|agent| !judges_itself(tree, agent)) {
            if comes_after(tree, writer, verifier)
                && looks(tree, verifier)
                && !is_told(tree, writer, verifier)
            {
                let line = tree.line(writer.call.span.start);
                let message =
                    format!("this agent does not see what the one in line {line} wrote in its worktree");
                if !found.has(VERIFIER_ELSEWHERE, head(verifier)) {
                    found.report(VERIFIER_ELSEWHERE, head(verifier), message);
                }
            }
        }
    }
}

fn head(agent: &AgentCall) -> Span {
    agent.call.callee.span()
}

fn is_isolated<'a>(tree: &Tree<'a>, agent: &AgentCall<'a>) -> bool {
    agent.text_option(tree, "isolation").as_deref() == Some("worktree")
        && !judges_itself(tree, agent)
        && !looks(tree, agent)
}

/// Whoever works for `verified()` is looked at where they wrote.
fn judges_itself<'a>(tree: &Tree<'a>, agent: &AgentCall<'a>) -> bool {
    tree.global_callee(agent.call) == Some("verified")
}

/// Next in the same function, or in a later stage of the same pipeline.
fn comes_after<'a>(tree: &Tree<'a>, writer: &AgentCall<'a>, verifier: &AgentCall<'a>) -> bool {
    if verifier.call.span.start <= writer.call.span.end {
        return false;
    }
    let (of_writer, of_verifier) =
        (tree.function_around(writer.call.node_id()), tree.function_around(verifier.call.node_id()));
    of_writer == of_verifier && !are_beside(tree, writer, verifier) || shares_pipeline(tree, writer, verifier)
}

/// In two arms of one choice.
fn are_beside(tree: &Tree, a: &AgentCall, b: &AgentCall) -> bool {
    tree.ancestors(a.call.node_id()).any(|kind| match kind {
        AstKind::IfStatement(it) => {
            let other = it.alternate.as_ref().map(GetSpan::span);
            within(a.call.span, it.consequent.span()) && other.is_some_and(|other| within(b.call.span, other))
        }
        AstKind::ConditionalExpression(it) => {
            within(a.call.span, it.consequent.span()) && within(b.call.span, it.alternate.span())
        }
        _ => false,
    })
}

fn shares_pipeline(tree: &Tree, writer: &AgentCall, verifier: &AgentCall) -> bool {
    tree.calls_of("pipeline").any(|call| {
        let stage =
            |agent: &AgentCall| call.arguments.iter().position(|it| within(agent.call.span, it.span()));
        let is_stage = |agent: &AgentCall| {
            let function = tree.function_around(agent.call.node_id());
            call.arguments
                .iter()
                .any(|it| function.is_some_and(|node| tree.nodes.kind(node).span() == it.span()))
        };
        match (stage(writer), stage(verifier)) {
            (Some(one), Some(other)) => 0 < one && one < other && is_stage(writer) && is_stage(verifier),
            _ => false,
        }
    })
}

/// Does its label, its phase or the beginning of its prompt say that it judges?
fn looks<'a>(tree: &Tree<'a>, agent: &AgentCall<'a>) -> bool {
    let named = ["label", "phase"].into_iter().any(|name| match agent.option(tree, name) {
        Property::Is(value) => begins_with_look(&beginning(tree, value)),
        Property::Absent | Property::Unknown => false,
    });
    named
        || agent.prompt().is_some_and(|prompt| {
            let beginning = beginning(tree, prompt).to_lowercase();
            begins_with_look(&beginning) && !beginning.starts_with("check out")
                || beginning.starts_with("run the tests")
        })
}

fn begins_with_look(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    LOOKS.iter().any(|look| text.starts_with(look))
}

/// What a text that is put together begins with.
fn beginning<'a>(tree: &Tree<'a>, text: &'a Expression<'a>) -> String {
    match tree.resolve(text) {
        Expression::TemplateLiteral(it) => {
            it.quasis.first().map_or("", |quasi| quasi.value.raw.as_str()).to_owned()
        }
        Expression::BinaryExpression(it) => beginning(tree, &it.left),
        text => tree.string(text).unwrap_or_default(),
    }
}

/// Does the verifier's prompt hold the change, or say where it is?
fn is_told<'a>(tree: &Tree<'a>, writer: &AgentCall<'a>, verifier: &AgentCall<'a>) -> bool {
    // Not to be told from the text.
    let (Some(prompt), Some(options)) = (verifier.prompt(), argument(verifier.call, 1)) else {
        return verifier.prompt().is_none();
    };
    if !matches!(tree.resolve(options), Expression::ObjectExpression(_)) {
        return true;
    }
    let prompt = match prompt {
        Expression::TemplateLiteral(_) | Expression::BinaryExpression(_) | Expression::StringLiteral(_) => {
            prompt
        }
        Expression::Identifier(_) if matches!(tree.resolve(prompt), Expression::StringLiteral(_)) => prompt,
        // A text that something else puts together.
        _ => return true,
    };
    results_of(tree, writer, verifier).into_iter().any(|symbol| {
        let inside = tree.references(symbol).into_iter().filter(|name| within(name.span, prompt.span()));
        inside.into_iter().any(|name| match tree.parent(name.node_id()) {
            AstKind::StaticMemberExpression(it) => {
                let part = it.property.name.to_lowercase();
                CARRIES.iter().any(|carries| part.contains(carries))
            }
            _ => true,
        })
    })
}

/// Names that stand for what the writer answered: its variable, what is taken out of it, the parameter of the next stage.
fn results_of<'a>(tree: &Tree<'a>, writer: &AgentCall<'a>, verifier: &AgentCall<'a>) -> Vec<SymbolId> {
    let mut symbols = Vec::new();
    let declarator = tree.ancestors(writer.call.node_id()).find_map(|kind| match kind {
        AstKind::VariableDeclarator(it) => Some(&it.id),
        _ => None,
    });
    let assigned = tree.ancestors(writer.call.node_id()).find_map(|kind| match kind {
        AstKind::AssignmentExpression(it) => it.left.get_identifier_name(),
        _ => None,
    });
    let patterns = declarator.into_iter().chain(params_around(tree, verifier));
    for pattern in patterns {
        symbols.extend(pattern.get_binding_identifiers().iter().filter_map(|name| name.symbol_id.get()));
    }
    if let Some(name) = assigned {
        symbols.extend(tree.scoping.symbol_ids().filter(|id| tree.scoping.symbol_name(*id) == name));
    }
    // `const summary = change.files.join()`: what is made of it counts as it.
    for it in &tree.declarators {
        let made = it
            .init
            .as_ref()
            .is_some_and(|init| symbols.iter().any(|symbol| tree.is_used_in(*symbol, init.span())));
        if made && let BindingPattern::BindingIdentifier(name) = &it.id {
            symbols.extend(name.symbol_id.get());
        }
    }
    symbols
}

/// The first parameter of the stage that the verifier is called in.
fn params_around<'a>(tree: &Tree<'a>, agent: &AgentCall<'a>) -> Option<&'a BindingPattern<'a>> {
    let function = tree.function_around(agent.call.node_id())?;
    let params = match tree.nodes.kind(function) {
        AstKind::ArrowFunctionExpression(it) => &it.params,
        AstKind::Function(it) => &it.params,
        _ => return None,
    };
    let is_stage = matches!(tree.parent(function), AstKind::CallExpression(call)
        if tree.global_callee(call) == Some("pipeline"));
    if is_stage { params.items.first().map(|it| &it.pattern) } else { None }
}
