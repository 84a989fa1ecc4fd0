//! The tree of a script as the rules see it: who declares a name, where it is used, what is a primitive.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use fanfold_core::Meta;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    ArrowFunctionExpression, AssignmentExpression, AwaitExpression, BindingPattern, CallExpression,
    ChainElement, ComputedMemberExpression, Expression, FormalParameters, Function, IdentifierReference,
    NewExpression, Program, ReturnStatement, SpreadElement, Statement, StaticMemberExpression,
    UpdateExpression, VariableDeclarator,
};
use oxc_semantic::{AstNodes, Reference, Scoping, SemanticBuilder};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;
use oxc_syntax::symbol::SymbolId;

use super::agents::AgentCall;
use super::shape::Shape;

/// Names that lead to names that lead to names: further than this nobody follows.
const DEPTH_MAX: usize = 16;

pub struct Tree<'a> {
    pub text: &'a str,
    pub program: &'a Program<'a>,
    pub meta: Meta,
    pub nodes: AstNodes<'a>,
    pub scoping: Scoping,
    /// Every `agent(…)` and `verified(…)`, in the order of the text.
    pub agents: Vec<AgentCall<'a>>,
    /// Every other call of something, in the order of the text.
    pub calls: Vec<&'a CallExpression<'a>>,
    /// What else rules look for, in the order of the tree.
    pub loops: Vec<AstKind<'a>>,
    pub jumps: Vec<AstKind<'a>>,
    pub returns: Vec<&'a ReturnStatement<'a>>,
    pub members: Vec<AstKind<'a>>,
    pub news: Vec<&'a NewExpression<'a>>,
    pub declarators: Vec<&'a VariableDeclarator<'a>>,
    pub assignments: Vec<&'a AssignmentExpression<'a>>,
    pub updates: Vec<&'a UpdateExpression<'a>>,
    pub awaits: Vec<&'a AwaitExpression<'a>>,
    pub spreads: Vec<&'a SpreadElement<'a>>,
    pub statements: Vec<Span>,
    /// What is written out as text, as JavaScript reads it.
    pub texts: Vec<&'a str>,
    line_starts: Vec<u32>,
    /// What `shape` found out about names; `None` while it is being found out.
    pub(super) shapes: RefCell<HashMap<SymbolId, Option<Shape<'a>>>>,
}

/// A function, however it is written.
#[derive(Clone, Copy)]
pub enum Func<'a> {
    Arrow(&'a ArrowFunctionExpression<'a>),
    Function(&'a Function<'a>),
}

/// An expression without what is around a member access or a call (`await`, `?.`).
pub enum View<'a> {
    Member {
        object: &'a Expression<'a>,
        /// Where it is written out.
        name: Option<&'a str>,
        /// What stands in brackets.
        index: Option<&'a Expression<'a>>,
    },
    Call(&'a CallExpression<'a>),
    Other(&'a Expression<'a>),
}

impl<'a> Tree<'a> {
    pub fn of(program: &'a Program<'a>, meta: Meta) -> Self {
        let built = SemanticBuilder::new().with_build_nodes(true).build(program);
        let (scoping, nodes) = built.semantic.into_scoping_and_nodes();
        let mut tree = Self {
            text: program.source_text,
            program,
            meta,
            nodes: AstNodes::default(),
            scoping,
            agents: Vec::new(),
            calls: Vec::new(),
            loops: Vec::new(),
            jumps: Vec::new(),
            returns: Vec::new(),
            members: Vec::new(),
            news: Vec::new(),
            declarators: Vec::new(),
            assignments: Vec::new(),
            updates: Vec::new(),
            awaits: Vec::new(),
            spreads: Vec::new(),
            statements: Vec::new(),
            texts: Vec::new(),
            line_starts: Vec::new(),
            shapes: RefCell::default(),
        };
        nodes.iter().for_each(|node| tree.sort_in(node.kind()));
        let feeds = program.source_text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
        tree.line_starts = std::iter::once(0).chain(feeds.map(|(_, next)| next)).collect();
        tree.nodes = nodes;
        tree.agents.sort_by_key(|agent| agent.call.span.start);
        tree.calls.sort_by_key(|call| call.span.start);
        tree
    }

