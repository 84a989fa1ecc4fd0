//! The host's side of the prelude: the only functions through which a script reaches out.
//!
//! They take and give plain strings and numbers and return at once; what a call comes to is settled later.

use std::rc::Rc;

use fanfold_core::{Call, Location, LogLevel, TimerCall, WorkflowCall, WorkflowTarget};
use rquickjs::{Ctx, Function, Object};

use crate::options::{self, Given, JSON_WEIGHT};
use crate::protocol::Request;
use crate::shared::{Follower, Kept, OpenCall, Scope, Shared, Waiter};
use crate::source::{self, Source, Spot};
use crate::{prelude, trace, web};

/// One script's way out.
#[derive(Clone)]
struct Natives {
    scope: Scope,
    source: Rc<Source>,
    shared: Rc<Shared>,
}

/// The `host` object of the prelude.
pub fn install<'js>(
    ctx: &Ctx<'js>,
    scope: Scope,
    source: Rc<Source>,
    shared: Rc<Shared>,
) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let natives = Natives { scope, source, shared };
    macro_rules! give {
        ($name:literal, $function:expr) => {
            host.set($name, Function::new(ctx.clone(), $function)?)?
        };
    }
    macro_rules! give_own {
        ($name:literal, |$natives:ident $(, $arg:ident: $kind:ty)*| $body:expr) => {{
            let $natives = natives.clone();
            give!($name, move |$($arg: $kind),*| $body);
        }};
    }

    give!("unit", prelude::unit);
    give!("trace", trace::writer(&natives.source, &natives.shared));
    give_own!("agent", |own,
                        resolve: Kept<Function<'static>>,
                        place: Option<f64>,
                        prompt: String,
                        label: Option<String>,
                        phase: Option<String>,
                        schema: Option<String>,
                        others: Option<String>| {
        own.agent(resolve, place, Given { prompt, label, phase, schema, others })
    });
    give_own!("workflow", |own,
                           resolve: Kept<Function<'static>>,
                           place: Option<f64>,
                           target: String,
                           args: Option<String>,
                           phase: Option<String>| {
        own.workflow(resolve, place, &target, args, phase)
    });
    give_own!("timer", |own, fire: Kept<Function<'static>>, place: Option<f64>, ms: f64| {
        own.timer(fire, place, ms as u64)
    });
    give_own!("follow", |own,
                         seq: u32,
                         promise: Kept<Object<'static>>,
                         done: Kept<Function<'static>>,
                         at: f64| {
        own.shared.follow(seq, Follower { promise, done, at })
    });
    give_own!("cancel", |own, seq: u32| own.shared.cancel(seq));
    // These answer whether the script was stopped meanwhile.
    give_own!("phase", |own, title: String| {
        own.shared.request(Request::Phase { title });
        own.is_stopped()
    });
    give_own!("log", |own, level: String, message: String| {
        own.shared.log(level_of(&level), message);
        own.is_stopped()
    });
    give_own!("lost", |own,
                       what: String,
                       error: String,
                       stack: String,
                       phase: Option<String>,
                       known: bool| {
        own.lost(&what, error, &stack, phase, known);
        own.is_stopped()
    });
    give_own!("failures", |own| own.shared.failures_json(own.scope));
    give_own!("now", |own| own.shared.now() as f64);
    give_own!("random", |own| own.shared.random());
    give_own!("spent", |own| own.shared.spent_tokens() as f64);
    give_own!("spentMicros", |own| own.shared.spent_micros() as f64);

    give!("urlParse", web::url_parse);
    give!("urlSet", web::url_set);
    give!("formParse", web::form_parse);
    give!("formWrite", web::form_write);
    give!("utf8Encode", web::utf8_encode);
    give!("utf8Decode", web::utf8_decode);
    Ok(host)
}

/// The `seq` of a call, or what is wrong with it.
enum Answer {
    Seq(u32),
    Wrong(String),
}

impl<'js> rquickjs::IntoJs<'js> for Answer {
    fn into_js(self, ctx: &Ctx<'js>) -> rquickjs::Result<rquickjs::Value<'js>> {
        match self {
            Answer::Seq(seq) => seq.into_js(ctx),
            Answer::Wrong(message) => message.into_js(ctx),
        }
    }
}

impl Natives {
    fn agent(&self, resolve: Kept<Function<'static>>, place: Option<f64>, given: Given) -> Answer {
        let site = self.site(place, "agent");
        let decoded = match self.shared.options.borrow_mut().decode(given) {
            Ok(decoded) => decoded,
            Err(message) => return Answer::Wrong(format!("agent(): {message}")),
        };
        let options::Decoded { call, warnings, weight } = decoded;
        self.shared.weigh(weight);
        for warning in warnings {
            self.shared.warn_once(&format!("agent(): {warning}"), site.as_deref());
        }
        let (title, phase) = (call.title(), call.phase.clone());
        let waiter = Waiter::Promise { resolve, follower: None };
        Answer::Seq(self.call(Call::Agent(Box::new(call)), waiter, site, title, phase))
    }

    fn workflow(
        &self,
        resolve: Kept<Function<'static>>,
        place: Option<f64>,
        target: &str,
        args: Option<String>,
        phase: Option<String>,
    ) -> u32 {
        let target: WorkflowTarget = serde_json::from_str(target).expect("the prelude writes a target");
        let args = args.map(|args| {
            self.shared.weigh(JSON_WEIGHT * args.len());
            crate::json::read(&args).unwrap_or_default()
        });
        let title = match &target {
            WorkflowTarget::Name(name) => name.clone(),
            WorkflowTarget::ScriptPath(path) => path.clone(),
        };
        let site = self.site(place, "workflow");
        let call = Call::Workflow(WorkflowCall { target, args });
        self.call(call, Waiter::Promise { resolve, follower: None }, site, title, phase)
    }

    fn timer(&self, fire: Kept<Function<'static>>, place: Option<f64>, ms: u64) -> u32 {
        let site = self.site(place, "setTimeout");
        self.call(Call::Timer(TimerCall { ms }), Waiter::Timer(fire), site, "setTimeout".into(), None)
    }

    fn call(
        &self,
        call: Call,
        waiter: Waiter,
        site: Option<Rc<Location>>,
        title: String,
        phase: Option<String>,
    ) -> u32 {
        self.shared.call(call, OpenCall { scope: self.scope, waiter: Some(waiter), site, title, phase })
    }

    fn is_stopped(&self) -> bool {
        self.shared.watch.stopped().is_some()
    }

    fn site(&self, place: Option<f64>, primitive: &str) -> Option<Rc<Location>> {
        self.source.place_of_call(Spot::from_number(place?)?, primitive)
    }

    /// `known`: the error is a call's, whose failure is listed already.
    fn lost(&self, what: &str, error: String, stack: &str, phase: Option<String>, known: bool) {
        let place = source::aside(self.source.place(stack).as_ref());
        self.shared.log(LogLevel::Warning, format!("{what} became null: {error}{place}"));
        if !known {
            self.shared.thrown(self.scope, phase, error);
        }
    }
}

fn level_of(name: &str) -> LogLevel {
    match name {
        "debug" => LogLevel::Debug,
        "warning" => LogLevel::Warning,
        _ => LogLevel::Info,
    }
}
