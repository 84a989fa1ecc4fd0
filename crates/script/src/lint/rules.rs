//! Every rule by its code: why it is one, what to do, and an example of each.

use fanfold_core::Severity;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub code: &'static str,
    pub name: &'static str,
    pub severity: Severity,
    /// In one line.
    pub reason: &'static str,
    /// What to type instead, in one line.
    pub fix: &'static str,
    /// `--fix` types it.
    pub is_sure: bool,
    /// A dry run can find it where the text does not tell.
    pub is_seen: bool,
    /// The body of a script that breaks the rule, and of one that keeps it.
    pub wrong: &'static str,
    pub right: &'static str,
}

/// `None` for a code that stands for no rule.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

const WARNS: Rule = Rule {
    code: "",
    name: "",
    severity: Severity::Warning,
    reason: "",
    fix: "",
    is_sure: false,
    is_seen: false,
    wrong: "",
    right: "",
};
const FAILS: Rule = Rule { severity: Severity::Error, ..WARNS };

pub const LOADS: &str = "FF000";
pub const CLOCK: &str = "FF003";
pub const ARGS_UNDECLARED: &str = "FF004";
pub const ARGS_SHAPE: &str = "FF005";
pub const NULL_RESULT: &str = "FF006";
pub const LOST_RESULTS: &str = "FF007";
pub const FAN_OUT: &str = "FF008";
pub const PROMPT_JUNK: &str = "FF009";
pub const PHASE_UNDECLARED: &str = "FF010";
pub const PHASE_UNUSED: &str = "FF011";
pub const EQUAL_LABELS: &str = "FF012";
pub const SCHEMA_CONTRADICTION: &str = "FF013";
pub const SCHEMA_ROOT: &str = "FF014";
pub const BUDGET_LOOP: &str = "FF015";
pub const PROMISE_ALL: &str = "FF016";
pub const VERIFIER_ELSEWHERE: &str = "FF017";
pub const NESTED_WORKFLOW: &str = "FF018";
pub const AGENT_TYPE: &str = "FF019";
pub const MODEL: &str = "FF020";
pub const ORDER: &str = "FF021";
pub const IGNORE_UNUSED: &str = "FF022";
pub const META_KEY: &str = "FF023";

