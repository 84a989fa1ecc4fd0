//! The real screen on the real terminal, to be looked at: `cargo test -p fanfold the_screen_by_hand -- --ignored
//! --nocapture`. Variables choose what is shown: `KNOWN`, `HOSTILE`, `PANIC`.

use std::io::Write;

use super::{known_proposal, proposal};
use crate::approval::asker::Asker;
use crate::screen::Style;
use crate::world::{ColorChoice, Stream, World};

#[test]
#[ignore = "needs a person, or tmux"]
fn the_screen_by_hand() {
    let world = World::read().expect("a folder to be in");
    let style = Style {
        color: world.colour(ColorChoice::Auto, Stream::Error),
        unicode: Style::is_unicode(|name| world.var(name)),
    };
    let mut it = if world.var("KNOWN").is_some() { known_proposal() } else { proposal() };
    if world.var("HOSTILE").is_some() {
        it.description = "nice \x1b[2J\x1b[31m and \u{202e}desrever".into();
        it.script = super::screen::hostile_script();
    }
    if world.var("LONG").is_some() {
        it.script = (1..=3_000).map(|n| format!("await agent('task {n}')\n")).collect();
    }
    let asker = Asker::new(&world, style);
    if world.var("PANIC").is_some() {
        let _raw = crate::approval::terminal::Raw::enter().expect("a terminal");
        panic!("the screen fell over");
    }
    let mut answer = format!("{:?}", asker.ask(&it));
    answer.truncate(400);
    writeln!(std::io::stderr(), "ANSWER {answer}").expect("a terminal");
}
