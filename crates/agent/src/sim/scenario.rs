//! Scenarios: rules that say how the simulated model answers particular calls.
//!
//! ```yaml
//! - match: {label: "^review", nth: 2}   # label, phase, prompt, agentType, model: regular expressions, searched
//!   reply: {ok: false, why: "no tests"} # or `null: true`, or `fail: {kind: overloaded, times: 3}`
//!   edit: {src/lib.rs: "// broken", src/old.rs: null} # made for real; `null`: the file goes
//!   latency_ms: 90000
//!   usage: {output_tokens: 12000}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use fanfold_core::schema::nearest;
use fanfold_core::{AgentJob, Usage};
use regex::Regex;
use serde_json::Value;

use super::yaml::{Node, Yaml};

/// The first rule that matches a call answers it; calls that none matches follow the policy.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    rules: Vec<Rule>,
}

/// What is wrong with a scenario, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScenarioError {
    /// From 1; 0 when it is not known.
    pub line: u64,
    /// Starts with the line.
    pub message: String,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// As messages call it: `rule 2 (line 7)`.
    name: String,
    conditions: Vec<(Field, Regex)>,
    nth: Option<u64>,
    pub answer: Answer,
    /// `None`: the file goes.
    pub edits: BTreeMap<String, Option<String>>,
    pub latency_ms: Option<u64>,
    pub usage: PartialUsage,
}

/// How a rule of one run has been used.
#[derive(Debug, Default)]
pub(super) struct RuleCounts {
    /// Calls that met its conditions.
    met: AtomicU64,
    /// Calls that it answered.
    answered: AtomicU64,
}

/// What a rule says about the reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// First of all; when it passes, the others follow.
    pub fail: Option<Fail>,
    pub reply: Option<Value>,
    pub is_null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fail {
    pub kind: FaultKind,
    /// `None`: for ever.
    pub times: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Overloaded,
    RateLimit,
    Timeout,
    Refused,
    CutStream,
    BadJson,
}

/// Tokens that a rule sets; the others are counted or drawn as ever.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PartialUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    tool_calls: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Label,
    Phase,
    Prompt,
    AgentType,
    Model,
}

const RULE_KEYS: [&str; 7] = ["match", "reply", "fail", "null", "edit", "latency_ms", "usage"];
const MATCH_KEYS: [&str; 6] = ["label", "phase", "prompt", "agentType", "model", "nth"];
const FAIL_KEYS: [&str; 2] = ["kind", "times"];
const USAGE_KEYS: [&str; 5] =
    ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "tool_calls"];

impl Scenario {
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Where one run starts to count.
    pub(super) fn counts(&self) -> Vec<RuleCounts> {
        self.rules.iter().map(|_| RuleCounts::default()).collect()
    }

    /// The rule that answers this call, and the how-manieth call (from 1) it answers with it. Counts: to be asked
    /// once a call, in the order in which calls start.
    pub(super) fn rule(&self, job: &AgentJob, counts: &[RuleCounts]) -> Option<(&Rule, u64)> {
        let (rule, counts) =
            self.rules.iter().zip(counts).find(|(rule, counts)| rule.matches(job, counts))?;
        Some((rule, counts.answered.fetch_add(1, Ordering::Relaxed) + 1))
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let root = Yaml::parse(text).map_err(|(line, problem)| wrong(line, problem))?;
        let rules = match root.node {
            Node::Sequence(rules) => rules,
            Node::Scalar(Value::Null) => Vec::new(),
            Node::Mapping(_) | Node::Scalar(_) => {
                return Err(wrong(root.line, "a scenario is a list of rules: start each with `- match:`"));
            }
        };
        let rules = rules.into_iter().enumerate().map(|(i, rule)| Rule::read(i + 1, rule));
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }
}

