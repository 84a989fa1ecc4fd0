//! Tests of the library.

use super::*;
use crate::world::made_up::MadeUp;

const GREET: &[BuiltIn] = &[BuiltIn { name: "greet", text: "built in" }];

fn library(made: &MadeUp) -> Library<'_> {
    Library { world: &made.world, built_in: GREET }
}

fn find(made: &MadeUp, wanted: &str) -> Result<Workflow> {
    library(made).find(wanted, &mut "from stdin".as_bytes())
}

fn text_of(made: &MadeUp, wanted: &str) -> String {
    find(made, wanted).expect("it is there").text
}

#[test]
fn the_closest_of_a_name_wins_and_a_notice_names_both() {
    let mut made = MadeUp::new();
    made.world.cwd = made.project.join("a");
    made.file("a/x", "");
    assert_eq!(text_of(&made, "greet"), "built in");
    made.file("~/.claude/workflows/greet.js", "5");
    assert_eq!(text_of(&made, "greet"), "5");
    made.file("~/.config/fanfold/workflows/greet.js", "4");
    assert_eq!(text_of(&made, "greet"), "4");
    made.file(".claude/workflows/greet.js", "3");
    assert_eq!(text_of(&made, "greet"), "3");
    made.file(".fanfold/workflows/greet.js", "2");
    assert_eq!(text_of(&made, "greet"), "2");
    let file = made.file("a/.claude/workflows/greet.ts", "1");
    let found = find(&made, "greet").expect("it is there");
    assert_eq!((found.text.as_str(), found.name.as_str()), ("1", "greet"));
    assert_eq!(found.source, Source::Saved(file));
    assert_eq!(found.notices.len(), 1);
    assert!(found.notices[0].starts_with("`greet` is .claude/workflows/greet.ts, which hides "), "{found:?}");
    assert!(found.notices[0].ends_with(" and the built-in one"), "{found:?}");
}

#[test]
fn a_name_alone_is_no_reason_for_a_notice() {
    let made = MadeUp::new();
    made.file(".fanfold/workflows/review.workflow.js", "w");
    let found = find(&made, "review").expect("it is there");
    assert_eq!((found.name.as_str(), found.notices.len()), ("review", 0));
}

#[test]
fn paths_standard_input_and_endings_are_understood() {
    let made = MadeUp::new();
    made.file("sub/w.mjs", "one");
    made.file("w.js", "two");
    made.file(".fanfold/workflows/kept.js", "three");
    assert_eq!(text_of(&made, "sub/w.mjs"), "one");
    assert_eq!(text_of(&made, "w.js"), "two");
    assert_eq!(text_of(&made, "./w.js"), "two");
    assert_eq!(text_of(&made, "kept.js"), "three", "a saved one, with its ending");
    let stdin = find(&made, "-").expect("always there");
    assert_eq!((stdin.text.as_str(), stdin.source), ("from stdin", Source::Stdin));
    assert_eq!(find(&made, "sub/w.mjs").expect("there").dir(), Some(made.project.join("sub").as_path()));
}

#[test]
fn an_unknown_name_says_where_it_looked_and_what_is_near() {
    let made = MadeUp::new();
    made.file(".fanfold/workflows/review.js", "");
    let error = find(&made, "reviwe").expect_err("misspelt");
    assert_eq!(
        error.message,
        "no workflow is called `reviwe`; looked in .fanfold/workflows, .claude/workflows, \
         ~/.config/fanfold/workflows, ~/.claude/workflows, and among the built-in ones"
    );
    assert_eq!(error.hint.as_deref(), Some("did you mean `review`?"));
    let error = find(&made, "zzz").expect_err("unknown");
    assert_eq!(error.hint.as_deref(), Some("there are greet, review"));
    made.file("zzz", "a file without an ending");
    let error = find(&made, "zzz").expect_err("not by its bare name");
    assert_eq!(error.hint.as_deref(), Some("to run the file of that name, type ./zzz"));
    assert_eq!(error.exit().code(), 2);
    made.file("audit.js", "");
    let error = find(&made, "adit.js").expect_err("no such file");
    assert!(
        error.message.starts_with("there is no file `adit.js`, and no workflow is called `adit`; "),
        "{error}"
    );
    assert_eq!(error.hint.as_deref(), Some("did you mean audit.js?"));
}

