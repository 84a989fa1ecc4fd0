//! Where code runs: caught or not, once or many times, beside other code or alone.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;
use oxc_syntax::symbol::SymbolId;

use super::tree::{Func, Tree, View, argument, method, view, within};

/// Functions that call functions: further than this nobody follows.
const CALLERS_MAX: usize = 4;

/// Methods of arrays that call back once an item.
const EACH: [&str; 4] = ["map", "flatMap", "forEach", "reduce"];

impl<'a> Tree<'a> {
    /// Does something catch what is thrown here? Where that is not to be told, yes.
    pub fn is_caught(&self, node: NodeId) -> bool {
        self.is_caught_at(node, 0)
    }

    fn is_caught_at(&self, node: NodeId, depth: usize) -> bool {
        let span = self.nodes.kind(node).span();
        for kind in self.ancestors(node) {
            if let AstKind::TryStatement(it) = kind
                && it.handler.is_some()
                && within(span, it.block.span)
            {
                return true;
            }
            if kind.is_function_like() {
                match self.caller(kind) {
                    // It goes on to whoever is around the call.
                    Caller::Array => (),
                    Caller::Names(calls) => {
                        return depth >= CALLERS_MAX
                            || calls.iter().all(|call| {
                                self.is_followed_by_catch(*call) || self.is_caught_at(*call, depth + 1)
                            });
                    }
                    Caller::Catches | Caller::Unknown => return true,
                }
            }
            if let AstKind::CallExpression(call) = kind
                && (self.is_static_call(call, "Promise", "allSettled")
                    || self.is_followed_by_catch(call.node_id()))
            {
                return true;
            }
        }
        false
    }

    /// `….catch(…)`
    fn is_followed_by_catch(&self, call: NodeId) -> bool {
        match self.parent(call) {
            AstKind::StaticMemberExpression(it) => it.property.name == "catch",
            _ => false,
        }
    }

    fn caller(&self, function: AstKind<'a>) -> Caller {
        let node = function.node_id();
        match self.parent(node) {
            AstKind::CallExpression(call) if call.callee.span() == function.span() => {
                Caller::Names(vec![call.node_id()])
            }
            AstKind::CallExpression(call) if self.is_pipeline_or_parallel(call) => Caller::Catches,
            AstKind::CallExpression(call) => match method(call) {
                Some((_, "then", _)) if self.is_followed_by_catch(call.node_id()) => Caller::Catches,
                Some((_, "catch", _)) => Caller::Catches,
                Some(_) => Caller::Array,
                None => Caller::Unknown,
            },
            AstKind::VariableDeclarator(it) => {
                let symbol = it.id.get_binding_identifier().and_then(|name| name.symbol_id.get());
                symbol.map_or(Caller::Unknown, |symbol| self.calls_of_symbol(symbol))
            }
            _ => match function {
                AstKind::Function(it) if it.is_declaration() => {
                    let symbol = it.id.as_ref().and_then(|name| name.symbol_id.get());
                    symbol.map_or(Caller::Unknown, |symbol| self.calls_of_symbol(symbol))
                }
                _ => Caller::Unknown,
            },
        }
    }

    fn calls_of_symbol(&self, symbol: SymbolId) -> Caller {
        let mut calls = Vec::new();
        for name in self.references(symbol) {
            match self.parent(name.node_id()) {
                AstKind::CallExpression(call) if call.callee.span() == name.span => {
                    calls.push(call.node_id());
                }
                _ => return Caller::Unknown,
            }
        }
        Caller::Names(calls)
    }

    pub fn is_pipeline_or_parallel(&self, call: &CallExpression<'a>) -> bool {
        matches!(self.global_callee(call), Some("parallel" | "pipeline"))
    }

    /// The innermost loop, or function called once an item, that a node stands in and that can run it again.
    pub fn repeats(&self, node: NodeId) -> Option<Span> {
        let span = self.nodes.kind(node).span();
        for kind in self.ancestors(node) {
            let body = match kind {
                AstKind::ForStatement(it) => Some(it.body.span()),
                AstKind::ForOfStatement(it) => Some(it.body.span()),
                AstKind::ForInStatement(it) => Some(it.body.span()),
                AstKind::WhileStatement(it) => Some(it.span),
                AstKind::DoWhileStatement(it) => Some(it.span),
                _ => None,
            };
            if let Some(body) = body {
                if within(span, body) {
                    return Some(kind.span());
                }
                continue;
            }
            if !kind.is_function_like() {
                continue;
            }
            match self.parent(kind.node_id()) {
                AstKind::CallExpression(call) if call.callee.span() == kind.span() => (),
                AstKind::CallExpression(call) if self.global_callee(call) == Some("pipeline") => {
                    return (!self.has_one_item(argument(call, 0)?)).then_some(call.span);
                }
                AstKind::CallExpression(call) => match method(call) {
                    Some((object, name, _)) if EACH.contains(&name) && !self.has_one_item(object) => {
                        return Some(call.span);
                    }
                    Some((object, "from", _)) if self.global(object) == Some("Array") => {
                        return Some(call.span);
                    }
                    Some((_, "then" | "catch" | "finally" | "map" | "flatMap" | "forEach", _)) => (),
                    _ => return None,
                },
                // A thunk: of `parallel([() => …])`, or what a callback returns.
                AstKind::ArrayExpression(_)
                | AstKind::ReturnStatement(_)
                | AstKind::ArrowFunctionExpression(_) => (),
                _ => return None,
            }
        }
        None
    }

