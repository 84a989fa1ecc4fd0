//! One agent's conversation: ask the model, carry out what it calls, until it returns.

use fanfold_core::{AgentCx, Failure, FailureKind, Halt, Progress, Reply, Usage};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::hands::Hands;
use crate::structured::{Attempt, RETURN_TOOL, Structured};
use crate::tools::{self, Tool, ToolSet, Web};
use crate::transcript::{self, Line, PastTurn, Writer};
use crate::trim;
use crate::troubles::Troubles;
use crate::wire::{Block, Message, Model, Role, Stop, ToolChoice, TurnCx, TurnError, TurnReply, TurnRequest};

/// How often a reply that was cut off at its token limit is gone on with.
const CONTINUATIONS_MAX: u32 = 3;
/// Calls of one turn that are carried out; the others are told to come again.
const CALLS_MAX: usize = 64;
/// Calls that run at the same time.
const PARALLEL_MAX: usize = 8;
/// The estimate of tokens may be this much too low, in percent.
const ESTIMATE_MARGIN: u64 = 15;

const GO_ON: &str = "Your reply was cut off at the token limit. Go on exactly where it stopped.";
const EMPTY: &str = "Your reply was empty. Return your result now, as the task asks for it.";
const LAST_TURN: &str =
    "This is your last turn: return your result now, and say in it what is unfinished or unchecked.";
const CUT_BY_BUDGET: &str =
    "a reply was cut short: no more was left of the budget; resume with a higher one to go on from here";
const INTERRUPTED: &str = "interrupted, outcome unknown: check before repeating";

pub struct Conversation<'a> {
    pub model: &'a dyn Model,
    pub cx: &'a AgentCx,
    pub request: TurnRequest,
    /// Tokens of the system prompt and the tools.
    pub fixed_tokens: u64,
    pub tools: ToolSet,
    pub hands: Hands,
    pub web: &'a Web,
    pub structured: Option<Structured>,
    pub transcript: Writer,
    pub turns_max: u32,
    pub troubles: &'a Troubles<'a>,
    /// Turns taken, those of an earlier attempt too.
    pub turns: u32,
    /// Of those turns: nobody else counts what an attempt used that did not come to an end.
    pub usage: Usage,
    pub text: PartialText,
}

/// A final text that is coming in pieces, and how often that has gone wrong in a row.
#[derive(Default)]
pub struct PartialText {
    pieces: String,
    continuations: u32,
    was_empty: bool,
}

enum Step {
    Ask,
    End(Reply),
}

struct Call<'a> {
    id: &'a str,
    name: &'a str,
    input: &'a Result<Value, String>,
}

