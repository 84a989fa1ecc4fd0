//! Scripts made by a grammar: whole ones in JavaScript and TypeScript, with everything that authors use.

use crate::dice::Dice;

/// Expressions, statements and blocks are nested at most this deep.
const DEPTH_MAX: usize = 4;

const WORDS: [&str; 12] = [
    "review",
    "src/app.ts",
    "Prüfe den Code",
    "日本語の文書を確認",
    "راجع النص",
    "👩‍👩‍👧 team",
    "a\\nb",
    "naïve café",
    "0",
    "",
    "\\u0041\\x42",
    "{\\\"a\\\": [1, 2]}",
];

const REGEXES: [&str; 10] = [
    r"/(?<year>\d{4})-(?<month>\d\d)/gu",
    r"/\p{L}+/gu",
    r"/^[\s\S]*?$/m",
    r"/[^\x00-\x7f]/g",
    r"/(?<!a)b(?=c)/y",
    r"/[\p{Emoji}--\p{ASCII}]/v",
    r"/\/\*.*?\*\//s",
    r"/[/\]]/d",
    r"/(a|b)\1/i",
    r"/`${}`/",
];

const SCHEMAS: [&str; 8] = [
    "{ type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }",
    "{ type: 'object', properties: { items: { type: 'array', items: { type: 'string' }, maxItems: 9 } } }",
    "{ type: 'object', additionalProperties: { type: 'number' } }",
    "{ type: 'object', $defs: { n: { type: 'object', properties: { next: { $ref: '#/$defs/n' } } } }, $ref: '#/$defs/n' }",
    "{ type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: { const: 1 }, b: { enum: ['x', null] } } }",
    "{ type: 'array' }",
    "{}",
    "{ type: 'object', properties: { p: { type: 'string', pattern: '^(?=x)[a-z]+$', minLength: 3 } } }",
];

const OPTIONS: [&str; 16] = [
    "label: 'größe'",
    "label: `l${1}`",
    "phase: 'Find'",
    "model: 'inherit'",
    "model: undefined",
    "effort: 'high'",
    "effort: 'extreme'",
    "isolation: 'worktree'",
    "agentType: 'Explore'",
    "retries: 2",
    "timeoutMs: 1e3",
    "temperature: 0.5",
    "_tag: { private: true }",
    "lable: 'x'",
    "...({ label: undefined })",
    "cache: false",
];

/// A whole script: `meta` and a body.
pub fn script(dice: &mut Dice, typescript: bool) -> String {
    let mut writer = Writer { dice, typescript, names: 0, visible: Vec::new(), labels: 0, in_function: 0 };
    let mut text = writer.meta();
    let count = 2 + writer.dice.roll(8);
    for _ in 0..count {
        text += &writer.statement(DEPTH_MAX);
    }
    if writer.dice.roll(4) > 0 {
        text += &format!("return {}\n", writer.expression(2));
    }
    text
}

struct Writer<'d> {
    dice: &'d mut Dice,
    typescript: bool,
    names: usize,
    /// Variables that may be read here; those that may be written start with `v`.
    visible: Vec<String>,
    labels: usize,
    /// Functions around that are not async: no `await` in them.
    in_function: usize,
}

