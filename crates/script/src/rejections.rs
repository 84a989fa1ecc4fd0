//! Promises that were rejected while nobody waited for them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use rquickjs::runtime::RejectionTracker;
use rquickjs::{Context, Ctx, Persistent, Promise, Value as JsValue};

use crate::engine_error::EngineError;
use crate::watch::{Stop, Watch};

type Kept = Persistent<JsValue<'static>>;

/// Those of all scripts of a runtime. Who is told of a rejection later takes it out again.
#[derive(Debug, Default)]
pub struct Rejections {
    unhandled: RefCell<HashMap<Kept, Rejection>>,
    seen: Cell<u64>,
}

#[derive(Debug)]
struct Rejection {
    /// The context in which it happened: its address.
    context: usize,
    nth: u64,
    reason: Kept,
}

impl Rejections {
    pub fn tracker(self: &Rc<Self>, watch: &Rc<Watch>) -> RejectionTracker {
        let (rejections, watch) = (Rc::clone(self), Rc::clone(watch));
        Box::new(move |ctx, promise, reason, is_handled| {
            // What a built-in throws with no frame of the script below it has no trace.
            if !is_handled && EngineError::of(&ctx, &reason) == Some(EngineError::OutOfMemory) {
                watch.stop(Stop::Memory);
            }
            let promise = Persistent::save(&ctx, promise);
            if is_handled {
                rejections.unhandled.borrow_mut().remove(&promise);
            } else {
                rejections.add(&ctx, promise, reason);
            }
        })
    }

    fn add<'js>(&self, ctx: &Ctx<'js>, promise: Kept, reason: JsValue<'js>) {
        let nth = self.seen.get();
        self.seen.set(nth + 1);
        let rejection = Rejection { context: address(ctx), nth, reason: Persistent::save(ctx, reason) };
        self.unhandled.borrow_mut().insert(promise, rejection);
    }

    /// The reasons of those of one context but for the promise `but`, first come first, which are forgotten.
    pub fn take<'js>(&self, ctx: &Ctx<'js>, but: &Promise<'js>) -> Vec<JsValue<'js>> {
        let context = address(ctx);
        let own: Vec<_> =
            self.unhandled.borrow_mut().extract_if(|_, rejection| rejection.context == context).collect();
        let mut reasons: Vec<_> = own
            .into_iter()
            .filter(|(promise, _)| {
                promise.clone().restore(ctx).is_ok_and(|promise| promise != *but.as_value())
            })
            .filter_map(|(_, rejection)| Some((rejection.nth, rejection.reason.restore(ctx).ok()?)))
            .collect();
        reasons.sort_by_key(|(nth, _)| *nth);
        reasons.into_iter().map(|(_, reason)| reason).collect()
    }

    pub fn forget(&self, context: &Context) {
        let context = context.as_raw().addr().get();
        self.unhandled.borrow_mut().retain(|_, rejection| rejection.context != context);
    }
}

fn address(ctx: &Ctx) -> usize {
    ctx.as_raw().addr().get()
}
