//! What an expression is, as far as it comes from agents: their results, lists of them, parts of them.
//!
//! Everything here says `None` rather than guess: a rule that asks is silent then.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    ArrayExpressionElement, BindingPattern, CallExpression, Expression, ForStatementLeft, PropertyKey,
};
use oxc_span::{GetSpan, Span};
use oxc_syntax::symbol::SymbolId;

use super::agents::{AgentCall, Property};
use super::tree::{Func, Tree, View, argument, method, view, within};

const DEPTH_MAX: usize = 24;

#[derive(Clone, Debug)]
pub enum Shape<'a> {
    Reply(Reply<'a>),
    List(List<'a>),
    /// What `parallel([a, b])` resolves to.
    Tuple(Vec<Option<Shape<'a>>>),
}

/// What an agent answered, or a part of it.
#[derive(Clone, Debug)]
pub struct Reply<'a> {
    /// Its JSON Schema, as it is written.
    pub schema: Option<&'a Expression<'a>>,
    /// It is `null` when the agent came to nothing.
    pub is_nullable: bool,
    /// Nobody has waited for it yet.
    pub is_promise: bool,
}

#[derive(Clone, Debug)]
pub struct List<'a> {
    pub of: Option<Box<Shape<'a>>>,
    /// Where a model decides how long it is, with nothing to keep it down.
    pub uncapped: Option<Span>,
}

