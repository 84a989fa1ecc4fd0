//! Names that a script uses and nobody declares: known globals pass, all others are found before the start.

use std::collections::{HashMap, HashSet};

use fanfold_core::{Diagnostic, Location, schema};
use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, Expression, IdentifierReference, Program, UnaryExpression,
    UnaryOperator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_span::Span;
use oxc_syntax::scope::ScopeId;

use super::{DIAGNOSTICS_MAX, globals};

/// The rule of the lint that these are.
pub const UNKNOWN_NAME: &str = "FF001";

/// Errors and warnings, with spans moved back by `offset` into `body`.
pub fn check(
    program: &Program,
    scoping: &Scoping,
    body: &str,
    offset: usize,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let mut finder = Finder { scoping, unknown: Vec::new(), by_name: HashMap::new(), made: HashSet::new() };
    finder.visit_program(program);
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for name in &finder.unknown {
        let Some(usage) = &name.first else { continue }; // Only ever asked for with `typeof`.
        if finder.made.contains(name.name) {
            continue;
        }
        if !name.guarded && errors.len() >= DIAGNOSTICS_MAX {
            continue;
        }
        let span = (usage.span.start as usize).saturating_sub(offset)
            ..(usage.span.end as usize).saturating_sub(offset);
        let diagnostic = if name.guarded {
            Diagnostic::warning(format!("`{}` is no global of a script", name.name))
                .code(UNKNOWN_NAME)
                .help("the `typeof` guard keeps it from running here")
        } else {
            let known = Known { scoping, body, offset };
            Diagnostic::error(format!("`{}` is not defined", name.name))
                .code(UNKNOWN_NAME)
                .help(known.help_for(name.name, usage))
        };
        if name.guarded { &mut warnings } else { &mut errors }.push(diagnostic.at(span));
    }
    (errors, warnings)
}

struct Unknown<'a> {
    name: &'a str,
    /// The first use that is not the operand of `typeof`.
    first: Option<Usage>,
    /// There is a `typeof` of it somewhere.
    guarded: bool,
}

struct Usage {
    span: Span,
    scope: ScopeId,
    writes: bool,
}

struct Finder<'a, 's> {
    scoping: &'s Scoping,
    /// In the order in which they are met.
    unknown: Vec<Unknown<'a>>,
    by_name: HashMap<&'a str, usize>,
    /// Globals of the script's own: `globalThis.NAME = …`.
    made: HashSet<&'a str>,
}

impl<'a> Finder<'a, '_> {
    fn entry(&mut self, name: &'a str) -> &mut Unknown<'a> {
        let index = *self.by_name.entry(name).or_insert_with(|| {
            self.unknown.push(Unknown { name, first: None, guarded: false });
            self.unknown.len() - 1
        });
        &mut self.unknown[index]
    }

    /// `arguments` of the function that the script itself becomes is nobody's.
    fn is_of_a_function(&self, scope: ScopeId) -> bool {
        let functions = self.scoping.scope_ancestors(scope).filter(|scope| {
            let flags = self.scoping.scope_flags(*scope);
            flags.is_function() && !flags.is_arrow()
        });
        functions.count() > 1
    }
}

impl<'a> Visit<'a> for Finder<'a, '_> {
    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let name = it.name.as_str();
        let Some(reference) = it.reference_id.get().map(|id| self.scoping.get_reference(id)) else { return };
        if reference.symbol_id().is_some() || globals::is_known(name) {
            return;
        }
        if name == "arguments" && self.is_of_a_function(reference.scope_id()) {
            return;
        }
        let usage = Usage { span: it.span, scope: reference.scope_id(), writes: !reference.is_read() };
        self.entry(name).first.get_or_insert(usage);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let AssignmentTarget::StaticMemberExpression(target) = &it.left
            && target.object.is_specific_id("globalThis")
        {
            self.made.insert(target.property.name.as_str());
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        match it.argument.without_parentheses() {
            Expression::Identifier(name) if it.operator == UnaryOperator::Typeof => {
                let reference = name.reference_id.get().map(|id| self.scoping.get_reference(id));
                if reference.is_some_and(|it| it.symbol_id().is_none()) && !globals::is_known(&name.name) {
                    self.entry(name.name.as_str()).guarded = true;
                }
            }
            _ => walk::walk_unary_expression(self, it),
        }
    }
}

/// What could have been meant by a name that nobody declares.
struct Known<'s> {
    scoping: &'s Scoping,
    body: &'s str,
    offset: usize,
}

impl Known<'_> {
    fn help_for(&self, name: &str, usage: &Usage) -> String {
        if let Some(line) = self.declared_elsewhere(name) {
            return format!(
                "line {line} declares it in another block or function, where it is not seen from here"
            );
        }
        if let Some(instead) = globals::instead_of(name) {
            return instead.to_owned();
        }
        let visible = self.visible_from(usage.scope);
        let candidates: Vec<&str> =
            visible.iter().map(String::as_str).chain(globals::KNOWN.iter().copied()).collect();
        match schema::nearest(name, &candidates) {
            Some(near) => format!("did you mean `{near}`?"),
            None if usage.writes => format!("declare it: `let {name} = …`"),
            None => "declare it, pass it in as `args`, or ask an agent for it".into(),
        }
    }

    fn declared_elsewhere(&self, name: &str) -> Option<u32> {
        let symbol = self.scoping.symbol_ids().find(|id| self.scoping.symbol_name(*id) == name)?;
        let start = (self.scoping.symbol_span(symbol).start as usize).saturating_sub(self.offset);
        Some(Location::of("", self.body, start).line)
    }

    fn visible_from(&self, scope: ScopeId) -> Vec<String> {
        let scopes = self.scoping.scope_ancestors(scope);
        scopes.flat_map(|scope| self.scoping.get_bindings(scope).keys()).map(ToString::to_string).collect()
    }
}