    fn sort_in(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::CallExpression(it) if matches!(self.global_callee(it), Some("agent" | "verified")) => {
                self.agents.push(AgentCall::of(it));
            }
            AstKind::CallExpression(it) => self.calls.push(it),
            AstKind::StaticMemberExpression(_) | AstKind::ComputedMemberExpression(_) => {
                self.members.push(kind);
            }
            AstKind::NewExpression(it) => self.news.push(it),
            AstKind::VariableDeclarator(it) => self.declarators.push(it),
            AstKind::AssignmentExpression(it) => self.assignments.push(it),
            AstKind::UpdateExpression(it) => self.updates.push(it),
            AstKind::AwaitExpression(it) => self.awaits.push(it),
            AstKind::SpreadElement(it) => self.spreads.push(it),
            AstKind::StringLiteral(it) => self.texts.push(it.value.as_str()),
            AstKind::TemplateElement(it) => self.texts.extend(it.value.cooked.map(|text| text.as_str())),
            _ => (),
        }
        if kind.is_iteration_statement() {
            self.loops.push(kind);
        }
        if let AstKind::ReturnStatement(it) = kind {
            self.returns.push(it);
        }
        if matches!(
            kind,
            AstKind::ReturnStatement(_) | AstKind::BreakStatement(_) | AstKind::ThrowStatement(_)
        ) {
            self.jumps.push(kind);
        }
        if kind.is_statement() {
            self.statements.push(kind.span());
        }
    }

    /// The name of what is called, if it is a global one that the script does not declare itself.
    pub fn global_callee(&self, call: &CallExpression<'a>) -> Option<&'a str> {
        self.global(&call.callee)
    }

    /// The name, if it is a global one that the script does not declare itself.
    pub fn global(&self, expression: &Expression<'a>) -> Option<&'a str> {
        match expression {
            Expression::Identifier(name) if self.symbol(name).is_none() => Some(name.name.as_str()),
            _ => None,
        }
    }

    /// `object.method(…)` of global `object`: `Promise.all(…)`.
    pub fn is_static_call(&self, call: &'a CallExpression<'a>, object: &str, method: &str) -> bool {
        match view(&call.callee) {
            View::Member { object: of, name: Some(name), .. } => {
                name == method && self.global(of) == Some(object)
            }
            _ => false,
        }
    }

    pub fn calls_of(&self, global: &str) -> impl Iterator<Item = &'a CallExpression<'a>> {
        self.calls.iter().copied().filter(move |call| self.global_callee(call) == Some(global))
    }

    /// Every use of a global name that the script does not declare itself.
    pub fn uses_of_global(&self, name: &str) -> Vec<&'a IdentifierReference<'a>> {
        let unresolved = self.scoping.root_unresolved_references();
        let of_name = unresolved.iter().filter(|(known, _)| known.as_str() == name);
        let mut uses: Vec<_> = of_name
            .flat_map(|(_, references)| references.iter())
            .filter_map(|id| self.identifier(self.scoping.get_reference(*id)))
            .collect();
        uses.sort_by_key(|name| name.span.start);
        uses
    }

    pub fn symbol(&self, name: &IdentifierReference) -> Option<SymbolId> {
        self.scoping.get_reference(name.reference_id.get()?).symbol_id()
    }

    pub fn symbol_of(&self, expression: &Expression<'a>) -> Option<SymbolId> {
        match expression {
            Expression::Identifier(name) => self.symbol(name),
            _ => None,
        }
    }

    /// Every use of a name that the script declares, in the order of the text.
    pub fn references(&self, symbol: SymbolId) -> Vec<&'a IdentifierReference<'a>> {
        let references = self.scoping.get_resolved_references(symbol);
        let mut found: Vec<_> = references.filter_map(|it| self.identifier(it)).collect();
        found.sort_by_key(|name| name.span.start);
        found
    }

    pub fn is_written(&self, name: &IdentifierReference) -> bool {
        name.reference_id.get().is_some_and(|id| self.scoping.get_reference(id).is_write())
    }

    fn identifier(&self, reference: &Reference) -> Option<&'a IdentifierReference<'a>> {
        match self.nodes.kind(reference.node_id()) {
            AstKind::IdentifierReference(name) => Some(name),
            _ => None,
        }
    }

    pub fn parent(&self, node: NodeId) -> AstKind<'a> {
        self.nodes.parent_kind(node)
    }

    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = AstKind<'a>> + '_ {
        self.nodes.ancestor_kinds(node)
    }

    /// What declares the name: a declarator, a function, a parameter, a class, …
    pub fn declaration(&self, symbol: SymbolId) -> AstKind<'a> {
        self.nodes.kind(self.scoping.symbol_declaration(symbol))
    }

    /// What a name that never changes was set to.
    pub fn init(&self, symbol: SymbolId) -> Option<&'a Expression<'a>> {
        match self.declaration(symbol) {
            AstKind::VariableDeclarator(it) if !self.scoping.symbol_is_mutated(symbol) => {
                matches!(it.id, BindingPattern::BindingIdentifier(_)).then_some(())?;
                it.init.as_ref()
            }
            _ => None,
        }
    }

    /// The expression that stands behind names that never change, and behind `Object.freeze(…)`.
    pub fn resolve(&self, expression: &'a Expression<'a>) -> &'a Expression<'a> {
        let mut at = expression;
        for _ in 0..DEPTH_MAX {
            at = match at {
                Expression::Identifier(name) => match self.symbol(name).and_then(|it| self.init(it)) {
                    Some(init) => init,
                    None => return at,
                },
                Expression::CallExpression(call) if self.is_static_call(call, "Object", "freeze") => {
                    match call.arguments.first().and_then(|it| it.as_expression()) {
                        Some(frozen) => frozen,
                        None => return at,
                    }
                }
                _ => return at,
            };
        }
        at
    }

    /// The function that an expression is or names.
    pub fn function(&self, expression: &'a Expression<'a>) -> Option<Func<'a>> {
        match self.resolve(expression) {
            Expression::ArrowFunctionExpression(it) => Some(Func::Arrow(it)),
            Expression::FunctionExpression(it) => Some(Func::Function(it)),
            Expression::Identifier(name) => match self.declaration(self.symbol(name)?) {
                AstKind::Function(it) => Some(Func::Function(it)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The only thing that a function can return.
    pub fn only_result(&self, function: Func<'a>) -> Option<&'a Expression<'a>> {
        if let Func::Arrow(it) = function
            && let Some(expression) = it.get_expression()
        {
            return Some(expression);
        }
        let returns = self.returns(function);
        match (returns.as_slice(), function.statements().last()) {
            ([only], Some(Statement::ReturnStatement(last))) if last.span == only.span => {
                last.argument.as_ref()
            }
            _ => None,
        }
    }

    /// The `return`s of a function, not those of functions in it.
    fn returns(&self, function: Func<'a>) -> Vec<&'a ReturnStatement<'a>> {
        let own = function.node();
        let inside = self.returns.iter().filter(|it| within(it.span, function.span()));
        inside.copied().filter(|it| self.function_around(it.node_id()) == Some(own)).collect()
    }

    /// The function that a node stands in; none at the top level.
    pub fn function_around(&self, node: NodeId) -> Option<NodeId> {
        self.ancestors(node).find(|kind| kind.is_function_like()).map(|kind| kind.node_id())
    }

    pub fn agents_in(&self, span: Span) -> impl Iterator<Item = &AgentCall<'a>> {
        self.agents.iter().filter(move |agent| within(agent.call.span, span))
    }

    /// Is this name used in `span`?
    pub fn is_used_in(&self, symbol: SymbolId, span: Span) -> bool {
        self.references(symbol).iter().any(|name| within(name.span, span))
    }

    /// Counted from 1.
    pub fn line(&self, at: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub fn source(&self, span: Span) -> &'a str {
        &self.text[range(span)]
    }
}

impl<'a> Func<'a> {
    pub fn node(self) -> NodeId {
        match self {
            Func::Arrow(it) => it.node_id(),
            Func::Function(it) => it.node_id(),
        }
    }

    pub fn span(self) -> Span {
        match self {
            Func::Arrow(it) => it.span,
            Func::Function(it) => it.span,
        }
    }

    pub fn is_async(self) -> bool {
        match self {
            Func::Arrow(it) => it.r#async,
            Func::Function(it) => it.r#async,
        }
    }

    pub fn params(self) -> &'a FormalParameters<'a> {
        match self {
            Func::Arrow(it) => &it.params,
            Func::Function(it) => &it.params,
        }
    }

    fn statements(self) -> &'a [Statement<'a>] {
        let body = match self {
            Func::Arrow(it) => it.get_function_body(),
            Func::Function(it) => it.body.as_deref(),
        };
        body.map_or(&[], |body| body.statements.as_slice())
    }
}