#[test]
fn what_cannot_be_read_says_why() {
    let made = MadeUp::new();
    made.file("flows/review.js", "");
    std::fs::write(made.project.join("bytes.js"), b"ab\xff").expect("writable");
    for (wanted, message, hint) in [
        ("./flows", "it is a folder", Some("name the script in it: flows/NAME.js")),
        ("flows/reviw.js", "no such file", Some("did you mean flows/review.js?")),
        ("flows/none/x.js", "no such file", Some("`fanfold workflows` lists those that have a name")),
        ("bytes.js", "it is no UTF-8 text (byte 2)", None),
    ] {
        let error = find(&made, wanted).expect_err(wanted);
        assert!(error.message.contains(message), "{wanted}: {error}");
        assert_eq!(error.hint.as_deref(), hint, "{wanted}");
    }
    let endless = library(&made).find("-", &mut io::repeat(b'x')).expect_err("it never ends");
    assert!(endless.message.contains("more than 4 MiB"), "{endless}");
}

#[test]
fn a_nested_path_is_beside_its_script_first() {
    let made = MadeUp::new();
    made.file("sub/inner.js", "beside");
    made.file("inner.js", "here");
    let path = WorkflowTarget::ScriptPath("inner.js".into());
    let nested = |dir: Option<&Path>| library(&made).nested(&path, dir).expect("there").text;
    assert_eq!(nested(Some(&made.project.join("sub"))), "beside");
    assert_eq!(nested(None), "here");
    assert_eq!(nested(Some(&made.project.join("elsewhere"))), "here");
    let name = WorkflowTarget::Name("greet".into());
    assert_eq!(library(&made).nested(&name, None).expect("built in").source, Source::BuiltIn);
    made.file(".fanfold/workflows/x.js", "");
    let outside = WorkflowTarget::Name("../../inner".into());
    assert!(library(&made).nested(&outside, None).is_err(), "a name is no path");
}

#[test]
fn the_list_has_all_of_them_and_marks_the_hidden() {
    let made = MadeUp::new();
    made.file(".fanfold/workflows/b.js", "B");
    made.file(".fanfold/workflows/a.ts", "A");
    made.file(".fanfold/workflows/notes.md", "");
    made.file("~/.config/fanfold/workflows/greet.js", "broken");
    let listed = library(&made).list(|text, _| (text != "broken").then(|| (text.to_lowercase(), "d".into())));
    let shown: Vec<(&str, bool, bool)> =
        listed.iter().map(|one| (one.name.as_str(), one.meta.is_some(), one.is_hidden)).collect();
    assert_eq!(
        shown,
        [("a", true, false), ("b", true, false), ("greet", false, false), ("greet", true, true)]
    );
}

#[test]
fn a_run_is_saved_once_under_a_name() {
    let made = MadeUp::new();
    let library = library(&made);
    let path = library.save("text", "w.ts", "mine", Shelf::Project).expect("writable");
    assert_eq!(path, made.project.join(".fanfold/workflows/mine.ts"));
    assert_eq!(library.save("text", "w.js", "mine", Shelf::Project), Ok(path), "the same text again");
    let error = library.save("other", "w.js", "mine", Shelf::Project).expect_err("taken");
    assert!(
        error.message.contains("there is another workflow `mine`: .fanfold/workflows/mine.ts"),
        "{error}"
    );
    let path = library.save("other", "stdin", "mine", Shelf::Personal).expect("writable");
    assert_eq!(path, made.home.join(".config/fanfold/workflows/mine.js"));
    for name in ["../up", "", ".hidden", "a b", "-x"] {
        assert!(library.save("text", "w.js", name, Shelf::Project).is_err(), "{name}");
    }
}

#[test]
fn files_of_agent_types_come_closest_first() {
    let made = MadeUp::new();
    made.file(".claude/agents/judge.md", "close");
    made.file("~/.claude/agents/judge.md", "far");
    made.file("~/.config/fanfold/agents/scout.md", "between");
    made.file("~/.config/fanfold/agents/readme.txt", "");
    std::fs::write(made.project.join(".claude/agents/z.md"), b"\xff").expect("writable");
    let (files, notices) = library(&made).agent_files();
    let shown: Vec<(&str, &str)> = files.iter().map(|one| (one.name.as_str(), one.text.as_str())).collect();
    assert_eq!(shown, [("judge", "close"), ("scout", "between"), ("judge", "far")]);
    assert_eq!(files[0].origin, made.project.join(".claude/agents/judge.md"));
    assert!(notices.len() == 1 && notices[0].contains("z.md"), "{notices:?}");
}
