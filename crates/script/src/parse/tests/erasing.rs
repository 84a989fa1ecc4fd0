//! What is left of TypeScript, to the column.

use super::*;

/// Each text and what it becomes. `␣` is a non-breaking space and `＿` an ideographic one: they take the place
/// of characters of two and three bytes.
#[track_caller]
fn check_erased(cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (typed, expect) in cases {
        let expect = expect.replace('␣', "\u{a0}").replace('＿', "\u{3000}");
        match parse(&with_meta(typed), "a.ts") {
            Ok(script) => {
                let body = &script.body[META.len()..];
                if body != expect {
                    wrong += &format!("\n{typed}\n{body}\n{expect} (expected)\n");
                }
                assert_eq!(body.len(), typed.len(), "{typed}");
                let widths = |text: &str| -> Vec<usize> {
                    text.split('\n').map(|line| line.encode_utf16().count()).collect()
                };
                assert_eq!(widths(body), widths(typed), "{typed}");
                super::engine::assert_compiles(&script.body);
            }
            Err(errors) => wrong += &format!("\n{typed}\n{errors:#?}\n"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn annotations_go() {
    check_erased(&[
        (
            "let a: number = 1, b: string[], c!: Map<string, number>",
            "let a         = 1, b          , c                      ",
        ),
        ("const { a, b: [c] }: T = args", "const { a, b: [c] }    = args"),
        (
            "function f(a: A, b?: B, c: C = 1, ...d: D[]): void {}",
            "function f(a   , b    , c    = 1, ...d     )       {}",
        ),
        ("function f(this: T, a: A) {}", "function f(         a   ) {}"),
        ("function f(this: T) {}", "function f(       ) {}"),
        ("try { log(1) } catch (e: unknown) { log(e) }", "try { log(1) } catch (e         ) { log(e) }"),
        (
            "function f(a: unknown): a is string { return true }",
            "function f(a         )              { return true }",
        ),
        ("function f(a: unknown): asserts a is string {}", "function f(a         )                      {}"),
        ("for (const a of args as string[]) log(a)", "for (const a of args            ) log(a)"),
        (
            "const o = { m<T>(a: T): T { return a }, get g(): number { return 1 }, async *n(): AsyncGenerator<T> {} }",
            "const o = { m   (a   )    { return a }, get g()         { return 1 }, async *n()                    {} }",
        ),
        (
            "type T = 1\nlet a: /* { */ '}' = args as '}' // it's",
            ";         \nlet a              = args        // it's",
        ),
    ]);
}

#[test]
fn generics_go() {
    check_erased(&[
        (
            "function f<T extends { a: 1 } = { a: 1 }>(a: T) {}",
            "function f                               (a   ) {}",
        ),
        ("const f = <T,>(a: T): T => a", "const f =     (a   )    => a"),
        ("const f = async <T>(a: T) => a", "const f = async    (a   ) => a"),
        (
            "const m = new Map<string, Array<[number, string]>>()",
            "const m = new Map                                 ()",
        ),
        (
            "await agent<Review>('a')\nawait agent<A, B<C>>('b')",
            "await agent        ('a')\nawait agent         ('b')",
        ),
        ("const f = String.raw<T>`a`", "const f = String.raw   `a`"),
        ("const f = parallel<T>", "const f = parallel   "),
        ("const x = args?.f<T>(1)", "const x = args?.f   (1)"),
        ("if (args < 2 && args > (1)) log(args < 2, 1)", "if (args < 2 && args > (1)) log(args < 2, 1)"),
    ]);
}

#[test]
fn assertions_go() {
    check_erased(&[
        ("const a = args as string", "const a = args          "),
        ("const a = args as unknown as string[]", "const a = args                       "),
        (
            "const a = { b: 1 } satisfies Record<string, number>",
            "const a = { b: 1 }                                 ",
        ),
        ("const a = [1, 2] as const;", "const a = [1, 2]         ;"),
        ("const a = args!.b!.c![0]!", "const a = args .b .c [0] "),
        ("(args as any).b = 1", "(args       ).b = 1"),
        ("(args as any) = 1", "(args       ) = 1"),
        ("(args.a as any) += 1;[args.b as any] = [1]", "(args.a       ) += 1;[args.b       ] = [1]"),
        ("const f = () => ({ a: 1 } as T)", "const f = () => ({ a: 1 }     )"),
        ("const f = (a: A) => a as B, g = 1", "const f = (a   ) => a     , g = 1"),
        ("return (await agent('a')) as Review", "return (await agent('a'))          "),
        ("const a = args ? args as A : args! as B", "const a = args ? args      : args      "),
        (
            "log(`${args as string} ${(args as A<`${B}`>)!.c}`)",
            "log(`${args          } ${(args             ) .c}`)",
        ),
        ("const a = args as A + 1 as B", "const a = args      + 1     "),
    ]);
}

#[test]
fn statements_that_are_only_types_go_and_leave_a_semicolon() {
    check_erased(&[
        (
            "interface A extends B<C> {\n  d: string\n}\nlog(1)",
            ";                         \n           \n \nlog(1)",
        ),
        (
            "type A<T> = T extends string ? `a${T}` : never\nlog(1)",
            ";                                             \nlog(1)",
        ),
        (
            "declare const a: string\ndeclare function f(): void\ndeclare class C { a: string }\nlog(1)",
            ";                      \n;                         \n;                            \nlog(1)",
        ),
        (
            "declare namespace N { const a: 1 }\ndeclare module 'm' { }\ndeclare enum E { A }\ndeclare global { var x: 1 }\nlog(1)",
            ";                                 \n;                     \n;                   \n;                          \nlog(1)",
        ),
        (
            "namespace N { export type A = 1; interface B {} }\nlog(1)",
            ";                                                \nlog(1)",
        ),
        (
            "function f(a: string): void\nfunction f(a: number): void\nfunction f(a: any) {}",
            ";                          \n;                          \nfunction f(a     ) {}",
        ),
        ("if (args) { type A = 1; log(1) }", "if (args) { ;           log(1) }"),
        ("switch (args) { case 1: type A = 1; log(1) }", "switch (args) { case 1: ;           log(1) }"),
    ]);
}

#[test]
fn classes_keep_only_what_runs() {
    check_erased(&[
        (
            "abstract class A<T> extends Map<T, T> implements B, C<D> {\n  abstract a(): void\n  abstract b: string\n}",
            "         class A    extends Map                          {\n  ;                 \n  ;                 \n}",
        ),
        ("class A implements B {}", "class A              {}"),
        ("const a = class implements B {}", "const a = class              {}"),
        ("const a = class<T> extends Map<T, T> {}", "const a = class    extends Map       {}"),
        (
            "class A {\n  private readonly a: string = 'x';\n  static override b?: number = 1\n  protected c!: B    \n  declare d: string\n  [key: string]: any\n}",
            "class A {\n                   a         = 'x';\n  static          b          = 1\n            c ;      \n  ;                \n  ;                 \n}",
        ),
        (
            "class A {\n  constructor(a: string)\n  constructor(a: any) {}\n  public async m?(this: A): Promise<void> {}\n  private static *g(): X {}\n}",
            "class A {\n  ;                     \n  constructor(a     ) {}\n         async m (       )                {}\n  ;       static *g()    {}\n}",
        ),
        ("class A { a: string; b = 1 }", "class A { a;       ; b = 1 }"),
        (
            "class A { public public = 1; readonly; static static: T = 2 }",
            "class A {        public = 1; readonly; static static    = 2 }",
        ),
        (
            "class A { readonly #a: string = ''; get a(): string { return this.#a! } set a(v: string) {} }",
            "class A {          #a         = ''; get a()         { return this.#a  } set a(v        ) {} }",
        ),
    ]);
}

#[test]
fn a_gap_does_not_join_two_statements() {
    check_erased(&[
        ("const a = args as A\n(async () => {})()", "const a = args ;   \n(async () => {})()"),
        ("const a = args as A\n[1].map(log)", "const a = args ;   \n[1].map(log)"),
        ("const a = args as A // note\n`b`.trim()", "const a = args ;    // note\n`b`.trim()"),
        ("const a = () => args as A\n+1", "const a = () => args     \n+1"),
        ("const a = args as A\nlog(a)", "const a = args     \nlog(a)"),
        ("const a = (args as A\n+ 1)", "const a = (args     \n+ 1)"),
        ("log(1)\ntype A = 1\n(2)", "log(1)\n;         \n(2)"),
        ("log(1)\ninterface A {}\n[2]", "log(1)\n;             \n[2]"),
        ("function f() { return args as A\n(1) }", "function f() { return args ;   \n(1) }"),
        ("class A {\n  a = 1\n  private ['b'] = 2\n}", "class A {\n  a = 1\n  ;       ['b'] = 2\n}"),
        ("class A {\n  a = args as A\n  [args] = 1\n}", "class A {\n  a = args ;   \n  [args] = 1\n}"),
        ("class A {\n  get: string\n  b() {}\n}", "class A {\n  get;       \n  b() {}\n}"),
        ("class A {\n  static: string\n  b = 1\n}", "class A {\n  static;       \n  b = 1\n}"),
    ]);
}

#[test]
fn unusual_places_of_types_go_too() {
    check_erased(&[
        ("const a = args!\n(1)", "const a = args \n(1)"),
        ("const a = new Map<A, B>\nlog(a)", "const a = new Map      \nlog(a)"),
        (
            "for (let i: number = 0 as number; i! < 2; i++) log(i as any)",
            "for (let i         = 0          ; i  < 2; i++) log(i       )",
        ),
        (
            "const f = function <T>(this: T, a = args as T): T { return a }",
            "const f = function    (         a = args     )    { return a }",
        ),
        ("const { a = args as A, ...b }: C = args as C", "const { a = args     , ...b }    = args     "),
        ("label: for (const a of args!) continue label", "label: for (const a of args ) continue label"),
        (
            "const a = typeof args as string === 'x' ? (1 as number) : <T,>(b: T): T => b",
            "const a = typeof args           === 'x' ? (1          ) :     (b   )    => b",
        ),
        ("return args as\n  | A\n  | B\n", "return args   \n     \n     \n"),
        ("throw args as A\n;[1]", "throw args     \n;[1]"),
    ]);
}

#[test]
fn an_arrow_keeps_its_line() {
    check_erased(&[
        ("const f = (a: A): Promise<\n  B\n> => a", "const f = (a              \n   \n) => a"),
        ("const f = (a: A)\n: B => a", "const f = (a    \n  ) => a"),
        ("const f = async <\n  T\n>(a: T) => a", "const f = async (\n   \n  a   ) => a"),
        ("function f() { return <\n  T,\n>(a: T) => a }", "function f() { return (\n    \n  a   ) => a }"),
        ("const f = (a: A): {\n  b: C\n} => a as D\n(1)", "const f = (a       \n      \n) => a ;   \n(1)"),
    ]);
}

#[test]
fn wide_characters_leave_gaps_of_their_width() {
    check_erased(&[
        ("const a: 'é' = 'é', b = 1", "const a   ␣  = 'é', b = 1"),
        ("const a: '日本' = '日本', b = 1", "const a   ＿＿  = '日本', b = 1"),
        ("const a: '👍' = '👍', b = 1", "const a   ␣␣  = '👍', b = 1"),
        ("const a = args as 型 // 型", "const a = args    ＿ // 型"),
    ]);
}

#[test]
fn what_is_more_than_a_type_is_refused_with_what_to_write() {
    check_bodies(
        "a.ts",
        &[
            (
                "enum Level { Low, High }",
                "error «Level» an `enum`, which is more than a type | use an object: `const Level",
            ),
            ("const enum Level { Low }", "an `enum`"),
            ("namespace N { export const a = 1 }", "«N» a `namespace` with values | use an object"),
            (
                "class A { constructor(private a: string) {} }",
                "«private a: string» a parameter that declares a field",
            ),
            ("class A { constructor(readonly a: string) {} }", "a parameter that declares a field"),
            ("@f class A {}", "a decorator"),
            ("const a = <any>args", "«<any>args» a type in front of a value | write `value as Type`"),
            ("import a = require('a')", "`import =`"),
            ("export = 1", "`export =`"),
            ("import type { A } from 'a'", "`import` in a script"),
            ("export type A = 1", "«export» `export` of something else"),
            ("export interface A {}", "«export» `export` of something else"),
            ("const a: = 1", "error"),
            ("let a: string\nlet a: number", "`a` has already been declared"),
        ],
    );
}

#[test]
fn types_before_meta_and_around_it_leave_it_first() {
    let source = "type A = 1\nexport const meta: A = { name: 'n', description: 'd' } as const\nreturn 1\n";
    let script = parse(source, "a.ts").expect("valid");
    assert_eq!(
        script.body,
        ";         \n       const meta    = { name: 'n', description: 'd' }         \nreturn 1\n"
    );
}

#[test]
fn errors_in_typescript_have_their_place_in_the_typed_text() {
    check_bodies(
        "a.ts",
        &[(
            "const a: '日本👍' = agnet as any",
            "error «agnet» `agnet` is not defined | did you mean `agent`?",
        )],
    );
}