pub fn view<'a>(expression: &'a Expression<'a>) -> View<'a> {
    match expression {
        Expression::AwaitExpression(it) => view(&it.argument),
        Expression::CallExpression(it) => View::Call(it),
        Expression::StaticMemberExpression(it) => of_static(it),
        Expression::ComputedMemberExpression(it) => of_computed(it),
        Expression::ChainExpression(it) => match &it.expression {
            ChainElement::CallExpression(it) => View::Call(it),
            ChainElement::StaticMemberExpression(it) => of_static(it),
            ChainElement::ComputedMemberExpression(it) => of_computed(it),
            _ => View::Other(expression),
        },
        _ => View::Other(expression),
    }
}

fn of_static<'a>(it: &'a StaticMemberExpression<'a>) -> View<'a> {
    let name = Some(it.property.name.as_str());
    View::Member { object: &it.object, name, index: None }
}

fn of_computed<'a>(it: &'a ComputedMemberExpression<'a>) -> View<'a> {
    let name = it.static_property_name().map(|name| name.as_str());
    View::Member { object: &it.object, name, index: Some(&it.expression) }
}

/// `object.method(…)`: both, with the call's first argument.
pub fn method<'a>(
    call: &'a CallExpression<'a>,
) -> Option<(&'a Expression<'a>, &'a str, Option<&'a Expression<'a>>)> {
    match view(&call.callee) {
        View::Member { object, name: Some(name), .. } => Some((object, name, argument(call, 0))),
        _ => None,
    }
}

/// `None` from the first spread on.
pub fn argument<'a>(call: &'a CallExpression<'a>, index: usize) -> Option<&'a Expression<'a>> {
    let before = call.arguments.get(..index)?;
    if before.iter().any(|it| it.is_spread()) {
        return None;
    }
    call.arguments.get(index)?.as_expression()
}

pub fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

pub fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