impl Writer<'_> {
    fn meta(&mut self) -> String {
        let more = self.dice.of(&[
            "",
            ", phases: [{ title: 'Find' }, { title: 'Fix', detail: 'd', model: 'inherit' }]",
            ", whenToUse: \"it's needed\"",
            ", args: { type: 'object', properties: { path: { type: 'string' } } }",
            ", limits: { agents: 10, concurrency: 2 }",
            ", tags: ['x'], version: -1.5",
            ", 'quoted-key': `plain`,",
        ]);
        format!("export const meta = {{ name: 'fuzz', description: '{}'{more} }}\n", self.word_or("made"))
    }

    fn word_or(&mut self, other: &str) -> String {
        let word = self.dice.of(&WORDS);
        if word.is_empty() || word.contains('\'') { other.into() } else { word.into() }
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        let odd = ["", "_", "$", "é", "日"];
        format!("{prefix}{}{}", self.dice.of(&odd), self.names)
    }

    fn of_type(&mut self, text: &'static str) -> &'static str {
        if self.typescript && self.dice.once_in(2) { text } else { "" }
    }

    fn statement(&mut self, depth: usize) -> String {
        let simple = depth == 0;
        match self.dice.roll(if simple { 8 } else { 26 }) {
            0 | 1 => {
                let value = self.expression(depth.min(3));
                let name = self.name("c");
                let annotation = self.of_type(": any");
                self.visible.push(name.clone());
                format!("const {name}{annotation} = {value}\n")
            }
            2 => {
                let value = self.expression(depth.min(2));
                let name = self.name("v");
                let annotation = self.of_type(": unknown");
                self.visible.push(name.clone());
                format!("let {name}{annotation} = {value};\n")
            }
            3 => {
                let Some(name) = self.writable() else { return "log('nothing to write')\n".into() };
                let operator = self.dice.of(&["=", "+=", "||=", "??=", "&&=", "**=", ">>>="]);
                format!("{name} {operator} {}\n", self.expression(2))
            }
            4 => format!("log({})\n", self.expression(2)),
            5 => format!("phase({})\n", self.string()),
            6 => format!(";{}\n", self.call(depth.min(2))),
            7 => format!("console.{}({})\n", self.dice.of(&["log", "warn", "table"]), self.expression(2)),
            8 | 9 => {
                let (test, yes, no) = (self.expression(2), self.block(depth - 1), self.block(depth - 1));
                format!("if ({test}) {yes} else {no}\n")
            }
            10 | 11 => {
                let item = self.name("c");
                let list = self.list(2);
                let label = self.label();
                let inner =
                    self.block_with(depth - 1, &[&item], &format!("if ({item} === 2) continue {label};"));
                format!("{label}: for (const {item} of ({list})) {inner}\n")
            }
            12 => {
                let counter = self.name("n");
                let inner = self.block_with(depth - 1, &[&counter], "");
                format!("for (let {counter} = 0; {counter} < {}; {counter}++) {inner}\n", self.dice.roll(5))
            }
            13 => {
                let counter = self.name("n");
                let inner = self.block_with(depth - 1, &[&counter], "");
                format!("let {counter} = 0; do {inner} while ({counter}++ < {})\n", self.dice.roll(4))
            }
            14 | 15 => {
                let tried = self.block(depth - 1);
                match self.dice.roll(3) {
                    0 => format!("try {tried} catch {}\n", self.block(depth - 1)),
                    1 => {
                        let error = self.name("c");
                        format!("try {tried} catch ({error}) {}\n", self.block_with(depth - 1, &[&error], ""))
                    }
                    _ => format!("try {tried} catch {{}} finally {}\n", self.block(depth - 1)),
                }
            }
            16 => format!(
                "switch ({}) {{ case {}: {{ log('one') }} break; default: {} }}\n",
                self.expression(1),
                self.expression(0),
                self.block(depth - 1)
            ),
            17 | 18 => self.function(depth - 1),
            19 => self.class(depth - 1),
            20 => {
                let (a, b) = (self.name("c"), self.name("c"));
                let value = self.expression(2);
                self.visible.extend([a.clone(), b.clone()]);
                format!("const {{ x: {a} = 1, ...{b} }} = Object({value})\n")
            }
            21 => {
                let (a, b) = (self.name("c"), self.name("c"));
                let list = self.list(2);
                self.visible.extend([a.clone(), b.clone()]);
                format!("const [{a}, , ...{b}] = {list}\n")
            }
            22 if self.typescript => match self.dice.roll(4) {
                0 => format!("interface {} {{ a: string; b?: readonly number[] }}\n", self.name("I")),
                1 => format!("type {}<T> = T extends string ? `x${{T}}` : never\n", self.name("T")),
                2 => format!("declare const {}: (a: number) => asserts a is 1\n", self.name("d")),
                _ => format!("enum {} {{ A, B = 'b' }}\n", self.name("E")),
            },
            22 => "/* a comment with `code` and ${nothing} */\n".into(),
            23 => format!("// {}\n", self.word_or("a remark")),
            24 if self.in_function == 0 => self.pool(depth - 1),
            _ if self.in_function == 0 => format!("await {}\n", self.call(2)),
            _ => "void 0\n".into(),
        }
    }

    fn block(&mut self, depth: usize) -> String {
        self.block_with(depth, &[], "")
    }

    fn block_with(&mut self, depth: usize, names: &[&str], first: &str) -> String {
        let before = self.visible.len();
        self.visible.extend(names.iter().map(|name| (*name).to_owned()));
        let mut text = format!("{{ {first}\n");
        for _ in 0..self.dice.roll(3) {
            text += &self.statement(depth);
        }
        self.visible.truncate(before);
        text + "}"
    }

    fn function(&mut self, depth: usize) -> String {
        let (name, argument) = (self.name("f"), self.name("c"));
        let annotation = self.of_type(": any");
        let kind = self.dice.roll(3);
        self.in_function += usize::from(kind != 1);
        let inner = self.block_with(depth, &[&argument], "");
        self.in_function -= usize::from(kind != 1);
        self.visible.push(name.clone());
        let word = ["function", "async function", "function*"][kind];
        format!("{word} {name}({argument}{annotation} = {{}}) {inner}\n")
    }

    fn class(&mut self, depth: usize) -> String {
        let name = self.name("C");
        self.in_function += 1;
        let value = self.expression(depth.min(1));
        self.in_function -= 1;
        self.visible.push(name.clone());
        let extends = self.dice.of(&["", " extends Error", " extends Map", " extends Array"]);
        format!(
            "class {name}{extends} {{ #p = 1; static s = {value}; get p() {{ return this.#p }} toJSON() {{ return {{ p: 1 }} }} }}\n"
        )
    }

    /// A hand-made pool, as authors write it who do not know `parallel`.
    fn pool(&mut self, depth: usize) -> String {
        let (queue, worker, item) = (self.name("c"), self.name("c"), self.name("c"));
        let list = self.list(1);
        let inner = self.block_with(depth, &[&item], "");
        let wait = self.dice.roll(100);
        self.visible.push(queue.clone());
        format!(
            "const {queue} = [...({list})].slice(0, 6)
const {worker} = async () => {{ while ({queue}.length) {{ const {item} = {queue}.shift(); await new Promise((done) => setTimeout(done, {wait})); {inner} }} }}
await Promise.all([{worker}(), {worker}()])\n"
        )
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    fn writable(&mut self) -> Option<String> {
        let all: Vec<&String> = self.visible.iter().filter(|name| name.starts_with('v')).collect();
        if all.is_empty() { None } else { Some(all[self.dice.roll(all.len())].clone()) }
    }

    fn variable(&mut self) -> String {
        if self.visible.is_empty() || self.dice.once_in(4) {
            return self.dice.of(&["args", "meta", "budget", "undefined", "Math", "globalThis"]).into();
        }
        let at = self.dice.roll(self.visible.len());
        self.visible[at].clone()
    }

    fn string(&mut self) -> String {
        let word = self.dice.of(&WORDS);
        match self.dice.roll(5) {
            0 => format!("\"{word}\""),
            1 => format!("String.raw`{word}\\d`"),
            2 => format!("`{word} ${{{}}} {word}`", self.expression(0)),
            3 => format!("'{word}'.repeat({})", self.dice.roll(40)),
            _ => format!("'{word}'"),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        match self.dice.roll(8) {
            0 => "Array.from({ length: 5 }, (_, i) => i)".into(),
            1 => format!("[...{}.matchAll({})]", self.string(), self.global_regex()),
            2 => "Object.values(Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even'))".into(),
            3 => "[3, 1, 2].toSorted((a, b) => a - b).toSpliced(1, 1)".into(),
            4 => "[...new Set(['a', 'b', 'a'])]".into(),
            5 => "[...new Map([['k', 1]]).entries()]".into(),
            6 => "[[1], [2]].flatMap((x) => x)".into(),
            _ => {
                let count = self.dice.roll(5);
                let items: Vec<String> =
                    (0..count).map(|_| self.expression(depth.saturating_sub(1))).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    fn global_regex(&mut self) -> &'static str {
        self.dice.of(&[r"/\p{L}+/gu", r"/(?<all>.)/gsu", r"/x*/g"])
    }

    fn expression(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.dice.roll(7) {
                0 => self.dice.roll(1000).to_string(),
                1 => self.dice.of(&["null", "true", "NaN", "-0", "1e21", "0x1fn", ".5", "1_000"]).into(),
                2 => format!("'{}'", self.dice.of(&WORDS)),
                3 => self.dice.of(&REGEXES).into(),
                4 => "[]".into(),
                _ => self.variable(),
            };
        }
        let less = depth - 1;
        match self.dice.roll(24) {
            0 => self.string(),
            1 => self.list(depth),
            2 => format!(
                "{{ a: {}, ['b']: {}, ...({}) }}",
                self.expression(less),
                self.expression(less),
                self.variable()
            ),
            3 => format!(
                "({} {} {})",
                self.expression(less),
                self.dice.of(&[
                    "+",
                    "-",
                    "*",
                    "/",
                    "%",
                    "==",
                    "===",
                    "<",
                    "&&",
                    "||",
                    "??",
                    "instanceof",
                    ","
                ]),
                self.dice.of(&["1", "'x'", "null", "Object"])
            ),
            4 => {
                format!("({} ? {} : {})", self.expression(less), self.expression(less), self.expression(less))
            }
            5 => format!("{}?.a?.[0]?.toString()", self.variable()),
            6 => format!("typeof {}", self.variable()),
            7 => format!("JSON.stringify({}, null, 1)", self.expression(less)),
            8 => format!(
                "String({}).replace({}, (m) => m + '$&')",
                self.expression(less),
                self.dice.of(&REGEXES)
            ),
            9 => format!("structuredClone({})", self.expression(less)),
            10 => "new URL('../b?x=1#é', 'https://例え.jp/a/').href".into(),
            11 => format!("new Error({}, {{ cause: {} }})", self.string(), self.expression(less)),
            12 => {
                self.in_function += 1;
                let default = self.expression(less);
                self.in_function -= 1;
                format!("((a, b = {default}) => ({{ a, b }}))(1)")
            }
            13 => "new Date(0).toISOString()".into(),
            14 => self
                .dice
                .of(&["now()", "random()", "failures()", "budget.remaining()", "Date.now()", "Math.random()"])
                .into(),
            15 if self.typescript => format!("({} as any)", self.expression(less)),
            16 if self.typescript => format!("({} satisfies unknown)", self.expression(less)),
            17 if self.typescript => format!("(<T,>(x: T): T => x)({})!", self.expression(less)),
            _ if self.in_function == 0 => format!("await {}", self.call(less)),
            _ => self.call(less),
        }
    }

    fn call(&mut self, depth: usize) -> String {
        match self.dice.roll(16) {
            0..=4 => self.agent(),
            5 | 6 => format!("parallel([{}, {}])", self.thunk(depth), self.thunk(depth)),
            7 => format!("parallel(({}).map((x) => () => agent(`about ${{x}}`)))", self.list(1)),
            8 | 9 => {
                let list = self.list(1);
                format!("pipeline({list}, {}, {})", self.stage(depth), self.stage(depth))
            }
            10 => format!(
                "Promise.{}([{}, {}])",
                self.dice.of(&["all", "race", "any", "allSettled"]),
                self.agent(),
                self.agent()
            ),
            11 => format!(
                "{}.then((r) => r?.length).catch(() => null).finally(() => log('done'))",
                self.agent()
            ),
            12 => format!(
                "workflow({}, {})",
                self.dice.of(&["'child'", "{ scriptPath: 'c.js' }"]),
                self.expression(1)
            ),
            13 => format!(
                "new Promise((done) => setTimeout(() => done({}), {}))",
                self.dice.roll(9),
                self.dice.roll(2000)
            ),
            14 => "Promise.withResolvers().promise".into(),
            _ => format!(
                "(async () => {{ throw {} }})().catch((e) => e)",
                self.dice.of(&["new TypeError('x')", "1", "null"])
            ),
        }
    }

    fn agent(&mut self) -> String {
        let prompt = self.string();
        let mut options: Vec<String> =
            (0..self.dice.roll(3)).map(|_| self.dice.of(&OPTIONS).to_owned()).collect();
        if self.dice.once_in(3) {
            options.push(format!("schema: {}", self.dice.of(&SCHEMAS)));
        }
        if options.is_empty() {
            format!("agent({prompt})")
        } else {
            format!("agent({prompt}, {{ {} }})", options.join(", "))
        }
    }

    fn thunk(&mut self, depth: usize) -> String {
        match self.dice.roll(5) {
            0 => "async () => { throw new Error('in a thunk') }".into(),
            1 if depth > 0 => format!("() => {}", self.call(depth - 1)),
            2 => "1".into(),
            _ => format!("() => {}", self.agent()),
        }
    }

    fn stage(&mut self, depth: usize) -> String {
        match self.dice.roll(4) {
            0 => "(x, item, i) => { if (i === 1) throw i; return x }".into(),
            1 if depth > 0 => format!("async (x) => {}", self.call(depth - 1)),
            2 => "() => null".into(),
            _ => format!("(x) => {}", self.agent()),
        }
    }
}
