//! The host's side of the prelude: the only functions through which a script reaches out.
//!
//! They take and give plain strings and numbers and return at once; what a call comes to is settled later.

use std::rc::Rc;

use fanfold_core::{Call, LogLevel, TimerCall, WorkflowCall, WorkflowTarget};
use rquickjs::{Ctx, Function, Object};

use crate::options::{self, Given};
use crate::protocol::Request;
use crate::shared::{OpenCall, Scope, Shared};
use crate::source::{self, Source};
use crate::watch::Stop;
use crate::web;

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

    give_own!("agent", |own,
                        prompt: String,
                        stack: String,
                        phase: Option<String>,
                        plain: Option<String>,
                        schema: Option<String>,
                        odd: Option<String>| {
        own.agent(Given { prompt, phase, plain, schema, odd }, &stack)
    });
    give_own!("workflow", |own,
                           target: String,
                           args: Option<String>,
                           stack: String,
                           phase: Option<String>| {
        own.workflow(&target, args, &stack, phase)
    });
    give_own!("timer", |own, ms: f64, stack: String| own.timer(ms as u64, &stack));
    give_own!("cancel", |own, seq: u32| own.cancel(seq));
    give_own!("phase", |own, title: String| own.shared.request(Request::Phase { title }));
    give_own!("log", |own, level: String, message: String| own.shared.log(level_of(&level), message));
    give_own!("lost", |own,
                       what: String,
                       error: String,
                       stack: String,
                       phase: Option<String>,
                       known: bool| { own.lost(&what, error, &stack, phase, known) });
    give_own!("failures", |own| own.shared.failures_json(own.scope));
    give_own!("now", |own| own.shared.now() as f64);
    give_own!("random", |own| own.shared.random());
    give_own!("spent", |own| own.shared.spent_tokens() as f64);
    give_own!("outOfMemory", |own| own.shared.watch.stop(Stop::Memory));

    give!("urlParse", web::url_parse);
    give!("urlSet", web::url_set);
    give!("formParse", web::form_parse);
    give!("formWrite", web::form_write);
    give!("utf8Encode", web::utf8_encode);
    give!("utf8Decode", web::utf8_decode);
    Ok(host)
}

/// A `seq`, or what is wrong with the call.
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
    fn agent(&self, given: Given, stack: &str) -> Answer {
        let site = self.source.place(stack);
        let decoded = match self.shared.options.borrow_mut().decode(given) {
            Ok(decoded) => decoded,
            Err(message) => return Answer::Wrong(format!("agent(): {message}")),
        };
        let options::Decoded { call, warnings } = decoded;
        for warning in warnings {
            self.shared.warn_once(&format!("agent(): {warning}"), site.as_ref());
        }
        let open = OpenCall { scope: self.scope, site, title: call.title(), phase: call.phase.clone() };
        Answer::Seq(self.shared.call(Call::Agent(Box::new(call)), open))
    }

    fn workflow(&self, target: &str, args: Option<String>, stack: &str, phase: Option<String>) -> u32 {
        let target: WorkflowTarget = serde_json::from_str(target).expect("the prelude writes a target");
        let args = args.map(|args| crate::json::parse(&args));
        let title = match &target {
            WorkflowTarget::Name(name) => name.clone(),
            WorkflowTarget::ScriptPath(path) => path.clone(),
        };
        let open = OpenCall { scope: self.scope, site: self.source.place(stack), title, phase };
        self.shared.call(Call::Workflow(WorkflowCall { target, args }), open)
    }

    fn timer(&self, ms: u64, stack: &str) -> u32 {
        let site = self.source.place(stack);
        let open = OpenCall { scope: self.scope, site, title: "setTimeout".into(), phase: None };
        self.shared.call(Call::Timer(TimerCall { ms }), open)
    }

    fn cancel(&self, seq: u32) {
        if self.shared.close(seq).is_some() {
            self.shared.request(Request::Cancel { seq });
        }
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
