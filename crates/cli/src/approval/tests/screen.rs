//! The screen on a made-up terminal: what it shows, what each key does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{known_proposal, proposal};
use crate::approval::asking::{Asking, Step};
use crate::approval::terminal::draw;
use crate::approval::{Answer, Proposal};
use crate::screen::Style;
use crate::screen::tests::vt::Vt;
use crate::settings::budget::{Amount, Budget, Currency};

const PLAIN: Style = Style { color: false, unicode: true };
const COLOUR: Style = Style { color: true, unicode: true };

/// A person at a terminal who reads for a second before each key.
struct Sitting<'a> {
    asking: Asking<'a>,
    vt: Vt,
    style: Style,
    now: u64,
}

impl<'a> Sitting<'a> {
    fn at(proposal: &'a Proposal, style: Style, columns: usize, rows: usize) -> Self {
        let mut sitting =
            Self { asking: Asking::new(proposal, style), vt: Vt::new(columns, rows), style, now: 5_000 };
        sitting.see();
        sitting
    }

    /// Draws, and says what stands on the screen.
    fn see(&mut self) -> String {
        let (columns, rows) = self.vt.size();
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        let frame = self.asking.frame(columns, rows, self.now);
        assert!(frame.len() <= rows, "{} lines on {rows} rows", frame.len());
        assert!(frame.iter().all(|line| line.width() <= columns), "wider than {columns}");
        draw(&mut self.vt.clone(), self.style, &frame, columns, rows).expect("memory");
        let text = self.vt.text();
        assert!(text.lines().count() <= rows, "it scrolled");
        text
    }

    fn press(&mut self, code: KeyCode) -> Step {
        self.now += 1_000;
        self.asking.key(KeyEvent::from(code), self.now)
    }

    fn type_in(&mut self, text: &str) -> Step {
        text.chars().map(|ch| self.press(KeyCode::Char(ch))).last().expect("something to type")
    }

    /// All of a view, scrolled through to its end.
    fn read_all(&mut self) -> String {
        let mut seen = self.see();
        for _ in 0..10_000 {
            self.press(KeyCode::Down);
            let now = self.see();
            if seen.ends_with(&now) {
                break;
            }
            seen.push('\n');
            seen.push_str(&now);
        }
        seen
    }
}

#[test]
fn the_proposal_shows_all_that_is_approved_at_every_size() {
    let it = known_proposal();
    for (columns, rows) in [(100, 30), (80, 24), (40, 12), (24, 7), (200, 60)] {
        let seen = Sitting::at(&it, PLAIN, columns, rows).read_all();
        let seen: String = seen.split_whitespace().collect();
        for part in [
            "review",
            "Reviewseveryfile",
            "morethan25agents",
            "15to52",
            "$0.80to$2.10",
            "stopsat$4",
            "cargotest",
            "anthropic/large",
            "$15out",
            "Find",
            "3to40",
            "allowBash",
            "denyWebFetch",
            "atmost1000",
            "a.rs",
            "review.js",
            "models.example",
            "sixpolicies",
            "1lineadded,1taken",
        ] {
            assert!(seen.contains(part), "{columns}x{rows} lacks {part}: {seen}");
        }
    }
}

#[test]
fn the_first_screen_of_a_small_terminal_has_the_warning_the_price_and_the_keys() {
    let mut it = known_proposal();
    it.oracle = None;
    let seen = Sitting::at(&it, PLAIN, 40, 12).see();
    for part in ["more than 25 agents", "15 to 52", "enter run", "esc no", "more below"] {
        assert!(seen.contains(part), "{seen}");
    }
    let seen = Sitting::at(&it, PLAIN, 80, 24).see();
    assert!(seen.contains("none: nothing but the models' own word"), "{seen}");
}

#[test]
fn a_command_that_could_judge_is_offered_where_there_is_no_oracle() {
    let mut it = known_proposal();
    it.oracle = None;
    let none = Sitting::at(&it, PLAIN, 80, 24).press(KeyCode::Char('o'));
    assert_eq!(none, Step::Stay);
    it.found_oracle = Some(("cargo test".into(), "Cargo.toml".into()));
    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    assert!(sitting.see().contains("`cargo test` could (Cargo.toml): press o"), "{}", sitting.see());
    assert_eq!(sitting.press(KeyCode::Char('o')), Step::Done(Answer::Oracle("cargo test".into())));
}

