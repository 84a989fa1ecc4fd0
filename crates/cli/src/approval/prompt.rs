//! The same questions line by line, for a terminal that cannot redraw.

use std::io::{BufRead, Write};

use super::asking::NO_BUDGET;
use super::visible::{cells, line};
use super::{Answer, Proposal, history, page};
use crate::screen::{Line, Style, Tone};
use crate::settings::budget::{Amount, EXPECTED};

pub struct Prompt<'a, R, W, F, E> {
    pub proposal: &'a Proposal,
    pub style: Style,
    pub input: R,
    pub out: W,
    /// Forgets what was typed before a question.
    pub forget_typed: F,
    /// As of [`super::editor::edit`].
    pub edit: E,
}

/// The terminal breaks lines itself; the marks of cut lines stand at the end.
const COLUMNS: usize = 78;

impl<R, W, F, E> Prompt<'_, R, W, F, E>
where
    R: BufRead,
    W: Write,
    F: FnMut(),
    E: FnMut(&str) -> Result<Option<String>, String>,
{
    /// Nothing, the end of the input and every word that is not asked for mean no, or ask again: never yes.
    pub fn ask(mut self) -> Answer {
        let unicode = self.style.unicode;
        self.tell(&page::proposal(self.proposal, COLUMNS, unicode));
        loop {
            let Some(answer) = self.question(&self.choices()) else { return Answer::No };
            match answer.to_lowercase().as_str() {
                "y" | "yes" | "run" if self.proposal.has_budget() => return Answer::Run,
                "y" | "yes" | "run" => self.say(NO_BUDGET),
                "" | "n" | "no" | "q" => return Answer::No,
                "v" | "script" => self.tell(&page::script(self.proposal, COLUMNS, unicode)),
                "d" | "diff" => match page::diff(self.proposal, COLUMNS, unicode) {
                    Some(diff) => self.tell(&diff),
                    None => self.say("no version of this workflow was approved here before"),
                },
                "e" | "edit" => match (self.edit)(&self.proposal.script) {
                    Ok(Some(text)) => return Answer::Edit(text),
                    Ok(None) => self.say("nothing was changed"),
                    Err(why) => self.say(&why),
                },
                "b" | "budget" => match self.question(&format!("new budget, {EXPECTED}: ")) {
                    None => return Answer::No,
                    Some(typed) => match Amount::parse(&typed) {
                        Some(amount) => return Answer::Budget(amount),
                        None => self.say(&format!("`{typed}` is no budget")),
                    },
                },
                "a" | "always" => match self.proposal.offer.clone() {
                    None => self.say("no standing rule is offered for this run"),
                    Some(rule) => {
                        match self.question("run, and never ask again for exactly this? [y/N] ").as_deref() {
                            Some("y" | "yes") => return Answer::RunAndRemember(rule),
                            Some(_) => self.say("no rule was made"),
                            None => return Answer::No,
                        }
                    }
                },
                other => self.say(&format!("`{other}` is none of the choices")),
            }
        }
    }

    fn choices(&self) -> String {
        let mut choices = String::from("run it? [y]es, [v]iew script, ");
        if self.proposal.before.is_some() {
            choices.push_str("[d]iff, ");
        }
        choices.push_str("[e]dit, [b]udget, ");
        if let Some(rule) = &self.proposal.offer {
            choices.push_str(&format!("[a]lways up to {}, ", history::exact(&rule.budget)));
        }
        choices.push_str("[N]o: ");
        choices
    }

    /// The answer's line; `None` when there is nobody any more.
    fn question(&mut self, text: &str) -> Option<String> {
        (self.forget_typed)();
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        let mut answer = String::new();
        match self.input.read_line(&mut answer) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(answer.trim().to_owned()),
        }
    }

    fn say(&mut self, text: &str) {
        self.tell(&[line(&cells(text, Tone::Warn, self.style.unicode))]);
    }

    fn tell(&mut self, lines: &[Line]) {
        let text = self.style.render(lines);
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}
