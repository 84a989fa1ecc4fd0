//! The host's side of the prelude: the only functions through which a script reaches out.
//!
//! They take and give plain strings and numbers and return at once; what a call comes to is settled later.

use std::rc::Rc;

use fanfold_core::{
    AgentCall, AskCall, Call, Isolation, LandCall, Location, LogLevel, OracleCall, TimerCall, WorkflowCall,
    WorkflowTarget,
};
use rquickjs::{Ctx, Function, Object};
use serde::Deserialize;
use serde_json::json;

use crate::options::{self, Given, JSON_WEIGHT, own};
use crate::protocol::Request;
use crate::shared::{Follower, Kept, OpenCall, Scope, Shared, Waiter};
use crate::source::{self, Source, Spot};
use crate::{prelude, prompts, trace, web};

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
    give_own!("oracle", |own,
                         resolve: Kept<Function<'static>>,
                         place: Option<f64>,
                         label: Option<String>,
                         phase: Option<String>,
                         others: Option<String>| {
        own.oracle(resolve, place, own::oracle(label, phase, others.as_deref()))
    });
    give_own!("ask", |own,
                      resolve: Kept<Function<'static>>,
                      place: Option<f64>,
                      question: String,
                      phase: Option<String>,
                      others: Option<String>| {
        own.ask(resolve, place, own::ask(question, phase, others.as_deref()))
    });
    // Of `verified()`, out of a script's own reach.
    give!("prompt", prompts::named);
    give!("course", |prompt: String, label: Option<String>, others: Option<String>| {
        match own::course(&prompt, label, others.as_deref()) {
            Ok(course) => json!({ "course": course, "wrong": null }).to_string(),
            Err(wrong) => json!({ "course": null, "wrong": wrong }).to_string(),
        }
    });
    give_own!("work", |own,
                       resolve: Kept<Function<'static>>,
                       place: Option<f64>,
                       prompt: String,
                       about: String,
                       schema: Option<String>,
                       others: Option<String>| {
        own.work(resolve, place, prompt, &about, schema, others)
    });
    give_own!("judge", |own, resolve: Kept<Function<'static>>, place: Option<f64>, call: String| {
        own.judge(resolve, place, &call)
    });
    give_own!("land", |own, resolve: Kept<Function<'static>>, place: Option<f64>, call: String| {
        own.land(resolve, place, &call)
    });
    give_own!("ended", |own,
                        label: String,
                        phase: Option<String>,
                        passed: Option<bool>,
                        landed: bool,
                        why: String,
                        is_listed: bool| {
        own.shared.request(Request::Verified { label, phase, passed, landed, why, is_listed });
        own.is_stopped()
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

/// What the prelude says of an agent of `verified()`.
#[derive(Deserialize)]
struct About {
    label: String,
    phase: Option<String>,
    /// A commit.
    start: Option<String>,
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
        self.agent_of("agent", resolve, place, given, &[], |_| ())
    }

    /// An agent of `verified()`: isolated, and its patch comes with its value.
    fn work(
        &self,
        resolve: Kept<Function<'static>>,
        place: Option<f64>,
        prompt: String,
        about: &str,
        schema: Option<String>,
        others: Option<String>,
    ) -> Answer {
        let About { label, phase, start } = crate::json::read(about).expect("the prelude writes it");
        let given = Given { prompt, label: Some(label), phase, schema, others };
        self.agent_of("verified", resolve, place, given, &own::OF_VERIFIED, |call| {
            call.isolation = Isolation::Worktree;
            call.hands_over_patch = true;
            call.start = start;
        })
    }

    fn agent_of(
        &self,
        primitive: &str,
        resolve: Kept<Function<'static>>,
        place: Option<f64>,
        given: Given,
        also_known: &[&str],
        finish: impl FnOnce(&mut AgentCall),
    ) -> Answer {
        let site = self.site(place, primitive);
        let decoded = match self.shared.options.borrow_mut().decode(given, also_known) {
            Ok(decoded) => decoded,
            Err(message) => return Answer::Wrong(format!("{primitive}(): {message}")),
        };
        let options::Decoded { mut call, warnings, weight } = decoded;
        self.shared.weigh(weight);
        self.warn(primitive, warnings, site.as_deref());
        finish(&mut call);
        let (title, phase) = (call.title(), call.phase.clone());
        Answer::Seq(self.call(Call::Agent(Box::new(call)), promise(resolve), site, title, phase))
    }

    fn oracle(
        &self,
        resolve: Kept<Function<'static>>,
        place: Option<f64>,
        decoded: own::Decoded<OracleCall>,
    ) -> Answer {
        let (call, warnings) = match decoded {
            Ok(decoded) => decoded,
            Err(message) => return Answer::Wrong(format!("oracle(): {message}")),
        };
        let site = self.site(place, "oracle");
        self.warn("oracle", warnings, site.as_deref());
        Answer::Seq(self.judged(resolve, site, call))
    }

    /// `call`: an [`OracleCall`].
    fn judge(&self, resolve: Kept<Function<'static>>, place: Option<f64>, call: &str) -> u32 {
        let call = crate::json::read(call).expect("the prelude writes it");
        self.judged(resolve, self.site(place, "verified"), call)
    }

    fn judged(&self, resolve: Kept<Function<'static>>, site: Option<Rc<Location>>, call: OracleCall) -> u32 {
        let title = call.label.clone().unwrap_or_else(|| "oracle".into());
        let phase = call.phase.clone();
        self.call(Call::Oracle(Box::new(call)), promise(resolve), site, title, phase)
    }

    /// `call`: a [`LandCall`].
    fn land(&self, resolve: Kept<Function<'static>>, place: Option<f64>, call: &str) -> u32 {
        let call: LandCall = crate::json::read(call).expect("the prelude writes it");
        let (title, phase) = (format!("land:{}", call.title), call.phase.clone());
        let site = self.site(place, "verified");
        self.call(Call::Land(Box::new(call)), promise(resolve), site, title, phase)
    }

    fn ask(
        &self,
        resolve: Kept<Function<'static>>,
        place: Option<f64>,
        decoded: own::Decoded<AskCall>,
    ) -> Answer {
        let (call, warnings) = match decoded {
            Ok(decoded) => decoded,
            Err(message) => return Answer::Wrong(format!("ask(): {message}")),
        };
        let site = self.site(place, "ask");
        self.warn("ask", warnings, site.as_deref());
        let (title, phase) = (call.question.clone(), call.phase.clone());
        Answer::Seq(self.call(Call::Ask(Box::new(call)), promise(resolve), site, title, phase))
    }

    fn warn(&self, primitive: &str, warnings: Vec<String>, place: Option<&Location>) {
        for warning in warnings {
            self.shared.warn_once(&format!("{primitive}(): {warning}"), place);
        }
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
        self.call(call, promise(resolve), site, title, phase)
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

fn promise(resolve: Kept<Function<'static>>) -> Waiter {
    Waiter::Promise { resolve, follower: None }
}

fn level_of(name: &str) -> LogLevel {
    match name {
        "debug" => LogLevel::Debug,
        "warning" => LogLevel::Warning,
        _ => LogLevel::Info,
    }
}