#[test]
fn every_key_does_what_the_screen_says() {
    let it = known_proposal();
    let rule = it.offer.clone().expect("offered");
    let answer = |keys: &[KeyCode]| {
        let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
        keys.iter().map(|key| sitting.press(*key)).last().expect("a key")
    };
    use KeyCode::{Char, Enter, Esc};
    for yes in [Enter, Char('y')] {
        assert_eq!(answer(&[yes]), Step::Done(Answer::Run));
    }
    for no in [Esc, Char('q'), Char('n')] {
        assert_eq!(answer(&[no]), Step::Done(Answer::No));
    }
    assert_eq!(answer(&[Char('e')]), Step::Edit);
    assert_eq!(answer(&[Char('a'), Char('y')]), Step::Done(Answer::RunAndRemember(rule)));
    assert_eq!(answer(&[Char('a'), Enter]), Step::Stay);
    assert_eq!(answer(&[Char('a'), Char('n'), Esc]), Step::Done(Answer::No));
    for other in ['x', 'Y', 'z', '1'] {
        assert_eq!(answer(&[Char(other)]), Step::Stay, "{other}");
    }
    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    for key in ['c', 'd'] {
        let control = KeyEvent::new(Char(key), KeyModifiers::CONTROL);
        assert_eq!(sitting.asking.key(control, 9_000), Step::Done(Answer::No));
    }
}

#[test]
fn a_budget_is_typed_and_a_wrong_one_is_told() {
    let it = proposal();
    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    sitting.press(KeyCode::Char('b'));
    sitting.type_in("$4x");
    assert!(sitting.see().contains("new budget: $4x_"));
    assert_eq!(sitting.press(KeyCode::Enter), Step::Stay);
    assert!(sitting.see().contains("`$4x` is no budget"));
    sitting.press(KeyCode::Backspace);
    sitting.type_in(".50");
    let four = Amount { of: Currency::UsdMicros(4_500_000), is_raise: false };
    assert_eq!(sitting.press(KeyCode::Enter), Step::Done(Answer::Budget(four)));

    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    sitting.press(KeyCode::Char('b'));
    sitting.asking.paste("500k\n");
    let tokens = Amount { of: Currency::OutputTokens(500_000), is_raise: false };
    assert_eq!(sitting.press(KeyCode::Enter), Step::Done(Answer::Budget(tokens)));
    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    sitting.press(KeyCode::Char('b'));
    assert_eq!(sitting.press(KeyCode::Enter), Step::Stay, "nothing typed approves nothing");
    sitting.press(KeyCode::Char('b'));
    assert_eq!(sitting.press(KeyCode::Esc), Step::Stay, "back, not out");
}

#[test]
fn a_run_without_a_budget_is_not_approved_until_one_is_named() {
    let it = Proposal { budget: Budget::default(), ..proposal() };
    let mut sitting = Sitting::at(&it, PLAIN, 80, 24);
    assert!(sitting.see().contains("budget    none: nothing bounds"));
    assert_eq!(sitting.press(KeyCode::Enter), Step::Stay);
    assert!(sitting.see().contains("name a budget first (b)"));
    sitting.press(KeyCode::Char('b'));
    sitting.type_in("$1");
    assert!(matches!(sitting.press(KeyCode::Enter), Step::Done(Answer::Budget(_))));
}

#[test]
fn what_was_typed_before_the_proposal_was_seen_approves_nothing() {
    let it = known_proposal();
    for key in [KeyCode::Enter, KeyCode::Char('y')] {
        let mut asking = Asking::new(&it, PLAIN);
        assert_eq!(asking.key(key.into(), 0), Step::Stay, "before the first frame");
        asking.frame(80, 24, 1_000);
        assert_eq!(asking.key(key.into(), 1_050), Step::Stay, "too quick to be an answer to it");
        assert_eq!(asking.key(key.into(), 1_400), Step::Done(Answer::Run));
    }
    let mut asking = Asking::new(&it, PLAIN);
    asking.frame(80, 24, 0);
    asking.paste("y\r\n");
    assert_eq!(asking.edited(Ok(None)), Step::Stay);
    assert_eq!(asking.key(KeyCode::Enter.into(), 9_000), Step::Stay, "typed into the editor");
}

#[test]
fn a_terminal_that_is_too_small_to_read_on_approves_nothing() {
    let it = proposal();
    let mut sitting = Sitting::at(&it, PLAIN, 20, 5);
    assert_eq!(sitting.press(KeyCode::Enter), Step::Stay);
    assert_eq!(sitting.press(KeyCode::Esc), Step::Done(Answer::No));
    Sitting::at(&it, PLAIN, 2, 1).see();
}

#[test]
fn the_script_is_shown_whole_with_its_line_numbers_and_the_arguments() {
    let mut it = proposal();
    it.script = (1..=300).map(|n| format!("const a{n} = {n}{}\n", " ".repeat(n))).collect();
    it.script.push_str(&format!("{}hidden_to_the_right()", " ".repeat(300)));
    let mut sitting = Sitting::at(&it, PLAIN, 60, 14);
    sitting.press(KeyCode::Char('v'));
    let all = sitting.read_all();
    for n in 1..=300 {
        assert!(all.contains(&format!("{n:>3}  const a{n} = {n}")), "line {n}");
    }
    assert!(
        all.contains("hidden_to_the_right()") && all.contains("arguments") && all.contains("b.rs"),
        "{all}"
    );
    assert_eq!(sitting.press(KeyCode::Enter), Step::Stay, "only the proposal is approved");
    assert_eq!(sitting.press(KeyCode::Char('q')), Step::Stay);
    assert!(sitting.see().contains("may this run?"));
}

