//! `// fanfold-ignore FF012`: on the line, on the line before, or above `meta` for the whole file.

use oxc_span::{GetSpan, Span};

use super::edits::Edit;
use super::rules::{AGENT_TYPE, IGNORE_UNUSED, MODEL, NESTED_WORKFLOW, rule};
use super::tree::{Tree, range};
use super::{Finding, Found, LintCx};

const WORD: &str = "fanfold-ignore";

/// The findings that nobody silenced, and the comments that silence nothing.
pub fn settle(tree: &Tree, cx: &LintCx, found: Found) -> Vec<Finding> {
    let mut ignores = ignores(tree);
    if ignores.is_empty() {
        return found.list;
    }
    let mut left = Found::default();
    for finding in found.list {
        let lines = lines_of(tree, &finding);
        let mut is_silenced = false;
        for ignore in ignores.iter_mut().filter(|ignore| ignore.reach.covers(&lines)) {
            for code in ignore.codes.iter_mut().filter(|code| code.text.eq_ignore_ascii_case(finding.code)) {
                code.is_used = true;
                is_silenced = true;
            }
        }
        if !is_silenced {
            left.list.push(finding);
        }
    }
    ignores.iter().for_each(|ignore| report_unused(tree, cx, ignore, &mut left));
    left.list
}

struct Ignore {
    span: Span,
    codes: Vec<Code>,
    reach: Reach,
}

struct Code {
    text: String,
    is_used: bool,
}

enum Reach {
    File,
    /// This line, and the next that holds code.
    Lines([usize; 2]),
}

impl Reach {
    fn covers(&self, lines: &[usize]) -> bool {
        match self {
            Reach::File => true,
            Reach::Lines(own) => lines.iter().any(|line| own.contains(line)),
        }
    }
}

fn ignores(tree: &Tree) -> Vec<Ignore> {
    let code_start = tree.program.body.first().map_or(u32::MAX, |statement| statement.span().start);
    let mut found = Vec::new();
    for comment in &tree.program.comments {
        let text = tree.source(comment.span).trim_start_matches(['/', '*', ' ', '\t']);
        let Some(rest) = text.strip_prefix(WORD) else { continue };
        let words = rest
            .trim_end_matches(['*', '/', ' '])
            .split([' ', ',', ':', '\t'])
            .filter(|word| !word.is_empty());
        let codes = words.take_while(|word| is_code(word));
        let codes = codes.map(|word| Code { text: word.to_owned(), is_used: false }).collect();
        let reach =
            if comment.span.end <= code_start { Reach::File } else { lines_after(tree, comment.span) };
        found.push(Ignore { span: comment.span, codes, reach });
    }
    found
}

fn is_code(word: &str) -> bool {
    let word = word.as_bytes();
    word.len() == 5 && word[..2].eq_ignore_ascii_case(b"FF") && word[2..].iter().all(u8::is_ascii_digit)
}

fn lines_after(tree: &Tree, comment: Span) -> Reach {
    let own = tree.line(comment.start);
    let line_start = tree.text[..comment.start as usize].rfind('\n').map_or(0, |feed| feed + 1);
    let stands_alone = tree.text[line_start..comment.start as usize].trim().is_empty();
    if !stands_alone {
        return Reach::Lines([own, own]);
    }
    let mut at = comment.end as usize;
    loop {
        at += tree.text[at..].len() - tree.text[at..].trim_start().len();
        match tree.program.comments.iter().find(|other| other.span.start as usize == at) {
            Some(other) => at = other.span.end as usize,
            None => return Reach::Lines([own, tree.line(at as u32)]),
        }
    }
}

/// The line that a finding is in, and those in which the statement and the call around it begin.
fn lines_of(tree: &Tree, finding: &Finding) -> Vec<usize> {
    let Some(span) = &finding.span else { return vec![1] };
    let start = span.start as u32;
    let holds = |outer: &Span| outer.start <= start && start < outer.end;
    let statement = tree.statements.iter().copied().filter(holds).max_by_key(|span| span.start);
    let calls = tree.calls.iter().chain(tree.agents.iter().map(|agent| &agent.call));
    let call = calls.map(|call| call.span).filter(holds).max_by_key(|span| span.start);
    [Some(start), statement.map(|span| span.start), call.map(|span| span.start)]
        .into_iter()
        .flatten()
        .map(|at| tree.line(at))
        .collect()
}

fn report_unused(tree: &Tree, cx: &LintCx, ignore: &Ignore, left: &mut Found) {
    if ignore.codes.is_empty() {
        let finding = left.report(IGNORE_UNUSED, ignore.span, "this silences nothing: it names no rule");
        finding.help("name the rules, as in `// fanfold-ignore FF012`");
        return;
    }
    let unused: Vec<&Code> =
        ignore.codes.iter().filter(|code| !code.is_used && is_judged(cx, &code.text)).collect();
    for code in &unused {
        let message = match rule(&code.text) {
            Some(rule) => format!("there is no {} (`{}`) here to ignore", rule.code, rule.name),
            None => format!("there is no rule {}", code.text),
        };
        let all = unused.len() == ignore.codes.len();
        let finding = left.report(IGNORE_UNUSED, ignore.span, message);
        if all && let Some(edit) = deletion(tree, ignore.span) {
            finding.fix(vec![edit]);
        }
    }
}

/// Could it have been found at all?
fn is_judged(cx: &LintCx, code: &str) -> bool {
    let Some(rule) = rule(code) else { return true };
    match rule.code {
        AGENT_TYPE if cx.agent_types.is_none() => false,
        MODEL if cx.has_model.is_none() => false,
        NESTED_WORKFLOW if cx.find_workflow.is_none() => false,
        IGNORE_UNUSED => false,
        _ => !rule.is_seen || cx.is_all_seen,
    }
}

/// A comment up to the end of its line, with the line if there is nothing else on it.
fn deletion(tree: &Tree, comment: Span) -> Option<Edit> {
    let span = range(comment);
    let (before, after) = (&tree.text[..span.start], &tree.text[span.end..]);
    let line_end = after.find('\n').map_or(after.len(), |feed| feed + 1);
    if !after[..line_end].trim().is_empty() {
        return None;
    }
    let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
    let code = before[line_start..].trim_end();
    Some(if code.is_empty() {
        Edit::replace(line_start..span.end + line_end, "")
    } else {
        Edit::replace(line_start + code.len()..span.end, "")
    })
}
