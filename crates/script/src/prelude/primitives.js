// agent, parallel, pipeline, phase, log, workflow and what a script asks about its run.

/** seq -> what resolves the promise of that call. One function a call: a script may have 100,000 open. */
const pending = new NativeMap();
let currentPhase = run.phase;

/** Errors that already stand in `failures()`: a thunk that lets one through is not a second loss. */
const listed = new WeakSet();

const rejected = (error) => new NativePromise((_, reject) => reject(error));
const settledBy = (seq) => new NativePromise((resolve) => { mapSet(pending, seq, resolve); });
const warn = (message) => host.log("warning", message);

setGlobal("agent", function agent(prompt, opts) {
  const stack = new NativeError().stack;
  try {
    const { plain, schema, odd } = readOptions(opts);
    const answer = host.agent(toText(prompt), stack, currentPhase, plain, schema, odd);
    return typeof answer === "number" ? settledBy(answer) : rejected(new NativeTypeError(answer));
  } catch (error) {
    return rejected(error);
  }
});

/**
 * Options as JSON: all but the schema, the schema, and the kinds of values that JSON has no form for
 * (`{"label": "a function"}`). What holds nothing is `undefined`.
 */
const readOptions = (opts) => {
  if (opts === undefined || opts === null) return NO_OPTIONS;
  if (typeof opts !== "object" || isArray(opts)) {
    throw new NativeTypeError(`agent() takes its options as an object, not ${kindOf(opts)}`);
  }
  const plain = { __proto__: null };
  let schema;
  let odd;
  const names = objectKeys(opts);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = opts[name];
    if (value === undefined || value === null) continue;
    const type = typeof value;
    if (type === "function" || type === "symbol" || type === "bigint" || (type === "number" && !isFiniteNumber(value))) {
      odd ??= { __proto__: null };
      odd[name] = kindOf(value);
    } else if (name === "schema" && type === "object") {
      schema = jsonOf(value, name);
    } else {
      plain[name] = value;
    }
  }
  return {
    plain: names.length > 0 ? jsonOf(plain, "its options") : undefined,
    schema,
    odd: odd && stringify(odd),
  };
};
const NO_OPTIONS = freeze({ plain: undefined, schema: undefined, odd: undefined });

const jsonOf = (value, name) => {
  try {
    return stringify(value);
  } catch (error) {
    throw new NativeTypeError(`agent(): ${name} must be plain data: ${describe(error)}`);
  }
};

setGlobal("parallel", async function parallel(thunks) {
  checkItems("parallel", thunks, "functions, such as () => agent(…)");
  for (let i = 0; i < thunks.length; i++) {
    if (typeof thunks[i] === "function") continue;
    const started = isThenable(thunks[i]) ? " (an agent that has already started?)" : "";
    throw new NativeTypeError(
      `parallel() takes functions, such as () => agent(…): item ${i} is ${kindOf(thunks[i])}${started}`,
    );
  }
  const calls = slice(thunks);
  // Awaited: to return a promise from here would look up its `then`, which a script may have changed.
  return await collect(calls.length, async (i, keep) => {
    let value = null;
    try {
      const call = calls[i];
      value = await call();
    } catch (error) {
      lost(`item ${i} of parallel()`, error);
    }
    keep(i, value);
  });
});

setGlobal("pipeline", async function pipeline(items, ...stages) {
  checkItems("pipeline", items, "items");
  for (let i = 0; i < stages.length; i++) {
    if (typeof stages[i] !== "function") {
      throw new NativeTypeError(
        `pipeline() takes functions after its items, such as (previous, item, index) => agent(…): stage ${i + 1} is ${kindOf(stages[i])}`,
      );
    }
  }
  const all = slice(items);
  return await collect(all.length, async (i, keep) => {
    let value = all[i];
    let n = 0;
    try {
      for (; n < stages.length; n++) {
        const stage = stages[n];
        value = await stage(value, all[i], i);
        if (value === null) break;
      }
    } catch (error) {
      value = null;
      lost(`item ${i} of pipeline() in stage ${n + 1}`, error);
    }
    keep(i, value);
  });
});

