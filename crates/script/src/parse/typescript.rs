//! Erases types: what is only TypeScript becomes white space, and every token that is left stays where it is.
//!
//! White space of the same width in bytes *and* in UTF-16 units takes the place of each character, so that
//! offsets, lines and columns all hold. Where a gap would change how the rest reads, a `;` or a bracket moves
//! into it (the traps are named where they are disarmed).

mod blank;

use fanfold_core::Diagnostic;
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeFlags;

use self::blank::Blanks;
use super::refused::{self, range};
use super::syntax;

/// `text` without its types, of the same length.
pub fn erase(text: String) -> Result<String, Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let program = syntax::parse_typescript(&allocator, &text)?;
    let refused = refused::check(&program);
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut eraser = Eraser { blanks: Blanks::of(&text), errors: Vec::new() };
    eraser.visit_program(&program);
    if eraser.errors.is_empty() { Ok(eraser.blanks.into_text()) } else { Err(eraser.errors) }
}

struct Eraser<'t> {
    blanks: Blanks<'t>,
    errors: Vec<Diagnostic>,
}

impl Eraser<'_> {
    fn refuse(&mut self, span: Span, message: &str, help: &str) {
        self.errors.push(Diagnostic::error(message).at(range(span)).help(help));
    }

    /// A whole statement or class member goes. The `;` keeps what stands before it from running into what
    /// stands behind.
    fn erase_whole(&mut self, span: Span) {
        self.blanks.blank(span.start, span.end);
        self.blanks.put(span.start, b';');
    }

    /// The `?` or `!` behind a name.
    fn erase_mark_after(&mut self, end: u32) {
        if let Some(at) = self.blanks.find_mark(end) {
            self.blanks.blank(at, at + 1);
        }
    }

    /// The words before the name of a class member that are only TypeScript.
    fn erase_modifiers(&mut self, start: u32, key: Span, could_continue: bool) {
        let mut is_first = true;
        for word in self.blanks.words(start, key.start) {
            if matches!(
                &self.blanks.text()[range(word)],
                "public" | "private" | "protected" | "override" | "abstract" | "readonly" | "declare"
            ) {
                self.blanks.blank(word.start, word.end);
                // `a = 1⏎private [b] = 2` is not `a = 1[b] = 2`.
                if is_first && could_continue {
                    self.blanks.put(word.start, b';');
                }
            }
            is_first = false;
        }
    }

    /// `a = b as T⏎(c)` is not `a = b(c)`: a statement or field that ends in a type, with no `;`, gets one.
    fn end_statement(&mut self, span: Span) {
        if let Some(blank) = self.blanks.last_ending_at(span.end)
            && self.blanks.could_continue_after(span.end)
            && let Some(at) = self.blanks.first_erased_word(blank)
        {
            self.blanks.put(at, b';');
        }
    }

    /// A line end inside an arrow function's erased parts may not stand before `=>` or after `async`: the
    /// bracket moves across it.
    fn mend_arrow(&mut self, it: &ArrowFunctionExpression) {
        if let Some(generics) = &it.type_parameters
            && self.blanks.has_line_end(generics.span.start, it.params.span.start)
        {
            self.blanks.put(it.params.span.start, b' ');
            self.blanks.put(generics.span.start, b'(');
        }
        if let Some(returned) = &it.return_type
            && self.blanks.has_line_end(it.params.span.end, returned.span.end)
        {
            self.blanks.put(it.params.span.end - 1, b' ');
            self.blanks.put_at_end(returned.span.end, b')');
        }
    }

    fn is_type_only(body: &TSNamespaceDeclarationBody) -> bool {
        match body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => Self::is_type_only(&inner.body),
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                block.body.iter().all(|statement| match statement {
                    Statement::TSInterfaceDeclaration(_) | Statement::TSTypeAliasDeclaration(_) => true,
                    Statement::ExportDeclaration(export) => matches!(
                        export.declaration,
                        Declaration::TSInterfaceDeclaration(_) | Declaration::TSTypeAliasDeclaration(_)
                    ),
                    _ => false,
                })
            }
        }
    }
}