    fn has_one_item(&self, list: &'a Expression<'a>) -> bool {
        match self.resolve(list) {
            Expression::ArrayExpression(it) => {
                it.elements.len() <= 1 && !it.elements.iter().any(|element| element.is_spread())
            }
            _ => false,
        }
    }

    /// Is it certain to run if what is around its function runs?
    pub fn is_unconditional(&self, node: NodeId) -> bool {
        self.ancestors(node).take_while(|kind| !matches!(kind, AstKind::Program(_))).all(|kind| match kind {
            AstKind::IfStatement(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::SwitchStatement(_)
            | AstKind::CatchClause(_)
            | AstKind::TryStatement(_) => false,
            _ if kind.is_iteration_statement() => false,
            _ if kind.is_function_like() => self.is_thunk(kind),
            _ => true,
        })
    }

    /// A function written into `parallel([…])`.
    fn is_thunk(&self, function: AstKind<'a>) -> bool {
        match self.parent(function.node_id()) {
            AstKind::ArrayExpression(list) => match self.parent(list.node_id()) {
                AstKind::CallExpression(call) => self.global_callee(call) == Some("parallel"),
                _ => false,
            },
            _ => false,
        }
    }

    /// The call that runs this code beside itself (`parallel`, `pipeline`, `Promise.all`), with the function that it
    /// runs so. The outermost of both.
    pub fn concurrent(&self, node: NodeId) -> Option<(&'a CallExpression<'a>, Func<'a>)> {
        let span = self.nodes.kind(node).span();
        let mut found = None;
        for kind in self.ancestors(node) {
            let AstKind::CallExpression(call) = kind else { continue };
            let runs_beside =
                self.is_pipeline_or_parallel(call) || self.is_static_call(call, "Promise", "all");
            if !runs_beside {
                continue;
            }
            let stages = call.arguments.iter().filter_map(|it| it.as_expression());
            let function = stages.filter(|it| within(span, it.span())).find_map(|it| self.runs_for(it, span));
            found = function.map(|function| (call, function)).or(found);
        }
        found
    }

    /// The function in `list` (itself one, or `items.map(function)`, or an array of functions) that `inner` is in.
    fn runs_for(&self, list: &'a Expression<'a>, inner: Span) -> Option<Func<'a>> {
        match list {
            Expression::ArrowFunctionExpression(it) => Some(Func::Arrow(it)),
            Expression::FunctionExpression(it) => Some(Func::Function(it)),
            Expression::ArrayExpression(it) => {
                let elements = it.elements.iter().filter_map(|element| element.as_expression());
                elements.filter(|it| within(inner, it.span())).find_map(|it| self.runs_for(it, inner))
            }
            _ => match view(list) {
                View::Call(call) => {
                    let (_, name, callback) = method(call)?;
                    let callback = callback.filter(|it| within(inner, it.span()))?;
                    EACH.contains(&name).then(|| self.runs_for(callback, inner)).flatten()
                }
                _ => None,
            },
        }
    }

    /// Is a `typeof` of one of these names, or a mention of it, around this code, so that it runs elsewhere only?
    pub fn is_guarded_by(&self, node: NodeId, names: &[&str]) -> bool {
        let asks = |test: Span| {
            let text = self.source(test);
            names.iter().any(|name| text.contains(name))
        };
        self.ancestors(node).any(|kind| match kind {
            AstKind::ConditionalExpression(it) => asks(it.test.span()),
            AstKind::IfStatement(it) => asks(it.test.span()),
            AstKind::LogicalExpression(it) => {
                !within(self.nodes.kind(node).span(), it.left.span()) && asks(it.left.span())
            }
            AstKind::TryStatement(it) => {
                it.handler.is_some() && within(self.nodes.kind(node).span(), it.block.span)
            }
            _ => false,
        })
    }
}

/// Who calls a function.
enum Caller {
    /// These calls, and nothing else.
    Names(Vec<NodeId>),
    /// A method of an array, there and then.
    Array,
    /// Something that catches what it throws.
    Catches,
    Unknown,
}
