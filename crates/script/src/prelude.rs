//! The JavaScript that stands between a script and its host.

use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Function};

/// A function of `(host, run)`; its value is what `border.js` returns. One scope for all files.
const PRELUDE: &str = concat!(
    "(function (host, run) {\n\"use strict\";\n",
    include_str!("prelude/intrinsics.js"),
    include_str!("prelude/values.js"),
    include_str!("prelude/sandbox.js"),
    include_str!("prelude/units.js"),
    include_str!("prelude/primitives.js"),
    include_str!("prelude/timers.js"),
    include_str!("prelude/border.js"),
    "\n})",
);

/// Functions of `(core)`, each compiled when it is first used.
const CONSOLE: &str =
    concat!("(function (core) {\n\"use strict\";\n", include_str!("prelude/console.js"), "\n})");
const VERIFIED: &str =
    concat!("(function (core) {\n\"use strict\";\n", include_str!("prelude/verified.js"), "\n})");
const WEB: &str = concat!("(function (core) {\n\"use strict\";\n", include_str!("prelude/web.js"), "\n})");

pub fn compile<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
    ctx.eval_with_options(PRELUDE, options("fanfold:prelude"))
}

/// What `host.unit` gives to `units.js`.
pub fn unit<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Function<'js>> {
    let source = match name.as_str() {
        "console" => CONSOLE,
        "verified" => VERIFIED,
        "web" => WEB,
        _ => return Err(rquickjs::Exception::throw_internal(&ctx, "no such unit")),
    };
    ctx.eval_with_options(source, options("fanfold:prelude"))
}

/// How a text of this `file` is evaluated.
pub fn options(file: &str) -> EvalOptions {
    let mut options = EvalOptions::default();
    options.filename = Some(file.to_owned());
    options
}
