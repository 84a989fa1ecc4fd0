//! Who answers a workflow's questions: `--answer`, else the person at the terminal, else the default.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use fanfold_core::{AskCall, Failure, Nobody, Person};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::error::{CliError, ErrorKind, Result};
use crate::screen::text;
use crate::world::World;

const GIVE_WAY: std::time::Duration = std::time::Duration::from_millis(150);

pub struct Answerer {
    given: BTreeMap<String, String>,
    can_ask: bool,
    /// One question at a time.
    asking: tokio::sync::Mutex<()>,
}

impl Answerer {
    /// `answers`: `QUESTION=VALUE`, as `--answer` has them.
    pub fn new(answers: &[String], world: &World) -> Result<Self> {
        let split = |answer: &String| {
            answer
                .split_once('=')
                .map(|(question, value)| (question.trim().to_owned(), value.to_owned()))
                .ok_or_else(|| {
                    CliError::new(ErrorKind::Usage, format!("`{answer}` answers no question"))
                        .hint("--answer takes QUESTION=VALUE")
                })
        };
        let given = answers.iter().map(split).collect::<Result<_>>()?;
        Ok(Self { given, can_ask: world.can_ask(), asking: tokio::sync::Mutex::default() })
    }
}

impl Person for Answerer {
    fn ask<'a>(&'a self, call: &'a AskCall) -> BoxFuture<'a, std::result::Result<Value, Failure>> {
        Box::pin(async move {
            if let Some(answer) = self.given.get(call.question.trim()) {
                return fits(call, answer).map(Value::from);
            }
            if !self.can_ask {
                return Nobody.ask(call).await;
            }
            let _alone = self.asking.lock().await;
            // The live view has heard of the question by now, and gives way.
            tokio::time::sleep(GIVE_WAY).await;
            loop {
                let Some(line) = read_line(prompt(call)).await else { return Nobody.ask(call).await };
                match (line.trim(), &call.default) {
                    ("", Some(default)) => return Ok(default.clone()),
                    ("", None) => (),
                    (answer, _) => {
                        if let Ok(answer) = fits(call, choice(call, answer)) {
                            return Ok(answer.into());
                        }
                    }
                }
            }
        })
    }
}

/// `2` stands for the second option.
fn choice<'a>(call: &'a AskCall, answer: &'a str) -> &'a str {
    let nth = answer.parse::<usize>().ok().and_then(|nth| call.options.get(nth.checked_sub(1)?));
    nth.map_or(answer, String::as_str)
}

fn fits(call: &AskCall, answer: &str) -> std::result::Result<String, Failure> {
    if call.options.is_empty() || call.options.iter().any(|option| option == answer) {
        return Ok(answer.to_owned());
    }
    Err(Failure {
        kind: fanfold_core::FailureKind::Unanswered,
        message: format!(
            "`{answer}` is no answer to `{}`, expected one of {}",
            call.question,
            call.options.join(", ")
        ),
    })
}

/// The text is a script's: a terminal must not obey it.
fn prompt(call: &AskCall) -> String {
    let mut prompt = format!("{}\n", text::clean(&call.question));
    for (index, option) in call.options.iter().enumerate() {
        prompt.push_str(&format!("  {}  {}\n", index + 1, text::clean(option)));
    }
    match &call.default {
        Some(Value::String(default)) => prompt.push_str(&format!("[{}] > ", text::clean(default))),
        Some(default) => prompt.push_str(&format!("[{}] > ", text::clean(&default.to_string()))),
        None => prompt.push_str("> "),
    }
    prompt
}

/// `None`: nobody is at the terminal any more.
async fn read_line(prompt: String) -> Option<String> {
    let read = tokio::task::spawn_blocking(move || {
        let mut err = std::io::stderr();
        let _ = err.write_all(prompt.as_bytes()).and_then(|()| err.flush());
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(1..) => Some(line),
            Ok(0) | Err(_) => None,
        }
    });
    read.await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> AskCall {
        AskCall {
            question: "Which one?".into(),
            options: vec!["left".into(), "right".into()],
            default: Some("left".into()),
            phase: None,
        }
    }

    #[test]
    fn a_number_stands_for_an_option_and_other_text_is_refused() {
        let call = question();
        assert_eq!(fits(&call, choice(&call, "2")), Ok("right".into()));
        assert!(fits(&call, choice(&call, "3")).expect_err("no third").message.contains("left, right"));
    }

    #[test]
    fn what_a_script_asks_cannot_write_to_the_terminal_as_it_likes() {
        let call = AskCall { question: "a\u{1b}[2Jb".into(), ..question() };
        assert!(!prompt(&call).contains('\u{1b}'));
    }
}
