// agent, oracle, ask, parallel, pipeline, phase, log, workflow and what a script asks about its run.

let currentPhase = run.phase;

/** Errors that already stand in `failures()`: a thunk that lets one through is not a second loss. */
const listed = new WeakSet();

const rejected = (error) => new NativePromise((_, reject) => reject(error));
const warn = (message) => haltIf(host.log("warning", message));

// What resolves the promise of a call goes to the host with the call. One executor for all: a script may
// have 100,000 calls open.
let resolver;
const keepResolver = (resolve) => { resolver = resolve; };
/** The promise of the last call, and its seq. */
let newest = { __proto__: null };
let newestSeq;

/**
 * What a primitive was given as options, each looked at once. Values that JSON has no form for are in `odd` by what
 * they are: `{label: "a function"}`.
 */
const readOptions = (primitive, opts) => {
  const read = { __proto__: null, label: undefined, phase: currentPhase, schema: undefined, plain: undefined, odd: undefined };
  if (opts === undefined || opts === null) return read;
  if (typeof opts !== "object" || isArray(opts)) {
    throw new NativeTypeError(`${primitive}() takes its options as an object, not ${kindOf(opts)}`);
  }
  const names = objectKeys(opts);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = opts[name];
    // An answer may be `null`, and so may the one that stands for it.
    if (value === undefined || (value === null && !(name === "default" && primitive === "ask"))) continue;
    const type = typeof value;
    if (type === "string" && (name === "label" || name === "phase")) read[name] = wellFormed(value);
    else if (type === "object" && name === "schema") read.schema = jsonOf(value, primitive, name);
    else if (type === "function" || type === "symbol" || type === "bigint" || (type === "number" && !isFiniteNumber(value))) {
      read.odd ??= { __proto__: null };
      read.odd[name] = kindOf(value);
    } else {
      read.plain ??= { __proto__: null };
      read.plain[name] = value;
    }
  }
  return read;
};

/** The options that are neither label nor phase nor schema, as JSON. */
const othersOf = (primitive, { plain, odd }) =>
  plain || odd ? jsonOf({ __proto__: null, plain, odd }, primitive, "its options") : undefined;

const jsonOf = (value, primitive, name) => {
  try {
    return stringify(value);
  } catch (error) {
    throw new NativeTypeError(`${primitive}(): ${name} must be plain data: ${describe(error)}`);
  }
};

/** The promise of the call that `begin(resolve)` makes: it answers its seq, or what is wrong with it. */
const promised = (begin) => {
  const promise = new NativePromise(keepResolver);
  const seq = begin(resolver);
  if (typeof seq === "string") throw new NativeTypeError(seq);
  newestSeq = seq;
  return newest = promise;
};

setGlobal("agent", function agent(prompt, opts) {
  const place = placeOf(agent);
  try {
    const options = readOptions("agent", opts);
    const others = othersOf("agent", options);
    const text = toText(prompt);
    return promised((resolve) => host.agent(resolve, place, text, options.label, options.phase, options.schema, others));
  } catch (error) {
    return rejected(error);
  }
});

setGlobal("verified", function verified(prompt, opts) {
  const place = placeOf(verified);
  try {
    return unit("verified")(place, toText(prompt), readOptions("verified", opts));
  } catch (error) {
    return rejected(error);
  }
});

setGlobal("oracle", function oracle(opts) {
  const place = placeOf(oracle);
  try {
    const options = readOptions("oracle", opts);
    const others = othersOf("oracle", options);
    return promised((resolve) => host.oracle(resolve, place, options.label, options.phase, others));
  } catch (error) {
    return rejected(error);
  }
});

setGlobal("ask", function ask(question, opts) {
  const place = placeOf(ask);
  try {
    if (typeof question !== "string" || question === "") {
      const given = question === "" ? "an empty string" : kindOf(question);
      throw new NativeTypeError(`ask() takes a question, such as ask('Go on?', {options: ['yes', 'no']}), not ${given}`);
    }
    const options = readOptions("ask", opts);
    const others = othersOf("ask", options);
    return promised((resolve) => host.ask(resolve, place, wellFormed(question), options.phase, others));
  } catch (error) {
    return rejected(error);
  }
});

