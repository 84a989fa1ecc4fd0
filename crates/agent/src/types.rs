//! Agent types: who an agent is, what it may use, and on which model it runs. Some are built in, others
//! come from Markdown files with front matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use fanfold_core::key::short_digest;
use serde::Deserialize;

use crate::tools::ToolSet;

/// The type of an agent that names none.
pub const DEFAULT_TYPE: &str = "general-purpose";

#[derive(Clone, Debug, PartialEq)]
pub struct AgentType {
    pub name: String,
    /// When to use it, for whoever writes scripts.
    pub description: String,
    pub tools: ToolSet,
    /// For agents whose call names none; `None` means the run's.
    pub model: Option<String>,
    pub turns_max: Option<u32>,
    /// What it is told besides what every agent is told.
    pub prompt: String,
    /// Where it comes from, for people: `built in`, or the path of its file.
    pub origin: String,
    /// Part of its calls' keys. Of built-in types it is their name: a new version of the product does not
    /// make old results void.
    pub digest: String,
    /// About names of tools that do not exist here.
    pub warnings: Vec<String>,
}

/// A file that defines an agent type.
#[derive(Clone, Debug)]
pub struct TypeFile {
    /// Its name without the extension: the type's, where the front matter gives none.
    pub name: String,
    pub text: String,
    /// Its path, for people.
    pub origin: String,
}

/// The agent types of a run, by name.
#[derive(Clone, Debug)]
pub struct AgentTypes(BTreeMap<String, Arc<AgentType>>);

impl AgentTypes {
    /// `general-purpose`, `Explore` and `Plan`.
    pub fn built_in() -> Self {
        let read_only = ["read", "glob", "grep", "web_fetch", "web_search"];
        let types = [
            built_in(
                DEFAULT_TYPE,
                "For any task; may use every tool.",
                ToolSet::all(),
                include_str!("prompts/types/general-purpose.md"),
            ),
            built_in(
                "Explore",
                "Finds things out and reports with path and line; changes nothing.",
                ToolSet::parse(read_only).0,
                include_str!("prompts/types/explore.md"),
            ),
            built_in(
                "Plan",
                "Plans a change step by step; changes nothing.",
                ToolSet::parse(read_only).0,
                include_str!("prompts/types/plan.md"),
            ),
        ];
        Self(types.into_iter().map(|kind| (kind.name.clone(), Arc::new(kind))).collect())
    }