impl<'a> Tree<'a> {
    pub fn shape(&self, expression: &'a Expression<'a>) -> Option<Shape<'a>> {
        self.shape_at(expression, 0)
    }

    pub fn list(&self, expression: &'a Expression<'a>) -> Option<List<'a>> {
        self.list_at(expression, 0)
    }

    fn shape_at(&self, expression: &'a Expression<'a>, depth: usize) -> Option<Shape<'a>> {
        if depth > DEPTH_MAX {
            return None;
        }
        let depth = depth + 1;
        if let Expression::AwaitExpression(it) = expression {
            return self.shape_at(&it.argument, depth).map(awaited);
        }
        match view(expression) {
            View::Call(call) => self.shape_of_call(call, depth),
            View::Member { object, name, index, .. } => self.member(object, name, index, depth),
            View::Other(Expression::Identifier(name)) => self.shape_of_symbol(self.symbol(name)?, depth),
            View::Other(Expression::LogicalExpression(it)) => self.shape_at(&it.left, depth).map(not_null),
            View::Other(Expression::ConditionalExpression(it)) => {
                let either =
                    self.shape_at(&it.consequent, depth).or_else(|| self.shape_at(&it.alternate, depth));
                // What the condition asked for is not to be told.
                either.map(not_null)
            }
            View::Other(Expression::ArrayExpression(it)) => {
                // `[...new Set(list)]`: as long as the longest of what is spread.
                let spread = it.elements.iter().filter_map(|element| match element {
                    ArrayExpressionElement::SpreadElement(it) => self.list_at(&it.argument, depth),
                    _ => None,
                });
                spread.max_by_key(|list| list.uncapped.is_some()).map(Shape::List)
            }
            View::Other(Expression::NewExpression(it)) if self.global(&it.callee) == Some("Set") => {
                let list = it.arguments.first()?.as_expression()?;
                self.list_at(list, depth).map(Shape::List)
            }
            View::Other(_) => None,
        }
    }

    fn list_at(&self, expression: &'a Expression<'a>, depth: usize) -> Option<List<'a>> {
        let list = match self.shape_at(expression, depth)? {
            Shape::List(list) => list,
            Shape::Reply(reply) => self.list_of_reply(&reply, expression.span())?,
            Shape::Tuple(parts) => {
                List { of: parts.into_iter().next().flatten().map(Box::new), uncapped: None }
            }
        };
        let is_capped = self.symbol_of(expression).is_some_and(|symbol| self.is_capped_by_hand(symbol));
        Some(if is_capped { List { uncapped: None, ..list } } else { list })
    }

    /// An array in a reply, by its schema.
    fn list_of_reply(&self, reply: &Reply<'a>, at: Span) -> Option<List<'a>> {
        let schema = reply.schema?;
        let is_list = match self.property(schema, "type") {
            Property::Is(kind) => self.string(kind).as_deref() == Some("array"),
            Property::Absent => matches!(self.property(schema, "items"), Property::Is(_)),
            Property::Unknown => false,
        };
        if !is_list {
            return None;
        }
        let uncapped = matches!(self.property(schema, "maxItems"), Property::Absent).then_some(at);
        let of = match self.property(schema, "items") {
            Property::Is(items) => Some(Box::new(part_of_reply(items))),
            Property::Absent | Property::Unknown => None,
        };
        Some(List { of, uncapped })
    }

    fn shape_of_call(&self, call: &'a CallExpression<'a>, depth: usize) -> Option<Shape<'a>> {
        match self.global_callee(call) {
            Some("agent") => return Some(self.reply_of(AgentCall::of(call))),
            Some("parallel") => return self.results_of_parallel(call, depth),
            Some("pipeline") => return self.results_of_pipeline(call, depth),
            Some(_) => return None,
            None => (),
        }
        if self.is_static_call(call, "Promise", "all") {
            return self.shape_of_all(argument(call, 0)?, depth);
        }
        if self.is_static_call(call, "Array", "from") && call.arguments.len() == 1 {
            return self.list_at(argument(call, 0)?, depth).map(Shape::List);
        }
        if let Some((object, name, argument)) = method(call) {
            return self.shape_of_method(call, object, name, argument, depth).map(Shape::List);
        }
        // A function that only passes on what an agent says.
        let function = self.function(&call.callee)?;
        let result = self.only_result(function)?;
        match self.shape_at(result, depth)? {
            Shape::Reply(reply) if self.is_direct(result) => {
                let is_promise = reply.is_promise || function.is_async();
                Some(Shape::Reply(Reply { is_promise, ..reply }))
            }
            _ => None,
        }
    }

    fn reply_of(&self, agent: AgentCall<'a>) -> Shape<'a> {
        let schema = match agent.option(self, "schema") {
            Property::Is(schema) => Some(schema),
            Property::Absent | Property::Unknown => None,
        };
        Shape::Reply(Reply { schema, is_nullable: true, is_promise: true })
    }

    /// A call of `agent`, or of a function that is one, and nothing done with it.
    fn is_direct(&self, expression: &'a Expression<'a>) -> bool {
        matches!(view(expression), View::Call(_))
    }

    fn results_of_parallel(&self, call: &'a CallExpression<'a>, depth: usize) -> Option<Shape<'a>> {
        let thunks = self.resolve(argument(call, 0)?);
        if let Expression::ArrayExpression(it) = thunks {
            let parts = it.elements.iter().map(|thunk| self.result_of(thunk.as_expression()?, depth));
            return Some(Shape::Tuple(parts.collect()));
        }
        let uncapped = self.list_at(thunks, depth).and_then(|list| list.uncapped);
        let of = match view(thunks) {
            View::Call(mapped) => match method(mapped) {
                Some((_, "map" | "flatMap", Some(callback))) => {
                    let thunk = self.function(callback).and_then(|it| self.only_result(it));
                    thunk.and_then(|thunk| self.result_of(thunk, depth)).map(Box::new)
                }
                _ => None,
            },
            _ => None,
        };
        Some(Shape::List(List { of, uncapped }))
    }

    fn results_of_pipeline(&self, call: &'a CallExpression<'a>, depth: usize) -> Option<Shape<'a>> {
        let uncapped = self.list_at(argument(call, 0)?, depth).and_then(|list| list.uncapped);
        let last = call.arguments.len().checked_sub(1).filter(|last| *last > 0)?;
        let of = self.result_of(argument(call, last)?, depth).map(Box::new);
        Some(Shape::List(List { of, uncapped }))
    }

    /// What a thunk or a stage resolves to, if that is what an agent says.
    fn result_of(&self, function: &'a Expression<'a>, depth: usize) -> Option<Shape<'a>> {
        let function = self.function(function)?;
        let result = self.only_result(function)?;
        let is_direct = self.is_direct(result)
            || self.symbol_of(result).and_then(|it| self.init(it)).is_some_and(|it| self.is_direct(it));
        match self.shape_at(result, depth)? {
            Shape::Reply(reply) if is_direct => {
                Some(Shape::Reply(Reply { is_nullable: true, is_promise: false, ..reply }))
            }
            _ => None,
        }
    }

    /// `Promise.all(promises)`
    fn shape_of_all(&self, promises: &'a Expression<'a>, depth: usize) -> Option<Shape<'a>> {
        if let Expression::ArrayExpression(it) = self.resolve(promises) {
            let parts = it.elements.iter();
            let parts = parts.map(|part| self.shape_at(part.as_expression()?, depth).map(awaited));
            return Some(Shape::Tuple(parts.collect()));
        }
        let list = self.list_at(promises, depth)?;
        let of = list.of.map(|of| Box::new(awaited(*of)));
        Some(Shape::List(List { of, ..list }))
    }

    fn shape_of_method(
        &self,
        call: &'a CallExpression<'a>,
        object: &'a Expression<'a>,
        name: &str,
        argument: Option<&'a Expression<'a>>,
        depth: usize,
    ) -> Option<List<'a>> {
        let callback = argument.and_then(|it| self.function(it));
        match name {
            "filter" => {
                let list = self.list_at(object, depth)?;
                // A filter that counts keeps the number down.
                let counts = callback.is_some_and(|it| {
                    it.params().items.len() > 1 || self.updates.iter().any(|up| within(up.span, it.span()))
                });
                let of = list.of.map(|of| Box::new(not_null(*of)));
                Some(List { of, uncapped: if counts { None } else { list.uncapped } })
            }
            "sort" | "toSorted" | "reverse" | "toReversed" | "values" => self.list_at(object, depth),
            "concat" => {
                let list = self.list_at(object, depth);
                let other = argument.and_then(|it| self.list_at(it, depth));
                [list, other].into_iter().flatten().max_by_key(|list| list.uncapped.is_some())
            }
            "map" => {
                let uncapped = self.list_at(object, depth).and_then(|list| list.uncapped);
                let result = callback.and_then(|it| self.only_result(it));
                let of = result.and_then(|it| self.shape_at(it, depth)).map(Box::new);
                (uncapped.is_some() || of.is_some()).then_some(List { of, uncapped })
            }
            "flatMap" => {
                let outer = self.list_at(object, depth).and_then(|list| list.uncapped);
                let inner =
                    callback.and_then(|it| self.only_result(it)).and_then(|it| self.list_at(it, depth));
                let uncapped = outer.or_else(|| inner.as_ref()?.uncapped);
                let of = inner.and_then(|list| list.of);
                (uncapped.is_some() || of.is_some()).then_some(List { of, uncapped })
            }
            "flat" if call.arguments.is_empty() => {
                let list = self.list_at(object, depth)?;
                let inner = match *list.of? {
                    Shape::List(inner) => inner,
                    Shape::Reply(reply) => self.list_of_reply(&reply, object.span())?,
                    Shape::Tuple(_) => return None,
                };
                Some(List { of: inner.of, uncapped: list.uncapped.or(inner.uncapped) })
            }
            _ => None,
        }
    }

    fn member(
        &self,
        object: &'a Expression<'a>,
        name: Option<&'a str>,
        index: Option<&'a Expression<'a>>,
        depth: usize,
    ) -> Option<Shape<'a>> {
        match (self.shape_at(object, depth)?, name) {
            (Shape::Reply(reply), Some(name)) => self.part(&reply, name),
            (Shape::List(list), None) => list.of.map(|of| *of),
            (Shape::Tuple(parts), None) => {
                let index = self.value(index?)?.as_u64()?;
                parts.into_iter().nth(index as usize).flatten()
            }
            _ => None,
        }
    }

    fn part(&self, reply: &Reply<'a>, name: &str) -> Option<Shape<'a>> {
        let Property::Is(properties) = self.property(reply.schema?, "properties") else { return None };
        match self.property(properties, name) {
            Property::Is(schema) => Some(part_of_reply(schema)),
            Property::Absent | Property::Unknown => None,
        }
    }

    fn shape_of_symbol(&self, symbol: SymbolId, depth: usize) -> Option<Shape<'a>> {
        if let Some(known) = self.shapes.borrow().get(&symbol) {
            return known.clone();
        }
        // A name that leads to itself is nothing.
        self.shapes.borrow_mut().insert(symbol, None);
        let shape = self.shape_of_declared(symbol, depth);
        self.shapes.borrow_mut().insert(symbol, shape.clone());
        shape
    }

    fn shape_of_declared(&self, symbol: SymbolId, depth: usize) -> Option<Shape<'a>> {
        let node = self.scoping.symbol_declaration(symbol);
        match self.declaration(symbol) {
            AstKind::VariableDeclarator(it) => match (&it.init, &it.id) {
                (Some(init), pattern) if !self.scoping.symbol_is_mutated(symbol) => {
                    let whole = self.shape_at(init, depth)?;
                    self.bound(whole, pattern, symbol)
                }
                (_, BindingPattern::BindingIdentifier(_)) if self.scoping.symbol_is_mutated(symbol) => {
                    self.shape_of_assigned(symbol, it.init.as_ref(), depth)
                }
                // `for (const x of list)`
                (None, pattern) => self.ancestors(node).take(2).find_map(|kind| match kind {
                    AstKind::ForOfStatement(it)
                        if matches!(it.left, ForStatementLeft::VariableDeclaration(_)) =>
                    {
                        let of = self.list_at(&it.right, depth)?.of?;
                        self.bound(*of, pattern, symbol)
                    }
                    _ => None,
                }),
                _ => None,
            },
            AstKind::FormalParameter(it) if !self.scoping.symbol_is_mutated(symbol) => {
                if it.initializer.is_some() {
                    return None;
                }
                let function = self.ancestors(node).find(|kind| kind.is_function_like())?;
                let function = match function {
                    AstKind::ArrowFunctionExpression(it) => Func::Arrow(it),
                    AstKind::Function(it) => Func::Function(it),
                    _ => return None,
                };
                let index = function.params().items.iter().position(|item| item.span == it.span)?;
                let whole = self.shape_of_param(function, index, depth)?;
                self.bound(whole, &it.pattern, symbol)
            }
            _ => None,
        }
    }

    /// A `let` that is only ever set to results of agents (or to nothing).
    fn shape_of_assigned(
        &self,
        symbol: SymbolId,
        init: Option<&'a Expression<'a>>,
        depth: usize,
    ) -> Option<Shape<'a>> {
        let mut shapes = Vec::new();
        if let Some(init) = init.filter(|it| !it.is_null_or_undefined()) {
            shapes.push(self.shape_at(init, depth)?);
        }
        for name in self.references(symbol).into_iter().filter(|name| self.is_written(name)) {
            match self.parent(name.node_id()) {
                AstKind::AssignmentExpression(it) if it.operator.is_assign() => {
                    shapes.push(self.shape_at(&it.right, depth)?);
                }
                _ => return None,
            }
        }
        shapes.into_iter().next().filter(|shape| matches!(shape, Shape::Reply(_)))
    }

    /// What a parameter gets from whoever calls the function: an array's method, or `pipeline`.
    fn shape_of_param(&self, function: Func<'a>, index: usize, depth: usize) -> Option<Shape<'a>> {
        let AstKind::CallExpression(call) = self.parent(function.node()) else { return None };
        let position = call.arguments.iter().position(|it| it.span() == function.span())?;
        if self.global_callee(call) == Some("pipeline") && position > 0 {
            return match (index, position) {
                (0, 1) | (1, _) => self.list_at(argument(call, 0)?, depth)?.of.map(|of| *of),
                // Nobody comes here with a `null`.
                (0, _) => self.result_of(argument(call, position - 1)?, depth).map(not_null),
                _ => None,
            };
        }
        let (object, name, _) = method(call)?;
        if position != 0 {
            return None;
        }
        match name {
            "map" | "flatMap" | "forEach" | "filter" | "some" | "every" | "find" | "findIndex"
            | "findLast" | "findLastIndex"
                if index == 0 =>
            {
                self.list_at(object, depth)?.of.map(|of| *of)
            }
            "then" if index == 0 => match view(object) {
                View::Call(_) => self.shape_at(object, depth).map(awaited),
                _ => None,
            },
            _ => None,
        }
    }

    /// The part of `whole` that `symbol` stands for in `pattern`.
    fn bound(
        &self,
        whole: Shape<'a>,
        pattern: &'a BindingPattern<'a>,
        symbol: SymbolId,
    ) -> Option<Shape<'a>> {
        match pattern {
            BindingPattern::BindingIdentifier(it) => (it.symbol_id.get() == Some(symbol)).then_some(whole),
            BindingPattern::AssignmentPattern(it) => self.bound(whole, &it.left, symbol).map(not_null),
            BindingPattern::ObjectPattern(it) => {
                let Shape::Reply(reply) = whole else { return None };
                it.properties.iter().find_map(|property| {
                    let PropertyKey::StaticIdentifier(key) = &property.key else { return None };
                    let part = self.part(&reply, key.name.as_str())?;
                    self.bound(part, &property.value, symbol)
                })
            }
            BindingPattern::ArrayPattern(it) => {
                let pick = |index: usize| match &whole {
                    Shape::Tuple(parts) => parts.get(index).cloned().flatten(),
                    Shape::List(list) => list.of.as_deref().cloned(),
                    Shape::Reply(_) => None,
                };
                it.elements
                    .iter()
                    .enumerate()
                    .find_map(|(index, element)| self.bound(pick(index)?, element.as_ref()?, symbol))
            }
        }
    }

    /// Its length is compared with something, set, or cut down, wherever that is.
    fn is_capped_by_hand(&self, symbol: SymbolId) -> bool {
        self.references(symbol).iter().any(|name| {
            let AstKind::StaticMemberExpression(member) = self.parent(name.node_id()) else { return false };
            let above = self.parent(member.node_id());
            match member.property.name.as_str() {
                "length" => match above {
                    AstKind::BinaryExpression(it) => {
                        let other = if it.left.span() == member.span { &it.right } else { &it.left };
                        let walks = matches!(self.parent(it.node_id()), AstKind::ForStatement(_));
                        it.operator.is_compare() && !other.is_number_0() && !walks
                    }
                    AstKind::AssignmentExpression(_) => true,
                    _ => false,
                },
                "splice" | "pop" | "shift" => true,
                _ => false,
            }
        })
    }
}

fn part_of_reply<'a>(schema: &'a Expression<'a>) -> Shape<'a> {
    Shape::Reply(Reply { schema: Some(schema), is_nullable: false, is_promise: false })
}

fn not_null(shape: Shape) -> Shape {
    match shape {
        Shape::Reply(reply) => Shape::Reply(Reply { is_nullable: false, ..reply }),
        shape => shape,
    }
}

fn awaited(shape: Shape) -> Shape {
    match shape {
        Shape::Reply(reply) => Shape::Reply(Reply { is_promise: false, ..reply }),
        shape => shape,
    }
}
