//! What only a run tells: prompts as they came out, labels and phases that are computed, how wide a fan is.

use std::collections::{BTreeMap, HashMap, HashSet};

use fanfold_core::Location;
use oxc_span::{GetSpan, Span};
use serde_json::Value;

use super::agents::{AgentCall, Property};
use super::exists;
use super::phases;
use super::rules::{EQUAL_LABELS, FAN_OUT, PROMPT_JUNK};
use super::tree::Tree;
use super::{Found, LintCx};

/// One dry run.
#[derive(Clone, Debug, Default)]
pub struct SeenRun {
    /// `typical`, `wide`, …
    pub policy: String,
    pub calls: Vec<SeenCall>,
}

/// One `agent(…)` as it was made.
#[derive(Clone, Debug, Default)]
pub struct SeenCall {
    pub prompt: String,
    pub label: Option<String>,
    pub phase: Option<String>,
    pub agent_type: Option<String>,
    pub model: Option<String>,
    /// Calls of another script, or from an unknown place, are not judged.
    pub site: Option<Location>,
}

const JUNK: [&str; 3] = ["[object Object]", "undefined", "NaN"];

/// As many agents in one place are a fan-out in a fan-out, whatever capped each of them: under `wide` a list has 25
/// items, under `typical` 2.
const WIDE_MIN: usize = 200;
const WIDER_MIN: usize = 40;

pub fn check(tree: &Tree, file: &str, cx: &LintCx, found: &mut Found) {
    let sites = sites(tree, file, cx);
    check_prompts(tree, cx, &sites, found);
    check_labels(tree, cx, &sites, found);
    check_phases(tree, cx, &sites, found);
    check_names(tree, cx, &sites, found);
    check_width(tree, cx, &sites, found);
}

/// Which `agent(…)` of the text made a call.
type Sites<'t, 'a> = HashMap<(u32, u32), &'t AgentCall<'a>>;

fn sites<'t, 'a>(tree: &'t Tree<'a>, file: &str, cx: &LintCx) -> Sites<'t, 'a> {
    let by_start: HashMap<usize, &AgentCall> =
        tree.agents.iter().map(|agent| (agent.call.span.start as usize, agent)).collect();
    let mut sites = Sites::new();
    for site in cx.runs.iter().flat_map(|run| &run.calls).filter_map(|call| call.site.as_ref()) {
        let key = (site.line, site.column);
        if site.file == file && !sites.contains_key(&key) {
            let agent = site.offset_in(tree.text).and_then(|at| by_start.get(&at));
            sites.extend(agent.map(|agent| (key, *agent)));
        }
    }
    sites
}

fn agent_of<'t, 'a>(sites: &Sites<'t, 'a>, file: Option<&Location>) -> Option<&'t AgentCall<'a>> {
    let site = file?;
    sites.get(&(site.line, site.column)).copied()
}

fn calls<'r, 't, 'a>(
    cx: &LintCx<'r>,
    sites: &Sites<'t, 'a>,
) -> impl Iterator<Item = (&'r SeenCall, &'t AgentCall<'a>)> {
    let all = cx.runs.iter().flat_map(|run| &run.calls);
    all.filter_map(|call| Some((call, agent_of(sites, call.site.as_ref())?)))
}

fn check_prompts(tree: &Tree, cx: &LintCx, sites: &Sites, found: &mut Found) {
    let mut told = HashSet::new();
    let mut given = Vec::new();
    cx.args.iter().for_each(|args| texts_in(args, &mut given));
    for (call, agent) in calls(cx, sites) {
        for junk in JUNK {
            if told.contains(&(agent.call.span.start, junk)) || !call.prompt.contains(junk) {
                continue;
            }
            let written: Vec<&str> = tree.texts.iter().copied().chain(given.iter().copied()).collect();
            if let Some(at) = place_of_junk(&call.prompt, junk, &written) {
                told.insert((agent.call.span.start, junk));
                let message =
                    format!("`{junk}` stands in the prompt: “{}”", excerpt(&call.prompt, at, junk.len()));
                let span = agent.prompt().map_or(agent.call.span, GetSpan::span);
                found.report(PROMPT_JUNK, span, message);
            }
        }
    }
}

fn texts_in<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_in(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| texts_in(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => (),
    }
}

/// Where `junk` stands as a word that nobody wrote: neither the script nor `args`.
fn place_of_junk(prompt: &str, junk: &str, written: &[&str]) -> Option<usize> {
    let is_part = |ch: char| ch.is_alphanumeric() || "_$`'\"".contains(ch);
    prompt.match_indices(junk).map(|(at, _)| at).find(|at| {
        let (before, after) = (&prompt[..*at], &prompt[at + junk.len()..]);
        let is_word = !before.ends_with(is_part) && !after.starts_with(is_part);
        is_word && !written.iter().any(|text| wrote(text, junk, before, after))
    })
}

/// Does `text` hold `junk` with what stands around it in the prompt?
fn wrote(text: &str, junk: &str, before: &str, after: &str) -> bool {
    const AROUND: usize = 8;
    text.len() > junk.len()
        && text.match_indices(junk).any(|(at, _)| {
            let left = text[..at].chars().rev().zip(before.chars().rev()).take(AROUND).all(|(a, b)| a == b);
            let right = text[at + junk.len()..].chars().zip(after.chars()).take(AROUND).all(|(a, b)| a == b);
            left && right
        })
}

