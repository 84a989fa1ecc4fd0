//! One script in a context of its own: started, settled call by call, asked how it ended.

use std::rc::Rc;

use fanfold_core::{Failure, Location, Meta};
use rquickjs::{Context, Ctx, Function, Object, Persistent, Promise, Runtime, Value as JsValue};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::engine_error::EngineError;
use crate::json;
use crate::natives;
use crate::prelude;
use crate::protocol::{ScriptError, ScriptErrorKind};
use crate::shared::{Follower, Kept, Scope, Shared, Waiter};
use crate::source::{self, Source};
use crate::watch::Stop;

/// What a script starts with.
pub struct Launch<'a> {
    pub scope: Scope,
    pub body: &'a str,
    pub file: &'a str,
    pub meta: &'a Meta,
    pub args: Option<&'a Value>,
    /// Where its agents stand until its first `phase()`.
    pub phase: Option<&'a str>,
}

/// What a call came to.
pub enum Settled<'a> {
    Value(&'a RawValue),
    Throw {
        failure: &'a Failure,
        /// Whether `failures()` lists it already.
        listed: bool,
        site: Option<&'a Location>,
    },
}

pub struct Program {
    // Values before the context that they live in: fields are dropped in this order.
    border: Border,
    body: Kept<Promise<'static>>,
    context: Context,
    scope: Scope,
    source: Rc<Source>,
    shared: Rc<Shared>,
}

/// What `border.js` returns.
struct Border {
    fail: Kept<Function<'static>>,
    finish: Kept<Function<'static>>,
    explain: Kept<Function<'static>>,
}

impl Program {
    /// Runs the script up to its first wait. The jobs that this leaves are the caller's to run.
    pub fn start(runtime: &Runtime, launch: &Launch, shared: &Rc<Shared>) -> Result<Self, ScriptError> {
        let context = Context::full(runtime).map_err(|_| out_of_memory(shared))?;
        let source = Rc::new(Source::new(launch.body, launch.file));
        let started = context.with(|ctx| {
            let border = install(&ctx, launch, &source, shared).map_err(|err| fault(&ctx, err, shared))?;
            let program = source.program();
            let body: Promise = ctx
                .eval_with_options(program, prelude::options(launch.file))
                .map_err(|err| explained(&ctx, err, &border.explain, &source, shared))?;
            Ok((border, Persistent::save(&ctx, body)))
        });
        match started {
            Ok((border, body)) => {
                Ok(Self { border, body, context, scope: launch.scope, source, shared: Rc::clone(shared) })
            }
            Err(error) => {
                forget(shared, launch.scope, &context);
                Err(error)
            }
        }
    }

    /// Tells `waiter` what call came to.
    pub fn settle(&self, waiter: Waiter, settled: &Settled) -> Result<(), ScriptError> {
        self.with(|ctx| match (waiter, settled) {
            (Waiter::Promise { resolve, follower }, Settled::Value(value)) => {
                let value = ctx.json_parse(value.get())?;
                let Some(follower) = follower else { return resolve.restore(ctx)?.call((value,)) };
                resolve.restore(ctx)?.call::<_, ()>((value.clone(),))?;
                follower.done.restore(ctx)?.call((follower.at, value, false))
            }
            (Waiter::Timer(fire), Settled::Value(_)) => fire.restore(ctx)?.call(()),
            (Waiter::Promise { resolve, follower }, Settled::Throw { failure, listed, site }) => {
                let resolve = resolve.restore(ctx)?;
                let stack = site.map(|site| self.source.frame(site)).unwrap_or_default();
                let follower = follower.map(|follower| follower_object(ctx, *follower)).transpose()?;
                let fail = self.border.fail.clone().restore(ctx)?;
                let message = failure.message.as_str();
                fail.call((resolve, failure.kind.name(), message, stack, *listed, follower))
            }
            (Waiter::Timer(_), Settled::Throw { failure, .. }) => {
                Err(rquickjs::Exception::throw_message(ctx, &failure.message))
            }
        })
    }

    /// The result as JSON, or what left the script; `None` while its body waits.
    pub fn outcome(&self) -> Option<Result<Box<RawValue>, ScriptError>> {
        let outcome = self.with(|ctx| {
            let Some(result) = self.body.clone().restore(ctx)?.result::<JsValue>() else { return Ok(None) };
            let text: String = self.border.finish.clone().restore(ctx)?.call((result?,))?;
            Ok(Some(json::raw(&text)))
        });
        outcome.transpose()
    }