const checkItems = (name, list, of) => {
  if (!isArray(list)) {
    throw new NativeTypeError(`${name}() takes an array of ${of}, not ${kindOf(list)}`);
  }
  if (list.length > run.items) {
    throw new NativeRangeError(
      `${name}() takes at most ${run.items} items, got ${list.length}: split them, or raise limits.items (--max-items)`,
    );
  }
};

/** What `one(0, keep)` to `one(count - 1, keep)` keep, all started now, in this order. */
const collect = (count, one) =>
  new NativePromise((resolve) => {
    const results = [];
    results.length = count;
    let open = count;
    const keep = (i, value) => {
      try {
        defineProperty(results, i, { value, writable: true, enumerable: true, configurable: true });
      } catch {
        host.outOfMemory(); // Nothing else can fail here.
      }
      open -= 1;
      if (open === 0) resolve(results);
    };
    if (open === 0) resolve(results);
    for (let i = 0; i < count; i++) one(i, keep);
  });

/** What a thunk or stage threw, and so became `null`. */
const lost = (what, error) => {
  if (isOutOfMemory(error)) host.outOfMemory();
  const known = isObject(error) && weakHas(listed, error);
  host.lost(what, describe(error), stackOf(error), currentPhase, known);
};

/** Too short of memory to make an error, the engine throws `null`. */
const isOutOfMemory = (error) => {
  if (error === null) return !run.throwsNull;
  try {
    return isObject(error) && getPrototypeOf(error) === internalErrorPrototype && error.message === "out of memory";
  } catch {
    return false; // A proxy of the script's.
  }
};
const internalErrorPrototype = NativeInternalError.prototype;

setGlobal("workflow", function workflow(nameOrRef, args) {
  const stack = new NativeError().stack;
  try {
    if (run.nested) {
      throw new NativeError("workflow() works one level deep: a workflow that runs inside another cannot start a third");
    }
    const target = workflowTarget(nameOrRef);
    const json = args === undefined ? undefined : toJson(args, "args", (message) => warn(`workflow(): ${message}`));
    return settledBy(host.workflow(stringify(target), json, stack, currentPhase));
  } catch (error) {
    return rejected(error);
  }
});

const workflowTarget = (nameOrRef) => {
  if (typeof nameOrRef === "string" && nameOrRef !== "") return { __proto__: null, name: wellFormed(nameOrRef) };
  if (isObject(nameOrRef)) {
    const { scriptPath } = nameOrRef;
    if (typeof scriptPath === "string" && scriptPath !== "") {
      return { __proto__: null, scriptPath: wellFormed(scriptPath) };
    }
  }
  const given = nameOrRef === "" ? "an empty string" : kindOf(nameOrRef);
  throw new NativeTypeError(`workflow() takes the name of a workflow or {scriptPath: "…"}, not ${given}`);
};

setGlobal("phase", function phase(title) {
  currentPhase = toText(title);
  host.phase(currentPhase);
});

setGlobal("log", function log(...messages) {
  for (let i = 0; i < messages.length; i++) messages[i] = logText(messages[i]);
  host.log("info", join(messages, " "));
});

const logText = (message) => {
  if (typeof message === "string") return toText(message);
  if (isError(message)) return describe(message);
  if (isObject(message)) return toJson(message, "", nothing) ?? inspect(message);
  return inspect(message);
};

setGlobal("failures", function failures() { return parseJson(host.failures()); });
setGlobal("now", function now() { return host.now(); });
setGlobal("random", function random() { return host.random(); });

const remaining = (total, spent) => (total === null ? Infinity : total > spent ? total - spent : 0);
setGlobal("budget", freeze({
  total: run.budget,
  spent: () => host.spent(),
  remaining: () => remaining(run.budget, host.spent()),
  // What calls cost in dollars is counted by the engine, which stops the run itself.
  usd: freeze({ total: null, spent: () => null, remaining: () => Infinity }),
}));

setGlobal("meta", run.meta);
setGlobal("args", readArgs());

function readArgs() {
  if (typeof run.args !== "string") return run.args;
  let parsed;
  try {
    parsed = parseJson(run.args);
  } catch {
    return run.args;
  }
  if (!isObject(parsed)) return run.args;
  warn("args came as a string of JSON and was parsed; pass the value itself");
  return parsed;
}
