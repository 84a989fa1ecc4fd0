//! Results that must satisfy a schema: a tool whose input is the result, checked, with a few attempts.

use std::sync::Arc;

use fanfold_core::schema::Schema;
use serde_json::{Map, Value};

use crate::wire::ToolSpec;

/// The tool that an agent returns its result with.
pub const RETURN_TOOL: &str = "return_result";

/// Attempts in all, the first one included.
pub const ATTEMPTS_MAX: u32 = 5;

/// Of raw text that is shown back.
const RAW_BYTES_MAX: usize = 1_000;
const FAILURE_BYTES_MAX: usize = 2_000;

pub fn return_tool(schema: &Value) -> ToolSpec {
    let mut input_schema = schema.clone();
    // Providers insist on it, and it goes without saying of a result.
    if let Value::Object(root) = &mut input_schema {
        root.entry("type").or_insert("object".into());
    }
    let description = include_str!("prompts/return_result.md").trim().into();
    ToolSpec { name: RETURN_TOOL.into(), description, input_schema }
}

/// One agent's way to a valid result.
pub struct Structured {
    schema: Arc<Schema>,
    attempts: u32,
    /// From now on the model is made to call the tool.
    pub forced: bool,
}

/// What became of something that was meant to be the result.
#[derive(Debug, PartialEq)]
pub enum Attempt {
    Valid(Value),
    /// What to tell the model.
    Again(String),
    /// No attempt is left; the last violation.
    Spent(String),
}

impl Structured {
    pub fn new(schema: Arc<Schema>) -> Self {
        Self { schema, attempts: 0, forced: false }
    }

    /// The input of the tool. `cut`: the reply ended at its token limit within it.
    pub fn returned(&mut self, input: &Result<Value, String>, cut: bool) -> Attempt {
        let value = match input {
            // Before anything of the input has come it looks like an empty one.
            Ok(value) if cut && value.as_object().is_some_and(Map::is_empty) => {
                return self.failed("it was cut off at the token limit before it began".into());
            }
            Ok(value) => value,
            Err(raw) => {
                let why = if cut { "cut off at the token limit: make it shorter" } else { "not JSON" };
                return self
                    .failed(format!("the input was {why}. It started:\n{}", bounded(raw, RAW_BYTES_MAX)));
            }
        };
        match self.schema.validate(value) {
            Ok(()) => Attempt::Valid(value.clone()),
            Err(violations) => self.failed(bounded(&violations, FAILURE_BYTES_MAX).to_owned()),
        }
    }

    /// The agent ended with text: fine if that is the result all the same.
    pub fn ended_with(&mut self, text: &str) -> Attempt {
        let was_forced = std::mem::replace(&mut self.forced, true);
        match json_in(text).map(|value| (self.schema.validate(&value), value)) {
            Some((Ok(()), value)) => Attempt::Valid(value),
            Some((Err(violations), _)) => self.failed(bounded(&violations, FAILURE_BYTES_MAX).to_owned()),
            None if was_forced => {
                self.failed(format!("the reply was text instead of a call of `{RETURN_TOOL}`"))
            }
            // A model that sums up in words first has not failed yet.
            None => Attempt::Again(format!("Now call `{RETURN_TOOL}` with your result.")),
        }
    }

    fn failed(&mut self, why: String) -> Attempt {
        self.attempts += 1;
        if self.attempts >= ATTEMPTS_MAX {
            return Attempt::Spent(why);
        }
        let left = ATTEMPTS_MAX - self.attempts;
        Attempt::Again(format!(
            "The result was not accepted:\n{why}\nCall `{RETURN_TOOL}` again with a corrected result ({left} attempts left)."
        ))
    }
}

/// The text as JSON, or the only fenced block in it.
fn json_in(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut blocks = text.split("```").skip(1).step_by(2);
    let (block, None) = (blocks.next()?, blocks.next()) else { return None };
    let block = block.strip_prefix("json").unwrap_or(block);
    serde_json::from_str(block.trim()).ok()
}

fn bounded(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn structured() -> Structured {
        let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
        Structured::new(Arc::new(Schema::compile(&schema).expect("valid")))
    }

    #[test]
    fn the_fifth_violation_is_the_last() {
        let mut structured = structured();
        for left in [4, 3, 2, 1] {
            let Attempt::Again(told) = structured.returned(&Ok(json!({"n": "x"})), false) else {
                panic!("attempts are left")
            };
            assert!(told.contains("at /n: ") && told.contains(&format!("{left} attempts left")), "{told}");
        }
        let Attempt::Spent(why) = structured.returned(&Err("{\"n\": ".into()), true) else {
            panic!("none is left")
        };
        assert!(why.contains("cut off") && why.contains("{\"n\": "), "{why}");
    }

    #[test]
    fn text_that_is_the_result_is_accepted_and_other_text_is_not() {
        assert_eq!(structured().ended_with("{\"n\": 1}"), Attempt::Valid(json!({"n": 1})));
        assert_eq!(
            structured().ended_with("Here:\n```json\n{\"n\": 1}\n```\n"),
            Attempt::Valid(json!({"n": 1}))
        );
        let mut prose = structured();
        assert!(matches!(prose.ended_with("n is 1"), Attempt::Again(_)));
        assert!(prose.forced);
        assert_eq!(prose.attempts, 0, "it was not asked for in so many words before");
        assert!(matches!(prose.ended_with("n is 1"), Attempt::Again(_)));
        assert_eq!(prose.attempts, 1);
        assert!(matches!(structured().ended_with("```{\"n\":1}``` or ```{\"n\":2}```"), Attempt::Again(_)));
    }
}