setGlobal("parallel", async function parallel(thunks) {
  checkItems("parallel", thunks, "functions, such as () => agent(…)");
  for (let i = 0; i < thunks.length; i++) {
    if (typeof thunks[i] === "function") continue;
    const started = isThenable(thunks[i]) ? " (an agent that has already started?)" : "";
    throw new NativeTypeError(
      `parallel() takes functions, such as () => agent(…): item ${i} is ${kindOf(thunks[i])}${started}`,
    );
  }
  const calls = copyOf(thunks);
  thunks = undefined;
  // Awaited: to return a promise from here would look up its `then`, which a script may have changed.
  return await collect(calls, (keep) => {
    const done = (i, value, threw) => {
      if (threw) lost(`item ${i} of parallel()`, value);
      keep(i, threw ? null : value);
    };
    return (i) => {
      const call = calls[i];
      calls[i] = null; // What it holds on to may go while it waits.
      let result;
      try {
        result = call();
      } catch (error) {
        return done(i, error, true);
      }
      follow(result, done, i);
    };
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
  const all = copyOf(items);
  items = undefined;
  const width = stages.length;
  return await collect(all, (keep) => {
    const run = (i, n, value) => {
      if (n === width || (n > 0 && value === null)) return keep(i, value);
      const stage = stages[n];
      let result;
      try {
        result = stage(value, all[i], i);
      } catch (error) {
        return done(i * width + n, error, true);
      }
      follow(result, done, i * width + n);
    };
    const done = (at, value, threw) => {
      const i = trunc(at / width);
      const n = at % width;
      if (!threw) return run(i, n + 1, value);
      lost(`item ${i} of pipeline() in stage ${n + 1}`, value);
      keep(i, null);
    };
    return (i) => run(i, 0, all[i]);
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

const copyOf = (list) => {
  const copy = [];
  for (let i = 0; i < list.length; i++) copy[i] = list[i];
  return copy;
};

/** `list` once each of its items is what was kept for it; `start(keep)(i)` starts one, all now and in order. */
const collect = (list, start) =>
  new NativePromise((resolve) => {
    const count = list.length;
    let open = count;
    const begin = start((i, value) => {
      list[i] = value;
      open -= 1;
      if (open === 0) resolve(list);
    });
    if (open === 0) resolve(list);
    for (let i = 0; i < count; i++) begin(i);
  });

/**
 * Calls `done(at, value, threw)` with what `result` comes to. The promise of a call that was made just now is
 * followed by the host: thousands at once are mostly `() => agent(…)`, and an `await` takes 1 KB each.
 */
const follow = (result, done, at) => {
  if (result !== newest || !host.follow(newestSeq, result, done, at)) awaited(result, done, at);
};
const awaited = async (result, done, at) => {
  let value;
  let threw = false;
  try {
    value = await result;
  } catch (error) {
    value = error;
    threw = true;
  }
  done(at, value, threw);
};

/** What a thunk or stage threw, and so became `null`. */
const lost = (what, error) => {
  const known = isObject(error) && weakHas(listed, error);
  haltIf(host.lost(what, describe(error), stackOf(error), currentPhase, known));
};

setGlobal("workflow", function workflow(nameOrRef, args) {
  const place = placeOf(workflow);
  try {
    if (run.nested) {
      throw new NativeError("workflow() works one level deep: a workflow that runs inside another cannot start a third");
    }
    const target = workflowTarget(nameOrRef);
    const json = args === undefined ? undefined : toJson(args, "args", (message) => warn(`workflow(): ${message}`));
    return promised((resolve) => host.workflow(resolve, place, stringify(target), json, currentPhase));
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
  haltIf(host.phase(currentPhase));
});

setGlobal("log", function log(...messages) {
  for (let i = 0; i < messages.length; i++) messages[i] = logText(messages[i]);
  haltIf(host.log("info", join(messages, " ")));
});

const logText = (message) => {
  if (typeof message === "string") return toText(message);
  if (isError(message)) return describe(message);
  if (isObject(message)) {
    const json = toJson(message, "", nothing);
    if (json !== undefined) return json;
  }
  return typeof message === "number" ? `${message}` : unit("console").inspect(message);
};

setGlobal("failures", function failures() { return parseJson(host.failures()); });
setGlobal("now", function now() { return host.now(); });
setGlobal("random", function random() { return host.random(); });

const remaining = (total, spent) => (total === null ? Infinity : total > spent ? total - spent : 0);
setGlobal("budget", freeze({
  total: run.budget,
  spent: () => host.spent(),
  remaining: () => remaining(run.budget, host.spent()),
  usd: freeze({
    total: run.budgetUsd,
    spent: () => host.spentMicros() / 1e6,
    // Counted in whole micro-dollars: fractions would not add up.
    remaining: () => remaining(run.budgetMicros, host.spentMicros()) / 1e6,
  }),
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
