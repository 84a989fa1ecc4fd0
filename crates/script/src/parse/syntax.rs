//! The two parses that a script has to pass: as a module, for its `export const meta`, and as the body of the
//! async function that it will run as. Each catches what the other lets through.

use fanfold_core::{Diagnostic, Location};
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_diagnostics::{Diagnostics, OxcDiagnostic};
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::{names, patterns, refused, typescript};

/// What the body will be wrapped in to run.
const FUNCTION_HEAD: &str = "(async function () { \"use strict\"; ";
const FUNCTION_TAIL: &str = "\n})";

/// Syntax errors after the first few are echoes of the first.
const ERRORS_MAX: usize = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    JavaScript,
    TypeScript,
}

impl Language {
    pub fn of_file(file: &str) -> Self {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "ts" | "mts" | "cts" => Language::TypeScript,
            _ => Language::JavaScript,
        }
    }
}

/// Parses `text` as TypeScript.
pub fn parse_typescript<'a>(allocator: &'a Allocator, text: &'a str) -> Result<Program<'a>, Vec<Diagnostic>> {
    let parsed = run_parser(allocator, text, SourceType::ts().with_module(true));
    if parsed.diagnostics.is_empty() { Ok(parsed.program) } else { Err(told(parsed.diagnostics, text, 0)) }
}

/// Parses plain JavaScript; `language` is what it was written in (its types are erased already).
pub fn parse_module<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    language: Language,
) -> Result<Program<'a>, Vec<Diagnostic>> {
    let parsed = run_parser(allocator, text, SourceType::mjs());
    if parsed.diagnostics.is_empty() {
        return Ok(parsed.program);
    }
    let mut errors = told(parsed.diagnostics, text, 0);
    match language {
        Language::TypeScript => {
            for error in &mut errors {
                error.message = format!("the types here could not be erased: {}", error.message);
                error.help = Some("write it in a simpler way, or in plain JavaScript".into());
            }
        }
        Language::JavaScript if is_typescript(text) => {
            errors.truncate(1);
            errors[0].help = Some("this is TypeScript: give the file a name that ends in `.ts`".into());
        }
        Language::JavaScript => (),
    }
    Err(errors)
}

/// Parses plain JavaScript that is known to be a script, for a lint: what stands in parentheses is as if it did not.
pub fn parse_without_parentheses<'a>(allocator: &'a Allocator, text: &'a str) -> Program<'a> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    Parser::new(allocator, text, SourceType::mjs()).with_options(options).parse().program
}

/// Checks `body` as what it will run as. `Ok` holds warnings.
pub fn check_as_function_body(body: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let function = [FUNCTION_HEAD, body, FUNCTION_TAIL].concat();
    let offset = FUNCTION_HEAD.len();
    let parsed = run_parser(&allocator, &function, SourceType::script());
    let hiding = refused::check_comments(&parsed.program.comments, body, offset);
    if !hiding.is_empty() {
        return Err(hiding);
    }
    if !parsed.diagnostics.is_empty() {
        return Err(told(parsed.diagnostics, body, offset));
    }
    let built = SemanticBuilder::new_compiler().build(&parsed.program);
    let mut errors = told(built.diagnostics, body, offset);
    let (unknown, warnings) = names::check(&parsed.program, built.semantic.scoping(), body, offset);
    errors.extend(unknown);
    if errors.is_empty() {
        return Ok(warnings);
    }
    errors.extend(warnings);
    Err(errors)
}

fn run_parser<'a>(allocator: &'a Allocator, text: &'a str, source_type: SourceType) -> ParserReturn<'a> {
    let parse = |parse_regular_expression| {
        let allow_return_outside_function = true;
        let options = ParseOptions {
            parse_regular_expression,
            allow_return_outside_function,
            ..ParseOptions::default()
        };
        Parser::new(allocator, text, source_type).with_options(options).parse()
    };
    if patterns::may_nest_too_deep(text) {
        let mut parsed = parse(false);
        parsed.diagnostics.extend(patterns::check(&parsed.program));
        if !parsed.diagnostics.is_empty() {
            return parsed;
        }
    }
    parse(true)
}

/// Would it be a script if its types were erased?
fn is_typescript(text: &str) -> bool {
    let allocator = Allocator::default();
    typescript::erase(text.to_owned()).is_ok_and(|erased| {
        erased != text && run_parser(&allocator, &erased, SourceType::mjs()).diagnostics.is_empty()
    })
}

/// The parser's own words, with spans moved back by `offset` into `text`.
fn told(diagnostics: Diagnostics, text: &str, offset: usize) -> Vec<Diagnostic> {
    let kept = diagnostics.into_vec().into_iter().take(ERRORS_MAX);
    kept.map(|diagnostic| one_told(diagnostic, text, offset)).collect()
}

fn one_told(diagnostic: OxcDiagnostic, text: &str, offset: usize) -> Diagnostic {
    let spans: Vec<_> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let start = (label.offset() as usize).saturating_sub(offset).min(text.len());
            start..(start + label.len() as usize).min(text.len())
        })
        .collect();
    let message = as_fragment(&diagnostic.message);
    let is_redeclaration = message.contains("already been declared");
    let mut told = Diagnostic::error(message);
    told.help = diagnostic.help.as_ref().map(|help| as_fragment(help));
    match (spans.as_slice(), is_redeclaration) {
        ([first, .., again], true) => {
            let line = Location::of("", text, first.start).line;
            told.help = Some(format!("it is declared in line {line} already: take another name"));
            told.span = Some(again.clone());
        }
        ([first, ..], _) => told.span = Some(first.clone()),
        ([], _) => (),
    }
    told
}

/// `Unexpected token.` as `unexpected token`.
fn as_fragment(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut chars = sentence.chars();
    let second_is_lower = sentence.chars().nth(1).is_some_and(|ch| !ch.is_uppercase());
    match chars.next() {
        Some(first) if second_is_lower => first.to_lowercase().chain(chars).collect(),
        _ => sentence.to_owned(),
    }
}
