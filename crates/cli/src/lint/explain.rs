//! `check --explain RULE`: what a rule is about.

use fanfold_core::Severity;
use fanfold_core::schema::nearest;
use fanfold_script::lint::{RULES, Rule, rule};

use crate::error::{CliError, ErrorKind, Result};

/// The rule of this code or name.
pub fn explain(wanted: &str) -> Result<&'static Rule> {
    let by_name = || RULES.iter().find(|rule| rule.name == wanted);
    rule(wanted).or_else(by_name).ok_or_else(|| {
        let known: Vec<&str> = RULES.iter().flat_map(|rule| [rule.name, rule.code]).collect();
        let error = CliError::new(ErrorKind::Usage, format!("the lint has no rule `{wanted}`"));
        match nearest(wanted, &known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!(
                "there are {} to {}",
                RULES.first().map_or("", |rule| rule.code),
                RULES.last().map_or("", |rule| rule.code)
            )),
        }
    })
}

/// For a person.
pub fn in_words(rule: &Rule) -> String {
    let severity = match rule.severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
    };
    let mut notes = Vec::new();
    if rule.is_sure {
        notes.push("`--fix` types it where nothing else can be meant");
    }
    if rule.is_seen {
        notes.push("a dry run can find it where the text does not tell");
    }
    let notes: String = notes.into_iter().map(|note| format!("{note}\n")).collect();
    format!(
        "{} {}: {severity}\n\nwhy: {}\nfix: {}\n{notes}\nwrong:\n{}\n\nright:\n{}\n\nto silence it: // fanfold-ignore {}\n",
        rule.code,
        rule.name,
        rule.reason,
        rule.fix,
        indented(rule.wrong),
        indented(rule.right),
        rule.code
    )
}

fn indented(code: &str) -> String {
    code.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