impl Conversation<'_> {
    /// `past`: the turns of an attempt that died. Cancelled by drop, at any point: what it used so far can
    /// still be read.
    pub async fn run(&mut self, past: Vec<PastTurn>) -> Result<Reply, Halt> {
        if let Some(last) = past.last() {
            self.troubles.recalled(past.len() as u32, last.usage);
        }
        let mut step = match self.recall(past) {
            Some(PastTurn { content, stop, after, .. }) => self.follow(content, stop, Some(after)).await,
            None => Step::Ask,
        };
        loop {
            if let Step::End(reply) = step {
                return Ok(reply);
            }
            // Before the first turn there is nothing that could be gone on with.
            if self.turns > 0 {
                self.transcript.flush();
            }
            if self.turns >= self.turns_max {
                let message = format!("no result within {} turns (`maxTurns` allows more)", self.turns_max);
                return Ok(failed(FailureKind::TurnLimit, message));
            }
            step = match self.ask().await? {
                Ok(reply) => self.take(reply).await,
                Err(failure) => Step::End(Reply::Failed(failure)),
            };
        }
    }

    /// Goes through turns of an earlier attempt as they went then, without asking or doing anything again. The
    /// last one is given back if what follows from it is still to be done.
    fn recall(&mut self, mut past: Vec<PastTurn>) -> Option<PastTurn> {
        for turn in &past {
            self.turns += 1;
            self.usage += turn.usage;
            self.usage.tool_calls += turn.work().flatten().count() as u64;
        }
        let open = past.pop_if(|last| last.is_open());
        for turn in past {
            let cut = turn.stop == Stop::MaxTokens;
            let calls: Vec<Call<'_>> = turn.content.iter().filter_map(as_call).collect();
            match turn.stop {
                Stop::Refusal | Stop::PauseTurn => self.answer(turn.content),
                Stop::EndTurn | Stop::ToolUse | Stop::MaxTokens if !calls.is_empty() => {
                    _ = self.text.work(cut);
                    let results: Vec<Option<Block>> = turn.work().map(Option::<&Block>::cloned).collect();
                    _ = self.returned(&calls, &results, last_if(cut, &calls));
                    self.answer(turn.content);
                }
                Stop::MaxTokens => {
                    _ = self.text.piece(&text_of(&turn.content));
                    self.answer_cut(turn.content);
                }
                Stop::EndTurn | Stop::ToolUse => {
                    let whole = self.text.whole(&turn.content);
                    match &mut self.structured {
                        Some(structured) => _ = structured.ended_with(&whole),
                        None => self.text.was_empty = true,
                    }
                    self.answer(turn.content);
                }
            }
            self.push(Role::User, turn.after);
        }
        open
    }

    /// One turn of the model.
    async fn ask(&mut self) -> Result<Result<TurnReply, Failure>, Halt> {
        let tokens_max = self.tokens_max();
        if let Err(tokens) = trim::trim(&mut self.request.messages, tokens_max) {
            let message = format!(
                "about {tokens} tokens of task and conversation, but the window of {} leaves room for {tokens_max}: attach less, or split the task",
                self.request.model
            );
            return Ok(Err(Failure { kind: FailureKind::BadRequest, message }));
        }
        self.request.tool_choice = self.tool_choice();
        let mut answer = self.turn().await;
        if matches!(answer, Err(TurnError::TooLong(_))) {
            let half = trim::estimate(&self.request.messages) / 2;
            if trim::trim(&mut self.request.messages, half).is_ok() {
                answer = self.turn().await;
            }
        }
        let err = match answer {
            Ok(reply) => return Ok(Ok(reply)),
            Err(err) => err,
        };
        let kind = match &err {
            TurnError::Budget(failure) => return Ok(Err(failure.clone())),
            TurnError::BadRequest(_) | TurnError::TooLong(_) => FailureKind::BadRequest,
            TurnError::Refused(_) => FailureKind::Refused,
            TurnError::Failed(_) => FailureKind::Provider,
            TurnError::Halt(halt) => return Err(halt.clone()),
        };
        Ok(Err(Failure { kind, message: err.to_string() }))
    }

    async fn turn(&self) -> Result<TurnReply, TurnError> {
        let cx = TurnCx { clock: &*self.cx.clock, watch: self.troubles };
        let answer = self.model.turn(&self.request, &cx).await;
        self.troubles.over();
        answer
    }

    /// For the messages: what the window leaves besides the reply and what is always sent.
    fn tokens_max(&self) -> u64 {
        let window = self.model.limits(&self.request.model).context_tokens;
        let room = window.saturating_sub(self.request.max_tokens);
        (room / 100 * (100 - ESTIMATE_MARGIN)).saturating_sub(self.fixed_tokens)
    }

    fn tool_choice(&mut self) -> ToolChoice {
        let is_last = self.turns + 1 == self.turns_max;
        let last = text(LAST_TURN);
        let is_told = || self.request.messages.last().is_some_and(|message| message.content.contains(&last));
        if is_last && self.turns > 0 && !is_told() {
            self.tell(vec![last]);
        }
        match &self.structured {
            Some(structured) if structured.forced || is_last => ToolChoice::Tool(RETURN_TOOL.into()),
            None if is_last => ToolChoice::None,
            Some(_) | None => ToolChoice::Auto,
        }
    }

    async fn take(&mut self, reply: TurnReply) -> Step {
        self.turns += 1;
        let mut usage = reply.usage;
        // Who goes on with this turn has to know that the count is our own.
        usage.unconfirmed += u64::from(reply.usage_estimated);
        usage += self.troubles.take_lost();
        self.usage += usage;
        self.transcript.add(&Line::Turn {
            content: reply.content.as_slice().into(),
            stop: reply.stop,
            usage,
        });
        (self.cx.progress)(Progress::Turn {
            turn: self.turns,
            input_tokens: self.usage.input_total(),
            output_tokens: self.usage.output_tokens,
        });
        if reply.shortened && reply.stop == Stop::MaxTokens {
            // Going on would be paid in pieces, each with the whole conversation before it.
            return Step::End(failed(FailureKind::Budget, CUT_BY_BUDGET));
        }
        self.follow(reply.content, reply.stop, None).await
    }

    /// Does what a turn asks for. `earlier`: results of its calls in an attempt that died amid them.
    async fn follow(&mut self, content: Vec<Block>, stop: Stop, earlier: Option<Vec<Block>>) -> Step {
        let has_calls = content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
        match stop {
            Stop::Refusal => {
                let said = text_of(&content);
                let said = if said.is_empty() { "no reason given" } else { said.trim() };
                let message = format!("the model declined: {}", bounded(said));
                Step::End(failed(FailureKind::Refused, message))
            }
            Stop::PauseTurn => {
                self.answer(content);
                Step::Ask
            }
            Stop::EndTurn | Stop::ToolUse | Stop::MaxTokens if has_calls => {
                self.carry_out(content, stop == Stop::MaxTokens, earlier).await
            }
            Stop::MaxTokens => self.continue_text(content),
            Stop::EndTurn | Stop::ToolUse => self.end(content),
        }
    }

    fn continue_text(&mut self, content: Vec<Block>) -> Step {
        let piece = text_of(&content);
        if self.text.piece(&piece) == Patience::Over {
            return self.truncated();
        }
        self.answer_cut(content);
        self.tell(vec![text(GO_ON)]);
        Step::Ask
    }

    fn end(&mut self, content: Vec<Block>) -> Step {
        let whole = self.text.whole(&content);
        if let Some(structured) = &mut self.structured {
            let attempt = structured.ended_with(&whole);
            self.answer(content);
            return match attempt {
                Attempt::Valid(value) => Step::End(Reply::Done(value)),
                Attempt::Again(told) => {
                    self.tell(vec![text(&told)]);
                    Step::Ask
                }
                Attempt::Spent(why) => Step::End(never_valid(&why)),
            };
        }
        if !whole.trim().is_empty() {
            return Step::End(Reply::Done(whole.trim().into()));
        }
        if std::mem::replace(&mut self.text.was_empty, true) {
            return Step::End(failed(FailureKind::Provider, "the model ended with an empty reply, twice"));
        }
        self.answer(content);
        self.tell(vec![text(EMPTY)]);
        Step::Ask
    }

    async fn carry_out(&mut self, content: Vec<Block>, cut: bool, earlier: Option<Vec<Block>>) -> Step {
        if self.text.work(cut) == Patience::Over {
            return self.truncated();
        }
        // On disk before anything happens: what is not known to have ended may have begun.
        self.transcript.flush();
        let calls: Vec<Call<'_>> = content.iter().filter_map(as_call).collect();
        let was_interrupted = earlier.is_some();
        let earlier = earlier.unwrap_or_default();
        let mut results: Vec<Option<Block>> =
            calls.iter().map(|call| transcript::result(&earlier, call.id).cloned()).collect();
        let cut_call = last_if(cut, &calls);
        let mut at = 0;
        while at < calls.len() {
            let alone = !only_reads(&calls[at]);
            let reading = calls[at..].iter().take_while(|call| only_reads(call)).count();
            let batch = at..at + if alone { 1 } else { reading };
            let open: Vec<usize> =
                batch.clone().filter(|at| results[*at].is_none() && calls[*at].name != RETURN_TOOL).collect();
            let this = &*self;
            let done: Vec<(usize, Block)> = stream::iter(open)
                .map(|at| {
                    let call = &calls[at];
                    async move {
                        let result = if Some(at) == cut_call {
                            Err("cut off at the token limit, and not carried out: send less at once".into())
                        } else if was_interrupted && alone {
                            Err(INTERRUPTED.into())
                        } else if at >= CALLS_MAX {
                            Err(format!("not carried out: at most {CALLS_MAX} calls a turn"))
                        } else {
                            this.call(call).await
                        };
                        (at, result_block(call, result))
                    }
                })
                .buffered(PARALLEL_MAX)
                .collect()
                .await;
            for (at, block) in done {
                self.usage.tool_calls += 1;
                self.record(&block);
                results[at] = Some(block);
            }
            self.transcript.flush();
            at = batch.end;
        }

        let (returned, end) = self.returned(&calls, &results, cut_call);
        for (at, block) in returned {
            self.record(&block);
            results[at] = Some(block);
        }
        if let Some(reply) = end {
            return Step::End(reply);
        }
        let results: Vec<Block> = results.into_iter().flatten().collect();
        self.answer(content);
        self.push(Role::User, results);
        Step::Ask
    }

    /// Deals with the calls of the tool that ends an agent, when all others of the turn are done.
    fn returned(
        &mut self,
        calls: &[Call<'_>],
        results: &[Option<Block>],
        cut_call: Option<usize>,
    ) -> (Vec<(usize, Block)>, Option<Reply>) {
        let is_error = |block: &Block| matches!(block, Block::ToolResult { is_error: true, .. });
        let a_call_failed = results.iter().flatten().any(is_error);
        let mut told = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            if call.name != RETURN_TOOL || results[at].is_some() {
                continue;
            }
            let Some(structured) = &mut self.structured else {
                told.push((at, result_block(call, Err("there is no such tool".into()))));
                continue;
            };
            // A result that was written before its author saw an error may claim what did not happen.
            if a_call_failed {
                let why = "another call of this turn failed: look at it, then return your result";
                told.push((at, result_block(call, Err(why.into()))));
                continue;
            }
            match structured.returned(call.input, Some(at) == cut_call) {
                Attempt::Valid(value) => return (told, Some(Reply::Done(value))),
                Attempt::Again(why) => told.push((at, result_block(call, Err(why)))),
                Attempt::Spent(why) => return (told, Some(never_valid(&why))),
            }
        }
        (told, None)
    }

    async fn call(&self, call: &Call<'_>) -> Result<String, String> {
        let Some(tool) = Tool::parse(call.name).filter(|tool| self.tools.contains(*tool)) else {
            return Err(format!("there is no tool `{}`, expected one of {}", call.name, self.tools));
        };
        let input = match call.input {
            Ok(input) => input,
            Err(raw) => return Err(format!("the input is not JSON. It was:\n{}", bounded(raw))),
        };
        let name = tool.name().to_owned();
        (self.cx.progress)(Progress::Tool { name, brief: tools::brief(input) });
        self.hands.call(tool, input, self.web).await
    }

    fn truncated(&self) -> Step {
        let message = format!(
            "cut off at the limit of {} tokens a reply, {} times in a row",
            self.request.max_tokens, self.text.continuations
        );
        Step::End(failed(FailureKind::Truncated, message))
    }

    fn record(&mut self, block: &Block) {
        self.transcript.add(&Line::Result { block: std::borrow::Cow::Borrowed(block) });
    }

    /// What the agent is told, besides results.
    fn tell(&mut self, content: Vec<Block>) {
        self.transcript.add(&Line::User { content: content.as_slice().into() });
        self.push(Role::User, content);
    }

    fn answer(&mut self, content: Vec<Block>) {
        if !content.is_empty() {
            self.request.messages.push(Message { role: Role::Assistant, content });
        }
    }

    /// What was cut off within its thinking says nothing that could be gone on with.
    fn answer_cut(&mut self, content: Vec<Block>) {
        if !text_of(&content).trim().is_empty() {
            self.answer(content);
        }
    }

    /// Two messages of one role in a row are one.
    fn push(&mut self, role: Role, content: Vec<Block>) {
        match self.request.messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(content),
            _ => self.request.messages.push(Message { role, content }),
        }
    }
}

