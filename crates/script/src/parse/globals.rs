//! What a script finds in its world without declaring it, and what to use instead of what it does not find.

/// The names that a script's context has: the standard built-ins, a few of the web's, the primitives.
pub const KNOWN: &[&str] = &[
    // Values and functions.
    "globalThis",
    "undefined",
    "NaN",
    "Infinity",
    "parseInt",
    "parseFloat",
    "isNaN",
    "isFinite",
    "encodeURI",
    "encodeURIComponent",
    "decodeURI",
    "decodeURIComponent",
    "escape",
    "unescape",
    // Fundamental objects and errors.
    "Object",
    "Boolean",
    "Symbol",
    "Error",
    "AggregateError",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
    // Numbers, dates, text.
    "Number",
    "BigInt",
    "Math",
    "Date",
    "String",
    "RegExp",
    "JSON",
    // Collections and binary data.
    "Array",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Iterator",
    "ArrayBuffer",
    "DataView",
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "BigInt64Array",
    "BigUint64Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    // Control.
    "Promise",
    "Proxy",
    "Reflect",
    "DisposableStack",
    "AsyncDisposableStack",
    "SuppressedError",
    // Of the web.
    "console",
    "structuredClone",
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
    "queueMicrotask",
    "URL",
    "URLSearchParams",
    "TextEncoder",
    "TextDecoder",
    "btoa",
    "atob",
    "DOMException",
    // The primitives.
    "agent",
    "parallel",
    "pipeline",
    "phase",
    "log",
    "args",
    "budget",
    "workflow",
    "oracle",
    "verified",
    "ask",
    "failures",
    "now",
    "random",
];

pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// What to use instead of a name that scripts elsewhere have and that is not in [`KNOWN`].
pub fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "fetch" | "XMLHttpRequest" | "WebSocket" | "axios" | "http" | "https" | "Request" | "Response"
        | "Headers" => "a script has no network: let an agent fetch it with its web_fetch tool",
        "fs" | "readFile" | "readFileSync" | "writeFile" | "writeFileSync" | "Deno" | "Bun" | "path"
        | "File" | "glob" | "Glob" | "Grep" | "Read" | "Write" | "Edit" => {
            "a script has no files: let an agent read or write them with its tools, or pass the text in as `args`"
        }
        "bash" | "Bash" | "exec" | "execSync" | "spawn" | "spawnSync" | "child_process" | "shell" | "sh"
        | "$" => "a script runs no commands: let an agent run them with its bash tool",
        "require" | "module" | "exports" => {
            "a script has no modules: write the code here, or let an agent do it with its tools"
        }
        "process" | "os" | "env" => {
            "a script sees no process and no environment: pass what it needs in as `args`; to end early, `return`"
        }
        "__dirname" | "__filename" => {
            "a script has no files: name paths in the prompts, relative to the agents' working directory"
        }
        "Buffer" | "Blob" => "use `TextEncoder` and `TextDecoder`, `btoa` and `atob`, or a `Uint8Array`",
        "eval" | "Function" | "AsyncFunction" | "GeneratorFunction" => {
            "a script cannot make code from text: write the function out"
        }
        "WebAssembly" => {
            "there is no WebAssembly: write it in JavaScript, or let an agent run it with its bash tool"
        }
        "Intl" => "there is no Intl: format it by hand, with `toFixed`, `padStart` or `toISOString`",
        "WeakRef" | "FinalizationRegistry" => {
            "what the garbage collector does cannot be replayed: use a `Map` or a `WeakMap`"
        }
        "SharedArrayBuffer" | "Atomics" | "Worker" => {
            "a script is one thread: use plain variables, and `parallel` or `pipeline` for the agents"
        }
        "performance" => "use `now()`, milliseconds since 1970: it is journaled and replays",
        "crypto" => "use `random()`, which is journaled and replays",
        "setImmediate" | "clearImmediate" | "requestAnimationFrame" => "use `queueMicrotask` or `setTimeout`",
        "window" | "self" | "global" | "document" | "navigator" | "location" | "localStorage" | "alert" => {
            "a script runs in no browser and not in Node.js; the global object is `globalThis`"
        }
        "print" => "use `log(message)` for the person watching, or `console.log` for the run's log",
        "prompt" | "confirm" => "use `await ask(question, { options, default })`",
        "sleep" | "delay" => "write `await new Promise(resolve => setTimeout(resolve, 1000))`",
        "arguments" => "the body of a script has no arguments: its input is `args`",
        "task" | "Task" | "subagent" | "spawnAgent" | "llm" | "claude" => {
            "use `await agent(prompt, options)`"
        }
        "InternalError" => "that class is the script engine's own: catch an `Error`",
        "AbortController" | "AbortSignal" => "use the option `timeoutMs` of `agent`",
        _ => return None,
    })
}