fn excerpt(prompt: &str, at: usize, length: usize) -> String {
    const AROUND: usize = 24;
    let start = prompt[..at].char_indices().rev().nth(AROUND - 1).map_or(0, |(start, _)| start);
    let rest = &prompt[at + length..];
    let end = rest.char_indices().nth(AROUND).map_or(rest.len(), |(end, _)| end);
    let (left, right) = (if start > 0 { "…" } else { "" }, if end < rest.len() { "…" } else { "" });
    format!("{left}{}{right}", prompt[start..at + length + end].replace('\n', " "))
}

/// What is written out was judged by its text. Two names that a model made up may well be equal, and a simulated
/// one's more often: only where two thirds of the agents share theirs, the label itself leaves out what differs.
fn check_labels<'a>(tree: &Tree<'a>, cx: &LintCx, sites: &Sites<'_, 'a>, found: &mut Found) {
    let mut told = HashSet::new();
    for run in cx.runs {
        let mut by_site: BTreeMap<u32, Labels> = BTreeMap::new();
        for call in &run.calls {
            let Some(agent) = agent_of(sites, call.site.as_ref()) else { continue };
            let (Some(label), Property::Is(written)) = (&call.label, agent.option(tree, "label")) else {
                continue;
            };
            if tree.string(written).is_none() {
                let labels = by_site.entry(agent.call.span.start).or_default();
                labels.written = written.span();
                labels.prompts.entry(label).or_default().insert(&call.prompt);
            }
        }
        for (start, labels) in by_site {
            if let Some(label) = labels.shared()
                && told.insert(start)
            {
                let message =
                    format!("several agents that start here are labelled `{label}` (policy {})", run.policy);
                found.report(EQUAL_LABELS, labels.written, message);
            }
        }
    }
}

/// Of the agents that started in one place.
#[derive(Default)]
struct Labels<'r> {
    written: Span,
    /// What was asked under each label; a prompt that is asked again is meant.
    prompts: BTreeMap<&'r str, HashSet<&'r str>>,
}

impl<'r> Labels<'r> {
    /// The most used one, where it is fair to say that they are not told apart.
    fn shared(&self) -> Option<&'r str> {
        let all: usize = self.prompts.values().map(HashSet::len).sum();
        let shared: usize = self.prompts.values().map(HashSet::len).filter(|count| *count > 1).sum();
        let (most, _) = self.prompts.iter().max_by_key(|(_, prompts)| prompts.len())?;
        (shared > 0 && shared * 3 >= all * 2).then_some(*most)
    }
}

fn check_phases<'a>(tree: &Tree<'a>, cx: &LintCx, sites: &Sites<'_, 'a>, found: &mut Found) {
    if tree.meta.phases.is_empty() || cx.runs.is_empty() || !phases::is_computed(tree) {
        return;
    }
    let mut seen = BTreeMap::new();
    for (call, agent) in calls(cx, sites) {
        if let Some(phase) = &call.phase {
            seen.entry(phase.as_str()).or_insert(agent);
        }
    }
    let mut reported: Vec<String> = Vec::new();
    for (phase, agent) in &seen {
        let at = match agent.option(tree, "phase") {
            Property::Is(written) => written.span(),
            Property::Absent | Property::Unknown => agent.call.callee.span(),
        };
        let known = found.list.iter().any(|it| it.message.contains(&format!("`{phase}`")));
        if !known && !reported.iter().any(|it| it == phase) {
            phases::undeclared(tree, phase, at, found);
            reported.push((*phase).to_owned());
        }
    }
    if phases::has_children(tree) || !cx.is_all_seen {
        return;
    }
    for (title, at) in phases::declared(tree) {
        if !seen.contains_key(title.as_str()) && !seen.is_empty() && !phases::may_be(tree, &title, at) {
            phases::unused(&title, at, found);
        }
    }
}

fn check_names<'a>(tree: &Tree<'a>, cx: &LintCx, sites: &Sites<'_, 'a>, found: &mut Found) {
    let mut told = HashSet::new();
    for (call, agent) in calls(cx, sites) {
        let at = |option: &str| match agent.option(tree, option) {
            Property::Is(written) if tree.strings(written).is_empty() => Some(written.span()),
            Property::Unknown => Some(agent.call.callee.span()),
            // What is written out was judged by its text.
            Property::Is(_) | Property::Absent => None,
        };
        if let (Some(name), Some(at)) = (&call.agent_type, at("agentType"))
            && told.insert((at.start, name))
        {
            exists::agent_type(name, at, cx, found);
        }
        if let (Some(name), Some(at)) = (&call.model, at("model"))
            && told.insert((at.start, name))
        {
            exists::model(name, at, cx, found);
        }
    }
}

fn check_width(tree: &Tree, cx: &LintCx, sites: &Sites, found: &mut Found) {
    let is_judged = tree.meta.limits.agents.is_some() || found.list.iter().any(|it| it.code == FAN_OUT);
    let counts = |policy: &str| {
        let run = cx.runs.iter().find(|run| run.policy == policy)?;
        let mut counts: BTreeMap<u32, (usize, Span)> = BTreeMap::new();
        for call in &run.calls {
            if let Some(agent) = agent_of(sites, call.site.as_ref()) {
                counts.entry(agent.call.span.start).or_insert((0, agent.call.callee.span())).0 += 1;
            }
        }
        Some(counts)
    };
    let (Some(wide), Some(typical), false) = (counts("wide"), counts("typical"), is_judged) else { return };
    for (start, (many, at)) in wide {
        let few = typical.get(&start).map_or(0, |(few, _)| *few);
        if many >= WIDE_MIN && few > 0 && many >= few * WIDER_MIN {
            let message = format!("{many} agents start here when lists are long, {few} when they are short");
            found.report(FAN_OUT, at, message);
        }
    }
}