    /// The built-in types and those of `files`, the closest first: of two with one name the first wins, and
    /// a notice names both. `Err` has a line for each malformed file, with its path and line.
    pub fn load(files: impl IntoIterator<Item = TypeFile>) -> Result<(Self, Vec<String>), Vec<String>> {
        let mut types: BTreeMap<String, Arc<AgentType>> = BTreeMap::new();
        let (mut notices, mut errors) = (Vec::new(), Vec::new());
        for file in files {
            match parse(&file) {
                Ok(kind) => match types.get(&kind.name) {
                    Some(first) => notices.push(format!(
                        "agent type `{}` of {} is hidden by the one of {}",
                        kind.name, kind.origin, first.origin
                    )),
                    None => {
                        types.insert(kind.name.clone(), Arc::new(kind));
                    }
                },
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        for (name, kind) in Self::built_in().0 {
            types.entry(name).or_insert(kind);
        }
        Ok((Self(types), notices))
    }

    pub fn iter(&self) -> impl Iterator<Item = &AgentType> {
        self.0.values().map(AsRef::as_ref)
    }

    /// `None` is the default type. `Err` lists the types that there are, nearest first.
    pub fn get(&self, name: Option<&str>) -> Result<&Arc<AgentType>, String> {
        let name = name.unwrap_or(DEFAULT_TYPE);
        self.0.get(name).ok_or_else(|| {
            let mut known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let likeness = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
            known.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there is no agent type `{name}`, expected one of {}", known.join(", "))
        })
    }
}

impl AgentType {
    pub fn is_built_in(&self) -> bool {
        self.origin == BUILT_IN
    }
}

const BUILT_IN: &str = "built in";

fn built_in(name: &str, description: &str, tools: ToolSet, prompt: &str) -> AgentType {
    AgentType {
        name: name.into(),
        description: description.into(),
        tools,
        model: None,
        turns_max: None,
        prompt: prompt.trim().into(),
        origin: BUILT_IN.into(),
        digest: format!("{BUILT_IN} {name}"),
        warnings: Vec::new(),
    }
}

/// Keys that we do not know (a colour, hooks) are other programs' business.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrontMatter {
    name: Option<String>,
    description: Option<String>,
    tools: Option<Names>,
    #[serde(alias = "disallowed-tools")]
    disallowed_tools: Option<Names>,
    model: Option<String>,
    #[serde(alias = "max-turns")]
    max_turns: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    List(Vec<String>),
    Commas(String),
}

impl Names {
    fn list(&self) -> Vec<&str> {
        match self {
            Names::List(names) => names.iter().map(String::as_str).collect(),
            Names::Commas(names) => names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
        }
    }
}

fn parse(file: &TypeFile) -> Result<AgentType, String> {
    let fail = |line: usize, why: &str| Err(format!("{}:{line}: {why}", file.origin));
    let text = file.text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let Some(rest) = text.strip_prefix("---\n") else {
        return fail(1, "an agent type starts with front matter between two lines `---`");
    };
    let Some((front, prompt)) = split_front(rest) else {
        return fail(1, "the front matter is not closed by a line `---`");
    };
    let matter: FrontMatter = match serde_saphyr::from_str(front) {
        Ok(matter) => matter,
        // Descriptions in the wild hold colons without quotes: what they mean is plain all the same.
        Err(err) => match serde_saphyr::from_str(&with_quoted_description(front)) {
            Ok(matter) => matter,
            Err(_) => {
                let line = err.location().map_or(1, |at| at.line() as usize);
                let what = err.without_snippet().to_string();
                return fail(line + 1, what.lines().next().unwrap_or("bad front matter"));
            }
        },
    };
    let name = matter.name.unwrap_or_else(|| file.name.clone());
    if name.trim().is_empty() {
        return fail(2, "`name` is empty");
    }
    let (tools, mut warnings) = match &matter.tools {
        Some(names) => ToolSet::parse(names.list()),
        None => (ToolSet::all(), Vec::new()),
    };
    let denied = matter.disallowed_tools.as_ref().map(Names::list).unwrap_or_default();
    let (denied, more) = ToolSet::parse_denied(denied);
    warnings.extend(more);
    Ok(AgentType {
        description: matter.description.unwrap_or_default(),
        tools: tools.without(denied),
        model: matter.model.filter(|model| model != "inherit"),
        turns_max: matter.max_turns,
        prompt: prompt.trim().to_owned(),
        digest: short_digest(file.text.as_bytes()),
        warnings: warnings.into_iter().map(|warning| format!("agent type `{name}`: {warning}")).collect(),
        origin: file.origin.clone(),
        name,
    })
}

fn split_front(rest: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn with_quoted_description(front: &str) -> String {
    let quoted = |line: &str| match line.strip_prefix("description:") {
        Some(text) if !text.trim().is_empty() => {
            format!("description: {}\n", serde_json::Value::from(text.trim()))
        }
        _ => format!("{line}\n"),
    };
    front.lines().map(quoted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::Tool;

    fn file(text: &str) -> TypeFile {
        TypeFile { name: "reviewer".into(), text: text.into(), origin: "agents/reviewer.md".into() }
    }

    #[test]
    fn a_definition_in_the_wild_is_read() {
        let text = "---\nname: careful\ndescription: Use this when: reviewing. Example: \"x\"\ntools: Read, Grep, Bash\ndisallowedTools: [Bash]\nmodel: sonnet\nmaxTurns: 7\ncolor: red\n---\n\nBe careful.\n";
        let (types, notices) = AgentTypes::load([file(text)]).expect("well formed");
        assert_eq!(notices, Vec::<String>::new());
        let kind = types.get(Some("careful")).expect("there");
        assert_eq!(kind.tools, ToolSet::from_iter([Tool::Read, Tool::Grep]));
        assert_eq!((kind.model.as_deref(), kind.turns_max), (Some("sonnet"), Some(7)));
        assert_eq!(kind.prompt, "Be careful.");
        assert_eq!(kind.digest, short_digest(text.as_bytes()));
    }

    #[test]
    fn a_malformed_file_is_named_with_its_line() {
        let cases = [
            ("no front matter", "agents/reviewer.md:1: "),
            ("---\nname: x\n", "agents/reviewer.md:1: "),
            ("---\nname: x\nmaxTurns: many\n---\n", "agents/reviewer.md:3: "),
            ("---\nname: x\ntools: [Read\n---\n", "agents/reviewer.md:"),
        ];
        for (text, expected) in cases {
            let errors = AgentTypes::load([file(text)]).expect_err("malformed");
            assert!(errors[0].starts_with(expected), "{text:?}: {errors:?}");
        }
    }

    #[test]
    fn an_unknown_type_is_told_with_those_that_exist_nearest_first() {
        let err = AgentTypes::built_in().get(Some("explore")).expect_err("another case");
        assert_eq!(
            err,
            "there is no agent type `explore`, expected one of `Explore`, `Plan`, `general-purpose`"
        );
    }

    #[test]
    fn the_closest_of_two_with_one_name_wins_and_a_file_hides_a_built_in_type() {
        let near = TypeFile { origin: "near.md".into(), ..file("---\nname: Plan\n---\nnear") };
        let far = TypeFile { origin: "far.md".into(), ..file("---\nname: Plan\n---\nfar") };
        let (types, notices) = AgentTypes::load([near, far]).expect("well formed");
        assert_eq!(types.get(Some("Plan")).expect("there").prompt, "near");
        assert_eq!(notices, ["agent type `Plan` of far.md is hidden by the one of near.md"]);
        assert_eq!(types.iter().count(), 3);
    }

    #[test]
    fn explorers_and_planners_can_change_nothing() {
        let types = AgentTypes::built_in();
        for name in ["Explore", "Plan"] {
            let kind = types.get(Some(name)).expect("built in");
            assert!(kind.tools.iter().all(Tool::only_reads), "{name}: {}", kind.tools);
        }
    }
}
