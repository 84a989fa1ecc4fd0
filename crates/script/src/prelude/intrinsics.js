// Every built-in that the prelude relies on, taken before the script can change one.
//
// Rules for this folder: call methods through these, walk arrays by index (iterators can be replaced),
// and let nothing that the script may throw or overwrite reach the host.

const { apply, construct, defineProperty, deleteProperty, getPrototypeOf } = Reflect;
const { keys: objectKeys, freeze, is: isSame, getOwnPropertyDescriptor } = Object;
const { isArray } = Array;
const { isFinite: isFiniteNumber } = Number;
const { trunc } = Math;
const { parse: parseJson, stringify } = JSON;
const global = globalThis;
const NativeString = String;
const NativeNumber = Number;
const NativeBoolean = Boolean;
const NativePromise = Promise;
const NativeError = Error;
const NativeTypeError = TypeError;
const NativeRangeError = RangeError;
const NativeInternalError = InternalError;
const NativeMap = Map;
const NativeSet = Set;
const NativeDate = Date;
const NativeRegExp = RegExp;

/** `method` as a function whose first argument is what it is called on. */
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const mapGet = uncurry(Map.prototype.get);
const mapSet = uncurry(Map.prototype.set);
const mapDelete = uncurry(Map.prototype.delete);
const mapSize = uncurry(getOwnPropertyDescriptor(Map.prototype, "size").get);
const mapForEach = uncurry(Map.prototype.forEach);
const setAdd = uncurry(Set.prototype.add);
const setHas = uncurry(Set.prototype.has);
const setDelete = uncurry(Set.prototype.delete);
const setSize = uncurry(getOwnPropertyDescriptor(Set.prototype, "size").get);
const setForEach = uncurry(Set.prototype.forEach);
const weakAdd = uncurry(WeakSet.prototype.add);
const weakHas = uncurry(WeakSet.prototype.has);
const slice = uncurry(Array.prototype.slice);
const join = uncurry(Array.prototype.join);
const wellFormed = uncurry(String.prototype.toWellFormed);
const booleanValue = uncurry(Boolean.prototype.valueOf);
const dateToISO = uncurry(Date.prototype.toISOString);
const dateValue = uncurry(Date.prototype.getTime);
const regexpToString = uncurry(RegExp.prototype.toString);
const bigintToString = uncurry(BigInt.prototype.toString);
const symbolToString = uncurry(Symbol.prototype.toString);
const isError = (value) => value instanceof NativeError;
const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

/** A promise, by what it does: it has a `then`. */
const isThenable = (value) => {
  try {
    return isObject(value) && typeof value.then === "function";
  } catch {
    return false;
  }
};

/** Any value as a string without lone surrogates; may throw what the value's own `toString` throws. */
const toText = (value) => wellFormed(typeof value === "string" ? value : NativeString(value));

/** What an error message calls a value. */
const kindOf = (value) => {
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  if (isThenable(value)) return "a promise";
  switch (typeof value) {
    case "undefined": return "undefined";
    case "object": return "an object";
    case "number": return `the number ${value}`;
    case "bigint": return "a BigInt";
    default: return `a ${typeof value}`;
  }
};

// Stack traces are how calls find their place and how the host learns what the engine threw, so they are the
// host's own whatever the script sets.
const traces = { __proto__: null };
for (const name of ["prepareStackTrace", "stackTraceLimit"]) {
  defineProperty(traces, name, getOwnPropertyDescriptor(Error, name));
  deleteProperty(Error, name);
  defineProperty(Error, name, { value: undefined, writable: true, configurable: true, enumerable: false });
}
const { captureStackTrace } = Error;
const TRACE_FRAMES = 24;
traces.stackTraceLimit = TRACE_FRAMES;
traces.prepareStackTrace = host.trace;
// By its name the host knows an error of the engine's own.
freeze(NativeInternalError.prototype);

/** What a capture writes a place to; by its form the host tells it from errors. */
const spot = { __proto__: null, isSpot: true, stack: 0 };

/** Ends a script that was stopped: the engine asks whether to go on at every turn of a loop. */
const haltIf = (isStopped) => {
  while (isStopped);
};

/**
 * Where the script calls `primitive`, as a number that the host reads; cheap when the caller is the script
 * itself, which it nearly always is.
 */
const placeOf = (primitive) => {
  spot.stack = 0;
  traces.stackTraceLimit = 1;
  captureStackTrace(spot, primitive);
  traces.stackTraceLimit = TRACE_FRAMES;
  if (spot.stack === 0) captureStackTrace(spot, primitive);
  haltIf(spot.stack === undefined);
  return spot.stack;
};
