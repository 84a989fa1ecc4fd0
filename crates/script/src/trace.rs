//! Stack traces, which the engine lets its host write. It does so for every error on its way up, before anything
//! can catch it: here the host learns what the engine itself threw.

use std::rc::Rc;

use rquickjs::function::This;
use rquickjs::{Array, Ctx, Function, Object, Value as JsValue};

use crate::engine_error::EngineError;
use crate::shared::Shared;
use crate::source::{Source, Spot};
use crate::watch::Stop;

/// What the prelude sets as `Error.prepareStackTrace`. Of its own `spot` the trace is the number of a [`Spot`], or
/// `undefined` for a script that was stopped; of all else it is text.
pub fn writer<'js>(
    source: &Rc<Source>,
    shared: &Rc<Shared>,
) -> impl Fn(Ctx<'js>, JsValue<'js>, JsValue<'js>) -> Trace + 'js {
    let (source, shared) = (Rc::clone(source), Rc::clone(shared));
    move |ctx, thrown, sites| {
        // None where there was no memory for it.
        let sites = sites.as_array();
        if is_spot(&thrown) {
            if shared.watch.stopped().is_some() {
                return Trace::Unknown;
            }
            let spot = sites.and_then(|sites| find_spot(sites, &source).ok().flatten());
            return Trace::Spot(spot.map_or(0.0, Spot::to_number));
        }
        let of_engine = EngineError::of(&ctx, &thrown);
        if of_engine == Some(EngineError::OutOfMemory) {
            shared.watch.stop(Stop::Memory);
        }
        if of_engine.is_some() {
            shared.note_stop(|| source.place(&write(sites?).ok()?));
        }
        // At the end of its stack the engine cannot say more: it asks again one frame further up.
        let written = sites.and_then(|sites| write(sites).ok());
        let _ = ctx.catch();
        written.map_or(Trace::Unknown, Trace::Text)
    }
}

pub enum Trace {
    Spot(f64),
    Text(String),
    Unknown,
}

impl<'js> rquickjs::IntoJs<'js> for Trace {
    fn into_js(self, ctx: &Ctx<'js>) -> rquickjs::Result<JsValue<'js>> {
        match self {
            Trace::Spot(number) => number.into_js(ctx),
            Trace::Text(text) => text.into_js(ctx),
            Trace::Unknown => Ok(JsValue::new_undefined(ctx.clone())),
        }
    }
}

/// The prelude's own object, by its form; a script that makes one like it gets a number.
fn is_spot(value: &JsValue) -> bool {
    value.as_object().is_some_and(|object| {
        !object.is_error()
            && object.get_prototype().is_none()
            && object.get::<_, bool>("isSpot").unwrap_or_default()
    })
}

fn find_spot(sites: &Array, source: &Source) -> rquickjs::Result<Option<Spot>> {
    for at in 0..sites.len() {
        let site: Object = sites.get(at)?;
        if let Some((line, column)) = position(&site, source)? {
            return Ok(Some(Spot { line, column, direct: at == 0 }));
        }
    }
    Ok(None)
}

fn position(site: &Object, source: &Source) -> rquickjs::Result<Option<(u32, u32)>> {
    if ask::<Option<String>>(site, "getFileName")?.as_deref() != Some(source.file()) {
        return Ok(None);
    }
    Ok(Some((ask(site, "getLineNumber")?, ask(site, "getColumnNumber")?)))
}

/// As the engine would write it.
fn write(sites: &Array) -> rquickjs::Result<String> {
    let mut text = String::new();
    for site in sites.iter::<Object>() {
        let site = site?;
        let name: JsValue = ask(&site, "getFunctionName")?;
        text += "    at ";
        match name.as_string() {
            // Half a character is no reason to say nothing.
            Some(name) => text += name.to_string().as_deref().unwrap_or("\u{fffd}"),
            None => text += "<anonymous>",
        }
        text += " (";
        match ask::<Option<String>>(&site, "getFileName")? {
            Some(file) => {
                text += &file;
                let (line, column): (u32, u32) =
                    (ask(&site, "getLineNumber")?, ask(&site, "getColumnNumber")?);
                text += &format!(":{line}:{column}");
            }
            None => text += "native",
        }
        text += ")\n";
    }
    Ok(text)
}

fn ask<'js, T: rquickjs::FromJs<'js>>(site: &Object<'js>, what: &str) -> rquickjs::Result<T> {
    site.get::<_, Function>(what)?.call((This(site.clone()),))
}