impl Rule {
    fn read(number: usize, rule: Yaml) -> Result<Self, ScenarioError> {
        let line = rule.line;
        let mut read = Rule {
            name: format!("rule {number} (line {line})"),
            conditions: Vec::new(),
            nth: None,
            answer: Answer::default(),
            edits: BTreeMap::new(),
            latency_ms: None,
            usage: PartialUsage::default(),
        };
        let mut says_something = false;
        for (key, value) in entries(rule, "a rule", &RULE_KEYS)? {
            says_something |= key != "match";
            match key.as_str() {
                "match" => read.read_match(value)?,
                "reply" => read.answer.reply = Some(value.into_value()),
                "fail" => read.answer.fail = Some(Fail::read(value)?),
                "null" => match value.node {
                    Node::Scalar(Value::Bool(is_null)) => read.answer.is_null = is_null,
                    _ => return Err(wrong(value.line, "`null` must be `true`")),
                },
                "edit" => {
                    for (path, content) in mapping(value, "`edit`", "{path: content}")? {
                        let what = "the content of an edited file must be a text, written after `|`, or `null` if the file goes";
                        let content = match content.node {
                            Node::Scalar(Value::Null) => None,
                            _ => Some(content.text().ok_or_else(|| wrong(content.line, what))?),
                        };
                        read.edits.insert(path, content);
                    }
                }
                "latency_ms" => read.latency_ms = Some(count(&value, "latency_ms", 0)?),
                "usage" => {
                    for (key, value) in entries(value, "`usage`", &USAGE_KEYS)? {
                        let tokens = Some(count(&value, &key, 0)?);
                        match key.as_str() {
                            "input_tokens" => read.usage.input_tokens = tokens,
                            "output_tokens" => read.usage.output_tokens = tokens,
                            "cache_read_tokens" => read.usage.cache_read_tokens = tokens,
                            "cache_write_tokens" => read.usage.cache_write_tokens = tokens,
                            _ => read.usage.tool_calls = tokens,
                        }
                    }
                }
                other => unreachable!("`{other}` is none of RULE_KEYS"),
            }
        }
        let Answer { fail, reply, is_null } = &read.answer;
        if reply.is_some() && *is_null {
            return Err(wrong(line, "a rule has either `reply` or `null`, not both"));
        }
        if fail.is_some_and(|fail| !fail.passes()) && (reply.is_some() || *is_null) {
            let hint = "a rule that fails for ever has no `reply` or `null`; say how many `times` it fails, or drop one";
            return Err(wrong(line, hint));
        }
        if !says_something {
            let list = list(&RULE_KEYS[1..]);
            return Err(wrong(line, format!("the rule says nothing but `match`; give it one of {list}")));
        }
        Ok(read)
    }

    fn read_match(&mut self, value: Yaml) -> Result<(), ScenarioError> {
        for (key, value) in entries(value, "`match`", &MATCH_KEYS)? {
            let field = match key.as_str() {
                "label" => Field::Label,
                "phase" => Field::Phase,
                "prompt" => Field::Prompt,
                "agentType" => Field::AgentType,
                "model" => Field::Model,
                _ => {
                    self.nth = Some(count(&value, "nth", 1)?);
                    continue;
                }
            };
            let line = value.line;
            let text = value
                .text()
                .ok_or_else(|| wrong(line, format!("`{key}` must be a regular expression, as a text")))?;
            let regex = Regex::new(&text).map_err(|err| {
                let reason = err.to_string();
                let reason =
                    reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
                wrong(line, format!("`{key}` is no regular expression: `{text}`: {reason}"))
            })?;
            self.conditions.push((field, regex));
        }
        Ok(())
    }

    fn matches(&self, job: &AgentJob, counts: &RuleCounts) -> bool {
        let holds = |(field, regex): &(Field, Regex)| {
            let text = match field {
                Field::Label => job.call.label.as_deref(),
                Field::Phase => job.call.phase.as_deref(),
                Field::Prompt => Some(job.call.prompt.as_str()),
                Field::AgentType => job.call.agent_type.as_deref(),
                Field::Model => Some(job.resolved.model.as_str()),
            };
            text.is_some_and(|text| regex.is_match(text))
        };
        if !self.conditions.iter().all(holds) {
            return false;
        }
        let met = counts.met.fetch_add(1, Ordering::Relaxed) + 1;
        self.nth.is_none_or(|nth| nth == met)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Fail {
    fn read(value: Yaml) -> Result<Self, ScenarioError> {
        let line = value.line;
        let (mut kind, mut times) = (None, None);
        for (key, value) in entries(value, "`fail`", &FAIL_KEYS)? {
            if key == "times" {
                times = Some(count(&value, "times", 1)?);
            } else {
                let line = value.line;
                let name = value.text().unwrap_or_default();
                kind =
                    Some(FaultKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
                        let names = FaultKind::ALL.map(FaultKind::name);
                        wrong(line, unknown("`kind`", &name, &names))
                    })?);
            }
        }
        let kind = kind.ok_or_else(|| {
            wrong(
                line,
                format!("`fail` needs a `kind`: one of {}", list(&FaultKind::ALL.map(FaultKind::name))),
            )
        })?;
        Ok(Self { kind, times })
    }

