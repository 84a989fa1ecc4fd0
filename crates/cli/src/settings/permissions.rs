//! What agents may do without asking: rules of every settings file together.

use std::path::Path;

use serde::Deserialize;

use super::file::{Origin, Owner};
use crate::error::{CliError, ErrorKind, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(pub Vec<Rule>);

/// One rule as it was written, `Bash(cargo test:*)` or `Workflow(review)`: its meaning is the business of
/// what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub permit: Permit,
    pub text: String,
    pub origin: Origin,
}

/// In rising strength: of several rules that match, the strongest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permit {
    Allow,
    Ask,
    Deny,
}

impl Permit {
    pub fn name(self) -> &'static str {
        match self {
            Permit::Allow => "allow",
            Permit::Ask => "ask",
            Permit::Deny => "deny",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Permit::Allow, Permit::Ask, Permit::Deny].into_iter().find(|permit| permit.name() == name)
    }
}

impl Rule {
    fn is_about_workflows(&self) -> bool {
        self.text == "Workflow" || self.text.starts_with("Workflow(")
    }
}

impl Permissions {
    /// The rules about what agents do.
    pub fn of_tools(&self, permit: Permit) -> Vec<String> {
        let of_tools = self.0.iter().filter(|rule| rule.permit == permit && !rule.is_about_workflows());
        of_tools.map(|rule| rule.text.clone()).collect()
    }

    /// What the rules say of running the workflow `name`: `Workflow`, `Workflow(name)` or `Workflow(start*)`.
    ///
    /// A project's own files cannot allow: whoever clones a repository has not approved its workflows.
    pub fn of_workflow(&self, name: &str) -> Option<Permit> {
        let about = |rule: &&Rule| match rule.text.strip_prefix("Workflow") {
            Some("") => true,
            Some(rest) => match rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(pattern) => match pattern.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => name == pattern,
                },
                None => false,
            },
            None => false,
        };
        let counts = |rule: &&Rule| rule.permit != Permit::Allow || !rule.origin.is_project();
        self.0.iter().filter(about).filter(counts).map(|rule| rule.permit).max()
    }
}

/// The rules of a `.claude/settings.json`, whose other settings are not ours.
pub fn read_json(path: &Path, shown: &str, text: &str, owner: Owner) -> Result<Vec<Rule>> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        permissions: Lists,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Lists {
        allow: Vec<String>,
        ask: Vec<String>,
        deny: Vec<String>,
    }

    let file: File = serde_json::from_str(text).map_err(|err| {
        let line_start: usize =
            text.split_inclusive('\n').take(err.line().saturating_sub(1)).map(str::len).sum();
        let at = line_start + err.column().saturating_sub(1);
        CliError::new(ErrorKind::Settings, format!("its permissions cannot be read: {err}"))
            .at(shown, text, at..at + 1)
            .hint("`permissions` holds lists of texts: {\"allow\": [], \"ask\": [], \"deny\": []}")
    })?;
    let lists = file.permissions;
    let origin = Origin::File { path: path.to_owned(), line: None, owner };
    let rules = [(Permit::Allow, lists.allow), (Permit::Ask, lists.ask), (Permit::Deny, lists.deny)];
    Ok(rules
        .into_iter()
        .flat_map(|(permit, texts)| texts.into_iter().map(move |text| (permit, text)))
        .map(|(permit, text)| Rule { permit, text, origin: origin.clone() })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_settings_of_the_file_are_passed_over() {
        let text = r#"{"model": "opus", "hooks": {}, "permissions": {"allow": ["Read"], "deny": ["Bash(rm:*)"], "defaultMode": "x"}}"#;
        let rules = read_json(Path::new("s.json"), "s.json", text, Owner::Project).expect("valid");
        let said: Vec<(Permit, &str)> = rules.iter().map(|rule| (rule.permit, rule.text.as_str())).collect();
        assert_eq!(said, [(Permit::Allow, "Read"), (Permit::Deny, "Bash(rm:*)")]);
    }

    #[test]
    fn rules_that_cannot_be_read_are_an_error_with_a_place() {
        for text in ["{\n  \"permissions\": {\"deny\": \"Bash\"}}", "{\n  \"permissions\": {,}}", "{\n"] {
            let error =
                read_json(Path::new("s.json"), "s.json", text, Owner::Project).expect_err("malformed");
            assert!(error.location.is_some(), "{error}");
        }
    }

    #[test]
    fn the_strongest_rule_about_a_workflow_holds() {
        let rule = |permit, text: &str| Rule { permit, text: text.into(), origin: Origin::Default };
        let permissions = Permissions(vec![
            rule(Permit::Allow, "Workflow(review*)"),
            rule(Permit::Deny, "Workflow(review-all)"),
            rule(Permit::Allow, "WorkflowX"),
            rule(Permit::Allow, "Bash"),
        ]);
        assert_eq!(permissions.of_workflow("review-pr"), Some(Permit::Allow));
        assert_eq!(permissions.of_workflow("review-all"), Some(Permit::Deny));
        assert_eq!(permissions.of_workflow("audit"), None);
    }
}