pub const RULES: &[Rule] = &[
    Rule {
        code: LOADS,
        name: "does-not-load",
        reason: "a script that does not load cannot start",
        fix: "mend what the message names; nothing else is checked before",
        wrong: "const a = ;",
        right: "const a = 1",
        ..FAILS
    },
    Rule {
        code: "FF001",
        name: "unknown-global",
        reason: "a name that nobody declares is an error before the start",
        fix: "use the primitive that the message names, or let an agent do it with its tools",
        wrong: "const list = bash('git ls-files')",
        right: "const list = await agent('List the files under version control', { tools: ['bash'] })",
        ..FAILS
    },
    Rule {
        code: "FF002",
        name: "module",
        reason: "a script is one text: it has no modules",
        fix: "write the code here, or let an agent do it with its tools",
        wrong: "const { readFile } = await import('node:fs/promises')",
        right: "const text = await agent('Read README.md and return its first paragraph')",
        ..FAILS
    },
    Rule {
        code: CLOCK,
        name: "clock-or-dice",
        reason: "the clock and the dice throw here: on resume they would answer otherwise",
        fix: "use `now()` and `random()`, which are journaled and replay",
        is_sure: true,
        wrong: "const started = Date.now()",
        right: "const started = now()",
        ..FAILS
    },
    Rule {
        code: ARGS_UNDECLARED,
        name: "args-undeclared",
        reason: "what `meta.args` does not declare is neither checked before the run nor shown by `--explain`",
        fix: "declare `args` in `meta`, as a JSON Schema",
        wrong: "log(args.path)",
        right: "// meta: args: { type: 'object', properties: { path: { type: 'string' } } }\nlog(args?.path ?? 'src')",
        ..WARNS
    },
    Rule {
        code: ARGS_SHAPE,
        name: "args-shape",
        reason: "what `meta.args` does not describe is `undefined` in most runs",
        fix: "use a property that `meta.args` has, or declare it there",
        wrong: "// meta: args: { type: 'object', properties: { path: { type: 'string' } } }\nlog(args.paht)",
        right: "// meta: args: { type: 'object', properties: { path: { type: 'string' } } }\nlog(args.path)",
        ..WARNS
    },
    Rule {
        code: NULL_RESULT,
        name: "null-result",
        reason: "an agent that came to nothing is `null`, and a property of `null` throws",
        fix: "check it first (`if (!result) …`), or read it with `?.`",
        wrong: "const report = await agent('Review src', { schema: { type: 'object', properties: { bugs: { type: 'array' } } } })\nreturn report.bugs",
        right: "const report = await agent('Review src', { schema: { type: 'object', properties: { bugs: { type: 'array' } } } })\nreturn report?.bugs ?? failures()",
        ..WARNS
    },
    Rule {
        code: LOST_RESULTS,
        name: "lost-results",
        reason: "agents that came to nothing are dropped here, and nobody can tell their silence from a clean bill",
        fix: "compare the lengths, or return `failures()` with the result",
        wrong: "const read = await parallel(['a', 'b'].map(file => () => agent(`Read ${file}`, { label: file })))\nreturn read.filter(Boolean)",
        right: "const read = await parallel(['a', 'b'].map(file => () => agent(`Read ${file}`, { label: file })))\nreturn { read: read.filter(Boolean), lost: failures() }",
        ..WARNS
    },
    Rule {
        code: FAN_OUT,
        name: "uncapped-fan-out",
        reason: "a model decides how many agents start here, and nothing keeps the number down",
        fix: "cap the list: `.slice(0, 20)`, or `maxItems` in the schema",
        is_seen: true,
        wrong: "const found = await agent('Find files', { schema: { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } } } })\nawait parallel((found?.files ?? []).map(file => () => agent(`Read ${file}`, { label: file })))",
        right: "const found = await agent('Find files', { schema: { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } } } })\nawait parallel((found?.files ?? []).slice(0, 20).map(file => () => agent(`Read ${file}`, { label: file })))",
        ..WARNS
    },
    Rule {
        code: PROMPT_JUNK,
        name: "prompt-junk",
        reason: "`[object Object]`, `undefined` or `NaN` in a prompt is a value that did not make it into the text",
        fix: "write objects with `JSON.stringify`, and give what may be missing a default",
        is_seen: true,
        wrong: "const task = { file: 'a.js' }\nawait agent(`Do this: ${task}`)",
        right: "const task = { file: 'a.js' }\nawait agent(`Do this: ${JSON.stringify(task)}`)",
        ..WARNS
    },
    Rule {
        code: PHASE_UNDECLARED,
        name: "phase-undeclared",
        reason: "a phase that `meta.phases` does not declare is not shown before it begins",
        fix: "declare it in `meta.phases`, or use one that is declared",
        is_seen: true,
        wrong: "// meta: phases: [{ title: 'Find' }, { title: 'Check' }]\nphase('Find')\nawait agent('Check it', { phase: 'Chekc' })\nphase('Check')",
        right: "// meta: phases: [{ title: 'Find' }, { title: 'Check' }]\nphase('Find')\nawait agent('Check it', { phase: 'Check' })",
        ..WARNS
    },
    Rule {
        code: PHASE_UNUSED,
        name: "phase-unused",
        reason: "a phase that no agent works in stays empty on every screen",
        fix: "use it, with `phase(title)` or the option `phase`, or take it out of `meta.phases`",
        is_seen: true,
        wrong: "// meta: phases: [{ title: 'Find' }, { title: 'Check' }]\nphase('Find')\nawait agent('Find it')",
        right: "// meta: phases: [{ title: 'Find' }]\nphase('Find')\nawait agent('Find it')",
        ..WARNS
    },
    Rule {
        code: EQUAL_LABELS,
        name: "equal-labels",
        reason: "agents of one label cannot be told apart in the live view, in `failures()` and in the costs",
        fix: "put what differs into the label: `label: `read:${file}``",
        is_seen: true,
        wrong: "for (const file of ['a', 'b']) await agent(`Read ${file}`, { label: 'read' })",
        right: "for (const file of ['a', 'b']) await agent(`Read ${file}`, { label: `read:${file}` })",
        ..WARNS
    },
    Rule {
        code: SCHEMA_CONTRADICTION,
        name: "schema-contradiction",
        severity: Severity::Error,
        reason: "no reply can satisfy it: `agent()` refuses the schema, or the part is never there",
        fix: "mend the keywords that the message names",
        wrong: "await agent('Count', { schema: { type: 'object', required: ['n'], properties: {}, additionalProperties: false } })",
        right: "await agent('Count', { schema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } }, additionalProperties: false } })",
        ..WARNS
    },
    Rule {
        code: SCHEMA_ROOT,
        name: "schema-root",
        reason: "a reply is an object: a schema has to say so at its root",
        fix: "write `type: 'object'`, and put a list or a value into a property of it",
        is_sure: true,
        wrong: "await agent('Count', { schema: { properties: { n: { type: 'integer' } } } })",
        right: "await agent('Count', { schema: { type: 'object', properties: { n: { type: 'integer' } } } })",
        ..WARNS
    },
    Rule {
        code: BUDGET_LOOP,
        name: "budget-loop",
        reason: "without a budget `remaining()` is `Infinity`, and the loop has no end but the agent cap",
        fix: "ask for it too: `while (budget.total && budget.remaining() > 50_000)`",
        wrong: "while (budget.remaining() > 50_000) await agent(`Go on, ${budget.spent()} are spent`)",
        right: "while (budget.total && budget.remaining() > 50_000) await agent(`Go on, ${budget.spent()} are spent`)",
        ..WARNS
    },
    Rule {
        code: PROMISE_ALL,
        name: "promise-all",
        reason: "one agent that rejects makes `Promise.all` forget what all others returned",
        fix: "use `parallel([() => agent(…)])`: what fails is `null` at its index, and listed by `failures()`",
        wrong: "const read = await Promise.all(['a', 'b'].map(file => agent(`Read ${file}`)))\nreturn [read, failures()]",
        right: "const read = await parallel(['a', 'b'].map(file => () => agent(`Read ${file}`)))\nreturn [read, failures()]",
        ..WARNS
    },
    Rule {
        code: VERIFIER_ELSEWHERE,
        name: "verifier-elsewhere",
        reason: "what an agent wrote in its worktree is not where another agent looks",
        fix: "write `verified(…)`, which looks at the change itself; or let the writer return its diff and put it into the prompt",
        wrong: "await agent('Fix the parser', { label: 'fix', isolation: 'worktree' })\nawait agent('Run the tests and say whether they pass', { label: 'verify' })",
        right: "const fix = await agent('Fix the parser, and return the output of `git diff`', { label: 'fix', isolation: 'worktree' })\nawait agent(`Review this diff:\\n${fix}`, { label: 'verify' })",
        ..WARNS
    },
    Rule {
        code: NESTED_WORKFLOW,
        name: "nested-workflow",
        reason: "workflows run in workflows one level deep: the third does not start",
        fix: "call the inner workflow from here, or write what it does into the one that you call",
        wrong: "await workflow('outer')",
        right: "await workflow('plain')",
        ..WARNS
    },
    Rule {
        code: AGENT_TYPE,
        name: "unknown-agent-type",
        severity: Severity::Error,
        reason: "an agent type that does not exist here is an exception",
        fix: "use one that there is, or write its file",
        is_seen: true,
        wrong: "await agent('Look around', { agentType: 'Explorer' })",
        right: "await agent('Look around', { agentType: 'Explore' })",
        ..WARNS
    },
    Rule {
        code: MODEL,
        name: "unknown-model",
        severity: Severity::Error,
        reason: "a model that does not exist here is an exception",
        fix: "use `provider/model`, an alias of the settings, or `inherit`",
        is_seen: true,
        wrong: "await agent('Look around', { model: 'anthropc/claude-opus' })",
        right: "await agent('Look around', { model: 'inherit' })",
        ..WARNS
    },
    Rule {
        code: ORDER,
        name: "order-dependent",
        reason: "what is collected in the order in which agents end differs on resume: prompts made of it are asked, and paid, again",
        fix: "use what `parallel` returns, whose order is kept, or sort before you write it into a prompt",
        wrong: "const notes = []\nawait parallel(['a', 'b'].map(file => async () => {\n  const note = await agent(`Read ${file}`, { label: file })\n  notes.push(note)\n}))\nreturn await agent(`Merge: ${notes.join('\\n')}`)",
        right: "const notes = await parallel(['a', 'b'].map(file => () => agent(`Read ${file}`, { label: file })))\nreturn await agent(`Merge: ${notes.join('\\n')}`)",
        ..WARNS
    },
    Rule {
        code: IGNORE_UNUSED,
        name: "ignore-unused",
        reason: "a `fanfold-ignore` that silences nothing hides what comes later",
        fix: "delete it",
        is_sure: true,
        wrong: "// fanfold-ignore FF003\nconst started = now()",
        right: "const started = now()",
        ..WARNS
    },
    Rule {
        code: META_KEY,
        name: "unknown-meta-key",
        reason: "a key that `meta` does not have is ignored: what it was to do does not happen",
        fix: "use a key that there is (name, description, whenToUse, phases, args, limits, oracle), or take it out",
        wrong: "// meta: phasis: [{ title: 'Find' }]\nlog('x')",
        right: "// meta: phases: [{ title: 'Find' }]\nphase('Find')\nawait agent('Find it')",
        ..WARNS
    },
];