    /// Whether something comes after it.
    fn passes(self) -> bool {
        self.times.is_some()
    }
}

impl FaultKind {
    const ALL: [FaultKind; 6] = [
        FaultKind::Overloaded,
        FaultKind::RateLimit,
        FaultKind::Timeout,
        FaultKind::Refused,
        FaultKind::CutStream,
        FaultKind::BadJson,
    ];

    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Overloaded => "overloaded",
            FaultKind::RateLimit => "rate_limit",
            FaultKind::Timeout => "timeout",
            FaultKind::Refused => "refused",
            FaultKind::CutStream => "cut_stream",
            FaultKind::BadJson => "bad_json",
        }
    }
}

impl PartialUsage {
    pub fn over(self, usage: Usage) -> Usage {
        Usage {
            input_tokens: self.input_tokens.unwrap_or(usage.input_tokens),
            output_tokens: self.output_tokens.unwrap_or(usage.output_tokens),
            cache_read_tokens: self.cache_read_tokens.unwrap_or(usage.cache_read_tokens),
            cache_write_tokens: self.cache_write_tokens.unwrap_or(usage.cache_write_tokens),
            tool_calls: self.tool_calls.unwrap_or(usage.tool_calls),
            ..usage
        }
    }
}

fn entries(value: Yaml, what: &str, known: &[&str]) -> Result<Vec<(String, Yaml)>, ScenarioError> {
    let Node::Mapping(entries) = value.node else {
        return Err(wrong(value.line, format!("{what} must be a mapping with some of {}", list(known))));
    };
    for (i, (key, line, _)) in entries.iter().enumerate() {
        if !known.contains(&key.as_str()) {
            return Err(wrong(
                *line,
                unknown(&format!("key of {}", what.trim_start_matches("a ")), key, known),
            ));
        }
        if entries[..i].iter().any(|(earlier, _, _)| earlier == key) {
            return Err(wrong(*line, format!("`{key}` is given twice")));
        }
    }
    Ok(entries.into_iter().map(|(key, _, value)| (key, value)).collect())
}

fn mapping(value: Yaml, what: &str, form: &str) -> Result<Vec<(String, Yaml)>, ScenarioError> {
    match value.node {
        Node::Mapping(entries) => Ok(entries.into_iter().map(|(key, _, value)| (key, value)).collect()),
        Node::Sequence(_) | Node::Scalar(_) => Err(wrong(value.line, format!("{what} must be {form}"))),
    }
}

fn count(value: &Yaml, key: &str, min: u64) -> Result<u64, ScenarioError> {
    match &value.node {
        Node::Scalar(Value::Number(number)) => number.as_u64().filter(|number| *number >= min),
        _ => None,
    }
    .ok_or_else(|| wrong(value.line, format!("`{key}` must be a whole number from {min}")))
}

fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    let meant = nearest(word, known).map(|known| format!(" (did you mean `{known}`?)")).unwrap_or_default();
    format!("unknown {what} `{word}`{meant}, expected one of {}", list(known))
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn wrong(line: u64, problem: impl fmt::Display) -> ScenarioError {
    ScenarioError {
        line,
        message: if line == 0 { problem.to_string() } else { format!("line {line}: {problem}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_core::{AgentCall, CallKey, Resolved};

    fn job(label: &str) -> AgentJob {
        AgentJob {
            key: CallKey::from("0.0"),
            call: AgentCall { label: Some(label.into()), ..AgentCall::new("Look at it") },
            resolved: Resolved { model: "opus".into(), ..Resolved::default() },
            site: None,
            run_dir: None,
            unfinished: false,
        }
    }

    fn error(text: &str) -> String {
        text.parse::<Scenario>().expect_err("a mistake").to_string()
    }

    #[test]
    fn the_first_rule_whose_conditions_all_hold_answers() {
        let scenario: Scenario = "
- match: {label: ^a, model: sonnet}
  reply: one
- match: {label: ^a, prompt: Look, nth: 2}
  reply: two
- match: {label: ^a}
  null: true
"
        .parse()
        .expect("valid");
        let counts = scenario.counts();
        let name = |label| scenario.rule(&job(label), &counts).map(|(rule, _)| rule.to_string());
        assert_eq!(name("ab").as_deref(), Some("rule 3 (line 6)"));
        assert_eq!(name("ba"), None, "calls that do not meet the conditions are not counted");
        assert_eq!(name("ab").as_deref(), Some("rule 2 (line 4)"));
        assert_eq!(name("ab").as_deref(), Some("rule 3 (line 6)"));
    }

    #[test]
    fn all_that_a_rule_can_say_is_read() {
        let scenario: Scenario = r#"
- match: {label: x}
  fail: {kind: rate_limit, times: 2}
  reply: {ok: true, n: 1.5, list: [a, null, 2], text: "3"}
  edit:
    src/lib.rs: |
      fn main() {}
    src/old.rs: null
  latency_ms: 5
  usage: {output_tokens: 7}
"#
        .parse()
        .expect("valid");
        let rule = &scenario.rules[0];
        assert_eq!(rule.answer.fail, Some(Fail { kind: FaultKind::RateLimit, times: Some(2) }));
        let reply = serde_json::json!({"ok": true, "n": 1.5, "list": ["a", null, 2], "text": "3"});
        assert_eq!(rule.answer.reply, Some(reply));
        assert_eq!(rule.edits["src/lib.rs"].as_deref(), Some("fn main() {}\n"));
        assert_eq!(rule.edits["src/old.rs"], None);
        assert_eq!(rule.latency_ms, Some(5));
        let usage = rule.usage.over(Usage { input_tokens: 3, output_tokens: 4, ..Usage::default() });
        assert_eq!((usage.input_tokens, usage.output_tokens), (3, 7));
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_nearest_name() {
        let cases = [
            (
                "- match: {label: a}\n  repyl: x",
                "line 2: unknown key of rule `repyl` (did you mean `reply`?)",
            ),
            (
                "- match:\n    labl: a\n  reply: x",
                "line 2: unknown key of `match` `labl` (did you mean `label`?)",
            ),
            ("- match:\n    label: '(a'\n  reply: x", "line 2: `label` is no regular expression: `(a`"),
            ("- fail: {kind: overload}", "line 1: unknown `kind` `overload` (did you mean `overloaded`?)"),
            ("- fail: {times: 3}", "line 1: `fail` needs a `kind`: one of `overloaded`, `rate_limit`"),
            ("- match: {nth: 0}\n  reply: x", "line 1: `nth` must be a whole number from 1"),
            ("- reply: x\n  null: true", "line 1: a rule has either `reply` or `null`"),
            ("- fail: {kind: refused}\n  reply: x", "line 1: a rule that fails for ever"),
            ("- match: {label: a}", "line 1: the rule says nothing but `match`"),
            ("- usage: {tokens: 3}", "line 1: unknown key of `usage` `tokens`"),
            ("- edit: {a.rs: [1]}", "line 1: the content of an edited file must be a text"),
            ("rules: []", "line 1: a scenario is a list of rules"),
            ("- reply: [a", "line "),
        ];
        for (text, expected) in cases {
            let message = error(text);
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn an_empty_scenario_has_no_rules() {
        assert!("".parse::<Scenario>().expect("valid").is_empty());
        assert!("# nothing yet\n".parse::<Scenario>().expect("valid").is_empty());
    }
}
