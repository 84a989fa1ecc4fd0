//! The questions on a terminal that cannot redraw.

use super::{known_proposal, proposal};
use crate::approval::prompt::Prompt;
use crate::approval::{Answer, Proposal};
use crate::screen::Style;
use crate::settings::budget::{Amount, Budget, Currency};

const PLAIN: Style = Style { color: false, unicode: true };

/// The answer to what is typed, all that was shown, and how often type-ahead was forgotten.
fn ask(it: &Proposal, typed: &str) -> (Answer, String, usize) {
    let (mut out, mut forgotten) = (Vec::new(), 0);
    let prompt = Prompt {
        proposal: it,
        style: PLAIN,
        input: typed.as_bytes(),
        out: &mut out,
        forget_typed: || forgotten += 1,
        edit: |text: &str| Ok(Some(format!("{text}// edited"))),
    };
    let answer = prompt.ask();
    (answer, String::from_utf8(out).expect("text"), forgotten)
}

#[test]
fn only_a_yes_is_a_yes() {
    let it = proposal();
    for yes in ["y\n", "yes\n", "Run\n", " y \n"] {
        assert_eq!(ask(&it, yes).0, Answer::Run, "{yes:?}");
    }
    let boundless = Proposal { budget: Budget::default(), ..proposal() };
    assert_eq!(ask(&boundless, "y\n").0, Answer::No);
    for no in ["", "\n", "n\n", "maybe\n", "what?\n\n", "a\n\n", "v\nno\n", "b\n"] {
        assert_eq!(ask(&it, no).0, Answer::No, "{no:?}");
    }
}

#[test]
fn it_has_the_choices_of_the_screen() {
    let it = known_proposal();
    let (answer, shown, forgotten) = ask(&it, "v\nd\nx\ny\n");
    assert_eq!(answer, Answer::Run);
    for part in
        ["$0.80 to $2.10", "  3  phase('Find')", "3 - phase('Look')", "`x` is none", "[a]lways up to $4,"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(forgotten, 4, "before each question");
    assert_eq!(ask(&it, "e\n").0, Answer::Edit(format!("{}// edited", it.script)));
    let five = Amount { of: Currency::UsdMicros(5_000_000), is_raise: false };
    assert_eq!(ask(&it, "b\nfive\nb\n$5\n").0, Answer::Budget(five));
    assert_eq!(ask(&it, "a\ny\n").0, Answer::RunAndRemember(it.offer.clone().expect("offered")));
    assert_eq!(ask(&it, "a\nn\n\n").0, Answer::No);
}

#[test]
fn hidden_characters_are_marked_there_too() {
    let mut it = proposal();
    it.description = "\x1b[2Jnice".into();
    it.script = super::screen::hostile_script();
    let (_, shown, _) = ask(&it, "v\n\x1b[31m\n\n");
    assert!(
        !shown.contains(|ch: char| ch.is_control() && ch != '\n') && !shown.contains('\u{202e}'),
        "{shown}"
    );
    assert!(
        shown.contains("‹ESC›[2Jnice")
            && shown.contains("‹U+202E›edoc live")
            && shown.contains("more characters›")
    );
}
