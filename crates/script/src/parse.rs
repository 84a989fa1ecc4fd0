//! From a script's text to what can run: checked, its `meta` read, its types erased. Nothing of it runs.
//!
//! Every step keeps the length of the text in bytes and its columns, so that a span of any step is a span of
//! the script's own text, and a place in the body is a place in the script.

mod hidden;
mod meta_literal;
mod names;
mod nesting;
mod patterns;
mod refused;
mod syntax;
mod typescript;

pub mod globals;

pub use self::hidden::hides_text;

use std::thread;

use fanfold_core::{Diagnostic, Meta, Severity};
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;

use self::syntax::Language;

/// A script that may run.
#[derive(Debug)]
pub struct Script {
    pub meta: Meta,
    /// The body as plain JavaScript: every token that is left stands at its own line and column. It is to be
    /// run as `(async function () { "use strict"; BODY⏎})`.
    pub body: String,
    pub warnings: Vec<Diagnostic>,
}

/// A longer script is refused.
pub const SOURCE_BYTES_MAX: usize = 512 * 1024;

/// The parser and its visitors recurse: at [`nesting`]'s limits they take far less than this, which is only
/// reserved, not used.
const STACK_BYTES: usize = 256 << 20;

/// More diagnostics than this help nobody.
const DIAGNOSTICS_MAX: usize = 30;

/// `file` decides the language by its ending (`.ts`, `.mts` and `.cts` are TypeScript, all else JavaScript).
/// `Err` has at least one error; spans are byte offsets into `source`.
pub fn parse(source: &str, file: &str) -> Result<Script, Vec<Diagnostic>> {
    on_large_stack(source, || parse_checked(source, Language::of_file(file)))
}

/// Lets `visit` walk the tree of a script that may run. The spans in it are those of `source`, and what stood in
/// parentheses is as if it did not.
pub(crate) fn walk<T: Send>(
    source: &str,
    file: &str,
    visit: impl for<'a> FnOnce(Script, &'a Program<'a>) -> T + Send,
) -> Result<T, Vec<Diagnostic>> {
    on_large_stack(source, || {
        let language = Language::of_file(file);
        let script = parse_checked(source, language)?;
        let text = plain(source, language)?;
        let allocator = Allocator::default();
        Ok(visit(script, &syntax::parse_without_parentheses(&allocator, &text)))
    })
}

/// What is too deep for a parser is refused first.
fn on_large_stack<T: Send>(
    source: &str,
    work: impl FnOnce() -> Result<T, Vec<Diagnostic>> + Send,
) -> Result<T, Vec<Diagnostic>> {
    hidden::check(source)?;
    nesting::check(source)?;
    let parsed = thread::scope(|scope| {
        let spawned = thread::Builder::new()
            .name("parse".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|err| vec![Diagnostic::error(format!("no thread to parse the script on: {err}"))])?;
        spawned.join().unwrap_or_else(|_| {
            Err(vec![
                Diagnostic::error("the parser crashed on this script")
                    .help("this is a bug of the parser; try again with half of the script to find the line"),
            ])
        })
    });
    parsed.map_err(|mut errors| {
        errors.sort_by_key(|error| (error.severity == Severity::Warning, span_start(error)));
        errors.truncate(DIAGNOSTICS_MAX);
        errors
    })
}

fn parse_checked(source: &str, language: Language) -> Result<Script, Vec<Diagnostic>> {
    let text = plain(source, language)?;
    let allocator = Allocator::default();
    let program = syntax::parse_module(&allocator, &text, language)?;
    let refused = refused::check(&program);
    let (meta, mut diagnostics) = match meta_literal::read(&program) {
        Ok(read) => (Some(read.meta), read.warnings),
        Err(errors) => (None, errors),
    };
    let has_other_exports = !refused.is_empty();
    diagnostics.extend(refused);
    if has_other_exports {
        return Err(diagnostics);
    }

    let body = meta_literal::without_export(&program, &text);
    let of_body = syntax::check_as_function_body(&body).unwrap_or_else(|errors| errors);
    for diagnostic in of_body {
        if !diagnostics.iter().any(|told| told.span.is_some() && told.span == diagnostic.span) {
            diagnostics.push(diagnostic);
        }
    }
    match meta {
        Some(meta) if !diagnostics.iter().any(is_error) => {
            diagnostics.sort_by_key(span_start);
            Ok(Script { meta, body, warnings: diagnostics })
        }
        _ => Err(diagnostics),
    }
}

/// Plain JavaScript of the same length.
fn plain(source: &str, language: Language) -> Result<String, Vec<Diagnostic>> {
    let text = without_preamble(source);
    match language {
        Language::JavaScript => Ok(text),
        Language::TypeScript => typescript::erase(text),
    }
}

/// A byte order mark becomes white space of its length (U+3000), the `#!` of a first line `//`.
fn without_preamble(source: &str) -> String {
    let (mark, rest) = match source.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{3000}", rest),
        None => ("", source),
    };
    match rest.strip_prefix("#!") {
        Some(rest) => [mark, "//", rest].concat(),
        None => [mark, rest].concat(),
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

fn span_start(diagnostic: &Diagnostic) -> usize {
    diagnostic.span.as_ref().map_or(0, |span| span.start)
}

#[cfg(test)]
mod tests;
