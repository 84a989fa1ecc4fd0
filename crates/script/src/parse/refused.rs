//! Syntax that is JavaScript but that no script can have: modules, decorators, comments that hide code.

use fanfold_core::Diagnostic;
use oxc_ast::ast::{
    AccessorProperty, Comment, Declaration, Decorator, ImportExpression, ImportMeta, Program, Statement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use super::meta_literal;

/// The rule of the lint that modules are.
pub const MODULE: &str = "FF002";

const NO_MODULES: &str = "a script has no modules: write the code here, or let an agent do it with its tools";
const ONLY_META: &str =
    "a script exports `meta` and nothing else: delete the `export`; what the body returns is the result";

/// Everything in `program` that no script can have.
pub fn check(program: &Program) -> Vec<Diagnostic> {
    let mut found = Refused::default();
    let meta = program.body.iter().position(meta_literal::is_meta_export);
    for (index, statement) in program.body.iter().enumerate() {
        if Some(index) != meta {
            found.check_module_statement(statement);
        }
    }
    found.visit_program(program);
    found.errors
}

/// What a function body takes for comments though it is code in a module (`<!--`), and `//` comments that
/// end where no reader sees a line end.
pub fn check_comments<'c>(
    comments: impl IntoIterator<Item = &'c Comment>,
    body: &str,
    offset: usize,
) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let has_line_feeds = body.contains('\n');
    for comment in comments {
        let range = (comment.span.start as usize).saturating_sub(offset)
            ..(comment.span.end as usize).saturating_sub(offset).min(body.len());
        let (text, rest) = (&body[range.clone()], &body[range.end..]);
        if text.starts_with("<!--") || text.starts_with("-->") {
            errors.push(
                Diagnostic::error(
                    "an HTML comment in JavaScript reads as code in one place and not in another",
                )
                .at(range)
                .help("write `//`, or put spaces between the operators"),
            );
        } else if text.starts_with("//") {
            let ends = match rest.chars().next() {
                Some('\r') if has_line_feeds && !rest.starts_with("\r\n") => Some("a lone carriage return"),
                Some('\u{2028}') => Some("U+2028"),
                Some('\u{2029}') => Some("U+2029"),
                _ => None,
            };
            if let Some(ends) = ends {
                errors.push(
                    Diagnostic::error(format!("{ends} ends this comment where no reader sees a line end"))
                        .at(range)
                        .help("what follows is code: put a line feed before it"),
                );
            }
        }
    }
    errors
}

#[derive(Default)]
struct Refused {
    errors: Vec<Diagnostic>,
}

impl Refused {
    fn refuse(&mut self, span: Span, message: &str, help: &str) {
        let error = Diagnostic::error(message).at(range(span)).help(help);
        self.errors.push(if help == NO_MODULES { error.code(MODULE) } else { error });
    }

    fn check_module_statement(&mut self, statement: &Statement) {
        let span = statement.span();
        match statement {
            Statement::ImportDeclaration(_) => self.refuse(span, "`import` in a script", NO_MODULES),
            Statement::ExportDeclaration(export) => {
                let what = match &export.declaration {
                    Declaration::FunctionDeclaration(_) => "`export function`",
                    Declaration::ClassDeclaration(_) => "`export class`",
                    _ => "`export` of something else than `meta`",
                };
                self.refuse(Span::sized(span.start, "export".len() as u32), what, ONLY_META);
            }
            Statement::ExportDefaultDeclaration(_) => self.refuse(
                Span::sized(span.start, "export default".len() as u32),
                "`export default` in a script",
                "write `export const meta = {…}` and the body below it, without a function around it",
            ),
            Statement::ExportNamedDeclaration(_) => self.refuse(
                span,
                "an `export { … }` list in a script",
                "write `export const meta = {…}` as the first statement; nothing else is exported",
            ),
            Statement::ExportAllDeclaration(_) | Statement::ExportFromDeclaration(_) => {
                self.refuse(span, "`export … from` in a script", NO_MODULES);
            }
            Statement::TSExportAssignment(_)
            | Statement::TSNamespaceExportDeclaration(_)
            | Statement::TSImportEqualsDeclaration(_) => {
                self.refuse(span, "`import =` or `export =` in a script", NO_MODULES);
            }
            _ => (),
        }
    }
}

impl<'a> Visit<'a> for Refused {
    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        self.refuse(it.span, "`import()` in a script", NO_MODULES);
        walk::walk_import_expression(self, it);
    }

    fn visit_import_meta(&mut self, it: &ImportMeta) {
        self.refuse(it.span, "`import.meta` in a script", "the run's input is `args`");
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        self.refuse(
            it.span,
            "a decorator, which the script engine does not have",
            "call the function itself",
        );
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        self.refuse(
            it.span,
            "an `accessor` field, which the script engine does not have",
            "write a plain field, or `get` and `set`",
        );
    }
}

pub fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}