#[derive(PartialEq)]
enum Patience {
    Left,
    Over,
}

impl PartialText {
    /// A reply that was cut off within its text.
    fn piece(&mut self, piece: &str) -> Patience {
        self.pieces.push_str(piece);
        self.count_cut()
    }

    /// A reply that called tools: what was said before it is no result.
    fn work(&mut self, cut: bool) -> Patience {
        self.pieces.clear();
        self.was_empty = false;
        if cut {
            return self.count_cut();
        }
        self.continuations = 0;
        Patience::Left
    }

    /// All that was said, with the reply that ends it.
    fn whole(&mut self, content: &[Block]) -> String {
        std::mem::take(&mut self.pieces) + &text_of(content)
    }

    fn count_cut(&mut self) -> Patience {
        self.continuations += 1;
        if self.continuations > CONTINUATIONS_MAX { Patience::Over } else { Patience::Left }
    }
}

/// The call that a reply was cut off in.
fn last_if(cut: bool, calls: &[Call<'_>]) -> Option<usize> {
    if cut { calls.len().checked_sub(1) } else { None }
}

fn as_call(block: &Block) -> Option<Call<'_>> {
    match block {
        Block::ToolUse { id, name, input } => Some(Call { id, name, input }),
        Block::Text { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    }
}

fn only_reads(call: &Call<'_>) -> bool {
    call.name == RETURN_TOOL || Tool::parse(call.name).is_none_or(Tool::only_reads)
}

fn result_block(call: &Call<'_>, result: Result<String, String>) -> Block {
    let is_error = result.is_err();
    let content = result.unwrap_or_else(|why| why);
    Block::ToolResult { id: call.id.to_owned(), content, is_error }
}

fn text_of(content: &[Block]) -> String {
    let texts = content.iter().filter_map(|block| match block {
        Block::Text { text } => Some(text.as_str()),
        Block::ToolUse { .. } | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    });
    texts.collect()
}

fn text(text: &str) -> Block {
    Block::Text { text: text.to_owned() }
}

fn failed(kind: FailureKind, message: impl Into<String>) -> Reply {
    Reply::Failed(Failure { kind, message: message.into() })
}

fn never_valid(why: &str) -> Reply {
    let attempts = crate::structured::ATTEMPTS_MAX;
    failed(
        FailureKind::Schema,
        format!("no reply satisfied the schema in {attempts} attempts; the last: {why}"),
    )
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(1_000)]
}