#[test]
fn the_diff_shows_what_changed_since_the_approved_version() {
    let it = known_proposal();
    let mut sitting = Sitting::at(&it, COLOUR, 80, 24);
    sitting.press(KeyCode::Char('d'));
    let seen = sitting.see();
    assert!(seen.contains("3 - phase('Look')") && seen.contains("3 + phase('Find')"), "{seen}");
    assert!(seen.contains("since the version approved on 2026-"), "{seen}");
    let new = proposal();
    let mut sitting = Sitting::at(&new, PLAIN, 80, 24);
    sitting.press(KeyCode::Char('d'));
    assert!(sitting.see().contains("no version of this workflow was approved here before"));
}

/// Everything that could move a cursor, hide text or fill the screen.
pub fn hostile_script() -> String {
    let mut text = String::from("const a = 1 // \x1b[2J\x1b[H\x1b]0;title\x07 cleared\n");
    text.push_str("// \u{202e}edoc live\u{2066} // harmless\revil()\n");
    text.push_str("in\u{200b}visible\u{feff} \u{9b}31m \u{e0041}\u{e0042}\n");
    text.push_str(&format!("const x = '{}'\n", "A".repeat(200_000)));
    text.push_str("after()\n");
    text
}

#[test]
fn nothing_in_the_data_moves_the_cursor_or_is_hidden() {
    // The made-up terminal panics at every control character and sequence that no screen writes.
    let evil = "x\x1b[31m\x1b[2J\u{202e}y\u{200b}\x07\rz";
    let mut it = known_proposal();
    it.script = hostile_script();
    it.before.as_mut().expect("known").text = evil.into();
    it.description = evil.into();
    it.args = format!("\"{evil}\"");
    it.file = evil.into();
    it.workflow = evil.into();
    it.phases[0].title = evil.into();
    it.phases[0].detail = evil.into();
    it.models[0].name = evil.into();
    it.tools = vec![evil.into()];
    it.oracle = Some(evil.into());
    it.warnings = vec![evil.into()];
    it.notes = vec![evil.into()];
    it.files.insert(evil.into(), "0".into());
    for style in [PLAIN, COLOUR, Style { color: false, unicode: false }] {
        for (columns, rows) in [(80, 24), (40, 12)] {
            let mut sitting = Sitting::at(&it, style, columns, rows);
            let page = sitting.read_all();
            let marked =
                |mark: &str| if style.unicode { format!("‹{mark}›") } else { format!("<{mark}>") };
            assert!(page.contains(&marked("ESC")), "{page}");
            let page: String = page.split_whitespace().collect();
            assert!(page.contains("cannotbeseen"), "{page}");
            assert!(page.contains("line5ofthescriptis200012characterslong"), "{page}");
            sitting.press(KeyCode::Char('d'));
            sitting.see();
            sitting.press(KeyCode::Char('v'));
            sitting.see();
            sitting.press(KeyCode::Char('G'));
            let end = sitting.see();
            assert!(end.contains("after()"), "{end}");
            sitting.press(KeyCode::Home);
            let whole = sitting.read_all().split_whitespace().collect::<String>();
            for mark in ["ESC", "BEL", "CR", "U+202E", "U+200B", "U+FEFF", "U+009B", "U+E0041"] {
                assert!(whole.contains(&marked(mark)), "{mark}");
            }
            assert!(whole.contains("morecharacters"), "the cut is not told");
            assert!(whole.contains("3evil()"), "a lone carriage return ends a line: {}", &whole[..400]);
        }
    }
}

#[test]
fn two_scripts_that_look_alike_are_told_apart_by_their_digest() {
    let (mut one, mut other) = (proposal(), proposal());
    one.script = "agent('a\u{200b}')".into();
    other.script = "agent('a')".into();
    let (one_seen, other_seen) =
        (Sitting::at(&one, PLAIN, 100, 40).see(), Sitting::at(&other, PLAIN, 100, 40).see());
    assert!(one_seen.contains("1 character that cannot be seen (line 1)"), "{one_seen}");
    assert_ne!(one_seen, other_seen);
    assert_ne!(one.grounds().digest(), other.grounds().digest());
}

#[test]
fn each_field_that_is_shown_decides_what_is_approved() {
    let change: [fn(&mut Proposal); 10] = [
        |it| it.script.push(' '),
        |it| it.args = "{}".into(),
        |it| it.models[0].name = "anthropic/other".into(),
        |it| it.limits[0].1 = "at most 9999".into(),
        |it| it.budget.usd_micros = Some(4_000_001),
        |it| it.tools.clear(),
        |it| it.sandbox = "full".into(),
        |it| it.oracle = None,
        |it| it.dir = "/elsewhere".into(),
        |it| drop(it.files.insert("workflow child".into(), "1".into())),
    ];
    for change in change {
        let mut changed = proposal();
        change(&mut changed);
        assert_ne!(changed.grounds().digest(), proposal().grounds().digest());
    }
}
