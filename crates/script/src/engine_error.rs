//! What the engine itself threw: that it ran out of memory, or that it was told to stop.

use rquickjs::{ArrayBuffer, Ctx, Value as JsValue};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineError {
    OutOfMemory,
    Interrupted,
}

/// The engine throws `null` when it has no memory left to make an error of. A script may throw `null` too, but
/// then there is some.
static PROBE: [u8; 64 << 10] = [0; 64 << 10];

impl EngineError {
    pub fn of<'js>(ctx: &Ctx<'js>, thrown: &JsValue<'js>) -> Option<Self> {
        if thrown.is_null() {
            return is_out_of_memory(ctx).then_some(Self::OutOfMemory);
        }
        // A script's own error may throw when it is looked at.
        Self::read(thrown).unwrap_or_else(|_| {
            let _ = ctx.catch();
            None
        })
    }

    fn read(thrown: &JsValue) -> rquickjs::Result<Option<Self>> {
        let Some(object) = thrown.as_object().filter(|object| object.is_error()) else { return Ok(None) };
        let Some(prototype) = object.get_prototype() else { return Ok(None) };
        let Some(name) = prototype.get::<_, JsValue>("name")?.into_string() else { return Ok(None) };
        if name.to_string()? != "InternalError" {
            return Ok(None);
        }
        let Some(message) = object.get::<_, JsValue>("message")?.into_string() else { return Ok(None) };
        Ok(match message.to_string()?.as_str() {
            "out of memory" => Some(Self::OutOfMemory),
            "interrupted" => Some(Self::Interrupted),
            _ => None,
        })
    }
}

fn is_out_of_memory(ctx: &Ctx) -> bool {
    let is_out = ArrayBuffer::new_copy(ctx.clone(), PROBE).is_err();
    if is_out {
        let _ = ctx.catch();
    }
    is_out
}