impl<'a> Visit<'a> for Eraser<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        let span = it.span();
        match it {
            Statement::TSTypeAliasDeclaration(_)
            | Statement::TSInterfaceDeclaration(_)
            | Statement::TSExternalModuleDeclaration(_)
            | Statement::TSGlobalDeclaration(_) => self.erase_whole(span),
            Statement::TSNamespaceDeclaration(namespace)
                if namespace.declare || Self::is_type_only(&namespace.body) =>
            {
                self.erase_whole(span);
            }
            Statement::TSNamespaceDeclaration(namespace) => {
                self.refuse(
                    namespace.id.span,
                    "a `namespace` with values",
                    "use an object: `const name = { … }`",
                );
            }
            Statement::TSEnumDeclaration(it) if it.declare => self.erase_whole(span),
            Statement::TSEnumDeclaration(it) => self.refuse(
                it.id.span,
                "an `enum`, which is more than a type",
                "use an object: `const Level = { Low: 'low', High: 'high' } as const`",
            ),
            Statement::VariableDeclaration(it) if it.declare => self.erase_whole(span),
            Statement::ClassDeclaration(it) if it.declare => self.erase_whole(span),
            Statement::FunctionDeclaration(it) if it.declare || it.body.is_none() => self.erase_whole(span),
            _ => {
                walk::walk_statement(self, it);
                self.end_statement(span);
            }
        }
    }

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        self.blanks.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.blanks.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.blanks.blank(it.span.start, it.span.end);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blanks.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blanks.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blanks.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        self.refuse(it.span, "a type in front of a value", "write `value as Type`");
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if it.definite {
            self.erase_mark_after(it.id.span().end);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if let Some(this) = &it.this_param {
            let end = self.blanks.skip_comma(this.span.end);
            self.blanks.blank(this.span.start, end);
        }
        walk::walk_function(self, it, flags);
    }

    fn visit_ts_this_parameter(&mut self, _: &TSThisParameter<'a>) {}

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        walk::walk_arrow_function_expression(self, it);
        self.mend_arrow(it);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            self.refuse(
                it.span,
                "a parameter that declares a field",
                "declare the field in the class and assign it in the constructor",
            );
        }
        if it.optional {
            self.erase_mark_after(it.pattern.span().end);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if it.r#abstract
            && let Some(word) = self.blanks.words(it.span.start, it.body.span.start).first().copied()
        {
            self.blanks.blank(word.start, word.end);
        }
        walk::walk_class(self, it);
        if let Some(last) = it.implements.last() {
            let heritage = it.heritage.as_ref().map(|it| match &it.type_arguments {
                Some(arguments) => arguments.span.end,
                None => it.expression.span().end,
            });
            let start = heritage
                .or(it.type_parameters.as_ref().map(|it| it.span.end))
                .or(it.id.as_ref().map(|it| it.span.end));
            // An anonymous class: `class implements T {}`.
            let start = start.or_else(|| {
                let words = self.blanks.words(it.span.start, last.span.start);
                words
                    .iter()
                    .find(|word| &self.blanks.text()[range(**word)] == "implements")
                    .map(|it| it.start)
            });
            if let Some(start) = start {
                self.blanks.blank(start, last.span.end);
            }
        }
    }

    fn visit_ts_class_implements(&mut self, _: &TSClassImplements<'a>) {}

    fn visit_ts_index_signature(&mut self, it: &TSIndexSignature<'a>) {
        self.erase_whole(it.span);
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        if it.value.body.is_none() {
            return self.erase_whole(it.span);
        }
        self.erase_modifiers(it.span.start, it.key.span(), it.computed || it.value.generator);
        if it.optional {
            self.erase_mark_after(it.key.span().end);
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        if it.declare || it.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition {
            return self.erase_whole(it.span);
        }
        self.erase_modifiers(it.span.start, it.key.span(), it.computed);
        if it.optional || it.definite {
            self.erase_mark_after(it.key.span().end);
        }
        walk::walk_property_definition(self, it);
        match (&it.type_annotation, &it.value) {
            // `get: T⏎a() {}` is not a getter.
            (Some(annotation), None) => self.blanks.put(annotation.span.start, b';'),
            _ => self.end_statement(it.span),
        }
    }
}