    /// What was thrown where nobody waits for it, as messages with their places; each is told once.
    pub fn unhandled(&self) -> Vec<String> {
        self.context.with(|ctx| {
            let Ok(body) = self.body.clone().restore(&ctx) else { return Vec::new() };
            let reasons = self.shared.rejections.take(&ctx, &body);
            let told = reasons.into_iter().map(|reason| {
                let _ = ctx.throw(reason);
                let err = rquickjs::Error::Exception;
                let error = explained(&ctx, err, &self.border.explain, &self.source, &self.shared);
                format!("{}{}", error.message, source::aside(error.location.as_ref()))
            });
            told.collect()
        })
    }

    /// What a job of this script's threw.
    pub fn thrown(&self) -> ScriptError {
        self.context.with(|ctx| {
            explained(&ctx, rquickjs::Error::Exception, &self.border.explain, &self.source, &self.shared)
        })
    }

    pub fn owns(&self, context: &Context) -> bool {
        self.context.as_raw() == context.as_raw()
    }

    fn with<T>(&self, run: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>) -> Result<T, ScriptError> {
        self.context.with(|ctx| {
            run(&ctx).map_err(|err| explained(&ctx, err, &self.border.explain, &self.source, &self.shared))
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        forget(&self.shared, self.scope, &self.context);
    }
}

fn follower_object<'js>(ctx: &Ctx<'js>, follower: Follower) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    // What a script did to the prototype of objects is not to be called.
    object.set_prototype(None)?;
    object.set("promise", follower.promise.restore(ctx)?)?;
    object.set("done", follower.done.restore(ctx)?)?;
    object.set("at", follower.at)?;
    Ok(object)
}

/// What is kept of a context outside of it would keep it alive.
fn forget(shared: &Shared, scope: Scope, context: &Context) {
    shared.forget(scope);
    shared.rejections.forget(context);
}

fn install<'js>(
    ctx: &Ctx<'js>,
    launch: &Launch,
    source: &Rc<Source>,
    shared: &Rc<Shared>,
) -> rquickjs::Result<Border> {
    let host = natives::install(ctx, launch.scope, Rc::clone(source), Rc::clone(shared))?;
    let mut run = serde_json::json!({
        "items": shared.limits.items,
        "budget": shared.budget_tokens,
        "budgetMicros": shared.budget_usd_micros,
        "budgetUsd": shared.budget_usd_micros.map(|micros| micros as f64 / 1e6),
        "nested": launch.scope.is_some(),
        "phase": launch.phase,
        "meta": meta_json(launch.meta),
    });
    if let Some(args) = launch.args {
        run["args"] = args.clone();
    }
    let border: Object = prelude::compile(ctx)?.call((host, ctx.json_parse(run.to_string())?))?;
    Ok(Border { fail: border.get("fail")?, finish: border.get("finish")?, explain: border.get("explain")? })
}

/// `meta` as the script wrote it: without what it left out.
fn meta_json(meta: &Meta) -> Value {
    let mut json = serde_json::to_value(meta).expect("plain data always serializes");
    if let Value::Object(fields) = &mut json
        && fields.get("limits").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
    {
        fields.remove("limits");
    }
    json
}

/// What the prelude says of something that was thrown.
#[derive(Deserialize)]
struct Explanation {
    message: String,
    stack: String,
}

fn explained(
    ctx: &Ctx,
    err: rquickjs::Error,
    explain: &Kept<Function<'static>>,
    source: &Source,
    shared: &Shared,
) -> ScriptError {
    if !matches!(err, rquickjs::Error::Exception) {
        return fault(ctx, err, shared);
    }
    let thrown = ctx.catch();
    if EngineError::of(ctx, &thrown) == Some(EngineError::OutOfMemory) {
        return out_of_memory(shared);
    }
    let text = explain.clone().restore(ctx).and_then(|explain| explain.call::<_, String>((thrown,)));
    let explanation = text.inspect_err(|_| drop(ctx.catch())).ok().and_then(|text| json::read(&text));
    match explanation {
        Some(Explanation { message, stack }) => error(message, source.place(&stack)),
        None => error("an exception that cannot be shown".into(), None),
    }
}

/// An error of the engine's rather than the script's.
fn fault(ctx: &Ctx, err: rquickjs::Error, shared: &Shared) -> ScriptError {
    if matches!(err, rquickjs::Error::Exception) {
        let thrown = ctx.catch();
        let message = thrown.as_exception().and_then(|thrown| thrown.message());
        return error(message.unwrap_or_else(|| "an exception that cannot be shown".into()), None);
    }
    if matches!(err, rquickjs::Error::Allocation | rquickjs::Error::Unknown) {
        return out_of_memory(shared);
    }
    error(err.to_string(), None)
}

fn error(message: String, location: Option<Location>) -> ScriptError {
    ScriptError { kind: ScriptErrorKind::Thrown, message, location, hint: None }
}

fn out_of_memory(shared: &Shared) -> ScriptError {
    shared.watch.stop(Stop::Memory);
    error("out of memory".into(), None)
}
