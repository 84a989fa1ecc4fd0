//! One script in a context of its own: started, settled call by call, asked how it ended.

use std::rc::Rc;

use fanfold_core::{Failure, Location, Meta};
use rquickjs::context::EvalOptions;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Promise, Runtime, Value as JsValue};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;
use crate::natives;
use crate::protocol::{ScriptError, ScriptErrorKind};
use crate::shared::{Scope, Shared};
use crate::source::Source;
use crate::watch::Stop;

/// A function of `(host, run)`; its value is what `border.js` returns. One scope for all files.
const PRELUDE: &str = concat!(
    "(function (host, run) {\n\"use strict\";\n",
    include_str!("prelude/intrinsics.js"),
    include_str!("prelude/values.js"),
    include_str!("prelude/sandbox.js"),
    include_str!("prelude/console.js"),
    include_str!("prelude/web.js"),
    include_str!("prelude/primitives.js"),
    include_str!("prelude/timers.js"),
    include_str!("prelude/border.js"),
    "\n})",
);

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
    settle: Persistent<Function<'static>>,
    finish: Persistent<Function<'static>>,
    explain: Persistent<Function<'static>>,
    body: Persistent<Promise<'static>>,
    context: Context,
    source: Rc<Source>,
    shared: Rc<Shared>,
}

impl Program {
    /// Runs the script up to its first wait. The jobs that this leaves are the caller's to run.
    pub fn start(runtime: &Runtime, launch: &Launch, shared: &Rc<Shared>) -> Result<Self, ScriptError> {
        let context = Context::full(runtime).map_err(|_| out_of_memory(shared))?;
        let source = Rc::new(Source::new(launch.body, launch.file));
        let started = context.with(|ctx| {
            let border = install(&ctx, launch, &source, shared).map_err(|err| fault(&ctx, err, shared))?;
            let explain: Function = border.get("explain").map_err(|err| fault(&ctx, err, shared))?;
            let start = || {
                let body: Promise = ctx.eval_with_options(source.program(), options(launch.file))?;
                let settle: Function = border.get("settle")?;
                let finish: Function = border.get("finish")?;
                Ok((
                    Persistent::save(&ctx, settle),
                    Persistent::save(&ctx, finish),
                    Persistent::save(&ctx, body),
                ))
            };
            let (settle, finish, body) =
                start().map_err(|err| explained(&ctx, err, &explain, &source, shared))?;
            Ok((settle, finish, Persistent::save(&ctx, explain), body))
        });
        let (settle, finish, explain, body) = started?;
        Ok(Self { settle, finish, explain, body, context, source, shared: Rc::clone(shared) })
    }

    pub fn settle(&self, seq: u32, settled: &Settled) -> Result<(), ScriptError> {
        self.with(&self.settle, |ctx, settle| match settled {
            Settled::Value(value) => settle.call((seq, "value", ctx.json_parse(value.get())?)),
            Settled::Throw { failure, listed, site } => {
                let error = Object::new(ctx.clone())?;
                error.set("kind", failure.kind.name())?;
                error.set("message", failure.message.as_str())?;
                error.set("stack", site.map(|site| self.source.frame(site)).unwrap_or_default())?;
                error.set("listed", *listed)?;
                settle.call((seq, "throw", error))
            }
        })
    }

    /// The result as JSON, or what left the script; `None` while its body waits.
    pub fn outcome(&self) -> Option<Result<Box<RawValue>, ScriptError>> {
        let state = self.with(&self.finish, |ctx, finish| {
            let body = self.body.clone().restore(ctx)?;
            let Some(result) = body.result::<JsValue>() else { return Ok(None) };
            let text: String = finish.call((result?,))?;
            Ok(Some(json::raw(&text)))
        });
        state.transpose()
    }

    /// What a job of this script's threw.
    pub fn thrown(&self) -> ScriptError {
        self.context.with(|ctx| match self.explain.clone().restore(&ctx) {
            Ok(explain) => explained(&ctx, rquickjs::Error::Exception, &explain, &self.source, &self.shared),
            Err(err) => fault(&ctx, err, &self.shared),
        })
    }

    pub fn owns(&self, context: &Context) -> bool {
        self.context.as_raw() == context.as_raw()
    }

    fn with<T>(
        &self,
        function: &Persistent<Function<'static>>,
        run: impl for<'js> FnOnce(&Ctx<'js>, Function<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        self.context.with(|ctx| {
            let explain = self.explain.clone().restore(&ctx).map_err(|err| fault(&ctx, err, &self.shared))?;
            let ran = function.clone().restore(&ctx).and_then(|function| run(&ctx, function));
            ran.map_err(|err| explained(&ctx, err, &explain, &self.source, &self.shared))
        })
    }
}

fn install<'js>(
    ctx: &Ctx<'js>,
    launch: &Launch,
    source: &Rc<Source>,
    shared: &Rc<Shared>,
) -> rquickjs::Result<Object<'js>> {
    let host = natives::install(ctx, launch.scope, Rc::clone(source), Rc::clone(shared))?;
    let mut run = serde_json::json!({
        "items": shared.limits.items,
        "budget": shared.budget_tokens,
        "nested": launch.scope.is_some(),
        "phase": launch.phase,
        "throwsNull": source.throws_null(),
        "meta": meta_json(launch.meta),
    });
    if let Some(args) = launch.args {
        run["args"] = args.clone();
    }
    let prelude: Function = ctx.eval_with_options(PRELUDE, options("fanfold:prelude"))?;
    prelude.call((host, ctx.json_parse(run.to_string())?))
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

fn options(file: &str) -> EvalOptions {
    let mut options = EvalOptions::default();
    options.filename = Some(file.to_owned());
    options
}

/// What the prelude says of something that was thrown.
#[derive(Deserialize)]
struct Explanation {
    message: String,
    stack: String,
    memory: bool,
}

fn explained<'js>(
    ctx: &Ctx<'js>,
    err: rquickjs::Error,
    explain: &Function<'js>,
    source: &Source,
    shared: &Shared,
) -> ScriptError {
    if !matches!(err, rquickjs::Error::Exception) {
        return fault(ctx, err, shared);
    }
    let thrown = ctx.catch();
    let Ok(text) = explain.call::<_, String>((thrown,)) else {
        ctx.catch();
        return error("an exception that cannot be shown".into(), None);
    };
    match serde_json::from_value::<Explanation>(json::parse(&text)) {
        Ok(Explanation { memory: true, .. }) => out_of_memory(shared),
        Ok(Explanation { message, stack, .. }) => error(message, source.place(&stack)),
        Err(_) => error("an exception that cannot be shown".into(), None),
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
