//! Regular expressions that nest too deep for the parser of patterns, which recurses without a limit.
//!
//! Only a parse tells a pattern from a division, so a text that may hold such a one is parsed twice: first with
//! its patterns left alone.

use oxc_ast::ast::{Program, RegExpFlags, RegExpLiteral};
use oxc_ast_visit::Visit;
use oxc_diagnostics::OxcDiagnostic;
use oxc_span::Span;

/// Groups, and the classes of the flag `v`.
pub const PATTERN_NESTING_MAX: usize = 250;

/// Whether a line, which is as long as a pattern can be, has brackets enough.
pub fn may_nest_too_deep(text: &str) -> bool {
    text.split(['\n', '\r', '\u{2028}', '\u{2029}'])
        .any(|line| line.bytes().filter(|byte| matches!(byte, b'(' | b'[')).count() > PATTERN_NESTING_MAX)
}

/// An error for each pattern that does.
pub fn check(program: &Program) -> Vec<OxcDiagnostic> {
    let mut finder = Finder { found: Vec::new() };
    finder.visit_program(program);
    let tell = |span| {
        OxcDiagnostic::error(format!(
            "this regular expression nests groups more than {PATTERN_NESTING_MAX} deep"
        ))
        .with_help("split it into several, or match in a loop")
        .with_label(span)
    };
    finder.found.into_iter().map(tell).collect()
}

struct Finder {
    found: Vec<Span>,
}

impl<'a> Visit<'a> for Finder {
    fn visit_reg_exp_literal(&mut self, it: &RegExpLiteral<'a>) {
        if nesting(&it.regex.pattern.text, it.regex.flags.contains(RegExpFlags::V)) > PATTERN_NESTING_MAX {
            self.found.push(it.span);
        }
    }
}

/// Of groups; and of classes, which nest with the flag `v` only.
fn nesting(pattern: &str, classes_nest: bool) -> usize {
    let (mut groups, mut classes, mut deepest) = (0_usize, 0_usize, 0);
    let mut in_escape = false;
    for byte in pattern.bytes() {
        match byte {
            _ if in_escape => in_escape = false,
            b'\\' => in_escape = true,
            b'(' if classes == 0 => groups += 1,
            b')' if classes == 0 => groups = groups.saturating_sub(1),
            b'[' if classes == 0 || classes_nest => classes += 1,
            b']' => classes = classes.saturating_sub(1),
            _ => (),
        }
        deepest = deepest.max(groups + classes);
    }
    deepest
}
