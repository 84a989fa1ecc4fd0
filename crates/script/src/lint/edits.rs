//! Fixes that are sure: what `--fix` types.

use std::ops::Range;

use serde::Serialize;

use super::Finding;

/// Puts `text` where `span` was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// Bytes of the source.
    pub span: Range<usize>,
    pub text: String,
}

impl Edit {
    pub(super) fn insert(at: u32, text: impl Into<String>) -> Self {
        Self { span: at as usize..at as usize, text: text.into() }
    }

    pub(super) fn replace(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// `source` with the fixes of `findings`, and nothing else changed. Of two fixes that touch the same text the first
/// is made: lint again for the other.
pub fn apply(source: &str, findings: &[Finding]) -> String {
    let mut made: Vec<&Edit> = fixed(findings).into_iter().flat_map(edits_of).collect();
    made.sort_by_key(|edit| edit.span.start);
    let (mut text, mut at) = (String::with_capacity(source.len()), 0);
    for edit in made {
        text.push_str(&source[at..edit.span.start]);
        text.push_str(&edit.text);
        at = edit.span.end;
    }
    text.push_str(&source[at..]);
    text
}

/// Those whose fixes [`apply`] makes.
pub fn fixed(findings: &[Finding]) -> Vec<&Finding> {
    let mut fixable: Vec<&Finding> = findings.iter().filter(|finding| finding.fix.is_some()).collect();
    fixable.sort_by_key(|finding| edits_of(finding).first().map_or(0, |edit| edit.span.start));
    let mut made: Vec<&Edit> = Vec::new();
    fixable.retain(|finding| {
        let edits = edits_of(finding);
        let is_free = edits.iter().all(|edit| !made.iter().any(|other| touch(&edit.span, &other.span)));
        if is_free {
            made.extend(edits);
        }
        is_free
    });
    fixable
}

fn edits_of(finding: &Finding) -> &[Edit] {
    finding.fix.as_deref().unwrap_or_default()
}

/// Do they share a byte, or a place to insert?
fn touch(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start.max(b.start) < a.end.min(b.end) || a.start == b.start
}
